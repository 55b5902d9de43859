//! What a policy says about churn.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{Days, Unit};

/// The number that a method goes by.
///
/// All of them are over the customer's lifetime up to the day of the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChurnMeasure {
    /// [`days_since_last`](crate::metrics::recency::days_since_last).
    DaysSinceLast,
    /// [`churn_factor`](crate::metrics::churn::churn_factor): days since the last purchase ÷ the customer's median gap.
    ChurnFactor,
    /// [`gap_percentile`](crate::metrics::churn::gap_percentile): among the customer's own gaps.
    GapPercentile,
    /// 100 × the share of the gaps of all customers that are strictly shorter than the time since the last purchase; see
    /// [`GapDistribution`](super::GapDistribution).
    PopulationGapPercentile,
    /// Days since the last purchase ÷ the customer's own [`lapse_point`](crate::metrics::gaps::lapse_point).
    LapseShare,
    /// The probability of being alive, that is, of buying again at any time, as predicted; less is worse.
    PAlive,
    /// The probability of at least one purchase within the horizon of the prediction; less is worse.
    PPurchase,
}

impl ChurnMeasure {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::DaysSinceLast,
        Self::ChurnFactor,
        Self::GapPercentile,
        Self::PopulationGapPercentile,
        Self::LapseShare,
        Self::PAlive,
        Self::PPurchase,
    ];

    /// The word in a policy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DaysSinceLast => "days_since_last",
            Self::ChurnFactor => "churn_factor",
            Self::GapPercentile => "gap_percentile",
            Self::PopulationGapPercentile => "population_gap_percentile",
            Self::LapseShare => "lapse_share",
            Self::PAlive => "p_alive",
            Self::PPurchase => "p_purchase",
        }
    }

    /// What the number counts.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::DaysSinceLast => Unit::Days,
            Self::ChurnFactor | Self::LapseShare => Unit::Ratio,
            Self::GapPercentile | Self::PopulationGapPercentile => Unit::Percent,
            Self::PAlive | Self::PPurchase => Unit::Share,
        }
    }

    /// Whether less is worse; of all others, more is.
    #[must_use]
    pub const fn less_is_worse(self) -> bool {
        self.predicted()
    }

    /// Whether it is made by a prediction: of a customer all such are known, or none.
    pub(super) const fn predicted(self) -> bool {
        matches!(self, Self::PAlive | Self::PPurchase)
    }

    /// How many active days it takes for the number to be known.
    pub(super) const fn own_need(self) -> u32 {
        match self {
            Self::DaysSinceLast
            | Self::PopulationGapPercentile
            | Self::PAlive
            | Self::PPurchase => 1,
            Self::ChurnFactor | Self::GapPercentile | Self::LapseShare => 2,
        }
    }

    /// The columns it is made of, each with its unit.
    pub(super) const fn columns(self) -> &'static [(&'static str, Unit)] {
        const SILENCE: (&str, Unit) = ("days_since_last", Unit::Days);
        match self {
            Self::DaysSinceLast | Self::PopulationGapPercentile => &[SILENCE],
            Self::ChurnFactor => &[("churn_factor", Unit::Ratio)],
            Self::GapPercentile => &[("gap_percentile", Unit::Percent)],
            Self::LapseShare => &[SILENCE, ("lapse_point", Unit::Days)],
            Self::PAlive => &[("p_alive", Unit::Share)],
            Self::PPurchase => &[("p_purchase", Unit::Share)],
        }
    }
}

impl fmt::Display for ChurnMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The column that every method reads.
pub(super) const ACTIVE_DAYS: (&str, Unit) = ("active_days", Unit::Count);

/// One way of telling how far a customer has gone.
///
/// The thresholds are where the levels begin, in the unit of the number; they get worse in the order of the fields.
/// `at_risk` or `lost` has to be there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChurnMethodSpec {
    /// The number.
    pub by: ChurnMeasure,
    /// How many active days a customer needs for the method to answer, 1 or more; if left out, 4 where the number is one of the
    /// customer's own rhythm, 2 among the gaps of the population, and 1 otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_active_days: Option<u32>,
    /// Where [`Cooling`](super::ChurnLevel::Cooling) begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooling: Option<f64>,
    /// Where [`AtRisk`](super::ChurnLevel::AtRisk) begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk: Option<f64>,
    /// Where [`HighlyAtRisk`](super::ChurnLevel::HighlyAtRisk) begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highly_at_risk: Option<f64>,
    /// Where [`Lost`](super::ChurnLevel::Lost) begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<f64>,
}

