//! Scores 1 to n from breaks: fitted to a population, or fixed.
//!
//! One form for all: the breaks b₁ … bₙ₋₁, and the score of a value is 1 plus the number of breaks it reaches
//! (`>=` where higher is better, `<=` where lower is). Equal values get equal scores, a better value never gets
//! a lower one, and scoring needs nothing but the breaks.

use serde::{Deserialize, Serialize};

use super::rank::Better;
use super::select::{Position, positions};
use crate::Error;
use crate::table::Cell;

/// The most scores there can be.
pub const MAX_BINS: u8 = 100;

/// Rows that are compared together.
const LANES: usize = 8;

/// How breaks are taken from a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Quantile,
    Rank,
}

/// Frozen breaks between scores.
///
/// ```
/// use customer_value::scoring::{Better, Breaks};
/// use customer_value::table::Cell;
///
/// // Ten customers and five scores. Six are equal: nobody is worse, so they score 1 + floor(5 · 0/10) = 1.
/// // Six are worse than the value 2, which scores 1 + floor(5 · 6/10) = 4.
/// let purchases: Vec<Cell> = [1, 1, 1, 1, 1, 1, 2, 2, 3, 9].map(f64::from).map(Cell::from_number).into();
/// let breaks = Breaks::quantile(&purchases, 5, Better::Higher);
/// assert_eq!([1.0, 2.0, 3.0, 9.0].map(|v| breaks.score(v)), [1, 4, 5, 5]);
///
/// // By rank the six share their mean position instead.
/// let breaks = Breaks::rank(&purchases, 5, Better::Higher);
/// assert_eq!([1.0, 2.0, 3.0, 9.0].map(|v| breaks.score(v)), [2, 4, 5, 5]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Data", deny_unknown_fields)]
pub struct Breaks {
    better: Better,
    /// What a value must reach for the scores 2, 3, …; as many as anyone can reach.
    #[serde(with = "crate::model::exact::list")]
    at: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    better: Better,
    #[serde(with = "crate::model::exact::list")]
    at: Vec<f64>,
}

impl TryFrom<Data> for Breaks {
    type Error = Error;
    fn try_from(data: Data) -> Result<Self, Error> {
        Self::new(data.better, data.at)
    }
}

impl Breaks {
    /// Fixed breaks: what a value must reach for the scores 2, 3, and so on.
    ///
    /// # Errors
    /// A break is not finite, a later one is easier to reach than an earlier one, or there are more than
    /// [`MAX_BINS`] − 1 (`is_range`).
    pub fn new(better: Better, at: Vec<f64>) -> Result<Self, Error> {
        if let Some(wrong) = at.iter().find(|b| !b.is_finite()) {
            return Err(Error::range(format!(
                "a break of `{wrong}` is not a number"
            )));
        }
        let harder = |a: f64, b: f64| match better {
            Better::Higher => a <= b,
            Better::Lower => a >= b,
        };
        if !at.is_sorted_by(|a, b| harder(*a, *b)) {
            return Err(Error::range(
                "a later break is easier to reach than an earlier one",
            ));
        }
        if at.len() >= usize::from(MAX_BINS) {
            return Err(Error::range(format!(
                "{} breaks are more than {}",
                at.len(),
                MAX_BINS - 1
            )));
        }
        Ok(Self { better, at })
    }

    /// Breaks so that score(v) = 1 + floor(`bins` · #{x worse than v} / N) for each of the N known values.
    ///
    /// The definition settles ties: equal values get equal scores, the one of the worst of their positions. A
    /// value outside the population scores like the best value in it that is not better. With no known value
    /// everything scores 1. More than [`MAX_BINS`] bins count as that many, fewer than one as one.
    #[must_use]
    pub fn quantile(cells: &[Cell], bins: u8, better: Better) -> Self {
        Self::of(cells, bins, better, Cut::Quantile)
    }

    /// Breaks so that each known value gets the group of its mean position among `bins` groups whose sizes differ by
    /// at most one, larger groups first, as SQL's `ntile` sizes them.
    ///
    /// Where no equal values lie across the edge of two groups, this is `ntile`. Where they do, `ntile` parts them by chance
    /// or by row; here they stay together, in the group that the middle of them is in. So the scores are a
    /// function of the value alone, for one customer as for all. [`ntile`](super::rank::ntile) parts them.
    #[must_use]
    pub fn rank(cells: &[Cell], bins: u8, better: Better) -> Self {
        Self::of(cells, bins, better, Cut::Rank)
    }

    fn of(cells: &[Cell], bins: u8, better: Better, cut: Cut) -> Self {
        let bins = usize::from(bins.clamp(1, MAX_BINS));
        let at = match better {
            Better::Higher => rising(cells, |c| c.raw(), bins, cut),
            // Mirrored: 0 − v, so that zero stays plus zero.
            Better::Lower => rising(cells, |c| 0.0 - c.raw(), bins, cut)
                .into_iter()
                .map(|b| 0.0 - b)
                .collect(),
        };
        Self { better, at }
    }

    /// Which values are better.
    #[must_use]
    pub fn better(&self) -> Better {
        self.better
    }

