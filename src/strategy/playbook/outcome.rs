//! What is to be done on a day, what is not, and why.

use serde::{Deserialize, Serialize};

use crate::model::{CustomerId, Day, Days, Money};
use crate::rules::Condition;

/// Why an action is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Why {
    /// The last contact is long enough ago.
    Cadence {
        /// How long there may be between two contacts.
        every: Days,
        /// The last contact; `None` if there was none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Day>,
    },
    /// A year or several after a date, or some days before or after that.
    Anniversary {
        /// The column of the date.
        date: String,
        /// The date.
        of: Day,
        /// Its anniversary; that of a 29 February is a 28 February where there is no other.
        anniversary: Day,
        /// How many days after the anniversary; before if negative.
        offset: Days,
    },
    /// Some days after a date, or before.
    Date {
        /// The column of the date.
        date: String,
        /// The date.
        of: Day,
        /// How many days after it; before if negative.
        offset: Days,
    },
    /// The customer has been in a stage for long enough.
    Stage {
        /// The stage.
        stage: String,
        /// The day the customer came to it.
        since: Day,
    },
    /// A rule became true.
    Rule {
        /// The rule.
        rule: String,
        /// The day it became true.
        since: Day,
        /// Its conditions as they stand for the customer.
        conditions: Vec<Condition>,
    },
}

/// Something that is to be done with a customer on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueAction {
    /// The customer.
    pub customer: CustomerId,
    /// The name of the action, under which the host records the contact.
    pub action: String,
    /// The channel it goes through.
    pub channel: String,
    /// The customer's play; `None` if no play matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub play: Option<String>,
    /// Why it is due.
    pub why: Why,
    /// Whether the contract requires it or everybody has it, so that it needs no consent.
    pub owed: bool,
    /// The expected net value: `response` × `value` − `cost`, rounded half to even. `None` if the action has no value, or it is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<Money>,
    /// What it costs.
    pub cost: Money,
}

/// Why a due action is not taken. Of several reasons it is the first in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Suppression {
    /// The customer is not to be contacted at all.
    DoNotContact,
    /// The customer has not consented to the channel, as far as is known.
    NoConsent {
        /// The channel.
        channel: String,
    },
    /// Nobody is contacted on this day.
    Quiet,
    /// It was done not long ago.
    CoolDown {
        /// The first day on which it may be again.
        until: Day,
    },
    /// What an answer is worth is not known.
    ValueUnknown,
    /// The expected net value is not above zero.
    NotWorthIt {
        /// The expected net value.
        net: Money,
    },
    /// The customer has another action of the group on the day.
    Group {
        /// That action.
        by: String,
    },
    /// The customer has as many contacts on the day as there may be.
    PerDay {
        /// How many there may be.
        at_most: u32,
    },
    /// The customer has had as many contacts as there may be.
    Cap {
        /// How many there may be.
        at_most: u32,
        /// Within how many days.
        within: Days,
        /// Through which channel; `None`: through all together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<String>,
    },
    /// The channel can make no more contacts on the day.
    Capacity {
        /// The channel.
        channel: String,
    },
    /// It costs more than is left of the budget of the day.
    Budget {
        /// What is left.
        left: Money,
    },
}

/// A due action that is not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressed {
    /// The customer.
    pub customer: CustomerId,
    /// The name of the action.
    pub action: String,
    /// The channel it would go through.
    pub channel: String,
    /// Why it is due.
    pub why: Why,
    /// Why it is not taken.
    pub because: Suppression,
}

/// What is to be done on a day, and what is not although it is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueList {
    /// The day.
    pub day: Day,
    /// What is to be done, the best first.
    pub due: Vec<DueAction>,
    /// What is not, in the order of the customers' ids, and of one customer in that of the policy.
    pub suppressed: Vec<Suppressed>,
}

impl DueList {
    /// The next best action of a customer: the first that is to be done. `None` if there is none.
    #[must_use]
    pub fn next_best(&self, customer: &CustomerId) -> Option<&DueAction> {
        self.due.iter().find(|due| due.customer == *customer)
    }
}
