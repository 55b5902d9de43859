//! The days of a replay.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{Day, Days};
use crate::summary::Period;

/// How often a replay reviews: at the close of every such period of the calendar.
///
/// ```
/// use customer_value::engine::simulate::Step;
///
/// let months: Step = "month".parse()?;
/// let days: Vec<String> = months.days("2024-01-15".parse()?, "2024-04-29".parse()?).map(|day| day.to_string()).collect();
/// assert_eq!(days, ["2024-01-31", "2024-02-29", "2024-03-31"]);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Every day.
    Day,
    /// Every Sunday.
    Week,
    /// The last day of every month.
    Month,
    /// The last day of March, June, September and December.
    Quarter,
    /// Every 31 December.
    Year,
}

impl Step {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Day, "day"),
        (Self::Week, "week"),
        (Self::Month, "month"),
        (Self::Quarter, "quarter"),
        (Self::Year, "year"),
    ];

    /// The days with which a period ends, from a day to a day, both included.
    pub fn days(self, from: Day, to: Day) -> impl Iterator<Item = Day> + use<> {
        // The last period of the calendar ends with it.
        let mut next = Some(self.end(from));
        std::iter::from_fn(move || {
            let day = next.filter(|day| *day <= to)?;
            next = (day < Day::MAX).then(|| self.end(day.next()));
            Some(day)
        })
    }

    /// The last day of the period that a day is in.
    fn end(self, day: Day) -> Day {
        let period = match self {
            Self::Day => return day,
            Self::Week => Period::Week,
            Self::Month => Period::Month,
            Self::Quarter => Period::Quarter,
            Self::Year => Period::Year,
        };
        let next = period.next_start(day);
        // The last period of the calendar has none after it.
        if next == Day::MAX {
            next
        } else {
            next.minus(Days::new(1))
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(step, _)| step == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Step {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let step = Self::ALL.iter().find(|(_, name)| *name == text.trim());
        step.map(|(step, _)| *step).ok_or_else(|| {
            let why = "a step is `day`, `week`, `month`, `quarter` or `year`";
            Error::parse("step", text, why)
        })
    }
}
