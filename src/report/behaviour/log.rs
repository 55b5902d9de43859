//! What each customer did on each day: what cannot be added up over customers or days before it is asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Day, Days};

/// The days of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Log(BTreeMap<Day, DayLog>);

/// One day of one customer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DayLog {
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) purchases: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) inbound: u64,
    /// By channel.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) outbound: BTreeMap<Box<str>, Outbound>,
}

/// Outbound contacts of one day through one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outbound {
    pub(super) contacts: u64,
    /// Of these, those of which it is known that the customer answered in time.
    pub(super) answered: u64,
}

/// What became of outbound contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Answers {
    pub(super) judged: u64,
    pub(super) answered: u64,
    pub(super) open: u64,
}

impl Answers {
    pub(super) fn take(&mut self, other: Self) {
        add(&mut self.judged, other.judged);
        add(&mut self.answered, other.answered);
        add(&mut self.open, other.open);
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Counts stop at the largest. As none is negative, they do so in any order.
pub(super) fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

impl DayLog {
    /// Whether the customer did something of their own accord.
    fn is_active(&self) -> bool {
        self.purchases > 0 || self.inbound > 0
    }
}

impl Log {
    pub(super) fn day(&mut self, day: Day) -> &mut DayLog {
        self.0.entry(day).or_default()
    }

    pub(super) fn days(&self) -> impl Iterator<Item = &DayLog> {
        self.0.values()
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (day, more) in &other.0 {
            let day = self.day(*day);
            add(&mut day.purchases, more.purchases);
            add(&mut day.inbound, more.inbound);
            for (channel, more) in &more.outbound {
                let sent = day.outbound.entry(channel.clone()).or_default();
                add(&mut sent.contacts, more.contacts);
                add(&mut sent.answered, more.answered);
            }
        }
    }

    /// The days with a purchase, ascending.
    pub(super) fn purchase_days(&self) -> impl Iterator<Item = Day> {
        let bought = self.0.iter().filter(|(_, log)| log.purchases > 0);
        bought.map(|(day, _)| *day)
    }

    /// The days on which the customer bought or got in touch, ascending.
    pub(super) fn own_days(&self) -> impl Iterator<Item = Day> {
        let active = self.0.iter().filter(|(_, log)| log.is_active());
        active.map(|(day, _)| *day)
    }

    /// The days between neighbouring days with a purchase.
    pub(super) fn gaps(&self) -> impl Iterator<Item = u32> {
        let later = self.purchase_days().skip(1);
        let pairs = self.purchase_days().zip(later);
        pairs.filter_map(|(before, day)| u32::try_from((day - before).get()).ok())
    }

    /// What became of the outbound contacts, by channel; open are those whose time to answer is not over before `to`.
    pub(super) fn answers(&self, within: Days, to: Day) -> impl Iterator<Item = (&str, Answers)> {
        self.0.iter().flat_map(move |(day, log)| {
            // In days since 1970, as `Day` itself stops at the year 9999.
            let end = i64::from(day.epoch_days()) + i64::from(within.get());
            let over = end <= i64::from(to.epoch_days());
            let came = over
                && !log.outbound.is_empty()
                && self
                    .0
                    .range(*day..)
                    .take_while(|(d, _)| i64::from(d.epoch_days()) < end)
                    .any(|(_, log)| log.is_active());
            log.outbound.iter().map(move |(channel, sent)| {
                let answers = if !over {
                    Answers {
                        open: sent.contacts,
                        ..Answers::default()
                    }
                } else {
                    Answers {
                        judged: sent.contacts,
                        answered: if came {
                            sent.contacts
                        } else {
                            sent.answered.min(sent.contacts)
                        },
                        open: 0,
                    }
                };
                (&**channel, answers)
            })
        })
    }
}
