//! Whether spend depends on frequency: the CDNOW sample, and simulated customers of whom it is known.

use std::collections::BTreeMap;

use customer_value::metrics::lifetime::{
    Activity, BgNbd, GammaGamma, Independence, PurchaseModel, Spend, TimeUnit,
};
use customer_value::model::Day;

#[test]
fn the_sample_has_the_published_correlation() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/cdnow_sample.csv"
    );
    let as_of: Day = "1997-09-30".parse().unwrap();
    let mut customers: BTreeMap<String, BTreeMap<Day, f64>> = BTreeMap::new();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let day: Day = row[1].parse().unwrap();
        if day <= as_of {
            let days = customers.entry(row[0].to_owned()).or_default();
            *days.entry(day).or_default() += row[2].parse::<f64>().unwrap();
        }
    }
    let found = Independence::of(customers.values().map(|days| {
        let repeats: Vec<f64> = days.values().skip(1).copied().collect();
        let paid: Vec<f64> = repeats.iter().copied().filter(|sum| *sum > 0.0).collect();
        let mean = paid.iter().sum::<f64>() / paid.len().max(1) as f64;
        let span = if repeats.is_empty() { 0.0 } else { 1.0 };
        (
            Activity::new(repeats.len() as u32, span, 39.0).unwrap(),
            Spend::new(paid.len() as u32, mean).unwrap(),
        )
    }))
    .unwrap();
    // numpy.corrcoef over the same 946 customers; Fader & Hardie (2013) print .11. The error: the same formula in numpy.
    assert_eq!(found.customers, 946);
    assert!((found.correlation - 0.113_884).abs() < 1e-4, "{found:?}");
    let half = (found.interval.1 - found.interval.0) / 2.0;
    assert!((half / 1.96 - 0.059_843).abs() < 1e-4, "{found:?}");
    assert_eq!(found.warning, None);
}

/// Repeat purchases of BG/NBD, and a mean spend that grows with them by so much a purchase.
fn customers(n: usize, seed: u64, growth: f64) -> Vec<(Activity, Spend)> {
    let model = BgNbd {
        r: 0.8,
        alpha: 4.0,
        a: 0.4,
        b: 6.0,
    };
    let model = PurchaseModel::new(model, TimeUnit::Week).unwrap();
    let spend = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let each = (0..).zip(model.simulate(&vec![39.0; n], 0.0, seed));
    each.map(|(index, one)| {
        let x = one.history().len();
        let amounts = spend.simulate_one(x, seed, index);
        let mean = amounts.iter().sum::<f64>() / x.max(1) as f64;
        let mean = mean * (1.0 + growth * x as f64);
        (one.activity, Spend::new(x as u32, mean).unwrap())
    })
    .collect()
}

#[test]
fn the_interval_holds_the_truth_about_as_often_as_it_says() {
    let holds = |seed| {
        let found = Independence::of(customers(1500, seed, 0.0)).unwrap();
        assert_eq!(found.warning, None);
        found.interval.0 <= 0.0 && 0.0 <= found.interval.1
    };
    let held = (0..200).filter(|seed| holds(*seed)).count();
    assert!((180..=199).contains(&held), "{held}");
}

#[test]
fn spend_that_grows_with_frequency_is_warned_of() {
    let found = Independence::of(customers(2000, 5, 0.1)).unwrap();
    assert!(found.interval.0 > 0.2, "{found:?}");
    let warning = found.warning.unwrap();
    assert!(warning.contains("spend more") && warning.contains("too low for frequent"));
    let less = Independence::of(customers(2000, 5, 0.0).into_iter().map(|(seen, spend)| {
        let mean = 100.0 / f64::from(1 + seen.repeat_purchases());
        (seen, Spend::new(spend.purchases(), mean).unwrap())
    }));
    assert!(less.unwrap().warning.unwrap().contains("spend less"));
}

#[test]
fn what_cannot_be_measured_is_missing() {
    let alike = |n| {
        vec![
            (
                Activity::new(3, 2.0, 5.0).unwrap(),
                Spend::new(3, 10.1).unwrap()
            );
            n
        ]
    };
    assert_eq!(Independence::of(alike(9)), None);
    assert_eq!(Independence::of(alike(1000)), None);
    // Amounts at the ends of the range.
    let wild = (1..50_u32).map(|x| {
        let mean = if x % 2 == 0 { 1e19 } else { 1e-12 };
        (
            Activity::new(u32::MAX - x, 2.0, 5.0).unwrap(),
            Spend::new(x, mean).unwrap(),
        )
    });
    let found = Independence::of(wild).unwrap();
    assert!(found.correlation.abs() <= 1.0 && found.interval.0 <= found.interval.1);
}
