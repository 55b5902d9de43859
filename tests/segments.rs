//! Segments: rules with a column of their own, through binding, reviews, explanation, analysis and reports; and the grid of
//! lifetime and referral value.

use customer_value::engine::{Engine, Explanation, Policy, Population, Reviews};
use customer_value::ledger::{Columns, CustomerColumn, Ledger};
use customer_value::metrics::Catalog;
use customer_value::model::{AttributeValue, Currency, Customer, Day};
use customer_value::report::{GridGroup, GridLimits, ValueGrid};
use customer_value::rules::Truth;
use customer_value::rules::language::{Chinese, English};
use proptest::prelude::*;

const POLICY: &str = r#"
    head = { name = "shops", version = "1", currency = "EUR" }

    [attributes]
    city = { type = "category", values = ["Bonn", "Ulm"] }
    staff = { type = "number", unit = "count" }

    [[segments]]
    name = "bonn"
    when = 'city = "Bonn"'
    dimension = "geography"
    description = "delivered by our own van"

    [[segments]]
    name = "large"
    when = "staff >= 50"
    dimension = "size"

    [[segments]]
    name = "top_half"
    when = "percentile(spend) >= 50"
    dimension = "value"

    [[segments]]
    name = "bonn_top"
    when = "bonn and top_half"

    [lifecycle]
    start = "other"
    stages = [{ name = "other" }, { name = "cared_for" }]
    transitions = [{ from = "other", to = "cared_for", when = "bonn" }]

    [[tiers]]
    name = "gold"
    when = "bonn_top = true"

    [[tiers]]
    name = "silver"
    when = "large or bonn"

    [[tiers]]
    name = "member"
"#;

