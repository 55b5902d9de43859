//! MBG/NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
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

impl Likelihood for MbgNbd {
    type Datum = Activity;
    const NAMES: &'static [&'static str] = &["r", "alpha", "a", "b"];

    fn from_array([r, alpha, a, b]: [f64; MOST]) -> Self {
        Self { r, alpha, a, b }
    }

    fn to_array(self) -> [f64; MOST] {
        [self.r, self.alpha, self.a, self.b]
    }

    fn total(&self, _data: &[Weighted<Activity>]) -> (f64, [f64; MOST]) {
        unimplemented!()
    }
}

impl Kernel for MbgNbd {
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
