//! Laws of letting go, winning back, and what is news.

use std::collections::BTreeSet;

use super::review::course;
use super::scene::Scene;
use crate::engine::changes::Shift;
use crate::engine::{Engine, Population, Standings};
use crate::lifecycle::exit::{ExitChange, ExitEvent, ExitRecord, ExitSpec, StepSpec};
use crate::model::{Attempt, AttemptPurpose, CustomerId, Day, Days, TransactionKind};
use crate::rules::Truth;
use crate::summary::{Summary, Window};

/// Customers are let go only as `[exit]` says.
pub(super) fn exits(engine: &Engine, population: &Population, scene: &Scene) -> Result<(), String> {
    let Some(spec) = &engine.policy().exit else {
        return Ok(());
    };
    let found = course(engine, population, scene, &scene.days())?;
    found.iter().try_for_each(|found| {
        let own = scene.attempts.iter().filter(|a| *a.customer() == found.id);
        let own: Vec<&Attempt> = own.collect();
        allowed(spec, &found.exit_events, &own)
            .map_err(|what| format!("customer {}: {what}", found.id))
    })
}

/// Whether events on the ladder come to a record, all at once and in parts.
pub(super) fn comes_to(events: &[ExitEvent], record: Option<&ExitRecord>) -> Result<(), String> {
    let whole = ExitRecord::replay(events);
    if whole.as_ref() != record {
        return Err(format!(
            "the exit record is {record:?}, and the events come to {whole:?}"
        ));
    }
    for at in 0..=events.len() {
        let (first, rest) = events.split_at(at);
        let parts = ExitRecord::replay_from(ExitRecord::replay(first), rest);
        if parts != whole {
            return Err(format!(
                "the events come to {whole:?}, and in parts to {parts:?}"
            ));
        }
    }
    Ok(())
}

/// Whether the events of a customer, from the first on and under one policy, keep what the policy says.
pub(super) fn allowed(
    spec: &ExitSpec,
    events: &[ExitEvent],
    attempts: &[&Attempt],
) -> Result<(), String> {
    let mut record: Option<ExitRecord> = None;
    let mut day = Day::MIN;
    // Of whatever time below the line.
    let mut last_step: Option<Day> = None;
    for event in events {
        let wrong = |what: &str| Err(format!("{what}: {event:?}, after {record:?}"));
        if event.day < day {
            return wrong("an event before the one before it");
        }
        day = event.day;
        let found = match (&record, &event.change) {
            (None, ExitChange::BelowLine) => Ok(()),
            (None, _) => Err("somebody above the line"),
            (Some(record), _) => change(spec, record, event, attempts),
        };
        if let Err(what) = found {
            return wrong(what);
        }
        if let ExitChange::StepTaken { .. } = &event.change {
            if last_step == Some(day) {
                return wrong("a second step on one day");
            }
            let close = last_step.is_some_and(|last| day - last < spec.interval);
            if close && spec.at_least >= spec.interval {
                return wrong("two steps within the interval");
            }
            last_step = Some(day);
        }
        record = ExitRecord::replay_from(record, [event]);
    }
    Ok(())
}

