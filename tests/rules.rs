//! The rule language against a slow plain oracle, and its laws.

use customer_value::diagnostic::{Code, Diagnostics, Place, Severity};
use customer_value::model::{Day, Unit};
use customer_value::rules::{
    BLOCK, Cut, Expr, Found, Literal, Measure, Node, Op, PopulationCondition, Rule, Term, Truth,
    column, percentile,
};
use customer_value::table::{Field, Schema, Table};
use proptest::prelude::*;

const WORDS: [&str; 3] = ["Champions", "Loyal", "at \"risk\""];

/// `x` and `y` numbers, `vip` a flag, `born` a date, `company size` a number with a name to quote, `city` words.
fn schema() -> Schema {
    let mut schema = Schema::new();
    for field in [
        Field::number("x", Unit::Ratio),
        Field::number("y", Unit::Money),
        Field::number("vip", Unit::Flag),
        Field::number("born", Unit::Date),
        Field::number("company size", Unit::Count),
        Field::category("city", WORDS),
    ] {
        schema.add(field).unwrap();
    }
    schema
}

fn bind(expr: &Expr) -> Rule {
    let mut problems = Diagnostics::new();
    let rule = expr.bind(&schema(), &Place::at("test"), &mut problems);
    rule.unwrap_or_else(|| panic!("{expr}: {problems}"))
}

fn parse(text: &str) -> Expr {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The messages of a rule that does not parse or does not bind.
fn problems(text: &str) -> Vec<String> {
    let mut all = Diagnostics::new();
    match text.parse::<Expr>() {
        Ok(expr) => {
            expr.bind(&schema(), &Place::at("r"), &mut all);
        }
        Err(problems) => all = problems,
    }
    all.iter().map(ToString::to_string).collect()
}

// ---- the oracle: one row of options, recursion, Option<bool> ----

type Cells = [Option<f64>; 6];

fn table(rows: &[Cells]) -> Table {
    let mut table = Table::new(schema(), rows.len());
    let slots: Vec<_> = table.schema().slots().collect();
    for (i, row) in rows.iter().enumerate() {
        for (slot, cell) in slots.iter().zip(row) {
            table.column_mut(*slot).set(i, *cell);
        }
    }
    table
}

fn index(name: &str) -> usize {
    schema().names().position(|n| n == name).unwrap()
}

fn number(literal: &Literal) -> f64 {
    match literal {
        Literal::Number(n) => *n,
        Literal::Day(day) => f64::from(day.epoch_days()),
        Literal::Text(word) => WORDS.iter().position(|w| w == word).unwrap() as f64,
    }
}

/// The value a term stands for, straight from the definitions.
fn value(term: &Term, row: &Cells, population: &[Cells]) -> Option<f64> {
    let at = index(term.name());
    let own = row[at]?;
    let known: Vec<f64> = population.iter().filter_map(|r| r[at]).collect();
    match term {
        Term::Percentile(_) => {
            let below = known.iter().filter(|v| **v < own).count();
            (!known.is_empty()).then(|| 100.0 * below as f64 / known.len() as f64)
        }
        Term::CumulativeShare(_) => {
            let held = |least: f64| {
                known
                    .iter()
                    .filter(|v| **v >= least && **v > 0.0)
                    .sum::<f64>()
            };
            let total = held(f64::MIN);
            (total > 0.0).then(|| held(own) / total)
        }
        _ => Some(own),
    }
}

fn oracle(node: &Node, row: &Cells, population: &[Cells]) -> Option<bool> {
    let all = |nodes: &[Node], stop: bool| {
        let answers: Vec<_> = nodes.iter().map(|n| oracle(n, row, population)).collect();
        if answers.contains(&Some(stop)) {
            Some(stop)
        } else if answers.contains(&None) {
            None
        } else {
            Some(!stop)
        }
    };
    match node {
        Node::Constant(value) => Some(*value),
        Node::Flag(term) => Some(value(term, row, population)? != 0.0),
        Node::Missing(term) => Some(row[index(term.name())].is_none()),
        Node::Compare {
            term,
            op,
            value: at,
        } => {
            let (left, right) = (value(term, row, population)?, number(at));
            Some(match op {
                Op::Eq => left == right,
                Op::Ne => left != right,
                Op::Lt => left < right,
                Op::Le => left <= right,
                Op::Gt => left > right,
                Op::Ge => left >= right,
            })
        }
        Node::Between { term, low, high } => {
            let v = value(term, row, population)?;
            Some(number(low) <= v && v <= number(high))
        }
        Node::In { term, values } => {
            let v = value(term, row, population)?;
            Some(values.iter().any(|x| number(x) == v))
        }
        Node::Not(inner) => oracle(inner, row, population).map(|b| !b),
        Node::And(nodes) => all(nodes, false),
        Node::Or(nodes) => all(nodes, true),
        other => panic!("{other:?}"),
    }
}

fn truth(answer: Option<bool>) -> Truth {
    answer.map_or(Truth::Unknown, Truth::from)
}

// ---- what random rules and rows look like ----

fn any_op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge])
}

