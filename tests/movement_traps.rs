//! What other systems get wrong, each as a test of its own. The same and more is in `tests/data/corpus`.

mod movement_engine;
mod movement_oracle;

use customer_value::diagnostic::Code;
use customer_value::engine::{Engine, Policy, Standing};
use customer_value::metrics::Catalog;
use customer_value::tiering::{Override, OverrideKind, TierRecord};
use movement_engine::{Service, engine, population, subject, to_day};
use movement_oracle::{Award, Customer, Date, Outcome, Purchase, Refund, day, plus};

const TIERS: &str = r#"
[[tiers]]
name = "gold"
entry = 1000
keep = 800

[[tiers]]
name = "silver"
entry = 400
keep = 300

[[tiers]]
name = "member"
"#;

fn text(movement: &str, rest: &str) -> String {
    format!(
        "[head]\nname = \"trap\"\nversion = \"1\"\ncurrency = \"EUR\"\n\n[movement]\n{movement}\n{rest}"
    )
}

fn bought(purchases: &[(&str, i64)]) -> Customer {
    Customer {
        purchases: (purchases.iter())
            .map(|(on, euros)| Purchase::new(day(on), euros * 100))
            .collect(),
        ..Customer::default()
    }
}

/// Reviewed on these days, what the last review found.
fn last(engine: &Engine, customer: &Customer, days: &[&str]) -> Outcome {
    let mut service = Service::new(customer);
    let found = days.iter().map(|on| service.one(engine, day(on)));
    found.last().unwrap()
}

fn tier(movement: &str, customer: &Customer, days: &[&str]) -> String {
    last(&engine(&text(movement, TIERS)), customer, days).tier
}

const YEARLY: &str = "qualifying = { measure = \"spend\", window = \"180 days\" }\nterm = { length = \"12 months\" }\n";

#[test]
fn the_tier_is_chosen_from_the_qualifying_total_and_no_other() {
    // 5000 in the life, 500 in the window.
    let customer = bought(&[("2023-01-10", 4500), ("2024-03-10", 500)]);
    assert_eq!(tier(YEARLY, &customer, &["2024-03-10"]), "silver");
}

#[test]
fn exactly_the_threshold_is_enough() {
    let customer = bought(&[("2024-03-10", 1000), ("2025-02-01", 800)]);
    assert_eq!(tier(YEARLY, &customer, &["2024-03-10"]), "gold");
    assert_eq!(
        tier(YEARLY, &customer, &["2024-03-10", "2025-03-10"]),
        "gold"
    );
}

#[test]
fn a_base_that_is_not_at_the_bottom_is_refused() {
    let tiers = "[[tiers]]\nname = \"member\"\n\n[[tiers]]\nname = \"gold\"\nentry = 1000\n";
    let policy: Policy = toml::from_str(&text(YEARLY, tiers)).unwrap();
    let (engine, problems) = Engine::check(policy, &Catalog::standard());
    assert!(engine.is_none());
    assert!(
        problems
            .iter()
            .any(|problem| problem.code == Code::Conflict),
        "{problems}"
    );
}

const POINTS: &str = r#"
[[points]]
name = "status"
rules = [
    { name = "night", points = 10, repeat = "every" },
    { name = "order", points = 50, repeat = "every", per = "purchase" },
]

[[points]]
name = "wallet"
rules = [
    { name = "night", points = 10, repeat = "every" },
    { name = "redeem", points = -10, repeat = "every" },
]
"#;

fn award(on: &str, score: &str, rule: &str, times: u32) -> Award {
    Award {
        day: day(on),
        score: score.to_owned(),
        rule: rule.to_owned(),
        times,
    }
}

