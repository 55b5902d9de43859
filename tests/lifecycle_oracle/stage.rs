//! `src/docs/lifecycle.md`, sentence by sentence.

use super::calendar::{Date, plus};
use super::customer::Customer;
use super::measure::Measured;
use super::policy::{Lifecycle, Policy, Quiet, Stage, Transition};

/// What is remembered of a customer between reviews.
#[derive(Debug, Clone, PartialEq)]
pub struct StageState {
    pub stage: String,
    /// The day of the review that put them there.
    pub came: Date,
    /// From which day the stage holds.
    pub since: Date,
    pub high_water: String,
    /// The day of the last review that moved them, and how many of the moves are used up on that day.
    pub moved: Option<(Date, u32)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    pub from: String,
    pub to: String,
    pub since: Date,
    /// Which of the transitions.
    pub by: usize,
    pub actions: Vec<String>,
}

/// What one review found.
#[derive(Debug, Clone, PartialEq)]
pub struct StageOutcome {
    pub stage: String,
    pub since: Date,
    pub high_water: String,
    pub moves: Vec<Move>,
}

/// One customer, reviewed on one day after the other.
pub fn stages(policy: &Policy, customer: &Customer, reviews: &[Date]) -> Vec<StageOutcome> {
    let mut state = None;
    let mut found = Vec::new();
    for on in reviews {
        found.push(review_stage(
            &Measured::new(policy, customer, *on),
            &mut state,
        ));
    }
    found
}

pub fn review_stage(row: &Measured<'_>, remembered: &mut Option<StageState>) -> StageOutcome {
    let lifecycle = row.policy.lifecycle.as_ref().expect("a lifecycle");
    let day = row.on;
    let before = begin(lifecycle, remembered.take(), day);
    // Of the moves, those that were made on this day are used up.
    let used = match before.moved {
        Some((on, used)) if on == day => used,
        _ => 0,
    };
    let mut now = before.clone();
    let mut moves: Vec<Move> = Vec::new();
    let mut round = false;
    while used + count(&moves) < lifecycle.moves {
        let Some((by, transition)) = next(lifecycle, row, &now) else {
            break;
        };
        if moves.iter().any(|made| made.to == transition.to) {
            round = true;
            break;
        }
        let from = stage(lifecycle, &now.stage);
        let to = stage(lifecycle, &transition.to);
        let since = since(transition, from, to, row, &now);
        let mut actions = from.on_leave.clone();
        actions.extend(transition.actions.clone());
        actions.extend(to.on_enter.clone());
        moves.push(Move {
            from: from.name.clone(),
            to: to.name.clone(),
            since,
            by,
            actions,
        });
        if rank(lifecycle, &to.name) > rank(lifecycle, &now.high_water) {
            now.high_water.clone_from(&to.name);
        }
        now.stage.clone_from(&to.name);
        now.came = day;
        now.since = since;
    }
    if now.stage == before.stage {
        // Where it began: not moved.
        now = before;
        moves.clear();
    } else {
        // Who would have gone round has used up all the moves of the day.
        let all = if round {
            lifecycle.moves
        } else {
            used + count(&moves)
        };
        now.moved = Some((day, all));
    }
    let outcome = StageOutcome {
        stage: now.stage.clone(),
        since: now.since,
        high_water: now.high_water.clone(),
        moves,
    };
    *remembered = Some(now);
    outcome
}

fn count(moves: &[Move]) -> u32 {
    u32::try_from(moves.len()).unwrap()
}

/// Who was not reviewed before is in `start`, and so is who is in a stage that there is not any more.
fn begin(lifecycle: &Lifecycle, remembered: Option<StageState>, day: Date) -> StageState {
    let known = |name: &str| lifecycle.stages.iter().any(|stage| stage.name == name);
    let fresh = StageState {
        stage: lifecycle.start.clone(),
        came: day,
        since: day,
        high_water: lifecycle.start.clone(),
        moved: None,
    };
    match remembered {
        None => fresh,
        Some(state) if known(&state.stage) => state,
        // What was reached once was reached; a mark that is no stage any more begins anew.
        Some(state) if known(&state.high_water) => StageState {
            high_water: if rank(lifecycle, &state.high_water) >= rank(lifecycle, &lifecycle.start) {
                state.high_water
            } else {
                lifecycle.start.clone()
            },
            ..fresh
        },
        Some(_) => fresh,
    }
}

fn stage<'a>(lifecycle: &'a Lifecycle, name: &str) -> &'a Stage {
    let found = lifecycle.stages.iter().find(|stage| stage.name == name);
    found.unwrap_or_else(|| panic!("there is no stage `{name}`"))
}

/// How high a stage is; below all others without a rank.
fn rank(lifecycle: &Lifecycle, name: &str) -> Option<u32> {
    let found = lifecycle.stages.iter().find(|stage| stage.name == name);
    found.and_then(|stage| stage.rank)
}

/// Of the transitions that fire, the one of the highest priority, and of those the first.
fn next<'a>(
    lifecycle: &'a Lifecycle,
    row: &Measured<'_>,
    now: &StageState,
) -> Option<(usize, &'a Transition)> {
    let mut best: Option<(usize, &Transition)> = None;
    for (i, transition) in lifecycle.transitions.iter().enumerate() {
        let better = best.is_none_or(|(_, other)| transition.priority > other.priority);
        if better && fires(lifecycle, transition, row, now) {
            best = Some((i, transition));
        }
    }
    best
}

fn fires(
    lifecycle: &Lifecycle,
    transition: &Transition,
    row: &Measured<'_>,
    now: &StageState,
) -> bool {
    let from = stage(lifecycle, &now.stage);
    let to = stage(lifecycle, &transition.to);
    let conditions = [&transition.when, &from.leave, &to.enter];
    let met = |rule: &&super::rule::Rule| rule.judge(&|column| row.value(column)) == Some(true);
    transition.leaves(from)
        && conditions.into_iter().flatten().all(|rule| met(&rule))
        && due(transition, row, now.came).is_none_or(|due| due <= row.on)
}

/// The latest of the days that `after` and `quiet` name.
fn due(transition: &Transition, row: &Measured<'_>, came: Date) -> Option<Date> {
    let after = (transition.after.as_ref()).map(|days| plus(came, days.0));
    let quiet = (transition.quiet.as_ref()).map(|Quiet { column, days }| {
        let heard = row.date(column).unwrap_or(came);
        plus(heard, days.0)
    });
    after.max(quiet)
}

/// From which day the new stage holds.
fn since(
    transition: &Transition,
    from: &Stage,
    to: &Stage,
    row: &Measured<'_>,
    now: &StageState,
) -> Date {
    let due = due(transition, row, now.came);
    let asks_more = transition.when.is_some() || from.leave.is_some() || to.enter.is_some();
    let said = (transition.since.as_ref())
        .and_then(|said| row.date(&said.column).map(|date| plus(date, said.plus)));
    let mut since = match (said, due) {
        (Some(said), _) => said,
        (None, Some(due)) if !asks_more => due,
        _ => row.on,
    };
    if due.is_some() {
        since = since.max(now.since);
    }
    since.min(row.on)
}
