//! Random rules, changes of rules, and what people do: against the plain simulation, and what must always hold.

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::ownership::{
    Load, Lock, Outcome, Ownership, OwnershipChange as Change, OwnershipEvent, OwnershipRules,
    OwnershipSpec, Refusal, ReturnReason,
};
use customer_value::model::Days;
use proptest::prelude::*;

use super::day;
use super::plain::{Customer, No, Told, Why};

const OWNERS: [&str; 3] = ["li", "wang", "zhao"];
const CUSTOMERS: usize = 4;
/// How many days are lived through.
const LAST: i32 = 90;

#[derive(Debug, Clone, Copy)]
enum Act {
    Claim(usize),
    Release,
    /// So many days ago.
    Contact(i32),
    Deal(i32),
    /// For so many days.
    Lock(Option<i32>),
    Unlock,
    Close,
    Reopen,
    Review,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..OWNERS.len()).prop_map(Act::Claim),
        1 => Just(Act::Release),
        3 => (0..6_i32).prop_map(Act::Contact),
        2 => (0..6_i32).prop_map(Act::Deal),
        1 => prop::option::of(0..20_i32).prop_map(Act::Lock),
        1 => Just(Act::Unlock),
        1 => Just(Act::Close),
        1 => Just(Act::Reopen),
        2 => Just(Act::Review),
    ]
}

fn spec() -> impl Strategy<Value = OwnershipSpec> {
    let days = |range| prop::option::of(range).prop_map(|days: Option<i32>| days.map(Days::new));
    (
        days(4..25_i32),
        days(4..40_i32),
        days(1..8_i32),
        days(1..20_i32),
        days(1..30_i32),
        prop::option::weighted(0.3, 0..4_u32),
        any::<bool>(),
        prop::option::weighted(0.3, 0..3_u32),
    )
        .prop_map(
            |(no_contact, no_deal, warn, protection, barred, held, closed_count, claims)| {
                // A warning comes within the days it warns of.
                let least = no_contact.into_iter().chain(no_deal).min();
                OwnershipSpec {
                    no_contact,
                    no_deal,
                    warn_before: warn.filter(|warn| least.is_none_or(|least| *warn < least)),
                    protection,
                    barred,
                    max_held: held,
                    closed_count,
                    max_claims_per_day: claims,
                }
            },
        )
}

fn bind(spec: &OwnershipSpec) -> OwnershipRules {
    spec.bind(&mut Diagnostics::new()).unwrap()
}

/// What happens to which customer on which day, in the order of the days.
type Story = Vec<(i32, usize, Act)>;

fn story() -> impl Strategy<Value = Story> {
    prop::collection::vec((0..LAST, 0..CUSTOMERS, act()), 0..60).prop_map(|mut story| {
        story.sort_by_key(|(day, ..)| *day);
        story
    })
}

/// Rules, and changes of them with the day each is made.
fn rules() -> impl Strategy<Value = (OwnershipSpec, Vec<(i32, OwnershipSpec)>)> {
    let changes = prop::collection::vec((0..LAST, spec()), 0..3).prop_map(|mut changes| {
        changes.sort_by_key(|(day, _)| *day);
        changes
    });
    (spec(), changes)
}

fn no(refusal: &Refusal) -> No {
    let number = |d: customer_value::model::Day| (d - day(0)).get();
    let who = |name: &str| OWNERS.iter().position(|owner| *owner == name).unwrap();
    match refusal {
        Refusal::Closed => No::Closed,
        Refusal::Held { by } => No::Held(who(by)),
        Refusal::NotHeld => No::NotHeld,
        Refusal::Locked { until } => No::Locked(until.map(number)),
        Refusal::Barred { until } => No::Barred(number(*until)),
        Refusal::HoldingLimit { limit } => No::Holding(*limit),
        Refusal::DailyLimit { limit, .. } => No::Daily(*limit),
    }
}

fn told(event: &OwnershipEvent) -> (i32, Told) {
    let number = |d: customer_value::model::Day| (d - day(0)).get();
    let who = |name: &str| OWNERS.iter().position(|owner| *owner == name).unwrap();
    let why = |reason: &ReturnReason| match reason {
        ReturnReason::NoContact => Why::Contact,
        ReturnReason::NoDeal => Why::Deal,
    };
    let told = match &event.change {
        Change::Claimed { owner } => Told::Claimed(who(owner)),
        Change::Warned {
            owner,
            reason,
            returns_on,
        } => Told::Warned(who(owner), why(reason), number(*returns_on)),
        Change::WarningWithdrawn { owner, reason } => Told::Withdrawn(who(owner), why(reason)),
        Change::Returned { owner, reason } => Told::Lost(who(owner), why(reason)),
        Change::Released { owner } => Told::Released(who(owner)),
        Change::Locked(_) => Told::Locked,
        Change::Unlocked => Told::Unlocked,
        Change::Closed => Told::Closed,
        Change::Reopened => Told::Reopened,
        other => panic!("{other:?}"),
    };
    (number(event.day), told)
}

