//! What is remembered of who a customer belongs to.

use serde::{Deserialize, Serialize};

use crate::model::{AttributeValue, Day};

/// Who a customer belongs to: what a host stores of each, and nothing else. A new customer is in the pool
/// ([`Default`](Self::default)).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// Who has the customer; `None`: the customer is in the pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<Holding>,
    /// Whether the customer changes hands at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// The day of the closed deal, which keeps the customer where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Day>,
    /// Who had the customer before, each once, by the day they last lost them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerOwner>,
    /// The day up to which everything is made up. Without it, everything since the claim is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Day>,
}

/// An owner has a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// What the host calls the owner.
    pub owner: String,
    /// The day of the claim.
    pub since: Day,
    /// The owner's last contact with the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<Day>,
    /// The owner's last deal with the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_deal: Option<Day>,
    /// The day on which a closed deal was opened again: days without a contact or a deal count from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened: Option<Day>,
    /// The day on which the customer returns for want of a contact, as the owner was warned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_no_contact: Option<Day>,
    /// The day on which the customer returns for want of a deal, as the owner was warned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_no_deal: Option<Day>,
}

/// A customer does not change hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Up to, but not on, a day.
    Until(Day),
    /// Until they are unlocked.
    Indefinite,
}

/// Somebody had a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerOwner {
    /// What the host calls them.
    pub owner: String,
    /// The day on which they lost or released the customer.
    pub lost: Day,
}

/// Why a customer returns to the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// Too long without a contact.
    NoContact,
    /// Too long without a deal.
    NoDeal,
}

impl ReturnReason {
    pub(super) const ALL: [Self; 2] = [Self::NoContact, Self::NoDeal];
}

impl Ownership {
    /// Somebody has had a customer since a day, up to when everything is made up: to take over what was kept elsewhere.
    ///
    /// Nobody is warned and nothing returns before `as_of`, however long ago the last contact was.
    #[must_use]
    pub fn held(holding: Holding, as_of: Day) -> Self {
        Self {
            holding: Some(holding),
            reviewed: Some(as_of),
            ..Self::default()
        }
    }

    /// What the host calls the owner, if there is one.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.holding.as_ref().map(|holding| holding.owner.as_str())
    }

    /// The same as attributes of the customer, for the rules of a policy: the flags `owned`, `locked` and `deal_closed`, and of an
    /// owner the dates `owner_since`, `last_contact` and `last_deal`, the last two being the days that the rules count from.
    ///
    /// ```
    /// use customer_value::lifecycle::ownership::{Holding, Ownership};
    /// use customer_value::model::{Customer, Day};
    ///
    /// let day: Day = "2025-03-01".parse()?;
    /// let ownership = Ownership::held(Holding::new("li", day), day);
    /// let mut customer = Customer::new(42);
    /// for (name, value) in ownership.attributes() {
    ///     customer = customer.with(name, value)?;
    /// }
    /// assert_eq!(customer.attribute("owned"), Some(&true.into()));
    /// assert_eq!(customer.attribute("last_deal"), Some(&day.into()));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, AttributeValue)> {
        let mut all = vec![
            ("owned", self.holding.is_some().into()),
            ("locked", self.lock.is_some().into()),
            ("deal_closed", self.closed.is_some().into()),
        ];
        if let Some(holding) = &self.holding {
            let counts_from = |reason| holding.counts_from(reason).into();
            all.push(("owner_since", holding.since.into()));
            all.push(("last_contact", counts_from(ReturnReason::NoContact)));
            all.push(("last_deal", counts_from(ReturnReason::NoDeal)));
        }
        all
    }

    /// The customer is in the pool, from `day` on.
    pub(super) fn lose(&mut self, day: Day) -> Option<String> {
        let owner = self.holding.take()?.owner;
        self.former.retain(|former| former.owner != owner);
        self.former.push(FormerOwner {
            owner: owner.clone(),
            lost: day,
        });
        Some(owner)
    }
}

impl Holding {
    /// An owner has had a customer since a day, without a contact or a deal yet.
    #[must_use]
    pub fn new(owner: impl Into<String>, since: Day) -> Self {
        Self {
            owner: owner.into(),
            since,
            last_contact: None,
            last_deal: None,
            reopened: None,
            warned_no_contact: None,
            warned_no_deal: None,
        }
    }

    /// The day from which the days without a contact, or without a deal, count.
    pub(super) fn counts_from(&self, reason: ReturnReason) -> Day {
        let contact = match reason {
            ReturnReason::NoContact => self.last_contact,
            ReturnReason::NoDeal => None,
        };
        let others = [contact, self.last_deal, self.reopened];
        others.into_iter().flatten().fold(self.since, Day::max)
    }

    /// The day of the return that the owner was warned of.
    pub(super) fn warned(&self, reason: ReturnReason) -> Option<Day> {
        match reason {
            ReturnReason::NoContact => self.warned_no_contact,
            ReturnReason::NoDeal => self.warned_no_deal,
        }
    }

    pub(super) fn warn(&mut self, reason: ReturnReason, returns_on: Option<Day>) {
        match reason {
            ReturnReason::NoContact => self.warned_no_contact = returns_on,
            ReturnReason::NoDeal => self.warned_no_deal = returns_on,
        }
    }
}
