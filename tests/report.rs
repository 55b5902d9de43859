//! Reports add up, whatever is added to them, and say what they are in text and in serde.

use customer_value::model::Currency;
use customer_value::report::{
    Breakdown, CrossTable, GridLimits, Migration, SegmentReport, ValueGrid, top,
};
use customer_value::rules::Truth;
use proptest::prelude::*;

#[test]
fn a_breakdown_of_nobody_has_no_shares() {
    let nobody = Breakdown::new("tier", ["A", "B"], "spend", Currency::JPY);
    assert_eq!(nobody.customer_share(&nobody.groups()[0]), None);
    assert_eq!(nobody.value_share(&nobody.groups()[0]), None);
    assert_eq!(
        nobody.to_string(),
        "tier   customers  share  spend  share\n\
         A              0      -      0      -\n\
         B              0      -      0      -\n\
         total          0      -      0      -\n"
    );
}

#[test]
fn a_value_below_zero_is_a_share_below_zero_and_of_no_whole_there_is_none() {
    let mut tiers = Breakdown::new("tier", ["A", "B"], "spend", Currency::EUR);
    tiers.add(Some(0), 15_000);
    tiers.add(Some(1), -5_000);
    assert_eq!(tiers.value_share(&tiers.groups()[0]), Some(1.5));
    assert_eq!(tiers.value_share(&tiers.groups()[1]), Some(-0.5));
    tiers.add(None, -10_000);
    assert_eq!(tiers.value_share(&tiers.groups()[0]), None);
    assert_eq!(tiers.customer_share(tiers.unknown()), Some(1.0 / 3.0));
}

#[test]
fn sums_are_exact_and_shown_up_to_the_ends_of_money() {
    let mut tiers = Breakdown::new("tier", ["A"], "spend", Currency::EUR);
    tiers.add(Some(0), i64::MAX);
    tiers.add(Some(0), i64::MAX);
    assert_eq!(tiers.total().value, 2 * i128::from(i64::MAX));
    assert!(tiers.to_string().contains(" 92233720368547758.07 "));
    tiers.add(None, i64::MIN);
    assert_eq!(tiers.total().value, i128::from(i64::MAX) - 1);
}

#[test]
fn a_cross_table_counts_by_name_and_shows_who_is_unknown() {
    let mut table = CrossTable::new("tier", ["A", "D"], "stage", ["loyal", "churned"]);
    for (tier, stage, times) in [(0, 0, 12), (1, 1, 3)] {
        (0..times).for_each(|_| table.add(Some(tier), Some(stage)));
    }
    assert_eq!(table.count("A", "loyal"), 12);
    assert_eq!(table.count("A", "churned"), 0);
    assert_eq!(table.count("B", "loyal"), 0);
    assert_eq!(
        table.to_string(),
        "tier   loyal  churned  total\n\
         A         12        0     12\n\
         D          0        3      3\n\
         total     12        3     15\n"
    );
    // Codes that nothing has are unknown too.
    table.add(Some(9), Some(0));
    table.add(Some(0), Some(9));
    assert_eq!(
        table.to_string(),
        "tier     loyal  churned  unknown  total\n\
         A           12        0        1     13\n\
         D            0        3        0      3\n\
         unknown      1        0        0      1\n\
         total       13        3        1     17\n"
    );
}

#[test]
fn reports_are_plain_data() {
    let mut tiers = Breakdown::new("tier", ["A"], "spend", Currency::EUR);
    tiers.add(Some(0), 5);
    let text = serde_json::to_string(&tiers).unwrap();
    assert_eq!(
        text,
        r#"{"by":"tier","of":"spend","currency":"EUR","groups":[{"name":"A","customers":1,"value":5}],"unknown":{"name":"unknown","customers":0,"value":0}}"#
    );
    assert_eq!(serde_json::from_str::<Breakdown>(&text).unwrap(), tiers);

    let mut table = CrossTable::new("tier", ["A"], "stage", ["loyal"]);
    table.add(Some(0), Some(0));
    let text = serde_json::to_string(&table).unwrap();
    assert_eq!(serde_json::from_str::<CrossTable>(&text).unwrap(), table);
    // A table with too short a row is completed.
    let short = text.replacen("[1,0]", "[]", 1);
    let mut short: CrossTable = serde_json::from_str(&short).unwrap();
    short.add(Some(0), Some(0));
    assert_eq!(short, table);
}

fn extreme() -> impl Strategy<Value = i64> {
    prop_oneof![-9..9_i64, Just(i64::MIN), Just(i64::MAX)]
}

