//! What referrals are worth: from a graph and a value per referee to a frozen number per customer.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::customers::Customers;
use super::graph::ReferralGraph;
use super::policy::{ReferralReach, ReferralTerms, refuse};
use crate::Error;
use crate::model::{CustomerId, Unit};

/// Where a referee counts as one, its parts are counted in this many.
const PARTS_PER_REFEREE: i64 = 1_000_000;

/// The referral numbers of one customer. Amounts are in *parts*: see [`ReferralWeights::parts_per_unit`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ReferralWeight {
    /// How many customers this one referred.
    pub direct: usize,
    /// How many customers are below this one, as far as the reach goes.
    pub reached: usize,
    /// The gross credit in parts: each customer within reach in full, times the damping of its level.
    /// Several customers may have credit for one referee, so credits do not add up to anything.
    pub credit: f64,
    /// The additive view in whole parts: each referee's worth is shared out among its referrers once.
    pub attributed: i64,
}

/// The referral numbers of every customer, frozen: plain data, computed once for the whole population.
///
/// See the [module](super) for the formulas, and for an example.
#[derive(Debug, Clone, Default)]
pub struct ReferralWeights {
    customers: Arc<Customers>,
    weights: Vec<ReferralWeight>,
    parts_per_unit: i64,
    without_value: usize,
}

impl ReferralGraph {
    /// What the referrals of every customer are worth in money.
    ///
    /// `value` is a customer's own value in minor units of the currency of `terms` (a margin, a lifetime
    /// value). It is `None` for somebody who is not a customer, or whose value is not known: such a referee
    /// counts nothing, not even the acquisition cost saved, and is counted in
    /// [`without_value`](ReferralWeights::without_value). Those whom they referred count as usual.
    ///
    /// # Errors
    /// `reach` or `terms` have a problem that their `check` reports (`is_range`), or a customer's share has more
    /// than `i64` minor units (`is_overflow`).
    pub fn weights(
        &self,
        reach: &ReferralReach,
        terms: &ReferralTerms,
        value: impl Fn(&CustomerId) -> Option<i64>,
    ) -> Result<ReferralWeights, Error> {
        refuse(terms.check("referral"))?;
        let mut without_value = 0;
        let worth = (self.customers().iter().enumerate())
            .map(|(number, customer)| {
                let Some(kind) = self.kind_of(number) else {
                    return 0; // referred by nobody: nobody has credit for it
                };
                if let Some(value) = value(customer) {
                    return terms.creditable(kind, value);
                }
                without_value += 1;
                0
            })
            .collect::<Vec<i128>>();
        let parts_per_unit = terms.acquisition_saved.currency().minor_per_major();
        self.freeze(reach, &worth, parts_per_unit, without_value)
    }

    /// How many referees every customer has, where nothing is known about money: each referee, of either
    /// type, counts as one.
    ///
    /// # Errors
    /// `reach` has a problem that its `check` reports (`is_range`), or a customer's share is more than
    /// 9 million million referees (`is_overflow`).
    pub fn counts(&self, reach: &ReferralReach) -> Result<ReferralWeights, Error> {
        let worth = vec![i128::from(PARTS_PER_REFEREE); self.len()];
        self.freeze(reach, &worth, PARTS_PER_REFEREE, 0)
    }

    /// The additive view of one referee: its referrers within reach, the nearest first, with the share (0 to 1)
    /// of its worth that goes to each. They sum to 1 within rounding; there is none without a referrer.
    ///
    /// # Errors
    /// `reach` has a problem that its `check` reports (`is_range`).
    pub fn shares(
        &self,
        reach: &ReferralReach,
        referee: &CustomerId,
    ) -> Result<Vec<(&CustomerId, f64)>, Error> {
        refuse(reach.check("referral"))?;
        let mut shares: Vec<_> = (self.referrers(referee).zip(reach.weights()))
            .take(reach.depth.unwrap_or(usize::MAX))
            .collect();
        let total: f64 = shares.iter().map(|(_, weight)| weight).sum();
        for (_, share) in &mut shares {
            *share /= total; // not zero: the nearest has weight 1
        }
        Ok(shares)
    }

