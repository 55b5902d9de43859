//! Effects against published numbers, against scipy and mpmath (tests/data/effect/reference.py), by simulation, and by laws.

use customer_value::model::{Currency, CustomerId};
use customer_value::report::Interval;
use customer_value::report::effect::{
    Arm, Confidence, Difference, EffectTerms, Groups, MeansPlan, Rate, RatesPlan, Scale, assign,
};
use proptest::prelude::*;
use serde_json::Value;

fn reference() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/effect/reference.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn f(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn close(found: f64, wanted: f64, within: f64, what: &dyn std::fmt::Debug) {
    let error = (found - wanted).abs() / wanted.abs().max(1.0);
    assert!(
        error <= within,
        "{what:?}: {found} is not {wanted}: {error:e}"
    );
}

fn terms(confidence: f64) -> EffectTerms {
    EffectTerms::new(Confidence::new(confidence).unwrap(), 2)
}

fn rate(hits: u64, all: u64) -> Rate {
    Rate::new(hits, all).unwrap()
}

/// The difference, and the ends of its interval.
fn ends(found: &Difference) -> [f64; 3] {
    let interval = found.interval.unwrap();
    [found.difference, interval.low, interval.high]
}

/// Pairs of value and value before; all have one before.
fn groups(scale: Scale, treated: &[(i64, i64)], control: &[(i64, i64)]) -> Groups {
    let mut groups = Groups::new(scale);
    let arm = |arm, of: &[(i64, i64)]| -> Vec<_> {
        of.iter().map(|(y, x)| (arm, *y, Some(*x))).collect()
    };
    groups.extend(arm(Arm::Treated, treated));
    groups.extend(arm(Arm::Control, control));
    groups
}

// ---- Published ----

#[test]
fn rates_are_those_of_newcombe() {
    // Newcombe (1998), Statistics in Medicine 17:873, table II, method 10, 95 %.
    for (counts, low, high) in [
        ([56, 70, 48, 80], 0.0524, 0.3339),
        ([9, 10, 3, 10], 0.1705, 0.8090),
        ([6, 7, 2, 7], 0.0582, 0.8062),
        ([5, 56, 0, 29], -0.0381, 0.1926),
        ([0, 10, 0, 20], -0.1611, 0.2775),
        ([0, 10, 0, 10], -0.2775, 0.2775),
        ([10, 10, 0, 20], 0.6791, 1.0),
        ([10, 10, 0, 10], 0.6075, 1.0),
    ] {
        let [x, n, y, m] = counts;
        let found = rate(x, n).difference(rate(y, m), Confidence::default());
        let found = found.interval.unwrap();
        let rounded = |number: f64| (number * 1e4).round() / 1e4;
        assert_eq!(
            (rounded(found.low), rounded(found.high)),
            (low, high),
            "{counts:?}"
        );
    }
}

/// Student's sleep data, hours gained: drug 2, drug 1.
const SLEEP: ([i64; 10], [i64; 10]) = (
    [19, 8, 11, 1, -1, 44, 55, 16, 46, 34],
    [7, -16, -2, -12, -1, 34, 37, 8, 0, 20],
);

#[test]
fn means_are_those_of_students_sleep_data() {
    let terms = terms(0.95);
    let mut sleep = Groups::numbers();
    let hours = |tenths: i64| Some(tenths as f64 / 10.0);
    for (two, one) in SLEEP.0.into_iter().zip(SLEEP.1) {
        sleep.add_number(Arm::Treated, hours(two), hours(one));
        sleep.add_number(Arm::Control, hours(one), hours(one));
    }
    // R, t.test(extra ~ group, data = sleep): -3.3654832 to 0.2054832 for group 1 less group 2.
    let [difference, low, high] = ends(&sleep.difference(terms).unwrap());
    close(difference, 1.58, 1e-12, &"difference");
    close(low, -0.205_483_2, 1e-7, &"low");
    close(high, 3.365_483_2, 1e-7, &"high");
    // R, t.test(Pair(extra.1, extra.2) ~ 1): -2.4598858 to -0.7001142, mean -1.58.
    let paired = sleep.before_after(Arm::Treated, terms).unwrap();
    close(paired.change, 1.58, 1e-12, &"change");
    close(paired.interval.unwrap().low, 0.700_114_2, 1e-7, &"low");
    close(paired.interval.unwrap().high, 2.459_885_8, 1e-7, &"high");
}

#[test]
fn sizes_are_those_of_r() {
    let confidence = Confidence::default();
    // The examples of ?power.t.test and ?power.prop.test.
    let plan = MeansPlan {
        difference: 1.0,
        deviation: 1.0,
        confidence,
    };
    assert_eq!(plan.per_group(0.9), Some(23)); // 22.02110
    close(plan.power(20, 20).unwrap(), 0.868_952_8, 1e-7, &"power");
    let plan = RatesPlan {
        treated: 0.75,
        control: 0.5,
        confidence,
    };
    assert_eq!(plan.per_group(0.9), Some(77)); // 76.7
    close(plan.power(50, 50).unwrap(), 0.740_165_9, 1e-6, &"power");
    // Cohen (1988): d = 0.2, 0.5, 0.8 with a power of 0.8 take 393, 64 and 26.
    for (difference, wanted) in [(0.2, 394), (0.5, 64), (0.8, 26)] {
        let plan = MeansPlan {
            difference,
            deviation: 1.0,
            confidence,
        };
        assert_eq!(plan.per_group(0.8), Some(wanted));
    }
}

// ---- Against another implementation ----

#[test]
fn quantiles_are_those_of_40_digits() {
    // With two customers per group, or as many as it takes, the interval is the quantile times the standard error.
    let reference = reference();
    let all = reference["student"].as_array().unwrap();
    let mut seen = 0;
    for row in all {
        let (df, c) = (f(&row[0]), f(&row[1]));
        // One group whose mean change has a standard error that is known.
        let n = df as i64 + 1;
        let mut paired = Groups::numbers();
        for i in 0..n {
            // ±1, so that the squares add up to n or n − 1.
            let change = if n % 2 == 1 && i == 0 {
                0
            } else if i % 2 == 0 {
                1
            } else {
                -1
            };
            paired.add(Arm::Treated, change * 1_000_000, Some(0));
        }
        let found = paired.before_after(Arm::Treated, terms(c)).unwrap();
        let squares = (n - n % 2) as f64;
        let error = (squares / df / n as f64).sqrt();
        close(found.interval.unwrap().high / error, f(&row[2]), 1e-10, row);
        seen += 1;
    }
    assert_eq!(seen, 45);
    for row in reference["normal"].as_array().unwrap() {
        // Wilson's interval of nobody ends at z² ÷ (n + z²).
        let high = Interval::wilson_at(0, 10, Confidence::new(f(&row[0])).unwrap())
            .unwrap()
            .high;
        close((10.0 * high / (1.0 - high)).sqrt(), f(&row[1]), 1e-12, row);
    }
}

#[test]
fn samples_are_what_scipy_says() {
    for sample in reference()["samples"].as_array().unwrap() {
        let pairs = |arm: &str| -> Vec<(i64, i64)> {
            let rows = sample[arm].as_array().unwrap().iter();
            rows.map(|row| (row[0].as_i64().unwrap(), row[1].as_i64().unwrap()))
                .collect()
        };
        let scale = Scale::Money(Currency::EUR);
        let groups = groups(scale, &pairs("treated"), &pairs("control"));
        let terms = terms(f(&sample["confidence"]));
        let check = |name: &str, found: [f64; 3]| {
            for (found, wanted) in found.iter().zip(sample[name].as_array().unwrap()) {
                close(found * 100.0, f(wanted), 1e-10, &name);
            }
        };
        check("difference", ends(&groups.difference(terms).unwrap()));
        check(
            "changes",
            ends(&groups.difference_in_differences(terms).unwrap()),
        );
        let change = groups.before_after(Arm::Treated, terms).unwrap();
        let interval = change.interval.unwrap();
        check("before_after", [change.change, interval.low, interval.high]);
        let cuped = groups.cuped(terms).unwrap();
        check("cuped", ends(&cuped.difference));
        close(cuped.theta, f(&sample["theta"]), 1e-11, &"theta");
        close(
            cuped.variance_reduction,
            f(&sample["reduction"]),
            1e-11,
            &"reduction",
        );
        let apart = cuped.difference.treated - cuped.difference.control;
        close(apart, cuped.difference.difference, 1e-11, &"adjusted means");
    }
}

#[test]
fn rates_are_what_the_definitions_give() {
    for row in reference()["rates"].as_array().unwrap() {
        let counts: Vec<u64> = row["counts"]
            .as_array()
            .unwrap()
            .iter()
            .map(whole)
            .collect();
        let (treated, control) = (rate(counts[0], counts[1]), rate(counts[2], counts[3]));
        let confidence = Confidence::new(f(&row["confidence"])).unwrap();
        let found = treated.difference(control, confidence).interval.unwrap();
        close(found.low, f(&row["low"]), 1e-10, row);
        close(found.high, f(&row["high"]), 1e-10, row);
        match (treated.uplift(control, confidence), row.get("uplift_low")) {
            (Some(found), Some(low)) => {
                close(found.interval.low, f(low), 1e-9, row);
                close(found.interval.high, f(&row["uplift_high"]), 1e-9, row);
            }
            (found, low) => assert_eq!((found, low), (None, None)),
        }
    }
}

#[test]
fn powers_are_what_scipy_says() {
    let reference = reference();
    for row in reference["means_power"].as_array().unwrap() {
        let confidence = Confidence::new(f(&row[3])).unwrap();
        let plan = MeansPlan {
            difference: -2.0 * f(&row[2]),
            deviation: 2.0,
            confidence,
        };
        let found = plan.power(whole(&row[0]), whole(&row[1])).unwrap();
        close(found, f(&row[4]), 1e-9, row);
    }
    for row in reference["rates_power"].as_array().unwrap() {
        let confidence = Confidence::new(f(&row[4])).unwrap();
        let plan = RatesPlan {
            treated: f(&row[0]),
            control: f(&row[1]),
            confidence,
        };
        let found = plan.power(whole(&row[2]), whole(&row[3])).unwrap();
        close(found, f(&row[5]), 1e-10, row);
    }
}

// ---- Assignment ----

#[test]
fn assignment_is_the_algorithm_of_the_page() {
    for row in reference()["positions"].as_array().unwrap() {
        let id = CustomerId::text(row[1].as_str().unwrap()).unwrap();
        let (name, position) = (row[0].as_str().unwrap(), whole(&row[2]));
        let at = |n: u64| n as f64 / (1_u64 << 53) as f64;
        assert_eq!(assign(&id, name, at(position)), Arm::Treated, "{row}");
        assert_eq!(assign(&id, name, at(position + 1)), Arm::Control, "{row}");
    }
}

/// Pearson's statistic of counts against equal ones.
fn chi_square(counts: &[f64]) -> f64 {
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    counts.iter().map(|n| (n - mean).powi(2) / mean).sum()
}

#[test]
fn assignment_is_uniform_and_independent() {
    const IDS: u64 = 100_000;
    let is_control =
        |id: &CustomerId, name: &str, share: f64| assign(id, name, share) == Arm::Control;
    for text in [false, true] {
        let mut cells = [0.0; 20];
        let mut both = [0.0; 4];
        let mut control = 0.0;
        for n in 0..IDS {
            let id = match text {
                false => CustomerId::from(n),
                true => CustomerId::text(&format!("C-{n:06}")).unwrap(),
            };
            let below = (1..20)
                .filter(|i| !is_control(&id, "call", f64::from(*i) / 20.0))
                .count();
            cells[below] += 1.0;
            let first = usize::from(is_control(&id, "call", 0.5));
            let second = usize::from(is_control(&id, "call 2", 0.5));
            both[2 * first + second] += 1.0;
            control += f64::from(u8::from(is_control(&id, "mail", 0.2)));
        }
        // The 99.9 % points of chi-square with 19 and 3 degrees of freedom.
        assert!(chi_square(&cells) < 43.82, "{cells:?}");
        assert!(chi_square(&both) < 16.27, "{both:?}");
        // Within 3.3 standard errors of a fifth.
        assert!((control / IDS as f64 - 0.2_f64).abs() < 3.3 * (0.16_f64 / IDS as f64).sqrt());
    }
}

// ---- What is missing, and what is large ----

#[test]
fn too_little_data_is_an_answer() {
    let few = groups(Scale::Number, &[(1, 1), (2, 1), (4, 9)], &[(3, 2), (5, 5)]);
    for n in [0, 1, 2] {
        let terms = EffectTerms::new(Confidence::default(), n);
        assert!(few.difference(terms).is_some() && few.cuped(terms).is_some());
    }
    let terms3 = EffectTerms::new(Confidence::default(), 3);
    assert_eq!(few.difference(terms3), None);
    assert_eq!(few.difference_in_differences(terms3), None);
    assert_eq!(few.cuped(terms3), None);
    assert_eq!(few.before_after(Arm::Control, terms3), None);
    assert!(few.before_after(Arm::Treated, terms3).is_some());
    // Only those with a value before count where it is needed.
    let mut more = few;
    more.add(Arm::Control, 9, None);
    assert!(more.difference(terms3).is_some());
    assert_eq!(more.cuped(terms3), None);
    assert_eq!(
        (more.customers(Arm::Control), more.with_before(Arm::Control)),
        (3, 2)
    );
    // Rates of too few, and ratios to nobody.
    assert_eq!((Rate::new(0, 0), Rate::new(3, 2)), (None, None));
    assert_eq!(rate(1, 2).uplift(rate(0, 9), Confidence::default()), None);
    let mut bought = Groups::yes_no();
    bought.extend([
        (Arm::Treated, 1, None),
        (Arm::Control, 1, None),
        (Arm::Control, 0, None),
    ]);
    assert_eq!(
        (bought.uplift(terms(0.9)), bought.difference(terms(0.9))),
        (None, None)
    );
    bought.add(Arm::Treated, 1, None);
    assert_eq!(bought.uplift(terms(0.9)).unwrap().uplift, 1.0);
    assert_eq!(few.uplift(terms(0.9)), None);
}

#[test]
fn what_is_no_value_is_not_known() {
    let mut numbers = Groups::numbers();
    for wrong in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e13, -1e300] {
        numbers.add_number(Arm::Treated, Some(wrong), Some(1.0));
        numbers.add_number(Arm::Control, Some(1.0), Some(wrong));
    }
    assert_eq!(
        (
            numbers.customers(Arm::Treated),
            numbers.unknown(Arm::Treated)
        ),
        (0, 5)
    );
    assert_eq!(
        (
            numbers.customers(Arm::Control),
            numbers.with_before(Arm::Control)
        ),
        (5, 0)
    );
    let mut flags = Groups::yes_no();
    flags.add(Arm::Treated, 2, Some(1));
    flags.add(Arm::Treated, 1, Some(-1));
    flags.add_number(Arm::Treated, Some(0.5), None);
    assert_eq!(
        (flags.customers(Arm::Treated), flags.unknown(Arm::Treated)),
        (1, 2)
    );
    assert_eq!(flags.with_before(Arm::Treated), 0);
}

