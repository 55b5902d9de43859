//! Where a customer stands, and what is remembered of it.

use serde::{Deserialize, Serialize};

use crate::model::Day;

/// How many stages, and how many transitions, a lifecycle may have: each is one bit of a word.
pub(super) const MAX: usize = 64;

/// A stage of one lifecycle, by its position in the list of stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageId(u8);

impl StageId {
    pub(super) fn at(position: usize) -> Option<Self> {
        (position < MAX).then(|| u8::try_from(position).ok().map(Self))?
    }

    /// The position: the code of the stage in a `stage` column.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn bit(self) -> u64 {
        1_u64.checked_shl(u32::from(self.0)).unwrap_or(0)
    }
}

/// A transition of one lifecycle, by its position in the list of transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransitionId(u8);

impl TransitionId {
    pub(super) fn at(position: usize) -> Option<Self> {
        (position < MAX).then(|| u8::try_from(position).ok().map(Self))?
    }

    /// The position in the policy's list.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Where a customer stands in one bound lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The stage.
    pub stage: StageId,
    /// From which day.
    pub since: Day,
    /// The stage of the greatest rank ever reached; of equal ranks, the first.
    pub high_water: StageId,
    /// What was made of the moves on the last day of a move; `None` if there was none.
    pub moved: Option<Moved>,
}

impl Position {
    /// In a stage since a day, without a move.
    #[must_use]
    pub fn new(stage: StageId, since: Day) -> Self {
        Self {
            stage,
            since,
            high_water: stage,
            moved: None,
        }
    }

    /// The day of the review that put the customer there, however long ago the stage holds.
    pub(super) fn came(&self) -> Day {
        self.moved.map_or(self.since, |moved| moved.on)
    }
}

/// How many of the moves of a day are used up, so that a second review on it changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The day of the review.
    pub on: Day,
    /// How many moves its reviews have made; all of them if the way led back to a stage that it had passed.
    pub times: u8,
}

/// The outcome of one review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where the customer stands after it.
    pub position: Position,
    /// The transition that led there, the last one of several; `None` if the customer has not moved.
    pub by: Option<TransitionId>,
}

/// What is remembered about a customer's stage between reviews, by name, so that it outlives the policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecord {
    /// The stage.
    pub stage: String,
    /// From which day.
    pub since: Day,
    /// Why: the words of the transition that led there.
    pub why: String,
    /// The highest stage ever reached.
    pub high_water: String,
    /// What was made of the moves on the last day of a move; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
}
