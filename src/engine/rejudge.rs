//! One customer of a population, judged with another number in one of the measured columns: what the law of monotone tiers
//! asks.

use std::sync::Arc;

use super::Engine;
use super::fill::Outcomes;
use super::population::Population;
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
        (attribute || metric || predicted).then_some(slot)
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
}
