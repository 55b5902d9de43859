//! What a policy learns from a population, as plain data.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::history::IdRef;
use crate::lifecycle::churn::{Churn, GapDistribution};
use crate::lifecycle::win_back::WinBack;
use crate::metrics::lifetime::Prediction;
use crate::model::Day;
use crate::parallel;
use crate::rules::{Cut, PopulationCondition, Rule};
use crate::scoring::{Rfm, Scale};
use crate::table::{Schema, Table};

use super::bulk::CHUNK;
use super::fill::Input;
use super::population::{Population, Standings};
use super::scoring_bind::Trigger;
use super::{Engine, Points};

/// Everything a policy learned from a population: the models of its prediction, RFM breaks, scales, and the thresholds behind percentile and
/// cumulative-share conditions. Plain serialisable data: fit nightly, score online, same numbers.
///
/// Text forms hold its numbers as strings, so that every reader restores them to the last bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// The name of the policy it was made for.
    pub policy: String,
    /// The version of the policy it was made for.
    pub policy_version: String,
    /// The day it was made for.
    pub as_of: Day,
    /// How many customers it was made from.
    pub customers: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) prediction: Option<Prediction>,
    /// The gaps between the purchases of everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gaps: Option<GapDistribution>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rfm: Option<Rfm>,
    /// By the name of the score: the scale of each part.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) scales: BTreeMap<String, Vec<Scale>>,
    /// By the condition's text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) cuts: BTreeMap<String, Cut>,
}

