//! What an analysis found, and the customers who show it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::model::Unit;
use crate::rules::prove::{Sample, SampleValue};
use crate::rules::{Found, column, cumulative_share, percentile};
use crate::rules::{Measure, Term};
use crate::table::Schema;

/// Something wrong or doubtful in a policy that binds, with customers made up to show it.
///
/// [`Display`](fmt::Display) gives the diagnostic on one line and each customer on another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What is wrong, how bad it is, where, and what to do about it.
    pub diagnostic: Diagnostic,
    /// The customers who show it; of those that are compared, the better one is the second. None if it was not decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witness: Vec<Witness>,
}

/// A customer made up to show something: what is known of them, and their tier.
///
/// [`Display`](fmt::Display) gives one line: `spend 500.00, purchases 3: silver`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// The columns that it depends on, in their order; everything else is not known.
    pub values: Vec<WitnessValue>,
    /// The tier that such a customer qualifies for.
    pub tier: String,
}

/// What a customer has in one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessValue {
    /// The column as rules write it: `spend`, or `percentile(spend)` before the policy is fitted.
    pub column: String,
    /// Its unit; `None` for words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What the customer has there.
    pub found: Found,
}

impl Witness {
    pub(super) fn new(schema: &Schema, sample: &Sample, tier: &str) -> Self {
        let value = |value: SampleValue| WitnessValue {
            column: value
                .column_term(schema)
                .map_or_else(String::new, |term| term.to_string()),
            unit: value.unit,
            found: value.found,
        };
        Self {
            values: sample.values().into_iter().map(value).collect(),
            tier: tier.to_owned(),
        }
    }
}

impl SampleValue {
    fn column_term(&self, schema: &Schema) -> Option<Term> {
        let name = schema.field(self.column)?.name();
        Some(term(name, self.measure))
    }
}

/// How a rule writes a column or a place in it.
pub(super) fn term(name: &str, measure: Option<Measure>) -> Term {
    match measure {
        None => column(name),
        Some(Measure::Percentile) => percentile(name),
        Some(Measure::CumulativeShare) => cumulative_share(name),
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, value) in self.values.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            let found = value.found.text(value.unit);
            write!(f, "{comma}{} {found}", value.column)?;
        }
        if self.values.is_empty() {
            f.write_str("anybody")?;
        }
        write!(f, ": {}", self.tier)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)?;
        for witness in &self.witness {
            write!(f, "\n  {witness}")?;
        }
        Ok(())
    }
}
