//! A report as a table of typed cells, in the words of any language, for a terminal or as Markdown.
//!
//! Every report has a `sheet()`: its title, notes that say what it is about, and one or more tables. A cell is data (a count, an
//! amount of money, a share, a day, a word by its key, a text of the user), so a sheet can be stored and sent as such, and only
//! [`Sheet::text`] and [`Sheet::markdown`] put it into the words, digits and days of a [`Language`].
//!
//! # To connect a report
//!
//! 1. The words it needs and that are not there yet get a line each in the table of [`ReportWord`] (`rules/language/phrase/report.rs`):
//!    key, English, Chinese. That is the only place: languages of users translate them by [`Phrase::Report`].
//! 2. `fn sheet(&self) -> Sheet` of the report's type builds the sheet: [`Sheet::new`] with the title, [`Sheet::note`],
//!    [`Sheet::table`]; a [`SheetTable`] is made of its heads and takes rows of cells. What a policy or a record names goes into
//!    [`Cell::Text`], which is never translated; what the crate may have named (`tier`, `spend`) into [`Cell::Name`]; a reason that
//!    is a sentence, whose type has a `text` in a language, is a [`Sentence`].
//! 3. Its `Display` writes [`Sheet::tables_text`] in English.
//! 4. A report whose type is of an earlier room (`strategy`, `ledger`) gets its `sheet` in a file of this room, as
//!    [`Quality`](crate::ledger::Quality) has.

mod cell;
mod sentence;
mod write;

pub use cell::{Align, Cell};
pub(crate) use cell::{category_cell, cells};
pub use sentence::Sentence;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rules::language::{English, Language};
// For the page above.
#[allow(unused_imports)]
use crate::rules::language::{Phrase, ReportWord};

/// A report as a title, notes and tables of typed cells.
///
/// ```
/// use customer_value::model::{Currency, Money};
/// use customer_value::report::{Cell, Sheet, SheetTable};
/// use customer_value::rules::language::{Chinese, English, ReportWord};
///
/// let mut table = SheetTable::new([Cell::name("tier"), ReportWord::Customers.into(), Cell::name("spend")]);
/// table.row([Cell::literal("gold|plus"), 12.into(), Money::from_minor(1_250_00, Currency::EUR).into()]);
/// table.row([ReportWord::Unknown.into(), 3.into()]); // what is left out is missing
/// let sheet = Sheet::new(ReportWord::TitleDistribution)
///     .note(ReportWord::Amounts, Cell::literal("EUR"))
///     .table(table);
///
/// assert_eq!(sheet.text(&English), "\
/// Distribution
/// amounts in: EUR
///
/// tier       customers    spend
/// gold|plus         12  1250.00
/// unknown            3        -
/// ");
/// assert_eq!(sheet.markdown(&Chinese), "## 分布
///
/// - 金额单位：EUR
///
/// | 等级 | 客户数 | 消费金额 |
/// |---|---:|---:|
/// | gold\\|plus | 12 | 1250.00 |
/// | 未知 | 3 | - |
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    title: Cell,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tables: Vec<SheetTable>,
}

/// Something that a whole sheet is about: its currency, its day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What the value is.
    pub label: Cell,
    /// The value.
    pub value: Cell,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetHead {
    /// What is in the column.
    pub cell: Cell,
    /// To which side its cells are flush.
    pub align: Align,
}

/// A table: heads, and rows of as many cells.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct SheetTable {
    heads: Vec<SheetHead>,
    rows: Vec<Vec<Cell>>,
}

/// A table as it may have been written: its rows may be shorter or longer than its head.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    heads: Vec<SheetHead>,
    rows: Vec<Vec<Cell>>,
}

impl From<Written> for SheetTable {
    fn from(written: Written) -> Self {
        let mut table = Self {
            heads: written.heads,
            rows: Vec::with_capacity(written.rows.len()),
        };
        written.rows.into_iter().for_each(|row| table.row(row));
        table
    }
}

