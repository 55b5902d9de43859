//! Pareto/NBD.

mod far;
mod fraction;
mod pmf;
mod race;

use far::growth;
use race::{Chance, Race};
use serde::{Deserialize, Serialize};

use crate::metrics::lifetime::activity::{Activity, Weighted, weighted_sum};
use crate::metrics::lifetime::fit::{Likelihood, MOST};
use crate::metrics::lifetime::purchase::{Kernel, Sums, time};
use crate::metrics::lifetime::special::{discounted_time_alive, ln_rising, time_alive};
use crate::model::exact;

/// Pareto/NBD: purchases at a customer's own steady rate, until the customer leaves at a time of its own.
///
/// While alive, a customer buys at rate λ, Gamma distributed over customers with shape r and rate α; the customer leaves at rate
/// μ, Gamma distributed with shape s and rate β, whether or not there was a purchase. With x repeat purchases, the last at t_x,
/// by the age T, and n = r + x:
///
/// ```text
/// L           = Γ(n)/Γ(r) · α^r β^s · [ (α + T)^−n (β + T)^−s + s ∫ (α + y)^−n (β + y)^−(s + 1) dy ],  y from t_x to T
/// P(alive)    = the first part in the brackets over both; after a time h, times ((β + T)/(β + T + h))^s
/// E[X(t)]     = r/α · ∫ (1 + u/β)^−s du,  u from 0 to t
/// expected    = P(alive) · n/(α + T) · ∫ (1 + u/(β + T))^−s du,  u from 0 to t
/// discounted  = the same with e^(−δu) in the integral; without a bound for ever without a discount if s ≤ 1
/// P(X(t) = k) = NBD(k; t) (β/(β + t))^s + ∫ NBD(k; y) s β^s (β + y)^−(s + 1) dy,  y from 0 to t
/// ```
///
/// Sources: Schmittlein, Morrison & Colombo, *Counting Your Customers: Who Are They and What Will They Do Next?* (1987);
/// Fader & Hardie, *A Note on Deriving the Pareto/NBD Model and Related Expressions* (2005); Fader, Hardie & Lee, *RFM and CLV:
/// Using Iso-Value Curves for Customer Base Analysis* (2005) for the discounted sum.
///
/// ```
/// use customer_value::metrics::lifetime::{Activity, ParetoNbd, PurchaseModel, TimeUnit};
///
/// // Fitted to the CDNOW sample, in weeks.
/// let model = ParetoNbd { r: 0.553277, alpha: 10.57768, s: 0.60624, beta: 11.66873 };
/// let model = PurchaseModel::new(model, TimeUnit::Week)?;
/// let customer = Activity::new(26, 30.86, 31.0)?;
/// assert!((model.expected_purchases(&customer, 52.0) - 25.456).abs() < 0.001);
/// assert!((model.p_alive(&customer) - 0.9979).abs() < 0.0001);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParetoNbd {
    /// Shape of the purchase rates: the larger, the more alike customers are.
    #[serde(with = "exact::number")]
    pub r: f64,
    /// Rate of the purchase rates, in units of time: the mean rate is r/α.
    #[serde(with = "exact::number")]
    pub alpha: f64,
    /// Shape of the dropout rates.
    #[serde(with = "exact::number")]
    pub s: f64,
    /// Rate of the dropout rates, in units of time: the mean rate is s/β.
    #[serde(with = "exact::number")]
    pub beta: f64,
}

impl ParetoNbd {
    fn race(&self, customer: &Activity) -> Race {
        Race::new(self.r + customer.x(), self.s, self.alpha, self.beta)
    }

    /// ln of the probability of being alive now.
    fn ln_alive(&self, customer: &Activity) -> f64 {
        let mut race = self.race(customer);
        let now = race.at(customer.age()).value;
        self.ln_alive_with(customer, &mut race, now)
    }

