//! Lifecycles, churn levels and exit ladders replayed over CDNOW and over a simulated subscription base: the engine against
//! the oracle, review by review.

mod lifecycle_oracle;

use lifecycle_oracle::adapter::{Found, Service, Stage, verdict_on};
use lifecycle_oracle::cases::{self, Case, Differences};
use lifecycle_oracle::{
    Customer, Date, ExitOutcome, ExitState, Measured, Policy, StageState, Value, between, cdnow,
    churn, day, evidence, exit_report, plus, population_gaps, review_exit, review_stage,
    subscription,
};

/// The oracle with what it remembers of everybody.
struct Replay<'a> {
    policy: Policy,
    customers: &'a [Customer],
    stages: Vec<Option<StageState>>,
    exits: Vec<Option<ExitState>>,
    population: Option<Vec<i64>>,
}

impl<'a> Replay<'a> {
    fn new(policy: &str, customers: &'a [Customer]) -> Self {
        Self {
            policy: Policy::parse(policy),
            customers,
            stages: vec![None; customers.len()],
            exits: vec![None; customers.len()],
            population: None,
        }
    }

    fn review(&mut self, on: Date) -> Vec<Found> {
        let mut all = Vec::new();
        for (position, customer) in self.customers.iter().enumerate() {
            let mut row = Measured::new(&self.policy, customer, on);
            let (mut verdict, mut dropped) = (None, None);
            if self.policy.churn.is_some() {
                let found = churn(&self.policy, customer, self.population.as_deref(), on);
                row = row.with("churn", Value::Word(found.level.to_owned()));
                dropped = Some(evidence(&self.policy, customer, on));
                verdict = Some(found);
            }
            let mut moves = None;
            if self.policy.lifecycle.is_some() {
                let found = review_stage(&row, &mut self.stages[position]);
                row = row.with("stage", Value::Word(found.stage.clone()));
                moves = Some(found.moves);
            }
            let mut exit = None;
            if self.policy.exit.is_some() {
                exit = Some(review_exit(&row, &mut self.exits[position]));
            }
            let step = self.exits[position].as_ref().and_then(|s| s.step.as_ref());
            all.push(Found {
                stage: self.stages[position].clone().map(Stage::from),
                moves,
                churn: verdict.as_ref().map(|verdict| verdict.level.to_owned()),
                verdict,
                evidence: dropped,
                step: step.map(|(step, _)| step.clone()),
                exit,
            });
        }
        all
    }
}

/// What is different of one customer.
fn differences(expected: &Found, found: &Found) -> Vec<String> {
    let mut said = Vec::new();
    let mut compare = |what: &str, expected: String, found: String| {
        if expected != found {
            said.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
    compare("stage", text(&expected.stage), text(&found.stage));
    compare("moves", text(&expected.moves), text(&found.moves));
    compare("churn", text(&expected.churn), text(&found.churn));
    compare("verdict", text(&expected.verdict), text(&found.verdict));
    let alike = match (&expected.evidence, &found.evidence) {
        (Some(expected), Some(found)) => cases::same_evidence(expected, found),
        (expected, found) => expected.is_none() && found.is_none(),
    };
    if !alike {
        compare("evidence", text(&expected.evidence), text(&found.evidence));
    }
    compare("step", text(&expected.step), text(&found.step));
    compare("exit", text(&expected.exit), text(&found.exit));
    said
}

fn assert_same(on: Date, expected: &[Found], found: &[Found]) {
    assert_eq!(expected.len(), found.len());
    let mut wrong = Vec::new();
    for (customer, (expected, found)) in expected.iter().zip(found).enumerate() {
        let said = differences(expected, found);
        wrong.extend(
            said.iter()
                .map(|said| format!("{on}, customer {customer}: {said}")),
        );
    }
    let some = &wrong[..wrong.len().min(20)];
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        some.join("\n")
    );
}

fn every(days: i64, from: &str, to: &str) -> Vec<Date> {
    let count = between(day(from), day(to)) / days;
    (0..=count).map(|n| plus(day(from), n * days)).collect()
}

fn month_ends(from: &str, to: &str) -> Vec<Date> {
    let mut days = every(1, from, to);
    days.retain(|on| plus(*on, 1).to_string().ends_with("-01"));
    days
}

// ---- the standard lifecycle over CDNOW ----

/// The lifecycle of `examples/policies/standard.toml` and what it reads.
fn standard() -> String {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/policies/standard.toml"
    );
    let mut policy: toml::Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    policy.retain(|part, _| ["head", "metrics", "lifecycle"].contains(&part));
    let tiers: toml::Table = toml::from_str("tiers = [{ name = 'everybody' }]").unwrap();
    policy.extend(tiers);
    policy.to_string()
}

