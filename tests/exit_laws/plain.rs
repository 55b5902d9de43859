//! A slow, plain second implementation of `src/docs/exit.md`, with names and whole days alone.

use customer_value::lifecycle::exit::{ExitChange, ExitRecord, Notice, OnStep};
use customer_value::model::Day;

use crate::lives::{Plan, Seen};

pub(crate) fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

pub(crate) fn number(day: Day) -> i32 {
    day.epoch_days() - 20_000
}

pub(crate) fn plain(
    plan: &Plan,
    before: Option<ExitRecord>,
    seen: &Seen,
    attempts: &[i32],
) -> (Option<ExitRecord>, Vec<ExitChange>) {
    let position = |name: &str| plan.steps.iter().position(|(step, _)| step == name);
    let d = seen.day;
    // 1
    if seen.below == Some(false) {
        let Some(record) = before else {
            return (None, vec![]);
        };
        let step = record.step.map(|step| step.name);
        let last = step.as_deref().and_then(position) == Some(plan.steps.len() - 1);
        let change = match (step, record.notice) {
            (Some(step), _) if last && plan.ends => ExitChange::Returned { step },
            (None, None) => ExitChange::AboveLine,
            (step, notice) => ExitChange::Reversed {
                step,
                notice: notice.map(|n| n.step),
            },
        };
        return (None, vec![change]);
    }
    // 2
    if seen.below.is_none() {
        return (before, vec![]);
    }
    let mut changes = Vec::new();
    let mut record = before.unwrap_or_else(|| {
        changes.push(ExitChange::BelowLine);
        ExitRecord {
            below_since: day(d),
            step: None,
            notice: None,
        }
    });
    let present = record.step.as_ref().and_then(|step| position(&step.name));
    let next = present.map_or(0, |step| step + 1);
    let next = plan
        .steps
        .get(next)
        .map(|(name, notice)| (next, name.clone(), *notice));
    let closed: Vec<String> = (plan.gates.iter().enumerate())
        .filter(|(_, first)| next.as_ref().is_some_and(|(next, ..)| *next >= **first))
        .filter(|(gate, _)| seen.closed[*gate] != Some(false))
        .map(|(gate, _)| format!("g{gate}"))
        .collect();
    // 3 and 4
    if let Some(notice) = record.notice.clone() {
        let is_next = next
            .as_ref()
            .is_some_and(|(_, name, _)| *name == notice.step);
        if is_next && closed.is_empty() {
            let last = record
                .step
                .as_ref()
                .map_or(record.below_since, |on| on.since);
            if d >= number(notice.takes_effect) && d >= number(last) + plan.interval {
                changes.push(ExitChange::StepTaken {
                    step: notice.step.clone(),
                });
                record.step = Some(OnStep {
                    name: notice.step,
                    since: day(d),
                });
                record.notice = None;
            }
            return (Some(record), changes);
        }
        let gates = if is_next { closed.clone() } else { vec![] };
        changes.push(ExitChange::NoticeWithdrawn {
            step: notice.step,
            gates,
        });
        record.notice = None;
    }
    // 5
    let since = number(record.below_since);
    let made = attempts
        .iter()
        .filter(|on| (since..=d).contains(on))
        .count();
    if let Some((_, step, notice)) = next {
        let apart = match &record.step {
            None => d >= since + plan.interval - notice,
            Some(on) => d >= number(on.since) + plan.interval - notice && d > number(on.since),
        };
        if d >= since + plan.at_least && made >= plan.attempts && apart && closed.is_empty() {
            if notice == 0 {
                changes.push(ExitChange::StepTaken { step: step.clone() });
                record.step = Some(OnStep {
                    name: step,
                    since: day(d),
                });
            } else {
                let takes_effect = day(d + notice);
                changes.push(ExitChange::NoticeGiven {
                    step: step.clone(),
                    takes_effect,
                });
                record.notice = Some(Notice { step, takes_effect });
            }
        }
    }
    (Some(record), changes)
}
