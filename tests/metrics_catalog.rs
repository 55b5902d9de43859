//! What a policy may say of a metric, and everything it is told when it says something else.

use customer_value::diagnostic::{Code, Diagnostics, Place};
use customer_value::history::{History, Layout};
use customer_value::metrics::ltv::RetentionTerms;
use customer_value::metrics::referral::{
    ReferralGraph, ReferralMetric, ReferralReach, ReferralTerms, ReferralWeights,
};
use customer_value::metrics::{Catalog, Metric, MetricSpec};
use customer_value::model::{Currency, CustomerId, Day, Days, Referral, ReferralKind, Unit};
use customer_value::summary::{Summary, Window};

fn read(text: &str) -> MetricSpec {
    toml::from_str(text).unwrap()
}

/// The problems of one entry at `metrics[3]`, each as one line; none if it builds.
fn problems_in(catalog: &Catalog, spec: &MetricSpec) -> Vec<String> {
    let mut problems = Diagnostics::new();
    let metric = catalog.build(spec, &Place::at("metrics[3]"), &mut problems);
    assert_eq!(metric.is_none(), problems.has_errors(), "{spec:?}");
    problems.iter().map(ToString::to_string).collect()
}

fn problems(text: &str) -> Vec<String> {
    problems_in(&Catalog::standard(), &read(text))
}

#[derive(Debug)]
struct Own(&'static str);

impl Metric for Own {
    fn name(&self) -> &str {
        self.0
    }
    fn unit(&self) -> Unit {
        Unit::Points
    }
    fn window(&self) -> Window {
        Window::Trailing(Days::new(30))
    }
    fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
        Some(customer.spend() + 7.0)
    }
}

#[test]
fn a_spec_is_read_and_written_in_one_form() {
    let terms = RetentionTerms {
        margin: 0.4,
        retention: 0.8,
        discount: 0.1,
        per: Days::new(365),
        margin_now: true,
    };
    for (text, spec) in [
        ("measure = \"spend\"\n", MetricSpec::new("spend")),
        (
            "name = \"spend\"\nmeasure = \"spend\"\nwindow = \"365 days\"\n",
            MetricSpec::new("spend")
                .named("spend")
                .over(Window::Trailing(Days::new(365))),
        ),
        (
            "name = \"ltv_2y\"\nmeasure = \"retention_ltv\"\nwindow = \"730 days\"\nper = \"365 days\"\nmargin = 0.4\nretention = 0.8\ndiscount = 0.1\nmargin_now = true\n",
            MetricSpec::new("retention_ltv")
                .named("ltv_2y")
                .over(Window::Trailing(Days::new(730)))
                .retention_terms(terms),
        ),
        (
            "name = \"loyal_since\"\nmeasure = \"nth_purchase\"\nnth = 4\n",
            MetricSpec::new("nth_purchase").named("loyal_since").nth(4),
        ),
        (
            "measure = \"category_spend\"\nwindow = \"last quarter\"\ncategory = \"books\"\n",
            MetricSpec::new("category_spend")
                .over("last quarter".parse().unwrap())
                .category("books"),
        ),
    ] {
        assert_eq!(read(text), spec);
        assert_eq!(problems_in(&Catalog::standard(), &spec), [""; 0]);
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<MetricSpec>(&json).unwrap(), spec);
        assert!(!json.contains("null"), "{json}");
    }
    assert!(toml::from_str::<MetricSpec>("measure = \"spend\"\nwidnow = \"1 day\"").is_err());
    assert!(toml::from_str::<MetricSpec>("name = \"spend\"").is_err());
}

#[test]
fn a_declared_metric_has_its_name_unit_window_and_facts() {
    let build = |text: &str| {
        let mut problems = Diagnostics::new();
        let metric = Catalog::standard().build(&read(text), &Place::default(), &mut problems);
        metric.unwrap_or_else(|| panic!("{problems}"))
    };
    let frequency =
        build("name = \"f\"\nmeasure = \"frequency\"\nwindow = \"this year\"\nper = \"30 days\"");
    assert_eq!(frequency.name(), "f");
    assert_eq!(frequency.unit(), Unit::CountPer(Days::new(30)));
    assert_eq!(frequency.window().to_string(), "this year");
    assert!(frequency.facts().is_empty());

    let share = build("measure = \"category_share\"\ncategory = \" books \"");
    assert_eq!(share.name(), "category_share");
    assert_eq!(share.window(), Window::Lifetime);
    assert_eq!(share.facts().len(), 1);
    assert_eq!(share.facts()[0].category(), Some("books"));
    assert_eq!(build("measure = \"discount_share\"").facts().len(), 2);
}

