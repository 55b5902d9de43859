//! Notices, and what they look ahead to.

use super::super::calendar::{Date, Length, plus};
use super::Walk;

impl<'a> Walk<'a> {
    pub(super) fn notices(&mut self, e: Date) {
        let Some((_, end)) = self.state.term else {
            return;
        };
        if end <= e || self.state.grace.is_some() || self.ahead {
            return;
        }
        for notice in &self.movement.notices {
            let Length::Days(before) = notice else {
                panic!("a notice is a number of days");
            };
            let ask = plus(end, -i64::from(*before));
            if e != ask || self.state.noticed.contains(&(ask, end)) {
                continue;
            }
            if self.lost_at(end, e) {
                self.state.noticed.push((ask, end));
                let tier = self.state.tier;
                self.event("notice", e, Some(tier), None);
            }
        }
    }

    /// Whether the tier would be lost at the end of its term if nothing happened after a day.
    fn lost_at(&self, end: Date, last: Date) -> bool {
        let mut state = self.state.clone();
        let mut ahead = Walk {
            policy: self.policy,
            movement: self.movement,
            known: self.known.without_later(last),
            customer: self.customer,
            state: &mut state,
            ahead: true,
            events: Vec::new(),
            metric_of_review: None,
            changed: false,
        };
        let mut e = last;
        ahead.turn(e);
        while plus(e, 1) < end {
            e = plus(e, 1);
            ahead.begin_day(e);
            ahead.extensions(e);
            ahead.close(e);
            ahead.turn(e);
        }
        let grace = state.grace.is_some_and(|(since, _)| since == end);
        state.tier < self.state.tier || grace
    }
}
