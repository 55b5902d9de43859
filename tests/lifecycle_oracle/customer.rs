//! What is known of one customer: dated rows, as they were booked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::calendar::Date;

/// A value of a column. Those of one kind have an order.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Value {
    Number(f64),
    Date(Date),
    Word(String),
    Flag(bool),
}

impl Value {
    pub fn read(value: &toml::Value) -> Self {
        match value {
            #[allow(clippy::cast_precision_loss)]
            toml::Value::Integer(number) => Self::Number(*number as f64),
            toml::Value::Float(number) => Self::Number(*number),
            toml::Value::Boolean(flag) => Self::Flag(*flag),
            toml::Value::String(text) => match Date::try_from(text.clone()) {
                Ok(date) => Self::Date(date),
                Err(_) => Self::Word(text.clone()),
            },
            other => panic!("no value of a column: {other}"),
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    /// `["2024-01-10", 100.00]`.
    pub purchases: Vec<Purchase>,
    /// From a day on an attribute has a value, `["2024-01-10", "vip", true]`, or none, `["2024-02-10", "vip"]`.
    pub changes: Vec<Change>,
    /// `["2024-01-10", "uplift"]`.
    pub attempts: Vec<(Date, String)>,
    /// Answers on the scale 0 to 1 to a question, `["2024-01-10", "nps", 0.8]`.
    pub answers: Vec<Answer>,
    /// Columns that are not measured here, always the same (`p_alive`, `p_purchase`).
    pub given: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(from = "(Date, f64)")]
pub struct Purchase {
    pub day: Date,
    pub cents: i64,
}

impl From<(Date, f64)> for Purchase {
    #[allow(clippy::cast_possible_truncation)]
    fn from((day, amount): (Date, f64)) -> Self {
        let cents = (amount * 100.0).round() as i64;
        Self { day, cents }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(from = "(Date, String, f64)")]
pub struct Answer {
    pub day: Date,
    pub question: String,
    pub share: f64,
}

impl From<(Date, String, f64)> for Answer {
    fn from((day, question, share): (Date, String, f64)) -> Self {
        Self {
            day,
            question,
            share,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Vec<toml::Value>")]
pub struct Change {
    pub day: Date,
    pub name: String,
    pub value: Option<Value>,
}

impl TryFrom<Vec<toml::Value>> for Change {
    type Error = String;
    fn try_from(written: Vec<toml::Value>) -> Result<Self, String> {
        let text = |n: usize| written.get(n).and_then(toml::Value::as_str);
        Ok(Self {
            day: Date::try_from(text(0).ok_or("no day")?.to_owned())?,
            name: text(1).ok_or("no name")?.to_owned(),
            value: written.get(2).map(Value::read),
        })
    }
}

impl Customer {
    /// The last value that an attribute got by a day.
    pub fn attribute(&self, name: &str, on: Date) -> Option<Value> {
        let mut changes: Vec<&Change> = self.changes.iter().collect();
        changes.retain(|change| change.name == name && change.day <= on);
        // Of one day, the later in the list.
        changes.sort_by_key(|change| change.day);
        changes.last()?.value.clone()
    }
}
