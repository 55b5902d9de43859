//! A CSV file, row by row: nothing is lost, and nothing stops at a wrong row.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use csv::{ByteRecord, ReaderBuilder};
use indicatif::{ProgressBar, ProgressStyle};

use super::lines::Lines;

/// Where rows come from.
pub enum Source<'a> {
    File(&'a Path),
    /// Data that is part of the program, and its name.
    Bundled(&'static str, &'static [u8]),
}

/// The sample is part of the program, so that it runs anywhere.
pub const SAMPLE: Source<'static> = Source::Bundled(
    "examples/data/cdnow_sample.csv",
    include_bytes!("../data/cdnow_sample.csv"),
);

/// The rows of a CSV file with a header.
pub struct Rows {
    name: String,
    reader: csv::Reader<Lines<Box<dyn Read>>>,
    record: ByteRecord,
    width: usize,
    /// Where each wanted column stands.
    places: Vec<Option<usize>>,
    ignored: Vec<String>,
    read: u64,
    bar: ProgressBar,
}

/// One row.
pub struct Row<'a> {
    /// From 0, without the header.
    pub number: u64,
    /// From 1, with the header; the first one of a row of several lines.
    pub line: u64,
    /// The last one.
    last_line: u64,
    /// Whether its fields can be told apart and are text.
    pub readable: bool,
    record: &'a ByteRecord,
    places: &'a [Option<usize>],
}

impl Rows {
    /// Opens a file that must have the `required` columns and may have the `optional` ones.
    pub fn open(source: &Source, required: &[&str], optional: &[&str]) -> anyhow::Result<Self> {
        let (name, bytes, length): (_, Box<dyn Read>, _) = match source {
            Source::Bundled(name, bytes) => {
                ((*name).to_owned(), Box::new(*bytes), bytes.len() as u64)
            }
            Source::File(path) => {
                let name = path.display().to_string();
                let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
                let length = file.metadata().map_or(0, |data| data.len());
                (name, Box::new(file), length)
            }
        };
        let bar = progress(&name, length);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(Lines::new(Box::new(bar.wrap_read(bytes)) as Box<dyn Read>));
        let mut record = ByteRecord::new();
        reader
            .read_byte_record(&mut record)
            .with_context(|| format!("cannot read `{name}`"))?;
        let header: Vec<String> = record.iter().map(column_name).collect();
        let find = |wanted: &str| header.iter().position(|column| column == wanted);
        let missing: Vec<String> = required
            .iter()
            .filter(|column| find(column).is_none())
            .map(|column| format!("`{column}`"))
            .collect();
        if !missing.is_empty() {
            let lacking = missing.join(", ");
            if record.is_empty() {
                bail!("`{name}` is empty, and needs a header line with {lacking}");
            }
            let plain = std::str::from_utf8(record.as_slice());
            if plain.map_or(true, |text| text.contains(char::is_control)) {
                bail!("`{name}` is not a CSV file in UTF-8 whose header line has {lacking}");
            }
            bail!(
                "`{name}` has no column {lacking}; its header line is `{}`",
                shown(&record)
            );
        }
        let wanted = || required.iter().chain(optional);
        if let Some(twice) = wanted().find(|w| header.iter().filter(|c| c == *w).count() > 1) {
            bail!("`{name}` has the column `{twice}` twice");
        }
        Ok(Self {
            places: wanted().map(|column| find(column)).collect(),
            ignored: header
                .iter()
                .filter(|column| !wanted().any(|wanted| wanted == column))
                .cloned()
                .collect(),
            width: header.len(),
            name,
            reader,
            record,
            read: 0,
            bar,
        })
    }

    /// The columns that nobody asked for.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The next row.
    pub fn next(&mut self) -> anyhow::Result<Option<Row<'_>>> {
        let more = self
            .reader
            .read_byte_record(&mut self.record)
            .with_context(|| format!("cannot read `{}`", self.name))?;
        if !more {
            self.bar.finish_and_clear();
            return Ok(None);
        }
        let number = self.read;
        self.read += 1;
        let record = &self.record;
        let breaks = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
        // Every row ends with a line feed, except one with an open quote: it ends with the file.
        let unclosed = self.reader.get_ref().at_end();
        let inside = breaks(record.as_slice()) - usize::from(unclosed);
        // Where the reader began to look for the row may be before empty lines; where it ended is sure.
        let last_line = self.reader.position().line() - 1;
        let line = last_line - inside as u64;
        let text = record.as_slice().is_ascii()
            || record
                .iter()
                .all(|field| std::str::from_utf8(field).is_ok());
        // A line break in a field that is used comes of a quote that somebody forgot to close.
        let broken = inside > 0
            && self
                .places
                .iter()
                .flatten()
                .any(|place| record.get(*place).is_some_and(|field| breaks(field) > 0));
        let readable = record.len() == self.width && text && !broken && !unclosed;
        Ok(Some(Row {
            number,
            line,
            last_line,
            readable,
            record,
            places: &self.places,
        }))
    }
}

impl<'a> Row<'a> {
    /// What stands in a column, by its place among the required and then the optional ones; empty if there is no such
    /// column.
    pub fn get(&self, column: usize) -> &'a str {
        let place = self.places.get(column).copied().flatten();
        let field = place.and_then(|place| self.record.get(place));
        field.map_or("", |field| std::str::from_utf8(field).unwrap_or("").trim())
    }

    /// The start of the row, to show it; and how far it goes, if a quote took other lines with it.
    pub fn shown(&self) -> String {
        if self.last_line > self.line {
            format!(
                "lines {} to {}: {}",
                self.line,
                self.last_line,
                shown(self.record)
            )
        } else {
            shown(self.record)
        }
    }
}

/// A header may be written with capitals and with spaces around.
fn column_name(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim().to_ascii_lowercase()
}

/// The first characters of a record, on one line.
fn shown(record: &ByteRecord) -> String {
    let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
    let text = fields.join(",");
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(64).collect()
}

/// On standard error, and only if that is a terminal.
fn progress(name: &str, length: u64) -> ProgressBar {
    if length == 0 {
        // A pipe: nobody knows how much will come.
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length).with_message(name.to_owned());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes} of {total_bytes} ({eta})");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
