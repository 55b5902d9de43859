//! Longer texts: how the crate is built, its words, its units, the policy file, movement between tiers, and its limits.

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

#[doc = include_str!("limits.md")]
pub mod limits {}
