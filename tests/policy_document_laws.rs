//! Laws of policy documents: nothing is lost on the way out and back, one mistake is one problem wherever it is, and no text
//! makes the reading panic.

use customer_value::diagnostic::Diagnostics;
use customer_value::engine::{Engine, Policy};
use customer_value::metrics::Catalog;
use customer_value::model::Currency;
use proptest::prelude::*;
use serde_json::Value as Json;

fn engine(text: &str) -> Result<Engine, Diagnostics> {
    Engine::from_toml(text, &Catalog::standard())
}

fn engine_of(document: &Json) -> Result<Engine, Diagnostics> {
    Engine::read(document, &Catalog::standard())
}

/// The standard policy with every kind of section.
fn full() -> Policy {
    let more = r#"
        [head]
        name = "full"
        version = "2"
        currency = "JPY"
        author = "a"
        approver = "b"
        effective = 2026-01-01
        goals = ["g"]
        expected_effects = ["e"]
        [attributes]
        age = { type = "number", unit = "days" }
        country = { type = "category", values = ["DE", "FR"] }
        vip = { type = "flag" }
        birthday = { type = "date" }
        [[metrics]]
        measure = "retention_ltv"
        margin = 0.4
        retention = 1
        discount = 0.1
        margin_now = true
        per = "30 days"
        [[scores]]
        name = "from"
        parts = [
            { column = "country", weight = 1, scale = { categories = { DE = 1, FR = 0.5 } }, missing = 0.5 },
            { column = "vip", weight = 1, scale = "flag", reverse = true, missing = "missing" },
            { column = "spend", weight = 1, scale = { breaks = { at = [1, 2], points = [0, 0.5, 1] } } },
            { column = "spend", weight = 1, scale = { quantile = { bins = 3 } } },
        ]
        [[points]]
        name = "activity"
        caps = { visits = 10 }
        rules = [
            { name = "buys", points = 3, repeat = "every", per = "purchase", group = "visits" },
            { name = "adult", points = 1, repeat = { cool_down = "9 days" }, half_life = "90 days", when = "age > 6570" },
        ]
        [[segments]]
        name = "old_friends"
        when = "vip and age > 6570"
        description = "d"
        dimension = "value"
        [[segments]]
        name = "friends_in_need"
        when = "old_friends and spend < 10"
        [prediction]
        model = "pareto_nbd"
        time_unit = "day"
        method = "map"
        horizon = "forever"
        margin = 0.4
        discount = "10 % per year"
        [cost_to_serve]
        window = "this quarter"
        period = "91 days"
        resources = [{ name = "desk", cost = "560000 JPY", minutes = 700000 }]
        activities = [
            { name = "calls", driver = "contacts", channel = "phone", direction = "inbound", kind = "claim", minutes = 8.5, resource = "desk" },
            { name = "answers", driver = "answers", instrument = "nps", topic = "price", minutes = 1, resource = "desk" },
            { name = "orders", driver = "purchases", category = "books", minutes = 1, resource = "desk" },
        ]
        direct = ["marketing", "survey"]
        excluded = ["service_staff"]
        [cost_to_serve.waste]
        within = "90 days"
        p_purchase_below = 0.1
        entitlements = [{ tier = "A", category = "marketing", per_year = "500 JPY" }]
        [rfm]
        recency = { column = "days_since_last", by = { breaks = [1, 2, 3, 4] } }
        segments = [{ name = "a", r = "1-2" }, { name = "b", r = "3-5" }]
        [[tiers]]
        name = "all"
    "#;
    let mut policy = Policy::from_toml(more).unwrap();
    let standard = Policy::standard(Currency::JPY);
    policy.metrics.extend(standard.metrics);
    policy.scores.extend(standard.scores);
    policy.lifecycle = standard.lifecycle;
    policy.tiers = standard.tiers;
    policy
}

#[test]
fn a_policy_survives_the_way_to_a_document_and_back() {
    for policy in [Policy::standard(Currency::EUR), full()] {
        let text = policy.to_toml().unwrap();
        assert_eq!(Policy::from_toml(&text).unwrap(), policy, "{text}");
        let text = serde_json::to_string(&policy).unwrap();
        let read = Policy::read(&mut serde_json::Deserializer::from_str(&text)).unwrap();
        assert_eq!(read, policy);
        assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
        engine_of(&serde_json::to_value(&policy).unwrap()).unwrap();
    }
}

/// Every place of a document.
fn all_places(value: &Json, path: &str, into: &mut Vec<(String, String)>) {
    let (items, keys): (Vec<(String, &Json)>, bool) = match value {
        Json::Object(map) => (map.iter().map(|(k, v)| (k.clone(), v)).collect(), true),
        Json::Array(items) => {
            let items = items.iter().enumerate();
            (items.map(|(i, v)| (i.to_string(), v)).collect(), false)
        }
        _ => return,
    };
    for (step, item) in items {
        let dot = if path.is_empty() { "" } else { "." };
        let inner = if keys {
            format!("{path}{dot}{step}")
        } else {
            format!("{path}[{step}]")
        };
        let pointer = inner.replace(['.', '['], "/").replace(']', "");
        into.push((inner.clone(), format!("/{pointer}")));
        all_places(item, &inner, into);
    }
}

