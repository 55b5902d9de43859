//! The sections that decide: lifecycle and tiers.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::Index;

use super::super::rules::{RulePlan, plan};
use super::super::values::maybe;
use super::{Draft, PolicyOptions};
use crate::lifecycle::{LifecycleSpec, Origin, StageSpec, TransitionSpec};
use crate::model::Unit;
use crate::table::Field;
use crate::tiering::{LadderSpec, TierSpec};

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
                name: name(i),
                rank,
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
            TransitionSpec {
                from: if from.is_empty() {
                    Origin::Any
                } else {
                    Origin::Stages(from)
                },
                to: name(to),
                when: t.when.over(&draft.schema),
                since: t.since.and_then(|(column, plus)| {
                    let date = dates.get(column.index(dates.len().max(1)))?;
                    Some(match plus {
                        0 => (*date).to_owned(),
                        days if days < 0 => format!("{date} - {} days", days.abs()),
                        days => format!("{date} + {days} days"),
                    })
                }),
                why: t.why,
            }
        });
        let life = LifecycleSpec {
            start: name(plan.start.index(count)),
            transitions: transitions.collect(),
            stages,
        };
        draft.column(Field::category("stage", (0..count).map(name)));
        draft.policy.lifecycle = Some(life);
    }
}

/// The entry conditions above the base, best tier first.
#[derive(Debug, Clone)]
pub(super) struct Ladder(Vec<(RulePlan, Option<String>)>);

pub(super) fn ladder(options: &PolicyOptions) -> impl Strategy<Value = Ladder> + Clone + use<> {
    let tier = (plan(&options.rules), option::of("[A-Z][a-z é]{0,10}"));
    let above = |tiers: usize| tiers.saturating_sub(1);
    let count = above(*options.tiers.start())..=above(*options.tiers.end());
    prop::collection::vec(tier, count).prop_map(Ladder)
}

impl Ladder {
    pub(super) fn write(self, draft: &mut Draft) {
        let count = self.0.len();
        let mut tiers: Vec<TierSpec> = self
            .0
            .into_iter()
            .enumerate()
            .map(|(i, (when, label))| TierSpec {
                label,
                ..TierSpec::new(format!("tier {}", count - i)).when(when.over(&draft.schema))
            })
            .collect();
        tiers.push(TierSpec::new("base"));
        draft.policy.tiers = LadderSpec::new(tiers);
    }
}
