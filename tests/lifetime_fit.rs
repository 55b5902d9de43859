//! Fits against the reference numbers in `lifetime_reference/README.md`.

use std::collections::BTreeMap;

use customer_value::metrics::lifetime::{
    Activities, Activity, Fitted, Method, ModelKind, Outcome, Spend, Spends, TimeUnit,
};
use customer_value::model::Day;

mod lifetime_reference;

const SAMPLE: &str = include_str!("../examples/data/cdnow_sample.csv");
const MASTER: &str = include_str!("lifetime_reference/cdnow_master.csv");
const MASTER_SPEND: &str = include_str!("lifetime_reference/cdnow_master_spend.csv");
const DONATIONS: &str = include_str!("lifetime_reference/donations.csv");

/// The lines after the heading, as numbers.
fn rows<const N: usize>(text: &str) -> Vec<[f64; N]> {
    let row = |line: &str| {
        let mut fields = line.split(',').map(|field| field.parse().unwrap());
        std::array::from_fn(|_| fields.next().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

fn master(unit: TimeUnit) -> Activities {
    let kinds = rows::<4>(MASTER).into_iter().map(|[x, t_x, age, weight]| {
        let activity = Activity::new(x as u32, t_x / unit.days(), age / unit.days()).unwrap();
        (activity, weight as u64)
    });
    Activities::weighted(kinds, unit)
}

fn master_spend() -> Spends {
    let kinds = rows::<3>(MASTER_SPEND)
        .into_iter()
        .map(|[x, cents, weight]| {
            (
                Spend::new(x as u32, cents / 100.0 / x).unwrap(),
                weight as u64,
            )
        });
    Spends::weighted(kinds)
}

fn donations() -> Activities {
    let kinds = rows::<4>(DONATIONS)
        .into_iter()
        .map(|[x, t_x, n, weight]| (Activity::new(x as u32, t_x, n).unwrap(), weight as u64));
    Activities::weighted(kinds, TimeUnit::Year)
}

/// Days with a purchase up to 1997-09-30, with the cents of each, by customer.
fn sample_days() -> BTreeMap<String, BTreeMap<Day, i64>> {
    let end: Day = "1997-09-30".parse().unwrap();
    let mut customers: BTreeMap<String, BTreeMap<Day, i64>> = BTreeMap::new();
    for line in SAMPLE.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let day: Day = f[1].parse().unwrap();
        if day <= end {
            let cents = (f[2].parse::<f64>().unwrap() * 100.0).round() as i64;
            *customers
                .entry(f[0].to_owned())
                .or_default()
                .entry(day)
                .or_default() += cents;
        }
    }
    customers
}

fn sample(unit: TimeUnit) -> Activities {
    let end: Day = "1997-09-30".parse().unwrap();
    let customers = sample_days().into_values().map(|days| {
        let (first, last) = (*days.keys().next().unwrap(), *days.keys().last().unwrap());
        Activity::new(
            days.len() as u32 - 1,
            unit.of(last - first),
            unit.of(end - first),
        )
        .unwrap()
    });
    Activities::new(customers, unit)
}

fn sample_spend() -> Spends {
    let customers = sample_days().into_values().map(|days| {
        let amounts: Vec<i64> = days
            .into_values()
            .skip(1)
            .filter(|cents| *cents > 0)
            .collect();
        let n = amounts.len() as f64;
        Spend::new(
            amounts.len() as u32,
            amounts.iter().sum::<i64>() as f64 / 100.0 / n.max(1.0),
        )
        .unwrap()
    });
    Spends::new(customers)
}

fn values<M>(fitted: &Fitted<M>) -> Vec<f64> {
    fitted.estimates.iter().map(|one| one.value).collect()
}

/// Parameters to the digits of the table (which are those of other programs, and stop a little before the top), LL no lower
/// than there.
fn check<M>(name: &str, fitted: &Fitted<M>, parameters: &[f64], ll: f64) {
    assert_eq!(fitted.outcome, Outcome::Converged, "{name}");
    let found = values(fitted);
    let log_likelihood = fitted.log_likelihood.unwrap();
    assert!(log_likelihood >= ll - 1e-6, "{name}: {log_likelihood} {ll}");
    assert!(log_likelihood <= ll + 1e-5, "{name}: {log_likelihood} {ll}");
    for (value, expected) in found.iter().zip(parameters) {
        let off = (value / expected - 1.0).abs();
        assert!(off < 1e-5, "{name}: {found:?} {parameters:?}");
    }
    let k = parameters.len() as f64;
    assert_eq!(fitted.aic, Some(2.0 * k - 2.0 * log_likelihood));
}

fn fit(
    data: &Activities,
    kind: ModelKind,
) -> Fitted<customer_value::metrics::lifetime::PurchaseModel> {
    data.fit(kind, Method::MaximumLikelihood)
}

#[test]
fn the_sample() {
    let data = sample(TimeUnit::Week);
    assert_eq!(data.customers(), 2357);
    let bg = fit(&data, ModelKind::BgNbd);
    check(
        "BG/NBD",
        &bg,
        &[0.242595, 4.413602, 0.792921, 2.425899],
        -9582.429207,
    );
    check_errors(&bg, &[0.012557, 0.378224, 0.185733, 0.705410]);
    let mbg = fit(&data, ModelKind::MbgNbd);
    check(
        "MBG/NBD",
        &mbg,
        &[0.524843, 6.183082, 0.891360, 1.614003],
        -9582.135716,
    );
    check_errors(&mbg, &[0.083268, 0.695620, 0.154790, 0.537495]);
    let pareto = fit(&data, ModelKind::ParetoNbd);
    check(
        "Pareto/NBD",
        &pareto,
        &[0.553277, 10.57768, 0.606240, 11.66873],
        -9594.976179,
    );
    check_errors(&pareto, &[0.0476, 0.8427, 0.1873, 6.21]);
    let nbd = fit(&data, ModelKind::Nbd);
    check("NBD", &nbd, &[0.384766, 12.072014], -9763.657615);
    let spend = sample_spend();
    assert_eq!(spend.customers(), 946);
    let gamma = spend.fit(Method::MaximumLikelihood);
    check(
        "Gamma-Gamma",
        &gamma,
        &[6.24957, 3.74422, 15.44352],
        -4055.917695,
    );
}

fn check_errors<M>(fitted: &Fitted<M>, expected: &[f64]) {
    for (estimate, expected) in fitted.estimates.iter().zip(expected) {
        let found = estimate.standard_error.unwrap();
        assert!(
            (found / expected - 1.0).abs() < 0.01,
            "{estimate:?} {expected}"
        );
        let (low, high) = estimate.interval.unwrap();
        assert!(0.0 < low && low < estimate.value && estimate.value < high);
    }
    for (i, row) in fitted.covariance.iter().enumerate() {
        let error = fitted.estimates[i].standard_error.unwrap();
        assert!((row[i].sqrt() / error - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_master() {
    let data = master(TimeUnit::Week);
    assert_eq!(data.customers(), 23_570);
    let bg = fit(&data, ModelKind::BgNbd);
    check(
        "BG/NBD",
        &bg,
        &[0.251624, 4.788945, 0.723433, 2.161087],
        -95368.443933,
    );
    let mbg = fit(&data, ModelKind::MbgNbd);
    check(
        "MBG/NBD",
        &mbg,
        &[0.637140, 7.310290, 0.807474, 1.228394],
        -95336.958320,
    );
    let pareto = fit(&data, ModelKind::ParetoNbd);
    check(
        "Pareto/NBD",
        &pareto,
        &[0.597420, 11.585658, 0.522186, 8.827759],
        -95415.118617,
    );
    let gamma = master_spend().fit(Method::MaximumLikelihood);
    check(
        "Gamma-Gamma",
        &gamma,
        &[6.275359, 3.624450, 14.983689],
        -40763.476261,
    );
}
