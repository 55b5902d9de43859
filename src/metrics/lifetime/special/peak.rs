//! Integrals of functions with one peak, of any height and width.
#![allow(clippy::indexing_slicing)] // fixed small arrays, indices from their own lengths

/// How far below the peak, in logs, the tails are cut: e^−40 is 4 · 10^−18.
const DEPTH: f64 = 40.0;

/// Intervals at most, so that every integral ends.
const INTERVALS: usize = 2000;

/// Nodes and weights of the Gauss–Kronrod rule with 15 points (nodes from 0 up), and the weights of its 7 Gauss points.
///
/// Source: QUADPACK, `qk15`.
const NODES: [f64; 8] = [
    0.0,
    0.207_784_955_007_898_47,
    0.405_845_151_377_397_2,
    0.586_087_235_467_691_1,
    0.741_531_185_599_394_4,
    0.864_864_423_359_769_1,
    0.949_107_912_342_758_5,
    0.991_455_371_120_812_6,
];
const KRONROD: [f64; 8] = [
    0.209_482_141_084_727_83,
    0.204_432_940_075_298_89,
    0.190_350_578_064_785_41,
    0.169_004_726_639_267_9,
    0.140_653_259_715_525_92,
    0.104_790_010_322_250_18,
    0.063_092_092_629_978_55,
    0.022_935_322_010_529_224,
];
const GAUSS: [f64; 4] = [
    0.417_959_183_673_469_4,
    0.381_830_050_505_118_9,
    0.279_705_391_489_276_67,
    0.129_484_966_168_869_7,
];

/// ln ∫ e^h from `low` to `high` (either may be infinite), and the means of N more functions under the weight e^h.
///
/// h, the first of what `f` gives, has one maximum and falls away from it, at least linearly towards an infinite end.
/// `start` is where the search for the maximum begins. Cut where e^h is 4 · 10^−18 of its peak, then adaptive Gauss–Kronrod
/// on each side of the peak.
pub(crate) fn ln_integral<const N: usize>(
    f: impl Fn(f64) -> (f64, [f64; N]),
    start: f64,
    low: f64,
    high: f64,
) -> (f64, [f64; N]) {
    let h = |at: f64| f(at).0;
    let start = start.clamp(low, high);
    let (left, peak, right) = bracket(&h, start, low, high);
    let top = h(peak);
    if top == f64::NEG_INFINITY {
        return (top, [0.0; N]);
    }
    // Within the bracket e^h is about its peak or well above its tails: less than the integral, of its size or not far below.
    let scale = 0.3 * (right - left);
    let left = edge(&h, peak, left, low, top);
    let right = edge(&h, peak, right, high, top);
    let weigh = |at: f64| {
        let (log, more) = f(at);
        ((log - top).exp(), more)
    };
    let mut sum = Sum::<N>::default();
    // A large h is rounded, and e^h is no smoother than that.
    let tolerance = scale * (1e-11 + 8.0 * f64::EPSILON * top.abs());
    sum.add(&weigh, left, peak, tolerance);
    sum.add(&weigh, peak, right, tolerance);
    (top + sum.whole.ln(), sum.more.map(|part| part / sum.whole))
}

/// Points left of, near and right of the maximum; the outer ones are lower than the middle or ends of the range.
fn bracket(h: &impl Fn(f64) -> f64, start: f64, low: f64, high: f64) -> (f64, f64, f64) {
    let (mut at, mut value) = (start, h(start));
    // Uphill in growing steps, first to the right, then to the left.
    let mut ends = [high, low];
    for (end, sign) in ends.iter_mut().zip([1.0, -1.0]) {
        let limit = *end;
        let mut step = sign;
        loop {
            let next = if sign > 0.0 {
                (at + step).min(limit)
            } else {
                (at + step).max(limit)
            };
            let there = h(next);
            if next == at || there <= value {
                *end = next;
                break;
            }
            (at, value) = (next, there);
            step *= 2.0;
        }
    }
    let [mut right, mut left] = ends;
    // Golden section until the three are about as high: near enough to split there.
    const SECTION: f64 = 0.381_966_011_250_105_1;
    for _ in 0..200 {
        let flat = |end: f64| end == at || value - h(end) < 1.0;
        if flat(left) && flat(right) {
            break;
        }
        let to_right = right - at > at - left;
        let next = if to_right {
            at + SECTION * (right - at)
        } else {
            at - SECTION * (at - left)
        };
        let there = h(next);
        if next == at {
            break;
        }
        match (there > value, to_right) {
            (true, true) => (left, at, value) = (at, next, there),
            (true, false) => (right, at, value) = (at, next, there),
            (false, true) => right = next,
            (false, false) => left = next,
        }
    }
    (left, at, right)
}

