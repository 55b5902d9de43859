//! Costs, contacts, answers and complaints wherever the past is looked at: replay, what-if, backtest, stage times and accounts give
//! the numbers of a review on that day.

use std::collections::BTreeMap;

use customer_value::engine::accounts::{Accounts, Counts};
use customer_value::engine::backtest::Backtest;
use customer_value::engine::simulate::{ReplayOptions, Step, WhatIfOptions};
use customer_value::engine::{Engine, Population, Reviews, Standings};
use customer_value::ledger::{Ledger, Options, Records};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Complaint, CostCategory, Currency, Day, Days, Direction,
    Interaction, Membership, Record, ServiceCost, SurveyAnswer, SurveyInstrument, Transaction,
};

const POLICY: &str = r#"
    head = { name = "cared for", version = "1", currency = "EUR" }
    metrics = [
        { name = "nps", measure = "survey_score", instrument = "nps", window = "90 days" },
        { name = "calls", measure = "contacts", channel = "phone" },
        { measure = "open_complaints" },
    ]
    tiers = [
        { name = "happy", when = "nps >= 9 and profit > 0" },
        { name = "costly", when = "cost_to_serve > 30" },
        { name = "angry", when = "open_complaints > 0" },
        { name = "other" },
    ]
    [cost_to_serve]
    window = "365 days"
    resources = [{ name = "desk", cost = "100.00 EUR", minutes = 100 }]
    activities = [{ name = "calls", driver = "contacts", channel = "phone", minutes = 8, resource = "desk" }]
"#;

fn engine(body: &str) -> Engine {
    Engine::from_toml(body, &Catalog::standard()).unwrap_or_else(|e| panic!("{e}"))
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn last() -> Day {
    day("2024-12-31")
}

fn options(as_of: Day) -> Options {
    Options::new(as_of, Currency::EUR)
}

fn sales() -> Vec<Transaction> {
    [
        (1, "2024-01-10", "80.00 EUR"),
        (2, "2024-02-10", "90.00 EUR"),
        (2, "2024-11-02", "10.00 EUR"),
        (3, "2024-05-05", "20.00 EUR"),
    ]
    .map(|(id, on, amount)| {
        let sale = Transaction::purchase(id, day(on), amount.parse().unwrap()).unwrap();
        sale.with_cost("5.00 EUR".parse().unwrap()).unwrap()
    })
    .to_vec()
}

fn call(id: u64, on: &str) -> Record {
    let call = Interaction::new(id, day(on), "phone", Direction::Inbound, "question");
    call.unwrap().into()
}

fn answer(id: u64, on: &str, score: u8) -> Record {
    let answer = SurveyAnswer::new(id, day(on), SurveyInstrument::Nps, score);
    answer.unwrap().into()
}

fn cost(id: u64, on: &str, amount: &str) -> Record {
    let amount = amount.parse().unwrap();
    let cost = ServiceCost::new(id, day(on), amount, CostCategory::ServiceStaff);
    cost.unwrap().into()
}

fn complaint(id: u64, on: &str, settled: &str) -> Record {
    let complaint = Complaint::new(id, day(on), "price").unwrap();
    complaint.resolved_on(day(settled)).unwrap().into()
}

fn records() -> Vec<Record> {
    vec![
        answer(1, "2024-02-20", 10),
        cost(1, "2024-06-20", "40.00 EUR"),
        call(2, "2024-03-03"),
        call(2, "2024-04-03"),
        answer(2, "2024-04-05", 9),
        cost(2, "2024-05-01", "12.00 EUR"),
        complaint(3, "2024-06-30", "2024-08-15"),
        answer(3, "2024-10-01", 9),
        // Nothing was ever bought.
        call(4, "2024-07-31"),
        call(4, "2024-08-01"),
        call(4, "2024-08-01"),
        call(4, "2024-08-01"),
    ]
}

/// Cleaned for a day, with nothing from after it.
fn known(as_of: Day) -> Ledger<'static> {
    let sales = sales().into_iter().filter(|sale| sale.day() <= as_of);
    let sales: Vec<Transaction> = sales.collect();
    let records = Records::clean(records(), &options(as_of));
    let ledger = Ledger::from_transactions(&sales, options(as_of));
    ledger.with_records(&records).unwrap()
}

/// Every column and the tier of everybody.
fn found(reviews: &Reviews<'_>) -> Vec<(String, String, Vec<Option<f64>>)> {
    let schema = reviews.engine().schema();
    let numbers = schema
        .slots()
        .filter(|slot| schema.field(*slot).unwrap().unit().is_some());
    let numbers: Vec<_> = numbers.collect();
    let each = reviews.iter().map(|one| {
        let row = reviews.row(one.position()).unwrap();
        let numbers = numbers.iter().map(|slot| row.number(*slot)).collect();
        (
            one.id().to_string(),
            one.assessment().tier().to_owned(),
            numbers,
        )
    });
    each.collect()
}

