//! What attempts changed: the spend of those attempted against that of others like them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Interval;
use super::effect::Confidence;
use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::Error;
use crate::model::{AttemptKind, Currency, Day, Days};
use crate::rules::language::ReportWord as Word;

/// The spend of some customers before and after a day, in minor units: whole numbers that add up in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendChange {
    /// How many customers.
    pub customers: u64,
    /// The sum of their spends before.
    pub before: i128,
    /// The sum of their spends after.
    pub after: i128,
    /// The sum of the squares of their changes; it stops at the end of `u128`.
    pub squares: u128,
}

impl SpendChange {
    /// Counts a customer who spent so much before and so much after.
    pub fn add(&mut self, before: i64, after: i64) {
        let (before, after) = (i128::from(before), i128::from(after));
        // At most 2^64 − 1, whose square fits.
        let change = (after - before).unsigned_abs();
        self.merge(&Self {
            customers: 1,
            before,
            after,
            squares: change * change,
        });
    }

    /// Counts other customers too.
    pub fn merge(&mut self, other: &Self) {
        self.customers = self.customers.saturating_add(other.customers);
        self.before = self.before.saturating_add(other.before);
        self.after = self.after.saturating_add(other.after);
        self.squares = self.squares.saturating_add(other.squares);
    }

    /// The mean change per customer, in minor units; `None` where there is nobody.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.customers > 0).then(|| to_f64(self.sum()) / to_f64(self.customers.into()))
    }

    /// The sum of the changes.
    fn sum(&self) -> i128 {
        self.after.saturating_sub(self.before)
    }

    /// The sum of the squared deviations of the changes from their mean.
    #[allow(clippy::cast_precision_loss)] // divided last
    fn deviations(&self) -> f64 {
        let n = u128::from(self.customers.max(1));
        let sum = self.sum().unsigned_abs();
        let exact = || {
            let squares = self.squares.checked_mul(n)?;
            squares.checked_sub(sum.checked_mul(sum)?)
        };
        match exact() {
            Some(times_n) => times_n as f64 / n as f64,
            // Only for sums beyond all money there is.
            None => (self.squares as f64 - sum as f64 * (sum as f64 / n as f64)).max(0.0),
        }
    }
}

#[allow(clippy::cast_precision_loss)] // for a mean
fn to_f64(number: i128) -> f64 {
    number as f64
}

/// Those attempted on one day, and those they are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpliftDay {
    /// Those attempted.
    pub treated: SpendChange,
    /// Those not attempted, for whom the rule was true on the same day.
    pub controls: SpendChange,
}

impl UpliftDay {
    fn is_comparable(&self) -> bool {
        self.treated.customers > 0 && self.controls.customers > 0
    }

    /// The mean change of the one group less that of the other, divided last.
    fn difference(&self) -> f64 {
        let (treated, controls) = (&self.treated, &self.controls);
        let (n, m) = (treated.customers.max(1), controls.customers.max(1));
        let exact = || {
            let sum = treated.sum().checked_mul(m.into())?;
            sum.checked_sub(controls.sum().checked_mul(n.into())?)
        };
        match exact() {
            Some(sum) => to_f64(sum) / (self.treated() * self.controls()),
            // Only for sums beyond all money there is.
            None => {
                to_f64(treated.sum()) / to_f64(n.into()) - to_f64(controls.sum()) / to_f64(m.into())
            }
        }
    }

    fn treated(&self) -> f64 {
        to_f64(self.treated.customers.into())
    }

    fn controls(&self) -> f64 {
        to_f64(self.controls.customers.into())
    }
}

/// The effect of attempts of one kind: the difference in differences.
///
/// Each day of attempts is compared with the others of the same day, and a day weighs as much as the customers attempted on it,
/// so that what a season does to everybody is no effect. Days on which nobody is there to be compared with are left out.
///
/// ```
/// use customer_value::report::UpliftEffect;
///
/// let day = "2024-03-01".parse()?;
/// let mut effect = UpliftEffect::default();
/// for (before, after) in [(10_00, 25_00), (20_00, 31_00), (0, 13_00)] {
///     effect.day(day).treated.add(before, after);
/// }
/// for (before, after) in [(10_00, 12_00), (20_00, 20_00), (5_00, 9_00)] {
///     effect.day(day).controls.add(before, after);
/// }
/// // 13.00 more on average, and 2.00 more without an attempt.
/// assert_eq!(effect.effect(), Some(11_00.0));
/// assert!(effect.interval().unwrap().low > 6_00.0);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpliftEffect {
    /// The groups of each day with an attempt.
    pub days: BTreeMap<Day, UpliftDay>,
    /// Attempts whose days after are not over: not counted.
    pub open: u64,
    /// Attempts on customers for whom the rule was not true on that day: not counted.
    pub outside: u64,
    /// Attempts on customers who had been attempted within the days before: not counted.
    pub overlapping: u64,
}

