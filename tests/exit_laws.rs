//! The laws of the exit ladder, over random ladders, customers and days, and a slow, plain second implementation of
//! `src/docs/exit.md` that works with names and whole days alone.

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::exit::{
    ExitChange, ExitEvent, ExitExplanation, ExitLadder, ExitMove, ExitOutcome, ExitRecord,
    ExitSpec, GateSpec, Notice, OnStep, StepSpec,
};
use customer_value::model::{Currency, Day, Days, Unit};
use customer_value::report::ExitReport;
use customer_value::rules::{Truth, column};
use customer_value::table::{Field, Schema, Table};
use customer_value::tiering::PolicyRef;
use proptest::prelude::*;

const GATES: usize = 4;

/// A ladder in plain numbers.
#[derive(Debug, Clone)]
struct Plan {
    at_least: i32,
    attempts: usize,
    interval: i32,
    /// Name and notice.
    steps: Vec<(String, i32)>,
    /// The last step ends the service.
    ends: bool,
    /// For each gate the first step that it is looked at for.
    gates: Vec<usize>,
}

/// What a review sees.
#[derive(Debug, Clone)]
struct Seen {
    day: i32,
    below: Option<bool>,
    closed: [Option<bool>; GATES],
}

/// A customer's life: reviews by two policies in turn, and the days of attempts.
#[derive(Debug, Clone)]
struct Life {
    plans: [Plan; 2],
    /// How many reviews the first policy makes.
    first: usize,
    seen: Vec<Seen>,
    attempts: Vec<i32>,
}

impl Life {
    fn plan(&self, review: usize) -> &Plan {
        &self.plans[usize::from(review >= self.first)]
    }
}

fn plan() -> impl Strategy<Value = Plan> {
    // Few names in any order, so that two policies share some.
    let names = Just(["a", "b", "c", "d", "e"]).prop_shuffle();
    let notices = prop::collection::vec(0..=30_i32, 5);
    let gates = prop::collection::vec(0..5_usize, 0..=GATES);
    let numbers = (0..30_i32, 0..3_usize, 1..40_i32, 1..=5_usize, any::<bool>());
    (names, notices, gates, numbers).prop_map(
        |(names, notices, gates, (at_least, attempts, interval, steps, ends))| Plan {
            at_least,
            attempts,
            interval,
            steps: (names.iter().zip(notices).take(steps))
                .map(|(name, notice)| ((*name).to_owned(), notice.min(interval)))
                .collect(),
            ends,
            gates: gates
                .into_iter()
                .map(|first| first.min(steps - 1))
                .collect(),
        },
    )
}

fn flag(open: u32) -> impl Strategy<Value = Option<bool>> {
    prop_oneof![open => Just(Some(false)), 1 => Just(Some(true)), 1 => Just(None)]
}