#[test]
fn a_step_of_a_replay_is_a_review_of_its_day() {
    let engine = engine(POLICY);
    let ledger = known(last());
    let mut standings = Standings::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut look = |reviews: &Reviews<'_>| {
        let as_of = reviews.as_of();
        let population = engine.population(&known(as_of)).unwrap();
        let fresh = engine.review_all(&population, &standings, as_of).unwrap();
        assert_eq!(found(reviews), found(&fresh), "{as_of}");
        for (_, tier, _) in found(reviews) {
            *seen.entry(tier).or_default() += 1;
        }
        // What follows from a review reads the records one by one.
        let of = |population: &Population| population.records().unwrap().all().to_vec();
        assert_eq!(of(reviews.population()), of(&population));
        standings = fresh.into_standings();
    };
    let step = ReplayOptions::new(Step::Month);
    engine
        .replay_with(&ledger, day("2024-01-01"), last(), &step, &mut look)
        .unwrap();
    // In months: the first from February, the second from April, the third in October and November; an answer is one for 90 days.
    assert_eq!(seen["happy"], 3 + 3 + 2);
    // The first from June on; the fourth with 4 calls at 8.00 from August on.
    assert_eq!(seen["costly"], 7 + 5);
    // June and July.
    assert_eq!(seen["angry"], 2);

    let replay = engine
        .replay(&ledger, day("2024-01-01"), last(), &step)
        .unwrap();
    let june = &replay.steps[5];
    assert_eq!(
        (june.as_of, &june.distribution[..]),
        (day("2024-06-30"), &[1, 1, 1, 0][..])
    );
}

#[test]
fn two_policies_see_the_same_costs() {
    let now = engine(POLICY);
    let next = engine(&POLICY.replace("cost_to_serve > 30", "cost_to_serve > 35"));
    let population = now.shared_population(&next, &known(last())).unwrap();
    let what_if = now
        .what_if(&next, &population, None, last(), &WhatIfOptions::default())
        .unwrap();
    // 32.00 of calls.
    assert_eq!(
        (what_if.moved, what_if.migration.count("costly", "other")),
        (1, 1)
    );
}

#[test]
fn a_backtest_knows_the_contacts_of_its_day() {
    let engine = engine(POLICY);
    let backtest = Backtest::new(day("2024-06-30"), Days::new(90))
        .when("angry", "open_complaints > 0".parse().unwrap())
        .when("calls", "calls >= 2".parse().unwrap());
    let report = engine.backtest(&known(last()), &backtest).unwrap();
    let flagged = |name| report.rule(name).unwrap().confusion.flagged();
    assert_eq!(
        (report.customers, flagged("angry"), flagged("calls")),
        (3, 1, 1)
    );
    // The second call was on 3 April: the rule held on 7 April, twelve weeks before, and not thirteen. From there it is 33 days to 10 May,
    // 90 days after the last purchase.
    let lead = report.rule("calls").unwrap().lead_time.as_ref().unwrap();
    assert_eq!((lead.customers, lead.alerts, lead.mean), (1, 13, 33.0));
}

#[test]
fn stages_are_those_of_the_complaints() {
    let stages = r#"
        head = { name = "stages", version = "1", currency = "EUR" }
        tiers = [{ name = "everybody" }]
        [lifecycle]
        start = "calm"
        stages = [{ name = "calm", rank = 1 }, { name = "angry", rank = 0 }]
        [[lifecycle.transitions]]
        from = "calm"
        to = "angry"
        when = "open_complaints > 0"
        priority = 1
        [[lifecycle.transitions]]
        from = "angry"
        to = "calm"
        when = "open_complaints = 0"
        priority = 2
    "#;
    let engine = engine(stages);
    let (from, step) = (day("2024-01-01"), ReplayOptions::new(Step::Month));
    let times = engine
        .stage_times(&known(last()), from, last(), &step)
        .unwrap();
    let moved = |from, to| times.matrix().count(from, to);
    assert_eq!((moved("calm", "angry"), moved("angry", "calm")), (1, 1));
}

#[test]
fn an_account_has_the_records_of_its_members() {
    let engine = engine(&format!(
        "{POLICY}\n{}",
        r#"
        [cost_to_serve.waste]
        within = "30 days"
        [playbook]
        channels = ["phone"]
        floor = { channels = ["phone"], cadence = "30 days", response_hours = 72 }
        caps = [{ within = "7 days", at_most = 1 }]
        [[playbook.plays]]
        name = "served"
        tiers = ["happy", "costly", "angry", "other"]
        channels = ["phone"]
        cadence = "30 days"
        response_hours = 72
        actions = ["check in"]
        [[playbook.actions]]
        name = "check in"
        channel = "phone"
        trigger = "cadence"
        cost = "1.00 EUR"
        service = true
    "#
    ));
    let joined = Membership::new(1, 100, day("2024-03-01"), None).unwrap();
    let other = Membership::new(2, 100, day("2024-04-01"), None).unwrap();
    let (accounts, report) = Accounts::new(&[joined, other]);
    assert!(report.rejected.is_empty());
    let call = Interaction::new(
        2,
        day("2024-12-20"),
        "phone",
        Direction::Outbound,
        "check in",
    );
    let more = Records::clean([call.unwrap()], &options(last()));
    let ledger = known(last()).with_records(&more).unwrap();
    let customers = engine.population(&ledger).unwrap();

    for (counts, cost, records) in [(Counts::WhileMember, 68.0, 5), (Counts::All, 76.0, 7)] {
        let rolled = accounts.roll_up(&customers, counts, last()).unwrap();
        let reviews = engine.review_all(&rolled, None, last()).unwrap();
        let account = reviews.get(&100.into()).unwrap();
        // 40.00 and 12.00 booked, and calls at 8.00: one on 3 March before the second joined.
        assert_eq!(account.number("cost_to_serve"), Some(cost), "{counts:?}");
        let all = rolled.records().unwrap();
        assert_eq!(all.of(&100.into()).len(), records, "{counts:?}");
        // Nothing that is a member's own, and all of who is in no account.
        assert!(all.of(&1.into()).is_empty() && all.of(&2.into()).is_empty());
        assert_eq!(all.of(&4.into()).len(), 4);
        // Somebody of them was called eleven days ago.
        let due = reviews.due_actions(&BTreeMap::new()).unwrap();
        let ids: Vec<String> = due.due.iter().map(|one| one.customer.to_string()).collect();
        assert_eq!(ids, ["3", "4"]);
        assert_eq!(reviews.waste().unwrap().unwrap().all().read.amount, 52_00);
    }
}

