//! Parts of a policy that nothing reads.

use std::collections::BTreeSet;

use super::finding::{Finding, Witness, WitnessValue};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::engine::Engine;
use crate::engine::bind::used_names;
use crate::metrics::MetricSpec;
use crate::model::{Day, Unit};
use crate::rules::Found;
use crate::table::Table;

impl Engine {
    /// The metrics that the policy lists and nothing in it reads: they are measured for the output only.
    ///
    /// That is a purpose, so it is no finding of [`analyse`](Self::analyse).
    #[must_use]
    pub fn unread_metrics(&self) -> Vec<&str> {
        let read = used_names(&self.policy);
        let names = self.policy.metrics.iter().map(MetricSpec::name);
        names.filter(|name| !read.contains(*name)).collect()
    }

    /// Attributes, and metrics that are measured twice, that nothing reads.
    pub(super) fn unread_inputs(&self) -> Vec<Finding> {
        let read = used_names(&self.policy);
        let mut found = Vec::new();
        for name in self.policy.attributes.keys() {
            if !read.contains(name) {
                let place = Place::at(format!("attributes.{name}"));
                found.push(self.unread(name, place, format!("nothing reads `{name}`")));
            }
        }
        for (i, spec) in self.policy.metrics.iter().enumerate() {
            let name = spec.name();
            if let Some(other) = self.twin(name, spec, &read)
                && !read.contains(name)
            {
                let place = Place::at(format!("metrics[{i}]"));
                let message = format!("nothing reads `{name}`, and `{other}` is the same");
                found.push(self.unread(name, place, message));
            }
        }
        found
    }

    /// Scores and points that nothing reads, where there is a tier to read them.
    pub(super) fn unread_scores(&self) -> Vec<Finding> {
        let read = used_names(&self.policy);
        let decides = self
            .policy
            .tiers
            .tiers
            .iter()
            .any(|tier| tier.when.is_some());
        let scores = self.policy.scores.iter().map(|score| &score.name);
        let points = self.policy.points.iter().map(|points| &points.name);
        let paths = (0..).map(|i| format!("scores[{i}]"));
        let places = scores.zip(paths);
        let paths = (0..).map(|i| format!("points[{i}]"));
        places
            .chain(points.zip(paths))
            .filter(|(name, _)| decides && !read.contains(*name))
            .map(|(name, path)| {
                let message = format!("nothing reads `{name}`, and no tier depends on it");
                self.unread(name, Place::at(path), message)
            })
            .collect()
    }

    /// A metric that is read and measures the same as one of another name.
    fn twin<'a>(
        &'a self,
        name: &str,
        spec: &MetricSpec,
        read: &BTreeSet<String>,
    ) -> Option<&'a str> {
        let window = |name: &str| {
            let measured = self.metrics.iter().find(|m| m.metric.name() == name)?;
            Some(measured.metric.window())
        };
        let bare = |spec: &MetricSpec| MetricSpec {
            name: None,
            window: None,
            ..spec.clone()
        };
        let same = |other: &&str| {
            let listed = self.policy.metrics.iter().find(|m| m.name() == *other);
            let other_spec = listed.map_or_else(|| MetricSpec::new(*other), bare);
            *other != name && other_spec == bare(spec) && window(other) == window(name)
        };
        let measured = self.metrics.iter().map(|m| m.metric.name());
        measured.filter(|other| read.contains(*other)).find(same)
    }

    /// Two customers who differ in nothing but the column, and have the same tier.
    fn unread(&self, name: &str, place: Place, message: String) -> Finding {
        let diagnostic = Diagnostic::warning(Code::Unused, place, message)
            .help("leave it out, or let a rule or a score read it");
        let table = Table::new(std::sync::Arc::clone(&self.schema), 1);
        let tier = self.ladder.decide(table.row(0)).tier;
        let field = self.slot(name).and_then(|slot| self.schema.field(slot));
        let unit = field.and_then(|field| field.unit());
        let some = match (unit, field.and_then(|field| field.words().first())) {
            (_, Some(word)) => Found::Word(word.clone()),
            (Some(Unit::Flag), _) => Found::Flag(true),
            (Some(Unit::Date), _) => Found::Day(Day::from_epoch_days(0).unwrap_or(Day::MIN)),
            _ => Found::Number(1.0),
        };
        let witness = [Found::Missing, some].map(|found| Witness {
            values: vec![WitnessValue {
                column: name.to_owned(),
                unit,
                found,
            }],
            tier: self.ladder.name(tier).to_owned(),
        });
        Finding {
            diagnostic,
            witness: witness.into(),
        }
    }
}
