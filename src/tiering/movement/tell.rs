//! Changes in words.

use std::fmt;

use super::change::Change;
use super::event::TierEvent;
use super::overrides::OverrideKind;
use super::record::Counting;
use crate::model::Unit;
use crate::rules::Truth;
use crate::rules::language::{
    self, Amount, ConditionPhrase, English, FramePhrase, Language, MovementPhrase, WordPhrase,
    Words,
};
use crate::tiering::spec::QUALIFYING;

impl TierEvent {
    /// The change in one line, with the conditions it rests on; in English by `Display`.
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
    ///     head = { name = "yearly", version = "1", currency = "CNY" }
    ///     tiers = [{ name = "gold", entry = 500 }, { name = "member" }]
    ///     movement = { qualifying = { measure = "spend" }, term = { end_of = "year", next = true } }
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    /// let mut history = History::new(engine.layout().clone());
    /// let day = "2024-05-01".parse()?;
    /// let (mut buffer, standing) = (engine.buffer(), Standing::default());
    /// let (standing, _) = engine.review(&history, standing, day, &mut buffer);
    /// let purchase = Transaction::purchase(7, day, "600.00 CNY".parse()?)?;
    /// history.add(&Effect::of(&purchase, &Options::new(day, Currency::CNY)).unwrap())?;
    ///
    /// let (_, found) = engine.review(&history, standing, day, &mut buffer);
    /// let upgraded = &found.events()[0];
    /// assert_eq!(
    ///     upgraded.to_string(),
    ///     "upgraded from member to gold on 2024-05-01 (qualifying 600.00 >= 500)",
    /// );
    /// assert_eq!(
    ///     upgraded.text(&Chinese),
    ///     "2024年5月1日起，由 member 升级为 gold（消费金额(qualifying) 600.00 CNY，已达到 500 CNY）",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let words = &self.words(language);
        let said = self.say(words);
        if self.conditions.is_empty() {
            return said;
        }
        let conditions = self.conditions.iter().map(|condition| {
            let sentence = words.sentence(condition);
            match condition.truth {
                Truth::True => sentence,
                truth => words.say(ConditionPhrase::Judged {
                    sentence: &sentence,
                    truth,
                }),
            }
        });
        words.with(&said, &words.join(conditions, WordPhrase::And {}))
    }

    /// The change, then each of its conditions; each with how far it is indented.
    pub(crate) fn say_lines(&self, language: &dyn Language, mut line: impl FnMut(usize, String)) {
        let words = &self.words(language);
        let said = self.say(words);
        let event = &match &self.rule {
            Some(rule) => words.with(&said, rule),
            None => said,
        };
        line(0, words.say(FramePhrase::Event { event }));
        for condition in &self.conditions {
            line(1, words.judged(condition));
        }
    }

    fn words<'l>(&self, language: &'l dyn Language) -> Words<'l> {
        Words {
            language,
            currency: Some(self.policy.currency),
        }
    }

    fn say(&self, words: &Words<'_>) -> String {
        let day = self.day;
        let had = self.before.as_deref().unwrap_or_default();
        // The tier that was earned before, and is still where the change is not one of tiers.
        let from = self.earned.as_deref().unwrap_or(had);
        let (tier, actor) = (from, self.actor.as_deref().unwrap_or_default());
        let reason = self.reason.as_deref().unwrap_or_default();
        match &self.change {
            Change::Assigned(to) => words.say(MovementPhrase::Assigned {
                tier: &to.tier,
                day,
            }),
            Change::Upgraded(to) => words.say(MovementPhrase::Upgraded {
                from,
                to: &to.tier,
                day,
            }),
            Change::Downgraded(to) => words.say(MovementPhrase::Downgraded {
                from,
                to: &to.tier,
                day,
            }),
            Change::Revoked(to) => words.say(MovementPhrase::Revoked {
                from,
                to: &to.tier,
                day,
            }),
            Change::Scheduled(upcoming) => words.say(MovementPhrase::Scheduled {
                from,
                to: &upcoming.tier,
                day,
                begins: upcoming.from,
            }),
            Change::Cancelled => words.say(MovementPhrase::Cancelled { tier, day }),
            Change::Renewed { term, .. } => words.say(MovementPhrase::Renewed {
                tier,
                day,
                until: term.map(|term| term.end),
            }),
            Change::GraceStarted(grace) => words.say(MovementPhrase::GraceStarted {
                tier,
                day,
                until: grace.until,
            }),
            Change::Requalified { term, .. } => words.say(MovementPhrase::Requalified {
                tier,
                day,
                until: term.map(|term| term.end),
            }),
            Change::Recounted(counting) => self.say_recounted(counting, words),
            Change::WillDowngrade { at, .. } => {
                words.say(MovementPhrase::WillDowngrade { tier, day, at: *at })
            }
            Change::OverrideStarted { .. } => {
                let (kind, tier) = self.overriding();
                let said = words.say(MovementPhrase::OverrideStarted {
                    kind,
                    tier,
                    day,
                    until: self.until,
                    actor,
                    reason,
                });
                self.with_tier(said, words)
            }
            Change::OverrideEnded { .. } => {
                let (kind, tier) = self.overriding();
                let said = words.say(MovementPhrase::OverrideEnded { kind, tier, day });
                self.with_tier(said, words)
            }
            Change::Extended { until, .. } => words.say(MovementPhrase::Extended {
                tier,
                day,
                until: *until,
                actor,
                reason,
            }),
            // Of the tier that an override gave, the earned one stays.
            Change::Replaced { tier } if *tier == from => words.say(MovementPhrase::Mapped {
                from: had,
                to: &self.tier,
                day,
            }),
            Change::Replaced { tier } => words.say(MovementPhrase::Mapped {
                from,
                to: tier,
                day,
            }),
            Change::PolicyChanged => words.say(MovementPhrase::PolicyChanged {
                policy: &self.policy.name,
                version: &self.policy.version,
                day,
            }),
            Change::Reviewed => words.say(MovementPhrase::Reviewed { tier, day }),
        }
    }

    fn say_recounted(&self, counting: &Counting, words: &Words<'_>) -> String {
        let measure = self.measure.as_deref();
        let amount = |number| {
            Amount::new(number, self.unit)
                .currency(words.currency)
                .of(measure.unwrap_or(QUALIFYING))
        };
        let name = &words.name(QUALIFYING, measure);
        let before = amount(self.qualifying.unwrap_or(0.0));
        if counting.carry == 0.0 {
            return words.say(MovementPhrase::MetricReset {
                name,
                before,
                day: self.day,
            });
        }
        let days = |days: crate::model::Days| Amount::new(f64::from(days.get()), Unit::Days);
        words.say(MovementPhrase::MetricCarried {
            name,
            before,
            carried: amount(counting.carry),
            half_life: counting.half_life.map(days),
            day: self.day,
        })
    }

    /// What was decided, and about which tier.
    fn overriding(&self) -> (language::Override, &str) {
        use language::Override;
        match &self.decided {
            Some(OverrideKind::Pin(tier)) => (Override::Pin, tier),
            Some(OverrideKind::Floor(tier)) => (Override::Floor, tier),
            Some(OverrideKind::Ceiling(tier)) => (Override::Ceiling, tier),
            Some(OverrideKind::Exclude) => (Override::Exclude, ""),
            // Not among the overrides any more.
            None => (Override::Pin, &self.tier),
        }
    }

    /// With the tier, if the customer has another one than before.
    fn with_tier(&self, said: String, words: &Words<'_>) -> String {
        let tier = &self.tier;
        if self.before.as_ref() == Some(tier) {
            return said;
        }
        words.with(&said, &words.say(MovementPhrase::TierNow { tier }))
    }
}

impl fmt::Display for TierEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&English))
    }
}
