//! What triggered which rule on which day.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::Day;

/// What triggered which rule on which day: all there is to keep for one customer.
///
/// Two logs are equal when the same things were said, in whatever order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Data", into = "Data")]
pub struct PointLog {
    /// Ascending by rule and day, each pair once: one list, shared until it changes, for logs are copied at every
    /// review.
    triggers: Arc<Vec<Noted>>,
}

/// A rule was triggered on a day, so many times: at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    rule: Arc<str>,
    pub day: Day,
    pub times: u32,
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
        let trigger = |noted: &Noted| Trigger {
            day: noted.day,
            rule: noted.rule.as_ref().to_owned(),
            times: noted.times,
        };
        let mut triggers: Vec<Trigger> = log.triggers.iter().map(trigger).collect();
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

    /// Notes that a rule was triggered exactly so many times on a day, as [`PointBook::award_times`](super::PointBook::award_times) does, without asking
    /// what that gives.
    pub fn note(&mut self, rule: &str, day: Day, times: u32) {
        match (self.search(rule, day), times) {
            (Ok(at), 0) => {
                Arc::make_mut(&mut self.triggers).remove(at);
            }
            (Err(_), 0) => {}
            (Ok(at), _) => {
                if self.triggers.get(at).is_some_and(|n| n.times != times)
                    && let Some(noted) = Arc::make_mut(&mut self.triggers).get_mut(at)
                {
                    noted.times = times;
                }
            }
            (Err(at), _) => {
                let rule = self.name(rule);
                Arc::make_mut(&mut self.triggers).insert(at, Noted { rule, day, times });
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
        Arc::make_mut(&mut self.triggers).splice(known, noted);
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
        if self.triggers.iter().any(|noted| noted.day > day) {
            Arc::make_mut(&mut self.triggers).retain(|noted| noted.day <= day);
        }
    }

    /// The last day before another one on which a rule was triggered.
    pub(crate) fn last_before(&self, rule: &str, day: Day) -> Option<Day> {
        let own = self.of(rule);
        let earlier = own.partition_point(|noted| noted.day < day);
        own.get(earlier.checked_sub(1)?).map(|noted| noted.day)
    }

    /// How many times a rule was triggered on a day.
    pub(super) fn times(&self, rule: &str, day: Day) -> Option<u32> {
        let at = self.search(rule, day).ok()?;
        self.triggers.get(at).map(|noted| noted.times)
    }

    fn raise(&mut self, rule: &str, day: Day, times: u32) {
        let known = self.times(rule, day).unwrap_or(0);
        if times > known {
            self.note(rule, day, times);
        }
    }

    /// Each rule with its triggers, ascending by day.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (&str, &[Noted])> {
        let rules = self.triggers.chunk_by(|a, b| a.rule == b.rule);
        rules.map(|own| (own.first().map_or("", |noted| noted.rule.as_ref()), own))
    }

    /// Takes over what the other log says; where both speak of one rule and day, the larger number of times
    /// counts. Any order of merges gives the same log.
    pub fn merge(&mut self, other: &Self) {
        for noted in other.triggers.iter() {
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
