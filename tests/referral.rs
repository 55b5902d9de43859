//! The referral graph against a slow recursive oracle, and the laws of its two views.

use std::collections::{BTreeMap, BTreeSet};

use customer_value::metrics::referral::{
    ReferralEdge, ReferralGraph, ReferralReach, ReferralReason, ReferralReport, ReferralTerms,
    ReferralWeights,
};
use customer_value::model::{Currency, CustomerId, Day, Money, Referral, ReferralKind};
use proptest::prelude::*;

/// One row: referrer, referee, day, type one.
type Row = (u64, u64, i32, bool);

const LAST: i32 = 4;

fn day(days: i32) -> Day {
    Day::from_epoch_days(days).unwrap()
}

fn kind(type_one: bool) -> ReferralKind {
    if type_one {
        ReferralKind::TypeOne
    } else {
        ReferralKind::TypeTwo
    }
}

fn build(rows: &[Row]) -> (ReferralGraph, ReferralReport) {
    let ids: Vec<[CustomerId; 2]> = (rows.iter())
        .map(|&(a, b, ..)| [a.into(), b.into()])
        .collect();
    let edges = rows
        .iter()
        .zip(&ids)
        .map(|(row, [referrer, referee])| ReferralEdge {
            referrer,
            referee,
            day: day(row.2),
            kind: kind(row.3),
        });
    ReferralGraph::build(edges, day(LAST))
}

fn terms(saved: i64, incentive: i64) -> ReferralTerms {
    ReferralTerms {
        acquisition_saved: Money::from_minor(saved, Currency::EUR),
        incentive: Money::from_minor(incentive, Currency::EUR),
    }
}

fn reach(depth: Option<usize>, damping: f64) -> ReferralReach {
    ReferralReach { depth, damping }
}

fn euros(weights: &ReferralWeights, customer: u64) -> (f64, f64) {
    let id = CustomerId::from(customer);
    (
        weights.credit(&id).unwrap(),
        weights.attributed(&id).unwrap(),
    )
}

// ---- the oracle -------------------------------------------------------------------------------------

/// Referee → (referrer, type one); and how many rows are duplicates, second claims and in circles.
fn oracle_forest(rows: &[Row]) -> (BTreeMap<u64, (u64, bool)>, [usize; 3]) {
    let sound: Vec<Row> = (rows.iter().copied())
        .filter(|&(a, b, day, _)| a != b && day <= LAST)
        .collect();
    // Per pair the smallest (day, type one): the earliest, the careful kind first.
    let mut pairs: BTreeMap<(u64, u64), (i32, bool)> = BTreeMap::new();
    for &(a, b, day, one) in &sound {
        let held = pairs.entry((b, a)).or_insert((day, one));
        *held = (*held).min((day, one));
    }
    let mut claims: BTreeMap<u64, (i32, u64, bool)> = BTreeMap::new();
    for (&(referee, referrer), &(day, one)) in &pairs {
        let held = claims.entry(referee).or_insert((day, referrer, one));
        *held = (*held).min((day, referrer, one));
    }
    let second = pairs.len() - claims.len();
    // Whoever is above themselves is in a circle; cut one circle after the other.
    let mut cut = 0;
    while let Some(circle) = claims
        .keys()
        .find_map(|&start| oracle_circle(&claims, start))
    {
        let latest = circle
            .into_iter()
            .max_by_key(|referee| (claims[referee].0, claims[referee].1, *referee));
        claims.remove(&latest.unwrap());
        cut += 1;
    }
    let forest = claims.into_iter().map(|(b, (_, a, one))| (b, (a, one)));
    (forest.collect(), [sound.len() - pairs.len(), second, cut])
}

fn oracle_circle(claims: &BTreeMap<u64, (i32, u64, bool)>, start: u64) -> Option<Vec<u64>> {
    let mut path = vec![start];
    for _ in 0..claims.len() {
        let (_, above, _) = *claims.get(path.last()?)?;
        if above == start {
            return Some(path);
        }
        path.push(above);
    }
    None
}

fn oracle_credit(
    forest: &BTreeMap<u64, (u64, bool)>,
    worth: &BTreeMap<u64, f64>,
    customer: u64,
    depth: usize,
    damping: f64,
) -> f64 {
    if depth == 0 {
        return 0.0;
    }
    (forest.iter())
        .filter(|(_, (referrer, _))| *referrer == customer)
        .map(|(&child, _)| {
            worth[&child] + damping * oracle_credit(forest, worth, child, depth - 1, damping)
        })
        .sum()
}

