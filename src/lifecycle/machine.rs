//! A bound lifecycle and its one way of stepping, for one row and for many.

use super::parts::{Stage, Transition};
use super::position::{MAX, Moved, Position, StageId, StageRecord, Step, TransitionId};
use crate::Error;
use crate::model::Day;
use crate::rules::{BLOCK, Cut, PopulationCondition, Rule, freeze_all};
use crate::table::{Row, Table};

/// A lifecycle bound to a schema: it steps, and cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifecycle {
    stages: Vec<Stage>,
    start: StageId,
    moves: u8,
    exclusive: bool,
    /// In the order of the policy.
    transitions: Vec<Transition>,
    /// The positions of the transitions by priority, the first to be taken first.
    order: Vec<usize>,
    /// For each stage the transitions that lead away from it, one bit for each place in the order.
    outgoing: Vec<u64>,
}

/// What is asked of the rows of a block apart from time, one bit for each row.
pub(super) struct Guards {
    /// For each place in the order, whether its transition's guard is true, and what it takes to enter its goal.
    fires: [u64; MAX],
    /// For each stage, whether what it takes to leave it is true.
    leave: [u64; MAX],
}

impl Lifecycle {
    /// The binder has checked that there are at most [`MAX`] of each and that every id is one of the stages.
    pub(super) fn new(
        stages: Vec<Stage>,
        start: StageId,
        transitions: Vec<Transition>,
        moves: u8,
        exclusive: bool,
    ) -> Self {
        let mut order: Vec<usize> = (0..transitions.len()).collect();
        let priority = |index: usize| transitions.get(index).map_or(0, |t| t.priority);
        // Stable: of equal priority, the first in the list.
        order.sort_by_key(|index| std::cmp::Reverse(priority(*index)));
        let leads_away = |stage: StageId, index: usize| {
            transitions
                .get(index)
                .is_some_and(|t| t.from & stage.bit() != 0)
        };
        let outgoing = (0..stages.len()).filter_map(StageId::at).map(|stage| {
            let places = order.iter().enumerate();
            places
                .filter(|(_, index)| leads_away(stage, **index))
                .fold(0, |bits, (place, _)| bits | 1_u64 << place)
        });
        Self {
            outgoing: outgoing.collect(),
            order,
            stages,
            start,
            moves,
            exclusive,
            transitions,
        }
    }

    /// The bound transitions, in the order of the policy.
    pub(crate) fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// The positions of the transitions by priority, the first to be taken first.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The bound stages, in the order of the policy.
    pub(crate) fn parts(&self) -> &[Stage] {
        &self.stages
    }

