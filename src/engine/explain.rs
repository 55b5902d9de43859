//! Everything a review rests on: the same walk, remembered.

use serde::{Deserialize, Serialize};

use crate::lifecycle::StageExplanation;
use crate::lifecycle::churn::{CHURN, Verdict};
use crate::lifecycle::exit::{ExitExplanation, ExitRecord};
use crate::metrics::lifetime::PredictionMeasure;
use crate::model::{Currency, Day, Fingerprint, Unit};
use crate::rules::segments::SegmentExplanation;
use crate::rules::{Condition, Covered, Found};
use crate::scoring::PointLog;
use crate::scoring::points::Outcome;
use crate::summary::Window;
use crate::tiering::{self, Holding, Movement, QUALIFYING, TierEvent};

use super::assessment::Assessment;
use super::bind::{EXIT, RFM_COLUMNS, SEGMENT, STAGE};
use super::bulk::Reviews;
use super::fill::Input;
use super::movement::Moved;
use super::outlook::Projection;
use super::review::Subject;
use super::standing::Standing;
use super::{Engine, Score};

/// Why a customer is in a tier and in a stage, and what the scores are made of. Plain data; as text by
/// [`text`](Self::text), in English by `Display`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The name of the policy.
    pub policy: String,
    /// The version of the policy.
    pub policy_version: String,
    /// The fingerprint of the policy: what it said, whatever its version says.
    pub fingerprint: Fingerprint,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The day of the review.
    pub as_of: Day,
    /// The tier, every condition with its value, and what is missing for the next.
    pub tier: tiering::Explanation,
    /// By when to keep this tier, what is missing for that, and what happens otherwise; `None` without movement, and where no
    /// review comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Projection>,
    /// What changed about the tier since the review before, in order; without movement there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<TierEvent>,
    /// The stage and the transitions that led there; `None` if the policy has no lifecycle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageExplanation>,
    /// How far the customer has gone, and how that is told; `None` if the policy does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub churn: Option<Verdict>,
    /// Each segment, and why the customer is in it or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentExplanation>,
    /// Where the customer is on the exit ladder, and what keeps them from the next step; `None` if the policy has no ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitExplanation>,
    /// What each weighted score is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreExplanation>,
    /// What each point score is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<PointsExplanation>,
}

/// What a weighted score is made of: the contributions, added in order, are the score to the last bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreExplanation {
    /// The name of the score.
    pub name: String,
    /// The score, 0 to 100; `None` when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Its parts, in the order of the policy.
    pub parts: Vec<PartExplanation>,
}

/// What one part brings to a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartExplanation {
    /// The column.
    pub column: String,
    /// What the column is, by the library's own name; as [`Condition::measure`](crate::rules::Condition::measure).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The unit of the column; `None` for words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What the customer has there.
    pub found: Found,
    /// The days that the column's number covers; `None` for what has no window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<Covered>,
    /// Where that is on the scale, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<f64>,
    /// The weight as a share of the weights that count for this customer.
    pub share: f64,
    /// The points of the score.
    pub contribution: f64,
}

/// What a point score is made of: the points of the lines, added in order, are the score to the last bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsExplanation {
    /// The name of the score.
    pub name: String,
    /// The sum of the lines.
    pub points: f64,
    /// The log after the review, replayed: one line for each rule and day.
    pub lines: Vec<PointExplanation>,
}

/// What one trigger brings to a point score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointExplanation {
    /// The rule.
    pub rule: String,
    /// The day of the trigger.
    pub day: Day,
    /// What it is worth on the day of the review.
    pub points: f64,
    /// What became of it on its day.
    pub outcome: Outcome,
}

/// What a review rested on beside the row: of whom, and what it left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence<'b> {
    pub(super) source: Source<'b>,
    /// In the order of the policy's point scores.
    pub(super) logs: &'b [PointLog],
    /// What movement did; `None` if the policy has none.
    pub(super) moved: Option<&'b Moved>,
    /// What the standing of one customer says.
    pub(super) enrolled: Option<Day>,
    /// What was remembered of the exit ladder, where the review changed it.
    pub(super) left: Option<&'b ExitRecord>,
}

