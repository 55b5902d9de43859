//! The purchase models behind one type.

use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::bg_bb::BgBb;
use super::bg_nbd::BgNbd;
use super::mbg_nbd::MbgNbd;
use super::nbd::Nbd;
use super::pareto_nbd::ParetoNbd;
use super::time::{DiscountRate, Horizon, TimeUnit};
use crate::Error;

/// What each purchase model can tell; times are in the unit of its parameters. All arguments have been checked: times are
/// finite and 0 or more (a horizon may be infinite), and so are rates.
pub(super) trait Kernel {
    /// The parameters, each with its name; all are above 0.
    fn parameters(&self) -> Vec<(&'static str, f64)>;

    /// ln of the likelihood of one customer.
    fn log_likelihood(&self, customer: &Activity) -> f64;

    /// The probability that a customer is alive `later` after now.
    fn p_alive(&self, customer: &Activity, later: f64) -> f64;

    /// Expected purchases of a new customer in (0, t].
    fn expected_new(&self, t: f64) -> f64;

    /// Expected purchases of a customer in the time t after now.
    fn expected(&self, customer: &Activity, t: f64) -> f64;

    /// ln of the probability that a new customer makes n purchases in (0, t]; −∞ where it is impossible.
    fn log_pmf(&self, n: u32, t: f64) -> f64;

    /// Expected purchases of a customer up to the horizon, each times e^(−δ · time from now); may be infinite.
    fn discounted(&self, customer: &Activity, delta: f64, horizon: f64) -> f64;

    /// All three at once, to share what they share.
    fn outlook(&self, customer: &Activity, delta: f64, horizon: f64) -> Sums {
        Sums {
            p_alive: self.p_alive(customer, 0.0),
            buys_if_alive: None,
            expected: self.discounted(customer, 0.0, horizon),
            discounted: self.discounted(customer, delta, horizon),
        }
    }
}

/// What a kernel says of a customer up to a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sums {
    /// The probability of being alive now.
    pub(super) p_alive: f64,
    /// The probability that a customer who is alive buys at least once, of a kernel that finds it on the way.
    pub(super) buys_if_alive: Option<f64>,
    /// Expected purchases; may be infinite.
    pub(super) expected: f64,
    /// The same, discounted.
    pub(super) discounted: f64,
}

/// What a model says of a customer up to a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outlook {
    /// The probability of being alive now.
    pub(super) p_alive: f64,
    /// The probability of at least one purchase.
    pub(super) p_purchase: f64,
    /// Expected purchases; may be infinite.
    pub(super) expected: f64,
    /// The same, discounted.
    pub(super) discounted: f64,
}

/// Which purchase model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelKind {
    /// [`BgNbd`].
    BgNbd,
    /// [`MbgNbd`].
    MbgNbd,
    /// [`ParetoNbd`].
    ParetoNbd,
    /// [`Nbd`].
    Nbd,
    /// [`BgBb`].
    BgBb,
}

impl ModelKind {
    /// The models in continuous time.
    pub const CONTINUOUS: [Self; 4] = [Self::BgNbd, Self::MbgNbd, Self::ParetoNbd, Self::Nbd];

    /// Its usual name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "BG/NBD",
            Self::MbgNbd => "MBG/NBD",
            Self::ParetoNbd => "Pareto/NBD",
            Self::Nbd => "NBD",
            Self::BgBb => "BG/BB",
        }
    }
}

/// The parameters of a purchase model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Parameters {
    /// BG/NBD.
    BgNbd(BgNbd),
    /// MBG/NBD.
    MbgNbd(MbgNbd),
    /// Pareto/NBD.
    ParetoNbd(ParetoNbd),
    /// NBD.
    Nbd(Nbd),
    /// BG/BB.
    BgBb(BgBb),
}

