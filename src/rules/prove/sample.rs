//! A customer made up to show something.

use std::sync::Arc;

use super::space::{Axis, asks};
use crate::model::Unit;
use crate::rules::eval::{Rule, Step, Test, Truth, test_of};
use crate::rules::{Cut, Found, Measure, PopulationCondition};
use crate::table::{Row, Schema, Slot, Table};

/// A customer made up to show something: a row of the rules' table, and a place in the population where rules ask for one
/// and the population has not been seen yet.
///
/// Columns that the question does not depend on are missing.
#[derive(Debug, Clone)]
pub struct Sample {
    table: Table,
    places: Vec<(Slot, Measure, Option<f64>)>,
    /// The columns that the rules of the question read.
    read: Vec<(Slot, Option<Measure>)>,
}

/// What a sample has in one column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SampleValue {
    /// The column.
    pub column: Slot,
    /// Which place in the population it is, if it is not the column itself.
    pub measure: Option<Measure>,
    /// The unit; `None` for words.
    pub unit: Option<Unit>,
    /// What is there.
    pub found: Found,
}

impl Sample {
    /// A sample with one of the cells of each axis.
    pub(super) fn new(schema: &Arc<Schema>, axes: &[(&Axis, usize)]) -> Self {
        let mut sample = Self::empty(schema);
        for (axis, cell) in axes {
            sample.set(axis, axis.cells.get(*cell).copied().flatten());
        }
        sample
    }

    /// A sample with a value of one axis.
    pub(super) fn of(schema: &Arc<Schema>, axis: &Axis, value: Option<f64>) -> Self {
        let mut sample = Self::empty(schema);
        sample.set(axis, value);
        sample
    }

    fn empty(schema: &Arc<Schema>) -> Self {
        Self {
            table: Table::new(Arc::clone(schema), 1),
            places: Vec::new(),
            read: Vec::new(),
        }
    }

    fn set(&mut self, axis: &Axis, value: Option<f64>) {
        self.read.push((axis.slot, axis.measure));
        match axis.measure {
            None => self.table.column_mut(axis.slot).set(0, value),
            Some(measure) => {
                self.places.push((axis.slot, measure, value));
                // Who has a place in the population has something in the column. If a rule reads that, its axis comes too.
                if value.is_some() && self.row().cell(axis.slot).is_missing() {
                    self.table.column_mut(axis.slot).set(0, Some(0.0));
                }
            }
        }
    }

    /// The row.
    #[must_use]
    pub fn row(&self) -> Row<'_> {
        self.table.row(0)
    }

    /// What the sample has in the columns that the rules of the question read, in the order of the schema.
    #[must_use]
    pub fn values(&self) -> Vec<SampleValue> {
        let schema = self.table.schema();
        let value = |&(column, measure): &(Slot, Option<Measure>)| {
            let own = schema.field(column).and_then(|field| field.unit());
            let (unit, found) = match measure {
                None => (own, Found::of(self.row(), column, own)),
                Some(measure) => (
                    Some(match measure {
                        Measure::Percentile => Unit::Percent,
                        Measure::CumulativeShare => Unit::Share,
                    }),
                    self.place(column, measure)
                        .map_or(Found::Missing, Found::Number),
                ),
            };
            SampleValue {
                column,
                measure,
                unit,
                found,
            }
        };
        self.read.iter().map(value).collect()
    }

    fn place(&self, column: Slot, measure: Measure) -> Option<f64> {
        let places = self.places.iter();
        places
            .filter(|(slot, m, _)| (*slot, *m) == (column, measure))
            .find_map(|(_, _, value)| *value)
    }

    /// How a population with this customer in it cuts the column for a condition.
    #[must_use]
    pub fn cut(&self, condition: &PopulationCondition) -> Cut {
        match self.place(condition.slot, condition.measure) {
            None => Cut::Unknown,
            Some(place) if condition.op.holds(place, condition.at) => Cut::Always,
            Some(_) => Cut::Never,
        }
    }

    /// What a rule says about the sample: [`Rule::truth`], after the rule's open population conditions were given the
    /// sample's places.
    #[must_use]
    pub fn truth(&self, rule: &Rule) -> Truth {
        if asks(rule).all(|ask| ask.open.is_none()) {
            return rule.truth(self.row());
        }
        let cuts: Vec<Option<Cut>> = asks(rule)
            .map(|ask| ask.open.map(|o| self.cut(o)))
            .collect();
        let mut rule = rule.clone();
        let leaves = rule.steps.iter_mut().filter_map(|step| match step {
            Step::Leaf { test, negate, .. } => Some((test, negate)),
            _ => None,
        });
        for ((test, negate), cut) in leaves.zip(cuts) {
            if let (Test::Open, Some(cut)) = (&*test, cut) {
                (*test, *negate) = test_of(cut);
            }
        }
        rule.truth(self.row())
    }
}
