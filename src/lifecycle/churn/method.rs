//! The one way of judging how far a customer has gone, for one row and for many.

use std::sync::Arc;

use super::gaps::GapDistribution;
use super::level::ChurnLevel;
use super::spec::ChurnMeasure;
use super::verdict::{Answer, Insufficient, PassedOver, Threshold, Verdict};
use crate::model::Days;
use crate::table::{Row, Slot, Table};

/// Where a method's number comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source {
    Column(Slot),
    /// The first over the second.
    Share(Slot, Slot),
    /// Among the gaps of the population.
    Population(Slot),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Method {
    pub by: ChurnMeasure,
    pub source: Source,
    /// The active days it takes.
    pub need: u32,
    /// From the mildest level to the worst.
    pub thresholds: [Option<f64>; 4],
}

impl Method {
    /// The worst threshold that a number reaches.
    fn reached(&self, number: f64) -> Option<Threshold> {
        let reaches = |at: f64| {
            if self.by.less_is_worse() {
                number < at
            } else {
                number >= at
            }
        };
        self.worst_first().find(|threshold| reaches(threshold.at))
    }

    /// The mildest threshold that is worse than another one, or than none.
    fn next_after(&self, reached: Option<Threshold>) -> Option<Threshold> {
        self.worst_first()
            .take_while(|threshold| Some(*threshold) != reached)
            .last()
    }

    fn worst_first(&self) -> impl Iterator<Item = Threshold> + '_ {
        (ChurnLevel::WORSE.into_iter().zip(self.thresholds).rev())
            .filter_map(|(level, at)| Some(Threshold { level, at: at? }))
    }
}

/// What a policy says about churn, bound to a schema: it judges, and cannot fail.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::lifecycle::churn::{ChurnLevel, ChurnMeasure, ChurnMethodSpec, ChurnSpec};
/// use customer_value::model::Unit;
/// use customer_value::table::{Field, Schema, Table};
///
/// let spec = ChurnSpec::new([
///     ChurnMethodSpec::new(ChurnMeasure::ChurnFactor).min_active_days(4).at_risk(2.0).lost(3.0),
///     ChurnMethodSpec::new(ChurnMeasure::DaysSinceLast).at_risk(120.0).lost(240.0),
/// ]);
/// let mut schema = Schema::new();
/// let active = schema.add(Field::number("active_days", Unit::Count))?;
/// let silence = schema.add(Field::number("days_since_last", Unit::Days))?;
/// schema.add(Field::number("churn_factor", Unit::Ratio))?;
/// let mut problems = Diagnostics::new();
/// let churn = spec.bind(&schema, &mut problems).ok_or(problems)?;
///
/// let mut table = Table::new(schema, 1);
/// assert_eq!(churn.level(table.row(0)), ChurnLevel::InsufficientData);
/// table.column_mut(active).set(0, Some(1.0));
/// table.column_mut(silence).set(0, Some(130.0));
/// let verdict = churn.verdict(table.row(0));
/// assert_eq!(verdict.level, ChurnLevel::AtRisk);
/// assert!(verdict.is_fallback());
/// assert_eq!(verdict.to_string(), "\
/// churn at_risk: days_since_last is 130 days, from 120 days on (lost from 240 days on)
///   churn_factor did not answer: 1 of 4 active days
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Churn {
    active_days: Slot,
    methods: Vec<Method>,
    recent: Days,
    baseline: Days,
    gaps: Option<Arc<GapDistribution>>,
}

impl Churn {
    pub(super) fn new(
        active_days: Slot,
        methods: Vec<Method>,
        recent: Days,
        baseline: Days,
    ) -> Self {
        Self {
            active_days,
            methods,
            recent,
            baseline,
            gaps: None,
        }
    }

    /// How long the recent window of the evidence is.
    #[must_use]
    pub fn recent(&self) -> Days {
        self.recent
    }

    /// How long the window before it is.
    #[must_use]
    pub fn baseline(&self) -> Days {
        self.baseline
    }

