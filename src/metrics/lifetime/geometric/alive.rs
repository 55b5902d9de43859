//! What a customer who is alive will do.

use crate::metrics::lifetime::special::{
    BetaRule, GAUSS_8, GAUSS_16, ScaledExpint, hyp2f1_rest, hyp2f1_rest_at, ln_beta_mean_power,
};

/// The longest interval in ln(1 + t/rate) for 8 nodes, and how much a power or an exponential may change on it, as a log.
const SHORT: (f64, f64) = (1.3, 2.0);
/// The same for 16 nodes.
const LONG: (f64, f64) = (2.5, 6.0);

/// A customer who is alive: the rate of purchases is Gamma(shape, rate), the chance to leave Beta(a, b).
pub(super) struct Alive {
    pub(super) shape: f64,
    pub(super) rate: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    /// b − shape, which does not depend on x, made without x.
    pub(super) spare: f64,
}

impl Alive {
    /// E[e^(−λpt)] = E[(1 + pu)^−shape] with u = t/rate: by Euler (1 + u)^−a ₂F₁(a + b − shape, a; a + b; z), z = u/(1 + u).
    pub(super) fn survival(&self, t: f64) -> f64 {
        let Self { shape, a, b, .. } = *self;
        let (u, z) = (t / self.rate, t / (self.rate + t));
        if self.converges(a + b, z)
            && let Some(rest) = hyp2f1_rest(a + self.spare, a, a + b, z)
            && 1.0 + a * rest > 0.01
        {
            return ((1.0 + a * rest) * (-a * u.ln_1p()).exp()).min(1.0);
        }
        ln_beta_mean_power(a, b, shape, u).exp()
    }

    /// E[(1 − e^(−λpt))/p] = E[(1 − (1 + pu)^−shape)/p].
    ///
    /// With ε = a − 1 and c = a + b − 1 it is c/ε · [1 − (1 − z)^ε ₂F₁(c − shape, ε; c; z)] (Fader, Hardie & Lee 2005, eq. 10,
    /// in Euler's form). Written with (₂F₁ − 1)/ε it has no pole at a = 1. Where the series is slow, or digits would be lost,
    /// the mean is taken directly.
    pub(super) fn purchases(&self, t: f64) -> f64 {
        let Self { shape, a, b, .. } = *self;
        let (u, z) = (t / self.rate, t / (self.rate + t));
        let (e, c) = (a - 1.0, a + b - 1.0);
        if c > 1e-3
            && self.converges(c, z)
            && let Some(rest) = hyp2f1_rest(e + self.spare, e, c, z)
        {
            let ln_growth = u.ln_1p();
            let power = -e * ln_growth;
            let first = if e == 0.0 {
                ln_growth
            } else {
                -power.exp_m1() / e
            };
            let sum = first - power.exp() * rest;
            if sum > 5e-4 * first {
                return c * sum;
            }
        }
        if let Some(sum) = self.by_nodes(0.0, t) {
            return sum;
        }
        let most = shape * u;
        BetaRule::new(a, b, most).mean(|p, _| {
            let pu = p * u;
            if pu < 1e-100 {
                return most;
            }
            -(-shape * pu.ln_1p()).exp_m1() / p
        })
    }

    /// Whether the series in z falls by e^−37 in its first 150 terms.
    fn converges(&self, c: f64, z: f64) -> bool {
        z < 0.75 || -150.0 * z.ln() + (self.shape + 1.0) * (150.0 / c).ln_1p() > 37.0
    }

    /// ∫₀ʰ e^(−δt) E[λ e^(−λpt)] dt by Gauss' rule in y = ln(1 + t/rate).
    ///
    /// The integrand is exp(−δt + (1 − a) y) times a ₂F₁ in 1 − e^(−y), analytic for |Im y| < π. On a short interval it
    /// is nearly a polynomial, so that 8 or 16 nodes reach 12 digits: all of them for the price of one or two series.
    /// `None` where the interval is long, the integrand falls fast, or the series is slow or cancels.
    fn by_nodes(&self, delta: f64, horizon: f64) -> Option<f64> {
        let length = (horizon / self.rate).ln_1p();
        let change = delta * horizon + (1.0 - self.a).abs() * length;
        let within = |(longest, most): (f64, f64)| length <= longest && change <= most;
        if within(SHORT) && self.flat(length) {
            self.at_nodes(&GAUSS_8, delta, length)
        } else if within(LONG) {
            self.at_nodes(&GAUSS_16, delta, length)
        } else {
            None
        }
    }

