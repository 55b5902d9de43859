//! What a customer paid, got back, or was corrected by.

use serde::{Deserialize, Serialize};

use super::text::{hour_of_day, optional, required, words};
use super::{CustomerId, Day, Money};
use crate::Error;

/// What kind of movement a transaction is; in text `purchase`, `refund` or `adjustment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionKind {
    /// The customer bought something, possibly for nothing.
    Purchase,
    /// The customer got money back for a purchase.
    Refund,
    /// A correction of what was spent; never a purchase.
    Adjustment,
}

words!(TransactionKind, "transaction kind", {
    Purchase => "purchase",
    Refund => "refund",
    Adjustment => "adjustment",
});

/// A purchase, a refund or an adjustment of one customer on one day.
///
/// ```
/// use customer_value::model::{Day, Money, Transaction, TransactionKind};
///
/// let day: Day = "2024-03-01".parse()?;
/// let sale = Transaction::purchase(42, day, "80.00 EUR".parse()?)?
///     .with_id("A-1")?
///     .with_category("books")
///     .with_discount("20.00 EUR".parse()?)?;
/// assert_eq!(sale.kind(), TransactionKind::Purchase);
///
/// let back = Transaction::refund(42, day, "80.00 EUR".parse()?)?.refund_of("A-1")?;
/// assert_eq!(back.refunded(), Some("A-1"));
/// # Ok::<(), customer_value::Error>(())
/// ```
///
/// In serde it is a map, in which what is not known is left out:
/// `{"customer": 42, "day": "2024-03-01", "kind": "purchase", "amount": "80.00 EUR", "id": "A-1"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Transaction {
    customer: CustomerId,
    day: Day,
    kind: TransactionKind,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Box<str>>,
    #[serde(rename = "refund_of", skip_serializing_if = "Option::is_none")]
    refunded: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hour: Option<u8>,
}

impl Transaction {
    /// A purchase: `amount` is what was paid, after any discount. Zero is a free order, which is a purchase too.
    ///
    /// # Errors
    /// The amount is negative (`is_range`).
    pub fn purchase(
        customer: impl Into<CustomerId>,
        day: Day,
        amount: Money,
    ) -> Result<Self, Error> {
        if amount.is_negative() {
            return Err(Error::range(format!(
                "a purchase of {amount} is negative; money given back is a refund"
            )));
        }
        Ok(Self::bare(
            TransactionKind::Purchase,
            customer.into(),
            day,
            amount,
        ))
    }

    /// A refund: `amount` is what was given back, a positive number.
    ///
    /// # Errors
    /// The amount is zero or negative (`is_range`).
    pub fn refund(customer: impl Into<CustomerId>, day: Day, amount: Money) -> Result<Self, Error> {
        if amount.is_negative() || amount.is_zero() {
            return Err(Error::range(format!(
                "a refund of {amount} gives nothing back; its amount is positive"
            )));
        }
        Ok(Self::bare(
            TransactionKind::Refund,
            customer.into(),
            day,
            amount,
        ))
    }

    /// A correction of what the customer spent, up or down. It is never a purchase.
    #[must_use]
    pub fn adjustment(customer: impl Into<CustomerId>, day: Day, amount: Money) -> Self {
        Self::bare(TransactionKind::Adjustment, customer.into(), day, amount)
    }

    fn bare(kind: TransactionKind, customer: CustomerId, day: Day, amount: Money) -> Self {
        Self {
            customer,
            day,
            kind,
            amount,
            id: None,
            refunded: None,
            category: None,
            channel: None,
            discount: None,
            cost: None,
            hour: None,
        }
    }

    /// With its own id, by which duplicates are found and refunds are linked; white space around it is dropped.
    ///
    /// # Errors
    /// The id is empty (`is_parse`).
    pub fn with_id(mut self, id: &str) -> Result<Self, Error> {
        self.id = Some(required("transaction id", id)?);
        Ok(self)
    }

    /// With the id of the purchase that this refund gives back; white space around it is dropped.
    ///
    /// # Errors
    /// The id is empty (`is_parse`), or this is not a refund (`is_misuse`).
    pub fn refund_of(mut self, id: &str) -> Result<Self, Error> {
        if self.kind != TransactionKind::Refund {
            return Err(Error::misuse(format!(
                "only a refund gives back another transaction, not this {}",
                self.kind
            )));
        }
        self.refunded = Some(required("transaction id", id)?);
        Ok(self)
    }

    /// With the category of what was bought; a blank text means that it is not known.
    #[must_use]
    pub fn with_category(mut self, category: &str) -> Self {
        self.category = optional(category);
        self
    }

