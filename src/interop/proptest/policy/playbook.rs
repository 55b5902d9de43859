//! The section that says whom to serve how, and whom to contact when.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::super::rules::{RulePlan, plan};
use super::super::values::{WORDS, days, maybe};
use super::{Draft, PolicyOptions};
use crate::engine::AttributeSpec;
use crate::model::{Day, Days, Money, Unit, Weekday};
use crate::strategy::playbook::{
    ActionSpec, CapSpec, FloorSpec, Order, PlaySpec, PlaybookSpec, QuietSpec, TriggerSpec,
};
use crate::table::Field;

/// Each with the flag that says that a customer may be contacted through it.
const CHANNELS: [(&str, &str); 3] = [
    ("mail", "may_mail"),
    ("phone", "may_phone"),
    ("app", "may_app"),
];
const NO_CONTACT: &str = "no_contact";
const DATE: &str = "remembered_day";

#[derive(Debug, Clone)]
pub(super) struct Served(Option<Box<Plan>>);

#[derive(Debug, Clone)]
struct Plan {
    /// A bit for each channel of which it is known who agreed to it.
    consent: u8,
    no_contact: bool,
    order: Order,
    max_per_day: Option<u32>,
    budget: Option<u16>,
    capacity: [Option<u64>; 3],
    caps: Vec<(u32, i32, Option<usize>)>,
    quiet: Vec<QuietSpec>,
    floor: Level,
    plays: Vec<Play>,
    actions: Vec<Action>,
}

/// A level of service; lists are bits.
#[derive(Debug, Clone)]
struct Level {
    channels: u8,
    entitlements: u8,
    cadence: Option<i32>,
    hours: Option<u32>,
    actions: u8,
}

#[derive(Debug, Clone)]
struct Play {
    /// Bits, and whether they are asked about.
    tiers: Option<u8>,
    stages: Option<u8>,
    segments: Option<u8>,
    when: Option<RulePlan>,
    /// Without a list of its own it has that of the floor.
    own_lists: u8,
    level: Level,
    dedicated: bool,
}

#[derive(Debug, Clone)]
struct Action {
    channel: usize,
    trigger: u8,
    days: i32,
    stage: Index,
    rule: RulePlan,
    within: Option<i32>,
    cost: u16,
    worth: Option<(u16, Index)>,
    cool_down: Option<i32>,
    priority: i32,
    group: u8,
    service: bool,
}

fn level() -> impl Strategy<Value = Level> + Clone {
    let times = (option::of(1..=60_i32), option::of(1..=96_u32));
    (any::<u8>(), any::<u8>(), times, any::<u8>()).prop_map(
        |(channels, entitlements, (cadence, hours), actions)| Level {
            channels,
            entitlements,
            cadence,
            hours,
            actions,
        },
    )
}

fn play(options: &PolicyOptions) -> impl Strategy<Value = Play> + Clone + use<> {
    let bits = || option::weighted(0.4, any::<u8>());
    let whom = (
        bits(),
        option::weighted(0.2, any::<u8>()),
        option::weighted(0.2, any::<u8>()),
    );
    let when = option::weighted(0.3, plan(&options.rules));
    (whom, when, 0..4_u8, level(), any::<bool>()).prop_map(
        |((tiers, stages, segments), when, own_lists, level, dedicated)| Play {
            tiers,
            stages,
            segments,
            when,
            own_lists,
            level,
            dedicated,
        },
    )
}

fn action(options: &PolicyOptions) -> impl Strategy<Value = Action> + Clone + use<> {
    let what = (0..CHANNELS.len(), 0..8_u8, 0..=30_i32, any::<Index>());
    let terms = (
        option::weighted(0.7, 1..=200_i32),
        0..=2_000_u16,
        option::weighted(0.4, (1..=1000_u16, any::<Index>())),
        option::weighted(0.3, 0..=40_i32),
    );
    let more = (-2..=2_i32, 0..8_u8, prop::bool::weighted(0.2));
    (what, plan(&options.rules), terms, more).prop_map(
        |(
            (channel, trigger, days, stage),
            rule,
            (within, cost, worth, cool_down),
            (priority, group, service),
        )| Action {
            channel,
            trigger,
            days,
            stage,
            rule,
            within,
            cost,
            worth,
            cool_down,
            priority,
            group,
            service,
        },
    )
}

