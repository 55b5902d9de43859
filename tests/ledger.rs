//! The ledger by example: every reason, every kind of refund, every policy.

use customer_value::ledger::{
    Columns, CustomerColumn, Decimals, Duplicates, Effect, Field, Ledger, LedgerBuilder, MergeMap,
    Negative, Options, Quality, Rates, Reason, Reject, TextRow, Zero,
};
use customer_value::model::{Currency, CustomerId, Day, Transaction};
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn options() -> Options {
    Options::new(day("2024-12-31"), Currency::EUR)
}

fn id(text: &str) -> CustomerId {
    CustomerId::text(text).unwrap()
}

/// `customer,date,amount,id,kind,refund_of,currency,category,channel,cost,discount`, the last ones optional.
fn row(line: &str) -> TextRow<'_> {
    let mut cells = line.split(',');
    let mut next = || cells.next().unwrap_or("");
    TextRow {
        customer: next(),
        date: next(),
        amount: next(),
        id: next(),
        kind: next(),
        refund_of: next(),
        currency: next(),
        category: next(),
        channel: next(),
        cost: next(),
        discount: next(),
    }
}

fn ledger(options: Options, lines: &[&str]) -> Ledger<'static> {
    let mut builder = LedgerBuilder::new(options);
    for line in lines {
        builder.text(row(line));
    }
    let ledger = builder.finish();
    assert_adds_up(ledger.quality());
    ledger
}

fn assert_adds_up(quality: &Quality) {
    assert_eq!(
        quality.accepted + quality.duplicate + quality.rejected,
        quality.read
    );
    assert_eq!(quality.reasons.values().sum::<u64>(), quality.rejected);
}

/// Day, purchases, spend, gross, refunds, cost, discount.
fn numbers(effect: &Effect<&str>) -> (String, [i64; 6]) {
    (
        effect.day.to_string(),
        [
            effect.purchases,
            effect.spend,
            effect.gross,
            effect.refunds,
            effect.cost,
            effect.discount,
        ],
    )
}

fn effects(ledger: &Ledger<'_>) -> Vec<(String, [i64; 6])> {
    ledger.effects().map(|(_, e)| numbers(&e)).collect()
}

fn with_rates(rates: &[(&str, &str, &str)]) -> Options {
    let mut options = options();
    for (currency, from, rate) in rates {
        options
            .rates
            .set(currency.parse().unwrap(), day(from), rate.parse().unwrap())
            .unwrap();
    }
    options
}

/// A third row, and what is said of it: field, reason, value.
const WRONG: &str = "
    ,2024-02-01,1                               | customer    empty
    ,,                                          | customer    empty
    ada,,1                                      | date        empty
    ada,2024-02-01,                             | amount      empty
    ada,2024-02-30,1                            | date        not_a_day         2024-02-30
    ada,01/02/2024,1                            | date        not_a_day         01/02/2024
    ada,2025-01-01,1                            | date        after_as_of       2025-01-01
    ada,2024-02-01,x                            | amount      not_a_number      x
    ada,2024-02-01,NaN                          | amount      not_a_number      NaN
    ada,2024-02-01,1e3                          | amount      not_a_number      1e3
    ada,2024-02-01,1,,,,,,,?                    | cost        not_a_number      ?
    ada,2024-02-01,1,,,,,,,,?                   | discount    not_a_number      ?
    ada,2024-02-01,1.005                        | amount      too_many_decimals 1.005
    ada,2024-02-01,1,,,,,,,0.001                | cost        too_many_decimals 0.001
    ada,2024-02-01,92233720368547758.08         | amount      too_large         92233720368547758.08
    ada,2024-02-01,92233720368547758.07         | amount      sum_too_large     92233720368547758.07
    ada,2024-02-01,1,,,,,,,92233720368547758.08 | cost        too_large         92233720368547758.08
    ada,2024-02-01,0                            | amount      zero              0
    ada,2024-02-01,0,,refund                    | amount      zero              0
    ada,2024-02-01,-1                           | amount      negative          -1
    ada,2024-02-01,-1,,purchase                 | amount      negative          -1
    ada,2024-02-01,1,,,,,,,-1                   | cost        negative          -1
    ada,2024-02-01,1,,,,,,,,-1                  | discount    negative          -1
    ada,2024-02-01,1,,,,EURO                    | currency    unknown_currency  EURO
    ada,2024-02-01,1,,,,eur                     | currency    unknown_currency  eur
    ada,2024-01-31,1,,,,USD                     | currency    no_rate           USD
    ada,2024-02-01,1,,,,GBP                     | currency    no_rate           GBP
    ada,2024-02-01,1,,sale                      | kind        unknown_kind      sale
    ada,2024-02-01,1,,purchase,A                | refund_of   not_a_refund      A
    ada,2024-02-01,1,,adjustment,A              | refund_of   not_a_refund      A
    ada,2024-02-01,1,,refund,Z                  | refund_of   unknown_purchase  Z
    bob,2024-02-01,1,,refund,A                  | refund_of   purchase_of_another A
    ada,2024-01-31,1,,refund,A                  | refund_of   before_purchase   A
    ada,2024-02-01,10.01,,refund,A              | amount      above_remaining   10.01
    ada,2024-02-02,1,,refund,D                  | currency    other_currency    EUR
    ada,2024-02-02,1,,refund,A,USD              | currency    other_currency    USD
