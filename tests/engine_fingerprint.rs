//! The fingerprint of a policy: the same for the same content, another one for any other.

use std::collections::BTreeMap;

use customer_value::metrics::MetricSpec;
use customer_value::model::Fingerprint;
use customer_value::rules::column;
use customer_value::tiering::{LadderSpec, TierSpec};
use customer_value::{Catalog, Currency, Engine, Policy};
use serde_json::{Value, json};

const TINY: &str = r#"
    # a comment
    [[tiers]]
    when = "spend_12m>=100"
    name = "gold"
    [[tiers]]
    name = "member"
    [[metrics]]
    measure = "spend"
    window = "365 days"
    name = "spend_12m"
    [head]
    version = "1"
    name = "tiny"
    currency = "EUR"
"#;

fn tiny() -> Policy {
    toml::from_str(TINY).unwrap()
}

#[test]
fn the_form_of_the_document_does_not_matter() {
    let from_toml = tiny();
    let from_json: Policy = serde_json::from_value(json!({
        "format": 1,
        "tiers": [{ "name": "gold", "label": null, "when": "spend_12m >= 1e2" }, { "name": "member" }],
        "head": { "currency": "EUR", "name": "tiny", "version": "1", "goals": [] },
        "metrics": [{ "name": "spend_12m", "measure": "spend", "window": "365 days" }],
    }))
    .unwrap();
    let mut built = Policy::standard(Currency::EUR);
    built.head.name = "tiny".to_owned();
    built.head.goals.clear();
    built.metrics = vec![
        MetricSpec::new("spend")
            .named("spend_12m")
            .over("365 days".parse().unwrap()),
    ];
    built.prediction = None;
    built.rfm = None;
    built.scores.clear();
    built.lifecycle = None;
    built.tiers = LadderSpec::new([
        TierSpec::new("gold").when(column("spend_12m").ge(100)),
        TierSpec::new("member"),
    ]);
    assert_eq!(from_json.fingerprint(), from_toml.fingerprint());
    assert_eq!(built.fingerprint(), from_toml.fingerprint());

    for policy in [from_toml, Policy::standard(Currency::JPY)] {
        let toml: Policy = toml::from_str(&toml::to_string(&policy).unwrap()).unwrap();
        let json: Policy =
            serde_json::from_str(&serde_json::to_string_pretty(&policy).unwrap()).unwrap();
        assert_eq!(toml.fingerprint(), policy.fingerprint());
        assert_eq!(json.fingerprint(), policy.fingerprint());
        let engine = Engine::new(policy.clone(), &Catalog::standard()).unwrap();
        assert_eq!(engine.fingerprint(), policy.fingerprint());
    }
}

/// What is stored beside old reviews must be found again: a change of these is a break.
#[test]
fn the_fingerprints_stay_as_they_are() {
    let pinned = [
        (tiny(), "edb2df1fee7e87618dbc531c7514b768"),
        (
            Policy::standard(Currency::USD),
            "5ddf88e49bf2a026b3a8b369037e5644",
        ),
    ];
    for (policy, fingerprint) in pinned {
        assert_eq!(policy.fingerprint().to_string(), fingerprint);
    }
}

#[test]
fn text_and_serde_are_the_digits() {
    let fingerprint = tiny().fingerprint();
    let text = fingerprint.to_string();
    assert_eq!(text.parse::<Fingerprint>().unwrap(), fingerprint);
    assert_eq!(
        text.to_uppercase().parse::<Fingerprint>().unwrap(),
        fingerprint
    );
    assert_eq!(
        serde_json::to_value(fingerprint).unwrap(),
        Value::String(text.clone())
    );
    assert_eq!(
        serde_json::from_value::<Fingerprint>(json!(text)).unwrap(),
        fingerprint
    );
    for wrong in [
        "",
        "12",
        &text[1..],
        &format!("{text}0"),
        &format!("+{}", &text[1..]),
    ] {
        assert!(
            wrong.parse::<Fingerprint>().unwrap_err().is_parse(),
            "{wrong}"
        );
    }
}

