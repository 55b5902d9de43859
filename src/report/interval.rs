//! Intervals for shares and for differences of means.

use serde::{Deserialize, Serialize};

/// The standard normal quantile of 0.975.
const Z: f64 = 1.959_963_984_540_054;

/// An interval with both ends, which covers what is estimated in 95 of 100 cases.
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
    #[allow(clippy::cast_precision_loss)] // for a share
    pub fn wilson(hits: u64, all: u64) -> Option<Self> {
        if all == 0 || hits > all {
            return None;
        }
        let (k, misses, n) = (hits as f64, (all - hits) as f64, all as f64);
        let middle = (k + Z * Z / 2.0) / (n + Z * Z);
        let half = Z / (n + Z * Z) * (k * (misses / n) + Z * Z / 4.0).sqrt();
        // Rounding must not leave the range, nor the share itself outside.
        let share = k / n;
        Some(Self {
            low: (middle - half).clamp(0.0, share),
            high: (middle + half).clamp(share, 1.0),
        })
    }

    /// The 95 % interval of a difference of independent means by Welch's method, from the variance of each mean with its
    /// degrees of freedom. `None` where no variance is above zero, for then the degrees of freedom are not defined.
    ///
    /// Welch, "The generalization of 'Student's' problem when several different population variances are involved" (1947), with
    /// Satterthwaite's degrees of freedom: (Σ v)² ÷ Σ (v² ÷ df).
    pub(super) fn welch(difference: f64, means: &[(f64, f64)]) -> Option<Self> {
        let variance: f64 = means.iter().map(|(v, _)| v).sum();
        // Of the parts, so that no square is too small for a double.
        let parts = means.iter().map(|(v, df)| {
            let part = v / variance;
            part * part / df
        });
        let freedom = 1.0 / parts.sum::<f64>();
        let known = variance > 0.0 && variance.is_finite() && freedom > 0.99;
        let half = student(freedom) * variance.sqrt();
        let interval = Self {
            low: difference - half,
            high: difference + half,
        };
        (known && interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
    }
}

/// The quantile of 0.975 of Student's t distribution; `df` at least 0.99.
fn student(df: f64) -> f64 {
    if df >= 1000.0 {
        return far(df);
    }
    // The chance of being outside ±t falls with t, and the quantile with the degrees of freedom: from 12.7 at one of them.
    let (mut low, mut high) = (1.0, 14.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if outside(middle, df) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The first terms of the expansion in 1 ÷ df (Abramowitz & Stegun 26.7.5); the next is below 1e-14 from 1000 on.
fn far(df: f64) -> f64 {
    let z2 = Z * Z;
    let terms = [
        Z * (z2 + 1.0) / 4.0,
        Z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        Z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
        Z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0,
    ];
    Z + terms.iter().rev().fold(0.0, |sum, term| (sum + term) / df)
}

/// P(|T| > t): the regularised incomplete beta function I(x; df/2, 1/2) at x = df ÷ (df + t²), by its continued fraction
/// (Press et al., *Numerical Recipes*, 6.4, with Lentz's method).
fn outside(t: f64, df: f64) -> f64 {
    let (a, b) = (df / 2.0, 0.5);
    let x = df / (df + t * t);
    let rest = t * t / (df + t * t);
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log(rest),
    );
    // The fraction converges fast below this point; above it, I(x; a, b) = 1 − I(1 − x; b, a).
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(rest, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |y: f64| if y.abs() < TINY { TINY } else { y };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for i in 1..500 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            change = c * d;
            h *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_student_are_those_of_the_tables() {
        for (df, t) in [
            (1.0, 12.706_204_736),
            (2.0, 4.302_652_730),
            (5.0, 2.570_581_836),
            (10.0, 2.228_138_852),
            (30.0, 2.042_272_456),
            (100.0, 1.983_971_519),
        ] {
            assert!((student(df) - t).abs() < 1e-8, "{df}: {}", student(df));
        }
        // One and two degrees of freedom have closed forms.
        assert!((student(1.0) - (0.475 * std::f64::consts::PI).tan()).abs() < 1e-12);
        assert!(
            (student(2.0) - (2.0 * 0.95_f64.powi(2) / (1.0 - 0.95_f64.powi(2))).sqrt()).abs()
                < 1e-12
        );
        // Both ways meet.
        assert!((student(999.999_999) - far(1000.0)).abs() < 1e-10);
        assert!((student(f64::MAX) - Z).abs() < 1e-15);
        let mut before = f64::INFINITY;
        for df in 2..3000 {
            let t = student(f64::from(df) / 2.0);
            assert!(t < before && t > Z, "{df}");
            before = t;
        }
    }
}