impl UpliftEffect {
    /// The groups of a day, to add to.
    pub fn day(&mut self, day: Day) -> &mut UpliftDay {
        self.days.entry(day).or_default()
    }

    /// Counts other customers too.
    pub fn merge(&mut self, other: &Self) {
        for (day, groups) in &other.days {
            let own = self.day(*day);
            own.treated.merge(&groups.treated);
            own.controls.merge(&groups.controls);
        }
        self.open = self.open.saturating_add(other.open);
        self.outside = self.outside.saturating_add(other.outside);
        self.overlapping = self.overlapping.saturating_add(other.overlapping);
    }

    fn comparable(&self) -> impl Iterator<Item = &UpliftDay> + Clone {
        self.days.values().filter(|day| day.is_comparable())
    }

    /// How many attempted customers are compared; one attempted on several days counts on each.
    #[must_use]
    pub fn treated(&self) -> u64 {
        let customers = self.comparable().map(|day| day.treated.customers);
        customers.fold(0, u64::saturating_add)
    }

    /// How many others they are compared with; one who is so on several days counts on each.
    #[must_use]
    pub fn controls(&self) -> u64 {
        let customers = self.comparable().map(|day| day.controls.customers);
        customers.fold(0, u64::saturating_add)
    }

    /// How many attempted customers nobody is there to be compared with.
    #[must_use]
    pub fn without_controls(&self) -> u64 {
        let days = self.days.values().filter(|day| !day.is_comparable());
        days.map(|day| day.treated.customers)
            .fold(0, u64::saturating_add)
    }

    /// The mean change of spend of those attempted, in minor units per customer; `None` where nobody is compared.
    #[must_use]
    pub fn treated_change(&self) -> Option<f64> {
        let mut all = SpendChange::default();
        self.comparable().for_each(|day| all.merge(&day.treated));
        all.mean()
    }

    /// The mean change of spend of the others, in minor units per customer, each day weighing as much as those attempted on
    /// it; `None` where nobody is compared.
    #[must_use]
    pub fn control_change(&self) -> Option<f64> {
        self.weighted(|day| day.controls.mean().unwrap_or_default())
    }

    /// The mean over the days, each weighing as much as those attempted on it.
    fn weighted(&self, of: impl Fn(&UpliftDay) -> f64) -> Option<f64> {
        let mut days = self.comparable();
        if let (Some(only), None) = (days.next(), days.next()) {
            return Some(of(only));
        }
        let all: f64 = self.comparable().map(UpliftDay::treated).sum();
        let sum: f64 = self.comparable().map(|day| day.treated() * of(day)).sum();
        (all > 0.0).then(|| sum / all)
    }

    /// The difference in differences: what the attempts changed in the spend of a customer, in minor units. `None` where nobody is
    /// compared.
    #[must_use]
    pub fn effect(&self) -> Option<f64> {
        self.weighted(UpliftDay::difference)
    }

    /// The 95 % interval of the effect, in minor units, by Welch's method: the variances of the two groups may differ, and are
    /// those around the means of the days. `None` where a group has no two customers on one day, or nobody's change differs from
    /// that of the others.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let days = || self.comparable();
        let all: f64 = days().map(UpliftDay::treated).sum();
        let count = to_f64(i128::try_from(days().count()).ok()?);
        // Within the days, then: of the mean of those attempted, each of whom weighs 1 ÷ all, and of the mean of the
        // others, each of whom weighs treated ÷ controls ÷ all of the day.
        let treated_freedom = all - count;
        let controls_freedom = days().map(UpliftDay::controls).sum::<f64>() - count;
        if treated_freedom < 1.0 || controls_freedom < 1.0 {
            return None;
        }
        let treated: f64 = days().map(|day| day.treated.deviations()).sum();
        let controls: f64 = days().map(|day| day.controls.deviations()).sum();
        let weights = days().map(|day| (day.treated() / all).powi(2) / day.controls());
        let means = [
            (treated / treated_freedom / all, treated_freedom),
            (
                controls / controls_freedom * weights.sum::<f64>(),
                controls_freedom,
            ),
        ];
        Interval::welch(self.effect()?, &means, Confidence::default())
    }
}

