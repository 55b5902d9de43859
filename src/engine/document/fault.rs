//! What is wrong with one place of a document: what serde says, kept apart until it is put into words.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::value::{Step, Value};
use crate::diagnostic::{Code, Diagnostic, Place};

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The innermost step first.
    path: Vec<Step>,
    /// The place is a field of a table, which another value could leave out.
    pub(super) is_field: bool,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A value that is not what serde calls this.
    Wanted(String),
    /// A word that is not one of these.
    Word(String, &'static [&'static str]),
    /// Neither a word nor a table with one of these.
    Choice(&'static [&'static str]),
    /// A word that needs a table of its own.
    Content(String),
    /// A word that has no table of its own.
    NoContent(String),
    /// A table has a field that is not one of these.
    UnknownField(String, &'static [&'static str]),
    /// A table has no such field.
    MissingField(String),
    /// What the type itself says.
    Said(String),
}

impl Fault {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            path: Vec::new(),
            is_field: false,
            kind,
        }
    }

    pub(super) fn in_field(mut self, name: &str) -> Self {
        self.is_field |= self.path.is_empty();
        self.inside(Step::Key(name.to_owned()))
    }

    pub(super) fn inside(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    /// The place, the outermost step first.
    pub(super) fn path(&self) -> Vec<Step> {
        self.path.iter().rev().cloned().collect()
    }

    /// In words; `value` is what stands at the place.
    pub(super) fn diagnostic(&self, value: Option<&Value>) -> Diagnostic {
        let mut path = self.path();
        let shown = value.map_or_else(String::new, Value::shown);
        let (code, message, help) = match &self.kind {
            Kind::Wanted(wanted) => wrong(wanted, value, &shown),
            Kind::Word(word, known) => {
                if let Some(Value::Table(_)) = value {
                    path.push(Step::Key(word.clone()));
                }
                let place = Place::at(written(&path));
                let message = format!("`{word}` is not one of {}", list(known));
                return Diagnostic::error(Code::UnknownName, place, message)
                    .did_you_mean(word, known.iter().copied());
            }
            Kind::Choice(known) => (
                Code::Type,
                format!("{shown} is not one of {}", list(known)),
                match value {
                    Some(Value::Table(fields)) if fields.len() > 1 => {
                        Some("it has one of them, and nothing beside it".to_owned())
                    }
                    _ => None,
                },
            ),
            Kind::Content(word) => (
                Code::Type,
                format!("`{word}` stands alone, and needs its values"),
                Some(format!("write it as a table, `{{ {word} = … }}`")),
            ),
            Kind::NoContent(word) => (
                Code::Type,
                format!("`{word}` has values, and takes none"),
                Some(format!("write it as a text, `\"{word}\"`")),
            ),
            Kind::UnknownField(name, known) => {
                path.push(Step::Key(name.clone()));
                let place = Place::at(written(&path));
                let problem =
                    Diagnostic::error(Code::Document, place, format!("there is no field `{name}`"));
                let problem = match known {
                    [] => problem,
                    _ => problem.help(format!("known are {}", list(known))),
                };
                return problem.did_you_mean(name, known.iter().copied());
            }
            Kind::MissingField(name) => (Code::Missing, format!("`{name}` is missing"), None),
            Kind::Said(message) => (Code::Type, message.clone(), None),
        };
        let problem = Diagnostic::error(code, Place::at(written(&path)), message);
        match help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

/// That a value is not what is wanted, in the words of a policy.
fn wrong(wanted: &str, value: Option<&Value>, shown: &str) -> (Code, String, Option<String>) {
    let most = match wanted {
        "u8" => Some(u64::from(u8::MAX)),
        "u32" => Some(u64::from(u32::MAX)),
        "u64" => Some(u64::MAX),
        _ => None,
    };
    if let (Some(most), Some(Value::Integer(_))) = (most, value) {
        let message = match most {
            u64::MAX => format!("{shown} is not a whole number from 0 on"),
            _ => format!("{shown} is not a whole number from 0 to {most}"),
        };
        return (Code::Range, message, None);
    }
    if let ("i32", Some(Value::Integer(_))) = (wanted, value) {
        let (least, most) = (i32::MIN, i32::MAX);
        let message = format!("{shown} is not a whole number from {least} to {most}");
        return (Code::Range, message, None);
    }
    let what = match wanted {
        "a string" => "a text",
        "f64" => "a number",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        "i32" | "i64" => "a whole number",
        _ if most.is_some() => "a whole number",
        _ if wanted.starts_with("struct ") => "a table",
        _ => wanted,
    };
    let message = format!("{shown} is not {what}");
    match value {
        Some(Value::Integer(_) | Value::Float(_) | Value::Bool(_)) if what == "a text" => {
            let help = format!("write it in quotes, `\"{}\"`", shown.trim_matches('`'));
            (Code::Type, message, Some(help))
        }
        Some(Value::Text(text)) if would_do(text, wanted) => {
            let help = "write it without quotes".to_owned();
            (Code::Type, format!("the text {message}"), Some(help))
        }
        _ => (Code::Type, message, None),
    }
}

/// Whether a text would be what is wanted if it stood without quotes.
fn would_do(text: &str, wanted: &str) -> bool {
    match wanted {
        "f64" => text.parse::<f64>().is_ok_and(f64::is_finite),
        "u8" => text.parse::<u8>().is_ok(),
        "u32" => text.parse::<u32>().is_ok(),
        "u64" => text.parse::<u64>().is_ok(),
        "i32" => text.parse::<i32>().is_ok(),
        "i64" => text.parse::<i64>().is_ok(),
        "a boolean" => matches!(text, "true" | "false"),
        _ => false,
    }
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// A place as it is written: `scores[0].parts[2].weight`.
pub(super) fn written(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Index(i) => out.push_str(&format!("[{i}]")),
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
        }
    }
    out
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic(None).fmt(f)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Kind::Said(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::new(Kind::Wanted(wanted.to_string()))
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::new(Kind::Wanted(wanted.to_string()))
    }

    fn invalid_length(_: usize, wanted: &dyn Expected) -> Self {
        Self::new(Kind::Wanted(wanted.to_string()))
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self::new(Kind::Word(word.to_owned(), known))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownField(name.to_owned(), known))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(Kind::MissingField(name.to_owned()))
    }
}