";

#[test]
fn every_reason_names_its_row_and_field() {
    let mut strict = with_rates(&[("USD", "2024-02-01", "0.5")]);
    strict.zero = Zero::Reject;
    strict.negative = Negative::Reject;
    for case in WRONG.trim().lines() {
        let (line, said) = case.split_once('|').unwrap();
        let said: Vec<&str> = said.split_whitespace().collect();
        let rows = [
            "ada,2024-02-01,10,A",
            "ada,2024-02-01,10,D,,,USD",
            line.trim(),
        ];
        let ledger = ledger(strict.clone(), &rows);
        let expected = serde_json::json!({
            "position": 2, "field": said[0], "reason": said[1], "value": said.get(2).unwrap_or(&""),
        });
        assert_eq!(
            serde_json::to_value(ledger.rejects()).unwrap(),
            serde_json::json!([expected]),
            "{line}"
        );
        assert_eq!(
            ledger.quality().reasons[&ledger.rejects()[0].reason],
            1,
            "{line}"
        );
        assert_eq!(ledger.accepted(), 2, "{line}");
    }
}

#[test]
fn an_unreadable_row_is_counted() {
    let mut builder = LedgerBuilder::new(options());
    builder.text(row("ada,2024-01-01,1"));
    builder.unreadable("ada;2024-01-01");
    builder.text(row("ada,2024-01-01,2"));
    let ledger = builder.finish();
    assert_adds_up(ledger.quality());
    assert_eq!(
        ledger.rejects()[0].to_string(),
        "row 1: row: `ada;2024-01-01` cannot be read"
    );
    assert_eq!(ledger.accepted(), 2);
}

#[test]
fn rejects_come_in_the_order_of_the_rows() {
    let ledger = ledger(
        options(),
        &["ada,2024-01-01,1,,refund,Z", ",,", "ada,2024-01-01,1"],
    );
    let positions: Vec<u64> = ledger.rejects().iter().map(|r| r.position).collect();
    assert_eq!(positions, [0, 1]);
    let text = serde_json::to_string(ledger.quality()).unwrap();
    assert_eq!(
        &serde_json::from_str::<Quality>(&text).unwrap(),
        ledger.quality()
    );
    let text = serde_json::to_string(ledger.rejects()).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<Reject>>(&text).unwrap(),
        ledger.rejects()
    );
}

