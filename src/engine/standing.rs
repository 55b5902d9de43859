//! What is remembered of a customer between reviews.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::lifecycle::StageRecord;
use crate::model::Day;
use crate::scoring::PointLog;

/// The version of the stored form.
const VERSION: u32 = 1;

/// The tier a customer is in, by name, so that it outlives the policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRecord {
    /// The tier.
    pub tier: String,
    /// The day of the review that put the customer there.
    pub since: Day,
}

/// What is remembered of a customer between reviews. The caller stores it beside the
/// [`History`](crate::history::History); a new customer has the default, empty one.
///
/// ```
/// use customer_value::engine::Standing;
///
/// let standing = Standing::default();
/// let stored = serde_json::to_string(&standing).unwrap();
/// assert_eq!(stored, r#"{"version":1}"#);
/// assert_eq!(serde_json::from_str::<Standing>(&stored).unwrap(), standing);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Standing {
    pub(super) reviewed: Option<Day>,
    pub(super) tier: Option<TierRecord>,
    pub(super) stage: Option<StageRecord>,
    /// By the name of the point score.
    pub(super) points: BTreeMap<String, PointLog>,
}

impl Standing {
    /// The day of the last review.
    #[must_use]
    pub fn reviewed(&self) -> Option<Day> {
        self.reviewed
    }

    /// The tier and since when.
    #[must_use]
    pub fn tier(&self) -> Option<&TierRecord> {
        self.tier.as_ref()
    }

    /// The stage, since when, why, and the highest ever reached.
    #[must_use]
    pub fn stage(&self) -> Option<&StageRecord> {
        self.stage.as_ref()
    }

    /// The log of a point score.
    #[must_use]
    pub fn points(&self, score: &str) -> Option<&PointLog> {
        self.points.get(score)
    }

    /// The log of a point score, for triggers that only the host knows (a survey answered, a referral).
    pub fn points_mut(&mut self, score: &str) -> &mut PointLog {
        self.points.entry(score.to_owned()).or_default()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reviewed: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier: Option<TierRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stage: Option<StageRecord>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    points: BTreeMap<String, PointLog>,
}

impl TryFrom<Stored> for Standing {
    type Error = Error;
    fn try_from(stored: Stored) -> Result<Self, Error> {
        if stored.version != VERSION {
            return Err(Error::misuse(format!(
                "a standing of version {}; this library reads version {VERSION}",
                stored.version
            )));
        }
        Ok(Self {
            reviewed: stored.reviewed,
            tier: stored.tier,
            stage: stored.stage,
            points: stored.points,
        })
    }
}

impl From<Standing> for Stored {
    fn from(standing: Standing) -> Self {
        Self {
            version: VERSION,
            reviewed: standing.reviewed,
            tier: standing.tier,
            stage: standing.stage,
            points: standing.points,
        }
    }
}
