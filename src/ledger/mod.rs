//! Raw rows in, clean rows out: cleaning, rejects, exchange rates, merged customers, and the quality report.
//!
//! A [`Ledger`] is what a population's transactions come to: every row of the input is *accepted*, a *duplicate*, or
//! *rejected* with its position, field and reason, and `accepted + duplicate + rejected = read`. Rows come as text
//! ([`TextRow`], for CSV), as [`Transaction`]s, or as whole columns ([`Columns`]). Plain columns
//! (customer, day, amount) are checked in place and never copied.
//!
//! [`Records`] are the same for what is no transaction: costs, contacts, answers and complaints. A ledger
//! [takes them along](Ledger::with_records), and they are in every history that is made of it.
//!
//! ```
//! use customer_value::ledger::{LedgerBuilder, Options, TextRow};
//! use customer_value::model::Currency;
//!
//! let options = Options::new("2024-12-31".parse()?, Currency::EUR);
//! let mut builder = LedgerBuilder::new(options);
//! builder.text(TextRow { customer: "ada", date: "2024-05-01", amount: "19.90", ..TextRow::default() });
//! builder.text(TextRow { customer: "bob", date: "2024-13-01", amount: "5", ..TextRow::default() });
//! let ledger = builder.finish();
//! assert_eq!(ledger.quality().accepted, 1);
//! assert_eq!(ledger.rejects()[0].to_string(), "row 1: date: `2024-13-01` is not a day");
//! # Ok::<(), customer_value::Error>(())
//! ```

mod builder;
mod columns;
mod effect;
mod merges;
mod options;
mod quality;
mod rates;
pub(crate) mod records;
mod refunds;
mod reject;
mod row;
mod until;

pub use builder::LedgerBuilder;
pub use columns::{Columns, CustomerColumn};
pub use effect::Effect;
pub use merges::MergeMap;
pub use options::{Decimals, Duplicates, Negative, Options, Zero};
pub use quality::Quality;
pub use rates::Rates;
pub use records::Records;
pub use reject::{Field, Reason, Reject};
pub use row::TextRow;

use std::borrow::Cow;

use crate::Error;
use crate::model::{Currency, CustomerId, Day, Transaction};

use effect::Extras;

/// Clean transactions: what each adds, to which customer, on which day.
///
/// Amounts are in one reporting currency. No sum over any of its rows overflows 64 bits: a row that could make one is
/// rejected.
#[derive(Debug, Clone)]
pub struct Ledger<'a> {
    as_of: Day,
    currency: Currency,
    keys: KeyStore<'a>,
    days: Cow<'a, [i32]>,
    amounts: Cow<'a, [i64]>,
    extras: Option<Cow<'a, Extras>>,
    skipped: Option<Skipped>,
    /// The rows that were booked on a later day than the one they count on, with that day; ascending.
    late: Cow<'a, [(usize, i32)]>,
    span: Option<Span>,
    rejects: Vec<Reject>,
    quality: Quality,
    /// What is no transaction.
    records: Option<Records>,
}

#[derive(Debug, Clone)]
enum KeyStore<'a> {
    Numbers(Cow<'a, [u64]>),
    Interned {
        index: Cow<'a, [u32]>,
        /// Ascending, so that positions compare like ids.
        ids: Cow<'a, [CustomerId]>,
    },
}

/// The smallest and the largest of each column, over accepted rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) key: (u64, u64),
    pub(crate) day: (i32, i32),
    pub(crate) amount: (i64, i64),
}

/// Rows that were not accepted but still stand in the columns.
#[derive(Debug, Clone)]
pub(crate) struct Skipped(Vec<u64>);

