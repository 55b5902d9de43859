//! MBG/NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::geometric::{Geometric, Shared};
use crate::model::exact;

/// MBG/NBD: BG/NBD with a chance to leave right after the first purchase too.
///
/// While alive, a customer buys at rate λ, Gamma distributed over customers with shape r and rate α; after every purchase,
/// the first of all included, the customer leaves for good with probability p, Beta(a, b) distributed. So a customer without
/// a repeat purchase may have left, and the longer the silence the more surely:
///
/// - L(x, t_x, T) = Γ(r + x)/Γ(r) · α^r · B(a, b + x + 1)/B(a, b) · [(α + T)^−(r + x) + a/(b + x) · (α + t_x)^−(r + x)],
/// - P(alive) = 1/(1 + a/(b + x) · ((α + T)/(α + t_x))^(r + x)),
/// - P(alive at T + t) = P(alive) · E[(1 + p t/(α + T))^−(r + x)] with p ~ Beta(a, b + x + 1),
/// - expected purchases in t: P(alive) · E[(1 − (1 + p t/(α + T))^−(r + x))/p],
/// - discounted at the continuous rate δ over a horizon h: P(alive) · E[λ (1 − e^(−(λp + δ)h))/(λp + δ)], where λ is
///   Gamma(r + x, α + T). For h = ∞ and δ = 0 it is P(alive) · (a + b + x)/(a − 1), without bound for a ≤ 1.
///
/// Sources: Batislam, Denizel & Filiztekin, *Empirical validation and comparison of models for customer base analysis*
/// (2007); Hoppe & Wagner, *Customer base analysis: the case for a central variant of the Betageometric/NBD model* (2007). The
/// discounted sum is from the same posterior distributions as the rest.
///
/// ```
/// use customer_value::metrics::lifetime::{Activity, MbgNbd, PurchaseModel, TimeUnit};
///
/// let mbg = MbgNbd { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };
/// let model = PurchaseModel::new(mbg, TimeUnit::Week)?;
/// let silent = Activity::new(0, 0.0, 39.0)?;
/// assert!(model.p_alive(&silent) < 0.5);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MbgNbd {
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

impl Shared for MbgNbd {
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
