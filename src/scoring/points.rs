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

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Day, Days};

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

/// What triggered which rule on which day: all there is to keep for one customer.
///
/// Two logs are equal when the same things were said, in whatever order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Data", into = "Data")]
pub struct PointLog {
    /// Ascending by rule and day, each pair once: one list, for logs are copied at every review.
    triggers: Vec<Noted>,
}

/// A rule was triggered on a day, so many times: at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Noted {
    rule: Arc<str>,
    day: Day,
    times: u32,
}

/// The version of the written form.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    version: u32,
    triggers: Vec<Trigger>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trigger {
    day: Day,
    rule: String,
    #[serde(default = "once", skip_serializing_if = "is_once")]
    times: u32,
}

fn once() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_once(times: &u32) -> bool {
    *times == 1
}

impl From<PointLog> for Data {
    fn from(log: PointLog) -> Self {
        let trigger = |noted: Noted| Trigger {
            day: noted.day,
            rule: noted.rule.as_ref().to_owned(),
            times: noted.times,
        };
        let mut triggers: Vec<Trigger> = log.triggers.into_iter().map(trigger).collect();
        // By rule already.
        triggers.sort_by_key(|trigger| trigger.day);
        Self {
            version: VERSION,
            triggers,
        }
    }
}

impl TryFrom<Data> for PointLog {
    type Error = Error;
    fn try_from(data: Data) -> Result<Self, Error> {
        if data.version != VERSION {
            return Err(Error::misuse(format!(
                "a point log of version {} is not one of version {VERSION}",
                data.version
            )));
        }
        let mut log = Self::new();
        for Trigger { day, rule, times } in data.triggers {
            log.raise(&rule, day, times);
        }
        Ok(log)
    }
}

impl PointLog {
    /// Nothing was triggered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a rule was triggered exactly so many times on a day, as [`PointBook::award_times`] does, without asking
    /// what that gives.
    pub fn note(&mut self, rule: &str, day: Day, times: u32) {
        match (self.search(rule, day), times) {
            (Ok(at), 0) => {
                self.triggers.remove(at);
            }
            (Err(_), 0) => {}
            (Ok(at), _) => {
                if let Some(noted) = self.triggers.get_mut(at) {
                    noted.times = times;
                }
            }
            (Err(at), _) => {
                let rule = self.name(rule);
                self.triggers.insert(at, Noted { rule, day, times });
            }
        }
    }

    /// Where a rule and a day are, or would be.
    fn search(&self, rule: &str, day: Day) -> Result<usize, usize> {
        self.triggers
            .binary_search_by(|noted| noted.rule.as_ref().cmp(rule).then(noted.day.cmp(&day)))
    }

    /// Where the triggers of a rule are.
    fn span(&self, rule: &str) -> Range<usize> {
        let start = self
            .triggers
            .partition_point(|noted| noted.rule.as_ref() < rule);
        let rest = self.triggers.get(start..).unwrap_or_default();
        let own = rest.iter().take_while(|noted| noted.rule.as_ref() == rule);
        start..start + own.count()
    }

    /// The triggers of a rule, ascending by day.
    fn of(&self, rule: &str) -> &[Noted] {
        self.triggers.get(self.span(rule)).unwrap_or_default()
    }

    /// A name that is there is shared.
    fn name(&self, rule: &str) -> Arc<str> {
        let known = self.of(rule).first();
        known.map_or_else(|| rule.into(), |noted| Arc::clone(&noted.rule))
    }

    /// A rule was triggered on these days, ascending, and on no other day up to `as_of`.
    pub(crate) fn note_all<I: Iterator<Item = (Day, u32)>>(
        &mut self,
        rule: &str,
        as_of: Day,
        days: impl Fn() -> I,
    ) {
        let days = || days().filter(|(_, times)| *times > 0);
        let own = self.of(rule);
        let known = own.iter().take_while(|noted| noted.day <= as_of);
        // Most reviews find nothing new.
        if known
            .clone()
            .map(|noted| (noted.day, noted.times))
            .eq(days())
        {
            return;
        }
        let start = self.span(rule).start;
        let known = start..start + known.count();
        let rule = self.name(rule);
        let noted = days().map(|(day, times)| Noted {
            rule: Arc::clone(&rule),
            day,
            times,
        });
        self.triggers.splice(known, noted);
    }

    /// Takes back every trigger of a rule up to a day, before they are noted anew.
    pub(crate) fn forget(&mut self, rule: &str, as_of: Day) {
        self.note_all(rule, as_of, std::iter::empty);
    }