fn any_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["x", "y", "company size"])
}

/// Small numbers, so that values and thresholds meet.
fn small() -> impl Strategy<Value = f64> {
    (-4..12_i32).prop_map(|n| f64::from(n) / 2.0)
}

fn leaf() -> impl Strategy<Value = Expr> {
    let word = prop::sample::select(WORDS.to_vec());
    let words = prop::collection::vec(word.clone(), 1..4);
    prop_oneof![
        (any_name(), any_op(), small()).prop_map(|(n, op, at)| column(n).compare(op, at)),
        (any_name(), small(), 0..6_i32)
            .prop_map(|(n, low, wide)| column(n).between(low, low + f64::from(wide))),
        (any_name(), prop::collection::vec(small(), 1..12)).prop_map(|(n, v)| column(n).is_in(v)),
        (any_name(), any_op(), 0..=10_i32)
            .prop_map(|(n, op, at)| percentile(n).compare(op, f64::from(at * 10))),
        (any_name(), any_op(), 0..=10_i32).prop_map(|(n, op, at)| {
            Term::CumulativeShare(n.to_owned()).compare(op, f64::from(at) / 10.0)
        }),
        (any_name(), 0..=5_i32).prop_map(|(n, low)| percentile(n).between(low * 10, 70)),
        word.prop_map(|w| column("city").eq(w)),
        words.prop_map(|w| column("city").is_in(w)),
        (any_op(), -3..3_i32)
            .prop_map(|(op, d)| column("born").compare(op, Day::from_epoch_days(d).unwrap())),
        Just(column("vip").is_set()),
        (0..6_usize).prop_map(|i| column(schema().fields()[i].name()).is_missing()),
        any::<bool>().prop_map(Expr::constant),
    ]
}

fn rule() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(5, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            inner.prop_map(Expr::not),
        ]
    })
}

fn cells() -> impl Strategy<Value = Cells> {
    let number = || prop::option::weighted(0.8, small());
    let below = |n: i32| prop::option::weighted(0.8, (0..n).prop_map(f64::from));
    (number(), number(), below(2), below(3), number(), below(3))
        .prop_map(|(x, y, vip, born, size, city)| [x, y, vip, born, size, city])
}

fn freeze(rule: &mut Rule, table: &Table) {
    let cuts: Vec<Cut> = rule
        .population()
        .iter()
        .map(|c| Cut::of(c, table.column(c.slot).cells().iter().map(|x| x.number())))
        .collect();
    rule.freeze(&cuts).unwrap();
}

