//! The customers of `examples/data/cdnow_sample.csv`.

use std::collections::BTreeMap;

use super::calendar::day;
use super::customer::{Customer, Purchase};

pub fn customers() -> Vec<Customer> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/cdnow_sample.csv"
    );
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut customers: BTreeMap<u64, Customer> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let (whole, cents) = record[2].split_once('.').unwrap();
        let cents = whole.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap();
        let customer = customers.entry(record[0].parse().unwrap()).or_default();
        customer.purchases.push(Purchase {
            day: day(&record[1]),
            cents,
        });
    }
    customers.into_values().collect()
}
