//! Scales and weighted scores.

use customer_value::diagnostic::Diagnostics;
use customer_value::model::Unit;
use customer_value::scoring::weighted::{PartSpec, WhenMissing};
use customer_value::scoring::{Scale, ScaleSpec, Weighted, WeightedSpec};
use customer_value::table::{Cell, Column, Field, Schema, Table};
use proptest::prelude::*;

fn schema() -> Schema {
    let mut schema = Schema::new();
    for field in [
        Field::number("spend", Unit::Money),
        Field::number("days_since_last", Unit::Days),
        Field::number("member", Unit::Flag),
        Field::category("level", ["gold", "silver", "wood"]),
    ] {
        schema.add(field).unwrap();
    }
    schema
}

/// One row of the table of `schema`.
type Values = (Option<f64>, Option<f64>, Option<bool>, Option<u32>);

fn table(rows: &[Values]) -> Table {
    let mut table = Table::new(schema(), rows.len());
    let slots: Vec<_> = table.schema().slots().collect();
    for (i, (spend, days, member, level)) in rows.iter().enumerate() {
        table.column_mut(slots[0]).set(i, *spend);
        table.column_mut(slots[1]).set(i, *days);
        table
            .column_mut(slots[2])
            .set(i, member.map(|m| f64::from(u8::from(m))));
        table.column_mut(slots[3]).set_code(i, *level);
    }
    table
}

fn rows() -> impl Strategy<Value = Vec<Values>> {
    let number = || {
        proptest::option::weighted(
            0.9,
            prop_oneof![
                -1e3..1e3_f64,
                Just(0.0),
                Just(1e308),
                Just(-1e308),
                Just(5e-324),
            ],
        )
    };
    let row = (
        number(),
        number(),
        proptest::option::of(any::<bool>()),
        proptest::option::of(0_u32..3),
    );
    proptest::collection::vec(row, 1..30)
}

fn number_scale() -> impl Strategy<Value = ScaleSpec> {
    prop_oneof![
        Just(ScaleSpec::Percentile),
        Just(ScaleSpec::MinMax),
        (2_u8..12).prop_map(|bins| ScaleSpec::Quantile { bins }),
        (-1e3..0.0_f64, 0.1..1e3_f64).prop_map(|(from, to)| ScaleSpec::Linear { from, to }),
        Just(ScaleSpec::Linear {
            from: -1.7e308,
            to: 1.7e308
        }),
        Just(ScaleSpec::Breaks {
            at: vec![-5.0, 0.0, 100.0],
            points: vec![0.0, 0.2, 0.2, 1.0]
        }),
    ]
}

fn part(
    column: &str,
    weight: f64,
    scale: ScaleSpec,
    reverse: bool,
    missing: WhenMissing,
) -> PartSpec {
    PartSpec {
        column: column.to_owned(),
        weight,
        scale,
        reverse,
        missing,
    }
}

fn when_missing() -> impl Strategy<Value = WhenMissing> {
    prop_oneof![
        4 => Just(WhenMissing::Skip),
        1 => Just(WhenMissing::Missing),
        2 => (0.0..=1.0_f64).prop_map(WhenMissing::Place),
    ]
}

fn specs() -> impl Strategy<Value = WeightedSpec> {
    let levels =
        ScaleSpec::Categories([("gold".to_owned(), 1.0), ("silver".to_owned(), 0.3)].into());
    let common = || (0.001..1e3_f64, any::<bool>(), when_missing());
    (
        number_scale(),
        number_scale(),
        common(),
        common(),
        common(),
        common(),
    )
        .prop_map(move |(a, b, c1, c2, c3, c4)| WeightedSpec {
            parts: vec![
                part("spend", c1.0, a, c1.1, c1.2),
                part("days_since_last", c2.0, b, c2.1, c2.2),
                part("member", c3.0, ScaleSpec::Flag, c3.1, c3.2),
                part("level", c4.0, levels.clone(), c4.1, c4.2),
            ],
        })
}

