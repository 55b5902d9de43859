//! A policy's `[prediction]`: bound, fitted, frozen, and read by scores and rules.

use customer_value::engine::{Engine, Fit, Policy, Population, Standing};
use customer_value::history::{History, Layout};
use customer_value::ledger::{Effect, Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::metrics::lifetime::{
    Activity, BgNbd, ModelKind, Outcome, PurchaseModel, Spend, TimeUnit,
};
use customer_value::model::{Currency, Day, Days, Money, Transaction};
use customer_value::summary::{Summary, Window};

fn policy(prediction: &str, rule: &str) -> String {
    format!(
        r#"
        [head]
        name = "test"
        version = "1"
        currency = "EUR"
        {prediction}
        [[tiers]]
        name = "worth a call"
        when = "{rule}"
        [[tiers]]
        name = "other"
        "#
    )
}

const YEAR: &str =
    "[prediction]\nhorizon = \"365 days\"\nmargin = 0.5\ndiscount = \"10 % per year\"";

fn problems(prediction: &str, rule: &str) -> Vec<String> {
    match Engine::from_toml(&policy(prediction, rule), &Catalog::standard()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .iter()
            .map(|p| format!("{} {}", p.place.path, p.message))
            .collect(),
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Customers who buy as a known model says, for ten euros and some cents.
fn sales(customers: u32) -> Vec<Transaction> {
    let model = PurchaseModel::new(
        BgNbd {
            r: 0.5,
            alpha: 60.0,
            a: 0.6,
            b: 2.0,
        },
        TimeUnit::Day,
    )
    .unwrap();
    let first = day("2023-01-01");
    let cohort = model.simulate(&vec![364.0; customers as usize], 0.0, 3);
    let mut sales = Vec::new();
    for (id, customer) in (1_u64..).zip(&cohort) {
        let days = std::iter::once(0).chain(customer.times.iter().map(|t| *t as i32 + 1));
        for (n, t) in (0..).zip(days) {
            let cents = 1000 + (id as i64 * 37 + n * 11) % 900;
            let amount = Money::from_minor(cents, Currency::EUR);
            let at = first.plus(Days::new(t.min(364)));
            sales.push(Transaction::purchase(id, at, amount).unwrap());
        }
    }
    sales
}

fn bound(prediction: &str, rule: &str) -> Engine {
    Engine::from_toml(&policy(prediction, rule), &Catalog::standard()).unwrap()
}

fn population(engine: &Engine, sales: &[Transaction], as_of: Day) -> Population {
    let ledger = Ledger::from_transactions(sales, engine.cleaning(as_of));
    engine.population(&ledger).unwrap()
}

#[test]
fn a_rule_reads_what_the_models_say() {
    let as_of = day("2023-12-31");
    let engine = bound(YEAR, "predicted_ltv >= 10 and p_alive >= 0.5");
    let population = population(&engine, &sales(800), as_of);

    // Not known before the fit.
    let before = engine.review_all(&population, None, as_of).unwrap();
    assert_eq!(before.at(0).unwrap().number("p_alive"), None);

    let engine = engine.fitted_to(&population, None, as_of).unwrap();
    let prediction = engine.prediction().unwrap();
    assert_eq!(prediction.purchases.outcome, Outcome::Converged);
    assert_eq!(prediction.spend.outcome, Outcome::Converged);
    let values = prediction.value_model(Currency::EUR).unwrap();
    let model = prediction.purchases.model.unwrap();
    assert_eq!(model.kind(), ModelKind::ParetoNbd);

    let reviews = engine.review_all(&population, None, as_of).unwrap();
    let mut worth = 0;
    for (position, (_, history)) in population.histories().iter().enumerate() {
        let found = reviews.at(position).unwrap();
        let customer = Summary::new(history, Window::Lifetime, as_of);
        let activity = Activity::of(&customer, as_of, model.unit()).unwrap();
        let spend = Spend::of(&customer);
        let number = |name| found.number(name).unwrap();
        assert_eq!(number("p_alive"), model.p_alive(&activity));
        let buys = model.p_purchase(&activity, 365.0 / 7.0);
        assert_eq!(number("p_purchase"), buys);
        // One who leaves does not buy; and whoever buys makes one purchase or more.
        assert!((0.0..=number("p_alive")).contains(&buys));
        assert!(buys <= number("expected_purchases") * (1.0 + 1e-12));
        assert_eq!(
            number("expected_spend"),
            values.spend.expected_spend(&spend).unwrap()
        );
        let year = model.expected_purchases(&activity, 365.0 / 7.0);
        assert!((number("expected_purchases") / year - 1.0).abs() < 1e-9);

        // The same value with its interval, to the cent.
        let value = values.value(&activity, &spend);
        if position % 50 == 0 {
            let expected = value.unwrap().expected.minor() as f64 / 100.0;
            assert!((number("predicted_ltv") - expected).abs() <= 0.005 + 1e-9);
        }
        let called = number("predicted_ltv") >= 10.0 && number("p_alive") >= 0.5;
        assert_eq!(found.tier(), if called { "worth a call" } else { "other" });
        worth += usize::from(called);
    }
    assert!((10..790).contains(&worth), "{worth}");
}

#[test]
fn money_predicted_in_another_currency_is_not_known() {
    let as_of = day("2023-12-31");
    let engine = bound(YEAR, "predicted_ltv >= 10");
    let population = population(&engine, &sales(800), as_of);
    let engine = engine.fitted_to(&population, None, as_of).unwrap();
    let mut dollars = History::new(Layout::new(Currency::USD, []));
    let amount = Money::from_minor(6000, Currency::USD);
    let sale = Transaction::purchase(1, day("2023-12-10"), amount).unwrap();
    let options = Options::new(as_of, Currency::USD);
    dollars.add(&Effect::of(&sale, &options).unwrap()).unwrap();

    let mut buffer = engine.buffer();
    let (_, found) = engine.review(&dollars, Standing::default(), as_of, &mut buffer);
    for name in ["p_alive", "p_purchase", "expected_purchases"] {
        assert!(found.number(name).is_some(), "{name}");
    }
    assert_eq!(
        (
            found.number("expected_spend"),
            found.number("predicted_ltv")
        ),
        (None, None)
    );
}

#[test]
fn a_fit_keeps_the_models_through_text() {
    let as_of = day("2023-12-31");
    for model in ["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd", "bg_bb"] {
        let engine = bound(&format!("{YEAR}\nmodel = \"{model}\""), "p_alive > 0");
        let population = population(&engine, &sales(300), as_of);
        let fit = engine.fit(&population, None, as_of).unwrap();
        let text = serde_json::to_string(&fit).unwrap();
        let read: Fit = serde_json::from_str(&text).unwrap();
        assert_eq!(read, fit, "{model}");
        let (one, two) = (
            engine.clone().freeze(fit).unwrap(),
            engine.freeze(read).unwrap(),
        );
        let (one, two) = (
            one.review_all(&population, None, as_of).unwrap(),
            two.review_all(&population, None, as_of).unwrap(),
        );
        for position in 0..population.len() {
            let of = |name| {
                (
                    one.at(position).unwrap().number(name),
                    two.at(position).unwrap().number(name),
                )
            };
            for name in [
                "p_alive",
                "p_purchase",
                "expected_purchases",
                "expected_spend",
                "predicted_ltv",
            ] {
                let (a, b) = of(name);
                assert!(a.is_some(), "{model}: {name} of {position}");
                assert_eq!(a, b, "{model}: {name} of {position}");
            }
        }
    }
}

#[test]
fn too_few_customers_are_said_and_what_needs_them_is_missing() {
    let as_of = day("2024-06-30");
    let engine = bound(YEAR, "p_alive >= 0.5");
    let once = ["2024-01-03", "2024-02-03"].map(|at| {
        Transaction::purchase(
            at.len() as u64 + u64::from(at > "2024-02"),
            day(at),
            "9.90 EUR".parse().unwrap(),
        )
        .unwrap()
    });
    let population = population(&engine, &once, as_of);
    let engine = engine.fitted_to(&population, None, as_of).unwrap();
    let prediction = engine.prediction().unwrap();
    assert!(
        matches!(&prediction.purchases.outcome, Outcome::TooLittleData(lacks) if !lacks.is_empty())
    );
    assert!(
        prediction.to_string().contains("too little data"),
        "{prediction}"
    );
    let reviews = engine.review_all(&population, None, as_of).unwrap();
    let found = reviews.at(0).unwrap();
    for name in [
        "p_alive",
        "p_purchase",
        "expected_purchases",
        "predicted_ltv",
    ] {
        assert_eq!(found.number(name), None, "{name}");
    }
    assert_eq!(found.tier(), "other");
}

#[test]
fn a_fit_of_another_prediction_is_refused() {
    let as_of = day("2023-12-31");
    let engine = bound(YEAR, "p_alive > 0");
    let population = population(&engine, &sales(50), as_of);
    let fit = engine.fit(&population, None, as_of).unwrap();
    let other = bound(&YEAR.replace("0.5", "0.4"), "p_alive > 0");
    let error = other.freeze(fit).unwrap_err();
    assert!(
        error.is_misuse() && error.to_string().contains("prediction"),
        "{error}"
    );
}

#[test]
fn problems_have_their_places() {
    assert_eq!(problems(YEAR, "p_alive > 0"), Vec::<String>::new());
    let with = |from: &str, to: &str| problems(&YEAR.replace(from, to), "p_alive > 0").join("; ");
    assert!(
        with("0.5", "40").starts_with("prediction.margin "),
        "{}",
        with("0.5", "40")
    );
    assert!(with("365 days", "0 days").starts_with("prediction.horizon "));
    let endless = with("365 days", "forever");
    assert_eq!(endless, "");
    let endless = YEAR.replace("365 days", "forever").replace("10 %", "0 %");
    assert!(problems(&endless, "p_alive > 0")[0].starts_with("prediction.discount "));
    let text = with("10 % per year", "10 %");
    assert!(
        text.starts_with("prediction.discount ") && text.contains("per year"),
        "{text}"
    );
    let model = problems(&format!("{YEAR}\nmodel = \"bgnbd\""), "p_alive > 0").join("; ");
    assert!(
        model.starts_with("prediction.model ") && model.contains("bg_nbd"),
        "{model}"
    );

    // Without the section the name is not known, and the problem says what makes it.
    let missing = Engine::from_toml(&policy("", "p_alive > 0"), &Catalog::standard()).unwrap_err();
    assert!(missing.to_string().contains("[prediction]"), "{missing}");
}

#[test]
fn the_standard_policy_has_a_prediction_of_a_year() {
    let spec = Policy::standard(Currency::EUR).prediction.unwrap();
    assert!(spec.check("prediction").is_empty());
    assert_eq!(spec.horizon.to_string(), "365 days");
    assert_eq!(spec.discount.to_string(), "10 % per year");
}

#[test]
fn the_metrics_of_a_prediction_stand_in_a_catalog() {
    let (sales, as_of) = (sales(300), day("2023-12-31"));
    let engine = bound(YEAR, "p_alive >= 0.5");
    let own = population(&engine, &sales, as_of);
    let engine = engine.fitted_to(&own, None, as_of).unwrap();
    let reviews = engine.review_all(&own, None, as_of).unwrap();

    let mut catalog = Catalog::standard();
    for metric in engine.prediction().unwrap().metrics() {
        catalog.add(metric).unwrap();
    }
    let other = Engine::from_toml(&policy("", "p_alive >= 0.5"), &catalog).unwrap();
    let others = population(&other, &sales, as_of);
    let others = other.review_all(&others, None, as_of).unwrap();
    for (one, other) in reviews.iter().zip(others.iter()) {
        let (one, other) = (one.assessment(), other.assessment());
        assert!(one.number("p_alive").is_some());
        assert_eq!(one.number("p_alive"), other.number("p_alive"));
        assert_eq!(one.tier(), other.tier());
    }
}
