//! The search for cells that give rules the wanted answers.
//!
//! Each column starts with all its cells. What a demand forces is taken away (propagation); where nothing more is forced,
//! one undecided condition is assumed to hold, and then not to. A branch ends when a demand cannot be met any more, or
//! when all are met whatever the cells that are left. It is a plain DPLL search over finite domains: exact, and without
//! an end in sight only for formulas made to be hard, for which there is a limit.

use super::Truths;
use super::space::{Axis, Formula, Leaf, has};

/// A rule over one of the rows looked for, and the answers it may give.
pub(super) struct Constraint<'a> {
    pub formula: &'a Formula,
    pub wanted: Truths,
    /// Where the cells of each axis are among the words of a [`State`].
    pub offsets: &'a [usize],
}

/// Two rows' cells of one axis, of which the second is at least as good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ordered {
    /// Where the cells with the smaller and with the greater value are.
    pub lesser: usize,
    pub greater: usize,
    pub words: usize,
}

/// For every axis of every row the cells that are still possible.
pub(super) type State = Vec<u64>;

pub(super) enum Outcome {
    /// Any choice of the cells that are left will do (of an ordered pair, one in its order).
    Found(State),
    None,
    GaveUp,
}

/// Looks for a state in which every constraint is met. `steps` is what is left to spend; one is one node of a formula.
pub(super) fn search(
    start: State,
    constraints: &[Constraint<'_>],
    ordered: &[Ordered],
    steps: &mut u64,
) -> Outcome {
    let mut stack = vec![(start, (0..constraints.len()).collect::<Vec<_>>())];
    while let Some((mut state, mut open)) = stack.pop() {
        match settle(&mut state, &mut open, constraints, ordered, steps) {
            Settled::Contradiction => continue,
            Settled::GaveUp => return Outcome::GaveUp,
            Settled::Open => {}
        }
        let Some(constraint) = open.first().and_then(|i| constraints.get(*i)) else {
            return Outcome::Found(state);
        };
        let branch = constraint.undecided(constraint.formula, constraint.wanted, &state);
        let Some((leaf, first)) = branch else {
            // Every leaf is decided, and yet the formula is not met.
            continue;
        };
        let mut other = (state.clone(), open.clone());
        constraint.keep(leaf, first.others(), &mut other.0);
        stack.push(other);
        constraint.keep(leaf, first, &mut state);
        stack.push((state, open));
    }
    Outcome::None
}

enum Settled {
    Contradiction,
    GaveUp,
    Open,
}

/// Takes away what is forced until nothing more is, and forgets the constraints that are met for certain.
fn settle(
    state: &mut State,
    open: &mut Vec<usize>,
    constraints: &[Constraint<'_>],
    ordered: &[Ordered],
    steps: &mut u64,
) -> Settled {
    loop {
        let mut changed = false;
        let mut contradiction = false;
        let mut gave_up = false;
        open.retain(|i| {
            let Some(constraint) = constraints.get(*i) else {
                return false;
            };
            if contradiction || gave_up {
                return true;
            }
            // Narrowing looks at each node once for itself and once for its parent.
            match steps.checked_sub(constraint.formula.size()) {
                Some(left) => *steps = left,
                None => gave_up = true,
            }
            let narrowed =
                constraint.narrow(constraint.formula, constraint.wanted, state, &mut changed);
            let possible = constraint.possible(constraint.formula, state);
            contradiction = !narrowed || possible.and(constraint.wanted).is_empty();
            !constraint.wanted.includes(possible)
        });
        for pair in ordered {
            contradiction |= !pair.narrow(state, &mut changed);
        }
        if contradiction {
            return Settled::Contradiction;
        }
        if gave_up {
            return Settled::GaveUp;
        }
        if !changed {
            return Settled::Open;
        }
    }
}

impl Constraint<'_> {
    fn cells<'s>(&self, leaf: &Leaf, state: &'s State) -> &'s [u64] {
        let at = self.offsets.get(leaf.axis).copied().unwrap_or(usize::MAX);
        let end = at.saturating_add(leaf.yes.len());
        state.get(at..end).unwrap_or_default()
    }

    fn answers(&self, leaf: &Leaf, state: &State) -> Truths {
        let mut answers = Truths::NONE;
        let cells = self.cells(leaf, state);
        for ((cells, yes), no) in cells.iter().zip(&leaf.yes).zip(&leaf.no) {
            answers = answers
                .or_if(Truths::TRUE, cells & yes != 0)
                .or_if(Truths::FALSE, cells & no != 0)
                .or_if(Truths::UNKNOWN, cells & !(yes | no) != 0);
        }
        answers
    }

    /// Every answer the formula may give, and perhaps more: columns that are read twice are taken for two.
    fn possible(&self, formula: &Formula, state: &State) -> Truths {
        match formula {
            Formula::Constant(value) => Truths::of(*value),
            Formula::Leaf(leaf) => self.answers(leaf, state),
            Formula::All(inner) => self.join(inner, Truths::FALSE, state),
            Formula::Any(inner) => self.join(inner, Truths::TRUE, state),
        }
    }

    /// Kleene's `and` (`stop` is false) or `or` (`stop` is true) of what the operands may be.
    fn join(&self, inner: &[Formula], stop: Truths, state: &State) -> Truths {
        let go = stop.flipped();
        let (mut stops, mut all_go, mut unknown, mut none_stops) = (false, true, false, true);
        for formula in inner {
            let possible = self.possible(formula, state);
            stops |= possible.meets(stop);
            all_go &= possible.meets(go);
            unknown |= possible.meets(Truths::UNKNOWN);
            none_stops &= possible.meets(go.or(Truths::UNKNOWN));
        }
        Truths::NONE
            .or_if(stop, stops)
            .or_if(go, all_go)
            .or_if(Truths::UNKNOWN, unknown && none_stops)
    }

    /// Takes the cells away with which the formula would not give a wanted answer; false if nothing is left.
    fn narrow(
        &self,
        formula: &Formula,
        wanted: Truths,
        state: &mut State,
        changed: &mut bool,
    ) -> bool {
        let (inner, stop) = match formula {
            Formula::Constant(value) => return wanted.includes(Truths::of(*value)),
            Formula::Leaf(leaf) => {
                *changed |= self.keep(leaf, wanted, state);
                return self.answers(leaf, state).meets(wanted);
            }
            Formula::All(inner) => (inner, Truths::FALSE),
            Formula::Any(inner) => (inner, Truths::TRUE),
        };
        let go = stop.flipped();
        // Without the stopping answer no operand may give it, and without the unknown one either every one goes.
        if !wanted.meets(stop) {
            let every = if wanted.meets(Truths::UNKNOWN) {
                go.or(Truths::UNKNOWN)
            } else {
                go
            };
            let ok = inner.iter().all(|f| self.narrow(f, every, state, changed));
            if !ok {
                return false;
            }
        }
        if wanted.meets(go) {
            return true;
        }
        // Some operand has to give one of the others; if only one can, it must.
        let some = if wanted.meets(stop) {
            wanted
        } else {
            Truths::UNKNOWN
        };
        let mut able = inner
            .iter()
            .filter(|f| self.possible(f, state).meets(some))
            .take(2);
        match (able.next(), able.next()) {
            (None, _) => false,
            (Some(only), None) => {
                // An operand that is narrowed may share columns with its neighbours: `possible` tells in the next round.
                self.narrow(only, some, state, changed)
            }
            _ => true,
        }
    }

    /// Keeps the cells of a leaf that give one of the wanted answers; whether any was taken away.
    fn keep(&self, leaf: &Leaf, wanted: Truths, state: &mut State) -> bool {
        let at = self.offsets.get(leaf.axis).copied().unwrap_or(usize::MAX);
        let end = at.saturating_add(leaf.yes.len());
        let cells = state.get_mut(at..end).unwrap_or_default();
        let mut changed = false;
        for ((cells, yes), no) in cells.iter_mut().zip(&leaf.yes).zip(&leaf.no) {
            let mut mask = 0;
            if wanted.meets(Truths::TRUE) {
                mask |= yes;
            }
            if wanted.meets(Truths::FALSE) {
                mask |= no;
            }
            if wanted.meets(Truths::UNKNOWN) {
                mask |= !(yes | no);
            }
            changed |= *cells & !mask != 0;
            *cells &= mask;
        }
        changed
    }

    /// A leaf that can still go either way, and the answer of it that rather leads to a wanted one.
    fn undecided<'f>(
        &self,
        formula: &'f Formula,
        wanted: Truths,
        state: &State,
    ) -> Option<(&'f Leaf, Truths)> {
        match formula {
            Formula::Constant(_) => None,
            Formula::Leaf(leaf) => {
                let answers = self.answers(leaf, state);
                let order = if wanted.meets(Truths::TRUE) {
                    [Truths::TRUE, Truths::FALSE]
                } else {
                    [Truths::FALSE, Truths::TRUE]
                };
                let first = order.into_iter().find(|truth| answers.meets(*truth))?;
                (answers != first).then_some((leaf, first))
            }
            // What is decided already does not depend on the leaves in it that are not.
            Formula::All(inner) | Formula::Any(inner) => inner
                .iter()
                .filter(|formula| !self.possible(formula, state).is_one())
                .find_map(|formula| self.undecided(formula, wanted, state)),
        }
    }
}

