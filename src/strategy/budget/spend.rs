//! What is to be spent, or was.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{CostCategory, CustomerId, Day, Money, ServiceCost};

/// A spend on one customer on one day, with the tier and the segments they have then.
///
/// ```
/// use customer_value::model::{CostCategory, ServiceCost};
/// use customer_value::strategy::budget::Spend;
///
/// let day = "2025-03-01".parse()?;
/// let gift = Spend::new(42, day, "20.00 EUR".parse()?, CostCategory::Marketing)?
///     .with_tier("A")
///     .with_segment("north");
/// let cost = ServiceCost::new(42, day, "20.00 EUR".parse()?, CostCategory::Marketing)?;
/// assert_eq!(Spend::from(&cost).with_segment("north").with_tier("A"), gift);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawSpend")]
pub struct Spend {
    customer: CustomerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    segments: BTreeSet<String>,
    category: CostCategory,
    day: Day,
    amount: Money,
}

impl Spend {
    /// A spend of zero or more on a customer without a tier and segments.
    ///
    /// # Errors
    /// The amount is negative (`is_range`), or the category is an empty text (`is_parse`).
    pub fn new(
        customer: impl Into<CustomerId>,
        day: Day,
        amount: Money,
        category: CostCategory,
    ) -> Result<Self, Error> {
        // What a service cost may be.
        ServiceCost::new(customer, day, amount, category).map(|cost| Self::from(&cost))
    }

    /// With the tier of the customer.
    #[must_use]
    pub fn with_tier(mut self, tier: impl Into<String>) -> Self {
        self.tier = Some(tier.into());
        self
    }

    /// With one more segment that the customer is in.
    #[must_use]
    pub fn with_segment(mut self, segment: impl Into<String>) -> Self {
        self.segments.insert(segment.into());
        self
    }

    /// On whom.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The tier of the customer; `None` if they have none, or it is not known.
    #[must_use]
    pub fn tier(&self) -> Option<&str> {
        self.tier.as_deref()
    }

    /// The segments the customer is in, by name.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(String::as_str)
    }

    /// What for.
    #[must_use]
    pub const fn category(&self) -> &CostCategory {
        &self.category
    }

    /// The day it counts on.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// How much, zero or more.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }
}

impl From<&ServiceCost> for Spend {
    /// Without a tier and segments.
    fn from(cost: &ServiceCost) -> Self {
        Self {
            customer: cost.customer().clone(),
            tier: None,
            segments: BTreeSet::new(),
            category: cost.category().clone(),
            day: cost.day(),
            amount: cost.amount(),
        }
    }
}

/// A spend as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpend {
    customer: CustomerId,
    tier: Option<String>,
    #[serde(default)]
    segments: BTreeSet<String>,
    category: CostCategory,
    day: Day,
    amount: Money,
}

impl TryFrom<RawSpend> for Spend {
    type Error = Error;
    fn try_from(raw: RawSpend) -> Result<Self, Error> {
        let checked = Self::new(raw.customer, raw.day, raw.amount, raw.category)?;
        Ok(Self {
            tier: raw.tier,
            segments: raw.segments,
            ..checked
        })
    }
}
