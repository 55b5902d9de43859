//! The built-in measures against a slow oracle over single days, by hand, and on extreme input.

use std::collections::BTreeMap;
use std::sync::Arc;

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::history::{Histories, History, Layout};
use customer_value::ledger::{Effect, LedgerBuilder, Options};
use customer_value::metrics::ltv::RetentionTerms;
use customer_value::metrics::{Catalog, Metric, MetricSpec};
use customer_value::model::{
    Currency, CustomerId, Day, Days, Money, SurveyInstrument, Transaction, Unit,
};
use customer_value::summary::{Period, Summary, Window};
use customer_value::table::{Cell, Column};
use proptest::prelude::*;

const TERMS: RetentionTerms = RetentionTerms {
    margin: 0.4,
    retention: 0.75,
    discount: 0.125,
    per: Days::new(30),
    margin_now: true,
};

fn day(epoch: i32) -> Day {
    Day::from_epoch_days(epoch).unwrap()
}

fn euros(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn build(spec: &MetricSpec) -> Arc<dyn Metric> {
    let mut problems = Diagnostics::new();
    let metric = Catalog::standard().build(spec, &Place::at("m"), &mut problems);
    metric.unwrap_or_else(|| panic!("{problems}"))
}

/// Every built-in measure over a window, with parameters where it needs them.
fn all(window: Window) -> Vec<Arc<dyn Metric>> {
    let catalog = Catalog::standard();
    (catalog.names())
        .map(|name| {
            let spec = MetricSpec::new(name).over(window);
            build(&match name {
                "category_share" | "category_spend" => spec.category("a"),
                "frequency" | "interaction_rate" => spec.per(Days::new(30)),
                "decayed_purchases" | "decayed_spend" => spec.half_life(Days::new(30)),
                "open_complaints" => MetricSpec::new(name),
                "survey_score" => spec.instrument(SurveyInstrument::Csat),
                "nth_purchase" => spec.nth(3),
                "retention_ltv" => spec.retention_terms(TERMS),
                _ => spec,
            })
        })
        .collect()
}

/// The histories of one ledger with the facts of every built-in measure.
fn histories(rows: &[Transaction], last: Day) -> Histories {
    let mut builder = LedgerBuilder::new(Options::new(last, Currency::EUR));
    for row in rows {
        builder.transaction(row);
    }
    let ledger = builder.finish();
    assert_eq!(ledger.rejects(), []);
    let facts = all(Window::Lifetime).into_iter().flat_map(|m| m.facts());
    Histories::build(&ledger, &Layout::new(Currency::EUR, facts)).unwrap()
}

fn value(histories: &Histories, spec: &MetricSpec, as_of: Day) -> Option<f64> {
    let metric = build(spec);
    let history = histories.get(&1.into()).unwrap();
    metric.value(&Summary::new(history, metric.window(), as_of), as_of)
}

/// Purchases of customer 1: day and minor units.
fn purchases(rows: &[(&str, i64)]) -> Histories {
    let rows: Vec<Transaction> = (rows.iter())
        .map(|(day, amount)| {
            Transaction::purchase(1, day.parse().unwrap(), euros(*amount)).unwrap()
        })
        .collect();
    histories(&rows, Day::MAX)
}

// ---- by hand ----

#[test]
fn age_and_span_are_differences_of_days() {
    let histories = purchases(&[("1997-01-01", 100), ("1997-09-30", 100)]);
    let as_of = "1997-09-30".parse().unwrap();
    let age = value(&histories, &MetricSpec::new("age"), as_of).unwrap();
    assert_eq!(age, 272.0);
    assert_eq!(format!("{:.3}", age / 7.0), "38.857");
    let span = value(&histories, &MetricSpec::new("active_span"), as_of);
    assert_eq!(span, Some(272.0));
    let since = value(&histories, &MetricSpec::new("days_since_last"), as_of);
    assert_eq!(since, Some(0.0));
}

#[test]
fn one_division_comes_last() {
    // 0.3 / 3 is not the double 0.1, and a rule `>= 0.1` would fail.
    let histories = purchases(&[("2024-01-01", 10), ("2024-01-02", 10), ("2024-01-03", 10)]);
    let as_of = "2024-12-31".parse().unwrap();
    let average = value(&histories, &MetricSpec::new("average_order_value"), as_of);
    assert_eq!(average, Some(0.1));
    assert_ne!(0.3 / 3.0, 0.1);
}

#[test]
fn the_first_purchase_starts_the_clock_of_a_lifetime() {
    // Ten euros every 30 days: one per 30 days, not 4 ÷ 3.
    let rows = ["2024-01-01", "2024-01-31", "2024-03-01", "2024-03-31"].map(|d| (d, 1000));
    let histories = purchases(&rows);
    let as_of = "2024-03-31".parse().unwrap();
    let monthly = MetricSpec::new("frequency").per(Days::new(30));
    assert_eq!(value(&histories, &monthly, as_of), Some(1.0));
    let trailing = monthly.clone().over(Window::Trailing(Days::new(90)));
    assert_eq!(value(&histories, &trailing, as_of), Some(1.0));

    let value_of = |spec| value(&histories, &spec, as_of).unwrap();
    let terms = RetentionTerms {
        margin: 0.5,
        retention: 0.8,
        discount: 0.2,
        per: Days::new(30),
        margin_now: false,
    };
    // A margin of 5 per period, × 0.8 ÷ 0.4.
    let ltv = value_of(MetricSpec::new("retention_ltv").retention_terms(terms));
    assert!((ltv - 10.0).abs() < 1e-12);
    let terms = RetentionTerms {
        margin_now: true,
        ..terms
    };
    let with_now = value_of(MetricSpec::new("retention_ltv").retention_terms(terms));
    assert!((with_now - 15.0).abs() < 1e-12);

    // On the day of the first purchase nothing is observed yet; over a bounded window without purchases, none is known.
    let first = "2024-01-01".parse().unwrap();
    assert_eq!(value(&histories, &monthly, first), None);
    let before = "2023-12-31".parse().unwrap();
    assert_eq!(value(&histories, &monthly, before), None);
    assert_eq!(value(&histories, &trailing, before), Some(0.0));
    let end_of_time = purchases(&[("9999-12-31", 1000)]);
    assert_eq!(value(&end_of_time, &monthly, Day::MAX), None);
}

#[test]
fn the_trend_is_zero_when_steady_and_a_third_when_doubled() {
    let as_of = "2024-01-10".parse().unwrap();
    let trend = MetricSpec::new("growth_trend").over(Window::Trailing(Days::new(10)));
    for (earlier, later, expected) in [
        (100, 100, Some(0.0)),
        (100, 200, Some(1.0 / 3.0)),
        (200, 100, Some(-1.0 / 3.0)),
        (0, 100, Some(1.0)),
        (100, 0, Some(-1.0)),
        (0, 0, None),
    ] {
        let histories = purchases(&[("2024-01-05", earlier), ("2024-01-06", later)]);
        assert_eq!(value(&histories, &trend, as_of), expected);
        // The middle one of nine days is in neither half.
        let nine = trend.clone().over(Window::Trailing(Days::new(9)));
        let rest = (earlier > 0).then_some(-1.0);
        assert_eq!(value(&histories, &nine, as_of), rest);
    }
}

#[test]
fn a_median_and_a_lapse_point_of_many_gaps_are_those_of_few() {
    for days in (1..=5).chain(60..=70).chain([500]) {
        // The longest come first, and among them some short ones.
        let gaps: Vec<i32> = (0..days).map(|i| 1 + (days - i) * (1 + i % 3)).collect();
        let mut at = 0;
        let mut rows = vec![Transaction::purchase(1, day(0), euros(1)).unwrap()];
        for gap in &gaps {
            at += gap;
            rows.push(Transaction::purchase(1, day(at), euros(1)).unwrap());
        }
        let mut sorted = gaps.clone();
        sorted.sort_unstable();
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        let median = value(
            &histories(&rows, Day::MAX),
            &MetricSpec::new("median_gap"),
            day(at),
        );
        assert_eq!(median, Some(f64::from(low + high) / 2.0), "{days} gaps");
        let lapse = value(
            &histories(&rows, Day::MAX),
            &MetricSpec::new("lapse_point"),
            day(at),
        );
        let nearest_rank = (0..).find(|at| 10 * (at + 1) >= 9 * sorted.len()).unwrap();
        assert_eq!(lapse, Some(sorted[nearest_rank].into()), "{days} gaps");
    }
}

#[test]
fn churn_is_measured_by_the_customers_own_rhythm() {
    // Gaps of 5 and 10 days: a median of 7.5.
    let histories = purchases(&[
        ("2024-01-01", 100),
        ("2024-01-06", 100),
        ("2024-01-16", 100),
    ]);
    let of = |measure: &str, as_of: &str| {
        value(
            &histories,
            &MetricSpec::new(measure),
            as_of.parse().unwrap(),
        )
    };
    assert_eq!(of("churn_factor", "2024-01-16"), Some(0.0));
    assert_eq!(of("churn_factor", "2024-01-31"), Some(2.0));
    // A silence as long as a gap is not longer than it.
    assert_eq!(of("gap_percentile", "2024-01-21"), Some(0.0));
    assert_eq!(of("gap_percentile", "2024-01-22"), Some(50.0));
    assert_eq!(of("gap_percentile", "2024-01-26"), Some(50.0));
    assert_eq!(of("gap_percentile", "2024-01-27"), Some(100.0));
    let next: Day = "2024-01-24".parse().unwrap();
    assert_eq!(
        of("expected_next_purchase", "2024-02-01"),
        Some(next.epoch_days().into())
    );
    for measure in ["churn_factor", "gap_percentile", "expected_next_purchase"] {
        assert_eq!(of(measure, "2024-01-01"), None, "{measure} of one purchase");
    }
    // There is no day after the last one.
    let late = [Day::MAX.minus(Days::new(30)), Day::MAX.minus(Days::new(15))];
    let rows = late.map(|day| Transaction::purchase(1, day, euros(100)).unwrap());
    let spec = MetricSpec::new("expected_next_purchase");
    let late = value(&self::histories(&rows, Day::MAX), &spec, Day::MAX);
    assert_eq!(late, Some(Day::MAX.epoch_days().into()));
    let late = [Day::MAX.minus(Days::new(30)), Day::MAX.minus(Days::new(14))];
    let rows = late.map(|day| Transaction::purchase(1, day, euros(100)).unwrap());
    assert_eq!(
        value(&self::histories(&rows, Day::MAX), &spec, Day::MAX),
        None
    );
}

#[test]
fn a_fully_refunded_first_purchase_was_never_made() {
    let rows = [
        Transaction::purchase(1, day(0), euros(500))
            .unwrap()
            .with_id("a")
            .unwrap(),
        Transaction::purchase(1, day(10), euros(300)).unwrap(),
        Transaction::refund(1, day(20), euros(500))
            .unwrap()
            .refund_of("a")
            .unwrap(),
    ];
    let histories = histories(&rows, Day::MAX);
    let of = |measure: &str| value(&histories, &MetricSpec::new(measure), day(30));
    assert_eq!(of("age"), Some(20.0));
    assert_eq!(of("purchases"), Some(1.0));
    assert_eq!(of("spend"), Some(3.0));
    assert_eq!(of("average_order_value"), Some(3.0));
    assert_eq!(of("refund_share"), Some(5.0 / 8.0));
}

#[test]
fn who_never_bought_has_counts_and_sums_of_zero_and_nothing_else() {
    let history = History::new(Layout::new(
        Currency::EUR,
        all(Window::Lifetime).into_iter().flat_map(|m| m.facts()),
    ));
    let as_of = day(100);
    let zero: Vec<String> = (all(Window::Lifetime).iter())
        .filter_map(|metric| {
            let summary = Summary::new(history.view(), metric.window(), as_of);
            let value = metric.value(&summary, as_of)?;
            assert_eq!(value, 0.0);
            Some(metric.name().to_owned())
        })
        .collect();
    let expected = [
        "active_days",
        "category_spend",
        "complaints",
        "contacts",
        "decayed_purchases",
        "decayed_spend",
        "historic_ltv",
        "margin",
        "open_complaints",
        "purchases",
        "repeat_purchases",
        "service_cost",
        "spend",
    ];
    assert_eq!(zero, expected);
}

#[test]
fn a_margin_without_a_known_cost_is_not_known() {
    let histories = purchases(&[("2024-01-01", 1000)]);
    let as_of = "2024-12-31".parse().unwrap();
    for measure in ["margin", "margin_share"] {
        assert_eq!(value(&histories, &MetricSpec::new(measure), as_of), None);
    }
    // And where the history was built without the fact, whatever needs it is missing.
    let mut bare = History::new(Layout::new(Currency::EUR, []));
    let purchase = Transaction::purchase(1, as_of, euros(1000)).unwrap();
    let options = Options::new(as_of, Currency::EUR);
    bare.add(&Effect::of(&purchase, &options).unwrap()).unwrap();
    for metric in all(Window::Lifetime) {
        let summary = Summary::new(bare.view(), metric.window(), as_of);
        if !metric.facts().is_empty() {
            assert_eq!(metric.value(&summary, as_of), None, "{}", metric.name());
        }
    }
}

// ---- against an oracle ----

/// What a row of the test is. Purchases have even amounts and unlinked refunds odd ones, so that none is linked by amount.
#[derive(Debug, Clone)]
enum Row {
    Purchase {
        minor: i64,
        cost: Option<i64>,
        discount: Option<i64>,
        category: usize,
        /// Given back later: nothing, one minor unit, or all.
        back: Back,
    },
    Refund(i64),
    Adjustment(i64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Back {
    Nothing,
    OneCent,
    All,
}

const CATEGORIES: [&str; 3] = ["", "a", "b"];

/// What one day added up to.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    purchases: i128,
    spend: i128,
    gross: i128,
    refunds: i128,
    cost: i128,
    discount: i128,
    /// Spend of category `a`.
    of_a: i128,
}

fn row() -> impl Strategy<Value = (i32, Row)> {
    let back = prop_oneof![
        4 => Just(Back::Nothing),
        1 => Just(Back::OneCent),
        1 => Just(Back::All)
    ];
    let purchase = (
        (0..30_i64).prop_map(|n| n * 2),
        proptest::option::of(0..40_i64),
        proptest::option::of(0..40_i64),
        0..3_usize,
        back,
    )
        .prop_map(|(minor, cost, discount, category, back)| Row::Purchase {
            minor,
            cost,
            discount,
            category,
            back: if minor == 0 { Back::Nothing } else { back },
        });
    let row = prop_oneof![
        6 => purchase,
        1 => (0..40_i64).prop_map(|n| Row::Refund(n * 2 + 1)),
        1 => (-50..50_i64).prop_map(Row::Adjustment),
    ];
    (0..60_i32, row)
}

fn transactions(rows: &[(i32, Row)]) -> Vec<Transaction> {
    let mut out = Vec::new();
    for (number, (at, row)) in rows.iter().enumerate() {
        let id = number.to_string();
        match *row {
            Row::Purchase {
                minor,
                cost,
                discount,
                category,
                back,
            } => {
                let mut purchase = Transaction::purchase(1, day(*at), euros(minor))
                    .and_then(|p| p.with_id(&id))
                    .unwrap()
                    .with_category(CATEGORIES[category]);
                if let Some(cost) = cost {
                    purchase = purchase.with_cost(euros(cost)).unwrap();
                }
                if let Some(discount) = discount {
                    purchase = purchase.with_discount(euros(discount)).unwrap();
                }
                out.push(purchase);
                let back = match back {
                    Back::Nothing => continue,
                    Back::OneCent => 1,
                    Back::All => minor,
                };
                let refund = Transaction::refund(1, day(at + 5), euros(back)).unwrap();
                out.push(refund.refund_of(&id).unwrap());
            }
            Row::Refund(minor) => {
                out.push(Transaction::refund(1, day(*at), euros(minor)).unwrap());
            }
            Row::Adjustment(minor) => {
                out.push(Transaction::adjustment(1, day(*at), euros(minor)));
            }
        }
    }
    out
}

fn totals(rows: &[(i32, Row)]) -> BTreeMap<i32, Totals> {
    let mut days: BTreeMap<i32, Totals> = BTreeMap::new();
    for (at, row) in rows {
        let day = days.entry(*at).or_default();
        match *row {
            Row::Purchase {
                minor,
                cost,
                discount,
                category,
                back,
            } => {
                day.gross += i128::from(minor);
                let back = match back {
                    Back::Nothing => 0,
                    Back::OneCent => 1,
                    Back::All => minor,
                };
                day.refunds += i128::from(back);
                day.spend += i128::from(minor - back);
                if category == 1 {
                    day.of_a += i128::from(minor - back);
                }
                if back == 0 || back < minor {
                    day.purchases += 1;
                    day.cost += i128::from(cost.unwrap_or(0));
                    day.discount += i128::from(discount.unwrap_or(0));
                }
            }
            Row::Refund(minor) => {
                day.refunds += i128::from(minor);
                day.spend -= i128::from(minor);
            }
            Row::Adjustment(minor) => day.spend += i128::from(minor),
        }
    }
    days
}

/// The exact value as a fraction, day by day; `days` are those of the window that have a record.
fn oracle(
    name: &str,
    days: &BTreeMap<i32, Totals>,
    window: Window,
    as_of: i32,
) -> Option<(i128, i128)> {
    let sum = |of: fn(&Totals) -> i128| days.values().map(of).sum::<i128>();
    let active: Vec<i128> = (days.iter())
        .filter(|(_, t)| t.purchases > 0)
        .map(|(day, _)| i128::from(*day))
        .collect();
    let gaps: Vec<i128> = active.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (first, last, now) = (active.first(), active.last(), i128::from(as_of));
    let spend = sum(|t| t.spend);
    let count = sum(|t| t.purchases);
    let whole = |n: i128| Some((n, 1));
    let cents = |n: i128| Some((n, 100));
    let share = |part: i128, whole: i128| (whole > 0).then(|| (part.min(whole).max(0), whole));
    // Every observed day by itself.
    let bounds = window.at(day(as_of));
    let observed: Vec<i32> = match (window, bounds.last()) {
        (Window::Lifetime, _) => match first {
            Some(first) => (i32::try_from(*first).unwrap() + 1..=as_of).collect(),
            None => Vec::new(),
        },
        (_, None) => Vec::new(),
        (_, Some(last)) => (bounds.first().epoch_days()..=last.epoch_days()).collect(),
    };
    let on = |day: &i32| days.get(day).copied().unwrap_or_default();
    match name {
        // There are transactions only; with other records, see `metrics_records.rs`.
        "complaints" | "contacts" | "open_complaints" | "service_cost" => whole(0),
        "interaction_rate" => {
            (window != Window::Lifetime && !observed.is_empty()).then_some((0, 1))
        }
        "browse_to_buy" | "response_latency" | "survey_score" => None,
        "price_index" => share(spend, sum(|t| t.spend + t.discount)),
        "active_days" => whole(active.len() as i128),
        "active_span" => whole(last? - first?),
        "age" => whole(now - first?),
        "average_gap" => (!gaps.is_empty()).then(|| (gaps.iter().sum(), gaps.len() as i128)),
        "average_order_value" => (count > 0).then_some((spend, count * 100)),
        "category_share" => share(sum(|t| t.of_a), spend),
        "category_spend" => cents(sum(|t| t.of_a)),
        "churn_factor" => {
            let mut sorted = gaps;
            sorted.sort_unstable();
            let n = sorted.len();
            (n > 0).then(|| {
                (
                    2 * (now - last.unwrap()),
                    sorted[(n - 1) / 2] + sorted[n / 2],
                )
            })
        }
        "days_since_last" => whole(now - last?),
        "discount_share" => share(sum(|t| t.discount), sum(|t| t.gross + t.discount)),
        "expected_next_purchase" => {
            let mut sorted = gaps;
            sorted.sort_unstable();
            let n = sorted.len();
            let twice = (n > 0).then(|| sorted[(n - 1) / 2] + sorted[n / 2])?;
            whole(last? + (twice + 1) / 2)
        }
        "first_purchase" => whole(*first?),
        "frequency" => {
            let bought: i128 = observed.iter().map(|day| on(day).purchases).sum();
            (!observed.is_empty()).then_some((bought * 30, observed.len() as i128))
        }
        "gap_percentile" => {
            let shorter = gaps.iter().filter(|gap| **gap < now - last.unwrap());
            (!gaps.is_empty()).then(|| (100 * shorter.count() as i128, gaps.len() as i128))
        }
        "growth_trend" => {
            let half = observed.len() / 2;
            let later = observed
                .iter()
                .rev()
                .take(half)
                .map(|d| on(d).spend)
                .sum::<i128>();
            let earlier = observed
                .iter()
                .take(half)
                .map(|d| on(d).spend)
                .sum::<i128>();
            let (earlier, later) = (earlier.max(0), later.max(0));
            (earlier + later > 0).then_some((later - earlier, earlier + later))
        }
        "historic_ltv" | "spend" => cents(spend),
        "lapse_point" => {
            // The smallest gap that at least 90 % are not longer than.
            let most =
                |gap: &&i128| 10 * gaps.iter().filter(|g| g <= gap).count() >= 9 * gaps.len();
            whole(*gaps.iter().filter(most).min()?)
        }
        "last_gap" => whole(*gaps.last()?),
        "last_purchase" => whole(*last?),
        "longest_gap" => whole(*gaps.iter().max()?),
        "margin" | "margin_share" => {
            let cost = sum(|t| t.cost);
            if cost == 0 && spend != 0 {
                return None;
            }
            if name == "margin" {
                return cents(spend - cost);
            }
            (spend > 0).then_some((spend - cost, spend))
        }
        "median_gap" => {
            let mut sorted = gaps;
            sorted.sort_unstable();
            let n = sorted.len();
            (n > 0).then(|| (sorted[(n - 1) / 2] + sorted[n / 2], 2))
        }
        "nth_purchase" => whole(*active.get(2)?),
        "purchases" => whole(count),
        "refund_share" => share(sum(|t| t.refunds), sum(|t| t.gross)),
        "repeat_purchases" => whole((active.len() as i128 - 1).max(0)),
        "retention_ltv" => {
            let spend: i128 = observed.iter().map(|day| on(day).spend).sum();
            // 0.4 × (0.75 ÷ 0.375 + 1) = 1.2
            (!observed.is_empty()).then_some((spend * 30 * 12, observed.len() as i128 * 1000))
        }
        "second_purchase" => whole(*active.get(1)?),
        _ => panic!("the oracle does not know `{name}`"),
    }
}

/// What has no exact fraction, the plain way: two passes for a deviation, a power for a decay.
fn inexact(name: &str, days: &BTreeMap<i32, Totals>, as_of: i32) -> Option<Option<f64>> {
    let active: Vec<i32> = (days.iter())
        .filter(|(_, t)| t.purchases > 0)
        .map(|(day, _)| *day)
        .collect();
    let gaps: Vec<f64> = (active.windows(2))
        .map(|pair| f64::from(pair[1] - pair[0]))
        .collect();
    let n = gaps.len() as f64;
    let decayed = |of: fn(&Totals) -> i128| {
        let weight = |day: &i32| 0.5_f64.powf(f64::from(as_of - day) / 30.0);
        days.iter().map(|(day, t)| of(t) as f64 * weight(day)).sum()
    };
    Some(match name {
        "gap_variation" if gaps.len() < 2 => None,
        "gap_variation" => {
            let mean = gaps.iter().sum::<f64>() / n;
            let squares: f64 = gaps.iter().map(|gap| (gap - mean).powi(2)).sum();
            Some((squares / (n - 1.0)).sqrt() / mean)
        }
        "regularity" if gaps.len() < 2 => None,
        "regularity" => {
            let parts = gaps.windows(2).map(|pair| pair[0] / (pair[0] + pair[1]));
            let variance = parts.map(|r| (r - 0.5).powi(2)).sum::<f64>() / (n - 1.0);
            Some(((1.0 / (4.0 * variance) - 1.0) / 2.0).min(100.0))
        }
        "decayed_purchases" => Some(decayed(|t| t.purchases)),
        "decayed_spend" => Some(decayed(|t| t.spend) / 100.0),
        _ => return None,
    })
}

fn window() -> impl Strategy<Value = Window> {
    let period = prop_oneof![
        Just(Period::Week),
        Just(Period::Month),
        Just(Period::Quarter)
    ];
    prop_oneof![
        Just(Window::Lifetime),
        (1..100_i32).prop_map(|days| Window::Trailing(Days::new(days))),
        (period, 0..3_u32).prop_map(|(period, back)| Window::Calendar { period, back }),
        (0..80_i32, 1..50_i32)
            .prop_map(|(from, days)| Window::Between(day(from), day(from + days))),
    ]
}

proptest! {
    #[test]
    fn every_measure_is_what_the_single_days_say(
        rows in proptest::collection::vec(row(), 0..14),
        window in window(),
        as_of in 0..100_i32,
    ) {
        let histories = histories(&transactions(&rows), Day::MAX);
        let nobody = History::new(histories.layout().clone());
        let history = histories.get(&1.into()).unwrap_or(nobody.view());
        let bounds = window.at(day(as_of));
        let inside: BTreeMap<i32, Totals> = totals(&rows).into_iter().filter(|(at, _)| bounds.contains(day(*at))).collect();
        for metric in all(window) {
            let value = metric.value(&Summary::new(history, window, day(as_of)), day(as_of));
            if let Some(expected) = inexact(metric.name(), &inside, as_of) {
                let close = match (value, expected) {
                    (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
                    (a, b) => a == b,
                };
                prop_assert!(close, "{}: {value:?} is not {expected:?}", metric.name());
                continue;
            }
            let exact = oracle(metric.name(), &inside, window, as_of);
            let expected = exact.map(|(n, d)| n as f64 / d as f64);
            if metric.name() == "retention_ltv" {
                let close = match (value, expected) {
                    (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs(),
                    (a, b) => a == b,
                };
                prop_assert!(close, "{value:?} is not {expected:?}");
            } else {
                prop_assert_eq!(value, expected, "{}", metric.name());
            }
        }
    }

    #[test]
    fn a_column_is_the_values(
        population in proptest::collection::vec(proptest::collection::vec(row(), 0..5), 1..8),
        window in window(),
    ) {
        let as_of = day(70);
        let histories: Vec<Histories> = population.iter().map(|rows| histories(&transactions(rows), Day::MAX)).collect();
        let customers: Vec<Summary<'_>> = (histories.iter())
            .filter_map(|h| h.at(0))
            .map(|(_, history)| Summary::new(history, window, as_of))
            .collect();
        for metric in all(window) {
            let mut column = Column::missing(customers.len());
            metric.column(&customers, as_of, column.cells_mut());
            for (customer, cell) in customers.iter().zip(column.cells()) {
                let value = metric.value(customer, as_of).map_or(Cell::MISSING, Cell::from_number);
                prop_assert_eq!(*cell, value, "{}", metric.name());
            }
        }
    }

    #[test]
    fn a_trend_read_backwards_changes_its_sign(
        amounts in proptest::collection::vec(0..1000_i64, 1..40),
    ) {
        let days = i32::try_from(amounts.len()).unwrap();
        let spec = MetricSpec::new("growth_trend").over(Window::Between(day(0), day(days)));
        let trend = |amounts: &[i64]| {
            let rows: Vec<Transaction> = (0..).zip(amounts)
                .map(|(at, minor)| Transaction::purchase(1, day(at), euros(*minor)).unwrap())
                .collect();
            value(&histories(&rows, Day::MAX), &spec, Day::MAX)
        };
        let forward = trend(&amounts);
        let backward = trend(&amounts.into_iter().rev().collect::<Vec<_>>());
        prop_assert_eq!(forward, backward.map(|trend| -trend));
    }

    #[test]
    fn nothing_is_ever_beyond_its_unit(
        rows in proptest::collection::vec((extreme_day(), 0..3_usize, extreme_amount(), extreme_amount()), 0..6),
        window in extreme_window(),
        as_of in extreme_day(),
        per in prop_oneof![Just(1), Just(i32::MAX)],
        nth in prop_oneof![Just(1), Just(u32::MAX)],
        terms in extreme_terms(),
    ) {
        let facts = all(Window::Lifetime).into_iter().flat_map(|m| m.facts()).filter(|f| f.category().is_none());
        let mut history = History::new(Layout::new(Currency::EUR, facts));
        let options = Options::new(Day::MAX, Currency::EUR);
        for (day, kind, amount, part) in rows {
            let transaction = match kind {
                0 => Transaction::purchase(1, day, euros(amount)).unwrap()
                    .with_cost(euros(part)).unwrap()
                    .with_discount(euros(part)).unwrap(),
                1 => Transaction::refund(1, day, euros(amount.max(1))).unwrap(),
                _ => Transaction::adjustment(1, day, euros(-amount)),
            };
            // A total beyond 64 bits is refused, and the history stays as it was.
            let _ = history.add(&Effect::of(&transaction, &options).unwrap());
        }
        let mut metrics = all(window);
        metrics.push(build(&MetricSpec::new("frequency").over(window).per(Days::new(per))));
        metrics.push(build(&MetricSpec::new("nth_purchase").over(window).nth(nth)));
        metrics.push(build(&MetricSpec::new("retention_ltv").over(window).retention_terms(terms)));
        let id = CustomerId::from(1);
        for metric in metrics {
            let summary = Summary::new(history.view(), window, as_of).with_id(&id);
            let Some(value) = metric.value(&summary, as_of) else { continue };
            let fine = match metric.unit() {
                Unit::Share => (0.0..=1.0).contains(&value),
                Unit::Percent => (0.0..=100.0).contains(&value),
                Unit::Count | Unit::Days | Unit::CountPer(_) => value >= 0.0 && value.is_finite(),
                Unit::Ratio if metric.name() == "growth_trend" => (-1.0..=1.0).contains(&value),
                Unit::Ratio if metric.name() == "regularity" => (0.0..=100.0).contains(&value),
                _ => value.is_finite(),
            };
            prop_assert!(fine, "{} is {value}", metric.name());
        }
    }
}

fn extreme_day() -> impl Strategy<Value = Day> {
    prop_oneof![
        Just(Day::MIN),
        Just(Day::MIN.next()),
        Just(day(0)),
        Just(day(1)),
        Just(day(20_000)),
        Just(Day::MAX.minus(Days::new(1))),
        Just(Day::MAX),
    ]
}

fn extreme_amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        Just(1),
        0..1000_i64,
        Just(i64::MAX / 3),
        Just(i64::MAX)
    ]
}

fn extreme_window() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::Lifetime),
        Just(Window::Trailing(Days::new(1))),
        Just(Window::Trailing(Days::new(2))),
        Just(Window::Trailing(Days::new(i32::MAX))),
        Just(Window::Between(Day::MIN, Day::MAX)),
        Just(Window::Between(Day::MIN.next(), Day::MAX)),
        Just(Window::Calendar {
            period: Period::Year,
            back: u32::MAX
        }),
    ]
}

