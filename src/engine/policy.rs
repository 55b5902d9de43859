//! What a policy file says.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::lifecycle::LifecycleSpec;
use crate::lifecycle::churn::ChurnSpec;
use crate::lifecycle::exit::ExitSpec;
use crate::lifecycle::win_back::WinBackSpec;
use crate::metrics::MetricSpec;
use crate::metrics::cost::CostToServeSpec;
use crate::metrics::lifetime::PredictionSpec;
use crate::model::{Currency, Day, Fingerprint, Unit};
use crate::report::effect::EffectSpec;
use crate::rules::segments::SegmentSpec;
use crate::scoring::{PartSpec, PointRule, PointsSpec, RfmSpec, WeightedSpec};
use crate::strategy::allocation::AllocationSpec;
use crate::strategy::budget::BudgetSpec;
use crate::strategy::playbook::PlaybookSpec;
use crate::strategy::surveys::SurveysSpec;
use crate::table::Field;
use crate::tiering::{LadderSpec, MovementSpec};

use super::accounts::AccountsSpec;
use super::changes::ChangesSpec;

/// The version of the form of policy documents that this library reads and writes.
pub const FORMAT: u32 = 1;

/// A policy: what is measured, how it is scored, and what follows. Plain data with one versioned text form (any serde
/// format); see [the policy file](crate::docs::policy_file) for a description with examples.
///
/// It is checked when it is bound: [`Engine::new`](super::Engine::new) reports every problem at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The version of the document's form; 1.
    #[serde(default = "format")]
    pub format: u32,
    /// What the policy is for, and who answers for it.
    pub head: Head,
    /// The customers' attributes that rules and scores may read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, AttributeSpec>,
    /// What is measured. Measures that need no parameters can be used by their own names without being listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricSpec>,
    /// What serving a customer costs, if wanted; it makes the columns `cost_to_serve` and `profit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_to_serve: Option<CostToServeSpec>,
    /// What is predicted, if wanted; it makes the columns `p_alive`, `p_purchase`, `expected_purchases`, `expected_spend` and
    /// `predicted_ltv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction: Option<PredictionSpec>,
    /// How far customers have gone, if wanted; it makes the column `churn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn: Option<ChurnSpec>,
    /// RFM, if wanted; it makes the columns `r`, `f`, `m` and `segment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rfm: Option<RfmSpec>,
    /// Weighted scores, 0 to 100; each may read those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreSpec>,
    /// Additive points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<NamedPoints>,
    /// Segments, any number of which a customer can be in; each makes a column of its name, and may read those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentSpec>,
    /// The stages of a customer's life, if wanted; it makes the column `stage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<LifecycleSpec>,
    /// How tiers are held, kept and lost; without it a customer has the tier they qualify for on the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<MovementSpec>,
    /// The tiers, best first, base last.
    pub tiers: LadderSpec,
    /// What counts for a household or account, and what its members get from it, if wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<AccountsSpec>,
    /// Whom to win back, and with what, if wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub win_back: Option<WinBackSpec>,
    /// How to let go of those who never will be worth their cost, if wanted; it makes the column `exit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitSpec>,
    /// Who is served how, and which actions are due, if wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playbook: Option<PlaybookSpec>,
    /// What may be spent, if wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetSpec>,
    /// What money and time are shared out by, if wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<AllocationSpec>,
    /// Who is asked what, if wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surveys: Option<SurveysSpec>,
    /// How the effect of an action is measured, if wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<EffectSpec>,
    /// What is news between two reviews, if somebody wants to hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<ChangesSpec>,
}

fn format() -> u32 {
    FORMAT
}

impl Policy {
    /// The fingerprint of what the policy says.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }
}

/// What a policy is for, and who answers for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The policy's name.
    pub name: String,
    /// Its version, in whatever scheme.
    pub version: String,
    /// The currency of all amounts in it.
    pub currency: Currency,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// The day from which it is meant to be used. The engine does not enforce it: the host chooses the policy of a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<Day>,
    /// What it is to achieve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<String>,
    /// What is expected to change by it, to be compared with what did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_effects: Vec<String>,
}

