//! How customers behave: how active they are, what, when and through which channel they buy, how they answer, how regular and
//! how sensitive to prices they are.
//!
//! A [`Profile`] is of one customer or of all customers of a segment; a [`BehaviourReport`] sets one against another, as a rule
//! that of the whole population. What each figure means is in [`docs::behaviour`](crate::docs::behaviour).
//!
//! ```
//! use customer_value::model::{Currency, Transaction};
//! use customer_value::report::behaviour::{BehaviourOptions, BehaviourReport, Figure, Profile};
//!
//! let year = BehaviourOptions::new("2024-01-01".parse()?, "2025-01-01".parse()?, Currency::EUR)?;
//! let (mut ada, mut all) = (Profile::new(year), Profile::new(year));
//! for (customer, day, amount) in [
//!     (1, "2024-02-01", "30.00 EUR"),
//!     (1, "2024-05-01", "10.00 EUR"),
//!     (1, "2024-09-01", "20.00 EUR"),
//!     (2, "2024-03-01", "60.00 EUR"),
//! ] {
//!     let sale = Transaction::purchase(customer, day.parse()?, amount.parse()?)?;
//!     all.add_purchase(&sale)?;
//!     if customer == 1 {
//!         ada.add_purchase(&sale)?;
//!     }
//! }
//! let report = BehaviourReport::new("Ada", &ada, &all, 5)?;
//! // Three purchases, where the average is two.
//! assert_eq!(report.figure(Figure::Purchases).index(), Some(150.0));
//! # Ok::<(), customer_value::Error>(())
//! ```

mod figure;
mod log;
mod options;
mod profile;
mod report;
mod rows;
mod sheet;
mod times;
mod uses;

pub use figure::Figure;
pub use options::BehaviourOptions;
pub use profile::Profile;
pub use report::{BehaviourReport, ChannelRow, Compared, UsualTimes};
pub use times::{Times, Usual};
pub use uses::{CategoryUse, ChannelUse, Latency, Usage};

use crate::metrics::exact;

/// A part of a whole, 0 to 1; `None` of nothing.
fn share(part: impl Into<i128>, whole: impl Into<i128>) -> Option<f64> {
    exact::share(part.into(), whole.into())
}
