//! One customer's history: what an online service stores.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::ledger::{Effect, Options, records};
use crate::model::{Complaint, Currency, Day, Record};

use super::bytes;
use super::fact::{Fact, Layout, Measure, Traits};
use super::shard::HistoryView;
use super::whole::Whole;

/// The version of the stored forms.
pub(super) const VERSION: u32 = 1;

/// One customer's history.
///
/// A service stores it (as bytes or through serde), adds a day's records in O(new rows), and reviews.
///
/// ```
/// use customer_value::history::{Fact, History, Layout, Measure};
/// use customer_value::ledger::{Effect, Options};
/// use customer_value::model::{Currency, Money, Transaction};
///
/// let options = Options::new("2024-12-31".parse()?, Currency::EUR);
/// let mut history = History::new(Layout::new(Currency::EUR, []));
/// let purchase = Transaction::purchase(7, "2024-05-01".parse()?, "19.90 EUR".parse()?)?;
/// history.add(&Effect::of(&purchase, &options).unwrap())?;
/// assert_eq!(history.view().on(&Fact::new(Measure::Spend), 0), Some(1990));
///
/// let stored = history.to_bytes();
/// assert_eq!(History::from_bytes(&stored)?, history);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct History {
    layout: Arc<Layout>,
    days: Vec<i32>,
    columns: Vec<Whole>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    currency: Currency,
    facts: Vec<Fact>,
    days: Vec<Day>,
    /// One list per fact, one number per day.
    totals: Vec<Vec<i64>>,
}

impl TryFrom<Stored> for History {
    type Error = Error;
    fn try_from(stored: Stored) -> Result<Self, Error> {
        if stored.version != VERSION {
            return Err(Error::misuse(format!(
                "a history of version {}; this library reads version {VERSION}",
                stored.version
            )));
        }
        let layout = Layout::new(stored.currency, stored.facts.iter().cloned());
        if layout.facts() != stored.facts {
            return Err(Error::misuse(
                "the facts of a history are not in their order",
            ));
        }
        let days: Vec<i32> = stored.days.iter().map(|day| day.epoch_days()).collect();
        Self::from_parts(layout, days, &stored.totals)
    }
}

impl From<History> for Stored {
    fn from(history: History) -> Self {
        let view = history.view();
        Self {
            version: VERSION,
            currency: view.layout().currency(),
            facts: view.layout().facts().to_vec(),
            days: view.days().collect(),
            totals: (0..view.layout().facts().len())
                .map(|fact| (0..view.len()).map(|row| view.value(fact, row)).collect())
                .collect(),
        }
    }
}

impl History {
    /// No records yet.
    #[must_use]
    pub fn new(layout: impl Into<Arc<Layout>>) -> Self {
        let layout = layout.into();
        let columns = vec![Whole::Zero(0); layout.facts().len()];
        Self {
            layout,
            days: Vec::new(),
            columns,
        }
    }

    pub(super) fn from_parts(
        layout: Layout,
        days: Vec<i32>,
        totals: &[Vec<i64>],
    ) -> Result<Self, Error> {
        let ascending = days.iter().zip(days.iter().skip(1)).all(|(a, b)| a < b);
        if !ascending {
            return Err(Error::misuse("the days of a history ascend"));
        }
        if totals.len() != layout.facts().len() || totals.iter().any(|t| t.len() != days.len()) {
            return Err(Error::misuse("a history has one number per fact and day"));
        }
        Ok(Self {
            layout: Arc::new(layout),
            days,
            columns: totals.iter().map(|t| Whole::from_values(t)).collect(),
        })
    }

    /// The days ascend, and each column has as many rows.
    pub(super) fn from_columns(layout: Arc<Layout>, days: Vec<i32>, columns: Vec<Whole>) -> Self {
        Self {
            layout,
            days,
            columns,
        }
    }

    /// The history of a view, whose layout is shared with others.
    pub(super) fn of(layout: Arc<Layout>, view: HistoryView<'_>) -> Self {
        let column = |fact| {
            let mut column = Whole::Zero(0);
            for row in 0..view.len() {
                column.push(view.value(fact, row));
            }
            column
        };
        Self {
            columns: (0..layout.facts().len()).map(column).collect(),
            layout,
            days: view.epoch_days().to_vec(),
        }
    }

