//! The rising factorial in logs.

/// Terms of Stirling's correction beyond the leading ones: lnΓ(y) = (y − ½) ln y − y + ½ ln 2π + Σ Bₖ y^(1−2k).
const STIRLING: [f64; 6] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
];

/// Stirling's correction at y ≥ 10 and its derivative.
fn correction(y: f64) -> (f64, f64) {
    let square = 1.0 / (y * y);
    let (mut value, mut slope) = (0.0, 0.0);
    for (k, term) in STIRLING.iter().enumerate().rev() {
        value = value * square + term;
        slope = slope * square - (2 * k + 1) as f64 * term;
    }
    (value / y, slope * square)
}

/// ln Γ(r + x)/Γ(r) and its derivative by r, ψ(r + x) − ψ(r), for r > 0.
///
/// Neither loses digits for large r, where the two ln Γ agree in most of theirs.
/// Source: Abramowitz & Stegun 6.1.15 (recurrence, below 10) and 6.1.41 (Stirling's series), the difference taken term by
/// term.
pub(crate) fn ln_rising(r: f64, x: u32) -> (f64, f64) {
    let steps = if r < 10.0 { x.min(10) } else { 0 };
    let (mut product, mut harmonic, mut y) = (1.0, 0.0, r);
    for _ in 0..steps {
        product *= y;
        harmonic += 1.0 / y;
        y += 1.0;
    }
    let small = if steps > 0 { product.ln() } else { 0.0 };
    if x == steps {
        return (small, harmonic);
    }
    let x = f64::from(x - steps);
    let end = y + x;
    let growth = (x / y).ln_1p();
    let ((low, low_slope), (high, high_slope)) = (correction(y), correction(end));
    (
        small + (y - 0.5) * growth + x * (end.ln() - 1.0) + (high - low),
        harmonic + growth + 0.5 * x / (y * end) + (high_slope - low_slope),
    )
}

#[cfg(test)]
#[allow(clippy::excessive_precision)] // as printed by mpmath
mod tests {
    use super::*;

    /// With mpmath, 50 digits.
    #[test]
    fn values() {
        let rows: [((f64, u32), (f64, f64)); 8] = [
            ((1e-12, 3), (-26.9378739353671029, 1000000000001.50002)),
            ((0.4, 1), (-0.91629073187415501, 2.49999999999999986)),
            ((0.25, 7000), (54973.0754944253951, 13.0810832473406321)),
            ((9.75, 25), (75.4542819498780719, 1.30861254392955147)),
            ((12.5, 4), (10.5434070031043689, 0.287555720347711449)),
            (
                (3000000.0, 900),
                (13422.8453984936572, 0.000299955058982985538),
            ),
            (
                (1000000000000.0, 4294967295),
                (118683542215.988189, 0.00428577024757773113),
            ),
            (
                (1000000000000.0, 2),
                (55.2620422318580964, 1.999999999999e-12),
            ),
        ];
        for ((r, x), (value, slope)) in rows {
            let (ours, ours_slope) = ln_rising(r, x);
            assert!((ours / value - 1.0).abs() < 2e-14, "{r} {x} {ours}");
            assert!(
                (ours_slope / slope - 1.0).abs() < 2e-14,
                "{r} {x} {ours_slope}"
            );
        }
        assert_eq!(ln_rising(0.3, 0), (0.0, 0.0));
        assert_eq!(ln_rising(1e9, 0), (0.0, 0.0));
    }
}
