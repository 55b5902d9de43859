//! Windows of time, as data, and the days they cover at an `as_of`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{Day, Days, serde_as_text};

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three months from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

/// Which days count.
///
/// A window never reaches past `as_of`, whatever its text says. As text, and in policy files:
///
/// | text | days |
/// |---|---|
/// | `lifetime` | all up to `as_of` |
/// | `365 days` | the 365 days ending with `as_of` |
/// | `this year`, `this quarter`, `this month`, `this week` | from its first day to `as_of` |
/// | `last year`, `last quarter`, … | the whole one before |
/// | `2 years ago`, `3 months ago`, … | the whole one that many before |
/// | `2024-01-01..2025-01-01` | from the first day, without the last |
///
/// ```
/// use customer_value::model::Day;
/// use customer_value::summary::Window;
///
/// let window: Window = "365 days".parse()?;
/// let bounds = window.at("2024-12-31".parse()?);
/// assert_eq!(bounds.len(), 365);
/// assert!(bounds.contains("2024-01-02".parse()?));
/// assert!(!bounds.contains("2024-01-01".parse()?));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Window {
    /// All days up to `as_of`.
    #[default]
    Lifetime,
    /// That many days, the last of them `as_of`.
    Trailing(Days),
    /// The calendar period `back` periods before the one that `as_of` is in; 0 is that one, up to `as_of`.
    Calendar {
        /// Which unit.
        period: Period,
        /// How many before the present one.
        back: u32,
    },
    /// From the first day, without the last.
    Between(Day, Day),
}

/// The days of a window at one `as_of`: from the first, up to but without the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bounds {
    from: i32,
    to: i32,
}

impl Bounds {
    /// From a day, up to but without another.
    pub(crate) fn between(from: Day, to: Day) -> Self {
        let from = from.epoch_days();
        Self {
            from,
            to: to.epoch_days().max(from),
        }
    }

    /// The same days without those before one.
    pub(crate) fn not_before(self, day: Day) -> Self {
        let from = self.from.max(day.epoch_days());
        Self {
            from,
            to: self.to.max(from),
        }
    }

    pub(crate) fn start_epoch(self) -> i32 {
        self.from
    }

    pub(crate) fn end_epoch(self) -> i32 {
        self.to
    }

    /// The first day.
    #[must_use]
    pub fn first(self) -> Day {
        Day::from_epoch_days(self.from).unwrap_or(Day::MIN)
    }

    /// The last day that counts; `None` if there is none.
    #[must_use]
    pub fn last(self) -> Option<Day> {
        (self.to > self.from)
            .then(|| Day::from_epoch_days(self.to - 1).ok())
            .flatten()
    }

    /// Whether a day counts.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        (self.from..self.to).contains(&day.epoch_days())
    }

    /// How many days.
    #[must_use]
    pub fn len(self) -> u32 {
        u32::try_from(self.to - self.from).unwrap_or(0)
    }

    /// No day at all.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }
}

impl Window {
    /// The days it covers at a day.
    #[must_use]
    pub fn at(self, as_of: Day) -> Bounds {
        let end = as_of.epoch_days() + 1;
        let (from, to) = match self {
            Self::Lifetime => (Day::MIN.epoch_days(), end),
            Self::Trailing(days) => (end.saturating_sub(days.get().max(0)), end),
            Self::Calendar { period, back } => {
                let (from, to) = period.around(as_of, back);
                (from, to.min(end))
            }
            Self::Between(from, to) => (from.epoch_days(), to.epoch_days().min(end)),
        };
        let from = from.max(Day::MIN.epoch_days());
        Bounds {
            from,
            to: to.max(from),
        }
    }
}

impl Period {
    /// The first day of the next period after the one a day is in; it stays within the calendar.
    #[must_use]
    pub fn next_start(self, day: Day) -> Day {
        Day::from_epoch_days(self.around(day, 0).1).unwrap_or(Day::MAX)
    }

