//! Validation of forecasts: the reference of the CDNOW sample, slow plain oracles, and data with nothing in them.

use std::collections::{BTreeMap, BTreeSet};

use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options};
use customer_value::metrics::lifetime::validation::{
    Accuracy, Cohort, Comparison, Forecast, HeldOut, Split, alive_calibration,
    interval_calibration, lift,
};
use customer_value::metrics::lifetime::{
    Activity, BgBb, BgNbd, Fitted, MbgNbd, Method, ModelKind, Nbd, Parameters, ParetoNbd,
    PurchaseModel, TimeUnit,
};
use customer_value::model::{Currency, Day, Money, Transaction};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("../examples/data/cdnow_sample.csv");

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The days with a purchase of each customer of the sample.
fn sample_days() -> BTreeMap<u64, BTreeSet<Day>> {
    let mut customers: BTreeMap<u64, BTreeSet<Day>> = BTreeMap::new();
    for line in SAMPLE.lines().skip(1) {
        let mut fields = line.split(',');
        let customer = fields.next().unwrap().parse().unwrap();
        let on = day(fields.next().unwrap());
        customers.entry(customer).or_default().insert(on);
    }
    customers
}

fn histories(customers: &BTreeMap<u64, BTreeSet<Day>>) -> Histories {
    let mut builder = LedgerBuilder::new(Options::new(Day::MAX, Currency::USD));
    for (customer, days) in customers {
        for day in days {
            let amount = Money::from_minor(100, Currency::USD);
            builder.transaction(&Transaction::purchase(*customer, *day, amount).unwrap());
        }
    }
    Histories::build(&builder.finish(), &Layout::new(Currency::USD, [])).unwrap()
}

fn sample() -> (Histories, Day, Day) {
    let (calibration, holdout) = (day("1997-09-30"), day("1998-06-30"));
    (histories(&sample_days()), calibration, holdout)
}

fn close(a: f64, b: f64, error: f64) -> bool {
    (a - b).abs() <= error * b.abs().max(1e-300)
}

// ---- the sample ----

#[test]
fn the_holdout_of_the_sample_is_that_of_the_literature() {
    let (histories, calibration, holdout) = sample();
    let split = Split::of(&histories, calibration, holdout, TimeUnit::Week);
    let rows = split.customers();
    let sum = |of: fn(&HeldOut) -> u64| rows.iter().map(|row| of(row) * row.customers).sum::<u64>();
    assert_eq!(sum(|_| 1), 2357);
    assert_eq!(sum(|row| row.activity.repeat_purchases().into()), 2457);
    assert_eq!(sum(|row| row.purchases.into()), 1882);
    assert!(rows.iter().all(|row| row.length == 39.0));
    assert_eq!(split.activities().customers(), 2357);
}

