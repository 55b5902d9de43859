//! The changes that a tier record is made of.

use serde::{Deserialize, Serialize};

use super::record::{Counting, Grace, Grant, Recount, Term, Upcoming, none};
use crate::model::{Day, Days};

/// One change of a customer's tier or of how it is held.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Change<T = String> {
    /// The first tier.
    Assigned(Move<T>),
    /// A higher tier.
    Upgraded(Move<T>),
    /// A higher tier that begins later.
    Scheduled(Upcoming<T>),
    /// The higher tier that was to begin later does not: what it was granted for was refunded.
    Cancelled,
    /// The keep condition was met.
    Renewed {
        /// The new term, if there are terms.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        term: Option<Term>,
        /// What the tier is kept for.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        grant: Option<Grant<T>>,
    },
    /// The keep condition was not met, and the tier is kept for a time.
    GraceStarted(Grace),
    /// The keep condition was met again within the grace period.
    Requalified {
        /// The new term, if there are terms.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        term: Option<Term>,
        /// What the tier is kept for.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        grant: Option<Grant<T>>,
        /// The metric is reset or carried at the turn of the day.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        recounts: bool,
    },
    /// A lower tier.
    Downgraded(Move<T>),
    /// The tier was taken back, for what it was granted for was refunded.
    Revoked(Move<T>),
    /// The metric was reset, or a part of it carried over.
    Recounted(Counting),
    /// The tier will be lost at the end of its term if nothing else happens.
    WillDowngrade {
        /// The end of the term.
        at: Day,
        /// The notice: so many days before.
        before: Days,
    },
    /// An override came into force.
    OverrideStarted {
        /// Its position among the standing's overrides.
        id: u32,
    },
    /// An override is no longer in force.
    OverrideEnded {
        /// Its position among the standing's overrides.
        id: u32,
    },
    /// The term was extended.
    Extended {
        /// The position of the extension among the standing's.
        id: u32,
        /// The new end of the term.
        until: Day,
    },
    /// The tier is not in this policy any more; another one takes its place.
    Replaced {
        /// The tier that takes its place.
        tier: T,
    },
    /// The policy of the event took over a tier that another one gave.
    PolicyChanged,
    /// A due review had nothing to change; it is noted because something counts from it.
    Reviewed,
}

/// A tier that begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move<T = String> {
    /// The tier.
    pub tier: T,
    /// Its term, if it has one.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// What it is granted for.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant<T>>,
    /// The metric is reset or carried at the turn of the day: for this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recounts: Option<Recount>,
}

impl<T> Upcoming<T> {
    fn named<U>(self, name: &impl Fn(T) -> U) -> Upcoming<U> {
        Upcoming {
            tier: name(self.tier),
            from: self.from,
            grant: self.grant.map(|g| g.named(name)),
        }
    }
}

impl<T> Grant<T> {
    fn named<U>(self, name: &impl Fn(T) -> U) -> Grant<U> {
        Grant {
            before: name(self.before),
            from: self.from,
            carry: self.carry,
            need: self.need,
        }
    }
}

impl<T> Move<T> {
    fn named<U>(self, name: &impl Fn(T) -> U) -> Move<U> {
        Move {
            tier: name(self.tier),
            term: self.term,
            grant: self.grant.map(|g| g.named(name)),
            recounts: self.recounts,
        }
    }
}

impl<T> Change<T> {
    pub(crate) fn named<U>(self, name: &impl Fn(T) -> U) -> Change<U> {
        match self {
            Self::Assigned(to) => Change::Assigned(to.named(name)),
            Self::Upgraded(to) => Change::Upgraded(to.named(name)),
            Self::Downgraded(to) => Change::Downgraded(to.named(name)),
            Self::Revoked(to) => Change::Revoked(to.named(name)),
            Self::Scheduled(upcoming) => Change::Scheduled(upcoming.named(name)),
            Self::Cancelled => Change::Cancelled,
            Self::Renewed { term, grant } => Change::Renewed {
                term,
                grant: grant.map(|g| g.named(name)),
            },
            Self::Requalified {
                term,
                grant,
                recounts,
            } => Change::Requalified {
                term,
                grant: grant.map(|g| g.named(name)),
                recounts,
            },
            Self::Replaced { tier } => Change::Replaced { tier: name(tier) },
            Self::GraceStarted(grace) => Change::GraceStarted(grace),
            Self::Recounted(counting) => Change::Recounted(counting),
            Self::WillDowngrade { at, before } => Change::WillDowngrade { at, before },
            Self::OverrideStarted { id } => Change::OverrideStarted { id },
            Self::OverrideEnded { id } => Change::OverrideEnded { id },
            Self::Extended { id, until } => Change::Extended { id, until },
            Self::PolicyChanged => Change::PolicyChanged,
            Self::Reviewed => Change::Reviewed,
        }
    }
}
