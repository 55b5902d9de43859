//! Lines of a CSV file as records, and those that are none.

use std::fmt::Display;
use std::str::FromStr;

use customer_value::model::{Currency, Money, parse_amount};
use serde::Serialize;

use super::csv_rows::{Row, Rows, Source};
use super::ending::one_line;

/// A line that does not count.
#[derive(Serialize)]
pub struct Reject {
    pub file: &'static str,
    /// From 1, with the header.
    pub line: u64,
    pub field: String,
    pub reason: String,
}

/// Which field of a line is wrong, and why.
pub struct Wrong {
    pub field: &'static str,
    pub reason: String,
}

impl Wrong {
    pub fn new(field: &'static str, reason: impl Display) -> Self {
        Self {
            field,
            reason: one_line(&reason.to_string()),
        }
    }
}

/// The fields of a line, by the names of the columns.
pub struct Cells<'a> {
    row: &'a Row<'a>,
    columns: &'a [&'static str],
    pub currency: Currency,
}

impl Cells<'_> {
    pub fn text(&self, column: &'static str) -> &str {
        let place = self.columns.iter().position(|name| *name == column);
        place.map_or("", |place| self.row.get(place))
    }

    /// What stands in a column that may be empty.
    pub fn known<T: FromStr<Err: Display>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, Wrong> {
        match self.text(column) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|error| Wrong::new(column, error)),
        }
    }

    pub fn get<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, Wrong> {
        self.known(column)?
            .ok_or_else(|| Wrong::new(column, "it is empty"))
    }

    /// An amount, in the currency of the policy.
    pub fn money(&self, column: &'static str) -> Result<Option<Money>, Wrong> {
        match self.text(column) {
            "" => Ok(None),
            text => parse_amount(text)
                .and_then(|amount| Money::new(amount, self.currency))
                .map(Some)
                .map_err(|error| Wrong::new(column, error)),
        }
    }
}

/// The records of a file, each with its line; what is no record goes to the `rejects`. Gives how many lines there are, too.
pub fn read<T>(
    file: (&'static str, &'static [u8]),
    columns: &[&'static str],
    currency: Currency,
    rejects: &mut Vec<Reject>,
    record: impl Fn(&Cells<'_>) -> Result<T, Wrong>,
) -> anyhow::Result<(Vec<(u64, T)>, u64)> {
    let (name, bytes) = file;
    let mut rows = Rows::open(&Source::Bundled(name, bytes), columns, &[])?;
    let (mut found, mut read) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        read += 1;
        let cells = Cells {
            row: &row,
            columns,
            currency,
        };
        let made = match row.readable {
            true => record(&cells),
            false => Err(Wrong::new(
                "row",
                format!("it cannot be read: {}", row.shown()),
            )),
        };
        match made {
            Ok(record) => found.push((row.line, record)),
            Err(wrong) => rejects.push(Reject {
                file: name,
                line: row.line,
                field: wrong.field.to_owned(),
                reason: wrong.reason,
            }),
        }
    }
    Ok((found, read))
}
