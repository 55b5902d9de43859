//! What is news.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::Unit;
use crate::table::{Kind, Schema};

use super::super::worse::Worse;
use super::event::{Importance, ShiftKind};

/// What is news between two reviews: plain data, as it stands in a policy.
///
/// Who is new or gone and who fell or rose a tier is always news. Everything else is what is listed here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangesSpec {
    /// The column of money that says what is at stake; without it no event has a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Columns of words whose moves are news: the stage of the lifecycle, the level of churn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageWatch>,
    /// Thresholds whose crossing is news.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<ThresholdWatch>,
    /// Numbers whose change is news if it is large enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub behaviours: Vec<BehaviourWatch>,
    /// How important events of a kind are. What is not said:
    ///
    /// | importance | kinds |
    /// |---|---|
    /// | high | `churned`, `gone`, `became_at_risk`, `fell_tier` |
    /// | medium | `crossed_threshold`, `behaviour_changed`, `won_back` |
    /// | low | `tier_replaced`, `stage_moved`, `rose_tier`, `new` |
    ///
    /// A threshold or behaviour may have an importance of its own. Towards the better either is `low`, whatever is said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub importance: BTreeMap<ShiftKind, Importance>,
}

/// A column of words whose moves are news. A customer whose word is not known on one side has not moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageWatch {
    /// The column; `stage` if left out.
    #[serde(default = "stage")]
    pub column: String,
    /// The words that mean at risk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_risk: Vec<String>,
    /// The words that mean churned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub churned: Vec<String>,
    /// The words that mean won back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub won_back: Vec<String>,
}

fn stage() -> String {
    super::super::bind::STAGE.to_owned()
}

impl Default for StageWatch {
    fn default() -> Self {
        Self {
            column: stage(),
            at_risk: Vec::new(),
            churned: Vec::new(),
            won_back: Vec::new(),
        }
    }
}

/// A threshold whose crossing is news: from below it to the threshold or above, or the other way. A number that is not known on one
/// side has not crossed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdWatch {
    /// The column, of numbers.
    pub column: String,
    /// The threshold, in the column's unit.
    pub at: f64,
    /// Which side is worse; if left out, neither: a crossing is as important both ways, and puts the value after at stake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
    /// How important a crossing is, if not as important as its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
}

/// A number whose change is news if it is large enough: by at least `share` of what it was before, or by at least `amount`; with both, by
/// both. From 0 every change is large as a share. A number that is not known on one side has not changed.
///
/// A billionth of the limit may be lacking, so that a fall from 100.10 to 90.09 is one of 10 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BehaviourWatch {
    /// The column, of numbers.
    pub column: String,
    /// The least change as a part of the number before, above 0: 0.5 is by half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The least change in the column's unit, above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// Which way is worse; if left out, neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
    /// How important a change is, if not as important as its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
}

impl BehaviourWatch {
    pub(super) fn is_news(&self, before: f64, after: f64) -> bool {
        const NEARLY: f64 = 1.0 - 1e-9;
        let change = (after - before).abs();
        let enough = |limit: f64| change >= limit * NEARLY;
        change > 0.0
            && self.share.is_none_or(|share| enough(share * before.abs()))
            && self.amount.is_none_or(enough)
    }
}

/// A [`ChangesSpec`] that was found right: nothing in it can fail any more. The columns are looked up by name in each review, so that
/// reviews of two policies can be compared; a column that one of them does not have, or has in another unit, is missing there.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    pub(super) spec: ChangesSpec,
    /// The unit of each threshold's column.
    pub(super) threshold_units: Vec<Unit>,
    /// The unit of each behaviour's column.
    pub(super) behaviour_units: Vec<Unit>,
}

impl Monitor {
    /// What it was bound from.
    #[must_use]
    pub fn spec(&self) -> &ChangesSpec {
        &self.spec
    }
}

