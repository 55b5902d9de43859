//! Named numbers about one customer, each with its unit.

mod metric;
pub mod referral;

pub use metric::Metric;
