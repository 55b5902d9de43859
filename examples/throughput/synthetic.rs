//! Made-up transactions of a plausible shop.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Distribution, Gamma, LogNormal};

/// 2023-01-01, as days since 1970-01-01.
pub const FIRST_DAY: i32 = 19_358;
/// Two years.
pub const DAYS: i32 = 731;

/// Transactions as columns, in the order of time.
pub struct Transactions {
    pub customer: Vec<u64>,
    pub day: Vec<i32>,
    /// Minor units.
    pub amount: Vec<i64>,
}

impl Transactions {
    /// `n` transactions of up to `customers` customers.
    ///
    /// A customer's purchase rate is gamma-distributed (shape 0.5: many buy rarely, a few buy often), an amount is log-normal
    /// around 30.00, and ids are spread over a range some twenty times as large as their number.
    pub fn generate(n: usize, customers: usize, seed: u64) -> anyhow::Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let rates = Gamma::new(0.5, 1.0)?;
        let weights: Vec<f64> = (0..customers)
            .map(|_| rates.sample(&mut rng) + f64::MIN_POSITIVE)
            .collect();
        let who = WeightedAliasIndex::new(weights)?;
        let mut ids: Vec<u64> = (0..customers as u64)
            .map(|i| 1_000_000 + i * 20 + rng.random_range(0..20))
            .collect();
        ids.shuffle(&mut rng);
        let amounts = LogNormal::new(3000_f64.ln(), 0.8)?;
        let mut all = Self {
            customer: Vec::with_capacity(n),
            day: Vec::with_capacity(n),
            amount: Vec::with_capacity(n),
        };
        for i in 0..n {
            all.customer.push(ids[who.sample(&mut rng)]);
            let day = i as u64 * DAYS as u64 / n as u64;
            all.day.push(FIRST_DAY + i32::try_from(day)?);
            all.amount.push((amounts.sample(&mut rng) as i64).max(1));
        }
        Ok(all)
    }
}
