//! The bound rules of movement, and the one way of deciding what changes.

use super::overrides::{Extension, Override, OverrideKind};
use super::record::{
    Change, Counting, Grace, Grant, Move, Recount, Tenure, Term, TierRecord, Upcoming,
};
use super::spec::{
    Afterwards, Downgrade, MovementSpec, Refunds, Renewal, ReviewTiming, TakeOver, UpgradeTiming,
};
use super::term::rounded;
use crate::model::{Day, Days, Fingerprint};
use crate::tiering::ladder::{Ladder, TierId};

/// The rules of movement bound to a ladder: it decides, and cannot fail.
#[derive(Debug, Clone)]
pub struct Movement {
    pub(super) spec: MovementSpec,
    pub(super) review: ReviewTiming,
    floor: TierId,
    /// By ordinal, base first.
    rungs: Vec<Held>,
    /// The metric adds up, so that a refund can be seen in what was counted.
    additive: bool,
    policy: Fingerprint,
}

/// What movement asks of one tier.
#[derive(Debug, Clone)]
struct Held {
    entry: Option<f64>,
    keep: Option<f64>,
    downgradable: bool,
    name: String,
    replaces: Vec<String>,
}

/// What is known of a customer at the close of a day.
pub(crate) struct Close<'a> {
    pub day: Day,
    /// Whether refunds of what was counted may take a tier back.
    pub knows_refunds: bool,
    /// The highest tier whose entry condition is met.
    pub qualified: TierId,
    /// Whether the keep condition of a tier is met.
    pub keeps: &'a dyn Fn(TierId) -> bool,
    /// The qualifying metric, with what was carried over.
    pub qualifying: Option<f64>,
    /// What its window is counted from, where that changes with the tier.
    pub anchor: Option<Day>,
    /// The first day that counts for it.
    pub counts_from: Day,
    /// What was counted since a day.
    pub counted_since: &'a dyn Fn(Day) -> f64,
    /// The day of the anniversaries of terms.
    pub anniversary: Option<Day>,
    /// Of the metric, what was carried over.
    pub carried: f64,
    /// Whether the tier of a record would be lost at the end of its term if there were no further activity.
    pub lost_at: &'a dyn Fn(&TierRecord<TierId>, Day) -> bool,
    pub people: People<'a>,
}

/// What people decided.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct People<'a> {
    pub overrides: &'a [Override],
    pub extensions: &'a [Extension],
}

/// Which condition a change rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The entry condition of a tier.
    Entry(TierId),
    /// The keep condition of a tier.
    Keep(TierId),
    /// None: people, the calendar, another policy.
    None,
}

/// A change with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Noted {
    pub day: Day,
    pub change: Change<TierId>,
    /// The tier the customer has after it.
    pub tier: TierId,
    pub qualifying: Option<f64>,
    /// What its window was counted from, at a close.
    pub anchor: Option<Day>,
    pub basis: Basis,
}

impl Noted {
    /// Who decided and why, where it was people.
    pub(crate) fn decided_by(&self, people: People<'_>) -> Option<(String, String)> {
        let at = |id: u32| usize::try_from(id).ok();
        let (actor, reason) = match self.change {
            Change::OverrideStarted { id } | Change::OverrideEnded { id } => {
                let decided = people.overrides.get(at(id)?)?;
                (&decided.actor, &decided.reason)
            }
            Change::Extended { id, .. } => {
                let decided = people.extensions.get(at(id)?)?;
                (&decided.actor, &decided.reason)
            }
            _ => return None,
        };
        Some((actor.clone(), reason.clone()))
    }
}

/// A record under change.
struct Log<'a> {
    movement: &'a Movement,
    record: &'a mut Option<TierRecord<TierId>>,
    close: &'a Close<'a>,
    out: &'a mut Vec<Noted>,
}

impl Log<'_> {
    fn note(&mut self, day: Day, change: Change<TierId>, basis: Basis) {
        let before = self.record.take();
        // Which tier the customer has is settled when all changes of the instant are known.
        let tier = before.map_or(TierId::BASE, |record| record.tier);
        let policy = self.movement.policy;
        // What changes at a turn is there from the start of the next day.
        let anchor = self.close.anchor.filter(|_| day == self.close.day);
        *self.record = Some(TierRecord::applied(
            before, day, tier, &change, policy, anchor,
        ));
        self.out.push(Noted {
            day,
            change,
            tier,
            qualifying: self.close.qualifying,
            anchor,
            basis,
        });
    }

    fn tenure(&self) -> Option<Tenure<TierId>> {
        self.record.as_ref()?.tenure
    }
}

