//! Rows for the tests of the ledger, and what to look at in one.

#![allow(dead_code)] // no test uses all of it

use std::collections::BTreeMap;

use customer_value::history::{Fact, Histories, Layout, Measure};
use customer_value::ledger::{
    Duplicates, Field, Ledger, LedgerBuilder, MergeMap, Negative, Options, Reason, TextRow, Zero,
};
use customer_value::model::{Currency, Day, Money, TransactionKind as Kind};
use proptest::prelude::*;

pub const AS_OF: i32 = 8;
pub const CATEGORIES: [&str; 3] = ["", "toys", "books"];

/// A row as it comes. The customer is a small number, the day counts from 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    pub customer: u64,
    pub day: i32,
    pub amount: i64,
    pub kind: Option<Kind>,
    pub id: Option<u32>,
    pub refund_of: Option<u32>,
    pub currency: Currency,
    pub category: usize,
    pub cost: i64,
    pub discount: i64,
}

pub fn raw(ids: u32) -> impl Strategy<Value = Raw> {
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
pub fn alike(ids: u32) -> impl Strategy<Value = Raw> {
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

pub fn rows() -> impl Strategy<Value = Vec<Raw>> {
    prop_oneof![
        prop::collection::vec(raw(10), 0..40),
        prop::collection::vec(alike(6), 0..15),
        rows_with_own_ids(),
    ]
}

/// Rows without duplicates by id, so that which of two rows is the first does not matter.
pub fn rows_with_own_ids() -> impl Strategy<Value = Vec<Raw>> {
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

pub fn options() -> Options {
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
pub fn policy(switches: [bool; 4]) -> Options {
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

pub fn major(minor: i64, currency: Currency) -> String {
    Money::from_minor(minor, currency).amount().to_string()
}

pub fn name(id: Option<u32>) -> String {
    id.map_or(String::new(), |id| id.to_string())
}

pub fn by_text<'r>(rows: impl IntoIterator<Item = &'r Raw>, options: Options) -> Ledger<'static> {
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

pub fn adds(ledger: &Ledger<'_>) -> Vec<(u64, i32, [i64; 6])> {
    ledger
        .effects()
        .map(|(id, e)| {
            let numbers = [e.purchases, e.spend, e.gross, e.refunds, e.cost, e.discount];
            (id.as_number().unwrap(), e.day.epoch_days(), numbers)
        })
        .collect()
}

pub fn rejects(ledger: &Ledger<'_>) -> Vec<(u64, Field, Reason)> {
    ledger
        .rejects()
        .iter()
        .map(|r| (r.position, r.field, r.reason))
        .collect()
}

pub const MEASURES: [Measure; 6] = [
    Measure::Purchases,
    Measure::Spend,
    Measure::Gross,
    Measure::Refunds,
    Measure::Cost,
    Measure::Discount,
];

/// Every fact there is, over all and per category.
pub fn every_fact() -> Layout {
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
pub fn totals(ledger: &Ledger<'_>) -> BTreeMap<(u64, i32, Fact), i64> {
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
