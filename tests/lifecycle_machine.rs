//! Timers, priorities, conditions of stages, bounded moves and actions: cases from the page, and every machine against a
//! plain reading of it.

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::{
    Lifecycle, LifecycleSpec, Moved, Origin, Position, StageRecord, StageSpec, Step, TransitionSpec,
};
use customer_value::model::{Day, Days, Unit};
use customer_value::rules::{Expr, column};
use customer_value::table::{Field, Schema, Table};
use proptest::prelude::*;

const FLAGS: [&str; 3] = ["f", "g", "h"];
const DATES: [&str; 2] = ["seen", "met"];

fn schema() -> Schema {
    let mut schema = Schema::new();
    for name in FLAGS {
        schema.add(Field::number(name, Unit::Flag)).unwrap();
    }
    for name in DATES {
        schema.add(Field::number(name, Unit::Date)).unwrap();
    }
    schema
}

fn bind(spec: &LifecycleSpec) -> Lifecycle {
    let mut problems = Diagnostics::new();
    let lifecycle = spec.bind(&schema(), &mut problems);
    assert!(!problems.has_errors(), "{problems}");
    lifecycle.unwrap()
}

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

/// What is known of a customer: flags, and the dates as days.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    flags: [Option<bool>; 3],
    dates: [Option<i32>; 2],
}

impl Known {
    fn flag(mut self, name: &str, value: bool) -> Self {
        self.flags[FLAGS.iter().position(|f| *f == name).unwrap()] = Some(value);
        self
    }

    fn date(mut self, name: &str, at: i32) -> Self {
        self.dates[DATES.iter().position(|d| *d == name).unwrap()] = Some(at);
        self
    }
}

fn table(rows: &[Known]) -> Table {
    let mut table = Table::new(schema(), rows.len());
    let slots: Vec<_> = table.schema().slots().collect();
    for (row, known) in rows.iter().enumerate() {
        let flags = known.flags.map(|f| f.map(|f| f64::from(u8::from(f))));
        let dates = known
            .dates
            .map(|d| d.map(|d| f64::from(day(d).epoch_days())));
        for (slot, value) in slots.iter().zip(flags.into_iter().chain(dates)) {
            table.column_mut(*slot).set(row, value);
        }
    }
    table
}

/// One customer, reviewed on one day after another; what is remembered goes through its text.
struct Life {
    lifecycle: Lifecycle,
    record: Option<StageRecord>,
}

impl Life {
    fn of(spec: &LifecycleSpec) -> Self {
        Self {
            lifecycle: bind(spec),
            record: None,
        }
    }

    /// The stage, since when, and the actions of the review.
    fn review(&mut self, as_of: i32, known: Known) -> (String, i32, Vec<String>) {
        let table = table(&[known]);
        let before = self.record.take();
        let current = before
            .as_ref()
            .map(|r| self.lifecycle.locate(r, day(as_of)));
        let step = self.lifecycle.step(table.row(0), day(as_of), current);
        let taken = self.lifecycle.taken(table.row(0), day(as_of), current);
        assert_eq!(
            taken.last().map(|t| &t.to[..]),
            step.by.map(|_| self.lifecycle.name(step.position.stage))
        );
        let record = self.lifecycle.record(&step, before);
        let json = serde_json::to_string(&record).unwrap();
        self.record = Some(serde_json::from_str(&json).unwrap());
        assert_eq!(self.record.as_ref(), Some(&record));
        let actions = taken.into_iter().flat_map(|t| t.actions).collect();
        (record.stage, (record.since - day(0)).get(), actions)
    }

    fn stage(&mut self, as_of: i32, known: Known) -> (String, i32) {
        let (stage, since, _) = self.review(as_of, known);
        (stage, since)
    }
}

fn at(stage: &str, since: i32) -> (String, i32) {
    (stage.to_owned(), since)
}

fn stages(names: &[&str]) -> Vec<StageSpec> {
    names.iter().map(|name| StageSpec::new(*name)).collect()
}

fn flag(name: &str) -> Expr {
    column(name).is_set()
}

const NOTHING: Known = Known {
    flags: [None; 3],
    dates: [None; 2],
};

// ---- cases ----

#[test]
fn after_so_many_days_in_the_stage_and_since_the_day_it_was_due() {
    let open = TransitionSpec::open(["a"], "b").after(Days::new(14));
    let mut life = Life::of(&LifecycleSpec::new("a", stages(&["a", "b"]), [open]));
    assert_eq!(life.stage(0, NOTHING), at("a", 0));
    assert_eq!(life.stage(13, NOTHING), at("a", 0));
    // Reviewed late.
    assert_eq!(life.stage(20, NOTHING), at("b", 14));
}