fn quiet() -> impl Strategy<Value = QuietSpec> + Clone {
    let day = |year, month, day| Day::from_ymd(year, month, day).unwrap_or(Day::MIN);
    let from = option::of(days(day(2023, 1, 1)..=day(2025, 6, 30)));
    let length = option::weighted(0.7, 1..=60_i32);
    (from, length, 0..127_u8).prop_map(|(from, length, weekdays)| {
        let until = from.zip(length);
        // Where it has no end, and always where it has no beginning, some days of the week are left.
        let weekdays = if until.is_some() && weekdays % 2 == 0 {
            0
        } else {
            (weekdays % 8) | 1
        };
        QuietSpec {
            from,
            until: until.map(|(from, length)| from.plus(Days::new(length))),
            weekdays: chosen(&Weekday::ALL, weekdays),
        }
    })
}

/// Those of a list whose bit is set.
pub(super) fn chosen<T: Clone>(all: &[T], bits: u8) -> Vec<T> {
    let is_set = |i: &usize| {
        bits.checked_shr(u32::try_from(*i).unwrap_or(8))
            .unwrap_or(0)
            & 1
            == 1
    };
    let all = all.iter().enumerate().filter(|(i, _)| is_set(i));
    all.map(|(_, one)| one.clone()).collect()
}

/// The same, and the first where there would be none.
fn some_of<T: Clone>(all: &[T], bits: u8) -> Vec<T> {
    let some = chosen(all, bits);
    if some.is_empty() {
        return all.iter().take(1).cloned().collect();
    }
    some
}

pub(super) fn playbook(options: &PolicyOptions) -> impl Strategy<Value = Served> + Clone + use<> {
    let capacity = || option::weighted(0.3, select(&[0, 1, 1, 2, 3, 5_u64][..]));
    let who = (0..8_u8, prop::bool::weighted(0.3));
    let limits = (
        select(&[Order::ValuePerCost, Order::Priority][..]),
        option::weighted(0.3, select(&[0, 1, 1, 2, 3_u32][..])),
        option::weighted(0.2, 0..=12_000_u16),
        [capacity(), capacity(), capacity()],
    );
    let at_most = select(&[0, 1, 1, 2, 2, 3, 4_u32][..]);
    let cap = (at_most, 1..=60_i32, option::of(0..CHANNELS.len()));
    let times = (
        prop::collection::vec(cap, 0..=2),
        prop::collection::vec(quiet(), 0..=1),
    );
    let plays = prop::collection::vec(play(options), 0..=3);
    let actions = prop::collection::vec(action(options), 0..=5);
    let whole = (who, limits, times, level(), (plays, actions)).prop_map(
        |(who, (order, max_per_day, budget, capacity), (caps, quiet), floor, (plays, actions))| {
            Box::new(Plan {
                consent: who.0,
                no_contact: who.1,
                order,
                max_per_day,
                budget,
                capacity,
                caps,
                quiet,
                floor,
                plays,
                actions,
            })
        },
    );
    maybe(options.playbook, 0.4, whole).prop_map(Served)
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Served {
    /// Its flags and its date are attributes, which the policy has beside those it has anyway.
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let mut attribute = |name: &str, spec: AttributeSpec| {
            draft.column(spec.field(name));
            draft.policy.attributes.insert(name.to_owned(), spec);
        };
        // There always is one to reach customers through.
        let agreed = some_of(&CHANNELS, plan.consent);
        for (_, flag) in &agreed {
            attribute(flag, AttributeSpec::Flag);
        }
        if plan.no_contact {
            attribute(NO_CONTACT, AttributeSpec::Flag);
        }
        attribute(DATE, AttributeSpec::Date);

        let currency = draft.policy.head.currency;
        let channels = CHANNELS.map(|(name, _)| name);
        let names = (0..plan.actions.len()).map(|i| format!("action {i}"));
        let names: Vec<String> = names.collect();
        let floor = FloorSpec {
            channels: some_of(&owned(&channels), plan.floor.channels),
            entitlements: chosen(&owned(&WORDS), plan.floor.entitlements & 0b11),
            cadence: plan.floor.cadence.map(Days::new),
            response_hours: plan.floor.hours,
            // Few: what everybody has is done whatever the consent.
            actions: chosen(&names, plan.floor.actions & 0b1001),
        };
        let mut spec = PlaybookSpec::new(channels, floor);
        spec.consent = (agreed.iter())
            .map(|(name, flag)| ((*name).to_owned(), (*flag).to_owned()))
            .collect();
        spec.do_not_contact = plan.no_contact.then(|| NO_CONTACT.to_owned());
        spec.order = plan.order;
        spec.max_per_day = plan.max_per_day;
        spec.budget_per_day = plan.budget.map(|b| Money::from_minor(b.into(), currency));
        spec.capacity = (channels.iter().zip(plan.capacity))
            .filter_map(|(name, most)| Some(((*name).to_owned(), most?)))
            .collect();
        let caps = plan.caps.into_iter().map(|(at_most, within, channel)| {
            let channel = channel.and_then(|i| channels.get(i));
            CapSpec {
                at_most,
                within: Days::new(within),
                channel: channel.map(|name| (*name).to_owned()),
            }
        });
        spec.caps = caps.collect();
        spec.quiet = plan.quiet;
        let plays = plan.plays.into_iter().enumerate();
        spec.plays = plays
            .map(|(i, play)| play.spec(i, &spec.floor, &names, draft))
            .collect();
        let actions = plan.actions.into_iter().zip(&names);
        spec.actions = actions
            .map(|(action, name)| action.spec(name, draft))
            .collect();
        draft.policy.playbook = Some(spec);
    }
}

