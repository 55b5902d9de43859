//! Binding, fitting and reviewing: what a policy's author and a service's author run into.

use customer_value::diagnostic::{Code, Diagnostics};
use customer_value::engine::{Engine, Fit, Policy, Population, Standing, Standings, Subject};
use customer_value::history::{Fact, Histories, History, Layout, Measure};
use customer_value::ledger::{Effect, Ledger, Options};
use customer_value::metrics::{Catalog, Metric};
use customer_value::model::{Currency, Customer, CustomerId, Day, Money, Transaction, Unit};
use customer_value::summary::Summary;
use proptest::prelude::*;

const HEAD: &str = "head = { name = \"test\", version = \"1\", currency = \"EUR\" }\n";

fn policy(text: &str) -> Policy {
    toml::from_str(&format!("{HEAD}{text}")).unwrap_or_else(|e| panic!("{e}"))
}

fn engine(text: &str) -> Engine {
    Engine::new(policy(text), &Catalog::standard()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn problems(text: &str) -> Diagnostics {
    let (engine, problems) = Engine::check(policy(text), &Catalog::standard());
    assert_eq!(engine.is_none(), problems.has_errors(), "{problems}");
    problems
}

fn lines(problems: &Diagnostics) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn sale(customer: u64, on: &str, minor: i64) -> Transaction {
    Transaction::purchase(customer, day(on), Money::from_minor(minor, Currency::EUR)).unwrap()
}

fn history(engine: &Engine, sales: &[Transaction]) -> History {
    let mut history = History::new(engine.layout().clone());
    for sale in sales {
        let options = Options::new(Day::MAX, sale.amount().currency());
        history.add(&Effect::of(sale, &options).unwrap()).unwrap();
    }
    history
}

fn population(engine: &Engine, sales: &[Transaction]) -> Population {
    let ledger = Ledger::from_transactions(sales, Options::new(Day::MAX, Currency::EUR));
    Population::new(Histories::build(&ledger, engine.layout()).unwrap())
}

fn fitted(engine: &Engine, sales: &[Transaction], as_of: &str) -> Engine {
    let population = population(engine, sales);
    let fit = engine
        .fit(&population, &Standings::new(), day(as_of))
        .unwrap();
    engine.clone().freeze(fit).unwrap()
}

// ---- binding ----

#[test]
fn the_default_policy_has_no_problem() {
    let (engine, problems) = Engine::check(Policy::standard(Currency::USD), &Catalog::standard());
    assert!(problems.is_empty(), "{problems}");
    let engine = engine.unwrap();
    assert_eq!(
        engine.schema().names().collect::<Vec<_>>(),
        [
            "spend_12m",
            "purchases_12m",
            "growth_12m",
            "average_order_value",
            "median_gap",
            "refund_share",
            "historic_ltv",
            "loyal_since",
            // Not listed, but read.
            "active_days",
            "days_since_last",
            "first_purchase",
            "last_gap",
            "last_purchase",
            "purchases",
            "second_purchase",
            "spend",
            // Made of these.
            "p_alive",
            "p_purchase",
            "expected_purchases",
            "expected_spend",
            "predicted_ltv",
            "r",
            "f",
            "m",
            "segment",
            "value",
            "potential",
            "stage",
        ]
    );
    let more = [Measure::Gross, Measure::Refunds].map(Fact::new);
    assert_eq!(**engine.layout(), Layout::new(Currency::USD, more));
}

#[test]
fn what_the_policy_does_not_read_is_not_computed() {
    /// Not to be asked.
    #[derive(Debug)]
    struct Dear;
    impl Metric for Dear {
        fn name(&self) -> &str {
            "dear"
        }
        fn unit(&self) -> Unit {
            Unit::Ratio
        }
        fn value(&self, _: &Summary<'_>, _: Day) -> Option<f64> {
            panic!("asked")
        }
    }
    let mut catalog = Catalog::standard();
    catalog.add(Dear).unwrap();
    let tiers = "tiers = [{ name = \"a\", when = \"spend >= 1\" }, { name = \"b\" }]";
    let engine = Engine::new(policy(tiers), &catalog).unwrap();
    assert_eq!(engine.schema().names().collect::<Vec<_>>(), ["spend"]);
    assert_eq!(engine.layout().facts().len(), 2);
    assert!(!engine.needs_fit());
    let history = history(&engine, &[sale(1, "2024-01-01", 100)]);
    let mut buffer = engine.buffer();
    let (_, found) = engine.review(
        &history,
        Standing::default(),
        day("2024-02-01"),
        &mut buffer,
    );
    assert_eq!(found.tier(), "a");
}

#[test]
fn every_problem_is_reported_once_and_in_its_place() {
    let found = problems(
        r#"
        attributes.city = { type = "category", values = ["Bonn", "Wuhan", "Bonn"] }
        attributes.born = { type = "number", unit = "date" }
        rfm.recency.column = "days_since_lost"
        rfm.segments = [{ name = "all", r = "1-4" }]

        [[metrics]]
        name = "spend_12m"
        measure = "spent"
        window = "365 days"
        [[metrics]]
        name = "fourth"
        measure = "nth_purchase"
        [[metrics]]
        name = "spend_3m"
        measure = "spend"
        window = 90

        [[scores]]
        name = "value"
        parts = [
            { column = "spend_12m", weight = 0, scale = "percentile" },
            { column = "total", weight = 1, scale = "percentile" },
        ]
        [[scores]]
        name = "total"
        parts = [{ column = "value", weight = 1, scale = { linear = { from = 0, to = 100 } } }]

        [[points]]
        name = "stars"
        [[points.rules]]
        name = "both"
        points = 1
        repeat = "once"
        when = "spend > 0"
        per = "purchase"
        [[points.rules]]
        name = "visit"
        points = 1
        repeat = "every"
        per = "visit"
        [[points.rules]]
        name = "early"
        points = 1
        repeat = "once"
        when = 'stage = "new"'

        [lifecycle]
        start = "new"
        stages = [{ name = "new" }, { name = "old" }]
        [[lifecycle.transitions]]
        from = ["new"]
        to = "odl"
        when = "purchases >= "
        since = "fourth + 1 day"
        [[lifecycle.transitions]]
        from = ["new"]
        to = "old"
        when = "purchase >= 2 and frequncy > 1"
        since = "fourth"

        [[tiers]]
        name = "gold"
        when = 'spend_12m >= 100 and spend_3m > 1 and value > 5 and segment = "all" and stage = "old"'
        [[tiers]]
        name = "silver"
        when = "city = \"Bon\" and frequency > 2 and averge_gap < 3 and stars > 1"
        [[tiers]]
        name = "silver"
        "#,
    );
    assert_eq!(
        lines(&found),
        [
            "error: attributes.born.unit: a number is not a date (set `type = \"date\"`)",
            "error: attributes.city.values[2]: `Bonn` is there twice (leave one out)",
            "error: metrics[0].measure: there is no measure `spent` (did you mean `spend`?)",
            "error: metrics[1]: `nth_purchase` needs `nth` (add a line like `nth = 4`)",
            "error: metrics[2].window: `90` is not a valid window: a window is written like `lifetime`, `365 days`, `this year`, `last quarter`, `2 months ago` or `2024-01-01..2025-01-01`",
            "error: rfm.segments: 25 of 125 cells are in no segment: 511 512 513 514 515 521 522 523 524 525 531 532 533 534 535 541 542 543 544 545 551 552 553 554 555 (add them to a segment, or one entry such as `Other` for all of them)",
            "error: rfm.recency.column: there is no column of numbers `days_since_lost` (did you mean `days_since_last`?)",
            "error: scores[0].parts[0].weight: a weight of `0` is not above 0 and at most 1000000",
            "error: scores[0].parts[1].column: `total` is not known yet here (columns are made in this order: attributes, metrics, cost to serve, prediction, churn, RFM, scores, points, segments, stage, exit)",
            "error: points[0].rules[0].per: `both` has both `when` and `per`",
            "error: points[0].rules[1].per: `visit` is not something points are given for (points are given per `purchase`; other records are triggered by the host)",
            "error: points[0].rules[2].when at 0..5: `stage` is not known yet here (columns are made in this order: attributes, metrics, cost to serve, prediction, churn, RFM, scores, points, segments, stage, exit)",
            "error: lifecycle.transitions[0].to: there is no stage `odl` (did you mean `old`?)",
            "error: lifecycle.transitions[0].when at 13..13: expected a number, a text or a date, the rule ends",
            "error: lifecycle.transitions[1].when at 0..8: there is no column `purchase` (did you mean `purchases`?)",
            "error: lifecycle.transitions[1].when at 18..26: there is no column `frequncy` (did you mean `frequency`?)",
            "error: tiers[2].name: there are two tiers named `silver`",
            "error: tiers[1].when at 7..12: `city` is never `Bon` (did you mean `Bonn`?)",
            "error: tiers[1].when at 17..26: there is no column `frequency` (`frequency` needs parameters: list it under `metrics`)",
            "error: tiers[1].when at 35..45: there is no column `averge_gap` (did you mean `average_gap`?)",
        ]
    );
}

#[test]
fn names_are_unique_and_can_be_written() {
    let found = problems(
        r#"
        format = 2
        head.name = " "
        attributes.spend_12m = { type = "number" }
        attributes.Size = { type = "number" }
        attributes.r = { type = "flag" }
        attributes.word = { type = "category", values = [] }
        metrics = [{ measure = "spend", name = "spend_12m", window = "365 days" }]
        rfm = {}
        scores = [{ name = "stage", parts = [{ column = "spend", weight = 1, scale = "percentile" }] }]
        lifecycle = { start = "new", stages = [{ name = "new" }] }
        tiers = [{ name = "base" }]
        "#
        .replace("head.name = \" \"\n", "")
        .as_str(),
    );
    let said: Vec<(Code, &str)> = found
        .iter()
        .map(|d| (d.code, d.place.path.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Code::Document, "format"),
            (Code::InvalidName, "attributes.Size"),
            (Code::Missing, "attributes.word.values"),
            (Code::DuplicateName, "metrics[0].name"),
            (Code::DuplicateName, "rfm"),
            (Code::DuplicateName, "lifecycle"),
        ]
    );
    let mut empty = policy("tiers = [{ name = \"base\" }]");
    empty.head.name = " ".to_owned();
    let problems = Engine::new(empty, &Catalog::standard()).unwrap_err();
    assert_eq!(lines(&problems), ["error: head.name: the name is empty"]);
}

/// The column of `since` is found however the text is spaced and quoted, and binding twice finds the same.
#[test]
fn since_reads_its_column() {
    for since in [
        "last_purchase+30 days",
        "`last_purchase` - 1 day",
        " last_purchase",
    ] {
        let engine = engine(&format!(
            r#"
            tiers = [{{ name = "base" }}]
            [lifecycle]
            start = "new"
            moves = 8
            stages = [{{ name = "new" }}, {{ name = "old" }}]
            transitions = [{{ from = "any", to = "old", when = "spend > 0", since = "{since}" }}]
            "#
        ));
        assert_eq!(
            engine.schema().names().collect::<Vec<_>>(),
            ["last_purchase", "spend", "stage"]
        );
    }
}

#[test]
fn warnings_do_not_keep_a_policy_from_binding() {
    let text = r#"
        tiers = [
            { name = "a", when = "spend >= 1" },
            { name = "b", when = "spend >= 1" },
            { name = "c" },
        ]"#;
    let (engine, problems) = Engine::check(policy(text), &Catalog::standard());
    assert!(engine.is_some());
    assert_eq!(problems.len(), 1);
    assert!(!problems.has_errors());
    assert!(Engine::new(policy(text), &Catalog::standard()).is_ok());
}

// ---- fitting ----

const SALES: [(u64, &str, i64); 7] = [
    (1, "2024-01-10", 1000),
    (2, "2024-02-10", 3333),
    (2, "2024-03-10", 3334),
    (3, "2024-01-10", 9999),
    (3, "2024-04-01", 10),
    (3, "2024-05-01", 10),
    (4, "2024-05-01", 700),
];

fn sales() -> Vec<Transaction> {
    SALES.map(|(id, on, minor)| sale(id, on, minor)).into()
}

const RFM_TIERS: &str = r#"
    rfm = {}
    tiers = [{ name = "best", when = "r = 3 and percentile(spend) >= 50" }, { name = "rest" }]
"#;

#[test]
fn before_the_fit_what_needs_it_is_unknown() {
    let engine = engine(RFM_TIERS);
    assert!(engine.needs_fit() && engine.current_fit().is_none() && engine.rfm().is_none());
    let history = history(&engine, &sales()[3..6]);
    let mut buffer = engine.buffer();
    let (_, found) = engine.review(
        &history,
        Standing::default(),
        day("2024-05-01"),
        &mut buffer,
    );
    assert_eq!(
        (found.tier(), found.number("r"), found.category("segment")),
        ("rest", None, None)
    );
    assert!(found.decision().undecided.is_some());

    let fitted = fitted(&engine, &sales(), "2024-05-01");
    let (_, found) = fitted.review(
        &history,
        Standing::default(),
        day("2024-05-01"),
        &mut buffer,
    );
    assert_eq!((found.tier(), found.number("r")), ("best", Some(3.0)));
    assert_eq!(found.decision().undecided, None);
    assert_eq!(fitted.current_fit().unwrap().customers, 4);
}

#[test]
fn a_fit_of_another_policy_is_refused() {
    let engine = engine(RFM_TIERS);
    let fit = fitted(&engine, &sales(), "2024-05-01")
        .current_fit()
        .unwrap()
        .clone();
    let refused = |text: &str, fit: &Fit| {
        let error = self::engine(text).freeze(fit.clone()).unwrap_err();
        assert!(error.is_misuse());
        error.to_string()
    };

    let mut other = fit.clone();
    other.policy_version = "2".to_owned();
    assert_eq!(
        refused(RFM_TIERS, &other),
        "the fit is of policy `test` version `2`, not of `test` version `1`"
    );
    // The same name and version, and yet another policy.
    let more = RFM_TIERS.replace("50", "51");
    assert_eq!(
        refused(&more, &fit),
        "the fit knows nothing of `percentile(spend) >= 51`"
    );
    let fewer = RFM_TIERS.replace("{}", "{ bins = 3 }");
    assert_eq!(
        refused(&fewer, &fit),
        "the RFM breaks were not fitted for this policy"
    );
    let scores = format!(
        "scores = [{{ name = \"v\", parts = [{{ column = \"spend\", weight = 1, scale = \"min_max\" }}] }}]{RFM_TIERS}"
    );
    assert_eq!(
        refused(&scores, &fit),
        "the scale of `spend` was not fitted for this policy"
    );
    let no_rfm = self::engine("tiers = [{ name = \"rest\" }]");
    let none = fitted(&no_rfm, &sales(), "2024-05-01")
        .current_fit()
        .unwrap()
        .clone();
    assert_eq!(
        refused(RFM_TIERS, &none),
        "the fit has no RFM, and the policy has"
    );
    // Breaks the wrong way round, as a file may have them.
    let mut turned = serde_json::to_value(&fit).unwrap();
    turned["rfm"]["frequency"] = turned["rfm"]["recency"].clone();
    let turned = serde_json::from_value(turned).unwrap();
    assert_eq!(
        refused(RFM_TIERS, &turned),
        "the RFM breaks were not fitted for this policy"
    );
}

/// What does not depend on the population is the policy's, not the fit's.
#[test]
fn the_segment_table_is_that_of_the_policy() {
    let old = engine(RFM_TIERS);
    let fit = fitted(&old, &sales(), "2024-05-01")
        .current_fit()
        .unwrap()
        .clone();
    let new = RFM_TIERS.replace(
        "{}",
        "{ segments = [{ name = \"x\", r = \"1-2\" }, { name = \"y\", r = \"3-5\" }] }",
    );
    let new = engine(&new).freeze(fit).unwrap();
    let history = history(&new, &sales()[3..6]);
    let mut buffer = new.buffer();
    let (_, found) = new.review(
        &history,
        Standing::default(),
        day("2024-05-01"),
        &mut buffer,
    );
    assert_eq!(found.category("segment"), Some("y"));
}

#[test]
fn histories_of_other_facts_or_money_are_refused_in_bulk() {
    let engine = engine("tiers = [{ name = \"a\", when = \"margin > 0\" }, { name = \"b\" }]");
    let ledger = Ledger::from_transactions(&sales(), Options::new(Day::MAX, Currency::EUR));
    let few = Layout::new(Currency::EUR, []);
    let few = Population::new(Histories::build(&ledger, &few).unwrap());
    let none = Standings::new();
    let at = day("2024-06-01");
    assert!(engine.fit(&few, &none, at).unwrap_err().is_misuse());
    assert!(engine.review_all(&few, &none, at).unwrap_err().is_misuse());
    let ledger = Ledger::from_transactions([], Options::new(Day::MAX, Currency::USD));
    let dollars = Layout::new(Currency::USD, engine.layout().facts().iter().cloned());
    let dollars = Population::new(Histories::build(&ledger, &dollars).unwrap());
    assert!(
        engine
            .review_all(&dollars, &none, at)
            .unwrap_err()
            .is_misuse()
    );
    // More facts than needed are none too many.
    let more = [Measure::Cost, Measure::Gross].map(Fact::new);
    assert!(
        engine
            .check_layout(&Layout::new(Currency::EUR, more))
            .is_ok()
    );
}

/// Scores and conditions may rest on what the fit itself makes: on RFM, and on the scores before.
#[test]
fn a_fit_goes_in_the_order_of_a_review() {
    let engine = engine(
        r#"
        rfm = {}
        scores = [
            { name = "first", parts = [{ column = "m", weight = 1, scale = "min_max" }] },
            { name = "second", parts = [{ column = "first", weight = 1, scale = "percentile" }] },
        ]
        tiers = [{ name = "a", when = "percentile(second) >= 75" }, { name = "b" }]
        "#,
    );
    let engine = fitted(&engine, &sales(), "2024-05-01");
    let population = population(&engine, &sales());
    let none = Standings::new();
    let reviews = engine
        .review_all(&population, &none, day("2024-05-01"))
        .unwrap();
    let found: Vec<_> = reviews
        .iter()
        .map(|r| {
            let a = r.assessment();
            let numbers = ["m", "first", "second"].map(|name| a.number(name).unwrap());
            (numbers, a.tier())
        })
        .collect();
    // Spend is 10, 66.67, 100.19 and 7.
    assert_eq!(
        found,
        [
            ([2.0, 100.0 * (1.0 / 3.0), 25.0], "b"),
            ([3.0, 100.0 * (2.0 / 3.0), 50.0], "b"),
            ([4.0, 100.0, 75.0], "a"),
            ([1.0, 0.0, 0.0], "b"),
        ]
    );
}

// ---- one customer ----

const STAGES: &str = r#"
    [lifecycle]
    start = "new"
    moves = 8
    stages = [{ name = "new" }, { name = "quiet" }, { name = "active", rank = 1 }]
    [[lifecycle.transitions]]
    from = ["new", "quiet"]
    to = "active"
    when = "days_since_last < 30"
    since = "last_purchase"
    [[lifecycle.transitions]]
    from = ["new", "active"]
    to = "quiet"
    when = "days_since_last >= 30"
    [[tiers]]
    name = "a"
    when = "spend >= 50 and stage = \"active\""
    [[tiers]]
    name = "b"
"#;

#[test]
fn a_standing_remembers() {
    let engine = engine(STAGES);
    let mut buffer = engine.buffer();
    let history = history(&engine, &[sale(1, "2024-01-10", 6000)]);
    let first = day("2024-01-20");
    let (standing, found) = engine.review(&history, Standing::default(), first, &mut buffer);
    assert_eq!((found.tier(), found.stage()), ("a", Some("active")));
    // There was no review before.
    assert!(!found.tier_changed() && !found.stage_changed());
    assert_eq!(standing.tier().unwrap().since, first);
    assert_eq!(standing.stage().unwrap().since, day("2024-01-10"));
    assert_eq!(standing.reviewed(), Some(first));

    let (standing, found) = engine.review(&history, standing, day("2024-01-25"), &mut buffer);
    assert!(!found.tier_changed() && !found.stage_changed());
    assert_eq!(standing.tier().unwrap().since, first);

    let later = day("2024-03-01");
    let (standing, found) = engine.review(&history, standing, later, &mut buffer);
    assert!(found.tier_changed() && found.stage_changed());
    assert_eq!((found.tier(), found.stage()), ("b", Some("quiet")));
    assert_eq!((found.stage_since(), found.as_of()), (Some(later), later));
    assert_eq!(standing.tier().unwrap().since, later);
    assert_eq!(standing.stage().unwrap().high_water, "active");

    let stored = serde_json::to_string(&standing).unwrap();
    assert_eq!(serde_json::from_str::<Standing>(&stored).unwrap(), standing);
    let newer = stored.replace("\"version\":1", "\"version\":2");
    assert!(serde_json::from_str::<Standing>(&newer).is_err());
}

#[test]
fn a_buffer_of_another_engine_is_as_good() {
    let small = engine(STAGES);
    let large = fitted(&engine(RFM_TIERS), &sales(), "2024-05-01");
    let history = history(&small, &[sale(1, "2024-01-10", 6000)]);
    let at = day("2024-01-20");
    // Too few columns for the one, and then other ones for the other.
    let mut buffer = small.buffer();
    for _ in 0..2 {
        let (_, found) = large.review(&history, Standing::default(), at, &mut buffer);
        assert_eq!(found.number("m"), Some(2.0));
        assert_eq!(found.category("segment"), Some("Hibernating"));
        let (_, found) = small.review(&history, Standing::default(), at, &mut buffer);
        assert_eq!((found.tier(), found.stage()), ("a", Some("active")));
        assert_eq!(
            (found.number("spend"), found.number("m")),
            (Some(60.0), None)
        );
    }
}

#[test]
fn amounts_in_another_currency_are_not_known() {
    let engine = engine(STAGES);
    let mut dollars = History::new(Layout::new(Currency::USD, []));
    let amount = Money::from_minor(6000, Currency::USD);
    let sale = Transaction::purchase(1, day("2024-01-10"), amount).unwrap();
    let options = Options::new(Day::MAX, Currency::USD);
    dollars.add(&Effect::of(&sale, &options).unwrap()).unwrap();
    assert!(
        engine
            .check_layout(dollars.layout())
            .unwrap_err()
            .is_misuse()
    );
    let mut buffer = engine.buffer();
    let (_, found) = engine.review(
        &dollars,
        Standing::default(),
        day("2024-01-20"),
        &mut buffer,
    );
    assert_eq!(found.number("spend"), None);
    assert_eq!(found.number("days_since_last"), Some(10.0));
    assert_eq!(found.tier(), "b");
    assert!(found.decision().undecided.is_some());
}

#[test]
fn attributes_become_columns() {
    let engine = engine(
        r#"
        tiers = [{ name = "base" }]
        scores = [{ name = "s", parts = [
            { column = "city", weight = 1, scale = { categories = { Bonn = 0.25 } } },
            { column = "size", weight = 1, scale = { linear = { from = 0, to = 10 } } },
        ] }]
        [attributes]
        city = { type = "category", values = ["Bonn", "Wuhan"] }
        size = { type = "number", unit = "count" }
        vip = { type = "flag" }
        joined = { type = "date" }
        "#,
    );
    let history = History::new(engine.layout().clone());
    let mut buffer = engine.buffer();
    let mut read = |customer: &Customer| {
        let subject = Subject::new(history.view()).with_customer(customer);
        let (_, found) =
            engine.review(subject, Standing::default(), day("2024-01-01"), &mut buffer);
        let numbers = ["size", "vip", "joined", "city"].map(|name| found.number(name));
        let explained = found.explain().to_string();
        (
            found.category("city").map(str::to_owned),
            numbers,
            explained,
        )
    };
    let known = Customer::new(1)
        .with("city", "Bonn")
        .and_then(|c| c.with("size", 5.0))
        .and_then(|c| c.with("vip", true))
        .and_then(|c| c.with("joined", day("1970-01-03")))
        .unwrap();
    let (city, numbers, explained) = read(&known);
    assert_eq!(city.as_deref(), Some("Bonn"));
    // A word is no number.
    assert_eq!(numbers, [Some(5.0), Some(1.0), Some(2.0), None]);
    assert!(
        explained.contains("+12.50 from city Bonn at 50 % of the weight"),
        "{explained}"
    );
    assert!(
        explained.contains("+25.00 from size 5 at 50 % of the weight"),
        "{explained}"
    );

    // Of other types, or a word that is not listed.
    let odd = Customer::new(1)
        .with("city", "Oslo")
        .and_then(|c| c.with("size", "large"))
        .and_then(|c| c.with("vip", 1.0))
        .and_then(|c| c.with("joined", true))
        .unwrap();
    let (city, numbers, explained) = read(&odd);
    assert_eq!((city, numbers), (None, [None; 4]));
    assert!(
        explained.contains("+0.00 from city (missing) at 0 % of the weight"),
        "{explained}"
    );
}

const POINTS: &str = r#"
    [[points]]
    name = "stars"
    [[points.rules]]
    name = "purchase"
    per = "purchase"
    points = 10
    repeat = "every"
    [[points.rules]]
    name = "survey"
    points = 3
    repeat = "every"
    [[points]]
    name = "bonus"
    [[points.rules]]
    name = "ahead"
    when = "percentile(stars) >= 50"
    points = 5
    repeat = "while"
    [[points.rules]]
    name = "small"
    when = "spend < 20"
    points = 1
    repeat = "once"
    [[tiers]]
    name = "a"
    when = "percentile(stars) >= 50 and percentile(bonus) >= 50"
    [[tiers]]
    name = "b"
"#;

#[test]
fn points_may_ask_where_a_customer_stands_in_the_points_before() {
    let engine = fitted(&engine(POINTS), &sales(), "2024-05-01");
    let population = population(&engine, &sales());
    let none = Standings::new();
    let reviews = engine
        .review_all(&population, &none, day("2024-05-01"))
        .unwrap();
    let found: Vec<_> = reviews
        .iter()
        .map(|r| {
            let a = r.assessment();
            (a.number("stars"), a.number("bonus"), a.tier())
        })
        .collect();
    assert_eq!(
        found,
        [
            (Some(10.0), Some(1.0), "b"),
            (Some(20.0), Some(5.0), "a"),
            (Some(30.0), Some(5.0), "a"),
            (Some(10.0), Some(1.0), "b"),
        ]
    );
}

#[test]
fn points_of_the_host_stay_and_those_of_a_condition_go_with_it() {
    let engine = engine(POINTS);
    let mut buffer = engine.buffer();
    let at = day("2024-06-01");
    let one = history(&engine, &[sale(1, "2024-06-01", 100)]);
    let two = history(
        &engine,
        &[sale(1, "2024-06-01", 100), sale(1, "2024-06-01", 5000)],
    );
    let mut standing = Standing::default();
    standing
        .points_mut("stars")
        .note("survey", day("2024-05-20"), 2);

    let (standing, found) = engine.review(&one, standing, at, &mut buffer);
    assert_eq!(
        (found.number("stars"), found.number("bonus")),
        (Some(16.0), Some(1.0))
    );
    // Later on the same day more is known, and spend is no longer small.
    let (standing, found) = engine.review(&two, standing, at, &mut buffer);
    assert_eq!(
        (found.number("stars"), found.number("bonus")),
        (Some(26.0), Some(0.0))
    );
    // Reviewed once at the end of the day: the same.
    let mut fresh = Standing::default();
    fresh
        .points_mut("stars")
        .note("survey", day("2024-05-20"), 2);
    assert_eq!(engine.review(&two, fresh, at, &mut buffer).0, standing);

    let log = standing.points("stars").unwrap();
    let lines: Vec<_> = engine
        .points("stars")
        .unwrap()
        .lines(log, at)
        .map(|line| (line.rule, line.points))
        .collect();
    assert_eq!(lines, [("survey", 6.0), ("purchase", 20.0)]);
}

#[test]
fn a_purchase_that_was_given_back_gives_no_points() {
    let engine = engine(POINTS);
    let mut buffer = engine.buffer();
    let bought = sale(1, "2024-06-01", 100).with_id("p").unwrap();
    let mut stored = history(&engine, std::slice::from_ref(&bought));
    let standing = Standing::default();
    let (standing, found) = engine.review(&stored, standing, day("2024-06-01"), &mut buffer);
    assert_eq!(found.number("stars"), Some(10.0));

    let back = Transaction::refund(1, day("2024-06-03"), Money::from_minor(100, Currency::EUR))
        .and_then(|t| t.refund_of("p"))
        .unwrap();
    let mut builder =
        customer_value::ledger::LedgerBuilder::new(Options::new(Day::MAX, Currency::EUR));
    builder.context([&bought]);
    builder.transaction(&back);
    let today = Histories::build(&builder.finish(), engine.layout()).unwrap();
    stored
        .merge(today.get(&CustomerId::from(1)).unwrap())
        .unwrap();
    let (_, found) = engine.review(&stored, standing, day("2024-06-03"), &mut buffer);
    assert_eq!(found.number("stars"), Some(0.0));
}

#[test]
fn a_purchase_that_left_the_records_gives_no_points() {
    let engine = engine(POINTS);
    let mut buffer = engine.buffer();
    let at = day("2024-06-01");
    let (kept, wrong) = (sale(1, "2024-05-01", 100), sale(1, "2024-05-09", 100));
    let before = history(&engine, &[kept.clone(), wrong]);
    let corrected = history(&engine, &[kept]);
    let (mut standing, found) = engine.review(&before, Standing::default(), at, &mut buffer);
    let with_both = found.number("stars");
    standing.points_mut("stars").note("survey", at, 1);
    let (again, found) = engine.review(&corrected, standing, at, &mut buffer);
    let with_survey = found.number("stars");
    let mut fresh = Standing::default();
    fresh.points_mut("stars").note("survey", at, 1);
    let (first, found) = engine.review(&corrected, fresh, at, &mut buffer);
    assert_eq!((with_survey, again), (found.number("stars"), first));
    assert_ne!(with_both, with_survey);
}

// ---- all customers ----

#[test]
fn a_prospect_is_a_customer_too() {
    let engine = fitted(&engine_of_standard(), &sales(), "2024-06-01");
    let population = population(&engine, &sales())
        .with_customers([Customer::new(3), Customer::new(77)])
        .unwrap();
    assert_eq!(population.len(), 5);
    let twice = population
        .clone()
        .with_customers([Customer::new(3), Customer::new(3)]);
    assert!(twice.unwrap_err().is_misuse());
    let none = Standings::new();
    let reviews = engine
        .review_all(&population, &none, day("2024-06-01"))
        .unwrap();
    let prospect = reviews.get(&CustomerId::from(77)).unwrap();
    assert_eq!(prospect.stage(), Some("prospect"));
    assert_eq!(
        (prospect.number("spend"), prospect.number("r")),
        (Some(0.0), None)
    );
    assert!(reviews.get(&CustomerId::from(78)).is_none());
    assert!(reviews.at(5).is_none() && reviews.standing(5).is_none() && reviews.row(5).is_none());

    let standings = reviews.standings();
    let ids: Vec<CustomerId> = standings.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 77].map(CustomerId::from));
}