#[test]
fn the_spendable_balance_is_not_what_qualifies() {
    let movement = "qualifying = { points = \"status\" }\nterm = { length = \"12 months\" }\n";
    let engine = engine(&text(movement, &[POINTS, TIERS].concat()));
    let customer = Customer {
        awards: vec![
            award("2024-03-01", "status", "night", 40),
            award("2024-03-01", "wallet", "night", 40),
            award("2024-03-05", "wallet", "redeem", 40),
        ],
        ..Customer::default()
    };
    let found = last(&engine, &customer, &["2024-03-01", "2024-03-05"]);
    assert_eq!(
        (found.tier.as_str(), found.qualifying),
        ("silver", Some(400.0))
    );
}

#[test]
fn what_qualifies_is_the_sum_of_its_log() {
    let movement = "qualifying = { points = \"status\" }\nterm = { length = \"12 months\" }\n";
    let engine = engine(&text(movement, &[POINTS, TIERS].concat()));
    let mut customer = bought(&[("2024-03-02", 10), ("2024-03-02", 20), ("2024-03-09", 30)]);
    customer.awards = vec![award("2024-03-01", "status", "night", 7)];
    let mut service = Service::new(&customer);
    let found = service.one(&engine, day("2024-03-31"));
    let book = engine.points("status").unwrap();
    let log = service.standing.points("status").unwrap();
    let lines = book.lines(log, to_day(day("2024-03-31")));
    let sum: f64 = lines.map(|line| line.award.awarded).sum();
    assert_eq!((found.qualifying, sum), (Some(220.0), 220.0));
}

fn decided(kind: OverrideKind) -> Override {
    Override {
        kind,
        from: to_day(day("2024-06-01")),
        to: None,
        actor: "l.chen".to_owned(),
        reason: "complaint 4711".to_owned(),
    }
}

#[test]
fn a_pin_is_exactly_that_tier_and_a_floor_is_at_least_that() {
    let engine = engine(&text(YEARLY, TIERS));
    let customer = bought(&[("2024-03-10", 1000)]);
    for (kind, expected) in [
        (OverrideKind::Pin("silver".to_owned()), "silver"),
        (OverrideKind::Floor("silver".to_owned()), "gold"),
        (OverrideKind::Ceiling("silver".to_owned()), "silver"),
        (OverrideKind::Exclude, "member"),
    ] {
        let mut service = Service::new(&customer);
        service.one(&engine, day("2024-03-10"));
        service
            .standing
            .override_tier(decided(kind.clone()))
            .unwrap();
        let found = service.one(&engine, day("2024-06-01"));
        assert_eq!(
            (found.tier.as_str(), found.earned.as_str()),
            (expected, "gold"),
            "{kind:?}"
        );
    }
}

#[test]
fn manual_modifiers_survive_recomputation() {
    let engine = engine(&text(YEARLY, TIERS));
    let customer = bought(&[("2024-03-10", 1000), ("2024-12-01", 100)]);
    let mut service = Service::new(&customer);
    service.one(&engine, day("2024-03-10"));
    let pin = decided(OverrideKind::Pin("silver".to_owned()));
    service.standing.override_tier(pin.clone()).unwrap();
    service.one(&engine, day("2024-07-01"));

    let as_of = day("2025-01-31");
    let known = population(&engine, &customer, as_of);
    let mut buffer = engine.buffer();
    let (again, events) = engine.recompute(
        subject(&known),
        &service.standing,
        to_day(as_of),
        &mut buffer,
    );
    assert_eq!(again.overrides(), [pin]);
    service.one(&engine, as_of);
    assert_eq!(again, service.standing);
    assert_eq!(again.tier().unwrap().tier, "silver");
    assert_eq!(TierRecord::replay(&events).as_ref(), again.tier());
}

#[test]
fn maximum_of_zero_is_not_no_maximum() {
    let carried = |after: &str| {
        let movement = format!(
            "qualifying = {{ measure = \"spend\", window = \"this year\" }}\nterm = {{ end_of = \"year\" }}\nafter_review = {after}\n"
        );
        let customer = bought(&[("2024-03-10", 1700)]);
        let engine = engine(&text(&movement, TIERS));
        last(&engine, &customer, &["2024-01-01", "2025-01-01"])
            .counting
            .unwrap()
            .1
    };
    assert_eq!(carried("{ reduced = { cap = 0 } }"), 0.0);
    assert_eq!(carried("{ reduced = { cap = 500 } }"), 500.0);
    assert_eq!(carried("{ reduced = {} }"), 700.0);
}

