//! Explanations: nothing is left out of the data, nothing of the data out of the text, and it is the decision that is told.

use customer_value::engine::{Explanation, Population, Standing, Subject};
use customer_value::history::{Histories, History};
use customer_value::ledger::{Effect, Options};
use customer_value::model::{Customer, Unit};
use customer_value::rules::language::{Amount, Chinese, English, Language};
use customer_value::rules::{Condition, Covered, Expr, Found, Node, Truth};
use customer_value::summary::Window;
use customer_value::{Catalog, Currency, CustomerId, Day, Engine, Policy, Transaction};
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn engine() -> Engine {
    let policy: Policy = toml::from_str(include_str!("data/explanation/policy.toml")).unwrap();
    Engine::new(policy, &Catalog::standard()).unwrap()
}

fn history(engine: &Engine, purchases: &[(Day, i64)]) -> History {
    let options = Options::new(Day::MAX, Currency::EUR);
    let mut history = History::new(engine.layout().clone());
    for (day, cents) in purchases {
        let amount = format!("{}.{:02} EUR", cents / 100, cents % 100);
        let record = Transaction::purchase(1, *day, amount.parse().unwrap()).unwrap();
        history
            .add(&Effect::of(&record, &options).unwrap())
            .unwrap();
    }
    history
}

/// The engine, fitted to people who spent 100, 200, 300 and 400.
fn fitted() -> Engine {
    let engine = engine();
    let all = (1_u32..=4).map(|n| {
        let spend = [(day("2024-01-15"), i64::from(n) * 10_000)];
        (CustomerId::from(u64::from(n)), history(&engine, &spend))
    });
    let histories = Histories::collect(engine.layout().clone(), all).unwrap();
    let population = Population::new(histories);
    engine
        .fitted_to(&population, None, day("2024-06-30"))
        .unwrap()
}

/// The day and the cents of each.
type Purchases = Vec<(Day, i64)>;

const AS_OF: &str = "2024-06-30";