fn cdnow_replay(customers: &[Customer], reviews: &[Date], scratch_every: usize) {
    let mut service = Service::new(&standard(), customers);
    let mut oracle = Replay::new(&standard(), customers);
    let mut seen = std::collections::BTreeSet::new();
    for (n, on) in reviews.iter().enumerate() {
        let expected = oracle.review(*on);
        let found = service.review(*on);
        assert_same(*on, &expected, &found);
        seen.extend(
            found
                .iter()
                .map(|f| f.stage.as_ref().unwrap().stage.clone()),
        );
        if n % scratch_every == 0 {
            assert!(service.histories_are_those_built_at_once());
            let anew = service.reviewed_anew(*on);
            let scratch = Replay::new(&standard(), customers).review(*on);
            assert_same(*on, &scratch, &anew);
            for (customer, (step, anew)) in found.iter().zip(&anew).enumerate() {
                let (step, anew) = (step.stage.as_ref().unwrap(), anew.stage.as_ref().unwrap());
                assert_eq!(step.stage, anew.stage, "{on}, customer {customer}");
                // A prospect is one since the day of the first review, whichever that is.
                if step.stage != "prospect" {
                    assert_eq!(step.since, anew.since, "{on}, customer {customer}");
                }
            }
        }
    }
    assert_eq!(seen.len(), 7, "{seen:?}");
}

#[test]
fn the_standard_lifecycle_over_cdnow_month_by_month() {
    let reviews = month_ends("1997-01-01", "1998-06-30");
    cdnow_replay(&cdnow::customers(), &reviews, 3);
}

#[test]
fn the_standard_lifecycle_over_cdnow_week_by_week() {
    let some: Vec<Customer> = cdnow::customers().into_iter().step_by(4).collect();
    cdnow_replay(&some, &every(7, "1997-01-01", "1998-06-30"), 13);
}

#[test]
fn one_customer_alone_is_as_in_bulk() {
    let customers = &cdnow::customers()[..300];
    let mut service = Service::new(&standard(), customers);
    for on in every(31, "1997-01-01", "1998-06-30") {
        let (alone, standings): (Vec<_>, Vec<_>) = service.one_by_one(on).into_iter().unzip();
        assert_eq!(service.review(on), alone, "{on}");
        assert_eq!(service.standings(), standings, "{on}");
    }
}

// ---- the simulated subscription base ----

/// A policy with some of its parts.
fn parts(names: &[&str]) -> String {
    let mut policy: toml::Table = toml::from_str(subscription::POLICY).unwrap();
    policy.retain(|part, _| {
        ["head", "attributes", "metrics", "tiers"].contains(&part) || names.contains(&part)
    });
    policy.to_string()
}

