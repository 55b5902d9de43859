//! The cases of `tests/data/corpus`: a policy, a customer, and what every review is to find.
//!
//! A file has a `policy`, and each `[[case]]` what is different in it: `movement` (key by key; `without` drops keys),
//! `tiers`, `metrics`, `attributes` or `points` (whole). `reviews` lists in their order what is expected on which day. What is
//! left out of `term`, `grace`, `pending` and `counting` is expected to be absent; `events` are all since the review before.
//! `then` is another policy from a day on, for cases of a change of the policy.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::calendar::Date;
use super::customer::Customer;
use super::walk::{Event, Outcome};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    policy: Table,
    case: Vec<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(flatten)]
    change: Change,
    then: Option<Then>,
    customer: Customer,
    reviews: Vec<Expected>,
    /// Why a service that reviews every day finds something else.
    not_daily: Option<String>,
}

/// What is different from the policy of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Change {
    movement: Table,
    without: Vec<String>,
    tiers: Option<Value>,
    metrics: Option<Value>,
    attributes: Option<Value>,
    points: Option<Value>,
}

/// Another policy, from the first review on that day.
#[derive(Debug, Deserialize)]
struct Then {
    on: Date,
    #[serde(flatten)]
    change: Change,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub on: Date,
    pub tier: String,
    pub since: Date,
    pub earned: Option<String>,
    pub earned_since: Option<Date>,
    pub term: Option<(Date, Date)>,
    pub grace: Option<(Date, Date)>,
    pub pending: Option<(String, Date)>,
    pub counting: Option<(Date, f64)>,
    pub qualifying: Option<f64>,
    pub events: Option<Vec<String>>,
}

/// One case, ready to run.
pub struct Case {
    pub name: String,
    /// The text of the first policy, and of others with the day from which they are used.
    pub policy: String,
    pub then: Option<(Date, String)>,
    pub customer: Customer,
    pub reviews: Vec<Expected>,
    pub daily: bool,
}

impl Change {
    fn apply(&self, policy: &mut Table) {
        let movement = policy["movement"].as_table_mut().unwrap();
        for (key, value) in &self.movement {
            movement.insert(key.clone(), value.clone());
        }
        for key in &self.without {
            assert!(movement.remove(key).is_some(), "without `{key}`");
        }
        let parts = BTreeMap::from([
            ("tiers", &self.tiers),
            ("metrics", &self.metrics),
            ("attributes", &self.attributes),
            ("points", &self.points),
        ]);
        for (key, value) in parts {
            if let Some(value) = value {
                policy.insert(key.to_owned(), value.clone());
            }
        }
    }
}

/// All cases, by file and name.
pub fn all() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/corpus");
    let folder = std::env::var("CORPUS").unwrap_or_else(|_| folder.to_owned());
    let mut files: Vec<_> = (std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        let stem = path.file_stem().unwrap().to_str().unwrap();
        for written in file.case {
            let mut policy = file.policy.clone();
            written.change.apply(&mut policy);
            let then = written.then.map(|then| {
                let mut policy = policy.clone();
                then.change.apply(&mut policy);
                let head = policy["head"].as_table_mut().unwrap();
                head.insert("version".to_owned(), Value::from("2"));
                (then.on, policy.to_string())
            });
            cases.push(Case {
                name: format!("{stem}: {}", written.name),
                policy: policy.to_string(),
                then,
                customer: written.customer,
                reviews: written.reviews,
                daily: written.not_daily.is_none(),
            });
        }
    }
    cases
}

/// An event as the cases write it.
pub fn line(event: &Event) -> String {
    let kind = event.kind.replace(' ', "_");
    match (&event.from, &event.to) {
        (Some(from), Some(to)) if from != to => format!("{} {kind} {from} -> {to}", event.day),
        (Some(tier), _) | (None, Some(tier)) => format!("{} {kind} {tier}", event.day),
        (None, None) => format!("{} {kind}", event.day),
    }
}

pub fn lines(events: &[Event]) -> Vec<String> {
    let mut lines: Vec<String> = events.iter().map(line).collect();
    // The order within one day is not looked at here.
    lines.sort();
    lines
}

impl Expected {
    /// What is different, in words.
    pub fn differences(&self, found: &Outcome) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut compare = |what: &str, expected: String, found: String| {
            if expected != found {
                wrong.push(format!(
                    "{}: {what}: expected {expected}, found {found}",
                    self.on
                ));
            }
        };
        let days = |days: Option<(Date, Date)>| days.map(|(a, b)| format!("{a}..{b}"));
        let dated = |tier: &Option<(String, Date)>| tier.as_ref().map(|(a, b)| format!("{a} {b}"));
        let counting = |c: Option<(Date, f64)>| c.map(|(a, b)| format!("{a} {b:.6}"));
        let earned = self.earned.as_ref().unwrap_or(&self.tier);
        compare("tier", self.tier.clone(), found.tier.clone());
        compare("since", self.since.to_string(), found.since.to_string());
        compare("earned", earned.clone(), found.earned.clone());
        if let Some(since) = self.earned_since {
            compare(
                "earned since",
                since.to_string(),
                found.earned_since.to_string(),
            );
        }
        compare(
            "term",
            format!("{:?}", days(self.term)),
            format!("{:?}", days(found.term)),
        );
        compare(
            "grace",
            format!("{:?}", days(self.grace)),
            format!("{:?}", days(found.grace)),
        );
        let (pending, found_pending) = (dated(&self.pending), dated(&found.pending));
        compare(
            "pending",
            format!("{pending:?}"),
            format!("{found_pending:?}"),
        );
        let (count, found_count) = (counting(self.counting), counting(found.counting));
        compare("counting", format!("{count:?}"), format!("{found_count:?}"));
        if let Some(qualifying) = self.qualifying {
            let found = found.qualifying.unwrap_or(f64::NAN);
            compare(
                "qualifying",
                format!("{qualifying:.6}"),
                format!("{found:.6}"),
            );
        }
        if let Some(events) = &self.events {
            let mut events = events.clone();
            events.sort();
            compare(
                "events",
                format!("{events:?}"),
                format!("{:?}", lines(&found.events)),
            );
        }
        wrong
    }
}
