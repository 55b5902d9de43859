//! When a term ends.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::spec::TermSpec;
use crate::Error;
use crate::model::{Day, Days, Span, serde_as_text};
use crate::summary::Period;

/// A day of every year, in text and in serde like `04-01`; 29 February is 28 February in years without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: u32,
    day: u32,
}

impl MonthDay {
    /// The first such day after another one; the last of the calendar if there is none.
    #[must_use]
    pub fn next_after(self, day: Day) -> Day {
        (day.year()..=day.year() + 1)
            .filter_map(|year| {
                let last = |d| Day::from_ymd(year, self.month, d).ok();
                last(self.day).or_else(|| last(28))
            })
            .find(|date| *date > day)
            .unwrap_or(Day::MAX)
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl FromStr for MonthDay {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        // A leap year has every day there is.
        let day: Day = format!("2000-{text}").parse().map_err(|_| {
            let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            let written = text.split_once('-');
            let written = written.is_some_and(|(month, day)| digits(month) && digits(day));
            let help = if written {
                "no year has such a day"
            } else {
                "it is written like `04-01`"
            };
            Error::parse("day of the year", text, help)
        })?;
        Ok(Self {
            month: day.month(),
            day: day.day_of_month(),
        })
    }
}

serde_as_text!(MonthDay);

/// The day whose anniversaries are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anniversary {
    /// That of enrolment.
    Enrolment,
    /// A date attribute of the customer; without a value there is no anniversary, and the term is as without it.
    Attribute(String),
}

/// The first of the days a year apart from `anchor` that `enough` holds for.
fn anniversary(anchor: Day, at_least: Day) -> Day {
    let Ok(year) = Span::months(12) else {
        return at_least;
    };
    let n = year.whole_between(anchor, at_least);
    let found = year.times_after(anchor, n);
    if found >= at_least {
        found
    } else {
        year.times_after(anchor, n.saturating_add(1))
    }
}

/// The first day of the period that begins on a day or next after it.
fn round_up(period: Period, day: Day) -> Day {
    period.next_start(day.minus(Days::new(1)))
}

impl TermSpec {
    /// The end of a term that starts on `start`, decided at the close of `decided`; always after the start, except at the end
    /// of the calendar. `anchor` is the day of the anniversaries.
    pub(super) fn end(&self, start: Day, decided: Day, anchor: Option<Day>) -> Day {
        let next = start.next();
        if let Some(length) = self.length {
            let end = length.after(start);
            return match (self.round, &self.anniversary, anchor) {
                (Some(period), _, _) => round_up(period, end),
                (None, Some(_), Some(anchor)) => anniversary(anchor, end),
                _ => end,
            }
            .max(next);
        }
        if let Some(period) = self.end_of {
            let end = |from: Day| {
                let end = period.next_start(from);
                if self.next {
                    period.next_start(end)
                } else {
                    end
                }
            };
            let found = end(decided);
            return if found > start { found } else { end(start) };
        }
        if let Some(first) = self.dates.iter().map(|d| d.next_after(start)).min() {
            return first;
        }
        match anchor {
            Some(anchor) => anniversary(anchor, next),
            None => Span::months(12).map_or(next, |year| year.after(start)),
        }
    }
}

/// The end of a span from a day, perhaps moved up to the end of a period.
pub(super) fn rounded(length: Span, round: Option<Period>, from: Day) -> Day {
    let end = length.after(from);
    round.map_or(end, |period| round_up(period, end))
}