#[test]
fn a_timed_transition_that_asks_for_more_holds_from_the_review() {
    let open = || TransitionSpec::open(["a"], "b").after(Days::new(14));
    let with_guard = TransitionSpec {
        when: Some(flag("f")),
        ..open()
    };
    let yes = NOTHING.flag("f", true);
    let reviewed = |stages: Vec<StageSpec>, transition: TransitionSpec| {
        let mut life = Life::of(&LifecycleSpec::new("a", stages, [transition]));
        life.stage(0, yes);
        life.stage(20, yes)
    };
    assert_eq!(
        reviewed(stages(&["a", "b"]), with_guard.clone()),
        at("b", 20)
    );
    let entering = vec![StageSpec::new("a"), StageSpec::new("b").enter(flag("f"))];
    assert_eq!(reviewed(entering, open()), at("b", 20));
    let leaving = vec![StageSpec::new("a").leave(flag("f")), StageSpec::new("b")];
    assert_eq!(reviewed(leaving, open()), at("b", 20));
    // What it says itself counts before that, but not from before the stage it leaves.
    let mut life = Life::of(&LifecycleSpec::new(
        "a",
        stages(&["a", "b"]),
        [with_guard.since("seen + 3 days")],
    ));
    life.stage(0, yes);
    assert_eq!(life.stage(20, yes.date("seen", 5)), at("b", 8));
    life.record = None;
    life.stage(0, yes);
    assert_eq!(life.stage(20, yes.date("seen", -90)), at("b", 0));
    life.record = None;
    life.stage(0, yes);
    assert_eq!(life.stage(20, yes.date("seen", 19)), at("b", 20));
}

#[test]
fn quiet_since_a_date_or_since_the_stage_where_that_is_not_known() {
    let quiet = TransitionSpec::open(["a"], "b").quiet("seen", Days::new(30));
    let spec = LifecycleSpec::new("a", stages(&["a", "b"]), [quiet]);
    let mut life = Life::of(&spec);
    assert_eq!(life.stage(0, NOTHING), at("a", 0));
    assert_eq!(life.stage(29, NOTHING), at("a", 0));
    // Seen on the 10th, so not before the 40th; the stage began on the day that it was due.
    assert_eq!(life.stage(39, NOTHING.date("seen", 10)), at("a", 0));
    assert_eq!(life.stage(45, NOTHING.date("seen", 10)), at("b", 40));
    let mut life = Life::of(&spec);
    life.stage(0, NOTHING);
    assert_eq!(life.stage(33, NOTHING), at("b", 30));
    // A date long before the stage: the stage after it begins no earlier.
    let mut life = Life::of(&spec);
    assert_eq!(life.stage(0, NOTHING.date("seen", -500)), at("b", 0));
    // A date in the future is no silence.
    let mut life = Life::of(&spec);
    life.stage(0, NOTHING);
    assert_eq!(life.stage(99, NOTHING.date("seen", 100)), at("a", 0));
}

#[test]
fn both_timers_are_asked_and_the_later_is_the_day() {
    let both = TransitionSpec::open(["a"], "b")
        .after(Days::new(10))
        .quiet("seen", Days::new(30));
    let mut life = Life::of(&LifecycleSpec::new("a", stages(&["a", "b"]), [both]));
    let known = NOTHING.date("seen", -15);
    assert_eq!(life.stage(0, known), at("a", 0));
    assert_eq!(life.stage(9, known), at("a", 0));
    assert_eq!(life.stage(14, known), at("a", 0));
    assert_eq!(life.stage(40, known), at("b", 15));
}

/// A column that a host fills may have hours: the date is their day.
#[test]
fn a_date_with_hours_is_its_day() {
    let quiet = TransitionSpec::open(["a"], "b").quiet("seen", Days::new(30));
    let spec = LifecycleSpec::new("a", stages(&["a", "b"]), [quiet]);
    let mut table = table(&[NOTHING]);
    let seen = table.schema().slot("seen").unwrap();
    let hours = f64::from(day(10).epoch_days()) + 0.5;
    table.column_mut(seen).set(0, Some(hours));
    let lifecycle = bind(&spec);
    let since = |as_of| {
        let current = Position::new(lifecycle.start(), day(0));
        let step = lifecycle.step(table.row(0), day(as_of), Some(current));
        step.by.map(|_| step.position.since)
    };
    assert_eq!(since(39), None);
    assert_eq!(since(41), Some(day(40)));
}

