//! Shifted beta-geometric: how long customers under contract stay.

use serde::{Deserialize, Serialize};

use super::activity::{Weighted, collapse, of_each, weighted_sum};
use super::fit::{Likelihood, MOST};
use super::purchase::{check_parameter, probability};
use super::special::{BetaRule, digamma_difference, ln_beta_ratio};
use super::time::{DiscountRate, Horizon, TimeUnit};
use crate::Error;
use crate::history::Histories;
use crate::model::{Day, exact};
use crate::summary::Summary;

/// A customer under contract: how many times it was renewed, and whether the customer then left or is still there.
///
/// Text forms: `{"left_after": 2}` and `{"there_after": 2}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subscriber {
    /// Renewed so many times, then left: gone in the period after.
    LeftAfter(u32),
    /// Renewed so many times, and still there.
    ThereAfter(u32),
}

impl Subscriber {
    /// What a lifetime summary says of a customer: periods in a row with a purchase, counted from the first day with one,
    /// which is not itself counted. The first period without a purchase is leaving for good.
    ///
    /// Period k is the time above k − 1 and up to k units after the first purchase; one that has not ended is left out. `None`
    /// for a prospect, or before the first period has ended.
    #[must_use]
    pub fn in_periods(customer: &Summary<'_>, as_of: Day, unit: TimeUnit) -> Option<Self> {
        let first = customer.first_purchase()?;
        let periods = unit.of(as_of - first).floor();
        if periods < 1.0 {
            return None;
        }
        let (mut renewals, mut last) = (0, 0.0);
        for (day, _) in customer.purchase_days() {
            let period = unit.of(day - first).ceil();
            if period == last + 1.0 && period <= periods {
                renewals += 1;
                last = period;
            }
        }
        Some(if last < periods {
            Self::LeftAfter(renewals)
        } else {
            Self::ThereAfter(renewals)
        })
    }

    /// How many renewals.
    #[must_use]
    pub fn renewals(self) -> u32 {
        match self {
            Self::LeftAfter(renewals) | Self::ThereAfter(renewals) => renewals,
        }
    }

    /// Whether the customer is still there.
    #[must_use]
    pub fn is_there(self) -> bool {
        matches!(self, Self::ThereAfter(_))
    }
}

/// The customers the model is fitted to: identical ones are kept once, with their number.
///
/// The order in which they come does not matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Renewals {
    customers: u64,
    /// Ascending: those who left before those still there, each by renewals.
    distinct: Vec<Weighted<Subscriber>>,
}

impl Renewals {
    /// From customers one by one.
    #[must_use]
    pub fn new(customers: impl IntoIterator<Item = Subscriber>) -> Self {
        Self::weighted(customers.into_iter().map(|one| (one, 1)))
    }

    /// From kinds of customers, each with how many there are of it.
    #[must_use]
    pub fn weighted(customers: impl IntoIterator<Item = (Subscriber, u64)>) -> Self {
        let (customers, distinct) = collapse(customers, |one| *one);
        Self {
            customers,
            distinct,
        }
    }

    /// From one cohort: how many there were at first, and how many of them were still there after each period.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Renewals, Subscriber};
    ///
    /// let cohort = Renewals::from_survival(&[1000, 869, 743])?;
    /// let kinds: Vec<_> = cohort.iter().collect();
    /// assert_eq!(
    ///     kinds,
    ///     [(Subscriber::LeftAfter(0), 131), (Subscriber::LeftAfter(1), 126), (Subscriber::ThereAfter(2), 743)],
    /// );
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// No number, or one that is larger than the one before (`is_range`).
    pub fn from_survival(counts: &[u64]) -> Result<Self, Error> {
        let wrong = |what: String| {
            Error::range(format!(
                "{what}; survival is how many customers there were at first, and after each period"
            ))
        };
        let Some(last) = counts.last() else {
            return Err(wrong("a survival of no numbers".to_owned()));
        };
        let mut kinds = Vec::with_capacity(counts.len());
        for (renewals, pair) in (0..).zip(counts.windows(2)) {
            let &[before, after] = pair else { continue };
            let Some(left) = before.checked_sub(after) else {
                return Err(wrong(format!(
                    "a survival that rises from `{before}` to `{after}`"
                )));
            };
            kinds.push((Subscriber::LeftAfter(renewals), left));
        }
        let periods = u32::try_from(counts.len() - 1).unwrap_or(u32::MAX);
        kinds.push((Subscriber::ThereAfter(periods), *last));
        Ok(Self::weighted(kinds))
    }

