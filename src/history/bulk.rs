//! From the rows of a ledger to the histories of all customers.
//!
//! Rows are packed into one machine word each (the customer's place in its partition, the day, and what the row
//! adds), partitioned by customer so that a partition fits the cache, sorted there by radix, and read off: equal
//! customers are neighbours, their days ascend, and rows of one day are added up. Sums of whole numbers do not
//! depend on the order of the rows, so neither does anything here, and the partitions depend on the data alone.

// Kernels over columns whose lengths were checked to be equal, with positions counted from those columns.
#![allow(clippy::indexing_slicing)]
// A packed word is cut into its parts on purpose.
#![allow(clippy::cast_possible_truncation)]

use std::ops::Range;

use crate::ledger::{Keys, Ledger, Rows};
use crate::parallel;

use super::fact::{Fact, Layout, Measure};
use super::packing::{Packing, Word, bits, sort_by_place};
use super::partitions::{BUCKET_BITS, BUCKETS, MAX_PARTITIONS, PARTITION_ROWS, Partitions};
use super::shard::{Ids, Shard};
use super::whole::{Whole, Width};

/// Enough shards to keep many threads busy, few enough that their number costs nothing.
pub(super) const SHARD_ROWS: usize = 1 << 17;
/// Rows are read in this many pieces per thread at most; each piece has its own place in every partition.
const MAX_PIECES: usize = 64;

/// Where each row's customer is, as ascending whole numbers.
trait KeyColumn: Sync {
    fn key(&self, row: usize) -> u64;
}

impl KeyColumn for &[u64] {
    #[inline(always)]
    fn key(&self, row: usize) -> u64 {
        self[row]
    }
}

impl KeyColumn for &[u32] {
    #[inline(always)]
    fn key(&self, row: usize) -> u64 {
        u64::from(self[row])
    }
}

/// What each row adds: its amount, if that is all there is to know, or its position, to look the rest up.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Load {
    Amount,
    Position,
}

pub(super) fn build(ledger: &Ledger<'_>, layout: &Layout) -> Vec<Shard> {
    let rows = ledger.rows();
    match rows.keys {
        Keys::Numbers(keys) => spread(&keys, rows, layout, None, false),
        Keys::Interned { index, ids } => spread(&index, rows, layout, Some(ids), false),
    }
}

fn spread<K: KeyColumn>(
    keys: &K,
    rows: Rows<'_>,
    layout: &Layout,
    ids: Option<&[crate::model::CustomerId]>,
    ranked: bool,
) -> Vec<Shard> {
    let Some(span) = rows.span else {
        return Vec::new();
    };
    let n = rows.days.len();
    let key_bits = bits(span.key.1 - span.key.0);
    let shift = key_bits.saturating_sub(BUCKET_BITS);
    let pieces = pieces(n);
    let counts = parallel::map_each(pieces.clone(), |piece| {
        count_buckets(keys, rows, piece, span.key.0, shift)
    });
    let partitions = Partitions::new(&counts, span.key.0, shift);
    if !ranked
        && partitions.largest() > 16 * PARTITION_ROWS.max(n / MAX_PARTITIONS)
        && partitions.is_skewed()
    {
        // Ids bunched together with a few far away: their ranks are not. One customer with very many rows stays in
        // one partition even so, hence only once.
        let (index, distinct) = ranks(keys, rows);
        let ranked_ids: Vec<crate::model::CustomerId> = distinct
            .iter()
            .map(|key| match ids.and_then(|ids| ids.get(*key as usize)) {
                Some(id) => id.clone(),
                None => (*key).into(),
            })
            .collect();
        let ranked = Rows {
            span: Some(crate::ledger::Span {
                key: (0, distinct.len().saturating_sub(1) as u64),
                ..span
            }),
            ..rows
        };
        return spread(&&index[..], ranked, layout, Some(&ranked_ids), true);
    }
    let day_bits = bits(i64::from(span.day.1).abs_diff(i64::from(span.day.0)));
    let amount_bits = bits(span.amount.1.abs_diff(span.amount.0));
    let place_bits = bits(partitions.widest().saturating_sub(1));
    let day = (day_bits, span.day.0);
    let mut packing = Packing::new(place_bits, day, (amount_bits, span.amount.0));
    let mut load = Load::Amount;
    if rows.extras.is_some() || packing.bits() > u128::BITS {
        load = Load::Position;
        packing = Packing::new(place_bits, day, (bits(n as u64), 0));
    }
    let job = Job {
        keys,
        rows,
        layout,
        ids,
        pieces,
        counts,
        partitions,
        packing,
        load,
    };
    if packing.bits() <= u64::BITS {
        job.run::<u64>()
    } else {
        job.run::<u128>()
    }
}

