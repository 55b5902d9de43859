//! What beside the conditions of the day gives a customer their tier.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Day;
use crate::rules::Truth;
use crate::table::Row;
use crate::tiering::{Change, Downgrade, Reason, Tenure, TierId};

use super::super::Engine;
use super::super::movement::Moved;
use super::block::place;

/// What gives a customer a tier that they do not just qualify for on the day: only under a policy with movement, and with
/// standings. Of several, the first of this list that applies; with [`Kept`](Self::Kept) it is conditions that decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Held {
    /// People decided.
    Override,
    /// The policy was changed: its rules do not count yet (`policy_change.from`), or this review took the tier over and moved it
    /// (`full`, `up_only`) or left it (`grandfather`).
    PolicyChange,
    /// The customer qualifies for a higher tier, which begins later.
    Waiting,
    /// The keep condition is met.
    Kept,
    /// The customer was disqualified, and keeps the tier for a time.
    Grace,
    /// The term runs.
    Term,
    /// The hold from the start of the tier lasts.
    Hold,
    /// A review never takes this tier.
    NeverLost,
    /// No review was due since.
    NotReviewed,
}

impl Held {
    /// Of who has a tier, what keeps it.
    pub(super) fn keeps(self) -> bool {
        !matches!(self, Self::Waiting | Self::Override)
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Override => "decided by people",
            Self::PolicyChange => "by the change of the policy",
            Self::Waiting => "to begin later",
            Self::Kept => "kept by its keep condition",
            Self::Grace => "kept by its grace period",
            Self::Term => "kept by its term",
            Self::Hold => "kept by its hold",
            Self::NeverLost => "never lost by a review",
            Self::NotReviewed => "kept until the next review",
        })
    }
}

/// One customer after a review, as far as movement decided.
pub(super) struct Side<'r> {
    pub(super) engine: &'r Engine,
    pub(super) row: Row<'r>,
    pub(super) reason: Reason,
    pub(super) moved: Option<&'r Moved>,
    pub(super) as_of: Day,
}

impl Side<'_> {
    /// What gives them the tier, and the day from which it does so no more, where that is known; `None` if they have just what
    /// they qualify for.
    pub(super) fn held(&self) -> Option<(Held, Option<Day>)> {
        let moved = self.moved?;
        let tenure = moved.record?.tenure?;
        if self.reason == Reason::Override {
            return Some((Held::Override, None));
        }
        if let Some(from) = self.frozen_until(&tenure) {
            return Some((Held::PolicyChange, Some(from)));
        }
        if self.moved_by_change(moved) {
            return Some((Held::PolicyChange, None));
        }
        match self.reason {
            Reason::Waiting => Some((Held::Waiting, tenure.upcoming.map(|u| u.from))),
            Reason::Kept => Some(self.kept(moved, &tenure)),
            _ => None,
        }
    }

    fn kept(&self, moved: &Moved, tenure: &Tenure<TierId>) -> (Held, Option<Day>) {
        let engine = self.engine;
        let keep = engine.ladder.keep_rule(tenure.earned);
        if keep.is_none_or(|rule| rule.truth(self.row) == Truth::True) {
            return (Held::Kept, None);
        }
        if let Some(grace) = tenure.grace {
            return (Held::Grace, Some(grace.until));
        }
        if let Some(term) = tenure.term.filter(|term| self.as_of < term.end) {
            return (Held::Term, Some(term.end));
        }
        let spec = engine.movement().map(|movement| movement.spec());
        let hold = spec.and_then(|spec| spec.hold);
        let held_until = hold.map(|hold| hold.after(tenure.since));
        if let Some(until) = held_until.filter(|until| self.as_of < *until) {
            return (Held::Hold, Some(until));
        }
        let tiers = &engine.policy().tiers.tiers;
        let at = tiers.get(place(engine, tenure.earned));
        let never = match spec.map(|spec| &spec.downgrade) {
            Some(Downgrade::None) => true,
            Some(Downgrade::Floor(floor)) => engine
                .ladder
                .tier(floor)
                .is_some_and(|floor| floor >= tenure.earned),
            _ => false,
        };
        if never || at.is_some_and(|tier| !tier.downgradable) {
            return (Held::NeverLost, None);
        }
        if self.took_over(moved) {
            return (Held::PolicyChange, None);
        }
        (Held::NotReviewed, None)
    }

    /// Another policy's rules hold the tier until that day.
    fn frozen_until(&self, tenure: &Tenure<TierId>) -> Option<Day> {
        let movement = self.engine.movement()?;
        let foreign = tenure.policy != self.engine.fingerprint();
        movement
            .spec()
            .policy_change
            .from
            .filter(|from| foreign && self.as_of < *from)
    }

    fn took_over(&self, moved: &Moved) -> bool {
        let mut changes = moved.noted.iter().map(|told| &told.noted.change);
        changes.any(|change| matches!(change, Change::PolicyChanged))
    }

    /// What the take-over itself moved is noted before it.
    fn moved_by_change(&self, moved: &Moved) -> bool {
        let changes = moved.noted.iter().map(|told| &told.noted.change);
        let mut before = changes.take_while(|change| !matches!(change, Change::PolicyChanged));
        self.took_over(moved)
            && before.any(|change| matches!(change, Change::Upgraded(_) | Change::Downgraded(_)))
    }
}
