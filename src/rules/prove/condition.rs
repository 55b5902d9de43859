//! The conditions of a rule, each as it stands alone.

use std::ops::Range;
use std::sync::Arc;

use super::domain::Domain;
use super::sample::Sample;
use super::space::{Ask, Axis, asks};
use super::truths::Truths;
use crate::model::Unit;
use crate::rules::Measure;
use crate::rules::eval::{Rule, Test};
use crate::table::{Schema, Slot};

/// A condition of a rule as it stands alone.
pub(crate) struct Stated<'r> {
    /// Canonical text; under a `not` the opposite of what was written.
    pub text: &'r str,
    pub column: Slot,
    /// Which place in the population it is about, if it is not about the column itself.
    pub measure: Option<Measure>,
    pub unit: Option<Unit>,
    /// The numbers it compares with, as written.
    pub ends: Vec<f64>,
    /// Where it is in the text of the rule, if it is from one.
    pub bytes: Option<Range<usize>>,
    pub domain: Domain,
    /// The answers it can give about what is known; both, if it is about what is not.
    pub answers: Truths,
    /// It asks whether something is known.
    pub about_missing: bool,
    /// Somebody near to the numbers it compares with.
    pub sample: Sample,
}

/// The conditions of a rule, in the order of its text.
pub(super) fn stated<'r>(rule: &'r Rule, schema: &Arc<Schema>, axes: &[Axis]) -> Vec<Stated<'r>> {
    let one = |ask: Ask<'r>| {
        let key = (ask.slot, ask.measure());
        let axis = axes.iter().find(|a| (a.slot, a.measure) == key)?;
        let condition = ask.label.population.and_then(|i| rule.population.get(i));
        let measure = condition.map(|condition| condition.measure);
        let ends = condition.map_or_else(|| ask.label.ends.clone(), |c| vec![c.at]);
        // What a fit has made of a place in the population is not what was written.
        let as_written = condition.is_none() || ask.open.is_some();
        let about_missing = *ask.test == Test::Missing;
        let answers = if about_missing || !as_written {
            Truths::KNOWN
        } else {
            let known = axis.cells.iter().flatten();
            known.fold(Truths::NONE, |answers, value| {
                answers.or(ask.truth(Some(*value)).into())
            })
        };
        Some(Stated {
            text: &ask.label.leaf.text,
            column: ask.slot,
            measure,
            unit: match measure {
                None => ask.label.unit,
                Some(Measure::Percentile) => Some(Unit::Percent),
                Some(Measure::CumulativeShare) => Some(Unit::Share),
            },
            bytes: ask.label.bytes.clone(),
            domain: axis.domain,
            answers,
            about_missing,
            sample: Sample::of(schema, axis, nearest(axis, &ends)),
            ends,
        })
    };
    asks(rule).filter_map(one).collect()
}

/// The value that a column can hold that is the nearest to what it is compared with.
fn nearest(axis: &Axis, ends: &[f64]) -> Option<f64> {
    let other = axis.cells.iter().flatten().next().copied();
    let Some(end) = ends.first() else {
        return other;
    };
    let Domain {
        low, high, whole, ..
    } = axis.domain;
    let value = end.max(low).min(high);
    match (whole, value.floor(), value.ceil()) {
        (false, ..) => Some(value),
        (true, floor, _) if floor >= low => Some(floor),
        (true, _, ceil) if ceil <= high => Some(ceil),
        (true, ..) => other,
    }
}