#[test]
fn forecasts_of_the_sample_are_as_far_off_as_in_the_reference() {
    let (histories, calibration, holdout) = sample();
    let split = Split::of(&histories, calibration, holdout, TimeUnit::Week);
    let kinds = ModelKind::CONTINUOUS;
    let fits: Vec<(ModelKind, Fitted<PurchaseModel>)> = kinds
        .map(|kind| {
            (
                kind,
                split.activities().fit(kind, Method::MaximumLikelihood),
            )
        })
        .into();
    let found = Comparison::of(&split, fits.iter().map(|(kind, fitted)| (*kind, fitted)));
    // The likelihood is flat near its maximum: the last digit depends on where in it a search stops.
    for (name, mae, rmse, digits) in [
        ("naive rate", 1.0237, 2.2119, 1e-4),
        ("BG/NBD", 0.785453, 1.607982, 2e-6),
        ("MBG/NBD", 0.764778, 1.607184, 2e-6),
        ("Pareto/NBD", 0.754522, 1.602849, 2e-6),
    ] {
        let row = found.rows.iter().find(|row| row.name == name).unwrap();
        let (a, b) = (row.holdout.mae.unwrap(), row.holdout.rmse.unwrap());
        assert!(
            (a - mae).abs() < digits && (b - rmse).abs() < digits,
            "{name}: {a} {b}"
        );
        assert_eq!(row.holdout.actual, Some(1882.0));
    }
    assert_eq!(found.winner.as_deref(), Some("Pareto/NBD"));
    // By MAE the naive rate would be better than NBD; the winner is by RMSE.
    let baseline = fits
        .iter()
        .filter(|(kind, _)| *kind == ModelKind::Nbd)
        .map(|(kind, fitted)| (*kind, fitted));
    let winner = Comparison::of(&split, baseline).winner;
    assert_eq!(winner.as_deref(), Some("NBD"));
    let text = found.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7);
    let width = lines[0].chars().count();
    assert!(lines[..6].iter().all(|line| line.chars().count() == width));
    assert!(lines[4].starts_with("Pareto/NBD ") && lines[4].contains("  0.7545"));
    assert_eq!(lines[6], "least RMSE in the holdout: Pareto/NBD");
    let json = serde_json::to_string(&found).unwrap();
    let back: Comparison = serde_json::from_str(&json).unwrap();
    assert_eq!(back.winner, found.winner);
    assert_eq!(back.rows.len(), 5);

    // The model knows who buys: the best tenth buys many times as much as the mean.
    let model = fits[2].1.model.unwrap();
    let groups = lift(&split.forecasts(&model));
    assert_eq!(
        groups.iter().map(|group| group.customers).sum::<u64>(),
        2357
    );
    assert!(groups[0].lift.unwrap() > 4.0 && groups[9].lift.unwrap() < 0.5);
    // Intervals hold about as often as they say, and so do chances of a purchase.
    let intervals = interval_calibration(&split, &model, 0.8);
    assert_eq!(intervals.customers, 2357);
    let (within, expected) = (intervals.within.unwrap(), intervals.expected.unwrap());
    assert!(
        expected >= 0.8 && (within - expected).abs() < 0.04,
        "{within} {expected}"
    );
    let bins = alive_calibration(&split, &model);
    assert_eq!(bins.iter().map(|bin| bin.customers).sum::<u64>(), 2357);
    for bin in &bins {
        assert!(
            (bin.from..=bin.from + 0.1).contains(&bin.p_alive),
            "{bin:?}"
        );
    }
    for bin in bins.iter().filter(|bin| bin.customers > 100) {
        assert!((bin.p_purchase - bin.bought).abs() < 0.1, "{bin:?}");
        assert!(bin.p_purchase <= bin.p_alive);
    }
}

#[test]
fn tracking_sums_what_is_expected_of_every_customer() {
    let (histories, calibration, holdout) = sample();
    let days = sample_days();
    let cohort = Cohort::of(&histories, calibration, holdout);
    for (parameters, reference) in [
        (
            Parameters::from(ParetoNbd {
                r: 0.553277,
                alpha: 10.57768,
                s: 0.606240,
                beta: 11.66873,
            }),
            4275.23,
        ),
        (
            BgNbd {
                r: 0.242595,
                alpha: 4.413602,
                a: 0.792921,
                b: 2.425899,
            }
            .into(),
            4165.61,
        ),
    ] {
        let model = PurchaseModel::new(parameters, TimeUnit::Week).unwrap();
        let tracking = cohort.track(&model);
        assert_eq!(tracking.periods.len(), 78);
        let last = tracking.periods.last().unwrap();
        assert_eq!((last.last_day, last.cumulative_actual), (holdout, 4339));
        // The reference counts ages in weeks of two decimals.
        let expected = last.cumulative_expected;
        assert!((expected - reference).abs() < 0.2, "{expected} {reference}");
        // One customer after the other.
        for (week, period) in (1..).zip(&tracking.periods) {
            let end = day("1996-12-31").plus(customer_value::model::Days::new(7 * week));
            assert_eq!(period.last_day, end);
            if week % 13 != 0 {
                continue;
            }
            let each = days.values().map(|days| {
                let first = *days.first().unwrap();
                let age = f64::from((end - first).get() + 1) / 7.0;
                if first > end {
                    0.0
                } else {
                    model.expected_purchases_of_new(age)
                }
            });
            let sum: f64 = each.sum();
            assert!(close(period.cumulative_expected, sum, 1e-12), "week {week}");
            let bought = days
                .values()
                .map(|days| days.range(..=end).skip(1).count() as u64);
            assert_eq!(period.cumulative_actual, bought.sum::<u64>(), "week {week}");
        }
        let actual: u64 = tracking.periods.iter().map(|period| period.actual).sum();
        let expected: f64 = tracking.periods.iter().map(|period| period.expected).sum();
        assert_eq!(actual, 4339);
        assert!(close(expected, last.cumulative_expected, 1e-12));
    }
}

// ---- what a customer will do ----

