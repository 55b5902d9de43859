//! Two policies over one population: who moves, why, what it changes; and the history under both.
//!
//! `cargo run --release --example whatif` compares two policies on the CDNOW sample; `-- --help` says how to run it on your own
//! files, and how to analyse one policy.

mod cells;
mod check;
#[path = "../score/ending.rs"]
mod ending;
#[path = "../score/lines.rs"]
mod lines;
mod options;
#[path = "../score/rows.rs"]
mod rows;
mod text;
#[path = "../score/transactions.rs"]
#[allow(dead_code)] // `score` says more of a row
mod transactions;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use customer_value::engine::Engine;
use customer_value::engine::simulate::{Replay, ReplayOptions, Step, WhatIf, WhatIfOptions};
use customer_value::ledger::{self, Ledger};
use customer_value::metrics::Catalog;
use customer_value::model::Day;
use serde::Serialize;

use ending::one_line;
use options::Options;
use rows::{SAMPLE, Source};
use transactions::{Reject, Transactions};

/// The policies are part of the program, so that it runs anywhere.
const POLICY_A: &str = include_str!("../policies/members_2024.toml");
const POLICY_B: &str = include_str!("../policies/members_2025.toml");

fn main() -> ExitCode {
    let options: Options = match ending::options() {
        Ok(options) => options,
        Err(status) => return status,
    };
    let done = match &options.check {
        Some(path) => check::run(path),
        None => run(&options).map(|text| (text, ExitCode::SUCCESS)),
    };
    match done {
        Ok((text, status)) => match ending::print(&text) {
            ExitCode::SUCCESS => status,
            failed => failed,
        },
        Err(error) => ending::failed(&error),
    }
}

/// What was found.
#[derive(Serialize)]
struct Found {
    what_if: WhatIf,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_a: Option<Replay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_b: Option<Replay>,
}

fn run(options: &Options) -> anyhow::Result<String> {
    let before = policy(options.policy_a.as_ref(), POLICY_A)?;
    let after = policy(options.policy_b.as_ref(), POLICY_B)?;
    let currency = before.policy().head.currency;
    let other = after.policy().head.currency;
    if other != currency {
        bail!("policy A is in {currency}, and policy B in {other}");
    }

    let mut rejects = Vec::new();
    // Without a day every row may count, and the last of them says it.
    let cleaning = ledger::Options::new(options.as_of.unwrap_or(Day::MAX), currency);
    let source = options.transactions.as_deref().map_or(SAMPLE, Source::File);
    let Transactions { ledger, ignored } = transactions::read(&source, cleaning, &mut rejects)?;
    let rejects: Vec<String> = rejects.iter().map(Reject::text).collect();
    let as_of = options.as_of.or(ledger.quality().last_day);
    let population = before.shared_population(&after, &ledger)?;
    let Some(as_of) = as_of.filter(|_| !population.is_empty()) else {
        let quality = ledger.quality();
        let first = rejects.first();
        bail!(
            "no transaction counts ({} rows read, {} rejected){}, so say {} day with `--as-of`",
            quality.read,
            quality.rejected,
            first.map_or(String::new(), |first| format!(", the first: {first}")),
            if options.as_of.is_some() {
                "another"
            } else {
                "the"
            },
        );
    };
    for reject in &rejects {
        eprintln!("{reject}");
    }
    if !ignored.is_empty() {
        eprintln!(
            "columns that are not used: {}",
            one_line(&ignored.join(", "))
        );
    }

    let mut looks_at = WhatIfOptions::default();
    if let Some(value) = &options.value {
        looks_at.value.clone_from(value);
    }
    let [one, two] = [&before, &after].map(|e| e.clone().fitted_to(&population, None, as_of));
    let found = Found {
        what_if: one?.what_if(&two?, &population, None, as_of, &looks_at)?,
        replay_a: replay(&before, &ledger, as_of, options)?,
        replay_b: replay(&after, &ledger, as_of, options)?,
    };
    if options.json {
        return Ok(serde_json::to_string_pretty(&found)? + "\n");
    }
    let mut text = text::what_if(&found.what_if, currency);
    for replay in found.replay_a.iter().chain(&found.replay_b) {
        text.push_str(&text::replay(replay));
    }
    Ok(text)
}

fn policy(path: Option<&PathBuf>, bundled: &str) -> anyhow::Result<Engine> {
    let text = path.map_or_else(|| Ok(bundled.to_owned()), |path| read(path))?;
    let name = path.map_or_else(String::new, |path| path.display().to_string());
    Engine::from_toml(&text, &Catalog::standard()).with_context(|| format!("`{name}`"))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn replay(
    engine: &Engine,
    ledger: &Ledger<'_>,
    to: Day,
    options: &Options,
) -> anyhow::Result<Option<Replay>> {
    let Some(from) = options.replay_from else {
        return Ok(None);
    };
    let mut how = ReplayOptions::new(options.step.unwrap_or(Step::Month));
    how.outcome = options.outcome.unwrap_or_default();
    Ok(Some(engine.replay(ledger, from, to, &how)?))
}
