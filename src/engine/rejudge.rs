//! One customer of a population, judged with another number in one of the measured columns: what the law of monotone tiers
//! asks.

use std::sync::Arc;

use super::Engine;
use super::fill::{Input, Outcomes};
use super::population::Population;
use super::review::Buffer;
use super::standing::Standing;
use crate::metrics::lifetime::PredictionMeasure;
use crate::model::Day;
use crate::table::{Slot, Table};
use crate::tiering::TierId;

impl Engine {
    /// The column of a name, if it is measured: an attribute, a metric, or what is predicted. Others are made of these.
    pub(crate) fn measured_slot(&self, name: &str) -> Option<Slot> {
        let slot = self.slot(name)?;
        let attribute = self.attributes.iter().any(|a| a.slot == slot);
        let metric = self.metrics.iter().any(|m| m.slot == slot);
        let predicted = self.prediction.is_some()
            && PredictionMeasure::ALL
                .iter()
                .any(|measure| measure.name() == name);
        let counted = self.mover.as_ref().and_then(|m| m.qualifying.as_ref());
        let counted = counted.is_some_and(|q| q.slot == slot);
        (attribute || metric || predicted || counted).then_some(slot)
    }

    /// The tier of the customer at a position, of whom nothing is remembered, if a measured column said `number`: scores,
    /// points and the stage follow from it.
    pub(crate) fn tier_with(
        &self,
        population: &Population,
        position: usize,
        as_of: Day,
        (slot, number): (Slot, f64),
    ) -> Option<TierId> {
        let mut table = Table::new(Arc::clone(&self.schema), 1);
        let mut outcomes = Outcomes::default();
        self.with_inputs(population, None, position..position + 1, |inputs| {
            self.measure(&mut table, inputs, as_of);
            table.column_mut(slot).set(0, Some(number));
            self.judge(&mut table, inputs, as_of, &mut outcomes);
        });
        outcomes.at(0).map(|found| found.decision.tier)
    }

    /// The tier of the customer at a position, with what is remembered, if the qualifying metric said `number` at the close of a
    /// day: then, or when the next day has begun. The stage follows from it.
    pub(crate) fn tier_with_qualifying(
        &self,
        population: &Population,
        position: usize,
        standing: &Standing,
        as_of: Day,
        number: f64,
        next_day: bool,
    ) -> Option<TierId> {
        let slot = self.mover.as_ref()?.qualifying.as_ref()?.slot;
        self.with_inputs(population, None, position..position + 1, |inputs| {
            let input = inputs.first()?;
            let mut standing = standing.clone();
            let mut buffer = self.buffer();
            self.make_up(input, &mut standing, as_of, &mut buffer);
            let known = [Input {
                standing: Some(&standing),
                ..*input
            }];
            let Buffer {
                table, outcomes, ..
            } = &mut buffer;
            table.reset(1);
            self.measure(table, &known, as_of);
            let logs = self.judge_columns(table, &known, as_of, outcomes);
            table.column_mut(slot).set(0, Some(number));
            self.step_stages(table, &known, as_of, outcomes);
            let qualified = self.ladder.decide(table.row(0));
            outcomes.decisions.clear();
            outcomes.decisions.push(qualified);
            self.move_all(table, &known, &logs, as_of, outcomes);
            if next_day {
                let [input] = &known;
                self.turn(input, logs.first(), as_of, &mut buffer);
            }
            Some(buffer.outcomes.moves.first()?.record?.tier)
        })
    }
}
