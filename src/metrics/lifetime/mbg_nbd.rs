//! MBG/NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::purchase::Kernel;
use super::special::{digamma, ln_beta, ln_gamma, log_add};
use crate::model::exact;

/// MBG/NBD.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MbgNbd {
    /// `r`.
    #[serde(with = "exact::number")]
    pub r: f64,
    /// `alpha`.
    #[serde(with = "exact::number")]
    pub alpha: f64,
    /// `a`.
    #[serde(with = "exact::number")]
    pub a: f64,
    /// `b`.
    #[serde(with = "exact::number")]
    pub b: f64,
}

impl MbgNbd {
    /// ln L and its derivatives by ln r, ln α, ln a, ln b.
    fn gradient(&self, customer: &Activity) -> (f64, [f64; MOST]) {
        let Self { r, alpha, a, b } = *self;
        let (x, t_x, age) = (customer.x(), customer.active_span(), customer.age());
        let whole = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln();
        let by_r = digamma(r + x) - digamma(r) + alpha.ln();
        let beta = ln_beta(a, b + x + 1.0) - ln_beta(a, b);
        let ln_alive = -(r + x) * (alpha + age).ln();
        let ln_gone = (a / (b + x)).ln() - (r + x) * (alpha + t_x).ln();
        let ln_sum = log_add(ln_alive, ln_gone);
        let gone = (ln_gone - ln_sum).exp();
        let alive = (ln_alive - ln_sum).exp();
        let d_r = by_r - alive * (alpha + age).ln() - gone * (alpha + t_x).ln();
        let d_alpha = r / alpha - (r + x) * (alive / (alpha + age) + gone / (alpha + t_x));
        let common = digamma(a + b) - digamma(a + b + x + 1.0);
        let d_a = common + gone / a;
        let d_b = common + digamma(b + x + 1.0) - digamma(b) - gone / (b + x);
        (
            whole + beta + ln_sum,
            [r * d_r, alpha * d_alpha, a * d_a, b * d_b],
        )
    }
}

impl Likelihood for MbgNbd {
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

impl Kernel for MbgNbd {
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
