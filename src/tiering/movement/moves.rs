//! Reviews, terms, and the moves up and down.

use super::change::{Change, Move};
use super::log::{Basis, Close, Log};
use super::machine::Movement;
use super::record::{Counting, Grace, Grant, Recount, Tenure, Term, Upcoming};
use super::spec::{Afterwards, Downgrade, Refunds, Renewal, ReviewTiming, UpgradeTiming};
use super::term::rounded;
use crate::model::{Day, Days};
use crate::tiering::ladder::TierId;

impl Movement {
    /// A review of the keep condition that takes effect on `day`: at the turn to it (`due`), or at its close.
    pub(super) fn review_now(&self, log: &mut Log<'_>, day: Day, due: bool) {
        let close = log.close;
        let Some(tenure) = log.tenure() else { return };
        let earned = tenure.earned;
        if due && self.spec.upgrade == UpgradeTiming::AtReview && close.qualified > earned {
            let to = self.begin(close, close.qualified, earned, day, tenure.term, true);
            log.note(day, Change::Upgraded(to), Basis::Entry(close.qualified));
            self.reviewed(log, day);
            return;
        }
        if earned == TierId::BASE {
            if due {
                self.reviewed(log, day);
            }
            return;
        }
        if self.keeps(close, earned) || !self.can_fall(earned) {
            self.renew(log, day, due);
            return;
        }
        let held = self.held_until(&tenure).is_some_and(|held| day < held);
        // A term ends no earlier than the hold.
        if tenure.term.map_or(held, |term| day < term.end) {
            if due {
                self.reviewed(log, day);
            }
            return;
        }
        match self.spec.grace {
            Some(grace) => {
                let until = rounded(grace.length, grace.round, day);
                let grace = Grace { since: day, until };
                log.note(day, Change::GraceStarted(grace), Basis::Keep(earned));
            }
            None => self.downgrade(log, day),
        }
    }

    /// A review that nothing else tells of is noted where something counts from it.
    pub(super) fn reviewed(&self, log: &mut Log<'_>, day: Day) {
        if self.spec.counts_from_review() {
            log.note(day, Change::Reviewed, Basis::None);
        }
    }

    pub(super) fn renew(&self, log: &mut Log<'_>, day: Day, due: bool) {
        let close = log.close;
        let Some(tenure) = log.tenure() else { return };
        let term = self.renewed(&tenure, close, day);
        if due || term != tenure.term {
            let grant = if term == tenure.term {
                tenure.grant
            } else {
                self.kept_for(close, tenure.earned)
            };
            let change = Change::Renewed { term, grant };
            log.note(day, change, Basis::Keep(tenure.earned));
        }
    }

    /// The term after a review that was passed on `day`.
    pub(super) fn renewed(
        &self,
        tenure: &Tenure<TierId>,
        close: &Close<'_>,
        day: Day,
    ) -> Option<Term> {
        let spec = self.spec.term.as_ref()?;
        let old = tenure.term;
        let (start, decided) = match (self.spec.renew, old) {
            (Renewal::FromEnd, Some(old)) if old.end > day => return Some(old),
            (Renewal::FromEnd, Some(old)) => (old.end, old.end.minus(Days::new(1))),
            _ => (day, close.day),
        };
        let mut end = spec.end(start, decided, close.anniversary);
        // A term that ended long ago is followed by as many as it takes.
        while end <= day && end < Day::MAX {
            end = spec.end(end, end.minus(Days::new(1)), close.anniversary);
        }
        // A renewal never shortens a term.
        let end = old.map_or(end, |old| end.max(old.end));
        let start = match (self.spec.renew, old) {
            (Renewal::FromReview, Some(old)) if end == old.end => old.start,
            _ => start,
        };
        Some(Term { start, end })
    }

