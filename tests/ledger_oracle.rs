//! The ledger against a slow second implementation of the same words, and the laws it keeps.
//!
//! The oracle looks at every earlier row for each row and at every purchase for each refund.

use std::collections::BTreeMap;

use customer_value::history::{Fact, Histories, Layout, Measure};
use customer_value::ledger::{
    Columns, CustomerColumn, Duplicates, Field, Ledger, LedgerBuilder, MergeMap, Negative, Options,
    Reason, TextRow, Zero,
};
use customer_value::model::{
    Currency, CustomerId, Day, Money, Transaction, TransactionKind as Kind,
};
use proptest::prelude::*;

const AS_OF: i32 = 8;
const CATEGORIES: [&str; 3] = ["", "toys", "books"];

/// A row as it comes. The customer is a small number, the day counts from 1970.
#[derive(Debug, Clone, PartialEq)]
struct Raw {
    customer: u64,
    day: i32,
    amount: i64,
    kind: Option<Kind>,
    id: Option<u32>,
    refund_of: Option<u32>,
    currency: Currency,
    category: usize,
    cost: i64,
    discount: i64,
}

fn raw(ids: u32) -> impl Strategy<Value = Raw> {
    let amount = prop::sample::select(vec![0, 100, 100, 100, 250, 250, 333, -100, -250, -1]);
    let kind = prop_oneof![
        6 => Just(None),
        3 => Just(Some(Kind::Purchase)),
        2 => Just(Some(Kind::Refund)),
        1 => Just(Some(Kind::Adjustment)),
    ];
    let currency = prop_oneof![
        6 => Just(Currency::EUR),
        2 => Just(Currency::USD),
        1 => Just(Currency::JPY),
        1 => Just(Currency::GBP),
    ];
    let small = || prop::sample::select(vec![0_i64, 0, 0, 10, 60, 111, -5]);
    (
        (1..4_u64, 1..=AS_OF + 1, amount, kind),
        (
            prop::option::of(0..ids),
            prop::option::weighted(0.25, 0..ids),
            currency,
            0..CATEGORIES.len(),
        ),
        (small(), small()),
    )
        .prop_map(
            |(
                (customer, day, amount, kind),
                (id, refund_of, currency, category),
                (cost, discount),
            )| Raw {
                customer,
                day,
                amount,
                kind,
                id,
                refund_of,
                currency,
                category,
                cost,
                discount,
            },
        )
}

/// Rows that are often equal but for one thing, so that many refunds compete for few purchases.
fn alike(ids: u32) -> impl Strategy<Value = Raw> {
    let kind = prop_oneof![4 => Just(Kind::Purchase), 3 => Just(Kind::Refund)];
    let what = (
        0..CATEGORIES.len(),
        prop::sample::select(vec![0_i64, 0, 10]),
    );
    (
        (
            1..4_i32,
            prop::sample::select(vec![50, 100, 100, 100]),
            kind,
        ),
        (
            prop::option::of(0..ids),
            prop::option::weighted(0.3, 0..ids),
        ),
        what,
    )
        .prop_map(
            |((day, amount, kind), (id, refund_of), (category, cost))| Raw {
                customer: 1,
                day,
                amount,
                kind: Some(kind),
                id,
                refund_of: refund_of.filter(|_| kind == Kind::Refund),
                currency: Currency::EUR,
                category,
                cost,
                discount: 0,
            },
        )
}

fn rows() -> impl Strategy<Value = Vec<Raw>> {
    prop_oneof![
        prop::collection::vec(raw(10), 0..40),
        prop::collection::vec(alike(6), 0..15),
        rows_with_own_ids(),
    ]
}

/// Rows without duplicates by id, so that which of two rows is the first does not matter.
fn rows_with_own_ids() -> impl Strategy<Value = Vec<Raw>> {
    let any_rows = prop_oneof![
        prop::collection::vec((raw(30), any::<bool>()), 0..30),
        prop::collection::vec((alike(12), any::<bool>()), 0..12),
    ];
    any_rows.prop_map(|rows| {
        let numbered = rows.into_iter().zip(0..);
        numbered
            .map(|((row, has_id), id)| Raw {
                id: has_id.then_some(id),
                ..row
            })
            .collect()
    })
}

