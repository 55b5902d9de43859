//! A bound exit ladder and its one way of reviewing, for one row and for many.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::record::{ExitChange, ExitRecord};
use crate::Error;
use crate::model::{Currency, Day, Money, parse_amount};
use crate::rules::{BLOCK, Cut, Mask, PopulationCondition, Rule, Truth, freeze_all};
use crate::table::{Row, Slot, Table};

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

    fn with(self, position: usize) -> Self {
        let bit = u32::try_from(position).map_or(0, |at| 1_u64.checked_shl(at).unwrap_or(0));
        Self(self.0 | bit)
    }
}

/// The notice of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Noticed {
    /// The step; `None` for one that this ladder does not have.
    pub step: Option<StepId>,
    /// The day from which the step may be taken.
    pub takes_effect: Day,
}

/// Where a customer below the line stands on one bound ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExitPosition {
    /// The day of the first review that found them below the line.
    pub below_since: Day,
    /// The step they are on; `None` if on none of this ladder.
    pub step: Option<StepId>,
    /// The day of the last step, also if this ladder does not have it.
    pub since: Option<Day>,
    /// The notice they were given.
    pub notice: Option<Noticed>,
}

impl ExitPosition {
    fn new(below_since: Day) -> Self {
        Self {
            below_since,
            step: None,
            since: None,
            notice: None,
        }
    }
}

/// One change that a review makes; [`ExitChange`] is the same with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitMove {
    /// The customer is below the line.
    BelowLine,
    /// The next step has notice.
    NoticeGiven,
    /// The notice is void: because of these gates, or, if they are none, because the ladder has another next step.
    NoticeWithdrawn(GateSet),
    /// The next step is taken.
    StepTaken,
    /// Off the ladder, from a step or from notice of one.
    Reversed,
    /// Above the line again, and there was nothing to reverse.
    AboveLine,
    /// Above the line again after the service had ended.
    Returned,
}

/// The outcome of one review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExitOutcome {
    /// Where the customer stands after it; `None` if not below the line.
    pub position: Option<ExitPosition>,
    /// What changed, in order.
    pub moves: [Option<ExitMove>; 2],
    /// The gates that keep the customer from notice of the next step, and nothing else does.
    pub held_by: GateSet,
}

impl ExitOutcome {
    fn unchanged(position: Option<ExitPosition>) -> Self {
        Self {
            position,
            moves: [None; 2],
            held_by: GateSet::default(),
        }
    }

    fn note(&mut self, one: ExitMove) {
        if let Some(free) = self.moves.iter_mut().find(|place| place.is_none()) {
            *free = Some(one);
        }
    }

    /// Something changed.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.moves.iter().any(Option::is_some)
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
    at_least: i32,
    pub(super) attempts: u32,
    interval: i32,
    avoidable_cost: Option<Slot>,
    steps: Vec<Step>,
    gates: Vec<Gate>,
}

/// What the rules say about up to [`BLOCK`] rows.
pub(super) struct Answers {
    below: Mask,
    /// For each gate the rows for which it is open.
    open: [u64; MAX_GATES],
}

/// What keeps a customer from notice of the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing {
    /// From which day they are below the line long enough.
    pub duration: Option<Day>,
    /// How many attempts there are, of more that there have to be.
    pub attempts: Option<u32>,
    /// From which day the step before is long enough ago.
    pub interval: Option<Day>,
    /// The day on which the step would take effect is not in the calendar.
    pub no_such_day: bool,
    pub closed: GateSet,
}

impl Missing {
    /// Nothing but gates keeps them.
    fn only_gates(&self) -> bool {
        self.duration.is_none()
            && self.attempts.is_none()
            && self.interval.is_none()
            && !self.no_such_day
    }
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

    /// What changed, with names; `before` is what was remembered before the review.
    pub fn changes(
        &self,
        before: Option<&ExitRecord>,
        outcome: &ExitOutcome,
    ) -> impl Iterator<Item = ExitChange> {
        let position = outcome.position;
        let name = |step: Option<StepId>| step.map_or("", |step| self.name(step)).to_owned();
        let was_on = move || Some(before?.step.as_ref()?.name.clone());
        let had_notice = move || Some(before?.notice.as_ref()?.step.clone());
        outcome
            .moves
            .into_iter()
            .flatten()
            .map(move |one| match one {
                ExitMove::BelowLine => ExitChange::BelowLine,
                ExitMove::NoticeGiven => {
                    let notice = position.and_then(|at| at.notice);
                    ExitChange::NoticeGiven {
                        step: name(notice.and_then(|notice| notice.step)),
                        takes_effect: notice.map_or(Day::MAX, |notice| notice.takes_effect),
                    }
                }
                ExitMove::NoticeWithdrawn(gates) => ExitChange::NoticeWithdrawn {
                    step: had_notice().unwrap_or_default(),
                    gates: gates
                        .iter()
                        .filter_map(|at| Some(self.gate(at)?.name.clone()))
                        .collect(),
                },
                ExitMove::StepTaken => ExitChange::StepTaken {
                    step: name(position.and_then(|at| at.step)),
                },
                ExitMove::Reversed => ExitChange::Reversed {
                    step: was_on(),
                    notice: had_notice(),
                },
                ExitMove::AboveLine => ExitChange::AboveLine,
                ExitMove::Returned => ExitChange::Returned {
                    step: was_on().unwrap_or_default(),
                },
            })
    }

