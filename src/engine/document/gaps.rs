//! What a document lost where it could not be read, so that one mistake is not reported as several.

use std::collections::BTreeSet;

use super::fault::written;
use super::value::Step;
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::bind::EXIT;
use crate::lifecycle::churn::CHURN;
use crate::metrics::cost::{COST_TO_SERVE, PROFIT};
use crate::metrics::lifetime::PredictionMeasure;
use crate::tiering::QUALIFYING;

/// The parts of a policy that could not be read, and what is unknown for want of them.
#[derive(Debug, Default)]
pub(in crate::engine) struct Gaps {
    /// Places that were left out, or where a stand-in is read.
    places: Vec<String>,
    /// Columns that the document means to have, of which too much is unknown to make them.
    columns: BTreeSet<String>,
    /// There are columns whose names are unknown.
    unnamed: bool,
    /// Parts of the policy with names of their own, of stages or of groups, that are not all known.
    nameless: Vec<String>,
    /// The currency of the policy is unknown.
    no_currency: bool,
}

impl Gaps {
    /// A field was left out that no type knows; what it was meant to be may be missed.
    pub(super) fn leave_out(&mut self, path: &[Step]) {
        self.places.push(written(path));
        // A whole section.
        self.unnamed |= path.len() == 1;
    }

    /// What stands at a place is unknown.
    pub(super) fn lose(&mut self, path: &[Step]) {
        self.places.push(written(path));
        let words: Vec<&str> = path
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.as_str(),
                Step::Index(_) => "#",
            })
            .collect();
        match *words.as_slice() {
            ["attributes" | "metrics" | "scores" | "points" | "segments"]
            | ["metrics" | "scores" | "points" | "segments", "#"]
            | ["metrics" | "scores" | "points" | "segments", "#", "name"]
            | ["metrics", "#", "measure"] => self.unnamed = true,
            ["attributes", name, ..] => self.column(name),
            ["prediction"] => PredictionMeasure::ALL
                .iter()
                .for_each(|measure| self.column(measure.name())),
            ["movement"] | ["movement", "qualifying", ..] => self.column(QUALIFYING),
            ["rfm"] => ["r", "f", "m", "segment"]
                .iter()
                .for_each(|name| self.column(name)),
            ["rfm", "segments", ..] => self.column("segment"),
            ["cost_to_serve"] => {
                self.column(COST_TO_SERVE);
                self.column(PROFIT);
            }
            ["cost_to_serve", "resources"]
            | ["cost_to_serve", "resources", "#"]
            | ["cost_to_serve", "resources", "#", "name"] => {
                self.nameless.push("cost_to_serve".to_owned());
            }
            ["head"] | ["head", "currency"] => self.no_currency = true,
            ["tiers"] | ["tiers", "#"] | ["tiers", "#", "name"] => {
                for part in ["playbook", "budget", "allocation"] {
                    self.nameless.push(part.to_owned());
                }
                self.nameless.push("cost_to_serve.waste".to_owned());
            }
            ["playbook", "channels" | "actions"]
            | ["playbook", "channels" | "actions", "#"]
            | ["playbook", "actions", "#", "name"] => self.nameless.push("playbook".to_owned()),
            ["churn"] => self.column(CHURN),
            ["exit"] | ["exit", "steps", ..] => self.column(EXIT),
            ["lifecycle"] => self.column("stage"),
            ["lifecycle", "stages"]
            | ["lifecycle", "stages", "#"]
            | ["lifecycle", "stages", "#", "name"] => {
                self.nameless.push("lifecycle".to_owned());
                self.column("stage");
            }
            ["points", "#", "rules"]
            | ["points", "#", "rules", "#"]
            | ["points", "#", "rules", "#", "group"] => {
                self.nameless.extend(path.get(..2).map(written));
            }
            _ => {}
        }
    }

    fn column(&mut self, name: &str) {
        self.columns.insert(name.to_owned());
    }

    /// Whether a column is meant to be there, but cannot be made.
    pub(in crate::engine) fn has_column(&self, name: &str) -> bool {
        self.columns.contains(name)
    }

    /// Whether a problem of the policy as far as it was read can follow from what was not.
    pub(in crate::engine) fn explain(&self, problem: &Diagnostic) -> bool {
        let path = problem.place.path.as_str();
        let touched = self.places.iter().any(|gap| {
            is_inside(path, gap) || (is_inside(gap, path) && problem.code != Code::DuplicateName)
        });
        let unknown = match missing_column(problem) {
            // A name that is close to a known one is rather a slip of the pen.
            Some(_) => self.unnamed && problem.help.is_none(),
            None => {
                problem.code == Code::UnknownName
                    && self.nameless.iter().any(|part| is_inside(path, part))
            }
        };
        let unused = !self.places.is_empty() && problem.code == Code::Unused;
        // Another currency than one that could not be read is no mistake.
        let currency = self.no_currency
            && problem.code == Code::Conflict
            && problem.message.ends_with("the currency of the policy");
        touched || unknown || unused || currency
    }
}

/// Whether a place is another one or inside it.
pub(super) fn is_inside(place: &str, other: &str) -> bool {
    place
        .strip_prefix(other)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The column that a problem says is not there.
pub(in crate::engine) fn missing_column(problem: &Diagnostic) -> Option<&str> {
    if problem.code != Code::UnknownName {
        return None;
    }
    problem
        .message
        .strip_prefix("there is no column ")?
        .split('`')
        .nth(1)
}
