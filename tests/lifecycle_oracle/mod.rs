//! A second implementation of `src/docs/lifecycle.md`, `src/docs/churn.md` (levels and evidence) and `src/docs/exit.md`: slow,
//! plain, and written from those pages alone.
//!
//! Every number is measured anew from the purchases, every rule is read and judged by code of its own, and nothing of the
//! crate is used. Only `adapter` knows the engine, and only to drive it beside this.

#![allow(dead_code, unused_imports)] // Each test file uses its part of it.

pub mod adapter;
#[path = "../movement_oracle/calendar.rs"]
mod calendar;
pub mod cases;
pub mod cdnow;
mod churn;
mod customer;
mod exit;
mod measure;
mod policy;
mod rule;
mod stage;
pub mod subscription;

pub use calendar::{Date, between, day, plus};
pub use churn::{Evidence, Verdict, churn, evidence, population_gaps};
pub use customer::{Answer, Customer, Purchase, Value};
pub use exit::{ExitOutcome, ExitState, OnStep, Report, exit_report, exits, review_exit};
pub use measure::Measured;
pub use policy::Policy;
pub use rule::Rule;
pub use stage::{Move, StageOutcome, StageState, review_stage, stages};
