//! Who came from which group to which, and with how much value.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::model::Currency;
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::shown;

/// The customers who came from one group to one group, which may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrationCell {
    /// The code of the group before; `None`: they were not there.
    pub from: Option<usize>,
    /// The code of the group after; `None`: they are not there.
    pub to: Option<usize>,
    /// How many customers.
    pub customers: u64,
    /// The sum of their values before, in minor units.
    pub before: i128,
    /// The sum of their values after, in minor units.
    pub after: i128,
}

/// From the groups of one review to those of another one: how many customers came from each tier to each, which part of the tier
/// that is, and what they are worth before and after.
///
/// As text it is the matrix of the counts, and a table with a line for each way that somebody took.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::report::Migration;
///
/// let mut migration = Migration::new("tier", ["A", "B"], ["A", "B"], "spend", Currency::EUR);
/// migration.add(Some(0), Some(0), 90_00, 80_00);
/// migration.add(Some(0), Some(1), 70_00, 20_00);
/// migration.add(None, Some(1), 0, 15_00);
/// assert_eq!(migration.stayed(0), Some(0.5));
/// assert_eq!(migration.to_string(), "\
/// tier   A  B  total
/// A      1  1      2
/// B      0  0      0
/// new    0  1      1
/// total  1  2      3
///
/// from   to  customers   share  value before  value after  change
/// A      A           1  50.0 %         90.00        80.00  -10.00
/// A      B           1  50.0 %         70.00        20.00  -50.00
/// new    B           1       -          0.00        15.00   15.00
/// total              3       -        160.00       115.00  -45.00
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migration {
    by: String,
    from: Vec<String>,
    to: Vec<String>,
    of: String,
    currency: Currency,
    /// By the codes, who was or is not there last.
    cells: Vec<MigrationCell>,
}

impl Migration {
    /// No customer yet: what the groups are (`tier`), their names before and after in the order of their codes, what the value
    /// is (`spend`), and its currency.
    #[must_use]
    pub fn new<F: Into<String>, T: Into<String>>(
        by: impl Into<String>,
        from: impl IntoIterator<Item = F>,
        to: impl IntoIterator<Item = T>,
        of: impl Into<String>,
        currency: Currency,
    ) -> Self {
        Self {
            by: by.into(),
            from: from.into_iter().map(Into::into).collect(),
            to: to.into_iter().map(Into::into).collect(),
            of: of.into(),
            currency,
            cells: Vec::new(),
        }
    }

    /// Counts a customer: the codes of the groups before and after, `None` where they were or are not there, and their values in
    /// minor units. A code that no group has counts as not there; who is in neither is not counted.
    pub fn add(&mut self, from: Option<usize>, to: Option<usize>, before: i64, after: i64) {
        let from = from.filter(|code| *code < self.from.len());
        let to = to.filter(|code| *code < self.to.len());
        if from.is_none() && to.is_none() {
            return;
        }
        let place = self
            .cells
            .binary_search_by_key(&order(from, to), |cell| order(cell.from, cell.to));
        let at = place.unwrap_or_else(|at| {
            let empty = MigrationCell {
                from,
                to,
                customers: 0,
                before: 0,
                after: 0,
            };
            self.cells.insert(at, empty);
            at
        });
        if let Some(cell) = self.cells.get_mut(at) {
            cell.customers = cell.customers.saturating_add(1);
            cell.before = cell.before.saturating_add(before.into());
            cell.after = cell.after.saturating_add(after.into());
        }
    }

    /// What the groups are.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// What the value is.
    #[must_use]
    pub fn of(&self) -> &str {
        &self.of
    }

    /// The groups before, in the order of their codes.
    #[must_use]
    pub fn groups_before(&self) -> &[String] {
        &self.from
    }

    /// The groups after, in the order of their codes.
    #[must_use]
    pub fn groups_after(&self) -> &[String] {
        &self.to
    }

    /// Every way that somebody took, in the order of the groups before and of those after; who is in one review only comes last.
    #[must_use]
    pub fn cells(&self) -> &[MigrationCell] {
        &self.cells
    }

