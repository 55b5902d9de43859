//! How fast, and in how much memory: made-up transactions through every step.
//!
//! ```sh
//! cargo run --release --example throughput -- --transactions 10000000 --customers 1000000 --threads 2
//! ```
//!
//! Every step is timed alone: `ledger` checks the columns, `histories` groups them by customer and day, `rfm` goes from the
//! histories to the three scores and the segment of every customer, and `review` is the default policy's fit and full
//! review of every customer, with its own histories built before.

mod memory;
mod synthetic;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use customer_value::engine::{Engine, Policy, Population, Standings};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::metrics::{Catalog, tabulate};
use customer_value::model::{Currency, Day};
use customer_value::scoring::RfmSpec;
use serde::Serialize;
use synthetic::Transactions;

/// Times every step on made-up transactions.
#[derive(Parser)]
struct Arguments {
    /// How many transactions to make.
    #[arg(long, value_name = "N", default_value_t = 10_000_000, allow_negative_numbers = true, value_parser = up_to(1_000_000_000))]
    transactions: usize,
    /// How many customers they are of; those with the lowest purchase rates stay without one.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, allow_negative_numbers = true, value_parser = up_to(100_000_000))]
    customers: usize,
    /// How many threads to use; all cores if not given.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = up_to(1_024))]
    threads: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Also write the columns to this folder, as raw little-endian files.
    #[arg(long, value_name = "FOLDER")]
    dump: Option<PathBuf>,
}

/// A number that a machine can have so many of: beyond it memory or threads run out, without a clear line.
fn up_to(most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=most)
}

#[derive(Serialize)]
struct Report {
    transactions: usize,
    customers: usize,
    threads: usize,
    input_bytes: usize,
    /// Resident memory at the peak of the steps up to `rfm`, with the input; null where the system does not tell.
    peak_bytes: Option<usize>,
    /// The same with `review`.
    review_peak_bytes: Option<usize>,
    steps: Steps,
    checksum: Checksum,
}

/// Seconds.
#[derive(Serialize)]
struct Steps {
    ledger: f64,
    histories: f64,
    rfm: f64,
    review: f64,
}

/// For other tools to compare with.
#[derive(Serialize)]
struct Checksum {
    customers: usize,
    purchases: i64,
    amount_minor: i64,
    last_day_sum: i64,
}

fn main() {
    // One line for whatever is wrong with the options, as the other examples do.
    let arguments = Arguments::try_parse().unwrap_or_else(|error| {
        if error.use_stderr() {
            let message = error.to_string();
            eprintln!("{}", message.lines().next().unwrap_or_default());
            std::process::exit(2);
        }
        error.exit()
    });
    if let Err(error) = run(&arguments) {
        eprintln!("error: {error:#}");
        std::process::exit(2);
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = arguments.threads {
        pool = pool.num_threads(threads);
    }
    let pool = pool.build()?;
    let transactions = Transactions::generate(arguments.transactions, arguments.customers, 1)?;
    if let Some(folder) = &arguments.dump {
        dump(folder, &transactions)
            .with_context(|| format!("cannot write `{}`", folder.display()))?;
    }
    let report = pool.install(|| measure(&transactions))?;
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print(&report);
    }
    Ok(())
}

