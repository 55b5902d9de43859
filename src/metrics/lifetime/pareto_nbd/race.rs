//! The chance that a customer leaves before the next purchase: the only hard function of the Pareto/NBD.
//!
//! For a customer alive now, with n = r + x, a = α + t, b = β + t,
//!
//! ```text
//! R(n, s, a, b) = s aⁿ bˢ ∫₀^∞ (a + v)^−n (b + v)^−(s + 1) dv
//!               = s/(n + s) · a/b · ₂F₁(s + 1, 1; n + s + 1; 1 − a/b)
//!               = s/(n + s) · ₂F₁(n, 1; n + s + 1; 1 − b/a)
//! ```
//!
//! which is the probability that the first event of a Poisson process with rate μ ~ Gamma(s, b) comes before that of one
//! with rate λ ~ Gamma(n, a). Source: the ₂F₁ of Fader & Hardie, *A Note on Deriving the Pareto/NBD Model* (2005), by the
//! transformations of Abramowitz & Stegun 15.3.
//!
//! Four ways that lose no digits:
//! - the smaller of a/b and b/a from ½ up: the power series in z = 1 − that ratio. Its coefficients do not depend on the
//!   times, so that customers with the same x share them;
//! - below: Gauss's [continued fraction](super::fraction);
//! - where that is slow, from a ratio of 1/8 (for n or s above 8 less) down: [a series in it](super::far), also shared;
//! - where none of them ends: the integral itself.
#![allow(clippy::indexing_slicing)] // fixed arrays, indices below their lengths

use super::far::Far;
use super::fraction::{Dual, fraction};
use crate::metrics::lifetime::special::{ln_integral, softplus};

/// Terms of the power series at most; z ≤ ½ needs 60.
const TERMS: usize = 64;

/// R and its derivatives by n, by s, and by ln a (the one by ln b is its negative).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chance {
    pub(super) value: f64,
    pub(super) by_n: f64,
    pub(super) by_s: f64,
    pub(super) by_ln_a: f64,
}

/// One coefficient of the series (p)ₖ/(c)ₖ, with p = s + 1 where α ≤ β and n otherwise, and c = n + s + 1.
#[derive(Debug, Clone, Copy, Default)]
struct Term {
    q: f64,
    /// Its derivative by p, c moving along.
    both: f64,
    /// Its derivative by c alone, with the sign turned.
    only: f64,
}

/// R for all customers with the same n.
pub(super) struct Race {
    n: f64,
    s: f64,
    alpha: f64,
    beta: f64,
    /// Whether α ≤ β.
    low: bool,
    terms: [Term; TERMS],
    known: usize,
    /// Σ 1/(c + j) and Σ 1/(p + j) − 1/(c + j) over the known terms.
    harmonic: (f64, f64),
    /// Found when first needed; the inner one is `None` where it cannot be had.
    far: Option<Option<Far>>,
}

impl Race {
    pub(super) fn new(n: f64, s: f64, alpha: f64, beta: f64) -> Self {
        let mut terms = [Term::default(); TERMS];
        terms[0].q = 1.0;
        Self {
            n,
            s,
            alpha,
            beta,
            low: alpha <= beta,
            far: None,
            terms,
            known: 1,
            harmonic: (0.0, 0.0),
        }
    }

    /// R at a time t after the first purchase.
    pub(super) fn at(&mut self, t: f64) -> Chance {
        let (a, b) = (self.alpha + t, self.beta + t);
        let gap = (self.beta - self.alpha).abs();
        let z = gap / a.max(b);
        if z <= 0.5 {
            return self.series(a, b, z);
        }
        let other = if Far::reaches(self.n, self.s, self.low, a.min(b) / gap) {
            self.far(gap).and_then(|far| far.at(a, b))
        } else {
            fraction((self.n, self.s), self.low, a, b)
        };
        other.map_or_else(|| self.integral(a, b), |r| self.chance(r, a, b))
    }

    fn far(&mut self, gap: f64) -> Option<&Far> {
        let (shape, low) = ((self.n, self.s), self.low);
        let found = || Far::new(shape, low, gap, |a, b| fraction(shape, low, a, b));
        self.far.get_or_insert_with(found).as_ref()
    }

    fn extend(&mut self) {
        let k = self.known;
        let j = (k - 1) as f64;
        let c = self.n + self.s + 1.0;
        let (p, rest) = if self.low {
            (self.s + 1.0, self.n)
        } else {
            (self.n, self.s + 1.0)
        };
        let (top, bottom) = (p + j, c + j);
        let inverse = 1.0 / (top * bottom);
        self.harmonic.0 += top * inverse;
        self.harmonic.1 += rest * inverse;
        let q = self.terms[k - 1].q * (top * top * inverse);
        self.terms[k] = Term {
            q,
            both: q * self.harmonic.1,
            only: q * self.harmonic.0,
        };
        self.known = k + 1;
    }