/// A time that the floor's promise allows.
fn kept<T: Ord>(ours: Option<T>, floor: Option<T>) -> Option<T> {
    match (ours, floor) {
        (Some(ours), Some(floor)) => Some(ours.min(floor)),
        (ours, _) => ours,
    }
}

/// All of the floor's and some more.
fn beside(floor: &[String], more: Vec<String>) -> Vec<String> {
    let mut all = floor.to_vec();
    all.extend(more.into_iter().filter(|one| !floor.contains(one)));
    all
}

impl Play {
    fn spec(self, i: usize, floor: &FloorSpec, actions: &[String], draft: &Draft) -> PlaySpec {
        let policy = &draft.policy;
        let tiers: Vec<String> = policy.tiers.tiers.iter().map(|t| t.name.clone()).collect();
        let stages = policy.lifecycle.iter().flat_map(|life| &life.stages);
        let stages: Vec<String> = stages.map(|stage| stage.name.clone()).collect();
        let segments: Vec<String> = policy.segments.iter().map(|s| s.name.clone()).collect();
        let of = |all: &[String], bits: Option<u8>| bits.map_or(Vec::new(), |b| chosen(all, b));
        let level = self.level;
        let own = |bit: u8, floor: &[String], all: &[&str], bits: u8| {
            (self.own_lists & bit > 0).then(|| beside(floor, chosen(&owned(all), bits)))
        };
        PlaySpec {
            tiers: of(&tiers, self.tiers),
            stages: of(&stages, self.stages),
            segments: of(&segments, self.segments),
            when: self.when.map(|when| when.over(&draft.schema)),
            channels: own(1, &floor.channels, &CHANNELS.map(|c| c.0), level.channels),
            entitlements: own(2, &floor.entitlements, &WORDS, level.entitlements),
            cadence: kept(level.cadence.map(Days::new), floor.cadence),
            response_hours: kept(level.hours, floor.response_hours),
            dedicated: self.dedicated,
            actions: chosen(actions, level.actions),
            ..PlaySpec::new(format!("play {i}"))
        }
    }
}

impl Action {
    fn spec(self, name: &str, draft: &Draft) -> ActionSpec {
        let days = Days::new(self.days);
        let date = DATE.to_owned();
        let stages = draft.policy.lifecycle.iter().flat_map(|life| &life.stages);
        let stages: Vec<&str> = stages.map(|stage| stage.name.as_str()).collect();
        let stage = self.stage.index(stages.len().max(1));
        let every = Days::new(self.days.max(1));
        let trigger = match (self.trigger, stages.get(stage)) {
            (0 | 1, _) => TriggerSpec::Cadence,
            (2, _) => TriggerSpec::Every(every),
            (3, _) => TriggerSpec::Anniversary { date, offset: days },
            (4, _) => TriggerSpec::Date { date, offset: days },
            (5, Some(stage)) => TriggerSpec::Stage {
                stage: (*stage).to_owned(),
                offset: days,
            },
            _ => TriggerSpec::Rule(self.rule.over(&draft.schema)),
        };
        let timed = !matches!(trigger, TriggerSpec::Cadence | TriggerSpec::Every(_));
        let amounts = draft.schema.fields().iter();
        let amounts: Vec<&str> = amounts
            .filter(|field| field.unit() == Some(Unit::Money))
            .map(Field::name)
            .collect();
        let worth = self.worth.and_then(|(response, column)| {
            let column = amounts.get(column.index(amounts.len().max(1)))?;
            Some((f64::from(response) / 1000.0, (*column).to_owned()))
        });
        let (response, value) = worth.unzip();
        let (channel, _) = CHANNELS.get(self.channel).copied().unwrap_or_default();
        let cost = Money::from_minor(self.cost.into(), draft.policy.head.currency);
        ActionSpec {
            within: self.within.filter(|_| timed).map(Days::new),
            response,
            value,
            cool_down: self.cool_down.map(Days::new),
            priority: self.priority,
            group: (self.group < 6).then(|| format!("group {}", self.group % 2)),
            service: self.service,
            ..ActionSpec::new(name, channel, trigger, cost)
        }
    }
}
