//! Draws from the models: customers whose parameters are known.

use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::gamma_gamma::{GammaGamma, Spend};
use super::habit::Habit;
use super::purchase::{ModelKind, PurchaseModel, time};
use super::random::Draws;
use super::sbg::{ShiftedBetaGeometric, Subscriber};
use crate::parallel;

/// What the streams of a seed are for; each use has its own (3 is `value`'s).
const PURCHASES: u64 = 1;
const SPEND: u64 = 2;
const RENEWALS: u64 = 4;

/// The most purchases that are drawn of one customer.
const MOST_PURCHASES: usize = 100_000;

/// A customer drawn from a purchase model: what is known of them at their age, and what comes after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedCustomer {
    /// What the purchase models see of the customer at their age.
    pub activity: Activity,
    /// Whether the customer is alive at their age. In whole periods: whether they are still there in the next one.
    pub alive: bool,
    /// The times of all repeat purchases, ascending, counted from the first purchase: up to the age and in the holdout.
    pub times: Vec<f64>,
}

impl SimulatedCustomer {
    /// The times of the repeat purchases up to the age, ascending.
    #[must_use]
    pub fn history(&self) -> &[f64] {
        self.times
            .split_at_checked(self.known())
            .map_or(&[], |parts| parts.0)
    }

    /// The times of the purchases after the age and up to the end of the holdout, ascending; counted from the first purchase.
    #[must_use]
    pub fn holdout(&self) -> &[f64] {
        self.times
            .split_at_checked(self.known())
            .map_or(&[], |parts| parts.1)
    }

    fn known(&self) -> usize {
        usize::try_from(self.activity.repeat_purchases()).unwrap_or(usize::MAX)
    }
}

impl PurchaseModel {
    /// Draws one customer for every age (T, the time from the first purchase to now), and what they do in the holdout, the
    /// time after it. Times are in the model's unit.
    ///
    /// The customer at an index depends only on the model, the seed, the index, the age and the holdout: any part of a
    /// cohort, in any order, on any number of threads, has the same customers, in every version of this crate. A longer
    /// holdout only adds purchases.
    ///
    /// BG/BB counts whole periods: of an age and an end of the holdout the whole periods are taken. A time that is negative
    /// or not a number counts as 0. Of one customer at most 100,000 purchases are drawn; then they end.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Activities, BgNbd, PurchaseModel, TimeUnit};
    ///
    /// let model = PurchaseModel::new(BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }, TimeUnit::Week)?;
    /// let cohort = model.simulate(&[39.0; 1000], 39.0, 7);
    /// let repeats: usize = cohort.iter().map(|one| one.history().len()).sum();
    /// let expected = 1000.0 * model.expected_purchases_of_new(39.0);
    /// assert!((repeats as f64 / expected - 1.0).abs() < 0.15);
    ///
    /// // What a fit needs of them.
    /// let seen = Activities::new(cohort.iter().map(|one| one.activity), model.unit());
    /// assert_eq!(seen.customers(), 1000);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn simulate(&self, ages: &[f64], holdout: f64, seed: u64) -> Vec<SimulatedCustomer> {
        const CHUNK: usize = 4096;
        let chunks: Vec<(usize, &[f64])> = ages.chunks(CHUNK).enumerate().collect();
        let parts = parallel::map_each(chunks, |(chunk, ages)| {
            let indices = (chunk * CHUNK) as u64..;
            let drawn = indices.zip(ages);
            drawn
                .map(|(index, age)| self.simulate_one(*age, holdout, seed, index))
                .collect::<Vec<_>>()
        });
        parts.into_iter().flatten().collect()
    }

    /// The customer at an index of [`simulate`](Self::simulate).
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{ParetoNbd, PurchaseModel, TimeUnit};
    ///
    /// let parameters = ParetoNbd { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };
    /// let model = PurchaseModel::new(parameters, TimeUnit::Week)?;
    /// let cohort = model.simulate(&[30.0, 20.0, 10.0], 52.0, 1);
    /// assert_eq!(model.simulate_one(10.0, 52.0, 1, 2), cohort[2]);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn simulate_one(&self, age: f64, holdout: f64, seed: u64, index: u64) -> SimulatedCustomer {
        let (mut age, mut end) = (time(age), time(age) + time(holdout));
        if self.kind() == ModelKind::BgBb {
            (age, end) = (age.floor(), end.floor());
        }
        let mut draws = Draws::of(&[seed, PURCHASES, index]);
        let habit = Habit::draw(self.parameters(), &mut draws);
        let life = match habit {
            Habit::Steady { stays, .. } if !draws.happens(stays) => 0.0,
            _ => habit.life(&mut draws),
        };
        let mut times = Vec::new();
        let mut t = habit.next(0.0, &mut draws);
        while t <= life.min(end) && times.len() < MOST_PURCHASES {
            times.push(t);
            t = habit.next(t, &mut draws);
        }
        let last = habit.leaves_buying() && 0.0 < life && life <= end;
        if last && times.len() < MOST_PURCHASES {
            times.push(life);
        }
        let known = times.iter().take_while(|t| **t <= age);
        let (x, span) = known.fold((0, 0.0), |(x, _), t| (x + 1, *t));
        SimulatedCustomer {
            activity: Activity::counted(x, span, age),
            alive: life > age,
            times,
        }
    }
}

