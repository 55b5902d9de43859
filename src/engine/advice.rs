//! Problems as a person wants to read them: no follow-ups of another problem, and more advice than a room that knows only
//! columns can give.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::lifecycle::churn::CHURN;
use crate::metrics::MetricSpec;
use crate::metrics::cost::{COST_TO_SERVE, PROFIT};
use crate::metrics::lifetime::PredictionMeasure;
use crate::tiering::QUALIFYING;

use super::bind::{Binder, EXIT, RFM_COLUMNS, SEGMENT, STAGE};
use super::document::missing_column;

/// A threshold is there, and the qualifying metric is not.
fn asks_metric(problem: &Diagnostic) -> bool {
    let path = problem.place.path.as_str();
    problem.code == Code::Missing
        && path.starts_with("tiers[")
        && problem.message.ends_with(" that the policy does not name")
}

impl<'a> Binder<'a> {
    /// Leaves out what is only wrong because something else is: a rule reads a column that could not be made.
    pub(super) fn drop_consequences(&mut self) {
        let policy = self.policy;
        let mut meant: BTreeSet<&str> = policy.attributes.keys().map(String::as_str).collect();
        meant.extend(policy.metrics.iter().map(MetricSpec::name));
        meant.extend(self.made());
        let follows = |problem: &Diagnostic| {
            let made = |name: &str| self.schema.slot(name).is_some();
            let failed = |name| (meant.contains(name) || self.gaps.has_column(name)) && !made(name);
            let column = missing_column(problem).or(asks_metric(problem).then_some(QUALIFYING));
            column.is_some_and(failed) || self.gaps.explain(problem)
        };
        let all = std::mem::take(self.problems);
        self.problems
            .extend(all.into_iter().filter(|problem| !follows(problem)));
    }

    /// What a room that knows only columns cannot say of one that is not there.
    pub(super) fn say_more(&mut self) {
        let made: BTreeSet<&str> = self.made().into_iter().collect();
        let measures: BTreeSet<&str> = self.catalog.names().collect();
        for problem in self.problems.iter_mut() {
            let Some(name) = missing_column(problem).map(str::to_owned) else {
                continue;
            };
            if made.contains(&*name) {
                problem.code = Code::Order;
                problem.message = format!("`{name}` is not known yet here");
                let order = "columns are made in this order: attributes, metrics, cost to serve, prediction, churn, RFM, scores, points, segments, stage, exit";
                problem.help = Some(order.to_owned());
            } else if measures.contains(&*name) {
                let help = format!("`{name}` needs parameters: list it under `metrics`");
                problem.help = Some(help);
            } else if PredictionMeasure::ALL.iter().any(|m| m.name() == name) {
                let help = format!("`{name}` is made by a section `[prediction]`");
                problem.help = Some(help);
            } else if [COST_TO_SERVE, PROFIT].contains(&&*name) {
                let help = format!("`{name}` is made by a section `[cost_to_serve]`");
                problem.help = Some(help);
            } else if problem.help.is_none() {
                // Measures with parameters are no columns by themselves.
                *problem = problem
                    .clone()
                    .did_you_mean(&name, measures.iter().copied());
            }
        }
    }

    /// Whether it is the name of a measure of the catalog.
    pub(super) fn is_measure(&self, name: &str) -> bool {
        self.catalog.names().any(|measure| measure == name)
    }

    /// The names of the columns that the policy makes out of others.
    pub(super) fn made(&self) -> Vec<&'a str> {
        let policy = self.policy;
        let mut names: Vec<&str> = policy.scores.iter().map(|s| s.name.as_str()).collect();
        names.extend(policy.points.iter().map(|p| p.name.as_str()));
        // Where one has the name of a measure, which is reported, rules mean the measure.
        let segments = policy.segments.iter().map(|s| s.name.as_str());
        names.extend(segments.filter(|name| !self.is_measure(name)));
        if policy.prediction.is_some() {
            names.extend(PredictionMeasure::ALL.map(PredictionMeasure::name));
        }
        if policy.cost_to_serve.is_some() {
            names.extend([COST_TO_SERVE, PROFIT]);
        }
        if policy.churn.is_some() {
            names.push(CHURN);
        }
        if policy.rfm.is_some() {
            names.extend(RFM_COLUMNS);
        }
        if policy
            .rfm
            .as_ref()
            .is_some_and(|rfm| rfm.bins == 5 || !rfm.segments.is_empty())
        {
            names.push(SEGMENT);
        }
        if policy.lifecycle.is_some() {
            names.push(STAGE);
        }
        if policy.exit.is_some() {
            names.push(EXIT);
        }
        names
    }
}
