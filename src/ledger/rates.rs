//! Dated exchange rates into one reporting currency.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::Error;
use crate::model::{Currency, Day, Money};

use super::reject::Reason;

/// Exchange rates into one reporting currency, each in force from its day until the next one's.
///
/// A rate is what one major unit of the other currency is worth in major units of the reporting currency. Before its
/// first rate a currency cannot be converted.
///
/// ```
/// use customer_value::ledger::Rates;
/// use customer_value::model::Currency;
///
/// let mut rates = Rates::new(Currency::EUR);
/// rates.set(Currency::USD, "2024-01-01".parse()?, "0.9050".parse().unwrap())?;
/// assert!(rates.on(Currency::USD, "2024-03-01".parse()?).is_some());
/// assert!(rates.on(Currency::USD, "2023-12-31".parse()?).is_none());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    reporting: Currency,
    rates: BTreeMap<(Currency, Day), Decimal>,
}

impl Rates {
    /// No rates yet.
    #[must_use]
    pub fn new(reporting: Currency) -> Self {
        Self {
            reporting,
            rates: BTreeMap::new(),
        }
    }

    /// The currency all rates lead to.
    #[must_use]
    pub fn reporting(&self) -> Currency {
        self.reporting
    }

    /// Sets the rate of a currency from a day on.
    ///
    /// # Errors
    /// The rate is not positive (`is_range`), there is another one for that day, or it is of the reporting currency and not
    /// 1 (`is_misuse`); the rates are unchanged.
    pub fn set(&mut self, currency: Currency, from: Day, rate: Decimal) -> Result<(), Error> {
        if rate <= Decimal::ZERO {
            return Err(Error::range(format!(
                "an exchange rate is positive, not {rate}"
            )));
        }
        if currency == self.reporting && rate != Decimal::ONE {
            return Err(Error::misuse(format!(
                "{currency} is the reporting currency: its exchange rate is 1, not {rate}"
            )));
        }
        let known = *self.rates.entry((currency, from)).or_insert(rate);
        if known != rate {
            return Err(Error::misuse(format!(
                "{currency} has two exchange rates on {from}"
            )));
        }
        Ok(())
    }

    /// The rate in force on a day.
    #[must_use]
    pub fn on(&self, currency: Currency, day: Day) -> Option<Decimal> {
        if currency == self.reporting {
            return Some(Decimal::ONE);
        }
        self.rates
            .range((currency, Day::MIN)..=(currency, day))
            .next_back()
            .map(|(_, rate)| *rate)
    }

    /// The amount in minor units of `to`, halves to even.
    pub(crate) fn convert(&self, money: Money, day: Day, to: Currency) -> Result<i64, Reason> {
        if to != self.reporting {
            return Err(Reason::NoRate);
        }
        let rate = self.on(money.currency(), day).ok_or(Reason::NoRate)?;
        money
            .amount()
            .checked_mul(rate)
            .and_then(|amount| Money::rounded(amount, to).ok())
            .map(Money::minor)
            .ok_or(Reason::TooLarge)
    }
}