    /// The same, with the chance to leave before the next purchase from now on.
    fn ln_alive_with(&self, customer: &Activity, race: &mut Race, now: f64) -> f64 {
        let span = customer.active_span();
        let since = customer.age() - span;
        if since <= 0.0 {
            return 0.0;
        }
        let then = race.at(span).value;
        let rho = self.ln_silent(customer, span, since);
        let w = then + (-rho).exp() * (1.0 - now);
        (-rho - w.ln()).min(0.0)
    }

    /// −ln of the chance neither to buy nor to leave for a time after a time.
    fn ln_silent(&self, customer: &Activity, from: f64, time: f64) -> f64 {
        let n = self.r + customer.x();
        n * (time / (self.alpha + from)).ln_1p() + self.s * (time / (self.beta + from)).ln_1p()
    }

    /// The probability that a customer who is alive buys in the time t from now: not to leave before the next purchase, less
    /// the part of it in which that purchase comes after t. The same as from [`pmf`], which starts anew, at half the cost.
    pub(super) fn buys_if_alive(&self, customer: &Activity, t: f64) -> f64 {
        let mut race = self.race(customer);
        let now = race.at(customer.age()).value;
        self.buys_with(customer, t, &mut race, now)
    }

    /// The same, with the chance to leave before the next purchase from now on.
    fn buys_with(&self, customer: &Activity, t: f64, race: &mut Race, now: f64) -> f64 {
        let then = race.at(customer.age() + t).value;
        let rho = self.ln_silent(customer, customer.age(), t);
        (1.0 - now) - (-rho).exp() * (1.0 - then)
    }

    /// Expected purchases in an expected time alive, for a customer alive with this probability.
    fn purchases(&self, customer: &Activity, ln_alive: f64, time: f64) -> f64 {
        if time == f64::INFINITY {
            // Also where P(alive) is below the range of a double.
            return time;
        }
        let rate = (self.r + customer.x()) / (self.alpha + customer.age());
        ln_alive.exp() * rate * time
    }
}

/// What customers with the same x, and with the same x and T, share on a walk over sorted data.
///
/// ```text
/// ln L = ln Γ(n)/Γ(r) + r ln α + s ln β − n ln(α + T) − s ln(β + T) + ρ + ln W
/// W    = R(t_x) + e^−ρ (1 − R(T)),  ρ = n ln((α + T)/(α + t_x)) + s ln((β + T)/(β + t_x)),  n = r + x
/// ```
///
/// R is the chance to leave before the next purchase, see [`race`]; e^−ρ/W is P(alive).
struct Walk {
    of: ParetoNbd,
    x: u32,
    race: Race,
    /// ln Γ(n)/Γ(r) and its derivative by r.
    rising: (f64, f64),
    age: f64,
    at_age: AtAge,
}

/// What depends on x and T.
struct AtAge {
    /// ln of the likelihood of a customer alive at T, and its derivatives.
    ln_alive: f64,
    gradient: [f64; MOST],
    /// Found when first needed.
    leaves: Option<Chance>,
}

impl Walk {
    fn new(of: ParetoNbd) -> Self {
        let mut walk = Self {
            of,
            x: 0,
            race: Race::new(of.r, of.s, of.alpha, of.beta),
            rising: (0.0, 0.0),
            age: 0.0,
            at_age: AtAge {
                ln_alive: 0.0,
                gradient: [0.0; MOST],
                leaves: None,
            },
        };
        walk.at_age = walk.at_age();
        walk
    }

    fn at_age(&self) -> AtAge {
        let ParetoNbd { r, alpha, s, beta } = self.of;
        let (x, age) = (f64::from(self.x), self.age);
        let (over_alpha, over_beta) = ((age / alpha).ln_1p(), (age / beta).ln_1p());
        AtAge {
            ln_alive: self.rising.0 - r * over_alpha - x * (alpha + age).ln() - s * over_beta,
            gradient: [
                r * (self.rising.1 - over_alpha),
                (r * age - x * alpha) / (alpha + age),
                -s * over_beta,
                s * age / (beta + age),
            ],
            leaves: None,
        }
    }

