//! The shifted beta-geometric model: the reference's segments, published values, 60-digit values, and the laws.

use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options, TextRow};
use customer_value::metrics::lifetime::{
    DiscountRate, Horizon, Renewals, ShiftedBetaGeometric, Subscriber, TimeUnit,
};
use customer_value::model::{Currency, Day, Days};
use proptest::prelude::*;
use serde_json::Value;

fn close(found: f64, expected: f64, error: f64) {
    let off = (found - expected).abs() / expected.abs();
    assert!(
        found == expected || off <= error,
        "{found} is not {expected}: {off:e}"
    );
}

/// How many of 1,000 customers of a segment are there after each year.
fn cohort(segment: &str, years: usize) -> Renewals {
    let text = include_str!("lifetime_reference/sbg_survival.csv");
    let column = if segment == "regular_pct" { 1 } else { 2 };
    let lines = text.lines().skip(1).take(years + 1);
    let counts: Vec<u64> = lines
        .map(|line| {
            let percent: f64 = line.split(',').nth(column).unwrap().parse().unwrap();
            (percent * 10.0).round() as u64
        })
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

/// α, β, k, δ, whole periods (−1: for ever), and Σ S(k + j)/S(k) e^(−δ j) for j = 1 to there: nsum and hyp2f1 with 60 digits
/// (mpmath 1.3).
const SUMS: &[(f64, f64, u32, f64, i32, f64)] = &[
    (0.668, 3.806, 0, 0.0, 5, 3.4392114422962483),
    (0.668, 3.806, 0, 0.0, 100000, 315.2620882061237),
    (0.668, 3.806, 0, 0.002, 300, 30.348736255458867),
    (0.668, 3.806, 0, 0.002, -1, 39.095409544609865),
    (0.668, 3.806, 0, 1e-7, -1, 1334.694595646071),
    (0.668, 3.806, 0, 2.0, -1, 0.13070248731494918),
    (0.668, 3.806, 17, 0.0, 5, 4.57585709069681),
    (0.668, 3.806, 17, 0.0, 100000, 977.5728277725477),
    (0.668, 3.806, 17, 0.002, 300, 74.83197290027175),
    (0.668, 3.806, 17, 0.002, -1, 102.09795438752683),
    (0.668, 3.806, 17, 1e-7, -1, 4223.043086726353),
    (0.668, 3.806, 17, 2.0, -1, 0.15095100140221437),
    (0.668, 3.806, 1000000, 0.0, 5, 4.999989980067114),
    (0.668, 3.806, 1000000, 0.0, 100000, 96834.1408912051),
    (0.668, 3.806, 1000000, 0.002, 300, 225.34825379764493),
    (0.668, 3.806, 1000000, 0.002, -1, 499.333306421731),
    (0.668, 3.806, 1000000, 2.0, -1, 0.15651752183194081),
    (0.3, 0.2, 0, 0.0, 5, 1.499361523809524),
    (0.3, 0.2, 0, 0.0, 100000, 1743.8707913437363),
    (0.3, 0.2, 0, 0.002, 300, 23.441646118752402),
    (0.3, 0.2, 0, 0.002, -1, 38.54060106706081),
    (0.3, 0.2, 0, 1e-7, -1, 39808.19722328754),
    (0.3, 0.2, 0, 2.0, -1, 0.0607920161002365),
    (0.3, 0.2, 17, 0.0, 5, 4.764951191637631),
    (0.3, 0.2, 17, 0.0, 100000, 10518.133734220573),
    (0.3, 0.2, 17, 0.002, 300, 127.2715482514836),
    (0.3, 0.2, 17, 0.002, -1, 217.7213042514916),
    (0.3, 0.2, 17, 1e-7, -1, 240573.0326096068),
    (0.3, 0.2, 17, 2.0, -1, 0.153448036464875),
    (0.3, 0.2, 1000000, 0.0, 5, 4.9999955000100496),
    (0.3, 0.2, 1000000, 0.0, 100000, 98561.47843650304),
    (0.3, 0.2, 1000000, 0.002, 300, 225.35949681853472),
    (0.3, 0.2, 1000000, 0.002, -1, 499.42521537445),
    (0.3, 0.2, 1000000, 2.0, -1, 0.1565175884450793),
    (1.0, 1.0, 0, 0.0, 5, 1.45),
    (1.0, 1.0, 0, 0.0, 100000, 11.090156129763429),
    (1.0, 1.0, 0, 0.002, 300, 4.7755014126195565),
    (1.0, 1.0, 0, 0.002, -1, 5.228051587126528),
    (1.0, 1.0, 0, 2.0, -1, 0.07446819773248817),
    (1.0, 1.0, 17, 0.0, 5, 4.305301792029481),
    (1.0, 1.0, 17, 0.0, 100000, 154.71392462224603),
    (1.0, 1.0, 17, 0.002, 300, 43.55251169716115),
    (1.0, 1.0, 17, 0.002, -1, 51.429420859151094),
    (1.0, 1.0, 17, 2.0, -1, 0.14713638956440303),
    (1.0, 1.0, 1000000, 0.0, 5, 4.99998500007),
    (1.0, 1.0, 1000000, 0.0, 100000, 95310.13875091996),
    (1.0, 1.0, 1000000, 0.002, 300, 225.33811119963846),
    (1.0, 1.0, 1000000, 0.002, -1, 499.2504166252378),
    (1.0, 1.0, 1000000, 2.0, -1, 0.1565174617346691),
    (1.0000001, 2.5, 0, 0.0, 5, 2.442335297345446),
    (1.0000001, 2.5, 0, 0.0, 100000, 26.024483472920224),
    (1.0000001, 2.5, 0, 0.002, 300, 10.279497770218885),
    (1.0000001, 2.5, 0, 0.002, -1, 11.407459346566952),
    (1.0000001, 2.5, 0, 2.0, -1, 0.10811633047716154),
    (1.0000001, 2.5, 17, 0.0, 5, 4.350568466160364),
    (1.0000001, 2.5, 17, 0.0, 100000, 166.08706570093608),
    (1.0000001, 2.5, 17, 0.002, 300, 45.853263359356944),
    (1.0000001, 2.5, 17, 0.002, -1, 54.36190926341217),
    (1.0000001, 2.5, 17, 2.0, -1, 0.14781357111918403),
    (1.0000001, 2.5, 1000000, 0.0, 5, 4.999985000091),
    (1.0000001, 2.5, 1000000, 0.0, 100000, 95310.14489838899),
    (1.0000001, 2.5, 1000000, 0.002, 300, 225.33811124240242),
    (1.0000001, 2.5, 1000000, 0.002, -1, 499.25041697452554),
    (1.0000001, 2.5, 1000000, 2.0, -1, 0.15651746173492254),
    (0.9999999999, 1000.0, 0, 0.0, 5, 4.985054775976087),
    (0.9999999999, 1000.0, 0, 0.0, 100000, 4614.6255517262525),
    (0.9999999999, 1000.0, 0, 0.002, 300, 199.5873361824259),
    (0.9999999999, 1000.0, 0, 0.002, -1, 360.82886689870594),
    (0.9999999999, 1000.0, 0, 2.0, -1, 0.15633686463720675),
    (0.9999999999, 1000.0, 17, 0.0, 5, 4.985303701097986),
    (0.9999999999, 1000.0, 17, 0.0, 100000, 4676.110158197659),
    (0.9999999999, 1000.0, 17, 0.002, 300, 199.9533194852703),
    (0.9999999999, 1000.0, 17, 0.002, -1, 362.24100411818563),
    (0.9999999999, 1000.0, 17, 2.0, -1, 0.15633988259923337),
    (0.9999999999, 1000.0, 1000000, 0.0, 5, 4.999985015039907),
    (0.9999999999, 1000.0, 1000000, 0.0, 100000, 95314.5313520744),
    (
        0.9999999999,
        1000.0,
        1000000,
        0.002,
        300,
        225.33814168458485,
    ),
    (0.9999999999, 1000.0, 1000000, 0.002, -1, 499.2506656277972),
    (0.9999999999, 1000.0, 1000000, 2.0, -1, 0.1565174619153222),
    (1e-6, 0.5, 0, 0.0, 5, 4.999985339716041),
    (1e-6, 0.5, 0, 0.0, 100000, 99998.7523577925),
    (1e-6, 0.5, 0, 0.002, 300, 225.3671915599865),
    (1e-6, 0.5, 0, 0.002, -1, 499.49636623210154),
    (1e-6, 0.5, 0, 1e-7, -1, 9999824.457664795),
    (1e-6, 0.5, 0, 2.0, -1, 0.15651731432281082),
    (1e-6, 0.5, 17, 0.0, 5, 4.999999200150839),
    (1e-6, 0.5, 17, 0.0, 100000, 99999.23187730511),
    (1e-6, 0.5, 17, 0.002, 300, 225.36821666776675),
    (1e-6, 0.5, 17, 0.002, -1, 499.49869872402513),
    (1e-6, 0.5, 17, 1e-7, -1, 9999872.425357364),
    (1e-6, 0.5, 17, 2.0, -1, 0.15651763249206704),
    (1e-6, 0.5, 1000000, 0.0, 5, 4.999999999985),
    (1e-6, 0.5, 1000000, 0.0, 100000, 99999.99515875471),
    (1e-6, 0.5, 1000000, 0.002, 300, 225.36866293853473),
    (1e-6, 0.5, 1000000, 0.002, -1, 499.50016641678053),
    (1e-6, 0.5, 1000000, 2.0, -1, 0.15651764274948463),
    (1000000.0, 100000000.0, 0, 0.0, 5, 4.853431241223398),
    (1000000.0, 100000000.0, 0, 0.0, 100000, 100.0001000001),
    (1000000.0, 100000000.0, 0, 0.002, 300, 80.87380139583229),
    (1000000.0, 100000000.0, 0, 0.002, -1, 83.18074510068908),
    (1000000.0, 100000000.0, 0, 2.0, -1, 0.15472818400609775),
    (1000000.0, 100000000.0, 17, 0.0, 5, 4.853431265568254),
    (1000000.0, 100000000.0, 17, 0.0, 100000, 100.000117000117),
    (1000000.0, 100000000.0, 17, 0.002, 300, 80.87381168997119),
    (1000000.0, 100000000.0, 17, 0.002, -1, 83.18075688658737),
    (1000000.0, 100000000.0, 17, 2.0, -1, 0.1547281843068277),
    (1000000.0, 100000000.0, 1000000, 0.0, 5, 4.85484943640003),
    (
        1000000.0,
        100000000.0,
        1000000,
        0.0,
        100000,
        101.000101000101,
    ),
    (
        1000000.0,
        100000000.0,
        1000000,
        0.002,
        300,
        81.47731300124262,
    ),
    (
        1000000.0,
        100000000.0,
        1000000,
        0.002,
        -1,
        83.87288065564844,
    ),
    (
        1000000.0,
        100000000.0,
        1000000,
        2.0,
        -1,
        0.15474570083989536,
    ),
    (500.0, 3.0, 0, 0.0, 5, 0.006012024046866089),
    (500.0, 3.0, 0, 0.0, 100000, 0.006012024048096192),
    (500.0, 3.0, 0, 0.002, 300, 0.005999915728557813),
    (500.0, 3.0, 0, 0.002, -1, 0.005999915728557813),
    (500.0, 3.0, 0, 2.0, -1, 0.0008080368223166134),
    (500.0, 3.0, 17, 0.0, 5, 0.040080153727293774),
    (500.0, 3.0, 17, 0.0, 100000, 0.04008016032064128),
    (500.0, 3.0, 17, 0.002, 300, 0.03999671027546387),
    (500.0, 3.0, 17, 0.002, -1, 0.03999671027546387),
    (500.0, 3.0, 17, 2.0, -1, 0.0052337603690744226),
    (500.0, 3.0, 1000000, 0.0, 5, 4.992508773679087),
    (500.0, 3.0, 1000000, 0.0, 100000, 2004.0140280561122),
    (500.0, 3.0, 1000000, 0.002, 300, 210.794482439017),
    (500.0, 3.0, 1000000, 0.002, -1, 399.55237337188015),
    (500.0, 3.0, 1000000, 2.0, -1, 0.15642718763402838),
    (0.01, 10000000000.0, 0, 0.0, 5, 4.999999999985),
    (0.01, 10000000000.0, 0, 0.0, 100000, 99999.99499996683),
    (0.01, 10000000000.0, 0, 0.002, 300, 225.36866293853183),
    (0.01, 10000000000.0, 0, 0.002, -1, 499.50016641665565),
    (0.01, 10000000000.0, 0, 2.0, -1, 0.15651764274948463),
    (0.01, 10000000000.0, 17, 0.0, 5, 4.999999999985),
    (0.01, 10000000000.0, 17, 0.0, 100000, 99999.99499996685),
    (0.01, 10000000000.0, 17, 0.002, 300, 225.36866293853183),
    (0.01, 10000000000.0, 17, 0.002, -1, 499.50016641665565),
    (0.01, 10000000000.0, 17, 2.0, -1, 0.15651764274948463),
    (0.01, 10000000000.0, 1000000, 0.0, 5, 4.999999999985001),
    (0.01, 10000000000.0, 1000000, 0.0, 100000, 99999.99500046679),
    (0.01, 10000000000.0, 1000000, 0.002, 300, 225.3686629385349),
    (0.01, 10000000000.0, 1000000, 0.002, -1, 499.50016641668066),
    (0.01, 10000000000.0, 1000000, 2.0, -1, 0.15651764274948465),
];

#[test]
fn sixty_digit_sums() {
    for &(alpha, beta, renewals, delta, periods, expected) in SUMS {
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

fn wild() -> impl Strategy<Value = f64> {
    (-12.0..12.0_f64).prop_map(|e| 10_f64.powf(e).clamp(1e-12, 1e12))
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![0..20_u32, 0..=u32::MAX]
}

proptest! {
    #[test]
    fn every_answer_is_a_number(
        alpha in wild(), beta in wild(), renewals in count(), t in count(),
        rate in prop_oneof![Just(0.0), Just(1e-300), (-18.0..3.0_f64).prop_map(|e| 10_f64.powf(e).min(1000.0))],
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
        prop_assert!(model.survival(t) <= model.survival(t - 1));
        prop_assert!(model.retention(t + 1) >= model.retention(t));
        let there = Subscriber::ThereAfter;
        prop_assert!(model.p_alive(there(t), 10) >= model.p_alive(there(t - 1), 10) * (1.0 - 1e-12));
        prop_assert!(model.expected_renewals(there(3), t) >= model.expected_renewals(there(3), t - 1) * (1.0 - 1e-12));
    }
}
