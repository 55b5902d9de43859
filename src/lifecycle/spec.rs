//! What a policy says about its stages.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::rules::Expr;

/// The word that stands for every stage but the one a transition leads to.
pub(super) const ANY: &str = "any";

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// The name, unique within the lifecycle.
    pub name: String,
    /// How high the stage is, for the high-water mark; a stage without a rank is never the mark once one with a rank has
    /// been reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
}

impl StageSpec {
    /// A stage without a rank.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rank: None,
        }
    }

    /// The same stage with a rank.
    #[must_use]
    pub fn rank(mut self, rank: u32) -> Self {
        self.rank = Some(rank);
        self
    }
}

/// The stages a transition leads away from; in serde a list of names, one name, or `"any"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Every stage but the one it leads to.
    Any,
    /// These.
    Stages(Vec<String>),
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Origin {
    fn from(stages: [S; N]) -> Self {
        Self::Stages(stages.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => serializer.serialize_str(ANY),
            Self::Stages(names) => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Origin;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of stages, one stage, or \"any\"")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Origin, E> {
                Ok(if name == ANY {
                    Origin::Any
                } else {
                    Origin::from([name])
                })
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Origin, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element()? {
                    names.push(name);
                }
                Ok(Origin::Stages(names))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// One transition: from where, to where, on which condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitionSpec {
    /// The stages it leads away from.
    pub from: Origin,
    /// The stage it leads to.
    pub to: String,
    /// The guard: it has to be true, not merely not false.
    pub when: Expr,
    /// From which day the new stage holds: a date column, or one plus or minus days (`last_purchase + 120 days`).
    /// Without it, or where the date is missing, the day of the review. Never later than the day of the review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Why, for people; without it, the guard's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl TransitionSpec {
    /// A transition on a condition; the new stage holds from the day of the review.
    pub fn new(from: impl Into<Origin>, to: impl Into<String>, when: Expr) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            when,
            since: None,
            why: None,
        }
    }

    /// The same transition with the day from which the new stage holds.
    #[must_use]
    pub fn since(mut self, since: impl Into<String>) -> Self {
        self.since = Some(since.into());
        self
    }

    /// The same transition with a reason for people.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

/// The stages of a policy and the transitions between them, in order of priority.
///
/// ```
/// use customer_value::lifecycle::{LifecycleSpec, Origin};
///
/// let spec: LifecycleSpec = toml::from_str(r#"
///     start = "prospect"
///     stages = [{ name = "prospect" }, { name = "customer", rank = 1 }]
///
///     [[transitions]]
///     from = "any"
///     to = "customer"
///     when = "active_days >= 1"
///     since = "first_purchase"
/// "#)?;
/// assert_eq!(spec.transitions[0].from, Origin::Any);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleSpec {
    /// The stage of a customer who has not been reviewed before.
    pub start: String,
    /// The stages; a stage's position is its code in a `stage` column.
    pub stages: Vec<StageSpec>,
    /// The transitions; of several whose guards are true, the first is taken.
    #[serde(default)]
    pub transitions: Vec<TransitionSpec>,
}
