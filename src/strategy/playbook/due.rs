//! What is due for one customer, before what all customers share is looked at.

use super::contact::Contact;
use super::outcome::{Suppression, Why};
use super::plan::{Action, Date, Playbook, Position, Trigger};
use super::record::{PlaybookRecord, since};
use super::spec::QuietSpec;
use crate::lifecycle::win_back::minor;
use crate::model::{Attempt, CustomerId, Day, Days, Interaction, Money, Weekday};
use crate::rules::Truth;
use crate::table::{Row, Slot};

/// What is known of one customer when it is asked what is due.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The customer; each comes once.
    pub id: &'a CustomerId,
    /// The row of the review.
    pub row: Row<'a>,
    /// Tier, stage and segments.
    pub position: Position<'a>,
    /// Since when the customer has been in the stage, if that is known.
    pub stage_since: Option<Day>,
    /// What is remembered, also of the day itself; `None` if there is nothing yet.
    pub record: Option<&'a PlaybookRecord>,
    /// The customer's interactions, in any order; the outbound ones are contacts. Days after the one asked for are not looked
    /// at.
    pub interactions: &'a [&'a Interaction],
    /// What was tried with the customer, in any order; each is a contact too.
    pub attempts: &'a [Attempt],
}

impl<'a> Subject<'a> {
    /// A customer of the base tier, of whom neither stage, segments nor contacts are known.
    #[must_use]
    pub fn new(id: &'a CustomerId, row: Row<'a>) -> Self {
        Self {
            id,
            row,
            position: Position::default(),
            stage_since: None,
            record: None,
            interactions: &[],
            attempts: &[],
        }
    }
}

/// An action that only what is shared can still hold back.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    /// The position of the action.
    pub action: usize,
    pub why: Why,
    /// In minor units.
    pub net: Option<i64>,
}

/// What is due for one customer, before it is settled what is taken.
#[derive(Debug, Clone)]
pub struct Weighed {
    pub(super) id: CustomerId,
    /// The position of the customer's play.
    pub(super) play: Option<usize>,
    pub(super) ready: Vec<Ready>,
    /// The positions of actions that are due and held back.
    pub(super) held: Vec<(usize, Why, Suppression)>,
    /// The contacts of the day.
    pub(super) today: Vec<Contact>,
    /// For each cap how many more contacts it allows; empty if nothing is ready.
    pub(super) room: Vec<u32>,
}

/// Days since 1970-01-01, with room for sums.
pub(super) fn number(day: Day) -> i64 {
    i64::from(day.epoch_days())
}

/// So many days after a day, if the calendar has it.
pub(super) fn after(day: Day, offset: Days) -> Option<Day> {
    let sum = number(day) + i64::from(offset.get());
    Day::from_epoch_days(i32::try_from(sum).ok()?).ok()
}

/// The anniversary in a year; of a 29 February the 28th where there is none.
pub(super) fn in_year(date: Day, year: i32) -> Option<Day> {
    let (month, day) = (date.month(), date.day_of_month());
    Day::from_ymd(year, month, day)
        .or_else(|_| Day::from_ymd(year, month, 28))
        .ok()
}

/// The latest anniversary, a year or more after `date`, that is not after `day` if it is moved by `offset`.
fn anniversary(date: Day, offset: Days, day: Day) -> Option<Day> {
    let latest = number(day) - i64::from(offset.get());
    if latest < number(Day::MIN) {
        return None;
    }
    let latest = after(day, Days::new(offset.get().checked_neg()?)).unwrap_or(Day::MAX);
    let year = latest.year();
    [year, year - 1]
        .into_iter()
        .filter(|year| *year > date.year())
        .filter_map(|year| in_year(date, year))
        .find(|found| *found <= latest)
}

impl QuietSpec {
    pub(super) fn covers(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day)
            && self.until.is_none_or(|until| day < until)
            && (self.weekdays.is_empty() || self.weekdays.contains(&Weekday::of(day)))
    }
}

