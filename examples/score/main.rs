//! The main job: records in, tiers and lifecycle stages out, with the reasons.
//!
//! `cargo run --release --example score` runs on the CDNOW sample; `-- --help` says how to run it on your own files.

mod ending;
mod lines;
mod options;
mod output;
mod overview;
mod records;
mod rows;
mod transactions;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use customer_value::diagnostic::Diagnostics;
use customer_value::engine::{Engine, Policy};
use customer_value::ledger;
use customer_value::metrics::referral::ReferralGraph;
use customer_value::metrics::{Catalog, MetricSpec};
use customer_value::model::{Currency, Day};

use options::Options;
use rows::{SAMPLE, Source};
use transactions::{Reject, Transactions};

fn main() -> ExitCode {
    let options: Options = match ending::options() {
        Ok(options) => options,
        Err(status) => return status,
    };
    match run(&options) {
        Ok(text) => ending::print(&text),
        Err(error) => match error.downcast_ref::<Diagnostics>() {
            Some(problems) => {
                eprintln!("{problems}");
                ExitCode::from(2)
            }
            None => ending::refuse(&format!("error: {error:#}")),
        },
    }
}

fn run(options: &Options) -> anyhow::Result<String> {
    check_outputs(options)?;
    let mut policy = match &options.policy {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            read_policy(&text, options)?
        }
        None => Policy::standard(options.currency.unwrap_or(Currency::USD)),
    };
    let currency = policy.head.currency;
    if let Some(other) = options.currency.filter(|other| *other != currency) {
        bail!("the policy is in {currency}, and `--currency` is {other}");
    }

    let mut rejects = Vec::new();
    // Without a day every row may count, and the last of them says it.
    let mut cleaning = ledger::Options::new(options.as_of.unwrap_or(Day::MAX), currency);
    if let Some(path) = &options.rates {
        cleaning.rates = records::rates(path, currency)?;
    }
    let source = options.transactions.as_deref().map_or(SAMPLE, Source::File);
    let Transactions { ledger, ignored } = transactions::read(&source, cleaning, &mut rejects)?;
    let Some(as_of) = options.as_of.or(ledger.quality().last_day) else {
        if let Some(path) = &options.rejects {
            output::rejects(path, &rejects)?;
        }
        bail!(
            "no transaction counts ({}), so say the day of the review with `--as-of`",
            counts(&ledger)
        );
    };

    let mut catalog = Catalog::standard();
    let mut referrals = None;
    if let Some(path) = &options.referrals {
        let found = records::referrals(path, &ledger, as_of, &mut catalog, &mut rejects)?;
        referrals = Some(found);
        if options.policy.is_none() {
            let names = ["referrals", "referral_credit", "referral_attributed"];
            policy.metrics.extend(names.map(MetricSpec::new));
        }
    }
    let customers = match &options.customers {
        Some(path) => Some(records::customers(path, &policy.attributes, &mut rejects)?),
        None => None,
    };
    let (engine, problems) = Engine::check(policy, &catalog);
    let Some(engine) = engine else {
        return Err(problems.into());
    };

    let mut text = format!(
        "customer value on {as_of}: policy `{}` version {}, amounts in {currency}\n\n",
        engine.policy().head.name,
        engine.policy().head.version
    );
    overview::quality(&mut text, ledger.quality(), &ignored);
    let mut population = engine.population(&ledger)?;
    drop(ledger);
    if let Some(customers) = customers {
        overview::counts(&mut text, "customers", &customers.counts);
        population = population.with_customers(customers.list)?;
    }
    if let Some(referrals) = &referrals {
        overview::counts(&mut text, "referrals", referrals);
    }
    note_rejects(&mut text, &rejects, options.rejects.as_deref());
    let _ = writeln!(text, "{} customers", population.len());

    // A first review: nothing is remembered of anybody.
    let engine = engine.fitted_to(&population, None, as_of)?;
    let reviews = engine.review_all(&population, None, as_of)?;
    overview::reviews(&mut text, &population, &reviews);
    if let Some(customer) = &options.explain {
        match overview::explanation(&reviews, customer) {
            Some(explanation) => text.push_str(&explanation),
            None => bail!("there is no customer `{customer}`"),
        }
    }

    if let Some(path) = &options.out {
        output::customers(path, &population, &reviews)?;
    }
    if let Some(path) = &options.rejects {
        output::rejects(path, &rejects)?;
    }
    // Only now is it certain that the run succeeds.
    if !problems.is_empty() {
        eprintln!("{problems}");
    }
    Ok(text)
}

/// The policy of a file, or everything that is wrong with it, before any of the data is read.
fn read_policy(text: &str, options: &Options) -> anyhow::Result<Policy> {
    let mut catalog = Catalog::standard();
    if options.referrals.is_some() {
        // The names are known, the numbers not yet.
        let nobody = ReferralGraph::default();
        records::add_referrals(&mut catalog, &nobody, Currency::USD, |_| None)?;
    }
    Ok(Engine::from_toml(text, &catalog)?.policy().clone())
}

/// A run must not write over what it reads, nor write two things to one file.
fn check_outputs(options: &Options) -> anyhow::Result<()> {
    let mut files = Vec::new();
    let inputs = [
        &options.transactions,
        &options.customers,
        &options.referrals,
        &options.policy,
        &options.rates,
    ];
    for path in inputs.into_iter().flatten() {
        files.extend(path.canonicalize());
    }
    for path in [&options.out, &options.rejects].into_iter().flatten() {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let file = path.canonicalize().or_else(|_| {
            let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
            Ok::<_, std::io::Error>(folder.join(path.file_name().unwrap_or_default()))
        });
        if let Ok(file) = file {
            if files.contains(&file) && (!file.exists() || file.is_file()) {
                bail!("`{}` is another file of the same run", path.display());
            }
            files.push(file);
        }
    }
    Ok(())
}

fn counts(ledger: &ledger::Ledger<'_>) -> String {
    let quality = ledger.quality();
    format!("{} rows read, {} rejected", quality.read, quality.rejected)
}

fn note_rejects(text: &mut String, rejects: &[Reject], path: Option<&Path>) {
    let _ = match (rejects.len(), path) {
        (0, _) => Ok(()),
        (n, Some(path)) => writeln!(text, "{n} rejected rows are in `{}`", path.display()),
        (n, None) => writeln!(
            text,
            "{n} rows rejected; `--rejects FILE.csv` writes them to a file"
        ),
    };
}
