//! Point books against a slow, plain reading of their definition.

use customer_value::diagnostic::Diagnostics;
use customer_value::model::{Day, Days};
use customer_value::scoring::points::{Outcome, Repeat};
use customer_value::scoring::{PointBook, PointLog, PointRule, PointsSpec};
use proptest::prelude::*;

fn day(n: i32) -> Day {
    Day::from_epoch_days(19_000 + n).unwrap()
}

fn rule(name: &str, points: f64, repeat: Repeat) -> PointRule {
    PointRule {
        name: name.to_owned(),
        points,
        repeat,
        group: None,
        half_life: None,
        when: None,
        per: None,
    }
}

fn grouped(mut rule: PointRule, group: &str, half_life: Option<i32>) -> PointRule {
    rule.group = Some(group.to_owned());
    rule.half_life = half_life.map(Days::new);
    rule
}

fn bind(spec: &PointsSpec) -> PointBook {
    let mut problems = Diagnostics::new();
    let book = spec.bind("points", &mut problems);
    book.unwrap_or_else(|| panic!("{problems}"))
}

fn spec() -> PointsSpec {
    PointsSpec {
        rules: vec![
            grouped(rule("holds", 25.0, Repeat::While), "a", None),
            grouped(rule("each", 30.0, Repeat::Every), "a", Some(5)),
            grouped(rule("each_too", 7.0, Repeat::Every), "a", Some(20)),
            grouped(rule("bad", -40.0, Repeat::Every), "a", Some(3)),
            rule("first", 10.0, Repeat::Once),
            rule("seldom", -2.5, Repeat::CoolDown(Days::new(4))),
        ],
        caps: [("a".to_owned(), 60.0)].into(),
    }
}

/// One trigger: rule, day, times.
type Said = (usize, i32, u32);

/// Replays from nothing, looking back at every award each time. Returns the awards in order with their worth on
/// `as_of`.
fn slow(spec: &PointsSpec, said: &[Said], as_of: i32) -> Vec<(usize, i32, f64, f64)> {
    let worth = |rule: usize, points: f64, age: i32| match spec.rules[rule].half_life {
        Some(h) => points * 2_f64.powf(-f64::from(age) / f64::from(h.get())),
        None => points,
    };
    let mut order: Vec<Said> = said.iter().copied().filter(|s| s.1 <= as_of).collect();
    order.sort_by_key(|(r, d, _)| (*d, spec.rules[*r].repeat == Repeat::While, *r));
    let mut given: Vec<(usize, i32, f64)> = Vec::new();
    for (r, d, times) in order {
        let rule = &spec.rules[r];
        let mut earlier = given.iter().filter(|g| g.0 == r && g.2.is_finite());
        let wanted = match rule.repeat {
            Repeat::While => rule.points * f64::from(u8::from(d == as_of)),
            Repeat::Every => rule.points * f64::from(times),
            Repeat::Once => rule.points * f64::from(u8::from(earlier.next().is_none())),
            Repeat::CoolDown(n) => {
                let quiet = earlier.next_back().is_none_or(|e| d - e.1 >= n.get());
                // An award that was refused does not start the days again: it is kept as not a number.
                if quiet { rule.points } else { f64::NAN }
            }
        };
        let cap = rule.group.as_ref().and_then(|g| spec.caps.get(g));
        let room = cap.map_or(f64::INFINITY, |cap| {
            let same = |g: &&(usize, i32, f64)| {
                spec.rules[g.0].group == rule.group && g.2 * rule.points > 0.0
            };
            let taken: f64 = given
                .iter()
                .filter(same)
                .map(|g| worth(g.0, g.2, d - g.1))
                .sum();
            (cap - taken.abs()).max(0.0)
        });
        given.push((
            r,
            d,
            if wanted > 0.0 {
                wanted.min(room)
            } else {
                wanted.max(-room)
            },
        ));
        if wanted.is_nan() {
            given.last_mut().unwrap().2 = f64::NAN;
        }
    }
    given
        .into_iter()
        .map(|(r, d, p)| if p.is_nan() { (r, d, 0.0) } else { (r, d, p) })
        .map(|(r, d, p)| (r, d, p, worth(r, p, as_of - d)))
        .collect()
}

