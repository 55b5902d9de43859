//! How many customers gave each answer, and the score of them.

use serde::{Deserialize, Serialize};

use super::Interval;
use super::effect::Confidence;
use super::survival::NORMAL_95;
use crate::Error;
use crate::model::SurveyInstrument;
use crate::rules::language::ReportWord as Word;

/// How many customers gave each answer of an instrument: whole numbers that add up in any order.
///
/// ```
/// use customer_value::model::SurveyInstrument;
/// use customer_value::report::AnswerCounts;
///
/// let mut nps = AnswerCounts::new(SurveyInstrument::Nps);
/// for (answer, count) in [(10, 30), (8, 20), (3, 10)] {
///     nps.add_many(answer, count);
/// }
/// assert!((nps.score().unwrap() - 100.0 / 3.0).abs() < 1e-12);
/// let interval = nps.interval().unwrap();
/// assert_eq!(format!("{:.1} {:.1}", interval.low, interval.high), "13.3 50.2");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawCounts")]
pub struct AnswerCounts {
    instrument: SurveyInstrument,
    /// One for each answer of the range, from the lowest on.
    counts: Vec<u64>,
}

impl AnswerCounts {
    /// No answer yet.
    #[must_use]
    pub fn new(instrument: SurveyInstrument) -> Self {
        Self {
            instrument,
            counts: vec![0; instrument.range().count()],
        }
    }

    /// Counts an answer so many times; one outside the range of the instrument is left out.
    pub fn add_many(&mut self, answer: u8, times: u64) {
        let place = answer.checked_sub(*self.instrument.range().start());
        if let Some(count) = place.and_then(|at| self.counts.get_mut(usize::from(at))) {
            *count = count.saturating_add(times);
        }
    }

    /// Counts what another one has, if it is of the same instrument.
    pub fn merge(&mut self, other: &Self) {
        if self.instrument == other.instrument {
            for (answer, count) in other.counts() {
                self.add_many(answer, count);
            }
        }
    }

    /// What was asked.
    #[must_use]
    pub fn instrument(&self) -> SurveyInstrument {
        self.instrument
    }

    /// Each answer with how many gave it, the lowest first.
    pub fn counts(&self) -> impl Iterator<Item = (u8, u64)> + '_ {
        self.instrument.range().zip(self.counts.iter().copied())
    }

    /// How many answers there are.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.within(0, u8::MAX)
    }

    /// How many answers are from `low` to `high`, both included.
    #[must_use]
    pub fn within(&self, low: u8, high: u8) -> u64 {
        let those = self.counts().filter(|(a, _)| (low..=high).contains(a));
        those.map(|(_, n)| n).fold(0, u64::saturating_add)
    }

    /// The score: of an NPS −100 to 100, of a CSAT the share of the top two of five, 0 to 1, of a CES the mean, 1 to 7. `None`
    /// without an answer.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        let all = self.answers();
        if all == 0 {
            return None;
        }
        let n = to_f64(all);
        Some(match self.instrument {
            SurveyInstrument::Nps => {
                // Divided first: so it is never beyond ±100.
                100.0 * ((to_f64(self.within(9, 10)) - to_f64(self.within(0, 6))) / n)
            }
            SurveyInstrument::Csat => to_f64(self.within(4, 5)) / n,
            // Not `n`, which stops at the end of `u64`.
            SurveyInstrument::Ces => (self.sum(f64::from) / self.sum(|_| 1.0)).clamp(1.0, 7.0),
        })
    }

    /// The 95 % interval of the score, within its range and around it: of an NPS the adjusted Wald interval (Rocks 2016), of a
    /// CSAT Wilson's, of a CES Student's t. `None` without an answer, and for a CES where all answers are equal.
    ///
    /// [The page on surveys](crate::docs::surveys) has the formulas and says why these.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let score = self.score()?;
        let all = self.answers();
        match self.instrument {
            SurveyInstrument::Nps => Some(adjusted_wald(
                score,
                to_f64(self.within(9, 10)),
                to_f64(self.within(0, 6)),
                to_f64(all),
            )),
            SurveyInstrument::Csat => Interval::wilson(self.within(4, 5), all),
            SurveyInstrument::Ces => {
                let n = self.sum(|_| 1.0);
                let freedom = n - 1.0;
                let squares = self.sum(|answer| (f64::from(answer) - score).powi(2));
                // Rounding of the mean is no spread.
                let spread = self.counts.iter().filter(|count| **count > 0).count() > 1;
                let variance = if spread { squares / freedom } else { 0.0 };
                let found =
                    Interval::welch(score, &[(variance / n, freedom)], Confidence::default())?;
                Some(Interval {
                    low: found.low.max(1.0),
                    high: found.high.min(7.0),
                })
            }
        }
    }

    fn sum(&self, of: impl Fn(u8) -> f64) -> f64 {
        self.counts().map(|(a, n)| to_f64(n) * of(a)).sum()
    }
}

/// The interval of an NPS, of `n` answers with so many promoters and detractors: of three answers more.
fn adjusted_wald(score: f64, promoters: f64, detractors: f64, n: f64) -> Interval {
    let n = n + 3.0;
    let (p, d) = ((promoters + 0.75) / n, (detractors + 0.75) / n);
    let half = NORMAL_95 * ((p + d - (p - d).powi(2)) / n).sqrt();
    Interval {
        low: (100.0 * (p - d - half)).clamp(-100.0, score),
        high: (100.0 * (p - d + half)).clamp(score, 100.0),
    }
}

#[allow(clippy::cast_precision_loss)] // for a share
pub(super) fn to_f64(count: u64) -> f64 {
    count as f64
}

/// Counts as they are written, before they are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCounts {
    instrument: SurveyInstrument,
    counts: Vec<u64>,
}

impl TryFrom<RawCounts> for AnswerCounts {
    type Error = Error;
    fn try_from(raw: RawCounts) -> Result<Self, Error> {
        let wanted = raw.instrument.range().count();
        if raw.counts.len() != wanted {
            return Err(Error::range(format!(
                "{} counts for the {wanted} answers of {}",
                raw.counts.len(),
                raw.instrument
            )));
        }
        Ok(Self {
            instrument: raw.instrument,
            counts: raw.counts,
        })
    }
}

/// What an instrument is called.
pub(super) fn instrument(instrument: SurveyInstrument) -> Word {
    match instrument {
        SurveyInstrument::Nps => Word::Nps,
        SurveyInstrument::Csat => Word::Csat,
        SurveyInstrument::Ces => Word::Ces,
    }
}
