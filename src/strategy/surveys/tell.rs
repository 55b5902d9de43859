//! The list of surveys in words.

use super::outcome::{Because, Due, Suppressed, Suppression};
use super::spec::TriggerEvent;
use crate::rules::language::{Language, Phrase, SurveyPhrase as Said, said_in_english};

impl Because {
    /// The reason in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = match *self {
            Self::First => Said::FirstTime {},
            Self::Again { last } => Said::Again { last },
            Self::After { event, on } => match event {
                TriggerEvent::Purchase => Said::AfterPurchase { on },
                TriggerEvent::Resolved => Said::AfterResolved { on },
                TriggerEvent::Stage => Said::AfterStage { on },
            },
        };
        Phrase::from(phrase).text(language)
    }
}

impl Due {
    /// Who is asked what and why in one line in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = Said::Due {
            customer: &self.customer.to_string(),
            survey: &self.survey,
            why: &self.because.text(language),
        };
        Phrase::from(phrase).text(language)
    }
}

impl Suppression {
    /// The reason in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = match self {
            Self::NoConsent => Said::NoConsent {},
            Self::NotSampled => Said::NotSampled {},
            Self::Quiet => Said::QuietDay {},
            Self::Today { survey } => Said::Today { survey },
            Self::Asked { on } => Said::AskedAlready { on: *on },
            Self::Cadence { until } => Said::TooSoon { until: *until },
            Self::Cap { until } => Said::Cap { until: *until },
            Self::Outranked { by } => Said::ComesFirst { by },
        };
        Phrase::from(phrase).text(language)
    }
}

impl Suppressed {
    /// Who is not asked what and why in one line in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = Said::NotAsked {
            customer: &self.customer.to_string(),
            survey: &self.survey,
            why: &self.because.text(language),
        };
        Phrase::from(phrase).text(language)
    }
}

said_in_english!(Because, Due, Suppression, Suppressed);