#[test]
fn amounts_convert_at_the_rate_of_the_day_halves_to_even() {
    let rates = [
        ("JPY", "2024-01-10", "0.005"),
        ("JPY", "2024-01-20", "0.01"),
        ("BHD", "2024-01-01", "2.5"),
    ];
    let ledger = ledger(
        with_rates(&rates),
        &[
            "ada,2024-01-10,1,,,,JPY",     // half a cent
            "ada,2024-01-19,3,,,,JPY",     // one and a half
            "ada,2024-01-19,5,,,,JPY",     // two and a half
            "ada,2024-01-20,3,,,,JPY",     // three
            "ada,2024-01-01,1.002,,,,BHD", // 250.5
            "ada,2024-01-09,1,,,,JPY",     // none yet
            "ada,2024-01-01,1.00,,,,EUR",
        ],
    );
    let spend: Vec<i64> = ledger.effects().map(|(_, e)| e.spend).collect();
    assert_eq!(spend, [0, 2, 2, 3, 250, 100]);
    assert_eq!(ledger.quality().converted, 5);
    assert_eq!(ledger.rejects()[0].reason, Reason::NoRate);
    // A yen that comes to no cent was paid all the same.
    assert_eq!(ledger.quality().zero_purchases, 0);
}

#[test]
fn rates_refuse_nonsense_and_stay_as_they_were() {
    let mut rates = Rates::new(Currency::EUR);
    let from = day("2024-01-01");
    let two = "2".parse().unwrap();
    rates.set(Currency::USD, from, two).unwrap();
    rates.set(Currency::USD, from, two).unwrap();
    let three = "3".parse().unwrap();
    assert!(
        rates
            .set(Currency::USD, from, three)
            .unwrap_err()
            .is_misuse()
    );
    assert_eq!(rates.on(Currency::USD, from), Some(two));
    assert!(rates.set(Currency::EUR, from, two).unwrap_err().is_misuse());
    rates
        .set(Currency::EUR, from, "1".parse().unwrap())
        .unwrap();
    for bad in ["0", "-1"] {
        let error = rates.set(Currency::USD, day("2024-01-02"), bad.parse().unwrap());
        assert!(error.unwrap_err().is_range());
    }
    assert_eq!(rates.on(Currency::USD, Day::MAX), Some(two));
    // Neighbours in the table do not answer for one another.
    assert_eq!(rates.on(Currency::CNY, Day::MAX), None);
    assert_eq!(rates.on("UYU".parse().unwrap(), Day::MAX), None);
}

#[test]
fn kinds_and_signs() {
    let ledger = ledger(
        options(),
        &[
            "ada,2024-01-01,0",
            "ada,2024-01-01,-5",
            "ada,2024-01-02,5,,refund",
            "ada,2024-01-02,-5,,refund",
            "ada,2024-01-03,-2,,adjustment",
            "ada,2024-01-03,0,,adjustment",
            "ada,2024-01-04,5,,purchase",
        ],
    );
    let back = [0, -500, 0, 500, 0, 0];
    let numbers: Vec<[i64; 6]> = effects(&ledger).into_iter().map(|(_, n)| n).collect();
    assert_eq!(
        numbers,
        [
            [1, 0, 0, 0, 0, 0],
            back,
            back,
            back,
            [0, -200, 0, 0, 0, 0],
            [0; 6],
            [1, 500, 500, 0, 0, 0]
        ]
    );
    assert_eq!(ledger.quality().zero_purchases, 1);
    // A refund that says so is one under every policy.
    let mut strict = options();
    strict.negative = Negative::Reject;
    let ledger = self::ledger(strict, &["ada,2024-01-02,-5,,refund", "ada,2024-01-02,-5"]);
    assert_eq!(ledger.quality().refunds_unlinked, 1);
    assert_eq!(ledger.rejects()[0].position, 1);
}

#[test]
fn the_first_row_of_an_id_counts() {
    let rows = [
        "ada,2024-13-01,1,A", // rejected: not the first
        "ada,2024-01-01,1,A",
        "ada,2024-01-01,1.00, A ",
        "ada,2024-01-02,1,A",
        "bob,2024-01-01,1,A",
        "ada,2024-01-01,1",
        "ada,2024-01-01,1",
    ];
    let ledger = ledger(options(), &rows);
    let q = ledger.quality();
    assert_eq!((q.accepted, q.duplicate, q.rejected), (3, 3, 1));
    assert_eq!(q.duplicate_differing, 2);
}

