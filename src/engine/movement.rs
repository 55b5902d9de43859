//! Movement within a review: the qualifying metric, the days to make up for, and what changes.

use std::borrow::Cow;
use std::sync::Arc;

use crate::metrics::Metric;
use crate::model::{Day, Days, Span};
use crate::rules::{Covered, Truth};
use crate::summary::{Bounds, Summary, Window};
use crate::table::{Row, Slot, Table};
use crate::tiering::{
    Anchor, Basis, Calendar, Change, Close, Decided, Decision, Movement, Noted, PolicyRef,
    QUALIFYING, Reason, Tenure, TierEvent, TierId, TierRecord,
};

use super::explain::Traced;
use super::fill::{Input, Logs, Outcomes};
use super::review::Buffer;
use super::standing::Standing;
use super::{Engine, Mover};

/// The qualifying metric, bound.
#[derive(Debug, Clone)]
pub(super) struct Qualifying {
    pub(super) slot: Slot,
    pub(super) value: Value,
    pub(super) days: Counted,
}

/// What is counted.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Measure(Arc<dyn Metric>),
    /// The position of a point score.
    Points(usize),
}

/// Which days count.
#[derive(Debug, Clone)]
pub(super) enum Counted {
    Window(Window),
    Anchored {
        anchor: Anchor,
        /// Of an attribute.
        slot: Option<Slot>,
        length: Option<Span>,
    },
}

/// What a review did to one customer's tier.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved {
    pub(super) record: Option<TierRecord<TierId>>,
    /// The record is another one than before the review.
    pub(super) changed: bool,
    /// What was decided on the day of the review.
    pub(super) noted: Vec<Told>,
    /// What the qualifying metric was made of on that day.
    pub(super) covered: Option<Covered>,
    /// What was made up for.
    pub(super) made_up: Vec<TierEvent>,
}

/// A change, with what the standing before it says about it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) noted: Noted,
    by: Option<Decided>,
    /// The tier that the customer had and the one they had earned, by the names that the standing has for them.
    was: Option<[String; 2]>,
}

impl Told {
    fn new(noted: Noted, standing: Option<&Standing>) -> Self {
        let stored = standing.and_then(|s| s.tier.as_ref());
        // These begin from a record in which this policy may have found nobody it knows.
        let begins = matches!(noted.change, Change::Assigned(_) | Change::Replaced { .. });
        let was = stored.filter(|_| begins).map(|record| {
            let earned = record.tenure.as_ref().map(|tenure| &tenure.earned);
            [record.tier.clone(), earned.unwrap_or(&record.tier).clone()]
        });
        Self {
            noted,
            by: noted.decided_by(standing.map(Standing::people).unwrap_or_default()),
            was,
        }
    }
}

impl Mover {
    /// The days with a record of the customer, or with points that count.
    fn records<'i>(&self, engine: &Engine, input: &Input<'i>) -> Cow<'i, [i32]> {
        let days = input.history.epoch_days();
        let log = self.qualifying.as_ref().and_then(|q| match q.value {
            Value::Measure(_) => None,
            Value::Points(position) => {
                let points = engine.points.get(position)?;
                input.standing?.points.get(&points.name)
            }
        });
        let Some(log) = log else {
            return Cow::Borrowed(days);
        };
        let given = log.days().map(Day::epoch_days);
        let mut all: Vec<i32> = days.iter().copied().chain(given).collect();
        all.sort_unstable();
        all.dedup();
        Cow::Owned(all)
    }

    fn tenure(&self, standing: Option<&Standing>) -> Option<Tenure<TierId>> {
        let record = standing?.tier.as_ref()?;
        self.movement.locate(record)?.0.tenure
    }
}

/// The day the customer was enrolled.
fn enrolled(input: &Input<'_>, as_of: Day) -> Option<Day> {
    let given = input.standing.and_then(|s| s.enrolled);
    given.or_else(|| input.first_record().filter(|d| *d <= as_of))
}

#[allow(clippy::cast_possible_truncation)] // a cast saturates, and the range is checked after it
fn date(row: Row<'_>, slot: Slot) -> Option<Day> {
    Day::from_epoch_days(row.number(slot)?.floor() as i32).ok()
}

impl Qualifying {
    /// What the days are counted from changes with the tier.
    fn moves(&self) -> bool {
        matches!(&self.days, Counted::Anchored { anchor, .. } if anchor.moves())
    }

