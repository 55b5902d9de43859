//! Simulated customers against what the models say of them in closed form.

mod lifetime_reference;

use customer_value::metrics::lifetime::{
    BgBb, BgNbd, DiscountRate, GammaGamma, Horizon, MbgNbd, Nbd, ParetoNbd, ShiftedBetaGeometric,
    SimulatedCustomer, Subscriber, TimeUnit,
};
use lifetime_reference::{models, weeks};
use proptest::prelude::*;

const N: usize = 20_000;

/// |mean − expected| in standard errors of the mean.
fn off(values: &[f64], expected: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    (mean - expected).abs() / (square / n).sqrt().max(1e-12)
}

fn column(cohort: &[SimulatedCustomer], of: impl Fn(&SimulatedCustomer) -> f64) -> Vec<f64> {
    cohort.iter().map(of).collect()
}

#[test]
fn purchases_of_new_customers_are_as_many_as_expected() {
    for model in models().into_iter().map(weeks) {
        let cohort = model.simulate(&[30.0; N], 0.0, 11);
        let counts = column(&cohort, |one| one.history().len() as f64);
        let apart = off(&counts, model.expected_purchases_of_new(30.0));
        assert!(apart < 4.0, "{:?}: {apart}", model.kind());
    }
}

#[test]
fn as_many_are_alive_and_buy_later_as_their_history_says() {
    for model in models().into_iter().map(weeks) {
        let cohort = model.simulate(&[30.0; N], 40.0, 12);
        let alive = column(&cohort, |one| {
            f64::from(u8::from(one.alive)) - model.p_alive(&one.activity)
        });
        assert!(off(&alive, 0.0) < 4.0, "{:?}: alive", model.kind());
        let later = column(&cohort, |one| {
            one.holdout().len() as f64 - model.expected_purchases(&one.activity, 40.0)
        });
        assert!(off(&later, 0.0) < 4.0, "{:?}: purchases", model.kind());
        // Not on average only: also among those who seem half gone.
        let doubtful: Vec<f64> = alive
            .iter()
            .zip(&cohort)
            .filter(|(_, one)| (0.3..0.7).contains(&model.p_alive(&one.activity)))
            .map(|(residual, _)| *residual)
            .collect();
        if doubtful.len() > 100 {
            assert!(off(&doubtful, 0.0) < 4.0, "{:?}: doubtful", model.kind());
        }
    }
}

#[test]
fn numbers_of_purchases_come_as_often_as_the_pmf_says() {
    for model in models().into_iter().map(weeks) {
        let cohort = model.simulate(&[20.0; N], 0.0, 13);
        let mut counts = [0.0; 12];
        for one in &cohort {
            counts[one.history().len().min(11)] += 1.0;
        }
        let mut rest = N as f64;
        let mut chi_square = 0.0;
        for (n, count) in counts.iter().enumerate() {
            let expected = if n == 11 {
                rest
            } else {
                model.pmf(n as u32, 20.0) * N as f64
            };
            rest -= expected;
            chi_square += (count - expected).powi(2) / expected;
        }
        // 11 degrees of freedom: above 31.3 once in a thousand.
        assert!(chi_square < 31.3, "{:?}: {chi_square}", model.kind());
    }
}

#[test]
fn discounted_purchases_are_those_of_the_holdout() {
    let rate = DiscountRate::new(0.3, TimeUnit::Year).unwrap();
    let delta = rate.per(TimeUnit::Week);
    let year = Horizon::Days(customer_value::model::Days::new(364));
    for model in models().into_iter().map(weeks) {
        // After 1,300 weeks a purchase is worth less than a six-hundredth.
        for (horizon, length) in [(year, 52.0), (Horizon::Forever, 1300.0)] {
            let cohort = model.simulate(&[30.0; 4000], length, 14);
            let off_by = column(&cohort, |one| {
                let sum: f64 = one
                    .holdout()
                    .iter()
                    .map(|t| (-delta * (t - 30.0)).exp())
                    .sum();
                sum - model
                    .discounted_purchases(&one.activity, rate, horizon)
                    .unwrap()
            });
            let apart = off(&off_by, 0.0);
            assert!(apart < 4.0, "{:?} {horizon}: {apart}", model.kind());
        }
    }
}

