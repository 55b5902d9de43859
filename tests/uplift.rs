//! What attempts changed: the difference in differences by hand, against published numbers, and on the CDNOW sample.

mod cdnow_sample;

use std::collections::BTreeSet;

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::engine::{Engine, Policy, Population};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Columns, CustomerColumn, Ledger};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, CustomerId, Day, Days, Unit,
};
use customer_value::report::{SpendChange, UpliftEffect, UpliftReport};
use customer_value::rules::{Expr, Rule, Truth};
use customer_value::table::{Field, Schema};
use proptest::prelude::*;

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

fn close(a: f64, b: f64, within: f64) -> bool {
    (a - b).abs() <= within
}

/// One day of attempts: the changes of those attempted, and of the others.
fn effect(days: &[(&[i64], &[i64])]) -> UpliftEffect {
    let mut effect = UpliftEffect::default();
    for (n, (treated, controls)) in (0..).zip(days) {
        let groups = effect.day(day(n));
        treated
            .iter()
            .for_each(|change| groups.treated.add(0, *change));
        // From wherever: only the change counts.
        controls
            .iter()
            .for_each(|change| groups.controls.add(-change, 0));
    }
    effect
}

// ---- Welch ----

#[test]
fn the_interval_is_welchs() {
    // Student's sleep data in tenths of an hour. R, `t.test(extra ~ group, data = sleep)`: means 0.75 and 2.33, 95 percent
    // confidence interval -3.3654832 to 0.2054832.
    let sleep = effect(&[(
        &[7, -16, -2, -12, -1, 34, 37, 8, 0, 20],
        &[19, 8, 11, 1, -1, 44, 55, 16, 46, 34],
    )]);
    assert!(close(sleep.treated_change().unwrap(), 7.5, 1e-12));
    assert!(close(sleep.control_change().unwrap(), 23.3, 1e-12));
    let found = sleep.interval().unwrap();
    assert!(close(found.low, -33.654_832, 1e-6), "{found:?}");
    assert!(close(found.high, 2.054_832, 1e-6), "{found:?}");

    // Groups of one variance: the same by a second way of counting, to 10 digits (df 24.9885).
    let found = effect(&[(
        &[
            275, 210, 190, 236, 170, 179, 169, 201, 219, 226, 231, 196, 190, 217, 214,
        ],
        &[
            271, 220, 208, 234, 234, 235, 258, 220, 248, 202, 219, 221, 229, 205, 244,
        ],
    )]);
    assert!(close(found.effect().unwrap(), -21.666_666_67, 1e-8));
    let found = found.interval().unwrap();
    assert!(close(found.low, -39.840_962_67, 1e-7), "{found:?}");
    assert!(close(found.high, -3.492_370_662, 1e-7), "{found:?}");
}

#[test]
fn what_is_not_defined_is_missing() {
    let nobody = effect(&[]);
    assert_eq!((nobody.effect(), nobody.interval()), (None, None));
    // Nobody to be compared with.
    let alone = effect(&[(&[5, 9], &[])]);
    assert_eq!(
        (alone.effect(), alone.treated(), alone.without_controls()),
        (None, 0, 2)
    );
    assert_eq!(effect(&[(&[], &[5, 9])]).effect(), None);
    // Groups of one customer have an effect and no interval.
    for groups in [(&[5][..], &[1, 2][..]), (&[5, 6], &[1])] {
        let one = effect(&[groups]);
        assert!(one.effect().is_some() && one.interval().is_none());
    }
    // Where nobody differs from the others, nothing is known of how much they do.
    assert_eq!(effect(&[(&[5, 5], &[1, 1])]).interval(), None);
    assert_eq!(effect(&[(&[5, 5], &[1, 1])]).effect(), Some(4.0));
    // One group that does is enough.
    assert!(effect(&[(&[5, 5], &[1, 2])]).interval().is_some());
}

