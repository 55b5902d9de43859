//! Conditions on a customer's place in the population, frozen to thresholds on the column itself.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::eval::Truth;
use super::term::Op;
use crate::table::Slot;

/// A measure of a customer's place in the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// 100 × the number of known values strictly below ÷ the number of known values. Rises with the value; from 0 to
    /// just under 100 within the population. Unknown for a population without known values.
    Percentile,
    /// The sum of the positive values that are at least as large ÷ the sum of all positive values. Falls with the value,
    /// from 1. Customers with equal values have equal shares. Unknown for a population without a positive value.
    ///
    /// The customer's own amount counts, so somebody who holds 90 % of the total alone has 0.9.
    CumulativeShare,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Percentile => "percentile",
            Self::CumulativeShare => "cumulative_share",
        })
    }
}

/// One condition of a bound rule that needs the population: `measure(column) op at`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PopulationCondition {
    /// The column.
    pub slot: Slot,
    /// Which measure of it.
    pub measure: Measure,
    /// How the measure is compared.
    pub op: Op,
    /// With what: 0 to 100 for a percentile, 0 to 1 for a share.
    pub at: f64,
}

/// A population condition as a condition on the column itself, computed once and then kept: plain data.
///
/// Both measures are monotone steps of the value, so each comparison with a constant is true on one interval of values
/// or outside one, also for values that nobody in the population had.
///
/// ```
/// use customer_value::model::Unit;
/// use customer_value::rules::{Cut, Measure, Op, PopulationCondition, Truth};
/// use customer_value::table::{Field, Schema};
///
/// let slot = Schema::new().add(Field::number("spend", Unit::Money))?;
/// let top = PopulationCondition { slot, measure: Measure::Percentile, op: Op::Ge, at: 80.0 };
/// let cut = Cut::of(&top, [10.0, 20.0, 30.0, 40.0, 50.0].into_iter().map(Some));
/// assert_eq!(cut, Cut::Above(40.0));
/// assert_eq!(cut.truth(Some(41.0)), Truth::True);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Cut {
    /// The measure is not defined for this population: unknown for everybody.
    #[default]
    Unknown,
    /// True for every known value.
    Always,
    /// False for every known value.
    Never,
    /// True for values greater than this one.
    Above(#[serde(with = "crate::model::exact::number")] f64),
    /// True for values up to and including this one.
    UpTo(#[serde(with = "crate::model::exact::number")] f64),
    /// True for values greater than the first, up to and including the second.
    #[serde(with = "crate::model::exact::pair")]
    Within(f64, f64),
    /// False for values greater than the first, up to and including the second; true elsewhere.
    #[serde(with = "crate::model::exact::pair")]
    Outside(f64, f64),
}

impl Cut {
    /// Computes the cut of a condition from a column's cells, in any order.
    ///
    /// Missing and not finite cells are not part of the population. It costs one selection (percentile) or one sort
    /// (cumulative share) of the known values.
    #[must_use]
    pub fn of(condition: &PopulationCondition, cells: impl Iterator<Item = Option<f64>>) -> Self {
        let mut known: Vec<f64> = cells.flatten().filter(|v| v.is_finite()).collect();
        // The values for which the measure compares are those greater than an edge (minus infinity: all of them).
        let (wide, narrow, rises) = match condition.measure {
            Measure::Percentile => (Op::Ge, Op::Gt, true),
            Measure::CumulativeShare => (Op::Le, Op::Lt, false),
        };
        let edges = match condition.measure {
            Measure::Percentile => percentile_edges(&mut known, condition.at, [wide, narrow]),
            Measure::CumulativeShare => share_edges(&mut known, condition.at, [wide, narrow]),
        };
        let Some([wide, narrow]) = edges else {
            return Self::Unknown;
        };
        // `measure >= at` and the like as an interval (above, up to], or all outside of it.
        match (condition.op, rises) {
            (Op::Ge, true) | (Op::Le, false) => Self::interval(wide, f64::INFINITY),
            (Op::Gt, true) | (Op::Lt, false) => Self::interval(narrow, f64::INFINITY),
            (Op::Lt, true) | (Op::Gt, false) => Self::interval(f64::NEG_INFINITY, wide),
            (Op::Le, true) | (Op::Ge, false) => Self::interval(f64::NEG_INFINITY, narrow),
            (Op::Eq, _) => Self::interval(wide, narrow),
            (Op::Ne, _) => Self::interval(wide, narrow).complement(),
        }
    }

    /// Whether a value is on the true side.
    #[must_use]
    pub fn truth(self, value: Option<f64>) -> Truth {
        let Some(value) = value.filter(|v| v.is_finite()) else {
            return Truth::Unknown;
        };
        let within = |above, up_to| above < value && value <= up_to;
        Truth::from(match self {
            Self::Unknown => return Truth::Unknown,
            Self::Always => true,
            Self::Never => false,
            Self::Above(above) => above < value,
            Self::UpTo(up_to) => value <= up_to,
            Self::Within(above, up_to) => within(above, up_to),
            Self::Outside(above, up_to) => !within(above, up_to),
        })
    }

    /// The values at which the answer changes.
    pub(super) fn ends(self) -> Vec<f64> {
        match self {
            Self::Unknown | Self::Always | Self::Never => Vec::new(),
            Self::Above(v) | Self::UpTo(v) => vec![v],
            Self::Within(a, b) | Self::Outside(a, b) => vec![a, b],
        }
    }

    fn interval(above: f64, up_to: f64) -> Self {
        match (above.is_finite(), up_to.is_finite()) {
            _ if above >= up_to => Self::Never,
            (false, false) => Self::Always,
            (true, false) => Self::Above(above),
            (false, true) => Self::UpTo(up_to),
            (true, true) => Self::Within(above, up_to),
        }
    }

    /// The cut that is true where this one is false.
    fn complement(self) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Above(v) => Self::UpTo(v),
            Self::UpTo(v) => Self::Above(v),
            Self::Within(a, b) => Self::Outside(a, b),
            Self::Outside(a, b) => Self::Within(a, b),
        }
    }
}