/// Where h has fallen by `DEPTH` from the top on the way from the peak to an end of the range, or that end.
fn edge(h: &impl Fn(f64) -> f64, peak: f64, near: f64, end: f64, top: f64) -> f64 {
    let sign = if end > peak { 1.0 } else { -1.0 };
    let mut step = (near - peak).abs();
    if step <= 0.0 {
        step = 1e-300_f64.max(peak.abs() * f64::EPSILON);
    }
    if peak == end {
        return end;
    }
    let (mut inside, mut outside) = (peak, end);
    for _ in 0..2100 {
        let next = peak + sign * step;
        if (end - next) * sign <= 0.0 || !next.is_finite() {
            if h(end.clamp(f64::MIN, f64::MAX)) >= top - DEPTH {
                return end.clamp(f64::MIN, f64::MAX);
            }
            break;
        }
        if h(next) < top - DEPTH {
            outside = next;
            break;
        }
        inside = next;
        step *= 2.0;
    }
    let mut outside = outside.clamp(f64::MIN, f64::MAX);
    for _ in 0..60 {
        let middle = inside + 0.5 * (outside - inside);
        let value = h(middle);
        if value < top - DEPTH - 5.0 {
            outside = middle;
        } else if value >= top - DEPTH {
            inside = middle;
        } else {
            return middle;
        }
    }
    outside
}

/// A sum over intervals.
struct Sum<const N: usize> {
    whole: f64,
    more: [f64; N],
}

impl<const N: usize> Default for Sum<N> {
    fn default() -> Self {
        Self {
            whole: 0.0,
            more: [0.0; N],
        }
    }
}

impl<const N: usize> Sum<N> {
    fn add(&mut self, f: &impl Fn(f64) -> (f64, [f64; N]), from: f64, to: f64, tolerance: f64) {
        if from >= to {
            return;
        }
        // Halved wherever the two rules differ; depth first, so that the stack is as long as the depth.
        let mut waiting = [(0.0, 0.0); 64];
        waiting[0] = (from, to);
        let mut length = 1;
        for done in 0..INTERVALS {
            if length == 0 {
                return;
            }
            length -= 1;
            let (from, to) = waiting[length];
            let (whole, more, error) = rule(f, from, to);
            let middle = from + 0.5 * (to - from);
            // The 15-point rule is far more accurate than its distance from the 7-point one.
            let close = error <= tolerance.max(1e-11 * (self.whole + whole));
            let fine = close || from >= middle || middle >= to;
            if fine || length + 2 > waiting.len() || done + length + 2 > INTERVALS {
                self.whole += whole;
                for (sum, part) in self.more.iter_mut().zip(more) {
                    *sum += part;
                }
            } else {
                waiting[length] = (from, middle);
                waiting[length + 1] = (middle, to);
                length += 2;
            }
        }
    }
}

/// The 15-point rule on an interval, and how far its own 7-point rule is from it.
fn rule<const N: usize>(
    f: &impl Fn(f64) -> (f64, [f64; N]),
    from: f64,
    to: f64,
) -> (f64, [f64; N], f64) {
    let (half, middle) = (0.5 * (to - from), from + 0.5 * (to - from));
    let (mut kronrod, mut gauss, mut more) = (0.0, 0.0, [0.0; N]);
    let mut take = |at: f64, k: usize| {
        let (value, factors) = f(at);
        kronrod += KRONROD[k] * value;
        if k.is_multiple_of(2) {
            gauss += GAUSS[k / 2] * value;
        }
        if value > 0.0 {
            for (sum, factor) in more.iter_mut().zip(factors) {
                *sum += KRONROD[k] * value * factor;
            }
        }
    };
    take(middle, 0);
    for (k, node) in NODES.iter().enumerate().skip(1) {
        take(middle - half * node, k);
        take(middle + half * node, k);
    }
    let error = (kronrod - gauss).abs() * half;
    (kronrod * half, more.map(|sum| sum * half), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ∫ e^(n w − e^w) dw = Γ(n), and the mean of w under it is ψ(n).
    #[test]
    fn gamma() {
        use crate::metrics::lifetime::special::digamma_rest;
        for n in [0.01, 0.5, 1.0, 7.3, 1e3, 1e6, 1e9] {
            for start in [-3.0, 0.0, 25.0] {
                let (ln, [mean]) = ln_integral(
                    |w| (n * w - w.exp(), [w]),
                    start,
                    f64::NEG_INFINITY,
                    f64::INFINITY,
                );
                // ln of a number has the error of the number; ln Γ(n) beside it is a large one.
                let tolerance = 1e-12 + 4.0 * f64::EPSILON * n * n.ln().abs();
                assert!((ln - libm::lgamma(n)).abs() < tolerance, "{n} {ln}");
                let digamma = digamma_rest(n) + n.ln();
                assert!(
                    (mean - digamma).abs() < 1e-11 * digamma.abs().max(1.0),
                    "{n} {mean}"
                );
            }
        }
    }
}
