//! What a decision rests on, and the changes that are noted.

use super::change::Change;
use super::machine::Movement;
use super::overrides::{Extension, Override, OverrideKind};
use super::record::{Tenure, TierRecord};
use crate::model::Day;
use crate::tiering::ladder::TierId;

/// What is known of a customer at the close of a day.
pub(crate) struct Close<'a> {
    pub day: Day,
    /// The day of the review that looks at it: the same, or a later one.
    pub review: Day,
    /// The day that was looked at before.
    pub reviewed: Option<Day>,
    /// Whether refunds of what was counted may take a tier back.
    pub knows_refunds: bool,
    /// The highest tier whose entry condition is met.
    pub qualified: TierId,
    /// Whether the keep condition of a tier is met.
    pub keeps: &'a dyn Fn(TierId) -> bool,
    /// The qualifying metric, with what was carried over.
    pub qualifying: Option<f64>,
    /// What its window is counted from, where that changes with the tier.
    pub anchor: Option<Day>,
    /// The first day that counts for it.
    pub counts_from: Day,
    /// What was counted since a day.
    pub counted_since: &'a dyn Fn(Day) -> f64,
    /// The day of the anniversaries of terms.
    pub anniversary: Option<Day>,
    /// Of the metric, what was carried over.
    pub carried: f64,
    /// Whether the tier of a record would be lost at the end of its term if there were no further activity.
    pub lost_at: &'a dyn Fn(&TierRecord<TierId>, Day) -> bool,
    pub people: People<'a>,
}

/// What people decided.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct People<'a> {
    pub overrides: &'a [Override],
    pub extensions: &'a [Extension],
}

/// Which condition a change rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The entry condition of a tier.
    Entry(TierId),
    /// The keep condition of a tier.
    Keep(TierId),
    /// None: people, the calendar, another policy.
    None,
}

/// A change with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Noted {
    pub day: Day,
    pub change: Change<TierId>,
    /// The tier the customer had before it.
    pub before: Option<TierId>,
    /// The tier that was earned before it.
    pub earned: Option<TierId>,
    /// The tier the customer has after it.
    pub tier: TierId,
    pub qualifying: Option<f64>,
    /// What its window was counted from, at a close.
    pub anchor: Option<Day>,
    pub basis: Basis,
}

/// What people decided, of a change that follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub actor: String,
    pub reason: String,
    /// What, of an override.
    pub kind: Option<OverrideKind>,
    /// The first day without it, of an override.
    pub until: Option<Day>,
}

impl Noted {
    /// Who decided what and why, where it was people.
    pub(crate) fn decided_by(&self, people: People<'_>) -> Option<Decided> {
        let at = |id: u32| usize::try_from(id).ok();
        match self.change {
            Change::OverrideStarted { id } | Change::OverrideEnded { id } => {
                let decided = people.overrides.get(at(id)?)?;
                Some(Decided {
                    actor: decided.actor.clone(),
                    reason: decided.reason.clone(),
                    kind: Some(decided.kind.clone()),
                    until: decided.to,
                })
            }
            Change::Extended { id, .. } => {
                let decided = people.extensions.get(at(id)?)?;
                Some(Decided {
                    actor: decided.actor.clone(),
                    reason: decided.reason.clone(),
                    kind: None,
                    until: None,
                })
            }
            _ => None,
        }
    }
}

/// A record under change.
pub(super) struct Log<'a> {
    pub(super) movement: &'a Movement,
    pub(super) record: &'a mut Option<TierRecord<TierId>>,
    pub(super) close: &'a Close<'a>,
    pub(super) out: &'a mut Vec<Noted>,
}

impl Log<'_> {
    pub(super) fn note(&mut self, day: Day, change: Change<TierId>, basis: Basis) {
        let before = self.record.take();
        // Which tier the customer has is settled when all changes of the instant are known.
        let tier = before.map_or(TierId::BASE, |record| record.tier);
        let policy = self.movement.policy;
        // What changes at a turn is there from the start of the next day.
        let anchor = self.close.anchor.filter(|_| day == self.close.day);
        *self.record = Some(TierRecord::applied(
            before, day, tier, &change, policy, anchor,
        ));
        self.out.push(Noted {
            day,
            change,
            before: None,
            earned: None,
            tier,
            qualifying: self.close.qualifying,
            anchor,
            basis,
        });
    }

    pub(super) fn tenure(&self) -> Option<Tenure<TierId>> {
        self.record.as_ref()?.tenure
    }
}
