//! Lifetime value: what a customer will still bring, as money, with an interval.

mod grid;
mod outcome;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::gamma_gamma::{GammaGamma, Spend};
use super::purchase::PurchaseModel;
use super::time::{DiscountRate, Horizon};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Currency, Money};
use crate::parallel;
use grid::around;
use outcome::{Future, Outcomes};

/// The probability on each side of the interval.
const SIDE: f64 = 0.1;

/// What a lifetime value assumes besides the two models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueTerms {
    /// The part of the spend that is margin, 0 to 1.
    pub margin: f64,
    /// How much less later money is worth; above 0 for ever.
    pub discount: DiscountRate,
    /// How far into the future purchases count.
    pub horizon: Horizon,
}

impl ValueTerms {
    /// What is wrong with them, each problem at its place under `path`.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{DiscountRate, Horizon, ValueTerms};
    ///
    /// let terms = ValueTerms { margin: 0.3, discount: "10 % per year".parse()?, horizon: Horizon::Forever };
    /// assert!(terms.check("value").is_empty());
    ///
    /// // For ever, money that keeps its worth has no bound.
    /// let endless = ValueTerms { discount: DiscountRate::NONE, ..terms };
    /// assert_eq!(endless.check("value").len(), 1);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn check(&self, path: &str) -> Diagnostics {
        let mut found = Diagnostics::new();
        let mut wrong = |field: &str, message: String, help: &str| {
            let place = Place::at(format!("{path}.{field}"));
            found.push(Diagnostic::error(Code::Range, place, message).help(help));
        };
        if !(0.0..=1.0).contains(&self.margin) {
            let message = format!("a margin of `{}` is outside 0 to 1", self.margin);
            wrong("margin", message, "30 % is written 0.3");
        }
        match self.horizon {
            Horizon::Days(days) if days.get() < 1 => {
                let message = format!("a horizon of `{days}` has no day");
                wrong("horizon", message, "write it like `365 days`, or `forever`");
            }
            Horizon::Forever if self.discount.rate() <= 0.0 => {
                let message = "for ever and without a discount the value has no bound".to_owned();
                wrong(
                    "discount",
                    message,
                    "take a discount above 0, or a horizon such as `1825 days`",
                );
            }
            _ => {}
        }
        found
    }
}

/// What a customer will still bring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifetimeValue {
    /// Expected discounted margin: `purchases` × `spend` × margin, to the nearest minor unit.
    pub expected: Money,
    /// The lower end of the 80 % prediction interval: what the customer brings is below it at most once in ten.
    pub low: Money,
    /// The upper end: what the customer brings is above it at most once in ten. It is 0 for one who has probably gone.
    pub high: Money,
    /// The probability that the customer is still alive, 0 to 1.
    pub p_alive: f64,
    /// Expected purchases up to the horizon, each discounted to now.
    pub purchases: f64,
    /// Expected amount of a purchase, in major units.
    pub spend: f64,
}

/// How often customers will buy, for how much, and on what terms that is value: plain data that tells lifetime values.
///
/// Value is discounted purchases × spend per purchase × margin. That the mean of the product is the product of the means
/// assumes, as Gamma-Gamma does, that how much a customer spends does not depend on how often: see
/// [`Independence`](super::Independence).
///
/// # The interval
///
/// It is of the outcome, what the customer will really bring, not of its mean; the parameters count as known. A customer
/// who has gone brings 0, with probability 1 − P(alive). For one who is alive, the future depends on x and T alone (and the
/// spend on the number of purchases that are known and their sum): 2,048 futures are drawn at each of up to four places of
/// a fixed grid about the customer, and the quantiles are those of the draws, interpolated. So the probability outside
/// either end is 10 % with a standard error of about 0.7 points at one place; the draws are the same every time. Ends are
/// rounded outwards to whole minor units. `expected` is exact, and as a mean it can lie outside the interval: where 95 of
/// 100 such customers have gone, `high` is 0.
///
/// ```
/// use customer_value::metrics::lifetime::{
///     Activity, BgNbd, GammaGamma, Horizon, PurchaseModel, Spend, TimeUnit, ValueModel, ValueTerms,
/// };
/// use customer_value::model::Currency;
///
/// let parameters = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
/// let model = ValueModel {
///     purchases: PurchaseModel::new(parameters, TimeUnit::Week)?,
///     spend: GammaGamma::new(6.25, 3.74, 15.44)?,
///     terms: ValueTerms { margin: 0.3, discount: "10 % per year".parse()?, horizon: Horizon::Forever },
///     currency: Currency::USD,
/// };
/// let value = model.value(&Activity::new(2, 30.43, 38.86)?, &Spend::new(2, 22.35)?).unwrap();
/// assert!(value.low.minor() < value.expected.minor() && value.expected.minor() < value.high.minor());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueModel {
    /// How often customers buy, and when they leave.
    pub purchases: PurchaseModel,
    /// How much they spend at a time, in major units of the currency.
    pub spend: GammaGamma,
    /// Margin, discount and horizon.
    pub terms: ValueTerms,
    /// The currency of the spend and of the values.
    pub currency: Currency,
}

/// What customers with the same x, T and number of known amounts have in common.
struct Kind {
    /// Expected discounted purchases of one who is alive.
    purchases: f64,
    /// The places about them: the index of their outcomes, and their share.
    corners: [(usize, f64); 4],
}

