//! Positions and RFM against slow, plain definitions.

use customer_value::scoring::{
    Better, Breaks, Distribution, Rfm, RfmScore, RfmSpec, SegmentSpec, SegmentTable,
    quantile_breaks, rank::ntile,
};
use customer_value::table::Cell;
use proptest::prelude::*;

fn cells(values: &[Option<f64>]) -> Vec<Cell> {
    values
        .iter()
        .map(|v| v.map_or(Cell::MISSING, Cell::from_number))
        .collect()
}

fn known(values: &[Option<f64>]) -> Vec<f64> {
    values.iter().flatten().copied().collect()
}

fn worse(x: f64, v: f64, better: Better) -> bool {
    match better {
        Better::Higher => x < v,
        Better::Lower => x > v,
    }
}

/// 1 + floor(n · #{x worse than v} / N).
fn slow_quantile(population: &[f64], v: f64, n: usize, better: Better) -> u8 {
    let below = population.iter().filter(|x| worse(**x, v, better)).count();
    (1 + n * below / population.len()) as u8
}

/// The group that `ntile` gives to the mean position of the values equal to `v`.
fn slow_rank(population: &[f64], v: f64, n: usize, better: Better) -> u8 {
    let below = population.iter().filter(|x| worse(**x, v, better)).count();
    let equal = population.iter().filter(|x| **x == v).count();
    let mean = below as f64 + (equal as f64 - 1.0) / 2.0;
    let (size, larger) = (population.len() / n, population.len() % n);
    let (mut group, mut end) = (0, 0);
    for g in 1..=n {
        let start = end;
        end += size + usize::from(g <= larger);
        if mean >= start as f64 {
            group = if end > start { g } else { group };
        }
    }
    group as u8
}

/// Few different values, so that ties are the rule, and sometimes spread wide.
fn values() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        6 => (0_i32..12).prop_map(|v| Some(f64::from(v))),
        2 => (-1e6..1e6_f64).prop_map(Some),
        1 => prop_oneof![Just(1e308), Just(-1e308), Just(5e-324), Just(-0.0)].prop_map(Some),
        1 => Just(None),
    ];
    proptest::collection::vec(value, 0..120)
}

fn better() -> impl Strategy<Value = Better> {
    prop_oneof![Just(Better::Higher), Just(Better::Lower)]
}

