//! What a step saves.

use rust_decimal::Decimal;

use super::ladder::{ExitLadder, StepId};
use crate::model::{Currency, Money, parse_amount};
use crate::table::Row;

impl ExitLadder {
    /// What a step saves of the avoidable cost a year, in minor units of the currency: the step's share of the cost in
    /// minor units, rounded half to even. `None` if the cost is not known, or more than an amount of money can be.
    #[must_use]
    pub fn saving(&self, row: Row<'_>, step: StepId, currency: Currency) -> Option<i64> {
        let share = self.at(step)?.avoids;
        if share.is_zero() {
            return Some(0);
        }
        // Far finer than any currency, and coarse enough for 12.345 to be exactly that.
        let cost = format!("{:.9}", row.number(self.avoidable_cost?)?);
        let cost = Money::rounded(parse_amount(&cost).ok()?, currency).ok()?;
        part_of(cost.minor(), share)
    }
}

/// A share of an amount, rounded half to even.
fn part_of(minor: i64, share: Decimal) -> Option<i64> {
    let unit = 10_i128.checked_pow(share.scale())?;
    let product = i128::from(minor).checked_mul(share.mantissa())?;
    let (whole, rest) = (product.div_euclid(unit), product.rem_euclid(unit));
    let up = match (rest * 2).cmp(&unit) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    i64::try_from(whole + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_and_halves_go_to_the_even_one() {
        let share = |text: &str| parse_amount(text).unwrap();
        for (minor, of, part) in [
            (5, "0.5", 2),
            (7, "0.5", 4),
            (-5, "0.5", -2),
            (-7, "0.5", -4),
            (15, "0.1", 2),
            (25, "0.1", 2),
            (3, "0.35", 1),
            (10_000, "0.6", 6_000),
            (i64::MAX, "1", i64::MAX),
            (i64::MIN, "1", i64::MIN),
            (i64::MAX, "0.3333333333333333", 3_074_457_345_618_258_295),
        ] {
            assert_eq!(part_of(minor, share(of)), Some(part), "{minor} × {of}");
        }
    }
}
