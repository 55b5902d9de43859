//! What the analysis says of a lifecycle against trying everybody in a small world.

use std::collections::BTreeSet;

use customer_value::diagnostic::Code;
use customer_value::engine::Engine;
use customer_value::engine::analysis::Finding;
use customer_value::lifecycle::{Lifecycle, Position};
use customer_value::metrics::Catalog;
use customer_value::model::Day;
use customer_value::table::Table;
use proptest::prelude::*;

const FLAGS: [&str; 3] = ["f", "g", "h"];
const STAGES: usize = 4;

/// What a guard may ask for: one flag or two, set or not.
type Ask = Vec<(usize, bool)>;

#[derive(Debug, Clone)]
struct Arrow {
    from: Vec<usize>,
    to: usize,
    when: Option<Ask>,
    after: Option<i32>,
    quiet: Option<i32>,
    priority: i32,
}

#[derive(Debug, Clone)]
struct Machine {
    exclusive: bool,
    /// Of each stage whether it is final, and what it takes to enter and to leave it.
    stages: Vec<(bool, Option<Ask>, Option<Ask>)>,
    arrows: Vec<Arrow>,
}

fn ask() -> impl Strategy<Value = Ask> {
    prop::collection::vec((0..3_usize, any::<bool>()), 1..3).prop_map(|mut ask| {
        // Not the same flag twice: a rule that nobody meets is another finding.
        ask.sort_unstable();
        ask.dedup_by_key(|(flag, _)| *flag);
        ask
    })
}

fn machine() -> impl Strategy<Value = Machine> {
    let days = || prop::option::weighted(0.3, prop::sample::select(vec![5, 10]));
    let arrow = (
        prop::collection::btree_set(0..STAGES, 1..3),
        0..STAGES,
        prop::option::weighted(0.6, ask()),
        (days(), days(), 0..2_i32),
    );
    let arrow = arrow.prop_filter_map(
        "asks for something",
        |(mut from, to, when, (after, quiet, priority))| {
            from.remove(&to);
            let asks = when.is_some() || after.is_some() || quiet.is_some();
            (asks && !from.is_empty()).then(|| Arrow {
                from: from.into_iter().collect(),
                to,
                when,
                after,
                quiet,
                priority,
            })
        },
    );
    let asked = || prop::option::weighted(0.15, ask());
    let stage = (prop::bool::weighted(0.3), asked(), asked());
    (
        any::<bool>(),
        prop::collection::vec(stage, STAGES..=STAGES),
        prop::collection::vec(arrow, 1..8),
    )
        .prop_map(|(exclusive, stages, arrows)| Machine {
            exclusive,
            stages,
            arrows,
        })
}

fn text(ask: &Ask) -> String {
    let one = |(flag, set): &(usize, bool)| match set {
        true => FLAGS[*flag].to_owned(),
        false => format!("not {}", FLAGS[*flag]),
    };
    ask.iter().map(one).collect::<Vec<_>>().join(" and ")
}

impl Machine {
    fn policy(&self) -> String {
        let mut text_of = String::from(
            "head = { name = \"w\", version = \"1\", currency = \"EUR\" }\ntiers = [{ name = \"all\" }]\n\
             attributes = { f = { type = \"flag\" }, g = { type = \"flag\" }, h = { type = \"flag\" }, seen = { type = \"date\" } }\n\
             [lifecycle]\nstart = \"s0\"\n",
        );
        text_of += &format!("exclusive = {}\n", self.exclusive);
        for (i, (last, enter, leave)) in self.stages.iter().enumerate() {
            text_of += &format!("[[lifecycle.stages]]\nname = \"s{i}\"\nfinal = {last}\n");
            for (field, ask) in [("enter", enter), ("leave", leave)] {
                if let Some(ask) = ask {
                    text_of += &format!("{field} = \"{}\"\n", text(ask));
                }
            }
        }
        for arrow in &self.arrows {
            let from: Vec<String> = arrow.from.iter().map(|s| format!("\"s{s}\"")).collect();
            text_of += &format!(
                "[[lifecycle.transitions]]\nfrom = [{}]\nto = \"s{}\"\npriority = {}\n",
                from.join(", "),
                arrow.to,
                arrow.priority
            );
            if let Some(when) = &arrow.when {
                text_of += &format!("when = \"{}\"\n", text(when));
            }
            if let Some(days) = arrow.after {
                text_of += &format!("after = \"{days} days\"\n");
            }
            if let Some(days) = arrow.quiet {
                text_of += &format!("quiet = {{ column = \"seen\", days = \"{days} days\" }}\n");
            }
        }
        text_of
    }

