//! What is known of one customer: dated rows, as they were booked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::calendar::Date;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    pub enrolled: Option<Date>,
    pub attributes: BTreeMap<String, toml::Value>,
    pub purchases: Vec<Purchase>,
    pub refunds: Vec<Refund>,
    pub awards: Vec<Award>,
    pub overrides: Vec<Override>,
    pub extensions: Vec<Extension>,
}

/// A purchase; in a file `["2024-01-10", 100.00]`, or with more fields a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Written")]
pub struct Purchase {
    pub day: Date,
    pub cents: i64,
    pub id: Option<String>,
    pub category: Option<String>,
    pub cost: i64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(Date, f64),
    Full(Full),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    day: Date,
    amount: f64,
    id: Option<String>,
    category: Option<String>,
    #[serde(default)]
    cost: f64,
}

#[allow(clippy::cast_possible_truncation)]
pub fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

impl Purchase {
    pub fn new(day: Date, cents: i64) -> Self {
        Self {
            day,
            cents,
            id: None,
            category: None,
            cost: 0,
        }
    }
}

impl From<Written> for Purchase {
    fn from(written: Written) -> Self {
        match written {
            Written::Plain(day, amount) => Self::new(day, cents(amount)),
            Written::Full(full) => Self {
                id: full.id,
                category: full.category,
                cost: cents(full.cost),
                ..Self::new(full.day, cents(full.amount))
            },
        }
    }
}

/// A refund, on the day it was booked. With `of` it counts on the day of that purchase, from the day it was booked on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    pub day: Date,
    pub amount: f64,
    pub of: Option<String>,
}

/// A rule of a point score was triggered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Award {
    pub day: Date,
    pub score: String,
    pub rule: String,
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    Pin,
    Floor,
    Ceiling,
    Exclude,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The first review that may know it is on this day.
    pub noted: Date,
    pub kind: OverrideKind,
    pub tier: Option<String>,
    pub from: Date,
    /// Up to but without.
    pub to: Option<Date>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The first review that may know it is on this day.
    pub noted: Date,
    pub until: Date,
}