#[test]
fn counts_fall_when_what_was_counted_leaves_the_window() {
    let tiers = "[[tiers]]\nname = \"gold\"\nentry = 3\nkeep = 2\n\n[[tiers]]\nname = \"member\"\n";
    let engine = engine(&text(
        "qualifying = { measure = \"purchases\", window = \"30 days\" }\n",
        tiers,
    ));
    let customer = bought(&[("2024-01-01", 1), ("2024-01-10", 1), ("2024-01-20", 1)]);
    let found = |on| last(&engine, &customer, &["2024-01-01", "2024-01-20", on]);
    assert_eq!(found("2024-02-08").tier, "gold");
    let after = found("2024-02-09");
    assert_eq!(
        (after.tier.as_str(), after.qualifying),
        ("member", Some(1.0))
    );
}

#[test]
fn what_rose_can_fall_and_rise_again() {
    let movement = "qualifying = { measure = \"spend\", window = \"30 days\" }\n";
    let customer = bought(&[("2024-01-10", 1000), ("2024-06-10", 500)]);
    let days = [
        "2024-01-01",
        "2024-01-10",
        "2024-05-01",
        "2024-06-10",
        "2024-12-31",
    ];
    let tiers: Vec<String> = (1..=5)
        .map(|n| tier(movement, &customer, &days[..n]))
        .collect();
    assert_eq!(tiers, ["member", "gold", "member", "silver", "member"]);
}

#[test]
fn refund_line_does_not_take_twice() {
    let movement = "qualifying = { points = \"status\" }\nterm = { length = \"12 months\" }\n";
    let engine = engine(&text(movement, &[POINTS, TIERS].concat()));
    let mut customer = bought(&[("2024-02-01", 100), ("2024-02-02", 50)]);
    customer.purchases[0].id = Some("a".to_owned());
    for (on, amount) in [("2024-02-10", 40.0), ("2024-02-11", 60.0)] {
        customer.refunds.push(Refund {
            day: day(on),
            amount,
            of: Some("a".to_owned()),
        });
    }
    let points = |on| last(&engine, &customer, &[on]).qualifying;
    assert_eq!(points("2024-02-09"), Some(100.0));
    assert_eq!(points("2024-02-10"), Some(100.0));
    assert_eq!(points("2024-02-11"), Some(50.0));
}

#[test]
fn a_refund_does_not_keep_a_tier() {
    let mut customer = bought(&[("2024-03-10", 1000)]);
    customer.purchases[0].id = Some("a".to_owned());
    customer.refunds.push(Refund {
        day: day("2024-04-01"),
        amount: 1000.0,
        of: Some("a".to_owned()),
    });
    assert_eq!(
        tier(YEARLY, &customer, &["2024-03-10", "2024-04-01"]),
        "member"
    );
}

#[test]
fn end_of_day_is_not_off_by_one() {
    let movement = "qualifying = { measure = \"spend\", window = \"this year\" }\nterm = { end_of = \"year\" }\n";
    let engine = engine(&text(movement, TIERS));
    let found = |second: &str, on| {
        let customer = bought(&[("2024-02-01", 1000), (second, 800)]);
        let found = last(&engine, &customer, &["2024-02-01", "2025-01-01", on]);
        (found.tier, found.since)
    };
    let gold = |since| ("gold".to_owned(), day(since));
    // The last day of the term counts for its review, and the tier holds on that day.
    assert_eq!(found("2025-12-31", "2025-12-31"), gold("2024-02-01"));
    assert_eq!(found("2025-12-31", "2026-01-01"), gold("2024-02-01"));
    // The day after it does not.
    assert_eq!(found("2026-01-01", "2025-12-31"), gold("2024-02-01"));
    assert_eq!(
        found("2026-01-01", "2026-01-01"),
        ("silver".to_owned(), day("2026-01-01"))
    );
}

