//! The histories of neighbouring customers, end to end in a few vectors.

use crate::model::{CustomerId, Day};

use super::fact::{Fact, Layout};
use super::whole::{Positive, Whole};

/// A customer's id where it stands; cloning a text id costs, and few ask for it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IdRef<'a> {
    Number(u64),
    Id(&'a CustomerId),
}

impl IdRef<'_> {
    pub(crate) fn is(self, other: &CustomerId) -> bool {
        match self {
            Self::Number(number) => other.as_number() == Some(number),
            Self::Id(id) => id == other,
        }
    }

    pub(crate) fn is_after(self, other: &CustomerId) -> bool {
        match self {
            // Every text sorts after every number.
            Self::Number(number) => other.as_number().is_some_and(|other| number > other),
            Self::Id(id) => id > other,
        }
    }

    pub(crate) fn to_id(self) -> CustomerId {
        match self {
            Self::Number(number) => number.into(),
            Self::Id(id) => id.clone(),
        }
    }
}

/// Customer ids in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ids {
    Numbers(Vec<u64>),
    Any(Vec<CustomerId>),
}

impl Ids {
    pub(crate) fn get(&self, index: usize) -> Option<CustomerId> {
        match self {
            Self::Numbers(ids) => ids.get(index).copied().map(CustomerId::from),
            Self::Any(ids) => ids.get(index).cloned(),
        }
    }

    /// The id where it stands.
    pub(crate) fn at(&self, index: usize) -> Option<IdRef<'_>> {
        match self {
            Self::Numbers(ids) => ids.get(index).copied().map(IdRef::Number),
            Self::Any(ids) => ids.get(index).map(IdRef::Id),
        }
    }

    pub(crate) fn find(&self, id: &CustomerId) -> Result<usize, usize> {
        match self {
            Self::Numbers(ids) => match id.as_number() {
                Some(number) => ids.binary_search(&number),
                // Every text sorts after every number.
                None => Err(ids.len()),
            },
            Self::Any(ids) => ids.binary_search(id),
        }
    }

    pub(crate) fn push(&mut self, id: CustomerId) {
        match (&mut *self, id.as_number()) {
            (Self::Numbers(ids), Some(number)) => ids.push(number),
            (Self::Numbers(ids), None) => {
                let mut any: Vec<CustomerId> = ids.iter().copied().map(CustomerId::from).collect();
                any.push(id);
                *self = Self::Any(any);
            }
            (Self::Any(ids), _) => ids.push(id),
        }
    }
}

/// Some customers in ascending order of their ids; customer `i` has the rows from `ends[i - 1]` to `ends[i]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) ids: Ids,
    pub(crate) ends: Vec<u32>,
    pub(crate) days: Vec<i32>,
    pub(crate) columns: Vec<Whole>,
}

impl Shard {
    pub(crate) fn empty(facts: usize) -> Self {
        Self {
            ids: Ids::Numbers(Vec::new()),
            ends: Vec::new(),
            days: Vec::new(),
            columns: vec![Whole::Zero(0); facts],
        }
    }

    pub(crate) fn customers(&self) -> usize {
        self.ends.len()
    }

    /// The rows of a customer; none for one past the end.
    #[inline]
    pub(crate) fn rows(&self, customer: usize) -> std::ops::Range<usize> {
        let Some(end) = self.ends.get(customer) else {
            return 0..0;
        };
        let start = customer
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        start as usize..*end as usize
    }

    #[inline]
    pub(crate) fn view<'a>(&'a self, layout: &'a Layout, customer: usize) -> HistoryView<'a> {
        HistoryView::new(layout, &self.days, &self.columns, self.rows(customer))
    }

    pub(crate) fn push(&mut self, id: CustomerId, history: HistoryView<'_>) {
        self.ids.push(id);
        self.days.extend_from_slice(history.days);
        for (i, column) in self.columns.iter_mut().enumerate() {
            for row in 0..history.len() {
                column.push(history.value(i, row));
            }
        }
        // A shard is closed long before it has 2^32 rows.
        self.ends
            .push(u32::try_from(self.days.len()).unwrap_or(u32::MAX));
    }
}

