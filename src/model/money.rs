//! Amounts of money: whole minor units of one currency, exact.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::Currency;
use super::text::serde_as_text;
use crate::Error;

/// An exact amount of one currency, held as whole minor units (cents).
///
/// In text and in serde it is `12.34 EUR`, with exactly the decimals of the currency.
/// There is no `+`, because a sum can fail: see [`checked_add`](Self::checked_add).
///
/// ```
/// use customer_value::model::{Currency, Money};
/// use rust_decimal::Decimal;
///
/// let price = Money::new(Decimal::new(1234, 2), Currency::EUR)?;
/// assert_eq!(price.minor(), 1234);
/// assert_eq!(price.to_string(), "12.34 EUR");
/// assert_eq!("12.34 EUR".parse::<Money>()?, price);
/// assert!(Money::new(Decimal::new(1234, 2), Currency::JPY).unwrap_err().is_range());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Exactly that amount of major units.
    ///
    /// # Errors
    /// The amount has more decimals than the currency (`is_range`; see [`rounded`](Self::rounded)), or more than
    /// `i64` minor units (`is_overflow`).
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, Error> {
        match scaled(amount, currency) {
            (minor, None) => Self::of_i128(minor, currency),
            (_, Some(_)) => Err(Error::range(format!(
                "`{amount}` has more than the {} decimals of {currency}",
                currency.exponent()
            ))),
        }
    }

    /// That amount of major units, rounded to the nearest minor unit, halves to the even one.
    ///
    /// # Errors
    /// It has more than `i64` minor units (`is_overflow`).
    ///
    /// ```
    /// use customer_value::model::{Currency, Money};
    /// use rust_decimal::Decimal;
    ///
    /// let cents = |mills| Money::rounded(Decimal::new(mills, 3), Currency::EUR).map(Money::minor);
    /// assert_eq!((cents(1_225)?, cents(1_235)?, cents(-1_225)?), (122, 124, -122));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    pub fn rounded(amount: Decimal, currency: Currency) -> Result<Self, Error> {
        let (minor, rest) = scaled(amount, currency);
        let up = match rest {
            None => false,
            Some(Rest { twice, unit }) => twice > unit || (twice == unit && minor % 2 != 0),
        };
        // Away from zero is the direction of the sign of the whole, which `minor` has lost if it is zero.
        let step = if amount.is_sign_negative() { -1 } else { 1 };
        Self::of_i128(minor + if up { step } else { 0 }, currency)
    }

    /// That many minor units (cents).
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    fn of_i128(minor: i128, currency: Currency) -> Result<Self, Error> {
        i64::try_from(minor)
            .map(|minor| Self { minor, currency })
            .map_err(|_| too_large(currency))
    }

    /// The amount in minor units (cents).
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in major units, exact, with the decimals of the currency.
    #[must_use]
    pub fn amount(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// The sum.
    ///
    /// # Errors
    /// Another currency (`is_misuse`), or more than `i64` minor units (`is_overflow`).
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// Another currency (`is_misuse`), or more than `i64` minor units (`is_overflow`).
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(
        self,
        other: Self,
        operation: impl Fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, Error> {
        if self.currency != other.currency {
            return Err(Error::misuse(format!(
                "{self} and {other} are of two currencies; convert one of them first"
            )));
        }
        operation(self.minor, other.minor)
            .map(|minor| Self { minor, ..self })
            .ok_or_else(|| too_large(self.currency))
    }

    /// Below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }
}

fn too_large(currency: Currency) -> Error {
    Error::overflow(format!("the amount of {currency} is too large"))
}

/// What is left of an amount after its whole minor units, as twice the size of the rest against one minor unit.
struct Rest {
    twice: u128,
    unit: u128,
}

/// The whole minor units of an amount (towards zero), and what is left.
fn scaled(amount: Decimal, currency: Currency) -> (i128, Option<Rest>) {
    // Nothing here leaves `i128`: the mantissa has at most 96 bits, the scale is at most 28, the exponent at most 4.
    let (mantissa, scale) = (amount.mantissa(), amount.scale());
    let exponent = currency.exponent();
    if scale <= exponent {
        return (mantissa * 10_i128.pow(exponent - scale), None);
    }
    let unit = 10_i128.pow(scale - exponent);
    let rest = mantissa % unit;
    let rest = (rest != 0).then(|| Rest {
        twice: rest.unsigned_abs() * 2,
        unit: unit.unsigned_abs(),
    });
    (mantissa / unit, rest)
}

/// Minor units as a number of major units (1234 cents are 12.34), for columns and scores.
///
/// The nearest `f64`, always finite.
///
/// ```
/// use customer_value::model::{Currency, to_major};
///
/// assert_eq!(to_major(1234, Currency::EUR), 12.34);
/// assert_eq!(to_major(1234, Currency::JPY), 1234.0);
/// ```
#[must_use]
#[inline]
pub fn to_major(minor: i64, currency: Currency) -> f64 {
    /// Up to here `f64` holds every whole number, so the division is the only rounding.
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let quotient = minor as f64 / currency.minor_per_major() as f64;
    if minor.unsigned_abs() <= EXACT {
        return quotient;
    }
    // Reading decimal text rounds once, whatever its length.
    format!("{minor}e-{}", currency.exponent())
        .parse()
        .unwrap_or(quotient)
}

/// The number that plain decimal text says: an optional sign, digits, and optionally a point with more digits.
///
/// No exponent, thousands separator, currency sign or white space.
///
/// # Errors
/// Anything else, or more digits than [`Decimal`] holds exactly (28) (`is_parse`).
///
/// ```
/// use customer_value::model::parse_amount;
///
/// assert_eq!(parse_amount("-12.50")?.to_string(), "-12.50");
/// assert!(parse_amount("1,234.50").unwrap_err().to_string().contains("thousands"));
/// assert!(parse_amount("1e3").is_err());
/// # Ok::<(), customer_value::Error>(())
/// ```
pub fn parse_amount(text: &str) -> Result<Decimal, Error> {
    let wrong = |why: &str| Error::parse("amount", text, why);
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next();
    let plain = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if !plain(whole) || !fraction.is_none_or(plain) {
        return Err(wrong(if text.is_empty() {
            "it is empty"
        } else if text.contains(',') {
            "write `1234.50`, without thousands separators and with a decimal point"
        } else {
            "write plain digits, such as `1234.50`"
        }));
    }

    let too_long = || wrong("it has too many digits");
    let mut fraction = fraction.unwrap_or_default();
    // Zeros beyond what a decimal can hold say nothing.
    while let ([shorter @ .., b'0'], true) = (fraction, fraction.len() > 28) {
        fraction = shorter;
    }
    let number = whole
        .iter()
        .chain(fraction)
        .try_fold(0_i128, |number, digit| {
            number
                .checked_mul(10)?
                .checked_add(i128::from(digit - b'0'))
        })
        .ok_or_else(too_long)?;
    let number = if negative { -number } else { number };
    u32::try_from(fraction.len())
        .ok()
        .and_then(|scale| Decimal::try_from_i128_with_scale(number, scale).ok())
        .ok_or_else(too_long)
}

impl FromStr for Money {
    type Err = Error;
    /// An amount as [`parse_amount`] reads it, one space, and the code of its currency.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (amount, currency) = text.split_once(' ').ok_or_else(|| {
            Error::parse(
                "amount of money",
                text,
                "an amount is written like `12.34 EUR`",
            )
        })?;
        Self::new(parse_amount(amount)?, currency.parse()?)
            .map_err(|error| Error::parse("amount of money", text, error.to_string()))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.currency.minor_per_major().unsigned_abs();
        let minor = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        write!(f, "{sign}{}", minor / unit)?;
        let decimals = self.currency.exponent() as usize;
        if decimals > 0 {
            write!(f, ".{:0decimals$}", minor % unit)?;
        }
        write!(f, " {}", self.currency)
    }
}

serde_as_text!(Money);
