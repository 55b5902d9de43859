//! How far the plan of one customer was kept.

use serde::{Deserialize, Serialize};

use super::contact::Contact;
use super::due::{Subject, after, in_year, number};
use super::plan::{Action, Date, Playbook, Service, Trigger};
use super::record::since;
use crate::model::{Day, Days, Direction, Interaction};

/// How inbound interactions were answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Within the promised hours.
    pub in_time: u64,
    /// Later.
    pub late: u64,
    /// Of which that is not known.
    pub unknown: u64,
}

impl Answers {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        let answered = self.in_time.saturating_add(self.late);
        answered.saturating_add(self.unknown)
    }

    /// The share that is known to be in time, 0 to 1; `None` if nobody asked anything.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share
    pub fn share(&self) -> Option<f64> {
        (self.all() > 0).then(|| self.in_time as f64 / self.all() as f64)
    }

    fn of(service: &Service, asked: &[&Interaction]) -> Option<Self> {
        let most = u64::from(service.response_hours?).saturating_mul(3_600);
        let mut answers = Self::default();
        for one in asked {
            match one.latency_seconds() {
                Some(seconds) if u64::from(seconds) <= most => answers.in_time += 1,
                Some(_) => answers.late += 1,
                None => answers.unknown += 1,
            }
        }
        Some(answers)
    }

    pub(crate) fn take(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.in_time, other.in_time),
            (&mut self.late, other.late),
            (&mut self.unknown, other.unknown),
        ] {
            *own = own.saturating_add(more);
        }
    }
}

/// How a cadence was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// How many contacts there had to be at least.
    pub promised: u64,
    /// How many there were.
    pub made: u64,
    /// Whether the time between two of them was never longer than promised.
    pub kept: bool,
}

/// Occasions of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occasions {
    /// It was done while it was due.
    pub done: u64,
    /// It was not, and it is too late.
    pub missed: u64,
    /// It was not, and it is still due.
    pub open: u64,
}

impl Occasions {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> u64 {
        let over = self.done.saturating_add(self.missed);
        over.saturating_add(self.open)
    }

    pub(crate) fn take(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.done, other.done),
            (&mut self.missed, other.missed),
            (&mut self.open, other.open),
        ] {
            *own = own.saturating_add(more);
        }
    }
}

/// The occasions of one action of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionKept {
    /// The action.
    pub action: String,
    /// Whether the contract requires it or everybody has it.
    pub owed: bool,
    /// Its occasions.
    pub occasions: Occasions,
}

/// Whether somebody had the basic service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FloorKept {
    /// They had it.
    Met,
    /// Of some answers it is not known when they came, and nothing else is missing.
    NotKnown,
    /// They did not have it.
    NotMet {
        /// How many answers were later than the floor promises.
        late: u64,
        /// Whether they were without a contact for longer than it promises.
        no_contact: bool,
        /// The actions of the floor that were missed, in the order of the policy.
        missed: Vec<String>,
    },
}

/// How far the plan of one customer was kept. [The page on service](crate::docs::service) has the definitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attained {
    /// The position of the customer's play; `None` if none matches, so that the plan is the floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub play: Option<usize>,
    /// Whether the customer is not to be contacted: then there is neither a cadence nor an action.
    pub not_to_be_contacted: bool,
    /// How the customer was answered; `None` if the plan promises nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// How the cadence was kept; `None` if the plan has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence: Option<Kept>,
    /// The actions of the plan, in its order.
    pub actions: Vec<ActionKept>,
    /// Whether it was the basic service at least.
    pub floor: FloorKept,
}

