//! What a window of a history adds up to.

mod window;

pub use window::{Bounds, Period, Window};

use crate::history::{Fact, HistoryView, IdRef};
use crate::model::{Currency, CustomerId, Day, to_major};

/// One customer's history within a window: what a [`Metric`](crate::metrics::Metric) reads.
///
/// A customer without any record has a summary too, of an empty history.
///
/// ```
/// use customer_value::history::{History, Layout};
/// use customer_value::ledger::{Effect, Options};
/// use customer_value::model::{Currency, Transaction};
/// use customer_value::summary::{Summary, Window};
///
/// let as_of = "2024-12-31".parse()?;
/// let options = Options::new(as_of, Currency::EUR);
/// let mut history = History::new(Layout::new(Currency::EUR, []));
/// for (day, amount) in [("2023-05-01", "10.00 EUR"), ("2024-05-01", "20.00 EUR")] {
///     let purchase = Transaction::purchase(7, day.parse()?, amount.parse()?)?;
///     history.add(&Effect::of(&purchase, &options).unwrap())?;
/// }
/// let year = Summary::new(history.view(), Window::Calendar { period: customer_value::summary::Period::Year, back: 0 }, as_of);
/// assert_eq!(year.purchases(), 1);
/// assert_eq!(year.spend(), 20.0);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Summary<'a> {
    id: Option<IdRef<'a>>,
    history: HistoryView<'a>,
    bounds: Bounds,
    rows: std::ops::Range<usize>,
    first: Option<i32>,
    last: Option<i32>,
    active_days: u32,
    purchases: u64,
    spend: i128,
}

const PURCHASES: usize = 0;
const SPEND: usize = 1;

impl<'a> Summary<'a> {
    /// The summary of a history over a window at a day.
    #[must_use]
    pub fn new(history: HistoryView<'a>, window: Window, as_of: Day) -> Self {
        Self::within(None, history, window.at(as_of))
    }

    /// Built where it will stay: a summary is large to move, and there is one per customer and window.
    #[inline]
    pub(crate) fn within(id: Option<IdRef<'a>>, history: HistoryView<'a>, bounds: Bounds) -> Self {
        let days = history.epoch_days();
        let inside = |day: Option<&i32>| {
            day.is_none_or(|d| (bounds.start_epoch()..bounds.end_epoch()).contains(d))
        };
        let rows = if inside(days.first()) && inside(days.last()) {
            0..days.len()
        } else {
            days.partition_point(|d| *d < bounds.start_epoch())
                ..days.partition_point(|d| *d < bounds.end_epoch())
        };
        let active = history.positive(PURCHASES, rows.clone());
        let day = |row: Option<usize>| row.and_then(|row| days.get(row)).copied();
        let purchases = active.sum.max(0);
        Self {
            id,
            history,
            bounds,
            first: day(active.first),
            last: day(active.last),
            active_days: active.count,
            purchases: u64::try_from(purchases).unwrap_or(u64::MAX),
            spend: history.sum(SPEND, rows.clone()),
            rows,
        }
    }

    /// The same summary, of a named customer; metrics that look the customer up elsewhere need the name.
    #[must_use]
    pub fn with_id(mut self, id: &'a CustomerId) -> Self {
        self.id = Some(IdRef::Id(id));
        self
    }

    /// The customer, if the summary says whose it is.
    #[must_use]
    pub fn id(&self) -> Option<CustomerId> {
        self.id.map(IdRef::to_id)
    }

    /// The days that count.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The first day with a purchase.
    #[must_use]
    pub fn first_purchase(&self) -> Option<Day> {
        self.first.and_then(|day| Day::from_epoch_days(day).ok())
    }

    /// The last day with a purchase.
    #[must_use]
    pub fn last_purchase(&self) -> Option<Day> {
        self.last.and_then(|day| Day::from_epoch_days(day).ok())
    }

    /// How many different days have a purchase.
    #[must_use]
    pub fn active_days(&self) -> u32 {
        self.active_days
    }

    /// How many purchases; those refunded in full do not count.
    #[must_use]
    pub fn purchases(&self) -> u64 {
        self.purchases
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.history.layout().currency()
    }

