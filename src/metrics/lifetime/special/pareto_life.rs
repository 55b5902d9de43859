//! How long a customer with a Pareto lifetime will be alive, also with future time discounted.

/// Nodes above 0 and weights of the Gauss–Legendre rule with 16 points.
const GAUSS: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_74),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_79),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_096),
];

/// ∫₀ᵗ (1 + u/b)^−s du: the expected time alive in the next t of a customer whose dropout rate is Gamma(s, b).
///
/// Finite for finite t; s = 1 is no special case.
pub(crate) fn time_alive(s: f64, b: f64, t: f64) -> f64 {
    let length = (t / b).ln_1p();
    let by = (1.0 - s) * length;
    let growth = if by == 0.0 { 1.0 } else { by.exp_m1() / by };
    (b * length * growth).min(t)
}

/// ∫₀ʰ e^(−δu) (1 + u/b)^−s du; h may be infinite. It is infinite only for δ = 0, s ≤ 1 and an infinite h, or where it
/// leaves the range of a double.
///
/// Over an infinite horizon it is b · U(1, 2 − s, δb) = b e^z E_s(z), z = δb, with Tricomi's U and the generalised exponential
/// integral (Abramowitz & Stegun 5.1.4, 13.6.30): by its continued fraction (5.1.22) for z ≥ 1, by its power series (5.1.12,
/// with Γ(1 − s) for any s that is not near an integer) below. Otherwise Gauss–Legendre in ln(1 + u/b).
pub(crate) fn discounted_time_alive(s: f64, b: f64, delta: f64, horizon: f64) -> f64 {
    if horizon == f64::INFINITY {
        let z = delta * b;
        if z == 0.0 {
            return if s > 1.0 {
                b / (s - 1.0)
            } else {
                f64::INFINITY
            };
        }
        let scaled = if z >= 1.0 {
            fraction(s, z)
        } else {
            series(s, z)
        };
        return b * scaled.unwrap_or_else(|| panels(s, z, f64::INFINITY));
    }
    if delta == 0.0 {
        return time_alive(s, b, horizon);
    }
    (b * panels(s, delta * b, (horizon / b).ln_1p())).min(horizon)
}

/// e^z E_s(z) by its continued fraction in the even form, z ≥ 1.
fn fraction(s: f64, z: f64) -> Option<f64> {
    let mut b = z + s;
    let mut c = f64::MAX;
    let mut d = 1.0 / b;
    let mut f = d;
    for k in 1..=200 {
        let k = f64::from(k);
        let a = -k * (s - 1.0 + k);
        b += 2.0;
        d = 1.0 / (b + a * d);
        c = b + a / c;
        let ratio = c * d;
        f *= ratio;
        if (ratio - 1.0).abs() < 1e-15 {
            return Some(f);
        }
    }
    None
}

/// e^z E_s(z) by its power series, z < 1: e^z (Γ(1 − s) z^(s−1) − Σ (−z)^k / (k! (1 − s + k))). `None` where the two parts
/// cancel: s near an integer, or large.
fn series(s: f64, z: f64) -> Option<f64> {
    if s > 4.0 || (s > 0.5 && (s - s.round()).abs() < 0.01) {
        return None;
    }
    let (mut sum, mut term) = (0.0, 1.0);
    for k in 0..40 {
        let k = f64::from(k);
        let part = term / (1.0 - s + k);
        sum += part;
        if k > s && part.abs() < 1e-18 {
            break;
        }
        term *= -z / (k + 1.0);
    }
    let value = z.exp() * (libm::tgamma(1.0 - s) * z.powf(s - 1.0) - sum);
    (value > 0.01 * sum.abs()).then_some(value)
}

/// ∫ exp(−z (e^l − 1) + (1 − s) l) dl from 0 to `end`: panels over which the exponent changes by little.
fn panels(s: f64, z: f64, end: f64) -> f64 {
    let slope = |l: f64| 1.0 - s - z * l.exp();
    let log = |l: f64| (1.0 - s) * l - z * l.exp_m1();
    let (mut sum, mut from, mut top) = (0.0, 0.0_f64, 0.0_f64);
    let mut step = 2.0_f64;
    for _ in 0..400 {
        let before = slope(from);
        let mut to = (from + step).min(end);
        // The exponent is concave, so that it changes by at most this on the panel.
        while before.abs().max(slope(to).abs()) * (to - from) > 5.0 {
            step *= 0.5;
            to = (from + step).min(end);
            if to <= from {
                return sum;
            }
        }
        let half = 0.5 * (to - from);
        let middle = from + half;
        let mut part = 0.0;
        for (node, weight) in GAUSS {
            part += weight * (log(middle - half * node).exp() + log(middle + half * node).exp());
        }
        sum += half * part;
        let reached = log(to);
        top = top.max(reached);
        if to >= end || reached < top - 40.0 {
            break;
        }
        from = to;
        step = (2.0 * step).min(2.0);
    }
    sum
}

#[cfg(test)]
#[allow(clippy::excessive_precision)] // as printed by mpmath
mod tests {
    use super::*;

    /// With mpmath, 50 digits: the integral, and the generalised exponential integral where the horizon is infinite.
    #[test]
    fn values() {
        let rows = [
            ((0.3, 5.0, 0.01, f64::INFINITY), 48.1950169923346432),
            ((0.999, 5.0, 0.01, f64::INFINITY), 12.9916075599103573),
            ((1.0, 5.0, 0.0001, f64::INFINITY), 35.1384985184163201),
            ((2.0, 40.0, 0.002, f64::INFINITY), 32.9735712798680048),
            ((1e-09, 40.0, 0.002, f64::INFINITY), 499.999998902120504),
            ((3.7, 1.0, 0.9, f64::INFINITY), 0.257965238751260187),
            ((0.6, 50.0, 0.1, f64::INFINITY), 9.06271822477611556),
            ((1000.0, 50.0, 0.1, f64::INFINITY), 0.0498005495463110978),
            ((60.0, 7700.0, 0.002, f64::INFINITY), 103.20524561603833),
            (
                (1e-06, 1000000.0, 1000.0, f64::INFINITY),
                0.000999999999999999,
            ),
            ((0.5, 1.0, 1e-09, 10000.0), 198.009333184019828),
            ((0.6, 50.0, 0.0018, 52.0), 39.5088293717289704),
            ((12.0, 3.0, 0.5, 100000.0), 0.237578637247449977),
            ((1.0, 1e-06, 0.001, 1000000.0), 0.0000201460501931909276),
            ((100000.0, 10000000.0, 0.0001, 30.0), 25.8812811786044151),
        ];
        for ((s, b, delta, horizon), value) in rows {
            let ours = discounted_time_alive(s, b, delta, horizon);
            let error = ours / value - 1.0;
            assert!(
                error.abs() < 2e-13,
                "{s} {b} {delta} {horizon}: {ours} {error:e}"
            );
        }
    }
}
