//! The exponential integral of any order.

/// Terms of the power series below [`LARGE`]: 3^32/32! is below 10^-20.
const TERMS: usize = 32;

/// From here on the continued fraction.
const LARGE: f64 = 3.0;

/// e^w E_n(w) = ∫ e^(−wt) (1 + t)^(−n) dt over t from 0 on, for one order n > 1 and any w > 0.
///
/// It is also Tricomi's U(1, 2 − n, w) = w^(n−1) U(n, n, w). Below w = 3 the power series
/// E_n(w) = Γ(1 − n) w^(n−1) − Σ (−w)^k / ((1 − n + k) k!), with its two terms that have a pole at whole n taken together;
/// above, the continued fraction 1/(w + n − n/(w + n + 2 − 2(n + 1)/(w + n + 4 − …))) (Abramowitz & Stegun 5.1.12 and 5.1.22
/// in its even part).
pub(crate) struct ScaledExpint {
    n: f64,
    /// Of w^k in the power series; that of the pole is 0.
    series: [f64; TERMS],
    pole: Option<Pole>,
}

/// The terms with the pole: −(−w)^k/k! · (e^(η X) − 1)/η with X = ln w − base.
struct Pole {
    k: i32,
    eta: f64,
    base: f64,
    /// −(−1)^k/k!.
    factor: f64,
}

impl ScaledExpint {
    pub(crate) fn new(n: f64) -> Self {
        let nearest = (n - 1.0).round();
        let eta = (n - 1.0) - nearest;
        let mut series = [0.0; TERMS];
        let mut pole = None;
        // (−1)^k/k!
        let mut power = 1.0;
        for (k, coefficient) in series.iter_mut().enumerate() {
            let k = k as f64;
            if k > 0.0 {
                power /= -k;
            }
            if k == nearest {
                pole = Some(Pole {
                    k: nearest as i32,
                    eta,
                    base: pole_base(nearest, eta),
                    factor: -power,
                });
            } else {
                *coefficient = power / ((n - 1.0) - k);
            }
        }
        Self { n, series, pole }
    }

    /// w · e^w E_n(w); from 0 to 1.
    pub(crate) fn at(&self, w: f64) -> f64 {
        if w < LARGE {
            return w * self.small(w);
        }
        if w > 1e17 && w > 1e17 * self.n {
            return 1.0;
        }
        let n = self.n;
        let terms = (90.0 / w).ceil() + 4.0;
        let mut i = terms;
        let mut rest = 0.0;
        while i >= 1.0 {
            rest = i * (n - 1.0 + i) / (w + n + 2.0 * i - rest);
            i -= 1.0;
        }
        w / (w + n - rest)
    }

    fn small(&self, w: f64) -> f64 {
        let mut sum = self.series.iter().rev().fold(0.0, |sum, c| sum * w + c);
        if let Some(pole) = &self.pole {
            let x = w.max(f64::MIN_POSITIVE).ln() - pole.base;
            let part = if pole.eta == 0.0 {
                x
            } else {
                (pole.eta * x).exp_m1() / pole.eta
            };
            sum += pole.factor * w.powi(pole.k) * part;
        }
        w.exp() * sum
    }
}

/// (ln Γ(k + 1 + η) − ln Γ(k + 1) − ln(πη / sin πη)) / η; ψ(k + 1) at η = 0.
fn pole_base(k: f64, eta: f64) -> f64 {
    // By Γ(1 + η) Γ(1 − η) = πη / sin πη the part without k is −ln Γ(1 − η)/η.
    let mut sum = ln_gamma_1p(-eta);
    let mut j = 1.0;
    while j <= k {
        sum += if eta == 0.0 {
            1.0 / j
        } else {
            (eta / j).ln_1p() / eta
        };
        j += 1.0;
    }
    sum
}

/// ln Γ(1 + y)/y for |y| ≤ ½; −γ at 0.
fn ln_gamma_1p(y: f64) -> f64 {
    if y.abs() > 0.02 {
        return libm::lgamma(1.0 + y) / y;
    }
    // −γ + Σ ζ(k) (−1)^k y^(k−1)/k (Abramowitz & Stegun 6.1.33).
    const ZETA: [f64; 8] = [
        1.644_934_066_848_226_4,
        1.202_056_903_159_594_2,
        1.082_323_233_711_138_1,
        1.036_927_755_143_37,
        1.017_343_061_984_449,
        1.008_349_277_381_922_7,
        1.004_077_356_197_944_4,
        1.002_008_392_826_082_1,
    ];
    let mut sum = -0.577_215_664_901_532_9;
    let mut power = 1.0;
    for (k, zeta) in (2..).map(f64::from).zip(ZETA) {
        power *= -y;
        sum -= zeta * power / k;
    }
    sum
}

#[cfg(test)]
#[allow(clippy::excessive_precision, clippy::unreadable_literal)] // as mpmath printed them
mod tests {
    use super::*;

    #[test]
    fn it_is_what_40_digits_say() {
        // n, w, e^w E_n(w)
        let rows = [
            (1.24, 0.0001, 3.6132848429668356),
            (1.24, 0.21, 1.181465685906222),
            (1.24, 2.9, 0.2554614661276735),
            (1.24, 3.1, 0.24253088203948667),
            (2.0, 0.5, 0.5385446837581348),
            (2.0000000001, 0.5, 0.5385446837338151),
            (1.9999, 1.5, 0.3276241757034049),
            (1.5, 1.0, 0.4842556877173758),
            (3.2425945, 0.02, 0.43905839273964276),
            (27.3, 1.7, 0.03563453840507116),
            (27.3, 30.0, 0.017595667957248033),
            (1001.0, 0.2, 0.0009997998399120338),
            (1001.0, 500.0, 0.0006665185185623947),
            (1000000.0, 1000000.0, 5.000001249999688e-07),
            (1.000001, 1e-09, 20.145846440433843),
            (5.0, 10000.0, 9.995002997901679e-05),
            (12.0, 12.0, 0.042516355225351375),
            (1000000000.0, 0.1, 1.0000000009e-09),
            (30.2, 2.5, 0.0314653479472413),
            (45.0, 1.0, 0.02221101636310839),
        ];
        for (n, w, value) in rows {
            let ours = ScaledExpint::new(n).at(w) / w;
            assert!(
                (ours - value).abs() <= 1e-12 * value,
                "{n} {w}: {ours} is not {value}"
            );
        }
        for w in [0.0, 1e-300, 1e300, f64::INFINITY] {
            for n in [1.0 + 1e-12, 2.0, 1e12] {
                let ours = ScaledExpint::new(n).at(w);
                assert!((0.0..=1.0).contains(&ours), "{n} {w}: {ours}");
            }
        }
    }
}