#[test]
fn constant_values_have_no_interval() {
    let same = groups(Scale::Number, &[(5, 5), (5, 5)], &[(3, 3), (3, 3)]);
    let found = same.difference(terms(0.95)).unwrap();
    assert_eq!((found.interval, found.is_likely()), (None, None));
    let cuped = same.cuped(terms(0.95)).unwrap();
    assert_eq!((cuped.theta, cuped.variance_reduction), (0.0, 0.0));
    assert_eq!(cuped.difference, found);
    assert_eq!(
        same.before_after(Arm::Treated, terms(0.95))
            .unwrap()
            .interval,
        None
    );
    // Rates have one all the same.
    let same = groups(Scale::YesNo, &[(1, 0), (1, 0)], &[(0, 0), (0, 0)]);
    assert!(same.difference(terms(0.95)).unwrap().interval.is_some());
}

#[test]
fn large_values_that_differ_little_keep_their_difference() {
    // The squares have 126 bits, the variance is 1: nothing may be lost, nor wrap.
    let top = i64::MAX;
    let values = [
        (top, i64::MIN),
        (top - 1, i64::MIN + 1),
        (top - 2, i64::MIN + 2),
    ];
    let lower: Vec<(i64, i64)> = values.iter().map(|(y, x)| (y - 10, *x)).collect();
    let found = groups(Scale::Money(Currency::JPY), &values, &lower);
    let [difference, low, high] = ends(&found.difference(terms(0.95)).unwrap());
    assert_eq!(difference, 10.0);
    // Welch of two groups of variance 1: t(4) · √(2/3).
    let half = 2.776_445_105 * (2.0_f64 / 3.0).sqrt();
    close(low, 10.0 - half, 1e-9, &"low");
    close(high, 10.0 + half, 1e-9, &"high");
    assert_eq!(found.cuped(terms(0.95)).unwrap().theta, -1.0);
    assert_eq!(
        ends(&found.difference_in_differences(terms(0.95)).unwrap())[0],
        10.0
    );
}

