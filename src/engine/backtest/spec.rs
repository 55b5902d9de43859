//! What a backtest is to try.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Customer, Day, Days, Unit};
use crate::rules::{Expr, Rule};
use crate::table::{Schema, Slot};

use super::super::worse::Worse;

/// What a backtest is to try: rules, the day on which they flag, and how long a silence has to last.
///
/// Rules read the columns of the engine. What its policy does not use has to be listed under `metrics` there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Backtest {
    /// The day on which the rules flag: what was booked by its close is known, and nothing later.
    pub as_of: Day,
    /// Who has no purchase in that many days after `as_of` is lost; at least 1.
    pub horizon: Days,
    /// How many days apart earlier alerts are looked for, back from `as_of`; at least 1, 7 if left out.
    #[serde(default = "week")]
    pub step: Days,
    /// Only customers for whom this is true on `as_of`, such as `active_days >= 2`; everybody who has bought if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub among: Option<Expr>,
    /// The rules.
    pub rules: Vec<BacktestRule>,
    /// Customers with their attributes, which are not dated: they are taken as known from the beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<Customer>,
}

fn week() -> Days {
    Days::new(7)
}

/// A rule with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestRule {
    /// What it is called in the report; no two rules have one name.
    pub name: String,
    /// Whom it flags.
    pub flag: Flag,
}

/// Whom a rule flags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Flag {
    /// For whom this is true; whom it is unknown for is not flagged. Conditions on the population (`percentile(spend) < 20`)
    /// are cut at that of `as_of`.
    When(Expr),
    /// Those with the worst numbers in a column: just so many that recall is at least that of another rule. Equal numbers are
    /// flagged together, and whose number is not known is not flagged.
    ///
    /// The threshold is chosen by what came later: it compares two ways of ranking at equal recall, and is no rule to use. If not
    /// even all known numbers reach that recall, all of them are flagged, and the report says what recall that has.
    AtRecallOf {
        /// The column, of numbers.
        column: String,
        /// Whether more or less of it is worse.
        worse: Worse,
        /// The name of the other rule; it comes before this one in the list.
        rule: String,
    },
}

impl Backtest {
    /// No rule yet; alerts are looked for every week.
    #[must_use]
    pub fn new(as_of: Day, horizon: Days) -> Self {
        Self {
            as_of,
            horizon,
            step: week(),
            among: None,
            rules: Vec::new(),
            customers: Vec::new(),
        }
    }

    /// With a rule that flags those for whom it is true.
    #[must_use]
    pub fn when(self, name: impl Into<String>, when: Expr) -> Self {
        self.rule(name, Flag::When(when))
    }

    /// With a column that is cut where its recall is that of a rule before it; see [`Flag::AtRecallOf`].
    #[must_use]
    pub fn at_recall_of(
        self,
        name: impl Into<String>,
        column: impl Into<String>,
        worse: Worse,
        rule: impl Into<String>,
    ) -> Self {
        let (column, rule) = (column.into(), rule.into());
        let flag = Flag::AtRecallOf {
            column,
            worse,
            rule,
        };
        self.rule(name, flag)
    }

    fn rule(mut self, name: impl Into<String>, flag: Flag) -> Self {
        let name = name.into();
        self.rules.push(BacktestRule { name, flag });
        self
    }

    /// Everything that is wrong with it, for an engine with these columns; with the warnings of its rules.
    #[must_use]
    pub fn check(&self, schema: &Schema) -> Diagnostics {
        let mut problems = Diagnostics::new();
        self.bind(schema, &mut problems);
        problems
    }

    /// The rules bound to columns; `None` if there is an error.
    pub(super) fn bind(&self, schema: &Schema, problems: &mut Diagnostics) -> Option<Bound> {
        for (field, days) in [("horizon", self.horizon), ("step", self.step)] {
            if days.get() < 1 {
                let message = format!("`{days}` is not a length of time to look at");
                let problem = Diagnostic::error(Code::Range, Place::at(field), message);
                problems.push(problem.help("set at least `1 day`"));
            }
        }
        if self.rules.is_empty() {
            let message = "there is no rule to try";
            problems.push(Diagnostic::error(
                Code::Missing,
                Place::at("rules"),
                message,
            ));
        }
        let among = self.among.as_ref();
        let among = among.map(|expr| expr.bind(schema, &Place::at("among"), problems));
        let mut rules = Vec::new();
        for (i, rule) in self.rules.iter().enumerate() {
            let before = self.rules.get(..i).unwrap_or_default();
            if before.iter().any(|other| other.name == rule.name) {
                let place = Place::at(format!("rules[{i}].name"));
                let message = format!("there is another rule named `{}`", rule.name);
                problems.push(Diagnostic::error(Code::DuplicateName, place, message));
            }
            rules.extend(rule.flag.bind(i, before, schema, problems));
        }
        (!problems.has_errors()).then(|| Bound {
            among: among.flatten(),
            rules,
        })
    }

    pub(super) fn bind_or_misuse(&self, schema: &Schema) -> Result<Bound, Error> {
        let mut problems = Diagnostics::new();
        let bound = self.bind(schema, &mut problems);
        bound.ok_or_else(|| Error::misuse(problems.to_string()))
    }
}

impl Flag {
    fn bind(
        &self,
        at: usize,
        before: &[BacktestRule],
        schema: &Schema,
        problems: &mut Diagnostics,
    ) -> Option<BoundFlag> {
        let place = |field: &str| Place::at(format!("rules[{at}].flag.{field}"));
        match self {
            Self::When(expr) => {
                let rule = expr.bind(schema, &place("when"), problems)?;
                Some(BoundFlag::When(rule))
            }
            Self::AtRecallOf {
                column,
                worse,
                rule,
            } => {
                let of = before.iter().position(|other| other.name == *rule);
                if of.is_none() {
                    let message = format!("there is no rule `{rule}` before this one");
                    let names = before.iter().map(|other| other.name.as_str());
                    let problem =
                        Diagnostic::error(Code::UnknownName, place("at_recall_of.rule"), message);
                    problems.push(problem.did_you_mean(rule, names));
                }
                let slot = schema.slot(column);
                let unit = slot.and_then(|slot| schema.field(slot)?.unit());
                let place = place("at_recall_of.column");
                let problem = match (slot, unit) {
                    (Some(_), Some(Unit::Date | Unit::Flag) | None) => Some(Diagnostic::error(
                        Code::Type,
                        place,
                        format!("`{column}` has no numbers to rank by"),
                    )),
                    (Some(_), Some(_)) => None,
                    (None, _) => Some(
                        Diagnostic::error(
                            Code::UnknownName,
                            place,
                            format!("there is no column `{column}`"),
                        )
                        .did_you_mean(column, schema.names()),
                    ),
                };
                if let Some(problem) = problem {
                    problems.push(problem);
                    return None;
                }
                Some(BoundFlag::AtRecallOf {
                    slot: slot?,
                    worse: *worse,
                    of: of?,
                })
            }
        }
    }
}

/// A backtest whose names are columns.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) among: Option<Rule>,
    pub(super) rules: Vec<BoundFlag>,
}

#[derive(Debug, Clone)]
pub(super) enum BoundFlag {
    When(Rule),
    AtRecallOf {
        slot: Slot,
        worse: Worse,
        /// The position of the other rule.
        of: usize,
    },
}
