//! What time does: warnings, returns, and locks that end.

use super::event::{Outcome, OwnershipChange, OwnershipEvent};
use super::record::{Holding, Lock, Ownership, ReturnReason};
use super::rules::{OwnershipRules, later};
use super::spec::OwnershipSpec;
use crate::model::{Day, Days};

/// What happens next of itself.
#[derive(Debug, Clone, Copy)]
enum Step {
    Unlock,
    Withdraw(ReturnReason),
    Warn(ReturnReason, Day),
    Return(ReturnReason),
}

impl Step {
    /// What comes first on one day.
    fn order(self) -> u8 {
        match self {
            Self::Unlock => 0,
            Self::Withdraw(_) => 1,
            Self::Warn(..) => 2,
            Self::Return(_) => 3,
        }
    }
}

impl OwnershipSpec {
    /// The day on which the customer is due to return, if nothing happens.
    fn due(&self, ownership: &Ownership, holding: &Holding, reason: ReturnReason) -> Option<Day> {
        let days = match reason {
            ReturnReason::NoContact => self.no_contact,
            ReturnReason::NoDeal => self.no_deal,
        };
        let due = later(holding.counts_from(reason), days)?;
        let due = match self.protection {
            // Beyond the calendar, protection has no end.
            Some(_) => due.max(later(holding.since, self.protection)?),
            None => due,
        };
        match (ownership.closed, ownership.lock) {
            (Some(_), _) | (_, Some(Lock::Indefinite)) => None,
            (None, Some(Lock::Until(day))) => Some(due.max(day)),
            (None, None) => Some(due),
        }
    }

    /// What happens next for one reason, seen from a day up to which everything is made up.
    fn next_for(
        &self,
        ownership: &Ownership,
        holding: &Holding,
        reason: ReturnReason,
        now: Day,
    ) -> Option<(Day, Step)> {
        let due = self.due(ownership, holding, reason);
        let warns_on = |due: Day| due.minus(self.warn_before.unwrap_or(Days::new(0)));
        match (holding.warned(reason), due) {
            (Some(_), None) => Some((now, Step::Withdraw(reason))),
            // What an owner was told is kept to, even if it would now be sooner.
            (Some(told), Some(due)) if due <= told => Some((told.max(now), Step::Return(reason))),
            (Some(_), Some(due)) if self.warn_before.is_some() && warns_on(due) <= now => {
                Some((now, Step::Warn(reason, due)))
            }
            (Some(_), Some(_)) => Some((now, Step::Withdraw(reason))),
            (None, Some(due)) if self.warn_before.is_some() => {
                let on = warns_on(due).max(now);
                // Late rules, or a lock that was lifted, leave the owner the days of the warning all the same.
                let returns_on = later(on, self.warn_before)?.max(due);
                Some((on, Step::Warn(reason, returns_on)))
            }
            (None, Some(due)) => Some((due.max(now), Step::Return(reason))),
            (None, None) => None,
        }
    }

    fn next(&self, ownership: &Ownership, now: Day) -> Option<(Day, Step)> {
        let unlock = match ownership.lock {
            Some(Lock::Until(day)) => Some((day.max(now), Step::Unlock)),
            _ => None,
        };
        let holding = ownership.holding.iter();
        let steps = holding.flat_map(|holding| {
            ReturnReason::ALL
                .into_iter()
                .filter_map(|reason| self.next_for(ownership, holding, reason, now))
        });
        // Of equal ones the first: no contact before no deal.
        unlock
            .into_iter()
            .chain(steps)
            .min_by_key(|(day, step)| (*day, step.order()))
    }
}

impl OwnershipRules {
    /// What has happened of itself up to a day: warnings, returns, and locks that ended, each on its own day and by the rules of
    /// that day.
    ///
    /// It makes up for all days since the last review: however seldom one reviews, the result is the same. A day before the
    /// last review is as that one.
    pub fn review(&self, ownership: &Ownership, day: Day) -> Outcome {
        let mut outcome = Outcome {
            ownership: ownership.clone(),
            events: Vec::new(),
        };
        self.make_up(&mut outcome, day);
        outcome
    }

    /// The first day after the last review on which a review has something to say, if nothing else happens; `None`: never.
    #[must_use]
    pub fn next_review(&self, ownership: &Ownership) -> Option<Day> {
        let outcome = self.review(ownership, Day::MAX);
        outcome.events.first().map(|event| event.day)
    }

    /// When and why the customer returns to the pool, if nothing else happens; `None`: not at all.
    #[must_use]
    pub fn returns_on(&self, ownership: &Ownership) -> Option<(Day, ReturnReason)> {
        let outcome = self.review(ownership, Day::MAX);
        outcome.events.iter().find_map(|event| match event.change {
            OwnershipChange::Returned { reason, .. } => Some((event.day, reason)),
            _ => None,
        })
    }

    /// Brings an outcome up to a day.
    pub(super) fn make_up(&self, outcome: &mut Outcome, day: Day) {
        let ownership = &outcome.ownership;
        let claimed = ownership.holding.as_ref().map(|holding| holding.since);
        let mut now = ownership.reviewed.or(claimed).unwrap_or(day);
        let day = day.max(now);
        loop {
            let rules = self.at(now);
            let changes = self.next_change(now).filter(|from| *from <= day);
            // Each step takes something away that the next would need: a lock, a warning, the owner.
            while let Some((on, step)) = rules.next(&outcome.ownership, now)
                && on <= day
                && changes.is_none_or(|from| on < from)
            {
                now = on;
                self.take(outcome, on, step);
            }
            match changes {
                Some(from) => now = from,
                None => break,
            }
        }
        outcome.ownership.reviewed = Some(day);
    }

    fn take(&self, outcome: &mut Outcome, day: Day, step: Step) {
        let ownership = &mut outcome.ownership;
        let owner = || ownership.owner().unwrap_or_default().to_owned();
        let change = match step {
            Step::Unlock => {
                ownership.lock = None;
                OwnershipChange::Unlocked
            }
            Step::Withdraw(reason) => {
                let owner = owner();
                warn(ownership, reason, None);
                OwnershipChange::WarningWithdrawn { owner, reason }
            }
            Step::Warn(reason, returns_on) => {
                let owner = owner();
                warn(ownership, reason, Some(returns_on));
                OwnershipChange::Warned {
                    owner,
                    reason,
                    returns_on,
                }
            }
            Step::Return(reason) => {
                let owner = ownership.lose(day).unwrap_or_default();
                OwnershipChange::Returned { owner, reason }
            }
        };
        self.note(outcome, day, change);
    }

    pub(super) fn note(&self, outcome: &mut Outcome, day: Day, change: OwnershipChange) {
        outcome.events.push(OwnershipEvent {
            day,
            change,
            rules: self.fingerprint(day),
        });
    }
}

fn warn(ownership: &mut Ownership, reason: ReturnReason, returns_on: Option<Day>) {
    if let Some(holding) = &mut ownership.holding {
        holding.warn(reason, returns_on);
    }
}
