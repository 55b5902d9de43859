//! From a document of any format to a policy: every problem of its form at once, beside those of its meaning.
//!
//! The document is read into a tree, and the tree into a policy. Where that fails, the problem is noted, the place becomes
//! a gap that reads as whatever is wanted, and the reading starts again, until it succeeds. What was read is then bound like
//! any policy; only problems that follow from a gap are left out.

mod deserializer;
mod fault;
mod gaps;
mod value;

pub(super) use gaps::{Gaps, missing_column};
pub(crate) use value::{Step, Value};

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};

use super::{Engine, Policy};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, closest};
use crate::metrics::Catalog;
use fault::{Fault, Kind, written};
use gaps::is_inside;

/// How many problems of a document's form are looked for.
const MAX_PROBLEMS: usize = 100;
/// How often the reading starts again: every gap may take a few stand-ins.
const MAX_ROUNDS: usize = 10 * MAX_PROBLEMS;

impl Policy {
    /// Reads a policy from a document of any format that describes itself (JSON, YAML, TOML, …).
    ///
    /// Unlike serde's own reading, which stops at the first problem, this finds all problems of the document's form: unknown,
    /// missing and repeated fields, values of a wrong type, texts that are no currency or date. What the policy means is
    /// checked when it is bound; [`Engine::read`] reports the problems of both at once.
    ///
    /// # Errors
    /// Every problem, in the order of the document, with the path of its place.
    ///
    /// ```
    /// use customer_value::engine::Policy;
    ///
    /// let text = r#"{
    ///     "head": { "name": "first", "version": 1, "currency": "EURO" },
    ///     "metrics": [{ "mesure": "spend" }],
    ///     "tiers": [{ "name": "all" }]
    /// }"#;
    /// let problems = Policy::read(&mut serde_json::Deserializer::from_str(text)).unwrap_err();
    /// let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     r#"error: head.version: `1` is not a text (write it in quotes, `"1"`)"#,
    ///     "error: head.currency: `EURO` is not a valid currency: did you mean `EUR`?",
    ///     "error: metrics[0].mesure: there is no field `mesure` (did you mean `measure`?)",
    /// ]);
    /// ```
    pub fn read<'de, D: Deserializer<'de>>(document: D) -> Result<Self, Diagnostics> {
        Value::of(document)?.policy()
    }
}

impl Engine {
    /// Reads a policy from a document of any format that describes itself, and binds it to what can be measured.
    ///
    /// The problems of the document's form ([`Policy::read`]) do not hide those of the policy ([`Engine::new`]): what could
    /// be read is checked too.
    ///
    /// # Errors
    /// Every problem, in the order of the document, with the path of its place. Problems that only follow from another one
    /// are left out.
    ///
    /// ```
    /// use customer_value::engine::Engine;
    /// use customer_value::metrics::Catalog;
    ///
    /// let text = r#"{
    ///     "head": { "name": "first", "version": "1", "currency": "EURO" },
    ///     "tiers": [{ "name": "gold", "when": "spned >= 500" }, { "name": "all" }]
    /// }"#;
    /// let document = &mut serde_json::Deserializer::from_str(text);
    /// let problems = Engine::read(document, &Catalog::standard()).unwrap_err();
    /// let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     "error: head.currency: `EURO` is not a valid currency: did you mean `EUR`?",
    ///     "error: tiers[0].when at 0..5: there is no column `spned` (did you mean `spend`?)",
    /// ]);
    /// ```
    pub fn read<'de, D: Deserializer<'de>>(
        document: D,
        catalog: &Catalog,
    ) -> Result<Self, Diagnostics> {
        let (engine, problems) = Value::of(document)?.engine(catalog);
        engine.ok_or(problems)
    }
}

impl Value {
    /// Reads a document, or says why its format could not be read.
    fn of<'de, D: Deserializer<'de>>(document: D) -> Result<Self, Diagnostics> {
        Self::read(document).map_err(|error| {
            let message = error.to_string();
            Diagnostic::error(Code::Document, Place::default(), message).into()
        })
    }

    /// The policy a document holds.
    pub(crate) fn policy(&self) -> Result<Policy, Diagnostics> {
        let mut reading = Reading::new(self.clone());
        match reading.policy() {
            Some(policy) if reading.problems.is_empty() => Ok(policy),
            _ => Err(reading.report(self)),
        }
    }

    /// The policy a document holds, bound, with every problem, also those that do not keep it from binding.
    pub(crate) fn engine(&self, catalog: &Catalog) -> (Option<Engine>, Diagnostics) {
        let mut reading = Reading::new(self.clone());
        let Some(policy) = reading.policy() else {
            return (None, reading.report(self));
        };
        let (engine, more) = Engine::check_around(policy, catalog, &reading.gaps);
        let engine = engine.filter(|_| reading.problems.is_empty());
        reading.problems.extend(more);
        (engine, reading.report(self))
    }
}

/// A document on its way to a policy.
struct Reading {
    value: Value,
    gaps: Gaps,
    /// The places that are gaps, and are reported.
    known: BTreeSet<Vec<Step>>,
    /// Places of fields that are read as if they had another name, with what they are in the document.
    renamed: Vec<(String, String)>,
    problems: Diagnostics,
}

impl Reading {
    fn new(value: Value) -> Self {
        let mut reading = Self {
            value: Value::Null,
            gaps: Gaps::default(),
            known: BTreeSet::new(),
            renamed: Vec::new(),
            problems: Diagnostics::new(),
        };
        reading.value = reading.swept(value, &mut Vec::new());
        reading
    }

