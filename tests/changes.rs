//! What happened between two reviews, against a plain loop over both.

mod cdnow_sample;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use customer_value::diagnostic::Diagnostics;
use customer_value::engine::changes::{
    ChangeEvent, ChangesSpec, Importance, Monitor, Shift, ShiftKind, Side,
};
use customer_value::engine::{Engine, Policy, Population, Reviews};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Customer, CustomerId, Day, Money, Transaction};
use customer_value::rules::language::{Chinese, English};
use proptest::prelude::*;

const SPEC: &str = r#"
    value = "spend_12m"
    importance = { new = "medium" }

    [[stages]]
    at_risk = ["at_risk"]
    churned = ["churned"]
    won_back = ["won_back"]

    [[stages]]
    column = "segment"
    churned = ["Lost", "Hibernating"]

    [[thresholds]]
    column = "p_alive"
    at = 0.5
    worse = "less"
    importance = "high"

    [[thresholds]]
    column = "purchases"
    at = 3

    [[behaviours]]
    column = "spend_12m"
    share = 0.25
    amount = 10
    worse = "less"

    [[behaviours]]
    column = "median_gap"
    amount = 14
"#;

fn spec(text: &str) -> ChangesSpec {
    toml::from_str(text).unwrap()
}

fn bind(spec: &ChangesSpec, engine: &Engine) -> Monitor {
    let mut problems = Diagnostics::new();
    let monitor = spec.bind(engine.schema(), "monitoring", &mut problems);
    monitor.unwrap_or_else(|| panic!("{problems}"))
}