    /// The day the window is counted from, and the length after which another one follows.
    fn anchor(
        &self,
        row: Row<'_>,
        input: &Input<'_>,
        tenure: Option<&Tenure<TierId>>,
        as_of: Day,
    ) -> Option<Day> {
        let Counted::Anchored { anchor, slot, .. } = &self.days else {
            return None;
        };
        let enrolment = || enrolled(input, as_of);
        // What changed at the close of a day counts from the next one on.
        let today = tenure.and_then(|t| t.anchored).filter(|a| a.on == as_of);
        if let (Some(today), true) = (today, anchor.moves()) {
            return Some(today.from);
        }
        match anchor {
            Anchor::Enrolment => enrolment(),
            Anchor::Attribute(_) => date(row, (*slot)?),
            Anchor::Cycle(day) => Some(*day),
            Anchor::TierStart => tenure.map(|t| t.since).or_else(enrolment),
            Anchor::LastChange => tenure.and_then(|t| t.last_change).or_else(enrolment),
            Anchor::LastReview => tenure.and_then(|t| t.last_review).or_else(enrolment),
            Anchor::Term => tenure
                .and_then(|t| t.term.map(|term| term.start).or(t.last_change))
                .or_else(enrolment),
        }
    }

    /// The days that count at the close of one.
    fn bounds(
        &self,
        row: Row<'_>,
        input: &Input<'_>,
        tenure: Option<&Tenure<TierId>>,
        as_of: Day,
    ) -> Bounds {
        let bounds = match &self.days {
            Counted::Window(window) => window.at(as_of),
            Counted::Anchored { length, .. } => {
                let anchor = self.anchor(row, input, tenure, as_of);
                match anchor.filter(|anchor| *anchor <= as_of) {
                    None => Bounds::between(as_of.next(), as_of.next()),
                    Some(anchor) => Bounds::between(
                        match length {
                            Some(length) => {
                                let n = length.whole_between(anchor, as_of);
                                length.times_after(anchor, n)
                            }
                            None => anchor,
                        },
                        as_of.next(),
                    ),
                }
            }
        };
        match tenure.and_then(|t| t.counting) {
            Some(counting) => bounds.not_before(counting.since),
            None => bounds,
        }
    }

    /// The next day after one with which an anchored window begins anew.
    fn rollover(
        &self,
        row: Row<'_>,
        input: &Input<'_>,
        tenure: Option<&Tenure<TierId>>,
        after: Day,
    ) -> Option<Day> {
        let Counted::Anchored {
            length: Some(length),
            ..
        } = &self.days
        else {
            return None;
        };
        let anchor = self.anchor(row, input, tenure, after)?;
        let n = length.whole_between(anchor, after);
        Some(length.times_after(anchor, n.saturating_add(1).max(0))).filter(|d| *d > after)
    }

    fn counted(
        &self,
        engine: &Engine,
        input: &Input<'_>,
        logs: Option<&Logs>,
        bounds: Bounds,
        as_of: Day,
    ) -> Option<f64> {
        match &self.value {
            Value::Measure(metric) => {
                metric.value(&Summary::within(input.id, input.history, bounds), as_of)
            }
            Value::Points(position) => self.lines(engine, *position, input, logs, as_of, |lines| {
                let inside = lines.filter(|(day, _)| bounds.contains(*day));
                Some(inside.fold(0.0, |sum, (_, awarded)| sum + awarded))
            }),
        }
        .filter(|value| value.is_finite())
    }

    /// Looks at what the rules of a point score gave on each day.
    fn lines<R>(
        &self,
        engine: &Engine,
        position: usize,
        input: &Input<'_>,
        logs: Option<&Logs>,
        as_of: Day,
        look: impl FnOnce(&mut dyn Iterator<Item = (Day, f64)>) -> Option<R>,
    ) -> Option<R> {
        let points = engine.points.get(position)?;
        let log = logs.and_then(|logs| logs.get(position));
        let log = log.or_else(|| input.standing?.points.get(&points.name))?;
        let lines = points.book.lines(log, as_of);
        look(&mut lines.map(|line| (line.day, line.award.awarded)))
    }

    /// What the qualifying metric is made of at the close of a day.
    pub(super) fn covered(
        &self,
        engine: &Engine,
        row: Row<'_>,
        input: &Input<'_>,
        logs: Option<&Logs>,
        tenure: Option<&Tenure<TierId>>,
        as_of: Day,
    ) -> Covered {
        let bounds = self.bounds(row, input, tenure, as_of);
        let window = match self.days {
            Counted::Window(window) => Some(window),
            Counted::Anchored { .. } => None,
        };
        let first = match &self.value {
            _ if bounds.first() > Day::MIN => None,
            Value::Measure(_) => input.first_record(),
            Value::Points(position) => self.lines(engine, *position, input, logs, as_of, |lines| {
                lines.map(|(day, _)| day).min()
            }),
        };
        let counting = tenure.and_then(|t| t.counting);
        let carried = counting.map(|counting| counting.carried(as_of));
        Covered {
            carried: carried.filter(|carried| *carried != 0.0),
            ..Covered::of(window, bounds, first)
        }
    }

