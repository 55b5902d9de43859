//! Where a value stands in its population: percentile, rank, cumulative share.

use serde::{Deserialize, Serialize};

use super::select::sorted;
use crate::Error;
use crate::table::Cell;

/// Which values are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Larger ones, as in spend.
    #[default]
    Higher,
    /// Smaller ones, as in days since the last purchase.
    Lower,
}

/// How the known values of one column are distributed, frozen.
///
/// [`Distribution::exact`] keeps every different value, so each answer is exact: that is the bulk form, for
/// the population itself. [`Distribution::fit`] keeps at most [`Distribution::KNOTS`] of them and goes straight
/// between: exact at those, off by at most 100 / 1,000 = 0.1 percentile points between, and never
/// decreasing. A column of few different values is exact in both.
///
/// ```
/// use customer_value::scoring::Distribution;
/// use customer_value::table::Cell;
///
/// let spend: Vec<Cell> = [10.0, 20.0, 20.0, 50.0].map(Cell::from_number).into();
/// let spend = Distribution::fit(&spend);
/// assert_eq!(spend.percentile(20.0), Some(25.0)); // one of four is below
/// assert_eq!(spend.rank(20.0), Some(2)); // one is above; 10.0 is the fourth
/// assert_eq!(spend.rank(10.0), Some(4));
/// assert_eq!(spend.cumulative_share(50.0), Some(0.5)); // the best customer brings half
/// assert_eq!(spend.cumulative_share(20.0), Some(0.9)); // and 90 with the two who share the second place
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Data", deny_unknown_fields)]
pub struct Distribution {
    /// How many values are known.
    known: u64,
    knots: Vec<Knot>,
}

/// One value of the population.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Knot {
    #[serde(with = "crate::model::exact::number")]
    at: f64,
    /// How many values are smaller.
    below: u64,
    /// How many values are smaller or equal.
    until: u64,
    /// The share of the positive total in the values that are larger or equal.
    #[serde(with = "crate::model::exact::number")]
    share: f64,
    /// The share of the positive total in the values that are larger.
    #[serde(with = "crate::model::exact::number")]
    share_above: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    known: u64,
    knots: Vec<Knot>,
}

impl TryFrom<Data> for Distribution {
    type Error = Error;
    fn try_from(Data { known, knots }: Data) -> Result<Self, Error> {
        let share = |s: f64| (0.0..=1.0).contains(&s);
        let sound = |k: &Knot| {
            k.at.is_finite() && k.below < k.until && share(k.share) && share(k.share_above)
        };
        let rises = |a: &Knot, b: &Knot| a.at < b.at && a.until <= b.below;
        let ends = match (knots.first(), knots.last()) {
            (Some(first), Some(last)) => first.below == 0 && last.until == known,
            _ => known == 0,
        };
        if !knots.iter().all(sound) || !knots.is_sorted_by(rises) || !ends {
            return Err(Error::range("the knots of a distribution do not rise"));
        }
        Ok(Self { known, knots })
    }
}