/// The mark stays with the earlier stage where neither has a rank, or both the same.
#[test]
fn the_high_water_mark_is_the_first_of_equal_ranks() {
    for (rank_a, rank_b, mark) in [
        (None, None, "a"),
        (Some(1), Some(1), "a"),
        (Some(2), Some(1), "a"),
        (None, Some(0), "b"),
    ] {
        let mut stages = stages(&["a", "b"]);
        (stages[0].rank, stages[1].rank) = (rank_a, rank_b);
        let spec = LifecycleSpec::new("a", stages, [TransitionSpec::new(["a"], "b", flag("f"))]);
        let mut life = Life::of(&spec);
        assert_eq!(life.stage(0, NOTHING.flag("f", true)), at("b", 0));
        assert_eq!(
            life.record.unwrap().high_water,
            mark,
            "{rank_a:?} {rank_b:?}"
        );
    }
}

#[test]
fn the_highest_priority_is_taken_then_the_first() {
    let spec = LifecycleSpec::new(
        "a",
        stages(&["a", "b", "c", "d"]),
        [
            TransitionSpec::new(["a"], "b", flag("f")).priority(-1),
            TransitionSpec::new(["a"], "c", flag("f")),
            TransitionSpec::new(["a"], "d", flag("f")),
            TransitionSpec::new(["a"], "d", flag("g")).priority(7),
        ],
    );
    let lifecycle = bind(&spec);
    let by = |known| {
        let step = lifecycle.step(table(&[known]).row(0), day(0), None);
        step.by.map(|by| by.index())
    };
    assert_eq!(by(NOTHING.flag("f", true)), Some(1));
    assert_eq!(by(NOTHING.flag("f", true).flag("g", true)), Some(3));
    assert_eq!(by(NOTHING.flag("f", false)), None);
    // What is due of a low priority goes before what is not due of a high one.
    let spec = LifecycleSpec::new(
        "a",
        stages(&["a", "b", "c"]),
        [
            TransitionSpec::new(["a"], "b", flag("f")),
            TransitionSpec::open(["a"], "c")
                .after(Days::new(5))
                .priority(9),
        ],
    );
    let mut life = Life::of(&spec);
    assert_eq!(life.stage(0, NOTHING.flag("f", true)), at("b", 0));
}

#[test]
fn what_it_takes_to_leave_and_to_enter_is_asked_whichever_way() {
    let spec = LifecycleSpec::new(
        "a",
        [
            StageSpec::new("a").leave(flag("f")),
            StageSpec::new("b").enter(flag("g")),
            StageSpec::new("c"),
        ],
        [
            TransitionSpec::new(["a", "c"], "b", flag("h")),
            TransitionSpec::open(["a"], "c").after(Days::new(1)),
        ],
    );
    let lifecycle = bind(&spec);
    let stage = |known, since| {
        let current = Some(Position::new(lifecycle.stage("a").unwrap(), day(since)));
        let table = table(&[known]);
        let told = lifecycle.explain(table.row(0), day(0), current);
        let rule = told
            .taken
            .first()
            .map(|t| (t.rule.clone(), t.place.clone()));
        (told.stage, rule)
    };
    let all = NOTHING.flag("f", true).flag("g", true).flag("h", true);
    let to_b = Some((
        "h and f and g".to_owned(),
        "lifecycle.transitions[0].when".to_owned(),
    ));
    assert_eq!(stage(all, -9), ("b".to_owned(), to_b));
    // Not entered: the other way, after a day. Not left: nowhere.
    let to_c = Some((
        "f, after 1 day".to_owned(),
        "lifecycle.transitions[1]".to_owned(),
    ));
    assert_eq!(
        stage(NOTHING.flag("f", true).flag("h", true), -9),
        ("c".to_owned(), to_c)
    );
    assert_eq!(
        stage(NOTHING.flag("f", true).flag("h", true), 0),
        ("a".to_owned(), None)
    );
    assert_eq!(
        stage(NOTHING.flag("g", true).flag("h", true), -9),
        ("a".to_owned(), None)
    );
}

/// a → b → c → d, each on the flag.
fn chain(moves: u32) -> LifecycleSpec {
    let step = |from: &str, to: &str| TransitionSpec::new([from], to, flag("f"));
    let all = [step("a", "b"), step("b", "c"), step("c", "d")];
    LifecycleSpec::new("a", stages(&["a", "b", "c", "d"]), all).moves(moves)
}

