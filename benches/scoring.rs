//! Quintiles and RFM over 780,000 customers, one thread.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use customer_value::scoring::{Better, Breaks, RfmSpec};
use customer_value::table::Cell;

const CUSTOMERS: u64 = 780_000;

/// A number in 0 to 1 for each row, well mixed (splitmix64).
fn uniform(row: u64, salt: u64) -> f64 {
    let mut x = (row ^ (salt << 40)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn column(value: impl Fn(u64) -> f64) -> Vec<Cell> {
    (0..CUSTOMERS)
        .map(|row| Cell::from_number(value(row)))
        .collect()
}

fn scoring(c: &mut Criterion) {
    let normal = |row, salt| {
        let radius = (-2.0 * (1.0 - uniform(row, salt)).ln()).sqrt();
        radius * (std::f64::consts::TAU * uniform(row, salt + 1)).cos()
    };
    let recency = column(|row| (uniform(row, 1).powi(2) * 730.0).floor());
    let frequency = column(|row| (1.0 - 8.0 * (1.0 - uniform(row, 2)).ln()).floor());
    let monetary = column(|row| (normal(row, 3) * 1.2 + 4.0).exp());

    let mut group = c.benchmark_group("scoring");
    group
        .sample_size(30)
        .throughput(Throughput::Elements(CUSTOMERS));
    for (name, cells, better) in [
        ("breaks_recency", &recency, Better::Lower),
        ("breaks_frequency", &frequency, Better::Higher),
        ("breaks_monetary", &monetary, Better::Higher),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| Breaks::quantile(black_box(cells), 5, better))
        });
    }
    let spec = RfmSpec::default();
    let rfm = spec
        .fit(&recency, &frequency, &monetary)
        .expect("the default is sound");
    let mut out = vec![None; recency.len()];
    group.bench_function("rfm_score_all", |b| {
        b.iter(|| rfm.score_all(black_box(&recency), &frequency, &monetary, &mut out));
    });
    group.bench_function("rfm_fit_and_score", |b| {
        b.iter_batched(
            || (),
            |()| {
                let rfm = spec
                    .fit(black_box(&recency), &frequency, &monetary)
                    .expect("sound");
                let mut out = vec![None; recency.len()];
                rfm.score_all(&recency, &frequency, &monetary, &mut out);
                out
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, scoring);
criterion_main!(benches);
