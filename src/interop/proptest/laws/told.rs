//! What is told of customers beside their transactions: contacts, complaints, invitations to surveys.

use ::proptest::prelude::*;

use crate::engine::Policy;
use crate::model::{Complaint, CustomerId, Day, Days, Direction, Interaction, Record};
use crate::strategy::surveys::Invitation;

/// What contacts and surveys are about.
#[derive(Debug, Clone)]
pub(super) struct Served {
    channels: Vec<String>,
    actions: Vec<String>,
    surveys: Vec<String>,
}

impl Served {
    /// `None` if nobody asks.
    pub(super) fn of(policy: &Policy) -> Option<Self> {
        let (playbook, surveys) = (policy.playbook.as_ref(), policy.surveys.as_ref());
        (playbook.is_some() || surveys.is_some()).then(|| Self {
            channels: playbook.map_or(Vec::new(), |p| p.channels.clone()),
            actions: playbook.map_or(Vec::new(), |p| {
                p.actions.iter().map(|action| action.name.clone()).collect()
            }),
            surveys: surveys.map_or(Vec::new(), |s| {
                s.ask.iter().map(|survey| survey.name.clone()).collect()
            }),
        })
    }
}

/// A contact, a complaint or an invitation, before it is known whose and of what.
#[derive(Debug, Clone)]
pub(super) struct Told {
    who: u8,
    back: i32,
    kind: u8,
    picks: [u8; 2],
}

impl Told {
    fn place(
        &self,
        served: &Served,
        customers: &[CustomerId],
        as_of: Day,
        records: &mut Vec<Record>,
        invitations: &mut Vec<Invitation>,
    ) {
        fn one(names: &[String], pick: u8) -> &str {
            let name = names.get(usize::from(pick) % (names.len() + 1));
            // Now and then something that the policy does not know.
            name.map_or("something else", String::as_str)
        }
        let who = customers.get(usize::from(self.who) % customers.len().max(1));
        let Some(id) = who.cloned() else { return };
        let day = as_of.minus(Days::new(self.back));
        let [a, b] = self.picks;
        match self.kind {
            0..=2 => {
                let direction = match self.kind {
                    0 => Direction::Inbound,
                    _ => Direction::Outbound,
                };
                let (channel, action) = (one(&served.channels, a), one(&served.actions, b));
                let made = Interaction::new(id, day, channel, direction, action);
                records.extend(made.ok().map(Record::from));
            }
            3 => {
                let opened = day.minus(Days::new(i32::from(b % 30)));
                let made = Complaint::new(id, opened, "delivery");
                let made = made.and_then(|made| match a % 4 {
                    0 => Ok(made),
                    _ => made.resolved_on(day),
                });
                records.extend(made.ok().map(Record::from));
            }
            _ => invitations.push(Invitation::new(id, day, one(&served.surveys, a))),
        }
    }
}

/// A few of them, if anybody asks.
pub(super) fn told(asked: bool) -> impl Strategy<Value = Vec<Told>> {
    let one = (any::<u8>(), -60..=120_i32, 0..6_u8, any::<[u8; 2]>());
    let one = one.prop_map(|(who, back, kind, picks)| Told {
        who,
        back,
        kind,
        picks,
    });
    prop::collection::vec(one, if asked { 0..=8 } else { 0..=0 })
}

impl Served {
    /// What was told, of these customers and around a day.
    pub(super) fn place(
        &self,
        told: &[Told],
        customers: &[CustomerId],
        as_of: Day,
    ) -> (Vec<Record>, Vec<Invitation>) {
        let (mut records, mut invitations) = (Vec::new(), Vec::new());
        for one in told {
            one.place(self, customers, as_of, &mut records, &mut invitations);
        }
        (records, invitations)
    }
}
