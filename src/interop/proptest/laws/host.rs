//! A host that does what is due, day after day, and what it then knows.

use std::collections::BTreeMap;

use super::scene::Scene;
use crate::engine::{Engine, Population, Reviewed, Reviews, Standings};
use crate::ledger::{Options, Records};
use crate::model::{Currency, CustomerId, Day, Days, Direction, Interaction, Record};
use crate::strategy::playbook::{DueList, PlaybookRecord};
use crate::strategy::surveys::{Invitation, SurveyList};

/// What a host keeps beside the histories.
pub(super) struct Host {
    records: Vec<Record>,
    pub(super) invitations: Vec<Invitation>,
    pub(super) remembered: BTreeMap<CustomerId, PlaybookRecord>,
    currency: Currency,
}

/// What is to be done on a day.
pub(super) struct Lists {
    pub(super) due: Option<DueList>,
    pub(super) surveys: Option<SurveyList>,
}

/// A contact of one's own: with whom, when, through what and why, as far as that is known.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    pub(super) customer: CustomerId,
    pub(super) day: Day,
    pub(super) channel: Option<String>,
    pub(super) action: Option<String>,
}

impl Host {
    pub(super) fn of(scene: &Scene) -> Self {
        Self {
            records: scene.records.clone(),
            invitations: scene.invitations.clone(),
            remembered: BTreeMap::new(),
            currency: scene.past.currency,
        }
    }

    /// What there is to know on a day.
    pub(super) fn known(&self, day: Day) -> Records {
        Records::clean(
            self.records.iter().cloned(),
            &Options::new(day, self.currency),
        )
    }

    /// What is to be done with everybody on a day, with what is known then.
    pub(super) fn lists(
        &self,
        engine: &Engine,
        population: &Population,
        standings: &Standings,
        day: Day,
    ) -> Result<Lists, String> {
        let known = &self.known(day);
        self.lists_knowing(known, engine, population, standings, day)
    }

    pub(super) fn lists_knowing(
        &self,
        known: &Records,
        engine: &Engine,
        population: &Population,
        standings: &Standings,
        day: Day,
    ) -> Result<Lists, String> {
        // What was done counts in no metric: the laws are about limits, which go by the records alone.
        let population = population.clone().with_counted_records(known);
        let population = population.map_err(|error| error.to_string())?;
        let reviews = engine.review_all(&population, standings, day);
        let reviews = reviews.map_err(|error| error.to_string())?;
        Ok(Lists {
            due: reviews.due_actions(&self.remembered),
            surveys: reviews.due_surveys(&self.invitations),
        })
    }

    /// Does everything that is due, and writes it down.
    pub(super) fn does(&mut self, lists: &Lists) {
        if let Some(list) = &lists.due {
            self.records.extend(list.due.iter().filter_map(|one| {
                let (id, direction) = (one.customer.clone(), Direction::Outbound);
                let made = Interaction::new(id, list.day, &one.channel, direction, &one.action);
                made.ok().map(Record::from)
            }));
        }
        if let Some(list) = &lists.surveys {
            self.invitations.extend(
                list.due.iter().map(|one| {
                    Invitation::new(one.customer.clone(), list.day, one.survey.as_str())
                }),
            );
        }
    }

    /// The contacts up to a day.
    pub(super) fn contacts(&self, scene: &Scene, day: Day) -> Vec<Contact> {
        let ours = self.records.iter().filter_map(|record| match record {
            Record::Interaction(one) if one.direction() == Direction::Outbound => Some(Contact {
                customer: one.customer().clone(),
                day: one.day(),
                channel: Some(one.channel().to_owned()),
                action: Some(one.kind().to_owned()),
            }),
            _ => None,
        });
        let [tried, _] = scene.tried();
        let tried = tried.into_iter().map(|one| Contact {
            customer: one.customer().clone(),
            day: one.day(),
            channel: one.channel().map(str::to_owned),
            action: one.offer().map(str::to_owned),
        });
        ours.chain(tried).filter(|one| one.day <= day).collect()
    }
}

/// The day of a scene and twelve later ones: the next, some days later, a month later.
fn days(scene: &Scene) -> impl Iterator<Item = Day> {
    let steps = [1, 1, 1, 2, 7, 30];
    let steps = scene.picks.iter().filter_map(move |pick| {
        let step = steps.get(usize::from(*pick) % steps.len());
        step.copied()
    });
    let mut day = scene.as_of();
    std::iter::once(day).chain(steps.map(move |step| {
        day = day.plus(Days::new(step));
        day
    }))
}

/// Reviews everybody on one day after the other, and does what is due. What is checked is each day with what was done on it, and the
/// standings before it.
pub(super) fn many_days(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
    mut check: impl FnMut(&Reviews<'_>, &Host, &Lists, &Standings) -> Result<(), String>,
) -> Result<(), String> {
    let mut host = Host::of(scene);
    let mut standings: Standings = scene.standings();
    for day in days(scene) {
        let reviews = engine.review_all(population, &standings, day);
        let reviews = reviews.map_err(|error| error.to_string())?;
        host.remembered = reviews.playbook_records(&host.remembered);
        let lists = host.lists(engine, population, &standings, day)?;
        host.does(&lists);
        check(&reviews, &host, &lists, &standings).map_err(|what| format!("on {day} {what}"))?;
        standings = reviews.into_standings();
    }
    Ok(())
}

/// What a review says of one customer.
pub(super) fn reviewed<'r>(
    reviews: &'r Reviews<'_>,
    id: &CustomerId,
) -> Result<Reviewed<'r>, String> {
    let found = reviews.iter().find(|one| one.id() == id);
    found.ok_or_else(|| format!("customer {id} is on a list, and is not there"))
}
