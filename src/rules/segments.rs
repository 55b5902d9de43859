//! Segments: named rules, of which any number can hold for a customer, each a column that later rules can read.
//!
//! [The page on segments](crate::docs::segments) says what they mean. They are not the *RFM segment*, one word for each
//! customer, in the column `segment` ([`SegmentTable`](crate::scoring::SegmentTable)).
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::model::Unit;
//! use customer_value::rules::segments::{SegmentSpec, Segments};
//! use customer_value::table::{Field, Schema, Table};
//!
//! let mut schema = Schema::new();
//! let city = schema.add(Field::category("city", ["Bonn", "Ulm"]))?;
//! let spend = schema.add(Field::number("spend", Unit::Money))?;
//!
//! let specs = [
//!     SegmentSpec::new("bonn", r#"city = "Bonn""#.parse()?),
//!     SegmentSpec::new("big_in_bonn", "bonn and spend >= 1000".parse()?),
//! ];
//! let mut problems = Diagnostics::new();
//! let segments = Segments::bind(&specs, &mut schema, &mut problems).ok_or(problems)?;
//!
//! let mut table = Table::new(schema, 2);
//! table.column_mut(city).set_code(0, Some(0));
//! table.column_mut(spend).set(0, Some(1200.0));
//! table.column_mut(spend).set(1, Some(5.0));
//! segments.fill(&mut table);
//! let of = |row| segments.iter().map(|s| table.row(row).number(s.slot())).collect::<Vec<_>>();
//! assert_eq!(of(0), [Some(1.0), Some(1.0)]);
//! // The city is not known; whoever spends so little is not big anywhere.
//! assert_eq!(of(1), [None, Some(0.0)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde::{Deserialize, Serialize};

use super::lex::is_keyword;
use super::{BLOCK, Condition, Expr, Rule, Truth};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::Unit;
use crate::table::{Field, Row, Schema, Slot, Table};

/// One entry of `[[segments]]`: who is in it, and what it is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpec {
    /// The name, which is that of its column: lower-case letters, digits and `_`, unique among all columns.
    pub name: String,
    /// Who is in it. It may read the segments before it.
    pub when: Expr,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it goes by: `geography`, `industry`, `size`, `behaviour`, `value`, or any other word. It groups segments in
    /// reports and decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
}

impl SegmentSpec {
    /// A name and a rule.
    pub fn new(name: impl Into<String>, when: Expr) -> Self {
        Self {
            name: name.into(),
            when,
            description: None,
            dimension: None,
        }
    }

    /// Also what it goes by.
    #[must_use]
    pub fn by(mut self, dimension: impl Into<String>) -> Self {
        self.dimension = Some(dimension.into());
        self
    }

    /// The columns it reads; a column read twice comes twice.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        self.when.columns()
    }
}

/// Whether a name can be written in a rule without quotes.
fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let first = name.as_bytes().first();
    first.is_some_and(|b| !b.is_ascii_digit()) && name.bytes().all(plain)
}

/// Why a rule cannot read a column of a name; `None` where it can.
pub(crate) fn unusable(name: &str, path: &str) -> Option<Diagnostic> {
    let (message, help) = if !is_plain(name) {
        (
            format!("`{name}` is not a name a rule can use"),
            "use lower-case letters, digits and `_`, and no digit first",
        )
    } else if is_keyword(name) {
        // In a rule `true` would be the constant, without a word about it.
        (
            format!("`{name}` is a word with a meaning in rules"),
            "choose another name",
        )
    } else {
        return None;
    };
    Some(Diagnostic::error(Code::InvalidName, Place::at(path), message).help(help))
}

/// A segment bound to its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    name: String,
    dimension: Option<String>,
    description: Option<String>,
    rule: Rule,
    slot: Slot,
}

impl Segment {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it goes by.
    #[must_use]
    pub fn dimension(&self) -> Option<&str> {
        self.dimension.as_deref()
    }