fn fitted(spec: &WeightedSpec, population: &Table) -> Weighted {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(population.schema(), "score", &mut problems);
    let bound = bound.unwrap_or_else(|| panic!("{problems}"));
    // Frozen means that it survives a file.
    let text = serde_json::to_string(&bound.fit(population)).unwrap();
    let scales: Vec<Scale> = serde_json::from_str(&text).unwrap();
    assert_eq!(scales, bound.fit(population));
    bound.freeze(&scales).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn contributions_sum_to_the_score(rows in rows(), spec in specs()) {
        let table = table(&rows);
        let weighted = fitted(&spec, &table);
        let mut column = Column::missing(0);
        weighted.column(&table, &mut column);
        for i in 0..rows.len() {
            let row = table.row(i);
            let parts = weighted.decompose(row);
            prop_assert_eq!(parts.score.map(f64::to_bits), weighted.score(row).map(f64::to_bits));
            prop_assert_eq!(column.number(i), parts.score);
            let sum = parts.parts.iter().fold(0.0, |sum, p| sum + p.contribution);
            prop_assert_eq!(sum.to_bits(), parts.score.unwrap_or(0.0).to_bits());
            prop_assert!((0.0..=100.0).contains(&sum), "{}", sum);

            // The plain definition: the weighted mean of what counts.
            let (mut top, mut bottom, mut whole) = (0.0, 0.0, true);
            for (p, s) in parts.parts.iter().zip(&spec.parts) {
                let counted = p.place.or(match s.missing { WhenMissing::Place(x) => Some(x), _ => None });
                whole &= counted.is_some() || s.missing != WhenMissing::Missing;
                if let Some(x) = counted {
                    top += s.weight * x;
                    bottom += s.weight;
                }
            }
            match parts.score {
                Some(score) => prop_assert!(whole && (score - 100.0 * top / bottom).abs() < 1e-9),
                None => prop_assert!(!whole || bottom == 0.0),
            }
        }
    }

    #[test]
    fn a_scale_stays_within_0_and_1_and_never_falls(rows in rows(), spec in number_scale(), probe in rows()) {
        let column = |rows: &[Values]| -> Vec<Cell> {
            rows.iter().filter_map(|r| r.0).map(Cell::from_number).collect()
        };
        let scale = spec.fit(&column(&rows));
        let mut values: Vec<f64> = column(&probe).iter().filter_map(|c| c.number()).collect();
        values.sort_by(f64::total_cmp);
        let places: Vec<Option<f64>> = values.iter().map(|v| scale.number(*v)).collect();
        prop_assert!(places.iter().flatten().all(|p| (0.0..=1.0).contains(p)), "{:?}", places);
        prop_assert!(places.is_sorted(), "{:?} {:?}", values, places);
        prop_assert_eq!(scale.number(f64::NAN), None);
    }

    #[test]
    fn any_order_of_the_population_freezes_the_same(rows in rows(), spec in specs()) {
        let mut turned = rows.clone();
        turned.reverse();
        let bound = spec.bind(&schema(), "score", &mut Diagnostics::new()).unwrap();
        prop_assert_eq!(bound.fit(&table(&turned)), bound.fit(&table(&rows)));
    }
}

#[test]
fn each_scale_by_hand() {
    let cells: Vec<Cell> = [10.0, 20.0, 20.0, 50.0].map(Cell::from_number).into();
    let at = |spec: ScaleSpec, v: f64| spec.fit(&cells).number(v);
    assert_eq!(at(ScaleSpec::Percentile, 20.0), Some(0.25));
    assert_eq!(at(ScaleSpec::MinMax, 20.0), Some(0.25));
    assert_eq!(at(ScaleSpec::MinMax, 60.0), Some(1.0));
    assert_eq!(at(ScaleSpec::Quantile { bins: 3 }, 20.0), Some(0.0));
    assert_eq!(at(ScaleSpec::Quantile { bins: 3 }, 50.0), Some(1.0));
    let steps = ScaleSpec::Breaks {
        at: vec![20.0, 50.0],
        points: vec![0.1, 0.4, 0.9],
    };
    assert_eq!(
        [19.9, 20.0, 50.0].map(|v| at(steps.clone(), v)),
        [Some(0.1), Some(0.4), Some(0.9)]
    );
    let same = ScaleSpec::MinMax.fit(&cells[1..3]);
    assert_eq!(
        [19.0, 20.0, 21.0].map(|v| same.number(v)),
        [Some(0.0), Some(0.5), Some(1.0)]
    );
    assert_eq!(ScaleSpec::MinMax.fit(&[]).number(1.0), None);
    assert_eq!(ScaleSpec::Percentile.fit(&[]).number(1.0), None);
    let words = ScaleSpec::Categories([("gold".to_owned(), 1.0)].into()).fit(&[]);
    assert_eq!(
        (words.word("gold"), words.word("wood"), words.number(0.0)),
        (Some(1.0), None, None)
    );
}

