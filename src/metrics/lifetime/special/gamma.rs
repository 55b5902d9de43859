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

#[cfg(test)]
#[allow(
    clippy::approx_constant,
    clippy::excessive_precision,
    clippy::unreadable_literal
)] // as mpmath printed them
mod tests {
    use super::*;

    fn close(ours: f64, value: f64, to: f64, what: &str) {
        assert!(
            (ours - value).abs() <= to * value.abs() + 1e-15,
            "{what}: {ours} is not {value}"
        );
    }

    #[test]
    fn differences_keep_their_digits() {
        // a, x, lnΓ(a + x) − lnΓ(a), ψ(a + x) − ψ(a)
        let rows = [
            (1e-12, 3.0, -26.937873935367104, 1000000000001.5),
            (0.2425945, 2.0, -1.1991624213581205, 4.926872760290107),
            (0.25, 500.0, 2605.381292330415, 10.441561673590117),
            (9.99, 1.0, 2.301584592660462, 0.1001001001001001),
            (10.0, 7.0, 17.870032625999205, 0.5517607392607392),
            (1000000.0, 3.0, 41.44653467389032, 2.999997000005e-06),
            (
                1000000000000.0,
                4000000000.0,
                110532073818.3278,
                0.003992021269539445,
            ),
            (3.7, 0.001, 0.0011673085423935562, 0.0003099901697266676),
            (50.5, 20.25, 82.8563265817075, 0.3400290799727243),
            (1000000.0, 1000.0, 13816.009891630642, 0.000999500832584199),
        ];
        for (a, x, ln_gamma, digamma) in rows {
            // ln Γ(3.7) and ln Γ(3.701) have 12 digits in common before and after.
            close(
                ln_gamma_ratio(a, x),
                ln_gamma,
                if x < 0.1 { 1e-12 } else { 2e-15 },
                "ln gamma",
            );
            close(
                digamma_difference(a, x),
                digamma,
                if x < 0.1 { 1e-11 } else { 2e-15 },
                "digamma",
            );
        }
        // a, b, m, ln B(a, b + m) − ln B(a, b)
        let rows = [
            (0.7929199, 2.4258881, 2.0, -0.49100530685646443),
            (0.001, 1000000.0, 100.0, -9.999505027833045e-08),
            (1000000.0, 1000000.0, 1000.0, -692.8975552997837),
            (1e-12, 1e-12, 1.0, -0.6931471805599453),
            (0.01, 0.02, 2000.0, -0.4868401220735147),
            (1222.8, 9043.8, 26.0, -3.292955540420426),
            (1000000000000.0, 3.0, 5.0, -130.32309139916228),
            (2.0, 5.0, 1000000.0, -24.229834734235894),
        ];
        for (a, b, m, value) in rows {
            let ours = ln_beta_ratio(a, b, m);
            assert!(
                (ours - value).abs() <= 1e-11,
                "{a} {b} {m}: {ours} is not {value}"
            );
        }
    }

    #[test]
    fn gamma_and_its_derivatives() {
        // x, ln Γ, ψ, ψ′
        let rows = [
            (1e-12, 27.63102111592797, -1000000000000.5773, 1e+24),
            (
                0.001,
                6.907178885383853,
                -1000.5755719318103,
                1000001.6425331959,
            ),
            (
                0.5,
                0.5723649429247001,
                -1.9635100260214235,
                4.934802200544679,
            ),
            (1.0, 0.0, -0.5772156649015329, 1.6449340668482264),
            (
                1.4616321449683622,
                -0.12148629053584961,
                -3.9928730412463046e-17,
                0.9676722454476212,
            ),
            (
                3.7,
                1.4280723266653879,
                1.1671535393615113,
                0.31003785767003833,
            ),
            (
                9.99,
                12.779315214350193,
                2.250700372831201,
                0.10527695014824179,
            ),
            (
                10.0,
                12.801827480081469,
                2.251752589066721,
                0.10516633568168575,
            ),
            (
                250.5,
                1131.2840013322552,
                5.521461584527047,
                0.003999994666696533,
            ),
            (
                1000000.0,
                12815504.569147611,
                13.815510057964191,
                1.0000005000001667e-06,
            ),
            (
                1000000000000.0,
                26631021115915.652,
                27.63102111592805,
                1.0000000000005e-12,
            ),
        ];
        for (x, value, first, second) in rows {
            close(ln_gamma(x), value, 1e-15, "ln gamma");
            close(digamma(x), first, 2e-15, "digamma");
            close(trigamma(x), second, 2e-15, "trigamma");
        }
    }

    #[test]
    fn sums_in_logs() {
        assert_eq!(softplus(0.0), std::f64::consts::LN_2);
        assert_eq!(softplus(1e6), 1e6);
        assert_eq!(softplus(f64::NEG_INFINITY), 0.0);
        assert_eq!(
            log_add(f64::NEG_INFINITY, f64::NEG_INFINITY),
            f64::NEG_INFINITY
        );
    }
}
