//! The purchases of all customers together, period by period.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::history::Histories;
use crate::metrics::lifetime::purchase::PurchaseModel;
use crate::metrics::lifetime::time::TimeUnit;
use crate::model::{Day, Days};
use crate::summary::{Summary, Window};

/// When the customers of a cohort came, and when they bought again.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    until: Day,
    first: BTreeMap<i32, u64>,
    repeat: BTreeMap<i32, u64>,
}

/// One period of [`Tracking`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracked {
    /// The last day of the period.
    pub last_day: Day,
    /// Repeat purchases in the period.
    pub actual: u64,
    /// What the model expects in the period.
    pub expected: f64,
    /// Repeat purchases up to the end of the period.
    pub cumulative_actual: u64,
    /// What the model expects up to the end of the period.
    pub cumulative_expected: f64,
}

/// Repeat purchases of a cohort and what a model expects, period by period from the first purchase of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracking {
    /// How long a period is.
    pub unit: TimeUnit,
    /// The whole periods, in order.
    pub periods: Vec<Tracked>,
}

impl Cohort {
    /// The customers with a purchase up to `calibration_end`, and their purchases up to and with `until`.
    ///
    /// Purchases on one day are one, as in [`Activity::of`](super::super::Activity::of).
    #[must_use]
    pub fn of(histories: &Histories, calibration_end: Day, until: Day) -> Self {
        let bounds = Window::Lifetime.at(until);
        let (mut first, mut repeat) = (BTreeMap::new(), BTreeMap::new());
        for (id, history) in histories.views(0..histories.len()) {
            let customer = Summary::within(Some(id), history, bounds);
            let Some(came) = customer
                .first_purchase()
                .filter(|day| *day <= calibration_end)
            else {
                continue;
            };
            *first.entry(came.epoch_days()).or_default() += 1;
            for (day, _) in customer.purchase_days().skip(1) {
                *repeat.entry(day.epoch_days()).or_default() += 1;
            }
        }
        Self {
            until,
            first,
            repeat,
        }
    }

    /// What a model of new customers expects beside what came: Σ over the customers of E\[X(time since the first purchase)\].
    ///
    /// A period is one unit of the model, rounded up to whole days; days after the last whole period are left out. Time runs
    /// from the first day of all to the end of a period, as in the tracking plots of the papers: at the end of week 78 who
    /// came on the first day has been there for 78 weeks, and who came a day later for a day less. The model is one of
    /// continuous time.
    #[must_use]
    pub fn track(&self, model: &PurchaseModel) -> Tracking {
        let unit = model.unit();
        let mut periods = Vec::new();
        let Some(start) = self.first.keys().next().copied() else {
            return Tracking { unit, periods };
        };
        // What is expected of one customer, by days since the first purchase.
        let mut known: BTreeMap<i32, f64> = BTreeMap::new();
        let mut bought = self.repeat.iter().peekable();
        let (mut actual, mut expected) = (0_u64, 0.0);
        for number in 1_u32.. {
            let end = f64::from(start) - 1.0 + (f64::from(number) * unit.days()).ceil();
            if end > f64::from(self.until.epoch_days()) {
                break;
            }
            let end = end as i32;
            let Ok(last_day) = Day::from_epoch_days(end) else {
                break;
            };
            let (before_actual, before_expected) = (actual, expected);
            while let Some((_, n)) = bought.next_if(|(day, _)| **day <= end) {
                actual = actual.saturating_add(*n);
            }
            expected = self
                .first
                .range(..=end)
                .map(|(came, customers)| {
                    let age = end - came + 1;
                    let each = *known.entry(age).or_insert_with(|| {
                        model.expected_purchases_of_new(unit.of(Days::new(age)))
                    });
                    *customers as f64 * each
                })
                .sum::<f64>()
                .min(f64::MAX);
            periods.push(Tracked {
                last_day,
                actual: actual - before_actual,
                expected: expected - before_expected,
                cumulative_actual: actual,
                cumulative_expected: expected,
            });
        }
        Tracking { unit, periods }
    }
}
