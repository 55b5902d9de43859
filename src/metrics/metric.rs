//! The one open trait: a named number about one customer.

use std::sync::Arc;

use crate::history::Fact;
use crate::model::{Day, Unit};
use crate::summary::{Summary, Window};
use crate::table::Cell;

/// A named number with a unit about one customer.
///
/// Implement `value` for one customer; bulk comes with it. The value may depend on the summary and on `as_of` only, so that
/// the same customer has the same number in any batch.
///
/// ```
/// use customer_value::metrics::Metric;
/// use customer_value::model::{Day, Unit};
/// use customer_value::summary::Summary;
///
/// /// Purchases per day with a purchase.
/// #[derive(Debug)]
/// struct PurchasesPerVisit;
///
/// impl Metric for PurchasesPerVisit {
///     fn name(&self) -> &str {
///         "purchases_per_visit"
///     }
///     fn unit(&self) -> Unit {
///         Unit::Ratio
///     }
///     fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
///         (customer.active_days() > 0)
///             .then(|| customer.purchases() as f64 / f64::from(customer.active_days()))
///     }
/// }
/// ```
pub trait Metric: std::fmt::Debug + Send + Sync {
    /// The name rules use; lower case, digits and underscores.
    fn name(&self) -> &str;

    /// What the number counts.
    fn unit(&self) -> Unit;

    /// Which days count.
    fn window(&self) -> Window {
        Window::Lifetime
    }

    /// The facts it reads beside purchases and spend, which are always there.
    fn facts(&self) -> Vec<Fact> {
        Vec::new()
    }

    /// The number for one customer. `None` means "not known for this customer", never zero.
    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64>;

    /// The number for many customers. Provided; override for speed only, and test it against `value`.
    fn column(&self, customers: &[Summary<'_>], as_of: Day, out: &mut [Cell]) {
        for (customer, cell) in customers.iter().zip(out) {
            *cell = self
                .value(customer, as_of)
                .map_or(Cell::MISSING, Cell::from_number);
        }
    }
}

/// A shared metric is a metric, so that what is handed out shared can stand in a [`Catalog`](super::Catalog).
impl<M: Metric + ?Sized> Metric for Arc<M> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn unit(&self) -> Unit {
        (**self).unit()
    }

    fn window(&self) -> Window {
        (**self).window()
    }

    fn facts(&self) -> Vec<Fact> {
        (**self).facts()
    }

    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
        (**self).value(customer, as_of)
    }

    fn column(&self, customers: &[Summary<'_>], as_of: Day, out: &mut [Cell]) {
        (**self).column(customers, as_of, out);
    }
}
