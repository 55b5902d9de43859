//! The qualifying metric: which days count for a customer, and what they come to.

use std::sync::Arc;

use crate::metrics::Metric;
use crate::model::{AttributeValue, Day, Span, Unit};
use crate::rules::Covered;
use crate::summary::{Bounds, Summary, Window};
use crate::table::Slot;
use crate::tiering::{Anchor, Tenure, TierId};

use super::Engine;
use super::fill::{Input, Logs};

/// The qualifying metric, bound.
#[derive(Debug, Clone)]
pub(super) struct Qualifying {
    pub(super) slot: Slot,
    pub(super) value: Value,
    pub(super) days: Counted,
}

/// What is counted.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Measure(Arc<dyn Metric>),
    /// The position of a point score.
    Points(usize),
}

/// Which days count.
#[derive(Debug, Clone)]
pub(super) enum Counted {
    Window(Window),
    Anchored {
        anchor: Anchor,
        /// Of an attribute.
        slot: Option<Slot>,
        length: Option<Span>,
    },
}

/// One customer at the close of a day, as far as movement asks.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) engine: &'a Engine,
    pub(super) input: &'a Input<'a>,
    /// The logs of the point scores on that day, if they are made already.
    pub(super) logs: Option<&'a Logs>,
    pub(super) tenure: Option<&'a Tenure<TierId>>,
    pub(super) day: Day,
}

impl Asked<'_> {
    /// The day the customer was enrolled.
    pub(super) fn enrolled(&self) -> Option<Day> {
        let given = self.input.standing.and_then(|s| s.enrolled);
        given.or_else(|| self.input.first_trade().filter(|d| *d <= self.day))
    }

    /// A date attribute of the customer.
    pub(super) fn date(&self, slot: Slot) -> Option<Day> {
        let attribute = self.engine.attributes.iter().find(|a| a.slot == slot)?;
        match self.input.customer?.attribute(&attribute.name)? {
            AttributeValue::Date(day) => Some(*day),
            _ => None,
        }
    }

    /// What was carried over, in the unit of the metric; 0 if nothing was.
    pub(super) fn carried(&self) -> f64 {
        let counting = self.tenure.and_then(|t| t.counting);
        counting.map_or(0.0, |counting| counting.carried(self.day))
    }
}

impl Qualifying {
    /// What the days are counted from changes with the tier.
    pub(super) fn moves(&self) -> bool {
        matches!(&self.days, Counted::Anchored { anchor, .. } if anchor.moves())
    }

    /// The window, if it is not counted from an anchor.
    pub(super) fn window(&self) -> Option<Window> {
        match self.days {
            Counted::Window(window) => Some(window),
            Counted::Anchored { .. } => None,
        }
    }

    /// The day the window is counted from.
    pub(super) fn anchor(&self, asked: &Asked<'_>) -> Option<Day> {
        let Counted::Anchored { anchor, slot, .. } = &self.days else {
            return None;
        };
        let tenure = asked.tenure;
        // What changed at the close of a day counts from the next one on.
        let today = tenure
            .and_then(|t| t.anchored)
            .filter(|a| a.on == asked.day);
        if let (Some(today), true) = (today, anchor.moves()) {
            return Some(today.from);
        }
        let own = match anchor {
            Anchor::Enrolment => None,
            Anchor::Attribute(_) => return asked.date((*slot)?),
            Anchor::Cycle(day) => Some(*day),
            Anchor::TierStart => tenure.map(|t| t.since),
            Anchor::LastChange => tenure.and_then(|t| t.last_change),
            Anchor::LastReview => tenure.and_then(|t| t.last_review),
            Anchor::Term => tenure.and_then(|t| t.term.map(|term| term.start).or(t.last_change)),
        };
        own.or_else(|| asked.enrolled())
    }

    /// The days that count.
    pub(super) fn bounds(&self, asked: &Asked<'_>) -> Bounds {
        let tomorrow = asked.day.next();
        let bounds = match &self.days {
            Counted::Window(window) => window.at(asked.day),
            Counted::Anchored { length, .. } => {
                let anchor = self.anchor(asked).filter(|anchor| *anchor <= asked.day);
                let from = anchor.map(|anchor| match length {
                    Some(length) => {
                        let n = length.whole_between(anchor, asked.day);
                        length.times_after(anchor, n)
                    }
                    None => anchor,
                });
                Bounds::between(from.unwrap_or(tomorrow), tomorrow)
            }
        };
        match asked.tenure.and_then(|t| t.counting) {
            Some(counting) => bounds.not_before(counting.since),
            None => bounds,
        }
    }

    /// The next day with which an anchored window begins anew.
    pub(super) fn rollover(&self, asked: &Asked<'_>) -> Option<Day> {
        let Counted::Anchored {
            length: Some(length),
            ..
        } = &self.days
        else {
            return None;
        };
        let anchor = self.anchor(asked)?;
        let n = length.whole_between(anchor, asked.day);
        let next = length.times_after(anchor, n.saturating_add(1).max(0));
        Some(next).filter(|day| *day > asked.day)
    }

    /// What some days come to.
    pub(super) fn counted(&self, asked: &Asked<'_>, bounds: Bounds) -> Option<f64> {
        let input = asked.input;
        match &self.value {
            Value::Measure(metric) => {
                let amounts = matches!(metric.unit(), Unit::Money | Unit::MoneyPer(_));
                let currency = input.history.layout().currency();
                // What another currency's numbers say in the policy's is not known.
                if amounts && currency != asked.engine.layout.currency() {
                    return None;
                }
                let summary = Summary::within(input.id, input.history, bounds);
                metric.value(&summary, asked.day)
            }
            Value::Points(position) => self.lines(asked, *position, |lines| {
                let inside = lines.filter(|(day, _)| bounds.contains(*day));
                Some(inside.fold(0.0, |sum, (_, awarded)| sum + awarded))
            }),
        }
        .filter(|value| value.is_finite())
    }

    /// Looks at what the rules of a point score gave on each day.
    fn lines<R>(
        &self,
        asked: &Asked<'_>,
        position: usize,
        look: impl FnOnce(&mut dyn Iterator<Item = (Day, f64)>) -> Option<R>,
    ) -> Option<R> {
        let points = asked.engine.points.get(position)?;
        let log = asked.logs.and_then(|logs| logs.get(position));
        let log = log.or_else(|| asked.input.standing?.points.get(&points.name))?;
        let lines = points.book.lines(log, asked.day);
        look(&mut lines.map(|line| (line.day, line.award.awarded)))
    }

    /// What it is made of.
    pub(super) fn covered(&self, asked: &Asked<'_>) -> Covered {
        let bounds = self.bounds(asked);
        let first = match &self.value {
            _ if bounds.first() > Day::MIN => None,
            Value::Measure(_) => asked.input.first_trade(),
            Value::Points(position) => {
                self.lines(asked, *position, |lines| lines.map(|(day, _)| day).min())
            }
        };
        Covered {
            carried: Some(asked.carried()).filter(|carried| *carried != 0.0),
            ..Covered::of(self.window(), bounds, first)
        }
    }

    /// The qualifying metric: what was counted, and what was carried over.
    pub(super) fn at(&self, asked: &Asked<'_>) -> Option<f64> {
        let counted = self.counted(asked, self.bounds(asked));
        match asked.tenure.and_then(|t| t.counting) {
            Some(_) => Some(counted.unwrap_or(0.0) + asked.carried()),
            None => counted,
        }
    }
}
