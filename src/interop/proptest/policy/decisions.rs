//! The sections that decide: lifecycle and tiers.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::Index;

use super::super::rules::{RulePlan, plan};
use super::super::values::{WORDS, maybe, value_of};
use super::{Draft, PolicyOptions};
use crate::lifecycle::{LifecycleSpec, Origin, QuietSpec, StageSpec, TransitionSpec};
use crate::model::{Days, Money, Unit};
use crate::table::Field;
use crate::tiering::{LadderSpec, QUALIFYING, TierSpec};

#[derive(Debug, Clone)]
pub(super) struct Life(Option<LifePlan>);

#[derive(Debug, Clone)]
struct LifePlan {
    stages: Vec<Stage>,
    start: Index,
    moves: u32,
    exclusive: bool,
    transitions: Vec<Transition>,
}

#[derive(Debug, Clone)]
struct Stage {
    rank: Option<u32>,
    enter: Option<RulePlan>,
    leave: Option<RulePlan>,
    is_final: bool,
    /// How many actions it has, on entering and on leaving.
    actions: (u8, u8),
}

#[derive(Debug, Clone)]
struct Transition {
    /// One bit per stage; none is any.
    from: u8,
    to: Index,
    when: RulePlan,
    timers: Timers,
    priority: i32,
    since: Option<(Index, i32)>,
    why: Option<String>,
    actions: u8,
}

/// So many names of effects.
fn actions(count: u8) -> Vec<String> {
    (0..count).map(|i| format!("do_{i}")).collect()
}

/// What a transition asks of time.
#[derive(Debug, Clone)]
struct Timers {
    after: Option<i32>,
    quiet: Option<(Index, i32)>,
    /// Nothing else is asked, where there is a timer.
    alone: bool,
}

pub(super) fn lifecycle(options: &PolicyOptions) -> impl Strategy<Value = Life> + Clone + use<> {
    let asked = || option::weighted(0.1, plan(&options.rules));
    let effects = || prop_oneof![2 => Just(0_u8), 1 => 1..=2_u8];
    let more = (prop::bool::weighted(0.1), (effects(), effects()));
    let stage = (option::of(0..5_u32), asked(), asked(), more).prop_map(
        |(rank, enter, leave, (is_final, actions))| Stage {
            rank,
            enter,
            leave,
            is_final,
            actions,
        },
    );
    let stages = prop::collection::vec(stage, 1..=5);
    let since = option::of((any::<Index>(), -30..=240_i32));
    let why = option::of("[a-z][a-z é]{0,10}");
    let ends = (any::<u8>(), any::<Index>());
    let days = 1..=120_i32;
    let timers = (
        option::weighted(0.2, days.clone()),
        option::weighted(0.2, (any::<Index>(), days)),
        any::<bool>(),
    );
    let timers = timers.prop_map(|(after, quiet, alone)| Timers {
        after,
        quiet,
        alone,
    });
    let priority = prop_oneof![3 => Just(0), 1 => -3..=3_i32];
    let said = (since, why, effects());
    let transition = (ends, plan(&options.rules), timers, priority, said).prop_map(
        |((from, to), when, timers, priority, (since, why, actions))| Transition {
            from,
            to,
            when,
            timers,
            priority,
            since,
            why,
            actions,
        },
    );
    let transitions = prop::collection::vec(transition, 0..=5);
    let moves = prop_oneof![1..=3_u32, Just(8)];
    let exclusive = prop::bool::weighted(0.2);
    let whole = (stages, any::<Index>(), (moves, exclusive), transitions);
    maybe(options.lifecycle, 0.5, whole).prop_map(|plan| {
        Life(plan.map(
            |(stages, start, (moves, exclusive), transitions)| LifePlan {
                stages,
                start,
                moves,
                exclusive,
                transitions,
            },
        ))
    })
}

impl Life {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let name = |i: usize| format!("stage {i}");
        let count = plan.stages.len();
        let stages: Vec<StageSpec> = plan
            .stages
            .into_iter()
            .enumerate()
            .map(|(i, stage)| StageSpec {
                rank: stage.rank,
                enter: stage.enter.map(|rule| rule.over(&draft.schema)),
                leave: stage.leave.map(|rule| rule.over(&draft.schema)),
                is_final: stage.is_final,
                on_enter: actions(stage.actions.0),
                on_leave: actions(stage.actions.1),
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
            let date = |column: Index| dates.get(column.index(dates.len().max(1))).copied();
            let quiet = t.timers.quiet.and_then(|(column, days)| {
                Some(QuietSpec {
                    column: date(column)?.to_owned(),
                    days: Days::new(days),
                })
            });
            let timed = t.timers.after.is_some() || quiet.is_some();
            let when = t.when.over(&draft.schema);
            TransitionSpec {
                when: (!(timed && t.timers.alone)).then_some(when),
                after: t.timers.after.map(Days::new),
                quiet,
                priority: t.priority,
                since: t.since.and_then(|(column, plus)| {
                    let date = date(column)?;
                    Some(match plus {
                        0 => date.to_owned(),
                        days if days < 0 => format!("{date} - {} days", days.abs()),
                        days => format!("{date} + {days} days"),
                    })
                }),
                why: t.why,
                actions: actions(t.actions),
                ..TransitionSpec::open(origin, name(to))
            }
        });
        let start = name(plan.start.index(count));
        let mut life = LifecycleSpec::new(start, stages, transitions).moves(plan.moves);
        life.exclusive = plan.exclusive;
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
