//! Two shares: their difference and their ratio.

use serde::{Deserialize, Serialize};

use super::quantile::solve;
use super::{Confidence, Difference};
use crate::report::Interval;

/// How many of how many: at least one, and no more hits than all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    hits: u64,
    all: u64,
}

/// A rate against another: by which share it is higher.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uplift {
    /// Rate of the treated ÷ rate of the control − 1, from −1 on: 0.1 is a tenth more.
    pub uplift: f64,
    /// Koopman's interval of it.
    pub interval: Interval,
}

impl Rate {
    /// So many of so many; `None` of nobody, or more than all.
    #[must_use]
    pub fn new(hits: u64, all: u64) -> Option<Self> {
        (all > 0 && hits <= all).then_some(Self { hits, all })
    }

    /// Hits ÷ all.
    #[must_use]
    pub fn share(self) -> f64 {
        let (hits, all) = self.counts();
        hits / all
    }

    #[allow(clippy::cast_precision_loss)] // for shares
    fn counts(self) -> (f64, f64) {
        (self.hits as f64, self.all as f64)
    }

    /// This rate, of the treated, less another, of the control, with Newcombe's hybrid score interval (1998, method 10).
    ///
    /// ```
    /// use customer_value::report::effect::{Confidence, Rate};
    ///
    /// // Newcombe, table II (a): 56 of 70 against 48 of 80.
    /// let (treated, control) = (Rate::new(56, 70).unwrap(), Rate::new(48, 80).unwrap());
    /// let interval = treated.difference(control, Confidence::default()).interval.unwrap();
    /// assert_eq!(format!("{:.4} {:.4}", interval.low, interval.high), "0.0524 0.3339");
    /// ```
    #[must_use]
    pub fn difference(self, control: Self, confidence: Confidence) -> Difference {
        let (p, q) = (self.share(), control.share());
        let score = |rate: Self| Interval::wilson_at(rate.hits, rate.all, confidence);
        let interval = |(one, two): (Interval, Interval)| Interval {
            low: (p - q) - (p - one.low).hypot(two.high - q),
            high: (p - q) + (one.high - p).hypot(q - two.low),
        };
        Difference {
            treated: p,
            control: q,
            difference: p - q,
            interval: score(self).zip(score(control)).map(interval),
        }
    }

    /// This rate, of the treated, ÷ another, of the control, − 1, with Koopman's interval (1984): every ratio that the score
    /// test does not refuse. `None` where nobody of the control is a hit.
    ///
    /// ```
    /// use customer_value::report::effect::{Confidence, Rate};
    ///
    /// let (treated, control) = (Rate::new(36, 40).unwrap(), Rate::new(16, 80).unwrap());
    /// let found = treated.uplift(control, Confidence::default()).unwrap();
    /// assert_eq!(format!("{:.2}", found.uplift), "3.50");
    /// // Koopman (1984): the ratio is from 2.94 to 7.15.
    /// assert_eq!(format!("{:.2} {:.2}", found.interval.low, found.interval.high), "1.94 6.15");
    /// ```
    #[must_use]
    pub fn uplift(self, control: Self, confidence: Confidence) -> Option<Uplift> {
        /// Beyond any ratio of two counts, as a logarithm.
        const END: f64 = 100.0;
        if control.hits == 0 {
            return None;
        }
        let ratio = self.share() / control.share();
        let z = confidence.normal();
        let accepted = |log: f64| self.chi_square(control, libm::exp(log)) <= z * z;
        let middle = if self.hits == 0 {
            -END
        } else {
            libm::log(ratio)
        };
        let low = if self.hits == 0 {
            0.0
        } else {
            libm::exp(solve(-END, middle, |log| !accepted(log)))
        };
        let high = libm::exp(solve(middle, END, accepted));
        Some(Uplift {
            uplift: ratio - 1.0,
            interval: Interval {
                // Rounding must not leave the estimate outside.
                low: low.min(ratio) - 1.0,
                high: high.max(ratio) - 1.0,
            },
        })
    }

    /// Pearson's statistic of both rates against those most likely of all with the given ratio (Koopman 1984).
    fn chi_square(self, control: Self, ratio: f64) -> f64 {
        let ((x, n), (y, m)) = (self.counts(), control.counts());
        // The smaller root of a quadratic, without the difference of two large numbers.
        let half = ratio * (n + y) + x + m;
        let root = (half * half - 4.0 * ratio * (n + m) * (x + y))
            .max(0.0)
            .sqrt();
        let q = 2.0 * (x + y) / (half + root);
        let part = |hits: f64, all: f64, rate: f64| {
            let variance = all * rate * (1.0 - rate);
            let apart = hits - all * rate;
            if variance > 0.0 {
                apart * apart / variance
            } else {
                0.0
            }
        };
        part(x, n, (ratio * q).min(1.0)) + part(y, m, q.min(1.0))
    }
}
