//! What holds of every playbook, and every playbook against the slow plain one.

mod playbook_oracle;

use std::collections::BTreeMap;

use customer_value::diagnostic::Diagnostics;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, CustomerId, Day, Days, Direction, Interaction,
    Money, Unit, Weekday,
};
use customer_value::strategy::playbook::{
    ActionSpec, CapSpec, DueList, FloorSpec, Names, Order, PlaySpec, Playbook, PlaybookRecord,
    PlaybookSpec, Position, QuietSpec, Subject, Suppressed, TriggerSpec,
};
use customer_value::table::{Field, Schema, Table};
use playbook_oracle::{Person, due, is_owed};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const TIERS: [&str; 3] = ["base", "middle", "top"];
const STAGES: [&str; 2] = ["new", "at_risk"];
const SEGMENTS: [&str; 2] = ["retail", "abroad"];
const CHANNELS: [&str; 3] = ["phone", "mail", "web"];
const ENTITLEMENTS: [&str; 3] = ["warranty", "lessons", "call-backs"];
const ACTIONS: [&str; 5] = ["a", "b", "c", "d", "e"];
const COLUMNS: [(&str, Unit); 7] = [
    ("may_phone", Unit::Flag),
    ("may_mail", Unit::Flag),
    ("leave_alone", Unit::Flag),
    ("hot", Unit::Flag),
    ("orders", Unit::Count),
    ("birthday", Unit::Date),
    ("worth", Unit::Money),
];

fn names() -> Names<'static> {
    Names {
        tiers: &TIERS,
        stages: &STAGES,
        segments: &SEGMENTS,
    }
}

fn plain_names() -> playbook_oracle::Names {
    playbook_oracle::Names {
        tiers: TIERS.into(),
        stages: STAGES.into(),
        segments: SEGMENTS.into(),
    }
}