impl Movement {
    /// The binder has checked the names and the numbers.
    pub(crate) fn new(
        spec: MovementSpec,
        tiers: &[crate::tiering::TierSpec],
        additive: bool,
        policy: Fingerprint,
    ) -> Self {
        let rungs: Vec<Held> = tiers
            .iter()
            .rev()
            .map(|tier| Held {
                entry: tier.entry,
                keep: tier.keep.or(tier.entry),
                downgradable: tier.downgradable,
                name: tier.name.clone(),
                replaces: tier.replaces.clone(),
            })
            .collect();
        let review = spec.review.unwrap_or(match spec.term {
            Some(_) => ReviewTiming::TermEnd,
            None => ReviewTiming::Always,
        });
        let mut movement = Self {
            floor: TierId::BASE,
            review,
            spec,
            rungs,
            additive,
            policy,
        };
        if let Downgrade::Floor(name) = &movement.spec.downgrade {
            movement.floor = movement.named(name).unwrap_or(TierId::BASE);
        }
        movement
    }

    /// What the policy says.
    #[must_use]
    pub fn spec(&self) -> &MovementSpec {
        &self.spec
    }

    /// The tier of a name, or the one that replaces it.
    pub(crate) fn named(&self, name: &str) -> Option<TierId> {
        let at = |is: &dyn Fn(&Held) -> bool| self.rungs.iter().position(is);
        let position =
            at(&|r| r.name == name).or_else(|| at(&|r| r.replaces.iter().any(|old| old == name)));
        position.and_then(TierId::at)
    }

    /// A stored record in this ladder, and the tier that a removed one was replaced by. `None` if nothing replaces it.
    pub(crate) fn locate(
        &self,
        record: &TierRecord,
    ) -> Option<(TierRecord<TierId>, Option<TierId>)> {
        let tier = self.named(&record.tier);
        let Some(tenure) = &record.tenure else {
            let located = TierRecord {
                tier: tier?,
                since: record.since,
                tenure: None,
            };
            return Some((located, None));
        };
        let located = tenure.mapped(&|name: String| self.named(&name))?;
        let earned = located.earned;
        let is = |tier: TierId, name: &str| self.rung(tier).is_some_and(|r| r.name == name);
        let replaced =
            !is(earned, &tenure.earned) || !tier.is_some_and(|tier| is(tier, &record.tier));
        let located = TierRecord {
            tier: tier.unwrap_or(earned),
            since: record.since,
            tenure: Some(located),
        };
        Some((located, replaced.then_some(earned)))
    }

    fn rung(&self, tier: TierId) -> Option<&Held> {
        self.rungs.get(tier.ordinal())
    }

