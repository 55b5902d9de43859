//! What a playbook says that its author cannot have meant.

use super::bind::Names;
use super::cover::{combinations, covers, is_unconditional, shadows, witness};
use super::plan::no_longer;
use super::spec::{ActionSpec, CapSpec, PlaybookSpec, QuietSpec, TriggerSpec};
use super::waiting;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::metrics::cost::slip;
use crate::model::{Day, Days, Weekday};

fn place(field: &str) -> Place {
    Place::at(format!("playbook.{field}"))
}

pub(super) fn warn(
    problems: &mut Diagnostics,
    code: Code,
    field: &str,
    message: String,
    help: &str,
) {
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

/// The parts of a playbook that have no error.
struct Sound<'a> {
    spec: &'a PlaybookSpec,
    /// The places of the errors.
    errors: &'a [String],
}

impl Sound<'_> {
    /// Whether nothing at a place, or inside it, is an error.
    fn at(&self, field: &str) -> bool {
        let inside = |path: &String| {
            let path = path.strip_prefix("playbook.").unwrap_or(path);
            let rest = path.strip_prefix(field);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        !self.errors.iter().any(inside)
    }

    /// Whether it is known for whom a play is.
    fn is_for(&self, i: usize) -> bool {
        let mut fields = ["tiers", "stages", "segments"].iter();
        fields.all(|field| self.at(&format!("plays[{i}].{field}")))
    }

    /// Whether every action that is named is there, under a name of its own.
    fn actions(&self) -> bool {
        let of_plays = (0..self.spec.plays.len()).all(|i| self.at(&format!("plays[{i}].actions")));
        let mut own = 0..self.spec.actions.len();
        of_plays && self.at("floor.actions") && own.all(|i| self.at(&format!("actions[{i}].name")))
    }

    /// The action of a name, if its channel and its trigger are known.
    fn action(&self, name: &str) -> Option<&ActionSpec> {
        let i = self.spec.actions.iter().position(|a| a.name == name)?;
        let mut fields = ["channel", "trigger"].iter();
        let known = fields.all(|field| self.at(&format!("actions[{i}].{field}")));
        self.spec.actions.get(i).filter(|_| known)
    }

    /// The caps that are known, with their positions.
    fn caps(&self) -> impl Iterator<Item = &CapSpec> {
        let caps = self.spec.caps.iter().enumerate();
        let known = caps.filter(|(i, _)| self.at(&format!("caps[{i}]")));
        known.map(|(_, cap)| cap)
    }

    /// How long the contacts of the floor, and of a play, may be apart.
    fn floor_cadence(&self) -> Option<Days> {
        self.spec.floor.cadence.filter(|_| self.at("floor.cadence"))
    }

    fn cadence(&self, i: usize) -> Option<Days> {
        let play = self.spec.plays.get(i)?;
        play.cadence
            .filter(|_| self.at(&format!("plays[{i}].cadence")))
    }
}

/// Reports, as warnings, what cannot be meant in a playbook, as far as that does not hang on what is an error in it.
pub(super) fn check(
    spec: &PlaybookSpec,
    names: &Names<'_>,
    errors: &[String],
    problems: &mut Diagnostics,
) {
    let sound = Sound { spec, errors };
    limits(&sound, problems);
    if sound.at("quiet") {
        quiet(spec, problems);
    }
    plays(&sound, names, problems);
    // It hangs on nearly everything.
    if errors.is_empty() {
        waiting::check(spec, problems);
    }
    for (i, action) in spec.actions.iter().enumerate() {
        self::action(&sound, i, action, problems);
    }
}