    /// A tier that begins on `day`.
    pub(super) fn begin(
        &self,
        close: &Close<'_>,
        tier: TierId,
        before: TierId,
        day: Day,
        term: Option<Term>,
        upgrade: bool,
    ) -> Move<TierId> {
        let new = || {
            let spec = self.spec.term.as_ref().filter(|_| tier > TierId::BASE)?;
            Some(Term {
                start: day,
                end: spec.end(day, close.day, close.anniversary),
            })
        };
        let term = match term.filter(|t| t.end > day) {
            Some(old) if upgrade && !self.spec.upgrade_restarts_term => Some(old),
            _ => new(),
        };
        let term = term.map(|term| Term {
            end: term
                .end
                .max(self.spec.hold.map_or(term.end, |hold| hold.after(day))),
            ..term
        });
        Move {
            tier,
            term,
            grant: self.granted(close, tier, before, self.rung(tier).and_then(|r| r.entry)),
            recounts: (upgrade && self.spec.after_upgrade != Afterwards::Kept)
                .then_some(Recount::Upgrade),
        }
    }

    /// The same where it ends a grace period: what waited for that is due.
    pub(super) fn out_of_grace(&self, to: Move<TierId>, tenure: &Tenure<TierId>) -> Move<TierId> {
        let waits = tenure.grace.is_some() && self.spec.after_review != Afterwards::Kept;
        Move {
            recounts: if waits {
                Some(Recount::Review)
            } else {
                to.recounts
            },
            ..to
        }
    }

    /// What a tier is granted for, where a refund may take it back.
    pub(super) fn granted(
        &self,
        close: &Close<'_>,
        tier: TierId,
        before: TierId,
        need: Option<f64>,
    ) -> Option<Grant<TierId>> {
        let wanted = self.additive && self.spec.refunds == Refunds::Now && tier > TierId::BASE;
        let need = need.filter(|_| wanted)?;
        let from = close.counts_from;
        let carry = close.carried;
        // What is lacking already was not granted.
        let covered = carry + (close.counted_since)(from) >= need;
        (covered && close.qualifying? >= need).then_some(Grant {
            before,
            from,
            carry,
            need,
        })
    }

    pub(super) fn kept_for(&self, close: &Close<'_>, tier: TierId) -> Option<Grant<TierId>> {
        let need = self.rung(tier).and_then(|r| r.keep);
        self.granted(close, tier, TierId::BASE, need)
    }

    /// Takes a tier back whose grant was refunded.
    pub(super) fn take_back(&self, log: &mut Log<'_>) {
        let close = log.close;
        let Some(tenure) = log.tenure() else { return };
        if self.spec.refunds != Refunds::Now || !close.knows_refunds {
            return;
        }
        let refunded =
            |grant: Grant<TierId>| grant.carry + (close.counted_since)(grant.from) < grant.need;
        let upcoming = tenure.upcoming.filter(|u| u.tier > close.qualified);
        if upcoming.and_then(|u| u.grant).is_some_and(refunded) {
            log.note(close.day, Change::Cancelled, Basis::None);
        }
        // The tier held before is kept for what it was granted for itself.
        let mut before = None;
        let mut own = tenure.grant;
        let mut below = tenure.below.into_iter();
        while let Some(grant) = own.filter(|grant| refunded(*grant)) {
            before = Some(grant.before);
            own = below.next().flatten();
            if grant.before <= close.qualified {
                break;
            }
        }
        let Some(before) = before else { return };
        let to = before.max(close.qualified);
        if to < tenure.earned {
            let mut to = self.begin(close, to, TierId::BASE, close.day, None, false);
            if before > close.qualified {
                to.grant = own;
            }
            let to = self.out_of_grace(to, &tenure);
            log.note(close.day, Change::Revoked(to), Basis::Entry(tenure.earned));
        }
    }

