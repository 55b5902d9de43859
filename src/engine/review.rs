//! One customer: (History, Standing, day) → (Standing, Assessment).

use std::sync::Arc;

use crate::Error;
use crate::history::{History, HistoryView, IdRef, Layout};
use crate::lifecycle::churn::{ChurnLevel, Verdict};
use crate::lifecycle::exit::{ExitEvent, ExitExplanation, ExitOutcome, ExitPosition, ExitRecord};
use crate::lifecycle::{Position, StageId, StageRecord, Step, Taken};
use crate::metrics::lifetime::PredictionMeasure;
use crate::model::{Attempt, Customer, CustomerId, Day, Unit};
use crate::rules::Truth;
use crate::rules::segments::Segment;
use crate::table::{Row, Table};
use crate::tiering::{Decision, Movement, Tenure, TierEvent, TierId, TierRecord};

use super::Engine;
use super::explain::{Evidence, Source};
use super::fill::{Input, Logs, Outcomes};
use super::movement::Moved;
use super::standing::Standing;

/// What is known of the customer under review: a history, and perhaps an id and attributes.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    id: Option<&'a CustomerId>,
    history: HistoryView<'a>,
    customer: Option<&'a Customer>,
    attempts: &'a [Attempt],
}

impl<'a> Subject<'a> {
    /// Only the history is known.
    #[must_use]
    pub fn new(history: HistoryView<'a>) -> Self {
        Self {
            id: None,
            history,
            customer: None,
            attempts: &[],
        }
    }

    /// Also the id; metrics that look the customer up elsewhere (referral weights) need it.
    #[must_use]
    pub fn with_id(mut self, id: &'a CustomerId) -> Self {
        self.id = Some(id);
        self
    }

    /// Also the attributes, and with them the id.
    #[must_use]
    pub fn with_customer(mut self, customer: &'a Customer) -> Self {
        self.id = Some(customer.id());
        self.customer = Some(customer);
        self
    }

    /// Also what was tried with the customer: all attempts, in any order; the exit ladder asks for them.
    #[must_use]
    pub fn with_attempts(mut self, attempts: &'a [Attempt]) -> Self {
        self.attempts = attempts;
        self
    }
}

impl<'a> Subject<'a> {
    pub(super) fn input(self) -> Input<'a> {
        Input {
            id: self.id.map(IdRef::Id),
            history: self.history,
            customer: self.customer,
            standing: None,
            attempts: self.attempts,
            making_up: None,
            foreseen: false,
        }
    }
}

impl<'a> From<HistoryView<'a>> for Subject<'a> {
    fn from(history: HistoryView<'a>) -> Self {
        Self::new(history)
    }
}

impl<'a> From<&'a History> for Subject<'a> {
    fn from(history: &'a History) -> Self {
        Self::new(history.view())
    }
}

/// Room for the columns of one review, to be used again and again: then a review allocates nothing.
#[derive(Debug, Clone)]
pub struct Buffer {
    pub(super) table: Table,
    pub(super) outcomes: Outcomes,
    logs: Logs,
    /// What was remembered of the exit ladder, where the review changed it.
    left: Option<ExitRecord>,
}

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

/// What was decided about one customer, and where the lifecycle began.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    pub(super) decision: Decision,
    pub(super) before: Option<Position>,
    pub(super) step: Option<Step>,
    pub(super) below: Option<ExitPosition>,
    pub(super) exit: Option<ExitOutcome>,
}

/// Where a customer was before a review: `None` if nothing is remembered, and within it if this policy does not know it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places {
    tier: Option<Option<TierId>>,
    stage: Option<Option<StageId>>,
}

impl Places {
    /// What is another one now.
    pub(super) fn changed(self, found: &Found) -> Changed {
        let stage = found.step.map(|step| step.position.stage);
        Changed {
            tier: self.tier.is_some_and(|t| t != Some(found.decision.tier)),
            stage: stage.is_some() && self.stage.is_some_and(|before| before != stage),
        }
    }
}

/// What is another one than at the review before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Changed {
    pub(super) tier: bool,
    pub(super) stage: bool,
}

