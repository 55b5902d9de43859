//! Time in a model: its unit, a discount rate with its period, and how far a forecast reaches.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{Days, serde_as_text};

/// The unit of time of a model's parameters.
///
/// The choice changes no number a user sees: with days for weeks α and β grow by 7 and the log-likelihood falls by Σx · ln 7.
/// Months and years are mean ones of the Gregorian calendar, 30.436875 and 365.2425 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// One day.
    Day,
    /// Seven days.
    #[default]
    Week,
    /// 30.436875 days.
    Month,
    /// 365.2425 days.
    Year,
}

impl TimeUnit {
    const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// How many days it has.
    #[must_use]
    pub fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.436_875,
            Self::Year => 365.2425,
        }
    }

    /// A length of time in this unit.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::TimeUnit;
    /// use customer_value::model::Days;
    ///
    /// assert_eq!(TimeUnit::Week.of(Days::new(272)), 272.0 / 7.0);
    /// ```
    #[must_use]
    pub fn of(self, days: Days) -> f64 {
        f64::from(days.get()) / self.days()
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        })
    }
}

impl FromStr for TimeUnit {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.to_string() == text)
            .ok_or_else(|| {
                Error::parse(
                    "unit of time",
                    text,
                    "it is `day`, `week`, `month` or `year`",
                )
            })
    }
}

/// A discount rate: how much less the same money is worth one period later. Text and serde: `10 % per year`.
///
/// It is an effective rate: 10 % per year makes 1.10 a year from now worth 1.00 today, and 1.10^(t/year) at any time t.
///
/// ```
/// use customer_value::metrics::lifetime::{DiscountRate, TimeUnit};
///
/// let rate: DiscountRate = "10 % per year".parse()?;
/// assert_eq!(rate, DiscountRate::new(0.10, TimeUnit::Year)?);
/// assert!((rate.per(TimeUnit::Year) - 1.10_f64.ln()).abs() < 1e-15);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiscountRate {
    rate: f64,
    period: TimeUnit,
}

impl DiscountRate {
    /// 10 % per year, what is usual where nothing else is known.
    pub const USUAL: Self = Self {
        rate: 0.1,
        period: TimeUnit::Year,
    };
    /// No discount: money keeps its worth.
    pub const NONE: Self = Self {
        rate: 0.0,
        period: TimeUnit::Year,
    };

    /// An effective rate per period; 0.10 is 10 %.
    ///
    /// # Errors
    /// Not a number from 0 to 1,000 (`is_range`).
    pub fn new(rate: f64, period: TimeUnit) -> Result<Self, Error> {
        if !(0.0..=1000.0).contains(&rate) {
            return Err(Error::range(format!(
                "a discount rate of `{rate}` is not a number from 0 to 1000; 10 % is 0.10"
            )));
        }
        Ok(Self { rate, period })
    }

    /// From a continuous rate δ per unit of time.
    ///
    /// # Errors
    /// Its effective rate is not a number from 0 to 1,000 (`is_range`).
    pub fn continuous(delta: f64, unit: TimeUnit) -> Result<Self, Error> {
        Self::new(delta.exp_m1(), unit)
    }

    /// The rate per its period; 0.10 is 10 %.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.rate
    }

    /// The period of the rate.
    #[must_use]
    pub fn period(self) -> TimeUnit {
        self.period
    }

    /// The continuous rate δ per unit of time: money at time t is worth e^(−δt) of money now.
    #[must_use]
    pub fn per(self, unit: TimeUnit) -> f64 {
        self.rate.ln_1p() * (unit.days() / self.period.days())
    }
}

impl fmt::Display for DiscountRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The shortest number of percent that is read as this rate again; if rounding leaves none, the plain rate.
        let percent = self.rate * 100.0;
        if percent / 100.0 == self.rate {
            write!(f, "{percent} % per {}", self.period)
        } else {
            write!(f, "{} per {}", self.rate, self.period)
        }
    }
}

impl FromStr for DiscountRate {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::parse(
                "discount rate",
                text,
                "it is written like `10 % per year`, with `day`, `week`, `month` or `year`",
            )
        };
        let (rate, period) = text.split_once(" per ").ok_or_else(wrong)?;
        let period = period.trim().parse().map_err(|_| wrong())?;
        let rate = match rate.trim().strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map_err(|_| wrong())? / 100.0,
            None => rate.trim().parse().map_err(|_| wrong())?,
        };
        Self::new(rate, period)
    }
}

serde_as_text!(DiscountRate);

/// How far into the future a forecast reaches. Text and serde: `365 days` or `forever`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Horizon {
    /// The days after the day of the forecast, so many.
    Days(Days),
    /// Until every customer has gone.
    Forever,
}

impl Horizon {
    /// Its length; infinite for ever.
    #[must_use]
    pub fn length(self, unit: TimeUnit) -> f64 {
        match self {
            Self::Days(days) => unit.of(days).max(0.0),
            Self::Forever => f64::INFINITY,
        }
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => days.fmt(f),
            Self::Forever => f.write_str("forever"),
        }
    }
}

impl FromStr for Horizon {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        crate::metrics::spec::parse_length(text)
            .ok()
            .filter(|days| days.get() > 0)
            .map(Self::Days)
            .ok_or_else(|| {
                Error::parse(
                    "horizon",
                    text,
                    "it is written like `365 days`, or `forever`",
                )
            })
    }
}

serde_as_text!(Horizon);
