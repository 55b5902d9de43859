//! What a customer did, with the weight of how long ago it was.

use super::exact::quotient;
use crate::history::{Fact, Measure};
use crate::model::{Day, Days};
use crate::summary::Summary;

static PURCHASES: Fact = Fact::new(Measure::Purchases);
static SPEND: Fact = Fact::new(Measure::Spend);

/// `decayed_spend`: spend, each day's times ½ for every `half_life` that has passed since.
///
/// Unlike a window it forgets slowly: nobody falls by a purchase that leaves the window overnight.
///
/// - Parameter: `half_life`, such as `"90 days"`; required.
/// - Unit: money; 0 without records, below 0 where more was given back than paid.
/// - Missing: never.
/// - Source: exponential decay, ½^(age ÷ half-life), the age in days up to `as_of`; the weights of exponential smoothing
///   (Brown, *Statistical Forecasting for Inventory Control*, 1959).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, customer_value::model::Days, example::ada};
/// // Within the last 90 days there is the 2024-12-01, 30 days ago, with 120.00.
/// let spec = MetricSpec::new("decayed_spend").half_life(Days::new(30)).over("90 days".parse().unwrap());
/// assert_eq!(ada(spec), Some(60.0));
/// ```
#[must_use]
pub fn decayed_spend(customer: &Summary<'_>, as_of: Day, half_life: Days) -> Option<f64> {
    let per_major = i128::from(customer.currency().minor_per_major());
    // A day's amount is rounded once, as every amount in a column is.
    let sum = decayed(customer, &SPEND, as_of, half_life, |minor| {
        quotient(minor.into(), per_major).unwrap_or(0.0)
    })?;
    Some(sum)
}

/// `decayed_purchases`: purchases, each times ½ for every `half_life` that has passed since.
///
/// One number for how often *and* how lately somebody buys.
///
/// - Parameter: `half_life`, such as `"90 days"`; required.
/// - Unit: points, 0 or more: a purchase of today is 1. It is no count, for it has a fraction.
/// - Missing: never.
/// - Source: as [`decayed_spend`].
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, customer_value::model::Days, example::ada};
/// // Two purchases 30 days ago.
/// let spec = MetricSpec::new("decayed_purchases").half_life(Days::new(15)).over("90 days".parse().unwrap());
/// assert_eq!(ada(spec), Some(0.5));
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss)] // nobody buys 2^53 times
pub fn decayed_purchases(customer: &Summary<'_>, as_of: Day, half_life: Days) -> Option<f64> {
    let sum = decayed(customer, &PURCHASES, as_of, half_life, |n| n as f64)?;
    // Not negative, even of a history that is not yet merged with that of the purchases its refunds name.
    Some(sum.max(0.0))
}

/// `None` for a half-life of no time.
fn decayed(
    customer: &Summary<'_>,
    fact: &Fact,
    as_of: Day,
    half_life: Days,
    worth: impl Fn(i64) -> f64,
) -> Option<f64> {
    // Starting from 0.0, for the sum of nothing is -0.0.
    customer.daily(fact).try_fold(0.0, |sum, (day, total)| {
        Some(sum + worth(total) * weight(as_of - day, half_life)?)
    })
}

/// What is left of something after a time: ½ for every half-life, all of it before. `None` for a half-life of no time.
pub(crate) fn weight(age: Days, half_life: Days) -> Option<f64> {
    let age = f64::from(age.get().max(0));
    (half_life.get() > 0).then(|| libm::exp2(-age / f64::from(half_life.get())))
}