    /// What to remember after a review on a day. Who has not moved keeps the record as it was.
    #[must_use]
    pub fn record(
        &self,
        before: Option<ExitRecord>,
        outcome: &ExitOutcome,
        as_of: Day,
    ) -> Option<ExitRecord> {
        if !outcome.changed() {
            return before;
        }
        let changes: Vec<_> = self.changes(before.as_ref(), outcome).collect();
        changes.iter().fold(before, |record, change| {
            ExitRecord::applied(record, as_of, change)
        })
    }

    /// What a step saves of the avoidable cost a year, in minor units of the currency: the step's share of the cost in
    /// minor units, rounded half to even. `None` if the cost is not known, or more than an amount of money can be.
    #[must_use]
    pub fn saving(&self, row: Row<'_>, step: StepId, currency: Currency) -> Option<i64> {
        let share = self.at(step)?.avoids;
        if share.is_zero() {
            return Some(0);
        }
        // Far finer than any currency, and coarse enough for 12.345 to be exactly that.
        let cost = format!("{:.9}", row.number(self.avoidable_cost?)?);
        let cost = Money::rounded(parse_amount(&cost).ok()?, currency).ok()?;
        part_of(cost.minor(), share)
    }

    /// Reviews one customer on a day. `attempts_since` says how many uplift attempts there are from a day on, up to and
    /// including the day of the review.
    #[must_use]
    pub fn step(
        &self,
        row: Row<'_>,
        as_of: Day,
        current: Option<ExitPosition>,
        attempts_since: impl Fn(Day) -> u32,
    ) -> ExitOutcome {
        let answers = self.answers(row.table(), row.index(), 1);
        self.follow(as_of, current, &answers, 0, attempts_since)
    }

    /// Reviews the customers of the rows from `first` on, one for each of `current`, and appends their outcomes to `out`.
    /// `attempts_since` is asked with a position in `current` and a day. A row past the end of the table reads as missing
    /// everywhere.
    pub fn step_block(
        &self,
        table: &Table,
        first: usize,
        as_of: Day,
        current: &[Option<ExitPosition>],
        attempts_since: impl Fn(usize, Day) -> u32,
        out: &mut Vec<ExitOutcome>,
    ) {
        for (i, block) in current.chunks(BLOCK).enumerate() {
            let start = i * BLOCK;
            let answers = self.answers(table, first.saturating_add(start), block.len());
            out.extend(block.iter().enumerate().map(|(lane, current)| {
                let attempts = |day| attempts_since(start + lane, day);
                self.follow(as_of, *current, &answers, lane, attempts)
            }));
        }
    }

    pub(super) fn answers(&self, table: &Table, first: usize, len: usize) -> Answers {
        let below = self.below.block(table, first, len);
        let mut open = [0; MAX_GATES];
        // Above the line nobody asks for the gates.
        if below.yes != 0 {
            for (open, gate) in open.iter_mut().zip(&self.gates) {
                *open = gate.closed.block(table, first, len).no;
            }
        }
        Answers { below, open }
    }