    /// Both views for the worth of every referee, in parts.
    fn freeze(
        &self,
        reach: &ReferralReach,
        worth: &[i128],
        parts_per_unit: i64,
        without_value: usize,
    ) -> Result<ReferralWeights, Error> {
        refuse(reach.check("referral"))?;
        let credit = self.climb(reach.depth, |referee, below: f64| {
            worth.get(referee).map_or(0.0, |&worth| worth as f64) + reach.damping * below
        });
        let reached = self.climb(reach.depth, |_, below: usize| below.saturating_add(1));
        let weights = (self
            .direct()
            .zip(reached)
            .zip(credit)
            .zip(self.attribute(reach, worth)))
        .map(|(((direct, reached), credit), attributed)| {
            let attributed = i64::try_from(attributed)
                .map_err(|_| Error::overflow("a referral share does not fit 64 bits"))?;
            Ok(ReferralWeight {
                direct,
                reached,
                credit,
                attributed,
            })
        })
        .collect::<Result<_, Error>>()?;
        Ok(ReferralWeights {
            customers: Arc::clone(&self.customers),
            weights,
            parts_per_unit,
            without_value,
        })
    }

    /// For every customer the sum of `step(referee, sum of the referee)` over its referees, `depth` levels deep.
    ///
    /// Every sum takes the referees in the order of the graph, so it has the same bits for any order of rows.
    #[allow(clippy::indexing_slicing)] // numbers of customers, and arrays with one entry for each
    fn climb<T>(&self, depth: Option<usize>, step: impl Fn(usize, T) -> T) -> Vec<T>
    where
        T: Copy + Default + std::ops::AddAssign,
    {
        let mut sums = vec![T::default(); self.len()];
        match depth {
            // A level deeper at each pass.
            Some(depth) if depth < self.levels() => {
                for _ in 0..depth {
                    let mut next = vec![T::default(); self.len()];
                    for (referrer, referee) in self.upward() {
                        next[referrer] += step(referee, sums[referee]);
                    }
                    sums = next;
                }
            }
            // Referees come before their referrer on the way up, so each of their sums is complete in one pass.
            _ => {
                for (referrer, referee) in self.upward() {
                    let sum = step(referee, sums[referee]);
                    sums[referrer] += sum;
                }
            }
        }
        sums
    }

    /// Shares out the worth of every referee among the referrers within reach, to the last part.
    ///
    /// On its way up, a worth that has r referrers within reach still before it leaves the fraction 1 / W(r) with
    /// the nearest, where W(r) = 1 + damping + … + damping^(r − 1), and goes on with the rest. This is
    /// `damping^(l − 1) / W` of the whole at level l. The fraction depends only on the place and on the number of
    /// levels travelled, so what arrives at one place after the same number of levels travels on as one
    /// amount; and as an amount is either kept or passed on, and the last referrer (r = 1) keeps it all, rounding
    /// never makes or loses a part.
    #[allow(clippy::indexing_slicing)] // numbers of customers, and arrays with one entry for each
    fn attribute(&self, reach: &ReferralReach, worth: &[i128]) -> Vec<i128> {
        let n = self.len();
        let mut kept = vec![0; n];
        // W(1), W(2), …
        let totals: Vec<f64> = reach
            .weights()
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .take(self.levels())
            .collect();
        let level = self.level();
        match reach.depth {
            Some(depth) if depth < self.levels() => {
                let mut arrived = vec![0; n];
                for (referrer, referee) in self.upward() {
                    arrived[referrer] += worth[referee];
                }
                for left in (1..=depth).rev() {
                    for number in 0..n {
                        let keeps = part(arrived[number], &totals, left.min(level[number] + 1));
                        kept[number] += keeps;
                        arrived[number] -= keeps;
                    }
                    let mut next = vec![0; n];
                    for (referrer, referee) in self.upward() {
                        next[referrer] += arrived[referee];
                    }
                    arrived = next;
                }
            }
            // With the whole chain in reach the number of levels travelled makes no difference.
            _ => {
                for (referrer, referee) in self.upward() {
                    let arrived = kept[referee];
                    kept[referee] = part(arrived, &totals, level[referee] + 1);
                    kept[referrer] += worth[referee] + arrived - kept[referee];
                }
            }
        }
        kept
    }
}

/// The part of an amount that stays with a referrer, when `left` referrers (this one too) are within reach.
fn part(amount: i128, totals: &[f64], left: usize) -> i128 {
    match totals.get(left.saturating_sub(1)) {
        Some(&total) if left > 1 => {
            let part = (amount as f64 / total).round() as i128;
            // For an amount beyond 2^53 the rounding may lead past it.
            part.clamp(amount.min(0), amount.max(0))
        }
        _ => amount,
    }
}

