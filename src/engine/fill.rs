//! The columns of a block of customers, filled in their order. One customer is a block of one.

use crate::history::{Fact, HistoryView, IdRef};
use crate::lifecycle::exit::{ExitOutcome, ExitPosition};
use crate::lifecycle::{Position, Step};
use crate::metrics::lifetime::PredictionMeasure;
use crate::model::{Attempt, AttemptPurpose, AttributeValue, Customer, Day};
use crate::rules::{BLOCK, Truth};
use crate::scoring::{PointLog, Repeat, RfmScore};
use crate::summary::{Bounds, Summary, Window};
use crate::table::{Cell, Field, Table};
use crate::tiering::Decision;

use super::movement::{Located, Moved};
use super::review::Found;
use super::scoring_bind::Trigger;
use super::standing::Standing;
use super::{CostColumns, Engine, Points};

/// What a review knows of one customer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) id: Option<IdRef<'a>>,
    pub(super) history: HistoryView<'a>,
    pub(super) customer: Option<&'a Customer>,
    pub(super) standing: Option<&'a Standing>,
    /// What was tried with the customer.
    pub(super) attempts: &'a [Attempt],
    /// The day of the review, where the day is an earlier one.
    pub(super) making_up: Option<Day>,
    /// The day is one that a notice looks ahead to; no other notice is asked about there.
    pub(super) foreseen: bool,
}

impl Input<'_> {
    /// The day of the customer's first transaction.
    pub(super) fn first_trade(&self) -> Option<Day> {
        self.history.first_trade()
    }

    /// How many uplift attempts there are from a day to another one.
    pub(super) fn uplifts(&self, from: Day, to: Day) -> u32 {
        let meant = |a: &&Attempt| a.purpose() == AttemptPurpose::Uplift;
        let attempts = self.attempts.iter().filter(meant);
        let count = attempts.filter(|a| (from..=to).contains(&a.day())).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// The logs of one customer's point scores, in the order of the policy.
pub(super) type Logs = Vec<PointLog>;

/// What a block of reviews decides, in the order of its customers; kept to be used again.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcomes {
    pub(super) decisions: Vec<Decision>,
    /// Empty if the policy has no lifecycle.
    pub(super) steps: Vec<Step>,
    current: Vec<Option<Position>>,
    /// Empty if the policy has no movement.
    pub(super) located: Vec<Located>,
    /// Empty if the policy has no movement.
    pub(super) moves: Vec<Moved>,
    /// Empty if the policy has no exit ladder.
    pub(super) exits: Vec<ExitOutcome>,
    below: Vec<Option<ExitPosition>>,
}

impl Outcomes {
    pub(super) fn at(&self, row: usize) -> Option<Found> {
        Some(Found {
            decision: *self.decisions.get(row)?,
            before: self.current.get(row).copied().flatten(),
            step: self.steps.get(row).copied(),
            below: self.below.get(row).copied().flatten(),
            exit: self.exits.get(row).copied(),
        })
    }
}

