//! The days between neighbouring days with a purchase: a customer's own rhythm.
//!
//! The gap that is still open, from the last purchase to `as_of`, is
//! [`days_since_last`](super::recency::days_since_last) and in none of these.

use super::exact::quotient;
use crate::summary::Summary;

/// `average_gap`: (last − first day with a purchase) ÷ (active days − 1).
///
/// - Unit: days, 1 or more.
/// - Missing: fewer than two days with a purchase in the window.
/// - Source: mean interpurchase time; the divisor of the churn factor "time since the last activity ÷ the usual
///   interval".
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("average_gap")), Some(326.0 / 3.0)); // 90, 10 and 226 days
/// ```
#[must_use]
pub fn average_gap(customer: &Summary<'_>) -> Option<f64> {
    let span = customer.last_purchase()? - customer.first_purchase()?;
    quotient(span.get().into(), i128::from(customer.active_days()) - 1)
}

/// `median_gap`: the middle gap; of an even number of gaps, the mean of the middle two.
///
/// One long pause hardly moves it, so it is the better "usual interval".
///
/// - Unit: days, 1 or more.
/// - Missing: fewer than two days with a purchase in the window.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("median_gap")), Some(90.0));
/// ```
#[must_use]
pub fn median_gap(customer: &Summary<'_>) -> Option<f64> {
    select(customer, median)
}

/// What a selection finds among all gaps.
fn select(customer: &Summary<'_>, of: impl Fn(&mut [u32]) -> Option<f64> + Copy) -> Option<f64> {
    // Room on the stack, as much as is needed: hardly anybody has more than 1024 active days.
    match customer.active_days() {
        0..=128 => select_within::<128>(customer, of),
        129..=1024 => select_within::<1024>(customer, of),
        _ => of(&mut customer.gaps().collect::<Vec<u32>>()),
    }
}

fn select_within<const N: usize>(
    customer: &Summary<'_>,
    of: impl Fn(&mut [u32]) -> Option<f64>,
) -> Option<f64> {
    let mut gaps = [0; N];
    let mut count = 0;
    for (slot, gap) in gaps.iter_mut().zip(customer.gaps()) {
        *slot = gap;
        count += 1;
    }
    of(gaps.get_mut(..count)?)
}

fn median(gaps: &mut [u32]) -> Option<f64> {
    if gaps.is_empty() {
        return None;
    }
    let even = gaps.len().is_multiple_of(2);
    let (below, upper, _) = gaps.select_nth_unstable(gaps.len() / 2);
    let lower = if even { below.iter().max()? } else { &*upper };
    quotient(i128::from(*lower) + i128::from(*upper), 2)
}

/// `last_gap`: the gap before the last day with a purchase.
///
/// - Unit: days, 1 or more.
/// - Missing: fewer than two days with a purchase in the window.
/// - Source: by definition. Against [`median_gap`] it shows who just came back from a pause.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("last_gap")), Some(226.0));
/// ```
#[must_use]
pub fn last_gap(customer: &Summary<'_>) -> Option<f64> {
    let mut days = customer.purchase_days().rev();
    let ((last, _), (before, _)) = (days.next()?, days.next()?);
    Some(f64::from((last - before).get()))
}

/// `longest_gap`: the longest pause a customer has come back from.
///
/// - Unit: days, 1 or more.
/// - Missing: fewer than two days with a purchase in the window.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("longest_gap")), Some(226.0));
/// ```
#[must_use]
pub fn longest_gap(customer: &Summary<'_>) -> Option<f64> {
    customer.gaps().max().map(f64::from)
}

/// `lapse_point`: the 90th percentile of the customer's own gaps; nine times out of ten the customer was back by then.
///
/// The smallest gap that at least 90 % of the gaps are not longer than: of *n* gaps, the ⌈9·n/10⌉-th smallest. Of nine
/// gaps or fewer it is the longest.
///
/// - Unit: days, 1 or more.
/// - Missing: fewer than two days with a purchase in the window.
/// - Source: the nearest-rank definition of a percentile, in whole numbers. Against
///   [`days_since_last`](super::recency::days_since_last) it is the lapse rule: at risk from 0.8 of it on, lost from there on.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("lapse_point")), Some(226.0)); // of 90, 10 and 226 days, the third
/// ```
#[must_use]
pub fn lapse_point(customer: &Summary<'_>) -> Option<f64> {
    select(customer, |gaps| {
        let rank = gaps.len().saturating_mul(9).div_ceil(10);
        let position = rank.checked_sub(1)?;
        let (_, point, _) = gaps.select_nth_unstable(position);
        Some(f64::from(*point))
    })
}