/// Whether one event of a customer below the line keeps what the policy says.
fn change(
    spec: &ExitSpec,
    record: &ExitRecord,
    event: &ExitEvent,
    attempts: &[&Attempt],
) -> Result<(), &'static str> {
    let check = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
    let present = record.step.as_ref();
    let present = present.and_then(|on| spec.steps.iter().position(|s| s.name == on.name));
    let next = spec.steps.get(present.map_or(0, |at| at + 1));
    let next = next.filter(|_| present.is_some() == record.step.is_some());
    let notice_of = |step: &StepSpec| step.notice.unwrap_or(spec.notice);
    let over = present
        .and_then(|at| spec.steps.get(at))
        .is_some_and(|step| step.ends_service);
    let open = || {
        let next = next.map(|step| step.name.as_str());
        let position = |name: &str| spec.steps.iter().position(|s| s.name == name);
        let asked = spec.gates.iter().filter(|gate| {
            let from = gate.from.as_deref().and_then(position);
            from <= next.and_then(position)
        });
        let asked: Vec<&str> = asked.map(|gate| gate.name.as_str()).collect();
        let looked_at: Vec<&str> = event.gates.iter().map(|gate| gate.name.as_str()).collect();
        check(asked == looked_at, "not the gates of the step")?;
        let all_open = event.gates.iter().all(|gate| gate.closed == Truth::False);
        check(all_open, "past a closed gate")
    };
    // What notice takes, and a step without one.
    let due = |notice: Days| {
        let since = record.step.as_ref().map(|on| on.since);
        let made = attempts.iter().filter(|attempt| {
            let day = attempt.day();
            attempt.purpose() == AttemptPurpose::Uplift
                && day >= record.below_since
                && day <= event.day
        });
        check(
            event.day - record.below_since >= spec.at_least,
            "not long enough below the line",
        )?;
        let enough = u32::try_from(made.count()).is_ok_and(|made| made >= spec.attempts);
        check(enough, "not enough attempts")?;
        let apart = |since: Day| {
            event.day > since && (event.day - since).get() >= spec.interval.get() - notice.get()
        };
        check(since.is_none_or(apart), "too soon after the step before")?;
        open()
    };
    match &event.change {
        ExitChange::BelowLine => Err("below the line a second time"),
        ExitChange::NoticeGiven { step, takes_effect } => {
            let Some(next) = next.filter(|next| next.name == *step) else {
                return Err("notice of another step than the next");
            };
            check(record.notice.is_none(), "a second notice")?;
            let notice = notice_of(next);
            check(*takes_effect - event.day == notice, "another notice")?;
            check(notice.get() > 0, "notice of no day")?;
            due(notice)
        }
        ExitChange::NoticeWithdrawn { step, gates } => {
            let had = record.notice.as_ref().is_some_and(|n| n.step == *step);
            check(had, "there was no such notice")?;
            let closed = event.gates.iter().filter(|g| g.closed != Truth::False);
            let closed: Vec<&String> = closed.map(|gate| &gate.name).collect();
            check(
                !gates.is_empty() && closed == gates.iter().collect::<Vec<_>>(),
                "withdrawn without a closed gate",
            )
        }
        ExitChange::StepTaken { step } => {
            let Some(next) = next.filter(|next| next.name == *step) else {
                return Err("another step than the next");
            };
            let since = record.step.as_ref().map(|on| on.since);
            let apart = since.is_none_or(|since| event.day - since >= spec.interval);
            check(apart, "two steps within the interval")?;
            match &record.notice {
                Some(notice) => {
                    check(notice.step == *step, "there was notice of another step")?;
                    check(event.day >= notice.takes_effect, "before the day told")?;
                    open()
                }
                None => {
                    check(notice_of(next).get() == 0, "a step without notice")?;
                    due(Days::default())
                }
            }
        }
        ExitChange::Reversed { step, notice } => {
            check(!over, "back after the service has ended")?;
            let was = record.step.as_ref().map(|on| &on.name);
            let had = record.notice.as_ref().map(|notice| &notice.step);
            check(
                (was, had) == (step.as_ref(), notice.as_ref()) && (was.is_some() || had.is_some()),
                "there was nothing to reverse",
            )
        }
        ExitChange::AboveLine => check(
            record.step.is_none() && record.notice.is_none(),
            "there was something to reverse",
        ),
        ExitChange::Returned { .. } => check(over, "the service had not ended"),
    }
}