/// Day 0 is 2024-02-20.
fn day(n: i32) -> Day {
    Day::from_epoch_days(19_773 + n).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in COLUMNS {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema
}

fn table(people: &[Person]) -> Table {
    let mut table = Table::new(schema(), people.len());
    for (row, person) in people.iter().enumerate() {
        for (name, number) in &person.cells {
            let slot = table.schema().slot(name).unwrap();
            table.column_mut(slot).set(row, Some(*number));
        }
    }
    table
}

fn some(words: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(words, 0..=words.len())
        .prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

fn days(range: std::ops::Range<i32>) -> impl Strategy<Value = Days> {
    range.prop_map(Days::new)
}

fn floor() -> impl Strategy<Value = FloorSpec> {
    (
        subsequence(&CHANNELS[..], 1..=2),
        some(&ENTITLEMENTS[..2]),
        option::of(days(1..40)),
        option::of(1_u32..80),
        some(&ACTIONS[..1]),
    )
        .prop_map(
            |(channels, entitlements, cadence, response_hours, actions)| FloorSpec {
                entitlements,
                cadence,
                response_hours,
                actions,
                ..FloorSpec::new(channels)
            },
        )
}

fn rule() -> impl Strategy<Value = &'static str> {
    select(vec!["hot", "orders >= 2"])
}

fn play() -> impl Strategy<Value = PlaySpec> {
    (
        (some(&TIERS), some(&STAGES), some(&SEGMENTS)),
        option::weighted(0.3, rule()),
        option::weighted(0.3, some(&CHANNELS)),
        option::weighted(0.3, some(&ENTITLEMENTS)),
        option::weighted(0.4, days(1..30)),
        option::weighted(0.3, 1_u32..60),
        any::<bool>(),
        some(&ACTIONS),
    )
        .prop_map(
            |(
                (tiers, stages, segments),
                when,
                channels,
                entitlements,
                cadence,
                hours,
                dedicated,
                actions,
            )| {
                PlaySpec {
                    tiers,
                    stages,
                    segments,
                    when: when.map(|when| when.parse().unwrap()),
                    channels,
                    entitlements,
                    cadence,
                    response_hours: hours,
                    dedicated,
                    actions,
                    ..PlaySpec::new("")
                }
            },
        )
}

fn trigger() -> impl Strategy<Value = TriggerSpec> {
    let date = || "birthday".to_owned();
    let stage = |(stage, offset): (&str, Days)| TriggerSpec::Stage {
        stage: stage.to_owned(),
        offset,
    };
    prop_oneof![
        Just(TriggerSpec::Cadence),
        days(1..20).prop_map(TriggerSpec::Every),
        days(-10..10).prop_map(move |offset| TriggerSpec::Anniversary {
            date: date(),
            offset
        }),
        days(-10..400).prop_map(move |offset| TriggerSpec::Date {
            date: date(),
            offset
        }),
        (select(&STAGES[..]), days(0..20)).prop_map(stage),
        rule().prop_map(|rule| TriggerSpec::Rule(rule.parse().unwrap())),
    ]
}

fn action() -> impl Strategy<Value = ActionSpec> {
    let worth = (
        select(vec![0.01, 0.05, 0.125, 0.5, 1.0]),
        Just("worth".to_owned()),
    );
    (
        select(&CHANNELS[..]),
        trigger(),
        option::of(days(1..20)),
        select(vec![0_i64, 1, 50, 600]),
        option::of(worth),
        option::weighted(0.3, days(0..20)),
        0..2_i32,
        option::of(select(vec!["g", "h"])),
        prop::bool::weighted(0.3),
    )
        .prop_map(
            |(channel, trigger, within, cost, worth, cool_down, priority, group, service)| {
                let of_cadence = matches!(trigger, TriggerSpec::Cadence | TriggerSpec::Every(_));
                let (response, value) = worth.unzip();
                ActionSpec {
                    within: within.filter(|_| !of_cadence),
                    response,
                    value,
                    cool_down,
                    priority,
                    group: group.map(str::to_owned),
                    service,
                    ..ActionSpec::new("", channel, trigger, eur(cost))
                }
            },
        )
}

fn quiet() -> impl Strategy<Value = QuietSpec> {
    let weekdays = subsequence(Weekday::ALL.to_vec(), 1..=2);
    prop_oneof![
        weekdays.prop_map(|weekdays| QuietSpec {
            weekdays,
            ..QuietSpec::default()
        }),
        (0..40_i32, 1..5_i32).prop_map(|(from, length)| QuietSpec {
            from: Some(day(from)),
            until: Some(day(from + length)),
            weekdays: Vec::new(),
        }),
    ]
}

fn cap() -> impl Strategy<Value = CapSpec> {
    (0..4_u32, days(1..20), option::of(select(&CHANNELS[..]))).prop_map(
        |(at_most, within, channel)| CapSpec {
            at_most,
            within,
            channel: channel.map(str::to_owned),
        },
    )
}

/// Playbooks of which many do not bind, for plays may be below the floor; those of `bound` do.
fn spec() -> impl Strategy<Value = PlaybookSpec> {
    let consent = btree_map(
        select(vec!["phone".to_owned(), "mail".to_owned()]),
        select(vec!["may_phone".to_owned(), "may_mail".to_owned()]),
        0..=2,
    );
    let capacity = btree_map(
        select(&CHANNELS[..]).prop_map(str::to_owned),
        0..4_u64,
        0..=2,
    );
    (
        (consent, any::<bool>(), any::<bool>()),
        option::of(0..3_u32),
        option::of(0..1500_i64),
        capacity,
        vec(cap(), 0..3),
        vec(quiet(), 0..2),
        floor(),
        vec(play(), 0..4),
        vec(action(), ACTIONS.len()),
    )
        .prop_map(
            |(
                (consent, flag, priority),
                most,
                budget,
                capacity,
                caps,
                quiet,
                floor,
                plays,
                actions,
            )| {
                let mut spec = PlaybookSpec::new(CHANNELS, floor);
                spec.consent = consent;
                spec.do_not_contact = flag.then(|| "leave_alone".to_owned());
                if priority {
                    spec.order = Order::Priority;
                }
                spec.max_per_day = most;
                spec.budget_per_day = budget.map(eur);
                spec.capacity = capacity;
                spec.caps = caps;
                spec.quiet = quiet;
                spec.plays = plays;
                spec.actions = actions;
                for (i, play) in spec.plays.iter_mut().enumerate() {
                    play.name = format!("play {i}");
                }
                for (name, action) in ACTIONS.iter().zip(&mut spec.actions) {
                    action.name = (*name).to_owned();
                }
                spec
            },
        )
}

/// Lifts the plays to the floor, so that the playbook binds.
fn bound() -> impl Strategy<Value = PlaybookSpec> {
    spec().prop_map(|mut spec| {
        let floor = spec.floor.clone();
        let lift = |ours: &mut Option<Vec<String>>, floor: &[String]| {
            let Some(ours) = ours else { return };
            let missing: Vec<_> = floor.iter().filter(|one| !ours.contains(one)).collect();
            ours.extend(missing.into_iter().cloned().collect::<Vec<_>>());
        };
        for play in &mut spec.plays {
            lift(&mut play.channels, &floor.channels);
            lift(&mut play.entitlements, &floor.entitlements);
            play.cadence = play
                .cadence
                .map(|ours| floor.cadence.map_or(ours, |f| f.min(ours)));
            let hours = play.response_hours;
            play.response_hours =
                hours.map(|ours| floor.response_hours.map_or(ours, |f| f.min(ours)));
        }
        spec
    })
}

fn cells() -> impl Strategy<Value = BTreeMap<String, f64>> {
    let flag = || {
        option::weighted(
            0.8,
            prop::bool::weighted(0.7).prop_map(|f| f64::from(u8::from(f))),
        )
    };
    let birthday = prop_oneof![
        Just(f64::from("2000-02-29".parse::<Day>().unwrap().epoch_days())),
        (-400..60_i32).prop_map(|n| f64::from(day(n).epoch_days())),
        (-20..60_i32).prop_map(|n| f64::from(day(n - 3 * 365).epoch_days())),
    ];
    let worth = select(vec![-5.0, 0.0, 0.01, 1.0, 12.34, 100.0, 500.0]);
    (
        flag(),
        flag(),
        option::weighted(0.2, Just(1.0)),
        flag(),
        option::weighted(0.8, (0..5_i32).prop_map(f64::from)),
        option::weighted(0.8, birthday),
        option::weighted(0.8, worth),
    )
        .prop_map(|(phone, mail, leave, hot, orders, birthday, worth)| {
            let cells = [phone, mail, leave, hot, orders, birthday, worth];
            let known = COLUMNS.iter().zip(cells);
            known
                .filter_map(|((name, _), cell)| Some(((*name).to_owned(), cell?)))
                .collect()
        })
}

fn interaction() -> impl Strategy<Value = Interaction> {
    let kinds = select(vec!["a", "b", "c", "d", "e", "news"]);
    let channels = select(vec!["phone", "mail", "web", "fax"]);
    (-40..45_i32, channels, prop::bool::weighted(0.8), kinds).prop_map(|(n, channel, out, kind)| {
        let direction = if out {
            Direction::Outbound
        } else {
            Direction::Inbound
        };
        Interaction::new(0, day(n), channel, direction, kind).unwrap()
    })
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let offers = select(vec!["a", "b", "c", ""]);
    let channels = select(vec!["phone", "mail", ""]);
    (-40..45_i32, channels, offers).prop_map(|(n, channel, offer)| {
        Attempt::new(0, day(n), AttemptPurpose::Uplift, AttemptKind::Offer)
            .unwrap()
            .with_channel(channel)
            .with_offer(offer)
    })
}

fn person(contacts: usize) -> impl Strategy<Value = Person> {
    (
        0..TIERS.len(),
        option::of((0..STAGES.len(), option::of(-30..40_i32))),
        vec(any::<bool>(), 0..=SEGMENTS.len()),
        cells(),
        btree_map(
            select(&ACTIONS[..]).prop_map(str::to_owned),
            (-20..30_i32).prop_map(day),
            0..3,
        ),
        vec(interaction(), 0..=contacts),
        vec(attempt(), 0..=contacts / 2),
    )
        .prop_map(
            |(tier, stage, segments, cells, true_since, interactions, attempts)| {
                let (stage, since) = stage.unzip();
                Person {
                    id: 0,
                    tier,
                    stage,
                    stage_since: since.flatten().map(day),
                    segments,
                    cells,
                    true_since,
                    interactions,
                    attempts,
                }
            },
        )
}

fn people(contacts: usize) -> impl Strategy<Value = Vec<Person>> {
    vec(person(contacts), 1..5).prop_map(|mut people| {
        for (i, person) in people.iter_mut().enumerate() {
            // Not in the order in which they come.
            person.id = (i as u64 * 7 + 3) % 10;
        }
        people
    })
}

fn bind(spec: &PlaybookSpec) -> Result<Playbook, Diagnostics> {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&names(), &schema(), Currency::EUR, &mut problems);
    bound.ok_or(problems)
}

