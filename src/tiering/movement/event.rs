//! Changes as an audit trail.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::overrides::OverrideKind;
use super::record::TierRecord;
use crate::model::{Currency, Day, Fingerprint, Unit};
use crate::rules::Condition;

/// Which policy decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRef {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it says, as a number.
    pub fingerprint: Fingerprint,
    /// The currency of all its amounts.
    pub currency: Currency,
}

/// One change of a customer's tier with everything it rests on: one entry of the audit trail.
///
/// The events of a customer, in their order, are all there is to know: [`TierRecord::replay`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierEvent {
    /// The day from which it holds.
    pub day: Day,
    /// What changed.
    pub change: Change,
    /// The tier the customer had before it; `None` of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The tier that was earned before it, where that is another one: an override was in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earned: Option<String>,
    /// The tier the customer has after it.
    pub tier: String,
    /// The policy that decided.
    pub policy: PolicyRef,
    /// The condition that decided, in the rule language; `None` where it was people, the calendar, or another policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Its single conditions, each with the value at the close of the day of the decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The qualifying metric at the close of the day of the decision, in its unit.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::model::exact::option"
    )]
    pub qualifying: Option<f64>,
    /// What that metric is: a measure of the catalog, or `qualifying` if it is points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The unit of the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What the window of the qualifying metric was counted from at that close, where that changes with the tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Day>,
    /// What was decided, of an override.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<OverrideKind>,
    /// The first day without it, of an override that has an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// Who decided, of an override or an extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why, of an override or an extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TierRecord {
    /// What a customer's events come to, in their order from the first on; `None` without any. It is the record that the reviews
    /// left which told of them.
    pub fn replay<'e>(events: impl IntoIterator<Item = &'e TierEvent>) -> Option<Self> {
        Self::replay_from(None, events)
    }

    /// The same from an earlier record on.
    pub fn replay_from<'e>(
        before: Option<Self>,
        events: impl IntoIterator<Item = &'e TierEvent>,
    ) -> Option<Self> {
        events.into_iter().fold(before, |record, event| {
            Some(Self::applied(
                record,
                event.day,
                event.tier.clone(),
                &event.change,
                event.policy.fingerprint,
                event.anchor,
            ))
        })
    }
}
