//! Laws of how tiers move.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use super::super::policy::ADDITIVE;
use super::policy::read_again;
use super::review::{Found, course, same_events, subject};
use super::scene::Scene;
use crate::engine::{Engine, Policy, Population, Projection};
use crate::model::{CustomerId, Day};
use crate::rules::Expr;
use crate::scoring::Repeat;
use crate::summary::Window;
use crate::tiering::{
    Afterwards, Change, Downgrade, MovementSpec, QUALIFYING, Refunds, ReviewTiming, Tenure,
    TierEvent, TierRecord,
};

/// Whether a tier depends only on what happened, and not on the days of the reviews; see
/// [`PolicyLaw::EarlierReviews`](super::PolicyLaw::EarlierReviews).
fn depends_on_records_alone(policy: &Policy) -> bool {
    let Some(movement) = &policy.movement else {
        return false;
    };
    let Some(counted) = &movement.qualifying else {
        return false;
    };
    let adds_up = match (&counted.measure, &counted.points) {
        (Some(measure), _) => ADDITIVE.contains(&measure.as_str()),
        (None, points) => policy.points.iter().any(|score| {
            let mut rules = score.rules.iter();
            Some(&score.name) == points.as_ref()
                && rules.all(|rule| rule.when.is_none() && rule.repeat != Repeat::While)
        }),
    };
    // What is lacking of a past window may be seen sooner or later.
    let past = movement.refunds == Refunds::Now
        && matches!(
            counted.window,
            Some(Window::Between(..) | Window::Calendar { back: 1.., .. })
        );
    let decays = matches!(movement.after_upgrade, Afterwards::HalfLife(_));
    let known = |column: &str| column == QUALIFYING || policy.attributes.contains_key(column);
    adds_up
        && !past
        && !(decays && timing(movement) == ReviewTiming::Always)
        && criteria(policy).all(|rule| rule.columns().into_iter().all(known))
}

fn timing(movement: &MovementSpec) -> ReviewTiming {
    movement.review.unwrap_or(match movement.term {
        Some(_) => ReviewTiming::TermEnd,
        None => ReviewTiming::Always,
    })
}

/// What tiers ask beside the qualifying metric.
fn criteria(policy: &Policy) -> impl Iterator<Item = &Expr> {
    let tiers = policy.tiers.tiers.iter();
    tiers.flat_map(|tier| tier.when.iter().chain(&tier.keep_when))
}

/// Whether no rule of a tier reads the qualifying metric, itself or by the stage.
pub(super) fn rises_with_metric(policy: &Policy) -> bool {
    let counts = policy
        .movement
        .as_ref()
        .is_some_and(|movement| movement.qualifying.is_some());
    counts
        && criteria(policy).all(|rule| {
            let columns = rule.columns();
            !columns.contains(&QUALIFYING) && !columns.contains(&"stage")
        })
}

/// The same record and the same events, whatever the days between the first review and the last.
pub(super) fn more_reviews(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let days = scene.days();
    let (Some(first), Some(last), true) = (
        days.first(),
        days.last(),
        depends_on_records_alone(engine.policy()),
    ) else {
        return Ok(());
    };
    let seldom = course(engine, population, scene, &[*first, *last])?;
    let often = course(engine, population, scene, &days)?;
    seldom.iter().zip(&often).try_for_each(|(a, b)| {
        let tiers = (a.standing.tier(), b.standing.tier());
        same_course(tiers, (&a.events, &b.events), "with the reviews between")
            .map_err(|what| format!("customer {}: {what}", a.id))
    })
}

fn same_course(
    (a, b): (Option<&TierRecord>, Option<&TierRecord>),
    events: (&[TierEvent], &[TierEvent]),
    when: &str,
) -> Result<(), String> {
    if a != b {
        return Err(format!("the tier record is {a:?}, and {b:?} {when}"));
    }
    same_events(events.0, events.1, when)
}

