//! A family of three that reaches gold together: `cargo run --example household`.

use customer_value::engine::accounts::Accounts;
use customer_value::model::Membership;
use customer_value::{Catalog, CustomerId, Day, Engine, Ledger, Transaction};

const POLICY: &str = r#"
[head]
name = "family card"
version = "1"
currency = "EUR"

[[metrics]]
name = "spend_12m"
measure = "spend"
window = "365 days"

[[tiers]]
name = "gold"
when = "spend_12m >= 1000"

[[tiers]]
name = "silver"
when = "spend_12m >= 500"

[[tiers]]
name = "basic"

# What members do while they are members counts for the household, and its tier is theirs.
[accounts]
counts = "while_member"
inherit = "account"
"#;

fn main() -> anyhow::Result<()> {
    let engine = Engine::from_toml(POLICY, &Catalog::standard())?;
    let id = |name: &str| CustomerId::text(name);
    let sales = [
        ("ada", "2024-02-10", "450.00 EUR"),
        ("bob", "2024-03-05", "350.00 EUR"),
        ("cleo", "2024-05-20", "250.00 EUR"),
        ("dora", "2024-05-20", "600.00 EUR"), // nobody's family
        ("bob", "2024-11-02", "120.00 EUR"),  // after he has moved out
    ];
    let sales: Vec<Transaction> = sales
        .iter()
        .map(|(who, day, amount)| {
            Ok(Transaction::purchase(
                id(who)?,
                day.parse()?,
                amount.parse()?,
            )?)
        })
        .collect::<anyhow::Result<_>>()?;

    // Wrong rows are told, and the rest goes on.
    let since: Day = "2024-01-01".parse()?;
    let rows = [
        Membership::new(id("ada")?, id("smiths")?, since, None)?,
        Membership::new(id("bob")?, id("smiths")?, since, None)?,
        Membership::new(id("cleo")?, id("smiths")?, since, None)?,
        Membership::new(id("cleo")?, id("browns")?, "2024-04-01".parse()?, None)?,
    ];
    let (accounts, report) = Accounts::new(&rows);
    for rejected in &report.rejected {
        println!("rejected: {rejected}");
    }

    let summer: Day = "2024-06-30".parse()?;
    show(&engine, &accounts, &sales, summer)?;

    // Bob moves out on the first of October. What he bought for the family stays with it.
    let accounts = accounts.leave(&id("bob")?, "2024-10-01".parse()?)?;
    show(&engine, &accounts, &sales, "2024-12-31".parse()?)
}

fn show(
    engine: &Engine,
    accounts: &Accounts,
    sales: &[Transaction],
    today: Day,
) -> anyhow::Result<()> {
    let known = sales.iter().filter(|sale| sale.day() <= today);
    let ledger = Ledger::from_transactions(known, engine.cleaning(today));
    let customers = engine.population(&ledger)?;
    let rolled = engine.roll_up(accounts, &customers, today)?;
    let reviews = engine.review_all(&rolled, None, today)?;
    println!("\n{today}");
    for review in reviews.iter() {
        println!("  {:<7} {}", review.id(), review.assessment().reason());
    }
    println!("  members and others:");
    for found in engine.inherit(accounts, &reviews, None)? {
        println!("    {:<5} {}", found.customer, found.reason());
    }
    Ok(())
}
