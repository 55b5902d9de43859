//! What a playbook says that its author cannot have meant.

use super::bind::Names;
use super::cover::{combinations, covers, is_unconditional, shadows, witness};
use super::plan::no_longer;
use super::spec::{ActionSpec, CapSpec, Order, PlaybookSpec, QuietSpec, TriggerSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::metrics::cost::slip;
use crate::model::{Day, Days, Weekday};

fn place(field: &str) -> Place {
    Place::at(format!("playbook.{field}"))
}

fn warn(problems: &mut Diagnostics, code: Code, field: &str, message: String, help: &str) {
    let problem = Diagnostic::warning(code, place(field), message);
    problems.push(problem.help(help));
}

/// Reports, as errors, what a play gives that is below the floor.
pub(super) fn floor(spec: &PlaybookSpec, names: &Names<'_>, i: usize, problems: &mut Diagnostics) {
    let (floor, Some(play)) = (&spec.floor, spec.plays.get(i)) else {
        return;
    };
    // A play for names that there are not is for nobody, and those are reported.
    let witness = witness(spec, names, i);
    let witness = witness.map_or(String::new(), |found| format!(", {found}"));
    let mut below = |field: &str, message: String| {
        let place = place(&format!("plays[{i}].{field}"));
        let message = format!("{message}{witness}");
        problems.push(Diagnostic::error(Code::Conflict, place, message));
    };
    let lists = [
        ("channels", "channel", &play.channels, &floor.channels),
        (
            "entitlements",
            "entitlement",
            &play.entitlements,
            &floor.entitlements,
        ),
    ];
    for (field, what, ours, least) in lists {
        let Some(ours) = ours else { continue };
        for one in least.iter().filter(|one| !ours.contains(one)) {
            below(field, format!("the {what} `{one}` of the floor is missing"));
        }
    }
    if let (Some(ours), Some(least)) = (play.cadence, floor.cadence)
        && !no_longer(Some(ours), Some(least))
    {
        let message = format!("{ours} are longer than the {least} of the floor");
        below("cadence", message);
    }
    if let (Some(ours), Some(least)) = (play.response_hours, floor.response_hours)
        && !no_longer(Some(ours), Some(least))
    {
        let message = format!("{ours} hours are longer than the {least} hours of the floor");
        below("response_hours", message);
    }
}

/// Reports, as warnings, what cannot be meant in a playbook without errors.
pub(super) fn check(spec: &PlaybookSpec, names: &Names<'_>, problems: &mut Diagnostics) {
    limits(spec, problems);
    quiet(spec, problems);
    plays(spec, names, problems);
    for (i, action) in spec.actions.iter().enumerate() {
        self::action(spec, i, action, problems);
    }
}

fn limits(spec: &PlaybookSpec, problems: &mut Diagnostics) {
    let help = "leave it out if there is no limit";
    let mut never = |field: &str, what: &str| {
        let message = format!("a {what} of 0 allows no contact at all");
        warn(problems, Code::Never, field, message, help);
    };
    if spec.max_per_day == Some(0) {
        never("max_per_day", "maximum");
    }
    for (name, capacity) in &spec.capacity {
        if *capacity == 0 {
            never(&format!("capacity.{name}"), "capacity");
        }
    }
    for (i, cap) in spec.caps.iter().enumerate() {
        if cap.at_most == 0 {
            never(&format!("caps[{i}].at_most"), "cap");
        }
    }
    // How long the contacts of the floor and of each play may be apart.
    let of_floor = spec.floor.cadence.map(|every| ("floor".to_owned(), every));
    let of_plays = spec.plays.iter().enumerate();
    let of_plays = of_plays.filter_map(|(i, play)| Some((format!("plays[{i}]"), play.cadence?)));
    for (at, every) in of_floor.into_iter().chain(of_plays) {
        let mut overall = spec.caps.iter().filter(|cap| cap.channel.is_none());
        if let Some(cap) = overall.find(|cap| is_too_often(every, cap)) {
            too_often(every, cap, &format!("{at}.cadence"), problems);
        }
    }
}

/// Whether contacts that far apart are more than a cap allows. A cap of 0 is reported by itself.
fn is_too_often(every: Days, cap: &CapSpec) -> bool {
    let (every, within) = (i64::from(every.get()), i64::from(cap.within.get()));
    // In `within` days the first, and one more for each whole time that passed before the last.
    cap.at_most > 0 && 1 + (within - 1) / every.max(1) > i64::from(cap.at_most)
}

fn too_often(every: Days, cap: &CapSpec, field: &str, problems: &mut Diagnostics) {
    let through = match &cap.channel {
        Some(channel) => format!(" through `{channel}`"),
        None => String::new(),
    };
    let (at_most, within) = (cap.at_most, cap.within);
    let message = format!(
        "a contact every {every} is more often than the cap of {at_most} within {within}{through} allows"
    );
    let help = "make it longer, or the cap larger";
    warn(problems, Code::Conflict, field, message, help);
}

fn quiet(spec: &PlaybookSpec, problems: &mut Diagnostics) {
    let always = |weekday: &Weekday| is_always_quiet(&spec.quiet, *weekday);
    if Weekday::ALL.iter().all(always) {
        let message = "every day is quiet, so that nobody is ever contacted".to_owned();
        let help = "give them `from` and `until`, or `weekdays`";
        warn(problems, Code::Never, "quiet", message, help);
    }
}

/// Whether every such day of the week is in a quiet period.
fn is_always_quiet(quiet: &[QuietSpec], weekday: Weekday) -> bool {
    let ours = |one: &&QuietSpec| one.weekdays.is_empty() || one.weekdays.contains(&weekday);
    let periods: Vec<&QuietSpec> = quiet.iter().filter(ours).collect();
    let mut day = Day::MIN;
    loop {
        if Weekday::of(day) != weekday {
            if day == Day::MAX {
                return true;
            }
            day = day.next();
            continue;
        }
        let covering = periods.iter().filter(|one| one.covers(day));
        // The latest end of those that cover the day; no end at all comes first.
        let mut end = None;
        for one in covering {
            match one.until {
                None => return true,
                Some(until) => end = end.max(Some(until)),
            }
        }
        match end {
            Some(until) => day = until,
            None => return false,
        }
    }
}

fn plays(spec: &PlaybookSpec, names: &Names<'_>, problems: &mut Diagnostics) {
    for (i, play) in spec.plays.iter().enumerate() {
        if let Some(by) = shadows(spec, names, i) {
            let name = |i: &usize| Some(format!("`{}`", spec.plays.get(*i)?.name));
            let by: Vec<String> = by.iter().filter_map(name).collect();
            let message = format!(
                "`{}` is never reached: its customers are those of {} before it",
                play.name,
                by.join(", ")
            );
            let help = "move it up, or take it out";
            warn(
                problems,
                Code::Shadowed,
                &format!("plays[{i}]"),
                message,
                help,
            );
        }
        let open = play.channels.as_ref().unwrap_or(&spec.floor.channels);
        for (j, name) in play.actions.iter().enumerate() {
            channel_is_open(
                spec,
                name,
                open,
                &format!("plays[{i}].actions[{j}]"),
                problems,
            );
            if play.cadence.or(spec.floor.cadence).is_none() {
                has_cadence(spec, name, &format!("plays[{i}].actions[{j}]"), problems);
            }
        }
    }
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
    for (j, name) in spec.floor.actions.iter().enumerate() {
        let field = format!("floor.actions[{j}]");
        channel_is_open(spec, name, &spec.floor.channels, &field, problems);
        if spec.floor.cadence.is_none() {
            has_cadence(spec, name, &field, problems);
        }
    }
    let covered = |at: &_| {
        let mut plays = spec.plays.iter().filter(|play| is_unconditional(play));
        plays.any(|play| covers(play, at))
    };
    let mut open = combinations(names).filter(|at| !covered(at));
    if let Some(first) = open.next() {
        let count = 1 + open.count();
        let message = if count == 1 {
            format!("no play without a rule is for one combination, {first}")
        } else {
            format!("no play without a rule is for {count} combinations, the first {first}")
        };
        let help = "they get the floor unless a rule is true; a last play for all says so";
        warn(problems, Code::Uncovered, "plays", message, help);
    }
}

fn named<'a>(spec: &'a PlaybookSpec, name: &str) -> Option<&'a ActionSpec> {
    spec.actions.iter().find(|action| action.name == name)
}

