//! What the models read of a customer: how often, until when, observed for how long.

use serde::{Deserialize, Serialize};

use super::time::TimeUnit;
use crate::Error;
use crate::history::{Histories, HistoryView, IdRef};
use crate::model::Day;
use crate::parallel;
use crate::summary::{Summary, Window};

/// A customer as the purchase models see one; times are in the unit of the model.
///
/// All counted from the first purchase, which is not itself counted: the models begin with it.
///
/// ```
/// use customer_value::metrics::lifetime::Activity;
///
/// // Two repeat purchases, the last 30.43 weeks after the first of all, observed for 38.86 weeks.
/// let customer = Activity::new(2, 30.43, 38.86)?;
/// assert!(Activity::new(2, 40.0, 38.86).is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Activity {
    repeat_purchases: u32,
    active_span: f64,
    age: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    repeat_purchases: u32,
    active_span: f64,
    age: f64,
}

impl TryFrom<Written> for Activity {
    type Error = Error;
    fn try_from(read: Written) -> Result<Self, Error> {
        Self::new(read.repeat_purchases, read.active_span, read.age)
    }
}

impl Activity {
    /// Repeat purchases x, time from the first to the last purchase t_x, time from the first purchase to now T.
    ///
    /// # Errors
    /// Not 0 ≤ t_x ≤ T ≤ 10^12, or t_x above 0 without a repeat purchase (`is_range`).
    pub fn new(repeat_purchases: u32, active_span: f64, age: f64) -> Result<Self, Error> {
        if !(0.0..=1e12).contains(&age) {
            return Err(Error::range(format!(
                "an age of `{age}` is not a number from 0 to 10^12"
            )));
        }
        if !(0.0..=age).contains(&active_span) {
            return Err(Error::range(format!(
                "an active span of `{active_span}` is not between 0 and the age `{age}`"
            )));
        }
        if repeat_purchases == 0 && active_span > 0.0 {
            return Err(Error::range(format!(
                "an active span of `{active_span}` without a repeat purchase; it is 0 then"
            )));
        }
        Ok(Self {
            repeat_purchases,
            active_span,
            age,
        })
    }

    /// What a lifetime summary says of a customer; `None` for a prospect.
    ///
    /// Purchases on one day are one, as in [`repeat_purchases`](crate::metrics::frequency::repeat_purchases).
    #[must_use]
    pub fn of(customer: &Summary<'_>, as_of: Day, unit: TimeUnit) -> Option<Self> {
        let (first, last) = (customer.first_purchase()?, customer.last_purchase()?);
        Self::new(
            customer.active_days().saturating_sub(1),
            unit.of(last - first),
            unit.of(as_of - first),
        )
        .ok()
    }

    /// The same customer in whole periods, for models of occasions (BG/BB): whether there was a purchase in each period
    /// after the first day. `None` for a prospect, or before the first period has ended.
    ///
    /// Period k is the time above k − 1 and up to k units after the first purchase; one that has not ended is left out.
    #[must_use]
    pub fn in_periods(customer: &Summary<'_>, as_of: Day, unit: TimeUnit) -> Option<Self> {
        let first = customer.first_purchase()?;
        let periods = unit.of(as_of - first).floor();
        if periods < 1.0 {
            return None;
        }
        let (mut used, mut last) = (0, 0.0);
        for (day, _) in customer.purchase_days() {
            let period = unit.of(day - first).ceil();
            if period > last && period <= periods {
                used += 1;
                last = period;
            }
        }
        Self::new(used, last, periods).ok()
    }

    /// Repeat purchases, x.
    #[doc(alias = "frequency")]
    #[must_use]
    pub fn repeat_purchases(&self) -> u32 {
        self.repeat_purchases
    }

    /// Time from the first to the last purchase, t_x; 0 without a repeat purchase.
    #[doc(alias = "recency")]
    #[must_use]
    pub fn active_span(&self) -> f64 {
        self.active_span
    }

    /// Time from the first purchase to now, T.
    #[must_use]
    pub fn age(&self) -> f64 {
        self.age
    }

    /// x as a number.
    pub(super) fn x(&self) -> f64 {
        f64::from(self.repeat_purchases)
    }

    /// One that is known to be in range.
    pub(super) fn counted(repeat_purchases: u32, active_span: f64, age: f64) -> Self {
        Self {
            repeat_purchases,
            active_span,
            age,
        }
    }

    /// Whole numbers that order like the customers: equal for equal ones.
    pub(super) fn key(&self) -> (u32, u64, u64) {
        // Bits of numbers from 0 up order like the numbers; −0 is 0.
        let bits = |time: f64| (time + 0.0).to_bits();
        (
            self.repeat_purchases,
            bits(self.age),
            bits(self.active_span),
        )
    }
}

/// How many customers are alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Weighted<T> {
    pub(super) value: T,
    pub(super) weight: f64,
}

