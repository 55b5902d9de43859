//! Two groupings of the same customers, one against the other.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable};
use super::text::{TOTAL, UNKNOWN};
use crate::rules::language::ReportWord as Word;

/// One row of a [`CrossTable`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossRow {
    /// The group's name.
    pub name: String,
    /// The customers in each column; one past the last column those whose column is not known.
    pub counts: Vec<u64>,
}

impl CrossRow {
    /// How many customers.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }

    fn count(&self, column: usize) -> u64 {
        self.counts.get(column).copied().unwrap_or(0)
    }
}

/// How many customers are in each pair of groups: tier × stage, for example.
///
/// As text it is a table with the sums at the right and at the bottom; a row and a column for customers whose group is
/// not known are there if such customers are. See the [module](super) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossTable {
    down: String,
    across: String,
    columns: Vec<String>,
    rows: Vec<CrossRow>,
    unknown: CrossRow,
}

impl CrossTable {
    /// No customer yet: what the groups of the rows and of the columns are, and their names in the order of their codes.
    #[must_use]
    pub fn new<R: Into<String>, C: Into<String>>(
        down: impl Into<String>,
        rows: impl IntoIterator<Item = R>,
        across: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        let row = |name: String| CrossRow {
            name,
            counts: vec![0; columns.len() + 1],
        };
        Self {
            down: down.into(),
            across: across.into(),
            rows: rows.into_iter().map(|name| row(name.into())).collect(),
            unknown: row(UNKNOWN.to_owned()),
            columns,
        }
    }

    /// Counts a customer of a row and a column, by their codes from 0. No group, or a code that no group has, is unknown.
    pub fn add(&mut self, row: Option<usize>, column: Option<usize>) {
        self.add_many(row, column, 1);
    }

    /// Counts several customers of a row and a column at once, as [`add`](Self::add) does one.
    pub fn add_many(&mut self, row: Option<usize>, column: Option<usize>, customers: u64) {
        let columns = self.columns.len();
        let row = row.and_then(|code| self.rows.get_mut(code));
        let row = row.unwrap_or(&mut self.unknown);
        let column = column.filter(|code| *code < columns).unwrap_or(columns);
        // A table that was read from a file may have shorter rows.
        if row.counts.len() <= columns {
            row.counts.resize(columns + 1, 0);
        }
        if let Some(count) = row.counts.get_mut(column) {
            *count = count.saturating_add(customers);
        }
    }

    /// What the groups of the rows and of the columns are.
    #[must_use]
    pub fn by(&self) -> (&str, &str) {
        (&self.down, &self.across)
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[CrossRow] {
        &self.rows
    }

    /// The customers whose row is not known.
    #[must_use]
    pub fn unknown(&self) -> &CrossRow {
        &self.unknown
    }

    /// How many customers are in a row and a column, by their names; 0 if there is no such name.
    #[must_use]
    pub fn count(&self, row: &str, column: &str) -> u64 {
        let row = self.rows.iter().find(|r| r.name == row);
        let column = self.columns.iter().position(|name| name == column);
        row.zip(column).map_or(0, |(row, column)| row.count(column))
    }

    /// The sums over the rows: one count for each column and one for those whose column is not known.
    #[must_use]
    pub fn total(&self) -> CrossRow {
        let rows = || self.rows.iter().chain([&self.unknown]);
        CrossRow {
            name: TOTAL.to_owned(),
            counts: (0..=self.columns.len())
                .map(|column| rows().fold(0, |sum, row| row.count(column).saturating_add(sum)))
                .collect(),
        }
    }
}

impl CrossTable {
    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        Sheet::new(Word::TitleCrossTable)
            .note(Word::Down, Cell::name(&self.down))
            .note(Word::Across, Cell::name(&self.across))
            .table(self.table())
    }

    pub(crate) fn table(&self) -> SheetTable {
        let total = self.total();
        // The last column only if somebody is in it.
        let shown = self.columns.len() + usize::from(total.count(self.columns.len()) > 0);
        let columns = self.columns.iter().map(Cell::literal);
        let columns = columns.chain([Word::Unknown.into()]).take(shown);
        let down = [Cell::name(&self.down)].into_iter();
        let mut table = SheetTable::new(down.chain(columns).chain([Word::Total.into()]));
        let rows = self.rows.iter().map(|row| (Cell::literal(&row.name), row));
        let unknown = Some(&self.unknown).filter(|row| row.total() > 0);
        let unknown = unknown.map(|row| (Word::Unknown.into(), row));
        for (name, row) in rows.chain(unknown).chain([(Word::Total.into(), &total)]) {
            let counts = (0..shown).map(|column| row.count(column).into());
            let sum = [row.total().into()];
            table.row([name].into_iter().chain(counts).chain(sum));
        }
        table
    }
}

impl fmt::Display for CrossTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
