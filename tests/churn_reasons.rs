//! Why customers left: the record, and the counts.

use customer_value::lifecycle::churn::{LossReasons, Lost};
use customer_value::model::{Currency, CustomerId, Day, Loss, LossReason, Money};
use proptest::prelude::*;

const WORDS: [&str; 8] = [
    "service",
    "product",
    "price",
    "competitor",
    "life_event",
    "unknown",
    "moved",
    "war",
];

fn loss(reason: &str, minor: i64) -> Loss {
    let value = Money::from_minor(minor, Currency::EUR);
    Loss::new(1, Day::MIN, reason.parse().unwrap(), value).unwrap()
}

fn counted(losses: &[(usize, i64)]) -> LossReasons {
    let mut reasons = LossReasons::new(Currency::EUR);
    for (word, minor) in losses {
        reasons.add(&loss(WORDS[*word], *minor)).unwrap();
    }
    reasons
}

#[test]
fn one_reason_has_one_form() {
    for word in WORDS {
        let reason: LossReason = word.parse().unwrap();
        assert_eq!(reason.to_string(), word);
        assert_eq!(serde_json::to_value(&reason).unwrap(), word);
        assert_eq!(
            serde_json::from_value::<LossReason>(word.into()).unwrap(),
            reason
        );
        let own = matches!(reason, LossReason::Other(_));
        assert_eq!(own, ["moved", "war"].contains(&word));
        // An own word that is a known one becomes that.
        let value = Money::from_minor(1, Currency::EUR);
        let spaced = LossReason::Other(format!(" {word} ").into());
        assert_eq!(
            *Loss::new(1, Day::MIN, spaced, value).unwrap().reason(),
            reason
        );
    }
    let value = Money::from_minor(1, Currency::EUR);
    let empty = Loss::new(1, Day::MIN, LossReason::Other(" ".into()), value);
    assert!(empty.unwrap_err().is_parse());
}

#[test]
fn a_loss_is_written_and_read() {
    let text = r#"{"customer":7,"day":"2024-03-01","reason":"price","value":"-1.20 EUR"}"#;
    let read: Loss = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    assert_eq!(
        (read.customer(), read.day()),
        (&CustomerId::from(7), "2024-03-01".parse().unwrap())
    );
    assert_eq!(
        (read.reason(), read.value().minor()),
        (&LossReason::Price, -120)
    );
    for wrong in [
        r#"{"customer":7,"day":"2024-03-01","reason":"","value":"1.20 EUR"}"#,
        r#"{"customer":7,"day":"2024-03-01","reason":"price"}"#,
        r#"{"customer":7,"on":"2024-03-01","reason":"price","value":"1.20 EUR"}"#,
    ] {
        assert!(serde_json::from_str::<Loss>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn shares_are_of_what_is_known() {
    let none = counted(&[]);
    assert_eq!(
        (
            none.share(&LossReason::Price),
            none.value_share(&LossReason::Price)
        ),
        (None, None)
    );
    assert_eq!(
        none.to_string(),
        "reason  customers  share  value  share\ntotal           0      -   0.00      -\n"
    );
    // Nothing lost, or less than nothing.
    for minor in [0, -5] {
        let reasons = counted(&[(2, minor), (5, minor)]);
        assert_eq!(reasons.share(&LossReason::Price), Some(0.5));
        assert_eq!(reasons.value_share(&LossReason::Price), None);
        assert_eq!(reasons.value_share(&LossReason::Service), None);
    }
    let reasons = counted(&[(6, 300), (0, 100), (6, 200), (5, -40)]);
    assert_eq!(
        reasons.to_string(),
        "\
reason   customers    share  value    share
service          1   25.0 %   1.00   17.9 %
unknown          1   25.0 %  -0.40   -7.1 %
moved            2   50.0 %   5.00   89.3 %
total            4  100.0 %   5.60  100.0 %
"
    );
    assert_eq!(
        reasons.get(&LossReason::Service),
        Lost {
            count: 1,
            value: 100
        }
    );
    assert_eq!(reasons.get(&LossReason::Price), Lost::default());
    let order: Vec<&str> = reasons.iter().map(|(reason, _)| reason.as_str()).collect();
    assert_eq!(order, ["service", "unknown", "moved"]);
    let text = serde_json::to_string(&reasons).unwrap();
    assert_eq!(serde_json::from_str::<LossReasons>(&text).unwrap(), reasons);

    // More than one amount of money can be, exact to the cent.
    let much = counted(&[(0, i64::MAX), (0, i64::MAX)]);
    assert_eq!(much.total().value, 2 * i128::from(i64::MAX));
    assert!(much.to_string().contains("184467440737095516.14"));
    let mut yen = LossReasons::new(Currency::JPY);
    yen.add(
        &Loss::new(
            1,
            Day::MIN,
            LossReason::Price,
            Money::from_minor(-7, Currency::JPY),
        )
        .unwrap(),
    )
    .unwrap();
    assert!(yen.to_string().contains(" -7 "), "{yen}");
}

#[test]
fn amounts_of_two_currencies_do_not_add() {
    let mut reasons = counted(&[(0, 100)]);
    let before = reasons.clone();
    let dollars = Loss::new(1, Day::MIN, LossReason::Price, "1.00 USD".parse().unwrap()).unwrap();
    assert!(reasons.add(&dollars).unwrap_err().is_misuse());
    let other = LossReasons::new(Currency::USD);
    assert!(reasons.merge(&other).unwrap_err().is_misuse());
    assert_eq!(reasons, before);
}

fn losses() -> impl Strategy<Value = Vec<(usize, i64)>> {
    prop::collection::vec(
        (0..WORDS.len(), prop_oneof![-50..500_i64, Just(i64::MAX)]),
        0..12,
    )
}

proptest! {
    #[test]
    fn parts_add_up_in_any_order(a in losses(), b in losses()) {
        let all: Vec<(usize, i64)> = a.iter().chain(&b).copied().collect();
        let backwards: Vec<(usize, i64)> = all.iter().rev().copied().collect();
        let whole = counted(&all);
        prop_assert_eq!(&counted(&backwards), &whole);
        for parts in [[&a, &b], [&b, &a]] {
            let mut sum = counted(parts[0]);
            sum.merge(&counted(parts[1])).unwrap();
            prop_assert_eq!(&sum, &whole);
        }
        let value: i128 = all.iter().map(|(_, minor)| i128::from(*minor)).sum();
        prop_assert_eq!(whole.total(), Lost { count: all.len() as u64, value });
        for (at, word) in WORDS.iter().enumerate() {
            let reason: LossReason = word.parse().unwrap();
            let mine: Vec<i128> = all.iter().filter(|(w, _)| *w == at).map(|(_, minor)| i128::from(*minor)).collect();
            let lost = whole.get(&reason);
            prop_assert_eq!((lost.count, lost.value), (mine.len() as u64, mine.iter().sum::<i128>()));
            let share = (value > 0).then(|| lost.value as f64 / value as f64);
            prop_assert_eq!(whole.value_share(&reason), share);
        }
    }
}
