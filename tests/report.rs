//! Reports add up, whatever is added to them, and say what they are in text and in serde.

use customer_value::model::Currency;
use customer_value::report::{Breakdown, CrossTable, top};
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
fn sums_stop_at_the_ends() {
    let mut tiers = Breakdown::new("tier", ["A"], "spend", Currency::EUR);
    tiers.add(Some(0), i64::MAX);
    tiers.add(Some(0), i64::MAX);
    assert_eq!(tiers.total().value, i64::MAX);
    tiers.add(None, i64::MIN);
    let _ = tiers.to_string();
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
        let total: i64 = customers.iter().map(|(_, _, value)| value).sum();
        prop_assert_eq!((tiers.total().customers, tiers.total().value), (many, total));
        prop_assert_eq!(table.total().total(), many);
        for (group, row) in tiers.groups().iter().zip(table.rows()) {
            prop_assert_eq!(group.customers, row.total());
        }
        for (place, name) in ["A", "B", "C"].iter().enumerate() {
            let here = customers.iter().filter(|(tier, ..)| *tier == Some(place));
            let in_y = here.clone().filter(|(_, stage, _)| *stage == Some(1)).count();
            prop_assert_eq!(table.count(name, "y"), in_y as u64);
            let value: i64 = here.map(|(_, _, value)| value).sum();
            prop_assert_eq!(tiers.groups()[place].value, value);
        }
        if total > 0 {
            let shares = tiers.groups().iter().chain([tiers.unknown()]);
            let sum: f64 = shares.filter_map(|group| tiers.value_share(group)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
        }
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