fn extreme_terms() -> impl Strategy<Value = RetentionTerms> {
    let discount = prop_oneof![Just(f64::EPSILON), Just(1.0), Just(f64::MAX)];
    let share = || prop_oneof![Just(0.0), Just(0.5), Just(1.0), Just(f64::MIN_POSITIVE)];
    let per = prop_oneof![Just(1), Just(i32::MAX)];
    (share(), share(), discount, per, any::<bool>()).prop_map(
        |(margin, retention, discount, per, margin_now)| RetentionTerms {
            margin,
            retention,
            discount,
            per: Days::new(per),
            margin_now,
        },
    )
}

#[test]
fn a_window_as_long_as_the_calendar_is_the_lifetime() {
    let rows = [
        ("2023-05-01", 700),
        ("2024-01-01", 300),
        ("2024-02-01", 200),
    ];
    let histories = purchases(&rows);
    let as_of = "2024-03-01".parse().unwrap();
    let history = histories.get(&1.into()).unwrap();
    let value = |metric: &Arc<dyn Metric>| {
        metric.value(&Summary::new(history, metric.window(), as_of), as_of)
    };
    let calendar = all(Window::Trailing(Days::new(i32::MAX)));
    for (lifetime, calendar) in all(Window::Lifetime).iter().zip(&calendar) {
        assert_eq!(value(lifetime), value(calendar), "{}", lifetime.name());
    }
}