fn oracle_attributed(
    forest: &BTreeMap<u64, (u64, bool)>,
    worth: &BTreeMap<u64, f64>,
    depth: usize,
    damping: f64,
) -> BTreeMap<u64, f64> {
    let mut shares = BTreeMap::new();
    for &referee in forest.keys() {
        let mut above = Vec::new();
        let mut at = referee;
        while let Some(&(referrer, _)) = forest.get(&at) {
            above.push(referrer);
            at = referrer;
        }
        above.truncate(depth);
        let weight = |l: usize| damping.powi(i32::try_from(l).unwrap());
        let total: f64 = (0..above.len()).map(weight).sum();
        for (l, referrer) in above.into_iter().enumerate() {
            *shares.entry(referrer).or_insert(0.0) += worth[&referee] * weight(l) / total;
        }
    }
    shares
}

// ---- laws -------------------------------------------------------------------------------------------

fn rows() -> impl Strategy<Value = Vec<Row>> {
    (2..12_u64)
        .prop_flat_map(|n| prop::collection::vec((0..n, 0..n, 0..=LAST + 1, any::<bool>()), 0..24))
}

/// Mostly trees: customer i is referred by a smaller one.
fn trees() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..30).prop_map(|rows| {
        (1..)
            .zip(rows)
            .map(|(i, (above, one))| (above.index(i) as u64, i as u64, 0, one))
            .collect()
    })
}

fn reaches() -> impl Strategy<Value = ReferralReach> {
    let damping = prop_oneof![Just(0.0), Just(0.5), Just(1.0), 0.0..=1.0];
    (prop::option::of(1..8_usize), damping).prop_map(|(depth, damping)| reach(depth, damping))
}

fn customers_of(forest: &BTreeMap<u64, (u64, bool)>) -> BTreeSet<u64> {
    forest.iter().flat_map(|(&b, &(a, _))| [a, b]).collect()
}

/// A value for every customer but each seventh, up to a million euros.
fn value_of(seed: u64) -> impl Fn(&CustomerId) -> Option<i64> {
    move |id| {
        let id = id.as_number().unwrap();
        let mixed = (id + 1)
            .wrapping_mul(seed | 1)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            >> 36;
        (id % 7 != 3).then_some(mixed as i64 % 100_000_000)
    }
}

