//! A ledger as it was on an earlier day.

use std::borrow::Cow;

use crate::model::Day;

use super::quality::Quality;
use super::reject::Field;
use super::{KeyStore, Ledger, Rows, Skipped, Span};

impl Ledger<'_> {
    /// The ledger as it was known at the close of a day: the rows that were booked by then, and nothing later.
    ///
    /// A linked refund counts on the day of its purchase, but nobody knew of it before its own day: it is there from its own
    /// day on. Nothing is read again: the columns are borrowed, and it takes one look at each row.
    ///
    /// The rows are those that cleaning only the records dated up to that day accepts, with two exceptions, which are about
    /// records that stand in the input before others of an earlier date. Of records with one id the first in the input
    /// counts: where it is dated later than another of that id, neither is there between the two days. And a record
    /// that was rejected because the sums were full ([`SumTooLarge`](super::Reason::SumTooLarge)) stays rejected.
    ///
    /// Records that are no transactions are cut as [`Records::until`](super::Records::until) does. Merged customers are merged
    /// on every day. The [`quality`](Self::quality) report is that of the rows that are there
    /// (`read` and `accepted` are their number), and there are no rejects.
    ///
    /// ```
    /// use customer_value::ledger::{Ledger, Options};
    /// use customer_value::model::{Currency, CustomerId, Transaction};
    ///
    /// let bought = Transaction::purchase(7, "2024-03-01".parse()?, "50.00 EUR".parse()?)?.with_id("a1")?;
    /// let returned = Transaction::refund(7, "2024-05-10".parse()?, "50.00 EUR".parse()?)?.refund_of("a1")?;
    /// let options = Options::new("2024-12-31".parse()?, Currency::EUR);
    /// let ledger = Ledger::from_transactions(&[bought, returned], options);
    ///
    /// let spend = |ledger: &Ledger<'_>| ledger.effects().map(|(_, effect)| effect.spend).sum::<i64>();
    /// assert_eq!(spend(&ledger), 0);
    /// assert_eq!(spend(&ledger.until("2024-05-09".parse()?)), 50_00);
    /// assert_eq!(spend(&ledger.until("2024-05-10".parse()?)), 0);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn until(&self, day: Day) -> Ledger<'_> {
        let rows = self.rows();
        let last = day.epoch_days();
        let all = self.as_of <= day
            || self.span.is_none_or(|span| span.day.1 <= last)
                && self.late.iter().all(|(_, booked)| *booked <= last);
        let (skipped, span) = if all {
            (self.skipped.clone(), self.span)
        } else {
            self.rows_until(last)
        };
        let mut ledger = Ledger {
            as_of: self.as_of.min(day),
            currency: self.currency,
            keys: match &self.keys {
                KeyStore::Numbers(keys) => KeyStore::Numbers(Cow::Borrowed(keys)),
                KeyStore::Interned { index, ids } => KeyStore::Interned {
                    index: Cow::Borrowed(index),
                    ids: Cow::Borrowed(ids),
                },
            },
            days: Cow::Borrowed(&self.days),
            amounts: Cow::Borrowed(&self.amounts),
            extras: rows.extras.map(Cow::Borrowed),
            skipped,
            late: Cow::Borrowed(&self.late),
            span,
            rejects: Vec::new(),
            quality: Quality::default(),
            records: self.records.as_ref().map(|records| records.until(day)),
        };
        ledger.quality = quality_of(ledger.rows(), &ledger.late);
        ledger
    }

    /// Which rows are not there at the close of a day, and the extent of the others.
    fn rows_until(&self, last: i32) -> (Option<Skipped>, Option<Span>) {
        let mut skipped = self
            .skipped
            .clone()
            .unwrap_or_else(|| Skipped::new(self.days.len()));
        for (row, booked) in self.late.iter() {
            if *booked > last {
                skipped.insert(*row);
            }
        }
        for (row, day) in self.days.iter().enumerate() {
            if *day > last {
                skipped.insert(row);
            }
        }
        let rows = self.rows();
        let there = (0..self.days.len()).filter(|row| !skipped.contains(*row));
        let span = there
            .filter_map(|row| {
                let (key, day, amount) = (
                    rows.keys.at(row)?,
                    *self.days.get(row)?,
                    *self.amounts.get(row)?,
                );
                Some(Span {
                    key: (key, key),
                    day: (day, day),
                    amount: (amount, amount),
                })
            })
            .reduce(Span::union);
        (Some(skipped), span)
    }
}

/// What there is to say of rows of which only the accepted ones are known.
fn quality_of(rows: Rows<'_>, late: &[(usize, i32)]) -> Quality {
    let mut quality = Quality::default();
    let mut late = late.iter().peekable();
    for (row, day) in rows.days.iter().enumerate() {
        let booked = late
            .next_if(|(at, _)| *at == row)
            .map_or(*day, |(_, booked)| *booked);
        if rows.skipped.is_some_and(|skipped| skipped.contains(row)) {
            continue;
        }
        quality.accepted += 1;
        if let Ok(day) = Day::from_epoch_days(booked) {
            quality.day(day);
        }
        let effect = rows.effect(row);
        quality.zero_purchases += u64::from(effect.purchases == 1 && effect.gross == 0);
    }
    quality.read = quality.accepted;
    if quality.read > 0 {
        for field in [Field::Customer, Field::Date, Field::Amount] {
            quality.filled.insert(field, quality.read);
        }
    }
    quality
}
