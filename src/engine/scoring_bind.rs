//! The scores of a policy, RFM, weighted and by points: from names to columns, and what is wrong with them.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::history::{Fact, Measure};
use crate::model::Unit;
use crate::rules::{Expr, Rule};
use crate::scoring::{BoundWeighted, PointBook, PointRule, SegmentTable};
use crate::table::Field;

use super::bind::{Binder, RFM_COLUMNS, SEGMENT};
use super::{Points, RfmColumns, Score};

/// What makes a point rule give its points.
#[derive(Debug, Clone)]
pub(super) enum Trigger {
    /// The condition holds at the review.
    When(Rule),
    /// So many times on each day of the history.
    Per(Fact),
    /// The host says so.
    Host,
}

impl Binder<'_> {
    pub(super) fn rfm(&mut self) -> Option<RfmColumns> {
        let spec = self.policy.rfm.as_ref()?;
        let found = spec.check("rfm");
        let wrong = found.has_errors();
        self.problems.extend(found);
        let dimensions = ["recency", "frequency", "monetary"];
        let inputs = dimensions
            .iter()
            .zip(spec.columns())
            .map(|(dimension, name)| {
                let slot = self
                    .schema
                    .slot(name)
                    .filter(|slot| self.schema.field(*slot).is_some_and(|f| f.unit().is_some()));
                if slot.is_none() {
                    let place = Place::at(format!("rfm.{dimension}.column"));
                    self.problems.push(
                        Diagnostic::error(
                            Code::UnknownName,
                            place,
                            format!("there is no column of numbers `{name}`"),
                        )
                        .did_you_mean(name, self.schema.names()),
                    );
                }
                slot
            })
            .collect::<Vec<_>>();
        let scores = RFM_COLUMNS.map(|name| self.column(Field::number(name, Unit::Points), "rfm"));
        let names: Option<Vec<String>> = match (spec.bins, spec.segments.as_slice()) {
            (5, []) => Some(SegmentTable::default().names().to_vec()),
            (_, []) => None,
            // Also of a table with problems: who reads the column is not to blame.
            (_, specs) => Some(SegmentTable::words(specs)),
        };
        let segment = match names {
            Some(names) => Some(self.column(Field::category(SEGMENT, names), "rfm")?),
            None => None,
        };
        if wrong {
            return None;
        }
        let ([Some(recency), Some(frequency), Some(monetary)], [Some(r), Some(f), Some(m)]) =
            (inputs.as_slice(), scores)
        else {
            return None;
        };
        Some(RfmColumns {
            inputs: [*recency, *frequency, *monetary],
            scores: [r, f, m],
            segment,
            frozen: None,
        })
    }

    pub(super) fn scores(&mut self) -> Vec<Score> {
        let mut bound = Vec::new();
        for (i, spec) in self.policy.scores.iter().enumerate() {
            let path = format!("scores[{i}]");
            let weighted: Option<BoundWeighted> =
                spec.weighted().bind(&self.schema, &path, self.problems);
            let field = Field::number(spec.name.as_str(), Unit::Points);
            let slot = self.column(field, &format!("{path}.name"));
            if let (Some(weighted), Some(slot)) = (weighted, slot) {
                bound.push(Score {
                    name: spec.name.clone(),
                    slot,
                    // Without anything to fit the score is ready.
                    frozen: weighted.freeze(&[]).ok(),
                    bound: weighted,
                });
            }
        }
        bound
    }

    pub(super) fn points(&mut self) -> Vec<Points> {
        let mut bound = Vec::new();
        for (i, spec) in self.policy.points.iter().enumerate() {
            let path = format!("points[{i}]");
            let book: Option<PointBook> = spec.points().bind(&path, self.problems);
            let mut triggers = Vec::new();
            for (j, rule) in spec.rules.iter().enumerate() {
                let path = format!("{path}.rules[{j}]");
                if let Some(trigger) = self.trigger(rule, &path) {
                    triggers.push(trigger);
                }
            }
            let field = Field::number(spec.name.as_str(), Unit::Points);
            let slot = self.column(field, &format!("{path}.name"));
            if let (Some(book), Some(slot), true) = (book, slot, triggers.len() == spec.rules.len())
            {
                bound.push(Points {
                    name: spec.name.clone(),
                    slot,
                    book,
                    triggers,
                });
            }
        }
        bound
    }

    fn trigger(&mut self, rule: &PointRule, path: &str) -> Option<Trigger> {
        match (&rule.when, &rule.per) {
            // The book has said so.
            (Some(_), Some(_)) => None,
            (None, None) => Some(Trigger::Host),
            (Some(when), None) => {
                let place = Place::at(format!("{path}.when"));
                match when.parse::<Expr>() {
                    Ok(expr) => expr
                        .bind(&self.schema, &place, self.problems)
                        .map(Trigger::When),
                    Err(found) => {
                        for mut problem in found {
                            problem.place.path.clone_from(&place.path);
                            self.problems.push(problem);
                        }
                        None
                    }
                }
            }
            (None, Some(per)) => match per.as_str() {
                "purchase" => Some(Trigger::Per(Fact::new(Measure::Purchases))),
                _ => {
                    let place = Place::at(format!("{path}.per"));
                    let message = format!("`{per}` is not something points are given for");
                    self.problems
                        .push(Diagnostic::error(Code::UnknownName, place, message).help(
                        "points are given per `purchase`; other records are triggered by the host",
                    ));
                    None
                }
            },
        }
    }
}
