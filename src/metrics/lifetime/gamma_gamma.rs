//! Gamma-Gamma: how much a customer spends at a time.

use serde::{Deserialize, Serialize};

use super::activity::{Weighted, collapse, of_each, weighted_sum};
use super::fit::{Likelihood, MOST};
use super::purchase::check_parameter;
use super::special::{deviance, digamma_rest, ln_gamma_rest};
use crate::Error;
use crate::history::Histories;
use crate::model::{Day, exact};
use crate::summary::Summary;

/// What a customer spent at a time: how many purchases, and their mean in major units of the reporting currency.
///
/// ```
/// use customer_value::metrics::lifetime::Spend;
///
/// let customer = Spend::new(2, 22.35)?;
/// assert!(Spend::new(2, 0.0).is_err());
/// assert_eq!(Spend::new(0, 0.0)?, Spend::NONE);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenSpend")]
pub struct Spend {
    purchases: u32,
    mean: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSpend {
    purchases: u32,
    mean: f64,
}

impl TryFrom<WrittenSpend> for Spend {
    type Error = Error;
    fn try_from(read: WrittenSpend) -> Result<Self, Error> {
        Self::new(read.purchases, read.mean)
    }
}

impl Spend {
    /// No purchase: nothing is known of what the customer spends.
    pub const NONE: Self = Self {
        purchases: 0,
        mean: 0.0,
    };

    pub(super) const LEAST: f64 = 1e-12;
    pub(super) const MOST: f64 = 1e19;

    /// Purchases x, and the mean amount of one. Without a purchase the mean says nothing, and is kept as 0.
    ///
    /// # Errors
    /// Purchases with a mean that is not a number from 10^-12 to 10^19 (`is_range`).
    pub fn new(purchases: u32, mean: f64) -> Result<Self, Error> {
        if purchases == 0 {
            return Ok(Self::NONE);
        }
        if !(Self::LEAST..=Self::MOST).contains(&mean) {
            return Err(Error::range(format!(
                "a mean spend of `{mean}` is not a number from 10^-12 to 10^19; leave out purchases of nothing"
            )));
        }
        Ok(Self { purchases, mean })
    }

    /// What a lifetime summary says of a customer's repeat purchases.
    ///
    /// Purchases on one day are one, with their sum net of refunds, and the first day with a purchase is left out, as in
    /// [`Activity::of`](super::Activity::of). Days whose purchases come to nothing or less are left out too, and so is an
    /// unlinked refund on a day without a purchase: the model knows amounts above 0 only.
    #[must_use]
    pub fn of(customer: &Summary<'_>) -> Self {
        let (purchases, sum) = customer.repeat_spend();
        let sum = customer.major(sum);
        Self::new(purchases, sum / f64::from(purchases)).unwrap_or(Self::NONE)
    }

    /// How many purchases, x.
    #[must_use]
    pub fn purchases(&self) -> u32 {
        self.purchases
    }

    /// The mean amount of a purchase, in major units; 0 without a purchase.
    #[doc(alias = "monetary_value")]
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// All that was spent.
    fn sum(&self) -> f64 {
        f64::from(self.purchases) * self.mean
    }

    /// Orders like the customers; a mean is 0 or more, and the bits of such numbers order like them.
    pub(super) fn key(&self) -> (u32, u64) {
        (self.purchases, self.mean.to_bits())
    }
}

/// What the spend model is fitted to: the customers with a purchase that counts, identical ones once, with their number.
///
/// The order in which they come does not matter. Customers without a purchase say nothing of spend and are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Spends {
    customers: u64,
    /// Ascending by purchases, mean.
    distinct: Vec<Weighted<Spend>>,
}

