//! The cases of `tests/data/lifecycle`: a policy, a customer, and what every review is to find.
//!
//! A file has a `policy`, and each `[[case]]` what is different in it: `lifecycle`, `churn`, `exit` and `attributes` key by key,
//! `metrics` whole. `says` is the sentence of the page that the case is about. `others` are the other customers of the
//! population, and `fitted` the day of the fit; without it nothing is fitted. `then` is another policy from a day on.
//!
//! `reviews` lists in their order what is expected on which day. What is left out is not looked at, but for `exit`: what is
//! left out in there is expected to be absent.

use serde::Deserialize;
use toml::{Table, Value};

use super::calendar::Date;
use super::churn::{Evidence, Verdict};
use super::customer::Customer;
use super::exit::ExitOutcome;
use super::stage::{Move, StageOutcome};

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
    says: String,
    #[serde(default)]
    lifecycle: Table,
    #[serde(default)]
    churn: Table,
    #[serde(default)]
    exit: Table,
    #[serde(default)]
    attributes: Table,
    metrics: Option<Value>,
    then: Option<Then>,
    customer: Customer,
    #[serde(default)]
    others: Vec<Customer>,
    fitted: Option<Date>,
    reviews: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Then {
    on: Date,
    #[serde(default)]
    lifecycle: Table,
    #[serde(default)]
    churn: Table,
    #[serde(default)]
    exit: Table,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub on: Date,
    pub stage: Option<String>,
    pub since: Option<Date>,
    pub high: Option<String>,
    /// `trial -> active on 2024-01-10 [send_welcome]`; without actions no brackets.
    pub moves: Option<Vec<String>>,
    pub churn: Option<String>,
    pub by: Option<String>,
    pub number: Option<f64>,
    /// `at_risk 120`.
    pub reached: Option<String>,
    pub next: Option<String>,
    pub fallback: Option<bool>,
    /// `p_alive: not fitted`.
    pub passed: Option<Vec<String>>,
    /// `activity 3.000 -> 1.000 since 2024-01-10`.
    pub evidence: Option<Vec<String>>,
    pub exit: Option<ExpectedExit>,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedExit {
    pub below: Option<Date>,
    pub step: Option<(String, Date)>,
    pub notice: Option<(String, Date)>,
    /// As of [`ExitOutcome`].
    pub events: Vec<String>,
    /// The gates that hold the customer.
    pub held: Vec<String>,
}

/// One case, ready to run.
pub struct Case {
    pub name: String,
    pub says: String,
    /// The text of the first policy, and of another with the day from which it is used.
    pub policy: String,
    pub then: Option<(Date, String)>,
    pub customer: Customer,
    pub others: Vec<Customer>,
    pub fitted: Option<Date>,
    pub reviews: Vec<Expected>,
}

/// All cases, by file and name.
pub fn all() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/lifecycle");
    let mut files: Vec<_> = (std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &std::path::Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap();
    let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let case = |written: Written| {
        let mut policy = file.policy.clone();
        change(&mut policy, "lifecycle", &written.lifecycle);
        change(&mut policy, "churn", &written.churn);
        change(&mut policy, "exit", &written.exit);
        change(&mut policy, "attributes", &written.attributes);
        if let Some(metrics) = written.metrics {
            policy.insert("metrics".to_owned(), metrics);
        }
        let then = written.then.map(|then| {
            let mut policy = policy.clone();
            change(&mut policy, "lifecycle", &then.lifecycle);
            change(&mut policy, "churn", &then.churn);
            change(&mut policy, "exit", &then.exit);
            let version = Table::from_iter([("version".to_owned(), Value::from("2"))]);
            change(&mut policy, "head", &version);
            (then.on, policy.to_string())
        });
        Case {
            name: format!("{stem}: {}", written.name),
            says: written.says,
            policy: policy.to_string(),
            then,
            customer: written.customer,
            others: written.others,
            fitted: written.fitted,
            reviews: written.reviews,
        }
    };
    file.case.into_iter().map(case).collect()
}

fn change(policy: &mut Table, part: &str, by: &Table) {
    if by.is_empty() {
        return;
    }
    let part = policy.entry(part).or_insert_with(|| Table::new().into());
    for (key, value) in by {
        part.as_table_mut()
            .unwrap()
            .insert(key.clone(), value.clone());
    }
}

impl Case {
    /// The policy that a review on a day is under.
    pub fn policy_on(&self, day: Date) -> &str {
        match &self.then {
            Some((on, text)) if *on <= day => text,
            _ => &self.policy,
        }
    }

    /// Everybody, this customer first.
    pub fn everybody(&self) -> Vec<Customer> {
        let mut everybody = vec![self.customer.clone()];
        everybody.extend(self.others.iter().cloned());
        everybody
    }
}

pub fn move_line(made: &Move) -> String {
    let line = format!("{} -> {} on {}", made.from, made.to, made.since);
    if made.actions.is_empty() {
        line
    } else {
        format!("{line} [{}]", made.actions.join(", "))
    }
}

pub fn evidence_line(found: &Evidence) -> String {
    let Evidence {
        what,
        before,
        after,
        since,
        ..
    } = found;
    format!("{what} {before:.3} -> {after:.3} since {since}")
}

/// Alike but for what divisions leave in the last places.
pub fn same_evidence(one: &[Evidence], other: &[Evidence]) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            let change = match (one.change, other.change) {
                (Some(a), Some(b)) => near(a, b),
                (a, b) => a == b,
            };
            (one.what, one.since) == (other.what, other.since)
                && near(one.before, other.before)
                && near(one.after, other.after)
                && change
        })
}

