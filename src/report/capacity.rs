//! How much of the capacity to serve was used, and by what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::Error;
use crate::metrics::cost::{CostToServe, Resource};
use crate::metrics::exact::{clamped, half_even, quotient};
use crate::model::{Currency, Day, Days};
use crate::rules::language::ReportWord as Word;
use crate::summary::Summary;

/// Thousandths of a minute in a minute.
const THOUSAND: i128 = 1_000;

/// What was supplied of one resource, and what was used of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceUse {
    /// The name.
    pub name: String,
    /// What its capacity costs in the stated period, in minor units.
    pub cost: i64,
    /// Its practical capacity in the stated period, in minutes; above zero.
    pub minutes: i64,
    /// What the capacity supplied on the days of the report costs, in minor units.
    pub supplied: i64,
    /// The practical capacity on those days, in thousandths of a minute.
    pub practical: i64,
    /// What was used of it, in thousandths of a minute; it stops at the end of `i64`.
    pub used: i64,
}

impl ResourceUse {
    /// What the used time costs at the rate, in minor units, rounded half to even.
    #[must_use]
    pub fn charged(&self) -> i64 {
        let product = i128::from(self.cost) * i128::from(self.used);
        let minutes = i128::from(self.minutes) * THOUSAND;
        half_even(product, minutes).map_or(0, clamped)
    }

    /// What the capacity that was not used costs, in minor units: supplied − charged, or 0 where more was used.
    #[must_use]
    pub fn unused(&self) -> i64 {
        self.supplied.saturating_sub(self.charged()).max(0)
    }

    /// What was charged beyond what was supplied, in minor units, or 0: the minutes per unit are too many, or the people worked
    /// longer than planned.
    #[must_use]
    pub fn over_use(&self) -> i64 {
        self.charged().saturating_sub(self.supplied).max(0)
    }

    /// The time that was not used, in thousandths of a minute, or 0.
    #[must_use]
    pub fn unused_time(&self) -> i64 {
        self.practical.saturating_sub(self.used).max(0)
    }

    /// The time that was used beyond the practical capacity, in thousandths of a minute, or 0.
    #[must_use]
    pub fn over_used_time(&self) -> i64 {
        self.used.saturating_sub(self.practical).max(0)
    }

    /// Used ÷ practical capacity, a share that is above 1 with over-use; `None` where nothing was supplied.
    #[must_use]
    pub fn utilisation(&self) -> Option<f64> {
        quotient(self.used.into(), self.practical.into())
    }
}

/// What one activity came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityUse {
    /// The name.
    pub name: String,
    /// Who was busy with it: the position among the resources.
    pub resource: usize,
    /// How many there were; it stops at the end of `i64`.
    pub units: i64,
    /// How long they took, in thousandths of a minute; it stops at the end of `i64`.
    pub time: i64,
}

/// How much of the capacity to serve was supplied, used, and left, within the window of the cost to serve.
///
/// Unused capacity is nobody's cost to serve: it is told apart, by resource. What was charged + unused − over-use = supplied, of
/// each resource, to the minor unit. The costs of the customers are rounded one by one, so together they differ from the exact
/// total by at most half a minor unit per customer ([`rounding`](Self::rounding)).
///
/// As text it is a table with a line for each resource, one with a line for each activity, and what the costs to serve are made of.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::history::{History, Layout};
/// use customer_value::ledger::{Effect, Options};
/// use customer_value::metrics::cost::CostToServeSpec;
/// use customer_value::model::{Currency, Transaction};
/// use customer_value::report::CapacityReport;
/// use customer_value::summary::Summary;
///
/// let spec: CostToServeSpec = toml::from_str(r#"
///     resources = [{ name = "desk", cost = "100.00 EUR", minutes = 200 }]
///     activities = [{ name = "orders", driver = "purchases", minutes = 30, resource = "desk" }]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// let cost = spec.bind(&[], Currency::EUR, &mut problems).ok_or(problems)?;
///
/// let as_of = "2024-12-31".parse()?;
/// let mut history = History::new(Layout::new(Currency::EUR, cost.facts()));
/// let order = Transaction::purchase(7, "2024-03-01".parse()?, "80.00 EUR".parse()?)?;
/// history.add(&Effect::of(&order, &Options::new(as_of, Currency::EUR)).unwrap())?;
///
/// let mut report = CapacityReport::new(&cost, as_of);
/// report.add(&cost, &Summary::new(history.view(), cost.window(), as_of));
/// assert_eq!(report.to_string(), "\
/// resource  minutes  used  utilisation  supplied  charged  unused  over-use
/// desk        200.0  30.0       15.0 %    100.00    15.00   85.00      0.00
/// total           -     -            -    100.00    15.00   85.00      0.00
///
/// activity  resource  units  minutes
/// orders    desk          1     30.0
///
/// cost to serve        amount
/// charged               15.00
/// booked and charged     0.00
/// rounding               0.00
/// total                 15.00
/// booked, not charged    0.00
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityReport {
    currency: Currency,
    from: Day,
    days: u32,
    resources: Vec<ResourceUse>,
    activities: Vec<ActivityUse>,
    direct: i64,
    excluded: i64,
    customers: u64,
    unknown: u64,
    assigned: i64,
}

