//! How long customers are in each stage, and where they go from there.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cross::CrossTable;
use super::poisson;
use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::survival::{MeanTime, SpellCount, Survival};
use crate::Error;
use crate::model::{Day, Days};
use crate::rules::language::ReportWord as Word;

/// A mean year of the Gregorian calendar, in days.
const YEAR: f64 = 365.2425;

/// A time that one customer was in one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spell {
    /// The code of the stage, from 0.
    pub stage: usize,
    /// The first day in it.
    pub from: Day,
    /// The first day in the next stage; where the customer is still in this one, the day on which that is known.
    pub to: Day,
    /// The code of the next stage; one that no stage has is unknown. `None`: still in this one.
    pub next: Option<usize>,
}

/// How long customers were in one stage, and where they went from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTime {
    name: String,
    survival: Survival,
    /// How many went to each stage; one past the last, to one that is not known.
    exits: Vec<u64>,
}

/// One way out of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageExit {
    /// The code of the stage it leads to; one past the last: not known.
    pub to: usize,
    /// How many times it was taken.
    pub count: u64,
    /// Of the times the stage was left, the share that this way was taken, 0 to 1. `None` where it was never left.
    pub share: Option<f64>,
    /// How many times it is taken in a customer-year, 365.2425 days that customers are in the stage. `None` where nobody was in
    /// it for a day.
    pub per_year: Option<f64>,
    /// The exact 95 % limits of that, for a count by chance (Poisson; Garwood 1936).
    pub interval: Option<(f64, f64)>,
}

/// How long customers are in each stage of a lifecycle, and where they go from there: time in stage, survival, transition
/// matrix and rates.
///
/// It takes spells: from when to when a customer was in a stage, and what came next. Those that go on count with the time up to
/// now, as [censored](Survival).
///
/// - [`mean_ended`](StageTime::mean_ended) and [`median_ended`](StageTime::median_ended) are of the spells that have ended:
///   what was seen, but not how long a stage lasts, for the long ones are still to end.
/// - [`survival`](StageTime::survival) and [`remaining`](StageTime::remaining) count those that go on too.
/// - the shares of the [exits](Self::exits) are of the spells that have ended, and the rates of the time spent.
///
/// As text it is a table of the stages and one of the ways between them.
///
/// ```
/// use customer_value::model::{Day, Days};
/// use customer_value::report::StageTimes;
///
/// let day = |n| Day::from_ymd(2024, 1, 1).unwrap().plus(Days::new(n));
/// let mut times = StageTimes::new(["trial", "active", "gone"]);
/// // Since when a customer was in which stage, and up to when that is known.
/// times.add_moves([(day(0), 0), (day(10), 1), (day(110), 2)], day(200));
/// times.add_moves([(day(50), 0), (day(80), 1)], day(200));
/// times.add_moves([(day(190), 0)], day(200));
///
/// let trial = &times.stages()[0];
/// assert_eq!((trial.entered(), trial.ended()), (3, 2));
/// assert_eq!(trial.mean_ended(), Some(20.0));
/// // Who is in the trial for 10 days has another 20 to go, of at most 20.
/// assert_eq!(trial.remaining(Days::new(10), Days::new(20)).unwrap().days, 20.0);
/// assert_eq!(times.matrix().count("active", "gone"), 1);
/// assert_eq!(times.to_string(), "\
/// stage   entered  ended  mean days  median days  half left by
/// trial         3      2       20.0         20.0            30
/// active        2      1      100.0        100.0           100
/// gone          1      0          -            -             -
///
/// way             count    share  per year  from     to
/// trial → active      2  100.0 %     14.61  1.77  52.78
/// active → gone       1  100.0 %      1.66  0.04   9.25
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTimes {
    stages: Vec<StageTime>,
}

impl StageTimes {
    /// No spell yet: the names of the stages in the order of their codes.
    #[must_use]
    pub fn new<N: Into<String>>(stages: impl IntoIterator<Item = N>) -> Self {
        let stages = stages.into_iter().map(|name| StageTime {
            name: name.into(),
            survival: Survival::new(),
            exits: Vec::new(),
        });
        Self {
            stages: stages.collect(),
        }
    }

