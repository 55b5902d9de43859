//! What stands in a table as a sentence.

use serde::{Deserialize, Serialize};

use super::Cell;
use crate::rules::language::Language;
use crate::strategy::playbook::{self, PlanReason, Why};
use crate::strategy::surveys::{self, Because};

/// A reason, as data: each language has its own sentence for it.
///
/// ```
/// use customer_value::report::{Cell, Sentence};
/// use customer_value::rules::language::{Chinese, English};
/// use customer_value::strategy::surveys::Because;
///
/// let cell = Cell::from(Sentence::from(Because::First));
/// assert_eq!(cell.text(&English), "for the first time");
/// assert_eq!(cell.text(&Chinese), "首次调查");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sentence {
    /// Why a play is a customer's.
    Plan(PlanReason),
    /// Why an action is due.
    Due(Why),
    /// Why a due action is not taken.
    NotTaken(playbook::Suppression),
    /// Why a survey is due.
    Survey(Because),
    /// Why somebody is not asked.
    NotAsked(surveys::Suppression),
}

impl Sentence {
    /// The sentence in a language.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        match self {
            Self::Plan(reason) => reason.text(language),
            Self::Due(why) => why.text(language),
            Self::NotTaken(why) => why.text(language),
            Self::Survey(because) => because.text(language),
            Self::NotAsked(why) => why.text(language),
        }
    }
}

impl From<PlanReason> for Sentence {
    fn from(reason: PlanReason) -> Self {
        Self::Plan(reason)
    }
}

impl From<Why> for Sentence {
    fn from(why: Why) -> Self {
        Self::Due(why)
    }
}

impl From<playbook::Suppression> for Sentence {
    fn from(why: playbook::Suppression) -> Self {
        Self::NotTaken(why)
    }
}

impl From<Because> for Sentence {
    fn from(because: Because) -> Self {
        Self::Survey(because)
    }
}

impl From<surveys::Suppression> for Sentence {
    fn from(why: surveys::Suppression) -> Self {
        Self::NotAsked(why)
    }
}

impl From<Sentence> for Cell {
    fn from(sentence: Sentence) -> Self {
        Self::Sentence(Box::new(sentence))
    }
}
