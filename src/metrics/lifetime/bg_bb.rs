//! BG/BB.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted, weighted_sum};
use super::fit::{Likelihood, MOST};
use super::purchase::Kernel;
use super::sbg::ShiftedBetaGeometric;
use super::special::{digamma_difference, ln_beta_ratio, log_add, smooth_sum};
use crate::model::exact;

/// BG/BB: at every occasion a customer buys or does not, and before every occasion may leave.
///
/// While alive, a customer buys at an occasion with probability p, Beta(α, β) distributed over customers; before each occasion
/// the customer leaves for good with probability θ, Beta(γ, δ) distributed. Occasions are whole periods of the model's unit:
/// a year of an annual appeal, a week with or without a visit. See
/// [`Activities::in_periods`](super::Activities::in_periods).
///
/// A customer who is alive is one who will be there at the *next* occasion. A time that is not whole counts its whole periods;
/// of a customer, t_x is rounded up to the period it is in, at most the last whole one of T, and x is at most t_x.
///
/// Source: Fader, Hardie & Shang, *Customer-Base Analysis in a Discrete-Time Noncontractual Setting* (2010).
///
/// ```
/// use customer_value::metrics::lifetime::{Activity, BgBb, PurchaseModel, TimeUnit};
///
/// // The paper's donors, six years.
/// let model = BgBb { alpha: 1.204, beta: 0.750, gamma: 0.657, delta: 2.783 };
/// let model = PurchaseModel::new(model, TimeUnit::Year)?;
/// let every_year = Activity::new(6, 6.0, 6.0)?;
/// assert!((model.p_alive(&every_year) - 0.93).abs() < 0.001);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgBb {
    /// First shape of the purchase probabilities: their mean is α/(α + β).
    #[serde(with = "exact::number")]
    pub alpha: f64,
    /// Second shape of the purchase probabilities.
    #[serde(with = "exact::number")]
    pub beta: f64,
    /// First shape of the leaving probabilities: their mean is γ/(γ + δ).
    #[serde(with = "exact::number")]
    pub gamma: f64,
    /// Second shape of the leaving probabilities.
    #[serde(with = "exact::number")]
    pub delta: f64,
}

/// Purchases x, the last at occasion t_x, of n occasions; whole numbers with x ≤ t_x ≤ n.
#[derive(Clone, Copy)]
struct Occasions {
    x: f64,
    last: f64,
    n: f64,
}

impl Occasions {
    fn of(customer: &Activity) -> Self {
        let n = customer.age().floor();
        let last = customer.active_span().ceil().min(n);
        let x = customer.x().min(last);
        let last = if x > 0.0 { last } else { 0.0 };
        Self { x, last, n }
    }
}

/// Terms added one by one before a long sum is made in panels.
const FEW: f64 = 48.0;

/// Σ f(i) over the occasions at which a customer may have left, f(0) = 1, and the means of the digamma steps in it:
/// of β, α + β, δ and γ + δ.
struct Left {
    sum: f64,
    steps: [f64; MOST],
}

impl BgBb {
    /// How customers leave: as from a contract.
    fn leaving(&self) -> ShiftedBetaGeometric {
        ShiftedBetaGeometric {
            alpha: self.gamma,
            beta: self.delta,
        }
    }

    /// ln B(α + x, β + k)/B(α, β): of x purchases and k occasions without one, in a given order.
    fn ln_order(&self, x: f64, k: f64) -> f64 {
        ln_beta_ratio(self.beta, self.alpha, x) + ln_beta_ratio(self.alpha + x, self.beta, k)
    }

    /// ln B(γ + 1, δ + t)/B(γ, δ): of leaving before occasion t + 1.
    fn ln_leave(&self, t: f64) -> f64 {
        (self.gamma / (self.gamma + self.delta)).ln()
            + ln_beta_ratio(self.gamma + 1.0, self.delta, t)
    }