    /// The days on which something was triggered, ascending.
    pub(crate) fn days(&self) -> impl Iterator<Item = Day> {
        let mut days: Vec<Day> = self.triggers.iter().map(|noted| noted.day).collect();
        days.sort_unstable();
        days.into_iter()
    }

    /// Takes back every trigger after a day.
    pub(crate) fn forget_after(&mut self, day: Day) {
        self.triggers.retain(|noted| noted.day <= day);
    }

    /// The last day before another one on which a rule was triggered.
    pub(crate) fn last_before(&self, rule: &str, day: Day) -> Option<Day> {
        let own = self.of(rule);
        let earlier = own.partition_point(|noted| noted.day < day);
        own.get(earlier.checked_sub(1)?).map(|noted| noted.day)
    }

    /// How many times a rule was triggered on a day.
    fn times(&self, rule: &str, day: Day) -> Option<u32> {
        let at = self.search(rule, day).ok()?;
        self.triggers.get(at).map(|noted| noted.times)
    }

    fn raise(&mut self, rule: &str, day: Day, times: u32) {
        let known = self.times(rule, day).unwrap_or(0);
        if times > known {
            self.note(rule, day, times);
        }
    }

    /// Takes over what the other log says; where both speak of one rule and day, the larger number of times
    /// counts. Any order of merges gives the same log.
    pub fn merge(&mut self, other: &Self) {
        for noted in &other.triggers {
            self.raise(&noted.rule, noted.day, noted.times);
        }
    }

    /// How many triggers it holds: pairs of a rule and a day.
    #[must_use]
    pub fn len(&self) -> usize {
        self.triggers.len()
    }

    /// Nothing was triggered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.triggers.is_empty()
    }
}

/// Why a trigger gave what it gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// All of the points.
    Given,
    /// A part of the points, or none: the cap of the group was reached.
    Capped,
    /// None: the rule gives its points once, and did.
    AlreadyGiven,
    /// None: the rule cools down until that day.
    CoolingDown(Day),
    /// None: the condition held on that day, which is over.
    Over,
    /// None: the policy has no such rule.
    UnknownRule,
}

/// What one trigger gave.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Award {
    /// What the rule says, times the number of times; 0 for an unknown rule.
    pub wanted: f64,
    /// What was given, after repeat and cap.
    pub awarded: f64,
    /// Why.
    pub outcome: Outcome,
}

/// One line of the replayed log.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PointLine<'a> {
    /// The rule.
    pub rule: &'a str,
    /// The day of the trigger.
    pub day: Day,
    /// What it gave then.
    pub award: Award,
    /// What that is worth on the day asked for.
    pub points: f64,
}

#[derive(Debug, Clone)]
struct BoundRule {
    rule: PointRule,
    cap: Option<f64>,
}

/// Checked rules: reads and writes logs.
#[derive(Debug, Clone)]
pub struct PointBook {
    rules: Vec<BoundRule>,
    /// By name.
    positions: BTreeMap<String, usize>,
}

impl PointBook {
    /// The rules, in their order.
    pub fn rules(&self) -> impl Iterator<Item = &PointRule> {
        self.rules.iter().map(|r| &r.rule)
    }

    /// The rule was triggered on that day: once, or as often as the log knows already. Returns what that gives. An unknown
    /// rule leaves the log as it is.
    pub fn award(&self, log: &mut PointLog, rule: &str, day: Day) -> Award {
        let known = log.times(rule, day);
        self.award_times(log, rule, day, known.unwrap_or(1))
    }

    /// The rule was triggered exactly that many times on that day, as far as is known now: three purchases, or none
    /// any more after a refund. Only [`Repeat::Every`] counts more than one.
    pub fn award_times(&self, log: &mut PointLog, rule: &str, day: Day, times: u32) -> Award {
        let nothing = |outcome| Award {
            wanted: 0.0,
            awarded: 0.0,
            outcome,
        };
        if !self.positions.contains_key(rule) {
            return nothing(Outcome::UnknownRule);
        }
        log.note(rule, day, times);
        if times == 0 {
            return nothing(Outcome::Given);
        }
        self.lines(log, day)
            .find(|line| line.day == day && line.rule == rule)
            .map_or(nothing(Outcome::UnknownRule), |line| line.award)
    }

