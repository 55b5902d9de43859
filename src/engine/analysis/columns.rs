//! What the columns of a policy can hold, and which side of them is the better one.

use crate::metrics::lifetime::PredictionMeasure;
use crate::model::Unit;
use crate::rules::prove::{Better, Domain, Domains};
use crate::table::Slot;

use crate::engine::Engine;

/// What is known of a column beyond its unit.
#[derive(Debug, Clone, Copy)]
struct Nature {
    domain: Domain,
    better: Option<Better>,
}

/// What is known of a built-in measure beyond its unit; nothing for others.
///
/// A length or a gap, an age, a share of a category or of discounts, how much one talks is neither good nor bad by itself.
fn measure(name: &str, unit: Unit) -> Option<Nature> {
    use Better::{Higher, Lower};
    let own = Domain::of(unit);
    let (better, domain) = match name {
        // Defined for everybody, also without a purchase.
        "purchases" | "active_days" | "repeat_purchases" | "spend" | "historic_ltv"
        | "category_spend" | "decayed_spend" => (Some(Higher), own.known()),
        "decayed_purchases" => (Some(Higher), Domain::within(0.0, f64::MAX).known()),
        "complaints" | "open_complaints" => (Some(Lower), own.known()),
        "service_cost" => (Some(Lower), Domain::within(0.0, f64::MAX).known()),
        "contacts" => (None, own.known()),
        "average_order_value"
        | "frequency"
        | "active_span"
        | "margin"
        | "margin_share"
        | "retention_ltv" => (Some(Higher), own),
        "growth_trend" => (Some(Higher), Domain::within(-1.0, 1.0)),
        "days_since_last" | "gap_percentile" | "refund_share" => (Some(Lower), own),
        "browse_to_buy" => (Some(Higher), Domain::within(0.0, f64::MAX)),
        "gap_variation" => (None, Domain::within(0.0, f64::MAX)),
        "regularity" => (None, Domain::within(0.0, 100.0)),
        // Of some scales the low end is the good one.
        "survey_score" => (None, Domain::within(0.0, 10.0)),
        "churn_factor" => (Some(Lower), Domain::within(0.0, f64::MAX)),
        "age"
        | "average_gap"
        | "category_share"
        | "discount_share"
        | "expected_next_purchase"
        | "first_purchase"
        | "interaction_rate"
        | "lapse_point"
        | "last_gap"
        | "last_purchase"
        | "longest_gap"
        | "median_gap"
        | "nth_purchase"
        | "price_index"
        | "response_latency"
        | "second_purchase" => (None, own),
        _ => return None,
    };
    Some(Nature { domain, better })
}

/// What the columns of an engine can hold, and which side of them is the better one.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub domains: Domains,
    better: Vec<Option<Better>>,
}

impl Columns {
    pub(super) fn of(engine: &Engine) -> Self {
        let schema = engine.schema();
        let mut columns = Self {
            domains: Domains::of(schema),
            better: vec![None; schema.len()],
        };
        let unit = |slot: Slot| schema.field(slot).and_then(|field| field.unit());
        for attribute in &engine.attributes {
            // The days to a renewal are negative once it is over.
            if unit(attribute.slot) == Some(Unit::Days) {
                columns.set(attribute.slot, Domain::ANY, None);
            }
        }
        for measured in &engine.metrics {
            let name = measured.metric.name();
            let spec = engine.policy.metrics.iter().find(|m| m.name() == name);
            let unit = measured.metric.unit();
            // A metric of the host's own may count halves, and whether much of it is good only the host knows.
            let own = match unit {
                Unit::Count => Domain::within(0.0, f64::MAX),
                unit => Domain::of(unit),
            };
            let nature = measure(spec.map_or(name, |m| &m.measure), unit).unwrap_or(Nature {
                domain: own,
                better: None,
            });
            columns.set(measured.slot, nature.domain, nature.better);
        }
        // Of the policy's own section, whatever a catalog calls so.
        if let Some(cost) = &engine.cost_to_serve {
            let [served, profit] = cost.slots;
            columns.set(served, Domain::within(0.0, f64::MAX), Some(Better::Lower));
            columns.set(profit, Domain::of(Unit::Money), Some(Better::Higher));
        }
        if let Some(prediction) = &engine.prediction {
            for (slot, measure) in prediction.slots.into_iter().zip(PredictionMeasure::ALL) {
                let domain = match measure.unit() {
                    // An expectation is not whole.
                    Unit::Count => Domain::within(0.0, f64::MAX),
                    unit => Domain::of(unit),
                };
                columns.set(slot, domain, Some(Better::Higher));
            }
        }
        if let Some((rfm, spec)) = engine.rfm.as_ref().zip(engine.policy.rfm.as_ref()) {
            for slot in rfm.scores {
                let domain = Domain::within(1.0, f64::from(spec.bins)).whole();
                columns.set(slot, domain, Some(Better::Higher));
            }
        }
        for score in &engine.scores {
            let domain = Domain::within(0.0, 100.0);
            columns.set(score.slot, domain, Some(Better::Higher));
        }
        for points in &engine.points {
            columns.set(points.slot, Domain::ANY.known(), Some(Better::Higher));
        }
        let qualifying = engine.mover.as_ref().and_then(|m| m.qualifying.as_ref());
        if let Some(qualifying) = qualifying {
            let spec = engine.policy.movement.as_ref();
            let name = spec.and_then(|m| m.qualifying.as_ref()?.measure.as_deref());
            let unit = unit(qualifying.slot).unwrap_or(Unit::Points);
            let domain = match (name.and_then(|name| measure(name, unit)), unit) {
                // What is carried over is not whole.
                (Some(_), Unit::Count) => Domain::within(0.0, f64::MAX).known(),
                (Some(nature), _) => nature.domain,
                (None, Unit::Points) => Domain::ANY.known(),
                (None, unit) => Domain::of(unit),
            };
            columns.set(qualifying.slot, domain, Some(Better::Higher));
        }
        if let Some(life) = &engine.life {
            columns.set(life.slot, Domain::ANY.known(), None);
        }
        columns
    }

    fn set(&mut self, slot: Slot, domain: Domain, better: Option<Better>) {
        self.domains.set(slot, domain);
        if let Some(place) = self.better.get_mut(slot.index()) {
            *place = better;
        }
    }

    /// Which side of a column is the better one; `None` if neither is, or if that is not known.
    pub(super) fn better(&self, slot: Slot) -> Option<Better> {
        self.better.get(slot.index()).copied().flatten()
    }
}
