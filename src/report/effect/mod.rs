//! Whether it worked: the effect of an action, with its interval.
//!
//! [The page on effects](crate::docs::effect) has the definitions. [`Groups`] adds up the values of the treated and of the
//! control and compares them; [`Rate`] compares two shares; [`MeansPlan`] and [`RatesPlan`] say how many customers it takes;
//! [`assign`] lets chance decide who is treated. [`EffectSpec`] is the section
//! `[effect]` of a policy, and [`EffectReport`] what comes of it.

mod assign;
mod bound;
mod confidence;
mod difference;
mod groups;
mod plan;
mod quantile;
mod rates;
mod report;
mod spec;
mod wide;

pub use assign::assign;
pub use bound::{BoundEffect, EffectWindows, Evaluation};
pub use confidence::Confidence;
pub use difference::{BeforeAfter, Cuped, Difference, EffectTerms};
pub use groups::{Arm, Groups, Scale};
pub use plan::{MeansPlan, RatesPlan};
pub use rates::{Rate, Uplift};
pub use report::{DimensionEffect, EffectReport, NetEffect, PlanOutcome};
pub use spec::{Dimension, DimensionSpec, EffectMethod, EffectSpec, GroupSpec};