impl SheetTable {
    /// No row yet: the heads of the columns. The first column is flush left, the others flush right, as numbers are.
    #[must_use]
    pub fn new(heads: impl IntoIterator<Item = Cell>) -> Self {
        let heads = heads
            .into_iter()
            .enumerate()
            .map(|(column, cell)| SheetHead {
                cell,
                align: if column == 0 {
                    Align::Left
                } else {
                    Align::Right
                },
            });
        Self {
            heads: heads.collect(),
            rows: Vec::new(),
        }
    }

    /// The same with a column flush left, counted from 0: one of words. Nothing happens where there is no such column.
    #[must_use]
    pub fn left(mut self, column: usize) -> Self {
        if let Some(head) = self.heads.get_mut(column) {
            head.align = Align::Left;
        }
        self
    }

    /// Adds a row. Cells that it has too few of are missing, and those that it has too many of are left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut row: Vec<Cell> = cells.into_iter().take(self.heads.len()).collect();
        row.resize(self.heads.len(), Cell::Missing);
        self.rows.push(row);
    }

    /// The heads of the columns.
    #[must_use]
    pub fn heads(&self) -> &[SheetHead] {
        &self.heads
    }

    /// The rows, each with as many cells as there are heads.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }
}

impl Sheet {
    /// A sheet with its title, and nothing in it.
    #[must_use]
    pub fn new(title: impl Into<Cell>) -> Self {
        Self {
            title: title.into(),
            notes: Vec::new(),
            tables: Vec::new(),
        }
    }

    /// With a note more.
    #[must_use]
    pub fn note(mut self, label: impl Into<Cell>, value: impl Into<Cell>) -> Self {
        self.notes.push(Note {
            label: label.into(),
            value: value.into(),
        });
        self
    }

    /// With a table more.
    #[must_use]
    pub fn table(mut self, table: SheetTable) -> Self {
        self.tables.push(table);
        self
    }

    /// The same with at most so many rows in each table, the first of them, for a list that is longer than a screen: a row after
    /// them tells how many are not shown.
    ///
    /// ```
    /// use customer_value::report::{Cell, Sheet, SheetTable};
    /// use customer_value::rules::language::English;
    ///
    /// let mut table = SheetTable::new([Cell::name("customer"), Cell::name("purchases")]);
    /// for id in 1..=40_u64 {
    ///     table.row([Cell::literal(id.to_string()), id.into()]);
    /// }
    /// let sheet = Sheet::new(Cell::literal("who bought")).table(table);
    /// assert_eq!(sheet.first_rows(2).tables_text(&English), "\
    /// customer  purchases
    /// 1                 1
    /// 2                 2
    /// … + 38            -
    /// ");
    /// ```
    #[must_use]
    pub fn first_rows(mut self, most: usize) -> Self {
        for table in &mut self.tables {
            let more = table.rows.len().saturating_sub(most);
            if more > 0 {
                table.rows.truncate(most);
                table.row([Cell::literal(format!("… + {more}"))]);
            }
        }
        self
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &Cell {
        &self.title
    }

    /// What it is about.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Its tables.
    #[must_use]
    pub fn tables(&self) -> &[SheetTable] {
        &self.tables
    }

    /// As text for a terminal: the title, a line for each note, and the tables with aligned columns, in which a Chinese character
    /// takes two columns.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        write::sheet(self, language, write::Form::Text)
    }

    /// The tables as [`text`](Self::text) has them, without the title and the notes.
    #[must_use]
    pub fn tables_text(&self, language: &dyn Language) -> String {
        write::tables(&self.tables, language, write::Form::Text)
    }

    /// As Markdown of GitHub's flavour: a heading of the second level, a list of the notes, and the tables. What would be markup in
    /// a text is escaped.
    #[must_use]
    pub fn markdown(&self, language: &dyn Language) -> String {
        write::sheet(self, language, write::Form::Markdown)
    }

    /// The tables as [`markdown`](Self::markdown) has them, without the title and the notes.
    #[must_use]
    pub fn tables_markdown(&self, language: &dyn Language) -> String {
        write::tables(&self.tables, language, write::Form::Markdown)
    }

    /// The tables in English: what reports are as text.
    pub(crate) fn fmt_tables(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tables_text(&English))
    }
}

/// In English, as [`Sheet::text`].
impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&English))
    }
}
