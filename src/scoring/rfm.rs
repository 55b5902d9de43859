//! RFM: recency, frequency and monetary scores, 5 the best, and the segment they lie in.
//!
//! The scores go back to direct marketing (A. M. Hughes, *Strategic Database Marketing*, 1994): quintiles of
//! how long ago, how often and how much.

use serde::{Deserialize, Serialize};

use super::breaks::Breaks;
use super::rank::Better;
use super::segments::{SegmentSpec, SegmentTable};
use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::parallel;
use crate::table::Cell;

/// Rows that are scored together: small enough for the first cache.
const BLOCK: usize = 512;
/// Rows that one thread scores at a time.
const PIECE: usize = 64 * BLOCK;

/// How the values of one dimension become scores.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scoring {
    /// Equal parts of the population; equal values get the score of the worst of them ([`Breaks::quantile`]).
    #[default]
    Quantile,
    /// Equal parts of the population; equal values get the score of the middle of them ([`Breaks::rank`]).
    Rank,
    /// Fixed breaks in increasing order, one fewer than there are scores. A value on a break gets the better
    /// score: `[2, 3, 5, 8]` purchases score 5 from 8, and `[14, 30, 60, 90]` days since the last score 5 up to 14.
    Breaks(Vec<f64>),
}

/// One dimension: a column, and how it becomes scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// The column it is read from.
    pub column: String,
    /// How its values become scores.
    #[serde(default)]
    pub by: Scoring,
}

impl Dimension {
    /// A column scored by quantiles.
    pub fn new(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            by: Scoring::default(),
        }
    }
}

/// What a policy says about RFM.
///
/// ```
/// use customer_value::scoring::RfmSpec;
/// use customer_value::table::Cell;
///
/// let days_since_last = [3.0, 200.0, 40.0, 90.0, 10.0].map(Cell::from_number);
/// let purchases = [9.0, 1.0, 2.0, 2.0, 4.0].map(Cell::from_number);
/// let spend = [900.0, 10.0, 50.0, 70.0, 300.0].map(Cell::from_number);
/// let rfm = RfmSpec::default().fit(&days_since_last, &purchases, &spend).unwrap();
///
/// let score = rfm.score(Some(3.0), Some(9.0), Some(900.0)).unwrap();
/// assert_eq!(score.to_string(), "555");
/// assert_eq!(rfm.segment_name(score), Some("Champions"));
/// // What is not known has no score.
/// assert_eq!(rfm.score(None, Some(9.0), Some(900.0)), None);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RfmSpec {
    /// How long since the last purchase; lower is better.
    pub recency: Dimension,
    /// How many purchases; higher is better.
    pub frequency: Dimension,
    /// How much; higher is better.
    pub monetary: Dimension,
    /// How many scores: 2 to 10. Segments need 5.
    pub bins: u8,
    /// The segment table. Empty: the default one with 5 bins, and none with another number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentSpec>,
}

impl Default for RfmSpec {
    /// `days_since_last`, `purchases` and `spend` by quintiles, with the default segments.
    fn default() -> Self {
        Self {
            recency: Dimension::new("days_since_last"),
            frequency: Dimension::new("purchases"),
            monetary: Dimension::new("spend"),
            bins: 5,
            segments: Vec::new(),
        }
    }
}

/// The rows in which nothing is missing, or `None` if that is all of them and nothing needs to be copied.
fn complete_rows(columns: [&[Cell]; 3]) -> Option<[Vec<Cell>; 3]> {
    if !columns
        .iter()
        .any(|cells| cells.iter().any(|c| c.is_missing()))
    {
        return None;
    }
    let [recency, frequency, monetary] = columns;
    let mut rows = [const { Vec::new() }; 3];
    for ((r, f), m) in recency.iter().zip(frequency).zip(monetary) {
        if ![r, f, m].iter().any(|cell| cell.is_missing()) {
            for (column, cell) in rows.iter_mut().zip([r, f, m]) {
                column.push(*cell);
            }
        }
    }
    Some(rows)
}

impl RfmSpec {
    /// Every problem of the specification; `path` is where it is in the policy. Whether the columns exist is
    /// for whoever has the table to say.
    #[must_use]
    pub fn check(&self, path: &str) -> Diagnostics {
        match self.parts(path) {
            Ok(_) => Diagnostics::new(),
            Err(problems) => problems,
        }
    }

    /// The names of the three columns: recency, frequency, monetary.
    #[must_use]
    pub fn columns(&self) -> [&str; 3] {
        [&self.recency, &self.frequency, &self.monetary].map(|d| d.column.as_str())
    }

