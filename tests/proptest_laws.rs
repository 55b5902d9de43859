//! The law checks of the feature `proptest`: what is shipped keeps every law, and each check is broken by something that
//! breaks its law.

use std::sync::atomic::{AtomicU32, Ordering};

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::engine::{Engine, Policy};
use customer_value::history::{Fact, Histories, Measure};
use customer_value::interop::proptest::laws::{self, LawBroken, MetricLaw, PolicyLaw, Trial};
use customer_value::interop::proptest::{HistoryOptions, PolicyOptions, RuleOptions, policies};
use customer_value::metrics::lifetime::PredictionSpec;
use customer_value::metrics::ltv::RetentionTerms;
use customer_value::metrics::{Catalog, Metric, MetricSpec};
use customer_value::model::{Currency, CustomerId, Day, Days, SurveyInstrument, Unit};
use customer_value::scoring::Better;
use customer_value::summary::{Summary, Window};
use customer_value::table::Cell;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

fn few(cases: u32) -> Trial {
    Trial {
        cases,
        ..Trial::default()
    }
}

/// A few histories of few customers, with so many rows at most within so many days.
fn short(cases: u32, customers: usize, rows: usize, span: u32) -> Trial {
    Trial {
        histories: HistoryOptions {
            customers: 1..=customers,
            rows: 0..=rows,
            span,
            ..HistoryOptions::default()
        },
        ..few(cases)
    }
}

/// Tries drawn policies on every law, each on other histories. Predictions are fitted, which takes its time; the standard policy
/// has one.
fn drawn_policies_keep_the_laws(
    options: PolicyOptions,
    wanted: fn(&Policy) -> bool,
    policies_tried: u64,
    trial: &Trial,
) {
    let options = PolicyOptions {
        prediction: false,
        currency: Some(Currency::EUR),
        ..options
    };
    let strategy = policies(&options).prop_filter("wanted", wanted);
    let mut runner = TestRunner::deterministic();
    for seed in 0..policies_tried {
        let policy = strategy.new_tree(&mut runner).unwrap().current();
        let text = policy.to_toml().unwrap();
        let engine = Engine::new(policy, &Catalog::standard()).unwrap();
        let trial = Trial {
            seed,
            ..trial.clone()
        };
        let kept = trial.policy(&engine);
        kept.unwrap_or_else(|broken| panic!("{text}\n{broken}"));
    }
}

/// One level of `and`, `or` and `not`, with conditions on the population or without.
fn shallow(population: bool) -> RuleOptions {
    RuleOptions {
        depth: 1,
        population,
    }
}

/// Policies of a section or two: everything else is left out.
fn little() -> PolicyOptions {
    PolicyOptions {
        attributes: 0..=3,
        metrics: 0..=1,
        segments: 0..=2,
        cost_to_serve: true,
        prediction: true,
        ..PolicyOptions::bare()
    }
}

fn engine(text: &str) -> Engine {
    let head = "[head]\nname = \"test\"\nversion = \"1\"\ncurrency = \"EUR\"\n";
    with(&Catalog::standard(), &format!("{head}{text}"))
}

fn with(catalog: &Catalog, text: &str) -> Engine {
    Engine::from_toml(text, catalog).unwrap_or_else(|problems| panic!("{problems}"))
}

fn example(name: &str) -> Engine {
    let root = env!("CARGO_MANIFEST_DIR");
    let text = std::fs::read_to_string(format!("{root}/examples/policies/{name}.toml")).unwrap();
    with(&Catalog::standard(), &text)
}

/// Policies with movement.
const SCHEMES: [&str; 4] = ["airline", "anniversary", "points", "rolling"];

// ---- what is shipped keeps the laws ----