#[test]
fn every_problem_of_an_entry_is_reported_at_once() {
    assert_eq!(
        problems(
            "name = \"Spend 12\"\nmeasure = \"retention_ltv\"\nwindow = \"365 dyas\"\nper = 30\nnth = 2\nmargin = 40\ndiscount = nan"
        ),
        [
            "error: metrics[3].name: `Spend 12` is not a name of a metric (use small letters, digits and `_`, beginning with a letter or `_`)",
            "error: metrics[3].window: `365 dyas` is not a valid window: a window is written like `lifetime`, `365 days`, `this year`, `last quarter`, `2 months ago` or `2024-01-01..2025-01-01`",
            "error: metrics[3].nth: `retention_ltv` takes no `nth` (it takes `margin`, `retention`, `discount`, `per`, `margin_now`)",
            "error: metrics[3]: `retention_ltv` needs `retention` (add a line like `retention = 0.8`)",
            "error: metrics[3].per: `30` is not a valid length of time: it is written like `30 days` (write it like `per = \"30 days\"`)",
            "error: metrics[3].margin: a margin of `40` is outside 0 to 1 (80 % is written 0.8)",
            "error: metrics[3].discount: a discount rate of `NaN` is not a number of 0 or more (10 % per period is written 0.1)",
        ]
    );
}

#[test]
fn each_mistake_has_its_place_and_advice() {
    for (text, expected) in [
        (
            "measure = \"spned\"",
            "metrics[3].measure: there is no measure `spned` (did you mean `spend`?)",
        ),
        (
            "measure = \"recency\"",
            "metrics[3].measure: there is no measure `recency` (`days_since_last` is the recency of RFM, `active_span` that of lifetime models)",
        ),
        (
            "measure = \"spend\"\nwindow = 365",
            "metrics[3].window: `365` is not a valid window: a window is written like `lifetime`, `365 days`, `this year`, `last quarter`, `2 months ago` or `2024-01-01..2025-01-01`",
        ),
        (
            "measure = \"spend\"\nper = \"30 days\"",
            "metrics[3].per: `spend` takes no `per` (it takes no parameters)",
        ),
        (
            "name = \"spend\"\nmeasure = \"purchases\"",
            "metrics[3].name: `spend` is the name of another measure (a name that means two things misleads whoever reads a rule)",
        ),
        (
            "measure = \"nth_purchase\"\nnth = 0",
            "metrics[3].nth: `nth` counts from 1 (write it like `nth = 4`)",
        ),
        (
            "measure = \"category_spend\"\ncategory = \" \"",
            "metrics[3].category: the category is empty (write it like `category = \"books\"`)",
        ),
        (
            "measure = \"frequency\"",
            "metrics[3]: `frequency` needs `per` (add a line like `per = \"30 days\"`)",
        ),
        (
            "measure = \"frequency\"\nper = \"last year\"",
            "metrics[3].per: `last year` is not a valid length of time: it is written like `30 days` (write it like `per = \"30 days\"`)",
        ),
        (
            "measure = \"retention_ltv\"\nmargin = 0.4\nretention = 1\ndiscount = 0\nper = \"365 days\"",
            "metrics[3].discount: with a retention of `1` and a discount rate of `0` the value is infinite (take a retention below 1, or a discount rate above 0)",
        ),
    ] {
        assert_eq!(problems(text), [format!("error: {expected}")]);
    }
    // Nonsense from Rust is found as well.
    let empty = MetricSpec::new("spend").over(Window::Trailing(Days::new(0)));
    assert_eq!(problems_in(&Catalog::standard(), &empty).len(), 1);
    let backwards = MetricSpec::new("frequency").per(Days::new(-30));
    assert_eq!(problems_in(&Catalog::standard(), &backwards).len(), 1);
}

#[test]
fn problems_keep_the_line_of_their_entry() {
    let place = Place {
        line: Some(12),
        ..Place::at("metrics[3]")
    };
    let mut problems = Diagnostics::new();
    let spec = read("measure = \"retention_ltv\"\nwindow = \"?\"\nmargin = 2\nnth = 1");
    Catalog::standard().build(&spec, &place, &mut problems);
    assert_eq!(problems.len(), 6);
    assert!(problems.iter().all(|p| p.place.line == Some(12)));
}

#[test]
fn rules_know_whatever_needs_no_parameter() {
    let catalog = Catalog::standard();
    let undeclared: Vec<&str> = catalog
        .names()
        .filter(|name| catalog.default_metric(name).is_none())
        .collect();
    let expected = [
        "category_share",
        "category_spend",
        "decayed_purchases",
        "decayed_spend",
        "frequency",
        "interaction_rate",
        "nth_purchase",
        "retention_ltv",
        "survey_score",
    ];
    assert_eq!(undeclared, expected);
    assert!(catalog.default_metric("spned").is_none());
    for name in catalog.names() {
        if let Some(metric) = catalog.default_metric(name) {
            assert_eq!((metric.name(), metric.window()), (name, Window::Lifetime));
        }
    }
    // The lookup by name halves a sorted list.
    let names: Vec<&str> = catalog.names().collect();
    assert!(names.iter().all(|name| {
        problems_in(&catalog, &MetricSpec::new(*name))
            .iter()
            .all(|problem| !problem.contains("there is no measure"))
    }));
}