    /// Breaks from the population in the three columns, frozen. The population is who can be scored: a row with a missing
    /// cell counts for no break, so that people who never bought do not make every buyer a frequent one.
    ///
    /// # Errors
    /// What [`RfmSpec::check`] finds.
    pub fn fit(
        &self,
        recency: &[Cell],
        frequency: &[Cell],
        monetary: &[Cell],
    ) -> Result<Rfm, Diagnostics> {
        let Parts { fixed, segments } = self.parts("rfm")?;
        let [r, f, m] = fixed;
        let complete = complete_rows([recency, frequency, monetary]);
        let [recency, frequency, monetary] = match &complete {
            Some(rows) => rows.each_ref().map(Vec::as_slice),
            None => [recency, frequency, monetary],
        };
        let dimensions = vec![
            (r, &self.recency.by, recency, Better::Lower),
            (f, &self.frequency.by, frequency, Better::Higher),
            (m, &self.monetary.by, monetary, Better::Higher),
        ];
        let breaks = parallel::map_each(dimensions, |(fixed, by, cells, better)| match by {
            Scoring::Rank => Breaks::rank(cells, self.bins, better),
            _ => fixed.unwrap_or_else(|| Breaks::quantile(cells, self.bins, better)),
        });
        let mut breaks = breaks.into_iter();
        // Three went in.
        let (Some(recency), Some(frequency), Some(monetary)) =
            (breaks.next(), breaks.next(), breaks.next())
        else {
            return Err(Diagnostics::new());
        };
        Ok(Rfm {
            recency,
            frequency,
            monetary,
            segments,
        })
    }

    /// The frozen form for this specification from one that was fitted: breaks from the population are taken from
    /// there, what does not depend on it from here, so that a change here counts at once.
    ///
    /// # Errors
    /// It was fitted for another number of bins or the other direction (`is_misuse`).
    pub(crate) fn freeze(&self, fitted: &Rfm) -> Result<Rfm, Error> {
        let other = || Error::misuse("the RFM breaks were not fitted for this policy");
        let Parts { fixed, segments } = self.parts("rfm").map_err(|_| other())?;
        let [r, f, m] = fixed;
        let take = |fixed: Option<Breaks>, fitted: &Breaks, better| match fixed {
            Some(fixed) => Ok(fixed),
            None if fitted.better() == better && fitted.at().len() < usize::from(self.bins) => {
                Ok(fitted.clone())
            }
            None => Err(other()),
        };
        Ok(Rfm {
            recency: take(r, &fitted.recency, Better::Lower)?,
            frequency: take(f, &fitted.frequency, Better::Higher)?,
            monetary: take(m, &fitted.monetary, Better::Higher)?,
            segments,
        })
    }

    /// What does not depend on the population.
    fn parts(&self, path: &str) -> Result<Parts, Diagnostics> {
        let mut problems = Diagnostics::new();
        if !(2..=10).contains(&self.bins) {
            problems.push(Diagnostic::error(
                Code::Range,
                Place::at(format!("{path}.bins")),
                format!("`{}` bins are not 2 to 10", self.bins),
            ));
        }
        let dimensions = [
            ("recency", &self.recency, Better::Lower),
            ("frequency", &self.frequency, Better::Higher),
            ("monetary", &self.monetary, Better::Higher),
        ];
        let fixed = dimensions.map(|(name, dimension, better)| {
            let at = format!("{path}.{name}.by.breaks");
            match &dimension.by {
                Scoring::Breaks(breaks) => {
                    fixed_breaks(breaks, self.bins, better, &at, &mut problems)
                }
                Scoring::Quantile | Scoring::Rank => None,
            }
        });
        let at = format!("{path}.segments");
        let segments = match (self.bins, self.segments.as_slice()) {
            (5, []) => Some(SegmentTable::default()),
            (5, specs) => SegmentTable::new(specs, &at)
                .map_err(|more| problems.extend(more))
                .ok(),
            (_, []) => None,
            (bins, _) => {
                problems.push(
                    Diagnostic::error(
                        Code::Conflict,
                        Place::at(at),
                        format!("a segment table needs 5 bins, not {bins}"),
                    )
                    .help("leave out `segments`, or set `bins = 5`"),
                );
                None
            }
        };
        if problems.is_empty() {
            Ok(Parts { fixed, segments })
        } else {
            Err(problems)
        }
    }
}

struct Parts {
    fixed: [Option<Breaks>; 3],
    segments: Option<SegmentTable>,
}

fn fixed_breaks(
    breaks: &[f64],
    bins: u8,
    better: Better,
    path: &str,
    problems: &mut Diagnostics,
) -> Option<Breaks> {
    let wanted = usize::from(bins).saturating_sub(1);
    if breaks.len() != wanted {
        let (n, scores) = (breaks.len(), breaks.len() + 1);
        let message = format!("{n} breaks make {scores} scores, not {bins}");
        let problem = Diagnostic::error(Code::Range, Place::at(path), message);
        problems.push(problem.help(format!("give {wanted} breaks")));
        return None;
    }
    if !breaks.iter().all(|b| b.is_finite()) || !breaks.is_sorted_by(|a, b| a < b) {
        problems.push(Diagnostic::error(
            Code::Range,
            Place::at(path),
            "the breaks are not numbers in increasing order",
        ));
        return None;
    }
    let mut at = breaks.to_vec();
    if better == Better::Lower {
        at.reverse();
    }
    Breaks::new(better, at).ok()
}