    /// All customers whose first period has ended: see [`Subscriber::in_periods`].
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    #[must_use]
    pub fn in_periods(histories: &Histories, as_of: Day, unit: TimeUnit) -> Self {
        Self::new(of_each(histories, as_of, |customer| {
            Subscriber::in_periods(customer, as_of, unit)
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

    /// The different customers, those who left first, each with how many there are of it.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Subscriber, u64)> + '_ {
        self.distinct
            .iter()
            .map(|one| (one.value, one.weight as u64))
    }

    pub(super) fn weights(&self) -> &[Weighted<Subscriber>] {
        &self.distinct
    }
}

/// Shifted beta-geometric: each customer leaves at the end of every period with a probability of their own.
///
/// That probability θ is Beta(α, β) distributed over customers. Those who leave easily leave first, so the retention of those
/// who are left rises. Time is in periods of the contract.
///
/// Source: Fader & Hardie, *How to Project Customer Retention* (2007); residual lifetime: *Customer-Base Valuation in a
/// Contractual Setting: The Perils of Ignoring Heterogeneity* (2010).
///
/// ```
/// use customer_value::metrics::lifetime::ShiftedBetaGeometric;
///
/// // The paper's high-end segment, seven years.
/// let model = ShiftedBetaGeometric::new(0.668, 3.806)?;
/// assert!((model.survival(1) - 0.851).abs() < 0.001);
/// assert!((model.survival(12) - 0.378).abs() < 0.001);
/// assert!(model.retention(2) > model.retention(1));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct ShiftedBetaGeometric {
    /// First shape of the leaving probabilities: their mean is α/(α + β).
    #[serde(with = "exact::number")]
    pub alpha: f64,
    /// Second shape of the leaving probabilities.
    #[serde(with = "exact::number")]
    pub beta: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(with = "exact::number")]
    alpha: f64,
    #[serde(with = "exact::number")]
    beta: f64,
}

impl TryFrom<Written> for ShiftedBetaGeometric {
    type Error = Error;
    fn try_from(read: Written) -> Result<Self, Error> {
        Self::new(read.alpha, read.beta)
    }
}

impl ShiftedBetaGeometric {
    /// A model with its parameters.
    ///
    /// # Errors
    /// A parameter that is not a number from 10^-12 to 10^12 (`is_range`).
    pub fn new(alpha: f64, beta: f64) -> Result<Self, Error> {
        check_parameter("alpha", alpha)?;
        check_parameter("beta", beta)?;
        Ok(Self { alpha, beta })
    }

    /// The parameters by name, in the order of the paper.
    #[must_use]
    pub fn named_parameters(&self) -> Vec<(&'static str, f64)> {
        vec![("alpha", self.alpha), ("beta", self.beta)]
    }

    /// The model of those who renewed so many times: θ is Beta(α, β + renewals) distributed over them.
    pub(super) fn after(&self, renewals: f64) -> Self {
        Self {
            alpha: self.alpha,
            beta: self.beta + renewals,
        }
    }

    /// ln S(t) = ln B(α, β + t)/B(α, β), for t ≥ 0; 0 or less.
    pub(super) fn ln_survival(&self, t: f64) -> f64 {
        ln_beta_ratio(self.alpha, self.beta, t)
    }

    /// Expected renewals in t whole periods, Σ S(j) for j = 1 to t; t may be infinite, and so may be the sum.
    pub(super) fn expected(&self, t: f64) -> f64 {
        // (β + j) S(j) − (β + j − 1) S(j − 1) = (1 − α) S(j) adds up to β ((1 + t/β) S(t) − 1)/(1 − α).
        let Self { alpha, beta } = *self;
        if t.is_infinite() {
            return if alpha > 1.0 {
                beta / (alpha - 1.0)
            } else {
                f64::INFINITY
            };
        }
        let sum = if alpha < 0.5 {
            beta * ((t / beta).ln_1p() + self.ln_survival(t)).exp_m1() / (1.0 - alpha)
        } else if alpha == 1.0 {
            beta * digamma_difference(beta + 1.0, t)
        } else {
            // The same, with (1 + t/β) S(t) as a ratio of beta functions, which is exact as α nears 1.
            let less = alpha - 1.0;
            -beta * ln_beta_ratio(less, beta + 1.0, t).exp_m1() / less
        };
        sum.clamp(0.0, t)
    }