#[test]
fn amounts_have_the_mean_of_the_model_and_of_the_customer() {
    let model = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    let amounts = model.simulate(&[3; N], 15);
    let all: Vec<f64> = amounts
        .iter()
        .map(|one| one.iter().sum::<f64>() / 3.0)
        .collect();
    assert!(off(&all, model.mean().unwrap()) < 4.0);
    // The third, given the first two.
    let third: Vec<f64> = amounts
        .iter()
        .map(|one| {
            let known = customer_value::metrics::lifetime::Spend::new(2, (one[0] + one[1]) / 2.0);
            one[2] - model.expected_spend(&known.unwrap()).unwrap()
        })
        .collect();
    assert!(off(&third, 0.0) < 4.0);
}

#[test]
fn contracts_last_as_long_as_survival_says() {
    let model = ShiftedBetaGeometric::new(0.704, 1.182).unwrap();
    let cohort = model.simulate(&[8; N], 16);
    for t in 0..8 {
        let left = cohort
            .iter()
            .filter(|one| **one == Subscriber::LeftAfter(t))
            .count() as f64;
        let share = model.survival(t) - model.survival(t + 1);
        let error = (share * (1.0 - share) / N as f64).sqrt();
        assert!((left / N as f64 - share).abs() < 4.0 * error, "{t}: {left}");
    }
    assert_eq!(
        model.simulate_one(3, 16, 77).renewals(),
        cohort[77].renewals().min(3)
    );
}

#[test]
fn a_customer_depends_on_the_seed_and_the_index_only() {
    for model in models().into_iter().map(weeks) {
        let ages: Vec<f64> = (0..5000).map(|i| f64::from(i % 273) / 7.0).collect();
        let cohort = model.simulate(&ages, 20.0, 3);
        assert_eq!(cohort, model.simulate(&ages, 20.0, 3));
        assert_ne!(cohort, model.simulate(&ages, 20.0, 4));
        for index in [0, 1, 4095, 4096, 4999] {
            let one = model.simulate_one(ages[index], 20.0, 3, index as u64);
            assert_eq!(one, cohort[index]);
            let longer = model.simulate_one(ages[index], 60.0, 3, index as u64);
            assert_eq!(longer.history(), one.history());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_parameters_give_valid_customers(
        logs in prop::array::uniform4(-12.0..12.0_f64),
        age in prop_oneof![Just(0.0), 0.0..1e3_f64, Just(1e12), Just(f64::NAN), Just(-1.0)],
        holdout in prop_oneof![Just(0.0), 0.0..1e3_f64, Just(f64::INFINITY)],
        seed: u64,
    ) {
        let [p1, p2, p3, p4] = logs.map(|log| 10_f64.powf(log));
        let models = [
            weeks(BgNbd { r: p1, alpha: p2, a: p3, b: p4 }),
            weeks(MbgNbd { r: p1, alpha: p2, a: p3, b: p4 }),
            weeks(ParetoNbd { r: p1, alpha: p2, s: p3, beta: p4 }),
            weeks(Nbd { r: p1, alpha: p2 }),
            weeks(BgBb { alpha: p1, beta: p2, gamma: p3, delta: p4 }),
        ];
        for model in models {
            let one = model.simulate_one(age, holdout, seed, 5);
            let seen = one.activity;
            let again = customer_value::metrics::lifetime::Activity::new(
                seen.repeat_purchases(), seen.active_span(), seen.age());
            prop_assert_eq!(again.ok(), Some(seen));
            prop_assert!(one.times.is_sorted());
            prop_assert_eq!(one.history().len() + one.holdout().len(), one.times.len());
            prop_assert!(one.holdout().iter().all(|t| *t > seen.age()));
        }
        for amount in GammaGamma::new(p1, p2, p3).unwrap().simulate_one(3, seed, 1) {
            prop_assert!((1e-12..=1e19).contains(&amount));
        }
    }
}
