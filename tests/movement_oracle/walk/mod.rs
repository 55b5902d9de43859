//! The walk over the days: what `src/docs/movement.md` says, sentence by sentence.

mod moves;
mod notices;
mod numbers;
mod people;

use super::calendar::{Date, Length, plus};
use super::customer::Customer;
use super::measure::{Known, Span};
use super::policy::{After, How, Movement, Policy, Refunds, Renew, Review, Upgrade};

/// What is remembered between reviews.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Names, for a policy that comes later.
    names: Vec<String>,
    reviewed: Option<Date>,
    tier: usize,
    since: Option<Date>,
    term: Option<(Date, Date)>,
    grace: Option<(Date, Date)>,
    pending: Option<(usize, Date, Option<Grant>)>,
    counting: Option<(Date, f64)>,
    /// Of what was carried over.
    half_life: Option<Length>,
    grant: Option<Grant>,
    /// Of the tiers that upgrades left behind, the last one first.
    below: Vec<Option<Grant>>,
    last_change: Option<Date>,
    last_review: Option<Date>,
    /// Those of the day that was looked at last, as they were when it began.
    anchors_of_day: Option<(Date, Anchors)>,
    /// The day of an upgrade at whose turn `after_upgrade` is due.
    upgraded: Option<Date>,
    noticed: Vec<(Date, Date)>,
    /// `after_review` waits for the end of the grace.
    waiting: bool,
    requalified: Option<Date>,
    extended: usize,
    /// The tier they have, overrides included, and since when.
    effective: usize,
    effective_since: Option<Date>,
    started: Vec<usize>,
    ended: Vec<usize>,
    /// Which of several policies decided last.
    policy: usize,
}

/// The days that the metric may be counted from.
#[derive(Debug, Clone, Copy)]
struct Anchors {
    since: Option<Date>,
    last_change: Option<Date>,
    last_review: Option<Date>,
    term: Option<Date>,
}

/// What a tier was granted for.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Grant {
    threshold: f64,
    from: Option<Date>,
    carry: f64,
    before: usize,
}

/// Something that happened. Kinds are words of this oracle.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub kind: &'static str,
    pub day: Date,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// What a review found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub tier: String,
    pub since: Date,
    pub earned: String,
    pub earned_since: Date,
    pub term: Option<(Date, Date)>,
    pub grace: Option<(Date, Date)>,
    pub pending: Option<(String, Date)>,
    pub counting: Option<(Date, f64)>,
    /// The metric at the close of the review.
    pub qualifying: Option<f64>,
    pub events: Vec<Event>,
}

/// Reviews one customer on some days, one after the other.
pub fn run(policy: &Policy, customer: &Customer, days: &[Date]) -> Vec<Outcome> {
    let mut state = State::default();
    days.iter()
        .map(|day| review(&[policy], 0, customer, &mut state, *day))
        .collect()
}

/// One review under one of some policies.
pub fn review(
    policies: &[&Policy],
    under: usize,
    customer: &Customer,
    state: &mut State,
    as_of: Date,
) -> Outcome {
    let policy = policies[under];
    let mut walk = Walk {
        policy,
        movement: policy
            .movement
            .as_ref()
            .expect("the oracle is one of movement"),
        known: Known::new(customer, policy, as_of),
        customer,
        ahead: false,
        events: Vec::new(),
        metric_of_review: None,
        changed: state_is_of(state, under, policy, as_of),
        state,
    };
    match walk.state.reviewed {
        None => walk.first(as_of),
        Some(last) => walk.later(last, as_of, under),
    }
    if walk.changed {
        walk.state.policy = under;
        walk.state.names = policy.tiers.iter().rev().map(|t| t.name.clone()).collect();
    }
    walk.state.reviewed = Some(as_of);
    walk.outcome()
}

struct Walk<'a> {
    policy: &'a Policy,
    movement: &'a Movement,
    known: Known<'a>,
    customer: &'a Customer,
    state: &'a mut State,
    /// Looks ahead for a notice.
    ahead: bool,
    events: Vec<Event>,
    /// The metric that the review on `as_of` decides on.
    metric_of_review: Option<f64>,
    /// After the review it is this policy that decided.
    changed: bool,
}

/// Whether the change to a policy, if there is one, lies within a review.
fn state_is_of(state: &State, under: usize, policy: &Policy, as_of: Date) -> bool {
    let movement = policy.movement.as_ref().unwrap();
    let from = movement.policy_change.from;
    state.reviewed.is_none()
        || state.policy == under
        || from.is_none_or(|from| Some(from) <= state.reviewed || from <= as_of)
}

impl<'a> Walk<'a> {
    fn name(&self, tier: usize) -> String {
        self.policy.tier(tier).name.clone()
    }

    fn event(&mut self, kind: &'static str, day: Date, from: Option<usize>, to: Option<usize>) {
        let event = Event {
            kind,
            day,
            from: from.map(|t| self.name(t)),
            to: to.map(|t| self.name(t)),
        };
        self.events.push(event);
    }

    // ---- Days ----

