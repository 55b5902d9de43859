//! A second, slow and plain implementation: it lives through every single day.

use customer_value::lifecycle::ownership::OwnershipSpec;

/// A day by its number.
pub type Day = i32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Claimed(usize),
    Warned(usize, Why, Day),
    Withdrawn(usize, Why),
    Lost(usize, Why),
    Released(usize),
    Locked,
    Unlocked,
    Closed,
    Reopened,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Contact,
    Deal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum No {
    Closed,
    Held(usize),
    NotHeld,
    Locked(Option<Day>),
    Barred(Day),
    Holding(u32),
    Daily(u32),
}

/// One customer. Owners are numbers.
#[derive(Debug, Clone, Default)]
pub struct Customer {
    pub owner: Option<usize>,
    since: Day,
    contacts: Vec<Day>,
    deals: Vec<Day>,
    reopened: Option<Day>,
    told: [Option<Day>; 2],
    pub lock: Option<Option<Day>>,
    pub closed: bool,
    /// Who lost the customer when.
    pub lost: Vec<(usize, Day)>,
    pub log: Vec<(Day, Told)>,
}

const ALL: [Why; 2] = [Why::Contact, Why::Deal];

impl Customer {
    /// What time does on a day by its rules: at its start, and after whatever people do on it.
    pub fn live(&mut self, rules: &OwnershipSpec, today: Day) {
        if let Some(Some(until)) = self.lock
            && until <= today
        {
            self.lock = None;
            self.log.push((today, Told::Unlocked));
        }
        let Some(owner) = self.owner else { return };
        let warn = rules.warn_before.map(|days| days.get());
        // Warnings that do not hold any more.
        for why in ALL {
            let Some(told) = self.told[why as usize] else {
                continue;
            };
            let due = self.due(rules, why);
            let still =
                due.is_some_and(|due| due <= told || warn.is_some_and(|warn| today >= due - warn));
            if !still {
                self.told[why as usize] = None;
                self.log.push((today, Told::Withdrawn(owner, why)));
            }
        }
        for why in ALL {
            let (Some(due), Some(warn)) = (self.due(rules, why), warn) else {
                continue;
            };
            let told = self.told[why as usize];
            let returns = match told {
                None if today >= due - warn => due.max(today + warn),
                Some(told) if due > told => due,
                _ => continue,
            };
            self.told[why as usize] = Some(returns);
            self.log.push((today, Told::Warned(owner, why, returns)));
        }
        for why in ALL {
            let returns =
                self.told[why as usize].or_else(|| self.due(rules, why).filter(|_| warn.is_none()));
            if returns.is_some_and(|returns| today >= returns) {
                self.lose(today);
                self.log.push((today, Told::Lost(owner, why)));
                return;
            }
        }
    }

    fn due(&self, rules: &OwnershipSpec, why: Why) -> Option<Day> {
        let days = match why {
            Why::Contact => rules.no_contact?,
            Why::Deal => rules.no_deal?,
        };
        if self.closed || self.lock == Some(None) {
            return None;
        }
        let mut last = self.since.max(self.reopened.unwrap_or(self.since));
        let contacts = if why == Why::Contact {
            self.contacts.as_slice()
        } else {
            &[]
        };
        for day in self.deals.iter().chain(contacts) {
            last = last.max(*day);
        }
        let mut due = last + days.get();
        if let Some(protection) = rules.protection {
            due = due.max(self.since + protection.get());
        }
        if let Some(Some(until)) = self.lock {
            due = due.max(until);
        }
        Some(due)
    }

    fn lose(&mut self, today: Day) {
        if let Some(owner) = self.owner.take() {
            self.lost.push((owner, today));
        }
        self.contacts.clear();
        self.deals.clear();
        self.reopened = None;
        self.told = [None; 2];
    }

    pub fn claim(
        &mut self,
        rules: &OwnershipSpec,
        owner: usize,
        held: u32,
        claims: u32,
        today: Day,
    ) -> Result<(), No> {
        let last = self
            .lost
            .iter()
            .filter(|(who, _)| *who == owner)
            .map(|(_, day)| *day)
            .max();
        let barred = rules.barred.zip(last).map(|(days, lost)| lost + days.get());
        if self.closed {
            return Err(No::Closed);
        }
        if let Some(by) = self.owner {
            return Err(No::Held(by));
        }
        if let Some(until) = self.lock {
            return Err(No::Locked(until));
        }
        if let Some(until) = barred.filter(|until| today < *until) {
            return Err(No::Barred(until));
        }
        if let Some(limit) = rules.max_held.filter(|limit| held >= *limit) {
            return Err(No::Holding(limit));
        }
        if let Some(limit) = rules.max_claims_per_day.filter(|limit| claims >= *limit) {
            return Err(No::Daily(limit));
        }
        self.owner = Some(owner);
        self.since = today;
        self.log.push((today, Told::Claimed(owner)));
        Ok(())
    }

    pub fn release(&mut self, today: Day) -> Result<(), No> {
        if self.closed {
            return Err(No::Closed);
        }
        let owner = self.owner.ok_or(No::NotHeld)?;
        if let Some(until) = self.lock {
            return Err(No::Locked(until));
        }
        self.lose(today);
        self.log.push((today, Told::Released(owner)));
        Ok(())
    }

    pub fn contact(&mut self, on: Day) {
        if self.owner.is_some() && on >= self.since {
            self.contacts.push(on);
        }
    }

    pub fn deal(&mut self, on: Day) {
        if self.owner.is_some() && on >= self.since {
            self.deals.push(on);
        }
    }

    pub fn lock(&mut self, lock: Option<Day>, today: Day) {
        if self.lock != Some(lock) {
            self.lock = Some(lock);
            self.log.push((today, Told::Locked));
        }
    }

    pub fn unlock(&mut self, today: Day) {
        if self.lock.take().is_some() {
            self.log.push((today, Told::Unlocked));
        }
    }

    pub fn close(&mut self, today: Day) {
        if !self.closed {
            self.closed = true;
            self.log.push((today, Told::Closed));
        }
    }

    pub fn reopen(&mut self, today: Day) {
        if self.closed {
            self.closed = false;
            self.reopened = self.owner.map(|_| today);
            self.log.push((today, Told::Reopened));
        }
    }
}