/// Every event between two reviews, the slow way, customer by customer and by the names of columns.
fn plain(before: &Reviews<'_>, after: &Reviews<'_>, spec: &ChangesSpec) -> Vec<ChangeEvent> {
    let ids: BTreeSet<CustomerId> = before
        .iter()
        .chain(after.iter())
        .map(|one| one.id().clone())
        .collect();
    // With the place in the spec, and whether it is a loss, a gain or neither.
    let mut found: Vec<(CustomerId, Shift, Option<bool>, Option<Importance>)> = Vec::new();
    for id in ids {
        let mut tell = |what, loss, own| found.push((id.clone(), what, loss, own));
        let (old, new) = match (before.get(&id), after.get(&id)) {
            (Some(old), Some(new)) => (old, new),
            (Some(old), None) => {
                let tier = old.tier().to_owned();
                tell(Shift::Gone { tier }, Some(true), None);
                continue;
            }
            (None, Some(new)) => {
                let tier = new.tier().to_owned();
                tell(Shift::New { tier }, None, None);
                continue;
            }
            (None, None) => unreachable!(),
        };
        let (from, to) = (old.tier().to_owned(), new.tier().to_owned());
        let ladder = |reviews: &Reviews<'_>| -> Vec<String> {
            let tiers = &reviews.engine().policy().tiers.tiers;
            tiers.iter().map(|tier| tier.name.clone()).collect()
        };
        // Best first.
        let place = |names: &[String]| {
            let at = |name: &String| names.iter().position(|n| n == name);
            at(&from).zip(at(&to))
        };
        match place(&ladder(after)).or(place(&ladder(before))) {
            Some((a, b)) if a < b => tell(Shift::FellTier { from, to }, Some(true), None),
            Some((a, b)) if a > b => tell(Shift::RoseTier { from, to }, None, None),
            Some(_) => {}
            None => tell(Shift::TierReplaced { from, to }, None, None),
        }
        for watch in &spec.stages {
            let column = watch.column.clone();
            let (Some(from), Some(to)) = (old.category(&column), new.category(&column)) else {
                continue;
            };
            let class = |word: &str| {
                let is = |words: &[String]| words.contains(&word.to_owned());
                match () {
                    () if is(&watch.churned) => 'c',
                    () if is(&watch.at_risk) => 'r',
                    () if is(&watch.won_back) => 'w',
                    () => '-',
                }
            };
            let classes = (class(from), class(to));
            let (same, from, to) = (from == to, from.to_owned(), to.to_owned());
            match classes {
                _ if same => {}
                ('-' | 'r' | 'w', 'c') => {
                    tell(Shift::Churned { column, from, to }, Some(true), None);
                }
                ('-' | 'w', 'r') => {
                    tell(Shift::BecameAtRisk { column, from, to }, Some(true), None)
                }
                ('-' | 'r' | 'c', 'w') => tell(Shift::WonBack { column, from, to }, None, None),
                _ => tell(Shift::StageMoved { column, from, to }, None, None),
            }
        }
        let unit = |column: &str| {
            let schema = after.engine().schema();
            schema
                .field(schema.slot(column).unwrap())
                .unwrap()
                .unit()
                .unwrap()
        };
        let numbers = |column: &str| old.number(column).zip(new.number(column));
        let loss = |worse: &Option<customer_value::engine::Worse>, up: bool| {
            worse.map(|worse| up == (worse == customer_value::engine::Worse::More))
        };
        for watch in &spec.thresholds {
            let column = watch.column.clone();
            if let Some((before, after)) = numbers(&column) {
                let from = match (before < watch.at, after < watch.at) {
                    (true, false) => Side::Below,
                    (false, true) => Side::Above,
                    _ => continue,
                };
                let what = Shift::CrossedThreshold {
                    unit: unit(&column),
                    column,
                    at: watch.at,
                    from,
                    before,
                    after,
                };
                tell(
                    what,
                    loss(&watch.worse, from == Side::Below),
                    watch.importance,
                );
            }
        }
        for watch in &spec.behaviours {
            let column = watch.column.clone();
            if let Some((before, after)) = numbers(&column) {
                let change = (after - before).abs();
                let least = |limit: f64| change > limit || (change - limit).abs() <= limit * 1.1e-9;
                let enough = watch.share.is_none_or(|share| least(share * before.abs()))
                    && watch.amount.is_none_or(least);
                if before != after && enough {
                    let what = Shift::BehaviourChanged {
                        unit: unit(&column),
                        column,
                        before,
                        after,
                    };
                    tell(what, loss(&watch.worse, after > before), watch.importance);
                }
            }
        }
    }
    let mut events: Vec<ChangeEvent> = found
        .into_iter()
        .map(|(customer, what, loss, own)| {
            let kind = what.kind();
            let usual = match kind {
                ShiftKind::Churned
                | ShiftKind::Gone
                | ShiftKind::BecameAtRisk
                | ShiftKind::FellTier => Importance::High,
                ShiftKind::CrossedThreshold | ShiftKind::BehaviourChanged | ShiftKind::WonBack => {
                    Importance::Medium
                }
                _ => Importance::Low,
            };
            let said = spec.importance.get(&kind).copied();
            let side = if loss == Some(true) { before } else { after };
            let value = spec.value.as_ref();
            ChangeEvent {
                importance: match loss {
                    Some(false) => Importance::Low,
                    _ => own.or(said).unwrap_or(usual),
                },
                at_stake: value.and_then(|value| side.get(&customer)?.number(value)),
                customer,
                what,
            }
        })
        .collect();
    let rank = |event: &ChangeEvent| event.at_stake.unwrap_or(f64::NEG_INFINITY);
    events.sort_by(|a, b| {
        let value = rank(b).total_cmp(&rank(a));
        let kind = a.what.kind().cmp(&b.what.kind());
        value.then(kind).then_with(|| a.customer.cmp(&b.customer))
    });
    events
}

fn kinds(events: &[ChangeEvent]) -> BTreeSet<ShiftKind> {
    events.iter().map(|event| event.what.kind()).collect()
}

mod cdnow {
    use super::*;

    /// CDNOW has no newcomers after March: a seventh of the customers is left out of the review before, another of that after.
    fn population(engine: &Engine, as_of: &str, without: u64) -> Population {
        let options = Options::new("1998-06-30".parse().unwrap(), Currency::USD);
        let records = cdnow_sample::records();
        let kept = (records.iter()).filter(|r| r[0].parse::<u64>().unwrap() % 7 != without);
        let ledger = cdnow_sample::ledger_of(kept, options);
        engine
            .population(&ledger.until(as_of.parse().unwrap()))
            .unwrap()
    }

    #[test]
    fn equals_a_plain_loop() {
        let engine = Engine::new(Policy::standard(Currency::USD), &Catalog::standard()).unwrap();
        let (first, second) = ("1997-07-31", "1998-03-31");
        let earlier = population(&engine, first, 3);
        let later = population(&engine, second, 5);
        let engine = engine
            .fitted_to(&earlier, None, first.parse().unwrap())
            .unwrap();
        let before = engine
            .review_all(&earlier, None, first.parse().unwrap())
            .unwrap();
        // With what is remembered: some come back after having churned.
        let standings = before.standings();
        let after = engine
            .review_all(&later, &standings, second.parse().unwrap())
            .unwrap();
        let spec = spec(SPEC);
        let events = after.changes(&before, &bind(&spec, &engine));
        let expected = plain(&before, &after, &spec);
        assert_eq!(events.len(), expected.len());
        for (event, plain) in events.iter().zip(&expected) {
            assert_eq!(event, plain);
        }
        // All kinds but one of another ladder are among them.
        let mut all = kinds(&events);
        all.extend(kinds(&before.changes(&after, &bind(&spec, &engine))));
        assert_eq!(all.len(), 10, "{all:?}");
        assert!(events.len() > 2_000);
        assert!(after.changes(&after, &bind(&spec, &engine)).is_empty());
    }