/// Every policy that one change of the document makes: a value changed or left out, two list items swapped.
fn changed(document: &Value) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    let mut put = |path: &str, value: Option<Value>| {
        let mut other = document.clone();
        let (parent, key) = path.rsplit_once('/').unwrap();
        match (other.pointer_mut(parent).unwrap(), value) {
            (Value::Object(map), Some(value)) => drop(map.insert(key.to_owned(), value)),
            (Value::Object(map), None) => drop(map.remove(key)),
            (Value::Array(items), Some(value)) => items[key.parse::<usize>().unwrap()] = value,
            (Value::Array(items), None) => drop(items.remove(key.parse().unwrap())),
            (other, _) => panic!("{other} holds nothing"),
        }
        out.push((path.to_owned(), other));
    };
    let mut open = vec![(String::new(), document)];
    while let Some((path, value)) = open.pop() {
        let others = match value {
            Value::Null => vec![],
            Value::Bool(flag) => vec![json!(!flag)],
            Value::Number(number) => {
                let number = number.as_f64().unwrap();
                vec![
                    json!(number + 1.0),
                    json!(number as i64 + 1),
                    json!(-number),
                    json!(number.next_up()),
                ]
            }
            Value::String(text) => vec![
                json!(format!("{text}x")),
                json!(text.to_uppercase()),
                json!("1 day"),
                json!(text.replace('1', "2").replace('4', "5").replace('0', "3")),
                json!("EUR"),
            ],
            Value::Array(items) => {
                open.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(i, item)| (format!("{path}/{i}"), item)),
                );
                let mut swapped = items.clone();
                swapped.reverse();
                let mut twice = items.clone();
                twice.extend(items.first().cloned());
                vec![json!(swapped), json!(twice), json!([])]
            }
            Value::Object(fields) => {
                open.extend(
                    fields
                        .iter()
                        .map(|(key, item)| (format!("{path}/{key}"), item)),
                );
                vec![]
            }
        };
        if !path.is_empty() {
            put(&path, None);
            others.into_iter().for_each(|other| put(&path, Some(other)));
        }
    }
    out
}

#[test]
fn any_other_content_has_another_fingerprint() {
    let mut standard = serde_json::to_value(Policy::standard(Currency::USD)).unwrap();
    standard["attributes"] = json!({
        "city": { "type": "category", "values": ["Bonn", "Wuhan"] },
        "size": { "type": "number", "unit": "count" },
        "vip": { "type": "flag" },
    });
    standard["points"] = json!([{ "name": "p", "caps": { "activity": 50.0 }, "rules": [
        { "name": "buy", "points": 3.0, "repeat": "every", "per": "purchase", "group": "activity" },
        { "name": "big", "points": 1.0, "repeat": { "cool_down": "30 days" }, "when": "spend >= 5" },
    ] }]);
    standard["head"]["author"] = json!("Ada");
    standard["head"]["effective"] = json!("2024-01-01");
    standard["tiers"][0]["label"] = json!("Gold");
    let policy: Policy = serde_json::from_value(standard.clone()).unwrap();

    // Two policies are equal exactly when their fingerprints are.
    let mut seen: BTreeMap<Fingerprint, Policy> =
        BTreeMap::from([(policy.fingerprint(), policy.clone())]);
    let (mut read, mut others) = (0, 0);
    for (path, document) in changed(&standard) {
        let Ok(other) = serde_json::from_value::<Policy>(document) else {
            continue;
        };
        read += 1;
        others += usize::from(other != policy);
        let known = seen
            .entry(other.fingerprint())
            .or_insert_with(|| other.clone());
        assert_eq!(*known, other, "{path}");
        assert_eq!(
            other == policy,
            other.fingerprint() == policy.fingerprint(),
            "{path}"
        );
    }
    assert!(
        read > 500 && others > 450,
        "{read} policies, {others} others"
    );
}
