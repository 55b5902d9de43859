//! The shifted beta-geometric model: the reference's segments, published values, 60-digit values, and the laws.

mod lifetime_reference;

use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options, TextRow};
use customer_value::metrics::lifetime::{
    DiscountRate, Horizon, Renewals, ShiftedBetaGeometric, Subscriber, TimeUnit,
};
use customer_value::model::{Currency, Day, Days};
use lifetime_reference::{numbers, relative_error, spread, wild};
use proptest::prelude::*;
use serde_json::Value;

fn close(found: f64, expected: f64, error: f64) {
    let off = relative_error(found, expected);
    assert!(off <= error, "{found} is not {expected}: {off:e}");
}

/// How many of 1,000 customers of a segment are there after each year.
fn cohort(segment: &str, years: usize) -> Renewals {
    let text = include_str!("lifetime_reference/sbg_survival.csv");
    let column = if segment == "regular_pct" { 1 } else { 2 };
    let counts: Vec<u64> = numbers(text)
        .take(years + 1)
        .map(|row| (row[column] * 10.0).round() as u64)
        .collect();
    Renewals::from_survival(&counts).unwrap()
}

fn log_likelihood(model: &ShiftedBetaGeometric, all: &Renewals) -> f64 {
    all.iter()
        .map(|(one, n)| n as f64 * model.log_likelihood(one))
        .sum()
}

#[test]
fn the_reference_of_every_fit() {
    let all: Value = serde_json::from_str(include_str!("lifetime_reference/sbg.json")).unwrap();
    let all = all.as_object().unwrap();
    assert_eq!(all.len(), 8);
    let ten_percent = DiscountRate::new(0.10, TimeUnit::Year).unwrap();
    for (name, fit) in all {
        let (segment, years) = name.split_once(" years=").unwrap();
        let number = |key: &str| fit[key].as_f64().unwrap();
        let numbers = |key: &str| -> Vec<f64> {
            fit[key]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_f64().unwrap())
                .collect()
        };
        let model = ShiftedBetaGeometric::new(number("alpha"), number("beta")).unwrap();
        let data = cohort(segment, years.parse().unwrap());
        assert_eq!(data.customers(), 1000);
        close(log_likelihood(&model, &data), number("LL"), 1e-12);
        for (t, expected) in (0..).zip(numbers("S")) {
            close(model.survival(t), expected, 1e-12);
        }
        for (t, expected) in (1..).zip(numbers("retention")) {
            close(model.retention(t), expected, 1e-12);
        }
        let (year, ever) = (TimeUnit::Year, Horizon::Forever);
        let del = model.discounted_lifetime(ten_percent, year, ever).unwrap();
        close(del, number("DEL_10pct"), 1e-12);
        for (renewals, expected) in (0..).zip(numbers("DERL_10pct_n1_5")) {
            let there = Subscriber::ThereAfter(renewals);
            let derl = model.discounted_residual_lifetime(there, ten_percent, year, ever);
            close(derl.unwrap(), expected, 1e-12);
        }
    }
}

#[test]
fn the_published_parameters_are_the_best() {
    for (segment, alpha, beta) in [("regular_pct", 0.704, 1.182), ("highend_pct", 0.668, 3.806)] {
        let data = cohort(segment, 7);
        let at = |a: f64, b: f64| log_likelihood(&ShiftedBetaGeometric::new(a, b).unwrap(), &data);
        let best = at(alpha, beta);
        for (a, b) in [(1.02, 1.0), (0.98, 1.0), (1.0, 1.02), (1.0, 0.98)] {
            assert!(at(alpha * a, beta * b) < best);
        }
    }
}

