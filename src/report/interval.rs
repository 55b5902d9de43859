//! Intervals for shares and for differences of means.

use serde::{Deserialize, Serialize};

use super::effect::Confidence;

/// An interval with both ends, which covers what is estimated in 95 of 100 cases, or in as many as the
/// [confidence](Confidence) says that it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, not below the lower one.
    pub high: f64,
}

impl Interval {
    /// The 95 % interval of a share by Wilson's score method, from how many of how many: within 0 to 1, around the share. `None`
    /// where there is nobody, or more than all.
    ///
    /// Wilson, "Probable inference, the law of succession, and statistical inference" (1927). Unlike the interval share ± 1.96
    /// standard errors it keeps its promise for few customers and small shares.
    ///
    /// ```
    /// use customer_value::report::Interval;
    ///
    /// // Newcombe (1998), table I: 15 of 148.
    /// let interval = Interval::wilson(15, 148).unwrap();
    /// assert_eq!(format!("{:.4} {:.4}", interval.low, interval.high), "0.0624 0.1605");
    /// assert_eq!(Interval::wilson(0, 0), None);
    /// ```
    #[must_use]
    pub fn wilson(hits: u64, all: u64) -> Option<Self> {
        Self::wilson_at(hits, all, Confidence::default())
    }

    /// The same with another confidence than 95 %.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // for a share
    pub fn wilson_at(hits: u64, all: u64, confidence: Confidence) -> Option<Self> {
        if all == 0 || hits > all {
            return None;
        }
        let (k, misses, n) = (hits as f64, (all - hits) as f64, all as f64);
        let z = confidence.normal();
        let middle = (k + z * z / 2.0) / (n + z * z);
        let half = z / (n + z * z) * (k * (misses / n) + z * z / 4.0).sqrt();
        // Rounding must not leave the range, nor the share itself outside.
        let share = k / n;
        Some(Self {
            low: (middle - half).clamp(0.0, share),
            high: (middle + half).clamp(share, 1.0),
        })
    }

    /// The interval of a difference of independent means by Welch's method, from the variance of each mean with its
    /// degrees of freedom. `None` where no variance is above zero, for then the degrees of freedom are not defined.
    ///
    /// Welch, "The generalization of 'Student's' problem when several different population variances are involved" (1947), with
    /// Satterthwaite's degrees of freedom: (Σ v)² ÷ Σ (v² ÷ df).
    pub(super) fn welch(
        difference: f64,
        means: &[(f64, f64)],
        confidence: Confidence,
    ) -> Option<Self> {
        let variance: f64 = means.iter().map(|(v, _)| v).sum();
        // Of the parts, so that no square is too small for a double.
        let parts = means.iter().map(|(v, df)| {
            let part = v / variance;
            part * part / df
        });
        let freedom = 1.0 / parts.sum::<f64>();
        let known = variance > 0.0 && variance.is_finite() && freedom > 0.99;
        if !(known && freedom.is_finite()) {
            return None;
        }
        let half = confidence.student(freedom) * variance.sqrt();
        let interval = Self {
            low: difference - half,
            high: difference + half,
        };
        (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
    }

    /// Whether a number is inside, the ends included.
    #[must_use]
    pub fn contains(&self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }
}
