//! Weighted scores: scales over columns, 0 to 100, with a decomposition that sums to the score.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scale::{Scale, ScaleSpec};
use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::table::{Cell, Column, Kind, Row, Schema, Slot, Table};

/// The largest weight: only weights' proportions count, and sums of these are exact enough.
const MAX_WEIGHT: f64 = 1e6;

/// What a part counts where its value is not known. In a policy: `"skip"`, `"missing"`, or a number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum WhenMissing {
    /// The part is left out, and the other weights make up the whole.
    #[default]
    Skip,
    /// The whole score is missing.
    Missing,
    /// The part counts as this place on its scale, 0 to 1.
    Place(f64),
}

impl Serialize for WhenMissing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Skip => serializer.serialize_str("skip"),
            Self::Missing => serializer.serialize_str("missing"),
            Self::Place(place) => serializer.serialize_f64(*place),
        }
    }
}

impl<'de> Deserialize<'de> for WhenMissing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = WhenMissing;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`skip`, `missing`, or a number from 0 to 1")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<WhenMissing, E> {
                match text {
                    "skip" => Ok(WhenMissing::Skip),
                    "missing" => Ok(WhenMissing::Missing),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
            fn visit_f64<E: serde::de::Error>(self, place: f64) -> Result<WhenMissing, E> {
                Ok(WhenMissing::Place(place))
            }
            fn visit_i64<E: serde::de::Error>(self, place: i64) -> Result<WhenMissing, E> {
                Ok(WhenMissing::Place(place as f64))
            }
            fn visit_u64<E: serde::de::Error>(self, place: u64) -> Result<WhenMissing, E> {
                Ok(WhenMissing::Place(place as f64))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// One part of a weighted score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSpec {
    /// The column it reads.
    pub column: String,
    /// How much it counts, relative to the other parts: above 0, at most 1,000,000. What counts against a customer has a
    /// positive weight and is reversed.
    pub weight: f64,
    /// How the column becomes 0 to 1.
    pub scale: ScaleSpec,
    /// 1 minus the scale: a low value is worth much.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reverse: bool,
    /// What it counts where the value is not known.
    #[serde(default)]
    pub missing: WhenMissing,
}

/// What a policy says about a weighted score: 0 to 100, the weighted mean of its parts.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::Unit;
/// use customer_value::scoring::WeightedSpec;
/// use customer_value::table::{Field, Schema, Table};
///
/// let spec: WeightedSpec = toml::from_str(r#"
///     parts = [
///         { column = "spend", weight = 3, scale = { linear = { from = 0, to = 200 } } },
///         { column = "days_since_last", weight = 1, scale = { linear = { from = 0, to = 100 } }, reverse = true },
///     ]
/// "#)?;
///
/// let mut schema = Schema::new();
/// let spend = schema.add(Field::number("spend", Unit::Money))?;
/// let days = schema.add(Field::number("days_since_last", Unit::Days))?;
/// let mut problems = Diagnostics::new();
/// let bound = spec.bind(&schema, "scores.value", &mut problems).expect("nothing is wrong");
///
/// let mut table = Table::new(schema, 2);
/// table.column_mut(spend).set(0, Some(100.0));
/// table.column_mut(days).set(0, Some(20.0));
/// table.column_mut(spend).set(1, Some(100.0));
///
/// let score = bound.freeze(&bound.fit(&table))?;
/// assert_eq!(score.score(table.row(0)), Some(57.5)); // 100 · (3/4 · 0.5 + 1/4 · 0.8)
/// assert_eq!(score.score(table.row(1)), Some(50.0)); // the days are not known: spend alone
///
/// let parts = score.decompose(table.row(0));
/// assert_eq!(parts.parts[0].contribution, 37.5);
/// assert_eq!(parts.parts[1].contribution, 20.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedSpec {
    /// The parts; the decomposition keeps their order.
    pub parts: Vec<PartSpec>,
}

