//! From a policy to an engine: names become columns, and every problem is found.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::history::Layout;
use crate::lifecycle::churn::{CHURN, ChurnLevel, ChurnSpec};
use crate::lifecycle::exit::ExitSpec;
use crate::lifecycle::win_back::{WinBack, WinBackSpec};
use crate::metrics::cost::{COST_TO_SERVE, CostToServe, PROFIT};
use crate::metrics::lifetime::PredictionMeasure;
use crate::metrics::{Catalog, Metric};
use crate::model::Unit;
use crate::rules::Expr;
use crate::rules::segments::{SegmentSpec, Segments, unusable};
use crate::summary::Window;
use crate::table::{Field, Schema, Slot};

use super::changes::{ChangesSpec, Monitor};
use super::document::Gaps;
use super::policy::{FORMAT, Policy};
use super::scoring_bind::Trigger;
use super::strategy::Strategy;
use super::{
    Attribute, ChurnColumn, CostColumns, Engine, ExitColumn, Life, Measured, Mover,
    PredictionColumns,
};

/// A name that is made by RFM.
pub(super) const RFM_COLUMNS: [&str; 3] = ["r", "f", "m"];
pub(super) const SEGMENT: &str = "segment";
pub(super) const STAGE: &str = "stage";
/// The name that is made by the exit ladder.
pub(super) const EXIT: &str = "exit";

impl Engine {
    /// Binds a policy to what can be measured.
    ///
    /// # Errors
    /// Every problem of the policy, at once, each with its place. Warnings alone do not keep it from binding; see
    /// [`check`](Self::check) for them.
    pub fn new(policy: Policy, catalog: &Catalog) -> Result<Self, Diagnostics> {
        match Self::check(policy, catalog) {
            (Some(engine), _) => Ok(engine),
            (None, problems) => Err(problems),
        }
    }

    /// Binds a policy, and tells also what is only doubtful about it.
    #[must_use]
    pub fn check(policy: Policy, catalog: &Catalog) -> (Option<Self>, Diagnostics) {
        Self::check_around(policy, catalog, &Gaps::default())
    }

    /// The same for a policy that could not be read completely; problems that follow from its gaps are left out.
    pub(super) fn check_around(
        policy: Policy,
        catalog: &Catalog,
        gaps: &Gaps,
    ) -> (Option<Self>, Diagnostics) {
        // First with every metric of the catalog among the columns, so that a misspelt name is compared with all of them;
        // then with those in use.
        let mut problems = Diagnostics::new();
        let all = Binder::new(&policy, catalog, gaps, None, &mut problems).bind();
        if all.is_none() || problems.has_errors() {
            return (None, problems);
        }
        let used = used_names(&policy);
        let mut again = Diagnostics::new();
        let engine = Binder::new(&policy, catalog, gaps, Some(&used), &mut again).bind();
        (engine, problems)
    }
}

/// Every name a rule, a score or RFM reads.
pub(super) fn used_names(policy: &Policy) -> BTreeSet<String> {
    let mut names: Vec<String> = Vec::new();
    let mut take = |expr: &Expr| names.extend(expr.columns().into_iter().map(str::to_owned));
    policy
        .tiers
        .tiers
        .iter()
        .flat_map(|tier| tier.when.iter().chain(&tier.keep_when))
        .for_each(&mut take);
    for expr in policy.points.iter().flat_map(|points| &points.rules) {
        if let Some(expr) = expr.when.as_ref().and_then(|when| when.parse().ok()) {
            take(&expr);
        }
    }
    let segments = policy.segments.iter().flat_map(SegmentSpec::columns);
    names.extend(segments.map(str::to_owned));
    if let Some(life) = &policy.lifecycle {
        names.extend(life.columns());
    }
    if let Some(rfm) = &policy.rfm {
        names.extend(rfm.columns().map(str::to_owned));
    }
    for part in policy.scores.iter().flat_map(|score| &score.parts) {
        names.push(part.column.clone());
    }
    let churn = policy.churn.iter().flat_map(ChurnSpec::columns);
    let churn = churn.map(str::to_owned);
    let exit = policy.exit.iter().flat_map(ExitSpec::columns);
    let win_back = policy.win_back.iter().flat_map(WinBackSpec::columns);
    let monitoring = policy.monitoring.iter().flat_map(ChangesSpec::columns);
    let strategy = Strategy::columns(policy);
    let read = exit.chain(win_back).chain(strategy).chain(monitoring);
    let read = read.map(str::to_owned);
    names.extend(churn.chain(read));
    names.into_iter().collect()
}

