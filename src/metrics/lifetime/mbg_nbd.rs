//! MBG/NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::geometric::Geometric;
use super::purchase::Kernel;
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
    fn shared(&self) -> Geometric {
        let Self { r, alpha, a, b } = *self;
        Geometric {
            r,
            alpha,
            a,
            b,
            at_first: 1.0,
        }
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
        self.shared().total(data)
    }
}

impl Kernel for MbgNbd {
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
}
