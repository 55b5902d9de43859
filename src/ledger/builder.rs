//! Row by row: parse, check, and keep what is needed to link refunds.

use std::borrow::Cow;

use hashbrown::HashMap;

use crate::model::{
    Currency, CustomerId, Day, Money, Transaction, TransactionKind, parse_amount, parse_day,
};

use super::effect::{Effect, Extras, NO_CATEGORY, Names};
use super::options::{Decimals, Duplicates, Negative, Options, Zero};
use super::quality::Quality;
use super::refunds::{self, Link};
use super::reject::{Field, Reason, Reject};
use super::row::{Read, Staged, TextRow};
use super::{KeyStore, Ledger, Skipped, Span};

/// What makes two rows without an id the same row.
#[derive(PartialEq, Eq, Hash)]
struct Content {
    customer: u32,
    day: Day,
    time: Box<str>,
    hour: Option<u8>,
    kind: TransactionKind,
    amount: Money,
    cost: Option<Money>,
    discount: Option<Money>,
    category: u32,
    channel: Box<str>,
    refund_of: Box<str>,
}

/// With a fixed seed: there is no hidden randomness here, and no clock to seed one from.
type Hasher = foldhash::quality::FixedState;

/// Takes rows one by one and makes a [`Ledger`] of them.
#[derive(Debug)]
pub struct LedgerBuilder {
    options: Options,
    customers: HashMap<CustomerId, u32, Hasher>,
    rows: Vec<Staged>,
    by_id: HashMap<Box<str>, usize, Hasher>,
    contents: hashbrown::HashSet<Content, Hasher>,
    categories: Names,
    rejects: Vec<Reject>,
    quality: Quality,
    /// The sums of the absolute amounts, costs and discounts: no sum over any of the rows is larger.
    totals: [i128; 3],
    position: u64,
    context: bool,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content")
    }
}