/// What the library makes of a story: what is remembered, the events, and the answers to claims and releases.
struct Lived {
    all: Vec<Ownership>,
    events: Vec<Vec<OwnershipEvent>>,
    answers: Vec<Option<Refusal>>,
}

/// Plays a story; every customer is looked at every so many days, and all of them before a claim, which needs their number.
fn play(rules: &OwnershipRules, story: &Story, every: i32) -> Lived {
    let mut lived = Lived {
        all: vec![Ownership::default(); CUSTOMERS],
        events: vec![Vec::new(); CUSTOMERS],
        answers: Vec::new(),
    };
    let take = |lived: &mut Lived, customer: usize, outcome: Outcome| {
        lived.all[customer] = outcome.ownership;
        lived.events[customer].extend(outcome.events);
    };
    let mut claims = std::collections::BTreeMap::new();
    let mut acts = story.iter().peekable();
    for today in 0..=LAST {
        if today % every == 0 || today == LAST {
            for customer in 0..CUSTOMERS {
                let outcome = rules.review(&lived.all[customer], day(today));
                take(&mut lived, customer, outcome);
            }
        }
        while let Some((_, customer, act)) = acts.next_if(|(on, ..)| *on == today) {
            let (customer, on) = (*customer, day(today));
            let before = lived.all[customer].clone();
            let outcome = match act {
                Act::Claim(owner) => {
                    for other in (0..CUSTOMERS).filter(|other| *other != customer) {
                        let outcome = rules.review(&lived.all[other], on);
                        take(&mut lived, other, outcome);
                    }
                    let claimed = claims.entry((today, *owner)).or_insert(0);
                    // The customer of the claim itself may be overdue: the host looks first.
                    let mut all = lived.all.clone();
                    all[customer] = rules.review(&before, on).ownership;
                    let load = Load::of(OWNERS[*owner], &all, *claimed);
                    let answer = rules.claim(&before, OWNERS[*owner], &load, on);
                    *claimed += u32::from(answer.is_ok());
                    answer
                }
                Act::Release => rules.release(&before, on),
                Act::Contact(ago) => {
                    // What is told late is told to who has looked.
                    let outcome = rules.review(&before, on);
                    let ownership = outcome.ownership.clone();
                    take(&mut lived, customer, outcome);
                    Ok(rules.contact(&ownership, day(today - ago)))
                }
                Act::Deal(ago) => {
                    let outcome = rules.review(&before, on);
                    let ownership = outcome.ownership.clone();
                    take(&mut lived, customer, outcome);
                    Ok(rules.deal(&ownership, day(today - ago)))
                }
                Act::Lock(days) => {
                    let lock = days.map_or(Lock::Indefinite, |days| Lock::Until(day(today + days)));
                    Ok(rules.lock(&before, lock, on))
                }
                Act::Unlock => Ok(rules.unlock(&before, on)),
                Act::Close => Ok(rules.close(&before, on)),
                Act::Reopen => Ok(rules.reopen(&before, on)),
                Act::Review => Ok(rules.review(&before, on)),
            };
            match outcome {
                Ok(outcome) => {
                    take(&mut lived, customer, outcome);
                    lived.answers.push(None);
                }
                Err(refusal) => lived.answers.push(Some(refusal)),
            }
        }
    }
    lived
}

/// The same in the plain simulation.
fn simulate(
    rules_on: &dyn Fn(i32) -> OwnershipSpec,
    story: &Story,
) -> (Vec<Customer>, Vec<Option<No>>) {
    let mut all = vec![Customer::default(); CUSTOMERS];
    let mut answers = Vec::new();
    for today in 0..=LAST {
        let rules = rules_on(today);
        all.iter_mut()
            .for_each(|customer| customer.live(&rules, today));
        let mut claims = [0_u32; OWNERS.len()];
        for (_, customer, act) in story.iter().filter(|(on, ..)| *on == today) {
            let answer = match act {
                Act::Claim(owner) => {
                    let held = all.iter().filter(|c| c.owner == Some(*owner));
                    let held = held.filter(|c| rules.closed_count || !c.closed).count();
                    let claimed = claims[*owner];
                    let answer = all[*customer].claim(&rules, *owner, held as u32, claimed, today);
                    claims[*owner] += u32::from(answer.is_ok());
                    answer
                }
                Act::Release => all[*customer].release(today),
                _ => Ok(()),
            };
            let customer = &mut all[*customer];
            match *act {
                Act::Contact(ago) => customer.contact(today - ago),
                Act::Deal(ago) => customer.deal(today - ago),
                Act::Lock(days) => customer.lock(days.map(|days| today + days), today),
                Act::Unlock => customer.unlock(today),
                Act::Close => customer.close(today),
                Act::Reopen => customer.reopen(today),
                Act::Claim(_) | Act::Release | Act::Review => {}
            }
            customer.live(&rules, today);
            answers.push(answer.err());
        }
    }
    (all, answers)
}