    /// Whether 8 nodes are enough for the ₂F₁: it has more of a shape where purchase rates are all alike, or chances to leave.
    fn flat(&self, length: f64) -> bool {
        self.k() < 20.0 && -self.k() * length <= 3.0
    }

    /// c − shape − 1 for c = a + b.
    fn k(&self) -> f64 {
        self.a + self.spare - 1.0
    }

    fn at_nodes<const N: usize>(
        &self,
        rule: &[(f64, f64); N],
        delta: f64,
        length: f64,
    ) -> Option<f64> {
        let Self {
            shape, rate, a, b, ..
        } = *self;
        let rates = rule.map(|(node, weight)| {
            let at = length * node;
            let u = at.exp_m1();
            let weight = weight * ((1.0 - a) * at - delta * rate * u).exp();
            (u / (1.0 + u), weight)
        });
        let series = hyp2f1_rest_at(self.k(), a, a + b, &rates.map(|(z, _)| z))?;
        let mut sum = 0.0;
        for ((_, weight), rest) in rates.iter().zip(series) {
            sum += weight * (1.0 + a * rest);
        }
        Some(shape * length * sum)
    }

    /// E[λ (1 − e^(−(λp + δ)h))/(λp + δ)].
    pub(super) fn discounted(&self, delta: f64, horizon: f64) -> f64 {
        let Self { a, b, .. } = *self;
        let forever = horizon == f64::INFINITY;
        if horizon == 0.0 {
            return 0.0;
        }
        if delta == 0.0 {
            return match (forever, a > 1.0) {
                (false, _) => self.purchases(horizon),
                // E[1/p].
                (true, true) => 1.0 + b / (a - 1.0),
                (true, false) => f64::INFINITY,
            };
        }
        self.by_nodes(delta, horizon)
            .unwrap_or_else(|| self.by_mean(delta, horizon))
    }

    /// The mean over λ has a closed form in the exponential integral; that over p is taken numerically.
    fn by_mean(&self, delta: f64, horizon: f64) -> f64 {
        let Self {
            shape, rate, a, b, ..
        } = *self;
        let omega = (delta * rate).max(1e-280);
        let u = horizon / rate;
        let expint = ScaledExpint::new(shape + 1.0);
        // E[λ/(λp + δ)] = shape/p · e^w E_(shape + 1)(w), w = δ · rate/p.
        let to_the_end = |p: f64, omega: f64| shape * expint.at(omega / p) / omega;
        if horizon == f64::INFINITY {
            return BetaRule::new(a, b, shape / omega).mean(|p, _| to_the_end(p, omega));
        }
        let discount = delta * horizon;
        let rule = BetaRule::new(a, b, (shape * u).min(shape / omega));
        rule.mean(|p, _| {
            let growth = (p * u).ln_1p();
            if discount + shape * growth < 1.0 {
                return shape * early(p, u, growth, shape, discount);
            }
            let later = (-discount - shape * growth).exp();
            (to_the_end(p, omega) - later * to_the_end(p, omega + discount * p)).max(0.0)
        })
    }
}