#[test]
fn one_wrong_value_is_one_problem_wherever_it_is() {
    let right = serde_json::to_value(full()).unwrap();
    let mut places = Vec::new();
    all_places(&right, "", &mut places);
    assert!(places.len() > 200, "{}", places.len());
    for (path, pointer) in places {
        let mut wrong = right.clone();
        let value = wrong.pointer_mut(&pointer).unwrap();
        *value = match value {
            Json::Bool(_) => Json::from(5),
            _ => Json::from(true),
        };
        let problems = engine_of(&wrong).unwrap_err();
        let found: Vec<&str> = problems.iter().map(|p| p.place.path.as_str()).collect();
        assert_eq!(found, [&path], "\n{problems}");

        // It does not hide a mistake in a rule elsewhere.
        let rule = "tiers[0].when";
        if let Some(when) = wrong.pointer_mut("/tiers/0/when")
            && path != rule
        {
            *when = Json::from("spned > 3");
            let problems = engine_of(&wrong).unwrap_err();
            let mut found: Vec<&str> = problems.iter().map(|p| p.place.path.as_str()).collect();
            found.sort_unstable();
            let mut expected = [rule, &path];
            expected.sort_unstable();
            assert_eq!(found, expected, "\n{problems}");
        }
    }
}

#[test]
fn a_missing_part_is_one_problem_or_none() {
    let right = serde_json::to_value(full()).unwrap();
    let mut places = Vec::new();
    all_places(&right, "", &mut places);
    for (path, pointer) in places {
        let mut wrong = right.clone();
        let (table, field) = pointer.rsplit_once('/').unwrap();
        let Some(Json::Object(map)) = wrong.pointer_mut(table) else {
            continue;
        };
        map.remove(field);
        let Err(problems) = Policy::read(&wrong) else {
            continue; // it may be left out, or is missed only when the policy is bound
        };
        let table = path.strip_suffix(field).unwrap().trim_end_matches('.');
        let message = format!("`{field}` is missing");
        // Without its entry a choice such as `{ linear = … }` is an empty table.
        assert!(
            problems.len() == 1
                && problems.iter().all(|p| p.place.path == table
                    && (p.message == message || p.message.starts_with("a table is not one of"))),
            "{path}: {problems}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_changed_policy_file_is_read_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..7_u8), 1..5),
    ) {
        let text = full().to_toml().unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, from, edit) in edits {
            let (at, other) = (at.index(lines.len()), from.index(lines.len()));
            let column = from.index(lines[at].chars().count() + 1);
            let before: String = lines[at].chars().take(column).collect();
            let after: String = lines[at].chars().skip(column + 1).collect();
            match edit {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[other].clone()),
                2 => lines.swap(at, other),
                3 => lines[at] = format!("{before}{after}"),
                4 => lines[at] = format!("{before}é{after}"),
                5 => lines[at] = lines[at].replace('"', ""),
                _ => {
                    let value = lines[other].split_once('=').map_or("7", |(_, value)| value);
                    let key = lines[at].split('=').next().unwrap_or_default();
                    lines[at] = format!("{key}={value}");
                }
            }
            prop_assume!(!lines.is_empty());
        }
        let text = lines.join("\n");
        match engine(&text) {
            Ok(engine) => prop_assert_eq!(engine.policy(), &Policy::from_toml(&text).unwrap()),
            Err(problems) => {
                prop_assert!(problems.has_errors());
                let lines: Vec<&str> = text.split('\n').collect();
                for problem in &problems {
                    let (line, column) = (problem.place.line.unwrap(), problem.place.column.unwrap());
                    prop_assert!(line <= lines.len(), "{}", problem);
                    prop_assert!(column <= lines[line - 1].chars().count() + 1, "{}", problem);
                }
            }
        }
    }

    #[test]
    fn two_wrong_values_are_two_problems(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        let mut document = serde_json::to_value(full()).unwrap();
        let mut places = Vec::new();
        all_places(&document, "", &mut places);
        let mut expected = [one, other].map(|i| i.get(&places).clone());
        prop_assume!(!expected[0].0.starts_with(&expected[1].0) && !expected[1].0.starts_with(&expected[0].0));
        for (_, pointer) in &expected {
            let value = document.pointer_mut(pointer).unwrap();
            *value = if value.is_boolean() { Json::from(5) } else { Json::from(true) };
        }
        let problems = engine_of(&document).unwrap_err();
        let mut found: Vec<&str> = problems.iter().map(|p| p.place.path.as_str()).collect();
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected.each_ref().map(|(path, _)| path.as_str()), "{}", problems);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = engine(&text);
        let _ = engine(&String::from_utf8_lossy(&bytes));
        let _ = Policy::read(&mut serde_json::Deserializer::from_slice(&bytes));
    }
}
