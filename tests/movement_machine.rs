//! Movement against a ten-line reference, step by step, and against the oracle for random policies and histories; and its laws.
//!
//! `MOVEMENT_RUNS` says how many cases each test draws: `MOVEMENT_RUNS=10000 cargo test --release --test movement_machine`.

mod movement_engine;
#[path = "movement_machine/random.rs"]
mod random;
#[path = "movement_machine/reference.rs"]
mod reference;

mod movement_oracle;

use customer_value::engine::{Engine, Standing};
use customer_value::history::History;
use customer_value::ledger::{Effect, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Day, Money, Transaction};
use customer_value::tiering::TierRecord;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use movement_engine::{Service, engine, population, subject, to_day};
use movement_oracle::cases::lines;
use movement_oracle::{Customer, Date, Outcome, Policy, Purchase, plus, run};
use random::{Drawn, begin, customers, customers_with_returns, days, policies};
use reference::{Plan, Reference};

fn runs(default: u32) -> ProptestConfig {
    let runs = std::env::var("MOVEMENT_RUNS").ok();
    ProptestConfig {
        cases: runs.map_or(default, |runs| runs.parse().expect("a number of cases")),
        max_global_rejects: 1_000_000,
        max_shrink_iters: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn binds(policy: &str) -> bool {
    Engine::from_toml(policy, &Catalog::standard()).is_ok()
}

// ---- The state machine ----

#[derive(Debug, Clone)]
enum Step {
    Buy(i64),
    Wait(i64),
}

/// Does this, and perhaps reviews.
type Transition = (Step, bool);

const TIERS: [&str; 3] = ["member", "silver", "gold"];

fn plans() -> impl Strategy<Value = Plan> {
    let thresholds = (1..6_i64, 1..6_i64, 0..=5_i64, 0..=5_i64);
    let lengths = (1..80_i64, 1..100_i64, prop_oneof![Just(0_i64), 1..40_i64]);
    (thresholds, lengths, any::<bool>()).prop_map(
        |((silver, more, low, high), (window, term, grace), one_step)| {
            let entry = [0, silver * 100, (silver + more) * 100];
            let keep = [0, entry[1] * low / 5, entry[2] * high / 5];
            Plan {
                entry,
                keep,
                window,
                term,
                grace,
                one_step,
            }
        },
    )
}

struct Machine;

impl ReferenceStateMachine for Machine {
    type State = Reference;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Reference> {
        plans()
            .prop_map(|plan| Reference {
                plan,
                today: 0,
                bought: Vec::new(),
                tier: 0,
                since: 0,
                end: 0,
                grace: None,
            })
            .boxed()
    }

    fn transitions(_: &Reference) -> BoxedStrategy<Transition> {
        let step = prop_oneof![
            (1..8_i64).prop_map(|hundreds| Step::Buy(hundreds * 100)),
            (1..4_i64).prop_map(Step::Wait),
            (1..120_i64).prop_map(Step::Wait),
        ];
        (step, prop::bool::weighted(0.6)).boxed()
    }

    fn apply(mut state: Reference, (step, _): &Transition) -> Reference {
        match step {
            Step::Buy(amount) => {
                state.bought.push((state.today, *amount));
                state.close();
            }
            Step::Wait(days) => {
                for _ in 0..*days {
                    state.turn();
                    state.close();
                }
            }
        }
        state
    }
}

struct System {
    engine: Engine,
    history: History,
    standing: Standing,
    events: Vec<customer_value::tiering::TierEvent>,
    today: i64,
}

impl System {
    fn review(&mut self) {
        let mut buffer = self.engine.buffer();
        let standing = std::mem::take(&mut self.standing);
        let today = to_day(plus(begin(), self.today));
        let (standing, assessment) =
            (self.engine).review(&self.history, standing, today, &mut buffer);
        self.events.extend(assessment.events());
        self.standing = standing;
    }
}

impl StateMachineTest for Machine {
    type SystemUnderTest = System;
    type Reference = Self;

    fn init_test(reference: &Reference) -> System {
        let plan = &reference.plan;
        let mut text = format!(
            "[head]\nname = \"reduced\"\nversion = \"1\"\ncurrency = \"EUR\"\n\n[movement]\nqualifying = {{ measure = \"spend\", window = \"{} days\" }}\nterm = {{ length = \"{} days\" }}\n",
            plan.window, plan.term
        );
        if plan.grace > 0 {
            text += &format!("grace = {{ length = \"{} days\" }}\n", plan.grace);
        }
        if plan.one_step {
            text += "downgrade = \"one_step\"\n";
        }
        for tier in [2, 1] {
            text += &format!(
                "\n[[tiers]]\nname = \"{}\"\nentry = {}\nkeep = {}\n",
                TIERS[tier], plan.entry[tier], plan.keep[tier]
            );
        }
        text += "\n[[tiers]]\nname = \"member\"\n";
        let engine = engine(&text);
        let mut system = System {
            history: History::new(engine.layout().clone()),
            engine,
            standing: Standing::default(),
            events: Vec::new(),
            today: 0,
        };
        system.review();
        system
    }

    fn apply(mut system: System, reference: &Reference, (step, look): Transition) -> System {
        match step {
            Step::Buy(amount) => {
                let day = to_day(plus(begin(), system.today));
                let money = Money::from_minor(amount * 100, Currency::EUR);
                let purchase = Transaction::purchase(7, day, money).unwrap();
                let effect = Effect::of(&purchase, &Options::new(day, Currency::EUR)).unwrap();
                system.history.add(&effect).unwrap();
            }
            Step::Wait(days) => system.today += days,
        }
        if look {
            system.review();
            let record = system.standing.tier().unwrap();
            let tenure = record.tenure.as_ref().unwrap();
            let day = |days: i64| to_day(plus(begin(), days));
            assert_eq!(record.tier, TIERS[reference.tier]);
            assert_eq!(record.since, day(reference.since));
            assert_eq!(
                tenure.term.map(|term| term.end),
                (reference.tier > 0).then(|| day(reference.end))
            );
            assert_eq!(
                tenure.grace.map(|grace| grace.until),
                reference.grace.map(day)
            );
        }
        system
    }

    fn check_invariants(system: &System, _: &Reference) {
        assert_eq!(
            TierRecord::replay(&system.events).as_ref(),
            system.standing.tier()
        );
    }
}

prop_state_machine! {
    #![proptest_config(runs(200))]

    #[test]
    fn movement_is_the_ten_line_reference(sequential 1..30 => Machine);
}

// ---- Random policies against the oracle ----

fn same(engine: &Outcome, oracle: &Outcome) -> Result<(), TestCaseError> {
    let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-6,
        (a, b) => a == b,
    };
    prop_assert_eq!(lines(&engine.events), lines(&oracle.events));
    prop_assert_eq!(&engine.tier, &oracle.tier);
    prop_assert_eq!(engine.since, oracle.since);
    prop_assert_eq!(&engine.earned, &oracle.earned);
    prop_assert_eq!(engine.term, oracle.term);
    prop_assert_eq!(engine.grace, oracle.grace);
    prop_assert_eq!(&engine.pending, &oracle.pending);
    let (a, b) = (engine.counting, oracle.counting);
    prop_assert_eq!(a.map(|c| c.0), b.map(|c| c.0));
    prop_assert!(
        close(a.map(|c| c.1), b.map(|c| c.1)),
        "carry {:?} {:?}",
        a,
        b
    );
    prop_assert!(
        close(engine.qualifying, oracle.qualifying),
        "qualifying {:?} {:?}",
        engine.qualifying,
        oracle.qualifying
    );
    Ok(())
}

fn agree(policy: &Drawn, customer: &Customer, days: &[Date]) -> Result<(), TestCaseError> {
    let text = policy.text();
    let engine = engine(&text);
    let mut service = Service::new(customer);
    let expected = run(&Policy::parse(&text), customer, days);
    for (day, expected) in days.iter().zip(&expected) {
        let found = service.one(&engine, *day);
        same(&found, expected).map_err(|e| {
            let events = lines(&expected.events);
            TestCaseError::fail(format!("{day}: {e}\n{events:#?}\n{text}"))
        })?;
    }
    let replayed = TierRecord::replay(&service.trail);
    prop_assert_eq!(replayed.as_ref(), service.standing.tier());
    Ok(())
}

/// Reviews on some days; the record after the last.
fn reviewed(engine: &Engine, customer: &Customer, days: &[Date]) -> TierRecord {
    let mut service = Service::new(customer);
    for day in days {
        service.one(engine, *day);
    }
    service.standing.tier().unwrap().clone()
}

proptest! {
    #![proptest_config(runs(200))]

    #[test]
    fn the_engine_is_the_oracle(policy in policies(true), customer in customers(), days in days(1..8)) {
        agree(&policy, &customer, &days)?;
    }

    // With reviews of every change it would matter on which days the engine looks, for the purchase is of an earlier day.
    #[test]
    fn the_engine_is_the_oracle_when_purchases_are_returned(
        policy in policies(true).prop_filter("reviews of every change", |policy| !policy.always()),
        customer in customers_with_returns(),
        days in days(1..20),
    ) {
        agree(&policy, &customer, &days)?;
    }

    #[test]
    fn reviewing_again_on_the_same_day_changes_nothing(policy in policies(true), customer in customers(), days in days(1..6)) {
        let engine = engine(&policy.text());
        let mut service = Service::new(&customer);
        for day in days {
            service.one(&engine, day);
            let before = service.standing.clone();
            let again = service.one(&engine, day);
            prop_assert!(again.events.is_empty(), "{:?}\n{}", lines(&again.events), policy.text());
            prop_assert_eq!(&service.standing, &before);
        }
    }

    #[test]
    fn it_does_not_matter_how_often_somebody_looks(policy in policies(false), customer in customers(), few in days(2..6), more in days(1..30)) {
        let (first, last) = (few[0], few[few.len() - 1]);
        let mut all: Vec<Date> = few.iter().chain(&more).copied().filter(|d| first <= *d && *d <= last).collect();
        all.sort_unstable();
        all.dedup();
        let text = policy.text();
        // The page says so: when a tier comes back that a refund of the present takes from a window of the past.
        let past = ["last month", "last quarter", "months ago"].iter().any(|w| text.contains(w));
        prop_assume!(!past || customer.refunds.is_empty());
        let engine = engine(&text);
        let (once, often) = (reviewed(&engine, &customer, &[first, last]), reviewed(&engine, &customer, &all));
        prop_assert_eq!(once, often, "{} {:?}", text, all);
    }

    #[test]
    fn a_new_version_of_the_same_rules_changes_nothing(policy in policies(true), customer in customers(), first in 0..300_i64, days in 1..400_i64, which in any::<prop::sample::Index>()) {
        let text = policy.text();
        let engines = [engine(&text), engine(&text.replacen("version = \"1\"", "version = \"2\"", 1))];
        prop_assert_ne!(engines[0].fingerprint(), engines[1].fingerprint());
        let held = |change: Option<Day>| {
            let mut service = Service::new(&customer);
            for on in first..=first + days {
                let on = plus(begin(), on);
                let new = change.is_some_and(|change| to_day(on) >= change);
                service.one(&engines[usize::from(new)], on);
            }
            service
        };
        let before = held(None);
        // On a day on which something happens.
        let happened: Vec<Day> = before.trail.iter().map(|event| event.day).filter(|day| *day > before.trail[0].day).collect();
        prop_assume!(!happened.is_empty());
        let day = *which.get(&happened);
        let tier = |service: &Service<'_>| {
            let record = service.standing.tier().unwrap();
            let held = record.tenure.clone().unwrap();
            let (term, grace, upcoming) = (held.term, held.grace, held.upcoming);
            (record.tier.clone(), record.since, term, grace, upcoming, held.counting, held.last_review, held.last_change)
        };
        prop_assert_eq!(tier(&before), tier(&held(Some(day))), "{} {}", text, day);
    }

    #[test]
    fn what_lies_ahead_is_what_comes(policy in policies(true), customer in customers_with_returns(), days in days(1..6)) {
        let engine = engine(&policy.text());
        let mut service = Service::new(&customer);
        for day in &days {
            service.one(&engine, *day);
        }
        let as_of = days[days.len() - 1];
        let known = population(&engine, &customer, as_of);
        let mut buffer = engine.buffer();
        let standing = &service.standing;
        let Some(ahead) = engine.project(subject(&known), standing, to_day(as_of), &mut buffer) else {
            return Ok(());
        };
        let mut review = |on: Day| {
            let (standing, _) = engine.review(subject(&known), standing.clone(), on, &mut buffer);
            standing.tier().unwrap().tenure.clone().unwrap()
        };
        if let Some(end) = ahead.grace {
            let held = review(ahead.review);
            prop_assert_eq!(held.grace.map(|grace| grace.until), Some(end));
            prop_assert_eq!(&held.earned, &ahead.tier);
        }
        let held = review(ahead.grace.unwrap_or(ahead.review));
        prop_assert_eq!(&held.earned, &ahead.projected, "{} {:?} {:?}", policy.text(), ahead, held);
    }

    #[test]
    fn one_step_is_one_step(policy in policies(true), customer in customers(), days in days(1..8)) {
        let mut policy = policy.without("downgrade");
        policy.movement.push(("downgrade", "\"one_step\"".to_owned()));
        prop_assume!(binds(&policy.text()));
        let engine = engine(&policy.text());
        let names: Vec<String> = engine.policy().tiers.tiers.iter().map(|t| t.name.clone()).collect();
        let position = |name: &Option<String>| names.iter().position(|n| Some(n) == name.as_ref()).unwrap();
        let mut service = Service::new(&customer);
        for day in days {
            for event in service.one(&engine, day).events {
                if event.kind == "downgraded" {
                    prop_assert_eq!(position(&event.to), position(&event.from) + 1, "{:?}", event);
                }
            }
        }
    }

    #[test]
    fn more_never_makes_it_worse_at_the_same_instant(policy in policies(false), customer in customers(), days in days(1..5), fifties in 1..20_i64) {
        let engine = engine(&policy.text());
        let mut service = Service::new(&customer);
        for day in &days {
            service.one(&engine, *day);
        }
        // The same standing, reviewed on a day with so much more on it, or without.
        let today = plus(days[days.len() - 1], 1);
        let mut better = customer.clone();
        better.purchases.push(Purchase::new(today, fifties * 5000));
        let tier = |customer: &Customer| {
            let mut buffer = engine.buffer();
            let known = population(&engine, customer, today);
            let mut standing = service.standing.clone();
            movement_engine::note(&mut standing, customer, today);
            let (standing, _) = engine.review(subject(&known), standing, to_day(today), &mut buffer);
            let record = standing.tier().unwrap();
            let names: Vec<&str> = engine.policy().tiers.tiers.iter().map(|t| t.name.as_str()).collect();
            let from_top = |name: &str| names.iter().position(|n| *n == name).unwrap();
            let tenure = record.tenure.as_ref().unwrap();
            let up = tenure.upcoming.as_ref().map_or(usize::MAX, |u| from_top(&u.tier));
            (from_top(&record.tier), up)
        };
        let (plain, more) = (tier(&customer), tier(&better));
        prop_assert!(more.0 <= plain.0, "{:?} {:?}\n{}", plain, more, policy.text());
    }
}

#[test]
fn most_drawn_policies_bind_and_move_customers() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut moved = 0;
    for _ in 0..50 {
        let policy: Drawn = policies(true).new_tree(&mut runner).unwrap().current();
        let customer = customers().new_tree(&mut runner).unwrap().current();
        let last = plus(begin(), 750);
        let found = run(&Policy::parse(&policy.text()), &customer, &[begin(), last]);
        moved += usize::from(!found[1].events.is_empty());
    }
    assert!(moved > 25, "{moved} of 50");
}