/// Whoever is to be won back has left, has not come back, and is not attempted too soon or too often; and the limits hold.
pub(super) fn regains(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
    remembered: &Standings,
) -> Result<(), String> {
    let (Some(rules), Some(spec)) = (engine.win_back(), &engine.policy().win_back) else {
        return Ok(());
    };
    let as_of = scene.as_of();
    let error = |error: crate::Error| error.to_string();
    let reviews = engine
        .review_all(population, remembered, as_of)
        .map_err(error)?;
    let known = scene.histories(&scene.all_rows(), Day::MAX, engine.layout())?;
    let reason = |id: &CustomerId, _: Day| scene.reason(id);
    let list = reviews
        .win_back(rules, reason, Some(&known))
        .map_err(error)?;

    let all = reviews.iter().filter(|one| {
        let row = reviews.row(one.position());
        row.is_some_and(|row| rules.is_candidate(row))
    });
    let candidates: Vec<CustomerId> = all.map(|one| one.id().clone()).collect();
    let chosen = list.chosen.iter().map(|one| &one.customer);
    let mut told: Vec<&CustomerId> = chosen
        .chain(list.suppressed.iter().map(|one| &one.customer))
        .collect();
    told.sort();
    let mut wanted: Vec<&CustomerId> = candidates.iter().collect();
    wanted.sort();
    if told != wanted {
        return Err(format!(
            "the candidates are {wanted:?}, and told are {told:?}"
        ));
    }
    let within = |count: usize, limit: Option<u64>| {
        limit.is_none_or(|limit| u64::try_from(count).is_ok_and(|count| count <= limit))
    };
    if !within(list.chosen.len(), spec.limit) {
        return Err(format!("the list is too long: {:?}", list.chosen));
    }
    for offer in &spec.offers {
        let made = list.chosen.iter().filter(|one| one.offer == offer.name);
        if !within(made.count(), offer.limit) {
            return Err(format!("`{}` is offered too often", offer.name));
        }
    }
    let back: BTreeSet<&CustomerId> = (scene.future.iter())
        .filter(|row| row.kind() == TransactionKind::Purchase)
        .map(crate::model::Transaction::customer)
        .collect();
    for one in &list.chosen {
        let wrong = |what: &str| Err(format!("{what}: {one:?}"));
        if back.contains(&one.customer) {
            return wrong("they have come back");
        }
        let least = spec.min_net.map_or(1, |least| least.minor());
        if one.net.minor() < least {
            return wrong("it is not worth it");
        }
        let offer = spec.offers.iter().find(|offer| offer.name == one.offer);
        let Some(offer) = offer else {
            return wrong("there is no such offer");
        };
        let reason = scene.reason(&one.customer);
        let fits = |reason: &str| offer.reasons.iter().any(|wanted| wanted == reason);
        if !offer.reasons.is_empty() && !reason.is_some_and(fits) {
            return wrong("the offer is for those who left for another reason");
        }
        let days = population.all_attempts().iter().filter(|attempt| {
            attempt.purpose() == AttemptPurpose::WinBack && *attempt.customer() == one.customer
        });
        let days: BTreeSet<Day> = days.map(Attempt::day).collect();
        let cool_down = spec.cool_down.unwrap_or_default();
        if days.iter().any(|day| as_of < day.plus(cool_down)) {
            return wrong("they were attempted not long ago");
        }
        let history = population.histories().get(&one.customer);
        let last = history
            .and_then(|history| Summary::new(history, Window::Lifetime, as_of).last_purchase());
        let tried = days
            .iter()
            .filter(|day| last.is_none_or(|last| **day > last));
        let used = |most: u32| u32::try_from(tried.clone().count()).is_ok_and(|n| n >= most);
        if spec.max_attempts.is_some_and(used) {
            return wrong("they were attempted often enough");
        }
    }
    Ok(())
}

