//! Pareto/NBD and NBD against published numbers, numbers with 60 digits, and their laws.

mod lifetime_reference;

use customer_value::metrics::lifetime::{
    Activity, DiscountRate, Horizon, Nbd, ParetoNbd, PurchaseModel, TimeUnit,
};
use customer_value::model::Days;
use lifetime_reference::{golden, relative_error, rows, spread, weeks, wild};
use proptest::prelude::*;

fn pareto(r: f64, alpha: f64, s: f64, beta: f64) -> PurchaseModel {
    weeks(ParetoNbd { r, alpha, s, beta })
}

/// Not rounded to days, as a horizon is otherwise.
fn discounted(model: &PurchaseModel, customer: &Activity, delta: f64, days: i32) -> f64 {
    let discount = DiscountRate::continuous(delta, TimeUnit::Week).unwrap();
    let horizon = Horizon::Days(Days::new(days));
    model
        .discounted_purchases(customer, discount, horizon)
        .unwrap()
}

#[test]
fn golden_rows() {
    let rows = golden("pnbd");
    assert!(rows.len() > 200);
    for row in rows {
        let error = row.error();
        assert!(error <= 1e-11, "{error:e} {row:?}");
    }
}

/// Rows of `pareto_nbd.csv`; see the README beside it.
#[test]
fn rows_with_sixty_digits() {
    let text = include_str!("lifetime_reference/pareto_nbd.csv");
    let mut count = 0;
    for f in rows(text) {
        let number = |i: usize| f[i].parse::<f64>().unwrap();
        let (r, alpha, x) = (number(0), number(1), f[4].parse::<u32>().unwrap());
        let (arg, horizon, value) = (number(8), number(9), number(10));
        let model = if f[7].starts_with("NBD") {
            weeks(Nbd { r, alpha })
        } else {
            pareto(r, alpha, number(2), number(3))
        };
        let customer =
            Activity::new(if number(6) > 0.0 { x } else { 0 }, number(5), number(6)).unwrap();
        let ours = match f[7] {
            "LL" | "NBD_LL" => model.log_likelihood(&customer),
            "PALIVE" => model.p_alive_in(&customer, arg),
            "NEW" => model.expected_purchases_of_new(arg),
            "PMF" | "NBD_PMF" => model.pmf(x, arg),
            "DET" | "NBD_DET" if horizon.is_finite() => {
                discounted(&model, &customer, arg, (horizon * 7.0) as i32)
            }
            "DET" => {
                let discount = DiscountRate::continuous(arg, TimeUnit::Week).unwrap();
                model
                    .discounted_purchases(&customer, discount, Horizon::Forever)
                    .unwrap()
            }
            other => panic!("{other}"),
        };
        let error = relative_error(ours, value);
        assert!(error <= 1e-10, "{error:e} {ours:e} {f:?}");
        count += 1;
    }
    assert_eq!(count, 271);
}

fn close(ours: f64, printed: f64, tolerance: f64) {
    assert!((ours - printed).abs() <= tolerance, "{ours} {printed}");
}

/// Numbers printed by other programs and papers; see the README of the reference.
#[test]
fn published_numbers() {
    // The optimum on the CDNOW sample; the expectation of a new one is of a fit that stopped a little before it.
    let cdnow = pareto(0.553277, 10.57768, 0.606240, 11.66873);
    let customer = Activity::new(26, 30.86, 31.0).unwrap();
    close(cdnow.expected_purchases(&customer, 52.0), 25.456, 5e-4);
    close(cdnow.p_alive(&customer), 0.997918, 5e-7);
    close(cdnow.expected_purchases_of_new(52.0), 1.473377, 1e-4);
    let charity = pareto(0.5629966, 12.559037, 0.4081095, 10.5148048);
    let customer = Activity::new(7, 35.0, 77.86).unwrap();
    let discount = DiscountRate::continuous(0.0027, TimeUnit::Week).unwrap();
    let residual = charity.discounted_purchases(&customer, discount, Horizon::Forever);
    close(residual.unwrap(), 1.864183328, 1e-9);
}