impl Spends {
    /// From customers one by one.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Spend, Spends};
    ///
    /// let once = Spend::new(1, 9.99)?;
    /// let alike = Spends::new([once, Spend::new(2, 22.35)?, once, Spend::NONE]);
    /// assert_eq!((alike.customers(), alike.distinct()), (3, 2));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn new(customers: impl IntoIterator<Item = Spend>) -> Self {
        Self::weighted(customers.into_iter().map(|one| (one, 1)))
    }

    /// From kinds of customers, each with how many there are of it.
    #[must_use]
    pub fn weighted(customers: impl IntoIterator<Item = (Spend, u64)>) -> Self {
        let buyers = customers.into_iter().filter(|(one, _)| one.purchases > 0);
        let (customers, distinct) = collapse(buyers, Spend::key);
        Self {
            customers,
            distinct,
        }
    }

    /// All customers with a repeat purchase of more than nothing up to a day: see [`Spend::of`].
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    #[must_use]
    pub fn of(histories: &Histories, as_of: Day) -> Self {
        Self::new(of_each(histories, as_of, |customer| {
            Some(Spend::of(customer)).filter(|spend| spend.purchases > 0)
        }))
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many different ones.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// The different customers, ascending by purchases and mean, each with how many there are of it.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Spend, u64)> + '_ {
        self.distinct
            .iter()
            .map(|one| (one.value, one.weight as u64))
    }

    pub(super) fn weights(&self) -> &[Weighted<Spend>] {
        &self.distinct
    }
}

/// Gamma-Gamma: the amounts of a customer's purchases vary about a mean of their own, which differs between customers.
///
/// An amount is Gamma distributed with shape p and rate ν, so its mean is p/ν; ν is Gamma distributed over customers with
/// shape q and rate γ. Spend does not depend on how often a customer buys.
///
/// Source: Fader & Hardie, *The Gamma-Gamma Model of Monetary Value* (2013).
///
/// ```
/// use customer_value::metrics::lifetime::{GammaGamma, Spend};
///
/// let model = GammaGamma::new(6.25, 3.74, 15.44)?;
/// let expected = model.expected_spend(&Spend::new(2, 22.35)?).unwrap();
/// assert!((expected - 24.6637).abs() < 0.0001);
/// // Nothing known of the customer: the mean of all.
/// assert_eq!(model.expected_spend(&Spend::NONE), model.mean());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenModel")]
pub struct GammaGamma {
    /// Shape of the amounts of one customer: the larger, the more alike they are.
    #[serde(with = "exact::number")]
    pub p: f64,
    /// Shape of the rates over customers: the larger, the more alike customers are. Up to 1, customers differ so much that
    /// their mean has no bound.
    #[serde(with = "exact::number")]
    pub q: f64,
    /// Rate of the rates over customers, in major units of the reporting currency.
    #[serde(with = "exact::number")]
    pub gamma: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenModel {
    #[serde(with = "exact::number")]
    p: f64,
    #[serde(with = "exact::number")]
    q: f64,
    #[serde(with = "exact::number")]
    gamma: f64,
}

impl TryFrom<WrittenModel> for GammaGamma {
    type Error = Error;
    fn try_from(read: WrittenModel) -> Result<Self, Error> {
        Self::new(read.p, read.q, read.gamma)
    }
}

impl GammaGamma {
    /// A model with its parameters.
    ///
    /// # Errors
    /// A parameter that is not a number from 10^-12 to 10^12 (`is_range`).
    pub fn new(p: f64, q: f64, gamma: f64) -> Result<Self, Error> {
        for (name, value) in [("p", p), ("q", q), ("gamma", gamma)] {
            check_parameter(name, value)?;
        }
        Ok(Self { p, q, gamma })
    }

    /// The parameters by name, in the order of the paper.
    #[must_use]
    pub fn named_parameters(&self) -> Vec<(&'static str, f64)> {
        vec![("p", self.p), ("q", self.q), ("gamma", self.gamma)]
    }

    /// Expected amount of a purchase of a customer of whom nothing is known, p γ/(q − 1), in major units. `None` if q ≤ 1:
    /// then it has no bound.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.expected_spend(&Spend::NONE)
    }

