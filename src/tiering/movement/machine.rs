//! The bound rules of movement, and the one way of deciding what changes.

use super::change::{Change, Move};
use super::log::{Basis, Close, Log, Noted, People};
use super::overrides::{Extension, Override, OverrideKind};
use super::record::{Tenure, Term, TierRecord};
use super::spec::{Afterwards, Downgrade, MovementSpec, ReviewTiming, TakeOver};

use crate::model::{Day, Days, Fingerprint};
use crate::tiering::ladder::{Ladder, TierId};

/// The rules of movement bound to a ladder: it decides, and cannot fail.
#[derive(Debug, Clone)]
pub struct Movement {
    pub(super) spec: MovementSpec,
    pub(super) review: ReviewTiming,
    pub(super) floor: TierId,
    /// By ordinal, base first.
    rungs: Vec<Held>,
    /// The metric adds up, so that a refund can be seen in what was counted.
    pub(super) additive: bool,
    pub(super) policy: Fingerprint,
}

/// What movement asks of one tier.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) entry: Option<f64>,
    pub(super) keep: Option<f64>,
    pub(super) downgradable: bool,
    name: String,
    replaces: Vec<String>,
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
        let located = tenure.mapped(&|name: &String| self.named(name))?;
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

    pub(super) fn rung(&self, tier: TierId) -> Option<&Held> {
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
            note.before = record.map(|record| record.tier);
            note.earned = record.and_then(|record| Some(record.tenure?.earned));
            let (day, policy) = (note.day, self.policy);
            let after = TierRecord::applied(*record, day, tier, &note.change, policy, note.anchor);
            *record = Some(after);
        }
    }

    /// The first day of this policy for somebody whose tier another one gave: the one it says, if it is still to come after the
    /// last look; else that of the review.
    fn begins(&self, close: &Close<'_>) -> Day {
        self.not_before(close.reviewed).unwrap_or(close.review)
    }

    /// The day before which this policy decides nothing, if it is still to come after another one.
    pub(super) fn not_before(&self, after: Option<Day>) -> Option<Day> {
        let from = self.spec.policy_change.from;
        from.filter(|from| after.is_none_or(|after| after < *from))
    }

    /// Whether another policy's rules still hold at the close.
    fn is_frozen(&self, tenure: &Tenure<TierId>, close: &Close<'_>) -> bool {
        self.is_foreign(tenure) && close.day < self.begins(close)
    }

    /// Whether the turn to a day is only for what waits for no rules.
    fn is_idle(&self, tenure: &Tenure<TierId>, close: &Close<'_>, n: Day) -> bool {
        let ends = tenure.term.is_some_and(|term| term.end <= n) && tenure.grace.is_none()
            || tenure.grace.is_some_and(|grace| grace.until <= n)
            || tenure.upcoming.is_some_and(|upcoming| upcoming.from <= n);
        self.is_foreign(tenure)
            && n < self.begins(close)
            && (self.not_before(close.reviewed).is_some() || !ends)
    }

    /// Decides at the close of a day.
    pub(crate) fn close(
        &self,
        record: &mut Option<TierRecord<TierId>>,
        replaced: Option<TierId>,
        close: &Close<'_>,
        out: &mut Vec<Noted>,
    ) {
        // A day before the last review was decided then.
        if record.is_some() && close.reviewed.is_some_and(|last| close.day < last) {
            return;
        }
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
            // On its eve, this policy is only asked about what begins with its first day.
            let eve = (log.tenure()).is_some_and(|t| self.is_frozen(&t, close));
            let day = Some(e.next()).filter(|n| eve && *n == self.begins(close));
            log.note(day.unwrap_or(e), Change::Replaced { tier }, Basis::None);
        }
        let known = *log.record;
        match (known, log.tenure()) {
            (_, Some(tenure)) => {
                if self.is_foreign(&tenure) && !self.is_frozen(&tenure, close) {
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
        self.overrides(&mut log, e);
        self.extensions(&mut log, e);
        let Some(tenure) = log.tenure() else { return };
        if self.is_frozen(&tenure, close) {
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
        if self.is_idle(&tenure, close, n) {
            self.recount(&mut log, n, false);
            self.overrides(&mut log, n);
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
        self.overrides(&mut log, n);
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
    pub(super) fn keeps(&self, close: &Close<'_>, tier: TierId) -> bool {
        tier == TierId::BASE || close.qualified >= tier || (close.keeps)(tier)
    }

    /// Overrides that begin or end with a day.
    fn overrides(&self, log: &mut Log<'_>, day: Day) {
        let people = log.close.people;
        let Some(tenure) = log.tenure() else { return };
        for (id, one) in (0..u64::BITS).zip(people.overrides) {
            let was = 1_u64.checked_shl(id).unwrap_or(0) & tenure.overrides != 0;
            match (was, one.holds_on(day) && (was || self.knows(&one.kind))) {
                (false, true) => log.note(day, Change::OverrideStarted { id }, Basis::None),
                (true, false) => log.note(day, Change::OverrideEnded { id }, Basis::None),
                _ => {}
            }
        }
    }

    /// Whether an override is about a tier of this ladder.
    fn knows(&self, kind: &OverrideKind) -> bool {
        match kind {
            OverrideKind::Exclude => true,
            OverrideKind::Pin(name) | OverrideKind::Floor(name) | OverrideKind::Ceiling(name) => {
                self.named(name).is_some()
            }
        }
    }

    /// Extensions of the day's term: a term that ends with the turn has ended before anything of the next day.
    fn extensions(&self, log: &mut Log<'_>, day: Day) {
        for (id, one) in (0..).zip(log.close.people.extensions) {
            let Some(tenure) = log.tenure() else { return };
            if one.on > day {
                return;
            }
            if self.extends(&tenure, id, one, day) {
                let until = one.until;
                log.note(day, Change::Extended { id, until }, Basis::None);
            }
        }
    }

    /// Whether an extension has something to make longer on a day: the term that ran on the day of the decision.
    pub(super) fn extends(
        &self,
        tenure: &Tenure<TierId>,
        id: u32,
        extension: &Extension,
        day: Day,
    ) -> bool {
        let later = |term: Term| extension.until > term.end && extension.on >= term.start;
        id >= tenure.extensions && extension.until > day && tenure.term.is_some_and(later)
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
    pub(crate) fn is_foreign(&self, tenure: &Tenure<TierId>) -> bool {
        tenure.policy != self.policy
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
            tenure: (record.tenure).and_then(|tenure| tenure.mapped(&|tier| Some(name(*tier)))),
        }
    }
}
