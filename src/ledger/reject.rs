//! Rows that do not count, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The field of a row that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// The row as a whole: it could not be read.
    Row,
    /// The customer.
    Customer,
    /// The date; of a complaint, the day on which it was opened.
    Date,
    /// The amount.
    Amount,
    /// The transaction's id.
    Id,
    /// The kind: purchase, refund or adjustment.
    Kind,
    /// The id of the refunded purchase.
    RefundOf,
    /// The currency.
    Currency,
    /// The category.
    Category,
    /// The channel.
    Channel,
    /// The cost of goods.
    Cost,
    /// The discount.
    Discount,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Row => "row",
            Self::Customer => "customer",
            Self::Date => "date",
            Self::Amount => "amount",
            Self::Id => "id",
            Self::Kind => "kind",
            Self::RefundOf => "refund_of",
            Self::Currency => "currency",
            Self::Category => "category",
            Self::Channel => "channel",
            Self::Cost => "cost",
            Self::Discount => "discount",
        })
    }
}

/// Why a row does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The row could not be read (wrong number of fields, not UTF-8).
    Unreadable,
    /// A required field is empty.
    Empty,
    /// Not a day, or a day that does not exist.
    NotADay,
    /// After the day the ledger is made for.
    AfterAsOf,
    /// Not a plain decimal number.
    NotANumber,
    /// More decimals than the currency has.
    TooManyDecimals,
    /// Too large for an amount.
    TooLarge,
    /// With the rows before it too large for a sum; the row itself may be small.
    SumTooLarge,
    /// Zero, where that is not accepted.
    Zero,
    /// Negative, where that is not accepted.
    Negative,
    /// Not a currency code.
    UnknownCurrency,
    /// No exchange rate on or before the day.
    NoRate,
    /// Not purchase, refund or adjustment.
    UnknownKind,
    /// `refund_of` on a row that is not a refund.
    NotARefund,
    /// The refunded purchase is not known.
    UnknownPurchase,
    /// The refunded purchase is another customer's.
    PurchaseOfAnother,
    /// The refund is dated before its purchase.
    BeforePurchase,
    /// More than is left of the purchase.
    AboveRemaining,
    /// The refund is in another currency than its purchase.
    OtherCurrency,
}

impl Reason {
    /// The field that is wrong where converting the amount in `field` failed.
    pub(super) fn field_of(self, field: Field) -> Field {
        match self {
            Self::NoRate => Field::Currency,
            _ => field,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be read",
            Self::Empty => "is empty",
            Self::NotADay => "is not a day",
            Self::AfterAsOf => "is after the day of the review",
            Self::NotANumber => "is not a plain decimal number",
            Self::TooManyDecimals => "has more decimals than the currency",
            Self::TooLarge => "is too large",
            Self::SumTooLarge => "makes the sum with the rows before it too large",
            Self::Zero => "is zero",
            Self::Negative => "is negative",
            Self::UnknownCurrency => "is not a currency",
            Self::NoRate => "has no exchange rate on or before that day",
            Self::UnknownKind => "is not `purchase`, `refund` or `adjustment`",
            Self::NotARefund => "is given for a row that is not a refund",
            Self::UnknownPurchase => "is not a known purchase",
            Self::PurchaseOfAnother => "is a purchase of another customer",
            Self::BeforePurchase => "is a purchase made after the refund",
            Self::AboveRemaining => "is more than is left of the purchase",
            Self::OtherCurrency => "is not the currency of the purchase",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A row that does not count: where it is, which field is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// The row, counted from 0 in the order of the input.
    pub position: u64,
    /// The first field that is wrong.
    pub field: Field,
    /// Why.
    pub reason: Reason,
    /// The start of what stood in the field; empty where there is no text.
    pub value: String,
}

impl Reject {
    pub(crate) fn new(position: u64, field: Field, reason: Reason, value: &str) -> Self {
        Self {
            position,
            field,
            reason,
            // Enough to find the row; not a megabyte of somebody's broken file.
            value: value.chars().take(64).collect(),
        }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}: ", self.position, self.field)?;
        if !self.value.is_empty() {
            write!(f, "`{}` ", self.value)?;
        }
        self.reason.fmt(f)
    }
}

impl std::error::Error for Reject {}
