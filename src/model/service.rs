//! What serving a customer cost, and how the two sides talked.

use serde::{Deserialize, Serialize};

use super::text::{hour_of_day, open_words, required, words};
use super::{CustomerId, Day, Money};
use crate::Error;

/// What a service cost was for.
///
/// In text and in serde `service_staff`, `marketing`, `survey`, or any other text for a category of one's own.
///
/// ```
/// use customer_value::model::CostCategory;
///
/// assert_eq!("marketing".parse(), Ok(CostCategory::Marketing));
/// assert_eq!("parcel insurance".parse::<CostCategory>()?.to_string(), "parcel insurance");
/// assert!("".parse::<CostCategory>().is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CostCategory {
    /// The time of the people who serve.
    ServiceStaff,
    /// Mailings, advertising, gifts.
    Marketing,
    /// Asking customers.
    Survey,
    /// A category of the host's own: not empty, and not the word of another variant.
    Other(Box<str>),
}

open_words!(CostCategory, "cost category", {
    ServiceStaff => "service_staff",
    Marketing => "marketing",
    Survey => "survey",
});

/// What was spent on serving a customer, on one day, for one thing. Cost of goods is not part of it: that is
/// [`Transaction::cost`](super::Transaction::cost).
///
/// ```
/// use customer_value::model::{CostCategory, ServiceCost};
///
/// let cost = ServiceCost::new(42, "2024-03-01".parse()?, "7.50 EUR".parse()?, CostCategory::Marketing)?;
/// assert_eq!(cost.amount().minor(), 750);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawCost")]
pub struct ServiceCost {
    pub(super) customer: CustomerId,
    day: Day,
    amount: Money,
    category: CostCategory,
}

impl ServiceCost {
    /// A cost of zero or more.
    ///
    /// # Errors
    /// The amount is negative (`is_range`), or the category is an empty text (`is_parse`).
    pub fn new(
        customer: impl Into<CustomerId>,
        day: Day,
        amount: Money,
        category: CostCategory,
    ) -> Result<Self, Error> {
        if amount.is_negative() {
            return Err(Error::range(format!("a cost of {amount} is negative")));
        }
        Ok(Self {
            customer: customer.into(),
            day,
            amount,
            category: category.checked()?,
        })
    }

    /// Who was served.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The business day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// What it cost, zero or more.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// What it was for.
    #[must_use]
    pub const fn category(&self) -> &CostCategory {
        &self.category
    }
}

/// A service cost as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCost {
    customer: CustomerId,
    day: Day,
    amount: Money,
    category: CostCategory,
}

impl TryFrom<RawCost> for ServiceCost {
    type Error = Error;
    fn try_from(raw: RawCost) -> Result<Self, Error> {
        Self::new(raw.customer, raw.day, raw.amount, raw.category)
    }
}

/// Who began an interaction; in text `inbound` or `outbound`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The customer came to the service.
    Inbound,
    /// The service went to the customer.
    Outbound,
}

words!(Direction, "direction", { Inbound => "inbound", Outbound => "outbound" });

/// One contact between a customer and the service: a call, a mail, a visit, a click.
///
/// That somebody complained, and whether it was settled, is a [`Complaint`](super::Complaint).
///
/// ```
/// use customer_value::model::{Direction, Interaction};
///
/// let mail = Interaction::new(42, "2024-03-01".parse()?, "email", Direction::Outbound, "offer")?
///     .with_latency(3_600)
///     .with_minutes(5)
///     .with_hour(14)?;
/// assert_eq!((mail.latency_seconds(), mail.minutes(), mail.hour()), (Some(3_600), Some(5), Some(14)));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawInteraction")]
pub struct Interaction {
    pub(super) customer: CustomerId,
    day: Day,
    channel: Box<str>,
    direction: Direction,
    kind: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hour: Option<u8>,
}

impl Interaction {
    /// An interaction of some kind (`call`, `visit`, `click`, `browse`, …) through some channel.
    /// White space around both texts is dropped.
    ///
    /// # Errors
    /// The channel or the kind is empty (`is_parse`).
    pub fn new(
        customer: impl Into<CustomerId>,
        day: Day,
        channel: &str,
        direction: Direction,
        kind: &str,
    ) -> Result<Self, Error> {
        Ok(Self {
            customer: customer.into(),
            day,
            channel: required("channel", channel)?,
            direction,
            kind: required("interaction kind", kind)?,
            latency_seconds: None,
            minutes: None,
            hour: None,
        })
    }

    /// With the time until the other side answered, in whole seconds.
    #[must_use]
    pub const fn with_latency(mut self, seconds: u32) -> Self {
        self.latency_seconds = Some(seconds);
        self
    }

    /// With how long staff was busy with it, in whole minutes.
    #[must_use]
    pub const fn with_minutes(mut self, minutes: u32) -> Self {
        self.minutes = Some(minutes);
        self
    }

    /// With the hour of the day in the customer's zone, 0 to 23: at 23:59 it is 23.
    ///
    /// # Errors
    /// The hour is above 23 (`is_range`).
    pub fn with_hour(mut self, hour: u8) -> Result<Self, Error> {
        self.hour = Some(hour_of_day(hour)?);
        Ok(self)
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

    /// The channel, not empty.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// Who began it.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// What kind of contact, not empty.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The whole seconds until the other side answered; `None` if it did not, or it is not known.
    #[must_use]
    pub const fn latency_seconds(&self) -> Option<u32> {
        self.latency_seconds
    }

    /// The whole minutes that staff was busy with it; `None` if not known, as of what nobody had to do anything for.
    #[must_use]
    pub const fn minutes(&self) -> Option<u32> {
        self.minutes
    }

    /// The hour of the day in the customer's zone, 0 to 23; `None` if not known.
    #[must_use]
    pub const fn hour(&self) -> Option<u8> {
        self.hour
    }
}

/// An interaction as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInteraction {
    customer: CustomerId,
    day: Day,
    channel: String,
    direction: Direction,
    kind: String,
    latency_seconds: Option<u32>,
    minutes: Option<u32>,
    hour: Option<u8>,
}

impl TryFrom<RawInteraction> for Interaction {
    type Error = Error;
    fn try_from(raw: RawInteraction) -> Result<Self, Error> {
        let mut checked = Self::new(
            raw.customer,
            raw.day,
            &raw.channel,
            raw.direction,
            &raw.kind,
        )?;
        if let Some(seconds) = raw.latency_seconds {
            checked = checked.with_latency(seconds);
        }
        if let Some(minutes) = raw.minutes {
            checked = checked.with_minutes(minutes);
        }
        if let Some(hour) = raw.hour {
            checked = checked.with_hour(hour)?;
        }
        Ok(checked)
    }
}
