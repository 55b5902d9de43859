//! Stages of a customer's life as data: where a customer is, since when, why, and the highest point they reached.
//!
//! A [`LifecycleSpec`] names the stages and lists the transitions in order of priority; each has a guard in the
//! [rule language](crate::rules). Bound to the columns of a table it is a [`Lifecycle`], which steps: from the current
//! stage (or the start) the first transition whose guard is *true* is taken, and again from there, until none is or a
//! stage would be entered a second time in the same review. A review that ends in the stage it began in changes nothing,
//! so reviewing twice on one day is the same as reviewing once.
//!
//! Stages go back as well as forward: what a stage asks for is what its transitions say, and the high-water mark is kept
//! beside it. What is not known moves nobody.
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::lifecycle::{LifecycleSpec, StageSpec, TransitionSpec};
//! use customer_value::model::{Day, Unit};
//! use customer_value::rules::column;
//! use customer_value::table::{Field, Schema, Table};
//!
//! let spec = LifecycleSpec {
//!     start: "active".into(),
//!     stages: vec![StageSpec::new("active"), StageSpec::new("gone")],
//!     transitions: vec![
//!         TransitionSpec::new(["active"], "gone", column("days_since_last").ge(240))
//!             .since("last_purchase + 240 days")
//!             .why("no purchase for 240 days"),
//!         TransitionSpec::new(["gone"], "active", column("days_since_last").lt(240)).since("last_purchase"),
//!     ],
//! };
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
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bind;
mod explain;
mod machine;
pub mod ownership;
pub mod presets;
mod spec;

pub use explain::{StageExplanation, Taken};
pub use machine::{Lifecycle, Position, StageId, StageRecord, Step, TransitionId};
pub use spec::{LifecycleSpec, Origin, StageSpec, TransitionSpec};
