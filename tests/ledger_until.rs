//! A ledger as it was on an earlier day: against cleaning only the records up to that day.

mod ledger_rows;

use customer_value::history::Histories;
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options, Reason};
use customer_value::model::{Currency, CustomerId, Day, Transaction};
use ledger_rows::{AS_OF, Raw, adds, by_text, every_fact, policy, rows, rows_with_own_ids, totals};
use proptest::prelude::*;

fn day(days: i32) -> Day {
    Day::from_epoch_days(days).unwrap()
}

/// What was known at the close of a day, the slow way: nobody had read a later record.
fn recleaned(rows: &[Raw], options: &Options, last: i32) -> Ledger<'static> {
    let mut options = options.clone();
    options.as_of = day(last.min(AS_OF));
    by_text(rows.iter().filter(|row| row.day <= last), options)
}

fn check(rows: &[Raw], options: &Options) -> Result<(), TestCaseError> {
    let whole = by_text(rows, options.clone());
    for last in -1..=AS_OF + 2 {
        let (then, expected) = (whole.until(day(last)), recleaned(rows, options, last));
        prop_assert_eq!(then.as_of(), expected.as_of());
        prop_assert_eq!(adds(&then), adds(&expected), "until {}", last);
        prop_assert_eq!(totals(&then), totals(&expected));
        prop_assert_eq!(
            Histories::build(&then, &every_fact()).unwrap(),
            Histories::build(&expected, &every_fact()).unwrap()
        );
        let (quality, other) = (then.quality(), expected.quality());
        prop_assert_eq!(then.accepted(), expected.accepted());
        prop_assert_eq!(
            (quality.first_day, quality.last_day, quality.zero_purchases),
            (other.first_day, other.last_day, other.zero_purchases)
        );
        prop_assert_eq!(quality.read, quality.accepted);
        // Cut again, at every earlier day.
        for earlier in 0..=last {
            prop_assert_eq!(
                adds(&then.until(day(earlier))),
                adds(&whole.until(day(earlier)))
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn equals_cleaning_only_the_records_up_to_then(
        mut rows in rows(),
        switches in any::<[bool; 4]>(),
    ) {
        // As they came in; what is dated the same day in any order.
        rows.sort_by_key(|row| row.day);
        check(&rows, &policy(switches))?;
    }

    #[test]
    fn equals_it_in_any_order_of_the_input_where_no_id_comes_twice(
        rows in rows_with_own_ids(),
        switches in any::<[bool; 4]>(),
    ) {
        check(&rows, &policy(switches))?;
    }

    #[test]
    fn plain_columns_and_names_too(
        rows in prop::collection::vec((0..9_u64, -2..AS_OF + 3, 0..500_i64), 0..40),
    ) {
        let keys: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let days: Vec<i32> = rows.iter().map(|row| row.1).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let names: Vec<String> = keys.iter().map(|key| format!("c{key}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let options = Options::new(day(AS_OF), Currency::EUR);
        for customers in [CustomerColumn::Numbers(&keys), CustomerColumn::Texts(&names)] {
            let columns = Columns::new(customers, &days, &amounts);
            let whole = Ledger::from_columns(&columns, options.clone()).unwrap();
            for last in -3..AS_OF + 2 {
                let cut = Options::new(day(last.min(AS_OF)), Currency::EUR);
                let expected = Ledger::from_columns(&columns, cut).unwrap();
                let then = whole.until(day(last));
                prop_assert!(then.effects().eq(expected.effects()));
                prop_assert_eq!(
                    Histories::build(&then, &every_fact()).unwrap(),
                    Histories::build(&expected, &every_fact()).unwrap()
                );
            }
        }
    }
}

fn purchase(id: &str, on: i32) -> Transaction {
    Transaction::purchase(7, day(on), "10.00 EUR".parse().unwrap())
        .unwrap()
        .with_id(id)
        .unwrap()
}

fn spend(ledger: &Ledger<'_>) -> i64 {
    ledger.effects().map(|(_, effect)| effect.spend).sum()
}

#[test]
fn of_one_id_a_later_record_that_comes_first_hides_the_earlier() {
    let options = Options::new(day(20), Currency::EUR);
    let ledger = Ledger::from_transactions(&[purchase("a", 9), purchase("a", 5)], options);
    assert_eq!(spend(&ledger.until(day(8))), 0);
    assert_eq!(spend(&ledger.until(day(9))), 1000);
}

#[test]
fn a_record_that_did_not_fit_the_sums_stays_rejected() {
    let options = Options::new(day(20), Currency::EUR);
    let amounts = [i64::MAX, 5];
    let columns = Columns::new(CustomerColumn::Numbers(&[1, 2]), &[9, 5], &amounts);
    let ledger = Ledger::from_columns(&columns, options).unwrap();
    assert_eq!(ledger.rejects()[0].reason, Reason::SumTooLarge);
    assert_eq!(ledger.until(day(8)).effects().count(), 0);
}

#[test]
fn a_refund_of_an_earlier_ledger_s_purchase_is_known_from_its_own_day() {
    let options = Options::new(day(20), Currency::EUR);
    let mut builder = customer_value::ledger::LedgerBuilder::new(options);
    builder.context(&[purchase("a", 3)]);
    let refund = Transaction::refund(7, day(9), "10.00 EUR".parse().unwrap()).unwrap();
    builder.transaction(&refund.refund_of("a").unwrap());
    let ledger = builder.finish();
    assert_eq!(spend(&ledger.until(day(8))), 0);
    let then = ledger.until(day(9));
    let (id, effect) = then.effects().next().unwrap();
    assert_eq!((id, effect.day), (CustomerId::from(7), day(3)));
    assert_eq!(effect.spend, -1000);
}
