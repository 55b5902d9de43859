//! The gaps of a population against a naive count, and levels over histories: silence never makes anybody better.

use std::sync::Arc;

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options};
use customer_value::lifecycle::churn::{
    Churn, ChurnLevel, ChurnMeasure, ChurnMethodSpec, ChurnSpec, GapDistribution,
};
use customer_value::metrics::{Catalog, Metric, MetricSpec, tabulate};
use customer_value::model::{Currency, Day, Money, Transaction};
use proptest::prelude::*;

fn day(epoch: i32) -> Day {
    Day::from_epoch_days(epoch).unwrap()
}

fn of(gaps: &[u32]) -> GapDistribution {
    gaps.iter().copied().collect()
}

/// Each customer's days with a purchase, in any order.
fn histories(customers: &[Vec<i32>]) -> Histories {
    let mut builder = LedgerBuilder::new(Options::new(Day::MAX, Currency::EUR));
    for (id, days) in (1_u64..).zip(customers) {
        for at in days {
            let price = Money::from_minor(100, Currency::EUR);
            builder.transaction(&Transaction::purchase(id, day(*at), price).unwrap());
        }
    }
    let ledger = builder.finish();
    Histories::build(&ledger, &Layout::new(Currency::EUR, [])).unwrap()
}

fn people() -> impl Strategy<Value = Vec<Vec<i32>>> {
    prop::collection::vec(prop::collection::vec(0..400_i32, 1..8), 1..8)
}

/// All gaps between neighbouring days up to a day.
fn naive(customers: &[Vec<i32>], as_of: i32) -> Vec<u32> {
    let mut gaps = Vec::new();
    for days in customers {
        let mut days: Vec<i32> = days.iter().copied().filter(|d| *d <= as_of).collect();
        days.sort_unstable();
        days.dedup();
        gaps.extend(days.windows(2).map(|two| (two[1] - two[0]).unsigned_abs()));
    }
    gaps
}

#[test]
fn only_what_is_shorter_counts() {
    let gaps = of(&[10, 10, 20, 5000]);
    for (silence, percentile) in [
        (0.0, 0.0),
        (10.0, 0.0),
        (10.5, 50.0),
        (20.0, 50.0),
        (21.0, 75.0),
        (5000.0, 75.0),
        (5001.0, 100.0),
        (-1.0, 0.0),
        (9.5, 0.0),
        (20.5, 75.0),
        (4999.5, 75.0),
        (5000.5, 100.0),
        (4096.0, 75.0),
        (f64::INFINITY, 100.0),
        (f64::NEG_INFINITY, 0.0),
    ] {
        assert_eq!(gaps.percentile(silence), Some(percentile), "{silence}");
    }
    assert_eq!(gaps.percentile(f64::NAN), None);
    assert_eq!(gaps.count(), 4);
    assert_eq!(
        gaps.lengths().collect::<Vec<_>>(),
        [(10, 2), (20, 1), (5000, 1)]
    );
    assert_eq!(GapDistribution::default().percentile(1.0), None);
    // One division, last: 1 of 3.
    assert_eq!(of(&[1, 2, 3]).percentile(2.0), Some(100.0 / 3.0));
}

