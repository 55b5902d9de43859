//! Everything a review rests on: the same walk, remembered.

use serde::{Deserialize, Serialize};

use crate::lifecycle::StageExplanation;
use crate::model::{Day, Unit};
use crate::rules::Found;
use crate::tiering;

use super::policy::Policy;
use super::review::Assessment;

/// Why a customer is in a tier and in a stage, and what the scores are made of. Plain data; as text by `Display`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The name of the policy.
    pub policy: String,
    /// The version of the policy.
    pub policy_version: String,
    /// The day of the review.
    pub as_of: Day,
    /// The tier, every condition with its value, and what is missing for the next.
    pub tier: tiering::Explanation,
    /// The stage and the transitions that led there; `None` if the policy has no lifecycle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageExplanation>,
    /// What each weighted score is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreExplanation>,
}

/// What a weighted score is made of: the contributions, added in order, are the score to the last bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreExplanation {
    /// The name of the score.
    pub name: String,
    /// The score, 0 to 100; `None` when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Its parts, in the order of the policy.
    pub parts: Vec<PartExplanation>,
}

/// What one part brings to a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartExplanation {
    /// The column.
    pub column: String,
    /// The unit of the column; `None` for words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What the customer has there.
    pub found: Found,
    /// Where that is on the scale, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<f64>,
    /// The weight as a share of the weights that count for this customer.
    pub share: f64,
    /// The points of the score.
    pub contribution: f64,
}

impl Assessment<'_> {
    /// Everything the review rests on.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        let engine = self.engine();
        let row = self.row();
        let Policy { head, .. } = engine.policy();
        let stage = engine
            .life
            .as_ref()
            .map(|life| life.cycle.explain(row, self.as_of(), self.before()));
        let scores = engine
            .scores
            .iter()
            .filter_map(|score| {
                let decomposition = score.frozen.as_ref()?.decompose(row);
                Some(ScoreExplanation {
                    name: score.name.clone(),
                    score: decomposition.score,
                    parts: decomposition
                        .parts
                        .iter()
                        .map(|part| {
                            let slot = engine.slot(part.column);
                            let unit = slot.and_then(|slot| engine.schema.field(slot)?.unit());
                            PartExplanation {
                                column: part.column.to_owned(),
                                unit,
                                found: slot
                                    .map_or(Found::Missing, |slot| Found::of(row, slot, unit)),
                                place: part.place,
                                share: part.share,
                                contribution: part.contribution,
                            }
                        })
                        .collect(),
                })
            })
            .collect();
        Explanation {
            policy: head.name.clone(),
            policy_version: head.version.clone(),
            as_of: self.as_of(),
            tier: engine.ladder.explain(row),
            stage,
            scores,
        }
    }

    /// The decision in one line: the conditions that put the customer into the tier, with their values.
    #[must_use]
    pub fn reason(&self) -> String {
        self.engine().ladder.explain(self.row()).reason()
    }
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "tier  {}", self.tier.reason())?;
        for tier in &self.tier.tiers {
            for condition in &tier.conditions {
                write!(f, "      {}: {condition} is {}", tier.tier, condition.truth)?;
                if let Some(change) = condition.change() {
                    write!(f, " ({change})")?;
                }
                writeln!(f)?;
            }
        }
        if let Some(next) = &self.tier.next {
            let missing: Vec<String> = next
                .missing
                .iter()
                .map(|condition| match condition.change() {
                    Some(change) => format!("{condition} ({change})"),
                    None => condition.to_string(),
                })
                .collect();
            writeln!(f, "next  {}: {}", next.tier, missing.join(", "))?;
        }
        if let Some(stage) = &self.stage {
            writeln!(
                f,
                "stage {} since {}, highest ever {}",
                stage.stage, stage.since, stage.high_water
            )?;
            for taken in &stage.taken {
                writeln!(
                    f,
                    "      {} → {} since {}: {}",
                    taken.from, taken.to, taken.since, taken.why
                )?;
            }
        }
        for score in &self.scores {
            match score.score {
                Some(points) => writeln!(f, "score {} {points:.2}", score.name)?,
                None => writeln!(f, "score {} not known", score.name)?,
            }
            for part in &score.parts {
                let (points, column) = (part.contribution, &part.column);
                let found = part.found.text(part.unit);
                let percent = part.share * 100.0;
                writeln!(
                    f,
                    "      {points:+.2} from {column} {found} at {percent:.0} % of the weight"
                )?;
            }
        }
        writeln!(
            f,
            "by    {} version {} on {}",
            self.policy, self.policy_version, self.as_of
        )
    }
}
