//! The sections about who is leaving, and what is news: churn, win-back, exit, monitoring.

use std::collections::{BTreeMap, BTreeSet};

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::super::records::REASONS;
use super::super::rules::{RulePlan, plan};
use super::super::values::{WORDS, maybe, value_of};
use super::{Draft, PolicyOptions};
use crate::diagnostic::Diagnostics;
use crate::engine::Worse;
use crate::engine::changes::{
    BehaviourWatch, ChangesSpec, Importance, ShiftKind, StageWatch, ThresholdWatch,
};
use crate::lifecycle::churn::{ChurnLevel, ChurnMeasure, ChurnMethodSpec, ChurnSpec};
use crate::lifecycle::exit::{ExitSpec, GateSpec, StepSpec};
use crate::lifecycle::win_back::{OfferSpec, WinBackSpec};
use crate::model::{Days, Money, Unit};
use crate::table::{Field, Kind};
use crate::tiering::QUALIFYING;

fn part(thousandths: u16) -> f64 {
    f64::from(thousandths) / 1000.0
}

fn word(at: u8) -> String {
    let word = WORDS.get(usize::from(at) % WORDS.len());
    word.copied().unwrap_or_default().to_owned()
}

#[derive(Debug, Clone)]
pub(super) struct Leaving(Option<ChurnPlan>);

#[derive(Debug, Clone)]
struct ChurnPlan {
    recent: i32,
    longer: i32,
    methods: Vec<Method>,
}

#[derive(Debug, Clone)]
struct Method {
    by: ChurnMeasure,
    min_active_days: Option<u32>,
    /// Four different ones, ascending.
    thresholds: BTreeSet<u16>,
    /// One bit for each that is there.
    given: u8,
}

pub(super) fn churn(options: &PolicyOptions) -> impl Strategy<Value = Leaving> + Clone + use<> {
    let method = (
        select(ChurnMeasure::ALL.to_vec()),
        option::of(1..=5_u32),
        prop::collection::btree_set(0..=1000_u16, 4),
        1..16_u8,
    );
    let method = method.prop_map(|(by, min_active_days, thresholds, given)| Method {
        by,
        min_active_days,
        thresholds,
        given,
    });
    let methods = prop::collection::vec(method, 1..=3);
    let whole = (1..=200_i32, 0..=400_i32, methods);
    maybe(options.churn, 0.5, whole).prop_map(|plan| {
        Leaving(plan.map(|(recent, longer, methods)| ChurnPlan {
            recent,
            longer,
            methods,
        }))
    })
}

impl Leaving {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let methods = plan.methods.iter().map(Method::spec);
        let mut spec = ChurnSpec::new(methods.filter(|method| {
            let columns = ChurnSpec::new([method.clone()]).columns();
            // What is predicted is there with a prediction only.
            columns.iter().all(|name| draft.schema.slot(name).is_some())
        }));
        spec.recent = Days::new(plan.recent);
        spec.baseline = Days::new(plan.recent + plan.longer);
        // A metric over another window that has the name of what churn reads.
        let mut taken = Diagnostics::new();
        spec.check_metrics(&draft.policy.metrics, &mut taken);
        if spec.methods.is_empty() || taken.has_errors() {
            return;
        }
        draft.column(ChurnLevel::field());
        draft.policy.churn = Some(spec);
    }
}

