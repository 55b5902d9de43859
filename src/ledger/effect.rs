//! What one clean record adds to its customer's day.

use hashbrown::HashMap;

use crate::model::{Day, Transaction, TransactionKind};

use super::options::{Options, Zero};
use super::reject::{Field, Reason, Reject};

/// What one clean transaction adds to one day of its customer's history. Amounts are minor units of the reporting currency.
///
/// A refund of a known purchase has the day of that purchase, so that a fully refunded purchase counts as never made.
///
/// The category is a `&str` outside of a ledger; inside it is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effect<C> {
    /// The day it counts on.
    pub day: Day,
    /// 1 for a purchase, −1 for the refund that completes the full refund of one, else 0.
    pub purchases: i64,
    /// Added to spend; negative for refunds.
    pub spend: i64,
    /// Added to purchases before refunds.
    pub gross: i64,
    /// Added to refunds, as a positive amount.
    pub refunds: i64,
    /// Added to the cost of goods.
    pub cost: i64,
    /// Added to the discounts given.
    pub discount: i64,
    /// The category.
    pub category: Option<C>,
}

impl<C> Effect<C> {
    /// A purchase of an amount, and nothing else.
    pub(crate) fn purchase(day: Day, amount: i64) -> Self {
        Self {
            day,
            purchases: 1,
            spend: amount,
            gross: amount,
            refunds: 0,
            cost: 0,
            discount: 0,
            category: None,
        }
    }

    pub(crate) fn with_category<D>(self, category: Option<D>) -> Effect<D> {
        Effect {
            day: self.day,
            purchases: self.purchases,
            spend: self.spend,
            gross: self.gross,
            refunds: self.refunds,
            cost: self.cost,
            discount: self.discount,
            category,
        }
    }
}

impl<'t> Effect<&'t str> {
    /// Cleans one transaction on its own: what a service does with a transaction of today before it adds it to a stored
    /// [`History`](crate::history::History).
    ///
    /// What needs other rows is not done here: duplicates are not seen, and a refund that names its purchase is
    /// rejected. For these, build a [`Ledger`](super::Ledger) with the earlier rows as
    /// [`context`](super::LedgerBuilder::context).
    ///
    /// # Errors
    /// The reject, at position 0.
    pub fn of(transaction: &'t Transaction, options: &Options) -> Result<Self, Reject> {
        let reject = |field, reason| Err(Reject::new(0, field, reason, ""));
        let day = transaction.day();
        if day > options.as_of {
            return reject(Field::Date, Reason::AfterAsOf);
        }
        let convert = |money: crate::model::Money, field| {
            options
                .to_reporting(money, day)
                .map_err(|reason| Reject::new(0, reason.field_of(field), reason, ""))
        };
        let amount = convert(transaction.amount(), Field::Amount)?;
        let cost = transaction
            .cost()
            .map_or(Ok(0), |money| convert(money, Field::Cost))?;
        let discount = transaction
            .discount()
            .map_or(Ok(0), |money| convert(money, Field::Discount))?;
        let mut effect = Self::purchase(day, amount);
        effect.category = transaction.category();
        match transaction.kind() {
            TransactionKind::Purchase => {
                if transaction.amount().is_zero() && options.zero == Zero::Reject {
                    return reject(Field::Amount, Reason::Zero);
                }
                effect.cost = cost;
                effect.discount = discount;
            }
            TransactionKind::Refund => {
                if transaction.refunded().is_some() {
                    return reject(Field::RefundOf, Reason::UnknownPurchase);
                }
                effect.purchases = 0;
                effect.spend = -amount;
                effect.gross = 0;
                effect.refunds = amount;
                effect.cost = -cost;
            }
            TransactionKind::Adjustment => {
                effect.purchases = 0;
                effect.gross = 0;
            }
        }
        Ok(effect)
    }
}

/// What rows that are not all plain purchases add, beside their amounts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    pub(crate) purchases: Vec<i8>,
    pub(crate) gross: Vec<i64>,
    pub(crate) refunds: Vec<i64>,
    pub(crate) cost: Vec<i64>,
    pub(crate) discount: Vec<i64>,
    /// The code, or `NO_CATEGORY`.
    pub(crate) category: Vec<u32>,
    pub(crate) categories: Names,
}

pub(crate) const NO_CATEGORY: u32 = u32::MAX;

impl Extras {
    pub(crate) fn category_code(&self, name: &str) -> Option<u32> {
        self.categories.code(name)
    }

    pub(crate) fn push(&mut self, effect: &Effect<u32>) {
        // Only -1, 0 and 1 occur.
        self.purchases
            .push(i8::try_from(effect.purchases).unwrap_or(0));
        self.gross.push(effect.gross);
        self.refunds.push(effect.refunds);
        self.cost.push(effect.cost);
        self.discount.push(effect.discount);
        self.category.push(effect.category.unwrap_or(NO_CATEGORY));
    }
}

/// Texts that recur, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    codes: HashMap<String, u32, foldhash::quality::FixedState>,
}

impl Names {
    pub(crate) fn code(&self, name: &str) -> Option<u32> {
        self.codes.get(name).copied()
    }

    /// The names, in the order of their codes.
    pub(super) fn by_code(&self) -> Vec<&str> {
        let mut names: Vec<(u32, &str)> = self.codes.iter().map(|(n, c)| (*c, &**n)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    pub(crate) fn intern(&mut self, name: &str) -> u32 {
        if let Some(code) = self.codes.get(name) {
            return *code;
        }
        let code = u32::try_from(self.codes.len()).unwrap_or(NO_CATEGORY);
        self.codes.insert(name.to_owned(), code);
        code
    }
}

pub(crate) fn of_row(
    days: &[i32],
    amounts: &[i64],
    extras: Option<&Extras>,
    row: usize,
) -> Effect<u32> {
    let day = days
        .get(row)
        .and_then(|d| Day::from_epoch_days(*d).ok())
        .unwrap_or(Day::MAX);
    let amount = amounts.get(row).copied().unwrap_or(0);
    let Some(extras) = extras else {
        return Effect::purchase(day, amount);
    };
    let at = |column: &[i64]| column.get(row).copied().unwrap_or(0);
    Effect {
        day,
        purchases: extras.purchases.get(row).copied().unwrap_or(0).into(),
        spend: amount,
        gross: at(&extras.gross),
        refunds: at(&extras.refunds),
        cost: at(&extras.cost),
        discount: at(&extras.discount),
        category: extras
            .category
            .get(row)
            .copied()
            .filter(|code| *code != NO_CATEGORY),
    }
}
