//! The records a service has about its customers, and the typed values in them.
//!
//! Every constructor checks, so a value that exists is a value that makes sense.

mod day;
mod id;
mod unit;

pub use day::{Day, Days};
pub use id::CustomerId;
pub use unit::Unit;
