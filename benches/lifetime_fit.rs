//! How long a fit takes: CDNOW, and a million simulated customers with collapsing. On one core: the `rayon` pool has one
//! thread.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use customer_value::metrics::lifetime::{
    Activities, Activity, Method, ModelKind, Spend, Spends, TimeUnit,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution, Exp1, Gamma};

const MASTER: &str = include_str!("../tests/lifetime_reference/cdnow_master.csv");
const MASTER_SPEND: &str = include_str!("../tests/lifetime_reference/cdnow_master_spend.csv");
const SAMPLE: &str = include_str!("../examples/data/cdnow_sample.csv");

fn fields(line: &str) -> Vec<f64> {
    line.split(',')
        .map(|field| field.parse().unwrap())
        .collect()
}

fn master() -> Vec<Activity> {
    let kinds = MASTER.lines().skip(1).map(fields);
    kinds
        .flat_map(|f| {
            let one = Activity::new(f[0] as u32, f[1] / 7.0, f[2] / 7.0).unwrap();
            std::iter::repeat_n(one, f[3] as usize)
        })
        .collect()
}

fn spends() -> Vec<(Spend, u64)> {
    let kinds = MASTER_SPEND.lines().skip(1).map(fields);
    kinds
        .map(|f| {
            (
                Spend::new(f[0] as u32, f[1] / 100.0 / f[0]).unwrap(),
                f[2] as u64,
            )
        })
        .collect()
}

fn sample() -> Vec<Activity> {
    use customer_value::model::Day;
    use std::collections::{BTreeMap, BTreeSet};
    let end: Day = "1997-09-30".parse().unwrap();
    let mut customers: BTreeMap<&str, BTreeSet<Day>> = BTreeMap::new();
    for line in SAMPLE.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let day: Day = f[1].parse().unwrap();
        if day <= end {
            customers.entry(f[0]).or_default().insert(day);
        }
    }
    let week = |days| TimeUnit::Week.of(days);
    customers
        .into_values()
        .map(|days| {
            let (first, last) = (*days.first().unwrap(), *days.last().unwrap());
            Activity::new(days.len() as u32 - 1, week(last - first), week(end - first)).unwrap()
        })
        .collect()
}

/// Customers of a BG/NBD with the parameters of the sample, seen for 26 to 78 weeks, in whole days.
fn simulated(n: usize) -> Vec<Activity> {
    let mut random = StdRng::seed_from_u64(7);
    let (rate, leave) = (
        Gamma::new(0.243, 1.0 / 4.414).unwrap(),
        Beta::new(0.793, 2.426).unwrap(),
    );
    (0..n)
        .map(|_| {
            let age = f64::from(random.random_range(182..546));
            let (lambda, p): (f64, f64) = (rate.sample(&mut random), leave.sample(&mut random));
            let (mut x, mut last, mut t) = (0, 0.0, 0.0);
            loop {
                let gap: f64 = Exp1.sample(&mut random);
                t += gap / lambda * 7.0;
                if t > age {
                    break;
                }
                (x, last) = (x + 1, f64::ceil(t).min(age));
                if random.random::<f64>() < p {
                    break;
                }
            }
            Activity::new(x, last / 7.0, age / 7.0).unwrap()
        })
        .collect()
}

fn fits(c: &mut Criterion) {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .unwrap();
    let mut group = c.benchmark_group("lifetime_fit");
    group.sample_size(10);
    for (name, customers) in [("sample", sample()), ("master", master())] {
        let data = Activities::new(customers.iter().copied(), TimeUnit::Week);
        group.bench_function(format!("{name}/collapse"), |b| {
            b.iter(|| Activities::new(customers.iter().copied(), TimeUnit::Week));
        });
        for kind in ModelKind::CONTINUOUS {
            group.bench_function(format!("{name}/{}", kind.name().replace('/', "-")), |b| {
                b.iter(|| black_box(&data).fit(kind, Method::MaximumLikelihood));
            });
        }
    }
    let spend = Spends::weighted(spends());
    group.bench_function("master/Gamma-Gamma", |b| {
        b.iter(|| black_box(&spend).fit(Method::MaximumLikelihood));
    });
    let million = simulated(1_000_000);
    group.bench_function("million/collapse", |b| {
        let copy = || million.clone();
        b.iter_batched(
            copy,
            |all| Activities::new(all, TimeUnit::Week),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("million/BG-NBD with collapsing", |b| {
        let copy = || million.clone();
        b.iter_batched(
            copy,
            |all| {
                let data = Activities::new(all, TimeUnit::Week);
                data.fit(ModelKind::BgNbd, Method::MaximumLikelihood)
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, fits);
criterion_main!(benches);
