//! How far a customer has gone, with what that rests on.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::level::ChurnLevel;
use super::spec::ChurnMeasure;
use crate::rules::language::{Amount, ChurnPhrase, English, Language, Words};

/// Where a level begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The level.
    pub level: ChurnLevel,
    /// From which number on, in the unit of the number; of `p_alive` and `p_purchase`, below which.
    pub at: f64,
}

/// Why a method has not enough data about a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Insufficient {
    /// The customer has no purchase.
    NoPurchase,
    /// The customer has fewer active days than the method, or its number, asks for.
    FewActiveDays {
        /// How many there are.
        found: u32,
        /// How many it takes.
        needed: u32,
    },
    /// The gaps of the population are not known yet.
    NotFitted,
    /// The population has no gap: nobody has come back yet.
    NoGap,
    /// The number itself is not known; of `p_alive` and `p_purchase`, there is no fitted model.
    NotKnown,
}

/// The method that answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Where it is in the policy, such as `churn.methods[1]`.
    pub place: String,
    /// What it goes by.
    pub by: ChurnMeasure,
    /// The customer's number, in the unit of [`ChurnMeasure::unit`].
    pub number: f64,
    /// The worst threshold that the number reaches; `None` if it reaches none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Threshold>,
    /// The next worse threshold; `None` if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Threshold>,
}

/// A method that did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassedOver {
    /// Where it is in the policy.
    pub place: String,
    /// What it goes by.
    pub by: ChurnMeasure,
    /// Why it did not answer.
    pub why: Insufficient,
}

/// How far a customer has gone, by which method, and why the methods before it did not answer.
///
/// [`Display`](fmt::Display) is English, one line for the level and one for each method that was passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The level.
    pub level: ChurnLevel,
    /// The method that answered; `None` if none has enough data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The methods before it, or all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
}

impl Verdict {
    /// Whether the answer is of another method than the first.
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.answer.is_some() && !self.passed_over.is_empty()
    }

    /// All of it as lines of text in a language.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let mut out = String::new();
        self.say_lines(&Words::new(language), |level, text| {
            out.extend(std::iter::repeat_n(' ', 2 * level));
            out.push_str(&text);
            out.push('\n');
        });
        out
    }

    /// Every line of it, each with how far it is indented.
    pub(crate) fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let level = &words.say(ChurnPhrase::Level {
            level: self.level.name(),
        });
        line(
            0,
            match &self.answer {
                Some(answer) => answer.say(level, words),
                None => words.say(ChurnPhrase::Unknown { level }),
            },
        );
        for passed in &self.passed_over {
            line(1, passed.say(words));
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&English))
    }
}

/// What a number is called.
fn name(by: ChurnMeasure, words: &Words<'_>) -> String {
    words.name(by.name(), Some(by.name()))
}

fn amount(by: ChurnMeasure, number: f64) -> Amount<'static> {
    Amount::new(number, by.unit()).of(by.name())
}

impl Answer {
    fn say(&self, level: &str, words: &Words<'_>) -> String {
        let less = self.by.less_is_worse();
        let said = words.say(ChurnPhrase::Verdict {
            level,
            name: &name(self.by, words),
            found: amount(self.by, self.number),
            at: self.reached.map(|reached| amount(self.by, reached.at)),
            less,
        });
        match self.next {
            None => said,
            Some(next) => {
                let level = &words.say(ChurnPhrase::Level {
                    level: next.level.name(),
                });
                let at = amount(self.by, next.at);
                words.with(&said, &words.say(ChurnPhrase::Next { level, at, less }))
            }
        }
    }
}

impl PassedOver {
    fn say(&self, words: &Words<'_>) -> String {
        let why = words.say(match self.why {
            Insufficient::NoPurchase => ChurnPhrase::NoPurchase {},
            Insufficient::FewActiveDays { found, needed } => {
                ChurnPhrase::FewActiveDays { found, needed }
            }
            Insufficient::NotFitted => ChurnPhrase::NotFitted {},
            Insufficient::NoGap => ChurnPhrase::NoGap {},
            Insufficient::NotKnown => ChurnPhrase::NotKnown {},
        });
        words.say(ChurnPhrase::Passed {
            name: &name(self.by, words),
            why: &why,
        })
    }
}
