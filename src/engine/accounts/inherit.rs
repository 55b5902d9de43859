//! What the policy says of accounts, applied: the roll-up, one account online, and the tiers of members.

use serde::Serialize;

use crate::Error;
use crate::history::{History, HistoryView};
use crate::model::{CustomerId, Day};
use crate::tiering::TierId;

use super::super::{Assessment, Engine, Population, Reviews, Standing, Subject};
use super::{Accounts, AccountsSpec, Inherit, TierSource};

/// The tier of a customer who may belong to an account, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MemberTier<'r> {
    /// The customer.
    pub customer: CustomerId,
    /// The tier.
    pub tier: &'r str,
    /// Whether it is the customer's own or the account's.
    pub source: TierSource,
    /// The customer's own tier; `None` where days are pooled and nobody asked.
    pub own: Option<&'r str>,
    /// The account the customer is in, and its tier.
    pub account: Option<AccountTier<'r>>,
}

/// An account and its tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccountTier<'r> {
    /// The account.
    pub id: CustomerId,
    /// Its tier.
    pub tier: &'r str,
}

impl MemberTier<'_> {
    /// The tier and who gave it, in a line: `` gold: by account `smiths` ``.
    #[must_use]
    pub fn reason(&self) -> String {
        let tier = self.tier;
        match (self.source, &self.account, self.own) {
            (_, None, _) => format!("{tier}: own, in no account"),
            (TierSource::Own, Some(account), _) => {
                format!("{tier}: own (account `{}`: {})", account.id, account.tier)
            }
            (TierSource::Account, Some(account), None) => {
                format!("{tier}: by account `{}`", account.id)
            }
            (TierSource::Account, Some(account), Some(own)) => {
                format!("{tier}: by account `{}` (own: {own})", account.id)
            }
        }
    }
}

impl Engine {
    /// The population of accounts, and of customers in none, by the policy's section `[accounts]`; see
    /// [`Accounts::roll_up`]. What is [fitted](Self::fit) is fitted to it.
    ///
    /// # Errors
    /// A total does not fit 64 bits (`is_overflow`).
    pub fn roll_up(
        &self,
        accounts: &Accounts,
        population: &Population,
        as_of: Day,
    ) -> Result<Population, Error> {
        accounts.roll_up(population, self.accounts().counts, as_of)
    }

    /// The history of one account by the policy, from the stored ones of its members; see [`Accounts::history_of`].
    ///
    /// # Errors
    /// A history of other facts than [`layout`](Self::layout) (`is_misuse`), or a total that does not fit 64 bits
    /// (`is_overflow`).
    pub fn account_history<'h>(
        &self,
        accounts: &Accounts,
        account: &CustomerId,
        as_of: Day,
        find: impl FnMut(&CustomerId) -> Option<HistoryView<'h>>,
    ) -> Result<History, Error> {
        let counts = self.accounts().counts;
        accounts.history_of(account, &self.layout, counts, as_of, find)
    }

    /// The tier of every customer who is no account, ascending by id, by the policy's section `[accounts]`.
    ///
    /// `rolled` is the review of the [roll-up](Self::roll_up), `own` the review of the customers with all their days. Under
    /// [`Inherit::Account`] the latter is not needed; if it is given, it is shown. Somebody of whom `own` knows nothing (a
    /// member without a record or an attribute) is reviewed as a new customer.
    ///
    /// # Errors
    /// A review is missing, or is of another policy, day, or other accounts (`is_misuse`).
    pub fn inherit<'r>(
        &'r self,
        accounts: &Accounts,
        rolled: &'r Reviews<'r>,
        own: impl Into<Option<&'r Reviews<'r>>>,
    ) -> Result<Vec<MemberTier<'r>>, Error> {
        let inherit = self.accounts().inherit;
        let own = own.into();
        let as_of = rolled.as_of();
        for reviews in [Some(rolled), own].into_iter().flatten() {
            if reviews.as_of() != as_of || reviews.engine().policy() != self.policy() {
                return Err(Error::misuse(
                    "tiers are inherited between reviews of one day by one policy",
                ));
            }
        }
        if own.is_none() && inherit != Inherit::Account {
            return Err(Error::misuse(
                "a policy that looks at members' own tiers needs the review of the customers too",
            ));
        }
        let ids = accounts.ids(as_of);
        let mut found = Vec::with_capacity(rolled.len());
        for row in rolled.iter() {
            if ids.binary_search(&row.id()).is_err() {
                let tier = match own {
                    Some(own) if inherit != Inherit::Account => self.own_tier(own, row.id()),
                    _ => self.tier_in(row.assessment()),
                };
                found.push(self.member_tier(row.id().clone(), Some(tier), None)?);
            }
        }
        for membership in accounts.memberships().iter().filter(|m| m.is_on(as_of)) {
            let account = accounts.survivor(membership.account(), as_of);
            let Some(review) = rolled.get(account) else {
                return Err(Error::misuse(format!(
                    "account `{account}` is not in the roll-up that was reviewed"
                )));
            };
            let member = membership.member();
            let own = own.map(|own| self.own_tier(own, member));
            let account = Some((account, self.tier_in(&review)));
            found.push(self.member_tier(member.clone(), own, account)?);
        }
        found.sort_by(|a, b| a.customer.cmp(&b.customer));
        Ok(found)
    }

    fn accounts(&self) -> AccountsSpec {
        self.policy.accounts.unwrap_or_default()
    }

    fn tier_in(&self, assessment: &Assessment<'_>) -> TierId {
        // The policy is the same, so its ladder has the tier.
        self.ladder.tier(assessment.tier()).unwrap_or_default()
    }

    fn own_tier(&self, own: &Reviews<'_>, id: &CustomerId) -> TierId {
        if let Some(assessment) = own.get(id) {
            return self.tier_in(&assessment);
        }
        let nothing = History::new(self.layout.clone());
        let subject = Subject::from(&nothing).with_id(id);
        let mut buffer = own.engine().buffer();
        let (_, assessment) =
            (own.engine()).review(subject, Standing::default(), own.as_of(), &mut buffer);
        self.tier_in(&assessment)
    }

    fn member_tier(
        &self,
        customer: CustomerId,
        own: Option<TierId>,
        account: Option<(&CustomerId, TierId)>,
    ) -> Result<MemberTier<'_>, Error> {
        let inherit = self.accounts().inherit;
        let chosen = inherit.choose(own, account.map(|(_, tier)| tier));
        let Some((tier, source)) = chosen else {
            return Err(Error::misuse(format!(
                "the tier of `{customer}` is not known"
            )));
        };
        Ok(MemberTier {
            customer,
            tier: self.ladder.name(tier),
            source,
            own: own.map(|tier| self.ladder.name(tier)),
            account: account.map(|(id, tier)| AccountTier {
                id: id.clone(),
                tier: self.ladder.name(tier),
            }),
        })
    }
}
