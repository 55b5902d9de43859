//! The linear programme of a choice that both a budget and a number limit.

use std::cmp::Ordering;

use super::branch::Multipliers;
use super::select::Item;

/// The most rounds. A million candidates took 12 to 20, over costs and values of many spreads and limits of many sizes.
const ROUNDS: usize = 60;
/// 2^this is more than any sum here, with the room that λ's denominator leaves.
const BITS: u32 = 120;

/// What the linear programme says.
pub(super) struct Relaxed {
    /// A choice within both limits.
    pub choice: Vec<Item>,
    /// No choice brings more.
    pub bound: i64,
    pub multipliers: Multipliers,
}

/// A price λ of a unit of cost makes the budget a part of the value: for each λ ≥ 0, λ·room + the sum of the `most` greatest
/// positive value − λ·cost is a bound on every choice within the limits, and the least over λ is the bound of the linear programme
/// (for a fixed λ the rest has a whole solution). It is convex in λ and made of straight lines, so λ is looked for where the two
/// lines meet that are known on either side, until no line is below: Kelley's cutting planes in one dimension.
///
/// `items` together with `most` have to exceed the room, as the `most` most valuable do.
pub(super) fn relax(items: &[Item], room: i64, most: usize) -> Relaxed {
    let mut keys: Vec<(f64, usize)> = Vec::with_capacity(items.len());
    // Of the side that costs too much, and of the side that fits: value and cost.
    let mut over = totals(&dearest(items, 0.0, most, &mut keys));
    let mut choice: Vec<Item> = Vec::new();
    let mut fits = (0_i128, 0_i128);
    let mut worth = 0;
    let mut lambda = 0.0;
    for _ in 0..ROUNDS {
        let meet = (over.0 - fits.0) as f64 / (over.1 - fits.1) as f64;
        lambda = meet.max(0.0);
        let found = dearest(items, lambda, most, &mut keys);
        let sum = totals(&found);
        if sum == over || sum == fits {
            break;
        }
        if sum.1 <= i128::from(room) {
            fits = sum;
            if sum.0 > worth {
                worth = sum.0;
                choice = found;
            }
        } else {
            over = sum;
        }
    }
    let bound = bound(items, lambda, room, most);
    // What the next one by reduced value would bring.
    dearest(items, lambda, most, &mut keys);
    let count = keys
        .get(most.saturating_sub(1))
        .map_or(0.0, |key| key.0.max(0.0));
    Relaxed {
        choice,
        bound,
        multipliers: Multipliers {
            cost: lambda,
            count,
        },
    }
}

/// Value and cost of a choice.
fn totals(choice: &[Item]) -> (i128, i128) {
    choice.iter().fold((0, 0), |(value, cost), item| {
        (value + i128::from(item.value), cost + i128::from(item.cost))
    })
}

/// The `most` items with the greatest value − λ·cost above zero; of equal ones the first. Leaves the greatest `most` keys in front, the least of them last.
fn dearest(items: &[Item], lambda: f64, most: usize, keys: &mut Vec<(f64, usize)>) -> Vec<Item> {
    keys.clear();
    let reduced = |item: &Item| item.value as f64 - lambda * item.cost as f64;
    keys.extend(items.iter().enumerate().map(|(i, item)| (reduced(item), i)));
    let order = |a: &(f64, usize), b: &(f64, usize)| -> Ordering {
        b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1))
    };
    if most < keys.len() && most > 0 {
        keys.select_nth_unstable_by(most - 1, order);
    }
    let front = keys.iter().take(most).filter(|key| key.0 > 0.0);
    front.filter_map(|key| items.get(key.1)).copied().collect()
}

/// The bound at a λ, exact: λ as a quotient p/q of whole numbers (any λ gives a bound), and one division at the end.
fn bound(items: &[Item], lambda: f64, room: i64, most: usize) -> i64 {
    let all: i128 = items.iter().map(|item| i128::from(item.value)).sum();
    // Every sum of value · q is below 2^BITS, and so is what comes of it.
    let bits = (BITS.saturating_sub(128 - all.leading_zeros())).min(52);
    let q = 1_i128 << bits;
    let p = libm::floor(lambda * q as f64) as i128;
    let mut reduced: Vec<i128> = items
        .iter()
        .filter_map(|item| {
            let price = p.checked_mul(i128::from(item.cost))?; // too dear if it overflows
            Some(i128::from(item.value) * q - price)
        })
        .filter(|reduced| *reduced > 0)
        .collect();
    if most < reduced.len() && most > 0 {
        reduced.select_nth_unstable_by(most - 1, |a, b| b.cmp(a));
    }
    let sum: i128 = reduced.iter().take(most).sum();
    let whole = p
        .checked_mul(i128::from(room))
        .and_then(|price| price.checked_add(sum));
    // Without a bound from λ, all together are one; they fit i64, as `select` has seen to.
    let bound = whole.map_or(all, |whole| (whole / q).min(all));
    bound as i64
}
