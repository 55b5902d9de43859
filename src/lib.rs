//! What each customer is worth, which tier and lifecycle stage they are in, and why.
// Library code proves its indices and its arithmetic or returns a value: an exception says why. Tests may unwrap.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod diagnostic;
pub mod engine;
pub mod error;
pub mod history;
pub mod interop;
pub mod ledger;
pub mod lifecycle;
pub mod metrics;
pub mod model;
mod parallel;
pub mod report;
pub mod rules;
pub mod scoring;
pub mod summary;
pub mod table;
pub mod tiering;

pub use error::Error;