/// Who was reviewed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'b> {
    One(Subject<'b>),
    /// At that position; looked up when somebody asks.
    Of(&'b Reviews<'b>, usize),
}

impl<'b> Source<'b> {
    /// What is known of the customer, but for the id.
    pub(super) fn input(self) -> Option<Input<'b>> {
        Some(match self {
            Source::One(subject) => subject.input(),
            Source::Of(reviews, position) => {
                let population = reviews.population();
                let (_, history) = population.histories().at(position)?;
                let attempts = population.attempts(position);
                Subject::new(history).with_attempts(attempts).input()
            }
        })
    }

    /// The day of the customer's first transaction.
    fn first_trade(self) -> Option<Day> {
        self.input()?.first_trade()
    }
}

/// What it takes to say which days a number covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traced {
    pub(super) as_of: Day,
    pub(super) first_record: Option<Day>,
    /// What the qualifying metric is made of.
    pub(super) qualifying: Option<Covered>,
}

impl Engine {
    /// Says of conditions what their columns are, and which days they cover.
    pub(super) fn trace_all<'c>(
        &self,
        conditions: impl IntoIterator<Item = &'c mut Condition>,
        traced: &Traced,
    ) {
        for condition in conditions {
            if let Some((measure, covered)) = self.trace(&condition.column, traced) {
                condition.trace(measure, covered);
            }
        }
    }

    /// What a column is by the library's own name, and which days its number covers.
    fn trace(&self, column: &str, traced: &Traced) -> Option<(&str, Option<Covered>)> {
        if let (QUALIFYING, Some(measure)) = (column, self.qualifying_measure()) {
            return Some((measure, traced.qualifying));
        }
        let covered = |window| Some(Covered::new(window, traced.as_of, traced.first_record));
        if let Some(measured) = self.metrics.iter().find(|m| m.metric.name() == column) {
            let spec = self.policy.metrics.iter().find(|s| s.name() == column);
            let measure = spec.map_or(measured.metric.name(), |spec| &spec.measure);
            return Some((measure, covered(measured.metric.window())));
        }
        let predicted = PredictionMeasure::ALL
            .iter()
            .map(|m| m.name())
            .find(|name| self.prediction.is_some() && *name == column);
        if let Some(measure) = predicted {
            return Some((measure, covered(Window::Lifetime)));
        }
        let made = RFM_COLUMNS.into_iter().chain([SEGMENT]);
        made.filter(|_| self.rfm.is_some())
            .chain(self.churn.is_some().then_some(CHURN))
            .chain(self.life.is_some().then_some(STAGE))
            .chain(self.exit.is_some().then_some(EXIT))
            .find(|name| *name == column)
            .map(|name| (name, None))
    }
}