    /// The same between two policies with other tiers, other columns, and a column of another unit.
    #[test]
    fn of_two_policies() {
        let engine = |text: &str| Engine::from_toml(text, &Catalog::standard()).unwrap();
        let old = engine(
            r#"
            head = { name = "old", version = "1", currency = "USD" }
            metrics = [{ name = "n", measure = "spend" }, { measure = "spend" }, { measure = "active_days" }]
            tiers = [{ name = "gold", when = "spend >= 100" }, { name = "silver", when = "spend >= 30" }, { name = "member" }]
            "#,
        );
        let new = engine(
            r#"
            head = { name = "new", version = "1", currency = "USD" }
            metrics = [{ name = "n", measure = "purchases" }, { measure = "spend" }, { measure = "days_since_last" }, { measure = "active_days" }]
            tiers = [{ name = "star", when = "spend >= 300" }, { name = "gold", when = "spend >= 150" }, { name = "guest" }]
            "#,
        );
        let earlier = population(&old, "1997-07-31", 3);
        let later = population(&new, "1998-03-31", 5);
        let before = old
            .review_all(&earlier, None, "1997-07-31".parse().unwrap())
            .unwrap();
        let after = new
            .review_all(&later, None, "1998-03-31".parse().unwrap())
            .unwrap();
        let spec = spec(
            r#"
            value = "spend"
            thresholds = [{ column = "n", at = 3 }, { column = "days_since_last", at = 90 }, { column = "active_days", at = 3 }]
            "#,
        );
        let events = after.changes(&before, &bind(&spec, &new));
        let is = |of: &str| {
            let crossed = |event: &&ChangeEvent| matches!(&event.what, Shift::CrossedThreshold { column, .. } if column == of);
            events.iter().filter(crossed).count()
        };
        // What one side does not have, or counts otherwise, is missing there.
        assert_eq!((is("n"), is("days_since_last")), (0, 0));
        assert!(is("active_days") > 0);
        let comparable = spec_without(&spec, &["n", "days_since_last"]);
        assert_eq!(events, plain(&before, &after, &comparable));
        let kinds = kinds(&events);
        assert!(kinds.contains(&ShiftKind::TierReplaced) && kinds.contains(&ShiftKind::FellTier));
    }

    fn spec_without(spec: &ChangesSpec, columns: &[&str]) -> ChangesSpec {
        let mut spec = spec.clone();
        spec.thresholds
            .retain(|t| !columns.contains(&t.column.as_str()));
        spec
    }
}

/// 2024-01-01.
const START: i32 = 19_723;

fn day(days: i32) -> Day {
    Day::from_epoch_days(START + days).unwrap()
}

fn small() -> &'static (Engine, ChangesSpec) {
    static SMALL: OnceLock<(Engine, ChangesSpec)> = OnceLock::new();
    SMALL.get_or_init(|| {
        let policy = r#"
            head = { name = "small", version = "1", currency = "EUR" }
            metrics = [
                { measure = "spend" },
                { measure = "churn_factor" },
                { name = "spend_60d", measure = "spend", window = "60 days" },
            ]
            [attributes]
            mood = { type = "category", values = ["fine", "worried", "gone", "back"] }
            worth = { type = "number", unit = "money" }
            [[tiers]]
            name = "gold"
            when = "spend_60d >= 100"
            [[tiers]]
            name = "silver"
            when = "spend >= 60"
            [[tiers]]
            name = "member"
        "#;
        let spec = spec(
            r#"
            value = "worth"
            importance = { fell_tier = "low", behaviour_changed = "high" }
            stages = [{ column = "mood", at_risk = ["worried"], churned = ["gone"], won_back = ["back"] }]
            thresholds = [{ column = "churn_factor", at = 2, worse = "more" }, { column = "spend", at = 80 }]
            behaviours = [
                { column = "spend_60d", share = 0.5, worse = "less", importance = "medium" },
                { column = "spend", amount = 40 },
            ]
            "#,
        );
        (Engine::from_toml(policy, &Catalog::standard()).unwrap(), spec)
    })
}

