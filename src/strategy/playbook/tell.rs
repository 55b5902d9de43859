//! Plans and due actions in words.

use super::outcome::{DueAction, Suppressed, Suppression, Why};
use super::plan::{Plan, PlanReason};
use crate::model::Days;
use crate::rules::Condition;
use crate::rules::language::{
    Amount, Language, Phrase, PlaybookPhrase as Said, WordPhrase, Words, said_in_english,
};

fn sentences(words: &Words<'_>, conditions: &[Condition]) -> Vec<String> {
    let conditions = conditions.iter();
    conditions.map(|one| words.sentence(one)).collect()
}

/// How many days before or after, and whether before; on the day itself there are none.
fn apart(offset: Days) -> (Option<Amount<'static>>, bool) {
    let days = offset.get();
    // The least `i32` has no positive counterpart.
    let distance = Days::new(days.saturating_abs());
    ((days != 0).then(|| distance.into()), days < 0)
}

impl PlanReason {
    /// The play, and why it is the customer's, in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let words = Words::new(language);
        let tier = self.tier.iter().map(|tier| Said::Tier { tier });
        let stage = self.stage.iter().map(|stage| Said::Stage { stage });
        let segments = self.segments.iter();
        let segments = segments.map(|segment| Said::Segment { segment });
        let named = tier.chain(stage).chain(segments);
        let mut why: Vec<String> = named.map(|phrase| words.say(phrase)).collect();
        why.extend(sentences(&words, &self.conditions));
        if why.is_empty() {
            return self.play.clone();
        }
        words.with(&self.play, &words.join(why, WordPhrase::Semicolon {}))
    }
}

impl Plan {
    /// The play and why it is the customer's, or that it is the basic service, in a language; in English by `Display`. The
    /// [sheet](Self::sheet) has the service too.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        match &self.reason {
            Some(reason) => reason.text(language),
            None => Phrase::from(Said::BasicService {}).text(language),
        }
    }
}

impl Why {
    /// The reason in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let words = Words::new(language);
        match self {
            Self::Cadence { last: None, .. } => words.say(Said::NoContactYet {}),
            Self::Cadence {
                every,
                last: Some(last),
            } => words.say(Said::LastContact {
                last: *last,
                every: (*every).into(),
            }),
            Self::Anniversary {
                date,
                of,
                anniversary,
                offset,
            } => {
                let (offset, before) = apart(*offset);
                words.say(Said::Anniversary {
                    date,
                    of: *of,
                    anniversary: *anniversary,
                    offset,
                    before,
                })
            }
            Self::Date { date, of, offset } => {
                let (offset, before) = apart(*offset);
                words.say(Said::Date {
                    date,
                    of: *of,
                    offset,
                    before,
                })
            }
            Self::Stage { stage, since } => words.say(Said::InStage {
                stage,
                since: *since,
            }),
            Self::Rule {
                since, conditions, ..
            } => {
                let conditions = sentences(&words, conditions);
                let conditions = &words.join(conditions, WordPhrase::Semicolon {});
                let since = *since;
                words.say(Said::BecameTrue { since, conditions })
            }
        }
    }
}

impl DueAction {
    /// The action in one line in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = Said::Due {
            customer: &self.customer.to_string(),
            action: &self.action,
            channel: &self.channel,
            why: &self.why.text(language),
            cost: self.cost.into(),
            net: self.net.map(Amount::from),
        };
        Phrase::from(phrase).text(language)
    }
}

impl Suppression {
    /// The reason in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = match self {
            Self::DoNotContact => Said::DoNotContact {},
            Self::NoConsent { channel } => Said::NoConsent { channel },
            Self::Quiet => Said::QuietDay {},
            Self::CoolDown { until } => Said::CoolDown { until: *until },
            Self::ValueUnknown => Said::ValueUnknown {},
            Self::NotWorthIt { net } => Said::NotWorthIt { net: (*net).into() },
            Self::Group { by } => Said::ComesFirst { by },
            Self::PerDay { at_most } => Said::PerDay { at_most: *at_most },
            Self::Cap {
                at_most,
                within,
                channel,
            } => Said::Cap {
                at_most: *at_most,
                within: (*within).into(),
                channel: channel.as_deref(),
            },
            Self::Capacity { channel } => Said::Capacity { channel },
            Self::Budget { left } => Said::Budget {
                left: (*left).into(),
            },
        };
        Phrase::from(phrase).text(language)
    }
}

impl Suppressed {
    /// What is not done and why not in one line in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = Said::NotTaken {
            customer: &self.customer.to_string(),
            action: &self.action,
            channel: &self.channel,
            why: &self.because.text(language),
        };
        Phrase::from(phrase).text(language)
    }
}

said_in_english!(PlanReason, Plan, Why, DueAction, Suppression, Suppressed);
