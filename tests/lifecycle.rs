//! The lifecycle against a ten-line reference, and the default machine from prospect to won back.

use customer_value::diagnostic::{Diagnostics, Severity};
use customer_value::lifecycle::{
    Lifecycle, LifecycleSpec, Origin, Position, StageRecord, StageSpec, Step, TransitionSpec,
    presets,
};
use customer_value::model::{Day, Days, Unit};
use customer_value::rules::column;
use customer_value::table::{Field, Schema, Table};
use proptest::prelude::*;

fn bind(spec: &LifecycleSpec, schema: &Schema) -> Lifecycle {
    let mut problems = Diagnostics::new();
    let lifecycle = spec.bind(schema, &mut problems);
    assert!(!problems.has_errors(), "{problems}");
    lifecycle.unwrap()
}

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

// ---- any machine against the reference ----

const FLAGS: [&str; 3] = ["f", "g", "h"];

fn flags() -> Schema {
    let mut schema = Schema::new();
    for name in FLAGS {
        schema.add(Field::number(name, Unit::Flag)).unwrap();
    }
    schema.add(Field::number("since", Unit::Date)).unwrap();
    schema
}

/// From which stages (`None`: any), to which, on which flag being 1 (or 0).
type Arrow = (Option<Vec<usize>>, usize, usize, bool);

fn arrows() -> impl Strategy<Value = Vec<Arrow>> {
    let from = prop::option::weighted(0.8, prop::collection::vec(0..5_usize, 1..4));
    prop::collection::vec((from, 0..5_usize, 0..3_usize, any::<bool>()), 0..12)
}

fn machine(arrows: &[Arrow]) -> LifecycleSpec {
    let name = |stage: usize| format!("s{stage}");
    let stages = (0..5).map(|i| StageSpec::new(name(i)).rank(i as u32));
    let transitions = arrows.iter().map(|(from, to, flag, set)| {
        let from = match from {
            None => Origin::Any,
            Some(list) => Origin::Stages(list.iter().map(|s| name(*s)).collect()),
        };
        let guard = column(FLAGS[*flag]).is_set();
        TransitionSpec::new(from, name(*to), if *set { guard } else { guard.not() })
            .since("since + 10 days")
    });
    LifecycleSpec::new(name(0), stages, transitions).moves(5)
}

/// Where a customer in `start` ends, and the highest stage on the way.
fn reference(arrows: &[Arrow], start: usize, flags: &[Option<bool>; 3]) -> (usize, usize) {
    let (mut at, mut high, mut entered) = (start, start, Vec::new());
    while let Some((_, to, ..)) = arrows.iter().find(|(from, to, flag, set)| {
        at != *to && from.as_ref().is_none_or(|f| f.contains(&at)) && flags[*flag] == Some(*set)
    }) {
        if entered.contains(to) {
            break;
        }
        entered.push(*to);
        (at, high) = (*to, high.max(*to));
    }
    if at == start {
        (start, start)
    } else {
        (at, high)
    }
}

