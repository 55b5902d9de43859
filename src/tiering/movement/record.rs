//! What is remembered of a customer's tier, and how changes make it.

use serde::{Deserialize, Serialize};

use super::change::{Change, Move};
use crate::model::{Day, Days, Fingerprint};

/// The tier a customer is in. Outside, tiers are names (`T = String`), so that a record outlives the policy; within a review they
/// are ordinals.
///
/// It is nothing but the sum of its changes: [`replay`](Self::replay) of a customer's events gives the record.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRecord<T = String> {
    /// The tier.
    pub tier: T,
    /// The day from which the customer has it.
    pub since: Day,
    /// What movement remembers; `None` if the policy has no `[movement]`.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub tenure: Option<Tenure<T>>,
}

pub(super) fn none<T>() -> Option<T> {
    None
}

/// The grants of the tiers that upgrades left behind, the last one first; what is older is forgotten.
type Below<T> = [Option<Grant<T>>; 3];

fn nothing<T>() -> Below<T> {
    [None, None, None]
}

fn is_nothing<T>(below: &Below<T>) -> bool {
    below.iter().all(Option::is_none)
}

/// How the earned tier is held.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenure<T = String> {
    /// The tier that is earned; the customer has another one only while an override says so.
    pub earned: T,
    /// The day it began.
    pub since: Day,
    /// How long it is held for certain.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// After disqualification, how long it is still kept.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub grace: Option<Grace>,
    /// A higher tier that begins later.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub upcoming: Option<Upcoming<T>>,
    /// From when the qualifying metric counts, if not from the start of its window.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub counting: Option<Counting>,
    /// At the turn of the day of the last change the metric is reset or carried: for this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recounts: Option<Recount>,
    /// On the day of the last change, from when the qualifying metric counted before it, where that depends on what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchored: Option<Anchored>,
    /// What the tier was granted for.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant<T>>,
    /// What the tiers below were granted for, from which upgrades led here: the last one first.
    #[serde(default = "nothing", skip_serializing_if = "is_nothing")]
    pub below: Below<T>,
    /// The last review of the keep condition that was due.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub last_review: Option<Day>,
    /// The day of the last change of any kind.
    pub touched: Day,
    /// The last change of the earned tier; `None` since the first assignment.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub last_change: Option<Day>,
    /// The last notice that the tier will be lost at the end of this term: so many days before it.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub noticed: Option<Days>,
    /// How many of the standing's extensions have been made.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub extensions: u32,
    /// The overrides in force, one bit for each, by their position in the standing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub overrides: u64,
    /// The fingerprint of the policy whose rules the tier is held by.
    pub policy: Fingerprint,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_zero<N: Copy + Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// The days a tier is held for certain: from the first, without the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The first day.
    pub start: Day,
    /// The day after the last.
    pub end: Day,
}

/// The days a tier is still kept after disqualification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grace {
    /// The day of the disqualification.
    pub since: Day,
    /// The day after the last.
    pub until: Day,
}

/// A higher tier that begins later.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upcoming<T = String> {
    /// The tier.
    pub tier: T,
    /// The day it begins.
    pub from: Day,
    /// What it is granted for.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant<T>>,
}

/// From when the qualifying metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counting {
    /// The first day.
    pub since: Day,
    /// What was carried over, in the unit of the metric.
    #[serde(with = "crate::model::exact::number")]
    pub carry: f64,
    /// The time after which that is worth half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life: Option<Days>,
}

impl Counting {
    /// What was carried over is worth on a day.
    #[must_use]
    pub fn carried(&self, on: Day) -> f64 {
        let age = (on - self.since).get().saturating_add(1);
        match self.half_life {
            Some(half_life) if age > 0 && half_life.get() > 0 => {
                self.carry * libm::exp2(-f64::from(age) / f64::from(half_life.get()))
            }
            _ => self.carry,
        }
    }
}

/// From when the qualifying metric counted on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchored {
    /// The day.
    pub on: Day,
    /// What its window was counted from.
    pub from: Day,
}

/// Why the metric is reset or carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recount {
    /// An upgrade.
    Upgrade,
    /// A review.
    Review,
}

/// What a tier was granted for, so that a refund can take it back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant<T = String> {
    /// The tier held before.
    pub before: T,
    /// The first day that counted.
    pub from: Day,
    /// What was carried over then.
    #[serde(with = "crate::model::exact::number")]
    pub carry: f64,
    /// What was needed.
    #[serde(with = "crate::model::exact::number")]
    pub need: f64,
}

impl<T: Clone + PartialEq> TierRecord<T> {
    /// The record after a change that holds from `day`, and after which the customer has `tier`.
    pub(super) fn applied(
        before: Option<Self>,
        day: Day,
        tier: T,
        change: &Change<T>,
        policy: Fingerprint,
        anchor: Option<Day>,
    ) -> Self {
        let mut record = before.unwrap_or_else(|| Self {
            tier: tier.clone(),
            since: day,
            tenure: None,
        });
        if record.tier != tier {
            record.tier = tier.clone();
            record.since = day;
        }
        let tenure = record.tenure.take();
        let mut tenure = match (tenure, change) {
            (Some(tenure), change) => tenure.applied(day, change, policy),
            (None, Change::Assigned(to)) => Tenure::new(day, to, policy),
            // No history of changes begins otherwise; what it says is taken as the beginning.
            (None, _) => Tenure::new(
                day,
                &Move {
                    tier,
                    term: None,
                    grant: None,
                    recounts: None,
                },
                policy,
            ),
        };
        if let Some(from) = anchor {
            tenure.anchored = Some(Anchored { on: day, from });
        }
        record.tenure = Some(tenure);
        record
    }
}