    /// Who is in it.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The column it fills, of unit [`Flag`](Unit::Flag).
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.slot
    }

    /// Whether a customer is in it, as the [filled](Segments::fill) column says.
    #[must_use]
    pub fn truth(&self, row: Row<'_>) -> Truth {
        row.number(self.slot)
            .map_or(Truth::Unknown, |number| Truth::from(number != 0.0))
    }

    /// Whether a customer is in it, with every condition.
    #[must_use]
    pub fn explain(&self, row: Row<'_>) -> SegmentExplanation {
        let explained = self.rule.explained(row);
        SegmentExplanation {
            name: self.name.clone(),
            dimension: self.dimension.clone(),
            description: self.description.clone(),
            truth: explained.truth,
            conditions: explained.conditions,
        }
    }
}

/// Why a customer is in a segment, or is not, or why that is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentExplanation {
    /// The segment.
    pub name: String,
    /// What it goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the customer is in it.
    pub truth: Truth,
    /// Every condition of its rule, with what was found.
    pub conditions: Vec<Condition>,
}

/// The segments of a policy, bound: each fills its own column, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Segments(Vec<Segment>);

impl Segments {
    /// Binds segments to a schema, and adds their columns to it, or reports everything that is wrong with them at
    /// `segments[i]`.
    ///
    /// Reported are names that no rule can use or that another column has, an empty `dimension`, and what
    /// [`Expr::bind`] reports. `None` if there was an error; the columns of sound names are added then, too, so that who
    /// reads them is not to blame.
    pub fn bind(
        specs: &[SegmentSpec],
        schema: &mut Schema,
        problems: &mut Diagnostics,
    ) -> Option<Self> {
        let mut bound = Vec::with_capacity(specs.len());
        for (i, spec) in specs.iter().enumerate() {
            let place = Place::at(format!("segments[{i}].when"));
            let rule = spec.when.bind(schema, &place, problems);
            let slot = add(spec, i, schema, problems);
            if spec.dimension.as_ref().is_some_and(|d| d.trim().is_empty()) {
                let place = Place::at(format!("segments[{i}].dimension"));
                let help = "leave it out, or say what the segment goes by";
                let problem = Diagnostic::error(Code::Missing, place, "the dimension is empty");
                problems.push(problem.help(help));
                continue;
            }
            if let (Some(rule), Some(slot)) = (rule, slot) {
                bound.push(Segment {
                    name: spec.name.clone(),
                    dimension: spec.dimension.clone(),
                    description: spec.description.clone(),
                    rule,
                    slot,
                });
            }
        }
        (bound.len() == specs.len()).then_some(Self(bound))
    }

    /// The segments, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Segment> {
        self.0.iter()
    }

    /// A segment, by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Segment> {
        self.0.iter().find(|segment| segment.name == name)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules, in order, to be given their cuts.
    pub(crate) fn rules_mut(&mut self) -> impl Iterator<Item = &mut Rule> {
        self.0.iter_mut().map(|segment| &mut segment.rule)
    }

    /// Fills the columns of a table whose other columns are filled: 1 who is in a segment, 0 who is not, missing where
    /// that is not known.
    pub fn fill(&self, table: &mut Table) {
        for position in 0..self.0.len() {
            self.fill_one(position, table);
        }
    }

    /// Fills one of the columns.
    pub(crate) fn fill_one(&self, position: usize, table: &mut Table) {
        let Some(segment) = self.0.get(position) else {
            return;
        };
        let rows = table.rows();
        for first in (0..rows).step_by(BLOCK) {
            let len = BLOCK.min(rows - first);
            let mask = segment.rule.block(table, first, len);
            let column = table.column_mut(segment.slot);
            for lane in 0..len {
                column.set(first + lane, flag(mask.truth(lane)));
            }
        }
    }
}

/// An answer as the number of a flag.
fn flag(truth: Truth) -> Option<f64> {
    match truth {
        Truth::True => Some(1.0),
        Truth::False => Some(0.0),
        Truth::Unknown => None,
    }
}

/// Adds the column of a segment, or says what is wrong with its name.
fn add(
    spec: &SegmentSpec,
    i: usize,
    schema: &mut Schema,
    problems: &mut Diagnostics,
) -> Option<Slot> {
    let name = &spec.name;
    let place = Place::at(format!("segments[{i}].name"));
    if let Some(problem) = unusable(name, &place.path) {
        problems.push(problem);
        return None;
    }
    let slot = schema.add(Field::number(name.as_str(), Unit::Flag)).ok();
    if slot.is_none() {
        let message = format!("there is another column named `{name}`");
        problems.push(Diagnostic::error(Code::DuplicateName, place, message));
    }
    slot
}