#[test]
fn equal_rows_without_an_id_are_duplicates_by_option() {
    let mut same_row = options();
    same_row.duplicates = Duplicates::SameRow;
    let rows = [
        "ada,2024-01-01,1",
        "ada,2024-01-01,1.00,,purchase,,EUR",
        "ada,2024-01-01,1,,,,,books",
        "ada,2024-01-01,1,,,,,,web",
        "ada,2024-01-01,1,,,,,,,1",
        "ada,2024-01-01,1,,,,,,,,1",
        "ada,2024-01-01T10:00,1",
        "ada,2024-01-01T18:00,1",
        "ada,2024-01-01T18:00,1",
        "bob,2024-01-01,1",
        "ada,2024-01-02,1",
        "ada,2024-01-01,1,A",
        "ada,2024-01-01,1,B",
    ];
    assert_eq!(ledger(same_row.clone(), &rows).quality().duplicate, 2);
    assert_eq!(ledger(options(), &rows).quality().duplicate, 0);
    // Plain columns are no exception.
    let columns = Columns::new(
        CustomerColumn::Numbers(&[1, 1, 2]),
        &[19_000; 3],
        &[5, 5, 5],
    );
    let accepted = |options| Ledger::from_columns(&columns, options).unwrap().accepted();
    assert_eq!((accepted(same_row), accepted(options())), (2, 3));
}

#[test]
fn decimals_are_exact_or_rounded() {
    let mut round = options();
    round.decimals = Decimals::Round;
    let rows = [
        "ada,2024-01-01,0.125",
        "ada,2024-01-01,0.135",
        "ada,2024-01-01,1.10",
    ];
    let spend = |options| -> Vec<i64> {
        ledger(options, &rows)
            .effects()
            .map(|(_, e)| e.spend)
            .collect()
    };
    assert_eq!(spend(round), [12, 14, 110]);
    assert_eq!(spend(options()), [110]);
}

#[test]
fn the_report_does_not_depend_on_which_customers_row_is_the_duplicate() {
    let mut merged = options();
    merged.merges = MergeMap::new([(id("a"), id("7"))]).unwrap();
    merged.duplicates = Duplicates::SameRow;
    let (a, seven) = ("a,2024-01-01,10", "7,2024-01-01,10");
    let forth = ledger(merged.clone(), &[a, seven]);
    let back = ledger(merged, &[seven, a]);
    assert_eq!(forth.quality().duplicate, 1);
    assert_eq!(forth.quality().merged, 1);
    assert_eq!(forth.quality(), back.quality());
}

#[test]
fn merged_customers_are_one() {
    let mut merged = options();
    merged.merges =
        MergeMap::new([(id("a"), id("b")), (id("b"), id("7")), (id("x"), id("7"))]).unwrap();
    let lines = [
        "a,2024-01-01,10,A",
        "b,2024-01-01,1",
        "7,2024-01-02,1",
        "x,2024-01-03,10,,refund,A",
        "y,2024-01-03,10,,refund,A",
    ];
    let ledger = ledger(merged, &lines);
    assert!(ledger.effects().all(|(customer, _)| customer == id("7")));
    assert_eq!(ledger.quality().merged, 3);
    assert_eq!(ledger.quality().purchases_undone, 1);
    assert_eq!(ledger.rejects()[0].reason, Reason::PurchaseOfAnother);

    let wrong = |pairs: &[(&str, &str)]| {
        let error = MergeMap::new(pairs.iter().map(|(a, b)| (id(a), id(b)))).unwrap_err();
        assert!(error.is_misuse());
        error.to_string()
    };
    assert!(wrong(&[("a", "a")]).contains("circle"));
    assert!(wrong(&[("a", "b"), ("b", "c"), ("c", "b")]).contains("circle"));
    assert!(wrong(&[("a", "b"), ("a", "c")]).contains("`a` is merged into `b` and into `c`"));
    assert!(MergeMap::new([]).unwrap().is_empty());
    // A long chain, told from its end.
    let chain = (0..5_000_u64).rev().map(|i| (i.into(), (i + 1).into()));
    assert_eq!(
        MergeMap::new(chain).unwrap().survivor(&0.into()),
        &5_000.into()
    );
}