impl Assessment<'_> {
    /// Everything the review rests on.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        let engine = self.engine();
        let row = self.row();
        let as_of = self.as_of();
        let traced = &self.traced();

        let mut tier = engine.ladder.explain_as(row, self.holding());
        let mut stage = engine
            .life
            .as_ref()
            .map(|life| life.cycle.explain(row, as_of, self.found().before));
        let of_stage = stage.iter_mut().flat_map(StageExplanation::conditions_mut);
        engine.trace_all(tier.conditions_mut().chain(of_stage), traced);
        let segments = engine.segments.iter();
        let mut segments: Vec<_> = segments.map(|segment| segment.explain(row)).collect();
        for segment in &mut segments {
            engine.trace_all(&mut segment.conditions, traced);
        }
        let scores = engine.scores.iter();
        let logs = engine.points.iter().zip(self.evidence().logs);
        let head = &engine.policy().head;
        Explanation {
            policy: head.name.clone(),
            policy_version: head.version.clone(),
            fingerprint: engine.fingerprint(),
            currency: head.currency,
            as_of,
            tier,
            ahead: self.ahead(),
            events: self.events(),
            stage,
            churn: self.churn_verdict(),
            segments,
            exit: self.explain_exit(),
            scores: scores
                .filter_map(|score| self.explain_score(score, traced))
                .collect(),
            points: logs
                .map(|(points, log)| PointsExplanation {
                    name: points.name.clone(),
                    points: points.book.total(log, as_of),
                    lines: points
                        .book
                        .lines(log, as_of)
                        .map(|line| PointExplanation {
                            rule: line.rule.to_owned(),
                            day: line.day,
                            points: line.points,
                            outcome: line.award.outcome,
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    /// What it takes to say which days the numbers of this review cover.
    pub(super) fn traced(&self) -> Traced {
        Traced {
            as_of: self.as_of(),
            first_record: self.evidence().source.first_trade(),
            qualifying: self.evidence().moved.and_then(|moved| moved.covered),
        }
    }

    /// How movement left the tier.
    fn holding(&self) -> Option<Holding<'_>> {
        Some(Holding {
            decision: self.decision(),
            movement: self.engine().movement()?,
            tenure: self.evidence().moved?.record.as_ref()?.tenure.as_ref()?,
            as_of: self.as_of(),
        })
    }

    /// What lies ahead after this review: the same as [`Engine::project`] says of the standing that it left.
    fn ahead(&self) -> Option<Projection> {
        let (engine, evidence) = (self.engine(), self.evidence());
        let record = evidence.moved?.record?;
        let mut buffer = engine.buffer();
        match evidence.source {
            Source::One(subject) => {
                let step = self.found().step;
                let life = engine.life.as_ref();
                let logs = engine.points.iter().zip(evidence.logs);
                let standing = Standing {
                    reviewed: Some(self.as_of()),
                    enrolled: evidence.enrolled,
                    tier: Some(Movement::record(&engine.ladder, &record)),
                    stage: life.and_then(|life| Some(life.cycle.record(&step?, None))),
                    points: logs.map(|(p, log)| (p.name.clone(), log.clone())).collect(),
                    ..Standing::default()
                };
                engine.project(subject, &standing, self.as_of(), &mut buffer)
            }
            Source::Of(reviews, position) => {
                let population = reviews.population();
                let (id, history) = population.histories().at(position)?;
                let subject = Subject::new(history).with_id(&id);
                let subject = match population.customer(position) {
                    Some(customer) => subject.with_customer(customer),
                    None => subject,
                };
                let standing = reviews.standing(position)?;
                engine.project(subject, &standing, self.as_of(), &mut buffer)
            }
        }
    }

    fn explain_score(&self, score: &Score, traced: &Traced) -> Option<ScoreExplanation> {
        let (engine, row) = (self.engine(), self.row());
        let decomposition = score.frozen.as_ref()?.decompose(row);
        let parts = decomposition.parts.iter().map(|part| {
            let slot = engine.slot(part.column);
            let unit = slot.and_then(|slot| engine.schema.field(slot)?.unit());
            let (measure, covered) = engine.trace(part.column, traced).unzip();
            PartExplanation {
                column: part.column.to_owned(),
                measure: measure.map(str::to_owned),
                unit,
                found: slot.map_or(Found::Missing, |slot| Found::of(row, slot, unit)),
                covered: covered.flatten(),
                place: part.place,
                share: part.share,
                contribution: part.contribution,
            }
        });
        Some(ScoreExplanation {
            name: score.name.clone(),
            score: decomposition.score,
            parts: parts.collect(),
        })
    }

    /// The decision in one line: the conditions that put the customer into the tier, with their values.
    #[must_use]
    pub fn reason(&self) -> String {
        let ladder = &self.engine().ladder;
        ladder.explain_as(self.row(), self.holding()).reason()
    }
}
