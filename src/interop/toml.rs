//! Policy files in TOML: the line and column of every problem.

use toml::de::{DeInteger, DeTable, DeValue};

use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::engine::document::{Step, Value};
use crate::engine::{Engine, Finding, Policy};
use crate::metrics::Catalog;

/// Wrong signs in a file that is hardly TOML at all need not be listed to the last.
const MAX_SYNTAX_ERRORS: usize = 100;

impl Policy {
    /// Reads a policy from TOML, like [`Policy::read`]. A date may stand with or without quotes.
    ///
    /// # Errors
    /// Every problem of the document's form, each with its line and column. A text that is not TOML is told apart from a
    /// TOML document that is not a policy: then only the errors of syntax are reported.
    ///
    /// ```
    /// use customer_value::engine::Policy;
    ///
    /// let problems = Policy::from_toml(r#"
    /// head = { name = "first", version = "1", currency = "EUR", effective = 2026-01-01 }
    /// tiers = [{ nmae = "all" }]
    /// "#).unwrap_err();
    /// assert_eq!(
    ///     problems.to_string(),
    ///     "error: line 3, column 12, tiers[0].nmae: there is no field `nmae` (did you mean `name`?)",
    /// );
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, Diagnostics> {
        let document = Document::parse(text)?;
        document
            .value
            .policy()
            .map_err(|problems| document.placed(problems))
    }

    /// The policy as TOML, which [`Policy::from_toml`] reads back to an equal one.
    ///
    /// # Errors
    /// The policy holds what TOML cannot write (`is_misuse`).
    ///
    /// ```
    /// use customer_value::engine::Policy;
    /// use customer_value::model::Currency;
    ///
    /// let policy = Policy::standard(Currency::EUR);
    /// let text = policy.to_toml()?;
    /// assert!(text.contains("[[tiers]]"));
    /// assert_eq!(Policy::from_toml(&text)?, policy);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string_pretty(self).map_err(|error| Error::misuse(error.to_string()))
    }
}

impl Engine {
    /// Reads a policy from TOML and binds it to what can be measured, like [`Engine::read`].
    ///
    /// # Errors
    /// Every problem of the document and of the policy in it, each with its line and column: those in a rule with the column
    /// within the rule.
    ///
    /// ```
    /// use customer_value::engine::Engine;
    /// use customer_value::metrics::Catalog;
    ///
    /// let problems = Engine::from_toml(r#"
    /// [head]
    /// name = "first"
    /// version = 1
    /// currency = "EUR"
    ///
    /// [[tiers]]
    /// name = "gold"
    /// when = "purchases >= 3 and spned >= 500"
    ///
    /// [[tiers]]
    /// name = "all"
    /// "#, &Catalog::standard()).unwrap_err();
    /// let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     r#"error: line 4, column 11, head.version: `1` is not a text (write it in quotes, `"1"`)"#,
    ///     "error: line 9, column 28, tiers[0].when at 19..24: there is no column `spned` (did you mean `spend`?)",
    /// ]);
    /// ```
    pub fn from_toml(text: &str, catalog: &Catalog) -> Result<Self, Diagnostics> {
        let (engine, problems) = Self::check_toml(text, catalog);
        engine.ok_or(problems)
    }

    /// The same, and tells also what is only doubtful about the policy, like [`Engine::check`].
    ///
    /// ```
    /// use customer_value::engine::Engine;
    /// use customer_value::metrics::Catalog;
    ///
    /// let (engine, problems) = Engine::check_toml(r#"
    /// head = { name = "first", version = "1", currency = "EUR" }
    /// tiers = [{ name = "tidy", when = "refund_share <= 5" }, { name = "all" }]
    /// "#, &Catalog::standard());
    /// assert!(engine.is_some());
    /// assert_eq!(
    ///     problems.to_string(),
    ///     "warning: line 3, column 51, tiers[0].when at 16..17: `refund_share` is a share, from 0 to 1, never 5",
    /// );
    /// ```
    #[must_use]
    pub fn check_toml(text: &str, catalog: &Catalog) -> (Option<Self>, Diagnostics) {
        match Document::parse(text) {
            Ok(document) => {
                let (engine, problems) = document.value.engine(catalog);
                (engine, document.placed(problems))
            }
            Err(problems) => (None, problems),
        }
    }

    /// Reads a policy from TOML, binds it and [analyses](crate::engine::analysis) it: every problem, and every finding if it
    /// binds, each with its line and column. A doubt that a finding tells with a witness is not told twice.
    ///
    /// ```
    /// use customer_value::engine::Engine;
    /// use customer_value::metrics::Catalog;
    ///
    /// let (problems, findings) = Engine::analyse_toml(r#"
    /// head = { name = "first", version = "1", currency = "EUR" }
    /// tiers = [{ name = "tidy", when = "spend > 0 and refund_share <= 5" }, { name = "all" }]
    /// "#, &Catalog::standard());
    /// assert!(problems.is_empty());
    /// assert_eq!(
    ///     findings[0].to_string(),
    ///     "warning: line 3, column 49, tiers[0].when at 14..31: `refund_share <= 5` is true for everybody of whom it is \
    ///      known: `refund_share` is a share, from 0 to 1 (write 5 % as `0.05`)\n  refund_share 1: all",
    /// );
    /// ```
    #[must_use]
    pub fn analyse_toml(text: &str, catalog: &Catalog) -> (Diagnostics, Vec<Finding>) {
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(problems) => return (problems, Vec::new()),
        };
        let (engine, problems) = document.value.engine(catalog);
        let mut findings = engine.map_or_else(Vec::new, |engine| engine.analyse());
        let mut rest = Diagnostics::new();
        rest.extend(problems.into_iter().filter(|problem| {
            let told = |finding: &Finding| tells(&finding.diagnostic.place, &problem.place);
            problem.severity == Severity::Error || !findings.iter().any(told)
        }));
        for finding in &mut findings {
            let at = document.start(&finding.diagnostic);
            locate(&mut finding.diagnostic.place, document.text, at);
        }
        (document.placed(rest), findings)
    }
}

