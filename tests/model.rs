//! The model: what exists makes sense, and what is written comes back.

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta, Timelike};
use customer_value::model::*;
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

fn refused<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
    serde_json::from_str::<T>(json).unwrap_err().to_string()
}

// --- currency and money ---

#[test]
fn decimals_are_those_of_iso_4217() {
    for (code, exponent) in [
        ("EUR", 2),
        ("USD", 2),
        ("MGA", 2),
        ("XCG", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("XOF", 0),
        ("ISK", 0),
        ("UYI", 0),
        ("BHD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("UYW", 4),
    ] {
        let currency: Currency = code.parse().unwrap();
        assert_eq!(
            (currency.code(), currency.exponent()),
            (code, exponent),
            "{code}"
        );
        assert_eq!(currency.minor_per_major(), 10_i64.pow(exponent));
    }
}

#[test]
fn every_currency_is_listed_once_and_parses() {
    let all: Vec<Currency> = Currency::all().collect();
    assert_eq!(all.len(), 171);
    assert_eq!(
        all.iter().collect::<std::collections::BTreeSet<_>>().len(),
        all.len()
    );
    for currency in &all {
        assert_eq!(currency.code().parse(), Ok(*currency));
        there_and_back(currency);
    }
    for constant in [
        Currency::USD,
        Currency::EUR,
        Currency::CNY,
        Currency::JPY,
        Currency::GBP,
    ] {
        assert!(all.contains(&constant), "{constant}");
    }
}

#[test]
fn an_unknown_currency_is_refused_with_advice() {
    for (text, advice) in [("eur", "`EUR`"), ("EURO", "`EUR`"), ("GPB", "`GBP`")] {
        let error = text.parse::<Currency>().unwrap_err();
        assert!(
            error.is_parse() && error.to_string().contains(advice),
            "{error}"
        );
    }
    for text in ["", "XAU", "XTS", "XXX", "EUR ", "€", "\0\0\0"] {
        assert!(text.parse::<Currency>().unwrap_err().is_parse(), "{text}");
    }
}

#[test]
fn money_is_exact_or_refused() {
    let of =
        |amount: &str, code: &str| Money::new(parse_amount(amount).unwrap(), code.parse().unwrap());
    assert_eq!(of("12.34", "EUR").unwrap().minor(), 1234);
    assert_eq!(of("12.3400", "EUR").unwrap().minor(), 1234);
    assert_eq!(of("12", "BHD").unwrap().minor(), 12_000);
    assert_eq!(of("0.0001", "CLF").unwrap().minor(), 1);
    assert!(of("0.5", "JPY").unwrap_err().is_range());
    assert!(of("0.001", "EUR").unwrap_err().is_range());
    assert_eq!(of("92233720368547758.07", "EUR").unwrap().minor(), i64::MAX);
    assert_eq!(
        of("-92233720368547758.08", "EUR").unwrap().minor(),
        i64::MIN
    );
    assert!(of("92233720368547758.08", "EUR").unwrap_err().is_overflow());
    assert!(
        Money::new(Decimal::MAX, "CLF".parse().unwrap())
            .unwrap_err()
            .is_overflow()
    );
    assert!(
        Money::rounded(Decimal::MIN, Currency::JPY)
            .unwrap_err()
            .is_overflow()
    );
}

#[test]
fn sums_are_of_one_currency_and_do_not_wrap() {
    let (one, two) = (money("1.00 EUR"), money("2.50 EUR"));
    assert_eq!(one.checked_add(two), Ok(money("3.50 EUR")));
    assert_eq!(one.checked_sub(two), Ok(money("-1.50 EUR")));
    assert!(one.checked_add(money("1 JPY")).unwrap_err().is_misuse());
    let most = Money::from_minor(i64::MAX, Currency::EUR);
    let least = Money::from_minor(i64::MIN, Currency::EUR);
    assert!(most.checked_add(one).unwrap_err().is_overflow());
    assert!(least.checked_sub(one).unwrap_err().is_overflow());
    assert!(least.is_negative() && !one.is_negative() && money("0.00 EUR").is_zero());
    for money in [most, least] {
        assert_eq!(Money::new(money.amount(), Currency::EUR), Ok(money));
        there_and_back(&money);
    }
}

#[test]
fn money_is_text_in_serde() {
    for text in [
        "12.34 EUR",
        "-0.05 EUR",
        "1200 JPY",
        "0.001 BHD",
        "1.0000 CLF",
    ] {
        assert_eq!(money(text).to_string(), text);
        assert_eq!(
            serde_json::to_string(&money(text)).unwrap(),
            format!("\"{text}\"")
        );
    }
    for wrong in [
        "12.34",
        "12.34EUR",
        "12.34  EUR",
        " 12.34 EUR",
        "EUR 12.34",
        "12.345 EUR",
        "1e2 EUR",
        "",
    ] {
        assert!(wrong.parse::<Money>().unwrap_err().is_parse(), "{wrong}");
    }
    refused::<Money>("12.34");
}

#[test]
fn an_amount_is_plain_digits() {
    for (text, value) in [
        ("0", Decimal::ZERO),
        ("-0", Decimal::ZERO),
        ("007", Decimal::from(7)),
        ("+1.50", Decimal::new(150, 2)),
        ("-1.5", Decimal::new(-15, 1)),
        ("79228162514264337593543950335", Decimal::MAX),
    ] {
        assert_eq!(parse_amount(text).unwrap(), value, "{text}");
    }
    let zeros = format!("1.5{}", "0".repeat(1_000));
    assert_eq!(parse_amount(&zeros).unwrap(), Decimal::new(15, 1));
    for text in [
        "",
        " 1",
        "1 ",
        ".5",
        "5.",
        "1e3",
        "1_000",
        "1,000",
        "1.000.000",
        "$5",
        "--1",
        "+",
        "NaN",
        "inf",
        "٣",
        "79228162514264337593543950336",
        &"9".repeat(10_000),
        &format!("0.{}1", "0".repeat(28)),
    ] {
        assert!(parse_amount(text).unwrap_err().is_parse(), "{text}");
    }
}

fn any_currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(Currency::all().collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn minor_units_and_decimals_are_the_same_amount(minor: i64, currency in any_currency()) {
        let money = Money::from_minor(minor, currency);
        prop_assert_eq!(Money::new(money.amount(), currency).unwrap(), money);
        prop_assert_eq!(Money::rounded(money.amount(), currency).unwrap(), money);
        prop_assert_eq!(money.amount() * Decimal::from(currency.minor_per_major()), Decimal::from(minor));
        prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
        there_and_back(&money);
    }

    #[test]
    fn major_units_are_the_nearest_number(minor: i64, small in -100_000_i64..100_000, currency in any_currency()) {
        for minor in [minor, small] {
            let text = Money::from_minor(minor, currency).amount().to_string();
            prop_assert_eq!(to_major(minor, currency), text.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn rounding_is_that_of_decimal(mantissa: i64, scale in 0_u32..=28, halves in -500_i64..500, currency in any_currency()) {
        // `halves` puts every case of a tie in reach.
        let tie = Decimal::new(halves * 5, currency.exponent() + 1);
        for amount in [Decimal::new(mantissa, scale), tie] {
            let expected = amount.round_dp_with_strategy(currency.exponent(), RoundingStrategy::MidpointNearestEven);
            match Money::rounded(amount, currency) {
                Ok(money) => prop_assert_eq!(money.amount(), expected),
                Err(error) => {
                    prop_assert!(error.is_overflow());
                    prop_assert!(expected.abs() > Money::from_minor(i64::MAX, currency).amount());
                }
            }
            prop_assert_eq!(Money::new(amount, currency).is_ok(), Money::rounded(amount, currency).is_ok_and(|m| m.amount() == amount));
        }
    }

    #[test]
    fn an_amount_reads_as_decimal_reads_it(text in "[+-]?[0-9]{1,20}(\\.[0-9]{1,12})?") {
        match Decimal::from_str_exact(&text) {
            Ok(expected) => prop_assert_eq!(parse_amount(&text).unwrap(), expected),
            Err(_) => prop_assert!(parse_amount(&text).is_err()),
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>(), near in "[-+0-9.,:TZ EURJPY]{0,40}") {
        for text in [text, near] {
            let _ = parse_amount(&text);
            let _ = text.parse::<Money>();
            let _ = text.parse::<Currency>();
            let _ = text.parse::<TransactionKind>();
            let _ = text.parse::<CostCategory>();
            let _ = text.parse::<BusinessDay>();
            let utc = BusinessDay::default();
            assert_eq!(utc.hour(&text).err(), parse_day(&text, &utc).err());
            let _ = serde_json::from_str::<Transaction>(&text);
        }
    }
}

// --- records ---

fn full_purchase() -> Transaction {
    Transaction::purchase(42, day("2024-03-01"), money("80.00 EUR"))
        .unwrap()
        .with_id(" A-1 ")
        .unwrap()
        .with_category("books")
        .with_channel("web")
        .with_discount(money("20.00 EUR"))
        .unwrap()
        .with_cost(money("31.00 EUR"))
        .unwrap()
}

#[test]
fn a_transaction_says_what_it_was_given() {
    let sale = full_purchase();
    assert_eq!(sale.customer(), &CustomerId::from(42));
    assert_eq!((sale.id(), sale.refunded()), (Some("A-1"), None));
    assert_eq!(
        (sale.category(), sale.channel()),
        (Some("books"), Some("web"))
    );
    assert_eq!(
        (sale.discount(), sale.cost()),
        (Some(money("20.00 EUR")), Some(money("31.00 EUR")))
    );
    assert_eq!(
        serde_json::to_string(&sale).unwrap(),
        r#"{"customer":42,"day":"2024-03-01","kind":"purchase","amount":"80.00 EUR","id":"A-1","category":"books","channel":"web","discount":"20.00 EUR","cost":"31.00 EUR"}"#
    );
    // A blank cell says nothing.
    assert_eq!(sale.with_category(" ").category(), None);
}

#[test]
fn transactions_come_back_from_serde() {
    let id = CustomerId::text("c-1").unwrap();
    let back = Transaction::refund(id.clone(), day("2024-03-02"), money("80.00 EUR")).unwrap();
    there_and_back(&full_purchase());
    there_and_back(&back);
    there_and_back(&back.refund_of("A-1").unwrap());
    there_and_back(&Transaction::adjustment(
        id,
        day("2024-03-02"),
        money("-5 JPY"),
    ));
}

#[test]
fn nonsense_transactions_cannot_be_made() {
    let (on, one, minus) = (day("2024-03-01"), money("1.00 EUR"), money("-1.00 EUR"));
    assert!(Transaction::purchase(1, on, minus).unwrap_err().is_range());
    assert!(Transaction::purchase(1, on, money("0.00 EUR")).is_ok());
    assert!(Transaction::refund(1, on, minus).unwrap_err().is_range());
    assert!(
        Transaction::refund(1, on, money("0.00 EUR"))
            .unwrap_err()
            .is_range()
    );

    let sale = || Transaction::purchase(1, on, one).unwrap();
    let back = || Transaction::refund(1, on, one).unwrap();
    assert!(sale().with_id(" ").unwrap_err().is_parse());
    assert!(sale().refund_of("x").unwrap_err().is_misuse());
    assert!(back().refund_of("").unwrap_err().is_parse());
    assert!(back().with_discount(one).unwrap_err().is_misuse());
    assert!(sale().with_discount(minus).unwrap_err().is_range());
    assert!(sale().with_cost(minus).unwrap_err().is_range());
    assert!(sale().with_cost(money("1 JPY")).unwrap_err().is_misuse());
    assert!(back().with_cost(one).is_ok());
}

#[test]
fn serde_checks_like_the_constructors() {
    let with =
        |more: &str| format!(r#"{{"customer":1,"day":"2024-03-01","amount":"1.00 EUR",{more}}}"#);
    assert!(serde_json::from_str::<Transaction>(&with(r#""kind":"purchase""#)).is_ok());
    for (more, reason) in [
        (r#""kind":"purchase","colour":"red""#, "unknown field"),
        (r#""kind":"purchse""#, "did you mean `purchase`?"),
        (r#""kind":"gift""#, "`adjustment`"),
        (r#""kind":"purchase","refund_of":"a""#, "only a refund"),
        (
            r#""kind":"refund","discount":"1.00 EUR""#,
            "only a purchase",
        ),
        (r#""kind":"purchase","cost":"-1.00 EUR""#, "negative"),
        (r#""kind":"purchase","id":"""#, "empty"),
    ] {
        let error = refused::<Transaction>(&with(more));
        assert!(error.contains(reason), "{more}: {error}");
    }
    refused::<Transaction>(
        r#"{"customer":1,"day":"2024-03-01","amount":"-1.00 EUR","kind":"purchase"}"#,
    );
    refused::<Transaction>(
        r#"{"customer":" ","day":"2024-03-01","amount":"1.00 EUR","kind":"purchase"}"#,
    );

    refused::<ServiceCost>(
        r#"{"customer":1,"day":"2024-03-01","amount":"-1.00 EUR","category":"survey"}"#,
    );
    refused::<Interaction>(
        r#"{"customer":1,"day":"2024-03-01","channel":"","direction":"inbound","kind":"call"}"#,
    );
    refused::<Interaction>(
        r#"{"customer":1,"day":"2024-03-01","channel":"phone","direction":"inbound","kind":"call","latency_seconds":-1}"#,
    );
    refused::<SurveyAnswer>(r#"{"customer":1,"day":"2024-03-01","instrument":"csat","answer":0}"#);
    refused::<Referral>(r#"{"referrer":1,"referee":"1","day":"2024-03-01","kind":"type_one"}"#);
    refused::<Customer>(r#"{"id":1,"attributes":{"Big Name":1}}"#);
    refused::<Customer>(r#"{"id":1,"attribute":{}}"#);
}

#[test]
fn the_other_records_come_back_from_serde() {
    let on = day("2024-03-01");
    let cost = |category| ServiceCost::new(1, on, money("7.50 EUR"), category);
    there_and_back(&cost(CostCategory::ServiceStaff).unwrap());
    there_and_back(&cost(CostCategory::Other("gifts".into())).unwrap());
    assert_eq!(
        cost(CostCategory::Other(" marketing ".into()))
            .unwrap()
            .category(),
        &CostCategory::Marketing
    );
    assert!(
        cost(CostCategory::Other(" ".into()))
            .unwrap_err()
            .is_parse()
    );

    let call = Interaction::new(1, on, "phone", Direction::Inbound, "complaint").unwrap();
    assert_eq!(call.latency_seconds(), None);
    there_and_back(&call);
    there_and_back(&call.with_latency(u32::MAX));
    there_and_back(&Referral::new(1, 2, on, ReferralKind::TypeTwo).unwrap());
}

#[test]
fn an_answer_is_on_its_scale() {
    let on = day("2024-03-01");
    for (instrument, least, most) in [
        (SurveyInstrument::Nps, 0, 10),
        (SurveyInstrument::Csat, 1, 5),
        (SurveyInstrument::Ces, 1, 7),
    ] {
        for answer in 0..=u8::MAX {
            match SurveyAnswer::new(1, on, instrument, answer) {
                Ok(given) => {
                    assert!((least..=most).contains(&answer));
                    there_and_back(&given.with_topic("delivery"));
                }
                Err(error) => assert!(error.is_range() && !(least..=most).contains(&answer)),
            }
        }
    }
}

#[test]
fn attributes_keep_their_types() {
    let customer = Customer::new(CustomerId::text("c-1").unwrap())
        .with("employees", 120.0)
        .unwrap()
        .with("industry", " retail ")
        .unwrap()
        .with("newsletter", false)
        .unwrap()
        .with("birthday", day("1980-02-29"))
        .unwrap()
        .with("enrolled", "2023-05-01")
        .unwrap()
        .with("due", "2023-02-30")
        .unwrap();
    assert_eq!(
        serde_json::to_string(&customer).unwrap(),
        r#"{"id":"c-1","attributes":{"birthday":"1980-02-29","due":"2023-02-30","employees":120.0,"enrolled":"2023-05-01","industry":"retail","newsletter":false}}"#
    );
    there_and_back(&customer);
    there_and_back(&Customer::new(7));
    assert_eq!(
        customer.attribute("enrolled"),
        Some(&AttributeValue::Date(day("2023-05-01")))
    );

    let whole: AttributeValue = serde_json::from_str("-3").unwrap();
    assert_eq!(whole, AttributeValue::Number(-3.0));
    for wrong in ["null", "[1]", "9007199254740993", "1e999", "\"\""] {
        refused::<AttributeValue>(wrong);
    }
    for number in [f64::NAN, f64::INFINITY] {
        assert!(
            Customer::new(1)
                .with("employees", number)
                .unwrap_err()
                .is_range()
        );
        assert!(serde_json::to_string(&AttributeValue::Number(number)).is_err());
    }
    for name in ["", "9to5", "Name", "a-b", "a b", "é"] {
        assert!(
            Customer::new(1).with(name, true).unwrap_err().is_parse(),
            "{name}"
        );
    }
}

// --- business days ---

fn business(text: &str) -> BusinessDay {
    text.parse().unwrap()
}

#[test]
fn every_form_of_a_day_is_read() {
    let east = business("+08:00");
    for (text, expected) in [
        ("2024-02-29", "2024-02-29"),
        ("2024-02-29T23:30:00", "2024-02-29"),
        ("2024-02-29 23:30:00", "2024-02-29"),
        ("2024-02-29T23:30", "2024-02-29"),
        ("2024-02-29T23:30:00.123456", "2024-02-29"),
        ("2024-02-29T23:59:60", "2024-02-29"),
        ("2024-02-29T15:59:59Z", "2024-02-29"),
        ("2024-02-29T16:00:00Z", "2024-03-01"),
        ("2024-02-29T23:30:00+08:00", "2024-02-29"),
        ("2024-02-29 23:30:00+0800", "2024-02-29"),
        ("2024-02-29 23:30:00.5+00", "2024-03-01"),
        ("2024-03-01T06:00:00+14:00", "2024-03-01"),
        ("2024-03-01T05:59:59+14:00", "2024-02-29"),
    ] {
        assert_eq!(
            parse_day(text, &east).map(|day| day.to_string()),
            Ok(expected.into()),
            "{text}"
        );
    }
    for text in [
        "",
        "2024-2-29",
        "2023-02-29",
        "2024-02-29T",
        "2024-02-29T24:00:00",
        "2024-02-29T23:60:00",
        "2024-02-29T23:30:61",
        "2024-02-29T23",
        "2024-02-29T23:30.5",
        "2024-02-29T23:30:00.",
        "2024-02-29T23:30:00+8",
        "2024-02-29T23:30:00+24:00",
        "2024-02-29T23:30:00 UTC",
        "2024-02-29X23:30:00",
        "2024-02-29é",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:00:00-09:00",
    ] {
        assert!(parse_day(text, &east).unwrap_err().is_parse(), "{text}");
    }
}

#[test]
fn a_day_may_begin_after_midnight() {
    let late = business("+00:00 04:00");
    let of = |text| parse_day(text, &late).unwrap().to_string();
    assert_eq!(of("2024-03-01T03:59:59"), "2024-02-29");
    assert_eq!(of("2024-03-01T04:00:00"), "2024-03-01");
    // A date without a time is a business day already.
    assert_eq!(of("2024-03-01"), "2024-03-01");
    assert!(
        parse_day("0001-01-01T03:00:00", &late)
            .unwrap_err()
            .is_parse()
    );
}

#[test]
fn the_hour_is_that_of_the_clock_in_the_zone() {
    let east = business("+08:00");
    let bar = business("+08:00 04:00");
    for (text, hour) in [
        ("2024-02-29", None),
        ("2024-02-29T00:00:00", Some(0)),
        ("2024-02-29 23:59:59.999", Some(23)),
        ("2024-02-29T23:59:60", Some(23)),
        ("2024-02-29T15:59:59Z", Some(23)),
        ("2024-02-29T16:00:00Z", Some(0)),
        ("2024-02-29 12:30+0530", Some(15)),
        ("2024-02-29 12:29+0530", Some(14)),
        ("2024-03-01T05:59:59+14:00", Some(23)),
        // The same local time before and after a clock is put forward: who writes the offset is right.
        ("2024-03-31T01:59:00+01:00", Some(8)),
        ("2024-03-31T03:00:00+02:00", Some(9)),
    ] {
        assert_eq!(east.hour(text), Ok(hour), "{text}");
        // When a day begins is no matter of the clock.
        assert_eq!(bar.hour(text), Ok(hour), "{text}");
    }
    let late = "2024-03-01T02:30:00";
    assert_eq!(
        (bar.hour(late), parse_day(late, &bar).unwrap().to_string()),
        (Ok(Some(2)), "2024-02-29".into())
    );
    for text in [
        "",
        "2024-02-29T24:00",
        "2024-02-30T12:00",
        "12:00",
        "9999-12-31T23:00:00-09:00",
    ] {
        assert_eq!(
            east.hour(text).unwrap_err(),
            parse_day(text, &east).unwrap_err(),
            "{text}"
        );
    }
}

#[test]
fn a_business_day_is_text_in_serde() {
    for (text, canonical) in [
        ("Z", "+00:00"),
        ("+08:00", "+08:00"),
        ("-0330", "-03:30"),
        ("+08:00 00:00", "+08:00"),
        ("-05:00 04:30", "-05:00 04:30"),
    ] {
        assert_eq!(business(text).to_string(), canonical);
        there_and_back(&business(text));
    }
    assert_eq!(business("Z"), BusinessDay::default());
    for text in [
        "",
        "08:00",
        "+25:00",
        "+08:00 24:00",
        "+08:00 4",
        "Europe/Berlin",
    ] {
        assert!(
            text.parse::<BusinessDay>().unwrap_err().is_parse(),
            "{text}"
        );
    }
    let odd = FixedOffset::east_opt(1).unwrap();
    assert!(
        BusinessDay::new(odd, NaiveTime::MIN)
            .unwrap_err()
            .is_range()
    );
    let (utc, second) = (
        FixedOffset::east_opt(0).unwrap(),
        NaiveTime::from_hms_opt(4, 0, 1).unwrap(),
    );
    assert!(BusinessDay::new(utc, second).unwrap_err().is_range());
}

#[test]
fn the_ends_of_time_are_refused() {
    let zone = business("+08:00 04:00");
    for instant in [
        DateTime::<chrono::Utc>::MIN_UTC,
        DateTime::<chrono::Utc>::MAX_UTC,
    ] {
        assert!(zone.day_of(&instant).unwrap_err().is_range());
        assert!(
            Day::of_instant(&instant, &zone.offset())
                .unwrap_err()
                .is_range()
        );
    }
}

proptest! {
    #[test]
    fn the_day_of_a_text_is_that_of_chrono(
        seconds in -60_000_000_000_i64..250_000_000_000,
        own in -1_439_i32..=1_439,
        offset in -1_439_i32..=1_439,
        starts in 0_u32..1_440,
    ) {
        let own = FixedOffset::east_opt(own * 60).unwrap();
        let offset = FixedOffset::east_opt(offset * 60).unwrap();
        let zone = BusinessDay::new(own, NaiveTime::from_num_seconds_from_midnight_opt(starts * 60, 0).unwrap()).unwrap();
        there_and_back(&zone);

        let instant = DateTime::from_timestamp(seconds, 0).unwrap();
        let shifted = instant - TimeDelta::minutes(i64::from(starts));
        let expected = Day::of_instant(&shifted, &own).unwrap();
        prop_assert_eq!(zone.day_of(&instant).unwrap(), expected);
        prop_assert_eq!(parse_day(&instant.with_timezone(&offset).to_rfc3339(), &zone).unwrap(), expected);
        let local = instant.with_timezone(&own).format("%Y-%m-%d %H:%M:%S").to_string();
        prop_assert_eq!(parse_day(&local, &zone).unwrap(), expected);
        let hour = u8::try_from(instant.with_timezone(&own).hour()).unwrap();
        prop_assert_eq!(zone.hour(&instant.with_timezone(&offset).to_rfc3339()), Ok(Some(hour)));
        prop_assert_eq!(zone.hour(&local), Ok(Some(hour)));
    }
}

#[test]
fn hours_minutes_and_complaints_are_optional_and_checked() {
    use customer_value::model::{Complaint, Record};
    // Documents from before there were hours and minutes.
    let old = r#"{"customer":1,"day":"2024-03-01","channel":"mail","direction":"outbound","kind":"offer"}"#;
    let contact: Interaction = serde_json::from_str(old).unwrap();
    assert_eq!((contact.minutes(), contact.hour()), (None, None));
    assert_eq!(serde_json::to_string(&contact).unwrap(), old);
    let full = contact.with_minutes(7).with_hour(23).unwrap();
    let text = serde_json::to_string(&full).unwrap();
    assert!(text.ends_with(r#""minutes":7,"hour":23}"#), "{text}");
    assert_eq!(serde_json::from_str::<Interaction>(&text).unwrap(), full);
    assert!(full.clone().with_hour(24).unwrap_err().is_range());
    assert!(serde_json::from_str::<Interaction>(&text.replace("23}", "24}")).is_err());

    let old = r#"{"customer":1,"day":"2024-03-01","kind":"purchase","amount":"1.00 EUR"}"#;
    let sale: Transaction = serde_json::from_str(old).unwrap();
    assert_eq!(serde_json::to_string(&sale).unwrap(), old);
    let late = sale.with_hour(0).unwrap();
    assert_eq!(late.hour(), Some(0));
    let text = serde_json::to_string(&late).unwrap();
    assert_eq!(serde_json::from_str::<Transaction>(&text).unwrap(), late);
    assert!(late.with_hour(24).unwrap_err().is_range());

    let opened = "2024-03-02".parse().unwrap();
    assert!(Complaint::new(1, opened, " ").unwrap_err().is_parse());
    let complaint = Complaint::new(1, opened, " price ").unwrap();
    assert_eq!(complaint.topic(), "price");
    let before = "2024-03-01".parse().unwrap();
    assert!(
        complaint
            .clone()
            .resolved_on(before)
            .unwrap_err()
            .is_range()
    );
    let record = Record::from(complaint.resolved_on(opened).unwrap());
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(
        text,
        r#"{"complaint":{"customer":1,"opened":"2024-03-02","topic":"price","resolved":"2024-03-02"}}"#
    );
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    assert!(
        serde_json::from_str::<Record>(
            &text.replace("\"resolved\":\"2024-03-02\"", "\"resolved\":\"2024-03-01\"")
        )
        .is_err()
    );
}