proptest! {
    #[test]
    fn canonical_text_says_the_same(expr in rule()) {
        let text = expr.to_string();
        prop_assert_eq!(&parse(&text), &expr);
        prop_assert_eq!(parse(&text).to_string(), text.clone());
        let json = serde_json::to_string(&expr).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&text).unwrap());
        prop_assert_eq!(serde_json::from_str::<Expr>(&json).unwrap(), expr);
    }

    #[test]
    fn block_and_one_and_explanation_are_the_oracle(
        expr in rule(),
        rows in prop::collection::vec(cells(), 1..80),
    ) {
        let table = table(&rows);
        let mut rule = bind(&expr);
        freeze(&mut rule, &table);
        let mut first = 0;
        while first < rows.len() {
            let len = BLOCK.min(rows.len() - first);
            let block = rule.block(&table, first, len);
            prop_assert_eq!((block.yes | block.no) & !(u64::MAX >> (BLOCK - len)), 0);
            for lane in 0..len {
                let wanted = truth(oracle(expr.node(), &rows[first + lane], &rows));
                prop_assert_eq!(block.truth(lane), wanted, "{} on {:?}", &expr, rows[first + lane]);
                prop_assert_eq!(rule.truth(table.row(first + lane)), wanted);
            }
            first += BLOCK;
        }
        for (i, row) in rows.iter().enumerate() {
            for condition in rule.explain(table.row(i)) {
                let leaf = parse(&condition.text);
                let wanted = truth(oracle(leaf.node(), row, &rows));
                prop_assert_eq!(condition.truth, wanted, "{:?}", &condition);
                if condition.truth == Truth::True {
                    prop_assert!(condition.distance.is_none_or(|d| d == 0.0));
                }
            }
        }
    }

    /// Going the stated distance (and a little further for `<`, `>`, `!=`) makes the condition hold.
    #[test]
    fn distance_is_what_is_missing(op in any_op(), at in small(), have in small()) {
        let rule = bind(&column("x").compare(op, at));
        let start = table(&[[Some(have), None, None, None, None, None]]);
        let distance = rule.explain(start.row(0))[0].distance.unwrap();
        let holds = |x: f64| {
            let moved = table(&[[Some(x), None, None, None, None, None]]);
            rule.truth(moved.row(0)) == Truth::True
        };
        let there = have + distance;
        prop_assert!(holds(there) || holds(there + 0.25) || holds(there - 0.25));
        prop_assert!(distance == 0.0 || !holds(have));
    }

    #[test]
    fn a_cut_is_its_definition(
        op in any_op(),
        share in any::<bool>(),
        at in 0..=20_i32,
        values in prop::collection::vec(prop::option::of(-3..9_i32), 0..12),
    ) {
        let at = f64::from(at) / 20.0 * if share { 1.0 } else { 100.0 };
        let measure = if share { Measure::CumulativeShare } else { Measure::Percentile };
        let slot = schema().slot("x").unwrap();
        let condition = PopulationCondition { slot, measure, op, at };
        let population: Vec<Cells> = values
            .iter()
            .map(|v| [v.map(f64::from), None, None, None, None, None])
            .collect();
        let cut = Cut::of(&condition, population.iter().map(|r| r[0]));
        let term = if share { Term::CumulativeShare("x".into()) } else { Term::Percentile("x".into()) };
        let node = term.compare(op, at);
        // Values that somebody has, values between, and values beyond.
        for x in (-10..22).map(|n| f64::from(n) / 2.0) {
            let row = [Some(x), None, None, None, None, None];
            prop_assert_eq!(cut.truth(Some(x)), truth(oracle(node.node(), &row, &population)), "{} {:?}", x, cut);
        }
        prop_assert_eq!(cut.truth(None), Truth::Unknown);
        let json = serde_json::to_string(&cut).unwrap();
        prop_assert_eq!(serde_json::from_str::<Cut>(&json).unwrap(), cut);
    }

    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,60}") {
        if let Ok(expr) = text.parse::<Expr>() {
            prop_assert_eq!(parse(&expr.to_string()), expr);
        }
    }

    #[test]
    fn no_words_break_the_parser(words in prop::collection::vec(prop::sample::select(vec![
        "x", "city", "and", "or", "not", "in", "between", "is", "missing", "(", ")", ",", "=", "<", "3", "-1e3",
        "\"Loyal\"", "2020-01-01", "percentile", "true", "`", "'", "!", "~", "12m", "\\",
    ]), 0..20)) {
        let text = words.join(" ");
        match text.parse::<Expr>() {
            Ok(expr) => prop_assert_eq!(parse(&expr.to_string()), expr),
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for problem in &problems {
                    let (start, end) = (problem.place.start.unwrap(), problem.place.end.unwrap());
                    prop_assert!(text.get(start..end).is_some());
                }
            }
        }
        let _ = problems(&text);
    }
}

