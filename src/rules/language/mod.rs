//! Explanations in the words of a language.
//!
//! What is explained is data ([`Condition`](super::Condition) and everything made of it); a [`Language`] turns it into text.
//! [`English`] and [`Chinese`] are here, others are the user's: a language is a table of patterns, one for each [`Phrase`],
//! and a few ways of writing numbers, amounts and days. All of it has an English default, so that a new language can grow
//! subject by subject, and phrase by phrase:
//!
//! ```
//! use customer_value::rules::language::{
//!     Amount, ConditionPhrase, English, Language, MovementPhrase, Phrase, ScorePhrase,
//! };
//!
//! struct German;
//!
//! impl Language for German {
//!     fn tag(&self) -> &str {
//!         "de"
//!     }
//!     fn number(&self, digits: &str) -> String {
//!         digits.replace('.', ",")
//!     }
//!     fn day(&self, day: customer_value::Day) -> String {
//!         format!("{}.{}.{}", day.day_of_month(), day.month(), day.year())
//!     }
//!     fn name(&self, measure: &str) -> Option<&str> {
//!         match measure {
//!             "spend" => Some("Umsatz"),
//!             _ => None,
//!         }
//!     }
//!     fn pattern(&self, phrase: &Phrase<'_>) -> &str {
//!         match phrase {
//!             Phrase::Movement(phrase) => movement(phrase),
//!             Phrase::Condition(ConditionPhrase::Change { less: false, .. }) => Some("{amount#} fehlen"),
//!             _ => None,
//!         }
//!         .unwrap_or_else(|| English.pattern(phrase))
//!     }
//! }
//!
//! /// What happens to a tier; a subject can have a function, or a file, of its own.
//! fn movement(phrase: &MovementPhrase<'_>) -> Option<&'static str> {
//!     Some(match phrase {
//!         MovementPhrase::Upgraded { .. } => "Aufstieg von {from} nach {to} am {day}",
//!         MovementPhrase::Downgraded { .. } => "Abstieg von {from} nach {to} am {day}",
//!         _ => return None,
//!     })
//! }
//!
//! let day = "2024-06-30".parse()?;
//! let upgraded = Phrase::from(MovementPhrase::Upgraded { from: "B", to: "A", day });
//! assert_eq!(upgraded.text(&German), "Aufstieg von B nach A am 30.6.2024");
//! assert_eq!(upgraded.text(&English), "upgraded from B to A on 2024-06-30");
//! // Not translated yet, and numbers are written as in German all the same.
//! let score = Phrase::from(ScorePhrase::Score { name: "value", score: 73.978 });
//! assert_eq!(score.text(&German), "score value 73,98");
//! # Ok::<(), customer_value::Error>(())
//! ```

/// `Display` of what has a `text` in any language: the English one.
macro_rules! said_in_english {
    ($($said:ty),+ $(,)?) => {
        $(
            impl std::fmt::Display for $said {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str(&self.text(&$crate::rules::language::English))
                }
            }
        )+
    };
}
pub(crate) use said_in_english;

mod chinese;
mod english;
mod phrase;
mod value;
mod words;

pub use chinese::Chinese;
pub use english::English;
pub use phrase::{
    ChangePhrase, ChurnPhrase, ConditionPhrase, ExitPhrase, FramePhrase, MovementPhrase, Override,
    Phrase, PlaybookPhrase, ReportWord, ScorePhrase, SegmentPhrase, StagePhrase, SurveyPhrase,
    TierPhrase, WinBackPhrase, WordPhrase,
};
pub use value::{Amount, Value};
pub(crate) use words::Words;

use crate::model::Day;

/// How explanations are put into words.
///
/// Only the tag is required: everything else is English unless a language says otherwise. The [module](self) has an
/// example.
pub trait Language {
    /// The language's tag of BCP 47, such as `en` or `zh-Hans`.
    fn tag(&self) -> &str;

    /// The pattern of a phrase: its text with places in braces, each with the name of one of the phrase's fields.
    ///
    /// For a field that is an amount, `{field}` is written with its unit, `{field#}` as a bare number, and `{field%}` as a
    /// bare number in hundredths if it is a share. Braces around anything else stay as they are.
    fn pattern(&self, phrase: &Phrase<'_>) -> &str {
        english::pattern(phrase)
    }

    /// A number, given with plain digits: perhaps a sign, digits, perhaps a point and more digits.
    fn number(&self, digits: &str) -> String {
        digits.to_owned()
    }

    /// An amount with its unit, or its currency.
    fn amount(&self, amount: &Amount<'_>) -> String {
        english::amount(self, amount)
    }

    /// A day.
    fn day(&self, day: Day) -> String {
        day.to_string()
    }

    /// What people call a measure of the catalog, a prediction, or one of `cost_to_serve`, `profit`, `r`, `f`, `m`, `segment`, `churn`,
    /// `stage`, `exit`, `qualifying`, a number that churn goes by or evidence is about; `None` to use the name that rules use. The names that a policy gives are the user's and not asked for.
    fn name(&self, measure: &str) -> Option<&str> {
        let _ = measure;
        None
    }
}
