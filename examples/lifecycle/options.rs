//! What the command line says.

use std::path::PathBuf;

use clap::Parser;
use customer_value::engine::simulate::Step;
use customer_value::model::{Day, Money};

/// Where customers are in their lifecycle, how long they stay, who is leaving, whom to win back, and whom to let go.
///
/// Without options it reviews the CDNOW sample of the repository (6,919 purchases, 1997-01-01 to 1998-06-30) month by month under
/// `examples/policies/lifecycle.toml`, each review with what was known on its day, and reports the last one.
///
/// The file of transactions is CSV with a header line, UTF-8, in any order of the columns. Dates are ISO 8601.
#[derive(Debug, Parser)]
#[command(name = "lifecycle", version)]
pub struct Options {
    /// Transactions: `customer,date,amount`, and optionally `id,kind,refund_of,currency,category,channel,cost,discount`, as
    /// `score` reads them. The currency of rows that name none is that of the policy.
    #[arg(long, value_name = "FILE.csv")]
    pub transactions: Option<PathBuf>,
    /// The policy; `lifecycle.toml` if not given.
    #[arg(long, value_name = "FILE.toml")]
    pub policy: Option<PathBuf>,
    /// The day of the last review; with `--backtest`, that on which the rules flag. Later transactions are only used to see who has
    /// come back. If not given: the day of the last transaction that counts; with `--backtest` 1997-09-30.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Day>,
    /// From which day on there are reviews. If not given: the day of the first transaction that counts.
    #[arg(long, value_name = "DATE", conflicts_with = "backtest")]
    pub from: Option<Day>,
    /// At the close of which periods there is a review: `day`, `week`, `month`, `quarter` or `year`. If not given: month. There is always one
    /// on the last day, and one 30 days before it.
    #[arg(long, value_name = "STEP", conflicts_with = "backtest")]
    pub step: Option<Step>,
    /// What serving each customer costs a year, the attribute `cost_to_serve` of the policy. Transactions do not say it: it is an
    /// assumption, and the report says so. If not given: 4.00 USD for the bundled data, and not known for others.
    #[arg(long, value_name = "AMOUNT", conflicts_with = "backtest")]
    pub cost_to_serve: Option<Money>,
    /// Print JSON.
    #[arg(long, conflicts_with = "mermaid")]
    pub json: bool,
    /// Print only the diagram of the lifecycle, for Mermaid.
    #[arg(long, conflicts_with_all = ["backtest", "transactions", "as_of", "from", "step", "cost_to_serve"])]
    pub mermaid: bool,
    /// Hold churn rules to history instead: whom each would have flagged, who then had no purchase in 180 days, and how early it
    /// was said.
    #[arg(long)]
    pub backtest: bool,
}