/// Σ weight · value over the data, of a value and its N slopes.
pub(super) fn weighted_sum<T, const N: usize>(
    data: &[Weighted<T>],
    mut of: impl FnMut(&T) -> (f64, [f64; N]),
) -> (f64, [f64; N]) {
    let mut sum = (0.0, [0.0; N]);
    for one in data {
        let (value, slopes) = of(&one.value);
        sum.0 += one.weight * value;
        for (total, slope) in sum.1.iter_mut().zip(slopes) {
            *total += one.weight * slope;
        }
    }
    sum
}

/// Kinds of customers with how many there are of each: how many in all, and the different ones, ascending by their key.
pub(super) fn collapse<T: Copy, K: Ord>(
    customers: impl IntoIterator<Item = (T, u64)>,
    key: impl Fn(&T) -> K,
) -> (u64, Vec<Weighted<T>>) {
    let mut all: Vec<(T, u64)> = customers.into_iter().filter(|(_, n)| *n > 0).collect();
    all.sort_unstable_by_key(|(one, _)| key(one));
    let mut total: u64 = 0;
    let mut distinct: Vec<Weighted<T>> = Vec::new();
    let mut same: u64 = 0;
    for (value, n) in all {
        total = total.saturating_add(n);
        match distinct.last_mut() {
            Some(last) if key(&last.value) == key(&value) => {
                same = same.saturating_add(n);
                last.weight = same as f64;
            }
            _ => {
                same = n;
                let weight = same as f64;
                distinct.push(Weighted { value, weight });
            }
        }
    }
    (total, distinct)
}

/// What `one` reads off the lifetime summary of every customer, in the order of the histories.
pub(super) fn of_each<T: Send>(
    histories: &Histories,
    as_of: Day,
    one: impl Fn(&Summary<'_>) -> Option<T> + Sync + Send,
) -> impl Iterator<Item = T> {
    let bounds = Window::Lifetime.at(as_of);
    of_each_history(histories, move |id, history| {
        one(&Summary::within(Some(id), history, bounds))
    })
}

/// What `one` reads off every history, in their order.
pub(super) fn of_each_history<T: Send>(
    histories: &Histories,
    one: impl for<'a> Fn(IdRef<'a>, HistoryView<'a>) -> Option<T> + Sync + Send,
) -> impl Iterator<Item = T> {
    const CHUNK: usize = 4096;
    let rows = histories.len();
    let parts = parallel::map(rows.div_ceil(CHUNK), |chunk| {
        let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
        let views = histories.views(range);
        let read = views.filter_map(|(id, history)| one(id, history));
        read.collect::<Vec<_>>()
    });
    parts.into_iter().flatten()
}

/// The customers a model is fitted to: identical ones are kept once, with their number.
///
/// The order in which they come does not matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Activities {
    unit: TimeUnit,
    customers: u64,
    /// Ascending by x, T, t_x.
    distinct: Vec<Weighted<Activity>>,
}

impl Activities {
    /// From customers one by one.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Activities, Activity, TimeUnit};
    ///
    /// let once = Activity::new(0, 0.0, 39.0)?;
    /// let alike = Activities::new([once, Activity::new(1, 2.0, 39.0)?, once], TimeUnit::Week);
    /// assert_eq!((alike.customers(), alike.distinct()), (3, 2));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn new(customers: impl IntoIterator<Item = Activity>, unit: TimeUnit) -> Self {
        Self::weighted(customers.into_iter().map(|one| (one, 1)), unit)
    }

    /// From kinds of customers, each with how many there are of it.
    #[must_use]
    pub fn weighted(customers: impl IntoIterator<Item = (Activity, u64)>, unit: TimeUnit) -> Self {
        let (customers, distinct) = collapse(customers, Activity::key);
        Self {
            unit,
            customers,
            distinct,
        }
    }

    /// All customers with a purchase up to a day.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    #[must_use]
    pub fn of(histories: &Histories, as_of: Day, unit: TimeUnit) -> Self {
        Self::read(histories, as_of, unit, Activity::of)
    }

    /// All customers with a purchase up to a day, in whole periods: see [`Activity::in_periods`].
    #[must_use]
    pub fn in_periods(histories: &Histories, as_of: Day, unit: TimeUnit) -> Self {
        Self::read(histories, as_of, unit, Activity::in_periods)
    }

    fn read(
        histories: &Histories,
        as_of: Day,
        unit: TimeUnit,
        one: impl Fn(&Summary<'_>, Day, TimeUnit) -> Option<Activity> + Sync + Send,
    ) -> Self {
        let all = of_each(histories, as_of, |customer| one(customer, as_of, unit));
        Self::new(all, unit)
    }

    /// The unit of their times.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// How many different ones.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// The different customers, ascending by x, T and t_x, each with how many there are of it.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Activity, u64)> + '_ {
        self.distinct
            .iter()
            .map(|one| (one.value, one.weight as u64))
    }

    pub(super) fn weights(&self) -> &[Weighted<Activity>] {
        &self.distinct
    }
}
