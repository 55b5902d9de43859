//! The records beside transactions that are added up per day.

use serde::{Deserialize, Serialize};

use super::{Complaint, CustomerId, Day, Interaction, ServiceCost, SurveyAnswer};

/// A record of a customer that is no transaction: what serving them cost, a contact, an answer, a complaint.
///
/// In serde a map with the name of its kind: `{"service_cost": {"customer": 42, …}}`.
///
/// ```
/// use customer_value::model::{Complaint, Record};
///
/// let record: Record = Complaint::new(42, "2024-03-01".parse()?, "delivery")?.into();
/// assert_eq!(record.day().to_string(), "2024-03-01");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Record {
    /// What serving the customer cost.
    ServiceCost(ServiceCost),
    /// A contact.
    Interaction(Interaction),
    /// An answer to a survey question.
    SurveyAnswer(SurveyAnswer),
    /// A complaint.
    Complaint(Complaint),
}

impl Record {
    /// Whose it is.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        match self {
            Self::ServiceCost(cost) => cost.customer(),
            Self::Interaction(contact) => contact.customer(),
            Self::SurveyAnswer(answer) => answer.customer(),
            Self::Complaint(complaint) => complaint.customer(),
        }
    }

    /// The business day; of a complaint, that on which it was opened.
    #[must_use]
    pub const fn day(&self) -> Day {
        match self {
            Self::ServiceCost(cost) => cost.day(),
            Self::Interaction(contact) => contact.day(),
            Self::SurveyAnswer(answer) => answer.day(),
            Self::Complaint(complaint) => complaint.opened(),
        }
    }

    /// The same record of another customer: the one they were merged into.
    #[must_use]
    pub(crate) fn of(mut self, customer: CustomerId) -> Self {
        match &mut self {
            Self::ServiceCost(cost) => cost.customer = customer,
            Self::Interaction(contact) => contact.customer = customer,
            Self::SurveyAnswer(answer) => answer.customer = customer,
            Self::Complaint(complaint) => complaint.customer = customer,
        }
        self
    }
}

macro_rules! from {
    ($($kind:ident),+) => {
        $(impl From<$kind> for Record {
            fn from(record: $kind) -> Self {
                Self::$kind(record)
            }
        })+
    };
}

from!(ServiceCost, Interaction, SurveyAnswer, Complaint);
