//! What a customer pays, leaves as margin, gives back, and saves by discounts.
//!
//! All amounts are in the reporting currency. Totals are exact; the one division comes last.

use super::exact::{money_over, quotient, share};
use crate::history::{Fact, Measure};
use crate::summary::Summary;

pub(super) static COST: Fact = Fact::new(Measure::Cost);
static DISCOUNT: Fact = Fact::new(Measure::Discount);
static GROSS: Fact = Fact::new(Measure::Gross);
static REFUNDS: Fact = Fact::new(Measure::Refunds);

/// `spend`: purchases less refunds, plus adjustments.
///
/// - Unit: money; 0 without records, below 0 where more was given back than paid within the window.
/// - Missing: never.
/// - Source: the monetary value of RFM (Hughes, *Strategic Database Marketing*, 1994), net of refunds.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("spend")), Some(270.0));
/// ```
#[must_use]
#[allow(clippy::unnecessary_wraps)] // one signature for all measures
pub fn spend(customer: &Summary<'_>) -> Option<f64> {
    Some(customer.spend())
}

/// `average_order_value`: spend ÷ purchases.
///
/// - Unit: money.
/// - Missing: no purchase in the window.
/// - Source: Farris, Bendle, Pfeifer & Reibstein, *Marketing Metrics* (2010), net of refunds here.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("average_order_value")), Some(54.0));
/// ```
#[must_use]
pub fn average_order_value(customer: &Summary<'_>) -> Option<f64> {
    money_over(
        customer,
        customer.spend_minor(),
        i128::from(customer.purchases()),
    )
}

/// The margin in minor units.
pub(super) fn margin_minor(customer: &Summary<'_>) -> Option<i128> {
    let (spend, cost) = (customer.spend_minor(), customer.total(&COST)?);
    // Records without a cost add nothing to it. Where none has one, the whole spend is no margin.
    (cost != 0 || spend == 0).then(|| spend.saturating_sub(cost))
}

/// `margin`: spend − cost of goods.
///
/// - Unit: money; below 0 where goods were sold below cost.
/// - Missing: there was spend, and no cost of goods is known of it. Where the cost is known of some purchases only,
///   the others count as costing nothing: state all of them. 0 without records.
/// - Source: gross margin by customer; Farris, Bendle, Pfeifer & Reibstein, *Marketing Metrics* (2010). The cost to
///   serve is not in it.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("margin")), Some(108.0)); // 270 − 162
/// ```
#[must_use]
pub fn margin(customer: &Summary<'_>) -> Option<f64> {
    money_over(customer, margin_minor(customer)?, 1)
}

/// `margin_share`: margin ÷ spend.
///
/// - Unit: ratio; 1 at most unless refunds recovered more cost than there was, below 0 where goods were sold below
///   cost.
/// - Missing: spend is 0 or less, or the [`margin`] is missing.
/// - Source: as [`margin`].
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("margin_share")), Some(0.4)); // 108 ÷ 270
/// ```
#[must_use]
pub fn margin_share(customer: &Summary<'_>) -> Option<f64> {
    let margin = margin_minor(customer)?;
    let spend = customer.spend_minor();
    (spend > 0).then(|| quotient(margin, spend)).flatten()
}

/// `refund_share`: refunds ÷ purchases before refunds, both as amounts.
///
/// A refund counts on the day of the purchase it gives back, where that is known.
///
/// - Unit: share; 1 where refunds without a known purchase exceed what was bought.
/// - Missing: nothing was bought in the window, or only for nothing.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("refund_share")), Some(0.1)); // 30 ÷ 300
/// ```
#[must_use]
pub fn refund_share(customer: &Summary<'_>) -> Option<f64> {
    share(customer.total(&REFUNDS)?, customer.total(&GROSS)?)
}

/// `discount_share`: discounts ÷ (purchases before refunds + discounts), the part of the list price that was given away.
///
/// High values tell who buys for the price.
///
/// - Unit: share. A purchase that states no discount counts as sold at its full price; one that was refunded in full
///   keeps its amount in the divisor, without its discount.
/// - Missing: nothing was bought in the window, or only for nothing without a discount.
/// - Source: by definition; the amount of a transaction is what was paid after the discount.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("discount_share")), Some(0.25)); // 100 ÷ (300 + 100)
/// ```
#[must_use]
pub fn discount_share(customer: &Summary<'_>) -> Option<f64> {
    let discount = customer.total(&DISCOUNT)?;
    share(discount, customer.total(&GROSS)?.saturating_add(discount))
}

/// `price_index`: paid ÷ list price, spend ÷ (spend + discounts).
///
/// 1 is who always pays the full price, 0.8 who pays four fifths of it. Net of refunds, where
/// [`discount_share`] is of what was bought before them.
///
/// - Unit: share. A purchase that states no discount counts as sold at its full price.
/// - Missing: spend and discounts together are 0 or less.
/// - Source: the price paid relative to the regular price, by customer; Farris, Bendle, Pfeifer & Reibstein, *Marketing
///   Metrics* (2010). The list price is the amount paid plus the discount that was given on it.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("price_index")), Some(270.0 / 370.0)); // 270 ÷ (270 + 100)
/// ```
#[must_use]
pub fn price_index(customer: &Summary<'_>) -> Option<f64> {
    let spend = customer.spend_minor();
    share(spend, spend.saturating_add(customer.total(&DISCOUNT)?))
}

pub(super) const MARGIN_FACTS: &[Measure] = &[Measure::Cost];
pub(super) const REFUND_FACTS: &[Measure] = &[Measure::Gross, Measure::Refunds];
pub(super) const PRICE_FACTS: &[Measure] = &[Measure::Discount];
pub(super) const DISCOUNT_FACTS: &[Measure] = &[Measure::Gross, Measure::Discount];
