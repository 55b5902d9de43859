//! Days, by chrono.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Deserialize;

/// A day. It is read from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Date(pub NaiveDate);

impl TryFrom<String> for Date {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|e| format!("`{text}`: {e}"))
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

pub fn day(text: &str) -> Date {
    Date::try_from(text.to_owned()).unwrap()
}

pub fn plus(day: Date, days: i64) -> Date {
    Date(if days < 0 {
        day.0 - Days::new(days.unsigned_abs())
    } else {
        day.0 + Days::new(days.unsigned_abs())
    })
}

/// How many days from one to the other.
pub fn between(from: Date, to: Date) -> i64 {
    to.0.signed_duration_since(from.0).num_days()
}

/// `90 days`, `2 weeks`, `18 months`, `1 year`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub enum Length {
    Days(u32),
    Months(u32),
}

impl TryFrom<String> for Length {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let (number, unit) = text.split_once(' ').ok_or("no unit")?;
        let number: u32 = number.parse().map_err(|_| "no number")?;
        Ok(match unit.trim_end_matches('s') {
            "day" => Self::Days(number),
            "week" => Self::Days(7 * number),
            "month" => Self::Months(number),
            "year" => Self::Months(12 * number),
            _ => return Err(format!("`{text}` is no length")),
        })
    }
}

impl Length {
    /// The day that comes so many times this length after another.
    pub fn times_after(self, day: Date, times: u32) -> Date {
        Date(match self {
            Self::Days(n) => day.0 + Days::new(u64::from(n) * u64::from(times)),
            Self::Months(n) => day.0 + Months::new(n * times),
        })
    }

    pub fn after(self, day: Date) -> Date {
        self.times_after(day, 1)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    pub fn parse(word: &str) -> Self {
        match word.trim_end_matches('s') {
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => panic!("`{word}` is no period"),
        }
    }

    pub fn is_first_day(self, day: Date) -> bool {
        let date = day.0;
        match self {
            Self::Week => date.weekday() == chrono::Weekday::Mon,
            Self::Month => date.day() == 1,
            Self::Quarter => date.day() == 1 && date.month() % 3 == 1,
            Self::Year => date.day() == 1 && date.month() == 1,
        }
    }

    /// The first day of the period a day is in.
    pub fn start(self, mut day: Date) -> Date {
        while !self.is_first_day(day) {
            day = plus(day, -1);
        }
        day
    }

    /// The first day of the next period after the one a day is in.
    pub fn next(self, day: Date) -> Date {
        self.not_before(plus(day, 1))
    }

    /// That day if it is the first one of a period, else the first day of the next.
    pub fn not_before(self, mut day: Date) -> Date {
        while !self.is_first_day(day) {
            day = plus(day, 1);
        }
        day
    }
}

/// The first anniversary of a day that is not before another one.
pub fn anniversary_from(of: Date, mut day: Date) -> Date {
    loop {
        if is_day_of_year(of.0.month(), of.0.day(), day) {
            return day;
        }
        day = plus(day, 1);
    }
}

/// Whether a day is the one of that month and number; 29 February is 28 February in years without one.
pub fn is_day_of_year(month: u32, number: u32, day: Date) -> bool {
    let leap = day.0.leap_year();
    let number = if (month, number) == (2, 29) && !leap {
        28
    } else {
        number
    };
    (day.0.month(), day.0.day()) == (month, number)
}