/// Row ranges that can be read at the same time.
fn pieces(rows: usize) -> Vec<Range<usize>> {
    let n = parallel::threads().clamp(1, MAX_PIECES).min(rows.max(1));
    (0..n).map(|i| rows * i / n..rows * (i + 1) / n).collect()
}

fn count_buckets<K: KeyColumn>(
    keys: &K,
    rows: Rows<'_>,
    piece: Range<usize>,
    key_min: u64,
    shift: u32,
) -> Vec<u32> {
    let mut counts = vec![0; BUCKETS];
    if let Some(skipped) = rows.skipped {
        for row in piece {
            if !skipped.contains(row) {
                counts[((keys.key(row) - key_min) >> shift) as usize & (BUCKETS - 1)] += 1;
            }
        }
    } else {
        for row in piece {
            counts[((keys.key(row) - key_min) >> shift) as usize & (BUCKETS - 1)] += 1;
        }
    }
    counts
}

/// Dense ranks for ids that are spread too unevenly to be cut by their size.
fn ranks<K: KeyColumn>(keys: &K, rows: Rows<'_>) -> (Vec<u32>, Vec<u64>) {
    let n = rows.days.len();
    let accepted = |row: &usize| rows.skipped.is_none_or(|s| !s.contains(*row));
    let mut seen: hashbrown::HashMap<u64, u32, foldhash::quality::FixedState> =
        hashbrown::HashMap::default();
    for row in (0..n).filter(accepted) {
        seen.entry(keys.key(row)).or_default();
    }
    let mut distinct: Vec<u64> = seen.keys().copied().collect();
    distinct.sort_unstable();
    for (rank, key) in distinct.iter().enumerate() {
        seen.insert(*key, rank as u32);
    }
    let index = (0..n)
        .map(|row| seen.get(&keys.key(row)).copied().unwrap_or(0))
        .collect();
    (index, distinct)
}

struct Job<'a, K> {
    keys: &'a K,
    rows: Rows<'a>,
    layout: &'a Layout,
    ids: Option<&'a [crate::model::CustomerId]>,
    pieces: Vec<Range<usize>>,
    counts: Vec<Vec<u32>>,
    partitions: Partitions,
    packing: Packing,
    load: Load,
}

