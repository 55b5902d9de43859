//! Whether a customer's spend grows.

use super::exact::quotient;
use super::observed::Observed;
use crate::summary::Summary;

/// `growth_trend`: (later − earlier) ÷ (later + earlier), of the spend in the two halves of the observed days.
///
/// 0 is steady, 1/3 has doubled, −1/3 has halved, 1 has only just begun and −1 has stopped. Unlike later ÷ earlier − 1
/// it is defined after a half without spend, and a rise and the fall back have the same size.
///
/// Observed are all days of a bounded window, and in a lifetime the days after the first purchase (as for
/// [`frequency`](super::frequency::frequency)). Of an odd number of days the middle one is in neither half.
/// A half in which more was given back than paid counts as one without spend.
///
/// - Unit: ratio, −1 to 1.
/// - Missing: no spend in either half.
/// - Source: half the growth rate of Davis, Haltiwanger & Schuh, *Job Creation and Destruction* (1996): change ÷ mean of
///   both, −2 to 2.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// // 80 + 40 + 30 from January to June, 120 from July to December.
/// let year = MetricSpec::new("growth_trend").over("366 days".parse().unwrap());
/// assert_eq!(ada(year), Some((120.0 - 150.0) / 270.0));
/// ```
#[must_use]
pub fn growth_trend(customer: &Summary<'_>) -> Option<f64> {
    let (earlier, later) = Observed::of(customer)?.halves(customer);
    let (earlier, later) = (earlier.max(0), later.max(0));
    quotient(later - earlier, later.saturating_add(earlier))
}