impl Engine {
    /// Fills the attributes and the metrics of the customers of a table, one row for each.
    pub(super) fn measure(&self, table: &mut Table, inputs: &[Input<'_>], as_of: Day) {
        self.fill_attributes(table, inputs);
        for (position, window) in self.windows.iter().enumerate() {
            let bounds = window.at(as_of);
            // A service asks about one customer at a time, and nothing is allocated for that.
            if let [input] = inputs {
                self.measure_window(table, &[summary(input, bounds)], position, as_of);
            } else {
                let summaries: Vec<_> = inputs.iter().map(|i| summary(i, bounds)).collect();
                self.measure_window(table, &summaries, position, as_of);
            }
        }
        self.predict(table, inputs, as_of);
        if let Some(column) = &self.churn {
            column.churn.fill(table, column.slot);
        }
    }

    pub(super) fn fill_attributes(&self, table: &mut Table, inputs: &[Input<'_>]) {
        for attribute in &self.attributes {
            let Some(field) = self.schema.field(attribute.slot) else {
                continue;
            };
            let cells = table.column_mut(attribute.slot).cells_mut();
            for (cell, input) in cells.iter_mut().zip(inputs) {
                *cell = input
                    .customer
                    .and_then(|c| c.attribute(&attribute.name))
                    .map_or(Cell::MISSING, |value| attribute_cell(field, value));
            }
        }
    }

    /// Fills what is predicted, once the engine is fitted.
    fn predict(&self, table: &mut Table, inputs: &[Input<'_>], as_of: Day) {
        let Some((slots, prediction)) = self
            .prediction
            .as_ref()
            .and_then(|columns| Some((columns.slots, columns.frozen.as_ref()?)))
        else {
            return;
        };
        let bounds = Window::Lifetime.at(as_of);
        for (row, input) in inputs.iter().enumerate() {
            let predicted = prediction.of(&summary(input, bounds), as_of);
            for (slot, measure) in slots.into_iter().zip(PredictionMeasure::ALL) {
                if let Some(cell) = table.column_mut(slot).cells_mut().get_mut(row) {
                    *cell = measure.cell(&predicted);
                }
            }
        }
    }

    fn measure_window(
        &self,
        table: &mut Table,
        summaries: &[Summary<'_>],
        window: usize,
        as_of: Day,
    ) {
        for measured in self.metrics.iter().filter(|m| m.window == window) {
            if let Some(CostColumns { cost, slots }) = &self.cost_to_serve
                && slots.contains(&measured.slot)
            {
                // The profit is made of the cost, so both are filled where the first would be.
                if slots.first() == Some(&measured.slot) {
                    for (row, summary) in summaries.iter().enumerate() {
                        for (slot, number) in slots.iter().zip(cost.columns(summary)) {
                            table.column_mut(*slot).set(row, number);
                        }
                    }
                }
                continue;
            }
            let cells = table.column_mut(measured.slot).cells_mut();
            measured.metric.column(summaries, as_of, cells);
        }
    }

    /// Fills `r`, `f`, `m` and the segment.
    pub(super) fn score_rfm(&self, table: &mut Table) {
        let Some((columns, frozen)) = self
            .rfm
            .as_ref()
            .and_then(|columns| Some((columns, columns.frozen.as_ref()?)))
        else {
            return;
        };
        let end = table.rows();
        for from in (0..end).step_by(BLOCK) {
            let to = (from + BLOCK).min(end);
            let mut scores: [Option<RfmScore>; BLOCK] = [None; BLOCK];
            let scores = scores.get_mut(..to - from).unwrap_or_default();
            let [recency, frequency, monetary] = columns
                .inputs
                .map(|slot| table.column(slot).cells().get(from..to).unwrap_or_default());
            frozen.score_all(recency, frequency, monetary, scores);
            let [r, f, m] = columns.scores;
            for (row, score) in (from..to).zip(scores.iter()) {
                let number = |of: fn(&RfmScore) -> u8| score.as_ref().map(|s| f64::from(of(s)));
                table.column_mut(r).set(row, number(|s| s.r));
                table.column_mut(f).set(row, number(|s| s.f));
                table.column_mut(m).set(row, number(|s| s.m));
                if let Some(slot) = columns.segment {
                    let code = score.and_then(|s| s.segment).map(u32::from);
                    table.column_mut(slot).set_code(row, code);
                }
            }
        }
    }

    /// Fills one weighted score.
    pub(super) fn score_weighted(&self, position: usize, table: &mut Table) {
        if let Some((slot, weighted)) = self
            .scores
            .get(position)
            .and_then(|score| Some((score.slot, score.frozen.as_ref()?)))
        {
            for row in 0..table.rows() {
                let score = weighted.score(table.row(row));
                table.column_mut(slot).set(row, score);
            }
        }
    }

    /// Scores, stages and tiers of the customers of a table, and the logs of their points.
    pub(super) fn judge(
        &self,
        table: &mut Table,
        inputs: &[Input<'_>],
        as_of: Day,
        outcomes: &mut Outcomes,
    ) -> Vec<Logs> {
        let logs = self.judge_columns(table, inputs, as_of, outcomes);
        outcomes.decisions.clear();
        outcomes.decisions.resize(inputs.len(), Decision::default());
        self.ladder.decide_block(table, 0, &mut outcomes.decisions);
        self.move_all(table, inputs, &logs, as_of, outcomes);
        self.step_exits(table, inputs, as_of, outcomes);
        logs
    }

    /// Every column that the ladder may read, and the logs of the points.
    pub(super) fn judge_columns(
        &self,
        table: &mut Table,
        inputs: &[Input<'_>],
        as_of: Day,
        outcomes: &mut Outcomes,
    ) -> Vec<Logs> {
        self.score_rfm(table);
        for position in 0..self.scores.len() {
            self.score_weighted(position, table);
        }
        let mut logs = Vec::new();
        if !self.points.is_empty() {
            logs.extend((0..).zip(inputs).map(|(row, input)| -> Logs {
                let scores = self.points.iter();
                scores.map(|p| p.score(table, row, input, as_of)).collect()
            }));
        }
        self.segments.fill(table);
        self.qualify_all(table, inputs, &logs, as_of, outcomes);
        self.step_stages(table, inputs, as_of, outcomes);
        logs
    }

    /// The exit steps of the customers of a table whose other columns are filled.
    fn step_exits(
        &self,
        table: &mut Table,
        inputs: &[Input<'_>],
        as_of: Day,
        outcomes: &mut Outcomes,
    ) {
        outcomes.exits.clear();
        outcomes.below.clear();
        let Some(exit) = &self.exit else { return };
        let below = |i: &Input<'_>| Some(exit.ladder.locate(i.standing?.exit.as_ref()?));
        outcomes.below.extend(inputs.iter().map(below));
        let uplifts = |row: usize, from| inputs.get(row).map_or(0, |i| i.uplifts(from, as_of));
        exit.ladder.step_block(
            table,
            0,
            as_of,
            &outcomes.below,
            uplifts,
            &mut outcomes.exits,
        );
        let column = table.column_mut(exit.slot);
        for (row, outcome) in (0..).zip(&outcomes.exits) {
            let step = outcome.position.and_then(|at| at.step);
            let code = step.and_then(|step| u32::try_from(step.index()).ok());
            column.set_code(row, code);
        }
    }

    /// The stages of the customers of a table whose other columns are filled.
    pub(super) fn step_stages(
        &self,
        table: &mut Table,
        inputs: &[Input<'_>],
        as_of: Day,
        outcomes: &mut Outcomes,
    ) {
        outcomes.steps.clear();
        outcomes.current.clear();
        if let Some(life) = &self.life {
            let current =
                |i: &Input<'_>| Some(life.cycle.locate(i.standing?.stage.as_ref()?, as_of));
            outcomes.current.extend(inputs.iter().map(current));
            life.cycle
                .step_block(table, 0, as_of, &outcomes.current, &mut outcomes.steps);
            let column = table.column_mut(life.slot);
            for (row, step) in (0..).zip(&outcomes.steps) {
                let code = u32::try_from(step.position.stage.index()).ok();
                column.set_code(row, code);
            }
        }
    }
}

impl Points {
    /// Fills the points of one customer, and gives the log after it.
    pub(super) fn score(
        &self,
        table: &mut Table,
        row: usize,
        input: &Input<'_>,
        as_of: Day,
    ) -> PointLog {
        let mut log = input
            .standing
            .and_then(|s| s.points.get(&*self.name))
            .cloned()
            .unwrap_or_default();
        for (rule, trigger) in self.book.rules().zip(&self.triggers) {
            match trigger {
                Trigger::Host => {}
                // Said either way: what a review earlier on the day noted may hold no more.
                Trigger::When(condition) => {
                    let holds = condition.truth(table.row(row)) == Truth::True;
                    // What can give nothing is not kept, or a log would grow with every review.
                    let idle = match rule.repeat {
                        Repeat::Every => false,
                        Repeat::While => {
                            log.forget(&rule.name, as_of);
                            false
                        }
                        Repeat::Once => log.last_before(&rule.name, as_of).is_some(),
                        Repeat::CoolDown(days) => log
                            .last_before(&rule.name, as_of)
                            .is_some_and(|last| as_of < last.plus(days)),
                    };
                    log.note(&rule.name, as_of, u32::from(holds && !idle));
                }
                Trigger::Per(fact) => note_days(&mut log, &rule.name, input, fact, as_of),
            }
        }
        let total = self.book.total(&log, as_of);
        table.column_mut(self.slot).set(row, Some(total));
        log
    }
}

fn summary<'a>(input: &Input<'a>, bounds: Bounds) -> Summary<'a> {
    Summary::within(input.id, input.history, bounds)
}

/// A word that the policy does not list, or a value of another type, is missing.
fn attribute_cell(field: &Field, value: &AttributeValue) -> Cell {
    use crate::model::Unit;
    match (field.unit(), value) {
        (None, AttributeValue::Text(word)) => {
            field.code(word).map_or(Cell::MISSING, Cell::from_code)
        }
        (Some(Unit::Date), AttributeValue::Date(day)) => {
            Cell::from_number(f64::from(day.epoch_days()))
        }
        (Some(Unit::Flag), AttributeValue::Flag(flag)) => {
            Cell::from_number(f64::from(u8::from(*flag)))
        }
        (Some(Unit::Flag | Unit::Date), _) => Cell::MISSING,
        (Some(_), AttributeValue::Number(number)) => Cell::from_number(*number),
        _ => Cell::MISSING,
    }
}

fn note_days(log: &mut PointLog, rule: &str, input: &Input<'_>, fact: &Fact, as_of: Day) {
    let summary = Summary::new(input.history, Window::Lifetime, as_of);
    // The history says it all: a day that corrected records no longer have gives nothing.
    log.note_all(rule, as_of, || {
        // More was undone than done: nothing is left of that day.
        let days = summary.daily(fact);
        days.map(|(day, times)| (day, u32::try_from(times).unwrap_or(0)))
    });
}