    /// Adds a spell. One in a stage that there is not is left out; one that ends before it begins, as a stage that was found out
    /// in hindsight may, lasted 0 days.
    pub fn add(&mut self, spell: Spell) {
        let unknown = self.stages.len();
        let Some(stage) = self.stages.get_mut(spell.stage) else {
            return;
        };
        stage
            .survival
            .add(spell.to - spell.from, spell.next.is_some());
        if let Some(next) = spell.next {
            stage.exit(next.min(unknown), 1);
        }
    }

    /// Adds all spells of one customer: since when they were in which stage, the earliest first, and up to which day that is known.
    /// What begins after that day is not counted.
    pub fn add_moves(&mut self, moves: impl IntoIterator<Item = (Day, usize)>, as_of: Day) {
        let mut present: Option<(Day, usize)> = None;
        for (since, stage) in moves.into_iter().take_while(|(since, _)| *since <= as_of) {
            if let Some((from, before)) = present.replace((since, stage)) {
                self.add(Spell {
                    stage: before,
                    from,
                    to: since,
                    next: Some(stage),
                });
            }
        }
        if let Some((from, stage)) = present {
            self.add(Spell {
                stage,
                from,
                to: as_of,
                next: None,
            });
        }
    }

    /// Adds the spells of another one.
    ///
    /// # Errors
    /// Its stages are other ones (`is_misuse`); then nothing is added.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let names = |times: &Self| {
            times
                .stages
                .iter()
                .map(|s| s.name.clone())
                .collect::<Vec<_>>()
        };
        if names(self) != names(other) {
            return Err(Error::misuse(
                "times in the stages of two different lifecycles cannot be merged",
            ));
        }
        for (stage, other) in self.stages.iter_mut().zip(&other.stages) {
            stage.survival.merge(&other.survival);
            for (to, count) in other.exits.iter().enumerate() {
                stage.exit(to, *count);
            }
        }
        Ok(())
    }

    /// The stages, in the order of their codes.
    #[must_use]
    pub fn stages(&self) -> &[StageTime] {
        &self.stages
    }

    /// The ways out of a stage that were taken, in the order of the stages they lead to. None if there is no such stage.
    #[must_use]
    pub fn exits(&self, stage: usize) -> Vec<StageExit> {
        let Some(stage) = self.stages.get(stage) else {
            return Vec::new();
        };
        let years = as_f64(stage.survival.total_days()) / YEAR;
        let ended = stage.ended();
        let taken = stage
            .exits
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        taken
            .map(|(to, count)| {
                let per_year = |n: f64| n / years;
                let (low, high) = poisson::limits(*count);
                StageExit {
                    to: to.min(self.stages.len()),
                    count: *count,
                    share: (ended > 0).then(|| whole(*count) / whole(ended)),
                    per_year: (years > 0.0).then(|| per_year(whole(*count))),
                    interval: (years > 0.0).then(|| (per_year(low), per_year(high))),
                }
            })
            .collect()
    }

    /// The transition matrix: how many times each stage was left for each other.
    #[must_use]
    pub fn matrix(&self) -> CrossTable {
        let names = || self.stages.iter().map(|stage| stage.name.as_str());
        let mut table = CrossTable::new("from", names(), "to", names());
        for (from, stage) in self.stages.iter().enumerate() {
            for (to, count) in stage.exits.iter().enumerate() {
                table.add_many(Some(from), Some(to), *count);
            }
        }
        table
    }
}

impl StageTime {
    fn exit(&mut self, to: usize, count: u64) {
        // As long as what was seen asks for, so that equal spells make equal reports.
        if count == 0 {
            return;
        }
        if self.exits.len() <= to {
            self.exits.resize(to.saturating_add(1), 0);
        }
        if let Some(sum) = self.exits.get_mut(to) {
            *sum = sum.saturating_add(count);
        }
    }