    /// Whether the order of the list is not meant to matter.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.exclusive
    }

    /// Every rule, in the order of the policy: what it takes to enter and to leave each stage, then the guards.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        let of_stages = self
            .stages
            .iter()
            .flat_map(|s| s.enter.iter().chain(&s.leave));
        of_stages.chain(self.transitions.iter().filter_map(|t| t.when.as_ref()))
    }

    /// The stages that no chain of transitions leads to from the start, going by those of which `leads` is true.
    pub(crate) fn unreachable(&self, leads: impl Fn(StageId, usize) -> bool) -> Vec<StageId> {
        let mut reached = self.start.bit();
        loop {
            let mut next = reached;
            for (index, transition) in self.transitions.iter().enumerate() {
                let from = self
                    .ids()
                    .filter(|id| transition.from & reached & id.bit() != 0);
                if next & transition.to.bit() == 0 && from.into_iter().any(|id| leads(id, index)) {
                    next |= transition.to.bit();
                }
            }
            if next == reached {
                break;
            }
            reached = next;
        }
        self.ids().filter(|id| reached & id.bit() == 0).collect()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = StageId> + use<> {
        (0..self.stages.len()).filter_map(StageId::at)
    }

    /// Every stage with its name, in the order of the policy.
    pub fn stages(&self) -> impl Iterator<Item = (StageId, &str)> {
        self.ids().zip(self.stages.iter().map(|s| s.name.as_str()))
    }

    /// The stage of a name.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<StageId> {
        self.stages().find_map(|(id, n)| (n == name).then_some(id))
    }

    /// The name of a stage; empty for a stage this lifecycle does not have.
    #[must_use]
    pub fn name(&self, stage: StageId) -> &str {
        self.stages.get(stage.index()).map_or("", |s| &s.name)
    }

    /// The stage of a customer who has not been reviewed before.
    #[must_use]
    pub fn start(&self) -> StageId {
        self.start
    }

    /// Whether nothing is meant to lead out of a stage.
    #[must_use]
    pub fn is_final(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|s| s.is_final)
    }

    /// Why a transition is made; empty for one this lifecycle does not have.
    #[must_use]
    pub fn why(&self, transition: TransitionId) -> &str {
        self.transitions
            .get(transition.index())
            .map_or("", |t| &t.why)
    }

    /// The conditions that need the population, in the order of the policy: those of the stages, then those of the guards.
    #[must_use]
    pub fn population(&self) -> Vec<PopulationCondition> {
        self.rules().flat_map(Rule::population).copied().collect()
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); the lifecycle is then unchanged.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        let of_stages = self
            .stages
            .iter_mut()
            .flat_map(|s| s.enter.iter_mut().chain(&mut s.leave));
        let guards = self.transitions.iter_mut().filter_map(|t| t.when.as_mut());
        freeze_all(of_stages.chain(guards), cuts)
    }

    /// Where a remembered customer stands in this lifecycle. If it has no such stage, they begin anew on the day, and keep the
    /// high-water mark if it has that.
    #[must_use]
    pub fn locate(&self, record: &StageRecord, as_of: Day) -> Position {
        let at = match self.stage(&record.stage) {
            Some(stage) => Position {
                moved: record.moved,
                ..Position::new(stage, record.since)
            },
            None => Position::new(self.start, as_of),
        };
        Position {
            high_water: self.stage(&record.high_water).unwrap_or(at.stage),
            ..at
        }
    }

    /// What to remember after a step. Who has not moved keeps the record as it was.
    #[must_use]
    pub fn record(&self, step: &Step, before: Option<StageRecord>) -> StageRecord {
        let name = |stage| self.name(stage).to_owned();
        match before {
            Some(before) if step.by.is_none() && before.stage == self.name(step.position.stage) => {
                before
            }
            _ => StageRecord {
                stage: name(step.position.stage),
                since: step.position.since,
                why: step.by.map_or("start", |by| self.why(by)).to_owned(),
                high_water: name(step.position.high_water),
                moved: step.position.moved,
            },
        }
    }

    /// Reviews one customer on a day.
    #[must_use]
    pub fn step(&self, row: Row<'_>, as_of: Day, current: Option<Position>) -> Step {
        let guards = self.guards(row.table(), row.index(), 1);
        self.follow(row, as_of, current, &guards, 0, |_, _| {})
    }

    /// Reviews the customers of the rows from `first` on, one for each of `current`, and appends their steps to `out`.
    /// A row past the end of the table reads as missing everywhere.
    pub fn step_block(
        &self,
        table: &Table,
        first: usize,
        as_of: Day,
        current: &[Option<Position>],
        out: &mut Vec<Step>,
    ) {
        for (i, current) in current.chunks(BLOCK).enumerate() {
            let first = first.saturating_add(i * BLOCK);
            let guards = self.guards(table, first, current.len());
            out.extend(current.iter().enumerate().map(|(lane, current)| {
                let row = table.row(first.saturating_add(lane));
                self.follow(row, as_of, *current, &guards, lane, |_, _| {})
            }));
        }
    }

    /// What is asked of the rows of a block apart from time.
    pub(super) fn guards(&self, table: &Table, first: usize, len: usize) -> Guards {
        let mut guards = Guards {
            fires: [u64::MAX; MAX],
            leave: [u64::MAX; MAX],
        };
        let mut enter = [u64::MAX; MAX];
        let asked = |rule: &Option<Rule>, lanes: &mut u64| {
            if let Some(rule) = rule {
                *lanes = rule.block(table, first, len).yes;
            }
        };
        for ((stage, enter), leave) in self.stages.iter().zip(&mut enter).zip(&mut guards.leave) {
            asked(&stage.enter, enter);
            asked(&stage.leave, leave);
        }
        for (index, fires) in self.order.iter().zip(&mut guards.fires) {
            if let Some(transition) = self.transitions.get(*index) {
                asked(&transition.when, fires);
                *fires &= enter.get(transition.to.index()).copied().unwrap_or(0);
            }
        }
        guards
    }

    /// The one way of stepping: from stage to stage until nothing fires, a stage would be entered twice, or the moves of the
    /// day are made.
    pub(super) fn follow(
        &self,
        row: Row<'_>,
        as_of: Day,
        current: Option<Position>,
        guards: &Guards,
        lane: usize,
        mut taken: impl FnMut(TransitionId, Day),
    ) -> Step {
        let before = current.unwrap_or(Position::new(self.start, as_of));
        let mut at = before;
        let mut came = before.came();
        let mut by = None;
        let mut entered = 0_u64;
        let mut times = (before.moved)
            .filter(|moved| moved.on == as_of)
            .map_or(0, |moved| moved.times);
        while times < self.moves
            && let Some((id, transition)) = self.next(row, as_of, (at.stage, came), guards, lane)
        {
            if entered & transition.to.bit() != 0 {
                // From here the way would lead round once more.
                times = self.moves;
                break;
            }
            entered |= transition.to.bit();
            times += 1;
            let alone = self.asks_time_alone(at.stage, transition);
            let since = transition.since(row, as_of, (at.since, came), alone);
            at = Position {
                stage: transition.to,
                since,
                high_water: self.higher(at.high_water, transition.to),
                moved: None,
            };
            came = as_of;
            by = Some(id);
            taken(id, since);
        }
        // A way that leads round to where it began is no move.
        if at.stage == before.stage {
            return Step {
                position: before,
                by: None,
            };
        }
        at.moved = Some(Moved { on: as_of, times });
        Step { position: at, by }
    }

    /// The first transition that fires away from a stage into which the customer came on a day.
    fn next(
        &self,
        row: Row<'_>,
        as_of: Day,
        (stage, came): (StageId, Day),
        guards: &Guards,
        lane: usize,
    ) -> Option<(TransitionId, &Transition)> {
        let stage = stage.index();
        let holds = |guard: Option<&u64>| guard.is_some_and(|guard| guard >> lane & 1 != 0);
        if !holds(guards.leave.get(stage)) {
            return None;
        }
        let mut outgoing = self.outgoing.get(stage).copied().unwrap_or(0);
        while outgoing != 0 {
            let place = outgoing.trailing_zeros() as usize;
            if holds(guards.fires.get(place)) {
                let index = *self.order.get(place)?;
                let transition = self.transitions.get(index)?;
                if transition.is_due(row, came, as_of) {
                    return Some((TransitionId::at(index)?, transition));
                }
            }
            outgoing &= outgoing - 1;
        }
        None
    }

    /// Whether neither a transition nor the stages at its ends ask for anything but that time passes.
    fn asks_time_alone(&self, from: StageId, transition: &Transition) -> bool {
        let leave = self.stages.get(from.index()).and_then(|s| s.leave.as_ref());
        let enter = self
            .stages
            .get(transition.to.index())
            .and_then(|s| s.enter.as_ref());
        transition.when.is_none() && leave.is_none() && enter.is_none()
    }

    fn higher(&self, high_water: StageId, entered: StageId) -> StageId {
        let rank = |stage: StageId| self.stages.get(stage.index()).and_then(|s| s.rank);
        if rank(entered) > rank(high_water) {
            entered
        } else {
            high_water
        }
    }
}
