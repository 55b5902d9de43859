//! The columns that some rules read, cut into cells, and the rules over these cells.

use super::domain::{Domain, Domains};
use super::{Better, Truths};
use crate::model::Unit;
use crate::rules::Op;
use crate::rules::eval::{Join, Label, Rule, Step, Test, Truth};
use crate::rules::population::{Measure, PopulationCondition};
use crate::table::{Cell, Kind, Schema, Slot};

/// One column, or one measure of its place in the population, cut into cells.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub slot: Slot,
    pub measure: Option<Measure>,
    pub domain: Domain,
    /// One value of every cell, ascending; the first stands for missing.
    pub cells: Vec<Option<f64>>,
    /// The cells that there are, one bit each.
    pub all: Box<[u64]>,
}

impl Axis {
    /// Which of its values are the better ones; a cumulative share is the other way round than its column.
    pub(super) fn better(&self, better: impl Fn(Slot) -> Option<Better>) -> Option<Better> {
        let side = better(self.slot)?;
        Some(match (self.measure, side) {
            (Some(Measure::CumulativeShare), Better::Higher) => Better::Lower,
            (Some(Measure::CumulativeShare), Better::Lower) => Better::Higher,
            (_, side) => side,
        })
    }
}

/// A rule over cells. The steps of a [`Rule`] as a tree, with its answer for every cell in the leaves.
#[derive(Debug, Clone)]
pub(super) enum Formula {
    Constant(bool),
    Leaf(Leaf),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub axis: usize,
    /// The cells for which it is true, and false.
    pub yes: Box<[u64]>,
    pub no: Box<[u64]>,
}

/// A set of cells with one bit for each of `len`.
pub(super) fn bits(len: usize, holds: impl Fn(usize) -> bool) -> Box<[u64]> {
    let mut words = vec![0_u64; len.div_ceil(64)];
    for cell in (0..len).filter(|cell| holds(*cell)) {
        if let Some(word) = words.get_mut(cell / 64) {
            *word |= 1 << (cell % 64);
        }
    }
    words.into()
}

pub(super) fn has(words: &[u64], cell: usize) -> bool {
    words
        .get(cell / 64)
        .is_some_and(|word| word >> (cell % 64) & 1 != 0)
}

/// What a leaf asks: its column and, if its population condition is still open, that.
pub(super) struct Ask<'r> {
    pub slot: Slot,
    pub open: Option<&'r PopulationCondition>,
    pub test: &'r Test,
    pub negate: bool,
    pub label: &'r Label,
}

/// The leaves of a rule, in the order of its text.
pub(super) fn asks(rule: &Rule) -> impl Iterator<Item = Ask<'_>> {
    let leaves = rule.steps.iter().filter_map(|step| match step {
        Step::Leaf {
            slot, test, negate, ..
        } => Some((*slot, test, *negate)),
        _ => None,
    });
    leaves
        .zip(&rule.labels)
        .map(|((slot, test, negate), label)| {
            let open = label.population.filter(|_| *test == Test::Open);
            Ask {
                slot,
                open: open.and_then(|i| rule.population.get(i)),
                test,
                negate,
                label,
            }
        })
}

impl Ask<'_> {
    /// The measure its axis is of.
    pub fn measure(&self) -> Option<Measure> {
        self.open.map(|open| open.measure)
    }

    /// Adds where the answer changes: before each of these numbers.
    fn starts(&self, into: &mut Vec<f64>) {
        let mut around = |low: f64, high: f64| into.extend([low, high.next_up()]);
        match (self.open, self.test) {
            (Some(open), _) => match open.op {
                Op::Ge | Op::Lt => into.push(open.at),
                Op::Gt | Op::Le => into.push(open.at.next_up()),
                Op::Eq | Op::Ne => around(open.at, open.at),
            },
            (None, Test::Span { low, high }) => around(*low, *high),
            (None, Test::In(values)) => values.iter().for_each(|v| around(*v, *v)),
            (None, Test::Missing | Test::Open) => {}
        }
    }

    /// The answer for a value, by the kernel that decides.
    pub fn truth(&self, value: Option<f64>) -> Truth {
        if let Some(open) = self.open {
            return value.map_or(Truth::Unknown, |v| open.op.holds(v, open.at).into());
        }
        let cell = value.map_or(Cell::MISSING, Cell::from_number);
        let mask = self.test.answer(&[cell], 1);
        if self.negate { mask.not() } else { mask }.truth(0)
    }
}