    /// The terms of the likelihood for having left before each occasion after t_x, over the first of them.
    fn left(&self, o: Occasions, with_steps: bool) -> Left {
        let Self {
            alpha,
            beta,
            gamma,
            delta,
        } = *self;
        let terms = o.n - o.last;
        let (b, c) = (beta + (o.last - o.x), alpha + beta + o.last);
        let (d, e) = (delta + o.last, gamma + delta + 1.0 + o.last);
        let mut steps = [
            digamma_difference_if(with_steps, beta, o.last - o.x),
            digamma_difference_if(with_steps, alpha + beta, o.last),
            digamma_difference_if(with_steps, delta, o.last),
            digamma_difference_if(with_steps, gamma + delta, 1.0 + o.last),
        ];
        let (mut sum, mut sums) = (0.0, [0.0; MOST]);
        let mut add = |weight: f64, steps: [f64; MOST]| {
            for (total, step) in sums.iter_mut().zip(steps) {
                *total += weight * step;
            }
        };
        let (mut term, mut i) = (1.0_f64, 0.0);
        while i < terms && term > 1e-18 * sum {
            let kept = ((b + i) / (c + i)) * ((d + i) / (e + i));
            // Terms fall ever more slowly; while they fall by a twentieth each they are soon nothing.
            if i >= FEW && terms - i > FEW && kept > 0.95 {
                let g = |t: f64| {
                    term.ln()
                        + ln_beta_ratio(alpha + o.x, b + i, t)
                        + ln_beta_ratio(gamma + 1.0, d + i, t)
                };
                let visit = |t: f64, weight: f64| {
                    if with_steps {
                        let [sb, sc, sd, se] = steps;
                        let more = [
                            sb + digamma_difference(b + i, t),
                            sc + digamma_difference(c + i, t),
                            sd + digamma_difference(d + i, t),
                            se + digamma_difference(e + i, t),
                        ];
                        add(weight, more);
                    }
                };
                sum += smooth_sum((0.0, terms - i), sum, g, |t| t + i, visit);
                break;
            }
            sum += term;
            if with_steps {
                add(term, steps);
                for (step, at) in steps.iter_mut().zip([b, c, d, e]) {
                    *step += 1.0 / (at + i);
                }
            }
            term *= kept;
            i += 1.0;
        }
        for total in &mut sums {
            *total /= sum;
        }
        Left { sum, steps: sums }
    }

    /// ln of the likelihood of having left, of being alive after the last occasion, and of either.
    fn parts(&self, o: Occasions, left: &Left) -> (f64, f64, f64) {
        let order = self.ln_order(o.x, o.last - o.x);
        let gone = if left.sum > 0.0 {
            order + self.ln_leave(o.last) + left.sum.ln()
        } else {
            f64::NEG_INFINITY
        };
        let unused = ln_beta_ratio(self.alpha + o.x, self.beta + (o.last - o.x), o.n - o.last);
        let alive = order + unused + self.leaving().ln_survival(o.n);
        (gone, alive, log_add(gone, alive).min(0.0))
    }

    /// ln L and its derivatives by ln α, ln β, ln γ, ln δ.
    fn gradient(&self, customer: &Activity) -> (f64, [f64; MOST]) {
        let Self {
            alpha,
            beta,
            gamma,
            delta,
        } = *self;
        let o = Occasions::of(customer);
        let left = self.left(o, true);
        let (gone, alive, all) = self.parts(o, &left);
        let (gone, alive) = ((gone - all).exp(), (alive - all).exp());
        let mean = |gone_step: f64, alive_step: f64| {
            let gone_step = if gone > 0.0 { gone * gone_step } else { 0.0 };
            gone_step + alive * alive_step
        };
        let [b, c, d, e] = left.steps;
        let b = mean(b, digamma_difference(beta, o.n - o.x));
        let c = mean(c, digamma_difference(alpha + beta, o.n));
        let d = mean(d, digamma_difference(delta, o.n));
        let e = mean(e, digamma_difference(gamma + delta, o.n));
        let by_alpha = alpha * (digamma_difference(alpha, o.x) - c);
        (
            all,
            [by_alpha, beta * (b - c), gone - gamma * e, delta * (d - e)],
        )
    }

