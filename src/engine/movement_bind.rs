//! The section `[movement]` of a policy: from names to columns, and what is wrong with it.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::history::{Fact, Measure};
use crate::metrics::{Metric, MetricSpec};
use crate::model::{Day, Fingerprint, Unit};
use crate::summary::{Summary, Window};
use crate::table::{Field, Slot};
use crate::tiering::{
    Afterwards, Anchor, Anniversary, Downgrade, Movement, MovementSpec, QUALIFYING, QualifyingSpec,
    Refunds, Renewal, ReviewTiming, TermSpec, UpgradeTiming,
};

use super::bind::Binder;
use super::qualifying::{Counted, Qualifying, Value};
use super::{Mover, Points};

/// Measures of which the value over some days is the sum of those over each.
const ADDITIVE: [&str; 4] = ["category_spend", "margin", "purchases", "spend"];

/// Spend before any refund.
#[derive(Debug)]
struct GrossSpend;

impl Metric for GrossSpend {
    fn name(&self) -> &str {
        QUALIFYING
    }

    fn unit(&self) -> Unit {
        Unit::Money
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::new(Measure::Gross)]
    }

    fn value(&self, customer: &Summary<'_>, _: Day) -> Option<f64> {
        customer.amount(&Fact::new(Measure::Gross))
    }
}

impl Mover {
    /// What the qualifying metric reads.
    pub(super) fn facts(&self) -> Vec<Fact> {
        match self.qualifying.as_ref().map(|q| &q.value) {
            Some(Value::Measure(metric)) => metric.facts(),
            _ => Vec::new(),
        }
    }
}

/// Whether the qualifying metric of several windows is the sum of those of each.
pub(super) fn adds_up(spec: &MovementSpec) -> bool {
    spec.qualifying.as_ref().is_some_and(|q| {
        q.points.is_some() || q.measure.as_deref().is_some_and(|m| ADDITIVE.contains(&m))
    })
}

