//! Why customers left, counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::metrics::exact::quotient;
use crate::model::{Currency, Loss, LossReason};

/// How many losses have a reason, and what they lose together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// How many.
    pub count: u64,
    /// The sum of their values, in minor units.
    pub value: i128,
}

impl Lost {
    fn take(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.value = self.value.saturating_add(other.value);
    }
}

/// Why customers left: how many for each reason, and what that loses.
///
/// Whole numbers that add up, so that losses may be counted in any order, and in parts. As text it is a table with a line for
/// each reason that somebody had, and a last one for the sums.
///
/// ```
/// use customer_value::lifecycle::churn::LossReasons;
/// use customer_value::model::{Currency, Loss, LossReason};
///
/// let mut reasons = LossReasons::new(Currency::EUR);
/// let day = "2024-03-01".parse()?;
/// for (customer, reason, value) in [(1, LossReason::Price, "75.00 EUR"), (2, LossReason::Unknown, "25.00 EUR")] {
///     reasons.add(&Loss::new(customer, day, reason, value.parse()?)?)?;
/// }
/// assert_eq!(reasons.value_share(&LossReason::Price), Some(0.75));
/// assert_eq!(reasons.to_string(), "\
/// reason   customers    share   value    share
/// price            1   50.0 %   75.00   75.0 %
/// unknown          1   50.0 %   25.00   25.0 %
/// total            2  100.0 %  100.00  100.0 %
/// ");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossReasons {
    currency: Currency,
    reasons: BTreeMap<LossReason, Lost>,
}

impl LossReasons {
    /// No loss yet.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            reasons: BTreeMap::new(),
        }
    }

    /// Counts a loss.
    ///
    /// # Errors
    /// Its value is of another currency (`is_misuse`); nothing is counted then.
    pub fn add(&mut self, loss: &Loss) -> Result<(), Error> {
        self.same(loss.value().currency())?;
        let one = Lost {
            count: 1,
            value: loss.value().minor().into(),
        };
        // Looked up first: an own word is copied once only.
        match self.reasons.get_mut(loss.reason()) {
            Some(lost) => lost.take(one),
            None => {
                self.reasons.insert(loss.reason().clone(), one);
            }
        }
        Ok(())
    }

    /// Adds what was counted elsewhere.
    ///
    /// # Errors
    /// It is of another currency (`is_misuse`); nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.same(other.currency)?;
        for (reason, lost) in &other.reasons {
            self.reasons.entry(reason.clone()).or_default().take(*lost);
        }
        Ok(())
    }

    fn same(&self, currency: Currency) -> Result<(), Error> {
        if currency == self.currency {
            return Ok(());
        }
        Err(Error::misuse(format!(
            "a loss in {currency} does not add to losses in {}; convert one of them first",
            self.currency
        )))
    }

    /// The currency of all values.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The reasons that somebody had, in the order of [`LossReason`], own words last.
    pub fn iter(&self) -> impl Iterator<Item = (&LossReason, Lost)> {
        self.reasons.iter().map(|(reason, lost)| (reason, *lost))
    }

    /// What has a reason; nothing if nobody had it.
    #[must_use]
    pub fn get(&self, reason: &LossReason) -> Lost {
        self.reasons.get(reason).copied().unwrap_or_default()
    }

    /// All losses.
    #[must_use]
    pub fn total(&self) -> Lost {
        let mut total = Lost::default();
        self.reasons.values().for_each(|lost| total.take(*lost));
        total
    }

    /// The part of all losses that have a reason, 0 to 1; `None` when there is no loss.
    #[must_use]
    pub fn share(&self, reason: &LossReason) -> Option<f64> {
        quotient(self.get(reason).count.into(), self.total().count.into())
    }

    /// The part of the whole lost value that has a reason: 0 to 1 where no value is negative. `None` when the whole is not
    /// above 0.
    #[must_use]
    pub fn value_share(&self, reason: &LossReason) -> Option<f64> {
        let total = self.total().value;
        quotient(self.get(reason).value, total).filter(|_| total > 0)
    }
}

impl fmt::Display for LossReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: Option<f64>| {
            share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
        };
        let line = |name: &str, lost: Lost, share: [Option<f64>; 2]| {
            let [count_share, value_share] = share.map(percent);
            let value = self.amount(lost.value);
            [
                name.to_owned(),
                lost.count.to_string(),
                count_share,
                value,
                value_share,
            ]
        };
        let total = self.total();
        let mut rows = vec![["reason", "customers", "share", "value", "share"].map(str::to_owned)];
        rows.extend(self.iter().map(|(reason, lost)| {
            let shares = [self.share(reason), self.value_share(reason)];
            line(reason.as_str(), lost, shares)
        }));
        let all = [total.count > 0, total.value > 0].map(|known| known.then_some(1.0));
        rows.push(line("total", total, all));
        let mut widths = [0; 5];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in &rows {
            for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
                match i {
                    0 => write!(f, "{cell:width$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

impl LossReasons {
    /// Minor units in plain digits of major ones; a sum may be beyond what a `Money` holds.
    fn amount(&self, minor: i128) -> String {
        let per_major = u128::from(self.currency.minor_per_major().unsigned_abs()).max(1);
        let (whole, rest) = (
            minor.unsigned_abs() / per_major,
            minor.unsigned_abs() % per_major,
        );
        let sign = if minor < 0 { "-" } else { "" };
        match self.currency.exponent() as usize {
            0 => format!("{sign}{whole}"),
            decimals => format!("{sign}{whole}.{rest:0decimals$}"),
        }
    }
}
