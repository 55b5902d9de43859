//! The best few.

use std::cmp::Ordering;

/// The `k` items with the largest keys, best first.
///
/// The second number of a key decides where the first is equal, and so on; not known (also NaN) comes after everything
/// known; of equal items the earlier one is better. Takes O(n) time for n items and O(k log k) for their order.
///
/// ```
/// use customer_value::report::top;
///
/// let customers = [("ann", Some(70.0), 10.0), ("bob", None, 99.0), ("cleo", Some(70.0), 20.0)];
/// let best = top(2, customers.map(|(id, score, spend)| ([score, Some(spend)], id)));
/// assert_eq!(best, ["cleo", "ann"]);
/// ```
pub fn top<T, const N: usize>(
    k: usize,
    items: impl IntoIterator<Item = ([Option<f64>; N], T)>,
) -> Vec<T> {
    let mut kept: Vec<(Key<N>, T)> = Vec::new();
    if k == 0 {
        return Vec::new();
    }
    // Twice as many as wanted, then the better half: a selection for every `k` items.
    let room = k.saturating_mul(2);
    for (position, (numbers, item)) in items.into_iter().enumerate() {
        if kept.len() >= room {
            kept.select_nth_unstable_by(k, |a, b| a.0.better(&b.0));
            kept.truncate(k);
        }
        kept.push((Key { numbers, position }, item));
    }
    kept.sort_unstable_by(|a, b| a.0.better(&b.0));
    kept.truncate(k);
    kept.into_iter().map(|(_, item)| item).collect()
}

struct Key<const N: usize> {
    numbers: [Option<f64>; N],
    position: usize,
}

impl<const N: usize> Key<N> {
    /// Less: better.
    fn better(&self, other: &Self) -> Ordering {
        // 0 and -0 are one number.
        let known = |number: Option<f64>| number.filter(|n| !n.is_nan()).map(|n| n + 0.0);
        let numbers = self.numbers.iter().zip(&other.numbers);
        numbers
            .map(|(a, b)| match (known(*a), known(*b)) {
                (Some(a), Some(b)) => b.total_cmp(&a),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
            .find(|order| order.is_ne())
            .unwrap_or_else(|| self.position.cmp(&other.position))
    }
}