/// The scores of one customer, from 1, and the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RfmScore {
    /// Recency.
    pub r: u8,
    /// Frequency.
    pub f: u8,
    /// Monetary.
    pub m: u8,
    /// The code of the segment in [`Rfm::segments`]; `None` where there is no table.
    pub segment: Option<u8>,
}

impl std::fmt::Display for RfmScore {
    /// The digits, `543`; with dashes where a score has two, `10-9-1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.r.max(self.f).max(self.m) > 9 {
            write!(f, "{}-{}-{}", self.r, self.f, self.m)
        } else {
            write!(f, "{}{}{}", self.r, self.f, self.m)
        }
    }
}

/// Frozen RFM: what it takes to score one customer like the population it was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rfm {
    recency: Breaks,
    frequency: Breaks,
    monetary: Breaks,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segments: Option<SegmentTable>,
}

impl Rfm {
    /// The scores of one customer. `None` when one of the three is not known (or not a finite number).
    #[must_use]
    pub fn score(
        &self,
        recency: Option<f64>,
        frequency: Option<f64>,
        monetary: Option<f64>,
    ) -> Option<RfmScore> {
        let one = |breaks: &Breaks, value: Option<f64>| {
            let mut out = [0];
            breaks.score_cells(&[value.map_or(Cell::MISSING, Cell::from_number)], &mut out);
            let [score] = out;
            score
        };
        self.of_scores(
            one(&self.recency, recency),
            one(&self.frequency, frequency),
            one(&self.monetary, monetary),
        )
    }

    /// Scores of 0 are missing.
    #[inline]
    fn of_scores(&self, r: u8, f: u8, m: u8) -> Option<RfmScore> {
        (r != 0 && f != 0 && m != 0).then(|| RfmScore {
            r,
            f,
            m,
            segment: self
                .segments
                .as_ref()
                .and_then(|table| table.segment(r, f, m)),
        })
    }

    /// The scores of many customers, one for each row. The shortest of the four slices says how many rows there are.
    ///
    /// With the `rayon` feature many rows are scored on rayon's current thread pool; the result does not depend on it.
    pub fn score_all(
        &self,
        recency: &[Cell],
        frequency: &[Cell],
        monetary: &[Cell],
        out: &mut [Option<RfmScore>],
    ) {
        if out.len() <= PIECE {
            self.score_piece(recency, frequency, monetary, out);
            return;
        }
        let pieces = recency
            .chunks(PIECE)
            .zip(frequency.chunks(PIECE))
            .zip(monetary.chunks(PIECE))
            .zip(out.chunks_mut(PIECE))
            .collect();
        parallel::map_each(pieces, |(((recency, frequency), monetary), out)| {
            self.score_piece(recency, frequency, monetary, out);
        });
    }

    fn score_piece(
        &self,
        recency: &[Cell],
        frequency: &[Cell],
        monetary: &[Cell],
        out: &mut [Option<RfmScore>],
    ) {
        let columns = recency
            .chunks(BLOCK)
            .zip(frequency.chunks(BLOCK))
            .zip(monetary.chunks(BLOCK))
            .zip(out.chunks_mut(BLOCK));
        let (mut r, mut f, mut m) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
        for (((recency, frequency), monetary), out) in columns {
            self.recency.score_cells(recency, &mut r);
            self.frequency.score_cells(frequency, &mut f);
            self.monetary.score_cells(monetary, &mut m);
            // The slices are of one length except in the last block of uneven ones.
            let rows = recency.len().min(frequency.len()).min(monetary.len());
            for (((out, r), f), m) in out.iter_mut().zip(r).zip(f).zip(m).take(rows) {
                *out = self.of_scores(r, f, m);
            }
        }
    }

    /// The segments, by code. `None` with another number of bins than 5.
    #[must_use]
    pub fn segments(&self) -> Option<&SegmentTable> {
        self.segments.as_ref()
    }

    /// The name of the segment of a score.
    #[must_use]
    pub fn segment_name(&self, score: RfmScore) -> Option<&str> {
        self.segments.as_ref()?.name(score.segment?)
    }

    /// The breaks: recency, frequency, monetary.
    #[must_use]
    pub fn breaks(&self) -> [&Breaks; 3] {
        [&self.recency, &self.frequency, &self.monetary]
    }
}