impl Engine {
    /// Room for the columns of one review.
    #[must_use]
    pub fn buffer(&self) -> Buffer {
        Buffer {
            table: Table::new(Arc::clone(&self.schema), 1),
            outcomes: Outcomes::default(),
            logs: Logs::default(),
            left: None,
        }
    }

    /// Reviews one customer on a day: the standing before it, and after it, with what was found.
    ///
    /// A history that lacks a fact of [`layout`](Self::layout) leaves what depends on it missing, and so does one in another
    /// currency: of such, all amounts are. [`check_layout`](Self::check_layout) tells beforehand.
    ///
    /// Reviewing again on the same day changes nothing, and with movement a review of a day before the last one says of the tier what
    /// is known since, and changes nothing of it. With a buffer that was used before, a review in which neither tier
    /// nor stage change allocates nothing, unless the policy has point scores.
    ///
    /// ```
    /// # use customer_value::engine::{Engine, Policy, Standing};
    /// # use customer_value::history::History;
    /// # use customer_value::ledger::{Effect, Options};
    /// # use customer_value::metrics::Catalog;
    /// # use customer_value::model::{Currency, Transaction};
    /// let policy: Policy = toml::from_str(r#"
    ///     [head]
    ///     name = "two tiers"
    ///     version = "1"
    ///     currency = "EUR"
    ///
    ///     [[tiers]]
    ///     name = "gold"
    ///     when = "spend >= 100 and days_since_last <= 90"
    ///
    ///     [[tiers]]
    ///     name = "member"
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    ///
    /// let today = "2024-06-30".parse()?;
    /// let mut history = History::new(engine.layout().clone());
    /// let purchase = Transaction::purchase(7, "2024-05-01".parse()?, "120.00 EUR".parse()?)?;
    /// history.add(&Effect::of(&purchase, &Options::new(today, Currency::EUR)).unwrap())?;
    ///
    /// let mut buffer = engine.buffer();
    /// let (standing, assessment) = engine.review(&history, Standing::default(), today, &mut buffer);
    /// assert_eq!(assessment.tier(), "gold");
    /// assert_eq!(assessment.reason(), "gold: spend 120.00 >= 100, days_since_last 60 <= 90");
    /// assert_eq!(standing.tier().unwrap().since, today);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn review<'b>(
        &'b self,
        subject: impl Into<Subject<'b>>,
        mut standing: Standing,
        as_of: Day,
        buffer: &'b mut Buffer,
    ) -> (Standing, Assessment<'b>) {
        let subject = subject.into();
        self.fit_buffer(buffer);
        let before = self.places(&standing);
        let input = subject.input();
        let made_up = self.make_up(&input, &mut standing, as_of, buffer);
        let found = self.review_day(&input, &mut standing, as_of, buffer, None);
        if let Some(moved) = buffer.outcomes.moves.first_mut() {
            moved.made_up = made_up;
        }
        let changed = before.changed(&found);
        let evidence = Evidence {
            source: Source::One(subject),
            logs: &buffer.logs,
            left: buffer.left.as_ref(),
            moved: buffer.outcomes.moves.first(),
            enrolled: standing.enrolled,
        };
        let row = buffer.table.row(0);
        let assessment = Assessment::new(self, row, found, as_of, changed, evidence);
        (standing, assessment)
    }

    /// A buffer of another engine is of no use here.
    pub(super) fn fit_buffer(&self, buffer: &mut Buffer) {
        if !std::ptr::eq(buffer.table.schema(), Arc::as_ptr(&self.schema)) {
            *buffer = self.buffer();
        }
    }

    /// Reviews one customer at the close of a day, and brings the standing up to date. The day of a later review for which it is
    /// made up turns to the next one too.
    pub(super) fn review_day(
        &self,
        input: &Input<'_>,
        standing: &mut Standing,
        day: Day,
        buffer: &mut Buffer,
        making_up: Option<Day>,
    ) -> Found {
        buffer.table.reset(1);
        let inputs = [Input {
            standing: Some(standing),
            making_up,
            ..*input
        }];
        self.measure(&mut buffer.table, &inputs, day);
        if input.history.layout().currency() != self.layout.currency() {
            self.forget_amounts(&mut buffer.table);
        }
        let logs = self.judge(&mut buffer.table, &inputs, day, &mut buffer.outcomes);
        if making_up.is_some() {
            let [input] = &inputs;
            self.turn(input, logs.first(), day, buffer);
        }
        let mut found = buffer.outcomes.at(0).unwrap_or_default();
        if making_up.is_some() {
            // Stages and exit steps are of the day on which somebody looks, so that each is told once.
            (found.step, found.exit) = (None, None);
        }
        let changed = found.exit.is_some_and(|outcome| outcome.changed());
        buffer.left = standing.exit.as_ref().filter(|_| changed).cloned();
        let moved = buffer.outcomes.moves.first();
        buffer.logs = logs.into_iter().next().unwrap_or_default();
        self.remember(standing, &found, moved, buffer.logs.clone(), day);
        found
    }

    /// What another currency's numbers say in this policy's is not known.
    #[cold]
    fn forget_amounts(&self, table: &mut Table) {
        for measured in &self.metrics {
            if matches!(measured.metric.unit(), Unit::Money | Unit::MoneyPer(_)) {
                table.column_mut(measured.slot).set(0, None);
            }
        }
        for (measure, slot) in
            (PredictionMeasure::ALL.iter()).zip(self.prediction.iter().flat_map(|p| p.slots))
        {
            if matches!(measure.unit(), Unit::Money | Unit::MoneyPer(_)) {
                table.column_mut(slot).set(0, None);
            }
        }
    }

    /// Where a standing says that the customer is.
    pub(super) fn places(&self, standing: &Standing) -> Places {
        let ladder = |tier: &str| match &self.mover {
            Some(mover) => mover.movement.named(tier),
            None => self.ladder.tier(tier),
        };
        let life = self.life.as_ref();
        Places {
            tier: standing.tier.as_ref().map(|record| ladder(&record.tier)),
            stage: (standing.stage.as_ref()).map(|s| life.and_then(|l| l.cycle.stage(&s.stage))),
        }
    }

    /// Brings a standing up to date.
    pub(super) fn remember(
        &self,
        standing: &mut Standing,
        found: &Found,
        moved: Option<&Moved>,
        logs: Logs,
        as_of: Day,
    ) {
        match moved.and_then(|moved| Some((moved, moved.record?))) {
            Some((moved, record)) if moved.changed => {
                standing.tier = Some(Movement::record(&self.ladder, &record));
            }
            Some(_) => {}
            None => {
                let tier = self.ladder.name(found.decision.tier);
                let same = |t: &TierRecord| t.tier == tier && t.tenure.is_none();
                if !standing.tier.as_ref().is_some_and(same) {
                    let since = standing.tier.as_ref().filter(|t| t.tier == tier);
                    standing.tier = Some(TierRecord {
                        since: since.map_or(as_of, |t| t.since),
                        tier: tier.to_owned(),
                        tenure: None,
                    });
                }
            }
        }
        if let (Some(life), Some(step)) = (&self.life, found.step) {
            let before: Option<StageRecord> = standing.stage.take();
            standing.stage = Some(life.cycle.record(&step, before));
        }
        if let (Some(exit), Some(outcome)) = (&self.exit, found.exit)
            && outcome.changed()
        {
            let before = standing.exit.take();
            standing.exit = exit.ladder.record(before, &outcome, as_of);
        }
        for (points, log) in self.points.iter().zip(logs) {
            match standing.points.get_mut(&points.name) {
                Some(known) => *known = log,
                None => {
                    standing.points.insert(points.name.clone(), log);
                }
            }
        }
        standing.reviewed = standing.reviewed.max(Some(as_of));
    }

    /// Whether histories with this layout have all that the policy needs.
    ///
    /// # Errors
    /// A fact is missing, or the currency is another one (`is_misuse`).
    pub fn check_layout(&self, layout: &Layout) -> Result<(), Error> {
        if layout.currency() != self.layout.currency() {
            return Err(Error::misuse(format!(
                "the histories are in {} and the policy in {}",
                layout.currency(),
                self.layout.currency()
            )));
        }
        match self
            .layout
            .facts()
            .iter()
            .find(|fact| layout.position(fact).is_none())
        {
            Some(fact) => Err(Error::misuse(format!(
                "the histories lack a fact the policy needs: {fact:?}"
            ))),
            None => Ok(()),
        }
    }
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
