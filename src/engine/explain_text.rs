//! Explanations in words.

use std::cmp::Ordering;

use crate::model::Days;
use crate::rules::language::{
    Amount, English, FramePhrase, Language, MovementPhrase, ScorePhrase, SegmentPhrase, WordPhrase,
    Words,
};
use crate::scoring::points::Outcome;
use crate::tiering;

use super::explain::{Explanation, PointsExplanation, ScoreExplanation};
use super::outlook::Projection;

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
        if let Some(ahead) = &self.ahead {
            ahead
                .say(&self.tier, words)
                .into_iter()
                .for_each(|said| line(0, said));
        }
        for event in &self.events {
            event.say_lines(language, &mut line);
        }
        if let Some(stage) = &self.stage {
            stage.say_lines(words, &mut line);
        }
        if let Some(churn) = &self.churn {
            churn.say_lines(words, &mut line);
        }
        for segment in &self.segments {
            let (name, truth) = (&segment.name, segment.truth);
            line(0, words.say(SegmentPhrase::Is { name, truth }));
            for condition in &segment.conditions {
                line(1, words.judged(condition));
            }
        }
        if let Some(exit) = &self.exit {
            exit.say_lines(words, &mut line);
        }
        for score in &self.scores {
            score.say_lines(words, &mut line);
        }
        for points in &self.points {
            points.say_lines(words, &mut line);
        }
        line(
            0,
            words.say(FramePhrase::By {
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

impl Projection {
    /// What is told of it beside the reason for being in a tier; `None` if that says it all.
    fn say(&self, explained: &tiering::Explanation, words: &Words<'_>) -> Option<String> {
        let rank = |name: &str| explained.tiers.iter().rposition(|t| t.tier == name);
        let (tier, projected, day) = (&self.tier, &self.projected, self.review);
        let by = day.minus(Days::new(1));
        let lacking = self.to_keep.iter();
        let lacking = lacking.map(|c| words.with_change(words.sentence(c), c));
        let conditions = &words.join(lacking, WordPhrase::And {});
        // Best first.
        Some(
            words.say(match rank(projected).cmp(&rank(tier)) {
                Ordering::Greater => MovementPhrase::Keep {
                    tier,
                    conditions,
                    by,
                    projected,
                    day,
                    grace: self.grace,
                },
                Ordering::Equal
                    if explained
                        .tiers
                        .last()
                        .is_some_and(|base| base.tier == *tier) =>
                {
                    return None;
                }
                Ordering::Equal => MovementPhrase::Safe { tier, by },
                Ordering::Less if explained.upcoming().is_some() => return None,
                Ordering::Less => MovementPhrase::Ahead {
                    tier: projected,
                    day,
                },
            }),
        )
    }
}

impl ScoreExplanation {
    fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let name = &self.name;
        line(
            0,
            words.say(match self.score {
                Some(score) => ScorePhrase::Score { name, score },
                None => ScorePhrase::ScoreMissing { name },
            }),
        );
        for part in &self.parts {
            let of = part.measure.as_deref();
            let mut said = words.say(ScorePhrase::Part {
                points: &words.signed(part.contribution),
                name: &words.name(&part.column, of),
                found: words.found(&part.found, part.unit, of.unwrap_or(&part.column)),
                weight: &words.rounded(part.share * 100.0),
            });
            if let Some(place) = part.place {
                let at = Amount::new(place, None);
                said = words.with(&said, &words.say(ScorePhrase::OnScale { at }));
            }
            let covered = part.covered.as_ref();
            line(
                1,
                words.over(said, covered, part.unit, of.unwrap_or(&part.column)),
            );
        }
    }
}

impl PointsExplanation {
    fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let (name, points) = (&self.name, self.points);
        line(0, words.say(ScorePhrase::Points { name, points }));
        for each in &self.lines {
            let outcome = words.say(match each.outcome {
                Outcome::Given => ScorePhrase::Given {},
                Outcome::Capped => ScorePhrase::Capped {},
                Outcome::AlreadyGiven => ScorePhrase::AlreadyGiven {},
                Outcome::CoolingDown(until) => ScorePhrase::CoolingDown { until },
                Outcome::Over => ScorePhrase::Passed {},
                Outcome::UnknownRule => ScorePhrase::UnknownRule {},
            });
            line(
                1,
                words.say(ScorePhrase::PointLine {
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
