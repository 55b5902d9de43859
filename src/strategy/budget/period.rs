//! Years and quarters, of the calendar or from another month on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{Day, serde_as_text};

/// How long a period of a budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Periods {
    /// A year.
    Yearly,
    /// A quarter of a year.
    Quarterly,
}

/// A year or a quarter of a [`Calendar`], named by the calendar year in which its year begins.
///
/// In text and in serde `2024` or `2024-Q3`.
///
/// ```
/// use customer_value::strategy::budget::Period;
///
/// let period: Period = "2024-Q3".parse()?;
/// assert_eq!((period.year(), period.quarter()), (2024, Some(3)));
/// assert_eq!(period.to_string(), "2024-Q3");
/// assert!("2024-Q5".parse::<Period>().is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i32,
    /// 1 to 4; 0 is the whole year.
    quarter: u8,
}

impl Period {
    /// The calendar year in which its year begins; 0 for days before the first such year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The quarter, 1 to 4; `None` if it is a whole year.
    #[must_use]
    pub const fn quarter(self) -> Option<u8> {
        if self.quarter == 0 {
            None
        } else {
            Some(self.quarter)
        }
    }

    /// The same period of the year before; `None` if the calendar has none.
    #[must_use]
    pub fn a_year_before(self) -> Option<Self> {
        (self.year > 0).then(|| Self {
            year: self.year - 1,
            ..self
        })
    }

    /// The period that comes after; `None` if the calendar has none.
    #[must_use]
    pub fn following(self) -> Option<Self> {
        let next = match self.quarter {
            1..=3 => Self {
                quarter: self.quarter + 1,
                ..self
            },
            quarter => Self {
                year: self.year + 1,
                quarter: quarter.min(1),
            },
        };
        (next.year <= 9999).then_some(next)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        match self.quarter {
            0 => Ok(()),
            quarter => write!(f, "-Q{quarter}"),
        }
    }
}

impl FromStr for Period {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let (year, quarter) = match text.split_once("-Q") {
            Some((year, quarter)) => (year, Some(quarter)),
            None => (text, None),
        };
        let quarter = match quarter {
            None => Some(0),
            Some("1") => Some(1),
            Some("2") => Some(2),
            Some("3") => Some(3),
            Some("4") => Some(4),
            Some(_) => None,
        };
        let digits = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let year = digits.then(|| year.parse().ok()).flatten();
        match (year, quarter) {
            (Some(year), Some(quarter)) => Ok(Self { year, quarter }),
            _ => Err(Error::parse(
                "period",
                text,
                "it is written like `2024` or `2024-Q3`",
            )),
        }
    }
}

serde_as_text!(Period);

/// Which days belong to which period.
///
/// ```
/// use customer_value::strategy::budget::{Calendar, Periods};
///
/// let calendar = Calendar::new(Periods::Quarterly, 4)?;
/// let period = calendar.period("2025-02-01".parse()?);
/// assert_eq!(period.to_string(), "2024-Q4");
/// let (first, last) = calendar.days(period);
/// assert_eq!((first.to_string(), last.to_string()), ("2025-01-01".into(), "2025-03-31".into()));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Calendar {
    periods: Periods,
    /// 1 to 12.
    start_month: u32,
}

impl Calendar {
    /// Years that begin with the first day of a month, 1 to 12.
    ///
    /// # Errors
    /// There is no such month (`is_range`).
    pub fn new(periods: Periods, start_month: u32) -> Result<Self, Error> {
        if (1..=12).contains(&start_month) {
            Ok(Self {
                periods,
                start_month,
            })
        } else {
            Err(Error::range(format!(
                "a month of {start_month} is not from 1 to 12"
            )))
        }
    }