impl GammaGamma {
    /// Draws customers with so many purchases each, and the amount of every purchase, in major units.
    ///
    /// As with [`PurchaseModel::simulate`] a customer depends only on the model, the seed, the index and the number of
    /// purchases, and more purchases only add to them; the two draws of one seed do not depend on each other. Amounts are
    /// kept in the range of [`Spend::new`], 10^-12 to 10^19.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::GammaGamma;
    ///
    /// let model = GammaGamma::new(6.25, 3.74, 15.44)?;
    /// let amounts = model.simulate(&[3; 2000], 7);
    /// let mean = amounts.iter().flatten().sum::<f64>() / 6000.0;
    /// assert!((mean / model.mean().unwrap() - 1.0).abs() < 0.1);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn simulate(&self, purchases: &[usize], seed: u64) -> Vec<Vec<f64>> {
        let customers = (0_u64..).zip(purchases);
        customers
            .map(|(index, purchases)| self.simulate_one(*purchases, seed, index))
            .collect()
    }

    /// The customer at an index of [`simulate`](Self::simulate).
    #[must_use]
    pub fn simulate_one(&self, purchases: usize, seed: u64, index: u64) -> Vec<f64> {
        let mut draws = Draws::of(&[seed, SPEND, index]);
        let scale = (self.gamma / draws.gamma(self.q)).min(1e300);
        let amounts = (0..purchases).map(|_| draws.gamma(self.p) * scale);
        amounts
            .map(|amount| amount.clamp(Spend::LEAST, Spend::MOST))
            .collect()
    }
}

impl ShiftedBetaGeometric {
    /// Draws one customer under contract for every number of periods that it is watched.
    ///
    /// As with [`PurchaseModel::simulate`] a customer depends only on the model, the seed, the index and the periods; watched
    /// longer, it is the same customer.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{ShiftedBetaGeometric, Subscriber};
    ///
    /// let model = ShiftedBetaGeometric::new(0.668, 3.806)?;
    /// let cohort = model.simulate(&[12; 4000], 7);
    /// let there = cohort.iter().filter(|one| one.is_there()).count();
    /// assert!((there as f64 / 4000.0 - model.survival(12)).abs() < 0.03);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn simulate(&self, periods: &[u32], seed: u64) -> Vec<Subscriber> {
        let customers = (0_u64..).zip(periods);
        customers
            .map(|(index, periods)| self.simulate_one(*periods, seed, index))
            .collect()
    }

    /// The customer at an index of [`simulate`](Self::simulate).
    #[must_use]
    pub fn simulate_one(&self, periods: u32, seed: u64, index: u64) -> Subscriber {
        let mut draws = Draws::of(&[seed, RENEWALS, index]);
        let (leaves, stays) = draws.beta(self.alpha, self.beta);
        let renewals = draws.failures(leaves, stays);
        if renewals < f64::from(periods) {
            Subscriber::LeftAfter(renewals as u32)
        } else {
            Subscriber::ThereAfter(periods)
        }
    }
}
