//! What a policy says about the cost to serve, and its checks.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::bound::{Activity, CostToServe, Direct, Resource, Units};
use super::category::slip;
use super::waste::{WasteRules, WasteSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::history::{Fact, Measure};
use crate::metrics::spec::Param;
use crate::model::{CostCategory, Currency, Days, Direction, Money, SurveyInstrument};
use crate::summary::Window;

/// The window, if the policy does not say.
const YEAR: Window = Window::Trailing(Days::new(365));
/// Thousandths of a minute in a minute: minutes per unit have at most three decimals.
const THOUSAND: i64 = 1_000;
/// More minutes than any company has, and few enough to compute with.
const MOST_MINUTES: i64 = 1_000_000_000_000;
/// The same of one unit.
const MOST_PER_UNIT: i64 = 1_000_000;
/// The largest divisor that all rates are brought to; what is multiplied with it still fits.
const LARGEST_DIVISOR: i128 = 1_000_000_000_000_000_000_000_000;

/// A group of people (or machines) who serve: what they cost, and how long they really can work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceSpec {
    /// The name, unique within the section.
    pub name: String,
    /// What the capacity costs that is supplied in a period, used or not; zero or more.
    pub cost: Money,
    /// The practical capacity in the same period, in whole minutes above zero: what is left of the time paid for after breaks,
    /// training and meetings; often 80 % of it.
    pub minutes: i64,
}

/// One term of the time equation: something that happens, and how long a resource is busy with it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ActivitySpec {
    /// The name, unique within the section.
    pub name: String,
    /// What is counted: a word of [the table of drivers](crate::docs::cost).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Of purchases, refunds and transactions of one category only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Of contacts through one channel only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Of contacts that one side began only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Of contacts of one kind only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Of answers on one scale only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<SurveyInstrument>,
    /// Of answers or complaints of one topic only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// How long one of them takes, in minutes with at most three decimals; zero or more. For the driver `minutes`, how many
    /// minutes of the resource one recorded minute is: 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
    /// Who is busy with it: the name of a resource.
    pub resource: String,
}

impl ActivitySpec {
    /// A term of the time equation, over all that the driver counts.
    pub fn new(
        name: impl Into<String>,
        driver: impl Into<String>,
        minutes: f64,
        resource: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            driver: Some(driver.into()),
            minutes: Some(minutes),
            resource: resource.into(),
            ..Self::default()
        }
    }
}

const CONTACT: &[Param] = &[Param::Channel, Param::Direction, Param::Kind];
const TRADE: &[Param] = &[Param::Category];
const MINUTES: &str = "minutes";

/// What can be counted, ascending by name; without a measure, days with a purchase.
const DRIVERS: [(&str, Option<Measure>, &[Param]); 9] = [
    ("active_days", None, &[]),
    (
        "answers",
        Some(Measure::Answers),
        &[Param::Instrument, Param::Topic],
    ),
    ("complaints", Some(Measure::Complaints), &[Param::Topic]),
    ("contacts", Some(Measure::Contacts), CONTACT),
    (MINUTES, Some(Measure::Minutes), CONTACT),
    ("purchases", Some(Measure::Purchases), TRADE),
    ("refunds", Some(Measure::RefundCount), TRADE),
    ("resolved", Some(Measure::Resolved), &[Param::Topic]),
    ("transactions", Some(Measure::Transactions), TRADE),
];

/// Whether an activity has a filter.
fn is_given(filter: Param, spec: &ActivitySpec) -> bool {
    match filter {
        Param::Category => spec.category.is_some(),
        Param::Channel => spec.channel.is_some(),
        Param::Direction => spec.direction.is_some(),
        Param::Kind => spec.kind.is_some(),
        Param::Instrument => spec.instrument.is_some(),
        Param::Topic => spec.topic.is_some(),
        _ => false,
    }
}

/// What serving a customer costs: the section `[cost_to_serve]` of a policy.
///
/// [The page on cost](crate::docs::cost) says what it means.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::metrics::cost::CostToServeSpec;
/// use customer_value::model::Currency;
///
/// let spec: CostToServeSpec = toml::from_str(r#"
///     resources = [{ name = "desk", cost = "560000.00 EUR", minutes = 0 }]
///     activities = [
///         { name = "calls", driver = "contacts", channel = "phone", minutes = -8, resource = "dsek" },
///         { name = "orders", minutes = 2.5, resource = "desk" },
///     ]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// assert!(spec.bind(&["gold", "base"], Currency::EUR, &mut problems).is_none());
/// assert_eq!(problems.to_string(), "\
/// error: cost_to_serve.resources[0].minutes: a capacity of `0` minutes is not above 0 (so there is no cost per minute)
/// error: cost_to_serve.activities[0].minutes: `-8` minutes are fewer than none
/// error: cost_to_serve.activities[0].resource: there is no resource `dsek` (did you mean `desk`?)
/// error: cost_to_serve.activities[1].driver: the activity `orders` has no driver (it is one of `active_days`, `answers`, \
/// `complaints`, `contacts`, `minutes`, `purchases`, `refunds`, `resolved`, `transactions`)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CostToServeSpec {
    /// Which days count; the 365 days up to the review if left out. Not the lifetime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// How long the period is for which the resources state their cost and their minutes; as long as a trailing window if
    /// left out. Any other window needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Days>,
    /// Who serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceSpec>,
    /// What takes their time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<ActivitySpec>,
    /// Which categories of booked service costs are charged beside; all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<Vec<CostCategory>>,
    /// Which are not, such as those whose money is in the cost of a resource.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<CostCategory>,
    /// What is spent for nothing, if somebody wants to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waste: Option<WasteSpec>,
}

