//! Movement within a review: the qualifying metric, the days to make up for, and what changes.

use std::borrow::Cow;

use crate::model::Day;
use crate::rules::{Covered, Truth};
use crate::summary::Bounds;
use crate::table::{Row, Table};
use crate::tiering::{
    Basis, Calendar, Change, Close, Decided, Decision, Movement, Noted, PolicyRef, QUALIFYING,
    Reason, Tenure, TierEvent, TierId, TierRecord,
};

use super::explain::Traced;
use super::fill::{Input, Logs, Outcomes};
use super::qualifying::{Asked, Qualifying, Value};
use super::review::Buffer;
use super::standing::Standing;
use super::{Engine, Mover};

/// What is remembered of a customer's tier, in this ladder; with it the tier that took the place of a removed one.
pub(super) type Located = Option<(TierRecord<TierId>, Option<TierId>)>;

pub(super) fn tenure(located: &Located) -> Option<&Tenure<TierId>> {
    located.as_ref()?.0.tenure.as_ref()
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

    /// What is remembered of a customer's tier, in this ladder.
    pub(super) fn locate(&self, standing: Option<&Standing>) -> Located {
        self.movement.locate(standing?.tier.as_ref()?)
    }
}

impl Engine {
    /// Finds what is remembered of the tiers of some customers, and fills the column of the qualifying metric.
    pub(super) fn qualify_all(
        &self,
        table: &mut Table,
        inputs: &[Input<'_>],
        logs: &[Logs],
        day: Day,
        outcomes: &mut Outcomes,
    ) {
        let Some(mover) = &self.mover else { return };
        let located = inputs.iter().map(|input| mover.locate(input.standing));
        outcomes.located.clear();
        outcomes.located.extend(located);
        let Some(qualifying) = &mover.qualifying else {
            return;
        };
        let column = table.column_mut(qualifying.slot);
        for (row, (input, located)) in inputs.iter().zip(&outcomes.located).enumerate() {
            let value = qualifying.at(&Asked {
                engine: self,
                input,
                logs: logs.get(row),
                tenure: tenure(located),
                day,
            });
            column.set(row, value);
        }
    }

    /// Decides about the tiers of the customers of a table whose other columns are filled, and says what each has.
    pub(super) fn move_all(
        &self,
        table: &Table,
        inputs: &[Input<'_>],
        logs: &[Logs],
        day: Day,
        outcomes: &mut Outcomes,
    ) {
        outcomes.moves.clear();
        let Some(mover) = &self.mover else { return };
        let Outcomes {
            located,
            decisions,
            moves,
            ..
        } = outcomes;
        for (row, ((input, located), decision)) in
            (0..).zip(inputs.iter().zip(located).zip(decisions))
        {
            let asked = Asked {
                engine: self,
                input,
                logs: logs.get(row),
                tenure: tenure(located),
                day,
            };
            let (mut record, replaced) = located.unzip();
            let mut noted = Vec::new();
            self.with_close(mover, &asked, table.row(row), decision.tier, |close| {
                let replaced = replaced.flatten();
                mover
                    .movement
                    .close(&mut record, replaced, close, &mut noted);
            });
            let told = |noted| Told::new(noted, input.standing);
            let moved = Moved {
                record,
                changed: !noted.is_empty(),
                noted: noted.into_iter().map(told).collect(),
                covered: mover.qualifying.as_ref().map(|q| q.covered(&asked)),
                made_up: Vec::new(),
            };
            decide(decision, &moved);
            moves.push(moved);
        }
    }

    /// Everything that movement asks about a customer at the close of a day.
    fn with_close<R>(
        &self,
        mover: &Mover,
        asked: &Asked<'_>,
        row: Row<'_>,
        qualified: TierId,
        work: impl FnOnce(&Close<'_>) -> R,
    ) -> R {
        let (input, day) = (asked.input, asked.day);
        let qualifying = mover.qualifying.as_ref();
        let keeps = |tier| {
            let rule = self.ladder.keep_rule(tier);
            rule.is_none_or(|rule| rule.truth(row) == Truth::True)
        };
        let counted_since = |from: Day| {
            let bounds = Bounds::between(from, day.next());
            let counted = qualifying.and_then(|q| q.counted(asked, bounds));
            counted.unwrap_or(0.0)
        };
        let lost_at =
            |record: &TierRecord<TierId>, end: Day| self.lost_at(mover, asked, record, end);
        let anniversary = match &mover.anniversary {
            Some(Some(slot)) => asked.date(*slot),
            Some(None) => asked.enrolled(),
            None => None,
        };
        let standing = input.standing;
        // Made up for, a day does not know of the refunds that came after it, but for those of its own.
        let knows_refunds = input.making_up.is_none()
            || standing.is_some_and(|s| s.reviewed < Some(day)) && input.history.trades_on(day);
        work(&Close {
            day,
            review: input.making_up.unwrap_or(day),
            reviewed: standing.and_then(|s| s.reviewed),
            knows_refunds,
            qualified,
            keeps: &keeps,
            qualifying: qualifying.and_then(|q| row.number(q.slot)),
            // Before there is an anchor, nothing counts.
            anchor: qualifying
                .filter(|q| q.moves())
                .map(|q| q.anchor(asked).unwrap_or(day.next())),
            counts_from: qualifying.map_or(day, |q| q.bounds(asked).first()),
            carried: asked.carried(),
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
        asked: &Asked<'_>,
        record: &TierRecord<TierId>,
        end: Day,
    ) -> bool {
        let (input, day) = (asked.input, asked.day);
        let Some(tenure) = record.tenure.filter(|_| !input.foreseen) else {
            return false;
        };
        let mut standing = input.standing.cloned().unwrap_or_default();
        standing.tier = Some(Movement::record(&self.ladder, record));
        standing.reviewed = Some(day);
        for (points, log) in self.points.iter().zip(asked.logs.into_iter().flatten()) {
            standing.points.insert(points.name.clone(), log.clone());
        }
        standing.forget_points_after(day);
        let known = Input {
            history: input.history.until(day),
            standing: None,
            foreseen: true,
            ..*input
        };
        self.make_up(&known, &mut standing, end, &mut self.buffer());
        let after = mover.locate(Some(&standing));
        self::tenure(&after).is_some_and(|after| {
            let grace = after.grace.is_some_and(|grace| grace.since == end);
            after.earned < tenure.earned || grace
        })
    }

    /// Makes up for the days before `as_of` on which something was due, one after the other.
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
            self.review_day(input, standing, day, buffer, Some(as_of));
            if let Some(moved) = buffer.outcomes.moves.first() {
                let row = buffer.table.row(0);
                let traced = Traced {
                    as_of: day,
                    first_record: input.first_trade(),
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
        let located = mover.locate(Some(standing));
        let tenure = tenure(&located)?;
        let qualifying = mover.qualifying.as_ref();
        let rollover = qualifying.and_then(|q| {
            q.rollover(&Asked {
                engine: self,
                input,
                logs: None,
                tenure: Some(tenure),
                day: from,
            })
        });
        let records = mover.records(self, input);
        let calendar = Calendar {
            records: &records,
            window: qualifying.and_then(Qualifying::window),
            rollover,
            people: standing.people(),
        };
        mover.movement.due(tenure, calendar, from, open, as_of)
    }

    /// Turns from a day that was closed to the next one.
    pub(super) fn turn(
        &self,
        input: &Input<'_>,
        logs: Option<&Logs>,
        day: Day,
        buffer: &mut Buffer,
    ) {
        let Some(mover) = &self.mover else { return };
        let qualified = self.ladder.decide(buffer.table.row(0)).tier;
        let Outcomes { located, moves, .. } = &mut buffer.outcomes;
        let (Some(located), Some(moved)) = (located.first(), moves.first_mut()) else {
            return;
        };
        let asked = Asked {
            engine: self,
            input,
            logs,
            tenure: tenure(located),
            day,
        };
        let mut noted = Vec::new();
        let row = buffer.table.row(0);
        let mut record = moved.record;
        self.with_close(mover, &asked, row, qualified, |close| {
            mover.movement.turn(&mut record, close, &mut noted);
        });
        moved.record = record;
        moved.changed |= !noted.is_empty();
        let told = |noted| Told::new(noted, input.standing);
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
            rule: rule.map(|rule| rule.text().to_owned()),
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