impl ChangesSpec {
    /// The columns it reads, each as often as it is named.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let value = self.value.iter().map(String::as_str);
        value
            .chain(self.stages.iter().map(|s| s.column.as_str()))
            .chain(self.thresholds.iter().map(|t| t.column.as_str()))
            .chain(self.behaviours.iter().map(|b| b.column.as_str()))
    }

    /// Checks it against the columns of an engine, and reports every problem at its place under `path`. `None` if there was an error.
    pub fn bind(&self, schema: &Schema, path: &str, problems: &mut Diagnostics) -> Option<Monitor> {
        let mut checker = Checker {
            schema,
            path,
            problems,
            failed: false,
        };
        if let Some(value) = &self.value
            && let Some(unit) = checker.number("value", value)
            && unit != Unit::Money
        {
            let message = format!("`{value}` is a number ({unit}), not money");
            checker.error(Code::Type, "value", message, None);
        }
        for (i, watch) in self.stages.iter().enumerate() {
            checker.stage(i, watch);
        }
        let mut threshold_units = Vec::new();
        for (i, watch) in self.thresholds.iter().enumerate() {
            let place = format!("thresholds[{i}]");
            threshold_units.extend(checker.number(&format!("{place}.column"), &watch.column));
            if !watch.at.is_finite() {
                let message = format!("`{}` is not a number", watch.at);
                checker.error(Code::Range, &format!("{place}.at"), message, None);
            }
        }
        let mut behaviour_units = Vec::new();
        for (i, watch) in self.behaviours.iter().enumerate() {
            let place = format!("behaviours[{i}]");
            behaviour_units.extend(checker.number(&format!("{place}.column"), &watch.column));
            for (field, limit) in [("share", watch.share), ("amount", watch.amount)] {
                if let Some(limit) = limit.filter(|limit| !(limit.is_finite() && *limit > 0.0)) {
                    let message = format!("`{limit}` is not above 0");
                    checker.error(Code::Range, &format!("{place}.{field}"), message, None);
                }
            }
            if watch.share.is_none() && watch.amount.is_none() {
                let message = "nothing says how large a change is news".to_owned();
                let help = "set `share` or `amount`";
                checker.error(Code::Missing, &place, message, Some(help));
            }
        }
        (!checker.failed).then(|| Monitor {
            spec: self.clone(),
            threshold_units,
            behaviour_units,
        })
    }
}

struct Checker<'a> {
    schema: &'a Schema,
    path: &'a str,
    problems: &'a mut Diagnostics,
    failed: bool,
}

impl Checker<'_> {
    fn push(&mut self, problem: Diagnostic) {
        self.failed = true;
        self.problems.push(problem);
    }

    fn place(&self, field: &str) -> Place {
        Place::at(format!("{}.{field}", self.path))
    }

    fn error(&mut self, code: Code, field: &str, message: String, help: Option<&str>) {
        let problem = Diagnostic::error(code, self.place(field), message);
        self.push(match help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    /// What a column is, or that there is none.
    fn kind(&mut self, field: &str, column: &str) -> Option<Kind> {
        let found = self.schema.slot(column).and_then(|s| self.schema.field(s));
        if found.is_none() {
            let message = format!("there is no column `{column}`");
            let problem = Diagnostic::error(Code::UnknownName, self.place(field), message);
            self.push(problem.did_you_mean(column, self.schema.names()));
        }
        found.map(|field| field.kind().clone())
    }

    /// The unit of a column of numbers.
    fn number(&mut self, field: &str, column: &str) -> Option<Unit> {
        let what = match self.kind(field, column)? {
            Kind::Number(Unit::Flag) => "a flag",
            Kind::Number(Unit::Date) => "a date",
            Kind::Number(unit) => return Some(unit),
            Kind::Category(_) => "a word",
        };
        let message = format!("`{column}` is {what}, not a number");
        self.error(Code::Type, field, message, None);
        None
    }

    fn stage(&mut self, at: usize, watch: &StageWatch) {
        let place = format!("stages[{at}]");
        let column = &watch.column;
        let known = match self.kind(&format!("{place}.column"), column) {
            Some(Kind::Category(words)) => words,
            Some(Kind::Number(unit)) => {
                let message = format!("`{column}` is a number ({unit}), not a word");
                self.error(Code::Type, &format!("{place}.column"), message, None);
                return;
            }
            None => return,
        };
        let lists = [
            ("at_risk", &watch.at_risk),
            ("churned", &watch.churned),
            ("won_back", &watch.won_back),
        ];
        let mut seen: Vec<&str> = Vec::new();
        for (field, words) in lists {
            for (i, word) in words.iter().enumerate() {
                let field = format!("{place}.{field}[{i}]");
                if !known.contains(word) {
                    let message = format!("`{column}` is never `{word}`");
                    let problem = Diagnostic::error(Code::UnknownName, self.place(&field), message);
                    self.push(problem.did_you_mean(word, known.iter().map(String::as_str)));
                }
                if seen.contains(&word.as_str()) {
                    let message = format!("`{word}` is there twice, and a word means one thing");
                    self.error(Code::Conflict, &field, message, Some("leave one out"));
                }
                seen.push(word);
            }
        }
    }
}