#[test]
fn what_a_season_does_to_everybody_is_no_effect() {
    // On the second day everybody spends 50 more, and far more of those attempted were attempted then.
    let days: [(&[i64], &[i64]); 2] = [(&[1, -1], &[0, 2, -2]), (&[52, 50, 48, 51, 49], &[49, 51])];
    let found = effect(&days);
    assert_eq!(found.effect(), Some(0.0));
    let interval = found.interval().unwrap();
    assert!(interval.low < 0.0 && interval.high > 0.0);
    // By hand: 2 + 10 around the means of the days over 7 − 2; 8 + 2 over 5 − 2, weighted by (2/7)²/3 + (5/7)²/2.
    let variance = [
        (12.0 / 5.0 / 7.0, 5.0),
        (10.0 / 3.0 * (4.0 / 147.0 + 25.0 / 98.0), 3.0),
    ];
    let sum: f64 = variance.iter().map(|(v, _)| v).sum();
    let df = sum * sum / variance.iter().map(|(v, df)| v * v / df).sum::<f64>();
    // Between 5 and 6 degrees of freedom the quantile is between 2.571 and 2.447.
    let t = interval.high / sum.sqrt();
    assert!(
        (5.0..6.0).contains(&df) && (2.447..2.571).contains(&t),
        "{df} {t}"
    );
    // A day without anybody to compare with says nothing.
    let more: Vec<(&[i64], &[i64])> = days
        .into_iter()
        .chain([(&[900, 800][..], &[][..])])
        .collect();
    let more = effect(&more);
    assert_eq!(
        (more.effect(), more.interval()),
        (Some(0.0), Some(interval))
    );
    assert_eq!(
        (more.treated(), more.controls(), more.without_controls()),
        (7, 5, 2)
    );
    let (mut one, mut other) = (more.clone(), more);
    (one.open, one.outside, one.overlapping) = (1, 2, 3);
    (other.open, other.outside, other.overlapping) = (10, 20, 30);
    one.merge(&other);
    assert_eq!((one.open, one.outside, one.overlapping), (11, 22, 33));
}

#[test]
fn sums_are_exact_whatever_the_amounts() {
    // As doubles the squares would all be the same.
    let far = 1_i64 << 53;
    let near = effect(&[(&[1, 3], &[2, 4, 9])]).interval().unwrap();
    let all = effect(&[(&[far + 1, far + 3], &[far + 2, far + 4, far + 9])])
        .interval()
        .unwrap();
    assert!(
        close(near.low, all.low, 1e-9) && close(near.high, all.high, 1e-9),
        "{near:?} {all:?}"
    );

    let mut ends = SpendChange::default();
    for _ in 0..5 {
        ends.add(i64::MIN, i64::MAX);
        ends.add(i64::MAX, i64::MIN);
    }
    assert_eq!((ends.customers, ends.mean()), (10, Some(0.0)));
    let mut effect = UpliftEffect::default();
    effect.day(day(0)).treated = ends;
    effect.day(day(0)).controls = ends;
    assert_eq!(effect.effect(), Some(0.0));
    let interval = effect.interval().unwrap();
    assert!(interval.low < -1e18 && interval.low.is_finite());
}