fn life() -> impl Strategy<Value = Life> {
    let below = prop_oneof![16 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    // Mostly soon, sometimes on the same day, late or on an earlier one.
    let gap = prop_oneof![10 => 1..20_i32, 2 => Just(0), 2 => 20..200_i32, 1 => -10..0_i32];
    let seen = (gap, below, prop::array::uniform4(flag(16)));
    let seen = prop::collection::vec(seen, 1..40);
    let attempts = prop::collection::vec(-50..300_i32, 0..6);
    (
        plan(),
        plan(),
        prop_oneof![Just(usize::MAX), 0..40_usize],
        seen,
        attempts,
    )
        .prop_map(|(one, other, first, seen, attempts)| {
            let mut day = 0;
            let seen = seen.into_iter().map(|(gap, below, closed)| {
                day += gap;
                Seen { day, below, closed }
            });
            Life {
                plans: [one, other],
                first,
                seen: seen.collect(),
                attempts,
            }
        })
}

// ---- the second implementation ----

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

fn number(day: Day) -> i32 {
    day.epoch_days() - 20_000
}

fn plain(
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
            if d >= number(notice.takes_effect) {
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
        let apart = record.step.as_ref().is_none_or(|on| {
            d >= number(on.since) + plan.interval - notice && d > number(on.since)
        });
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

// ---- the library ----

fn schema() -> Schema {
    let mut schema = Schema::new();
    schema.add(Field::number("below", Unit::Flag)).unwrap();
    for gate in 0..GATES {
        schema
            .add(Field::number(format!("g{gate}"), Unit::Flag))
            .unwrap();
    }
    schema.add(Field::number("cost", Unit::Money)).unwrap();
    schema
}

fn spec(plan: &Plan) -> ExitSpec {
    let last = plan.steps.len() - 1;
    let steps = plan.steps.iter().enumerate().map(|(i, (name, notice))| {
        let step = StepSpec::new(name.as_str()).notice(Days::new(*notice));
        let step = step.avoids((i + 1) as f64 / plan.steps.len() as f64);
        if i == last && plan.ends {
            step.ends_service()
        } else {
            step
        }
    });
    let mut spec = ExitSpec::new(column("below").is_set(), Days::new(plan.interval), steps);
    spec.at_least = Days::new(plan.at_least);
    spec.attempts = u32::try_from(plan.attempts).unwrap();
    spec.avoidable_cost = Some("cost".to_owned());
    for (i, first) in plan.gates.iter().enumerate() {
        let gate = GateSpec::new(format!("g{i}"), column(format!("g{i}")).is_set());
        spec.gates.push(gate.before(plan.steps[*first].0.as_str()));
    }
    spec
}

fn bind(plan: &Plan) -> ExitLadder {
    let mut problems = Diagnostics::new();
    let ladder = spec(plan).bind(&schema(), &mut problems);
    assert!(problems.is_empty(), "{problems}");
    ladder.unwrap()
}

fn set(table: &mut Table, row: usize, seen: &Seen) {
    let slots: Vec<_> = table.schema().slots().collect();
    for (slot, value) in slots
        .into_iter()
        .zip([seen.below].iter().chain(&seen.closed))
    {
        table
            .column_mut(slot)
            .set(row, value.map(|v| f64::from(u8::from(v))));
    }
}

fn made(attempts: &[i32], from: Day, to: i32) -> u32 {
    let made = attempts
        .iter()
        .filter(|on| (number(from)..=to).contains(on))
        .count();
    u32::try_from(made).unwrap()
}

fn policy() -> PolicyRef {
    serde_json::from_str(
        r#"{"name":"p","version":"1","fingerprint":"00000000000000000000000000000000","currency":"EUR"}"#,
    )
    .unwrap()
}

/// One review with all that it says.
#[derive(Debug, Clone)]
struct Reviewed {
    day: i32,
    before: Option<ExitRecord>,
    after: Option<ExitRecord>,
    outcome: ExitOutcome,
    events: Vec<ExitEvent>,
    explained: ExitExplanation,
}

impl Reviewed {
    fn changes(&self) -> impl Iterator<Item = &ExitChange> {
        self.events.iter().map(|event| &event.change)
    }

    fn taken(&self) -> impl Iterator<Item = &str> {
        self.changes().filter_map(|change| match change {
            ExitChange::StepTaken { step } => Some(step.as_str()),
            _ => None,
        })
    }
}

fn review(
    ladder: &ExitLadder,
    before: Option<ExitRecord>,
    seen: &Seen,
    attempts: &[i32],
) -> Reviewed {
    let mut table = Table::new(schema(), 1);
    set(&mut table, 0, seen);
    let (row, as_of) = (table.row(0), day(seen.day));
    let located = before.as_ref().map(|record| ladder.locate(record));
    let since = |from| made(attempts, from, seen.day);
    let outcome = ladder.step(row, as_of, located, since);
    Reviewed {
        day: seen.day,
        after: ladder.record(before.clone(), &outcome, as_of),
        events: ladder.events(row, as_of, before.as_ref(), &outcome, &policy()),
        explained: ladder.explain(row, as_of, located, since),
        before,
        outcome,
    }
}

fn run(life: &Life) -> Vec<Reviewed> {
    let ladders = [bind(&life.plans[0]), bind(&life.plans[1])];
    let mut record = None;
    let mut all = Vec::new();
    for (i, seen) in life.seen.iter().enumerate() {
        let ladder = &ladders[usize::from(i >= life.first)];
        let one = review(ladder, record, seen, &life.attempts);
        record = one.after.clone();
        all.push(one);
    }
    all
}

proptest! {
    #[test]
    fn it_does_what_the_page_says(life in life()) {
        let mut record = None;
        for (i, one) in run(&life).into_iter().enumerate() {
            let (after, changes) = plain(life.plan(i), record, &life.seen[i], &life.attempts);
            prop_assert_eq!(one.changes().cloned().collect::<Vec<_>>(), changes);
            prop_assert_eq!(&one.after, &after);
            record = after;
        }
    }

    #[test]
    fn one_step_a_review_and_the_interval_between_two(life in life()) {
        let mut last: Option<i32> = None;
        for (i, one) in run(&life).into_iter().enumerate() {
            prop_assert!(one.taken().count() <= 1);
            if one.taken().count() == 1 {
                // A notice that another policy gave is kept as it was told.
                let told = i < life.first || one.before.as_ref().is_none_or(|b| b.notice.is_none());
                if let Some(last) = last.filter(|_| told) {
                    prop_assert!(one.day - last >= life.plan(i).interval);
                }
                last = Some(one.day);
            }
            if one.after.is_none() {
                last = None;
            }
        }
    }

    #[test]
    fn nobody_with_a_closed_or_unknown_gate_takes_a_step(life in life()) {
        for (i, one) in run(&life).into_iter().enumerate() {
            let (plan, seen) = (life.plan(i), &life.seen[i]);
            for name in one.taken() {
                prop_assert_eq!(seen.below, Some(true));
                let step = plan.steps.iter().position(|(step, _)| step == name).unwrap();
                for (gate, first) in plan.gates.iter().enumerate() {
                    prop_assert!(step < *first || seen.closed[gate] == Some(false));
                }
            }
        }
    }

    #[test]
    fn above_the_line_is_off_at_once_and_unknown_changes_nothing(life in life()) {
        for (i, one) in run(&life).into_iter().enumerate() {
            match life.seen[i].below {
                Some(false) => {
                    prop_assert_eq!(&one.after, &None);
                    prop_assert_eq!(one.events.len(), usize::from(one.before.is_some()));
                }
                None => {
                    prop_assert_eq!(&one.after, &one.before);
                    prop_assert!(one.events.is_empty());
                }
                Some(true) => prop_assert!(one.after.is_some()),
            }
        }
    }

    #[test]
    fn a_second_review_on_the_day_changes_nothing(life in life()) {
        for (i, one) in run(&life).into_iter().enumerate() {
            let ladder = bind(life.plan(i));
            let again = review(&ladder, one.after.clone(), &life.seen[i], &life.attempts);
            prop_assert_eq!(&again.after, &one.after);
            prop_assert!(again.events.is_empty(), "{:?}", again.events);
            prop_assert_eq!(again.outcome.held_by, one.outcome.held_by);
        }
    }

    #[test]
    fn notice_comes_first(life in life()) {
        let mut given: Option<(String, i32, i32)> = None;
        for (i, one) in run(&life).into_iter().enumerate() {
            for change in one.changes() {
                match change {
                    ExitChange::NoticeGiven { step, takes_effect } => {
                        given = Some((step.clone(), one.day, number(*takes_effect)));
                        let (_, notice) = life.plan(i).steps.iter().find(|(s, _)| s == step).unwrap();
                        prop_assert_eq!(number(*takes_effect), one.day + notice);
                    }
                    ExitChange::StepTaken { step } => {
                        let (_, notice) = life.plan(i).steps.iter().find(|(s, _)| s == step).unwrap();
                        match given.take() {
                            Some((told, on, from)) => {
                                prop_assert_eq!(&told, step);
                                prop_assert!(one.day >= from);
                                prop_assert!(i >= life.first || one.day - on >= *notice);
                            }
                            None => prop_assert_eq!(*notice, 0),
                        }
                    }
                    ExitChange::BelowLine => {}
                    _ => given = None,
                }
            }
        }
    }

    #[test]
    fn what_is_stored_and_read_again_changes_nothing(life in life()) {
        let mut record: Option<ExitRecord> = None;
        for (i, one) in run(&life).into_iter().enumerate() {
            let stored = serde_json::to_string(&record).unwrap();
            record = serde_json::from_str(&stored).unwrap();
            let text = toml::to_string(&spec(life.plan(i))).unwrap();
            let ladder = toml::from_str::<ExitSpec>(&text).unwrap();
            let ladder = ladder.bind(&schema(), &mut Diagnostics::new()).unwrap();
            let again = review(&ladder, record, &life.seen[i], &life.attempts);
            prop_assert_eq!(&again.after, &one.after);
            record = again.after;
        }
    }

    #[test]
    fn events_come_to_the_record(life in life(), cut in 0..40_usize) {
        let all = run(&life);
        let stored = serde_json::to_string(&all.iter().flat_map(|one| &one.events).collect::<Vec<_>>()).unwrap();
        let events: Vec<ExitEvent> = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&ExitRecord::replay(&events), &all.last().unwrap().after);
        // And from any of them on.
        let cut = cut.min(all.len() - 1);
        let later = all[cut + 1..].iter().flat_map(|one| &one.events);
        let replayed = ExitRecord::replay_from(all[cut].after.clone(), later);
        prop_assert_eq!(&replayed, &all.last().unwrap().after);
    }

    #[test]
    fn the_explanation_is_the_review(life in life()) {
        for (i, one) in run(&life).into_iter().enumerate() {
            let (plan, told) = (life.plan(i), &one.explained);
            let truth = life.seen[i].below.map_or(Truth::Unknown, Truth::from);
            prop_assert_eq!(told.below, truth);
            prop_assert_eq!(told.below_since, one.after.as_ref().map(|record| record.below_since));
            let on = one.after.as_ref().and_then(|record| record.step.as_ref());
            let known = on.filter(|on| plan.steps.iter().any(|(step, _)| *step == on.name));
            prop_assert_eq!(told.step.as_ref(), known.map(|on| &on.name));
            prop_assert_eq!(told.since, on.map(|on| on.since));
            let Some(next) = &told.next else {
                let last = &plan.steps.last().unwrap().0;
                prop_assert!(one.after.is_none() || told.step.as_ref() == Some(last));
                continue;
            };
            let notice = one.after.as_ref().and_then(|record| record.notice.as_ref());
            if truth != Truth::True {
                continue;
            }
            // Something is missing, or there is notice.
            prop_assert_eq!(next.noticed, notice.is_some());
            if let Some(notice) = notice {
                prop_assert_eq!(&next.step, &notice.step);
                prop_assert_eq!(next.earliest, Some(notice.takes_effect));
            }
            let time = next.below_long_enough.is_some() || next.interval_over.is_some();
            let other = time || next.attempts.is_some();
            prop_assert!(next.noticed || other || !next.held_by.is_empty());
            prop_assert_eq!(one.outcome.held_by.is_empty(), next.held_by.is_empty() || other);
            // On the day that time allows, with all attempts made and all gates open, there is notice, and not before.
            if !next.noticed {
                let step = plan.steps.iter().find(|(step, _)| *step == next.step).unwrap();
                let on = number(next.earliest.unwrap()) - step.1;
                let free = |day| {
                    let seen = Seen { day, below: Some(true), closed: [Some(false); GATES] };
                    let attempts = vec![number(told.below_since.unwrap()); plan.attempts];
                    let later = review(&bind(plan), one.after.clone(), &seen, &attempts);
                    later.events.len()
                };
                if time {
                    prop_assert_eq!(free(on - 1), 0);
                }
                prop_assert!(on < number(told.below_since.unwrap()) || free(on) > 0);
            }
        }
    }
}

proptest! {
    // Many customers in each case.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_block_is_one_by_one(plan in plan(), lives in prop::collection::vec(life(), 1..150), skip in 0..3_usize) {
        let ladder = bind(&plan);
        let mut table = Table::new(schema(), skip + lives.len());
        let mut current = Vec::new();
        for (i, life) in lives.iter().enumerate() {
            // Somewhere in the middle of a life under this policy.
            let middle = life.seen.len() / 2;
            let mut record = None;
            for seen in &life.seen[..middle] {
                record = plain(&plan, record, seen, &life.attempts).0;
            }
            set(&mut table, skip + i, &life.seen[middle]);
            current.push(record.map(|record| ladder.locate(&record)));
        }
        let today = 100;
        let since = |i: usize, from| made(&lives[i].attempts, from, today);
        let mut out = Vec::new();
        ladder.step_block(&table, skip, day(today), &current, since, &mut out);
        prop_assert_eq!(out.len(), lives.len());
        for (i, outcome) in out.iter().enumerate() {
            let row = table.row(skip + i);
            let one = ladder.step(row, day(today), current[i], |from| since(i, from));
            prop_assert_eq!(*outcome, one);
        }
    }

    #[test]
    fn a_report_is_the_same_in_any_order_and_in_parts(
        plan in plan(),
        lives in prop::collection::vec((life(), prop::option::of(-1_000..100_000_i64)), 1..40),
        cut in 0..40_usize,
    ) {
        let ladder = bind(&plan);
        let customers: Vec<(ExitOutcome, Option<i64>)> = (lives.iter())
            .map(|(life, saving)| {
                let life = Life { first: usize::MAX, plans: [plan.clone(), plan.clone()], ..life.clone() };
                (run(&life).last().unwrap().outcome, *saving)
            })
            .collect();
        let of = |customers: &[(ExitOutcome, Option<i64>)]| {
            let mut report = ExitReport::new(&ladder, Currency::EUR);
            customers.iter().for_each(|(outcome, saving)| report.add(outcome, *saving));
            report
        };
        let whole = of(&customers);
        let backwards: Vec<_> = customers.iter().rev().copied().collect();
        prop_assert_eq!(&of(&backwards), &whole);
        let (one, other) = customers.split_at(cut.min(customers.len()));
        let mut merged = of(other);
        merged.merge(&of(one)).unwrap();
        prop_assert_eq!(&merged, &whole);
        let stored = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(&serde_json::from_str::<ExitReport>(&stored).unwrap(), &whole);

        // Counted once more.
        let below = customers.iter().filter(|(outcome, _)| outcome.position.is_some()).count();
        prop_assert_eq!(whole.total().customers, below as u64);
        for (id, name) in ladder.steps() {
            let on = |(outcome, _): &&(ExitOutcome, _)| outcome.position.is_some_and(|at| at.step == Some(id));
            let group = &whole.steps()[id.index()];
            prop_assert_eq!(group.name.as_str(), name);
            prop_assert_eq!(group.customers, customers.iter().filter(on).count() as u64);
            let savings = customers.iter().filter(on).filter_map(|(_, saving)| *saving);
            prop_assert_eq!(group.saving, savings.map(i128::from).sum::<i128>());
        }
    }
}

// ---- the ladder of the page, with real columns ----

proptest! {
    /// Whoever has a hold, or is worth as much as the line by what they bring others to spend, is never let go.
    #[test]
    fn a_hold_or_a_referral_value_keeps_from_the_end(
        days in prop::collection::vec((0..90_i32, prop::option::weighted(0.9, 0.0..60.0_f64), flag(20)), 1..60),
    ) {
        let mut spec: ExitSpec = toml::from_str(
            r#"
            below = "spend < 20"
            interval = "20 days"
            notice = "10 days"
            gates = [
                { name = "legal hold", closed = "legal_hold" },
                { name = "referrals", closed = "referral_value >= 50", before = "end" },
            ]
            "#,
        ).unwrap();
        spec.steps = customer_value::lifecycle::exit::presets::five_steps();
        let mut schema = Schema::new();
        let spend = schema.add(Field::number("spend", Unit::Money)).unwrap();
        let hold = schema.add(Field::number("legal_hold", Unit::Flag)).unwrap();
        let referral = schema.add(Field::number("referral_value", Unit::Money)).unwrap();
        let ladder = spec.bind(&schema, &mut Diagnostics::new()).unwrap();
        let mut table = Table::new(schema, 1);
        table.column_mut(spend).set(0, Some(1.0));
        let mut record: Option<ExitRecord> = None;
        let mut today = 0;
        for (gap, value, held) in days {
            today += gap;
            table.column_mut(hold).set(0, held.map(|h| f64::from(u8::from(h))));
            table.column_mut(referral).set(0, value);
            let at = record.as_ref().map(|record| ladder.locate(record));
            let outcome = ladder.step(table.row(0), day(today), at, |_| 0);
            record = ladder.record(record, &outcome, day(today));
            if outcome.moves.contains(&Some(ExitMove::StepTaken)) {
                prop_assert_eq!(held, Some(false));
                if record.as_ref().unwrap().step.as_ref().unwrap().name == "end" {
                    prop_assert!(value.is_some_and(|value| value < 50.0));
                }
            }
        }
    }
}