#[test]
fn rows_whose_sum_could_overflow_are_rejected() {
    let most = "92233720368547758.07";
    let half = "46116860184273879.04";
    let ledger = ledger(
        options(),
        &[
            &format!("ada,2024-01-01,{half}"),
            &format!("bob,2024-01-01,{half}"),
            &format!("bob,2024-01-01,1,,,,,,,{most}"),
            "bob,2024-01-01,1,,,,,,,0.01",
            &format!("bob,2024-01-01,-{half},,adjustment"),
            "bob,2024-01-01,5",
        ],
    );
    let rejects: Vec<(u64, Field)> = ledger
        .rejects()
        .iter()
        .map(|r| (r.position, r.field))
        .collect();
    assert_eq!(
        rejects,
        [(1, Field::Amount), (3, Field::Cost), (4, Field::Amount)]
    );
    assert!(
        ledger
            .rejects()
            .iter()
            .all(|r| r.reason == Reason::SumTooLarge)
    );
}

#[test]
fn quality_reads_well() {
    let ledger = ledger(
        with_rates(&[("USD", "2024-01-01", "0.5")]),
        &[
            "ada,2024-01-01,10,A,,,USD",
            "ada,2024-01-01,10,A,,,USD",
            "ada,2024-03-01,10,,,A,USD",
            // Rejected refunds are neither converted nor accepted.
            "ada,2024-03-01,10,,,A,USD",
            ",,",
        ],
    );
    assert_eq!(
        ledger.quality().to_string(),
        "5 rows read: 2 accepted, 1 duplicate, 2 rejected; 2024-01-01 to 2024-03-01\n  \
         rejected: 1 because a field is empty\n  \
         rejected: 1 because a field is more than is left of the purchase\n  \
         1 refunds of a named purchase\n  1 purchases refunded in full\n  2 amounts converted"
    );
    assert_eq!(ledger.quality().completeness(Field::Customer), Some(0.8));
    assert_eq!(ledger.quality().completeness(Field::Id), Some(0.4));
    assert_eq!(ledger.quality().completeness(Field::Channel), Some(0.0));
    assert_eq!(Quality::default().completeness(Field::Id), None);
}

#[test]
fn columns_of_different_lengths_are_misuse() {
    let columns = Columns::new(CustomerColumn::Numbers(&[1, 2]), &[1, 2], &[1]);
    let error = Ledger::from_columns(&columns, options()).unwrap_err();
    assert!(error.is_misuse());
    assert!(error.to_string().contains("column `amount` has 1 rows"));
    let texts = Columns {
        category: &["a"],
        ..Columns::new(CustomerColumn::Texts(&["a", "b"]), &[1, 2], &[1, 2])
    };
    assert!(Ledger::from_columns(&texts, options()).is_err());
    let empty = Columns::new(CustomerColumn::Numbers(&[]), &[], &[]);
    let ledger = Ledger::from_columns(&empty, options()).unwrap();
    assert_eq!((ledger.accepted(), ledger.quality().read), (0, 0));
}

#[test]
fn text_columns_reject_an_empty_customer_and_a_day_out_of_range() {
    let columns = Columns::new(
        CustomerColumn::Texts(&["ada", " ", "7"]),
        &[19_000, 19_000, i32::MAX],
        &[1, 2, 3],
    );
    let ledger = Ledger::from_columns(&columns, options()).unwrap();
    assert_eq!(ledger.rejects()[0].to_string(), "row 1: customer: is empty");
    assert_eq!(
        ledger.rejects()[1].to_string(),
        "row 2: date: `2147483647` is not a day"
    );
    assert_eq!(ledger.quality().filled[&Field::Customer], 2);
    assert_eq!(ledger.quality().filled[&Field::Amount], 3);
    assert!(!ledger.quality().filled.contains_key(&Field::Currency));
}

