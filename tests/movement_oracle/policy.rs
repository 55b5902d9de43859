//! The oracle's own reading of a policy: only what it needs, everything else is passed over.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::calendar::{Date, Length, Period};

#[derive(Debug, Clone, Deserialize)]
pub struct Policy {
    pub movement: Option<Movement>,
    /// Best first, as in the file.
    pub tiers: Vec<Tier>,
    #[serde(default)]
    pub attributes: toml::Table,
    #[serde(default)]
    pub metrics: Vec<Metric>,
    #[serde(default)]
    pub points: Vec<Points>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Tier {
    pub name: String,
    pub entry: Option<f64>,
    pub keep: Option<f64>,
    pub when: Option<String>,
    pub keep_when: Option<String>,
    #[serde(default = "yes")]
    pub downgradable: bool,
    #[serde(default)]
    pub replaces: Vec<String>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Movement {
    pub qualifying: Qualifying,
    #[serde(default)]
    pub refunds: Refunds,
    #[serde(default)]
    pub upgrade: Upgrade,
    #[serde(default = "yes")]
    pub upgrade_restarts_term: bool,
    pub term: Option<Term>,
    pub review: Option<Review>,
    #[serde(default)]
    pub renew: Renew,
    pub hold: Option<Length>,
    pub grace: Option<Grace>,
    #[serde(default)]
    pub downgrade: Downgrade,
    #[serde(default)]
    pub after_review: After,
    #[serde(default)]
    pub after_upgrade: After,
    #[serde(default)]
    pub policy_change: PolicyChange,
    #[serde(default)]
    pub notices: Vec<Length>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualifying {
    pub measure: Option<String>,
    pub category: Option<String>,
    pub points: Option<String>,
    pub window: Option<String>,
    pub anchor: Option<Anchor>,
    pub length: Option<Length>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    Enrolment,
    Attribute(String),
    Cycle(Date),
    TierStart,
    LastChange,
    LastReview,
    Term,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    #[default]
    Now,
    AtReview,
    Ignore,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    #[default]
    Immediately,
    NextPeriod(Period),
    AtReview,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    pub length: Option<Length>,
    pub round: Option<Period>,
    pub anniversary: Option<Anniversary>,
    pub end_of: Option<Period>,
    #[serde(default)]
    pub next: bool,
    /// `04-01`.
    pub dates: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anniversary {
    Enrolment,
    Attribute(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    TermEnd,
    Every(Period),
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renew {
    #[default]
    FromEnd,
    FromReview,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grace {
    pub length: Length,
    pub round: Option<Period>,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downgrade {
    #[default]
    ToQualified,
    OneStep,
    ToBase,
    Floor(String),
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    #[default]
    Kept,
    Reset,
    Reduced {
        cap: Option<f64>,
    },
    HalfLife(Length),
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyChange {
    pub from: Option<Date>,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    #[default]
    Grandfather,
    UpOnly,
    Full,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Metric {
    pub name: Option<String>,
    pub measure: String,
    pub category: Option<String>,
    pub window: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Points {
    pub name: String,
    pub rules: Vec<PointRule>,
    #[serde(default)]
    pub caps: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct PointRule {
    pub name: String,
    pub points: f64,
    pub repeat: Repeat,
    pub when: Option<String>,
    pub per: Option<String>,
    pub group: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    While,
    Every,
    Once,
    CoolDown(Length),
}

impl Policy {
    pub fn parse(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
    }

    /// The tiers from the base, 0, upwards.
    pub fn tier(&self, ordinal: usize) -> &Tier {
        &self.tiers[self.tiers.len() - 1 - ordinal]
    }

    pub fn ordinal(&self, name: &str) -> Option<usize> {
        let from_top = self.tiers.iter().position(|tier| tier.name == name)?;
        Some(self.tiers.len() - 1 - from_top)
    }

    /// The one that took the place of a tier that is no longer there.
    pub fn replacement(&self, name: &str) -> Option<usize> {
        let from_top =
            (self.tiers.iter()).position(|tier| tier.replaces.iter().any(|r| r == name))?;
        Some(self.tiers.len() - 1 - from_top)
    }
}