macro_rules! parameters_from {
    ($($model:ident),+) => {
        $(impl From<$model> for Parameters {
            fn from(parameters: $model) -> Self {
                Self::$model(parameters)
            }
        })+

        impl Parameters {
            pub(super) fn kernel(&self) -> &dyn Kernel {
                match self {
                    $(Self::$model(parameters) => parameters,)+
                }
            }

            /// Which model they are of.
            #[must_use]
            pub fn kind(&self) -> ModelKind {
                match self {
                    $(Self::$model(_) => ModelKind::$model,)+
                }
            }
        }
    };
}

parameters_from!(BgNbd, MbgNbd, ParetoNbd, Nbd, BgBb);

/// A purchase model with its parameters: what customers do, and when they stop.
///
/// Its times are in [`unit`](Self::unit). A time that is negative or not a number counts as 0, so that every answer is a
/// number.
///
/// ```
/// use customer_value::metrics::lifetime::{Activity, BgNbd, PurchaseModel, TimeUnit};
///
/// // Fader, Hardie & Lee (2005): CDNOW, in weeks.
/// let model = PurchaseModel::new(BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }, TimeUnit::Week)?;
/// let customer = Activity::new(2, 30.43, 38.86)?;
/// assert!((model.expected_purchases(&customer, 39.0) - 1.226).abs() < 0.001);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct PurchaseModel {
    parameters: Parameters,
    unit: TimeUnit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    parameters: Parameters,
    unit: TimeUnit,
}

impl TryFrom<Written> for PurchaseModel {
    type Error = Error;
    fn try_from(read: Written) -> Result<Self, Error> {
        Self::new(read.parameters, read.unit)
    }
}

/// A parameter's range: within it every formula is finite and accurate.
pub(super) const PARAMETER_RANGE: std::ops::RangeInclusive<f64> = 1e-12..=1e12;

/// Checks one parameter of any model.
pub(super) fn check_parameter(name: &str, value: f64) -> Result<(), Error> {
    if PARAMETER_RANGE.contains(&value) {
        return Ok(());
    }
    Err(Error::range(format!(
        "a parameter {name} of `{value}` is not a number from 10^-12 to 10^12"
    )))
}

/// A platform's exponential may be one bit above 1 where it should be 1.
pub(super) fn probability(p: f64) -> f64 {
    p.min(1.0)
}

/// The probability of something that takes something else, from 0 to that one's.
pub(super) fn at_most(all: f64, p: f64) -> f64 {
    p.max(0.0).min(all)
}

/// Every argument is made a time: what is not is 0.
pub(super) fn time(t: f64) -> f64 {
    if t > 0.0 { t.min(1e12) } else { 0.0 }
}

impl PurchaseModel {
    /// A model with its parameters and the unit of their time.
    ///
    /// # Errors
    /// A parameter that is not a number from 10^-12 to 10^12 (`is_range`).
    pub fn new(parameters: impl Into<Parameters>, unit: TimeUnit) -> Result<Self, Error> {
        let parameters = parameters.into();
        for (name, value) in parameters.kernel().parameters() {
            check_parameter(name, value)?;
        }
        Ok(Self { parameters, unit })
    }

    /// Which model it is.
    #[must_use]
    pub fn kind(&self) -> ModelKind {
        self.parameters.kind()
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The parameters by name, in the order of the source's paper.
    #[must_use]
    pub fn named_parameters(&self) -> Vec<(&'static str, f64)> {
        self.kernel().parameters()
    }

    /// The unit of all times.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    pub(super) fn kernel(&self) -> &dyn Kernel {
        self.parameters.kernel()
    }

    /// ln of the likelihood of what one customer did.
    #[must_use]
    pub fn log_likelihood(&self, customer: &Activity) -> f64 {
        self.kernel().log_likelihood(customer)
    }

    /// The probability that a customer is still alive, that is, may buy again. From 0 to 1.
    #[must_use]
    pub fn p_alive(&self, customer: &Activity) -> f64 {
        probability(self.kernel().p_alive(customer, 0.0))
    }

    /// The probability that a customer will still be alive at a time after now. From 0 to 1.
    #[must_use]
    pub fn p_alive_in(&self, customer: &Activity, later: f64) -> f64 {
        probability(self.kernel().p_alive(customer, time(later)))
    }

