//! The laws of lifecycles, churn, win-back and the exit ladder, through the review of the engine, over random customers, policies
//! and days.

#[path = "lifecycle_laws/world.rs"]
mod world;

use std::collections::BTreeSet;

use customer_value::engine::{Engine, Population, Standing, Standings};
use customer_value::history::Histories;
use customer_value::lifecycle::win_back::Suppression;
use customer_value::model::{AttemptPurpose, CustomerId};
use proptest::prelude::*;

use world::{
    LAST, Life, Plan, Told, day, histories, life, lives, plan, population, review, reviews, rows,
    run, until,
};

/// Everybody reviewed on some days; what was told and what is remembered in the end.
fn all(
    engine: &Engine,
    reviews: &[i32],
    on: impl Fn(i32) -> Population,
) -> (Standings, Vec<Vec<(CustomerId, Told)>>) {
    let mut standings = Standings::new();
    let mut told = Vec::new();
    for n in reviews {
        let population = on(*n);
        let found = engine.review_all(&population, &standings, day(*n)).unwrap();
        let one = found.iter().map(|one| {
            let (id, history) = population.histories().at(one.position()).unwrap();
            (id, Told::of(engine, history, one.assessment()))
        });
        told.push(one.collect());
        standings = found.standings();
    }
    (standings, told)
}

