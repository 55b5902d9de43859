//! Days, amounts, ids and words.

use std::ops::RangeInclusive;

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::select;

use crate::model::{Currency, CustomerId, Day, Days, Money, Span, Unit};
use crate::summary::Period;

/// Words of the trade: categories, channels, topics.
pub(super) const WORDS: [&str; 6] = ["books", "music", "web", "store", "delivery", "garden tools"];

/// Days of a range, both ends included. Shrinks to its first day.
///
/// ```
/// use customer_value::interop::proptest::days;
/// use proptest::prelude::*;
///
/// let year = "2024-01-01".parse().unwrap()..="2024-12-31".parse().unwrap();
/// proptest!(|(day in days(year))| {
///     prop_assert_eq!(day.year(), 2024);
/// });
/// ```
pub fn days(range: RangeInclusive<Day>) -> impl Strategy<Value = Day> + Clone {
    let (first, last) = (range.start().epoch_days(), range.end().epoch_days());
    (first..=last.max(first)).prop_map(|day| Day::from_epoch_days(day).unwrap_or(Day::MIN))
}

/// Lengths of time, in days of a range. Shrinks towards its first.
pub fn spans(range: RangeInclusive<i32>) -> impl Strategy<Value = Days> + Clone {
    range.prop_map(Days::new)
}

/// Lengths of time as people agree on them: days, months or years. Shrinks to one day.
pub fn lengths() -> impl Strategy<Value = Span> + Clone {
    lengths_of(36)
}

/// The same, of up to so many months.
pub(super) fn lengths_of(months: u32) -> impl Strategy<Value = Span> + Clone {
    let days = 30 * months;
    let some = (0..4_u8, 1..=days, 1..=months);
    some.prop_filter_map("a length of time", |(kind, days, months)| match kind {
        0 | 1 => Span::days(days).ok(),
        _ => Span::months(months).ok(),
    })
}

/// Periods of the calendar. Shrinks to the year, of which there are the fewest.
pub(super) fn periods() -> impl Strategy<Value = Period> + Clone {
    select(vec![
        Period::Year,
        Period::Quarter,
        Period::Month,
        Period::Week,
    ])
}

/// Every currency the crate knows; shrinks to one without decimals.
pub fn currencies() -> impl Strategy<Value = Currency> + Clone {
    select(Currency::all().collect::<Vec<_>>())
}

/// Amounts of one currency, in minor units of a range.
pub fn money(
    currency: Currency,
    minor: RangeInclusive<i64>,
) -> impl Strategy<Value = Money> + Clone {
    minor.prop_map(move |minor| Money::from_minor(minor, currency))
}

/// Ids of customers: small numbers, large ones, and texts (also such as look like a number and are none).
pub fn customer_ids() -> impl Strategy<Value = CustomerId> + Clone {
    prop_oneof![
        4 => (1..=9_u64).prop_map(CustomerId::from),
        1 => any::<u64>().prop_map(CustomerId::from),
        2 => "[a-zA-Z0-9é-]{1,8}".prop_filter_map("a text", |text| CustomerId::text(&text).ok()),
    ]
}

/// Some of the time a value, if it is wanted at all.
pub(super) fn maybe<S>(wanted: bool, share: f64, strategy: S) -> BoxedStrategy<Option<S::Value>>
where
    S: Strategy + 'static,
    S::Value: Clone,
{
    match wanted {
        true => option::weighted(share, strategy).boxed(),
        false => Just(None).boxed(),
    }
}

/// Texts that are not blank, as a category, a channel or a topic has them.
pub(super) fn words() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        3 => select(&WORDS[..]).prop_map(str::to_owned),
        1 => "[a-zA-Zé][a-zA-Z é]{0,6}[a-zA-Zé]".prop_map(String::from),
    ]
}

/// Units a number can have that is neither a date nor a flag.
pub(super) fn number_units() -> impl Strategy<Value = Unit> + Clone {
    select(vec![
        Unit::Ratio,
        Unit::Count,
        Unit::Money,
        Unit::Days,
        Unit::Hours,
        Unit::Share,
        Unit::Percent,
        Unit::Points,
        Unit::CountPer(Days::new(30)),
        Unit::MoneyPer(Days::new(365)),
    ])
}

/// A part of a thousand as a value that a column of a unit could have, with few decimals.
pub(super) fn value_of(unit: Unit, thousandths: u16) -> f64 {
    let (low, high) = match unit {
        Unit::Count => return f64::from(thousandths / 40),
        Unit::Days => return f64::from(thousandths),
        Unit::Date => return f64::from(18_000 + 4 * i32::from(thousandths)),
        Unit::Flag => return f64::from(thousandths % 2),
        Unit::Share => (0.0, 1.0),
        Unit::Percent | Unit::Points => (0.0, 100.0),
        Unit::Ratio => (-1.0, 4.0),
        Unit::CountPer(_) => (0.0, 10.0),
        Unit::Hours => (0.0, 72.0),
        Unit::Money | Unit::MoneyPer(_) => (0.0, 500.0),
    };
    let value: f64 = low + (high - low) * f64::from(thousandths.min(1000)) / 1000.0;
    (value * 1000.0).round() / 1000.0
}
