//! Which days a profile is about, and what it takes for an answer and for frequent.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{Currency, Day, Days};

/// Which days a [`Profile`](super::Profile) is about, in which currency, and by which rules.
///
/// ```
/// use customer_value::model::{Currency, Days};
/// use customer_value::report::behaviour::BehaviourOptions;
///
/// let year = BehaviourOptions::new("2024-01-01".parse()?, "2025-01-01".parse()?, Currency::EUR)?
///     .with_answer_within(Days::new(14))?;
/// assert_eq!(year.days(), Days::new(366));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct BehaviourOptions {
    from: Day,
    to: Day,
    currency: Currency,
    answer_within: Days,
    per: Days,
    half_life: Days,
    frequent: u32,
}

impl BehaviourOptions {
    /// The days from `from` up to, but not including, `to`. An outbound contact is answered within 7 days, rates are per 30
    /// days, the half-life is 90 days, and frequent is who buys on one day in 30.
    ///
    /// # Errors
    /// `to` is not after `from` (`is_range`).
    pub fn new(from: Day, to: Day, currency: Currency) -> Result<Self, Error> {
        if to <= from {
            return Err(Error::range(format!(
                "there is no day from {from} up to, but not including, {to}"
            )));
        }
        Ok(Self {
            from,
            to,
            currency,
            answer_within: Days::new(7),
            per: Days::new(30),
            half_life: Days::new(90),
            frequent: 1,
        })
    }

    /// With another time in which a contact is answered, counted from its own day on: 1 day is the same day.
    ///
    /// # Errors
    /// Less than a day (`is_range`).
    pub fn with_answer_within(mut self, days: Days) -> Result<Self, Error> {
        self.answer_within = some_days("time to answer", days)?;
        Ok(self)
    }

    /// With another number of days that rates are per.
    ///
    /// # Errors
    /// Less than a day (`is_range`).
    pub fn with_per(mut self, days: Days) -> Result<Self, Error> {
        self.per = some_days("length `per`", days)?;
        Ok(self)
    }

    /// With another time after which an activity counts half.
    ///
    /// # Errors
    /// Less than a day (`is_range`).
    pub fn with_half_life(mut self, days: Days) -> Result<Self, Error> {
        self.half_life = some_days("half-life", days)?;
        Ok(self)
    }

    /// With another number of days with a purchase, per [`per`](Self::per) days, from which on a customer is frequent.
    ///
    /// # Errors
    /// Zero (`is_range`).
    pub fn with_frequent(mut self, active_days: u32) -> Result<Self, Error> {
        if active_days == 0 {
            return Err(Error::range("frequent takes 1 day or more, not 0"));
        }
        self.frequent = active_days;
        Ok(self)
    }

    /// The first day.
    #[must_use]
    pub const fn from(&self) -> Day {
        self.from
    }

    /// The first day after the last.
    #[must_use]
    pub const fn to(&self) -> Day {
        self.to
    }

    /// How many days, 1 or more.
    #[must_use]
    pub fn days(&self) -> Days {
        self.to - self.from
    }

    /// The currency of all amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Within how many days, from that of the contact on, an answer is one.
    #[must_use]
    pub const fn answer_within(&self) -> Days {
        self.answer_within
    }

    /// How many days rates are per.
    #[must_use]
    pub const fn per(&self) -> Days {
        self.per
    }

    /// The time after which an activity counts half.
    #[must_use]
    pub const fn half_life(&self) -> Days {
        self.half_life
    }

    /// From how many days with a purchase, per [`per`](Self::per) days, a customer is frequent.
    #[must_use]
    pub const fn frequent(&self) -> u32 {
        self.frequent
    }

    pub(super) fn contains(&self, day: Day) -> bool {
        (self.from..self.to).contains(&day)
    }
}

fn some_days(what: &str, days: Days) -> Result<Days, Error> {
    if days.get() < 1 {
        return Err(Error::range(format!(
            "the {what} is 1 day or more, not {days}"
        )));
    }
    Ok(days)
}

/// Options as they are written, before they are checked. What is left out is as in [`BehaviourOptions::new`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    from: Day,
    to: Day,
    currency: Currency,
    answer_within: Option<Days>,
    per: Option<Days>,
    half_life: Option<Days>,
    frequent: Option<u32>,
}

impl TryFrom<Raw> for BehaviourOptions {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self, Error> {
        let new = Self::new(raw.from, raw.to, raw.currency)?;
        new.with_answer_within(raw.answer_within.unwrap_or(new.answer_within))?
            .with_per(raw.per.unwrap_or(new.per))?
            .with_half_life(raw.half_life.unwrap_or(new.half_life))?
            .with_frequent(raw.frequent.unwrap_or(new.frequent))
    }
}
