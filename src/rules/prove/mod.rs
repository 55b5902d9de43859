//! What no customer can be, proved; and who could be, shown.
//!
//! Every comparison of the [rule language](super) is one of a column with constants. So the values of a column fall into
//! finitely many *cells* in which no condition changes its answer: the points and the gaps between the constants, and
//! missing. A question about rules, "is there anybody for whom this holds and that does not", is one about finitely many
//! cells, and the [`Prover`] answers it exactly: with a [`Sample`], a customer made up for whom the rules themselves
//! were asked again, or with the proof that there is none.
//!
//! **What is taken for granted.** The columns are independent of one another, and each holds what its [`Domain`] says,
//! by default that of its unit. So "there is none" is certain, and a sample is somebody whom the rules allow; a sample
//! with `purchases` 0 and `spend` 500 may not walk the earth. A place in the population
//! (`percentile(spend)`) is a column of its own, from 0 to 100, until the rule is [frozen](super::Rule::freeze): it is
//! known only where the column is. From then on it is a cut of the column.
//!
//! **The limit.** Such questions are as hard as satisfiability, so there is a limit of steps
//! ([`Prover::limit`]), and beyond it the answer is [`Answer::NotDecided`]. Rules that people write stay far below it.
//!
//! ```
//! use customer_value::diagnostic::{Diagnostics, Place};
//! use customer_value::model::Unit;
//! use customer_value::rules::Expr;
//! use customer_value::rules::prove::{Answer, Domains, Prover, Truths};
//! use customer_value::table::{Field, Schema};
//!
//! let mut schema = Schema::new();
//! schema.add(Field::number("spend", Unit::Money))?;
//! schema.add(Field::number("purchases", Unit::Count))?;
//! let mut problems = Diagnostics::new();
//! let mut bind = |text: &str| -> Result<_, Box<dyn std::error::Error>> {
//!     Ok(text.parse::<Expr>()?.bind(&schema, &Place::at("example"), &mut problems).unwrap())
//! };
//! let gold = bind("spend >= 500")?;
//! let silver = bind("spend >= 500 and purchases > 2")?;
//! let never = bind("purchases > 2 and purchases < 3")?;
//! let prover = Prover::new(schema.clone(), &Domains::of(&schema), [&gold, &silver, &never]);
//!
//! // Everybody in silver is in gold.
//! assert!(matches!(prover.find(&[(0, Truths::NOT_TRUE), (1, Truths::TRUE)]), Answer::None));
//! // Purchases are whole.
//! assert!(matches!(prover.find(&[(2, Truths::TRUE)]), Answer::None));
//! // Somebody in gold is not in silver.
//! let Answer::Found(sample) = prover.find(&[(0, Truths::TRUE), (1, Truths::FALSE)]) else { panic!() };
//! assert_eq!(sample.row().number(schema.slot("spend").unwrap()), Some(500.0));
//! assert_eq!(sample.row().number(schema.slot("purchases").unwrap()), Some(2.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod condition;
mod domain;
mod questions;
mod sample;
mod search;
mod space;
mod truths;

pub(crate) use condition::Stated;
pub use domain::{Domain, Domains};
pub(crate) use questions::Ranked;
pub use sample::{Sample, SampleValue};
pub use truths::Truths;

use std::cell::Cell;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::search::{Constraint, Ordered, Outcome, Span, State, search};
use self::space::{Axis, Formula, Leaf, bits};
use super::{Measure, Rule, Truth};
use crate::table::{Schema, Slot};

/// How many steps a question may take, if nothing else is said; one is one visit of one condition.
pub const STEPS: u64 = 1 << 20;

/// The answer to a question whether there is somebody.
#[derive(Debug, Clone)]
pub enum Answer<T> {
    /// There is, for instance this one.
    Found(T),
    /// There is nobody: proved.
    None,
    /// The rules are too large for the limit of steps.
    NotDecided,
}

impl<T> Answer<T> {
    /// The one who was found.
    #[must_use]
    pub fn found(self) -> Option<T> {
        match self {
            Self::Found(one) => Some(one),
            Self::None | Self::NotDecided => None,
        }
    }

    /// Proved that there is nobody.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// Which values of a column are the better ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The higher the better, such as spend.
    Higher,
    /// The lower the better, such as the days since the last purchase.
    Lower,
}

/// What is wanted of a rule, by its position in the prover's list, of a row: one of these answers. A position that is not
/// in the list asks for nothing.
pub type Demand = (usize, Truths);

/// Answers questions about a list of rules.
#[derive(Debug, Clone)]
pub struct Prover<'r> {
    schema: Arc<Schema>,
    rules: Vec<&'r Rule>,
    axes: Vec<Axis>,
    /// Those of the rules, then those that are joined from them.
    formulas: Vec<Formula>,
    /// The rules that each of the latter is joined from.
    joined: Vec<Vec<usize>>,
    /// Where a place in the population and its column are both read, that the one is known only if the other is.
    couplings: Vec<Formula>,
    limit: u64,
    total: u64,
    spent: Cell<u64>,
}

