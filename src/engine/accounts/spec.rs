//! What a policy says about accounts.

use serde::{Deserialize, Serialize};

use crate::tiering::TierId;

/// Which of its members' days count for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Counts {
    /// The days on which they were members. Those stay with the account when a member leaves; what a member did before joining
    /// and does after leaving is the member's own.
    #[default]
    WhileMember,
    /// All days of everybody who is a member on the day of the review. Who joins brings the past along, and who leaves takes
    /// all of it away again.
    All,
}

/// Which tier a member has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Inherit {
    /// The account's. What members do is pooled: a day counts for the account, or for the member, never for both.
    #[default]
    Account,
    /// The better of the account's and the member's own, and of two equal ones the own. A day counts for both.
    Better,
    /// The member's own; the account has a tier beside it. A day counts for both.
    Own,
}

/// Where a member's tier comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierSource {
    /// What the customer did.
    Own,
    /// The account the customer belongs to.
    Account,
}

impl Inherit {
    /// The tier of a customer, by the own one and that of the account (`None` for who is in no account), and where it comes
    /// from. The own tier is not asked for where the account's decides; `None` where it is, and is not known.
    ///
    /// ```
    /// use customer_value::engine::accounts::{Inherit, TierSource};
    /// use customer_value::tiering::presets;
    /// # use customer_value::{diagnostic::Diagnostics, engine::{Engine, Policy}, metrics::Catalog, model::Currency};
    /// # let engine = Engine::new(Policy::standard(Currency::EUR), &Catalog::standard()).unwrap();
    ///
    /// let [a, b] = ["A", "B"].map(|name| engine.ladder().tier(name));
    /// assert_eq!(Inherit::Account.choose(a, b), b.map(|b| (b, TierSource::Account)));
    /// assert_eq!(Inherit::Better.choose(a, b), a.map(|a| (a, TierSource::Own)));
    /// assert_eq!(Inherit::Account.choose(a, None), a.map(|a| (a, TierSource::Own)));
    /// ```
    #[must_use]
    pub fn choose(
        self,
        own: Option<TierId>,
        account: Option<TierId>,
    ) -> Option<(TierId, TierSource)> {
        let own = own.map(|tier| (tier, TierSource::Own));
        let account = account.map(|tier| (tier, TierSource::Account));
        match (self, account) {
            (Self::Own, _) | (_, None) => own,
            (Self::Account, account) => account,
            (Self::Better, Some(account)) => match own {
                Some(own) if own.0 >= account.0 => Some(own),
                Some(_) => Some(account),
                None => None,
            },
        }
    }
}

/// The section `[accounts]` of a policy. Left out, or left empty, it says `while_member` and `account`.
///
/// ```
/// use customer_value::engine::accounts::{AccountsSpec, Counts, Inherit};
///
/// let spec: AccountsSpec = toml::from_str("inherit = \"better\"")?;
/// assert_eq!((spec.counts, spec.inherit), (Counts::WhileMember, Inherit::Better));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountsSpec {
    /// Which of its members' days count for an account.
    pub counts: Counts,
    /// Which tier a member has.
    pub inherit: Inherit,
}
