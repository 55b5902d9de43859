//! Allocation: the equity optimum, a budget over many segments, selections of small and large, capacity.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use customer_value::model::{Currency, Money};
use customer_value::strategy::allocation::{
    AcquisitionRetention, Candidate, Need, Resource, ResponseCurve, Segment, TierNeeds, select,
    share_capacity, spread,
};

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

/// Numbers that look like chance and are the same each time.
fn numbers() -> impl FnMut(i64) -> i64 {
    let mut state = 1_i64;
    move |below| {
        state = state * 48_271 % 2_147_483_647;
        state % below
    }
}

fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("allocation");
    let acquisition = ResponseCurve::through(0.4, 5.0, 0.2).unwrap();
    let retention = ResponseCurve::through(0.7, 10.0, 0.4).unwrap();
    let model = AcquisitionRetention::new(acquisition, retention, 50.0, 0.1).unwrap();
    group.bench_function("equity", |b| b.iter(|| black_box(&model).optimum()));

    let mut next = numbers();
    let segments: Vec<Segment> = (0..100)
        .map(|i| {
            let curve = ResponseCurve::new(0.5, 0.01 + next(100) as f64 / 100.0).unwrap();
            Segment::new(
                i.to_string(),
                1 + next(10_000) as u64,
                curve,
                eur(next(100_000)),
            )
        })
        .collect();
    group.bench_function("spread over 100 segments", |b| {
        b.iter(|| spread(eur(100_000_000), black_box(&segments)).unwrap());
    });

    for count in [100, 1_000, 1_000_000] {
        let candidates: Vec<Candidate> = (0..count)
            .map(|_| Candidate {
                cost: 100 + next(5_000),
                value: next(20_000),
            })
            .collect();
        let cost: i64 = candidates.iter().map(|c| c.cost).sum();
        for (name, most) in [("", None), (", limited number", Some(count / 6))] {
            group.bench_function(format!("select of {count}{name}"), |b| {
                b.iter(|| select(black_box(&candidates), eur(cost / 10), most).unwrap());
            });
        }
    }

    let tiers: Vec<TierNeeds> = (0..5)
        .map(|i| TierNeeds {
            tier: i.to_string(),
            customers: 1_000,
            needs: vec![
                Need {
                    minutes: 20,
                    floor: 2
                };
                10
            ],
        })
        .collect();
    let resources: Vec<Resource> = (0..10)
        .map(|i| Resource::new(i.to_string(), 50_000).reserve(1_000))
        .collect();
    group.bench_function("capacity of 10 resources", |b| {
        b.iter(|| share_capacity(black_box(&resources), black_box(&tiers)).unwrap());
    });
    group.finish();
}

criterion_group! {
    name = group;
    config = Criterion::default().sample_size(10);
    targets = benches
}
criterion_main!(group);