    /// The name of the stage.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many times it was entered.
    #[must_use]
    pub fn entered(&self) -> u64 {
        self.survival
            .ended()
            .saturating_add(self.survival.censored())
    }

    /// How many times it was left.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.survival.ended()
    }

    /// How long it lasts, with those who are still in it counted as such.
    #[must_use]
    pub fn survival(&self) -> &Survival {
        &self.survival
    }

    /// How much longer somebody is expected to stay who is in it for so many days, within a horizon: see
    /// [`Survival::remaining`].
    #[must_use]
    pub fn remaining(&self, already: Days, horizon: Days) -> Option<MeanTime> {
        self.survival.remaining(already, horizon)
    }

    /// The mean of the spells that have ended, in days; `None` where none has.
    #[must_use]
    pub fn mean_ended(&self) -> Option<f64> {
        let ended = self.ended();
        let days = self
            .ended_spells()
            .map(|(days, n)| u128::from(days) * u128::from(n));
        (ended > 0).then(|| as_f64(days.fold(0, u128::saturating_add)) / whole(ended))
    }

    /// The median of the spells that have ended, in days; of an even number the mean of the two in the middle. `None` where
    /// none has.
    #[must_use]
    pub fn median_ended(&self) -> Option<f64> {
        let ended: u128 = self.ended_spells().map(|(_, n)| u128::from(n)).sum();
        let at = |place: u128| {
            let mut passed = 0;
            self.ended_spells().find_map(|(days, n)| {
                passed += u128::from(n);
                (place < passed).then(|| f64::from(days))
            })
        };
        // Of an odd number both are the one in the middle.
        let (low, high) = (at(ended.saturating_sub(1) / 2)?, at(ended / 2)?);
        Some(f64::midpoint(low, high))
    }

    /// The lengths of the spells that have ended, with how many have each.
    fn ended_spells(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let days = |n: SpellCount| u32::try_from(n.lasted.get()).unwrap_or(0);
        self.survival.counts().map(move |n| (days(n), n.ended))
    }
}

#[allow(clippy::cast_precision_loss)] // for a mean
fn as_f64(sum: u128) -> f64 {
    sum as f64
}

#[allow(clippy::cast_precision_loss)] // for a share
fn whole(count: u64) -> f64 {
    count as f64
}

impl StageTimes {
    /// The report as a [sheet](Sheet): the stages, and the ways between them.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut stages = SheetTable::new(cells![
            Word::Stage,
            Word::Entered,
            Word::Ended,
            Word::MeanDays,
            Word::MedianDays,
            Word::HalfLeftBy,
        ]);
        for stage in &self.stages {
            let half = stage.survival.median().median;
            stages.row(cells![
                Cell::literal(&stage.name),
                stage.entered(),
                stage.ended(),
                Cell::number(stage.mean_ended(), 1),
                Cell::number(stage.median_ended(), 1),
                Cell::number(half.map(|days| f64::from(days.get())), 0),
            ]);
        }
        let mut ways = SheetTable::new(cells![
            Word::Way,
            Word::Count,
            Word::Share,
            Word::PerYear,
            Word::LowerEnd,
            Word::UpperEnd,
        ]);
        for (from, stage) in self.stages.iter().enumerate() {
            for exit in self.exits(from) {
                let to = self.stages.get(exit.to);
                let way = Cell::Way {
                    from: stage.name.clone(),
                    to: to.map(|stage| stage.name.clone()),
                };
                ways.row(cells![
                    way,
                    exit.count,
                    Cell::share(exit.share),
                    Cell::number(exit.per_year, 2),
                    Cell::number(exit.interval.map(|(low, _)| low), 2),
                    Cell::number(exit.interval.map(|(_, high)| high), 2),
                ]);
            }
        }
        Sheet::new(Word::TitleStageTimes).table(stages).table(ways)
    }
}

impl fmt::Display for StageTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