/// Whether what is wrong at one place is what is doubtful at another: the same part of the policy, or the same words of a rule.
fn tells(finding: &Place, problem: &Place) -> bool {
    let bytes = |place: &Place| Some(place.start?..place.end?);
    let same_words = match (bytes(finding), bytes(problem)) {
        (Some(own), Some(other)) => own.start < other.end && other.start < own.end,
        (_, None) => true,
        (None, Some(_)) => false,
    };
    let rest = finding.path.strip_prefix(&problem.path);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) && same_words
}

/// A TOML text, its parts with their bytes, and what it says.
struct Document<'a> {
    text: &'a str,
    table: DeValue<'a>,
    value: Value,
}

impl<'a> Document<'a> {
    fn parse(text: &'a str) -> Result<Self, Diagnostics> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut problems = Diagnostics::new();
        problems.extend(errors.into_iter().take(MAX_SYNTAX_ERRORS).map(|error| {
            let mut place = Place::default();
            locate(&mut place, text, error.span().map_or(0, |span| span.start));
            Diagnostic::error(Code::Document, place, error.message())
        }));
        if !problems.is_empty() {
            return Err(problems);
        }
        let table = DeValue::Table(table.into_inner());
        let Some(value) = value(&table, 0) else {
            let message = "the document is nested too deep";
            return Err(Diagnostic::error(Code::Document, Place::default(), message).into());
        };
        Ok(Self { text, table, value })
    }

    /// The problems with their lines and columns.
    fn placed(&self, mut problems: Diagnostics) -> Diagnostics {
        for problem in problems.iter_mut() {
            let at = self.start(problem);
            locate(&mut problem.place, self.text, at);
        }
        problems
    }

    /// Where in the text a problem is: at its field's name where the field itself is wrong, else at the value, or within it.
    fn start(&self, problem: &Diagnostic) -> usize {
        let (steps, _) = self.value.find(&problem.place.path);
        let (mut key, mut at, mut value) = (0..0, 0..0, &self.table);
        for step in &steps {
            let item = match (step, value) {
                (Step::Key(name), DeValue::Table(table)) => table
                    .get_key_value(name.as_str())
                    .map(|(key, item)| (key.span(), item)),
                (Step::Index(i), DeValue::Array(items)) => {
                    items.get(*i).map(|item| (item.span(), item))
                }
                _ => None,
            };
            let Some((name, item)) = item else { break };
            (key, at, value) = (name, item.span(), item.get_ref());
        }
        let within = problem.place.start.and_then(|start| {
            let before = content(self.text.get(at.clone())?, value.as_str()?)?;
            Some(at.start + before + start)
        });
        match within {
            Some(within) => within,
            None if problem.code == Code::Document => key.start,
            None => at.start,
        }
    }
}

/// Where the content of a string begins, if it is written as it is: without escapes.
fn content(written: &str, content: &str) -> Option<usize> {
    let quotes = match written.get(..3) {
        Some("\"\"\"" | "'''") => 3,
        _ => 1,
    };
    let inside = written.get(quotes..)?;
    // A line break right after three quotes does not belong to the string.
    let line_break = match inside {
        _ if quotes == 1 => 0,
        _ if inside.starts_with("\r\n") => 2,
        _ => usize::from(inside.starts_with('\n')),
    };
    inside
        .get(line_break..)?
        .strip_prefix(content)
        .map(|_| quotes + line_break)
}

/// The line and column of a byte of the text, from 1; columns count characters.
fn locate(place: &mut Place, text: &str, byte: usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    place.line = Some(before.matches('\n').count() + 1);
    place.column = Some(before.get(line..).unwrap_or_default().chars().count() + 1);
}

/// What a part of a TOML document says, its tables in the order of the text. `None` if it is nested too deep.
fn value(part: &DeValue<'_>, depth: usize) -> Option<Value> {
    if !Value::allows(depth) {
        return None;
    }
    Some(match part {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(digits) => integer(digits),
        DeValue::Float(digits) => Value::Float(digits.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => Value::Bool(*b),
        // A date is a text in every other format, and in the types that read it.
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| value(item.get_ref(), depth + 1));
            Value::List(items.collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            let entries = entries.into_iter().map(|(key, item)| {
                let item = value(item.get_ref(), depth + 1)?;
                Some((key.get_ref().to_string(), item))
            });
            Value::Table(entries.collect::<Option<_>>()?)
        }
    })
}

/// A number too long for any type is as wrong as one just too large.
fn integer(digits: &DeInteger<'_>) -> Value {
    match i128::from_str_radix(digits.as_str(), digits.radix()) {
        Ok(n) => Value::Integer(n),
        Err(_) => Value::Float(digits.as_str().parse().unwrap_or(f64::INFINITY)),
    }
}
