//! Names to positions and columns, and the checks of a playbook.

use super::lint;
use super::plan::{Action, Cap, Channel, Play, Playbook, Service};
use super::spec::{ActionSpec, FloorSpec, PlaySpec, PlaybookSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Currency, Days, Money, Unit};
use crate::table::{Field, Schema, Slot};

/// The names that a playbook may use, and the order in which a [`Position`](super::Position) counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Names<'a> {
    /// The tiers, by their ordinals: the base first.
    pub tiers: &'a [&'a str],
    /// The stages of the lifecycle; none if there is none.
    pub stages: &'a [&'a str],
    /// The segments.
    pub segments: &'a [&'a str],
}

impl PlaybookSpec {
    /// Binds the section to tiers, stages and segments and to the columns of a schema, or reports everything that is wrong with
    /// it, at places such as `playbook.plays[1].cadence`. `None` if there was an error.
    ///
    /// What is reported is listed on [the page](crate::docs::service).
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::model::Currency;
    /// use customer_value::strategy::playbook::{Names, PlaybookSpec};
    /// use customer_value::table::Schema;
    ///
    /// let spec: PlaybookSpec = toml::from_str(r#"
    ///     channels = ["phone", "email"]
    ///     floor = { channels = ["email"], response_hours = 72 }
    ///     plays = [{ name = "low", tiers = ["top", "bas"], response_hours = 96, actions = ["letter"] }]
    ///     actions = [{ name = "call", channel = "phoen", trigger = "cadence", cost = "6.00 EUR", service = true }]
    /// "#)?;
    /// let names = Names { tiers: &["base", "top"], ..Names::default() };
    /// let mut problems = Diagnostics::new();
    /// assert!(spec.bind(&names, &Schema::new(), Currency::EUR, &mut problems).is_none());
    /// let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     "error: playbook.plays[0].tiers[1]: there is no tier `bas` (did you mean `base`?)",
    ///     "error: playbook.plays[0].actions[0]: there is no action `letter`",
    ///     "error: playbook.plays[0].response_hours: 96 hours are longer than the 72 hours of the floor, \
    ///      for tier `top`, no stage, no segment",
    ///     "error: playbook.actions[0].channel: there is no channel `phoen` (did you mean `phone`?)",
    /// ]);
    /// # Ok::<(), toml::de::Error>(())
    /// ```
    pub fn bind(
        &self,
        names: &Names<'_>,
        schema: &Schema,
        currency: Currency,
        diagnostics: &mut Diagnostics,
    ) -> Option<Playbook> {
        let before = diagnostics.len();
        let mut binder = Binder {
            spec: self,
            names,
            schema,
            currency,
            problems: diagnostics,
        };
        let channels = binder.channels();
        let do_not_contact = self
            .do_not_contact
            .as_ref()
            .and_then(|name| binder.column(name, Unit::Flag, "do_not_contact"));
        let budget = self
            .budget_per_day
            .map(|money| binder.amount(money, "budget_per_day", "budget"));
        let caps = binder.caps();
        binder.quiet();
        let floor = binder.floor(&self.floor);
        let plays: Vec<Option<Play>> = (0..self.plays.len()).map(|i| binder.play(i)).collect();
        let actions: Vec<Option<Action>> =
            (0..self.actions.len()).map(|i| binder.action(i)).collect();
        let errors: Vec<String> = diagnostics
            .iter()
            .skip(before)
            .filter(|d| d.severity == Severity::Error)
            .map(|d| d.place.path.clone())
            .collect();
        lint::check(self, names, &errors, diagnostics);
        if !errors.is_empty() {
            return None;
        }
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let column = |name: &str| Some((name.to_owned(), schema.slot(name)?));
        Some(Playbook {
            tiers: owned(names.tiers),
            stages: owned(names.stages),
            segments: owned(names.segments),
            channels,
            do_not_contact,
            order: self.order,
            max_per_day: self.max_per_day,
            budget,
            caps,
            quiet: self.quiet.clone(),
            floor_actions: positions(&floor.actions, &self.actions),
            floor,
            plays: plays.into_iter().collect::<Option<Vec<_>>>()?,
            actions: actions.into_iter().collect::<Option<Vec<_>>>()?,
            columns: self.columns().into_iter().filter_map(column).collect(),
            width: schema.len(),
            currency,
        })
    }
}

/// Where the actions of some names are.
fn positions(names: &[String], actions: &[ActionSpec]) -> Vec<usize> {
    let at = |name: &String| actions.iter().position(|action| action.name == *name);
    names.iter().filter_map(at).collect()
}

pub(super) struct Binder<'a> {
    pub spec: &'a PlaybookSpec,
    pub names: &'a Names<'a>,
    pub schema: &'a Schema,
    pub currency: Currency,
    pub problems: &'a mut Diagnostics,
}

impl<'a> Binder<'a> {
    pub(super) fn place(field: &str) -> Place {
        Place::at(format!("playbook.{field}"))
    }

    pub(super) fn error(&mut self, code: Code, field: &str, message: impl Into<String>) {
        let problem = Diagnostic::error(code, Self::place(field), message);
        self.problems.push(problem);
    }