/// Review after review from the first record on is one recomputation.
pub(super) fn recompute(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    if !scene.standalone || !depends_on_records_alone(engine.policy()) {
        return Ok(());
    }
    let as_of = scene.as_of();
    let mut buffer = engine.buffer();
    let mut known_then: BTreeMap<Day, Population> = BTreeMap::new();
    for (position, (id, history)) in population.histories().iter().enumerate() {
        let Some(first) = history.days().next() else {
            continue;
        };
        let between = scene.earlier.iter().copied().filter(|day| *day > first);
        let days: BTreeSet<Day> = between.chain([first, as_of]).collect();
        let mut standing = scene.standings().get(&id).cloned().unwrap_or_default();
        let mut events = Vec::new();
        for day in days {
            let then = match known_then.entry(day) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(scene.population(&scene.past.rows, day, engine)?)
                }
            };
            let Some((at, history)) = found_in(then, &id) else {
                return Err(format!("customer {id} is not known on {day}"));
            };
            let subject = subject(then, at, &id, history);
            let (after, found) = engine.review(subject, standing, day, &mut buffer);
            events.extend(found.events());
            standing = read_again(&after)?;
        }
        let whole = subject(population, position, &id, history);
        let (anew, all) = engine.recompute(whole, &standing, as_of, &mut buffer);
        let tiers = (standing.tier(), anew.tier());
        same_course(tiers, (&events, &all), "when recomputed")
            .map_err(|what| format!("customer {id}: {what}"))?;
    }
    Ok(())
}

fn found_in<'p>(
    population: &'p Population,
    id: &CustomerId,
) -> Option<(usize, crate::history::HistoryView<'p>)> {
    let at = population.histories().position(id)?;
    Some((at, population.histories().get(id)?))
}

/// Whether events come to a record.
pub(super) fn comes_to(events: &[TierEvent], record: Option<&TierRecord>) -> Result<(), String> {
    let come_to = TierRecord::replay(events);
    match come_to.as_ref() == record {
        true => Ok(()),
        false => Err(format!(
            "the tier record is {record:?}, and the events come to {come_to:?}"
        )),
    }
}

/// What lies ahead of everybody, after a review.
pub(super) fn projections(
    engine: &Engine,
    population: &Population,
    found: &[Found],
    as_of: Day,
) -> Vec<Option<Projection>> {
    let mut buffer = engine.buffer();
    let customers = population.histories().iter().enumerate();
    customers
        .zip(found)
        .map(|((position, (id, history)), found)| {
            let subject = subject(population, position, &id, history);
            engine.project(subject, &found.standing, as_of, &mut buffer)
        })
        .collect()
}

/// What is projected of everybody is what comes.
pub(super) fn look_ahead(
    engine: &Engine,
    population: &Population,
    found: &[Found],
    as_of: Day,
) -> Result<(), String> {
    let mut buffer = engine.buffer();
    let ahead = projections(engine, population, found, as_of);
    let customers = population.histories().iter().enumerate();
    for (((position, (id, history)), found), ahead) in customers.zip(found).zip(ahead) {
        let Some(ahead) = ahead else { continue };
        let day = ahead.grace.unwrap_or(ahead.review);
        let subject = subject(population, position, &id, history);
        let standing = found.standing.clone();
        let (after, _) = engine.review(subject, standing, day, &mut buffer);
        let tenure = after.tier().and_then(|record| record.tenure.as_ref());
        if tenure.map(|tenure| &tenure.earned) != Some(&ahead.projected) {
            return Err(format!(
                "customer {id}: on {as_of} it was {ahead:?}, and on {day} it is {tenure:?}"
            ));
        }
    }
    Ok(())
}

/// Whether the events of a customer, from the first on and under one policy, keep what the policy says.
pub(super) fn allowed(policy: &Policy, events: &[TierEvent]) -> Result<(), String> {
    let Some(movement) = &policy.movement else {
        return match events.first() {
            Some(event) => Err(format!("nothing moves, and there is {event:?}")),
            None => Ok(()),
        };
    };
    let mut record: Option<TierRecord> = None;
    let mut day = Day::MIN;
    let mut fell: Option<Day> = None;
    for event in events {
        let wrong = |what: &str| Err(format!("{what}: {event:?}, after {record:?}"));
        if event.day < day {
            return wrong("an event before the one before it");
        }
        day = event.day;
        let tenure = record.as_ref().and_then(|record| record.tenure.as_ref());
        if let Some(tenure) = tenure {
            if let Err(what) = step(policy, movement, tenure, event) {
                return wrong(what);
            }
            if matches!(event.change, Change::Downgraded(_)) && fell.replace(day) == Some(day) {
                return wrong("a second downgrade on one day");
            }
        } else if !matches!(event.change, Change::Assigned(_)) {
            return wrong("the first event is no assignment");
        }
        record = TierRecord::replay_from(record, [event]);
    }
    Ok(())
}

