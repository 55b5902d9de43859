//! Root finding that always ends: halving the doubles, not the interval.

/// The smallest double from `low` to `high` for which `holds` is true, if it is so from some double on; `high` if it never is.
///
/// There are fewer than 2^64 doubles, so at most 64 calls find it, whatever the scale, and there is no tolerance to choose.
/// Neither end may be NaN.
pub(super) fn first_where(low: f64, high: f64, mut holds: impl FnMut(f64) -> bool) -> f64 {
    let (mut low, mut high) = (key(low), key(high));
    while low < high {
        // Below `high`, because the shift rounds down.
        let middle = ((i128::from(low) + i128::from(high)) >> 1) as i64;
        if holds(double(middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    double(low)
}

/// The place of a double among all of them: the order of `f64::total_cmp`.
fn key(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// The double at a place: the flip of [`key`] is its own inverse.
fn double(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_very_double() {
        for wanted in [-f64::MAX, -1.0, -1e-300, 0.0, 1e-320, 0.1, 7.0, 1e300] {
            let mut calls = 0;
            let found = first_where(-f64::MAX, f64::MAX, |x| {
                calls += 1;
                x >= wanted
            });
            // Minus zero is the first double that is at least zero.
            assert!(found == wanted, "{found} for {wanted}");
            assert!(calls <= 64);
        }
        assert_eq!(first_where(1.0, 2.0, |_| true), 1.0);
        assert_eq!(first_where(1.0, 2.0, |_| false), 2.0);
    }
}
