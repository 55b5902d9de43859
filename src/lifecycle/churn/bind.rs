//! Names to columns, and the checks of what a policy says about churn.

use super::level::ChurnLevel;
use super::method::{Churn, Method, Source};
use super::spec::{ACTIVE_DAYS, ChurnMeasure, ChurnMethodSpec, ChurnSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::metrics::MetricSpec;
use crate::model::Unit;
use crate::summary::Window;
use crate::table::{Schema, Slot};

impl ChurnSpec {
    /// Binds churn to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `churn.methods[1].lost`. `None` if there was an error.
    ///
    /// Reported are no method, columns that are not there or in another unit, thresholds that are no numbers, out of range,
    /// or do not get worse, a method with neither `at_risk` nor `lost`, `min_active_days` of 0, a `recent` or `baseline`
    /// without a day, a `baseline` shorter than `recent`; and, as warnings, methods that never answer, and percents that look
    /// like shares.
    pub fn bind(&self, schema: &Schema, diagnostics: &mut Diagnostics) -> Option<Churn> {
        let before = diagnostics.len();
        self.windows(diagnostics);
        if self.methods.is_empty() {
            let problem = Diagnostic::error(
                Code::Missing,
                Place::at("churn.methods"),
                "there is no method",
            );
            diagnostics.push(problem.help(
                "add one, such as `{ by = \"days_since_last\", at_risk = 120, lost = 240 }`",
            ));
            return None;
        }
        // Every method reads it, and one problem is enough.
        let active_days = column(ACTIVE_DAYS, schema, "churn.methods", diagnostics);
        let methods: Vec<Option<Method>> = (self.methods.iter().enumerate())
            .map(|(i, method)| {
                let path = format!("churn.methods[{i}]");
                let bound = method.bind(schema, &path, diagnostics);
                self.shadowed(i, &path, diagnostics);
                bound
            })
            .collect();
        let failed = diagnostics.has_errors_since(before);
        if failed {
            return None;
        }
        let methods = methods.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Churn::new(
            active_days?,
            methods,
            self.recent,
            self.baseline,
        ))
    }

    /// Reports the metrics of a policy that stand, over another window, under a name of [`columns`](Self::columns): churn is
    /// over the lifetime.
    pub fn check_metrics(&self, metrics: &[MetricSpec], diagnostics: &mut Diagnostics) {
        let columns = self.columns();
        for (i, metric) in metrics.iter().enumerate() {
            let lifetime = Window::Lifetime.to_string();
            let Some(window) = metric.window.as_ref().filter(|w| **w != lifetime) else {
                continue;
            };
            let name = metric.name();
            if columns.contains(name) {
                let place = Place::at(format!("metrics[{i}].name"));
                let message = format!(
                    "`{name}` over `{window}` takes the name of what churn reads, over the lifetime"
                );
                let problem = Diagnostic::error(Code::Conflict, place, message);
                diagnostics.push(problem.help("give it a name of its own"));
            }
        }
    }

    fn windows(&self, diagnostics: &mut Diagnostics) {
        let mut fine = true;
        for (field, days) in [("recent", self.recent), ("baseline", self.baseline)] {
            if days.get() < 1 {
                fine = false;
                let place = Place::at(format!("churn.{field}"));
                let message = format!("`{days}` is not a length of time");
                let problem = Diagnostic::error(Code::Range, place, message);
                diagnostics.push(problem.help("it has at least one day"));
            }
        }
        if fine && self.baseline < self.recent {
            let (recent, baseline) = (self.recent, self.baseline);
            let message = format!("`{baseline}` is shorter than `recent`, `{recent}`");
            let problem = Diagnostic::error(Code::Conflict, Place::at("churn.baseline"), message);
            diagnostics.push(problem.help(
                "whose baseline is shorter than the recent window has no evidence, and that would be everybody",
            ));
        }
    }

    /// A method never answers if an earlier one has enough data about everybody it has enough data about.
    fn shadowed(&self, position: usize, path: &str, diagnostics: &mut Diagnostics) {
        let Some(method) = self.methods.get(position) else {
            return;
        };
        let takes_all = |earlier: &ChurnMethodSpec| {
            // What has to be fitted may be unknown, whatever the customer's own days.
            let known = match earlier.by {
                ChurnMeasure::PopulationGapPercentile => earlier.by == method.by,
                by => !by.predicted() || method.by.predicted(),
            };
            known && earlier.need() <= method.need()
        };
        let Some(earlier) = self.methods.iter().take(position).position(takes_all) else {
            return;
        };
        let message =
            format!("the method never answers, since `methods[{earlier}]` does wherever it could");
        let problem = Diagnostic::warning(Code::Shadowed, Place::at(path), message);
        diagnostics.push(problem.help("put the method that needs more active days first"));
    }
}

