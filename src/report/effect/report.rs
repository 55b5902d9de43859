//! What came of an action, as data and as text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::groups::Scale;
use super::spec::{Dimension, EffectMethod};
use super::{Difference, EffectTerms, Uplift};
use crate::model::Currency;
use crate::report::Interval;
use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;

/// Whether what was planned came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanOutcome {
    /// The whole interval is at the plan or better.
    Reached,
    /// The whole interval is worse than the plan.
    NotReached,
    /// The plan is within the interval, or there is none.
    NotKnown,
}

impl PlanOutcome {
    pub(super) fn of(interval: Option<Interval>, expected: f64, less_is_better: bool) -> Self {
        let Some(Interval { low, high }) = interval else {
            return Self::NotKnown;
        };
        let (reached, missed) = if less_is_better {
            (high <= expected, low > expected)
        } else {
            (low >= expected, high < expected)
        };
        if reached {
            Self::Reached
        } else if missed {
            Self::NotReached
        } else {
            Self::NotKnown
        }
    }

    const fn word(self) -> Word {
        match self {
            Self::Reached => Word::Reached,
            Self::NotReached => Word::NotReached,
            Self::NotKnown => Word::CannotTell,
        }
    }
}

/// The effect on one dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionEffect {
    /// Which.
    pub dimension: Dimension,
    /// The column that was read after the action.
    pub column: String,
    /// What its values are.
    pub scale: Scale,
    /// How the groups were compared.
    pub method: EffectMethod,
    /// How many treated were compared: those with the values that the method needs.
    pub treated: u64,
    /// How many of the control.
    pub control: u64,
    /// The treated against the control, in the unit of the column; `None`: too little data.
    pub difference: Option<Difference>,
    /// Which share of the variance the values before have taken away; only by CUPED.
    pub variance_reduction: Option<f64>,
    /// The rate of the treated against that of the control; only of plain differences of yes and no.
    pub uplift: Option<Uplift>,
    /// The planned difference.
    pub expected: Option<f64>,
    /// Whether it came out; `None` without a plan.
    pub plan: Option<PlanOutcome>,
}

/// What an action has earned, in major units: the effect on value less that on cost and less the cost of the action.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetEffect {
    /// Per treated customer.
    pub per_customer: f64,
    /// Its interval; `None` where nobody differs from the others of the group.
    pub interval: Option<Interval>,
    /// Of all treated customers.
    pub total: f64,
    /// Its interval.
    pub total_interval: Option<Interval>,
    /// What was spent per treated customer: the effect on cost and the cost of the action; `None` where the former is not
    /// known.
    pub spent: Option<f64>,
    /// Net value per amount spent: 0.5 is fifty cents for each euro; `None` where nothing was spent.
    pub returned: Option<f64>,
}

impl NetEffect {
    /// Zero is outside of the interval, so the action has likely earned or lost something; `None` without an interval.
    #[must_use]
    pub fn is_likely(&self) -> Option<bool> {
        self.interval.map(|interval| !interval.contains(0.0))
    }
}

/// The effect of an action on satisfaction, repurchase, value and cost, and what it has earned.
///
/// [`BoundEffect::report`](super::BoundEffect::report) makes it; [the page on effects](crate::docs::effect) has the
/// definitions. As text it is a table with a line for each dimension, one for the net value per treated customer, and one for
/// their total.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::{Currency, Unit};
/// use customer_value::report::effect::EffectSpec;
/// use customer_value::table::{Field, Schema, Table};
///
/// let spec: EffectSpec = toml::from_str(r#"
///     name = "spring call"
///     group = { column = "called" }
///     min_group = 3
///     after = "90 days"
///     action_cost = "2.00 EUR"
///     dimensions = [
///         { dimension = "repurchase", column = "bought", expected = 0.5 },
///         { dimension = "ltv", column = "margin", method = "cuped", expected = 5.0 },
///     ]
/// "#)?;
/// let mut schema = Schema::new();
/// let called = schema.add(Field::number("called", Unit::Flag))?;
/// let bought = schema.add(Field::number("bought", Unit::Flag))?;
/// let margin = schema.add(Field::number("margin", Unit::Money))?;
/// let effect = spec.bind(&schema, Currency::EUR, &mut Diagnostics::new()).unwrap();
///
/// // Called, bought, margin after and before.
/// let customers = [
///     (1.0, 1.0, 31.0, 20.0), (1.0, 1.0, 42.5, 30.0), (1.0, 0.0, 11.0, 0.0), (1.0, 1.0, 22.0, 10.0),
///     (0.0, 0.0, 19.0, 20.0), (0.0, 1.0, 31.0, 30.0), (0.0, 0.0, 0.5, 0.0),
/// ];
/// let [mut before, mut after] = [7, 7].map(|rows| Table::new(schema.clone(), rows));
/// for (row, (was_called, has_bought, now, then)) in customers.into_iter().enumerate() {
///     after.column_mut(called).set(row, Some(was_called));
///     after.column_mut(bought).set(row, Some(has_bought));
///     after.column_mut(margin).set(row, Some(now));
///     before.column_mut(margin).set(row, Some(then));
/// }
/// let mut evaluation = effect.evaluation();
/// for row in 0..7 {
///     let id = (row as u64).into();
///     effect.add(&mut evaluation, &id, Some(before.row(row)), after.row(row));
/// }
/// assert_eq!(effect.report(&evaluation).to_string(), "\
/// effect      treated  controls  difference     from      to  likely  expected       plan
/// repurchase   75.0 %    33.3 %      41.7 %  -22.6 %  75.7 %      no    50.0 %  not known
/// ltv           27.35     15.86       11.49     9.30   13.68     yes      5.00    reached
/// net               -         -        9.49     7.30   11.68     yes         -          -
/// net, total        -         -       37.97    29.21   46.72     yes         -          -
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectReport {
    /// The name of the experiment.
    pub name: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// How sure the intervals are, and how many customers a group must have.
    pub terms: EffectTerms,
    /// How many customers were treated.
    pub treated: u64,
    /// How many are the control.
    pub control: u64,
    /// How many are in neither group.
    pub outside: u64,
    /// The effect on each dimension, in the order of the section.
    pub dimensions: Vec<DimensionEffect>,
    /// What the action has earned; `None` without a dimension of value, or with too little data.
    pub net: Option<NetEffect>,
}

