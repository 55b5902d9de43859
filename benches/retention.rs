//! What churn, stages and the exit ladder add to the review of a million customers: the same review without and with them, at first
//! and with what was remembered a month before.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use customer_value::engine::{Engine, Population};
use customer_value::ledger::{Columns, CustomerColumn, Ledger};
use customer_value::metrics::Catalog;
use customer_value::model::Day;

const CUSTOMERS: u64 = 1_000_000;
const PURCHASES: u64 = 5_000_000;

const PLAIN: &str = r#"
[head]
name = "plain"
version = "1"
currency = "EUR"

[[metrics]]
name = "spend_12m"
measure = "spend"
window = "365 days"

[[tiers]]
name = "gold"
when = "spend_12m >= 200"

[[tiers]]
name = "member"
"#;

/// Nobody is legally held and no referral is known, so that the ladder has somebody on it.
const RETENTION: &str = r#"
[churn]
methods = [
    { by = "churn_factor", at_risk = 2, lost = 4 },
    { by = "days_since_last", cooling = 60, at_risk = 120, highly_at_risk = 180, lost = 240 },
]

[lifecycle]
start = "prospect"
moves = 4
stages = [
    { name = "prospect", rank = 0 },
    { name = "first_purchase", rank = 1 },
    { name = "repeat", rank = 2 },
    { name = "at_risk", on_enter = ["call"] },
    { name = "churned" },
    { name = "won_back" },
]
transitions = [
    { from = ["prospect"], to = "first_purchase", when = "active_days >= 1", since = "first_purchase" },
    { from = ["first_purchase", "won_back"], to = "repeat", when = "active_days >= 2 and churn in ('active', 'cooling')" },
    { from = ["first_purchase", "repeat", "won_back"], to = "at_risk", when = "churn in ('at_risk', 'highly_at_risk')" },
    { from = ["first_purchase", "repeat", "at_risk", "won_back"], to = "churned", when = "churn = 'lost'" },
    { from = ["at_risk", "churned"], to = "won_back", when = "churn in ('active', 'cooling')", since = "last_purchase" },
]

[exit]
below = "age >= 180 and spend_12m < 30"
at_least = "60 days"
interval = "60 days"
notice = "30 days"
steps = [{ name = "reassess" }, { name = "educate" }, { name = "renegotiate" }, { name = "migrate" }, { name = "end", ends_service = true }]
gates = [
    { name = "at risk", closed = "churn = 'at_risk'" },
    { name = "good customer once", closed = "spend >= 500" },
    { name = "frequent", closed = "active_days >= 12", from = "end" },
]
"#;

fn population(engine: &Engine, until: Day) -> Population {
    let mut state = 42_u64;
    let mut below = |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let (mut customers, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..PURCHASES {
        customers.push(if i < CUSTOMERS {
            i
        } else {
            below(CUSTOMERS).min(below(CUSTOMERS))
        });
        days.push(until.epoch_days() - below(900) as i32);
        amounts.push(500 + below(6_000) as i64);
    }
    let columns = Columns::new(CustomerColumn::Numbers(&customers), &days, &amounts);
    let ledger = Ledger::from_columns(&columns, engine.cleaning(until)).unwrap();
    engine.population(&ledger).unwrap()
}

fn retention(c: &mut Criterion) {
    let mut group = c.benchmark_group("retention");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    let (before, today): (Day, Day) =
        ("2024-11-30".parse().unwrap(), "2024-12-31".parse().unwrap());
    for (name, text) in [
        ("without", PLAIN.to_owned()),
        ("with", PLAIN.to_owned() + RETENTION),
    ] {
        let engine = Engine::from_toml(&text, &Catalog::standard()).unwrap();
        let population = population(&engine, today);
        group.bench_function(format!("first_review/{name}"), |b| {
            b.iter(|| black_box(engine.review_all(&population, None, today).unwrap().len()));
        });
        let standings = engine
            .review_all(&population, None, before)
            .unwrap()
            .into_standings();
        group.bench_function(format!("next_review/{name}"), |b| {
            b.iter(|| {
                black_box(
                    engine
                        .review_all(&population, &standings, today)
                        .unwrap()
                        .len(),
                )
            });
        });
    }
    group.finish();
}

criterion_group!(benches, retention);
criterion_main!(benches);
