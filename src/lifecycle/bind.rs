//! Names to stages and columns, and the checks of a lifecycle.

use std::ops::Range;

use super::machine::{Lifecycle, MAX, Since, Stage, StageId, Transition};
use super::spec::{ANY, LifecycleSpec, Origin, TransitionSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Days, Unit};
use crate::rules::Rule;
use crate::table::Schema;

impl LifecycleSpec {
    /// Binds the lifecycle to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `lifecycle.transitions[2].when`. `None` if there was an error.
    ///
    /// Reported are a missing or unknown start, empty, reserved and duplicate stage names, more than 64 stages or
    /// transitions, transitions with unknown stages, without a stage to leave, or from a stage to itself, a `since`
    /// that is not a date column plus days, everything [`Expr::bind`](crate::rules::Expr::bind) reports, and, as a
    /// warning, stages that no transitions lead to.
    pub fn bind(&self, schema: &Schema, diagnostics: &mut Diagnostics) -> Option<Lifecycle> {
        let before = diagnostics.len();
        let binder = Binder { spec: self, schema };
        binder.stages(diagnostics);
        let start = binder.start(diagnostics);
        let transitions: Vec<_> = self
            .transitions
            .iter()
            .enumerate()
            .take(MAX)
            .map(|(i, t)| binder.transition(&format!("lifecycle.transitions[{i}]"), t, diagnostics))
            .collect();
        let failed = diagnostics
            .iter()
            .skip(before)
            .any(|d| d.severity == Severity::Error);
        if failed {
            return None;
        }
        let stages = self.stages.iter().map(|stage| Stage {
            name: stage.name.clone(),
            rank: stage.rank,
        });
        let transitions = transitions.into_iter().collect::<Option<Vec<_>>>()?;
        let lifecycle = Lifecycle::new(stages.collect(), start?, transitions);
        for id in lifecycle.unreachable() {
            let message = format!("nothing leads to the stage `{}`", lifecycle.name(id));
            let place = Place::at(format!("lifecycle.stages[{}]", id.index()));
            diagnostics.push(Diagnostic::warning(Code::Unused, place, message));
        }
        Some(lifecycle)
    }
}

struct Binder<'a> {
    spec: &'a LifecycleSpec,
    schema: &'a Schema,
}

