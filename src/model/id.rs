//! The name of a customer: a whole number or a text, both cheap.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// What the host calls a customer: a whole number or a non-empty text.
///
/// A text that is a whole number in its shortest form *is* that number, so `"42"` and `42` are one customer
/// wherever the row came from, while `"042"` stays a text of its own. Cloning never copies the text.
/// Numbers sort before texts.
///
/// ```
/// use customer_value::model::CustomerId;
///
/// assert_eq!(CustomerId::text("42")?, CustomerId::from(42));
/// assert_ne!(CustomerId::text("042")?, CustomerId::from(42));
/// assert!(CustomerId::text("  ").is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(Repr);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Number(u64),
    Text(Arc<str>),
}

/// The number that `text` is the shortest form of.
pub(crate) fn canonical_number(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let plain = match bytes {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => bytes.len() <= 20 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    plain.then(|| text.parse().ok()).flatten()
}

impl CustomerId {
    /// The customer of a text, without the white space around it.
    ///
    /// # Errors
    /// The text is empty or only white space (`is_parse`).
    pub fn text(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::parse("customer id", text, "it is empty"));
        }
        Ok(Self(match canonical_number(text) {
            Some(number) => Repr::Number(number),
            None => Repr::Text(text.into()),
        }))
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<u64> {
        match self.0 {
            Repr::Number(number) => Some(number),
            Repr::Text(_) => None,
        }
    }

    /// The text, if it is not a number.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Repr::Number(_) => None,
            Repr::Text(text) => Some(text),
        }
    }
}

impl From<u64> for CustomerId {
    fn from(number: u64) -> Self {
        Self(Repr::Number(number))
    }
}

impl std::str::FromStr for CustomerId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::text(text)
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Number(number) => number.fmt(f),
            Repr::Text(text) => f.pad(text),
        }
    }
}

impl Serialize for CustomerId {
    /// A number or a string.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Number(number) => serializer.serialize_u64(*number),
            Repr::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for CustomerId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = CustomerId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a customer id: a whole number or a text")
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<CustomerId, E> {
                Ok(CustomerId::from(number))
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<CustomerId, E> {
                u64::try_from(number)
                    .map(CustomerId::from)
                    .map_err(|_| E::custom("a customer id is not negative"))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CustomerId, E> {
                CustomerId::text(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
