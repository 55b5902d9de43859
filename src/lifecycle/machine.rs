//! A bound lifecycle and its one way of stepping, for one row and for many.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{Day, Days};
use crate::rules::{BLOCK, Cut, PopulationCondition, Rule, freeze_all};
use crate::table::{Row, Slot, Table};

/// How many stages, and how many transitions, a lifecycle may have: each is one bit of a word.
pub(super) const MAX: usize = 64;

/// A stage of one lifecycle, by its position in the list of stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageId(u8);

impl StageId {
    pub(super) fn at(position: usize) -> Option<Self> {
        (position < MAX).then(|| u8::try_from(position).ok().map(Self))?
    }

    /// The position: the code of the stage in a `stage` column.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn bit(self) -> u64 {
        1_u64.checked_shl(u32::from(self.0)).unwrap_or(0)
    }
}

/// A transition of one lifecycle, by its position in the list of transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransitionId(u8);

impl TransitionId {
    /// The position in the policy's list.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Where a customer stands in one bound lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The stage.
    pub stage: StageId,
    /// From which day.
    pub since: Day,
    /// The stage of the greatest rank ever reached; of equal ranks, the first.
    pub high_water: StageId,
}

/// The outcome of one review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where the customer stands after it.
    pub position: Position,
    /// The transition that led there, the last one of several; `None` if the customer has not moved.
    pub by: Option<TransitionId>,
}

/// What is remembered about a customer's stage between reviews, by name, so that it outlives the policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecord {
    /// The stage.
    pub stage: String,
    /// From which day.
    pub since: Day,
    /// Why: the words of the transition that led there.
    pub why: String,
    /// The highest stage ever reached.
    pub high_water: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stage {
    pub name: String,
    pub rank: Option<u32>,
}

/// A date column and days after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Since {
    pub slot: Slot,
    pub plus: Days,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Transition {
    /// The stages it leads away from, one bit each; never its own goal.
    pub from: u64,
    pub to: StageId,
    pub rule: Rule,
    pub since: Option<Since>,
    pub why: String,
}

impl Transition {
    /// The day from which its goal holds.
    #[allow(clippy::cast_possible_truncation)] // a cast saturates, and the range is checked after it
    fn since(&self, row: Row<'_>, as_of: Day) -> Day {
        let date = self.since.and_then(|since| {
            let date = row.number(since.slot)?.floor() as i32;
            Some(Day::from_epoch_days(date).ok()?.plus(since.plus))
        });
        date.unwrap_or(as_of).min(as_of)
    }
}

/// A lifecycle bound to a schema: it steps, and cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifecycle {
    stages: Vec<Stage>,
    start: StageId,
    transitions: Vec<Transition>,
    /// For each stage the transitions that lead away from it, one bit each.
    outgoing: Vec<u64>,
}

impl Lifecycle {
    /// The binder has checked that there are at most [`MAX`] of each and that every id is one of the stages.
    pub(super) fn new(stages: Vec<Stage>, start: StageId, transitions: Vec<Transition>) -> Self {
        let outgoing = (0..stages.len())
            .map(|stage| {
                let leads_away =
                    |t: &&Transition| StageId::at(stage).is_some_and(|s| t.from & s.bit() != 0);
                (transitions.iter().enumerate())
                    .filter(|(_, t)| leads_away(t))
                    .fold(0, |bits, (i, _)| bits | 1_u64 << i)
            })
            .collect();
        Self {
            stages,
            start,
            transitions,
            outgoing,
        }
    }

    pub(super) fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// The guards of the transitions in the order of the policy, each with the stages that it leads away from, one bit each.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (u64, &Rule)> {
        let stages = self.ids().fold(0, |bits, id| bits | id.bit());
        self.transitions
            .iter()
            .map(move |t| (t.from & stages, &t.rule))
    }

    /// The stages that no chain of transitions leads to from the start.
    pub(super) fn unreachable(&self) -> Vec<StageId> {
        let mut reached = self.start.bit();
        loop {
            let next = self
                .transitions
                .iter()
                .filter(|t| t.from & reached != 0)
                .fold(reached, |reached, t| reached | t.to.bit());
            if next == reached {
                break;
            }
            reached = next;
        }
        self.ids().filter(|id| reached & id.bit() == 0).collect()
    }

    fn ids(&self) -> impl Iterator<Item = StageId> + use<> {
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

    /// Why a transition is made; empty for one this lifecycle does not have.
    #[must_use]
    pub fn why(&self, transition: TransitionId) -> &str {
        self.transitions
            .get(transition.index())
            .map_or("", |t| &t.why)
    }

    /// The guards' conditions that need the population, in the order of the policy.
    #[must_use]
    pub fn population(&self) -> Vec<PopulationCondition> {
        let rules = self.transitions.iter().map(|t| &t.rule);
        rules.flat_map(Rule::population).copied().collect()
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); the lifecycle is then unchanged.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        freeze_all(self.transitions.iter_mut().map(|t| &mut t.rule), cuts)
    }

    /// Where a remembered customer stands in this lifecycle; `None` if it has no such stage, and the customer begins
    /// anew.
    #[must_use]
    pub fn locate(&self, record: &StageRecord) -> Option<Position> {
        let stage = self.stage(&record.stage)?;
        Some(Position {
            stage,
            since: record.since,
            high_water: self.stage(&record.high_water).unwrap_or(stage),
        })
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

    /// For each transition the rows of a block for which its guard is true.
    pub(super) fn guards(&self, table: &Table, first: usize, len: usize) -> [u64; MAX] {
        let mut guards = [0; MAX];
        for (guard, transition) in guards.iter_mut().zip(&self.transitions) {
            *guard = transition.rule.block(table, first, len).yes;
        }
        guards
    }

    /// The one way of stepping: from stage to stage until no guard holds or a stage would be entered twice.
    pub(super) fn follow(
        &self,
        row: Row<'_>,
        as_of: Day,
        current: Option<Position>,
        guards: &[u64; MAX],
        lane: usize,
        mut taken: impl FnMut(TransitionId, Day),
    ) -> Step {
        let before = current.unwrap_or(Position {
            stage: self.start,
            since: as_of,
            high_water: self.start,
        });
        let mut at = before;
        let mut by = None;
        let mut entered = 0_u64;
        while let Some((id, transition)) = self.next(at.stage, guards, lane) {
            if entered & transition.to.bit() != 0 {
                break;
            }
            entered |= transition.to.bit();
            at = Position {
                stage: transition.to,
                since: transition.since(row, as_of),
                high_water: self.higher(at.high_water, transition.to),
            };
            by = Some(id);
            taken(id, at.since);
        }
        // A way that leads round to where it began is no move.
        if at.stage == before.stage {
            return Step {
                position: before,
                by: None,
            };
        }
        Step { position: at, by }
    }

    /// The first transition away from a stage whose guard holds.
    fn next(
        &self,
        stage: StageId,
        guards: &[u64; MAX],
        lane: usize,
    ) -> Option<(TransitionId, &Transition)> {
        let mut outgoing = self.outgoing.get(stage.index()).copied().unwrap_or(0);
        while outgoing != 0 {
            let index = outgoing.trailing_zeros() as usize;
            let holds = guards
                .get(index)
                .is_some_and(|guard| guard >> lane & 1 != 0);
            if holds {
                let id = TransitionId(u8::try_from(index).ok()?);
                return self.transitions.get(index).map(|t| (id, t));
            }
            outgoing &= outgoing - 1;
        }
        None
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