impl Playbook {
    /// What is due for one customer; `None` if nothing is, nothing is held back, and there was no contact on the day.
    ///
    /// [`settle`](Self::settle) makes the list of a day out of what is due for all customers; [`due`](Self::due) does both.
    #[must_use]
    pub fn weigh(&self, subject: &Subject<'_>, day: Day) -> Option<Weighed> {
        let play = self.play(subject.row, &subject.position);
        let (cadence, actions) = self.served(play);
        let contacts = self.contacts(subject.interactions, subject.attempts, day);
        let mut ready = Vec::new();
        let mut held = Vec::new();
        for &i in actions {
            let Some(action) = self.actions.get(i) else {
                continue;
            };
            let Some(why) = self.occasion(i, action, cadence, subject, &contacts, day) else {
                continue;
            };
            match self.allowed(i, action, subject.row, &contacts, day) {
                Ok(net) => ready.push(Ready {
                    action: i,
                    why,
                    net,
                }),
                Err(because) => held.push((i, why, because)),
            }
        }
        let today: Vec<Contact> = contacts.iter().filter(|c| c.day == day).copied().collect();
        if ready.is_empty() && held.is_empty() && today.is_empty() {
            return None;
        }
        let room = if ready.is_empty() {
            Vec::new()
        } else {
            self.room(&contacts, day)
        };
        Some(Weighed {
            id: subject.id.clone(),
            play,
            ready,
            held,
            today,
            room,
        })
    }

    /// How many contacts each cap allows beside those that there are.
    fn room(&self, contacts: &[Contact], day: Day) -> Vec<u32> {
        let caps = self.caps.iter();
        caps.map(|cap| {
            let counts = |c: &&Contact| {
                number(day) - number(c.day) < i64::from(cap.within.get())
                    && (cap.channel.is_none() || c.channel == cap.channel)
            };
            let used = contacts.iter().filter(counts).count();
            cap.at_most
                .saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
        })
        .collect()
    }

    /// The day in a date column.
    #[allow(clippy::cast_possible_truncation)] // a cast saturates, and the range is checked after it
    pub(super) fn day(&self, row: Row<'_>, slot: Slot) -> Option<Day> {
        let number = self.number(row, slot)?.floor();
        Day::from_epoch_days(number as i32).ok()
    }

    /// Why an action is due; `None` if it is not.
    fn occasion(
        &self,
        i: usize,
        action: &Action,
        cadence: Option<Days>,
        subject: &Subject<'_>,
        contacts: &[Contact],
        day: Day,
    ) -> Option<Why> {
        let (on, why) = match &action.trigger {
            Trigger::Cadence => return cadenced(cadence?, contacts, day),
            Trigger::Every(every) => return cadenced(*every, contacts, day),
            Trigger::Anniversary(date) => self.yearly(date, subject.row, day)?,
            Trigger::Date(date) => {
                let of = self.day(subject.row, date.slot)?;
                let why = Why::Date {
                    date: date.column.clone(),
                    of,
                    offset: date.offset,
                };
                (after(of, date.offset)?, why)
            }
            Trigger::Stage { stage, offset } => {
                let since = subject.stage_since?;
                if subject.position.stage != Some(*stage) {
                    return None;
                }
                let why = Why::Stage {
                    stage: self.stages.get(*stage)?.clone(),
                    since,
                };
                (after(since, *offset)?, why)
            }
            Trigger::Rule(rule) => {
                let truth = rule.truth(subject.row);
                if truth != Truth::True {
                    return None;
                }
                let before = subject.record.and_then(|r| r.true_since(&action.name));
                let since = since(truth, before, day)?;
                let why = Why::Rule {
                    rule: rule.text().to_owned(),
                    since,
                    conditions: rule.explain(subject.row),
                };
                (since, why)
            }
        };
        let late = number(day) - number(on);
        let over = |within: Days| late >= i64::from(within.get());
        let done = |c: &Contact| c.action == Some(i) && c.day >= on;
        let is_due = late >= 0 && !action.within.is_some_and(over) && !contacts.iter().any(done);
        is_due.then_some(why)
    }