impl LedgerBuilder {
    /// No rows yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            customers: HashMap::default(),
            rows: Vec::new(),
            by_id: HashMap::default(),
            contents: hashbrown::HashSet::default(),
            categories: Names::default(),
            rejects: Vec::new(),
            quality: Quality::default(),
            totals: [0; 3],
            position: 0,
            context: false,
        }
    }

    /// Takes transactions that were counted before: refunds may name them and duplicates of them are found, but they add
    /// nothing and are not among the rows read.
    pub fn context<'t>(&mut self, earlier: impl IntoIterator<Item = &'t Transaction>) {
        self.context = true;
        for transaction in earlier {
            // What was accepted before is accepted again, or was not counted then either.
            let _ = self.stage(Read::of(transaction));
        }
        self.context = false;
    }

    /// Takes a row of text.
    pub fn text(&mut self, row: TextRow<'_>) {
        for (field, text) in [
            (Field::Customer, row.customer),
            (Field::Date, row.date),
            (Field::Amount, row.amount),
            (Field::Id, row.id),
            (Field::Kind, row.kind),
            (Field::RefundOf, row.refund_of),
            (Field::Currency, row.currency),
            (Field::Category, row.category),
            (Field::Channel, row.channel),
            (Field::Cost, row.cost),
            (Field::Discount, row.discount),
        ] {
            self.filled(field, !text.trim().is_empty());
        }
        let outcome = self
            .read_text(row)
            .and_then(|read| self.stage(read).map_err(|(f, r)| (f, r, row.value(f))));
        if let Err((field, reason, value)) = outcome {
            self.reject(field, reason, value);
        }
        self.next();
    }

    /// Takes a typed transaction.
    pub fn transaction(&mut self, transaction: &Transaction) {
        for (field, filled) in [
            (Field::Customer, true),
            (Field::Date, true),
            (Field::Amount, true),
            (Field::Id, transaction.id().is_some()),
            (Field::Kind, true),
            (Field::RefundOf, transaction.refunded().is_some()),
            (Field::Currency, true),
            (Field::Category, transaction.category().is_some()),
            (Field::Channel, transaction.channel().is_some()),
            (Field::Cost, transaction.cost().is_some()),
            (Field::Discount, transaction.discount().is_some()),
        ] {
            self.filled(field, filled);
        }
        self.read(Read::of(transaction));
    }

    /// Takes a row that could not even be read, so that it is counted.
    pub fn unreadable(&mut self, value: &str) {
        self.reject(Field::Row, Reason::Unreadable, value);
        self.next();
    }

    pub(super) fn read(&mut self, read: Read<'_>) {
        if let Err((field, reason)) = self.stage(read) {
            self.reject(field, reason, "");
        }
        self.next();
    }

    pub(super) fn reject(&mut self, field: Field, reason: Reason, value: &str) {
        let reject = Reject::new(self.position, field, reason, value.trim());
        self.quality.reject(&reject);
        self.rejects.push(reject);
    }

    pub(super) fn next(&mut self) {
        self.position += 1;
        self.quality.read += 1;
    }

    pub(super) fn filled(&mut self, field: Field, filled: bool) {
        if filled {
            *self.quality.filled.entry(field).or_default() += 1;
        }
    }

    fn read_text<'a>(&self, row: TextRow<'a>) -> Result<Read<'a>, (Field, Reason, &'a str)> {
        let fail = |field, reason| (field, reason, row.value(field));
        for field in [Field::Customer, Field::Date, Field::Amount] {
            if row.value(field).trim().is_empty() {
                return Err(fail(field, Reason::Empty));
            }
        }
        let customer =
            CustomerId::text(row.customer).map_err(|_| fail(Field::Customer, Reason::Empty))?;
        let day = parse_day(row.date.trim(), &self.options.business_day)
            .map_err(|_| fail(Field::Date, Reason::NotADay))?;
        let currency = match row.currency.trim() {
            "" => self.options.currency,
            code => code
                .parse::<Currency>()
                .map_err(|_| fail(Field::Currency, Reason::UnknownCurrency))?,
        };
        let money = |field| {
            self.money(row.value(field), currency)
                .map_err(|reason| fail(field, reason))
        };
        let optional = |field| match row.value(field).trim() {
            "" => Ok(None),
            _ => money(field).map(Some),
        };
        Ok(Read {
            customer,
            day,
            // Before it, the date has as many bytes as a day has.
            time: row.date.trim().get(10..).unwrap_or(""),
            amount: money(Field::Amount)?,
            kind: match row.kind.trim() {
                "" => None,
                kind => Some(
                    kind.parse()
                        .map_err(|_| fail(Field::Kind, Reason::UnknownKind))?,
                ),
            },
            id: row.id.trim(),
            refund_of: row.refund_of.trim(),
            category: row.category.trim(),
            channel: row.channel.trim(),
            cost: optional(Field::Cost)?,
            discount: optional(Field::Discount)?,
            hour: None,
        })
    }

    fn money(&self, text: &str, currency: Currency) -> Result<Money, Reason> {
        let amount = parse_amount(text.trim()).map_err(|_| Reason::NotANumber)?;
        let money = match self.options.decimals {
            Decimals::Exact => Money::new(amount, currency),
            Decimals::Round => Money::rounded(amount, currency),
        };
        money.map_err(|error| {
            if error.is_range() {
                Reason::TooManyDecimals
            } else {
                Reason::TooLarge
            }
        })
    }

    /// Checks a row against the policy and against the rows before it, and keeps it.
    fn stage(&mut self, read: Read<'_>) -> Result<(), (Field, Reason)> {
        let options = &self.options;
        if read.day > options.as_of {
            return Err((Field::Date, Reason::AfterAsOf));
        }
        let minor = read.amount.minor();
        let kind = match read.kind {
            Some(kind) => kind,
            None if minor < 0 || !read.refund_of.is_empty() => {
                if minor < 0 && options.negative == Negative::Reject {
                    return Err((Field::Amount, Reason::Negative));
                }
                TransactionKind::Refund
            }
            None => TransactionKind::Purchase,
        };
        match kind {
            TransactionKind::Purchase if minor < 0 => {
                return Err((Field::Amount, Reason::Negative));
            }
            TransactionKind::Purchase if minor == 0 && options.zero == Zero::Reject => {
                return Err((Field::Amount, Reason::Zero));
            }
            TransactionKind::Refund if minor == 0 => return Err((Field::Amount, Reason::Zero)),
            TransactionKind::Purchase | TransactionKind::Adjustment
                if !read.refund_of.is_empty() =>
            {
                return Err((Field::RefundOf, Reason::NotARefund));
            }
            _ => {}
        }
        let amount = if kind == TransactionKind::Refund {
            let minor = minor
                .checked_abs()
                .ok_or((Field::Amount, Reason::TooLarge))?;
            Money::from_minor(minor, read.amount.currency())
        } else {
            read.amount
        };
        let convert = |money: Money, field| {
            options
                .to_reporting(money, read.day)
                .map_err(|reason| (reason.field_of(field), reason))
        };
        let reporting = convert(amount, Field::Amount)?;
        let positive = |money: Option<Money>, field| match money {
            None => Ok(0),
            Some(money) if money.is_negative() => Err((field, Reason::Negative)),
            Some(money) => convert(money, field),
        };
        let cost = positive(read.cost, Field::Cost)?;
        let discount = positive(read.discount, Field::Discount)?;

        let survivor = options.merges.survivor(&read.customer);
        // Counted before duplicates are looked for: of two rows that are one purchase, whichever came first.
        self.quality.merged += u64::from(*survivor != read.customer && !self.context);
        let survivor = survivor.clone();
        let next =
            u32::try_from(self.customers.len()).map_err(|_| (Field::Customer, Reason::TooLarge))?;
        let customer = *self.customers.entry(survivor).or_insert(next);
        let category = if read.category.is_empty() {
            NO_CATEGORY
        } else {
            self.categories.intern(read.category)
        };

        if let Some(first) = self.by_id.get(read.id).and_then(|row| self.rows.get(*row)) {
            self.quality.duplicate += u64::from(!self.context);
            let same = first.customer == customer
                && first.day == read.day
                && first.amount == amount
                && first.kind == kind;
            self.quality.duplicate_differing += u64::from(!same && !self.context);
            return Ok(());
        }
        if read.id.is_empty() && options.duplicates == Duplicates::SameRow {
            let content = Content {
                customer,
                day: read.day,
                time: read.time.into(),
                hour: read.hour,
                kind,
                amount,
                cost: read.cost,
                discount: read.discount,
                category,
                channel: read.channel.into(),
                refund_of: read.refund_of.into(),
            };
            if !self.contents.insert(content) {
                self.quality.duplicate += u64::from(!self.context);
                return Ok(());
            }
        }
        for (total, (field, value)) in self.totals.iter_mut().zip([
            (Field::Amount, reporting),
            (Field::Cost, cost),
            (Field::Discount, discount),
        ]) {
            let sum = *total + i128::from(value).abs();
            if sum > i128::from(i64::MAX) {
                return Err((field, Reason::SumTooLarge));
            }
            *total = sum;
        }
        if !read.id.is_empty() {
            self.by_id.insert(read.id.into(), self.rows.len());
        }
        self.rows.push(Staged {
            position: self.position,
            customer,
            day: read.day,
            kind,
            amount,
            reporting,
            cost,
            discount,
            category,
            refund_of: (!read.refund_of.is_empty()).then(|| read.refund_of.into()),
            context: self.context,
        });
        Ok(())
    }

    /// Links the refunds and makes the ledger.
    #[must_use]
    pub fn finish(mut self) -> Ledger<'static> {
        let links = refunds::link(&self.rows, &self.by_id, &self.categories.by_code());
        let mut days = Vec::with_capacity(self.rows.len());
        let mut amounts = Vec::with_capacity(self.rows.len());
        let mut customers = Vec::with_capacity(self.rows.len());
        let mut extras = Extras {
            categories: std::mem::take(&mut self.categories),
            ..Extras::default()
        };
        let mut late = Vec::new();
        let mut plain = true;
        for (row, link) in self.rows.iter().zip(links) {
            let effect = match link {
                Link::None => row.effect(),
                Link::Unlinked => {
                    self.quality.refunds_unlinked += u64::from(!row.context);
                    row.effect()
                }
                Link::To {
                    effect,
                    named,
                    undone,
                } => {
                    if !row.context {
                        self.quality.refunds_named += u64::from(named);
                        self.quality.refunds_matched += u64::from(!named);
                        self.quality.purchases_undone += u64::from(undone);
                    }
                    effect
                }
                Link::Reject(field, reason) => {
                    if !row.context {
                        let value = row.value(field);
                        let reject = Reject::new(row.position, field, reason, &value);
                        self.quality.reject(&reject);
                        self.rejects.push(reject);
                    }
                    continue;
                }
            };
            if row.context {
                continue;
            }
            self.quality.accepted += 1;
            self.quality.day(row.day);
            self.quality.converted += u64::from(row.amount.currency() != self.options.currency);
            self.quality.zero_purchases +=
                u64::from(row.kind == TransactionKind::Purchase && row.amount.is_zero());
            plain &= effect == Effect::purchase(effect.day, effect.spend);
            if row.day > effect.day {
                late.push((days.len(), row.day.epoch_days()));
            }
            days.push(effect.day.epoch_days());
            amounts.push(effect.spend);
            customers.push(row.customer);
            extras.push(&effect);
        }
        self.rejects.sort_by_key(|reject| reject.position);
        let keys = key_store(self.customers, customers);
        let span = span(&keys, &days, &amounts);
        Ledger {
            as_of: self.options.as_of,
            currency: self.options.currency,
            keys,
            days: days.into(),
            amounts: amounts.into(),
            extras: (!plain).then_some(Cow::Owned(extras)),
            skipped: None,
            late: late.into(),
            span,
            rejects: self.rejects,
            quality: self.quality,
            records: None,
        }
    }

    /// For columns that stand as they are, except for some rows.
    pub(super) fn finish_in_place<'a>(
        self,
        keys: &'a [u64],
        days: &'a [i32],
        amounts: &'a [i64],
        skipped: Option<Skipped>,
        span: Option<Span>,
    ) -> Ledger<'a> {
        Ledger {
            as_of: self.options.as_of,
            currency: self.options.currency,
            keys: KeyStore::Numbers(keys.into()),
            days: days.into(),
            amounts: amounts.into(),
            extras: None,
            skipped,
            late: Cow::Borrowed(&[]),
            span,
            rejects: self.rejects,
            quality: self.quality,
            records: None,
        }
    }

    pub(super) fn quality_mut(&mut self) -> &mut Quality {
        &mut self.quality
    }
}

