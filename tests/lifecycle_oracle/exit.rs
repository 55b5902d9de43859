//! `src/docs/exit.md`, sentence by sentence.

use std::collections::BTreeMap;

use super::calendar::{Date, day, plus};
use super::customer::{Customer, Value};
use super::measure::Measured;
use super::policy::{Exit, ExitStep, Gate, Policy};

/// What is remembered of a customer who is below the line, by name, for it outlives the policy.
#[derive(Debug, Clone, PartialEq)]
pub struct ExitState {
    pub below: Date,
    /// The step they are on, and since when.
    pub step: Option<(String, Date)>,
    /// The step they have notice of, and the day it takes effect.
    pub notice: Option<(String, Date)>,
}

impl ExitState {
    /// The day that the interval counts from: of the last step, and before the first, below since.
    fn last(&self) -> Date {
        self.step.as_ref().map_or(self.below, |(_, since)| *since)
    }
}

/// What a review found.
#[derive(Debug, Clone, PartialEq)]
pub struct ExitOutcome {
    pub state: Option<ExitState>,
    /// `below_line`, `notice_given educate 2024-03-01`, `step_taken educate`, `notice_withdrawn end: legal hold, referrals`,
    /// `notice_withdrawn end` (the next step is another one by now), `reversed`, `above_line`, `returned`.
    pub events: Vec<String>,
    /// The gates but for which the customer would have notice of the next step.
    pub held: Vec<String>,
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
    let ladder = Ladder {
        exit,
        gates: &exit.gates,
        row,
    };
    let mut outcome = ladder.review(remembered.clone());
    // Held is who would have notice, or be on the next step by now, if all gates were open.
    let open = Ladder {
        gates: &[],
        ..ladder
    };
    let forward = |outcome: &ExitOutcome| {
        let step = outcome.events.iter().any(|e| e.starts_with("step_taken"));
        step || outcome.state.as_ref().is_some_and(|s| s.notice.is_some())
    };
    if forward(&open.review(remembered.clone())) && !forward(&outcome) {
        let next = ladder.next(outcome.state.as_ref().unwrap()).unwrap();
        outcome.held = ladder.closed(next);
    }
    remembered.clone_from(&outcome.state);
    outcome
}

/// One customer on one day before some gates.
struct Ladder<'a> {
    exit: &'a Exit,
    gates: &'a [Gate],
    row: &'a Measured<'a>,
}