    /// Of those in the group before, the part that took a way, 0 to 1; `None` of those who were not there.
    #[must_use]
    pub fn share(&self, cell: &MigrationCell) -> Option<f64> {
        let from = cell.from?;
        let all = self.count(|other| other.from == Some(from));
        (all > 0).then(|| ratio(cell.customers, all))
    }

    /// Of those in a group before, the part that is in the group of the same name after, 0 to 1; `None` if nobody was in it.
    #[must_use]
    pub fn stayed(&self, from: usize) -> Option<f64> {
        let all = self.count(|cell| cell.from == Some(from));
        let name = self.from.get(from)?;
        let same = |to: Option<usize>| to.and_then(|to| self.to.get(to)) == Some(name);
        let stayed = self.count(|cell| cell.from == Some(from) && same(cell.to));
        (all > 0).then(|| ratio(stayed, all))
    }

    fn count(&self, which: impl Fn(&MigrationCell) -> bool) -> u64 {
        let cells = self.cells.iter().filter(|cell| which(cell));
        cells.fold(0, |sum, cell| sum.saturating_add(cell.customers))
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        Sheet::new(Word::TitleMigration)
            .note(Word::Value, Cell::name(&self.of))
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(self.matrix())
            .table(self.ways())
    }

    /// The counts. Who was or is not there has a line or a column if there is such a customer.
    fn matrix(&self) -> SheetTable {
        fn codes(groups: usize, some_outside: bool) -> Vec<Option<usize>> {
            let outside = some_outside.then_some(None);
            (0..groups).map(Some).chain(outside).collect()
        }
        let new = self.count(|cell| cell.from.is_none()) > 0;
        let gone = self.count(|cell| cell.to.is_none()) > 0;
        let (rows, columns) = (codes(self.from.len(), new), codes(self.to.len(), gone));
        let heads = columns.iter().map(|to| self.name_after(*to));
        let by = [Cell::name(&self.by)].into_iter();
        let mut table = SheetTable::new(by.chain(heads).chain([Word::Total.into()]));
        for from in rows {
            let own = |cell: &MigrationCell| cell.from == from;
            let counts = columns.iter();
            let counts = counts.map(|to| self.count(|cell| own(cell) && cell.to == *to).into());
            let name = [self.name_before(from)].into_iter();
            table.row(name.chain(counts).chain([self.count(own).into()]));
        }
        let sums = columns.iter();
        let sums = sums.map(|to| self.count(|cell| cell.to == *to).into());
        let name = [Cell::from(Word::Total)].into_iter();
        table.row(name.chain(sums).chain([self.count(|_| true).into()]));
        table
    }

    /// The ways that somebody took, with their values.
    fn ways(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::From,
            Word::To,
            Word::Customers,
            Word::Share,
            Word::ValueBefore,
            Word::ValueAfter,
            Word::Change,
        ])
        .left(1);
        let money = |minor| shown(minor, self.currency);
        let (mut before, mut after) = (0_i128, 0_i128);
        for cell in &self.cells {
            before = before.saturating_add(cell.before);
            after = after.saturating_add(cell.after);
            table.row(cells![
                self.name_before(cell.from),
                self.name_after(cell.to),
                cell.customers,
                Cell::share(self.share(cell)),
                money(cell.before),
                money(cell.after),
                money(cell.after.saturating_sub(cell.before)),
            ]);
        }
        table.row(cells![
            Word::Total,
            Cell::literal(""),
            self.count(|_| true),
            Cell::Missing,
            money(before),
            money(after),
            money(after.saturating_sub(before)),
        ]);
        table
    }

    fn name_before(&self, code: Option<usize>) -> Cell {
        let name = code.and_then(|code| self.from.get(code));
        name.map_or(Word::NewCustomer.into(), Cell::literal)
    }

    fn name_after(&self, code: Option<usize>) -> Cell {
        let name = code.and_then(|code| self.to.get(code));
        name.map_or(Word::Gone.into(), Cell::literal)
    }
}

/// Who is not there comes last.
fn order(from: Option<usize>, to: Option<usize>) -> (usize, usize) {
    (from.unwrap_or(usize::MAX), to.unwrap_or(usize::MAX))
}

#[allow(clippy::cast_precision_loss)] // for a share
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
