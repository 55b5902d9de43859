//! Households and accounts: what members do adds up, and they get their tier from it.
//!
//! A [`Membership`] says that a customer belongs to an account from one day up to another. [`Accounts`] are the memberships that
//! make sense together, with what was merged. An account is named like a customer, and may have records and attributes of its
//! own. There is one level: an account is not a member of another, and nobody is in two at the same time.
//!
//! ```
//! use customer_value::engine::accounts::{Accounts, TierSource};
//! use customer_value::*;
//! use customer_value::model::Membership;
//!
//! let engine = Engine::from_toml(r#"
//!     [head]
//!     name = "family card"
//!     version = "1"
//!     currency = "EUR"
//!
//!     [[tiers]]
//!     name = "gold"
//!     when = "spend >= 1000"
//!
//!     [[tiers]]
//!     name = "basic"
//!
//!     [accounts]
//!     counts = "while_member"
//!     inherit = "account"
//! "#, &Catalog::standard())?;
//! let id = |name: &str| CustomerId::text(name).unwrap();
//! let bought = |who: &str, day: &str, amount: &str| Transaction::purchase(id(who), day.parse()?, amount.parse()?);
//! let sales = [
//!     bought("ada", "2024-02-01", "700.00 EUR")?,
//!     bought("bob", "2024-03-01", "400.00 EUR")?,
//!     bought("eve", "2024-03-01", "400.00 EUR")?,
//! ];
//! let today: Day = "2024-06-30".parse()?;
//! let customers = engine.population(&Ledger::from_transactions(&sales, engine.cleaning(today)))?;
//!
//! let joined: Day = "2024-01-01".parse()?;
//! let rows = ["ada", "bob"].map(|who| Membership::new(id(who), id("smiths"), joined, None).unwrap());
//! let (accounts, report) = Accounts::new(&rows);
//! assert!(report.rejected.is_empty());
//!
//! // The smiths, and who is in no account: one review for all of them.
//! let rolled = engine.roll_up(&accounts, &customers, today)?;
//! let reviews = engine.review_all(&rolled, None, today)?;
//! assert_eq!(reviews.get(&id("smiths")).unwrap().tier(), "gold");
//!
//! let tiers = engine.inherit(&accounts, &reviews, None)?;
//! let bob = tiers.iter().find(|t| t.customer == id("bob")).unwrap();
//! assert_eq!((bob.tier, bob.source), ("gold", TierSource::Account));
//! assert_eq!(bob.reason(), "gold: by account `smiths`");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What counts for whom
//!
//! [`Accounts::counts_for`] answers it for one customer and one day; everything else adds up by it.
//!
//! | | [`WhileMember`](Counts::WhileMember) | [`All`](Counts::All) |
//! |---|---|---|
//! | a day on which the customer was a member | the account, for good | the account the customer is in *now*; in none, the customer |
//! | any other day | the customer | the same |
//! | an account's own records | the account | the account |
//!
//! So each day of each customer counts for exactly one id, and the sums over all of them are the sums over all customers.
//!
//! A **linked refund** counts on the day of its purchase, and so for whom the purchase counted: goods bought as a member and
//! given back after leaving lower what the account has, and goods bought before joining lower what is the member's own. An
//! unlinked refund counts on its own day like any other record.
//!
//! # The roll-up
//!
//! [`Accounts::roll_up`] gives the population that is reviewed in place of the customers: every account, with its own
//! attributes, and every customer who is in no account on that day. What is of a present member's own is not in it: the days
//! in no account, under [`WhileMember`](Counts::WhileMember). [`history_of`](Accounts::history_of) gives it, and it is a row again
//! once the member leaves. Nothing later than the day of the roll-up goes into it: no record, no membership, no merge.
//!
//! Every roll-up starts from scratch, and its numbers do not depend on the order of records or memberships. Adding to a stored
//! account's history day by day gives the same bits: new records of a customer go to the id that
//! [`counts_for`](Accounts::counts_for) names. After a change that reaches into the past (a merge, a leave that was
//! recorded late, anybody's change under [`All`](Counts::All)) the account is
//! [rolled up from its members' histories](Accounts::history_of) again. Under `WhileMember` and without merges the roll-up of
//! an earlier day is that of a later one up to that day, so that a tier can be followed through days that were not reviewed;
//! under `All`, what an account had on an earlier day has to be rolled up for that day.
//!
//! # Members' tiers
//!
//! [`Inherit`] says which tier a member has. Where days are pooled (`account`), the review of the roll-up is all there is to
//! know. Under `better` and `own`, customers are reviewed by all their days as well, whether they count for an account or
//! not; then there are two reviews, each with standings of its own.
//!
//! An account is remembered like a customer, by its id. After a merge the standing of the account that goes on goes on, and
//! that of the other is not read any more. Who leaves goes on with what was remembered of them, and without it as a new
//! customer.

mod change;
mod check;
mod inherit;
mod roll_up;
mod spec;

pub use check::{MembershipReason, MembershipReport, MembershipRow, RejectedMembership};
pub use inherit::{AccountTier, MemberTier};
pub use spec::{AccountsSpec, Counts, Inherit, TierSource};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::model::{CustomerId, Day, Membership};

