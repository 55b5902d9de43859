//! Whole columns in, checked in place.

use crate::Error;
use crate::model::{Currency, CustomerId, Day, Money, TransactionKind};
use crate::parallel;

use super::builder::LedgerBuilder;
use super::options::{Duplicates, Negative, Options, Zero};
use super::reject::{Field, Reason};
use super::row::Read;
use super::{Ledger, Skipped, Span};

/// A column of customers.
#[derive(Debug, Clone, Copy)]
pub enum CustomerColumn<'a> {
    /// Whole numbers.
    Numbers(&'a [u64]),
    /// Texts; see [`CustomerId::text`].
    Texts(&'a [&'a str]),
}

/// Transactions as columns of one length. An empty optional column is an absent one.
///
/// With only the three required columns, numbers for customers, and amounts that are not refunds, the columns are checked in place and borrowed;
/// otherwise the rows are taken one by one.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    /// Who.
    pub customer: CustomerColumn<'a>,
    /// When, as days since 1970-01-01.
    pub day: &'a [i32],
    /// How much, in minor units of the row's currency. Negative without a kind: a refund.
    pub amount: &'a [i64],
    /// The transactions' ids; an empty text is none.
    pub id: &'a [&'a str],
    /// Purchase, refund or adjustment; where absent, the sign of the amount decides.
    pub kind: &'a [TransactionKind],
    /// The purchase a refund gives back; an empty text is none.
    pub refund_of: &'a [&'a str],
    /// The currency; the reporting currency where absent.
    pub currency: &'a [Currency],
    /// The category; an empty text is none.
    pub category: &'a [&'a str],
    /// The channel; an empty text is none.
    pub channel: &'a [&'a str],
    /// Cost of goods in minor units of the row's currency.
    pub cost: &'a [i64],
    /// Discount in minor units of the row's currency.
    pub discount: &'a [i64],
}

impl<'a> Columns<'a> {
    /// The three required columns.
    #[must_use]
    pub fn new(customer: CustomerColumn<'a>, day: &'a [i32], amount: &'a [i64]) -> Self {
        Self {
            customer,
            day,
            amount,
            id: &[],
            kind: &[],
            refund_of: &[],
            currency: &[],
            category: &[],
            channel: &[],
            cost: &[],
            discount: &[],
        }
    }

    fn check_lengths(&self) -> Result<(), Error> {
        let rows = self.day.len();
        let customers = match self.customer {
            CustomerColumn::Numbers(ids) => ids.len(),
            CustomerColumn::Texts(ids) => ids.len(),
        };
        let required = [("customer", customers), ("amount", self.amount.len())];
        let optional = [
            ("id", self.id.len()),
            ("kind", self.kind.len()),
            ("refund_of", self.refund_of.len()),
            ("currency", self.currency.len()),
            ("category", self.category.len()),
            ("channel", self.channel.len()),
            ("cost", self.cost.len()),
            ("discount", self.discount.len()),
        ];
        let wrong = required
            .into_iter()
            .chain(optional.into_iter().filter(|(_, len)| *len > 0))
            .find(|(_, len)| *len != rows);
        match wrong {
            Some((name, len)) => Err(Error::misuse(format!(
                "column `{name}` has {len} rows and column `day` has {rows}"
            ))),
            None if u32::try_from(rows).is_err() => Err(Error::misuse(
                "a ledger has at most 4,294,967,295 rows: make several and merge their histories",
            )),
            None => Ok(()),
        }
    }

    fn is_plain(&self) -> bool {
        self.id.is_empty()
            && self.kind.is_empty()
            && self.refund_of.is_empty()
            && self.currency.is_empty()
            && self.category.is_empty()
            && self.channel.is_empty()
            && self.cost.is_empty()
            && self.discount.is_empty()
    }
}