impl<'r> Prover<'r> {
    /// Reads rules that are bound to the same schema.
    #[must_use]
    pub fn new(
        schema: impl Into<Arc<Schema>>,
        domains: &Domains,
        rules: impl IntoIterator<Item = &'r Rule>,
    ) -> Self {
        let schema = schema.into();
        let rules: Vec<&Rule> = rules.into_iter().collect();
        let axes = space::axes(&schema, domains, &rules);
        Self {
            formulas: rules.iter().map(|r| space::formula(r, &axes)).collect(),
            joined: Vec::new(),
            couplings: space::couplings(&axes),
            schema,
            rules,
            axes,
            limit: STEPS,
            total: u64::MAX,
            spent: Cell::new(0),
        }
    }

    /// The same with another limit of steps for each question; one step is one visit of one condition.
    #[must_use]
    pub fn limit(mut self, steps: u64) -> Self {
        self.limit = steps;
        self
    }

    /// The same with a limit of steps for all questions together; where it is reached nothing more is decided.
    #[must_use]
    pub fn total(mut self, steps: u64) -> Self {
        self.total = steps;
        self
    }

    /// Adds "all of these rules" to the list, to be asked about like a rule; its position.
    pub(crate) fn join(&mut self, rules: &[usize]) -> usize {
        let parts = rules.iter().filter_map(|rule| self.formulas.get(*rule));
        self.formulas.push(Formula::All(parts.cloned().collect()));
        self.joined.push(rules.to_vec());
        self.formulas.len() - 1
    }

