//! Γ and its relatives.

/// ln Γ(x), for x > 0.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// ln B(a, b), for a, b > 0.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// lnΓ(z) − [(z − ½) ln z − z + ½ ln 2π] for z ≥ 10.
///
/// Source: Abramowitz & Stegun 6.1.41.
pub(super) fn stirling(z: f64) -> f64 {
    let y = 1.0 / (z * z);
    (1.0 / 12.0
        - y * (1.0 / 360.0
            - y * (1.0 / 1260.0
                - y * (1.0 / 1680.0
                    - y * (1.0 / 1188.0 - y * (691.0 / 360_360.0 - y * (1.0 / 156.0)))))))
        / z
}

/// lnΓ(a + x) − lnΓ(a), for a > 0 and x ≥ 0, without losing digits where a is large.
///
/// From a = 10 on the difference of the asymptotic series (Abramowitz & Stegun 6.1.41), term by term.
pub(crate) fn ln_gamma_ratio(a: f64, x: f64) -> f64 {
    if x == 0.0 {
        return 0.0;
    }
    if a < 10.0 {
        return ln_gamma(a + x) - ln_gamma(a);
    }
    let sum = a + x;
    (a - 0.5) * (x / a).ln_1p() + x * (sum.ln() - 1.0) + (stirling(sum) - stirling(a))
}

/// ln B(a, b + m) − ln B(a, b), for a, b > 0 and m ≥ 0; never above 0.
///
/// It is −Σ ln(1 + a/(b + j)) over j from 0 to m − 1; beyond a few terms the difference of two
/// [`ln_gamma_ratio`]s with the smaller of a and m as the step.
pub(crate) fn ln_beta_ratio(a: f64, b: f64, m: f64) -> f64 {
    if m <= 3.0 && m.fract() == 0.0 {
        let (mut product, mut at) = (0.0, b);
        let end = b + m - 0.5;
        while at < end {
            product -= (a / at).ln_1p();
            at += 1.0;
            if at > 1e15 {
                return -m * (a / b).ln_1p();
            }
        }
        return product;
    }
    let difference = if a < m {
        ln_gamma_ratio(b, a) - ln_gamma_ratio(b + m, a)
    } else {
        ln_gamma_ratio(b, m) - ln_gamma_ratio(a + b, m)
    };
    difference.min(0.0)
}

/// ψ(a + x) − ψ(a), for a > 0 and x ≥ 0, without losing digits where a is large.
pub(crate) fn digamma_difference(a: f64, x: f64) -> f64 {
    if a < 10.0 {
        return digamma(a + x) - digamma(a);
    }
    let sum = a + x;
    (x / a).ln_1p() + 0.5 * x / (a * sum) + (digamma_series(a) - digamma_series(sum))
}

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

/// ψ(x), the derivative of ln Γ, for x > 0.
///
/// Source: Abramowitz & Stegun 6.3.5 (recurrence) and 6.3.18 (asymptotic series, from x = 10 on).
pub(crate) fn digamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    sum + x.ln() - 0.5 / x - digamma_series(x)
}

/// ln x − 1/(2x) − ψ(x), for x ≥ 10.
fn digamma_series(x: f64) -> f64 {
    let y = 1.0 / (x * x);
    y * (1.0 / 12.0
        - y * (1.0 / 120.0
            - y * (1.0 / 252.0
                - y * (1.0 / 240.0
                    - y * (1.0 / 132.0 - y * (691.0 / 32760.0 - y * (1.0 / 12.0)))))))
}

/// ψ′(x), for x > 0.
///
/// Source: Abramowitz & Stegun 6.4.6 and 6.4.12, from x = 10 on.
pub(crate) fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = y
        * (1.0 / 6.0
            - y * (1.0 / 30.0
                - y * (1.0 / 42.0
                    - y * (1.0 / 30.0
                        - y * (5.0 / 66.0 - y * (691.0 / 2730.0 - y * (7.0 / 6.0)))))));
    sum + 1.0 / x + 0.5 * y + series / x
}
