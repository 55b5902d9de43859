//! Cleaning records that are no transactions.

use customer_value::ledger::{Field, MergeMap, Options, Reason, Records};
use customer_value::model::{
    Complaint, CostCategory, Currency, CustomerId, Day, Direction, Interaction, Money, Record,
    ServiceCost, SurveyAnswer, SurveyInstrument,
};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn id(text: &str) -> CustomerId {
    text.parse().unwrap()
}

fn options() -> Options {
    Options::new(day("2024-06-30"), Currency::EUR)
}

fn cost(who: &str, on: &str, amount: &str) -> Record {
    let amount: Money = amount.parse().unwrap();
    ServiceCost::new(id(who), day(on), amount, CostCategory::Marketing)
        .unwrap()
        .into()
}

fn call(who: &str, on: &str) -> Record {
    Interaction::new(id(who), day(on), "phone", Direction::Inbound, "question")
        .unwrap()
        .into()
}

#[test]
fn every_record_is_accepted_or_rejected_at_its_position() {
    let mut options = options();
    let rate = "0.5".parse().unwrap();
    options
        .rates
        .set(Currency::USD, day("2024-02-01"), rate)
        .unwrap();
    options.merges = MergeMap::new([(id("eve"), id("ada"))]).unwrap();
    let records = [
        call("bob", "2024-03-02"),
        call("ada", "2024-07-01"),
        cost("ada", "2024-01-31", "10.00 USD"),
        cost("eve", "2024-02-01", "10.00 USD"),
        // Two calls on one day are two calls.
        call("bob", "2024-03-01"),
        call("bob", "2024-03-01"),
    ];
    let clean = Records::clean(records.clone(), &options);
    let rejects: Vec<_> = clean
        .rejects()
        .iter()
        .map(|r| (r.position, r.field, r.reason))
        .collect();
    assert_eq!(
        rejects,
        [
            (1, Field::Date, Reason::AfterAsOf),
            (2, Field::Currency, Reason::NoRate)
        ]
    );
    let quality = clean.quality();
    assert_eq!(
        (
            quality.read,
            quality.accepted,
            quality.rejected,
            quality.duplicate
        ),
        (6, 4, 2, 0)
    );
    assert_eq!((quality.converted, quality.merged), (1, 1));
    assert_eq!(
        (quality.first_day, quality.last_day),
        (Some(day("2024-02-01")), Some(day("2024-03-02")))
    );
    assert_eq!(quality.completeness(Field::Customer), Some(1.0));
    assert_eq!(
        (clean.as_of(), clean.currency()),
        (day("2024-06-30"), Currency::EUR)
    );

    // By customer, then by day; under the customer they were merged into, in the reporting currency.
    let expected = [
        cost("ada", "2024-02-01", "5.00 EUR"),
        call("bob", "2024-03-01"),
        call("bob", "2024-03-01"),
        call("bob", "2024-03-02"),
    ];
    assert_eq!(clean.all(), expected);
    assert_eq!(clean.of(&id("bob")), &expected[1..]);
    assert_eq!(clean.of(&id("eve")), []);
    assert_eq!(clean.of(&id("zoe")), []);
    let groups: Vec<(&CustomerId, usize)> = clean
        .by_customer()
        .map(|(id, own)| (id, own.len()))
        .collect();
    assert_eq!(groups, [(&id("ada"), 1), (&id("bob"), 3)]);
    let none = Records::clean(Vec::<Record>::new(), &options);
    assert!(none.all().is_empty() && none.rejects().is_empty());
}

#[test]
fn no_sum_over_any_of_the_records_overflows() {
    let large = |minor| {
        let amount = Money::from_minor(minor, Currency::EUR);
        Record::from(ServiceCost::new(1, day("2024-01-01"), amount, CostCategory::Survey).unwrap())
    };
    let clean = Records::clean(
        [large(i64::MAX - 2), large(2), large(3), large(0)],
        &options(),
    );
    assert_eq!(clean.all().len(), 2);
    let said: Vec<String> = clean.rejects().iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "row 2: amount: makes the sum with the rows before it too large",
            "row 3: amount: makes the sum with the rows before it too large"
        ]
    );
}

