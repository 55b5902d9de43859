//! The default lifecycle and one with timers: reviewing customers whose stage is known, one by one and in bulk.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::{LifecycleSpec, Step, presets};
use customer_value::model::{Day, Unit};
use customer_value::table::{Field, Schema, Table};

const ROWS: usize = 4096;

fn benches(c: &mut Criterion) {
    measure(c, "lifecycle", &presets::standard(), &SHOP);
    measure(c, "lifecycle_timed", &presets::ownership(), &OWNERSHIP);
}

/// Numbers below `most`, at random.
type Columns = [(&'static str, Unit, u64)];

fn measure(c: &mut Criterion, name: &str, spec: &LifecycleSpec, columns: &Columns) {
    let mut schema = Schema::new();
    for (name, unit, _) in columns {
        schema.add(Field::number(*name, *unit)).unwrap();
    }
    let lifecycle = spec.bind(&schema, &mut Diagnostics::new()).unwrap();
    let mut table = Table::new(schema, ROWS);
    let slots: Vec<_> = table.schema().slots().collect();
    let mut state = 1_u64;
    for row in 0..ROWS {
        for (slot, (_, _, most)) in slots.iter().zip(columns) {
            state = state * 48_271 % 2_147_483_647;
            table
                .column_mut(*slot)
                .set(row, Some((state % most) as f64));
        }
    }
    let as_of = Day::from_epoch_days(20_000).unwrap();
    let mut steps: Vec<Step> = Vec::new();
    lifecycle.step_block(&table, 0, as_of, &vec![None; ROWS], &mut steps);
    // Reviewed for the first time, and again a day later.
    let current: Vec<_> = steps.iter().map(|step| Some(step.position)).collect();
    let reviews = [
        ("first", vec![None; ROWS], as_of),
        ("again", current, as_of.next()),
    ];

    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(ROWS as u64));
    for (name, current, as_of) in reviews {
        group.bench_function(format!("{name}_one"), |b| {
            b.iter(|| {
                (0..ROWS)
                    .filter(|i| {
                        let step = lifecycle.step(table.row(*i), as_of, current[*i]);
                        step.by.is_some()
                    })
                    .count()
            });
        });
        group.bench_function(format!("{name}_bulk"), |b| {
            b.iter(|| {
                steps.clear();
                lifecycle.step_block(&table, 0, as_of, &current, black_box(&mut steps));
            });
        });
    }
    group.finish();
}

const SHOP: [(&str, Unit, u64); 7] = [
    ("active_days", Unit::Count, 8),
    ("days_since_last", Unit::Days, 365),
    ("last_gap", Unit::Days, 365),
    ("first_purchase", Unit::Date, 19_000),
    ("second_purchase", Unit::Date, 19_000),
    ("last_purchase", Unit::Date, 20_000),
    ("loyal_since", Unit::Date, 20_000),
];

const OWNERSHIP: [(&str, Unit, u64); 6] = [
    ("deal_closed", Unit::Flag, 2),
    ("last_contact", Unit::Date, 20_000),
    ("last_deal", Unit::Date, 20_000),
    ("locked", Unit::Flag, 2),
    ("owned", Unit::Flag, 2),
    ("owner_since", Unit::Date, 20_000),
];

criterion_group!(all, benches);
criterion_main!(all);
