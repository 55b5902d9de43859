//! What happened, as a sheet.

use crate::lifecycle::churn::CHURN;
use crate::model::Currency;
use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;

use super::event::{ChangeEvent, Importance, Shift, ShiftKind};

impl ChangeEvent {
    /// Events as a [sheet](Sheet), a line for each, in their order; what is at stake is in the currency of the policy.
    #[must_use]
    pub fn sheet(events: &[Self], currency: Currency) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Customer,
            Word::Importance,
            Word::What,
            Word::Column,
            Word::Before,
            Word::After,
            Word::Threshold,
            Word::AtStake,
        ])
        .left(1)
        .left(2)
        .left(3);
        let places = u8::try_from(currency.exponent()).unwrap_or(u8::MAX);
        for event in events {
            let importance = match event.importance {
                Importance::Low => Word::Low,
                Importance::Medium => Word::Medium,
                Importance::High => Word::High,
            };
            let [column, before, after, threshold] = event.what.cells();
            table.row(cells![
                Cell::literal(event.customer.to_string()),
                importance,
                event.what.kind().word(),
                column,
                before,
                after,
                threshold,
                Cell::number(event.at_stake, places),
            ]);
        }
        Sheet::new(Word::TitleChanges)
            .note(Word::Amounts, Cell::literal(currency.code()))
            .table(table)
    }
}

impl ShiftKind {
    fn word(self) -> Word {
        match self {
            Self::Churned => Word::ShiftChurned,
            Self::Gone => Word::ShiftGone,
            Self::BecameAtRisk => Word::ShiftBecameAtRisk,
            Self::FellTier => Word::ShiftFellTier,
            Self::CrossedThreshold => Word::ShiftCrossedThreshold,
            Self::BehaviourChanged => Word::ShiftBehaviourChanged,
            Self::TierReplaced => Word::ShiftTierReplaced,
            Self::StageMoved => Word::ShiftStageMoved,
            Self::WonBack => Word::ShiftWonBack,
            Self::RoseTier => Word::ShiftRoseTier,
            Self::New => Word::ShiftNew,
        }
    }
}

impl Shift {
    /// The column, what was in it before and after, and the threshold between the two.
    fn cells(&self) -> [Cell; 4] {
        // The levels of churn are the library's own words.
        let word = |column: &str, word: &str| match column {
            CHURN => Cell::name(word),
            _ => Cell::literal(word),
        };
        match self {
            Self::New { tier } => {
                cells![
                    Word::Tier,
                    Cell::Missing,
                    Cell::literal(tier),
                    Cell::Missing
                ]
            }
            Self::Gone { tier } => {
                cells![
                    Word::Tier,
                    Cell::literal(tier),
                    Cell::Missing,
                    Cell::Missing
                ]
            }
            Self::FellTier { from, to }
            | Self::RoseTier { from, to }
            | Self::TierReplaced { from, to } => {
                let (from, to) = (Cell::literal(from), Cell::literal(to));
                cells![Word::Tier, from, to, Cell::Missing]
            }
            Self::StageMoved { column, from, to }
            | Self::BecameAtRisk { column, from, to }
            | Self::Churned { column, from, to }
            | Self::WonBack { column, from, to } => {
                let (from, to) = (word(column, from), word(column, to));
                cells![Cell::name(column), from, to, Cell::Missing]
            }
            Self::CrossedThreshold {
                column,
                unit,
                at,
                before,
                after,
                ..
            } => {
                let [before, after, at] = [before, after, at].map(|n| Cell::amount(*n, *unit));
                cells![Cell::name(column), before, after, at]
            }
            Self::BehaviourChanged {
                column,
                unit,
                before,
                after,
            } => {
                let [before, after] = [before, after].map(|n| Cell::amount(*n, *unit));
                cells![Cell::name(column), before, after, Cell::Missing]
            }
        }
    }
}
