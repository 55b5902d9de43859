//! One customer at a time: what BG/NBD and MBG/NBD say of customers like those of the CDNOW sample (weeks).

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use customer_value::metrics::lifetime::{
    Activity, BgNbd, DiscountRate, Horizon, MbgNbd, PurchaseModel, TimeUnit,
};
use customer_value::model::Days;

/// (x, t_x, T).
const CUSTOMERS: [(u32, f64, f64); 4] = [
    (0, 0.0, 38.86),
    (1, 1.71, 38.86),
    (2, 30.43, 38.86),
    (26, 30.86, 31.0),
];

fn kernels(c: &mut Criterion) {
    let bg = BgNbd {
        r: 0.242_594_5,
        alpha: 4.413_601_9,
        a: 0.792_919_9,
        b: 2.425_888_1,
    };
    let mbg = MbgNbd {
        r: 0.524_843,
        alpha: 6.183_082,
        a: 0.891_360,
        b: 1.614_003,
    };
    let rate = "15 % per year".parse::<DiscountRate>();
    let year = Horizon::Days(Days::new(365));
    let (Ok(bg), Ok(mbg), Ok(rate)) = (
        PurchaseModel::new(bg, TimeUnit::Week),
        PurchaseModel::new(mbg, TimeUnit::Week),
        rate,
    ) else {
        return;
    };
    for (name, model) in [("bg_nbd", bg), ("mbg_nbd", mbg)] {
        let mut group = c.benchmark_group(name);
        for (x, span, age) in CUSTOMERS {
            let Ok(customer) = Activity::new(x, span, age) else {
                continue;
            };
            let mut bench = |quantity: &str, f: &dyn Fn(&Activity) -> f64| {
                group.bench_function(format!("{quantity}/x={x}"), |b| {
                    b.iter(|| f(black_box(&customer)))
                });
            };
            bench("log_likelihood", &|one| model.log_likelihood(one));
            bench("p_alive", &|one| model.p_alive(one));
            bench("p_alive_in_39", &|one| model.p_alive_in(one, 39.0));
            bench("p_purchase_39", &|one| model.p_purchase(one, 39.0));
            bench("expected_39", &|one| model.expected_purchases(one, 39.0));
            bench("expected_1000", &|one| {
                model.expected_purchases(one, 1000.0)
            });
            bench("discounted_year", &|one| {
                model.discounted_purchases(one, rate, year).unwrap_or(0.0)
            });
            bench("discounted_forever", &|one| {
                let sum = model.discounted_purchases(one, rate, Horizon::Forever);
                sum.unwrap_or(0.0)
            });
        }
        group.bench_function("pmf_10", |b| b.iter(|| model.pmf(black_box(10), 39.0)));
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
