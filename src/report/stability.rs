//! How far a distribution has moved.

/// The population stability index of two distributions over the same groups: Σ (aᵢ − bᵢ) · ln(aᵢ ÷ bᵢ), of the shares aᵢ and bᵢ
/// of group i.
///
/// 0 for equal shares, and the larger the more they differ; which is the earlier one does not matter. By a rule of thumb a
/// population is stable below 0.1, and another one above 0.25 (Siddiqi, *Credit Risk Scorecards*, 2006).
///
/// The logarithm of an empty group is not defined. A group that is empty in both is left out; one that is empty in one of them
/// is taken as half a customer there, the other counts staying as they are. A missing count is 0. `None` where nobody is
/// counted in one of the two.
///
/// ```
/// use customer_value::report::stability;
///
/// assert_eq!(stability(&[10, 30, 60], &[1, 3, 6]), Some(0.0));
/// let moved = stability(&[10, 30, 60], &[20, 30, 50]).unwrap();
/// assert!((moved - (0.1 * 2.0_f64.ln() + 0.1 * 1.2_f64.ln())).abs() < 1e-12);
/// assert_eq!(stability(&[1, 2], &[0, 0]), None);
/// ```
#[must_use]
pub fn stability(a: &[u64], b: &[u64]) -> Option<f64> {
    let groups = a.len().max(b.len());
    let at = |counts: &[u64], i: usize| counts.get(i).copied().unwrap_or(0);
    let total = |counts: &[u64]| counts.iter().map(|n| to_f64(*n)).sum::<f64>();
    let totals = (total(a), total(b));
    if totals.0 <= 0.0 || totals.1 <= 0.0 {
        return None;
    }
    Some(
        (0..groups)
            .map(|i| (at(a, i), at(b, i)))
            .filter(|counts| *counts != (0, 0))
            .map(|(a, b)| {
                let a = to_f64(a).max(0.5) / totals.0;
                let b = to_f64(b).max(0.5) / totals.1;
                (a - b) * (a / b).ln()
            })
            // Rounding must not make it less than nothing.
            .map(|term| term.max(0.0))
            .sum(),
    )
}

#[allow(clippy::cast_precision_loss)] // for a share
fn to_f64(count: u64) -> f64 {
    count as f64
}
