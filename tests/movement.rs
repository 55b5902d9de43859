//! Movement through the engine.

use customer_value::engine::{Engine, Policy, Standing};
use customer_value::history::History;
use customer_value::ledger::{Effect, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Day, Transaction};
use customer_value::tiering::{Change, TierRecord};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn engine(movement: &str, tiers: &str) -> Engine {
    let text = format!(
        "head = {{ name = \"test\", version = \"1\", currency = \"EUR\" }}\ntiers = [{tiers}]\n[movement]\n{movement}"
    );
    let policy: Policy = toml::from_str(&text).unwrap();
    Engine::new(policy, &Catalog::standard()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn history(engine: &Engine, purchases: &[(&str, &str)]) -> History {
    let mut history = History::new(engine.layout().clone());
    for (on, amount) in purchases {
        let amount = format!("{amount} EUR").parse().unwrap();
        let purchase = Transaction::purchase(7, day(on), amount).unwrap();
        let options = Options::new(day("2099-12-31"), Currency::EUR);
        history
            .add(&Effect::of(&purchase, &options).unwrap())
            .unwrap();
    }
    history
}

const THREE: &str = r#"{ name = "gold", entry = 1000, keep = 800 }, { name = "silver", entry = 400 }, { name = "member" }"#;

#[test]
fn a_calendar_year_scheme_with_a_soft_landing() {
    let engine = engine(
        r#"
        qualifying = { measure = "spend", window = "this year" }
        term = { end_of = "year", next = true }
        downgrade = "one_step"
        "#,
        THREE,
    );
    let history = history(
        &engine,
        &[
            ("2023-02-01", "100"),
            ("2023-03-01", "950"),
            ("2024-05-01", "10"),
        ],
    );
    let mut buffer = engine.buffer();
    let (standing, assessment) = engine.review(
        &history,
        Standing::default(),
        day("2023-02-01"),
        &mut buffer,
    );
    assert_eq!(assessment.tier(), "member");
    let mut events = assessment.events();
    let (standing, assessment) = engine.review(&history, standing, day("2025-06-30"), &mut buffer);
    events.extend(assessment.events());
    let said: Vec<String> = events
        .iter()
        .map(|e| format!("{} {} {:?}", e.day, e.tier, e.change))
        .collect();
    eprintln!("{}", said.join("\n"));
    assert_eq!(assessment.tier(), "silver");
    let record = standing.tier().unwrap();
    assert_eq!(
        (record.tier.as_str(), record.since),
        ("silver", day("2025-01-01"))
    );
    assert_eq!(TierRecord::replay(&events).as_ref(), Some(record));
    assert!(matches!(events[1].change, Change::Upgraded(_)));
    assert_eq!(events[1].day, day("2023-03-01"));
    let (again, _) = engine.recompute(
        &history,
        &Standing::default(),
        day("2025-06-30"),
        &mut buffer,
    );
    assert_eq!(again, standing);
}
