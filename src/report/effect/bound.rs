//! A section `[effect]` that is bound: customers in, a report out.

use serde::{Deserialize, Serialize};

use super::groups::{Arm, Groups, Scale};
use super::report::{DimensionEffect, EffectReport, NetEffect, PlanOutcome};
use super::spec::{Dimension, EffectMethod};
use super::{Difference, EffectTerms, assign};
use crate::Error;
use crate::model::{Currency, CustomerId, Day, Days};
use crate::report::Interval;
use crate::table::{Cell, Row, Slot};

/// What says who is in which group.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Division {
    Chance(f64),
    Flag(Slot),
    Words {
        slot: Slot,
        treated: u32,
        control: u32,
    },
}

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) slot: Slot,
    /// Yes or no: whether the count in it is above zero.
    pub(super) any: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct BoundDimension {
    pub(super) dimension: Dimension,
    pub(super) column: String,
    pub(super) scale: Scale,
    pub(super) after: Reading,
    pub(super) before: Reading,
    pub(super) method: EffectMethod,
    pub(super) expected: Option<f64>,
}

/// The days that an effect is measured by: the first and the last of each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectWindows {
    /// The window before the action; its last day is that before the action, and the columns are read at its close. `None` of an
    /// action on the first day of the calendar, before which there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<[Day; 2]>,
    /// The window after it; its first day is that of the action, and the columns are read at the close of its last.
    pub after: [Day; 2],
}

/// What an [`EffectSpec`](super::EffectSpec) says, bound to the columns of a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundEffect {
    pub(super) name: String,
    pub(super) division: Division,
    pub(super) terms: EffectTerms,
    pub(super) before: Days,
    pub(super) after: Days,
    pub(super) currency: Currency,
    /// Per treated customer, in minor units.
    pub(super) action_cost: i64,
    pub(super) dimensions: Vec<BoundDimension>,
}

impl BoundEffect {
    /// The windows of an action on a day, cut off at the ends of the calendar.
    #[must_use]
    pub fn windows(&self, action: Day) -> EffectWindows {
        let one = Days::new(1);
        let after = Days::new(self.after.get().saturating_sub(1));
        EffectWindows {
            before: (action > Day::MIN).then(|| [action.minus(self.before), action.minus(one)]),
            after: [action, action.plus(after)],
        }
    }

    /// Which group a customer is in, from the columns after the action; `None` if in neither.
    #[must_use]
    pub fn arm(&self, customer: &CustomerId, after: Row<'_>) -> Option<Arm> {
        let read = |slot| cell(after, slot);
        match self.division {
            Division::Chance(share) => Some(assign(customer, &self.name, share)),
            Division::Flag(slot) => match read(slot).and_then(Cell::number)? {
                1.0 => Some(Arm::Treated),
                0.0 => Some(Arm::Control),
                _ => None,
            },
            Division::Words {
                slot,
                treated,
                control,
            } => match read(slot).and_then(Cell::code)? {
                code if code == treated => Some(Arm::Treated),
                code if code == control => Some(Arm::Control),
                _ => None,
            },
        }
    }

    /// Nobody yet.
    #[must_use]
    pub fn evaluation(&self) -> Evaluation {
        let dimensions = self.dimensions.iter();
        let has_value = self.of(Dimension::Ltv).is_some();
        Evaluation {
            treated: 0,
            control: 0,
            outside: 0,
            of: dimensions.clone().map(|d| d.dimension).collect(),
            dimensions: dimensions.map(|d| Groups::new(d.scale)).collect(),
            net: has_value.then(|| Groups::money(self.currency)),
        }
    }

    /// Counts a customer: the columns at the close of both windows, as far as there were any before the action.
    ///
    /// The rows are of a table of the schema that it is bound to; of a smaller one, what is not there is not known.
    pub fn add(
        &self,
        evaluation: &mut Evaluation,
        customer: &CustomerId,
        before: Option<Row<'_>>,
        after: Row<'_>,
    ) {
        let count = |count: &mut u64| *count = count.saturating_add(1);
        let Some(arm) = self.arm(customer, after) else {
            evaluation.add_outside();
            return;
        };
        match arm {
            Arm::Treated => count(&mut evaluation.treated),
            Arm::Control => count(&mut evaluation.control),
        }
        for (dimension, groups) in self.dimensions.iter().zip(&mut evaluation.dimensions) {
            groups.add_number(
                arm,
                number(after, dimension.after),
                before.and_then(|row| number(row, dimension.before)),
            );
        }
        if let Some(net) = &mut evaluation.net {
            match self.net(after, |d| d.after) {
                Some(value) => {
                    let before = before.and_then(|row| self.net(row, |d| d.before));
                    net.add(arm, value, before);
                }
                None => net.add_number(arm, None, None),
            }
        }
    }

    fn of(&self, dimension: Dimension) -> Option<(usize, &BoundDimension)> {
        let mut all = self.dimensions.iter().enumerate();
        all.find(|(_, d)| d.dimension == dimension)
    }

    /// Value less cost, in minor units.
    fn net(&self, row: Row<'_>, reading: impl Fn(&BoundDimension) -> Reading) -> Option<i64> {
        let amount = |d: &BoundDimension| d.scale.units(number(row, reading(d))?);
        let value = amount(self.of(Dimension::Ltv)?.1)?;
        match self.of(Dimension::Cost) {
            Some((_, cost)) => value.checked_sub(amount(cost)?),
            None => Some(value),
        }
    }

