//! Business days: to which day a date-time belongs, and at which hour it is.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveTime, TimeZone, Timelike};

use super::Day;
use super::text::serde_as_text;
use crate::Error;

const MINUTE: i32 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Where and when a business day begins: an offset from UTC, and a local time of day (default UTC, midnight).
///
/// With a start of 04:00, a purchase at two in the morning belongs to the day before. In text and in serde it is
/// `+08:00`, or `+08:00 04:00` with a start that is not midnight. `Z` is read as `+00:00`.
///
/// The offset is fixed. For a zone with daylight saving, convert each instant with
/// [`Day::of_instant`], which takes any [`chrono::TimeZone`].
///
/// ```
/// use customer_value::model::{BusinessDay, parse_day};
///
/// let bar: BusinessDay = "+08:00 04:00".parse()?;
/// assert_eq!(parse_day("2024-03-01T02:00:00", &bar)?.to_string(), "2024-02-29");
/// assert_eq!(parse_day("2024-02-29T23:30:00Z", &bar)?.to_string(), "2024-03-01");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BusinessDay {
    offset: FixedOffset,
    starts: NaiveTime,
}

impl BusinessDay {
    /// Days that begin at the time `starts` of the clock that is `offset` ahead of UTC.
    ///
    /// # Errors
    /// Either is not in whole minutes (`is_range`).
    pub fn new(offset: FixedOffset, starts: NaiveTime) -> Result<Self, Error> {
        if offset.local_minus_utc() % MINUTE != 0 {
            return Err(Error::range(format!(
                "the offset {offset} is not in whole minutes"
            )));
        }
        if starts.second() != 0 || starts.nanosecond() != 0 {
            return Err(Error::range(format!(
                "a business day that starts at {starts} does not start at a whole minute"
            )));
        }
        Ok(Self { offset, starts })
    }

    /// How far its clock is ahead of UTC.
    #[must_use]
    pub const fn offset(&self) -> FixedOffset {
        self.offset
    }

    /// The local time at which a day begins.
    #[must_use]
    pub const fn starts(&self) -> NaiveTime {
        self.starts
    }

    /// The business day of an instant.
    ///
    /// # Errors
    /// It is outside 0001-01-01 to 9999-12-31 (`is_range`).
    pub fn day_of<Z: TimeZone>(&self, instant: &DateTime<Z>) -> Result<Day, Error> {
        // chrono's instants are within 263 thousand years, so no sum of their seconds overflows.
        self.day_of_local(instant.timestamp() + i64::from(self.offset.local_minus_utc()))
    }

    /// The hour of the day, 0 to 23, of a date-time in ISO 8601 text, on its own clock; `None` of a date alone.
    ///
    /// It reads what [`parse_day`] reads. The hour is that of the clock, whenever the business day began: with a start of
    /// 04:00, two in the morning is hour 2 of the day before. As for days, the offset is fixed; for a zone with daylight
    /// saving, take the hour of each instant in that zone ([`chrono::Timelike::hour`]).
    ///
    /// # Errors
    /// As [`parse_day`]: of a text that has no day there is no hour either (`is_parse`).
    ///
    /// ```
    /// use customer_value::model::BusinessDay;
    ///
    /// let shanghai: BusinessDay = "+08:00".parse()?;
    /// assert_eq!(shanghai.hour("2024-02-29T23:30:00Z")?, Some(7));
    /// assert_eq!(shanghai.hour("2024-02-29 23:30")?, Some(23));
    /// assert_eq!(shanghai.hour("2024-02-29")?, None);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    pub fn hour(&self, text: &str) -> Result<Option<u8>, Error> {
        Ok(self.moment(text)?.hour)
    }

    /// The business day, and the hour of the clock, of a date or a date-time in text.
    fn moment(&self, text: &str) -> Result<Moment, Error> {
        let wrong = || {
            Error::parse(
                "day",
                text,
                "write a date like `2024-02-29`, or with a time like `2024-02-29T23:30:00+08:00`",
            )
        };
        let Some((date, time)) = text.split_at_checked(10) else {
            return Err(wrong());
        };
        let day: Day = date.parse().map_err(|_: Error| wrong())?;
        let clock = match time.as_bytes() {
            [] => return Ok(Moment { day, hour: None }),
            [b'T' | b' ', clock @ ..] => clock,
            _ => return Err(wrong()),
        };
        let (of_day, offset) = clock_time(clock).ok_or_else(wrong)?;
        let offset = match offset {
            [] => None,
            offset => Some(offset_seconds(offset).ok_or_else(wrong)?),
        };

        let local = i64::from(day.epoch_days()) * DAY + i64::from(of_day);
        let own = self.offset.local_minus_utc();
        let seconds = local + offset.map_or(0, |offset| i64::from(own) - i64::from(offset));
        let day = self
            .day_of_local(seconds)
            .map_err(|error| Error::parse("day", text, error.to_string()))?;
        let hour = u8::try_from(seconds.rem_euclid(DAY) / HOUR).ok();
        Ok(Moment { day, hour })
    }

    /// The business day of seconds since 1970-01-01T00:00:00 on its own clock.
    fn day_of_local(&self, seconds: i64) -> Result<Day, Error> {
        let begun = seconds - i64::from(self.starts.num_seconds_from_midnight());
        i32::try_from(begun.div_euclid(DAY))
            .map_err(|_| Error::range("the instant is outside the years 1 to 9999"))
            .and_then(Day::from_epoch_days)
    }
}

