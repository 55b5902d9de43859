//! Everything that is said, each phrase with its named arguments, by subject.

use super::Language;
use super::value::Form;

/// The phrases of one subject.
macro_rules! phrases {
    (
        $(#[$subject_doc:meta])*
        $subject:ident $(<$life:lifetime>)? {
            $(
                $(#[$doc:meta])*
                $phrase:ident { $( $(#[$field_doc:meta])* $field:ident: $type:ty ),* $(,)? }
            ),+ $(,)?
        }
    ) => {
        $(#[$subject_doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum $subject $(<$life>)? {
            $( $(#[$doc])* $phrase { $( $(#[$field_doc])* $field: $type ),* }, )+
        }

        impl $(<$life>)? $subject $(<$life>)? {
            pub(super) fn places(&self) -> &'static [&'static str] {
                match self {
                    $( Self::$phrase { .. } => &[$(stringify!($field)),*], )+
                }
            }

            #[allow(unused_variables)] // where no phrase has a place
            pub(super) fn say(
                &self,
                place: &str,
                form: $crate::rules::language::value::Form,
                language: &dyn $crate::rules::language::Language,
            ) -> Option<String> {
                match self {
                    $( Self::$phrase { $($field),* } => {
                        $( if place == stringify!($field) {
                            use $crate::rules::language::value::Place;
                            return Some($field.say(form, language));
                        } )*
                    } )+
                }
                None
            }
        }
    };
}

mod change;
mod churn;
mod condition;
mod exit;
mod frame;
mod movement;
mod playbook;
mod report;
mod score;
mod segment;
mod stage;
mod survey;
mod tier;
mod win_back;
mod word;

pub use change::ChangePhrase;
pub use churn::ChurnPhrase;
pub use condition::ConditionPhrase;
pub use exit::ExitPhrase;
pub use frame::FramePhrase;
pub use movement::{MovementPhrase, Override};
pub use playbook::PlaybookPhrase;
pub use report::ReportWord;
pub use score::ScorePhrase;
pub use segment::SegmentPhrase;
pub use stage::StagePhrase;
pub use survey::SurveyPhrase;
pub use tier::TierPhrase;
pub use win_back::WinBackPhrase;
pub use word::WordPhrase;

macro_rules! subjects {
    ($( $(#[$doc:meta])* $subject:ident($phrase:ident $(<$life:lifetime>)?), )+) => {
        /// Something that is said, with its arguments by name: data, put into words by [`text`](Self::text).
        ///
        /// Each subject has an enum of its phrases. [`Language::pattern`] gives the text of each, with places in braces for
        /// the fields.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Phrase<'a> {
            $( $(#[$doc])* $subject($phrase $(<$life>)?), )+
        }

        impl Phrase<'_> {
            /// The names of its places.
            #[must_use]
            pub fn places(&self) -> &'static [&'static str] {
                match self {
                    $( Self::$subject(phrase) => phrase.places(), )+
                }
            }

            fn say(&self, place: &str, form: Form, language: &dyn Language) -> Option<String> {
                match self {
                    $( Self::$subject(phrase) => phrase.say(place, form, language), )+
                }
            }
        }

        $(
            impl<'a> From<$phrase $(<$life>)?> for Phrase<'a> {
                fn from(phrase: $phrase $(<$life>)?) -> Self {
                    Self::$subject(phrase)
                }
            }
        )+
    };
}

subjects! {
    /// Words and signs that everything else is made of.
    Word(WordPhrase),
    /// What stands around the sentences of every subject.
    Frame(FramePhrase<'a>),
    /// Conditions, with what was found.
    Condition(ConditionPhrase<'a>),
    /// Why a customer is in a tier, and what is missing for the next.
    Tier(TierPhrase<'a>),
    /// What happens to a tier.
    Movement(MovementPhrase<'a>),
    /// Stages of the lifecycle.
    Stage(StagePhrase<'a>),
    /// How far a customer has gone.
    Churn(ChurnPhrase<'a>),
    /// Weighted scores and point scores.
    Score(ScorePhrase<'a>),
    /// Segments.
    Segment(SegmentPhrase<'a>),
    /// The exit ladder.
    Exit(ExitPhrase<'a>),
    /// Whom to win back, and with what.
    WinBack(WinBackPhrase<'a>),
    /// What a customer gets, what is to be done with them, and why not.
    Playbook(PlaybookPhrase<'a>),
    /// Who is to be asked, and why not.
    Survey(SurveyPhrase<'a>),
    /// What happened between two reviews.
    Change(ChangePhrase<'a>),
    /// Reports.
    Report(ReportWord),
}

impl Phrase<'_> {
    /// The phrase in a language.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let mut rest = language.pattern(self);
        let mut out = String::with_capacity(2 * rest.len());
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let filled = after.split_once('}').and_then(|(place, next)| {
                let (place, form) = match (place.strip_suffix('#'), place.strip_suffix('%')) {
                    (Some(place), _) => (place, Form::Bare),
                    (_, Some(place)) => (place, Form::Percent),
                    _ => (place, Form::Full),
                };
                Some((self.say(place, form, language)?, next))
            });
            match filled {
                Some((said, next)) => {
                    out.push_str(&said);
                    rest = next;
                }
                // No place of this phrase: braces are only braces.
                None => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }
}
