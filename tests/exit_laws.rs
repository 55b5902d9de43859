//! The laws of the exit ladder, over random ladders, customers and days.

#[path = "exit_laws/library.rs"]
mod library;
#[path = "exit_laws/lives.rs"]
mod lives;
#[path = "exit_laws/plain.rs"]
mod plain;

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::exit::{
    ExitChange, ExitEvent, ExitMove, ExitOutcome, ExitRecord, ExitSpec,
};
use customer_value::model::{Currency, Unit};
use customer_value::report::ExitReport;
use customer_value::rules::Truth;
use customer_value::table::{Field, Schema, Table};
use proptest::prelude::*;

use library::{bind, made, review, run, schema, set, spec};
use lives::{GATES, Life, Seen, flag, life, plan};
use plain::{day, number, plain};

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
    fn one_step_a_review_and_at_most_one_in_an_interval(
        mut life in life(),
        above in prop::collection::vec(prop::bool::weighted(0.2), 40),
    ) {
        // In the order of their days; often above the line in between, and whichever policy took the step before.
        let mut latest = i32::MIN;
        for (seen, above) in life.seen.iter_mut().zip(above) {
            latest = latest.max(seen.day);
            seen.day = latest;
            if above {
                seen.below = Some(false);
            }
        }
        for plan in &mut life.plans {
            plan.attempts = 0;
        }
        let mut last: Option<i32> = None;
        for (i, one) in run(&life).into_iter().enumerate() {
            prop_assert!(one.taken().count() <= 1);
            if one.taken().count() == 1 {
                if let Some(last) = last {
                    prop_assert!(one.day - last >= life.plan(i).interval);
                }
                last = Some(one.day);
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
                { name = "referrals", closed = "referral_value >= 50", from = "end" },
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
