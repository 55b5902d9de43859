//! Service plans by tier, stage and segment, and the actions that are due on a day.
//!
//! A [`PlaybookSpec`] is the section `[playbook]` of a policy; bound to the columns of a table and to the [`Names`] of tiers,
//! stages and segments it is a [`Playbook`]. It gives each customer a [`Plan`], never below the floor, and makes a [`DueList`] of
//! [`Subject`]s for a day: what is to be done with whom, why, and what was suppressed and why.
//! [The page on service](crate::docs::service) has the definitions.

mod attained;
mod bind;
mod bind_action;
mod contact;
mod cover;
mod due;
mod lint;
mod outcome;
mod plan;
pub mod presets;
mod record;
mod settle;
mod spec;
mod tell;
mod waiting;

pub use attained::{ActionKept, Answers, Attained, FloorKept, Kept, Occasions};
pub use bind::Names;
pub(in crate::strategy) use contact::is_same;
pub use due::{Subject, Weighed};
pub use outcome::{DueAction, DueList, Suppressed, Suppression, Why};
pub use plan::{Plan, PlanReason, Playbook, Position, Service};
pub use record::PlaybookRecord;
pub use spec::{
    ActionSpec, CapSpec, FloorSpec, Order, PlaySpec, PlaybookSpec, QuietSpec, TriggerSpec,
};
