//! Lines of a budget in sheets: what they say to a proposed spend, and what is carried over on them.

use super::sheet::{Cell, Sheet, SheetTable, category_cell, cells};
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::{
    AskedActions, CarryOver, CarryReason, Decision, LineKey, LineVerdict, Reason, Room, Verdict,
    shown,
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
        let own: Vec<Cell> = self.heads().collect();
        let (first, all) = (own.len(), own.len() + N);
        let heads = own.into_iter().chain(more.map(Cell::from));
        let words = all.saturating_sub(words)..all;
        (0..first)
            .chain(words)
            .fold(SheetTable::new(heads), SheetTable::left)
    }

    /// A table of something else with these columns behind, and then one of numbers; `left` are the columns of words before them.
    fn table_after<const N: usize>(
        &self,
        heads: [Word; N],
        left: &[usize],
        last: Word,
    ) -> SheetTable {
        let own: Vec<Cell> = self.heads().collect();
        let words = left.iter().copied().chain(N..N + own.len());
        let words: Vec<usize> = words.collect();
        let heads = heads.into_iter().map(Cell::from).chain(own);
        let table = SheetTable::new(heads.chain([last.into()]));
        words.into_iter().fold(table, SheetTable::left)
    }

    fn heads(&self) -> impl Iterator<Item = Cell> + use<> {
        let own = [
            (self.tier, Word::Tier),
            (self.segment, Word::Segment),
            (self.category, Word::CostFor),
        ];
        let own = own.into_iter().filter(|(shown, _)| *shown);
        own.map(|(_, word)| word.into())
    }

    /// The cells of a line; missing without one.
    fn cells(&self, line: Option<&LineKey>) -> impl Iterator<Item = Cell> + use<> {
        let named = |name: Option<&String>| name.map_or(Word::All.into(), Cell::literal);
        let of = |cell: &dyn Fn(&LineKey) -> Cell| line.map_or(Cell::Missing, cell);
        let own = [
            (self.tier, of(&|line| named(line.tier.as_ref()))),
            (self.segment, of(&|line| named(line.segment.as_ref()))),
            (
                self.category,
                of(&|line| {
                    let category = line.category.as_ref();
                    category.map_or(Word::All.into(), category_cell)
                }),
            ),
        ];
        let own = own.into_iter().filter(|(shown, _)| *shown);
        own.map(|(_, cell)| cell)
    }

    pub(super) fn row<const N: usize>(
        &self,
        table: &mut SheetTable,
        line: &LineKey,
        more: [Cell; N],
    ) {
        table.row(self.cells(Some(line)).chain(more));
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

impl AskedActions {
    /// Which due actions are paid for as a [sheet](Sheet), the best first: what the budget says to each and why, and what is left then
    /// on the line that decided it.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use customer_value::*;
    /// use customer_value::rules::language::Chinese;
    /// use customer_value::strategy::budget::BudgetState;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "served", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "everybody" }]
    ///     [playbook]
    ///     channels = ["phone"]
    ///     floor = { channels = ["phone"], cadence = "90 days", actions = ["check in"] }
    ///     actions = [{ name = "check in", channel = "phone", trigger = "cadence", cost = "6.00 EUR" }]
    ///     [budget]
    ///     periods = "yearly"
    ///     lines = [{ category = "marketing", amount = "7.00 EUR" }]
    /// "#, &Catalog::standard())?;
    /// let today: Day = "2025-03-03".parse()?;
    /// let sales = [1, 2].map(|id| Transaction::purchase(id, today, "20.00 EUR".parse().unwrap()).unwrap());
    /// let population = engine.population(&Ledger::from_transactions(&sales, engine.cleaning(today)))?;
    /// let reviews = engine.review_all(&population, None, today)?;
    /// let due = reviews.due_actions(&BTreeMap::new()).unwrap();
    /// let asked = reviews.ask_budget(&due, &BudgetState::new(Currency::EUR))?.unwrap();
    /// assert_eq!(asked.sheet().tables_text(&Chinese), "\
    /// 客户  行动      成本  结论  原因      成本类别   剩余
    /// 1     check in  6.00  允许  额度充足  营销       1.00
    /// 2     check in  6.00  拒绝  超出额度  营销      -5.00
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let verdicts = || self.actions.iter().map(|one| one.verdict.as_ref());
        let lines = verdicts().filter_map(|verdict| Some(&verdict?.line()?.line));
        let columns = LineColumns::of(lines);
        let heads = [
            Word::Customer,
            Word::Action,
            Word::Cost,
            Word::Verdict,
            Word::Reason,
        ];
        let mut table = columns.table_after(heads, &[1, 3, 4], Word::Left);
        for (one, verdict) in self.actions.iter().zip(verdicts()) {
            let currency = one.action.cost.currency();
            let line = verdict.and_then(Verdict::line);
            let own = cells![
                Cell::literal(one.action.customer.to_string()),
                Cell::literal(&one.action.action),
                one.action.cost,
                decided(one.decision()),
                verdict.map_or(Cell::Missing, |verdict| because(verdict.reason).into()),
            ];
            let left = line.map_or(Cell::Missing, |line| shown(line.room.left, currency).into());
            let named = columns.cells(line.map(|line| &line.line));
            table.row(own.into_iter().chain(named).chain([left]));
        }
        Sheet::new(Word::TitleAsked)
            .note(Word::Day, self.day)
            .note(Word::Amounts, Cell::literal(self.state.currency().code()))
            .table(table)
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
