//! Everything a review rests on: the same walk, remembered.

use serde::{Deserialize, Serialize};

use crate::history::HistoryView;
use crate::lifecycle::StageExplanation;
use crate::metrics::lifetime::PredictionMeasure;
use crate::model::{Currency, Day, Fingerprint, Unit};
use crate::rules::language::{Amount, English, Language, Phrase, Words};
use crate::rules::{Covered, Found};
use crate::scoring::PointLog;
use crate::scoring::points::Outcome;
use crate::summary::Window;
use crate::tiering;

use super::bind::{RFM_COLUMNS, SEGMENT, STAGE};
use super::movement::Moved;
use super::population::Population;
use super::review::Assessment;
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
    /// The stage and the transitions that led there; `None` if the policy has no lifecycle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageExplanation>,
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

/// What a review rested on beside the row: whose history, and the logs after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence<'b> {
    pub(super) history: Source<'b>,
    /// In the order of the policy's point scores.
    pub(super) logs: &'b [PointLog],
    /// What movement did; `None` if the policy has none.
    pub(super) moved: Option<&'b Moved>,
}

/// Where the history is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'b> {
    One(HistoryView<'b>),
    /// At that position; looked up when somebody asks.
    Of(&'b Population, usize),
}

impl Evidence<'_> {
    /// The day of the customer's first record.
    fn first_record(&self) -> Option<Day> {
        let first = match self.history {
            Source::One(history) => history.epoch_days().first().copied(),
            Source::Of(population, position) => {
                let (_, history) = population.histories().at(position)?;
                history.epoch_days().first().copied()
            }
        };
        Day::from_epoch_days(first?).ok()
    }
}

