//! Rows that belong together: the history of one customer, or of a population.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use ::proptest::prelude::*;

use super::plan::plan;
use super::values::days;
use crate::ledger::{Ledger, Options};
use crate::model::{Currency, CustomerId, Day, Transaction};

/// Which refunds a history has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refunds {
    /// None.
    None,
    /// Only such as belong to no purchase: each row says all by itself.
    Unlinked,
    /// Also refunds of known purchases, in part or in full, by id and by amount. They are never of more than is left.
    #[default]
    All,
}

/// In which order the rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowOrder {
    /// In any order.
    #[default]
    Any,
    /// By day.
    ByDay,
}

/// What a history is like. Written with `..HistoryOptions::default()`.
#[derive(Debug, Clone)]
pub struct HistoryOptions {
    /// How many customers a population has, at least 1; not all of them have rows. 1 to 6 if not said.
    pub customers: RangeInclusive<usize>,
    /// How many rows there are in all; 0 to 24 if not said.
    pub rows: RangeInclusive<usize>,
    /// The day all rows are up to; a day of 2023 or 2024 if not said.
    pub as_of: RangeInclusive<Day>,
    /// How many days before `as_of` the first row may be; 800 if not said. Some rows are on one day, some far apart.
    pub span: u32,
    /// The currency; EUR if not said.
    pub currency: Currency,
    /// Amounts of purchases in minor units, zero or more; 0 to 300.00 if not said.
    pub minor: RangeInclusive<i64>,
    /// Which refunds there are.
    pub refunds: Refunds,
    /// Corrections of spend, up and down.
    pub adjustments: bool,
    /// Rows that come twice, with the same id and the same content.
    pub duplicates: bool,
    /// Categories, channels, costs and discounts.
    pub details: bool,
    /// In which order the rows come.
    pub order: RowOrder,
}

impl Default for HistoryOptions {
    fn default() -> Self {
        let day = |year, month, day| Day::from_ymd(year, month, day).unwrap_or(Day::MIN);
        Self {
            customers: 1..=6,
            rows: 0..=24,
            as_of: day(2023, 1, 1)..=day(2024, 12, 31),
            span: 800,
            currency: Currency::EUR,
            minor: 0..=30_000,
            refunds: Refunds::default(),
            adjustments: true,
            duplicates: true,
            details: true,
            order: RowOrder::default(),
        }
    }
}

/// Rows that belong together, and what a ledger makes of them.
///
/// As text it is a CSV file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Events {
    /// The day all rows are up to.
    pub as_of: Day,
    /// The currency of all rows.
    pub currency: Currency,
    /// Every customer, ascending; some may have no row.
    pub customers: Vec<CustomerId>,
    /// The rows.
    pub rows: Vec<Transaction>,
    /// What becomes of them.
    pub promised: Promised,
}

/// What becomes of rows in a ledger with the default options: none is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Promised {
    /// Rows that count.
    pub accepted: u64,
    /// Rows that were there before.
    pub duplicate: u64,
    /// Refunds that name their purchase.
    pub refunds_named: u64,
    /// Refunds that are matched to a purchase by their amount.
    pub refunds_matched: u64,
    /// Refunds without a purchase.
    pub refunds_unlinked: u64,
    /// Purchases that are refunded in full.
    pub purchases_undone: u64,
    /// Purchases of nothing.
    pub zero_purchases: u64,
}

impl Events {
    /// The ledger of the rows, with the default cleaning at `as_of`.
    #[must_use]
    pub fn ledger(&self) -> Ledger<'static> {
        Ledger::from_transactions(&self.rows, Options::new(self.as_of, self.currency))
    }

    /// The rows of each day, ascending by day: what a service gets to see day after day.
    #[must_use]
    pub fn by_day(&self) -> Vec<(Day, Vec<Transaction>)> {
        let days: BTreeSet<Day> = self.rows.iter().map(Transaction::day).collect();
        let on = |day| {
            self.rows
                .iter()
                .filter(move |row| row.day() == day)
                .cloned()
        };
        days.into_iter()
            .map(|day| (day, on(day).collect()))
            .collect()
    }
}

impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_rows(f, &self.rows)
    }
}

/// Rows as a CSV file has them.
pub(super) fn write_rows(f: &mut impl fmt::Write, rows: &[Transaction]) -> fmt::Result {
    f.write_str("customer,date,kind,amount,id,refund_of,category,channel,cost,discount")?;
    for row in rows {
        write!(
            f,
            "\n{},{},{},{}",
            row.customer(),
            row.day(),
            row.kind(),
            row.amount()
        )?;
        for text in [row.id(), row.refunded(), row.category(), row.channel()] {
            write!(f, ",{}", text.unwrap_or(""))?;
        }
        for amount in [row.cost(), row.discount()] {
            match amount {
                Some(amount) => write!(f, ",{amount}")?,
                None => f.write_str(",")?,
            }
        }
    }
    Ok(())
}

/// The history of one customer, whose id is 1.
///
/// ```
/// use customer_value::interop::proptest::{HistoryOptions, history};
/// use proptest::prelude::*;
///
/// proptest!(|(events in history(&HistoryOptions::default()))| {
///     let ledger = events.ledger();
///     prop_assert_eq!(ledger.accepted(), events.promised.accepted);
///     prop_assert!(ledger.rejects().is_empty());
/// });
/// ```
pub fn history(options: &HistoryOptions) -> impl Strategy<Value = Events> + Clone + use<> {
    let one = HistoryOptions {
        customers: 1..=1,
        ..options.clone()
    };
    let plan = plan(&one);
    (plan, days(one.as_of.clone())).prop_map(move |(plan, as_of)| plan.events(&one, as_of, false))
}

/// The histories of a population, with numbers or with texts for ids.
///
/// Rows are planned relative to `as_of` and to one another, so a failing input shrinks to the few rows that matter.
pub fn histories(options: &HistoryOptions) -> impl Strategy<Value = Events> + Clone + use<> {
    let all = options.clone();
    let plan = plan(options);
    (plan, days(options.as_of.clone()), any::<bool>())
        .prop_map(move |(plan, as_of, texts)| plan.events(&all, as_of, texts))
}
