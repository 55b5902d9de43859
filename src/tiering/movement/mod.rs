//! Movement between tiers: terms, keep conditions, grace, overrides; see [`docs::movement`](crate::docs::movement).
//!
//! A tier record is changed by [`Change`]s and by nothing else: the machine decides which, and [`TierRecord`] applies them, in
//! a review as in a replay.

mod change;
mod due;
mod event;
mod log;
mod machine;
mod moves;
mod overrides;
mod record;
mod spec;
mod tell;
mod term;

pub use change::{Change, Move};
pub(crate) use due::Calendar;
pub use event::{PolicyRef, TierEvent};
pub(crate) use log::{Basis, Close, Decided, Noted, People};
pub use machine::Movement;
pub use overrides::{Extension, MAX_OVERRIDES, Override, OverrideKind};
pub use record::{Anchored, Counting, Grace, Grant, Recount, Tenure, Term, TierRecord, Upcoming};
pub use spec::{
    Afterwards, Anchor, Carry, Downgrade, GraceSpec, MovementSpec, PolicyChange, QualifyingSpec,
    Refunds, Renewal, ReviewTiming, TakeOver, TermSpec, UpgradeTiming,
};
pub use term::{Anniversary, MonthDay};