/// `sbg_sums.csv`: see its README.
#[test]
fn sixty_digit_sums() {
    for row in numbers(include_str!("lifetime_reference/sbg_sums.csv")) {
        let (alpha, beta, delta, expected) = (row[0], row[1], row[3], row[5]);
        let (renewals, periods) = (row[2] as u32, row[4] as i32);
        let model = ShiftedBetaGeometric::new(alpha, beta).unwrap();
        let there = Subscriber::ThereAfter(renewals);
        let horizon = if periods < 0 {
            Horizon::Forever
        } else {
            Horizon::Days(Days::new(periods))
        };
        // The discounted lifetime of those who are there after k: their θ is Beta(α, β + k) distributed.
        let now = ShiftedBetaGeometric {
            alpha,
            beta: beta + f64::from(renewals),
        };
        let rate = DiscountRate::continuous(delta, TimeUnit::Day).unwrap();
        if beta + f64::from(renewals) - f64::from(renewals) == beta {
            let found = now
                .discounted_lifetime(rate, TimeUnit::Day, horizon)
                .unwrap();
            close(found, expected + 1.0, 1e-11);
        }
        if delta == 0.0 && periods > 0 {
            close(
                model.expected_renewals(there, periods as u32),
                expected,
                1e-11,
            );
        } else if periods > 0 {
            // The residual lifetime does not discount the renewal due now.
            let before = Horizon::Days(Days::new(periods - 1));
            let due = model
                .discounted_residual_lifetime(there, rate, TimeUnit::Day, before)
                .unwrap();
            close(due, expected * delta.exp(), 1e-11);
        } else {
            let due = model
                .discounted_residual_lifetime(there, rate, TimeUnit::Day, horizon)
                .unwrap();
            close(due, expected * delta.exp(), 1e-11);
        }
    }
}

#[test]
fn a_lifetime_without_a_bound_is_none() {
    let ever = |alpha: f64| {
        let model = ShiftedBetaGeometric::new(alpha, 2.0).unwrap();
        model.discounted_lifetime(DiscountRate::NONE, TimeUnit::Year, Horizon::Forever)
    };
    assert_eq!(ever(0.9), None);
    assert_eq!(ever(1.0), None);
    close(ever(1.5).unwrap(), 1.0 + 2.0 / 0.5, 1e-15);
}

#[test]
fn periods_in_a_row_are_renewals() {
    let rows = [
        // Every week, and still there.
        (
            "1",
            ["2024-01-01", "2024-01-05", "2024-01-10", "2024-01-22"].as_slice(),
        ),
        // The second week is missing: what comes after does not count.
        (
            "2",
            &["2024-01-01", "2024-01-08", "2024-01-20", "2024-01-22"],
        ),
        // Never again.
        ("3", &["2024-01-01"]),
        // The first week has not ended.
        ("4", &["2024-01-17"]),
    ];
    let as_of: Day = "2024-01-22".parse().unwrap();
    let mut builder = LedgerBuilder::new(Options::new(as_of, Currency::USD));
    for (customer, days) in rows {
        for date in days {
            builder.text(TextRow {
                customer,
                date,
                amount: "1.00",
                ..TextRow::default()
            });
        }
    }
    let ledger = builder.finish();
    let histories = Histories::build(&ledger, &Layout::new(Currency::USD, [])).unwrap();
    let found = Renewals::in_periods(&histories, as_of, TimeUnit::Week);
    let expected = [
        Subscriber::ThereAfter(3),
        Subscriber::LeftAfter(1),
        Subscriber::LeftAfter(0),
    ];
    assert_eq!(found, Renewals::new(expected));
}