fn channel_is_open(
    spec: &PlaybookSpec,
    name: &str,
    open: &[String],
    field: &str,
    problems: &mut Diagnostics,
) {
    let Some(action) = named(spec, name).filter(|action| !open.contains(&action.channel)) else {
        return;
    };
    let message = format!(
        "`{name}` goes through `{}`, which is not open",
        action.channel
    );
    let help = "open the channel, or take the action out";
    warn(problems, Code::Conflict, field, message, help);
}

fn has_cadence(spec: &PlaybookSpec, name: &str, field: &str, problems: &mut Diagnostics) {
    if named(spec, name).is_some_and(|action| action.trigger == TriggerSpec::Cadence) {
        let message = format!("`{name}` is never due: there is no cadence");
        let help = "give the play or the floor a `cadence`";
        warn(problems, Code::Never, field, message, help);
    }
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

fn action(spec: &PlaybookSpec, i: usize, action: &ActionSpec, problems: &mut Diagnostics) {
    let field = |name: &str| format!("actions[{i}].{name}");
    if let Some(category) = &action.category {
        let slip = slip(category, place(&field("category")));
        slip.into_iter().for_each(|problem| problems.push(problem));
    }
    let of_floor = spec.floor.actions.contains(&action.name);
    let has = |actions: &[String]| actions.contains(&action.name);
    if !of_floor && !spec.plays.iter().any(|play| has(&play.actions)) {
        let message = format!("no play has the action `{}`", action.name);
        let help = "name it in the `actions` of a play, or take it out";
        warn(problems, Code::Unused, &field("name"), message, help);
    }
    if !of_floor && !action.service && !spec.consent.contains_key(&action.channel) {
        let message = format!(
            "`{}` has no consent flag, so that nobody consents to `{}`",
            action.channel, action.name
        );
        let help = "name a flag in `consent`; `service = true` is for what the contract requires";
        warn(problems, Code::Never, &field("channel"), message, help);
    }
    let through = |cap: &&CapSpec| cap.channel.as_ref() == Some(&action.channel);
    // Caps on all channels are compared with the cadences of the plays already.
    let (every, all) = match action.trigger {
        TriggerSpec::Every(every) => (vec![every], true),
        TriggerSpec::Cadence => (cadences(spec, action), false),
        _ => return,
    };
    let mut caps = spec
        .caps
        .iter()
        .filter(|cap| through(cap) || all && cap.channel.is_none());
    let found = caps.find_map(|cap| {
        let often = every.iter().copied().filter(|e| is_too_often(*e, cap));
        Some((often.min()?, cap))
    });
    if let Some((every, cap)) = found {
        too_often(every, cap, &field("trigger"), problems);
    }
}

/// The cadences of the plans that have an action.
fn cadences(spec: &PlaybookSpec, action: &ActionSpec) -> Vec<Days> {
    let floor = &spec.floor;
    let of_floor = floor.actions.contains(&action.name);
    let has = |actions: &[String]| of_floor || actions.contains(&action.name);
    let of_plays = spec.plays.iter().filter(|play| has(&play.actions));
    of_plays
        .filter_map(|play| play.cadence.or(floor.cadence))
        .chain(floor.cadence.filter(|_| of_floor))
        .collect()
}
