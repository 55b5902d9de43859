//! The file `examples/data/cdnow_sample.csv`.
#![allow(dead_code)] // each test file uses its part

use customer_value::ledger::{Ledger, LedgerBuilder, Options, TextRow};
use customer_value::model::{Currency, Day};

/// Its rows: customer, date, amount.
pub fn records() -> Vec<csv::StringRecord> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/cdnow_sample.csv"
    );
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(Result::unwrap).collect()
}

/// The customer, the day and the cents of every row.
pub fn sales() -> Vec<(u64, Day, i64)> {
    let sale = |record: &csv::StringRecord| {
        let cents = record[2].replace('.', "").parse().unwrap();
        (
            record[0].parse().unwrap(),
            record[1].parse().unwrap(),
            cents,
        )
    };
    records().iter().map(sale).collect()
}

/// The ledger of some of its rows.
pub fn ledger_of<'r>(
    records: impl IntoIterator<Item = &'r csv::StringRecord>,
    options: Options,
) -> Ledger<'static> {
    let mut builder = LedgerBuilder::new(options);
    for record in records {
        builder.text(TextRow {
            customer: &record[0],
            date: &record[1],
            amount: &record[2],
            ..TextRow::default()
        });
    }
    builder.finish()
}

/// The ledger of all rows up to a day.
pub fn ledger(until: Day) -> Ledger<'static> {
    ledger_of(&records(), Options::new(until, Currency::USD))
}
