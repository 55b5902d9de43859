//! A metric of one's own, used in a rule like any other: `cargo run --example custom_metric`.
//!
//! Sixty days of silence mean little from somebody who buys once a year, and a lot from somebody who buys every week.

use customer_value::metrics::{gaps, recency};
use customer_value::model::Unit;
use customer_value::summary::Summary;
use customer_value::{Catalog, CustomerId, Day, Engine, Ledger, Metric, Transaction};

/// How often the customer's own longest pause would fit into the time since the last purchase. (Against the *usual* pause it
/// is the built-in `churn_factor`.)
#[derive(Debug)]
struct Overdue;

impl Metric for Overdue {
    fn name(&self) -> &str {
        "overdue"
    }

    fn unit(&self) -> Unit {
        Unit::Ratio
    }

    // Written for one customer; bulk comes with it. Who has bought on fewer than two days has no pause yet: that is
    // not known, which is something else than zero.
    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
        Some(recency::days_since_last(customer, as_of)? / gaps::longest_gap(customer)?)
    }
}

const POLICY: &str = r#"
[head]
name = "who has gone quiet"
version = "1"
currency = "EUR"

[[tiers]]
name = "call"
label = "call them this week"
when = "overdue >= 3 and spend >= 100"

[[tiers]]
name = "write"
when = "overdue >= 2"

[[tiers]]
name = "leave alone"
"#;

fn main() -> anyhow::Result<()> {
    let today: Day = "2024-06-30".parse()?;

    let mut catalog = Catalog::standard();
    catalog.add(Overdue)?;

    let engine = Engine::from_toml(POLICY, &catalog)?;

    let ledger = Ledger::from_transactions(&sales()?, engine.cleaning(today));
    let population = engine.population(&ledger)?;
    for reviewed in engine.review_all(&population, None, today)?.iter() {
        let found = reviewed.assessment();
        let overdue = match found.number("overdue") {
            Some(intervals) => format!("{intervals:.1} longest pauses"),
            None => "no pause yet".to_owned(),
        };
        println!("{:<8} {overdue:<24} {}", reviewed.id(), found.reason());
    }
    Ok(())
}

fn sales() -> anyhow::Result<Vec<Transaction>> {
    let rows = [
        // Every week, until five weeks ago.
        (
            "weekly",
            "2024-05-05 2024-05-12 2024-05-19 2024-05-26",
            "35.00 EUR",
        ),
        // Once a year, the last time sixty days ago.
        ("yearly", "2022-05-03 2023-05-02 2024-05-01", "90.00 EUR"),
        ("small", "2024-05-20 2024-05-30 2024-06-09", "4.00 EUR"),
        ("new", "2024-06-29", "12.00 EUR"),
    ];
    let mut sales = Vec::new();
    for (customer, days, amount) in rows {
        let customer: CustomerId = customer.parse()?;
        for day in days.split(' ') {
            sales.push(Transaction::purchase(
                customer.clone(),
                day.parse()?,
                amount.parse()?,
            )?);
        }
    }
    Ok(sales)
}