impl Ledger<'_> {
    /// Cleans transactions that come as columns.
    ///
    /// ```
    /// use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
    /// use customer_value::model::Currency;
    ///
    /// let options = Options::new("1970-12-31".parse()?, Currency::USD);
    /// let columns = Columns::new(CustomerColumn::Numbers(&[7, 7, 9]), &[10, 11, 400], &[1999, 500, 100]);
    /// let ledger = Ledger::from_columns(&columns, options)?;
    /// assert_eq!(ledger.quality().accepted, 2);
    /// assert_eq!(ledger.rejects().len(), 1); // day 400 is in 1971
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// Columns of different lengths, or 2^32 rows and more (`is_misuse`).
    pub fn from_columns<'a>(columns: &Columns<'a>, options: Options) -> Result<Ledger<'a>, Error> {
        columns.check_lengths()?;
        if let CustomerColumn::Numbers(keys) = columns.customer
            && columns.is_plain()
            && options.merges.is_empty()
            && options.duplicates == Duplicates::SameId
            && let Some(place) = InPlace::check(keys, columns.day, columns.amount, &options)
        {
            return Ok(place.finish(keys, columns.day, columns.amount, options));
        }
        let mut builder = LedgerBuilder::new(options.clone());
        for row in 0..columns.day.len() {
            builder.column_row(columns, row, &options);
        }
        Ok(builder.finish())
    }
}

impl LedgerBuilder {
    fn column_row(&mut self, columns: &Columns<'_>, row: usize, options: &Options) {
        let id = text(columns.id, row);
        let refund_of = text(columns.refund_of, row);
        let category = text(columns.category, row);
        let channel = text(columns.channel, row);
        let customer = match columns.customer {
            CustomerColumn::Numbers(ids) => ids.get(row).copied().map(CustomerId::from),
            CustomerColumn::Texts(ids) => ids.get(row).and_then(|t| CustomerId::text(t).ok()),
        };
        for (field, filled) in [
            (Field::Customer, customer.is_some()),
            (Field::Date, true),
            (Field::Amount, true),
            (Field::Id, !id.is_empty()),
            (Field::Kind, !columns.kind.is_empty()),
            (Field::RefundOf, !refund_of.is_empty()),
            (Field::Currency, !columns.currency.is_empty()),
            (Field::Category, !category.is_empty()),
            (Field::Channel, !channel.is_empty()),
            (Field::Cost, !columns.cost.is_empty()),
            (Field::Discount, !columns.discount.is_empty()),
        ] {
            self.filled(field, filled);
        }
        let Some(customer) = customer else {
            self.reject(Field::Customer, Reason::Empty, "");
            self.next();
            return;
        };
        let days = columns.day.get(row).copied().unwrap_or(i32::MAX);
        let Ok(day) = Day::from_epoch_days(days) else {
            self.reject(Field::Date, Reason::NotADay, &days.to_string());
            self.next();
            return;
        };
        let currency = columns
            .currency
            .get(row)
            .copied()
            .unwrap_or(options.currency);
        let money = |column: &[i64]| column.get(row).map(|m| Money::from_minor(*m, currency));
        self.read(Read {
            customer,
            day,
            time: "",
            amount: money(columns.amount).unwrap_or(Money::from_minor(0, currency)),
            kind: columns.kind.get(row).copied(),
            id,
            refund_of,
            category,
            channel,
            cost: money(columns.cost),
            discount: money(columns.discount),
            hour: None,
        });
    }
}

/// An absent column is one of empty texts.
fn text<'a>(column: &[&'a str], row: usize) -> &'a str {
    column.get(row).map_or("", |text| text.trim())
}

/// What one look at plain columns tells.
struct InPlace {
    span: Option<Span>,
    /// Some rows do not count.
    exceptions: bool,
}