impl CapacityReport {
    /// Nobody served yet, at the close of a day.
    #[must_use]
    pub fn new(cost: &CostToServe, as_of: Day) -> Self {
        let bounds = cost.window().at(as_of);
        let days = i128::from(bounds.len());
        let period = i128::from(cost.period().get());
        // The part of the stated period that the days are.
        let part = |whole: i128| half_even(whole.saturating_mul(days), period).map_or(0, clamped);
        let resource = |resource: &Resource| ResourceUse {
            name: resource.name().to_owned(),
            cost: resource.cost(),
            minutes: resource.minutes(),
            supplied: part(resource.cost().into()),
            practical: part(i128::from(resource.minutes()) * THOUSAND),
            used: 0,
        };
        let activities = cost.activities().iter().map(|activity| ActivityUse {
            name: activity.name().to_owned(),
            resource: activity.resource(),
            units: 0,
            time: 0,
        });
        Self {
            currency: cost.currency(),
            from: bounds.first(),
            days: bounds.len(),
            resources: cost.resources().iter().map(resource).collect(),
            activities: activities.collect(),
            direct: 0,
            excluded: 0,
            customers: 0,
            unknown: 0,
            assigned: 0,
        }
    }

    /// Counts a customer, by the summary over the window of the cost to serve with which the report was begun. One whose cost is
    /// not known is counted as unknown, and uses nothing.
    pub fn add(&mut self, cost: &CostToServe, customer: &Summary<'_>) {
        let known = cost.minor(customer).zip(cost.booked(customer));
        let Some((minor, (direct, excluded))) = known else {
            self.unknown = self.unknown.saturating_add(1);
            return;
        };
        for (own, activity) in self.activities.iter_mut().zip(cost.activities()) {
            let units = activity.units(customer).unwrap_or(0);
            let time = clamped(units.saturating_mul(activity.thousandths().into()));
            own.units = own.units.saturating_add(clamped(units));
            own.time = own.time.saturating_add(time);
            if let Some(resource) = self.resources.get_mut(own.resource) {
                resource.used = resource.used.saturating_add(time);
            }
        }
        self.direct = self.direct.saturating_add(clamped(direct));
        self.excluded = self.excluded.saturating_add(clamped(excluded));
        self.assigned = self.assigned.saturating_add(minor);
        self.customers = self.customers.saturating_add(1);
    }