type Sales = Vec<(u64, i32, i64)>;

fn sales() -> impl Strategy<Value = Sales> {
    prop::collection::vec(
        (0..9_u64, 0..200, (0..6_i64).prop_map(|n| n * 2_000)),
        0..40,
    )
}

fn attributes() -> impl Strategy<Value = Vec<(u64, Option<usize>, Option<f64>)>> {
    let one = (
        0..9_u64,
        prop::option::of(0..4_usize),
        prop::option::of(0..4_i32),
    );
    let one = one.prop_map(|(id, mood, worth)| (id, mood, worth.map(|w| f64::from(w) * 10.0)));
    prop::collection::vec(one, 0..9)
}

/// Some ids are texts, so that both kinds are walked over.
fn id(n: u64) -> CustomerId {
    if n < 6 {
        CustomerId::from(n)
    } else {
        CustomerId::text(&format!("c{n}")).unwrap()
    }
}

fn population(
    sales: &Sales,
    until: i32,
    known: &[(u64, Option<usize>, Option<f64>)],
) -> Population {
    let bought = sales.iter().filter(|(_, on, _)| *on <= until);
    let records: Vec<Transaction> = bought
        .map(|(customer, on, cents)| {
            let amount = Money::from_minor(*cents, Currency::EUR);
            Transaction::purchase(id(*customer), day(*on), amount).unwrap()
        })
        .collect();
    let (engine, _) = small();
    let ledger = Ledger::from_transactions(&records, engine.cleaning(day(until)));
    let mut seen = BTreeSet::new();
    let known = known.iter().filter(|(n, ..)| seen.insert(*n));
    let customers = known.map(|(n, mood, worth)| {
        let mut customer = Customer::new(id(*n));
        if let Some(mood) = mood {
            let word = ["fine", "worried", "gone", "back"][*mood];
            customer = customer.with("mood", word).unwrap();
        }
        if let Some(worth) = worth {
            customer = customer.with("worth", *worth).unwrap();
        }
        customer
    });
    let population = engine.population(&ledger).unwrap();
    population
        .with_customers(customers.collect::<Vec<_>>())
        .unwrap()
}

