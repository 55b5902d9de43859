//! Tiers on a ladder: which one a customer qualifies for, why, and what is missing for the next.
//!
//! A [`LadderSpec`] lists tiers from best to base, each with its entry condition in the [rule language](crate::rules);
//! the base has none and is always held. Binding it to the columns of a table gives a [`Ladder`]. The tier of a customer
//! is the highest whose whole entry condition is true; a condition that is *unknown* is not true, and the
//! [`Decision`] says which higher tier could not be judged. Tiers are data: names, number and criteria are the policy's
//! own, and [`presets`] has the usual ladders to start from.
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::model::Unit;
//! use customer_value::rules::column;
//! use customer_value::table::{Field, Schema, Table};
//! use customer_value::tiering::{LadderSpec, TierSpec};
//!
//! let spec = LadderSpec::new([
//!     TierSpec::new("A").when(column("spend").ge(500.0).and(column("days_since_last").le(90.0))),
//!     TierSpec::new("B").when(column("spend").ge(100.0)),
//!     TierSpec::new("C"),
//! ]);
//!
//! let mut schema = Schema::new();
//! let spend = schema.add(Field::number("spend", Unit::Money))?;
//! let last = schema.add(Field::number("days_since_last", Unit::Days))?;
//! let mut problems = Diagnostics::new();
//! let ladder = spec.bind(&schema, &mut problems).ok_or(problems)?;
//!
//! let mut table = Table::new(schema, 1);
//! table.column_mut(spend).set(0, Some(312.5));
//! table.column_mut(last).set(0, Some(12.0));
//! let decision = ladder.decide(table.row(0));
//! assert_eq!(ladder.name(decision.tier), "B");
//!
//! let explanation = ladder.explain(table.row(0));
//! assert_eq!(explanation.reason(), "B: spend 312.50 >= 100");
//! let next = explanation.next.unwrap();
//! assert_eq!((next.tier.as_str(), next.missing[0].distance), ("A", Some(187.5)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod explain;
mod ladder;
mod movement;
pub mod presets;
mod spec;

pub(crate) use explain::Holding;
pub use explain::{Explanation, KeepExplanation, NextTier, TierExplanation};
pub use ladder::{Decision, Ladder, Reason, TierId};
pub use movement::{
    Afterwards, Anchor, Anchored, Anniversary, Carry, Change, Counting, Downgrade, Extension,
    Grace, GraceSpec, Grant, MAX_OVERRIDES, MonthDay, Move, Movement, MovementSpec, Override,
    OverrideKind, PolicyChange, PolicyRef, QualifyingSpec, Recount, Refunds, Renewal, ReviewTiming,
    TakeOver, Tenure, Term, TermSpec, TierEvent, TierRecord, Upcoming, UpgradeTiming,
};
pub(crate) use movement::{Basis, Calendar, Close, Decided, Noted, People};
pub use spec::{LadderSpec, QUALIFYING, TierSpec};