/// The discounted purchases over the shape for one p where they are few, with no difference of near numbers:
/// L/p · ∫ exp(−δ(s(θ)) − shape θ L) dθ over θ from 0 to 1, with L = ln(1 + pu) and s = rate/p · (e^(θL) − 1), by Gauss' rule
/// of 8 points. The exponent runs from 0 to 1 at most.
fn early(p: f64, u: f64, growth: f64, shape: f64, discount: f64) -> f64 {
    let pu = p * u;
    // The discount to s is discount · s/h, s/h = (e^(θL) − 1)/(pu).
    let flat = pu < 1e-20;
    let at = |theta: f64| {
        let share = if flat {
            theta
        } else {
            (theta * growth).exp_m1() / pu
        };
        (-discount * share - shape * theta * growth).exp()
    };
    let sum: f64 = GAUSS_8
        .iter()
        .map(|(theta, weight)| weight * at(*theta))
        .sum();
    let length = if flat { u } else { growth / p };
    length * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(r: f64, a: f64, b: f64, x: f64) -> Alive {
        Alive {
            shape: r + x,
            rate: 45.0,
            a,
            b: b + x,
            spare: b - r,
        }
    }

    /// On both sides of every switch 8 nodes, 16 nodes and the mean over p give the same sum.
    #[test]
    fn one_sum_in_three_ways() {
        let parameters = [
            (0.24, 0.79, 2.4),
            (0.52, 0.89, 1.6),
            (1.0, 1.0, 1.0),
            (0.05, 0.02, 0.03),
            (2.0, 0.3, 0.8),
            (9.0, 2.4, 7.7),
            (0.1, 0.5, 20.4),
            (60.0, 1.5, 0.4),
            (7.47, 2.415, 0.203),
            (15.0, 1.46, 0.53),
            (24.6, 0.0054, 0.0044),
            (0.3, 0.9, 700.0),
        ];
        let (mut few, mut many) = (0, 0);
        for (r, a, b) in parameters {
            for x in [0.0, 1.0, 7.0, 150.0, 40_000.0] {
                let one = customer(r, a, b, x);
                for length in [1e-9, 0.01, 0.4, 1.0, 1.29, 1.31, 2.0, 2.49, 2.51, 4.0] {
                    for discount in [1e-6, 0.1, 0.9, 1.9, 4.0, 5.9] {
                        let horizon = one.rate * f64::exp_m1(length);
                        let delta = discount / horizon;
                        let mean = one.by_mean(delta, horizon);
                        let same = |sum: f64| {
                            let error = (sum / mean - 1.0).abs();
                            assert!(
                                error <= 1e-11,
                                "{r} {a} {b} {x} {length} {discount}: {error:e}"
                            );
                        };
                        same(one.discounted(delta, horizon));
                        let change = discount + (1.0 - a).abs() * length;
                        if length < 1.5 && change <= 2.0 && one.flat(length) {
                            few += 1;
                            one.at_nodes(&GAUSS_8, delta, length)
                                .into_iter()
                                .for_each(same);
                        }
                        if length < 3.0 && change <= 6.0 {
                            many += 1;
                            one.at_nodes(&GAUSS_16, delta, length)
                                .into_iter()
                                .for_each(same);
                        }
                    }
                }
            }
        }
        assert!(few > 200 && many > 1000, "{few} {many}");
    }

    /// What an ordinary customer asks goes the fast way; the rest does not.
    #[test]
    fn which_way() {
        let one = customer(0.52, 0.89, 2.6, 2.0);
        assert!(one.by_nodes(0.002, 52.0).is_some());
        assert!(one.by_nodes(0.002, 260.0).is_some());
        assert!(one.by_nodes(0.002, 600.0).is_none());
        assert!(one.by_nodes(0.002, f64::INFINITY).is_none());
        assert!(one.by_nodes(2.0, 52.0).is_none());
        // The rates are all but the same: the series alternates.
        assert!(customer(1e6, 0.5, 0.5, 3.0).by_nodes(0.002, 52.0).is_none());
    }

    /// Expected purchases where the series is slow.
    #[test]
    fn purchases_by_nodes() {
        for (a, x) in [(0.89, 0.0), (1.0, 2.0), (0.3, 1.0)] {
            let one = customer(0.52, a, 1.6, x);
            for t in [170.0, 260.0, 500.0, 510.0] {
                let (ours, mean) = (one.purchases(t), one.by_mean(1e-290, t));
                assert!(
                    (ours / mean - 1.0).abs() <= 1e-11,
                    "{a} {x} {t}: {ours} {mean}"
                );
            }
        }
    }
}