    fn yearly(&self, date: &Date, row: Row<'_>, day: Day) -> Option<(Day, Why)> {
        let of = self.day(row, date.slot)?;
        let anniversary = anniversary(of, date.offset, day)?;
        let why = Why::Anniversary {
            date: date.column.clone(),
            of,
            anniversary,
            offset: date.offset,
        };
        Some((after(anniversary, date.offset)?, why))
    }

    fn is_set(&self, row: Row<'_>, slot: Slot) -> bool {
        self.number(row, slot).is_some_and(|flag| flag != 0.0)
    }

    /// Whether the customer is not to be contacted.
    pub(super) fn is_barred(&self, row: Row<'_>) -> bool {
        self.do_not_contact
            .is_some_and(|slot| self.is_set(row, slot))
    }

    /// The net value of an action that the customer may be contacted with, or else why not.
    fn allowed(
        &self,
        i: usize,
        action: &Action,
        row: Row<'_>,
        contacts: &[Contact],
        day: Day,
    ) -> Result<Option<i64>, Suppression> {
        if self.is_barred(row) {
            return Err(Suppression::DoNotContact);
        }
        let channel = self.channels.get(action.channel);
        let consent = channel.and_then(|c| c.consent);
        if !action.owed && !consent.is_some_and(|slot| self.is_set(row, slot)) {
            let channel = channel.map(|c| c.name.clone()).unwrap_or_default();
            return Err(Suppression::NoConsent { channel });
        }
        if self.quiet.iter().any(|quiet| quiet.covers(day)) {
            return Err(Suppression::Quiet);
        }
        let done = contacts.iter().filter(|c| c.action == Some(i));
        if let Some(last) = done.map(|c| c.day).max()
            && number(day) - number(last) < i64::from(action.cool_down.get())
        {
            let until = last.plus(action.cool_down);
            return Err(Suppression::CoolDown { until });
        }
        let Some((response, slot)) = &action.worth else {
            return Ok(None);
        };
        let value = self.number(row, *slot);
        let value = value.map(|major| minor(major, self.currency.minor_per_major()));
        match value.map(|value| response.net(value, 0, action.cost)) {
            None if !action.owed => Err(Suppression::ValueUnknown),
            Some(net) if net <= 0 && !action.owed => Err(Suppression::NotWorthIt {
                net: Money::from_minor(net, self.currency),
            }),
            net => Ok(net),
        }
    }
}

/// Why an action that keeps up a cadence is due.
fn cadenced(every: Days, contacts: &[Contact], day: Day) -> Option<Why> {
    let last = contacts.iter().map(|contact| contact.day).max();
    let rests = |last: Day| number(day) - number(last) < i64::from(every.get());
    (!last.is_some_and(rests)).then_some(Why::Cadence { every, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn anniversaries_of_a_leap_day_and_at_the_ends_of_the_calendar() {
        let of = |date: &str, offset: i32, on: &str| {
            anniversary(day(date), Days::new(offset), day(on)).map(|found| found.to_string())
        };
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(of("2020-02-29", 0, "2021-02-27"), None);
        assert_eq!(of("2020-02-29", 0, "2021-02-28"), found("2021-02-28"));
        assert_eq!(of("2020-02-29", 0, "2024-02-28"), found("2023-02-28"));
        assert_eq!(of("2020-02-29", 0, "2024-02-29"), found("2024-02-29"));
        assert_eq!(of("2020-01-03", -7, "2023-12-27"), found("2024-01-03"));
        assert_eq!(of("2020-12-30", 7, "2024-01-05"), found("2022-12-30"));
        assert_eq!(of("2020-12-30", 800, "2024-01-05"), None);
        assert_eq!(of("2020-12-30", 800, "2024-03-09"), found("2021-12-30"));
        assert_eq!(of("9999-12-30", -7, "9999-12-31"), None);
        assert_eq!(of("2020-06-01", i32::MIN, "2024-01-05"), None);
        assert_eq!(of("2020-06-01", i32::MAX, "2024-01-05"), None);
        assert_eq!(of("9990-01-02", -30, "9999-12-31"), found("9999-01-02"));
    }
}