/// The axes of all columns that the rules read, in the order of the schema.
pub(super) fn axes(schema: &Schema, domains: &Domains, rules: &[&Rule]) -> Vec<Axis> {
    let mut read: Vec<(Slot, Option<Measure>, Vec<f64>)> = Vec::new();
    for ask in rules.iter().flat_map(|rule| asks(rule)) {
        let key = (ask.slot, ask.measure());
        let at = read
            .iter()
            .position(|(slot, measure, _)| (*slot, *measure) == key);
        let at = at.unwrap_or_else(|| {
            read.push((key.0, key.1, Vec::new()));
            read.len() - 1
        });
        if let Some((_, _, starts)) = read.get_mut(at) {
            ask.starts(starts);
        }
    }
    read.sort_by_key(|(slot, measure, _)| (*slot, measure.map(|m| m as u8)));
    read.into_iter()
        .map(|(slot, measure, starts)| {
            let own = domains.domain(slot);
            let field = schema.field(slot);
            let (domain, known) = match (measure, field.map(|f| f.kind())) {
                // A column without a place in the population: the population has not been seen.
                (Some(Measure::Percentile), _) => (Domain::of(Unit::Percent), None),
                (Some(Measure::CumulativeShare), _) => (Domain::of(Unit::Share), None),
                (None, Some(Kind::Category(words))) => {
                    let codes = 0..u32::try_from(words.len()).unwrap_or(u32::MAX);
                    (own, Some(codes.map(f64::from).collect()))
                }
                (None, _) => (own, None),
            };
            let known: Vec<f64> = known.unwrap_or_else(|| domain.cells(starts));
            let cells: Vec<_> = std::iter::once(None)
                .chain(known.into_iter().map(Some))
                .collect();
            let all = bits(cells.len(), |cell| cell > 0 || !domain.known);
            Axis {
                slot,
                measure,
                domain,
                cells,
                all,
            }
        })
        .collect()
}

/// The tree of a rule; a rule with a column that has no axis is never asked about.
pub(super) fn formula(rule: &Rule, axes: &[Axis]) -> Formula {
    let mut leaves = asks(rule);
    // One open group for each level, with what it is so far.
    let mut open: Vec<Option<Formula>> = Vec::new();
    for step in &rule.steps {
        let (operand, join) = match step {
            Step::Leaf { join, .. } => {
                let leaf = leaves.next().and_then(|ask| leaf(&ask, axes));
                (leaf.map_or(Formula::Constant(false), Formula::Leaf), *join)
            }
            Step::Constant { value, join } => (Formula::Constant(*value), *join),
            Step::Group(join) => {
                let closed = open.pop().flatten();
                (closed.unwrap_or(Formula::Constant(false)), *join)
            }
        };
        match (join, open.last_mut()) {
            (Join::Push, _) | (_, None) => open.push(Some(operand)),
            (Join::And, Some(group)) => {
                *group = Some(match group.take() {
                    Some(Formula::All(mut all)) => {
                        all.push(operand);
                        Formula::All(all)
                    }
                    other => Formula::All(other.into_iter().chain([operand]).collect()),
                });
            }
            (Join::Or, Some(group)) => {
                *group = Some(match group.take() {
                    Some(Formula::Any(mut any)) => {
                        any.push(operand);
                        Formula::Any(any)
                    }
                    other => Formula::Any(other.into_iter().chain([operand]).collect()),
                });
            }
        }
    }
    open.pop().flatten().unwrap_or(Formula::Constant(false))
}

fn leaf(ask: &Ask<'_>, axes: &[Axis]) -> Option<Leaf> {
    let key = (ask.slot, ask.measure());
    let index = axes
        .iter()
        .position(|axis| (axis.slot, axis.measure) == key)?;
    let axis = axes.get(index)?;
    let truths: Vec<Truths> = axis.cells.iter().map(|v| ask.truth(*v).into()).collect();
    let set = |wanted| bits(truths.len(), |cell| truths.get(cell) == Some(&wanted));
    Some(Leaf {
        axis: index,
        yes: set(Truths::TRUE),
        no: set(Truths::FALSE),
    })
}

impl Formula {
    /// How many nodes it has.
    pub fn size(&self) -> u64 {
        match self {
            Self::Constant(_) | Self::Leaf(_) => 1,
            Self::All(inner) | Self::Any(inner) => 1 + inner.iter().map(Self::size).sum::<u64>(),
        }
    }

    /// Adds every leaf.
    pub fn leaves<'a>(&'a self, into: &mut Vec<&'a Leaf>) {
        match self {
            Self::Constant(_) => {}
            Self::Leaf(leaf) => into.push(leaf),
            Self::All(inner) | Self::Any(inner) => inner.iter().for_each(|f| f.leaves(into)),
        }
    }
}

/// For each place in the population whose column is read too: the place is missing, or the column is not.
pub(super) fn couplings(axes: &[Axis]) -> Vec<Formula> {
    let missing = |index: usize, axis: &Axis, wanted: bool| {
        let len = axis.cells.len();
        Formula::Leaf(Leaf {
            axis: index,
            yes: bits(len, |cell| (cell == 0) == wanted),
            no: bits(len, |cell| (cell == 0) != wanted),
        })
    };
    let mut found = Vec::new();
    for (i, place) in axes.iter().enumerate().filter(|(_, a)| a.measure.is_some()) {
        let column = axes
            .iter()
            .enumerate()
            .find(|(_, axis)| (axis.slot, axis.measure) == (place.slot, None));
        if let Some((j, column)) = column {
            found.push(Formula::Any(vec![
                missing(j, column, false),
                missing(i, place, true),
            ]));
        }
    }
    found
}
