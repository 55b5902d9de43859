//! BG/NBD and MBG/NBD against published numbers, numbers computed with many digits, and the laws they obey.

mod lifetime_reference;

use customer_value::metrics::lifetime::{
    Activity, BgNbd, DiscountRate, Horizon, MbgNbd, PurchaseModel, TimeUnit,
};
use customer_value::model::Days;
use lifetime_reference::{golden, relative_error, rows, spread, weeks};
use proptest::prelude::*;

fn both([r, alpha, a, b]: [f64; 4]) -> [PurchaseModel; 2] {
    [
        weeks(BgNbd { r, alpha, a, b }),
        weeks(MbgNbd { r, alpha, a, b }),
    ]
}

fn customer(x: u32, span: f64, age: f64) -> Activity {
    Activity::new(x, span, age).unwrap()
}

fn continuous(delta: f64) -> DiscountRate {
    DiscountRate::continuous(delta, TimeUnit::Week).unwrap()
}

fn for_weeks(weeks: i32) -> Horizon {
    Horizon::Days(Days::new(7 * weeks))
}

/// The published parameters: Fader, Hardie & Lee (2005); Batislam et al. (2007).
const BG: BgNbd = BgNbd {
    r: 0.243,
    alpha: 4.414,
    a: 0.793,
    b: 2.426,
};

#[test]
fn every_row_of_the_reference() {
    for model in ["bgnbd", "mbgnbd"] {
        let rows = golden(model);
        assert!(rows.len() > 200);
        for row in rows {
            let ours = row.ours();
            assert!(row.error() <= 1e-11, "{:e} in {row:?}: {ours}", row.error());
        }
    }
}

/// `bg_nbd.csv`: see its README.
#[test]
fn rows_that_are_not_in_the_reference() {
    let mut read = 0;
    for fields in rows(include_str!("lifetime_reference/bg_nbd.csv")) {
        let number = |i: usize| fields[i].parse::<f64>().unwrap();
        let [bg, mbg] = both([1, 2, 3, 4].map(number));
        let model = if fields[0] == "bgnbd" { bg } else { mbg };
        let x = number(5) as u32;
        let one = || customer(x, number(6), number(7));
        let ours = match fields[8] {
            "LL" => {
                let (ours, value) = (model.log_likelihood(&one()), number(11));
                assert!((ours - value).abs() <= 1e-11, "{fields:?}: {ours}");
                ours
            }
            "PMF" => model.pmf(x, number(9)),
            "ALIVE" => model.p_alive_in(&one(), number(9)),
            "CET" => model.expected_purchases(&one(), number(9)),
            _ => {
                let horizon = match fields[9] {
                    "inf" => Horizon::Forever,
                    finite => for_weeks(finite.parse().unwrap()),
                };
                let sum = model.discounted_purchases(&one(), continuous(number(10)), horizon);
                sum.unwrap()
            }
        };
        let value = number(11);
        let error = relative_error(ours, value);
        assert!(error <= 1e-11, "{error:e} in {fields:?}: {ours}");
        read += 1;
    }
    assert!(read > 150);
}

#[test]
fn published_numbers_of_single_customers() {
    let close = |ours: f64, printed: f64, to: f64| {
        assert!((ours - printed).abs() <= to, "{ours} is not {printed}");
    };
    let bg = weeks(BG);
    let twice = customer(2, 30.43, 38.86);
    let often = customer(26, 30.86, 31.0);
    close(bg.expected_purchases(&twice, 39.0), 1.226_028, 5e-7);
    close(
        bg.p_alive(&customer(23, 39.0, 39.0)),
        0.968_555_454_2,
        5e-11,
    );
    close(bg.pmf(0, 39.0), 0.573_786_352_1, 5e-11);
    close(bg.pmf(10, 2.0), 1.078_689_64e-7, 5e-16);
    close(bg.expected_purchases(&often, 52.0), 25.758, 5e-4);
    close(bg.p_alive(&often), 0.968_916, 5e-7);
    let fitted = weeks(BgNbd {
        r: 0.242_594_5,
        alpha: 4.413_601_9,
        a: 0.792_919_9,
        b: 2.425_888_1,
    });
    close(fitted.expected_purchases_of_new(52.0), 1.443_996, 2e-5);
    let mbg = weeks(MbgNbd {
        r: 0.524_843,
        alpha: 6.183_082,
        a: 0.891_360,
        b: 1.614_003,
    });
    close(mbg.expected_purchases(&often, 52.0), 24.000, 6e-4);
    close(mbg.p_alive(&often), 0.965_55, 6e-6);
    close(mbg.expected_purchases_of_new(52.0), 1.418_863, 3e-5);
}

