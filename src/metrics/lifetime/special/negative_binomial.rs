//! The negative binomial distribution, in logs.

use super::stirling::{deviance, ln_gamma_rest};

/// Most steps of the continued fraction; enough for shapes to 10^9 or so.
const MOST_STEPS: u32 = 100_000;

/// ln of the probability of n events of a Gamma(r, α) mixed Poisson process in the time t, where `ratio` is t/α:
/// Γ(r + n)/(Γ(r) n!) · (1 + ratio)^−r · (ratio/(1 + ratio))^n.
///
/// Few factors are multiplied. Source for more: Loader, *Fast and Accurate Computation of Binomial Probabilities* (2000), ln P
/// as deviances and what Stirling's formula leaves, so that no digits are lost where n or r is large.
pub(crate) fn ln_probability(n: f64, r: f64, ratio: f64) -> f64 {
    const FEW: f64 = 10.0;
    let none = || -r * ratio.ln_1p();
    if n == 0.0 {
        return none();
    }
    if ratio == 0.0 {
        return f64::NEG_INFINITY;
    }
    // z = t/(α + t) and 1 − z.
    let (z, rest) = (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio));
    if n <= FEW {
        let (mut product, mut j) = (1.0, 0.0);
        while j < n {
            product *= (r + j) * z / (j + 1.0);
            j += 1.0;
        }
        // Outside the range of a double, by logs.
        if product.is_normal() {
            return product.ln() + none();
        }
    }
    let all = n + r;
    let rests = ln_gamma_rest(all) - ln_gamma_rest(n) - ln_gamma_rest(r);
    // What n and r would be at the ratio differs from what they are by as much, up and down.
    let more = r * z - n * rest;
    let deviances = deviance(n, all * z, more) + deviance(r, all * rest, -more);
    rests - deviances + 0.5 * (r / (std::f64::consts::TAU * n * all)).ln()
}

/// ln P(at least n events), for n ≥ 1: the regularised incomplete beta function I_z(n, r).
///
/// Source: the continued fraction of DLMF 8.17.22, on the side of the mean where it converges.
pub(crate) fn ln_tail(n: f64, r: f64, ratio: f64) -> f64 {
    if ratio == 0.0 {
        return f64::NEG_INFINITY;
    }
    let ln_p = ln_probability(n, r, ratio);
    let (z, rest) = (ratio / (1.0 + ratio), 1.0 / (1.0 + ratio));
    if z * (n + r + 2.0) < n + 1.0 {
        return (ln_p + fraction(n, r, z).ln()).min(0.0);
    }
    let below = (ln_p + (n / r * fraction(r, n, rest)).ln()).exp();
    // Rounding may take it a little above 1.
    if below < 1.0 { (-below).ln_1p() } else { ln_p }
}

/// a z^(−a) (1 − z)^(−b) ∫ u^(a−1) (1 − u)^(b−1) du over u from 0 to z, by Lentz's method.
fn fraction(a: f64, b: f64, z: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * z / (a + 1.0));
    let mut value = d;
    for m in (1..=MOST_STEPS).map(f64::from) {
        let even = m * (b - m) * z / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * z / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value.max(1.0)
}

#[cfg(test)]
#[allow(clippy::excessive_precision, clippy::unreadable_literal)] // as mpmath printed them
mod tests {
    use super::*;

    #[test]
    fn it_is_what_40_digits_say() {
        // n, r, t/α, ln P(n), ln P(at least n)
        let rows = [
            (
                1000000.0,
                2000000.0,
                0.25,
                -146190.5396045449,
                -146189.623316813,
            ),
            (2.0, 1e-09, 1.0, -22.802707378319393, -22.367568623524953),
            (50.0, 0.1, 0.0001, -466.296464099424, -466.29636586912466),
            (
                1.0,
                0.2425945,
                0.4,
                -2.7507532362950315,
                -2.5461391468723407,
            ),
            (10.0, 0.2425945, 9.0, -4.685262716068636, -2.746410608070461),
            (5000.0, 12.5, 99.0, -28.588568889251782, -23.732166877645685),
            (3.0, 1000.0, 0.002, -1.7133170952135377, -1.1291019282441237),
            (
                1000.0,
                1000000.0,
                0.001,
                -4.373399256276088,
                -0.6847843654802976,
            ),
            (
                7.0,
                500000.0,
                1e-05,
                -2.2590989740253784,
                -1.4362526811533054,
            ),
        ];
        for (n, r, ratio, one, tail) in rows {
            for (ours, value) in [
                (ln_probability(n, r, ratio), one),
                (ln_tail(n, r, ratio), tail),
            ] {
                let error = (ours - value).abs();
                assert!(
                    error <= 1e-14 * value.abs().max(10.0),
                    "{n} {r} {ratio}: {ours} is not {value}"
                );
            }
        }
        assert_eq!(ln_probability(0.0, 3.0, 0.0), 0.0);
        assert_eq!(ln_tail(2.0, 3.0, 0.0), f64::NEG_INFINITY);
    }
}