/// As its records do: on each day for whom the day counts, and for nobody who is not there.
#[test]
fn an_account_has_the_attempts_on_its_members() {
    let engine = engine(POLICY);
    let tried = |id: u64, on: &str| {
        let (purpose, kind) = (AttemptPurpose::Uplift, AttemptKind::Call);
        Attempt::new(id, day(on), purpose, kind).unwrap()
    };
    let (early, late) = ("2024-02-01", "2024-04-01");
    let customers = engine.population(&known(last())).unwrap().with_attempts([
        tried(1, late),
        tried(1, early),
        tried(100, "2024-03-31"),
        tried(3, early),
        tried(3, "2025-01-01"),
        tried(9, early),
    ]);
    let joined = Membership::new(1, 100, day("2024-03-01"), None).unwrap();
    let (accounts, _) = Accounts::new(&[joined]);
    for (counts, own) in [
        (Counts::WhileMember, vec!["2024-03-31", late]),
        (Counts::All, vec![early, "2024-03-31", late]),
    ] {
        let rolled = accounts.roll_up(&customers, counts, last()).unwrap();
        let at = rolled.histories().position(&100.into()).unwrap();
        let days: Vec<String> = (rolled.attempts(at).iter())
            .map(|attempt| attempt.day().to_string())
            .collect();
        assert_eq!(days, own, "{counts:?}");
        let ids = rolled.all_attempts().iter().map(|one| one.customer());
        let others: Vec<String> = ids
            .filter(|id| **id != 100.into())
            .map(ToString::to_string)
            .collect();
        assert_eq!(others, ["3"], "{counts:?}");
    }
}

#[test]
fn records_come_with_the_ledger_or_with_the_population() {
    let engine = engine(POLICY);
    let all = Records::clean(records(), &options(last()));
    let (some, others) = records()
        .into_iter()
        .partition::<Vec<_>, _>(|r| r.customer() < &3.into());
    let [some, others] = [some, others].map(|part| Records::clean(part, &options(last())));
    let plain = Ledger::from_transactions(&sales(), options(last()));
    let with_ledger = plain
        .clone()
        .with_records(&some)
        .unwrap()
        .with_records(&others)
        .unwrap();
    let first = engine.population(&with_ledger).unwrap();
    let second = engine
        .population(&plain)
        .unwrap()
        .with_records(&all)
        .unwrap();
    let third = engine
        .population(&plain.clone().with_records(&others).unwrap())
        .unwrap();
    let third = third.with_records(&some).unwrap();
    for population in [&first, &third] {
        assert!(population.histories() == second.histories());
        assert_eq!(population.records().unwrap().all(), all.all());
    }
    // What the histories count already is not counted again.
    let stored = Population::new(first.histories().clone());
    let stored = stored.with_counted_records(&all).unwrap();
    assert!(stored.histories() == first.histories());
    assert_eq!(stored.records().unwrap().all(), all.all());

    let earlier = Records::clean(records(), &options(day("2024-06-30")));
    let error = plain.clone().with_records(&earlier).unwrap_err();
    assert!(error.is_misuse());
    assert_eq!(
        error.to_string(),
        "the records are cleaned for 2024-06-30 and the ledger for 2024-12-31"
    );
    let none: Vec<Record> = Vec::new();
    let dollars = Records::clean(none, &Options::new(last(), Currency::USD));
    assert!(
        plain
            .clone()
            .with_records(&dollars)
            .unwrap_err()
            .is_misuse()
    );
    assert!(
        second
            .with_counted_records(&dollars)
            .unwrap_err()
            .is_misuse()
    );
    let large = |id: u64| {
        Records::clean(
            [cost(id, "2024-06-30", "92233720368547758.07 EUR")],
            &options(last()),
        )
    };
    let full = plain.with_records(&large(1)).unwrap();
    assert!(full.with_records(&large(2)).unwrap_err().is_overflow());
}
