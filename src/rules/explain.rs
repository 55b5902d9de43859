//! The walk of a rule, remembered: what was found, what was asked, what is missing.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::eval::{Join, Label, Leaf, Mask, Rule, Truth, Watch};
use super::expr::{Expr, Node};
use super::language::{Amount, English, Language, Words};
use super::population::Measure;
use crate::model::{Day, Unit};
use crate::summary::{Bounds, Window};
use crate::table::{Row, Slot};

/// What a customer has in a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// A number, in the column's unit.
    Number(f64),
    /// A word of a category column.
    Word(String),
    /// A date.
    Day(Day),
    /// A flag.
    Flag(bool),
    /// Not known.
    Missing,
}

impl Found {
    /// What a row has in a column; `unit` is that of the column, `None` for words.
    pub(crate) fn of(row: Row<'_>, slot: Slot, unit: Option<Unit>) -> Self {
        match (unit, row.number(slot)) {
            (_, None) => Self::Missing,
            (None, _) => row
                .category(slot)
                .map_or(Self::Missing, |word| Self::Word(word.to_owned())),
            (Some(Unit::Flag), Some(number)) => Self::Flag(number != 0.0),
            (Some(Unit::Date), Some(number)) => {
                day_of(number).map_or(Self::Number(number), Self::Day)
            }
            (Some(_), Some(number)) => Self::Number(number),
        }
    }

    /// In plain English, without the unit.
    pub(crate) fn text(&self, unit: Option<Unit>) -> String {
        match self {
            Self::Number(number) => {
                let amount = Amount::new(*number, unit);
                match unit {
                    Some(Unit::Money | Unit::MoneyPer(_)) => amount.money_digits(),
                    _ => amount.digits(),
                }
            }
            Self::Word(word) => word.clone(),
            Self::Day(day) => day.to_string(),
            Self::Flag(flag) => (if *flag { "yes" } else { "no" }).to_owned(),
            Self::Missing => "(missing)".to_owned(),
        }
    }
}

/// The days that a column's number covers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// The window, as the policy says it; `None` of the qualifying metric where the days are counted from an anchor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The first day; over the lifetime, that of the customer's first record. `None` if it covers no day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Day>,
    /// The last day. `None` if it covers no day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// What of the number is not of these days but was carried over, in the column's unit; `None` if nothing was.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::model::exact::option"
    )]
    pub carried: Option<f64>,
}

impl Covered {
    /// The days of a window at `as_of`, for a customer whose first record is of that day.
    #[must_use]
    pub fn new(window: Window, as_of: Day, first_record: Option<Day>) -> Self {
        Self::of(Some(window), window.at(as_of), first_record)
    }

    /// Those days, of which a window without a beginning begins with the first record.
    pub(crate) fn of(window: Option<Window>, bounds: Bounds, first_record: Option<Day>) -> Self {
        let last = bounds.last();
        let first = if bounds.first() == Day::MIN {
            first_record.filter(|day| bounds.contains(*day))
        } else {
            last.map(|_| bounds.first())
        };
        Self {
            window,
            first,
            last: last.filter(|_| first.is_some()),
            carried: None,
        }
    }
}

/// One condition of a rule as it stands for one customer.
///
/// [`Display`](fmt::Display) gives one line: `spend 812.50 >= 500`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Condition {
    /// The condition in canonical text. Under a `not` it is the opposite of what was written, so that a condition that
    /// is true always helps.
    pub text: String,
    /// The column it looks at.
    pub column: String,
    /// What the column is, by the library's own name: a measure of the catalog, a prediction, or one of `r`, `f`, `m`,
    /// `segment`, `churn`, `stage`, `exit`, `qualifying`. `None` for attributes and scores, and where only the table is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The unit of that column; `None` for words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What the customer has there.
    pub found: Found,
    /// The number it is compared with, in the column's unit (a date: days since 1970-01-01). Of two, the one that is
    /// nearer to what was found; of a population condition, the frozen cut. `None` for words and flags, for a condition
    /// that has no number, and for a population condition that nothing can change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Whether it holds.
    pub truth: Truth,
    /// How much the value has to change for the condition to hold: 0 if it holds, negative if the value has to fall. For
    /// `<`, `>` and `!=` the value has to go past that point. `None` where [`threshold`](Self::threshold) or the value
    /// is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// The days that the column's number covers. `None` for what has no window (attributes, scores, segment and stage), and
    /// where only the table is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<Covered>,
    /// What the text says, so that nobody has to read it again.
    #[serde(skip)]
    read: Read,
}