/// Review by review as the oracle; now and then also each alone, again on the same day, and with what was built at once.
fn replay(policy: &str, customers: &[Customer], reviews: &[Date], fit: Option<Date>) {
    let mut service = Service::new(policy, customers);
    let mut oracle = Replay::new(policy, customers);
    if let Some(on) = fit {
        service.fit(on);
        oracle.population = Some(population_gaps(&oracle.policy, customers, on));
    }
    let now_and_then = reviews.len().div_ceil(12);
    for (n, on) in reviews.iter().enumerate() {
        let now = n % now_and_then == 0 || n + 1 == reviews.len();
        let alone = now.then(|| service.one_by_one(*on));
        let expected = oracle.review(*on);
        let found = service.review(*on);
        assert_same(*on, &expected, &found);
        if oracle.policy.exit.is_some() {
            let exits: Vec<ExitOutcome> = expected.into_iter().map(|e| e.exit.unwrap()).collect();
            let report = exit_report(&oracle.policy, customers, &exits, *on);
            assert_eq!(report, service.report(), "{on}");
        }
        if let Some(alone) = alone {
            let (alone, standings): (Vec<_>, Vec<_>) = alone.into_iter().unzip();
            assert_same(*on, &found, &alone);
            assert_eq!(service.standings(), standings, "{on}");
            assert!(service.histories_are_those_built_at_once());
            // Again on the same day.
            assert_same(*on, &oracle.review(*on), &service.review(*on));
            assert_eq!(service.standings(), standings, "{on}");
        }
    }
    service.events_are_what_is_remembered();
}

fn daily() -> Vec<Date> {
    every(1, subscription::FIRST, subscription::LAST)
}

fn monthly() -> Vec<Date> {
    month_ends(subscription::FIRST, subscription::LAST)
}

#[test]
fn a_subscription_day_by_day() {
    let customers = subscription::customers(60);
    replay(&parts(&["lifecycle"]), &customers, &daily(), None);
}

#[test]
fn a_subscription_month_by_month() {
    let customers = subscription::customers(300);
    replay(&parts(&["lifecycle"]), &customers, &monthly(), None);
}

#[test]
fn one_move_a_review() {
    let mut policy: toml::Table = toml::from_str(&parts(&["lifecycle"])).unwrap();
    policy["lifecycle"].as_table_mut().unwrap().remove("moves");
    let customers = subscription::customers(60);
    replay(
        &policy.to_string(),
        &customers,
        &every(3, subscription::FIRST, subscription::LAST),
        None,
    );
}

#[test]
fn churn_levels_of_the_subscribers() {
    let customers = subscription::customers(300);
    replay(&parts(&["churn"]), &customers, &monthly(), None);
}

#[test]
fn the_exit_ladder_of_the_subscribers_day_by_day() {
    let customers = subscription::customers(60);
    replay(&parts(&["exit"]), &customers, &daily(), None);
}

#[test]
fn the_exit_ladder_of_the_subscribers_month_by_month() {
    let customers = subscription::customers(300);
    replay(&parts(&["exit"]), &customers, &monthly(), None);
}

#[test]
fn all_parts_together() {
    let mut policy: toml::Table = toml::from_str(subscription::POLICY).unwrap();
    let exit = policy["exit"].as_table_mut().unwrap();
    let below = "churn in ('lost', 'highly_at_risk') and stage != 'active'";
    exit.insert("below".to_owned(), below.into());
    let customers = subscription::customers(300);
    replay(&policy.to_string(), &customers, &monthly(), None);
}

/// On days that fall anyhow: several times a day, after long breaks, and on earlier days than the last.
#[test]
fn reviews_on_any_days() {
    let customers = subscription::customers(80);
    let all = daily();
    let reviews: Vec<Date> = (0..60)
        .map(|n: usize| all[(n * 18 + n * n * 7 % 40).min(all.len() - 1)])
        .collect();
    assert!(reviews.windows(2).any(|two| two[0] > two[1]));
    replay(subscription::POLICY, &customers, &reviews, None);
    let twice: Vec<Date> = reviews.iter().flat_map(|on| [*on, *on]).collect();
    replay(
        &parts(&["lifecycle"]).replace("moves = 4", "moves = 2"),
        &customers,
        &twice,
        None,
    );
}

// ---- churn and exit over CDNOW ----

