//! Whole numbers of 256 bits: sums of products of any number of customers, exact in any order.

use serde::{Deserialize, Serialize};

/// A number in two's complement. The sum of products of two `i64` over 2^64 customers has 190 bits, and times their number,
/// or the product of two sums, 254: nothing that is counted here wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wide {
    high: i128,
    low: u128,
}

impl Wide {
    pub(super) fn product(a: i128, b: i128) -> Self {
        const HALF: u32 = 64;
        let split = |x: u128| (x >> HALF, x & u128::from(u64::MAX));
        let ((a1, a0), (b1, b0)) = (split(a.unsigned_abs()), split(b.unsigned_abs()));
        let (middle, carry) = (a1 * b0).overflowing_add(a0 * b1);
        let (low, more) = (a0 * b0).overflowing_add(middle << HALF);
        let high = a1 * b1 + (middle >> HALF) + (u128::from(carry) << HALF) + u128::from(more);
        let size = Self {
            high: high.cast_signed(),
            low,
        };
        if (a < 0) == (b < 0) {
            size
        } else {
            size.negative()
        }
    }

    /// The same times a number of customers.
    pub(super) fn times(self, n: u64) -> Self {
        let size = if self.high < 0 { self.negative() } else { self };
        let low = Self::product(i128::from(n), (size.low >> 1).cast_signed());
        let odd = if size.low & 1 == 1 { n } else { 0 };
        let mut out = low.plus(low).plus(Self {
            high: 0,
            low: u128::from(odd),
        });
        out.high = out.high.wrapping_add(size.high.wrapping_mul(i128::from(n)));
        if self.high < 0 { out.negative() } else { out }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        let high = self.high.wrapping_add(other.high);
        Self {
            high: high.wrapping_add(i128::from(carry)),
            low,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(other.negative())
    }

    fn negative(self) -> Self {
        let (low, carry) = (!self.low).overflowing_add(1);
        Self {
            high: (!self.high).wrapping_add(i128::from(carry)),
            low,
        }
    }

    /// The nearest double, or one beside it.
    #[allow(clippy::cast_precision_loss)] // said
    pub(super) fn to_f64(self) -> f64 {
        const TWO_128: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;
        if self.high < 0 {
            let size = self.negative();
            // The least number is its own negative.
            return -(size.high.unsigned_abs() as f64 * TWO_128 + size.low as f64);
        }
        self.high as f64 * TWO_128 + self.low as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_small_numbers_are() {
        let numbers = [0, 1, -1, 7, -12, 1 << 40, -(1 << 62), i128::from(i64::MIN)];
        for a in numbers {
            for b in numbers {
                let product = Wide::product(a, b);
                let exact = Wide {
                    high: (a * b) >> 127,
                    low: (a * b).cast_unsigned(),
                };
                assert_eq!(product, exact, "{a} {b}");
                #[allow(clippy::cast_precision_loss)]
                let double = (a * b) as f64;
                assert!((product.to_f64() - double).abs() == 0.0, "{a} {b}");
                assert_eq!(product.minus(product), Wide::default());
                assert_eq!(product.times(3), product.plus(product).plus(product));
            }
        }
    }

    #[test]
    fn the_largest_numbers_do_not_wrap() {
        for (a, b) in [(i128::MAX, i128::MAX), (i128::MIN + 1, i128::MAX)] {
            let product = Wide::product(a, b);
            let sign = if a < 0 { -1.0 } else { 1.0 };
            assert!((product.to_f64() / (sign * 2.0_f64.powi(254)) - 1.0).abs() < 1e-15);
            // (2^127 − 1)² = 2^254 − 2^128 + 1.
            assert_eq!(if a < 0 { product.negative() } else { product }.low, 1);
        }
        // 2^126 · 2^64 customers, and their number once more.
        let square = Wide::product(i128::from(i64::MIN), i128::from(i64::MIN));
        let all = square.times(u64::MAX);
        assert!((all.to_f64() / 2.0_f64.powi(190) - 1.0).abs() < 1e-15);
        let sum = i128::from(i64::MIN) * i128::from(u64::MAX);
        assert_eq!(all.times(u64::MAX), Wide::product(sum, sum));
        assert_eq!(all.negative().times(u64::MAX), Wide::product(sum, -sum));
    }
}