    /// The same as [`gradient`](Self::gradient) where β is so far above T that customers leave at one steady rate s/β:
    ///
    /// ```text
    /// L = L(alive at T) (1 + E),  E = s/β ∫ ((α + T)/(α + y))^n dy,  y from t_x to T
    /// ```
    ///
    /// The integrand is off by a factor of 1 + (s + 1) T/β at most. `None` where that is to be seen.
    fn steady(&self, n: f64, since: f64, a: f64, over_a: f64) -> Option<(f64, [f64; MOST])> {
        let ParetoNbd { r, alpha, s, beta } = self.of;
        let off = (s + 1.0) * (self.age / beta);
        if off > 1e-6 {
            return None;
        }
        let end = alpha + self.age;
        let (growth, slope) = growth((n - 1.0) * over_a);
        let scale = s / beta * end * over_a;
        let e = scale * growth;
        let small = e * off <= 1e-14 || off <= 1e-14;
        if !small || !e.is_finite() || !slope.is_finite() {
            return None;
        }
        let inverse = 1.0 / (1.0 + e);
        // By α at the end of the range, and at both ends of ln((α + T)/(α + t_x)).
        let by_over_a = scale * (n - 1.0) * slope + s / beta * end * growth;
        let by_alpha = e / end - by_over_a * since / (end * a);
        let [d_r, d_alpha, d_s, d_beta] = self.at_age.gradient;
        let gone = e * inverse;
        Some((
            self.at_age.ln_alive + e.ln_1p(),
            [
                d_r + r * scale * over_a * slope * inverse,
                d_alpha + alpha * by_alpha * inverse,
                d_s + gone,
                d_beta - gone,
            ],
        ))
    }

    /// ln L and its derivatives by ln r, ln α, ln s, ln β.
    fn gradient(&mut self, customer: &Activity) -> (f64, [f64; MOST]) {
        let ParetoNbd { r, alpha, s, beta } = self.of;
        let (span, age) = (customer.active_span(), customer.age());
        let x = customer.repeat_purchases();
        let new_x = x != self.x;
        if new_x {
            self.x = x;
            self.rising = ln_rising(r, x);
            self.race = Race::new(r + f64::from(x), s, alpha, beta);
        }
        if new_x || age != self.age {
            self.age = age;
            self.at_age = self.at_age();
        }
        let n = r + f64::from(x);
        let since = age - span;
        let (a, b) = (alpha + span, beta + span);
        let over_a = (since / a).ln_1p();
        if let Some(steady) = self.steady(n, since, a, over_a) {
            return steady;
        }
        let race = &mut self.race;
        let leaves = *self.at_age.leaves.get_or_insert_with(|| race.at(age));
        let then = if since > 0.0 { race.at(span) } else { leaves };
        let now = &self.at_age;
        let over_b = (since / b).ln_1p();
        let rho = n * over_a + s * over_b;
        let ratio = (-rho).exp();
        let alive = ratio * (1.0 - leaves.value);
        let w = then.value + alive;
        let inverse = 1.0 / w;
        // Of ln W + ρ: by n and s directly, by α and β through ρ and through a and b in R.
        let gone = 1.0 - alive * inverse;
        let (now_k, then_k) = (ratio * leaves.by_ln_a, then.by_ln_a);
        let by_n = gone * over_a + (then.by_n - ratio * leaves.by_n) * inverse;
        let by_s = gone * over_b + (then.by_s - ratio * leaves.by_s) * inverse;
        let by_alpha = -gone * n * since / ((alpha + age) * a)
            + (then_k / a - now_k / (alpha + age)) * inverse;
        let by_beta =
            -gone * s * since / ((beta + age) * b) - (then_k / b - now_k / (beta + age)) * inverse;
        let [d_r, d_alpha, d_s, d_beta] = now.gradient;
        (
            now.ln_alive + rho + w.ln(),
            [
                d_r + r * by_n,
                d_alpha + alpha * by_alpha,
                d_s + s * by_s,
                d_beta + beta * by_beta,
            ],
        )
    }
}