impl ChurnMethodSpec {
    fn bind(&self, schema: &Schema, path: &str, diagnostics: &mut Diagnostics) -> Option<Method> {
        if self.min_active_days == Some(0) {
            let place = Place::at(format!("{path}.min_active_days"));
            let problem = Diagnostic::error(Code::Range, place, "`min_active_days` counts from 1");
            diagnostics.push(problem.help("write 1 if one is enough"));
        }
        self.check_thresholds(path, diagnostics);
        let by = format!("{path}.by");
        let slots: Vec<Option<Slot>> = (self.by.columns().iter())
            .map(|wanted| column(*wanted, schema, &by, diagnostics))
            .collect();
        let source = match (self.by, slots.as_slice()) {
            (ChurnMeasure::LapseShare, [silence, point]) => Source::Share((*silence)?, (*point)?),
            (ChurnMeasure::PopulationGapPercentile, [silence]) => Source::Population((*silence)?),
            (_, [number]) => Source::Column((*number)?),
            _ => return None,
        };
        Some(Method {
            by: self.by,
            source,
            need: self.need(),
            thresholds: self.thresholds(),
        })
    }

    fn check_thresholds(&self, path: &str, diagnostics: &mut Diagnostics) {
        if self.at_risk.or(self.lost).is_none() {
            let message = "there is neither `at_risk` nor `lost`";
            let problem = Diagnostic::error(Code::Missing, Place::at(path), message);
            diagnostics
                .push(problem.help("say from which number on a customer is at risk, or lost"));
        }
        let less = self.by.less_is_worse();
        let mut milder: Option<(ChurnLevel, f64)> = None;
        for (level, threshold) in ChurnLevel::WORSE.into_iter().zip(self.thresholds()) {
            let Some(at) = threshold else { continue };
            let place = Place::at(format!("{path}.{level}"));
            if let Some(problem) = out_of_range(self.by, at, &place) {
                diagnostics.push(problem);
                continue;
            }
            if let Some((before, other)) = milder
                && (if less { at >= other } else { at <= other })
            {
                let message = format!("`{level} = {at}` is not worse than `{before} = {other}`");
                let by = self.by;
                let order = if less {
                    format!("of `{by}` less is worse: the thresholds fall")
                } else {
                    format!("of `{by}` more is worse: the thresholds rise")
                };
                diagnostics.push(Diagnostic::error(Code::Conflict, place, message).help(order));
            }
            milder = Some((level, at));
        }
        let looks_like_share = |at: f64| at > 0.0 && at <= 1.0;
        let mut given = self.thresholds().into_iter().flatten().peekable();
        if self.by.unit() == Unit::Percent && given.peek().is_some() && given.all(looks_like_share)
        {
            let message = format!("the thresholds of `{}` look like shares", self.by);
            let problem = Diagnostic::warning(Code::Unit, Place::at(path), message);
            diagnostics.push(problem.help("they are percents: 40 % is written 40"));
        }
    }
}

/// What is wrong with a threshold by itself.
fn out_of_range(by: ChurnMeasure, at: f64, place: &Place) -> Option<Diagnostic> {
    let (most, what, help) = match by.unit() {
        Unit::Share => (1.0, "a share from 0 to 1", "60 % is written 0.6"),
        Unit::Percent => (100.0, "a percent from 0 to 100", "40 % is written 40"),
        Unit::Days => (f64::MAX, "a number of days of 0 or more", ""),
        _ => (f64::MAX, "a number of 0 or more", ""),
    };
    if (0.0..=most).contains(&at) {
        return None;
    }
    let message = format!("`{at}` is not {what}");
    let problem = Diagnostic::error(Code::Range, place.clone(), message);
    Some(if help.is_empty() {
        problem
    } else {
        problem.help(help)
    })
}

/// The column of a name and a unit, or what is wrong with it.
fn column(
    (name, unit): (&str, Unit),
    schema: &Schema,
    path: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Slot> {
    let field = schema
        .slot(name)
        .and_then(|slot| Some((slot, schema.field(slot)?)));
    let problem = match field {
        Some((slot, field)) if field.unit() == Some(unit) => return Some(slot),
        Some(_) => {
            let message = format!("the column `{name}` is not in {unit}");
            Diagnostic::error(Code::Type, Place::at(path), message).help(format!(
                "churn reads the measure `{name}`: give the other another name"
            ))
        }
        None => {
            let message = format!("there is no column `{name}`");
            let problem = Diagnostic::error(Code::UnknownName, Place::at(path), message);
            if (ChurnMeasure::ALL.iter()).any(|by| by.predicted() && by.name() == name) {
                problem.help(format!("`{name}` is made by a section `[prediction]`"))
            } else {
                problem.did_you_mean(name, schema.names())
            }
        }
    };
    diagnostics.push(problem);
    None
}
