//! The front door: a policy bound to a catalog, fitted to a population, and used for one customer or all.
//!
//! ```text
//! Policy + Catalog ──Engine::new──▶ Engine ──fit(population)──▶ Fit (plain data)
//!                                   Engine ──freeze(fit)──────▶ Engine that knows its population
//! (History, Standing, day) ──review──▶ (Standing, Assessment)      for one
//! Population, Standings, day ──review_all──▶ Reviews               for all: the same code over blocks of customers
//! ```
//!
//! Within a review, columns are filled in a fixed order: attributes, metrics, cost to serve, prediction, churn, RFM, scores, points, segments, stage; then the
//! ladder reads the row, and the exit ladder after it. The stage comes before the tier because tiers may read it (a churned customer is a D).

pub mod accounts;
mod advice;
mod allocation;
pub mod analysis;
mod assessment;
mod attainment;
pub mod backtest;
mod bind;
mod budget;
mod bulk;
pub mod changes;
mod cost;
mod diff;
pub(crate) mod document;
mod effect;
mod explain;
mod explain_text;
mod fill;
mod fit;
mod movement;
mod movement_bind;
mod outlook;
mod policy;
mod population;
mod presets;
mod qualifying;
#[cfg(feature = "proptest")]
mod rejudge;
mod reports;
mod review;
mod scoring_bind;
mod segments;
pub mod simulate;
mod standing;
mod strategy;
mod uplift;
mod voice;
mod win_back;
mod worse;

pub use crate::tiering::TierRecord;
pub use analysis::Finding;
pub use assessment::Assessment;
pub use bulk::{Reviewed, Reviews};
pub use diff::{ColumnDiff, CustomerDiff};
pub use explain::{
    Explanation, PartExplanation, PointExplanation, PointsExplanation, ScoreExplanation,
};
pub use fit::Fit;
pub use outlook::Projection;
pub use policy::{AttributeSpec, FORMAT, Head, NamedPoints, Policy, ScoreSpec};
pub use population::{Population, Standings};
pub use reports::StageSpells;
pub use review::{Buffer, Subject};
pub use standing::Standing;
pub use worse::Worse;

use std::sync::Arc;

use crate::Error;
use crate::history::Layout;
use crate::ledger::{Ledger, Options};
use crate::lifecycle::Lifecycle;
use crate::lifecycle::churn::Churn;
use crate::lifecycle::exit::ExitLadder;
use crate::lifecycle::win_back::WinBack;
use crate::metrics::Metric;
use crate::metrics::cost::CostToServe;
use crate::metrics::lifetime::{Prediction, PredictionMeasure};
use crate::model::{Day, Fingerprint};
use crate::rules::segments::Segments;
use crate::scoring::{BoundWeighted, PointBook, Rfm, Weighted};
use crate::summary::Window;
use crate::table::{Schema, Slot};
use crate::tiering::{Ladder, Movement};

use changes::Monitor;
use strategy::Strategy;

/// A policy bound to what can be measured.
///
/// Nothing in it can fail any more. What needs the population is missing (and what depends on it unknown) until
/// [`freeze`](Self::freeze).
#[derive(Debug, Clone)]
pub struct Engine {
    policy: Policy,
    fingerprint: Fingerprint,
    schema: Arc<Schema>,
    layout: Arc<Layout>,
    attributes: Vec<Attribute>,
    windows: Vec<Window>,
    metrics: Vec<Measured>,
    cost_to_serve: Option<CostColumns>,
    prediction: Option<PredictionColumns>,
    churn: Option<ChurnColumn>,
    rfm: Option<RfmColumns>,
    scores: Vec<Score>,
    points: Vec<Points>,
    segments: Segments,
    life: Option<Life>,
    ladder: Ladder,
    mover: Option<Mover>,
    win_back: Option<WinBack>,
    exit: Option<ExitColumn>,
    strategy: Strategy,
    monitor: Option<Monitor>,
    fit: Option<Fit>,
}

#[derive(Debug, Clone)]
struct Attribute {
    name: String,
    slot: Slot,
}

#[derive(Debug, Clone)]
struct Measured {
    metric: Arc<dyn Metric>,
    slot: Slot,
    window: usize,
}

#[derive(Debug, Clone)]
struct CostColumns {
    cost: Arc<CostToServe>,
    /// The cost and the profit.
    slots: [Slot; 2],
}

#[derive(Debug, Clone)]
struct PredictionColumns {
    /// In the order of [`PredictionMeasure::ALL`].
    slots: [Slot; PredictionMeasure::ALL.len()],
    frozen: Option<Arc<Prediction>>,
}

