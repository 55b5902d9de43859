//! Scales: one column to 0 … 1.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::breaks::{Breaks, MAX_BINS};
use super::rank::{Better, Distribution};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::Unit;
use crate::table::{Cell, Field, Kind};

/// How a policy turns the values of a column into 0 … 1.
///
/// In a policy: `scale = "percentile"`, `scale = { linear = { from = 0, to = 500 } }`,
/// `scale = { categories = { gold = 1.0, silver = 0.5 } }`.
///
/// ```
/// use customer_value::scoring::ScaleSpec;
///
/// let days = ScaleSpec::Linear { from: 365.0, to: 0.0 }.fit(&[]);
/// assert_eq!(days.number(0.0), Some(1.0)); // today is best
/// assert_eq!(days.number(73.0), Some(0.8));
/// assert_eq!(days.number(1000.0), Some(0.0));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ScaleSpec {
    /// The share of the population strictly below ([`Distribution::percentile`] / 100). Fitted.
    Percentile,
    /// A straight line from 0 at `from` to 1 at `to`, and flat outside; it falls where `from` is the larger.
    Linear {
        /// The value that is 0.
        from: f64,
        /// The value that is 1.
        to: f64,
    },
    /// A straight line from the population's smallest value to its largest. Fitted. When they are one value, that
    /// value is 0.5, what is below it 0 and what is above it 1.
    MinMax,
    /// Equal parts of the population ([`Breaks::quantile`]): the lowest is 0, the highest 1, with equal steps. Fitted.
    Quantile {
        /// How many parts: 2 to 100.
        bins: u8,
    },
    /// Steps: `points[0]` below `at[0]`, `points[1]` from `at[0]` on, and so on.
    Breaks {
        /// Where the steps are, in increasing order.
        at: Vec<f64>,
        /// What they give, 0 to 1 each: one more than there are steps.
        points: Vec<f64>,
    },
    /// A number from 0 to 1 for each word of a category column. Other words are missing.
    Categories(BTreeMap<String, f64>),
    /// 1 for a flag that is set, else 0.
    Flag,
}

impl ScaleSpec {
    /// Whether it needs the population.
    #[must_use]
    pub fn is_fitted(&self) -> bool {
        matches!(
            self,
            Self::Percentile | Self::MinMax | Self::Quantile { .. }
        )
    }

    /// Every problem of the scale on a column; `path` is where the scale is in the policy.
    pub fn check(&self, field: &Field, path: &str, problems: &mut Diagnostics) {
        let mut range = |message: String| {
            problems.push(Diagnostic::error(Code::Range, Place::at(path), message));
        };
        let share = |v: &f64| (0.0..=1.0).contains(v);
        match self {
            Self::Linear { from, to } if !from.is_finite() || !to.is_finite() || from == to => {
                range(format!("`{from}` to `{to}` is not a range of values"));
            }
            Self::Quantile { bins } if !(2..=MAX_BINS).contains(bins) => {
                range(format!("`{bins}` bins are not 2 to {MAX_BINS}"));
            }
            Self::Breaks { at, points } => {
                if !at.iter().all(|b| b.is_finite()) || !at.is_sorted_by(|a, b| a < b) {
                    range("the breaks are not numbers in increasing order".to_owned());
                }
                if points.len() != at.len() + 1 {
                    let (n, wanted) = (points.len(), at.len() + 1);
                    range(format!("{} breaks need {wanted} points, not {n}", at.len()));
                }
                if let Some(wrong) = points.iter().find(|p| !share(p)) {
                    range(format!("`{wrong}` is not within 0 to 1"));
                }
            }
            Self::Categories(words) => {
                for (word, value) in words.iter().filter(|(_, v)| !share(v)) {
                    range(format!("`{word}` is `{value}`, not within 0 to 1"));
                }
            }
            _ => {}
        }
        let name = field.name();
        match (self, field.kind()) {
            (Self::Categories(words), Kind::Category(known)) => {
                for word in words.keys().filter(|w| !known.contains(w)) {
                    problems.push(
                        // The data may bring the word later.
                        Diagnostic::warning(
                            Code::UnknownName,
                            Place::at(path),
                            format!("column `{name}` has no word `{word}`"),
                        )
                        .did_you_mean(word, known.iter().map(String::as_str)),
                    );
                }
            }
            (Self::Categories(_), Kind::Number(_)) => problems.push(Diagnostic::error(
                Code::Type,
                Place::at(path),
                format!("column `{name}` holds numbers, not words"),
            )),
            (_, Kind::Category(_)) => problems.push(
                Diagnostic::error(
                    Code::Type,
                    Place::at(path),
                    format!("column `{name}` holds words, not numbers"),
                )
                .help("use the scale `categories`"),
            ),
            (Self::Flag, Kind::Number(unit)) if *unit != Unit::Flag => {
                problems.push(Diagnostic::error(
                    Code::Type,
                    Place::at(path),
                    format!("column `{name}` is in the unit {unit}, not a flag"),
                ));
            }
            (_, Kind::Number(_)) => {}
        }
    }

