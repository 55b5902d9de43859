//! How far forecasts were from what came.

use serde::{Deserialize, Serialize};

use super::{finite, mean};

/// What was expected of customers, and what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    /// Expected of each.
    pub expected: f64,
    /// Came of each.
    pub actual: f64,
    /// How many such customers.
    pub customers: u64,
}

/// How far the forecasts of a population were from what came. Without customers everything is `None`; a forecast that is not
/// a finite number makes whatever it is part of `None`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {
    /// How many customers.
    pub customers: u64,
    /// What came of all together.
    pub actual: Option<f64>,
    /// What was expected of all together.
    pub expected: Option<f64>,
    /// Mean absolute error, Σ|expected − actual| ÷ n.
    #[serde(alias = "mean_absolute_error")]
    pub mae: Option<f64>,
    /// Root of the mean squared error, √(Σ(expected − actual)² ÷ n).
    pub rmse: Option<f64>,
    /// Mean error, Σ(expected − actual) ÷ n: above 0, too much was expected.
    pub bias: Option<f64>,
    /// Spearman's rank correlation of expected and actual, −1 to 1: whether the right customers come first. Equal numbers
    /// have the mean of their ranks. `None` if all expected or all actual numbers are equal.
    pub rank_correlation: Option<f64>,
}

impl Accuracy {
    /// Of forecasts; their order does not matter.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::validation::{Accuracy, Forecast};
    ///
    /// let one = |expected, actual| Forecast { expected, actual, customers: 1 };
    /// let found = Accuracy::of(&[one(1.0, 0.0), one(2.0, 5.0)]);
    /// assert_eq!((found.mae, found.rmse, found.bias), (Some(2.0), Some(5_f64.sqrt()), Some(-1.0)));
    /// assert_eq!(found.rank_correlation, Some(1.0));
    /// ```
    #[must_use]
    pub fn of(forecasts: &[Forecast]) -> Self {
        // Sums of doubles depend on their order.
        let mut sorted: Vec<Forecast> = known(forecasts).collect();
        sorted.sort_unstable_by(|a, b| {
            (a.expected.total_cmp(&b.expected)).then(a.actual.total_cmp(&b.actual))
        });
        let mut customers: u64 = 0;
        let (mut actual, mut expected, mut absolute, mut squared) = (0.0, 0.0, 0.0, 0.0);
        for one in &sorted {
            let (n, error) = (one.customers as f64, one.expected - one.actual);
            customers = customers.saturating_add(one.customers);
            actual += n * one.actual;
            expected += n * one.expected;
            absolute += n * error.abs();
            squared += n * error * error;
        }
        let some = |number: f64| finite(number).filter(|_| customers > 0);
        Self {
            customers,
            actual: some(actual),
            expected: some(expected),
            mae: mean(absolute, customers),
            rmse: mean(squared, customers).map(f64::sqrt),
            bias: mean(expected - actual, customers),
            rank_correlation: spearman(&sorted),
        }
    }
}

fn known(forecasts: &[Forecast]) -> impl Iterator<Item = Forecast> + '_ {
    forecasts.iter().copied().filter(|one| one.customers > 0)
}

/// Pearson's correlation of the ranks, which holds with ties too.
fn spearman(forecasts: &[Forecast]) -> Option<f64> {
    if forecasts
        .iter()
        .any(|one| one.expected.is_nan() || one.actual.is_nan())
    {
        return None;
    }
    let expected = ranks(forecasts, |one| one.expected);
    let actual = ranks(forecasts, |one| one.actual);
    // The mean rank is 0.
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for ((e, a), one) in expected.iter().zip(&actual).zip(forecasts) {
        let n = one.customers as f64;
        both += n * e * a;
        first += n * e * e;
        second += n * a * a;
    }
    finite(both / (first * second).sqrt()).map(|r| r.clamp(-1.0, 1.0))
}

