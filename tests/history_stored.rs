//! The stored forms of a history: bytes and serde, and everything that is not one.

use customer_value::history::{Fact, History, Layout, Measure};
use customer_value::model::{Currency, Day};
use proptest::prelude::*;

/// Anything that a history may hold.
fn any_history() -> impl Strategy<Value = History> {
    let facts: Vec<Fact> = [
        Measure::Purchases,
        Measure::Spend,
        Measure::Gross,
        Measure::Discount,
    ]
    .into_iter()
    .flat_map(|measure| [Fact::new(measure), Fact::of_category(measure, "toys")])
    .collect();
    let facts = prop::sample::subsequence(facts, 0..5);
    let day = Day::MIN.epoch_days()..=Day::MAX.epoch_days();
    let total = || {
        prop_oneof![
            -3..9_i64,
            any::<i64>(),
            Just(0),
            Just(i64::MIN),
            Just(i64::MAX)
        ]
    };
    (facts, prop::collection::btree_set(prop_oneof![0..9_i32, day], 0..12))
        .prop_flat_map(move |(facts, days)| {
            let layout = Layout::new(Currency::JPY, facts);
            let columns = prop::collection::vec(total(), days.len());
            let totals = prop::collection::vec(columns, layout.facts().len());
            (Just(layout), Just(days), totals)
        })
        .prop_map(|(layout, days, totals)| {
            let days: Vec<Day> = days.into_iter().map(|d| Day::from_epoch_days(d).unwrap()).collect();
            serde_json::from_value(serde_json::json!({
                "version": 1, "currency": "JPY", "facts": layout.facts(), "days": days, "totals": totals,
            }))
            .unwrap()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stored_and_read_again(history in any_history()) {
        let bytes = history.to_bytes();
        prop_assert_eq!(&History::from_bytes(&bytes).unwrap(), &history);
        let json = serde_json::to_string(&history).unwrap();
        prop_assert_eq!(&serde_json::from_str::<History>(&json).unwrap(), &history);
        // What is cut off or appended is noticed.
        for end in 0..bytes.len() {
            prop_assert!(History::from_bytes(&bytes[..end]).is_err());
        }
        let error = History::from_bytes(&[&bytes[..], &[0]].concat()).unwrap_err();
        prop_assert!(error.is_parse());
    }

    #[test]
    fn bytes_that_are_no_history_are_an_error(
        history in any_history(),
        wrong in prop::collection::vec(any::<u8>(), 0..60),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let _ = History::from_bytes(&wrong);
        let _ = History::from_bytes(&[&b"CVH\x01EUR"[..], &wrong].concat());
        let _ = History::from_bytes(&[&b"CVH\x01EUR\x02\x00\x00\x01\x00"[..], &wrong].concat());
        let mut bytes = history.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(other) = History::from_bytes(&bytes) {
            prop_assert_eq!(History::from_bytes(&other.to_bytes()).unwrap(), other);
        }
    }
}

#[test]
fn counts_larger_than_the_bytes_are_refused_at_once() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    let days = [&b"CVH\x01EUR\x02\x00\x00\x01\x00"[..], &huge].concat();
    for bytes in [
        [&b"CVH\x01EUR"[..], &huge].concat(),
        [&b"CVH\x01EUR\x02\x00"[..], &huge].concat(),
        days.clone(),
        [&days[..], &[0xff]].concat(),
    ] {
        assert!(History::from_bytes(&bytes).unwrap_err().is_parse());
    }
}

#[test]
fn another_version_is_refused() {
    let history = History::new(Layout::new(Currency::EUR, []));
    let mut bytes = history.to_bytes();
    bytes[3] = 2;
    let error = History::from_bytes(&bytes).unwrap_err();
    assert!(error.is_misuse());
    assert_eq!(
        error.to_string(),
        "a history of version 2; this library reads version 1"
    );
}

#[test]
fn a_stored_history_that_contradicts_itself_is_refused() {
    let good = serde_json::json!({
        "version": 1, "currency": "EUR",
        "facts": [{"measure": "purchases"}, {"measure": "spend"}, {"measure": "spend", "category": "toys"}],
        "days": ["2024-01-01", "2024-01-02"], "totals": [[1, 2], [3, 4], [3, 0]],
    });
    let read = |value: &serde_json::Value| serde_json::from_value::<History>(value.clone());
    let history = read(&good).unwrap();
    assert_eq!(serde_json::to_value(&history).unwrap(), good);
    assert_eq!(History::from_bytes(&history.to_bytes()).unwrap(), history);
    for (field, value, message) in [
        ("version", serde_json::json!(0), "version 0"),
        ("currency", serde_json::json!("EURO"), "`EURO`"),
        (
            "days",
            serde_json::json!(["2024-01-02", "2024-01-01"]),
            "ascend",
        ),
        (
            "days",
            serde_json::json!(["2024-01-01", "2024-01-01"]),
            "ascend",
        ),
        (
            "days",
            serde_json::json!(["2024-01-01"]),
            "one number per fact and day",
        ),
        (
            "totals",
            serde_json::json!([[1, 2], [3, 4]]),
            "one number per fact and day",
        ),
        ("facts", serde_json::json!([{"measure": "spend"}]), "order"),
        ("more", serde_json::json!(1), "unknown field"),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let error = read(&wrong).unwrap_err().to_string();
        assert!(error.contains(message), "{field}: {error}");
    }
}

#[test]
fn a_layout_is_a_set_of_facts() {
    let toys = Fact::of_category(Measure::Spend, "toys");
    let cost = Fact::new(Measure::Cost);
    let a = Layout::new(Currency::EUR, [toys.clone(), cost.clone(), toys.clone()]);
    let b = Layout::new(
        Currency::EUR,
        [cost.clone(), Measure::Spend.into(), toys.clone()],
    );
    assert_eq!(a, b);
    assert_eq!(a.facts().len(), 4);
    assert_eq!(a.position(&Measure::Purchases.into()), Some(0));
    assert_eq!(a.position(&Measure::Spend.into()), Some(1));
    assert_eq!(a.position(&Measure::Gross.into()), None);
    let json = serde_json::to_string(&a).unwrap();
    assert_eq!(serde_json::from_str::<Layout>(&json).unwrap(), a);
    // A category without a name is none that a row has, but it is stored as what it is.
    let blank = Layout::new(Currency::EUR, [Fact::of_category(Measure::Spend, "")]);
    let history = History::new(blank);
    assert_eq!(History::from_bytes(&history.to_bytes()).unwrap(), history);
}
