//! Draws: a generator with one stream for ever, and the distributions the models are made of.
//!
//! Own, and not a crate's: the draws are part of the results. A seed names a simulated cohort and an interval is made of
//! draws, so the stream must be the same in every version and on every platform; the crates that draw change theirs between
//! versions. Logs and exponentials are libm's, since the platform's differ in the last bit, and one bit can turn a draw
//! into another.

use libm::{exp, log};

/// One step of splitmix64's mixing: a permutation of the 64-bit numbers.
///
/// Source: Steele, Lea & Flood, *Fast Splittable Pseudorandom Number Generators* (2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A generator: xoshiro256++, seeded by splitmix64.
///
/// Source: Blackman & Vigna, *Scrambled Linear Pseudorandom Number Generators* (2021).
#[derive(Debug, Clone)]
pub(super) struct Draws {
    state: [u64; 4],
    /// The second of a pair of normal draws.
    normal: Option<f64>,
}

impl Draws {
    /// A stream of its own for every list of words, such as a seed, a use and the index of a customer.
    pub(super) fn of(words: &[u64]) -> Self {
        let mut seed = words
            .iter()
            .fold(0_u64, |hash, word| mix((hash ^ word).wrapping_add(GOLDEN)));
        let mut next = || {
            seed = seed.wrapping_add(GOLDEN);
            mix(seed)
        };
        Self {
            state: [next(), next(), next(), next()],
            normal: None,
        }
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c2, d2) = (c ^ a, d ^ b);
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        result
    }

    /// Uniform above 0 and up to 1, a multiple of 2^−53.
    pub(super) fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.next() >> 11) + 1) as f64 * STEP
    }

    /// Whether something of probability p happens.
    pub(super) fn happens(&mut self, p: f64) -> bool {
        self.uniform() <= p
    }

    /// Exponential of mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -log(self.uniform())
    }

    /// How long until something happens that has that rate; infinite at a rate of 0.
    pub(super) fn waiting(&mut self, rate: f64) -> f64 {
        let time = self.exponential();
        if rate > 0.0 {
            time / rate
        } else {
            f64::INFINITY
        }
    }

    /// Failures before the first success, of probability p (and 1 − p = q, known by itself); infinite at p = 0.
    pub(super) fn failures(&mut self, p: f64, q: f64) -> f64 {
        let ln_u = log(self.uniform());
        let ln_q = if p < 0.5 { libm::log1p(-p) } else { log(q) };
        if ln_q < 0.0 {
            (ln_u / ln_q).floor()
        } else {
            f64::INFINITY
        }
    }

    /// Normal of mean 0 and variance 1, by the polar method of Marsaglia & Bray (1964).
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(kept) = self.normal.take() {
            return kept;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                let scale = (-2.0 * log(square) / square).sqrt();
                self.normal = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Gamma of that shape and rate 1. Of a tiny shape it may be 0, as the true draw is below the least double.
    pub(super) fn gamma(&mut self, shape: f64) -> f64 {
        let shape = within(shape);
        if shape < 1.0 {
            exp(self.ln_gamma(shape))
        } else {
            self.gamma_from_one(shape)
        }
    }

    /// ln of a Gamma draw of that shape and rate 1: finite for a tiny shape too.
    fn ln_gamma(&mut self, shape: f64) -> f64 {
        let shape = within(shape);
        if shape < 1.0 {
            // A draw of shape + 1 times U^(1/shape).
            log(self.gamma_from_one(shape + 1.0)) + log(self.uniform()) / shape
        } else {
            log(self.gamma_from_one(shape))
        }
    }

    /// Source: Marsaglia & Tsang, *A Simple Method for Generating Gamma Variables* (2000). At least 95 of 100 tries are
    /// taken.
    fn gamma_from_one(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = self.normal();
            let v = 1.0 + c * z;
            if v <= 0.0 {
                continue;
            }
            let (v, z2) = (v * v * v, z * z);
            let u = self.uniform();
            if u < 1.0 - 0.0331 * z2 * z2 || log(u) < 0.5 * z2 + d * (1.0 - v + log(v)) {
                return d * v;
            }
        }
    }

    /// Beta of shapes a and b, and 1 less it, each with all its digits.
    pub(super) fn beta(&mut self, a: f64, b: f64) -> (f64, f64) {
        let (a, b) = (within(a), within(b));
        if a >= 1.0 && b >= 1.0 {
            let (x, y) = (self.gamma_from_one(a), self.gamma_from_one(b));
            let sum = x + y;
            return (x / sum, y / sum);
        }
        let odds = self.ln_gamma(a) - self.ln_gamma(b);
        (1.0 / (1.0 + exp(-odds)), 1.0 / (1.0 + exp(odds)))
    }
}

