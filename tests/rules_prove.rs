//! The prover against looking at every customer of a small world.

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::model::Unit;
use customer_value::rules::prove::{
    Answer, Better, Demand, Domain, Domains, Prover, Sample, Truths,
};
use customer_value::rules::{
    BLOCK, Cut, Expr, Found, PopulationCondition, Rule, Truth, column, cumulative_share, percentile,
};
use customer_value::table::{Field, Schema, Slot, Table};
use proptest::prelude::*;
use std::sync::OnceLock;

const WORDS: [&str; 3] = ["red", "green", "blue"];
const PLACES: [f64; 5] = [0.0, 25.0, 50.0, 75.0, 100.0];

/// `x` any number, `n` whole and not negative, `c` words, `f` a flag, `k` a number that is never missing.
fn schema() -> Schema {
    let mut schema = Schema::new();
    for field in [
        Field::number("x", Unit::Money),
        Field::number("n", Unit::Count),
        Field::category("c", WORDS),
        Field::number("f", Unit::Flag),
        Field::number("k", Unit::Points),
    ] {
        schema.add(field).unwrap();
    }
    schema
}

fn slot(name: &str) -> Slot {
    schema().slot(name).unwrap()
}

fn domains() -> Domains {
    Domains::of(&schema()).with(slot("k"), Domain::within(1.0, 3.0).whole().known())
}

fn bind(expr: &Expr) -> Rule {
    let mut problems = Diagnostics::new();
    let rule = expr.bind(&schema(), &Place::at("test"), &mut problems);
    rule.unwrap_or_else(|| panic!("{expr}: {problems}"))
}

fn rule(text: &str) -> Rule {
    bind(&text.parse().unwrap_or_else(|e| panic!("{text}: {e}")))
}

fn prover(rules: &[Rule]) -> Prover<'_> {
    Prover::new(schema(), &domains(), rules)
}

// ---- the small world: thresholds are whole numbers from 0 to 3, percentiles 0, 50, 100 ----

type Cells = [Option<f64>; 5];

/// A customer of the small world, with a percentile of `x`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct One {
    cells: Cells,
    percentile: Option<f64>,
}

fn with_missing(values: &[f64]) -> Vec<Option<f64>> {
    std::iter::once(None)
        .chain(values.iter().copied().map(Some))
        .collect()
}

/// Every customer up to what no condition can tell apart; or those whose flag is missing and whose `k` is 1.
fn world(everybody: bool) -> Vec<One> {
    let mut all = Vec::new();
    let (flags, ks): (&[f64], &[f64]) = match everybody {
        true => (&[0.0, 1.0], &[1.0, 2.0, 3.0]),
        false => (&[], &[1.0]),
    };
    let halves: Vec<f64> = (-1..=7).map(|i| f64::from(i) / 2.0).collect();
    for x in with_missing(&halves) {
        for n in with_missing(&[0.0, 1.0, 2.0, 3.0, 4.0]) {
            for c in with_missing(&[0.0, 1.0, 2.0]) {
                for f in with_missing(flags) {
                    for k in ks.iter().copied() {
                        let places = with_missing(&PLACES);
                        // Who has nothing in the column has no place in the population.
                        for percentile in places.into_iter().filter(|p| p.is_none() || x.is_some())
                        {
                            let cells = [x, n, c, f, Some(k)];
                            all.push(One { cells, percentile });
                        }
                    }
                }
            }
        }
    }
    all
}

fn cut(condition: &PopulationCondition, place: Option<f64>) -> Cut {
    match place {
        None => Cut::Unknown,
        Some(place) if condition.op.holds(place, condition.at) => Cut::Always,
        Some(_) => Cut::Never,
    }
}

fn table(rows: &[One]) -> Table {
    let mut table = Table::new(schema(), rows.len());
    for (i, one) in rows.iter().enumerate() {
        for (slot, cell) in schema().slots().zip(one.cells) {
            table.column_mut(slot).set(i, cell);
        }
    }
    table
}

