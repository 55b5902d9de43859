//! Two policies over one population, block by block.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::Error;
use crate::model::{Day, Money};
use crate::parallel;
use crate::report::CrossTable;
use crate::rules::{Condition, Rule};
use crate::summary::{Summary, Window};
use crate::table::Slot;
use crate::tiering::TierId;

use super::super::Engine;
use super::super::bulk::CHUNK;
use super::super::fill::Input;
use super::super::population::{Population, Standings};
use super::block::{Block, names, place};
use super::held::{Held, Side};
use super::reason::{Cause, MoveReason, Sides, StayReason};
use super::what_if::{
    Cost, EntitlementChange, Mover, Named, SPEND, TierShare, WhatIf, WhatIfOptions,
};

/// Where the value of a customer stands.
pub(super) enum Value {
    Before(Slot),
    After(Slot),
    Spend,
}

impl Value {
    pub(super) fn of(before: &Engine, after: &Engine, column: &str) -> Result<Self, Error> {
        let number = |engine: &Engine| {
            let slot = engine.schema.slot(column)?;
            engine.schema.field(slot)?.unit().map(|_| slot)
        };
        match (number(before), number(after)) {
            (Some(slot), _) => Ok(Self::Before(slot)),
            (None, Some(slot)) => Ok(Self::After(slot)),
            (None, None) if column == SPEND => Ok(Self::Spend),
            (None, None) => Err(Error::misuse(format!(
                "neither policy has a column of numbers named `{column}`"
            ))),
        }
    }

    pub(super) fn at(
        &self,
        before: &Block,
        after: &Block,
        input: &Input<'_>,
        row: usize,
        as_of: Day,
    ) -> f64 {
        match self {
            Self::Before(slot) => before.table.row(row).number(*slot).unwrap_or(0.0),
            Self::After(slot) => after.table.row(row).number(*slot).unwrap_or(0.0),
            Self::Spend => Summary::new(input.history, Window::Lifetime, as_of).spend(),
        }
    }
}

pub(super) struct Comparison<'c> {
    pub(super) sides: Sides<'c>,
    pub(super) population: &'c Population,
    pub(super) standings: Option<&'c Standings>,
    pub(super) as_of: Day,
    pub(super) value: Value,
    pub(super) listed: usize,
}

/// How many customers have two tiers, before and after, and their value.
type Cells = BTreeMap<[TierId; 2], (u64, f64)>;

/// What some customers come to.
#[derive(Default)]
struct Tally {
    cells: Cells,
    causes: HashMap<Cause, u64, foldhash::fast::FixedState>,
    /// The first movers.
    movers: Vec<(usize, Cause)>,
    /// Who stays, by the tier, the one they qualify for, and what holds them.
    stays: BTreeMap<(TierId, TierId, Held), u64>,
}

