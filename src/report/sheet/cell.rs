//! What stands in a table.

use serde::{Deserialize, Serialize};

use super::Sentence;
use crate::model::{CostCategory, Currency, Day, Money, Unit};
use crate::rules::Found;
use crate::rules::language::{Amount, Language, Phrase, ReportWord};

/// To which side the cells of a column are flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// One value of a sheet.
///
/// ```
/// use customer_value::report::Cell;
/// use customer_value::rules::language::{Chinese, English, ReportWord};
///
/// assert_eq!(Cell::share(0.125).text(&English), "12.5 %");
/// assert_eq!(Cell::share(0.125).text(&Chinese), "12.5%");
/// assert_eq!(Cell::number(-0.001, 2).text(&English), "0.00");
/// assert_eq!(Cell::number(f64::NAN, 2), Cell::Missing);
/// assert_eq!(Cell::name("spend").text(&Chinese), "消费金额");
/// assert_eq!(Cell::name("my column").text(&Chinese), "my column");
/// assert_eq!(serde_json::to_string(&Cell::from(ReportWord::Total)).unwrap(), r#"{"word":"total"}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Cell {
    /// Not known, or it does not apply.
    Missing,
    /// A word of the library, by its key.
    Word(ReportWord),
    /// A name that the library may have words for: of a measure (`spend`), of what customers are grouped by (`tier`). Where it
    /// has none, the name itself.
    Name(String),
    /// A text of the user, which no language changes.
    Text(String),
    /// A whole number of things.
    Count(u64),
    /// An amount of money, written without its currency.
    Money(Money),
    /// A part of a whole, of which 1 is all, written in hundredths with one decimal.
    Share(f64),
    /// A number with so many decimals.
    Number {
        /// The number.
        value: f64,
        /// How many decimals are written.
        places: u8,
    },
    /// A number with its unit behind it.
    Amount {
        /// The number, in its unit; money in major units.
        value: f64,
        /// The unit.
        unit: Unit,
    },
    /// A day.
    Day(Day),
    /// From one thing to another one, by the user's names.
    Way {
        /// From where.
        from: String,
        /// Where to; `None` if that is not known.
        to: Option<String>,
    },
    /// A reason, said in a sentence.
    Sentence(Box<Sentence>),
}

impl Cell {
    /// A text of the user.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A name that the library may have words for.
    #[must_use]
    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    /// An amount of money in minor units.
    #[must_use]
    pub fn money(minor: i64, currency: Currency) -> Self {
        Self::Money(Money::from_minor(minor, currency))
    }

    /// A part of a whole; missing where it is `None` or not finite.
    #[must_use]
    pub fn share(share: impl Into<Option<f64>>) -> Self {
        finite(share.into()).map_or(Self::Missing, Self::Share)
    }

    /// A number with so many decimals; missing where it is `None` or not finite.
    #[must_use]
    pub fn number(number: impl Into<Option<f64>>, places: u8) -> Self {
        let number = finite(number.into());
        number.map_or(Self::Missing, |value| Self::Number { value, places })
    }

    /// A number with as many decimals as it takes to tell it, at most four; missing where it is `None` or not finite.
    #[must_use]
    pub fn plain(number: impl Into<Option<f64>>) -> Self {
        let number = finite(number.into());
        let places = number.map_or(0, |n| {
            let digits = Amount::new(n, None).digits();
            digits.split_once('.').map_or(0, |(_, after)| after.len())
        });
        Self::number(number, u8::try_from(places).unwrap_or(0))
    }

    /// A number with its unit; missing where it is `None` or not finite.
    #[must_use]
    pub fn amount(number: impl Into<Option<f64>>, unit: Unit) -> Self {
        let number = finite(number.into());
        number.map_or(Self::Missing, |value| Self::Amount { value, unit })
    }

    /// The cell in a language, in one line: line breaks and other control characters of a text are written as spaces.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let word = |word: ReportWord| Phrase::from(word).text(language);
        // What is not finite can only have been put in by hand, or grown so by the writing.
        let known = |number: f64, text: String| match number.is_finite() {
            true => text,
            false => word(ReportWord::Missing),
        };
        let text = match self {
            Self::Missing => word(ReportWord::Missing),
            Self::Word(key) => word(*key),
            Self::Name(name) => match (language.name(name), ReportWord::named(name)) {
                (Some(name), _) => name.to_owned(),
                (None, Some(key)) => word(key),
                (None, None) => name.clone(),
            },
            Self::Text(text) => text.clone(),
            Self::Count(count) => language.number(&count.to_string()),
            Self::Money(money) => language.number(&money.amount().to_string()),
            Self::Share(share) => {
                let amount = Amount::new(*share, Unit::Share).places(1);
                known(share * 100.0, language.amount(&amount))
            }
            Self::Number { value, places } => {
                let amount = Amount::new(*value, None).places(*places);
                known(*value, language.number(&amount.digits()))
            }
            Self::Amount { value, unit } => {
                known(value * 100.0, language.amount(&Amount::new(*value, *unit)))
            }
            Self::Day(day) => language.day(*day),
            Self::Way { from, to } => match to {
                Some(to) => format!("{from} → {to}"),
                None => format!("{from} → {}", word(ReportWord::Unknown)),
            },
            Self::Sentence(sentence) => sentence.text(language),
        };
        if text.contains(breaks) {
            text.replace(breaks, " ")
        } else {
            text
        }
    }
}

/// What a cost was for: in the words of the library, or in those of the host.
pub(crate) fn category_cell(category: &CostCategory) -> Cell {
    match category {
        CostCategory::ServiceStaff => ReportWord::ServiceStaff.into(),
        CostCategory::Marketing => ReportWord::Marketing.into(),
        CostCategory::Survey => ReportWord::Survey.into(),
        CostCategory::Other(own) => Cell::literal(&**own),
    }
}

fn finite(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite())
}

/// What would leave the line; the separators of lines and paragraphs are no control characters.
fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

impl From<ReportWord> for Cell {
    fn from(word: ReportWord) -> Self {
        Self::Word(word)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

/// What was found in a column, whose unit is not known.
impl From<&Found> for Cell {
    fn from(found: &Found) -> Self {
        match found {
            Found::Number(number) => Self::plain(*number),
            Found::Word(word) => Self::literal(word),
            Found::Day(day) => Self::Day(*day),
            Found::Flag(true) => Self::Word(ReportWord::Yes),
            Found::Flag(false) => Self::Word(ReportWord::No),
            Found::Missing => Self::Missing,
        }
    }
}

/// Not known is missing.
impl<C: Into<Cell>> From<Option<C>> for Cell {
    fn from(cell: Option<C>) -> Self {
        cell.map_or(Self::Missing, Into::into)
    }
}

/// A row of cells from whatever can be one.
macro_rules! cells {
    ($($cell:expr),* $(,)?) => {
        [$($crate::report::Cell::from($cell)),*]
    };
}
pub(crate) use cells;
