//! The cases of `tests/data/corpus` through one review, through the review of all, through a service that reviews every day
//! and stores what it remembers, and through the oracle: all four find what the case says.

mod movement_engine;
mod movement_oracle;

use movement_engine::{Service, engine};
use movement_oracle::cases::{self, Case};
use movement_oracle::{Date, Event, Outcome, Policy, State, plus, review};

/// What is wrong with a case, reviewed in one of the ways; `review(under, day)` is under the first or the second policy.
fn problems(
    case: &Case,
    way: &str,
    daily: bool,
    mut review: impl FnMut(usize, Date) -> Outcome,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    let mut day = case.reviews[0].on;
    for expected in &case.reviews {
        if !daily {
            day = expected.on;
        }
        let mut found = loop {
            let under = usize::from(case.then.as_ref().is_some_and(|(on, _)| *on <= day));
            let mut found = review(under, day);
            events.append(&mut found.events);
            if day == expected.on {
                break found;
            }
            day = plus(day, 1);
        };
        found.events = std::mem::take(&mut events);
        let differences = expected.differences(&found);
        problems.extend((differences.iter()).map(|d| format!("{}, {way}: {d}", case.name)));
    }
    problems
}

fn all_ways(case: &Case) -> Vec<String> {
    let second = case.then.as_ref().map(|(_, text)| text);
    let texts: Vec<&String> = [&case.policy].into_iter().chain(second).collect();
    let engines: Vec<_> = texts.iter().map(|text| engine(text)).collect();
    let policies: Vec<Policy> = texts.iter().map(|text| Policy::parse(text)).collect();
    let policies: Vec<&Policy> = policies.iter().collect();

    let mut wrong = Vec::new();
    let mut service = Service::new(&case.customer);
    wrong.extend(problems(case, "one", false, |under, day| {
        service.one(&engines[under], day)
    }));
    let mut service = Service::new(&case.customer);
    wrong.extend(problems(case, "bulk", false, |under, day| {
        service.bulk(&engines[under], day)
    }));
    let mut state = State::default();
    wrong.extend(problems(case, "oracle", false, |under, day| {
        review(&policies, under, &case.customer, &mut state, day)
    }));
    if case.daily {
        let mut service = Service::new(&case.customer);
        wrong.extend(problems(case, "replay", true, |under, day| {
            service.stored(&engines[under], day)
        }));
        let mut state = State::default();
        wrong.extend(problems(case, "oracle by day", true, |under, day| {
            review(&policies, under, &case.customer, &mut state, day)
        }));
    }
    wrong
}

#[test]
fn every_case_finds_what_it_says_in_every_way() {
    let cases = cases::all();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let wrong: Vec<String> = cases.iter().flat_map(all_ways).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_names_of_the_cases_are_unique() {
    let mut names: Vec<String> = cases::all().into_iter().map(|case| case.name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}
