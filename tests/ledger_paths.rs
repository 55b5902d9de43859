//! The ways into a ledger say the same: text, transactions, columns row by row, columns in place.

mod ledger_rows;

use customer_value::history::Histories;
use customer_value::ledger::{
    Columns, CustomerColumn, Field, Ledger, MergeMap, Options, Quality, Reason,
};
use customer_value::model::{
    Currency, CustomerId, Day, Money, Transaction, TransactionKind as Kind,
};
use ledger_rows::{
    AS_OF, CATEGORIES, Raw, adds, by_text, every_fact, name, policy, rejects, rows, totals,
};
use proptest::prelude::*;

/// The transaction of a row, if it is one that the model can hold.
fn typed(row: &Raw) -> Option<Transaction> {
    let money = |minor| Money::from_minor(minor, row.currency);
    let day = Day::from_epoch_days(row.day).unwrap();
    let mut transaction = match row.kind? {
        Kind::Purchase => Transaction::purchase(row.customer, day, money(row.amount)).ok()?,
        Kind::Refund => Transaction::refund(row.customer, day, money(row.amount)).ok()?,
        Kind::Adjustment => Transaction::adjustment(row.customer, day, money(row.amount)),
    };
    if let Some(id) = row.id {
        transaction = transaction.with_id(&id.to_string()).ok()?;
    }
    if let Some(id) = row.refund_of {
        transaction = transaction.refund_of(&id.to_string()).ok()?;
    }
    if row.kind == Some(Kind::Purchase) {
        transaction = transaction.with_discount(money(row.discount)).ok()?;
    } else if row.discount != 0 {
        return None;
    }
    transaction
        .with_category(CATEGORIES[row.category])
        .with_cost(money(row.cost))
        .ok()
}

fn extreme() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(i64::MAX),
        Just(i64::MIN),
        Just(i64::MAX / 2),
        Just(-i64::MAX / 2),
        Just(i64::MAX / 3),
        -2..3_i64,
        any::<i64>(),
    ]
}

type Said = (
    Vec<(u64, Field, Reason)>,
    Vec<(u64, i32, [i64; 6])>,
    Quality,
);

