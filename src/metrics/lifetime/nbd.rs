//! NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::purchase::Kernel;
use super::special::ln_rising;
use crate::model::exact;

/// NBD.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nbd {
    /// `r`.
    #[serde(with = "exact::number")]
    pub r: f64,
    /// `alpha`.
    #[serde(with = "exact::number")]
    pub alpha: f64,
}

impl Nbd {
    /// ln L and its derivatives by ln r and ln α; `rising` is of r and x.
    fn gradient(&self, customer: &Activity, rising: (f64, f64)) -> (f64, [f64; 2]) {
        let Self { r, alpha } = *self;
        let (x, age) = (customer.x(), customer.age());
        let over = (age / alpha).ln_1p();
        (
            rising.0 - r * over - x * (alpha + age).ln(),
            [r * (rising.1 - over), (r * age - x * alpha) / (alpha + age)],
        )
    }
}

impl Likelihood for Nbd {
    type Datum = Activity;
    const NAMES: &'static [&'static str] = &["r", "alpha"];

    fn from_array([r, alpha, ..]: [f64; MOST]) -> Self {
        Self { r, alpha }
    }

    fn to_array(self) -> [f64; MOST] {
        [self.r, self.alpha, 0.0, 0.0]
    }

    fn total(&self, data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        let mut sum = (0.0, [0.0; MOST]);
        let (mut x, mut rising) = (0, (0.0, 0.0));
        for one in data {
            if one.value.repeat_purchases() != x {
                x = one.value.repeat_purchases();
                rising = ln_rising(self.r, x);
            }
            let (value, [by_r, by_alpha]) = self.gradient(&one.value, rising);
            sum.0 += one.weight * value;
            sum.1[0] += one.weight * by_r;
            sum.1[1] += one.weight * by_alpha;
        }
        sum
    }
}

impl Kernel for Nbd {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        Self::NAMES.iter().copied().zip(self.to_array()).collect()
    }
    fn log_likelihood(&self, customer: &Activity) -> f64 {
        let rising = ln_rising(self.r, customer.repeat_purchases());
        self.gradient(customer, rising).0
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
