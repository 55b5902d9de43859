//! `src/docs/exit.md`, sentence by sentence.

use std::collections::BTreeMap;

use super::calendar::{Date, plus};
use super::customer::{Customer, Value};
use super::measure::Measured;
use super::policy::{Exit, Policy};

/// What is remembered of a customer who is below the line.
#[derive(Debug, Clone, PartialEq)]
pub struct ExitState {
    pub below: Date,
    /// The step they are on, and since when.
    pub step: Option<(usize, Date)>,
    /// The step they have notice of, and the day it takes effect.
    pub notice: Option<(usize, Date)>,
}

/// What a review found.
#[derive(Debug, Clone, PartialEq)]
pub struct ExitOutcome {
    pub state: Option<ExitState>,
    pub events: Vec<String>,
}

/// One customer, reviewed on one day after the other.
pub fn exits(policy: &Policy, customer: &Customer, reviews: &[Date]) -> Vec<ExitOutcome> {
    let mut state = None;
    let mut found = Vec::new();
    for on in reviews {
        found.push(review_exit(
            &Measured::new(policy, customer, *on),
            &mut state,
        ));
    }
    found
}

pub fn review_exit(row: &Measured<'_>, remembered: &mut Option<ExitState>) -> ExitOutcome {
    let exit = row.policy.exit.as_ref().expect("an `[exit]`");
    let mut events = Vec::new();
    let below = exit.below.judge(&|column| row.value(column));
    *remembered = match (below, remembered.take()) {
        (Some(false), Some(state)) => {
            if state.step.is_some() || state.notice.is_some() {
                events.push("reversed".to_owned());
            }
            None
        }
        (Some(false), None) | (None, None) => None,
        (None, Some(state)) => Some(state),
        (Some(true), state) => {
            let state = state.unwrap_or_else(|| {
                events.push("below".to_owned());
                ExitState {
                    below: row.on,
                    step: None,
                    notice: None,
                }
            });
            Some(on_the_line(exit, row, state, &mut events))
        }
    };
    ExitOutcome {
        state: remembered.clone(),
        events,
    }
}

/// A review that found `below` true.
fn on_the_line(
    exit: &Exit,
    row: &Measured<'_>,
    state: ExitState,
    events: &mut Vec<String>,
) -> ExitState {
    let day = row.on;
    let name = |step: usize| &exit.steps[step].name;
    let ExitState {
        below,
        step,
        notice,
    } = state;
    let Some((noticed, effect)) = notice else {
        return ready(exit, row, state, events);
    };
    let closed = closed(exit, row, noticed);
    if !closed.is_empty() {
        let gates = closed.join(", ");
        events.push(format!("withdrawn {}: {gates}", name(noticed)));
        return ExitState {
            below,
            step,
            notice: None,
        };
    }
    if day < effect {
        return state;
    }
    events.push(format!("taken {}", name(noticed)));
    ExitState {
        below,
        step: Some((noticed, day)),
        notice: None,
    }
}

/// Nobody has given notice yet: whether the next step gets it.
fn ready(
    exit: &Exit,
    row: &Measured<'_>,
    mut state: ExitState,
    events: &mut Vec<String>,
) -> ExitState {
    let day = row.on;
    let next = state.step.map_or(0, |(step, _)| step + 1);
    let Some(step) = exit.steps.get(next) else {
        return state;
    };
    let notice = step.notice.unwrap_or(exit.notice).0;
    let tried = |on: Date| state.below <= on && on <= day;
    let attempts = row.customer.attempts.iter();
    let attempts = attempts.filter(|(on, purpose)| purpose == "uplift" && tried(*on));
    let is_time = match state.step {
        Some((_, since)) => day >= plus(since, exit.interval.0 - notice),
        None => true,
    };
    let all = day >= plus(state.below, exit.at_least.0)
        && attempts.count() >= exit.attempts
        && is_time
        && closed(exit, row, next).is_empty();
    if all && notice == 0 {
        events.push(format!("taken {}", step.name));
        state.step = Some((next, day));
    } else if all {
        let effect = plus(day, notice);
        events.push(format!("notice {} {effect}", step.name));
        state.notice = Some((next, effect));
    }
    state
}

/// The gates that hold the customer before a step.
fn closed(exit: &Exit, row: &Measured<'_>, step: usize) -> Vec<String> {
    let mut names = Vec::new();
    for gate in &exit.gates {
        let from = match &gate.before {
            None => 0,
            Some(named) => (exit.steps.iter().position(|s| s.name == *named))
                .unwrap_or_else(|| panic!("there is no step `{named}`")),
        };
        let open = gate.closed.judge(&|column| row.value(column)) == Some(false);
        if from <= step && !open {
            names.push(gate.name.clone());
        }
    }
    names
}

/// Who is where, and what it saves a year.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// On each step, with notice of it, and cents saved a year by those on it.
    pub steps: Vec<(usize, usize, i64)>,
    /// Below the line and on no step.
    pub waiting: usize,
    /// How many each gate holds back from their next step.
    pub held: BTreeMap<String, usize>,
}

pub fn exit_report(
    policy: &Policy,
    customers: &[Customer],
    states: &[Option<ExitState>],
    day: Date,
) -> Report {
    let exit = policy.exit.as_ref().expect("an `[exit]`");
    let mut report = Report {
        steps: vec![(0, 0, 0); exit.steps.len()],
        ..Report::default()
    };
    for (customer, state) in customers.iter().zip(states) {
        let Some(state) = state else {
            continue;
        };
        let row = Measured::new(policy, customer, day);
        if let Some((step, _)) = state.step {
            report.steps[step].0 += 1;
            report.steps[step].2 += saved(exit, &row, step);
        } else {
            report.waiting += 1;
        }
        if let Some((step, _)) = state.notice {
            report.steps[step].1 += 1;
        }
        let next = state.step.map_or(0, |(step, _)| step + 1);
        if next < exit.steps.len() {
            for gate in closed(exit, &row, next) {
                *report.held.entry(gate).or_default() += 1;
            }
        }
    }
    report
}

/// `avoids` × avoidable cost in cents, half to even. A step that does not say what it avoids, avoids what the one before does.
#[allow(clippy::cast_possible_truncation)]
fn saved(exit: &Exit, row: &Measured<'_>, step: usize) -> i64 {
    let said = exit.steps[..=step].iter().rev().find_map(|s| s.avoids);
    let cost = (exit.avoidable_cost.as_ref()).and_then(|column| row.number(column));
    let cents = cost.map_or(0.0, |cost| (cost * 100.0).round());
    (said.unwrap_or(0.0) * cents).round_ties_even() as i64
}