impl<T> Tenure<T> {
    /// The same with other names of the tiers; what has none is dropped, and without the earned tier everything.
    pub(crate) fn mapped<U>(&self, find: &impl Fn(&T) -> Option<U>) -> Option<Tenure<U>> {
        Some(Tenure {
            earned: find(&self.earned)?,
            since: self.since,
            term: self.term,
            grace: self.grace,
            upcoming: (self.upcoming.as_ref()).and_then(|u| {
                Some(Upcoming {
                    tier: find(&u.tier)?,
                    from: u.from,
                    grant: u.grant.as_ref().and_then(|g| g.mapped(find)),
                })
            }),
            counting: self.counting,
            recounts: self.recounts,
            anchored: self.anchored,
            grant: self.grant.as_ref().and_then(|g| g.mapped(find)),
            below: (self.below.each_ref()).map(|g| g.as_ref().and_then(|g| g.mapped(find))),
            last_review: self.last_review,
            touched: self.touched,
            last_change: self.last_change,
            noticed: self.noticed,
            extensions: self.extensions,
            overrides: self.overrides,
            policy: self.policy,
        })
    }
}

impl<T> Grant<T> {
    fn mapped<U>(&self, find: &impl Fn(&T) -> Option<U>) -> Option<Grant<U>> {
        Some(Grant {
            before: find(&self.before)?,
            from: self.from,
            carry: self.carry,
            need: self.need,
        })
    }
}

impl<T: Clone + PartialEq> Tenure<T> {
    fn new(day: Day, to: &Move<T>, policy: Fingerprint) -> Self {
        Self {
            earned: to.tier.clone(),
            since: day,
            term: to.term,
            grace: None,
            upcoming: None,
            counting: None,
            recounts: to.recounts,
            anchored: None,
            grant: to.grant.clone(),
            below: nothing(),
            last_review: None,
            touched: day,
            last_change: None,
            noticed: None,
            extensions: 0,
            overrides: 0,
            policy,
        }
    }

    fn applied(self, day: Day, change: &Change<T>, policy: Fingerprint) -> Self {
        let mut next = self;
        next.touched = day;
        match change {
            Change::Assigned(to) => {
                let people = (next.extensions, next.overrides);
                next = Self::new(day, to, policy);
                (next.extensions, next.overrides) = people;
            }
            Change::Upgraded(to) | Change::Downgraded(to) | Change::Revoked(to) => {
                next.earned = to.tier.clone();
                next.since = day;
                next.term = to.term;
                // The end of a grace period is not a review.
                let reviewed = next.grace.take().is_none();
                let [first, second, third] = next.below;
                next.below = match change {
                    Change::Upgraded(_) => [next.grant.take(), first, second],
                    Change::Revoked(_) if to.grant.is_some() => {
                        // Back to where an upgrade came from.
                        let mut rest = [first, second, third, None].into_iter();
                        let _ = rest.find(|grant| *grant == to.grant);
                        [(); 3].map(|()| rest.next().flatten())
                    }
                    _ => nothing(),
                };
                next.grant.clone_from(&to.grant);
                next.recounts = to.recounts;
                next.last_change = Some(day);
                next.noticed = None;
                match change {
                    Change::Upgraded(_) | Change::Revoked(_) => next.upcoming = None,
                    _ if reviewed => next.last_review = Some(day),
                    _ => {}
                }
            }
            Change::Scheduled(upcoming) => next.upcoming = Some(upcoming.clone()),
            Change::Cancelled => next.upcoming = None,
            Change::Renewed { term, grant } | Change::Requalified { term, grant, .. } => {
                if matches!(change, Change::Requalified { recounts: true, .. }) {
                    next.recounts = Some(Recount::Review);
                }
                if next.term != *term {
                    next.noticed = None;
                }
                next.term = *term;
                next.grace = None;
                if next.grant != *grant {
                    next.below = nothing();
                }
                next.grant.clone_from(grant);
                if matches!(change, Change::Renewed { .. }) {
                    next.last_review = Some(day);
                }
            }
            Change::GraceStarted(grace) => {
                next.grace = Some(*grace);
                next.last_review = Some(day);
            }
            Change::Extended { id, until } => {
                if let Some(term) = next.term.as_mut().filter(|t| t.end < *until) {
                    term.end = *until;
                    next.noticed = None;
                    next.grace = None;
                }
                next.extensions = id.saturating_add(1);
            }
            Change::Recounted(counting) => {
                next.counting = Some(*counting);
                next.recounts = None;
            }
            Change::WillDowngrade { before, .. } => next.noticed = Some(*before),
            Change::OverrideStarted { id } => next.overrides |= bit(*id),
            Change::OverrideEnded { id } => next.overrides &= !bit(*id),
            Change::Replaced { tier } => next.earned = tier.clone(),
            Change::PolicyChanged => next.policy = policy,
            Change::Reviewed => next.last_review = Some(day),
        }
        next
    }
}

fn bit(id: u32) -> u64 {
    1_u64.checked_shl(id).unwrap_or(0)
}
