//! The tiers of a block of customers: the review, without keeping anything.

use crate::model::Day;
use crate::table::Table;
use crate::tiering::TierId;

use super::super::Engine;
use super::super::bulk::Part;
use super::super::fill::{Input, Outcomes};
use super::held::Side;

/// What a review of a block of customers found: their columns, and their tiers.
pub(super) struct Block {
    pub(super) table: Table,
    outcomes: Outcomes,
}

impl Block {
    pub(super) fn review(engine: &Engine, inputs: &[Input<'_>], as_of: Day) -> Self {
        let Part {
            table, outcomes, ..
        } = engine.review_block(inputs, as_of);
        Self { table, outcomes }
    }

    /// What movement did about one of the customers, and with which row.
    pub(super) fn side<'r>(&'r self, engine: &'r Engine, row: usize, as_of: Day) -> Side<'r> {
        let decision = self.outcomes.decisions.get(row).copied();
        Side {
            engine,
            row: self.table.row(row),
            reason: decision.unwrap_or_default().reason,
            moved: self.outcomes.moves.get(row),
            as_of,
        }
    }

    /// The tiers, in the order of the customers.
    pub(super) fn tiers(&self) -> impl Iterator<Item = TierId> {
        self.outcomes.decisions.iter().map(|decision| decision.tier)
    }
}

/// The names of an engine's tiers, best first, as in the policy.
pub(in crate::engine) fn names(engine: &Engine) -> Vec<String> {
    let mut names: Vec<String> = engine
        .ladder
        .tiers()
        .map(|(_, name)| name.to_owned())
        .collect();
    names.reverse();
    names
}

/// The position of a tier in that list.
pub(in crate::engine) fn place(engine: &Engine, tier: TierId) -> usize {
    (engine.ladder.len() - 1).saturating_sub(tier.ordinal())
}
