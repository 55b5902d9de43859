//! What simulations found, as sheets.

use std::fmt;

use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;

use super::held::Held;
use super::outcome::{OutcomeQuality, RankedBy};
use super::propose::Proposal;
use super::reason::Turn;
use super::replay::{Replay, ReplayStep};
use super::step::Step;
use super::what_if::{Cost, Named, TierShare, WhatIf};

/// The policy and its version, which are the user's.
fn named(policy: &Named) -> Cell {
    Cell::literal(format!("{} {}", policy.policy, policy.version))
}

fn held(held: Option<Held>) -> Cell {
    Cell::from(held.map(|held| match held {
        Held::Override => Word::HeldOverride,
        Held::PolicyChange => Word::HeldPolicyChange,
        Held::Waiting => Word::HeldWaiting,
        Held::Kept => Word::HeldKept,
        Held::Grace => Word::HeldGrace,
        Held::Term => Word::HeldTerm,
        Held::Hold => Word::HeldHold,
        Held::NeverLost => Word::HeldNeverLost,
        Held::NotReviewed => Word::HeldNotReviewed,
    }))
}

/// Conditions as rules write them.
fn conditions(conditions: &[String]) -> Cell {
    match conditions.is_empty() {
        true => Cell::Missing,
        false => Cell::literal(conditions.join(" and ")),
    }
}

impl WhatIf {
    /// The report as a [sheet](Sheet): who comes from which tier to which and why, why others stay, the tiers' parts of the customers
    /// and of the value before and after, and who gains and loses which entitlement. The single movers are not in it.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(Word::TitleWhatIf)
            .note(Word::Before, named(&self.before))
            .note(Word::After, named(&self.after))
            .note(Word::AsOf, self.as_of)
            .note(Word::Customers, self.customers)
            .note(Word::Moved, self.moved);
        let amount = |cost: &Cost| Cell::literal(cost.amount.to_string());
        sheet = sheet
            .note(Word::CostBefore, amount(&self.cost_before))
            .note(Word::CostAfter, amount(&self.cost_after));
        for (label, cost) in [
            (Word::CostUnknownBefore, &self.cost_before),
            (Word::CostUnknownAfter, &self.cost_after),
        ] {
            if cost.unknown > 0 {
                sheet = sheet.note(label, cost.unknown);
            }
        }
        sheet = sheet.table(self.migration.table());
        for table in [
            self.reasons_table(),
            self.stays_table(),
            self.entitlements_table(),
        ] {
            if !table.rows().is_empty() {
                sheet = sheet.table(table);
            }
        }
        sheet
            .table(self.shares_table(Word::Before, &self.tiers_before))
            .table(self.shares_table(Word::After, &self.tiers_after))
    }

    fn reasons_table(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::From,
            Word::To,
            Word::Customers,
            Word::Decides,
            Word::ConditionsBefore,
            Word::ConditionsAfter,
            Word::HeldBefore,
            Word::HeldAfter,
        ]);
        for column in [1, 3, 4, 5, 6, 7] {
            table = table.left(column);
        }
        for reason in &self.reasons {
            table.row(cells![
                Cell::literal(&reason.from),
                Cell::literal(&reason.to),
                reason.customers,
                match reason.turn {
                    Turn::Lost => Word::ConditionLost,
                    Turn::Gained => Word::ConditionGained,
                },
                conditions(&reason.before),
                conditions(&reason.after),
                held(reason.held_before),
                held(reason.held_after),
            ]);
        }
        table
    }

    fn stays_table(&self) -> SheetTable {
        let heads = cells![Word::Tier, Word::Qualified, Word::HeldBy, Word::Customers];
        let mut table = SheetTable::new(heads).left(1).left(2);
        for reason in &self.stays {
            table.row(cells![
                Cell::literal(&reason.tier),
                Cell::literal(&reason.qualified),
                held(Some(reason.held)),
                reason.customers,
            ]);
        }
        table
    }

    fn entitlements_table(&self) -> SheetTable {
        let heads = cells![Word::Entitlement, Word::Gained, Word::Lost];
        let mut table = SheetTable::new(heads);
        for change in &self.entitlements {
            let name = Cell::literal(&change.entitlement);
            table.row(cells![name, change.gained, change.lost]);
        }
        table
    }

    fn shares_table(&self, when: Word, tiers: &[TierShare]) -> SheetTable {
        let value = Cell::name(&self.value);
        let mut table = SheetTable::new(cells![
            when,
            Word::Customers,
            Word::Share,
            value,
            Word::Share
        ]);
        for tier in tiers {
            table.row(cells![
                Cell::literal(&tier.tier),
                tier.customers,
                Cell::share(tier.customer_share),
                Cell::number(tier.value, 2),
                Cell::share(tier.value_share),
            ]);
        }
        table
    }
}