/// Customers, and a table of those with each percentile beside where they are.
struct World {
    all: Vec<One>,
    places: Vec<(Option<f64>, Vec<usize>, Table)>,
}

impl World {
    /// Everybody, or the smaller world.
    fn of(everybody: bool) -> &'static Self {
        static WORLDS: [OnceLock<World>; 2] = [OnceLock::new(), OnceLock::new()];
        WORLDS[usize::from(everybody)].get_or_init(|| {
            let all = world(everybody);
            let place = |place| {
                let at: Vec<usize> = (0..all.len())
                    .filter(|i| all[*i].percentile == place)
                    .collect();
                let table = table(&at.iter().map(|i| all[*i]).collect::<Vec<_>>());
                (place, at, table)
            };
            let places = with_missing(&PLACES).into_iter().map(place).collect();
            Self { all, places }
        })
    }

    /// What a rule says of each, when it is frozen for each percentile in turn.
    fn truths(&self, rule: &Rule) -> Vec<Truth> {
        let mut out = vec![Truth::Unknown; self.all.len()];
        for (place, at, table) in &self.places {
            let mut frozen = rule.clone();
            let cuts: Vec<Cut> = rule.population().iter().map(|c| cut(c, *place)).collect();
            frozen.freeze(&cuts).unwrap();
            for (block, at) in at.chunks(BLOCK).enumerate() {
                let mask = frozen.block(table, block * BLOCK, at.len());
                for (lane, one) in at.iter().enumerate() {
                    out[*one] = mask.truth(lane);
                }
            }
        }
        out
    }
}

/// Conditions on all columns, or on `x`, `n`, `c` and the percentile of `x`.
fn leaf(everybody: bool) -> impl Strategy<Value = Expr> {
    let numbers: &[&str] = if everybody {
        &["x", "n", "k"]
    } else {
        &["x", "n"]
    };
    let optional: &[&str] = if everybody {
        &["x", "n", "c", "f"]
    } else {
        &["x", "n", "c"]
    };
    let others: &[&str] = if everybody {
        &["f", "true", "false"]
    } else {
        &["true", "false"]
    };
    let ops = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let number = prop::sample::select(numbers.to_vec());
    let compare =
        (number.clone(), ops.clone(), 0..4).prop_map(|(c, op, at)| format!("{c} {op} {at}"));
    let between = (number.clone(), 0..4, 0..4)
        .prop_map(|(c, a, b): (_, i32, i32)| format!("{c} between {} and {}", a.min(b), a.max(b)));
    let listed = (number, 0..4, 0..4).prop_map(|(c, a, b)| format!("{c} in ({a}, {b})"));
    let word = (prop::sample::select(WORDS.to_vec()), any::<bool>())
        .prop_map(|(w, is)| format!("c {} \"{w}\"", if is { "=" } else { "!=" }));
    let missing = prop::sample::select(optional.to_vec()).prop_map(|c| format!("{c} is missing"));
    let place = (ops, prop::sample::select(vec![0, 50, 100]))
        .prop_map(|(op, at)| format!("percentile(x) {op} {at}"));
    let other = prop::sample::select(others.to_vec()).prop_map(str::to_owned);
    prop_oneof![5 => compare, 1 => between, 1 => listed, 2 => word, 1 => missing, 2 => place, 1 => other]
        .prop_map(|text| text.parse().unwrap())
}

fn expr(everybody: bool) -> impl Strategy<Value = Expr> {
    leaf(everybody).prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Expr::not),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner).prop_map(|(a, b)| a.or(b)),
        ]
    })
}

fn wanted() -> impl Strategy<Value = Truths> {
    prop::sample::select(vec![
        Truths::TRUE,
        Truths::TRUE,
        Truths::NOT_TRUE,
        Truths::NOT_TRUE,
        Truths::FALSE,
        Truths::UNKNOWN,
        Truths::NOT_FALSE,
        Truths::KNOWN,
    ])
}

