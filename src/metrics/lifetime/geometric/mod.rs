//! What BG/NBD and MBG/NBD share: purchases at a Gamma distributed rate, and a Beta distributed chance to leave at every one.
//!
//! The two differ only in how many chances to leave x repeat purchases mean: m = x (BG/NBD), or m = x + 1 with one at the
//! first purchase of all (MBG/NBD). So with one m for both:
//!
//! L = Γ(r + x)/Γ(r) · α^r · B(a, b + m)/B(a, b) · [(α + T)^−(r + x) + a/(b + m − 1) · (α + t_x)^−(r + x)],
//!
//! the first term for a customer who is still alive, the second for one who left at t_x (none for m = 0). Given alive, the
//! rate λ is Gamma(r + x, α + T) and the chance to leave p is Beta(a, b + m), independently, and the time to leaving is
//! exponential with rate λp.

mod alive;

use alive::Alive;

use crate::metrics::lifetime::activity::{Activity, Weighted};
use crate::metrics::lifetime::fit::{Likelihood, MOST};
use crate::metrics::lifetime::purchase::{Kernel, Sums};
use crate::metrics::lifetime::special::{
    digamma_difference, ln_beta_ratio, ln_rising, log_add, negative_binomial, softplus,
};

/// The parameters of either model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Geometric {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
    /// Chances to leave at the first purchase: 0 (BG/NBD) or 1 (MBG/NBD).
    pub(crate) at_first: f64,
}

/// What depends on x only.
struct OfX {
    x: f64,
    /// ln of Γ(r + x)/Γ(r) · B(a, b + m)/B(a, b).
    ln_factor: f64,
    /// r + x.
    shape: f64,
    /// ln of a/(b + m − 1), the odds of having left at t_x but for the times; −∞ if there was no chance to.
    ln_odds: f64,
    /// ψ(r + x) − ψ(r).
    by_r: f64,
    /// a (ψ(a + b) − ψ(a + b + m)).
    by_a: f64,
    /// b (ψ(a + b) − ψ(a + b + m) + ψ(b + m) − ψ(b)).
    by_b: f64,
    /// b/(b + m − 1).
    gone_by_b: f64,
}

/// A model that is a [`Geometric`] by its own parameters.
pub(super) trait Shared: Likelihood {
    fn shared(&self) -> Geometric;
}

impl<M: Shared> Kernel for M {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        Self::NAMES.iter().copied().zip(self.to_array()).collect()
    }

    fn log_likelihood(&self, customer: &Activity) -> f64 {
        self.shared().log_likelihood(customer)
    }

    fn p_alive(&self, customer: &Activity, later: f64) -> f64 {
        self.shared().p_alive(customer, later)
    }

    fn expected_new(&self, t: f64) -> f64 {
        self.shared().expected_new(t)
    }

    fn expected(&self, customer: &Activity, t: f64) -> f64 {
        self.shared().expected(customer, t)
    }

    fn log_pmf(&self, n: u32, t: f64) -> f64 {
        self.shared().log_pmf(n, t)
    }

    fn discounted(&self, customer: &Activity, delta: f64, horizon: f64) -> f64 {
        self.shared().discounted(customer, delta, horizon)
    }

    fn outlook(&self, customer: &Activity, delta: f64, horizon: f64) -> Sums {
        self.shared().outlook(customer, delta, horizon)
    }
}

impl Geometric {
    fn of_x(&self, purchases: u32) -> OfX {
        let Self { r, a, b, .. } = *self;
        let x = f64::from(purchases);
        let chances = x + self.at_first;
        // Not (b + m) − 1: b may be far below 1.
        let before = b + (chances - 1.0);
        let can_leave = chances > 0.0;
        let (rising, by_r) = ln_rising(r, purchases);
        let all = digamma_difference(a + b, chances);
        OfX {
            x,
            ln_factor: rising + ln_beta_ratio(a, b, chances),
            shape: r + x,
            ln_odds: if can_leave {
                (a / before).ln()
            } else {
                f64::NEG_INFINITY
            },
            by_r,
            by_a: -a * all,
            by_b: b * (digamma_difference(b, chances) - all),
            gone_by_b: if can_leave { b / before } else { 0.0 },
        }
    }

    /// (ln of the odds of having left against being alive, ln((α + T)/(α + t_x))).
    fn ln_odds(&self, shape: f64, ln_odds: f64, customer: &Activity) -> (f64, f64) {
        let (span, age) = (customer.active_span(), customer.age());
        let ln_ratio = ((age - span) / (self.alpha + span)).ln_1p();
        (ln_odds + shape * ln_ratio, ln_ratio)
    }