/// Its sheet's tables in English.
impl fmt::Display for WhatIf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

impl Replay {
    /// The report as a [sheet](Sheet): the movements and the distribution of each review, and how well the tiers and other rankings
    /// found those who brought most by the next one (their Gini coefficients).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let step = match self.step {
            Step::Day => Word::Day,
            Step::Week => Word::Week,
            Step::Month => Word::Month,
            Step::Quarter => Word::Quarter,
            Step::Year => Word::Year,
        };
        let sheet = Sheet::new(Word::TitleReplay)
            .note(Word::Policy, named(&self.policy))
            .note(Word::ReviewedEvery, step)
            .table(self.steps_table());
        let outcomes = self.steps.iter();
        let outcomes = outcomes.filter_map(|step| Some((step, step.outcome.as_ref()?)));
        let outcomes: Vec<(&ReplayStep, &OutcomeQuality)> = outcomes.collect();
        match outcomes.first() {
            None => sheet,
            Some((_, first)) => sheet
                .note(Word::Amounts, Cell::literal(first.total.currency().code()))
                .table(self.outcomes_table(&outcomes))
                .table(rankings(&outcomes)),
        }
    }

    fn steps_table(&self) -> SheetTable {
        let heads = cells![
            Word::Day,
            Word::Customers,
            Word::NewCustomer,
            Word::Up,
            Word::DownMoves,
            Word::Flapping,
            Word::Stability,
            Word::StabilityFirst,
        ];
        let tiers = self.tiers.iter().map(Cell::literal);
        let mut table = SheetTable::new(heads.into_iter().chain(tiers));
        for step in &self.steps {
            let flapping = step.flapping.and_then(|flapping| flapping.rate);
            let row = cells![
                step.as_of,
                step.customers,
                step.new,
                step.up,
                step.down,
                Cell::share(flapping),
                Cell::number(step.stability, 3),
                Cell::number(step.stability_first, 3),
            ];
            let counts = step.distribution.iter().map(|count| (*count).into());
            table.row(row.into_iter().chain(counts));
        }
        table
    }

    /// What the customers of each review brought by the next one.
    fn outcomes_table(&self, steps: &[(&ReplayStep, &OutcomeQuality)]) -> SheetTable {
        let of = Cell::name(self.outcome.to_string());
        let mut table = SheetTable::new(cells![Word::Day, of, Word::Newcomers]);
        for (step, found) in steps {
            table.row(cells![step.as_of, found.total, found.newcomers]);
        }
        table
    }
}

/// How well each ranking found who brought most of that.
fn rankings(steps: &[(&ReplayStep, &OutcomeQuality)]) -> SheetTable {
    let mut all = vec![
        RankedBy::Tier,
        RankedBy::Spend,
        RankedBy::Rfm,
        RankedBy::PredictedLtv,
        RankedBy::Perfect,
    ];
    all.retain(|by| steps.iter().any(|(_, found)| found.ranking(*by).is_some()));
    let names = all.iter().map(|by| Cell::name(by.to_string()));
    let mut table = SheetTable::new(cells![Word::Gini].into_iter().chain(names));
    for (step, found) in steps {
        let gini = all.iter().map(|by| {
            let ranking = found.ranking(*by);
            Cell::number(ranking.and_then(|ranking| ranking.gini), 3)
        });
        table.row(cells![step.as_of].into_iter().chain(gini));
    }
    table
}

/// Its sheet's tables in English.
impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

impl Proposal {
    /// The thresholds as a [sheet](Sheet); what they would change is that of [`what_if`](Self::what_if).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Tier,
            Word::Now,
            Word::Proposed,
            Word::Wanted,
            Word::Customers,
            Word::Share,
            Word::Lift,
        ]);
        for tier in &self.tiers {
            table.row(cells![
                Cell::literal(&tier.tier),
                Cell::plain(tier.now),
                Cell::plain(tier.threshold),
                Cell::plain(tier.wanted),
                tier.customers,
                Cell::share(tier.share),
                Cell::number(tier.lift, 2),
            ]);
        }
        Sheet::new(Word::TitleProposal)
            .note(Word::Column, Cell::name(&self.column))
            .table(table)
    }
}

/// Its sheet's table in English.
impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}
