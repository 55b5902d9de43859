//! BG/NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::fit::{Likelihood, MOST};
use super::geometric::{Geometric, Shared};
use crate::model::exact;

/// BG/NBD: purchases at a customer's own steady rate, and a chance to leave after every one.
///
/// While alive, a customer buys at rate λ, Gamma distributed over customers with shape r and rate α; after each repeat
/// purchase the customer leaves for good with probability p, Beta(a, b) distributed. A customer without a repeat purchase is
/// alive.
///
/// - L(x, t_x, T) = Γ(r + x)/Γ(r) · α^r · B(a, b + x)/B(a, b) · [(α + T)^−(r + x) + a/(b + x − 1) · (α + t_x)^−(r + x)], the
///   second term for x > 0 only,
/// - P(alive) = 1/(1 + a/(b + x − 1) · ((α + T)/(α + t_x))^(r + x)), and 1 for x = 0,
/// - P(alive at T + t) = P(alive) · E[(1 + p t/(α + T))^−(r + x)] with p ~ Beta(a, b + x),
/// - expected purchases in t: P(alive) · E[(1 − (1 + p t/(α + T))^−(r + x))/p], which is the paper's form with ₂F₁,
/// - discounted at the continuous rate δ over a horizon h: P(alive) · E[λ (1 − e^(−(λp + δ)h))/(λp + δ)], where λ is
///   Gamma(r + x, α + T). For h = ∞ and δ = 0 it is P(alive) · (a + b + x − 1)/(a − 1), without bound for a ≤ 1.
///
/// Source: Fader, Hardie & Lee, *Counting Your Customers the Easy Way* (2005). The discounted sum is from the same posterior
/// distributions as the rest.
///
/// ```
/// use customer_value::metrics::lifetime::{Activity, BgNbd, DiscountRate, Horizon, PurchaseModel, TimeUnit};
///
/// let bg = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
/// let model = PurchaseModel::new(bg, TimeUnit::Week)?;
/// let customer = Activity::new(2, 30.43, 38.86)?;
/// let rate: DiscountRate = "15 % per year".parse()?;
/// assert!(model.discounted_purchases(&customer, rate, Horizon::Forever) > Some(4.0));
/// assert_eq!(model.discounted_purchases(&customer, DiscountRate::NONE, Horizon::Forever), None);
/// # Ok::<(), customer_value::Error>(())
/// ```
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

impl Shared for BgNbd {
    fn shared(&self) -> Geometric {
        let Self { r, alpha, a, b } = *self;
        Geometric {
            r,
            alpha,
            a,
            b,
            at_first: 0.0,
        }
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
        self.shared().total(data)
    }
}
