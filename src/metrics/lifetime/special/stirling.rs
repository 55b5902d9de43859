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

/// The slope of [`ln_gamma_rest`], for x ≥ 10.
fn rest_slope(x: f64) -> f64 {
    digamma_rest(x) + 0.5 / x
}

/// ψ(x + h) − ψ(x), for x > 0 and h ≥ 0: accurate however little h is of x.
pub(crate) fn digamma_step(x: f64, h: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += h / (x * (x + h));
        x += 1.0;
    }
    sum + (h / x).ln_1p() + (digamma_rest(x + h) - digamma_rest(x))
}

/// ln of B(a, b)/B(a, b + h) = Γ(b) Γ(a + b + h)/(Γ(a + b) Γ(b + h)), for b > 0, a + b ≥ ½ or a > 0, and h ≥ 0; above 0 for
/// a > 0. Accurate in relative terms, also where a or h is far smaller than b.
///
/// It is the same with a and h exchanged. With ln Γ by Stirling's formula the large parts become three logs of 1 + something
/// small; b below 10 is first raised by Γ(b + 1) = b Γ(b).
pub(crate) fn ln_beta_drop(a: f64, b: f64, h: f64) -> f64 {
    let (a, h) = if a.abs() < h { (a, h) } else { (h, a) };
    let (mut b, mut raised) = (b, 0.0);
    while b < 10.0 {
        let step = (a / b) * (h / (a + b + h));
        raised += step + raised * step;
        b += 1.0;
    }
    let (ba, bh) = (b + a, b + h);
    let rest = if a.abs() < 1e-4 {
        // The middle slope is exact to a² of a difference that rounding would swallow.
        a * (rest_slope(bh + 0.5 * a) - rest_slope(b + 0.5 * a))
    } else {
        (ln_gamma_rest(ba + h) - ln_gamma_rest(bh)) - (ln_gamma_rest(ba) - ln_gamma_rest(b))
    };
    let shape = (b - 0.5) * (-(a / ba) * (h / bh)).ln_1p();
    (f64::ln_1p(raised) + rest) + (a * (h / ba).ln_1p() + h * (a / bh).ln_1p() + shape)
}