#[test]
fn customers_given_in_two_calls_all_stay() {
    let engine = engine(
        r#"
        attributes = { city = { type = "category", values = ["Bonn"] } }
        tiers = [{ name = "here", when = 'city = "Bonn"' }, { name = "elsewhere" }]
        "#,
    );
    let bonn = Customer::new(1).with("city", "Bonn").unwrap();
    let population = population(&engine, &[sale(1, "2024-05-01", 100)])
        .with_customers([bonn.clone()])
        .and_then(|population| population.with_customers([Customer::new(2)]))
        .unwrap();
    let reviews = engine
        .review_all(&population, None, day("2024-06-01"))
        .unwrap();
    let tier = |id: u64| reviews.get(&id.into()).unwrap().tier();
    assert_eq!((tier(1), tier(2)), ("here", "elsewhere"));
    let twice = population.with_customers([bonn]);
    assert!(twice.unwrap_err().is_misuse());
}

#[test]
fn who_never_bought_moves_no_rfm_score() {
    let engine = engine("rfm = {}\ntiers = [{ name = \"all\" }]");
    let sales: Vec<Transaction> = (1..=10)
        .map(|id| {
            sale(
                id,
                &format!("2024-05-{id:02}"),
                100 * i64::try_from(id).unwrap(),
            )
        })
        .collect();
    let at = day("2024-06-01");
    let buyers = population(&engine, &sales);
    let everybody = buyers
        .clone()
        .with_customers((100..150).map(Customer::new))
        .unwrap();
    let rfm = |population: &Population| {
        let engine = engine.clone().fitted_to(population, None, at).unwrap();
        let reviews = engine.review_all(population, None, at).unwrap();
        (1..=10_u64)
            .map(|id| {
                let found = reviews.get(&id.into()).unwrap();
                (
                    ["r", "f", "m"].map(|c| found.number(c)),
                    found.category("segment").map(str::to_owned),
                )
            })
            .collect::<Vec<_>>()
    };
    let of_buyers = rfm(&buyers);
    assert_eq!(of_buyers[0].0, [Some(1.0); 3]);
    assert_eq!(rfm(&everybody), of_buyers);
}