#[test]
fn the_standard_policy_keeps_the_laws() -> Result<(), LawBroken> {
    let engine = Engine::new(Policy::standard(Currency::EUR), &Catalog::standard()).unwrap();
    let trial = Trial {
        cases: 8,
        histories: HistoryOptions {
            rows: 0..=40,
            ..HistoryOptions::default()
        },
        ..Trial::default()
    };
    trial.policy(&engine)?;
    for (column, better) in [
        ("spend", Better::Higher),
        ("purchases", Better::Higher),
        ("average_order_value", Better::Higher),
        ("predicted_ltv", Better::Higher),
        ("growth_12m", Better::Higher),
    ] {
        trial.monotone(&engine, column, better)?;
    }
    Ok(())
}

#[test]
fn the_policies_of_the_examples_keep_the_laws() -> Result<(), LawBroken> {
    for name in ["abc", "bands", "vip"] {
        let engine = example(name);
        few(32).policy(&engine)?;
        laws::monotone(&engine, "spend", Better::Higher)?;
        laws::more_purchases(&engine)?;
    }
    laws::monotone(&example("vip"), "purchases", Better::Higher)
}

#[test]
fn any_sound_policy_keeps_the_laws() {
    drawn_policies_keep_the_laws(PolicyOptions::default(), |_| true, 24, &few(2));
}

#[test]
fn the_schemes_of_the_examples_keep_the_laws() -> Result<(), LawBroken> {
    for name in SCHEMES {
        let engine = example(name);
        let mut trial = short(10, 3, 24, 800);
        trial.histories.minor = 0..=900_000;
        trial.policy(&engine)?;
        trial.monotone(&engine, "qualifying", Better::Higher)?;
    }
    Ok(())
}

/// Where the days that are made up for matter most: what is random below seldom gets there.
#[test]
fn movement_of_every_rhythm_keeps_the_laws() -> Result<(), LawBroken> {
    for movement in [
        r#"{ qualifying = { measure = "spend", window = "20 days" }, downgrade = "one_step" }"#,
        r#"{ qualifying = { measure = "spend", window = "60 days" }, grace = { length = "15 days" }, hold = "30 days" }"#,
        r#"{ qualifying = { measure = "spend", anchor = "tier_start", length = "2 months" }, term = { length = "3 months" }, notices = ["20 days"], downgrade = "one_step" }"#,
        r#"{ qualifying = { measure = "spend", window = "this quarter" }, term = { end_of = "quarter", next = true }, upgrade = { next_period = "month" }, after_review = { reduced = { cap = 50 } } }"#,
        r#"{ qualifying = { measure = "spend", anchor = "enrolment", length = "2 months" } }"#,
        r#"{ qualifying = { measure = "purchases", window = "90 days" }, review = { every = "month" }, upgrade = "at_review", after_upgrade = "reset" }"#,
    ] {
        let (low, high) = match movement.contains("purchases") {
            true => (2, 3),
            false => (80, 150),
        };
        let text = format!(
            r#"
            head = {{ name = "rhythm", version = "1", currency = "EUR" }}
            movement = {movement}
            tiers = [
                {{ name = "gold", entry = {high} }},
                {{ name = "silver", entry = {low}, keep = 1 }},
                {{ name = "member" }},
            ]
            "#
        );
        let mut trial = short(16, 2, 16, 250);
        trial.histories.minor = 0..=10_000;
        trial.policy(&with(&Catalog::standard(), &text))?;
    }
    Ok(())
}

#[test]
fn any_sound_movement_keeps_the_laws() {
    let options = PolicyOptions {
        points: 0..=1,
        tiers: 2..=4,
        movement: true,
        rules: shallow(false),
        ..little()
    };
    let moves = |policy: &Policy| policy.movement.is_some();
    drawn_policies_keep_the_laws(options, moves, 40, &short(2, 3, 12, 800));
}

#[test]
fn the_lifecycles_of_the_examples_keep_the_laws() -> Result<(), LawBroken> {
    for name in ["four_stages", "subscription", "b2b", "ownership"] {
        few(12).policy(&example(name))?;
    }
    // It is fitted.
    few(3).policy(&example("lifecycle"))
}

