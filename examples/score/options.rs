//! What the command line says.

use std::path::PathBuf;

use clap::Parser;
use customer_value::model::{Currency, CustomerId, Day};

/// Scores customers: records in, tiers and lifecycle stages out, with the reasons.
///
/// Without options it runs on the CDNOW sample of the repository (6,919 purchases, 1997-01-01 to 1998-06-30) with the
/// default policy.
///
/// Every file is CSV with a header line, UTF-8, in any order of the columns; columns that are not asked for are
/// ignored. Dates are ISO 8601, with or without a time.
#[derive(Debug, Parser)]
#[command(name = "score", version)]
pub struct Options {
    /// Transactions: `customer,date,amount`, and optionally `id,kind,refund_of,currency,category,channel,cost,discount`.
    ///
    /// A `kind` is `purchase` (as when empty), `refund` or `adjustment`. A negative amount without a kind is a refund.
    #[arg(long, value_name = "FILE.csv")]
    pub transactions: Option<PathBuf>,
    /// Customers: `customer`, and the attributes that the policy declares.
    ///
    /// A customer without a transaction is a prospect. Flags are `true` or `false`.
    #[arg(long, value_name = "FILE.csv")]
    pub customers: Option<PathBuf>,
    /// Referrals: `referrer,referee,date`, and optionally `kind` (`type_one`, as when empty: would not have come
    /// otherwise; or `type_two`).
    ///
    /// They make the metrics `referrals`, `referral_credit` and `referral_attributed`: what referees of type one have
    /// spent, over three levels, each level weighing half of the one before.
    #[arg(long, value_name = "FILE.csv")]
    pub referrals: Option<PathBuf>,
    /// The policy; the default one if not given.
    #[arg(long, value_name = "FILE.toml")]
    pub policy: Option<PathBuf>,
    /// The day of the review; later rows are rejected. If not given: the day of the last transaction that counts
    /// (1998-06-30 for the sample).
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Day>,
    /// The reporting currency, and that of rows that name none. If not given: the policy's, or else USD.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<Currency>,
    /// Exchange rates: `currency,date,rate`, the value of one unit in the reporting currency from that date on.
    #[arg(long, value_name = "FILE.csv")]
    pub rates: Option<PathBuf>,
    /// Where to write one line for each customer.
    ///
    /// The columns are
    /// `customer,first,last,purchases,active_days,spend,days_since_last,r,f,m,segment,score,tier,stage,stage_since,reason`
    /// and then the policy's other metrics, predictions, scores and points. What is not known is empty.
    #[arg(long, value_name = "FILE.csv")]
    pub out: Option<PathBuf>,
    /// Where to write the rows that do not count: `row,line,field,reason,value,file`.
    ///
    /// A row is counted from 0 without the header, a line from 1 with it.
    #[arg(long, value_name = "FILE.csv")]
    pub rejects: Option<PathBuf>,
    /// Also print everything that the review of this customer rests on.
    #[arg(long, value_name = "CUSTOMER")]
    pub explain: Option<CustomerId>,
}
