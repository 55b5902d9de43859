//! What a policy says about movement.

use serde::{Deserialize, Serialize};

use super::term::{Anniversary, MonthDay};
use crate::model::{Day, Days, Span};
use crate::summary::{Period, Window};

/// How tiers are entered, held, kept and lost: the section `[movement]` of a policy. What each part means is defined in
/// [`docs::movement`](crate::docs::movement).
///
/// ```
/// use customer_value::tiering::{Downgrade, MovementSpec};
///
/// let movement: MovementSpec = toml::from_str(r#"
///     qualifying = { measure = "spend", window = "this year" }
///     term = { end_of = "year", next = true }
///     downgrade = "one_step"
/// "#)?;
/// assert_eq!(movement.downgrade, Downgrade::OneStep);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovementSpec {
    /// The number that tiers are entered and kept by: the column `qualifying`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifying: Option<QualifyingSpec>,
    /// When an upgrade takes effect.
    #[serde(default)]
    pub upgrade: UpgradeTiming,
    /// Whether an upgrade begins a new term.
    #[serde(default = "yes")]
    pub upgrade_restarts_term: bool,
    /// How long a tier is held for certain; without it there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<TermSpec>,
    /// When the keep condition is asked; at the end of the term if there is one, else always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewTiming>,
    /// Which reviews renew the term, and from when.
    #[serde(default)]
    pub renew: Renewal,
    /// From the start of a tier, the time before which it is not lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Span>,
    /// How long a tier is kept after the keep condition was found not to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<GraceSpec>,
    /// How far down a customer falls.
    #[serde(default)]
    pub downgrade: Downgrade,
    /// What becomes of the metric after a review that was due.
    #[serde(default)]
    pub after_review: Afterwards,
    /// What becomes of the metric after an upgrade.
    #[serde(default)]
    pub after_upgrade: Afterwards,
    /// What a refund does to the tier it helped to reach.
    #[serde(default)]
    pub refunds: Refunds,
    /// What happens to tiers that another policy gave.
    #[serde(default)]
    pub policy_change: PolicyChange,
    /// How long before the end of a term to say that the tier will be lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Days>,
}

fn yes() -> bool {
    true
}

impl MovementSpec {
    /// Whether something counts from the last review, so that it has to be known also where it changes nothing.
    pub(super) fn counts_from_review(&self) -> bool {
        let qualifying = self.qualifying.as_ref();
        qualifying.is_some_and(|q| q.anchor == Some(Anchor::LastReview))
    }
}

impl Default for MovementSpec {
    /// Nothing qualifies, upgrades are immediate, every review asks everything, and who does not meet the keep condition falls
    /// to the tier they qualify for.
    fn default() -> Self {
        Self {
            qualifying: None,
            upgrade: UpgradeTiming::default(),
            upgrade_restarts_term: true,
            term: None,
            review: None,
            renew: Renewal::default(),
            hold: None,
            grace: None,
            downgrade: Downgrade::default(),
            after_review: Afterwards::default(),
            after_upgrade: Afterwards::default(),
            refunds: Refunds::default(),
            policy_change: PolicyChange::default(),
            notices: Vec::new(),
        }
    }
}

/// The qualifying metric: a measure, or the points of a point score, over a window that may be anchored to something of the
/// customer's own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualifyingSpec {
    /// A name of the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The product category, where the measure takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The name of a point score, instead of a measure: what its rules gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
    /// Which days count, if not from an anchor; the lifetime if neither is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// What the days are counted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// How long a window from the anchor is; another one follows each. Without it there is one that does not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Span>,
}

/// What the days of a window are counted from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The day the host gave as that of enrolment, else the first transaction.
    Enrolment,
    /// A date attribute of the customer.
    Attribute(String),
    /// A day that is the same for everybody.
    Cycle(Day),
    /// The day the present tier began.
    TierStart,
    /// The last change of tier.
    LastChange,
    /// The last review of the keep condition.
    LastReview,
    /// The start of the present term.
    Term,
}

impl Anchor {
    /// Whether it changes with the tier and how it is held.
    pub(crate) fn moves(&self) -> bool {
        matches!(
            self,
            Self::TierStart | Self::LastChange | Self::LastReview | Self::Term
        )
    }
}

/// When an upgrade takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpgradeTiming {
    /// At once.
    #[default]
    Immediately,
    /// On the first day of the next period of the calendar.
    NextPeriod(Period),
    /// At the next review of the keep condition.
    AtReview,
}

/// When the keep condition is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewTiming {
    /// At the end of the term.
    TermEnd,
    /// At every start of a period of the calendar, and at the end of a term.
    Every(Period),
    /// On every day that is looked at.
    Always,
}

/// Which reviews renew a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// The one at its end; the new term begins there.
    #[default]
    FromEnd,
    /// Every one; the new term begins with the review.
    FromReview,
}

/// How long a term is, as a policy writes it: a length, perhaps moved up to the end of a period or to an anniversary; or the
/// end of a period, days of the year, or an anniversary alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermSpec {
    /// A length from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Span>,
    /// With a length: moved up to the end of a period of the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Period>,
    /// The end of a period of the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of: Option<Period>,
    /// With `end_of`: of the next period and not of the present one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub next: bool,
    /// Days of the year; the term ends before the next of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<MonthDay>,
    /// An anniversary; with a length, the first one that is not before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anniversary: Option<Anniversary>,
}

/// How long a tier is kept after disqualification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraceSpec {
    /// A length from the disqualification.
    pub length: Span,
    /// Moved up to the end of a period of the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Period>,
}

/// How far down a customer falls.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downgrade {
    /// Nowhere.
    None,
    /// One tier.
    OneStep,
    /// To the tier they qualify for.
    #[default]
    ToQualified,
    /// To the base.
    ToBase,
    /// To the tier they qualify for, but not below this one.
    Floor(String),
}

/// What becomes of the metric.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Afterwards {
    /// It goes on.
    #[default]
    Kept,
    /// It begins at zero.
    Reset,
    /// What is above the entry threshold of the tier is carried over.
    Reduced(Carry),
    /// All of it is carried over and loses half of its worth with every such time.
    HalfLife(Days),
}

/// What is carried over.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carry {
    /// The most; a cap of 0 carries nothing, and without one there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
}

/// What a refund does to the tier it helped to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    /// It takes the tier back.
    #[default]
    Now,
    /// It counts at the next review of the keep condition.
    AtReview,
    /// It never counts.
    Ignore,
}

/// What happens to tiers that another policy gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyChange {
    /// How this policy takes over.
    #[serde(default)]
    pub how: TakeOver,
    /// The first day of it; before, tiers stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
}

/// How a policy takes over tiers that another one gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeOver {
    /// Tiers and terms stay; the new rules apply from the next review or upgrade.
    #[default]
    Grandfather,
    /// Who qualifies for a higher tier has it at once; else as with grandfathering.
    UpOnly,
    /// Everybody is put where they qualify.
    Full,
}