#[test]
fn a_fit_of_another_policy_is_refused() {
    let one = |scale| WeightedSpec {
        parts: vec![part("spend", 1.0, scale, false, WhenMissing::Skip)],
    };
    let bind = |spec: WeightedSpec| {
        spec.bind(&schema(), "score", &mut Diagnostics::new())
            .unwrap()
    };
    let population = table(&[(Some(1.0), None, None, None), (Some(2.0), None, None, None)]);
    let scales = bind(one(ScaleSpec::Percentile)).fit(&population);
    assert!(bind(one(ScaleSpec::Percentile)).freeze(&scales).is_ok());
    for other in [ScaleSpec::MinMax, ScaleSpec::Quantile { bins: 5 }] {
        let error = bind(one(other)).freeze(&scales).unwrap_err();
        assert!(error.is_misuse() && error.to_string().contains("`spend`"));
    }
    assert!(bind(one(ScaleSpec::Percentile)).freeze(&[]).is_err());
    assert!(
        bind(one(ScaleSpec::Linear { from: 0.0, to: 1.0 }))
            .freeze(&[])
            .is_ok()
    );
}

#[test]
fn all_problems_are_found_at_once() {
    let text = r#"
        parts = [
            { column = "spnd", weight = 1, scale = "percentile" },
            { column = "spend", weight = 0, scale = { linear = { from = 3, to = 3 } } },
            { column = "spend", weight = -1, scale = { breaks = { at = [2, 1], points = [0, 2] } } },
            { column = "spend", weight = 1, scale = { quantile = { bins = 1 } }, missing = 1.5 },
            { column = "spend", weight = 1, scale = { categories = { gold = 2 } } },
            { column = "spend", weight = 1, scale = "flag" },
            { column = "level", weight = 1, scale = "min_max" },
            { column = "level", weight = 1, scale = { categories = { god = 1 } }, missing = "missing" },
        ]
    "#;
    let spec: WeightedSpec = toml::from_str(text).unwrap();
    let mut problems = Diagnostics::new();
    assert!(
        spec.bind(&schema(), "scores.value", &mut problems)
            .is_none()
    );
    let shown = problems.to_string();
    for wanted in [
        "scores.value.parts[0].column: there is no column `spnd` (did you mean `spend`?)",
        "parts[1].weight: a weight of `0`",
        "parts[1].scale: `3` to `3` is not a range",
        "parts[2].weight: a weight of `-1`",
        "parts[2].scale: the breaks are not numbers in increasing order",
        "parts[2].scale: 2 breaks need 3 points, not 2",
        "parts[2].scale: `2` is not within 0 to 1",
        "parts[3].scale: `1` bins are not 2 to 100",
        "parts[3].missing: `1.5` is not within 0 to 1",
        "parts[4].scale: `gold` is `2`",
        "parts[4].scale: column `spend` holds numbers, not words",
        "parts[5].scale: column `spend` is in the unit money, not a flag",
        "parts[6].scale: column `level` holds words, not numbers",
        "warning: scores.value.parts[7].scale: column `level` has no word `god` (did you mean `gold`?)",
    ] {
        assert!(shown.contains(wanted), "{wanted}\n{shown}");
    }
    assert_eq!(problems.len(), 14, "{shown}");
    let error =
        toml::from_str::<WeightedSpec>(&text.replace("\"missing\"", "\"none\"")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("expected `skip`, `missing`, or a number"),
        "{error}"
    );
}