proptest! {
    #[test]
    fn frozen_breaks_give_the_score_of_the_definition(vs in values(), n in 1_u8..12, better in better()) {
        let population = known(&vs);
        let quantile = Breaks::quantile(&cells(&vs), n, better);
        let rank = Breaks::rank(&cells(&vs), n, better);
        for v in &population {
            prop_assert_eq!(quantile.score(*v), slow_quantile(&population, *v, n.into(), better));
            prop_assert_eq!(rank.score(*v), slow_rank(&population, *v, n.into(), better));
        }
    }

    #[test]
    fn a_better_value_never_scores_lower(vs in values(), probe in values(), n in 1_u8..12, better in better()) {
        let mut probe: Vec<f64> = known(&probe);
        probe.sort_by(|a, b| if better == Better::Higher { a.total_cmp(b) } else { b.total_cmp(a) });
        for breaks in [Breaks::quantile(&cells(&vs), n, better), Breaks::rank(&cells(&vs), n, better)] {
            let scores: Vec<u8> = probe.iter().map(|v| breaks.score(*v)).collect();
            prop_assert!(scores.is_sorted(), "{:?}", scores);
            prop_assert!(scores.iter().all(|s| (1..=n).contains(s)));
        }
    }

    #[test]
    fn a_frozen_score_survives_its_text_and_any_order_of_rows(vs in values(), n in 2_u8..10, better in better()) {
        let breaks = Breaks::quantile(&cells(&vs), n, better);
        let text = serde_json::to_string(&breaks).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Breaks>(&text).unwrap(), &breaks);
        let mut turned = vs.clone();
        turned.reverse();
        prop_assert_eq!(Breaks::quantile(&cells(&turned), n, better), breaks);
        prop_assert_eq!(Distribution::fit(&cells(&turned)), Distribution::fit(&cells(&vs)));
    }

    #[test]
    fn positions_in_a_population_equal_counting(vs in values()) {
        let population = known(&vs);
        let distribution = Distribution::fit(&cells(&vs));
        prop_assert_eq!(&distribution, &Distribution::exact(&cells(&vs)));
        prop_assert_eq!(distribution.known(), population.len() as u64);
        for v in &population {
            let below = population.iter().filter(|x| *x < v).count();
            let above = population.iter().filter(|x| *x > v).count();
            prop_assert_eq!(distribution.percentile(*v), Some(below as f64 * 100.0 / population.len() as f64));
            prop_assert_eq!(distribution.rank(*v), Some(1 + above as u64));
            let scaled = |x: f64| x.max(0.0) / 1e9;
            let total: f64 = population.iter().map(|x| scaled(*x)).sum();
            let from_here: f64 = population.iter().filter(|x| *x >= v).map(|x| scaled(*x)).sum();
            match distribution.cumulative_share(*v) {
                Some(share) => prop_assert!(total < 1e-300 || (share - from_here / total).abs() < 1e-9),
                None => prop_assert_eq!(total, 0.0),
            }
        }
        let text = serde_json::to_string(&distribution).unwrap();
        prop_assert_eq!(serde_json::from_str::<Distribution>(&text).unwrap(), distribution);
    }

    #[test]
    fn answers_are_in_range_for_any_value(vs in values(), v in proptest::num::f64::ANY) {
        let distribution = Distribution::fit(&cells(&vs));
        for (answer, most) in [(distribution.percentile(v), 100.0), (distribution.cumulative_share(v), 1.0)] {
            prop_assert!(answer.is_none_or(|a| (0.0..=most).contains(&a)), "{:?}", answer);
        }
        prop_assert!(distribution.rank(v).is_none_or(|r| (1..=distribution.known() + 1).contains(&r)));
        prop_assert!((1..=5).contains(&Breaks::quantile(&cells(&vs), 5, Better::Lower).score(v)));
    }

    #[test]
    fn one_customer_scores_as_in_bulk_and_in_any_cut(
        rows in proptest::collection::vec((0_i32..40, 0_i32..6, -5.0..50.0_f64, 0_u8..20), 1..80),
        cut in 0_usize..80,
    ) {
        type Row = (i32, i32, f64, u8);
        let column = |get: &dyn Fn(&Row) -> Option<f64>| cells(&rows.iter().map(get).collect::<Vec<_>>());
        let r = column(&|row| (row.3 != 0).then_some(f64::from(row.0)));
        let f = column(&|row| (row.3 != 1).then_some(f64::from(row.1)));
        let m = column(&|row| (row.3 != 2).then_some(row.2));
        let rfm = RfmSpec::default().fit(&r, &f, &m).unwrap();
        let text = serde_json::to_string(&rfm).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Rfm>(&text).unwrap(), &rfm);

        let mut bulk = vec![None; rows.len()];
        rfm.score_all(&r, &f, &m, &mut bulk);
        let cut = cut.min(rows.len());
        let mut halves = vec![None; rows.len()];
        let (left, right) = halves.split_at_mut(cut);
        rfm.score_all(&r[..cut], &f[..cut], &m[..cut], left);
        rfm.score_all(&r[cut..], &f[cut..], &m[cut..], right);
        prop_assert_eq!(&halves, &bulk);

        // The population is who can be scored.
        let scored = |i: &usize| [&r, &f, &m].iter().all(|cells| !cells[*i].is_missing());
        let of = |cells: &[Cell]| {
            (0..rows.len()).filter(scored).filter_map(|i| cells[i].number()).collect::<Vec<f64>>()
        };
        let (all_r, all_f, all_m) = (of(&r), of(&f), of(&m));
        for (i, got) in bulk.iter().enumerate() {
            let (r, f, m) = (r[i].number(), f[i].number(), m[i].number());
            prop_assert_eq!(rfm.score(r, f, m), *got);
            let slow = r.zip(f).zip(m).map(|((r, f), m)| {
                let r = slow_quantile(&all_r, r, 5, Better::Lower);
                let f = slow_quantile(&all_f, f, 5, Better::Higher);
                let m = slow_quantile(&all_m, m, 5, Better::Higher);
                RfmScore { r, f, m, segment: SegmentTable::default().segment(r, f, m) }
            });
            prop_assert_eq!(*got, slow);
        }
    }
}

#[test]
fn breaks_of_a_large_column_equal_those_of_the_definition() {
    // Larger than what is simply sorted: skewed amounts, few counts, negative ones, one far value.
    let n = 20_000_u32;
    let mix = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
    let columns: [Vec<f64>; 5] = [
        (0..n)
            .map(|i| (mix(i) * 9.0).exp().round() / 100.0)
            .collect(),
        (0..n).map(|i| (1.0 / (mix(i) + 0.02)).floor()).collect(),
        (0..n).map(|i| mix(i) * 10.0 - 5.0).collect(),
        (0..n)
            .map(|i| {
                if i == 7 {
                    1e18
                } else {
                    19_000.0 + (mix(i) * 700.0).floor()
                }
            })
            .collect(),
        (0..n).map(|_| 3.5).collect(),
    ];
    for column in &columns {
        let mut sorted = column.clone();
        sorted.sort_by(f64::total_cmp);
        for bins in [2, 4, 5, 10, 60, 300] {
            let slow: Vec<f64> = (1..usize::from(bins))
                .filter_map(|k| {
                    let first = |v: f64| sorted.partition_point(|x| *x < v);
                    let enough = |v: f64| first(v) * usize::from(bins) >= k * sorted.len();
                    sorted.get(sorted.partition_point(|v| !enough(*v))).copied()
                })
                .collect();
            assert_eq!(quantile_breaks(column, bins), slow);
        }
    }
}