impl ReferralWeights {
    /// The numbers of one customer, in parts.
    ///
    /// `None` when there is no referral at all: then nothing is known about referring. A customer without a
    /// referral among others' has zeros.
    #[must_use]
    pub fn get(&self, customer: &CustomerId) -> Option<ReferralWeight> {
        if self.weights.is_empty() {
            return None;
        }
        let number = self.customers.number(customer);
        let weight = number.and_then(|number| self.weights.get(number));
        Some(weight.copied().unwrap_or_default())
    }

    /// The gross credit of one customer, in units (major units of the currency, or referees); see
    /// [`ReferralWeight::credit`]. `None` when there is no referral at all.
    #[must_use]
    pub fn credit(&self, customer: &CustomerId) -> Option<f64> {
        self.get(customer)
            .map(|weight| self.in_units(weight.credit))
    }

    /// The additive share of one customer, in units (major units of the currency, or referees); see
    /// [`ReferralWeight::attributed`]. `None` when there is no referral at all.
    #[must_use]
    pub fn attributed(&self, customer: &CustomerId) -> Option<f64> {
        self.get(customer)
            .map(|weight| self.in_units(weight.attributed as f64))
    }

    fn in_units(&self, parts: f64) -> f64 {
        parts / self.parts_per_unit.max(1) as f64
    }

    /// How many parts make one unit: the minor units of one major unit of the currency (100 for euros), or
    /// 1,000,000 where referees are counted.
    #[must_use]
    pub fn parts_per_unit(&self) -> i64 {
        self.parts_per_unit
    }

    /// What the weights count: money, or a ratio (referees, each damped by its level) where no money is known.
    #[must_use]
    pub fn unit(&self) -> Unit {
        if self.parts_per_unit == PARTS_PER_REFEREE {
            Unit::Ratio
        } else {
            Unit::Money
        }
    }

    /// How many referees counted nothing because they have no value.
    #[must_use]
    pub fn without_value(&self) -> usize {
        self.without_value
    }

    /// Every customer who is in a referral, with its numbers, in the order of the graph.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&CustomerId, &ReferralWeight)> {
        self.customers.ids().iter().zip(&self.weights)
    }
}

impl PartialEq for ReferralWeights {
    fn eq(&self, other: &Self) -> bool {
        (self.parts_per_unit, self.without_value) == (other.parts_per_unit, other.without_value)
            && self.iter().eq(other.iter())
    }
}

/// One customer's line in the text form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    customer: CustomerId,
    direct: usize,
    reached: usize,
    credit: f64,
    attributed: i64,
}

/// The text form of [`ReferralWeights`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    parts_per_unit: i64,
    without_value: usize,
    customers: Vec<Line>,
}

impl Serialize for ReferralWeights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let customers = (self.iter())
            .map(|(customer, weight)| Line {
                customer: customer.clone(),
                direct: weight.direct,
                reached: weight.reached,
                credit: weight.credit,
                attributed: weight.attributed,
            })
            .collect();
        Frozen {
            parts_per_unit: self.parts_per_unit,
            without_value: self.without_value,
            customers,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ReferralWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let frozen = Frozen::deserialize(deserializer)?;
        let wrong = |message: String| Err(serde::de::Error::custom(message));
        if frozen.parts_per_unit < 1 && !frozen.customers.is_empty() {
            return wrong("`parts_per_unit` is at least 1".to_owned());
        }
        let mut customers = Customers::default();
        let mut weights = Vec::with_capacity(frozen.customers.len());
        for line in frozen.customers {
            if !customers.intern(&line.customer).1 {
                return wrong(format!("customer `{}` is there twice", line.customer));
            }
            if !line.credit.is_finite() {
                return wrong(format!("the credit of `{}` is not a number", line.customer));
            }
            weights.push(ReferralWeight {
                direct: line.direct,
                reached: line.reached,
                credit: line.credit,
                attributed: line.attributed,
            });
        }
        Ok(Self {
            customers: Arc::new(customers),
            weights,
            parts_per_unit: frozen.parts_per_unit,
            without_value: frozen.without_value,
        })
    }
}