    /// The slot of a column of a unit.
    pub(super) fn column(&mut self, name: &str, unit: Unit, field: &str) -> Option<Slot> {
        let what = match unit {
            Unit::Flag => "flags",
            Unit::Date => "dates",
            _ => "money",
        };
        let slot = self.schema.slot(name);
        let fits = |slot: &Slot| self.schema.field(*slot).and_then(Field::unit) == Some(unit);
        if slot.as_ref().is_some_and(fits) {
            return slot;
        }
        let problem = if slot.is_some() {
            let message = format!("`{name}` is not a column of {what}");
            Diagnostic::error(Code::Type, Self::place(field), message)
        } else {
            let fields = self.schema.fields().iter();
            let near = fields.filter(|field| field.unit() == Some(unit));
            let message = format!("there is no column of {what} `{name}`");
            Diagnostic::error(Code::UnknownName, Self::place(field), message)
                .did_you_mean(name, near.map(Field::name))
        };
        self.problems.push(problem);
        None
    }

    /// The minor units of an amount that is in the currency of the policy and not negative.
    pub(super) fn amount(&mut self, amount: Money, field: &str, what: &str) -> i64 {
        if amount.is_negative() {
            let message = format!("a {what} of {amount} is negative");
            self.error(Code::Range, field, message);
        }
        let currency = self.currency;
        if amount.currency() != currency {
            let message = format!("`{amount}` is not in {currency}, the currency of the policy");
            let problem = Diagnostic::error(Code::Conflict, Self::place(field), message);
            let help = format!("write it in {currency}");
            self.problems.push(problem.help(help));
        }
        amount.minor()
    }

    pub(super) fn at_least(&mut self, days: Days, least: i32, field: &str) {
        if days.get() < least {
            let message = format!("`{days}` is less than {}", Days::new(least));
            self.error(Code::Range, field, message);
        }
    }

