//! What customers get and what is to be done with them, as sheets.

use std::fmt;

use super::sheet::{Cell, Sentence, Sheet, SheetTable, cells};
use crate::model::{CustomerId, Unit};
use crate::rules::language::ReportWord as Word;
use crate::strategy::playbook::{DueList, Plan};

fn customer(id: &CustomerId) -> Cell {
    Cell::literal(id.to_string())
}

impl Plan {
    /// What the customer gets as a [sheet](Sheet), with the reason as a note.
    ///
    /// ```
    /// use customer_value::rules::language::Chinese;
    /// use customer_value::strategy::playbook::{Plan, Service};
    ///
    /// let service = Service {
    ///     channels: vec!["email".into()],
    ///     response_hours: Some(72),
    ///     ..Service::default()
    /// };
    /// let plan = Plan { service, reason: None };
    /// assert_eq!(plan.sheet().text(&Chinese), "\
    /// 客户服务方案
    /// 原因：基础服务
    ///
    /// 服务            事项
    /// 渠道            email
    /// 联系间隔不超过  -
    /// 答复时限        72 小时
    /// 专属联系人      否
    /// ");
    /// ```
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![Word::Service, Word::What]).left(1);
        let service = &self.service;
        for (what, names) in [
            (Word::Channel, &service.channels),
            (Word::Entitlement, &service.entitlements),
            (Word::Action, &service.actions),
        ] {
            for name in names {
                table.row(cells![what, Cell::literal(name)]);
            }
        }
        let cadence = service.cadence.map(|days| f64::from(days.get()));
        let hours = service.response_hours.map(f64::from);
        table.row(cells![
            Word::ContactEvery,
            Cell::amount(cadence, Unit::Days)
        ]);
        table.row(cells![Word::AnswerWithin, Cell::amount(hours, Unit::Hours)]);
        let dedicated = if service.dedicated {
            Word::Yes
        } else {
            Word::No
        };
        table.row(cells![Word::DedicatedContact, dedicated]);
        let reason = match self.reason.clone() {
            Some(reason) => Sentence::Plan(reason).into(),
            None => Cell::Word(Word::BasicService),
        };
        Sheet::new(Word::TitlePlan)
            .note(Word::Reason, reason)
            .table(table)
    }
}

impl DueList {
    /// The list as a [sheet](Sheet): what is to be done and why, and what is due and not taken, with both reasons. Amounts are in
    /// the currency of the policy.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut due = SheetTable::new(cells![
            Word::Customer,
            Word::Action,
            Word::Channel,
            Word::Play,
            Word::Reason,
            Word::Net,
            Word::Cost,
        ]);
        for one in &self.due {
            due.row(cells![
                customer(&one.customer),
                Cell::literal(&one.action),
                Cell::literal(&one.channel),
                one.play.as_deref().map(Cell::literal),
                Sentence::Due(one.why.clone()),
                one.net,
                one.cost,
            ]);
        }
        let mut held = SheetTable::new(cells![
            Word::Customer,
            Word::Action,
            Word::Channel,
            Word::Reason,
            Word::NotTakenBecause,
        ]);
        for one in &self.suppressed {
            held.row(cells![
                customer(&one.customer),
                Cell::literal(&one.action),
                Cell::literal(&one.channel),
                Sentence::Due(one.why.clone()),
                Sentence::NotTaken(one.because.clone()),
            ]);
        }
        let mut sheet = Sheet::new(Word::TitleDue).note(Word::Day, self.day);
        // All amounts of a playbook are in one currency.
        if let Some(one) = self.due.first() {
            let currency = one.cost.currency();
            sheet = sheet.note(Word::Amounts, Cell::literal(currency.code()));
        }
        sheet
            .table((1..5).fold(due, SheetTable::left))
            .table((1..5).fold(held, SheetTable::left))
    }
}

impl fmt::Display for DueList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
