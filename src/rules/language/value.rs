//! Values in phrases: what a language is asked to write.

use super::Language;
use super::phrase::{MovementPhrase, Override, Phrase, WordPhrase};
use crate::model::{Currency, Day, Days, Money, Unit, to_major};
use crate::rules::explain::{Found, day_of, number_text};
use crate::rules::{Literal, Op, Truth};
use crate::summary::Window;

/// A number with all that is known about it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Amount<'a> {
    /// The number, in its unit.
    pub number: f64,
    /// What it counts; `None` if that is not known.
    pub unit: Option<Unit>,
    /// The currency of an amount of money, if it is known.
    pub currency: Option<Currency>,
    /// The measure or the column it is a number of; empty if it is of none.
    pub of: &'a str,
    /// Its digits where somebody wrote them.
    written: Option<String>,
    /// Exactly so many decimals.
    places: Option<u8>,
    /// The amount of money that the number was made of, for it may have more digits than the number.
    money: Option<Money>,
}

impl<'a> Amount<'a> {
    /// A number of a unit.
    #[must_use]
    pub fn new(number: f64, unit: impl Into<Option<Unit>>) -> Self {
        Self {
            number,
            unit: unit.into(),
            currency: None,
            of: "",
            written: None,
            places: None,
            money: None,
        }
    }

    /// With exactly so many decimals, those that are zero too; of a share or a percentage, in hundredths.
    #[must_use]
    pub fn places(mut self, places: u8) -> Self {
        self.places = Some(places);
        self
    }

    /// In a currency.
    #[must_use]
    pub fn currency(mut self, currency: impl Into<Option<Currency>>) -> Self {
        self.currency = currency.into();
        self
    }

    /// Of a measure or a column.
    #[must_use]
    pub fn of(mut self, of: &'a str) -> Self {
        self.of = of;
        self
    }

    /// Plain digits: amounts with two decimals, everything else with at most four; as it was written, if it was.
    #[must_use]
    pub fn digits(&self) -> String {
        match (&self.written, self.places) {
            (Some(digits), _) => digits.clone(),
            (None, Some(places)) => fixed(self.number, places),
            (None, None) => match self.exact() {
                Some(money) if money.currency().exponent() == 2 => money.amount().to_string(),
                _ => number_text(self.number, self.unit),
            },
        }
    }

    /// Plain digits of money: as many decimals as the currency has, and at least two for a part of its smallest unit. All digits of
    /// an amount made from [`Money`].
    #[must_use]
    pub fn money_digits(&self) -> String {
        if let (Some(money), None, None) = (self.exact(), &self.written, self.places) {
            return money.amount().to_string();
        }
        match (self.currency, &self.written, self.places) {
            (Some(currency), None, None) => {
                let decimals = currency.exponent() as usize;
                let whole = decimals < 2 && self.number.fract() == 0.0;
                let decimals = if whole { decimals } else { decimals.max(2) };
                format!("{:.decimals$}", self.number)
            }
            _ => self.digits(),
        }
    }

    /// What it was made of, unless something else was put in since.
    fn exact(&self) -> Option<Money> {
        let same = |money: &Money| {
            let number = to_major(money.minor(), money.currency());
            (self.number, self.currency) == (number, Some(money.currency()))
        };
        self.money.filter(same)
    }

    /// The day, of a number that is a date.
    #[must_use]
    pub fn day(&self) -> Option<Day> {
        match self.unit {
            Some(Unit::Date) => day_of(self.number),
            _ => None,
        }
    }

    /// Plain digits in hundredths: of a share 100 times its number.
    #[must_use]
    pub fn percent_digits(&self) -> String {
        match self.unit {
            Some(Unit::Share) => match self.places {
                Some(places) => fixed(self.number * 100.0, places),
                None => number_text(self.number * 100.0, None),
            },
            _ => self.digits(),
        }
    }
}

impl From<Money> for Amount<'_> {
    fn from(money: Money) -> Self {
        let currency = money.currency();
        Self {
            money: Some(money),
            ..Self::new(to_major(money.minor(), currency), Unit::Money).currency(currency)
        }
    }
}

impl From<Days> for Amount<'_> {
    fn from(days: Days) -> Self {
        Self::new(f64::from(days.get()), Unit::Days)
    }
}

/// Minus nothing is nothing.
fn fixed(number: f64, places: u8) -> String {
    let text = format!("{number:.*}", usize::from(places));
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        _ => text,
    }
}

