//! A problem in a policy: what, how bad, where, and what to do about it.
//!
//! A policy is checked to its end: every problem is reported at once, as [`Diagnostics`].

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The policy binds; the author probably meant something else.
    Warning,
    /// The policy does not bind; or it does, and an analysis shows that it cannot do what it says.
    Error,
}

/// What kind of problem it is; stable, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// The document is not TOML or JSON, or does not have the shape of a policy.
    Document,
    /// A rule text does not parse.
    Syntax,
    /// A name that nothing has.
    UnknownName,
    /// Two things of one kind have the same name, or a name is reserved.
    DuplicateName,
    /// A name that is empty or cannot be written in a rule.
    InvalidName,
    /// A value of the wrong type: a number compared with a text, a text that is not in a dictionary.
    Type,
    /// A number outside its range.
    Range,
    /// A required part is missing.
    Missing,
    /// Two parts contradict each other.
    Conflict,
    /// A table does not cover every case.
    Uncovered,
    /// Two entries of a table cover the same case.
    Overlap,
    /// Something depends on itself, or on something that is only known later.
    Order,
    /// A part that nothing uses, or that can never be reached.
    Unused,
    /// A condition that holds for nobody.
    Never,
    /// A condition that holds for everybody.
    Always,
    /// A number that looks like one in another unit: 80 where 0.8 is meant.
    Unit,
    /// A rule that is never used, because those before it take everybody it is for.
    Shadowed,
    /// A tier whose conditions for entering and for keeping contradict each other for some: they enter and leave again.
    Flapping,
    /// A tier that nobody who enters it keeps.
    NeverKept,
    /// A customer who is better in what counts has a lower tier.
    NotMonotone,
    /// A tier takes less of something than a lower one.
    NotIncreasing,
    /// Whether something is wrong was not found out, because the rules are too large.
    NotDecided,
}

/// Where a problem is: the path in the policy, and the bytes within a rule text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The path in the policy, such as `tiers[2].when`.
    pub path: String,
    /// The bytes within the text at `path`, if the problem is in a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// One past the last byte within the text at `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<usize>,
    /// The line in the document, from 1, where the document is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in the document, in characters from 1, where the document is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

impl Place {
    /// A place that is a whole entry of the policy.
    pub fn at(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// The same place, narrowed to bytes of its text.
    #[must_use]
    pub fn span(mut self, span: Range<usize>) -> Self {
        self.start = Some(span.start);
        self.end = Some(span.end);
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
            if let Some(column) = self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(", ")?;
        }
        if self.path.is_empty() {
            f.write_str("policy")?;
        } else {
            f.write_str(&self.path)?;
        }
        if let (Some(start), Some(end)) = (self.start, self.end) {
            write!(f, " at {start}..{end}")?;
        }
        Ok(())
    }
}

/// One problem in a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diagnostic {
    /// What kind of problem.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong: lower case, no full stop, the user's own text in backticks.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem that keeps the policy from binding.
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            place,
            message: message.into(),
            help: None,
        }
    }

    /// A problem that does not keep the policy from binding.
    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, place, message)
        }
    }

    /// The same problem with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem with "did you mean" advice, if one of `known` is close to `word`.
    #[must_use]
    pub fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match closest(word, known) {
            Some(near) => {
                let help = format!("did you mean `{near}`?");
                self.help(help)
            }
            None => self,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}: {}: {}", self.place, self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

/// Every problem of a policy, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No problem yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds problems.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(more);
    }

    /// The problems, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The problems, to change their places (an outer document adds its lines).
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.0.iter_mut()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// None at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// At least one of them keeps the policy from binding.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.has_errors_since(0)
    }

    /// The same of those that were added when there were `before`.
    pub(crate) fn has_errors_since(&self, before: usize) -> bool {
        let mut added = self.0.iter().skip(before);
        added.any(|d| d.severity == Severity::Error)
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// The known word nearest to `word`, if it is near enough to be what was meant.
///
/// Near enough is an edit distance (with neighbours swapped counted once) of at most a third of the word.
#[must_use]
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(64).collect();
    let limit = (word.len() / 3).max(1);
    known
        .into_iter()
        .map(|k| {
            (
                distance(
                    &word,
                    &k.to_lowercase().chars().take(64).collect::<Vec<_>>(),
                ),
                k,
            )
        })
        .filter(|(d, k)| *d <= limit && *d < k.chars().count())
        .min_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(b.1)))
        .map(|(_, k)| k)
}

/// Optimal string alignment distance (Damerau–Levenshtein without repeated edits of one place).
#[allow(clippy::indexing_slicing)] // every row has `b.len() + 1` places
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, cb) in b.iter().enumerate() {
            let mut d = (last[j] + usize::from(ca != cb))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *ca == b[j - 1] && a[i - 1] == *cb {
                d = d.min(before[j - 1] + 1);
            }
            row[j + 1] = d;
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_word_is_found_and_a_far_one_is_not() {
        let known = ["spend", "spend_12m", "days_since_last"];
        assert_eq!(closest("spned", known), Some("spend"));
        assert_eq!(closest("day_since_last", known), Some("days_since_last"));
        assert_eq!(closest("Spend_12M", known), Some("spend_12m"));
        assert_eq!(closest("country", known), None);
        assert_eq!(closest("x", ["y"]), None);
    }
}