proptest! {
    /// Means and variances in floating point, straight from the definition.
    #[test]
    fn an_effect_is_the_plain_one_and_parts_add_up(
        treated in prop::collection::vec((-900..900_i64, -900..900_i64), 2..20),
        controls in prop::collection::vec((-900..900_i64, -900..900_i64), 2..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut whole = UpliftEffect::default();
        let mut parts = [UpliftEffect::default(), UpliftEffect::default()];
        let cut = cut.index(treated.len());
        for (i, (before, after)) in treated.iter().enumerate() {
            whole.day(day(0)).treated.add(*before, *after);
            parts[usize::from(i < cut)].day(day(0)).treated.add(*before, *after);
        }
        for (before, after) in &controls {
            whole.day(day(0)).controls.add(*before, *after);
            parts[0].day(day(0)).controls.add(*before, *after);
        }
        let [mut one, other] = parts;
        one.merge(&other);
        prop_assert_eq!(&one, &whole);

        let stats = |pairs: &[(i64, i64)]| {
            let n = pairs.len() as f64;
            let changes: Vec<f64> = pairs.iter().map(|(b, a)| (a - b) as f64).collect();
            let mean = changes.iter().sum::<f64>() / n;
            let variance = changes.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / (n - 1.0);
            (mean, variance / n, n - 1.0)
        };
        let ((m1, v1, f1), (m2, v2, f2)) = (stats(&treated), stats(&controls));
        prop_assert!(close(whole.effect().unwrap(), m1 - m2, 1e-9));
        match whole.interval() {
            None => prop_assert!(v1 + v2 == 0.0),
            Some(interval) => {
                prop_assert!(close((interval.low + interval.high) / 2.0, m1 - m2, 1e-9));
                // The quantile is that of some number of degrees of freedom within the bounds of Welch's.
                let t = (interval.high - interval.low) / 2.0 / (v1 + v2).sqrt();
                let df = (v1 + v2).powi(2) / (v1 * v1 / f1 + v2 * v2 / f2);
                let reach = student_chance(t, df);
                prop_assert!(close(reach, 0.95, 1e-4), "{t} {df} {reach}");
            }
        }
    }
}

/// P(|T| < t) by adding up the density.
fn student_chance(t: f64, df: f64) -> f64 {
    let steps = 20_000;
    let step = t / f64::from(steps);
    let density = |x: f64| (1.0 + x * x / df).powf(-(df + 1.0) / 2.0);
    let inside = (0..steps)
        .map(|i| density((f64::from(i) + 0.5) * step) * step)
        .sum::<f64>();
    // The tail beyond, with x = t / u.
    let tail: f64 = (0..steps)
        .map(|i| {
            let u = (f64::from(i) + 0.5) / f64::from(steps);
            density(t / u) * t / (u * u) / f64::from(steps)
        })
        .sum();
    inside / (inside + tail)
}

// ---- the groups ----

const POLICY: &str = r#"
    [head]
    name = "uplift"
    version = "1"
    currency = "EUR"

    [[tiers]]
    name = "low"
    when = "spend < 50 and days_since_last >= 0"

    [[tiers]]
    name = "everybody"
"#;

fn engine() -> Engine {
    Engine::new(
        toml::from_str::<Policy>(POLICY).unwrap(),
        &Catalog::standard(),
    )
    .unwrap()
}

fn rule(engine: &Engine, text: &str) -> Rule {
    let expr: Expr = text.parse().unwrap();
    let mut problems = Diagnostics::new();
    let rule = expr.bind(engine.schema(), &Place::at("uplift"), &mut problems);
    rule.unwrap_or_else(|| panic!("{problems}"))
}

type Bought = (u64, i32, i64);

fn population(engine: &Engine, rows: &[Bought]) -> Population {
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<i32> = rows.iter().map(|row| day(row.1).epoch_days()).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let columns = Columns::new(CustomerColumn::Numbers(&ids), &days, &amounts);
    let ledger = Ledger::from_columns(&columns, engine.cleaning(day(10_000))).unwrap();
    engine.population(&ledger).unwrap()
}

fn tried(id: u64, on: i32, kind: AttemptKind) -> Attempt {
    Attempt::new(id, day(on), AttemptPurpose::Uplift, kind).unwrap()
}

const WINDOW: i32 = 30;

fn report(rows: &[Bought], attempts: &[Attempt], text: &str, as_of: i32) -> UpliftReport {
    let engine = engine();
    let rule = rule(&engine, text);
    let population = population(&engine, rows).with_attempts(attempts.iter().cloned());
    let window = Days::new(WINDOW);
    engine
        .uplift(&population, &rule, window, day(as_of))
        .unwrap()
}

#[test]
fn spend_before_is_compared_with_spend_from_the_day_on() {
    // Customer 1 is attempted on day 100, customer 2 is not.
    let rows = [
        (1, 69, 900),
        (1, 70, 100),
        (1, 99, 20),
        (1, 100, 300),
        (1, 129, 7),
        (1, 130, 900),
        (2, 70, 40),
        (2, 129, 41),
        (2, 130, 900),
    ];
    let call = [tried(1, 100, AttemptKind::Call)];
    let found = report(&rows, &call, "spend < 50", 129);
    let total = found.total();
    assert_eq!((total.treated(), total.controls()), (1, 1));
    assert_eq!(total.treated_change(), Some(307.0 - 120.0));
    assert_eq!(total.control_change(), Some(1.0));
    assert_eq!(found.kind(&AttemptKind::Call), Some(total));
    assert_eq!(found.kind(&AttemptKind::Education), None);
    assert_eq!(
        (found.window(), found.currency()),
        (Days::new(30), Currency::EUR)
    );
    // The days after have to be over.
    let open = report(&rows, &call, "spend < 50", 128);
    assert_eq!((open.total().open, open.total().treated()), (1, 0));
    assert_eq!(
        report(&rows, &call, "spend < 50", 99),
        report(&rows, &[], "spend < 50", 99)
    );
}

#[test]
fn the_same_rule_is_true_for_the_others_on_the_same_day() {
    let rows = [
        (1, 90, 10_00),
        // Had spent enough by then.
        (2, 90, 60_00),
        // Has spent enough since.
        (3, 90, 10_00),
        (3, 101, 60_00),
        // Was nobody yet.
        (4, 101, 1_00),
        (5, 90, 70_00),
    ];
    let attempts = [
        tried(1, 100, AttemptKind::Call),
        tried(5, 100, AttemptKind::Call),
    ];
    let found = report(&rows, &attempts, "spend < 50 and days_since_last >= 0", 200);
    assert_eq!((found.total().treated(), found.total().controls()), (1, 1));
    assert_eq!(found.total().control_change(), Some(50_00.0));
    // Number 5 is not one of those it was meant for, and number 6 is not known at all.
    assert_eq!(found.total().outside, 1);
    let attempts = [tried(6, 100, AttemptKind::Call)];
    assert_eq!(
        report(&rows, &attempts, "spend < 50", 200).total().outside,
        1
    );
}

#[test]
fn others_are_those_not_attempted_in_the_days_before_and_after() {
    let rows: Vec<Bought> = (1..=6).map(|id| (id, 50, 10_00)).collect();
    let win_back =
        |id, on| Attempt::new(id, day(on), AttemptPurpose::WinBack, AttemptKind::Offer).unwrap();
    let attempts = [
        tried(1, 100, AttemptKind::Call),
        tried(2, 129, AttemptKind::Call),
        win_back(3, 70),
        win_back(4, 69),
        win_back(5, 130),
    ];
    let found = report(&rows, &attempts, "spend < 50", 129);
    let groups = found.total().days[&day(100)];
    // Of 2 to 6 the first two were attempted within the days.
    assert_eq!(
        (groups.treated.customers, groups.controls.customers),
        (1, 3)
    );
    assert_eq!(found.total().open, 1);
}

#[test]
fn who_was_attempted_in_the_days_before_is_not_counted_again() {
    let rows: Vec<Bought> = (1..=4).map(|id| (id, 50, 10_00)).collect();
    let attempts = [
        tried(1, 100, AttemptKind::Call),
        tried(1, 130, AttemptKind::Call),
        tried(1, 161, AttemptKind::Call),
    ];
    let found = report(&rows, &attempts, "spend < 50", 400);
    assert_eq!((found.total().treated(), found.total().overlapping), (2, 1));
}

#[test]
fn kinds_are_told_apart_and_a_customer_counts_once_in_the_total() {
    let rows: Vec<Bought> = (1..=5)
        .flat_map(|id| [(id, 50, 10_00), (id, 110, id as i64)])
        .collect();
    let attempts = [
        tried(1, 100, AttemptKind::Call),
        tried(1, 100, AttemptKind::Call),
        tried(1, 100, AttemptKind::Education),
        tried(2, 100, AttemptKind::Education),
        tried(2, 200, AttemptKind::Other("visit".into())),
        Attempt::new(3, day(100), AttemptPurpose::WinBack, AttemptKind::Call).unwrap(),
    ];
    let found = report(&rows, &attempts, "spend < 50", 400);
    let kinds: Vec<(&str, u64, u64)> = found
        .kinds()
        .map(|(kind, effect)| (kind, effect.treated(), effect.controls()))
        .collect();
    // On day 100 the others are 4 and 5; on day 200 all but 2.
    assert_eq!(
        kinds,
        [("call", 1, 2), ("education", 2, 2), ("visit", 1, 4)]
    );
    assert_eq!((found.total().treated(), found.total().controls()), (3, 6));
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<UpliftReport>(&json).unwrap(), found);
    assert_eq!(
        found.to_string(),
        "attempt    treated  controls  change  without  effect   from    to\n\
         call             1         2    0.01     0.04   -0.04      -     -\n\
         education        2         2    0.01     0.04   -0.03  -0.06  0.00\n\
         visit            1         4    0.00     0.00    0.00      -     -\n\
         total            3         6    0.01     0.03   -0.02  -0.05  0.01\n"
    );
}

