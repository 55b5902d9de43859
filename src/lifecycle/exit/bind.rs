//! Names to steps and columns, and the checks of an exit ladder.

use rust_decimal::Decimal;

use super::ladder::{ExitLadder, Gate, GateSet, MAX_GATES, MAX_STEPS, Parts, Step};
use super::spec::{ExitSpec, GateSpec, StepSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Days, Unit, parse_amount};
use crate::table::{Schema, Slot};

impl ExitSpec {
    /// Binds the ladder to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `exit.gates[2].closed`. `None` if there was an error.
    ///
    /// Reported are: no step, more than 32 steps or 64 gates, empty and duplicate names, a `from` that is no step, an
    /// `interval` below 1 day, other times below 0, a notice longer than the interval, `avoids` outside 0 to 1 or less than
    /// that of the step before, `ends_service` of a step that is not the last, an `avoidable_cost` that is not a money
    /// column, everything [`Expr::bind`](crate::rules::Expr::bind) reports, and, as warnings, `avoids` without an
    /// `avoidable_cost` and an `at_least` that the `interval` makes idle.
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::lifecycle::exit::ExitSpec;
    /// use customer_value::table::Schema;
    ///
    /// let spec: ExitSpec = toml::from_str(r#"
    ///     below = "true"
    ///     at_least = "30 days"
    ///     interval = "30 days"
    ///     steps = [{ name = "migrate" }, { name = "end", notice = "60 days" }]
    ///     gates = [{ name = "hold", closed = "false", from = "and" }]
    /// "#)?;
    /// let mut problems = Diagnostics::new();
    /// assert!(spec.bind(&Schema::new(), &mut problems).is_none());
    /// let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     "error: exit.steps[1].notice: a notice of 60 days is longer than the interval of 30 days",
    ///     "error: exit.gates[0].from: there is no step `and` (did you mean `end`?)",
    /// ]);
    /// # Ok::<(), toml::de::Error>(())
    /// ```
    pub fn bind(&self, schema: &Schema, diagnostics: &mut Diagnostics) -> Option<ExitLadder> {
        let before = diagnostics.len();
        let mut binder = Binder {
            spec: self,
            schema,
            diagnostics,
        };
        let below = self
            .below
            .bind(schema, &Place::at("exit.below"), binder.diagnostics);
        binder.times();
        let avoidable_cost = binder.avoidable_cost();
        let steps = binder.steps();
        let gates = binder.gates();
        let failed = binder.diagnostics.has_errors_since(before);
        if failed {
            return None;
        }
        Some(ExitLadder::new(Parts {
            below: below?,
            at_least: self.at_least.get(),
            attempts: self.attempts,
            interval: self.interval.get(),
            avoidable_cost,
            steps,
            gates: gates.into_iter().collect::<Option<_>>()?,
        }))
    }
}

struct Binder<'a> {
    spec: &'a ExitSpec,
    schema: &'a Schema,
    diagnostics: &'a mut Diagnostics,
}

