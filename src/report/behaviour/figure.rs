//! The numbers about behaviour.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::options::BehaviourOptions;
use super::profile::Profile;
use crate::model::{Direction, Unit};

/// One number about behaviour; in text and in serde its name, such as `interaction_rate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Figure {
    /// Purchases per customer.
    Purchases,
    /// Days with a purchase per customer.
    ActiveDays,
    /// Contacts in both directions per customer.
    Contacts,
    /// [`Profile::interaction_rate`].
    InteractionRate,
    /// [`Profile::decayed_activity`].
    DecayedActivity,
    /// [`Profile::frequent_share`]; of one customer 1 or 0.
    FrequentShare,
    /// The median [`Profile::latency`] of outbound contacts: how long customers take to answer.
    CustomerLatency,
    /// The median [`Profile::latency`] of inbound contacts: how long the service takes to answer.
    ServiceLatency,
    /// [`Profile::response_rate`].
    ResponseRate,
    /// [`Profile::category_concentration`].
    CategoryConcentration,
    /// [`Profile::discount_share`].
    DiscountShare,
    /// [`Profile::discounted_purchases`].
    DiscountedPurchases,
    /// [`Profile::price_index`].
    PriceIndex,
    /// [`Profile::gap_variation`].
    GapVariation,
    /// [`Profile::regularity`].
    Regularity,
    /// [`Profile::browse_to_buy`].
    BrowseToBuy,
}

impl Figure {
    /// All, in the order of a report.
    pub const ALL: [Self; 16] = [
        Self::Purchases,
        Self::ActiveDays,
        Self::Contacts,
        Self::InteractionRate,
        Self::DecayedActivity,
        Self::FrequentShare,
        Self::CustomerLatency,
        Self::ServiceLatency,
        Self::ResponseRate,
        Self::CategoryConcentration,
        Self::DiscountShare,
        Self::DiscountedPurchases,
        Self::PriceIndex,
        Self::GapVariation,
        Self::Regularity,
        Self::BrowseToBuy,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Purchases => "purchases",
            Self::ActiveDays => "active_days",
            Self::Contacts => "contacts",
            Self::InteractionRate => "interaction_rate",
            Self::DecayedActivity => "decayed_activity",
            Self::FrequentShare => "frequent_share",
            Self::CustomerLatency => "customer_latency",
            Self::ServiceLatency => "service_latency",
            Self::ResponseRate => "response_rate",
            Self::CategoryConcentration => "category_concentration",
            Self::DiscountShare => "discount_share",
            Self::DiscountedPurchases => "discounted_purchases",
            Self::PriceIndex => "price_index",
            Self::GapVariation => "gap_variation",
            Self::Regularity => "regularity",
            Self::BrowseToBuy => "browse_to_buy",
        }
    }

    /// What it counts.
    #[must_use]
    pub const fn unit(self, options: &BehaviourOptions) -> Unit {
        match self {
            Self::Purchases | Self::ActiveDays | Self::Contacts => Unit::Count,
            Self::InteractionRate => Unit::CountPer(options.per()),
            Self::DecayedActivity => Unit::Points,
            Self::CustomerLatency | Self::ServiceLatency => Unit::Hours,
            Self::FrequentShare
            | Self::ResponseRate
            | Self::CategoryConcentration
            | Self::DiscountShare
            | Self::DiscountedPurchases
            | Self::PriceIndex => Unit::Share,
            Self::GapVariation | Self::Regularity | Self::BrowseToBuy => Unit::Ratio,
        }
    }

    /// What it is of a profile; `None` where it is not known.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // beyond 2^53 the rounding of a count is no matter
    pub fn of(self, profile: &Profile) -> Option<f64> {
        let median = |direction| profile.latency(direction).map(|latency| latency.median);
        let per_customer = |n: u64| {
            let customers = profile.customers();
            (customers > 0).then(|| n as f64 / customers as f64)
        };
        match self {
            Self::Purchases => per_customer(profile.purchases()),
            Self::ActiveDays => per_customer(profile.active_days()),
            Self::Contacts => per_customer(profile.contacts()),
            Self::InteractionRate => profile.interaction_rate(),
            Self::DecayedActivity => profile.decayed_activity(),
            Self::FrequentShare => profile.frequent_share(),
            Self::CustomerLatency => median(Direction::Outbound),
            Self::ServiceLatency => median(Direction::Inbound),
            Self::ResponseRate => profile.response_rate(),
            Self::CategoryConcentration => profile.category_concentration(),
            Self::DiscountShare => profile.discount_share(),
            Self::DiscountedPurchases => profile.discounted_purchases(),
            Self::PriceIndex => profile.price_index(),
            Self::GapVariation => profile.gap_variation(),
            Self::Regularity => profile.regularity(),
            Self::BrowseToBuy => profile.browse_to_buy(),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
