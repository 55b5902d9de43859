//! A rule and a ladder of three conditions, for one row and in bulk; parsing and binding beside them.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::model::Unit;
use customer_value::rules::{BLOCK, Expr, Rule, Truth};
use customer_value::table::{Field, Schema, Table};
use customer_value::tiering::{Decision, LadderSpec, TierSpec};

const ROWS: usize = 4096;
const TEXT: &str =
    "spend >= 500 and days_since_last <= 90 and segment in (\"Champions\", \"Loyal\")";

fn table() -> Table {
    let mut schema = Schema::new();
    for field in [
        Field::number("spend", Unit::Money),
        Field::number("days_since_last", Unit::Days),
        Field::number("potential", Unit::Points),
        Field::category("segment", ["Champions", "Loyal", "Lost"]),
    ] {
        schema.add(field).unwrap();
    }
    let mut table = Table::new(schema, ROWS);
    let slots: Vec<_> = table.schema().slots().collect();
    // A fixed pseudo-random fill (Lehmer), so that no branch predictor learns it.
    let mut state = 1_u64;
    let mut next = |n: u64| {
        state = state * 48_271 % 2_147_483_647;
        state % n
    };
    for row in 0..ROWS {
        for (slot, most) in slots.iter().zip([1000, 365, 100, 3]) {
            let value = next(most) as f64;
            table
                .column_mut(*slot)
                .set(row, (next(10) > 0).then_some(value));
        }
    }
    table
}

fn bind(text: &str, schema: &Schema) -> Rule {
    let expr: Expr = text.parse().unwrap();
    expr.bind(schema, &Place::at("bench"), &mut Diagnostics::new())
        .unwrap()
}

fn benches(c: &mut Criterion) {
    let table = table();
    let schema = table.schema();
    let rule = bind(TEXT, schema);

    let mut group = c.benchmark_group("rules");
    group.bench_function("parse_and_bind", |b| {
        b.iter(|| bind(black_box(TEXT), schema))
    });
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("rule_one", |b| {
        b.iter(|| {
            (0..ROWS)
                .filter(|i| rule.truth(table.row(*i)) == Truth::True)
                .count()
        });
    });
    group.bench_function("rule_bulk", |b| {
        b.iter(|| {
            (0..ROWS)
                .step_by(BLOCK)
                .map(|first| rule.block(&table, first, BLOCK).yes.count_ones())
                .sum::<u32>()
        });
    });

    let spec = LadderSpec::new([
        TierSpec::new("A").when("spend >= 500 and days_since_last <= 90".parse().unwrap()),
        TierSpec::new("B").when("spend >= 100".parse().unwrap()),
        TierSpec::new("C"),
    ]);
    let ladder = spec.bind(schema, &mut Diagnostics::new()).unwrap();
    group.bench_function("ladder_one", |b| {
        b.iter(|| {
            (0..ROWS)
                .map(|i| ladder.decide(table.row(i)).tier.ordinal())
                .sum::<usize>()
        });
    });
    let mut out = vec![Decision::default(); ROWS];
    group.bench_function("ladder_bulk", |b| {
        b.iter(|| ladder.decide_block(&table, 0, black_box(&mut out)));
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