/// The rules themselves say so, without the help of the sample.
fn really(sample: &Sample, rules: &[Rule], demands: &[Demand]) {
    let place = sample.values().iter().find_map(|v| match v.found {
        Found::Number(place) if v.measure.is_some() => Some(place),
        _ => None,
    });
    for (i, wanted) in demands {
        let mut rule = rules[*i].clone();
        let cuts: Vec<Cut> = rule.population().iter().map(|c| cut(c, place)).collect();
        rule.freeze(&cuts).unwrap();
        assert!(
            wanted.contains(rule.truth(sample.row())),
            "{sample:?} {rule:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Somebody is found exactly if there is somebody in the world.
    #[test]
    fn finds_who_is_there_and_nobody_else(
        exprs in prop::collection::vec((expr(true), wanted()), 1..4),
    ) {
        let world = World::of(true);
        let rules: Vec<Rule> = exprs.iter().map(|(e, _)| bind(e)).collect();
        let demands: Vec<Demand> = exprs.iter().enumerate().map(|(i, (_, w))| (i, *w)).collect();
        let said: Vec<Vec<Truth>> = rules.iter().map(|r| world.truths(r)).collect();
        let there = (0..world.all.len()).any(|one| demands.iter().all(|(i, w)| w.contains(said[*i][one])));
        match prover(&rules).find(&demands) {
            Answer::Found(sample) => {
                prop_assert!(there);
                really(&sample, &rules, &demands);
            }
            Answer::None => prop_assert!(!there),
            Answer::NotDecided => prop_assert!(false, "not decided"),
        }
    }

    /// Covered and exclusive mean the same as looking at everybody.
    #[test]
    fn gaps_and_overlaps_are_those_of_the_world(
        exprs in prop::collection::vec(expr(true), 1..4),
    ) {
        let world = World::of(true);
        let rules: Vec<Rule> = exprs.iter().map(bind).collect();
        let said: Vec<Vec<Truth>> = rules.iter().map(|r| world.truths(r)).collect();
        let holds = |rule: usize, one: usize| said[rule][one] == Truth::True;
        let gap = (0..world.all.len()).any(|one| (0..rules.len()).all(|rule| !holds(rule, one)));
        prop_assert_eq!(prover(&rules).uncovered().is_none(), !gap);
        let overlaps: Vec<(usize, usize)> = (0..rules.len())
            .flat_map(|a| (a + 1..rules.len()).map(move |b| (a, b)))
            .filter(|(a, b)| (0..world.all.len()).any(|one| holds(*a, one) && holds(*b, one)))
            .collect();
        let found = prover(&rules).overlaps();
        for (a, b, sample) in &found {
            let sample = sample.as_ref().expect("small rules are decided");
            really(sample, &rules, &[(*a, Truths::TRUE), (*b, Truths::TRUE)]);
        }
        let found: Vec<(usize, usize)> = found.iter().map(|(a, b, _)| (*a, *b)).collect();
        prop_assert_eq!(found, overlaps);
    }

    /// A pair is found exactly if two customers of the world are one.
    #[test]
    fn pairs_are_those_of_the_world(
        exprs in prop::collection::vec(expr(false), 1..4),
        sides in prop::array::uniform2(prop::option::of(any::<bool>())),
    ) {
        let world = World::of(false);
        let rules: Vec<Rule> = exprs.iter().map(bind).collect();
        let last = rules.len() - 1;
        let said: Vec<Vec<Truth>> = rules.iter().map(|r| world.truths(r)).collect();
        let better = |column: Slot| {
            let side = match column {
                c if c == slot("x") => sides[0],
                c if c == slot("n") => sides[1],
                _ => None,
            };
            side.map(|up| if up { Better::Higher } else { Better::Lower })
        };
        let reaches = |a: Option<f64>, b: Option<f64>, side: Option<bool>| match (a, b, side) {
            (Some(a), Some(b), Some(true)) => b >= a,
            (Some(a), Some(b), Some(false)) => b <= a,
            (a, b, _) => a == b,
        };
        let as_good = |one: &One, two: &One| {
            reaches(one.cells[0], two.cells[0], sides[0])
                && reaches(one.cells[1], two.cells[1], sides[1])
                && one.cells[2] == two.cells[2]
                && reaches(one.percentile, two.percentile, sides[0])
        };
        // The last rule holds for the one, and no rule for the other, who is as good.
        let holds = |one: &usize| said[last][*one] == Truth::True;
        let out = |two: &usize| said.iter().all(|rule| rule[*two] != Truth::True);
        let outside: Vec<usize> = (0..world.all.len()).filter(out).collect();
        let there = (0..world.all.len())
            .filter(holds)
            .any(|one| outside.iter().any(|two| as_good(&world.all[one], &world.all[*two])));
        let first = [(last, Truths::TRUE)];
        let second: Vec<Demand> = (0..=last).map(|i| (i, Truths::NOT_TRUE)).collect();
        match prover(&rules).find_pair(better, &first, &second) {
            Answer::Found([one, two]) => {
                prop_assert!(there);
                really(&one, &rules, &first);
                really(&two, &rules, &second);
                let cells = |s: &Sample| {
                    let percentile = s.values().iter().find_map(|v| match v.found {
                        Found::Number(p) if v.measure.is_some() => Some(p),
                        _ => None,
                    });
                    let mut cells = [None; 5];
                    for (cell, slot) in cells.iter_mut().zip(schema().slots()) {
                        *cell = s.row().number(slot);
                    }
                    One { cells, percentile }
                };
                prop_assert!(as_good(&cells(&one), &cells(&two)), "{:?} {:?}", one, two);
            }
            Answer::None => prop_assert!(!there),
            Answer::NotDecided => prop_assert!(false, "not decided"),
        }
    }
}

fn found(sample: &Sample) -> Vec<Found> {
    sample
        .values()
        .into_iter()
        .map(|value| value.found)
        .collect()
}

#[test]
fn samples_stand_at_the_thresholds() {
    let at = |text: &str| {
        found(
            &prover(&[rule(text)])
                .find(&[(0, Truths::TRUE)])
                .found()
                .unwrap(),
        )
    };
    assert_eq!(at("x >= 500"), [Found::Number(500.0)]);
    assert_eq!(at("x > 500"), [Found::Number(501.0)]);
    assert_eq!(at("x < 0.5"), [Found::Number(0.0)]);
    assert_eq!(at("x > 500 and x < 501"), [Found::Number(500.1)]);
    assert_eq!(at("n > 2"), [Found::Number(3.0)]);
    assert_eq!(at("n >= 2.5"), [Found::Number(3.0)]);
    assert_eq!(at("x is missing"), [Found::Missing]);
    assert_eq!(at("c != \"red\""), [Found::Word("green".into())]);
    assert_eq!(at("not f"), [Found::Flag(false)]);
    assert_eq!(at("percentile(x) > 80"), [Found::Number(81.0)]);
    assert_eq!(at("cumulative_share(x) <= 0.8"), [Found::Number(0.8)]);
}

#[test]
fn domains_say_what_there_is() {
    let never = |text: &str| prover(&[rule(text)]).find(&[(0, Truths::TRUE)]).is_none();
    assert!(never("n < 0") && never("n > 2 and n < 3") && never("n = 2.5"));
    assert!(never("f = true and not f"));
    assert!(never("k > 3") && never("k is missing") && never("k > 1 and k < 2"));
    assert!(never("c not in (\"red\", \"green\", \"blue\")"));
    assert!(
        never("percentile(x) > 100"),
        "a new customer may be above everybody, not more"
    );
    assert!(never("x is missing and percentile(x) >= 0"));
    assert!(!never(
        "x is not missing and not (percentile(x) >= 0 or percentile(x) < 0) or true"
    ));
    assert!(!never("x < 0") && !never("n = 0") && !never("k = 3"));
    // Nobody lives in a world where a column has nothing.
    let empty = domains().with(slot("x"), Domain::within(2.0, 1.0).known());
    let rules = [rule("x > 5 or n >= 0"), rule("f")];
    let nobody = Prover::new(schema(), &empty, &rules);
    assert!(nobody.find(&[(0, Truths::TRUE)]).is_none());
    assert!(nobody.find(&[(1, Truths::TRUE)]).is_none());
    let pair = nobody.find_pair(|_| None, &[(1, Truths::TRUE)], &[]);
    assert!(pair.is_none());
    // The ends of the doubles.
    assert!(!never("x >= 179769313486231570000000000000000000000"));
    let ends = [
        column("x").ge(f64::MAX),
        column("x").gt(f64::MAX),
        column("x").le(f64::MIN),
    ]
    .map(|e| bind(&e));
    let prover = prover(&ends);
    assert!(!prover.find(&[(0, Truths::TRUE)]).is_none());
    assert!(prover.find(&[(1, Truths::TRUE)]).is_none());
    assert!(!prover.find(&[(2, Truths::TRUE)]).is_none());
}

#[test]
fn a_cut_is_a_condition_on_the_column() {
    let mut frozen = rule("percentile(x) >= 80");
    frozen.freeze(&[Cut::Above(40.0)]).unwrap();
    let low = rule("x <= 40");
    let rules = [frozen, low];
    let prover = prover(&rules);
    assert!(
        prover
            .find(&[(0, Truths::TRUE), (1, Truths::TRUE)])
            .is_none()
    );
    let sample = prover.find(&[(0, Truths::TRUE)]).found().unwrap();
    assert_eq!(found(&sample), [Found::Number(41.0)]);
    // A cumulative share falls where the column rises, so the better have the smaller.
    let share = [
        bind(&cumulative_share("x").le(0.5)),
        bind(&percentile("x").ge(50)),
    ];
    let prover = Prover::new(schema(), &domains(), &share);
    let better = |_| Some(Better::Higher);
    for rule in 0..2 {
        let pair = prover.find_pair(better, &[(rule, Truths::TRUE)], &[(rule, Truths::NOT_TRUE)]);
        assert!(pair.is_none());
    }
    let better = |_| Some(Better::Lower);
    let pair = prover.find_pair(better, &[(0, Truths::TRUE)], &[(0, Truths::NOT_TRUE)]);
    assert!(pair.found().is_some());
}

#[test]
fn rows_that_nothing_covers_are_known_rows_if_there_are_any() {
    let gap = [rule("x > 100"), rule("x < 100")];
    assert_eq!(
        found(&prover(&gap).uncovered().found().unwrap()),
        [Found::Number(100.0)]
    );
    let known = [rule("x > 100"), rule("x <= 100")];
    assert_eq!(
        found(&prover(&known).uncovered().found().unwrap()),
        [Found::Missing]
    );
    let all = [rule("x > 100"), rule("x <= 100"), rule("x is missing")];
    assert!(prover(&all).uncovered().is_none());
}

/// `n + 1` pigeons in `n` holes: each pair of pigeons apart, which no propagation sees through.
#[test]
fn what_takes_too_long_is_not_decided() {
    let mut schema = Schema::new();
    let pigeons = 9;
    let holes: Vec<String> = (0..pigeons - 1).map(|i| format!("h{i}")).collect();
    for i in 0..pigeons {
        schema
            .add(Field::category(format!("p{i}"), holes.clone()))
            .unwrap();
    }
    let mut all = Vec::new();
    for a in 0..pigeons {
        all.push(format!("p{a} is not missing"));
        for b in 0..a {
            let shared: Vec<String> = holes
                .iter()
                .map(|h| format!("p{a} = \"{h}\" and p{b} = \"{h}\""))
                .collect();
            all.push(format!("not ({})", shared.join(" or ")));
        }
    }
    let expr: Expr = all.join(" and ").parse().unwrap();
    let rule = expr
        .bind(&schema, &Place::at("test"), &mut Diagnostics::new())
        .unwrap();
    let domains = Domains::of(&schema);
    let prover = Prover::new(schema, &domains, [&rule]).limit(10_000);
    assert!(matches!(
        prover.find(&[(0, Truths::TRUE)]),
        Answer::NotDecided
    ));
    assert!(prover.spent() <= 10_000);
}
