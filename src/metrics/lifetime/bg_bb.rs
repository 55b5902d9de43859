//! BG/BB.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::purchase::Kernel;
use crate::model::exact;

/// BG/BB.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BgBb {
    /// `alpha`.
    #[serde(with = "exact::number")]
    pub alpha: f64,
    /// `beta`.
    #[serde(with = "exact::number")]
    pub beta: f64,
    /// `gamma`.
    #[serde(with = "exact::number")]
    pub gamma: f64,
    /// `delta`.
    #[serde(with = "exact::number")]
    pub delta: f64,
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

    fn total(&self, _data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        unimplemented!()
    }
}

impl Kernel for BgBb {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        Self::NAMES.iter().copied().zip(self.to_array()).collect()
    }
    fn log_likelihood(&self, _customer: &Activity) -> f64 {
        unimplemented!()
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