impl Binder<'_> {
    fn movement_error(&mut self, code: Code, field: &str, message: String, help: &str) {
        let place = Place::at(format!("movement.{field}"));
        self.problems
            .push(Diagnostic::error(code, place, message).help(help));
    }

    /// Binds movement, with the column of the qualifying metric.
    pub(super) fn movement(&mut self, points: &[Points], policy: Fingerprint) -> Option<Mover> {
        let spec = self.policy.movement.as_ref()?;
        let before = self.problems.len();
        let qualifying = match &spec.qualifying {
            Some(qualifying) => self.qualifying(qualifying, spec, points),
            None => None,
        };
        let additive = adds_up(spec);
        self.movement_numbers(spec, additive);
        let anniversary = spec.term.as_ref().map(|term| self.term(term));
        let wrong = self.problems.has_errors_since(before);
        let tiers = &self.policy.tiers.tiers;
        if wrong || tiers.is_empty() {
            return None;
        }
        Some(Mover {
            movement: Movement::new(spec.clone(), tiers, additive, policy),
            qualifying,
            anniversary: anniversary.flatten(),
        })
    }

    fn qualifying(
        &mut self,
        spec: &QualifyingSpec,
        movement: &MovementSpec,
        points: &[Points],
    ) -> Option<Qualifying> {
        let path = "movement.qualifying";
        let (value, unit) = match (&spec.measure, &spec.points) {
            (Some(measure), None) => {
                let mut metric = MetricSpec::new(measure.as_str()).named(QUALIFYING);
                metric.category.clone_from(&spec.category);
                let place = Place::at(path);
                let mut bound = self.catalog.build(&metric, &place, self.problems);
                if movement.refunds == Refunds::Ignore {
                    if measure == "spend" {
                        bound = bound.map(|_| Arc::new(GrossSpend) as Arc<dyn Metric>);
                    } else {
                        self.movement_error(
                            Code::Conflict,
                            "refunds",
                            format!("refunds cannot be left out of `{measure}`"),
                            "`ignore` is for the measure `spend`",
                        );
                    }
                }
                let unit = bound.as_ref().map_or(Unit::Money, |m| m.unit());
                (bound.map(Value::Measure), unit)
            }
            (None, Some(name)) => {
                let position = points.iter().position(|p| p.name == *name);
                if position.is_none() && !self.gaps.has_column(name) {
                    let message = format!("there is no point score `{name}`");
                    let place = Place::at(format!("{path}.points"));
                    let known = points.iter().map(|p| p.name.as_str());
                    self.problems.push(
                        Diagnostic::error(Code::UnknownName, place, message)
                            .did_you_mean(name, known),
                    );
                }
                if spec.category.is_some() {
                    let message = "points have no category".to_owned();
                    self.movement_error(
                        Code::Conflict,
                        "qualifying.category",
                        message,
                        "leave it out",
                    );
                }
                (position.map(Value::Points), Unit::Points)
            }
            (measure, _) => {
                let said = if measure.is_some() { "both" } else { "neither" };
                let message = format!("there is {said} a `measure` and `points`");
                let message = message.replace("neither a `measure` and", "neither a `measure` nor");
                self.movement_error(
                    if measure.is_some() {
                        Code::Conflict
                    } else {
                        Code::Missing
                    },
                    "qualifying",
                    message,
                    "write one of them, as in `measure = \"spend\"`",
                );
                (None, Unit::Money)
            }
        };
        if matches!(unit, Unit::Date | Unit::Flag) {
            let message = format!("a {unit} is no number to reach");
            let help = "use a measure that counts or sums something, such as `spend`";
            self.movement_error(Code::Type, "qualifying.measure", message, help);
        }
        let days = self.counted_days(spec);
        let slot = self.column(Field::number(QUALIFYING, unit), path);
        Some(Qualifying {
            slot: slot?,
            value: value?,
            days: days?,
        })
    }

    fn counted_days(&mut self, spec: &QualifyingSpec) -> Option<Counted> {
        match (&spec.anchor, spec.window, spec.length) {
            (Some(_), Some(_), _) => {
                let message = "there are both a `window` and an `anchor`".to_owned();
                self.movement_error(
                    Code::Conflict,
                    "qualifying.window",
                    message,
                    "leave one out",
                );
                None
            }
            (None, _, Some(_)) => {
                let message = "a `length` without an `anchor` is counted from nowhere".to_owned();
                let help = "add one, as in `anchor = \"enrolment\"`, or write `window`";
                self.movement_error(Code::Missing, "qualifying.length", message, help);
                None
            }
            (None, window, None) => Some(Counted::Window(window.unwrap_or(Window::Lifetime))),
            (Some(anchor), None, length) => {
                let slot = match anchor {
                    Anchor::Attribute(name) => {
                        Some(self.date(name, "qualifying.anchor.attribute")?)
                    }
                    Anchor::Term
                        if self
                            .policy
                            .movement
                            .as_ref()
                            .is_some_and(|m| m.term.is_none()) =>
                    {
                        let message = "there is no term to count from".to_owned();
                        let help = "add one, as in `term = { length = \"12 months\" }`";
                        self.movement_error(Code::Missing, "qualifying.anchor", message, help);
                        None
                    }
                    _ => None,
                };
                Some(Counted::Anchored {
                    anchor: anchor.clone(),
                    slot,
                    length,
                })
            }
        }
    }

    /// The column of a date attribute.
    fn date(&mut self, name: &str, field: &str) -> Option<Slot> {
        let slot = self.schema.slot(name);
        let is_date = |slot: &Slot| {
            let field = self.schema.field(*slot);
            field.is_some_and(|f| f.unit() == Some(Unit::Date))
        };
        let found = slot.filter(|slot| self.policy.attributes.contains_key(name) && is_date(slot));
        if found.is_none() && !self.gaps.has_column(name) {
            let place = Place::at(format!("movement.{field}"));
            let message = format!("there is no date attribute `{name}`");
            let known: Vec<String> = self.policy.attributes.keys().cloned().collect();
            self.problems.push(
                Diagnostic::error(Code::UnknownName, place, message)
                    .did_you_mean(name, known.iter().map(String::as_str)),
            );
        }
        found
    }

    /// What the parts of a term say together; where the day of its anniversaries is.
    fn term(&mut self, term: &TermSpec) -> Option<Option<Slot>> {
        let ways = usize::from(term.length.is_some())
            + usize::from(term.end_of.is_some())
            + usize::from(!term.dates.is_empty())
            + usize::from(term.length.is_none() && term.anniversary.is_some());
        let conflict = ways > 1
            || term.round.is_some() && (term.length.is_none() || term.anniversary.is_some())
            || term.next && term.end_of.is_none();
        if ways == 0 || conflict {
            let (code, message) = if conflict {
                (
                    Code::Conflict,
                    "the parts of the term contradict each other",
                )
            } else {
                (Code::Missing, "nothing says when the term ends")
            };
            self.movement_error(
                code,
                "term",
                message.to_owned(),
                "write it like `{ length = \"12 months\", round = \"month\" }`, `{ end_of = \"year\", next = true }`, `{ dates = [\"04-01\"] }` or `{ anniversary = \"enrolment\" }`",
            );
        }
        match term.anniversary.as_ref()? {
            Anniversary::Enrolment => Some(None),
            Anniversary::Attribute(name) => {
                let slot = self.date(name, "term.anniversary.attribute");
                slot.map(Some)
            }
        }
    }

    fn movement_numbers(&mut self, spec: &MovementSpec, additive: bool) {
        let review = spec.review.unwrap_or(match spec.term {
            Some(_) => ReviewTiming::TermEnd,
            None => ReviewTiming::Always,
        });
        if review == ReviewTiming::TermEnd && spec.term.is_none() {
            let message = "there is no term at whose end a review could be".to_owned();
            let help = "add one, as in `term = { length = \"12 months\" }`, or write `review = { every = \"year\" }`";
            self.movement_error(Code::Missing, "review", message, help);
        }
        if spec.upgrade == UpgradeTiming::AtReview && review == ReviewTiming::TermEnd {
            let message =
                "nobody would ever be upgraded: the base has no term, and so no review".to_owned();
            let help = "write `review = { every = \"year\" }`, or another `upgrade`";
            self.movement_error(Code::Conflict, "upgrade", message, help);
        }
        if spec.renew == Renewal::FromReview
            && review == ReviewTiming::Always
            && spec.term.is_some()
        {
            let message = "the end of a term would depend on how often somebody looks".to_owned();
            let help = "write `review = { every = \"month\" }`, or leave `renew` out";
            self.movement_error(Code::Conflict, "renew", message, help);
        }
        if spec.after_review != Afterwards::Kept && review == ReviewTiming::Always {
            let message = "with a review on every day, the metric would never grow".to_owned();
            let help = "write `review = { every = \"year\" }`, or use `after_upgrade`";
            self.movement_error(Code::Conflict, "after_review", message, help);
        }
        for (field, how) in [
            ("after_review", spec.after_review),
            ("after_upgrade", spec.after_upgrade),
        ] {
            if how != Afterwards::Kept && !additive {
                let message = "the qualifying metric does not add up, so that nothing can be reset or carried over".to_owned();
                let help = "use `spend`, `purchases`, `category_spend`, `margin` or points";
                self.movement_error(Code::Conflict, field, message, help);
            }
            match how {
                Afterwards::Reduced(carry)
                    if carry.cap.is_some_and(|c| !(c >= 0.0 && c.is_finite())) =>
                {
                    let message = "the most that is carried over is not 0 or more".to_owned();
                    let help =
                        "write it like `{ reduced = { cap = 500 } }`; without a cap all of it is";
                    self.movement_error(
                        Code::Range,
                        &format!("{field}.reduced.cap"),
                        message,
                        help,
                    );
                }
                Afterwards::HalfLife(days) if days.get() < 1 => {
                    let message = "a half-life is at least 1 day".to_owned();
                    let help = "write it like `{ half_life = \"180 days\" }`";
                    self.movement_error(Code::Range, &format!("{field}.half_life"), message, help);
                }
                _ => {}
            }
        }
        if let Downgrade::Floor(name) = &spec.downgrade {
            let tiers = &self.policy.tiers.tiers;
            if !tiers.iter().any(|t| t.name == *name) {
                let message = format!("there is no tier `{name}`");
                let place = Place::at("movement.downgrade.floor");
                let known = tiers.iter().map(|t| t.name.as_str());
                self.problems.push(
                    Diagnostic::error(Code::UnknownName, place, message).did_you_mean(name, known),
                );
            }
        }
        for (i, before) in spec.notices.iter().enumerate() {
            let field = format!("notices[{i}]");
            if before.get() < 1 {
                let message = "a notice comes at least 1 day before".to_owned();
                self.movement_error(Code::Range, &field, message, "write it like `30 days`");
            }
        }
        if !spec.notices.is_empty() && spec.term.is_none() {
            let message = "there is no term whose end could be told".to_owned();
            let help = "add one, as in `term = { length = \"12 months\" }`";
            self.movement_error(Code::Missing, "notices", message, help);
        }
    }
}
