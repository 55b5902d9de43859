//! The text of a `since`: a date column with or without days.

use std::ops::Range;

use super::spec::TransitionSpec;
use crate::model::Days;

impl TransitionSpec {
    /// The column that `since` reads, if it is one that can be read.
    pub(super) fn since_column(&self) -> Option<String> {
        split(self.since.as_deref()?).map(|(name, _, _)| name)
    }
}

/// The column name of a `since` text with its bytes, and the days after it.
pub(super) fn split(text: &str) -> Option<(String, Range<usize>, Days)> {
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