impl Skipped {
    fn new(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    fn insert(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    #[inline]
    pub(crate) fn contains(&self, row: usize) -> bool {
        self.0
            .get(row / 64)
            .is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

/// Whose each row is, as whole numbers that ascend like the ids.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keys<'a> {
    Numbers(&'a [u64]),
    Interned {
        index: &'a [u32],
        ids: &'a [CustomerId],
    },
}

/// The columns of a ledger, all of one length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) keys: Keys<'a>,
    pub(crate) days: &'a [i32],
    /// What each row adds to spend, minor units.
    pub(crate) amounts: &'a [i64],
    /// `None`: every row is a purchase of its amount and nothing else.
    pub(crate) extras: Option<&'a Extras>,
    pub(crate) skipped: Option<&'a Skipped>,
    /// `None`: no accepted row.
    pub(crate) span: Option<Span>,
}

impl Keys<'_> {
    fn at(&self, row: usize) -> Option<u64> {
        match self {
            Self::Numbers(keys) => keys.get(row).copied(),
            Self::Interned { index, .. } => index.get(row).copied().map(u64::from),
        }
    }
}

impl<'a> Rows<'a> {
    pub(crate) fn effect(&self, row: usize) -> Effect<u32> {
        effect::of_row(self.days, self.amounts, self.extras, row)
    }

    pub(crate) fn category_code(&self, name: &str) -> Option<u32> {
        self.extras?.category_code(name)
    }
}

impl Ledger<'_> {
    /// Cleans typed transactions.
    ///
    /// ```
    /// use customer_value::ledger::{Ledger, Options};
    /// use customer_value::model::{Currency, Transaction};
    ///
    /// let day = "2024-05-01".parse()?;
    /// let sale = Transaction::purchase("ada".parse::<customer_value::model::CustomerId>()?, day, "19.90 EUR".parse()?)?;
    /// let options = Options::new("2024-12-31".parse()?, Currency::EUR);
    /// let ledger = Ledger::from_transactions(&[sale], options);
    /// assert_eq!(ledger.accepted(), 1);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn from_transactions<'t>(
        transactions: impl IntoIterator<Item = &'t Transaction>,
        options: Options,
    ) -> Ledger<'static> {
        let mut builder = LedgerBuilder::new(options);
        for transaction in transactions {
            builder.transaction(transaction);
        }
        builder.finish()
    }

    /// The same transactions with what else is known of the customers: costs, contacts, answers, complaints. They are in
    /// every history that is made of the ledger and in every population, and [`until`](Self::until) cuts them as it cuts the
    /// transactions. Records that were given before stay.
    ///
    /// [`quality`](Self::quality), [`rejects`](Self::rejects), [`accepted`](Self::accepted) and [`effects`](Self::effects) are
    /// about the transactions only.
    ///
    /// ```
    /// use customer_value::engine::Engine;
    /// use customer_value::ledger::{Ledger, Records};
    /// use customer_value::metrics::Catalog;
    /// use customer_value::model::{CostCategory, ServiceCost, Transaction};
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "cared for", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "costly", when = "service_cost > 50" }, { name = "other" }]
    /// "#, &Catalog::standard())?;
    /// let (day, as_of) = ("2024-06-01".parse()?, "2024-12-31".parse()?);
    /// let options = engine.cleaning(as_of);
    /// let bought = [Transaction::purchase(7, day, "80.00 EUR".parse()?)?];
    /// let cost = ServiceCost::new(7, day, "60.00 EUR".parse()?, CostCategory::ServiceStaff)?;
    /// let records = Records::clean([cost], &options);
    ///
    /// let ledger = Ledger::from_transactions(&bought, options).with_records(&records)?;
    /// let tier = |ledger: &Ledger<'_>| -> Result<String, customer_value::Error> {
    ///     let population = engine.population(ledger)?;
    ///     let reviews = engine.review_all(&population, None, ledger.as_of())?;
    ///     Ok(reviews.get(&7.into()).map_or_else(String::new, |found| found.tier().to_owned()))
    /// };
    /// assert_eq!(tier(&ledger)?, "costly");
    /// assert_eq!(tier(&ledger.until("2024-05-31".parse()?))?, ""); // nothing is known yet
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The records are cleaned for another day or in another currency (`is_misuse`), or with those given before a sum of them
    /// does not fit 64 bits (`is_overflow`).
    pub fn with_records(mut self, records: &Records) -> Result<Self, Error> {
        if records.currency() != self.currency {
            return Err(Error::misuse(format!(
                "the records are in {} and the ledger in {}",
                records.currency(),
                self.currency
            )));
        }
        if records.as_of() != self.as_of {
            return Err(Error::misuse(format!(
                "the records are cleaned for {} and the ledger for {}",
                records.as_of(),
                self.as_of
            )));
        }
        self.records = Some(match &self.records {
            Some(before) => before.merge(records)?,
            None => records.clone(),
        });
        Ok(self)
    }

    /// What is known of the customers beside the transactions, if it was given.
    #[must_use]
    pub fn records(&self) -> Option<&Records> {
        self.records.as_ref()
    }

    /// The day the rows were cleaned for; later rows were rejected.
    #[must_use]
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// How many rows were accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.quality.accepted
    }

    /// The rows that were rejected, in the order of the input.
    #[must_use]
    pub fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// What became of the rows.
    #[must_use]
    pub fn quality(&self) -> &Quality {
        &self.quality
    }

    /// What each accepted row adds, in the order of the input.
    pub fn effects(&self) -> impl Iterator<Item = (CustomerId, Effect<&str>)> {
        let rows = self.rows();
        let categories = rows
            .extras
            .map_or_else(Vec::new, |e| e.categories.by_code());
        (0..self.days.len())
            .filter(move |row| rows.skipped.is_none_or(|s| !s.contains(*row)))
            .filter_map(move |row| {
                let id = match rows.keys {
                    Keys::Numbers(keys) => keys.get(row).copied().map(CustomerId::from),
                    Keys::Interned { index, ids } => {
                        index.get(row).and_then(|i| ids.get(*i as usize)).cloned()
                    }
                };
                let effect = rows.effect(row);
                let category = effect
                    .category
                    .and_then(|code| categories.get(code as usize).copied());
                Some((id?, effect.with_category(category)))
            })
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows {
            keys: match &self.keys {
                KeyStore::Numbers(keys) => Keys::Numbers(keys),
                KeyStore::Interned { index, ids } => Keys::Interned { index, ids },
            },
            days: &self.days,
            amounts: &self.amounts,
            extras: self.extras.as_deref(),
            skipped: self.skipped.as_ref(),
            span: self.span,
        }
    }
}
