//! Static covariates on purchases, dropout and spend.

mod lifetime_reference;

use customer_value::metrics::lifetime::{
    Activities, Activity, Covariate, CovariateActivities, CovariateModel, CovariateSpends, Effect,
    Method, ModelKind, Nbd, Outcome, PurchaseModel, Spend, Spends, TimeUnit,
};
use lifetime_reference::{bought, gamma};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution, Exp1};

/// Two covariates: `app` is 0 or 1, `age` a whole number about 40.
fn covariates(random: &mut StdRng) -> Vec<f64> {
    vec![
        f64::from(random.random_range(0..2)),
        f64::from(random.random_range(30..51)),
    ]
}

/// Customers whose rate grows with `app` by e^0.6 and falls with `age` by e^-0.03 a year, and who leave sooner with `app`: by
/// e^0.5 in Pareto/NBD, by a larger a in the others.
fn customer(kind: ModelKind, z: &[f64], random: &mut StdRng) -> Activity {
    let (app, older) = (z[0], z[1] - 40.0);
    let alpha = 6.0 * (-(0.6 * app - 0.03 * older)).exp();
    let (rate, age) = (gamma(0.9, alpha, random), random.random_range(40.0..80.0));
    let (mut leave, mut life) = (0.0, age);
    if kind == ModelKind::ParetoNbd {
        let gap: f64 = Exp1.sample(random);
        life = gap / gamma(0.8, 12.0 * (-0.5 * app).exp(), random);
    } else {
        leave = Beta::new(0.8 * (0.5 * app).exp(), 2.5)
            .unwrap()
            .sample(random);
    }
    if kind == ModelKind::MbgNbd && random.random::<f64>() < leave {
        return Activity::new(0, 0.0, age).unwrap();
    }
    bought(rate, life, age, random, |random| {
        random.random::<f64>() < leave
    })
}

fn simulated(kind: ModelKind, n: usize) -> Vec<(Activity, Vec<f64>)> {
    let mut random = StdRng::seed_from_u64(11);
    (0..n)
        .map(|_| {
            let z = covariates(&mut random);
            (customer(kind, &z, &mut random), z)
        })
        .collect()
}

fn data(customers: Vec<(Activity, Vec<f64>)>) -> CovariateActivities {
    CovariateActivities::new(["app", "age"], customers, TimeUnit::Week).unwrap()
}

#[test]
fn effects_are_found_again() {
    for kind in [ModelKind::BgNbd, ModelKind::MbgNbd, ModelKind::ParetoNbd] {
        let data = data(simulated(kind, 6000));
        let fitted = data
            .fit(kind, &["app", "age"], &["app"], Method::MaximumLikelihood)
            .unwrap();
        assert_eq!(fitted.outcome, Outcome::Converged, "{kind:?}");
        let dropout = if kind == ModelKind::ParetoNbd {
            "beta:app"
        } else {
            "a:app"
        };
        for (name, truth) in [("alpha:app", 0.6), ("alpha:age", -0.03), (dropout, 0.5)] {
            let found = fitted
                .estimates
                .iter()
                .find(|one| one.name == name)
                .unwrap();
            let errors = (found.value - truth) / found.standard_error.unwrap();
            assert!(errors.abs() < 3.0, "{kind:?} {found:?} {truth}");
            assert!(found.standard_error.unwrap() < 0.4, "{kind:?} {found:?}");
        }
        // The model of one customer is an ordinary one, and its likelihood adds up.
        let model = fitted.model.unwrap();
        let sum: f64 = simulated(kind, 6000)
            .iter()
            .map(|(one, z)| model.at(z).unwrap().log_likelihood(one))
            .sum();
        assert!(
            (sum / fitted.log_likelihood.unwrap() - 1.0).abs() < 1e-9,
            "{kind:?}"
        );
        // At the top no effect can be moved to any good.
        for k in 0..model.effects().len() {
            for by in [-1e-3, 1e-3] {
                let mut effects = model.effects().to_vec();
                effects[k].coefficient += by;
                let covariates = model.covariates().to_vec();
                let moved = customer_value::metrics::lifetime::CovariateModel::new(
                    *model.base(),
                    covariates,
                    effects,
                )
                .unwrap();
                let there: f64 = simulated(kind, 6000)
                    .iter()
                    .map(|(one, z)| moved.at(z).unwrap().log_likelihood(one))
                    .sum();
                assert!(there < sum, "{kind:?} {k} {by}");
            }
        }
    }
}

