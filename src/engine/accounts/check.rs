//! Which memberships make sense, alone and together.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::ledger::MergeMap;
use crate::model::{CustomerId, Day, Membership};

use super::{AccountMerge, Accounts};

/// A membership as it was read, not checked yet.
///
/// A [`Membership`] is one; rows that cannot be one are judged with the others and rejected with their position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipRow<'a> {
    /// Who belongs to the account.
    pub member: &'a CustomerId,
    /// The account.
    pub account: &'a CustomerId,
    /// The first day.
    pub from: Day,
    /// The first day that is no longer part of it.
    pub to: Option<Day>,
}

impl<'a> From<&'a Membership> for MembershipRow<'a> {
    fn from(membership: &'a Membership) -> Self {
        Self {
            member: membership.member(),
            account: membership.account(),
            from: membership.from(),
            to: membership.to(),
        }
    }
}

/// Why a membership does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MembershipReason {
    /// The member and the account are the same customer.
    OfItself,
    /// The end is not after the beginning.
    Empty,
    /// The member is an account itself, in another row or in a merge; there is one level only.
    MemberIsAccount,
    /// The member is in an account at the same time already: the membership that begins first stays. Of two that begin on
    /// one day it is that of the smaller account, and of one account the shorter one.
    Overlap {
        /// The account of the one that stays.
        account: CustomerId,
        /// Its first day.
        from: Day,
    },
}

impl fmt::Display for MembershipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfItself => f.write_str("the customer is a member of itself"),
            Self::Empty => f.write_str("the end is not after the beginning"),
            Self::MemberIsAccount => f.write_str("the member is an account itself"),
            Self::Overlap { account, from } => write!(
                f,
                "the member is in account `{account}` since {from}, at the same time"
            ),
        }
    }
}

/// A membership that does not count, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectedMembership {
    /// Which row, from 0 in the order they were read.
    pub position: usize,
    /// Why.
    pub reason: MembershipReason,
}

impl fmt::Display for RejectedMembership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.position + 1, self.reason)
    }
}

/// What became of the memberships: `read` = `accepted` + `duplicate` + the rejected ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipReport {
    /// Rows read.
    pub read: usize,
    /// Rows that count.
    pub accepted: usize,
    /// Rows that repeat an earlier one in all they say.
    pub duplicate: usize,
    /// Rows that do not count, by position.
    pub rejected: Vec<RejectedMembership>,
}

impl Accounts {
    /// The memberships that make sense together, and what became of each row.
    ///
    /// The order of the rows does not matter, except for which of several equal rows is called the duplicate. They are judged
    /// in the order of the [reasons](MembershipReason).
    ///
    /// ```
    /// use customer_value::engine::accounts::Accounts;
    /// use customer_value::model::Membership;
    ///
    /// let day = "2024-01-01".parse()?;
    /// let (accounts, report) = Accounts::new(&[
    ///     Membership::new(1, 100, day, None)?,
    ///     Membership::new(1, 200, day, None)?,
    /// ]);
    /// assert_eq!(accounts.memberships().len(), 1);
    /// assert_eq!(
    ///     report.rejected[0].to_string(),
    ///     "row 2: the member is in account `100` since 2024-01-01, at the same time"
    /// );
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn new<'a>(
        rows: impl IntoIterator<Item: Into<MembershipRow<'a>>>,
    ) -> (Self, MembershipReport) {
        Self::check(rows.into_iter().map(Into::into), Vec::new())
    }

    /// Memberships and merges that all have to make sense: the first problem is an error.
    pub(super) fn of(
        memberships: Vec<Membership>,
        mut merges: Vec<AccountMerge>,
    ) -> Result<Self, Error> {
        merges.sort_unstable_by(|a, b| a.from.cmp(&b.from));
        merges.dedup();
        let rows = memberships.iter().map(MembershipRow::from);
        let (accounts, report) = Self::check(rows, merges);
        if let Some(wrong) = report.rejected.first() {
            let (member, reason) = (memberships.get(wrong.position), &wrong.reason);
            let member = member.map(|m| m.member().to_string()).unwrap_or_default();
            return Err(Error::misuse(format!(
                "the membership of `{member}` does not fit the others: {reason}"
            )));
        }
        accounts.check_merges()?;
        Ok(accounts)
    }

    fn check<'a>(
        rows: impl Iterator<Item = MembershipRow<'a>>,
        merges: Vec<AccountMerge>,
    ) -> (Self, MembershipReport) {
        let mut report = MembershipReport::default();
        let mut sound: Vec<(usize, Membership)> = Vec::new();
        for (position, row) in rows.enumerate() {
            report.read += 1;
            let (member, account) = (row.member.clone(), row.account.clone());
            match Membership::new(member, account, row.from, row.to) {
                Ok(membership) => sound.push((position, membership)),
                Err(_) => report.rejected.push(RejectedMembership {
                    position,
                    reason: if row.member == row.account {
                        MembershipReason::OfItself
                    } else {
                        MembershipReason::Empty
                    },
                }),
            }
        }
        sound.sort_unstable_by(|(i, a), (j, b)| order(a).cmp(&order(b)).then(i.cmp(j)));
        let rows = sound.len();
        sound.dedup_by(|(_, a), (_, b)| a == b);
        report.duplicate = rows - sound.len();

        let mut accounts: BTreeSet<CustomerId> =
            sound.iter().map(|(_, m)| m.account().clone()).collect();
        accounts.extend(merges.iter().flat_map(|m| [m.from.clone(), m.into.clone()]));
        let mut memberships: Vec<Membership> = Vec::with_capacity(sound.len());
        for (position, membership) in sound {
            let before = memberships.last().filter(|before| {
                before.member() == membership.member()
                    && before.to().is_none_or(|to| membership.from() < to)
            });
            let reason = if accounts.contains(membership.member()) {
                MembershipReason::MemberIsAccount
            } else if let Some(before) = before {
                MembershipReason::Overlap {
                    account: before.account().clone(),
                    from: before.from(),
                }
            } else {
                memberships.push(membership);
                continue;
            };
            report
                .rejected
                .push(RejectedMembership { position, reason });
        }
        report.accepted = memberships.len();
        report.rejected.sort_unstable_by_key(|r| r.position);
        (Self::indexed(memberships, merges), report)
    }

    fn indexed(memberships: Vec<Membership>, merges: Vec<AccountMerge>) -> Self {
        let account = |i: &usize| memberships.get(*i).map(Membership::account);
        let mut by_account: Vec<usize> = (0..memberships.len()).collect();
        // Stable, so those of one account stay in the order of members and days.
        by_account.sort_by(|a, b| account(a).cmp(&account(b)));
        Self {
            memberships,
            by_account,
            merges,
        }
    }

    /// That no account is merged into itself, into two others, or in a circle.
    fn check_merges(&self) -> Result<(), Error> {
        for (a, b) in self.merges.iter().zip(self.merges.iter().skip(1)) {
            if a.from == b.from {
                return Err(Error::misuse(format!(
                    "account `{}` is merged into `{}` and into `{}`",
                    a.from, a.into, b.into
                )));
            }
        }
        let pairs = (self.merges.iter()).map(|m| (m.from.clone(), m.into.clone()));
        MergeMap::new(pairs).map(|_| ())
    }
}

/// By member and day; of one day, who stays comes first.
fn order(m: &Membership) -> (&CustomerId, Day, &CustomerId, Day, bool) {
    let end = m.to().unwrap_or(Day::MAX);
    (m.member(), m.from(), m.account(), end, m.to().is_none())
}
