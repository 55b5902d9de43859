//! Where a customer stands on the ladder, what is next, and what keeps them from it.

use serde::{Deserialize, Serialize};

use super::ladder::ExitLadder;
use super::record::GateFound;
use super::review::{Answers, ExitPosition};
use crate::model::{Day, Days};
use crate::rules::{Condition, Truth};
use crate::table::Row;

/// The attempts at more value from a customer, of those there have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptsMade {
    /// How many there are since the customer is below the line.
    pub made: u32,
    /// How many there have to be.
    pub needed: u32,
}

/// The next step of a customer below the line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextStep {
    /// The step.
    pub step: String,
    /// Whether it has notice. Then nothing else is missing.
    pub noticed: bool,
    /// The first day on which it can be taken: with notice the day it takes effect (or, if the policy has a longer interval by
    /// now, the day that is over), otherwise the first day that time alone
    /// allows, whatever the gates and the attempts say. `None` if the calendar ends before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Day>,
    /// From which day the customer is below the line long enough, for `at_least` and, before the first step, for the
    /// `interval`; `None` if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_long_enough: Option<Day>,
    /// The attempts, if there have to be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<AttemptsMade>,
    /// From which day notice of it can be given because of the interval after the last step; `None` if it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_over: Option<Day>,
    /// The gates that keep the customer: those that are closed and those that are not known to be open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_by: Vec<GateFound>,
}

/// One customer on the exit ladder after a review, with everything it rests on: the same walk, remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitExplanation {
    /// Whether the customer is below the line today. If that is not known, nothing happened.
    pub below: Truth,
    /// Where the rule of the line is in the policy: `exit.below`.
    pub place: String,
    /// The rule in canonical text.
    pub rule: String,
    /// The rule's conditions as they stand for this customer.
    pub conditions: Vec<Condition>,
    /// The day of the first review that found them below the line; `None` if they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_since: Option<Day>,
    /// The step they are on; `None` if on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The day of the last step, also if the policy does not have it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
    /// The service has ended with the step.
    #[serde(default)]
    pub ended: bool,
    /// The next step; `None` above the line, and after the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
}

impl ExitExplanation {
    /// Every condition in it, to say more about its column.
    pub(crate) fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        let gates = self.next.iter_mut().flat_map(|next| &mut next.held_by);
        let of_gates = gates.flat_map(|gate| &mut gate.conditions);
        self.conditions.iter_mut().chain(of_gates)
    }
}

impl ExitLadder {
    /// Reviews one customer on a day and tells where they stand then. The arguments are those of [`step`](Self::step).
    #[must_use]
    pub fn explain(
        &self,
        row: Row<'_>,
        as_of: Day,
        current: Option<ExitPosition>,
        attempts_since: impl Fn(Day) -> u32,
    ) -> ExitExplanation {
        let answers = self.answers(row.table(), row.index(), 1);
        let outcome = self.follow(as_of, current, &answers, 0, &attempts_since);
        let at = outcome.position;
        let step = at.and_then(|at| at.step);
        ExitExplanation {
            below: answers.below(),
            place: self.below.place().to_owned(),
            rule: self.below.text().to_owned(),
            conditions: self.below.explain(row),
            below_since: at.map(|at| at.below_since),
            step: step.map(|step| self.name(step).to_owned()),
            since: at.and_then(|at| at.since),
            ended: step.is_some_and(|step| self.ends_service(step)),
            next: at.and_then(|at| self.next(row, as_of, &at, &answers, attempts_since)),
        }
    }

    fn next(
        &self,
        row: Row<'_>,
        as_of: Day,
        at: &ExitPosition,
        answers: &Answers,
        attempts_since: impl Fn(Day) -> u32,
    ) -> Option<NextStep> {
        let (id, step) = self.after(at.step)?;
        let mut next = NextStep {
            step: step.name.clone(),
            noticed: false,
            earliest: None,
            below_long_enough: None,
            attempts: None,
            interval_over: None,
            held_by: Vec::new(),
        };
        if let Some(notice) = at.notice.filter(|notice| notice.step == Some(id)) {
            next.noticed = true;
            next.earliest = Some(self.due(at, notice));
            return Some(next);
        }
        let missing = self.missing(at, step, as_of, answers, 0, attempts_since);
        let notice = [missing.duration, missing.interval].into_iter().flatten();
        let notice = notice.fold(as_of, Day::max);
        let earliest = notice.plus(Days::new(step.notice));
        next.earliest = Some(earliest).filter(|day| (*day - notice).get() == step.notice);
        next.below_long_enough = missing.duration;
        next.attempts = missing.attempts.map(|made| AttemptsMade {
            made,
            needed: self.attempts,
        });
        next.interval_over = missing.interval;
        next.held_by = self.found(row, missing.closed);
        Some(next)
    }
}
