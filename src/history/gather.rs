//! Several customers' days put together into one history: what a household or account adds up to.

use std::ops::Range;
use std::sync::Arc;

use crate::Error;
use crate::model::CustomerId;
use crate::parallel;

use super::Histories;
use super::bulk::SHARD_ROWS;
use super::fact::Layout;
use super::one::History;
use super::shard::{HistoryView, Shard};
use super::whole::Whole;

/// Histories put together by one thread at a time.
const CHUNK: usize = 4096;

/// Some days of one customer of a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Which customer, by position.
    pub(crate) position: usize,
    /// The first day, since 1970-01-01.
    pub(crate) from: i32,
    /// The day after the last.
    pub(crate) to: i32,
}

impl History {
    /// What several histories add up to, day by day: that of a household from those of its members.
    ///
    /// Exact, and the same in any order. Only the totals have to fit 64 bits, not the sums on the way to them.
    ///
    /// ```
    /// use customer_value::history::{History, Layout};
    /// use customer_value::ledger::{Effect, Options};
    /// use customer_value::model::{Currency, Transaction};
    ///
    /// let options = Options::new("2024-12-31".parse()?, Currency::EUR);
    /// let layout = std::sync::Arc::new(Layout::new(Currency::EUR, []));
    /// let bought = |day: &str, amount: &str| -> Result<History, customer_value::Error> {
    ///     let purchase = Transaction::purchase(7, day.parse()?, amount.parse()?)?;
    ///     let mut history = History::new(layout.clone());
    ///     history.add(&Effect::of(&purchase, &options).unwrap())?;
    ///     Ok(history)
    /// };
    /// let [ada, bob] = [bought("2024-05-01", "10.00 EUR")?, bought("2024-05-01", "7.50 EUR")?];
    /// let both = History::together(layout.clone(), [ada.view(), bob.view()])?;
    /// assert_eq!(both.view().on(&customer_value::history::Measure::Spend.into(), 0), Some(1750));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// A history of other facts or in another currency (`is_misuse`), or a total that does not fit 64 bits (`is_overflow`).
    pub fn together<'a>(
        layout: impl Into<Arc<Layout>>,
        parts: impl IntoIterator<Item = HistoryView<'a>>,
    ) -> Result<Self, Error> {
        let layout = layout.into();
        let parts: Vec<HistoryView<'a>> = parts.into_iter().collect();
        if parts.iter().any(|part| *part.layout() != *layout) {
            return Err(Error::misuse("histories of different facts do not merge"));
        }
        let mut rows: Vec<(i32, usize, usize)> = (parts.iter().enumerate())
            .flat_map(|(at, part)| {
                let days = part.epoch_days().iter().enumerate();
                days.map(move |(row, day)| (*day, at, row))
            })
            .collect();
        rows.sort_unstable();
        let mut days = Vec::new();
        let mut columns = vec![Whole::Zero(0); layout.facts().len()];
        for of_day in rows.chunk_by(|a, b| a.0 == b.0) {
            days.extend(of_day.first().map(|row| row.0));
            for (fact, column) in columns.iter_mut().enumerate() {
                let values = of_day.iter().filter_map(|(_, at, row)| {
                    let part = parts.get(*at)?;
                    Some(i128::from(part.value(fact, *row)))
                });
                // No sum of so many 64-bit numbers overflows 128 bits.
                let total = i64::try_from(values.sum::<i128>())
                    .map_err(|_| Error::overflow("a total of a history does not fit 64 bits"))?;
                column.push(total);
            }
        }
        Ok(Self::from_columns(layout, days, columns))
    }
}

impl Histories {
    /// Other histories made of these: for each id, in ascending order, what its pieces add up to.
    ///
    /// # Errors
    /// A total does not fit 64 bits (`is_overflow`).
    pub(crate) fn gather(
        &self,
        rows: &[(CustomerId, Range<usize>)],
        pieces: &[Piece],
    ) -> Result<Self, Error> {
        let shards = parallel::map(rows.len().div_ceil(CHUNK), |chunk| {
            let first = chunk * CHUNK;
            let rows = rows.get(first..rows.len().min(first + CHUNK));
            self.gather_chunk(rows.unwrap_or_default(), pieces)
        });
        let shards: Vec<Vec<Shard>> = shards.into_iter().collect::<Result<_, _>>()?;
        let shards = shards.into_iter().flatten().collect();
        Ok(Self::from_shards(Arc::clone(&self.layout), shards))
    }

    fn gather_chunk(
        &self,
        rows: &[(CustomerId, Range<usize>)],
        pieces: &[Piece],
    ) -> Result<Vec<Shard>, Error> {
        let empty = || Shard::empty(self.layout.facts().len());
        let mut shard = empty();
        let mut shards = Vec::new();
        for (id, range) in rows {
            let parts = pieces.get(range.clone()).unwrap_or_default();
            if let [only] = parts
                && let Some(only) = self.piece(only)
            {
                shard.push(id.clone(), only);
            } else {
                let parts = parts.iter().filter_map(|piece| self.piece(piece));
                // The facts are one layout's, so this is all that can go wrong.
                let together =
                    History::together(Arc::clone(&self.layout), parts).map_err(|_| {
                        Error::overflow(format!("a total of account `{id}` does not fit 64 bits"))
                    })?;
                shard.push(id.clone(), together.view());
            }
            if shard.days.len() >= SHARD_ROWS {
                shards.push(std::mem::replace(&mut shard, empty()));
            }
        }
        if shard.customers() > 0 {
            shards.push(shard);
        }
        Ok(shards)
    }

    fn piece(&self, piece: &Piece) -> Option<HistoryView<'_>> {
        let (_, history) = self.at(piece.position)?;
        Some(history.between(piece.from, piece.to))
    }
}