/// The version of the stored form.
const VERSION: u32 = 1;

/// Two accounts become one: from a day on, all that counted for one counts for the other, with its whole past.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountMerge {
    /// The account that is no longer one.
    pub from: CustomerId,
    /// The account that it is part of.
    pub into: CustomerId,
    /// From this day on; a review of an earlier day knows two accounts.
    pub on: Day,
}

/// Who belongs to which account when, and which accounts were merged: checked, and read by customer or by account.
///
/// A service that reviews one account loads the memberships of that account only. In serde it is versioned, and what does
/// not make sense is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Accounts {
    /// By member, then by day; those of one member do not overlap.
    memberships: Vec<Membership>,
    /// Positions in `memberships`, by account, then by member and day.
    by_account: Vec<usize>,
    /// By the account that is gone, each once; they do not go in a circle.
    merges: Vec<AccountMerge>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    memberships: Vec<Membership>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    merges: Vec<AccountMerge>,
}

impl TryFrom<Stored> for Accounts {
    type Error = Error;
    fn try_from(stored: Stored) -> Result<Self, Error> {
        if stored.version != VERSION {
            return Err(Error::misuse(format!(
                "accounts of version {}; this library reads version {VERSION}",
                stored.version
            )));
        }
        Self::of(stored.memberships, stored.merges)
    }
}

impl From<Accounts> for Stored {
    fn from(accounts: Accounts) -> Self {
        Self {
            version: VERSION,
            memberships: accounts.memberships,
            merges: accounts.merges,
        }
    }
}

impl Accounts {
    /// The memberships, by member, then by day.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// The merges, by the account that is gone.
    #[must_use]
    pub fn merges(&self) -> &[AccountMerge] {
        &self.merges
    }

    /// No membership and no merge.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.memberships.is_empty() && self.merges.is_empty()
    }

    /// The memberships of a customer, by day.
    pub fn of_member(&self, customer: &CustomerId) -> &[Membership] {
        let start = self.memberships.partition_point(|m| m.member() < customer);
        let rest = self.memberships.get(start..).unwrap_or_default();
        let end = rest.partition_point(|m| m.member() == customer);
        rest.get(..end).unwrap_or_default()
    }

    /// The memberships in an account, by member and day; those of accounts merged into it are not among them.
    pub fn of_account(&self, account: &CustomerId) -> impl Iterator<Item = &Membership> {
        let at = |position: &usize| self.memberships.get(*position);
        let start =
            (self.by_account).partition_point(|i| at(i).is_some_and(|m| m.account() < account));
        let rest = self.by_account.get(start..).unwrap_or_default();
        rest.iter()
            .filter_map(at)
            .take_while(move |m| m.account() == account)
    }

    /// The account that an account is part of on a day, after all merges up to then: itself if it was not merged.
    #[must_use]
    pub fn survivor<'a>(&'a self, account: &'a CustomerId, as_of: Day) -> &'a CustomerId {
        let mut at = account;
        // Merges do not go in a circle, so this ends.
        while let Some(merge) = self.merge_of(at).filter(|merge| merge.on <= as_of) {
            at = &merge.into;
        }
        at
    }

    fn merge_of(&self, account: &CustomerId) -> Option<&AccountMerge> {
        let at = self.merges.binary_search_by(|m| m.from.cmp(account)).ok()?;
        self.merges.get(at)
    }

    /// The account a customer is in on a day, after all merges up to then; `None`: in none.
    #[must_use]
    pub fn account_of(&self, customer: &CustomerId, as_of: Day) -> Option<&CustomerId> {
        let membership = self.of_member(customer).iter().find(|m| m.is_on(as_of))?;
        Some(self.survivor(membership.account(), as_of))
    }

    /// The customers who are in an account on a day, ascending.
    #[must_use]
    pub fn members(&self, account: &CustomerId, as_of: Day) -> Vec<&CustomerId> {
        let mut members: Vec<&CustomerId> = (self.parts(account, as_of).into_iter())
            .flat_map(|part| self.of_account(part))
            .filter(|m| m.is_on(as_of))
            .map(Membership::member)
            .collect();
        members.sort_unstable();
        members
    }

    /// The accounts there are on a day, ascending: whoever had a member by then or had an account merged into it, and was not
    /// merged into another.
    #[must_use]
    pub fn ids(&self, as_of: Day) -> Vec<&CustomerId> {
        let begun = self.memberships.iter().filter(|m| m.from() <= as_of);
        let merged = self.merges.iter().filter(|m| m.on <= as_of);
        let mut ids: Vec<&CustomerId> = begun
            .map(Membership::account)
            .chain(merged.map(|m| &m.into))
            .map(|id| self.survivor(id, as_of))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// An account and those that are part of it on a day.
    fn parts<'a>(&'a self, account: &'a CustomerId, as_of: Day) -> Vec<&'a CustomerId> {
        let gone = self.merges.iter().map(|m| &m.from);
        let gone = gone.filter(|from| *from != account && self.survivor(from, as_of) == account);
        std::iter::once(account).chain(gone).collect()
    }
}
