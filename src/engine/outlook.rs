//! What lies ahead of a customer's tier, and what the whole past comes to.

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Day, Days};
use crate::rules::{Condition, Truth};
use crate::tiering::{NextTier, Tenure, TierEvent, TierId};

use super::explain::Traced;
use super::fill::Input;
use super::movement::tenure;
use super::review::{Buffer, Subject};
use super::standing::Standing;
use super::{Engine, Policy};

/// What the next review will find if nothing happens until then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Projection {
    /// The day from which the outcome of the next review, or the end of the grace period, holds.
    pub review: Day,
    /// The tier that is asked about: the one that is earned now, unless an upgrade that is scheduled begins before that day.
    pub tier: String,
    /// The tier that is earned on that day, after the review.
    pub projected: String,
    /// Where the tier is lost but a time of grace comes first: the first day after that, and `projected` is the tier on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Day>,
    /// The conditions that keep the tier from being kept, each with its distance; of an `or`, every alternative. Empty of a tier
    /// that no review takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_keep: Vec<Condition>,
    /// What is missing for the next tier up, at that review; `None` at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTier>,
}

impl Engine {
    /// Looks ahead to the next review of a customer's tier: what it will find without any further activity, and what is missing.
    /// It is what the reviews up to that day come to, one by one, with what is known on `as_of`.
    ///
    /// `standing` is the one after the review on `as_of`. `None` if the policy has no movement, the customer was never reviewed
    /// by it, or no review comes: the base without a schedule, a review on every day, or the rules of another policy that still hold.
    ///
    /// ```
    /// # use customer_value::engine::{Engine, Policy, Standing};
    /// # use customer_value::history::History;
    /// # use customer_value::ledger::{Effect, Options};
    /// # use customer_value::metrics::Catalog;
    /// # use customer_value::model::{Currency, Transaction};
    /// let policy: Policy = toml::from_str(r#"
    ///     head = { name = "yearly", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "gold", entry = 500, keep = 400 }, { name = "member" }]
    ///     movement = { qualifying = { measure = "spend", window = "this year" }, term = { end_of = "year", next = true } }
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    /// let mut history = History::new(engine.layout().clone());
    /// let (mut buffer, mut standing) = (engine.buffer(), Standing::default());
    /// for (day, amount) in [("2024-05-01", "600.00 EUR"), ("2025-02-01", "150.00 EUR")] {
    ///     let purchase = Transaction::purchase(7, day.parse()?, amount.parse()?)?;
    ///     history.add(&Effect::of(&purchase, &Options::new(day.parse()?, Currency::EUR)).unwrap())?;
    ///     standing = engine.review(&history, standing, day.parse()?, &mut buffer).0;
    /// }
    ///
    /// let ahead = engine.project(&history, &standing, "2025-02-01".parse()?, &mut buffer).unwrap();
    /// assert_eq!((ahead.tier.as_str(), ahead.projected.as_str()), ("gold", "member"));
    /// assert_eq!(ahead.review, "2026-01-01".parse()?); // decided at the close of 31 December
    /// assert_eq!(ahead.to_keep[0].distance, Some(250.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn project<'s>(
        &self,
        subject: impl Into<Subject<'s>>,
        standing: &Standing,
        as_of: Day,
        buffer: &mut Buffer,
    ) -> Option<Projection> {
        let subject = subject.into().input();
        self.projected(&subject, standing, as_of, buffer)
    }

    pub(super) fn projected(
        &self,
        input: &Input<'_>,
        standing: &Standing,
        as_of: Day,
        buffer: &mut Buffer,
    ) -> Option<Projection> {
        let mover = self.mover.as_ref()?;
        let known = Input {
            history: input.history.until(as_of),
            standing: None,
            ..*input
        };
        let mut standing = standing.clone();
        standing.forget_points_after(as_of);
        self.fit_buffer(buffer);
        let review = loop {
            let held = *tenure(&mover.locate(Some(&standing)))?;
            // What another policy's reviews will find is not known to this one.
            if mover.movement.is_foreign(&held) {
                return None;
            }
            let from = standing.reviewed.map_or(as_of, |day| day.max(as_of));
            let review = mover.movement.next_review(&held, from);
            match (review, held.upcoming) {
                (Some(review), _) => {
                    let eve = review.minus(Days::new(1));
                    self.make_up(&known, &mut standing, eve, buffer);
                }
                (None, Some(upcoming)) => {
                    let begins = upcoming.from.max(from.next());
                    self.make_up(&known, &mut standing, begins, buffer);
                }
                (None, None) => return None,
            }
            // Until then an upgrade may have begun, or grace have ended.
            let now = *tenure(&mover.locate(Some(&standing)))?;
            match review {
                Some(review) if mover.movement.next_review(&now, from) == Some(review) => {
                    break review;
                }
                _ if now == held => return None,
                _ => {}
            }
        };

        let eve = review.minus(Days::new(1));
        self.review_day(&known, &mut standing, eve, buffer, None);
        let moved = buffer.outcomes.moves.first()?;
        let tier = moved.record?.tenure?.earned;
        let row = buffer.table.row(0);
        let traced = Traced {
            as_of: eve,
            first_record: known.first_trade(),
            qualifying: moved.covered,
        };
        let explained = self.ladder.keep_rule(tier).map(|rule| rule.explained(row));
        let keeps = explained.as_ref().is_none_or(|e| e.truth == Truth::True);
        let qualified = self.ladder.decide(row).tier;
        let mut to_keep = match explained {
            Some(explained) if mover.movement.loses(tier, qualified, keeps) => explained.lacking(),
            _ => Vec::new(),
        };
        let mut next = self.ladder.next_above(tier, row);
        let missing = next.iter_mut().flat_map(|next| &mut next.missing);
        self.trace_all(to_keep.iter_mut().chain(missing), &traced);

        let mut after = self.after(&known, &mut standing, review, buffer)?;
        let grace = after.grace.filter(|grace| grace.since == review);
        if let Some(grace) = grace {
            after = self.after(&known, &mut standing, grace.until, buffer)?;
        }
        Some(Projection {
            review,
            tier: self.ladder.name(tier).to_owned(),
            projected: self.ladder.name(after.earned).to_owned(),
            to_keep,
            grace: grace.map(|g| g.until).filter(|_| after.earned < tier),
            next,
        })
    }

    /// How the tier is held after a review.
    fn after(
        &self,
        known: &Input<'_>,
        standing: &mut Standing,
        review: Day,
        buffer: &mut Buffer,
    ) -> Option<Tenure<TierId>> {
        self.make_up(known, standing, review, buffer);
        self.review_day(known, standing, review, buffer, None);
        buffer.outcomes.moves.first()?.record?.tenure
    }

    /// The standing that the whole past comes to under this policy, as if the customer had been reviewed ever since the first
    /// transaction; with the audit trail of it. What people decided, the enrolment, and points that only the host knows of are taken
    /// from `known`.
    ///
    /// It is what a merge of customers, a join to a household or a corrected history calls for. Where every record was on time,
    /// no other policy held before, the first review was on the day of the first transaction, and tiers ask for nothing beside the
    /// qualifying metric, it is the standing that the reviews have led to.
    #[must_use]
    pub fn recompute<'s>(
        &self,
        subject: impl Into<Subject<'s>>,
        known: &Standing,
        as_of: Day,
        buffer: &mut Buffer,
    ) -> (Standing, Vec<TierEvent>) {
        let subject = subject.into();
        let mut standing = Standing {
            reviewed: None,
            tier: None,
            stage: None,
            ..known.clone()
        };
        let mut events = Vec::new();
        let input = subject.input();
        let first = input.first_trade().filter(|day| *day < as_of);
        for day in first.into_iter().chain([as_of]) {
            let (after, assessment) = self.review(subject, standing, day, buffer);
            events.extend(assessment.events());
            standing = after;
        }
        (standing, events)
    }

    /// What to know before this policy takes over from another one: tiers that are gone and that nothing replaces.
    #[must_use]
    pub fn check_change(&self, before: &Policy) -> Diagnostics {
        let tiers = &self.policy.tiers.tiers;
        let known = |name: &String| {
            let is = |t: &crate::tiering::TierSpec| t.name == *name || t.replaces.contains(name);
            tiers.iter().any(is)
        };
        let mut problems = Diagnostics::new();
        for old in before.tiers.tiers.iter().filter(|old| !known(&old.name)) {
            let name = &old.name;
            let message = format!(
                "`{name}` of version `{}` is not a tier any more, and nothing replaces it",
                before.head.version
            );
            let help = format!("add `replaces = [\"{name}\"]` to the tier its customers get");
            let problem = Diagnostic::error(Code::Missing, Place::at("tiers"), message);
            problems.push(problem.help(help));
        }
        problems
    }
}