proptest! {
    #[test]
    fn cleaning_is_the_oracles(rows in rows()) {
        let (graph, report) = build(&rows);
        let (forest, [duplicate, second, cut]) = oracle_forest(&rows);
        prop_assert_eq!(report.read, rows.len());
        prop_assert_eq!(report.read, report.accepted + report.duplicate + report.rejected.len());
        prop_assert_eq!(report.accepted, forest.len());
        prop_assert_eq!(report.duplicate, duplicate);
        let count = |is: fn(&ReferralReason) -> bool| report.rejected.iter().filter(|r| is(&r.reason)).count();
        prop_assert_eq!(count(|r| matches!(r, ReferralReason::SecondReferrer { .. })), second);
        prop_assert_eq!(count(|r| matches!(r, ReferralReason::Cycle { .. })), cut);
        prop_assert!(report.rejected.is_sorted_by_key(|r| r.position));

        prop_assert_eq!(graph.len(), customers_of(&forest).len());
        for customer in 0..13 {
            let id = CustomerId::from(customer);
            let above = graph.referrer(&id).and_then(CustomerId::as_number);
            prop_assert_eq!(above, forest.get(&customer).map(|f| f.0));
            let below: Vec<_> = graph.referees(&id).iter().filter_map(CustomerId::as_number).collect();
            let expected: Vec<_> = forest.iter().filter(|f| f.1.0 == customer).map(|f| *f.0).collect();
            prop_assert_eq!(below, expected);
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        reach in reaches(),
    ) {
        let ((a, a_report), (b, b_report)) = (build(&rows), build(&shuffled));
        prop_assert_eq!(a.customers(), b.customers());
        let weights = |graph: &ReferralGraph| graph.weights(&reach, &terms(30_00, 10_00), value_of(7)).unwrap();
        prop_assert_eq!(weights(&a), weights(&b));
        let reasons = |rows: &[Row], report: &ReferralReport| {
            let mut all: Vec<_> = report.rejected.iter().map(|r| {
                let (a, b, day, _) = rows[r.position];
                format!("{a} {b} {day} {:?}", r.reason)
            }).collect();
            all.sort();
            (all, report.duplicate, report.accepted)
        };
        prop_assert_eq!(reasons(&rows, &a_report), reasons(&shuffled, &b_report));
    }

    #[test]
    fn both_views_are_the_oracles(
        rows in prop_oneof![rows(), trees()],
        reach in reaches(),
        seed in any::<u64>(),
    ) {
        let (graph, _) = build(&rows);
        let (forest, _) = oracle_forest(&rows);
        let value = value_of(seed);
        let worth: BTreeMap<u64, f64> = forest.iter().map(|(&b, &(_, one))| {
            let own = value(&CustomerId::from(b));
            (b, own.map_or(0.0, |own| if one { own as f64 + 2000.0 } else { 3000.0 }))
        }).collect();
        let weights = graph.weights(&reach, &terms(30_00, 10_00), &value).unwrap();
        prop_assert_eq!(weights.without_value(), forest.keys().filter(|&b| b % 7 == 3).count());

        let depth = reach.depth.unwrap_or(usize::MAX);
        let shares = oracle_attributed(&forest, &worth, depth, reach.damping);
        for customer in customers_of(&forest) {
            let weight = weights.get(&customer.into()).unwrap();
            let credit = oracle_credit(&forest, &worth, customer, depth, reach.damping);
            prop_assert!((weight.credit - credit).abs() <= 1e-9 * credit.abs(), "{credit} {weight:?}");
            let share = shares.get(&customer).copied().unwrap_or(0.0);
            let rounding = 0.5 * (weight.reached + 1) as f64 * depth.min(30) as f64;
            prop_assert!((weight.attributed as f64 - share).abs() <= rounding, "{share} {weight:?}");
            let ones = forest.keys().map(|&b| (b, 1.0)).collect();
            let reached = oracle_credit(&forest, &ones, customer, depth, 1.0);
            prop_assert_eq!(weight.reached as f64, reached);
            let direct = oracle_credit(&forest, &ones, customer, 1, 1.0);
            prop_assert_eq!(weight.direct as f64, direct);
        }
        // The additive view loses and makes nothing.
        let attributed: i64 = weights.iter().map(|(_, weight)| weight.attributed).sum();
        prop_assert_eq!(attributed as f64, worth.values().sum::<f64>());
    }

    #[test]
    fn the_shares_of_one_referee_sum_to_its_worth(rows in trees(), reach in reaches(), cents in 0..2_000_i64) {
        let (graph, _) = build(&rows);
        for referee in graph.customers() {
            let shares = graph.shares(&reach, referee).unwrap();
            let sum: f64 = shares.iter().map(|s| s.1).sum();
            let depth = reach.depth.unwrap_or(usize::MAX);
            prop_assert_eq!(shares.len(), graph.referrers(referee).count().min(depth));
            if shares.is_empty() {
                continue;
            }
            prop_assert!((sum - 1.0).abs() < 1e-12);
            // Only this referee is worth something: what it is worth is what is shared out.
            let free = terms(0, 0);
            let only = |id: &CustomerId| (id == referee).then_some(cents);
            let weights = graph.weights(&reach, &free, only).unwrap();
            let type_one = rows.iter().any(|r| CustomerId::from(r.1) == *referee && r.3);
            let got: i64 = weights.iter().map(|(_, weight)| weight.attributed).sum();
            prop_assert_eq!(got, if type_one { cents } else { 0 });
            for (above, share) in shares {
                let got = weights.get(above).unwrap().attributed;
                let expected = if type_one { cents as f64 * share } else { 0.0 };
                prop_assert!((got as f64 - expected).abs() <= 30.0 * 0.5, "{got} {expected}");
            }
        }
    }

    #[test]
    fn no_input_panics_or_gives_nan(
        rows in rows(),
        saved in any::<i64>(),
        incentive in any::<i64>(),
        depth in prop::option::of(any::<usize>()),
        damping in any::<f64>(),
        value in any::<i64>(),
    ) {
        let (graph, _) = build(&rows);
        for damping in [damping, 1.0, f64::MIN_POSITIVE] {
            let reach = reach(depth, damping);
            match graph.weights(&reach, &terms(saved, incentive), |_| Some(value)) {
                Ok(weights) => for (_, weight) in weights.iter() {
                    prop_assert!(weight.credit.is_finite());
                },
                Err(error) => prop_assert!(error.is_range() || error.is_overflow()),
            }
            let _ = graph.counts(&reach);
        }
    }

    #[test]
    fn frozen_weights_come_back(rows in rows(), reach in reaches()) {
        let (graph, report) = build(&rows);
        let weights = graph.weights(&reach, &terms(30_00, 10_00), value_of(3)).unwrap();
        // Not JSON: serde_json reads a number back to the last bit only with its feature `float_roundtrip`.
        let text = toml::to_string(&weights).unwrap();
        let back: ReferralWeights = toml::from_str(&text).unwrap();
        prop_assert_eq!(&back, &weights);
        for customer in graph.customers() {
            prop_assert_eq!(back.get(customer), weights.get(customer));
        }
        let text = serde_json::to_string(&report).unwrap();
        prop_assert_eq!(serde_json::from_str::<ReferralReport>(&text).unwrap(), report);
    }
}

// ---- by hand ----------------------------------------------------------------------------------------

/// A customer with two type-one and two type-two referrals, by the definitions of Kumar, Petersen & Leone (2007):
/// (value + saved − incentive) twice, and saved twice.
#[test]
fn the_definitions_of_the_source() {
    let rows = [
        (1, 2, 0, true),
        (1, 3, 1, true),
        (1, 4, 2, false),
        (1, 5, 3, false),
    ];
    let (graph, _) = build(&rows);
    let value = |id: &CustomerId| id.as_number().map(|n| 10_000 * n as i64);
    let weights = graph
        .weights(&ReferralReach::default(), &terms(70_00, 40_00), value)
        .unwrap();
    // 200 + 70 − 40, 300 + 70 − 40, 70, 70
    assert_eq!(euros(&weights, 1), (700.0, 700.0));
    assert_eq!(euros(&weights, 2), (0.0, 0.0));
}

#[test]
fn three_levels_by_hand() {
    // 1 → 2 → 3 → 4, each worth 70 euros to those above.
    let (graph, _) = build(&[(1, 2, 0, true), (2, 3, 1, true), (3, 4, 2, true)]);
    assert_eq!(graph.levels(), 3);
    let at = |depth, damping| {
        let weights = graph
            .weights(&reach(depth, damping), &terms(0, 0), |_| Some(70_00))
            .unwrap();
        [1, 2, 3].map(|customer| euros(&weights, customer))
    };
    assert_eq!(at(Some(1), 0.5), [(70.0, 70.0); 3]);
    // 2 is shared out as 70; 3 as 46.67 + 23.33; 4 as 46.67 + 23.33 within two levels.
    assert_eq!(
        at(Some(2), 0.5),
        [(105.0, 93.33), (105.0, 70.0), (70.0, 46.67)]
    );
    // 4 as 40 + 20 + 10 over three.
    let all = [(122.5, 103.33), (105.0, 66.67), (70.0, 40.0)];
    assert_eq!(at(Some(3), 0.5), all);
    assert_eq!(at(Some(64), 0.5), all);
    assert_eq!(at(None, 0.5), all);
    // Only the direct referrer, and all referrers alike.
    assert_eq!(at(None, 0.0), [(70.0, 70.0); 3]);
    assert_eq!(
        at(None, 1.0),
        [(210.0, 128.33), (140.0, 58.34), (70.0, 23.33)]
    );

    let shares = graph.shares(&reach(Some(3), 0.5), &4.into()).unwrap();
    let expected = [(3, 4.0 / 7.0), (2, 2.0 / 7.0), (1, 1.0 / 7.0)];
    assert_eq!(
        shares,
        expected.map(|(id, share)| (graph.referrer(&(id + 1).into()).unwrap(), share))
    );
}

/// Beyond 2^53 a fraction of an amount is not exact; what is kept is still never more than what came.
#[test]
fn large_amounts_do_not_round_into_debts() {
    let (graph, _) = build(&[(1, 2, 0, true), (2, 3, 0, true)]);
    let large = (1 << 53) + 3; // the next `f64` is one more
    let weights = graph
        .weights(&reach(None, f64::MIN_POSITIVE), &terms(0, 0), |id| {
            Some(if *id == 3.into() { large } else { 0 })
        })
        .unwrap();
    let attributed: Vec<i64> = weights.iter().map(|(_, w)| w.attributed).collect();
    assert_eq!(attributed, [0, large, 0]);
}

#[test]
fn counts_need_no_money() {
    let (graph, _) = build(&[(1, 2, 0, true), (1, 3, 0, false), (2, 4, 1, false)]);
    let counts = graph.counts(&reach(Some(2), 0.5)).unwrap();
    assert_eq!(counts.parts_per_unit(), 1_000_000);
    assert_eq!(euros(&counts, 1), (2.5, 2.333333));
    assert_eq!(euros(&counts, 2), (1.0, 0.666667));
    assert_eq!(
        counts.get(&1.into()).map(|w| (w.direct, w.reached)),
        Some((2, 3))
    );
}

#[test]
fn missing_and_zero_are_two_things() {
    let (none, report) = build(&[(1, 1, 0, true)]);
    assert!(none.is_empty());
    assert_eq!(report.rejected[0].reason, ReferralReason::SelfReferral);
    assert_eq!(
        none.counts(&ReferralReach::default())
            .unwrap()
            .credit(&1.into()),
        None
    );

    let (some, _) = build(&[(1, 2, 0, true)]);
    let counts = some.counts(&ReferralReach::default()).unwrap();
    assert_eq!(counts.credit(&99.into()), Some(0.0));
    assert_eq!(counts.attributed(&99.into()), Some(0.0));

    // A referee who is no customer saved nothing, but whom it brought counts.
    let (graph, _) = build(&[(1, 2, 0, false), (2, 3, 0, false)]);
    let weights = graph
        .weights(&reach(None, 1.0), &terms(30_00, 0), |id| {
            (id.as_number() != Some(2)).then_some(0)
        })
        .unwrap();
    assert_eq!(weights.without_value(), 1);
    assert_eq!(euros(&weights, 1), (30.0, 15.0));
}

#[test]
fn each_reject_has_its_place_and_reason() {
    let rows = [
        (1, 2, 0, true),
        (7, 7, 0, true),        // self
        (1, 3, LAST + 1, true), // too late
        (9, 2, 0, true),        // same day, larger id
        (1, 2, 3, false),       // the same pair again
        (5, 2, 1, true),        // later
        (2, 1, 4, true),        // a circle with the first
    ];
    let (graph, report) = build(&rows);
    let got: Vec<(usize, String)> = (report.rejected.iter())
        .map(|r| (r.position, r.reason.to_string()))
        .collect();
    assert_eq!(
        got,
        [
            (1, "the customer refers itself".to_owned()),
            (
                2,
                "the referral is later than the day of the review".to_owned()
            ),
            (3, "the referee was referred by `1` before".to_owned()),
            (5, "the referee was referred by `1` before".to_owned()),
            (
                6,
                "2 customers refer each other in a circle, and this is its latest referral"
                    .to_owned()
            ),
        ]
    );
    assert_eq!((report.read, report.accepted, report.duplicate), (7, 1, 1));
    assert_eq!(graph.customers(), [1.into(), 2.into()]);
}

#[test]
fn circles_of_every_length_lose_their_latest_row() {
    for n in 2..50_u64 {
        for cut in 0..n {
            // i → i + 1 → …, with a tail that hangs on the circle and is not part of it.
            let mut rows: Vec<Row> = (0..n)
                .map(|i| (i, (i + 1) % n, i32::from(i == cut), true))
                .collect();
            rows.push((0, 1_000, 0, true));
            rows.push((1_000, 1_001, 2, true));
            let (graph, report) = build(&rows);
            let [reject] = report.rejected.as_slice() else {
                panic!("{report:?}")
            };
            assert_eq!(reject.position as u64, cut);
            assert_eq!(reject.reason, ReferralReason::Cycle { length: n as usize });
            assert_eq!(graph.referrer(&((cut + 1) % n).into()), None);
            assert_eq!(graph.len() as u64, n + 2);
        }
    }
    // On one day the row with the largest ids goes.
    let (graph, _) = build(&[(3, 1, 0, true), (1, 2, 0, true), (2, 3, 0, true)]);
    assert_eq!(graph.customers(), [1.into(), 2.into(), 3.into()]);
}

#[test]
fn texts_and_referrals_are_taken_as_they_are() {
    let day = day(0);
    let id = |text: &str| CustomerId::text(text).unwrap();
    let rows = [
        Referral::new(id("bo"), id("cy"), day, ReferralKind::TypeOne).unwrap(),
        Referral::new(id("al"), id("bo"), day, ReferralKind::TypeOne).unwrap(),
    ];
    let (graph, _) = ReferralGraph::build(&rows, day);
    assert_eq!(graph.customers(), [id("al"), id("bo"), id("cy")]);
    let above: Vec<_> = graph.referrers(&id("cy")).collect();
    assert_eq!(above, [&id("bo"), &id("al")]);
}

#[test]
fn wrong_terms_are_refused() {
    let (graph, _) = build(&[(1, 2, 0, true)]);
    let fine = terms(0, 0);
    for wrong in [
        reach(Some(0), 0.5),
        reach(Some(65), 0.5),
        reach(None, -0.1),
        reach(None, 1.1),
        reach(None, f64::NAN),
    ] {
        assert_eq!(wrong.check("referral").len(), 1);
        assert!(
            graph
                .weights(&wrong, &fine, |_| None)
                .unwrap_err()
                .is_range()
        );
        assert!(graph.counts(&wrong).unwrap_err().is_range());
        assert!(graph.shares(&wrong, &2.into()).unwrap_err().is_range());
    }
    let mixed = ReferralTerms {
        acquisition_saved: Money::from_minor(-1, Currency::EUR),
        incentive: Money::from_minor(1, Currency::USD),
    };
    let problems = mixed.check("referral");
    assert_eq!(
        problems.to_string(),
        "error: referral.acquisition_saved: `-0.01 EUR` is negative\n\
         error: referral.incentive: the incentive is in `USD`, the acquisition cost in `EUR` \
         (state both in the reporting currency)"
    );
    assert!(
        graph
            .weights(&ReferralReach::default(), &mixed, |_| None)
            .is_err()
    );
    // More than fits.
    let huge = graph.weights(&ReferralReach::default(), &terms(i64::MAX, 0), |_| Some(1));
    assert!(huge.unwrap_err().is_overflow());
}

#[test]
fn wrong_frozen_data_is_refused() {
    let line = r#"{"customer":1,"direct":1,"reached":1,"credit":1.0,"attributed":1}"#;
    let text = |parts: i64, lines: &str| {
        format!(r#"{{"parts_per_unit":{parts},"without_value":0,"customers":[{lines}]}}"#)
    };
    let read = |text: String| serde_json::from_str::<ReferralWeights>(&text);
    assert!(read(text(100, line)).is_ok());
    assert!(read(text(0, line)).is_err());
    let twice = read(text(100, &format!("{line},{line}"))).unwrap_err();
    assert!(twice.to_string().contains("customer `1` is there twice"));
}

/// A chain of a million, in a thread with a stack that a recursion over it would overflow.
#[test]
fn a_chain_of_a_million() {
    const N: u64 = 1_000_000;
    let work = || {
        // From the bottom up, which is the worst order for a walk from the first row; closed to a circle.
        let rows: Vec<Row> = (0..N).rev().map(|i| (i, (i + 1) % N, 0, true)).collect();
        let (graph, report) = build(&rows);
        assert_eq!(report.rejected.len(), 1);
        assert_eq!(
            report.rejected[0].reason,
            ReferralReason::Cycle { length: N as usize }
        );
        assert_eq!(graph.levels() as u64, N - 1);
        // The row (999999, 0) has the largest ids of the circle's one day.
        let top = CustomerId::from(0);
        let bottom = CustomerId::from(N - 1);
        assert_eq!(graph.referrers(&bottom).count() as u64, N - 1);
        for depth in [Some(1), Some(5), None] {
            let weights = graph
                .weights(&reach(depth, 1.0), &terms(0, 0), |_| Some(100))
                .unwrap();
            let levels = depth.map_or(N - 1, |d| d as u64);
            assert_eq!(weights.credit(&top), Some(levels as f64));
            let attributed: i64 = weights.iter().map(|(_, weight)| weight.attributed).sum();
            assert_eq!(attributed, (N as i64 - 1) * 100);
        }
    };
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}
