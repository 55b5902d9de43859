//! Who is to be asked, as a sheet.

use std::fmt;

use super::answers::instrument;
use super::sheet::{Cell, Sentence, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;
use crate::strategy::surveys::SurveyList;

impl SurveyList {
    /// The list as a [sheet](Sheet): who is asked what and why, and who is not and why not.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut due = SheetTable::new(cells![
            Word::Customer,
            Word::Survey,
            Word::Instrument,
            Word::Topic,
            Word::Reason,
        ]);
        for one in &self.due {
            due.row(cells![
                Cell::literal(one.customer.to_string()),
                Cell::literal(&one.survey),
                instrument(one.instrument),
                one.topic.as_deref().map(Cell::literal),
                Sentence::Survey(one.because),
            ]);
        }
        let mut held = SheetTable::new(cells![Word::Customer, Word::Survey, Word::NotAskedBecause]);
        for one in &self.suppressed {
            held.row(cells![
                Cell::literal(one.customer.to_string()),
                Cell::literal(&one.survey),
                Sentence::NotAsked(one.because.clone()),
            ]);
        }
        Sheet::new(Word::TitleSurveys)
            .note(Word::Day, self.day)
            .table((1..5).fold(due, SheetTable::left))
            .table((1..3).fold(held, SheetTable::left))
    }
}

impl fmt::Display for SurveyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