    /// What a value must reach for the scores 2, 3, and so on. There are fewer than scores − 1 where nobody in the
    /// population reaches the last ones.
    #[must_use]
    pub fn at(&self) -> &[f64] {
        &self.at
    }

    /// The score of a value, from 1. What is not a number scores 1.
    #[must_use]
    pub fn score(&self, value: f64) -> u8 {
        let reached = match self.better {
            Better::Higher => self.at.iter().filter(|b| value >= **b).count(),
            Better::Lower => self.at.iter().filter(|b| value <= **b).count(),
        };
        // At most `MAX_BINS` − 1 breaks.
        u8::try_from(reached).map_or(u8::MAX, |n| n.saturating_add(1))
    }

    /// The scores of many cells, 0 for the missing ones; as many as the shorter of the two slices has.
    pub(super) fn score_cells(&self, cells: &[Cell], out: &mut [u8]) {
        match self.at.len() {
            0..=4 => self.score_cells_with::<4>(cells, out),
            5..=9 => self.score_cells_with::<9>(cells, out),
            _ => {
                for (cell, score) in cells.iter().zip(out) {
                    *score = cell.number().map_or(0, |v| self.score(v));
                }
            }
        }
    }

    /// Compares with exactly `N` breaks, so that there is no branch and no inner loop.
    fn score_cells_with<const N: usize>(&self, cells: &[Cell], out: &mut [u8]) {
        let sign = match self.better {
            Better::Higher => 1.0,
            Better::Lower => -1.0,
        };
        // No number reaches infinity, and a missing cell (NaN) reaches nothing.
        let mut at = [f64::INFINITY; N];
        for (to, from) in at.iter_mut().zip(&self.at) {
            *to = sign * from;
        }
        let rows = cells.len().min(out.len());
        let (cells, out) = (cells.split_at(rows).0, out.split_at_mut(rows).0);
        let (blocks, rest) = cells.as_chunks::<LANES>();
        let (out_blocks, out_rest) = out.as_chunks_mut::<LANES>();
        for (cells, out) in blocks.iter().zip(out_blocks) {
            *out = scores_of(&at, cells.map(|c| sign * c.raw()));
        }
        for (cell, out) in rest.iter().zip(out_rest) {
            let [score] = scores_of(&at, [sign * cell.raw()]);
            *out = score;
        }
    }
}

/// The scores of `L` rows. Counting in lanes as wide as the numbers lets the compiler compare several at once.
#[inline]
fn scores_of<const N: usize, const L: usize>(at: &[f64; N], values: [f64; L]) -> [u8; L] {
    let mut reached = values.map(|v| u64::from(!v.is_nan()));
    for b in at {
        for (n, v) in reached.iter_mut().zip(values) {
            *n += u64::from(v >= *b);
        }
    }
    reached.map(|n| n as u8)
}

/// The breaks that part a population into `bins` by value, the smallest values first; fewer where equal values
/// leave the last ones empty.
///
/// Break k is the smallest value v of the population with #{x < v} ≥ k · N / `bins`, so the values from break
/// k up are those with `bins` · #{x < v} / N ≥ k. What is not finite is left out. Selection, not sorting: about two passes.
///
/// ```
/// use customer_value::scoring::quantile_breaks;
///
/// let values: Vec<f64> = (1..=100).map(f64::from).collect();
/// assert_eq!(quantile_breaks(&values, 4), [26.0, 51.0, 76.0]);
/// assert!(quantile_breaks(&[7.0; 10], 4).is_empty());
/// ```
#[must_use]
pub fn quantile_breaks(values: &[f64], bins: u16) -> Vec<f64> {
    let finite = |v: &f64| if v.is_finite() { *v + 0.0 } else { f64::NAN };
    rising(values, finite, usize::from(bins), Cut::Quantile)
}

fn rising<T>(cells: &[T], value: impl Fn(&T) -> f64 + Copy, bins: usize, cut: Cut) -> Vec<f64> {
    let mut before: Vec<usize> = Vec::new();
    let found = positions(cells, value, |known| {
        before = match cut {
            Cut::Quantile => (1..bins)
                .map(|k| (k as u128 * known as u128).div_ceil(bins as u128) as usize)
                .collect(),
            Cut::Rank => {
                let (size, larger) = (known / bins.max(1), known % bins.max(1));
                (1..bins).map(|k| k * size + k.min(larger)).collect()
            }
        };
        if known == 0 {
            before.clear();
        }
        before.iter().map(|t| t.saturating_sub(1)).collect()
    });
    // `before` rises, so the breaks do, and those that nobody reaches are the last ones.
    found
        .into_iter()
        .zip(before)
        .map_while(|(at, before)| first_reaching(at, before, cut))
        .collect()
}

/// The smallest value with `before` values worse than it, found from the last of those.
fn first_reaching(at: Position, before: usize, cut: Cut) -> Option<f64> {
    match cut {
        // The mean position of equal values is in the middle of them.
        Cut::Rank if 2 * at.below + at.equal > 2 * before => Some(at.value),
        Cut::Rank | Cut::Quantile => at.next,
    }
}
