//! From reviews to the reports of cost: capacity, the whale curve, money spent for nothing.

use crate::Error;
use crate::metrics::exact::clamped;
use crate::metrics::lifetime::PredictionMeasure;
use crate::model::{Day, Record, Unit};
use crate::report::{CapacityReport, WasteCustomer, WasteReport, Whale};
use crate::summary::{Summary, Window};

use super::Engine;
use super::bulk::Reviews;
use super::population::Population;

/// How many points of a whale curve are kept.
const POINTS: usize = 200;

impl Engine {
    /// How much of the capacity to serve a population used; `None` if the policy has no `[cost_to_serve]`.
    ///
    /// ```
    /// use customer_value::engine::Engine;
    /// use customer_value::ledger::{Columns, CustomerColumn, Ledger};
    /// use customer_value::metrics::Catalog;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "served", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "pays", when = "profit > 0" }, { name = "everybody" }]
    ///     [cost_to_serve]
    ///     resources = [{ name = "desk", cost = "100.00 EUR", minutes = 200 }]
    ///     activities = [{ name = "orders", driver = "purchases", minutes = 30, resource = "desk" }]
    /// "#, &Catalog::standard())?;
    /// let as_of: customer_value::model::Day = "2024-12-31".parse()?;
    /// let days = [as_of.epoch_days(); 2];
    /// let columns = Columns::new(CustomerColumn::Numbers(&[1, 2]), &days, &[80_00, 5_00]);
    /// let ledger = Ledger::from_columns(&columns, engine.cleaning(as_of))?;
    /// let population = engine.population(&ledger)?;
    /// let report = engine.capacity(&population, as_of).unwrap();
    /// let desk = &report.resources()[0];
    /// assert_eq!((desk.charged(), desk.unused(), desk.supplied), (30_00, 70_00, 100_00));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn capacity(&self, population: &Population, as_of: Day) -> Option<CapacityReport> {
        let cost = self.cost_to_serve()?;
        let mut report = CapacityReport::new(cost, as_of);
        for (_, history) in population.histories().iter() {
            report.add(cost, &Summary::new(history, cost.window(), as_of));
        }
        Some(report)
    }
}

impl Reviews<'_> {
    /// The whale curve of a column of money, such as `profit` or `spend`, over all customers reviewed; `None` if there is no such
    /// column. Of the curve about 200 points are kept.
    #[must_use]
    pub fn whale(&self, column: &str) -> Option<Whale> {
        let engine = self.engine();
        let slot = engine.slot(column)?;
        let field = engine.schema().field(slot)?;
        if field.unit() != Some(Unit::Money) {
            return None;
        }
        let currency = engine.policy().head.currency;
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        // at most 10^4; rounded
        let minor =
            |major: f64| clamped((major * currency.minor_per_major() as f64).round() as i128);
        let amounts = (0..self.len()).map(|at| self.row(at)?.number(slot).map(minor));
        Some(Whale::new(column, currency, amounts, POINTS))
    }

    /// Which booked service costs of the 365 days up to the review were for nothing; `None` if the policy has no
    /// `[cost_to_serve.waste]`. The costs are among [the population's records](Population::records).
    ///
    /// # Errors
    /// The population was not given any records, so that nothing is known of single costs (`is_misuse`).
    pub fn waste(&self) -> Result<Option<WasteReport>, Error> {
        let engine = self.engine();
        let Some(rules) = engine.cost_to_serve().and_then(|cost| cost.waste()) else {
            return Ok(None);
        };
        let records = self.records()?;
        let tiers = engine.policy().tiers.tiers.iter();
        let tiers = tiers.map(|tier| (tier.name.as_str(), tier.cost_per_year.map(|c| c.minor())));
        let currency = engine.policy().head.currency;
        let mut report = WasteReport::new(rules, tiers, currency, self.as_of());
        let p_purchase = engine.slot(PredictionMeasure::PPurchase.name());
        let p_purchase = p_purchase.filter(|_| engine.policy().prediction.is_some());
        for (id, own) in records.by_customer() {
            let histories = self.population().histories();
            let position = histories.position(id);
            let Some((position, assessment)) = position.and_then(|at| Some((at, self.at(at)?)))
            else {
                continue;
            };
            let history = histories.at(position).map(|(_, history)| history);
            let lifetime = history.map(|h| Summary::new(h, Window::Lifetime, self.as_of()));
            let days = lifetime.iter().flat_map(Summary::purchase_days);
            let purchases: Vec<Day> = days.map(|(day, _)| day).collect();
            let name = assessment.tier();
            let customer = WasteCustomer {
                tier: (engine.policy().tiers.tiers.iter()).position(|tier| tier.name == name),
                p_purchase: p_purchase.and_then(|slot| assessment.row().number(slot)),
                purchases: &purchases,
            };
            let costs = own.iter().filter_map(|record| match record {
                Record::ServiceCost(cost) => Some(cost),
                _ => None,
            });
            report.add(id, customer, costs)?;
        }
        Ok(Some(report))
    }
}
