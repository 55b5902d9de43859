//! What a policy says about its stages.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::Days;
use crate::rules::Expr;

/// The word that stands for every stage but the one a transition leads to.
pub(super) const ANY: &str = "any";

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// The name, unique within the lifecycle.
    pub name: String,
    /// How high the stage is, for the high-water mark; a stage without a rank is never the mark once one with a rank has
    /// been reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// What it takes to get into the stage, whichever way: it has to be true beside what the transition asks for. The
    /// start is not entered by a transition, and so not asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enter: Option<Expr>,
    /// What it takes to get out of the stage, whichever way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<Expr>,
    /// Nothing is meant to lead out of the stage; in serde `final`. An analysis holds the transitions to it.
    #[serde(rename = "final", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_final: bool,
    /// What the host does when a customer comes into the stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_enter: Vec<String>,
    /// What the host does when a customer leaves the stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_leave: Vec<String>,
}

impl StageSpec {
    /// A stage without a rank, that asks for nothing.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rank: None,
            enter: None,
            leave: None,
            is_final: false,
            on_enter: Vec::new(),
            on_leave: Vec::new(),
        }
    }

    /// The same stage with a rank.
    #[must_use]
    pub fn rank(mut self, rank: u32) -> Self {
        self.rank = Some(rank);
        self
    }

    /// The same stage with what it takes to get into it.
    #[must_use]
    pub fn enter(mut self, enter: Expr) -> Self {
        self.enter = Some(enter);
        self
    }

    /// The same stage with what it takes to get out of it.
    #[must_use]
    pub fn leave(mut self, leave: Expr) -> Self {
        self.leave = Some(leave);
        self
    }

    /// The same stage as one that nothing leads out of.
    #[must_use]
    pub fn into_final(mut self) -> Self {
        self.is_final = true;
        self
    }

    /// The same stage with what the host does when a customer comes into it.
    #[must_use]
    pub fn on_enter<S: Into<String>>(mut self, actions: impl IntoIterator<Item = S>) -> Self {
        self.on_enter = actions.into_iter().map(Into::into).collect();
        self
    }

    /// The same stage with what the host does when a customer leaves it.
    #[must_use]
    pub fn on_leave<S: Into<String>>(mut self, actions: impl IntoIterator<Item = S>) -> Self {
        self.on_leave = actions.into_iter().map(Into::into).collect();
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

/// A silence: so many days since the date in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietSpec {
    /// A column of dates. Where the date is not known, the days count from the one from which the customer is in the stage.
    pub column: String,
    /// How many days at least, above 0.
    pub days: Days,
}

/// One transition: from where, to where, and what it asks for: at least one of `when`, `after` and `quiet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitionSpec {
    /// The stages it leads away from.
    pub from: Origin,
    /// The stage it leads to.
    pub to: String,
    /// The guard: it has to be true, not merely not false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// How many days at least the customer has been in the stage that it leads away from, above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Days>,
    /// How long at least nothing has happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietSpec>,
    /// Of several that fire, the one with the highest is taken; of equal ones, the first in the list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub priority: i32,
    /// From which day the new stage holds: a date column, or one plus or minus days (`last_purchase + 120 days`).
    /// Without it, or where the date is missing, the day on which a transition was due that asks for time alone, and else
    /// the day of the review. Never later than the day of the review; if it is timed, never before the day from which the
    /// stage held that it leads away from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Why, for people; without it, what it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the host does when it is made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
}

impl TransitionSpec {
    /// A transition on a condition; the new stage holds from the day of the review.
    pub fn new(from: impl Into<Origin>, to: impl Into<String>, when: Expr) -> Self {
        Self {
            when: Some(when),
            ..Self::open(from, to)
        }
    }

