//! How far a customer has gone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::table::Field;

/// The name of the column that churn makes.
pub const CHURN: &str = "churn";

/// How far a customer has gone: the words of the column `churn`.
///
/// ```
/// use customer_value::lifecycle::churn::ChurnLevel;
///
/// let words = ChurnLevel::ALL.map(ChurnLevel::name);
/// assert_eq!(words, ["active", "cooling", "at_risk", "highly_at_risk", "lost", "insufficient_data"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChurnLevel {
    /// No threshold is reached.
    Active,
    /// The first signs.
    Cooling,
    /// May leave.
    AtRisk,
    /// Will probably leave.
    HighlyAtRisk,
    /// Has left, as far as one can tell.
    Lost,
    /// No method has enough data about the customer: an answer, not a default.
    InsufficientData,
}

impl ChurnLevel {
    /// All of them; a level's position is its code in the column.
    pub const ALL: [Self; 6] = [
        Self::Active,
        Self::Cooling,
        Self::AtRisk,
        Self::HighlyAtRisk,
        Self::Lost,
        Self::InsufficientData,
    ];

    /// The levels that have a threshold, from the mildest to the worst.
    pub(super) const WORSE: [Self; 4] =
        [Self::Cooling, Self::AtRisk, Self::HighlyAtRisk, Self::Lost];

    /// The word in rules, in the column and in serde.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Cooling => "cooling",
            Self::AtRisk => "at_risk",
            Self::HighlyAtRisk => "highly_at_risk",
            Self::Lost => "lost",
            Self::InsufficientData => "insufficient_data",
        }
    }

    /// What the column is.
    #[must_use]
    pub fn field() -> Field {
        Field::category(CHURN, Self::ALL.map(Self::name))
    }

    /// Its code in the column.
    #[must_use]
    pub const fn code(self) -> u32 {
        self as u32
    }
}

impl fmt::Display for ChurnLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