    /// Counts the customers of another part of the population too.
    ///
    /// # Errors
    /// It is about other days, resources or activities (`is_misuse`); nothing is counted then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut empty = other.clone();
        empty.customers = self.customers;
        empty.unknown = self.unknown;
        (empty.direct, empty.excluded) = (self.direct, self.excluded);
        empty.assigned = self.assigned;
        for (a, b) in empty.resources.iter_mut().zip(&self.resources) {
            a.used = b.used;
        }
        for (a, b) in empty.activities.iter_mut().zip(&self.activities) {
            (a.units, a.time) = (b.units, b.time);
        }
        if empty != *self {
            return Err(Error::misuse(
                "the two capacity reports are about other days, resources or activities",
            ));
        }
        for (a, b) in self.resources.iter_mut().zip(&other.resources) {
            a.used = a.used.saturating_add(b.used);
        }
        for (a, b) in self.activities.iter_mut().zip(&other.activities) {
            a.units = a.units.saturating_add(b.units);
            a.time = a.time.saturating_add(b.time);
        }
        self.direct = self.direct.saturating_add(other.direct);
        self.excluded = self.excluded.saturating_add(other.excluded);
        self.assigned = self.assigned.saturating_add(other.assigned);
        self.customers = self.customers.saturating_add(other.customers);
        self.unknown = self.unknown.saturating_add(other.unknown);
        Ok(())
    }

    /// The first day it is about.
    #[must_use]
    pub fn from(&self) -> Day {
        self.from
    }

    /// About how many days it is.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// The resources, in the order of the policy.
    #[must_use]
    pub fn resources(&self) -> &[ResourceUse] {
        &self.resources
    }

    /// The activities, in the order of the policy.
    #[must_use]
    pub fn activities(&self) -> &[ActivityUse] {
        &self.activities
    }

    /// The booked costs that were charged, in minor units.
    #[must_use]
    pub fn direct(&self) -> i64 {
        self.direct
    }

    /// The booked costs of the categories that are excluded, in minor units.
    #[must_use]
    pub fn excluded(&self) -> i64 {
        self.excluded
    }

    /// How many customers have a cost to serve.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Of how many customers the cost to serve is not known.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// The costs to serve of all customers, each rounded, in minor units.
    #[must_use]
    pub fn assigned(&self) -> i64 {
        self.assigned
    }

    /// What the rounding of each customer has added to the exact total: the costs of all customers less what was charged for
    /// the resources and booked, in minor units. At most half a minor unit for each customer and each resource, either way.
    #[must_use]
    pub fn rounding(&self) -> i64 {
        let exact = self.charged().saturating_add(self.direct);
        self.assigned.saturating_sub(exact)
    }

    /// What was charged for all resources.
    fn charged(&self) -> i64 {
        let charged = self.resources.iter().map(ResourceUse::charged);
        charged.fold(0, i64::saturating_add)
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let last = i32::try_from(self.days.saturating_sub(1)).unwrap_or(i32::MAX);
        let mut sheet = Sheet::new(Word::TitleCapacity)
            .note(Word::FirstDay, self.from)
            .note(Word::LastDay, self.from.plus(Days::new(last)))
            .note(Word::Customers, self.customers)
            .note(Word::NotKnown, self.unknown)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(self.supplied_and_used());
        if !self.activities.is_empty() {
            sheet = sheet.table(self.taken_by_activities());
        }
        sheet.table(self.costs())
    }

    fn money(&self, minor: i64) -> Cell {
        Cell::money(minor, self.currency)
    }

    fn supplied_and_used(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::Resource,
            Word::Minutes,
            Word::Used,
            Word::Utilisation,
            Word::Supplied,
            Word::Charged,
            Word::Unused,
            Word::OverUse,
        ]);
        let mut sums = [0_i64; 4];
        for resource in &self.resources {
            let amounts = [
                resource.supplied,
                resource.charged(),
                resource.unused(),
                resource.over_use(),
            ];
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                *sum = sum.saturating_add(amount);
            }
            let used = cells![
                Cell::literal(&resource.name),
                minutes(resource.practical),
                minutes(resource.used),
                Cell::share(resource.utilisation()),
            ];
            table.row(used.into_iter().chain(amounts.map(|a| self.money(a))));
        }
        // The minutes of one resource are not those of another.
        let total = [
            Word::Total.into(),
            Cell::Missing,
            Cell::Missing,
            Cell::Missing,
        ];
        table.row(total.into_iter().chain(sums.map(|sum| self.money(sum))));
        table
    }

    fn taken_by_activities(&self) -> SheetTable {
        let heads = cells![Word::Activity, Word::Resource, Word::Units, Word::Minutes];
        let mut table = SheetTable::new(heads).left(1);
        for activity in &self.activities {
            let resource = self.resources.get(activity.resource);
            table.row(cells![
                Cell::literal(&activity.name),
                resource.map_or(Cell::Missing, |resource| Cell::literal(&resource.name)),
                u64::try_from(activity.units).ok(),
                minutes(activity.time),
            ]);
        }
        table
    }

    /// What the costs to serve are made of, and what they leave out.
    fn costs(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![Word::CostToServe, Word::FieldAmount]);
        for (name, amount) in [
            (Word::Charged, self.charged()),
            (Word::BookedCharged, self.direct),
            (Word::Rounding, self.rounding()),
            (Word::Total, self.assigned),
            (Word::BookedExcluded, self.excluded),
        ] {
            table.row(cells![name, self.money(amount)]);
        }
        table
    }
}

/// Thousandths of a minute as minutes.
#[allow(clippy::cast_precision_loss)] // one decimal is shown
fn minutes(thousandths: i64) -> Cell {
    Cell::number(thousandths as f64 / THOUSAND as f64, 1)
}

impl fmt::Display for CapacityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