/// What an attribute's values are.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttributeSpec {
    /// A number.
    Number {
        /// What it counts; a ratio if not said.
        unit: Unit,
    },
    /// One word of a list; a customer's word that is not listed is missing.
    Category {
        /// The words.
        values: Vec<String>,
    },
    /// Yes or no.
    Flag,
    /// A day.
    Date,
}

/// An attribute as it is written: plain fields, so that a problem has the place of its field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAttribute {
    #[serde(rename = "type")]
    kind: AttributeKind,
    unit: Option<Unit>,
    values: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AttributeKind {
    Number,
    Category,
    Flag,
    Date,
}

impl<'de> Deserialize<'de> for AttributeSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let WrittenAttribute { kind, unit, values } = Deserialize::deserialize(deserializer)?;
        if unit.is_some() && kind != AttributeKind::Number {
            let known = match kind {
                AttributeKind::Category => &["type", "values"][..],
                _ => &["type"],
            };
            return Err(D::Error::unknown_field("unit", known));
        }
        if values.is_some() && kind != AttributeKind::Category {
            let known = match kind {
                AttributeKind::Number => &["type", "unit"][..],
                _ => &["type"],
            };
            return Err(D::Error::unknown_field("values", known));
        }
        Ok(match kind {
            AttributeKind::Number => Self::Number {
                unit: unit.unwrap_or(Unit::Ratio),
            },
            AttributeKind::Category => Self::Category {
                values: values.ok_or_else(|| D::Error::missing_field("values"))?,
            },
            AttributeKind::Flag => Self::Flag,
            AttributeKind::Date => Self::Date,
        })
    }
}

impl AttributeSpec {
    /// Every problem of the words and the unit; `path` is where they are in the policy.
    pub(crate) fn check(&self, path: &str) -> Diagnostics {
        let mut problems = Diagnostics::new();
        let mut error = |code, field: &str, message: String, help: String| {
            let place = Place::at(format!("{path}.{field}"));
            problems.push(Diagnostic::error(code, place, message).help(help));
        };
        match self {
            Self::Number { unit } if matches!(unit, Unit::Date | Unit::Flag) => error(
                Code::Type,
                "unit",
                format!("a number is not a {unit}"),
                format!("set `type = \"{unit}\"`"),
            ),
            Self::Category { values } => {
                if values.is_empty() {
                    let message = "there is no word, so everybody's is missing".to_owned();
                    let help = "list the words that rules and scores may read".to_owned();
                    error(Code::Missing, "values", message, help);
                }
                for (i, word) in values.iter().enumerate() {
                    if values.iter().take(i).any(|w| w == word) {
                        let message = format!("`{word}` is there twice");
                        let help = "leave one out".to_owned();
                        error(Code::DuplicateName, &format!("values[{i}]"), message, help);
                    }
                }
            }
            _ => {}
        }
        problems
    }

    pub(crate) fn field(&self, name: &str) -> Field {
        match self {
            Self::Number { unit } => Field::number(name, *unit),
            Self::Category { values } => Field::category(name, values.iter().cloned()),
            Self::Flag => Field::number(name, Unit::Flag),
            Self::Date => Field::number(name, Unit::Date),
        }
    }
}

/// A weighted score with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreSpec {
    /// The name of its column.
    pub name: String,
    /// Its parts.
    pub parts: Vec<PartSpec>,
}

impl ScoreSpec {
    pub(crate) fn weighted(&self) -> WeightedSpec {
        WeightedSpec {
            parts: self.parts.clone(),
        }
    }
}

/// A point score with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPoints {
    /// The name of its column.
    pub name: String,
    /// Its rules; see [`PointsSpec`].
    pub rules: Vec<PointRule>,
    /// The cap of each group that has one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caps: BTreeMap<String, f64>,
}

impl NamedPoints {
    pub(crate) fn points(&self) -> PointsSpec {
        PointsSpec {
            rules: self.rules.clone(),
            caps: self.caps.clone(),
        }
    }
}
