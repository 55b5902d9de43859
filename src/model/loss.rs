//! Who left, and why.

use serde::{Deserialize, Serialize};

use super::text::open_words;
use super::{CustomerId, Day, Money};
use crate::Error;

/// Why a customer left.
///
/// In text and in serde `service`, `product`, `price`, `competitor`, `life_event`, `unknown`, or any other text for a reason
/// of one's own.
///
/// ```
/// use customer_value::model::LossReason;
///
/// assert_eq!("life_event".parse(), Ok(LossReason::LifeEvent));
/// assert_eq!("moved abroad".parse::<LossReason>()?.to_string(), "moved abroad");
/// assert!("".parse::<LossReason>().is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LossReason {
    /// How they were served.
    Service,
    /// What they got.
    Product,
    /// What it cost.
    Price,
    /// Somebody else's offer.
    Competitor,
    /// Something in their own life: a move, a birth, a death, a closed business.
    LifeEvent,
    /// It is not known why.
    Unknown,
    /// A reason of the host's own: not empty, and not the word of another variant.
    Other(Box<str>),
}

open_words!(LossReason, "loss reason", {
    Service => "service",
    Product => "product",
    Price => "price",
    Competitor => "competitor",
    LifeEvent => "life_event",
    Unknown => "unknown",
});

/// A customer left: when, why, and what that loses.
///
/// ```
/// use customer_value::model::{Loss, LossReason};
///
/// let loss = Loss::new(42, "2024-03-01".parse()?, LossReason::Price, "120.00 EUR".parse()?)?;
/// assert_eq!(loss.value().minor(), 12_000);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawLoss")]
pub struct Loss {
    customer: CustomerId,
    day: Day,
    reason: LossReason,
    value: Money,
}

impl Loss {
    /// The value is whatever the host counts as lost: the spend of a year, a predicted lifetime value. It is negative of a
    /// customer who cost more than they brought.
    ///
    /// # Errors
    /// The reason is an empty text (`is_parse`).
    pub fn new(
        customer: impl Into<CustomerId>,
        day: Day,
        reason: LossReason,
        value: Money,
    ) -> Result<Self, Error> {
        Ok(Self {
            customer: customer.into(),
            day,
            reason: reason.checked()?,
            value,
        })
    }

    /// Who left.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The business day on which they left, as far as is known.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> &LossReason {
        &self.reason
    }

    /// What that loses.
    #[must_use]
    pub const fn value(&self) -> Money {
        self.value
    }
}

/// A loss as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLoss {
    customer: CustomerId,
    day: Day,
    reason: LossReason,
    value: Money,
}

impl TryFrom<RawLoss> for Loss {
    type Error = Error;
    fn try_from(raw: RawLoss) -> Result<Self, Error> {
        Self::new(raw.customer, raw.day, raw.reason, raw.value)
    }
}