#[test]
fn reset_comes_after_evaluation() {
    let movement = "qualifying = { measure = \"spend\" }\nterm = { end_of = \"year\" }\nafter_review = \"reset\"\n";
    let engine = engine(&text(movement, TIERS));
    let customer = bought(&[("2024-03-10", 1000)]);
    let found = last(&engine, &customer, &["2024-01-01", "2025-01-01"]);
    assert_eq!((found.tier.as_str(), found.qualifying), ("gold", Some(0.0)));
    let found = last(&engine, &customer, &["2024-01-01", "2026-01-01"]);
    assert_eq!(found.tier, "member");
}

#[test]
fn grace_is_anchored_at_disqualification() {
    let movement = format!("{YEARLY}grace = {{ length = \"30 days\" }}\n");
    let engine = engine(&text(&movement, TIERS));
    let customer = bought(&[("2024-03-10", 1000)]);
    let found = last(&engine, &customer, &["2024-03-10", "2025-03-20"]);
    assert_eq!(found.grace, Some((day("2025-03-10"), day("2025-04-09"))));
    assert_eq!(found.tier, "gold");
}

#[test]
fn a_rolling_anniversary_ten_days_after_an_upgrade() {
    let upgrade = day("2024-06-05");
    let run = |movement: &str, on: Date| {
        let engine = engine(&text(movement, TIERS));
        let mut customer = bought(&[("2024-06-05", 1000)]);
        customer.enrolled = Some(day("2022-06-15"));
        let mut service = Service::new(&customer);
        service.one(&engine, day("2024-01-01"));
        service.one(&engine, on)
    };
    let year =
        "qualifying = { measure = \"spend\", anchor = \"enrolment\", length = \"1 year\" }\n";
    // The year that ends ten days after the upgrade is the one that earned it: renewed for another.
    let plain = format!("{year}term = {{ anniversary = \"enrolment\" }}\n");
    let found = run(&plain, day("2024-06-15"));
    assert_eq!(
        (found.tier.as_str(), found.since, found.qualifying),
        ("gold", upgrade, Some(0.0))
    );
    assert_eq!(found.term, Some((day("2024-06-15"), day("2025-06-15"))));
    // Where it is measured by what came since, a hold is what keeps it.
    let since = "qualifying = { measure = \"spend\", window = \"5 days\" }\nterm = { anniversary = \"enrolment\" }\n";
    assert_eq!(run(since, day("2024-06-15")).tier, "member");
    let held = format!("{since}hold = \"90 days\"\n");
    let end = plus(upgrade, 90);
    let found = run(&held, day("2024-06-15"));
    assert_eq!(
        (found.tier.as_str(), found.term),
        ("gold", Some((upgrade, end)))
    );
    assert_eq!(run(&held, plus(end, -1)).tier, "gold");
    assert_eq!(run(&held, end).tier, "member");
}

#[test]
fn a_hard_drop_is_softened_to_one_step() {
    let movement = format!("{YEARLY}downgrade = \"one_step\"\n");
    let customer = bought(&[("2024-03-10", 1000)]);
    assert_eq!(
        tier(&movement, &customer, &["2024-03-10", "2025-03-10"]),
        "silver"
    );
    assert_eq!(
        tier(YEARLY, &customer, &["2024-03-10", "2025-03-10"]),
        "member"
    );
}

#[test]
fn a_changed_rule_does_not_recalculate_everyone() {
    let (before, after) = (
        engine(&text(YEARLY, TIERS)),
        engine(&text(YEARLY, &TIERS.replace("1000", "5000"))),
    );
    let customer = bought(&[("2024-03-10", 1000)]);
    let mut service = Service::new(&customer);
    service.one(&before, day("2024-03-10"));
    let found = service.one(&after, day("2024-06-01"));
    assert_eq!(
        (found.tier.as_str(), found.since),
        ("gold", day("2024-03-10"))
    );
}

