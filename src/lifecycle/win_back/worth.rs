//! What an offer to one customer is worth: exact, rounded once.

use rust_decimal::Decimal;

/// The decimals that are kept of a response: more than a double has.
const DECIMALS: u32 = 18;
const ONE: i128 = 10_i128.pow(DECIMALS);

/// A share of customers, above 0 and at most 1, as a decimal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Response {
    /// In parts of [`ONE`].
    parts: i128,
    /// As the policy has it.
    pub written: f64,
}

impl Response {
    pub(crate) fn new(share: Decimal, written: f64) -> Option<Self> {
        let share = share.round_dp(DECIMALS);
        let parts = share.mantissa() * 10_i128.pow(DECIMALS.checked_sub(share.scale())?);
        (0..=ONE)
            .contains(&parts)
            .then_some(Self { parts, written })
    }

    /// `response` × (`value` − `cost_if_won`) − `cost` in minor units, rounded half to even. It stops at the ends of `i64`.
    pub(crate) fn net(self, value: i64, cost_if_won: i64, cost: i64) -> i64 {
        // At most 10^18 × 2^64 + 10^18 × 2^63, which is less than 2^125.
        let gain = self.parts * (i128::from(value) - i128::from(cost_if_won));
        let net = gain - i128::from(cost) * ONE;
        let (whole, rest) = (net.div_euclid(ONE), net.rem_euclid(ONE));
        let up = match (2 * rest).cmp(&ONE) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => whole % 2 != 0,
            std::cmp::Ordering::Greater => true,
        };
        let whole = whole + i128::from(up);
        i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX })
    }
}

/// The minor units of a number of major ones, to the nearest, halves to the even one. It stops at the ends of `i64`.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // a cast saturates; a column is a double
pub(crate) fn minor(major: f64, minor_per_major: i64) -> i64 {
    (major * minor_per_major as f64).round_ties_even() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(text: &str) -> Response {
        Response::new(text.parse().unwrap(), 0.0).unwrap()
    }

    #[test]
    fn halves_go_to_the_even_minor_unit() {
        let half = response("0.5");
        // 0.5, 1.5, -0.5, -1.5
        let found = [1, 3, -1, -3].map(|value| half.net(value, 0, 0));
        assert_eq!(found, [0, 2, 0, -2]);
        // The whole is rounded, not the gain: 0.5 - 1 = -0.5.
        assert_eq!(half.net(1, 0, 1), 0);
        assert_eq!(half.net(3, 0, 1), 0);
        assert_eq!(half.net(5, 0, 1), 2);
    }

    #[test]
    fn the_ends_of_the_numbers_are_no_trouble() {
        for parts in ["1", "0.000000000000000001", "0.3333333333333333333"] {
            let response = response(parts);
            for value in [i64::MIN, -1, 0, 1, i64::MAX] {
                for cost in [0, i64::MAX] {
                    let _ = response.net(value, cost, cost);
                }
            }
        }
        assert_eq!(response("1").net(i64::MIN, i64::MAX, i64::MAX), i64::MIN);
        assert_eq!(response("1").net(i64::MAX, 0, 0), i64::MAX);
        assert_eq!(minor(f64::MAX, 100), i64::MAX);
        assert_eq!(minor(0.125, 100), 12);
    }

    #[test]
    fn a_response_is_the_decimal_that_was_written() {
        // As doubles 0.07 × 100 is 7.000000000000001.
        assert_eq!(response("0.07").net(5_000, 0, 0), 350);
        assert_eq!(response("0.035").net(100, 0, 0), 4);
        assert_eq!(response("0.045").net(100, 0, 0), 4);
    }
}