#[test]
fn churn_levels_by_the_gaps_of_all_over_cdnow() {
    let customers = cdnow::customers();
    let policy = r#"
        [head]
        name = "rules of the field"
        version = "1"
        currency = "USD"
        [churn]
        methods = [
            { by = "lapse_share", min_active_days = 6, at_risk = 0.8, lost = 1 },
            { by = "gap_percentile", at_risk = 60, lost = 90 },
            { by = "population_gap_percentile", at_risk = 40, lost = 80 },
            { by = "days_since_last", cooling = 60, at_risk = 120, highly_at_risk = 180, lost = 240 },
        ]
        [[tiers]]
        name = "everybody"
    "#;
    let reviews = month_ends("1997-09-01", "1998-06-30");
    replay(policy, &customers, &reviews, Some(day("1997-09-30")));
}

/// Some of the customers of the sample were called, and some have a hold that comes and goes.
fn cdnow_with_people() -> Vec<Customer> {
    let mut customers = cdnow::customers();
    for (n, customer) in customers.iter_mut().enumerate() {
        let hold = |on: &str, held: bool| -> String { format!("['{on}', 'legal_hold', {held}]") };
        let mut changes = vec![hold("1997-01-01", n % 7 == 3)];
        if n % 5 == 0 {
            changes.push(hold("1997-10-15", n % 10 == 0));
            changes.push(hold("1998-02-10", false));
        }
        if n % 11 == 4 {
            changes.clear();
        }
        let calls = match n % 4 {
            0 => "",
            1 => "['1997-05-01', 'uplift'], ['1997-11-01', 'uplift']",
            2 => "['1997-08-12', 'uplift'], ['1997-09-12', 'win_back'], ['1998-01-05', 'uplift']",
            _ => "['1997-10-31', 'uplift']",
        };
        let changes = changes.join(", ");
        let people: Customer =
            toml::from_str(&format!("changes = [{changes}]\nattempts = [{calls}]")).unwrap();
        customer.changes = people.changes;
        customer.attempts = people.attempts;
    }
    customers
}

const CDNOW_EXIT: &str = r#"
    [head]
    name = "letting go"
    version = "1"
    currency = "USD"
    [attributes]
    legal_hold = { type = "flag" }
    [[metrics]]
    name = "spend_6m"
    measure = "spend"
    window = "180 days"
    [[metrics]]
    name = "growth_6m"
    measure = "growth_trend"
    window = "180 days"
    [exit]
    below = "age >= 120 and spend_6m < 15"
    at_least = "60 days"
    attempts = 1
    interval = "31 days"
    notice = "14 days"
    avoidable_cost = "historic_ltv"
    steps = [
        { name = "reassess", notice = "0 days" },
        { name = "educate", notice = "0 days" },
        { name = "renegotiate", avoids = 0.15 },
        { name = "migrate", notice = "31 days", channel = "self_service", avoids = 0.6 },
        { name = "end", avoids = 1, ends_service = true },
    ]
    gates = [
        { name = "legal hold", closed = "legal_hold" },
        { name = "growing", closed = "growth_6m is not missing and growth_6m > 0.2", from = "educate" },
        { name = "regular", closed = "active_days >= 5", from = "migrate" },
    ]
    [[tiers]]
    name = "everybody"
"#;

#[test]
fn an_exit_ladder_over_cdnow() {
    let customers = cdnow_with_people();
    let reviews = every(23, "1997-02-01", "1998-06-30");
    replay(CDNOW_EXIT, &customers, &reviews, None);
}

