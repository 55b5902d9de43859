//! Online: what a service does when one customer buys something: `cargo run --example one_customer`.
//!
//! Per customer it stores two values, a history and a standing. Everything else is the policy.

use customer_value::engine::Buffer;
use customer_value::ledger::Effect;
use customer_value::{Catalog, CustomerId, Day, Engine, History, Standing, Transaction};

// Thresholds in numbers, so that one customer is enough. A policy that asks for percentiles or RFM also needs what the last
// `Engine::fit` over all customers has learned, stored once for everybody and given back with `Engine::freeze`.
const POLICY: &str = r#"
[head]
name = "card"
version = "3"
currency = "EUR"

[[metrics]]
name = "spend_12m"
measure = "spend"
window = "365 days"

[lifecycle]
start = "new"
stages = [{ name = "new", rank = 0 }, { name = "active", rank = 1 }, { name = "quiet" }]

[[lifecycle.transitions]]
from = ["new", "quiet"]
to = "active"
when = "days_since_last < 90"
since = "last_purchase"
why = "bought within 90 days"

[[lifecycle.transitions]]
from = ["new", "active"]
to = "quiet"
when = "days_since_last >= 90"
since = "last_purchase + 90 days"
why = "no purchase for 90 days"

[[tiers]]
name = "gold"
when = "spend_12m >= 500"

[[tiers]]
name = "silver"
when = "spend_12m >= 200"

[[tiers]]
name = "basic"
"#;

/// What the service has in its database for one customer.
struct Stored {
    history: Vec<u8>,
    standing: String,
}

fn main() -> anyhow::Result<()> {
    let engine = Engine::from_toml(POLICY, &Catalog::standard())?;
    // Made once per thread; with it a review allocates nothing for its columns.
    let mut buffer = engine.buffer();
    let ada: CustomerId = "ada".parse()?;

    // A customer of whom nothing is stored yet.
    let mut stored = Stored {
        history: History::new(engine.layout().clone()).to_bytes(),
        standing: serde_json::to_string(&Standing::default())?,
    };
    for (day, amount) in [
        ("2024-01-10", Some("180.00 EUR")),
        ("2024-02-20", Some("60.00 EUR")),
        ("2024-06-30", None), // nothing bought: the nightly review
        ("2024-07-01", Some("290.00 EUR")),
    ] {
        let today: Day = day.parse()?;
        let purchase = match amount {
            Some(amount) => Some(Transaction::purchase(ada.clone(), today, amount.parse()?)?),
            None => None,
        };
        stored = visit(&engine, &mut buffer, &stored, today, purchase.as_ref())?;
        println!(
            "            stored: {} bytes of history, standing {}\n",
            stored.history.len(),
            stored.standing
        );
    }
    Ok(())
}

/// Load, add, review, store: the cost is that of the new rows, however long the history is.
fn visit(
    engine: &Engine,
    buffer: &mut Buffer,
    stored: &Stored,
    today: Day,
    purchase: Option<&Transaction>,
) -> anyhow::Result<Stored> {
    let mut history = History::from_bytes(&stored.history)?;
    let before: Standing = serde_json::from_str(&stored.standing)?;

    if let Some(purchase) = purchase {
        // A row that is not acceptable says why, as in a ledger.
        history.add(&Effect::of(purchase, &engine.cleaning(today))?)?;
    }

    let (standing, found) = engine.review(&history, before.clone(), today, buffer);
    println!("{today}  {}", found.reason());
    if found.tier_changed() {
        let tier = before.tier().map_or("", |record| &record.tier);
        println!("            tier: {tier} → {}", found.tier());
    }
    if found.stage_changed()
        && let Some(stage) = standing.stage()
    {
        println!(
            "            stage: {} since {}: {}",
            stage.stage, stage.since, stage.why
        );
    }
    Ok(Stored {
        history: history.to_bytes(),
        standing: serde_json::to_string(&standing)?,
    })
}
