//! Who belongs to which household or account, and when.

use serde::{Deserialize, Serialize};

use super::{CustomerId, Day};
use crate::Error;

/// A customer belongs to an account (a household, a company) from one day up to, but not on, another.
///
/// The account is named like a customer: it may have records and attributes of its own. "Until 31 December" is written
/// `to` 1 January.
///
/// ```
/// use customer_value::model::{CustomerId, Membership};
///
/// let [ada, smiths] = ["ada", "smiths"].map(|id| CustomerId::text(id).unwrap());
/// let membership = Membership::new(ada, smiths, "2024-03-01".parse()?, Some("2025-01-01".parse()?))?;
/// assert!(membership.is_on("2024-12-31".parse()?));
/// assert!(!membership.is_on("2025-01-01".parse()?));
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawMembership")]
pub struct Membership {
    member: CustomerId,
    account: CustomerId,
    from: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Day>,
}

impl Membership {
    /// `member` belongs to `account` from `from` up to, but not on, `to`; without `to`, it has no end yet.
    ///
    /// # Errors
    /// Both are the same customer, or `to` is not after `from` (`is_range`).
    pub fn new(
        member: impl Into<CustomerId>,
        account: impl Into<CustomerId>,
        from: Day,
        to: Option<Day>,
    ) -> Result<Self, Error> {
        let (member, account) = (member.into(), account.into());
        if member == account {
            return Err(Error::range(format!(
                "customer `{member}` cannot be a member of themselves"
            )));
        }
        if let Some(to) = to
            && to <= from
        {
            return Err(Error::range(format!(
                "a membership from {from} up to {to} has no day"
            )));
        }
        Ok(Self {
            member,
            account,
            from,
            to,
        })
    }

    /// Who belongs to the account.
    #[must_use]
    pub const fn member(&self) -> &CustomerId {
        &self.member
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &CustomerId {
        &self.account
    }

    /// The first day.
    #[must_use]
    pub const fn from(&self) -> Day {
        self.from
    }

    /// The first day that is no longer part of it; `None`: no end is known.
    #[must_use]
    pub const fn to(&self) -> Option<Day> {
        self.to
    }

    /// Whether a day is part of it.
    #[must_use]
    pub fn is_on(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// A membership as it is written, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMembership {
    member: CustomerId,
    account: CustomerId,
    from: Day,
    to: Option<Day>,
}

impl TryFrom<RawMembership> for Membership {
    type Error = Error;
    fn try_from(raw: RawMembership) -> Result<Self, Error> {
        Self::new(raw.member, raw.account, raw.from, raw.to)
    }
}