/// For each sign, the edge above which the percentile compares with `at`.
#[allow(clippy::cast_precision_loss)] // nobody has 2^53 customers
fn percentile_edges(known: &mut [f64], at: f64, signs: [Op; 2]) -> Option<[f64; 2]> {
    let n = known.len();
    if n == 0 {
        return None;
    }
    Some(signs.map(|sign| {
        // The least number of values below that is enough; a value with that many below is above the last of them.
        let enough = |below: usize| sign.holds(100.0 * below as f64 / n as f64, at);
        let (mut low, mut high) = (0, n + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if enough(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        match low.checked_sub(1) {
            None => f64::NEG_INFINITY,
            Some(last) if last < n => *known.select_nth_unstable_by(last, f64::total_cmp).1,
            Some(_) => f64::INFINITY,
        }
    }))
}

/// For each sign, the edge above which the cumulative share compares with `at`.
fn share_edges(known: &mut Vec<f64>, at: f64, signs: [Op; 2]) -> Option<[f64; 2]> {
    known.retain(|v| *v > 0.0);
    known.sort_unstable_by(|a, b| b.total_cmp(a));
    // Sums of the largest doubles would be infinite; a power of two changes no quotient.
    let scale = if known.first()? > &1e200 {
        2.0_f64.powi(-400)
    } else {
        1.0
    };
    let mut total = Sum::default();
    known.iter().for_each(|v| total.add(v * scale));
    let total = total.value();
    if total <= 0.0 {
        return None;
    }
    // Nobody is above the largest value, so the share there is 0.
    let mut edges = signs.map(|sign| {
        if sign.holds(0.0, at) {
            None
        } else {
            Some(f64::INFINITY)
        }
    });
    let mut held = Sum::default();
    // Equal values share the sum after the last of them; the edge is the same value whichever of them reaches it.
    for value in known.iter() {
        held.add(value * scale);
        let share = held.value() / total;
        for (edge, sign) in edges.iter_mut().zip(signs) {
            if edge.is_none() && !sign.holds(share, at) {
                *edge = Some(*value);
            }
        }
    }
    Some(edges.map(|edge| edge.unwrap_or(f64::NEG_INFINITY)))
}

/// A sum of doubles with the rounding errors carried along (Neumaier 1974), so that shares of amounts in cents come
/// out as near to the exact quotient as doubles allow.
#[derive(Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    fn value(&self) -> f64 {
        self.sum + self.lost
    }
}
