//! Why is this customer where they are? `cargo run --example explain`, or with another customer of the sample and in
//! Chinese: `cargo run --example explain -- 42 --language zh`.

use anyhow::Context as _;
use customer_value::ledger::{LedgerBuilder, Options, TextRow};
use customer_value::rules::language::{Chinese, English, Language};
use customer_value::{Catalog, Currency, CustomerId, Day, Engine, Ledger, Policy};

fn main() -> anyhow::Result<()> {
    let (customer, language) = arguments()?;
    let as_of: Day = "1998-06-30".parse()?; // the last day of the data
    let ledger = read(as_of)?;

    let engine = Engine::new(Policy::standard(Currency::USD), &Catalog::standard())?;
    let population = engine.population(&ledger)?;
    let engine = engine.fitted_to(&population, None, as_of)?;

    let reviews = engine.review_all(&population, None, as_of)?;
    let found = reviews
        .get(&customer)
        .with_context(|| format!("there is no customer {customer}"))?;

    // Explaining is the walk of the decision, remembered: it cannot say anything else than what was decided.
    let explanation = found.explain();
    println!("customer {customer}\n{}", explanation.text(language));

    // It is plain data too, for a screen or a log.
    let next = serde_json::to_string_pretty(&explanation.tier.next)?;
    println!("the next tier as JSON: {next}");
    Ok(())
}

/// The customer, and the language of `--language`.
fn arguments() -> anyhow::Result<(CustomerId, &'static dyn Language)> {
    let mut customer: CustomerId = "88".parse()?;
    let mut language: &dyn Language = &English;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument != "--language" {
            customer = argument.parse()?;
            continue;
        }
        language = match arguments.next().as_deref() {
            Some("en") => &English,
            Some("zh") => &Chinese,
            other => anyhow::bail!("--language is `en` or `zh`, not `{}`", other.unwrap_or("")),
        };
    }
    Ok((customer, language))
}

/// Rows as text, as a CSV file has them; what is wrong with a row is found by the ledger.
fn read(as_of: Day) -> anyhow::Result<Ledger<'static>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/cdnow_sample.csv"
    );
    let mut builder = LedgerBuilder::new(Options::new(as_of, Currency::USD));
    for record in csv::Reader::from_path(path)?.records() {
        let record = record?;
        let field = |at: usize| record.get(at).unwrap_or_default();
        builder.text(TextRow {
            customer: field(0),
            date: field(1),
            amount: field(2),
            ..TextRow::default()
        });
    }
    Ok(builder.finish())
}