/// Whether one event keeps what the policy says.
fn step(
    policy: &Policy,
    movement: &MovementSpec,
    tenure: &Tenure,
    event: &TierEvent,
) -> Result<(), &'static str> {
    let tiers = &policy.tiers.tiers;
    // From the base up.
    let height = |name: &str| tiers.iter().rev().position(|tier| tier.name == name);
    let earned = height(&tenure.earned);
    let check = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
    match &event.change {
        Change::Assigned(_) => Err("a second assignment"),
        Change::Upgraded(to) => check(height(&to.tier) > earned, "an upgrade that is none"),
        Change::Scheduled(up) => {
            check(height(&up.tier) > earned, "an upgrade that is none")?;
            check(up.from > event.day, "an upgrade of the past")
        }
        Change::Revoked(to) => {
            check(
                movement.refunds == Refunds::Now,
                "refunds take nothing back",
            )?;
            check(height(&to.tier) < earned, "a return to no lower tier")
        }
        Change::Renewed { term, .. } | Change::Requalified { term, .. } => {
            let shorter = term
                .zip(tenure.term)
                .is_some_and(|(new, old)| new.end < old.end);
            check(!shorter, "a renewal makes the term shorter")?;
            check(
                term.is_some() == (movement.term.is_some()),
                "a term out of place",
            )
        }
        Change::GraceStarted(grace) => {
            check(movement.grace.is_some(), "a grace that the policy has not")?;
            check(grace.until > event.day, "a grace of no day")?;
            lost(movement, tenure, event.day)
        }
        Change::Downgraded(to) => {
            let tier = tiers.iter().find(|tier| tier.name == tenure.earned);
            let to = height(&to.tier);
            check(to < earned, "a downgrade to no lower tier")?;
            check(
                tier.is_some_and(|tier| tier.downgradable),
                "a tier that is never lost",
            )?;
            let far_enough = match &movement.downgrade {
                Downgrade::None => false,
                Downgrade::OneStep => to.map(|to| to + 1) == earned,
                Downgrade::ToQualified => true,
                Downgrade::ToBase => to == Some(0),
                Downgrade::Floor(floor) => to >= height(floor),
            };
            check(far_enough, "not as far as the policy says")?;
            match (movement.grace, tenure.grace) {
                (None, _) => lost(movement, tenure, event.day),
                (Some(_), None) => Err("a downgrade without the grace before it"),
                (Some(_), Some(grace)) => check(event.day >= grace.until, "within the grace"),
            }
        }
        _ => Ok(()),
    }
}

