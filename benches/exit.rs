//! The exit ladder: reviewing customers one by one and in bulk, a tenth of them below the line, and all of them.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::exit::{ExitOutcome, ExitSpec, GateSpec, presets};
use customer_value::model::{Day, Days, Unit};
use customer_value::rules::column;
use customer_value::table::{Field, Schema, Table};

const ROWS: usize = 4096;

fn benches(c: &mut Criterion) {
    let mut schema = Schema::new();
    for (name, unit) in COLUMNS {
        schema.add(Field::number(name, unit)).unwrap();
    }
    let as_of = Day::from_epoch_days(20_000).unwrap();
    let mut group = c.benchmark_group("exit");
    group.throughput(Throughput::Elements(ROWS as u64));
    for (share, most) in [("tenth", 10.0), ("all", 1000.0)] {
        let below = column("spend").lt(most).and(column("cost").ge(0));
        let mut spec = ExitSpec::new(below, Days::new(60), presets::five_steps());
        spec.at_least = Days::new(180);
        spec.attempts = 2;
        spec.notice = Days::new(30);
        spec.gates = vec![
            GateSpec::new("hold", column("hold").is_set()),
            GateSpec::new("orders", column("orders").gt(0)),
            GateSpec::new("potential", column("growth").gt(0.9)),
            GateSpec::new("referrals", column("referral").ge(90)),
            GateSpec::new("household", column("household").ge(90)).from_step("end"),
        ];
        let ladder = spec.bind(&schema, &mut Diagnostics::new()).unwrap();
        let mut table = Table::new(schema.clone(), ROWS);
        let slots: Vec<_> = table.schema().slots().collect();
        let mut state = 1_u64;
        for row in 0..ROWS {
            for (slot, (_, unit)) in slots.iter().zip(COLUMNS) {
                state = state * 48_271 % 2_147_483_647;
                let value = match unit {
                    Unit::Flag => state.is_multiple_of(20).into(),
                    Unit::Ratio => (state % 100) as f64 / 100.0,
                    _ => (state % 100) as f64,
                };
                table.column_mut(*slot).set(row, Some(value));
            }
        }
        // Where they stand after two years of reviews.
        let mut current = vec![None; ROWS];
        let mut outcomes: Vec<ExitOutcome> = Vec::new();
        for week in (1..=100).rev() {
            outcomes.clear();
            let day = as_of.minus(Days::new(7 * week));
            ladder.step_block(
                &table,
                0,
                day,
                &current,
                |i, _| (i % 4) as u32,
                &mut outcomes,
            );
            current = outcomes.iter().map(|outcome| outcome.position).collect();
        }
        group.bench_function(format!("{share}_one"), |b| {
            b.iter(|| {
                (0..ROWS)
                    .filter(|i| {
                        let attempts = |_| (i % 4) as u32;
                        ladder
                            .step(table.row(*i), as_of, current[*i], attempts)
                            .changed()
                    })
                    .count()
            });
        });
        group.bench_function(format!("{share}_bulk"), |b| {
            b.iter(|| {
                outcomes.clear();
                let attempts = |i, _| (i % 4) as u32;
                ladder.step_block(
                    &table,
                    0,
                    as_of,
                    &current,
                    attempts,
                    black_box(&mut outcomes),
                );
            });
        });
    }
    group.finish();
}

const COLUMNS: [(&str, Unit); 7] = [
    ("spend", Unit::Money),
    ("cost", Unit::Money),
    ("hold", Unit::Flag),
    ("orders", Unit::Count),
    ("growth", Unit::Ratio),
    ("referral", Unit::Money),
    ("household", Unit::Money),
];

criterion_group!(all, benches);
criterion_main!(all);
