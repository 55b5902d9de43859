//! Calendar days: the only clock of the crate, and always an argument.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone};

use super::text::serde_as_text;
use crate::Error;

/// Days from 0001-01-01 (chrono's day 1) to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;

/// A calendar day, stored as days since 1970-01-01.
///
/// The range is 0001-01-01 to 9999-12-31, what ISO 8601 writes with four digits. In text and in serde a
/// day is `2024-02-29`.
///
/// ```
/// use customer_value::model::{Day, Days};
///
/// let day: Day = "2024-02-28".parse()?;
/// assert_eq!(day.plus(Days::new(2)).to_string(), "2024-03-01");
/// assert_eq!(Day::from_ymd(2024, 3, 1)? - day, Days::new(2));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// 0001-01-01.
    pub const MIN: Self = Self(1 - EPOCH_FROM_CE);
    /// 9999-12-31.
    pub const MAX: Self = Self(2_932_896);

    /// The day of a year, month and day of the month.
    ///
    /// # Errors
    /// No such day, or outside 0001-01-01 to 9999-12-31 (`is_range`).
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Result<Self, Error> {
        NaiveDate::from_ymd_opt(year, month, day)
            .ok_or_else(|| Error::range(format!("there is no day {year:04}-{month:02}-{day:02}")))
            .and_then(Self::try_from)
    }

    /// The day that is `days` after (before, if negative) 1970-01-01.
    ///
    /// # Errors
    /// Outside 0001-01-01 to 9999-12-31 (`is_range`).
    pub fn from_epoch_days(days: i32) -> Result<Self, Error> {
        let day = Self(days);
        if day < Self::MIN || day > Self::MAX {
            return Err(Error::range(format!(
                "{days} days since 1970-01-01 is outside 0001-01-01 to 9999-12-31"
            )));
        }
        Ok(day)
    }

    /// The business day of an instant: the calendar day in `zone`, where days begin at midnight.
    ///
    /// A shop whose day ends at four in the morning shifts the instant: pass `instant - TimeDelta::hours(4)`.
    ///
    /// # Errors
    /// The local date is outside 0001-01-01 to 9999-12-31 (`is_range`).
    ///
    /// ```
    /// use chrono::{DateTime, FixedOffset};
    /// use customer_value::model::Day;
    ///
    /// let instant: DateTime<FixedOffset> = "2024-03-01T23:30:00Z".parse()?;
    /// let shanghai = FixedOffset::east_opt(8 * 3600).unwrap();
    /// assert_eq!(Day::of_instant(&instant, &shanghai)?.to_string(), "2024-03-02");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_instant<Z: TimeZone, B: TimeZone>(
        instant: &DateTime<Z>,
        zone: &B,
    ) -> Result<Self, Error> {
        // `with_timezone` may step past chrono's own range for its first and last instants.
        let offset = zone.offset_from_utc_datetime(&instant.naive_utc());
        let seconds = i64::from(chrono::Offset::fix(&offset).local_minus_utc());
        instant
            .naive_utc()
            .checked_add_signed(TimeDelta::seconds(seconds))
            .ok_or_else(|| Error::range("the instant is outside the years 1 to 9999"))
            .and_then(|local| Self::try_from(local.date()))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// The day `days` later; it stays within [`Day::MIN`] and [`Day::MAX`].
    #[must_use]
    pub fn plus(self, days: Days) -> Self {
        Self(self.0.saturating_add(days.0)).clamp(Self::MIN, Self::MAX)
    }

    /// The day `days` earlier; it stays within [`Day::MIN`] and [`Day::MAX`].
    #[must_use]
    pub fn minus(self, days: Days) -> Self {
        Self(self.0.saturating_sub(days.0)).clamp(Self::MIN, Self::MAX)
    }

    /// The next day.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(Days::new(1))
    }

    /// The year, 1 to 9999.
    #[must_use]
    pub fn year(self) -> i32 {
        NaiveDate::from(self).year()
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u32 {
        NaiveDate::from(self).month()
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day_of_month(self) -> u32 {
        NaiveDate::from(self).day()
    }
}

impl std::ops::Sub for Day {
    type Output = Days;
    /// Cannot overflow: the range of `Day` is 3.7 million days.
    fn sub(self, earlier: Self) -> Days {
        Days(self.0 - earlier.0)
    }
}

impl TryFrom<NaiveDate> for Day {
    type Error = Error;
    fn try_from(date: NaiveDate) -> Result<Self, Error> {
        Self::from_epoch_days(date.num_days_from_ce() - EPOCH_FROM_CE)
    }
}

impl From<Day> for NaiveDate {
    fn from(day: Day) -> Self {
        // The range of `Day` lies within chrono's, so the fallback is never taken.
        Self::from_num_days_from_ce_opt(day.0 + EPOCH_FROM_CE).unwrap_or(Self::MIN)
    }
}

impl FromStr for Day {
    type Err = Error;
    /// Exactly `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::parse("day", text, "a day is written like `2024-02-29`");
        let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else {
            return Err(wrong());
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_u32, |n, d| {
                d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0'))
            })
        };
        let year = number(&[y0, y1, y2, y3]).ok_or_else(wrong)?;
        let month = number(&[m0, m1]).ok_or_else(wrong)?;
        let day = number(&[d0, d1]).ok_or_else(wrong)?;
        i32::try_from(year)
            .ok()
            .and_then(|year| Self::from_ymd(year, month, day).ok())
            .ok_or_else(|| Error::parse("day", text, "there is no such day"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = NaiveDate::from(*self);
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

serde_as_text!(Day);

/// A length of time in whole days; may be negative. In text and in serde it says its unit: `30 days`.
///
/// ```
/// use customer_value::model::Days;
///
/// assert_eq!("30 days".parse::<Days>()?, Days::new(30));
/// assert!("30".parse::<Days>().is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Days(i32);

impl Days {
    /// That many days.
    #[must_use]
    pub const fn new(days: i32) -> Self {
        Self(days)
    }

    /// How many days.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} day{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

impl FromStr for Days {
    type Err = Error;
    /// `1 day`, `30 days`; never a bare number.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::parse("length of time", text, "it is written like `30 days`");
        let (number, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
        if !matches!(unit.trim(), "day" | "days") {
            return Err(wrong());
        }
        number.parse().map(Self).map_err(|_| wrong())
    }
}

serde_as_text!(Days);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_four_digit_years() {
        assert_eq!(Day::MIN.to_string(), "0001-01-01");
        assert_eq!(Day::MAX.to_string(), "9999-12-31");
        assert_eq!(Day::MAX.plus(Days::new(i32::MAX)), Day::MAX);
        assert_eq!(Day::MIN.minus(Days::new(i32::MAX)), Day::MIN);
        assert_eq!(Day::from_ymd(1970, 1, 1).unwrap().epoch_days(), 0);
        assert!(Day::from_epoch_days(i32::MIN).unwrap_err().is_range());
    }

    #[test]
    fn only_the_iso_form_parses() {
        for text in [
            "2024-2-29",
            "2024-02-30",
            "0000-01-01",
            "20240229",
            "2024-02-29 ",
            "+024-01-01",
            "२०२४-०१-०१",
            "",
        ] {
            assert!(text.parse::<Day>().unwrap_err().is_parse(), "{text}");
        }
    }
}