fn options() -> Options {
    let mut options = Options::new(Day::from_epoch_days(AS_OF).unwrap(), Currency::EUR);
    for (currency, from, rate) in [
        (Currency::USD, 0, "0.905"),
        (Currency::USD, 4, "1.25"),
        (Currency::JPY, 3, "0.005"),
    ] {
        let from = Day::from_epoch_days(from).unwrap();
        options
            .rates
            .set(currency, from, rate.parse().unwrap())
            .unwrap();
    }
    options
}

/// Policies: zero is rejected, negative is rejected, equal rows are duplicates, customer 3 is customer 1.
fn policy(switches: [bool; 4]) -> Options {
    let mut options = options();
    if switches[0] {
        options.zero = Zero::Reject;
    }
    if switches[1] {
        options.negative = Negative::Reject;
    }
    if switches[2] {
        options.duplicates = Duplicates::SameRow;
    }
    if switches[3] {
        options.merges = MergeMap::new([(3.into(), 1.into())]).unwrap();
    }
    options
}

/// Euro cents, halves to even, in whole numbers; the rates of `options`.
fn euro(minor: i64, currency: Currency, day: i32) -> Option<i64> {
    let (numerator, denominator) = match currency {
        Currency::EUR => (1, 1),
        Currency::USD if day < 4 => (905, 1_000),
        Currency::USD => (125, 100),
        Currency::JPY if day >= 3 => (100 * 5, 1_000),
        _ => return None,
    };
    let (whole, rest) = (
        (minor * numerator).div_euclid(denominator),
        (minor * numerator).rem_euclid(denominator),
    );
    let up = match (2 * rest).cmp(&denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    Some(whole + i64::from(up))
}

/// Customer, day, and: purchases, spend, gross, refunds, cost, discount; the category it counts for.
type Adds = (u64, i32, [i64; 6], &'static str);

#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Accepted(Adds),
    Duplicate,
    Rejected(Field, Reason),
}

fn oracle(rows: &[Raw], switches: [bool; 4]) -> Vec<Outcome> {
    let [reject_zero, reject_negative, same_row, merge] = switches;
    let who = |row: &Raw| {
        if merge && row.customer == 3 {
            1
        } else {
            row.customer
        }
    };
    let kind = |row: &Raw| {
        row.kind
            .unwrap_or(if row.amount < 0 || row.refund_of.is_some() {
                Kind::Refund
            } else {
                Kind::Purchase
            })
    };
    let size = |row: &Raw| {
        if kind(row) == Kind::Refund {
            row.amount.abs()
        } else {
            row.amount
        }
    };
    let content = |row: &Raw| Raw {
        customer: who(row),
        kind: Some(kind(row)),
        amount: size(row),
        ..row.clone()
    };
    let wrong = |row: &Raw| {
        if row.day > AS_OF {
            return Some((Field::Date, Reason::AfterAsOf));
        }
        if row.amount < 0 && (kind(row) == Kind::Purchase || row.kind.is_none() && reject_negative)
        {
            return Some((Field::Amount, Reason::Negative));
        }
        if row.amount == 0
            && (kind(row) == Kind::Refund || kind(row) == Kind::Purchase && reject_zero)
        {
            return Some((Field::Amount, Reason::Zero));
        }
        if row.refund_of.is_some() && kind(row) != Kind::Refund {
            return Some((Field::RefundOf, Reason::NotARefund));
        }
        if euro(row.amount, row.currency, row.day).is_none() {
            return Some((Field::Currency, Reason::NoRate));
        }
        for (field, part) in [(Field::Cost, row.cost), (Field::Discount, row.discount)] {
            if part < 0 {
                return Some((field, Reason::Negative));
            }
        }
        None
    };
    let euros = |row: &Raw, minor| euro(minor, row.currency, row.day).unwrap_or(0);

    // Each row on its own, and against the rows before it.
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let earlier = || (0..i).filter(|j| outcomes[*j].is_none()).map(|j| &rows[j]);
        let again = match row.id {
            Some(id) => earlier().any(|before| before.id == Some(id)),
            None => same_row && earlier().any(|before| content(before) == content(row)),
        };
        outcomes.push(match wrong(row) {
            Some((field, reason)) => Some(Outcome::Rejected(field, reason)),
            None if again => Some(Outcome::Duplicate),
            None => None,
        });
    }
    let kept: Vec<usize> = (0..rows.len()).filter(|i| outcomes[*i].is_none()).collect();

    // Refunds, day by day: those that name their purchase first.
    let mut refunds: Vec<usize> = kept
        .iter()
        .copied()
        .filter(|i| kind(&rows[*i]) == Kind::Refund)
        .collect();
    refunds.sort_by_key(|i| {
        let row = &rows[*i];
        let named = row.refund_of.map(|id| id.to_string());
        (
            row.day,
            named.is_none(),
            named,
            size(row),
            euros(row, row.cost),
            Some(CATEGORIES[row.category]).filter(|c| !c.is_empty()),
            *i,
        )
    });
    // Of each purchase: refunded in its own currency, the same in euros, cost recovered.
    let mut given: BTreeMap<usize, (i64, i64, i64)> = BTreeMap::new();
    for i in refunds {
        let refund = &rows[i];
        let purchase = match refund.refund_of {
            Some(id) => {
                let named = kept
                    .iter()
                    .copied()
                    .find(|j| rows[*j].id == Some(id) && kind(&rows[*j]) == Kind::Purchase);
                let before = named.map_or(0, |p| given.get(&p).map_or(0, |g| g.0));
                let reason = match named.map(|p| &rows[p]) {
                    None => Some((Field::RefundOf, Reason::UnknownPurchase)),
                    Some(p) if who(p) != who(refund) => {
                        Some((Field::RefundOf, Reason::PurchaseOfAnother))
                    }
                    Some(p) if p.day > refund.day => {
                        Some((Field::RefundOf, Reason::BeforePurchase))
                    }
                    Some(p) if p.currency != refund.currency => {
                        Some((Field::Currency, Reason::OtherCurrency))
                    }
                    Some(p) if size(refund) > p.amount - before => {
                        Some((Field::Amount, Reason::AboveRemaining))
                    }
                    Some(_) => None,
                };
                if let Some((field, reason)) = reason {
                    outcomes[i] = Some(Outcome::Rejected(field, reason));
                    continue;
                }
                named
            }
            None => kept
                .iter()
                .copied()
                .filter(|j| {
                    let p = &rows[*j];
                    kind(p) == Kind::Purchase
                        && who(p) == who(refund)
                        && p.day <= refund.day
                        && p.amount == size(refund)
                        && p.currency == refund.currency
                        && !given.contains_key(j)
                })
                .max_by_key(|j| {
                    let p = &rows[*j];
                    let category = Some(CATEGORIES[p.category]).filter(|c| !c.is_empty());
                    let parts = (euros(p, p.cost), euros(p, p.discount));
                    let id = p.id.map(|id| id.to_string());
                    (p.day, category, parts, id.is_none(), id)
                }),
        };
        let Some(at) = purchase else {
            let amount = euros(refund, size(refund));
            let cost = euros(refund, refund.cost);
            outcomes[i] = Some(Outcome::Accepted((
                who(refund),
                refund.day,
                [0, -amount, 0, amount, -cost, 0],
                CATEGORIES[refund.category],
            )));
            continue;
        };
        let p = &rows[at];
        let (own, in_euros, cost) = given.get(&at).copied().unwrap_or_default();
        let own_now = own + size(refund);
        let all = own_now == p.amount;
        let euros_now = euros(p, p.amount) * own_now / p.amount;
        let bought_for = euros(p, p.cost);
        let cost_now = if all {
            bought_for
        } else {
            bought_for.min(cost + euros(refund, refund.cost))
        };
        given.insert(at, (own_now, euros_now, cost_now));
        let amount = euros_now - in_euros;
        outcomes[i] = Some(Outcome::Accepted((
            who(p),
            p.day,
            [
                -i64::from(all),
                -amount,
                0,
                amount,
                cost - cost_now,
                if all { -euros(p, p.discount) } else { 0 },
            ],
            CATEGORIES[p.category],
        )));
    }

    let rest = |row: &Raw| {
        let amount = euros(row, row.amount);
        let adds = if kind(row) == Kind::Purchase {
            [
                1,
                amount,
                amount,
                0,
                euros(row, row.cost),
                euros(row, row.discount),
            ]
        } else {
            [0, amount, 0, 0, 0, 0]
        };
        Outcome::Accepted((who(row), row.day, adds, CATEGORIES[row.category]))
    };
    rows.iter()
        .zip(outcomes)
        .map(|(row, outcome)| outcome.unwrap_or_else(|| rest(row)))
        .collect()
}

