//! A bound exit ladder: its steps and gates.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::record::ExitRecord;
use super::review::{ExitPosition, Noticed};
use crate::Error;
use crate::rules::{Cut, PopulationCondition, Rule, freeze_all};
use crate::table::Slot;

/// How many steps a ladder may have.
pub(super) const MAX_STEPS: usize = 32;
/// How many gates a ladder may have: each is one bit of a word.
pub(super) const MAX_GATES: usize = 64;

/// A step of one ladder, by its position in the list of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(u8);

impl StepId {
    pub(super) fn at(position: usize) -> Option<Self> {
        (position < MAX_STEPS).then(|| u8::try_from(position).ok().map(Self))?
    }

    /// The position: the code of the step in a column `exit`.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Some of the gates of one ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct GateSet(u64);

impl GateSet {
    /// None of them.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Their positions in the policy's list, in its order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let position = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(position)
        })
    }

    pub(super) fn with(self, position: usize) -> Self {
        let bit = u32::try_from(position).map_or(0, |at| 1_u64.checked_shl(at).unwrap_or(0));
        Self(self.0 | bit)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub name: String,
    pub channel: Option<String>,
    /// In days, 0 or more, at most the interval.
    pub notice: i32,
    /// 0 to 1.
    pub avoids: Decimal,
    pub ends_service: bool,
    /// The gates that are looked at before it.
    pub gates: GateSet,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gate {
    pub name: String,
    pub closed: Rule,
}

/// What the binder hands over: everything is checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parts {
    pub below: Rule,
    pub at_least: i32,
    pub attempts: u32,
    pub interval: i32,
    pub avoidable_cost: Option<Slot>,
    pub steps: Vec<Step>,
    /// Each with the position of the first step that it is looked at for.
    pub gates: Vec<(Gate, usize)>,
}

/// An exit ladder bound to a schema: it reviews, and cannot fail.
///
/// The [module](super) has an example.
#[derive(Debug, Clone, PartialEq)]
pub struct ExitLadder {
    pub(super) below: Rule,
    pub(super) at_least: i32,
    pub(super) attempts: u32,
    pub(super) interval: i32,
    pub(super) avoidable_cost: Option<Slot>,
    steps: Vec<Step>,
    pub(super) gates: Vec<Gate>,
}

impl ExitLadder {
    pub(super) fn new(parts: Parts) -> Self {
        let mut steps = parts.steps;
        let mut gates = Vec::with_capacity(parts.gates.len());
        for (position, (gate, first)) in parts.gates.into_iter().enumerate() {
            for step in steps.iter_mut().skip(first) {
                step.gates = step.gates.with(position);
            }
            gates.push(gate);
        }
        Self {
            below: parts.below,
            at_least: parts.at_least,
            attempts: parts.attempts,
            interval: parts.interval,
            avoidable_cost: parts.avoidable_cost,
            steps,
            gates,
        }
    }

    /// Every step with its name, from the first to the last.
    pub fn steps(&self) -> impl Iterator<Item = (StepId, &str)> {
        let names = self.steps.iter().map(|step| step.name.as_str());
        (0..).filter_map(StepId::at).zip(names)
    }

    /// The step of a name.
    #[must_use]
    pub fn step_of(&self, name: &str) -> Option<StepId> {
        self.steps().find_map(|(id, n)| (n == name).then_some(id))
    }

    /// The name of a step; empty for one this ladder does not have.
    #[must_use]
    pub fn name(&self, step: StepId) -> &str {
        self.at(step).map_or("", |s| &s.name)
    }

    /// The channel that serves customers from a step on, if the policy names one.
    #[must_use]
    pub fn channel(&self, step: StepId) -> Option<&str> {
        self.at(step)?.channel.as_deref()
    }

    /// Whether the service ends with a step.
    #[must_use]
    pub fn ends_service(&self, step: StepId) -> bool {
        self.at(step).is_some_and(|s| s.ends_service)
    }

    /// The names of the gates, in the order of the policy.
    pub fn gates(&self) -> impl Iterator<Item = &str> {
        self.gates.iter().map(|gate| gate.name.as_str())
    }

    pub(super) fn at(&self, step: StepId) -> Option<&Step> {
        self.steps.get(step.index())
    }

    pub(super) fn gate(&self, position: usize) -> Option<&Gate> {
        self.gates.get(position)
    }

    /// The step after one, or the first.
    pub(super) fn after(&self, step: Option<StepId>) -> Option<(StepId, &Step)> {
        let id = StepId::at(step.map_or(0, |step| step.index() + 1))?;
        self.at(id).map(|step| (id, step))
    }

    /// The rules' conditions that need the population: those of the line, then those of the gates in their order.
    #[must_use]
    pub fn population(&self) -> Vec<PopulationCondition> {
        let rules = std::iter::once(&self.below).chain(self.gates.iter().map(|gate| &gate.closed));
        rules.flat_map(Rule::population).copied().collect()
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); the ladder is then unchanged.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        let gates = self.gates.iter_mut().map(|gate| &mut gate.closed);
        freeze_all(std::iter::once(&mut self.below).chain(gates), cuts)
    }

    /// Where a remembered customer stands on this ladder. A step that it does not have begins anew, still below the line
    /// since the same day, and the next step is as long after it as after any other.
    #[must_use]
    pub fn locate(&self, record: &ExitRecord) -> ExitPosition {
        ExitPosition {
            below_since: record.below_since,
            step: record.step.as_ref().and_then(|on| self.step_of(&on.name)),
            since: record.step.as_ref().map(|on| on.since),
            notice: record.notice.as_ref().map(|notice| Noticed {
                step: self.step_of(&notice.step),
                takes_effect: notice.takes_effect,
            }),
        }
    }
}