/// Numbers stand for themselves; other ids get numbers that ascend like them.
fn key_store(customers: HashMap<CustomerId, u32, Hasher>, rows: Vec<u32>) -> KeyStore<'static> {
    let mut ids: Vec<(CustomerId, u32)> = customers.into_iter().collect();
    let numbers: Option<Vec<(u32, u64)>> = ids
        .iter()
        .map(|(id, code)| Some((*code, id.as_number()?)))
        .collect();
    if let Some(mut numbers) = numbers {
        numbers.sort_unstable();
        let number = |code: u32| numbers.get(code as usize).map_or(0, |(_, number)| *number);
        return KeyStore::Numbers(rows.into_iter().map(number).collect());
    }
    ids.sort_unstable();
    let mut rank = vec![0_u32; ids.len()];
    for (position, (_, code)) in ids.iter().enumerate() {
        if let Some(slot) = rank.get_mut(*code as usize) {
            *slot = u32::try_from(position).unwrap_or(u32::MAX);
        }
    }
    KeyStore::Interned {
        index: rows
            .into_iter()
            .map(|code| rank.get(code as usize).copied().unwrap_or(0))
            .collect(),
        ids: ids.into_iter().map(|(id, _)| id).collect(),
    }
}

fn span(keys: &KeyStore<'_>, days: &[i32], amounts: &[i64]) -> Option<Span> {
    let key = match keys {
        KeyStore::Numbers(keys) => (*keys.iter().min()?, *keys.iter().max()?),
        KeyStore::Interned { index, .. } => (
            u64::from(*index.iter().min()?),
            u64::from(*index.iter().max()?),
        ),
    };
    Some(Span {
        key,
        day: (*days.iter().min()?, *days.iter().max()?),
        amount: (*amounts.iter().min()?, *amounts.iter().max()?),
    })
}