    /// Expected amount of a customer's future purchase, p (γ + x m)/(p x + q − 1), in major units: the customer's own mean m
    /// and that of all, weighted. `None` if p x + q ≤ 1: then it has no bound.
    #[doc(alias = "conditional_expected_average_profit")]
    #[must_use]
    pub fn expected_spend(&self, customer: &Spend) -> Option<f64> {
        let Self { p, q, gamma } = self.posterior(customer);
        let mean = p * gamma / (q - 1.0);
        (q > 1.0 && mean.is_finite()).then_some(mean)
    }

    /// The model of one customer: p, with q and γ as the customer's purchases leave them, p x + q and γ + x m.
    ///
    /// The customer's ν is Gamma distributed with that shape q and rate γ, and the mean of n future purchases has the density
    /// that [`log_likelihood`](Self::log_likelihood) gives of it.
    #[must_use]
    pub fn posterior(&self, customer: &Spend) -> Self {
        Self {
            p: self.p,
            q: self.p * f64::from(customer.purchases) + self.q,
            gamma: self.gamma + customer.sum(),
        }
    }

    /// ln of the density of a mean amount m of x purchases, equation (1a) of the paper; 0 without a purchase.
    #[must_use]
    pub fn log_likelihood(&self, customer: &Spend) -> f64 {
        self.gradient(customer).0
    }

    /// ln L and its derivatives by ln p, ln q, ln γ.
    ///
    /// u = x m/(γ + x m) is Beta distributed with a = p x, b = q. About the mean, that density is the rests of Stirling's
    /// formula and two deviances, in which nothing large cancels.
    fn gradient(&self, customer: &Spend) -> (f64, [f64; MOST]) {
        if customer.purchases == 0 {
            return (0.0, [0.0; MOST]);
        }
        let (a, b) = (self.p * f64::from(customer.purchases), self.q);
        let (sum, gamma) = (customer.sum(), self.gamma);
        let (n, total) = (a + b, sum + gamma);
        // Of the n = a + b, so many would be a and b at the customer's u.
        let (like_a, like_b) = (n * (sum / total), n * (gamma / total));
        let more_a = b * (sum / total) - a * (gamma / total);
        let shape = 0.5 * ((a / n).ln() + b.ln() - std::f64::consts::TAU.ln());
        let value = shape + ln_gamma_rest(n)
            - ln_gamma_rest(a)
            - ln_gamma_rest(b)
            - deviance(a, like_a, more_a)
            - deviance(b, like_b, -more_a)
            - customer.mean.ln();
        let rest = digamma_rest(n);
        let by_a = ln_ratio(a, like_a, more_a) + rest - digamma_rest(a);
        let by_b = ln_ratio(b, like_b, -more_a) + rest - digamma_rest(b);
        (value, [a * by_a, b * by_b, more_a, 0.0])
    }
}

/// ln(m/x), given the difference m − x, which is known better than its parts.
fn ln_ratio(x: f64, m: f64, difference: f64) -> f64 {
    let ratio = difference / x;
    if ratio.abs() < 0.5 {
        ratio.ln_1p()
    } else {
        (m / x).ln()
    }
}

impl Likelihood for GammaGamma {
    type Datum = Spend;
    const NAMES: &'static [&'static str] = &["p", "q", "gamma"];

    fn from_array([p, q, gamma, _]: [f64; MOST]) -> Self {
        Self { p, q, gamma }
    }

    fn to_array(self) -> [f64; MOST] {
        [self.p, self.q, self.gamma, 1.0]
    }

    fn total(&self, data: &[Weighted<Spend>]) -> (f64, [f64; MOST]) {
        weighted_sum(data, |one| self.gradient(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::lifetime::gradient;

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        for [p, q, gamma] in [[6.25, 3.74, 15.44], [0.02, 0.7, 300.0], [900.0, 40.0, 0.3]] {
            for (x, mean) in [(1, 11.77), (2, 22.35), (400, 0.5)] {
                let value = Spend::new(x, mean).unwrap();
                let data = [Weighted { value, weight: 3.0 }];
                gradient::check::<GammaGamma>([p, q, gamma, 1.0], &data, 1e-9);
            }
        }
    }
}
