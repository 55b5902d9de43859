//! The very best choice, by branch and bound.

use super::select::Item;

/// The search gives up after so many steps; the tree of 20 candidates has fewer.
const STEPS: u32 = 1 << 22;

/// What a unit of cost and a place are worth at the optimum of the linear programme: any two numbers not below zero give a
/// bound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Multipliers {
    pub cost: f64,
    pub count: f64,
}

/// What bounds the rest of a search.
struct Bounds<'a> {
    items: &'a [Item],
    /// Cost and value of all items before each.
    cost: Vec<i128>,
    value: Vec<i128>,
    /// What the items from each on bring beyond the multipliers.
    beyond: Option<(Multipliers, Vec<f64>)>,
}

impl<'a> Bounds<'a> {
    fn new(items: &'a [Item], multipliers: Option<Multipliers>) -> Self {
        let before = |number: fn(&Item) -> i64| {
            let mut sums = vec![0_i128];
            let mut sum = 0;
            for item in items {
                sum += i128::from(number(item));
                sums.push(sum);
            }
            sums
        };
        let beyond = multipliers.map(|m| {
            let mut sums = vec![0.0];
            let mut sum = 0.0;
            for item in items.iter().rev() {
                sum += (item.value as f64 - m.cost * item.cost as f64 - m.count).max(0.0);
                sums.push(sum);
            }
            sums.reverse();
            (m, sums)
        });
        Self {
            items,
            cost: before(|item| item.cost),
            value: before(|item| item.value),
            beyond,
        }
    }

    /// What the items from `i` on can bring at most.
    #[allow(clippy::indexing_slicing)] // `i` and `end` are at most the number of items, one less than the sums
    fn rest(&self, i: usize, room: i64, places: usize) -> i128 {
        let reach = self.cost[i] + i128::from(room);
        let end = i + self.cost[i + 1..].partition_point(|&cost| cost <= reach);
        let whole = self.value[end] - self.value[i];
        // Of the first that does not fit, which has a cost, the part that does.
        let part = self.items.get(end).map_or(0, |item| {
            i128::from(item.value) * (reach - self.cost[end]) / i128::from(item.cost)
        });
        let by_cost = whole + part;
        match &self.beyond {
            Some((m, beyond)) => {
                let sum = m.cost * room as f64 + m.count * places as f64 + beyond[i];
                // More than the rounding of a thousand sums, so that a bound it stays.
                by_cost.min((sum * (1.0 + 1e-9)) as i128 + 1)
            }
            None => by_cost,
        }
    }
}

/// A choice of more value than `incumbent`, the best there is if the search has come to its end (the second value), or `None`.
///
/// Items have to be in the order of value per cost. Depth first, with before without, so that it is the same each time.
#[allow(clippy::indexing_slicing)] // `i` and all in `taken` are below the number of items
pub(super) fn search(
    items: &[Item],
    room: i64,
    most: usize,
    multipliers: Option<Multipliers>,
    incumbent: i64,
) -> (Option<Vec<Item>>, bool) {
    let bounds = Bounds::new(items, multipliers);
    let mut best = i128::from(incumbent);
    let mut found: Option<Vec<usize>> = None;
    let mut taken: Vec<usize> = Vec::new();
    let (mut left, mut value, mut i) = (room, 0_i128, 0);
    for _ in 0..STEPS {
        let open = i < items.len()
            && taken.len() < most
            && value + bounds.rest(i, left, most - taken.len()) > best;
        if open {
            let item = items[i];
            if item.cost <= left {
                left -= item.cost;
                value += i128::from(item.value);
                taken.push(i);
                if value > best {
                    best = value;
                    found = Some(taken.clone());
                }
            }
            i += 1;
            continue;
        }
        // Nothing better with these: without the last one taken.
        match taken.pop() {
            Some(last) => {
                left += items[last].cost;
                value -= i128::from(items[last].value);
                i = last + 1;
            }
            None => return (chosen(items, found), true),
        }
    }
    (chosen(items, found), false)
}

fn chosen(items: &[Item], found: Option<Vec<usize>>) -> Option<Vec<Item>> {
    found.map(|taken| {
        taken
            .iter()
            .filter_map(|&i| items.get(i))
            .copied()
            .collect()
    })
}
