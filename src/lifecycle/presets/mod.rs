//! Lifecycles to take as they are or to change: plain [`LifecycleSpec`](super::LifecycleSpec) data.
//!
//! | Preset | Stages | It reads |
//! |---|---|---|
//! | [`four_stages`] | prospect, first purchase, loyal, churned | purchases |
//! | [`standard`] | prospect, first purchase, repeat, loyal, at risk, churned, won back | purchases |
//! | [`subscription`] | trial, active, past due, cancelled, reactivated | attributes that the host keeps |
//! | [`b2b`] | lead, qualified, opportunity, customer, advocate, lost | attributes that the host keeps, and purchases |
//! | [`ownership`] | pool, protected, owned, warned, locked, closed | attributes that the host keeps |
//!
//! Each has a policy file that says the same, with comments, under `examples/policies/`.

mod business;
mod ownership;
mod shop;

pub use business::{b2b, subscription};
pub use ownership::{OwnershipDays, ownership, ownership_with};
pub use shop::{Thresholds, four_stages, standard, standard_with};