    /// ln of the probability that a customer is alive after the last occasion.
    fn ln_there(&self, o: Occasions) -> f64 {
        let (_, alive, all) = self.parts(o, &self.left(o, false));
        (alive - all).min(0.0)
    }
}

/// The orders of x purchases, the last at the last of x + j occasions before the customer left, over j.
struct Orders {
    model: BgBb,
    x: f64,
}

impl Orders {
    /// ln of C(x + j, x) B(α + x, β + j)/B(α + x, β) · B(γ + 1, δ + x + j)/B(γ + 1, δ + x).
    fn ln_term(&self, j: f64) -> f64 {
        let BgBb {
            alpha,
            beta,
            gamma,
            delta,
        } = self.model;
        ln_beta_ratio(alpha + self.x, beta, j) + ln_beta_ratio(gamma + 1.0, delta + self.x, j)
            - ln_beta_ratio(self.x, 1.0, j)
    }

    /// The term at j + 1 over that at j.
    fn ratio(&self, j: f64) -> f64 {
        let BgBb {
            alpha,
            beta,
            gamma,
            delta,
        } = self.model;
        let x = self.x;
        ((x + 1.0 + j) / (1.0 + j))
            * ((beta + j) / (alpha + beta + x + j))
            * ((delta + x + j) / (gamma + delta + x + 1.0 + j))
    }

    /// Where the terms start to fall; they rise up to there.
    ///
    /// Ratio − 1 has the sign of −(1 + α + γ) j² + q j + r: the cubes cancel.
    fn top(&self) -> f64 {
        let BgBb {
            alpha,
            beta,
            gamma,
            delta,
        } = self.model;
        let x = self.x;
        let (c, d, e) = (alpha + beta + x, delta + x, gamma + delta + x + 1.0);
        let square = 1.0 + alpha + gamma;
        let q = (x + 1.0) * beta + (x + 1.0) * d + beta * d - c - e - c * e;
        let r = (x + 1.0) * beta * d - c * e;
        let root = (q * q + 4.0 * square * r).max(0.0).sqrt();
        ((q + root) / (2.0 * square)).max(0.0).ceil()
    }

    /// Σ e^(ln_term(j) − scale) over j = 0 to count − 1, and the scale.
    fn sum(&self, count: f64) -> (f64, f64) {
        let top = self.top().min(count - 1.0);
        let scale = self.ln_term(top);
        let mut sum = 0.0;
        self.falling(&mut sum, scale, (top, count), true);
        self.falling(&mut sum, scale, (0.0, top), false);
        (sum, scale)
    }

    /// Adds the terms in [low, high), which fall from one end to the other: upwards from `low`, or downwards from `high` − 1.
    fn falling(&self, sum: &mut f64, scale: f64, (low, high): (f64, f64), up: bool) {
        /// Terms added one by one; below this j they are not smooth.
        const DIRECT: f64 = 512.0;
        const ROUGH: f64 = 64.0;
        if low >= high {
            return;
        }
        let all = high - low;
        let mut j = if up { low } else { high - 1.0 };
        let mut term = (self.ln_term(j) - scale).exp();
        let mut done = 0.0;
        while done < all && (done < DIRECT || all <= 4.0 * DIRECT) {
            *sum += term;
            if term <= 1e-18 * *sum {
                return;
            }
            term *= if up {
                self.ratio(j)
            } else {
                1.0 / self.ratio(j - 1.0)
            };
            j += if up { 1.0 } else { -1.0 };
            done += 1.0;
        }
        if done >= all {
            return;
        }
        if up {
            let g = |t: f64| self.ln_term(t) - scale;
            *sum += smooth_sum((j, high), *sum, g, |t| t, |_, _| {});
            return;
        }
        let rough = low.max(ROUGH);
        if j >= rough {
            let g = |t: f64| self.ln_term(-t) - scale;
            *sum += smooth_sum((-j, 1.0 - rough), *sum, g, |t| -0.5 * t, |_, _| {});
            j = rough - 1.0;
        }
        while j >= low {
            *sum += (self.ln_term(j) - scale).exp();
            j -= 1.0;
        }
    }
}