fn mirrored(what: &Shift) -> Option<ShiftKind> {
    Some(match what.kind() {
        ShiftKind::New => ShiftKind::Gone,
        ShiftKind::Gone => ShiftKind::New,
        ShiftKind::FellTier => ShiftKind::RoseTier,
        ShiftKind::RoseTier => ShiftKind::FellTier,
        ShiftKind::CrossedThreshold => ShiftKind::CrossedThreshold,
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn equals_the_plain_loop(sales in sales(), old in attributes(), new in attributes()) {
        let (engine, spec) = small();
        let (earlier, later) = (population(&sales, 100, &old), population(&sales, 199, &new));
        let before = engine.review_all(&earlier, None, day(100)).unwrap();
        let after = engine.review_all(&later, None, day(199)).unwrap();
        let monitor = bind(spec, engine);
        let events = after.changes(&before, &monitor);
        prop_assert_eq!(&events, &plain(&before, &after, spec));
        prop_assert_eq!(&before.changes(&after, &monitor), &plain(&after, &before, spec));
        prop_assert!(before.changes(&before, &monitor).is_empty());

        // Looked at the other way round, who fell rose, and who is new is gone.
        let back = before.changes(&after, &monitor);
        for event in &events {
            if let Some(kind) = mirrored(&event.what) {
                let is = |other: &&ChangeEvent| other.customer == event.customer && other.what.kind() == kind;
                prop_assert!(back.iter().any(|other| is(&other)), "{event:?}");
            }
        }
        // Nobody has an event without a difference.
        let differ: BTreeSet<CustomerId> = after.diff(&before).into_iter().map(|d| d.customer).collect();
        for event in &events {
            prop_assert!(differ.contains(&event.customer));
            let text = toml::to_string(event).unwrap();
            prop_assert_eq!(&toml::from_str::<ChangeEvent>(&text).unwrap(), event);
        }
    }
}

/// Who has not changed costs no memory, however many they are.
#[test]
fn nothing_is_kept_of_whom_nothing_happened_to() {
    let (engine, spec) = small();
    let monitor = bind(spec, engine);
    let allocations = |customers: u64| {
        let sales: Vec<Transaction> = (0..customers)
            .map(|n| {
                let name = CustomerId::text(&format!("name{n}")).unwrap();
                let amount = Money::from_minor(100, Currency::EUR);
                Transaction::purchase(name, day(0), amount).unwrap()
            })
            .collect();
        let ledger = Ledger::from_transactions(&sales, engine.cleaning(day(9)));
        let population = engine.population(&ledger).unwrap();
        let before = engine.review_all(&population, None, day(8)).unwrap();
        let after = engine.review_all(&population, None, day(9)).unwrap();
        let mut events = Vec::new();
        let counts = allocation_counter::measure(|| events = after.changes(&before, &monitor));
        assert!(events.is_empty());
        counts.count_total
    };
    assert_eq!(allocations(10), allocations(5_000));
}

/// Columns of numbers are kept as such, and ids of any kind as texts beside numbers: the walk goes along both.
#[test]
fn ids_of_both_kinds_meet() {
    let (engine, spec) = small();
    let columns = Columns::new(
        CustomerColumn::Numbers(&[2, 10, 11, 13]),
        &[START; 4],
        &[100; 4],
    );
    let numbers = Ledger::from_columns(&columns, engine.cleaning(day(9))).unwrap();
    let mixed = ["2", "10", "12", "ada"].map(|id| {
        let amount = Money::from_minor(100, Currency::EUR);
        Transaction::purchase(CustomerId::text(id).unwrap(), day(0), amount).unwrap()
    });
    let mixed = Ledger::from_transactions(&mixed, engine.cleaning(day(9)));
    let [numbers, mixed] = [numbers, mixed].map(|ledger| engine.population(&ledger).unwrap());
    let [numbers, mixed] =
        [&numbers, &mixed].map(|people| engine.review_all(people, None, day(9)).unwrap());
    let monitor = bind(spec, engine);
    let told = |before: &Reviews<'_>, after: &Reviews<'_>| -> Vec<(String, ShiftKind)> {
        let events = after.changes(before, &monitor).into_iter();
        events
            .map(|e| (e.customer.to_string(), e.what.kind()))
            .collect()
    };
    let is = |id: &str, kind| (id.to_owned(), kind);
    use ShiftKind::{Gone, New};
    assert_eq!(
        told(&numbers, &mixed),
        [
            is("11", Gone),
            is("13", Gone),
            is("12", New),
            is("ada", New)
        ]
    );
    assert_eq!(
        told(&mixed, &numbers),
        [
            is("12", Gone),
            is("ada", Gone),
            is("11", New),
            is("13", New)
        ]
    );
    for (before, after) in [(&numbers, &mixed), (&mixed, &numbers)] {
        let differ = after.diff(before).into_iter();
        let ids: Vec<String> = differ.map(|d| d.customer.to_string()).collect();
        assert_eq!(ids, ["11", "12", "13", "ada"]);
    }
}

#[test]
fn a_large_change_is_one_at_the_limit_too() {
    let is_news = |text: &str, before: f64, after: f64| {
        let engine = Engine::from_toml(
            r#"
            head = { name = "x", version = "1", currency = "EUR" }
            attributes = { x = { type = "number", unit = "money" } }
            tiers = [{ name = "everybody" }]
            "#,
            &Catalog::standard(),
        )
        .unwrap();
        let monitor = bind(
            &spec(&format!("behaviours = [{{ column = 'x', {text} }}]")),
            &engine,
        );
        let ledger = Ledger::from_transactions(&[], engine.cleaning(day(0)));
        let people = |x: f64| {
            let population = engine.population(&ledger).unwrap();
            let customer = Customer::new(1).with("x", x).unwrap();
            population.with_customers([customer]).unwrap()
        };
        let (earlier, later) = (people(before), people(after));
        let before = engine.review_all(&earlier, None, day(0)).unwrap();
        let after = engine.review_all(&later, None, day(0)).unwrap();
        after.changes(&before, &monitor).len() == 1
    };
    assert!(is_news("share = 0.1", 100.10, 90.09));
    assert!(!is_news("share = 0.1", 100.10, 90.10));
    assert!(is_news("share = 0.5", -10.0, -15.0));
    assert!(!is_news("share = 0.5", -10.0, -14.99));
    // From nothing every change is large, and no change is none.
    assert!(is_news("share = 0.5", 0.0, 0.01));
    assert!(!is_news("share = 0.5", 0.0, 0.0));
    assert!(is_news("amount = 5", 10.0, 15.0) && !is_news("amount = 5", 10.0, 14.99));
    // With both, both.
    assert!(!is_news("share = 0.5, amount = 5", 2.0, 4.0));
    assert!(!is_news("share = 0.5, amount = 5", 20.0, 26.0));
    assert!(is_news("share = 0.5, amount = 5", 20.0, 30.0));
}

#[test]
fn in_words() {
    let event = |what, at_stake| ChangeEvent {
        customer: CustomerId::from(7),
        what,
        importance: Importance::High,
        at_stake,
    };
    let text = |text: &str| text.to_owned();
    let [from, to] = ["at_risk", "churned"].map(text);
    let column = text("stage");
    let said = [
        event(Shift::Churned { column, from, to }, Some(1234.5)),
        event(
            Shift::CrossedThreshold {
                column: text("spend"),
                unit: customer_value::model::Unit::Money,
                at: 100.0,
                from: Side::Above,
                before: 120.0,
                after: 30.0,
            },
            None,
        ),
    ]
    .map(|event| {
        let usd = Currency::USD;
        [event.text(&English, usd), event.text(&Chinese, usd)]
    });
    assert_eq!(
        said.concat(),
        [
            "churned: churned, was at_risk (1234.50 USD at stake)",
            "已流失：由 at_risk 变为 churned（涉及价值 1234.50 USD）",
            "spend fell below 100.00 USD: 30.00 USD, 120.00 USD before (value at stake not known)",
            "消费金额跌破 100.00 USD：由 120.00 USD 变为 30.00 USD（涉及价值未知）",
        ]
    );
    // The levels of churn are the library's words, and those of a stage the user's.
    let what = |column: &str| Shift::BecameAtRisk {
        column: text(column),
        from: text("active"),
        to: text("at_risk"),
    };
    let said = ["churn", "stage"].map(|column| {
        let event = event(what(column), None);
        let usd = Currency::USD;
        [event.text(&English, usd), event.text(&Chinese, usd)]
    });
    let english = "became at risk: at_risk, was active (value at stake not known)";
    assert_eq!(
        said.concat(),
        [
            english,
            "出现流失风险：由 活跃 变为 有流失风险（涉及价值未知）",
            english,
            "出现流失风险：由 active 变为 at_risk（涉及价值未知）",
        ]
    );
}

#[test]
fn every_problem_is_told_at_once() {
    let (engine, _) = small();
    let wrong = spec(
        r#"
        value = "churn_factor"
        stages = [
            { at_risk = ["x"] },
            { column = "spend" },
            { column = "mood", at_risk = ["gon", "gone"], churned = ["gone"] },
        ]
        thresholds = [{ column = "mood", at = 1 }, { column = "spned", at = inf }]
        behaviours = [{ column = "spend", share = 0, amount = -1 }, { column = "spend" }]
        "#,
    );
    let mut problems = Diagnostics::new();
    assert!(
        wrong
            .bind(engine.schema(), "monitoring", &mut problems)
            .is_none()
    );
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "error: monitoring.value: `churn_factor` is a number (ratio), not money",
            "error: monitoring.stages[0].column: there is no column `stage`",
            "error: monitoring.stages[1].column: `spend` is a number (money), not a word",
            "error: monitoring.stages[2].at_risk[0]: `mood` is never `gon` (did you mean `gone`?)",
            "error: monitoring.stages[2].churned[0]: `gone` is there twice, and a word means one thing (leave one out)",
            "error: monitoring.thresholds[0].column: `mood` is a word, not a number",
            "error: monitoring.thresholds[1].column: there is no column `spned` (did you mean `spend`?)",
            "error: monitoring.thresholds[1].at: `inf` is not a number",
            "error: monitoring.behaviours[0].share: `0` is not above 0",
            "error: monitoring.behaviours[0].amount: `-1` is not above 0",
            "error: monitoring.behaviours[1]: nothing says how large a change is news (set `share` or `amount`)",
        ]
    );
    let columns: Vec<&str> = spec(SPEC)
        .columns()
        .map(|c| c.to_owned().leak() as &str)
        .collect();
    assert_eq!(
        columns,
        [
            "spend_12m",
            "stage",
            "segment",
            "p_alive",
            "purchases",
            "spend_12m",
            "median_gap"
        ]
    );
}

#[test]
fn a_spec_is_plain_data() {
    let read = spec(SPEC);
    let again: ChangesSpec = toml::from_str(&toml::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
    assert!(toml::from_str::<ChangesSpec>("values = 'spend'").is_err());
    assert_eq!(spec(""), ChangesSpec::default());
}
