//! What serving a customer costs by the time it takes, and what is left as profit.
//!
//! Time-driven activity-based costing: the section `[cost_to_serve]` of a policy ([`CostToServeSpec`]) makes the columns
//! `cost_to_serve` and `profit`. [The page on cost](crate::docs::cost) defines them;
//! [`CapacityReport`](crate::report::CapacityReport) says how much of the capacity was used.

mod bound;
mod category;
mod spec;
mod waste;

pub use bound::{Activity, COST_TO_SERVE, CostToServe, PROFIT, Resource};
pub(crate) use category::slip;
pub use spec::{ActivitySpec, CostToServeSpec, ResourceSpec};
pub use waste::{EntitlementSpec, WasteRules, WasteSpec};
