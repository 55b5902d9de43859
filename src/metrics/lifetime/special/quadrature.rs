//! Means over a beta distribution by a double-exponential rule.

/// ln of the odds p/(1 − p) is the axis: on it the density has exponential tails and everything the models ask of p is
/// smooth at a scale of 1, or of the width of the peak.
///
/// Between the outermost places where something happens the nodes are evenly spaced; beyond them they spread
/// exponentially, so that shapes near 0 need few more. The trapezoid rule then converges exponentially (Takahasi & Mori
/// 1974; Trefethen & Weideman 2014).
pub(crate) struct BetaRule {
    a: f64,
    b: f64,
    /// The density is tilted by (1 + p u)^(−r).
    r: f64,
    u: f64,
    /// The mode on the axis, and the width of the peak.
    mode: f64,
    width: f64,
    /// Where the spreading begins, from the mode, in widths.
    left: f64,
    right: f64,
}

/// Between nodes, in widths.
const STEP: f64 = 0.25;
/// Evenly spaced beyond the outermost place where something happens, in widths.
const MARGIN: f64 = 5.0;
/// Most nodes on one side.
const MOST_NODES: u32 = 2000;
/// A node that adds less than this part of the sum ends it.
const NEGLIGIBLE: f64 = 1e-17;

impl BetaRule {
    /// Of Beta(a, b). `finest` is the largest K for which the integrand depends on K p.
    pub(crate) fn new(a: f64, b: f64, finest: f64) -> Self {
        Self::tilted(a, b, 0.0, 0.0, finest)
    }

    fn tilted(a: f64, b: f64, r: f64, u: f64, finest: f64) -> Self {
        // The mode e^y solves b (1 + u) E² + (b + r u − a (1 + u)) E − a = 0.
        let (square, linear) = (b * (1.0 + u), b + r * u - a * (1.0 + u));
        let root = linear.hypot(2.0 * (a * square).sqrt());
        let odds = if linear >= 0.0 {
            2.0 * a / (linear + root)
        } else {
            (root - linear) / (2.0 * square)
        };
        let mode = odds.ln();
        let bend = |odds: f64| odds / ((1.0 + odds) * (1.0 + odds));
        let curvature = (a + b - r) * bend(odds) + r * bend(odds * (1.0 + u));
        let width = if curvature > 1.0 {
            curvature.sqrt().recip()
        } else {
            1.0
        };
        let leftmost = mode.min(-finest.max(1.0).ln());
        let rightmost = mode.max(-b.max(1.0).ln());
        Self {
            a,
            b,
            r,
            u,
            mode,
            width,
            left: (mode - leftmost) / width + MARGIN,
            right: (rightmost - mode) / width + MARGIN,
        }
    }

    /// Visits (weight, p, 1 − p) from the mode outward, with the highest weight 1 but for the spacing, until `visit` says
    /// that the rest is negligible.
    fn nodes(&self, mut visit: impl FnMut(f64, f64, f64) -> bool) {
        let density = Density::new(self);
        for side in [-1.0, 1.0] {
            let mut spread_left = (-self.left).exp();
            let mut spread_right = (-self.right).exp();
            let (grow_left, grow_right) = ((-side * STEP).exp(), (side * STEP).exp());
            for k in 0..MOST_NODES {
                let at = side * STEP * f64::from(k);
                if k > 0 {
                    spread_left *= grow_left;
                    spread_right *= grow_right;
                } else if side > 0.0 {
                    // The mode belongs to the left side.
                    continue;
                }
                let d = self.width * (at - spread_left + spread_right);
                let spacing = 1.0 + spread_left + spread_right;
                let (weight, p, q) = density.at(d);
                if !visit(weight * spacing, p, q) {
                    break;
                }
            }
        }
    }

    /// E[f(p, 1 − p)] for a positive f.
    pub(crate) fn mean(&self, f: impl Fn(f64, f64) -> f64) -> f64 {
        let (mut total, mut sum) = (0.0, 0.0);
        self.nodes(|weight, p, q| {
            if weight == 0.0 {
                return false;
            }
            let part = weight * f(p, q);
            total += weight;
            sum += part;
            weight > NEGLIGIBLE * total || part > NEGLIGIBLE * sum
        });
        sum / total
    }

    /// The integral of the density, tilt included, over its value at the mode, in units of the axis.
    fn area(&self) -> f64 {
        let mut total = 0.0;
        self.nodes(|weight, _, _| {
            total += weight;
            weight > NEGLIGIBLE * total
        });
        total * self.width
    }
}

