//! What the command line says.

use std::path::PathBuf;

use clap::Parser;
use customer_value::engine::simulate::{Outcome, Step};
use customer_value::model::Day;

/// Compares two policies: who would move from which tier to which, why, and what that changes; and replays the history under
/// both.
///
/// Without options it compares `members_2024.toml` and `members_2025.toml` (in `examples/policies`) on the CDNOW sample of the
/// repository (6,919 purchases, 1997-01-01 to 1998-06-30).
///
/// The file of transactions is CSV with a header line, UTF-8, in any order of the columns. Dates are ISO 8601.
#[derive(Debug, Parser)]
#[command(name = "whatif", version)]
pub struct Options {
    /// Transactions: `customer,date,amount`, and optionally `id,kind,refund_of,currency,category,channel,cost,discount`, as
    /// `score` reads them. The currency of rows that name none is that of the policies.
    #[arg(long, value_name = "FILE.csv")]
    pub transactions: Option<PathBuf>,
    /// The policy before; `members_2024.toml` if not given.
    #[arg(long, value_name = "FILE.toml")]
    pub policy_a: Option<PathBuf>,
    /// The policy after; `members_2025.toml` if not given.
    #[arg(long, value_name = "FILE.toml")]
    pub policy_b: Option<PathBuf>,
    /// The day of the comparison, and the end of the replay. If not given: the day of the last transaction that counts.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Day>,
    /// Also review the history from this day on, step by step, as it would have been under each policy.
    #[arg(long, value_name = "DATE")]
    pub replay_from: Option<Day>,
    /// At the close of which periods the replay reviews: `day`, `week`, `month`, `quarter` or `year`. If not given: month.
    #[arg(long, value_name = "STEP", requires = "replay_from")]
    pub step: Option<Step>,
    /// What is looked at in the period after each step: `spend` or `margin`. If not given: spend.
    #[arg(long, value_name = "OUTCOME", requires = "replay_from")]
    pub outcome: Option<Outcome>,
    /// The column whose shares are compared, a number of one of the policies. If not given: spend.
    #[arg(long, value_name = "COLUMN")]
    pub value: Option<String>,
    /// Print JSON: an object with `what_if`, and with `replay_a` and `replay_b` if there is a replay.
    #[arg(long)]
    pub json: bool,
    /// Only analyse this policy: print what is wrong or doubtful about it, each finding with its place and with customers who
    /// show it. The exit status is 1 if any is an error.
    #[arg(long, value_name = "FILE.toml", exclusive = true)]
    pub check: Option<PathBuf>,
}
