//! Records in reviews: rules read them, and what does not ask about them is as it was.

use customer_value::engine::{Engine, Policy, Population, Standing};
use customer_value::history::History;
use customer_value::ledger::{Effect, Ledger, Records};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Complaint, CostCategory, Customer, CustomerId, Day,
    Direction, Interaction, Record, ServiceCost, Transaction,
};
use customer_value::tiering::TierEvent;

const PLAIN: &str = r#"
    head = { name = "p", version = "1", currency = "EUR" }
    tiers = [{ name = "gold", entry = 100 }, { name = "base" }]

    [attributes]
    vip = { type = "flag" }

    [movement]
    qualifying = { measure = "spend", anchor = "enrolment", length = "12 months" }
    term = { length = "12 months", anniversary = "enrolment" }
"#;

const MEASURING: &str = r#"
    [[metrics]]
    name = "calls"
    measure = "contacts"
    channel = "phone"

    [[metrics]]
    measure = "service_cost"

    [[metrics]]
    measure = "open_complaints"
"#;

fn engine(text: &str) -> Engine {
    let policy: Policy = toml::from_str(text).unwrap();
    Engine::new(policy, &Catalog::standard()).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn sales() -> Vec<Transaction> {
    [
        (1, "2024-03-10", "80.00 EUR"),
        (1, "2024-09-01", "90.00 EUR"),
        (2, "2024-05-05", "10.00 EUR"),
    ]
    .map(|(id, on, amount)| Transaction::purchase(id, day(on), amount.parse().unwrap()).unwrap())
    .to_vec()
}

fn records() -> Vec<Record> {
    let call = |id: u64, on: &str| {
        Record::from(
            Interaction::new(id, day(on), "phone", Direction::Inbound, "question").unwrap(),
        )
    };
    let cost = ServiceCost::new(
        1,
        day("2024-12-01"),
        "12.50 EUR".parse().unwrap(),
        CostCategory::Survey,
    );
    vec![
        call(1, "2024-01-15"),
        call(1, "2024-10-01"),
        call(3, "2024-02-01"),
        cost.unwrap().into(),
        Complaint::new(2, day("2024-06-01"), "price")
            .unwrap()
            .into(),
    ]
}

fn population(engine: &Engine, as_of: Day, with: bool) -> Population {
    let options = engine.cleaning(as_of);
    let known = |t: &&Transaction| t.day() <= as_of;
    let sales = sales();
    let ledger = Ledger::from_transactions(sales.iter().filter(known), options.clone());
    let population = engine.population(&ledger).unwrap();
    if !with {
        return population;
    }
    let records = Records::clean(records(), &options);
    population.with_records(&records).unwrap()
}

#[test]
fn tiers_do_not_move_by_days_with_other_records_only() {
    let measuring = engine(&format!("{PLAIN}{MEASURING}"));
    let plain = engine(PLAIN);
    for as_of in ["2024-04-01", "2024-12-31", "2025-03-10", "2026-04-01"].map(day) {
        let bare = population(&plain, as_of, false);
        for engine in [&plain, &measuring] {
            let known = population(engine, as_of, true);
            let (before, after) = (
                plain.review_all(&bare, None, as_of).unwrap(),
                engine.review_all(&known, None, as_of).unwrap(),
            );
            for customer in before.iter() {
                let found = after.iter().find(|r| r.id() == customer.id()).unwrap();
                let (a, b) = (customer.assessment(), found.assessment());
                assert_eq!(a.tier(), b.tier(), "{} on {as_of}", customer.id());
                assert_eq!(a.number("qualifying"), b.number("qualifying"));
                // The policies have fingerprints of their own.
                let told = |events: Vec<TierEvent>| -> Vec<(Day, String)> {
                    let each = |e: TierEvent| (e.day, format!("{:?}", e.change));
                    events.into_iter().map(each).collect()
                };
                let (a, b) = (told(a.events()), told(b.events()));
                assert_eq!(a, b, "{} on {as_of}", customer.id());
            }
            // And taken over from the first day on, which is that of the first purchase.
            let of = |p: &Population, e: &Engine| {
                let view = p.histories().get(&1.into()).unwrap();
                let (standing, _) = e.recompute(
                    &History::from(view),
                    &Standing::default(),
                    as_of,
                    &mut e.buffer(),
                );
                let held = standing.tier().unwrap();
                (held.tier.clone(), held.since)
            };
            assert_eq!(of(&bare, &plain), of(&known, engine), "{as_of}");
        }
    }
}

#[test]
fn one_customer_is_reviewed_as_all_are() {
    let engine = engine(&format!("{PLAIN}{MEASURING}"));
    let as_of = day("2024-12-31");
    let options = engine.cleaning(as_of);
    let population = population(&engine, as_of, true);
    let all = engine.review_all(&population, None, as_of).unwrap();
    let ids: Vec<CustomerId> = all.iter().map(|r| r.id().clone()).collect();
    assert_eq!(ids, [1, 2, 3].map(CustomerId::from));
    let mut said = Vec::new();
    for reviewed in all.iter() {
        let mut history = History::new(engine.layout().clone());
        for record in records().iter().filter(|r| r.customer() == reviewed.id()) {
            history.record(record, &options).unwrap();
        }
        for sale in sales().iter().filter(|s| s.customer() == reviewed.id()) {
            history.add(&Effect::of(sale, &options).unwrap()).unwrap();
        }
        let mut buffer = engine.buffer();
        let (_, one) = engine.review(&history, Standing::default(), as_of, &mut buffer);
        let numbers = ["calls", "service_cost", "open_complaints", "qualifying"];
        let numbers = numbers.map(|name| (one.number(name), reviewed.assessment().number(name)));
        assert!(numbers.iter().all(|(a, b)| a == b), "{numbers:?}");
        assert_eq!(one.tier(), reviewed.assessment().tier());
        said.push(numbers.map(|(a, _)| a)[..3].to_vec());
    }
    let known = |of: [f64; 3]| of.map(Some).to_vec();
    assert_eq!(
        said,
        [
            known([2.0, 12.5, 0.0]),
            known([0.0, 0.0, 1.0]),
            known([1.0, 0.0, 0.0])
        ]
    );
}

#[test]
fn attributes_and_attempts_stay_with_their_customers() {
    let engine = engine(PLAIN);
    let as_of = day("2024-12-31");
    let attempt = Attempt::new(
        2,
        day("2024-06-01"),
        AttemptPurpose::Uplift,
        AttemptKind::Call,
    )
    .unwrap();
    let records = |id: u64| {
        let complaint = Complaint::new(id, day("2024-06-01"), "price").unwrap();
        Records::clean([complaint], &engine.cleaning(as_of))
    };
    let population = population(&engine, as_of, false)
        .with_customers([Customer::new(2).with("vip", true).unwrap()])
        .unwrap()
        .with_attempts([attempt])
        .with_records(&records(0))
        .unwrap()
        .with_records(&records(9))
        .unwrap();
    assert_eq!(population.len(), 4);
    let at = population.histories().position(&2.into()).unwrap();
    assert_eq!(at, 2);
    assert_eq!(
        population.customer(at).map(|c| c.id().clone()),
        Some(2.into())
    );
    assert_eq!(population.attempts(at).len(), 1);
    assert!(population.customer(1).is_none() && population.attempts(1).is_empty());
}

#[test]
fn records_in_another_currency_are_misuse() {
    let engine = engine(PLAIN);
    let as_of = day("2024-12-31");
    let population = population(&engine, as_of, false);
    let mut dollars = engine.cleaning(as_of);
    dollars.currency = "USD".parse().unwrap();
    let records = Records::clean(Vec::<Record>::new(), &dollars);
    let counted = population.clone().with_counted_records(&records);
    assert!(counted.unwrap_err().is_misuse());
    assert!(population.with_records(&records).unwrap_err().is_misuse());
}