impl Binder<'_> {
    fn stage(&self, name: &str) -> Option<StageId> {
        let position = self.spec.stages.iter().position(|s| s.name == name)?;
        StageId::at(position)
    }

    fn unknown_stage(&self, name: &str, path: String) -> Diagnostic {
        let message = format!("there is no stage `{name}`");
        let names = self.spec.stages.iter().map(|s| s.name.as_str());
        Diagnostic::error(Code::UnknownName, Place::at(path), message).did_you_mean(name, names)
    }

    fn stages(&self, diagnostics: &mut Diagnostics) {
        let stages = &self.spec.stages;
        if stages.is_empty() {
            let place = Place::at("lifecycle.stages");
            diagnostics.push(Diagnostic::error(Code::Missing, place, "there is no stage"));
        }
        for (what, count) in [
            ("stages", stages.len()),
            ("transitions", self.spec.transitions.len()),
        ] {
            if count > MAX {
                let place = Place::at(format!("lifecycle.{what}"));
                let message = format!("there are {count} {what}, more than {MAX}");
                diagnostics.push(Diagnostic::error(Code::Range, place, message));
            }
        }
        for (i, stage) in stages.iter().enumerate().take(MAX) {
            let place = || Place::at(format!("lifecycle.stages[{i}].name"));
            let name = &stage.name;
            let problem = if name.trim().is_empty() {
                Diagnostic::error(Code::InvalidName, place(), "a stage has no name")
            } else if name == ANY {
                let message =
                    format!("`{ANY}` stands for every stage and cannot be the name of one");
                Diagnostic::error(Code::DuplicateName, place(), message)
            } else if stages.iter().take(i).any(|s| s.name == *name) {
                let message = format!("there are two stages named `{name}`");
                Diagnostic::error(Code::DuplicateName, place(), message)
            } else {
                continue;
            };
            diagnostics.push(problem);
        }
    }

    fn start(&self, diagnostics: &mut Diagnostics) -> Option<StageId> {
        let name = &self.spec.start;
        let start = self.stage(name);
        // With no stage at all that is the problem to report.
        if start.is_none() && !self.spec.stages.is_empty() {
            let path = "lifecycle.start".to_owned();
            diagnostics.push(if name.trim().is_empty() {
                Diagnostic::error(Code::Missing, Place::at(path), "there is no start")
                    .help("name the stage of a customer who has not been reviewed before")
            } else {
                self.unknown_stage(name, path)
            });
        }
        start
    }

    fn transition(
        &self,
        path: &str,
        spec: &TransitionSpec,
        diagnostics: &mut Diagnostics,
    ) -> Option<Transition> {
        let to = self.stage(&spec.to);
        if to.is_none() {
            diagnostics.push(self.unknown_stage(&spec.to, format!("{path}.to")));
        }
        let from = self.origin(path, spec, diagnostics);
        let place = Place::at(format!("{path}.when"));
        let rule: Option<Rule> = spec.when.bind(self.schema, &place, diagnostics);
        let since = match &spec.since {
            None => Some(None),
            Some(text) => self
                .since(text, &format!("{path}.since"), diagnostics)
                .map(Some),
        };
        Some(Transition {
            from: from & !to?.bit(),
            to: to?,
            rule: rule?,
            since: since?,
            why: spec.why.clone().unwrap_or_else(|| spec.when.to_string()),
        })
    }

    /// The stages a transition leads away from, one bit each.
    fn origin(&self, path: &str, spec: &TransitionSpec, diagnostics: &mut Diagnostics) -> u64 {
        let names = match &spec.from {
            Origin::Any => return u64::MAX,
            Origin::Stages(names) => names,
        };
        if names.is_empty() {
            let place = Place::at(format!("{path}.from"));
            diagnostics.push(
                Diagnostic::error(Code::Missing, place, "the transition leaves no stage")
                    .help(format!("name stages, or write `{ANY}`")),
            );
        }
        let mut from = 0;
        for (i, name) in names.iter().enumerate() {
            let path = || format!("{path}.from[{i}]");
            match self.stage(name) {
                None if name == ANY => diagnostics.push(
                    Diagnostic::error(
                        Code::Conflict,
                        Place::at(path()),
                        format!("`{ANY}` stands alone, not in a list"),
                    )
                    .help(format!("write `from = \"{ANY}\"`")),
                ),
                None => diagnostics.push(self.unknown_stage(name, path())),
                Some(_) if *name == spec.to => {
                    let message = format!("a transition leads from `{name}` to itself");
                    diagnostics.push(Diagnostic::error(
                        Code::Conflict,
                        Place::at(path()),
                        message,
                    ));
                }
                Some(stage) => from |= stage.bit(),
            }
        }
        from
    }

    fn since(&self, text: &str, path: &str, diagnostics: &mut Diagnostics) -> Option<Since> {
        let place = |span: Range<usize>| Place::at(path).span(span);
        let Some((name, span, plus)) = split_since(text) else {
            let message = format!("`{text}` is not a date column with or without days");
            diagnostics.push(
                Diagnostic::error(Code::Syntax, place(0..text.len()), message)
                    .help("it is written like `last_purchase` or `last_purchase + 120 days`"),
            );
            return None;
        };
        let field = self
            .schema
            .slot(&name)
            .and_then(|slot| Some((slot, self.schema.field(slot)?)));
        let problem = match field {
            Some((slot, field)) if field.unit() == Some(Unit::Date) => {
                return Some(Since { slot, plus });
            }
            Some(_) => Diagnostic::error(
                Code::Type,
                place(span),
                format!("`{name}` is not a date column"),
            ),
            None => {
                let dates = self
                    .schema
                    .fields()
                    .iter()
                    .filter(|f| f.unit() == Some(Unit::Date));
                let message = format!("there is no column `{name}`");
                Diagnostic::error(Code::UnknownName, place(span), message)
                    .did_you_mean(&name, dates.map(|f| f.name()))
            }
        };
        diagnostics.push(problem);
        None
    }
}

impl TransitionSpec {
    /// The column that `since` reads, if it is one that can be read.
    pub(crate) fn since_column(&self) -> Option<String> {
        split_since(self.since.as_deref()?).map(|(name, _, _)| name)
    }
}

/// The column name of a `since` text with its bytes, and the days after it.
fn split_since(text: &str) -> Option<(String, Range<usize>, Days)> {
    let start = text.len() - text.trim_start().len();
    let body = text.get(start..)?;
    let (name, length) = match body.strip_prefix('`') {
        Some(quoted) => {
            let end = quoted.find('`')?;
            (quoted.get(..end)?, end + 2)
        }
        None => {
            let end = body
                .find(|c: char| c.is_whitespace() || matches!(c, '+' | '-'))
                .unwrap_or(body.len());
            (body.get(..end)?, end)
        }
    };
    if name.is_empty() {
        return None;
    }
    let rest = body.get(length..)?.trim();
    let days = if rest.is_empty() {
        0
    } else {
        let (negative, rest) = match (rest.strip_prefix('+'), rest.strip_prefix('-')) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return None,
        };
        let count = rest
            .strip_suffix("days")
            .or_else(|| rest.strip_suffix("day"))?
            .trim();
        if !count.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let count: i32 = count.parse().ok()?;
        if negative { -count } else { count }
    };
    Some((name.to_owned(), start..start + length, Days::new(days)))
}
