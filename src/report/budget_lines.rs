//! Lines of a budget in sheets: what they say to a proposed spend, and what is carried over on them.

use super::sheet::{Cell, Sheet, SheetTable, category_cell, cells};
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::{
    CarryOver, CarryReason, Decision, LineKey, LineVerdict, Reason, Room, Verdict, shown,
};

/// The columns that say which line it is: those of tier, segment and category that some line names.
pub(super) struct LineColumns {
    tier: bool,
    segment: bool,
    category: bool,
}

impl LineColumns {
    pub(super) fn of<'k>(lines: impl Iterator<Item = &'k LineKey> + Clone) -> Self {
        let tier = lines.clone().any(|line| line.tier.is_some());
        let segment = lines.clone().any(|line| line.segment.is_some());
        Self {
            tier,
            segment,
            // Something has to say that a line is for everything.
            category: !(tier || segment) || lines.clone().any(|line| line.category.is_some()),
        }
    }

    /// A table of lines with more columns, of which the last few are words.
    pub(super) fn table<const N: usize>(&self, more: [Word; N], words: usize) -> SheetTable {
        let own = [
            (self.tier, Word::Tier),
            (self.segment, Word::Segment),
            (self.category, Word::CostFor),
        ];
        let own = own.into_iter().filter(|(shown, _)| *shown);
        let own: Vec<Cell> = own.map(|(_, word)| word.into()).collect();
        let (first, all) = (own.len(), own.len() + N);
        let heads = own.into_iter().chain(more.map(Cell::from));
        let words = all.saturating_sub(words)..all;
        (0..first)
            .chain(words)
            .fold(SheetTable::new(heads), SheetTable::left)
    }

    pub(super) fn row<const N: usize>(
        &self,
        table: &mut SheetTable,
        line: &LineKey,
        more: [Cell; N],
    ) {
        let named = |name: Option<&String>| name.map_or(Word::All.into(), Cell::literal);
        let category = line.category.as_ref();
        let own = [
            (self.tier, named(line.tier.as_ref())),
            (self.segment, named(line.segment.as_ref())),
            (
                self.category,
                category.map_or(Word::All.into(), category_cell),
            ),
        ];
        let own = own.into_iter().filter(|(shown, _)| *shown);
        table.row(own.map(|(_, cell)| cell).chain(more));
    }
}

pub(super) fn decided(decision: Decision) -> Word {
    match decision {
        Decision::Allow => Word::VerdictAllow,
        Decision::Warn => Word::VerdictWarn,
        Decision::Deny => Word::VerdictDeny,
    }
}

fn because(reason: Reason) -> Word {
    match reason {
        Reason::Within => Word::BecauseWithin,
        Reason::NearLimit => Word::BecauseNear,
        Reason::OverLimit => Word::BecauseOver,
        Reason::CustomerNearLimit => Word::BecauseCustomerNear,
        Reason::CustomerOverLimit => Word::BecauseCustomerOver,
        Reason::Outside => Word::BecauseOutside,
        Reason::OtherCurrency => Word::BecauseCurrency,
    }
}

impl Verdict {
    /// The answer as a [sheet](Sheet): what the spend does to each line that it counts on, and to what this customer may cost on
    /// them.
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::model::{CostCategory, Currency};
    /// use customer_value::rules::language::Chinese;
    /// use customer_value::strategy::budget::{BudgetSpec, BudgetState, Names, Spend};
    ///
    /// let spec: BudgetSpec = toml::from_str(r#"
    ///     periods = "yearly"
    ///     lines = [{ category = "marketing", amount = "100.00 EUR" }]
    /// "#)?;
    /// let mut problems = Diagnostics::new();
    /// let names = Names { tiers: &[], segments: &[], categories: None };
    /// let budget = spec.bind(&names, Currency::EUR, &mut problems).ok_or(problems)?;
    /// let spend = Spend::new(1, "2025-03-01".parse()?, "130.00 EUR".parse()?, CostCategory::Marketing)?;
    /// let verdict = budget.ask(&spend, &BudgetState::new(Currency::EUR));
    /// assert_eq!(verdict.sheet().tables_text(&Chinese), "\
    /// 成本类别  可用额度  此前已用  计入后已用    剩余  结论  原因
    /// 营销        100.00      0.00      130.00  -30.00  拒绝  超出额度
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let sheet = Sheet::new(Word::TitleVerdict)
            .note(Word::Period, Cell::literal(self.period.to_string()))
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .note(Word::Verdict, decided(self.decision))
            .note(Word::Reason, because(self.reason));
        let rooms = [
            (Word::SpendLimit, self.rooms(|line| Some(line.room))),
            (Word::CustomerLimit, self.rooms(|line| line.customer)),
        ];
        let rooms = rooms.into_iter().filter(|(_, rooms)| !rooms.is_empty());
        rooms.fold(sheet, |sheet, (limit, rooms)| {
            sheet.table(self.table(limit, &rooms))
        })
    }

    fn rooms(&self, of: impl Fn(&LineVerdict) -> Option<Room>) -> Vec<(&LineVerdict, Room)> {
        let lines = self.lines.iter();
        lines.filter_map(|line| Some((line, of(line)?))).collect()
    }

    fn table(&self, limit: Word, rooms: &[(&LineVerdict, Room)]) -> SheetTable {
        let columns = LineColumns::of(self.lines.iter().map(|line| &line.line));
        let heads = [
            limit,
            Word::UsedBefore,
            Word::UsedWithIt,
            Word::Left,
            Word::Verdict,
            Word::Reason,
        ];
        let mut table = columns.table(heads, 2);
        let money = |minor| shown(minor, self.currency);
        for (line, room) in rooms {
            let cells = cells![
                money(room.limit),
                money(room.before),
                money(room.after),
                money(room.left),
                decided(line.decision),
                because(line.reason),
            ];
            columns.row(&mut table, &line.line, cells);
        }
        table
    }
}

impl CarryOver {
    /// Proposals as a [sheet](Sheet), a line for each, in their order.
    #[must_use]
    pub fn sheet(proposals: &[Self]) -> Sheet {
        let columns = LineColumns::of(proposals.iter().map(|proposal| &proposal.line));
        let heads = [
            Word::From,
            Word::To,
            Word::FieldCurrency,
            Word::Left,
            Word::Carried,
            Word::Forfeited,
            Word::Reason,
        ];
        let mut table = columns.table(heads, 1);
        for proposal in proposals {
            let money = |minor| shown(minor, proposal.currency);
            let cells = cells![
                Cell::literal(proposal.from.to_string()),
                proposal.to.map(|to| Cell::literal(to.to_string())),
                Cell::literal(proposal.currency.code()),
                money(proposal.left),
                money(proposal.carried.into()),
                money(proposal.lost),
                carried_because(proposal.reason),
            ];
            columns.row(&mut table, &proposal.line, cells);
        }
        Sheet::new(Word::TitleCarryOver).table(table)
    }
}

fn carried_because(reason: CarryReason) -> Word {
    match reason {
        CarryReason::NothingLeft => Word::CarryNothing,
        CarryReason::NoRule => Word::CarryNoRule,
        CarryReason::OtherCategory => Word::CarryOtherCategory,
        CarryReason::LastPeriod => Word::CarryLastPeriod,
        CarryReason::Share => Word::CarryShare,
        CarryReason::Cap => Word::CarryCap,
    }
}