impl WeightedSpec {
    /// Finds the columns and checks everything; `path` is where the score is in the policy. `None` if there was
    /// an error among the problems that were added.
    #[must_use]
    pub fn bind(
        &self,
        schema: &Schema,
        path: &str,
        problems: &mut Diagnostics,
    ) -> Option<BoundWeighted> {
        let mut found = Diagnostics::new();
        if self.parts.is_empty() {
            let place = Place::at(format!("{path}.parts"));
            let message = "a weighted score needs a part";
            found.push(Diagnostic::error(Code::Missing, place, message));
        }
        let mut parts = Vec::new();
        for (i, spec) in self.parts.iter().enumerate() {
            let at = format!("{path}.parts[{i}]");
            let mut range = |field: &str, message: String| {
                let place = Place::at(format!("{at}.{field}"));
                found.push(Diagnostic::error(Code::Range, place, message));
            };
            if !(spec.weight > 0.0 && spec.weight <= MAX_WEIGHT) {
                let weight = spec.weight;
                range(
                    "weight",
                    format!("a weight of `{weight}` is not above 0 and at most {MAX_WEIGHT}"),
                );
            }
            if let WhenMissing::Place(place) = spec.missing
                && !(0.0..=1.0).contains(&place)
            {
                range("missing", format!("`{place}` is not within 0 to 1"));
            }
            let slot = schema.slot(&spec.column);
            let Some((slot, field)) = slot.and_then(|s| Some((s, schema.field(s)?))) else {
                found.push(
                    Diagnostic::error(
                        Code::UnknownName,
                        Place::at(format!("{at}.column")),
                        format!("there is no column `{}`", spec.column),
                    )
                    .did_you_mean(&spec.column, schema.names()),
                );
                continue;
            };
            spec.scale.check(field, &format!("{at}.scale"), &mut found);
            parts.push(BoundPart {
                spec: spec.clone(),
                slot,
                words: field.words().to_vec(),
                is_words: matches!(field.kind(), Kind::Category(_)),
            });
        }
        let wrong = found.has_errors();
        problems.extend(found);
        (!wrong).then_some(BoundWeighted { parts })
    }
}

#[derive(Debug, Clone)]
struct BoundPart {
    spec: PartSpec,
    slot: Slot,
    words: Vec<String>,
    is_words: bool,
}

/// A weighted score whose columns are found, before it has seen a population.
#[derive(Debug, Clone)]
pub struct BoundWeighted {
    parts: Vec<BoundPart>,
}

impl BoundWeighted {
    /// Whether a part needs the population. If none does, `freeze(&[])` is enough.
    #[must_use]
    pub fn is_fitted(&self) -> bool {
        self.parts.iter().any(|p| p.spec.scale.is_fitted())
    }

    /// The scale of every part, frozen on this population: plain data to store.
    #[must_use]
    pub fn fit(&self, population: &Table) -> Vec<Scale> {
        self.parts
            .iter()
            .map(|p| p.spec.scale.fit(population.column(p.slot).cells()))
            .collect()
    }

    /// The score with these frozen scales. The parts that are not fitted take theirs from the policy, so a change there
    /// counts at once.
    ///
    /// # Errors
    /// A part needs the population and its scale is not there or of another kind: the scales were fitted for
    /// another policy (`is_misuse`).
    pub fn freeze(&self, scales: &[Scale]) -> Result<Weighted, Error> {
        let parts = self.parts.iter().enumerate().map(|(i, part)| {
            let scale = if part.spec.scale.is_fitted() {
                let fitted = scales.get(i).filter(|s| is_of(s, &part.spec.scale));
                fitted.cloned().ok_or_else(|| {
                    let column = &part.spec.column;
                    Error::misuse(format!(
                        "the scale of `{column}` was not fitted for this policy"
                    ))
                })?
            } else {
                part.spec.scale.fit(&[])
            };
            let codes = part
                .is_words
                .then(|| part.words.iter().map(|w| scale.word(w)).collect());
            Ok(Part {
                column: part.spec.column.clone(),
                slot: part.slot,
                weight: part.spec.weight,
                reverse: part.spec.reverse,
                missing: part.spec.missing,
                scale,
                codes,
            })
        });
        Ok(Weighted {
            parts: parts.collect::<Result<_, Error>>()?,
        })
    }
}

/// Whether a frozen scale is a fit of this specification.
fn is_of(scale: &Scale, spec: &ScaleSpec) -> bool {
    match (spec, scale) {
        (ScaleSpec::Percentile, Scale::Percentile(_))
        | (ScaleSpec::MinMax, Scale::Linear { .. } | Scale::Empty) => true,
        (ScaleSpec::Quantile { bins }, Scale::Quantile { bins: fitted, .. }) => bins == fitted,
        _ => false,
    }
}