pub(super) struct Binder<'a> {
    pub(super) policy: &'a Policy,
    pub(super) catalog: &'a Catalog,
    pub(super) gaps: &'a Gaps,
    /// Which of the catalog's metrics to take that the policy does not list; `None`: all.
    used: Option<&'a BTreeSet<String>>,
    pub(super) problems: &'a mut Diagnostics,
    pub(super) schema: Schema,
}

impl<'a> Binder<'a> {
    fn new(
        policy: &'a Policy,
        catalog: &'a Catalog,
        gaps: &'a Gaps,
        used: Option<&'a BTreeSet<String>>,
        problems: &'a mut Diagnostics,
    ) -> Self {
        Self {
            policy,
            catalog,
            gaps,
            used,
            problems,
            schema: Schema::new(),
        }
    }

    fn bind(mut self) -> Option<Engine> {
        let policy = self.policy;
        self.head();
        let attributes = self.attributes();
        let (windows, metrics, cost_to_serve) = self.metrics();
        let prediction = self.prediction();
        let churn = self.churn();
        let rfm = self.rfm();
        let scores = self.scores();
        let points = self.points();
        let segments = self.segments();
        let fingerprint = policy.fingerprint();
        let mover = self.movement(&points, fingerprint);
        let life = self.lifecycle();
        let ladder = policy.tiers.bind(&self.schema, self.problems);
        let win_back = self.win_back();
        let exit = self.exit();
        let strategy = self.strategy();
        let monitor = self.monitor();
        self.costs();
        self.drop_consequences();
        self.say_more();
        let facts = metrics
            .iter()
            .flat_map(|m| m.metric.facts())
            .chain(mover.iter().flat_map(Mover::facts))
            .chain(
                points
                    .iter()
                    .flat_map(|p| &p.triggers)
                    .filter_map(|t| match t {
                        Trigger::Per(fact) => Some(fact.clone()),
                        _ => None,
                    }),
            )
            .collect::<Vec<_>>();
        let layout = Arc::new(Layout::new(policy.head.currency, facts));
        let (ladder, segments) = (ladder?, segments?);
        if self.problems.has_errors() {
            return None;
        }
        Some(Engine {
            policy: policy.clone(),
            fingerprint,
            schema: Arc::new(self.schema),
            layout,
            attributes,
            windows,
            metrics,
            cost_to_serve,
            prediction,
            churn,
            rfm,
            scores,
            points,
            segments,
            life,
            ladder,
            mover,
            win_back: win_back?,
            exit,
            strategy,
            monitor,
            fit: None,
        })
    }

    fn head(&mut self) {
        let policy = self.policy;
        if policy.format != FORMAT {
            let message = format!(
                "`{}` is not a form of policy this library reads",
                policy.format
            );
            self.problems.push(
                Diagnostic::error(Code::Document, Place::at("format"), message)
                    .help(format!("set `format = {FORMAT}`")),
            );
        }
        for (field, text) in [
            ("name", &policy.head.name),
            ("version", &policy.head.version),
        ] {
            if text.trim().is_empty() {
                let place = Place::at(format!("head.{field}"));
                self.problems.push(Diagnostic::error(
                    Code::Missing,
                    place,
                    format!("the {field} is empty"),
                ));
            }
        }
    }