impl Engine {
    /// What a column is by the library's own name, and which days its number covers at `as_of`.
    fn trace(
        &self,
        column: &str,
        as_of: Day,
        first_record: Option<Day>,
    ) -> Option<(&str, Option<Covered>)> {
        let covered = |window| Some(Covered::new(window, as_of, first_record));
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
            .chain(self.life.is_some().then_some(STAGE))
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
        let first_record = self.evidence().first_record();
        let trace = |column: &str| engine.trace(column, as_of, first_record);

        let mut tier = engine.ladder.explain_as(row, Some(self.decision()));
        let mut stage = engine
            .life
            .as_ref()
            .map(|life| life.cycle.explain(row, as_of, self.before()));
        let of_stage = stage.iter_mut().flat_map(StageExplanation::conditions_mut);
        for condition in tier.conditions_mut().chain(of_stage) {
            if let Some((measure, covered)) = trace(&condition.column) {
                condition.trace(measure, covered);
            }
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
            stage,
            scores: scores
                .filter_map(|score| self.explain_score(score, trace))
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

    fn explain_score<'e>(
        &self,
        score: &Score,
        trace: impl Fn(&str) -> Option<(&'e str, Option<Covered>)>,
    ) -> Option<ScoreExplanation> {
        let (engine, row) = (self.engine(), self.row());
        let decomposition = score.frozen.as_ref()?.decompose(row);
        let parts = decomposition.parts.iter().map(|part| {
            let slot = engine.slot(part.column);
            let unit = slot.and_then(|slot| engine.schema.field(slot)?.unit());
            let (measure, covered) = trace(part.column).unzip();
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
        ladder
            .explain_as(self.row(), Some(self.decision()))
            .reason()
    }
}

impl Explanation {
    /// All of it as lines of text in a language.
    ///
    /// ```
    /// # use customer_value::engine::{Engine, Policy, Standing};
    /// # use customer_value::history::History;
    /// # use customer_value::ledger::{Effect, Options};
    /// # use customer_value::metrics::Catalog;
    /// # use customer_value::model::{Currency, Transaction};
    /// use customer_value::rules::language::Chinese;
    ///
    /// let policy: Policy = toml::from_str(r#"
    ///     head = { name = "two tiers", version = "1", currency = "CNY" }
    ///     tiers = [{ name = "gold", when = "spend >= 500" }, { name = "member" }]
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    ///
    /// let today = "2024-06-30".parse()?;
    /// let mut history = History::new(engine.layout().clone());
    /// let purchase = Transaction::purchase(7, "2024-05-01".parse()?, "312.50 CNY".parse()?)?;
    /// history.add(&Effect::of(&purchase, &Options::new(today, Currency::CNY)).unwrap())?;
    /// let mut buffer = engine.buffer();
    /// let (_, found) = engine.review(&history, Standing::default(), today, &mut buffer);
    ///
    /// let text = found.explain().text(&Chinese);
    /// let mut lines = text.lines();
    /// assert_eq!(
    ///     lines.next(),
    ///     Some("等级  member：升入 gold 需满足：消费金额 312.50 CNY，需达到 500 CNY（还差 187.50 CNY）"),
    /// );
    /// assert_eq!(
    ///     lines.next(),
    ///     Some("      gold：[不成立] 消费金额 312.50 CNY，需达到 500 CNY（还差 187.50 CNY），\
    ///           统计区间 2024年5月1日至2024年6月30日（全部历史）"),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let words = &self.words(language);
        let mut out = String::new();
        let mut line = |level: usize, text: String| {
            // Under the text behind the name of a line, which is six letters wide.
            let indent = if level == 0 { 0 } else { 4 + 2 * level };
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(&text);
            out.push('\n');
        };
        self.tier.say_lines(words, &mut line);
        if let Some(stage) = &self.stage {
            stage.say_lines(words, &mut line);
        }
        for score in &self.scores {
            score.say_lines(words, &mut line);
        }
        for points in &self.points {
            points.say_lines(words, &mut line);
        }
        line(
            0,
            words.say(&Phrase::By {
                policy: &self.policy,
                version: &self.policy_version,
                fingerprint: &self.fingerprint.to_string(),
                day: self.as_of,
                currency: self.currency.code(),
            }),
        );
        out
    }

    /// The decision in one line, in a language.
    #[must_use]
    pub fn reason(&self, language: &dyn Language) -> String {
        self.tier.say_reason(&self.words(language))
    }

    fn words<'l>(&self, language: &'l dyn Language) -> Words<'l> {
        Words {
            language,
            currency: Some(self.currency),
        }
    }
}

impl ScoreExplanation {
    fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let name = &self.name;
        line(
            0,
            words.say(&match self.score {
                Some(score) => Phrase::Score { name, score },
                None => Phrase::ScoreMissing { name },
            }),
        );
        for part in &self.parts {
            let of = part.measure.as_deref();
            let mut said = words.say(&Phrase::Part {
                points: &words.signed(part.contribution),
                name: &words.name(&part.column, of),
                found: words.found(&part.found, part.unit, of.unwrap_or(&part.column)),
                weight: &words.rounded(part.share * 100.0),
            });
            if let Some(place) = part.place {
                let at = Amount::new(place, None);
                said = words.with(&said, &words.say(&Phrase::OnScale { at }));
            }
            line(1, words.over(said, part.covered.as_ref()));
        }
    }
}

impl PointsExplanation {
    fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let (name, points) = (&self.name, self.points);
        line(0, words.say(&Phrase::Points { name, points }));
        for each in &self.lines {
            let outcome = words.say(&match each.outcome {
                Outcome::Given => Phrase::Given {},
                Outcome::Capped => Phrase::Capped {},
                Outcome::AlreadyGiven => Phrase::AlreadyGiven {},
                Outcome::CoolingDown(until) => Phrase::CoolingDown { until },
                Outcome::Over => Phrase::Passed {},
                Outcome::UnknownRule => Phrase::UnknownRule {},
            });
            line(
                1,
                words.say(&Phrase::PointLine {
                    points: &words.signed(each.points),
                    rule: &each.rule,
                    day: each.day,
                    outcome: &outcome,
                }),
            );
        }
    }
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text(&English))
    }
}