#[test]
fn less_than_half_a_cent_has_no_sign() {
    let mut rows: Vec<Bought> = (1..=4).map(|id| (id, 50, 10_00)).collect();
    rows.push((4, 110, 1));
    let found = report(
        &rows,
        &[tried(1, 100, AttemptKind::Call)],
        "spend < 50",
        400,
    );
    assert!(found.total().effect().unwrap() < 0.0);
    let text = found.to_string();
    assert!(text.contains(" 0.00 ") && !text.contains("-0.00"), "{text}");
}

#[test]
fn a_place_in_the_population_is_that_of_the_day() {
    // On day 100 the percentiles of spend are 0, 25, 50 and 75.
    let rows = [
        (1, 50, 10_00),
        (2, 50, 20_00),
        (3, 50, 30_00),
        (4, 50, 40_00),
        (1, 101, 90_00),
    ];
    let attempts = [
        tried(1, 100, AttemptKind::Call),
        tried(3, 100, AttemptKind::Call),
    ];
    let text = "spend < 50 and days_since_last >= 0";
    let engine = engine();
    let percentile = rule(&engine, "percentile(spend) < 50");
    let population = population(&engine, &rows).with_attempts(attempts.clone());
    let found = engine
        .uplift(&population, &percentile, Days::new(WINDOW), day(400))
        .unwrap();
    let total = found.total();
    assert_eq!(
        (total.treated(), total.controls(), total.outside),
        (1, 1, 1)
    );
    assert_eq!(report(&rows, &attempts, text, 400).total().treated(), 2);
}

