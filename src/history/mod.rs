//! What each day added to a customer, as whole numbers that merge exactly.
//!
//! A history is keyed by day: for each day with a record, one whole number per [`Fact`] (how many purchases, how much spend
//! in minor units, …). Distinct active days do not add up, day-keyed sums do: any partition of the records, in any order, on
//! any number of threads, gives the same history, and every window over it is exact.
//!
//! - [`History`]: one customer's, owned; what an online service stores. Serialisable, versioned, merged in O(new rows).
//! - [`HistoryView`]: the same, borrowed.
//! - [`Histories`]: a whole population's, as contiguous columns with offsets, ascending by customer id.
//! - Costs, contacts, answers and complaints are added to both: [`History::record`], [`Histories::with_records`]; those of a
//!   ledger are in what is built of it. A day that
//!   has only such records is no day of trade; where no fact is read off them, it is no day of the history at all.
//! - [`Layout`]: which facts are built. Only those that a policy needs are.
//!
//! ```
//! use customer_value::history::{Histories, Layout};
//! use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
//! use customer_value::model::{Currency, CustomerId};
//!
//! let options = Options::new("2024-12-31".parse()?, Currency::USD);
//! let columns = Columns::new(CustomerColumn::Numbers(&[7, 9, 7]), &[19_800, 19_800, 19_850], &[1999, 100, 501]);
//! let ledger = Ledger::from_columns(&columns, options)?;
//! let histories = Histories::build(&ledger, &Layout::new(Currency::USD, []))?;
//! let history = histories.get(&CustomerId::from(7)).unwrap();
//! assert_eq!(history.len(), 2);
//! # Ok::<(), customer_value::Error>(())
//! ```

mod bulk;
mod bytes;
mod fact;
mod gather;
mod one;
mod packing;
mod partitions;
mod records;
mod shard;
mod whole;

pub use fact::{Fact, Layout, Measure};
pub use one::History;
pub use shard::HistoryView;

use std::sync::Arc;

use crate::Error;
use crate::ledger::Ledger;
use crate::model::CustomerId;

pub(crate) use gather::Piece;
pub(crate) use shard::{IdRef, Shard};

/// The histories of a population, ascending by customer id.
#[derive(Debug, Clone)]
pub struct Histories {
    layout: Arc<Layout>,
    shards: Vec<Shard>,
    /// The number of customers before each shard.
    starts: Vec<usize>,
    customers: usize,
}

impl Histories {
    /// The histories of all customers of a ledger, with [its records](Ledger::records) as
    /// [`with_records`](Self::with_records) adds them.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    ///
    /// # Errors
    /// The layout is in another currency than the ledger (`is_misuse`), or a total does not fit 64 bits (`is_overflow`).
    pub fn build(ledger: &Ledger<'_>, layout: &Layout) -> Result<Self, Error> {
        if ledger.currency() != layout.currency() {
            return Err(Error::misuse(format!(
                "the ledger is in {} and the history in {}",
                ledger.currency(),
                layout.currency()
            )));
        }
        let shards = bulk::build(ledger, layout);
        let histories = Self::from_shards(Arc::new(layout.clone()), shards);
        match ledger.records() {
            Some(records) => histories.with_records(records),
            None => Ok(histories),
        }
    }

    fn from_shards(layout: Arc<Layout>, shards: Vec<Shard>) -> Self {
        let mut customers = 0;
        let starts = shards
            .iter()
            .map(|shard| {
                let start = customers;
                customers += shard.customers();
                start
            })
            .collect();
        Self {
            layout,
            shards,
            starts,
            customers,
        }
    }

