//! The sections that decide: lifecycle and tiers.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::Index;

use super::super::rules::{RulePlan, plan};
use super::super::values::{WORDS, maybe, value_of};
use super::{Draft, PolicyOptions};
use crate::lifecycle::{LifecycleSpec, Origin, StageSpec, TransitionSpec};
use crate::model::{Money, Unit};
use crate::table::Field;
use crate::tiering::{LadderSpec, QUALIFYING, TierSpec};

#[derive(Debug, Clone)]
pub(super) struct Life(Option<LifePlan>);

#[derive(Debug, Clone)]
struct LifePlan {
    ranks: Vec<Option<u32>>,
    start: Index,
    transitions: Vec<Transition>,
}

#[derive(Debug, Clone)]
struct Transition {
    /// One bit per stage; none is any.
    from: u8,
    to: Index,
    when: RulePlan,
    since: Option<(Index, i32)>,
    why: Option<String>,
}

pub(super) fn lifecycle(options: &PolicyOptions) -> impl Strategy<Value = Life> + Clone + use<> {
    let ranks = prop::collection::vec(option::of(0..5_u32), 1..=5);
    let since = option::of((any::<Index>(), -30..=240_i32));
    let why = option::of("[a-z][a-z é]{0,10}");
    let ends = (any::<u8>(), any::<Index>());
    let transition =
        (ends, plan(&options.rules), since, why).prop_map(|((from, to), when, since, why)| {
            Transition {
                from,
                to,
                when,
                since,
                why,
            }
        });
    let transitions = prop::collection::vec(transition, 0..=5);
    maybe(options.lifecycle, 0.5, (ranks, any::<Index>(), transitions)).prop_map(|plan| {
        Life(plan.map(|(ranks, start, transitions)| LifePlan {
            ranks,
            start,
            transitions,
        }))
    })
}

impl Life {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let name = |i: usize| format!("stage {i}");
        let count = plan.ranks.len();
        let stages: Vec<StageSpec> = plan
            .ranks
            .into_iter()
            .enumerate()
            .map(|(i, rank)| StageSpec {
                rank,
                ..StageSpec::new(name(i))
            })
            .collect();
        let dates = draft.schema.fields().iter();
        let dates: Vec<&str> = dates
            .filter(|field| field.unit() == Some(Unit::Date))
            .map(Field::name)
            .collect();
        let transitions = plan.transitions.into_iter().map(|t| {
            let to = t.to.index(count);
            let from: Vec<String> = (0..count)
                .filter(|i| *i != to && t.from >> i & 1 == 1)
                .map(name)
                .collect();
            let origin = if from.is_empty() {
                Origin::Any
            } else {
                Origin::Stages(from)
            };
            TransitionSpec {
                since: t.since.and_then(|(column, plus)| {
                    let date = dates.get(column.index(dates.len().max(1)))?;
                    Some(match plus {
                        0 => (*date).to_owned(),
                        days if days < 0 => format!("{date} - {} days", days.abs()),
                        days => format!("{date} + {days} days"),
                    })
                }),
                why: t.why,
                ..TransitionSpec::new(origin, name(to), t.when.over(&draft.schema))
            }
        });
        let start = name(plan.start.index(count));
        let life = LifecycleSpec::new(start, stages, transitions).moves(8);
        draft.column(Field::category("stage", (0..count).map(name)));
        draft.policy.lifecycle = Some(life);
    }
}

/// The tiers above the base, best first.
#[derive(Debug, Clone)]
pub(super) struct Ladder(Vec<Tier>);

#[derive(Debug, Clone)]
struct Tier {
    when: RulePlan,
    label: Option<String>,
    /// What is asked of the qualifying metric, where there is one: thousandths of what it can be, and of the entry.
    entry: Option<u16>,
    keep: Option<u16>,
    /// Whether there are criteria beside it.
    more: bool,
    keep_when: Option<RulePlan>,
    downgradable: bool,
    replaces: u8,
    /// What it gives and costs.
    gives: (u8, Option<u16>),
}

