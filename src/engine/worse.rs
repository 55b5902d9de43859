//! Which way is worse.

use serde::{Deserialize, Serialize};

/// Whether more or less of something is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worse {
    /// More is worse: days since the last purchase.
    More,
    /// Less is worse: the probability of being alive.
    Less,
}