/// Between a review and itself nothing is news, and nobody is new or gone whose records are the same.
pub(super) fn news(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
    remembered: &Standings,
) -> Result<(), String> {
    let Some(monitor) = engine.monitor() else {
        return Ok(());
    };
    let (as_of, nothing) = (scene.as_of(), scene.standings());
    let error = |error: crate::Error| error.to_string();
    let fresh = engine
        .review_all(population, &nothing, as_of)
        .map_err(error)?;
    let last = engine
        .review_all(population, remembered, as_of)
        .map_err(error)?;
    if let Some(event) = last.changes(&last, monitor).first() {
        return Err(format!("between a review and itself there is {event:?}"));
    }
    let told = last.changes(&fresh, monitor);
    let moved = |what: &Shift| matches!(what, Shift::New { .. } | Shift::Gone { .. });
    match told.iter().find(|event| moved(&event.what)) {
        Some(event) => Err(format!("of the same customers there is {event:?}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Policy;
    use crate::lifecycle::exit::GateFound;
    use crate::model::{AttemptKind, Currency};
    use crate::tiering::PolicyRef;

    /// Events on a ladder of two steps; the text after the day says which gate is closed.
    fn events(told: &[(i32, ExitChange, Truth)]) -> Vec<ExitEvent> {
        let event = |(day, change, closed): &(i32, ExitChange, Truth)| {
            let looked_at = !matches!(
                change,
                ExitChange::BelowLine
                    | ExitChange::AboveLine
                    | ExitChange::Reversed { .. }
                    | ExitChange::Returned { .. }
            );
            let gate = looked_at.then(|| GateFound {
                name: "hold".to_owned(),
                closed: *closed,
                place: "exit.gates[0].closed".to_owned(),
                rule: "hold".to_owned(),
                conditions: Vec::new(),
            });
            ExitEvent {
                day: Day::from_epoch_days(19_000 + day).unwrap(),
                change: change.clone(),
                policy: PolicyRef {
                    name: "letting go".to_owned(),
                    version: "1".to_owned(),
                    fingerprint: Policy::standard(Currency::EUR).fingerprint(),
                    currency: Currency::EUR,
                },
                rule: "spend < 20".to_owned(),
                conditions: Vec::new(),
                gates: gate.into_iter().collect(),
            }
        };
        told.iter().map(event).collect()
    }

    fn given(step: &str, day: i32) -> ExitChange {
        ExitChange::NoticeGiven {
            step: step.to_owned(),
            takes_effect: Day::from_epoch_days(19_000 + day).unwrap(),
        }
    }

    fn taken(step: &str) -> ExitChange {
        ExitChange::StepTaken {
            step: step.to_owned(),
        }
    }

    #[test]
    fn what_a_ladder_does_not_allow_is_told() {
        let spec: ExitSpec = toml::from_str(
            r#"
            below = "spend < 20"
            at_least = "60 days"
            interval = "60 days"
            notice = "30 days"
            steps = [{ name = "migrate" }, { name = "end", ends_service = true }]
            gates = [{ name = "hold", closed = "hold" }]
            "#,
        )
        .unwrap();
        let is = Truth::False;
        let sound = [
            (0, ExitChange::BelowLine, is),
            (60, given("migrate", 90), is),
            (90, taken("migrate"), is),
            (120, given("end", 150), is),
            (150, taken("end"), is),
            (
                160,
                ExitChange::Returned {
                    step: "end".to_owned(),
                },
                is,
            ),
        ];
        let check = |told: &[(i32, ExitChange, Truth)], attempts: u32| {
            let spec = ExitSpec {
                attempts,
                ..spec.clone()
            };
            let day = Day::from_epoch_days(19_010).unwrap();
            let tried = Attempt::new(1, day, AttemptPurpose::Uplift, AttemptKind::Call).unwrap();
            allowed(&spec, &events(told), &[&tried])
        };
        assert_eq!((check(&sound, 0), check(&sound, 1)), (Ok(()), Ok(())));
        let broken = |at: usize, with: (i32, ExitChange, Truth), attempts: u32| {
            let mut told = sound.clone();
            told[at] = with;
            let what = check(&told, attempts).unwrap_err();
            what.split_once(": ").unwrap().0.to_owned()
        };
        for (at, with, what) in [
            (
                1,
                (59, given("migrate", 89), is),
                "not long enough below the line",
            ),
            (1, (60, given("migrate", 80), is), "another notice"),
            (
                1,
                (60, given("end", 90), is),
                "notice of another step than the next",
            ),
            (1, (60, taken("migrate"), is), "a step without notice"),
            (2, (89, taken("migrate"), is), "before the day told"),
            (2, (90, taken("migrate"), Truth::True), "past a closed gate"),
            (
                2,
                (90, taken("migrate"), Truth::Unknown),
                "past a closed gate",
            ),
            (2, (90, taken("end"), is), "another step than the next"),
            (
                3,
                (119, given("end", 149), is),
                "too soon after the step before",
            ),
            (4, (149, taken("end"), is), "two steps within the interval"),
            (
                4,
                (80, taken("end"), is),
                "an event before the one before it",
            ),
            (
                5,
                (160, ExitChange::AboveLine, is),
                "there was something to reverse",
            ),
            (
                5,
                (
                    160,
                    ExitChange::Reversed {
                        step: Some("end".to_owned()),
                        notice: None,
                    },
                    is,
                ),
                "back after the service has ended",
            ),
        ] {
            assert_eq!(broken(at, with, 0), what);
        }
        assert_eq!(
            check(&sound, 2).unwrap_err().split_once(": ").unwrap().0,
            "not enough attempts"
        );
        // And what they come to.
        let events = events(&sound);
        assert_eq!(comes_to(&events, None), Ok(()));
        let record = ExitRecord::replay(&events[..3]);
        assert_eq!(comes_to(&events[..3], record.as_ref()), Ok(()));
        assert!(comes_to(&events[..2], record.as_ref()).is_err());
    }
}