#[test]
fn texts_and_their_meaning() {
    for (text, canonical) in [
        ("x>=500 AND y<=90", "x >= 500 and y <= 90"),
        (
            "city in('Champions',\"Loyal\")",
            "city in (\"Champions\", \"Loyal\")",
        ),
        ("city != 'at \"risk\"'", "city != \"at \\\"risk\\\"\""),
        ("x between 100 and 5e2", "x between 100 and 500"),
        ("not x between 1 and 2", "x not between 1 and 2"),
        ("!(x < 3 || vip)", "not (x < 3 or vip)"),
        ("! vip && x==1_000.50", "not vip and x = 1000.5"),
        (
            "vip = true and vip != true or vip = false",
            "vip and not vip or not vip",
        ),
        ("born >= 2020-01-01", "born >= 2020-01-01"),
        (
            "x is not missing or y is missing",
            "x is not missing or y is missing",
        ),
        (
            "((x = -1)) and (y = -0.0 and true)",
            "x = -1 and y = 0 and true",
        ),
        ("percentile( y ) >= 80", "percentile(y) >= 80"),
        ("Cumulative_Share(y) <= 0.8", "cumulative_share(y) <= 0.8"),
        ("`company size` > 1e300", "`company size` > 1e300"),
        (
            "x = 1 or (y = 2 or (vip and x = 3))",
            "x = 1 or y = 2 or vip and x = 3",
        ),
    ] {
        assert_eq!(parse(text).to_string(), canonical);
        bind(&parse(text));
    }
    // Names that cannot stand bare come out in backticks and come back.
    for name in [
        "", "and", "TRUE", "a b", "1st", "a`b", "`", "größe", "规模", "a.b", "x-y",
    ] {
        let expr = column(name).gt(1);
        assert_eq!(parse(&expr.to_string()), expr, "{name}");
    }
}

#[test]
fn both_ends_of_between_and_the_boundary_of_each_sign() {
    let at = |x: f64| table(&[[Some(x), None, None, None, None, None]]);
    for (text, x, wanted) in [
        ("x >= 500", 500.0, true),
        ("x > 500", 500.0, false),
        ("x <= 500", 500.0, true),
        ("x < 500", 500.0, false),
        ("x < 500", 499.99, true),
        ("x between 100 and 500", 100.0, true),
        ("x between 100 and 500", 500.0, true),
        ("x between 100 and 500", 500.01, false),
        ("x > 1e308", 1.5e308, true),
        ("x = 0", -0.0, true),
    ] {
        let rule = bind(&parse(text));
        assert_eq!(
            rule.truth(at(x).row(0)),
            Truth::from(wanted),
            "{text} at {x}"
        );
    }
}

#[test]
fn unknown_is_neither_yes_nor_no() {
    let nothing = table(&[[None; 6]]);
    for (text, wanted) in [
        ("x >= 0", Truth::Unknown),
        ("not x >= 0", Truth::Unknown),
        ("x >= 0 and false", Truth::False),
        ("x >= 0 or true", Truth::True),
        ("city != \"Loyal\"", Truth::Unknown),
        ("vip", Truth::Unknown),
        ("x is missing", Truth::True),
        ("x is not missing", Truth::False),
        ("percentile(x) >= 0", Truth::Unknown),
    ] {
        assert_eq!(bind(&parse(text)).truth(nothing.row(0)), wanted, "{text}");
        // A row past the end is missing everywhere, too.
        assert_eq!(bind(&parse(text)).truth(nothing.row(7)), wanted, "{text}");
    }
    // Before the fit nobody is in the top fifth, and nobody is known not to be.
    let rich = table(&[[Some(1e9); 6]]);
    let mut rule = bind(&parse("percentile(x) >= 80"));
    assert_eq!(rule.truth(rich.row(0)), Truth::Unknown);
    assert!(rule.freeze(&[]).unwrap_err().is_misuse());
    rule.freeze(&[Cut::Above(5.0)]).unwrap();
    assert_eq!(rule.truth(rich.row(0)), Truth::True);
}

