//! What a policy may say of churn, and what it is told when it says something else.

mod churn_rows;

use churn_rows::numbers;
use customer_value::diagnostic::{Diagnostics, Severity};
use customer_value::lifecycle::churn::{ChurnMeasure, ChurnMethodSpec, ChurnSpec};
use customer_value::metrics::MetricSpec;
use customer_value::model::{Days, Unit};
use customer_value::summary::Window;
use customer_value::table::{Field, Schema};
use proptest::prelude::*;

fn method(by: ChurnMeasure) -> ChurnMethodSpec {
    ChurnMethodSpec::new(by)
}

/// Every problem as one line.
fn problems(spec: &ChurnSpec, schema: &Schema) -> Vec<String> {
    let mut found = Diagnostics::new();
    let bound = spec.bind(schema, &mut found);
    assert_eq!(bound.is_none(), found.has_errors());
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let spec: ChurnSpec = toml::from_str(
        r#"
        recent = "0 days"
        baseline = "-1 days"
        methods = [
            { by = "p_alive", min_active_days = 0, at_risk = 50, lost = 0.2 },
            { by = "days_since_last", cooling = 60, at_risk = 60, highly_at_risk = 180, lost = 90 },
            { by = "churn_factor", cooling = nan },
            { by = "gap_percentile", min_active_days = 9, at_risk = -1, lost = 101 },
            { by = "p_purchase", cooling = 0.2, lost = 0.6 },
            { by = "lapse_share", lost = inf },
        ]"#,
    )
    .unwrap();
    assert_eq!(
        problems(&spec, &numbers()),
        [
            "error: churn.recent: `0 days` is not a length of time (it has at least one day)",
            "error: churn.baseline: `-1 days` is not a length of time (it has at least one day)",
            "error: churn.methods[0].min_active_days: `min_active_days` counts from 1 (write 1 if one is enough)",
            "error: churn.methods[0].at_risk: `50` is not a share from 0 to 1 (60 % is written 0.6)",
            "error: churn.methods[1].at_risk: `at_risk = 60` is not worse than `cooling = 60` (of `days_since_last` more is worse: the thresholds rise)",
            "error: churn.methods[1].lost: `lost = 90` is not worse than `highly_at_risk = 180` (of `days_since_last` more is worse: the thresholds rise)",
            "error: churn.methods[2]: there is neither `at_risk` nor `lost` (say from which number on a customer is at risk, or lost)",
            "error: churn.methods[2].cooling: `NaN` is not a number of 0 or more",
            "warning: churn.methods[2]: the method never answers, since `methods[1]` does wherever it could (put the method that needs more active days first)",
            "error: churn.methods[3].at_risk: `-1` is not a percent from 0 to 100 (40 % is written 40)",
            "error: churn.methods[3].lost: `101` is not a percent from 0 to 100 (40 % is written 40)",
            "warning: churn.methods[3]: the method never answers, since `methods[1]` does wherever it could (put the method that needs more active days first)",
            "error: churn.methods[4].lost: `lost = 0.6` is not worse than `cooling = 0.2` (of `p_purchase` less is worse: the thresholds fall)",
            "warning: churn.methods[4]: the method never answers, since `methods[0]` does wherever it could (put the method that needs more active days first)",
            "error: churn.methods[5].lost: `inf` is not a number of 0 or more",
            "warning: churn.methods[5]: the method never answers, since `methods[1]` does wherever it could (put the method that needs more active days first)",
        ]
    );
    let none: ChurnSpec = toml::from_str("").unwrap();
    assert_eq!(
        (none.recent, none.baseline),
        (Days::new(90), Days::new(365))
    );
    assert!(none.columns().is_empty());
    assert_eq!(
        problems(&none, &numbers()),
        [
            "error: churn.methods: there is no method (add one, such as `{ by = \"days_since_last\", at_risk = 120, lost = 240 }`)"
        ]
    );
    let short = ChurnSpec {
        baseline: Days::new(89),
        ..ChurnSpec::new([method(ChurnMeasure::DaysSinceLast).lost(1.0)])
    };
    assert_eq!(
        problems(&short, &numbers()),
        [
            "error: churn.baseline: `89 days` is shorter than `recent`, `90 days` (whose baseline is shorter than the recent window has no evidence, and that would be everybody)"
        ]
    );
}

