//! How sure an interval is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::quantile::{normal, student};
use crate::Error;

/// In which share of cases an interval covers what is estimated: 0.8 to 0.999, 0.95 if nothing is said.
///
/// ```
/// use customer_value::report::effect::Confidence;
///
/// assert_eq!(Confidence::new(0.9)?.share(), 0.9);
/// assert_eq!(Confidence::default().to_string(), "95 %");
/// assert!(Confidence::new(95.0).is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Confidence(f64);

impl Confidence {
    /// The confidence of a share.
    ///
    /// # Errors
    /// It is not from 0.8 to 0.999 (`is_range`).
    pub fn new(share: f64) -> Result<Self, Error> {
        if (0.8..=0.999).contains(&share) {
            return Ok(Self(share));
        }
        Err(Error::range(format!(
            "a confidence of {share} is not from 0.8 to 0.999"
        )))
    }

    /// The share of cases.
    #[must_use]
    pub const fn share(self) -> f64 {
        self.0
    }

    /// The share of cases in which the interval does not cover it, on both sides together.
    fn rest(self) -> f64 {
        1.0 - self.0
    }

    /// How many standard errors of a normal distribution the interval has on each side.
    pub(in crate::report) fn normal(self) -> f64 {
        normal(self.rest())
    }

    /// The same of Student's t distribution; `df` at least 0.99.
    pub(in crate::report) fn student(self, df: f64) -> f64 {
        student(df, self.rest())
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self(0.95)
    }
}

impl TryFrom<f64> for Confidence {
    type Error = Error;
    fn try_from(share: f64) -> Result<Self, Error> {
        Self::new(share)
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As many decimals as a person wrote, and not those of the product.
        let text = format!("{:.6}", self.0 * 100.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        write!(f, "{text} %")
    }
}