fn engine(text: &str) -> Engine {
    Engine::from_toml(text, &Catalog::standard()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn day() -> Day {
    "2024-06-30".parse().unwrap()
}

/// Five customers who spent 10, 20, 30, 40 and 50; the fifth is not known beside that.
fn population(engine: &Engine) -> Population {
    let days = [day().epoch_days(); 5];
    let columns = Columns::new(
        CustomerColumn::Numbers(&[1, 2, 3, 4, 5]),
        &days,
        &[10_00, 20_00, 30_00, 40_00, 50_00],
    );
    let ledger = Ledger::from_columns(&columns, engine.cleaning(day())).unwrap();
    let known = [
        (1, "Bonn", 10.0),
        (2, "Ulm", 80.0),
        (3, "Bonn", 60.0),
        (4, "Ulm", 5.0),
    ];
    let customers = known.map(|(id, city, staff)| {
        Customer::new(id)
            .with("city", AttributeValue::Text(city.into()))
            .unwrap()
            .with("staff", AttributeValue::Number(staff))
            .unwrap()
    });
    let population = engine.population(&ledger).unwrap();
    population.with_customers(customers).unwrap()
}

fn with_reviews(text: &str, work: impl FnOnce(&Reviews<'_>)) {
    let engine = engine(text);
    let people = population(&engine);
    let engine = engine.fitted_to(&people, None, day()).unwrap();
    work(&engine.review_all(&people, None, day()).unwrap());
}

#[test]
fn segments_feed_each_other_the_lifecycle_and_the_tiers() {
    with_reviews(POLICY, |reviews| {
        let said: Vec<(Vec<&str>, &str, Option<&str>)> = (0..5)
            .map(|i| {
                let one = reviews.at(i).unwrap();
                (one.segments().collect(), one.tier(), one.stage())
            })
            .collect();
        // By hand: 0, 20, 40, 60 and 80 % are strictly below.
        let expected: [(&[&str], &str, &str); 5] = [
            (&["bonn"], "silver", "cared_for"),
            (&["large"], "silver", "other"),
            (&["bonn", "large"], "silver", "cared_for"),
            (&["top_half"], "member", "other"),
            (&["top_half"], "member", "other"),
        ];
        for ((segments, tier, stage), (all, t, s)) in said.iter().zip(expected) {
            assert_eq!((segments.as_slice(), *tier, *stage), (all, t, Some(s)));
        }
        let fifth = reviews.at(4).unwrap();
        assert_eq!(fifth.number("bonn"), None, "not known, and not 0");
        assert_eq!(fifth.number("bonn_top"), None);
        assert_eq!(reviews.at(3).unwrap().number("bonn_top"), Some(0.0));
    });
    let lower = POLICY.replace(
        ">= 50\"\n    dimension = \"value\"",
        ">= 40\"\n    dimension = \"value\"",
    );
    assert_ne!(lower, POLICY);
    with_reviews(&lower, |reviews| {
        let third = reviews.at(2).unwrap();
        assert_eq!(third.segments().last(), Some("bonn_top"));
        assert_eq!(third.tier(), "gold");
    });
}

#[test]
fn one_customer_has_the_segments_of_the_bulk_review_and_keeps_them_with_the_fit_as_data() {
    let engine = engine(POLICY);
    let people = population(&engine);
    let fit = engine.fit(&people, None, day()).unwrap();
    let text = serde_json::to_string(&fit).unwrap();
    let engine = engine.freeze(serde_json::from_str(&text).unwrap()).unwrap();
    let reviews = engine.review_all(&people, None, day()).unwrap();
    let mut buffer = engine.buffer();
    for one in reviews.iter() {
        let (_, history) = people.histories().at(one.position()).unwrap();
        let subject = customer_value::engine::Subject::new(history);
        let subject = match people.customer(one.position()) {
            Some(customer) => subject.with_customer(customer),
            None => subject,
        };
        let (_, alone) = engine.review(subject, Default::default(), day(), &mut buffer);
        assert!(alone.segments().eq(one.assessment().segments()));
        assert_eq!(
            alone.explain().segments,
            one.assessment().explain().segments
        );
    }
}

#[test]
fn the_explanation_says_why() {
    with_reviews(POLICY, |reviews| {
        let said = reviews.at(4).unwrap().explain();
        let truths: Vec<(&str, Truth)> = said
            .segments
            .iter()
            .map(|s| (s.name.as_str(), s.truth))
            .collect();
        assert_eq!(
            truths,
            [
                ("bonn", Truth::Unknown),
                ("large", Truth::Unknown),
                ("top_half", Truth::True),
                ("bonn_top", Truth::Unknown),
            ]
        );
        assert_eq!(said.segments[0].dimension.as_deref(), Some("geography"));
        let english = said.text(&English);
        for line in ["segment bonn not known", "in segment top_half"] {
            assert!(english.contains(line), "{english}");
        }
        assert!(
            reviews
                .at(1)
                .unwrap()
                .explain()
                .text(&English)
                .contains("not in segment bonn")
        );
        assert!(said.text(&Chinese).contains("属于细分群体 top_half"));
        let text = serde_json::to_string(&said).unwrap();
        assert_eq!(serde_json::from_str::<Explanation>(&text).unwrap(), said);
    });
}

#[test]
fn reports_count_everybody_once_and_the_unknown_apart() {
    with_reviews(POLICY, |reviews| {
        assert_eq!(
            reviews.by_segment("spend").unwrap().to_string(),
            "\
segment   goes by    customers    share  unknown   spend    share
bonn      geography          2   40.0 %        1   40.00   26.7 %
large     size               2   40.0 %        1   50.00   33.3 %
top_half  value              2   40.0 %        0   90.00   60.0 %
bonn_top  -                  0    0.0 %        1    0.00    0.0 %
all       -                  5  100.0 %        0  150.00  100.0 %
"
        );
        assert_eq!(
            reviews.segments_by("tier").unwrap().to_string(),
            "\
tier             bonn  large  top_half  bonn_top  customers
gold                0      0         0         0          0
silver              2      2         0         0          3
member              0      0         2         0          2
total               2      2         2         0          5
segment unknown     1      1         0         1          -
"
        );
        let overlap = reviews.segments_by("bonn").unwrap();
        assert_eq!(overlap.count("yes", "large"), 1);
        assert_eq!(
            ["no", "yes"].map(|flag| overlap.count(flag, "bonn")),
            [0, 2]
        );
        assert_eq!(overlap.unknown().customers, 1);
        assert_eq!(
            reviews
                .segments_by("stage")
                .unwrap()
                .count("cared_for", "bonn"),
            2
        );
        assert_eq!(
            reviews.segments_by("city").unwrap().count("Ulm", "large"),
            1
        );
        for wrong in ["spend", "no_such_column"] {
            assert!(reviews.segments_by(wrong).unwrap_err().is_misuse());
        }
        assert!(reviews.by_segment("staff").unwrap_err().is_misuse());
    });
}

#[test]
fn every_mistake_is_reported_at_once_with_its_place() {
    let text = r#"
        head = { name = "x", version = "1", currency = "EUR" }
        tiers = [{ name = "a", when = "later and ok" }, { name = "all" }]
        attributes = { vip = { type = "flag" } }
        [[segments]]
        name = "ok"
        when = "later and vip"
        [[segments]]
        name = "later"
        when = "vipp"
        dimension = " "
        [[segments]]
        name = "vip"
        when = "spend >= 5"
        [[segments]]
        name = "Big ones"
        when = "spend >"
        [[segments]]
        name = "margin"
        when = "vip"
        [[segments]]
        name = "stage"
        when = "vip"
        [[segments]]
        name = "ok"
        when = "vip"
    "#;
    let problems = Engine::from_toml(text, &Catalog::standard()).unwrap_err();
    let said: Vec<&str> = problems.iter().map(|p| p.place.path.as_str()).collect();
    let expected = [
        "segments[0].when",
        "segments[1].when",
        "segments[1].dimension",
        "segments[2].name",
        "segments[3].name",
        "segments[3].when",
        "segments[4].name",
        "segments[6].name",
    ];
    for place in expected {
        assert!(said.contains(&place), "{place}\n{problems}");
    }
    assert_eq!(said.len(), expected.len(), "{problems}");
    assert!(
        problems
            .to_string()
            .contains("`later` is not known yet here"),
        "{problems}"
    );
}

/// What its own rule and others say of the measure is right, and follows from nothing.
#[test]
fn a_segment_with_the_name_of_a_measure_is_one_mistake() {
    for listed in ["", "metrics = [{ measure = \"spend\" }]"] {
        let text = format!(
            r#"
            head = {{ name = "x", version = "1", currency = "EUR" }}
            tiers = [{{ name = "a", when = "spend >= 500 and rich" }}, {{ name = "all" }}]
            segments = [{{ name = "spend", when = "spend >= 5" }}, {{ name = "rich", when = "spend >= 50" }}]
            {listed}
            "#
        );
        let problems = Engine::from_toml(&text, &Catalog::standard()).unwrap_err();
        assert_eq!(
            problems.to_string(),
            "error: line 4, column 34, segments[0].name: `spend` is the name of a measure (choose another name)"
        );
    }
    // That this measure needs something is another mistake.
    let text = r#"
        head = { name = "x", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]
        segments = [{ name = "nth_purchase", when = "nth_purchase is missing" }]
    "#;
    let problems = Engine::from_toml(text, &Catalog::standard()).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{problems}");
    assert!(
        problems.to_string().contains("list it under `metrics`"),
        "{problems}"
    );
}

#[test]
fn rules_that_never_or_always_hold_are_findings() {
    let text = r#"
        head = { name = "x", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]
        segments = [
            { name = "nobody", when = "spend > 5 and spend < 3" },
            { name = "everybody", when = "purchases >= 0" },
            { name = "some", when = "purchases >= 2" },
        ]
    "#;
    let said: Vec<String> = engine(text)
        .analyse()
        .iter()
        .map(|f| f.diagnostic.to_string())
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("nobody is in the segment `nobody`"),
        "{said:?}"
    );
    assert!(said[1].contains("segments[1].when"), "{said:?}");
}

#[test]
fn a_policy_without_segments_is_written_as_before_and_one_with_them_is_another_policy() {
    let policy = Policy::standard(Currency::EUR);
    assert!(!policy.to_toml().unwrap().contains("segments = "));
    let mut more = policy.clone();
    more.segments = engine(POLICY).policy().segments.clone();
    assert_ne!(more.fingerprint(), policy.fingerprint());
    assert_eq!(Policy::from_toml(&more.to_toml().unwrap()).unwrap(), more);
}

#[test]
fn the_grid_over_two_columns_of_a_review() {
    let text = r#"
        head = { name = "x", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]
        attributes = { brought = { type = "number", unit = "money" } }
        [[metrics]]
        measure = "spend"
    "#;
    let engine = engine(text);
    let days = [day().epoch_days(); 3];
    let columns = Columns::new(
        CustomerColumn::Numbers(&[1, 2, 3]),
        &days,
        &[10_00, 20_00, 30_00],
    );
    let ledger = Ledger::from_columns(&columns, engine.cleaning(day())).unwrap();
    let brought = [(1, 5.0), (2, 0.0)].map(|(id, n)| {
        Customer::new(id)
            .with("brought", AttributeValue::Number(n))
            .unwrap()
    });
    let people = engine
        .population(&ledger)
        .unwrap()
        .with_customers(brought)
        .unwrap();
    let reviews = engine.review_all(&people, None, day()).unwrap();
    let (grid, groups) = reviews.value_grid("spend", "brought", None).unwrap();
    assert_eq!(
        grid.limits(),
        GridLimits {
            clv: 15_00,
            crv: 2_50
        }
    );
    assert_eq!(
        groups,
        [Some(GridGroup::Advocates), Some(GridGroup::Affluents), None]
    );
    let given = GridLimits { clv: 0, crv: 0 };
    let (_, groups) = reviews.value_grid("spend", "brought", Some(given)).unwrap();
    assert_eq!(
        groups[..2],
        [Some(GridGroup::Champions), Some(GridGroup::Affluents)]
    );
    assert!(
        reviews
            .value_grid("purchases", "brought", None)
            .unwrap_err()
            .is_misuse()
    );
}

/// −3 and 0 have the mean −1.5, which is rounded down.
#[test]
fn a_median_below_zero_is_rounded_down() {
    let values = [(Some(-3), Some(0)), (Some(0), Some(5))];
    let limits = GridLimits { clv: -2, crv: 2 };
    assert_eq!(GridLimits::medians(values), Some(limits));
}

fn amount() -> impl Strategy<Value = Option<i64>> {
    prop::option::weighted(0.9, prop_oneof![-3..6_i64, any::<i64>()])
}

proptest! {
    #[test]
    fn each_customer_is_in_one_cell_and_the_limits_are_kept(
        customers in prop::collection::vec((amount(), amount()), 1..60),
        given in (any::<i64>(), any::<i64>()),
        median in any::<bool>(),
    ) {
        let medians = GridLimits::medians(customers.iter().copied());
        let known = customers.iter().filter(|(a, b)| a.is_some() && b.is_some()).count();
        prop_assert_eq!(medians.is_some(), known > 0);
        let limits = medians
            .filter(|_| median)
            .unwrap_or(GridLimits { clv: given.0, crv: given.1 });
        let mut grid = ValueGrid::new(limits, Currency::EUR);
        let mut high = [0_usize; 2];
        for (clv, crv) in &customers {
            let group = grid.add(*clv, *crv);
            prop_assert_eq!(group.is_some(), clv.is_some() && crv.is_some());
            if let (Some(group), Some(clv), Some(crv)) = (group, clv, crv) {
                use GridGroup::{Advocates, Affluents, Champions};
                prop_assert_eq!(matches!(group, Champions | Affluents), *clv > limits.clv);
                prop_assert_eq!(matches!(group, Champions | Advocates), *crv > limits.crv);
                high[0] += usize::from(*clv > limits.clv);
                high[1] += usize::from(*crv > limits.crv);
            }
        }
        let counted: u64 = grid.cells().iter().map(|cell| cell.customers).sum();
        prop_assert_eq!(counted, known as u64);
        prop_assert_eq!(grid.customers(), customers.len() as u64);
        if median && known > 0 {
            // Never more than half are above a median.
            prop_assert!(high.iter().all(|n| 2 * n <= known));
        }
        let text = serde_json::to_string(&grid).unwrap();
        prop_assert_eq!(serde_json::from_str::<ValueGrid>(&text).unwrap(), grid);
    }
}