#[test]
fn plans_that_make_no_sense_have_no_answer() {
    let confidence = Confidence::default();
    let plan = |difference, deviation| MeansPlan {
        difference,
        deviation,
        confidence,
    };
    for (difference, deviation) in [
        (1.0, 0.0),
        (1.0, -1.0),
        (f64::NAN, 1.0),
        (1.0, f64::NAN),
        (1e300, 1e-300),
    ] {
        assert_eq!(plan(difference, deviation).power(9, 9), None);
        assert_eq!(plan(difference, deviation).per_group(0.8), None);
    }
    assert_eq!(plan(1.0, 1.0).power(0, 9), None);
    assert_eq!(plan(1.0, 1.0).power(1, 1), None);
    assert_eq!(plan(0.0, 1.0).per_group(0.8), None);
    assert_eq!(plan(1e-12, 1.0).per_group(0.8), None);
    assert!(plan(1e-6, 1.0).per_group(0.8).unwrap() > 10_u64.pow(13));
    assert_eq!(plan(1.0, 1.0).per_group(1.0), None);
    assert_eq!(plan(1.0, 1.0).per_group(f64::NAN), None);
    let rates = |treated, control| RatesPlan {
        treated,
        control,
        confidence,
    };
    assert_eq!(rates(0.5, 1.2).power(9, 9), None);
    assert_eq!(rates(0.0, 0.0).power(9, 9), None);
    assert_eq!(rates(0.5, 0.5).per_group(0.8), None);
    assert_eq!(rates(1.0, 0.0).power(9, 9), Some(1.0));
    for share in [0.79, 0.9991, 95.0, f64::NAN] {
        assert!(Confidence::new(share).unwrap_err().is_range());
        assert!(serde_json::from_value::<Confidence>(share.into()).is_err());
    }
}