/// A shape that can be drawn from: the models' parameters, with what customers add to them, are within it.
fn within(shape: f64) -> f64 {
    if shape > 1e-12 {
        shape.min(1e25)
    } else {
        1e-12
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 20_000;

    fn sample(seed: u64, mut draw: impl FnMut(&mut Draws) -> f64) -> Vec<f64> {
        let mut draws = Draws::of(&[seed]);
        let mut all: Vec<f64> = (0..N).map(|_| draw(&mut draws)).collect();
        all.sort_unstable_by(f64::total_cmp);
        all
    }

    /// Kolmogorov and Smirnov's distance times √n: above 1.95 once in a thousand.
    fn distance(sorted: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
        let n = sorted.len() as f64;
        let gaps = sorted.iter().enumerate().map(|(i, &x)| {
            let (f, i) = (cdf(x), i as f64);
            ((i + 1.0) / n - f).max(f - i / n)
        });
        gaps.fold(0.0, f64::max) * n.sqrt()
    }

    /// P(shape, x) by its series (Abramowitz & Stegun 6.5.29).
    fn gamma_cdf(shape: f64, x: f64) -> f64 {
        let (mut term, mut sum, mut k) = (1.0, 1.0, shape);
        while term > 1e-17 * sum {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        (shape * x.ln() - x - libm::lgamma(shape + 1.0)).exp() * sum
    }

    #[test]
    fn the_stream_never_changes() {
        // xoshiro256++ from a state of 1, 2, 3, 4, as the reference code in C prints it.
        let mut plain = Draws {
            state: [1, 2, 3, 4],
            normal: None,
        };
        assert_eq!(
            [plain.next(), plain.next(), plain.next(), plain.next()],
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386
            ]
        );
        let mut draws = Draws::of(&[7, 1]);
        let first = [draws.gamma(0.5), draws.gamma(30.0), draws.normal()];
        assert_eq!(
            first.map(f64::to_bits),
            [
                4_593_820_786_269_636_934,
                4_629_027_135_046_774_997,
                13_827_962_714_695_932_717
            ]
        );
    }

    #[test]
    fn streams_of_neighbours_have_nothing_in_common() {
        let firsts = (0..N as u64).map(|index| Draws::of(&[1, index]).uniform());
        let mut firsts: Vec<f64> = firsts.collect();
        let pairs = firsts
            .windows(2)
            .map(|pair| (pair[0] - 0.5) * (pair[1] - 0.5));
        let correlation = 12.0 * pairs.sum::<f64>() / N as f64;
        assert!(correlation.abs() < 4.0 / (N as f64).sqrt(), "{correlation}");
        firsts.sort_unstable_by(f64::total_cmp);
        assert!(distance(&firsts, |u| u) < 1.95);
    }

    #[test]
    fn uniform_and_exponential_draws_have_their_distributions() {
        assert!(distance(&sample(1, Draws::uniform), |u| u) < 1.95);
        assert!(distance(&sample(2, Draws::exponential), |t| -(-t).exp_m1()) < 1.95);
        let normal = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        assert!(distance(&sample(3, Draws::normal), normal) < 1.95);
    }

    #[test]
    fn gamma_draws_have_their_distribution() {
        for shape in [0.02, 0.24, 0.9, 1.0, 2.5, 40.0, 300.0] {
            let sorted = sample(4, |draws| draws.gamma(shape));
            let apart = distance(&sorted, |x| gamma_cdf(shape, x));
            assert!(apart < 1.95, "{shape}: {apart}");
        }
    }

    #[test]
    fn a_tiny_shape_stays_in_range() {
        // ln of the draw is about −1/shape times an exponential draw.
        let shape = 1e-12;
        let sorted = sample(5, |draws| -draws.ln_gamma(shape) * shape);
        assert!(distance(&sorted, |t| -(-t).exp_m1()) < 1.95);
        let mut draws = Draws::of(&[6]);
        for _ in 0..1000 {
            let (p, q) = draws.beta(shape, shape);
            assert!((0.0..=1.0).contains(&p) && (0.0..=1.0).contains(&q));
            assert!((0.0..f64::INFINITY).contains(&draws.gamma(shape)));
            assert!((0.0..f64::INFINITY).contains(&draws.gamma(1e21)));
        }
    }

    #[test]
    fn beta_draws_have_their_moments() {
        for (a, b) in [(0.79_f64, 2.43_f64), (0.05, 0.3), (3.0, 1.5), (200.0, 7.0)] {
            let all = sample(7, |draws| {
                let (p, q) = draws.beta(a, b);
                assert!((p + q - 1.0).abs() < 1e-15);
                p
            });
            let (mean, sum) = (a / (a + b), a + b);
            let variance = mean * (1.0 - mean) / (sum + 1.0);
            let n = N as f64;
            let found = all.iter().sum::<f64>() / n;
            let square = all.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / n;
            assert!((found - mean).abs() < 4.0 * (variance / n).sqrt());
            assert!((square / variance - 1.0).abs() < 0.06, "{a} {b}: {square}");
        }
        // B(a, 1) is U^(1/a).
        let sorted = sample(8, |draws| draws.beta(0.3, 1.0).0);
        assert!(distance(&sorted, |p| p.powf(0.3)) < 1.95);
    }

    #[test]
    fn failures_before_a_success() {
        let all = sample(9, |draws| draws.failures(0.2, 0.8));
        let none = all.iter().filter(|k| **k == 0.0).count() as f64 / N as f64;
        let mean = all.iter().sum::<f64>() / N as f64;
        assert!(
            (none - 0.2).abs() < 0.012 && (mean - 4.0).abs() < 0.13,
            "{none} {mean}"
        );
        let mut draws = Draws::of(&[10]);
        assert_eq!(draws.failures(1.0, 0.0), 0.0);
        assert_eq!(draws.failures(0.0, 1.0), f64::INFINITY);
    }
}
