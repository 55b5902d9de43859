//! A CSV file whose header line may be missing or has other columns too.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, bail};
use csv::{ReaderBuilder, StringRecord};

use super::lines::Lines;

/// One row: its line in the file, from 1, and its fields.
pub struct Row {
    pub line: u64,
    pub fields: StringRecord,
}

/// The rows of a file. A row that is not text has no fields.
pub fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(Lines::new(file));
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader
        .read_byte_record(&mut record)
        .with_context(|| format!("cannot read `{name}`"))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        let fields = StringRecord::from_byte_record(record.clone()).unwrap_or_default();
        rows.push(Row { line, fields });
    }
    if rows.is_empty() {
        bail!("`{name}` is empty");
    }
    Ok(rows)
}

/// Where each of some columns stands.
pub struct Columns {
    places: Vec<Option<usize>>,
    names: &'static [&'static str],
    width: usize,
}

impl Columns {
    /// By the names in a header line.
    pub fn named(header: &StringRecord, names: &'static [&'static str]) -> anyhow::Result<Self> {
        let place = |name: &str| -> anyhow::Result<Option<usize>> {
            let mut found = (0..header.len()).filter(|i| {
                header[*i]
                    .trim()
                    .trim_start_matches('\u{feff}')
                    .eq_ignore_ascii_case(name)
            });
            let first = found.next();
            if found.next().is_some() {
                bail!("the column `{name}` is there twice");
            }
            Ok(first)
        };
        Ok(Self {
            places: names
                .iter()
                .map(|name| place(name))
                .collect::<Result<_, _>>()?,
            names,
            width: header.len(),
        })
    }

    /// As they come, so many.
    pub fn in_order(names: &'static [&'static str], width: usize) -> Self {
        Self {
            places: (0..names.len()).map(|i| (i < width).then_some(i)).collect(),
            names,
            width,
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.names
            .iter()
            .zip(&self.places)
            .any(|(known, place)| *known == name && place.is_some())
    }

    /// Whether a row has as many fields as there are columns.
    pub fn fit(&self, row: &Row) -> bool {
        row.fields.len() == self.width
    }

    /// What stands in a column; empty if there is none.
    pub fn get<'r>(&self, row: &'r Row, name: &str) -> &'r str {
        let place = self.names.iter().position(|known| *known == name);
        let place = place.and_then(|place| self.places[place]);
        place
            .and_then(|place| row.fields.get(place))
            .map_or("", str::trim)
    }
}

/// A number of a field, or why there is none.
pub fn number(text: &str) -> Result<f64, &'static str> {
    match text.parse::<f64>() {
        _ if text.is_empty() => Err("is empty"),
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("is not a number"),
    }
}

/// A whole number of a field; `2.0` is one.
pub fn whole(text: &str, most: f64) -> Result<u64, &'static str> {
    let number = number(text)?;
    if number.fract() == 0.0 && (0.0..=most).contains(&number) {
        Ok(number as u64)
    } else {
        Err("is not a whole number from 0 up, or is too large")
    }
}