#[test]
fn without_covariates_it_is_the_plain_fit() {
    let customers = simulated(ModelKind::BgNbd, 1000);
    let plain = Activities::new(customers.iter().map(|(one, _)| *one), TimeUnit::Week);
    for kind in ModelKind::CONTINUOUS {
        for method in [Method::MaximumLikelihood, Method::Map] {
            let expected = plain.fit(kind, method);
            let found = data(customers.clone()).fit(kind, &[], &[], method).unwrap();
            assert_eq!(found.outcome, expected.outcome);
            for (a, b) in found.estimates.iter().zip(&expected.estimates) {
                assert!(
                    (a.value / b.value - 1.0).abs() < 1e-6,
                    "{kind:?} {a:?} {b:?}"
                );
            }
            let off = found.log_likelihood.unwrap() - expected.log_likelihood.unwrap();
            assert!(off.abs() < 1e-6, "{kind:?} {off}");
            let one = found.model.unwrap().at(&[1.0, 35.0]).unwrap();
            assert_eq!(one.named_parameters().len(), expected.estimates.len());
        }
    }
}

#[test]
fn spend_grows_with_a_covariate() {
    let mut random = StdRng::seed_from_u64(5);
    let customers: Vec<(Spend, Vec<f64>)> = (0..4000)
        .map(|_| {
            let z = covariates(&mut random);
            let rate = gamma(3.74, 15.44 * (0.3 * z[0]).exp(), &mut random);
            let x = random.random_range(0..6_u32);
            let sum: f64 = (0..x).map(|_| gamma(6.25, rate, &mut random)).sum();
            (
                Spend::new(x, if x == 0 { 0.0 } else { sum / f64::from(x) }).unwrap(),
                z,
            )
        })
        .collect();
    let data = CovariateSpends::new(["app", "age"], customers.clone()).unwrap();
    let fitted = data.fit(&["app"], Method::MaximumLikelihood).unwrap();
    assert_eq!(fitted.outcome, Outcome::Converged);
    let found = fitted
        .estimates
        .iter()
        .find(|one| one.name == "gamma:app")
        .unwrap();
    let errors = (found.value - 0.3) / found.standard_error.unwrap();
    assert!(
        errors.abs() < 3.0 && found.standard_error.unwrap() < 0.05,
        "{found:?}"
    );
    let model = fitted.model.unwrap();
    let mean = |z: f64| model.at(&[z, 40.0]).unwrap().mean().unwrap();
    assert!((mean(1.0) / mean(0.0) / found.value.exp() - 1.0).abs() < 1e-12);
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(
        serde_json::from_str::<customer_value::metrics::lifetime::SpendCovariateModel>(&text)
            .unwrap(),
        model
    );
    // None chosen: the plain fit.
    let plain = Spends::new(customers.iter().map(|(one, _)| *one)).fit(Method::MaximumLikelihood);
    let none = data.fit(&[], Method::MaximumLikelihood).unwrap();
    let off = plain.log_likelihood.unwrap() - none.log_likelihood.unwrap();
    assert!(off.abs() < 1e-6);
}