impl EffectReport {
    /// The effect on one dimension; `None` if it was not looked for.
    #[must_use]
    pub fn dimension(&self, dimension: Dimension) -> Option<&DimensionEffect> {
        self.dimensions.iter().find(|d| d.dimension == dimension)
    }
}

/// A number in its unit.
fn number(number: Option<f64>, scale: Scale) -> Cell {
    match scale {
        Scale::YesNo => Cell::share(number),
        // No currency has more than four decimals.
        Scale::Money(currency) => Cell::number(number, currency.exponent() as u8),
        Scale::Number => Cell::number(number, 2),
    }
}

fn likely(is_known: bool, likely: Option<bool>) -> Word {
    match (is_known, likely) {
        (false, _) => Word::TooLittleData,
        (true, None) => Word::CannotTell,
        (true, Some(true)) => Word::Yes,
        (true, Some(false)) => Word::No,
    }
}

impl EffectReport {
    /// The report as a [sheet](Sheet): a line for each dimension, and what the action has earned.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Effect,
            Word::Treated,
            Word::Controls,
            Word::Difference,
            Word::LowerEnd,
            Word::UpperEnd,
            Word::Likely,
            Word::Expected,
            Word::PlanOutcome,
        ]);
        for effect in &self.dimensions {
            let found = effect.difference;
            let interval = found.and_then(|d| d.interval);
            let cell = |value: Option<f64>| number(value, effect.scale);
            table.row(cells![
                Cell::name(effect.dimension.as_str()),
                cell(found.map(|d| d.treated)),
                cell(found.map(|d| d.control)),
                cell(found.map(|d| d.difference)),
                cell(interval.map(|i| i.low)),
                cell(interval.map(|i| i.high)),
                likely(found.is_some(), found.and_then(|d| d.is_likely())),
                cell(effect.expected),
                effect.plan.map(PlanOutcome::word),
            ]);
        }
        if let Some(net) = &self.net {
            let cell = |value: Option<f64>| number(value, Scale::Money(self.currency));
            for (name, earned, interval) in [
                (Word::Net, net.per_customer, net.interval),
                (Word::NetTotal, net.total, net.total_interval),
            ] {
                table.row(cells![
                    name,
                    Cell::Missing,
                    Cell::Missing,
                    cell(Some(earned)),
                    cell(interval.map(|i| i.low)),
                    cell(interval.map(|i| i.high)),
                    likely(true, net.is_likely()),
                ]);
            }
        }
        Sheet::new(Word::TitleEffect)
            .note(Word::Experiment, Cell::literal(&self.name))
            .note(Word::Treated, self.treated)
            .note(Word::Controls, self.control)
            .note(Word::Outside, self.outside)
            .note(Word::Confidence, Cell::share(self.terms.confidence.share()))
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
    }
}

impl fmt::Display for EffectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_judged_by_the_whole_interval() {
        let of = |low, high, less| PlanOutcome::of(Some(Interval { low, high }), 1.0, less);
        let (yes, no) = (PlanOutcome::Reached, PlanOutcome::NotReached);
        let not_known = PlanOutcome::NotKnown;
        // The plan itself is reached.
        assert_eq!([of(1.0, 2.0, false), of(0.0, 1.0, true)], [yes, yes]);
        assert_eq!(
            [of(0.5, 2.0, false), of(0.5, 2.0, true)],
            [not_known, not_known]
        );
        assert_eq!([of(0.0, 0.9, false), of(1.1, 2.0, true)], [no, no]);
        assert_eq!(PlanOutcome::of(None, 1.0, false), not_known);
    }
}
