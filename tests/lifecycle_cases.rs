//! The oracle of the lifecycle, the churn levels and the exit ladder against cases worked out by hand, one or more for each
//! sentence of the pages; and the engine against the same cases.

mod lifecycle_oracle;

use lifecycle_oracle::cases::{self, Case, Differences};
use lifecycle_oracle::{
    Customer, Measured, OnStep, Policy, Rule, Value, churn, day, evidence, exit_report, plus,
    population_gaps, review_exit, review_stage,
};

fn by_the_oracle(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    let (mut stage, mut exit) = (None, None);
    for expected in &case.reviews {
        let mut differences = Differences {
            case: &case.name,
            on: expected.on,
            said: Vec::new(),
        };
        let policy = Policy::parse(case.policy_on(expected.on));
        let mut row = Measured::new(&policy, &case.customer, expected.on);
        if policy.churn.is_some() {
            let fitted = (case.fitted).map(|on| population_gaps(&policy, &case.everybody(), on));
            let verdict = churn(&policy, &case.customer, fitted.as_deref(), expected.on);
            expected.compare_churn(&mut differences, &verdict);
            let evidence = evidence(&policy, &case.customer, expected.on);
            expected.compare_evidence(&mut differences, &evidence);
            row = row.with("churn", Value::Word(verdict.level.to_owned()));
        }
        if policy.lifecycle.is_some() {
            expected.compare_stage(&mut differences, &review_stage(&row, &mut stage));
        }
        if policy.exit.is_some() {
            expected.compare_exit(&mut differences, &review_exit(&row, &mut exit));
        }
        wrong.append(&mut differences.said);
    }
    wrong
}

#[test]
fn every_case_finds_what_it_says() {
    let cases = cases::all();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let wrong: Vec<String> = cases.iter().flat_map(by_the_oracle).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each case quotes a page as it is: who changes a sentence looks at its cases.
#[test]
fn every_case_quotes_a_page() {
    let pages = ["lifecycle", "churn", "exit"].map(|page| {
        let path = format!("{}/src/docs/{page}.md", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    let quoted = |case: &Case| {
        let says = case.says.split_whitespace().collect::<Vec<_>>().join(" ");
        !says.is_empty() && pages.iter().any(|page| page.contains(&says))
    };
    let wrong: Vec<String> = (cases::all().iter())
        .filter(|case| !quoted(case))
        .map(|case| format!("{}: no page says `{}`", case.name, case.says))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_names_of_the_cases_are_unique() {
    let mut names: Vec<String> = cases::all().into_iter().map(|case| case.name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn rules_have_three_values() {
    let of = |column: &str| match column {
        "n" => Some(Value::Number(3.0)),
        "d" => Some(Value::Date(day("2024-02-29"))),
        "w" => Some(Value::Word("red".to_owned())),
        "yes" => Some(Value::Flag(true)),
        "no" => Some(Value::Flag(false)),
        _ => None,
    };
    let (yes, no, unknown) = (Some(true), Some(false), None);
    for (text, expected) in [
        ("n >= 3", yes),
        ("n > 3", no),
        ("n != 3", no),
        ("n <= 2.5", no),
        ("n > -1", yes),
        ("n between 3 and 4", yes),
        ("n not between 3 and 4", no),
        ("n between 1 and 2", no),
        ("d >= 2024-02-29", yes),
        ("d < 2024-02-29", no),
        ("w = \"red\"", yes),
        ("w in ('blue', 'red')", yes),
        ("w not in ('blue', 'red')", no),
        ("n in (1, 2)", no),
        ("yes", yes),
        ("no", no),
        ("not no", yes),
        ("true", yes),
        ("false", no),
        ("m >= 3", unknown),
        ("m in (1)", unknown),
        ("not m", unknown),
        ("m not between 1 and 2", unknown),
        ("m is missing", yes),
        ("n is missing", no),
        ("n is not missing", yes),
        ("m and no", no),
        ("no and m", no),
        ("m and yes", unknown),
        ("m or yes", yes),
        ("m or no", unknown),
        ("yes or no and no", yes),
        ("(yes or no) and no", no),
        ("not no and no", no),
        ("not (no and no)", yes),
    ] {
        assert_eq!(Rule::new(text).judge(&of), expected, "{text}");
    }
    for text in ["", "n >=", "n >= 3 4", "(n >= 3", "n is", "n in ()", "and"] {
        assert!(Rule::try_from(text.to_owned()).is_err(), "{text}");
    }
}

/// The policies that the pages begin with.
#[test]
fn the_examples_of_the_pages_are_read() {
    for (page, part) in [
        ("lifecycle", "lifecycle"),
        ("churn", "churn"),
        ("exit", "exit"),
    ] {
        let path = format!("{}/src/docs/{page}.md", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let fence = text
            .split("```toml")
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap();
        let policy = Policy::parse(fence);
        let there = match part {
            "lifecycle" => policy.lifecycle.is_some(),
            "churn" => policy.churn.is_some(),
            _ => policy.exit.is_some(),
        };
        assert!(there, "{page}");
    }
}

#[test]
fn what_the_ladder_saves() {
    let policy = Policy::parse(
        r#"
        [attributes]
        low = { type = "flag" }
        hold = { type = "flag" }
        cost = { type = "number", unit = "money" }
        [exit]
        below = "low"
        interval = "10 days"
        at_least = "10 days"
        avoidable_cost = "cost"
        steps = [{ name = "tell", notice = "5 days" }, { name = "migrate", avoids = 0.5 }, { name = "end", ends_service = true }]
        gates = [{ name = "hold", closed = "hold" }]
        "#,
    );
    let customer = |cost: f64, held: bool, from: &str| -> Customer {
        toml::from_str(&format!(
            "changes = [['{from}', 'low', true], ['{from}', 'hold', {held}], ['{from}', 'cost', {cost:?}]]"
        ))
        .unwrap()
    };
    // Notice of `tell` on 11 January, `tell` on 16 January, `migrate` on 26 January.
    let mut customers = [
        customer(10.05, false, "2024-01-01"),
        customer(10.07, false, "2024-01-01"),
        customer(99.99, false, "2024-01-01"),
        customer(99.99, true, "2024-01-01"),
        customer(99.99, false, "2024-01-16"),
        customer(99.99, true, "2024-01-17"),
        customer(99.99, false, "2024-02-01"),
    ];
    customers[2].changes.retain(|change| change.name != "cost");
    let mut states = vec![None; customers.len()];
    let mut found = Vec::new();
    for n in 0..26 {
        found.clear();
        for (customer, state) in customers.iter().zip(&mut states) {
            let on = plus(day("2024-01-01"), n);
            found.push(review_exit(&Measured::new(&policy, customer, on), state));
        }
    }
    let report = exit_report(&policy, &customers, &found, day("2024-01-26"));
    let on = |customers, noticed, cents, not_known| OnStep {
        customers,
        noticed,
        cents,
        not_known,
    };
    // 502.5 and 503.5 cents, half to even.
    let migrated = on(3, 0, 502 + 504, 1);
    assert_eq!(report.steps, [on(0, 1, 0, 0), migrated, on(0, 0, 0, 0)]);
    // One is held, one has notice of the first step, one is not below the line for long.
    assert_eq!(report.waiting, 3);
    assert_eq!(
        report.held.into_iter().collect::<Vec<_>>(),
        [("hold".to_owned(), 1)]
    );
}
