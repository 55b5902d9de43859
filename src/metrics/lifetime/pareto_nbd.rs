//! Pareto/NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::purchase::Kernel;
use crate::model::exact;

/// Pareto/NBD.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParetoNbd {
    /// `r`.
    #[serde(with = "exact::number")]
    pub r: f64,
    /// `alpha`.
    #[serde(with = "exact::number")]
    pub alpha: f64,
    /// `s`.
    #[serde(with = "exact::number")]
    pub s: f64,
    /// `beta`.
    #[serde(with = "exact::number")]
    pub beta: f64,
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

    fn total(&self, _data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        unimplemented!()
    }
}

impl Kernel for ParetoNbd {
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
