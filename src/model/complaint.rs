//! What customers complained of, and when it was settled.

use serde::{Deserialize, Serialize};

use super::text::required;
use super::{CustomerId, Day};
use crate::Error;

/// A customer complained of something; it is open until it is resolved.
///
/// ```
/// use customer_value::model::{Complaint, Day};
///
/// let opened: Day = "2024-03-01".parse()?;
/// let complaint = Complaint::new(42, opened, "delivery")?;
/// assert_eq!(complaint.resolved(), None);
/// let settled = complaint.resolved_on("2024-03-04".parse()?)?;
/// assert_eq!((settled.resolved().unwrap() - opened).get(), 3);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawComplaint")]
pub struct Complaint {
    pub(super) customer: CustomerId,
    opened: Day,
    topic: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Day>,
}

impl Complaint {
    /// A complaint that is still open. White space around the topic is dropped.
    ///
    /// # Errors
    /// The topic is empty (`is_parse`).
    pub fn new(customer: impl Into<CustomerId>, opened: Day, topic: &str) -> Result<Self, Error> {
        Ok(Self {
            customer: customer.into(),
            opened,
            topic: required("topic of a complaint", topic)?,
            resolved: None,
        })
    }

    /// The same complaint, settled on a day: from the close of that day on it is not open.
    ///
    /// # Errors
    /// The day is before the one on which it was opened (`is_range`).
    pub fn resolved_on(mut self, day: Day) -> Result<Self, Error> {
        if day < self.opened {
            return Err(Error::range(format!(
                "a complaint of {} cannot be resolved on {day}",
                self.opened
            )));
        }
        self.resolved = Some(day);
        Ok(self)
    }

    /// The complaint as it was known at the close of a day: open, if it was resolved later.
    pub(crate) fn known_on(mut self, day: Day) -> Self {
        self.resolved = self.resolved.filter(|resolved| *resolved <= day);
        self
    }

    /// Who complained.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The business day on which it was made.
    #[must_use]
    pub const fn opened(&self) -> Day {
        self.opened
    }

    /// What about, not empty.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The business day on which it was settled; `None` while it is open.
    #[must_use]
    pub const fn resolved(&self) -> Option<Day> {
        self.resolved
    }
}

/// A complaint as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComplaint {
    customer: CustomerId,
    opened: Day,
    topic: String,
    resolved: Option<Day>,
}

impl TryFrom<RawComplaint> for Complaint {
    type Error = Error;
    fn try_from(raw: RawComplaint) -> Result<Self, Error> {
        let checked = Self::new(raw.customer, raw.opened, &raw.topic)?;
        match raw.resolved {
            Some(day) => checked.resolved_on(day),
            None => Ok(checked),
        }
    }
}
