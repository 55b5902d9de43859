//! What is remembered of a customer between reviews.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::lifecycle::StageRecord;
use crate::lifecycle::exit::ExitRecord;
use crate::model::Day;
use crate::scoring::PointLog;
use crate::tiering::{Extension, MAX_OVERRIDES, Override, People, TierRecord};

/// The version of the stored form.
const VERSION: u32 = 1;

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
    pub(super) enrolled: Option<Day>,
    pub(super) tier: Option<TierRecord>,
    pub(super) overrides: Vec<Override>,
    pub(super) extensions: Vec<Extension>,
    pub(super) stage: Option<StageRecord>,
    pub(super) exit: Option<ExitRecord>,
    /// By the name of the point score.
    pub(super) points: BTreeMap<String, PointLog>,
}

impl Standing {
    /// The latest day that was reviewed.
    #[must_use]
    pub fn reviewed(&self) -> Option<Day> {
        self.reviewed
    }

    /// The day of enrolment, if the host gave it.
    #[must_use]
    pub fn enrolled(&self) -> Option<Day> {
        self.enrolled
    }

    /// Notes the day of enrolment, from which anniversaries are counted; without it, it is the day of the first transaction.
    pub fn enrol(&mut self, on: Day) {
        self.enrolled = Some(on);
    }

    /// What people decided about the tier, in the order of the decisions.
    #[must_use]
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Notes what people decided about the tier; it counts from the next review on. A policy without that tier, or one that replaces
    /// it, does not follow it.
    ///
    /// ```
    /// use customer_value::engine::Standing;
    /// use customer_value::tiering::{Override, OverrideKind};
    ///
    /// let mut standing = Standing::default();
    /// standing.override_tier(Override {
    ///     kind: OverrideKind::Floor("gold".to_owned()),
    ///     from: "2025-03-01".parse()?,
    ///     to: None,
    ///     actor: "l.chen".to_owned(),
    ///     reason: "complaint 4711".to_owned(),
    /// })?;
    /// standing.end_override(0, "2025-06-01".parse()?)?;
    /// assert_eq!(standing.overrides()[0].to, Some("2025-06-01".parse()?));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// There are [`MAX_OVERRIDES`] already, or it ends before it begins (`is_misuse`).
    pub fn override_tier(&mut self, decided: Override) -> Result<(), Error> {
        if self.overrides.len() >= MAX_OVERRIDES {
            return Err(Error::misuse(format!(
                "a customer has at most {MAX_OVERRIDES} overrides"
            )));
        }
        if decided.to.is_some_and(|to| to <= decided.from) {
            return Err(Error::misuse("the override ends before it begins"));
        }
        self.overrides.push(decided);
        Ok(())
    }

    /// Ends an override, by its position, with the day before `to`.
    ///
    /// # Errors
    /// There is no such override (`is_misuse`).
    pub fn end_override(&mut self, position: usize, to: Day) -> Result<(), Error> {
        let Some(decided) = self.overrides.get_mut(position) else {
            return Err(Error::misuse(format!("there is no override {position}")));
        };
        // One that would end before it began was never in force.
        decided.to = Some(to.max(decided.from));
        Ok(())
    }

    /// Makes the term that runs on a day longer; it counts from the next review on. A day that is not later than the end of the
    /// term, or than the day of that review, changes nothing, and nor does an extension in the base. It ends a grace period.
    ///
    /// # Errors
    /// It is decided before an earlier extension (`is_misuse`).
    pub fn extend_term(&mut self, extension: Extension) -> Result<(), Error> {
        if self
            .extensions
            .last()
            .is_some_and(|last| extension.on < last.on)
        {
            return Err(Error::misuse(
                "the extension is decided before the one before it",
            ));
        }
        self.extensions.push(extension);
        Ok(())
    }

    /// The terms that people made longer, in the order of the decisions.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// A copy without the logs of some point scores, in whose place others come.
    pub(super) fn without_points<'n>(&self, scores: impl Iterator<Item = &'n str> + Clone) -> Self {
        let stays = |name: &str| !scores.clone().any(|score| score == name);
        let points = self.points.iter().filter(|(name, _)| stays(name));
        Self {
            reviewed: self.reviewed,
            enrolled: self.enrolled,
            tier: self.tier.clone(),
            overrides: self.overrides.clone(),
            extensions: self.extensions.clone(),
            stage: self.stage.clone(),
            exit: self.exit.clone(),
            points: points
                .map(|(name, log)| (name.clone(), log.clone()))
                .collect(),
        }
    }

    /// Nobody knows yet of points that come after a day.
    pub(super) fn forget_points_after(&mut self, day: Day) {
        for log in self.points.values_mut() {
            log.forget_after(day);
        }
    }

    /// What people decided.
    pub(super) fn people(&self) -> People<'_> {
        People {
            overrides: &self.overrides,
            extensions: &self.extensions,
        }
    }

    /// The tier and since when, and with movement everything about how it is held.
    #[must_use]
    pub fn tier(&self) -> Option<&TierRecord> {
        self.tier.as_ref()
    }

    /// The stage, since when, why, and the highest ever reached.
    #[must_use]
    pub fn stage(&self) -> Option<&StageRecord> {
        self.stage.as_ref()
    }

    /// Where the customer is on the exit ladder; `None` if not below the line.
    #[must_use]
    pub fn exit(&self) -> Option<&ExitRecord> {
        self.exit.as_ref()
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
    enrolled: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier: Option<TierRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<Override>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extensions: Vec<Extension>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stage: Option<StageRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exit: Option<ExitRecord>,
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
        if stored.overrides.len() > MAX_OVERRIDES {
            return Err(Error::misuse(format!(
                "a customer has at most {MAX_OVERRIDES} overrides"
            )));
        }
        Ok(Self {
            reviewed: stored.reviewed,
            enrolled: stored.enrolled,
            tier: stored.tier,
            overrides: stored.overrides,
            extensions: stored.extensions,
            stage: stored.stage,
            exit: stored.exit,
            points: stored.points,
        })
    }
}

impl From<Standing> for Stored {
    fn from(standing: Standing) -> Self {
        Self {
            version: VERSION,
            reviewed: standing.reviewed,
            enrolled: standing.enrolled,
            tier: standing.tier,
            overrides: standing.overrides,
            extensions: standing.extensions,
            stage: standing.stage,
            exit: standing.exit,
            points: standing.points,
        }
    }
}