fn position(person: &Person) -> Position<'_> {
    Position {
        tier: person.tier,
        stage: person.stage,
        segments: &person.segments,
    }
}

fn record(person: &Person) -> PlaybookRecord {
    serde_json::from_value(serde_json::to_value(&person.true_since).unwrap()).unwrap()
}

fn list(playbook: &Playbook, people: &[Person], on: Day) -> DueList {
    let table = table(people);
    let ids: Vec<CustomerId> = people.iter().map(|p| CustomerId::from(p.id)).collect();
    let records: Vec<PlaybookRecord> = people.iter().map(record).collect();
    let interactions = people.iter().map(|p| p.interactions.iter().collect());
    let interactions: Vec<Vec<&Interaction>> = interactions.collect();
    let subjects = people.iter().enumerate().map(|(row, person)| Subject {
        position: position(person),
        stage_since: person.stage_since,
        record: Some(&records[row]),
        interactions: &interactions[row],
        attempts: &person.attempts,
        ..Subject::new(&ids[row], table.row(row))
    });
    playbook.due(on, subjects)
}

fn word(one: &Suppressed) -> String {
    let value = serde_json::to_value(&one.because).unwrap();
    match &value {
        serde_json::Value::String(word) => word.clone(),
        other => other.as_object().unwrap().keys().next().unwrap().clone(),
    }
}