/// What a condition says, if that is known; it follows from the text, and so is no part of what is compared.
#[derive(Debug, Clone, Default)]
struct Read(Option<Arc<Leaf>>);

impl PartialEq for Read {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Condition {
    /// What has to change, in words: `187.50 more`; `None` if nothing, if it is not a matter of amount, or if the amount
    /// is too small to show: `spend 100.00 > 100` says it already.
    ///
    /// ```
    /// # use customer_value::diagnostic::{Diagnostics, Place};
    /// # use customer_value::model::Unit;
    /// # use customer_value::table::{Field, Schema, Table};
    /// use customer_value::rules::column;
    ///
    /// # let mut schema = Schema::new();
    /// # let spend = schema.add(Field::number("spend", Unit::Money)).unwrap();
    /// # let mut table = Table::new(schema.clone(), 1);
    /// table.column_mut(spend).set(0, Some(312.5));
    /// # let mut problems = Diagnostics::new();
    /// # let place = Place::at("example");
    /// let rule = column("spend").ge(500.0).bind(&schema, &place, &mut problems).unwrap();
    /// let condition = &rule.explain(table.row(0))[0];
    /// assert_eq!(condition.distance, Some(187.5));
    /// assert_eq!(condition.change().as_deref(), Some("187.50 more"));
    /// ```
    #[must_use]
    pub fn change(&self) -> Option<String> {
        Words::new(&English).change(self)
    }

    /// The condition with what was found, in a language; `Display` is English.
    ///
    /// ```
    /// # use customer_value::diagnostic::{Diagnostics, Place};
    /// # use customer_value::model::Unit;
    /// # use customer_value::table::{Field, Schema, Table};
    /// use customer_value::rules::column;
    /// use customer_value::rules::language::{Chinese, English};
    ///
    /// # let mut schema = Schema::new();
    /// # let spend = schema.add(Field::number("spend", Unit::Money)).unwrap();
    /// # let mut table = Table::new(schema.clone(), 1);
    /// table.column_mut(spend).set(0, Some(312.5));
    /// # let mut problems = Diagnostics::new();
    /// # let place = Place::at("example");
    /// let rule = column("spend").ge(500.0).bind(&schema, &place, &mut problems).unwrap();
    /// let condition = &rule.explain(table.row(0))[0];
    /// assert_eq!(condition.sentence(&English), "spend 312.50 >= 500");
    /// assert_eq!(condition.sentence(&Chinese), "spend 312.50，需达到 500");
    /// ```
    #[must_use]
    pub fn sentence(&self, language: &dyn Language) -> String {
        Words::new(language).sentence(self)
    }

    /// Says what the column is and which days its number covers.
    pub(crate) fn trace(&mut self, measure: &str, covered: Option<Covered>) {
        self.measure = Some(measure.to_owned());
        self.covered = covered;
    }

    /// What its number is of.
    pub(super) fn of(&self) -> &str {
        self.measure.as_deref().unwrap_or(&self.column)
    }

    /// It is about a place in the population.
    pub(super) fn is_of_population(&self) -> bool {
        [Measure::Percentile, Measure::CumulativeShare]
            .iter()
            .any(|measure| self.text.starts_with(&format!("{measure}(")))
    }

    /// What the text says; `None` if it is not a condition of this library's.
    pub(super) fn node(&self) -> Option<Cow<'_, Node>> {
        match &self.read.0 {
            Some(leaf) if leaf.text == self.text => Some(Cow::Borrowed(&leaf.node)),
            // Stored and read again, or written by somebody.
            _ => Some(Cow::Owned(self.text.parse::<Expr>().ok()?.node().clone())),
        }
    }

    fn new(label: &Label, row: Row<'_>, truth: Truth) -> Self {
        let number = row.number(label.slot);
        let found = Found::of(row, label.slot, label.unit);
        let amounts = label.unit.is_some_and(|unit| unit != Unit::Flag);
        let threshold = number
            .filter(|_| amounts)
            .and_then(|number| nearest(&label.ends, number));
        let distance = match (truth, threshold, number) {
            (Truth::True, Some(_), _) => Some(0.0),
            (Truth::False, Some(threshold), Some(number)) => {
                Some(threshold - number).filter(|d| d.is_finite())
            }
            _ => None,
        };
        Self {
            text: label.leaf.text.clone(),
            column: label.column.clone(),
            measure: None,
            unit: label.unit,
            found,
            threshold,
            truth,
            distance,
            covered: None,
            read: Read(Some(Arc::clone(&label.leaf))),
        }
    }
}