impl Playbook {
    /// How far the plan of a customer was kept from one day to another, both counted; the row, the position and what is remembered
    /// are those of a review on the last of them or later. Nothing of days before the first and after the last counts, but for contacts
    /// before.
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::model::{Currency, Direction, Interaction};
    /// use customer_value::strategy::playbook::{FloorKept, Names, PlaybookSpec, Subject};
    /// use customer_value::table::{Schema, Table};
    ///
    /// let spec: PlaybookSpec = toml::from_str(r#"
    ///     channels = ["phone"]
    ///     floor = { channels = ["phone"], cadence = "60 days", response_hours = 24 }
    /// "#)?;
    /// let (mut problems, schema) = (Diagnostics::new(), Schema::new());
    /// let playbook = spec.bind(&Names::default(), &schema, Currency::EUR, &mut problems).ok_or(problems)?;
    /// let table = Table::new(schema, 1);
    ///
    /// let asked = Interaction::new(7, "2025-02-03".parse()?, "phone", Direction::Inbound, "question")?.with_latency(3_600);
    /// let called = Interaction::new(7, "2025-02-20".parse()?, "phone", Direction::Outbound, "call")?;
    /// let (id, interactions) = (7.into(), [asked, called]);
    /// let customer = Subject { interactions: &interactions.each_ref(), ..Subject::new(&id, table.row(0)) };
    /// let attained = playbook.attained(&customer, "2025-01-01".parse()?, "2025-03-31".parse()?);
    /// assert_eq!(attained.answers.unwrap().share(), Some(1.0));
    /// let cadence = attained.cadence.unwrap();
    /// assert_eq!((cadence.promised, cadence.made, cadence.kept), (1, 1, true));
    /// assert_eq!(attained.floor, FloorKept::Met);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn attained(&self, subject: &Subject<'_>, first: Day, last: Day) -> Attained {
        let play = self.play(subject.row, &subject.position);
        let (cadence, actions) = self.served(play);
        let service = play.and_then(|i| self.plays().nth(i));
        let service = service.map_or(&self.floor, |(_, service)| service);
        let asked: Vec<&Interaction> = (subject.interactions.iter().copied())
            .filter(|one| one.direction() == Direction::Inbound)
            .filter(|one| (first..=last).contains(&one.day()))
            .collect();
        let mut contacts = self.contacts(subject.interactions, subject.attempts, last);
        contacts.sort_by_key(|contact| contact.day);
        let barred = self.is_barred(subject.row);
        let days = Span { first, last };
        let kept = |every: Option<Days>| {
            let every = every.filter(|_| !barred)?;
            Some(days.kept(every, &contacts))
        };
        let mut listed = Vec::new();
        let mut missed = Vec::new();
        for &i in actions.iter().filter(|_| !barred) {
            let Some(action) = self.actions.get(i) else {
                continue;
            };
            let occasions = self.occasions(i, action, cadence, subject, &contacts, days);
            if self.floor_actions.contains(&i) && occasions.missed > 0 {
                missed.push(action.name.clone());
            }
            listed.push(ActionKept {
                action: action.name.clone(),
                owed: action.owed,
                occasions,
            });
        }
        let answers = Answers::of(&self.floor, &asked).unwrap_or_default();
        let no_contact = kept(self.floor.cadence).is_some_and(|kept| !kept.kept);
        let floor = if answers.late > 0 || no_contact || !missed.is_empty() {
            FloorKept::NotMet {
                late: answers.late,
                no_contact,
                missed,
            }
        } else if answers.unknown > 0 {
            FloorKept::NotKnown
        } else {
            FloorKept::Met
        };
        Attained {
            play,
            not_to_be_contacted: barred,
            answers: Answers::of(service, &asked),
            cadence: kept(cadence),
            actions: listed,
            floor,
        }
    }

    /// The occasions of an action that it is due on some of the days; the contacts are in the order of their days.
    fn occasions(
        &self,
        i: usize,
        action: &Action,
        cadence: Option<Days>,
        subject: &Subject<'_>,
        contacts: &[Contact],
        days: Span,
    ) -> Occasions {
        let once = |on: Option<Day>| on.into_iter().collect::<Vec<_>>();
        let on = match &action.trigger {
            Trigger::Cadence => {
                return cadence.map_or_else(Occasions::default, |c| days.cadenced(c, contacts));
            }
            Trigger::Every(every) => return days.cadenced(*every, contacts),
            Trigger::Anniversary(date) => {
                let of = self.day(subject.row, date.slot);
                of.map_or_else(Vec::new, |of| days.anniversaries(of, date))
            }
            Trigger::Date(date) => {
                let of = self.day(subject.row, date.slot);
                once(of.and_then(|of| after(of, date.offset)))
            }
            Trigger::Stage { stage, offset } => {
                let is_there = subject.position.stage == Some(*stage);
                let entered = subject.stage_since.filter(|_| is_there);
                once(entered.and_then(|day| after(day, *offset)))
            }
            Trigger::Rule(rule) => {
                let truth = rule.truth(subject.row);
                let before = subject.record.and_then(|r| r.true_since(&action.name));
                let is_true = truth == crate::rules::Truth::True;
                once(since(truth, before, days.last).filter(|_| is_true))
            }
        };
        let done: Vec<Day> = (contacts.iter())
            .filter(|contact| contact.action == Some(i))
            .map(|contact| contact.day)
            .collect();
        let mut found = Occasions::default();
        let next = on.iter().skip(1).map(Some).chain([None]);
        for (on, next) in on.iter().zip(next) {
            // The last day on which it is due; the next anniversary takes its place.
            let end = action.within.map(|w| number(*on) + i64::from(w.get()) - 1);
            let end = match (end, next) {
                (Some(end), Some(next)) => Some(end.min(number(*next) - 1)),
                (end, next) => end.or(next.map(|next| number(*next) - 1)),
            };
            let lapsed = |day: Day| end.is_some_and(|end| end < number(day));
            if *on > days.last || lapsed(days.first) {
                continue;
            }
            match done.iter().find(|day| *day >= on) {
                Some(day) if *day < days.first => {}
                Some(day) if !lapsed(*day) => found.done += 1,
                _ if end.is_some_and(|end| end <= number(days.last)) => found.missed += 1,
                _ => found.open += 1,
            }
        }
        found
    }
}