fn missing(outcome: Outcome) -> String {
    match outcome {
        Outcome::TooLittleData(missing) => missing.join("; "),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_covariates_cannot_tell_is_said() {
    let customers = simulated(ModelKind::BgNbd, 300);
    let with = |extra: &dyn Fn(&[f64]) -> f64| {
        let rows = customers
            .iter()
            .map(|(one, z)| (*one, vec![z[0], extra(z)]));
        CovariateActivities::new(["app", "more"], rows, TimeUnit::Week).unwrap()
    };
    for kind in ModelKind::CONTINUOUS {
        for method in [Method::MaximumLikelihood, Method::Map] {
            let fit = |data: &CovariateActivities| {
                data.fit(kind, &["app", "more"], &[], method)
                    .unwrap()
                    .outcome
            };
            assert!(missing(fit(&with(&|_| 7.0))).contains("`more`"));
            let twice = missing(fit(&with(&|z| 3.0 - 2.0 * z[0])));
            assert!(twice.contains("`app`, `more`"), "{twice}");
        }
    }
    // Nobody with the mark ever bought again: the effect has no bound.
    let apart = customers.iter().map(|(one, z)| {
        let mark = f64::from(u8::from(one.repeat_purchases() == 0 && z[0] == 1.0));
        (*one, vec![mark])
    });
    let apart = CovariateActivities::new(["mark"], apart, TimeUnit::Week).unwrap();
    let fitted = apart
        .fit(ModelKind::Nbd, &["mark"], &[], Method::MaximumLikelihood)
        .unwrap();
    assert!(
        matches!(fitted.outcome, Outcome::Boundary(_)),
        "{:?}",
        fitted.outcome
    );
    let customer = fitted.model.unwrap().at(&[1.0]).unwrap();
    assert!(customer.expected_purchases_of_new(10.0) < 1e-3);
    let map = apart
        .fit(ModelKind::Nbd, &["mark"], &[], Method::Map)
        .unwrap();
    assert_eq!(map.outcome, Outcome::Converged);
    let nobody = CovariateActivities::new(["app"], [], TimeUnit::Week).unwrap();
    let fitted = nobody
        .fit(ModelKind::BgNbd, &["app"], &[], Method::Map)
        .unwrap();
    assert_eq!(missing(fitted.outcome), "no customer");
}

#[test]
fn misuse_is_an_error() {
    let one = Activity::new(0, 0.0, 1.0).unwrap();
    let new = |names: &[&str], values: Vec<f64>| {
        CovariateActivities::new(names.to_vec(), [(one, values)], TimeUnit::Week)
    };
    assert!(new(&["a", "a"], vec![1.0, 2.0]).unwrap_err().is_misuse());
    assert!(new(&["a"], vec![]).unwrap_err().is_misuse());
    assert!(new(&["a"], vec![f64::NAN]).unwrap_err().is_range());
    let data = new(&["a"], vec![1.0]).unwrap();
    let fit = |kind, dropout: &[&str]| data.fit(kind, &["a"], dropout, Method::Map);
    assert!(fit(ModelKind::BgBb, &[]).unwrap_err().is_misuse());
    assert!(fit(ModelKind::Nbd, &["a"]).unwrap_err().is_misuse());
    assert!(fit(ModelKind::BgNbd, &["b"]).unwrap_err().is_misuse());

    // Nothing that would count twice.
    let base = PurchaseModel::new(Nbd { r: 1.0, alpha: 1.0 }, TimeUnit::Week).unwrap();
    let app = Covariate {
        name: "app".to_owned(),
        mean: 0.5,
    };
    let effect = Effect {
        covariate: "app".to_owned(),
        parameter: "alpha".to_owned(),
        coefficient: 1.0,
    };
    let model = |covariates: usize, effects: usize| {
        let covariates = vec![app.clone(); covariates];
        CovariateModel::new(base, covariates, vec![effect.clone(); effects])
    };
    assert!(model(1, 1).is_ok());
    assert!(model(2, 1).unwrap_err().is_misuse());
    assert!(model(1, 2).unwrap_err().is_misuse());
}

#[test]
fn wild_covariates_end_in_an_outcome() {
    for set in 0..12 {
        let mut random = StdRng::seed_from_u64(set);
        let customers: Vec<(Activity, Vec<f64>)> = simulated(ModelKind::BgNbd, 20)
            .into_iter()
            .map(|(one, _)| {
                let size = 10.0_f64.powf(random.random_range(-300.0..300.0));
                (
                    one,
                    vec![
                        random.random_range(-1.0..1.0) * size,
                        f64::from(random.random_range(0..2)),
                    ],
                )
            })
            .collect();
        let data = data(customers.clone());
        for kind in ModelKind::CONTINUOUS {
            let dropout: &[&str] = if kind == ModelKind::Nbd {
                &[]
            } else {
                &["age"]
            };
            let fitted = data
                .fit(kind, &["app", "age"], dropout, Method::MaximumLikelihood)
                .unwrap();
            if let Some(model) = &fitted.model {
                assert!(fitted.log_likelihood.unwrap().is_finite());
                for (one, z) in &customers {
                    assert!(
                        model.at(z).unwrap().p_alive(one).is_finite(),
                        "{set} {kind:?}"
                    );
                }
            }
        }
    }
}