// ---- Coverage ----

/// Numbers that look like chance, the same each time (xorshift64*).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.next()).ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos()
    }
}

/// In which share of `runs` an interval covers the truth.
fn coverage(runs: u32, truth: f64, mut interval: impl FnMut() -> Interval) -> f64 {
    let hits = (0..runs).filter(|_| interval().contains(truth)).count();
    hits as f64 / f64::from(runs)
}

#[test]
fn intervals_cover_as_often_as_they_say() {
    const RUNS: u32 = 4000;
    for confidence in [0.8, 0.95] {
        // Three and a half standard errors of the simulation.
        let near = 3.5 * (confidence * (1.0 - confidence) / f64::from(RUNS)).sqrt();
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
        let mut samples = |n: usize, m: usize| {
            let mut groups = Groups::numbers();
            for (arm, count, lift, spread) in
                [(Arm::Treated, n, 1.5, 1.0), (Arm::Control, m, 0.0, 3.0)]
            {
                for _ in 0..count {
                    let before = 10.0 + 2.0 * chance.normal();
                    let value = 5.0 + lift + 0.7 * before + spread * chance.normal();
                    groups.add_number(arm, Some(value), Some(before));
                }
            }
            groups
        };
        let terms = terms(confidence);
        let plain = coverage(RUNS, 1.5, || {
            samples(8, 14).difference(terms).unwrap().interval.unwrap()
        });
        assert!((plain - confidence).abs() < near + 0.005, "Welch: {plain}");
        let changes = coverage(RUNS, 1.5, || {
            samples(8, 14)
                .difference_in_differences(terms)
                .unwrap()
                .interval
                .unwrap()
        });
        assert!(
            (changes - confidence).abs() < near + 0.005,
            "changes: {changes}"
        );
        // θ is estimated, which the interval does not know: some dozens are enough.
        let mut reduction = 0.0;
        let cuped = coverage(RUNS / 2, 1.5, || {
            let found = samples(60, 60).cuped(terms).unwrap();
            reduction += found.variance_reduction / f64::from(RUNS / 2);
            found.difference.interval.unwrap()
        });
        assert!(
            (cuped - confidence).abs() < near * 1.5 + 0.01,
            "CUPED: {cuped}"
        );
        // 0.7² · 4 = 1.96 of the variance is explained, of 2.96 and of 10.96: 3.92 of 13.92.
        close(reduction, 3.92 / 13.92, 0.02, &"reduction");

        let mut hits = |p: f64, n: u64| (0..n).filter(|_| chance.next() < p).count() as u64;
        // Of rates the coverage goes up and down with the counts, around what is said.
        let apart = coverage(RUNS, 0.1, || {
            let (treated, control) = (rate(hits(0.3, 50), 50), rate(hits(0.2, 70), 70));
            treated
                .difference(control, terms.confidence)
                .interval
                .unwrap()
        });
        assert!(
            (apart - confidence).abs() < near + 0.015,
            "Newcombe: {apart}"
        );
        let uplift = coverage(RUNS, 0.5, || {
            let (treated, control) = (rate(hits(0.3, 50), 50), rate(hits(0.2, 70).max(1), 70));
            treated.uplift(control, terms.confidence).unwrap().interval
        });
        assert!(
            (uplift - confidence).abs() < near + 0.015,
            "Koopman: {uplift}"
        );
    }
}

