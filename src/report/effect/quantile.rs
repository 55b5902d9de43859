//! Quantiles and tails of the normal distribution, of Student's t, and of the noncentral t.

use std::f64::consts::SQRT_2;

/// P(Z ≤ z).
pub(super) fn normal_below(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The z with P(|Z| > z) = `rest`, for a rest of 0.0001 to 0.3.
pub(super) fn normal(rest: f64) -> f64 {
    solve(1.0, 4.0, |z| libm::erfc(z / SQRT_2) > rest)
}

/// The point between two at which `is_low` stops being true.
pub(super) fn solve(low: f64, high: f64, is_low: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if is_low(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The t with P(|T| > t) = `rest` for Student's t distribution, for a rest of 0.0001 to 0.3; `df` at least 0.99.
pub(super) fn student(df: f64, rest: f64) -> f64 {
    if df >= 1000.0 {
        return far(df, normal(rest));
    }
    // The chance of being outside ±t falls with t, and the quantile with the degrees of freedom: from 6366 at one of them.
    solve(1.0, 8192.0, |t| outside(t, df) > rest)
}

/// The first terms of the expansion in 1 ÷ df (Abramowitz & Stegun 26.7.5); the next is below 1e-12 from 1000 on.
fn far(df: f64, z: f64) -> f64 {
    let z2 = z * z;
    let terms = [
        z * (z2 + 1.0) / 4.0,
        z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
        z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0,
    ];
    z + terms.iter().rev().fold(0.0, |sum, term| (sum + term) / df)
}

/// P(|T| > t): the regularised incomplete beta function I(x; df/2, 1/2) at x = df ÷ (df + t²), by its continued fraction
/// (Press et al., *Numerical Recipes*, 6.4, with Lentz's method).
fn outside(t: f64, df: f64) -> f64 {
    let (a, b) = (df / 2.0, 0.5);
    let x = df / (df + t * t);
    let rest = t * t / (df + t * t);
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log(rest),
    );
    // The fraction converges fast below this point; above it, I(x; a, b) = 1 − I(1 − x; b, a).
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(rest, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |y: f64| if y.abs() < TINY { TINY } else { y };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for i in 1..500 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            change = c * d;
            h *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// P(T > t) for a noncentral t distribution with shift `delta` ≥ 0, t > 0, df ≥ 1.
///
/// T = (Z + δ)/S with S² = χ²/df, so it is the mean of Φ(δ − t S). With S = e^x the density of x is proportional to
/// exp(df (x − (e^2x − 1)/2)), which falls fast on both sides: the trapezoid rule is as good as a double.
pub(super) fn noncentral_above(t: f64, df: f64, delta: f64) -> f64 {
    const STEPS: i32 = 2048;
    if df > 1e9 {
        return normal_below(delta - t);
    }
    // e^-40 is nothing beside 1.
    let width = (40.0 / df).sqrt();
    let (low, high) = (-(40.0 / df + width), width);
    let step = (high - low) / f64::from(STEPS);
    let (mut sum, mut weights) = (0.0, 0.0);
    for i in 0..=STEPS {
        let x = low + step * f64::from(i);
        let weight = libm::exp(df * (x - 0.5 * libm::expm1(2.0 * x)));
        sum += weight * normal_below(delta - t * libm::exp(x));
        weights += weight;
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_student_are_those_of_the_tables() {
        for (df, t) in [
            (1.0, 12.706_204_736),
            (2.0, 4.302_652_730),
            (5.0, 2.570_581_836),
            (10.0, 2.228_138_852),
            (30.0, 2.042_272_456),
            (100.0, 1.983_971_519),
        ] {
            let found = student(df, 0.05);
            assert!((found - t).abs() < 1e-8, "{df}: {found}");
        }
        // One and two degrees of freedom have closed forms.
        for share in [0.8, 0.95, 0.99, 0.999_f64] {
            let (one, two) = (student(1.0, 1.0 - share), student(2.0, 1.0 - share));
            let exact = (share * 0.5 * std::f64::consts::PI).tan();
            assert!((one / exact - 1.0).abs() < 1e-11, "{one} {exact}");
            let exact = (2.0 * share * share / (1.0 - share * share)).sqrt();
            assert!((two / exact - 1.0).abs() < 1e-12, "{two} {exact}");
        }
        let mut before = f64::INFINITY;
        for df in 2..3000 {
            let t = student(f64::from(df) / 2.0, 0.05);
            assert!(t < before && t > normal(0.05), "{df}");
            before = t;
        }
    }

    #[test]
    fn both_ways_meet() {
        for rest in [0.2, 0.05, 0.01, 0.001] {
            assert!((student(999.999_999, rest) - student(1000.0, rest)).abs() < 2e-10);
            assert!((student(f64::MAX, rest) - normal(rest)).abs() < 1e-15);
            let z = normal(rest);
            assert!((2.0 * normal_below(-z) - rest).abs() < 1e-15);
        }
        // The limit that the noncentral distribution passes to.
        assert!((noncentral_above(1.96, 0.999e9, 2.5) - normal_below(0.54)).abs() < 1e-8);
    }
}
