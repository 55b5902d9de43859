//! ln Γ, ψ and binomial-like terms split into a simple large part and a small rest, so that the large parts can be
//! cancelled on paper: with parameters of 10^12 nothing is left of a difference of ln Γ.

/// What Stirling's formula leaves of ln Γ: ln Γ(x) − (x − ½) ln x + x − ½ ln 2π, for x > 0.
///
/// Source: Abramowitz & Stegun 6.1.41, from x = 10 on.
pub(crate) fn ln_gamma_rest(x: f64) -> f64 {
    if x < 10.0 {
        const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;
        return libm::lgamma(x) - (x - 0.5) * x.ln() + x - HALF_LN_TAU;
    }
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

/// ψ(x) − ln x, for x > 0; below 0.
///
/// Source: Abramowitz & Stegun 6.3.5 and 6.3.18, from x = 10 on.
pub(crate) fn digamma_rest(x: f64) -> f64 {
    if x < 10.0 {
        return super::digamma(x) - x.ln();
    }
    let y = 1.0 / (x * x);
    let series = y
        * (1.0 / 12.0
            - y * (1.0 / 120.0
                - y * (1.0 / 252.0
                    - y * (1.0 / 240.0
                        - y * (1.0 / 132.0 - y * (691.0 / 32760.0 - y * (1.0 / 12.0)))))));
    -0.5 / x - series
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
