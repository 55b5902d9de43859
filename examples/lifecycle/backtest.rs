//! `--backtest`: churn rules held to history.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::bail;
use customer_value::engine::backtest::{Backtest, BacktestReport};
use customer_value::engine::{Engine, Worse};
use customer_value::ledger::Ledger;
use customer_value::metrics::lifetime::{Horizon, PredictionSpec};
use customer_value::metrics::{Catalog, MetricSpec};
use customer_value::model::{Day, Days};

use super::options::Options;

/// For how long somebody has to be silent to be lost.
const SILENCE: Days = Days::new(180);
/// What the rules read.
const MEASURES: [&str; 4] = [
    "days_since_last",
    "churn_factor",
    "gap_percentile",
    "active_days",
];

pub fn run(engine: &Engine, ledger: &Ledger<'_>, options: &Options) -> anyhow::Result<String> {
    let as_of = match options.as_of {
        Some(day) => day,
        None => "1997-09-30".parse()?,
    };
    let (first, last) = super::days(ledger)?;
    if as_of < first {
        bail!(
            "nobody had bought by {as_of}, the first transaction is of {first}: say a later day with `--as-of`"
        );
    }
    // Where the records end earlier, everybody would seem lost.
    let end = as_of.plus(SILENCE);
    if last < end {
        bail!(
            "the transactions end with {last}, and what came of {as_of} is known on {end}: say an earlier day with `--as-of`"
        );
    }
    let engine = engine_for(engine)?;
    let everybody = rules(&engine, as_of)?;
    let mut again = everybody.clone();
    again.among = Some("active_days >= 2".parse()?);
    let reports = [&everybody, &again].map(|backtest| engine.backtest(ledger, backtest));
    let [everybody, again] = reports;
    let (everybody, again) = (everybody?, again?);
    if options.json {
        return Ok(serde_json::to_string_pretty(&[everybody, again])? + "\n");
    }
    let mut text = format!(
        "churn rules on {as_of}, held to the {SILENCE} after it; lost is who bought nothing in them\n"
    );
    table(&mut text, "all customers", &everybody);
    table(
        &mut text,
        "customers who had come back (active_days >= 2)",
        &again,
    );
    let _ = write!(
        text,
        "\nP(alive), P(buys again) and expected purchases are cut where they find as many of the lost as the rule of fixed days above them: compare precision and lead time.\n"
    );
    Ok(text)
}

fn table(text: &mut String, who: &str, report: &BacktestReport) {
    let BacktestReport {
        customers, lost, ..
    } = report;
    let _ = write!(text, "\n{who}: {customers}, {lost} of them lost\n{report}");
}

/// The policy with what the rules read, and a forecast of as many days as they ask for.
fn engine_for(engine: &Engine) -> anyhow::Result<Engine> {
    let mut policy = engine.policy().clone();
    let prediction = policy
        .prediction
        .get_or_insert_with(PredictionSpec::default);
    prediction.horizon = Horizon::Days(SILENCE);
    let named: BTreeSet<String> = policy
        .metrics
        .iter()
        .map(|metric| {
            metric
                .name
                .clone()
                .unwrap_or_else(|| metric.measure.clone())
        })
        .collect();
    let missing = MEASURES.into_iter().filter(|name| !named.contains(*name));
    policy.metrics.extend(missing.map(MetricSpec::new));
    Ok(Engine::new(policy, &Catalog::standard())?)
}

fn rules(engine: &Engine, as_of: Day) -> anyhow::Result<Backtest> {
    let mut backtest = Backtest::new(as_of, SILENCE).when("everybody", "true".parse()?);
    for days in [60, 90, 120, 180] {
        let name = format!("{days} days");
        let fixed = format!("days_since_last >= {days}").parse()?;
        let cut = |what: &str| format!("{what}, recall of {name}");
        backtest = backtest
            .when(&name, fixed)
            .at_recall_of(cut("P(alive)"), "p_alive", Worse::Less, &name)
            .at_recall_of(cut("P(buys again)"), "p_purchase", Worse::Less, &name)
            .at_recall_of(
                cut("expected purchases"),
                "expected_purchases",
                Worse::Less,
                &name,
            );
    }
    backtest = backtest
        .when("churn factor >= 2", "churn_factor >= 2".parse()?)
        .when("gap percentile >= 90", "gap_percentile >= 90".parse()?)
        .when("P(alive) < 0.5", "p_alive < 0.5".parse()?);
    if engine.churn().is_some() {
        let at_risk = r#"churn in ("at_risk", "highly_at_risk", "lost")"#;
        backtest = backtest
            .when("policy: at risk or lost", at_risk.parse()?)
            .when("policy: lost", r#"churn = "lost""#.parse()?);
    }
    Ok(backtest)
}