proptest! {
    #[test]
    fn every_customer_is_counted_once(
        customers in prop::collection::vec(
            (prop::option::of(0_usize..4), prop::option::of(0_usize..5), -1000_i64..1000), 0..60),
    ) {
        let mut tiers = Breakdown::new("tier", ["A", "B", "C"], "spend", Currency::EUR);
        let mut table = CrossTable::new("tier", ["A", "B", "C"], "stage", ["x", "y", "z", "w"]);
        for (tier, stage, value) in &customers {
            tiers.add(*tier, *value);
            table.add(*tier, *stage);
        }
        let many = customers.len() as u64;
        let total: i128 = customers.iter().map(|(_, _, value)| i128::from(*value)).sum();
        prop_assert_eq!((tiers.total().customers, tiers.total().value), (many, total));
        prop_assert_eq!(table.total().total(), many);
        for (group, row) in tiers.groups().iter().zip(table.rows()) {
            prop_assert_eq!(group.customers, row.total());
        }
        for (place, name) in ["A", "B", "C"].iter().enumerate() {
            let here = customers.iter().filter(|(tier, ..)| *tier == Some(place));
            let in_y = here.clone().filter(|(_, stage, _)| *stage == Some(1)).count();
            prop_assert_eq!(table.count(name, "y"), in_y as u64);
            let value: i128 = here.map(|(_, _, value)| i128::from(*value)).sum();
            prop_assert_eq!(tiers.groups()[place].value, value);
        }
        if total > 0 {
            let shares = tiers.groups().iter().chain([tiers.unknown()]);
            let sum: f64 = shares.filter_map(|group| tiers.value_share(group)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
        }
    }

    /// Signed amounts, also those that together leave 64 bits on the way.
    #[test]
    fn the_order_of_customers_changes_no_sum(
        customers in prop::collection::vec((prop::option::of(0_usize..2), extreme(), extreme()), 0..12),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let mut other = customers.clone();
        other.reverse();
        other.rotate_left(shuffled.index(customers.len() + 1) % customers.len().max(1));
        let of = |customers: &[(Option<usize>, i64, i64)]| {
            let mut tiers = Breakdown::new("tier", ["A", "B"], "spend", Currency::EUR);
            let mut moves = Migration::new("tier", ["A", "B"], ["A", "B"], "spend", Currency::EUR);
            let mut segments = SegmentReport::new([("A", None)], "spend", Currency::EUR);
            let mut grid = ValueGrid::new(GridLimits { clv: 0, crv: 0 }, Currency::EUR);
            for (tier, one, two) in customers {
                tiers.add(*tier, *one);
                moves.add(*tier, Some(0), *one, *two);
                segments.add([Truth::from(*tier == Some(0))], Some(*one));
                grid.add(Some(*one), Some(*two));
            }
            (tiers, moves, segments, grid)
        };
        let (tiers, moves, segments, grid) = of(&customers);
        let sum: i128 = customers.iter().map(|(_, one, _)| i128::from(*one)).sum();
        prop_assert_eq!(tiers.total().value, sum);
        prop_assert_eq!(segments.all().value, sum);
        prop_assert_eq!(moves.cells().iter().map(|cell| cell.before).sum::<i128>(), sum);
        prop_assert_eq!(grid.cells().iter().map(|cell| cell.clv).sum::<i128>(), sum);
        let text = serde_json::to_string(&(&segments, &grid)).unwrap();
        prop_assert_eq!(serde_json::from_str::<(SegmentReport, ValueGrid)>(&text).unwrap(), (segments.clone(), grid.clone()));
        prop_assert_eq!((tiers, moves, segments, grid), of(&other));
    }

    #[test]
    fn the_top_is_the_head_of_the_sorted_list(
        k in 0_usize..8,
        items in prop::collection::vec(
            [prop::option::of(0_u8..4), prop::option::of(0_u8..4)], 0..60),
    ) {
        let keys = |item: &[Option<u8>; 2]| item.map(|n| n.map(f64::from));
        let found = top(k, items.iter().map(keys).zip(0..));
        // `None` is the least `Option`; a stable sort keeps equal ones in their order.
        let mut sorted: Vec<usize> = (0..items.len()).collect();
        sorted.sort_by_key(|place| std::cmp::Reverse(items[*place]));
        sorted.truncate(k);
        prop_assert_eq!(found, sorted);
    }
}

#[test]
fn what_is_not_a_number_is_not_known() {
    let items = [
        (Some(f64::NAN), 'a'),
        (None, 'b'),
        (Some(-0.0), 'c'),
        (Some(0.0), 'd'),
    ];
    let best = top(4, items.map(|(number, name)| ([number], name)));
    assert_eq!(best, ['c', 'd', 'a', 'b']);
    let infinite = top(
        usize::MAX,
        [([Some(1.0)], 'a'), ([Some(f64::INFINITY)], 'b')],
    );
    assert_eq!(infinite, ['b', 'a']);
}

mod statistics {
    use customer_value::report::{Ranking, stability};
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
    }

    /// The share of the total of everybody who comes before, counted pair by pair; of two of one rank, half of each.
    fn share_before(all: &[(Option<f64>, i64)], i: usize) -> f64 {
        let key = |k: Option<f64>| k.unwrap_or(f64::NEG_INFINITY);
        let mut sum = 0.0;
        for (j, (other, amount)) in all.iter().enumerate() {
            sum += if j == i || key(*other) == key(all[i].0) {
                *amount as f64 / 2.0
            } else if key(*other) > key(all[i].0) {
                *amount as f64
            } else {
                0.0
            };
        }
        sum
    }

    fn customers() -> impl Strategy<Value = Vec<(Option<f64>, i64)>> {
        let key = prop::option::weighted(0.9, (-2..4_i32).prop_map(f64::from));
        prop::collection::vec((key, -20..100_i64), 1..12)
    }

    proptest! {
        #[test]
        fn gini_is_the_mean_over_pairs(all in customers()) {
            let ranking = Ranking::new(all.iter().copied());
            let total: i64 = all.iter().map(|(_, amount)| amount).sum();
            match ranking.gini() {
                None => prop_assert!(total <= 0),
                Some(gini) => {
                    // Twice the area below the curve, customer by customer, less that below the line.
                    let area: f64 = (0..all.len()).map(|i| share_before(&all, i)).sum();
                    let slow = 2.0 * area / (all.len() as f64 * total as f64) - 1.0;
                    prop_assert!(close(gini, slow), "{gini} {slow}");
                    let perfect = Ranking::new(all.iter().map(|(_, a)| (Some(*a as f64), *a)));
                    prop_assert!(gini <= perfect.gini().unwrap() + 1e-9);
                }
            }
        }

        #[test]
        fn gini_of_amounts_is_the_mean_difference(amounts in prop::collection::vec(0..50_i64, 1..12)) {
            let n = amounts.len() as f64;
            let total: i64 = amounts.iter().sum();
            let differences: i64 = amounts
                .iter()
                .flat_map(|a| amounts.iter().map(move |b| (a - b).abs()))
                .sum();
            let ranking = Ranking::new(amounts.iter().map(|a| (Some(*a as f64), *a)));
            if let Some(gini) = ranking.gini() {
                prop_assert!(close(gini, differences as f64 / (2.0 * n * total as f64)));
            }
        }

        #[test]
        fn a_share_is_the_mean_over_the_orders_of_ties(all in customers(), n in 0..14_u64) {
            let ranking = Ranking::new(all.iter().copied());
            let total: i64 = all.iter().map(|(_, amount)| amount).sum();
            let key = |k: Option<f64>| k.unwrap_or(f64::NEG_INFINITY);
            // The chance of being among the first n.
            let held: f64 = all
                .iter()
                .map(|(k, amount)| {
                    let before = all.iter().filter(|(o, _)| key(*o) > key(*k)).count() as f64;
                    let alike = all.iter().filter(|(o, _)| key(*o) == key(*k)).count() as f64;
                    *amount as f64 * ((n as f64 - before) / alike).clamp(0.0, 1.0)
                })
                .sum();
            prop_assert_eq!(ranking.share(n).is_some(), total > 0);
            if let Some(share) = ranking.share(n) {
                prop_assert!(close(share, held / total as f64));
                let taken = (n as f64).min(all.len() as f64) / all.len() as f64;
                match ranking.lift(n) {
                    None => prop_assert_eq!(n, 0),
                    Some(lift) => prop_assert!(close(lift, share / taken)),
                }
            }
        }

        #[test]
        fn stability_is_symmetric_and_never_below_zero(
            a in prop::collection::vec(0..50_u64, 0..5),
            b in prop::collection::vec(0..50_u64, 0..5),
        ) {
            let (one, other) = (stability(&a, &b), stability(&b, &a));
            match (one, other) {
                (Some(one), Some(other)) => prop_assert!(one >= 0.0 && close(one, other)),
                (one, other) => {
                    prop_assert_eq!(one, other);
                    prop_assert!(a.iter().sum::<u64>() == 0 || b.iter().sum::<u64>() == 0);
                }
            }
            if a.iter().sum::<u64>() > 0 {
                prop_assert_eq!(stability(&a, &a), Some(0.0));
            }
        }
    }

    #[test]
    fn stability_of_an_empty_group_counts_half_a_customer() {
        let (p, q) = (0.5 / 4.0, 2.0 / 4.0);
        let expected = (p - q) * f64::ln(p / q) + (1.0 - 0.5) * f64::ln(2.0);
        assert!(close(stability(&[0, 4], &[2, 2]).unwrap(), expected));
        // Nobody in a group of either: it is left out.
        assert_eq!(stability(&[0, 7, 0], &[0, 3]), Some(0.0));
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let ranking = Ranking::new([(Some(1.0), i64::MAX), (Some(1.0), i64::MAX), (None, -1)]);
        assert!(ranking.gini().unwrap().is_finite());
        assert_eq!(ranking.total(), 2 * i128::from(i64::MAX) - 1);
        let extreme = Ranking::of_ranks([(u64::MAX, i128::MAX), (u64::MAX, i128::MAX), (0, 5)]);
        assert!(extreme.gini().unwrap().is_finite());
        assert!(extreme.lift(u64::MAX).unwrap().is_finite());
    }
}
