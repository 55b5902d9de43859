//! The one way of reviewing, for one row and for many.

use super::ladder::{ExitLadder, GateSet, MAX_GATES, Step, StepId};
use crate::model::{Day, Days};
use crate::rules::{BLOCK, Mask, Truth};
use crate::table::{Row, Table};

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

/// One change that a review makes; [`ExitChange`](super::ExitChange) is the same with names.
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
                Some(_)
                    if closed.is_some_and(GateSet::is_empty) && as_of < self.due(&at, notice) =>
                {
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
                    takes_effect: as_of.plus(Days::new(step.notice)),
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

    /// The day from which a step with notice may be taken: the day that was told, or, if the policy has a longer interval by
    /// now, when that is over.
    pub(super) fn due(&self, at: &ExitPosition, notice: Noticed) -> Day {
        let last = at.since.unwrap_or(at.below_since);
        notice.takes_effect.max(last.plus(Days::new(self.interval)))
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
        let until =
            |from: Day, least: i32| (days(from) < least).then(|| from.plus(Days::new(least)));
        let attempts = Some(self.attempts)
            .filter(|needed| *needed > 0)
            .map(|_| attempts_since(at.below_since));
        let interval = self.interval.saturating_sub(next.notice);
        // Before the first step the interval is from the line on: who crosses it back and forth takes no two steps that are
        // closer.
        let below = match at.since {
            None => self.at_least.max(interval),
            Some(_) => self.at_least,
        };
        // Not on the day of the step before, so that a second review on that day changes nothing.
        let apart = interval.max(1);
        let takes_effect = as_of.plus(Days::new(next.notice));
        Missing {
            duration: until(at.below_since, below),
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
