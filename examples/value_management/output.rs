//! What a chapter says, as text, Markdown or JSON.

use customer_value::report::Sheet;
use customer_value::rules::language::Language;
use serde::Serialize;
use serde_json::{Map, Value};

/// How many rows of a list are shown.
const ROWS: usize = 10;

/// A part of a chapter: a report.
pub struct Part {
    name: &'static str,
    sheet: Sheet,
    data: Value,
}

impl Part {
    /// A report with its sheet; only the first rows of a long list are shown.
    pub fn new(name: &'static str, report: &impl Serialize, sheet: Sheet) -> anyhow::Result<Self> {
        let data = serde_json::to_value(report)?;
        Ok(Self {
            name,
            sheet: sheet.first_rows(ROWS),
            data,
        })
    }

    /// A report of which everything is shown.
    pub fn whole(
        name: &'static str,
        report: &impl Serialize,
        sheet: Sheet,
    ) -> anyhow::Result<Self> {
        let data = serde_json::to_value(report)?;
        Ok(Self { name, sheet, data })
    }

    /// What is a sheet only.
    pub fn sheet(name: &'static str, sheet: Sheet) -> anyhow::Result<Self> {
        let data = serde_json::to_value(&sheet)?;
        Ok(Self {
            name,
            sheet: sheet.first_rows(ROWS),
            data,
        })
    }

    pub fn text(&self, language: &dyn Language) -> String {
        self.sheet.text(language)
    }

    pub fn markdown(&self, language: &dyn Language) -> String {
        self.sheet.markdown(language)
    }
}

/// The reports of a chapter by their names.
pub fn json(parts: Vec<Part>) -> Value {
    let mut all = Map::new();
    for Part { name, data, .. } in parts {
        match all.get_mut(name) {
            Some(Value::Array(list)) => list.push(data),
            Some(one) => *one = Value::Array(vec![one.take(), data]),
            None => {
                all.insert(name.to_owned(), data);
            }
        }
    }
    Value::Object(all)
}
