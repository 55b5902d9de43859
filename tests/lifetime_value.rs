//! Lifetime values against simulated customers whose future is known, and the laws they keep.

use customer_value::metrics::lifetime::{
    Activity, BgBb, BgNbd, DiscountRate, GammaGamma, Horizon, MbgNbd, Nbd, Parameters, ParetoNbd,
    PurchaseModel, SimulatedCustomer, Spend, TimeUnit, ValueModel, ValueTerms,
};
use customer_value::model::{Currency, Days};
use proptest::prelude::*;

const BG: BgNbd = BgNbd {
    r: 0.243,
    alpha: 4.414,
    a: 0.793,
    b: 2.426,
};

fn models() -> Vec<Parameters> {
    vec![
        BG.into(),
        BgNbd {
            r: 2.0,
            alpha: 3.0,
            a: 0.5,
            b: 6.0,
        }
        .into(),
        MbgNbd {
            r: 0.525,
            alpha: 6.183,
            a: 0.891,
            b: 1.614,
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
            r: 3.0,
            alpha: 4.0,
            s: 2.0,
            beta: 60.0,
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
    ]
}

fn terms(horizon: Horizon) -> ValueTerms {
    let discount = DiscountRate::new(0.15, TimeUnit::Year).unwrap();
    ValueTerms {
        margin: 0.3,
        discount,
        horizon,
    }
}

fn year() -> Horizon {
    Horizon::Days(Days::new(364))
}

fn model(parameters: impl Into<Parameters>, horizon: Horizon) -> ValueModel {
    ValueModel {
        purchases: PurchaseModel::new(parameters, TimeUnit::Week).unwrap(),
        spend: GammaGamma::new(6.25, 3.74, 15.44).unwrap(),
        terms: terms(horizon),
        currency: Currency::USD,
    }
}

/// What a simulated customer is known to have done, and the discounted margin that they really bring, in minor units.
fn outcome(model: &ValueModel, one: &SimulatedCustomer, index: u64) -> (Spend, f64) {
    let amounts = model.spend.simulate_one(one.times.len(), 21, index);
    let (known, later) = amounts.split_at(one.history().len());
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    let delta = model.terms.discount.per(TimeUnit::Week);
    let age = one.activity.age();
    let brought = one.holdout().iter().zip(later);
    let sum: f64 = brought.map(|(t, z)| z * (-delta * (t - age)).exp()).sum();
    (
        Spend::new(known.len() as u32, mean).unwrap(),
        sum * model.terms.margin * 100.0,
    )
}

/// Customers of 1 to 60 whole weeks, what is known of them, and what they bring.
fn cohort(model: &ValueModel, n: u32, holdout: f64) -> Vec<((Activity, Spend), f64)> {
    let ages: Vec<f64> = (0..n).map(|i| f64::from(1 + i % 60)).collect();
    let cohort = model.purchases.simulate(&ages, holdout, 21);
    let each = (0..).zip(&cohort);
    each.map(|(index, one)| {
        let (spend, brought) = outcome(model, one, index);
        ((one.activity, spend), brought)
    })
    .collect()
}

fn known(cohort: &[((Activity, Spend), f64)]) -> Vec<(Activity, Spend)> {
    cohort.iter().map(|(known, _)| *known).collect()
}

/// Shares of customers who brought less than `low`, and more than `high`.
fn outside(model: &ValueModel, cohort: &[((Activity, Spend), f64)]) -> (f64, f64) {
    let (mut below, mut above) = (0.0, 0.0);
    for (value, (_, brought)) in model.values(&known(cohort)).iter().zip(cohort) {
        let value = value.unwrap();
        below += f64::from(u8::from(*brought < value.low.minor() as f64));
        above += f64::from(u8::from(*brought > value.high.minor() as f64));
    }
    (below / cohort.len() as f64, above / cohort.len() as f64)
}

#[test]
fn at_most_a_tenth_bring_less_and_a_tenth_more() {
    for parameters in models() {
        for (horizon, length) in [(year(), 52.0), (Horizon::Forever, 3000.0)] {
            let model = model(parameters, horizon);
            let cohort = cohort(&model, 6000, length);
            let (below, above) = outside(&model, &cohort);
            // One standard error is 0.4 points for the cohort, and less for the draws.
            assert!(
                below < 0.115 && above < 0.115,
                "{parameters:?} {horizon}: {below} {above}"
            );
        }
    }
}

#[test]
fn the_interval_is_no_wider_than_it_has_to_be() {
    // Customers whose outcome has no lump at 0 near the ends of the interval: then it is a tenth on each side.
    for parameters in models() {
        for (horizon, length) in [(year(), 52.0), (Horizon::Forever, 3000.0)] {
            let model = model(parameters, horizon);
            let cohort = cohort(&model, 20_000, length);
            let values = model.values(&known(&cohort));
            let (mut highs, mut above, mut lows, mut below) = (0.0_f64, 0.0, 0.0_f64, 0.0);
            for (value, (_, brought)) in values.iter().zip(&cohort) {
                let value = value.unwrap();
                if value.high.minor() > 0 {
                    highs += 1.0;
                    above += f64::from(u8::from(*brought > value.high.minor() as f64));
                }
                if value.low.minor() > 0 {
                    lows += 1.0;
                    below += f64::from(u8::from(*brought < value.low.minor() as f64));
                }
            }
            for (count, out) in [(highs, above), (lows, below)] {
                let bound = 0.01 + 4.0 * 0.3 / count.max(1.0).sqrt();
                let off = (out / count.max(1.0) - 0.1).abs();
                println!("{parameters:?} {horizon}: {count} {}", out / count.max(1.0));
                assert!(
                    count < 100.0 || off < bound,
                    "{parameters:?} {horizon}: {count} {out}"
                );
            }
        }
    }
}

#[test]
fn expected_values_are_the_means_of_what_is_brought() {
    for parameters in models() {
        for (horizon, length) in [(year(), 52.0), (Horizon::Forever, 3000.0)] {
            let model = model(parameters, horizon);
            let cohort = cohort(&model, 6000, length);
            let values = model.values(&known(&cohort));
            let residuals: Vec<f64> = values
                .iter()
                .zip(&cohort)
                .map(|(value, (_, brought))| brought - value.unwrap().expected.minor() as f64)
                .collect();
            let n = residuals.len() as f64;
            let mean = residuals.iter().sum::<f64>() / n;
            let error = (residuals.iter().map(|r| r * r).sum::<f64>() / n / n).sqrt();
            assert!(
                mean.abs() < 4.0 * error,
                "{parameters:?} {horizon}: {mean} {error}"
            );
        }
    }
}

#[test]
fn one_customer_has_the_same_value_alone_and_among_many() {
    for parameters in models() {
        let model = model(parameters, Horizon::Forever);
        let customers = known(&cohort(&model, 400, 0.0));
        let all = model.values(&customers);
        for ((activity, spend), value) in customers.iter().zip(&all).step_by(40) {
            assert_eq!(model.value(activity, spend), *value);
        }
        let reversed: Vec<_> = customers.iter().rev().copied().collect();
        let mut again = model.values(&reversed);
        again.reverse();
        assert_eq!(again, all);
    }
}

#[test]
fn the_parts_make_the_whole() {
    let model = model(BG, year());
    let (activity, spend) = (
        Activity::new(2, 30.43, 38.86).unwrap(),
        Spend::new(2, 22.35).unwrap(),
    );
    let value = model.value(&activity, &spend).unwrap();
    assert_eq!(value.p_alive, model.purchases.p_alive(&activity));
    assert_eq!(Some(value.spend), model.spend.expected_spend(&spend));
    let exact = model
        .purchases
        .discounted_purchases(&activity, model.terms.discount, year());
    assert!((value.purchases / exact.unwrap() - 1.0).abs() < 1e-12);
    let minor = value.purchases * value.spend * 0.3 * 100.0;
    assert_eq!(value.expected.minor(), minor.round_ties_even() as i64);
    // Yen have no minor unit.
    let yen = ValueModel {
        currency: Currency::JPY,
        ..model
    };
    let yen = yen.value(&activity, &spend).unwrap().expected;
    assert_eq!(yen.minor(), (minor / 100.0).round_ties_even() as i64);
}

#[test]
fn who_has_gone_brings_nothing() {
    // 26 purchases in 30 weeks, and none for the 200 weeks since.
    let gone = Activity::new(26, 30.0, 230.0).unwrap();
    let value = model(BG, year())
        .value(&gone, &Spend::new(26, 30.0).unwrap())
        .unwrap();
    assert!(value.p_alive < 1e-6);
    assert_eq!((value.low.minor(), value.high.minor()), (0, 0));
}

#[test]
fn what_has_no_bound_is_missing() {
    let model = model(BG, year());
    let new = Activity::new(0, 0.0, 5.0).unwrap();
    let heavy = ValueModel {
        spend: GammaGamma::new(6.25, 0.9, 15.44).unwrap(),
        ..model
    };
    assert_eq!(heavy.value(&new, &Spend::NONE), None);
    assert!(heavy.value(&new, &Spend::new(1, 10.0).unwrap()).is_some());
    let mut endless = model;
    endless.terms = ValueTerms {
        discount: DiscountRate::NONE,
        horizon: Horizon::Forever,
        ..model.terms
    };
    assert_eq!(
        endless.check("ltv").iter().next().unwrap().place.path,
        "ltv.terms.discount"
    );
    assert_eq!(endless.value(&new, &Spend::NONE), None);
    // More than there are cents in an `i64`.
    let rich = Spend::new(3, 1e18).unwrap();
    assert_eq!(
        model.value(&Activity::new(3, 4.0, 5.0).unwrap(), &rich),
        None
    );
}

#[test]
fn a_model_is_read_as_it_was_written() {
    let model = model(BG, Horizon::Forever);
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<ValueModel>(&text).unwrap(), model);
    let value = model
        .value(&Activity::new(1, 2.0, 5.0).unwrap(), &Spend::NONE)
        .unwrap();
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(
        serde_json::from_str::<customer_value::metrics::lifetime::LifetimeValue>(&text)
            .unwrap()
            .expected,
        value.expected
    );
}