impl CostToServeSpec {
    /// Binds the section, or reports everything that is wrong with it, at places such as
    /// `cost_to_serve.activities[1].driver`. `None` if there was an error. `tiers` are the names of the policy's tiers.
    ///
    /// Reported are a window that is the lifetime, a period below a day or missing where it is needed, names that are empty or
    /// there twice, amounts that are negative or in another currency, a capacity that is not above 0, a resource or a driver
    /// that is not there, minutes that are missing, negative or have more than three decimals, filters that a driver does not
    /// take, categories that are there twice, capacities that have no common divisor small enough, and what
    /// [`WasteSpec`] says; as warnings, a resource that nothing uses, and a category that is nearly a common one.
    pub fn bind(
        &self,
        tiers: &[&str],
        currency: Currency,
        diagnostics: &mut Diagnostics,
    ) -> Option<CostToServe> {
        let before = diagnostics.len();
        let mut binder = Binder {
            spec: self,
            currency,
            problems: diagnostics,
        };
        let window = self.window.unwrap_or(YEAR);
        let period = binder.period(window);
        let resources: Vec<Resource> = (0..self.resources.len())
            .filter_map(|i| binder.resource(i))
            .collect();
        let activities: Vec<Option<Activity>> = (0..self.activities.len())
            .map(|i| binder.activity(i))
            .collect();
        binder.unused();
        let direct = binder.direct();
        let waste: Option<WasteRules> = self
            .waste
            .as_ref()
            .and_then(|waste| waste.bind(tiers, currency, binder.problems));
        let failed = |problems: &Diagnostics| {
            let mut new = problems.iter().skip(before);
            new.any(|d| d.severity == Severity::Error)
        };
        if failed(binder.problems) {
            return None;
        }
        let mut activities: Vec<Activity> = activities.into_iter().flatten().collect();
        let divisor = binder.divisor(&resources, &mut activities)?;
        Some(CostToServe {
            window,
            period: period?,
            currency,
            resources,
            activities,
            direct,
            divisor,
            waste,
        })
    }
}

struct Binder<'a> {
    spec: &'a CostToServeSpec,
    currency: Currency,
    problems: &'a mut Diagnostics,
}