fn models() -> Vec<PurchaseModel> {
    let parameters: [Parameters; 9] = [
        BgNbd {
            r: 0.243,
            alpha: 4.414,
            a: 0.793,
            b: 2.426,
        }
        .into(),
        BgNbd {
            r: 2.0,
            alpha: 10.0,
            a: 1.0,
            b: 1.0,
        }
        .into(),
        MbgNbd {
            r: 0.525,
            alpha: 6.183,
            a: 0.891,
            b: 1.614,
        }
        .into(),
        MbgNbd {
            r: 3.0,
            alpha: 9.0,
            a: 0.3,
            b: 0.4,
        }
        .into(),
        ParetoNbd {
            r: 0.553,
            alpha: 10.578,
            s: 0.606,
            beta: 11.669,
        }
        .into(),
        ParetoNbd {
            r: 2.0,
            alpha: 8.0,
            s: 1.0,
            beta: 8.0,
        }
        .into(),
        Nbd {
            r: 0.385,
            alpha: 12.07,
        }
        .into(),
        BgBb {
            alpha: 1.204,
            beta: 0.75,
            gamma: 0.657,
            delta: 2.783,
        }
        .into(),
        BgBb {
            alpha: 3.0,
            beta: 2.0,
            gamma: 1.0,
            delta: 1.0,
        }
        .into(),
    ];
    parameters
        .map(|parameters| PurchaseModel::new(parameters, TimeUnit::Week).unwrap())
        .to_vec()
}

#[test]
fn the_distribution_of_a_customers_purchases_has_the_expectation_as_its_mean() {
    for model in models() {
        for (x, span, age) in [
            (0, 0.0, 39.0),
            (2, 30.0, 39.0),
            (7, 12.0, 39.0),
            (26, 31.0, 31.0),
        ] {
            let customer = Activity::new(x, span, age).unwrap();
            for t in [1.0, 10.0, 39.0] {
                let (mut sum, mut mean) = (0.0, 0.0);
                for n in 0..3000 {
                    let p = model.pmf_of(&customer, n, t);
                    assert!((0.0..=1.0).contains(&p));
                    sum += p;
                    mean += f64::from(n) * p;
                    if n > 100 && p < 1e-17 {
                        break;
                    }
                }
                let at = format!("{:?} {customer:?} {t}", model.parameters());
                assert!(close(sum, 1.0, 1e-8), "{at}: {sum}");
                let expected = model.expected_purchases(&customer, t);
                assert!(close(mean, expected, 2e-6), "{at}: {mean} {expected}");
                // Who does not buy has the same history at a greater age.
                let silent = Activity::new(x, span, age + t).unwrap();
                let ratio = model.log_likelihood(&silent) - model.log_likelihood(&customer);
                let (bought, by_age) = (model.p_purchase(&customer, t), -ratio.exp_m1());
                assert!((bought - by_age).abs() < 1e-9, "{at}: {bought} {by_age}");
                let zero = model.pmf_of(&customer, 0, t);
                assert!((1.0 - bought - zero).abs() < 1e-12, "{at}: {bought} {zero}");
            }
        }
    }
}

#[test]
fn an_interval_has_at_most_half_of_the_rest_on_each_side() {
    for model in models() {
        for (x, span, age) in [(0, 0.0, 39.0), (7, 35.0, 39.0), (60, 38.0, 39.0)] {
            // Occasions of BG/BB allow one purchase each.
            let customer = Activity::new(x.min(39), span, age).unwrap();
            for level in [0.5, 0.8, 0.95] {
                let (low, high) = model.interval_of(&customer, 39.0, level).unwrap();
                let mass = |range: std::ops::Range<u32>| -> f64 {
                    range.map(|n| model.pmf_of(&customer, n, 39.0)).sum()
                };
                let tail = (1.0 - level) / 2.0;
                assert!(mass(0..low) < tail && mass(0..low + 1) >= tail);
                assert!(mass(0..high + 1) >= 1.0 - tail);
                assert!(high == 0 || mass(0..high) < 1.0 - tail);
            }
        }
        let customer = Activity::new(1, 1.0, 2.0).unwrap();
        for level in [0.0, 1.0, -1.0, f64::NAN, 2.0] {
            assert_eq!(model.interval_of(&customer, 1.0, level), None);
        }
        assert_eq!(model.interval_of(&customer, 0.0, 0.8), Some((0, 0)));
    }
    // Nobody waits for an interval that has no end.
    let wild = PurchaseModel::new(
        Nbd {
            r: 1e12,
            alpha: 1e-12,
        },
        TimeUnit::Day,
    )
    .unwrap();
    let customer = Activity::new(u32::MAX, 1.0, 1.0).unwrap();
    assert_eq!(wild.interval_of(&customer, 1e12, 0.8), None);
}