pub fn expected_exit(found: &ExitOutcome) -> ExpectedExit {
    let state = found.state.as_ref();
    ExpectedExit {
        below: state.map(|state| state.below),
        step: state.and_then(|state| state.step.clone()),
        notice: state.and_then(|state| state.notice.clone()),
        events: found.events.clone(),
        held: found.held.clone(),
    }
}

/// What is different, in words.
pub struct Differences<'a> {
    pub case: &'a str,
    pub on: Date,
    pub said: Vec<String>,
}

impl Differences<'_> {
    pub fn compare<T: std::fmt::Debug + PartialEq>(
        &mut self,
        what: &str,
        expected: &Option<T>,
        found: T,
    ) {
        if let Some(expected) = expected
            && *expected != found
        {
            self.said.push(format!(
                "{}, {}: {what}: expected {expected:?}, found {found:?}",
                self.case, self.on
            ));
        }
    }
}

impl Expected {
    pub fn compare_stage(&self, to: &mut Differences<'_>, found: &StageOutcome) {
        to.compare("stage", &self.stage, found.stage.clone());
        to.compare("since", &self.since, found.since);
        to.compare("high water", &self.high, found.high_water.clone());
        let lines = found.moves.iter().map(move_line).collect();
        to.compare("moves", &self.moves, lines);
    }

    pub fn compare_churn(&self, to: &mut Differences<'_>, found: &Verdict) {
        let named =
            |at: Option<(&str, f64)>| at.map_or(String::new(), |(n, at)| format!("{n} {at}"));
        to.compare("churn", &self.churn, found.level.to_owned());
        to.compare("by", &self.by, found.by.clone().unwrap_or_default());
        to.compare("reached", &self.reached, named(found.reached));
        to.compare("next", &self.next, named(found.next));
        to.compare("fallback", &self.fallback, found.fallback);
        let passed = found.passed.iter().map(|(by, why)| format!("{by}: {why}"));
        to.compare("passed", &self.passed, passed.collect());
        if let Some(number) = self.number {
            let same = found
                .number
                .is_some_and(|found| (found - number).abs() < 1e-9);
            to.compare("number", &Some(true), same);
        }
    }

    pub fn compare_evidence(&self, to: &mut Differences<'_>, found: &[Evidence]) {
        let lines = found.iter().map(evidence_line).collect();
        to.compare("evidence", &self.evidence, lines);
    }

    pub fn compare_exit(&self, to: &mut Differences<'_>, found: &ExitOutcome) {
        to.compare("exit", &self.exit, expected_exit(found));
    }
}