    /// The value without what no type would notice: second entries of one name, and numbers that are none.
    fn swept(&mut self, value: Value, path: &mut Vec<Step>) -> Value {
        match value {
            Value::Float(number) if !number.is_finite() => {
                let message = format!("`{number}` is not a finite number");
                let place = Place::at(written(path));
                self.problems
                    .push(Diagnostic::error(Code::Range, place, message));
                self.lose(path.clone());
                Value::Gap(0)
            }
            Value::List(items) => {
                let swept = items.into_iter().enumerate().map(|(i, item)| {
                    path.push(Step::Index(i));
                    let item = self.swept(item, path);
                    path.pop();
                    item
                });
                Value::List(swept.collect())
            }
            Value::Table(entries) => {
                let mut seen = BTreeSet::new();
                let mut swept = Vec::with_capacity(entries.len());
                for (key, item) in entries {
                    path.push(Step::Key(key.clone()));
                    if seen.insert(key.clone()) {
                        let item = self.swept(item, path);
                        swept.push((key, item));
                    } else {
                        let message = format!("there are two fields `{key}`");
                        let place = Place::at(written(path));
                        self.problems
                            .push(Diagnostic::error(Code::Document, place, message));
                    }
                    path.pop();
                }
                Value::Table(swept)
            }
            other => other,
        }
    }

    /// The policy, with stand-ins for what could not be read. `None` if that is too much.
    fn policy(&mut self) -> Option<Policy> {
        for _ in 0..MAX_ROUNDS {
            match Policy::deserialize(&self.value) {
                Ok(policy) => return Some(policy),
                Err(fault) => self.mend(&fault)?,
            }
            if self.problems.len() >= MAX_PROBLEMS {
                let message =
                    format!("there are {MAX_PROBLEMS} problems, and more are not looked for");
                let problem = Diagnostic::error(Code::Document, Place::default(), message);
                self.problems.push(problem);
                return None;
            }
        }
        None
    }

    /// Notes a problem and changes the value so that the reading gets further. `None` if it cannot.
    fn mend(&mut self, fault: &Fault) -> Option<()> {
        let path = fault.path();
        let value = self.value.at_mut(&path)?;
        let mut place = path.clone();
        if let Kind::MissingField(name) | Kind::UnknownField(name, _) = &fault.kind {
            place.push(Step::Key(name.clone()));
        }
        let follows = self.known.iter().any(|known| place.starts_with(known))
            || matches!(fault.kind, Kind::UnknownField(..)) && is_untyped(value);
        if !follows {
            self.problems.push(fault.diagnostic(Some(value)));
        }
        match (&fault.kind, value) {
            (Kind::UnknownField(name, fields), Value::Table(entries)) => {
                let at = entries.iter().position(|(key, _)| key == name)?;
                let meant = closest(name, fields.iter().copied());
                match meant.filter(|meant| entries.iter().all(|(key, _)| key != meant)) {
                    // Most likely a slip of the pen: go on with what was meant.
                    Some(meant) => {
                        entries.get_mut(at)?.0 = meant.to_owned();
                        let mut read = path;
                        read.push(Step::Key(meant.to_owned()));
                        self.renamed.push((written(&read), written(&place)));
                    }
                    None => {
                        entries.remove(at);
                        self.gaps.leave_out(&place);
                    }
                }
            }
            (Kind::MissingField(name), Value::Table(entries)) => {
                match entries.iter_mut().find(|(key, _)| key == name) {
                    Some((_, gap)) => gap.next_stand_in()?,
                    None => {
                        entries.push((name.clone(), Value::Gap(0)));
                        self.lose(place);
                    }
                }
            }
            (Kind::MissingField(_), gap @ Value::Gap(_)) => *gap = Value::Table(Vec::new()),
            (_, gap @ Value::Gap(_)) => gap.next_stand_in()?,
            (_, wrong) => {
                *wrong = Value::Gap(0);
                // A field may have a default, which is better than a stand-in.
                if let (true, Some((Step::Key(name), table))) = (fault.is_field, place.split_last())
                    && let Value::Table(entries) = self.value.at_mut(table)?
                {
                    entries.retain(|(key, _)| key != name);
                }
                self.lose(place);
            }
        }
        Some(())
    }

    fn lose(&mut self, place: Vec<Step>) {
        self.gaps.lose(&place);
        self.known.insert(place);
    }

    /// The problems, at the places of the document and in its order.
    fn report(self, document: &Value) -> Diagnostics {
        let mut problems: Vec<Diagnostic> = self.problems.into_iter().collect();
        for problem in &mut problems {
            let path = &mut problem.place.path;
            // What was renamed last may be inside what was renamed before.
            for (read, written) in self.renamed.iter().rev() {
                if is_inside(path, read) {
                    path.replace_range(..read.len(), written);
                }
            }
        }
        problems.sort_by_cached_key(|p| (document.find(&p.place.path).1, p.place.start));
        let mut report = Diagnostics::new();
        report.extend(problems);
        report
    }
}

/// Which fields an attribute has depends on its type: they are not unknown while that is a gap.
fn is_untyped(value: &Value) -> bool {
    let gap = |(key, item): &(String, Value)| key == "type" && matches!(item, Value::Gap(_));
    matches!(value, Value::Table(entries) if entries.iter().any(gap))
}
