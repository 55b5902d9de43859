//! Runs of neighbouring customers, cut so that their rows fit the cache.

// Kernels over slices whose lengths were checked to be equal, with positions counted from those slices.
#![allow(clippy::indexing_slicing)]
// A packed word is cut into its parts on purpose.
#![allow(clippy::cast_possible_truncation)]

/// A partition of this many rows, twice (sorting is not in place), stays within a second-level cache.
pub(super) const PARTITION_ROWS: usize = 20_000;
pub(super) const MAX_PARTITIONS: usize = 1 << 10;
pub(super) const BUCKET_BITS: u32 = 13;
pub(super) const BUCKETS: usize = 1 << BUCKET_BITS;

/// Which partition a bucket of keys belongs to. Partitions are runs of buckets, so they ascend like the keys.
pub(super) struct Partitions {
    pub(super) of_bucket: Vec<u16>,
    /// The first key of each partition, and one past the last of all.
    pub(super) first_key: Vec<u64>,
    pub(super) rows: Vec<usize>,
    buckets: Vec<usize>,
    pub(super) shift: u32,
}

impl Partitions {
    pub(super) fn new(counts: &[Vec<u32>], key_min: u64, shift: u32) -> Self {
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

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn largest(&self) -> usize {
        self.rows.iter().copied().max().unwrap_or(0)
    }

    /// A partition of one bucket that still has many keys can be cut finer; one of a single key cannot.
    pub(super) fn is_skewed(&self) -> bool {
        self.shift > 0
    }

    /// The number of possible keys of the widest partition.
    pub(super) fn widest(&self) -> u64 {
        let buckets = self.buckets.iter().copied().max().unwrap_or(1) as u64;
        u64::try_from(u128::from(buckets) << self.shift).unwrap_or(u64::MAX)
    }
}
