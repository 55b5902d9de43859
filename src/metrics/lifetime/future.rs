//! What a customer with a history will do: the distribution behind the expectation.

use super::activity::Activity;
use super::bg_bb::BgBb;
use super::bg_nbd::BgNbd;
use super::nbd::Nbd;
use super::pareto_nbd::ParetoNbd;
use super::purchase::{Parameters, PurchaseModel, at_most, time};

/// From so many purchases on an interval is not looked for: that is one on each day of 27 years.
const MOST: u32 = 10_000;

impl Parameters {
    /// The model of what a customer with x repeat purchases in the time `age` does from now on who is alive now, seen as a new customer without the first purchase.
    ///
    /// Rates and chances have conjugate distributions, and neither purchases nor dropout remember: given the history and
    /// being alive, only the parameters change. (MBG/NBD lets a new customer drop out at once, and one who is alive only
    /// after the next purchase: that is BG/NBD.)
    pub(super) fn if_alive(&self, x: f64, age: f64) -> Self {
        match *self {
            Self::BgNbd(m) => Self::BgNbd(BgNbd {
                r: m.r + x,
                alpha: m.alpha + age,
                a: m.a,
                b: m.b + x,
            }),
            Self::MbgNbd(m) => Self::BgNbd(BgNbd {
                r: m.r + x,
                alpha: m.alpha + age,
                a: m.a,
                b: m.b + x + 1.0,
            }),
            Self::ParetoNbd(m) => Self::ParetoNbd(ParetoNbd {
                r: m.r + x,
                alpha: m.alpha + age,
                s: m.s,
                beta: m.beta + age,
            }),
            Self::Nbd(m) => Self::Nbd(Nbd {
                r: m.r + x,
                alpha: m.alpha + age,
            }),
            Self::BgBb(m) => Self::BgBb(BgBb {
                alpha: m.alpha + x,
                beta: m.beta + (age - x).max(0.0),
                gamma: m.gamma,
                delta: m.delta + age,
            }),
        }
    }
}

impl PurchaseModel {
    /// The probability that a customer has not left yet, and the model of one who has not.
    fn future(&self, customer: &Activity) -> (f64, Parameters) {
        self.future_if(self.p_alive(customer), customer)
    }

    /// The same, of whose P(alive) is known.
    fn future_if(&self, p_alive: f64, customer: &Activity) -> (f64, Parameters) {
        let alive = match self.parameters() {
            // P(alive) is to be there at the next occasion: not to have left yet, and not to leave before it.
            Parameters::BgBb(m) => {
                let stay = m.delta + customer.age();
                p_alive * ((m.gamma + stay) / stay)
            }
            _ => p_alive,
        };
        let future = self.parameters().if_alive(customer.x(), customer.age());
        (alive.min(1.0), future)
    }

    /// The probability that a customer makes exactly n purchases in the time t from now. From 0 to 1.
    ///
    /// P(alive) · P(n purchases | alive), and for n = 0 also 1 − P(alive). Given being alive, the rates have the same
    /// distributions as before with updated parameters (r + x, α + T, …), so that [`pmf`](Self::pmf) of those answers.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Activity, BgNbd, PurchaseModel, TimeUnit};
    ///
    /// let model = PurchaseModel::new(BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }, TimeUnit::Week)?;
    /// let customer = Activity::new(2, 30.43, 38.86)?;
    /// let mean: f64 = (1..200).map(|n| f64::from(n) * model.pmf_of(&customer, n, 39.0)).sum();
    /// assert!((mean - model.expected_purchases(&customer, 39.0)).abs() < 1e-6);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn pmf_of(&self, customer: &Activity, n: u32, t: f64) -> f64 {
        let (alive, future) = self.future(customer);
        conditional(&future, alive, n, time(t))
    }

    /// The probability that a customer makes at least one purchase in the time t from now. From 0 to 1.
    ///
    /// P(alive) · (1 − P(no purchase | alive)), see [`pmf_of`](Self::pmf_of).
    #[must_use]
    pub fn p_purchase(&self, customer: &Activity, t: f64) -> f64 {
        self.p_purchase_if(self.p_alive(customer), customer, time(t))
    }

    /// The same, of whose P(alive) is known.
    pub(super) fn p_purchase_if(&self, p_alive: f64, customer: &Activity, t: f64) -> f64 {
        if let Parameters::ParetoNbd(m) = self.parameters() {
            return at_most(p_alive, p_alive * m.buys_if_alive(customer, t));
        }
        let (alive, future) = self.future_if(p_alive, customer);
        let silent = future.kernel().log_pmf(0, t).min(0.0);
        at_most(p_alive, alive * -silent.exp_m1())
    }

    /// The interval in which a customer's number of purchases in the time t from now lies with a probability of at least
    /// `level`, equally many parts of the rest on either side; both ends belong to it.
    ///
    /// `None` if the level is not between 0 and 1, or the upper end above 10,000.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Activity, Nbd, PurchaseModel, TimeUnit};
    ///
    /// let model = PurchaseModel::new(Nbd { r: 1.0, alpha: 1.0 }, TimeUnit::Week)?;
    /// // With 9 purchases in 9 weeks the rate is 1 a week, give or take.
    /// let customer = Activity::new(9, 9.0, 9.0)?;
    /// assert_eq!(model.interval_of(&customer, 10.0, 0.8), Some((5, 16)));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn interval_of(&self, customer: &Activity, t: f64, level: f64) -> Option<(u32, u32)> {
        self.interval_with_mass(customer, t, level)
            .map(|(low, high, _)| (low, high))
    }

    /// The interval, and the probability that the number lies in it.
    pub(super) fn interval_with_mass(
        &self,
        customer: &Activity,
        t: f64,
        level: f64,
    ) -> Option<(u32, u32, f64)> {
        if !(level > 0.0 && level < 1.0) {
            return None;
        }
        let tail = (1.0 - level) / 2.0;
        let (alive, future) = self.future(customer);
        let mut below = 0.0;
        let mut low: Option<(u32, f64)> = None;
        for n in 0..=MOST {
            let up_to = below + conditional(&future, alive, n, time(t));
            if low.is_none() && up_to >= tail {
                low = Some((n, below));
            }
            if let Some((low, under)) = low
                && up_to >= 1.0 - tail
            {
                return Some((low, n, (up_to - under).clamp(0.0, 1.0)));
            }
            below = up_to;
        }
        None
    }
}

fn conditional(future: &Parameters, alive: f64, n: u32, t: f64) -> f64 {
    let gone = if n == 0 { 1.0 - alive } else { 0.0 };
    let bought = alive * future.kernel().log_pmf(n, t).exp();
    (gone + bought).clamp(0.0, 1.0)
}
