//! Fits against the reference numbers in `lifetime_reference/README.md`.

use std::collections::BTreeMap;

use customer_value::metrics::lifetime::{
    Activities, Activity, BgNbd, Fitted, Method, ModelKind, Nbd, Outcome, PurchaseModel, Renewals,
    Spend, Spends, Subscriber, TimeUnit,
};
use customer_value::model::Day;
use lifetime_reference::weeks;

mod lifetime_reference;

const SAMPLE: &str = include_str!("../examples/data/cdnow_sample.csv");
const MASTER: &str = include_str!("lifetime_reference/cdnow_master.csv");
const MASTER_SPEND: &str = include_str!("lifetime_reference/cdnow_master_spend.csv");
const DONATIONS: &str = include_str!("lifetime_reference/donations.csv");

/// The lines after the heading, as numbers.
fn rows<const N: usize>(text: &str) -> Vec<[f64; N]> {
    let row = |line: &str| {
        let mut fields = line.split(',').map(|field| field.parse().unwrap());
        std::array::from_fn(|_| fields.next().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

fn master(unit: TimeUnit) -> Activities {
    let kinds = rows::<4>(MASTER).into_iter().map(|[x, t_x, age, weight]| {
        let activity = Activity::new(x as u32, t_x / unit.days(), age / unit.days()).unwrap();
        (activity, weight as u64)
    });
    Activities::weighted(kinds, unit)
}

fn master_spend() -> Spends {
    let kinds = rows::<3>(MASTER_SPEND)
        .into_iter()
        .map(|[x, cents, weight]| {
            (
                Spend::new(x as u32, cents / 100.0 / x).unwrap(),
                weight as u64,
            )
        });
    Spends::weighted(kinds)
}

fn donations() -> Activities {
    let kinds = rows::<4>(DONATIONS)
        .into_iter()
        .map(|[x, t_x, n, weight]| (Activity::new(x as u32, t_x, n).unwrap(), weight as u64));
    Activities::weighted(kinds, TimeUnit::Year)
}

/// Days with a purchase up to 1997-09-30, with the cents of each, by customer.
fn sample_days() -> BTreeMap<String, BTreeMap<Day, i64>> {
    let end: Day = "1997-09-30".parse().unwrap();
    let mut customers: BTreeMap<String, BTreeMap<Day, i64>> = BTreeMap::new();
    for line in SAMPLE.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let day: Day = f[1].parse().unwrap();
        if day <= end {
            let cents = (f[2].parse::<f64>().unwrap() * 100.0).round() as i64;
            *customers
                .entry(f[0].to_owned())
                .or_default()
                .entry(day)
                .or_default() += cents;
        }
    }
    customers
}

fn sample(unit: TimeUnit) -> Activities {
    let end: Day = "1997-09-30".parse().unwrap();
    let customers = sample_days().into_values().map(|days| {
        let (first, last) = (*days.keys().next().unwrap(), *days.keys().last().unwrap());
        Activity::new(
            days.len() as u32 - 1,
            unit.of(last - first),
            unit.of(end - first),
        )
        .unwrap()
    });
    Activities::new(customers, unit)
}

fn sample_spend() -> Spends {
    let customers = sample_days().into_values().map(|days| {
        let amounts: Vec<i64> = days
            .into_values()
            .skip(1)
            .filter(|cents| *cents > 0)
            .collect();
        let n = amounts.len() as f64;
        Spend::new(
            amounts.len() as u32,
            amounts.iter().sum::<i64>() as f64 / 100.0 / n.max(1.0),
        )
        .unwrap()
    });
    Spends::new(customers)
}

fn values<M>(fitted: &Fitted<M>) -> Vec<f64> {
    fitted.estimates.iter().map(|one| one.value).collect()
}

/// Parameters to the digits of the table (which are those of other programs, and stop a little before the top), LL no lower
/// than there.
fn check<M>(name: &str, fitted: &Fitted<M>, parameters: &[f64], ll: f64) {
    assert_eq!(fitted.outcome, Outcome::Converged, "{name}");
    let found = values(fitted);
    let log_likelihood = fitted.log_likelihood.unwrap();
    assert!(log_likelihood >= ll - 1e-6, "{name}: {log_likelihood} {ll}");
    assert!(log_likelihood <= ll + 1e-5, "{name}: {log_likelihood} {ll}");
    for (value, expected) in found.iter().zip(parameters) {
        let off = (value / expected - 1.0).abs();
        assert!(off < 1e-5, "{name}: {found:?} {parameters:?}");
    }
    let k = parameters.len() as f64;
    assert_eq!(fitted.aic, Some(2.0 * k - 2.0 * log_likelihood));
}

fn fit(
    data: &Activities,
    kind: ModelKind,
) -> Fitted<customer_value::metrics::lifetime::PurchaseModel> {
    data.fit(kind, Method::MaximumLikelihood)
}

#[test]
fn the_sample() {
    let data = sample(TimeUnit::Week);
    assert_eq!(data.customers(), 2357);
    let bg = fit(&data, ModelKind::BgNbd);
    check(
        "BG/NBD",
        &bg,
        &[0.242595, 4.413602, 0.792921, 2.425899],
        -9582.429207,
    );
    check_errors(&bg, &[0.012557, 0.378224, 0.185733, 0.705410]);
    let mbg = fit(&data, ModelKind::MbgNbd);
    check(
        "MBG/NBD",
        &mbg,
        &[0.524843, 6.183082, 0.891360, 1.614003],
        -9582.135716,
    );
    check_errors(&mbg, &[0.083268, 0.695620, 0.154790, 0.537495]);
    let pareto = fit(&data, ModelKind::ParetoNbd);
    check(
        "Pareto/NBD",
        &pareto,
        &[0.553277, 10.57768, 0.606240, 11.66873],
        -9594.976179,
    );
    check_errors(&pareto, &[0.0476, 0.8427, 0.1873, 6.21]);
    let nbd = fit(&data, ModelKind::Nbd);
    check("NBD", &nbd, &[0.384766, 12.072014], -9763.657615);
    let spend = sample_spend();
    assert_eq!(spend.customers(), 946);
    let gamma = spend.fit(Method::MaximumLikelihood);
    check(
        "Gamma-Gamma",
        &gamma,
        &[6.24957, 3.74422, 15.44352],
        -4055.917695,
    );
}

fn check_errors<M>(fitted: &Fitted<M>, expected: &[f64]) {
    for (estimate, expected) in fitted.estimates.iter().zip(expected) {
        let found = estimate.standard_error.unwrap();
        assert!(
            (found / expected - 1.0).abs() < 0.01,
            "{estimate:?} {expected}"
        );
        let (low, high) = estimate.interval.unwrap();
        // 1.96 standard errors of the log on either side.
        let reach = (1.959_964 * found / estimate.value).exp();
        assert!(
            (estimate.value / low / reach - 1.0).abs() < 1e-6,
            "{estimate:?}"
        );
        assert!(
            (high / estimate.value / reach - 1.0).abs() < 1e-6,
            "{estimate:?}"
        );
    }
    for (i, row) in fitted.covariance.iter().enumerate() {
        let error = fitted.estimates[i].standard_error.unwrap();
        assert!((row[i].sqrt() / error - 1.0).abs() < 1e-12);
    }
}

/// The matrix undoes the curvature of the log-likelihood at the top, found here by differences in the parameters themselves.
#[test]
fn the_covariance_is_the_inverse_of_the_curvature() {
    let data = sample(TimeUnit::Week);
    for kind in [ModelKind::BgNbd, ModelKind::Nbd] {
        let fitted = fit(&data, kind);
        let errors: Vec<f64> = (fitted.estimates.iter())
            .map(|one| one.standard_error.unwrap())
            .collect();
        let n = errors.len();
        // Moved by so many hundredths of the standard errors.
        let at = |moves: &[(usize, f64)]| -> f64 {
            let mut p = values(&fitted);
            for (i, by) in moves {
                p[*i] += 0.01 * by * errors[*i];
            }
            let model = match kind {
                ModelKind::Nbd => weeks(Nbd {
                    r: p[0],
                    alpha: p[1],
                }),
                _ => weeks(BgNbd {
                    r: p[0],
                    alpha: p[1],
                    a: p[2],
                    b: p[3],
                }),
            };
            data.iter()
                .map(|(one, n)| n as f64 * model.log_likelihood(&one))
                .sum()
        };
        let curvature = |i: usize, j: usize| {
            let four = at(&[(i, 1.0), (j, 1.0)]) + at(&[(i, -1.0), (j, -1.0)])
                - at(&[(i, 1.0), (j, -1.0)])
                - at(&[(i, -1.0), (j, 1.0)]);
            -four / (4.0 * 1e-4 * errors[i] * errors[j])
        };
        for i in 0..n {
            for j in 0..n {
                let one: f64 = (0..n)
                    .map(|k| fitted.covariance[i][k] * curvature(k, j))
                    .sum();
                let off = (one - f64::from(u8::from(i == j))) * errors[j] / errors[i];
                assert!(off.abs() < 0.01, "{kind:?} {i} {j}: {off}");
            }
        }
    }
}

#[test]
fn the_master() {
    let data = master(TimeUnit::Week);
    assert_eq!(data.customers(), 23_570);
    let bg = fit(&data, ModelKind::BgNbd);
    check(
        "BG/NBD",
        &bg,
        &[0.251624, 4.788945, 0.723433, 2.161087],
        -95368.443933,
    );
    let mbg = fit(&data, ModelKind::MbgNbd);
    check(
        "MBG/NBD",
        &mbg,
        &[0.637140, 7.310290, 0.807474, 1.228394],
        -95336.958320,
    );
    let pareto = fit(&data, ModelKind::ParetoNbd);
    check(
        "Pareto/NBD",
        &pareto,
        &[0.597420, 11.585658, 0.522186, 8.827759],
        -95415.118617,
    );
    let gamma = master_spend().fit(Method::MaximumLikelihood);
    check(
        "Gamma-Gamma",
        &gamma,
        &[6.275359, 3.624450, 14.983689],
        -40763.476261,
    );
}

#[test]
fn the_donations() {
    let data = donations();
    assert_eq!(data.customers(), 11_104);
    let fitted = fit(&data, ModelKind::BgBb);
    let expected = [1.203522, 0.749716, 0.656718, 2.783442];
    check("BG/BB", &fitted, &expected, -33225.581274);
}

/// Survival of the two segments in percent, with how many years; what Fader & Hardie print for seven.
#[test]
fn the_segments() {
    let table: serde_json::Value =
        serde_json::from_str(include_str!("lifetime_reference/sbg.json")).unwrap();
    let survival = rows::<3>(include_str!("lifetime_reference/sbg_survival.csv"));
    for (segment, column) in [("regular_pct", 1), ("highend_pct", 2)] {
        for years in 4..=7 {
            let name = format!("{segment} years={years}");
            let of = |field: &str| table[&name][field].as_f64().unwrap();
            let counts: Vec<u64> = survival[..=years]
                .iter()
                .map(|row| (row[column] * 10.0).round() as u64)
                .collect();
            let fitted = Renewals::from_survival(&counts)
                .unwrap()
                .fit(Method::MaximumLikelihood);
            check(&name, &fitted, &[of("alpha"), of("beta")], of("LL"));
        }
    }
}

#[test]
fn days_weeks_and_months_give_the_same_model() {
    let in_weeks = sample(TimeUnit::Week);
    let purchases: f64 = in_weeks
        .iter()
        .map(|(one, n)| f64::from(one.repeat_purchases()) * n as f64)
        .sum();
    for kind in ModelKind::CONTINUOUS {
        for method in [Method::MaximumLikelihood, Method::Map] {
            let expected = in_weeks.fit(kind, method);
            for unit in [TimeUnit::Day, TimeUnit::Month] {
                let found = sample(unit).fit(kind, method);
                assert_eq!(found.outcome, Outcome::Converged);
                let longer = 7.0 / unit.days();
                for (one, week) in found.estimates.iter().zip(&expected.estimates) {
                    let factor = if ["alpha", "beta"].contains(&one.name.as_str()) {
                        longer
                    } else {
                        1.0
                    };
                    let off = one.value / (week.value * factor) - 1.0;
                    assert!(off.abs() < 1e-6, "{kind:?} {unit} {one:?} {week:?}");
                    let errors =
                        one.standard_error.unwrap() / (week.standard_error.unwrap() * factor);
                    assert!(
                        (errors - 1.0).abs() < 1e-4,
                        "{kind:?} {unit} {one:?} {week:?}"
                    );
                }
                let shifted = expected.log_likelihood.unwrap() - purchases * longer.ln();
                let off = found.log_likelihood.unwrap() - shifted;
                assert!(off.abs() < 1e-6, "{kind:?} {unit} {off}");
            }
        }
    }
}

#[test]
fn cents_and_dollars_give_the_same_model() {
    let dollars = sample_spend();
    let cents = Spends::weighted(
        dollars
            .iter()
            .map(|(one, n)| (Spend::new(one.purchases(), one.mean() * 100.0).unwrap(), n)),
    );
    for method in [Method::MaximumLikelihood, Method::Map] {
        let (found, expected) = (values(&cents.fit(method)), values(&dollars.fit(method)));
        for ((one, dollar), factor) in found.iter().zip(&expected).zip([1.0, 1.0, 100.0]) {
            assert!(
                (one / (dollar * factor) - 1.0).abs() < 1e-6,
                "{found:?} {expected:?}"
            );
        }
    }
}

#[test]
fn threads_and_order_change_no_bit() {
    let data = master(TimeUnit::Week);
    let mut turned: Vec<(Activity, u64)> = data.iter().collect();
    turned.reverse();
    let turned = Activities::weighted(turned, TimeUnit::Week);
    let with = |threads: usize, data: &Activities| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| fit(data, ModelKind::BgNbd))
    };
    let one = with(1, &data);
    assert_eq!(one, with(2, &data));
    assert_eq!(one, with(5, &turned));
}

