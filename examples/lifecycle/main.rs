//! The life of customers: stages, times in them, alerts, win-back and the exit ladder.
//!
//! `cargo run --release --example lifecycle` reviews the CDNOW sample month by month; `-- --help` says how to run it on your own
//! files, and how to hold churn rules to history.

mod backtest;
#[path = "../whatif/cells.rs"]
mod cells;
#[path = "../score/ending.rs"]
mod ending;
mod found;
#[path = "../score/lines.rs"]
mod lines;
mod options;
#[path = "../score/rows.rs"]
mod rows;
mod text;
#[path = "../score/transactions.rs"]
#[allow(dead_code)] // `score` says more of a row
mod transactions;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use customer_value::engine::Engine;
use customer_value::engine::simulate::Step;
use customer_value::ledger::{self, Ledger};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Day, Days, Money};

use ending::one_line;
use found::Found;
use options::Options;
use rows::{SAMPLE, Source};
use transactions::Transactions;
use walk::Walk;

/// The policy is part of the program, so that it runs anywhere.
const POLICY: &str = include_str!("../policies/lifecycle.toml");
/// The name of the policy's attribute, and what is assumed of the customers of the sample.
const COST_TO_SERVE: &str = "cost_to_serve";
const ASSUMED_COST: i64 = 4_00;
/// How many days before the last review the one is that it is compared with.
const BEFORE: Days = Days::new(30);

fn main() -> ExitCode {
    let options: Options = match ending::options() {
        Ok(options) => options,
        Err(status) => return status,
    };
    match run(&options) {
        Ok(text) => ending::print(&text),
        Err(error) => ending::failed(&error),
    }
}

fn run(options: &Options) -> anyhow::Result<String> {
    let engine = policy(options.policy.as_ref())?;
    if options.mermaid {
        return Ok(lifecycle(&engine)?.to_mermaid());
    }
    let ledger = transactions(options, engine.policy().head.currency)?;
    if options.backtest {
        return backtest::run(&engine, &ledger, options);
    }
    lifecycle(&engine)?;
    let (first, last) = days(&ledger)?;
    let as_of = options.as_of.unwrap_or(last);
    let from = options.from.unwrap_or(first);
    if from > as_of {
        bail!("the reviews would begin on {from}, after the last one on {as_of}");
    }
    let walk = Walk {
        from,
        as_of,
        before: as_of.minus(BEFORE),
        step: options.step.unwrap_or(Step::Month),
        cost_to_serve: cost_to_serve(options, &engine)?,
    };
    let found = Found::of(&engine, &ledger, &walk)?;
    if options.json {
        return Ok(serde_json::to_string_pretty(&found)? + "\n");
    }
    Ok(text::all(&found))
}

fn policy(path: Option<&PathBuf>) -> anyhow::Result<Engine> {
    let Some(path) = path else {
        return Ok(Engine::from_toml(POLICY, &Catalog::standard())?);
    };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    Engine::from_toml(&text, &Catalog::standard()).with_context(|| format!("`{name}`"))
}

fn lifecycle(engine: &Engine) -> anyhow::Result<&customer_value::lifecycle::Lifecycle> {
    let name = &engine.policy().head.name;
    engine
        .lifecycle()
        .with_context(|| format!("the policy `{name}` has no section `[lifecycle]`"))
}

/// All transactions, also those after the last review: what each review may know of them is up to [`Ledger::until`].
fn transactions(options: &Options, currency: Currency) -> anyhow::Result<Ledger<'static>> {
    let mut rejects = Vec::new();
    let source = options.transactions.as_deref().map_or(SAMPLE, Source::File);
    let cleaning = ledger::Options::new(Day::MAX, currency);
    let Transactions { ledger, ignored } = transactions::read(&source, cleaning, &mut rejects)?;
    for reject in &rejects {
        eprintln!("{}", reject.text());
    }
    if !ignored.is_empty() {
        let ignored = one_line(&ignored.join(", "));
        eprintln!("columns that are not used: {ignored}");
    }
    Ok(ledger)
}

/// The first and the last day with a transaction that counts.
fn days(ledger: &Ledger<'_>) -> anyhow::Result<(Day, Day)> {
    let quality = ledger.quality();
    quality.first_day.zip(quality.last_day).with_context(|| {
        format!(
            "no transaction counts ({} rows read, {} rejected)",
            quality.read, quality.rejected
        )
    })
}

/// What is assumed of everybody.
fn cost_to_serve(options: &Options, engine: &Engine) -> anyhow::Result<Option<Money>> {
    let currency = engine.policy().head.currency;
    let wanted = engine.policy().attributes.contains_key(COST_TO_SERVE);
    match options.cost_to_serve {
        Some(_) if !wanted => bail!("the policy has no attribute `{COST_TO_SERVE}`"),
        Some(cost) if cost.currency() != currency => {
            bail!(
                "the cost is in {}, and the policy in {currency}",
                cost.currency()
            )
        }
        Some(cost) if cost.minor() < 0 => bail!("the cost `{cost}` is below 0"),
        Some(cost) => Ok(Some(cost)),
        None => Ok(
            (wanted && options.transactions.is_none() && currency == Currency::USD)
                .then(|| Money::from_minor(ASSUMED_COST, currency)),
        ),
    }
}