#[test]
fn without_a_discount_for_ever() {
    let customer = Activity::new(3, 20.0, 30.0).unwrap();
    let sum = |model: PurchaseModel| {
        model.discounted_purchases(&customer, DiscountRate::NONE, Horizon::Forever)
    };
    assert_eq!(sum(pareto(0.6, 10.0, 1.0, 10.0)), None);
    assert_eq!(sum(pareto(0.6, 10.0, 0.5, 10.0)), None);
    assert_eq!(
        sum(weeks(Nbd {
            r: 0.6,
            alpha: 10.0
        })),
        None
    );
    let finite = pareto(0.6, 10.0, 1.5, 10.0);
    let expected = finite.p_alive(&customer) * 3.6 / 40.0 * 40.0 / 0.5;
    close(sum(finite).unwrap(), expected, 1e-12);
}

/// Without dropout the Pareto/NBD is the NBD.
#[test]
fn no_dropout_is_the_nbd() {
    let nbd = weeks(Nbd {
        r: 0.6,
        alpha: 12.0,
    });
    for near in [pareto(0.6, 12.0, 1e-11, 10.0), pareto(0.6, 12.0, 0.5, 1e12)] {
        for (x, span, age) in [(0, 0.0, 39.0), (2, 30.0, 39.0), (300, 38.0, 39.0)] {
            let customer = Activity::new(x, span, age).unwrap();
            close(
                near.log_likelihood(&customer) / nbd.log_likelihood(&customer),
                1.0,
                1e-8,
            );
            close(near.p_alive(&customer), 1.0, 1e-8);
            let ratio =
                near.expected_purchases(&customer, 26.0) / nbd.expected_purchases(&customer, 26.0);
            close(ratio, 1.0, 1e-8);
            close(near.pmf(x, 39.0) / nbd.pmf(x, 39.0), 1.0, 1e-8);
            close(
                discounted(&near, &customer, 0.01, 365) / discounted(&nbd, &customer, 0.01, 365),
                1.0,
                1e-8,
            );
        }
    }
}

#[test]
fn pmf_sums_to_one_and_has_the_mean() {
    for (model, t) in [
        (pareto(0.55, 10.6, 0.6, 11.7), 20.0),
        (pareto(2.0, 5.0, 1.0, 5.0), 10.0),
        (pareto(1.5, 10.0, 60.0, 900.0), 30.0),
        (weeks(Nbd { r: 0.7, alpha: 9.0 }), 15.0),
    ] {
        let probabilities: Vec<f64> = (0..400).map(|n| model.pmf(n, t)).collect();
        close(probabilities.iter().sum(), 1.0, 1e-12);
        let mean: f64 = probabilities
            .iter()
            .enumerate()
            .map(|(n, p)| n as f64 * p)
            .sum();
        close(mean / model.expected_purchases_of_new(t), 1.0, 1e-11);
        assert_eq!((model.pmf(0, 0.0), model.pmf(1, 0.0)), (1.0, 0.0));
    }
}

fn time() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 9 => wild()]
}

