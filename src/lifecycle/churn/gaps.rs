//! The gaps of a population, frozen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::history::Histories;
use crate::metrics::exact::quotient;
use crate::model::Day;
use crate::parallel;
use crate::summary::{Summary, Window};

/// Customers whose gaps are counted together.
const CHUNK: usize = 1 << 14;

/// Gaps below this many days are counted in a list and looked up, the few others in a tree and searched.
const USUAL: usize = 1 << 12;

/// How long the customers of a population wait between neighbouring days with a purchase: lengths with counts.
///
/// Whole numbers that add up, so that the parts of a population may be counted apart, in any order.
///
/// ```
/// use customer_value::lifecycle::churn::GapDistribution;
///
/// let gaps: GapDistribution = [7, 30, 7, 90].into_iter().collect();
/// assert_eq!(gaps.percentile(7.0), Some(0.0)); // none is shorter
/// assert_eq!(gaps.percentile(30.0), Some(50.0));
/// assert_eq!(gaps.percentile(91.0), Some(100.0));
/// assert_eq!(GapDistribution::default().percentile(30.0), None);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct GapDistribution {
    /// In days, ascending.
    lengths: Vec<u32>,
    /// How many gaps are of that length.
    counts: Vec<u64>,
    /// How many gaps are of that length or shorter.
    until: Vec<u64>,
    /// The percentile of each silence up to some years, to be looked up.
    by_day: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    lengths: Vec<u32>,
    counts: Vec<u64>,
}

impl From<GapDistribution> for Stored {
    fn from(gaps: GapDistribution) -> Self {
        Self {
            lengths: gaps.lengths,
            counts: gaps.counts,
        }
    }
}

impl TryFrom<Stored> for GapDistribution {
    type Error = Error;
    fn try_from(stored: Stored) -> Result<Self, Error> {
        let Stored { lengths, counts } = stored;
        if lengths.len() != counts.len() || !lengths.is_sorted_by(|a, b| a < b) {
            return Err(Error::misuse(
                "the lengths of gaps ascend, each with its count",
            ));
        }
        let total = counts
            .iter()
            .try_fold(0_u64, |total, count| total.checked_add(*count));
        if counts.contains(&0) || total.is_none() {
            return Err(Error::misuse("a length of gaps has a count of 1 or more"));
        }
        Ok(Self::of(lengths.into_iter().zip(counts)))
    }
}

impl GapDistribution {
    /// The gaps of all customers up to a day.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    #[must_use]
    pub fn fit(histories: &Histories, as_of: Day) -> Self {
        let bounds = Window::Lifetime.at(as_of);
        let customers = histories.len();
        let parts = parallel::map(customers.div_ceil(CHUNK), |chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(customers);
            let mut counter = Counter::default();
            for (id, history) in histories.views(range) {
                let customer = Summary::within(Some(id), history, bounds);
                customer.gaps().for_each(|gap| counter.take(gap));
            }
            counter.finish()
        });
        let mut all = Self::default();
        for part in &parts {
            all.merge(part);
        }
        all
    }

    /// Lengths ascending, each once, with a count above 0.
    fn of(ascending: impl Iterator<Item = (u32, u64)>) -> Self {
        let mut gaps = Self::default();
        for (length, count) in ascending {
            let before = gaps.count();
            gaps.lengths.push(length);
            gaps.counts.push(count);
            gaps.until.push(before.saturating_add(count));
        }
        let longest = gaps.lengths.last().map_or(0, |longest| *longest as usize);
        let days = (0_u32..).take(longest.saturating_add(2).min(USUAL));
        gaps.by_day = days.map_while(|day| gaps.search(day.into())).collect();
        gaps
    }

    /// Adds the gaps of other customers; the order does not matter.
    pub fn merge(&mut self, other: &Self) {
        *self = Self::of(self.together(other).into_iter());
    }

    fn together(&self, other: &Self) -> Vec<(u32, u64)> {
        let mut both = Vec::with_capacity(self.lengths.len().max(other.lengths.len()));
        let (mut left, mut right) = (self.lengths().peekable(), other.lengths().peekable());
        while let Some(next) = match (left.peek(), right.peek()) {
            (Some((a, _)), Some((b, _))) if b < a => right.next(),
            (Some((a, _)), Some((b, _))) if a == b => left
                .next()
                .zip(right.next())
                .map(|((length, m), (_, n))| (length, m.saturating_add(n))),
            (Some(_), _) => left.next(),
            (None, _) => right.next(),
        } {
            both.push(next);
        }
        both
    }

    /// The different lengths in days, ascending, and how many gaps each has.
    pub fn lengths(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.lengths
            .iter()
            .copied()
            .zip(self.counts.iter().copied())
    }

    /// How many gaps there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.until.last().copied().unwrap_or(0)
    }

    /// 100 × the share of the gaps that are strictly shorter than a silence in days, 0 to 100; `None` if there is no gap, or
    /// the silence is not a number.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // said below
    pub fn percentile(&self, silence: f64) -> Option<f64> {
        if silence.is_nan() {
            return None;
        }
        // Lengths are whole, so that what is shorter than 6.5 days is shorter than 7. A cast saturates, and below 0 no gap is
        // shorter, as at 0.
        let day = silence.ceil() as usize;
        self.by_day
            .get(day)
            .copied()
            .or_else(|| self.search(silence))
    }

    fn search(&self, silence: f64) -> Option<f64> {
        let shorter = self
            .lengths
            .partition_point(|length| f64::from(*length) < silence);
        let below = shorter
            .checked_sub(1)
            .and_then(|last| self.until.get(last).copied())
            .unwrap_or(0);
        quotient(i128::from(below) * 100, i128::from(self.count()))
    }
}

impl FromIterator<u32> for GapDistribution {
    /// Of gaps in days, in any order.
    fn from_iter<I: IntoIterator<Item = u32>>(gaps: I) -> Self {
        let mut counter = Counter::default();
        gaps.into_iter().for_each(|gap| counter.take(gap));
        counter.finish()
    }
}

/// Counts gaps one by one.
#[derive(Default)]
struct Counter {
    /// By length.
    usual: Vec<u64>,
    longer: BTreeMap<u32, u64>,
}

impl Counter {
    fn take(&mut self, gap: u32) {
        let at = gap as usize;
        if at >= USUAL {
            *self.longer.entry(gap).or_default() += 1;
            return;
        }
        if at >= self.usual.len() {
            self.usual.resize(at + 1, 0);
        }
        if let Some(count) = self.usual.get_mut(at) {
            *count += 1;
        }
    }

    fn finish(self) -> GapDistribution {
        let usual = (0..).zip(self.usual).filter(|(_, count)| *count > 0);
        GapDistribution::of(usual.chain(self.longer))
    }
}
