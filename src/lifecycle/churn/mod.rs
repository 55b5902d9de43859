//! Who is leaving, and how one can tell.
//!
//! [`docs::churn`](crate::docs::churn) defines all of it. A [`ChurnSpec`] lists methods in the order in which they are tried,
//! each with a number about the customer and thresholds; bound to the columns of a table it is a [`Churn`], which gives every
//! customer a [`ChurnLevel`]. [`Churn::verdict`] tells what a level rests on, [`Churn::evidence`] what dropped.
//! [`LossReasons`] counts what those who left said.
//!
//! Too little data is an answer of its own, and nothing here looks past the day of the review.

mod bind;
mod evidence;
mod gaps;
mod level;
mod method;
mod reasons;
mod spec;
mod verdict;

pub use evidence::{Evidence, Signal};
pub use gaps::GapDistribution;
pub use level::{CHURN, ChurnLevel};
pub use method::Churn;
pub use reasons::{LossReasons, Lost};
pub use spec::{ChurnMeasure, ChurnMethodSpec, ChurnSpec};
pub use verdict::{Answer, Insufficient, PassedOver, Threshold, Verdict};
