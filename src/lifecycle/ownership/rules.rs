//! Which rules are in force on which day.

use serde::{Deserialize, Serialize};

use super::spec::OwnershipSpec;
use crate::diagnostic::Diagnostics;
use crate::model::{Day, Days, Fingerprint};

/// Checked rules: made by [`OwnershipSpec::bind`]. Where they were [changed](Self::changed), the earlier ones too, each with the days
/// on which it is in force.
///
/// In serde it is a list of the rules, each but the first with its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Written>", into = "Vec<Written>")]
pub struct OwnershipRules {
    first: OwnershipSpec,
    /// Later ones, by their first day, ascending.
    later: Vec<(Day, OwnershipSpec)>,
}

impl OwnershipRules {
    pub(super) fn new(first: OwnershipSpec) -> Self {
        Self {
            first,
            later: Vec::new(),
        }
    }

    /// These rules, and others from the day after `on` on: nobody loses a customer, or is warned, by new rules on the day they
    /// are made.
    ///
    /// Of `new` it is what is in force on that next day; changes of these rules that were to come after `on` do not.
    #[must_use]
    pub fn changed(mut self, on: Day, new: &Self) -> Self {
        let from = on.next();
        self.later.retain(|(day, _)| *day < from);
        self.later.push((from, *new.at(from)));
        self
    }

    /// The rules without those that were not in force any more on a day: for when no customer was last reviewed before it.
    #[must_use]
    pub fn without_before(self, day: Day) -> Self {
        Self {
            first: *self.at(day),
            later: self
                .later
                .into_iter()
                .filter(|(from, _)| *from > day)
                .collect(),
        }
    }

    /// The rules in force on a day.
    #[must_use]
    pub fn at(&self, day: Day) -> &OwnershipSpec {
        let begun = self.later.iter().rev().find(|(from, _)| *from <= day);
        begun.map_or(&self.first, |(_, rules)| rules)
    }

    /// Tells the rules in force on a day from others.
    #[must_use]
    pub fn fingerprint(&self, day: Day) -> Fingerprint {
        Fingerprint::of(self.at(day))
    }

    /// The first day after one on which other rules are in force.
    pub(super) fn next_change(&self, after: Day) -> Option<Day> {
        let mut days = self.later.iter().map(|(from, _)| *from);
        days.find(|from| *from > after)
    }
}

/// A day so many days later; `None` beyond the calendar, and where there are none.
pub(super) fn later(day: Day, days: Option<Days>) -> Option<Day> {
    let day = day.epoch_days().checked_add(days?.get())?;
    Day::from_epoch_days(day).ok()
}

/// How rules are written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Day>,
    rules: OwnershipSpec,
}

impl From<OwnershipRules> for Vec<Written> {
    fn from(all: OwnershipRules) -> Self {
        let first = [(None, all.first)].into_iter();
        let later = all
            .later
            .into_iter()
            .map(|(from, rules)| (Some(from), rules));
        first
            .chain(later)
            .map(|(from, rules)| Written { from, rules })
            .collect()
    }
}

impl TryFrom<Vec<Written>> for OwnershipRules {
    type Error = String;
    fn try_from(written: Vec<Written>) -> Result<Self, String> {
        let mut problems = Diagnostics::new();
        for rules in &written {
            rules.rules.bind(&mut problems);
        }
        if problems.has_errors() {
            return Err(problems.to_string());
        }
        let mut written = written.into_iter();
        let first = written.next().filter(|first| first.from.is_none());
        let first = first.ok_or("the first rules are missing, or have a first day")?;
        let mut rules = Self::new(first.rules);
        for next in written {
            let last = rules.later.last().map(|(from, _)| *from);
            let from = next
                .from
                .filter(|from| last.is_none_or(|last| last < *from));
            let from = from.ok_or("the first days of later rules are missing, or do not ascend")?;
            rules.later.push((from, next.rules));
        }
        Ok(rules)
    }
}
