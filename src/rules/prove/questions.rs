//! What is asked of a list of rules as a whole, and of one rule condition by condition.

use super::condition::{self, Stated};
use super::search::{self, Constraint, Outcome};
use super::space::{Axis, Formula, Leaf, has};
use super::{Answer, Better, Demand, Prover, Sample, Truths};
use crate::rules::Measure;
use crate::table::Slot;

/// The values of a column, or of a place in the population, from the worst to the best.
pub(crate) struct Ranked {
    pub column: Slot,
    pub measure: Option<Measure>,
    pub better: Better,
    pub values: Vec<f64>,
}

impl<'r> Prover<'r> {
    /// Somebody whom no rule of the list covers: none of them is true.
    ///
    /// ```
    /// # use customer_value::diagnostic::{Diagnostics, Place};
    /// # use customer_value::model::Unit;
    /// # use customer_value::rules::{Found, column};
    /// # use customer_value::rules::prove::{Answer, Domains, Prover};
    /// # use customer_value::table::{Field, Schema};
    /// # let mut schema = Schema::new();
    /// # schema.add(Field::number("spend", Unit::Money))?;
    /// # let bind = |expr: customer_value::rules::Expr| {
    /// #     expr.bind(&schema, &Place::at("example"), &mut Diagnostics::new()).unwrap()
    /// # };
    /// let rules = [bind(column("spend").gt(100)), bind(column("spend").lt(100))];
    /// let prover = Prover::new(schema.clone(), &Domains::of(&schema), &rules);
    /// let Answer::Found(sample) = prover.uncovered() else { panic!() };
    /// assert_eq!(sample.values()[0].found, Found::Number(100.0));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    pub fn uncovered(&self) -> Answer<Sample> {
        let none: Vec<Demand> = (0..self.rules.len())
            .map(|rule| (rule, Truths::NOT_TRUE))
            .collect();
        // Who is covered nowhere because nothing is known of them says less than who is known.
        match self.find_known(&none) {
            Answer::None => self.find(&none),
            answer => answer,
        }
    }

    /// Every two rules of the list that both hold for somebody: what may not be where exactly one is to hold and the
    /// order does not decide. Pairs that are not decided are among them, without a sample.
    ///
    /// ```
    /// # use customer_value::diagnostic::{Diagnostics, Place};
    /// # use customer_value::model::Unit;
    /// # use customer_value::rules::{Found, column};
    /// # use customer_value::rules::prove::{Domains, Prover};
    /// # use customer_value::table::{Field, Schema};
    /// # let mut schema = Schema::new();
    /// # schema.add(Field::number("spend", Unit::Money))?;
    /// # let bind = |expr: customer_value::rules::Expr| {
    /// #     expr.bind(&schema, &Place::at("example"), &mut Diagnostics::new()).unwrap()
    /// # };
    /// let low = bind(column("spend").le(100));
    /// let middle = bind(column("spend").between(100, 500));
    /// let high = bind(column("spend").gt(500));
    /// let prover = Prover::new(schema.clone(), &Domains::of(&schema), [&low, &middle, &high]);
    /// let overlaps = prover.overlaps();
    /// assert_eq!(overlaps.len(), 1);
    /// let (first, second, sample) = &overlaps[0];
    /// assert_eq!((*first, *second), (0, 1));
    /// assert_eq!(sample.as_ref().unwrap().values()[0].found, Found::Number(100.0));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    pub fn overlaps(&self) -> Vec<(usize, usize, Option<Sample>)> {
        let mut found = Vec::new();
        for first in 0..self.rules.len() {
            for second in first + 1..self.rules.len() {
                match self.find(&[(first, Truths::TRUE), (second, Truths::TRUE)]) {
                    Answer::None => {}
                    answer => found.push((first, second, answer.found())),
                }
            }
        }
        found
    }

    /// Somebody who meets as many of a rule's demands as can be met together, in the order of its text; for a rule that
    /// does not ask for several things at once, somebody for whom it does not hold.
    pub(crate) fn nearly(&self, rule: usize) -> Option<Sample> {
        let parts: &[Formula] = match self.formulas.get(rule)? {
            Formula::All(parts) => parts,
            _ => &[],
        };
        let (start, offsets) = search::start(&self.axes);
        let spans = self.spans(&[&offsets]);
        let mut met = self.constraints(&[], &offsets);
        let mut last = start.clone();
        for formula in parts {
            met.push(Constraint {
                formula,
                wanted: Truths::TRUE,
                offsets: &offsets,
            });
            match self.run(start.clone(), &met, &[], &spans) {
                Outcome::Found(state) => last = state,
                Outcome::None | Outcome::GaveUp => drop(met.pop()),
            }
        }
        let read = self.read(&[(rule, Truths::TRUE)]);
        Some(self.sample(&read, |axis| self.first(axis, &offsets, &last)))
    }

    /// Whether a rule that holds for somebody holds for everybody who is at least as good, seen from each of its
    /// conditions alone. If so it holds of the whole; if not, nothing is said.
    pub(crate) fn plainly_monotone(
        &self,
        rule: usize,
        better: impl Fn(Slot) -> Option<Better>,
    ) -> bool {
        let mut leaves: Vec<&Leaf> = Vec::new();
        if let Some(formula) = self.formulas.get(rule) {
            formula.leaves(&mut leaves);
        }
        leaves.iter().all(|leaf| {
            let Some(axis) = self.axes.get(leaf.axis) else {
                return true;
            };
            let known = (1..axis.cells.len()).map(|cell| has(&leaf.yes, cell));
            match axis.better(&better) {
                None => true,
                Some(Better::Higher) => known.is_sorted(),
                Some(Better::Lower) => known.rev().is_sorted(),
            }
        })
    }

    /// The conditions of a rule, in the order of its text, each as it stands alone.
    pub(crate) fn conditions(&self, rule: usize) -> Vec<Stated<'r>> {
        let rule = self.rules.get(rule).copied();
        rule.map_or_else(Vec::new, |rule| {
            condition::stated(rule, &self.schema, &self.axes)
        })
    }

    /// The columns, and places in the population, that have a better side, each with one value of every cell: the worst
    /// first.
    pub(crate) fn ranked(&self, better: impl Fn(Slot) -> Option<Better>) -> Vec<Ranked> {
        let ranked = |axis: &Axis| {
            let better = axis.better(&better)?;
            let mut values: Vec<f64> = axis.cells.iter().flatten().copied().collect();
            if better == Better::Lower {
                values.reverse();
            }
            Some(Ranked {
                column: axis.slot,
                measure: axis.measure,
                better,
                values,
            })
        };
        self.axes.iter().filter_map(ranked).collect()
    }
}
