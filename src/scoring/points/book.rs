//! Replaying a log: what each trigger gave, and what that is worth on a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PointLog, PointRule, Repeat};
use crate::model::{Day, Days};

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
pub(super) struct BoundRule {
    pub rule: PointRule,
    pub cap: Option<f64>,
}

/// Checked rules: reads and writes logs.
#[derive(Debug, Clone)]
pub struct PointBook {
    pub(super) rules: Vec<BoundRule>,
    /// By name.
    pub(super) positions: BTreeMap<String, usize>,
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
        for (name, own) in log.by_rule() {
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
