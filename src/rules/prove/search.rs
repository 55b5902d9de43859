//! The search for cells that give rules the wanted answers.
//!
//! Each column starts with all its cells. What a demand forces is taken away (propagation); where nothing more is forced,
//! somebody with the first of the cells that are left is looked at. If a demand is not met by them, one of its undecided
//! conditions is assumed to hold, and then not to. A branch ends when a demand cannot be met any more, the search when
//! somebody meets them all. It is a plain DPLL search over finite domains: exact, and without an end in sight only for
//! formulas made to be hard, for which there is a limit.

use std::ops::Range;

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

/// Where the cells of one axis of one row are, and how many words they take.
pub(super) type Span = (usize, usize);

pub(super) enum Outcome {
    /// One cell of every axis of every row.
    Found(State),
    None,
    GaveUp,
}

/// Looks for a state in which every constraint is met. `steps` is what is left to spend; one is one node of a formula.
pub(super) fn search(
    start: State,
    constraints: &[Constraint<'_>],
    ordered: &[Ordered],
    spans: &[Span],
    steps: &mut u64,
) -> Outcome {
    let mut stack = vec![(start, (0..constraints.len()).collect::<Vec<_>>())];
    while let Some((mut state, mut open)) = stack.pop() {
        match settle(&mut state, &mut open, constraints, ordered, steps) {
            Settled::Contradiction => continue,
            Settled::GaveUp => return Outcome::GaveUp,
            Settled::Open => {}
        }
        let one = somebody(&state, ordered, spans);
        let unmet = open
            .iter()
            .filter_map(|i| constraints.get(*i))
            .find(|c| !c.wanted.includes(c.possible(c.formula, &one)));
        let Some(constraint) = unmet else {
            return Outcome::Found(one);
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

/// Somebody with the first known cell of each axis; of two rows with nearly the same.
fn somebody(state: &State, ordered: &[Ordered], spans: &[Span]) -> State {
    let mut one = vec![0; state.len()];
    let mut only = |(at, words): Span, cell: usize| {
        if let Some(cells) = one.get_mut(at..at + words) {
            cells.fill(0);
            if let Some(word) = cells.get_mut(cell / 64) {
                *word = 1 << (cell % 64);
            }
        }
    };
    for (at, words) in spans {
        let cells = state.get(*at..at + words).unwrap_or_default();
        only((*at, *words), first_known(cells).unwrap_or(0));
    }
    for pair in ordered {
        let (lesser, greater) = pair.choose(state);
        only((pair.lesser, pair.words), lesser);
        only((pair.greater, pair.words), greater);
    }
    one
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
        let least = first_known(self.cells(state, self.lesser));
        let most = last_known(self.cells(state, self.greater));
        let missing =
            has(self.cells(state, self.lesser), 0) && has(self.cells(state, self.greater), 0);
        // Where one of them cannot be known, neither is the other.
        let (lesser, greater) = match (least, most) {
            (Some(least), Some(most)) => (1..most + 1, least..self.words * 64),
            _ => (0..0, 0..0),
        };
        self.keep(self.lesser, lesser, missing, state, changed)
            && self.keep(self.greater, greater, missing, state, changed)
    }

    fn cells<'s>(&self, state: &'s State, at: usize) -> &'s [u64] {
        state.get(at..at + self.words).unwrap_or_default()
    }

    /// Keeps the cells of a range, and the missing one if it may be; false if nothing is left.
    fn keep(
        &self,
        at: usize,
        range: Range<usize>,
        missing: bool,
        state: &mut State,
        changed: &mut bool,
    ) -> bool {
        let cells = state.get_mut(at..at + self.words).unwrap_or_default();
        let mut any = false;
        for (i, word) in cells.iter_mut().enumerate() {
            let mut mask = below(range.end, i) & !below(range.start, i);
            if i == 0 {
                mask = mask & !1 | u64::from(missing);
            }
            *changed |= *word & !mask != 0;
            *word &= mask;
            any |= *word != 0;
        }
        any
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
                // Arc consistency sees to it that there is one above the last, and so above the first.
                match first_from(greater, last) {
                    Some(cell) => (last, cell),
                    None => (first, first_from(greater, first).unwrap_or(0)),
                }
            }
            _ => (0, 0),
        }
    }
}

/// The bits of the `i`th word for the cells before `end`.
fn below(end: usize, i: usize) -> u64 {
    match end.saturating_sub(i * 64) {
        bits @ 0..64 => (1 << bits) - 1,
        _ => u64::MAX,
    }
}

/// The words of a set without the missing cell, those that are not empty.
fn known(words: &[u64]) -> impl DoubleEndedIterator<Item = (usize, u64)> {
    let missing = |i| u64::from(i == 0);
    let words = words.iter().enumerate();
    let known = words.map(move |(i, word)| (i, word & !missing(i)));
    known.filter(|(_, word)| *word != 0)
}

pub(super) fn first_known(words: &[u64]) -> Option<usize> {
    let (i, word) = known(words).next()?;
    Some(i * 64 + word.trailing_zeros() as usize)
}

fn last_known(words: &[u64]) -> Option<usize> {
    let (i, word) = known(words).next_back()?;
    Some(i * 64 + 63 - word.leading_zeros() as usize)
}

/// The first known cell from `least` on.
fn first_from(words: &[u64], least: usize) -> Option<usize> {
    let first = least / 64;
    let rest = known(words).filter(|(i, _)| *i >= first);
    let mut rest = rest.map(|(i, word)| (i, word & !below(least, i)));
    let (i, word) = rest.find(|(_, word)| *word != 0)?;
    Some(i * 64 + word.trailing_zeros() as usize)
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