    /// A transition that does not ask for anything yet.
    ///
    /// ```
    /// use customer_value::lifecycle::TransitionSpec;
    /// use customer_value::model::Days;
    ///
    /// let cancel = TransitionSpec::open(["past_due"], "cancelled").after(Days::new(14)).actions(["close_account"]);
    /// assert_eq!(cancel.when, None);
    /// ```
    pub fn open(from: impl Into<Origin>, to: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            when: None,
            after: None,
            quiet: None,
            priority: 0,
            since: None,
            why: None,
            actions: Vec::new(),
        }
    }

    /// The same transition after so many days in the stage that it leads away from.
    #[must_use]
    pub fn after(mut self, days: Days) -> Self {
        self.after = Some(days);
        self
    }

    /// The same transition after so many days since the date in a column.
    #[must_use]
    pub fn quiet(mut self, column: impl Into<String>, days: Days) -> Self {
        let column = column.into();
        self.quiet = Some(QuietSpec { column, days });
        self
    }

    /// The same transition with a priority.
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
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

    /// The same transition with what the host does when it is made.
    #[must_use]
    pub fn actions<S: Into<String>>(mut self, actions: impl IntoIterator<Item = S>) -> Self {
        self.actions = actions.into_iter().map(Into::into).collect();
        self
    }

    /// What it asks for, in words: its condition, then its days.
    pub(super) fn asked(&self) -> String {
        let when = self.when.as_ref().map(ToString::to_string);
        let parts = when.into_iter().chain([self.days()]);
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }

    /// What it asks of time, in words; empty for nothing.
    pub(super) fn days(&self) -> String {
        let after = self.after.map(|days| format!("after {days}"));
        let quiet = self.quiet.as_ref();
        let quiet = quiet.map(|quiet| format!("{} after {}", quiet.days, quiet.column));
        let parts: Vec<String> = after.into_iter().chain(quiet).collect();
        parts.join(", ")
    }
}

/// The stages of a policy and the transitions between them. [`docs::lifecycle`](crate::docs::lifecycle) defines what they mean.
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
/// assert_eq!(spec.moves, 1);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifecycleSpec {
    /// The stage of a customer who has not been reviewed before.
    pub start: String,
    /// How many transitions one customer makes at most in one review, 1 to 64. With as many as there are stages a review
    /// goes on until nothing more fires.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub moves: u32,
    /// The order of the list is not meant to matter: an analysis reports transitions to different stages that can both
    /// fire, unless one has the higher priority.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// The stages; a stage's position is its code in a `stage` column.
    pub stages: Vec<StageSpec>,
    /// The transitions.
    #[serde(default)]
    pub transitions: Vec<TransitionSpec>,
}

impl LifecycleSpec {
    /// A lifecycle of at most one move in a review.
    pub fn new(
        start: impl Into<String>,
        stages: impl IntoIterator<Item = StageSpec>,
        transitions: impl IntoIterator<Item = TransitionSpec>,
    ) -> Self {
        Self {
            start: start.into(),
            moves: 1,
            exclusive: false,
            stages: stages.into_iter().collect(),
            transitions: transitions.into_iter().collect(),
        }
    }

    /// The same lifecycle of at most so many moves in a review.
    #[must_use]
    pub fn moves(mut self, moves: u32) -> Self {
        self.moves = moves;
        self
    }

    /// Every column that it reads: those of its guards, of what it takes to get into and out of its stages, and of its
    /// dates.
    ///
    /// ```
    /// use customer_value::lifecycle::presets;
    ///
    /// let columns = presets::four_stages().columns();
    /// let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    /// assert_eq!(
    ///     columns,
    ///     ["active_days", "days_since_last", "first_purchase", "last_purchase", "second_purchase"],
    /// );
    /// ```
    #[must_use]
    pub fn columns(&self) -> BTreeSet<String> {
        let read = self
            .guards()
            .flat_map(|guard| guard.columns())
            .map(str::to_owned);
        let quiet = self.transitions.iter().filter_map(|t| t.quiet.as_ref());
        let since = self
            .transitions
            .iter()
            .filter_map(TransitionSpec::since_column);
        read.chain(quiet.map(|quiet| quiet.column.clone()))
            .chain(since)
            .collect()
    }

    /// Every rule in it: what it takes to enter and to leave each stage, then what its transitions ask for.
    pub(crate) fn guards(&self) -> impl Iterator<Item = &Expr> {
        let stages = self.stages.iter();
        let of_stages = stages.flat_map(|stage| stage.enter.iter().chain(&stage.leave));
        of_stages.chain(self.transitions.iter().filter_map(|t| t.when.as_ref()))
    }
}

fn one() -> u32 {
    1
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

fn is_zero(number: &i32) -> bool {
    *number == 0
}