proptest! {
    #[test]
    fn every_machine_is_the_reference(
        arrows in arrows(),
        rows in prop::collection::vec((prop::option::of(0..5_usize), any::<[Option<bool>; 3]>(), prop::option::of(-30..30_i32)), 1..70),
    ) {
        // A transition from a stage to itself does not bind; see below.
        let arrows: Vec<Arrow> = arrows.into_iter()
            .filter(|(from, to, ..)| from.as_ref().is_none_or(|f| !f.contains(to)))
            .collect();
        let lifecycle = bind(&machine(&arrows), &flags());
        let mut table = Table::new(flags(), rows.len());
        let slots: Vec<_> = table.schema().slots().collect();
        let mut current = Vec::new();
        for (i, (stage, flags, since)) in rows.iter().enumerate() {
            for (slot, flag) in slots.iter().zip(flags) {
                table.column_mut(*slot).set(i, flag.map(|f| f64::from(u8::from(f))));
            }
            let since = since.map(|d| f64::from(day(d).epoch_days()));
            table.column_mut(slots[3]).set(i, since);
            let stage = stage.map(|s| lifecycle.stage(&format!("s{s}")).unwrap());
            current.push(stage.map(|stage| Position::new(stage, day(-50))));
        }
        let mut steps: Vec<Step> = Vec::new();
        lifecycle.step_block(&table, 0, day(0), &current, &mut steps);
        prop_assert_eq!(steps.len(), rows.len());
        for (i, (start, flags, since)) in rows.iter().enumerate() {
            let row = table.row(i);
            let step = lifecycle.step(row, day(0), current[i]);
            prop_assert_eq!(step, steps[i]);
            let start = start.unwrap_or(0);
            let (stage, high) = reference(&arrows, start, flags);
            prop_assert_eq!(step.position.stage.index(), stage);
            prop_assert_eq!(step.position.high_water.index(), high);
            prop_assert_eq!(step.by.is_some(), stage != start);
            let wanted = match (step.by, current[i]) {
                (Some(_), _) => since.map_or(day(0), |d| day(d + 10).min(day(0))),
                (None, Some(before)) => before.since,
                (None, None) => day(0),
            };
            prop_assert_eq!(step.position.since, wanted);
            // Reviewed again on the same day: the same.
            prop_assert_eq!(lifecycle.step(row, day(0), Some(step.position)).position, step.position);
            // The explanation is the same walk.
            let told = lifecycle.explain(row, day(0), current[i]);
            prop_assert_eq!(told.stage, lifecycle.name(step.position.stage));
            prop_assert_eq!(told.since, step.position.since);
            prop_assert_eq!(told.taken.last().map(|t| t.why.as_str()), step.by.map(|by| lifecycle.why(by)));
            prop_assert!(told.taken.iter().flat_map(|t| &t.conditions).all(|c| c.distance.is_none_or(|d| d == 0.0)));
        }
    }
}

// ---- the default machine ----

fn standard_columns() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in [
        ("active_days", Unit::Count),
        ("days_since_last", Unit::Days),
        ("last_gap", Unit::Days),
        ("first_purchase", Unit::Date),
        ("second_purchase", Unit::Date),
        ("last_purchase", Unit::Date),
        ("loyal_since", Unit::Date),
    ] {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema
}

/// The columns of a customer who bought on these days, as of a day.
fn history(bought: &[i32], as_of: i32) -> Table {
    let bought: Vec<i32> = bought.iter().copied().filter(|d| *d <= as_of).collect();
    let date = |n: usize| bought.get(n).map(|d| f64::from(day(*d).epoch_days()));
    let last = bought.len().checked_sub(1);
    let cells = [
        Some(bought.len() as f64),
        last.map(|n| f64::from(as_of - bought[n])),
        last.filter(|n| *n > 0)
            .map(|n| f64::from(bought[n] - bought[n - 1])),
        date(0),
        date(1),
        last.and_then(date),
        date(3),
    ];
    let mut table = Table::new(standard_columns(), 1);
    let slots: Vec<_> = table.schema().slots().collect();
    for (slot, cell) in slots.into_iter().zip(cells) {
        table.column_mut(slot).set(0, cell);
    }
    table
}

/// The stage and its day, straight from the documented table.
fn standard_reference(bought: &[i32], as_of: i32) -> (&'static str, Option<i32>) {
    let bought: Vec<i32> = bought.iter().copied().filter(|d| *d <= as_of).collect();
    let Some(last) = bought.last() else {
        return ("prospect", None);
    };
    let gap = bought.windows(2).last().map_or(0, |w| w[1] - w[0]);
    match (as_of - last, bought.len()) {
        (240.., _) => ("churned", Some(last + 240)),
        (120.., _) => ("at_risk", Some(last + 120)),
        _ if gap >= 240 => ("won_back", Some(*last)),
        (_, 4..) => ("loyal", Some(bought[3])),
        (_, 2..) => ("repeat", Some(bought[1])),
        _ => ("first_purchase", Some(bought[0])),
    }
}

fn review(
    lifecycle: &Lifecycle,
    bought: &[i32],
    as_of: i32,
    record: Option<StageRecord>,
) -> StageRecord {
    let table = history(bought, as_of);
    let current = record.as_ref().map(|r| lifecycle.locate(r, day(as_of)));
    let step = lifecycle.step(table.row(0), day(as_of), current);
    lifecycle.record(&step, record)
}