/// Whatever the model says, the verdict is what the page makes of it.
#[test]
fn the_probability_of_being_alive_over_cdnow() {
    let mut customers: Vec<Customer> = cdnow::customers().into_iter().step_by(6).collect();
    let policy = r#"
        [head]
        name = "probability"
        version = "1"
        currency = "USD"
        [prediction]
        model = "bg_nbd"
        time_unit = "week"
        method = "map"
        horizon = "365 days"
        margin = 1.0
        discount = "10 % per year"
        [churn]
        methods = [
            { by = "p_alive", min_active_days = 2, cooling = 0.6, at_risk = 0.5, highly_at_risk = 0.35, lost = 0.2 },
            { by = "days_since_last", cooling = 60, at_risk = 120, highly_at_risk = 180, lost = 240 },
        ]
        [[tiers]]
        name = "everybody"
    "#;
    let mut levels = std::collections::BTreeSet::new();
    let known = customers.clone();
    let mut service = Service::new(policy, &known);
    let before = day("1997-08-31");
    assert_same(
        before,
        &Replay::new(policy, &customers).review(before),
        &service.review(before),
    );
    service.fit(day("1997-09-30"));
    for on in month_ends("1997-09-01", "1998-06-30") {
        for (customer, alive) in customers.iter_mut().zip(service.predicted("p_alive", on)) {
            customer.given.clear();
            customer
                .given
                .extend(alive.map(|p| ("p_alive".to_owned(), p)));
        }
        let expected = Replay::new(policy, &customers).review(on);
        assert_same(on, &expected, &service.review(on));
        let by_model = expected.into_iter().filter_map(|found| found.verdict);
        levels.extend(by_model.filter(|v| !v.fallback).map(|v| v.level));
    }
    assert_eq!(levels.len(), 5, "{levels:?}");
}

// ---- laws that the pages promise, held by the oracle ----

#[test]
fn the_simulated_base_sees_all_there_is_to_see() {
    let customers = subscription::customers(300);
    let mut oracle = Replay::new(subscription::POLICY, &customers);
    let (mut stages, mut levels, mut by, mut steps, mut events, mut moves) = Default::default();
    let count = |counts: &mut std::collections::BTreeMap<String, usize>, key: &str| {
        *counts.entry(key.to_owned()).or_default() += 1;
    };
    let mut last = Vec::new();
    for on in monthly() {
        last.clear();
        for found in oracle.review(on) {
            count(&mut stages, &found.stage.unwrap().stage);
            let verdict = found.verdict.unwrap();
            count(&mut levels, verdict.level);
            count(&mut by, verdict.by.as_deref().unwrap_or("none"));
            count(&mut steps, found.step.as_deref().unwrap_or("none"));
            let exit = found.exit.unwrap();
            last.push(exit.clone());
            for event in exit.events {
                count(&mut events, event.split(' ').next().unwrap());
            }
            for made in found.moves.unwrap() {
                count(&mut moves, &made.by.to_string());
            }
        }
    }
    assert_eq!(stages.len(), 6, "{stages:?}");
    assert_eq!(levels.len(), 6, "{levels:?}");
    assert_eq!(by.len(), 5, "{by:?}");
    assert_eq!(steps.len(), 6, "{steps:?}");
    assert_eq!(events.len(), 7, "{events:?}");
    assert_eq!(moves.len(), 10, "{moves:?}");
    let report = exit_report(&oracle.policy, &customers, &last, day(subscription::LAST));
    assert!(
        (report.steps.iter()).any(|step| step.customers > 0 && step.cents > 0),
        "{report:?}"
    );
    assert!(report.held.len() == 2 && report.waiting > 0, "{report:?}");
}

/// Reviewing again on the same day with the same numbers changes nothing, and stages never begin after the review.
#[test]
fn the_same_day_again_changes_no_stage() {
    let customers = subscription::customers(100);
    for moves in ["1", "2", "4"] {
        let policy = parts(&["lifecycle"]).replace("moves = 4", &format!("moves = {moves}"));
        let mut oracle = Replay::new(&policy, &customers);
        for on in every(11, subscription::FIRST, subscription::LAST) {
            let first = oracle.review(on);
            for (first, again) in first.iter().zip(oracle.review(on)) {
                assert_eq!(first.stage, again.stage);
                assert_eq!(again.moves, Some(Vec::new()));
                assert!(again.stage.unwrap().since <= on);
            }
        }
    }
}