/// Where stages move, customers are let go and won back on many days: what is random below seldom gets there.
#[test]
fn an_exit_ladder_of_every_rhythm_keeps_the_laws() -> Result<(), LawBroken> {
    for exit in [
        r#"{ below = "true", interval = "20 days", steps = [{ name = "a" }, { name = "b" }, { name = "c" }] }"#,
        r#"{ below = "days_since_last >= 30", interval = "40 days", at_least = "40 days", notice = "15 days", steps = [{ name = "a" }, { name = "b", notice = "0 days" }, { name = "end", ends_service = true }] }"#,
        r#"{ below = "churn in ('at_risk', 'lost')", interval = "10 days", attempts = 1, steps = [{ name = "a", avoids = 0.5 }, { name = "end", ends_service = true }], avoidable_cost = "spend", gates = [{ name = "held", closed = "held" }, { name = "much", closed = "spend >= 200", from = "end" }] }"#,
    ] {
        let text = format!(
            r#"
            attributes.held = {{ type = "flag" }}
            exit = {exit}
            churn = {{ methods = [{{ by = "churn_factor", at_risk = 2, lost = 3 }}, {{ by = "days_since_last", at_risk = 60, lost = 120 }}] }}
            win_back = {{ when = "churn = 'lost'", value = "spend", cool_down = "60 days", max_attempts = 1, limit = 2, offers = [{{ name = "call", class = "personal", channel = "phone", response = 0.5, cost = "1.00 EUR" }}] }}
            monitoring = {{ value = "spend", stages = [{{ column = "churn", churned = ["lost"] }}, {{ column = "exit" }}], thresholds = [{{ column = "spend", at = 100 }}] }}
            tiers = [{{ name = "leaving", when = "churn = 'lost'" }}, {{ name = "here" }}]
            head = {{ name = "test", version = "1", currency = "EUR" }}
            "#
        );
        let trial = short(24, 3, 24, 250);
        trial.policy(&with(&Catalog::standard(), &text))?;
    }
    Ok(())
}

#[test]
fn any_sound_way_of_leaving_keeps_the_laws() {
    let options = PolicyOptions {
        tiers: 1..=2,
        lifecycle: true,
        churn: true,
        win_back: true,
        exit: true,
        monitoring: true,
        rules: shallow(true),
        ..little()
    };
    let leaving = |policy: &Policy| policy.exit.is_some() && policy.win_back.is_some();
    drawn_policies_keep_the_laws(options, leaving, 40, &few(2));
}

#[test]
fn any_sound_way_of_serving_keeps_the_laws() {
    let options = PolicyOptions {
        lifecycle: true,
        playbook: true,
        surveys: true,
        rules: shallow(true),
        ..little()
    };
    let serves = |policy: &Policy| policy.playbook.is_some() || policy.surveys.is_some();
    drawn_policies_keep_the_laws(options, serves, 40, &short(2, 4, 16, 200));
}

/// Where somebody is due on every day, and limits are reached and open again: what is random above seldom gets there.
#[test]
fn limits_of_every_rhythm_keep_the_laws() -> Result<(), LawBroken> {
    for (cap, every, invitations) in [
        ("at_most = 1, within = \"2 days\"", 1, 1),
        ("at_most = 2, within = \"4 days\", channel = \"mail\"", 1, 2),
        ("at_most = 1, within = \"3 days\"", 2, 3),
    ] {
        let text = format!(
            r#"
            head = {{ name = "rhythm", version = "1", currency = "EUR" }}
            tiers = [{{ name = "all" }}]
            attributes = {{ ok = {{ type = "flag" }} }}
            [playbook]
            channels = ["mail"]
            consent = {{ mail = "ok" }}
            caps = [{{ {cap} }}]
            floor = {{ channels = ["mail"] }}
            plays = [{{ name = "news", actions = ["news"] }}]
            actions = [{{ name = "news", channel = "mail", trigger = {{ every = "{every} days" }}, cost = "0.10 EUR" }}]
            [surveys]
            cap = {{ invitations = {invitations}, within = "5 days" }}
            ask = [{{ name = "a", instrument = "nps", cadence = "1 day" }}, {{ name = "b", instrument = "ces", cadence = "2 days" }}]
            "#
        );
        short(16, 3, 6, 250).policy(&with(&Catalog::standard(), &text))?;
    }
    Ok(())
}

