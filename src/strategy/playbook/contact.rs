//! The contacts of one customer, from what was recorded.

use super::plan::Playbook;
use crate::model::{Attempt, Day, Direction, Interaction};

/// One contact of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contact {
    pub day: Day,
    /// The position of the channel, if the playbook has it.
    pub channel: Option<usize>,
    /// The position of the action, if it was one.
    pub action: Option<usize>,
}

/// Whether an attempt is the contact that an outbound interaction tells of too.
pub(in crate::strategy) fn is_same(attempt: &Attempt, one: &Interaction) -> bool {
    one.day() == attempt.day()
        && Some(one.kind()) == attempt.offer()
        && attempt.channel().is_none_or(|name| name == one.channel())
}

impl Playbook {
    /// The contacts up to a day.
    pub(super) fn contacts(
        &self,
        interactions: &[&Interaction],
        attempts: &[Attempt],
        day: Day,
    ) -> Vec<Contact> {
        let channel = |name: &str| self.channels.iter().position(|c| c.name == name);
        let action = |name: &str| self.actions.iter().position(|a| a.name == name);
        let ours = |one: &&Interaction| one.direction() == Direction::Outbound && one.day() <= day;
        let outbound = || interactions.iter().copied().filter(ours);
        let told_twice = |attempt: &Attempt| outbound().any(|one| is_same(attempt, one));
        let mut contacts: Vec<Contact> = outbound()
            .map(|one| Contact {
                day: one.day(),
                channel: channel(one.channel()),
                action: action(one.kind()),
            })
            .collect();
        let attempts = attempts
            .iter()
            .filter(|one| one.day() <= day && !told_twice(one));
        contacts.extend(attempts.map(|one| Contact {
            day: one.day(),
            channel: one.channel().and_then(channel),
            action: one.offer().and_then(action),
        }));
        contacts
    }
}
