//! The static analysis of a policy with fifty rules, sound and unsound, and of one with a thousand tiers.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use customer_value::engine::Engine;
use customer_value::metrics::Catalog;

const PARTS: &str = r#"
head = { name = "fifty", version = "1", currency = "EUR" }
rfm = { bins = 5 }
scores = [{ name = "value", parts = [{ column = "spend", weight = 1, scale = "percentile" }] }]
attributes = { region = { type = "category", values = ["north", "south", "east", "west"] }, staff = { type = "flag" } }
"#;

/// Tiers of several conditions each, over eight columns; `cap` is what an unsound one adds.
fn tiers(count: usize, cap: impl Fn(usize) -> String) -> String {
    let tier = |i: usize| {
        let rank = count - i;
        let spend = rank * 100;
        let days = 30 + i * 10;
        let value = (rank as f64 * 90.0 / count as f64).floor();
        let cap = cap(i);
        format!(
            "{{ name = 't{i}', when = '((spend >= {spend} and days_since_last <= {days}) or (value >= {value} and \
             percentile(purchases) >= 20) or r >= 4 and m >= 4 and spend >= {spend}) and (staff is missing or not staff) \
             and (region != \"west\" or purchases >= {rank}){cap}' }},\n"
        )
    };
    let tiers: String = (0..count).map(tier).collect();
    format!("tiers = [\n{tiers}{{ name = 'base' }}]\n")
}

fn lifecycle() -> String {
    let transition = |i: usize| {
        let (from, to) = (i * 40 + 1, i * 40 + 41);
        format!(
            "{{ from = ['s0', 's{i}'], to = 's{}', when = 'days_since_last >= {from} and days_since_last < {to} and \
             purchases >= 1' }},\n",
            i + 1
        )
    };
    let stages: String = (0..=10).map(|i| format!("{{ name = 's{i}' }},")).collect();
    let transitions: String = (0..10).map(transition).collect();
    format!("lifecycle = {{ start = 's0', stages = [{stages}], transitions = [{transitions}] }}\n")
}

fn points() -> String {
    let rule = |i: usize| {
        format!(
            "{{ name = 'p{i}', points = {i}, when = 'spend >= {i}00 and churn_factor <= 2', repeat = 'once' }},\n"
        )
    };
    let rules: String = (1..=10).map(rule).collect();
    format!("points = [{{ name = 'given', rules = [{rules}] }}]\n")
}

fn engine(parts: &[&str]) -> Engine {
    let text = format!("{PARTS}{}", parts.concat());
    Engine::from_toml(&text, &Catalog::standard()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn benches(c: &mut Criterion) {
    let (points, lifecycle) = (points(), lifecycle());
    let sound = tiers(30, |_| " and given >= 0".to_owned());
    // Upper ends, so that every tier asks for a search of pairs.
    let unsound = tiers(30, |i| {
        format!(" and given >= 0 and not (spend between {i}150 and {i}250)")
    });
    let many = tiers(999, |_| String::new());
    let mut group = c.benchmark_group("analysis");
    for (name, tiers) in [("fifty_rules", &sound), ("fifty_rules_unsound", &unsound)] {
        let engine = engine(&[&points, &lifecycle, tiers]);
        println!("{name}: {} findings", engine.analyse().len());
        group.bench_function(name, |b| b.iter(|| black_box(&engine).analyse()));
    }
    group.sample_size(10);
    let engine = engine(&[&many]);
    println!("thousand_tiers: {} findings", engine.analyse().len());
    group.bench_function("thousand_tiers", |b| {
        b.iter(|| black_box(&engine).analyse())
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