    /// Expected renewals in t whole periods, each times e^(−δ · periods from now): Σ S(j) e^(−δ j) for j = 1 to t.
    pub(super) fn discounted(&self, delta: f64, t: f64) -> f64 {
        /// Below this, no discount; above, every term that counts is at a time that is a number.
        const LEAST: f64 = 1e-290;
        /// Terms added one by one, and how many more are no reason to do anything else.
        const FEW: f64 = 48.0;
        const MORE: f64 = 512.0;
        if delta < LEAST {
            return self.expected(t);
        }
        let Self { alpha, beta } = *self;
        let worth = (-delta).exp();
        let (mut sum, mut term, mut j) = (0.0, 1.0_f64, 0.0_f64);
        // The terms fall ever more slowly. While they fall by a twentieth each they are soon nothing.
        loop {
            if j >= t || term <= 1e-18 * sum {
                return sum;
            }
            let kept = worth * ((beta + j) / (alpha + beta + j));
            if kept == 0.0 {
                return sum;
            }
            if j >= FEW && t - j > MORE && kept > 0.95 {
                break;
            }
            term *= kept;
            sum += term;
            j += 1.0;
        }
        // From here on, time is counted from j: with a chance p to leave each time, and v = (1 − p) e^(−δ), the rest is the
        // mean of v + v² + … = v (1 − v^rest)/(1 − v) over p.
        let (now, rest) = (self.after(j), t - j);
        let more = BetaRule::new(now.alpha, now.beta, delta.recip().min(rest)).mean(|p, q| {
            let ln_v = if p < 0.5 { (-p).ln_1p() } else { q.ln() } - delta;
            ln_v.exp() * (rest * ln_v).exp_m1() / ln_v.exp_m1()
        });
        sum + term * more
    }

    /// The probability that a new customer is still there after t periods, S(t) = B(α, β + t)/B(α, β). From 0 to 1.
    #[must_use]
    pub fn survival(&self, t: u32) -> f64 {
        probability(self.ln_survival(f64::from(t)).exp())
    }

    /// The share of those there after t − 1 periods who are still there after t, (β + t − 1)/(α + β + t − 1). From 0 to 1; 1
    /// for t = 0, when all come.
    #[must_use]
    pub fn retention(&self, t: u32) -> f64 {
        if t == 0 {
            return 1.0;
        }
        let stayed = self.beta + f64::from(t - 1);
        stayed / (self.alpha + stayed)
    }

    /// The probability that a new customer leaves at the end of period t, S(t − 1) − S(t). From 0 to 1; 0 for t = 0.
    #[must_use]
    pub fn pmf(&self, t: u32) -> f64 {
        match t.checked_sub(1) {
            Some(renewals) => {
                probability(self.log_likelihood(Subscriber::LeftAfter(renewals)).exp())
            }
            None => 0.0,
        }
    }

    /// ln of the likelihood of one customer: of leaving in the period after the last renewal, or of having stayed so long.
    #[must_use]
    pub fn log_likelihood(&self, customer: Subscriber) -> f64 {
        let renewals = f64::from(customer.renewals());
        let stayed = self.ln_survival(renewals);
        if customer.is_there() {
            return stayed;
        }
        let Self { alpha, beta } = *self;
        stayed - ((beta + renewals) / alpha).ln_1p()
    }

    /// The probability that a customer is still there so many periods after now: 1 for a customer who is there now, and 0 for
    /// one who has left.
    #[must_use]
    pub fn p_alive(&self, customer: Subscriber, later: u32) -> f64 {
        match customer {
            Subscriber::LeftAfter(_) => 0.0,
            Subscriber::ThereAfter(renewals) => self.after(f64::from(renewals)).survival(later),
        }
    }

    /// Expected renewals of a customer in the next t periods; 0 for one who has left.
    #[must_use]
    pub fn expected_renewals(&self, customer: Subscriber, t: u32) -> f64 {
        match customer {
            Subscriber::LeftAfter(_) => 0.0,
            Subscriber::ThereAfter(renewals) => {
                self.after(f64::from(renewals)).expected(f64::from(t))
            }
        }
    }