    fn first(&mut self, as_of: Date) {
        self.begin_day(as_of);
        self.metric_of_review = self.qualifying(as_of);
        self.place(as_of);
        self.extensions(as_of);
        self.notices(as_of);
        self.overrides(as_of);
    }

    fn later(&mut self, last: Date, as_of: Date, under: usize) {
        let mut change = None;
        let mut waits = false;
        let mut known = true;
        if self.state.policy != under {
            let from = self.movement.policy_change.from.filter(|from| *from > last);
            waits = from.is_some();
            change = Some(from.unwrap_or(as_of));
            known = self.rename_tiers();
        }
        let frozen_before = change.unwrap_or(last);
        let mut e = last;
        loop {
            self.begin_day(e);
            if e >= frozen_before {
                if change == Some(e) {
                    self.change_policy(e, known);
                }
                self.extensions(e);
                // A refund is not known on the day it counts on, so no earlier day takes a tier back for it but those that have
                // a record of their own.
                if e == as_of || e > last && self.known.has_record(e) {
                    self.metric_of_review = self.qualifying(e);
                    self.revoke(e);
                }
                self.close(e);
            } else {
                self.overrides(e);
                self.extensions(e);
            }
            if e >= as_of {
                break;
            }
            let n = plus(e, 1);
            if !known && n <= frozen_before {
                // Nobody knows what that tier was.
            } else if n >= frozen_before || !waits && self.something_ends(n) {
                self.turn(e);
            } else {
                let upgraded = self.state.upgraded == Some(e);
                let waited = self.state.grace.is_none() && std::mem::take(&mut self.state.waiting);
                self.begin_anew(e, waited, upgraded, self.qualifying(e));
            }
            e = n;
        }
    }

    /// The highest tier whose entry condition is met on that day, at once.
    fn place(&mut self, day: Date) {
        let tier = self.qualified(day);
        let known = self.state.since.is_some();
        let before = self.state.tier;
        self.state.grant = self.grant(tier, 0, day);
        self.state.below.clear();
        self.state.tier = tier;
        self.state.since = Some(day);
        self.state.grace = None;
        self.state.pending = None;
        self.state.term = self.new_term(day, day);
        if known {
            self.state.last_change = Some(day);
            let kind = if tier > before {
                "upgraded"
            } else {
                "downgraded"
            };
            self.event(kind, day, Some(before), Some(tier));
        } else {
            self.event("assigned", day, None, Some(tier));
        }
    }

    // ---- The close of a day ----

    /// A term, a grace period, or the wait for an upgrade.
    fn something_ends(&self, n: Date) -> bool {
        let state = &self.state;
        state.term.is_some_and(|(_, end)| end <= n) && state.grace.is_none()
            || state.grace.is_some_and(|(_, until)| until <= n)
            || state.pending.is_some_and(|(_, start, _)| start <= n)
    }

    fn change_policy(&mut self, e: Date, known: bool) {
        if !known {
            self.state.tier = 0;
            self.place(e);
        }
        match self.movement.policy_change.how {
            How::Grandfather => {}
            How::UpOnly => {
                let qualified = self.qualified(e);
                if qualified > self.state.tier {
                    let grant = self.grant(qualified, self.state.tier, e);
                    self.up(qualified, e, e, grant);
                    self.state.upgraded = Some(e);
                }
            }
            How::Full => self.place(e),
        }
    }

    fn close(&mut self, e: Date) {
        let qualified = self.qualified(e);
        if qualified > self.state.tier {
            let grant = self.grant(qualified, self.state.tier, e);
            match self.movement.upgrade {
                // "Always" is a review at the close of each day.
                Upgrade::AtReview if !self.always() => {}
                Upgrade::Immediately | Upgrade::AtReview => {
                    self.up(qualified, e, e, grant);
                    self.state.upgraded = Some(e);
                }
                Upgrade::NextPeriod(period) => {
                    let start = period.next(e);
                    if (self.state.pending).is_none_or(|(tier, ..)| tier < qualified) {
                        self.state.pending = Some((qualified, start, grant));
                        let tier = self.state.tier;
                        self.event("scheduled", e, Some(tier), Some(qualified));
                    }
                }
            }
        }

        if self.state.grace.is_some() && self.keeps(e) {
            self.state.grace = None;
            self.renew(e, e);
            self.state.requalified = Some(e);
            let tier = self.state.tier;
            self.event("requalified", e, Some(tier), Some(tier));
        }

        if self.always()
            && self.state.grace.is_none()
            && self.state.since < Some(e)
            && self.state.requalified != Some(e)
            && !self.term_runs(e)
            && !self.held(e)
            && !self.keeps(e)
            && !self.cannot_be_lost()
        {
            self.disqualify(e, e);
        }
        self.notices(e);
        self.overrides(e);
    }

    fn always(&self) -> bool {
        match self.movement.review {
            Some(review) => review == Review::Always,
            None => self.movement.term.is_none(),
        }
    }

    /// What was counted for a tier, until today, is what it was granted for.
    fn covers(&self, grant: &Grant, e: Date) -> bool {
        let days = Span {
            from: grant.from,
            to: plus(e, 1),
        };
        (self.sum(days, e)).is_none_or(|sum| sum + grant.carry >= grant.threshold)
    }

