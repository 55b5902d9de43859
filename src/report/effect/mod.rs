//! Whether it worked: the effect of an action, with its interval.
//!
//! [The page on effects](crate::docs::effect) has the definitions. [`Groups`] adds up the values of the treated and of the
//! control and compares them; [`Rate`] compares two shares; [`MeansPlan`] and [`RatesPlan`] say how many customers it takes;
//! [`assign`] lets chance decide who is treated.

mod assign;
mod confidence;
mod difference;
mod groups;
mod plan;
mod quantile;
mod rates;
mod wide;

pub use assign::assign;
pub use confidence::Confidence;
pub use difference::{BeforeAfter, Cuped, Difference, EffectTerms};
pub use groups::{Arm, Groups, Scale};
pub use plan::{MeansPlan, RatesPlan};
pub use rates::{Rate, Uplift};