fn major(minor: i64, currency: Currency) -> String {
    Money::from_minor(minor, currency).amount().to_string()
}

fn name(id: Option<u32>) -> String {
    id.map_or(String::new(), |id| id.to_string())
}

fn by_text<'r>(rows: impl IntoIterator<Item = &'r Raw>, options: Options) -> Ledger<'static> {
    let mut builder = LedgerBuilder::new(options);
    for row in rows {
        builder.text(TextRow {
            customer: &row.customer.to_string(),
            date: &Day::from_epoch_days(row.day).unwrap().to_string(),
            amount: &major(row.amount, row.currency),
            id: &name(row.id),
            kind: row.kind.map_or("", Kind::as_str),
            refund_of: &name(row.refund_of),
            currency: row.currency.code(),
            category: CATEGORIES[row.category],
            channel: "",
            cost: &major(row.cost, row.currency),
            discount: &major(row.discount, row.currency),
        });
    }
    builder.finish()
}

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

fn adds(ledger: &Ledger<'_>) -> Vec<(u64, i32, [i64; 6])> {
    ledger
        .effects()
        .map(|(id, e)| {
            let numbers = [e.purchases, e.spend, e.gross, e.refunds, e.cost, e.discount];
            (id.as_number().unwrap(), e.day.epoch_days(), numbers)
        })
        .collect()
}