    fn series(&mut self, a: f64, b: f64, z: f64) -> Chance {
        let (mut f, mut both, mut only, mut slope) = (1.0, 0.0, 0.0, 0.0);
        let mut power = 1.0;
        for k in 1..TERMS {
            if k == self.known {
                self.extend();
            }
            let term = self.terms[k];
            slope += k as f64 * term.q * power;
            power *= z;
            let more = (term.q * power, term.both * power, term.only * power);
            f += more.0;
            both += more.1;
            only += more.2;
            if more.0 * (k as f64) + more.1 + more.2 <= 1e-17 * f {
                break;
            }
        }
        let share = self.s / (self.n + self.s);
        let inverse = 1.0 / f;
        let by_c = -1.0 / (self.n + self.s) - only * inverse;
        let by_p = -1.0 / (self.n + self.s) + both * inverse;
        let (value, by_n, by_s, by_k) = if self.low {
            (
                share * (a / b) * f,
                by_c,
                by_p,
                1.0 - (a / b) * slope * inverse,
            )
        } else {
            (share * f, by_p, by_c, (b / a) * slope * inverse)
        };
        Chance {
            value,
            by_n: value * by_n,
            by_s: value * (1.0 / self.s + by_s),
            by_ln_a: value * by_k,
        }
    }

    /// With the derivative by ln a from the differential equation of R.
    fn chance(&self, r: Dual, a: f64, b: f64) -> Chance {
        let (n, s) = (self.n, self.s);
        Chance {
            value: r.value,
            by_n: r.n,
            by_s: r.s,
            by_ln_a: (r.value * n * b - (1.0 - r.value) * s * a) / (b - a),
        }
    }

    /// The integral over ln v.
    fn integral(&self, a: f64, b: f64) -> Chance {
        let (n, s) = (self.n, self.s);
        let (ln_a, ln_b) = (a.ln(), b.ln());
        let (ln, [by_n, by_s]) = ln_integral(
            |w| {
                let (over_a, over_b) = (softplus(w - ln_a), softplus(w - ln_b));
                (w - n * over_a - (s + 1.0) * over_b, [-over_a, -over_b])
            },
            ln_a.min(ln_b),
            f64::NEG_INFINITY,
            f64::INFINITY,
        );
        let value = (s.ln() - ln_b + ln).exp().min(1.0);
        let result = Dual {
            value,
            n: value * by_n,
            s: value * (1.0 / s + by_s),
        };
        self.chance(result, a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: Chance, other: Chance, n: f64, s: f64, tolerance: f64) -> bool {
        let parts = [
            (one.value, other.value, 1.0),
            (one.by_n, other.by_n, n),
            (one.by_s, other.by_s, s),
            (one.by_ln_a, other.by_ln_a, 1.0),
        ];
        // A derivative by a log counts beside the value.
        parts
            .iter()
            .all(|(a, b, by)| (a - b).abs() * by <= tolerance * one.value)
    }

    /// Where two ways hold, they agree, with their derivatives: also where the last bit of a logarithm is another.
    #[test]
    fn the_ways_agree() {
        let mut far_ones = 0;
        for n in [1e-6, 0.3, 1.0, 2.0, 2.7, 6.000_000_1, 40.0, 5000.5] {
            for s in [1e-6, 0.2, 1.0, 3.0, 64.0, 1e4] {
                for ratio in [
                    1e-7, 0.002, 0.1, 0.3, 0.51, 0.7, 1.5, 1.9, 3.0, 40.0, 700.0, 1e8,
                ] {
                    let (a, b) = (3.0 * ratio, 3.0);
                    let mut race = Race::new(n, s, a, b);
                    let (low, gap) = (a < b, (b - a).abs());
                    let whole = race.integral(a, b);
                    let label = format!("{n} {s} {ratio} {whole:?}");
                    if let Some(fraction) = fraction((n, s), low, a, b) {
                        let fraction = race.chance(fraction, a, b);
                        assert!(close(fraction, whole, n, s, 1e-9), "{label} {fraction:?}");
                    }
                    let z = gap / a.max(b);
                    if z <= 0.5 {
                        let series = race.series(a, b, z);
                        assert!(close(series, whole, n, s, 1e-9), "{label} {series:?}");
                    }
                    if Far::reaches(n, s, low, a.min(b) / gap) {
                        let far = race.far(gap).and_then(|far| far.at(a, b));
                        let far = far.map(|far| race.chance(far, a, b));
                        let agrees = far.is_some_and(|far| close(far, whole, n, s, 1e-9));
                        assert!(agrees, "{label} {far:?}");
                        far_ones += 1;
                    }
                }
            }
        }
        assert!(far_ones > 100);
    }
}