#[test]
fn what_cannot_be_is_refused() {
    assert!(Renewals::from_survival(&[]).unwrap_err().is_range());
    assert!(Renewals::from_survival(&[10, 5, 6]).unwrap_err().is_range());
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e13] {
        assert!(
            ShiftedBetaGeometric::new(wrong, 1.0)
                .unwrap_err()
                .is_range()
        );
        assert!(
            ShiftedBetaGeometric::new(1.0, wrong)
                .unwrap_err()
                .is_range()
        );
    }
    assert!(serde_json::from_str::<ShiftedBetaGeometric>(r#"{"alpha":"1","beta":"0"}"#).is_err());
    let text = serde_json::to_string(&Subscriber::LeftAfter(2)).unwrap();
    assert_eq!(text, r#"{"left_after":2}"#);
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![0..20_u32, 0..=u32::MAX]
}

proptest! {
    #[test]
    fn every_answer_is_a_number(
        alpha in wild(), beta in wild(), renewals in count(), t in count(),
        rate in prop_oneof![Just(0.0), Just(1e-300), spread(-18.0, 3.0)],
    ) {
        let model = ShiftedBetaGeometric::new(alpha, beta).unwrap();
        let (there, left) = (Subscriber::ThereAfter(renewals), Subscriber::LeftAfter(renewals));
        for p in [model.survival(t), model.retention(t), model.pmf(t), model.p_alive(there, t)] {
            prop_assert!((0.0..=1.0).contains(&p), "{}", p);
        }
        prop_assert!(model.log_likelihood(there) <= 0.0 && model.log_likelihood(there).is_finite());
        prop_assert!(model.log_likelihood(left) <= 0.0 && model.log_likelihood(left).is_finite());
        let expected = model.expected_renewals(there, t);
        prop_assert!((0.0..=f64::from(t)).contains(&expected));
        let rate = DiscountRate::new(rate, TimeUnit::Week).unwrap();
        let days = Horizon::Days(Days::new((t / 2) as i32));
        let [short, long] = [days, Horizon::Forever].map(|horizon| {
            model.discounted_residual_lifetime(there, rate, TimeUnit::Day, horizon)
        });
        let short = short.unwrap();
        prop_assert!(short >= 0.0);
        prop_assert!(long.is_none_or(|long| long >= short * (1.0 - 1e-9)), "{:?} {}", long, short);
        prop_assert!(long.is_some() || (rate.rate() < 1e-200 && alpha <= 1.0));
        prop_assert_eq!(model.discounted_residual_lifetime(left, rate, TimeUnit::Day, Horizon::Forever), Some(0.0));
        let read: ShiftedBetaGeometric = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
        prop_assert_eq!(read, model);
    }

    #[test]
    fn sums_of_the_parts_are_the_whole(alpha in 0.01..50.0_f64, beta in 0.01..50.0_f64, renewals in 0..40_u32, t in 1..200_u32) {
        let model = ShiftedBetaGeometric::new(alpha, beta).unwrap();
        let there = Subscriber::ThereAfter(renewals);
        // Who has not left by t is there after t; retention is one step of survival.
        let left: f64 = (1..=t).map(|j| model.pmf(j)).sum();
        prop_assert!((left + model.survival(t) - 1.0).abs() < 1e-12);
        let kept: f64 = (1..=t).map(|j| model.retention(j)).product();
        prop_assert!((kept / model.survival(t) - 1.0).abs() < 1e-11);
        let renewed: f64 = (1..=t).map(|j| model.p_alive(there, j)).sum();
        prop_assert!((model.expected_renewals(there, t) / renewed - 1.0).abs() < 1e-11);
        // Without a discount, the residual lifetime up to t − 1 is the next t renewals.
        let due = Horizon::Days(Days::new(t as i32 - 1));
        let due = model.discounted_residual_lifetime(there, DiscountRate::NONE, TimeUnit::Day, due).unwrap();
        prop_assert!((due / renewed - 1.0).abs() < 1e-11);
        // With one, each renewal is worth less.
        let rate = DiscountRate::new(0.01, TimeUnit::Day).unwrap();
        let worth: f64 = (0..=t).map(|j| model.survival(j) / 1.01_f64.powi(j as i32)).sum();
        let found = model.discounted_lifetime(rate, TimeUnit::Day, Horizon::Days(Days::new(t as i32))).unwrap();
        prop_assert!((found / worth - 1.0).abs() < 1e-11);
    }

    #[test]
    fn survival_falls_and_retention_rises(alpha in wild(), beta in wild(), t in 1..1_000_000_u32) {
        let model = ShiftedBetaGeometric::new(alpha, beta).unwrap();
        prop_assert!(model.survival(t) <= model.survival(t - 1) * (1.0 + 1e-12));
        // A last bit may fall: where β + t passes a power of two, α counts for fewer of them.
        prop_assert!(model.retention(t + 1) >= model.retention(t) * (1.0 - 1e-15));
        let there = Subscriber::ThereAfter;
        prop_assert!(model.p_alive(there(t), 10) >= model.p_alive(there(t - 1), 10) * (1.0 - 1e-12));
        prop_assert!(model.expected_renewals(there(3), t) >= model.expected_renewals(there(3), t - 1) * (1.0 - 1e-12));
    }
}
