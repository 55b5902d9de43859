//! Letting go, fairly: a ladder of steps for customers who are not worth their cost and will not be, never a delete.
//!
//! An [`ExitSpec`] says who is below the line, for how long and after how many attempts, which steps there are, how long the
//! notice of each is, and which gates keep a customer; [`docs::exit`](crate::docs::exit) defines each part. Bound to the
//! columns of a table it is an [`ExitLadder`], which reviews: from an [`ExitPosition`] (or none) to an [`ExitOutcome`], for
//! one row or for many. What is remembered between reviews is an [`ExitRecord`]; every change of it is an [`ExitEvent`].
//!
//! A gate that is not known to be open keeps the customer, a line that is not known to be crossed moves nobody, and who is
//! above the line again is off the ladder at once.
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::lifecycle::exit::{ExitRecord, ExitSpec};
//! use customer_value::model::{Day, Unit};
//! use customer_value::rules::language::English;
//! use customer_value::table::{Field, Schema, Table};
//!
//! let spec: ExitSpec = toml::from_str(r#"
//!     below = "spend < 20"
//!     interval = "60 days"
//!     notice = "30 days"
//!     steps = [{ name = "renegotiate" }, { name = "end", ends_service = true }]
//!     gates = [{ name = "legal hold", closed = "legal_hold" }]
//! "#)?;
//! let mut schema = Schema::new();
//! let spend = schema.add(Field::number("spend", Unit::Money))?;
//! let hold = schema.add(Field::number("legal_hold", Unit::Flag))?;
//! let mut problems = Diagnostics::new();
//! let ladder = spec.bind(&schema, &mut problems).ok_or_else(|| problems.clone())?;
//! assert!(problems.is_empty());
//!
//! let mut table = Table::new(schema, 1);
//! table.column_mut(spend).set(0, Some(5.0));
//! table.column_mut(hold).set(0, Some(0.0));
//!
//! let mut record: Option<ExitRecord> = None;
//! for day in ["2024-01-01", "2024-01-31", "2024-03-05", "2024-04-04"] {
//!     let day: Day = day.parse()?;
//!     let current = record.as_ref().map(|record| ladder.locate(record));
//!     let outcome = ladder.step(table.row(0), day, current, |_| 0);
//!     record = ladder.record(record, &outcome, day);
//! }
//! // Notice of the first step 30 days after 1 January; taken late, on 5 March; notice of the second 30 days after that.
//! let record = record.unwrap();
//! assert_eq!(record.step.as_ref().unwrap().since, "2024-03-05".parse()?);
//! assert_eq!(record.notice.as_ref().unwrap().takes_effect, "2024-05-04".parse()?);
//!
//! // Somebody goes to court, or it is not known any more whether they did.
//! table.column_mut(hold).set(0, None);
//! let explained = ladder.explain(table.row(0), "2024-05-04".parse()?, Some(ladder.locate(&record)), |_| 0);
//! assert_eq!(explained.text(&English), "\
//! exit  renegotiate since 2024-03-05, below the line since 2024-01-01 (exit.below: spend < 20)
//!       spend 5.00 < 20 is true
//!       end is next, on 2024-06-03 at the earliest
//!         held by legal hold, as it is not known to be open (exit.gates[0].closed: legal_hold)
//!           legal_hold (missing) is unknown
//! ");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bind;
mod explain;
mod ladder;
pub mod presets;
mod record;
mod review;
mod saving;
mod spec;
mod tell;

pub use explain::{AttemptsMade, ExitExplanation, NextStep};
pub use ladder::{ExitLadder, GateSet, StepId};
pub use record::{ExitChange, ExitEvent, ExitRecord, GateFound, Notice, OnStep};
pub use review::{ExitMove, ExitOutcome, ExitPosition, Noticed};
pub use spec::{ExitSpec, GateSpec, StepSpec};