    /// What came of it.
    #[must_use]
    pub fn report(&self, evaluation: &Evaluation) -> EffectReport {
        let dimensions: Vec<DimensionEffect> = self
            .dimensions
            .iter()
            .zip(&evaluation.dimensions)
            .map(|(dimension, groups)| self.dimension(dimension, groups))
            .collect();
        EffectReport {
            name: self.name.clone(),
            currency: self.currency,
            terms: self.terms,
            treated: evaluation.treated,
            control: evaluation.control,
            outside: evaluation.outside,
            net: self.earned(evaluation, &dimensions),
            dimensions,
        }
    }

    /// The result of a method, with the reduction of the variance.
    fn compare(&self, method: EffectMethod, groups: &Groups) -> (Option<Difference>, Option<f64>) {
        match method {
            EffectMethod::Difference => (groups.difference(self.terms), None),
            EffectMethod::DifferenceInDifferences => {
                (groups.difference_in_differences(self.terms), None)
            }
            EffectMethod::Cuped => {
                let cuped = groups.cuped(self.terms);
                (
                    cuped.map(|c| c.difference),
                    cuped.map(|c| c.variance_reduction),
                )
            }
        }
    }

    fn dimension(&self, dimension: &BoundDimension, groups: &Groups) -> DimensionEffect {
        let (difference, variance_reduction) = self.compare(dimension.method, groups);
        let plain = dimension.method == EffectMethod::Difference;
        let customers = |arm| match plain {
            true => groups.customers(arm),
            false => groups.with_before(arm),
        };
        let less = dimension.dimension == Dimension::Cost;
        let interval = difference.and_then(|d| d.interval);
        DimensionEffect {
            dimension: dimension.dimension,
            column: dimension.column.clone(),
            scale: dimension.scale,
            method: dimension.method,
            treated: customers(Arm::Treated),
            control: customers(Arm::Control),
            difference,
            variance_reduction,
            uplift: groups.uplift(self.terms).filter(|_| plain),
            expected: dimension.expected,
            plan: dimension
                .expected
                .map(|expected| PlanOutcome::of(interval, expected, less)),
        }
    }

    #[allow(clippy::cast_precision_loss)] // for amounts per customer
    fn earned(&self, evaluation: &Evaluation, dimensions: &[DimensionEffect]) -> Option<NetEffect> {
        let (_, ltv) = self.of(Dimension::Ltv)?;
        let value = self.compare(ltv.method, evaluation.net.as_ref()?).0?;
        let action = self.action_cost as f64 / self.currency.minor_per_major() as f64;
        let customers = evaluation.treated as f64;
        let shifted = |by: f64, times: f64| {
            value.interval.map(|interval| Interval {
                low: (interval.low - by) * times,
                high: (interval.high - by) * times,
            })
        };
        let net = value.difference - action;
        let extra = match self.of(Dimension::Cost) {
            Some((i, _)) => dimensions.get(i)?.difference.map(|d| d.difference),
            None => Some(0.0),
        };
        let spent = extra.map(|extra| extra + action);
        Some(NetEffect {
            per_customer: net,
            interval: shifted(action, 1.0),
            total: net * customers,
            total_interval: shifted(action, customers),
            spent,
            returned: spent.filter(|spent| *spent > 0.0).map(|spent| net / spent),
        })
    }
}

/// The cell of a column, if the row has one.
fn cell(row: Row<'_>, slot: Slot) -> Option<Cell> {
    (slot.index() < row.table().schema().len()).then(|| row.cell(slot))
}

fn number(row: Row<'_>, reading: Reading) -> Option<f64> {
    let number = cell(row, reading.slot)?.number()?;
    Some(match reading.any {
        true => f64::from(number > 0.0),
        false => number,
    })
}

/// The sums behind an [`EffectReport`]: customers added one at a time by [`BoundEffect::add`], and merged in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    treated: u64,
    control: u64,
    outside: u64,
    /// What the sums are of: values and costs are both money, and do not add up.
    of: Vec<Dimension>,
    dimensions: Vec<Groups>,
    net: Option<Groups>,
}

impl Evaluation {
    /// Counts a customer outside of both groups: one of whom there are no columns after the action.
    pub fn add_outside(&mut self) {
        self.outside = self.outside.saturating_add(1);
    }

    /// Counts other customers too.
    ///
    /// # Errors
    /// It is of other dimensions (`is_misuse`); nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut merged = self.clone();
        let same = merged.of == other.of
            && merged.dimensions.len() == other.dimensions.len()
            && merged.net.is_some() == other.net.is_some();
        if !same {
            return Err(Error::misuse(
                "evaluations of other dimensions do not go together",
            ));
        }
        let own = merged.dimensions.iter_mut().chain(&mut merged.net);
        for (own, more) in own.zip(other.dimensions.iter().chain(&other.net)) {
            own.merge(more)?;
        }
        for (own, more) in [
            (&mut merged.treated, other.treated),
            (&mut merged.control, other.control),
            (&mut merged.outside, other.outside),
        ] {
            *own = own.saturating_add(more);
        }
        *self = merged;
        Ok(())
    }

    /// The sums of each dimension, in the order of the section.
    #[must_use]
    pub fn dimensions(&self) -> &[Groups] {
        &self.dimensions
    }

    /// The sums of value less cost; `None` without a dimension of value.
    #[must_use]
    pub fn net(&self) -> Option<&Groups> {
        self.net.as_ref()
    }
}
