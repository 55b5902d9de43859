//! The example `value_management` as its users meet it, and the company that it is about.

mod example_process;
#[path = "../examples/value_management/generate/mod.rs"]
#[allow(dead_code)] // the example has more uses for it
mod generate;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use customer_value::model::Money;
use customer_value::report::Variance;
use customer_value::report::effect::{Confidence, Dimension, EffectReport, Rate};
use customer_value::strategy::playbook::DueList;
use example_process::{Folder, refused, text};
use generate::{Company, SEED};
use serde_json::Value;

fn run(arguments: &[&str]) -> String {
    text("value_management", arguments)
}

/// All chapters as JSON, made once.
fn found() -> &'static Value {
    static FOUND: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(&run(&["--json"])).unwrap());
    &FOUND
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn bundled(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/company");
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_generator_writes_byte_for_byte_what_is_bundled() {
    let folder = Folder::new("value_management", "generate");
    let said = run(&["--generate", &folder.path("")]);
    assert!(said.ends_with(&Company::new(SEED).truth.text()), "{said}");
    let company = Company::new(SEED);
    let mut bytes = 0;
    for (name, text) in &company.files {
        assert!(bundled(name) == *text, "{name}");
        assert!(
            fs::read_to_string(folder.path(name)).unwrap() == *text,
            "{name}"
        );
        bytes += text.len();
    }
    assert_eq!(company.files.len(), 8);
    assert!(bytes < 1_500_000, "{bytes}");
    // The README of the data says how large they are.
    let readme = bundled("README.md");
    for (name, text) in &company.files {
        let row = format!("| `{name}` | {} |", text.lines().count() - 1);
        assert!(readme.contains(&row), "{row}");
    }
}

#[test]
fn every_line_is_accepted_a_duplicate_or_rejected() {
    let counts = list(&found()["data"]["files"]);
    let company = Company::new(SEED);
    assert_eq!(counts.len(), company.files.len());
    let mut rejected = 0;
    for (file, text) in &company.files {
        let own = counts.iter().find(|own| own["file"] == *file).unwrap();
        let [read, accepted, duplicate, refused] =
            ["read", "accepted", "duplicate", "rejected"].map(|count| own[count].as_u64().unwrap());
        assert_eq!(read as usize, text.lines().count() - 1, "{file}");
        assert_eq!(accepted + duplicate + refused, read, "{file}");
        rejected += refused;
    }
    assert_eq!(list(&found()["data"]["rejects"]).len() as u64, rejected);
    assert_eq!(rejected, 14);
}

#[test]
fn nobody_is_contacted_without_consent() {
    let mut flags: HashMap<String, HashMap<String, String>> = HashMap::new();
    let customers = bundled("customers.csv");
    let mut lines = customers
        .lines()
        .map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    for line in lines {
        let row: HashMap<String, String> = header.iter().cloned().zip(line).collect();
        flags.insert(row["customer"].clone(), row);
    }
    let due: DueList = serde_json::from_value(found()["day"]["due_actions"].clone()).unwrap();
    assert!(due.due.len() >= 20 && due.suppressed.len() >= 20);
    for one in &due.due {
        let own = &flags[&one.customer.to_string()];
        let consent = match one.channel.as_str() {
            "phone" => &own["may_phone"],
            "email" => &own["may_email"],
            other => panic!("{other}"),
        };
        assert_eq!(
            (consent.as_str(), own["leave_alone"].as_str()),
            ("yes", "no"),
            "{one}"
        );
    }
    // Nor by the company itself, when it tried the autumn call.
    for line in bundled("attempts.csv")
        .lines()
        .filter(|line| line.contains("autumn call"))
    {
        let own = &flags[line.split(',').next().unwrap()];
        assert_eq!(
            (own["may_phone"].as_str(), own["autumn_call"].as_str()),
            ("yes", "yes")
        );
    }
    for asked in list(&found()["day"]["due_surveys"]["due"]) {
        let customer =
            serde_json::from_value::<customer_value::CustomerId>(asked["customer"].clone())
                .unwrap();
        assert_eq!(flags[&customer.to_string()]["may_ask"], "yes");
    }
}

#[test]
fn the_budget_is_allocated_to_the_cent_and_the_variance_adds_up() {
    let plan = &found()["budget"]["spend_plan"];
    let money = |value: &Value| {
        serde_json::from_value::<Money>(value.clone())
            .unwrap()
            .minor()
    };
    let parts: i64 = list(&plan["segments"])
        .iter()
        .map(|part| money(&part["amount"]))
        .sum();
    assert_eq!(
        (parts, parts),
        (money(&plan["budget"]), money(&plan["spent"]))
    );

    let variance: Variance = serde_json::from_value(found()["budget"]["variance"].clone()).unwrap();
    assert_eq!(variance.lines().len(), 4);
    for line in variance.lines() {
        let total = i128::from(line.line.actual) - i128::from(line.line.plan);
        assert_eq!(line.parts.total(), total);
    }
    let verdicts = list(&found()["budget"]["verdicts"]);
    let said: Vec<&str> = verdicts
        .iter()
        .map(|v| v["decision"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["allow", "warn", "deny"]);
}

#[test]
fn some_customers_cost_more_than_they_bring() {
    let whale: customer_value::report::Whale =
        serde_json::from_value(found()["cost"]["whale"].clone()).unwrap();
    assert_eq!(whale.customers() + whale.unknown(), 1_200);
    assert_eq!(whale.gained() - whale.lost(), whale.total());
    let peak = whale.share(whale.peak()).unwrap();
    assert!((1.1..2.0).contains(&peak), "{peak}");
}

/// What the effect is, and what was built in.
#[test]
fn the_intervals_cover_the_effect_that_is_built_in() {
    let report: EffectReport = serde_json::from_value(found()["effect"]["effect"].clone()).unwrap();
    let truth = Company::new(SEED).truth;
    assert_eq!(report.treated + report.control, truth.customers);
    let seen = [report.treated, report.control];
    assert_eq!(seen, truth.seen.map(|(_, all)| all));
    let [repurchase, margin, cost, satisfaction] = truth.effects();
    for (dimension, built_in) in [
        (Dimension::Repurchase, repurchase),
        (Dimension::Ltv, margin),
        (Dimension::Cost, cost),
        (Dimension::Satisfaction, satisfaction),
    ] {
        let found = report.dimension(dimension).unwrap().difference.unwrap();
        let interval = found.interval.unwrap();
        assert!(
            interval.low <= built_in && built_in <= interval.high,
            "{dimension:?}: {built_in} {found:?}"
        );
    }
    let net = report.net.unwrap();
    let interval = net.interval.unwrap();
    let built_in = margin - cost - 6.5;
    assert!(
        interval.low <= built_in && built_in <= interval.high,
        "{built_in} {net:?}"
    );
    // It is there, and the report sees it.
    let bought = report
        .dimension(Dimension::Repurchase)
        .unwrap()
        .difference
        .unwrap();
    assert_eq!(bought.is_likely(), Some(true));
}

#[test]
fn of_companies_with_other_seeds_the_interval_covers_the_effect_as_often_as_it_says() {
    let confidence = Confidence::new(0.95).unwrap();
    let covers = |seed: &u64| {
        let truth = Company::new(*seed).truth;
        let [treated, control] = truth.seen.map(|(hits, all)| Rate::new(hits, all).unwrap());
        let interval = treated.difference(control, confidence).interval.unwrap();
        (interval.low..=interval.high).contains(&truth.effects()[0])
    };
    let covered = (1..=20).filter(covers).count();
    assert!((17..=20).contains(&covered), "{covered} of 20");
}

#[test]
fn the_readme_shows_what_it_prints() {
    let readme = include_str!("../README.md");
    let section = readme.split("\n## Value management\n").nth(1).unwrap();
    let excerpt = section
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let output = run(&[]);
    for part in excerpt.split("…\n").map(|part| part.trim_matches('\n')) {
        assert!(
            !part.is_empty() && output.contains(part),
            "{part}\n{output}"
        );
    }
}

#[test]
fn a_chapter_in_chinese_and_an_earlier_day() {
    let markdown = run(&["--chapter", "cost", "--language", "zh", "--markdown"]);
    assert!(markdown.starts_with("# 谁的成本高于贡献\n"), "{markdown}");
    assert!(markdown.contains("\n| 客户 |"), "{markdown}");
    let early = run(&["--chapter", "day", "--day", "2025-06-30"]);
    assert!(early.contains("\nday: 2025-06-30\n"), "{early}");
}

#[test]
fn mistakes_are_one_line_and_status_two() {
    for (arguments, said) in [
        (
            &["--no-such-option"][..],
            "unexpected argument '--no-such-option' found",
        ),
        (&["--day", "yesterday"], "yesterday"),
        (&["--chapter", "weather"], "invalid value 'weather'"),
        (&["--json", "--markdown"], "cannot be used with"),
        (
            &["--day", "2026-01-01"],
            "the files have the days after 2023-07-01 up to 2025-12-31, not 2026-01-01",
        ),
        (
            &["--chapter", "effect", "--day", "2025-11-30"],
            "the effect of the call of 2025-10-01 is known at the close of 2025-12-31, not on 2025-11-30",
        ),
    ] {
        let line = refused("value_management", arguments);
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
}
