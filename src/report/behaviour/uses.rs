//! What a profile answers with.

use serde::{Deserialize, Serialize};

use super::share;

/// Whether a customer buys often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// On as many days as [`BehaviourOptions::with_frequent`](super::BehaviourOptions::with_frequent) says, or on more.
    Frequent,
    /// On fewer, but at all.
    Occasional,
}

/// What was bought of one category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryUse {
    /// The category's name.
    pub name: String,
    /// How many purchases.
    pub purchases: u64,
    /// What was paid for them, in minor units.
    pub spend: u64,
    /// Its share of the purchases whose category is known, 0 to 1.
    pub purchase_share: Option<f64>,
    /// Its share of the spend on known categories, 0 to 1; `None` if nothing was paid.
    pub spend_share: Option<f64>,
}

/// What went through one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelUse {
    /// The channel's name.
    pub name: String,
    /// How many purchases.
    pub purchases: u64,
    /// How many inbound contacts.
    pub inbound: u64,
    /// Its share of the purchases and inbound contacts whose channel is known, 0 to 1: how far it is preferred.
    pub share: Option<f64>,
    /// How many outbound contacts whose time to answer is over.
    pub judged: u64,
    /// How many of these were answered.
    pub answered: u64,
    /// How many outbound contacts whose time to answer is not over yet; they are not in `judged`.
    pub open: u64,
}

impl ChannelUse {
    /// Answered ÷ judged outbound contacts, 0 to 1; `None` if none is judged.
    #[must_use]
    pub fn response_rate(&self) -> Option<f64> {
        share(self.answered, self.judged)
    }
}

/// How long answers took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// How many contacts of which it is known.
    pub answers: u64,
    /// The mean, in hours.
    pub mean: f64,
    /// The middle one, in hours; of an even number the mean of the middle two.
    pub median: f64,
}