#[test]
fn any_sound_way_of_spending_keeps_the_laws() {
    let options = PolicyOptions {
        budget: true,
        allocation: true,
        rules: shallow(false),
        ..little()
    };
    let spends = |policy: &Policy| policy.budget.is_some() || policy.allocation.is_some();
    drawn_policies_keep_the_laws(options, spends, 40, &few(2));
}

/// Every built-in measure, with parameters where it needs them.
fn built_in(window: Window) -> Vec<std::sync::Arc<dyn Metric>> {
    let catalog = Catalog::standard();
    let terms = RetentionTerms {
        margin: 0.4,
        retention: 0.8,
        discount: 0.1,
        per: Days::new(30),
        margin_now: true,
    };
    let spec = |name: &str| {
        let spec = MetricSpec::new(name).over(window);
        match name {
            "category_share" | "category_spend" => spec.category("books"),
            "frequency" | "interaction_rate" => spec.per(Days::new(30)),
            "decayed_purchases" | "decayed_spend" => spec.half_life(Days::new(30)),
            "open_complaints" => MetricSpec::new(name),
            "survey_score" => spec.instrument(SurveyInstrument::Csat),
            "nth_purchase" => spec.nth(3),
            "retention_ltv" => spec.retention_terms(terms),
            _ => spec,
        }
    };
    let build = |name| {
        let mut problems = Diagnostics::new();
        let metric = catalog.build(&spec(name), &Place::at("m"), &mut problems);
        metric.unwrap_or_else(|| panic!("{problems}"))
    };
    catalog.names().map(build).collect()
}

#[test]
fn every_built_in_measure_keeps_the_laws() -> Result<(), LawBroken> {
    for window in ["lifetime", "90 days", "last quarter"] {
        for metric in built_in(window.parse().unwrap()) {
            few(16).metric(&*metric)?;
        }
    }
    Ok(())
}

#[test]
fn a_prediction_keeps_the_laws_of_a_fitted_metric() -> Result<(), LawBroken> {
    let spec = PredictionSpec::default();
    for which in 0..4 {
        few(4).fitted_metric(&[], |histories, as_of| {
            let metrics = spec.fit(histories, as_of).metrics();
            Box::new(metrics.into_iter().nth(which).unwrap())
        })?;
    }
    Ok(())
}

// ---- each check of a metric is broken by what breaks its law ----