    /// Discounted expected lifetime of a new customer (DEL): Σ S(t) e^(−δ t) for t = 0 to the horizon, in periods of worth now.
    /// The first period, at t = 0, is counted whole. For ever it is 2F1(1, β; α + β; e^(−δ)).
    ///
    /// `period` is how long a period of the contract is. Only whole periods of the horizon count. `None` where the sum has no
    /// bound, as it can have for ever without a discount.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{DiscountRate, Horizon, ShiftedBetaGeometric, TimeUnit};
    ///
    /// let model = ShiftedBetaGeometric::new(0.668, 3.806)?;
    /// let rate: DiscountRate = "10 % per year".parse()?;
    /// let lifetime = model.discounted_lifetime(rate, TimeUnit::Year, Horizon::Forever).unwrap();
    /// assert!((lifetime - 5.92).abs() < 0.01);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[doc(alias = "del")]
    #[must_use]
    pub fn discounted_lifetime(
        &self,
        discount: DiscountRate,
        period: TimeUnit,
        horizon: Horizon,
    ) -> Option<f64> {
        let periods = horizon.length(period).floor();
        let sum = 1.0 + self.discounted(discount.per(period), periods);
        sum.is_finite().then_some(sum)
    }

    /// Discounted expected residual lifetime of a customer (DERL) whose next renewal is due now: expected renewals up to the
    /// horizon, each discounted to now; the one due now is not, and the last is at the end of the horizon. 0 for a customer who
    /// has left.
    ///
    /// After k renewals it is Σ S(k + 1 + t)/S(k) · e^(−δ t) for t = 0 to the horizon. For ever that is
    /// (β + k)/(α + β + k) · 2F1(1, β + k + 1; α + β + k + 1; e^(−δ)), the paper's DERL in its period n = k + 1.
    ///
    /// `period` is how long a period of the contract is. Only whole periods of the horizon count. `None` where the sum has no
    /// bound, as it can have for ever without a discount.
    #[doc(alias = "derl")]
    #[must_use]
    pub fn discounted_residual_lifetime(
        &self,
        customer: Subscriber,
        discount: DiscountRate,
        period: TimeUnit,
        horizon: Horizon,
    ) -> Option<f64> {
        let Subscriber::ThereAfter(renewals) = customer else {
            return Some(0.0);
        };
        let now = self.after(f64::from(renewals));
        let periods = horizon.length(period).floor();
        let later = now.after(1.0).discounted(discount.per(period), periods);
        let sum = now.retention(1) * (1.0 + later);
        sum.is_finite().then_some(sum)
    }

    /// ln L and its derivatives by ln α, ln β.
    fn gradient(&self, customer: Subscriber) -> (f64, [f64; MOST]) {
        let Self { alpha, beta } = *self;
        let renewals = f64::from(customer.renewals());
        let value = self.log_likelihood(customer);
        // Leaving is α over one more period of all.
        let (periods, left) = if customer.is_there() {
            (renewals, 0.0)
        } else {
            (renewals + 1.0, 1.0)
        };
        let all = digamma_difference(alpha + beta, periods);
        let by_beta = beta * (digamma_difference(beta, renewals) - all);
        (value, [left - alpha * all, by_beta, 0.0, 0.0])
    }
}

impl Likelihood for ShiftedBetaGeometric {
    type Datum = Subscriber;
    const NAMES: &'static [&'static str] = &["alpha", "beta"];

    fn from_array([alpha, beta, ..]: [f64; MOST]) -> Self {
        Self { alpha, beta }
    }

    fn to_array(self) -> [f64; MOST] {
        [self.alpha, self.beta, 1.0, 1.0]
    }

    fn total(&self, data: &[Weighted<Subscriber>]) -> (f64, [f64; MOST]) {
        weighted_sum(data, |one| self.gradient(*one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::lifetime::gradient;

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        for parameters in [[0.668, 3.806], [1e-4, 0.02], [5000.0, 300.0]] {
            for value in [
                Subscriber::LeftAfter(0),
                Subscriber::LeftAfter(7),
                Subscriber::ThereAfter(700),
            ] {
                let [alpha, beta] = parameters;
                let data = [Weighted { value, weight: 3.0 }];
                gradient::check::<ShiftedBetaGeometric>([alpha, beta, 1.0, 1.0], &data, 1e-9);
            }
        }
    }
}
