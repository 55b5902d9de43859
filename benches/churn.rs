//! How far customers have gone: levels in bulk, the gaps of a population, and the evidence of one customer.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_value::diagnostic::Diagnostics;
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::lifecycle::churn::{
    ChurnLevel, ChurnMeasure, ChurnMethodSpec, ChurnSpec, GapDistribution,
};
use customer_value::model::{Currency, Day, Unit};
use customer_value::table::{Field, Schema, Table};

const ROWS: usize = 4096;

const COLUMNS: [(&str, Unit, u64); 4] = [
    ("active_days", Unit::Count, 12),
    ("days_since_last", Unit::Days, 500),
    ("lapse_point", Unit::Days, 200),
    ("p_alive", Unit::Share, 2),
];

fn method(by: ChurnMeasure) -> ChurnMethodSpec {
    ChurnMethodSpec::new(by)
}

fn benches(c: &mut Criterion) {
    let mut schema = Schema::new();
    for (name, unit, _) in COLUMNS {
        schema.add(Field::number(name, unit)).unwrap();
    }
    let levels = schema.add(ChurnLevel::field()).unwrap();
    let mut table = Table::new(schema, ROWS);
    let slots: Vec<_> = table.schema().slots().collect();
    let mut state = 1_u64;
    let mut next = |most: u64| {
        state = state * 48_271 % 2_147_483_647;
        state % most
    };
    for row in 0..ROWS {
        for (slot, (_, unit, most)) in slots.iter().zip(COLUMNS) {
            let number = match unit {
                Unit::Share => next(100) as f64 / 100.0,
                _ => next(most) as f64,
            };
            table.column_mut(*slot).set(row, Some(number));
        }
    }
    // Each customer's purchases, one after the other.
    let ids: Vec<u64> = (0..ROWS as u64).flat_map(|id| [id; 8]).collect();
    let days: Vec<i32> = ids.iter().map(|_| 18_000 + next(1500) as i32).collect();
    let prices = vec![1000_i64; ids.len()];
    let as_of = Day::from_epoch_days(19_600).unwrap();
    let columns = Columns::new(CustomerColumn::Numbers(&ids), &days, &prices);
    let ledger = Ledger::from_columns(&columns, Options::new(as_of, Currency::EUR)).unwrap();
    let histories = Histories::build(&ledger, &Layout::new(Currency::EUR, [])).unwrap();

    let silent = method(ChurnMeasure::DaysSinceLast)
        .cooling(60.0)
        .at_risk(120.0)
        .highly_at_risk(180.0)
        .lost(240.0);
    let alive = method(ChurnMeasure::PAlive)
        .min_active_days(2)
        .cooling(0.6)
        .at_risk(0.5)
        .highly_at_risk(0.35)
        .lost(0.2);
    let population = method(ChurnMeasure::PopulationGapPercentile)
        .at_risk(40.0)
        .lost(80.0);
    let mut group = c.benchmark_group("churn");
    group.throughput(Throughput::Elements(ROWS as u64));
    for (name, methods) in [
        ("probability", vec![alive, silent]),
        ("population", vec![population]),
    ] {
        let spec = ChurnSpec::new(methods);
        let mut churn = spec.bind(table.schema(), &mut Diagnostics::new()).unwrap();
        churn.freeze(GapDistribution::fit(&histories, as_of));
        group.bench_function(format!("levels_{name}"), |b| {
            b.iter(|| churn.fill(black_box(&mut table), levels));
        });
        if name == "population" {
            group.bench_function("evidence", |b| {
                b.iter(|| {
                    for (_, history) in histories.iter() {
                        black_box(churn.evidence(history, &[], Currency::EUR, as_of));
                    }
                });
            });
        }
    }
    group.bench_function("fit_gaps", |b| {
        b.iter(|| GapDistribution::fit(black_box(&histories), as_of));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
