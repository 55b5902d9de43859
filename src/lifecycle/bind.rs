//! Names to stages and columns, and the checks of a lifecycle.

use std::ops::Range;

use super::machine::Lifecycle;
use super::parts::{Date, Stage, Timers, Transition};
use super::position::{MAX, StageId};
use super::since::split;
use super::spec::{ANY, LifecycleSpec, Origin, StageSpec, TransitionSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Days, Unit};
use crate::rules::{Expr, Rule};
use crate::table::{Schema, Slot};

impl LifecycleSpec {
    /// Binds the lifecycle to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `lifecycle.transitions[2].when`. `None` if there was an error.
    ///
    /// Reported are a missing or unknown start, empty, reserved and duplicate stage names, more than 64 stages or
    /// transitions, `moves` outside 1 to 64, transitions with unknown stages, without a stage to leave, from a stage to
    /// itself, or that ask for nothing, days that are not above 0, a `since` or a `quiet` that is not about a date column,
    /// actions without a name, everything [`Expr::bind`](crate::rules::Expr::bind) reports, and, as a warning, stages that
    /// no transitions lead to.
    pub fn bind(&self, schema: &Schema, diagnostics: &mut Diagnostics) -> Option<Lifecycle> {
        let before = diagnostics.len();
        let binder = Binder { spec: self, schema };
        let moves = binder.moves(diagnostics);
        binder.names(diagnostics);
        let stages = self.stages.iter().enumerate().take(MAX);
        let stages: Vec<_> = stages
            .map(|(i, s)| binder.stage(&format!("lifecycle.stages[{i}]"), s, diagnostics))
            .collect();
        let start = binder.start(diagnostics);
        let transitions: Vec<_> = self
            .transitions
            .iter()
            .enumerate()
            .take(MAX)
            .map(|(i, t)| binder.transition(&format!("lifecycle.transitions[{i}]"), t, diagnostics))
            .collect();
        let failed = diagnostics.has_errors_since(before);
        if failed {
            return None;
        }
        let stages = stages.into_iter().collect::<Option<Vec<_>>>()?;
        let transitions = transitions.into_iter().collect::<Option<Vec<_>>>()?;
        let lifecycle = Lifecycle::new(stages, start?, transitions, moves?, self.exclusive);
        for id in lifecycle.unreachable(|_, _| true) {
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
    fn id(&self, name: &str) -> Option<StageId> {
        let position = self.spec.stages.iter().position(|s| s.name == name)?;
        StageId::at(position)
    }

    fn unknown_stage(&self, name: &str, path: String) -> Diagnostic {
        let message = format!("there is no stage `{name}`");
        let names = self.spec.stages.iter().map(|s| s.name.as_str());
        Diagnostic::error(Code::UnknownName, Place::at(path), message).did_you_mean(name, names)
    }

    fn moves(&self, diagnostics: &mut Diagnostics) -> Option<u8> {
        let moves = self.spec.moves;
        let bound = u8::try_from(moves)
            .ok()
            .filter(|n| (1..=MAX).contains(&usize::from(*n)));
        if bound.is_none() {
            let place = Place::at("lifecycle.moves");
            let message = format!("`{moves}` moves in a review are not 1 to {MAX}");
            diagnostics.push(Diagnostic::error(Code::Range, place, message));
        }
        bound
    }

    /// What is wrong with the lists and with the names of the stages.
    fn names(&self, diagnostics: &mut Diagnostics) {
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
        let start = self.id(name);
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

    fn rule(
        &self,
        expr: Option<&Expr>,
        path: String,
        diagnostics: &mut Diagnostics,
    ) -> Option<Option<Rule>> {
        let Some(expr) = expr else { return Some(None) };
        expr.bind(self.schema, &Place::at(path), diagnostics)
            .map(Some)
    }

    fn stage(&self, path: &str, spec: &StageSpec, diagnostics: &mut Diagnostics) -> Option<Stage> {
        let enter = self.rule(spec.enter.as_ref(), format!("{path}.enter"), diagnostics);
        let leave = self.rule(spec.leave.as_ref(), format!("{path}.leave"), diagnostics);
        for (field, actions) in [("on_enter", &spec.on_enter), ("on_leave", &spec.on_leave)] {
            check_actions(&format!("{path}.{field}"), actions, diagnostics);
        }
        Some(Stage {
            name: spec.name.clone(),
            rank: spec.rank,
            enter: enter?,
            leave: leave?,
            is_final: spec.is_final,
            on_enter: spec.on_enter.clone(),
            on_leave: spec.on_leave.clone(),
        })
    }

    fn transition(
        &self,
        path: &str,
        spec: &TransitionSpec,
        diagnostics: &mut Diagnostics,
    ) -> Option<Transition> {
        let to = self.id(&spec.to);
        if to.is_none() {
            diagnostics.push(self.unknown_stage(&spec.to, format!("{path}.to")));
        }
        let from = self.origin(path, spec, diagnostics);
        let when = self.rule(spec.when.as_ref(), format!("{path}.when"), diagnostics);
        let timers = self.timers(path, spec, diagnostics);
        if spec.when.is_none() && spec.after.is_none() && spec.quiet.is_none() {
            let message = "the transition asks for nothing";
            diagnostics.push(
                Diagnostic::error(Code::Missing, Place::at(path), message)
                    .help("give it `when`, `after` or `quiet`"),
            );
        }
        let since = match &spec.since {
            None => Some(None),
            Some(text) => self
                .since(text, &format!("{path}.since"), diagnostics)
                .map(Some),
        };
        check_actions(&format!("{path}.actions"), &spec.actions, diagnostics);
        Some(Transition {
            from: from & !to?.bit(),
            to: to?,
            when: when?,
            timers: timers?,
            priority: spec.priority,
            since: since?,
            why: spec.why.clone().unwrap_or_else(|| spec.asked()),
            actions: spec.actions.clone(),
            days: spec.days(),
        })
    }

    fn timers(
        &self,
        path: &str,
        spec: &TransitionSpec,
        diagnostics: &mut Diagnostics,
    ) -> Option<Timers> {
        check_days(&format!("{path}.after"), spec.after, diagnostics);
        let quiet = match &spec.quiet {
            None => None,
            Some(quiet) => {
                check_days(&format!("{path}.quiet.days"), Some(quiet.days), diagnostics);
                let place = Place::at(format!("{path}.quiet.column"));
                let slot = self.date(&quiet.column, place, diagnostics)?;
                Some(Date {
                    slot,
                    plus: quiet.days,
                })
            }
        };
        Some(Timers {
            after: spec.after,
            quiet,
        })
    }

    /// The stages that nothing leads out of, one bit each.
    fn final_stages(&self) -> u64 {
        let stages = self.spec.stages.iter().enumerate();
        let ends = stages.filter(|(_, stage)| stage.is_final);
        ends.filter_map(|(at, _)| StageId::at(at))
            .fold(0, |bits, stage| bits | stage.bit())
    }

    /// The stages a transition leads away from, one bit each.
    fn origin(&self, path: &str, spec: &TransitionSpec, diagnostics: &mut Diagnostics) -> u64 {
        let names = match &spec.from {
            Origin::Any => return !self.final_stages(),
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
            match self.id(name) {
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

    fn since(&self, text: &str, path: &str, diagnostics: &mut Diagnostics) -> Option<Date> {
        let place = |span: Range<usize>| Place::at(path).span(span);
        let Some((name, span, plus)) = split(text) else {
            let message = format!("`{text}` is not a date column with or without days");
            diagnostics.push(
                Diagnostic::error(Code::Syntax, place(0..text.len()), message)
                    .help("it is written like `last_purchase` or `last_purchase + 120 days`"),
            );
            return None;
        };
        let slot = self.date(&name, place(span), diagnostics)?;
        Some(Date { slot, plus })
    }

    /// The column of dates of a name.
    fn date(&self, name: &str, place: Place, diagnostics: &mut Diagnostics) -> Option<Slot> {
        let slot = self.schema.slot(name);
        let field = slot.and_then(|slot| self.schema.field(slot));
        let problem = match field {
            Some(field) if field.unit() == Some(Unit::Date) => return slot,
            Some(_) => {
                let message = format!("`{name}` is not a date column");
                Diagnostic::error(Code::Type, place, message)
            }
            None => {
                let dates = self
                    .schema
                    .fields()
                    .iter()
                    .filter(|f| f.unit() == Some(Unit::Date));
                let message = format!("there is no column `{name}`");
                Diagnostic::error(Code::UnknownName, place, message)
                    .did_you_mean(name, dates.map(|f| f.name()))
            }
        };
        diagnostics.push(problem);
        None
    }
}

fn check_days(path: &str, days: Option<Days>, diagnostics: &mut Diagnostics) {
    if let Some(days) = days.filter(|days| days.get() <= 0) {
        let message = format!("`{days}` are not above 0");
        diagnostics.push(Diagnostic::error(Code::Range, Place::at(path), message));
    }
}

fn check_actions(path: &str, actions: &[String], diagnostics: &mut Diagnostics) {
    for (i, action) in actions.iter().enumerate() {
        if action.trim().is_empty() {
            let place = Place::at(format!("{path}[{i}]"));
            let message = "an action has no name";
            diagnostics.push(Diagnostic::error(Code::InvalidName, place, message));
        }
    }
}