#[test]
fn a_life_from_prospect_to_won_back_and_loyal_again() {
    let lifecycle = bind(&presets::standard(), &standard_columns());
    let bought = [10, 20, 20 + 130, 160, 160 + 300, 470];
    let mut record = None;
    let mut seen = Vec::new();
    for as_of in [
        0,
        10,
        20,
        20 + 120,
        150,
        160,
        160 + 119,
        160 + 120,
        160 + 239,
        160 + 250,
        460,
        465,
        470,
        480,
    ] {
        let next = review(&lifecycle, &bought, as_of, record.take());
        seen.push((
            as_of,
            next.stage.clone(),
            (next.since - day(0)).get(),
            next.high_water.clone(),
        ));
        record = Some(next);
    }
    let wanted = [
        (0, "prospect", 0, "prospect"),
        (10, "first_purchase", 10, "first_purchase"),
        (20, "repeat", 20, "repeat"),
        (140, "at_risk", 140, "repeat"),
        (150, "repeat", 20, "repeat"),
        (160, "loyal", 160, "loyal"),
        (279, "loyal", 160, "loyal"),
        (280, "at_risk", 280, "loyal"),
        (399, "at_risk", 280, "loyal"),
        // Reviewed ten days late; the stage began on its day all the same.
        (410, "churned", 400, "loyal"),
        (460, "won_back", 460, "loyal"),
        (465, "won_back", 460, "loyal"),
        (470, "loyal", 160, "loyal"),
        (480, "loyal", 160, "loyal"),
    ];
    let wanted: Vec<_> = wanted
        .into_iter()
        .map(|(d, stage, since, high)| (d, stage.to_owned(), since, high.to_owned()))
        .collect();
    assert_eq!(seen, wanted);
}

#[test]
fn a_first_review_passes_through_what_was_reached() {
    let lifecycle = bind(&presets::standard(), &standard_columns());
    let told = lifecycle.explain(history(&[0, 5, 6, 9], 300).row(0), day(300), None);
    let path: Vec<_> = told
        .taken
        .iter()
        .map(|t| {
            (
                t.from.as_str(),
                t.to.as_str(),
                (t.since - day(0)).get(),
                t.why.as_str(),
            )
        })
        .collect();
    assert_eq!(
        path,
        [
            ("prospect", "first_purchase", 0, "the first purchase"),
            ("first_purchase", "repeat", 5, "a second active day"),
            ("repeat", "loyal", 9, "4 active days"),
            ("loyal", "churned", 249, "no purchase for 240 days"),
        ]
    );
    assert_eq!(told.high_water, "loyal");
    assert_eq!(
        told.taken[3].conditions[0].to_string(),
        "days_since_last 291 >= 240"
    );
}

/// The only purchase is refunded, then two of four: stages go back, the high-water mark does not.
#[test]
fn stages_go_back() {
    let lifecycle = bind(&presets::standard(), &standard_columns());
    let record = review(&lifecycle, &[0, 5, 6, 9], 10, None);
    assert_eq!((record.stage.as_str(), record.since), ("loyal", day(9)));
    let record = review(&lifecycle, &[0, 5], 11, Some(record));
    assert_eq!((record.stage.as_str(), record.since), ("repeat", day(5)));
    let record = review(&lifecycle, &[0], 12, Some(record));
    assert_eq!(
        (record.stage.as_str(), record.since),
        ("first_purchase", day(0))
    );
    let record = review(&lifecycle, &[], 13, Some(record));
    assert_eq!((record.stage.as_str(), record.since), ("prospect", day(13)));
    assert_eq!(record.why, "no purchase that was kept");
    assert_eq!(record.high_water, "loyal");
}