    pub(super) fn log_likelihood(&self, customer: &Activity) -> f64 {
        let Self { r, alpha, a, b, .. } = *self;
        let (x, age) = (customer.x(), customer.age());
        let chances = x + self.at_first;
        let (rising, _) = ln_rising(r, customer.repeat_purchases());
        let ln_factor = rising + ln_beta_ratio(a, b, chances);
        let alive = ln_factor - r * (age / alpha).ln_1p() - x * (alpha + age).ln();
        if chances == 0.0 {
            return alive;
        }
        let ln_odds = (a / (b + (chances - 1.0))).ln();
        alive + softplus(self.ln_odds(r + x, ln_odds, customer).0)
    }

    /// Σ weight · ln L and its derivatives by ln r, ln α, ln a, ln b. The data are sorted by x, T and t_x; what depends on the
    /// first or the first two is made once for a run.
    pub(crate) fn total(&self, data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        let Self { r, alpha, .. } = *self;
        let (mut value, mut d_r, mut d_alpha, mut d_a, mut d_b) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for of_one_x in data.chunk_by(|one, next| one.value.x() == next.value.x()) {
            let Some(first) = of_one_x.first() else {
                continue;
            };
            let of_x = self.of_x(first.value.repeat_purchases());
            // Of all with this x: their weight, and the weight of those who left.
            let (mut all, mut gone_all) = (0.0, 0.0);
            for of_one_age in of_one_x.chunk_by(|one, next| one.value.age() == next.value.age()) {
                let Some(first) = of_one_age.first() else {
                    continue;
                };
                let age = first.value.age();
                let mut weight = 0.0;
                // Σ weight · gone · (T − t_x)/(α + t_x).
                let mut waited = 0.0;
                if of_x.gone_by_b == 0.0 {
                    weight = of_one_age.iter().map(|one| one.weight).sum();
                } else {
                    for one in of_one_age {
                        let (ln_odds, ln_ratio) =
                            self.ln_odds(of_x.shape, of_x.ln_odds, &one.value);
                        let small = (-ln_odds.abs()).exp();
                        let part = 1.0 / (1.0 + small);
                        let gone = if ln_odds > 0.0 { part } else { small * part } * one.weight;
                        weight += one.weight;
                        value += one.weight * (ln_odds.max(0.0) + small.ln_1p());
                        gone_all += gone;
                        d_r += gone * ln_ratio;
                        let span = one.value.active_span();
                        waited += gone * (age - span) / (alpha + span);
                    }
                }
                let ln_growth = (age / alpha).ln_1p();
                value -= weight * (r * ln_growth + of_x.x * (alpha + age).ln());
                d_r -= weight * ln_growth;
                let expected = (r * age - of_x.x * alpha) / (alpha + age);
                d_alpha += weight * expected - of_x.shape * (alpha / (alpha + age)) * waited;
                all += weight;
            }
            value += all * of_x.ln_factor;
            d_r += all * of_x.by_r;
            d_a += all * of_x.by_a + gone_all;
            d_b += all * of_x.by_b - gone_all * of_x.gone_by_b;
        }
        (value, [r * d_r, d_alpha, d_a, d_b])
    }

    /// What is known of a customer with x repeat purchases in the time T, if alive.
    fn alive(&self, x: f64, age: f64) -> Alive {
        Alive {
            shape: self.r + x,
            rate: self.alpha + age,
            a: self.a,
            b: self.b + (x + self.at_first),
            spare: (self.b - self.r) + self.at_first,
        }
    }

    fn alive_now(&self, customer: &Activity) -> f64 {
        let chances = customer.x() + self.at_first;
        if chances == 0.0 {
            return 1.0;
        }
        let odds = (self.a / (self.b + (chances - 1.0))).ln();
        let (ln_odds, _) = self.ln_odds(self.r + customer.x(), odds, customer);
        // Below e^−700 the odds go to 0 gradually, and so does the probability.
        if ln_odds > 700.0 {
            (-ln_odds).exp()
        } else {
            1.0 / (1.0 + ln_odds.exp())
        }
    }

    /// P(alive at T + later) = P(alive at T) · E[e^(−λp · later)].
    pub(crate) fn p_alive(&self, customer: &Activity, later: f64) -> f64 {
        let now = self.alive_now(customer);
        if later == 0.0 || now == 0.0 {
            return now;
        }
        now * self.alive(customer.x(), customer.age()).survival(later)
    }

    /// A new customer is one with x = T = 0, alive after the first purchase with probability 1 or b/(a + b).
    pub(crate) fn expected_new(&self, t: f64) -> f64 {
        let alive = if self.at_first > 0.0 {
            self.b / (self.a + self.b)
        } else {
            1.0
        };
        alive * self.alive(0.0, 0.0).purchases(t)
    }

    /// P(alive) · E[(1 − e^(−λpt))/p].
    pub(crate) fn expected(&self, customer: &Activity, t: f64) -> f64 {
        let now = self.alive_now(customer);
        if now == 0.0 || t == 0.0 {
            return 0.0;
        }
        now * self.alive(customer.x(), customer.age()).purchases(t)
    }