#[test]
fn every_problem_of_a_rule_is_reported() {
    assert_eq!(
        problems(
            "spned >= 1 and city = 'Loyl' and x = 'a' and born > 5 and city < 'Loyal' and x and \
                  percentile(city) > 3 and x between 5 and 1 and born = 'a' and x = 2020-01-01"
        ),
        [
            "error: r at 0..5: there is no column `spned`",
            "error: r at 22..28: `city` is never `Loyl` (did you mean `Loyal`?)",
            "error: r at 37..40: `x` is a number (ratio), not `\"a\"`",
            "error: r at 52..53: `born` is a date, not `5` (a date is written like `2024-02-29`)",
            "error: r at 58..62: `city` holds words, which have no order (use `=`, `!=` or `in`)",
            "error: r at 77..78: `x` is a number (ratio), not true or false (compare it, as in `x >= 1`)",
            "error: r at 94..98: `city` holds words, which have no place in the population",
            "error: r at 118..119: `x between 5 and 1` is never true (the smaller end stands first)",
            "error: r at 137..140: `born` is a date, not `\"a\"` (a date is written like `2024-02-29`)",
            "error: r at 149..159: `x` is a number (ratio), not `2020-01-01`",
        ]
    );
    assert_eq!(
        problems("x >= and (y ~ 3 or city = Loyal) and 5 < x and pct(x) > 1 and x 3"),
        [
            "error: rule at 5..8: expected a number, a text or a date, found `and`",
            "error: rule at 12..13: `~` has no meaning in a rule",
            "error: rule at 26..31: expected a number, a text or a date, found `Loyal` \
             (a text is written in quotes: \"Loyal\")",
            "error: rule at 37..38: expected a column, found `5` (the column stands first, as in `spend >= 500`)",
            "error: rule at 47..50: there is no function `pct`",
            "error: rule at 64..65: expected a comparison such as `>= 1` after the column, found `3`",
        ]
    );
    for (text, wanted) in [
        (
            "",
            "error: rule at 0..0: expected a condition, the rule ends",
        ),
        ("x = 12m", "error: rule at 4..7: `12m` is not a number"),
        ("x = 1e999", "error: rule at 4..9: `1e999` is too large"),
        (
            "city = 'Loyal",
            "error: rule at 7..13: the text is not closed: `'Loyal`",
        ),
        ("(x = 1", "error: rule at 0..1: this `(` is not closed"),
        (
            "x = 1) and x = 2",
            "error: rule at 5..6: this `)` closes nothing",
        ),
        (
            "x = 1 x = 2",
            "error: rule at 6..7: expected `and`, `or` or the end, found `x`",
        ),
        (
            "born = 2021-02-29",
            "error: rule at 7..17: `2021-02-29` is not a valid day: there is no such day",
        ),
        (
            "city in ()",
            "error: r at 0..4: `city in ()` is never true (the list needs a value)",
        ),
        (
            "percentile(x) > 101",
            "error: r at 16..19: a percentile is from 0 to 100, not 101",
        ),
        (
            "percentile(vip) > 1",
            "error: r at 11..14: `vip` is a flag: it has no percentile",
        ),
        (
            "vip > 3",
            "warning: r at 6..7: `vip` is a flag, from 0 to 1, never 3",
        ),
        (
            "x = '5'",
            "error: r at 4..7: `x` is a number (ratio), not `\"5\"` (write it without quotes: `5`)",
        ),
    ] {
        assert_eq!(problems(text), [wanted], "{text}");
    }
}

/// In a policy file a text that does not parse waits for bind, so that it hides no other problem.
#[test]
fn a_text_that_does_not_parse_is_reported_at_bind() {
    let expr: Expr = serde_json::from_str("\"x >= and y = \"").unwrap();
    assert_eq!(expr.to_string(), "x >= and y = ");
    let mut problems = Diagnostics::new();
    assert!(
        expr.bind(&schema(), &Place::at("tiers[0].when"), &mut problems)
            .is_none()
    );
    let places: Vec<_> = problems.iter().map(|p| p.place.to_string()).collect();
    assert_eq!(places, ["tiers[0].when at 5..8", "tiers[0].when at 13..13"]);
    assert!(
        problems
            .iter()
            .all(|p| p.code == Code::Syntax && p.severity == Severity::Error)
    );
}

#[test]
fn hostile_depth_and_length_are_errors() {
    for text in [
        "(".repeat(1_000_000),
        "not ".repeat(1_000_000) + "vip",
        format!("{}vip{}", "(vip and (vip or ".repeat(60), "))".repeat(60)),
        "x = 1 and ".repeat(50_000) + "vip",
    ] {
        let problems = text.parse::<Expr>().unwrap_err();
        assert!(problems.len() <= 20);
        let message = &problems.iter().last().unwrap().message;
        assert!(
            message.contains("nested more") || message.contains("more than 10000"),
            "{message}"
        );
    }
    let deep = format!("{}vip{}", "(vip and (vip or ".repeat(45), "))".repeat(45));
    let rule = bind(&parse(&deep));
    let yes = table(&[[Some(1.0), None, Some(1.0), None, None, None]]);
    assert_eq!(rule.truth(yes.row(0)), Truth::True);

    // Built in Rust: too deep is kept as text, and says so at bind.
    let mut expr = column("vip").is_set();
    for _ in 0..150 {
        expr = expr.not();
    }
    let mut problems = Diagnostics::new();
    assert!(
        expr.bind(&schema(), &Place::at("r"), &mut problems)
            .is_none()
    );
    assert!(problems.to_string().contains("nested more"));
    let mut problems = Diagnostics::new();
    let not_a_number = column("x").ge(f64::NAN).and(column("vip").is_set());
    assert!(
        not_a_number
            .bind(&schema(), &Place::at("r"), &mut problems)
            .is_none()
    );
}

