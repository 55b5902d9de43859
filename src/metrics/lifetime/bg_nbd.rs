//! BG/NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::purchase::Kernel;
use super::special::{digamma, ln_beta, ln_gamma, log_add};
use crate::model::exact;

/// BG/NBD: purchases at a customer's own steady rate, and a chance to leave after every one.
///
/// While alive, a customer buys at rate λ, Gamma distributed over customers with shape r and rate α; after each repeat
/// purchase the customer leaves for good with probability p, Beta(a, b) distributed. A customer without a repeat purchase is
/// alive.
///
/// Source: Fader, Hardie & Lee, *Counting Your Customers the Easy Way* (2005).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgNbd {
    /// Shape of the purchase rates: the larger, the more alike customers are.
    #[serde(with = "exact::number")]
    pub r: f64,
    /// Rate of the purchase rates, in units of time: the mean rate is r/α.
    #[serde(with = "exact::number")]
    pub alpha: f64,
    /// First shape of the leaving probabilities: their mean is a/(a + b).
    #[serde(with = "exact::number")]
    pub a: f64,
    /// Second shape of the leaving probabilities.
    #[serde(with = "exact::number")]
    pub b: f64,
}

impl BgNbd {
    /// ln L and its derivatives by ln r, ln α, ln a, ln b.
    fn gradient(&self, customer: &Activity) -> (f64, [f64; MOST]) {
        let Self { r, alpha, a, b } = *self;
        let (x, t_x, age) = (customer.x(), customer.active_span(), customer.age());
        let whole = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln();
        let by_r = digamma(r + x) - digamma(r) + alpha.ln();
        let ln_alive = -(r + x) * (alpha + age).ln();
        if customer.repeat_purchases() == 0 {
            let d_r = by_r - (alpha + age).ln();
            let d_alpha = r / alpha - (r + x) / (alpha + age);
            return (whole + ln_alive, [r * d_r, alpha * d_alpha, 0.0, 0.0]);
        }
        let beta = ln_beta(a, b + x) - ln_beta(a, b);
        let ln_gone = (a / (b + x - 1.0)).ln() - (r + x) * (alpha + t_x).ln();
        let ln_sum = log_add(ln_alive, ln_gone);
        let gone = (ln_gone - ln_sum).exp();
        let alive = (ln_alive - ln_sum).exp();
        let d_r = by_r - alive * (alpha + age).ln() - gone * (alpha + t_x).ln();
        let d_alpha = r / alpha - (r + x) * (alive / (alpha + age) + gone / (alpha + t_x));
        let common = digamma(a + b) - digamma(a + b + x);
        let d_a = common + gone / a;
        let d_b = common + digamma(b + x) - digamma(b) - gone / (b + x - 1.0);
        (
            whole + beta + ln_sum,
            [r * d_r, alpha * d_alpha, a * d_a, b * d_b],
        )
    }
}

impl Likelihood for BgNbd {
    type Datum = Activity;
    const NAMES: &'static [&'static str] = &["r", "alpha", "a", "b"];

    fn from_array([r, alpha, a, b]: [f64; MOST]) -> Self {
        Self { r, alpha, a, b }
    }

    fn to_array(self) -> [f64; MOST] {
        [self.r, self.alpha, self.a, self.b]
    }

    fn total(&self, data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        let mut sum = (0.0, [0.0; MOST]);
        for one in data {
            let (value, gradient) = self.gradient(&one.value);
            sum.0 += one.weight * value;
            for (total, part) in sum.1.iter_mut().zip(gradient) {
                *total += one.weight * part;
            }
        }
        sum
    }
}

impl Kernel for BgNbd {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        Self::NAMES.iter().copied().zip(self.to_array()).collect()
    }
    fn log_likelihood(&self, customer: &Activity) -> f64 {
        self.gradient(customer).0
    }
    fn p_alive(&self, _customer: &Activity, _later: f64) -> f64 {
        unimplemented!()
    }
    fn expected_new(&self, _t: f64) -> f64 {
        unimplemented!()
    }
    fn expected(&self, _customer: &Activity, _t: f64) -> f64 {
        unimplemented!()
    }
    fn log_pmf(&self, _n: u32, _t: f64) -> f64 {
        unimplemented!()
    }
    fn discounted(&self, _customer: &Activity, _delta: f64, _horizon: f64) -> f64 {
        unimplemented!()
    }
}