impl Default for BusinessDay {
    /// UTC, midnight.
    fn default() -> Self {
        Self {
            offset: chrono::Offset::fix(&chrono::Utc),
            starts: NaiveTime::MIN,
        }
    }
}

impl FromStr for BusinessDay {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::parse(
                "business day",
                text,
                "write `+08:00`, or `+08:00 04:00` for days that begin at four",
            )
        };
        let (offset, starts) = match text.split_once(' ') {
            Some((offset, starts)) => (offset, starts),
            None => (text, "00:00"),
        };
        let &[h0, h1, b':', m0, m1] = starts.as_bytes() else {
            return Err(wrong());
        };
        let starts = two_digits(h0, h1)
            .zip(two_digits(m0, m1))
            .and_then(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0));
        let offset = offset_seconds(offset.as_bytes()).and_then(FixedOffset::east_opt);
        match (offset, starts) {
            (Some(offset), Some(starts)) => Ok(Self { offset, starts }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for BusinessDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.offset)?;
        if self.starts != NaiveTime::MIN {
            write!(f, " {}", self.starts.format("%H:%M"))?;
        }
        Ok(())
    }
}

serde_as_text!(BusinessDay);

/// The business day that a date or a date-time in ISO 8601 text belongs to.
///
/// A date alone (`2024-02-29`) is already a business day. A date-time (`2024-02-29T23:30:00`, also with a space for
/// the `T`, without seconds, or with a fraction of them) is on the clock of `zone`, unless it says its own offset
/// (`Z`, `+08:00`, `+0800` or `+08`); it belongs to the business day that had begun by then.
///
/// # Errors
/// Anything else, or a day outside 0001-01-01 to 9999-12-31 (`is_parse`).
///
/// ```
/// use customer_value::model::{BusinessDay, parse_day};
///
/// let utc = BusinessDay::default();
/// assert_eq!(parse_day("2024-02-29", &utc)?.to_string(), "2024-02-29");
/// assert_eq!(parse_day("2024-03-01 06:30:00.250+08:00", &utc)?.to_string(), "2024-02-29");
/// assert!(parse_day("29/02/2024", &utc).is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
pub fn parse_day(text: &str, zone: &BusinessDay) -> Result<Day, Error> {
    Ok(zone.moment(text)?.day)
}

/// What a text says about when.
struct Moment {
    day: Day,
    /// Missing of a date alone.
    hour: Option<u8>,
}

/// The seconds since midnight of `23:30`, `23:30:00` or `23:30:00.25` (whole seconds), and what follows.
fn clock_time(clock: &[u8]) -> Option<(u32, &[u8])> {
    let &[h0, h1, b':', m0, m1, ref rest @ ..] = clock else {
        return None;
    };
    let (second, rest) = match *rest {
        [b':', s0, s1, ref rest @ ..] => (two_digits(s0, s1)?, rest),
        _ => (0, rest),
    };
    // A fraction follows seconds only.
    let rest = match rest {
        [b'.' | b',', fraction @ ..] if clock.get(5) == Some(&b':') => {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            fraction.get(digits..)?
        }
        rest => rest,
    };
    // A leap second belongs to the minute that it ends.
    let second = if second == 60 { 59 } else { second };
    let time = NaiveTime::from_hms_opt(two_digits(h0, h1)?, two_digits(m0, m1)?, second)?;
    Some((time.num_seconds_from_midnight(), rest))
}

/// The seconds that `Z`, `+08:00`, `+0800` or `+08` is ahead of UTC, less than a day.
fn offset_seconds(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        b"Z" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match *digits {
        [h0, h1] => (two_digits(h0, h1)?, 0),
        [h0, h1, m0, m1] | [h0, h1, b':', m0, m1] => (two_digits(h0, h1)?, two_digits(m0, m1)?),
        _ => return None,
    };
    let seconds = NaiveTime::from_hms_opt(hours, minutes, 0)?.num_seconds_from_midnight();
    i32::try_from(seconds).ok().map(|seconds| sign * seconds)
}

fn two_digits(tens: u8, ones: u8) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}
