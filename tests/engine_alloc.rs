//! The online path allocates nothing: a review with a used buffer in which neither tier nor stage change.

use customer_value::engine::{Engine, Policy, Population, Standing, Standings, Subject};
use customer_value::history::{Histories, History};
use customer_value::ledger::{Effect, Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Customer, CustomerId, Day, Money, Transaction};

fn day(offset: i32) -> Day {
    Day::from_epoch_days(19_000 + offset).unwrap()
}

fn sale(customer: u64, offset: i32, minor: i64) -> Transaction {
    let amount = Money::from_minor(minor, Currency::EUR);
    Transaction::purchase(customer, day(offset), amount).unwrap()
}

/// Attributes, conditions on the population, a date since: everything but point scores.
const OWN: &str = r#"
    rfm = {}
    [head]
    name = "own"
    version = "1"
    currency = "EUR"
    [attributes]
    city = { type = "category", values = ["Bonn", "Wuhan"] }
    joined = { type = "date" }
    [[metrics]]
    measure = "median_gap"
    [[metrics]]
    measure = "longest_gap"
    [[metrics]]
    name = "monthly"
    measure = "frequency"
    per = "30 days"
    window = "this year"
    [lifecycle]
    start = "new"
    moves = 8
    stages = [{ name = "new" }, { name = "known" }]
    transitions = [{ from = "new", to = "known", when = "purchases > 0", since = "joined" }]
    [[tiers]]
    name = "a"
    when = 'city in ("Bonn", "Wuhan") and percentile(spend) >= 1 and segment != "Lost" and monthly > 0'
    [[tiers]]
    name = "b"
"#;

#[test]
fn a_review_allocates_nothing() {
    let standard = Policy::standard(Currency::EUR);
    for policy in [standard, toml::from_str(OWN).unwrap()] {
        let engine = Engine::new(policy, &Catalog::standard()).unwrap();
        let sales: Vec<Transaction> = (0..60)
            .map(|i| sale(1 + i % 7, (i * 5) as i32, 100 + i as i64))
            .collect();
        let ledger = Ledger::from_transactions(&sales, Options::new(Day::MAX, Currency::EUR));
        let population = Population::new(Histories::build(&ledger, engine.layout()).unwrap());
        let none = Standings::new();
        let fit = engine.fit(&population, &none, day(300)).unwrap();
        let engine = engine.freeze(fit).unwrap();

        let customer = Customer::new(CustomerId::text("ada").unwrap())
            .with("city", "Bonn")
            .and_then(|c| c.with("joined", day(-1)))
            .unwrap();
        for active_days in [1, 2, 100, 1_000] {
            let mut history = History::new(engine.layout().clone());
            for i in 0..active_days {
                let options = Options::new(Day::MAX, Currency::EUR);
                let sale = sale(1, 300 - i * 3, 1_000 + i64::from(i));
                history.add(&Effect::of(&sale, &options).unwrap()).unwrap();
            }
            let mut buffer = engine.buffer();
            let subject = Subject::new(history.view()).with_customer(&customer);
            let (standing, found) =
                engine.review(subject, Standing::default(), day(300), &mut buffer);
            assert!(
                found
                    .stage()
                    .is_some_and(|stage| stage != "prospect" && stage != "new")
            );

            // Another day, and nothing that a person would call news.
            let mut kept = Some(standing);
            let counts = allocation_counter::measure(|| {
                let (standing, found) =
                    engine.review(subject, kept.take().unwrap(), day(301), &mut buffer);
                assert!(!found.tier_changed() && !found.stage_changed());
                assert!(found.number("spend").is_some());
                kept = Some(standing);
            });
            assert_eq!(counts.count_total, 0, "with {active_days} active days");
        }
    }
}

/// The counter counts: a first review writes the standing.
#[test]
fn a_first_review_allocates() {
    let engine = Engine::new(Policy::standard(Currency::EUR), &Catalog::standard()).unwrap();
    let history = History::new(engine.layout().clone());
    let mut buffer = engine.buffer();
    let counts = allocation_counter::measure(|| {
        let _ = engine.review(&history, Standing::default(), day(0), &mut buffer);
    });
    assert!(counts.count_total > 0);
}
