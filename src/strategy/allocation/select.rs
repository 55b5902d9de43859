//! Which customers get an action, when not all can.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::branch;
use super::relax::{Relaxed, relax};
use crate::Error;
use crate::model::Money;

/// Up to so many candidates are searched for the very best choice.
const SEARCHED: usize = 1_000;

/// What an action costs for one customer, and what it is expected to bring, in minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Zero or more.
    pub cost: i64,
    /// Nobody is chosen whose value is not above zero.
    pub value: i64,
}

/// Who gets an action under a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The positions of those chosen, ascending.
    pub chosen: Vec<usize>,
    /// How many there were to choose from.
    pub candidates: usize,
    /// What could be spent.
    pub budget: Money,
    /// What they cost together, at most the budget.
    pub cost: Money,
    /// What they are expected to bring together.
    pub value: Money,
    /// No choice under the budget brings more than this.
    pub bound: Money,
}

impl Selection {
    /// Whether no choice brings more.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.value == self.bound
    }

    /// How much more the best choice can bring at most; zero if this is the best.
    #[must_use]
    pub fn gap(&self) -> Money {
        // The bound is not below the value, and both are not negative.
        let gap = self.bound.minor().saturating_sub(self.value.minor());
        Money::from_minor(gap, self.budget.currency())
    }
}

/// Chooses the customers who together bring most, without spending more than the budget and on at most `most` of them.
///
/// The choice is the very best one, and [known to be](Selection::is_exact), of up to 20 candidates, wherever the limit of
/// the budget or of the number is the only one that matters and all costs are equal, and nearly always of up to 1000 (a branch and bound that
/// gives up after some four million steps). Otherwise it is a good one, made by value per cost, and the bound (that of the
/// linear programme) says how far the best can be away at most: usually less than what one customer brings. Whatever the size, it is never
/// worse than taking by value per cost all who still fit. Candidates of equal value per cost count by value, and those of
/// equal value by their order.
///
/// # Errors
/// A budget or a cost below zero (`is_range`); values that together exceed the range of money (`is_overflow`).
///
/// ```
/// use customer_value::model::{Currency, Money};
/// use customer_value::strategy::allocation::{Candidate, select};
///
/// let candidates = [(60, 100), (50, 80), (50, 80), (10, 0)].map(|(cost, value)| Candidate { cost, value });
/// let best = select(&candidates, Money::from_minor(100, Currency::EUR), None)?;
/// assert_eq!(best.chosen, [1, 2]); // by value per cost alone it would be [0]
/// assert!(best.is_exact());
/// let one = select(&candidates, Money::from_minor(100, Currency::EUR), Some(1))?;
/// assert_eq!(one.chosen, [0]);
/// # Ok::<(), customer_value::Error>(())
/// ```
pub fn select(
    candidates: &[Candidate],
    budget: Money,
    most: Option<usize>,
) -> Result<Selection, Error> {
    if budget.is_negative() {
        return Err(Error::range(format!(
            "the budget of {budget} is below zero"
        )));
    }
    if let Some((i, c)) = candidates.iter().enumerate().find(|(_, c)| c.cost < 0) {
        let message = format!("the cost of candidate {i}, {}, is below zero", c.cost);
        return Err(Error::range(message));
    }
    let room = budget.minor();
    let useful = |c: &Candidate| c.value > 0 && c.cost <= room;
    let mut items: Vec<Item> = candidates
        .iter()
        .enumerate()
        .filter(|(_, c)| useful(c))
        .map(|(position, c)| Item {
            cost: c.cost,
            value: c.value,
            position,
        })
        .collect();
    let all: i128 = items.iter().map(|item| i128::from(item.value)).sum();
    if i64::try_from(all).is_err() {
        return Err(Error::overflow(
            "the values of the candidates come to more than an amount of money can be",
        ));
    }
    let most = most.unwrap_or(usize::MAX).min(items.len());
    let (choice, bound) = choose(&mut items, room, most);
    let mut chosen: Vec<usize> = choice.iter().map(|item| item.position).collect();
    chosen.sort_unstable();
    let (cost, value) = sums(&choice);
    let money = |minor| Money::from_minor(minor, budget.currency());
    Ok(Selection {
        chosen,
        candidates: candidates.len(),
        budget,
        cost: money(cost),
        value: money(value),
        bound: money(bound),
    })
}