#[test]
fn a_rule_about_columns_that_there_are_not_is_true_for_nobody() {
    let engine = engine();
    let mut other = Schema::new();
    for field in engine.schema().fields() {
        other.add(field.clone()).unwrap();
    }
    other.add(Field::number("more", Unit::Money)).unwrap();
    let more: Expr = "percentile(more) >= 0".parse().unwrap();
    let more = more.bind(&other, &Place::at("uplift"), &mut Diagnostics::new());
    let population = population(&engine, &[(1, 50, 10_00), (2, 50, 10_00)]).with_attempts([tried(
        1,
        60,
        AttemptKind::Call,
    )]);
    let found = engine
        .uplift(&population, &more.unwrap(), Days::new(1), day(60))
        .unwrap();
    assert_eq!((found.total().treated(), found.total().outside), (0, 1));
}

#[test]
fn a_window_is_a_day_at_least_and_may_be_longer_than_the_calendar() {
    let engine = engine();
    let rule = rule(&engine, "spend < 50");
    let population = population(&engine, &[(1, 50, 10_00), (2, 50, 10_00)]).with_attempts([tried(
        1,
        60,
        AttemptKind::Call,
    )]);
    let none = engine.uplift(&population, &rule, Days::new(0), day(100));
    assert!(none.unwrap_err().is_misuse());
    // Whatever there is to compare.
    let dollars = Layout::new(Currency::USD, []);
    let dollars = Population::new(Histories::collect(dollars, []).unwrap());
    let refused = engine.uplift(&dollars, &rule, Days::new(1), day(100));
    assert!(refused.unwrap_err().is_misuse());
    let ever = engine.uplift(&population, &rule, Days::new(i32::MAX), Day::MAX);
    assert_eq!(ever.unwrap().total().open, 1);
    let day_itself = engine
        .uplift(&population, &rule, Days::new(1), day(60))
        .unwrap();
    assert_eq!(day_itself.total().effect(), Some(0.0));
    let mut other = report(&[], &[], "spend < 50", 0);
    assert!(other.merge(&day_itself).unwrap_err().is_misuse());
}