/// What attempts to make more of customers have changed, by their kind.
///
/// [`Engine::uplift`](crate::engine::Engine::uplift) makes it; [the page on churn](crate::docs::churn) has the definitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpliftReport {
    currency: Currency,
    window: Days,
    kinds: BTreeMap<String, UpliftEffect>,
    total: UpliftEffect,
}

impl UpliftReport {
    /// Nobody yet; `window` is how many days before and after an attempt are compared.
    #[must_use]
    pub fn new(currency: Currency, window: Days) -> Self {
        Self {
            currency,
            window,
            kinds: BTreeMap::new(),
            total: UpliftEffect::default(),
        }
    }

    /// How many days before and after an attempt are compared.
    #[must_use]
    pub fn window(&self) -> Days {
        self.window
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The effect of each kind of attempt, in the order of their words.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &UpliftEffect)> {
        self.kinds.iter().map(|(kind, effect)| (&**kind, effect))
    }

    /// The effect of one kind of attempt; `None` if there was none.
    #[must_use]
    pub fn kind(&self, kind: &AttemptKind) -> Option<&UpliftEffect> {
        self.kinds.get(kind.as_str())
    }

    /// The effect of all kinds together; who was attempted in two ways on one day counts once.
    #[must_use]
    pub fn total(&self) -> &UpliftEffect {
        &self.total
    }

    /// Counts what another report has of other customers.
    ///
    /// # Errors
    /// It is in another currency, or of other windows (`is_misuse`); nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if (self.currency, self.window) != (other.currency, other.window) {
            return Err(Error::misuse(
                "reports in other currencies or over other days do not go together",
            ));
        }
        self.take(other);
        Ok(())
    }

    /// The same where both are known to be of one kind.
    pub(crate) fn take(&mut self, other: &Self) {
        for (kind, effect) in &other.kinds {
            self.kinds.entry(kind.clone()).or_default().merge(effect);
        }
        self.total.merge(&other.total);
    }

    /// Counts a customer whom those attempted on a day are compared with.
    pub(crate) fn control(&mut self, day: Day, before: i64, after: i64) {
        self.total.day(day).controls.add(before, after);
    }

    /// Gives each kind the customers whom those attempted on its days are compared with.
    pub(crate) fn share_controls(&mut self) {
        for (day, groups) in self.kinds.values_mut().flat_map(|kind| &mut kind.days) {
            let all = self.total.days.get(day);
            groups.controls = all.map(|all| all.controls).unwrap_or_default();
        }
    }

    /// Counts something of one customer in each of some kinds, and once in the total.
    pub(crate) fn count<'k>(
        &mut self,
        kinds: impl IntoIterator<Item = &'k AttemptKind>,
        count: impl Fn(&mut UpliftEffect),
    ) {
        let mut counted: Vec<&str> = Vec::new();
        for kind in kinds.into_iter().map(AttemptKind::as_str) {
            if !counted.contains(&kind) {
                counted.push(kind);
                count(self.kinds.entry(kind.to_owned()).or_default());
            }
        }
        count(&mut self.total);
    }
}

impl UpliftReport {
    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Attempt,
            Word::Treated,
            Word::Controls,
            Word::Change,
            Word::Without,
            Word::Effect,
            Word::LowerEnd,
            Word::UpperEnd,
        ]);
        let per_major = to_f64(self.currency.minor_per_major().into());
        let places = u8::try_from(self.currency.exponent()).unwrap_or(u8::MAX);
        let amount = |minor: Option<f64>| Cell::number(minor.map(|n| n / per_major), places);
        let kinds = self
            .kinds()
            .map(|(kind, effect)| (Cell::name(kind), effect));
        for (kind, effect) in kinds.chain([(Word::Total.into(), &self.total)]) {
            let interval = effect.interval();
            table.row(cells![
                kind,
                effect.treated(),
                effect.controls(),
                amount(effect.treated_change()),
                amount(effect.control_change()),
                amount(effect.effect()),
                amount(interval.map(|i| i.low)),
                amount(interval.map(|i| i.high)),
            ]);
        }
        Sheet::new(Word::TitleUplift)
            .note(Word::Window, Cell::number(f64::from(self.window.get()), 0))
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
    }
}

impl fmt::Display for UpliftReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
