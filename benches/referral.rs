//! One million referrals: the graph, and both views of its weights.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use customer_value::metrics::referral::{
    ReferralEdge, ReferralGraph, ReferralReach, ReferralTerms,
};
use customer_value::model::{Currency, CustomerId, Day, Money, ReferralKind};

const N: usize = 1_000_000;

/// Referrer and referee of every row.
type Pairs = Vec<(CustomerId, CustomerId)>;

/// Customer i + 1 is brought by an earlier one; ids are spread over 64 bits and rows are in no order.
fn pairs(above: impl Fn(usize, u64) -> usize, id: impl Fn(u64) -> CustomerId) -> Pairs {
    let mix = |n: u64| {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(29)
            .wrapping_mul(0xBF58_476D_1CE4_E5B9)
    };
    let mut rows: Vec<(u64, _)> = (1..=N as u64)
        .map(|i| {
            let referrer = above(i as usize, mix(i)) as u64;
            (mix(i), (id(mix(referrer + 7)), id(mix(i + 7))))
        })
        .collect();
    rows.sort_by_key(|row| row.0);
    rows.into_iter().map(|row| row.1).collect()
}

fn edges(pairs: &Pairs) -> impl Iterator<Item = ReferralEdge<'_>> {
    pairs.iter().map(|(referrer, referee)| ReferralEdge {
        referrer,
        referee,
        day: Day::MIN,
        kind: ReferralKind::TypeOne,
    })
}

fn referral(c: &mut Criterion) {
    let number = CustomerId::from;
    let random = |i: usize, mixed: u64| (mixed % i as u64) as usize;
    let graphs = [
        ("random tree", pairs(random, number)),
        ("chain", pairs(|i, _| i - 1, number)),
        (
            "random tree, text ids",
            pairs(random, |n| CustomerId::text(&format!("C-{n:x}")).unwrap()),
        ),
    ];
    let terms = ReferralTerms {
        acquisition_saved: Money::from_minor(30_00, Currency::EUR),
        incentive: Money::from_minor(10_00, Currency::EUR),
    };
    let mut group = c.benchmark_group("referral");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(N as u64));
    for (name, pairs) in &graphs {
        group.bench_function(format!("{name}: build"), |b| {
            b.iter_batched(
                || (),
                |()| ReferralGraph::build(edges(pairs), Day::MAX),
                BatchSize::PerIteration,
            );
        });
        let (graph, report) = ReferralGraph::build(edges(pairs), Day::MAX);
        assert_eq!(report.accepted, N);
        for depth in [Some(1), Some(3), None] {
            let reach = ReferralReach {
                depth,
                damping: 0.5,
            };
            let label = depth.map_or("all".to_owned(), |depth| depth.to_string());
            group.bench_function(format!("{name}: weights, depth {label}"), |b| {
                b.iter(|| graph.weights(&reach, &terms, |_| Some(10_000)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, referral);
criterion_main!(benches);