#[derive(Debug, Clone)]
struct Part {
    column: String,
    slot: Slot,
    weight: f64,
    reverse: bool,
    missing: WhenMissing,
    scale: Scale,
    /// For a category column: the place of each code.
    codes: Option<Vec<Option<f64>>>,
}

impl Part {
    /// 0 to 1, after reversing; `None` when not known.
    fn place(&self, cell: Cell) -> Option<f64> {
        let place = match &self.codes {
            Some(codes) => codes.get(cell.code()? as usize).copied().flatten()?,
            None => self.scale.number(cell.number()?)?,
        };
        Some(if self.reverse { 1.0 - place } else { place })
    }

    /// What counts: the place, or what the policy says where there is none.
    fn counted(&self, place: Option<f64>) -> Option<f64> {
        place.or(match self.missing {
            WhenMissing::Place(place) => Some(place),
            WhenMissing::Skip | WhenMissing::Missing => None,
        })
    }
}

/// A weighted score, ready for any row of its schema.
#[derive(Debug, Clone)]
pub struct Weighted {
    parts: Vec<Part>,
}

/// What one part brings to one customer's score.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PartScore<'a> {
    /// The column.
    pub column: &'a str,
    /// What the column says.
    pub cell: Cell,
    /// Where that is on the scale, 0 to 1, reversed where the policy says so. `None` when not known; the part may
    /// still count with a number from the policy.
    pub place: Option<f64>,
    /// The weight as a share of the weights that count for this customer, 0 to 1. 0 for a part that is left out.
    pub share: f64,
    /// The points of the score, 0 to 100.
    pub contribution: f64,
}

/// A score and what makes it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Decomposition<'a> {
    /// The score: the contributions added in their order, to the last bit. `None` when a part that must be
    /// known is not, or none is.
    pub score: Option<f64>,
    /// The parts, in the order of the policy.
    pub parts: Vec<PartScore<'a>>,
}

impl Weighted {
    /// The score of a row, 0 to 100. `None` when a part that must be known is not, or none is.
    #[must_use]
    pub fn score(&self, row: Row<'_>) -> Option<f64> {
        self.walk(row, |_| {})
    }

    /// The score with what each part brings: the same walk as [`Weighted::score`], remembered.
    #[must_use]
    pub fn decompose(&self, row: Row<'_>) -> Decomposition<'_> {
        let mut parts = Vec::with_capacity(self.parts.len());
        let score = self.walk(row, |part| parts.push(part));
        Decomposition { score, parts }
    }

    /// The score of every row of a table.
    pub fn column(&self, table: &Table, out: &mut Column) {
        out.reset(table.rows());
        for row in 0..table.rows() {
            out.set(row, self.score(table.row(row)));
        }
    }

    fn walk<'a>(&'a self, row: Row<'_>, mut each: impl FnMut(PartScore<'a>)) -> Option<f64> {
        let mut whole = 0.0;
        let mut complete = true;
        // A place may be a search among a thousand: the first ones are kept.
        let mut places = [None; 8];
        for (i, part) in self.parts.iter().enumerate() {
            let place = part.place(row.cell(part.slot));
            if let Some(kept) = places.get_mut(i) {
                *kept = place;
            }
            match part.counted(place) {
                Some(_) => whole += part.weight,
                None => complete &= part.missing != WhenMissing::Missing,
            }
        }
        let known = complete && whole > 0.0;
        let mut score = 0.0;
        for (i, part) in self.parts.iter().enumerate() {
            let cell = row.cell(part.slot);
            let kept = places.get(i).copied();
            let place = kept.unwrap_or_else(|| part.place(cell));
            let (share, contribution) = match part.counted(place) {
                Some(counted) if known => {
                    let share = part.weight / whole;
                    // The shares of full marks may add up to a last bit more than 1.
                    (share, (100.0 * share * counted).min(100.0 - score))
                }
                _ => (0.0, 0.0),
            };
            score += contribution;
            each(PartScore {
                column: &part.column,
                cell,
                place,
                share,
                contribution,
            });
        }
        known.then_some(score)
    }
}
