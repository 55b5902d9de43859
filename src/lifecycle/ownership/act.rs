//! What people do.

use super::event::{Load, Outcome, OwnershipChange, Refusal};
use super::record::{Holding, Lock, Ownership};
use super::rules::{OwnershipRules, later};
use crate::model::Day;

/// Every one of these first makes up for the days up to its own, as [`review`](Self::review) does: a customer who is due is back in the
/// pool from the start of the day, and a contact on that day is too late.
impl OwnershipRules {
    /// Somebody takes a customer from the pool.
    ///
    /// # Errors
    /// The first that holds of: closed, held, locked, barred, too many customers, too many claims on the day. Nothing has
    /// changed then; what a review would make up is still to be made up.
    pub fn claim(
        &self,
        ownership: &Ownership,
        owner: &str,
        load: &Load,
        day: Day,
    ) -> Result<Outcome, Refusal> {
        let (mut outcome, day) = self.up_to(ownership, day);
        self.may_claim(&outcome.ownership, owner, load, day)?;
        outcome.ownership.holding = Some(Holding::new(owner, day));
        let owner = owner.to_owned();
        self.note(&mut outcome, day, OwnershipChange::Claimed { owner });
        Ok(outcome)
    }

    fn may_claim(
        &self,
        ownership: &Ownership,
        owner: &str,
        load: &Load,
        day: Day,
    ) -> Result<(), Refusal> {
        let rules = self.at(day);
        may_change_hands(ownership, day, |ownership| {
            ownership
                .owner()
                .map(|by| Refusal::Held { by: by.to_owned() })
        })?;
        let former = ownership.former.iter().find(|f| f.owner == owner);
        if let Some(former) = former
            && rules.barred.is_some()
        {
            let until = later(former.lost, rules.barred).unwrap_or(Day::MAX);
            if day < until {
                return Err(Refusal::Barred { until });
            }
        }
        let open = load.held.saturating_sub(load.closed);
        let held = if rules.closed_count { load.held } else { open };
        if let Some(limit) = rules.max_held.filter(|limit| held >= *limit) {
            return Err(Refusal::HoldingLimit { limit });
        }
        let limit = rules.max_claims_per_day;
        if let Some(limit) = limit.filter(|limit| load.claimed_today >= *limit) {
            let until = day.next();
            return Err(Refusal::DailyLimit { limit, until });
        }
        Ok(())
    }

    /// The owner gives the customer back to the pool.
    ///
    /// # Errors
    /// The first that holds of: closed, not held, locked.
    pub fn release(&self, ownership: &Ownership, day: Day) -> Result<Outcome, Refusal> {
        let (mut outcome, day) = self.up_to(ownership, day);
        may_change_hands(&outcome.ownership, day, |ownership| {
            ownership.holding.is_none().then_some(Refusal::NotHeld)
        })?;
        if let Some(owner) = outcome.ownership.lose(day) {
            self.note(&mut outcome, day, OwnershipChange::Released { owner });
        }
        Ok(outcome)
    }

    /// The owner had a contact with the customer on a day. One that is told late counts from its own day, but takes no return
    /// back that was found out before; one before the claim does not count.
    pub fn contact(&self, ownership: &Ownership, day: Day) -> Outcome {
        self.noted(ownership, day, |holding| {
            holding.last_contact = holding.last_contact.max(Some(day));
        })
    }

    /// The owner had a deal with the customer on a day, which is a contact too. Told late, it counts as a late
    /// [contact](Self::contact) does.
    pub fn deal(&self, ownership: &Ownership, day: Day) -> Outcome {
        self.noted(ownership, day, |holding| {
            holding.last_deal = holding.last_deal.max(Some(day));
        })
    }

    fn noted(&self, ownership: &Ownership, day: Day, note: impl FnOnce(&mut Holding)) -> Outcome {
        self.change(ownership, day, |ownership, _| {
            if let Some(holding) = &mut ownership.holding
                && holding.since <= day
            {
                note(holding);
            }
            None
        })
    }

    /// The customer does not change hands: no return, no claim, no release. The days without a contact or a deal run on. A lock
    /// replaces an earlier one.
    pub fn lock(&self, ownership: &Ownership, lock: Lock, day: Day) -> Outcome {
        self.change(ownership, day, |ownership, _| {
            let before = ownership.lock.replace(lock);
            (before != Some(lock)).then_some(OwnershipChange::Locked(lock))
        })
    }

    /// The customer changes hands again. Who is overdue then is warned or returns on the same day.
    pub fn unlock(&self, ownership: &Ownership, day: Day) -> Outcome {
        self.change(ownership, day, |ownership, _| {
            ownership.lock.take().map(|_| OwnershipChange::Unlocked)
        })
    }

    /// The deal is closed: the customer stays where they are, and does not count among those held unless the rules say so.
    pub fn close(&self, ownership: &Ownership, day: Day) -> Outcome {
        self.change(ownership, day, |ownership, day| {
            let closes = ownership.closed.is_none();
            ownership.closed.get_or_insert(day);
            closes.then_some(OwnershipChange::Closed)
        })
    }

    /// The closed deal is open again. Days without a contact or a deal count anew.
    pub fn reopen(&self, ownership: &Ownership, day: Day) -> Outcome {
        self.change(ownership, day, |ownership, day| {
            ownership.closed.take()?;
            if let Some(holding) = &mut ownership.holding {
                holding.reopened = Some(day);
            }
            Some(OwnershipChange::Reopened)
        })
    }

    /// Everything made up to a day, and that day, or the later one of an earlier review.
    fn up_to(&self, ownership: &Ownership, day: Day) -> (Outcome, Day) {
        let outcome = self.review(ownership, day);
        let day = outcome.ownership.reviewed.unwrap_or(day);
        (outcome, day)
    }

    /// Makes up, changes, and looks what that brings with it on the same day.
    fn change(
        &self,
        ownership: &Ownership,
        day: Day,
        change: impl FnOnce(&mut Ownership, Day) -> Option<OwnershipChange>,
    ) -> Outcome {
        let (mut outcome, day) = self.up_to(ownership, day);
        if let Some(change) = change(&mut outcome.ownership, day) {
            self.note(&mut outcome, day, change);
        }
        self.make_up(&mut outcome, day);
        outcome
    }
}

fn may_change_hands(
    ownership: &Ownership,
    day: Day,
    held: impl FnOnce(&Ownership) -> Option<Refusal>,
) -> Result<(), Refusal> {
    if ownership.closed.is_some() {
        return Err(Refusal::Closed);
    }
    if let Some(refusal) = held(ownership) {
        return Err(refusal);
    }
    match ownership.lock {
        Some(Lock::Indefinite) => Err(Refusal::Locked { until: None }),
        Some(Lock::Until(until)) if day < until => Err(Refusal::Locked { until: Some(until) }),
        _ => Ok(()),
    }
}
