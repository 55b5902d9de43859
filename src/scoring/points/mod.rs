//! Point books: additive rules, and a total that is always the sum of its log.
//!
//! The host judges when a rule applies (its condition holds, its record arrived) and says so: *this rule, that
//! day, so many times*. The [`PointLog`] keeps only that, so it does not depend on the order in which the host
//! says it, saying it twice changes nothing, and two logs of one customer can be merged. What a trigger is worth
//! follows from replaying the log in the order of the days (and of the rules within a day):
//!
//! 1. **Repeat.** A rule may give points [every](Repeat::Every) time, [once](Repeat::Once), not again for some
//!    days ([cool-down](Repeat::CoolDown)), or only [while](Repeat::While) its condition holds.
//! 2. **Cap.** With the cap *c* of its group, points that would bring the group's positive points of that day, as far as
//!    they have decayed, above *c* are cut off; likewise what would bring its negative ones below −*c*. So at every
//!    day the group's total is within −*c* and *c* (but for the rounding of the sum).
//! 3. **Decay.** With a half-life *h*, points given *a* days ago are worth 2^(−*a*/*h*) of what was given.
//!
//! A changed policy therefore counts for the past too. Points that must outlive a change of the policy belong to a
//! rule that stays in it.

mod book;
mod log;

pub use book::{Award, Outcome, PointBook, PointLine};
pub use log::PointLog;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use book::BoundRule;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::Days;

/// The most points a rule gives or takes at once, and the highest cap: sums stay far from the end of `f64`.
const MAX_POINTS: f64 = 1e9;

/// How often a rule gives its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Only on the day itself: the condition holds now. Yesterday's trigger is worth nothing today.
    While,
    /// At every trigger, as many times as it says.
    Every,
    /// At the first trigger, and never again.
    Once,
    /// Not again until that many days after the last time. In a policy: `repeat = { cool_down = "30 days" }`.
    CoolDown(Days),
}

/// One rule, as a policy writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointRule {
    /// The name, which the log keeps. A renamed rule is another rule.
    pub name: String,
    /// What it gives or, below zero, takes: up to 1,000,000,000 either way.
    pub points: f64,
    /// How often.
    pub repeat: Repeat,
    /// The group whose cap it shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// After so many days its points are worth half. Without it they keep their worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life: Option<Days>,
    /// The condition that triggers it, in the rule language. Not read here: whoever evaluates it tells the book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The kind of record that triggers it, such as `purchase`. Not read here. A rule with neither is triggered
    /// by the host alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
}

/// What a policy says about points.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::Day;
/// use customer_value::scoring::{PointLog, PointsSpec};
///
/// let spec: PointsSpec = toml::from_str(r#"
///     caps = { activity = 50 }
///     rules = [
///         { name = "purchase", points = 30, repeat = "every", group = "activity", half_life = "90 days" },
///         { name = "welcome", points = 10, repeat = "once" },
///     ]
/// "#)?;
/// let book = spec.bind("points", &mut Diagnostics::new()).expect("nothing is wrong");
///
/// let (monday, tuesday): (Day, Day) = ("2024-01-01".parse()?, "2024-01-02".parse()?);
/// let mut log = PointLog::new();
/// assert_eq!(book.award(&mut log, "purchase", monday).awarded, 30.0);
/// book.award(&mut log, "purchase", monday); // said twice, counted once
/// book.award(&mut log, "welcome", monday);
/// assert_eq!(book.total(&log, monday), 40.0);
///
/// let second = book.award(&mut log, "purchase", tuesday);
/// assert!(second.awarded < 30.0); // the cap of 50
/// let later: Day = "2024-03-31".parse()?; // 90 days after monday
/// let sum: f64 = book.lines(&log, later).map(|line| line.points).sum();
/// assert_eq!(book.total(&log, later), sum);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsSpec {
    /// The rules. Within one day they apply in this order, those with [`Repeat::While`] after the others.
    pub rules: Vec<PointRule>,
    /// The cap of each group that has one: above 0, at most 1,000,000,000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caps: BTreeMap<String, f64>,
}

impl PointsSpec {
    /// Checks everything; `path` is where the points are in the policy. `None` if there was an error among the
    /// problems that were added.
    #[must_use]
    pub fn bind(&self, path: &str, problems: &mut Diagnostics) -> Option<PointBook> {
        let mut found = Diagnostics::new();
        let mut positions = BTreeMap::new();
        for (i, rule) in self.rules.iter().enumerate() {
            let at = |field: &str| Place::at(format!("{path}.rules[{i}].{field}"));
            let mut add = |code, field, message: String| {
                found.push(Diagnostic::error(code, at(field), message));
            };
            let name = rule.name.as_str();
            if name.trim().is_empty() {
                add(Code::InvalidName, "name", "a rule needs a name".to_owned());
            } else if positions.insert(rule.name.clone(), i).is_some() {
                let message = format!("there are two rules named `{name}`");
                add(Code::DuplicateName, "name", message);
            }
            if !(rule.points != 0.0 && rule.points.abs() <= MAX_POINTS) {
                let points = rule.points;
                let message =
                    format!("`{points}` points are none, or more than {MAX_POINTS} either way");
                add(Code::Range, "points", message);
            }
            if rule.half_life.is_some_and(|h| h.get() < 1) {
                let message = "a half-life is at least 1 day".to_owned();
                add(Code::Range, "half_life", message);
            }
            if matches!(rule.repeat, Repeat::CoolDown(days) if days.get() < 1) {
                let message = "a cool-down is at least 1 day".to_owned();
                add(Code::Range, "repeat", message);
            }
            if rule.when.is_some() && rule.per.is_some() {
                let message = format!("`{name}` has both `when` and `per`");
                add(Code::Conflict, "per", message);
            }
            if rule.repeat == Repeat::While && rule.half_life.is_some() {
                let message = format!("`{name}` counts for one day only, so nothing decays");
                found.push(Diagnostic::warning(Code::Unused, at("half_life"), message));
            }
        }
        let groups = || self.rules.iter().filter_map(|r| r.group.as_deref());
        for (group, cap) in &self.caps {
            let place = Place::at(format!("{path}.caps.{group}"));
            if !(*cap > 0.0 && *cap <= MAX_POINTS) {
                let message = format!("a cap of `{cap}` is not above 0 and at most {MAX_POINTS}");
                found.push(Diagnostic::error(Code::Range, place.clone(), message));
            }
            if !groups().any(|g| g == group) {
                let message = format!("no rule is in the group `{group}`");
                let problem = Diagnostic::error(Code::UnknownName, place, message);
                found.push(problem.did_you_mean(group, groups()));
            }
        }
        let wrong = found.has_errors();
        problems.extend(found);
        (!wrong).then(|| PointBook {
            rules: self
                .rules
                .iter()
                .map(|rule| BoundRule {
                    cap: rule.group.as_ref().and_then(|g| self.caps.get(g)).copied(),
                    rule: rule.clone(),
                })
                .collect(),
            positions,
        })
    }
}