impl Comparison<'_> {
    pub(super) fn run(&self, options: &WhatIfOptions) -> WhatIf {
        let rows = self.population.len();
        // Movers are named again and again for the same few reasons.
        let tallies = parallel::map(rows.div_ceil(CHUNK), |chunk| {
            self.tally(chunk * CHUNK..((chunk + 1) * CHUNK).min(rows))
        });
        let mut all = Tally::default();
        for tally in tallies {
            all.merge(tally, self.listed);
        }
        let movers =
            parallel::map_each(all.movers, |(position, cause)| self.mover(position, &cause));
        let mut reasons: Vec<MoveReason> = all
            .causes
            .iter()
            .map(|(cause, customers)| self.sides.reason(cause, *customers))
            .collect();
        // The texts tell apart what is as frequent; of a cause there is one text only.
        reasons.sort_by(|a, b| {
            (b.customers.cmp(&a.customers))
                .then_with(|| (&a.from, &a.to, a.turn).cmp(&(&b.from, &b.to, b.turn)))
                .then_with(|| (&a.before, &a.after).cmp(&(&b.before, &b.after)))
                .then_with(|| (a.held_before, a.held_after).cmp(&(b.held_before, b.held_after)))
        });
        let Sides { before, after, .. } = self.sides;
        WhatIf {
            before: Named::of(before),
            after: Named::of(after),
            as_of: self.as_of,
            customers: rows as u64,
            migration: self.migration(&all.cells),
            stays: self.stays(&all.stays),
            moved: all.causes.values().sum(),
            reasons,
            movers: movers.into_iter().flatten().collect(),
            value: options.value.clone(),
            tiers_before: self.shares(&all.cells, before, |from, _| from),
            tiers_after: self.shares(&all.cells, after, |_, to| to),
            cost_before: self.cost(&all.cells, before, |from, _| from),
            cost_after: self.cost(&all.cells, after, |_, to| to),
            entitlements: self.entitlements(&all.cells),
        }
    }

    fn review<R>(
        &self,
        range: std::ops::Range<usize>,
        work: impl FnOnce(&[Input<'_>], &Block, &Block) -> R,
    ) -> R {
        let Sides { before, after, .. } = self.sides;
        before.with_inputs(self.population, self.standings, range, |inputs| {
            let left = Block::review(before, inputs, self.as_of);
            let right = Block::review(after, inputs, self.as_of);
            work(inputs, &left, &right)
        })
    }

    fn tally(&self, range: std::ops::Range<usize>) -> Tally {
        let start = range.start;
        let mut tally = Tally::default();
        self.review(range, |inputs, before, after| {
            let tiers = before.tiers().zip(after.tiers()).zip(inputs);
            for (row, ((from, to), input)) in tiers.enumerate() {
                let value = self.value.at(before, after, input, row, self.as_of);
                let cell = tally.cells.entry([from, to]).or_default();
                cell.0 += 1;
                cell.1 += value;
                if self.sides.moves(from, to) {
                    let sides = self.block_sides(before, after, row);
                    let cause = self.sides.cause(from, to, [&sides[0], &sides[1]]);
                    if tally.movers.len() < self.listed {
                        tally.movers.push((start + row, cause.clone()));
                    }
                    *tally.causes.entry(cause).or_default() += 1;
                } else if let Some(stay) = self.stay(to, after, row) {
                    *tally.stays.entry(stay).or_default() += 1;
                }
            }
        });
        tally
    }

    fn block_sides<'r>(&'r self, before: &'r Block, after: &'r Block, row: usize) -> [Side<'r>; 2] {
        [
            before.side(self.sides.before, row, self.as_of),
            after.side(self.sides.after, row, self.as_of),
        ]
    }

    /// Who has another tier than the one they qualify for under the policy after.
    fn stay(&self, to: TierId, after: &Block, row: usize) -> Option<(TierId, TierId, Held)> {
        let engine = self.sides.after;
        let (held, _) = after.side(engine, row, self.as_of).held()?;
        let qualified = engine.ladder.decide(after.table.row(row)).tier;
        (qualified != to).then_some((to, qualified, held))
    }

    /// A mover with the conditions and the values that decide.
    fn mover(&self, position: usize, cause: &Cause) -> Option<Mover> {
        let (customer, _) = self.population.histories().at(position)?;
        let reason = self.sides.reason(cause, 1);
        self.review(position..position + 1, |_, before, after| {
            let conditions = |rule: Option<&Rule>, block: &Block, positions: &[usize]| {
                let all = rule.map_or_else(Vec::new, |rule| rule.explain(block.table.row(0)));
                let some = positions.iter().filter_map(|at| all.get(*at).cloned());
                some.collect::<Vec<Condition>>()
            };
            let rules = self.sides.rules(cause);
            let sides = self.block_sides(before, after, 0);
            let until = |side: usize| sides.get(side)?.held()?.1;
            Some(Mover {
                position,
                customer,
                reason: reason.to_string(),
                from: reason.from,
                to: reason.to,
                before: conditions(rules[0], before, &cause.before),
                after: conditions(rules[1], after, &cause.after),
                until_before: until(0),
                until_after: until(1),
            })
        })
    }

    fn stays(&self, stays: &BTreeMap<(TierId, TierId, Held), u64>) -> Vec<StayReason> {
        let name = |tier| self.sides.after.ladder.name(tier).to_owned();
        let reason =
            |(&(tier, qualified, held), &customers): (&(TierId, TierId, Held), &u64)| StayReason {
                tier: name(tier),
                qualified: name(qualified),
                held,
                customers,
            };
        let mut all: Vec<StayReason> = stays.iter().map(reason).collect();
        // The order of the tiers tells apart what is as frequent.
        all.sort_by_key(|reason| std::cmp::Reverse(reason.customers));
        all
    }

    fn migration(&self, cells: &Cells) -> CrossTable {
        let Sides { before, after, .. } = self.sides;
        let mut table = CrossTable::new("tier", names(before), "tier after", names(after));
        for ([from, to], (customers, _)) in cells {
            table.add_many(
                Some(place(before, *from)),
                Some(place(after, *to)),
                *customers,
            );
        }
        table
    }

    /// The sums over the cells of each tier, best first.
    fn sums(
        &self,
        cells: &Cells,
        engine: &Engine,
        side: impl Fn(TierId, TierId) -> TierId,
    ) -> Vec<(String, u64, f64)> {
        let mut sums: Vec<(String, u64, f64)> = names(engine)
            .into_iter()
            .map(|name| (name, 0, 0.0))
            .collect();
        for ([from, to], (customers, value)) in cells {
            if let Some(sum) = sums.get_mut(place(engine, side(*from, *to))) {
                sum.1 += customers;
                sum.2 += value;
            }
        }
        sums
    }

    fn shares(
        &self,
        cells: &Cells,
        engine: &Engine,
        side: impl Fn(TierId, TierId) -> TierId,
    ) -> Vec<TierShare> {
        let sums = self.sums(cells, engine, side);
        let everybody: u64 = sums.iter().map(|(_, customers, _)| customers).sum();
        let whole: f64 = sums.iter().map(|(_, _, value)| value).sum();
        sums.into_iter()
            .map(|(tier, customers, value)| TierShare {
                tier,
                customers,
                customer_share: share(to_f64(customers), to_f64(everybody)),
                // Values near the largest doubles have no sum.
                value: if value.is_finite() { value } else { 0.0 },
                value_share: share(value, whole),
            })
            .collect()
    }

    fn cost(
        &self,
        cells: &Cells,
        engine: &Engine,
        side: impl Fn(TierId, TierId) -> TierId,
    ) -> Cost {
        let policy = engine.policy();
        let currency = policy.head.currency;
        let (mut minor, mut unknown) = (0_i128, 0);
        let tiers = policy.tiers.tiers.iter();
        for (tier, (_, customers, _)) in tiers.zip(self.sums(cells, engine, side)) {
            match tier.cost_per_year {
                Some(each) => minor += i128::from(each.minor()) * i128::from(customers),
                None => unknown += customers,
            }
        }
        let minor = i64::try_from(minor).unwrap_or(if minor < 0 { i64::MIN } else { i64::MAX });
        Cost {
            amount: Money::from_minor(minor, currency),
            unknown,
        }
    }

    fn entitlements(&self, cells: &Cells) -> Vec<EntitlementChange> {
        let Sides { before, after, .. } = self.sides;
        fn of(engine: &Engine, tier: TierId) -> BTreeSet<&str> {
            let spec = engine.policy().tiers.tiers.get(place(engine, tier));
            let all = spec.map_or(&[][..], |spec| &spec.entitlements);
            all.iter().map(String::as_str).collect()
        }
        let mut changes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for ([from, to], (customers, _)) in cells {
            let (had, has) = (of(before, *from), of(after, *to));
            for gained in has.difference(&had) {
                changes.entry(gained).or_default().0 += customers;
            }
            for lost in had.difference(&has) {
                changes.entry(lost).or_default().1 += customers;
            }
        }
        changes
            .into_iter()
            .map(|(entitlement, (gained, lost))| EntitlementChange {
                entitlement: entitlement.to_owned(),
                gained,
                lost,
            })
            .collect()
    }
}

pub(super) fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0 && whole.is_finite() && part.is_finite()).then(|| part / whole)
}

#[allow(clippy::cast_precision_loss)] // for a share
pub(super) fn to_f64(count: u64) -> f64 {
    count as f64
}

impl Tally {
    fn merge(&mut self, other: Self, listed: usize) {
        for (tiers, cell) in other.cells {
            let sum = self.cells.entry(tiers).or_default();
            sum.0 += cell.0;
            sum.1 += cell.1;
        }
        for (cause, customers) in other.causes {
            *self.causes.entry(cause).or_default() += customers;
        }
        for (stay, customers) in other.stays {
            *self.stays.entry(stay).or_default() += customers;
        }
        let room = listed.saturating_sub(self.movers.len());
        self.movers.extend(other.movers.into_iter().take(room));
    }
}