proptest! {
    /// The groups straight from the sentences of the page, customer by customer.
    #[test]
    fn the_groups_are_the_plain_ones_in_any_order(
        rows in prop::collection::vec((1..7_u64, 0..200_i32, 1..40_00_i64), 1..30),
        tries in prop::collection::vec((1..8_u64, 0..220_i32, any::<bool>(), any::<bool>()), 0..10),
        as_of in 60..250_i32,
    ) {
        let attempts: Vec<Attempt> = tries.iter().map(|(id, on, uplift, call)| {
            let purpose = if *uplift { AttemptPurpose::Uplift } else { AttemptPurpose::WinBack };
            let kind = if *call { AttemptKind::Call } else { AttemptKind::Education };
            Attempt::new(*id, day(*on), purpose, kind).unwrap()
        }).collect();
        let found = report(&rows, &attempts, "spend < 50 and days_since_last >= 0", as_of);
        let reversed: Vec<Attempt> = attempts.iter().rev().cloned().collect();
        let again = report(&rows, &reversed, "spend < 50 and days_since_last >= 0", as_of);
        prop_assert_eq!(&again, &found);

        let mut plain = UpliftEffect::default();
        let days: BTreeSet<i32> = tries.iter().filter(|t| t.2 && t.3 && t.1 <= as_of).map(|t| t.1).collect();
        for on in days {
            for id in 1..8_u64 {
                let spend = |from: i32, to: i32| -> i64 {
                    rows.iter().filter(|r| r.0 == id && (from..to).contains(&r.1)).map(|r| r.2).sum()
                };
                let attempted = tries.iter().any(|t| t.0 == id && t.1 == on && t.2 && t.3);
                let bought = rows.iter().any(|r| r.0 == id && r.1 <= on);
                let holds = bought && spend(0, on + 1) < 50_00;
                let within = |from: i32, to: i32| tries.iter().any(|t| t.0 == id && (from..to).contains(&t.1));
                if on + WINDOW - 1 > as_of {
                    plain.open += u64::from(attempted);
                } else if attempted && !holds {
                    plain.outside += 1;
                } else if attempted && within(on - WINDOW, on) {
                    plain.overlapping += 1;
                } else if attempted {
                    plain.day(day(on)).treated.add(spend(on - WINDOW, on), spend(on, on + WINDOW));
                } else if holds && !within(on - WINDOW, on + WINDOW) {
                    plain.day(day(on)).controls.add(spend(on - WINDOW, on), spend(on, on + WINDOW));
                }
            }
        }
        // Days on which all attempts were left out have no groups of this kind.
        plain.days.retain(|_, groups| groups.treated.customers > 0);
        let call = found.kind(&AttemptKind::Call).cloned().unwrap_or_default();
        prop_assert_eq!(call, plain);
    }
}

// ---- the sample ----

