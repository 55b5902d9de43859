//! What is remembered of a customer on the ladder, and the changes as an audit trail.

use serde::{Deserialize, Serialize};

use super::ladder::{ExitLadder, GateSet, StepId};
use super::review::{ExitMove, ExitOutcome};
use crate::model::Day;
use crate::rules::{Condition, Truth};
use crate::table::Row;
use crate::tiering::PolicyRef;

/// The step a customer is on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnStep {
    /// The step.
    pub name: String,
    /// The day of the review that took it.
    pub since: Day,
}

/// The notice of a step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The step.
    pub step: String,
    /// The day from which it may be taken.
    pub takes_effect: Day,
}

/// What is remembered of a customer below the line between reviews, by name, so that it outlives the policy. Who is above
/// the line has no record.
///
/// Only an [`ExitChange`] changes it: the record is what a customer's events come to.
///
/// ```
/// use customer_value::lifecycle::exit::ExitRecord;
///
/// let record: ExitRecord = serde_json::from_str(r#"{
///     "below_since": "2024-01-01",
///     "step": { "name": "educate", "since": "2024-09-01" },
///     "notice": { "step": "renegotiate", "takes_effect": "2024-11-01" }
/// }"#)?;
/// assert_eq!(record.step.unwrap().name, "educate");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitRecord {
    /// The day of the first review that found them below the line.
    pub below_since: Day,
    /// The last step; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<OnStep>,
    /// The notice they were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitChange {
    /// The customer is below the line.
    BelowLine,
    /// The next step has notice.
    NoticeGiven {
        /// The step.
        step: String,
        /// The day from which it may be taken.
        takes_effect: Day,
    },
    /// The notice is void.
    NoticeWithdrawn {
        /// The step.
        step: String,
        /// The gates that were closed; empty if the policy has another next step by now.
        gates: Vec<String>,
    },
    /// A step is taken.
    StepTaken {
        /// The step.
        step: String,
    },
    /// Above the line again: off the ladder, whatever the step.
    Reversed {
        /// The step the customer was on; `None` if there was only notice.
        step: Option<String>,
        /// The step that had notice; `None` if none had.
        notice: Option<String>,
    },
    /// Above the line again, and there was nothing to reverse.
    AboveLine,
    /// Above the line again after the service had ended: the customer begins anew.
    Returned {
        /// The step that ended the service.
        step: String,
    },
}

impl ExitRecord {
    /// The record after a change on a day.
    #[must_use]
    pub fn applied(before: Option<Self>, day: Day, change: &ExitChange) -> Option<Self> {
        let before = before.unwrap_or(Self {
            below_since: day,
            step: None,
            notice: None,
        });
        Some(match change {
            ExitChange::BelowLine => before,
            ExitChange::NoticeGiven { step, takes_effect } => Self {
                notice: Some(Notice {
                    step: step.clone(),
                    takes_effect: *takes_effect,
                }),
                ..before
            },
            ExitChange::NoticeWithdrawn { .. } => Self {
                notice: None,
                ..before
            },
            ExitChange::StepTaken { step } => Self {
                step: Some(OnStep {
                    name: step.clone(),
                    since: day,
                }),
                notice: None,
                ..before
            },
            ExitChange::Reversed { .. } | ExitChange::AboveLine | ExitChange::Returned { .. } => {
                return None;
            }
        })
    }

    /// What a customer's events come to, in their order from the first on: the record that the reviews left which told of
    /// them.
    pub fn replay<'e>(events: impl IntoIterator<Item = &'e ExitEvent>) -> Option<Self> {
        Self::replay_from(None, events)
    }

    /// The same from an earlier record on.
    pub fn replay_from<'e>(
        before: Option<Self>,
        events: impl IntoIterator<Item = &'e ExitEvent>,
    ) -> Option<Self> {
        events.into_iter().fold(before, |record, event| {
            Self::applied(record, event.day, &event.change)
        })
    }
}

/// A gate as it stands for one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateFound {
    /// The gate.
    pub name: String,
    /// Whether its rule says that it is closed; it is closed too if that is not known.
    pub closed: Truth,
    /// Where the rule is in the policy, such as `exit.gates[2].closed`.
    pub place: String,
    /// The rule in canonical text.
    pub rule: String,
    /// The rule's conditions as they stand for this customer.
    pub conditions: Vec<Condition>,
}