/// Three customers: at the top, in the middle with more to do, and one of whom nothing is known.
fn customers() -> [(&'static str, Purchases, Customer); 3] {
    let buy = |day_and_cents: &[(&str, i64)]| {
        let each = day_and_cents.iter();
        each.map(|(text, cents)| (day(text), *cents)).collect()
    };
    [
        (
            "gold",
            buy(&[
                ("2023-03-01", 4_000),
                ("2024-05-02", 62_050),
                ("2024-05-20", 10_000),
            ]),
            Customer::new(1).with("vip", true).unwrap(),
        ),
        (
            "silver",
            buy(&[("2023-08-01", 21_250), ("2024-02-11", 10_000)]),
            Customer::new(2)
                .with("city", "Bonn")
                .and_then(|c| c.with("vip", false))
                .and_then(|c| c.with("joined", day("2023-07-30")))
                .unwrap(),
        ),
        ("guest", vec![], Customer::new(3)),
    ]
}

fn explain(
    engine: &Engine,
    purchases: &[(Day, i64)],
    customer: &Customer,
    as_of: Day,
) -> Explanation {
    let history = history(engine, purchases);
    let subject = Subject::new(history.view()).with_customer(customer);
    let mut buffer = engine.buffer();
    let (_, found) = engine.review(subject, Standing::default(), as_of, &mut buffer);
    found.explain()
}

/// Every condition in an explanation, wherever it is.
fn conditions(explanation: &Explanation) -> Vec<&Condition> {
    let tiers = explanation.tier.tiers.iter().flat_map(|t| &t.conditions);
    let next = explanation.tier.next.iter().flat_map(|next| &next.missing);
    let taken = explanation.stage.iter().flat_map(|stage| &stage.taken);
    tiers
        .chain(next)
        .chain(taken.flat_map(|t| &t.conditions))
        .collect()
}

/// The window of a column of the policy file; `None` for what has none.
fn window(column: &str) -> Option<Window> {
    let text = match column {
        "spend_12m" => "365 days",
        "orders_last_year" => "last year",
        "vip" | "city" | "joined" | "stage" | "activity" | "stars" => return None,
        _ => "lifetime",
    };
    Some(text.parse().unwrap())
}

/// The days a column covers, by the definition.
fn covered(column: &str, as_of: Day, purchases: &[(Day, i64)]) -> Option<Covered> {
    let window = window(column)?;
    let bounds = window.at(as_of);
    let first_record = purchases.iter().map(|(day, _)| *day).min();
    let (first, last) = match window {
        Window::Lifetime => match first_record.filter(|day| *day <= as_of) {
            Some(first) => (Some(first), Some(as_of)),
            None => (None, None),
        },
        _ => (Some(bounds.first()), bounds.last()),
    };
    Some(Covered {
        window: Some(window),
        first,
        last,
        carried: None,
    })
}

/// The single conditions of an expression.
fn leaves(node: &Node) -> usize {
    match node {
        Node::And(all) | Node::Or(all) => all.iter().map(leaves).sum(),
        Node::Not(inner) => leaves(inner),
        Node::Constant(_) => 0,
        _ => 1,
    }
}

#[test]
fn the_data_is_complete() {
    let engine = fitted();
    let policy = engine.policy();
    for (tier, purchases, customer) in customers() {
        let found = explain(&engine, &purchases, &customer, day(AS_OF));
        assert_eq!(found.tier.tier, tier);
        assert_eq!(
            (
                &*found.policy,
                &*found.policy_version,
                found.fingerprint,
                found.currency
            ),
            ("members", "7", policy.fingerprint(), Currency::EUR)
        );
        // The rule that decided is in the policy at its place.
        let position = policy
            .tiers
            .tiers
            .iter()
            .position(|t| t.name == tier)
            .unwrap();
        let place = (tier != "guest").then(|| format!("tiers[{position}].when"));
        assert_eq!(found.tier.decided_by, place);
        for (spec, told) in policy.tiers.tiers.iter().zip(&found.tier.tiers) {
            assert_eq!(spec.name, told.tier);
            assert_eq!(spec.when.as_ref().map(ToString::to_string), told.rule);
            let count = spec.when.as_ref().map_or(0, |when| leaves(when.node()));
            assert_eq!(told.conditions.len(), count, "{tier}");
        }
        for condition in conditions(&found) {
            let expected = covered(&condition.column, day(AS_OF), &purchases);
            assert_eq!(condition.covered, expected, "{condition}");
        }
        for part in &found.scores[0].parts {
            assert_eq!(part.covered, covered(&part.column, day(AS_OF), &purchases));
        }
        // The log after the review adds up to the score.
        let points = &found.points[0];
        let sum = points.lines.iter().fold(0.0, |sum, line| sum + line.points);
        assert_eq!((&*points.name, points.points), ("stars", sum));
        let days = purchases
            .iter()
            .filter(|(day, _)| points.lines.iter().any(|line| line.day == *day));
        assert_eq!(days.count(), purchases.len());

        let taken = &found.stage.as_ref().unwrap().taken;
        assert_eq!(taken.len(), usize::from(tier != "guest"));
        for taken in taken {
            let position = ["active", "asleep"]
                .iter()
                .position(|to| taken.to == *to)
                .unwrap();
            assert_eq!(
                taken.place,
                format!("lifecycle.transitions[{position}].when")
            );
            let when = &policy.lifecycle.as_ref().unwrap().transitions[position].when;
            assert_eq!(taken.rule, when.as_ref().unwrap().to_string());
        }

        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Explanation>(&json).unwrap(), found);
        assert_eq!(
            toml::from_str::<Explanation>(&toml::to_string(&found).unwrap()).unwrap(),
            found
        );
    }
}

/// How a language writes a value: what a text must contain that tells it.
fn written(language: &dyn Language, found: &Found, condition: &Condition) -> Vec<String> {
    let of = condition.measure.as_deref().unwrap_or(&condition.column);
    let amount = |number| {
        Amount::new(number, condition.unit)
            .currency(Currency::EUR)
            .of(of)
    };
    match found {
        Found::Number(number) => {
            let amount = amount(*number);
            let bare = language.number(&amount.digits());
            vec![if language.tag() == "en" {
                bare
            } else {
                language.amount(&amount)
            }]
        }
        Found::Day(day) => vec![language.day(*day)],
        Found::Word(word) => vec![word.clone()],
        Found::Flag(flag) if language.tag() == "en" => {
            vec![if *flag { "yes" } else { "no" }.into()]
        }
        Found::Flag(flag) => vec![if *flag { "是" } else { "否" }.into()],
        Found::Missing => vec![],
    }
}

