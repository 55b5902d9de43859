//! From transactions to tiers: `cargo run --example quickstart`.

use customer_value::{Catalog, Currency, CustomerId, Day, Engine, Ledger, Policy, Transaction};

fn main() -> anyhow::Result<()> {
    // There is no clock in the crate: the day of the review is an argument, so yesterday's review can be repeated.
    let today: Day = "2024-06-30".parse()?;
    let sales = sales()?;

    // The policy says what is measured and what follows from it; binding finds every problem in it at once.
    let engine = Engine::new(Policy::standard(Currency::EUR), &Catalog::standard())?;

    // Cleaning: every row is accepted, a duplicate, or rejected with its reason.
    let ledger = Ledger::from_transactions(&sales, engine.cleaning(today));
    println!("{}\n", ledger.quality());

    // Only the facts that the policy reads are built.
    let population = engine.population(&ledger)?;

    // Percentiles and RFM need to know everybody. What is learned is plain data, and is used for one customer at a time
    // from then on. `None`: nobody has been reviewed before, so nothing is remembered.
    let engine = engine.fitted_to(&population, None, today)?;

    let reviews = engine.review_all(&population, None, today)?;
    println!("customer  tier  stage           since       reason");
    for reviewed in reviews.iter() {
        let found = reviewed.assessment();
        println!(
            "{:<8}  {:<4}  {:<14}  {}  {}",
            reviewed.id(),
            found.tier(),
            found.stage().unwrap_or("-"),
            found
                .stage_since()
                .map_or_else(|| "-".to_owned(), |day| day.to_string()),
            found.reason(),
        );
    }

    // What a service stores until the next review.
    let standings = reviews.standings();
    println!("\n{} standings to remember", standings.len());
    Ok(())
}

fn sales() -> Result<Vec<Transaction>, customer_value::Error> {
    let sale = |customer: &str, day: &str, amount: &str| {
        Transaction::purchase(
            customer.parse::<CustomerId>()?,
            day.parse()?,
            amount.parse()?,
        )
    };
    Ok(vec![
        // Ada buys often and much.
        sale("ada", "2024-02-03", "210.00 EUR")?,
        sale("ada", "2024-03-18", "180.50 EUR")?,
        sale("ada", "2024-04-22", "240.00 EUR")?,
        sale("ada", "2024-06-14", "199.90 EUR")?,
        // Bob did, and has stopped.
        sale("bob", "2023-03-01", "320.00 EUR")?,
        sale("bob", "2023-05-10", "280.00 EUR")?,
        sale("bob", "2023-09-30", "150.00 EUR")?,
        // Cleo has just come.
        sale("cleo", "2024-06-25", "19.90 EUR")?,
        // Dan comes back now and then.
        sale("dan", "2024-01-15", "45.00 EUR")?,
        sale("dan", "2024-05-28", "60.00 EUR")?,
        // Eve bought once, and gave it back: a purchase that counts as never made.
        sale("eve", "2024-06-01", "75.00 EUR")?.with_id("E-1")?,
        Transaction::refund(
            "eve".parse::<CustomerId>()?,
            "2024-06-05".parse()?,
            "75.00 EUR".parse()?,
        )?
        .refund_of("E-1")?,
    ])
}
