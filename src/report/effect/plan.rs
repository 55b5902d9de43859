//! How many customers it takes to see a difference.

use serde::{Deserialize, Serialize};

use super::Confidence;
use super::groups::to_f64;
use super::quantile::{noncentral_above, normal_below};

/// The most customers per group that are asked for.
const MOST: u64 = 1 << 53;

/// A difference of means that an experiment is to show.
///
/// ```
/// use customer_value::report::effect::{Confidence, MeansPlan};
///
/// // R: power.t.test(power = .90, delta = 1) has n = 22.02110.
/// let plan = MeansPlan { difference: 1.0, deviation: 1.0, confidence: Confidence::default() };
/// assert_eq!(plan.per_group(0.9), Some(23));
/// // R: power.t.test(n = 20, delta = 1) has power = 0.8689528.
/// assert_eq!(format!("{:.7}", plan.power(20, 20).unwrap()), "0.8689528");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeansPlan {
    /// The true difference, in any unit.
    pub difference: f64,
    /// The standard deviation of the values in each group, in the same unit.
    pub deviation: f64,
    /// The confidence of the interval that is to exclude zero.
    pub confidence: Confidence,
}

impl MeansPlan {
    /// The probability that the interval of groups of these sizes excludes zero, on the side of the difference. `None` if a group
    /// has nobody, both have one, the deviation is not above zero, or a number is not finite.
    #[must_use]
    pub fn power(&self, treated: u64, control: u64) -> Option<f64> {
        let size = self.difference.abs() / self.deviation;
        if treated == 0 || control == 0 || !(self.deviation > 0.0 && size.is_finite()) {
            return None;
        }
        let (n, m) = (to_f64(treated), to_f64(control));
        let freedom = n + m - 2.0;
        if freedom < 1.0 {
            return None;
        }
        let shift = size / (1.0 / n + 1.0 / m).sqrt();
        let power = noncentral_above(self.confidence.student(freedom), freedom, shift);
        Some(power.clamp(0.0, 1.0))
    }

    /// How many customers each of two equal groups needs for a power above 0 and below 1; `None` for another one, without a
    /// difference, if more than 2^53 were needed, and where [`power`](Self::power) is none.
    #[must_use]
    pub fn per_group(&self, power: f64) -> Option<u64> {
        least(power, |n| self.power(n, n))
    }
}

/// A difference of rates that an experiment is to show.
///
/// ```
/// use customer_value::report::effect::{Confidence, RatesPlan};
///
/// // R: power.prop.test(p1 = .50, p2 = .75, power = .90) has n = 76.7.
/// let plan = RatesPlan { treated: 0.75, control: 0.5, confidence: Confidence::default() };
/// assert_eq!(plan.per_group(0.9), Some(77));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatesPlan {
    /// The true rate of the treated, 0 to 1.
    pub treated: f64,
    /// The true rate of the control, 0 to 1.
    pub control: f64,
    /// The confidence of the test.
    pub confidence: Confidence,
}

impl RatesPlan {
    /// The probability that groups of these sizes show the difference, on its side. `None` if a group has nobody, a rate is
    /// not 0 to 1, or both are 0 or both are 1.
    #[must_use]
    pub fn power(&self, treated: u64, control: u64) -> Option<f64> {
        let (p, q) = (self.treated, self.control);
        let known = (0.0..=1.0).contains(&p) && (0.0..=1.0).contains(&q);
        if treated == 0 || control == 0 || !known {
            return None;
        }
        let (n, m) = (to_f64(treated), to_f64(control));
        let pooled = (n * p + m * q) / (n + m);
        let without = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        let with = (p * (1.0 - p) / n + q * (1.0 - q) / m).sqrt();
        if without <= 0.0 {
            return None;
        }
        let over = (p - q).abs() - self.confidence.normal() * without;
        if with > 0.0 {
            return Some(normal_below(over / with));
        }
        // Nobody against everybody.
        Some(if over >= 0.0 { 1.0 } else { 0.0 })
    }

    /// How many customers each of two equal groups needs for a power above 0 and below 1; `None` for another one, without a
    /// difference, if more than 2^53 were needed, and where [`power`](Self::power) is none.
    #[must_use]
    pub fn per_group(&self, power: f64) -> Option<u64> {
        least(power, |n| self.power(n, n))
    }
}

/// The least number of at least 2 with which the power is reached.
fn least(wanted: f64, power: impl Fn(u64) -> Option<f64>) -> Option<u64> {
    if !(wanted > 0.0 && wanted < 1.0) {
        return None;
    }
    let (mut low, mut high) = (1, 2);
    while power(high)? < wanted {
        (low, high) = (high, high.checked_mul(2).filter(|n| *n <= MOST)?);
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if power(middle)? < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}
