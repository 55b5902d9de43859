//! The cost to serve of one customer, exact.

use std::sync::Arc;

use super::waste::WasteRules;
use crate::history::{Fact, Measure};
use crate::metrics::Metric;
use crate::metrics::exact::{half_even, money_over};
use crate::metrics::monetary::{COST, margin_minor};
use crate::model::{Currency, Day, Days, Unit};
use crate::summary::{Summary, Window};

/// The name of the column of the cost to serve.
pub const COST_TO_SERVE: &str = "cost_to_serve";
/// The name of the column of the profit.
pub const PROFIT: &str = "profit";

static SERVICE_COST: Fact = Fact::new(Measure::ServiceCost);

/// A resource of a bound section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub(super) name: String,
    pub(super) cost: i64,
    pub(super) minutes: i64,
}

impl Resource {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the capacity costs that is supplied in a period, in minor units; zero or more.
    #[must_use]
    pub fn cost(&self) -> i64 {
        self.cost
    }

    /// The practical capacity of a period, in minutes; above zero.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.minutes
    }
}

/// What an activity counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Units {
    ActiveDays,
    Fact(Fact),
}

/// An activity of a bound section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub(super) name: String,
    pub(super) units: Units,
    pub(super) thousandths: i64,
    pub(super) resource: usize,
    /// What one unit costs in minor units, times the divisor.
    pub(super) weight: i128,
}

impl Activity {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long one unit takes, in thousandths of a minute.
    #[must_use]
    pub fn thousandths(&self) -> i64 {
        self.thousandths
    }

    /// Who is busy with it: the position among the [resources](CostToServe::resources).
    #[must_use]
    pub fn resource(&self) -> usize {
        self.resource
    }

    /// How many units there were; `None` if the history was built without them.
    #[must_use]
    pub fn units(&self, customer: &Summary<'_>) -> Option<i128> {
        match &self.units {
            Units::ActiveDays => Some(customer.active_days().into()),
            // A part of a history may give back more than it has.
            Units::Fact(fact) => customer.total(fact).map(|units| units.max(0)),
        }
    }
}

/// Which booked costs are charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Direct {
    Listed(Vec<Fact>),
    AllBut(Vec<Fact>),
}

/// What serving a customer costs: a bound section `[cost_to_serve]`.
///
/// Σ minutes × rate + booked costs, exact, and rounded once to the minor unit, halves to the even one. [The page on
/// cost](crate::docs::cost) says what it means.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::history::{History, Layout};
/// use customer_value::ledger::Options;
/// use customer_value::metrics::cost::CostToServeSpec;
/// use customer_value::model::{Currency, Direction, Interaction};
/// use customer_value::summary::Summary;
///
/// let spec: CostToServeSpec = toml::from_str(r#"
///     resources = [{ name = "desk", cost = "560000.00 EUR", minutes = 700000 }]
///     activities = [{ name = "calls", driver = "contacts", channel = "phone", minutes = 8, resource = "desk" }]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// let cost = spec.bind(&[], Currency::EUR, &mut problems).ok_or(problems)?;
///
/// let as_of = "2024-12-31".parse()?;
/// let mut history = History::new(Layout::new(Currency::EUR, cost.facts()));
/// let call = Interaction::new(7, "2024-03-01".parse()?, "phone", Direction::Inbound, "question")?;
/// history.record(&call.into(), &Options::new(as_of, Currency::EUR))?;
/// let year = Summary::new(history.view(), cost.window(), as_of);
/// assert_eq!(cost.minor(&year), Some(6_40)); // 8 minutes at 0.80
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CostToServe {
    pub(super) window: Window,
    pub(super) period: Days,
    pub(super) currency: Currency,
    pub(super) resources: Vec<Resource>,
    pub(super) activities: Vec<Activity>,
    pub(super) direct: Direct,
    /// What the weights of all activities are divided by; above zero.
    pub(super) divisor: i128,
    pub(super) waste: Option<WasteRules>,
}