fn customer() -> impl Strategy<Value = Activity> {
    let share = prop_oneof![
        Just(0.0),
        Just(1.0),
        0.0..1.0_f64,
        spread(-15.0, 0.0).prop_map(|part| 1.0 - part)
    ];
    let x = prop_oneof![
        Just(0),
        Just(u32::MAX),
        1..40_u32,
        (0.0..32.0_f64).prop_map(|e| e.exp2() as u32)
    ];
    (x, share, time()).prop_map(|(x, share, age)| {
        Activity::new(x, if x == 0 { 0.0 } else { share * age }, age).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the parameters and the customer, every answer is a number in its range, and the laws hold.
    #[test]
    fn anything_goes(
        (r, alpha, s, beta) in (wild(), wild(), wild(), wild()),
        customer in customer(),
        t in time(),
        n in prop_oneof![0..20_u32, Just(u32::MAX), 0..u32::MAX],
        rate in prop_oneof![Just(0.0), spread(-12.0, 3.0)],
        days in 1..i32::MAX,
    ) {
        let slack = 1.0 + 1e-9;
        for model in [pareto(r, alpha, s, beta), weeks(Nbd { r, alpha })] {
            prop_assert!(model.log_likelihood(&customer).is_finite());
            let (now, later) = (model.p_alive(&customer), model.p_alive_in(&customer, t));
            prop_assert!((0.0..=1.0).contains(&now) && (0.0..=now * slack).contains(&later), "{now} {later}");
            let (short, long) = (model.expected_purchases(&customer, t), model.expected_purchases(&customer, 2.0 * t));
            prop_assert!(short >= 0.0 && long.is_finite() && short <= long * slack, "{short} {long}");
            let (short, long) = (model.expected_purchases_of_new(t), model.expected_purchases_of_new(2.0 * t));
            prop_assert!(short >= 0.0 && long.is_finite() && short <= long * slack, "{short} {long}");
            let p = model.pmf(n, t);
            prop_assert!((0.0..=1.0).contains(&p), "{p}");
            let horizon = Horizon::Days(Days::new(days));
            let sum = |rate: f64, horizon| {
                let rate = DiscountRate::new(rate, TimeUnit::Week).unwrap();
                model.discounted_purchases(&customer, rate, horizon)
            };
            let plain = sum(0.0, horizon).unwrap();
            let expected = model.expected_purchases(&customer, f64::from(days) / 7.0);
            prop_assert!((plain - expected).abs() <= 1e-12 * expected);
            let (least, less) = (sum(rate, horizon).unwrap(), sum(0.7 * rate, horizon).unwrap());
            prop_assert!(least >= 0.0 && least <= less * slack && less <= plain * slack, "{least} {less} {plain}");
            if let Some(ever) = sum(rate, Horizon::Forever) {
                prop_assert!(least <= ever * slack && ever.is_finite(), "{least} {ever}");
            }
        }
    }

    /// Days for weeks: α and β grow by 7, ln L falls by x ln 7, and nothing else changes.
    #[test]
    fn the_unit_of_time_does_not_matter(
        (r, s) in (0.01..100.0_f64, 0.01..100.0_f64),
        (alpha, beta) in (0.01..1e4_f64, 0.01..1e4_f64),
        (x, share, age) in (1..200_u32, 0.0..=1.0_f64, 0.1..500.0_f64),
        t in 0.1..500.0_f64,
    ) {
        let weeks = pareto(r, alpha, s, beta);
        let days = PurchaseModel::new(ParetoNbd { r, alpha: 7.0 * alpha, s, beta: 7.0 * beta }, TimeUnit::Day).unwrap();
        let in_weeks = Activity::new(x, share * age, age).unwrap();
        let in_days = Activity::new(x, share * age * 7.0, age * 7.0).unwrap();
        let shift = weeks.log_likelihood(&in_weeks) - days.log_likelihood(&in_days) - f64::from(x) * 7_f64.ln();
        prop_assert!(shift.abs() < 1e-9 * (1.0 + weeks.log_likelihood(&in_weeks).abs()));
        for (one, other) in [
            (weeks.p_alive_in(&in_weeks, t), days.p_alive_in(&in_days, 7.0 * t)),
            (weeks.expected_purchases(&in_weeks, t), days.expected_purchases(&in_days, 7.0 * t)),
            (weeks.pmf(x, t), days.pmf(x, 7.0 * t)),
        ] {
            prop_assert!((one - other).abs() <= 1e-10 * one.max(1e-300), "{one} {other}");
        }
    }
}
