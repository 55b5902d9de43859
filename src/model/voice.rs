//! What customers say: answers to surveys, and referrals of others.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::text::{optional, words};
use super::{CustomerId, Day};
use crate::Error;

/// A survey question with a fixed scale; in text `nps`, `csat` or `ces`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SurveyInstrument {
    /// Net promoter score: how likely to recommend, 0 (not at all) to 10.
    Nps,
    /// Customer satisfaction, 1 (very unsatisfied) to 5.
    Csat,
    /// Customer effort score, 1 to 7; which end is easy is up to the question.
    Ces,
}

words!(SurveyInstrument, "survey instrument", { Nps => "nps", Csat => "csat", Ces => "ces" });

impl SurveyInstrument {
    /// The answers it allows.
    #[must_use]
    pub const fn range(self) -> RangeInclusive<u8> {
        match self {
            Self::Nps => 0..=10,
            Self::Csat => 1..=5,
            Self::Ces => 1..=7,
        }
    }
}

/// One customer's answer to one survey question.
///
/// ```
/// use customer_value::model::{SurveyAnswer, SurveyInstrument};
///
/// let answer = SurveyAnswer::new(42, "2024-03-01".parse()?, SurveyInstrument::Nps, 9)?
///     .with_topic("delivery");
/// assert_eq!(answer.answer(), 9);
/// assert!(SurveyAnswer::new(42, answer.day(), SurveyInstrument::Nps, 11).unwrap_err().is_range());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawAnswer")]
pub struct SurveyAnswer {
    pub(super) customer: CustomerId,
    day: Day,
    instrument: SurveyInstrument,
    answer: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<Box<str>>,
}

impl SurveyAnswer {
    /// An answer on the scale of the instrument.
    ///
    /// # Errors
    /// The answer is outside [`SurveyInstrument::range`] (`is_range`).
    pub fn new(
        customer: impl Into<CustomerId>,
        day: Day,
        instrument: SurveyInstrument,
        answer: u8,
    ) -> Result<Self, Error> {
        let range = instrument.range();
        if !range.contains(&answer) {
            return Err(Error::range(format!(
                "the {instrument} answer {answer} is outside {} to {}",
                range.start(),
                range.end()
            )));
        }
        Ok(Self {
            customer: customer.into(),
            day,
            instrument,
            answer,
            topic: None,
        })
    }

    /// With what was asked about; a blank text means that it is not known.
    #[must_use]
    pub fn with_topic(mut self, topic: &str) -> Self {
        self.topic = optional(topic);
        self
    }

    /// Who answered.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The business day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// The question's scale.
    #[must_use]
    pub const fn instrument(&self) -> SurveyInstrument {
        self.instrument
    }

    /// The answer, within [`SurveyInstrument::range`].
    #[must_use]
    pub const fn answer(&self) -> u8 {
        self.answer
    }

    /// What was asked about; `None` if not known.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }
}

/// A survey answer as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAnswer {
    customer: CustomerId,
    day: Day,
    instrument: SurveyInstrument,
    answer: u8,
    topic: Option<String>,
}

impl TryFrom<RawAnswer> for SurveyAnswer {
    type Error = Error;
    fn try_from(raw: RawAnswer) -> Result<Self, Error> {
        let checked = Self::new(raw.customer, raw.day, raw.instrument, raw.answer)?;
        Ok(match raw.topic {
            Some(topic) => checked.with_topic(&topic),
            None => checked,
        })
    }
}

/// Whether the referee would have come anyway; in text `type_one` or `type_two`.
///
/// The distinction is that of Kumar, Petersen & Leone, "How valuable is word of mouth?" (2007).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferralKind {
    /// The referee would not have come otherwise: the referrer is credited with the referee's own value too.
    TypeOne,
    /// The referee would have come anyway: the referrer is credited with the acquisition cost saved only.
    TypeTwo,
}

words!(ReferralKind, "referral kind", { TypeOne => "type_one", TypeTwo => "type_two" });

/// One customer brought another.
///
/// ```
/// use customer_value::model::{Referral, ReferralKind};
///
/// let referral = Referral::new(42, 43, "2024-03-01".parse()?, ReferralKind::TypeOne)?;
/// assert_eq!(referral.referee().as_number(), Some(43));
/// assert!(Referral::new(42, 42, referral.day(), ReferralKind::TypeOne).is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawReferral")]
pub struct Referral {
    referrer: CustomerId,
    referee: CustomerId,
    day: Day,
    kind: ReferralKind,
}

impl Referral {
    /// `referrer` brought `referee`.
    ///
    /// # Errors
    /// Both are the same customer (`is_range`).
    pub fn new(
        referrer: impl Into<CustomerId>,
        referee: impl Into<CustomerId>,
        day: Day,
        kind: ReferralKind,
    ) -> Result<Self, Error> {
        let (referrer, referee) = (referrer.into(), referee.into());
        if referrer == referee {
            return Err(Error::range(format!(
                "customer `{referrer}` cannot refer themselves"
            )));
        }
        Ok(Self {
            referrer,
            referee,
            day,
            kind,
        })
    }

    /// Who brought the other.
    #[must_use]
    pub const fn referrer(&self) -> &CustomerId {
        &self.referrer
    }

    /// Who was brought.
    #[must_use]
    pub const fn referee(&self) -> &CustomerId {
        &self.referee
    }

    /// The business day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Whether the referee would have come anyway.
    #[must_use]
    pub const fn kind(&self) -> ReferralKind {
        self.kind
    }
}

/// A referral as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReferral {
    referrer: CustomerId,
    referee: CustomerId,
    day: Day,
    kind: ReferralKind,
}

impl TryFrom<RawReferral> for Referral {
    type Error = Error;
    fn try_from(raw: RawReferral) -> Result<Self, Error> {
        Self::new(raw.referrer, raw.referee, raw.day, raw.kind)
    }
}
