//! What Stirling's formula leaves of ln Γ and ψ, so that the large parts can be cancelled on paper: with parameters of 10^12
//! nothing is left of a difference of ln Γ.

/// From here on the series is as good as a double.
pub(super) const LARGE: f64 = 10.0;

/// ln Γ(x) − (x − ½) ln x + x − ½ ln 2π, for x ≥ 10.
///
/// Source: Abramowitz & Stegun 6.1.41.
pub(super) fn ln_gamma_series(x: f64) -> f64 {
    let y = 1.0 / (x * x);
    let series = 1.0 / 12.0
        - y * (1.0 / 360.0
            - y * (1.0 / 1260.0
                - y * (1.0 / 1680.0
                    - y * (1.0 / 1188.0
                        - y * (691.0 / 360_360.0
                            - y * (1.0 / 156.0 - y * (3617.0 / 122_400.0)))))));
    series / x
}

/// ψ(x) − ln x + 1/(2x), for x ≥ 10: the slope of [`ln_gamma_series`].
///
/// Source: Abramowitz & Stegun 6.3.18.
pub(super) fn digamma_series(x: f64) -> f64 {
    let y = 1.0 / (x * x);
    -y * (1.0 / 12.0
        - y * (1.0 / 120.0
            - y * (1.0 / 252.0
                - y * (1.0 / 240.0
                    - y * (1.0 / 132.0 - y * (691.0 / 32760.0 - y * (1.0 / 12.0)))))))
}

/// What Stirling's formula leaves of ln Γ: ln Γ(x) − (x − ½) ln x + x − ½ ln 2π, for x > 0. As well ln Γ(x + 1) less the
/// formula of x!, (x + ½) ln x − x + ½ ln 2π.
pub(crate) fn ln_gamma_rest(x: f64) -> f64 {
    if x < LARGE {
        const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;
        return libm::lgamma(x) - (x - 0.5) * x.ln() + x - HALF_LN_TAU;
    }
    ln_gamma_series(x)
}

/// ψ(x) − ln x, for x > 0; below 0.
///
/// Source: Abramowitz & Stegun 6.3.5 (recurrence), below 10.
pub(crate) fn digamma_rest(x: f64) -> f64 {
    let (mut at, mut sum) = (x, 0.0);
    while at < LARGE {
        sum += 1.0 / at;
        at += 1.0;
    }
    let rest = digamma_series(at) - 0.5 / at;
    if x < LARGE {
        (at / x).ln() + rest - sum
    } else {
        rest
    }
}

/// x ln(x/m) + m − x, given x > 0, m > 0 and the difference m − x, which the caller may know better; 0 or more.
///
/// Source: Loader, *Fast and Accurate Computation of Binomial Probabilities* (2000).
pub(crate) fn deviance(x: f64, m: f64, difference: f64) -> f64 {
    let v = difference / (x + m);
    if v.abs() > 0.1 {
        return (x * (x / m).ln() + difference).max(0.0);
    }
    // With v = (m − x)/(m + x), ln(x/m) = −2 artanh v, and m − x = 2 x v/(1 − v) = v (m − x) + 2 x v.
    let square = v * v;
    let (mut power, mut sum) = (2.0 * x * v, difference * v);
    for k in 1..20 {
        power *= square;
        let term = power / f64::from(2 * k + 1);
        sum -= term;
        if term.abs() <= sum.abs() * 1e-17 {
            break;
        }
    }
    sum.max(0.0)
}

#[cfg(test)]
#[allow(clippy::excessive_precision, clippy::unreadable_literal)] // as mpmath printed them
mod tests {
    use super::*;

    /// x, ln Γ(x) and ψ(x) less the large part, with 60 digits (mpmath 1.3).
    #[rustfmt::skip] // a table
    const RESTS: &[(f64, f64, f64)] = &[
        (1e-12, 12.896572024787655, -999999999972.9462),
        (0.001, 2.5422704679670947, -993.6678166528282),
        (0.5, 0.15342640972002736, -1.2703628454614782),
        (1.0, 0.08106146679532726, -0.5772156649015329),
        (1.4616321449683622, 0.056216264449475584, -0.37955371883951805),
        (3.7, 0.022468770580143144, -0.14117928028866736),
        (9.99, 0.00833889679773433, -0.05088421982926105),
        (10.0, 0.00833056343336287, -0.05083250392732458),
        (250.5, 0.00033266782062409703, -0.00199733599787304),
        (1000000.0, 8.333333333333056e-08, -5.000000833333334e-07),
        (1000000000000.0, 8.333333333333334e-14, -5.000000000000833e-13),
    ];

    /// x, m − x and the deviance, with 60 digits.
    #[rustfmt::skip] // a table
    const DEVIANCES: &[(f64, f64, f64)] = &[
        (5.0, 1e-09, 9.999999998666668e-20),
        (5.0, 0.3, 0.008655459380121121),
        (5.0, 3.0, 0.6499818537713222),
        (1000000000000.0, 1000.0, 4.999999996666667e-07),
        (1000000000000.0, -100000000000.0, 5360515657.826302),
        (1e-12, 5.0, 4.999999999970759),
        (0.2, -0.19, 0.4091464547107981),
        (3000000.0, 1000000.0, 136953.7826446572),
        (1000.0, 250.0, 26.856448685790244),
    ];

    #[test]
    fn sixty_digit_values() {
        for &(x, value, slope) in RESTS {
            // Below 10 the large parts cancel: what is left has their error.
            let size = value + (x - 0.5).abs() * x.ln().abs() + 1.0;
            let to = if x < LARGE {
                1e-15 * size
            } else {
                1e-15 * value
            };
            assert!((ln_gamma_rest(x) - value).abs() <= to, "{x}: ln Γ");
            let error = (digamma_rest(x) / slope - 1.0).abs();
            assert!(error <= 1e-14, "{x}: ψ {error:e}");
        }
        for &(x, difference, value) in DEVIANCES {
            let error = (deviance(x, x + difference, difference) / value - 1.0).abs();
            assert!(error <= 1e-14, "{x} {difference}: {error:e}");
        }
    }
}