fn engine_of_standard() -> Engine {
    Engine::new(Policy::standard(Currency::EUR), &Catalog::standard()).unwrap()
}

#[test]
fn nobody_is_no_problem() {
    let engine = engine_of_standard();
    let engine = fitted(&engine, &[], "2024-06-01");
    let nobody = population(&engine, &[]);
    let none = Standings::new();
    let reviews = engine
        .review_all(&nobody, &none, day("2024-06-01"))
        .unwrap();
    assert!(reviews.is_empty() && reviews.iter().next().is_none());
    // And the first customer ever can be reviewed against nobody.
    let history = history(&engine, &sales()[..1]);
    let mut buffer = engine.buffer();
    for at in [Day::MIN, day("2024-06-01"), Day::MAX] {
        let (standing, found) = engine.review(&history, Standing::default(), at, &mut buffer);
        assert_eq!(standing.tier().unwrap().tier, found.tier());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Measures that walk the days in a short way, against the long way.
    #[test]
    fn gaps_and_growth_are_their_definitions(
        rows in prop::collection::vec((0..400_i32, 1..50_i64, any::<bool>()), 0..40),
        days in 1..500_i32,
    ) {
        let window = format!("{days} days");
        let engine = engine(&format!(
            r#"
            tiers = [{{ name = "base" }}]
            metrics = [
                {{ measure = "median_gap" }}, {{ measure = "last_gap" }}, {{ measure = "longest_gap" }},
                {{ measure = "average_gap" }}, {{ measure = "growth_trend" }},
                {{ name = "late_gap", measure = "last_gap", window = "{window}" }},
                {{ name = "late_growth", measure = "growth_trend", window = "{window}" }},
            ]
            "#
        ));
        let start = day("2023-01-01").epoch_days();
        let on = |offset: i32| Day::from_epoch_days(start + offset).unwrap();
        let mut all = Vec::new();
        for (i, (offset, euros, undone)) in rows.iter().enumerate() {
            let amount = Money::from_minor(euros * 100, Currency::EUR);
            let bought = Transaction::purchase(1, on(*offset), amount).unwrap();
            all.push(bought.with_id(&i.to_string()).unwrap());
            if *undone {
                let back = Transaction::refund(1, on(450), amount).unwrap();
                all.push(back.refund_of(&i.to_string()).unwrap());
            }
        }
        let population = population(&engine, &all);
        let as_of = on(499);
        let none = Standings::new();
        let reviews = engine.review_all(&population, &none, as_of).unwrap();
        let Some(found) = reviews.at(0) else { return Ok(()) };

        // By day: what is left of the purchases.
        let spend_on = |d: i32| -> i64 {
            rows.iter().filter(|(o, _, undone)| *o == d && !undone).map(|(_, e, _)| e).sum()
        };
        let active = |from: i32| -> Vec<i32> { (from..500).filter(|d| spend_on(*d) > 0).collect() };
        let gaps = |from: i32| -> Vec<f64> {
            active(from).windows(2).map(|d| f64::from(d[1] - d[0])).collect()
        };
        let mut sorted = gaps(0);
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        let median = (n > 0).then(|| (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0);
        prop_assert_eq!(found.number("median_gap"), median);
        prop_assert_eq!(found.number("last_gap"), gaps(0).last().copied());
        prop_assert_eq!(found.number("longest_gap"), sorted.last().copied());
        let average = (n > 0).then(|| sorted.iter().sum::<f64>() / n as f64);
        prop_assert_eq!(found.number("average_gap"), average);
        prop_assert_eq!(found.number("late_gap"), gaps(500 - days).last().copied());
        let growth = |from: i32| {
            let half = (500 - from) / 2;
            let earlier: i64 = (from..from + half).map(spend_on).sum();
            let later: i64 = (500 - half..500).map(spend_on).sum();
            (earlier + later > 0).then(|| (later - earlier) as f64 / (later + earlier) as f64)
        };
        // In a lifetime the clock starts after the first purchase.
        let lifetime = active(0).first().and_then(|first| growth(first + 1));
        prop_assert_eq!(found.number("growth_trend"), lifetime);
        prop_assert_eq!(found.number("late_growth"), growth(500 - days));
    }
}

/// The middle gap takes room as it needs: 10 to 1,500 active days against sorting.
#[test]
fn the_median_of_many_gaps() {
    let engine = engine("metrics = [{ measure = \"median_gap\" }]\ntiers = [{ name = \"base\" }]");
    let mut buffer = engine.buffer();
    for active in [2, 3, 10, 64, 65, 66, 100, 1023, 1024, 1025, 1500] {
        let mut at = day("2001-01-01").epoch_days();
        let mut gaps = Vec::new();
        let mut history = History::new(engine.layout().clone());
        for i in 0..active {
            if i > 0 {
                gaps.push(1 + i * 37 % 5);
                at += 1 + i * 37 % 5;
            }
            let on = Day::from_epoch_days(at).unwrap();
            let sale = Transaction::purchase(1, on, Money::from_minor(1, Currency::EUR)).unwrap();
            let options = Options::new(Day::MAX, Currency::EUR);
            history.add(&Effect::of(&sale, &options).unwrap()).unwrap();
        }
        gaps.sort_unstable();
        let n = gaps.len();
        let median = f64::from(gaps[(n - 1) / 2] + gaps[n / 2]) / 2.0;
        let (_, found) = engine.review(&history, Standing::default(), Day::MAX, &mut buffer);
        assert_eq!(
            found.number("median_gap"),
            Some(median),
            "{active} active days"
        );
    }
}