#[test]
fn so_many_moves_in_a_review_and_no_more_on_its_day() {
    let yes = NOTHING.flag("f", true);
    let mut life = Life::of(&chain(1));
    assert_eq!(life.stage(0, yes), at("b", 0));
    assert_eq!(life.stage(0, yes), at("b", 0));
    assert_eq!(life.stage(1, yes), at("c", 1));
    let mut life = Life::of(&chain(2));
    assert_eq!(life.stage(0, yes), at("c", 0));
    assert_eq!(life.stage(0, yes), at("c", 0));
    assert_eq!(life.stage(5, yes), at("d", 5));
    assert_eq!(
        life.record.as_ref().unwrap().moved,
        Some(Moved {
            on: day(5),
            times: 1
        })
    );
    let mut life = Life::of(&chain(64));
    assert_eq!(life.stage(0, yes), at("d", 0));
    // What is left of the moves of a day is there for what becomes known on it.
    let spec = LifecycleSpec {
        transitions: vec![
            TransitionSpec::new(["a"], "b", flag("f")),
            TransitionSpec::new(["b"], "c", flag("g")),
            TransitionSpec::new(["c"], "d", flag("g")),
        ],
        ..chain(2)
    };
    let mut life = Life::of(&spec);
    assert_eq!(life.stage(0, yes), at("b", 0));
    assert_eq!(life.stage(0, yes.flag("g", true)), at("c", 0));
    assert_eq!(life.stage(0, yes.flag("g", true)), at("c", 0));
    assert_eq!(life.stage(1, yes.flag("g", true)), at("d", 1));
}

#[test]
fn a_review_of_an_earlier_day_is_as_one_on_its_own() {
    let yes = NOTHING.flag("f", true);
    let mut life = Life::of(&chain(1));
    assert_eq!(life.stage(10, yes), at("b", 10));
    assert_eq!(life.stage(5, yes), at("c", 5));
    assert_eq!(life.stage(5, yes), at("c", 5));
    // In the stage since a day that is not yet: no time has passed.
    let open = TransitionSpec::open(["b"], "a").after(Days::new(1));
    let mut spec = chain(1);
    spec.transitions.truncate(1);
    spec.transitions.push(open);
    let mut life = Life::of(&spec);
    assert_eq!(life.stage(10, yes), at("b", 10));
    assert_eq!(life.stage(2, yes), at("b", 10));
    assert_eq!(life.stage(11, yes), at("a", 11));
}

/// x leads into a ring of five that never ends: the second review of a day does not go on round it.
#[test]
fn a_ring_is_walked_once_a_day() {
    let ring = ["a", "b", "c", "d", "e"];
    let mut transitions = vec![TransitionSpec::new(["x"], "a", flag("f"))];
    for (i, from) in ring.iter().enumerate() {
        transitions.push(TransitionSpec::new([*from], ring[(i + 1) % 5], flag("f")));
    }
    for moves in [1, 3, 5, 6, 7, 64] {
        let all = stages(&["x", "a", "b", "c", "d", "e"]);
        let spec = LifecycleSpec::new("x", all, transitions.clone()).moves(moves);
        let mut life = Life::of(&spec);
        let yes = NOTHING.flag("f", true);
        let (stage, since, _) = life.review(0, yes);
        let record = life.record.clone();
        assert_eq!(stage, ring[(moves.min(5) - 1) as usize]);
        assert_eq!(life.review(0, yes), (stage, since, vec![]));
        assert_eq!(life.record, record);
    }
}

#[test]
fn the_actions_of_a_move_are_said_once_in_their_order() {
    let spec = LifecycleSpec::new(
        "a",
        [
            StageSpec::new("a")
                .on_leave(["leave a"])
                .on_enter(["enter a"]),
            StageSpec::new("b")
                .on_enter(["enter b", "greet"])
                .on_leave(["leave b"]),
            StageSpec::new("c").on_enter(["enter c"]),
        ],
        [
            TransitionSpec::new(["a"], "b", flag("f")).actions(["a to b"]),
            TransitionSpec::new(["b"], "c", flag("g")).actions(["b to c"]),
            TransitionSpec::new(["c"], "a", flag("h")).actions(["round"]),
        ],
    )
    .moves(3);
    let yes = NOTHING.flag("f", true).flag("g", true);
    let mut life = Life::of(&spec);
    let (stage, _, actions) = life.review(0, yes);
    assert_eq!(stage, "c");
    let said = [
        "leave a", "a to b", "enter b", "greet", "leave b", "b to c", "enter c",
    ];
    assert_eq!(actions, said);
    assert_eq!(life.review(0, yes).2, [""; 0]);
    assert_eq!(life.review(1, yes).2, [""; 0]);
    // Round and back where it began: no move, and nothing is due.
    let (stage, since, actions) = life.review(2, yes.flag("h", true));
    assert_eq!((stage.as_str(), since, actions.len()), ("c", 0, 0));
}

#[test]
fn a_silence_is_told_with_its_date() {
    let quiet = TransitionSpec::open(["a"], "b")
        .quiet("seen", Days::new(30))
        .after(Days::new(1));
    let lifecycle = bind(&LifecycleSpec::new("a", stages(&["a", "b"]), [quiet]));
    let current = Some(Position::new(lifecycle.start(), day(-90)));
    let tell = |known| {
        let table = table(&[known]);
        let taken = lifecycle.taken(table.row(0), day(0), current);
        let conditions: Vec<String> = taken[0].conditions.iter().map(|c| c.to_string()).collect();
        (taken[0].why.clone(), conditions)
    };
    let why = "after 1 day, 30 days after seen".to_owned();
    let silence = format!("seen {} <= {}", day(-40), day(-30));
    assert_eq!(
        tell(NOTHING.date("seen", -40)),
        (why.clone(), vec![silence])
    );
    assert_eq!(tell(NOTHING), (why, vec!["seen is missing".to_owned()]));
}