    /// A name that is not empty and not there already.
    pub(super) fn name<'n>(
        &mut self,
        what: &str,
        name: &str,
        mut before: impl Iterator<Item = &'n str>,
        field: &str,
    ) {
        if name.trim().is_empty() {
            let message = format!("the name of this {what} is empty");
            self.error(Code::InvalidName, field, message);
        } else if before.any(|other| other == name) {
            let message = format!("there are two {what}s named `{name}`");
            self.error(Code::DuplicateName, field, message);
        }
    }

    /// The position of a name among those there are.
    pub(super) fn known(
        &mut self,
        what: &str,
        name: &str,
        all: &[&str],
        field: &str,
    ) -> Option<usize> {
        let found = all.iter().position(|one| *one == name);
        if found.is_none() {
            let message = format!("there is no {what} `{name}`");
            let problem = Diagnostic::error(Code::UnknownName, Self::place(field), message)
                .did_you_mean(name, all.iter().copied());
            self.problems.push(problem);
        }
        found
    }

    /// The positions of the names of a list.
    fn list(&mut self, what: &str, names: &[String], all: &[&str], field: &str) -> Vec<usize> {
        self.twice(names, field);
        let names = names.iter().enumerate();
        names
            .filter_map(|(i, name)| self.known(what, name, all, &format!("{field}[{i}]")))
            .collect()
    }

    fn twice(&mut self, names: &[String], field: &str) {
        for (i, name) in names.iter().enumerate() {
            if names.iter().take(i).any(|other| other == name) {
                let message = format!("`{name}` is there twice");
                self.error(Code::DuplicateName, &format!("{field}[{i}]"), message);
            }
        }
    }

    fn all_channels(&self) -> Vec<&'a str> {
        self.spec.channels.iter().map(String::as_str).collect()
    }

    /// The position of a channel. Where there is none at all, that alone is reported.
    pub(super) fn channel(&mut self, name: &str, field: &str) -> Option<usize> {
        let all = self.all_channels();
        if all.is_empty() {
            return None;
        }
        self.known("channel", name, &all, field)
    }

    fn channels(&mut self) -> Vec<Channel> {
        let spec = self.spec;
        if spec.channels.is_empty() {
            let message = "the playbook has no channel";
            let problem = Diagnostic::error(Code::Missing, Self::place("channels"), message);
            let help = "name every channel through which customers are reached";
            self.problems.push(problem.help(help));
        }
        for (i, name) in spec.channels.iter().enumerate() {
            let before = spec.channels.iter().take(i).map(String::as_str);
            self.name("channel", name, before, &format!("channels[{i}]"));
        }
        let mut consent = vec![None; spec.channels.len()];
        for (name, column) in &spec.consent {
            let field = format!("consent.{name}");
            let slot = self.column(column, Unit::Flag, &field);
            if let Some(i) = self.channel(name, &field)
                && let Some(one) = consent.get_mut(i)
            {
                *one = slot;
            }
        }
        for name in spec.capacity.keys() {
            self.channel(name, &format!("capacity.{name}"));
        }
        let channels = spec.channels.iter().zip(consent);
        channels
            .map(|(name, consent)| Channel {
                name: name.clone(),
                consent,
                capacity: spec.capacity.get(name).copied(),
            })
            .collect()
    }

    fn caps(&mut self) -> Vec<Cap> {
        let spec = self.spec;
        let caps = spec.caps.iter().enumerate();
        caps.map(|(i, cap)| {
            self.at_least(cap.within, 1, &format!("caps[{i}].within"));
            let field = format!("caps[{i}].channel");
            let channel = cap.channel.as_ref();
            Cap {
                at_most: cap.at_most,
                within: cap.within,
                channel: channel.and_then(|name| self.channel(name, &field)),
            }
        })
        .collect()
    }

    fn quiet(&mut self) {
        for (i, quiet) in self.spec.quiet.iter().enumerate() {
            if let (Some(from), Some(until)) = (quiet.from, quiet.until)
                && until <= from
            {
                let message = format!("a quiet period from {from} until {until} has no day");
                let help = "`until` is the first day after it";
                let place = Self::place(&format!("quiet[{i}].until"));
                self.problems
                    .push(Diagnostic::error(Code::Range, place, message).help(help));
            }
        }
    }

    /// Times that are long enough.
    fn times(&mut self, cadence: Option<Days>, hours: Option<u32>, at: &str) {
        if let Some(cadence) = cadence {
            self.at_least(cadence, 1, &format!("{at}.cadence"));
        }
        if hours == Some(0) {
            let message = "nobody answers within 0 hours";
            self.error(Code::Range, &format!("{at}.response_hours"), message);
        }
    }

    fn floor(&mut self, spec: &FloorSpec) -> Service {
        let all = self.all_channels().join(", ");
        if spec.channels.is_empty() {
            let message = "the floor has no open channel";
            let place = Self::place("floor.channels");
            let problem = Diagnostic::error(Code::Missing, place, message);
            let help = format!("name at least one of {all}");
            let problem = if all.is_empty() {
                problem
            } else {
                problem.help(help)
            };
            self.problems.push(problem);
        }
        self.channel_list(&spec.channels, "floor.channels");
        self.twice(&spec.entitlements, "floor.entitlements");
        self.times(spec.cadence, spec.response_hours, "floor");
        self.action_list(&spec.actions, "floor.actions");
        Service {
            channels: spec.channels.clone(),
            entitlements: spec.entitlements.clone(),
            cadence: spec.cadence,
            response_hours: spec.response_hours,
            dedicated: false,
            actions: spec.actions.clone(),
        }
    }

    fn channel_list(&mut self, names: &[String], field: &str) {
        self.twice(names, field);
        for (i, name) in names.iter().enumerate() {
            self.channel(name, &format!("{field}[{i}]"));
        }
    }

    fn action_list(&mut self, names: &[String], field: &str) {
        let spec = self.spec;
        let all: Vec<&str> = spec.actions.iter().map(|a| a.name.as_str()).collect();
        self.list("action", names, &all, field);
    }

    fn play(&mut self, i: usize) -> Option<Play> {
        let (spec, names) = (self.spec, self.names);
        let play = spec.plays.get(i)?;
        let at = format!("plays[{i}]");
        let field = |name: &str| format!("{at}.{name}");
        let before = spec.plays.iter().take(i).map(|play| play.name.as_str());
        self.name("play", &play.name, before, &field("name"));
        let tiers = self.list("tier", &play.tiers, names.tiers, &field("tiers"));
        let stages = self.list("stage", &play.stages, names.stages, &field("stages"));
        let segments = self.list(
            "segment",
            &play.segments,
            names.segments,
            &field("segments"),
        );
        let when = match &play.when {
            Some(when) => {
                let place = Self::place(&field("when"));
                Some(when.bind(self.schema, &place, self.problems))
            }
            None => None,
        };
        if let Some(channels) = &play.channels {
            self.channel_list(channels, &field("channels"));
        }
        if let Some(entitlements) = &play.entitlements {
            self.twice(entitlements, &field("entitlements"));
        }
        self.times(play.cadence, play.response_hours, &at);
        self.action_list(&play.actions, &field("actions"));
        lint::floor(spec, names, i, self.problems);
        let service = service(&spec.floor, play);
        Some(Play {
            name: play.name.clone(),
            tiers,
            stages,
            segments,
            when: match when {
                Some(bound) => Some(bound?),
                None => None,
            },
            actions: positions(&service.actions, &spec.actions),
            service,
        })
    }
}

/// What a play gives: what it says, and the floor's where it says nothing.
fn service(floor: &FloorSpec, play: &PlaySpec) -> Service {
    let mut actions = floor.actions.clone();
    for action in &play.actions {
        if !actions.contains(action) {
            actions.push(action.clone());
        }
    }
    let or =
        |ours: &Option<Vec<String>>, floor: &Vec<String>| ours.as_ref().unwrap_or(floor).clone();
    Service {
        channels: or(&play.channels, &floor.channels),
        entitlements: or(&play.entitlements, &floor.entitlements),
        cadence: play.cadence.or(floor.cadence),
        response_hours: play.response_hours.or(floor.response_hours),
        dedicated: play.dedicated,
        actions,
    }
}