impl ValueModel {
    /// What is wrong with it, each problem at its place under `path`.
    #[must_use]
    pub fn check(&self, path: &str) -> Diagnostics {
        let mut found = self.terms.check(&format!("{path}.terms"));
        let GammaGamma { p, q, gamma } = self.spend;
        if let Err(error) = GammaGamma::new(p, q, gamma) {
            let place = Place::at(format!("{path}.spend"));
            found.push(Diagnostic::error(Code::Range, place, error.to_string()));
        }
        found
    }

    /// The lifetime value of a customer.
    ///
    /// `None` with a model that [`check`](Self::check) refuses, where the expected spend or the expected purchases have no
    /// bound (Gamma-Gamma with p x + q ≤ 1), and if the expected value is more than a [`Money`] can hold; the ends of the
    /// interval stop at the most it can hold.
    ///
    /// It draws the futures anew, which takes a few milliseconds; for many customers take [`values`](Self::values).
    #[must_use]
    pub fn value(&self, customer: &Activity, spend: &Spend) -> Option<LifetimeValue> {
        self.values(&[(*customer, *spend)]).pop().flatten()
    }

    /// The lifetime values of many customers, in their order: exactly what [`value`](Self::value) says of each.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    #[must_use]
    pub fn values(&self, customers: &[(Activity, Spend)]) -> Vec<Option<LifetimeValue>> {
        const CHUNK: usize = 4096;
        if self.check("").has_errors() {
            return vec![None; customers.len()];
        }
        let unit = self.purchases.unit();
        let future = Future {
            delta: self.terms.discount.per(unit),
            horizon: self.terms.horizon.length(unit),
        };

        // Which customers are of one kind; each kind is known by the first of them.
        let mut firsts = Vec::new();
        let mut seen: HashMap<(u32, u64, u32), usize, FixedState> = HashMap::default();
        let kind_of: Vec<usize> = customers
            .iter()
            .map(|(activity, spend)| {
                let age = activity.age() + 0.0;
                let key = (
                    activity.repeat_purchases(),
                    age.to_bits(),
                    spend.purchases(),
                );
                *seen.entry(key).or_insert_with(|| {
                    firsts.push((*activity, *spend));
                    firsts.len() - 1
                })
            })
            .collect();

        let parameters = self.purchases.parameters();
        let expected = parallel::map_each(firsts.chunks(64).collect(), |chunk| {
            let each = chunk.iter().map(|(one, _)| self.if_alive(one, future));
            each.collect::<Vec<_>>()
        });
        let mut places = Vec::new();
        let mut seen: HashMap<grid::Place, usize, FixedState> = HashMap::default();
        let kinds: Vec<Kind> = firsts
            .iter()
            .zip(expected.into_iter().flatten())
            .map(|((activity, spend), purchases)| Kind {
                purchases,
                corners: around(parameters, activity, spend.purchases()).map(|(place, share)| {
                    let index = *seen.entry(place).or_insert_with(|| {
                        places.push(place);
                        places.len() - 1
                    });
                    (index, share)
                }),
            })
            .collect();
        let outcomes = parallel::map_each(places, |place| {
            Outcomes::simulate(place, parameters, &self.spend, future)
        });

        let chunks = customers.chunks(CHUNK).zip(kind_of.chunks(CHUNK));
        let parts = parallel::map_each(chunks.collect(), |(customers, kind_of)| {
            let rows = customers.iter().zip(kind_of);
            rows.map(|((activity, spend), kind)| {
                self.finish(activity, spend, kinds.get(*kind)?, &outcomes)
            })
            .collect::<Vec<_>>()
        });
        parts.into_iter().flatten().collect()
    }

    /// Expected discounted purchases of a customer who is alive; that depends on x and T, not on t_x.
    fn if_alive(&self, customer: &Activity, future: Future) -> f64 {
        let (x, age) = (customer.repeat_purchases(), customer.age());
        let span = if x == 0 { 0.0 } else { age };
        let active = Activity::counted(x, span, age);
        let kernel = self.purchases.kernel();
        let alive = kernel.p_alive(&active, 0.0);
        if alive > 0.0 {
            kernel.discounted(&active, future.delta, future.horizon) / alive
        } else {
            0.0
        }
    }

    fn finish(
        &self,
        customer: &Activity,
        known: &Spend,
        kind: &Kind,
        outcomes: &[Outcomes],
    ) -> Option<LifetimeValue> {
        let p_alive = self.purchases.p_alive(customer);
        let purchases = Some(p_alive * kind.purchases).filter(|sum| sum.is_finite())?;
        let spend = self.spend.expected_spend(known)?;
        let minor = self.currency.minor_per_major() as f64 * self.terms.margin;
        let expected = (purchases * spend * minor).round_ties_even();
        if expected >= i64::MAX as f64 {
            return None;
        }

        let scale = self.spend.posterior(known).gamma * minor;
        let quantile = |level: f64| {
            // The customer has gone, and brings nothing, with probability 1 − P(alive).
            let level = (level - (1.0 - p_alive)) / p_alive;
            if level.is_nan() || level <= 0.0 {
                return 0.0;
            }
            let parts = kind.corners.iter().filter(|(_, share)| *share > 0.0);
            let sum: f64 = parts
                .filter_map(|(index, share)| Some(outcomes.get(*index)?.quantile(level) * share))
                .sum();
            scale * sum
        };
        // A double beyond the range of `i64` becomes the nearest of its numbers.
        let money = |amount: f64| Money::from_minor(amount as i64, self.currency);
        Some(LifetimeValue {
            expected: money(expected),
            low: money(quantile(SIDE).floor()),
            high: money(quantile(1.0 - SIDE).ceil()),
            p_alive,
            purchases,
            spend,
        })
    }
}