#[test]
fn a_lifecycle_as_data_comes_back_equal() {
    let text = r#"
        start = "a"
        moves = 3
        exclusive = true

        [[stages]]
        name = "a"
        leave = "f"
        on_leave = ["bye"]

        [[stages]]
        name = "b"
        rank = 2
        enter = "g or h"
        final = true
        on_enter = ["hello", "again"]

        [[transitions]]
        from = "any"
        to = "b"
        after = "3 days"
        quiet = { column = "seen", days = "1 day" }
        priority = -4
        actions = ["act"]
    "#;
    let spec: LifecycleSpec = toml::from_str(text).unwrap();
    assert!(spec.stages[1].is_final && spec.exclusive && spec.transitions[0].when.is_none());
    assert_eq!(
        toml::from_str::<LifecycleSpec>(&toml::to_string(&spec).unwrap()).unwrap(),
        spec
    );
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<LifecycleSpec>(&json).unwrap(), spec);
    let columns: Vec<String> = spec.columns().into_iter().collect();
    assert_eq!(columns, ["f", "g", "h", "seen"]);
    // What is left out is not written.
    let plain = LifecycleSpec::new(
        "a",
        stages(&["a"]),
        [TransitionSpec::new(["a"], "b", flag("f"))],
    );
    let json = serde_json::to_string(&plain).unwrap();
    let wanted = r#"{"start":"a","stages":[{"name":"a"}],"transitions":[{"from":["a"],"to":"b","when":"f"}]}"#;
    assert_eq!(json, wanted);
    assert!(toml::from_str::<LifecycleSpec>("start = \"a\"\nstages = []\nmove = 3").is_err());
}

#[test]
fn any_is_no_final_stage_and_not_the_one_it_leads_to() {
    let text = r#"
        start = "a"
        stages = [{ name = "a" }, { name = "over", final = true }, { name = "b" }]
        transitions = [
            { from = ["a"], to = "over", when = "f" },
            { from = "any", to = "b", when = "g" },
        ]
    "#;
    let spec: LifecycleSpec = toml::from_str(text).unwrap();
    let mut life = Life::of(&spec);
    assert_eq!(life.stage(0, NOTHING.flag("f", true)), at("over", 0));
    assert_eq!(life.stage(1, NOTHING.flag("g", true)), at("over", 0));
    let mut life = Life::of(&spec);
    assert_eq!(life.stage(0, NOTHING.flag("g", true)), at("b", 0));
    assert_eq!(life.stage(1, NOTHING.flag("g", true)), at("b", 0));
}

#[test]
fn there_may_be_64_stages_and_transitions_and_no_more() {
    let spec = |n: usize| {
        let names: Vec<String> = (0..n).map(|i| format!("s{i}")).collect();
        let transitions = (0..n).map(|i| {
            TransitionSpec::new([names[i].clone()], names[(i + 1) % n].clone(), flag("f"))
        });
        let stages = names.iter().map(StageSpec::new);
        LifecycleSpec::new("s0", stages, transitions.collect::<Vec<_>>())
    };
    let mut problems = Diagnostics::new();
    assert!(spec(64).bind(&schema(), &mut problems).is_some());
    assert!(!problems.has_errors(), "{problems}");
    assert!(spec(65).bind(&schema(), &mut problems).is_none());
    assert!(
        problems
            .to_string()
            .contains("there are 65 stages, more than 64")
    );
    assert!(
        problems
            .to_string()
            .contains("there are 65 transitions, more than 64")
    );
}