    /// Expected repeat purchases of a new customer in the time t after the first purchase.
    #[must_use]
    pub fn expected_purchases_of_new(&self, t: f64) -> f64 {
        self.kernel().expected_new(time(t))
    }

    /// Expected purchases of a customer in the time t from now.
    #[doc(alias = "conditional_expected_transactions")]
    #[must_use]
    pub fn expected_purchases(&self, customer: &Activity, t: f64) -> f64 {
        self.kernel().expected(customer, time(t))
    }

    /// The probability that a new customer makes exactly n repeat purchases in the time t. From 0 to 1.
    #[must_use]
    pub fn pmf(&self, n: u32, t: f64) -> f64 {
        probability(self.kernel().log_pmf(n, time(t)).exp())
    }

    /// [`p_alive`](Self::p_alive), [`p_purchase`](Self::p_purchase), and [`discounted_purchases`](Self::discounted_purchases)
    /// without and with the discount.
    pub(super) fn outlook(
        &self,
        customer: &Activity,
        discount: DiscountRate,
        horizon: Horizon,
    ) -> Outlook {
        let (delta, horizon) = (discount.per(self.unit), horizon.length(self.unit));
        let found = self.kernel().outlook(customer, delta, horizon);
        let p_alive = probability(found.p_alive);
        Outlook {
            p_alive,
            p_purchase: match found.buys_if_alive {
                Some(buys) => at_most(p_alive, p_alive * buys),
                None => self.p_purchase_if(p_alive, customer, time(horizon)),
            },
            expected: found.expected,
            discounted: found.discounted,
        }
    }

    /// Expected purchases of a customer up to a horizon, each discounted to now: DERT over an infinite horizon. `None`
    /// where the sum has no bound, as it can have for ever without a discount.
    #[doc(alias = "dert")]
    #[must_use]
    pub fn discounted_purchases(
        &self,
        customer: &Activity,
        discount: DiscountRate,
        horizon: Horizon,
    ) -> Option<f64> {
        let horizon = horizon.length(self.unit);
        let sum = self
            .kernel()
            .discounted(customer, discount.per(self.unit), horizon);
        sum.is_finite().then_some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All at once is one by one.
    #[test]
    fn an_outlook_is_its_parts() -> Result<(), Error> {
        let (r, alpha, a, b) = (0.5, 6.0, 0.9, 1.6);
        let (s, beta) = (0.6, 11.7);
        let models: [Parameters; 5] = [
            BgNbd { r, alpha, a, b }.into(),
            MbgNbd { r, alpha, a, b }.into(),
            ParetoNbd { r, alpha, s, beta }.into(),
            Nbd { r, alpha }.into(),
            BgBb {
                alpha: 1.2,
                beta: 0.7,
                gamma: 0.7,
                delta: 2.8,
            }
            .into(),
        ];
        for parameters in models {
            let model = PurchaseModel::new(parameters, TimeUnit::Week)?;
            let year = Horizon::Days(crate::model::Days::new(364));
            for (x, span, age) in [(0, 0.0, 0.0), (0, 0.0, 38.0), (3, 30.0, 38.0)] {
                let one = Activity::new(x, span, age)?;
                for horizon in [year, Horizon::Forever] {
                    let found = model.outlook(&one, DiscountRate::USUAL, horizon);
                    let discounted = model.discounted_purchases(&one, DiscountRate::USUAL, horizon);
                    assert_eq!(found.p_alive, model.p_alive(&one));
                    let length = horizon.length(TimeUnit::Week);
                    assert_eq!(found.p_purchase, model.p_purchase(&one, length));
                    assert!((0.0..=found.p_alive).contains(&found.p_purchase));
                    assert_eq!(Some(found.discounted), discounted);
                    if horizon == year {
                        assert_eq!(found.expected, model.expected_purchases(&one, 52.0));
                    } else {
                        assert_eq!(found.expected, f64::INFINITY);
                    }
                }
            }
        }
        Ok(())
    }
}
