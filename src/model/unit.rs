//! Units: what a number in a column counts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Days;

/// What a number counts. Every metric and every column says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// A number of things: a whole one where records are counted, with a fraction where it is what is expected.
    Count,
    /// An amount of the reporting currency, in its major unit (12.34, not 1234).
    Money,
    /// A length of time in days.
    Days,
    /// A length of time in hours.
    Hours,
    /// A calendar day, as days since 1970-01-01; written as a date in rules.
    Date,
    /// A part of a whole, 0 to 1.
    Share,
    /// A position among others, 0 to 100: in the population, or among a customer's own gaps.
    Percent,
    /// A quotient without a unit and without an upper bound.
    Ratio,
    /// A number of things per that many days.
    CountPer(Days),
    /// An amount of the reporting currency per that many days.
    MoneyPer(Days),
    /// Points of a score.
    Points,
    /// True or false, 1 or 0.
    Flag,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => f.write_str("count"),
            Self::Money => f.write_str("money"),
            Self::Days => f.write_str("days"),
            Self::Hours => f.write_str("hours"),
            Self::Date => f.write_str("date"),
            Self::Share => f.write_str("share"),
            Self::Percent => f.write_str("percent"),
            Self::Ratio => f.write_str("ratio"),
            Self::CountPer(days) => write!(f, "count per {days}"),
            Self::MoneyPer(days) => write!(f, "money per {days}"),
            Self::Points => f.write_str("points"),
            Self::Flag => f.write_str("flag"),
        }
    }
}