// ---- nothing in the data ----

#[test]
fn without_data_nothing_is_known_and_nothing_fails() {
    let nobody = Split::new([], 39.0, TimeUnit::Week);
    let once = Activity::new(1, 0.0, 0.0).unwrap();
    let no_holdout = Split::new([(once, 3)], 0.0, TimeUnit::Week);
    let not_a_time = Split::new([(once, 3)], f64::NAN, TimeUnit::Week);
    let endless = Split::new([(once, 3)], f64::INFINITY, TimeUnit::Week);
    let model = models()[0];
    for split in [&nobody, &no_holdout, &not_a_time, &endless] {
        assert!(split.naive().is_empty() && split.forecasts(&model).is_empty());
        let none = Accuracy::of(&split.naive());
        assert_eq!(
            (none.customers, none.actual, none.expected),
            (0, None, None)
        );
        assert_eq!(
            (none.mae, none.rmse, none.bias, none.rank_correlation),
            (None, None, None, None)
        );
        assert!(lift(&split.naive()).is_empty());
        assert!(alive_calibration(split, &model).is_empty());
        let intervals = interval_calibration(split, &model, 0.8);
        assert_eq!((intervals.customers, intervals.within), (0, None));
        let comparison = Comparison::of(split, []);
        assert_eq!(comparison.winner, None);
        assert!(comparison.to_string().ends_with("no holdout"));
    }
    // In no time nothing can be expected at a customer's own rate.
    let now = Split::new([(once, 3)], 10.0, TimeUnit::Week);
    assert_eq!(now.naive()[0].expected, 0.0);
    // A model in other units is no forecast.
    let days = Split::new([(once, 3)], 10.0, TimeUnit::Day);
    assert!(days.forecasts(&model).is_empty() && alive_calibration(&days, &model).is_empty());
    assert_eq!(interval_calibration(&days, &model, 0.8).customers, 0);

    let histories = histories(&BTreeMap::new());
    let at = day("2024-01-01");
    assert!(
        Split::of(&histories, at, Day::MAX, TimeUnit::Month)
            .customers()
            .is_empty()
    );
    assert!(
        Cohort::of(&histories, at, Day::MAX)
            .track(&model)
            .periods
            .is_empty()
    );
    // A holdout that ends before it begins.
    let (histories, calibration, _) = sample();
    for split in [
        Split::of(&histories, calibration, Day::MIN, TimeUnit::Week),
        Split::in_periods(&histories, calibration, Day::MIN, TimeUnit::Week),
    ] {
        assert!(split.naive().is_empty());
        assert!(split.customers().iter().all(|row| row.purchases == 0));
    }
    assert!(
        Cohort::of(&histories, calibration, Day::MIN)
            .track(&model)
            .periods
            .is_empty()
    );
}

#[test]
fn forecasts_that_are_all_the_same_have_no_rank_correlation() {
    let one = |expected: f64, actual: f64| Forecast {
        expected,
        actual,
        customers: 7,
    };
    let same = Accuracy::of(&[one(1.0, 0.0), one(1.0, 5.0)]);
    assert_eq!((same.rank_correlation, same.mae), (None, Some(2.5)));
    assert_eq!(
        Accuracy::of(&[one(1.0, 2.0), one(3.0, 2.0)]).rank_correlation,
        None
    );
    let infinite = Accuracy::of(&[one(f64::INFINITY, 2.0), one(3.0, 1.0)]);
    assert_eq!(
        (infinite.mae, infinite.rmse, infinite.expected),
        (None, None, None)
    );
    assert_eq!(infinite.actual, Some(21.0));
    let unknown = Accuracy::of(&[one(f64::NAN, 2.0), one(3.0, 1.0)]);
    assert_eq!((unknown.mae, unknown.rank_correlation), (None, None));
    assert!(lift(&[one(f64::NAN, 2.0)]).is_empty());
    // Nothing came: no group is better than another.
    assert_eq!(lift(&[one(1.0, 0.0)])[0].lift, None);
}

// ---- against plain oracles ----

fn forecasts() -> impl Strategy<Value = Vec<Forecast>> {
    let one = (0..12_u32, 0..6_u32, 0..4_u64).prop_map(|(expected, actual, customers)| Forecast {
        expected: f64::from(expected) / 4.0,
        actual: actual.into(),
        customers,
    });
    proptest::collection::vec(one, 0..40)
}

