//! NBD.

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted, weighted_sum};
use super::fit::{Likelihood, MOST};
use super::purchase::Kernel;
use super::special::{ln_rising, negative_binomial};
use crate::model::exact;

/// NBD: purchases at a customer's own steady rate, for ever. The baseline without dropout.
///
/// A customer buys at rate λ, Gamma distributed over customers with shape r and rate α, and never leaves. With x repeat
/// purchases by the age T:
///
/// ```text
/// L            = Γ(r + x)/Γ(r) · α^r / (α + T)^(r + x)
/// P(alive)     = 1
/// E[X(t)]      = r/α · t
/// expected     = (r + x)/(α + T) · t
/// P(X(t) = n)  = Γ(r + n)/(Γ(r) n!) · (α/(α + t))^r · (t/(α + t))^n
/// discounted   = (r + x)/(α + T) · (1 − e^(−δh))/δ; without a bound for ever without a discount
/// ```
///
/// Source: Ehrenberg, *The Pattern of Consumer Purchases* (1959).
///
/// ```
/// use customer_value::metrics::lifetime::{Activity, Nbd, PurchaseModel, TimeUnit};
///
/// let model = PurchaseModel::new(Nbd { r: 0.4, alpha: 12.0 }, TimeUnit::Week)?;
/// let customer = Activity::new(2, 30.0, 36.0)?;
/// assert!((model.expected_purchases(&customer, 10.0) - 0.5).abs() < 1e-12);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nbd {
    /// Shape of the purchase rates: the larger, the more alike customers are.
    #[serde(with = "exact::number")]
    pub r: f64,
    /// Rate of the purchase rates, in units of time: the mean rate is r/α.
    #[serde(with = "exact::number")]
    pub alpha: f64,
}

impl Nbd {
    /// The expected purchase rate of a customer, (r + x)/(α + T).
    fn rate(&self, customer: &Activity) -> f64 {
        (self.r + customer.x()) / (self.alpha + customer.age())
    }

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
        let (mut x, mut rising) = (0, (0.0, 0.0));
        weighted_sum(data, |one| {
            if one.repeat_purchases() != x {
                x = one.repeat_purchases();
                rising = ln_rising(self.r, x);
            }
            let (value, [by_r, by_alpha]) = self.gradient(one, rising);
            (value, [by_r, by_alpha, 0.0, 0.0])
        })
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
        1.0
    }
    fn expected_new(&self, t: f64) -> f64 {
        self.r / self.alpha * t
    }
    fn expected(&self, customer: &Activity, t: f64) -> f64 {
        self.rate(customer) * t
    }
    fn log_pmf(&self, n: u32, t: f64) -> f64 {
        negative_binomial::ln_probability(f64::from(n), self.r, t / self.alpha)
    }
    fn discounted(&self, customer: &Activity, delta: f64, horizon: f64) -> f64 {
        // ∫ e^(−δu) du up to the horizon.
        let time = if delta == 0.0 {
            horizon
        } else {
            (-(-delta * horizon).exp_m1() / delta).min(horizon)
        };
        self.rate(customer) * time
    }
}
