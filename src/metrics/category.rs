//! What a customer spends on one product category.

use super::exact::share;
use crate::history::{Fact, Measure};
use crate::summary::Summary;

/// What the other functions read: the spend of one category.
pub(super) fn fact(category: &str) -> Fact {
    Fact::of_category(Measure::Spend, category)
}

/// `category_spend`: the [`spend`](super::monetary::spend) on one category.
///
/// A refund of a known purchase is of the category of that purchase.
///
/// - Parameter: `category`, as the transactions write it; required.
/// - Unit: money; 0 without a purchase of that category.
/// - Missing: never (of a history that was built without this fact, which no policy does).
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// let books = MetricSpec::new("category_spend").named("spend_on_books").category("books");
/// assert_eq!(ada(books), Some(180.0)); // 80 + 60 − 30 + 70
/// ```
#[must_use]
pub fn category_spend(customer: &Summary<'_>, category: &str) -> Option<f64> {
    customer.amount(&fact(category))
}

/// `category_share`: spend on one category ÷ spend.
///
/// - Parameter: `category`, as the transactions write it; required.
/// - Unit: share; 0 where more of the category was given back than paid, 1 where the rest of the spend is below 0.
/// - Missing: spend is 0 or less.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// let books = MetricSpec::new("category_share").category("books");
/// assert_eq!(ada(books), Some(180.0 / 270.0));
/// ```
#[must_use]
pub fn category_share(customer: &Summary<'_>, category: &str) -> Option<f64> {
    share_of(customer, &fact(category))
}

pub(super) fn share_of(customer: &Summary<'_>, fact: &Fact) -> Option<f64> {
    share(customer.total(fact)?, customer.spend_minor())
}
