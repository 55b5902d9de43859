//! A profile against another as a sheet.

use std::fmt;

use super::figure::Figure;
use super::report::{BehaviourReport, Compared, UsualTimes};
use super::times::Usual;
use crate::model::{Days, Unit, Weekday};
use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;

impl BehaviourReport {
    /// The report as a [sheet](Sheet): the figures, the usual categories, the channels, the usual times, and the hours and weekdays
    /// on which there was something. A table without a row is left out.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let options = self.options();
        let sheet = Sheet::new(Word::TitleBehaviour)
            .note(Word::FirstDay, options.from())
            .note(Word::LastDay, options.to().minus(Days::new(1)));
        let hours = (0..24_u64).map(Cell::from);
        let weekdays = Weekday::ALL.iter().map(|day| weekday(*day).into());
        let tables = [
            self.figures_table(),
            self.categories_table(),
            self.channels_table(),
            self.usual_table(),
            self.times_table(Word::Hour, hours, |times| &times.hours),
            self.times_table(Word::Weekday, weekdays, |times| &times.weekdays),
        ];
        let tables = tables.into_iter().filter(|table| !table.rows().is_empty());
        tables.fold(sheet, Sheet::table)
    }

    /// No row yet: something, this profile, the average, the index.
    fn heads(&self, what: Word) -> [Cell; 4] {
        cells![what, Cell::literal(self.name()), Word::Average, Word::Index]
    }

    fn figures_table(&self) -> SheetTable {
        let mut table = SheetTable::new(self.heads(Word::Figure));
        table.row(cells![Word::Customers, self.customers(), self.population()]);
        for figure in Figure::ALL {
            let is_share = matches!(figure.unit(self.options()), Unit::Share);
            let numbers = compared(&self.figure(figure), is_share);
            table.row([Cell::name(figure.as_str())].into_iter().chain(numbers));
        }
        table
    }

    fn categories_table(&self) -> SheetTable {
        let mut table = SheetTable::new(self.heads(Word::Category));
        for (name, share) in self.categories() {
            table.row([Cell::literal(name)].into_iter().chain(shares(share)));
        }
        table
    }

    fn channels_table(&self) -> SheetTable {
        let answered = cells![Word::Answered, Word::Average, Word::Index];
        let heads = self.heads(Word::Channel).into_iter().chain(answered);
        let mut table = SheetTable::new(heads);
        for of in self.channels() {
            let both = shares(&of.share)
                .into_iter()
                .chain(shares(&of.response_rate));
            table.row([Cell::literal(&of.name)].into_iter().chain(both));
        }
        table
    }

    fn usual_table(&self) -> SheetTable {
        let heads = cells![Word::Usual, Word::Most, Word::Mean, Word::Concentration];
        let mut table = SheetTable::new(heads);
        let hour = |hour: u8| Cell::Count(hour.into());
        let weekday = |day: Weekday| weekday(day).into();
        for (of_hour, of_weekday, times) in [
            (Word::PurchaseHour, Word::PurchaseWeekday, self.purchases()),
            (Word::ContactHour, Word::ContactWeekday, self.contacts()),
        ] {
            table.row(usual(of_hour, times.hour, hour));
            table.row(usual(of_weekday, times.weekday, weekday));
        }
        table
    }

    /// The hours or weekdays on which there was something, by their names.
    fn times_table(
        &self,
        what: Word,
        names: impl Iterator<Item = Cell>,
        of: impl Fn(&UsualTimes) -> &Vec<Compared>,
    ) -> SheetTable {
        let mut table = SheetTable::new(cells![
            what,
            Word::OfPurchases,
            Word::Average,
            Word::Index,
            Word::OfContacts,
            Word::Average,
            Word::Index,
        ]);
        let both = of(self.purchases()).iter().zip(of(self.contacts()));
        for (name, (purchases, contacts)) in names.zip(both) {
            let known = [purchases, contacts].map(|of| [of.value, of.average]);
            if known.iter().flatten().flatten().any(|share| *share > 0.0) {
                let both = shares(purchases).into_iter().chain(shares(contacts));
                table.row([name].into_iter().chain(both));
            }
        }
        table
    }
}

fn usual<T>(what: Word, usual: Option<Usual<T>>, most: impl Fn(T) -> Cell) -> Vec<Cell> {
    let Some(usual) = usual else {
        return vec![what.into()];
    };
    let (mean, concentration) = (usual.mean, usual.concentration);
    let numbers = [Cell::number(mean, 1), Cell::number(concentration, 2)];
    [what.into(), most(usual.most)]
        .into_iter()
        .chain(numbers)
        .collect()
}

/// The value, the average and the index.
fn compared(of: &Compared, is_share: bool) -> [Cell; 3] {
    let number = |value: Option<f64>| match is_share {
        true => Cell::share(value),
        false => Cell::number(value, 2),
    };
    let index = Cell::number(of.index(), 0);
    [number(of.value), number(of.average), index]
}

fn shares(of: &Compared) -> [Cell; 3] {
    compared(of, true)
}

fn weekday(day: Weekday) -> Word {
    match day {
        Weekday::Monday => Word::Monday,
        Weekday::Tuesday => Word::Tuesday,
        Weekday::Wednesday => Word::Wednesday,
        Weekday::Thursday => Word::Thursday,
        Weekday::Friday => Word::Friday,
        Weekday::Saturday => Word::Saturday,
        Weekday::Sunday => Word::Sunday,
    }
}

impl fmt::Display for BehaviourReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