impl<K: KeyColumn> Job<'_, K> {
    fn run<W: Word>(self) -> Vec<Shard> {
        // Neighbouring partitions make a shard. Each shard's words are given back as soon as it is read, so that the
        // histories grow into memory that was in use just now.
        let mut shards: Vec<(Range<usize>, Vec<W>)> = Vec::new();
        let mut start = 0;
        let mut rows = 0;
        for partition in 0..self.partitions.len() {
            rows += self.partitions.rows[partition];
            if rows >= SHARD_ROWS || partition + 1 == self.partitions.len() {
                shards.push((start..partition + 1, vec![W::default(); rows]));
                start = partition + 1;
                rows = 0;
            }
        }
        self.scatter(&mut shards);
        parallel::map_each(shards, |(partitions, words)| self.shard(partitions, &words))
    }

    /// Writes every row, packed, into its partition.
    fn scatter<W: Word>(&self, shards: &mut [(Range<usize>, Vec<W>)]) {
        let partitions = self.partitions.len();
        let mut places: Vec<Vec<&mut [W]>> = self
            .pieces
            .iter()
            .map(|_| Vec::with_capacity(partitions))
            .collect();
        let sizes: Vec<Vec<usize>> = self
            .counts
            .iter()
            .map(|counts| {
                let mut sizes = vec![0; partitions];
                for (bucket, count) in counts.iter().enumerate() {
                    sizes[self.partitions.of_bucket[bucket] as usize] += *count as usize;
                }
                sizes
            })
            .collect();
        for (partitions, words) in shards {
            let mut rest = &mut words[..];
            for partition in partitions.clone() {
                for (piece, sizes) in places.iter_mut().zip(&sizes) {
                    let (place, tail) = rest.split_at_mut(sizes[partition]);
                    piece.push(place);
                    rest = tail;
                }
            }
        }
        let work: Vec<_> = self.pieces.iter().cloned().zip(places).collect();
        parallel::map_each(work, |(piece, places)| {
            match (self.load, self.rows.skipped) {
                (Load::Amount, None) => {
                    let amounts = self.rows.amounts;
                    self.scatter_rows(piece, places, |row| amounts[row]);
                }
                (Load::Position, None) => self.scatter_rows(piece, places, |row| row as i64),
                (load, Some(skipped)) => {
                    let amounts = self.rows.amounts;
                    let accepted = piece.filter(|row| !skipped.contains(*row));
                    match load {
                        Load::Amount => self.scatter_rows(accepted, places, |row| amounts[row]),
                        Load::Position => self.scatter_rows(accepted, places, |row| row as i64),
                    }
                }
            }
        });
    }

    fn scatter_rows<W: Word>(
        &self,
        rows: impl Iterator<Item = usize>,
        places: Vec<&mut [W]>,
        load: impl Fn(usize) -> i64,
    ) {
        let packing = self.packing;
        let key_min = self.rows.span.map_or(0, |s| s.key.0);
        let shift = self.partitions.shift;
        let of_bucket = &self.partitions.of_bucket[..BUCKETS];
        let days = self.rows.days;
        // Where each partition's next row goes, and the key its places are counted from.
        let mut next: Vec<(std::slice::IterMut<'_, W>, u64)> = places
            .into_iter()
            .zip(&self.partitions.first_key)
            .map(|(place, first)| (place.iter_mut(), *first))
            .collect();
        for row in rows {
            let key = self.keys.key(row);
            let bucket = ((key - key_min) >> shift) as usize & (BUCKETS - 1);
            let (place, first_key) = &mut next[of_bucket[bucket] as usize];
            // There are as many places as rows were counted.
            if let Some(place) = place.next() {
                *place = W::pack(&packing, key - *first_key, days[row], load(row));
            }
        }
    }

    /// Reads the histories off the partitions of one shard.
    fn shard<W: Word>(&self, partitions: Range<usize>, mut words: &[W]) -> Shard {
        let facts = self.layout.facts();
        let mut out = Output {
            numbers: Vec::new(),
            any: Vec::new(),
            ends: Vec::new(),
            days: Vec::with_capacity(words.len()),
            columns: facts.iter().map(|_| Whole::Zero(0)).collect(),
        };
        // A purchase or two a day, and amounts in cents.
        out.columns[0] = Whole::with_capacity(Width::Tiny, words.len());
        out.columns[1] = Whole::with_capacity(Width::Narrow, words.len());
        let largest = partitions
            .clone()
            .map(|p| self.partitions.rows[p])
            .max()
            .unwrap_or(0);
        let mut sorted = vec![W::default(); largest];
        let mut spare = vec![W::default(); largest];
        for partition in partitions {
            let (part, rest) = words.split_at(self.partitions.rows[partition]);
            words = rest;
            let sorted = sort_by_place(part, &mut sorted, &mut spare, &self.packing);
            let first_key = self.partitions.first_key[partition];
            match self.load {
                Load::Amount if self.rows.extras.is_none() => {
                    self.read_plain(sorted, first_key, &mut out);
                }
                _ => self.read_rows(sorted, first_key, &mut out),
            }
        }
        // What equals another column is a copy of it: without refunds, gross is spend.
        if self.rows.extras.is_none() {
            for (i, fact) in facts.iter().enumerate().skip(2) {
                out.columns[i] = match (fact.measure(), fact.category()) {
                    _ if fact.passes_no_transaction() => Whole::Zero(out.days.len()),
                    (Measure::Gross, None) if self.load == Load::Amount => out.columns[1].clone(),
                    (Measure::Transactions, None) if self.load == Load::Amount => {
                        out.columns[0].clone()
                    }
                    _ if self.load == Load::Amount => Whole::Zero(out.days.len()),
                    _ => continue,
                };
            }
        }
        Shard {
            ids: if self.ids.is_some() && !out.any.iter().all(|id| id.as_number().is_some()) {
                Ids::Any(out.any)
            } else if self.ids.is_some() {
                Ids::Numbers(out.any.iter().filter_map(|id| id.as_number()).collect())
            } else {
                Ids::Numbers(out.numbers)
            },
            ends: out.ends,
            days: out.days,
            columns: out.columns,
        }
    }

    /// Ends the rows of a customer.
    fn customer(&self, key: u64, out: &mut Output) {
        match self.ids {
            Some(ids) => out.any.extend(ids.get(key as usize).cloned()),
            None => out.numbers.push(key),
        }
        out.ends.push(out.days.len() as u32);
    }

    /// Rows that are purchases and nothing else: the amount is all there is.
    fn read_plain<W: Word>(&self, words: &mut [W], first_key: u64, out: &mut Output) {
        let p = self.packing;
        if !words.is_sorted_by_key(|word| word.head(&p)) {
            // Days in no order; what is below the day does not matter to a sum.
            words.sort_unstable();
        }
        let Some(mut last) = words.first().copied() else {
            return;
        };
        let [mut purchases, mut spend] =
            [0, 1].map(|i| std::mem::replace(&mut out.columns[i], Whole::Zero(0)));
        let mut count = 0_i64;
        let mut sum = 0_i64;
        for word in words.iter().copied() {
            if word.head(&p) != last.head(&p) {
                out.days.push(last.day(&p));
                purchases.push(count);
                spend.push(sum);
                count = 0;
                sum = 0;
                if word.place(&p) != last.place(&p) {
                    self.customer(first_key + last.place(&p), out);
                }
            }
            last = word;
            count += 1;
            sum += word.load(&p);
        }
        out.days.push(last.day(&p));
        purchases.push(count);
        spend.push(sum);
        self.customer(first_key + last.place(&p), out);
        out.columns[0] = purchases;
        out.columns[1] = spend;
    }

    /// Rows with more to them than an amount: looked up by position.
    fn read_rows<W: Word>(&self, words: &mut [W], first_key: u64, out: &mut Output) {
        let p = &self.packing;
        // Customer, then day: what is below does not matter to a sum.
        words.sort_unstable();
        let facts: Vec<(Measure, Category)> = self
            .layout
            .facts()
            .iter()
            .map(|f| self.resolve(f))
            .collect();
        let mut sums = vec![0_i64; facts.len()];
        let mut previous: Option<(u64, i32)> = None;
        for word in words.iter() {
            let (place, day) = (word.place(p), word.day(p));
            if let Some((place_before, day_before)) = previous
                && (place_before, day_before) != (place, day)
            {
                out.row(day_before, &mut sums);
                if place_before != place {
                    self.customer(first_key + place_before, out);
                }
            }
            previous = Some((place, day));
            let row = match self.load {
                Load::Amount => 0,
                Load::Position => word.load(p) as usize,
            };
            let effect = self.rows.effect(row);
            for (sum, (measure, category)) in sums.iter_mut().zip(&facts) {
                if category.holds(effect.category) {
                    // The ledger accepts no more than fits; see `Ledger`.
                    *sum = sum.saturating_add(effect.value(*measure));
                }
            }
        }
        if let Some((place, day)) = previous {
            out.row(day, &mut sums);
            self.customer(first_key + place, out);
        }
    }

    fn resolve(&self, fact: &Fact) -> (Measure, Category) {
        let category = match fact.category() {
            _ if fact.passes_no_transaction() => Category::Unknown,
            None => Category::Any,
            Some(name) => self
                .rows
                .category_code(name)
                .map_or(Category::Unknown, Category::One),
        };
        (fact.measure(), category)
    }
}

/// Which rows a fact takes.
#[derive(Debug, Clone, Copy)]
enum Category {
    Any,
    One(u32),
    /// A category no row has.
    Unknown,
}

impl Category {
    fn holds(self, code: Option<u32>) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => code == Some(one),
            Self::Unknown => false,
        }
    }
}

struct Output {
    numbers: Vec<u64>,
    any: Vec<crate::model::CustomerId>,
    ends: Vec<u32>,
    days: Vec<i32>,
    columns: Vec<Whole>,
}

impl Output {
    fn row(&mut self, day: i32, sums: &mut [i64]) {
        self.days.push(day);
        for (column, sum) in self.columns.iter_mut().zip(sums) {
            column.push(*sum);
            *sum = 0;
        }
    }
}