    /// P(alive) · E[λ (1 − e^(−(λp + δ)h))/(λp + δ)].
    pub(crate) fn discounted(&self, customer: &Activity, delta: f64, horizon: f64) -> f64 {
        let alive = self.alive(customer.x(), customer.age());
        times(self.alive_now(customer), alive.discounted(delta, horizon))
    }

    pub(crate) fn outlook(&self, customer: &Activity, delta: f64, horizon: f64) -> Sums {
        let p_alive = self.alive_now(customer);
        let alive = self.alive(customer.x(), customer.age());
        Sums {
            p_alive,
            buys_if_alive: None,
            expected: times(p_alive, alive.discounted(0.0, horizon)),
            discounted: times(p_alive, alive.discounted(delta, horizon)),
        }
    }

    /// ln of B(a, b + m)/B(a, b) · [P(N = n) + a/(b + m − 1) · P(N ≥ n)], where N would be the purchases in (0, t] if nobody
    /// left: negative binomial.
    pub(crate) fn log_pmf(&self, n: u32, t: f64) -> f64 {
        let Self {
            r,
            alpha,
            a,
            b,
            at_first,
        } = *self;
        let n = f64::from(n);
        let chances = n + at_first;
        let ratio = t / alpha;
        let mut inner = negative_binomial::ln_probability(n, r, ratio);
        if chances > 0.0 {
            let tail = if n > 0.0 {
                negative_binomial::ln_tail(n, r, ratio)
            } else {
                0.0
            };
            inner = log_add(inner, (a / (b + (chances - 1.0))).ln() + tail);
        }
        (ln_beta_ratio(a, b, chances) + inner).min(0.0)
    }
}

/// A sum without a bound is one also where P(alive) is below any double.
fn times(p_alive: f64, sum: f64) -> f64 {
    if sum.is_finite() { p_alive * sum } else { sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEKS: f64 = 7.0;

    fn models() -> impl Iterator<Item = Geometric> {
        let sets = [
            (0.242_594_5, 4.413_601_9, 0.792_919_9, 2.425_888_1),
            (0.5, 10.0, 1.0, 3.0),
            (40.0, 900.0, 3.0, 0.7),
            (1e5, 2e6, 20.0, 1e4),
        ];
        sets.into_iter().flat_map(|(r, alpha, a, b)| {
            [0.0, 1.0].map(|at_first| Geometric {
                r,
                alpha,
                a,
                b,
                at_first,
            })
        })
    }

    fn data(factor: f64) -> Vec<Weighted<Activity>> {
        let rows = [
            (0, 0.0, 10.0, 5.0),
            (0, 0.0, 38.86, 3.0),
            (1, 0.0, 20.0, 1.0),
            (1, 1.71, 38.86, 2.0),
            (1, 38.86, 38.86, 1.0),
            (2, 30.43, 38.86, 4.0),
            (26, 30.86, 31.0, 1.0),
            (300, 200.0, 365.0, 1.0),
        ];
        let made = rows.into_iter().map(|(x, span, age, weight)| Weighted {
            value: Activity::new(x, span * factor, age * factor).unwrap(),
            weight,
        });
        made.collect()
    }

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let data = data(1.0);
        for model in models() {
            let (value, gradient) = model.total(&data);
            let one_by_one = |model: &Geometric| -> f64 {
                data.iter()
                    .map(|one| one.weight * model.log_likelihood(&one.value))
                    .sum()
            };
            let direct = one_by_one(&model);
            assert!(
                (value - direct).abs() <= 1e-13 * direct.abs(),
                "{value} {direct}"
            );
            for (i, ours) in gradient.into_iter().enumerate() {
                let moved = |h: f64| {
                    let factor = |j: usize| if i == j { h.exp() } else { 1.0 };
                    one_by_one(&Geometric {
                        r: model.r * factor(0),
                        alpha: model.alpha * factor(1),
                        a: model.a * factor(2),
                        b: model.b * factor(3),
                        ..model
                    })
                };
                let h = 1e-3;
                let slope = (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h)))
                    / (12.0 * h);
                assert!(
                    (ours - slope).abs() <= 1e-7 * (1.0 + slope.abs()),
                    "{model:?} by {i}: {ours} {slope}"
                );
            }
        }
    }

    #[test]
    fn days_and_weeks_are_the_same_model() {
        let purchases: f64 = data(1.0).iter().map(|one| one.weight * one.value.x()).sum();
        for model in models() {
            let (weeks, by_weeks) = model.total(&data(1.0));
            let in_days = Geometric {
                alpha: model.alpha * WEEKS,
                ..model
            };
            let (days, by_days) = in_days.total(&data(WEEKS));
            assert!((weeks - days - purchases * WEEKS.ln()).abs() <= 1e-9);
            for (one, other) in by_weeks.into_iter().zip(by_days) {
                assert!(
                    (one - other).abs() <= 1e-9 * (1.0 + one.abs()),
                    "{one} {other}"
                );
            }
        }
    }
}