fn with_changes(first: &OwnershipSpec, changes: &[(i32, OwnershipSpec)]) -> OwnershipRules {
    changes.iter().fold(bind(first), |rules, (on, new)| {
        rules.changed(day(*on), &bind(new))
    })
}

proptest! {
    #[test]
    fn it_is_what_living_through_every_day_gives(
        (first, changes) in rules(), story in story(), every in 1..100_i32,
    ) {
        let rules = with_changes(&first, &changes);
        let lived = play(&rules, &story, every);
        let rules_on = |today: i32| {
            let made = changes.iter().rev().find(|(on, _)| *on < today);
            made.map_or(first, |(_, rules)| *rules)
        };
        let (plain, answers) = simulate(&rules_on, &story);
        let refusals: Vec<_> = lived.answers.iter().map(|a| a.as_ref().map(no)).collect();
        prop_assert_eq!(refusals, answers);
        for (customer, plain) in plain.iter().enumerate() {
            let events: Vec<_> = lived.events[customer].iter().map(told).collect();
            prop_assert_eq!(&events, &plain.log);
            let owner = plain.owner.map(|owner| OWNERS[owner]);
            prop_assert_eq!(lived.all[customer].owner(), owner);
            prop_assert_eq!(lived.all[customer].closed.is_some(), plain.closed);
        }
    }

    #[test]
    fn reviewing_often_is_reviewing_seldom(
        (first, changes) in rules(), story in story(), seldom in 2..100_i32,
    ) {
        let rules = with_changes(&first, &changes);
        let (often, seldom) = (play(&rules, &story, 1), play(&rules, &story, seldom));
        prop_assert_eq!(often.all, seldom.all);
        prop_assert_eq!(often.events, seldom.events);
        prop_assert_eq!(often.answers, seldom.answers);
    }

    #[test]
    fn nobody_is_treated_against_the_rules(first in spec(), story in story(), every in 1..100_i32) {
        let rules = bind(&first);
        let lived = play(&rules, &story, every);
        for events in &lived.events {
            prop_assert!(events.windows(2).all(|two| two[0].day <= two[1].day));
            let mut since = None;
            let mut lock = None;
            let mut closed = false;
            let mut lost: Vec<(String, customer_value::model::Day)> = Vec::new();
            let mut warned: Vec<(ReturnReason, customer_value::model::Day, customer_value::model::Day)> = Vec::new();
            for event in events {
                match &event.change {
                    Change::Claimed { owner } => {
                        prop_assert!(lock.is_none() && !closed && since.is_none());
                        if let Some(barred) = first.barred {
                            let early = lost.iter().any(|(who, on)| who == owner && event.day < on.plus(barred));
                            prop_assert!(!early, "{owner} was barred");
                        }
                        since = Some(event.day);
                    }
                    Change::Returned { owner, reason } => {
                        prop_assert!(lock.is_none() && !closed);
                        let held = event.day - since.unwrap();
                        prop_assert!(first.protection.is_none_or(|days| held >= days));
                        if let Some(warn) = first.warn_before {
                            let (_, on, returns_on) = warned.iter().rev().find(|w| w.0 == *reason).unwrap();
                            prop_assert_eq!(*returns_on, event.day);
                            prop_assert!(on.plus(warn) <= event.day);
                        }
                        lost.push((owner.clone(), event.day));
                        since = None;
                        warned.clear();
                    }
                    Change::Released { owner } => {
                        prop_assert!(lock.is_none() && !closed);
                        lost.push((owner.clone(), event.day));
                        since = None;
                        warned.clear();
                    }
                    Change::Warned { reason, returns_on, .. } => {
                        // Moved, it counts from the first.
                        let on = warned.iter().find(|w| w.0 == *reason).map_or(event.day, |w| w.1);
                        warned.push((*reason, on, *returns_on));
                    }
                    Change::WarningWithdrawn { reason, .. } => warned.retain(|w| w.0 != *reason),
                    Change::Locked(new) => lock = Some(*new),
                    Change::Unlocked => lock = None,
                    Change::Closed => closed = true,
                    Change::Reopened => closed = false,
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    #[test]
    fn the_next_review_is_the_next_event((first, changes) in rules(), story in story()) {
        let rules = with_changes(&first, &changes);
        for ownership in play(&rules, &story, 7).all {
            let quiet = |on| rules.review(&ownership, on).events.is_empty();
            match rules.next_review(&ownership) {
                None => prop_assert!(quiet(customer_value::model::Day::MAX)),
                Some(on) => {
                    prop_assert!(ownership.reviewed.is_none_or(|reviewed| reviewed < on));
                    prop_assert!(quiet(on.minus(Days::new(1))) && !quiet(on));
                }
            }
            let text = serde_json::to_string(&ownership).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ownership>(&text).unwrap(), ownership);
        }
    }
}