impl CostToServe {
    /// Which days count.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// The period for which the resources state their cost and their minutes.
    #[must_use]
    pub fn period(&self) -> Days {
        self.period
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Who serves, in the order of the policy.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// What takes their time, in the order of the policy.
    #[must_use]
    pub fn activities(&self) -> &[Activity] {
        &self.activities
    }

    /// What is spent for nothing, if the policy says it.
    #[must_use]
    pub fn waste(&self) -> Option<&WasteRules> {
        self.waste.as_ref()
    }

    /// The facts it reads.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = Vec::new();
        for activity in &self.activities {
            if let Units::Fact(fact) = &activity.units {
                facts.push(fact.clone());
            }
        }
        match &self.direct {
            Direct::Listed(listed) => facts.extend(listed.iter().cloned()),
            Direct::AllBut(excluded) => facts.extend(excluded.iter().cloned()),
        }
        // Also where only some categories are charged: the report says how much is not.
        facts.push(SERVICE_COST.clone());
        facts
    }

    /// The booked costs that are charged and those that are not, in minor units; `None` if the history was built without
    /// them.
    #[must_use]
    pub fn booked(&self, customer: &Summary<'_>) -> Option<(i128, i128)> {
        let sum = |facts: &[Fact]| {
            let totals = facts.iter().map(|fact| customer.total(fact));
            totals.sum::<Option<i128>>()
        };
        let all = customer.total(&SERVICE_COST)?;
        match &self.direct {
            Direct::Listed(listed) => {
                let charged = sum(listed)?;
                Some((charged, all - charged))
            }
            Direct::AllBut(excluded) => {
                let not = sum(excluded)?;
                Some((all - not, not))
            }
        }
    }

    /// The cost to serve within the window of the summary, in minor units; zero or more.
    ///
    /// `None` if the history was built without a fact it reads, or the sum does not fit 64 bits.
    #[must_use]
    pub fn minor(&self, customer: &Summary<'_>) -> Option<i64> {
        let (booked, _) = self.booked(customer)?;
        // Whole minor units apart, so that a large amount is not multiplied.
        let (mut whole, mut weighed) = (booked, 0_i128);
        for activity in &self.activities {
            let units = activity.units(customer)?;
            let (minor, rest) = (
                activity.weight / self.divisor,
                activity.weight % self.divisor,
            );
            whole = whole.checked_add(units.checked_mul(minor)?)?;
            weighed = weighed.checked_add(units.checked_mul(rest)?)?;
        }
        whole = whole.checked_add(weighed / self.divisor)?;
        // A half goes to the even one of the whole.
        let parity = whole.rem_euclid(2);
        let rest = parity * self.divisor + weighed % self.divisor;
        let rounded = half_even(rest, self.divisor)?;
        i64::try_from(whole - parity + rounded).ok()
    }

    /// Spend − cost of goods − cost to serve within the window of the summary, in minor units.
    ///
    /// `None` where one of them is not known: there was spend and no cost of goods is known of it, as with
    /// [`margin`](crate::metrics::monetary::margin), or the history was built without a fact it reads.
    #[must_use]
    pub fn profit_minor(&self, customer: &Summary<'_>) -> Option<i64> {
        profit_of(customer, self.minor(customer)?)
    }

    /// The columns `cost_to_serve` and `profit` of one customer, in major units.
    pub(crate) fn columns(&self, customer: &Summary<'_>) -> [Option<f64>; 2] {
        let cost = self.minor(customer);
        let profit = cost.and_then(|served| profit_of(customer, served));
        [cost, profit].map(|minor| money_over(customer, minor?.into(), 1))
    }

    /// The columns `cost_to_serve` and `profit`.
    #[must_use]
    pub fn metrics(self: &Arc<Self>) -> [Arc<dyn Metric>; 2] {
        [View::Cost, View::Profit].map(|view| -> Arc<dyn Metric> {
            let cost = Arc::clone(self);
            Arc::new(CostMetric { view, cost })
        })
    }
}

fn profit_of(customer: &Summary<'_>, served: i64) -> Option<i64> {
    i64::try_from(margin_minor(customer)? - i128::from(served)).ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Cost,
    Profit,
}

/// One of the columns as a metric.
#[derive(Debug)]
struct CostMetric {
    view: View,
    cost: Arc<CostToServe>,
}

impl Metric for CostMetric {
    fn name(&self) -> &str {
        match self.view {
            View::Cost => COST_TO_SERVE,
            View::Profit => PROFIT,
        }
    }

    fn unit(&self) -> Unit {
        Unit::Money
    }

    fn window(&self) -> Window {
        self.cost.window
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts = self.cost.facts();
        if self.view == View::Profit {
            facts.push(COST.clone());
        }
        facts
    }

    fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
        let minor = match self.view {
            View::Cost => self.cost.minor(customer)?,
            View::Profit => self.cost.profit_minor(customer)?,
        };
        money_over(customer, minor.into(), 1)
    }
}