fn rejects(ledger: &Ledger<'_>) -> Vec<(u64, Field, Reason)> {
    ledger
        .rejects()
        .iter()
        .map(|r| (r.position, r.field, r.reason))
        .collect()
}

const MEASURES: [Measure; 6] = [
    Measure::Purchases,
    Measure::Spend,
    Measure::Gross,
    Measure::Refunds,
    Measure::Cost,
    Measure::Discount,
];

/// Every fact there is, over all and per category.
fn every_fact() -> Layout {
    let facts = MEASURES.into_iter().flat_map(|measure| {
        CATEGORIES
            .iter()
            .skip(1)
            .map(move |c| Fact::of_category(measure, c))
            .chain([Fact::new(measure)])
    });
    Layout::new(Currency::EUR, facts)
}

/// (customer, day, fact) → total, where it is not zero.
fn totals(ledger: &Ledger<'_>) -> BTreeMap<(u64, i32, Fact), i64> {
    let layout = every_fact();
    let histories = Histories::build(ledger, &layout).unwrap();
    let mut totals = BTreeMap::new();
    for (id, history) in histories.iter() {
        for (row, day) in history.days().enumerate() {
            for fact in layout.facts() {
                let total = history.on(fact, row).unwrap();
                if total != 0 {
                    totals.insert(
                        (id.as_number().unwrap(), day.epoch_days(), fact.clone()),
                        total,
                    );
                }
            }
        }
    }
    totals
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_ends_as_the_oracle_says(rows in rows(), switches in any::<[bool; 4]>()) {
        let ledger = by_text(&rows, policy(switches));
        let outcomes = oracle(&rows, switches);
        let mut expected_adds = Vec::new();
        let mut expected_rejects = Vec::new();
        let mut expected_totals: BTreeMap<(u64, i32, Fact), i64> = BTreeMap::new();
        for (outcome, position) in outcomes.iter().zip(0..) {
            match outcome {
                Outcome::Accepted((customer, day, adds, category)) => {
                    expected_adds.push((*customer, *day, *adds));
                    for (measure, add) in MEASURES.into_iter().zip(adds) {
                        *expected_totals.entry((*customer, *day, measure.into())).or_default() += add;
                        if !category.is_empty() {
                            let fact = Fact::of_category(measure, category);
                            *expected_totals.entry((*customer, *day, fact)).or_default() += add;
                        }
                    }
                }
                Outcome::Duplicate => {}
                Outcome::Rejected(field, reason) => expected_rejects.push((position, *field, *reason)),
            }
        }
        expected_totals.retain(|_, total| *total != 0);
        prop_assert_eq!(rejects(&ledger), expected_rejects);
        prop_assert_eq!(adds(&ledger), expected_adds);
        prop_assert_eq!(totals(&ledger), expected_totals);

        let q = ledger.quality();
        let count = |f: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|o| f(o)).count() as u64;
        prop_assert_eq!(q.read, rows.len() as u64);
        prop_assert_eq!(q.accepted, count(&|o| matches!(o, Outcome::Accepted(_))));
        prop_assert_eq!(q.duplicate, count(&|o| *o == Outcome::Duplicate));
        prop_assert_eq!(q.rejected, count(&|o| matches!(o, Outcome::Rejected(..))));
        prop_assert_eq!(q.purchases_undone, count(&|o| matches!(o, Outcome::Accepted((_, _, [-1, ..], _)))));
        let accepted = || rows.iter().zip(&outcomes).filter(|(_, o)| matches!(o, Outcome::Accepted(_))).map(|(r, _)| r);
        prop_assert_eq!(q.converted, accepted().filter(|r| r.currency != Currency::EUR).count() as u64);
        prop_assert_eq!(q.merged, accepted().filter(|r| switches[3] && r.customer == 3).count() as u64);
        prop_assert_eq!(q.first_day.map(Day::epoch_days), accepted().map(|r| r.day).min());
        prop_assert_eq!(q.last_day.map(Day::epoch_days), accepted().map(|r| r.day).max());
        let refunds = q.refunds_named + q.refunds_matched + q.refunds_unlinked;
        let expected = accepted().filter(|r| r.kind == Some(Kind::Refund) || r.kind.is_none() && (r.amount < 0 || r.refund_of.is_some()));
        prop_assert_eq!(refunds, expected.clone().count() as u64);
        prop_assert_eq!(q.refunds_named, expected.filter(|r| r.refund_of.is_some()).count() as u64);
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(
        (rows, shuffled) in rows_with_own_ids().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        switches in any::<[bool; 4]>(),
    ) {
        let (a, b) = (by_text(&rows, policy(switches)), by_text(&shuffled, policy(switches)));
        prop_assert_eq!(a.quality(), b.quality());
        prop_assert_eq!(totals(&a), totals(&b));
        let layout = every_fact();
        prop_assert!(Histories::build(&a, &layout) == Histories::build(&b, &layout));
    }

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

    /// Refunded to the last cent, in however many parts, is never made.
    #[test]
    fn a_full_refund_unmakes_its_purchase(
        rows in rows_with_own_ids(),
        amount in 3..1_000_000_i64,
        parts in prop::array::uniform2(0.0..1.0_f64),
        foreign in any::<bool>(),
        (cost, discount) in (0..500_i64, 0..500_i64),
        day in 1..=AS_OF,
    ) {
        let currency = if foreign { Currency::USD } else { Currency::EUR };
        // An amount that no other row has, so that nothing else is matched to it.
        let amount = amount + 1_000;
        let purchase = Raw {
            customer: 1, day, amount, kind: Some(Kind::Purchase), id: Some(1_000), refund_of: None, currency,
            category: 1, cost, discount,
        };
        let first = (parts[0] * amount as f64) as i64;
        let second = (parts[1] * (amount - first) as f64) as i64;
        let mut with = rows.clone();
        with.push(purchase.clone());
        for part in [first, second, amount - first - second].into_iter().filter(|part| *part > 0) {
            with.push(Raw {
                day: AS_OF, amount: part, kind: Some(Kind::Refund), id: None, refund_of: purchase.id, discount: 0,
                ..purchase.clone()
            });
        }
        let (with, without) = (by_text(&with, options()), by_text(&rows, options()));
        prop_assert_eq!(with.quality().purchases_undone, without.quality().purchases_undone + 1);
        let (mut with, mut without) = (totals(&with), totals(&without));
        for totals in [&mut with, &mut without] {
            totals.retain(|(_, _, fact), _| !matches!(fact.measure(), Measure::Gross | Measure::Refunds));
        }
        prop_assert_eq!(with, without);
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
    customer_value::ledger::Quality,
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
