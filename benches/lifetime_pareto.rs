//! Pareto/NBD: what one customer costs, one thread.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_value::metrics::lifetime::{
    Activity, DiscountRate, Horizon, ParetoNbd, PurchaseModel, TimeUnit,
};
use customer_value::model::Days;

/// Customers like those of CDNOW: 0 to 30 repeat purchases within 27 to 39 weeks.
fn customers() -> Vec<Activity> {
    let mut customers = Vec::new();
    for x in 0..32 {
        for week in 0..32 {
            let age = 27.0 + f64::from((x * 7 + week * 5) % 84) / 7.0;
            let span = if x == 0 {
                0.0
            } else {
                age * f64::from(week) / 32.0
            };
            customers.extend(Activity::new(x, span, age));
        }
    }
    customers
}

fn lifetime_pareto(c: &mut Criterion) {
    let customers = customers();
    let model =
        |r, alpha, s, beta| PurchaseModel::new(ParetoNbd { r, alpha, s, beta }, TimeUnit::Week);
    let cdnow = model(0.553, 10.578, 0.606, 11.669).unwrap();
    // Hardly any dropout: the other end of the range of parameters.
    let loyal = model(0.553, 10.578, 0.606, 1e6).unwrap();
    let discount = DiscountRate::new(0.10, TimeUnit::Year).unwrap();
    let year = Horizon::Days(Days::new(365));
    let mut group = c.benchmark_group("lifetime_pareto");
    group.throughput(Throughput::Elements(customers.len() as u64));
    let mut time = |name: &str, one: &dyn Fn(&Activity) -> f64| {
        group.bench_function(name, |b| {
            b.iter(|| black_box(&customers).iter().map(one).sum::<f64>());
        });
    };
    time("log_likelihood", &|one| cdnow.log_likelihood(one));
    time("log_likelihood_loyal", &|one| loyal.log_likelihood(one));
    time("p_alive", &|one| cdnow.p_alive(one));
    time("p_purchase", &|one| cdnow.p_purchase(one, 52.0));
    time("expected", &|one| cdnow.expected_purchases(one, 52.0));
    time("discounted_ever", &|one| {
        cdnow
            .discounted_purchases(one, discount, Horizon::Forever)
            .unwrap_or(0.0)
    });
    time("discounted_year", &|one| {
        cdnow
            .discounted_purchases(one, discount, year)
            .unwrap_or(0.0)
    });
    time("pmf", &|one| cdnow.pmf(one.repeat_purchases(), one.age()));
    group.finish();
}

criterion_group!(benches, lifetime_pareto);
criterion_main!(benches);
