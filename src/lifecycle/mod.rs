//! Stages of a customer's life as data: where a customer is, since when, why, and the highest point they reached.
//!
//! A [`LifecycleSpec`] names the stages and lists the transitions between them. A transition fires if its guard in the
//! [rule language](crate::rules) is *true*, if it is true what it takes to leave the one stage and to enter the other, and if
//! enough days have passed in the stage, or since a date. Bound to the columns of a table it is a [`Lifecycle`], which
//! steps: from the current stage (or the start) the transition of the highest priority that fires is taken, and again from
//! there, as often as a review may move. The page [`docs::lifecycle`](crate::docs::lifecycle) says exactly what that means.
//!
//! Stages go back as well as forward: what a stage asks for is what its transitions say, and the high-water mark is kept
//! beside it. What is not known moves nobody. Reviewing twice on one day is the same as reviewing once.
//!
//! A move says which named actions the host is to carry out; [`Lifecycle::to_mermaid`] and [`Lifecycle::to_dot`] draw the
//! machine.
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::lifecycle::{LifecycleSpec, StageSpec, TransitionSpec};
//! use customer_value::model::{Day, Unit};
//! use customer_value::rules::column;
//! use customer_value::table::{Field, Schema, Table};
//!
//! let spec = LifecycleSpec::new(
//!     "active",
//!     [StageSpec::new("active"), StageSpec::new("gone").on_enter(["offer_to_come_back"])],
//!     [
//!         TransitionSpec::new(["active"], "gone", column("days_since_last").ge(240))
//!             .since("last_purchase + 240 days")
//!             .why("no purchase for 240 days"),
//!         TransitionSpec::new(["gone"], "active", column("days_since_last").lt(240)).since("last_purchase"),
//!     ],
//! );
//!
//! let mut schema = Schema::new();
//! let days = schema.add(Field::number("days_since_last", Unit::Days))?;
//! let last = schema.add(Field::number("last_purchase", Unit::Date))?;
//! let mut problems = Diagnostics::new();
//! let lifecycle = spec.bind(&schema, &mut problems).ok_or(problems)?;
//!
//! let (bought, today): (Day, Day) = ("2024-01-01".parse()?, "2024-12-01".parse()?);
//! let mut table = Table::new(schema, 1);
//! table.column_mut(last).set(0, Some(f64::from(bought.epoch_days())));
//! table.column_mut(days).set(0, Some(f64::from((today - bought).get())));
//!
//! let step = lifecycle.step(table.row(0), today, None);
//! let record = lifecycle.record(&step, None);
//! assert_eq!(record.stage, "gone");
//! assert_eq!(record.since, "2024-08-28".parse()?);
//! assert_eq!(record.why, "no purchase for 240 days");
//! assert_eq!(lifecycle.taken(table.row(0), today, None)[0].actions, ["offer_to_come_back"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bind;
pub mod churn;
mod diagram;
pub mod exit;
mod explain;
mod machine;
pub mod ownership;
pub(crate) mod parts;
mod position;
pub mod presets;
mod since;
mod spec;
pub mod win_back;

pub use explain::{StageExplanation, Taken};
pub use machine::Lifecycle;
pub use position::{Moved, Position, StageId, StageRecord, Step, TransitionId};
pub use spec::{LifecycleSpec, Origin, QuietSpec, StageSpec, TransitionSpec};