/// Writes what was taken into the people's interactions.
fn record_all(people: &mut [Person], list: &DueList) {
    for one in &list.due {
        let person = people
            .iter_mut()
            .find(|p| CustomerId::from(p.id) == one.customer)
            .unwrap();
        let (day, channel, out) = (list.day, &one.channel, Direction::Outbound);
        let contact = Interaction::new(person.id, day, channel, out, &one.action).unwrap();
        person.interactions.push(contact);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_plan_is_below_the_floor(spec in spec(), people in people(0)) {
        let floor = &spec.floor;
        let lacks = |ours: &Option<Vec<String>>, floor: &[String]| {
            ours.as_ref().is_some_and(|ours| floor.iter().any(|one| !ours.contains(one)))
        };
        let is_below = |play: &PlaySpec| {
            lacks(&play.channels, &floor.channels)
                || lacks(&play.entitlements, &floor.entitlements)
                || play.cadence.zip(floor.cadence).is_some_and(|(ours, most)| ours > most)
                || play.response_hours.zip(floor.response_hours).is_some_and(|(ours, most)| ours > most)
        };
        let found = bind(&spec);
        prop_assert_eq!(found.is_err(), spec.plays.iter().any(is_below), "{:?}", found);
        let Ok(playbook) = found else { return Ok(()) };
        let table = table(&people);
        for (row, person) in people.iter().enumerate() {
            let plan = playbook.plan(table.row(row), &position(person));
            prop_assert!(plan.service.is_at_least(playbook.floor()));
            let play = playbook_oracle::play(&spec, &plain_names(), person);
            prop_assert_eq!(playbook.play(table.row(row), &position(person)), play);
            let name = play.map(|i| spec.plays[i].name.clone());
            prop_assert_eq!(plan.reason.map(|reason| reason.play), name);
        }
    }

    #[test]
    fn a_play_that_is_said_to_be_never_reached_is_nobodys(spec in bound(), people in vec(person(0), 20)) {
        let mut problems = Diagnostics::new();
        let bound = spec.bind(&names(), &schema(), Currency::EUR, &mut problems);
        prop_assert!(bound.is_some(), "{}", problems);
        let shadowed = |i: usize| {
            let place = format!("playbook.plays[{i}]");
            problems.iter().any(|p| p.place.path == place)
        };
        for person in &people {
            if let Some(i) = playbook_oracle::play(&spec, &plain_names(), person) {
                prop_assert!(!shadowed(i));
            }
        }
    }

    #[test]
    fn what_is_due_is_what_the_plain_one_says(spec in bound(), people in people(6), n in 0..40_i32) {
        let playbook = bind(&spec).unwrap();
        let found = list(&playbook, &people, day(n));
        let plain = due(&spec, &plain_names(), &people, day(n));
        let id = |id: u64| CustomerId::from(id);
        let taken: Vec<_> = found.due.iter().map(|d| (d.customer.clone(), d.action.clone())).collect();
        let expected: Vec<_> = plain.taken.into_iter().map(|(p, a)| (id(p), a)).collect();
        prop_assert_eq!(taken, expected);
        let mut held: Vec<_> = found.suppressed.iter()
            .map(|s| (s.customer.clone(), s.action.clone(), word(s)))
            .collect();
        let mut expected: Vec<_> = plain.held.into_iter()
            .map(|(p, a, why)| (id(p), a, why.to_owned()))
            .collect();
        held.sort();
        expected.sort();
        prop_assert_eq!(held, expected);
    }

    #[test]
    fn the_order_of_the_customers_does_not_matter(spec in bound(), people in people(4), n in 0..40_i32) {
        let playbook = bind(&spec).unwrap();
        let mut turned = people.clone();
        turned.reverse();
        prop_assert_eq!(list(&playbook, &people, day(n)), list(&playbook, &turned, day(n)));
    }

    #[test]
    fn a_day_that_was_recorded_gives_nothing_new(spec in bound(), people in people(6), n in 0..40_i32) {
        let playbook = bind(&spec).unwrap();
        let mut people = people;
        let first = list(&playbook, &people, day(n));
        record_all(&mut people, &first);
        prop_assert_eq!(list(&playbook, &people, day(n)).due, vec![]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn forty_days_in_a_row_keep_every_limit(spec in bound(), people in people(0)) {
        let playbook = bind(&spec).unwrap();
        let mut people = people;
        for n in 0..40 {
            let table = table(&people);
            for (row, person) in people.iter_mut().enumerate() {
                // What is remembered goes through its text, as a host keeps it.
                let after = playbook.observe(&record(person), table.row(row), day(n));
                let text = serde_json::to_string(&after).unwrap();
                person.true_since = serde_json::from_str(&text).unwrap();
            }
            let found = list(&playbook, &people, day(n));
            record_all(&mut people, &found);
            check(&spec, &people, &found)?;
        }
    }
}

/// What must be true of a day and of all before it, given nothing but what was recorded.
fn check(spec: &PlaybookSpec, people: &[Person], found: &DueList) -> Result<(), TestCaseError> {
    let named = |name: &str| spec.actions.iter().find(|a| a.name == name).unwrap();
    let today = found.day;
    let on = |person: &Person| -> Vec<Interaction> {
        let all = person.interactions.iter();
        all.filter(|one| one.day() == today).cloned().collect()
    };
    let mut spent = 0;
    let mut through: BTreeMap<String, u64> = BTreeMap::new();
    for person in people {
        let contacts = on(person);
        let set = |column: &String| person.cells.get(column) == Some(&1.0);
        for (i, one) in contacts.iter().enumerate() {
            let action = named(one.kind());
            spent += action.cost.minor();
            *through.entry(one.channel().to_owned()).or_default() += 1;
            let consents = spec.consent.get(one.channel()).is_some_and(set);
            prop_assert!(consents || is_owed(spec, action), "no consent");
            prop_assert!(
                !spec.do_not_contact.as_ref().is_some_and(set),
                "do not contact"
            );
            for other in &contacts[..i] {
                let group = &named(other.kind()).group;
                prop_assert!(
                    group.is_none() || *group != action.group,
                    "two of one group"
                );
            }
        }
        let most = spec.max_per_day.unwrap_or(u32::MAX);
        prop_assert!(
            contacts.len() as u64 <= u64::from(most),
            "more than a day has"
        );
        for cap in &spec.caps {
            let counts = |one: &&Interaction| {
                today - one.day() < cap.within
                    && cap.channel.as_ref().is_none_or(|c| c == one.channel())
            };
            let count = person.interactions.iter().filter(counts).count();
            prop_assert!(
                count as u64 <= u64::from(cap.at_most),
                "{:?} has {}",
                cap,
                count
            );
        }
    }
    if let Some(budget) = spec.budget_per_day {
        prop_assert!(spent <= budget.minor(), "over the budget");
    }
    for (channel, capacity) in &spec.capacity {
        let used = through.get(channel).copied().unwrap_or(0);
        prop_assert!(used <= *capacity, "over the capacity");
    }
    Ok(())
}