#[test]
fn columns_have_to_be_there_in_their_units() {
    let spec = ChurnSpec::new([
        method(ChurnMeasure::PAlive).min_active_days(2).lost(0.2),
        method(ChurnMeasure::PopulationGapPercentile)
            .min_active_days(3)
            .lost(80.0),
        method(ChurnMeasure::DaysSinceLast).lost(240.0),
        method(ChurnMeasure::PPurchase).lost(0.2),
    ]);
    let columns: Vec<&str> = spec.columns().into_iter().collect();
    assert_eq!(
        columns,
        ["active_days", "days_since_last", "p_alive", "p_purchase"]
    );
    let mut odd = Schema::new();
    for (name, unit) in [
        ("active_day", Unit::Count),
        ("days_since_last", Unit::Money),
    ] {
        odd.add(Field::number(name, unit)).unwrap();
    }
    assert_eq!(
        problems(&spec, &odd),
        [
            "error: churn.methods: there is no column `active_days` (did you mean `active_day`?)",
            "error: churn.methods[0].by: there is no column `p_alive` (`p_alive` is made by a section `[prediction]`)",
            "error: churn.methods[1].by: the column `days_since_last` is not in days (churn reads the measure `days_since_last`: give the other another name)",
            "error: churn.methods[2].by: the column `days_since_last` is not in days (churn reads the measure `days_since_last`: give the other another name)",
            "error: churn.methods[3].by: there is no column `p_purchase` (`p_purchase` is made by a section `[prediction]`)",
            "warning: churn.methods[3]: the method never answers, since `methods[2]` does wherever it could (put the method that needs more active days first)",
        ]
    );
    // A column of that name over other days is not what churn means.
    let mut found = Diagnostics::new();
    let year = Window::Trailing(Days::new(365));
    spec.check_metrics(
        &[
            MetricSpec::new("days_since_last").over(year),
            MetricSpec::new("active_days").over(Window::Lifetime),
            MetricSpec::new("active_days")
                .named("active_year")
                .over(year),
            MetricSpec::new("spend").over(year),
        ],
        &mut found,
    );
    assert_eq!(
        found.to_string(),
        "error: metrics[0].name: `days_since_last` over `365 days` takes the name of what churn reads, over the lifetime (give it a name of its own)"
    );
}

#[test]
fn what_is_only_doubtful_binds() {
    let shares = ChurnSpec::new([method(ChurnMeasure::GapPercentile).at_risk(0.4).lost(0.8)]);
    let mut found = Diagnostics::new();
    assert!(shares.bind(&numbers(), &mut found).is_some());
    assert_eq!(
        found.to_string(),
        "warning: churn.methods[0]: the thresholds of `gap_percentile` look like shares (they are percents: 40 % is written 40)"
    );
    // All of them, and 1 is a share still; but 0 % and 2 % are not written otherwise.
    for (at_risk, lost, doubtful) in [(0.5, 1.0, 1), (0.5, 2.0, 0), (0.0, 1.0, 0)] {
        let method = method(ChurnMeasure::GapPercentile);
        let spec = ChurnSpec::new([method.at_risk(at_risk).lost(lost)]);
        assert_eq!(
            problems(&spec, &numbers()).len(),
            doubtful,
            "{at_risk} {lost}"
        );
    }
    // None of these is in the way of another.
    let fine = ChurnSpec::new([
        method(ChurnMeasure::PopulationGapPercentile)
            .at_risk(0.5)
            .lost(80.0),
        method(ChurnMeasure::ChurnFactor)
            .min_active_days(4)
            .lost(3.0),
        method(ChurnMeasure::LapseShare)
            .min_active_days(3)
            .lost(1.0),
        method(ChurnMeasure::PPurchase).min_active_days(2).lost(0.2),
        method(ChurnMeasure::PAlive).lost(0.2),
        method(ChurnMeasure::DaysSinceLast).lost(240.0),
    ]);
    assert_eq!(problems(&fine, &numbers()), [""; 0]);
    // The number itself takes two active days, whatever is asked for.
    let same = ChurnSpec::new([
        method(ChurnMeasure::ChurnFactor)
            .min_active_days(2)
            .lost(3.0),
        method(ChurnMeasure::GapPercentile)
            .min_active_days(1)
            .lost(90.0),
    ]);
    let mut found = Diagnostics::new();
    assert!(same.bind(&numbers(), &mut found).is_some());
    assert_eq!(found.len(), 1);
    assert!(
        found
            .iter()
            .all(|problem| problem.severity == Severity::Warning)
    );
}

proptest! {
    #[test]
    fn whatever_a_policy_says_it_binds_or_says_why(
        by in 0..ChurnMeasure::ALL.len(), days in 0..3_u32, recent in -1..400_i32, baseline in -1..400_i32,
        at in [odd(), odd(), odd(), odd()],
    ) {
        let [cooling, at_risk, highly_at_risk, lost] = at;
        let spec = ChurnSpec {
            recent: Days::new(recent),
            baseline: Days::new(baseline),
            methods: vec![ChurnMethodSpec {
                by: ChurnMeasure::ALL[by], min_active_days: Some(days), cooling, at_risk, highly_at_risk, lost,
            }],
        };
        let mut found = Diagnostics::new();
        let bound = spec.bind(&numbers(), &mut found);
        prop_assert_eq!(bound.is_none(), found.has_errors());
        // What binds has levels that all can be reached, one after the other.
        if bound.is_some() {
            let given: Vec<f64> = at.into_iter().flatten().collect();
            let less = ChurnMeasure::ALL[by].less_is_worse();
            let worse = |w: &[f64]| if less { w[0] > w[1] } else { w[0] < w[1] };
            let each = given.windows(2).all(worse);
            prop_assert!(each);
        }
    }
}

fn odd() -> impl Strategy<Value = Option<f64>> {
    prop::option::weighted(
        0.6,
        prop_oneof![
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(-0.5),
            Just(0.0),
            0.0..1.5_f64,
            Just(50.0),
            Just(101.0),
            Just(f64::MAX)
        ],
    )
}