// ---- Laws ----

type Customer = (bool, i64, Option<i64>);

fn customers(most: usize) -> impl Strategy<Value = Vec<Customer>> {
    let value = prop_oneof![-50_i64..50, -1_000_000_i64..1_000_000, any::<i64>()];
    let before = proptest::option::weighted(0.8, value.clone());
    prop::collection::vec((any::<bool>(), value, before), 0..most)
}

fn added(customers: &[Customer]) -> Groups {
    let mut groups = Groups::money(Currency::EUR);
    groups.extend(customers.iter().map(|(treated, value, before)| {
        (
            if *treated { Arm::Treated } else { Arm::Control },
            *value,
            *before,
        )
    }));
    groups
}

fn differences(groups: &Groups) -> Vec<Difference> {
    let terms = terms(0.9);
    let found = [
        groups.difference(terms),
        groups.difference_in_differences(terms),
        groups.cuped(terms).map(|cuped| cuped.difference),
    ];
    found.into_iter().flatten().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn merged_in_any_order_is_as_added_at_once(all in customers(40), cuts in prop::collection::vec(0_usize..41, 0..4), back in any::<bool>()) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(all.len())).collect();
        cuts.extend([0, all.len()]);
        cuts.sort_unstable();
        let mut parts: Vec<Groups> = cuts.windows(2).map(|w| added(&all[w[0]..w[1]])).collect();
        if back {
            parts.reverse();
        }
        let mut merged = Groups::money(Currency::EUR);
        for part in &parts {
            merged.merge(part).unwrap();
        }
        prop_assert_eq!(merged, added(&all));
        // And through text.
        let text = serde_json::to_string(&merged).unwrap();
        prop_assert_eq!(serde_json::from_str::<Groups>(&text).unwrap(), merged);
        prop_assert!(merged.merge(&Groups::numbers()).unwrap_err().is_misuse());
    }

    #[test]
    fn intervals_are_finite_and_hold_the_estimate(all in customers(30)) {
        for found in differences(&added(&all)) {
            prop_assert!([found.treated, found.control, found.difference].iter().all(|x| x.is_finite()));
            if let Some(interval) = found.interval {
                prop_assert!(interval.low.is_finite() && interval.high.is_finite());
                prop_assert!(interval.contains(found.difference), "{found:?}");
            }
        }
    }

    #[test]
    fn groups_that_change_places_change_the_sign(all in customers(30)) {
        let swapped: Vec<Customer> = all.iter().map(|(t, y, x)| (!t, *y, *x)).collect();
        let (one, other) = (differences(&added(&all)), differences(&added(&swapped)));
        prop_assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(other) {
            // θ and the variances are sums in another order.
            let size = one.treated.abs().max(one.control.abs()).max(1.0);
            prop_assert!((one.difference + other.difference).abs() <= 1e-9 * size);
            if let (Some(a), Some(b)) = (one.interval, other.interval) {
                let size = size.max(a.high - a.low);
                prop_assert!((a.low + b.high).abs() <= 1e-6 * size, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn without_correlation_cuped_is_the_plain_difference(values in prop::collection::vec((-1000_i64..1000, -1000_i64..1000), 2..20)) {
        // Each value once with either of two values before: nothing is known of the one from the other.
        let twice = |of: fn(&(i64, i64)) -> i64| -> Vec<(i64, i64)> {
            values.iter().flat_map(|v| [(of(v), 3), (of(v), -4)]).collect()
        };
        let groups = groups(Scale::Number, &twice(|v| v.0), &twice(|v| v.1));
        let cuped = groups.cuped(terms(0.95)).unwrap();
        prop_assert_eq!(cuped.theta, 0.0);
        prop_assert_eq!(cuped.variance_reduction, 0.0);
        prop_assert_eq!(Some(cuped.difference), groups.difference(terms(0.95)));
    }

    #[test]
    fn what_was_there_before_is_no_effect(all in prop::collection::vec((any::<bool>(), -1000_i64..1000, -1000_i64..1000), 4..30)) {
        // With values that are as many more for everybody, nothing has changed, and CUPED and the changes know it.
        let same: Vec<Customer> = all.iter().map(|(t, _, x)| (*t, x + 7, Some(*x))).collect();
        let groups = added(&same);
        if let Some(found) = groups.difference_in_differences(terms(0.95)) {
            prop_assert_eq!((found.difference, found.interval), (0.0, None));
            let cuped = groups.cuped(terms(0.95)).unwrap();
            prop_assert!(cuped.difference.difference.abs() < 1e-9);
        }
    }

    #[test]
    fn rates_hold_their_estimates_and_their_bounds(x in 0_u64..60, n in 1_u64..60, y in 0_u64..60, m in 1_u64..60, c in 0.8..0.999_f64, times in prop_oneof![Just(1_u64), Just(1_000_000), Just(1 << 57)]) {
        let (treated, control) = (rate(x.min(n) * times, n * times), rate(y.min(m) * times, m * times));
        let confidence = Confidence::new(c).unwrap();
        let found = treated.difference(control, confidence);
        let interval = found.interval.unwrap();
        prop_assert!(interval.contains(found.difference));
        prop_assert!(interval.low >= -1.0 - 1e-12 && interval.high <= 1.0 + 1e-12);
        let back = control.difference(treated, confidence).interval.unwrap();
        prop_assert!((back.low + interval.high).abs() < 1e-12 && (back.high + interval.low).abs() < 1e-12);
        if let Some(found) = treated.uplift(control, confidence) {
            let interval = found.interval;
            prop_assert!(interval.contains(found.uplift) && interval.low >= -1.0 && interval.high.is_finite());
            // The ratio the other way round has the reciprocal interval.
            if let (Some(back), true) = (control.uplift(treated, confidence), x > 0) {
                let product = (1.0 + interval.low) * (1.0 + back.interval.high);
                prop_assert!((product - 1.0).abs() < 1e-6, "{product}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn more_customers_have_more_power(size in 0.05..2.0_f64, power in 0.3..0.99_f64, c in 0.8..0.999_f64) {
        let plan = MeansPlan { difference: size, deviation: 1.0, confidence: Confidence::new(c).unwrap() };
        let n = plan.per_group(power).unwrap();
        prop_assert!(plan.power(n, n).unwrap() >= power);
        prop_assert!(n == 2 || plan.power(n - 1, n - 1).unwrap() < power);
    }
}
