//! What a policy says, as far as the three pages go. Other parts are passed over.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::rule::Rule;

#[derive(Debug, Clone, Deserialize)]
pub struct Policy {
    #[serde(default)]
    pub attributes: BTreeMap<String, toml::Table>,
    #[serde(default)]
    pub metrics: Vec<Metric>,
    pub lifecycle: Option<Lifecycle>,
    pub churn: Option<Churn>,
    pub exit: Option<Exit>,
}

impl Policy {
    pub fn parse(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Metric {
    pub name: Option<String>,
    pub measure: String,
    pub window: Option<Days>,
    pub nth: Option<usize>,
}

/// `31 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Days(pub i64);

impl TryFrom<String> for Days {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let number = (text.strip_suffix(" days")).or_else(|| text.strip_suffix(" day"));
        let number = number.and_then(|number| number.parse().ok());
        Ok(Self(number.ok_or_else(|| format!("`{text}` are no days"))?))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    pub start: String,
    pub stages: Vec<Stage>,
    #[serde(default)]
    pub transitions: Vec<Transition>,
    #[serde(default = "one")]
    pub moves: u32,
    #[serde(default)]
    pub exclusive: bool,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: String,
    pub rank: Option<u32>,
    pub enter: Option<Rule>,
    pub leave: Option<Rule>,
    #[serde(default)]
    pub on_enter: Vec<String>,
    #[serde(default)]
    pub on_leave: Vec<String>,
    #[serde(default, rename = "final")]
    pub last: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    pub from: From,
    pub to: String,
    pub when: Option<Rule>,
    pub after: Option<Days>,
    pub quiet: Option<Quiet>,
    #[serde(default)]
    pub priority: i64,
    pub since: Option<Since>,
    pub why: Option<String>,
    #[serde(default)]
    pub actions: Vec<String>,
}

impl Transition {
    pub fn leaves(&self, stage: &Stage) -> bool {
        match &self.from {
            From::One(any) if any == "any" => stage.name != self.to && !stage.last,
            From::One(one) => *one == stage.name,
            From::List(list) => list.contains(&stage.name),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum From {
    One(String),
    List(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    pub column: String,
    pub days: Days,
}

/// `last_purchase`, `last_purchase + 120 days`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Since {
    pub column: String,
    pub plus: i64,
}

impl TryFrom<String> for Since {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        for (sign, by) in [(" + ", 1), (" - ", -1)] {
            if let Some((column, days)) = text.split_once(sign) {
                return Ok(Self {
                    column: column.to_owned(),
                    plus: by * Days::try_from(days.to_owned())?.0,
                });
            }
        }
        Ok(Self {
            column: text,
            plus: 0,
        })
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Churn {
    #[serde(default = "recent")]
    pub recent: Days,
    #[serde(default = "baseline")]
    pub baseline: Days,
    pub methods: Vec<Method>,
}

fn recent() -> Days {
    Days(90)
}

fn baseline() -> Days {
    Days(365)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    pub by: String,
    pub min_active_days: Option<usize>,
    pub cooling: Option<f64>,
    pub at_risk: Option<f64>,
    pub highly_at_risk: Option<f64>,
    pub lost: Option<f64>,
}

impl Method {
    /// How many active days it takes, beside what the number asks for.
    pub fn active_days(&self) -> usize {
        self.min_active_days.unwrap_or(match self.by.as_str() {
            "churn_factor" | "gap_percentile" | "lapse_share" => 4,
            "population_gap_percentile" => 2,
            _ => 1,
        })
    }

    /// The thresholds there are, milder first.
    pub fn thresholds(&self) -> Vec<(&'static str, f64)> {
        let all = [
            ("cooling", self.cooling),
            ("at_risk", self.at_risk),
            ("highly_at_risk", self.highly_at_risk),
            ("lost", self.lost),
        ];
        let there = |(name, at): (&'static str, Option<f64>)| at.map(|at| (name, at));
        all.into_iter().filter_map(there).collect()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    pub below: Rule,
    #[serde(default = "none")]
    pub at_least: Days,
    #[serde(default)]
    pub attempts: usize,
    pub interval: Days,
    #[serde(default = "none")]
    pub notice: Days,
    pub avoidable_cost: Option<String>,
    pub steps: Vec<ExitStep>,
    #[serde(default)]
    pub gates: Vec<Gate>,
}

fn none() -> Days {
    Days(0)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitStep {
    pub name: String,
    pub notice: Option<Days>,
    pub channel: Option<String>,
    pub avoids: Option<f64>,
    #[serde(default)]
    pub ends_service: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    pub name: String,
    pub closed: Rule,
    pub from: Option<String>,
}
