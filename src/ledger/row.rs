//! One row on its way: as text, read, and acceptable on its own.

use crate::model::{CustomerId, Day, Money, Transaction, TransactionKind};

use super::effect::{Effect, NO_CATEGORY};
use super::reject::Field;

/// One row as text, the way a CSV file has it. An empty text is an absent value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextRow<'a> {
    /// The customer; required.
    pub customer: &'a str,
    /// An ISO 8601 date, with or without a time; required.
    pub date: &'a str,
    /// A plain decimal number in major units; required. Negative without a kind: a refund.
    pub amount: &'a str,
    /// The transaction's own id, by which duplicates are found.
    pub id: &'a str,
    /// `purchase` (as when empty), `refund` or `adjustment`. The sign of a refund's amount does not matter.
    pub kind: &'a str,
    /// The id of the purchase that a refund gives back.
    pub refund_of: &'a str,
    /// An ISO 4217 code; the reporting currency when empty.
    pub currency: &'a str,
    /// A product category.
    pub category: &'a str,
    /// A sales channel.
    pub channel: &'a str,
    /// Cost of goods of a purchase, or what of it a refund recovers; not negative.
    pub cost: &'a str,
    /// The discount given on a purchase; not negative.
    pub discount: &'a str,
}

/// One row whose fields have been read.
#[derive(Debug, Clone)]
pub(super) struct Read<'a> {
    pub(super) customer: CustomerId,
    pub(super) day: Day,
    /// What the date said beyond its day.
    pub(super) time: &'a str,
    pub(super) amount: Money,
    pub(super) kind: Option<TransactionKind>,
    pub(super) id: &'a str,
    pub(super) refund_of: &'a str,
    pub(super) category: &'a str,
    pub(super) channel: &'a str,
    pub(super) cost: Option<Money>,
    pub(super) discount: Option<Money>,
    /// Of a typed row; in a text it is part of the time.
    pub(super) hour: Option<u8>,
}

/// One row that is acceptable on its own.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    pub(super) position: u64,
    pub(super) customer: u32,
    pub(super) day: Day,
    pub(super) kind: TransactionKind,
    /// As it came; a refund's is positive.
    pub(super) amount: Money,
    /// In minor units of the reporting currency.
    pub(super) reporting: i64,
    pub(super) cost: i64,
    pub(super) discount: i64,
    pub(super) category: u32,
    pub(super) refund_of: Option<Box<str>>,
    /// Known from before: linked to, but not counted again.
    pub(super) context: bool,
}

impl<'a> TextRow<'a> {
    pub(super) fn value(&self, field: Field) -> &'a str {
        match field {
            Field::Row => "",
            Field::Customer => self.customer,
            Field::Date => self.date,
            Field::Amount => self.amount,
            Field::Id => self.id,
            Field::Kind => self.kind,
            Field::RefundOf => self.refund_of,
            Field::Currency => self.currency,
            Field::Category => self.category,
            Field::Channel => self.channel,
            Field::Cost => self.cost,
            Field::Discount => self.discount,
        }
    }
}

impl<'a> Read<'a> {
    pub(super) fn of(transaction: &'a Transaction) -> Self {
        Self {
            customer: transaction.customer().clone(),
            day: transaction.day(),
            time: "",
            amount: transaction.amount(),
            kind: Some(transaction.kind()),
            id: transaction.id().unwrap_or(""),
            refund_of: transaction.refunded().unwrap_or(""),
            category: transaction.category().unwrap_or(""),
            channel: transaction.channel().unwrap_or(""),
            cost: transaction.cost(),
            discount: transaction.discount(),
            hour: transaction.hour(),
        }
    }
}

impl Staged {
    /// What stood in a field by which a refund may not be.
    pub(super) fn value(&self, field: Field) -> String {
        match field {
            Field::RefundOf => self.refund_of.as_deref().unwrap_or("").to_owned(),
            Field::Amount => self.amount.amount().to_string(),
            Field::Currency => self.amount.currency().to_string(),
            _ => String::new(),
        }
    }

    /// What the row adds when it is not linked to another one.
    pub(super) fn effect(&self) -> Effect<u32> {
        let plain = Effect {
            category: (self.category != NO_CATEGORY).then_some(self.category),
            ..Effect::purchase(self.day, self.reporting)
        };
        match self.kind {
            TransactionKind::Purchase => Effect {
                cost: self.cost,
                discount: self.discount,
                ..plain
            },
            TransactionKind::Refund => Effect {
                purchases: 0,
                spend: -self.reporting,
                gross: 0,
                refunds: self.reporting,
                cost: -self.cost,
                ..plain
            },
            TransactionKind::Adjustment => Effect {
                purchases: 0,
                gross: 0,
                ..plain
            },
        }
    }
}
