//! The days that a review has to make up for.

use super::log::People;
use super::machine::Movement;
use super::record::Tenure;
use super::spec::{Afterwards, ReviewTiming};
use crate::model::{Day, Days};
use crate::summary::{Period, Window};
use crate::tiering::ladder::TierId;

/// What besides the tenure says when something is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar<'a> {
    /// The days with a record, ascending, since 1970-01-01.
    pub records: &'a [i32],
    /// The window of the qualifying metric, where it has one of its own.
    pub window: Option<Window>,
    /// The next day with which an anchored window begins anew.
    pub rollover: Option<Day>,
    pub people: People<'a>,
}

impl Movement {
    /// The first day before `as_of` to make up for: `from` itself if its turn is still to come (`open`), or a later one.
    pub(crate) fn due(
        &self,
        tenure: &Tenure<TierId>,
        calendar: Calendar<'_>,
        from: Day,
        open: bool,
        as_of: Day,
    ) -> Option<Day> {
        let one = Days::new(1);
        let mut first: Option<Day> = None;
        let mut take = |day: Day| {
            if day < as_of && first.is_none_or(|f| day < f) {
                first = Some(day);
            }
        };
        // The turn to a day belongs to the day before.
        let mut turn_to = |day: Day| {
            let eve = day.minus(one);
            if eve > from || open && eve == from {
                take(eve);
            }
        };
        let foreign = self.is_foreign(tenure);
        let begins = self.not_before(Some(from)).filter(|_| foreign);
        // What should have ended while nobody decided is due at once.
        let at_once = begins.unwrap_or(from.next());
        let term = tenure.term.filter(|_| tenure.grace.is_none());
        let ends = [
            term.map(|term| term.end),
            tenure.grace.map(|grace| grace.until),
            tenure.upcoming.map(|upcoming| upcoming.from),
        ];
        for end in ends.into_iter().flatten() {
            turn_to(end.max(at_once));
        }
        if self.afterwards(tenure, false) != Afterwards::Kept {
            turn_to(from.next());
        }
        if let ReviewTiming::Every(period) = self.review {
            if foreign {
                let first = begins.unwrap_or(as_of);
                turn_to(period.next_start(first.minus(one)));
            } else {
                turn_to(period.next_start(from));
                turn_to(period.next_start(from.next()));
            }
        }
        for decided in calendar.people.overrides {
            turn_to(decided.from);
            decided.to.into_iter().for_each(&mut turn_to);
        }
        // What came in after the last review of that day.
        let extensions = calendar.people.extensions;
        let told = (0..)
            .zip(extensions)
            .any(|(id, one)| one.on <= from && self.extends(tenure, id, one, from));
        let records = !foreign && calendar.records.binary_search(&from.epoch_days()).is_ok();
        if open && (told || records) {
            take(from);
        }
        let mut close_of = |day: Day| {
            if day > from {
                take(day);
            }
        };
        for extension in extensions {
            close_of(extension.on);
        }
        if foreign {
            begins.into_iter().for_each(&mut close_of);
            return first;
        }
        self.held_until(tenure).into_iter().for_each(&mut close_of);
        close_of(tenure.touched);
        close_of(tenure.touched.next());
        if let Some(term) = tenure.term {
            for before in &self.spec.notices {
                close_of(term.end.minus(*before));
            }
        }
        let after = |day: i32| {
            let at = calendar.records.partition_point(|d| *d <= day);
            calendar.records.get(at).copied()
        };
        let day = |epoch: i32| Day::from_epoch_days(epoch).ok();
        let records = after(from.epoch_days()).and_then(day);
        records.into_iter().for_each(&mut close_of);
        calendar.rollover.into_iter().for_each(&mut close_of);
        match calendar.window {
            Some(Window::Trailing(days)) => {
                let leaving = from.epoch_days().saturating_sub(days.get());
                let leaves = after(leaving).and_then(|d| day(d.saturating_add(days.get())));
                leaves.into_iter().for_each(&mut close_of);
            }
            Some(Window::Calendar { period, .. }) => close_of(period.next_start(from)),
            Some(Window::Between(_, to)) => close_of(to),
            _ => {}
        }
        first
    }

    /// The next day from which a scheduled review holds.
    pub(crate) fn next_review(&self, tenure: &Tenure<TierId>, after: Day) -> Option<Day> {
        let scheduled = match self.review {
            ReviewTiming::Every(period) => Some(Period::next_start(period, after)),
            ReviewTiming::TermEnd | ReviewTiming::Always => None,
        };
        // Scheduled reviews within grace are left out.
        let ends = match tenure.grace {
            Some(grace) => [Some(grace.until), None],
            None => [tenure.term.map(|t| t.end), scheduled],
        };
        ends.into_iter().flatten().filter(|d| *d > after).min()
    }

    /// The first day on which a review can take a tier that is held on a day; `None` if none can.
    pub(crate) fn first_loss(&self, tenure: &Tenure<TierId>, on: Day) -> Option<Day> {
        if tenure.earned == TierId::BASE || !self.can_fall(tenure.earned) {
            return None;
        }
        let next = on.next();
        if let Some(grace) = tenure.grace {
            return Some(grace.until.max(next));
        }
        // A term ends no earlier than the hold.
        if let Some(term) = tenure.term {
            return Some(term.end.max(next));
        }
        let free = self.held_until(tenure).map_or(next, |held| held.max(next));
        match self.review {
            ReviewTiming::Every(period) => Some(period.next_start(free.minus(Days::new(1)))),
            ReviewTiming::TermEnd | ReviewTiming::Always => Some(free),
        }
    }

    /// The day on which this policy's rules begin to hold for a tier that is held by those of another one until then.
    pub(crate) fn takes_over(&self, tenure: &Tenure<TierId>, on: Day) -> Option<Day> {
        self.not_before(Some(on))
            .filter(|_| self.is_foreign(tenure))
    }
}