/// The one of `ends` that is nearest to `number`.
fn nearest(ends: &[f64], number: f64) -> Option<f64> {
    let away = |end: &f64| (end - number).abs();
    ends.iter()
        .copied()
        .min_by(|a, b| away(a).total_cmp(&away(b)))
}

#[allow(clippy::cast_possible_truncation)] // a cast saturates, and the range is checked after it
pub(super) fn day_of(number: f64) -> Option<Day> {
    Day::from_epoch_days(number.floor() as i32).ok()
}

/// A number for a person: amounts with two decimals, everything else with at most four.
pub(crate) fn number_text(number: f64, unit: Option<Unit>) -> String {
    match unit {
        Some(Unit::Money | Unit::MoneyPer(_)) => format!("{number:.2}"),
        Some(Unit::Date) => day_of(number).map_or_else(|| number.to_string(), |d| d.to_string()),
        _ => {
            let text = format!("{number:.4}");
            let text = text.trim_end_matches('0').trim_end_matches('.');
            if text == "-0" {
                "0".to_owned()
            } else {
                text.to_owned()
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(&English))
    }
}

/// Remembers each leaf's answer, and which leaves keep the rule from holding.
#[derive(Default)]
struct Recorder {
    answers: Vec<Truth>,
    /// Leaves that are not true, within groups that are not true.
    lacking: Vec<usize>,
    /// Where each open group begins in `lacking`.
    groups: Vec<usize>,
}

impl Recorder {
    fn settle(&mut self, group: Mask) {
        // A group that holds lacks nothing, whatever some of its alternatives say.
        if group.truth(0) == Truth::True
            && let Some(start) = self.groups.last()
        {
            self.lacking.truncate(*start);
        }
    }
}

impl Watch for Recorder {
    fn leaf(&mut self, join: Join, answer: Mask, group: Mask) {
        if join == Join::Push {
            self.groups.push(self.lacking.len());
        }
        let truth = answer.truth(0);
        if truth != Truth::True {
            self.lacking.push(self.answers.len());
        }
        self.answers.push(truth);
        self.settle(group);
    }

    fn group(&mut self, join: Join, group: Mask, closes: bool) {
        if closes {
            self.groups.pop();
        }
        if join == Join::Push {
            self.groups.push(self.lacking.len());
        }
        self.settle(group);
    }
}

/// A rule's answer about one customer with its conditions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Explained {
    pub truth: Truth,
    /// Every condition, in the order of the text.
    pub conditions: Vec<Condition>,
    /// The positions of the conditions that keep the rule from holding (of an `or`, every alternative).
    pub lacking: Vec<usize>,
}

impl Explained {
    /// The conditions that keep the rule from holding.
    pub(crate) fn lacking(&self) -> Vec<Condition> {
        let at = |i: &usize| self.conditions.get(*i).cloned();
        self.lacking.iter().filter_map(at).collect()
    }
}

/// The same without what was found and what was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answered {
    pub truth: Truth,
    /// One for each condition.
    pub answers: Vec<Truth>,
    pub lacking: Vec<usize>,
}

impl Rule {
    /// Every condition of the rule as it stands for one customer, in the order of the text.
    #[must_use]
    pub fn explain(&self, row: Row<'_>) -> Vec<Condition> {
        self.explained(row).conditions
    }

    /// The same with the answer and what keeps the rule from holding: one walk.
    pub(crate) fn explained(&self, row: Row<'_>) -> Explained {
        let answered = self.answered(row);
        let conditions = self
            .labels
            .iter()
            .zip(answered.answers)
            .map(|(label, truth)| Condition::new(label, row, truth))
            .collect();
        Explained {
            truth: answered.truth,
            conditions,
            lacking: answered.lacking,
        }
    }

    /// The answers alone, for counting over many customers.
    pub(crate) fn answered(&self, row: Row<'_>) -> Answered {
        let mut recorder = Recorder::default();
        let truth = self
            .walk(row.table(), row.index(), 1, &mut recorder)
            .truth(0);
        Answered {
            truth,
            answers: recorder.answers,
            lacking: recorder.lacking,
        }
    }

    /// The text of the condition at a position of [`Explained::conditions`].
    pub(crate) fn condition_text(&self, position: usize) -> Option<&str> {
        self.labels
            .get(position)
            .map(|label| label.leaf.text.as_str())
    }
}
