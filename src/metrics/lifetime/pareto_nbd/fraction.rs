//! Gauss's continued fraction for R, and numbers that carry their derivatives through it.

/// Steps of the continued fraction at most.
const STEPS: usize = 400;

/// The chance R of [`race`](super::race) and its derivatives; `low` says that a < b. `None` where it needs too many steps.
///
/// ```text
/// a < b:  R = s/(n + s) · ₂F₁(n, 1; n + s + 1; −y),            y = (b − a)/a
/// a > b:  R = s/(n + s) · a/b · ₂F₁(s + 1, 1; n + s + 1; −y),  y = (a − b)/b
/// ```
///
/// All its terms are positive. Lentz's method, with the derivatives carried along. Sources: DLMF 15.7.5 (Gauss),
/// *Numerical Recipes* 5.2 (Lentz).
pub(super) fn fraction((n, s): (f64, f64), low: bool, a: f64, b: f64) -> Option<Dual> {
    let sum = n + s;
    let y = (b - a).abs() / a.min(b);
    let by_n = |value| Dual {
        value,
        n: 1.0,
        s: 0.0,
    };
    let by_s = |value| Dual {
        value,
        n: 0.0,
        s: 1.0,
    };
    let by_both = |value| Dual {
        value,
        n: 1.0,
        s: 1.0,
    };
    let number = Dual::number;
    // ₂F₁(p, 1; c; −y) = 1/(1 + e₁/(1 + e₂/(1 + …))), c = n + s + 1:
    // e₁ = p y/c, e₂ₖ = k (c − p − 1 + k) y/d, e₂ₖ₊₁ = (p + k)(c − 1 + k) y/d, d = (c + j − 2)(c + j − 1) for eⱼ.
    let p = |k: f64| if low { by_n(n + k) } else { by_s(s + 1.0 + k) };
    let other = |k: f64| if low { by_s(s + k) } else { by_n(n - 1.0 + k) };
    let mut f = number(1.0) + p(0.0).scale(y) / by_both(sum + 1.0);
    let (mut c, mut d) = (f, number(1.0));
    for step in 2..=STEPS {
        let (j, k) = (step as f64, (step / 2) as f64);
        let top = if step % 2 == 0 {
            other(k).scale(k)
        } else {
            p(k) * by_both(sum + k)
        };
        let e = top.scale(y) / (by_both(sum + j) * by_both(sum + j - 1.0));
        d = number(1.0) / (number(1.0) + e * d);
        c = number(1.0) + e / c;
        let ratio = c * d;
        f = f * ratio;
        let still = (n * ratio.n).abs() + (s * ratio.s).abs();
        if (ratio.value - 1.0).abs() < 1e-15 && still < 1e-13 {
            let share = Dual {
                value: s / sum,
                n: -s / (sum * sum),
                s: n / (sum * sum),
            };
            let result = (share / f).scale(if low { 1.0 } else { a / b });
            return result.finite().then_some(result);
        }
    }
    None
}

/// A number with its derivatives by n and s.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dual {
    pub(super) value: f64,
    pub(super) n: f64,
    pub(super) s: f64,
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

    pub(super) fn finite(self) -> bool {
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
