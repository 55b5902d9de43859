//! What one review found of one customer.

use crate::lifecycle::Taken;
use crate::lifecycle::churn::{ChurnLevel, Verdict};
use crate::lifecycle::exit::{ExitEvent, ExitExplanation, ExitOutcome};
use crate::model::Day;
use crate::rules::Truth;
use crate::rules::segments::Segment;
use crate::table::Row;
use crate::tiering::{Decision, Tenure, TierEvent, TierId};

use super::Engine;
use super::explain::Evidence;
use super::review::{Changed, Found};

/// What one review found.
#[derive(Debug, Clone, Copy)]
pub struct Assessment<'b> {
    engine: &'b Engine,
    row: Row<'b>,
    found: Found,
    as_of: Day,
    changed: Changed,
    evidence: Evidence<'b>,
}

impl<'b> Assessment<'b> {
    pub(super) fn new(
        engine: &'b Engine,
        row: Row<'b>,
        found: Found,
        as_of: Day,
        changed: Changed,
        evidence: Evidence<'b>,
    ) -> Self {
        Self {
            engine,
            row,
            found,
            as_of,
            changed,
            evidence,
        }
    }

    /// The day of the review.
    #[must_use]
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The tier's name.
    #[must_use]
    pub fn tier(&self) -> &'b str {
        self.engine.ladder.name(self.found.decision.tier)
    }

    /// The tier, what it rests on, and what could not be judged.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.found.decision
    }

    /// The tier is another one than at the review before; `false` at the first review.
    #[must_use]
    pub fn tier_changed(&self) -> bool {
        self.changed.tier
    }

    /// What changed about the tier since the review before, in order: the audit trail of this review. Empty if the policy has no
    /// movement.
    #[must_use]
    pub fn events(&self) -> Vec<TierEvent> {
        let Some(moved) = self.evidence.moved else {
            return Vec::new();
        };
        let mut events = moved.made_up.clone();
        if !moved.noted.is_empty() {
            let traced = self.traced();
            let today = moved.noted.iter();
            events.extend(today.map(|told| self.engine.event(self.row, told, &traced)));
        }
        events
    }

    /// How the earned tier is held; `None` if the policy has no movement.
    #[must_use]
    pub fn tenure(&self) -> Option<Tenure<TierId>> {
        self.evidence.moved?.record?.tenure
    }

    /// The stage's name; `None` if the policy has no lifecycle.
    #[must_use]
    pub fn stage(&self) -> Option<&'b str> {
        let life = self.engine.life.as_ref()?;
        Some(life.cycle.name(self.found.step?.position.stage))
    }

    /// The day from which the stage holds.
    #[must_use]
    pub fn stage_since(&self) -> Option<Day> {
        Some(self.found.step?.position.since)
    }

    /// The stage is another one than at the review before; `false` at the first review.
    #[must_use]
    pub fn stage_changed(&self) -> bool {
        self.changed.stage
    }

    /// The transitions that this review made, in order, each with what it rests on and the actions that follow from it: what
    /// there is to do, and the audit trail. Empty if the customer has not moved.
    #[must_use]
    pub fn stage_moves(&self) -> Vec<Taken> {
        let engine = self.engine;
        let Some(life) = engine
            .life
            .as_ref()
            .filter(|_| self.found.step.is_some_and(|s| s.by.is_some()))
        else {
            return Vec::new();
        };
        let mut explained = life.cycle.explain(self.row, self.as_of, self.found.before);
        engine.trace_all(explained.conditions_mut(), &self.traced());
        explained.taken
    }

    /// How far the customer has gone; `None` if the policy does not say how to tell.
    #[must_use]
    pub fn churn(&self) -> Option<ChurnLevel> {
        let churn = self.engine.churn.as_ref()?;
        Some(churn.churn.level(self.row))
    }

    /// How far the customer has gone, and what that rests on; `None` if the policy does not say how to tell.
    #[must_use]
    pub fn churn_verdict(&self) -> Option<Verdict> {
        let churn = self.engine.churn.as_ref()?;
        Some(churn.churn.verdict(self.row))
    }

    /// The step of the exit ladder that the customer is on; `None` if on none.
    #[must_use]
    pub fn exit(&self) -> Option<&'b str> {
        let exit = self.engine.exit.as_ref()?;
        let step = self.found.exit?.position?.step?;
        Some(exit.ladder.name(step))
    }

    /// What this review changed about the exit ladder, in order: the audit trail.
    #[must_use]
    pub fn exit_events(&self) -> Vec<ExitEvent> {
        let (Some(exit), Some(outcome)) = (
            &self.engine.exit,
            self.found.exit.filter(ExitOutcome::changed),
        ) else {
            return Vec::new();
        };
        let policy = self.engine.policy_ref();
        let mut events =
            (exit.ladder).events(self.row, self.as_of, self.evidence.left, &outcome, &policy);
        let conditions = events.iter_mut().flat_map(ExitEvent::conditions_mut);
        self.engine.trace_all(conditions, &self.traced());
        events
    }

    /// Where the customer is on the exit ladder, what comes next, and what holds it; `None` if the policy has none.
    pub(super) fn explain_exit(&self) -> Option<ExitExplanation> {
        let exit = self.engine.exit.as_ref()?;
        let input = self.evidence.source.input()?;
        let mut explained = (exit.ladder).explain(self.row, self.as_of, self.found.below, |from| {
            input.uplifts(from, self.as_of)
        });
        self.engine
            .trace_all(explained.conditions_mut(), &self.traced());
        Some(explained)
    }

    /// The names of the segments that the customer is known to be in, in the order of the policy.
    pub fn segments(&self) -> impl Iterator<Item = &'b str> {
        let row = self.row;
        let all = self.engine.segments.iter();
        all.filter(move |segment| segment.truth(row) == Truth::True)
            .map(Segment::name)
    }

    /// The number in a column, by name: a metric, a score, an attribute. `None` when not known, or if there is no such
    /// column of numbers.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        let slot = self.engine.schema.slot(column)?;
        self.engine.schema.field(slot)?.unit()?;
        self.row.number(slot)
    }

    /// The word in a column, by name: the segment, the stage, an attribute. `None` when not known, or if there is no such
    /// column of words.
    #[must_use]
    pub fn category(&self, column: &str) -> Option<&'b str> {
        self.row.category(self.engine.schema.slot(column)?)
    }

    /// The whole row; its columns are those of [`Engine::schema`].
    #[must_use]
    pub fn row(&self) -> Row<'b> {
        self.row
    }

    pub(super) fn found(&self) -> Found {
        self.found
    }

    pub(super) fn evidence(&self) -> Evidence<'b> {
        self.evidence
    }

    pub(super) fn engine(&self) -> &'b Engine {
        self.engine
    }
}