impl Ordered {
    /// Takes away the cells for which the other row has none in the right order; false if nothing is left.
    fn narrow(&self, state: &mut State, changed: &mut bool) -> bool {
        let (Some(least), Some(most)) = (
            first_known(self.cells(state, self.lesser)),
            last_known(self.cells(state, self.greater)),
        ) else {
            // One of them cannot be known, so both are missing.
            return self.keep(state, changed, |cell| cell == 0, |cell| cell == 0)
                && self.both_missing(state);
        };
        let both_missing = self.both_missing(state);
        self.keep(
            state,
            changed,
            |cell| {
                if cell == 0 {
                    both_missing
                } else {
                    cell <= most
                }
            },
            |cell| {
                if cell == 0 {
                    both_missing
                } else {
                    cell >= least
                }
            },
        )
    }

    fn cells<'s>(&self, state: &'s State, at: usize) -> &'s [u64] {
        state.get(at..at + self.words).unwrap_or_default()
    }

    fn both_missing(&self, state: &State) -> bool {
        has(self.cells(state, self.lesser), 0) && has(self.cells(state, self.greater), 0)
    }

    fn keep(
        &self,
        state: &mut State,
        changed: &mut bool,
        lesser: impl Fn(usize) -> bool,
        greater: impl Fn(usize) -> bool,
    ) -> bool {
        let mut left = true;
        let rows: [(usize, &dyn Fn(usize) -> bool); 2] =
            [(self.lesser, &lesser), (self.greater, &greater)];
        for (at, stays) in rows {
            let cells = state.get_mut(at..at + self.words).unwrap_or_default();
            let mut any = 0;
            for (i, word) in cells.iter_mut().enumerate() {
                let mut rest = *word;
                while rest != 0 {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    if !stays(i * 64 + bit) {
                        *word &= !(1 << bit);
                        *changed = true;
                    }
                }
                any |= *word;
            }
            left &= any != 0;
        }
        left
    }

    /// One cell for each row, in the right order and the same if that is possible: lesser first.
    pub fn choose(&self, state: &State) -> (usize, usize) {
        let (lesser, greater) = (
            self.cells(state, self.lesser),
            self.cells(state, self.greater),
        );
        let common: Vec<u64> = lesser.iter().zip(greater).map(|(a, b)| a & b).collect();
        if let Some(cell) = first_known(&common) {
            return (cell, cell);
        }
        match (first_known(lesser), last_known(lesser)) {
            (Some(first), Some(last)) => {
                let above = |least: usize| known(greater).find(|cell| *cell >= least);
                above(last)
                    .map(|cell| (last, cell))
                    .or_else(|| above(first).map(|cell| (first, cell)))
                    .unwrap_or_default()
            }
            _ => (0, 0),
        }
    }
}

/// The cells of a set that are not the missing one.
pub(super) fn known(words: &[u64]) -> impl DoubleEndedIterator<Item = usize> {
    (1..words.len() * 64).filter(|cell| has(words, *cell))
}

pub(super) fn first_known(words: &[u64]) -> Option<usize> {
    known(words).next()
}

fn last_known(words: &[u64]) -> Option<usize> {
    known(words).next_back()
}

/// The state with every cell of every axis, and where each axis begins.
pub(super) fn start(axes: &[Axis]) -> (State, Vec<usize>) {
    let mut state = State::new();
    let offsets = axes.iter().map(|axis| {
        let at = state.len();
        state.extend(&axis.all);
        at
    });
    let offsets = offsets.collect();
    (state, offsets)
}
