//! Named numbers about one customer, each with its unit.

mod metric;
mod referral;

pub use metric::Metric;
