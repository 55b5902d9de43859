//! The past split at a day.

use super::accuracy::Forecast;
use crate::history::{Histories, HistoryView, IdRef};
use crate::metrics::lifetime::activity::{Activities, Activity, of_each_history};
use crate::metrics::lifetime::purchase::PurchaseModel;
use crate::metrics::lifetime::time::TimeUnit;
use crate::model::{Day, Days};
use crate::summary::{Summary, Window};

/// Customers who are alike in what they did before the day of the split and after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldOut {
    /// What the models read: up to and with the day of the split.
    pub activity: Activity,
    /// How long the holdout is for them, in the unit of the split.
    pub length: f64,
    /// Purchases in the holdout: days with one, or periods with one ([`Split::in_periods`]).
    pub purchases: u32,
    /// How many such customers.
    pub customers: u64,
}

/// The customers of a calibration period with their purchases in the holdout after it; identical ones are kept once.
///
/// The order in which they come does not matter, and a result does not depend on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    unit: TimeUnit,
    rows: Vec<HeldOut>,
}

impl Split {
    /// From customers one by one, each with the purchases in a holdout of one length for all.
    ///
    /// A length that is not a number above 0 is no holdout: then there are no forecasts.
    #[must_use]
    pub fn new(
        customers: impl IntoIterator<Item = (Activity, u32)>,
        length: f64,
        unit: TimeUnit,
    ) -> Self {
        let rows = customers.into_iter().map(|(activity, purchases)| HeldOut {
            activity,
            length,
            purchases,
            customers: 1,
        });
        Self::weighted(rows, unit)
    }

    /// From kinds of customers, each with how many there are of it and a length of the holdout of its own.
    #[must_use]
    pub fn weighted(customers: impl IntoIterator<Item = HeldOut>, unit: TimeUnit) -> Self {
        let mut rows: Vec<HeldOut> = customers.into_iter().collect();
        rows.retain(|row| row.customers > 0);
        Self::collapse(rows, unit)
    }

    /// All customers with a purchase up to `calibration_end`, and their days with a purchase after it, up to and with
    /// `holdout_end`.
    ///
    /// A purchase that was refunded in full counts as never made, also where it was refunded after the calibration.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    #[must_use]
    pub fn of(
        histories: &Histories,
        calibration_end: Day,
        holdout_end: Day,
        unit: TimeUnit,
    ) -> Self {
        let days = Days::new((holdout_end - calibration_end).get().max(0));
        let length = unit.of(days);
        Self::read(histories, unit, |id, history| {
            let before = Summary::within(Some(id), history, Window::Lifetime.at(calibration_end));
            let activity = Activity::of(&before, calibration_end, unit)?;
            let after = Window::Trailing(days).at(holdout_end);
            Some(HeldOut {
                activity,
                length,
                purchases: Summary::within(Some(id), history, after).active_days(),
                customers: 1,
            })
        })
    }

    /// The same in whole periods after each customer's first purchase, for models of occasions (BG/BB): see
    /// [`Activity::in_periods`].
    ///
    /// The holdout begins with the first period that has not ended at `calibration_end`, and has only whole periods, so
    /// that its length is not the same for all.
    #[must_use]
    pub fn in_periods(
        histories: &Histories,
        calibration_end: Day,
        holdout_end: Day,
        unit: TimeUnit,
    ) -> Self {
        let end = holdout_end.max(calibration_end);
        Self::read(histories, unit, |id, history| {
            let at = |day| {
                let all = Summary::within(Some(id), history, Window::Lifetime.at(day));
                Activity::in_periods(&all, day, unit)
            };
            let (before, all) = (at(calibration_end)?, at(end)?);
            Some(HeldOut {
                activity: before,
                length: all.age() - before.age(),
                purchases: all
                    .repeat_purchases()
                    .saturating_sub(before.repeat_purchases()),
                customers: 1,
            })
        })
    }

    fn read(
        histories: &Histories,
        unit: TimeUnit,
        one: impl for<'a> Fn(IdRef<'a>, HistoryView<'a>) -> Option<HeldOut> + Sync + Send,
    ) -> Self {
        Self::collapse(of_each_history(histories, one).collect(), unit)
    }

    fn collapse(mut rows: Vec<HeldOut>, unit: TimeUnit) -> Self {
        let key = |row: &HeldOut| (row.activity.key(), row.length.to_bits(), row.purchases);
        rows.sort_unstable_by_key(key);
        rows.dedup_by(|row, kept| {
            let same = key(row) == key(kept);
            if same {
                kept.customers = kept.customers.saturating_add(row.customers);
            }
            same
        });
        Self { unit, rows }
    }

    /// The unit of all times.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// The different customers, each with how many there are of it.
    #[must_use]
    pub fn customers(&self) -> &[HeldOut] {
        &self.rows
    }

    /// What a model is fitted to: the part before the split.
    #[must_use]
    pub fn activities(&self) -> Activities {
        let rows = self.rows.iter().map(|row| (row.activity, row.customers));
        Activities::weighted(rows, self.unit)
    }

    /// The customers with a holdout.
    pub(super) fn held_out(&self) -> impl Iterator<Item = &HeldOut> {
        self.rows
            .iter()
            .filter(|row| row.length > 0.0 && row.length.is_finite())
    }

    /// What a model expects in the holdout, beside what came. The model's unit must be that of the split.
    ///
    /// Empty without a holdout, and if the units differ.
    #[must_use]
    pub fn forecasts(&self, model: &PurchaseModel) -> Vec<Forecast> {
        if model.unit() != self.unit {
            return Vec::new();
        }
        self.forecast(|row| model.expected_purchases(&row.activity, row.length))
    }

    /// What a customer's own rate of repeat purchases promises: x ÷ T × the length of the holdout, 0 where T is 0.
    ///
    /// A model that does not beat it is not worth its fit.
    #[must_use]
    pub fn naive(&self) -> Vec<Forecast> {
        self.forecast(|row| {
            let rate = row.activity.x() / row.activity.age();
            if rate.is_finite() {
                rate * row.length
            } else {
                0.0
            }
        })
    }

    fn forecast(&self, expect: impl Fn(&HeldOut) -> f64) -> Vec<Forecast> {
        let mut before: Option<(&HeldOut, f64)> = None;
        let mut out = Vec::with_capacity(self.rows.len());
        for row in self.held_out() {
            // Customers who differ only in the holdout stand side by side.
            let expected = match before {
                Some((same, expected))
                    if same.activity == row.activity && same.length == row.length =>
                {
                    expected
                }
                _ => expect(row),
            };
            before = Some((row, expected));
            out.push(Forecast {
                expected,
                actual: row.purchases.into(),
                customers: row.customers,
            });
        }
        out
    }
}