/// What a customer has in a column, or what a rule compares it with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A number.
    Amount(Amount<'a>),
    /// A word of the user's.
    Word(&'a str),
    /// A day.
    Day(Day),
    /// Yes or no.
    Flag(bool),
    /// Not known.
    Missing,
}

impl<'a> Value<'a> {
    /// What was found, of a column or measure `of`.
    pub(crate) fn found(
        found: &'a Found,
        unit: Option<Unit>,
        currency: Option<Currency>,
        of: &'a str,
    ) -> Self {
        match found {
            Found::Number(number) => {
                Self::Amount(Amount::new(*number, unit).currency(currency).of(of))
            }
            Found::Word(word) => Self::Word(word),
            Found::Day(day) => Self::Day(*day),
            Found::Flag(flag) => Self::Flag(*flag),
            Found::Missing => Self::Missing,
        }
    }

    /// What a rule says, with its digits as they are written.
    pub(super) fn literal(
        literal: &'a Literal,
        unit: Option<Unit>,
        currency: Option<Currency>,
        of: &'a str,
    ) -> Self {
        match literal {
            Literal::Number(number) if unit == Some(Unit::Flag) => Self::Flag(*number != 0.0),
            Literal::Number(number) => Self::Amount(Amount {
                written: Some(literal.to_string()),
                ..Amount::new(*number, unit).currency(currency).of(of)
            }),
            Literal::Text(word) => Self::Word(word),
            Literal::Day(day) => Self::Day(*day),
        }
    }
}

/// How a place wants its amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// With its unit.
    Full,
    /// Only the number.
    Bare,
    /// Only the number, in hundredths.
    Percent,
}

/// What can stand in a place of a pattern.
pub(super) trait Place {
    fn say(&self, form: Form, language: &dyn Language) -> String;
}

impl Place for Amount<'_> {
    fn say(&self, form: Form, language: &dyn Language) -> String {
        match (form, self.unit) {
            (Form::Bare, Some(Unit::Date)) | (Form::Full, _) => language.amount(self),
            (Form::Bare, _) => language.number(&self.digits()),
            (Form::Percent, _) => language.number(&self.percent_digits()),
        }
    }
}

impl Place for Value<'_> {
    fn say(&self, form: Form, language: &dyn Language) -> String {
        match self {
            Self::Amount(amount) => amount.say(form, language),
            Self::Word(word) => (*word).to_owned(),
            Self::Day(day) => language.day(*day),
            Self::Flag(flag) => flag.say(form, language),
            Self::Missing => Phrase::from(WordPhrase::Missing {}).text(language),
        }
    }
}

/// A number that is shown with two decimals.
impl Place for f64 {
    fn say(&self, _: Form, language: &dyn Language) -> String {
        language.number(&format!("{self:.2}"))
    }
}

impl Place for u32 {
    fn say(&self, _: Form, language: &dyn Language) -> String {
        language.number(&self.to_string())
    }
}

impl Place for bool {
    fn say(&self, _: Form, language: &dyn Language) -> String {
        let word = if *self {
            WordPhrase::Yes {}
        } else {
            WordPhrase::No {}
        };
        Phrase::from(word).text(language)
    }
}

impl Place for Truth {
    fn say(&self, _: Form, language: &dyn Language) -> String {
        let word = match self {
            Self::True => WordPhrase::True {},
            Self::False => WordPhrase::False {},
            Self::Unknown => WordPhrase::Unknown {},
        };
        Phrase::from(word).text(language)
    }
}

impl Place for Day {
    fn say(&self, _: Form, language: &dyn Language) -> String {
        language.day(*self)
    }
}

impl Place for &str {
    fn say(&self, _: Form, _: &dyn Language) -> String {
        (*self).to_owned()
    }
}

impl Place for Op {
    fn say(&self, _: Form, _: &dyn Language) -> String {
        self.to_string()
    }
}

impl Place for crate::rules::Measure {
    fn say(&self, _: Form, _: &dyn Language) -> String {
        self.to_string()
    }
}

impl Place for Window {
    fn say(&self, _: Form, _: &dyn Language) -> String {
        self.to_string()
    }
}

impl Place for Override {
    fn say(&self, _: Form, language: &dyn Language) -> String {
        let word = match self {
            Self::Pin => MovementPhrase::Pin {},
            Self::Floor => MovementPhrase::Floor {},
            Self::Ceiling => MovementPhrase::Ceiling {},
            Self::Exclude => MovementPhrase::Exclude {},
        };
        Phrase::from(word).text(language)
    }
}

/// Nothing is said of what is not there.
impl<P: Place> Place for Option<P> {
    fn say(&self, form: Form, language: &dyn Language) -> String {
        self.as_ref()
            .map_or_else(String::new, |p| p.say(form, language))
    }
}