#[test]
fn a_new_version_on_the_day_a_term_ends_takes_nothing() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/policies/airline.toml"
    );
    let text = std::fs::read_to_string(file).unwrap();
    let version = text.lines().find(|l| l.starts_with("version")).unwrap();
    let next = engine(&text.replacen(version, "version = \"next\"", 1));
    let airline = engine(&text);
    let customer = bought(&[("2025-03-02", 7000), ("2026-04-01", 7000)]);
    let found = |change: &str| {
        let mut service = Service::new(&customer);
        let mut on = day("2025-01-01");
        while on <= day("2027-01-05") {
            let engine = if on < day(change) { &airline } else { &next };
            service.one(engine, on);
            on = plus(on, 1);
        }
        let record = service.standing.tier().unwrap();
        let tenure = record.tenure.clone().unwrap();
        (record.tier.clone(), tenure.term, tenure.counting)
    };
    let (tier, term, counting) = found("2028-01-01");
    assert_eq!((tier.as_str(), counting.unwrap().carry), ("gold", 1500.0));
    for change in ["2026-12-31", "2027-01-01", "2027-01-02"] {
        assert_eq!(found(change), (tier.clone(), term, counting), "{change}");
    }
}

#[test]
fn a_review_of_an_earlier_day_takes_nothing() {
    let engine = engine(&text(YEARLY, TIERS));
    let customer = bought(&[("2024-01-31", 500), ("2024-06-01", 600)]);
    let mut service = Service::new(&customer);
    service.one(&engine, day("2024-01-31"));
    assert_eq!(service.one(&engine, day("2024-06-01")).tier, "gold");
    let before = service.standing.clone();
    let found = service.one(&engine, day("2024-02-15"));
    assert_eq!((found.tier.as_str(), found.events.len()), ("gold", 0));
    assert_eq!(service.standing, before);
}

#[test]
fn a_pin_to_a_tier_that_is_not_there_is_not_followed() {
    let engine = engine(&text(YEARLY, TIERS));
    let customer = bought(&[("2024-03-10", 1000)]);
    let mut service = Service::new(&customer);
    service.one(&engine, day("2024-03-10"));
    let pin = decided(OverrideKind::Pin("nosuch".to_owned()));
    service.standing.override_tier(pin).unwrap();
    let found = service.one(&engine, day("2024-06-01"));
    assert_eq!((found.tier.as_str(), found.events.len()), ("gold", 0));
}

#[test]
fn a_day_that_no_year_has_is_said_to_be_none() {
    use customer_value::tiering::MonthDay;
    let said = |text: &str| text.parse::<MonthDay>().unwrap_err().to_string();
    assert!(said("02-30").contains("no year has such a day"));
    assert!(said("2-3").contains("it is written like `04-01`"));
    assert!("02-29".parse::<MonthDay>().is_ok());
}

#[test]
fn what_follows_from_a_wrong_metric_is_not_said_again() {
    let movement = "qualifying = { measure = \"spend\", window = \"30 dayz\" }\n";
    let problems = Engine::from_toml(&text(movement, TIERS), &Catalog::standard()).unwrap_err();
    assert_eq!(problems.iter().count(), 1, "{problems}");
}

#[test]
fn a_standing_outlives_its_storage() {
    let engine = engine(&text(
        &format!("{YEARLY}grace = {{ length = \"30 days\" }}\n"),
        TIERS,
    ));
    let customer = bought(&[("2024-03-10", 1000)]);
    let mut service = Service::new(&customer);
    service.one(&engine, day("2024-03-10"));
    service.one(&engine, day("2025-03-20"));
    let stored = serde_json::to_string(&service.standing).unwrap();
    assert_eq!(
        serde_json::from_str::<Standing>(&stored).unwrap(),
        service.standing
    );
}