/// The rank of each, less the mean of all ranks; equal numbers share the mean of theirs.
fn ranks(forecasts: &[Forecast], of: fn(&Forecast) -> f64) -> Vec<f64> {
    let mut order: Vec<(f64, usize, f64)> = (forecasts.iter().enumerate())
        .map(|(place, one)| (of(one) + 0.0, place, one.customers as f64))
        .collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let all: f64 = order.iter().map(|(_, _, n)| n).sum();
    let mut ranks = vec![0.0; forecasts.len()];
    let mut before = 0.0;
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let n: f64 = tied.iter().map(|(_, _, n)| n).sum();
        for (_, place, _) in tied {
            if let Some(rank) = ranks.get_mut(*place) {
                *rank = before + (n - all) / 2.0;
            }
        }
        before += n;
    }
    ranks
}

/// One group of customers by their forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiftGroup {
    /// How many customers.
    pub customers: u64,
    /// What was expected of one, in the mean.
    pub expected: f64,
    /// What came of one, in the mean.
    pub actual: f64,
    /// `actual` ÷ what came of one of *all* customers, in the mean: 3 is three times as many. `None` where nothing came.
    pub lift: Option<f64>,
}

/// The customers in ten groups of the same size, those first of whom most was expected; group sizes differ by at most 1.
///
/// Customers of whom the same was expected share what came of them, also across the border of two groups, so that the groups
/// do not depend on an order. Empty groups (of fewer than ten customers) are left out, and customers with a forecast that is
/// not a finite number.
///
/// ```
/// use customer_value::metrics::lifetime::validation::{Forecast, lift};
///
/// let one = |expected: u32| Forecast { expected: expected.into(), actual: f64::from(expected % 7), customers: 1 };
/// let groups = lift(&(0..20).map(one).collect::<Vec<_>>());
/// assert_eq!(groups.len(), 10);
/// assert_eq!((groups[0].customers, groups[0].expected, groups[0].actual), (2, 18.5, 4.5));
/// ```
#[must_use]
pub fn lift(forecasts: &[Forecast]) -> Vec<LiftGroup> {
    const GROUPS: u64 = 10;
    let mut sorted: Vec<Forecast> = known(forecasts)
        .filter(|one| one.expected.is_finite() && one.actual.is_finite())
        .collect();
    sorted.sort_unstable_by(|a, b| {
        (b.expected.total_cmp(&a.expected)).then(b.actual.total_cmp(&a.actual))
    });
    let all: u128 = sorted.iter().map(|one| u128::from(one.customers)).sum();
    let total: f64 = (sorted.iter().map(|one| one.customers as f64 * one.actual)).sum();
    let mean_of_all = total / all as f64;
    // How many customers stand before the end of a group.
    let end = |group: u64| all * u128::from(group) / u128::from(GROUPS);

    let mut groups = Vec::new();
    let (mut group, mut placed) = (1, 0_u128);
    let (mut inside, mut expected, mut actual) = (0_u128, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.expected == b.expected) {
        let Some(first) = tied.first() else { continue };
        let mut left: u128 = tied.iter().map(|one| u128::from(one.customers)).sum();
        let came: f64 = tied
            .iter()
            .map(|one| one.customers as f64 * one.actual)
            .sum();
        let came = came / left as f64;
        while left > 0 {
            while end(group) <= placed {
                group += 1;
            }
            let taken = left.min(end(group) - placed);
            inside += taken;
            expected += taken as f64 * first.expected;
            actual += taken as f64 * came;
            placed += taken;
            left -= taken;
            if placed == end(group) {
                groups.extend(group_of(inside, expected, actual, mean_of_all));
                (inside, expected, actual) = (0, 0.0, 0.0);
            }
        }
    }
    groups
}

fn group_of(customers: u128, expected: f64, actual: f64, of_all: f64) -> Option<LiftGroup> {
    let n = customers as f64;
    let actual = finite(actual / n)?;
    Some(LiftGroup {
        customers: u64::try_from(customers).unwrap_or(u64::MAX),
        expected: finite(expected / n)?,
        actual,
        lift: finite(actual / of_all),
    })
}