#[test]
fn no_move_keeps_the_record_as_it_was() {
    let lifecycle = bind(&presets::standard(), &standard_columns());
    let told = StageRecord {
        stage: "repeat".into(),
        since: day(-99),
        why: "said by an older policy".into(),
        high_water: "a stage that is no more".into(),
        moved: None,
    };
    let same = review(&lifecycle, &[0, 5], 10, Some(told.clone()));
    assert_eq!(same, told);
    // A stage that is no more: the customer begins anew.
    let gone = StageRecord {
        stage: "gone".into(),
        ..told
    };
    let anew = review(&lifecycle, &[0, 5], 10, Some(gone));
    assert_eq!(
        (anew.stage.as_str(), anew.why.as_str()),
        ("repeat", "a second active day")
    );
    // They are in the start since today, where nothing leads on.
    let gone = StageRecord {
        stage: "gone".into(),
        high_water: "loyal".into(),
        ..anew.clone()
    };
    let begun = StageRecord {
        stage: "prospect".into(),
        since: day(11),
        why: "start".into(),
        high_water: "loyal".into(),
        moved: None,
    };
    assert_eq!(review(&lifecycle, &[], 11, Some(gone)), begun);
    assert_eq!(review(&lifecycle, &[], 10, None).why, "start");
    let json = serde_json::to_string(&anew).unwrap();
    assert_eq!(
        json,
        r#"{"stage":"repeat","since":"2024-10-09","why":"a second active day","high_water":"repeat","moved":{"on":"2024-10-14","times":2}}"#
    );
    assert_eq!(serde_json::from_str::<StageRecord>(&json).unwrap(), anew);
    // As it was stored before there was a bound.
    let json = r#"{"stage":"repeat","since":"2024-10-09","why":"start","high_water":"repeat"}"#;
    let record: StageRecord = serde_json::from_str(json).unwrap();
    assert_eq!(record.moved, None);
    assert_eq!(serde_json::to_string(&record).unwrap(), json);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Reviewed every day or for the first time: the same stage since the same day, as the table says.
    #[test]
    fn step_by_step_is_from_scratch(gaps in prop::collection::vec(prop_oneof![1..30_i32, 100..260_i32], 0..7)) {
        let lifecycle = bind(&presets::standard(), &standard_columns());
        let bought: Vec<i32> = gaps.iter().scan(0, |at, gap| { *at += gap; Some(*at) }).collect();
        let mut record = None;
        for as_of in 0..bought.last().unwrap_or(&0) + 260 {
            let table = history(&bought, as_of);
            let scratch = lifecycle.step(table.row(0), day(as_of), None).position;
            let step = lifecycle.step(table.row(0), day(as_of), record);
            let (stage, since) = standard_reference(&bought, as_of);
            for position in [scratch, step.position] {
                prop_assert_eq!(lifecycle.name(position.stage), stage, "day {}", as_of);
                if let Some(since) = since {
                    prop_assert_eq!(position.since, day(since), "day {}", as_of);
                }
            }
            record = Some(step.position);
        }
    }
}

#[test]
fn thresholds_are_arguments() {
    let spec = presets::standard_with(&presets::Thresholds {
        at_risk: Days::new(30),
        churned: Days::new(60),
        loyal: 3,
    });
    let lifecycle = bind(&spec, &standard_columns());
    let stage = |bought: &[i32], as_of| review(&lifecycle, bought, as_of, None).stage;
    assert_eq!(stage(&[0, 1], 31), "at_risk");
    assert_eq!(stage(&[0, 1], 61), "churned");
    assert_eq!(stage(&[0, 1, 2], 3), "loyal");
    // As data it comes back equal, in JSON and in TOML.
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<LifecycleSpec>(&json).unwrap(), spec);
    let toml = toml::to_string(&spec).unwrap();
    assert_eq!(toml::from_str::<LifecycleSpec>(&toml).unwrap(), spec);
}