#[test]
fn every_problem_of_the_days_and_actions_is_reported() {
    let spec: LifecycleSpec = toml::from_str(
        r#"
        start = "a"
        moves = 65
        stages = [
            { name = "a", enter = "nope", on_enter = [""] },
            { name = "b", leave = "f >", on_leave = ["x", " "] },
        ]

        [[transitions]]
        from = "a"
        to = "b"
        priority = 3

        [[transitions]]
        from = "a"
        to = "b"
        after = "0 days"
        quiet = { column = "sen", days = "-3 days" }
        actions = [""]

        [[transitions]]
        from = "b"
        to = "a"
        quiet = { column = "f", days = "3 days" }
        "#,
    )
    .unwrap();
    let mut problems = Diagnostics::new();
    assert!(spec.bind(&schema(), &mut problems).is_none());
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "error: lifecycle.moves: `65` moves in a review are not 1 to 64",
            "error: lifecycle.stages[0].enter at 0..4: there is no column `nope`",
            "error: lifecycle.stages[0].on_enter[0]: an action has no name",
            "error: lifecycle.stages[1].leave at 3..3: expected a number, a text or a date, the rule ends",
            "error: lifecycle.stages[1].on_leave[1]: an action has no name",
            "error: lifecycle.transitions[0]: the transition asks for nothing (give it `when`, `after` or `quiet`)",
            "error: lifecycle.transitions[1].after: `0 days` are not above 0",
            "error: lifecycle.transitions[1].quiet.days: `-3 days` are not above 0",
            "error: lifecycle.transitions[1].quiet.column: there is no column `sen` (did you mean `seen`?)",
            "error: lifecycle.transitions[1].actions[0]: an action has no name",
            "error: lifecycle.transitions[2].quiet.column: `f` is not a date column",
        ]
    );
    let none: LifecycleSpec =
        toml::from_str("start = \"a\"\nmoves = 0\nstages = [{ name = \"a\" }]").unwrap();
    let mut problems = Diagnostics::new();
    assert!(none.bind(&schema(), &mut problems).is_none());
    assert_eq!(
        problems.to_string(),
        "error: lifecycle.moves: `0` moves in a review are not 1 to 64"
    );
}

// ---- every machine against a plain reading of the page ----

#[derive(Debug, Clone)]
struct Arrow {
    from: Option<Vec<usize>>,
    to: usize,
    when: Option<(usize, bool)>,
    after: Option<i32>,
    quiet: Option<(usize, i32)>,
    priority: i32,
    since: Option<(usize, i32)>,
}

#[derive(Debug, Clone)]
struct Machine {
    moves: u8,
    /// For each of five stages the flags that are to be set to enter and to leave it.
    stages: Vec<(Option<usize>, Option<usize>)>,
    arrows: Vec<Arrow>,
}

fn arrow() -> impl Strategy<Value = Arrow> {
    let from = prop::option::weighted(0.8, prop::collection::vec(0..5_usize, 1..4));
    let asked = (
        prop::option::weighted(0.7, (0..3_usize, any::<bool>())),
        prop::option::weighted(0.3, 1..12_i32),
        prop::option::weighted(0.3, (0..2_usize, 1..12_i32)),
    );
    let since = prop::option::weighted(0.4, (0..2_usize, -10..10_i32));
    (from, 0..5_usize, asked, -1..2_i32, since)
        .prop_map(|(from, to, (when, after, quiet), priority, since)| Arrow {
            from: from.map(|from| from.into_iter().filter(|s| *s != to).collect()),
            to,
            when,
            after,
            quiet,
            priority,
            since,
        })
        .prop_filter("it asks for something, of somebody", |a| {
            let asks = a.when.is_some() || a.after.is_some() || a.quiet.is_some();
            asks && a.from.as_ref().is_none_or(|f| !f.is_empty())
        })
}

fn machine() -> impl Strategy<Value = Machine> {
    let asked = || prop::option::weighted(0.15, 0..3_usize);
    let stages = prop::collection::vec((asked(), asked()), 5..=5);
    let moves = prop_oneof![1..4_u8, 5..=64_u8];
    (moves, stages, prop::collection::vec(arrow(), 0..10)).prop_map(|(moves, stages, arrows)| {
        Machine {
            moves,
            stages,
            arrows,
        }
    })
}

fn name(stage: usize) -> String {
    format!("s{stage}")
}

impl Machine {
    fn spec(&self) -> LifecycleSpec {
        let stages = self.stages.iter().enumerate().map(|(i, (enter, leave))| {
            let mut stage = StageSpec::new(name(i));
            stage.rank = (i != 3).then_some(i as u32);
            stage.enter = enter.map(|f| flag(FLAGS[f]));
            stage.leave = leave.map(|f| flag(FLAGS[f]));
            stage
                .on_enter(vec![format!("enter {i}")])
                .on_leave(vec![format!("leave {i}")])
        });
        let transitions = self.arrows.iter().enumerate().map(|(i, arrow)| {
            let from = match &arrow.from {
                None => Origin::Any,
                Some(list) => Origin::Stages(list.iter().map(|s| name(*s)).collect()),
            };
            let mut t = TransitionSpec::open(from, name(arrow.to)).priority(arrow.priority);
            t.when = arrow.when.map(|(f, set)| match set {
                true => flag(FLAGS[f]),
                false => flag(FLAGS[f]).not(),
            });
            t.after = arrow.after.map(Days::new);
            if let Some((date, days)) = arrow.quiet {
                t = t.quiet(DATES[date], Days::new(days));
            }
            t.since = arrow.since.map(|(date, days)| match days {
                ..0 => format!("{} - {} days", DATES[date], -days),
                _ => format!("{} + {days} days", DATES[date]),
            });
            t.actions([format!("move {i}")])
        });
        LifecycleSpec::new(name(0), stages, transitions).moves(self.moves.into())
    }