/// How many are smaller, and half of those that are equal.
fn rank(all: &[f64], value: f64) -> f64 {
    let smaller = all.iter().filter(|other| **other < value).count();
    let equal = all.iter().filter(|other| **other == value).count();
    smaller as f64 + (equal as f64 + 1.0) / 2.0
}

fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum()
    };
    let (ab, aa, bb) = (sum(&|x, y| x * y), sum(&|x, _| x * x), sum(&|_, y| y * y));
    (aa > 1e-9 && bb > 1e-9).then(|| ab / (aa * bb).sqrt())
}

proptest! {
    #[test]
    fn accuracy_is_its_definition_customer_by_customer(forecasts in forecasts(), turn in 0..40_usize) {
        let found = Accuracy::of(&forecasts);
        let mut turned = forecasts.clone();
        turned.rotate_left(turn.min(forecasts.len()));
        prop_assert_eq!(found, Accuracy::of(&turned));

        let single: Vec<(f64, f64)> = forecasts.iter()
            .flat_map(|one| (0..one.customers).map(|_| (one.expected, one.actual)))
            .collect();
        let n = single.len() as f64;
        prop_assert_eq!(found.customers, single.len() as u64);
        let mean = |of: &dyn Fn(f64, f64) -> f64| (n > 0.0).then(|| single.iter().map(|(e, a)| of(*e, *a)).sum::<f64>() / n);
        for (ours, plain) in [
            (found.mae, mean(&|e, a| (e - a).abs())),
            (found.rmse, mean(&|e, a| (e - a) * (e - a)).map(f64::sqrt)),
            (found.bias, mean(&|e, a| e - a)),
            (found.actual, mean(&|_, a| a * n)),
            (found.expected, mean(&|e, _| e * n)),
        ] {
            prop_assert_eq!(ours.is_some(), plain.is_some());
            prop_assert!((ours.unwrap_or(0.0) - plain.unwrap_or(0.0)).abs() < 1e-9);
        }
        let expected: Vec<f64> = single.iter().map(|one| one.0).collect();
        let actual: Vec<f64> = single.iter().map(|one| one.1).collect();
        let ranks = |all: &[f64]| all.iter().map(|value| rank(all, *value)).collect::<Vec<f64>>();
        let plain = pearson(&ranks(&expected), &ranks(&actual));
        prop_assert_eq!(found.rank_correlation.is_some(), plain.is_some());
        prop_assert!((found.rank_correlation.unwrap_or(0.0) - plain.unwrap_or(0.0)).abs() < 1e-9);
    }

    #[test]
    fn tenths_have_everybody_once_and_the_best_first(forecasts in forecasts(), turn in 0..40_usize) {
        let groups = lift(&forecasts);
        let mut turned = forecasts.clone();
        turned.rotate_left(turn.min(forecasts.len()));
        let of_turned = lift(&turned);
        prop_assert_eq!(groups.len(), of_turned.len());

        let mut single: Vec<(f64, f64)> = forecasts.iter()
            .flat_map(|one| (0..one.customers).map(|_| (one.expected, one.actual)))
            .collect();
        // What came of customers of whom the same was expected is shared.
        let shared: Vec<f64> = single.iter().map(|one| {
            let alike: Vec<f64> = single.iter().filter(|other| other.0 == one.0).map(|other| other.1).collect();
            alike.iter().sum::<f64>() / alike.len() as f64
        }).collect();
        for (one, actual) in single.iter_mut().zip(shared) {
            one.1 = actual;
        }
        single.sort_by(|a, b| b.0.total_cmp(&a.0));
        let n = single.len();
        let plain: Vec<&[(f64, f64)]> = (0..10)
            .map(|group| &single[n * group / 10..n * (group + 1) / 10])
            .filter(|group| !group.is_empty())
            .collect();
        prop_assert_eq!(groups.len(), plain.len());
        for (group, plain) in groups.iter().zip(plain) {
            let size = plain.len() as f64;
            prop_assert_eq!(group.customers, plain.len() as u64);
            prop_assert!((group.expected - plain.iter().map(|one| one.0).sum::<f64>() / size).abs() < 1e-9);
            prop_assert!((group.actual - plain.iter().map(|one| one.1).sum::<f64>() / size).abs() < 1e-9);
        }
        prop_assert!(groups.is_sorted_by(|a, b| a.expected >= b.expected - 1e-12));
    }

    #[test]
    fn chances_are_chances_under_any_parameters(
        logs in proptest::array::uniform4(-12.0..12.0_f64),
        kind in 0..5_usize,
        (x, n) in (0..3_u32, 0..3_u32).prop_map(|(x, n)| ([0, 3, u32::MAX][x as usize], [0, 2, 5000][n as usize])),
        (span, age, t) in (0.0..1.0_f64, -3.0..12.0_f64, -3.0..12.0_f64),
    ) {
        let [p, q, v, w] = logs.map(|log| 10_f64.powf(log));
        let parameters: Parameters = match kind {
            0 => BgNbd { r: p, alpha: q, a: v, b: w }.into(),
            1 => MbgNbd { r: p, alpha: q, a: v, b: w }.into(),
            2 => ParetoNbd { r: p, alpha: q, s: v, beta: w }.into(),
            3 => Nbd { r: p, alpha: q }.into(),
            _ => BgBb { alpha: p, beta: q, gamma: v, delta: w }.into(),
        };
        let model = PurchaseModel::new(parameters, TimeUnit::Week).unwrap();
        let (age, t) = (10_f64.powf(age), 10_f64.powf(t));
        let customer = Activity::new(x, if x == 0 { 0.0 } else { span * age }, age).unwrap();
        let (bought, exactly) = (model.p_purchase(&customer, t), model.pmf_of(&customer, n, t));
        prop_assert!((0.0..=1.0).contains(&bought), "{}", bought);
        prop_assert!((0.0..=1.0).contains(&exactly), "{}", exactly);
        prop_assert!(model.p_purchase(&customer, 2.0 * t) >= bought - 1e-6);
    }

    #[test]
    fn a_split_is_what_single_days_say(
        customers in proptest::collection::vec(proptest::collection::btree_set(0..200_i32, 0..12), 0..12),
        calibration in 0..200_i32,
        holdout in 0..260_i32,
        unit in prop_oneof![Just(TimeUnit::Day), Just(TimeUnit::Week), Just(TimeUnit::Month)],
    ) {
        let on = |offset: i32| Day::from_epoch_days(10_000 + offset).unwrap();
        let days: BTreeMap<u64, BTreeSet<Day>> = (0..).zip(&customers)
            .filter(|(_, days)| !days.is_empty())
            .map(|(id, days)| (id, days.iter().map(|day| on(*day)).collect()))
            .collect();
        let histories = histories(&days);
        let split = Split::of(&histories, on(calibration), on(holdout), unit);
        let mut plain: Vec<HeldOut> = Vec::new();
        let mut periods: Vec<HeldOut> = Vec::new();
        let end = holdout.max(calibration);
        for days in customers.iter().filter(|days| days.first().is_some_and(|first| *first <= calibration)) {
            let first = *days.first().unwrap();
            let length = |days: i32| f64::from(days) / unit.days();
            let before: Vec<i32> = days.iter().copied().filter(|day| *day <= calibration).collect();
            plain.push(HeldOut {
                activity: Activity::new(before.len() as u32 - 1, length(before[before.len() - 1] - first), length(calibration - first)).unwrap(),
                length: length((holdout - calibration).max(0)),
                purchases: days.iter().filter(|day| **day > calibration && **day <= holdout).count() as u32,
                customers: 1,
            });
            // In which whole period after the first day, from 1.
            let whole = |at: i32| length(at - first).floor();
            let used: BTreeSet<u32> = days.iter().skip(1)
                .map(|day| length(day - first).ceil() as u32)
                .filter(|period| f64::from(*period) <= whole(end))
                .collect();
            if whole(calibration) >= 1.0 {
                let early = used.iter().filter(|period| f64::from(**period) <= whole(calibration));
                let last = early.clone().next_back().copied().unwrap_or(0);
                let early = early.count() as u32;
                periods.push(HeldOut {
                    activity: Activity::new(early, last.into(), whole(calibration)).unwrap(),
                    length: whole(end) - whole(calibration),
                    purchases: used.len() as u32 - early,
                    customers: 1,
                });
            }
        }
        let mut shuffled = plain.clone();
        shuffled.reverse();
        prop_assert_eq!(&split, &Split::weighted(plain, unit));
        prop_assert_eq!(&split, &Split::weighted(shuffled, unit));
        let in_periods = Split::in_periods(&histories, on(calibration), on(holdout), unit);
        prop_assert_eq!(in_periods, Split::weighted(periods, unit));
    }
}
