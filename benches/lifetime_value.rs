//! Lifetime value with intervals of one million customers, one thread.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_value::metrics::lifetime::{
    Activity, BgNbd, GammaGamma, Horizon, Parameters, ParetoNbd, PurchaseModel, Spend, TimeUnit,
    ValueModel, ValueTerms,
};
use customer_value::model::{Currency, Days};

const CUSTOMERS: usize = 1_000_000;

/// Customers of that model, first seen evenly over so many days, with the amounts of their repeat purchases.
fn customers(purchases: &PurchaseModel, spend: &GammaGamma, days: u32) -> Vec<(Activity, Spend)> {
    let ages: Vec<f64> = (0..CUSTOMERS as u32)
        .map(|i| f64::from(1 + i.wrapping_mul(2_654_435_761) % days) / 7.0)
        .collect();
    let activities = purchases.simulate(&ages, 0.0, 1).into_iter();
    let each = (0..).zip(activities.map(|one| one.activity));
    each.map(|(index, seen)| {
        let amounts = spend.simulate_one(seen.repeat_purchases() as usize, 1, index);
        let mean = amounts.iter().sum::<f64>() / amounts.len().max(1) as f64;
        // In whole days, as histories are.
        let day = |t: f64| ((t * 7.0).ceil() / 7.0).min(seen.age());
        let seen = Activity::new(seen.repeat_purchases(), day(seen.active_span()), seen.age());
        let spend = Spend::new(amounts.len() as u32, mean);
        (seen.expect("in range"), spend.expect("in range"))
    })
    .collect()
}

fn lifetime_value(c: &mut Criterion) {
    let weeks =
        |parameters: Parameters| PurchaseModel::new(parameters, TimeUnit::Week).expect("in range");
    let cdnow = BgNbd {
        r: 0.243,
        alpha: 4.414,
        a: 0.793,
        b: 2.426,
    };
    // About one in a hundred makes more than 80 repeat purchases in two years.
    let lively = BgNbd {
        r: 0.8,
        alpha: 4.0,
        a: 0.4,
        b: 6.0,
    };
    let pareto = ParetoNbd {
        r: 0.553,
        alpha: 10.578,
        s: 0.606,
        beta: 11.669,
    };
    let spend = GammaGamma::new(6.25, 3.74, 15.44).expect("in range");
    let year = Horizon::Days(Days::new(365));
    let mixes = [
        (
            "cdnow_39_weeks_forever",
            weeks(cdnow.into()),
            273,
            Horizon::Forever,
        ),
        ("cdnow_39_weeks_a_year", weeks(cdnow.into()), 273, year),
        (
            "lively_2_years_forever",
            weeks(lively.into()),
            730,
            Horizon::Forever,
        ),
        (
            "pareto_39_weeks_forever",
            weeks(pareto.into()),
            273,
            Horizon::Forever,
        ),
    ];
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one_thread = one_thread.expect("a pool of one thread");

    let mut group = c.benchmark_group("lifetime_value");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(CUSTOMERS as u64));
    for (name, purchases, days, horizon) in mixes {
        let customers = customers(&purchases, &spend, days);
        let discount = "10 % per year".parse().expect("a rate");
        let model = ValueModel {
            purchases,
            spend,
            terms: ValueTerms {
                margin: 0.3,
                discount,
                horizon,
            },
            currency: Currency::USD,
        };
        group.bench_function(name, |b| {
            b.iter(|| one_thread.install(|| model.values(black_box(&customers))));
        });
    }
    group.finish();
}

criterion_group!(benches, lifetime_value);
criterion_main!(benches);
