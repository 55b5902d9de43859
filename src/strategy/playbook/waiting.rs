//! Actions that wait for the last contact while another one of their plan always comes first.

use super::lint::warn;
use super::spec::{ActionSpec, Order, PlaybookSpec, TriggerSpec};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Days;

/// Reports them, as warnings, in a playbook without errors.
pub(super) fn check(spec: &PlaybookSpec, problems: &mut Diagnostics) {
    let floor = &spec.floor;
    for (i, play) in spec.plays.iter().enumerate() {
        let cadence = play.cadence.or(floor.cadence);
        let plan = format!("plays[{i}]");
        waiting(
            spec,
            &plan,
            &play.actions,
            &floor.actions,
            cadence,
            problems,
        );
    }
    waiting(spec, "floor", &floor.actions, &[], floor.cadence, problems);
}

fn named<'a>(spec: &'a PlaybookSpec, name: &str) -> Option<&'a ActionSpec> {
    spec.actions.iter().find(|action| action.name == name)
}

/// How long an action waits after a contact of any kind, in a plan with a cadence; `None` if it waits for something else.
fn waits(action: &ActionSpec, cadence: Option<Days>) -> Option<Days> {
    match action.trigger {
        TriggerSpec::Cadence => cadence,
        TriggerSpec::Every(every) => Some(every),
        _ => None,
    }
}

/// Reports the actions of a plan that another one of it always is in the way of: both wait for a contact to be long enough
/// ago, and the contact of the other one is sooner.
fn waiting(
    spec: &PlaybookSpec,
    plan: &str,
    own: &[String],
    more: &[String],
    cadence: Option<Days>,
    problems: &mut Diagnostics,
) {
    for (j, name) in own.iter().enumerate() {
        let waiting = named(spec, name).and_then(|one| Some((one, waits(one, cadence)?)));
        let Some((action, wait)) = waiting else {
            continue;
        };
        let mut others = more.iter().chain(own).filter_map(|other| {
            let other = named(spec, other)?;
            Some((other, waits(other, cadence)?))
        });
        let found = others.find(|(other, sooner)| {
            other.name != action.name
                && is_done_wherever(spec, other, action, *sooner)
                && (*sooner < wait || *sooner == wait && takes_the_day(spec, other, action))
        });
        let Some((other, sooner)) = found else {
            continue;
        };
        let when = if sooner < wait {
            format!("{sooner} after the last contact, not {wait}")
        } else {
            format!("on the same day, {wait} after the last contact, and comes first")
        };
        let message = format!(
            "`{name}` is done only if `{}` is not: that is due {when}",
            other.name
        );
        let help = "a contact of any kind ends the wait of both; take one of them out of the plan";
        let field = format!("{plan}.actions[{j}]");
        warn(problems, Code::Shadowed, &field, message, help);
    }
}

fn is_owed(spec: &PlaybookSpec, action: &ActionSpec) -> bool {
    action.service || spec.floor.actions.contains(&action.name)
}

/// Whether nothing holds an action back, when it is due again after a wait, that would not hold back the other one as well.
fn is_done_wherever(
    spec: &PlaybookSpec,
    action: &ActionSpec,
    other: &ActionSpec,
    wait: Days,
) -> bool {
    let owed = is_owed(spec, action);
    let same = action.channel == other.channel;
    let limited = spec.capacity.contains_key(&action.channel)
        || (spec.caps.iter()).any(|cap| cap.channel.as_ref() == Some(&action.channel));
    let consented = owed || same && !is_owed(spec, other);
    consented
        && (same || !limited)
        && (owed || action.value.is_none())
        && action.cool_down.is_none_or(|days| days <= wait)
        && (spec.budget_per_day.is_none() || action.cost.minor() <= other.cost.minor())
}

/// Whether, of two actions that are due on one day, the first leaves no room for the second.
fn takes_the_day(spec: &PlaybookSpec, first: &ActionSpec, second: &ActionSpec) -> bool {
    let position = |one: &ActionSpec| spec.actions.iter().position(|a| a.name == one.name);
    let priority = match spec.order {
        Order::Priority => (-i64::from(first.priority), -i64::from(second.priority)),
        Order::ValuePerCost => (0, 0),
    };
    let key = |one: &ActionSpec, priority: i64| (!is_owed(spec, one), priority, position(one));
    // Which of two values comes first is not known before there are customers.
    let before = key(first, priority.0) < key(second, priority.1)
        && first.value.is_none()
        && second.value.is_none();
    let one = spec.max_per_day == Some(1) || first.group.is_some() && first.group == second.group;
    before && one
}
