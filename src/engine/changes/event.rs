//! What is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lifecycle::churn::CHURN;
use crate::model::{Currency, CustomerId, Unit};
use crate::rules::language::{Amount, ChangePhrase, ChurnPhrase, Language, Words};

/// Something that happened to a customer between two reviews.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeEvent {
    /// The customer.
    pub customer: CustomerId,
    /// What happened.
    pub what: Shift,
    /// How important it is; see [`ChangesSpec::importance`](super::ChangesSpec::importance).
    pub importance: Importance,
    /// The value at stake, in the currency (major units): of what gets worse the value in the review before, of everything else that in
    /// the review after. `None` if it is not known, or the policy names no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_stake: Option<f64>,
}

/// How important an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// Good to know.
    Low,
    /// To look at.
    Medium,
    /// To act on.
    High,
}

impl fmt::Display for Importance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

/// A kind of event; the order is that in which events of equal value are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ShiftKind {
    /// [`Shift::Churned`]
    Churned,
    /// [`Shift::Gone`]
    Gone,
    /// [`Shift::BecameAtRisk`]
    BecameAtRisk,
    /// [`Shift::FellTier`]
    FellTier,
    /// [`Shift::CrossedThreshold`]
    CrossedThreshold,
    /// [`Shift::BehaviourChanged`]
    BehaviourChanged,
    /// [`Shift::TierReplaced`]
    TierReplaced,
    /// [`Shift::StageMoved`]
    StageMoved,
    /// [`Shift::WonBack`]
    WonBack,
    /// [`Shift::RoseTier`]
    RoseTier,
    /// [`Shift::New`]
    New,
}

/// What happened between two reviews.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Shift {
    /// The customer is in the review after only. Nothing else is told of them.
    New {
        /// The tier.
        tier: String,
    },
    /// The customer is in the review before only. Nothing else is told of them.
    Gone {
        /// The tier they had.
        tier: String,
    },
    /// To a lower tier.
    FellTier {
        /// The tier before.
        from: String,
        /// The tier after.
        to: String,
    },
    /// To a higher tier.
    RoseTier {
        /// The tier before.
        from: String,
        /// The tier after.
        to: String,
    },
    /// To another tier, where the policies have other ladders and neither has both.
    TierReplaced {
        /// The tier before.
        from: String,
        /// The tier after.
        to: String,
    },
    /// To another word that is none of those below.
    StageMoved {
        /// The column.
        column: String,
        /// The word before.
        from: String,
        /// The word after.
        to: String,
    },
    /// To a word that means at risk, from one that means neither that nor churned.
    BecameAtRisk {
        /// The column.
        column: String,
        /// The word before.
        from: String,
        /// The word after.
        to: String,
    },
    /// To a word that means churned, from one that does not.
    Churned {
        /// The column.
        column: String,
        /// The word before.
        from: String,
        /// The word after.
        to: String,
    },
    /// To a word that means won back, from one that does not.
    WonBack {
        /// The column.
        column: String,
        /// The word before.
        from: String,
        /// The word after.
        to: String,
    },
    /// A number came to the other side of a threshold.
    CrossedThreshold {
        /// The column.
        column: String,
        /// Its unit.
        unit: Unit,
        /// The threshold.
        at: f64,
        /// The side it was on before.
        from: Side,
        /// The number before.
        before: f64,
        /// The number after.
        after: f64,
    },
    /// A number changed by as much as the policy calls news.
    BehaviourChanged {
        /// The column.
        column: String,
        /// Its unit.
        unit: Unit,
        /// The number before.
        before: f64,
        /// The number after.
        after: f64,
    },
}

/// A side of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Less than the threshold.
    Below,
    /// The threshold itself, or more.
    Above,
}

impl Side {
    pub(super) fn of(number: f64, at: f64) -> Self {
        if number >= at {
            Self::Above
        } else {
            Self::Below
        }
    }
}

