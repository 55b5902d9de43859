//! Whether a probability of 80 % is one of 80 %.

use serde::{Deserialize, Serialize};

use super::mean;
use super::split::{HeldOut, Split};
use crate::metrics::lifetime::purchase::PurchaseModel;

/// Customers with about the same P(alive) at the end of the calibration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliveBin {
    /// From this P(alive) on; the bins are 0 to 0.1, …, 0.9 to 1.
    pub from: f64,
    /// How many customers.
    pub customers: u64,
    /// The mean P(alive).
    pub p_alive: f64,
    /// The mean probability, by the model, of a purchase in the holdout.
    pub p_purchase: f64,
    /// The share that did buy in the holdout.
    pub bought: f64,
}

/// P(alive) in ten bins against who bought in the holdout. Empty bins are left out.
///
/// Nobody observes who is alive. Who buys is, but who does not buy may be alive and wait: `bought` well *above* `p_alive` says
/// that P(alive) is too low; below it, it says nothing by itself. What the model does say of buying is `p_purchase`, and
/// `bought` should be near it in every bin.
///
/// Empty without a holdout, and if the units differ.
#[must_use]
pub fn alive_calibration(split: &Split, model: &PurchaseModel) -> Vec<AliveBin> {
    if model.unit() != split.unit() {
        return Vec::new();
    }
    let mut bins = [(0_u64, 0.0, 0.0, 0_u64); 10];
    each(split, |row, known| {
        let (alive, purchase) = *known.get_or_insert_with(|| {
            (
                model.p_alive(&row.activity),
                model.p_purchase(&row.activity, row.length),
            )
        });
        let place = ((alive * 10.0) as usize).min(9);
        if let Some((customers, p_alive, p_purchase, bought)) = bins.get_mut(place) {
            let n = row.customers as f64;
            *customers = customers.saturating_add(row.customers);
            *p_alive += n * alive;
            *p_purchase += n * purchase;
            if row.purchases > 0 {
                *bought = bought.saturating_add(row.customers);
            }
        }
    });
    let bins = (0_u32..).zip(bins);
    bins.filter_map(|(place, (customers, p_alive, p_purchase, bought))| {
        Some(AliveBin {
            from: f64::from(place) / 10.0,
            customers,
            p_alive: mean(p_alive, customers)?,
            p_purchase: mean(p_purchase, customers)?,
            bought: mean(bought as f64, customers)?,
        })
    })
    .collect()
}

/// How often the number of purchases was within its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalCalibration {
    /// The least probability that each interval should have.
    pub level: f64,
    /// How many customers have an interval.
    pub customers: u64,
    /// The probability that the intervals have by the model, in the mean: more than the level, for numbers of purchases
    /// are whole. `None` without customers.
    pub expected: Option<f64>,
    /// The share of the customers whose number was within. `None` without customers.
    pub within: Option<f64>,
    /// The share below the interval.
    pub below: Option<f64>,
    /// The share above the interval.
    pub above: Option<f64>,
}

/// The prediction intervals ([`PurchaseModel::interval_of`]) of all customers against what came: `within` should be near
/// `expected`.
///
/// Without customers without a holdout, and if the units differ.
#[must_use]
pub fn interval_calibration(
    split: &Split,
    model: &PurchaseModel,
    level: f64,
) -> IntervalCalibration {
    let (mut customers, mut below, mut above) = (0_u64, 0_u64, 0_u64);
    let mut expected = 0.0;
    if model.unit() == split.unit() {
        each(split, |row, known| {
            let interval = *known
                .get_or_insert_with(|| model.interval_with_mass(&row.activity, row.length, level));
            let Some((low, high, mass)) = interval else {
                return;
            };
            customers = customers.saturating_add(row.customers);
            expected += row.customers as f64 * mass;
            if row.purchases < low {
                below = below.saturating_add(row.customers);
            } else if row.purchases > high {
                above = above.saturating_add(row.customers);
            }
        });
    }
    let share = |n: u64| mean(n as f64, customers);
    IntervalCalibration {
        level,
        customers,
        expected: mean(expected, customers),
        within: share(customers.saturating_sub(below).saturating_sub(above)),
        below: share(below),
        above: share(above),
    }
}

/// Every row with a holdout; what is found of one is known for those after it that differ only in the holdout.
fn each<'a, K>(split: &'a Split, mut visit: impl FnMut(&'a HeldOut, &mut Option<K>)) {
    let mut before: Option<&HeldOut> = None;
    let mut known = None;
    for row in split.held_out() {
        if before.is_none_or(|b| b.activity != row.activity || b.length != row.length) {
            known = None;
        }
        before = Some(row);
        visit(row, &mut known);
    }
}
