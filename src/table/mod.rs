//! The hinge: everything that is known about customers as columns of finite-or-missing numbers and of
//! category codes, read by row.
//!
//! What comes before fills columns; what comes after (scores, rules, tiers, stages) reads them by
//! [`Slot`]. There is no NaN and no infinity anywhere: [`Column::set`] takes an `Option<f64>` and makes what is
//! not finite missing. One customer online is a table of one row, so one and many take the same path.

mod column;
mod schema;

pub use column::{Cell, Column};
pub use schema::{Field, Kind, Schema, Slot};

use std::sync::Arc;

use crate::parallel;

/// Tables of fewer rows are not worth several threads.
const SMALL: usize = 1 << 16;

/// Rows of customers under one [`Schema`].
///
/// ```
/// use customer_value::model::Unit;
/// use customer_value::table::{Field, Schema, Table};
///
/// let mut schema = Schema::new();
/// let spend = schema.add(Field::number("spend", Unit::Money))?;
/// let city = schema.add(Field::category("city", ["Bonn", "Wuhan"]))?;
///
/// let mut table = Table::new(schema, 2);
/// table.column_mut(spend).set(0, Some(12.5));
/// table.column_mut(city).set_code(1, Some(1));
/// assert_eq!(table.row(0).number(spend), Some(12.5));
/// assert_eq!(table.row(1).number(spend), None);
/// assert_eq!(table.row(1).category(city), Some("Wuhan"));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    schema: Arc<Schema>,
    rows: usize,
    columns: Vec<Column>,
}

impl Table {
    /// A table of `rows` rows in which every cell is missing.
    #[must_use]
    pub fn new(schema: impl Into<Arc<Schema>>, rows: usize) -> Self {
        let schema = schema.into();
        // The first touch of fresh memory costs more than what is written to it.
        let columns = if rows < SMALL {
            (0..schema.len()).map(|_| Column::missing(rows)).collect()
        } else {
            parallel::map(schema.len(), |_| Column::missing(rows))
        };
        Self {
            schema,
            rows,
            columns,
        }
    }

    /// The rows of several tables of one schema, one after the other.
    #[must_use]
    pub(crate) fn concat(schema: impl Into<Arc<Schema>>, parts: &[Self]) -> Self {
        let schema = schema.into();
        let columns = parallel::map(schema.len(), |column| {
            let cells = parts.iter().flat_map(|part| {
                let cells = part.columns.get(column).map_or(&[][..], Column::cells);
                let missing = part.rows - cells.len().min(part.rows);
                cells
                    .iter()
                    .copied()
                    .chain(std::iter::repeat_n(Cell::MISSING, missing))
            });
            Column::from_cells(cells)
        });
        Self {
            rows: parts.iter().map(|part| part.rows).sum(),
            schema,
            columns,
        }
    }

    /// Forgets all cells and takes `rows` rows, all missing, without giving memory back.
    pub fn reset(&mut self, rows: usize) {
        self.rows = rows;
        for column in &mut self.columns {
            column.reset(rows);
        }
    }

    /// What the columns are.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The column of a slot of this table's schema.
    ///
    /// # Panics
    /// A slot of another schema, with more columns than this one.
    #[must_use]
    #[allow(clippy::indexing_slicing)] // slots are made by the schema only
    pub fn column(&self, slot: Slot) -> &Column {
        &self.columns[slot.index()]
    }

    /// The column of a slot of this table's schema, to fill.
    ///
    /// # Panics
    /// A slot of another schema, with more columns than this one.
    #[allow(clippy::indexing_slicing)] // slots are made by the schema only
    pub fn column_mut(&mut self, slot: Slot) -> &mut Column {
        &mut self.columns[slot.index()]
    }

    /// The cells of all columns, cut into pieces of `rows` rows: piece by piece, column by column.
    pub(crate) fn pieces_mut(&mut self, rows: usize) -> Vec<Vec<&mut [Cell]>> {
        let rows = rows.max(1);
        let mut pieces: Vec<Vec<&mut [Cell]>> = Vec::new();
        pieces.resize_with(self.rows.div_ceil(rows), Vec::new);
        for column in &mut self.columns {
            for (piece, cells) in pieces.iter_mut().zip(column.cells_mut().chunks_mut(rows)) {
                piece.push(cells);
            }
        }
        pieces
    }

    /// One row. A row past the end reads as missing everywhere.
    #[must_use]
    pub fn row(&self, index: usize) -> Row<'_> {
        Row { table: self, index }
    }
}

/// One customer's cells.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    index: usize,
}

impl<'a> Row<'a> {
    /// The table the row is of.
    #[must_use]
    pub fn table(self) -> &'a Table {
        self.table
    }

    /// Which row of the table.
    #[must_use]
    pub fn index(self) -> usize {
        self.index
    }

    /// The raw cell; missing where the table has no such column.
    #[must_use]
    pub fn cell(self, slot: Slot) -> Cell {
        let column = self.table.columns.get(slot.index());
        column.map_or(Cell::MISSING, |column| column.cell(self.index))
    }

    /// The number in a numeric, date or flag column (as [`Unit`](crate::model::Unit) says).
    #[must_use]
    pub fn number(self, slot: Slot) -> Option<f64> {
        self.cell(slot).number()
    }

    /// The word in a category column.
    #[must_use]
    pub fn category(self, slot: Slot) -> Option<&'a str> {
        let code = self.cell(slot).code()?;
        self.table.schema.field(slot)?.word(code)
    }
}
