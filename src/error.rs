//! The one error of the crate: misuse, or one value that does not parse.
//!
//! Bad rows are not errors (they become [`Reject`](crate::ledger::Reject)s), and neither are bad
//! policies (they become [`Diagnostics`](crate::diagnostic::Diagnostics)). What is left is small, so
//! the type is opaque and answers questions instead of exposing its variants.

/// Why one call could not give a value.
///
/// ```
/// use customer_value::model::Currency;
///
/// let error = "EURO".parse::<Currency>().unwrap_err();
/// assert!(error.is_parse());
/// assert!(error.to_string().contains("`EURO`"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Kind {
    #[error("`{text}` is not a valid {what}: {why}")]
    Parse {
        what: &'static str,
        text: String,
        why: String,
    },
    #[error("{0}")]
    Range(String),
    #[error("{0}")]
    Overflow(String),
    #[error("{0}")]
    Misuse(String),
}

impl Error {
    pub(crate) fn parse(what: &'static str, text: &str, why: impl Into<String>) -> Self {
        // A message is for a person: a megabyte of wrong input is not quoted in full.
        let mut shown: String = text.chars().take(80).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Self(Box::new(Kind::Parse {
            what,
            text: shown,
            why: why.into(),
        }))
    }

    pub(crate) fn range(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Range(message.into())))
    }

    pub(crate) fn overflow(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Overflow(message.into())))
    }

    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Misuse(message.into())))
    }

    /// A text is not a value of the wanted type.
    #[must_use]
    pub fn is_parse(&self) -> bool {
        matches!(*self.0, Kind::Parse { .. })
    }

    /// A value is outside the range the type allows (an NPS answer of 11, a day in the year 12000).
    #[must_use]
    pub fn is_range(&self) -> bool {
        matches!(*self.0, Kind::Range(_))
    }

    /// A sum or product of whole numbers does not fit its type.
    #[must_use]
    pub fn is_overflow(&self) -> bool {
        matches!(*self.0, Kind::Overflow(_))
    }

    /// The call does not make sense, whatever the data (two currencies added, a fit of another policy).
    #[must_use]
    pub fn is_misuse(&self) -> bool {
        matches!(*self.0, Kind::Misuse(_))
    }
}
