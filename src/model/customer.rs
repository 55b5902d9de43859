//! A customer and the typed attributes a service knows about them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::text::required;
use super::{CustomerId, Day};
use crate::Error;

/// What is known about a customer under one name: a number, a text, yes or no, or a day.
///
/// In serde it is just the value; a string that is exactly a day (`2024-02-29`) is a [`Date`](Self::Date).
/// Birthdays, anniversaries and the day of enrolment are dates.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// A finite number (employees, yearly revenue, years at the address).
    Number(f64),
    /// A text (industry, country, preferred language).
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(Day),
}

impl AttributeValue {
    /// The one form of a value: a trimmed text, and if that is a day, the day.
    fn checked(self) -> Result<Self, Error> {
        match self {
            Self::Number(number) if !number.is_finite() => Err(Error::range(format!(
                "{number} is not a finite number; leave out what is not known"
            ))),
            Self::Text(text) => {
                let text = required("attribute", &text)?;
                Ok(match text.parse() {
                    Ok(day) => Self::Date(day),
                    Err(_) => Self::Text(text.into()),
                })
            }
            fine => Ok(fine),
        }
    }
}

impl From<f64> for AttributeValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for AttributeValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Day> for AttributeValue {
    fn from(day: Day) -> Self {
        Self::Date(day)
    }
}

impl Serialize for AttributeValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // JSON would write `null`, which does not come back.
            Self::Number(number) if !number.is_finite() => {
                Err(serde::ser::Error::custom("a number attribute is finite"))
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Date(day) => day.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Up to here `f64` holds every whole number.
        const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = AttributeValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute: a number, a text, a day, true or false")
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<AttributeValue, E> {
                AttributeValue::Number(number).checked().map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<AttributeValue, E> {
                if number > EXACT {
                    return Err(E::custom(format!(
                        "the attribute {number} is too large to be exact; write it as text"
                    )));
                }
                Ok(AttributeValue::Number(number as f64))
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<AttributeValue, E> {
                let size = self.visit_u64::<E>(number.unsigned_abs())?;
                Ok(match size {
                    AttributeValue::Number(size) if number < 0 => AttributeValue::Number(-size),
                    other => other,
                })
            }
            fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<AttributeValue, E> {
                Ok(AttributeValue::Flag(flag))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<AttributeValue, E> {
                AttributeValue::from(text).checked().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A customer: an id, and attributes by name.
///
/// ```
/// use customer_value::model::{AttributeValue, Customer, Day};
///
/// let customer = Customer::new(42)
///     .with("industry", "retail")?
///     .with("employees", 120.0)?
///     .with("enrolled", "2023-05-01".parse::<Day>()?)?;
/// assert_eq!(customer.attribute("employees"), Some(&AttributeValue::Number(120.0)));
/// assert_eq!(customer.attribute("birthday"), None);
/// assert!(Customer::new(42).with("Industry", "retail").is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
///
/// In serde it is `{"id": 42, "attributes": {"employees": 120.0, "enrolled": "2023-05-01"}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Customer {
    id: CustomerId,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, AttributeValue>,
}

impl Customer {
    /// A customer about whom nothing is known yet.
    #[must_use]
    pub fn new(id: impl Into<CustomerId>) -> Self {
        Self {
            id: id.into(),
            attributes: BTreeMap::new(),
        }
    }

    /// With an attribute, in place of an earlier one of that name.
    ///
    /// The name is written as in a rule: small letters, digits and `_`, not beginning with a digit. White
    /// space around a text is dropped; a text that is exactly a day becomes a date.
    ///
    /// # Errors
    /// The name is not of that form, or the text is empty (`is_parse`); the number is not finite (`is_range`).
    pub fn with(mut self, name: &str, value: impl Into<AttributeValue>) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(Error::parse(
                "attribute name",
                name,
                "use small letters, digits and `_`, beginning with a letter or `_`",
            ));
        }
        let value = value.into().checked()?;
        self.attributes.insert(name.to_owned(), value);
        Ok(self)
    }

    /// Who it is.
    #[must_use]
    pub const fn id(&self) -> &CustomerId {
        &self.id
    }

    /// The attribute of that name; `None` if it is not known.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.get(name)
    }

    /// Every attribute, in the order of the names.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&str, &AttributeValue)> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}

/// A name as rules write it: `[a-z_][a-z0-9_]*`.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A customer as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: CustomerId,
    #[serde(default)]
    attributes: BTreeMap<String, AttributeValue>,
}

impl TryFrom<Raw> for Customer {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self, Error> {
        raw.attributes
            .into_iter()
            .try_fold(Self::new(raw.id), |customer, (name, value)| {
                customer.with(&name, value)
            })
    }
}
