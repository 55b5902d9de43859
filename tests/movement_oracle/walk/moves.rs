//! Terms, and the moves up and down.

use super::super::calendar::{Date, anniversary_from, is_day_of_year, plus};
use super::super::policy::{Anniversary, Downgrade, Renew};
use super::{Grant, Walk};

impl<'a> Walk<'a> {
    /// The term of the present tier from that day on, decided at the close of `e`.
    pub(super) fn new_term(&self, start: Date, e: Date) -> Option<(Date, Date)> {
        if self.state.tier == 0 {
            return None;
        }
        let term = self.movement.term.as_ref()?;
        let anniversary = |anniversary: &Anniversary| match anniversary {
            Anniversary::Enrolment => {
                let given = self.customer.enrolled;
                given.or_else(|| self.enrolment().filter(|first| *first <= e))
            }
            Anniversary::Attribute(name) => self.attribute(name),
        };
        let mut end = if let Some(length) = term.length {
            let end = length.after(start);
            match (term.round, &term.anniversary) {
                (Some(period), _) => period.not_before(end),
                (_, Some(of)) => anniversary(of).map_or(end, |of| anniversary_from(of, end)),
                _ => end,
            }
        } else if let Some(period) = term.end_of {
            let ends = |day| {
                let end = period.next(day);
                if term.next { period.next(end) } else { end }
            };
            if ends(e) > start {
                ends(e)
            } else {
                ends(start)
            }
        } else if let Some(dates) = &term.dates {
            let mut end = plus(start, 1);
            while !dates.iter().any(|date| {
                let (month, day) = date.split_once('-').unwrap();
                is_day_of_year(month.parse().unwrap(), day.parse().unwrap(), end)
            }) {
                end = plus(end, 1);
            }
            end
        } else {
            match anniversary(term.anniversary.as_ref().unwrap()) {
                Some(of) => anniversary_from(of, plus(start, 1)),
                None => anniversary_from(start, plus(start, 1)),
            }
        };
        if let Some(hold) = self.hold_end() {
            end = end.max(hold);
        }
        Some((start, end))
    }

    pub(super) fn hold_end(&self) -> Option<Date> {
        Some(self.movement.hold?.after(self.state.since?))
    }

    pub(super) fn held(&self, day: Date) -> bool {
        self.hold_end().is_some_and(|end| day < end)
    }

    pub(super) fn term_runs(&self, day: Date) -> bool {
        self.state.term.is_some_and(|(_, end)| day < end)
    }

    /// The term is renewed by what happened at the close of `e` and holds from `day`.
    pub(super) fn renew(&mut self, e: Date, day: Date) {
        let Some((_, old_end)) = self.state.term else {
            self.grant_anew(e);
            return;
        };
        let old = self.state.term;
        self.state.term = match self.movement.renew {
            // As if decided on the day before; as many as it takes.
            Renew::FromEnd => {
                let mut start = old_end;
                loop {
                    let term = self.new_term(start, plus(start, -1));
                    match term {
                        Some((_, end)) if end <= e => start = end,
                        _ => break term.map(|(_, end)| (old_end, end)),
                    }
                }
            }
            Renew::FromReview => {
                // Never an earlier end.
                let later = self.new_term(day, e).filter(|(_, end)| *end > old_end);
                later.or(self.state.term)
            }
        };
        if self.state.term != old {
            self.grant_anew(e);
        }
    }

    pub(super) fn grant(&self, tier: usize, before: usize, e: Date) -> Option<Grant> {
        let threshold = self.policy.tier(tier).entry.filter(|_| tier > 0)?;
        if self.qualifying(e) < Some(threshold) {
            return None;
        }
        self.granted_for(threshold, before, e)
    }

    /// A renewed tier is held for what was needed to keep it.
    pub(super) fn grant_anew(&mut self, e: Date) {
        let spec = self.policy.tier(self.state.tier);
        let threshold = spec.keep.or(spec.entry);
        let met = threshold.filter(|threshold| self.qualifying(e) >= Some(*threshold));
        self.state.grant = met.and_then(|threshold| self.granted_for(threshold, 0, e));
        self.state.below.clear();
    }

    pub(super) fn granted_for(&self, threshold: f64, before: usize, e: Date) -> Option<Grant> {
        let grant = Grant {
            threshold,
            from: self.counted(e)?.from,
            carry: self.carry(e),
            before,
        };
        // What is lacking from the beginning was not what it was granted for.
        self.covers(&grant, e).then_some(grant)
    }

    /// Up, decided at the close of `e`, from `day` on.
    pub(super) fn up(&mut self, to: usize, e: Date, day: Date, grant: Option<Grant>) {
        let before = self.state.tier;
        self.state.tier = to;
        self.state.since = Some(day);
        self.state.last_change = Some(day);
        self.state.grace = None;
        self.state.below.insert(0, self.state.grant);
        self.state.grant = grant;
        if self.state.pending.is_some_and(|(tier, ..)| tier <= to) {
            self.state.pending = None;
        }
        let stays = !self.movement.upgrade_restarts_term && self.term_runs(day);
        if !stays {
            self.state.term = self.new_term(day, e);
        } else if let (Some((_, end)), Some(hold)) = (&mut self.state.term, self.movement.hold) {
            *end = (*end).max(hold.after(day));
        }
        self.event("upgraded", day, Some(before), Some(to));
    }

    /// Down, decided at the close of `e`, from `day` on.
    pub(super) fn down(&mut self, kind: &'static str, to: usize, e: Date, day: Date) {
        let before = self.state.tier;
        self.state.grant = self.grant(to, 0, e);
        self.state.below.clear();
        self.state.tier = to;
        self.state.since = Some(day);
        self.state.last_change = Some(day);
        self.state.grace = None;
        self.state.term = self.new_term(day, e);
        self.event(kind, day, Some(before), Some(to));
    }

    /// Nothing that a review does can take the present tier.
    pub(super) fn cannot_be_lost(&self) -> bool {
        let tier = self.state.tier;
        tier == 0
            || !self.policy.tier(tier).downgradable
            || match &self.movement.downgrade {
                Downgrade::None => true,
                Downgrade::Floor(floor) => self.policy.ordinal(floor).unwrap() >= tier,
                _ => false,
            }
    }

    /// The keep condition was not met at the close of `e`; it counts from `day`.
    pub(super) fn disqualify(&mut self, e: Date, day: Date) {
        let tier = self.state.tier;
        if self.cannot_be_lost() {
            self.renew(e, day);
            self.event("renewed", day, Some(tier), Some(tier));
            return;
        }
        match self.movement.grace {
            Some(grace) => {
                let until = grace.length.after(day);
                let until = grace.round.map_or(until, |period| period.not_before(until));
                self.state.grace = Some((day, until));
                self.event("grace started", day, Some(tier), Some(tier));
            }
            None => self.downgrade(e, day),
        }
    }

    pub(super) fn downgrade(&mut self, e: Date, day: Date) {
        let tier = self.state.tier;
        let qualified = self.qualified(e);
        let to = match &self.movement.downgrade {
            _ if qualified >= tier => tier,
            Downgrade::ToQualified => qualified,
            Downgrade::OneStep => tier - 1,
            Downgrade::ToBase => 0,
            Downgrade::Floor(floor) => qualified.max(self.policy.ordinal(floor).unwrap()),
            Downgrade::None => tier,
        };
        if to >= tier {
            self.state.grace = None;
            self.renew(e, day);
            self.event("renewed", day, Some(tier), Some(tier));
        } else {
            self.down("downgraded", to, e, day);
        }
    }
}
