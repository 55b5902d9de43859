//! The kinds of events of movement, to be counted.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tiering::Change;

/// What kind of change an event is: a [`Change`] without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// [`Change::Assigned`].
    Assigned,
    /// [`Change::Upgraded`].
    Upgraded,
    /// [`Change::Scheduled`].
    Scheduled,
    /// [`Change::Cancelled`].
    Cancelled,
    /// [`Change::Renewed`].
    Renewed,
    /// [`Change::GraceStarted`].
    GraceStarted,
    /// [`Change::Requalified`].
    Requalified,
    /// [`Change::Downgraded`].
    Downgraded,
    /// [`Change::Revoked`].
    Revoked,
    /// [`Change::Recounted`].
    Recounted,
    /// [`Change::WillDowngrade`].
    WillDowngrade,
    /// [`Change::OverrideStarted`].
    OverrideStarted,
    /// [`Change::OverrideEnded`].
    OverrideEnded,
    /// [`Change::Extended`].
    Extended,
    /// [`Change::Replaced`].
    Replaced,
    /// [`Change::PolicyChanged`].
    PolicyChanged,
    /// [`Change::Reviewed`].
    Reviewed,
}

impl EventKind {
    /// The kind of a change.
    #[must_use]
    pub fn of<T>(change: &Change<T>) -> Self {
        match change {
            Change::Assigned(_) => Self::Assigned,
            Change::Upgraded(_) => Self::Upgraded,
            Change::Scheduled(_) => Self::Scheduled,
            Change::Cancelled => Self::Cancelled,
            Change::Renewed { .. } => Self::Renewed,
            Change::GraceStarted(_) => Self::GraceStarted,
            Change::Requalified { .. } => Self::Requalified,
            Change::Downgraded(_) => Self::Downgraded,
            Change::Revoked(_) => Self::Revoked,
            Change::Recounted(_) => Self::Recounted,
            Change::WillDowngrade { .. } => Self::WillDowngrade,
            Change::OverrideStarted { .. } => Self::OverrideStarted,
            Change::OverrideEnded { .. } => Self::OverrideEnded,
            Change::Extended { .. } => Self::Extended,
            Change::Replaced { .. } => Self::Replaced,
            Change::PolicyChanged => Self::PolicyChanged,
            Change::Reviewed => Self::Reviewed,
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assigned => "assigned",
            Self::Upgraded => "upgraded",
            Self::Scheduled => "upgrade scheduled",
            Self::Cancelled => "upgrade cancelled",
            Self::Renewed => "renewed",
            Self::GraceStarted => "grace started",
            Self::Requalified => "requalified",
            Self::Downgraded => "downgraded",
            Self::Revoked => "revoked",
            Self::Recounted => "recounted",
            Self::WillDowngrade => "notice",
            Self::OverrideStarted => "override started",
            Self::OverrideEnded => "override ended",
            Self::Extended => "extended",
            Self::Replaced => "replaced",
            Self::PolicyChanged => "policy changed",
            Self::Reviewed => "reviewed",
        })
    }
}
