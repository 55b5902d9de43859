//! How sure a count is.

use super::survival::NORMAL_95;

/// Counts above this have limits from an approximation: for them it is as good.
const EXACT: u64 = 10_000;

/// The exact 95 % limits of the mean of a Poisson count (Garwood 1936): the mean of which so many or more come by chance in
/// 2.5 % of cases, and the one of which so many or fewer do.
///
/// Above 10,000 they are those of Wilson & Hilferty (1931), which differ from the exact ones by less than one part in a
/// million.
pub(super) fn limits(count: u64) -> (f64, f64) {
    let low = match count.checked_sub(1) {
        // P(at most n − 1) = 97.5 %.
        Some(fewer) => mean_of(fewer, 0.975, -NORMAL_95),
        None => 0.0,
    };
    (low, mean_of(count, 0.025, NORMAL_95))
}

/// The mean of a Poisson count that is at most `count` with a probability; `normal` is the quantile of the normal distribution
/// at one minus that.
fn mean_of(count: u64, probability: f64, normal: f64) -> f64 {
    let n = whole(count) + 1.0;
    // Wilson & Hilferty: the cube root of a gamma variable is nearly normal.
    let root = 1.0 - 1.0 / (9.0 * n) + normal / (3.0 * n.sqrt());
    let mut mean = n * root * root * root;
    if count >= EXACT {
        return mean;
    }
    // Newton: the derivative of P(at most n) by the mean is −P(exactly n). The start is so good that a few steps do.
    for _ in 0..20 {
        let (at_most, exactly) = cumulative(count, mean);
        let step = (at_most - probability) / exactly;
        if !step.is_finite() {
            break;
        }
        // Never out of the range, however far a step leads.
        mean = (mean + step).clamp(mean / 2.0, mean * 2.0);
        if step.abs() <= 1e-14 * mean {
            break;
        }
    }
    mean
}

/// The probabilities of at most and of exactly so many.
fn cumulative(count: u64, mean: f64) -> (f64, f64) {
    let n = whole(count);
    let exactly = (n * mean.ln() - mean - libm::lgamma(n + 1.0)).exp();
    let (mut term, mut sum) = (exactly, exactly);
    // Downward from the count: the terms fall soon where the mean is near it.
    for k in (1..=count).rev() {
        term *= whole(k) / mean;
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    (sum, exactly)
}

#[allow(clippy::cast_precision_loss)] // counts far below 2^53 where it matters
fn whole(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Garwood's limits, to four places; they are also half of quantiles of χ².
    #[test]
    fn limits_are_the_published_ones() {
        for (count, low, high) in [
            (0, 0.0, 3.6889),
            (1, 0.0253, 5.5716),
            (2, 0.2422, 7.2247),
            (3, 0.6187, 8.7673),
            (5, 1.6235, 11.6683),
            (10, 4.7954, 18.3904),
            (20, 12.2165, 30.8884),
            (50, 37.1110, 65.9188),
            (100, 81.3640, 121.6268),
            (1000, 938.9730, 1063.9521),
        ] {
            let (l, h) = limits(count);
            assert!((l - low).abs() < 6e-5, "{count}: {l} {low}");
            assert!((h - high).abs() < 6e-5, "{count}: {h} {high}");
        }
    }

    #[test]
    fn limits_are_what_they_say_and_the_approximation_goes_on_where_they_end() {
        for count in (1..60).chain([100, 1000, 9_999]) {
            let (low, high) = limits(count);
            assert!((cumulative(count, high).0 - 0.025).abs() < 1e-10, "{count}");
            assert!(
                (cumulative(count - 1, low).0 - 0.975).abs() < 1e-10,
                "{count}"
            );
        }
        let (exact, after) = (limits(9_999), limits(10_001));
        assert!(
            (after.0 - exact.0 - 2.0).abs() < 0.05,
            "{exact:?} {after:?}"
        );
        assert!(
            (after.1 - exact.1 - 2.0).abs() < 0.05,
            "{exact:?} {after:?}"
        );
        assert!(limits(u64::MAX).1.is_finite() && limits(u64::MAX).0 > 1e19);
    }
}