#[test]
fn low_value_and_high_potential_in_the_cdnow_sample() {
    let rows = cdnow_sample::sales();
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<i32> = rows.iter().map(|row| row.1.epoch_days()).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let columns = Columns::new(CustomerColumn::Numbers(&ids), &days, &amounts);

    let engine = Engine::new(Policy::standard(Currency::USD), &Catalog::standard()).unwrap();
    let end: Day = "1998-06-30".parse().unwrap();
    let ledger = Ledger::from_columns(&columns, engine.cleaning(end)).unwrap();
    let population = engine.population(&ledger).unwrap();
    let on: Day = "1997-09-30".parse().unwrap();
    let fit = engine.fit(&population, None, on).unwrap();
    let engine = engine.freeze(fit).unwrap();

    // Low value now, and high potential.
    let rule = rule(&engine, "value < 40 and potential >= 60");
    let reviews = engine.review_all(&population, None, on).unwrap();
    let meant: Vec<CustomerId> = reviews
        .iter()
        .filter(|one| rule.truth(one.assessment().row()) == Truth::True)
        .map(|one| one.id().clone())
        .collect();
    // Every second of them is called. The sample knows nothing of it: the effect is chance.
    let attempts: Vec<Attempt> = meant
        .iter()
        .step_by(2)
        .map(|id| Attempt::new(id.clone(), on, AttemptPurpose::Uplift, AttemptKind::Call).unwrap())
        .collect();
    let population = population.with_attempts(attempts.clone());
    let report = engine
        .uplift(&population, &rule, Days::new(180), end)
        .unwrap();
    assert_eq!((meant.len(), attempts.len()), (26, 13));
    assert_eq!(
        report.to_string(),
        "attempt  treated  controls  change  without  effect   from     to\n\
         call          13        13    1.44    -2.42    3.86  -8.41  16.13\n\
         total         13        13    1.44    -2.42    3.86  -8.41  16.13\n"
    );

    let change = |id: &CustomerId| -> i64 {
        let own = rows.iter().filter(|row| Some(row.0) == id.as_number());
        own.map(|row| match (row.1 - on).get() {
            -180..0 => -row.2,
            0..180 => row.2,
            _ => 0,
        })
        .sum()
    };
    let mean = |ids: Vec<&CustomerId>| {
        ids.iter().map(|id| change(id)).sum::<i64>() as f64 / ids.len() as f64
    };
    let called = mean(meant.iter().step_by(2).collect());
    let others = mean(meant.iter().skip(1).step_by(2).collect());
    let total = report.total();
    assert_eq!(total.treated() + total.controls(), meant.len() as u64);
    assert!(close(total.effect().unwrap(), called - others, 1e-9));
    let interval = total.interval().unwrap();
    assert!(interval.low < 0.0 && interval.high > 0.0);
}

/// Spend is 0 for who has not bought yet, and so a rule may well be true for them.
#[test]
fn who_was_not_a_customer_yet_is_not_compared_and_not_in_the_population() {
    let rows = [
        (1, 50, 10_00),
        (1, 101, 30_00),
        (2, 50, 10_00),
        (2, 105, 10_00),
        // From here on they come after the attempt.
        (3, 110, 90_00),
        (4, 110, 90_00),
        (5, 300, 90_00),
    ];
    let attempts = [tried(1, 100, AttemptKind::Call)];
    let found = report(&rows, &attempts, "spend < 50", 400);
    let total = found.total();
    assert_eq!((total.treated(), total.controls()), (1, 1));
    assert_eq!(total.effect(), Some(20_00.0));

    // With them, 10.00 would be in the upper half.
    let found = report(&rows, &attempts, "percentile(spend) <= 50", 400);
    assert_eq!(found.total().treated(), 1);

    // Of whom there are attributes, they are known from the beginning.
    let engine = engine();
    let population = population(&engine, &rows)
        .with_customers([customer_value::model::Customer::new(3)])
        .unwrap()
        .with_attempts(attempts);
    let rule = rule(&engine, "spend < 50");
    let found = engine
        .uplift(&population, &rule, Days::new(WINDOW), day(400))
        .unwrap();
    assert_eq!(found.total().controls(), 2);
}
