//! The qualifying metric and the conditions on it.

use super::super::calendar::{Date, between, day, plus};
use super::super::measure::{Span, window};
use super::super::policy::{Anchor, Refunds};
use super::{Anchors, Walk};

impl<'a> Walk<'a> {
    pub(super) fn enrolment(&self) -> Option<Date> {
        self.customer.enrolled.or_else(|| self.known.first_record())
    }

    pub(super) fn attribute(&self, name: &str) -> Option<Date> {
        let text = self.customer.attributes.get(name)?.as_str()?;
        Some(day(text))
    }

    /// What changes at the close of a day is counted from on the next day.
    pub(super) fn anchors(&self, at: Date) -> Anchors {
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

    pub(super) fn begin_day(&mut self, e: Date) {
        if self.state.anchors_of_day.is_none_or(|(day, _)| day != e) {
            self.state.anchors_of_day = Some((e, self.anchors(e)));
        }
    }

    /// The days that count at a day; `None` if nothing does.
    pub(super) fn window(&self, at: Date) -> Option<Span> {
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
    pub(super) fn sum(&self, days: Span, last: Date) -> Option<f64> {
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
    pub(super) fn counted(&self, at: Date) -> Option<Span> {
        let mut days = self.window(at)?;
        if let Some((since, _)) = self.state.counting {
            days.from = days.from.max(Some(since));
        }
        Some(days)
    }

    /// What was carried over is worth on a day.
    pub(super) fn carry(&self, at: Date) -> f64 {
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
    pub(super) fn metric(&self, at: Date, last: Date) -> Option<f64> {
        let sum = match self.counted(at) {
            Some(days) => self.sum(days, last)?,
            None => 0.0,
        };
        Some(sum + self.carry(at))
    }

    pub(super) fn qualifying(&self, e: Date) -> Option<f64> {
        self.metric(e, e)
    }

    pub(super) fn reaches(&self, threshold: Option<f64>, at: Date, last: Date) -> bool {
        let Some(threshold) = threshold else {
            return true;
        };
        (self.metric(at, last)).is_some_and(|metric| metric >= threshold)
    }

    pub(super) fn keep_with(&self, tier: usize, at: Date, last: Date) -> bool {
        let spec = self.policy.tier(tier);
        let when = spec.keep_when.as_deref().or(spec.when.as_deref());
        let meets = self.reaches(spec.keep.or(spec.entry), at, last) && self.holds(when, at, last);
        // Who qualifies for it, or for more, keeps it too.
        meets || (tier..self.policy.tiers.len()).any(|t| self.entry_with(t, at, last))
    }

    pub(super) fn keeps(&self, e: Date) -> bool {
        self.keep_with(self.state.tier, e, e)
    }

    pub(super) fn entry_with(&self, tier: usize, at: Date, last: Date) -> bool {
        let spec = self.policy.tier(tier);
        tier == 0
            || self.reaches(spec.entry, at, last) && self.holds(spec.when.as_deref(), at, last)
    }

    pub(super) fn qualified(&self, e: Date) -> usize {
        let mut highest = 0;
        for tier in 1..self.policy.tiers.len() {
            if self.entry_with(tier, e, e) {
                highest = tier;
            }
        }
        highest
    }

    /// `a >= 1 and b <= 2 and flag`.
    pub(super) fn holds(&self, condition: Option<&str>, at: Date, last: Date) -> bool {
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

    pub(super) fn value(&self, name: &str, at: Date, last: Date) -> Option<f64> {
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
}