#[test]
fn an_unbounded_sum_is_none() {
    let one = customer(2, 30.43, 38.86);
    for model in both([0.243, 4.414, 0.793, 2.426]) {
        assert_eq!(
            model.discounted_purchases(&one, DiscountRate::NONE, Horizon::Forever),
            None
        );
        assert!(
            model
                .discounted_purchases(&one, continuous(1e-9), Horizon::Forever)
                .is_some()
        );
    }
    // With a above 1 every customer leaves soon enough: E[1/p] = (a + b + x − 1)/(a − 1).
    let [model, _] = both([0.5, 10.0, 1.5, 5.0]);
    let sum = model
        .discounted_purchases(&one, DiscountRate::NONE, Horizon::Forever)
        .unwrap();
    let direct = model.p_alive(&one) * (1.5 + 5.0 + 2.0 - 1.0) / 0.5;
    assert!((sum - direct).abs() <= 1e-13 * direct, "{sum} {direct}");
}

#[test]
fn probabilities_sum_to_one_and_to_the_expectation() {
    for parameters in [
        [0.243, 4.414, 0.793, 2.426],
        [0.5, 10.0, 1.0, 3.0],
        [3.0, 40.0, 0.2, 0.3],
        [50.0, 900.0, 2.0, 30.0],
    ] {
        for model in both(parameters) {
            let t = 20.0;
            let (mut all, mut mean) = (0.0, 0.0);
            for n in 0..1500 {
                let p = model.pmf(n, t);
                all += p;
                mean += f64::from(n) * p;
            }
            let expected = model.expected_purchases_of_new(t);
            assert!((all - 1.0).abs() < 1e-11, "{all} {model:?}");
            assert!(
                (mean - expected).abs() < 1e-9 * expected,
                "{mean} {expected}"
            );
        }
    }
}

fn customers(most: u32, high: f64) -> impl Strategy<Value = Activity> {
    let part = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0, spread(-12.0, 0.0)];
    let x = prop_oneof![0u32..4, 0u32..300, 0..=most];
    let age = prop_oneof![Just(0.0), spread(-6.0, high)];
    (x, age, part)
        .prop_map(|(x, age, part)| customer(x, if x == 0 { 0.0 } else { part * age }, age))
}