impl Engine {
    /// Learns from a population what the policy needs to know of it. Standings matter to point scores only.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    ///
    /// # Errors
    /// The histories lack facts that the policy needs, or are in another currency (`is_misuse`): build them with
    /// [`layout`](Engine::layout).
    pub fn fit<'s>(
        &self,
        population: &Population,
        standings: impl Into<Option<&'s Standings>>,
        as_of: Day,
    ) -> Result<Fit, Error> {
        let standings = standings.into();
        self.check_layout(population.histories().layout())?;
        let mut fit = Fit {
            policy: self.policy.head.name.clone(),
            policy_version: self.policy.head.version.clone(),
            as_of,
            customers: population.len() as u64,
            prediction: None,
            gaps: None,
            rfm: None,
            scales: BTreeMap::new(),
            cuts: BTreeMap::new(),
        };
        if !self.needs_fit() {
            return Ok(fit);
        }
        let mut engine = self.clone();
        if let (Some(columns), Some(spec)) = (&mut engine.prediction, &self.policy.prediction) {
            let prediction = spec.fit(population.histories(), as_of);
            columns.frozen = Some(Arc::new(prediction.clone()));
            fit.prediction = Some(prediction);
        }
        if let Some(churn) = engine.churn.as_mut().map(|column| &mut column.churn)
            && churn.needs_population()
        {
            let gaps = GapDistribution::fit(population.histories(), as_of);
            churn.freeze(gaps.clone());
            fit.gaps = Some(gaps);
        }
        let mut table = engine.measure_all(population, as_of);
        if let (Some(columns), Some(spec)) = (&mut engine.rfm, &self.policy.rfm) {
            let [r, f, m] = columns.inputs.map(|slot| table.column(slot).cells());
            // The specification was checked when it was bound.
            fit.rfm = spec.fit(r, f, m).ok();
            columns.frozen.clone_from(&fit.rfm);
            engine.score_rfm(&mut table);
        }
        for position in 0..engine.scores.len() {
            if let Some(score) = engine.scores.get_mut(position) {
                let scales = score.bound.fit(&table);
                score.frozen = score.bound.freeze(&scales).ok();
                if score.bound.is_fitted() {
                    fit.scales.insert(score.name.clone(), scales);
                }
            }
            engine.score_weighted(position, &mut table);
        }
        engine.fit_points(population, standings, as_of, &mut table, &mut fit)?;
        engine.fit_segments(&mut table, &mut fit)?;
        let schema = &self.schema;
        for condition in self.judged_last() {
            cut(&condition, schema, &table, &mut fit.cuts);
        }
        Ok(fit)
    }

    /// The conditions on the population of what is judged when every column of numbers is there.
    fn judged_last(&self) -> impl Iterator<Item = PopulationCondition> {
        let stage = self.life.iter().flat_map(|life| life.cycle.population());
        let win_back = self.win_back.iter().flat_map(WinBack::population);
        let exit = self.exit.iter().flat_map(|exit| exit.ladder.population());
        stage
            .chain(self.ladder.population())
            .chain(win_back)
            .chain(exit)
            .chain(self.strategy.population())
    }

    fn fit_points(
        &mut self,
        population: &Population,
        standings: Option<&Standings>,
        as_of: Day,
        table: &mut Table,
        fit: &mut Fit,
    ) -> Result<(), Error> {
        if self.points.is_empty() {
            return Ok(());
        }
        // One score after the other: a rule may ask where a customer stands in the points before it.
        for position in 0..self.points.len() {
            if let Some(points) = self.points.get_mut(position) {
                for condition in points.rules().flat_map(Rule::population) {
                    cut(condition, &self.schema, table, &mut fit.cuts);
                }
                points.freeze(&self.schema, fit)?;
            }
            let Some(points) = self.points.get(position) else {
                continue;
            };
            let mut remembered = standings.map(Standings::ascending);
            for (row, (id, history)) in population.histories().iter().enumerate() {
                let input = Input {
                    id: Some(IdRef::Id(&id)),
                    history,
                    customer: population.customer(row),
                    attempts: population.attempts(row),
                    making_up: None,
                    foreseen: false,
                    standing: (remembered.as_mut()).and_then(|all| all.find(IdRef::Id(&id))),
                };
                points.score(table, row, &input, as_of);
            }
        }
        Ok(())
    }

    /// One segment after the other: a rule may ask where a customer stands in the segments before it.
    fn fit_segments(&mut self, table: &mut Table, fit: &mut Fit) -> Result<(), Error> {
        for position in 0..self.segments.len() {
            if let Some(rule) = self.segments.rules_mut().nth(position) {
                for condition in rule.population() {
                    cut(condition, &self.schema, table, &mut fit.cuts);
                }
                let cuts = answers(rule.population(), &self.schema, fit)?;
                rule.freeze(&cuts)?;
            }
            self.segments.fill_one(position, table);
        }
        Ok(())
    }

    /// Attributes and metrics of everybody, in the order of the population.
    fn measure_all(&self, population: &Population, as_of: Day) -> Table {
        let rows = population.len();
        let chunks = rows.div_ceil(CHUNK);
        let parts = parallel::map(chunks, |chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
            let mut table = Table::new(Arc::clone(&self.schema), range.len());
            self.with_inputs(population, None, range, |inputs| {
                self.measure(&mut table, inputs, as_of);
            });
            table
        });
        Table::concat(Arc::clone(&self.schema), &parts)
    }

    /// Whether anything in the policy depends on the population.
    #[must_use]
    pub fn needs_fit(&self) -> bool {
        self.prediction.is_some()
            || self.rfm.is_some()
            || self.scores.iter().any(|score| score.bound.is_fitted())
            || self
                .points
                .iter()
                .flat_map(Points::rules)
                .any(|rule| !rule.population().is_empty())
            || self
                .segments
                .iter()
                .any(|s| !s.rule().population().is_empty())
            || self.churn().is_some_and(Churn::needs_population)
            || self.judged_last().next().is_some()
    }

    /// The fit it uses, if it has one.
    #[must_use]
    pub fn current_fit(&self) -> Option<&Fit> {
        self.fit.as_ref()
    }

    /// Fits the policy to a population and uses the fit at once: [`fit`](Self::fit) and [`freeze`](Self::freeze).
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fitted_to<'s>(
        self,
        population: &Population,
        standings: impl Into<Option<&'s Standings>>,
        as_of: Day,
    ) -> Result<Self, Error> {
        let fit = self.fit(population, standings, as_of)?;
        self.freeze(fit)
    }

    /// The same engine with what was learned from a population.
    ///
    /// # Errors
    /// The fit is of another policy (`is_misuse`).
    pub fn freeze(mut self, fit: Fit) -> Result<Self, Error> {
        let head = &self.policy.head;
        if (&fit.policy, &fit.policy_version) != (&head.name, &head.version) {
            return Err(Error::misuse(format!(
                "the fit is of policy `{}` version `{}`, not of `{}` version `{}`",
                fit.policy, fit.policy_version, head.name, head.version
            )));
        }
        if let (Some(columns), Some(spec)) = (&mut self.prediction, &self.policy.prediction) {
            let fitted = fit
                .prediction
                .as_ref()
                .filter(|fitted| fitted.spec == *spec);
            let Some(fitted) = fitted else {
                return Err(Error::misuse(
                    "the fit has no prediction of the kind the policy wants",
                ));
            };
            columns.frozen = Some(Arc::new(fitted.clone()));
        }
        if let Some(churn) = self.churn.as_mut().map(|column| &mut column.churn)
            && churn.needs_population()
        {
            let Some(gaps) = &fit.gaps else {
                return Err(Error::misuse(
                    "the fit has no gaps of the population, and churn needs them",
                ));
            };
            churn.freeze(gaps.clone());
        }
        if let (Some(columns), Some(spec)) = (&mut self.rfm, &self.policy.rfm) {
            let Some(fitted) = &fit.rfm else {
                return Err(Error::misuse("the fit has no RFM, and the policy has"));
            };
            columns.frozen = Some(spec.freeze(fitted)?);
        }
        for score in &mut self.scores {
            let scales = fit.scales.get(&score.name).map_or(&[][..], Vec::as_slice);
            score.frozen = Some(score.bound.freeze(scales)?);
        }
        for points in &mut self.points {
            points.freeze(&self.schema, &fit)?;
        }
        for rule in self.segments.rules_mut() {
            let cuts = answers(rule.population(), &self.schema, &fit)?;
            rule.freeze(&cuts)?;
        }
        if let Some(life) = &mut self.life {
            let cuts = answers(&life.cycle.population(), &self.schema, &fit)?;
            life.cycle.freeze(&cuts)?;
        }
        let cuts = answers(&self.ladder.population(), &self.schema, &fit)?;
        self.ladder.freeze(&cuts)?;
        if let Some(win_back) = &mut self.win_back {
            let cuts = answers(&win_back.population(), &self.schema, &fit)?;
            win_back.freeze(&cuts)?;
        }
        if let Some(exit) = &mut self.exit {
            let cuts = answers(&exit.ladder.population(), &self.schema, &fit)?;
            exit.ladder.freeze(&cuts)?;
        }
        if let Some(playbook) = &mut self.strategy.playbook {
            let cuts = answers(&playbook.population(), &self.schema, &fit)?;
            playbook.freeze(&cuts)?;
        }
        if let Some(surveys) = &mut self.strategy.surveys {
            let cuts = answers(&surveys.population(), &self.schema, &fit)?;
            surveys.freeze(&cuts)?;
        }
        self.fit = Some(fit);
        Ok(self)
    }
}

