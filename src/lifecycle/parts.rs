//! The bound stages and transitions: names are columns and bits.

use super::position::StageId;
use crate::model::{Day, Days};
use crate::rules::Rule;
use crate::table::{Row, Slot};

/// A bound stage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stage {
    pub name: String,
    pub rank: Option<u32>,
    pub enter: Option<Rule>,
    pub leave: Option<Rule>,
    pub is_final: bool,
    pub on_enter: Vec<String>,
    pub on_leave: Vec<String>,
}

/// A date column and days after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Date {
    pub slot: Slot,
    pub plus: Days,
}

impl Date {
    /// The date in the column, without the days after it.
    #[allow(clippy::cast_possible_truncation)] // a cast saturates, and the range is checked after it
    fn base(self, row: Row<'_>) -> Option<Day> {
        let date = row.number(self.slot)?.floor() as i32;
        Day::from_epoch_days(date).ok()
    }
}

/// What a transition asks of time: days in the stage that it leads away from, and days since a date.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Timers {
    pub after: Option<Days>,
    pub quiet: Option<Date>,
}

impl Timers {
    pub fn any(&self) -> bool {
        self.after.is_some() || self.quiet.is_some()
    }

    /// The days that count, each from which day, for a customer who came into the stage on a day.
    fn counted(&self, row: Row<'_>, came: Day) -> [Option<(Day, Days)>; 2] {
        let after = self.after.map(|days| (came, days));
        let quiet = self
            .quiet
            .map(|date| (date.base(row).unwrap_or(came), date.plus));
        [after, quiet]
    }

    fn are_up(&self, row: Row<'_>, came: Day, as_of: Day) -> bool {
        let counted = self.counted(row, came);
        counted
            .iter()
            .flatten()
            .all(|(from, days)| as_of - *from >= *days)
    }

    /// The day on which they were up; `None` if nothing is asked of time.
    fn due(&self, row: Row<'_>, came: Day) -> Option<Day> {
        let counted = self.counted(row, came);
        counted
            .iter()
            .flatten()
            .map(|(from, days)| from.plus(*days))
            .max()
    }

    /// Whether these are up whenever the others are.
    pub fn follow_from(&self, others: &[&Self]) -> bool {
        let after = |days: Days| {
            let longest = others.iter().filter_map(|other| other.after).max();
            longest.is_some_and(|longest| longest >= days)
        };
        let quiet = |date: Date| {
            let same = others.iter().filter_map(|other| other.quiet);
            same.filter(|other| other.slot == date.slot)
                .any(|other| other.plus >= date.plus)
        };
        self.after.is_none_or(after) && self.quiet.is_none_or(quiet)
    }
}

/// A bound transition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transition {
    /// The stages it leads away from, one bit each; never its own goal.
    pub from: u64,
    pub to: StageId,
    pub when: Option<Rule>,
    pub timers: Timers,
    pub priority: i32,
    pub since: Option<Date>,
    pub why: String,
    pub actions: Vec<String>,
    /// What it asks of time, in words; empty for nothing.
    pub days: String,
}

impl Transition {
    /// Whether as much time has passed as it asks for, for a customer who came into a stage on a day.
    pub fn is_due(&self, row: Row<'_>, came: Day, as_of: Day) -> bool {
        !self.timers.any() || self.timers.are_up(row, came, as_of)
    }

    /// The day from which its goal holds, for a customer who was in a stage since `before` and had come there on a day; `alone` if
    /// nothing else is asked, by the stages or by itself, than that time passes.
    pub fn since(&self, row: Row<'_>, as_of: Day, (before, came): (Day, Day), alone: bool) -> Day {
        let said = self
            .since
            .and_then(|date| Some(date.base(row)?.plus(date.plus)));
        let due = || self.timers.due(row, came).filter(|_| alone);
        let since = said.or_else(due).unwrap_or(as_of);
        let earliest = if self.timers.any() { before } else { Day::MIN };
        since.max(earliest).min(as_of)
    }
}