/// What one transaction adds on its own is what a ledger of only that transaction says.
#[test]
fn an_effect_alone_is_that_of_a_ledger_of_one() {
    let rates = [
        ("USD", "2024-02-01", "0.5"),
        ("JPY", "2024-01-01", "0.0001"),
    ];
    let transactions = [
        ("purchase", "10.00 EUR", "2024-01-01"),
        ("purchase", "10.00 USD", "2024-01-01"), // no rate
        ("purchase", "10.00 USD", "2024-02-01"),
        ("purchase", "10.00 EUR", "2025-01-01"), // after as_of
        ("purchase", "0.00 EUR", "2024-01-01"),
        ("purchase", "1 JPY", "2024-01-01"), // no cent, but not nothing
        ("refund", "10.00 EUR", "2024-01-01"),
        ("refund_of", "10.00 EUR", "2024-01-01"),
        ("adjustment", "-3.00 EUR", "2024-01-01"),
        ("adjustment", "92233720368547758.07 USD", "2024-02-01"),
    ];
    for zero in [Zero::Purchase, Zero::Reject] {
        for negative in [Negative::Refund, Negative::Reject] {
            let mut options = with_rates(&rates);
            (options.zero, options.negative) = (zero, negative);
            for (kind, amount, on) in transactions {
                let (amount, on) = (amount.parse().unwrap(), day(on));
                let transaction = match kind {
                    "purchase" => Transaction::purchase(7, on, amount).unwrap(),
                    "adjustment" => Transaction::adjustment(7, on, amount),
                    "refund" => Transaction::refund(7, on, amount).unwrap(),
                    _ => Transaction::refund(7, on, amount)
                        .unwrap()
                        .refund_of("A")
                        .unwrap(),
                };
                let ledger = Ledger::from_transactions([&transaction], options.clone());
                match Effect::of(&transaction, &options) {
                    Ok(effect) => assert_eq!(ledger.effects().next().unwrap().1, effect),
                    Err(reject) => {
                        let found = &ledger.rejects()[0];
                        assert_eq!((found.field, found.reason), (reject.field, reject.reason));
                    }
                }
            }
        }
    }
}

/// A cell: anything at all, or something a cell of some field may hold.
fn cell() -> impl Strategy<Value = String> {
    let likely = [
        "",
        " ",
        "ada",
        "7",
        "18446744073709551616",
        "2024-01-01",
        "2024-02-29T23:59:60Z",
        "9999-12-31",
        "0001-01-01T00:00:00+23:59",
        "10",
        "-10",
        "0",
        "-0",
        "0.001",
        "92233720368547758.07",
        "-92233720368547758.08",
        "79228162514264337593543950335",
        "purchase",
        "refund",
        "adjustment",
        "A",
        "B",
        "EUR",
        "USD",
        "JPY",
        "books",
        "\u{feff}",
        "١٠",
    ];
    prop_oneof![
        6 => prop::sample::select(likely.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_and_every_row_ends_somewhere(
        rows in prop::collection::vec(prop::collection::vec(cell(), 11), 0..12),
        switches in any::<[bool; 4]>(),
    ) {
        let mut options = with_rates(&[("USD", "0001-01-01", "79228162514264337593543950335"), ("JPY", "2024-01-01", "0.0000000000000000000000000001")]);
        options.as_of = Day::MAX;
        if switches[0] { options.zero = Zero::Reject }
        if switches[1] { options.negative = Negative::Reject }
        if switches[2] { options.duplicates = Duplicates::SameRow }
        if switches[3] { options.decimals = Decimals::Round }
        let mut builder = LedgerBuilder::new(options);
        for cells in &rows {
            let cell = |i: usize| cells[i].as_str();
            builder.text(TextRow {
                customer: cell(0), date: cell(1), amount: cell(2), id: cell(3), kind: cell(4), refund_of: cell(5),
                currency: cell(6), category: cell(7), channel: cell(8), cost: cell(9), discount: cell(10),
            });
        }
        let ledger = builder.finish();
        assert_adds_up(ledger.quality());
        prop_assert_eq!(ledger.quality().read, rows.len() as u64);
        prop_assert_eq!(ledger.effects().count() as u64, ledger.accepted());
        let _ = ledger.quality().to_string();
        for reject in ledger.rejects() {
            prop_assert!(reject.value.chars().count() <= 64);
            prop_assert!(reject.to_string().starts_with("row "));
        }
    }
}