/// Not above, but for rounding.
fn at_most(one: f64, other: f64, to: f64) -> Result<(), TestCaseError> {
    prop_assert!(
        one <= other + to * other.abs() + 1e-290,
        "{one} is above {other}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_leaves_its_range(
        parameters in prop::array::uniform4(spread(-12.0, 12.0)),
        one in customers(u32::MAX, 12.0),
        t in spread(-12.0, 12.0),
        rate in spread(-9.0, 3.0),
        n in prop_oneof![0u32..5, 0u32..1000, Just(u32::MAX)],
    ) {
        for model in both(parameters) {
            let ll = model.log_likelihood(&one);
            prop_assert!(ll.is_finite(), "{ll}");
            for t in [0.0, t, 1e12] {
                let alive = model.p_alive_in(&one, t);
                prop_assert!((0.0..=1.0).contains(&alive), "alive {alive} {model:?} {one:?} {t}");
                let expected = model.expected_purchases(&one, t);
                prop_assert!(expected.is_finite() && expected >= 0.0, "{expected} {model:?} {one:?} {t}");
                let new = model.expected_purchases_of_new(t);
                prop_assert!(new.is_finite() && new >= 0.0, "new {new} {model:?} {t}");
                let p = model.pmf(n, t);
                prop_assert!((0.0..=1.0).contains(&p), "pmf {p} {model:?} {n} {t}");
            }
            let rate = DiscountRate::new(rate, TimeUnit::Year).unwrap();
            for horizon in [Horizon::Days(Days::new(1)), Horizon::Days(Days::new(i32::MAX)), Horizon::Forever] {
                let sum = model.discounted_purchases(&one, rate, horizon);
                prop_assert!(sum.is_some_and(|sum| sum >= 0.0), "{sum:?} {model:?} {one:?} {horizon:?}");
            }
        }
    }

    #[test]
    fn they_obey_their_laws(
        r in spread(-2.0, 3.0),
        alpha in spread(-1.0, 4.0),
        a in spread(-2.0, 3.0),
        b in spread(-2.0, 3.0),
        one in customers(500, 3.0),
        t in spread(-2.0, 4.0),
        longer in 1.0..5.0f64,
        delta in spread(-6.0, 0.0),
        horizon in 1..500,
    ) {
        for model in both([r, alpha, a, b]) {
            // The longer from now, the fewer are alive, and the fewer purchases a further week brings.
            let now = model.p_alive(&one);
            let (soon, late) = (model.p_alive_in(&one, t), model.p_alive_in(&one, t * longer));
            at_most(soon, now, 1e-11)?;
            at_most(late, soon, 1e-11)?;
            let (first, both) = (model.expected_purchases(&one, t), model.expected_purchases(&one, t * longer));
            at_most(first, both, 1e-11)?;
            at_most(both, first * longer, 1e-11)?;
            let mean_rate = (r + f64::from(one.repeat_purchases())) / (alpha + one.age());
            at_most(first, now * mean_rate * t, 1e-11)?;

            // d E[p · purchases]/dt is the loss of P(alive); here the looser form without p.
            at_most(now - soon, first, 1e-9)?;

            // A discount takes away, and more of it more.
            let until = for_weeks(horizon);
            let sum = |delta: f64, horizon| model.discounted_purchases(&one, continuous(delta), horizon).unwrap();
            let whole = model.expected_purchases(&one, f64::from(horizon));
            prop_assert_eq!(sum(0.0, until), whole);
            let (little, much) = (sum(delta, until), sum(delta * longer, until));
            at_most(little, whole, 1e-10)?;
            at_most(much, little, 1e-10)?;
            at_most(whole * (-delta * f64::from(horizon)).exp(), little, 1e-10)?;
            let forever = sum(delta, Horizon::Forever);
            at_most(little, forever, 1e-10)?;
            at_most(sum(delta * longer, Horizon::Forever), forever, 1e-10)?;
            at_most(forever, now * mean_rate / delta, 1e-10)?;
        }
    }

    #[test]
    fn the_unit_of_time_does_not_matter(
        parameters in prop::array::uniform4(spread(-2.0, 3.0)),
        one in customers(500, 3.0),
        t in spread(-2.0, 3.0),
        delta in spread(-5.0, 0.0),
    ) {
        let [r, alpha, a, b] = parameters;
        let days = BgNbd { r, alpha: alpha * 7.0, a, b };
        let days = PurchaseModel::new(days, TimeUnit::Day).unwrap();
        let [weeks, _] = both(parameters);
        let seven = customer(one.repeat_purchases(), one.active_span() * 7.0, one.age() * 7.0);
        let same = |one: f64, other: f64| (one - other).abs() <= 1e-10 * one.abs() + 1e-290;
        prop_assert!(same(weeks.p_alive_in(&one, t), days.p_alive_in(&seven, t * 7.0)));
        prop_assert!(same(weeks.expected_purchases(&one, t), days.expected_purchases(&seven, t * 7.0)));
        let rate = continuous(delta);
        for horizon in [for_weeks(52), Horizon::Forever] {
            let (w, d) = (
                weeks.discounted_purchases(&one, rate, horizon).unwrap(),
                days.discounted_purchases(&seven, rate, horizon).unwrap(),
            );
            prop_assert!(same(w, d), "{w} {d}");
        }
    }
}