type Value = Box<dyn Fn(&Summary<'_>, Day) -> Option<f64> + Send + Sync>;
type Column = fn(&Own, &[Summary<'_>], Day, &mut [Cell]);

/// A metric of which each part can be wrong.
struct Own {
    unit: Unit,
    window: Window,
    facts: Vec<Fact>,
    value: Value,
    column: Option<Column>,
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Own")
    }
}

fn own(value: impl Fn(&Summary<'_>, Day) -> Option<f64> + Send + Sync + 'static) -> Own {
    Own {
        unit: Unit::Ratio,
        window: Window::Lifetime,
        facts: Vec::new(),
        value: Box::new(value),
        column: None,
    }
}

impl Metric for Own {
    fn name(&self) -> &str {
        "own"
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn window(&self) -> Window {
        self.window
    }

    fn facts(&self) -> Vec<Fact> {
        self.facts.clone()
    }

    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
        (self.value)(customer, as_of)
    }

    fn column(&self, customers: &[Summary<'_>], as_of: Day, out: &mut [Cell]) {
        match self.column {
            Some(column) => column(self, customers, as_of, out),
            None => {
                for (customer, cell) in customers.iter().zip(out) {
                    *cell = self
                        .value(customer, as_of)
                        .map_or(Cell::MISSING, Cell::from_number);
                }
            }
        }
    }
}

/// The laws that a metric breaks.
fn broken_by(metric: &dyn Metric) -> Vec<MetricLaw> {
    let laws = MetricLaw::ALL.into_iter();
    laws.filter(|law| few(48).metric_law(*law, metric).is_err())
        .collect()
}

fn data_rows(broken: &LawBroken) -> usize {
    broken
        .input()
        .lines()
        .filter(|line| line.contains(",purchase,") || line.contains(",refund,"))
        .count()
}

#[test]
fn a_metric_without_a_fault_breaks_nothing() {
    let fine = own(|customer, _| Some(customer.spend() / customer.purchases().max(1) as f64));
    assert_eq!(broken_by(&fine), []);
}

#[test]
fn a_metric_that_is_not_a_number_is_told() {
    let average = own(|customer, _| Some(customer.spend() / customer.purchases() as f64));
    assert_eq!(
        broken_by(&average),
        [MetricLaw::Finite, MetricLaw::Extremes]
    );
    let broken = laws::metric(&average).unwrap_err();
    assert_eq!(broken.law(), "a value is finite or missing");
    assert!(
        broken.what().contains("`own` of customer 1 is NaN"),
        "{broken}"
    );
    assert_eq!(data_rows(&broken), 0, "a prospect is enough: {broken}");
}

#[test]
fn a_metric_outside_of_its_unit_is_told() {
    for (unit, value) in [
        (Unit::Share, 1.5),
        (Unit::Percent, 101.0),
        (Unit::Count, -1.0),
        (Unit::Count, 0.5),
        (Unit::Flag, 2.0),
        (Unit::CountPer(Days::new(30)), -0.5),
        (Unit::Date, 1e9),
        (Unit::Date, 0.5),
    ] {
        let mut wrong = own(move |_, _| Some(value));
        wrong.unit = unit;
        assert_eq!(
            broken_by(&wrong),
            [MetricLaw::Unit, MetricLaw::Extremes],
            "{unit}"
        );
    }
    // Only where more was refunded than bought: the smallest case is shown.
    let mut share = own(|customer, _| Some(customer.spend() / 1e6));
    share.unit = Unit::Share;
    let broken = laws::metric_law(MetricLaw::Unit, &share).unwrap_err();
    assert_eq!(broken.input().lines().count(), 3, "one row: {broken}");
}

#[test]
fn a_column_that_says_something_else_is_told() {
    let mut rounded = own(|customer, _| Some(customer.spend() / 7.0));
    rounded.column = Some(|own, customers, as_of, out| {
        for (customer, cell) in customers.iter().zip(out) {
            let value = own.value(customer, as_of);
            *cell = value.map_or(Cell::MISSING, |value| Cell::from_number(value.round()));
        }
    });
    assert_eq!(broken_by(&rounded), [MetricLaw::Column]);
    let broken = laws::metric(&rounded).unwrap_err();
    assert_eq!(broken.input().lines().count(), 3, "one row: {broken}");

    // Right for one at a time, wrong in company.
    let mut ranked = own(|customer, _| Some(customer.spend()));
    ranked.column = Some(|own, customers, as_of, out| {
        let mut most = f64::NEG_INFINITY;
        for (customer, cell) in customers.iter().zip(out) {
            most = own.value(customer, as_of).unwrap_or(0.0).max(most);
            *cell = Cell::from_number(most);
        }
    });
    assert_eq!(broken_by(&ranked), [MetricLaw::Column]);

    // A column that forgets somebody.
    let mut short = own(|customer, _| Some(customer.spend()));
    short.column = Some(|own, customers, as_of, out| {
        if let ([first, ..], [cell, ..]) = (customers, out) {
            *cell = own
                .value(first, as_of)
                .map_or(Cell::MISSING, Cell::from_number);
        }
    });
    assert_eq!(broken_by(&short), [MetricLaw::Column]);
}

#[test]
fn a_metric_that_depends_on_who_was_asked_before_is_told() {
    let asked = AtomicU32::new(0);
    let counting = own(move |_, _| Some(f64::from(asked.fetch_add(1, Ordering::Relaxed) % 1000)));
    assert!(broken_by(&counting).contains(&MetricLaw::Order));
    let broken = laws::metric_law(MetricLaw::Order, &counting).unwrap_err();
    assert!(broken.what().contains("when asked again"), "{broken}");

    // A difference from the customer asked before: the same when all are asked again in the same order.
    let before = std::sync::Mutex::new(0.0);
    let relative = own(move |customer, _| {
        let mut before = before.lock().unwrap();
        let now = customer.spend();
        Some(now - std::mem::replace(&mut *before, now))
    });
    assert!(broken_by(&relative).contains(&MetricLaw::Order));
}

#[test]
fn a_metric_that_panics_is_told() {
    let sure = own(|customer, _| Some(f64::from(i32::try_from(customer.spend_minor()).unwrap())));
    assert_eq!(broken_by(&sure), [MetricLaw::Extremes]);
    let broken = laws::metric(&sure).unwrap_err();
    assert!(
        broken
            .what()
            .starts_with("it panics: called `Result::unwrap()`"),
        "{broken}"
    );
    assert_eq!(broken.input().lines().count(), 3, "one row: {broken}");
}

/// The laws that a metric breaks which is made from a population.
fn broken_by_fit(fit: impl Fn(&Histories, Day) -> Own) -> LawBroken {
    few(48)
        .fitted_metric(&[], |histories, as_of| Box::new(fit(histories, as_of)))
        .unwrap_err()
}

fn rows_of(histories: &Histories) -> std::collections::BTreeMap<CustomerId, Vec<Day>> {
    histories
        .iter()
        .map(|(id, history)| (id, history.days().collect()))
        .collect()
}

#[test]
fn a_metric_that_reads_the_future_is_told() {
    // It looks into the whole history of the customer, whatever the day is.
    let broken = broken_by_fit(|histories, _| {
        let days = rows_of(histories);
        own(move |customer, _| {
            let id = customer.id()?;
            Some(days.get(&id).map_or(0, Vec::len) as f64)
        })
    });
    assert_eq!(broken.law(), MetricLaw::Future.to_string(), "{broken}");
    assert!(
        broken.what().ends_with("with records after the day"),
        "{broken}"
    );
    assert_eq!(broken.input().lines().count(), 3, "one row: {broken}");
}

#[test]
fn a_metric_that_reads_more_than_its_window_is_told() {
    let broken = broken_by_fit(|histories, as_of| {
        let days = rows_of(histories);
        let mut wide = own(move |customer, _| {
            let id = customer.id()?;
            let past = days
                .get(&id)
                .into_iter()
                .flatten()
                .filter(|day| **day <= as_of);
            Some(past.count() as f64)
        });
        wide.window = Window::Trailing(Days::new(30));
        wide
    });
    assert_eq!(broken.law(), MetricLaw::Window.to_string(), "{broken}");
    assert_eq!(broken.input().lines().count(), 3, "one row: {broken}");
}

#[test]
fn facts_reach_the_metric() {
    // Without its facts the metric would be missing everywhere, and no law would see anything.
    let cost = Fact::new(Measure::Cost);
    let mut wrong = own(|customer, _| Some(-(customer.total(&Fact::new(Measure::Cost))? as f64)));
    wrong.unit = Unit::CountPer(Days::new(1));
    assert_eq!(broken_by(&wrong), []);
    wrong.facts = vec![cost];
    assert_eq!(broken_by(&wrong), [MetricLaw::Unit, MetricLaw::Extremes]);
}

// ---- each check of a policy is broken by what breaks its law ----

/// Two tiers by a metric of one's own.
fn two_tiers(metric: impl Metric + 'static) -> Engine {
    let mut catalog = Catalog::standard();
    catalog.add(metric).unwrap();
    let text = r#"
        [head]
        name = "test"
        version = "1"
        currency = "EUR"
        [[tiers]]
        name = "gold"
        when = "own >= 3"
        [[tiers]]
        name = "member"
    "#;
    with(&catalog, text)
}

fn laws_broken(engine: &Engine) -> Vec<PolicyLaw> {
    let laws = PolicyLaw::ALL.into_iter();
    laws.filter(|law| few(32).policy_law(*law, engine).is_err())
        .collect()
}

#[test]
fn a_policy_with_a_sound_metric_breaks_nothing() {
    assert_eq!(
        laws_broken(&two_tiers(own(|customer, _| Some(customer.spend())))),
        []
    );
}

#[test]
fn a_metric_that_remembers_breaks_every_law_of_repetition() {
    let asked = AtomicU32::new(0);
    let counting = own(move |_, _| Some(f64::from(asked.fetch_add(1, Ordering::Relaxed))));
    let broken = laws_broken(&two_tiers(counting));
    for law in [
        PolicyLaw::Idempotent,
        PolicyLaw::Future,
        PolicyLaw::Replay,
        PolicyLaw::EarlierReviews,
        PolicyLaw::Order,
        PolicyLaw::OneIsBulk,
    ] {
        assert!(broken.contains(&law), "{law:?} is not among {broken:?}");
    }
}

/// Two tiers with movement, by a metric of one's own.
fn moved_by(metric: impl Metric + 'static, more: &str) -> Engine {
    let mut catalog = Catalog::standard();
    catalog.add(metric).unwrap();
    let text = format!(
        r#"
        [head]
        name = "test"
        version = "1"
        currency = "EUR"
        [movement]
        qualifying = {{ measure = "own" }}
        {more}
        [[tiers]]
        name = "gold"
        entry = 100
        keep = 50
        [[tiers]]
        name = "member"
    "#
    );
    with(&catalog, &text)
}

#[test]
fn a_sound_metric_moves_tiers_soundly() {
    for more in [
        "",
        "term = { length = \"30 days\" }\nnotices = [\"9 days\"]",
        "review = { every = \"month\" }\ngrace = { length = \"40 days\" }",
    ] {
        let sound = own(|customer, _| Some(customer.spend()));
        assert_eq!(laws_broken(&moved_by(sound, more)), [], "{more}");
    }
}

#[test]
fn a_qualifying_metric_that_remembers_breaks_every_law_of_repetition() {
    let asked = AtomicU32::new(0);
    let counting = own(move |_, _| Some(f64::from(asked.fetch_add(7, Ordering::Relaxed) % 200)));
    let broken = laws_broken(&moved_by(counting, ""));
    for law in [
        PolicyLaw::Idempotent,
        PolicyLaw::Future,
        PolicyLaw::Replay,
        PolicyLaw::Order,
        PolicyLaw::OneIsBulk,
    ] {
        assert!(broken.contains(&law), "{law:?} is not among {broken:?}");
    }
    // Whatever the metric says, the events tell of what was done.
    assert!(!broken.contains(&PolicyLaw::Events) && !broken.contains(&PolicyLaw::Movement));
}

#[test]
fn a_threshold_from_above_is_told() {
    let text = r#"
        movement = { qualifying = { measure = "spend" } }
        tiers = [{ name = "gold", entry = 50, when = "qualifying <= 900" }, { name = "member" }]
    "#;
    let falling = Engine::from_toml(
        &format!("head = {{ name = \"test\", version = \"1\", currency = \"EUR\" }}\n{text}"),
        &Catalog::standard(),
    )
    .unwrap();
    assert_eq!(laws_broken(&falling), [], "a rule reads the metric");
    let broken = laws::monotone(&falling, "qualifying", Better::Higher).unwrap_err();
    assert!(
        broken
            .what()
            .contains("is in `gold` with `qualifying` 900, and in `member` with 900."),
        "{broken}"
    );
    assert_eq!(data_rows(&broken), 0, "{broken}");
}

#[test]
fn a_column_that_sees_the_others_breaks_one_is_bulk() {
    let mut ranked = own(|customer, _| Some(customer.spend()));
    ranked.column = Some(|own, customers, as_of, out| {
        let mut sum = 0.0;
        for (customer, cell) in customers.iter().zip(out) {
            sum += own.value(customer, as_of).unwrap_or(0.0);
            *cell = Cell::from_number(sum);
        }
    });
    let engine = two_tiers(ranked);
    assert_eq!(
        laws_broken(&engine),
        [PolicyLaw::Replay, PolicyLaw::OneIsBulk]
    );
    let broken = laws::policy_law(PolicyLaw::OneIsBulk, &engine).unwrap_err();
    assert!(broken.what().contains("`own` of customer 2"), "{broken}");
    assert!(broken.what().ends_with("when reviewed alone"), "{broken}");
    assert_eq!(broken.input().lines().count(), 3, "one row: {broken}");
}

#[test]
fn a_metric_that_panics_breaks_extremes() {
    let sure = own(|customer, _| Some(f64::from(i32::try_from(customer.spend_minor()).unwrap())));
    assert_eq!(laws_broken(&two_tiers(sure)), [PolicyLaw::Extremes]);
}

#[test]
fn a_ladder_that_falls_is_told_with_its_numbers() {
    let falling = engine(
        "[[tiers]]\nname = \"gold\"\nwhen = \"spend >= 50 and spend < 1000.5\"\n[[tiers]]\nname = \"member\"\n",
    );
    assert_eq!(
        laws_broken(&falling),
        [],
        "it is sound, though hardly meant"
    );
    let broken = laws::monotone(&falling, "spend", Better::Higher).unwrap_err();
    assert_eq!(broken.law(), "a higher `spend` never gives a lower tier");
    assert!(
        broken
            .what()
            .starts_with("customer 1 is in `gold` with `spend` "),
        "{broken}"
    );
    assert!(
        broken.what().contains("and in `member` with 100"),
        "{broken}"
    );
    // It is not the other way round either.
    laws::monotone(&falling, "spend", Better::Lower).unwrap_err();
}

#[test]
fn a_score_turned_round_is_seen_through() {
    let turned = r#"
        [[scores]]
        name = "value"
        parts = [{ column = "spend", weight = 1, scale = { linear = { from = 0, to = 100 } }, reverse = true }]
        [[tiers]]
        name = "gold"
        when = "value >= 50"
        [[tiers]]
        name = "member"
    "#;
    laws::monotone(&engine(turned), "spend", Better::Higher).unwrap_err();
    laws::monotone(&engine(turned), "spend", Better::Lower).unwrap();
    let straight = turned.replace(", reverse = true", "");
    laws::monotone(&engine(&straight), "spend", Better::Higher).unwrap();
}

#[test]
fn a_column_that_is_not_measured_is_told() {
    let bands = example("bands");
    for column in ["spned", "purchases", "value"] {
        let broken = laws::monotone(&bands, column, Better::Higher).unwrap_err();
        assert_eq!(
            broken.what(),
            format!("the policy measures no number `{column}`")
        );
    }
}

#[test]
fn a_purchase_that_costs_a_tier_is_told() {
    let average = engine(
        "[[tiers]]\nname = \"gold\"\nwhen = \"average_order_value >= 50\"\n[[tiers]]\nname = \"member\"\n",
    );
    assert_eq!(laws_broken(&average), []);
    laws::monotone(&average, "average_order_value", Better::Higher).unwrap();
    let broken = laws::more_purchases(&average).unwrap_err();
    assert!(
        broken
            .what()
            .contains("is in `gold`, and in `member` with a purchase more, of "),
        "{broken}"
    );
    // One purchase, perhaps with a refund.
    assert!(data_rows(&broken) <= 2, "{broken}");
}

// ---- how they are run ----

#[test]
fn the_same_seed_finds_the_same() {
    let average = || own(|customer, _| Some(1.0 / customer.spend()));
    let first = laws::metric(&average()).unwrap_err();
    assert_eq!(laws::metric(&average()).unwrap_err(), first);
    assert_eq!(format!("{first:?}"), first.to_string());
    assert!(
        first
            .to_string()
            .starts_with("broken: a value is finite or missing: "),
        "{first}"
    );
}