    /// The one way of reviewing.
    pub(super) fn follow(
        &self,
        as_of: Day,
        current: Option<ExitPosition>,
        answers: &Answers,
        lane: usize,
        attempts_since: impl Fn(Day) -> u32,
    ) -> ExitOutcome {
        match answers.below.truth(lane) {
            Truth::True => {}
            Truth::Unknown => return ExitOutcome::unchanged(current),
            Truth::False => return self.above(current),
        }
        let mut out = ExitOutcome::unchanged(None);
        let mut at = current.unwrap_or_else(|| {
            out.note(ExitMove::BelowLine);
            ExitPosition::new(as_of)
        });
        let next = self.after(at.step);
        if let Some(notice) = at.notice {
            // Of another step than the next one, the policy has changed.
            let step = next.filter(|(id, _)| notice.step == Some(*id));
            let closed = step.map(|(_, step)| closed(step.gates, answers, lane));
            match step {
                Some(_) if closed.is_some_and(GateSet::is_empty) && as_of < notice.takes_effect => {
                    return ExitOutcome::unchanged(current);
                }
                Some((id, _)) if closed.is_some_and(GateSet::is_empty) => {
                    out.take(at, id, as_of);
                    return out;
                }
                _ => {
                    out.note(ExitMove::NoticeWithdrawn(closed.unwrap_or_default()));
                    at.notice = None;
                }
            }
        }
        out.position = Some(at);
        let Some((id, step)) = next else { return out };
        let missing = self.missing(&at, step, as_of, answers, lane, attempts_since);
        if !missing.only_gates() {
            return out;
        }
        out.held_by = missing.closed;
        if missing.closed.is_empty() {
            if step.notice == 0 {
                out.take(at, id, as_of);
            } else {
                out.note(ExitMove::NoticeGiven);
                at.notice = Some(Noticed {
                    step: Some(id),
                    takes_effect: as_of.plus(crate::model::Days::new(step.notice)),
                });
                out.position = Some(at);
            }
        }
        out
    }

    /// A review that finds the customer above the line.
    fn above(&self, current: Option<ExitPosition>) -> ExitOutcome {
        let mut out = ExitOutcome::unchanged(None);
        if let Some(at) = current {
            out.note(if at.step.is_some_and(|step| self.ends_service(step)) {
                ExitMove::Returned
            } else if at.since.is_some() || at.notice.is_some() {
                ExitMove::Reversed
            } else {
                ExitMove::AboveLine
            });
        }
        out
    }

    /// What keeps a customer without notice from notice of the next step.
    pub(super) fn missing(
        &self,
        at: &ExitPosition,
        next: &Step,
        as_of: Day,
        answers: &Answers,
        lane: usize,
        attempts_since: impl Fn(Day) -> u32,
    ) -> Missing {
        // Differences of days cannot leave the calendar, as days do.
        let days = |from: Day| (as_of - from).get();
        let until = |from: Day, least: i32| {
            (days(from) < least).then(|| from.plus(crate::model::Days::new(least)))
        };
        let attempts = Some(self.attempts)
            .filter(|needed| *needed > 0)
            .map(|_| attempts_since(at.below_since));
        // Not on the day of the step before, so that a second review on that day changes nothing.
        let apart = self.interval.saturating_sub(next.notice).max(1);
        let takes_effect = as_of.plus(crate::model::Days::new(next.notice));
        Missing {
            duration: until(at.below_since, self.at_least),
            attempts: attempts.filter(|made| *made < self.attempts),
            interval: at.since.and_then(|since| until(since, apart)),
            no_such_day: (takes_effect - as_of).get() < next.notice,
            closed: closed(next.gates, answers, lane),
        }
    }
}

impl ExitOutcome {
    fn take(&mut self, at: ExitPosition, step: StepId, as_of: Day) {
        self.note(ExitMove::StepTaken);
        self.position = Some(ExitPosition {
            step: Some(step),
            since: Some(as_of),
            notice: None,
            ..at
        });
    }
}

impl Answers {
    pub(super) fn below(&self) -> Truth {
        self.below.truth(0)
    }
}

/// Those of the gates that are not known to be open.
fn closed(gates: GateSet, answers: &Answers, lane: usize) -> GateSet {
    let open = |at: &usize| {
        answers
            .open
            .get(*at)
            .is_some_and(|open| open >> lane & 1 != 0)
    };
    let closed = gates.iter().filter(|at| !open(at));
    closed.fold(GateSet::default(), GateSet::with)
}

/// A share of an amount, rounded half to even.
fn part_of(minor: i64, share: Decimal) -> Option<i64> {
    let unit = 10_i128.checked_pow(share.scale())?;
    let product = i128::from(minor).checked_mul(share.mantissa())?;
    let (whole, rest) = (product.div_euclid(unit), product.rem_euclid(unit));
    let up = match (rest * 2).cmp(&unit) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    i64::try_from(whole + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_and_halves_go_to_the_even_one() {
        let share = |text: &str| parse_amount(text).unwrap();
        for (minor, of, part) in [
            (5, "0.5", 2),
            (7, "0.5", 4),
            (-5, "0.5", -2),
            (-7, "0.5", -4),
            (15, "0.1", 2),
            (25, "0.1", 2),
            (3, "0.35", 1),
            (10_000, "0.6", 6_000),
            (i64::MAX, "1", i64::MAX),
            (i64::MIN, "1", i64::MIN),
            (i64::MAX, "0.3333333333333333", 3_074_457_345_618_258_295),
        ] {
            assert_eq!(part_of(minor, share(of)), Some(part), "{minor} × {of}");
        }
    }
}