    const ALL: [(Self, &'static str); 4] = [
        (Self::Week, "week"),
        (Self::Month, "month"),
        (Self::Quarter, "quarter"),
        (Self::Year, "year"),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// First day and one past the last of the period `back` before the one around a day. Periods before the year 1 are
    /// empty.
    fn around(self, day: Day, back: u32) -> (i32, i32) {
        let min = Day::MIN.epoch_days();
        let date = NaiveDate::from(day);
        let months = match self {
            Self::Week => {
                let monday = day.epoch_days()
                    - i32::try_from(date.weekday().num_days_from_monday()).unwrap_or(0);
                let back = i32::try_from(back).unwrap_or(i32::MAX).saturating_mul(7);
                let from = monday.saturating_sub(back);
                return (from.max(min), from.saturating_add(7).max(min));
            }
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        };
        let month = i64::from(day.year()) * 12 + i64::from(day.month()) - 1;
        let first = month - month.rem_euclid(months) - i64::from(back) * months;
        let start = |month: i64| {
            let year = i32::try_from(month.div_euclid(12)).unwrap_or(i32::MIN);
            let of_year = u32::try_from(month.rem_euclid(12)).unwrap_or(0) + 1;
            if year > 9999 {
                return Day::MAX.epoch_days() + 1;
            }
            Day::from_ymd(year, of_year, 1).map_or(min, Day::epoch_days)
        };
        (start(first), start(first + months))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lifetime => f.write_str("lifetime"),
            Self::Trailing(days) => days.fmt(f),
            Self::Calendar { period, back: 0 } => write!(f, "this {}", period.name()),
            Self::Calendar { period, back: 1 } => write!(f, "last {}", period.name()),
            Self::Calendar { period, back } => write!(f, "{back} {}s ago", period.name()),
            Self::Between(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl FromStr for Window {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::parse(
                "window",
                text,
                "a window is written like `lifetime`, `365 days`, `this year`, `last quarter`, `2 months ago` or `2024-01-01..2025-01-01`",
            )
        };
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (from.trim().parse::<Day>()?, to.trim().parse::<Day>()?);
            return if from < to {
                Ok(Self::Between(from, to))
            } else {
                Err(Error::parse("window", text, "it ends before it begins"))
            };
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let period = |word: &str| {
            let one = word.strip_suffix('s').unwrap_or(word);
            Period::ALL
                .into_iter()
                .find(|(_, name)| *name == one)
                .map(|(period, _)| period)
                .ok_or_else(wrong)
        };
        match *words.as_slice() {
            ["lifetime"] => Ok(Self::Lifetime),
            ["this", word] => Ok(Self::Calendar {
                period: period(word)?,
                back: 0,
            }),
            ["last", word] => Ok(Self::Calendar {
                period: period(word)?,
                back: 1,
            }),
            [n, word, "ago"] => Ok(Self::Calendar {
                period: period(word)?,
                back: n.parse().map_err(|_| wrong())?,
            }),
            [n, "day" | "days"] => {
                let days: i32 = n.parse().map_err(|_| wrong())?;
                if days < 1 {
                    return Err(Error::parse(
                        "window",
                        text,
                        "a window has at least one day",
                    ));
                }
                Ok(Self::Trailing(Days::new(days)))
            }
            _ => Err(wrong()),
        }
    }
}

serde_as_text!(Window);

#[cfg(test)]
mod tests {
    use super::*;

    fn days(window: &str, as_of: &str) -> (String, String) {
        let bounds = window.parse::<Window>().unwrap().at(as_of.parse().unwrap());
        (
            bounds.first().to_string(),
            bounds.last().unwrap().to_string(),
        )
    }

    #[test]
    fn windows_cover_the_days_they_say() {
        for (window, as_of, first, last) in [
            ("1 day", "2024-03-01", "2024-03-01", "2024-03-01"),
            ("30 days", "2024-03-01", "2024-02-01", "2024-03-01"),
            ("this week", "2024-03-03", "2024-02-26", "2024-03-03"),
            ("last week", "2024-03-04", "2024-02-26", "2024-03-03"),
            ("this month", "2024-02-29", "2024-02-01", "2024-02-29"),
            ("last month", "2024-03-31", "2024-02-01", "2024-02-29"),
            ("this quarter", "2024-05-10", "2024-04-01", "2024-05-10"),
            ("last quarter", "2024-02-10", "2023-10-01", "2023-12-31"),
            ("last year", "2024-12-31", "2023-01-01", "2023-12-31"),
            ("3 months ago", "2024-02-29", "2023-11-01", "2023-11-30"),
            ("this year", "9999-12-31", "9999-01-01", "9999-12-31"),
            (
                "2024-01-01..2025-01-01",
                "2024-06-30",
                "2024-01-01",
                "2024-06-30",
            ),
            (
                "2024-01-01..2025-01-01",
                "2026-06-30",
                "2024-01-01",
                "2024-12-31",
            ),
        ] {
            assert_eq!(
                days(window, as_of),
                (first.into(), last.into()),
                "{window} at {as_of}"
            );
            assert_eq!(window.parse::<Window>().unwrap().to_string(), window);
        }
    }

    #[test]
    fn a_window_before_the_calendar_is_empty() {
        for window in [
            "9999 years ago",
            "4294967295 weeks ago",
            "2024-01-01..2025-01-01",
        ] {
            let bounds = window
                .parse::<Window>()
                .unwrap()
                .at("2023-01-01".parse().unwrap());
            assert!(bounds.is_empty(), "{window}");
            assert_eq!((bounds.len(), bounds.last()), (0, None));
        }
        for text in [
            "",
            "365",
            "0 days",
            "-3 days",
            "last decade",
            "2024-01-01..2024-01-01",
            "..",
            "99999999999 days",
        ] {
            assert!(text.parse::<Window>().unwrap_err().is_parse(), "{text}");
        }
    }
}
