//! Conditions in words, for everything that is made of them.

use super::{Amount, ConditionPhrase, FramePhrase, Language, Phrase, Value, WordPhrase};
use crate::model::{Currency, Unit};
use crate::rules::explain::{Condition, Covered, Found};
use crate::rules::{Literal, Measure, Node, Term, Truth, column};
use crate::summary::Window;

/// A language, and the currency of all amounts if it is known.
#[derive(Clone, Copy)]
pub(crate) struct Words<'l> {
    pub language: &'l dyn Language,
    pub currency: Option<Currency>,
}

impl<'l> Words<'l> {
    pub(crate) fn new(language: &'l dyn Language) -> Self {
        Self {
            language,
            currency: None,
        }
    }

    pub(crate) fn say<'p>(&self, phrase: impl Into<Phrase<'p>>) -> String {
        phrase.into().text(self.language)
    }

    /// What a column is called: a measure by the language's name for it, and with it what the policy calls the column.
    pub(crate) fn name(&self, name: &str, measure: Option<&str>) -> String {
        let written = || column(name).to_string();
        match measure.and_then(|measure| Some((measure, self.language.name(measure)?))) {
            None => written(),
            Some((measure, said)) if measure == name => said.to_owned(),
            Some((_, said)) => self.say(ConditionPhrase::Column {
                column: &written(),
                measure: said,
            }),
        }
    }

    /// With its sign and two decimals.
    pub(crate) fn signed(&self, number: f64) -> String {
        self.language.number(&format!("{number:+.2}"))
    }

    /// Without decimals.
    pub(crate) fn rounded(&self, number: f64) -> String {
        self.language.number(&format!("{number:.0}"))
    }

    /// What was found in a column.
    pub(crate) fn found<'a>(&self, found: &'a Found, unit: Option<Unit>, of: &'a str) -> Value<'a> {
        Value::found(found, unit, self.currency, of)
    }

    /// A condition with what was found.
    pub(crate) fn sentence(&self, condition: &Condition) -> String {
        let name = self.name(&condition.column, condition.measure.as_deref());
        let formula = self.formula(condition, &name);
        let of = condition.of();
        let found = self.found(&condition.found, condition.unit, of);
        let truth = condition.truth;
        let whole = condition.node();
        let (node, positive) = match whole.as_deref() {
            Some(Node::Not(inner)) => (&**inner, false),
            Some(node) => (node, true),
            None => return formula,
        };
        let values = match node {
            Node::In { values, .. } => self.values(values, condition),
            _ => String::new(),
        };
        let literal = |literal| Value::literal(literal, condition.unit, self.currency, of);
        self.say(match node {
            Node::Compare {
                term: Term::Column(_),
                op,
                value,
            } => ConditionPhrase::Compare {
                name: &name,
                found,
                op: if positive { *op } else { op.negated() },
                value: literal(value),
                truth,
                formula: &formula,
            },
            Node::Compare { term, op, value } => {
                let (measure, unit) = match term {
                    Term::CumulativeShare(_) => (Measure::CumulativeShare, Unit::Share),
                    _ => (Measure::Percentile, Unit::Percent),
                };
                let Literal::Number(_) = value else {
                    return formula;
                };
                let Value::Amount(at) = Value::literal(value, Some(unit), None, of) else {
                    return formula;
                };
                ConditionPhrase::Standing {
                    name: &name,
                    found,
                    measure,
                    op: if positive { *op } else { op.negated() },
                    at,
                    truth,
                    formula: &formula,
                }
            }
            Node::Between { low, high, .. } => ConditionPhrase::Between {
                name: &name,
                found,
                low: literal(low),
                high: literal(high),
                inside: positive,
                truth,
                formula: &formula,
            },
            Node::In { .. } => ConditionPhrase::OneOf {
                name: &name,
                found,
                values: &values,
                inside: positive,
                truth,
                formula: &formula,
            },
            Node::Flag(_) => ConditionPhrase::Flag {
                name: &name,
                found,
                wanted: positive,
                truth,
                formula: &formula,
            },
            Node::Missing(_) => ConditionPhrase::Known {
                name: &name,
                found,
                wanted: !positive,
                truth,
                formula: &formula,
            },
            _ => return formula,
        })
    }

    /// The items of a list of values.
    fn values(&self, values: &[Literal], condition: &Condition) -> String {
        let said = values.iter().map(|value| {
            match Value::literal(value, condition.unit, self.currency, condition.of()) {
                Value::Amount(amount) => self.language.amount(&amount),
                Value::Day(day) => self.language.day(day),
                Value::Word(word) => word.to_owned(),
                Value::Flag(_) | Value::Missing => value.to_string(),
            }
        });
        self.join(said, WordPhrase::Comma {})
    }

    pub(crate) fn join(&self, items: impl IntoIterator<Item = String>, by: WordPhrase) -> String {
        let items: Vec<String> = items.into_iter().collect();
        if items.is_empty() {
            return self.say(ConditionPhrase::NoCondition {});
        }
        items.join(&self.say(by))
    }

    /// The text of the rule with what was found behind the name: `spend 312.50 >= 500`.
    fn formula(&self, condition: &Condition, name: &str) -> String {
        let found = match &condition.found {
            Found::Number(number) => {
                let amount = Amount::new(*number, condition.unit);
                match amount.day() {
                    Some(day) => self.language.day(day),
                    None => self.language.number(&amount.digits()),
                }
            }
            Found::Word(word) => word.clone(),
            Found::Day(day) => self.language.day(*day),
            Found::Flag(true) => self.say(WordPhrase::Yes {}),
            Found::Flag(false) => self.say(WordPhrase::No {}),
            Found::Missing => self.say(WordPhrase::Missing {}),
        };
        let written = column(condition.column.as_str()).to_string();
        match condition.text.strip_prefix(&written) {
            Some(rest) if rest.starts_with(" is ") => format!("{name}{rest}"),
            Some(rest) => format!("{name} {found}{rest}"),
            None if matches!(condition.found, Found::Flag(_)) => format!("{name} {found}"),
            None => format!("{} ({name} {found})", condition.text),
        }
    }

    /// What has to change; `None` if nothing, if it is not a matter of amount, or if the amount is too small to show.
    pub(crate) fn change(&self, condition: &Condition) -> Option<String> {
        let distance = condition
            .distance
            .filter(|_| condition.truth != Truth::True)?;
        let date = condition.unit == Some(Unit::Date);
        // A date has to move by days.
        let unit = if date {
            Some(Unit::Days)
        } else {
            condition.unit
        };
        let amount = Amount::new(distance.abs(), unit)
            .currency(self.currency)
            .of(condition.of());
        let visible = amount.digits().bytes().any(|b| !matches!(b, b'0' | b'.'));
        visible.then(|| {
            self.say(ConditionPhrase::Change {
                amount,
                less: distance < 0.0,
                date,
            })
        })
    }

    /// A sentence about a condition with what has to change.
    pub(crate) fn with_change(&self, sentence: String, condition: &Condition) -> String {
        match self.change(condition) {
            Some(change) => self.with(&sentence, &change),
            None => sentence,
        }
    }

    pub(crate) fn with(&self, sentence: &str, note: &str) -> String {
        self.say(FramePhrase::With { sentence, note })
    }

    /// What is asked for, and what is there instead.
    pub(crate) fn lacking(&self, condition: &Condition) -> String {
        let sentence = &self.sentence(condition);
        let text = &condition.text;
        let lacking = match self.found(&condition.found, condition.unit, condition.of()) {
            Value::Missing => ConditionPhrase::LackingUnknown { text, sentence },
            found => ConditionPhrase::Lacking {
                text,
                found,
                sentence,
            },
        };
        self.with_change(self.say(lacking), condition)
    }

    /// All that is known of a condition.
    pub(crate) fn judged(&self, condition: &Condition) -> String {
        let judged = self.say(ConditionPhrase::Judged {
            sentence: &self.sentence(condition),
            truth: condition.truth,
        });
        let judged = self.with_change(judged, condition);
        let judged = match condition.threshold {
            // Everywhere else the rule itself says it.
            Some(threshold) if condition.is_of_population() => {
                let amount = Amount::new(threshold, condition.unit)
                    .currency(self.currency)
                    .of(condition.of());
                self.with(&judged, &self.say(ConditionPhrase::Threshold { amount }))
            }
            _ => judged,
        };
        let covered = condition.covered.as_ref();
        self.over(judged, covered, condition.unit, condition.of())
    }

    /// A sentence about a number with the days that it covers.
    pub(crate) fn over(
        &self,
        sentence: String,
        covered: Option<&Covered>,
        unit: Option<Unit>,
        of: &str,
    ) -> String {
        let Some(covered) = covered else {
            return sentence;
        };
        let sentence = &match covered.carried {
            Some(carried) => {
                let amount = Amount::new(carried, unit).currency(self.currency).of(of);
                self.with(&sentence, &self.say(ConditionPhrase::Carried { amount }))
            }
            None => sentence,
        };
        let days = covered.first.zip(covered.last);
        let Some(window) = covered.window else {
            return self.say(match days {
                Some((first, last)) => ConditionPhrase::OverDays {
                    sentence,
                    first,
                    last,
                },
                None => ConditionPhrase::OverNoDay { sentence },
            });
        };
        let (count, back) = match window {
            Window::Trailing(days) => (u32::try_from(days.get()).unwrap_or(0), 0),
            Window::Calendar { back, .. } => (0, back),
            _ => (0, 0),
        };
        let window = &self.say(ConditionPhrase::Window {
            window,
            days: count,
            back,
        });
        self.say(match days {
            Some((first, last)) => ConditionPhrase::Over {
                sentence,
                window,
                first,
                last,
            },
            None => ConditionPhrase::OverNothing { sentence, window },
        })
    }
}