#[test]
fn what_is_not_finite_is_left_out_of_breaks() {
    let mut values = vec![f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    values.extend((1..=10).map(f64::from));
    assert_eq!(quantile_breaks(&values, 5), [3.0, 5.0, 7.0, 9.0]);
    assert!(quantile_breaks(&values, 0).is_empty());
    assert!(quantile_breaks(&[], 5).is_empty());
    values.extend((0..4_000).map(|i| f64::from(i % 10) + 1.0));
    assert_eq!(quantile_breaks(&values, 5), [3.0, 5.0, 7.0, 9.0]);
}

#[test]
fn a_fitted_distribution_keeps_its_stated_error() {
    let n = 50_000_u32;
    let mix = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
    let values: Vec<Option<f64>> = (0..n)
        .map(|i| {
            Some(if i % 3 == 0 {
                100.0
            } else {
                (mix(i) * 9.0).exp()
            })
        })
        .collect();
    let (fitted, exact) = (
        Distribution::fit(&cells(&values)),
        Distribution::exact(&cells(&values)),
    );
    assert!(
        serde_json::to_value(&fitted).unwrap()["knots"]
            .as_array()
            .unwrap()
            .len()
            <= Distribution::KNOTS + 2
    );
    let mut last = -1.0;
    for i in 0..20_000 {
        let v = f64::from(i) / 2.0;
        let (a, b) = (fitted.percentile(v).unwrap(), exact.percentile(v).unwrap());
        assert!((a - b).abs() <= 0.1, "{v}: {a} {b}");
        assert!(a >= last);
        last = a;
        let (a, b) = (
            fitted.cumulative_share(v).unwrap(),
            exact.cumulative_share(v).unwrap(),
        );
        assert!((a - b).abs() <= 0.01, "{v}: {a} {b}");
        assert!(fitted.rank(v).unwrap().abs_diff(exact.rank(v).unwrap()) <= 50);
    }
}

#[test]
fn a_distribution_that_does_not_rise_is_refused() {
    let knot = |at: f64, below: u64, until: u64| {
        format!(r#"{{"at":{at},"below":{below},"until":{until},"share":0,"share_above":0}}"#)
    };
    let read = |known: u64, knots: &[String]| {
        let text = format!(r#"{{"known":{known},"knots":[{}]}}"#, knots.join(","));
        serde_json::from_str::<Distribution>(&text)
    };
    assert!(read(2, &[knot(1.0, 0, 1), knot(2.0, 1, 2)]).is_ok());
    assert!(read(2, &[knot(2.0, 0, 1), knot(1.0, 1, 2)]).is_err());
    assert!(read(3, &[knot(1.0, 0, 1), knot(2.0, 1, 2)]).is_err());
    assert!(read(2, &[knot(1.0, 0, 2), knot(2.0, 1, 2)]).is_err());
    assert!(read(0, &[]).is_ok());
}

/// The group sizes of PostgreSQL, DuckDB and Polars: the first ones are the larger ones.
#[test]
fn ntile_sizes_are_those_of_sql() {
    let values: Vec<Option<f64>> = (0..12).map(|i| Some(f64::from(i))).collect();
    let groups = ntile(&cells(&values), 5, Better::Higher);
    let flat: Vec<u32> = groups.into_iter().flatten().collect();
    assert_eq!(flat, [1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5]);
    // With more groups than rows each row is a group.
    let groups = ntile(&cells(&[Some(5.0), None, Some(4.0)]), 5, Better::Lower);
    assert_eq!(groups, [Some(1), None, Some(2)]);
    // Where no values are equal, the frozen form is the same.
    let breaks = Breaks::rank(&cells(&values), 5, Better::Higher);
    let frozen: Vec<u32> = known(&values)
        .iter()
        .map(|v| breaks.score(*v).into())
        .collect();
    assert_eq!(frozen, flat);
}

/// Counts of cells per segment, from the table of the definition (125 in all).
#[test]
fn the_default_segments_are_a_partition() {
    let table = SegmentTable::default();
    let mut counts = vec![0; table.names().len()];
    for cell in 0..125_u8 {
        let code = table.segment(cell / 25 + 1, cell / 5 % 5 + 1, cell % 5 + 1);
        counts[usize::from(code.expect("every cell has a segment"))] += 1;
    }
    let counted: Vec<(&str, i32)> = table
        .names()
        .iter()
        .map(String::as_str)
        .zip(counts)
        .collect();
    assert_eq!(
        counted,
        [
            ("Champions", 7),
            ("Loyal", 8),
            ("Potential Loyalist", 24),
            ("New", 7),
            ("Promising", 16),
            ("Need Attention", 8),
            ("About To Sleep", 8),
            ("At Risk", 22),
            ("Cannot Lose Them", 8),
            ("Hibernating", 11),
            ("Lost", 6),
        ]
    );
    let text = serde_json::to_string(&table).unwrap();
    assert_eq!(serde_json::from_str::<SegmentTable>(&text).unwrap(), table);
}

/// The ranges that many tutorials copy: they leave cells out and give others twice.
#[test]
fn a_widely_copied_table_is_refused_with_every_cell_named() {
    let r = SegmentSpec::ranges;
    let specs = [
        r("Champions", "4-5", "4-5", "4-5"),
        r("Loyal", "2-5", "3-5", "3-5"),
        r("Lost", "1-2", "1-2", "1-2"),
    ];
    let problems = SegmentTable::new(&specs, "rfm.segments").unwrap_err();
    let text = problems.to_string();
    assert_eq!(problems.len(), 2, "{text}");
    assert!(text.contains("rfm.segments[1]: `Champions` and `Loyal` both have the cells 444 445 454 455 544 545 554 555"), "{text}");
    // 125 cells, less 4 · 3 · 3 of Loyal and 2 · 2 · 2 of Lost.
    assert!(
        text.contains("81 of 125 cells are in no segment: 113 114 115"),
        "{text}"
    );
}

#[test]
fn all_problems_of_a_specification_are_found_at_once() {
    let text = r#"
        bins = 5
        recency = { column = "days_since_last", by = { breaks = [90, 60, 30, 14] } }
        frequency = { column = "purchases", by = { breaks = [2, 3] } }
        monetary = { column = "spend", by = "rank" }
        segments = [
            { name = "a", r = "1-6" },
            { name = "", cells = "111 1111 611" },
            { name = "b" },
        ]
    "#;
    let spec: RfmSpec = toml::from_str(text).unwrap();
    let problems = spec.check("rfm").to_string();
    for wanted in [
        "rfm.recency.by.breaks: the breaks are not numbers in increasing order",
        "rfm.frequency.by.breaks: 2 breaks make 3 scores, not 5 (give 4 breaks)",
        "rfm.segments[0].r: `1-6` is not a range",
        "rfm.segments[1].name: a segment needs a name",
        "rfm.segments[1].cells: `1111` is not a cell",
        "rfm.segments[1].cells: `611` is not a cell",
        "rfm.segments[2]: `b` has no cells",
        "rfm.segments: 124 of 125 cells are in no segment: 112 ",
    ] {
        assert!(problems.contains(wanted), "{wanted}\n{problems}");
    }
    assert!(spec.fit(&[], &[], &[]).is_err());

    let ten = RfmSpec {
        bins: 10,
        segments: vec![SegmentSpec::cells("a", "111")],
        ..RfmSpec::default()
    };
    assert!(
        ten.check("rfm")
            .to_string()
            .contains("rfm.segments: a segment table needs 5 bins, not 10")
    );
    assert!(toml::from_str::<RfmSpec>("bin = 5").is_err());
}

#[test]
fn fixed_breaks_are_reached_at_the_break() {
    let text = r#"
        recency = { column = "days_since_last", by = { breaks = [14, 30, 60, 90] } }
        frequency = { column = "purchases", by = { breaks = [2, 3, 5, 8] } }
        monetary = { column = "spend", by = { breaks = [10.5, 20, 30, 40] } }
    "#;
    let rfm = toml::from_str::<RfmSpec>(text)
        .unwrap()
        .fit(&[], &[], &[])
        .unwrap();
    let score = |r: f64, f: f64, m: f64| rfm.score(Some(r), Some(f), Some(m)).unwrap().to_string();
    assert_eq!(score(14.0, 8.0, 40.0), "555");
    assert_eq!(score(15.0, 7.0, 39.9), "444");
    assert_eq!(score(90.0, 2.0, 10.5), "222");
    assert_eq!(score(91.0, 1.0, 10.4), "111");
    assert_eq!(rfm.score(Some(f64::NAN), Some(1.0), Some(1.0)), None);
}

#[test]
fn ten_bins_have_scores_and_no_segment() {
    let spec = RfmSpec {
        bins: 10,
        ..RfmSpec::default()
    };
    let values = cells(&(0..100).map(|i| Some(f64::from(i))).collect::<Vec<_>>());
    let rfm = spec.fit(&values, &values, &values).unwrap();
    let score = rfm.score(Some(0.0), Some(99.0), Some(45.0)).unwrap();
    assert_eq!(
        (score.to_string().as_str(), score.segment),
        ("10-10-5", None)
    );
}