    /// How many steps all questions have taken so far.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent.get()
    }

    /// Somebody for whom each of the rules gives one of the wanted answers.
    pub fn find(&self, demands: &[Demand]) -> Answer<Sample> {
        self.find_where(demands, |_, _, _| true)
    }

    /// The same among those of whom everything that the rules read is known.
    pub fn find_known(&self, demands: &[Demand]) -> Answer<Sample> {
        self.find_where(demands, |_, _, value| value.is_some())
    }

    /// The same among those whose value in each column, and place in it, is allowed (`None`: missing).
    pub(crate) fn find_where(
        &self,
        demands: &[Demand],
        allowed: impl Fn(Slot, Option<Measure>, Option<f64>) -> bool,
    ) -> Answer<Sample> {
        let (mut start, offsets) = search::start(&self.axes);
        for (axis, at) in self.axes.iter().zip(&offsets) {
            let value = |cell| axis.cells.get(cell).copied().flatten();
            let stays = bits(axis.cells.len(), |cell| {
                allowed(axis.slot, axis.measure, value(cell))
            });
            let cells = start.iter_mut().skip(*at);
            cells.zip(&stays).for_each(|(cells, stays)| *cells &= stays);
        }
        // What no rule asks about has to be something too.
        if !self.inhabited(&start, &offsets) {
            return Answer::None;
        }
        let constraints = self.constraints(demands, &offsets);
        match self.run(start, &constraints, &[], &self.spans(&[&offsets])) {
            Outcome::GaveUp => Answer::NotDecided,
            Outcome::None => Answer::None,
            Outcome::Found(state) => {
                let read = self.read(demands);
                let sample = self.sample(&read, |axis| self.first(axis, &offsets, &state));
                self.checked(demands, &sample)
                    .then_some(sample)
                    .map_or(Answer::NotDecided, Answer::Found)
            }
        }
    }

    /// Two customers, of whom the second is at least as good in every column that has a better side, and equal in all
    /// others; what is not known of the one is not known of the other.
    ///
    /// A cumulative share is the better the lower it is, if its column is the better the higher.
    pub fn find_pair(
        &self,
        better: impl Fn(Slot) -> Option<Better>,
        first: &[Demand],
        second: &[Demand],
    ) -> Answer<[Sample; 2]> {
        let (mut start, offsets) = search::start(&self.axes);
        if !self.inhabited(&start, &offsets) {
            return Answer::None;
        }
        let mut other = offsets.clone();
        let mut pairs: Vec<Option<(Ordered, Better)>> = Vec::new();
        for (axis, at) in self.axes.iter().zip(&mut other) {
            let side = axis.better(&better);
            pairs.push(side.map(|side| {
                let (before, after) = (*at, start.len());
                *at = after;
                start.extend(&axis.all);
                let (lesser, greater) = match side {
                    Better::Higher => (before, after),
                    Better::Lower => (after, before),
                };
                let words = axis.all.len();
                (
                    Ordered {
                        lesser,
                        greater,
                        words,
                    },
                    side,
                )
            }));
        }
        let ordered: Vec<Ordered> = pairs.iter().flatten().map(|(pair, _)| *pair).collect();
        let mut constraints = self.constraints(first, &offsets);
        constraints.extend(self.constraints(second, &other));
        match self.run(
            start,
            &constraints,
            &ordered,
            &self.spans(&[&offsets, &other]),
        ) {
            Outcome::GaveUp => Answer::NotDecided,
            Outcome::None => Answer::None,
            Outcome::Found(state) => {
                let mut read = self.read(first);
                read.extend(self.read(second));
                read.sort_unstable();
                read.dedup();
                let cells = |axis: usize| -> Option<(usize, usize)> {
                    if let Some((pair, side)) = pairs.get(axis)? {
                        let (lesser, greater) = pair.choose(&state);
                        return Some(match side {
                            Better::Higher => (lesser, greater),
                            Better::Lower => (greater, lesser),
                        });
                    }
                    let cell = self.first(axis, &offsets, &state)?;
                    Some((cell, cell))
                };
                let pair = [
                    self.sample(&read, |axis| Some(cells(axis)?.0)),
                    self.sample(&read, |axis| Some(cells(axis)?.1)),
                ];
                let [one, two] = &pair;
                (self.checked(first, one) && self.checked(second, two))
                    .then_some(pair)
                    .map_or(Answer::NotDecided, Answer::Found)
            }
        }
    }

    fn constraints<'a>(&'a self, demands: &[Demand], offsets: &'a [usize]) -> Vec<Constraint<'a>> {
        let asked = demands.iter().filter_map(|(rule, wanted)| {
            let formula = self.formulas.get(*rule)?;
            Some((formula, *wanted))
        });
        let coupled = self.couplings.iter().map(|f| (f, Truths::TRUE));
        let constraint = |(formula, wanted)| Constraint {
            formula,
            wanted,
            offsets,
        };
        asked.chain(coupled).map(constraint).collect()
    }

    /// Where the cells of every axis of every row are.
    fn spans(&self, rows: &[&[usize]]) -> Vec<Span> {
        let row = |offsets: &&[usize]| -> Vec<Span> {
            let axes = self.axes.iter().zip(*offsets);
            axes.map(|(axis, at)| (*at, axis.all.len())).collect()
        };
        rows.iter().flat_map(row).collect()
    }

    fn run(
        &self,
        start: State,
        constraints: &[Constraint<'_>],
        ordered: &[Ordered],
        spans: &[Span],
    ) -> Outcome {
        let granted = self.limit.min(self.total.saturating_sub(self.spent()));
        let mut steps = granted;
        let outcome = search(start, constraints, ordered, spans, &mut steps);
        self.spent.set(self.spent().saturating_add(granted - steps));
        outcome
    }

    /// The axes that the rules of some demands read, ascending.
    fn read(&self, demands: &[Demand]) -> Vec<usize> {
        let mut leaves: Vec<&Leaf> = Vec::new();
        for formula in demands
            .iter()
            .filter_map(|(rule, _)| self.formulas.get(*rule))
        {
            formula.leaves(&mut leaves);
        }
        let mut read: Vec<usize> = leaves.iter().map(|leaf| leaf.axis).collect();
        // Who has a place in the population has something in the column: what another rule may read.
        for (i, axis) in self.axes.iter().enumerate() {
            let place = |at: &usize| {
                let place = self.axes.get(*at);
                place.is_some_and(|place| place.measure.is_some() && place.slot == axis.slot)
            };
            if axis.measure.is_none() && read.iter().any(place) {
                read.push(i);
            }
        }
        read.sort_unstable();
        read.dedup();
        read
    }

    /// Every axis has a cell.
    fn inhabited(&self, state: &State, offsets: &[usize]) -> bool {
        let mut axes = self.axes.iter().zip(offsets);
        axes.all(|(axis, at)| {
            let cells = state.get(*at..*at + axis.all.len()).unwrap_or_default();
            cells.iter().any(|word| *word != 0)
        })
    }

    /// The first cell of an axis that is left, a known one if there is one.
    fn first(&self, axis: usize, offsets: &[usize], state: &State) -> Option<usize> {
        let at = offsets.get(axis).copied()?;
        let cells = state.get(at..at + self.axes.get(axis)?.all.len())?;
        Some(search::first_known(cells).unwrap_or(0))
    }

    fn sample(&self, read: &[usize], cell: impl Fn(usize) -> Option<usize>) -> Sample {
        let axes: Vec<(&Axis, usize)> = read
            .iter()
            .filter_map(|i| Some((self.axes.get(*i)?, cell(*i)?)))
            .collect();
        Sample::new(&self.schema, &axes)
    }

    /// The rules themselves say so too.
    fn checked(&self, demands: &[Demand], sample: &Sample) -> bool {
        let truth = |rule: &usize| Some(sample.truth(self.rules.get(*rule)?));
        let all = |parts: &Vec<usize>| {
            let mut truths = parts.iter().filter_map(truth);
            let all = truths.try_fold(Truth::True, |all, one| match (all, one) {
                (_, Truth::False) => Err(Truth::False),
                (Truth::True, one) => Ok(one),
                (all, _) => Ok(all),
            });
            all.unwrap_or_else(|no| no)
        };
        let ok = demands.iter().all(|(rule, wanted)| {
            let joined = rule.checked_sub(self.rules.len());
            let joined = joined.and_then(|at| self.joined.get(at)).map(all);
            let truth = truth(rule).or(joined);
            truth.is_none_or(|truth| wanted.contains(truth))
        });
        debug_assert!(ok, "a sample does not do what was asked of it");
        ok
    }
}
