//! Lifetime values against simulated customers whose future is known, and the laws they keep.

mod lifetime_reference;

use customer_value::metrics::lifetime::{
    Activity, BgBb, BgNbd, DiscountRate, GammaGamma, Horizon, MbgNbd, Nbd, Parameters, ParetoNbd,
    SimulatedCustomer, Spend, TimeUnit, ValueModel, ValueTerms,
};
use customer_value::model::{Currency, Days};
use lifetime_reference::{models, weeks};
use proptest::prelude::*;

const BG: BgNbd = BgNbd {
    r: 0.243,
    alpha: 4.414,
    a: 0.793,
    b: 2.426,
};

fn terms(horizon: Horizon) -> ValueTerms {
    let discount = DiscountRate::new(0.3, TimeUnit::Year).unwrap();
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
        purchases: weeks(parameters),
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

/// Customers of 2 to 60 whole weeks, what is known of them, and what they bring.
fn cohort(model: &ValueModel, n: u32, holdout: f64) -> Vec<((Activity, Spend), f64)> {
    let ages: Vec<f64> = (0..n)
        .map(|i| [2.0, 11.0, 30.0, 60.0][i as usize % 4])
        .collect();
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

/// How many of the customers are counted, and the share of them that brought less (or more) than told.
#[derive(Default)]
struct Share {
    count: f64,
    hits: f64,
}

impl Share {
    fn add(&mut self, hit: bool) {
        self.count += 1.0;
        self.hits += f64::from(u8::from(hit));
    }

    fn share(&self) -> f64 {
        self.hits / self.count.max(1.0)
    }

    /// Four standard errors, and a point for the draws that the interval is made of.
    fn bound(&self) -> f64 {
        0.01 + 4.0 * 0.3 / self.count.max(1.0).sqrt()
    }
}

#[test]
fn values_hold_what_simulated_customers_bring() {
    for parameters in models() {
        for (horizon, length) in [(year(), 52.0), (Horizon::Forever, 1300.0)] {
            let model = model(parameters, horizon);
            let cohort = cohort(&model, 4000, length);
            let (mut below, mut above) = (Share::default(), Share::default());
            let (mut below_low, mut above_high) = (Share::default(), Share::default());
            let (mut sum, mut squares) = (0.0, 0.0);
            for (value, (_, brought)) in model.values(&known(&cohort)).iter().zip(&cohort) {
                let value = value.unwrap();
                let (low, high) = (value.low.minor(), value.high.minor());
                let (less, more) = (*brought < low as f64, *brought > high as f64);
                below.add(less);
                above.add(more);
                // An end above 0 does not lie on the lump at 0: then the share is a tenth, and not only at most a tenth.
                if low > 0 {
                    below_low.add(less);
                }
                if high > 0 {
                    above_high.add(more);
                }
                let residual = brought - value.expected.minor() as f64;
                sum += residual;
                squares += residual * residual;
            }
            let case = format!("{parameters:?} {horizon}");
            for side in [&below, &above] {
                assert!(
                    side.share() < 0.1 + side.bound(),
                    "{case}: {}",
                    side.share()
                );
            }
            for side in [&below_low, &above_high] {
                let off = (side.share() - 0.1).abs();
                assert!(
                    side.count < 100.0 || off < side.bound(),
                    "{case}: {}",
                    side.share()
                );
            }
            assert!(
                sum.abs() < 4.0 * squares.sqrt(),
                "{case}: the mean is off by {sum}"
            );
        }
    }
}

#[test]
fn one_customer_has_the_same_value_alone_and_among_many() {
    for parameters in models() {
        let model = model(parameters, Horizon::Forever);
        let customers = known(&cohort(&model, 120, 0.0));
        let all = model.values(&customers);
        for ((activity, spend), value) in customers.iter().zip(&all).step_by(24) {
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
    #![proptest_config(ProptestConfig::with_cases(24))]

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
                purchases: weeks(parameters),
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
        let cheaper = DiscountRate::new(0.3 / more, TimeUnit::Year).unwrap();
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