impl Binder<'_> {
    fn error(&mut self, code: Code, field: &str, message: String) {
        let place = Place::at(format!("cost_to_serve.{field}"));
        self.problems.push(Diagnostic::error(code, place, message));
    }

    fn help(&mut self, code: Code, field: &str, message: String, help: impl Into<String>) {
        let place = Place::at(format!("cost_to_serve.{field}"));
        self.problems
            .push(Diagnostic::error(code, place, message).help(help));
    }

    fn period(&mut self, window: Window) -> Option<Days> {
        if window == Window::Lifetime {
            let message = "the cost to serve of a lifetime has no capacity to compare with";
            let help = "write a window with a beginning, such as `365 days`";
            self.help(Code::Conflict, "window", message.to_owned(), help);
            return None;
        }
        match (self.spec.period, window) {
            (Some(period), _) if period.get() < 1 => {
                let message = format!("a period of `{period}` is less than a day");
                self.error(Code::Range, "period", message);
                None
            }
            (Some(period), _) | (None, Window::Trailing(period)) => Some(period),
            (None, _) => {
                let message = format!("a window of `{window}` needs a `period`");
                let help = "say for how long the cost and the minutes of the resources are, such as `365 days`";
                self.help(Code::Missing, "period", message, help);
                None
            }
        }
    }

    fn name<'n>(
        &mut self,
        what: &str,
        field: &str,
        name: &str,
        before: impl Iterator<Item = &'n str>,
    ) {
        if name.trim().is_empty() {
            self.error(Code::InvalidName, field, format!("{what} has no name"));
        } else if before.into_iter().any(|other| other == name) {
            let message = format!("there is another one named `{name}`");
            self.error(Code::DuplicateName, field, message);
        }
    }

    fn resource(&mut self, i: usize) -> Option<Resource> {
        let all = &self.spec.resources;
        let spec = all.get(i)?;
        let field = |name: &str| format!("resources[{i}].{name}");
        let before = all.iter().take(i).map(|other| other.name.as_str());
        self.name("a resource", &field("name"), &spec.name, before);
        amount(
            spec.cost,
            self.currency,
            &format!("cost_to_serve.{}", field("cost")),
            self.problems,
        );
        if spec.minutes <= 0 {
            let message = format!("a capacity of `{}` minutes is not above 0", spec.minutes);
            let help = "so there is no cost per minute";
            self.help(Code::Range, &field("minutes"), message, help);
        } else if spec.minutes > MOST_MINUTES {
            let message = format!("`{}` minutes are above {MOST_MINUTES}", spec.minutes);
            self.error(Code::Range, &field("minutes"), message);
        }
        Some(Resource {
            name: spec.name.clone(),
            cost: spec.cost.minor(),
            minutes: spec.minutes,
        })
    }

    fn activity(&mut self, i: usize) -> Option<Activity> {
        let spec = self.spec;
        let all = &spec.activities;
        let spec = all.get(i)?;
        let field = |name: &str| format!("activities[{i}].{name}");
        let before = all.iter().take(i).map(|other| other.name.as_str());
        self.name("an activity", &field("name"), &spec.name, before);
        let units = self.driver(spec, field);
        let thousandths = self.minutes(spec, &field("minutes"));
        let resources = &self.spec.resources;
        let resource = resources.iter().position(|r| r.name == spec.resource);
        if resource.is_none() {
            let message = format!("there is no resource `{}`", spec.resource);
            let place = Place::at(format!("cost_to_serve.{}", field("resource")));
            let known = resources.iter().map(|resource| resource.name.as_str());
            let problem = Diagnostic::error(Code::UnknownName, place, message);
            self.problems
                .push(problem.did_you_mean(&spec.resource, known));
        }
        Some(Activity {
            name: spec.name.clone(),
            units: units?,
            thousandths: thousandths?,
            resource: resource?,
            weight: 0,
        })
    }

    fn driver(&mut self, spec: &ActivitySpec, field: impl Fn(&str) -> String) -> Option<Units> {
        let names = DRIVERS.map(|(name, ..)| name);
        let known = || {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("it is one of {}", names.join(", "))
        };
        let place = Place::at(format!("cost_to_serve.{}", field("driver")));
        let Some(driver) = spec.driver.as_deref() else {
            let message = format!("the activity `{}` has no driver", spec.name);
            let problem = Diagnostic::error(Code::Missing, place, message);
            self.problems.push(problem.help(known()));
            return None;
        };
        let Some((_, measure, filters)) = DRIVERS.iter().find(|(name, ..)| *name == driver) else {
            let message = format!("`{driver}` is nothing that can be counted");
            let problem = Diagnostic::error(Code::UnknownName, place, message).help(known());
            self.problems.push(problem.did_you_mean(driver, names));
            return None;
        };
        for filter in Param::ALL {
            if is_given(filter, spec) && !filters.contains(&filter) {
                let message = format!("`{driver}` takes no `{}`", filter.field());
                self.help(
                    Code::Conflict,
                    &field(filter.field()),
                    message,
                    "leave it out",
                );
            }
        }
        Some(match measure {
            None => Units::ActiveDays,
            Some(measure) => Units::Fact(fact(*measure, spec)),
        })
    }

    /// Thousandths of a minute per unit.
    fn minutes(&mut self, spec: &ActivitySpec, field: &str) -> Option<i64> {
        let recorded = spec.driver.as_deref() == Some(MINUTES);
        let Some(minutes) = spec.minutes.or(recorded.then_some(1.0)) else {
            let message = format!("the activity `{}` has no minutes", spec.name);
            let help = "say how long one of them takes, such as `minutes = 8.5`";
            self.help(Code::Missing, field, message, help);
            return None;
        };
        #[allow(clippy::cast_precision_loss)] // a million
        let most = MOST_PER_UNIT as f64;
        if minutes < 0.0 {
            let message = format!("`{minutes}` minutes are fewer than none");
            self.error(Code::Range, field, message);
            return None;
        }
        if minutes.is_nan() || minutes > most {
            let message = format!("`{minutes}` minutes are not at most {MOST_PER_UNIT}");
            self.error(Code::Range, field, message);
            return None;
        }
        // The decimal that a person writes for the number, which is the shortest one.
        let written = Decimal::from_str(&minutes.to_string()).ok();
        let thousandths = written.and_then(|m| m.checked_mul(Decimal::from(THOUSAND)));
        let whole = thousandths
            .filter(|t| t.fract().is_zero())
            .and_then(|t| i64::try_from(t.trunc()).ok());
        if whole.is_none() {
            let message = format!("`{minutes}` minutes have more than three decimals");
            self.error(Code::Range, field, message);
        }
        whole
    }

    fn unused(&mut self) {
        for (i, resource) in self.spec.resources.iter().enumerate() {
            let mut activities = self.spec.activities.iter();
            if activities.all(|activity| activity.resource != resource.name) {
                let place = Place::at(format!("cost_to_serve.resources[{i}]"));
                let message = format!("no activity uses `{}`", resource.name);
                let problem = Diagnostic::warning(Code::Unused, place, message);
                self.problems
                    .push(problem.help("all of its capacity will be reported as unused"));
            }
        }
    }

    fn direct(&mut self) -> Direct {
        let spec = self.spec;
        let listed = spec.direct.as_deref().unwrap_or_default();
        for (field, all) in [("direct", listed), ("excluded", &spec.excluded)] {
            for (i, category) in all.iter().enumerate() {
                if all.iter().take(i).any(|other| other == category) {
                    let message = format!("`{category}` is there twice");
                    self.error(Code::DuplicateName, &format!("{field}[{i}]"), message);
                }
                let place = Place::at(format!("cost_to_serve.{field}[{i}]"));
                if let Some(problem) = slip(category, place) {
                    self.problems.push(problem);
                }
            }
        }
        for (i, category) in spec.excluded.iter().enumerate() {
            if listed.contains(category) {
                let message = format!("`{category}` is charged and excluded");
                let field = format!("excluded[{i}]");
                self.help(
                    Code::Conflict,
                    &field,
                    message,
                    "leave it out of one of the lists",
                );
            }
        }
        let facts = |all: &[CostCategory]| -> Vec<Fact> {
            let of = |category: &CostCategory| {
                Fact::of_category(Measure::ServiceCost, category.as_str())
            };
            all.iter().map(of).collect()
        };
        match &spec.direct {
            Some(listed) => Direct::Listed(facts(listed)),
            None => Direct::AllBut(facts(&spec.excluded)),
        }
    }

    /// What the rates of all resources are brought to, and with it what one unit of each activity costs.
    fn divisor(&mut self, resources: &[Resource], activities: &mut [Activity]) -> Option<i128> {
        let rate = |resource: &Resource, thousandths: i64| {
            let cost = i128::from(resource.cost) * i128::from(thousandths);
            let minutes = i128::from(resource.minutes) * i128::from(THOUSAND);
            let common = gcd(cost, minutes).max(1);
            (cost / common, minutes / common)
        };
        let mut divisor = 1_i128;
        for activity in activities.iter() {
            let (_, own) = rate(resources.get(activity.resource)?, activity.thousandths);
            divisor = (divisor / gcd(divisor, own).max(1)).saturating_mul(own);
        }
        let fits = divisor <= LARGEST_DIVISOR;
        for activity in activities.iter_mut().filter(|_| fits) {
            let (cost, own) = rate(resources.get(activity.resource)?, activity.thousandths);
            activity.weight = cost.checked_mul(divisor / own).unwrap_or(i128::MAX);
        }
        if !fits
            || activities
                .iter()
                .any(|activity| activity.weight == i128::MAX)
        {
            let message =
                "the costs per minute of the resources cannot be added exactly".to_owned();
            let help = "round their minutes, to hundreds or thousands";
            self.help(Code::Range, "resources", message, help);
            return None;
        }
        Some(divisor)
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn fact(measure: Measure, spec: &ActivitySpec) -> Fact {
    let mut fact = match &spec.category {
        Some(category) => Fact::of_category(measure, category),
        None => Fact::new(measure),
    };
    if let Some(channel) = &spec.channel {
        fact = fact.with_channel(channel);
    }
    if let Some(direction) = spec.direction {
        fact = fact.with_direction(direction);
    }
    if let Some(kind) = &spec.kind {
        fact = fact.with_kind(kind);
    }
    if let Some(instrument) = spec.instrument {
        fact = fact.with_instrument(instrument);
    }
    if let Some(topic) = &spec.topic {
        fact = fact.with_topic(topic);
    }
    fact
}

/// Says so where an amount is negative or in another currency than that of the policy.
pub(super) fn amount(amount: Money, currency: Currency, path: &str, problems: &mut Diagnostics) {
    if amount.is_negative() {
        let message = format!("`{amount}` is negative");
        problems.push(Diagnostic::error(Code::Range, Place::at(path), message));
    }
    if amount.currency() != currency {
        let message = format!("`{amount}` is not in {currency}, the currency of the policy");
        let problem = Diagnostic::error(Code::Conflict, Place::at(path), message);
        problems.push(problem.help(format!("write it in {currency}")));
    }
}