fn ranked(stage: &str) -> u32 {
    match stage {
        "lapsed" => 1,
        "active" => 2,
        "loyal" => 3,
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Purchases, refunds and attempts after the day of the review change nothing of it, and nothing it says is of a later day.
    #[test]
    fn nothing_comes_from_the_future(plan in plan(), lives in lives(4), reviews in reviews()) {
        let engine = plan.engine();
        let rows = rows(&lives);
        let everything = histories(&engine, &rows);
        let short = |on: i32| -> Vec<Life> {
            let mut lives = lives.clone();
            for life in &mut lives {
                life.attempts.retain(|(day, _)| *day <= on);
            }
            lives
        };
        let later = all(&engine, &reviews, |on| population(&lives, everything.clone(), on));
        let then = all(&engine, &reviews, |on| {
            population(&short(on), histories(&engine, &until(&rows, on)), on)
        });
        prop_assert_eq!(&later, &then);
        for (on, told) in reviews.iter().zip(&later.1) {
            for (_, told) in told {
                prop_assert!(told.moves.iter().all(|made| made.since <= day(*on)));
                prop_assert!(told.events.iter().all(|event| event.day == day(*on)));
                prop_assert!(told.evidence.iter().all(|found| found.since <= day(*on)));
            }
        }
        for (_, standing) in later.0.iter() {
            let stage = standing.stage().unwrap();
            prop_assert!(Some(stage.since) <= standing.reviewed());
        }
    }

    /// Who was active and is silent goes back, whatever the mark, and the mark does not.
    #[test]
    fn a_stage_can_go_back(
        plan in plan(), first in 0..100_i32, silence in 31..120_i32
    ) {
        let engine = plan.engine();
        let returned = first + silence;
        let life = Life {
            purchases: vec![(first, 30), (returned, 30)],
            low: Vec::new(),
            hold: Vec::new(),
            referral: Vec::new(),
            contact: Vec::new(),
            attempts: Vec::new(),
        };
        // Looked at often, so that every move is made.
        let days: Vec<i32> = (first..=returned).collect();
        let found = run(&engine, &life, &days);
        let stage = |on: i32| {
            let (_, standing, _) = found.iter().find(|(day, ..)| *day == on).unwrap();
            let record = standing.stage().unwrap();
            (record.stage.clone(), record.high_water.clone())
        };
        let and_mark = |stage: &str| (stage.to_owned(), "active".to_owned());
        prop_assert_eq!(stage(first), and_mark("active"));
        prop_assert_eq!(stage(first + 29), and_mark("active"));
        prop_assert_eq!(stage(first + 30), and_mark("lapsed"));
        // And forward once more.
        prop_assert_eq!(stage(returned), and_mark("active"));
    }

    #[test]
    fn the_mark_is_never_below_the_stage_and_never_falls(plan in plan(), life in life(), reviews in reviews()) {
        let mut highest = 0;
        for (on, standing, told) in run(&plan.engine(), &life, &reviews) {
            let record = standing.stage().unwrap();
            let mark = ranked(&record.high_water);
            let seen = told.moves.iter().map(|made| ranked(&made.to)).max().unwrap_or(0);
            prop_assert_eq!(mark, highest.max(seen), "{}", on);
            prop_assert!(ranked(&record.stage) <= mark);
            highest = mark;
        }
    }

    /// However the reviews fall; also over the line and back, if it takes an interval below the line before the first.
    #[test]
    fn at_most_one_exit_step_an_interval(plan in plan(), life in life(), reviews in reviews()) {
        let mut last: Option<i32> = None;
        for (on, standing, told) in run(&plan.engine(), &life, &reviews) {
            prop_assert!(told.taken().count() <= 1);
            if standing.exit().is_none() && plan.at_least < plan.interval {
                last = None;
            }
            if told.taken().count() == 1 {
                prop_assert!(last.is_none_or(|last| on - last >= plan.interval), "{:?} and {}", last, on);
                last = Some(on);
            }
        }
    }

    #[test]
    fn nobody_with_a_hold_or_with_referral_value_reaches_the_end(
        plan in plan(), life in life(), reviews in reviews()
    ) {
        for (on, _, told) in run(&plan.engine(), &life, &reviews) {
            for step in told.taken() {
                prop_assert_eq!(life.hold(on), Some(false), "{} on {}", step, on);
                if step == "end" {
                    prop_assert!(life.referral(on).is_some_and(|euros| euros < 50));
                }
            }
        }
    }

    /// Who is held all the time is on no step, and who has referral value all the time never at the end.
    #[test]
    fn who_is_held_stays(plan in plan(), life in life(), reviews in reviews(), euros in 50..100_u8, hold: bool) {
        let mut life = Life { low: vec![(0, Some(true))], ..life };
        if hold {
            life.hold = vec![(0, Some(true))];
        } else {
            life.hold = vec![(0, Some(false))];
            life.referral = vec![(0, Some(euros))];
        }
        for (_, standing, told) in run(&plan.engine(), &life, &reviews) {
            prop_assert!(told.exit.as_deref() != Some("end"));
            prop_assert!(!hold || standing.exit().is_none_or(|exit| exit.step.is_none() && exit.notice.is_none()));
        }
    }

    /// Nobody who bought after the review, as far as is known in the end, is to be won back.
    #[test]
    fn who_is_back_is_not_to_be_won_back(plan in plan(), lives in lives(8), on in 0..LAST, known in 0..LAST) {
        let engine = plan.engine();
        let rows = rows(&lives);
        let then = population(&lives, histories(&engine, &until(&rows, on)), on);
        let reviews = engine.review_all(&then, None, day(on)).unwrap();
        let rules = engine.win_back().unwrap();
        let later: Histories = histories(&engine, &until(&rows, known.max(on)));
        let list = reviews.win_back(rules, |_, _| None, Some(&later)).unwrap();
        let unknowing = reviews.win_back(rules, |_, _| None, None).unwrap();
        let names = |list: &customer_value::lifecycle::win_back::WinBackList| -> BTreeSet<CustomerId> {
            list.chosen.iter().map(|one| one.customer.clone()).collect()
        };
        let (names, unknowing) = (names(&list), names(&unknowing));
        for (life, id) in lives.iter().zip(1_u64..) {
            let id = CustomerId::from(id);
            let back = life.bought_after(on).filter(|day| *day <= known.max(on));
            match back {
                Some(back) => {
                    prop_assert!(!names.contains(&id));
                    let why = list.suppressed(&id);
                    let silent = reviews.get(&id).unwrap().number("days_since_last");
                    let candidate = silent.is_some_and(|days| days >= 30.0);
                    let returned = Suppression::Returned { on: day(back) };
                    prop_assert_eq!(why, candidate.then_some(returned));
                }
                // What others have done does not matter to them.
                None => prop_assert_eq!(names.contains(&id), unknowing.contains(&id)),
            }
            let lately = |(at, purpose): &(i32, AttemptPurpose)| {
                *purpose == AttemptPurpose::WinBack && *at + 60 > on
            };
            prop_assert!(!life.attempts.iter().any(lately) || !names.contains(&id));
        }
    }

    #[test]
    fn again_on_the_same_day_changes_nothing(plan in plan(), life in life(), reviews in reviews()) {
        let engine = plan.engine();
        let lives = std::slice::from_ref(&life);
        let histories = histories(&engine, &rows(lives));
        let mut standing = Standing::default();
        for on in reviews {
            let population = population(lives, histories.clone(), on);
            let (after, told) = review(&engine, &population, 1, &standing, on);
            for _ in 0..2 {
                let (again, more) = review(&engine, &population, 1, &after, on);
                prop_assert_eq!(&again, &after);
                prop_assert!(more.moves.is_empty(), "{:?}", more.moves);
                prop_assert!(more.events.is_empty(), "{:?}", more.events);
                prop_assert_eq!((&more.verdict, &more.evidence), (&told.verdict, &told.evidence));
                prop_assert_eq!((&more.stage, &more.exit), (&told.stage, &told.exit));
            }
            standing = after;
        }
    }

    /// Rows, customers and attempts in another order, the rows and the customers in parts, each alone.
    #[test]
    fn order_and_partition_do_not_matter(
        plan in plan(), lives in lives(6), reviews in reviews(), parts in 1..4_usize, mix in any::<u64>()
    ) {
        let engine = plan.engine();
        let rows = rows(&lives);
        let at_once = histories(&engine, &rows);
        let (standings, told) = all(&engine, &reviews, |on| population(&lives, at_once.clone(), on));

        let mut mixed: Vec<_> = rows.iter().enumerate().collect();
        mixed.sort_by_key(|(n, _)| (*n as u64 + 1).wrapping_mul(mix | 1));
        let part = |wanted: usize| -> Histories {
            let own = mixed.iter().filter(|(n, _)| n % parts == wanted);
            histories(&engine, &own.map(|(_, row)| (*row).clone()).collect::<Vec<_>>())
        };
        let merged = (1..parts).fold(part(0), |all, n| part(n).merge(&all).unwrap());
        let reversed = |on: i32| {
            let ids = || (1..=lives.len() as u64).zip(&lives).collect::<Vec<_>>().into_iter().rev();
            Population::new(merged.clone())
                .with_attempts(ids().flat_map(|(id, life)| life.attempts(id).into_iter().rev()))
                .with_customers(ids().map(|(id, life)| life.customer(id, on)))
                .unwrap()
        };
        prop_assert_eq!(&all(&engine, &reviews, reversed), &(standings.clone(), told.clone()));

        // One after the other, as populations of one customer, and without a population.
        for (life, id) in lives.iter().zip(1..) {
            let own = CustomerId::from(id);
            let mine: Vec<_> = rows.iter().filter(|row| *row.customer() == own).cloned().collect();
            let alone = histories(&engine, &mine);
            let mut standing = Standing::default();
            for (on, told) in reviews.iter().zip(&told) {
                let population = Population::new(alone.clone())
                    .with_customers([life.customer(id, *on)])
                    .unwrap()
                    .with_attempts(life.attempts(id));
                let (after, found) = review(&engine, &population, id, &standing, *on);
                let bulk = told.iter().find(|(other, _)| *other == own);
                prop_assert_eq!(Some(&found), bulk.map(|(_, told)| told));
                standing = after;
            }
            prop_assert_eq!(Some(&standing), standings.get(&own));
        }
    }
}

/// The random worlds are not empty: things happen in them.
#[test]
fn the_worlds_of_these_laws_see_it_all() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..150 {
        let mut one = |strategy: (
            BoxedStrategy<Plan>,
            BoxedStrategy<Life>,
            BoxedStrategy<Vec<i32>>,
        )| { strategy.new_tree(&mut runner).unwrap().current() };
        let (plan, life, reviews) = one((plan().boxed(), life().boxed(), reviews().boxed()));
        for (_, _, told) in run(&plan.engine(), &life, &reviews) {
            seen.extend(
                told.moves
                    .iter()
                    .map(|made| format!("{} -> {}", made.from, made.to)),
            );
            seen.extend(told.taken().map(|step| format!("taken {step}")));
            let kind = |event: &customer_value::lifecycle::exit::ExitEvent| {
                let text = format!("{:?}", event.change);
                text.split([' ', '{']).next().unwrap().to_owned()
            };
            seen.extend(told.events.iter().map(kind));
            seen.extend(told.verdict.map(|verdict| verdict.level.name().to_owned()));
            seen.extend(
                told.evidence
                    .iter()
                    .map(|found| found.signal.name().to_owned()),
            );
        }
    }
    for wanted in [
        "prospect -> active",
        "prospect -> gone",
        "lapsed -> active",
        "gone -> active",
        "active -> loyal",
        "active -> lapsed",
        "loyal -> lapsed",
        "lapsed -> gone",
        "active -> gone",
        "loyal -> gone",
        "taken reassess",
        "taken educate",
        "taken end",
        "BelowLine",
        "NoticeGiven",
        "NoticeWithdrawn",
        "StepTaken",
        "Reversed",
        "AboveLine",
        "Returned",
        "active",
        "cooling",
        "at_risk",
        "lost",
        "insufficient_data",
        "activity",
        "frequency",
        "spend",
    ] {
        assert!(seen.contains(wanted), "{wanted} was not seen: {seen:?}");
    }
}
