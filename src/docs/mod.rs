//! Longer texts: how the crate is built, its words, its units, the policy file, a page that defines each thing that is computed
//! or decided, and its limits.

#[doc = include_str!("design.md")]
pub mod design {}

#[doc = include_str!("glossary.md")]
pub mod glossary {}

#[doc = include_str!("units.md")]
pub mod units {}

#[doc = include_str!("policy_file.md")]
pub mod policy_file {}

#[doc = include_str!("movement.md")]
pub mod movement {}

#[doc = include_str!("lifecycle.md")]
pub mod lifecycle {}

#[doc = include_str!("churn.md")]
pub mod churn {}

#[doc = include_str!("exit.md")]
pub mod exit {}

#[doc = include_str!("cost.md")]
pub mod cost {}

#[doc = include_str!("segments.md")]
pub mod segments {}

#[doc = include_str!("service.md")]
pub mod service {}

#[doc = include_str!("budget.md")]
pub mod budget {}

#[doc = include_str!("allocation.md")]
pub mod allocation {}

#[doc = include_str!("surveys.md")]
pub mod surveys {}

#[doc = include_str!("behaviour.md")]
pub mod behaviour {}

#[doc = include_str!("effect.md")]
pub mod effect {}

#[doc = include_str!("reports.md")]
pub mod reports {}

#[doc = include_str!("limits.md")]
pub mod limits {}