impl Binder<'_> {
    fn error(&mut self, code: Code, path: impl Into<String>, message: impl Into<String>) {
        let problem = Diagnostic::error(code, Place::at(path), message);
        self.diagnostics.push(problem);
    }

    fn times(&mut self) {
        let spec = self.spec;
        if spec.at_least.get() < 0 {
            let message = format!("{} is less than no time", spec.at_least);
            self.error(Code::Range, "exit.at_least", message);
        } else {
            self.at_least_of_no_effect();
        }
        if spec.interval.get() < 1 {
            let message = format!("an interval of {} is not at least 1 day", spec.interval);
            self.error(Code::Range, "exit.interval", message);
        }
        self.notice(spec.notice, "exit.notice");
    }

    /// Before the first step the interval is from the line on, less the notice.
    fn at_least_of_no_effect(&mut self) {
        let spec = self.spec;
        let first = spec.steps.first().and_then(|step| step.notice);
        let notice = first.unwrap_or(spec.notice);
        let interval = spec.interval.get().saturating_sub(notice.get());
        if (1..interval).contains(&spec.at_least.get()) {
            let interval = Days::new(interval);
            let message = format!(
                "an at_least of {} changes nothing: notice of the first step waits for {interval}, the interval less the notice, anyway",
                spec.at_least
            );
            let place = Place::at("exit.at_least");
            let warning = Diagnostic::warning(Code::Unused, place, message);
            let help = format!("leave it out, or let it be more than `{interval}`");
            self.diagnostics.push(warning.help(help));
        }
    }

    fn notice(&mut self, notice: Days, path: impl Into<String>) {
        let interval = self.spec.interval;
        if notice.get() < 0 {
            self.error(Code::Range, path, format!("{notice} is less than no time"));
        } else if notice > interval && interval.get() >= 1 {
            let message = format!("a notice of {notice} is longer than the interval of {interval}");
            self.error(Code::Conflict, path, message);
        }
    }

    fn avoidable_cost(&mut self) -> Option<Slot> {
        let Some(name) = &self.spec.avoidable_cost else {
            let mut steps = self.spec.steps.iter();
            if let Some(i) = steps.position(|step| step.avoids.is_some_and(|share| share > 0.0)) {
                let place = Place::at(format!("exit.steps[{i}].avoids"));
                let message = "what the step saves is not known without an avoidable cost";
                self.diagnostics.push(
                    Diagnostic::warning(Code::Unused, place, message)
                        .help("name a money column in `exit.avoidable_cost`"),
                );
            }
            return None;
        };
        let path = "exit.avoidable_cost";
        let unit = |slot| self.schema.field(slot).and_then(crate::table::Field::unit);
        match self.schema.slot(name) {
            Some(slot) if unit(slot) == Some(Unit::Money) => return Some(slot),
            Some(_) => {
                self.error(Code::Type, path, format!("`{name}` is not a money column"));
            }
            None => {
                let fields = self.schema.fields().iter();
                let money = fields.filter(|field| field.unit() == Some(Unit::Money));
                let message = format!("there is no column `{name}`");
                let problem = Diagnostic::error(Code::UnknownName, Place::at(path), message)
                    .did_you_mean(name, money.map(|field| field.name()));
                self.diagnostics.push(problem);
            }
        }
        None
    }

    fn too_many(&mut self, what: &str, count: usize, most: usize) {
        if count > most {
            let message = format!("there are {count} {what}, more than {most}");
            self.error(Code::Range, format!("exit.{what}"), message);
        }
    }

    fn name<'n>(
        &mut self,
        what: &str,
        name: &str,
        mut before: impl Iterator<Item = &'n str>,
        path: String,
    ) {
        if name.trim().is_empty() {
            self.error(Code::InvalidName, path, format!("a {what} has no name"));
        } else if before.any(|other| other == name) {
            let message = format!("there are two {what}s named `{name}`");
            self.error(Code::DuplicateName, path, message);
        }
    }

    fn steps(&mut self) -> Vec<Step> {
        let specs = &self.spec.steps;
        if specs.is_empty() {
            let place = Place::at("exit.steps");
            self.diagnostics.push(
                Diagnostic::error(Code::Missing, place, "there is no step").help(
                    "write `steps = [{ name = \"end\", ends_service = true }]`, or more of them",
                ),
            );
        }
        self.too_many("steps", specs.len(), MAX_STEPS);
        let mut share = Decimal::ZERO;
        let mut steps = Vec::new();
        for (i, spec) in specs.iter().enumerate().take(MAX_STEPS) {
            let path = format!("exit.steps[{i}]");
            let before = specs.iter().take(i).map(|step| step.name.as_str());
            self.name("step", &spec.name, before, format!("{path}.name"));
            if let Some(notice) = spec.notice {
                self.notice(notice, format!("{path}.notice"));
            }
            if spec
                .channel
                .as_ref()
                .is_some_and(|channel| channel.trim().is_empty())
            {
                let message = "a channel has no name";
                self.error(Code::InvalidName, format!("{path}.channel"), message);
            }
            share = self.share(spec, share, format!("{path}.avoids"));
            if spec.ends_service && i + 1 < specs.len() {
                let message = format!("`{}` ends the service and is not the last step", spec.name);
                self.error(Code::Conflict, format!("{path}.ends_service"), message);
            }
            steps.push(Step {
                name: spec.name.clone(),
                channel: spec.channel.clone(),
                notice: spec.notice.unwrap_or(self.spec.notice).get(),
                avoids: share,
                ends_service: spec.ends_service,
                gates: GateSet::default(),
            });
        }
        steps
    }

    /// The share that a step saves, as it is written; `before` is that of the step before it.
    fn share(&mut self, spec: &StepSpec, before: Decimal, path: String) -> Decimal {
        let Some(avoids) = spec.avoids else {
            return before;
        };
        if !(0.0..=1.0).contains(&avoids) {
            let message = format!("a share of {avoids} is not from 0 to 1");
            self.error(Code::Range, path, message);
            return before;
        }
        // The shortest text that is read as this number is what somebody wrote.
        let Ok(share) = parse_amount(&avoids.abs().to_string()) else {
            let message = format!("{avoids:e} has more than 28 decimals");
            self.error(Code::Range, path, message);
            return before;
        };
        if share < before {
            let message = format!(
                "`{}` saves {share}, less than the {before} of the step before it",
                spec.name
            );
            self.error(Code::Order, path, message);
            return before;
        }
        share
    }

    fn gates(&mut self) -> Vec<Option<(Gate, usize)>> {
        let specs = &self.spec.gates;
        self.too_many("gates", specs.len(), MAX_GATES);
        let gates = specs.iter().enumerate().take(MAX_GATES);
        gates
            .map(|(i, spec)| {
                let path = format!("exit.gates[{i}]");
                let before = specs.iter().take(i).map(|gate| gate.name.as_str());
                self.name("gate", &spec.name, before, format!("{path}.name"));
                let place = Place::at(format!("{path}.closed"));
                let closed = spec.closed.bind(self.schema, &place, self.diagnostics);
                let first = self.first_step(spec, format!("{path}.from"));
                let gate = Gate {
                    name: spec.name.clone(),
                    closed: closed?,
                };
                Some((gate, first?))
            })
            .collect()
    }

    /// The position of the first step that a gate is looked at for.
    fn first_step(&mut self, spec: &GateSpec, path: String) -> Option<usize> {
        let Some(name) = &spec.from else {
            return Some(0);
        };
        let names = || self.spec.steps.iter().map(|step| step.name.as_str());
        let first = names().position(|step| step == name);
        if first.is_none() {
            let message = format!("there is no step `{name}`");
            let problem = Diagnostic::error(Code::UnknownName, Place::at(path), message)
                .did_you_mean(name, names());
            self.diagnostics.push(problem);
        }
        first
    }
}
