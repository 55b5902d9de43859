//! What records that are no transactions add to the histories of all customers.

use std::ops::Range;
use std::sync::Arc;

use crate::Error;
use crate::ledger::Records;
use crate::model::{CustomerId, Record};
use crate::parallel;

use super::bulk::SHARD_ROWS;
use super::one::History;
use super::shard::{IdRef, Shard};
use super::{Histories, HistoryView};

/// So many records are read in one go: enough of them that their number costs nothing, few enough for many threads.
const CHUNK: usize = 1 << 15;

/// Neighbouring customers: where they stand in the histories and among the records.
struct Part {
    positions: Range<usize>,
    records: Range<usize>,
}

impl Histories {
    /// The same histories with what other records than transactions add. Customers of whom there were only such records are
    /// added, also where no fact is read off them: their histories are empty then.
    ///
    /// Exact: neither the order of the records matters nor whether they come in one go or in several, and one customer's are
    /// what [`History::record`] adds up to. With the `rayon` feature this runs on rayon's current thread pool; the result does not
    /// depend on it.
    ///
    /// ```
    /// use customer_value::history::{Fact, Histories, Layout, Measure};
    /// use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options, Records};
    /// use customer_value::model::{Complaint, Currency};
    ///
    /// let options = Options::new("2024-12-31".parse()?, Currency::USD);
    /// let columns = Columns::new(CustomerColumn::Numbers(&[7, 9]), &[19_800, 19_800], &[1999, 100]);
    /// let ledger = Ledger::from_columns(&columns, options.clone())?;
    /// let records = Records::clean([Complaint::new(8, "2024-05-01".parse()?, "delivery")?], &options);
    ///
    /// let complaints = Fact::new(Measure::Complaints);
    /// let layout = Layout::new(Currency::USD, [complaints.clone()]);
    /// let histories = Histories::build(&ledger, &layout)?.with_records(&records)?;
    /// assert_eq!(histories.len(), 3);
    /// assert_eq!(histories.get(&8.into()).unwrap().on(&complaints, 0), Some(1));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// The records are in another currency (`is_misuse`), or a total does not fit 64 bits (`is_overflow`).
    pub fn with_records(self, records: &Records) -> Result<Self, Error> {
        if records.currency() != self.layout.currency() {
            return Err(Error::misuse(format!(
                "the records are in {} and the histories in {}",
                records.currency(),
                self.layout.currency()
            )));
        }
        let all = records.all();
        if all.is_empty() {
            return Ok(self);
        }
        let parts = self.parts(all);
        let shards = parallel::map_each(parts, |part| {
            let own = all.get(part.records).unwrap_or_default();
            self.both(part.positions, own)
        });
        let shards: Vec<Vec<Shard>> = shards.into_iter().collect::<Result<_, _>>()?;
        let shards = shards.into_iter().flatten().collect();
        Ok(Self::from_shards(self.layout, shards))
    }

    /// Cuts the customers where the shards begin and after every so many records. Where that is depends on the data alone.
    fn parts(&self, all: &[Record]) -> Vec<Part> {
        let mut firsts: Vec<CustomerId> = (self.shards.iter())
            .filter_map(|shard| shard.ids.get(0))
            .collect();
        let chunks = all.iter().step_by(CHUNK);
        firsts.extend(chunks.map(|record| record.customer().clone()));
        firsts.sort_unstable();
        firsts.dedup();
        let starts = firsts.iter().map(|first| {
            let position = self.first_from(first);
            let record = all.partition_point(|record| record.customer() < first);
            (position, record)
        });
        let end = (self.customers, all.len());
        let starts: Vec<(usize, usize)> = starts.chain([end]).collect();
        let next = starts.iter().skip(1);
        let parts = starts.iter().zip(next).map(|(from, to)| Part {
            positions: from.0..to.0,
            records: from.1..to.1,
        });
        parts.collect()
    }

    /// The position of the first customer who does not come before an id.
    fn first_from(&self, id: &CustomerId) -> usize {
        let after = (self.shards).partition_point(|s| s.ids.get(0).is_some_and(|f| f <= *id));
        let Some(shard) = after.checked_sub(1) else {
            return 0;
        };
        let within = self.shards.get(shard).map_or(0, |s| match s.ids.find(id) {
            Ok(at) | Err(at) => at,
        });
        self.starts.get(shard).map_or(0, |start| start + within)
    }

    /// Some customers with their records; both ascend.
    fn both(&self, positions: Range<usize>, own: &[Record]) -> Result<Vec<Shard>, Error> {
        let mut out = Output {
            shard: Shard::empty(self.layout.facts().len()),
            full: Vec::new(),
        };
        let mut groups = own.chunk_by(|a, b| a.customer() == b.customer()).peekable();
        for (id, history) in self.views(positions) {
            let before =
                |group: &&[Record]| group.first().is_some_and(|r| id.is_after(r.customer()));
            while let Some(group) = groups.next_if(before) {
                out.newcomer(&self.alone(group)?, group);
            }
            let same = |group: &&[Record]| group.first().is_some_and(|r| id.is(r.customer()));
            match groups.next_if(same) {
                None => out.push(id, history),
                Some(group) => {
                    let alone = self.alone(group)?;
                    if alone.view().is_empty() {
                        out.push(id, history);
                    } else {
                        let parts = [history, alone.view()];
                        let both = History::together(Arc::clone(&self.layout), parts)?;
                        out.push(id, both.view());
                    }
                }
            }
        }
        for group in groups {
            out.newcomer(&self.alone(group)?, group);
        }
        Ok(out.done())
    }

    /// What a customer's records are on their own.
    fn alone(&self, records: &[Record]) -> Result<History, Error> {
        let mut history = History::new(Arc::clone(&self.layout));
        for record in records {
            history.add_record(record)?;
        }
        Ok(history)
    }
}

/// Shards that grow customer by customer.
struct Output {
    shard: Shard,
    full: Vec<Shard>,
}

impl Output {
    fn push(&mut self, id: IdRef<'_>, history: HistoryView<'_>) {
        self.shard.push(id.to_id(), history);
        if self.shard.days.len() >= SHARD_ROWS {
            let empty = Shard::empty(self.shard.columns.len());
            self.full.push(std::mem::replace(&mut self.shard, empty));
        }
    }

    /// A customer of whom there were no transactions.
    fn newcomer(&mut self, history: &History, records: &[Record]) {
        if let Some(record) = records.first() {
            self.push(IdRef::Id(record.customer()), history.view());
        }
    }

    fn done(mut self) -> Vec<Shard> {
        if self.shard.customers() > 0 {
            self.full.push(self.shard);
        }
        self.full
    }
}