    fn path(&self, arrow: usize) -> String {
        match self.arrows[arrow].when {
            Some(_) => format!("lifecycle.transitions[{arrow}].when"),
            None => format!("lifecycle.transitions[{arrow}]"),
        }
    }

    /// Whether a transition fires out of a stage for somebody, whatever else does.
    fn fires(&self, arrow: usize, from: usize, one: &One) -> bool {
        let a = &self.arrows[arrow];
        let met = |ask: &Option<Ask>| {
            let mut asked = ask.iter().flatten();
            asked.all(|(flag, set)| one.flags[*flag] == Some(*set))
        };
        a.from.contains(&from)
            && met(&a.when)
            && met(&self.stages[from].2)
            && met(&self.stages[a.to].1)
            && a.after.is_none_or(|n| one.inside >= n)
            && a.quiet
                .is_none_or(|n| one.silent.unwrap_or(one.inside) >= n)
    }
}

/// Flags, days in the stage, and days since the date.
#[derive(Debug, Clone, Copy)]
struct One {
    flags: [Option<bool>; 3],
    inside: i32,
    silent: Option<i32>,
}

fn world() -> Vec<One> {
    let mut all = Vec::new();
    let truths = [None, Some(false), Some(true)];
    for f in truths {
        for g in truths {
            for h in truths {
                for inside in [0, 5, 10] {
                    for silent in [None, Some(0), Some(5), Some(10)] {
                        all.push(One {
                            flags: [f, g, h],
                            inside,
                            silent,
                        });
                    }
                }
            }
        }
    }
    all
}

const TODAY: i32 = 20_000;

/// For each stage and everybody in it the transition that is taken.
fn taken(engine: &Engine, lifecycle: &Lifecycle, world: &[One]) -> Vec<Vec<Option<usize>>> {
    let mut table = Table::new(engine.schema().clone(), world.len());
    for (row, one) in world.iter().enumerate() {
        for (name, flag) in FLAGS.iter().zip(one.flags) {
            let slot = engine.slot(name).unwrap();
            table
                .column_mut(slot)
                .set(row, flag.map(|f| f64::from(u8::from(f))));
        }
        let seen = one.silent.map(|days| f64::from(TODAY - days));
        table
            .column_mut(engine.slot("seen").unwrap())
            .set(row, seen);
    }
    let today = Day::from_epoch_days(TODAY).unwrap();
    let stage = |(id, _)| {
        let since = |one: &One| Day::from_epoch_days(TODAY - one.inside).unwrap();
        let current: Vec<_> = world
            .iter()
            .map(|one| Some(Position::new(id, since(one))))
            .collect();
        let mut steps = Vec::new();
        lifecycle.step_block(&table, 0, today, &current, &mut steps);
        steps
            .iter()
            .map(|step| step.by.map(|by| by.index()))
            .collect()
    };
    lifecycle.stages().map(stage).collect()
}

/// Every finding about the lifecycle that there should be: its code and its place.
fn expected(
    machine: &Machine,
    taken: &[Vec<Option<usize>>],
    world: &[One],
) -> BTreeSet<(Code, String)> {
    let mut expected = BTreeSet::new();
    let arrows = 0..machine.arrows.len();
    let fires = |arrow: usize, from: usize| taken[from].contains(&Some(arrow));
    for arrow in arrows.clone() {
        let from = &machine.arrows[arrow].from;
        let can = from
            .iter()
            .any(|s| world.iter().any(|one| machine.fires(arrow, *s, one)));
        let code = if can { Code::Shadowed } else { Code::Never };
        if !from.iter().any(|s| fires(arrow, *s)) {
            expected.insert((code, machine.path(arrow)));
        }
    }
    let mut reached = BTreeSet::from([0]);
    for _ in 0..STAGES {
        for arrow in arrows.clone() {
            if reached.iter().any(|s| fires(arrow, *s)) {
                reached.insert(machine.arrows[arrow].to);
            }
        }
    }
    for (i, (last, ..)) in machine.stages.iter().enumerate() {
        let out = arrows.clone().any(|arrow| fires(arrow, i));
        if *last && out {
            expected.insert((Code::Conflict, format!("lifecycle.stages[{i}].final")));
        }
        if !reached.contains(&i) {
            expected.insert((Code::Unused, format!("lifecycle.stages[{i}]")));
        } else if !last && !out {
            expected.insert((Code::Missing, format!("lifecycle.stages[{i}]")));
        }
    }
    for second in arrows.clone() {
        for first in 0..second {
            let (a, b) = (&machine.arrows[first], &machine.arrows[second]);
            let both = |s: usize, one: &One| {
                let higher =
                    |i: usize| machine.arrows[i].priority > a.priority && machine.fires(i, s, one);
                machine.fires(first, s, one)
                    && machine.fires(second, s, one)
                    && !arrows.clone().any(higher)
            };
            let compete = machine.exclusive && a.to != b.to && a.priority == b.priority;
            let alive = |s: usize| fires(first, s) && fires(second, s);
            if compete && (0..STAGES).any(|s| alive(s) && world.iter().any(|one| both(s, one))) {
                expected.insert((Code::Overlap, machine.path(second)));
            }
        }
    }
    expected
}

