//! Who is to be won back and with what: the sentences of `src/docs/churn.md` one by one, against a plain second way of counting,
//! and its laws.

#[path = "../cdnow_sample/mod.rs"]
mod cdnow_sample;
mod plain;
mod report;
mod sample;
mod sentences;

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::win_back::{
    Candidate, OfferSpec, Suppression, WinBack, WinBackList, WinBackSpec, WinBackVerdict,
};
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, CustomerId, Day, Days, Money, Unit,
};
use customer_value::rules::Expr;
use customer_value::table::{Field, Schema, Table};

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in [
        ("left", Unit::Flag),
        ("value", Unit::Money),
        ("vip", Unit::Flag),
    ] {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema
}

/// What a customer is: `left`, the value in minor units, `vip`.
type Cells = (Option<bool>, Option<i64>, Option<bool>);

fn table(rows: &[Cells]) -> Table {
    let schema = schema();
    let slots = ["left", "value", "vip"].map(|name| schema.slot(name).unwrap());
    let mut table = Table::new(schema, rows.len());
    let flag = |set: Option<bool>| set.map(|set| f64::from(u8::from(set)));
    for (row, (left, value, vip)) in rows.iter().enumerate() {
        table.column_mut(slots[0]).set(row, flag(*left));
        let major = value.map(|minor| minor as f64 / 100.0);
        table.column_mut(slots[1]).set(row, major);
        table.column_mut(slots[2]).set(row, flag(*vip));
    }
    table
}

fn spec(text: &str) -> WinBackSpec {
    toml::from_str(text).unwrap()
}

fn bind(spec: &WinBackSpec) -> WinBack {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&schema(), Currency::EUR, &mut problems);
    assert!(problems.is_empty(), "{problems}");
    bound.unwrap()
}

fn attempt(customer: u64, on: Day) -> Attempt {
    Attempt::new(customer, on, AttemptPurpose::WinBack, AttemptKind::Call).unwrap()
}

/// All customers of a table, numbered from 1, of whom nothing else is known.
fn list(win_back: &WinBack, table: &Table, as_of: Day) -> WinBackList {
    let ids: Vec<CustomerId> = (1..=table.rows() as u64).map(CustomerId::from).collect();
    let all = (ids.iter().enumerate()).map(|(row, id)| Candidate::new(id, table.row(row)));
    win_back.list(all, as_of)
}

/// Customer, offer and net value of who is chosen.
fn chosen(list: &WinBackList) -> Vec<(u64, &str, i64)> {
    let one = list.chosen.iter();
    one.map(|c| (c.customer.as_number().unwrap(), &*c.offer, c.net.minor()))
        .collect()
}

fn left(value: i64) -> Cells {
    (Some(true), Some(value), None)
}

const TWO: &str = r#"
    when = "left"
    value = "value"
    offers = [
        { name = "voucher", class = "discount", channel = "mail", response = 0.06, cost = "0.80 EUR", cost_if_won = "10.00 EUR" },
        { name = "call", class = "personal", channel = "phone", response = 0.15, cost = "6.00 EUR" },
    ]
"#;

/// One offer of which everybody's net value is their value.
const PLAIN: &str = r#"
    when = "left"
    value = "value"
    offers = [{ name = "gift", class = "gift", channel = "mail", response = 1, cost = "0.00 EUR" }]
"#;
