//! Joining, leaving, moving and merging: each change gives new accounts, as if they had been made so from the beginning.

use crate::Error;
use crate::model::{CustomerId, Day, Membership};

use super::{AccountMerge, Accounts};

impl Accounts {
    /// With a membership more. One that is there already changes nothing.
    ///
    /// # Errors
    /// The member is in an account at the same time, or an account itself, or the account is a member of another
    /// (`is_misuse`).
    pub fn join(&self, membership: Membership) -> Result<Self, Error> {
        let mut memberships = self.memberships.clone();
        memberships.push(membership);
        Self::of(memberships, self.merges.clone())
    }

    /// A member leaves: `day` is the first day on which the member is in no account. Who leaves on the day of joining has never
    /// been there.
    ///
    /// ```
    /// use customer_value::engine::accounts::Accounts;
    /// use customer_value::model::{CustomerId, Day, Membership};
    ///
    /// let [spring, autumn] = ["2024-03-01", "2024-09-01"].map(|day| day.parse::<Day>().unwrap());
    /// let accounts = Accounts::default().join(Membership::new(1, 100, spring, None)?)?;
    /// let after = accounts.leave(&1.into(), autumn)?;
    /// assert_eq!(after.account_of(&1.into(), spring), Some(&CustomerId::from(100)));
    /// assert_eq!(after.account_of(&1.into(), autumn), None);
    /// assert!(accounts.leave(&1.into(), spring)?.is_empty());
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// The customer is in no account on that day (`is_misuse`).
    pub fn leave(&self, member: &CustomerId, day: Day) -> Result<Self, Error> {
        Self::of(self.without(member, day)?, self.merges.clone())
    }

    /// A member leaves one account and joins another on the same day, without a known end.
    ///
    /// # Errors
    /// As for [`leave`](Self::leave) and [`join`](Self::join).
    pub fn transfer(
        &self,
        member: &CustomerId,
        account: &CustomerId,
        day: Day,
    ) -> Result<Self, Error> {
        let mut memberships = self.without(member, day)?;
        memberships.push(Membership::new(member.clone(), account.clone(), day, None)?);
        Self::of(memberships, self.merges.clone())
    }

    /// Two accounts become one: from `day` on, all that counted for `from` counts for `into`, its whole past and what is
    /// recorded under its name later. Its members are members of `into`. Before that day nothing changes.
    ///
    /// ```
    /// use customer_value::engine::accounts::Accounts;
    /// use customer_value::model::{CustomerId, Day, Membership};
    ///
    /// let [spring, autumn] = ["2024-03-01", "2024-09-01"].map(|day| day.parse::<Day>().unwrap());
    /// let accounts = Accounts::default()
    ///     .join(Membership::new(1, 100, spring, None)?)?
    ///     .merge(&100.into(), &200.into(), autumn)?;
    /// assert_eq!(accounts.account_of(&1.into(), spring), Some(&CustomerId::from(100)));
    /// assert_eq!(accounts.account_of(&1.into(), autumn), Some(&CustomerId::from(200)));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// An account is merged into itself, a second time, or in a circle, or one of the two is a member of an account
    /// (`is_misuse`).
    pub fn merge(&self, from: &CustomerId, into: &CustomerId, day: Day) -> Result<Self, Error> {
        let mut merges = self.merges.clone();
        merges.push(AccountMerge {
            from: from.clone(),
            into: into.clone(),
            on: day,
        });
        Self::of(self.memberships.clone(), merges)
    }

    /// The memberships if a customer leaves.
    fn without(&self, member: &CustomerId, day: Day) -> Result<Vec<Membership>, Error> {
        let ends = |m: &Membership| m.member() == member && m.is_on(day);
        let Some(position) = self.memberships.iter().position(ends) else {
            return Err(Error::misuse(format!(
                "customer `{member}` is in no account on {day}"
            )));
        };
        let mut memberships = self.memberships.clone();
        let left = memberships.remove(position);
        if left.from() < day {
            let (account, from) = (left.account().clone(), left.from());
            memberships.insert(
                position,
                Membership::new(member.clone(), account, from, Some(day))?,
            );
        }
        Ok(memberships)
    }
}