impl InPlace {
    /// `None`: the columns hold refunds, or sums that could overflow, and are taken row by row.
    fn check(keys: &[u64], days: &[i32], amounts: &[i64], options: &Options) -> Option<Self> {
        if keys.is_empty() {
            return Some(Self {
                span: None,
                exceptions: false,
            });
        }
        let pieces = parallel::threads().min(keys.len());
        let spans = parallel::map(pieces, |i| {
            let rows = keys.len() * i / pieces..keys.len() * (i + 1) / pieces;
            Some(Span {
                key: extent(keys.get(rows.clone())?)?,
                day: extent(days.get(rows.clone())?)?,
                amount: extent(amounts.get(rows)?)?,
            })
        });
        let span = spans.into_iter().flatten().reduce(Span::union)?;
        if span.amount.0 < 0 && options.negative == Negative::Refund {
            return None;
        }
        let most = i128::from(span.amount.1.max(0)) * i128::try_from(keys.len()).ok()?;
        if most > i128::from(i64::MAX) {
            return None;
        }
        let exceptions = span.amount.0 < 0
            || (span.amount.0 == 0 && options.zero == Zero::Reject)
            || span.day.0 < Day::MIN.epoch_days()
            || span.day.1 > options.as_of.epoch_days();
        Some(Self {
            span: Some(span),
            exceptions,
        })
    }

    fn finish<'a>(
        self,
        keys: &'a [u64],
        days: &'a [i32],
        amounts: &'a [i64],
        options: Options,
    ) -> Ledger<'a> {
        let rows = keys.len() as u64;
        let as_of = options.as_of;
        let zero = options.zero;
        let mut builder = LedgerBuilder::new(options);
        let mut span = self.span;
        let mut skipped = None;
        if self.exceptions {
            let mut skip = Skipped::new(keys.len());
            span = None;
            for (row, ((key, day), amount)) in keys.iter().zip(days).zip(amounts).enumerate() {
                let reject = match Day::from_epoch_days(*day) {
                    Err(_) => Some((Field::Date, Reason::NotADay)),
                    Ok(day) if day > as_of => Some((Field::Date, Reason::AfterAsOf)),
                    Ok(_) if *amount < 0 => Some((Field::Amount, Reason::Negative)),
                    Ok(_) if *amount == 0 && zero == Zero::Reject => {
                        Some((Field::Amount, Reason::Zero))
                    }
                    Ok(_) => None,
                };
                if let Some((field, reason)) = reject {
                    let value = match reason {
                        Reason::NotADay => day.to_string(),
                        _ => String::new(),
                    };
                    builder.reject(field, reason, &value);
                    skip.insert(row);
                } else {
                    let one = Span {
                        key: (*key, *key),
                        day: (*day, *day),
                        amount: (*amount, *amount),
                    };
                    span = Some(span.map_or(one, |s: Span| s.union(one)));
                    builder.quality_mut().accepted += 1;
                }
                builder.next();
            }
            skipped = Some(skip);
        }
        let quality = builder.quality_mut();
        quality.read = rows;
        if !self.exceptions {
            quality.accepted = rows;
        }
        if rows > 0 {
            for field in [Field::Customer, Field::Date, Field::Amount] {
                quality.filled.insert(field, rows);
            }
        }
        if let Some(span) = span {
            for day in [span.day.0, span.day.1] {
                quality.day(Day::from_epoch_days(day).unwrap_or(as_of));
            }
            if span.amount.0 == 0 {
                let accepted = |row: &usize| !skipped.as_ref().is_some_and(|s| s.contains(*row));
                let zeros = amounts
                    .iter()
                    .enumerate()
                    .filter(|(row, amount)| **amount == 0 && accepted(row))
                    .count();
                quality.zero_purchases = zeros as u64;
            }
        }
        builder.finish_in_place(keys, days, amounts, skipped, span)
    }
}

impl Span {
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            key: (self.key.0.min(other.key.0), self.key.1.max(other.key.1)),
            day: (self.day.0.min(other.day.0), self.day.1.max(other.day.1)),
            amount: (
                self.amount.0.min(other.amount.0),
                self.amount.1.max(other.amount.1),
            ),
        }
    }
}

fn extent<T: Copy + Ord>(values: &[T]) -> Option<(T, T)> {
    let first = *values.first()?;
    Some(
        values
            .iter()
            .fold((first, first), |(low, high), v| (low.min(*v), high.max(*v))),
    )
}
