//! When a customer bought: first, last, n-th, and how long ago.
//!
//! "Recency" has two meanings in the trade, so it is the name of neither: [`days_since_last`] is that of RFM,
//! [`active_span`] that of the lifetime models. Days are counted as differences, from one day to the other.

use crate::model::{Day, Days};
use crate::summary::Summary;

fn length(days: Days) -> Option<f64> {
    // Negative only where the summary is of a later day than `as_of`.
    u32::try_from(days.get()).ok().map(f64::from)
}

fn date(day: Day) -> f64 {
    f64::from(day.epoch_days())
}

/// `days_since_last`: `as_of` − last day with a purchase.
///
/// - Unit: days, 0 or more.
/// - Missing: no purchase in the window.
/// - Source: the recency of RFM (Hughes, *Strategic Database Marketing*, 1994).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("days_since_last")), Some(30.0));
/// ```
#[doc(alias = "recency")]
#[must_use]
pub fn days_since_last(customer: &Summary<'_>, as_of: Day) -> Option<f64> {
    length(as_of - customer.last_purchase()?)
}

/// `active_span`: last − first day with a purchase, the t_x of the lifetime models.
///
/// - Unit: days, 0 or more; 0 after purchases on one day only.
/// - Missing: no purchase in the window.
/// - Source: Fader, Hardie & Lee, *"Counting Your Customers" the Easy Way* (2005), where it is called recency.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("active_span")), Some(326.0));
/// ```
#[doc(alias = "recency")]
#[must_use]
pub fn active_span(customer: &Summary<'_>) -> Option<f64> {
    length(customer.last_purchase()? - customer.first_purchase()?)
}

/// `age`: `as_of` − first day with a purchase, the T of the lifetime models.
///
/// - Unit: days, 0 or more. A first purchase on 1997-01-01 is 272 days (38.857 weeks) old on 1997-09-30.
/// - Missing: no purchase in the window. Over a bounded window it is the time since the first purchase *within* it.
/// - Source: Fader, Hardie & Lee (2005).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("age")), Some(356.0));
/// ```
#[must_use]
pub fn age(customer: &Summary<'_>, as_of: Day) -> Option<f64> {
    length(as_of - customer.first_purchase()?)
}

/// `first_purchase`: the first day with a purchase.
///
/// - Unit: date, in days since 1970-01-01; rules write it as `2024-01-10`.
/// - Missing: no purchase in the window.
/// - Source: by definition. A purchase that was refunded in full counts as never made.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// let day: customer_value::model::Day = "2024-01-10".parse().unwrap();
/// assert_eq!(ada(MetricSpec::new("first_purchase")), Some(day.epoch_days().into()));
/// ```
#[must_use]
pub fn first_purchase(customer: &Summary<'_>) -> Option<f64> {
    customer.first_purchase().map(date)
}

/// `last_purchase`: the last day with a purchase.
///
/// - Unit: date, in days since 1970-01-01.
/// - Missing: no purchase in the window.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// let day: customer_value::model::Day = "2024-12-01".parse().unwrap();
/// assert_eq!(ada(MetricSpec::new("last_purchase")), Some(day.epoch_days().into()));
/// ```
#[must_use]
pub fn last_purchase(customer: &Summary<'_>) -> Option<f64> {
    customer.last_purchase().map(date)
}

/// `second_purchase`: the second day with a purchase, when a customer came back for the first time.
///
/// - Unit: date, in days since 1970-01-01.
/// - Missing: fewer than two days with a purchase in the window.
/// - Source: by definition; [`nth_purchase`] with `nth = 2`.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// let day: customer_value::model::Day = "2024-04-09".parse().unwrap();
/// assert_eq!(ada(MetricSpec::new("second_purchase")), Some(day.epoch_days().into()));
/// ```
#[must_use]
pub fn second_purchase(customer: &Summary<'_>) -> Option<f64> {
    nth_purchase(customer, 2)
}

/// `nth_purchase`: the n-th day with a purchase, the first being 1.
///
/// Several purchases on one day are one visit, so that a basket which the till splits in three makes nobody loyal.
///
/// - Parameter: `nth`, 1 or more; required.
/// - Unit: date, in days since 1970-01-01.
/// - Missing: fewer than `nth` days with a purchase in the window.
/// - Source: by definition. `name = "loyal_since", measure = "nth_purchase", nth = 4` is how a policy says since when
///   somebody is loyal.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// let day: customer_value::model::Day = "2024-12-01".parse().unwrap();
/// assert_eq!(ada(MetricSpec::new("nth_purchase").nth(4)), Some(day.epoch_days().into()));
/// // Two purchases on the fourth day are no fifth.
/// assert_eq!(ada(MetricSpec::new("nth_purchase").nth(5)), None);
/// ```
#[must_use]
pub fn nth_purchase(customer: &Summary<'_>, nth: u32) -> Option<f64> {
    let before = usize::try_from(nth).ok()?.checked_sub(1)?;
    customer
        .purchase_days()
        .nth(before)
        .map(|(day, _)| date(day))
}
