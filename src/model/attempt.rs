//! What was tried with a customer: to make more of them, or to win them back.

use serde::{Deserialize, Serialize};

use super::text::{open_words, optional, words};
use super::{CustomerId, Day, Money};
use crate::Error;

/// What an attempt is to achieve; in text `uplift` or `win_back`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttemptPurpose {
    /// More value of somebody who is a customer.
    Uplift,
    /// A purchase of somebody who has left.
    WinBack,
}

words!(AttemptPurpose, "purpose of an attempt", { Uplift => "uplift", WinBack => "win_back" });

/// What kind of attempt it is.
///
/// In text and in serde `education`, `offer`, `call`, or any other text for a kind of one's own.
///
/// ```
/// use customer_value::model::AttemptKind;
///
/// assert_eq!("call".parse(), Ok(AttemptKind::Call));
/// assert_eq!("home visit".parse::<AttemptKind>()?.to_string(), "home visit");
/// assert!(" ".parse::<AttemptKind>().is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttemptKind {
    /// Showing the customer what there is and how it is used.
    Education,
    /// A price, a gift, a voucher.
    Offer,
    /// A talk in person.
    Call,
    /// A kind of the host's own: not empty, and not the word of another variant.
    Other(Box<str>),
}

open_words!(AttemptKind, "kind of attempt", {
    Education => "education",
    Offer => "offer",
    Call => "call",
});

/// Something that was tried with a customer on one day. Whether it worked is read from the history, not from here.
///
/// ```
/// use customer_value::model::{Attempt, AttemptKind, AttemptPurpose};
///
/// let attempt = Attempt::new(42, "2024-03-01".parse()?, AttemptPurpose::WinBack, AttemptKind::Call)?
///     .with_offer("voucher")
///     .with_channel("phone")
///     .with_cost("6.00 EUR".parse()?)?;
/// assert_eq!(attempt.offer(), Some("voucher"));
/// assert_eq!(attempt.cost().map(|cost| cost.minor()), Some(600));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawAttempt")]
pub struct Attempt {
    customer: CustomerId,
    day: Day,
    purpose: AttemptPurpose,
    kind: AttemptKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Money>,
}

impl Attempt {
    /// An attempt of which offer, channel and cost are not known.
    ///
    /// # Errors
    /// The kind is an empty text (`is_parse`).
    pub fn new(
        customer: impl Into<CustomerId>,
        day: Day,
        purpose: AttemptPurpose,
        kind: AttemptKind,
    ) -> Result<Self, Error> {
        Ok(Self {
            customer: customer.into(),
            day,
            purpose,
            kind: kind.checked()?,
            offer: None,
            channel: None,
            cost: None,
        })
    }

    /// The same on somebody else: of the account that it counts for.
    pub(crate) fn of(mut self, customer: CustomerId) -> Self {
        self.customer = customer;
        self
    }

    /// With the name of the offer that was made; a blank text means that it is not known.
    #[must_use]
    pub fn with_offer(mut self, offer: &str) -> Self {
        self.offer = optional(offer);
        self
    }

    /// With the channel it went through; a blank text means that it is not known.
    #[must_use]
    pub fn with_channel(mut self, channel: &str) -> Self {
        self.channel = optional(channel);
        self
    }

    /// With what it cost: the contact, not the goods or the discount.
    ///
    /// # Errors
    /// The cost is negative (`is_range`).
    pub fn with_cost(mut self, cost: Money) -> Result<Self, Error> {
        if cost.is_negative() {
            return Err(Error::range(format!("a cost of {cost} is negative")));
        }
        self.cost = Some(cost);
        Ok(self)
    }

    /// With whom it was tried.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The business day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// What it was to achieve.
    #[must_use]
    pub const fn purpose(&self) -> AttemptPurpose {
        self.purpose
    }

    /// What kind it was.
    #[must_use]
    pub const fn kind(&self) -> &AttemptKind {
        &self.kind
    }

    /// The name of the offer, not empty; `None` if there was none, or it is not known.
    #[must_use]
    pub fn offer(&self) -> Option<&str> {
        self.offer.as_deref()
    }

    /// The channel, not empty; `None` if not known.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// What it cost, zero or more; `None` if not known.
    #[must_use]
    pub const fn cost(&self) -> Option<Money> {
        self.cost
    }
}

/// An attempt as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAttempt {
    customer: CustomerId,
    day: Day,
    purpose: AttemptPurpose,
    kind: AttemptKind,
    offer: Option<String>,
    channel: Option<String>,
    cost: Option<Money>,
}

impl TryFrom<RawAttempt> for Attempt {
    type Error = Error;
    fn try_from(raw: RawAttempt) -> Result<Self, Error> {
        let attempt = Self::new(raw.customer, raw.day, raw.purpose, raw.kind)?
            .with_offer(raw.offer.as_deref().unwrap_or_default())
            .with_channel(raw.channel.as_deref().unwrap_or_default());
        match raw.cost {
            Some(cost) => attempt.with_cost(cost),
            None => Ok(attempt),
        }
    }
}