/// One customer's history, borrowed: ascending days, and for each day one whole number per fact.
///
/// `History::from(view)` makes a [`History`](super::History) of it, to store or to add to.
#[derive(Debug, Clone, Copy)]
pub struct HistoryView<'a> {
    layout: &'a Layout,
    days: &'a [i32],
    columns: &'a [Whole],
    /// Where `days` starts in the columns.
    offset: usize,
}

impl<'a> HistoryView<'a> {
    #[inline]
    pub(crate) fn new(
        layout: &'a Layout,
        days: &'a [i32],
        columns: &'a [Whole],
        rows: std::ops::Range<usize>,
    ) -> Self {
        Self {
            layout,
            offset: rows.start,
            days: days.get(rows).unwrap_or_default(),
            columns,
        }
    }

    /// Which facts there are.
    #[must_use]
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// The same history without the days after one.
    #[must_use]
    pub fn until(self, day: Day) -> Self {
        let rows = self.days.partition_point(|d| *d <= day.epoch_days());
        Self {
            days: self.days.get(..rows).unwrap_or_default(),
            ..self
        }
    }

    /// How many days have a record.
    #[must_use]
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// No record at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The days with a record, ascending.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = Day> + ExactSizeIterator + use<'a> {
        // Every day of a history went in as a `Day`.
        self.days
            .iter()
            .map(|d| Day::from_epoch_days(*d).unwrap_or(Day::MAX))
    }

    /// The total of a fact on the `row`-th day; zero past the end, `None` for a fact that is not built.
    #[must_use]
    pub fn on(&self, fact: &Fact, row: usize) -> Option<i64> {
        let column = self.layout.position(fact)?;
        Some(self.value(column, row))
    }

    /// The first day with a transaction; days with other records only do not count.
    pub(crate) fn first_trade(&self) -> Option<Day> {
        let row = match self.layout.transactions() {
            None => 0,
            Some(column) => (0..self.len()).find(|row| self.value(column, *row) > 0)?,
        };
        Day::from_epoch_days(*self.days.get(row)?).ok()
    }

    /// Whether there is a transaction on a day.
    pub(crate) fn trades_on(&self, day: Day) -> bool {
        let Ok(row) = self.days.binary_search(&day.epoch_days()) else {
            return false;
        };
        let column = self.layout.transactions();
        column.is_none_or(|column| self.value(column, row) > 0)
    }

    pub(crate) fn epoch_days(&self) -> &'a [i32] {
        self.days
    }

    /// The part from one day up to, but not on, another (days since 1970-01-01).
    pub(crate) fn between(&self, from: i32, to: i32) -> Self {
        let start = self.days.partition_point(|day| *day < from);
        let end = self.days.partition_point(|day| *day < to).max(start);
        Self {
            days: self.days.get(start..end).unwrap_or_default(),
            offset: self.offset + start,
            ..*self
        }
    }

    #[inline]
    pub(crate) fn value(&self, column: usize, row: usize) -> i64 {
        if row >= self.days.len() {
            return 0;
        }
        self.columns
            .get(column)
            .map_or(0, |c| c.get(self.offset + row))
    }

    /// Which of some rows have a positive total.
    pub(crate) fn positive(&self, column: usize, rows: std::ops::Range<usize>) -> Positive {
        let end = rows.end.min(self.days.len());
        let start = rows.start.min(end);
        let Some(values) = self.columns.get(column) else {
            return Positive::default();
        };
        values.positive(self.offset + start..self.offset + end, self.offset)
    }

    #[inline]
    pub(crate) fn sum(&self, column: usize, rows: std::ops::Range<usize>) -> i128 {
        let end = rows.end.min(self.days.len());
        let start = rows.start.min(end);
        self.columns
            .get(column)
            .map_or(0, |c| c.sum(self.offset + start..self.offset + end))
    }
}

impl PartialEq for HistoryView<'_> {
    /// The same facts, days and totals.
    fn eq(&self, other: &Self) -> bool {
        self.layout == other.layout
            && self.days == other.days
            && (0..self.layout.facts().len())
                .all(|c| (0..self.len()).all(|r| self.value(c, r) == other.value(c, r)))
    }
}

impl Eq for HistoryView<'_> {}