fn limits(sound: &Sound<'_>, problems: &mut Diagnostics) {
    let spec = sound.spec;
    let help = "leave it out if there is no limit";
    let mut never = |field: &str, what: &str| {
        let message = format!("a {what} of 0 allows no contact at all");
        warn(problems, Code::Never, field, message, help);
    };
    if spec.max_per_day == Some(0) {
        never("max_per_day", "maximum");
    }
    for (name, capacity) in &spec.capacity {
        let field = format!("capacity.{name}");
        if *capacity == 0 && sound.at(&field) {
            never(&field, "capacity");
        }
    }
    for (i, cap) in spec.caps.iter().enumerate() {
        if cap.at_most == 0 {
            never(&format!("caps[{i}].at_most"), "cap");
        }
    }
    // How long the contacts of the floor and of each play may be apart.
    let of_floor = sound
        .floor_cadence()
        .map(|every| ("floor".to_owned(), every));
    let of_plays = 0..spec.plays.len();
    let of_plays = of_plays.filter_map(|i| Some((format!("plays[{i}]"), sound.cadence(i)?)));
    for (at, every) in of_floor.into_iter().chain(of_plays) {
        let mut overall = sound.caps().filter(|cap| cap.channel.is_none());
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

fn plays(sound: &Sound<'_>, names: &Names<'_>, problems: &mut Diagnostics) {
    let spec = sound.spec;
    for (i, play) in spec.plays.iter().enumerate() {
        if let Some(by) = shadows(spec, names, i).filter(|_| sound.is_for(i)) {
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
        let open_known = sound.at("floor.channels") && sound.at(&format!("plays[{i}].channels"));
        for (j, name) in play.actions.iter().enumerate() {
            let field = format!("plays[{i}].actions[{j}]");
            let Some(action) = sound.action(name) else {
                continue;
            };
            if open_known {
                channel_is_open(action, open, &field, problems);
            }
            if play.cadence.or(spec.floor.cadence).is_none() {
                has_cadence(action, &field, problems);
            }
        }
    }
    for (j, name) in spec.floor.actions.iter().enumerate() {
        let field = format!("floor.actions[{j}]");
        let Some(action) = sound.action(name) else {
            continue;
        };
        if sound.at("floor.channels") {
            channel_is_open(action, &spec.floor.channels, &field, problems);
        }
        if spec.floor.cadence.is_none() {
            has_cadence(action, &field, problems);
        }
    }
    if !(0..spec.plays.len()).all(|i| sound.is_for(i)) {
        return;
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

fn channel_is_open(action: &ActionSpec, open: &[String], field: &str, problems: &mut Diagnostics) {
    let (name, channel) = (&action.name, &action.channel);
    if open.contains(channel) {
        return;
    }
    let message = format!("`{name}` goes through `{channel}`, which is not open");
    let help = "open the channel, or take the action out";
    warn(problems, Code::Conflict, field, message, help);
}

fn has_cadence(action: &ActionSpec, field: &str, problems: &mut Diagnostics) {
    if action.trigger == TriggerSpec::Cadence {
        let name = &action.name;
        let message = format!("`{name}` is never due: there is no cadence");
        let help = "give the play or the floor a `cadence`";
        warn(problems, Code::Never, field, message, help);
    }
}

fn action(sound: &Sound<'_>, i: usize, action: &ActionSpec, problems: &mut Diagnostics) {
    let spec = sound.spec;
    let field = |name: &str| format!("actions[{i}].{name}");
    if let Some(category) = &action.category {
        let slip = slip(category, place(&field("category")));
        slip.into_iter().for_each(|problem| problems.push(problem));
    }
    let of_floor = spec.floor.actions.contains(&action.name);
    let has = |actions: &[String]| actions.contains(&action.name);
    let used = of_floor || spec.plays.iter().any(|play| has(&play.actions));
    if !used && sound.actions() {
        let message = format!("no play has the action `{}`", action.name);
        let help = "name it in the `actions` of a play, or take it out";
        warn(problems, Code::Unused, &field("name"), message, help);
    }
    let consents = spec.consent.contains_key(&action.channel);
    let known = sound.at(&field("channel")) && sound.at("consent") && sound.at("floor.actions");
    if !of_floor && !action.service && !consents && known {
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
        _ if !sound.at(&field("trigger")) => return,
        TriggerSpec::Every(every) => (vec![every], true),
        TriggerSpec::Cadence if sound.actions() => (cadences(sound, action), false),
        _ => return,
    };
    let mut caps = sound
        .caps()
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
fn cadences(sound: &Sound<'_>, action: &ActionSpec) -> Vec<Days> {
    let spec = sound.spec;
    let of_floor = spec.floor.actions.contains(&action.name);
    let has = |actions: &[String]| of_floor || actions.contains(&action.name);
    let of_plays = spec.plays.iter().enumerate();
    let of_plays = of_plays.filter(|(_, play)| has(&play.actions));
    of_plays
        .filter_map(|(i, play)| match play.cadence {
            Some(_) => sound.cadence(i),
            None => sound.floor_cadence(),
        })
        .chain(sound.floor_cadence().filter(|_| of_floor))
        .collect()
}