/// Every number, day and name of the data is in the text.
fn assert_told(found: &Explanation, language: &dyn Language) {
    let text = found.text(language);
    let has = |part: &str, what: &dyn std::fmt::Debug| {
        assert!(text.contains(part), "{part} of {what:?} is not in\n{text}");
    };
    has(&found.fingerprint.to_string(), &"fingerprint");
    has(&found.policy_version, &"version");
    has(found.currency.code(), &"currency");
    has(&language.day(found.as_of), &"as_of");
    let days = |covered: Option<Covered>| {
        for day in covered.iter().flat_map(|c| [c.first, c.last]).flatten() {
            has(&language.day(day), &covered);
        }
    };
    for condition in conditions(found) {
        // On the line of the condition, not anywhere.
        for part in written(language, &condition.found, condition) {
            has(&part, condition);
        }
        if let Some(change) = condition.change() {
            let digits: String = change
                .chars()
                .filter(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            let percent = matches!(condition.unit, Some(Unit::Share)) && language.tag() != "en";
            has(
                &if percent {
                    format!("{}", digits.parse::<f64>().unwrap() * 100.0)
                } else {
                    digits
                },
                condition,
            );
        }
        if let (Some(threshold), true) = (condition.threshold, condition.unit != Some(Unit::Date)) {
            let percent = matches!(condition.unit, Some(Unit::Share)) && language.tag() != "en";
            has(
                &format!(
                    "{}",
                    if percent {
                        threshold * 100.0
                    } else {
                        threshold
                    }
                ),
                condition,
            );
        }
        days(condition.covered);
    }
    let sentences = found
        .tier
        .tiers
        .iter()
        .flat_map(|t| t.conditions.iter().map(move |c| (&t.tier, c)));
    for (tier, condition) in sentences {
        let lines = text
            .lines()
            .filter(|line| line.trim_start().starts_with(&**tier));
        let parts = written(language, &condition.found, condition);
        let told = lines.filter(|line| parts.iter().all(|part| line.contains(part)));
        assert!(told.count() > 0, "{condition} of {tier} is not in\n{text}");
    }
    for (place, rule) in found
        .tier
        .tiers
        .iter()
        .filter(|t| t.tier == found.tier.tier)
        .filter_map(|t| Some((t.place.as_ref()?, t.rule.as_ref()?)))
    {
        has(place, &rule);
        has(rule, &place);
    }
    if let Some(stage) = &found.stage {
        has(&language.day(stage.since), &stage.stage);
        for taken in &stage.taken {
            has(&language.day(taken.since), taken);
            has(&taken.rule, taken);
        }
    }
    for score in &found.scores {
        score
            .score
            .iter()
            .for_each(|score| has(&format!("{score:.2}"), score));
        for part in &score.parts {
            has(&format!("{:+.2}", part.contribution), part);
            has(&format!("{:.0}", part.share * 100.0), part);
            days(part.covered);
            part.place
                .iter()
                .for_each(|place| has(&Amount::new(*place, None).digits(), part));
        }
    }
    for points in &found.points {
        has(&format!("{:.2}", points.points), points);
        for line in &points.lines {
            has(&format!("{:+.2}", line.points), line);
            has(&language.day(line.day), line);
            has(&line.rule, line);
        }
    }
}

#[test]
fn the_text_tells_all_of_the_data() {
    let engine = fitted();
    for (_, purchases, customer) in customers() {
        let found = explain(&engine, &purchases, &customer, day(AS_OF));
        assert_told(&found, &English);
        assert_told(&found, &Chinese);
        assert_eq!(found.to_string(), found.text(&English));
        assert_eq!(found.reason(&English), found.tier.reason());
    }
}

#[test]
fn three_customers_in_two_languages() {
    let engine = fitted();
    let golden = [
        [
            include_str!("data/explanation/gold.en.txt"),
            include_str!("data/explanation/gold.zh.txt"),
        ],
        [
            include_str!("data/explanation/silver.en.txt"),
            include_str!("data/explanation/silver.zh.txt"),
        ],
        [
            include_str!("data/explanation/guest.en.txt"),
            include_str!("data/explanation/guest.zh.txt"),
        ],
    ];
    for ((name, purchases, customer), golden) in customers().into_iter().zip(golden) {
        let found = explain(&engine, &purchases, &customer, day(AS_OF));
        let languages: [&dyn Language; 2] = [&English, &Chinese];
        for (language, golden) in languages.into_iter().zip(golden) {
            let text = found.text(language);
            assert!(text == golden, "<<<{name} {}\n{text}>>>", language.tag());
        }
    }
}

/// In bulk, the same is told as of one customer.
#[test]
fn bulk_tells_the_same() {
    let engine = fitted();
    let mine = customers();
    let all = mine
        .iter()
        .map(|(_, purchases, customer)| (customer.id().clone(), history(&engine, purchases)));
    let histories = Histories::collect(engine.layout().clone(), all).unwrap();
    let population = Population::new(histories)
        .with_customers(mine.iter().map(|(_, _, c)| c.clone()))
        .unwrap();
    let reviews = engine.review_all(&population, None, day(AS_OF)).unwrap();
    for (_, purchases, customer) in &mine {
        // A customer without any record is not among the histories.
        if let Some(found) = reviews.get(customer.id()) {
            assert_eq!(
                found.explain(),
                explain(&engine, purchases, customer, day(AS_OF))
            );
        }
    }
    assert!(reviews.len() >= 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Each condition is judged as it is alone, and the tier is that of the review.
    #[test]
    fn what_is_told_is_what_was_decided(
        purchases in prop::collection::vec((0..900_i32, 1..80_000_i64), 0..8),
        city in prop::option::of(prop::sample::select(vec!["Bonn", "Wuhan"])),
        vip in prop::option::of(any::<bool>()),
        joined in prop::option::of(0..900_i32),
        as_of in 300..900_i32,
    ) {
        let engine = fitted();
        let start = day("2022-06-30");
        let on = |days: i32| start.plus(customer_value::model::Days::new(days));
        let purchases: Vec<_> = purchases.into_iter().map(|(at, cents)| (on(at), cents)).collect();
        let mut customer = Customer::new(1);
        if let Some(city) = city {
            customer = customer.with("city", city).unwrap();
        }
        if let Some(vip) = vip {
            customer = customer.with("vip", vip).unwrap();
        }
        if let Some(joined) = joined {
            customer = customer.with("joined", on(joined)).unwrap();
        }
        let as_of = on(as_of);
        let history = history(&engine, &purchases);
        let mut buffer = engine.buffer();
        let subject = Subject::new(history.view()).with_customer(&customer);
        let (standing, found) = engine.review(subject, Standing::default(), as_of, &mut buffer);
        let told = found.explain();

        prop_assert_eq!(&told.tier.tier, found.tier());
        let undecided = found.decision().undecided.map(|tier| engine.ladder().name(tier));
        prop_assert_eq!(told.tier.undecided.as_deref(), undecided);
        let stage = told.stage.as_ref().unwrap();
        prop_assert_eq!(Some(&*stage.stage), found.stage());
        let log = standing.points("stars").unwrap();
        let book = engine.points("stars").unwrap();
        prop_assert_eq!(told.points[0].lines.len(), book.lines(log, as_of).count());
        prop_assert_eq!(Some(told.points[0].points), found.number("stars"));

        for condition in conditions(&told) {
            let mut problems = customer_value::diagnostic::Diagnostics::new();
            let place = customer_value::diagnostic::Place::at("alone");
            let alone: Expr = condition.text.parse().unwrap();
            let mut alone = alone.bind(engine.schema(), &place, &mut problems).unwrap();
            if !alone.population().is_empty() {
                let cuts: Vec<_> = engine.ladder().population().iter().map(|asked| {
                    let spent = [100.0, 200.0, 300.0, 400.0].into_iter().map(Some);
                    customer_value::rules::Cut::of(asked, spent)
                }).collect();
                alone.freeze(&cuts).unwrap();
            }
            prop_assert_eq!(condition.truth, alone.truth(found.row()), "{}", condition);
            prop_assert_eq!(condition.covered, covered(&condition.column, as_of, &purchases));
            if condition.truth == Truth::True {
                prop_assert!(condition.threshold.is_none() || condition.distance == Some(0.0));
            }
        }
        for tier in &told.tier.tiers {
            if let Some(rule) = &tier.rule {
                prop_assert!(rule.parse::<Expr>().is_ok());
            }
        }
        let json = serde_json::to_value(&told).unwrap();
        prop_assert_eq!(serde_json::from_value::<Explanation>(json).unwrap(), told.clone());
        assert_told(&told, &English);
        assert_told(&told, &Chinese);
    }
}