/// `gap_variation`: the coefficient of variation of the gaps, their standard deviation ÷ their mean.
///
/// 0 is a clockwork, 1 is as irregular as chance (gaps that are exponentially distributed), above 1 is buying in bursts.
///
/// - Unit: ratio, 0 or more.
/// - Missing: fewer than three days with a purchase in the window, so that there are no two gaps to compare.
/// - Source: the coefficient of variation with the sample standard deviation (divisor n − 1), as a measure of regularity of
///   purchase timing; Platzer & Reutterer, *Ticking Away the Moments* (2016).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// // Gaps of 90, 10 and 226 days: mean 108.67, standard deviation 109.20.
/// let found = ada(MetricSpec::new("gap_variation")).unwrap();
/// assert!((found - 1.004_937).abs() < 1e-6);
/// ```
#[must_use]
pub fn gap_variation(customer: &Summary<'_>) -> Option<f64> {
    variation(customer.gaps())
}

/// The coefficient of variation of gaps; `None` of fewer than two.
pub(crate) fn variation(gaps: impl IntoIterator<Item = u32>) -> Option<f64> {
    let (mut count, mut sum, mut squares) = (0_i128, 0_i128, 0_i128);
    for gap in gaps {
        let gap = i128::from(gap);
        count += 1;
        sum += gap;
        squares += gap * gap;
    }
    if count < 2 {
        return None;
    }
    // Whole numbers up to the last step: (n Σg² − (Σg)²) ÷ (n (n − 1)) is the variance, Σg ÷ n the mean.
    let spread = count * squares - sum * sum;
    quotient(count * spread, (count - 1) * sum * sum).map(f64::sqrt)
}

/// The most regular that whole days tell.
const MOST_REGULAR: f64 = 100.0;

/// `regularity`: the *k* of Wheat & Morrison, how much more regular than chance somebody buys.
///
/// Gaps are taken as Erlang-*k* distributed: 1 is chance (exponential gaps), 2 and more is a rhythm, below 1 is buying in
/// bursts. Unlike [`gap_variation`] it compares each gap with the next one only, so that somebody whose rhythm slowly changes
/// is still regular.
///
/// Of two neighbouring gaps *a* and *b*, r = a ÷ (a + b) has a Beta(k, k) distribution: mean ½, variance 1 ÷ (4(2k + 1)). The
/// estimate is k = (1 − 4V) ÷ 8V with V the mean of (r − ½)² over all pairs of neighbouring gaps. (The mean of r is known,
/// so it is not estimated; every gap but the first and the last is in two pairs.) It is 100 at most: whole days tell no
/// finer.
///
/// - Unit: ratio, above 0, 100 at most. From a few gaps it is a rough figure.
/// - Missing: fewer than three days with a purchase in the window, so that there are no two gaps.
/// - Source: Wheat & Morrison, *Estimating Purchase Regularity with Two Interpurchase Times* (1990), who take one pair of
///   each of many customers; here it is all pairs of one.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// // Gaps of 90, 10 and 226 days: 4V is the mean of (80 ÷ 100)² and (216 ÷ 236)².
/// let found = ada(MetricSpec::new("regularity")).unwrap();
/// assert!((found - 0.176_732).abs() < 1e-6);
/// ```
#[must_use]
pub fn regularity(customer: &Summary<'_>) -> Option<f64> {
    let mut pairs = GapPairs::default();
    pairs.add(customer.gaps());
    pairs.regularity()
}

/// How uneven the pairs of neighbouring gaps are, of one customer or of several.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct GapPairs {
    /// The sum of (2r − 1)².
    sum: f64,
    pairs: u32,
}

impl GapPairs {
    /// Adds the gaps of one customer, each a day or more.
    pub(crate) fn add(&mut self, gaps: impl IntoIterator<Item = u32>) {
        let mut before: Option<u32> = None;
        for gap in gaps {
            if let Some(before) = before.replace(gap) {
                // 2r − 1, the square of which is four times that of r − ½.
                let (a, b) = (f64::from(before), f64::from(gap));
                let share = (a - b) / (a + b);
                self.sum += share * share;
                self.pairs = self.pairs.saturating_add(1);
            }
        }
    }

    /// Their *k*; `None` of no pair.
    pub(crate) fn regularity(&self) -> Option<f64> {
        if self.pairs == 0 {
            return None;
        }
        let four_v = self.sum / f64::from(self.pairs);
        let k = (1.0 - four_v) / (2.0 * four_v.max(f64::MIN_POSITIVE));
        Some(k.clamp(0.0, MOST_REGULAR))
    }
}