fn said(findings: &[Finding]) -> BTreeSet<(Code, String)> {
    let of_life = findings
        .iter()
        .filter(|f| f.diagnostic.place.path.starts_with("lifecycle"));
    of_life
        .map(|f| (f.diagnostic.code, f.diagnostic.place.path.clone()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn findings_are_those_of_the_world(machine in machine()) {
        let text = machine.policy();
        let engine = Engine::from_toml(&text, &Catalog::standard());
        let engine = engine.unwrap_or_else(|problems| panic!("{text}\n{problems}"));
        // Columns that nothing reads are measured all the same: every attribute is there.
        let lifecycle = engine.lifecycle().unwrap();
        let world = world();
        let taken = taken(&engine, lifecycle, &world);
        let findings = engine.analyse();
        let wanted = expected(&machine, &taken, &world);
        prop_assert_eq!(said(&findings), wanted, "{}", text);
        for finding in &findings {
            prop_assert!(!finding.witness.is_empty(), "{}", finding);
        }
        prop_assert_eq!(engine.analyse(), findings);
    }
}

#[test]
fn findings_say_what_to_do_and_who_shows_it() {
    let engine = Engine::from_toml(
        r#"
        head = { name = "w", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]

        [lifecycle]
        start = "new"
        exclusive = true
        stages = [
            { name = "new", final = true },
            { name = "customer", enter = "purchases >= 1" },
            { name = "large" },
            { name = "lost", enter = "spend < 0" },
        ]

        [[lifecycle.transitions]]
        from = "new"
        to = "customer"
        when = "spend >= 100"

        [[lifecycle.transitions]]
        from = "new"
        to = "large"
        when = "spend >= 1000"

        [[lifecycle.transitions]]
        from = "large"
        to = "lost"
        when = "spend > 5"

        [[lifecycle.transitions]]
        from = "large"
        to = "new"
        after = "30 days"

        [[lifecycle.transitions]]
        from = "large"
        to = "customer"
        after = "60 days"
        "#,
        &Catalog::standard(),
    );
    let said: Vec<String> = engine
        .unwrap()
        .analyse()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "error: lifecycle.stages[0].final: `new` is final, and `lifecycle.transitions[0]` leads out of it (leave `final` out, or the transition)\
             \n  purchases 1, spend 100.00: all",
            "warning: lifecycle.stages[1]: nothing that can happen leads out of the stage `customer` (add a transition, or say `final = true`)\
             \n  anybody: all",
            "warning: lifecycle.stages[3]: nothing that can happen leads to the stage `lost`\
             \n  anybody: all",
            "error: lifecycle.transitions[2].when: the transition is never made: no customer can meet what it asks for and what it takes to enter its goal\
             \n  spend 6.00: all",
            "error: lifecycle.transitions[4]: the transition is never made: when it could be, an earlier one is \
             (of several transitions that fire the one of the highest priority is made, of equal ones the first in the list)\
             \n  purchases 1: all",
            "error: lifecycle.transitions[1].when: this and `lifecycle.transitions[0]` can both be made from `new` \
             (give one of them a higher `priority`, or let their conditions exclude each other)\
             \n  purchases 1, spend 1000.00: all",
        ]
    );
}
