//! How often a customer buys.

use super::exact::quotient;
use super::observed::Observed;
use crate::model::Days;
use crate::summary::Summary;

/// `purchases`: how many purchases.
///
/// - Unit: count; 0 without any, because nothing recorded is known to be none.
/// - Missing: never.
/// - Source: by definition. A free order counts, a purchase refunded in full does not.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("purchases")), Some(5.0));
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss)] // nobody buys 2^53 times
#[allow(clippy::unnecessary_wraps)] // one signature for all measures
pub fn purchases(customer: &Summary<'_>) -> Option<f64> {
    Some(customer.purchases() as f64)
}

/// `active_days`: how many different days have a purchase.
///
/// - Unit: count; 0 without any.
/// - Missing: never.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// // Two of the five purchases are of one day.
/// assert_eq!(ada(MetricSpec::new("active_days")), Some(4.0));
/// ```
#[must_use]
#[allow(clippy::unnecessary_wraps)] // one signature for all measures
pub fn active_days(customer: &Summary<'_>) -> Option<f64> {
    Some(customer.active_days().into())
}

/// `repeat_purchases`: active days − 1, the x of the lifetime models.
///
/// - Unit: count; 0 with one active day, and with none.
/// - Missing: never.
/// - Source: Fader, Hardie & Lee, *"Counting Your Customers" the Easy Way* (2005), with days as the periods.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("repeat_purchases")), Some(3.0));
/// ```
#[must_use]
#[allow(clippy::unnecessary_wraps)] // one signature for all measures
pub fn repeat_purchases(customer: &Summary<'_>) -> Option<f64> {
    Some(customer.active_days().saturating_sub(1).into())
}

/// `frequency`: purchases per `per` days.
///
/// purchases in the observed days × `per` ÷ observed days. Observed are all days of a bounded window; in a lifetime (a
/// window that reaches back to the first day of the calendar) the [`age`](super::recency::age): the days *after* the
/// first purchase. That one starts the clock and is not counted, or every new customer would look like a frequent one.
///
/// - Parameter: `per`, such as `"30 days"`; required, since no time unit goes without saying.
/// - Unit: count per that many days, 0 or more.
/// - Missing: no observed day, that is an empty window, and in a lifetime no purchase or the first one on its last day.
///   A bounded window without purchases gives 0.
/// - Source: the rate x ÷ T of Schmittlein, Morrison & Colombo, *Counting Your Customers* (1987), with purchases for
///   active days.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, customer_value::model::Days, example::ada};
/// let per_73_days = MetricSpec::new("frequency").per(Days::new(73));
/// // Five purchases in five times 73 days.
/// assert_eq!(ada(per_73_days.clone().over("365 days".parse().unwrap())), Some(1.0));
/// // Four after the first, in 356 days.
/// assert_eq!(ada(per_73_days), Some(4.0 * 73.0 / 356.0));
/// ```
#[must_use]
pub fn frequency(customer: &Summary<'_>, per: Days) -> Option<f64> {
    let per = Some(i128::from(per.get())).filter(|per| *per > 0)?;
    let observed = Observed::of(customer)?;
    quotient(
        observed.purchases(customer).saturating_mul(per),
        observed.days(),
    )
}