    /// The qualifying metric at the close of a day.
    fn at(
        &self,
        engine: &Engine,
        row: Row<'_>,
        input: &Input<'_>,
        logs: Option<&Logs>,
        tenure: Option<&Tenure<TierId>>,
        as_of: Day,
    ) -> Option<f64> {
        let bounds = self.bounds(row, input, tenure, as_of);
        let counted = self.counted(engine, input, logs, bounds, as_of);
        match tenure.and_then(|t| t.counting) {
            Some(counting) => Some(counted.unwrap_or(0.0) + counting.carried(as_of)),
            None => counted,
        }
    }
}

impl Engine {
    /// Fills the column of the qualifying metric for one row.
    pub(super) fn qualify(
        &self,
        table: &mut Table,
        row: usize,
        input: &Input<'_>,
        logs: Option<&Logs>,
        as_of: Day,
    ) {
        let Some((mover, qualifying)) = self
            .mover
            .as_ref()
            .and_then(|mover| Some((mover, mover.qualifying.as_ref()?)))
        else {
            return;
        };
        let tenure = mover.tenure(input.standing);
        let value = qualifying.at(self, table.row(row), input, logs, tenure.as_ref(), as_of);
        table.column_mut(qualifying.slot).set(row, value);
    }

    /// Decides about the tiers of the customers of a table whose other columns are filled, and says what each has.
    pub(super) fn move_all(
        &self,
        table: &Table,
        inputs: &[Input<'_>],
        logs: &[Logs],
        as_of: Day,
        outcomes: &mut Outcomes,
    ) {
        outcomes.moves.clear();
        let Some(mover) = &self.mover else { return };
        for (row, (input, decision)) in (0..).zip(inputs.iter().zip(&mut outcomes.decisions)) {
            let moved = self.move_one(
                mover,
                table.row(row),
                input,
                logs.get(row),
                as_of,
                *decision,
            );
            decide(decision, &moved);
            outcomes.moves.push(moved);
        }
    }

    fn move_one(
        &self,
        mover: &Mover,
        row: Row<'_>,
        input: &Input<'_>,
        logs: Option<&Logs>,
        as_of: Day,
        decision: Decision,
    ) -> Moved {
        let stored = input.standing.and_then(|s| s.tier.as_ref());
        let located = stored.and_then(|record| mover.movement.locate(record));
        let (mut record, replaced) = match located {
            Some((record, replaced)) => (Some(record), replaced),
            None => (None, None),
        };
        let mut noted = Vec::new();
        let qualifying = mover.qualifying.as_ref();
        let covered = qualifying.map(|q| {
            let tenure = located.as_ref().and_then(|(record, _)| record.tenure);
            q.covered(self, row, input, logs, tenure.as_ref(), as_of)
        });
        self.with_close(mover, row, input, logs, as_of, decision.tier, |close| {
            mover
                .movement
                .close(&mut record, replaced, close, &mut noted);
        });
        let told = |noted| Told::new(noted, input.standing);
        Moved {
            record,
            changed: !noted.is_empty(),
            noted: noted.into_iter().map(told).collect(),
            covered,
            made_up: Vec::new(),
        }
    }

    /// Everything that movement asks about a customer at the close of a day.
    #[allow(clippy::too_many_arguments)] // that is what a close is made of
    fn with_close<R>(
        &self,
        mover: &Mover,
        row: Row<'_>,
        input: &Input<'_>,
        logs: Option<&Logs>,
        day: Day,
        qualified: TierId,
        work: impl FnOnce(&Close<'_>) -> R,
    ) -> R {
        let qualifying = mover.qualifying.as_ref();
        let keeps = |tier| {
            let rule = self.ladder.keep_rule(tier);
            rule.is_none_or(|rule| rule.truth(row) == Truth::True)
        };
        let tenure = mover.tenure(input.standing);
        let counts_from =
            qualifying.map_or(day, |q| q.bounds(row, input, tenure.as_ref(), day).first());
        let counted_since = |from: Day| {
            let bounds = Bounds::between(from, day.next());
            qualifying
                .and_then(|q| q.counted(self, input, logs, bounds, day))
                .unwrap_or(0.0)
        };
        let lost_at =
            |record: &TierRecord<TierId>, end: Day| self.lost_at(mover, input, record, day, end);
        let anniversary = match &mover.anniversary {
            Some(Some(slot)) => date(row, *slot),
            Some(None) => enrolled(input, day),
            None => None,
        };
        let standing = input.standing;
        work(&Close {
            day,
            // Made up for, a day does not know of the refunds that came after it, but for those of its own.
            knows_refunds: !input.making_up
                || standing.is_some_and(|s| s.reviewed < Some(day))
                    && input
                        .history
                        .epoch_days()
                        .binary_search(&day.epoch_days())
                        .is_ok(),
            qualified,
            keeps: &keeps,
            qualifying: qualifying.and_then(|q| row.number(q.slot)),
            anchor: qualifying.filter(|q| q.moves()).map(|q| {
                let anchor = q.anchor(row, input, tenure.as_ref(), day);
                // Before there is one, nothing counts.
                anchor.unwrap_or(day.next())
            }),
            counts_from,
            carried: tenure
                .and_then(|t| t.counting)
                .map_or(0.0, |c| c.carried(day)),
            counted_since: &counted_since,
            anniversary,
            lost_at: &lost_at,
            people: standing.map(Standing::people).unwrap_or_default(),
        })
    }

    /// Whether a tier would be lost at the end of its term if nothing happened after a day.
    fn lost_at(
        &self,
        mover: &Mover,
        input: &Input<'_>,
        record: &TierRecord<TierId>,
        day: Day,
        end: Day,
    ) -> bool {
        let mut buffer = self.buffer();
        let mut standing = input.standing.cloned().unwrap_or_default();
        standing.tier = Some(Movement::record(&self.ladder, record));
        let input = Input {
            history: input.history.until(day),
            known: Some(day),
            standing: Some(&standing),
            ..*input
        };
        let eve = end.minus(Days::new(1));
        let Some(tenure) = record.tenure else {
            return false;
        };
        let qualified = self.foresee(&input, eve, &mut buffer);
        let row = buffer.table.row(0);
        let keeps = self
            .ladder
            .keep_rule(tenure.earned)
            .is_none_or(|rule| rule.truth(row) == Truth::True);
        mover.movement.loses(tenure.earned, qualified, keeps)
    }

    /// Fills the row of a later day and says which tier it would qualify for; nothing moves.
    pub(super) fn foresee(&self, input: &Input<'_>, on: Day, buffer: &mut Buffer) -> TierId {
        buffer.table.reset(1);
        let inputs = [*input];
        self.measure(&mut buffer.table, &inputs, on);
        self.judge_columns(&mut buffer.table, &inputs, on, &mut buffer.outcomes);
        self.ladder.decide(buffer.table.row(0)).tier
    }

    /// Makes up for the days before `as_of` on which something was due, one after the other. `None` if there was none.
    pub(super) fn make_up(
        &self,
        input: &Input<'_>,
        standing: &mut Standing,
        as_of: Day,
        buffer: &mut Buffer,
    ) -> Vec<TierEvent> {
        let mut events = Vec::new();
        let Some(mover) = &self.mover else {
            return events;
        };
        let mut open = true;
        let Some(mut from) = standing.reviewed else {
            return events;
        };
        loop {
            let known = Input {
                standing: Some(standing),
                ..*input
            };
            let Some(day) = self.due(mover, &known, from, open, as_of) else {
                break;
            };
            self.review_day(input, standing, day, buffer, true);
            if let Some(moved) = buffer.outcomes.moves.first() {
                let row = buffer.table.row(0);
                let traced = Traced {
                    as_of: day,
                    first_record: input.first_record(),
                    qualifying: moved.covered,
                };
                let told = moved.noted.iter();
                events.extend(told.map(|told| self.event(row, told, &traced)));
            }
            from = day;
            open = false;
        }
        events
    }

    /// The next day to make up for.
    pub(super) fn due(
        &self,
        mover: &Mover,
        input: &Input<'_>,
        from: Day,
        open: bool,
        as_of: Day,
    ) -> Option<Day> {
        if from >= as_of {
            return None;
        }
        let standing = input.standing?;
        let tenure = mover.tenure(Some(standing))?;
        let qualifying = mover.qualifying.as_ref();
        let window = qualifying.and_then(|q| match q.days {
            Counted::Window(window) => Some(window),
            Counted::Anchored { .. } => None,
        });
        let anchored = qualifying.filter(|_| window.is_none());
        let rollover = anchored.and_then(|q| {
            // An attribute is read from its column.
            let mut table = Table::new(Arc::clone(&self.schema), 1);
            self.fill_attributes(&mut table, &[*input]);
            q.rollover(table.row(0), input, Some(&tenure), from)
        });
        let records = mover.records(self, input);
        let calendar = Calendar {
            records: &records,
            window,
            rollover,
            people: standing.people(),
        };
        mover.movement.due(&tenure, calendar, from, open, as_of)
    }

    /// Turns from a day that was closed to the next one.
    pub(super) fn turn(
        &self,
        input: &Input<'_>,
        standing: &Standing,
        logs: Option<&Logs>,
        qualified: TierId,
        day: Day,
        buffer: &mut Buffer,
    ) {
        let Some(mover) = &self.mover else { return };
        let input = Input {
            standing: Some(standing),
            ..*input
        };
        let Some(moved) = buffer.outcomes.moves.first_mut() else {
            return;
        };
        let mut noted = Vec::new();
        let row = buffer.table.row(0);
        let mut record = moved.record;
        self.with_close(mover, row, &input, logs, day, qualified, |close| {
            mover.movement.turn(&mut record, close, &mut noted);
        });
        moved.record = record;
        moved.changed |= !noted.is_empty();
        let told = |noted| Told::new(noted, Some(standing));
        moved.noted.extend(noted.into_iter().map(told));
    }

    /// A change as an entry of the audit trail.
    pub(super) fn event(&self, row: Row<'_>, told: &Told, traced: &Traced) -> TierEvent {
        let noted = &told.noted;
        let rule = match noted.basis {
            Basis::Entry(tier) => self.ladder.entry_rule(tier),
            Basis::Keep(tier) => self.ladder.keep_rule(tier),
            Basis::None => None,
        };
        let mut conditions = rule.map(|rule| rule.explain(row)).unwrap_or_default();
        self.trace_all(&mut conditions, traced);
        let name = |tier: TierId| self.ladder.name(tier).to_owned();
        let [before, earned] = match told.was.clone() {
            Some(was) => was.map(Some),
            None => [noted.before, noted.earned].map(|tier| tier.map(name)),
        };
        let by = told.by.as_ref();
        let qualifying = noted.qualifying;
        TierEvent {
            day: noted.day,
            change: noted.change.named(&name),
            earned: earned.filter(|earned| before.as_ref() != Some(earned)),
            before,
            tier: name(noted.tier),
            policy: self.policy_ref(),
            rule: self.rule_text(noted.basis),
            conditions,
            qualifying,
            measure: qualifying.and_then(|_| Some(self.qualifying_measure()?.to_owned())),
            unit: qualifying.and_then(|_| {
                let slot = self.mover.as_ref()?.qualifying.as_ref()?.slot;
                self.schema.field(slot)?.unit()
            }),
            anchor: noted.anchor,
            decided: by.and_then(|by| by.kind.clone()),
            until: by.and_then(|by| by.until),
            actor: by.map(|by| by.actor.clone()),
            reason: by.map(|by| by.reason.clone()),
        }
    }

    /// What the qualifying metric is by the library's own name.
    pub(super) fn qualifying_measure(&self) -> Option<&str> {
        let spec = self.policy.movement.as_ref()?.qualifying.as_ref()?;
        Some(spec.measure.as_deref().unwrap_or(QUALIFYING))
    }

    fn rule_text(&self, basis: Basis) -> Option<String> {
        let tiers = &self.policy.tiers.tiers;
        let spec = |tier: TierId| tiers.iter().rev().nth(tier.ordinal());
        let condition = match basis {
            Basis::Entry(tier) => spec(tier)?.entry_condition(),
            Basis::Keep(tier) => spec(tier)?
                .keep_condition()
                .or_else(|| spec(tier)?.entry_condition()),
            Basis::None => None,
        };
        condition.map(|condition| condition.to_string())
    }

    /// Which policy it is.
    #[must_use]
    pub fn policy_ref(&self) -> PolicyRef {
        PolicyRef {
            name: self.policy.head.name.clone(),
            version: self.policy.head.version.clone(),
            fingerprint: self.fingerprint,
            currency: self.policy.head.currency,
        }
    }
}

/// The tier that the customer has, and why, beside the one they qualify for.
fn decide(decision: &mut Decision, moved: &Moved) {
    let Some(record) = &moved.record else { return };
    let qualified = decision.tier;
    let earned = record.tenure.map_or(record.tier, |t| t.earned);
    decision.reason = if record.tier != earned {
        Reason::Override
    } else if earned == qualified {
        decision.reason
    } else if earned > qualified {
        Reason::Kept
    } else {
        Reason::Waiting
    };
    decision.tier = record.tier;
}
