//! What people decide about a customer's tier.

use serde::{Deserialize, Serialize};

use crate::model::Day;

/// How many overrides one customer's standing holds at most: each is one bit of a word.
pub const MAX_OVERRIDES: usize = 64;

/// What an override does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    /// Exactly this tier; of several, the highest.
    Pin(String),
    /// At least this tier; of several, the highest.
    Floor(String),
    /// At most this tier; of several, the lowest.
    Ceiling(String),
    /// No part in the programme: the base tier, whatever else there is.
    Exclude,
}

/// A tier that people decide, for a time, with who and why. What is earned goes on underneath.
///
/// ```
/// use customer_value::tiering::{Override, OverrideKind};
///
/// let floor = Override {
///     kind: OverrideKind::Floor("gold".to_owned()),
///     from: "2025-03-01".parse()?,
///     to: Some("2026-01-01".parse()?), // the first day without it
///     actor: "l.chen".to_owned(),
///     reason: "complaint 4711".to_owned(),
/// };
/// assert!(floor.holds_on("2025-12-31".parse()?) && !floor.holds_on("2026-01-01".parse()?));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// What it does.
    pub kind: OverrideKind,
    /// The first day.
    pub from: Day,
    /// The first day without it; `None`: until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// Who decided.
    pub actor: String,
    /// Why.
    pub reason: String,
}

impl Override {
    /// Whether it is in force on a day.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// A term that people make longer, with who and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The day of the decision.
    pub on: Day,
    /// The new end of the term that runs then: the day after its last.
    pub until: Day,
    /// Who decided.
    pub actor: String,
    /// Why.
    pub reason: String,
}
