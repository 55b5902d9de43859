//! A bound ladder and its one way of deciding, for one row and for many.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::rules::{BLOCK, Cut, Mask, PopulationCondition, Rule, freeze_all};
use crate::table::{Row, Table};

/// A tier of one ladder, by ordinal: the base is 0, better tiers are greater.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TierId(u16);

impl TierId {
    /// The base tier of every ladder.
    pub const BASE: Self = Self(0);

    /// The ordinal: 0 for the base.
    #[must_use]
    pub fn ordinal(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn at(ordinal: usize) -> Option<Self> {
        u16::try_from(ordinal).ok().map(Self)
    }

    /// The next lower tier; the base is its own.
    pub(super) fn below(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// No entry condition holds, so the customer has the tier everybody has.
    #[default]
    Base,
    /// The entry condition of the tier holds, and of no higher one.
    Entry,
    /// The customer has the tier from before, and does not qualify for it today: its term runs, its keep condition holds, or
    /// it is kept for a time of grace.
    Kept,
    /// The customer qualifies for a higher tier, which begins later.
    Waiting,
    /// People decided.
    Override,
}

/// The tier of a customer, what that rests on, and what could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The highest tier whose whole entry condition is true.
    pub tier: TierId,
    /// What the decision rests on.
    pub reason: Reason,
    /// The highest tier above it whose condition is unknown because something is not known about the customer.
    pub undecided: Option<TierId>,
}

/// One tier, bound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rung {
    pub name: String,
    pub label: Option<String>,
    /// The entry condition; `None` for the base only.
    pub rule: Option<Rule>,
    /// The keep condition, where it is another one.
    pub keep: Option<Rule>,
}

/// A ladder bound to a schema: it decides, and cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// Best first; the base is the last, and nothing else is without a rule.
    rungs: Vec<Rung>,
}

impl Ladder {
    /// `None` for an empty list or one that is too long.
    pub(super) fn new(rungs: Vec<Rung>) -> Option<Self> {
        (!rungs.is_empty() && u16::try_from(rungs.len()).is_ok()).then_some(Self { rungs })
    }

    pub(super) fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// The tier at a position of the list, best first.
    #[allow(clippy::cast_possible_truncation)] // `new` has checked the length
    pub(super) fn id_at(&self, position: usize) -> TierId {
        TierId((self.rungs.len() - 1).saturating_sub(position) as u16)
    }

    fn rung(&self, tier: TierId) -> Option<&Rung> {
        let position = (self.rungs.len() - 1).checked_sub(tier.ordinal())?;
        self.rungs.get(position)
    }

    /// The entry condition of a tier; `None` for the base.
    pub(crate) fn rule(&self, tier: TierId) -> Option<&Rule> {
        self.rung(tier)?.rule.as_ref()
    }

    /// How many tiers, with the base.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // there is always a base
    pub fn len(&self) -> usize {
        self.rungs.len()
    }

    /// The best tier.
    #[must_use]
    pub fn top(&self) -> TierId {
        self.id_at(0)
    }

    /// Every tier with its name, base first.
    pub fn tiers(&self) -> impl Iterator<Item = (TierId, &str)> {
        (0..self.rungs.len())
            .rev()
            .zip(self.rungs.iter().rev())
            .map(|(position, rung)| (self.id_at(position), rung.name.as_str()))
    }

    /// Every tier with its entry condition and, where that is another one, its keep condition; best first. The base, the last,
    /// has none.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&str, Option<&Rule>, Option<&Rule>)> {
        let rungs = self.rungs.iter();
        rungs.map(|rung| (rung.name.as_str(), rung.rule.as_ref(), rung.keep.as_ref()))
    }

    /// The tier of a name.
    #[must_use]
    pub fn tier(&self, name: &str) -> Option<TierId> {
        self.tiers().find_map(|(id, n)| (n == name).then_some(id))
    }

    /// The name of a tier; empty for a tier this ladder does not have.
    #[must_use]
    pub fn name(&self, tier: TierId) -> &str {
        self.rung(tier).map_or("", |rung| &rung.name)
    }

    /// The label of a tier, or else its name.
    #[must_use]
    pub fn label(&self, tier: TierId) -> &str {
        self.rung(tier)
            .map_or("", |rung| rung.label.as_deref().unwrap_or(&rung.name))
    }

    /// The condition by which a tier is kept; `None` for the base.
    pub(crate) fn keep_rule(&self, tier: TierId) -> Option<&Rule> {
        let rung = self.rung(tier)?;
        rung.keep.as_ref().or(rung.rule.as_ref())
    }

    /// The condition by which a tier is entered; `None` for the base.
    pub(crate) fn entry_rule(&self, tier: TierId) -> Option<&Rule> {
        self.rung(tier)?.rule.as_ref()
    }

    /// The entry and keep conditions that need the population, in the order of the policy.
    #[must_use]
    pub fn population(&self) -> Vec<PopulationCondition> {
        let rules = self
            .rungs
            .iter()
            .flat_map(|rung| rung.rule.iter().chain(&rung.keep));
        rules.flat_map(Rule::population).copied().collect()
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); the ladder is then unchanged.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        freeze_all(
            self.rungs
                .iter_mut()
                .flat_map(|rung| rung.rule.iter_mut().chain(&mut rung.keep)),
            cuts,
        )
    }

    /// The tier of one customer.
    #[must_use]
    pub fn decide(&self, row: Row<'_>) -> Decision {
        let mut out = [Decision::default()];
        self.decide_block(row.table(), row.index(), &mut out);
        let [decision] = out;
        decision
    }

    /// The tiers of the rows from `first` on, as many as `out` has places. A row past the end of the table reads as
    /// missing everywhere.
    pub fn decide_block(&self, table: &Table, first: usize, out: &mut [Decision]) {
        for (i, out) in out.chunks_mut(BLOCK).enumerate() {
            let (first, len) = (first.saturating_add(i * BLOCK), out.len());
            self.settle(out, |rule, _| rule.block(table, first, len));
        }
    }

    /// The one way of deciding: at most [`BLOCK`] customers, by the answers of the rules from the best tier down.
    pub(super) fn settle(
        &self,
        out: &mut [Decision],
        mut answer: impl FnMut(&Rule, usize) -> Mask,
    ) {
        out.fill(Decision::default());
        let mut open = match out.len() {
            0 => return,
            len => u64::MAX >> BLOCK.saturating_sub(len),
        };
        let mut unjudged = open;
        for (position, rung) in self.rungs.iter().enumerate() {
            let (Some(rule), true) = (&rung.rule, open != 0) else {
                break;
            };
            let tier = self.id_at(position);
            let mask = answer(rule, position);
            for_each_lane(mask.yes & open, out, |decision| {
                decision.tier = tier;
                decision.reason = Reason::Entry;
            });
            open &= !mask.yes;
            let unknown = open & unjudged & !mask.no;
            for_each_lane(unknown, out, |decision| decision.undecided = Some(tier));
            unjudged &= !unknown;
        }
    }
}

fn for_each_lane(mut lanes: u64, out: &mut [Decision], set: impl Fn(&mut Decision)) {
    while lanes != 0 {
        if let Some(decision) = out.get_mut(lanes.trailing_zeros() as usize) {
            set(decision);
        }
        lanes &= lanes - 1;
    }
}