#[test]
fn an_explanation_says_what_was_found_and_what_is_missing() {
    let rule = bind(&parse(
        "y >= 500 and not (city = 'Loyal' or vip) and born > 2020-01-01 and `company size` between 1 and 9 \
         and x is not missing and x < 2",
    ));
    let born = Day::from_ymd(2019, 12, 30).unwrap().epoch_days();
    let row = [
        None,
        Some(312.5),
        Some(1.0),
        Some(f64::from(born)),
        Some(12.0),
        Some(0.0),
    ];
    let lines: Vec<String> = rule
        .explain(table(&[row]).row(0))
        .iter()
        .map(|c| format!("{c} | {:?} | {}", c.truth, c.change().unwrap_or_default()))
        .collect();
    assert_eq!(
        lines,
        [
            "y 312.50 >= 500 | False | 187.50 more",
            "city Champions != \"Loyal\" | True | ",
            "vip yes | False | ",
            "born 2019-12-30 > 2020-01-01 | False | 2 days more",
            "`company size` 12 between 1 and 9 | False | 3 less",
            "x is not missing | False | ",
            "x (missing) < 2 | Unknown | ",
        ]
    );
    let conditions = rule.explain(table(&[row]).row(0));
    assert_eq!(conditions[0].unit, Some(Unit::Money));
    assert_eq!(conditions[0].threshold, Some(500.0));
    assert_eq!(conditions[0].found, Found::Number(312.5));
    assert_eq!(conditions[1].found, Found::Word("Champions".into()));
    let json = serde_json::to_string(&conditions).unwrap();
    let back: Vec<customer_value::rules::Condition> = serde_json::from_str(&json).unwrap();
    assert_eq!(back, conditions);

    // A frozen population condition is measured against its cut.
    let mut rule = bind(&parse("percentile(y) >= 80"));
    rule.freeze(&[Cut::Above(400.0)]).unwrap();
    let condition = &rule.explain(table(&[row]).row(0))[0];
    assert_eq!(condition.to_string(), "percentile(y) >= 80 (y 312.50)");
    assert_eq!(
        (condition.threshold, condition.distance),
        (Some(400.0), Some(87.5))
    );

    // On the very edge no amount says what is missing, and not even the direction.
    let on_the_edge = [None, Some(500.0), None, None, Some(9.00001), None];
    for text in ["y > 500", "y < 500", "`company size` < 9"] {
        let condition = &bind(&parse(text)).explain(table(&[on_the_edge]).row(0))[0];
        assert_eq!((condition.truth, condition.change()), (Truth::False, None));
    }
}

#[test]
fn empty_and_one_sided_populations() {
    let slot = schema().slot("x").unwrap();
    let condition = |measure, op, at| PopulationCondition {
        slot,
        measure,
        op,
        at,
    };
    let top = condition(Measure::Percentile, Op::Ge, 80.0);
    assert_eq!(Cut::of(&top, std::iter::empty()), Cut::Unknown);
    assert_eq!(
        Cut::of(&top, [None, Some(f64::NAN)].into_iter()),
        Cut::Unknown
    );
    // One customer has nobody below: percentile 0.
    assert_eq!(Cut::of(&top, [Some(5.0)].into_iter()), Cut::Above(5.0));
    let a = condition(Measure::CumulativeShare, Op::Le, 0.8);
    assert_eq!(
        Cut::of(&a, [Some(0.0), Some(-3.0)].into_iter()),
        Cut::Unknown
    );
    // 50 + 30 of 100 are the first 80 %.
    let spend = [5.0, 50.0, 15.0, 30.0].into_iter().map(Some);
    assert_eq!(Cut::of(&a, spend), Cut::Above(15.0));
    // A total beyond the largest double.
    let huge = [f64::MAX, f64::MAX / 2.0, f64::MAX / 2.0]
        .into_iter()
        .map(Some);
    let half = condition(Measure::CumulativeShare, Op::Le, 0.5);
    assert_eq!(Cut::of(&half, huge), Cut::Above(f64::MAX / 2.0));
}

/// A rule used on a table of another schema does not panic.
#[test]
fn a_table_with_fewer_columns_is_unknown() {
    let mut small = Schema::new();
    small.add(Field::number("x", Unit::Ratio)).unwrap();
    let rule = bind(&parse("vip or true"));
    assert_eq!(rule.truth(Table::new(small, 1).row(0)), Truth::Unknown);
}
