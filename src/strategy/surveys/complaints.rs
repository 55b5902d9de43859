//! By when a complaint is to be settled.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{Day, Days, Weekday};
use crate::rules::{Expr, Rule, Truth};
use crate::table::Row;

/// The longest response time, so that counting business days ends soon.
const MAX: u16 = 3660;

/// How long settling a complaint may take; in text and in serde `4 days`, `1 business day`: at most 3660.
///
/// ```
/// use customer_value::strategy::surveys::ResponseTime;
///
/// let time: ResponseTime = "1 business day".parse()?;
/// assert_eq!(time, ResponseTime::BusinessDays(1));
/// assert_eq!(time.to_string(), "1 business day");
/// // Opened on the Friday before Christmas.
/// let friday = "2025-12-19".parse()?;
/// assert_eq!(time.after(friday, &[]).to_string(), "2025-12-22");
/// assert_eq!(time.after(friday, &["2025-12-22".parse()?]).to_string(), "2025-12-23");
/// assert!("soon".parse::<ResponseTime>().is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ResponseTime {
    /// So many days of the calendar.
    Days(u16),
    /// So many days, Saturdays, Sundays and holidays not counted.
    BusinessDays(u16),
}

impl ResponseTime {
    /// The day on which it is over that begins on a day: the last one in time. More than 3660 days count as that, and it
    /// stays within the calendar.
    #[must_use]
    pub fn after(self, opened: Day, holidays: &[Day]) -> Day {
        let open = |day: Day| Weekday::of(day) < Weekday::Saturday && !holidays.contains(&day);
        match self {
            Self::Days(days) => opened.plus(Days::new(days.min(MAX).into())),
            Self::BusinessDays(days) => {
                let mut left = days.min(MAX);
                let mut day = opened;
                if left == 0 {
                    while !open(day) && day < Day::MAX {
                        day = day.next();
                    }
                }
                while left > 0 && day < Day::MAX {
                    day = day.next();
                    left -= u16::from(open(day));
                }
                day
            }
        }
    }
}

impl fmt::Display for ResponseTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, kind) = match self {
            Self::Days(days) => (days, ""),
            Self::BusinessDays(days) => (days, "business "),
        };
        let s = if *days == 1 { "" } else { "s" };
        write!(f, "{days} {kind}day{s}")
    }
}

impl FromStr for ResponseTime {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |help| Error::parse("response time", text, help);
        let form = "it is written like `4 days` or `2 business days`";
        let mut words = text.split_whitespace();
        let number = words.next().ok_or_else(|| wrong(form))?;
        let days: u16 = number.parse().map_err(|_| wrong(form))?;
        let time = match (words.next(), words.next(), words.next()) {
            (Some("day" | "days"), None, None) => Self::Days(days),
            (Some("business"), Some("day" | "days"), None) => Self::BusinessDays(days),
            _ => return Err(wrong(form)),
        };
        if days > MAX {
            return Err(wrong("it is at most 3660 days"));
        }
        Ok(time)
    }
}

impl TryFrom<String> for ResponseTime {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ResponseTime> for String {
    fn from(time: ResponseTime) -> Self {
        time.to_string()
    }
}

/// How long settling the complaints of some customers may take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// Of whom.
    pub when: Expr,
    /// How long.
    pub within: ResponseTime,
}

/// By when complaints are to be settled: `[surveys.complaints]` of a policy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplaintsSpec {
    /// How long settling one may take that has no other target; without it, such ones have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<ResponseTime>,
    /// Other targets; the first counts whose rule is true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetSpec>,
    /// The days that are no business days, beside Saturdays and Sundays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Day>,
}

/// The targets of a policy, bound to a schema: they decide, and cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplaintTargets {
    pub(super) within: Option<ResponseTime>,
    pub(super) targets: Vec<(Rule, ResponseTime)>,
    /// Those of Monday to Friday.
    pub(super) holidays: Vec<Day>,
}

impl ComplaintTargets {
    /// By when a complaint is to be settled that was opened on a day by the customer of a row: the last day in time. Without
    /// a row no rule is true. `None` where there is no target.
    #[must_use]
    pub fn due(&self, opened: Day, row: Option<Row<'_>>) -> Option<Day> {
        let holds = |rule: &Rule| row.is_some_and(|row| rule.truth(row) == Truth::True);
        let target = self.targets.iter().find(|(rule, _)| holds(rule));
        let time = target.map(|(_, time)| *time).or(self.within)?;
        Some(time.after(opened, &self.holidays))
    }
}