impl Likelihood for ParetoNbd {
    type Datum = Activity;
    const NAMES: &'static [&'static str] = &["r", "alpha", "s", "beta"];

    fn from_array([r, alpha, s, beta]: [f64; MOST]) -> Self {
        Self { r, alpha, s, beta }
    }

    fn to_array(self) -> [f64; MOST] {
        [self.r, self.alpha, self.s, self.beta]
    }

    fn total(&self, data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        let mut walk = Walk::new(*self);
        weighted_sum(data, |one| walk.gradient(one))
    }
}

impl Kernel for ParetoNbd {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        Self::NAMES.iter().copied().zip(self.to_array()).collect()
    }
    fn log_likelihood(&self, customer: &Activity) -> f64 {
        Walk::new(*self).gradient(customer).0
    }
    fn p_alive(&self, customer: &Activity, later: f64) -> f64 {
        let stays = -self.s * (later / (self.beta + customer.age())).ln_1p();
        (self.ln_alive(customer) + stays).exp()
    }
    fn expected_new(&self, t: f64) -> f64 {
        self.r / self.alpha * time_alive(self.s, self.beta, t)
    }
    fn expected(&self, customer: &Activity, t: f64) -> f64 {
        let time = time_alive(self.s, self.beta + customer.age(), t);
        self.purchases(customer, self.ln_alive(customer), time)
    }
    fn log_pmf(&self, n: u32, t: f64) -> f64 {
        pmf::log_pmf(*self, n, t)
    }
    fn discounted(&self, customer: &Activity, delta: f64, horizon: f64) -> f64 {
        let time = discounted_time_alive(self.s, self.beta + customer.age(), delta, horizon);
        self.purchases(customer, self.ln_alive(customer), time)
    }
    fn outlook(&self, customer: &Activity, delta: f64, horizon: f64) -> Sums {
        let mut race = self.race(customer);
        let now = race.at(customer.age()).value;
        let ln_alive = self.ln_alive_with(customer, &mut race, now);
        let buys = self.buys_with(customer, time(horizon), &mut race, now);
        let purchases = |delta| {
            let time = discounted_time_alive(self.s, self.beta + customer.age(), delta, horizon);
            self.purchases(customer, ln_alive, time)
        };
        Sums {
            p_alive: ln_alive.exp(),
            buys_if_alive: Some(buys),
            expected: purchases(0.0),
            discounted: purchases(delta),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::lifetime::gradient;

    /// The gradient against differences of the value, and the total against its parts.
    #[test]
    fn gradient_is_the_slope() -> Result<(), crate::Error> {
        let sets = [
            [0.55, 10.6, 0.61, 11.7],
            [10.5, 0.008, 3.1, 2.8],
            [0.8, 10.0, 0.5, 10.0],
            [0.53, 38.0, 64.0, 7700.0],
            [1.45, 486.0, 0.56, 47.0],
            [0.5, 3.0, 0.3, 1e7],
        ];
        let mut data = Vec::new();
        for (x, span, age) in [
            (0, 0.0, 0.0),
            (0, 0.0, 38.9),
            (1, 1.7, 38.9),
            (2, 30.0, 38.9),
            (26, 30.9, 31.0),
            (26, 31.0, 31.0),
            (500, 10.0, 900.0),
        ] {
            data.push(Weighted {
                value: Activity::new(x, span, age)?,
                weight: 2.0,
            });
        }
        for set in sets {
            let model = ParetoNbd::from_array(set);
            let (total, slopes) = model.total(&data);
            let parts: f64 = data
                .iter()
                .map(|one| 2.0 * model.log_likelihood(&one.value))
                .sum();
            assert!((total - parts).abs() < 1e-10 * total.abs(), "{set:?}");
            for one in data.chunks(1).chain([data.as_slice()]) {
                gradient::check::<ParetoNbd>(set, one, 1e-9);
            }
            assert!(slopes.iter().all(|part| part.is_finite()));
        }
        Ok(())
    }
}