impl Points {
    /// The conditions of its rules.
    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::When(rule) => Some(rule),
            _ => None,
        })
    }

    fn freeze(&mut self, schema: &Schema, fit: &Fit) -> Result<(), Error> {
        for trigger in &mut self.triggers {
            if let Trigger::When(rule) = trigger {
                let cuts = answers(rule.population(), schema, fit)?;
                rule.freeze(&cuts)?;
            }
        }
        Ok(())
    }
}

/// The condition as a question to a fit.
fn question(condition: &PopulationCondition, schema: &Schema) -> String {
    let column = schema.field(condition.slot).map_or("", |f| f.name());
    format!(
        "{}({column}) {} {}",
        condition.measure, condition.op, condition.at
    )
}

fn cut(
    condition: &PopulationCondition,
    schema: &Schema,
    table: &Table,
    cuts: &mut BTreeMap<String, Cut>,
) {
    cuts.entry(question(condition, schema)).or_insert_with(|| {
        let cells = table.column(condition.slot).cells();
        Cut::of(condition, cells.iter().map(|cell| cell.number()))
    });
}

fn answers(
    conditions: &[PopulationCondition],
    schema: &Schema,
    fit: &Fit,
) -> Result<Vec<Cut>, Error> {
    conditions
        .iter()
        .map(|condition| {
            let question = question(condition, schema);
            fit.cuts
                .get(&question)
                .copied()
                .ok_or_else(|| Error::misuse(format!("the fit knows nothing of `{question}`")))
        })
        .collect()
}