    /// With the channel it came through (such as `web` or `store`); a blank text means that it is not known.
    #[must_use]
    pub fn with_channel(mut self, channel: &str) -> Self {
        self.channel = optional(channel);
        self
    }

    /// With what was taken off the price: the price was `amount` + `discount`.
    ///
    /// # Errors
    /// This is not a purchase, or the discount is of another currency (`is_misuse`); it is negative (`is_range`).
    pub fn with_discount(mut self, discount: Money) -> Result<Self, Error> {
        if self.kind != TransactionKind::Purchase {
            return Err(Error::misuse(format!(
                "only a purchase has a discount, not this {}",
                self.kind
            )));
        }
        self.discount = Some(self.part("discount", discount)?);
        Ok(self)
    }

    /// With the cost of the goods; of a refund, the cost recovered with the goods that came back.
    ///
    /// # Errors
    /// The cost is of another currency (`is_misuse`), or negative (`is_range`).
    pub fn with_cost(mut self, cost: Money) -> Result<Self, Error> {
        self.cost = Some(self.part("cost", cost)?);
        Ok(self)
    }

    /// With the hour of the day in the customer's zone, 0 to 23: at 23:59 it is 23.
    ///
    /// # Errors
    /// The hour is above 23 (`is_range`).
    pub fn with_hour(mut self, hour: u8) -> Result<Self, Error> {
        self.hour = Some(hour_of_day(hour)?);
        Ok(self)
    }

    /// An amount beside the main one: of the same currency, and not negative.
    fn part(&self, what: &str, part: Money) -> Result<Money, Error> {
        if part.currency() != self.amount.currency() {
            return Err(Error::misuse(format!(
                "the {what} {part} is not in {}, the currency of the amount",
                self.amount.currency()
            )));
        }
        if part.is_negative() {
            return Err(Error::range(format!("the {what} {part} is negative")));
        }
        Ok(part)
    }

    /// Whose it is.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The business day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// The amount: of a purchase zero or more, of a refund more than zero, of an adjustment anything.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// Purchase, refund or adjustment.
    #[must_use]
    pub const fn kind(&self) -> TransactionKind {
        self.kind
    }

    /// Its own id; `None` if the source has none.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The id of the purchase it gives back; `None` if it is not a refund, or the source does not say.
    #[must_use]
    pub fn refunded(&self) -> Option<&str> {
        self.refunded.as_deref()
    }

    /// The category of what was bought; `None` if not known.
    #[must_use]
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// The channel it came through; `None` if not known.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// What was taken off the price, zero or more; `None` if not known.
    #[must_use]
    pub const fn discount(&self) -> Option<Money> {
        self.discount
    }

    /// The cost of the goods, zero or more (of a refund: recovered); `None` if not known.
    #[must_use]
    pub const fn cost(&self) -> Option<Money> {
        self.cost
    }

    /// The hour of the day in the customer's zone, 0 to 23; `None` if not known.
    #[must_use]
    pub const fn hour(&self) -> Option<u8> {
        self.hour
    }
}

/// A transaction as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    customer: CustomerId,
    day: Day,
    kind: TransactionKind,
    amount: Money,
    id: Option<String>,
    refund_of: Option<String>,
    category: Option<String>,
    channel: Option<String>,
    discount: Option<Money>,
    cost: Option<Money>,
    hour: Option<u8>,
}

impl TryFrom<Raw> for Transaction {
    type Error = Error;
    fn try_from(raw: Raw) -> Result<Self, Error> {
        let Raw {
            customer,
            day,
            amount,
            ..
        } = raw;
        let mut checked = match raw.kind {
            TransactionKind::Purchase => Self::purchase(customer, day, amount)?,
            TransactionKind::Refund => Self::refund(customer, day, amount)?,
            TransactionKind::Adjustment => Self::adjustment(customer, day, amount),
        };
        if let Some(id) = raw.id {
            checked = checked.with_id(&id)?;
        }
        if let Some(id) = raw.refund_of {
            checked = checked.refund_of(&id)?;
        }
        if let Some(category) = raw.category {
            checked = checked.with_category(&category);
        }
        if let Some(channel) = raw.channel {
            checked = checked.with_channel(&channel);
        }
        if let Some(discount) = raw.discount {
            checked = checked.with_discount(discount)?;
        }
        if let Some(cost) = raw.cost {
            checked = checked.with_cost(cost)?;
        }
        if let Some(hour) = raw.hour {
            checked = checked.with_hour(hour)?;
        }
        Ok(checked)
    }
}