    /// Which facts there are.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The history, borrowed.
    #[must_use]
    pub fn view(&self) -> HistoryView<'_> {
        HistoryView::new(&self.layout, &self.days, &self.columns, 0..self.days.len())
    }

    /// Adds what one clean record adds.
    ///
    /// # Errors
    /// A total does not fit 64 bits (`is_overflow`); the history is unchanged.
    pub fn add(&mut self, effect: &Effect<&str>) -> Result<(), Error> {
        let traits = Traits::of_category(effect.category);
        self.add_on(effect.day, |fact| match fact.passes(traits) {
            true => effect.value(fact.measure()),
            false => 0,
        })
    }

    /// Adds what one record adds that is no transaction. A record that none of the facts is read off leaves everything as it
    /// is.
    ///
    /// Whose it is is not looked at, as with [`add`](Self::add). A complaint that was resolved after `options.as_of` counts as
    /// open; that it was settled is added with [`resolve`](Self::resolve) later on.
    ///
    /// ```
    /// use customer_value::history::{Fact, History, Layout, Measure};
    /// use customer_value::ledger::Options;
    /// use customer_value::model::{Currency, Direction, Interaction};
    ///
    /// let options = Options::new("2024-12-31".parse()?, Currency::EUR);
    /// let calls = Fact::new(Measure::Contacts).with_channel("phone");
    /// let mut history = History::new(Layout::new(Currency::EUR, [calls.clone()]));
    /// for channel in ["phone", "mail", "phone"] {
    ///     let contact = Interaction::new(7, "2024-05-01".parse()?, channel, Direction::Inbound, "question")?;
    ///     history.record(&contact.into(), &options)?;
    /// }
    /// assert_eq!(history.view().on(&calls, 0), Some(2));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// The options are in another currency (`is_misuse`); the record is dated after `options.as_of`, or its currency has no
    /// exchange rate on its day (`is_range`); a total does not fit 64 bits (`is_overflow`). The history is unchanged.
    pub fn record(&mut self, record: &Record, options: &Options) -> Result<(), Error> {
        if options.currency != self.layout.currency() {
            return Err(Error::misuse(format!(
                "the records are cleaned in {} and the history is in {}",
                options.currency,
                self.layout.currency()
            )));
        }
        let clean = records::clean(record.clone(), options).map_err(|(field, reason)| {
            Error::range(format!("the {field} of the record {reason}"))
        })?;
        // On its own first: a complaint may add on two days, or on none of them.
        let mut alone = Self::new(Arc::clone(&self.layout));
        alone.add_record(&clean)?;
        self.merge(alone.view())
    }

    /// Adds that a complaint was settled which is in the history as an open one: with [`record`](Self::record) of the open
    /// complaint before, the same as one record of the settled complaint.
    ///
    /// # Errors
    /// The complaint is not resolved (`is_misuse`), or was resolved after `as_of` (`is_range`); a total does not fit 64 bits
    /// (`is_overflow`). The history is unchanged.
    pub fn resolve(&mut self, complaint: &Complaint, as_of: Day) -> Result<(), Error> {
        let Some(day) = complaint.resolved() else {
            return Err(Error::misuse("the complaint is not resolved"));
        };
        if day > as_of {
            return Err(Error::range(format!(
                "the complaint was resolved on {day}, after {as_of}"
            )));
        }
        let record = complaint.clone().into();
        let settles = |fact: &Fact| {
            let added = fact.of_record(&record);
            added.filter(|_| fact.measure() == Measure::Resolved)
        };
        if !self.layout.facts().iter().any(|f| settles(f).is_some()) {
            return Ok(());
        }
        self.add_on(day, |fact| settles(fact).map_or(0, |(_, value)| value))
    }

    /// Adds a clean record. Where a total does not fit, half of it may have been added.
    pub(super) fn add_record(&mut self, record: &Record) -> Result<(), Error> {
        let days = record_days(record);
        for day in days.into_iter().flatten() {
            let on_day = |fact: &Fact| fact.of_record(record).filter(|(on, _)| *on == day);
            if self.layout.facts().iter().any(|f| on_day(f).is_some()) {
                self.add_on(day, |fact| on_day(fact).map_or(0, |(_, value)| value))?;
            }
        }
        Ok(())
    }

    /// Adds to every fact of a day; unchanged if a total does not fit.
    fn add_on(&mut self, day: Day, adds: impl Fn(&Fact) -> i64) -> Result<(), Error> {
        let day = day.epoch_days();
        let row = self.find(day);
        let layout = Arc::clone(&self.layout);
        let before = |column: &Whole| row.map_or(0, |row| column.get(row));
        for (fact, column) in layout.facts().iter().zip(&self.columns) {
            sum(before(column), adds(fact))?;
        }
        match row {
            Ok(row) => {
                for (fact, column) in layout.facts().iter().zip(&mut self.columns) {
                    // Checked above, so nothing saturates.
                    column.set(row, column.get(row).saturating_add(adds(fact)));
                }
            }
            Err(row) => {
                self.days.insert(row, day);
                for (fact, column) in layout.facts().iter().zip(&mut self.columns) {
                    column.insert(row, adds(fact));
                }
            }
        }
        Ok(())
    }

    /// Adds what another set of records of the same customer added up to: exact, in O(rows of the other) when they are
    /// the latest.
    ///
    /// # Errors
    /// Other facts or another currency (`is_misuse`), or a total that does not fit 64 bits (`is_overflow`); the history is
    /// unchanged.
    pub fn merge(&mut self, other: HistoryView<'_>) -> Result<(), Error> {
        if *self.layout != *other.layout() {
            return Err(Error::misuse("histories of different facts do not merge"));
        }
        for (at, day) in other.epoch_days().iter().enumerate() {
            if let Ok(row) = self.find(*day) {
                for (fact, column) in self.columns.iter().enumerate() {
                    sum(column.get(row), other.value(fact, at))?;
                }
            }
        }
        for (at, day) in other.epoch_days().iter().enumerate() {
            let row = self.find(*day);
            // Checked above, so nothing saturates.
            let totals: Vec<i64> = (0..self.columns.len())
                .map(|fact| {
                    let before =
                        row.map_or(0, |row| self.columns.get(fact).map_or(0, |c| c.get(row)));
                    before.saturating_add(other.value(fact, at))
                })
                .collect();
            self.put(*day, row, totals.into_iter());
        }
        Ok(())
    }

    /// The row of a day, or where it would be; the last day is looked at first.
    fn find(&self, day: i32) -> Result<usize, usize> {
        match self.days.last() {
            Some(last) if *last < day => Err(self.days.len()),
            Some(last) if *last == day => Ok(self.days.len() - 1),
            _ => self.days.binary_search(&day),
        }
    }

    fn put(&mut self, day: i32, row: Result<usize, usize>, totals: impl Iterator<Item = i64>) {
        match row {
            Ok(row) => {
                for (column, total) in self.columns.iter_mut().zip(totals) {
                    column.set(row, total);
                }
            }
            Err(row) => {
                self.days.insert(row.min(self.days.len()), day);
                for (column, total) in self.columns.iter_mut().zip(totals) {
                    column.insert(row, total);
                }
            }
        }
    }

    /// The compact stored form: days and totals as variable-length differences.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes::write(self.view())
    }

    /// Reads the compact stored form.
    ///
    /// # Errors
    /// The bytes are not a history (`is_parse`), or one of another version (`is_misuse`).
    pub fn from_bytes(stored: &[u8]) -> Result<Self, Error> {
        bytes::read(stored)
    }
}

/// The days on which a record adds something: a complaint that was settled on a later day, on two.
fn record_days(record: &Record) -> [Option<Day>; 2] {
    let settled = match record {
        Record::Complaint(complaint) => complaint.resolved(),
        _ => None,
    };
    [
        Some(record.day()),
        settled.filter(|settled| *settled != record.day()),
    ]
}

fn sum(a: i64, b: i64) -> Result<i64, Error> {
    a.checked_add(b)
        .ok_or_else(|| Error::overflow("a total of a history does not fit 64 bits"))
}

impl From<HistoryView<'_>> for History {
    fn from(view: HistoryView<'_>) -> Self {
        Self::of(Arc::new(view.layout().clone()), view)
    }
}

impl<C> Effect<C> {
    pub(crate) fn value(&self, measure: Measure) -> i64 {
        match measure {
            Measure::Purchases => self.purchases,
            Measure::Spend => self.spend,
            Measure::Gross => self.gross,
            Measure::Refunds => self.refunds,
            Measure::Cost => self.cost,
            Measure::Discount => self.discount,
            Measure::Transactions => 1,
            Measure::RefundCount => i64::from(self.refunds != 0),
            _ => 0,
        }
    }
}