/// A value beside the knots around it.
enum Found<'a> {
    At(&'a Knot),
    Below(&'a Knot),
    Above,
    /// Between two knots, and how far: 0 to 1.
    Between(&'a Knot, &'a Knot, f64),
}

impl Distribution {
    /// About how many values [`Distribution::fit`] keeps: two more at most, for the two ends.
    pub const KNOTS: usize = 1_000;

    /// The distribution of the known cells, with a knot for every different value.
    #[must_use]
    pub fn exact(cells: &[Cell]) -> Self {
        Self::with(&sorted(cells, |c| c.raw()), 0)
    }

    /// The distribution of the known cells, with at most about [`Distribution::KNOTS`] knots.
    ///
    /// Of any values that are passed over between two knots there are no more than 1 / 1,000 of the population.
    #[must_use]
    pub fn fit(cells: &[Cell]) -> Self {
        let values = sorted(cells, |c| c.raw());
        let different = values.chunk_by(|a, b| a == b).count();
        let skip = if different <= Self::KNOTS {
            0
        } else {
            values.len() / Self::KNOTS
        };
        Self::with(&values, skip)
    }

    /// `values` rise. Between two knots at most `skip` values are passed over.
    fn with(values: &[f64], skip: usize) -> Self {
        // A power of two keeps the sums of the largest numbers finite, and the shares as they are.
        let unit = if values.last().is_some_and(|v| *v > 1e280) {
            2_f64.powi(-64)
        } else {
            1.0
        };
        let positive = |v: f64| if v > 0.0 { v * unit } else { 0.0 };
        let runs: Vec<&[f64]> = values.chunk_by(|a, b| a == b).collect();
        // From the best down: what they bring, and before them.
        let mut sums = Vec::with_capacity(runs.len());
        let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
        let mut total = 0.0_f64;
        for run in runs.iter().rev() {
            let above = total;
            let amount = run.first().copied().map_or(0.0, positive) * run.len() as f64;
            // Neumaier's sum: what a rounding loses is added at the end.
            let next = sum + amount;
            lost += if sum >= amount {
                (sum - next) + amount
            } else {
                (amount - next) + sum
            };
            sum = next;
            total = (sum + lost).max(above);
            sums.push((total, above));
        }
        let share = |s: f64| {
            if total > 0.0 {
                (s / total).clamp(0.0, 1.0)
            } else {
                0.0
            }
        };
        let mut knots: Vec<Knot> = Vec::new();
        let mut below = 0;
        let mut runs = runs.iter().zip(sums.into_iter().rev()).peekable();
        while let Some((run, (with, above))) = runs.next() {
            let until = below + run.len();
            let passed_over = until as u64 - knots.last().map_or(0, |k| k.until);
            if knots.is_empty() || passed_over > skip as u64 || runs.peek().is_none() {
                knots.extend(run.first().map(|at| Knot {
                    at: *at,
                    below: below as u64,
                    until: until as u64,
                    share: share(with),
                    share_above: share(above),
                }));
            }
            below = until;
        }
        Self {
            known: values.len() as u64,
            knots,
        }
    }

    /// How many values the population has; missing ones are not in it.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.known
    }

    fn find(&self, value: f64) -> Option<Found<'_>> {
        if value.is_nan() {
            return None;
        }
        let i = self.knots.partition_point(|k| k.at < value);
        let before = i.checked_sub(1).and_then(|i| self.knots.get(i));
        Some(match (before, self.knots.get(i)) {
            (_, Some(k)) if k.at == value => Found::At(k),
            (Some(a), Some(b)) => {
                // Halves, so that the difference of two large numbers stays finite.
                let span = b.at / 2.0 - a.at / 2.0;
                let way = if span > 0.0 {
                    ((value / 2.0 - a.at / 2.0) / span).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                Found::Between(a, b, way)
            }
            (None, Some(k)) => Found::Below(k),
            (Some(_), None) => Found::Above,
            (None, None) => return None,
        })
    }

    /// The part of the known population that is strictly below `value`, 0 to 100; equal values stand equal.
    ///
    /// The best one is below 100 (nobody is below themselves). `None` when the population is empty or `value`
    /// is not a number.
    #[must_use]
    pub fn percentile(&self, value: f64) -> Option<f64> {
        let below = match self.find(value)? {
            Found::At(k) => k.below as f64,
            Found::Below(_) => 0.0,
            Found::Above => self.known as f64,
            Found::Between(a, b, way) => between(a.until as f64, b.below as f64, way),
        };
        Some(below * 100.0 / self.known as f64)
    }

    /// 1 plus the number of the population that is strictly above `value`: 1 is the best, and equal values have
    /// equal ranks (1, 2, 2, 4). Between two knots it is rounded to the better one. `None` as for the percentile.
    #[must_use]
    pub fn rank(&self, value: f64) -> Option<u64> {
        let until = match self.find(value)? {
            Found::At(k) => k.until,
            Found::Below(_) => 0,
            Found::Above => self.known,
            Found::Between(a, b, way) => {
                let up = between(0.0, (b.below - a.until) as f64, way).ceil();
                // Within 0 and `b.below − a.until`.
                a.until + (up as u64).min(b.below - a.until)
            }
        };
        Some(1 + self.known - until)
    }

    /// The share of the total in the customers at `value` and above, 0 to 1: small for the best, 1 for the last. The total
    /// is of the positive values; equal values stand together. A/B/C classes compare it with 0.8 and 0.95.
    ///
    /// A value above the whole population has 0. `None` when no value is positive or `value` is not a number.
    #[must_use]
    pub fn cumulative_share(&self, value: f64) -> Option<f64> {
        let share = match self.find(value)? {
            Found::At(k) | Found::Below(k) => k.share,
            Found::Above => 0.0,
            Found::Between(a, b, way) => between(a.share_above, b.share, way),
        };
        self.knots
            .first()
            .is_some_and(|k| k.share > 0.0)
            .then_some(share)
    }
}

/// From `a` to `b`, never outside them.
fn between(a: f64, b: f64, way: f64) -> f64 {
    (a + (b - a) * way).clamp(a.min(b), a.max(b))
}

/// SQL's `ntile`: the customers in the order of their values, the worst first and equal values in the order of
/// their rows, cut into `groups` whose sizes differ by at most one, larger groups first. The groups count from 1, the best is
/// the last. Missing stays missing.
///
/// Equal customers may get different groups, so this cannot be frozen: it is for comparing with other
/// systems. [`Breaks::rank`](super::Breaks::rank) is the form that scores one customer like all. No groups: all missing.
///
/// ```
/// use customer_value::scoring::{Better, rank::ntile};
/// use customer_value::table::Cell;
///
/// let purchases: Vec<Cell> = [1.0, 1.0, 7.0, 1.0, 2.0].map(Cell::from_number).into();
/// let groups = ntile(&purchases, 2, Better::Higher);
/// assert_eq!(groups, [Some(1), Some(1), Some(2), Some(1), Some(2)]);
/// ```
#[must_use]
pub fn ntile(cells: &[Cell], groups: u32, better: Better) -> Vec<Option<u32>> {
    let mut order: Vec<(usize, f64)> = cells
        .iter()
        .enumerate()
        .filter_map(|(row, cell)| Some((row, cell.number()?)))
        .collect();
    order.sort_by(|(_, a), (_, b)| match better {
        Better::Higher => a.total_cmp(b),
        Better::Lower => b.total_cmp(a),
    });
    let mut out = vec![None; cells.len()];
    let known = order.len() as u64;
    let n = u64::from(groups);
    if n == 0 {
        return out;
    }
    let (size, larger) = (known / n, known % n);
    let first_part = larger * (size + 1);
    for (position, (row, _)) in (0_u64..).zip(order) {
        let group = if position < first_part {
            position / (size + 1)
        } else {
            // Positions past the first part exist only where `size` is at least 1.
            larger + (position - first_part) / size.max(1)
        };
        if let Some(slot) = out.get_mut(row) {
            *slot = u32::try_from(group + 1).ok();
        }
    }
    out
}
