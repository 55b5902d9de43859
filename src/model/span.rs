//! Lengths of time in days or in whole months.

use std::fmt;
use std::str::FromStr;

use super::day::{Day, Days};
use super::text::serde_as_text;
use crate::Error;

/// The most months a span has: the years 1 to 9999.
const MAX_MONTHS: u32 = 12 * 9998;

/// A length of time as people agree on it: so many days, or so many months of the calendar. At least one.
///
/// In text and in serde: `90 days`, `2 weeks` (14 days), `18 months`, `1 year` (12 months).
///
/// ```
/// use customer_value::model::{Day, Span};
///
/// let year: Span = "1 year".parse()?;
/// let start: Day = "2024-02-29".parse()?;
/// assert_eq!(year.after(start).to_string(), "2025-02-28");
/// assert_eq!("90 days".parse::<Span>()?.after(start).to_string(), "2024-05-29");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    count: u32,
    months: bool,
}

impl Span {
    /// So many days.
    ///
    /// # Errors
    /// None, or more than the calendar has (`is_range`).
    pub fn days(days: u32) -> Result<Self, Error> {
        Self::new(days, false, 366 * 9999)
    }

    /// So many months of the calendar.
    ///
    /// # Errors
    /// None, or more than the calendar has (`is_range`).
    pub fn months(months: u32) -> Result<Self, Error> {
        Self::new(months, true, MAX_MONTHS)
    }

    fn new(count: u32, months: bool, most: u32) -> Result<Self, Error> {
        if (1..=most).contains(&count) {
            Ok(Self { count, months })
        } else {
            Err(Error::range(format!(
                "a length of time of {count} is not from 1 to {most}"
            )))
        }
    }

    /// The day that comes a span after another: of months, the same day of the month, or the last one of a month that is
    /// too short for it.
    #[must_use]
    pub fn after(self, day: Day) -> Day {
        self.times_after(day, 1)
    }

    /// The day that comes so many spans after (before, if negative) another. Counted from `day` itself, so that the 31st
    /// comes back after a short month. It stays within the calendar.
    #[must_use]
    pub fn times_after(self, day: Day, times: i32) -> Day {
        let count = i64::from(self.count).saturating_mul(i64::from(times));
        if self.months {
            plus_months(day, count)
        } else {
            let limit = i64::from(i32::MAX);
            let days = i32::try_from(count.clamp(-limit, limit)).unwrap_or(0);
            day.plus(Days::new(days))
        }
    }

    /// How many whole spans from one day to a later one: the greatest `n` with `times_after(from, n) <= to`; negative if
    /// `to` is earlier.
    #[must_use]
    pub fn whole_between(self, from: Day, to: Day) -> i32 {
        let days = (to - from).get();
        let about = if self.months {
            // A month has 28 to 31 days: the guess is off by less than a few.
            let months = i64::from(days) * 12 / 365;
            i32::try_from(months / i64::from(self.count)).unwrap_or(0)
        } else {
            i32::try_from(self.count).map_or(0, |count| days.div_euclid(count))
        };
        let fits = |n: i32| self.times_after(from, n) <= to && on_calendar(self, from, n);
        let mut n = about;
        while !fits(n) && n > i32::MIN {
            n -= 1;
        }
        while fits(n.saturating_add(1)) {
            n += 1;
        }
        n
    }
}

/// Whether that many spans stay within the calendar, where [`Span::times_after`] still moves.
fn on_calendar(span: Span, from: Day, times: i32) -> bool {
    times <= 0 || span.times_after(from, times) > span.times_after(from, times - 1)
}

fn plus_months(day: Day, months: i64) -> Day {
    let month = i64::from(day.year()) * 12 + i64::from(day.month()) - 1 + months;
    let (year, of_year) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    let Ok(year) = i32::try_from(year) else {
        return if months > 0 { Day::MAX } else { Day::MIN };
    };
    if year > 9999 {
        return Day::MAX;
    }
    if year < 1 {
        return Day::MIN;
    }
    let of_year = u32::try_from(of_year).unwrap_or(1);
    (28..=day.day_of_month())
        .rev()
        .chain([day.day_of_month()])
        .find_map(|d| Day::from_ymd(year, of_year, d).ok())
        .unwrap_or(day)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match (self.months, self.count) {
            (true, months) if months.is_multiple_of(12) => (months / 12, "year"),
            (true, months) => (months, "month"),
            (false, days) => (days, "day"),
        };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

impl FromStr for Span {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |help| Error::parse("length of time", text, help);
        let form = "it is written like `90 days`, `18 months` or `1 year`";
        let (number, unit) = text.trim().split_once(' ').ok_or_else(|| wrong(form))?;
        let number: u32 = number.parse().map_err(|_| wrong(form))?;
        let times = |by: u32| number.saturating_mul(by);
        match unit.trim() {
            "day" | "days" => Self::days(number),
            "week" | "weeks" => Self::days(times(7)),
            "month" | "months" => Self::months(number),
            "year" | "years" => Self::months(times(12)),
            _ => return Err(wrong(form)),
        }
        .map_err(|_| wrong("it is at least 1 day and at most the years 1 to 9999"))
    }
}

serde_as_text!(Span);

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn months_end_where_the_month_does() {
        let month = Span::months(1).unwrap();
        assert_eq!(month.after(day("2024-01-31")), day("2024-02-29"));
        assert_eq!(month.times_after(day("2024-01-31"), 2), day("2024-03-31"));
        assert_eq!(month.times_after(day("2024-01-31"), -2), day("2023-11-30"));
        assert_eq!(month.after(Day::MAX), Day::MAX);
        assert_eq!(month.times_after(Day::MIN, -1), Day::MIN);
    }

    #[test]
    fn whole_spans_between_days() {
        let year: Span = "1 year".parse().unwrap();
        for (to, n) in [
            ("2024-05-31", 0),
            ("2025-05-30", 0),
            ("2025-05-31", 1),
            ("2034-05-31", 10),
            ("2024-05-30", -1),
            ("0001-01-01", -2024),
        ] {
            assert_eq!(year.whole_between(day("2024-05-31"), day(to)), n, "{to}");
        }
        assert!(year.whole_between(Day::MIN, Day::MAX) > 9990);
        let days: Span = "30 days".parse().unwrap();
        assert_eq!(days.whole_between(day("2024-01-01"), day("2024-01-30")), 0);
        assert_eq!(days.whole_between(day("2024-01-01"), day("2024-01-31")), 1);
        assert_eq!(days.whole_between(day("2024-01-31"), day("2024-01-01")), -1);
    }

    #[test]
    fn the_text_is_read_back() {
        for text in ["1 day", "90 days", "18 months", "1 year", "2 years"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("2 weeks".parse::<Span>().unwrap().to_string(), "14 days");
        for text in [
            "0 days",
            "-1 days",
            "1",
            "year",
            "9999999999 days",
            "99999 years",
            "1.5 years",
        ] {
            assert!(text.parse::<Span>().unwrap_err().is_parse(), "{text}");
        }
    }
}