#[test]
fn a_complaint_that_was_resolved_later_is_open() {
    let complaint = Complaint::new(1, day("2024-06-01"), "price").unwrap();
    let settled = |on: &str| complaint.clone().resolved_on(day(on)).unwrap();
    let resolved = |records: &Records| match &records.all()[0] {
        Record::Complaint(complaint) => complaint.resolved(),
        other => panic!("{other:?}"),
    };
    let by_then = Records::clean([settled("2024-06-30")], &options());
    assert_eq!(resolved(&by_then), Some(day("2024-06-30")));
    let later = Records::clean([settled("2024-07-01")], &options());
    assert_eq!(resolved(&later), None);
    assert_eq!(later.quality().accepted, 1);

    // As it was known on an earlier day.
    let earlier = by_then.until(day("2024-06-29"));
    assert_eq!(resolved(&earlier), None);
    assert_eq!(earlier.as_of(), day("2024-06-29"));
    assert_eq!((earlier.quality().read, earlier.quality().accepted), (1, 1));
    let before = by_then.until(day("2024-05-31"));
    assert!(before.all().is_empty());
    assert_eq!(by_then.until(Day::MAX).as_of(), day("2024-06-30"));
}

#[test]
fn whatever_is_added_up_counts_in_the_sum() {
    let on = day("2024-03-01");
    let talk = || Interaction::new(1, on, "phone", Direction::Inbound, "question").unwrap();
    let nps = SurveyAnswer::new(1, on, SurveyInstrument::Nps, 9).unwrap();
    for (record, adds) in [
        (Record::from(talk()), 1),
        (talk().with_latency(50).into(), 50),
        (talk().with_minutes(70).into(), 70),
        (talk().with_latency(50).with_minutes(70).into(), 70),
        (nps.into(), 9),
        (Complaint::new(1, on, "price").unwrap().into(), 1),
    ] {
        let cost = |minor| {
            let amount = Money::from_minor(minor, Currency::EUR);
            Record::from(ServiceCost::new(1, on, amount, CostCategory::Survey).unwrap())
        };
        let accepted = |minor| {
            let clean = Records::clean([cost(minor), record.clone()], &options());
            clean.all().len()
        };
        let most = i64::MAX - adds;
        assert_eq!((accepted(most), accepted(most + 1)), (2, 1), "{record:?}");
        let one = |record| Records::clean([record], &options());
        let own = one(record.clone());
        assert!(one(cost(most)).merge(&own).is_ok());
        let error = one(cost(most + 1)).merge(&own).unwrap_err();
        assert!(error.is_overflow(), "{record:?}");
    }
}

#[test]
fn merged_records_are_those_of_both() {
    let early = Options::new(day("2024-03-31"), Currency::EUR);
    let first = Records::clean(
        [call("bob", "2024-03-02"), call("bob", "2024-04-01")],
        &early,
    );
    let second = Records::clean(
        [call("ada", "2024-05-01"), call("bob", "2024-03-01")],
        &options(),
    );
    assert_eq!(first.rejects().len(), 1);
    for merged in [first.merge(&second), second.merge(&first)] {
        let merged = merged.unwrap();
        let expected = [
            call("ada", "2024-05-01"),
            call("bob", "2024-03-01"),
            call("bob", "2024-03-02"),
        ];
        assert_eq!(merged.all(), expected);
        assert_eq!(merged.as_of(), day("2024-06-30"));
        let quality = merged.quality();
        assert_eq!(
            (quality.read, quality.accepted, quality.rejected),
            (3, 3, 0)
        );
        assert_eq!(quality.completeness(Field::Customer), Some(1.0));
        assert!(merged.rejects().is_empty());
    }
    let dollars = Options::new(day("2024-06-30"), Currency::USD);
    let other = Records::clean([call("bob", "2024-03-02")], &dollars);
    assert!(first.merge(&other).unwrap_err().is_misuse());
}