fn by_columns(rows: &[Raw], options: Options, kinds: bool) -> Said {
    let keys: Vec<u64> = rows.iter().map(|r| r.customer).collect();
    let days: Vec<i32> = rows.iter().map(|r| r.day).collect();
    let numbers = |f: fn(&Raw) -> i64| -> Vec<i64> { rows.iter().map(f).collect() };
    let (amount, cost, discount) = (
        numbers(|r| r.amount),
        numbers(|r| r.cost),
        numbers(|r| r.discount),
    );
    let ids: Vec<String> = rows.iter().map(|r| name(r.id)).collect();
    let refunds: Vec<String> = rows.iter().map(|r| name(r.refund_of)).collect();
    let id: Vec<&str> = ids.iter().map(String::as_str).collect();
    let refund_of: Vec<&str> = refunds.iter().map(String::as_str).collect();
    let kind: Vec<Kind> = rows.iter().filter_map(|r| r.kind).collect();
    let currency: Vec<Currency> = rows.iter().map(|r| r.currency).collect();
    let category: Vec<&str> = rows.iter().map(|r| CATEGORIES[r.category]).collect();
    let columns = Columns {
        id: &id,
        kind: if kinds { &kind } else { &[] },
        refund_of: &refund_of,
        currency: &currency,
        category: &category,
        cost: &cost,
        discount: &discount,
        ..Columns::new(CustomerColumn::Numbers(&keys), &days, &amount)
    };
    let ledger = Ledger::from_columns(&columns, options).unwrap();
    (rejects(&ledger), adds(&ledger), ledger.quality().clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn transactions_say_the_same_as_text(rows in rows(), switches in any::<[bool; 4]>()) {
        let (raw, transactions): (Vec<&Raw>, Vec<Transaction>) =
            rows.iter().filter_map(|row| Some((row, typed(row)?))).unzip();
        let text = by_text(raw, policy(switches));
        let typed = Ledger::from_transactions(&transactions, policy(switches));
        prop_assert_eq!(rejects(&typed), rejects(&text));
        prop_assert_eq!(totals(&typed), totals(&text));
        let mut quality = text.quality().clone();
        let discounts = transactions.iter().filter(|t| t.discount().is_some()).count() as u64;
        quality.filled.remove(&Field::Discount);
        quality.filled.extend((discounts > 0).then_some((Field::Discount, discounts)));
        prop_assert_eq!(typed.quality(), &quality);
    }

    #[test]
    fn columns_say_the_same_as_text(mut rows in rows(), switches in any::<[bool; 4]>(), kinds in any::<bool>()) {
        for row in &mut rows {
            row.kind = kinds.then_some(row.kind.unwrap_or(Kind::Purchase));
        }
        let text = by_text(&rows, policy(switches));
        let columns = by_columns(&rows, policy(switches), kinds);
        prop_assert_eq!(columns, (rejects(&text), adds(&text), text.quality().clone()));
    }

    #[test]
    fn columns_in_place_say_the_same_as_row_by_row(
        rows in prop::collection::vec((0..5_u64, -3..12_i32, -2..4_i64), 0..40),
        far in prop::option::of((
            any::<u64>(),
            prop_oneof![Just(i32::MIN), Just(i32::MAX), any::<i32>()],
            prop_oneof![1..4_i64, any::<i64>()],
        )),
        switches in any::<[bool; 3]>(),
    ) {
        let rows: Vec<_> = rows.into_iter().chain(far).collect();
        let keys: Vec<u64> = rows.iter().map(|r| r.0).collect();
        let days: Vec<i32> = rows.iter().map(|r| r.1).collect();
        let amounts: Vec<i64> = rows.iter().map(|r| r.2).collect();
        let columns = Columns::new(CustomerColumn::Numbers(&keys), &days, &amounts);
        let in_place = policy([switches[0], switches[1], switches[2], false]);
        let mut one_by_one = in_place.clone();
        // Any merge at all keeps the columns from being taken in place.
        one_by_one.merges = MergeMap::new([(CustomerId::text("x").unwrap(), CustomerId::text("y").unwrap())]).unwrap();
        let a = Ledger::from_columns(&columns, in_place).unwrap();
        let b = Ledger::from_columns(&columns, one_by_one).unwrap();
        prop_assert_eq!(a.rejects(), b.rejects());
        prop_assert_eq!(a.quality(), b.quality());
        prop_assert!(a.effects().eq(b.effects()));
        let layout = every_fact();
        prop_assert!(Histories::build(&a, &layout) == Histories::build(&b, &layout));
    }

    /// Nothing overflows, whatever the amounts.
    #[test]
    fn sums_at_the_limits_stay_within(
        rows in prop::collection::vec((0..3_u64, 1..=AS_OF, extreme(), extreme(), extreme()), 1..20),
        plain in any::<bool>(),
        switches in any::<[bool; 4]>(),
    ) {
        let keys: Vec<u64> = rows.iter().map(|r| r.0).collect();
        let days: Vec<i32> = rows.iter().map(|r| r.1).collect();
        let [amounts, costs, discounts] = [0, 1, 2].map(|i| -> Vec<i64> { rows.iter().map(|r| [r.2, r.3, r.4][i]).collect() });
        let usd = vec![Currency::USD; rows.len()];
        let mut columns = Columns::new(CustomerColumn::Numbers(&keys), &days, &amounts);
        if !plain {
            (columns.cost, columns.discount, columns.currency) = (&costs, &discounts, &usd);
        }
        let ledger = Ledger::from_columns(&columns, policy(switches)).unwrap();
        let q = ledger.quality();
        prop_assert_eq!(q.accepted + q.duplicate + q.rejected, q.read);
        let mut sums = [[0_i128; 6]; 2];
        for (_, _, adds) in adds(&ledger) {
            for (i, add) in adds.into_iter().enumerate() {
                sums[0][i] += i128::from(add);
                sums[1][i] += i128::from(add.max(0));
            }
        }
        prop_assert!(sums.iter().flatten().all(|sum| i64::try_from(*sum).is_ok()));
        let _ = totals(&ledger);
    }
}
