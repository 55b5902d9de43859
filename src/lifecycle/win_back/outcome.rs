//! The list: who is addressed, and who is not and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{CustomerId, Day, Money};

/// Somebody who is to be won back, and with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The customer.
    pub customer: CustomerId,
    /// The name of the offer.
    pub offer: String,
    /// Its class.
    pub class: String,
    /// The channel it goes through.
    pub channel: String,
    /// The net value: `response` × (`value` − `cost_if_won`) − `cost`, rounded half to even.
    pub net: Money,
    /// What the customer is worth who comes back.
    pub value: Money,
    /// The share of those addressed who come back because of the offer.
    pub response: f64,
    /// What addressing the customer costs.
    pub cost: Money,
    /// What the customer is given who comes back.
    pub cost_if_won: Money,
}

/// Why a candidate is not addressed. Of several reasons it is the first in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Suppression {
    /// They have come back already, as far as is known.
    Returned {
        /// The day of the first purchase that the review does not know of.
        on: Day,
    },
    /// They were attempted not long ago.
    CoolDown {
        /// The first day on which they may be again.
        until: Day,
    },
    /// They were attempted often enough.
    AttemptsUsed {
        /// How often since the last purchase.
        attempts: u32,
    },
    /// No offer is for them.
    NoOpenOffer,
    /// What they are worth is not known.
    ValueUnknown,
    /// What is won does not make up for what it costs.
    NotWorthIt {
        /// The best net value of the offers that are open to them.
        best: Money,
    },
    /// Others with greater net values have used up their offers, or the list.
    Limit {
        /// The net value of the offer they would have got.
        best: Money,
    },
}

/// A candidate who is not addressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressed {
    /// The customer.
    pub customer: CustomerId,
    /// Why not.
    pub because: Suppression,
}

impl fmt::Display for Suppressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.customer, self.because)
    }
}

/// Who is to be won back with what, and which candidates are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinBackList {
    /// The day of the review.
    pub as_of: Day,
    /// Who is addressed: the greatest net value first, of equal ones by customer id.
    pub chosen: Vec<Chosen>,
    /// The candidates who are not, by customer id.
    pub suppressed: Vec<Suppressed>,
}

impl WinBackList {
    /// Why a candidate is not addressed; `None` if they are, or are not a candidate.
    #[must_use]
    pub fn suppressed(&self, customer: &CustomerId) -> Option<Suppression> {
        let found = self
            .suppressed
            .binary_search_by(|one| one.customer.cmp(customer));
        self.suppressed.get(found.ok()?).map(|one| one.because)
    }
}
