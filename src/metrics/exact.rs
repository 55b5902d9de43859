//! Whole numbers to the last step, and one division.

use std::cmp::Ordering;

use crate::summary::Summary;

/// A quotient of whole numbers, rounded once while both are below 2^53; `None` by zero.
pub(crate) fn quotient(numerator: i128, denominator: i128) -> Option<f64> {
    (denominator != 0).then(|| nearest(numerator) / nearest(denominator))
}

/// The nearest double; nearly every number fits 64 bits, for which the machine has an instruction.
#[allow(clippy::cast_precision_loss)] // beyond 2^53 the rounding is still below any cent that a double shows
fn nearest(number: i128) -> f64 {
    i64::try_from(number).map_or_else(|_| number as f64, |number| number as f64)
}

/// An amount of minor units shared out over `parts`, in major units; `None` over no parts.
///
/// 0.30 over 3 is 30 / 300, the double that `0.1` is; (30 / 100) / 3 is not.
pub(super) fn money_over(customer: &Summary<'_>, minor: i128, parts: i128) -> Option<f64> {
    let per_major = i128::from(customer.currency().minor_per_major());
    quotient(minor, parts.saturating_mul(per_major))
}

/// A part of a whole, 0 to 1; `None` of nothing.
pub(crate) fn share(part: i128, whole: i128) -> Option<f64> {
    if whole <= 0 {
        return None;
    }
    quotient(part.clamp(0, whole), whole)
}

/// A quotient of whole numbers as a whole number, halves to the even one; `None` unless the divisor is above zero.
pub(crate) fn half_even(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator <= 0 {
        return None;
    }
    let whole = numerator.div_euclid(denominator);
    let rest = numerator.rem_euclid(denominator);
    let up = match rest.cmp(&(denominator - rest)) {
        Ordering::Less => false,
        Ordering::Equal => whole % 2 != 0,
        Ordering::Greater => true,
    };
    Some(whole + i128::from(up))
}

/// The nearest whole number of 64 bits.
pub(crate) fn clamped(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}
