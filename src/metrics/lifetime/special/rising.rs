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
