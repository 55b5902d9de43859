//! Where money and time go, as sheets.

use std::fmt;

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;
use crate::strategy::allocation::{
    CapacityPlan, Equity, EquityCurve, EquityInput, Held, Selection, Sensitivity, SpendPlan,
};

impl SpendPlan {
    /// The plan as a [sheet](Sheet): what each segment gets and brings.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Segment,
            Word::Customers,
            Word::FieldAmount,
            Word::Each,
            Word::Responses,
            Word::Value,
            Word::NextUnit,
            Word::LimitedBy,
        ]);
        for row in &self.segments {
            table.row(cells![
                Cell::literal(&row.name),
                row.customers,
                row.amount,
                Cell::number(row.per_customer, 2),
                Cell::number(row.responses, 1),
                row.value,
                Cell::number(row.marginal, 4),
                row.held.map(|held| match held {
                    Held::Floor => Word::Floor,
                    Held::Cap => Word::Cap,
                }),
            ]);
        }
        let customers = self.segments.iter().map(|row| row.customers);
        let responses: f64 = self.segments.iter().map(|row| row.responses).sum();
        table.row(cells![
            Word::Total,
            customers.fold(0, u64::saturating_add),
            self.spent,
            Cell::Missing,
            Cell::number(responses, 1),
            self.value,
            Cell::number(self.lambda, 4),
        ]);
        Sheet::new(Word::TitleSpendPlan)
            .note(Word::Budget, self.budget)
            .note(Word::Amounts, Cell::literal(self.budget.currency().code()))
            .table(table)
    }
}

impl Selection {
    /// The choice as a [sheet](Sheet): how many are chosen, what they cost and bring, and how much more the best choice can bring at
    /// most.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Chosen,
            Word::Candidates,
            Word::Budget,
            Word::Cost,
            Word::Value,
            Word::GapAtMost,
        ]);
        table.row(cells![
            self.chosen.len() as u64,
            self.candidates as u64,
            self.budget,
            self.cost,
            self.value,
            self.gap(),
        ]);
        Sheet::new(Word::TitleSelection)
            .note(Word::Amounts, Cell::literal(self.budget.currency().code()))
            .table(table)
    }
}

impl CapacityPlan {
    /// The plan as a [sheet](Sheet): what each tier needs, gets and lacks of each resource, and what becomes of the resources, all of
    /// it in minutes.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut tiers = SheetTable::new(cells![
            Word::Tier,
            Word::Resource,
            Word::Customers,
            Word::Needed,
            Word::Granted,
            Word::Short,
            Word::CustomersShort,
            Word::BelowFloor,
            Word::WouldTake,
        ])
        .left(1);
        for grant in &self.tiers {
            tiers.row(cells![
                Cell::literal(&grant.tier),
                Cell::literal(&grant.resource),
                grant.customers,
                grant.needed,
                grant.granted,
                grant.short,
                grant.customers_short,
                grant.customers_below_floor,
                grant.would_take,
            ]);
        }
        let mut resources = SheetTable::new(cells![
            Word::Resource,
            Word::Minutes,
            Word::Granted,
            Word::Reserved,
            Word::LeftOver,
            Word::ReserveShort,
            Word::WouldTake,
        ]);
        for used in &self.resources {
            resources.row(cells![
                Cell::literal(&used.resource),
                used.minutes,
                used.granted,
                used.reserved,
                used.unused,
                used.reserve_short,
                used.would_take,
            ]);
        }
        Sheet::new(Word::TitleCapacityPlan)
            .table(tiers)
            .table(resources)
    }
}

impl EquityCurve {
    /// The points as a [sheet](Sheet), with amounts in major units.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::AcquisitionSpend,
            Word::AcquisitionRate,
            Word::RetentionSpend,
            Word::RetentionRate,
            Word::CustomerValue,
            Word::Equity,
        ]);
        for point in &self.0 {
            table.row([
                Cell::number(point.acquisition_spend, 3),
                Cell::share(point.acquisition_rate),
                Cell::number(point.retention_spend, 3),
                Cell::share(point.retention_rate),
                Cell::number(point.customer_value, 3),
                Cell::number(point.equity, 3),
            ]);
        }
        Sheet::new(Word::TitleEquity).table(table)
    }
}

impl Equity {
    /// The point as a [sheet](Sheet): a curve of one.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        EquityCurve(vec![*self]).sheet()
    }
}

impl Sensitivity {
    /// What the optimum becomes as a [sheet](Sheet), with amounts in major units: as it is, and with each input lower and higher.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Input,
            Word::Change,
            Word::AcquisitionSpend,
            Word::RetentionSpend,
            Word::Equity,
        ]);
        let mut row = |name: Word, change: Option<f64>, optimum: Option<Equity>| {
            table.row(cells![
                name,
                Cell::share(change),
                Cell::number(optimum.map(|o| o.acquisition_spend), 3),
                Cell::number(optimum.map(|o| o.retention_spend), 3),
                Cell::number(optimum.map(|o| o.equity), 3),
            ]);
        };
        row(Word::AsItIs, None, Some(self.optimum));
        for of in &self.rows {
            let name = match of.input {
                EquityInput::Margin => Word::Margin,
                EquityInput::Discount => Word::DiscountRate,
                EquityInput::AcquisitionCeiling => Word::AcquisitionCeiling,
                EquityInput::AcquisitionK => Word::AcquisitionK,
                EquityInput::RetentionCeiling => Word::RetentionCeiling,
                EquityInput::RetentionK => Word::RetentionK,
            };
            row(name, Some(-self.change), of.lower);
            row(name, Some(self.change), of.higher);
        }
        Sheet::new(Word::TitleSensitivity).table(table)
    }
}

impl fmt::Display for SpendPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

impl fmt::Display for CapacityPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

impl fmt::Display for EquityCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

impl fmt::Display for Equity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

impl fmt::Display for Sensitivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