#[test]
fn what_was_frozen_is_read_again_and_nonsense_is_not() {
    let gaps = of(&[7, 7, 30]);
    let text = serde_json::to_string(&gaps).unwrap();
    assert_eq!(text, r#"{"lengths":[7,30],"counts":[2,1]}"#);
    assert_eq!(
        serde_json::from_str::<GapDistribution>(&text).unwrap(),
        gaps
    );
    for wrong in [
        r#"{"lengths":[7,30],"counts":[2]}"#,
        r#"{"lengths":[30,7],"counts":[2,1]}"#,
        r#"{"lengths":[7,7],"counts":[2,1]}"#,
        r#"{"lengths":[7,30],"counts":[2,0]}"#,
        r#"{"lengths":[7,30],"counts":[18446744073709551615,1]}"#,
        r#"{"lengths":[7],"counts":[2],"until":[2]}"#,
    ] {
        assert!(
            serde_json::from_str::<GapDistribution>(wrong).is_err(),
            "{wrong}"
        );
    }
    // As many as there can be: adding more stops there.
    let most: GapDistribution =
        serde_json::from_str(r#"{"lengths":[7],"counts":[18446744073709551615]}"#).unwrap();
    let mut both = most.clone();
    both.merge(&most);
    assert_eq!(both, most);
    both.merge(&of(&[1]));
    assert_eq!(both.count(), u64::MAX);
    assert!(both.percentile(8.0).unwrap() <= 100.0);
}

fn measured(histories: &Histories, as_of: Day) -> customer_value::table::Table {
    let catalog = Catalog::standard();
    let names = [
        "active_days",
        "days_since_last",
        "churn_factor",
        "gap_percentile",
        "lapse_point",
    ];
    let metrics: Vec<Arc<dyn Metric>> = names
        .iter()
        .map(|name| {
            let mut none = Diagnostics::new();
            catalog
                .build(&MetricSpec::new(*name), &Place::default(), &mut none)
                .unwrap()
        })
        .collect();
    tabulate(histories, &metrics, as_of).unwrap()
}

fn one(method: ChurnMethodSpec, table: &customer_value::table::Table) -> Churn {
    let mut problems = Diagnostics::new();
    let churn = ChurnSpec::new([method]).bind(table.schema(), &mut problems);
    churn.unwrap_or_else(|| panic!("{problems}"))
}

proptest! {
    #[test]
    fn the_population_is_a_naive_count(people in people(), as_of in 0..420_i32, silence in 0..450_u32) {
        let fitted = GapDistribution::fit(&histories(&people), day(as_of));
        let gaps = naive(&people, as_of);
        prop_assert_eq!(&fitted, &of(&gaps));
        prop_assert_eq!(fitted.count(), gaps.len() as u64);
        let below = gaps.iter().filter(|gap| **gap < silence).count();
        let expected = (!gaps.is_empty()).then(|| 100.0 * below as f64 / gaps.len() as f64);
        prop_assert_eq!(fitted.percentile(f64::from(silence)), expected);
    }

    /// Looked up or searched, it is what counting says.
    #[test]
    fn every_silence_is_counted(
        gaps in prop::collection::vec(prop_oneof![gap(), 0..9000_u32], 1..30),
        silence in prop_oneof![-2.0..60.0_f64, 4090.0..4100.0, 0.0..10_000.0, (0..4100_u32).prop_map(f64::from)],
    ) {
        let below = gaps.iter().filter(|gap| f64::from(**gap) < silence).count();
        let expected = 100.0 * below as f64 / gaps.len() as f64;
        prop_assert_eq!(of(&gaps).percentile(silence), Some(expected));
    }

    #[test]
    fn parts_add_up_in_any_order(
        a in prop::collection::vec(gap(), 0..30),
        b in prop::collection::vec(gap(), 0..30),
        c in prop::collection::vec(gap(), 0..30),
    ) {
        let merged = |parts: [&GapDistribution; 2]| {
            let mut sum = parts[0].clone();
            sum.merge(parts[1]);
            sum
        };
        let all: Vec<u32> = a.iter().chain(&b).chain(&c).copied().collect();
        let backwards: Vec<u32> = all.iter().rev().copied().collect();
        let (a, b, c) = (of(&a), of(&b), of(&c));
        prop_assert_eq!(merged([&a, &b]), merged([&b, &a]));
        prop_assert_eq!(merged([&merged([&a, &b]), &c]), merged([&a, &merged([&b, &c])]));
        prop_assert_eq!(&merged([&merged([&a, &b]), &c]), &of(&all));
        prop_assert_eq!(&of(&backwards), &of(&all));
        prop_assert_eq!(&merged([&a, &GapDistribution::default()]), &a);
        prop_assert_eq!(a.lengths().map(|(_, n)| n).sum::<u64>(), a.count());
    }

    /// A longer silence after the same purchases is never a better level, and never less data.
    #[test]
    fn silence_makes_nobody_better(
        people in people(),
        steps in prop::collection::vec(0..60_i32, 1..8),
        by in 0..5_usize,
        thresholds in [1..30_u32, 1..30, 1..30, 1..30],
    ) {
        let by = ChurnMeasure::ALL[by];
        let last = people.iter().flatten().copied().max().unwrap();
        let mut at = [0.0; 4];
        let mut sum = 0;
        for (at, step) in at.iter_mut().zip(thresholds) {
            sum += step;
            *at = match by {
                ChurnMeasure::ChurnFactor | ChurnMeasure::LapseShare => f64::from(sum) / 20.0,
                ChurnMeasure::DaysSinceLast => f64::from(sum),
                _ => f64::from(sum) / 1.2,
            };
        }
        let [cooling, at_risk, highly, lost] = at;
        let method = ChurnMethodSpec::new(by).cooling(cooling).at_risk(at_risk).highly_at_risk(highly).lost(lost);
        let histories = histories(&people);
        let mut before: Option<Vec<u32>> = None;
        let mut as_of = last;
        for step in steps {
            as_of += step;
            let table = measured(&histories, day(as_of));
            let mut churn = one(method.clone(), &table);
            // Frozen once, on the day of the last purchase.
            churn.freeze(GapDistribution::fit(&histories, day(last)));
            let now: Vec<u32> = (0..table.rows()).map(|row| churn.level(table.row(row)).code()).collect();
            if let Some(before) = &before {
                for (before, now) in before.iter().zip(&now) {
                    let unknown = ChurnLevel::InsufficientData.code();
                    prop_assert_eq!(*before == unknown, *now == unknown);
                    prop_assert!(now >= before, "{} fell from {} to {}", by, before, now);
                }
            }
            before = Some(now);
        }
    }
}

fn gap() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0..40_u32, 1 => 4090..4100_u32, 1 => Just(u32::MAX)]
}