fn timed<R>(work: impl FnOnce() -> R) -> (R, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

fn measure(transactions: &Transactions) -> anyhow::Result<Report> {
    let as_of = Day::from_epoch_days(synthetic::FIRST_DAY + synthetic::DAYS)?;
    let catalog = Catalog::standard();
    let columns = Columns::new(
        CustomerColumn::Numbers(&transactions.customer),
        &transactions.day,
        &transactions.amount,
    );
    memory::reset_peak();

    let (ledger, ledger_seconds) =
        timed(|| Ledger::from_columns(&columns, Options::new(as_of, Currency::USD)));
    let ledger = ledger?;

    let layout = Layout::new(Currency::USD, []);
    let (histories, histories_seconds) = timed(|| Histories::build(&ledger, &layout));
    let histories = histories?;

    let names = ["days_since_last", "purchases", "spend"];
    let metrics = names.map(|name| catalog.default_metric(name));
    let metrics: Vec<_> = metrics.into_iter().flatten().collect();
    let (scores, rfm_seconds) = timed(|| -> anyhow::Result<_> {
        let table = tabulate(&histories, &metrics, as_of)?;
        let column = |name| {
            table
                .schema()
                .slot(name)
                .map(|slot| table.column(slot).cells())
        };
        let [r, f, m] = names.map(|name| column(name).unwrap_or_default());
        let rfm = RfmSpec::default().fit(r, f, m)?;
        let mut scores = vec![None; table.rows()];
        rfm.score_all(r, f, m, &mut scores);
        Ok(scores)
    });
    let scores = scores?;
    anyhow::ensure!(
        scores.iter().all(Option::is_some),
        "a customer has no score"
    );
    let peak_bytes = memory::peak();
    let checksum = checksum(&histories);
    drop((histories, scores));

    let engine = Engine::new(Policy::standard(Currency::USD), &catalog)?;
    let population = Population::new(Histories::build(&ledger, engine.layout())?);
    let standings = Standings::new();
    let (reviewed, review_seconds) = timed(|| -> anyhow::Result<usize> {
        let fit = engine.fit(&population, &standings, as_of)?;
        let engine = engine.freeze(fit)?;
        let reviews = engine.review_all(&population, &standings, as_of)?;
        Ok(reviews.tiers().count())
    });
    let customers = reviewed?;

    Ok(Report {
        transactions: transactions.day.len(),
        customers,
        threads: rayon::current_num_threads(),
        input_bytes: transactions.day.len() * (8 + 4 + 8),
        peak_bytes,
        review_peak_bytes: memory::peak(),
        steps: Steps {
            ledger: ledger_seconds,
            histories: histories_seconds,
            rfm: rfm_seconds,
            review: review_seconds,
        },
        checksum,
    })
}

fn checksum(histories: &Histories) -> Checksum {
    use customer_value::history::{Fact, Measure};
    let facts = [Fact::new(Measure::Purchases), Fact::new(Measure::Spend)];
    let mut sum = Checksum {
        customers: histories.len(),
        purchases: 0,
        amount_minor: 0,
        last_day_sum: 0,
    };
    for (_, history) in histories.iter() {
        for row in 0..history.len() {
            let [purchases, spend] = facts.each_ref().map(|fact| history.on(fact, row));
            sum.purchases += purchases.unwrap_or(0);
            sum.amount_minor += spend.unwrap_or(0);
        }
        let last = history.days().next_back();
        sum.last_day_sum += last.map_or(0, |day| i64::from(day.epoch_days()));
    }
    sum
}

#[allow(clippy::cast_precision_loss)] // nobody waits for 2^53 rows
fn print(report: &Report) {
    let rows = report.transactions as f64;
    println!(
        "{} transactions of {} customers, {} threads",
        report.transactions, report.customers, report.threads
    );
    println!("step        seconds   transactions/s      customers/s");
    for (step, seconds) in [
        ("ledger", report.steps.ledger),
        ("histories", report.steps.histories),
        ("rfm", report.steps.rfm),
        ("review", report.steps.review),
    ] {
        println!(
            "{step:<10} {seconds:>8.3} {:>16.0} {:>16.0}",
            rows / seconds,
            report.customers as f64 / seconds
        );
    }
    let scored = report.steps.ledger + report.steps.histories + report.steps.rfm;
    println!("ledger + histories + rfm: {scored:.3} s");
    let over = |peak: Option<usize>| {
        peak.map_or("not known".to_owned(), |peak| {
            let over = peak.saturating_sub(report.input_bytes) as f64;
            format!(
                "{:.0} MB, {:.1} bytes per transaction over the input",
                peak as f64 / 1e6,
                over / rows
            )
        })
    };
    println!("input       {:.0} MB", report.input_bytes as f64 / 1e6);
    println!("peak to rfm {}", over(report.peak_bytes));
    println!("peak        {}", over(report.review_peak_bytes));
}

fn dump(folder: &Path, transactions: &Transactions) -> std::io::Result<()> {
    fn write<const N: usize>(
        path: &Path,
        values: impl Iterator<Item = [u8; N]>,
    ) -> std::io::Result<()> {
        use std::io::Write as _;
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        for value in values {
            file.write_all(&value)?;
        }
        file.flush()
    }
    std::fs::create_dir_all(folder)?;
    let Transactions {
        customer,
        day,
        amount,
    } = transactions;
    write(
        &folder.join("customer.u64"),
        customer.iter().map(|v| v.to_le_bytes()),
    )?;
    write(&folder.join("day.i32"), day.iter().map(|v| v.to_le_bytes()))?;
    write(
        &folder.join("amount.i64"),
        amount.iter().map(|v| v.to_le_bytes()),
    )?;
    std::fs::write(
        folder.join("README"),
        format!(
            "{} made-up transactions in the order of time, as columns without a header, little-endian.\n\
             customer.u64  the customer's id\n\
             day.i32       days since 1970-01-01\n\
             amount.i64    cents\n",
            day.len()
        ),
    )
}
