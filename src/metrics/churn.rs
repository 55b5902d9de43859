//! Whether a customer has gone quiet, measured by the customer's own rhythm.
//!
//! Sixty days of silence mean little from somebody who buys once a year, and a lot from somebody who buys every week. These
//! measures need no model and no population. The probability of being alive is a model's:
//! [`PurchaseModel::p_alive`](super::lifetime::PurchaseModel::p_alive).

use super::exact::quotient;
use super::gaps::median_gap;
use super::recency::days_since_last;
use crate::model::Day;
use crate::summary::Summary;

/// `churn_factor`: days since the last purchase ÷ the customer's own median gap.
///
/// 1 is on time, 3 is three usual intervals without a purchase.
///
/// - Unit: ratio, 0 or more.
/// - Missing: fewer than two days with a purchase in the window, so that there is no gap yet.
/// - Source: "time since the last activity ÷ the customer's own usual interval", with
///   [`median_gap`] as the usual interval; it is 1 day or more.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("churn_factor")), Some(30.0 / 90.0));
/// ```
#[must_use]
pub fn churn_factor(customer: &Summary<'_>, as_of: Day) -> Option<f64> {
    Some(days_since_last(customer, as_of)? / median_gap(customer)?)
}

/// `gap_percentile`: 100 × the share of the customer's own gaps that are strictly shorter than the time since the last
/// purchase.
///
/// 100 is a silence longer than any the customer has come back from.
///
/// - Unit: percent, 0 to 100.
/// - Missing: fewer than two days with a purchase in the window.
/// - Source: by definition; strictly, as every percentile of this crate.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// // Of 90, 10 and 226 days, one is shorter than 30.
/// assert_eq!(ada(MetricSpec::new("gap_percentile")), Some(100.0 / 3.0));
/// ```
#[must_use]
pub fn gap_percentile(customer: &Summary<'_>, as_of: Day) -> Option<f64> {
    let silence = u32::try_from((as_of - customer.last_purchase()?).get()).ok()?;
    let (mut shorter, mut all) = (0, 0);
    for gap in customer.gaps() {
        shorter += i128::from(gap < silence);
        all += 1;
    }
    quotient(shorter * 100, all)
}

/// `expected_next_purchase`: the last day with a purchase + the customer's own median gap, rounded up to a day.
///
/// It may be past: then the customer is late.
///
/// - Unit: date, in days since 1970-01-01.
/// - Missing: fewer than two days with a purchase in the window, or a day after [`Day::MAX`].
/// - Source: by definition. A model expects a *number* of purchases in a time:
///   [`PurchaseModel::expected_purchases`](super::lifetime::PurchaseModel::expected_purchases).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// let day: customer_value::model::Day = "2025-03-01".parse().unwrap(); // 2024-12-01 and 90 days
/// assert_eq!(ada(MetricSpec::new("expected_next_purchase")), Some(day.epoch_days().into()));
/// ```
#[must_use]
pub fn expected_next_purchase(customer: &Summary<'_>) -> Option<f64> {
    let next = f64::from(customer.last_purchase()?.epoch_days()) + median_gap(customer)?.ceil();
    (next <= f64::from(Day::MAX.epoch_days())).then_some(next)
}