#[test]
fn priors_hold_few_customers_back_and_many_hardly() {
    let data = sample(TimeUnit::Week);
    for kind in ModelKind::CONTINUOUS {
        let (likely, map) = (fit(&data, kind), data.fit(kind, Method::Map));
        for (a, b) in likely.estimates.iter().zip(&map.estimates) {
            let errors = (a.value / b.value).ln().abs() / (a.standard_error.unwrap() / a.value);
            assert!(errors < 0.5, "{kind:?} {a:?} {b:?}");
        }
        // Without the priors it is lower than the most likely.
        assert!(map.log_likelihood < likely.log_likelihood);
    }
    let few = [(0, 0.0), (0, 0.0), (3, 20.0)].map(|(x, t_x)| Activity::new(x, t_x, 39.0).unwrap());
    let few = Activities::new(few, TimeUnit::Week);
    for kind in ModelKind::CONTINUOUS {
        assert_eq!(
            few.fit(kind, Method::Map).outcome,
            Outcome::Converged,
            "{kind:?}"
        );
    }
}

#[test]
fn a_boundary_says_what_it_means() {
    // Everybody bought up to the last week: nobody leaves.
    let loyal =
        (0..40).map(|k| Activity::new(1 + k % 9, 51.0 + f64::from(k % 5) / 5.0, 52.0).unwrap());
    let loyal = Activities::new(loyal, TimeUnit::Week);
    for kind in [ModelKind::BgNbd, ModelKind::ParetoNbd] {
        let fitted = fit(&loyal, kind);
        let Outcome::Boundary(edges) = &fitted.outcome else {
            panic!("{fitted:?}");
        };
        assert!(
            edges
                .iter()
                .any(|edge| edge.meaning.starts_with("no dropout")),
            "{edges:?}"
        );
        // As good as the model without dropout.
        let nbd = fit(&loyal, ModelKind::Nbd).log_likelihood.unwrap();
        assert!(
            (fitted.log_likelihood.unwrap() - nbd).abs() < 1e-3,
            "{fitted:?} {nbd}"
        );
    }
    let same = Activities::new(
        std::iter::repeat_n(Activity::new(3, 45.0, 52.0).unwrap(), 50),
        TimeUnit::Week,
    );
    let fitted = fit(&same, ModelKind::Nbd);
    let Outcome::Boundary(edges) = &fitted.outcome else {
        panic!("{fitted:?}");
    };
    assert_eq!(edges[0].meaning, "all customers buy at the same rate");
    assert_eq!(edges[0].parameters, ["r", "alpha"]);
    let rate = fitted.estimates[0].value / fitted.estimates[1].value;
    assert!((rate / (3.0 / 52.0) - 1.0).abs() < 1e-4, "{fitted:?}");
}

