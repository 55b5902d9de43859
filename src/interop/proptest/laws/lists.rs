//! What is due does not depend on the order of anything.

use std::fmt;

use super::host::{Host, Lists, many_days};
use super::policy::read_again;
use super::scene::Scene;
use crate::engine::{Engine, Population, Reviewed, Reviews};
use crate::model::{Complaint, Day, Interaction, Record};
use crate::strategy::playbook::{Position, Subject};
use crate::strategy::surveys::{Candidate, Invitation};
use crate::summary::{Summary, Window};

/// The same list from records, customers and invitations in another order, and from each customer by themselves; and an empty
/// one when it is done.
pub(super) fn same_list(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let policy = engine.policy();
    if policy.playbook.is_none() && policy.surveys.is_none() {
        return Ok(());
    }
    let turned = turned(scene);
    let histories = scene.histories(&scene.shuffled(), scene.as_of(), engine.layout())?;
    let other = turned.everybody(histories)?;
    let mut before = Host::of(scene);
    many_days(
        engine,
        population,
        scene,
        |reviews, host, done, standings| {
            let day = reviews.as_of();
            before.remembered = host.remembered.clone();
            let again = before.lists(engine, population, standings, day)?;
            same(done, &again, "when asked for again")?;
            by_themselves(engine, reviews, &before, done)?;
            nothing_more(&host.lists(engine, population, standings, day)?)?;
            if day == scene.as_of() {
                let mut host = Host::of(&turned);
                host.remembered = read_again(&before.remembered)?;
                let standings = scene.standings();
                let turned = host.lists(engine, &other, &standings, day)?;
                same(done, &turned, "in another order")?;
                let later = host.known(Day::MAX);
                let told = host.lists_knowing(&later, engine, &other, &standings, day)?;
                same(done, &told, "with what is known only later")?;
            }
            before.does(done);
            Ok(())
        },
    )
}

/// Everything the other way round.
fn turned(scene: &Scene) -> Scene {
    let mut turned = scene.clone();
    turned.records.reverse();
    turned.invitations.reverse();
    turned.attempts.reverse();
    turned.people.reverse();
    turned
}

fn same(a: &Lists, b: &Lists, when: &str) -> Result<(), String> {
    same_text(&a.due, &b.due, when)?;
    same_text(&a.surveys, &b.surveys, when)
}

fn same_text<T: PartialEq + fmt::Debug>(a: &T, b: &T, when: &str) -> Result<(), String> {
    match a == b {
        true => Ok(()),
        false => Err(format!("the list is {a:?}, and {b:?} {when}")),
    }
}

/// Whether the parts a policy is made of give the same list: each customer found by name, the last one first.
fn by_themselves(
    engine: &Engine,
    reviews: &Reviews<'_>,
    host: &Host,
    done: &Lists,
) -> Result<(), String> {
    let (policy, day) = (engine.policy(), reviews.as_of());
    let known = host.known(day);
    let mut found: Vec<Reviewed<'_>> = reviews.iter().collect();
    found.reverse();
    if let Some(playbook) = engine.playbook() {
        let segments: Vec<Vec<bool>> = found
            .iter()
            .map(|one| {
                let is_in = |name: &str| one.assessment().segments().any(|own| own == name);
                policy.segments.iter().map(|s| is_in(&s.name)).collect()
            })
            .collect();
        let contacts: Vec<Vec<&Interaction>> = found
            .iter()
            .map(|one| {
                let own = known.of(one.id()).iter().rev();
                let own = own.filter_map(|record| match record {
                    Record::Interaction(contact) => Some(contact),
                    _ => None,
                });
                own.collect()
            })
            .collect();
        let subjects = found.iter().zip(segments.iter().zip(&contacts));
        let subjects = subjects.map(|(one, (segments, interactions))| {
            let found = one.assessment();
            let mut tiers = policy.tiers.tiers.iter().rev();
            let mut stages = policy.lifecycle.iter().flat_map(|life| &life.stages);
            let position = Position {
                tier: tiers
                    .position(|tier| tier.name == found.tier())
                    .unwrap_or(0),
                stage: stages.position(|stage| Some(stage.name.as_str()) == found.stage()),
                segments,
            };
            Subject {
                position,
                stage_since: found.stage_since(),
                record: host.remembered.get(one.id()),
                interactions,
                attempts: reviews.population().attempts(one.position()),
                ..Subject::new(one.id(), found.row())
            }
        });
        let list = Some(playbook.due(day, subjects));
        same_text(&done.due, &list, "from each customer by themselves")?;
    }
    let Some(surveys) = engine.surveys() else {
        return Ok(());
    };
    let histories = reviews.population().histories();
    let days: Vec<(Vec<Day>, Vec<Day>)> = found
        .iter()
        .map(|one| {
            let history = histories.get(one.id());
            let bought = history.map_or_else(Vec::new, |history| {
                let all = Summary::new(history, Window::Lifetime, day);
                all.purchase_days().map(|(day, _)| day).collect()
            });
            let settled = known.of(one.id()).iter().rev();
            let settled = settled.filter_map(|record| match record {
                Record::Complaint(complaint) => Complaint::resolved(complaint),
                _ => None,
            });
            (bought, settled.collect())
        })
        .collect();
    let invitations: Vec<&Invitation> = host.invitations.iter().rev().collect();
    let candidates = found.iter().zip(&days);
    let candidates = candidates.map(|(one, (purchases, resolved))| Candidate {
        purchases,
        resolved,
        stage_since: one.assessment().stage_since(),
        // Those of others do not count.
        invitations: &invitations,
        ..Candidate::new(one.id(), one.assessment().row())
    });
    let list = Some(surveys.due(candidates, day));
    same_text(&done.surveys, &list, "from each customer by themselves")
}

/// Whether nothing is due after all was done.
fn nothing_more(again: &Lists) -> Result<(), String> {
    let due = again.due.iter().flat_map(|list| &list.due);
    let asked = again.surveys.iter().flat_map(|list| &list.due);
    let due = due.map(|one| &one.customer);
    match due.chain(asked.map(|one| &one.customer)).next() {
        Some(id) => Err(format!("customer {id} is due after all was done")),
        None => Ok(()),
    }
}
