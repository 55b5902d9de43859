//! The list and its reasons in words.

use super::explain::{OfferExplanation, OfferState, WinBackExplanation, WinBackVerdict};
use super::outcome::{Chosen, Suppression};
use crate::model::Money;
use crate::rules::language::{Language, Phrase, WinBackPhrase, WordPhrase, Words, said_in_english};

impl Chosen {
    /// The choice in one line in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = WinBackPhrase::Chosen {
            customer: &self.customer.to_string(),
            offer: &self.offer,
            class: &self.class,
            channel: &self.channel,
            net: self.net.into(),
        };
        Phrase::from(phrase).text(language)
    }
}

impl Suppression {
    /// The reason in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let phrase = match *self {
            Self::Returned { on } => WinBackPhrase::Returned { on },
            Self::CoolDown { until } => WinBackPhrase::CoolDown { until },
            Self::AttemptsUsed { attempts } => WinBackPhrase::AttemptsUsed { attempts },
            Self::NoOpenOffer => WinBackPhrase::NoOpenOffer {},
            Self::ValueUnknown => WinBackPhrase::ValueUnknown {},
            Self::NotWorthIt { best } => WinBackPhrase::NotWorthIt { best: best.into() },
            Self::Limit { best } => WinBackPhrase::Limit { best: best.into() },
        };
        Phrase::from(phrase).text(language)
    }
}

impl WinBackExplanation {
    /// All of it as lines of text in a language; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let words = Words {
            language,
            currency: self.value.map(Money::currency),
        };
        let customer = &self.customer.to_string();
        let mut lines = vec![match &self.verdict {
            WinBackVerdict::NotACandidate => words.say(WinBackPhrase::NoCandidate { customer }),
            WinBackVerdict::Suppressed(why) => {
                let why = &why.text(language);
                words.say(WinBackPhrase::NoOffer { customer, why })
            }
            WinBackVerdict::Best(best) => best.text(language),
        }];
        let (rule, truth) = (&self.rule, self.candidate);
        let when = words.say(WinBackPhrase::When { rule, truth });
        lines.push(format!("  {when}"));
        let judged = |condition| format!("    {}", words.judged(condition));
        lines.extend(self.conditions.iter().map(judged));
        for offer in &self.offers {
            lines.push(format!("  {}", offer.say(&words, self.reason.as_deref())));
            lines.extend(offer.conditions.iter().map(judged));
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

impl OfferExplanation {
    fn say(&self, words: &Words<'_>, reason: Option<&str>) -> String {
        let offer = &self.offer;
        match &self.state {
            OfferState::OtherReasons(reasons) => {
                let reasons = &words.join(reasons.iter().cloned(), WordPhrase::Comma {});
                words.say(WinBackPhrase::OtherReasons {
                    offer,
                    reasons,
                    reason,
                })
            }
            OfferState::RuleNotTrue => words.say(WinBackPhrase::RuleNotTrue { offer }),
            OfferState::ValueUnknown => words.say(WinBackPhrase::OpenUnknown { offer }),
            OfferState::Open(net) => words.say(WinBackPhrase::Open {
                offer,
                net: (*net).into(),
            }),
        }
    }
}

said_in_english!(Chosen, Suppression, WinBackExplanation);
