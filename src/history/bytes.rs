//! The compact stored form of a history.
//!
//! `CVH`, the version, the currency code, the facts (measure, category, other filters), the number of days, the days as
//! differences, and each fact's totals. Whole numbers are variable-length (seven bits a byte, lowest first), signed ones folded
//! (0, −1, 1, −2, …).
//!
//! The number of a measure is its place in [`MEASURES`], plus a bit from `1 << 6` on for each filter beside the category; the
//! texts of those follow that of the category. So a fact without such a filter is stored as it was before there were any.

use crate::Error;
use crate::model::{Currency, Day};

use super::fact::{Fact, Layout, Measure};
use super::one::{History, VERSION};
use super::shard::HistoryView;

const MAGIC: &[u8; 3] = b"CVH";

/// New ones at the end: the place is stored.
const MEASURES: [Measure; 17] = [
    Measure::Purchases,
    Measure::Spend,
    Measure::Gross,
    Measure::Refunds,
    Measure::Cost,
    Measure::Discount,
    Measure::Transactions,
    Measure::ServiceCost,
    Measure::Contacts,
    Measure::LatencySeconds,
    Measure::Latencies,
    Measure::Minutes,
    Measure::Answers,
    Measure::AnswerSum,
    Measure::Complaints,
    Measure::Resolved,
    Measure::RefundCount,
];

/// The bits below are for the place in [`MEASURES`].
const FILTERS: u32 = 6;

/// The filters beside the category, as text.
fn filters(fact: &Fact) -> [Option<&str>; 5] {
    [
        fact.channel(),
        fact.direction().map(|direction| direction.as_str()),
        fact.kind(),
        fact.instrument().map(|instrument| instrument.as_str()),
        fact.topic(),
    ]
}

/// The fact with one more of the [`filters`].
fn with_filter(fact: Fact, filter: usize, text: &str) -> Result<Fact, Error> {
    Ok(match filter {
        0 => fact.with_channel(text),
        1 => fact.with_direction(text.parse()?),
        2 => fact.with_kind(text),
        3 => fact.with_instrument(text.parse()?),
        _ => fact.with_topic(text),
    })
}

pub(super) fn write(history: HistoryView<'_>) -> Vec<u8> {
    let layout = history.layout();
    let mut out = Vec::with_capacity(16 + history.len() * (1 + 3 * layout.facts().len()));
    out.extend_from_slice(MAGIC);
    put(&mut out, VERSION.into());
    out.extend_from_slice(layout.currency().code().as_bytes());
    put(&mut out, layout.facts().len() as u64);
    for fact in layout.facts() {
        let measure = MEASURES.iter().position(|m| *m == fact.measure());
        let others = filters(fact);
        let bits = (FILTERS..).zip(others).filter(|(_, text)| text.is_some());
        let bits = bits.fold(0, |bits, (bit, _)| bits | 1 << bit);
        put(&mut out, measure.unwrap_or(MEASURES.len()) as u64 | bits);
        // 0 is no category.
        put(&mut out, fact.category().map_or(0, |c| c.len() as u64 + 1));
        out.extend_from_slice(fact.category().unwrap_or("").as_bytes());
        for text in others.into_iter().flatten() {
            put(&mut out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
    }
    put(&mut out, history.len() as u64);
    let mut before = 0;
    for day in history.epoch_days() {
        put(&mut out, fold(i64::from(*day) - before));
        before = i64::from(*day);
    }
    for fact in 0..layout.facts().len() {
        for row in 0..history.len() {
            put(&mut out, fold(history.value(fact, row)));
        }
    }
    out
}

pub(super) fn read(stored: &[u8]) -> Result<History, Error> {
    let mut rest = stored
        .strip_prefix(MAGIC)
        .ok_or_else(|| wrong("they do not begin with `CVH`"))?;
    let version = take(&mut rest)?;
    if version != u64::from(VERSION) {
        return Err(Error::misuse(format!(
            "a history of version {version}; this library reads version {VERSION}"
        )));
    }
    let currency: Currency = text(&mut rest, 3)?.parse()?;
    let facts = count(&mut rest)?;
    let mut list = Vec::new();
    for _ in 0..facts {
        let number = take(&mut rest)?;
        let measure = usize::try_from(number & ((1 << FILTERS) - 1))
            .ok()
            .and_then(|m| MEASURES.get(m))
            .filter(|_| number >> FILTERS < 1 << 5)
            .ok_or_else(|| wrong("a measure is not known"))?;
        let mut fact = match count(&mut rest)?.checked_sub(1) {
            None => Fact::new(*measure),
            Some(length) => Fact::of_category(*measure, text(&mut rest, length)?),
        };
        for filter in (0..5).filter(|filter| number >> FILTERS >> filter & 1 == 1) {
            let length = count(&mut rest)?;
            fact = with_filter(fact, filter, text(&mut rest, length)?)?;
        }
        list.push(fact);
    }
    let layout = Layout::new(currency, list.iter().cloned());
    if layout.facts() != list {
        return Err(wrong("the facts are not in their order"));
    }
    let rows = count(&mut rest)?;
    let mut days = Vec::new();
    let mut day = 0_i64;
    for _ in 0..rows {
        day = day
            .checked_add(unfold(take(&mut rest)?))
            .ok_or_else(|| wrong("a day is out of range"))?;
        let valid = i32::try_from(day)
            .ok()
            .and_then(|day| Day::from_epoch_days(day).ok())
            .ok_or_else(|| wrong("a day is out of range"))?;
        days.push(valid.epoch_days());
    }
    let mut totals = Vec::new();
    for _ in 0..facts {
        let column: Result<Vec<i64>, Error> =
            (0..rows).map(|_| Ok(unfold(take(&mut rest)?))).collect();
        totals.push(column?);
    }
    if !rest.is_empty() {
        return Err(wrong("they go on after the end"));
    }
    History::from_parts(layout, days, &totals).map_err(|error| wrong(&error.to_string()))
}

fn wrong(why: &str) -> Error {
    Error::parse("history", "bytes", why)
}

fn fold(value: i64) -> u64 {
    (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned()
}

fn unfold(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(rest: &mut &[u8]) -> Result<u64, Error> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest
            .split_first()
            .ok_or_else(|| wrong("they end too early"))?;
        *rest = tail;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(wrong("a number is too long"))
}

/// A number of things of at least one byte each, so that a wrong one cannot ask for memory.
fn count(rest: &mut &[u8]) -> Result<usize, Error> {
    let n = take(rest)?;
    usize::try_from(n)
        .ok()
        .filter(|n| *n <= rest.len())
        .ok_or_else(|| wrong("they end too early"))
}

fn text<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a str, Error> {
    let (text, tail) = rest
        .split_at_checked(length)
        .ok_or_else(|| wrong("they end too early"))?;
    *rest = tail;
    std::str::from_utf8(text).map_err(|_| wrong("a text is not UTF-8"))
}
