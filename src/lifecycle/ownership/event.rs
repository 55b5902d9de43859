//! What happened, and what may not.

use serde::{Deserialize, Serialize};

use super::record::{Lock, Ownership, ReturnReason};
use crate::model::{Day, Fingerprint};

/// One change of who a customer belongs to, or a notice of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnershipEvent {
    /// The day on which it happened: the exact one, however late the review that found out.
    pub day: Day,
    /// What happened.
    pub change: OwnershipChange,
    /// The rules that were in force on that day: what [`OwnershipRules::fingerprint`](super::OwnershipRules::fingerprint) says.
    pub rules: Fingerprint,
}

/// What happened to who a customer belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum OwnershipChange {
    /// Somebody took the customer from the pool.
    Claimed {
        /// Who.
        owner: String,
    },
    /// The owner will lose the customer on a day if nothing else happens. A later warning for the same reason moves the day.
    Warned {
        /// Who.
        owner: String,
        /// Why.
        reason: ReturnReason,
        /// When.
        returns_on: Day,
    },
    /// The warning does not hold any more.
    WarningWithdrawn {
        /// Who was warned.
        owner: String,
        /// Of what.
        reason: ReturnReason,
    },
    /// The customer is back in the pool, from the start of the day.
    Returned {
        /// Who lost the customer.
        owner: String,
        /// Why.
        reason: ReturnReason,
    },
    /// The owner gave the customer back to the pool.
    Released {
        /// Who.
        owner: String,
    },
    /// The customer does not change hands.
    Locked(Lock),
    /// The customer changes hands again.
    Unlocked,
    /// The deal was closed.
    Closed,
    /// The closed deal was opened again.
    Reopened,
}

/// What is remembered after something happened, and the events of it, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "what is remembered now has to be stored"]
pub struct Outcome {
    /// What is remembered now.
    pub ownership: Ownership,
    /// What happened, the earliest first. Where a review was overdue, what that makes up for comes first.
    pub events: Vec<OwnershipEvent>,
}

/// Why somebody may not claim, or give back, a customer. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Refusal {
    /// The deal is closed.
    #[error("the deal with the customer is closed")]
    Closed,
    /// Somebody has the customer, perhaps the one who asks.
    #[error("the customer is held by `{by}`")]
    Held {
        /// Who.
        by: String,
    },
    /// Nobody has the customer.
    #[error("nobody holds the customer")]
    NotHeld,
    /// The customer does not change hands.
    #[error("the customer is locked{}", until.map_or_else(String::new, |day| format!(" until {day}")))]
    Locked {
        /// The first day on which they do again; `None`: not before they are unlocked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Day>,
    },
    /// The one who asks had the customer not long ago.
    #[error("a former owner cannot claim the customer before {until}")]
    Barred {
        /// The first day on which they may claim them.
        until: Day,
    },
    /// The one who asks holds as many customers as they may.
    #[error("the owner holds the most customers allowed, {limit}")]
    HoldingLimit {
        /// How many that is.
        limit: u32,
    },
    /// The one who asks has claimed as many customers on this day as they may.
    #[error(
        "the owner has made the most claims allowed in a day, {limit}; the next day is {until}"
    )]
    DailyLimit {
        /// How many that is.
        limit: u32,
        /// The first day on which they may claim again.
        until: Day,
    },
}

/// What somebody who claims a customer has already: the host counts it.
///
/// Review the customers first: one that is due to return counts as long as nobody has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// How many customers they hold, closed deals included.
    pub held: u32,
    /// How many of those are closed deals.
    pub closed: u32,
    /// How many they have claimed on this day, whether they still have them or not.
    pub claimed_today: u32,
}

impl Load {
    /// Counts what an owner holds, of what is remembered of all customers; `claimed_today` is how many claims of theirs there
    /// were on this day.
    pub fn of<'a>(
        owner: &str,
        all: impl IntoIterator<Item = &'a Ownership>,
        claimed_today: u32,
    ) -> Self {
        let mut load = Self {
            claimed_today,
            ..Self::default()
        };
        for ownership in all.into_iter().filter(|o| o.owner() == Some(owner)) {
            load.held = load.held.saturating_add(1);
            let closed = u32::from(ownership.closed.is_some());
            load.closed = load.closed.saturating_add(closed);
        }
        load
    }

    /// The same after one more claim: for several in a row.
    #[must_use]
    pub fn after_claim(self) -> Self {
        Self {
            held: self.held.saturating_add(1),
            claimed_today: self.claimed_today.saturating_add(1),
            ..self
        }
    }
}