/// One change of a customer on the exit ladder with everything it rests on: one entry of the audit trail.
///
/// The events of a customer, in their order, are all there is to know: [`ExitRecord::replay`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitEvent {
    /// The day of the review.
    pub day: Day,
    /// What changed.
    pub change: ExitChange,
    /// The policy that decided.
    pub policy: PolicyRef,
    /// The rule of the line in canonical text.
    pub rule: String,
    /// Its conditions as they stand for this customer.
    pub conditions: Vec<Condition>,
    /// The gates that were looked at, each with its conditions: of a notice, of its withdrawal, and of a step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateFound>,
}

impl ExitEvent {
    /// Every condition in it, to say more about its column.
    pub(crate) fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        let gates = self.gates.iter_mut().flat_map(|gate| &mut gate.conditions);
        self.conditions.iter_mut().chain(gates)
    }
}

impl ExitLadder {
    /// What changed, with names; `before` is what was remembered before the review.
    pub fn changes(
        &self,
        before: Option<&ExitRecord>,
        outcome: &ExitOutcome,
    ) -> impl Iterator<Item = ExitChange> {
        let position = outcome.position;
        let name = |step: Option<StepId>| step.map_or("", |step| self.name(step)).to_owned();
        let was_on = move || Some(before?.step.as_ref()?.name.clone());
        let had_notice = move || Some(before?.notice.as_ref()?.step.clone());
        outcome
            .moves
            .into_iter()
            .flatten()
            .map(move |one| match one {
                ExitMove::BelowLine => ExitChange::BelowLine,
                ExitMove::NoticeGiven => {
                    let notice = position.and_then(|at| at.notice);
                    ExitChange::NoticeGiven {
                        step: name(notice.and_then(|notice| notice.step)),
                        takes_effect: notice.map_or(Day::MAX, |notice| notice.takes_effect),
                    }
                }
                ExitMove::NoticeWithdrawn(gates) => ExitChange::NoticeWithdrawn {
                    step: had_notice().unwrap_or_default(),
                    gates: gates
                        .iter()
                        .filter_map(|at| Some(self.gate(at)?.name.clone()))
                        .collect(),
                },
                ExitMove::StepTaken => ExitChange::StepTaken {
                    step: name(position.and_then(|at| at.step)),
                },
                ExitMove::Reversed => ExitChange::Reversed {
                    step: was_on(),
                    notice: had_notice(),
                },
                ExitMove::AboveLine => ExitChange::AboveLine,
                ExitMove::Returned => ExitChange::Returned {
                    step: was_on().unwrap_or_default(),
                },
            })
    }

    /// What to remember after a review on a day. Who has not moved keeps the record as it was.
    #[must_use]
    pub fn record(
        &self,
        before: Option<ExitRecord>,
        outcome: &ExitOutcome,
        as_of: Day,
    ) -> Option<ExitRecord> {
        if !outcome.changed() {
            return before;
        }
        let changes: Vec<_> = self.changes(before.as_ref(), outcome).collect();
        changes.iter().fold(before, |record, change| {
            ExitRecord::applied(record, as_of, change)
        })
    }

    /// The events of a review; `before` is what was remembered before it, `outcome` what the review of the same row on the
    /// same day came to. Empty if nothing changed.
    #[must_use]
    pub fn events(
        &self,
        row: Row<'_>,
        as_of: Day,
        before: Option<&ExitRecord>,
        outcome: &ExitOutcome,
        policy: &PolicyRef,
    ) -> Vec<ExitEvent> {
        let located = before.map(|record| self.locate(record));
        let next = self.after(located.and_then(|at| at.step));
        let looked_at = next.map_or(GateSet::default(), |(_, step)| step.gates);
        let moves = outcome.moves.into_iter().flatten();
        let changes = self.changes(before, outcome).zip(moves);
        changes
            .map(|(change, one)| ExitEvent {
                day: as_of,
                change,
                policy: policy.clone(),
                rule: self.below.text().to_owned(),
                conditions: self.below.explain(row),
                gates: match one {
                    ExitMove::NoticeGiven | ExitMove::StepTaken => self.found(row, looked_at),
                    // Of a notice that the policy has no place for no gate was looked at.
                    ExitMove::NoticeWithdrawn(gates) if !gates.is_empty() => {
                        self.found(row, looked_at)
                    }
                    _ => Vec::new(),
                },
            })
            .collect()
    }

    /// Some gates as they stand for a customer.
    pub(super) fn found(&self, row: Row<'_>, gates: GateSet) -> Vec<GateFound> {
        let gates = gates.iter().filter_map(|at| self.gate(at));
        gates
            .map(|gate| {
                let explained = gate.closed.explained(row);
                GateFound {
                    name: gate.name.clone(),
                    closed: explained.truth,
                    place: gate.closed.place().to_owned(),
                    rule: gate.closed.text().to_owned(),
                    conditions: explained.conditions,
                }
            })
            .collect()
    }
}