impl Method {
    fn spec(&self) -> ChurnMethodSpec {
        let number = |thousandths: u16| match self.by.unit() {
            Unit::Days => f64::from(thousandths),
            Unit::Percent => f64::from(thousandths) / 10.0,
            Unit::Share => part(thousandths),
            _ => f64::from(thousandths) / 250.0,
        };
        let mut numbers: Vec<f64> = self.thresholds.iter().copied().map(number).collect();
        if self.by.less_is_worse() {
            numbers.reverse();
        }
        // One of `at_risk` and `lost` has to be there.
        let given = match self.given & 0b1010 {
            0 => self.given | 0b0010,
            _ => self.given,
        };
        let at = |level: usize| {
            let number = numbers.get(level).copied();
            number.filter(|_| given >> level & 1 == 1)
        };
        ChurnMethodSpec {
            min_active_days: self.min_active_days,
            cooling: at(0),
            at_risk: at(1),
            highly_at_risk: at(2),
            lost: at(3),
            ..ChurnMethodSpec::new(self.by)
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Regained(Option<WinBackPlan>);

#[derive(Debug, Clone)]
struct WinBackPlan {
    when: RulePlan,
    value: Index,
    cool_down: Option<i32>,
    max_attempts: Option<u32>,
    limit: Option<u64>,
    min_net: Option<i64>,
    within: Option<i32>,
    offers: Vec<OfferPlan>,
}

#[derive(Debug, Clone)]
struct OfferPlan {
    class: u8,
    response: u16,
    cost: i64,
    cost_if_won: Option<i64>,
    /// One bit for each reason; most are for everybody.
    reasons: Option<u8>,
    when: Option<RulePlan>,
    limit: Option<u64>,
}

pub(super) fn win_back(options: &PolicyOptions) -> impl Strategy<Value = Regained> + Clone + use<> {
    let money = (0..=300_i64, option::of(0..=900_i64));
    let asked = (
        option::weighted(0.2, any::<u8>()),
        option::weighted(0.2, plan(&options.rules)),
        option::weighted(0.3, 0..=3_u64),
    );
    let offer = (any::<u8>(), 1..=1000_u16, money, asked).prop_map(
        |(class, response, (cost, cost_if_won), (reasons, when, limit))| OfferPlan {
            class,
            response,
            cost,
            cost_if_won,
            reasons,
            when,
            limit,
        },
    );
    let offers = prop::collection::vec(offer, 1..=3);
    let limits = (
        option::of(0..=200_i32),
        option::of(0..=3_u32),
        option::weighted(0.3, 0..=4_u64),
        option::of(0..=500_i64),
        option::of(1..=200_i32),
    );
    let whole = (plan(&options.rules), any::<Index>(), limits, offers);
    let whole = whole.prop_map(
        |(when, value, (cool_down, max_attempts, limit, min_net, within), offers)| WinBackPlan {
            when,
            value,
            cool_down,
            max_attempts,
            limit,
            min_net,
            within,
            offers,
        },
    );
    maybe(options.win_back, 0.5, whole).prop_map(Regained)
}

impl Regained {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let Some(value) = amount(draft, plan.value) else {
            return;
        };
        let currency = draft.policy.head.currency;
        let money = |minor: i64| Money::from_minor(minor, currency);
        let offers = (0..).zip(plan.offers).map(|(i, offer)| {
            let (class, channel) = (word(offer.class), word(offer.class / 8));
            let made = OfferSpec::new(
                format!("offer {i}"),
                class,
                channel,
                part(offer.response),
                money(offer.cost),
            );
            let reasons = REASONS.iter().enumerate();
            let wanted = |i: usize| offer.reasons.is_some_and(|bits| bits >> i & 1 == 1);
            OfferSpec {
                cost_if_won: offer.cost_if_won.map(money),
                reasons: reasons
                    .filter(|(i, _)| wanted(*i))
                    .map(|(_, reason)| (*reason).to_owned())
                    .collect(),
                when: offer.when.map(|rule| rule.over(&draft.schema)),
                limit: offer.limit,
                ..made
            }
        });
        let spec = WinBackSpec {
            cool_down: plan.cool_down.map(Days::new),
            max_attempts: plan.max_attempts,
            limit: plan.limit,
            min_net: plan.min_net.map(money),
            within: plan.within.map(Days::new),
            ..WinBackSpec::new(plan.when.over(&draft.schema), value, offers)
        };
        draft.policy.win_back = Some(spec);
    }
}

/// One of the columns of money.
fn amount(draft: &Draft, by: Index) -> Option<String> {
    let fields = draft.schema.fields().iter();
    // A mistake in the movement can make another unit of the qualifying metric.
    let amounts: Vec<&Field> = fields
        .filter(|field| field.unit() == Some(Unit::Money) && field.name() != QUALIFYING)
        .collect();
    let field = (!amounts.is_empty()).then(|| amounts.get(by.index(amounts.len())))?;
    field.map(|field| field.name().to_owned())
}

#[derive(Debug, Clone)]
pub(super) struct LettingGo(Option<ExitPlan>);

#[derive(Debug, Clone)]
struct ExitPlan {
    below: RulePlan,
    at_least: i32,
    attempts: u32,
    interval: i32,
    /// Thousandths of the interval.
    notice: u16,
    avoidable_cost: Option<Index>,
    steps: Vec<StepPlan>,
    ends_service: bool,
    gates: Vec<(RulePlan, Option<Index>)>,
}

#[derive(Debug, Clone)]
struct StepPlan {
    notice: Option<u16>,
    channel: Option<u8>,
    avoids: Option<u16>,
}

pub(super) fn exit(options: &PolicyOptions) -> impl Strategy<Value = LettingGo> + Clone + use<> {
    let notice = || prop_oneof![Just(0_u16), 0..=1000_u16];
    let step = (
        option::weighted(0.3, notice()),
        option::weighted(0.3, any::<u8>()),
        option::of(0..=1000_u16),
    );
    let step = step.prop_map(|(notice, channel, avoids)| StepPlan {
        notice,
        channel,
        avoids,
    });
    let steps = prop::collection::vec(step, 1..=4);
    let gates = prop::collection::vec((plan(&options.rules), option::of(any::<Index>())), 0..=2);
    let line = (plan(&options.rules), prop_oneof![Just(0), 0..=120_i32]);
    let attempts = prop_oneof![3 => Just(0), 1 => 1..=2_u32];
    let times = (attempts, 1..=90_i32, notice());
    let cost = option::of(any::<Index>());
    let whole = (line, times, cost, (steps, any::<bool>()), gates);
    let whole = whole.prop_map(
        |(
            (below, at_least),
            (attempts, interval, notice),
            avoidable_cost,
            (steps, ends_service),
            gates,
        )| ExitPlan {
            below,
            at_least,
            attempts,
            interval,
            notice,
            avoidable_cost,
            steps,
            ends_service,
            gates,
        },
    );
    maybe(options.exit, 0.5, whole).prop_map(LettingGo)
}

impl LettingGo {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let interval = plan.interval;
        let notice = |thousandths: u16| Days::new(interval * i32::from(thousandths) / 1000);
        let count = plan.steps.len();
        let name = |i: usize| format!("step {i}");
        // Never less than the step before.
        let mut saved = 0;
        let steps: Vec<StepSpec> = plan
            .steps
            .into_iter()
            .enumerate()
            .map(|(i, step)| StepSpec {
                notice: step.notice.map(notice),
                channel: step.channel.map(word),
                avoids: step.avoids.map(|avoids| {
                    saved = avoids.max(saved);
                    part(saved)
                }),
                ends_service: plan.ends_service && i + 1 == count,
                ..StepSpec::new(name(i))
            })
            .collect();
        let gates = (0..).zip(plan.gates).map(|(i, (closed, from))| GateSpec {
            from: from.map(|step| name(step.index(count))),
            ..GateSpec::new(format!("gate {i}"), closed.over(&draft.schema))
        });
        let spec = ExitSpec {
            at_least: Days::new(plan.at_least),
            attempts: plan.attempts,
            notice: notice(plan.notice),
            avoidable_cost: plan.avoidable_cost.and_then(|by| amount(draft, by)),
            gates: gates.collect(),
            ..ExitSpec::new(plan.below.over(&draft.schema), Days::new(interval), steps)
        };
        draft.column(Field::category("exit", (0..count).map(name)));
        draft.policy.exit = Some(spec);
    }
}

#[derive(Debug, Clone)]
pub(super) struct News(Option<NewsPlan>);

#[derive(Debug, Clone)]
struct NewsPlan {
    value: Option<Index>,
    /// A column of words, and for each word what it means.
    stages: Vec<(Index, [u8; 8])>,
    thresholds: Vec<(Index, u16, Judged)>,
    behaviours: Vec<(Index, Option<u16>, Option<u16>, Judged)>,
    importance: BTreeMap<ShiftKind, Importance>,
}

#[derive(Debug, Clone, Copy)]
struct Judged {
    worse: Option<Worse>,
    importance: Option<Importance>,
}

pub(super) fn monitoring(options: &PolicyOptions) -> impl Strategy<Value = News> + Clone + use<> {
    let importance = || select(vec![Importance::Low, Importance::Medium, Importance::High]);
    let judged = || {
        let worse = option::of(select(vec![Worse::More, Worse::Less]));
        (worse, option::of(importance()))
            .prop_map(|(worse, importance)| Judged { worse, importance })
    };
    let kinds = select(vec![
        ShiftKind::Churned,
        ShiftKind::BecameAtRisk,
        ShiftKind::FellTier,
        ShiftKind::StageMoved,
        ShiftKind::CrossedThreshold,
    ]);
    let stage = (any::<Index>(), any::<[u8; 8]>());
    let threshold = (any::<Index>(), 0..=1000_u16, judged());
    let large = || option::of(1..=1000_u16);
    let behaviour = (any::<Index>(), large(), large(), judged());
    let whole = (
        option::of(any::<Index>()),
        prop::collection::vec(stage, 0..=2),
        prop::collection::vec(threshold, 0..=2),
        prop::collection::vec(behaviour, 0..=2),
        prop::collection::btree_map(kinds, importance(), 0..=2),
    );
    let whole = whole.prop_map(
        |(value, stages, thresholds, behaviours, importance)| NewsPlan {
            value,
            stages,
            thresholds,
            behaviours,
            importance,
        },
    );
    maybe(options.monitoring, 0.5, whole).prop_map(News)
}

impl News {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let fields = || draft.schema.fields().iter();
        let worded: Vec<(&str, &[String])> = fields()
            .filter_map(|field| match field.kind() {
                Kind::Category(words) => Some((field.name(), words.as_slice())),
                Kind::Number(_) => None,
            })
            .collect();
        let numbers: Vec<(&str, Unit)> = fields()
            .filter_map(|field| Some((field.name(), field.unit()?)))
            .filter(|(_, unit)| !matches!(unit, Unit::Date | Unit::Flag))
            .collect();
        let number = |by: Index| {
            let number = (!numbers.is_empty()).then(|| numbers.get(by.index(numbers.len())));
            number.flatten().copied()
        };
        let stages = plan.stages.iter().filter_map(|(column, meant)| {
            let (column, words) = *worded.get(column.index(worded.len().max(1)))?;
            let with = |meaning: u8| {
                let words = words.iter().zip(meant.iter().cycle());
                let words = words.filter(|(_, means)| **means % 4 == meaning);
                words.map(|(word, _)| word.clone()).collect()
            };
            Some(StageWatch {
                column: column.to_owned(),
                at_risk: with(1),
                churned: with(2),
                won_back: with(3),
            })
        });
        let thresholds = plan.thresholds.iter().filter_map(|(column, at, judged)| {
            let (column, unit) = number(*column)?;
            Some(ThresholdWatch {
                column: column.to_owned(),
                at: value_of(unit, *at),
                worse: judged.worse,
                importance: judged.importance,
            })
        });
        let behaviours = plan.behaviours.iter();
        let behaviours = behaviours.filter_map(|(column, share, amount, judged)| {
            let (column, _) = number(*column)?;
            let share = share.map(part);
            Some(BehaviourWatch {
                column: column.to_owned(),
                // One of both has to be there.
                share: share.or(amount.is_none().then_some(0.5)),
                amount: amount.map(|amount| f64::from(amount) / 10.0),
                worse: judged.worse,
                importance: judged.importance,
            })
        });
        let spec = ChangesSpec {
            value: plan.value.and_then(|by| amount(draft, by)),
            stages: stages.collect(),
            thresholds: thresholds.collect(),
            behaviours: behaviours.collect(),
            importance: plan.importance,
        };
        draft.policy.monitoring = Some(spec);
    }
}
