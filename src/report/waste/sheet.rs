//! The report on waste as a sheet.

use std::fmt;

use super::{WasteClass, WasteGroup, WasteReport, YEAR};
use crate::metrics::exact::quotient;
use crate::model::Days;
use crate::report::sheet::{Cell, Sheet, SheetTable, category_cell, cells};
use crate::rules::language::ReportWord as Word;

impl WasteReport {
    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(Word::TitleWaste)
            .note(Word::FirstDay, self.as_of.minus(YEAR).plus(Days::new(1)))
            .note(Word::LastDay, self.as_of)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(self.classes());
        if !self.categories.is_empty() {
            let rows = self.categories.iter();
            let rows = rows.map(|(category, group)| (category_cell(category), group));
            sheet = sheet.table(self.groups(Word::CostFor, rows));
        }
        if self.all.read.entries > 0 {
            let tiers = self.tiers.iter();
            let tiers = tiers.map(|tier| (Cell::literal(&tier.name), tier));
            let unknown = [(Word::Unknown.into(), &self.no_tier)].into_iter();
            let unknown = unknown.filter(|(_, group)| group.read.entries > 0);
            sheet = sheet.table(self.groups(Word::Tier, tiers.chain(unknown)));
        }
        if !self.largest.is_empty() {
            sheet = sheet.table(self.entries());
        }
        sheet
    }

    fn money(&self, minor: i64) -> Cell {
        Cell::money(minor, self.currency)
    }

    fn classes(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::ForNothing,
            Word::Entries,
            Word::FieldAmount,
            Word::Share,
        ]);
        let classes = WasteClass::ALL.map(|class| (class.word(), self.all.of(class)));
        let sums = [
            (Word::Total, self.all.total()),
            (Word::OfAllCosts, self.all.read),
        ];
        for (name, sum) in classes.into_iter().chain(sums) {
            let share = quotient(sum.amount.into(), self.all.read.amount.into());
            table.row(cells![
                name,
                sum.entries,
                self.money(sum.amount),
                Cell::share(share),
            ]);
        }
        table
    }

    fn groups<'g>(
        &self,
        by: Word,
        groups: impl Iterator<Item = (Cell, &'g WasteGroup)>,
    ) -> SheetTable {
        let heads = cells![by, Word::Entries, Word::FieldAmount].into_iter();
        let heads = heads.chain(WasteClass::ALL.map(|class| class.word().into()));
        let mut table = SheetTable::new(heads.chain(cells![Word::ForNothing, Word::Share]));
        for (name, group) in groups {
            let wasted = group.total().amount;
            let cells = cells![name, group.read.entries, self.money(group.read.amount)].into_iter();
            let classes = WasteClass::ALL.map(|class| self.money(group.of(class).amount));
            let share = quotient(wasted.into(), group.read.amount.into());
            table.row(
                cells
                    .chain(classes)
                    .chain([self.money(wasted), Cell::share(share)]),
            );
        }
        table
    }

    fn entries(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::Customer,
            Word::Tier,
            Word::Day,
            Word::CostFor,
            Word::FieldAmount,
            Word::ForNothing,
            Word::Reason,
        ])
        .left(1)
        .left(2)
        .left(3)
        .left(6);
        for entry in &self.largest {
            let tier = entry.tier.as_ref();
            table.row(cells![
                Cell::literal(entry.customer.to_string()),
                tier.map_or(Word::Unknown.into(), Cell::literal),
                entry.day,
                category_cell(&entry.category),
                self.money(entry.amount),
                self.money(entry.wasted),
                entry.class.word(),
            ]);
        }
        table
    }
}

impl fmt::Display for WasteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