    /// Which facts there are.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How many customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers
    }

    /// No customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers == 0
    }

    /// How many rows (customer and day) there are in all.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.shards.iter().map(|shard| shard.days.len()).sum()
    }

    /// The position of a customer in the order of [`Histories::iter`].
    #[must_use]
    pub fn position(&self, id: &CustomerId) -> Option<usize> {
        let after = self
            .shards
            .partition_point(|shard| shard.ids.get(0).is_some_and(|first| first <= *id));
        let shard = after.checked_sub(1)?;
        let within = self.shards.get(shard)?.ids.find(id).ok()?;
        Some(self.starts.get(shard)? + within)
    }

    /// The history of a customer.
    #[must_use]
    pub fn get(&self, id: &CustomerId) -> Option<HistoryView<'_>> {
        self.at(self.position(id)?).map(|(_, history)| history)
    }

    /// The customer at a position, and their history.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<(CustomerId, HistoryView<'_>)> {
        let shard = self
            .starts
            .partition_point(|start| *start <= position)
            .checked_sub(1)?;
        let within = position - self.starts.get(shard)?;
        let shard = self.shards.get(shard)?;
        Some((shard.ids.get(within)?, shard.view(&self.layout, within)))
    }

    /// All customers and their histories, ascending by id.
    pub fn iter(&self) -> impl Iterator<Item = (CustomerId, HistoryView<'_>)> {
        self.shards.iter().flat_map(move |shard| {
            (0..shard.customers()).filter_map(move |customer| {
                Some((shard.ids.get(customer)?, shard.view(&self.layout, customer)))
            })
        })
    }

    /// The customers at positions `range` with their histories.
    pub(crate) fn views(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (IdRef<'_>, HistoryView<'_>)> {
        let begin = self.starts.partition_point(|start| *start <= range.start);
        self.shards
            .iter()
            .zip(&self.starts)
            .skip(begin.saturating_sub(1))
            .take_while(move |(_, start)| **start < range.end)
            .flat_map(move |(shard, start)| {
                let end = (range.end - start).min(shard.customers());
                (range.start.saturating_sub(*start)..end).filter_map(move |customer| {
                    Some((shard.ids.at(customer)?, shard.view(&self.layout, customer)))
                })
            })
    }

    /// The histories of two sets of records together: what was built from the one, and from the other.
    ///
    /// Exact, and independent of the order: `a.merge(&b)` equals `b.merge(&a)` equals one build from all records.
    ///
    /// # Errors
    /// Other facts or another currency (`is_misuse`), or a total that does not fit 64 bits (`is_overflow`).
    pub fn merge(&self, other: &Self) -> Result<Self, Error> {
        if self.layout != other.layout {
            return Err(Error::misuse("histories of different facts do not merge"));
        }
        let mut shard = Shard::empty(self.layout.facts().len());
        let mut left = self.iter().peekable();
        let mut right = other.iter().peekable();
        let mut shards = Vec::new();
        loop {
            let take_left = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            match take_left {
                std::cmp::Ordering::Less => {
                    if let Some((id, history)) = left.next() {
                        shard.push(id, history);
                    }
                }
                std::cmp::Ordering::Greater => {
                    if let Some((id, history)) = right.next() {
                        shard.push(id, history);
                    }
                }
                std::cmp::Ordering::Equal => {
                    if let (Some((id, a)), Some((_, b))) = (left.next(), right.next()) {
                        let mut both = History::of(Arc::clone(&self.layout), a);
                        both.merge(b)?;
                        shard.push(id, both.view());
                    }
                }
            }
            if shard.days.len() >= bulk::SHARD_ROWS {
                let full = std::mem::replace(&mut shard, Shard::empty(self.layout.facts().len()));
                shards.push(full);
            }
        }
        if shard.customers() > 0 {
            shards.push(shard);
        }
        Ok(Self::from_shards(Arc::clone(&self.layout), shards))
    }

    /// Collects stored histories into a population; the customers may come in any order, each once.
    ///
    /// # Errors
    /// A history of other facts, or a customer with two (`is_misuse`).
    pub fn collect(
        layout: impl Into<Arc<Layout>>,
        all: impl IntoIterator<Item = (CustomerId, History)>,
    ) -> Result<Self, Error> {
        let layout = layout.into();
        let mut all: Vec<(CustomerId, History)> = all.into_iter().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let mut shards = Vec::new();
        let mut shard = Shard::empty(layout.facts().len());
        let mut before: Option<&CustomerId> = None;
        for (id, history) in &all {
            if history.layout() != &*layout {
                return Err(Error::misuse(
                    "histories of different facts do not go together",
                ));
            }
            if before == Some(id) {
                return Err(Error::misuse(format!("customer `{id}` has two histories")));
            }
            before = Some(id);
            shard.push(id.clone(), history.view());
            if shard.days.len() >= bulk::SHARD_ROWS {
                shards.push(std::mem::replace(
                    &mut shard,
                    Shard::empty(layout.facts().len()),
                ));
            }
        }
        if shard.customers() > 0 {
            shards.push(shard);
        }
        Ok(Self::from_shards(layout, shards))
    }

    pub(crate) fn shared_layout(&self) -> &Arc<Layout> {
        &self.layout
    }
}

impl PartialEq for Histories {
    /// The same facts, and the same customers with the same histories.
    fn eq(&self, other: &Self) -> bool {
        self.layout == other.layout
            && self.customers == other.customers
            && self.iter().eq(other.iter())
    }
}