    /// The period a day belongs to.
    #[must_use]
    pub fn period(&self, day: Day) -> Period {
        // 0 to 11, since the first month of the year.
        let month = (day.month() + 12 - self.start_month) % 12;
        let quarter = u8::try_from(month / 3 + 1).unwrap_or(1);
        Period {
            year: day.year() - i32::from(day.month() < self.start_month),
            quarter: match self.periods {
                Periods::Yearly => 0,
                Periods::Quarterly => quarter,
            },
        }
    }

    /// Whether it is one of its periods: a year of a calendar of years, a quarter of one of quarters.
    #[must_use]
    pub const fn has(&self, period: Period) -> bool {
        match self.periods {
            Periods::Yearly => period.quarter == 0,
            Periods::Quarterly => period.quarter != 0,
        }
    }

    /// The first and the last day of a period, both of them in it. A period that reaches beyond the calendar ends with it.
    ///
    /// A year may be asked for by a calendar of quarters, and a quarter by one of years.
    #[must_use]
    pub fn days(&self, period: Period) -> (Day, Day) {
        let (skip, months) = match period.quarter {
            0 => (0, 12),
            quarter => (3 * (u32::from(quarter) - 1), 3),
        };
        let last = self.month_after(period.year, skip + months);
        // What begins after the calendar has only its last day.
        let last = match last {
            Ok(next) => next.minus(crate::model::Days::new(1)),
            Err(end) => end,
        };
        let first = self
            .month_after(period.year, skip)
            .unwrap_or_else(|end| end);
        (first, last)
    }

    /// The first days of the months of a period, in order: 12 or 3.
    #[must_use]
    pub(super) fn months(&self, period: Period) -> Vec<(Day, Day)> {
        let (skip, months) = match period.quarter {
            0 => (0, 12),
            quarter => (3 * (u32::from(quarter) - 1), 3),
        };
        (skip..skip + months)
            .filter_map(|month| {
                let first = self.month_after(period.year, month).ok()?;
                let last = match self.month_after(period.year, month + 1) {
                    Ok(next) => next.minus(crate::model::Days::new(1)),
                    Err(end) => end,
                };
                Some((first, last))
            })
            .collect()
    }

    /// The first day of the month that is so many months after the start of a year, or the end of the calendar it lies beyond.
    fn month_after(&self, year: i32, months: u32) -> Result<Day, Day> {
        let month = self.start_month - 1 + months;
        let over = i32::try_from(month / 12).unwrap_or(0);
        let year = year.saturating_add(over);
        let end = if year < 1 { Day::MIN } else { Day::MAX };
        Day::from_ymd(year, month % 12 + 1, 1).map_err(|_| end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Days;

    #[test]
    fn every_day_is_in_the_days_of_its_period_and_periods_follow_each_other() {
        for periods in [Periods::Yearly, Periods::Quarterly] {
            for start_month in 1..=12 {
                let calendar = Calendar::new(periods, start_month).unwrap();
                for around in ["0001-01-01", "2024-02-29", "9999-12-31"] {
                    let around: Day = around.parse().unwrap();
                    for k in -800..=800 {
                        let day = around.plus(Days::new(k));
                        let period = calendar.period(day);
                        let (first, last) = calendar.days(period);
                        assert!(first <= day && day <= last, "{day} {period}");
                        assert_eq!(calendar.period(first), period);
                        assert_eq!(calendar.period(last), period);
                        assert_eq!(period.to_string().parse(), Ok(period));
                        match period.following() {
                            Some(next) if last < Day::MAX => {
                                assert_eq!(calendar.days(next).0, last.next());
                            }
                            _ => assert_eq!(last, Day::MAX),
                        }
                        let months = calendar.months(period);
                        let days: i32 = months.iter().map(|(a, b)| (*b - *a).get() + 1).sum();
                        if first > Day::MIN {
                            assert_eq!(days, (last - first).get() + 1, "{period}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn texts_that_are_no_period() {
        for text in [
            "", "24", "2024-Q0", "2024-Q5", "2024-3", "+024", "2024-Q", "12024",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