    /// Spend, net of refunds, in major units of the reporting currency; negative when more was refunded than bought.
    #[must_use]
    pub fn spend(&self) -> f64 {
        self.major(self.spend)
    }

    /// Spend, net of refunds, in minor units: exact.
    #[must_use]
    pub fn spend_minor(&self) -> i128 {
        self.spend
    }

    /// The exact total of a fact, a count or minor units; `None` if the history was built without it.
    #[must_use]
    pub fn total(&self, fact: &Fact) -> Option<i128> {
        let column = self.history.layout().position(fact)?;
        Some(self.history.sum(column, self.rows.clone()))
    }

    /// The total of a fact that is an amount, in major units; `None` if the history was built without it.
    #[must_use]
    pub fn amount(&self, fact: &Fact) -> Option<f64> {
        self.total(fact).map(|minor| self.major(minor))
    }

    /// The days with a purchase and how many on each, ascending.
    pub fn purchase_days(&self) -> impl DoubleEndedIterator<Item = (Day, u64)> + '_ {
        self.days_where(PURCHASES)
            .filter_map(|(day, n)| Some((day, u64::try_from(n).ok().filter(|n| *n > 0)?)))
    }

    /// Each day with a record and the total of a fact on it, ascending; nothing if the history was built without it.
    pub fn daily(&self, fact: &Fact) -> impl Iterator<Item = (Day, i64)> + '_ {
        let column = self.history.layout().position(fact);
        column
            .into_iter()
            .flat_map(|column| self.days_where(column))
    }

    fn days_where(&self, column: usize) -> impl DoubleEndedIterator<Item = (Day, i64)> + '_ {
        self.rows.clone().filter_map(move |row| {
            let day = *self.history.epoch_days().get(row)?;
            Some((
                Day::from_epoch_days(day).ok()?,
                self.history.value(column, row),
            ))
        })
    }

    /// Days between neighbouring days with a purchase, in order; one fewer than [`active_days`](Self::active_days).
    pub fn gaps(&self) -> impl Iterator<Item = u32> + '_ {
        let days = self.epoch_days();
        // Nearly always every day with a record has a purchase, and no count is looked at.
        let all = self.active_days as usize == days.len();
        let mut before: Option<i32> = None;
        (self.rows.clone().zip(days)).filter_map(move |(row, day)| {
            if !all && self.history.value(PURCHASES, row) <= 0 {
                return None;
            }
            let gap = before.map(|before| day.saturating_sub(before));
            before = Some(*day);
            u32::try_from(gap?).ok()
        })
    }

    /// Of the days with a purchase but the first, those on which something was spent: how many, and how much in minor units.
    pub(crate) fn repeat_spend(&self) -> (u32, i128) {
        let rows = self.rows.clone();
        // Nearly always every day with a record has a purchase of something, and no day is looked at alone.
        if self.active_days as usize == rows.len() && !rows.is_empty() {
            let later = rows.start + 1..rows.end;
            let spend = self.history.positive(SPEND, later.clone());
            if spend.count as usize == later.len() {
                return (spend.count, spend.sum);
            }
        }
        let on = |column| move |row: &usize| self.history.value(column, *row) > 0;
        rows.filter(on(PURCHASES))
            .skip(1)
            .filter(on(SPEND))
            .fold((0, 0), |(days, sum), row| {
                let spend = i128::from(self.history.value(SPEND, row));
                (days + 1, sum + spend)
            })
    }

    /// Spend from one day on, up to but without another, in minor units; only days of the window count.
    pub(crate) fn spend_between(&self, from: i32, to: i32) -> i128 {
        let days = self.epoch_days();
        let row = |day| self.rows.start + days.partition_point(|d| *d < day);
        self.history.sum(SPEND, row(from)..row(to))
    }

    fn epoch_days(&self) -> &[i32] {
        let days = self.history.epoch_days().get(self.rows.clone());
        days.unwrap_or_default()
    }

    /// Minor units in major ones.
    #[allow(clippy::cast_precision_loss)] // beyond 2^53 minor units a double has no cents left anyway
    pub(crate) fn major(&self, minor: i128) -> f64 {
        let currency = self.currency();
        match i64::try_from(minor) {
            Ok(minor) => to_major(minor, currency),
            Err(_) => minor as f64 / currency.minor_per_major() as f64,
        }
    }
}