    /// Whether a method asks for the gaps of the population ([`GapDistribution::fit`]).
    #[must_use]
    pub fn needs_population(&self) -> bool {
        let of_population = |m: &Method| m.by == ChurnMeasure::PopulationGapPercentile;
        self.methods.iter().any(of_population)
    }

    /// Takes the gaps of the population; until then, the methods that ask for them have not enough data.
    pub fn freeze(&mut self, gaps: impl Into<Arc<GapDistribution>>) {
        self.gaps = Some(gaps.into());
    }

    /// How far the customer of a row has gone.
    #[must_use]
    pub fn level(&self, row: Row<'_>) -> ChurnLevel {
        match self.walk(row, |_, _| {}) {
            Some((_, method, number)) => level_at(method.reached(number)),
            None => ChurnLevel::InsufficientData,
        }
    }

    /// Fills the column of the levels for all rows of a table: the codes of [`ChurnLevel`]. Nothing is allocated.
    pub fn fill(&self, table: &mut Table, levels: Slot) {
        for row in 0..table.rows() {
            let level = self.level(table.row(row));
            table.column_mut(levels).set_code(row, Some(level.code()));
        }
    }

    /// How far the customer of a row has gone, and what that rests on: the same walk, remembered.
    #[must_use]
    pub fn verdict(&self, row: Row<'_>) -> Verdict {
        let mut passed_over = Vec::new();
        let answer = self.walk(row, |position, why| {
            passed_over.extend(self.methods.get(position).map(|method| PassedOver {
                place: place(position),
                by: method.by,
                why,
            }));
        });
        let answer = answer.map(|(position, method, number)| {
            let reached = method.reached(number);
            Answer {
                place: place(position),
                by: method.by,
                number,
                reached,
                next: method.next_after(reached),
            }
        });
        Verdict {
            level: (answer.as_ref()).map_or(ChurnLevel::InsufficientData, |a| level_at(a.reached)),
            answer,
            passed_over,
        }
    }

    /// The one way of judging: the first method that has enough data, and its number; those before it are passed over.
    fn walk(
        &self,
        row: Row<'_>,
        mut pass: impl FnMut(usize, Insufficient),
    ) -> Option<(usize, &Method, f64)> {
        let active = row.number(self.active_days).unwrap_or(0.0);
        for (position, method) in self.methods.iter().enumerate() {
            match self.number(method, row, active) {
                Ok(number) => return Some((position, method, number)),
                Err(why) => pass(position, why),
            }
        }
        None
    }

    /// A method's number, or why there is none.
    fn number(&self, method: &Method, row: Row<'_>, active: f64) -> Result<f64, Insufficient> {
        if active < 1.0 {
            return Err(Insufficient::NoPurchase);
        }
        if active < f64::from(method.need) {
            return Err(Insufficient::FewActiveDays {
                found: whole(active),
                needed: method.need,
            });
        }
        let known = |slot| row.number(slot).ok_or(Insufficient::NotKnown);
        match method.source {
            Source::Column(slot) => known(slot),
            Source::Share(silence, point) => {
                let (silence, point) = (known(silence)?, known(point)?);
                let share = silence / point;
                // A lapse point is 1 day or more, unless a host has a column of its own under the name.
                if share.is_finite() {
                    Ok(share)
                } else {
                    Err(Insufficient::NotKnown)
                }
            }
            Source::Population(silence) => {
                let gaps = self.gaps.as_ref().ok_or(Insufficient::NotFitted)?;
                gaps.percentile(known(silence)?).ok_or(Insufficient::NoGap)
            }
        }
    }
}

fn level_at(reached: Option<Threshold>) -> ChurnLevel {
    reached.map_or(ChurnLevel::Active, |threshold| threshold.level)
}

fn place(position: usize) -> String {
    format!("churn.methods[{position}]")
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a cast saturates
fn whole(active: f64) -> u32 {
    active as u32
}