/// At most one trigger for each rule and day.
fn said() -> impl Strategy<Value = Vec<Said>> {
    proptest::collection::btree_map((0_usize..6, 0_i32..25), 1_u32..4, 0..40)
        .prop_map(|m| m.into_iter().map(|((r, d), t)| (r, d, t)).collect())
}

fn told(book: &PointBook, names: &[String], said: &[Said]) -> PointLog {
    let mut log = PointLog::new();
    for (r, d, times) in said {
        book.award_times(&mut log, &names[*r], day(*d), *times);
    }
    log
}

fn names(spec: &PointsSpec) -> Vec<String> {
    spec.rules.iter().map(|r| r.name.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_book_equals_its_definition(said in said(), as_of in 0_i32..40) {
        let (spec, book) = (spec(), bind(&spec()));
        let names = names(&spec);
        let log = told(&book, &names, &said);
        let wanted = slow(&spec, &said, as_of);
        let got: Vec<_> = book.lines(&log, day(as_of)).collect();
        prop_assert_eq!(got.len(), wanted.len());
        for (line, (r, d, awarded, points)) in got.iter().zip(&wanted) {
            prop_assert_eq!((line.rule, line.day), (names[*r].as_str(), day(*d)));
            prop_assert!((line.award.awarded - awarded).abs() < 1e-9, "{:?} {}", line, awarded);
            prop_assert!((line.points - points).abs() < 1e-9, "{:?} {}", line, points);
        }
    }

    #[test]
    fn the_total_is_the_sum_of_the_log_and_within_the_cap(said in said(), as_of in 0_i32..60) {
        let book = bind(&spec());
        let log = told(&book, &names(&spec()), &said);
        let sum = book.lines(&log, day(as_of)).fold(0.0, |sum, line| sum + line.points);
        prop_assert_eq!(book.total(&log, day(as_of)).to_bits(), sum.to_bits());
        let in_group = |name: &str| !matches!(name, "first" | "seldom");
        let group: f64 = book.lines(&log, day(as_of)).filter(|l| in_group(l.rule)).map(|l| l.points).sum();
        prop_assert!(group.abs() <= 60.0 + 1e-9, "{}", group);
    }

    #[test]
    fn the_order_and_the_number_of_tellings_do_not_matter(
        (said, shuffled) in said().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        cut in 0_usize..40,
        as_of in 0_i32..40,
    ) {
        let book = bind(&spec());
        let names = names(&spec());
        let log = told(&book, &names, &said);
        let mut again = told(&book, &names, &shuffled);
        prop_assert_eq!(&again, &log);
        for (r, d, _) in &shuffled {
            let before = book.award(&mut again, &names[*r], day(*d));
            prop_assert_eq!(book.award(&mut again, &names[*r], day(*d)), before);
        }
        prop_assert_eq!(&again, &log);

        let (left, right) = shuffled.split_at(cut.min(shuffled.len()));
        let (left, right) = (told(&book, &names, left), told(&book, &names, right));
        let (mut one, mut other) = (left.clone(), right.clone());
        one.merge(&right);
        other.merge(&left);
        prop_assert_eq!(&one, &log);
        prop_assert_eq!(&other, &log);
        prop_assert_eq!(book.total(&one, day(as_of)).to_bits(), book.total(&log, day(as_of)).to_bits());

        let text = serde_json::to_string(&log).unwrap();
        prop_assert_eq!(serde_json::from_str::<PointLog>(&text).unwrap(), log);
    }
}

#[test]
fn each_outcome_says_why() {
    let book = bind(&spec());
    let mut log = PointLog::new();
    let mut award = |name: &str, n: i32| book.award(&mut log, name, day(n));
    assert_eq!(award("first", 3).outcome, Outcome::Given);
    assert_eq!(award("first", 4).outcome, Outcome::AlreadyGiven);
    assert_eq!(award("seldom", 0).outcome, Outcome::Given);
    assert_eq!(award("seldom", 3).outcome, Outcome::CoolingDown(day(4)));
    assert_eq!(award("seldom", 4).outcome, Outcome::Given);
    assert_eq!(award("each", 0).outcome, Outcome::Given);
    assert_eq!(award("each_too", 0).outcome, Outcome::Given);
    let capped = award("holds", 0);
    assert_eq!(
        (capped.outcome, capped.wanted, capped.awarded),
        (Outcome::Capped, 25.0, 23.0)
    );
    assert_eq!(award("nobody", 0).outcome, Outcome::UnknownRule);
    assert_eq!(log.len(), 8);
    // What held on day 0 is over on day 1; an earlier first time takes the place of the later one.
    let over = book
        .lines(&log, day(1))
        .find(|l| l.rule == "holds")
        .unwrap();
    assert_eq!((over.award.outcome, over.points), (Outcome::Over, 0.0));
    book.award(&mut log, "first", day(1));
    let later = book
        .lines(&log, day(9))
        .find(|l| l.rule == "first" && l.day == day(3))
        .unwrap();
    assert_eq!(later.award.outcome, Outcome::AlreadyGiven);
}

#[test]
fn a_refund_takes_its_points_back_once() {
    let book = bind(&spec());
    let mut log = PointLog::new();
    book.award_times(&mut log, "each", day(0), 2);
    assert_eq!(book.total(&log, day(0)), 60.0);
    book.award_times(&mut log, "each", day(0), 1);
    book.award_times(&mut log, "each", day(0), 1);
    assert_eq!(book.total(&log, day(0)), 30.0);
    assert_eq!(book.total(&log, day(5)), 15.0);
    book.award_times(&mut log, "each", day(0), 0);
    assert!(log.is_empty());
}

#[test]
fn a_rule_that_left_the_policy_gives_nothing_and_is_still_listed() {
    let book = bind(&spec());
    let mut log = PointLog::new();
    book.award(&mut log, "each", day(0));
    let fewer = bind(&PointsSpec::default());
    assert_eq!(fewer.total(&log, day(0)), 0.0);
    let line = fewer.lines(&log, day(0)).next().unwrap();
    assert_eq!(
        (line.rule, line.award.outcome),
        ("each", Outcome::UnknownRule)
    );
}

#[test]
fn a_log_of_another_version_is_refused() {
    let text = r#"{"version":1,"triggers":[{"day":"2024-01-01","rule":"a"},{"day":"2024-01-01","rule":"a","times":3}]}"#;
    let log: PointLog = serde_json::from_str(text).unwrap();
    assert_eq!(log.len(), 1);
    let error = serde_json::from_str::<PointLog>(&text.replace(":1,", ":2,")).unwrap_err();
    assert!(error.to_string().contains("version 2"), "{error}");
}

#[test]
fn all_problems_are_found_at_once() {
    let text = r#"
        caps = { activty = 10, activity = 0 }
        rules = [
            { name = "a", points = 0, repeat = "every", group = "activity" },
            { name = "a", points = 1, repeat = { cool_down = "0 days" } },
            { name = " ", points = 1e10, repeat = "once", half_life = "0 days" },
            { name = "b", points = 1, repeat = "while", when = "spend > 1", per = "purchase", half_life = "3 days" },
        ]
    "#;
    let spec: PointsSpec = toml::from_str(text).unwrap();
    let mut problems = Diagnostics::new();
    assert!(spec.bind("points", &mut problems).is_none());
    let shown = problems.to_string();
    for wanted in [
        "points.rules[0].points: `0` points",
        "points.rules[1].name: there are two rules named `a`",
        "points.rules[1].repeat: a cool-down",
        "points.rules[2].name: a rule needs a name",
        "points.rules[2].points: `10000000000` points",
        "points.rules[2].half_life: a half-life",
        "points.rules[3].per: `b` has both",
        "warning: points.rules[3].half_life: `b` counts for one day only",
        "points.caps.activity: a cap of `0`",
        "points.caps.activty: no rule is in the group `activty` (did you mean `activity`?)",
    ] {
        assert!(shown.contains(wanted), "{wanted}\n{shown}");
    }
    assert_eq!(problems.len(), 10, "{shown}");
}