    /// A tier granted for what is now refunded.
    fn revoke(&mut self, e: Date) {
        if self.movement.refunds != Refunds::Now {
            return;
        }
        if let Some((tier, _, Some(grant))) = self.state.pending
            && tier > self.qualified(e)
            && !self.covers(&grant, e)
        {
            self.state.pending = None;
            self.event("cancelled", e, Some(tier), None);
        }
        // The tier held before is asked again, for what it was granted for itself.
        let qualified = self.qualified(e);
        let mut tier = self.state.tier;
        let mut grants = vec![self.state.grant];
        grants.extend(self.state.below.iter().copied());
        while let Some(Some(grant)) = grants.first().copied()
            && !self.covers(&grant, e)
            && tier > qualified
        {
            grants.remove(0);
            tier = grant.before;
        }
        if tier.max(qualified) < self.state.tier {
            self.down("revoked", tier.max(qualified), e, e);
            if tier > qualified && !grants.is_empty() {
                self.state.grant = grants.remove(0);
                self.state.below = grants;
            }
        }
    }

    // ---- The turn from a day to the next ----

    fn turn(&mut self, e: Date) {
        self.turn_with_the_numbers_of_the_close(e);
        self.have(plus(e, 1));
    }

    fn turn_with_the_numbers_of_the_close(&mut self, e: Date) {
        let n = plus(e, 1);
        let metric = self.qualifying(e);
        let mut upgraded = self.state.upgraded == Some(e);
        // A tier is not reviewed with the turn that it begins with.
        let mut begins = false;

        if let Some((tier, start, grant)) = self.state.pending
            && start <= n
        {
            self.state.pending = None;
            if tier > self.state.tier {
                self.up(tier, e, n, grant);
                upgraded = true;
                begins = true;
            }
        }

        let term_ends = self.state.term.is_some_and(|(_, end)| end <= n);
        let period_ends = match self.movement.review {
            Some(Review::Every(period)) => period.is_first_day(n),
            _ => false,
        };
        let in_grace = self.state.grace.is_some();
        let mut due = false;
        if (term_ends || period_ends) && !in_grace && !begins {
            upgraded |= self.review(e, n, term_ends);
            self.state.last_review = Some(n);
            due = !self.always();
        }

        if self.state.grace.is_some_and(|(_, until)| until <= n) {
            self.downgrade(e, n);
        }

        // What a review that began grace does to the metric waits for the end of the grace.
        if self.state.grace.is_some() {
            self.state.waiting |= due;
            due = false;
        } else if std::mem::take(&mut self.state.waiting) {
            due = true;
        }
        self.begin_anew(e, due, upgraded, metric);
    }

    /// What becomes of the metric at the turn of a day.
    fn begin_anew(&mut self, e: Date, due: bool, upgraded: bool, metric: Option<f64>) {
        let n = plus(e, 1);
        let after = match (due, upgraded) {
            (true, true) if self.movement.after_review == After::Kept => {
                self.movement.after_upgrade
            }
            (true, _) => self.movement.after_review,
            (false, true) => self.movement.after_upgrade,
            (false, false) => After::Kept,
        };
        let metric = metric.unwrap_or(0.0);
        match after {
            After::Kept => {}
            After::Reset => self.state.counting = Some((n, 0.0)),
            After::Reduced { cap } => {
                let threshold = self.policy.tier(self.state.tier).entry.unwrap_or(0.0);
                let above = (metric - threshold).max(0.0);
                self.state.counting = Some((n, cap.map_or(above, |cap| above.min(cap))));
            }
            After::HalfLife(_) => self.state.counting = Some((n, metric.max(0.0))),
        }
        match after {
            After::Kept => {}
            After::HalfLife(length) => self.state.half_life = Some(length),
            _ => self.state.half_life = None,
        }
    }

    /// A review at the turn from `e` to `n`; says whether it upgraded.
    fn review(&mut self, e: Date, n: Date, term_ends: bool) -> bool {
        let tier = self.state.tier;
        let qualified = self.qualified(e);
        if self.movement.upgrade == Upgrade::AtReview && qualified > tier {
            let grant = self.grant(qualified, tier, e);
            self.up(qualified, e, n, grant);
            return true;
        }
        if tier == 0 || self.state.grace.is_some() {
            return false;
        }
        if self.keeps(e) || self.cannot_be_lost() {
            if term_ends || self.movement.renew == Renew::FromReview {
                self.renew(e, n);
            }
            self.event("renewed", n, Some(tier), Some(tier));
        } else if !self.term_runs(n) && !self.held(n) {
            self.disqualify(e, n);
        }
        false
    }

    // ---- The result ----

    fn outcome(self) -> Outcome {
        let state = &self.state;
        Outcome {
            tier: self.name(state.effective),
            since: state.effective_since.unwrap(),
            earned: self.name(state.tier),
            earned_since: state.since.unwrap(),
            term: state.term,
            grace: state.grace,
            pending: state
                .pending
                .map(|(tier, start, _)| (self.name(tier), start)),
            counting: state.counting,
            qualifying: self.metric_of_review,
            events: self.events,
        }
    }
}
