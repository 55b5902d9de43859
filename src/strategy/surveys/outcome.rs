//! The list: who is asked what, who is not and why, and what the host keeps of it.

use serde::{Deserialize, Serialize};

use super::spec::TriggerEvent;
use crate::model::{CustomerId, Day, SurveyInstrument};

/// A customer was asked to answer a survey: what the host keeps of every invitation that it sends, answered or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Who was asked.
    pub customer: CustomerId,
    /// The business day.
    pub day: Day,
    /// The name of the survey.
    pub survey: String,
}

impl Invitation {
    /// An invitation to a survey on a day.
    pub fn new(customer: impl Into<CustomerId>, day: Day, survey: impl Into<String>) -> Self {
        Self {
            customer: customer.into(),
            day,
            survey: survey.into(),
        }
    }
}

/// Why a survey is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Because {
    /// It is asked regularly, and the customer was never asked before.
    First,
    /// It is asked regularly, and it is time again.
    Again {
        /// The last invitation before.
        last: Day,
    },
    /// Something happened.
    After {
        /// What.
        event: TriggerEvent,
        /// When.
        on: Day,
    },
}

/// Somebody who is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// The customer.
    pub customer: CustomerId,
    /// The name of the survey.
    pub survey: String,
    /// What is asked.
    pub instrument: SurveyInstrument,
    /// What it is asked about, if it is about something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Why now.
    pub because: Because,
}

/// Why somebody is not asked. Of several reasons it is the first in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Suppression {
    /// They did not agree to be asked, or it is not known.
    NoConsent,
    /// They are not in the sample of the survey.
    NotSampled,
    /// Nobody is asked on that day.
    Quiet,
    /// They have an invitation of that day.
    Today {
        /// To which survey.
        survey: String,
    },
    /// They were invited since the event.
    Asked {
        /// When first.
        on: Day,
    },
    /// They were, or will be, invited to the same survey too near to that day.
    Cadence {
        /// The first day after it that is far enough from all invitations, as far as the calendar goes.
        until: Day,
    },
    /// They have as many invitations as they may have.
    Cap {
        /// The first day after it on which they may have another one, as far as the calendar goes.
        until: Day,
    },
    /// Another survey is due that comes first.
    Outranked {
        /// Which.
        by: String,
    },
}

/// Somebody a survey is for, and who is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressed {
    /// The customer.
    pub customer: CustomerId,
    /// The name of the survey.
    pub survey: String,
    /// Why not.
    pub because: Suppression,
}

/// Who is to be asked what on a day, and who is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyList {
    /// The day.
    pub day: Day,
    /// Who is asked, by customer id: each at most once.
    pub due: Vec<Due>,
    /// Who is not, by customer id and in the order of the surveys.
    pub suppressed: Vec<Suppressed>,
}

impl SurveyList {
    /// What the host keeps if it sends them all.
    pub fn invitations(&self) -> impl Iterator<Item = Invitation> + '_ {
        let invitation = |due: &Due| Invitation {
            customer: due.customer.clone(),
            day: self.day,
            survey: due.survey.clone(),
        };
        self.due.iter().map(invitation)
    }
}