impl Ladder<'_> {
    fn review(&self, before: Option<ExitState>) -> ExitOutcome {
        let mut events = Vec::new();
        let below = self.exit.below.judge(&|column| self.row.value(column));
        let state = match (below, before) {
            (Some(false), Some(state)) => {
                events.push(self.off(&state).to_owned());
                None
            }
            (Some(false) | None, None) => None,
            (None, Some(state)) => Some(state),
            (Some(true), state) => {
                let state = state.unwrap_or_else(|| {
                    events.push("below_line".to_owned());
                    ExitState {
                        below: self.row.on,
                        step: None,
                        notice: None,
                    }
                });
                Some(self.below_the_line(state, &mut events))
            }
        };
        ExitOutcome {
            state,
            events,
            held: Vec::new(),
        }
    }

    /// How one calls it that a customer is above the line.
    fn off(&self, state: &ExitState) -> &'static str {
        match self.step(state) {
            Some(at) if self.exit.steps[at].ends_service => "returned",
            _ if state.step.is_none() && state.notice.is_none() => "above_line",
            _ => "reversed",
        }
    }

    /// The step the customer is on; on none if the policy does not have it any more.
    fn step(&self, state: &ExitState) -> Option<usize> {
        let (name, _) = state.step.as_ref()?;
        self.exit.steps.iter().position(|step| step.name == *name)
    }

    fn next(&self, state: &ExitState) -> Option<usize> {
        let next = self.step(state).map_or(0, |step| step + 1);
        (next < self.exit.steps.len()).then_some(next)
    }

    fn below_the_line(&self, mut state: ExitState, events: &mut Vec<String>) -> ExitState {
        let Some((noticed, effect)) = state.notice.clone() else {
            return self.ready(state, events);
        };
        let next = self.next(&state);
        let is_next = next.is_some_and(|next| self.exit.steps[next].name == noticed);
        if !is_next {
            events.push(format!("notice_withdrawn {noticed}"));
            state.notice = None;
            return self.ready(state, events);
        }
        let closed = self.closed(next.unwrap());
        if !closed.is_empty() {
            let gates = closed.join(", ");
            events.push(format!("notice_withdrawn {noticed}: {gates}"));
            state.notice = None;
        } else if self.row.on >= effect && self.row.on >= plus(state.last(), self.exit.interval.0) {
            events.push(format!("step_taken {noticed}"));
            state.step = Some((noticed, self.row.on));
            state.notice = None;
        }
        state
    }

    /// Nobody has given notice yet: whether the next step gets it.
    fn ready(&self, mut state: ExitState, events: &mut Vec<String>) -> ExitState {
        let on = self.row.on;
        let Some(next) = self.next(&state) else {
            return state;
        };
        let step = &self.exit.steps[next];
        let notice = step.notice.unwrap_or(self.exit.notice).0;
        let effect = plus(on, notice);
        if !self.is_time(&state, notice)
            || effect > day("9999-12-31")
            || !self.closed(next).is_empty()
        {
            return state;
        }
        if notice == 0 {
            events.push(format!("step_taken {}", step.name));
            state.step = Some((step.name.clone(), on));
        } else {
            events.push(format!("notice_given {} {effect}", step.name));
            state.notice = Some((step.name.clone(), effect));
        }
        state
    }

    /// Long enough below the line, tried often enough, and long enough since the last step.
    fn is_time(&self, state: &ExitState, notice: i64) -> bool {
        let Exit {
            at_least,
            interval,
            attempts,
            ..
        } = self.exit;
        let on = self.row.on;
        let tried = |day: Date| state.below <= day && day <= on;
        let all = self.row.customer.attempts.iter();
        let tried = all.filter(|(day, purpose)| purpose == "uplift" && tried(*day));
        // The day of the last step counts also if the policy does not have the step any more.
        let not_on_its_day = (state.step.as_ref()).is_none_or(|(_, last)| on > *last);
        let since_last = on >= plus(state.last(), interval.0 - notice) && not_on_its_day;
        on >= plus(state.below, at_least.0) && tried.count() >= *attempts && since_last
    }

    /// The gates that hold the customer before a step.
    fn closed(&self, step: usize) -> Vec<String> {
        let mut names = Vec::new();
        for gate in self.gates {
            let from = match &gate.from {
                None => 0,
                Some(named) => (self.exit.steps.iter().position(|s| s.name == *named))
                    .unwrap_or_else(|| panic!("there is no step `{named}`")),
            };
            let open = gate.closed.judge(&|column| self.row.value(column)) == Some(false);
            if from <= step && !open {
                names.push(gate.name.clone());
            }
        }
        names
    }
}

/// Who is where, and what it saves a year.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    pub steps: Vec<OnStep>,
    /// Below the line and on no step.
    pub waiting: u64,
    /// How many each gate holds back from their next step; those that hold nobody are left out.
    pub held: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct OnStep {
    pub customers: u64,
    /// With notice of it.
    pub noticed: u64,
    /// Cents saved a year by those on it.
    pub cents: i64,
    pub not_known: u64,
}

/// Of what a review on a day found, of each customer.
pub fn exit_report(
    policy: &Policy,
    customers: &[Customer],
    found: &[ExitOutcome],
    day: Date,
) -> Report {
    let exit = policy.exit.as_ref().expect("an `[exit]`");
    let position = |name: &str| exit.steps.iter().position(|step| step.name == name);
    let mut report = Report {
        steps: vec![OnStep::default(); exit.steps.len()],
        ..Report::default()
    };
    for (customer, outcome) in customers.iter().zip(found) {
        let Some(state) = &outcome.state else {
            continue;
        };
        let row = Measured::new(policy, customer, day);
        match state.step.as_ref().and_then(|(name, _)| position(name)) {
            None => report.waiting += 1,
            Some(step) => {
                let on = &mut report.steps[step];
                on.customers += 1;
                match saved(exit, &row, step) {
                    Some(cents) => on.cents += cents,
                    None => on.not_known += 1,
                }
            }
        }
        let noticed = state.notice.as_ref().and_then(|(name, _)| position(name));
        if let Some(step) = noticed {
            report.steps[step].noticed += 1;
        }
        for gate in &outcome.held {
            *report.held.entry(gate.clone()).or_default() += 1;
        }
    }
    report
}

/// `avoids` × avoidable cost in cents, half to even. A step that does not say what it avoids, avoids what the one before does.
#[allow(clippy::cast_possible_truncation)]
fn saved(exit: &Exit, row: &Measured<'_>, step: usize) -> Option<i64> {
    let said = exit.steps[..=step].iter().rev().find_map(|s| s.avoids);
    let cost = (exit.avoidable_cost.as_ref()).and_then(|column| row.number(column));
    let cents = (cost? * 100.0).round();
    Some((said.unwrap_or(0.0) * cents).round_ties_even() as i64)
}
