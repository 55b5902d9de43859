//! A second implementation of `src/docs/movement.md`: slow, plain, and written from that page alone.
//!
//! It walks every day, adds up every window anew, and shares no code with the crate. Where the crate looks only at the days on
//! which something can change, this looks at all of them.

#![allow(dead_code, unused_imports)] // Each test file uses its part of it.

mod calendar;
pub mod cases;
mod customer;
mod measure;
mod policy;
mod walk;

pub use calendar::{Date, day, plus};
pub use customer::{Award, Customer, Extension, Override, OverrideKind, Purchase, Refund};
pub use policy::Policy;
pub use walk::{Event, Outcome, State, review, run};