    /// What the tiers cost is in the currency of the policy.
    fn costs(&mut self) {
        let currency = self.policy.head.currency;
        for (i, tier) in self.policy.tiers.tiers.iter().enumerate() {
            let Some(cost) = tier.cost_per_year.filter(|c| c.currency() != currency) else {
                continue;
            };
            let place = Place::at(format!("tiers[{i}].cost_per_year"));
            let message = format!("`{cost}` is not in {currency}, the currency of the policy");
            let problem = Diagnostic::error(Code::Conflict, place, message);
            self.problems
                .push(problem.help(format!("write it in {currency}")));
        }
    }

    /// Adds a column, or says what is wrong with its name.
    pub(super) fn column(&mut self, field: Field, path: &str) -> Option<Slot> {
        let name = field.name().to_owned();
        if self.gaps.has_column(&name) {
            return None;
        }
        if let Some(problem) = unusable(&name, path) {
            self.problems.push(problem);
            return None;
        }
        let slot = self.schema.add(field).ok();
        if slot.is_none() {
            let message = format!("there is another column named `{name}`");
            self.problems.push(Diagnostic::error(
                Code::DuplicateName,
                Place::at(path),
                message,
            ));
        }
        slot
    }

    fn attributes(&mut self) -> Vec<Attribute> {
        let mut bound = Vec::new();
        for (name, spec) in &self.policy.attributes {
            self.problems
                .extend(spec.check(&format!("attributes.{name}")));
            if let Some(slot) = self.column(spec.field(name), &format!("attributes.{name}")) {
                bound.push(Attribute {
                    name: name.clone(),
                    slot,
                });
            }
        }
        bound
    }

    fn metrics(&mut self) -> (Vec<Window>, Vec<Measured>, Option<CostColumns>) {
        let mut windows = Vec::new();
        let mut bound = Vec::new();
        let mut measure = |slot, metric: Arc<dyn Metric>| {
            let window = metric.window();
            let position = windows
                .iter()
                .position(|w| *w == window)
                .unwrap_or_else(|| {
                    windows.push(window);
                    windows.len() - 1
                });
            bound.push(Measured {
                metric,
                slot,
                window: position,
            });
        };
        for (i, spec) in self.policy.metrics.iter().enumerate() {
            let path = format!("metrics[{i}]");
            let Some(metric) = self.catalog.build(spec, &Place::at(&path), self.problems) else {
                continue;
            };
            let field = Field::number(metric.name(), metric.unit());
            if let Some(slot) = self.column(field, &format!("{path}.name")) {
                measure(slot, metric);
            }
        }
        let cost_to_serve = self.cost_to_serve();
        let slots = [COST_TO_SERVE, PROFIT].map(|name| {
            (self.policy.cost_to_serve.as_ref())
                .and_then(|_| self.column(Field::number(name, Unit::Money), COST_TO_SERVE))
        });
        for (slot, metric) in slots
            .into_iter()
            .zip(cost_to_serve.iter().flat_map(CostToServe::metrics))
        {
            if let Some(slot) = slot {
                measure(slot, metric);
            }
        }
        // Names somebody else makes are not looked up in the catalog.
        let taken: BTreeSet<&str> = self.made().into_iter().collect();
        let names: Vec<String> = self
            .catalog
            .names()
            .filter(|name| !taken.contains(name))
            .filter(|name| self.used.is_none_or(|used| used.contains(*name)))
            .map(str::to_owned)
            .collect();
        for name in names {
            if self.schema.slot(&name).is_none()
                && let Some(metric) = self.catalog.default_metric(&name)
                && let Ok(slot) = self.schema.add(Field::number(metric.name(), metric.unit()))
            {
                measure(slot, metric);
            }
        }
        let columns = match (cost_to_serve, slots) {
            (Some(cost), [Some(served), Some(profit)]) => Some(CostColumns {
                cost,
                slots: [served, profit],
            }),
            _ => None,
        };
        (windows, bound, columns)
    }