/// A candidate worth looking at: with a value above zero and a cost that fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub cost: i64,
    pub value: i64,
    pub position: usize,
}

/// By value per cost, the greatest first. A cost of zero comes before all others.
pub(super) fn by_ratio(a: &Item, b: &Item) -> Ordering {
    let left = i128::from(a.value) * i128::from(b.cost);
    let right = i128::from(b.value) * i128::from(a.cost);
    right.cmp(&left).then_with(|| by_value(a, b))
}

/// By value, the greatest first, then by cost, the least first.
fn by_value(a: &Item, b: &Item) -> Ordering {
    (b.value, a.cost, a.position).cmp(&(a.value, b.cost, b.position))
}

/// Cost and value together; those of a choice fit because those of all items that are not chosen together do.
fn sums(choice: &[Item]) -> (i64, i64) {
    choice.iter().fold((0, 0), |(cost, value), item| {
        (
            cost.saturating_add(item.cost),
            value.saturating_add(item.value),
        )
    })
}

/// A choice, and what none can exceed.
fn choose(items: &mut [Item], room: i64, most: usize) -> (Vec<Item>, i64) {
    // The most valuable, if the budget allows them: then it does not matter.
    if most < items.len() && most > 0 {
        items.select_nth_unstable_by(most - 1, by_value);
    }
    let top = items.get(..most).unwrap_or_default();
    let cost: i128 = top.iter().map(|item| i128::from(item.cost)).sum();
    if cost <= i128::from(room) {
        let value = sums(top).1;
        return (top.to_vec(), value);
    }

    // Only multiples of what divides all costs can be spent. With equal costs the bound then has no fraction.
    let step = items.iter().fold(0, |step, item| gcd(step, item.cost));
    let room = room - room.checked_rem(step).unwrap_or(0);
    items.sort_unstable_by(by_ratio);
    let mut best = take(items, room, most);
    let (mut bound, ends) = dantzig(items, room);
    let mut multipliers = None;
    if ends >= most {
        let Relaxed {
            choice,
            bound: tighter,
            multipliers: found,
        } = relax(items, room, most);
        best = better(best, complete(choice, items, room, most));
        bound = bound.min(tighter);
        multipliers = Some(found);
    }
    // Alone it can bring more than all that fit before it: with it, half of the best choice is certain where only the budget limits.
    if let Some(&single) = items.iter().min_by(|a, b| by_value(a, b)) {
        best = better(best, complete(vec![single], items, room, most));
    }
    let value = sums(&best).1;
    if value < bound && items.len() <= SEARCHED {
        let (found, finished) = branch::search(items, room, most, multipliers, value);
        if let Some(found) = found {
            best = found;
        }
        if finished {
            bound = sums(&best).1;
        }
    }
    (best, bound)
}

/// The greatest common divisor of two numbers that are not negative; with 0, the other one.
fn gcd(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The first unless the second brings more.
fn better(first: Vec<Item>, second: Vec<Item>) -> Vec<Item> {
    if sums(&second).1 > sums(&first).1 {
        second
    } else {
        first
    }
}

/// Whoever still fits, in order.
fn take(items: &[Item], room: i64, most: usize) -> Vec<Item> {
    complete(Vec::new(), items, room, most)
}

/// A choice, and in order whoever still fits beside it.
fn complete(mut choice: Vec<Item>, items: &[Item], room: i64, most: usize) -> Vec<Item> {
    let mut taken: Vec<usize> = choice.iter().map(|item| item.position).collect();
    taken.sort_unstable();
    let mut left = room.saturating_sub(sums(&choice).0);
    for item in items {
        if choice.len() >= most {
            break;
        }
        if item.cost <= left && taken.binary_search(&item.position).is_err() {
            left -= item.cost;
            choice.push(*item);
        }
    }
    choice
}

/// The bound of Dantzig (1957): by value per cost as long as all fits, and of the first that does not fit the part that does.
/// Also how many fit before it.
fn dantzig(items: &[Item], room: i64) -> (i64, usize) {
    let (mut left, mut value) = (room, 0_i64);
    for (i, item) in items.iter().enumerate() {
        if item.cost > left {
            // Less than the value of the item, as less than its cost is left.
            let part = i128::from(item.value) * i128::from(left) / i128::from(item.cost);
            return (value.saturating_add(part as i64), i);
        }
        left -= item.cost;
        value = value.saturating_add(item.value);
    }
    (value, items.len())
}