#[test]
fn the_users_own_metrics_are_measures_too() {
    let mut catalog = Catalog::standard();
    catalog.add(Own("own_score")).unwrap();
    for (name, misuse) in [
        ("own_score", true),
        ("spend", true),
        ("frequency", true),
        ("Own", false),
        ("2nd", false),
        ("", false),
        ("größe", false),
    ] {
        let error = catalog.add(Own(name)).unwrap_err();
        assert_eq!((error.is_misuse(), error.is_parse()), (misuse, !misuse));
    }
    assert!(catalog.names().any(|name| name == "own_score"));
    assert!(catalog.names().is_sorted());
    assert_eq!(
        catalog.default_metric("own_score").unwrap().unit(),
        Unit::Points
    );

    let history = History::new(Layout::new(Currency::EUR, []));
    let as_of = Day::MAX;
    let mut none = Diagnostics::new();
    let renamed = MetricSpec::new("own_score")
        .named("other")
        .over(Window::Trailing(Days::new(30)));
    let metric = catalog
        .build(&renamed, &Place::default(), &mut none)
        .unwrap();
    assert_eq!(metric.name(), "other");
    assert_eq!(metric.window(), Window::Trailing(Days::new(30)));
    let summary = Summary::new(history.view(), metric.window(), as_of);
    assert_eq!(metric.value(&summary, as_of), Some(7.0));

    let wrong = MetricSpec::new("own_score").over(Window::Lifetime).nth(1);
    assert_eq!(
        problems_in(&catalog, &wrong),
        [
            "error: metrics[3].nth: `own_score` takes no `nth` (it takes no parameters)",
            "error: metrics[3].window: `own_score` has a window of its own, `30 days` (leave it out)",
        ]
    );
    // A name that only the user's catalog has is suggested as well.
    let typo = problems_in(&catalog, &MetricSpec::new("own_scoer"));
    assert!(typo[0].contains("did you mean `own_score`?"));
}

#[test]
fn codes_tell_programs_what_is_wrong() {
    let codes = |text: &str| -> Vec<Code> {
        let mut problems = Diagnostics::new();
        Catalog::standard().build(&read(text), &Place::default(), &mut problems);
        problems.iter().map(|p| p.code).collect()
    };
    assert_eq!(codes("measure = \"x\""), [Code::UnknownName]);
    assert_eq!(codes("measure = \"frequency\""), [Code::Missing]);
    assert_eq!(codes("measure = \"spend\"\nwindow = \"\""), [Code::Range]);
    assert_eq!(codes("measure = \"spend\"\nnth = 1"), [Code::Conflict]);
    assert_eq!(
        codes("measure = \"spend\"\nname = \"A\""),
        [Code::InvalidName]
    );
}

#[test]
fn referral_weights_are_metrics() {
    let day = "2024-03-01".parse().unwrap();
    let rows = [
        Referral::new(1, 2, day, ReferralKind::TypeOne).unwrap(),
        Referral::new(2, 3, day, ReferralKind::TypeTwo).unwrap(),
    ];
    let reach = ReferralReach {
        depth: Some(2),
        damping: 0.5,
    };
    let terms = ReferralTerms {
        acquisition_saved: "30.00 EUR".parse().unwrap(),
        incentive: "10.00 EUR".parse().unwrap(),
    };
    let graph = ReferralGraph::build(&rows, day).0;
    let weights = graph.weights(&reach, &terms, |_| Some(10_000)).unwrap();
    let counts = graph.counts(&reach).unwrap();
    let history = History::new(Layout::new(Currency::EUR, []));
    let value = |metric: &ReferralMetric, customer: u64| {
        let id = CustomerId::from(customer);
        let summary = Summary::new(history.view(), metric.window(), day);
        metric.value(&summary.with_id(&id), day)
    };
    let credit = ReferralMetric::credit(weights.clone());
    assert_eq!(
        (credit.name(), credit.unit()),
        ("referral_credit", Unit::Money)
    );
    assert_eq!(value(&credit, 1), Some(135.0));
    let attributed = ReferralMetric::attributed(weights.clone());
    assert_eq!(value(&attributed, 1), Some(130.0));
    let direct = ReferralMetric::direct(weights);
    assert_eq!((direct.name(), direct.unit()), ("referrals", Unit::Count));
    assert_eq!(value(&direct, 2), Some(1.0));
    assert_eq!(value(&direct, 99), Some(0.0));
    let referees = ReferralMetric::credit(counts);
    assert_eq!(
        (value(&referees, 1), referees.unit()),
        (Some(1.5), Unit::Ratio)
    );
    // No referral at all: nothing is known.
    let nothing = ReferralMetric::credit(ReferralWeights::default());
    assert_eq!(value(&nothing, 1), None);

    let mut catalog = Catalog::standard();
    for metric in [credit, attributed, direct] {
        catalog.add(metric).unwrap();
    }
}
