//! The ladder in words.

use std::fmt;

use super::explain::{ExitExplanation, NextStep};
use super::record::{ExitChange, ExitEvent, GateFound};
use crate::rules::language::{
    ConditionPhrase, English, ExitPhrase, FramePhrase, Language, WordPhrase, Words,
};
use crate::rules::{Condition, Truth};

/// Appends lines, each under the text behind the name of a line, which is six letters wide.
fn writer(out: &mut String) -> impl FnMut(usize, String) {
    |level, text| {
        let indent = if level == 0 { 0 } else { 4 + 2 * level };
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(&text);
        out.push('\n');
    }
}

impl ExitExplanation {
    /// All of it as lines of text in a language.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let mut out = String::new();
        self.say_lines(&Words::new(language), writer(&mut out));
        out
    }

    /// Every line of it, each with how far it is indented.
    pub(crate) fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let stands = match (self.below_since, &self.step, self.since) {
            (Some(_), Some(step), Some(since)) if self.ended => ExitPhrase::Ended { step, since },
            (Some(below_since), Some(step), Some(since)) => ExitPhrase::OnStep {
                step,
                since,
                below_since,
            },
            (Some(since), _, _) => ExitPhrase::Below { since },
            (None, _, _) if self.below == Truth::Unknown => ExitPhrase::Unknown {},
            (None, _, _) => ExitPhrase::Above {},
        };
        let rule = words.say(FramePhrase::ByRule {
            place: &self.place,
            rule: &self.rule,
        });
        line(0, words.with(&words.say(stands), &rule));
        for condition in &self.conditions {
            line(1, words.judged(condition));
        }
        if let Some(next) = &self.next {
            next.say_lines(words, line);
        }
    }
}

impl NextStep {
    fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let step = &self.step;
        let next = match self.earliest {
            Some(day) if self.noticed => ExitPhrase::Noticed { step, day },
            day => ExitPhrase::Next { step, day },
        };
        line(1, words.say(next));
        if let Some(from) = self.below_long_enough {
            line(2, words.say(ExitPhrase::TooSoon { from }));
        }
        if let Some(attempts) = self.attempts {
            let attempts = ExitPhrase::Attempts {
                made: attempts.made,
                needed: attempts.needed,
            };
            line(2, words.say(attempts));
        }
        if let Some(from) = self.interval_over {
            line(2, words.say(ExitPhrase::Interval { from }));
        }
        for gate in &self.held_by {
            gate.say_lines(words, 2, &mut line);
        }
    }
}

impl GateFound {
    fn say_lines(&self, words: &Words<'_>, level: usize, mut line: impl FnMut(usize, String)) {
        let held = words.say(ExitPhrase::Gate {
            gate: &self.name,
            closed: self.closed,
        });
        let rule = words.say(FramePhrase::ByRule {
            place: &self.place,
            rule: &self.rule,
        });
        line(level, words.with(&held, &rule));
        for condition in &self.conditions {
            line(level + 1, words.judged(condition));
        }
    }
}

impl ExitEvent {
    /// The change in one line, with the conditions it rests on; in English by `Display`.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let words = &self.words(language);
        let judged = |condition: &Condition| {
            let sentence = words.sentence(condition);
            match condition.truth {
                Truth::True => sentence,
                truth => words.say(ConditionPhrase::Judged {
                    sentence: &sentence,
                    truth,
                }),
            }
        };
        let said = self.say(words);
        if self.conditions.is_empty() {
            return said;
        }
        let conditions = words.join(self.conditions.iter().map(judged), WordPhrase::And {});
        words.with(&said, &conditions)
    }

    /// The change, then every condition it rests on, those of the gates included, as lines of text in a language.
    #[must_use]
    pub fn details(&self, language: &dyn Language) -> String {
        let mut out = String::new();
        self.say_lines(language, writer(&mut out));
        out
    }

    /// Every line of it, each with how far it is indented.
    pub(crate) fn say_lines(&self, language: &dyn Language, mut line: impl FnMut(usize, String)) {
        let words = &self.words(language);
        let event = &words.with(&self.say(words), &self.rule);
        line(0, words.say(FramePhrase::Event { event }));
        for condition in &self.conditions {
            line(1, words.judged(condition));
        }
        for gate in &self.gates {
            gate.say_lines(words, 1, &mut line);
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
        match &self.change {
            ExitChange::BelowLine => words.say(ExitPhrase::BelowLine { day }),
            ExitChange::NoticeGiven { step, takes_effect } => words.say(ExitPhrase::NoticeGiven {
                step,
                day,
                takes_effect: *takes_effect,
            }),
            ExitChange::NoticeWithdrawn { step, gates } => {
                let gates = match gates.as_slice() {
                    [] => String::new(),
                    _ => words.join(gates.iter().cloned(), WordPhrase::Comma {}),
                };
                words.say(ExitPhrase::NoticeWithdrawn {
                    step,
                    day,
                    gates: &gates,
                })
            }
            ExitChange::StepTaken { step } => words.say(ExitPhrase::StepTaken { step, day }),
            ExitChange::Reversed { step, notice } => words.say(ExitPhrase::Reversed {
                step: step.as_deref().unwrap_or_default(),
                notice: notice.as_deref().unwrap_or_default(),
                day,
            }),
            ExitChange::AboveLine => words.say(ExitPhrase::AboveLine { day }),
            ExitChange::Returned { step } => words.say(ExitPhrase::Returned { step, day }),
        }
    }
}

impl fmt::Display for ExitEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&English))
    }
}