    /// The frozen scale of the population in `cells`; a scale that is not fitted ignores them.
    #[must_use]
    pub fn fit(&self, cells: &[Cell]) -> Scale {
        match self {
            Self::Percentile => Scale::Percentile(Distribution::fit(cells)),
            Self::Linear { from, to } => Scale::Linear {
                from: *from,
                to: *to,
            },
            Self::MinMax => Scale::min_max(cells),
            Self::Quantile { bins } => Scale::Quantile {
                bins: *bins,
                breaks: Breaks::quantile(cells, *bins, Better::Higher),
            },
            Self::Breaks { at, points } => Scale::Breaks {
                at: at.clone(),
                points: points.clone(),
            },
            Self::Categories(words) => Scale::Categories(words.clone()),
            Self::Flag => Scale::Flag,
        }
    }
}

/// A frozen scale: what it takes to place one value like the population it was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Scale {
    /// The share of the population below.
    Percentile(Distribution),
    /// A straight line, flat outside.
    Linear {
        /// The value that is 0.
        #[serde(with = "crate::model::exact::number")]
        from: f64,
        /// The value that is 1; the same as `from` where the population has one value.
        #[serde(with = "crate::model::exact::number")]
        to: f64,
    },
    /// Equal parts of the population.
    Quantile {
        /// How many parts.
        bins: u8,
        /// Where they begin.
        breaks: Breaks,
    },
    /// Steps.
    Breaks {
        /// Where the steps are.
        #[serde(with = "crate::model::exact::list")]
        at: Vec<f64>,
        /// What they give.
        #[serde(with = "crate::model::exact::list")]
        points: Vec<f64>,
    },
    /// A number for each word.
    Categories(#[serde(with = "crate::model::exact::map")] BTreeMap<String, f64>),
    /// Set or not.
    Flag,
    /// Nothing was known about the population: every value is missing.
    Empty,
}

impl Scale {
    fn min_max(cells: &[Cell]) -> Self {
        let known = || cells.iter().filter_map(|c| c.number());
        match (known().reduce(f64::min), known().reduce(f64::max)) {
            (Some(from), Some(to)) => Self::Linear { from, to },
            _ => Self::Empty,
        }
    }

    /// Where a number stands, 0 to 1. `None` when the scale is of words, its population was empty, or the value is
    /// not a finite number.
    #[must_use]
    pub fn number(&self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let place = match self {
            Self::Percentile(distribution) => distribution.percentile(value)? / 100.0,
            Self::Linear { from, to } => line(*from, *to, value),
            Self::Quantile { bins, breaks } => {
                let steps = bins.saturating_sub(1).max(1);
                f64::from(breaks.score(value).saturating_sub(1)) / f64::from(steps)
            }
            Self::Breaks { at, points } => *points.get(at.partition_point(|b| *b <= value))?,
            Self::Flag => f64::from(u8::from(value != 0.0)),
            Self::Categories(_) | Self::Empty => return None,
        };
        within(place)
    }

    /// What a word is worth, 0 to 1. `None` when the scale does not name it or is of numbers.
    #[must_use]
    pub fn word(&self, word: &str) -> Option<f64> {
        match self {
            Self::Categories(words) => within(*words.get(word)?),
            _ => None,
        }
    }
}

/// A frozen scale may come from a file that nobody checked.
fn within(place: f64) -> Option<f64> {
    (!place.is_nan()).then(|| place.clamp(0.0, 1.0))
}

fn line(from: f64, to: f64, value: f64) -> f64 {
    // Halves, so that the difference of two large numbers stays finite.
    let span = to / 2.0 - from / 2.0;
    if span != 0.0 {
        (value / 2.0 - from / 2.0) / span
    } else if value == from {
        0.5
    } else {
        f64::from(u8::from(value > from))
    }
}