    pub(super) fn upgrade(&self, log: &mut Log<'_>) {
        let close = log.close;
        let (e, qualified) = (close.day, close.qualified);
        let Some(tenure) = log.tenure() else { return };
        if qualified <= tenure.earned {
            return;
        }
        match self.spec.upgrade {
            UpgradeTiming::NextPeriod(period) => {
                if tenure.upcoming.is_none_or(|u| u.tier < qualified) {
                    let from = period.next_start(e);
                    let need = self.rung(qualified).and_then(|r| r.entry);
                    let upcoming = Upcoming {
                        tier: qualified,
                        from,
                        grant: self.granted(close, qualified, tenure.earned, need),
                    };
                    log.note(e, Change::Scheduled(upcoming), Basis::Entry(qualified));
                }
            }
            UpgradeTiming::AtReview if self.review != ReviewTiming::Always => {}
            UpgradeTiming::Immediately | UpgradeTiming::AtReview => {
                let to = self.begin(close, qualified, tenure.earned, e, tenure.term, true);
                let to = self.out_of_grace(to, &tenure);
                log.note(e, Change::Upgraded(to), Basis::Entry(qualified));
            }
        }
    }

    pub(super) fn can_fall(&self, tier: TierId) -> bool {
        self.spec.downgrade != Downgrade::None
            && self.rung(tier).is_some_and(|r| r.downgradable)
            && !(matches!(self.spec.downgrade, Downgrade::Floor(_)) && self.floor >= tier)
    }

    /// The tier is lost, unless its keep condition is met after all.
    pub(super) fn downgrade(&self, log: &mut Log<'_>, day: Day) {
        let close = log.close;
        let Some(tenure) = log.tenure() else { return };
        let earned = tenure.earned;
        if self.keeps(close, earned) || !self.can_fall(earned) {
            let term = self.renewed(&tenure, close, day);
            let grant = self.kept_for(close, earned);
            log.note(day, Change::Renewed { term, grant }, Basis::Keep(earned));
            return;
        }
        let to = self.fallen(earned, close.qualified);
        let to = self.begin(close, to, TierId::BASE, day, None, false);
        log.note(day, Change::Downgraded(to), Basis::Keep(earned));
    }

    /// Resets the metric or carries a part of it over.
    pub(super) fn recount(&self, log: &mut Log<'_>, n: Day, reviewed: bool) {
        let Some(tenure) = log.tenure() else { return };
        let value = log.close.qualifying.unwrap_or(0.0);
        let (carry, half_life) = match self.afterwards(&tenure, reviewed) {
            Afterwards::Kept => return,
            Afterwards::Reset => (0.0, None),
            Afterwards::Reduced(carry) => {
                let entry = self.rung(tenure.earned).and_then(|r| r.entry);
                let above = (value - entry.unwrap_or(0.0)).max(0.0);
                (carry.cap.map_or(above, |cap| above.min(cap)), None)
            }
            // A debt that decays would be a metric that rises by itself.
            Afterwards::HalfLife(days) => (value.max(0.0), Some(days)),
        };
        let counting = Counting {
            since: n,
            carry,
            half_life,
        };
        log.note(n, Change::Recounted(counting), Basis::None);
    }

    /// What becomes of the metric at the next turn, perhaps with a review.
    pub(super) fn afterwards(&self, tenure: &Tenure<TierId>, reviewed: bool) -> Afterwards {
        let reviewed = reviewed || tenure.recounts == Some(Recount::Review);
        match (reviewed, self.spec.after_review) {
            (true, how) if how != Afterwards::Kept => how,
            _ if tenure.recounts == Some(Recount::Upgrade) => self.spec.after_upgrade,
            _ => Afterwards::Kept,
        }
    }

    /// Where a downgrade leads.
    pub(super) fn fallen(&self, earned: TierId, qualified: TierId) -> TierId {
        let to = match self.spec.downgrade {
            Downgrade::None => earned,
            Downgrade::OneStep => earned.below(),
            Downgrade::ToQualified => qualified,
            Downgrade::ToBase => TierId::BASE,
            Downgrade::Floor(_) => qualified.max(self.floor),
        };
        to.min(earned)
    }
}
