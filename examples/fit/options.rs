//! What the command line says.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use customer_value::metrics::lifetime::TimeUnit;
use customer_value::model::Day;

/// Fits the models of predicted lifetime value, says how each fit ended, and compares the forecasts with what came.
///
/// Without options it fits the four models in continuous time (bg-nbd, mbg-nbd, pareto-nbd, nbd) to the CDNOW sample of the
/// repository (6,919 purchases, 1997-01-01 to 1998-06-30), up to 1997-09-30, and compares with the rest.
///
/// Every file is CSV in UTF-8; dates are ISO 8601. A row that is wrong is reported on standard error with its line, field and
/// reason, and left out.
#[derive(Debug, Parser)]
#[command(name = "fit", version)]
pub struct Options {
    /// Transactions with a header line: `customer,date,amount`, and optionally
    /// `id,kind,refund_of,currency,category,channel,cost,discount`, in any order, as `score` reads them.
    ///
    /// Amounts are US dollars.
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["summary", "evaluate"])]
    pub transactions: Option<PathBuf>,
    /// Customers instead of transactions: rows `x,t_x,T`, and optionally `weight` (how many such customers). For
    /// gamma-gamma: `x,mean`, and optionally `weight`.
    ///
    /// A header line is optional; with one the columns may come in any order. x counts the purchases after the first, t_x is
    /// the time from the first to the last, T from the first to now, both in the time unit. For bg-bb they are whole periods;
    /// for sbg x counts renewals in a row, so that t_x = x, and who has fewer than T has left. There is no holdout then.
    #[arg(
        long,
        value_name = "FILE.csv",
        conflicts_with_all = ["calibration_end", "holdout_end", "evaluate"]
    )]
    pub summary: Option<PathBuf>,
    /// Which model. If not given: the four in continuous time, or what the columns of `--summary` are for.
    ///
    /// `all` is all that the data are for: also bg-bb and sbg, which see whole periods of the time unit after each
    /// customer's first purchase, and gamma-gamma, which sees amounts.
    #[arg(long, value_name = "MODEL", value_enum)]
    pub model: Option<Word>,
    /// The last day of what the models are fitted to.
    ///
    /// If not given: 1997-09-30 for the sample; for other transactions their last day, and then there is no holdout.
    #[arg(long, value_name = "DATE", conflicts_with = "evaluate")]
    pub calibration_end: Option<Day>,
    /// The last day of the holdout. If not given: the last day of the transactions.
    #[arg(long, value_name = "DATE", conflicts_with = "evaluate")]
    pub holdout_end: Option<Day>,
    /// The unit of all times and parameters: `day`, `week`, `month` (30.436875 days) or `year`.
    #[arg(long, value_name = "UNIT", default_value_t = TimeUnit::Week)]
    pub time_unit: TimeUnit,
    /// The seed of random draws.
    ///
    /// Fits, forecasts and intervals are computed without draws, so that every seed gives the same.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Print a JSON array with one object for each model.
    ///
    /// Its keys are `model`, `parameters`, `standard_errors`, `log_likelihood`, `aic`, `bic`, `customers`, `distinct` (how
    /// many different ones), `iterations`, `outcome` (`converged`, `boundary` or `too_little_data`), `seconds` (the fit
    /// alone, with collapsing equal customers), `holdout` (`mae`, `rmse`, `actual`, `expected`, or null) and, where there is
    /// more to say of the outcome, `outcome_detail`. What is not known is null. In the holdout, `actual` and `expected` count
    /// purchases (days with one) of all customers; those of bg-bb count periods with one; those of gamma-gamma are the
    /// mean amount of a purchase day, over the customers with one in the holdout; sbg has none.
    #[arg(long, conflicts_with = "evaluate")]
    pub json: bool,
    /// The parameters of `--model` for `--evaluate`, in the order of the paper, such as `r,alpha,a,b` for bg-nbd.
    #[arg(
        long,
        value_name = "V1,V2,…",
        value_delimiter = ',',
        requires = "evaluate",
        requires = "model",
        allow_negative_numbers = true
    )]
    pub parameters: Option<Vec<f64>>,
    /// Fit nothing: print each row with `value` appended, computed with `--parameters`, 17 significant digits.
    ///
    /// The header line names the columns, in any order and with others between: `x,t_x,T,quantity,arg`. A quantity is `LL`
    /// (log-likelihood), `PALIVE` (probability of being alive), `CET` (expected purchases in the time `arg`), `DERT` (expected
    /// purchases for ever, discounted at the continuous rate `arg` per unit of time) or `PMF` (probability that a new
    /// customer makes x purchases in the time `arg`, or T where `arg` is empty; it needs no t_x). A row that is impossible
    /// gets an empty value, and a line on standard error.
    #[arg(long, value_name = "FILE.csv", requires = "parameters")]
    pub evaluate: Option<PathBuf>,
}

/// The word for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Word {
    BgNbd,
    MbgNbd,
    ParetoNbd,
    Nbd,
    BgBb,
    Sbg,
    GammaGamma,
    All,
}

impl Word {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::BgNbd => "bg-nbd",
            Self::MbgNbd => "mbg-nbd",
            Self::ParetoNbd => "pareto-nbd",
            Self::Nbd => "nbd",
            Self::BgBb => "bg-bb",
            Self::Sbg => "sbg",
            Self::GammaGamma => "gamma-gamma",
            Self::All => "all",
        }
    }
}
