//! The chance R of [`race`](super::race) where α and β + t, or β and α + t, are of different sizes.
//!
//! With the smaller of a and b over their constant difference g as ε, R is an incomplete beta integral in ε alone:
//!
//! ```text
//! α < β:  R = s ε (1 + ε)^s H,  p = n,      m = s + 1,  ε = a/g
//! α > β:  R = s (1 + ε)^n H,    p = s + 1,  m = n,      ε = b/g
//! H = ε^(p − 1) ∫ w^−p (1 + w)^−m dw,  w from ε on
//! ```
//!
//! From a split w₀ on it is found once for all ε; below, (1 + w)^−m is a binomial series, integrated term by term.
#![allow(clippy::indexing_slicing)] // an index found in the same list

use super::fraction::Dual;

/// Terms of the series at most.
const TERMS: usize = 80;

/// H and its derivatives by p and by m.
type Parts = [f64; 3];

/// One power of w, with c = (−1)^k (m)ₖ/k! and y = k + 1 − p: c/y, and its derivatives by p and by m.
#[derive(Clone, Copy, Default)]
struct Power {
    parts: Parts,
    /// c and its derivative by m.
    c: [f64; 2],
    y: f64,
}

/// What all customers with the same n share.
pub(super) struct Far {
    low: bool,
    n: f64,
    s: f64,
    gap: f64,
    split: f64,
    /// The first `terms` are in use: a review of one customer allocates nothing.
    powers: [Power; TERMS],
    terms: usize,
    /// The power whose y is nearest to 0, treated by itself.
    near: Option<usize>,
    /// What goes with (ε/w₀)^(p − 1).
    rest: Parts,
}

/// Where the series takes over from the rest: the powers of w₀ m do not grow.
fn split(m: f64) -> f64 {
    (2.0 / m).min(0.25)
}

impl Far {
    /// Whether the smaller of a and b over their difference is so small that the series converges fast.
    pub(super) fn reaches(n: f64, s: f64, low: bool, epsilon: f64) -> bool {
        epsilon <= 0.5 * split(if low { s + 1.0 } else { n })
    }

    /// `at_split` gives R of a and b.
    pub(super) fn new(
        (n, s): (f64, f64),
        low: bool,
        gap: f64,
        at_split: impl FnOnce(f64, f64) -> Option<Dual>,
    ) -> Option<Self> {
        let (before_p, m) = if low { (n - 1.0, s + 1.0) } else { (s, n) };
        let w = split(m);
        let (small, large) = (w * gap, (1.0 + w) * gap);
        let r = if low {
            at_split(small, large)?
        } else {
            at_split(large, small)?
        };
        // H at the split, from R there.
        let (power, ln_front) = (if low { s } else { n }, w.ln_1p());
        let front = s * if low { w } else { 1.0 } * (power * ln_front).exp();
        let h = r.value / front;
        let (by_n, by_s) = (r.n / r.value, r.s / r.value - 1.0 / s);
        let (by_p, by_m) = if low { (by_n, by_s) } else { (by_s, by_n) };
        let mut rest = [h, h * by_p, h * (by_m - ln_front)];

        let nearest = before_p.round();
        let near = (nearest >= 0.0 && nearest < TERMS as f64).then_some(nearest as usize);
        let (mut powers, mut terms) = ([Power::default(); TERMS], 0);
        let (mut c, mut harmonic, mut power) = (1.0, 0.0, 1.0);
        for (k, place) in powers.iter_mut().enumerate() {
            let y = k as f64 - before_p;
            let parts = [c / y, c / (y * y), c * harmonic / y];
            if near != Some(k) {
                for (sum, part) in rest.iter_mut().zip(parts) {
                    *sum += part * power;
                }
            }
            *place = Power {
                parts,
                c: [c, c * harmonic],
                y,
            };
            terms = k + 1;
            if k > 1 && (c * power).abs() * (1.0 + harmonic) < 1e-18 {
                break;
            }
            harmonic += 1.0 / (m + k as f64);
            c *= -(m + k as f64) / (k as f64 + 1.0);
            power *= w;
        }
        let near = near.filter(|k| *k < terms);
        rest.iter().all(|part| part.is_finite()).then_some(Self {
            low,
            n,
            s,
            gap,
            split: w,
            powers,
            terms,
            near,
            rest,
        })
    }

    pub(super) fn at(&self, a: f64, b: f64) -> Option<Dual> {
        let epsilon = a.min(b) / self.gap;
        let before_p = if self.low { self.n - 1.0 } else { self.s };
        let length = (self.split / epsilon).ln();
        let scale = (-before_p * length).exp();
        let [rest, rest_p, rest_m] = self.rest;
        let mut h = [
            scale * rest,
            scale * (rest_p - length * rest),
            scale * rest_m,
        ];
        let mut power = 1.0;
        for (k, term) in self.powers[..self.terms].iter().enumerate() {
            if self.near != Some(k) {
                for (sum, part) in h.iter_mut().zip(term.parts) {
                    *sum -= part * power;
                }
            }
            if k > 1 && (term.c[0].abs() + term.c[1].abs()) * power < 1e-18 {
                break;
            }
            power *= epsilon;
        }
        if let Some(k) = self.near {
            let term = &self.powers[k];
            let power = epsilon.powi(k as i32);
            // (e^(y l) − 1)/y and its derivative by y, which is that by −p.
            let (growth, slope) = growth(term.y * length);
            h[0] += power * term.c[0] * length * growth;
            h[1] -= power * term.c[0] * length * length * slope;
            h[2] += power * term.c[1] * length * growth;
        }
        let [value, by_p, by_m] = h;
        let ln_front = epsilon.ln_1p();
        let (raised, factor) = if self.low {
            (self.s, epsilon)
        } else {
            (self.n, 1.0)
        };
        let r = self.s * factor * (raised * ln_front).exp() * value;
        let (by_p, by_m) = (by_p / value, by_m / value + ln_front);
        let (by_n, by_s) = if self.low { (by_p, by_m) } else { (by_m, by_p) };
        let result = Dual {
            value: r,
            n: r * by_n,
            s: r * (1.0 / self.s + by_s),
        };
        (result.finite() && r > 0.0 && r <= 1.0).then_some(result)
    }
}

/// (e^u − 1)/u and its derivative.
pub(super) fn growth(u: f64) -> (f64, f64) {
    if u.abs() > 0.5 {
        let growth = u.exp_m1() / u;
        return (growth, (u.exp() - growth) / u);
    }
    // Σ u^k/(k + 1)!
    let (mut value, mut slope) = (0.0, 0.0);
    for k in (1..=16).rev() {
        let k = f64::from(k);
        slope = (value + u * slope) / (k + 1.0);
        value = 1.0 + u * value / (k + 1.0);
    }
    (value, slope)
}
