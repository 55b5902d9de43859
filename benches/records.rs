//! Costs, contacts, answers and complaints of many customers: into histories, the cost to serve in reviews, and due actions.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use customer_value::engine::Engine;
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Records};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Complaint, CostCategory, Currency, Day, Direction, Interaction, Money, Record, ServiceCost,
    SurveyAnswer, SurveyInstrument,
};

const CUSTOMERS: u64 = 1_000_000;
const RECORDS: usize = 5_000_000;
const SPAN: u64 = 730;
const START: i32 = 19_000;

const PLAIN: &str = r#"
    head = { name = "plain", version = "1", currency = "EUR" }
    tiers = [{ name = "top", when = "spend >= 500" }, { name = "everybody" }]
    metrics = [{ measure = "spend", window = "365 days" }]
"#;

const COST: &str = r#"
    [cost_to_serve]
    resources = [{ name = "desk", cost = "560000.00 EUR", minutes = 700000 }]
    activities = [
        { name = "calls", driver = "contacts", channel = "phone", minutes = 8, resource = "desk" },
        { name = "orders", driver = "purchases", minutes = 3, resource = "desk" },
    ]
"#;

const PLAYBOOK: &str = r#"
    [playbook]
    channels = ["mail", "phone"]
    floor = { channels = ["mail"], cadence = "365 days", response_hours = 72 }
    [[playbook.plays]]
    name = "personal"
    tiers = ["top"]
    channels = ["mail", "phone"]
    cadence = "30 days"
    response_hours = 4
    actions = ["check in"]
    [[playbook.actions]]
    name = "check in"
    channel = "phone"
    trigger = "cadence"
    cost = "6.00 EUR"
"#;

/// Numbers that look like chance and are the same each time.
fn numbers() -> impl FnMut(u64) -> u64 {
    let mut state = 42_u64;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

fn day(offset: u64) -> Day {
    Day::from_epoch_days(START + offset as i32).unwrap()
}

fn record(next: &mut impl FnMut(u64) -> u64) -> Record {
    let (who, on) = (next(CUSTOMERS), day(next(SPAN)));
    match next(20) {
        0 => Complaint::new(who, on, "delivery").unwrap().into(),
        1 => SurveyAnswer::new(who, on, SurveyInstrument::Nps, 9)
            .unwrap()
            .into(),
        2..8 => {
            let amount = Money::from_minor(100 + next(2_000) as i64, Currency::EUR);
            let cost = ServiceCost::new(who, on, amount, CostCategory::ServiceStaff);
            cost.unwrap().into()
        }
        n => {
            let (channel, direction) = match n % 2 {
                0 => ("phone", Direction::Inbound),
                _ => ("mail", Direction::Outbound),
            };
            Interaction::new(who, on, channel, direction, "question")
                .unwrap()
                .into()
        }
    }
}

fn engine(parts: &[&str]) -> Engine {
    Engine::from_toml(&parts.concat(), &Catalog::standard()).unwrap()
}

fn benches(c: &mut Criterion) {
    let mut next = numbers();
    let as_of = day(SPAN);
    let sales = 5 * CUSTOMERS;
    let ids: Vec<u64> = (0..sales).map(|_| next(CUSTOMERS)).collect();
    let days: Vec<i32> = ids.iter().map(|_| START + next(SPAN) as i32).collect();
    let amounts: Vec<i64> = ids.iter().map(|_| 100 + next(20_000) as i64).collect();
    let columns = Columns::new(CustomerColumn::Numbers(&ids), &days, &amounts);
    let [plain, cost, due] = [&[PLAIN][..], &[PLAIN, COST], &[PLAIN, PLAYBOOK]].map(engine);
    let ledger = Ledger::from_columns(&columns, plain.cleaning(as_of)).unwrap();
    let records = (0..RECORDS).map(|_| record(&mut next));
    let records = Records::clean(records, &plain.cleaning(as_of));

    let mut group = c.benchmark_group("records");
    group.sample_size(10);
    group.throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("plain scan", |b| {
        b.iter(|| {
            let all = black_box(&records).all().iter();
            all.fold((0, 0), |(cost, calls), record| match record {
                Record::ServiceCost(own) => (cost + own.amount().minor(), calls),
                Record::Interaction(own) => (cost, calls + u64::from(own.channel() == "phone")),
                _ => (cost, calls),
            })
        });
    });
    group.bench_function("until", |b| b.iter(|| records.until(day(SPAN / 2))));
    let without = cost.population(&ledger).unwrap();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().unwrap();
        group.bench_function(format!("into histories, {threads} threads"), |b| {
            b.iter_batched(
                || without.histories().clone(),
                |histories| pool.install(|| histories.with_records(&records).unwrap()),
                BatchSize::PerIteration,
            );
        });
    }
    drop(without);

    let ledger = ledger.with_records(&records).unwrap();
    group.throughput(Throughput::Elements(CUSTOMERS));
    for (name, engine) in [("", &plain), (" with cost to serve", &cost)] {
        let population = engine.population(&ledger).unwrap();
        group.bench_function(format!("review{name}"), |b| {
            b.iter(|| {
                engine
                    .review_all(black_box(&population), None, as_of)
                    .unwrap()
            });
        });
    }
    let population = due.population(&ledger).unwrap();
    let reviews = due.review_all(&population, None, as_of).unwrap();
    group.bench_function("due actions", |b| {
        b.iter(|| black_box(&reviews).due_actions(&BTreeMap::new()).unwrap());
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