/// 0 where it is not asked for.
fn digamma_difference_if(asked: bool, x: f64, h: f64) -> f64 {
    if asked { digamma_difference(x, h) } else { 0.0 }
}

impl Likelihood for BgBb {
    type Datum = Activity;
    const NAMES: &'static [&'static str] = &["alpha", "beta", "gamma", "delta"];

    fn from_array([alpha, beta, gamma, delta]: [f64; MOST]) -> Self {
        Self {
            alpha,
            beta,
            gamma,
            delta,
        }
    }

    fn to_array(self) -> [f64; MOST] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }

    fn total(&self, data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        weighted_sum(data, |one| self.gradient(one))
    }
}

impl Kernel for BgBb {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        Self::NAMES.iter().copied().zip(self.to_array()).collect()
    }

    /// The paper's likelihood, as a sum of logs.
    fn log_likelihood(&self, customer: &Activity) -> f64 {
        let o = Occasions::of(customer);
        self.parts(o, &self.left(o, false)).2
    }

    /// Alive at occasion n + 1 + later.
    fn p_alive(&self, customer: &Activity, later: f64) -> f64 {
        let o = Occasions::of(customer);
        let stays = self.leaving().after(o.n).ln_survival(1.0 + later.floor());
        (self.ln_there(o) + stays).exp()
    }

    /// α/(α + β) Σ S(t) over the occasions t = 1 to n.
    fn expected_new(&self, t: f64) -> f64 {
        self.alpha / (self.alpha + self.beta) * self.leaving().expected(t.floor())
    }

    /// Alive after n, times the mean of the purchase probability, times the occasions that will be met.
    fn expected(&self, customer: &Activity, t: f64) -> f64 {
        self.discounted(customer, 0.0, t)
    }

    /// ln of C(n, x) ways to buy and stay, and of the ways to leave after t ≥ x occasions with x purchases among them.
    fn log_pmf(&self, purchases: u32, t: f64) -> f64 {
        let (x, n) = (f64::from(purchases), t.floor());
        if x > n {
            return f64::NEG_INFINITY;
        }
        let alive =
            self.ln_order(x, n - x) + self.leaving().ln_survival(n) - ln_beta_ratio(x, 1.0, n - x);
        if x == n {
            return alive.min(0.0);
        }
        let (sum, scale) = Orders { model: *self, x }.sum(n - x);
        let gone = self.ln_order(x, 0.0) + self.ln_leave(x) + scale + sum.ln();
        log_add(alive, gone).min(0.0)
    }

    /// For ever, the paper's DERT: a purchase at the next occasion is discounted once.
    fn discounted(&self, customer: &Activity, delta: f64, horizon: f64) -> f64 {
        let o = Occasions::of(customer);
        let buys = (self.alpha + o.x) / (self.alpha + self.beta + o.n);
        let met = self.leaving().after(o.n).discounted(delta, horizon.floor());
        let there = self.ln_there(o).exp();
        if met.is_infinite() {
            // Also where the probability is below any double.
            return met;
        }
        there * buys * met
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::lifetime::gradient;

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        for parameters in [
            [1.2, 0.75, 0.66, 2.8],
            [0.01, 0.3, 1e-3, 0.2],
            [40.0, 900.0, 3.0, 7000.0],
        ] {
            for (x, last, n) in [
                (0, 0.0, 0.0),
                (0, 0.0, 6.0),
                (2, 4.0, 6.0),
                (6, 6.0, 6.0),
                (30, 200.0, 365.0),
                (30, 200.0, 1e9),
            ] {
                let value = Activity::new(x, last, n).unwrap();
                let data = [Weighted { value, weight: 3.0 }];
                gradient::check::<BgBb>(parameters, &data, 1e-9);
                let model = BgBb::from_array(parameters);
                assert_eq!(model.total(&data).0, 3.0 * model.log_likelihood(&value));
            }
        }
    }
}