    /// The tier the customer has, of the earned one and the overrides in force.
    fn effective(&self, earned: TierId, mask: u64, overrides: &[Override]) -> TierId {
        let mut pin: Option<TierId> = None;
        let mut floor: Option<TierId> = None;
        let mut ceiling: Option<TierId> = None;
        for (id, one) in (0..).zip(overrides) {
            if 1_u64.checked_shl(id).unwrap_or(0) & mask == 0 {
                continue;
            }
            match &one.kind {
                OverrideKind::Exclude => return TierId::BASE,
                OverrideKind::Pin(name) => pin = pin.max(self.named(name)),
                OverrideKind::Floor(name) => floor = floor.max(self.named(name)),
                OverrideKind::Ceiling(name) => {
                    let tier = self.named(name);
                    ceiling = match (ceiling, tier) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
            }
        }
        let free = earned.max(floor.unwrap_or(TierId::BASE));
        pin.unwrap_or_else(|| ceiling.map_or(free, |c| free.min(c)))
    }

    /// Gives the customer the tier that all changes of one instant come to, so that they have none in between.
    fn settle(
        &self,
        before: Option<TierRecord<TierId>>,
        record: &mut Option<TierRecord<TierId>>,
        noted: &mut [Noted],
        people: People<'_>,
    ) {
        let Some(tenure) = record.as_ref().and_then(|r| r.tenure) else {
            return;
        };
        let tier = self.effective(tenure.earned, tenure.overrides, people.overrides);
        *record = before;
        for note in noted {
            note.tier = tier;
            let (day, policy) = (note.day, self.policy);
            let after = TierRecord::applied(*record, day, tier, &note.change, policy, note.anchor);
            *record = Some(after);
        }
    }

    /// Whether another policy still holds on that day.
    fn is_frozen(&self, tenure: Option<&Tenure<TierId>>, day: Day) -> bool {
        tenure.is_some_and(|t| t.policy != self.policy)
            && self.spec.policy_change.from.is_some_and(|from| day < from)
    }

    /// Decides at the close of a day.
    pub(crate) fn close(
        &self,
        record: &mut Option<TierRecord<TierId>>,
        replaced: Option<TierId>,
        close: &Close<'_>,
        out: &mut Vec<Noted>,
    ) {
        let before = *record;
        self.close_changes(record, replaced, close, out);
        self.settle(before, record, out, close.people);
    }

    fn close_changes(
        &self,
        record: &mut Option<TierRecord<TierId>>,
        replaced: Option<TierId>,
        close: &Close<'_>,
        out: &mut Vec<Noted>,
    ) {
        let e = close.day;
        let mut log = Log {
            movement: self,
            record,
            close,
            out,
        };
        if let Some(tier) = replaced {
            log.note(e, Change::Replaced { tier }, Basis::None);
        }
        let known = *log.record;
        match (known, log.tenure()) {
            (_, Some(tenure)) => {
                if tenure.policy != self.policy && !self.is_frozen(Some(&tenure), e) {
                    self.take_over(&mut log, tenure.earned, tenure.term, false);
                }
            }
            // The tier of a policy without movement.
            (Some(record), None) => self.take_over(&mut log, record.tier, None, true),
            (None, None) => {
                let to = self.begin(close, close.qualified, TierId::BASE, e, None, false);
                log.note(e, Change::Assigned(to), Basis::Entry(close.qualified));
            }
        }
        self.people(&mut log, e);
        let Some(tenure) = log.tenure() else { return };
        if self.is_frozen(Some(&tenure), e) {
            return;
        }
        self.take_back(&mut log);
        self.upgrade(&mut log);
        let Some(tenure) = log.tenure() else { return };
        let keeps = self.keeps(close, tenure.earned);
        if tenure.grace.is_some_and(|grace| e < grace.until) {
            if keeps {
                let term = self.renewed(&tenure, close, e);
                let grant = self.kept_for(close, tenure.earned);
                let change = Change::Requalified {
                    term,
                    grant,
                    recounts: self.spec.after_review != Afterwards::Kept,
                };
                log.note(e, change, Basis::Keep(tenure.earned));
            }
        } else if self.review == ReviewTiming::Always
            && tenure.earned > TierId::BASE
            && e > tenure.since
            && tenure.last_review.is_none_or(|last| e > last)
        {
            self.review_now(&mut log, e, false);
        }
        self.notices(&mut log);
    }

    /// Turns to the next day.
    pub(crate) fn turn(
        &self,
        record: &mut Option<TierRecord<TierId>>,
        close: &Close<'_>,
        out: &mut Vec<Noted>,
    ) {
        let before = *record;
        self.turn_changes(record, close, out);
        self.settle(before, record, out, close.people);
    }

    fn turn_changes(
        &self,
        record: &mut Option<TierRecord<TierId>>,
        close: &Close<'_>,
        out: &mut Vec<Noted>,
    ) {
        let n = close.day.next();
        let mut log = Log {
            movement: self,
            record,
            close,
            out,
        };
        let Some(tenure) = log.tenure() else { return };
        if self.is_frozen(Some(&tenure), close.day) {
            self.people(&mut log, n);
            return;
        }
        if let Some(upcoming) = tenure.upcoming.filter(|u| u.from <= n) {
            let tier = upcoming.tier.max(tenure.earned);
            let begun = self.begin(close, tier, tenure.earned, n, tenure.term, true);
            let grant = upcoming.grant;
            let to = self.out_of_grace(Move { grant, ..begun }, &tenure);
            log.note(n, Change::Upgraded(to), Basis::None);
        }
        let Some(tenure) = log.tenure() else { return };
        let grace_ends = tenure.grace.is_some_and(|grace| grace.until <= n);
        // A tier is not reviewed with the turn that it begins with.
        let due = tenure.grace.is_none() && tenure.since < n && self.is_due(&tenure, n);
        if due {
            self.review_now(&mut log, n, true);
        }
        if grace_ends {
            self.downgrade(&mut log, n);
        }
        // Where grace begins, the review is not over.
        let waits = log.tenure().is_some_and(|t| t.grace.is_some());
        self.recount(&mut log, n, (due || grace_ends) && !waits);
        self.people(&mut log, n);
    }

    /// Whether a review falls on the turn to a day.
    fn is_due(&self, tenure: &Tenure<TierId>, n: Day) -> bool {
        tenure.term.is_some_and(|term| term.end <= n)
            || match self.review {
                ReviewTiming::Every(period) => period.next_start(n.minus(Days::new(1))) == n,
                ReviewTiming::TermEnd | ReviewTiming::Always => false,
            }
    }

    /// The keep condition, which the tier's own entry condition, or a higher one's, meets too.
    fn keeps(&self, close: &Close<'_>, tier: TierId) -> bool {
        tier == TierId::BASE || close.qualified >= tier || (close.keeps)(tier)
    }

    /// A review of the keep condition that takes effect on `day`: at the turn to it (`due`), or at its close.
    fn review_now(&self, log: &mut Log<'_>, day: Day, due: bool) {
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
    fn reviewed(&self, log: &mut Log<'_>, day: Day) {
        if self.spec.counts_from_review() {
            log.note(day, Change::Reviewed, Basis::None);
        }
    }

    fn renew(&self, log: &mut Log<'_>, day: Day, due: bool) {
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
    fn renewed(&self, tenure: &Tenure<TierId>, close: &Close<'_>, day: Day) -> Option<Term> {
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
    fn begin(
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
    fn out_of_grace(&self, to: Move<TierId>, tenure: &Tenure<TierId>) -> Move<TierId> {
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
    fn granted(
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

    fn kept_for(&self, close: &Close<'_>, tier: TierId) -> Option<Grant<TierId>> {
        let need = self.rung(tier).and_then(|r| r.keep);
        self.granted(close, tier, TierId::BASE, need)
    }

    /// Takes a tier back whose grant was refunded.
    fn take_back(&self, log: &mut Log<'_>) {
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
        let Some(grant) = tenure.grant else { return };
        let to = grant.before.max(close.qualified);
        if to < tenure.earned && refunded(grant) {
            let to = self.begin(close, to, TierId::BASE, close.day, None, false);
            let to = self.out_of_grace(to, &tenure);
            log.note(close.day, Change::Revoked(to), Basis::Entry(tenure.earned));
        }
    }

    fn upgrade(&self, log: &mut Log<'_>) {
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

    fn can_fall(&self, tier: TierId) -> bool {
        self.spec.downgrade != Downgrade::None
            && self.rung(tier).is_some_and(|r| r.downgradable)
            && !(matches!(self.spec.downgrade, Downgrade::Floor(_)) && self.floor >= tier)
    }

    /// The tier is lost, unless its keep condition is met after all.
    fn downgrade(&self, log: &mut Log<'_>, day: Day) {
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
    fn recount(&self, log: &mut Log<'_>, n: Day, reviewed: bool) {
        let Some(tenure) = log.tenure() else { return };
        let reviewed = reviewed || tenure.recounts == Some(Recount::Review);
        let how = match (reviewed, self.spec.after_review) {
            (true, how) if how != Afterwards::Kept => how,
            _ if tenure.recounts == Some(Recount::Upgrade) => self.spec.after_upgrade,
            _ => Afterwards::Kept,
        };
        let value = log.close.qualifying.unwrap_or(0.0);
        let (carry, half_life) = match how {
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

    /// What people decided, as far as it begins or ends with a day.
    fn people(&self, log: &mut Log<'_>, day: Day) {
        let people = log.close.people;
        let Some(tenure) = log.tenure() else { return };
        for (id, one) in (0..u64::BITS).zip(people.overrides) {
            let was = 1_u64.checked_shl(id).unwrap_or(0) & tenure.overrides != 0;
            match (was, one.holds_on(day)) {
                (false, true) => log.note(day, Change::OverrideStarted { id }, Basis::None),
                (true, false) => log.note(day, Change::OverrideEnded { id }, Basis::None),
                _ => {}
            }
        }
        for (id, one) in (0..).zip(people.extensions) {
            let Some(tenure) = log.tenure() else { return };
            if one.on > day {
                return;
            }
            if id < tenure.extensions {
                continue;
            }
            let later = |term: Term| one.until > term.end;
            let until = match tenure.term {
                Some(term) if later(term) => one.until,
                Some(term) => term.end,
                None => one.until,
            };
            log.note(day, Change::Extended { id, until }, Basis::None);
        }
    }

    fn notices(&self, log: &mut Log<'_>) {
        let e = log.close.day;
        for before in &self.spec.notices {
            let Some(record) = *log.record else { return };
            let Some(tenure) = record.tenure else { return };
            let Some(term) = tenure.term else { return };
            let due = term.end.minus(*before) == e && tenure.noticed.is_none_or(|n| *before < n);
            if due && tenure.earned > TierId::BASE && (log.close.lost_at)(&record, term.end) {
                let change = Change::WillDowngrade {
                    at: term.end,
                    before: *before,
                };
                log.note(e, change, Basis::Keep(tenure.earned));
            }
        }
    }

    /// This policy takes over a tier that another one gave.
    fn take_over(&self, log: &mut Log<'_>, earned: TierId, term: Option<Term>, begins: bool) {
        let close = log.close;
        let e = close.day;
        let to = match self.spec.policy_change.how {
            TakeOver::Grandfather => earned,
            TakeOver::UpOnly => earned.max(close.qualified),
            TakeOver::Full => close.qualified,
        };
        if begins {
            let mut to = self.begin(close, to, TierId::BASE, e, None, false);
            if to.tier == earned && close.qualified < earned {
                to.grant = None;
            }
            log.note(e, Change::Assigned(to), Basis::Entry(close.qualified));
            return;
        }
        if to > earned {
            let to = self.begin(close, to, earned, e, term, true);
            log.note(e, Change::Upgraded(to), Basis::Entry(close.qualified));
        } else if to < earned {
            let to = self.begin(close, to, TierId::BASE, e, None, false);
            log.note(e, Change::Downgraded(to), Basis::Entry(close.qualified));
        } else if self.spec.policy_change.how == TakeOver::Full {
            let to = self.begin(close, to, TierId::BASE, e, None, false);
            let change = Change::Renewed {
                term: to.term,
                grant: to.grant,
            };
            log.note(e, change, Basis::Entry(close.qualified));
        }
        log.note(e, Change::PolicyChanged, Basis::None);
    }

    /// The first day on which the tier can be lost.
    pub(super) fn held_until(&self, tenure: &Tenure<TierId>) -> Option<Day> {
        self.spec.hold.map(|hold| hold.after(tenure.since))
    }

    /// Whether another policy's rules still hold for the customer.
    pub(super) fn is_foreign(&self, tenure: &Tenure<TierId>) -> bool {
        tenure.policy != self.policy
    }

    /// The tier after the next review, or after the end of the grace period, on that evidence; without the grace that may come
    /// first.
    pub(crate) fn outcome(
        &self,
        tenure: &Tenure<TierId>,
        qualified: TierId,
        keeps: bool,
        review: Day,
    ) -> TierId {
        let earned = tenure.earned;
        let upcoming = tenure.upcoming.filter(|u| u.from <= review);
        let protected = tenure.term.is_some_and(|term| review < term.end)
            || tenure.term.is_none() && self.held_until(tenure).is_some_and(|held| review < held);
        match upcoming {
            Some(upcoming) => upcoming.tier.max(earned),
            None if qualified > earned => match self.spec.upgrade {
                UpgradeTiming::NextPeriod(_) => earned,
                _ => qualified,
            },
            None if self.loses(earned, qualified, keeps) && !protected => {
                self.fallen(earned, qualified)
            }
            None => earned,
        }
    }

    /// Where a downgrade leads.
    fn fallen(&self, earned: TierId, qualified: TierId) -> TierId {
        let to = match self.spec.downgrade {
            Downgrade::None => earned,
            Downgrade::OneStep => earned.below(),
            Downgrade::ToQualified => qualified,
            Downgrade::ToBase => TierId::BASE,
            Downgrade::Floor(_) => qualified.max(self.floor),
        };
        to.min(earned)
    }

    /// Whether a tier will be lost by a review on that evidence.
    pub(crate) fn loses(&self, tier: TierId, qualified: TierId, keeps: bool) -> bool {
        tier > TierId::BASE && qualified < tier && !keeps && self.can_fall(tier)
    }

    /// By name again.
    pub(crate) fn record(ladder: &Ladder, record: &TierRecord<TierId>) -> TierRecord {
        let name = |tier: TierId| ladder.name(tier).to_owned();
        TierRecord {
            tier: name(record.tier),
            since: record.since,
            tenure: (record.tenure).and_then(|tenure| tenure.mapped(&|tier| Some(name(tier)))),
        }
    }
}
