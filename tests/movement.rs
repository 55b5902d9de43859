//! Movement through the engine.

use customer_value::engine::{Engine, Policy, Projection, Standing};
use customer_value::history::History;
use customer_value::ledger::{Effect, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Day, Transaction};
use customer_value::tiering::{Change, Extension, TierEvent, TierRecord};

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

/// The reviews of these days by a policy that takes over with July: the events, and what is remembered.
fn taken_over(days: &[&str]) -> (Vec<TierEvent>, Standing) {
    let yearly = "qualifying = { measure = \"spend\", window = \"180 days\" }\nterm = { length = \"12 months\" }\n";
    let old = engine(yearly, THREE);
    let next = engine(
        &format!("{yearly}policy_change = {{ how = \"up_only\", from = \"2024-07-01\" }}"),
        &THREE.replace("entry = 400", "entry = 300"),
    );
    let history = history(&old, &[("2024-01-10", "450")]);
    let mut buffer = old.buffer();
    let (mut standing, _) = old.review(
        &history,
        Standing::default(),
        day("2024-01-10"),
        &mut buffer,
    );
    standing
        .extend_term(Extension {
            on: day("2024-07-01"),
            until: day("2025-06-01"),
            actor: "l.chen".to_owned(),
            reason: "illness".to_owned(),
        })
        .unwrap();
    let mut buffer = next.buffer();
    let mut events = Vec::new();
    for on in days {
        let (after, assessment) = next.review(&history, standing, day(on), &mut buffer);
        events.extend(assessment.events());
        standing = after;
    }
    (events, standing)
}

/// Reviewed on these days; then what lies ahead of the last of them.
fn ahead(engine: &Engine, purchases: &[(&str, &str)], days: &[&str]) -> Option<Projection> {
    let history = history(engine, purchases);
    let (mut buffer, mut standing) = (engine.buffer(), Standing::default());
    for on in days {
        standing = engine.review(&history, standing, day(on), &mut buffer).0;
    }
    let last = days.last().unwrap();
    engine.project(&history, &standing, day(last), &mut buffer)
}

#[test]
fn what_lies_ahead_knows_of_a_reset_that_is_still_to_come() {
    let engine = engine(
        r#"
        qualifying = { measure = "spend", window = "this year" }
        term = { end_of = "year" }
        after_upgrade = "reset"
        "#,
        THREE,
    );
    let bought = [("2025-11-01", "5"), ("2025-11-02", "500")];
    for last in ["2025-11-02", "2025-11-03"] {
        let ahead = ahead(&engine, &bought, &["2025-11-01", last]).unwrap();
        assert_eq!(
            (ahead.tier.as_str(), ahead.projected.as_str()),
            ("silver", "member")
        );
        assert_eq!(ahead.to_keep[0].distance, Some(400.0), "{last}");
    }
}

#[test]
fn what_lies_ahead_knows_of_a_scheduled_upgrade() {
    let engine = engine(
        r#"
        qualifying = { measure = "spend", window = "365 days" }
        upgrade = { next_period = "month" }
        term = { length = "12 months" }
        "#,
        THREE,
    );
    let bought = [
        ("2025-01-10", "10"),
        ("2025-02-10", "450"),
        ("2025-12-15", "700"),
    ];
    let found = ahead(&engine, &bought, &["2025-01-10", "2025-12-15"]).unwrap();
    assert_eq!(found.review, day("2027-01-01"));
    assert_eq!(
        (found.tier.as_str(), found.projected.as_str()),
        ("gold", "member")
    );
    // In the base too.
    let found = ahead(&engine, &bought[..2], &["2025-01-10", "2025-02-10"]).unwrap();
    assert_eq!(found.review, day("2026-03-01"));
    assert_eq!(found.tier, "silver");
}

#[test]
fn nothing_is_needed_to_keep_what_no_review_takes() {
    for downgrade in ["\"none\"", "{ floor = \"gold\" }"] {
        let engine = engine(
            &format!(
                "qualifying = {{ measure = \"spend\", window = \"30 days\" }}\nterm = {{ length = \"12 months\" }}\ndowngrade = {downgrade}"
            ),
            THREE,
        );
        let found = ahead(&engine, &[("2025-01-10", "1000")], &["2025-01-10"]).unwrap();
        assert_eq!((found.projected.as_str(), found.to_keep.len()), ("gold", 0));
    }
}

#[test]
fn an_extension_is_of_its_day_however_often_one_looks() {
    let daily = taken_over(&["2024-06-29", "2024-06-30", "2024-07-01", "2024-07-02"]);
    assert_eq!(daily, taken_over(&["2024-06-29", "2024-07-02"]));
    assert!(
        matches!(daily.0[0].change, Change::PolicyChanged),
        "{:?}",
        daily.0
    );
    assert!(
        matches!(daily.0[1].change, Change::Extended { .. }),
        "{:?}",
        daily.0
    );
    assert_eq!(daily.0[1].day, day("2024-07-01"));
}

#[test]
fn an_extension_told_after_the_days_review_is_still_of_that_day() {
    let rolling = "qualifying = { measure = \"spend\", window = \"30 days\" }\nterm = { length = \"1 month\" }\ndowngrade = \"one_step\"";
    let engine = engine(rolling, THREE);
    let history = history(&engine, &[("2024-01-10", "450")]);
    let mut buffer = engine.buffer();
    let (standing, _) = engine.review(
        &history,
        Standing::default(),
        day("2024-01-10"),
        &mut buffer,
    );
    let end = standing
        .tier()
        .unwrap()
        .tenure
        .as_ref()
        .unwrap()
        .term
        .unwrap()
        .end;
    let eve: Day = "2024-02-09".parse().unwrap();
    assert_eq!(end, day("2024-02-10"));
    let (mut standing, _) = engine.review(&history, standing, eve, &mut buffer);
    standing
        .extend_term(Extension {
            on: eve,
            until: day("2024-06-01"),
            actor: "l.chen".to_owned(),
            reason: "illness".to_owned(),
        })
        .unwrap();
    let (_, assessment) = engine.review(&history, standing, day("2024-02-20"), &mut buffer);
    assert_eq!(assessment.tier(), "silver");
}
