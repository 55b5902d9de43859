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
//! Three ways, all of positive terms only, so that no digits are lost:
//! - the smaller of a/b and b/a from ½ up: the power series in z = 1 − that ratio. Its coefficients do not depend on the
//!   times, so that customers with the same x share them;
//! - below: Gauss's continued fraction of the form with the negative argument;
//! - where that is slow (a ratio below about 10^−4 and small n and s): the integral.
#![allow(clippy::indexing_slicing)] // fixed arrays, indices below their lengths

use crate::metrics::lifetime::special::ln_integral;

/// Terms of the power series at most; z ≤ ½ needs 60.
const TERMS: usize = 64;

/// Steps of the continued fraction at most.
const STEPS: usize = 400;

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
#[derive(Debug, Clone)]
pub(super) struct Race {
    n: f64,
    s: f64,
    alpha: f64,
    beta: f64,
    terms: [Term; TERMS],
    known: usize,
    /// Σ 1/(c + j) and Σ 1/(p + j) − 1/(c + j) over the known terms.
    harmonic: (f64, f64),
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
            self.series(a, b, z)
        } else {
            self.fraction(a, b, gap)
                .unwrap_or_else(|| self.integral(a, b))
        }
    }

    fn extend(&mut self) {
        let k = self.known;
        let j = (k - 1) as f64;
        let c = self.n + self.s + 1.0;
        let (p, rest) = if self.alpha <= self.beta {
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
        let (value, by_n, by_s, by_k) = if self.alpha <= self.beta {
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

    /// The continued fraction of ₂F₁(p, 1; c; −y), y > 0, by Lentz's method, with derivatives carried along.
    ///
    /// Source: Abramowitz & Stegun 15.2 (Gauss), *Numerical Recipes* 5.2 (Lentz).
    fn fraction(&self, a: f64, b: f64, gap: f64) -> Option<Chance> {
        let (n, s) = (self.n, self.s);
        let sum = n + s;
        let low = self.alpha <= self.beta;
        let (p, rest, y) = if low {
            (n, s, gap / a)
        } else {
            (s + 1.0, n - 1.0, gap / b)
        };
        let (p_n, p_s) = if low { (1.0, 0.0) } else { (0.0, 1.0) };
        // 1/F = 1 + e₁/(1 + e₂/(1 + …)).
        let (mut f, mut c, mut d) = (Dual::number(1.0), Dual::number(1.0), Dual::number(0.0));
        for step in 1..=STEPS {
            let k = (step / 2) as f64;
            let (one, two, divisor);
            if step == 1 {
                (one, two) = (
                    Dual {
                        value: p,
                        n: p_n,
                        s: p_s,
                    },
                    Dual::number(1.0),
                );
                divisor = Dual {
                    value: sum + 1.0,
                    n: 1.0,
                    s: 1.0,
                };
            } else {
                let last = Dual {
                    value: sum + step as f64,
                    n: 1.0,
                    s: 1.0,
                };
                divisor = last
                    * Dual {
                        value: last.value - 1.0,
                        ..last
                    };
                (one, two) = if step % 2 == 1 {
                    (
                        Dual {
                            value: p + k,
                            n: p_n,
                            s: p_s,
                        },
                        Dual {
                            value: sum + k,
                            n: 1.0,
                            s: 1.0,
                        },
                    )
                } else {
                    (
                        Dual::number(k),
                        Dual {
                            value: rest + k,
                            n: 1.0 - p_n,
                            s: 1.0 - p_s,
                        },
                    )
                };
            }
            let e = (one * two).scale(y) / divisor;
            d = Dual::number(1.0) / (Dual::number(1.0) + e * d);
            c = Dual::number(1.0) + e / c;
            let ratio = c * d;
            f = f * ratio;
            if (ratio.value - 1.0).abs() < 1e-15
                && (n * ratio.n).abs() + (s * ratio.s).abs() < 1e-13
            {
                let share = Dual {
                    value: s / sum,
                    n: -s / (sum * sum),
                    s: n / (sum * sum),
                };
                let result = (share / f).scale(if low { 1.0 } else { a / b });
                return result.finite().then(|| self.chance(result, a, b));
            }
        }
        None
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
                let (over_a, over_b) = (ln_one_plus_exp(w - ln_a), ln_one_plus_exp(w - ln_b));
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

/// ln(1 + e^w).
fn ln_one_plus_exp(w: f64) -> f64 {
    if w > 40.0 { w } else { w.exp().ln_1p() }
}

/// A number with its derivatives by n and s.
#[derive(Debug, Clone, Copy)]
struct Dual {
    value: f64,
    n: f64,
    s: f64,
}

impl Dual {
    fn number(value: f64) -> Self {
        Self {
            value,
            n: 0.0,
            s: 0.0,
        }
    }

    fn scale(self, by: f64) -> Self {
        Self {
            value: self.value * by,
            n: self.n * by,
            s: self.s * by,
        }
    }

    fn finite(self) -> bool {
        self.value.is_finite() && self.n.is_finite() && self.s.is_finite()
    }
}

impl std::ops::Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            n: self.n + other.n,
            s: self.s + other.s,
        }
    }
}

impl std::ops::Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            n: self.n * other.value + self.value * other.n,
            s: self.s * other.value + self.value * other.s,
        }
    }
}

impl std::ops::Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let inverse = 1.0 / other.value;
        let value = self.value * inverse;
        Self {
            value,
            n: (self.n - value * other.n) * inverse,
            s: (self.s - value * other.s) * inverse,
        }
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

    /// Where two ways hold, they agree, with their derivatives.
    #[test]
    fn the_three_ways_agree() {
        for n in [1e-6, 0.3, 1.0, 2.7, 40.0, 5000.5] {
            for s in [1e-6, 0.2, 1.0, 3.0, 64.0, 1e4] {
                for ratio in [0.002, 0.1, 0.3, 0.51, 0.7, 1.5, 1.9, 3.0, 40.0, 700.0] {
                    let (a, b) = (3.0 * ratio, 3.0);
                    let mut race = Race::new(n, s, a, b);
                    let gap = (b - a).abs();
                    let whole = race.integral(a, b);
                    let label = format!("{n} {s} {ratio} {whole:?}");
                    if let Some(fraction) = race.fraction(a, b, gap) {
                        assert!(close(fraction, whole, n, s, 1e-10), "{label} {fraction:?}");
                    }
                    let z = gap / a.max(b);
                    if z <= 0.5 {
                        let series = race.series(a, b, z);
                        assert!(close(series, whole, n, s, 1e-10), "{label} {series:?}");
                    }
                }
            }
        }
    }
}