impl Shift {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> ShiftKind {
        match self {
            Self::New { .. } => ShiftKind::New,
            Self::Gone { .. } => ShiftKind::Gone,
            Self::FellTier { .. } => ShiftKind::FellTier,
            Self::RoseTier { .. } => ShiftKind::RoseTier,
            Self::TierReplaced { .. } => ShiftKind::TierReplaced,
            Self::StageMoved { .. } => ShiftKind::StageMoved,
            Self::BecameAtRisk { .. } => ShiftKind::BecameAtRisk,
            Self::Churned { .. } => ShiftKind::Churned,
            Self::WonBack { .. } => ShiftKind::WonBack,
            Self::CrossedThreshold { .. } => ShiftKind::CrossedThreshold,
            Self::BehaviourChanged { .. } => ShiftKind::BehaviourChanged,
        }
    }
}

impl ChangeEvent {
    /// What happened and what is at stake, in a line in a language; amounts are in the currency of the policy.
    #[must_use]
    pub fn text(&self, language: &dyn Language, currency: Currency) -> String {
        let words = Words {
            language,
            currency: Some(currency),
        };
        let what = self.what.text(&words);
        words.say(match self.at_stake {
            Some(value) => ChangePhrase::AtStake {
                what: &what,
                value: Amount::new(value, Unit::Money).currency(currency),
            },
            None => ChangePhrase::StakeUnknown { what: &what },
        })
    }
}

impl Shift {
    fn text(&self, words: &Words<'_>) -> String {
        let (name, levels);
        // The levels of churn are the library's own words.
        let level = |column: &str, level: &str| match column {
            CHURN => words.say(ChurnPhrase::Level { level }),
            _ => level.to_owned(),
        };
        let called = |column: &str| words.name(column, Some(column));
        words.say(match self {
            Self::New { tier } => ChangePhrase::NewCustomer { tier },
            Self::Gone { tier } => ChangePhrase::GoneCustomer { tier },
            Self::FellTier { from, to } => ChangePhrase::FellTier { from, to },
            Self::RoseTier { from, to } => ChangePhrase::RoseTier { from, to },
            Self::TierReplaced { from, to } => ChangePhrase::TierReplaced { from, to },
            Self::StageMoved { column, from, to } => {
                name = called(column);
                levels = [level(column, from), level(column, to)];
                let [from, to] = &levels;
                ChangePhrase::StageMoved {
                    name: &name,
                    from,
                    to,
                }
            }
            Self::BecameAtRisk { column, from, to } => {
                levels = [level(column, from), level(column, to)];
                let [from, to] = &levels;
                ChangePhrase::BecameAtRisk { from, to }
            }
            Self::Churned { column, from, to } => {
                levels = [level(column, from), level(column, to)];
                let [from, to] = &levels;
                ChangePhrase::Churned { from, to }
            }
            Self::WonBack { column, from, to } => {
                levels = [level(column, from), level(column, to)];
                let [from, to] = &levels;
                ChangePhrase::WonBack { from, to }
            }
            Self::CrossedThreshold {
                column,
                unit,
                at,
                before,
                after,
                from,
            } => {
                name = called(column);
                let amount = |number| amount(number, *unit, column, words);
                ChangePhrase::CrossedThreshold {
                    name: &name,
                    at: amount(*at),
                    before: amount(*before),
                    after: amount(*after),
                    less: *from == Side::Above,
                }
            }
            Self::BehaviourChanged {
                column,
                unit,
                before,
                after,
            } => {
                name = called(column);
                let amount = |number| amount(number, *unit, column, words);
                ChangePhrase::BehaviourChanged {
                    name: &name,
                    before: amount(*before),
                    after: amount(*after),
                    less: after < before,
                }
            }
        })
    }
}

fn amount<'a>(number: f64, unit: Unit, column: &'a str, words: &Words<'_>) -> Amount<'a> {
    Amount::new(number, unit)
        .currency(words.currency)
        .of(column)
}
