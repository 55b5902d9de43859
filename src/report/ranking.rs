//! How much of a total the first of a ranking hold.

use std::cmp::Ordering;

/// A ranking of customers, best first, with an amount for each: how much of the total the first of them hold.
///
/// Customers of one rank have no order among themselves. Whatever asks for one takes the mean over all orders they could have
/// had, so that the result does not depend on the order of the input.
///
/// ```
/// use customer_value::report::Ranking;
///
/// // By score: the one customer with 9 points brings 60, the two with 4 points 40 between them.
/// let ranking = Ranking::new([(Some(4.0), 10), (Some(9.0), 60), (Some(4.0), 30)]);
/// assert_eq!(ranking.share(1), Some(0.6));
/// assert_eq!(ranking.share(2), Some(0.8));
/// assert_eq!(ranking.lift(3), Some(1.0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ranking {
    /// Best first: how many customers have the rank, and what they have together.
    ranks: Vec<(u64, i128)>,
}

impl Ranking {
    /// Ranks customers by a number, the larger the better, each with an amount. Not known (also NaN) ranks last.
    pub fn new(customers: impl IntoIterator<Item = (Option<f64>, i64)>) -> Self {
        // 0 and -0 are one number.
        let known = |key: Option<f64>| key.filter(|n| !n.is_nan()).map(|n| n + 0.0);
        let mut all: Vec<(Option<f64>, i64)> = customers
            .into_iter()
            .map(|(key, amount)| (known(key), amount))
            .collect();
        let best_first = |a: &(Option<f64>, i64), b: &(Option<f64>, i64)| match (a.0, b.0) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        all.sort_unstable_by(best_first);
        let ranks = all.chunk_by(|a, b| best_first(a, b) == Ordering::Equal);
        Self::of_ranks(ranks.map(|rank| {
            let sum = rank.iter().map(|(_, amount)| i128::from(*amount)).sum();
            (rank.len() as u64, sum)
        }))
    }

    /// A ranking of groups, best first: how many customers each has, and what they have together.
    pub fn of_ranks(ranks: impl IntoIterator<Item = (u64, i128)>) -> Self {
        Self {
            ranks: ranks.into_iter().filter(|(count, _)| *count > 0).collect(),
        }
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        let counts = self.ranks.iter().map(|(count, _)| *count);
        counts.fold(0, u64::saturating_add)
    }

    /// What all have together.
    #[must_use]
    pub fn total(&self) -> i128 {
        let amounts = self.ranks.iter().map(|(_, amount)| *amount);
        amounts.fold(0, i128::saturating_add)
    }

    /// The part of the total that the first `n` hold: 0 to 1 where no amount is negative. All of them if there are fewer. `None`
    /// where the total is not positive.
    #[must_use]
    pub fn share(&self, n: u64) -> Option<f64> {
        let total = self.total();
        if total <= 0 {
            return None;
        }
        let mut left = n;
        let mut held = 0.0;
        for (count, amount) in &self.ranks {
            let taken = left.min(*count);
            held += to_f64(*amount) * (whole(taken) / whole(*count));
            left -= taken;
            if left == 0 {
                break;
            }
        }
        Some(held / to_f64(total))
    }

    /// How many times as much the first `n` hold as `n` customers taken at random would: their part of the total ÷ their part
    /// of the customers. `None` where nobody is taken, or the total is not positive.
    #[must_use]
    pub fn lift(&self, n: u64) -> Option<f64> {
        let customers = self.customers();
        let n = n.min(customers);
        (n > 0).then(|| Some(self.share(n)? / (whole(n) / whole(customers))))?
    }

    /// The Gini coefficient of the ranking: twice the area between the curve of the share that the first customers hold and
    /// the straight line of a ranking that says nothing.
    ///
    /// 0 where the ranking says nothing about the amounts, below 0 where it has them the wrong way round. Ranked by the amounts
    /// themselves it is their own Gini coefficient (Gini 1912), and no other ranking has a larger one. `None` where the total is
    /// not positive.
    ///
    /// ```
    /// use customer_value::report::Ranking;
    ///
    /// let amounts = [0, 0, 0, 100];
    /// let by_amount = Ranking::new(amounts.map(|amount| (Some(amount as f64), amount)));
    /// assert_eq!(by_amount.gini(), Some(0.75));
    /// let all_alike = Ranking::new(amounts.map(|amount| (Some(1.0), amount)));
    /// assert_eq!(all_alike.gini(), Some(0.0));
    /// ```
    #[must_use]
    pub fn gini(&self) -> Option<f64> {
        let total = self.total();
        if total <= 0 {
            return None;
        }
        let customers = whole(self.customers());
        // Of one rank the curve is straight: the mean over all orders.
        let mut before = 0_i128;
        let mut area = 0.0;
        for (count, amount) in &self.ranks {
            let after = before.saturating_add(*amount);
            area += whole(*count) / customers * (to_f64(before) + to_f64(after));
            before = after;
        }
        Some(area / to_f64(total) - 1.0)
    }
}

#[allow(clippy::cast_precision_loss)] // for a share
fn to_f64(amount: i128) -> f64 {
    amount as f64
}

#[allow(clippy::cast_precision_loss)] // for a share
fn whole(count: u64) -> f64 {
    count as f64
}
