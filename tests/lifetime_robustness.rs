//! A fit ends in an outcome on any data, and the model it gives answers every question with a number.

use customer_value::metrics::lifetime::{
    Activities, Activity, Fitted, Method, ModelKind, Outcome, PurchaseModel, Spend, Spends,
    TimeUnit,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Kinds of data, each as far from the ordinary as shops bring them.
const KINDS: usize = 12;

fn activity(x: u32, t_x: f64, age: f64) -> Activity {
    Activity::new(x, if x == 0 { 0.0 } else { t_x.clamp(0.0, age) }, age).unwrap()
}

fn customers(kind: usize, n: usize, random: &mut StdRng) -> Vec<Activity> {
    let any = |random: &mut StdRng| {
        let age = random.random_range(0.0..100.0);
        let x = (random.random::<f64>().powi(6) * 500.0) as u32;
        activity(x, random.random::<f64>() * age, age)
    };
    let one = any(random);
    let scale = 10.0_f64.powf(random.random_range(-9.0..10.0));
    let wild = random.random_range(0..4_000_000_000);
    let each = |_: usize| match kind {
        0 => any(random),
        // All one-timers.
        1 => activity(0, 0.0, random.random_range(0.0..100.0)),
        // All identical.
        2 => one,
        // Bought all the time and never left.
        3 => activity(random.random_range(20..30), 99.9, 100.0),
        // Bought once more at once and left.
        4 => activity(1, 0.1, 100.0),
        // Never seen for any time.
        5 => activity(random.random_range(0..3), 0.0, 0.0),
        // Times of any size.
        6 => {
            let age = scale * random.random_range(0.5..2.0);
            let x = random.random_range(0..5);
            activity(x, random.random::<f64>() * age, age)
        }
        // Frequencies of any size.
        7 => {
            let x = if random.random() { 0 } else { wild };
            activity(x, 50.0, 100.0)
        }
        // A ridge: one age, one span.
        8 => activity(random.random_range(0..2), 30.0, 50.0),
        // One of many bought again.
        9 => activity(u32::from(random.random::<f64>() < 0.002), 3.0, 50.0),
        // Poisson without dropout: the rates do not differ.
        10 => {
            let x = (0..20).filter(|_| random.random::<f64>() < 0.2).count() as u32;
            activity(x, random.random_range(90.0..100.0), 100.0)
        }
        // Everything bought in the first instant.
        _ => activity(random.random_range(0..500), 0.0, 100.0),
    };
    (0..n).map(each).collect()
}

/// Every number a fit reports is one, and so is every answer of its model.
fn check(fitted: &Fitted<PurchaseModel>, probes: &[Activity], place: &str) {
    numbers(fitted, place);
    let Some(model) = &fitted.model else {
        return;
    };
    for customer in probes {
        for answer in [model.p_alive(customer), model.pmf(2, 30.0)] {
            assert!(
                (0.0..=1.0).contains(&answer),
                "{place}: {customer:?} {model:?}: {answer}"
            );
        }
        let expected = model.expected_purchases(customer, 10.0);
        assert!(
            expected.is_finite() && expected >= 0.0,
            "{place}: {customer:?} {model:?}"
        );
    }
}

fn numbers<M: std::fmt::Debug>(fitted: &Fitted<M>, place: &str) {
    if std::env::var("LIFETIME_SHOW").is_ok() {
        let values: Vec<f64> = fitted.estimates.iter().map(|one| one.value).collect();
        println!(
            "{place}: {:?} {values:.4?} {:?} {}",
            fitted.outcome, fitted.log_likelihood, fitted.iterations
        );
    }
    match &fitted.outcome {
        Outcome::TooLittleData(missing) => {
            assert!(fitted.model.is_none() && !missing.is_empty(), "{place}");
            return;
        }
        Outcome::Boundary(edges) => assert!(!edges.is_empty(), "{place}"),
        _ => {
            let all = fitted
                .estimates
                .iter()
                .all(|one| one.standard_error.is_some());
            assert!(all, "{place}: {fitted:?}");
        }
    }
    assert!(fitted.model.is_some(), "{place}");
    for number in [fitted.log_likelihood, fitted.aic, fitted.bic] {
        assert!(number.is_some_and(f64::is_finite), "{place}: {fitted:?}");
    }
    for one in &fitted.estimates {
        assert!(one.value.is_finite() && one.value > 0.0, "{place}: {one:?}");
        if let (Some(error), Some((low, high))) = (one.standard_error, one.interval) {
            assert!(error.is_finite() && error >= 0.0, "{place}: {one:?}");
            assert!(low <= one.value && one.value <= high, "{place}: {one:?}");
            assert!(high.is_finite(), "{place}: {one:?}");
        }
    }
    let mut covariance = fitted.covariance.iter().flatten();
    assert!(covariance.all(|x| x.is_finite()), "{place}: {fitted:?}");
}

/// So many data sets; 1,000 with `LIFETIME_SETS=1000`, in release.
fn sets(usual: usize) -> usize {
    std::env::var("LIFETIME_SETS").map_or(usual, |text| text.parse().unwrap())
}

fn size(set: usize, random: &mut StdRng) -> usize {
    let largest: f64 = if std::env::var("LIFETIME_SETS").is_ok() {
        5000.0
    } else {
        200.0
    };
    match set % 10 {
        0 => 1,
        _ => (2.0 * (largest / 2.0).powf(random.random())) as usize,
    }
}

#[test]
fn any_customers_end_in_an_outcome() {
    for set in 0..sets(240) {
        let mut random = StdRng::seed_from_u64(set as u64);
        let n = size(set, &mut random);
        let kind = set % KINDS;
        let list = customers(kind, n, &mut random);
        let probes: Vec<Activity> = list.iter().copied().take(3).collect();
        let data = Activities::new(list, TimeUnit::Week);
        for model in ModelKind::CONTINUOUS {
            for method in [Method::MaximumLikelihood, Method::Map] {
                let place = format!("set {set}, kind {kind}, {n} customers, {model:?}, {method:?}");
                let fitted = data.fit(model, method);
                check(&fitted, &probes, &place);
            }
        }
    }
}

#[test]
fn any_donors_end_in_an_outcome() {
    for set in 0..sets(200) {
        let mut random = StdRng::seed_from_u64(1_000_000 + set as u64);
        let n = size(set, &mut random);
        let kind = set % 6;
        let list: Vec<Activity> = (0..n)
            .map(|_| {
                let periods = match kind {
                    0 => 1,
                    1 => 6,
                    2 => random.random_range(0..20),
                    _ => 12,
                };
                let x = match kind {
                    3 => periods,
                    4 => 0,
                    5 => 1.min(periods),
                    _ => random.random_range(0..=periods),
                };
                let last = if x == 0 {
                    0
                } else {
                    random.random_range(x..=periods)
                };
                activity(x, f64::from(last), f64::from(periods))
            })
            .collect();
        let probes: Vec<Activity> = list.iter().copied().take(3).collect();
        let data = Activities::new(list, TimeUnit::Year);
        for method in [Method::MaximumLikelihood, Method::Map] {
            let place = format!("set {set}, kind {kind}, {n} donors, {method:?}");
            let fitted = data.fit(ModelKind::BgBb, method);
            check(&fitted, &probes, &place);
        }
    }
}

#[test]
fn any_spend_ends_in_an_outcome() {
    for set in 0..sets(240) {
        let mut random = StdRng::seed_from_u64(2_000_000 + set as u64);
        let n = size(set, &mut random);
        let kind = set % 8;
        let scale = 10.0_f64.powf(random.random_range(-9.0..15.0));
        let list: Vec<Spend> = (0..n)
            .map(|_| {
                let x = random.random_range(0..6);
                let (x, amount) = match kind {
                    0 => (x, random.random_range(1.0..500.0)),
                    1 => (x, 20.0),
                    2 => (1, 20.0),
                    3 => (1, random.random_range(1.0..100.0)),
                    4 => (x, scale * random.random_range(0.5..2.0)),
                    5 => (x, 10.0_f64.powf(random.random_range(-9.0..15.0))),
                    6 => (
                        random.random_range(1..4_000_000_000),
                        random.random_range(9.0..11.0),
                    ),
                    _ => (0, 0.0),
                };
                Spend::new(x, amount).unwrap()
            })
            .collect();
        let probe = list[0];
        let data = Spends::new(list);
        for method in [Method::MaximumLikelihood, Method::Map] {
            let place = format!("set {set}, kind {kind}, {n} customers, {method:?}");
            let fitted = data.fit(method);
            numbers(&fitted, &place);
            if let Some(expected) = fitted.model.and_then(|model| model.expected_spend(&probe)) {
                assert!(
                    expected.is_finite() && expected > 0.0,
                    "{place}: {expected}"
                );
            }
        }
    }
}