    fn cost_to_serve(&mut self) -> Option<Arc<CostToServe>> {
        let policy = self.policy;
        let spec = policy.cost_to_serve.as_ref()?;
        let tiers = policy.tiers.tiers.iter().map(|tier| tier.name.as_str());
        let tiers: Vec<&str> = tiers.collect();
        let cost = spec.bind(&tiers, policy.head.currency, self.problems);
        let asked = spec.waste.as_ref().and_then(|waste| waste.p_purchase_below);
        let p_purchase = PredictionMeasure::PPurchase.name();
        if asked.is_some() && policy.prediction.is_none() && !self.gaps.has_column(p_purchase) {
            let place = Place::at("cost_to_serve.waste.p_purchase_below");
            let message = "there is no `p_purchase` to compare with";
            let problem = Diagnostic::error(Code::Missing, place, message);
            let help = "add a section `[prediction]`, or leave it out";
            self.problems.push(problem.help(help));
        }
        cost.map(Arc::new)
    }

    fn prediction(&mut self) -> Option<PredictionColumns> {
        let spec = self.policy.prediction.as_ref()?;
        self.problems.extend(spec.check("prediction"));
        let slots = PredictionMeasure::ALL
            .map(|m| self.column(Field::number(m.name(), m.unit()), "prediction"));
        let [Some(a), Some(b), Some(c), Some(d), Some(e)] = slots else {
            return None;
        };
        Some(PredictionColumns {
            slots: [a, b, c, d, e],
            frozen: None,
        })
    }

    fn churn(&mut self) -> Option<ChurnColumn> {
        let spec = self.policy.churn.as_ref()?;
        spec.check_metrics(&self.policy.metrics, self.problems);
        let churn = spec.bind(&self.schema, self.problems);
        let slot = self.column(ChurnLevel::field(), CHURN);
        Some(ChurnColumn {
            churn: churn?,
            slot: slot?,
        })
    }

    /// The inner `None`: the policy has none.
    #[allow(clippy::option_option)]
    fn win_back(&mut self) -> Option<Option<WinBack>> {
        let Some(spec) = &self.policy.win_back else {
            return Some(None);
        };
        let currency = self.policy.head.currency;
        spec.bind(&self.schema, currency, self.problems).map(Some)
    }

    fn monitor(&mut self) -> Option<Monitor> {
        let spec = self.policy.monitoring.as_ref()?;
        spec.bind(&self.schema, "monitoring", self.problems)
    }

    fn exit(&mut self) -> Option<ExitColumn> {
        let spec = self.policy.exit.as_ref()?;
        let ladder = spec.bind(&self.schema, self.problems);
        let names: Vec<&str> = spec.steps.iter().map(|step| step.name.as_str()).collect();
        let slot = self.column(Field::category(EXIT, names), EXIT);
        Some(ExitColumn {
            ladder: ladder?,
            slot: slot?,
        })
    }

    fn segments(&mut self) -> Option<Segments> {
        let segments = Segments::bind(&self.policy.segments, &mut self.schema, self.problems);
        for (i, spec) in self.policy.segments.iter().enumerate() {
            if !self.is_measure(&spec.name) {
                continue;
            }
            let message = format!("`{}` is the name of a measure", spec.name);
            let place = Place::at(format!("segments[{i}].name"));
            let problem = Diagnostic::error(Code::DuplicateName, place, message);
            let problem = problem.help("choose another name");
            // That the measure has the column already is the same problem.
            let mut known = self.problems.iter_mut();
            match known.find(|other| other.place == problem.place) {
                Some(other) => *other = problem,
                None => self.problems.push(problem),
            }
        }
        segments
    }

    fn lifecycle(&mut self) -> Option<Life> {
        let spec = self.policy.lifecycle.as_ref()?;
        let cycle = spec.bind(&self.schema, self.problems);
        let names: Vec<&str> = spec.stages.iter().map(|s| s.name.as_str()).collect();
        let slot = self.column(Field::category(STAGE, names), "lifecycle");
        Some(Life {
            cycle: cycle?,
            slot: slot?,
        })
    }
}