#[test]
fn every_problem_is_reported() {
    let spec: LifecycleSpec = toml::from_str(
        r#"
        start = "prospct"
        stages = [{ name = "prospect" }, { name = "gone" }, { name = "gone" }, { name = "any" }, { name = "" }]

        [[transitions]]
        from = ["prospect", "gnoe", "any"]
        to = "active"
        when = "active_dyas >= 1"
        since = "frist_purchase + 1 days"

        [[transitions]]
        from = "gone"
        to = "gone"
        when = "active_days >="
        since = "active_days"

        [[transitions]]
        from = []
        to = "gone"
        when = "true"
        since = "last_purchase + many days"
        "#,
    )
    .unwrap();
    let mut problems = Diagnostics::new();
    assert!(spec.bind(&standard_columns(), &mut problems).is_none());
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "error: lifecycle.stages[2].name: there are two stages named `gone`",
            "error: lifecycle.stages[3].name: `any` stands for every stage and cannot be the name of one",
            "error: lifecycle.stages[4].name: a stage has no name",
            "error: lifecycle.start: there is no stage `prospct` (did you mean `prospect`?)",
            "error: lifecycle.transitions[0].to: there is no stage `active`",
            "error: lifecycle.transitions[0].from[1]: there is no stage `gnoe` (did you mean `gone`?)",
            "error: lifecycle.transitions[0].when at 0..11: there is no column `active_dyas` (did you mean `active_days`?)",
            "error: lifecycle.transitions[0].since at 0..14: there is no column `frist_purchase` \
             (did you mean `first_purchase`?)",
            "error: lifecycle.transitions[1].from[0]: a transition leads from `gone` to itself",
            "error: lifecycle.transitions[1].when at 14..14: expected a number, a text or a date, the rule ends",
            "error: lifecycle.transitions[1].since at 0..11: `active_days` is not a date column",
            "error: lifecycle.transitions[2].from: the transition leaves no stage (name stages, or write `any`)",
            "error: lifecycle.transitions[2].since at 0..25: `last_purchase + many days` is not a date column with or \
             without days (it is written like `last_purchase` or `last_purchase + 120 days`)",
        ]
    );
}

#[test]
fn a_stage_that_nothing_leads_to_is_a_warning() {
    let mut spec = presets::standard();
    spec.transitions.retain(|t| t.to != "won_back");
    let mut problems = Diagnostics::new();
    assert!(spec.bind(&standard_columns(), &mut problems).is_some());
    let said: Vec<_> = problems
        .iter()
        .map(|p| (p.severity, p.to_string()))
        .collect();
    let wanted = "warning: lifecycle.stages[6]: nothing leads to the stage `won_back`";
    assert_eq!(said, [(Severity::Warning, wanted.to_owned())]);

    let none = LifecycleSpec::new("", [], []);
    let mut problems = Diagnostics::new();
    assert!(none.bind(&standard_columns(), &mut problems).is_none());
    assert_eq!(
        problems.to_string(),
        "error: lifecycle.stages: there is no stage"
    );
    let stages = (0..65).map(|i| StageSpec::new(format!("s{i}")));
    let too_many = LifecycleSpec::new("s0", stages, []);
    let mut problems = Diagnostics::new();
    assert!(too_many.bind(&standard_columns(), &mut problems).is_none());
    assert_eq!(
        problems.to_string(),
        "error: lifecycle.stages: there are 65 stages, more than 64"
    );
}

#[test]
fn since_texts() {
    let since = |text: &str| {
        let spec = LifecycleSpec::new(
            "a",
            [StageSpec::new("a"), StageSpec::new("b")],
            [TransitionSpec::new(["a"], "b", column("active_days").ge(0)).since(text)],
        );
        let lifecycle = spec.bind(&standard_columns(), &mut Diagnostics::new())?;
        let since = lifecycle
            .step(history(&[0], 100).row(0), day(100), None)
            .position
            .since;
        Some((since - day(0)).get())
    };
    assert_eq!(since("last_purchase"), Some(0));
    assert_eq!(since(" `last_purchase`+7days "), Some(7));
    assert_eq!(since("last_purchase - 1 day"), Some(-1));
    // Missing: the review. Later than the review: the review.
    assert_eq!(since("second_purchase + 7 days"), Some(100));
    assert_eq!(since("last_purchase + 2147483647 days"), Some(100));
    for text in [
        "",
        "+ 3 days",
        "last_purchase 3 days",
        "last_purchase + 3",
        "last_purchase + -3 days",
        "last_purchase + 99999999999 days",
        "last_purchase + days",
        "`last_purchase + 3 days",
        "last_purchase + 3 days x",
    ] {
        assert_eq!(since(text), None, "{text}");
    }
}