    /// The page, read plainly: the stage, since when, the mark, the moves used up on the day, the transitions made.
    fn reviewed(&self, known: &Known, as_of: i32, before: Option<Was>) -> (Was, Vec<usize>) {
        let before = before.unwrap_or(Was {
            stage: 0,
            since: as_of,
            mark: 0,
            moved: None,
        });
        let set = |flag: Option<usize>| flag.is_none_or(|f| known.flags[f] == Some(true));
        let mut used = match before.moved {
            Some((on, times)) if on == as_of => times,
            _ => 0,
        };
        let mut now = before;
        // The review that put the customer there.
        let mut came = before.moved.map_or(before.since, |(on, _)| on);
        let mut made = Vec::new();
        let mut entered = Vec::new();
        while used < self.moves {
            let fires = |a: &Arrow| {
                let days = |from: i32, n: i32| as_of - from >= n;
                a.to != now.stage
                    && a.from.as_ref().is_none_or(|f| f.contains(&now.stage))
                    && a.when
                        .is_none_or(|(f, wanted)| known.flags[f] == Some(wanted))
                    && set(self.stages[now.stage].1)
                    && set(self.stages[a.to].0)
                    && a.after.is_none_or(|n| days(came, n))
                    && a.quiet
                        .is_none_or(|(d, n)| days(known.dates[d].unwrap_or(came), n))
            };
            let firing = (0..self.arrows.len()).filter(|i| fires(&self.arrows[*i]));
            let Some(taken) = firing.min_by_key(|i| (-self.arrows[*i].priority, *i)) else {
                break;
            };
            let a = &self.arrows[taken];
            if entered.contains(&a.to) {
                used = self.moves;
                break;
            }
            entered.push(a.to);
            made.push(taken);
            used += 1;
            let timed = a.after.is_some() || a.quiet.is_some();
            let nothing_else = a.when.is_none()
                && self.stages[now.stage].1.is_none()
                && self.stages[a.to].0.is_none();
            let due = [
                a.after.map(|n| came + n),
                a.quiet.map(|(d, n)| known.dates[d].unwrap_or(came) + n),
            ];
            let mut since = match a.since.and_then(|(d, n)| Some(known.dates[d]? + n)) {
                Some(said) => said,
                None if timed && nothing_else => due.into_iter().flatten().max().unwrap(),
                None => as_of,
            };
            if timed {
                since = since.max(now.since);
            }
            let rank = |s: usize| if s == 3 { -1 } else { s as i32 };
            now = Was {
                stage: a.to,
                since: since.min(as_of),
                mark: if rank(a.to) > rank(now.mark) {
                    a.to
                } else {
                    now.mark
                },
                moved: None,
            };
            came = as_of;
        }
        if now.stage == before.stage {
            return (before, Vec::new());
        }
        now.moved = Some((as_of, used));
        (now, made)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Was {
    stage: usize,
    since: i32,
    mark: usize,
    moved: Option<(i32, u8)>,
}

fn was(position: &Position) -> Was {
    Was {
        stage: position.stage.index(),
        since: (position.since - day(0)).get(),
        mark: position.high_water.index(),
        moved: position.moved.map(|m| ((m.on - day(0)).get(), m.times)),
    }
}

fn known() -> impl Strategy<Value = Known> {
    let date = || prop::option::weighted(0.8, -30..30_i32);
    (any::<[Option<bool>; 3]>(), [date(), date()]).prop_map(|(flags, dates)| Known { flags, dates })
}

/// What came after a day is not there on it.
fn up_to(known: &Known, as_of: i32) -> Known {
    Known {
        dates: known.dates.map(|d| d.filter(|d| *d <= as_of)),
        ..*known
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_machine_does_what_the_page_says(
        machine in machine(),
        rows in prop::collection::vec((known(), prop::option::of((0..5_usize, -25..3_i32, any::<bool>()))), 1..80),
    ) {
        let spec = machine.spec();
        let lifecycle = bind(&spec);
        let json = serde_json::to_string(&spec).unwrap();
        prop_assert_eq!(&serde_json::from_str::<LifecycleSpec>(&json).unwrap(), &spec);
        let table = table(&rows.iter().map(|(known, _)| *known).collect::<Vec<_>>());
        let current: Vec<Option<Position>> = rows.iter().map(|(_, before)| before.map(|(stage, since, moved)| {
            let mut position = Position::new(lifecycle.stage(&name(stage)).unwrap(), day(since));
            position.moved = moved.then_some(Moved { on: day(0), times: 1 });
            position
        })).collect();
        let mut steps: Vec<Step> = Vec::new();
        lifecycle.step_block(&table, 0, day(0), &current, &mut steps);
        prop_assert_eq!(steps.len(), rows.len());
        for (i, (known, _)) in rows.iter().enumerate() {
            let row = table.row(i);
            let step = steps[i];
            // In a block as one by one.
            prop_assert_eq!(lifecycle.step(row, day(0), current[i]), step);
            let (wanted, made) = machine.reviewed(known, 0, current[i].as_ref().map(was));
            prop_assert_eq!(was(&step.position), wanted);
            prop_assert_eq!(step.by.map(|by| by.index()), made.last().copied());
            // Reviewed again on the same day: nothing happens, and nothing else is remembered.
            let again = lifecycle.step(row, day(0), Some(step.position));
            prop_assert_eq!(again.by, None);
            prop_assert_eq!(again.position, step.position);
            prop_assert!(lifecycle.taken(row, day(0), Some(step.position)).is_empty());
            // Explaining is the same walk.
            let told = lifecycle.explain(row, day(0), current[i]);
            prop_assert_eq!(&told.stage, lifecycle.name(step.position.stage));
            prop_assert_eq!(told.since, step.position.since);
            prop_assert_eq!(&told.high_water, lifecycle.name(step.position.high_water));
            prop_assert_eq!(told.taken.len(), made.len());
            let mut from = current[i].map_or(0, |c| c.stage.index());
            for (taken, made) in told.taken.iter().zip(&made) {
                let to = machine.arrows[*made].to;
                prop_assert_eq!((&taken.from, &taken.to), (&name(from), &name(to)));
                let actions = [format!("leave {from}"), format!("move {made}"), format!("enter {to}")];
                prop_assert_eq!(&taken.actions, &actions);
                prop_assert!(taken.conditions.iter().all(|c| c.distance.is_none_or(|d| d == 0.0)));
                from = to;
            }
        }
    }

    /// A life of reviews: no stage holds from the future, a stage is the same whatever is dated after the day, stages go
    /// back and the mark does not, and what went through text is what was remembered.
    #[test]
    fn a_life_follows_the_page_from_day_to_day(
        machine in machine(),
        days in prop::collection::vec((0..9_i32, known(), 0..40_i32), 1..12),
    ) {
        let mut machine = machine;
        // A day before a date that is still to come may be past: it counts, and so does how far away that date is.
        for (_, days) in machine.arrows.iter_mut().filter_map(|a| a.since.as_mut()) {
            *days = days.abs();
        }
        let lifecycle = bind(&machine.spec());
        let mut record: Option<StageRecord> = None;
        let mut reference: Option<Was> = None;
        let mut as_of = 0;
        for (pause, known, later) in days {
            as_of += pause;
            let row = |known: Known| table(&[known]);
            let current = record.as_ref().map(|r| lifecycle.locate(r, day(as_of)));
            let step = lifecycle.step(row(known).row(0), day(as_of), current);
            prop_assert!(step.position.since <= day(as_of));
            // Whatever the day after a date: what lies ahead never matters.
            let moved_on = Known {
                dates: known.dates.map(|d| d.map(|d| if d > as_of { d + later } else { d })),
                ..known
            };
            prop_assert_eq!(lifecycle.step(row(moved_on).row(0), day(as_of), current), step);
            let (wanted, _) = machine.reviewed(&known, as_of, reference);
            prop_assert_eq!(was(&step.position), wanted);
            reference = Some(wanted);
            let high = |r: &StageRecord| lifecycle.stage(&r.high_water).map(|s| s.index());
            let before = record.as_ref().and_then(high);
            let next = lifecycle.record(&step, record.take());
            prop_assert!(before.is_none_or(|before| before == 3 || high(&next).unwrap() >= before));
            let json = serde_json::to_string(&next).unwrap();
            record = Some(serde_json::from_str(&json).unwrap());
        }
    }

    /// With dates up to the day alone, as a history gives them, a review makes nothing of what comes later.
    #[test]
    fn nothing_moves_before_its_day(machine in machine(), known in known(), as_of in -20..20_i32) {
        let lifecycle = bind(&machine.spec());
        let seen = up_to(&known, as_of);
        let current = Some(Position::new(lifecycle.start(), day(-25)));
        let step = lifecycle.step(table(&[seen]).row(0), day(as_of), current);
        let (wanted, _) = machine.reviewed(&seen, as_of, current.as_ref().map(was));
        prop_assert_eq!(was(&step.position), wanted);
        prop_assert!(step.position.since <= day(as_of));
    }
}
