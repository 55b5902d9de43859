//! The records a service has about its customers, and the typed values in them.
//!
//! Every constructor checks, so a value that exists is a value that makes sense.

mod currency;
mod day;
mod id;
mod money;
mod text;
mod transaction;
mod unit;

pub use currency::Currency;
pub use day::{Day, Days};
pub use id::CustomerId;
pub use money::{Money, parse_amount, to_major};
pub use transaction::{Transaction, TransactionKind};
pub use unit::Unit;