/// Of each customer: one step a review, at least the interval apart, none with a closed gate.
#[test]
fn nobody_falls_down_the_ladder() {
    let customers = subscription::customers(100);
    for gap in [1, 7, 50] {
        let mut oracle = Replay::new(&parts(&["exit"]), &customers);
        let steps: Vec<String> = {
            let exit = oracle.policy.exit.as_ref().unwrap();
            exit.steps.iter().map(|step| step.name.clone()).collect()
        };
        let mut last: Vec<Option<(usize, Date)>> = vec![None; customers.len()];
        for on in every(gap, subscription::FIRST, subscription::LAST) {
            let found = oracle.review(on);
            for (n, found) in found.iter().enumerate() {
                let exit = found.exit.as_ref().unwrap();
                let taken: Vec<_> = exit
                    .events
                    .iter()
                    .filter_map(|e| e.strip_prefix("step_taken "))
                    .collect();
                assert!(taken.len() <= 1);
                let Some(taken) = taken.first() else {
                    if exit.state.is_none() {
                        last[n] = None;
                    }
                    continue;
                };
                let step = steps.iter().position(|name| name == taken).unwrap();
                match last[n] {
                    None => assert_eq!(step, 0),
                    Some((before, since)) => {
                        assert_eq!(step, before + 1);
                        assert!(between(since, on) >= 45);
                    }
                }
                last[n] = Some((step, on));
                let hold = customers[n].attribute("legal_hold", on);
                assert_eq!(hold, Some(Value::Flag(false)), "customer {n} on {on}");
            }
        }
    }
}

// ---- the hand-worked cases through the engine ----

fn by_the_engine(case: &Case) -> Vec<String> {
    if !case.customer.given.is_empty() {
        return by_the_method(case);
    }
    let everybody = case.everybody();
    let refused = |problems: String| vec![format!("{}: {problems}", case.name)];
    let mut service = match Service::try_new(&case.policy, &everybody) {
        Ok(service) => service,
        Err(problems) => return refused(problems),
    };
    if let Some(on) = case.fitted {
        service.fit(on);
    }
    let mut changed = false;
    let mut wrong = Vec::new();
    for expected in &case.reviews {
        if let Some((on, text)) = &case.then
            && *on <= expected.on
            && !changed
        {
            if let Err(problems) = service.change_policy(text) {
                return refused(problems);
            }
            changed = true;
        }
        let alone = service.one_by_one(expected.on);
        let found = service.review(expected.on);
        let mut to = Differences {
            case: &case.name,
            on: expected.on,
            said: Vec::new(),
        };
        let (alone, standings): (Vec<_>, Vec<_>) = alone.into_iter().unzip();
        to.compare("alone", &Some(&alone), &found);
        to.compare("standings", &Some(standings), service.standings());
        let found = found.into_iter().next().unwrap();
        if let Some(stage) = &found.stage {
            to.compare("stage", &expected.stage, stage.stage.clone());
            to.compare("since", &expected.since, stage.since);
            to.compare("high water", &expected.high, stage.high_water.clone());
        }
        if let Some(moves) = &found.moves {
            let lines = moves.iter().map(cases::move_line).collect();
            to.compare("moves", &expected.moves, lines);
        }
        to.compare("churn", &expected.churn, found.churn.unwrap_or_default());
        if let Some(verdict) = &found.verdict {
            expected.compare_churn(&mut to, verdict);
        }
        if let Some(evidence) = &found.evidence {
            expected.compare_evidence(&mut to, evidence);
        }
        if let Some(exit) = &found.exit {
            expected.compare_exit(&mut to, exit);
        }
        wrong.append(&mut to.said);
    }
    service.events_are_what_is_remembered();
    wrong
}

/// Columns that no engine measures here, given to the methods.
fn by_the_method(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    for expected in &case.reviews {
        let mut to = Differences {
            case: &case.name,
            on: expected.on,
            said: Vec::new(),
        };
        let policy = Policy::parse(&case.policy);
        let row = Measured::new(&policy, &case.customer, expected.on);
        expected.compare_churn(&mut to, &verdict_on(&case.policy, &row));
        wrong.append(&mut to.said);
    }
    wrong
}

#[test]
fn every_case_through_the_engine() {
    let wrong: Vec<String> = cases::all().iter().flat_map(by_the_engine).collect();
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
