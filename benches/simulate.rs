//! Two policies over a million customers, and a history of 36 months replayed.
//!
//! The replayed history is one of the size of the CDNOW master file (23,570 customers who come in the first three months of 1997,
//! 69,659 purchases in 18 months); with `CDNOW_MASTER` set to the path of `CDNOW_master.txt` it is that file.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use customer_value::engine::simulate::{ReplayOptions, Step, WhatIfOptions};
use customer_value::engine::{Engine, Policy};
use customer_value::history::Histories;
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Day};
use customer_value::rules::column;
use customer_value::tiering::{LadderSpec, TierSpec};

const CUSTOMERS: u64 = 1_000_000;

type Rows = (Vec<u64>, Vec<i32>, Vec<i64>);

struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Everybody comes within the first days, and some come back.
fn rows(customers: u64, purchases: u64, from: Day, arrive: u64, days: u64) -> Rows {
    let mut random = Random(42);
    let mut all = Rows::default();
    for i in 0..purchases {
        let first = i < customers;
        let customer = if first {
            i
        } else {
            random.below(customers).min(random.below(customers))
        };
        let arrived = customer * arrive / customers;
        let offset = if first {
            arrived
        } else {
            arrived + random.below(days - arrived)
        };
        all.0.push(customer);
        all.1.push(from.epoch_days() + offset as i32);
        all.2.push(500 + random.below(6_000) as i64);
    }
    all
}

fn master() -> Rows {
    let Ok(path) = std::env::var("CDNOW_MASTER") else {
        return rows(23_570, 69_659, day("1997-01-01"), 84, 546);
    };
    let mut all = Rows::default();
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let date = fields[1];
        let date = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
        all.0.push(fields[0].parse().unwrap());
        all.1.push(day(&date).epoch_days());
        all.2
            .push((fields[3].parse::<f64>().unwrap() * 100.0).round() as i64);
    }
    all
}

fn ledger(rows: &Rows, as_of: Day) -> Ledger<'_> {
    let columns = Columns::new(CustomerColumn::Numbers(&rows.0), &rows.1, &rows.2);
    Ledger::from_columns(&columns, Options::new(as_of, Currency::USD)).unwrap()
}

fn policy(version: &str, rest: &str) -> Engine {
    let head =
        format!("head = {{ name = \"members\", version = \"{version}\", currency = \"USD\" }}\n");
    Engine::from_toml(&(head + rest), &Catalog::standard()).unwrap()
}

const FIXED: [&str; 2] = [
    r#"
    metrics = [{ name = "spend_12m", measure = "spend", window = "365 days" }]
    tiers = [
        { name = "gold", when = "spend_12m >= 200" },
        { name = "silver", when = "spend_12m >= 80" },
        { name = "member" },
    ]"#,
    r#"
    metrics = [{ name = "spend_12m", measure = "spend", window = "365 days" }]
    tiers = [
        { name = "gold", when = "spend_12m >= 250 and days_since_last <= 180" },
        { name = "silver", when = "spend_12m >= 60" },
        { name = "member" },
    ]"#,
];

const RANKED: [&str; 2] = [
    r#"
    tiers = [
        { name = "gold", when = "percentile(spend) >= 95" },
        { name = "silver", when = "percentile(spend) >= 80" },
        { name = "member" },
    ]"#,
    r#"
    tiers = [
        { name = "gold", when = "percentile(spend) >= 90 and days_since_last <= 365" },
        { name = "silver", when = "percentile(spend) >= 70" },
        { name = "member" },
    ]"#,
];

/// The lifecycle and the scores of the standard policy: more is remembered of everybody.
fn staged() -> Engine {
    let mut policy = Policy::standard(Currency::USD);
    policy.prediction = None;
    policy.scores.truncate(1);
    policy.tiers = LadderSpec::new([
        TierSpec::new("A").when(column("value").ge(70.0).and(column("stage").ne("churned"))),
        TierSpec::new("B").when(column("value").ge(40.0)),
        TierSpec::new("C"),
    ]);
    Engine::new(policy, &Catalog::standard()).unwrap()
}