/// The days that are looked at, both counted.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: Day,
    last: Day,
}

impl Span {
    /// The last contact before these days, and those on them.
    fn split(self, contacts: &[Contact]) -> (Option<i64>, Vec<i64>) {
        let all = contacts.iter().map(|contact| contact.day);
        let before = all.clone().filter(|day| *day < self.first).max();
        let own = all.filter(|day| (self.first..=self.last).contains(day));
        (before.map(number), own.map(number).collect())
    }

    fn kept(self, every: Days, contacts: &[Contact]) -> Kept {
        let every = i64::from(every.get()).max(1);
        let (first, last) = (number(self.first), number(self.last));
        let (before, own) = self.split(contacts);
        let mut from = before.unwrap_or(first - 1);
        let mut kept = true;
        // At the close of the day before each contact, and of the last day.
        for close in own.iter().map(|day| day - 1).chain([last]) {
            kept &= close < first || close - from < every;
            from = close + 1;
        }
        Kept {
            promised: u64::try_from((last - first + 1) / every).unwrap_or(0),
            made: u64::try_from(own.len()).unwrap_or(u64::MAX),
            kept,
        }
    }

    /// What keeps up a cadence is due until there is any contact.
    fn cadenced(self, every: Days, contacts: &[Contact]) -> Occasions {
        let every = i64::from(every.get());
        let (before, own) = self.split(contacts);
        let mut due = before.map_or(number(self.first), |day| day + every);
        let mut found = Occasions::default();
        for day in own {
            found.done += u64::from(day >= due);
            due = day + every;
        }
        found.open += u64::from(due <= number(self.last));
        found
    }

    /// The anniversaries of a date, moved, that are on these days, the last before them and the next after them, ascending.
    fn anniversaries(self, of: Day, date: &Date) -> Vec<Day> {
        let offset = i64::from(date.offset.get());
        let year = |day: Day| {
            let day = i32::try_from(number(day) - offset).unwrap_or(i32::MAX);
            let (least, most) = (Day::MIN.epoch_days(), Day::MAX.epoch_days());
            Day::from_epoch_days(day.clamp(least, most)).map_or(0, Day::year)
        };
        let from = (year(self.first) - 2).max(of.year() + 1);
        (from..=year(self.last) + 1)
            .filter_map(|year| after(in_year(of, year)?, date.offset))
            .collect()
    }
}