#[derive(Debug, Clone)]
struct ChurnColumn {
    churn: Churn,
    slot: Slot,
}

#[derive(Debug, Clone)]
struct RfmColumns {
    inputs: [Slot; 3],
    scores: [Slot; 3],
    segment: Option<Slot>,
    frozen: Option<Rfm>,
}

#[derive(Debug, Clone)]
struct Score {
    name: String,
    slot: Slot,
    bound: BoundWeighted,
    frozen: Option<Weighted>,
}

#[derive(Debug, Clone)]
struct Points {
    name: String,
    slot: Slot,
    book: PointBook,
    triggers: Vec<scoring_bind::Trigger>,
}

#[derive(Debug, Clone)]
struct Mover {
    movement: Movement,
    qualifying: Option<qualifying::Qualifying>,
    /// Where the day of the anniversaries of terms is: a column, or that of enrolment.
    anniversary: Option<Option<Slot>>,
}

#[derive(Debug, Clone)]
struct ExitColumn {
    ladder: ExitLadder,
    slot: Slot,
}

#[derive(Debug, Clone)]
struct Life {
    cycle: Lifecycle,
    slot: Slot,
}

impl Engine {
    /// The policy it was made from.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The fingerprint of the policy.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The columns every review fills, in order.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The facts a history must have for this policy: no more than it needs. Histories made from a clone of it share it.
    #[must_use]
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// How to clean transactions for this policy: the defaults, with its currency.
    #[must_use]
    pub fn cleaning(&self, as_of: Day) -> Options {
        Options::new(as_of, self.policy.head.currency)
    }

    /// The customers of a ledger, with the facts this policy needs, and with [its records](Ledger::records).
    ///
    /// # Errors
    /// The ledger is in another currency (`is_misuse`), or a total does not fit 64 bits (`is_overflow`).
    pub fn population(&self, ledger: &Ledger<'_>) -> Result<Population, Error> {
        Population::of(ledger, &self.layout)
    }

    /// The ladder of tiers.
    #[must_use]
    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// The rules of movement, if the policy has them.
    #[must_use]
    pub fn movement(&self) -> Option<&Movement> {
        self.mover.as_ref().map(|mover| &mover.movement)
    }

    /// The lifecycle, if the policy has one.
    #[must_use]
    pub fn lifecycle(&self) -> Option<&Lifecycle> {
        self.life.as_ref().map(|life| &life.cycle)
    }

    /// How far customers have gone, if the policy says how to tell.
    #[must_use]
    pub fn churn(&self) -> Option<&Churn> {
        self.churn.as_ref().map(|column| &column.churn)
    }

    /// What serving a customer costs, if the policy says how to tell: for [`capacity`](Self::capacity).
    #[must_use]
    pub fn cost_to_serve(&self) -> Option<&CostToServe> {
        self.cost_to_serve.as_ref().map(|columns| &*columns.cost)
    }

    /// Whom to win back, if the policy says it: for [`Reviews::win_back`].
    #[must_use]
    pub fn win_back(&self) -> Option<&WinBack> {
        self.win_back.as_ref()
    }

    /// The exit ladder, if the policy has one.
    #[must_use]
    pub fn exit(&self) -> Option<&ExitLadder> {
        self.exit.as_ref().map(|column| &column.ladder)
    }

    /// What is news between two reviews, if the policy says it: for [`Reviews::changes`].
    #[must_use]
    pub fn monitor(&self) -> Option<&Monitor> {
        self.monitor.as_ref()
    }

    /// The fitted prediction, if the policy has one and the engine is fitted: the models, how their fits ended, and
    /// whether what they assume holds.
    #[must_use]
    pub fn prediction(&self) -> Option<&Prediction> {
        self.prediction.as_ref()?.frozen.as_deref()
    }

    /// The frozen RFM, if the policy has one and the engine is fitted.
    #[must_use]
    pub fn rfm(&self) -> Option<&Rfm> {
        self.rfm.as_ref()?.frozen.as_ref()
    }

    /// The rules of a point score, by its name: with the log of a [`Standing`], what each trigger gave
    /// ([`PointBook::lines`]).
    #[must_use]
    pub fn points(&self, score: &str) -> Option<&PointBook> {
        let points = self.points.iter().find(|points| points.name == score)?;
        Some(&points.book)
    }

    /// The segments of the policy, in order.
    #[must_use]
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// The slot of a column, by name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot> {
        self.schema.slot(name)
    }
}