const PREDICTED: &str = r#"
    prediction = { model = "pareto_nbd", time_unit = "week", method = "map", horizon = "365 days", margin = 1.0, discount = "10 % per year" }
    tiers = [
        { name = "gold", when = "percentile(predicted_ltv) >= 95" },
        { name = "silver", when = "percentile(predicted_ltv) >= 80" },
        { name = "member" },
    ]"#;

/// A calendar year with roll-over, and the last 365 days with grace: what is remembered is made up for day by day.
const MOVES: [&str; 2] = [
    r#"
    tiers = [
        { name = "gold", entry = 200, keep = 150 },
        { name = "silver", entry = 80, keep = 60 },
        { name = "member" },
    ]
    [movement]
    qualifying = { measure = "spend", window = "this year" }
    term = { end_of = "year", next = true }
    review = { every = "year" }
    downgrade = "one_step"
    after_review = { reduced = { cap = 100 } }
    notices = ["90 days", "30 days"]
    "#,
    r#"
    tiers = [
        { name = "gold", entry = 200, keep = 150 },
        { name = "silver", entry = 80, keep = 60 },
        { name = "member" },
    ]
    [movement]
    qualifying = { measure = "spend", window = "365 days" }
    hold = "90 days"
    grace = { length = "30 days", round = "month" }
    "#,
];

fn what_if(c: &mut Criterion) {
    let as_of = day("2024-12-31");
    let rows = rows(CUSTOMERS, 4 * CUSTOMERS, day("2023-01-01"), 365, 730);
    let ledger = ledger(&rows, as_of);
    let mut group = c.benchmark_group("what_if");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    for (name, [before, after]) in [("fixed", FIXED), ("percentiles", RANKED)] {
        let (before, after) = (policy("1", before), policy("2", after));
        let population = before.shared_population(&after, &ledger).unwrap();
        let fit =
            || [&before, &after].map(|e| e.clone().fitted_to(&population, None, as_of).unwrap());
        let options = WhatIfOptions::default();
        let [one, other] = fit();
        group.bench_function(format!("{name}, a million"), |b| {
            b.iter(|| {
                one.what_if(&other, black_box(&population), None, as_of, &options)
                    .unwrap()
            });
        });
        if before.needs_fit() {
            group.bench_function(format!("{name}, a million, with the fits"), |b| {
                b.iter(|| {
                    let [one, other] = fit();
                    one.what_if(&other, black_box(&population), None, as_of, &options)
                        .unwrap()
                });
            });
        }
    }
    group.finish();
}

fn replay(c: &mut Criterion) {
    let (from, to) = (day("1997-01-01"), day("1999-12-31"));
    let rows = master();
    let ledger = ledger(&rows, to);
    let months = ReplayOptions::new(Step::Month);
    let mut group = c.benchmark_group("replay");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    for (name, engine) in [
        ("fixed", policy("1", FIXED[0])),
        ("percentiles", policy("1", RANKED[0])),
        ("scores and stages", staged()),
        ("movement by years", policy("1", MOVES[0])),
        ("movement by days", policy("1", MOVES[1])),
        ("prediction", policy("1", PREDICTED)),
    ] {
        group.bench_function(format!("{name}, 36 months"), |b| {
            b.iter(|| {
                engine
                    .replay(black_box(&ledger), from, to, &months)
                    .unwrap()
            });
        });
    }
    let middle = day("1998-06-30");
    group.bench_function("until", |b| b.iter(|| black_box(&ledger).until(middle)));
    let engine = policy("1", FIXED[0]);
    group.bench_function("until and histories", |b| {
        b.iter(|| Histories::build(&black_box(&ledger).until(middle), engine.layout()).unwrap());
    });
    group.finish();
}

criterion_group!(all, what_if, replay);
criterion_main!(all);
