//! How rows are cleaned: every choice, with its default.

use crate::model::{BusinessDay, Currency, Day, Money};

use super::merges::MergeMap;
use super::rates::Rates;
use super::reject::Reason;

/// What a purchase of nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zero {
    /// A purchase (a free order is activity).
    #[default]
    Purchase,
    /// A reject.
    Reject,
}

/// What a negative amount without a kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Negative {
    /// A refund.
    #[default]
    Refund,
    /// A reject; so is an amount that is negative where the kind says purchase, always.
    Reject,
}

/// Which rows are one and the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// Rows with the same transaction id; the first counts. Rows without an id are never duplicates.
    #[default]
    SameId,
    /// Also rows without an id that are equal in every field; of text rows, in the time of day too.
    SameRow,
}

/// What becomes of an amount with more decimals than its currency has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimals {
    /// It is rejected.
    #[default]
    Exact,
    /// It is rounded to the nearest minor unit, halves to even.
    Round,
}

/// How rows are cleaned.
///
/// ```
/// use customer_value::ledger::{Options, Zero};
/// use customer_value::model::Currency;
///
/// let mut options = Options::new("2024-12-31".parse()?, Currency::EUR);
/// options.zero = Zero::Reject;
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The last day that counts; later rows are rejected.
    pub as_of: Day,
    /// The reporting currency, and that of rows that name none.
    pub currency: Currency,
    /// Exchange rates into the reporting currency.
    pub rates: Rates,
    /// Customers that are one and the same.
    pub merges: MergeMap,
    /// Which day a date with a time belongs to.
    pub business_day: BusinessDay,
    /// Purchases of nothing.
    pub zero: Zero,
    /// Negative amounts without a kind.
    pub negative: Negative,
    /// Which rows are duplicates.
    pub duplicates: Duplicates,
    /// Amounts with too many decimals.
    pub decimals: Decimals,
}

impl Options {
    /// The defaults: UTC days from midnight, zero is a purchase, negative is a refund, duplicates by id, exact amounts.
    #[must_use]
    pub fn new(as_of: Day, currency: Currency) -> Self {
        Self {
            as_of,
            currency,
            rates: Rates::new(currency),
            merges: MergeMap::default(),
            business_day: BusinessDay::default(),
            zero: Zero::default(),
            negative: Negative::default(),
            duplicates: Duplicates::default(),
            decimals: Decimals::default(),
        }
    }

    /// An amount in minor units of the reporting currency, at the rate of its day.
    pub(crate) fn to_reporting(&self, money: Money, day: Day) -> Result<i64, Reason> {
        if money.currency() == self.currency {
            return Ok(money.minor());
        }
        self.rates.convert(money, day, self.currency)
    }
}