/// ln E[(1 + p u)^(−r)] over p ~ Beta(a, b).
pub(crate) fn ln_beta_mean_power(a: f64, b: f64, r: f64, u: f64) -> f64 {
    let plain = BetaRule::tilted(a, b, 0.0, 0.0, u);
    let tilted = BetaRule::tilted(a, b, r, u, u.max(r * u));
    let density = Density::new(&plain);
    let (ln_weight, p, _) = density.ln_at(tilted.mode - plain.mode);
    let heights = ln_weight - r * (p * u).ln_1p();
    (heights + (tilted.area() / plain.area()).ln()).min(0.0)
}

/// The density on the axis over that at its mode.
struct Density<'a> {
    rule: &'a BetaRule,
    one: Logistic,
    two: Logistic,
}

impl<'a> Density<'a> {
    fn new(rule: &'a BetaRule) -> Self {
        Self {
            rule,
            one: Logistic::at(rule.mode),
            two: Logistic::at(rule.mode + rule.u.ln_1p()),
        }
    }

    fn at(&self, d: f64) -> (f64, f64, f64) {
        let (ln_weight, p, q) = self.ln_at(d);
        (ln_weight.exp(), p, q)
    }

    /// ln of the density, p and 1 − p at the mode + d.
    fn ln_at(&self, d: f64) -> (f64, f64, f64) {
        let BetaRule { a, b, r, .. } = *self.rule;
        // a d − (a + b − r) L₁(d) − r L₂(d), where L is either l or d + l.
        let (mut slope, mut rest) = (a, 0.0);
        let (first, flipped) = self.one.growth(d);
        rest -= (a + b - r) * first;
        if flipped {
            slope = r - b;
        }
        if r > 0.0 {
            let (second, flipped) = self.two.growth(d);
            rest -= r * second;
            if flipped {
                slope -= r;
            }
        }
        let odds = (self.rule.mode + d).exp();
        let q = 1.0 / (1.0 + odds);
        let p = if odds < 1e300 { odds * q } else { 1.0 };
        (slope * d + rest, p, q)
    }
}

/// How ln(1 + e^y) grows from a place on.
struct Logistic {
    p: f64,
    q: f64,
}

impl Logistic {
    fn at(y: f64) -> Self {
        let odds = y.exp();
        Self {
            p: 1.0 / (1.0 + (-y).exp()),
            q: 1.0 / (1.0 + odds),
        }
    }

    /// ln((1 + e^(y + d)) / (1 + e^y)), less d if the second is true: the form without loss of digits.
    fn growth(&self, d: f64) -> (f64, bool) {
        if self.p <= 0.5 {
            if d < 600.0 {
                ((self.p * d.exp_m1()).ln_1p(), false)
            } else {
                (self.p.ln(), true)
            }
        } else if d > -600.0 {
            ((self.q * (-d).exp_m1()).ln_1p(), true)
        } else {
            (self.q.ln(), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_the_beta_distribution() {
        for (a, b) in [
            (1e-12, 1e-12),
            (1e-6, 3.0),
            (0.01, 0.02),
            (0.8, 2.4),
            (0.8, 5000.0),
            (1.0, 1.0),
            (30.0, 0.1),
            (1222.8, 9043.8),
            (1e6, 2.0),
            (1e12, 1e12),
            (1e12, 1e-12),
        ] {
            let rule = BetaRule::new(a, b, 1.0);
            let sum = a + b;
            let variance = a * b / (sum * sum * (sum + 1.0));
            for (ours, value) in [
                (rule.mean(|p, _| p), a / sum),
                (rule.mean(|_, q| q), b / sum),
                (
                    rule.mean(|p, q| (p * b - q * a).powi(2)),
                    variance * sum * sum,
                ),
            ] {
                assert!(
                    (ours - value).abs() <= 1e-9 * value,
                    "{a} {b}: {ours} is not {value}"
                );
            }
        }
    }

    #[test]
    fn the_mean_of_a_power() {
        for (a, b, r, u, value) in [
            (0.8, 2.4, 0.25, 9.0, -0.241_468_997_152_394_72),
            (0.001, 0.5, 3.0, 1e6, -0.016_699_142_575_881_773),
        ] {
            let ours = ln_beta_mean_power(a, b, r, u);
            assert!((ours - value).abs() <= 1e-13, "{ours} is not {value}");
        }
        // All of the density at one p: ln E is −r ln(1 + p u).
        let ours = ln_beta_mean_power(1e12, 1e12, 1e3, 2.0);
        let value = -1e3 * 2f64.ln();
        assert!((ours / value - 1.0).abs() < 1e-9, "{ours} is not {value}");
    }
}