impl ChurnMethodSpec {
    /// A method without thresholds yet.
    #[must_use]
    pub fn new(by: ChurnMeasure) -> Self {
        Self {
            by,
            min_active_days: None,
            cooling: None,
            at_risk: None,
            highly_at_risk: None,
            lost: None,
        }
    }

    /// The same method for customers with at least so many active days.
    #[must_use]
    pub fn min_active_days(mut self, days: u32) -> Self {
        self.min_active_days = Some(days);
        self
    }

    /// The same method, cooling from there on.
    #[must_use]
    pub fn cooling(mut self, at: f64) -> Self {
        self.cooling = Some(at);
        self
    }

    /// The same method, at risk from there on.
    #[must_use]
    pub fn at_risk(mut self, at: f64) -> Self {
        self.at_risk = Some(at);
        self
    }

    /// The same method, highly at risk from there on.
    #[must_use]
    pub fn highly_at_risk(mut self, at: f64) -> Self {
        self.highly_at_risk = Some(at);
        self
    }

    /// The same method, lost from there on.
    #[must_use]
    pub fn lost(mut self, at: f64) -> Self {
        self.lost = Some(at);
        self
    }

    /// The thresholds, from the mildest level to the worst.
    pub(super) fn thresholds(&self) -> [Option<f64>; 4] {
        [self.cooling, self.at_risk, self.highly_at_risk, self.lost]
    }

    /// How many active days it takes for an answer.
    pub(super) fn need(&self) -> u32 {
        let usual = match self.by {
            // Three gaps are the least that make a rhythm.
            ChurnMeasure::ChurnFactor | ChurnMeasure::GapPercentile | ChurnMeasure::LapseShare => 4,
            // The gaps are of people who came back.
            ChurnMeasure::PopulationGapPercentile => 2,
            ChurnMeasure::DaysSinceLast | ChurnMeasure::PAlive | ChurnMeasure::PPurchase => 1,
        };
        self.min_active_days
            .unwrap_or(usual)
            .max(self.by.own_need())
    }
}

/// How a policy tells who is leaving: the section `[churn]`. What each part means is defined in
/// [`docs::churn`](crate::docs::churn).
///
/// ```
/// use customer_value::lifecycle::churn::{ChurnMeasure, ChurnMethodSpec, ChurnSpec};
///
/// let read: ChurnSpec = toml::from_str(r#"
///     methods = [
///         { by = "p_purchase", min_active_days = 2, at_risk = 0.5, lost = 0.2 },
///         { by = "days_since_last", cooling = 60, at_risk = 120, highly_at_risk = 180, lost = 240 },
///     ]
/// "#)?;
/// let written = ChurnSpec::new([
///     ChurnMethodSpec::new(ChurnMeasure::PPurchase).min_active_days(2).at_risk(0.5).lost(0.2),
///     ChurnMethodSpec::new(ChurnMeasure::DaysSinceLast).cooling(60.0).at_risk(120.0).highly_at_risk(180.0).lost(240.0),
/// ]);
/// assert_eq!(read, written);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChurnSpec {
    /// How long the recent window of the evidence is.
    #[serde(default = "quarter")]
    pub recent: Days,
    /// How long the window before it is, with which the recent one is compared; not shorter.
    #[serde(default = "year")]
    pub baseline: Days,
    /// The methods, in the order in which they are tried; the first that has enough data about a customer answers.
    #[serde(default)]
    pub methods: Vec<ChurnMethodSpec>,
}

fn quarter() -> Days {
    Days::new(90)
}

fn year() -> Days {
    Days::new(365)
}

impl ChurnSpec {
    /// These methods, and the last 90 days compared with the 365 before them.
    #[must_use]
    pub fn new(methods: impl IntoIterator<Item = ChurnMethodSpec>) -> Self {
        Self {
            recent: quarter(),
            baseline: year(),
            methods: methods.into_iter().collect(),
        }
    }

    /// The names of the columns it reads, ascending. `p_alive` and `p_purchase` are made by a prediction, all others are measures over the
    /// lifetime.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<&'static str> {
        let of = |method: &ChurnMethodSpec| method.by.columns().iter().map(|(name, _)| *name);
        let first = (!self.methods.is_empty()).then_some(ACTIVE_DAYS.0);
        first
            .into_iter()
            .chain(self.methods.iter().flat_map(of))
            .collect()
    }
}
