//! The walk over the days: what `src/docs/movement.md` says, sentence by sentence.

use std::collections::BTreeMap;

use super::calendar::{Date, Length, anniversary_from, between, is_day_of_year, plus};
use super::customer::{Customer, Override, OverrideKind};
use super::measure::{Known, Span, window};
use super::policy::{
    After, Anchor, Anniversary, Downgrade, How, Movement, Policy, Refunds, Renew, Review, Upgrade,
};

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
        events: Vec::new(),
        metric_of_review: None,
        changed: state_is_of(state, under, policy, as_of),
        state,
    };
    walk.note_extensions(as_of);
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
        self.notices(as_of);
        self.overrides(as_of);
    }

    fn later(&mut self, last: Date, as_of: Date, under: usize) {
        let mut change = None;
        if self.state.policy != under {
            let from = self.movement.policy_change.from.filter(|from| *from > last);
            change = Some(from.unwrap_or(as_of));
        }
        let frozen_before = change.unwrap_or(last);
        let mut e = last;
        loop {
            self.begin_day(e);
            if e >= frozen_before {
                if change == Some(e) {
                    self.change_policy(e);
                }
                // A refund is not known on the day it counts on, so no earlier day takes a tier back for it but those that have
                // a record of their own.
                if e == as_of || e > last && self.known.has_record(e) {
                    self.metric_of_review = self.qualifying(e);
                    self.revoke(e);
                }
                self.close(e);
            } else {
                self.overrides(e);
            }
            if e >= as_of {
                break;
            }
            if e >= frozen_before {
                self.turn(e);
            }
            e = plus(e, 1);
        }
    }

    /// The highest tier whose entry condition is met on that day, at once.
    fn place(&mut self, day: Date) {
        let tier = self.qualified(day);
        let known = self.state.since.is_some();
        let before = self.state.tier;
        self.state.grant = self.grant(tier, 0, day);
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

    // ---- The qualifying metric ----

    fn enrolment(&self) -> Option<Date> {
        self.customer.enrolled.or_else(|| self.known.first_record())
    }

    fn attribute(&self, name: &str) -> Option<Date> {
        let text = self.customer.attributes.get(name)?.as_str()?;
        Some(super::calendar::day(text))
    }

    /// What changes at the close of a day is counted from on the next day.
    fn anchors(&self, at: Date) -> Anchors {
        match self.state.anchors_of_day {
            Some((day, anchors)) if day == at => anchors,
            _ => Anchors {
                since: self.state.since,
                last_change: self.state.last_change,
                last_review: self.state.last_review,
                term: self.state.term.map(|(start, _)| start),
            },
        }
    }

    fn begin_day(&mut self, e: Date) {
        if self.state.anchors_of_day.is_none_or(|(day, _)| day != e) {
            self.state.anchors_of_day = Some((e, self.anchors(e)));
        }
    }

    /// The days that count at a day; `None` if nothing does.
    fn window(&self, at: Date) -> Option<Span> {
        let qualifying = &self.movement.qualifying;
        let Some(anchor) = &qualifying.anchor else {
            let text = qualifying.window.as_deref().unwrap_or("lifetime");
            return Some(window(text, at));
        };
        let state = self.anchors(at);
        let anchor = match anchor {
            Anchor::Enrolment => self.enrolment(),
            Anchor::Attribute(name) => self.attribute(name),
            Anchor::Cycle(day) => Some(*day),
            Anchor::TierStart => state.since.or_else(|| self.enrolment()),
            Anchor::LastChange => state.last_change.or_else(|| self.enrolment()),
            Anchor::LastReview => state.last_review.or_else(|| self.enrolment()),
            Anchor::Term => (state.term)
                .or(state.last_change)
                .or_else(|| self.enrolment()),
        }?;
        let mut from = anchor;
        if let Some(length) = qualifying.length {
            let mut times = 1;
            while length.times_after(anchor, times) <= at {
                from = length.times_after(anchor, times);
                times += 1;
            }
        }
        Some(Span {
            from: Some(from),
            to: plus(at, 1),
        })
    }

    /// The metric over some days, on rows up to `last`.
    fn sum(&self, days: Span, last: Date) -> Option<f64> {
        let qualifying = &self.movement.qualifying;
        if let Some(points) = &qualifying.points {
            return Some(self.known.points(points, days, last));
        }
        let measure = match qualifying.measure.as_deref().unwrap() {
            "spend" if self.movement.refunds == Refunds::Ignore => "gross spend",
            other => other,
        };
        let category = qualifying.category.as_deref();
        self.known.measure(measure, category, days, last)
    }

    /// The days that count at a day, after the last time counting began anew.
    fn counted(&self, at: Date) -> Option<Span> {
        let mut days = self.window(at)?;
        if let Some((since, _)) = self.state.counting {
            days.from = days.from.max(Some(since));
        }
        Some(days)
    }

    /// What was carried over is worth on a day.
    fn carry(&self, at: Date) -> f64 {
        let Some((since, carry)) = self.state.counting else {
            return 0.0;
        };
        match self.state.half_life {
            Some(length) => {
                #[allow(clippy::cast_precision_loss)]
                let (age, half) = (
                    // From the close of the day before the first that counts.
                    (between(since, at) + 1) as f64,
                    between(since, length.after(since)) as f64,
                );
                carry * (-age / half).exp2()
            }
            None => carry,
        }
    }

    /// The metric at a day, with rows up to `last` only.
    fn metric(&self, at: Date, last: Date) -> Option<f64> {
        let sum = match self.counted(at) {
            Some(days) => self.sum(days, last)?,
            None => 0.0,
        };
        Some(sum + self.carry(at))
    }

    fn qualifying(&self, e: Date) -> Option<f64> {
        self.metric(e, e)
    }

    // ---- Conditions ----

    fn reaches(&self, threshold: Option<f64>, at: Date, last: Date) -> bool {
        let Some(threshold) = threshold else {
            return true;
        };
        (self.metric(at, last)).is_some_and(|metric| metric >= threshold)
    }

    fn keep_with(&self, tier: usize, at: Date, last: Date) -> bool {
        let spec = self.policy.tier(tier);
        let when = spec.keep_when.as_deref().or(spec.when.as_deref());
        let meets = self.reaches(spec.keep.or(spec.entry), at, last) && self.holds(when, at, last);
        // Who qualifies for it, or for more, keeps it too.
        meets || (tier..self.policy.tiers.len()).any(|t| self.entry_with(t, at, last))
    }

    fn keeps(&self, e: Date) -> bool {
        self.keep_with(self.state.tier, e, e)
    }

    fn entry_with(&self, tier: usize, at: Date, last: Date) -> bool {
        let spec = self.policy.tier(tier);
        tier == 0
            || self.reaches(spec.entry, at, last) && self.holds(spec.when.as_deref(), at, last)
    }

    fn qualified(&self, e: Date) -> usize {
        let mut highest = 0;
        for tier in 1..self.policy.tiers.len() {
            if self.entry_with(tier, e, e) {
                highest = tier;
            }
        }
        highest
    }

    /// `a >= 1 and b <= 2 and flag`.
    fn holds(&self, condition: Option<&str>, at: Date, last: Date) -> bool {
        let Some(condition) = condition else {
            return true;
        };
        condition.split(" and ").all(|part| {
            let words: Vec<&str> = part.split_whitespace().collect();
            match *words {
                [flag] => {
                    self.customer
                        .attributes
                        .get(flag)
                        .and_then(toml::Value::as_bool)
                        == Some(true)
                }
                [name, sign, number] => {
                    let Some(value) = self.value(name, at, last) else {
                        return false;
                    };
                    let number: f64 = number.parse().unwrap();
                    match sign {
                        ">=" => value >= number,
                        ">" => value > number,
                        "<=" => value <= number,
                        "<" => value < number,
                        _ => panic!("the oracle does not know `{sign}`"),
                    }
                }
                _ => panic!("the oracle does not read `{part}`"),
            }
        })
    }

    fn value(&self, name: &str, at: Date, last: Date) -> Option<f64> {
        if name == "qualifying" {
            return self.metric(at, last);
        }
        if let Some(value) = self.customer.attributes.get(name) {
            #[allow(clippy::cast_precision_loss)]
            return (value.as_float()).or_else(|| value.as_integer().map(|n| n as f64));
        }
        if self.policy.attributes.contains_key(name) {
            return None;
        }
        if self.policy.points.iter().any(|points| points.name == name) {
            return Some(self.known.points(name, window("lifetime", at), last));
        }
        let metric = (self.policy.metrics.iter())
            .find(|metric| metric.name.as_deref().unwrap_or(&metric.measure) == name);
        let (measure, category, days) = match metric {
            Some(metric) => (
                metric.measure.as_str(),
                metric.category.as_deref(),
                metric.window.as_deref().unwrap_or("lifetime"),
            ),
            None => (name, None, "lifetime"),
        };
        (self.known).measure(measure, category, window(days, at), last)
    }

    // ---- Terms ----

    /// The term of the present tier from that day on, decided at the close of `e`.
    fn new_term(&self, start: Date, e: Date) -> Option<(Date, Date)> {
        if self.state.tier == 0 {
            return None;
        }
        let term = self.movement.term.as_ref()?;
        let anniversary = |anniversary: &Anniversary| match anniversary {
            Anniversary::Enrolment => self.enrolment(),
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
            let of = anniversary(term.anniversary.as_ref().unwrap())?;
            anniversary_from(of, plus(start, 1))
        };
        if let Some(hold) = self.hold_end() {
            end = end.max(hold);
        }
        Some((start, end))
    }

    fn hold_end(&self) -> Option<Date> {
        Some(self.movement.hold?.after(self.state.since?))
    }

    fn held(&self, day: Date) -> bool {
        self.hold_end().is_some_and(|end| day < end)
    }

    fn term_runs(&self, day: Date) -> bool {
        self.state.term.is_some_and(|(_, end)| day < end)
    }

    /// The term is renewed by what happened at the close of `e` and holds from `day`.
    fn renew(&mut self, e: Date, day: Date) {
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

    // ---- Moves ----

    fn grant(&self, tier: usize, before: usize, e: Date) -> Option<Grant> {
        let threshold = self.policy.tier(tier).entry.filter(|_| tier > 0)?;
        if self.qualifying(e) < Some(threshold) {
            return None;
        }
        self.granted_for(threshold, before, e)
    }

    /// A renewed tier is held for what was needed to keep it.
    fn grant_anew(&mut self, e: Date) {
        let spec = self.policy.tier(self.state.tier);
        let threshold = spec.keep.or(spec.entry);
        let met = threshold.filter(|threshold| self.qualifying(e) >= Some(*threshold));
        self.state.grant = met.and_then(|threshold| self.granted_for(threshold, 0, e));
    }

    fn granted_for(&self, threshold: f64, before: usize, e: Date) -> Option<Grant> {
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
    fn up(&mut self, to: usize, e: Date, day: Date, grant: Option<Grant>) {
        let before = self.state.tier;
        self.state.tier = to;
        self.state.since = Some(day);
        self.state.last_change = Some(day);
        self.state.grace = None;
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
    fn down(&mut self, kind: &'static str, to: usize, e: Date, day: Date) {
        let before = self.state.tier;
        self.state.grant = self.grant(to, 0, e);
        self.state.tier = to;
        self.state.since = Some(day);
        self.state.last_change = Some(day);
        self.state.grace = None;
        self.state.term = self.new_term(day, e);
        self.event(kind, day, Some(before), Some(to));
    }

    /// Nothing that a review does can take the present tier.
    fn cannot_be_lost(&self) -> bool {
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
    fn disqualify(&mut self, e: Date, day: Date) {
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

    fn downgrade(&mut self, e: Date, day: Date) {
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

    // ---- The close of a day ----

    fn change_policy(&mut self, e: Date) {
        self.rename_tiers(e);
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
            && !self.covers(&grant, e)
        {
            self.state.pending = None;
            self.event("cancelled", e, Some(tier), None);
        }
        let Some(grant) = self.state.grant else {
            return;
        };
        if self.covers(&grant, e) {
            return;
        }
        let to = grant.before.max(self.qualified(e));
        if to < self.state.tier {
            self.down("revoked", to, e, e);
        }
    }

    fn notices(&mut self, e: Date) {
        let Some((_, end)) = self.state.term else {
            return;
        };
        if end <= e || self.state.grace.is_some() {
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
            let last = plus(end, -1);
            if !self.cannot_be_lost() && !self.keep_with(self.state.tier, last, e) {
                self.state.noticed.push((ask, end));
                let tier = self.state.tier;
                self.event("notice", e, Some(tier), None);
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

        if let Some((tier, start, grant)) = self.state.pending
            && start <= n
        {
            self.state.pending = None;
            if tier > self.state.tier {
                self.up(tier, e, n, grant);
                upgraded = true;
            }
        }

        let term_ends = self.state.term.is_some_and(|(_, end)| end <= n);
        let period_ends = match self.movement.review {
            Some(Review::Every(period)) => period.is_first_day(n),
            _ => false,
        };
        let in_grace = self.state.grace.is_some();
        let mut due = false;
        if (term_ends || period_ends) && !in_grace {
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

    // ---- Overrides ----

    fn overrides(&mut self, e: Date) {
        let noted = self.noted();
        for (i, o) in &noted {
            let tier = o.tier.as_ref().and_then(|tier| self.policy.ordinal(tier));
            if o.from <= e && o.to.is_none_or(|to| e < to) && !self.state.started.contains(i) {
                self.state.started.push(*i);
                self.event("override started", e, None, tier);
            }
            if o.to.is_some_and(|to| to <= e)
                && self.state.started.contains(i)
                && !self.state.ended.contains(i)
            {
                self.state.ended.push(*i);
                self.event("override ended", e, tier, None);
            }
        }
        self.have(e);
    }

    fn noted(&self) -> Vec<(usize, &'a Override)> {
        let customer = self.customer;
        (customer.overrides.iter().enumerate())
            .filter(|(_, o)| o.noted <= self.known.until)
            .collect()
    }

    /// The tier they have on a day, of the one they earn and what people decided.
    fn have(&mut self, e: Date) {
        let noted = self.noted();
        let active = |kind: OverrideKind| -> Vec<usize> {
            (noted.iter().map(|(_, o)| o))
                .filter(|o| o.kind == kind && o.from <= e && o.to.is_none_or(|to| e < to))
                .map(|o| {
                    (o.tier
                        .as_ref()
                        .map_or(Some(0), |tier| self.policy.ordinal(tier)))
                    .unwrap_or(0)
                })
                .collect()
        };
        let effective = if !active(OverrideKind::Exclude).is_empty() {
            0
        } else if let Some(pin) = active(OverrideKind::Pin).into_iter().max() {
            pin
        } else {
            let floor = active(OverrideKind::Floor).into_iter().max();
            let ceiling = active(OverrideKind::Ceiling).into_iter().min();
            let tier = floor.map_or(self.state.tier, |floor| floor.max(self.state.tier));
            ceiling.map_or(tier, |ceiling| ceiling.min(tier))
        };
        if self.state.effective_since.is_none() || effective != self.state.effective {
            // Without overrides the tier they have begins when the earned one does.
            self.state.effective = effective;
            self.state.effective_since = Some(e);
        }
    }

    fn note_extensions(&mut self, as_of: Date) {
        let customer = self.customer;
        let mut noted: Vec<_> = customer.extensions.iter().collect();
        noted.retain(|extension| extension.noted <= as_of);
        for extension in noted.iter().skip(self.state.extended) {
            if let Some((_, end)) = &mut self.state.term
                && extension.until > *end
            {
                *end = extension.until;
                let tier = self.state.tier;
                self.event("extended", extension.noted, Some(tier), Some(tier));
            }
        }
        self.state.extended = noted.len();
    }

    // ---- Another policy ----

    /// The tiers of the policy before in this one's.
    fn rename_tiers(&mut self, as_of: Date) {
        let before = std::mem::take(&mut self.state.names);
        let now: BTreeMap<usize, Option<usize>> = before
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let same = self.policy.ordinal(name);
                (i, same.or_else(|| self.policy.replacement(name)))
            })
            .collect();
        let of = |tier: usize| now.get(&tier).copied().flatten();
        if let Some(effective) = of(self.state.effective) {
            self.state.effective = effective;
        }
        self.state.pending =
            (self.state.pending).and_then(|(tier, start, grant)| Some((of(tier)?, start, grant)));
        if let Some(grant) = &mut self.state.grant {
            grant.before = of(grant.before).unwrap_or(0);
        }
        match of(self.state.tier) {
            Some(tier) => self.state.tier = tier,
            None => {
                self.state.tier = 0;
                self.place(as_of);
            }
        }
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