fn any_activity() -> impl Strategy<Value = Activity> {
    let x = prop_oneof![0..30_u32, Just(5000), Just(u32::MAX)];
    let age = prop_oneof![0.0..200.0_f64, Just(0.0), Just(1e12), 1e-6..1e6_f64];
    (x, age, 0.0..=1.0_f64).prop_map(|(x, age, share)| {
        let span = if x == 0 { 0.0 } else { age * share };
        Activity::new(x, span, age).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_model_of_any_customer_gives_a_value_in_order(
        logs in prop::array::uniform7(-12.0..12.0_f64),
        activity in any_activity(),
        purchases in prop_oneof![Just(0), 1..100_u32, Just(u32::MAX)],
        mean in -12.0..19.0_f64,
        rate in prop_oneof![Just(1e-9), 0.001..1.0_f64, Just(1000.0)],
        days in prop_oneof![Just(None), Just(Some(i32::MAX)), (1..4000).prop_map(Some)],
    ) {
        let [p1, p2, p3, p4, p, q, gamma] = logs.map(|log| 10_f64.powf(log));
        let spend = Spend::new(purchases, 10_f64.powf(mean)).unwrap();
        let models: [Parameters; 5] = [
            BgNbd { r: p1, alpha: p2, a: p3, b: p4 }.into(),
            MbgNbd { r: p1, alpha: p2, a: p3, b: p4 }.into(),
            ParetoNbd { r: p1, alpha: p2, s: p3, beta: p4 }.into(),
            Nbd { r: p1, alpha: p2 }.into(),
            BgBb { alpha: p1, beta: p2, gamma: p3, delta: p4 }.into(),
        ];
        for parameters in models {
            let model = ValueModel {
                purchases: PurchaseModel::new(parameters, TimeUnit::Week).unwrap(),
                spend: GammaGamma::new(p, q, gamma).unwrap(),
                terms: ValueTerms {
                    margin: 0.4,
                    discount: DiscountRate::new(rate, TimeUnit::Year).unwrap(),
                    horizon: days.map_or(Horizon::Forever, |days| Horizon::Days(Days::new(days))),
                },
                currency: Currency::EUR,
            };
            if let Some(value) = model.value(&activity, &spend) {
                prop_assert!(value.low.minor() <= value.high.minor() && !value.low.is_negative());
                prop_assert!(!value.expected.is_negative());
                prop_assert!((0.0..=1.0).contains(&value.p_alive));
                prop_assert!((0.0..f64::INFINITY).contains(&value.purchases));
                prop_assert!((0.0..f64::INFINITY).contains(&value.spend));
            }
        }
    }

    #[test]
    fn more_time_more_margin_and_less_discount_are_worth_more(
        which in 0..7_usize,
        x in 0..40_u32,
        age in 1..100_u32,
        share in 0.0..=1.0_f64,
        days in 30..1500_i32,
        more in 1.05..3.0_f64,
    ) {
        let age = f64::from(age.max(x));
        let span = if x == 0 { 0.0 } else { (age * share).floor().max(f64::from(x)) };
        let activity = Activity::new(x, span, age).unwrap();
        let spend = Spend::new(x, 20.0).unwrap();
        let base = model(models()[which], Horizon::Days(Days::new(days)));
        let longer = (f64::from(days) * more) as i32;
        let cheaper = DiscountRate::new(0.15 / more, TimeUnit::Year).unwrap();
        let better = [
            ValueTerms { margin: base.terms.margin * more, ..base.terms },
            ValueTerms { horizon: Horizon::Days(Days::new(longer)), ..base.terms },
            ValueTerms { horizon: Horizon::Forever, ..base.terms },
            ValueTerms { discount: cheaper, ..base.terms },
            ValueTerms { discount: DiscountRate::NONE, ..base.terms },
        ];
        let value = base.value(&activity, &spend).unwrap();
        for terms in better {
            let other = ValueModel { terms, ..base }.value(&activity, &spend).unwrap();
            prop_assert!(other.expected.minor() >= value.expected.minor(), "{terms:?}");
            // The ends are made of the same draws, but the amounts of another number of purchases are other draws.
            let least = |minor: i64| (minor as f64 * 0.97 - 2.0) as i64;
            prop_assert!(other.high.minor() >= least(value.high.minor()), "{terms:?}");
            prop_assert!(other.low.minor() >= least(value.low.minor()), "{terms:?}");
        }
    }
}
