//! Sums of numbers known by their logs.

/// ln(1 + e^x).
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// ln(e^a + e^b) without leaving the range of a double; −∞ is the log of nothing.
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY {
        return high;
    }
    high + (low - high).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_in_logs() {
        assert_eq!(softplus(0.0), std::f64::consts::LN_2);
        assert_eq!(softplus(1e6), 1e6);
        assert_eq!(softplus(f64::NEG_INFINITY), 0.0);
        let nothing = f64::NEG_INFINITY;
        assert_eq!(log_add(nothing, nothing), nothing);
        assert_eq!(log_add(nothing, 3.0), 3.0);
        assert_eq!(log_add(1e6, 1e6), 1e6 + std::f64::consts::LN_2);
    }
}