/// Whether the hold and the term are over.
fn lost(movement: &MovementSpec, tenure: &Tenure, day: Day) -> Result<(), &'static str> {
    let held = movement
        .hold
        .is_some_and(|hold| day < hold.after(tenure.since));
    match (held, tenure.term.is_some_and(|term| day < term.end)) {
        (true, _) => Err("within the hold"),
        (_, true) => Err("within the term"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Catalog;
    use crate::model::Days;
    use crate::tiering::{Grace, Move, Term};
    use crate::{Ledger, Transaction};

    const POLICY: &str = r#"
        head = { name = "yearly", version = "1", currency = "EUR" }
        tiers = [{ name = "gold", entry = 500 }, { name = "silver", entry = 100 }, { name = "member" }]
        movement = { qualifying = { measure = "spend", window = "100 days" }, term = { length = "100 days" }, grace = { length = "30 days" }, hold = "90 days", downgrade = "one_step" }
    "#;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// A customer who is gold, loses it with grace and then silver, and the events of that.
    fn fallen(text: &str) -> (Policy, Vec<TierEvent>, TierRecord) {
        let policy: Policy = toml::from_str(text).unwrap();
        let engine = Engine::new(policy.clone(), &Catalog::standard()).unwrap();
        let last = day("2025-06-30");
        let sale = Transaction::purchase(1, day("2024-01-01"), "600.00 EUR".parse().unwrap());
        let ledger = Ledger::from_transactions(&[sale.unwrap()], engine.cleaning(last));
        let population = engine.population(&ledger).unwrap();
        let history = population.histories().get(&1.into()).unwrap();
        let known = crate::engine::Standing::default();
        let (standing, events) = engine.recompute(history, &known, last, &mut engine.buffer());
        (policy, events, standing.tier().unwrap().clone())
    }

    fn at(events: &[TierEvent], is: fn(&Change) -> bool) -> usize {
        events.iter().position(|event| is(&event.change)).unwrap()
    }

    fn downgrade(events: &[TierEvent]) -> usize {
        at(events, |change| matches!(change, Change::Downgraded(_)))
    }

    /// What is said of the events after something was done to them.
    fn said(spoil: impl Fn(&mut Policy, &mut Vec<TierEvent>)) -> String {
        let (mut policy, mut events, _) = fallen(POLICY);
        spoil(&mut policy, &mut events);
        let what = allowed(&policy, &events).unwrap_err();
        what.split(':').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_the_engine_does_is_allowed() {
        let (policy, events, record) = fallen(POLICY);
        assert_eq!(allowed(&policy, &events), Ok(()));
        assert_eq!(comes_to(&events, Some(&record)), Ok(()));
        let fell = events
            .iter()
            .filter(|e| matches!(e.change, Change::Downgraded(_)));
        assert_eq!(fell.count(), 2);
    }

    #[test]
    fn events_that_come_to_something_else_are_told() {
        let (_, events, record) = fallen(POLICY);
        // All but the last of the two downgrades.
        let last = events
            .iter()
            .rposition(|e| matches!(e.change, Change::Downgraded(_)));
        let mut less = events.clone();
        less.remove(last.unwrap());
        assert!(comes_to(&less, Some(&record)).is_err());
        let mut later = events.clone();
        later
            .iter_mut()
            .for_each(|event| event.day = event.day.next());
        assert!(comes_to(&later, Some(&record)).is_err());
        assert!(comes_to(&events, None).is_err());
        assert!(comes_to(&[], Some(&record)).is_err());
    }

    #[test]
    fn another_course_is_told() {
        let (_, events, record) = fallen(POLICY);
        let whole = Some(&record);
        assert_eq!(
            same_course((whole, whole), (&events, &events), "then"),
            Ok(())
        );
        let what = same_course((whole, None), (&events, &events), "then").unwrap_err();
        assert!(what.starts_with("the tier record is"), "{what}");
        let what = same_course((whole, whole), (&events, &events[1..]), "then").unwrap_err();
        assert!(what.starts_with("event 0 is"), "{what}");
    }

    #[test]
    fn events_that_the_policy_does_not_allow_are_told() {
        let two_steps = said(|_, events| {
            let at = downgrade(events);
            if let Change::Downgraded(to) = &mut events[at].change {
                to.tier = "member".to_owned();
            }
        });
        assert_eq!(two_steps, "not as far as the policy says");
        let early = said(|_, events| {
            let at = downgrade(events);
            events[at].day = events[at - 1].day.next();
        });
        assert_eq!(early, "within the grace");
        let ungraceful = said(|_, events| {
            let grace = at(events, |change| matches!(change, Change::GraceStarted(_)));
            events.remove(grace);
        });
        assert_eq!(ungraceful, "a downgrade without the grace before it");
        let unknown = said(|policy, _| policy.movement.as_mut().unwrap().grace = None);
        assert_eq!(unknown, "a grace that the policy has not");
        let within_term = said(|_, events| {
            let grace = at(events, |change| matches!(change, Change::GraceStarted(_)));
            events[grace].day = events[grace].day.minus(Days::new(1));
        });
        assert_eq!(within_term, "within the term");
        let held = said(|policy, _| {
            policy.movement.as_mut().unwrap().hold = "2 years".parse().ok();
        });
        assert_eq!(held, "within the hold");
        let kept = said(|policy, _| policy.tiers.tiers[0].downgradable = false);
        assert_eq!(kept, "a tier that is never lost");
        let nowhere = said(|policy, _| {
            policy.movement.as_mut().unwrap().downgrade = Downgrade::None;
        });
        assert_eq!(nowhere, "not as far as the policy says");
        let late = said(|_, events| events[1].day = events[0].day.minus(Days::new(1)));
        assert_eq!(late, "an event before the one before it");
        let headless = said(|_, events| drop(events.remove(0)));
        assert_eq!(headless, "the first event is no assignment");
        let unmoved = said(|policy, _| policy.movement = None);
        assert_eq!(unmoved, "nothing moves, and there is TierEvent { day");
        let again = said(|_, events| {
            let first = events[0].clone();
            events.insert(1, first);
        });
        assert_eq!(again, "a second assignment");
        let shorter = said(|_, events| {
            let first = events[0].clone();
            let mut renewed = first.clone();
            let term = Term {
                start: first.day,
                end: first.day.next(),
            };
            renewed.change = Change::Renewed {
                term: Some(term),
                grant: None,
            };
            events.insert(1, renewed);
        });
        assert_eq!(shorter, "a renewal makes the term shorter");
        let up = said(|_, events| {
            let mut upgraded = events[0].clone();
            upgraded.change = Change::Upgraded(Move {
                tier: "silver".to_owned(),
                term: None,
                grant: None,
                recounts: None,
            });
            events.insert(1, upgraded);
        });
        assert_eq!(up, "an upgrade that is none");
        let taken = said(|policy, events| {
            policy.movement.as_mut().unwrap().refunds = Refunds::Ignore;
            let at = downgrade(events);
            if let Change::Downgraded(to) = events[at].change.clone() {
                events[at].change = Change::Revoked(to);
            }
        });
        assert_eq!(taken, "refunds take nothing back");
        let graced = said(|_, events| {
            let at = at(events, |change| matches!(change, Change::GraceStarted(_)));
            let since = events[at].day;
            events[at].change = Change::GraceStarted(Grace {
                since,
                until: since,
            });
        });
        assert_eq!(graced, "a grace of no day");
    }

    #[test]
    fn one_step_is_once_a_day() {
        let text = POLICY
            .replace(r#"grace = { length = "30 days" }, hold = "90 days", "#, "")
            .replace(r#"term = { length = "100 days" }, "#, "");
        let (policy, mut events, _) = fallen(&text);
        assert_eq!(allowed(&policy, &events), Ok(()));
        let first = downgrade(&events);
        let second = first + 1 + downgrade(&events[first + 1..]);
        let mut again = events.remove(second);
        again.day = events[first].day;
        events.insert(first + 1, again);
        let what = allowed(&policy, &events).unwrap_err();
        assert!(what.starts_with("a second downgrade on one day"), "{what}");
    }

    #[test]
    fn what_depends_on_the_days_of_reviews_is_known() {
        let policy: Policy = toml::from_str(POLICY).unwrap();
        assert!(depends_on_records_alone(&policy) && rises_with_metric(&policy));
        let with = |spoil: &dyn Fn(&mut Policy)| {
            let mut policy = policy.clone();
            spoil(&mut policy);
            (
                depends_on_records_alone(&policy),
                rises_with_metric(&policy),
            )
        };
        let when = |text: &str, policy: &mut Policy| {
            policy.tiers.tiers[0].when = Some(text.parse().unwrap());
        };
        assert_eq!(with(&|p| when("days_since_last <= 30", p)), (false, true));
        assert_eq!(with(&|p| when("qualifying <= 900", p)), (true, false));
        assert_eq!(with(&|p| p.movement = None), (false, false));
        let measure = |p: &mut Policy| {
            let movement = p.movement.as_mut().unwrap();
            movement.qualifying.as_mut().unwrap().measure = Some("age".to_owned());
        };
        assert_eq!(with(&measure), (false, true));
        let half_life = |p: &mut Policy| {
            let movement = p.movement.as_mut().unwrap();
            movement.after_upgrade = Afterwards::HalfLife(Days::new(9));
        };
        assert_eq!(with(&half_life), (true, true));
        assert_eq!(
            with(&|p| {
                half_life(p);
                p.movement.as_mut().unwrap().review = Some(ReviewTiming::Always);
            }),
            (false, true)
        );
    }
}
