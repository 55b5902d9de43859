//! Gauss' hypergeometric series where it converges fast.

/// Most terms of a series: beyond, another form is faster.
const MOST_TERMS: u32 = 200;

/// The same where the other form costs more.
const MOST_TERMS_AT: u32 = 400;

/// Σ over n ≥ 1 of (k)_n (e + 1)_(n−1) zⁿ / ((c)_n n!), that is (₂F₁(k, e; c; z) − 1)/e, whose limit at e = 0 it has
/// too. For c > 0 and 0 ≤ z < 1.
///
/// In Euler's form ₂F₁(α, β; c; z) = (1 − z)^e' ₂F₁(c − α, c − β; c; z) the numbers k = c − α and e = c − β are small for
/// our models and do not grow with the customer's purchases, so few terms are enough (Abramowitz & Stegun 15.1.1, 15.3.3).
///
/// `None` if the terms do not fall fast enough, or cancel.
pub(crate) fn hyp2f1_rest(k: f64, e: f64, c: f64, z: f64) -> Option<f64> {
    let mut n = 0.0;
    let mut term = k * z / c;
    let (mut sum, mut size) = (term, term.abs());
    for _ in 0..MOST_TERMS {
        n += 1.0;
        let ratio = (k + n) * (e + n) * z / ((c + n) * (n + 1.0));
        term *= ratio;
        sum += term;
        size += term.abs();
        // What is left is less than a geometric series of the last ratio, once the factors are past their signs.
        if term.abs() <= 1e-17 * size * (1.0 - ratio) {
            return (size <= 100.0 * sum.abs() && size < f64::INFINITY).then_some(sum);
        }
    }
    None
}

/// [`hyp2f1_rest`] for many z in ascending order: they share the coefficients.
///
/// `None` where 1 + e · the sum, which is ₂F₁, is much less than its terms.
pub(crate) fn hyp2f1_rest_at<const N: usize>(
    k: f64,
    e: f64,
    c: f64,
    z: &[f64; N],
) -> Option<[f64; N]> {
    let largest = *z.last()?;
    let mut n = 0.0;
    let mut factor = k / c;
    let mut power = *z;
    let mut sums = power.map(|power| factor * power);
    let mut term = factor * largest;
    let mut size = term.abs();
    for _ in 0..MOST_TERMS_AT {
        n += 1.0;
        let ratio = (k + n) * (e + n) / ((c + n) * (n + 1.0));
        factor *= ratio;
        for ((sum, power), z) in sums.iter_mut().zip(&mut power).zip(z) {
            *power *= z;
            *sum += factor * *power;
        }
        term *= ratio * largest;
        size += term.abs();
        if term.abs() <= 1e-17 * size * (1.0 - (ratio * largest).abs()) {
            let size = 1.0 + e.abs() * size;
            let exact = |sum: &f64| sum.is_finite() && size <= 100.0 * (1.0 + e * sum);
            return sums.iter().all(exact).then_some(sums);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::excessive_precision, clippy::unreadable_literal)] // as mpmath printed them
mod tests {
    use super::*;

    #[test]
    fn it_is_what_40_digits_say() {
        // k, e, c, z, ₂F₁(k, e; c; z)
        let rows = [
            (1.9762136, -0.2070801, 3.218808, 0.474, 0.9293632810982451),
            (-0.3, 0.5, 2.2, 0.5, 0.9624921499612185),
            (0.5, 0.7, 300.0, 0.99, 1.0011598796255858),
            (4.0, 2.0, 9.0, 0.3, 1.3434408972444492),
        ];
        for (k, e, c, z, value) in rows {
            let ours = 1.0 + e * hyp2f1_rest(k, e, c, z).unwrap();
            assert!((ours - value).abs() <= 1e-14 * value, "{ours} {value}");
        }
        assert_eq!(hyp2f1_rest(2.0, 2.0, 2.0, 0.9999), None);
    }

    #[test]
    fn many_are_one_by_one() {
        for (k, e, c) in [(1.98, -0.2, 3.2), (-0.3, 0.5, 2.2), (0.5, 1e-9, 300.0)] {
            let z = [0.0, 1e-9, 0.2, 0.7];
            let all = hyp2f1_rest_at(k, e, c, &z).unwrap();
            for (z, ours) in z.into_iter().zip(all) {
                let one = hyp2f1_rest(k, e, c, z).unwrap_or(0.0);
                assert!(
                    (ours - one).abs() <= 1e-14 * one.abs(),
                    "{k} {z}: {ours} {one}"
                );
            }
        }
        // Slow, and cancelling.
        assert_eq!(hyp2f1_rest_at(2.0, 2.0, 2.0, &[0.1, 0.9999]), None);
        assert_eq!(hyp2f1_rest_at(-80.0, 2.0, 2.0, &[0.1, 0.9]), None);
        // Coefficients beyond a double, and powers below.
        assert_eq!(hyp2f1_rest_at(-2e10, 1.0, 2.0, &[1e-12, 6e-9]), None);
    }
}
