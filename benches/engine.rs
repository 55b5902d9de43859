//! Reviews with the default policy: one customer online, and all in bulk.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use customer_value::engine::{Engine, Policy, Population, Standing, Standings};
use customer_value::history::{Histories, History};
use customer_value::ledger::{Columns, CustomerColumn, Effect, Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Day, Money, Transaction};

const CUSTOMERS: u64 = 10_000;
const SPAN: i32 = 730;
const START: i32 = 19_000;

fn day(offset: i32) -> Day {
    Day::from_epoch_days(START + offset).unwrap()
}

/// About 13 purchases each, some customers with many more.
fn columns() -> (Vec<u64>, Vec<i32>, Vec<i64>) {
    let mut state = 42_u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..CUSTOMERS * 13)
        .map(|_| {
            let customer = random(CUSTOMERS).min(random(CUSTOMERS));
            (
                customer * 977,
                START + random(SPAN as u64) as i32,
                100 + random(20_000) as i64,
            )
        })
        .fold(
            Default::default(),
            |mut all: (Vec<_>, Vec<_>, Vec<_>), (c, d, a)| {
                all.0.push(c);
                all.1.push(d);
                all.2.push(a);
                all
            },
        )
}

fn benches(c: &mut Criterion) {
    let engine = Engine::new(Policy::standard(Currency::EUR), &Catalog::standard()).unwrap();
    let (customers, days, amounts) = columns();
    let columns = Columns::new(CustomerColumn::Numbers(&customers), &days, &amounts);
    let as_of = day(SPAN);
    let ledger = Ledger::from_columns(&columns, Options::new(as_of, Currency::EUR)).unwrap();
    let population = Population::new(Histories::build(&ledger, engine.layout()).unwrap());
    let none = Standings::new();
    let fit = engine.fit(&population, &none, as_of).unwrap();

    let mut group = c.benchmark_group("engine");
    group.throughput(Throughput::Elements(CUSTOMERS));
    group.bench_function("fit", |b| {
        b.iter(|| engine.fit(black_box(&population), &none, as_of).unwrap());
    });
    let engine = engine.freeze(fit).unwrap();
    group.bench_function("review_all", |b| {
        b.iter(|| {
            engine
                .review_all(black_box(&population), &none, as_of)
                .unwrap()
        });
    });
    let before = engine
        .review_all(&population, &none, as_of)
        .unwrap()
        .standings();
    group.bench_function("review_all_again", |b| {
        b.iter(|| {
            engine
                .review_all(black_box(&population), &before, as_of)
                .unwrap()
        });
    });

    // One customer with 100 days, who buys once more.
    let options = Options::new(as_of, Currency::EUR);
    let sale = |offset| {
        let amount = Money::from_minor(1_999, Currency::EUR);
        Transaction::purchase(7, day(offset), amount).unwrap()
    };
    let mut history = History::new(engine.layout().clone());
    for i in 0..100 {
        let sale = sale(SPAN - 1 - i * 7);
        let effect = Effect::of(&sale, &options).unwrap();
        history.add(&effect).unwrap();
    }
    let mut buffer = engine.buffer();
    let (standing, _) = engine.review(&history, Standing::default(), as_of, &mut buffer);
    let today = sale(SPAN);
    group.throughput(Throughput::Elements(1));
    group.bench_function("review", |b| {
        let mut standing = standing.clone();
        b.iter(|| {
            let before = std::mem::take(&mut standing);
            let (after, found) = engine.review(black_box(&history), before, as_of, &mut buffer);
            black_box(found.tier());
            standing = after;
        });
    });
    group.bench_function("add_and_review", |b| {
        b.iter_batched_ref(
            || (history.clone(), Some(standing.clone())),
            |(history, standing)| {
                history.add(&Effect::of(&today, &options).unwrap()).unwrap();
                let before = standing.take().unwrap();
                let (after, found) = engine.review(&*history, before, as_of, &mut buffer);
                black_box(found.tier());
                *standing = Some(after);
            },
            BatchSize::NumIterations(16),
        );
    });
    let stored = history.to_bytes();
    group.bench_function("read_add_review_write", |b| {
        b.iter_batched_ref(
            || Some(standing.clone()),
            |standing| {
                let mut history = History::from_bytes(black_box(&stored)).unwrap();
                history.add(&Effect::of(&today, &options).unwrap()).unwrap();
                let before = standing.take().unwrap();
                let (after, found) = engine.review(&history, before, as_of, &mut buffer);
                black_box(found.tier());
                *standing = Some(after);
                history.to_bytes()
            },
            BatchSize::NumIterations(16),
        );
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