    /// The points on that day: the lines added in their order, to the last bit. Triggers after that day do not count.
    #[must_use]
    pub fn total(&self, log: &PointLog, as_of: Day) -> f64 {
        // From plus zero: an empty sum of floats is minus zero.
        self.lines(log, as_of)
            .fold(0.0, |total, line| total + line.points)
    }

    /// Every trigger up to that day, in the order of the replay, with what it gave and what that is worth on that day.
    pub fn lines<'a>(
        &'a self,
        log: &'a PointLog,
        as_of: Day,
    ) -> impl Iterator<Item = PointLine<'a>> {
        let mut triggers: Vec<(Day, bool, usize, &str, u32)> = Vec::with_capacity(log.len());
        for own in log.triggers.chunk_by(|a, b| a.rule == b.rule) {
            let name = own.first().map_or("", |noted| noted.rule.as_ref());
            let position = self.positions.get(name).copied();
            let rule = position.and_then(|p| self.rules.get(p));
            let passing = rule.is_some_and(|r| r.rule.repeat == Repeat::While);
            let position = position.unwrap_or(usize::MAX);
            let known = own.iter().take_while(|noted| noted.day <= as_of);
            triggers.extend(known.map(|n| (n.day, passing, position, name, n.times)));
        }
        // What passes comes last, so that it takes no room from what stays.
        triggers.sort_unstable();
        let mut states = vec![State::default(); self.rules.len()];
        triggers
            .into_iter()
            .map(move |(day, _, position, name, times)| {
                let award = self.replay(&mut states, position, day, times, as_of);
                let half_life = self.rules.get(position).and_then(|r| r.rule.half_life);
                PointLine {
                    rule: name,
                    day,
                    award,
                    points: decayed(award.awarded, as_of - day, half_life),
                }
            })
    }

    /// What a trigger gives after those before it.
    fn replay(
        &self,
        states: &mut [State],
        position: usize,
        day: Day,
        times: u32,
        as_of: Day,
    ) -> Award {
        let Some(bound) = self.rules.get(position) else {
            return Award {
                wanted: 0.0,
                awarded: 0.0,
                outcome: Outcome::UnknownRule,
            };
        };
        let rule = &bound.rule;
        let times = if rule.repeat == Repeat::Every {
            times
        } else {
            1
        };
        let wanted = rule.points * f64::from(times);
        let last = states.get(position).and_then(|s| s.last);
        let refused = match (rule.repeat, last) {
            (Repeat::Once, Some(_)) => Some(Outcome::AlreadyGiven),
            (Repeat::CoolDown(days), Some(last)) if day < last.plus(days) => {
                Some(Outcome::CoolingDown(last.plus(days)))
            }
            (Repeat::While, _) if day != as_of => Some(Outcome::Over),
            _ => None,
        };
        if let Some(outcome) = refused {
            return Award {
                wanted,
                awarded: 0.0,
                outcome,
            };
        }
        let awarded = match bound.cap {
            None => wanted,
            Some(cap) => {
                let taken = self.taken(states, rule, day);
                let room = (cap - taken).max(0.0);
                wanted.clamp(-room, room) + 0.0 // never minus zero
            }
        };
        if let Some(state) = states.get_mut(position) {
            state.points = decayed(state.points, since(state.last, day), rule.half_life) + awarded;
            state.last = Some(day);
        }
        let outcome = if awarded == wanted {
            Outcome::Given
        } else {
            Outcome::Capped
        };
        Award {
            wanted,
            awarded,
            outcome,
        }
    }

    /// How much of the cap of its group is taken on that day, on the rule's side of zero: at least 0.
    fn taken(&self, states: &[State], rule: &PointRule, day: Day) -> f64 {
        self.rules
            .iter()
            .zip(states)
            .filter(|(other, _)| {
                other.rule.group == rule.group && (other.rule.points > 0.0) == (rule.points > 0.0)
            })
            .map(|(other, state)| {
                decayed(state.points, since(state.last, day), other.rule.half_life).abs()
            })
            .sum()
    }
}

/// Where a rule stands in the replay.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// The day it last gave points.
    last: Option<Day>,
    /// What all it gave is worth on that day.
    points: f64,
}

fn since(last: Option<Day>, day: Day) -> Days {
    last.map_or(Days::new(0), |last| day - last)
}

fn decayed(points: f64, age: Days, half_life: Option<Days>) -> f64 {
    match half_life {
        Some(half_life) if age.get() > 0 => {
            points * (-f64::from(age.get()) / f64::from(half_life.get())).exp2()
        }
        _ => points,
    }
}