/// Both shapes small: some are at either end, which is not that all are at one.
#[test]
fn a_split_population_is_not_taken_for_one_kind() {
    let meanings = |outcome: Outcome| match outcome {
        Outcome::Boundary(edges) => edges.into_iter().map(|e| e.meaning).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    for left in [10, 500, 990] {
        let contracts = [
            (Subscriber::LeftAfter(0), left),
            (Subscriber::ThereAfter(5), 1000 - left),
        ];
        let fitted = Renewals::weighted(contracts).fit(Method::MaximumLikelihood);
        let survival = fitted.model.unwrap().survival(5);
        assert!((survival - (1.0 - left as f64 / 1000.0)).abs() < 1e-3);
        assert_eq!(
            meanings(fitted.outcome),
            ["a customer either leaves at the end of the first period or stays for ever"]
        );
    }

    let periods = |x: u32| Activity::new(x, x.into(), 6.0).unwrap();
    let donors = [(periods(0), 700), (periods(6), 300)];
    let donors = Activities::weighted(donors, TimeUnit::Year);
    let found = meanings(fit(&donors, ModelKind::BgBb).outcome);
    assert!(
        found.iter().any(|one| one.contains("either leaves")),
        "{found:?}"
    );

    // Half never came back, and half have not been seen to leave: with MBG/NBD they may have left at once.
    let seen = |x, span| Activity::new(x, span, 50.0).unwrap();
    let customers = [(seen(0, 0.0), 500), (seen(10, 50.0), 500)];
    let customers = Activities::weighted(customers, TimeUnit::Week);
    let fitted = fit(&customers, ModelKind::MbgNbd);
    let p_alive = fitted.model.unwrap().p_alive(&seen(0, 0.0));
    assert!(p_alive < 0.01, "{p_alive}");
    let found = meanings(fitted.outcome);
    assert!(
        found
            .iter()
            .any(|one| one == "a customer either leaves after the first purchase or stays for ever"),
        "{found:?}"
    );
}

#[test]
fn too_little_data_says_what_is_missing() {
    let missing = |outcome: Outcome| match outcome {
        Outcome::TooLittleData(missing) => missing,
        other => panic!("{other:?}"),
    };
    let once = Activities::new([Activity::new(0, 0.0, 9.0).unwrap(); 7], TimeUnit::Week);
    assert_eq!(
        missing(fit(&once, ModelKind::BgNbd).outcome),
        ["no repeat purchase of any customer"]
    );
    let now = Activities::new([Activity::new(2, 0.0, 0.0).unwrap(); 7], TimeUnit::Week);
    assert!(missing(fit(&now, ModelKind::ParetoNbd).outcome)[0].starts_with("no time"));
    let stays = Renewals::from_survival(&[100, 100, 100]).unwrap();
    assert_eq!(
        missing(stays.fit(Method::Map).outcome),
        ["no customer who left"]
    );
    let leaves = Renewals::from_survival(&[100, 0]).unwrap();
    let fitted = leaves.fit(Method::MaximumLikelihood);
    assert_eq!(
        missing(fitted.outcome),
        ["no customer who stayed for a renewal"]
    );
}

/// Nobody leaves later, and some at once: that is not "no dropout".
#[test]
fn some_who_leave_at_once_are_dropout() {
    let loyal = PurchaseModel::new(Nbd { r: 5.0, alpha: 5.0 }, TimeUnit::Week).unwrap();
    let stay = loyal.simulate(&[60.0; 3_000], 0.0, 5);
    let once = (0..30).map(|_| Activity::new(0, 0.0, 60.0).unwrap());
    let all = Activities::new(
        stay.iter().map(|one| one.activity).chain(once),
        TimeUnit::Week,
    );
    let fitted = all.fit(ModelKind::MbgNbd, Method::MaximumLikelihood);
    let Outcome::Boundary(edges) = &fitted.outcome else {
        panic!("{fitted}")
    };
    assert!(
        edges
            .iter()
            .any(|edge| edge.meaning.starts_with("a customer either leaves")),
        "{fitted}"
    );
}
