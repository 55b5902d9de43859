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
use super::shard::{Ids, Shard};
use super::whole::{Whole, Width};

/// A partition of this many rows, twice (sorting is not in place), stays within a second-level cache.
const PARTITION_ROWS: usize = 20_000;
const MAX_PARTITIONS: usize = 1 << 10;
const BUCKET_BITS: u32 = 13;
const BUCKETS: usize = 1 << BUCKET_BITS;
/// Enough shards to keep many threads busy, few enough that their number costs nothing.
pub(super) const SHARD_ROWS: usize = 1 << 17;
/// Rows are read in this many pieces per thread at most; each piece has its own place in every partition.
const MAX_PIECES: usize = 64;

/// How a row fits one word: `place | day | load`, from the top bits down.
#[derive(Debug, Clone, Copy)]
struct Packing {
    place_bits: u32,
    day_bits: u32,
    load_bits: u32,
    day_mask: u64,
    load_mask: u64,
    day_min: i32,
    load_min: i64,
}

impl Packing {
    fn new(place_bits: u32, day: (u32, i32), load: (u32, i64)) -> Self {
        Self {
            place_bits,
            day_bits: day.0,
            load_bits: load.0,
            day_mask: mask(day.0),
            load_mask: mask(load.0),
            day_min: day.1,
            load_min: load.1,
        }
    }

    fn bits(&self) -> u32 {
        self.place_bits + self.day_bits + self.load_bits
    }
}

/// A machine word that holds a packed row.
trait Word: Copy + Ord + Default + Send + Sync {
    fn pack(packing: &Packing, place: u64, day: i32, load: i64) -> Self;
    /// Place and day: what makes two rows the same row of a history.
    fn head(self, packing: &Packing) -> Self;
    /// Some bits of the place.
    fn digit(self, shift: u32) -> usize;
    fn place(self, packing: &Packing) -> u64;
    fn day(self, packing: &Packing) -> i32;
    fn load(self, packing: &Packing) -> i64;
}

macro_rules! word {
    ($word:ty) => {
        impl Word for $word {
            // A shift by the whole width is one of a part that has no bits, so what a wrapped shift leaves is either zero or
            // masked away.
            #[inline(always)]
            fn pack(p: &Packing, place: u64, day: i32, load: i64) -> Self {
                let day = day.wrapping_sub(p.day_min) as u32;
                let load = load.wrapping_sub(p.load_min) as u64;
                (place as Self).wrapping_shl(p.day_bits + p.load_bits)
                    | (day as Self).wrapping_shl(p.load_bits)
                    | load as Self
            }
            #[inline(always)]
            fn head(self, p: &Packing) -> Self {
                if p.load_bits == <$word>::BITS {
                    return 0;
                }
                self.wrapping_shr(p.load_bits)
            }
            #[inline(always)]
            fn digit(self, shift: u32) -> usize {
                (self.wrapping_shr(shift) as usize) & (RADIX - 1)
            }
            #[inline(always)]
            fn place(self, p: &Packing) -> u64 {
                if p.place_bits == 0 {
                    return 0;
                }
                self.wrapping_shr(p.day_bits + p.load_bits) as u64
            }
            #[inline(always)]
            fn day(self, p: &Packing) -> i32 {
                let days = self.wrapping_shr(p.load_bits) as u64;
                p.day_min.wrapping_add((days & p.day_mask) as i32)
            }
            #[inline(always)]
            fn load(self, p: &Packing) -> i64 {
                p.load_min.wrapping_add((self as u64 & p.load_mask) as i64)
            }
        }
    };
}
word!(u64);
word!(u128);

const RADIX_BITS: u32 = 8;
const RADIX: usize = 1 << RADIX_BITS;

fn mask(bits: u32) -> u64 {
    if bits >= 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    }
}

fn bits(range: u64) -> u32 {
    u64::BITS - range.leading_zeros()
}

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

/// Which partition a bucket of keys belongs to. Partitions are runs of buckets, so they ascend like the keys.
struct Partitions {
    of_bucket: Vec<u16>,
    /// The first key of each partition, and one past the last of all.
    first_key: Vec<u64>,
    rows: Vec<usize>,
    buckets: Vec<usize>,
    shift: u32,
}

impl Partitions {
    fn new(counts: &[Vec<u32>], key_min: u64, shift: u32) -> Self {
        let total = |bucket: usize| counts.iter().map(|c| c[bucket] as usize).sum::<usize>();
        let all: usize = (0..BUCKETS).map(total).sum();
        let target = PARTITION_ROWS.max(all / MAX_PARTITIONS * 5 / 4);
        let mut this = Self {
            of_bucket: vec![0; BUCKETS],
            first_key: vec![key_min],
            rows: vec![0],
            buckets: vec![0],
            shift,
        };
        for bucket in 0..BUCKETS {
            let rows = total(bucket);
            let last = this.rows.len() - 1;
            if this.rows[last] > 0 && this.rows[last] + rows > target {
                // An empty partition after the last key may begin past the largest number.
                this.first_key
                    .push(key_min.saturating_add((bucket as u64) << shift));
                this.rows.push(0);
                this.buckets.push(0);
            }
            let last = this.rows.len() - 1;
            this.rows[last] += rows;
            this.buckets[last] += 1;
            this.of_bucket[bucket] = last as u16;
        }
        this
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn largest(&self) -> usize {
        self.rows.iter().copied().max().unwrap_or(0)
    }

    /// A partition of one bucket that still has many keys can be cut finer; one of a single key cannot.
    fn is_skewed(&self) -> bool {
        self.shift > 0
    }

    /// The number of possible keys of the widest partition.
    fn widest(&self) -> u64 {
        let buckets = self.buckets.iter().copied().max().unwrap_or(1) as u64;
        u64::try_from(u128::from(buckets) << self.shift).unwrap_or(u64::MAX)
    }
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
                    (Measure::Gross, None) if self.load == Load::Amount => out.columns[1].clone(),
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

/// Stable radix sort by the place bits; days keep the order of the rows.
fn sort_by_place<'a, W: Word>(
    part: &[W],
    sorted: &'a mut [W],
    spare: &'a mut [W],
    packing: &Packing,
) -> &'a mut [W] {
    let mut to = &mut sorted[..part.len()];
    let mut from = &mut spare[..part.len()];
    let low = packing.day_bits + packing.load_bits;
    let digits = packing.place_bits.div_ceil(RADIX_BITS);
    let mut counts = vec![[0_u32; RADIX]; digits as usize];
    for word in part {
        for (digit, counts) in counts.iter_mut().enumerate() {
            counts[word.digit(low + digit as u32 * RADIX_BITS)] += 1;
        }
    }
    let mut first = true;
    for (digit, counts) in counts.iter_mut().enumerate() {
        let shift = low + digit as u32 * RADIX_BITS;
        if counts.iter().any(|c| *c as usize == part.len()) {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        let source: &[W] = if first { part } else { from };
        for word in source {
            let at = &mut counts[word.digit(shift)];
            to[*at as usize] = *word;
            *at += 1;
        }
        first = false;
        std::mem::swap(&mut to, &mut from);
    }
    if first {
        from.copy_from_slice(part);
    }
    from
}