/// Thousandths that customers do reach.
fn mostly_low(at: u32) -> u16 {
    u16::try_from(at.pow(3) / 1_000_000).unwrap_or(1000)
}

pub(super) fn ladder(options: &PolicyOptions) -> impl Strategy<Value = Ladder> + Clone + use<> {
    let asked = (
        option::weighted(0.85, (1..=1000_u32).prop_map(mostly_low)),
        option::of(0..=1000_u16),
    );
    let more = (
        prop::bool::weighted(0.3),
        option::weighted(0.1, plan(&options.rules)),
    );
    let held = (prop::bool::weighted(0.9), 0..12_u8);
    let gives = (0..8_u8, option::weighted(0.2, 0..=1000_u16));
    let label = option::of("[A-Z][a-z é]{0,10}");
    let tier = (plan(&options.rules), label, asked, more, (held, gives)).prop_map(
        |(when, label, (entry, keep), (more, keep_when), ((downgradable, replaces), gives))| Tier {
            when,
            label,
            entry,
            keep,
            more,
            keep_when,
            downgradable,
            replaces,
            gives,
        },
    );
    let above = |tiers: usize| tiers.saturating_sub(1);
    let count = above(*options.tiers.start())..=above(*options.tiers.end());
    prop::collection::vec(tier, count).prop_map(Ladder)
}

impl Ladder {
    /// The names of the tiers, best first.
    pub(super) fn names(&self) -> Vec<String> {
        let above = (1..=self.0.len()).rev().map(|n| format!("tier {n}"));
        above.chain(["base".to_owned()]).collect()
    }

    pub(super) fn write(self, draft: &mut Draft) {
        let names = self.names();
        let slot = draft.schema.slot(QUALIFYING);
        let unit = slot.and_then(|slot| draft.schema.field(slot)?.unit());
        // Entries rise from tier to tier.
        let asked = self.0.iter().filter_map(|tier| tier.entry);
        let mut numbers: Vec<f64> = unit.map_or(Vec::new(), |unit| {
            asked.map(|at| value_of(unit, at)).collect()
        });
        numbers.sort_by(|a, b| b.total_cmp(a));
        numbers.dedup();
        let mut numbers = numbers.into_iter();
        let moves = draft.policy.movement.is_some();
        let mut tiers: Vec<TierSpec> = Vec::new();
        for (i, (tier, name)) in self.0.into_iter().zip(&names).enumerate() {
            let mut spec = TierSpec::new(name.as_str());
            spec.label = tier.label;
            spec.entry = tier.entry.and_then(|_| numbers.next());
            spec.keep = spec.entry.zip(tier.keep).map(|(entry, part)| {
                let keep = entry * f64::from(part) / 1000.0;
                ((keep * 1000.0).round() / 1000.0).min(entry)
            });
            if spec.entry.is_none() || tier.more {
                spec.when = Some(tier.when.over(&draft.schema));
            }
            if moves && (spec.entry.is_none() || tier.more) {
                spec.keep_when = tier.keep_when.map(|plan| plan.over(&draft.schema));
            }
            spec.downgradable = tier.downgradable;
            spec.replaces = (0..tier.replaces.saturating_sub(9))
                .map(|old| format!("tier {i} of before {old}"))
                .collect();
            let (entitlements, cost) = tier.gives;
            spec.entitlements = WORDS
                .iter()
                .take(usize::from(entitlements.saturating_sub(5)))
                .map(|word| (*word).to_owned())
                .collect();
            let currency = draft.policy.head.currency;
            spec.cost_per_year = cost.map(|minor| Money::from_minor(minor.into(), currency));
            tiers.push(spec);
        }
        tiers.push(TierSpec::new("base"));
        draft.policy.tiers = LadderSpec::new(tiers);
    }
}
