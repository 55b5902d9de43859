//! Sums of many smooth terms at the cost of a few.

/// Nodes and weights of Gauss–Legendre quadrature on (−1, 1), 10 points; the other half is their mirror image.
const GAUSS: [(f64, f64); 5] = [
    (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// How much a term may change over one panel, as a log: e^6.
const CHANGE: f64 = 6.0;

/// Panels after which the rest is given up; doubling, 64 reach from 1 to 10^19.
const PANELS: u32 = 400;

/// The sum of e^g(i) over the whole numbers i from `from` up to but without `to` (which may be infinite), as points and
/// weights: `visit(t, w)` with Σ w F(t) in place of Σ e^g(i) F(i). Returns Σ w.
///
/// g has to be smooth on the scale of 1, and analytic within `room(t)` of t. `from` on, `known` is the sum of what comes
/// before: the sum ends where it adds nothing to that. The Euler–Maclaurin formula with middle points: an integral by panels,
/// and central differences at both ends.
pub(crate) fn smooth_sum(
    (from, to): (f64, f64),
    known: f64,
    g: impl Fn(f64) -> f64,
    room: impl Fn(f64) -> f64,
    mut visit: impl FnMut(f64, f64),
) -> f64 {
    let mut sum = 0.0;
    let mut add = |sum: &mut f64, t: f64, weight: f64| {
        let weight = weight * g(t).exp();
        visit(t, weight);
        *sum += weight;
    };
    let end = |sum: &mut f64, add: &mut dyn FnMut(&mut f64, f64, f64), at: f64, sign: f64| {
        // δ/24 − 17 δ³/5760 + 367 δ⁵/967680, by the three values on either side.
        const FIFTH: f64 = 367.0 / 967_680.0;
        const THIRD: f64 = 17.0 / 5760.0;
        let by_distance = [
            1.0 / 24.0 + 3.0 * THIRD + 10.0 * FIFTH,
            -THIRD - 5.0 * FIFTH,
            FIFTH,
        ];
        for (distance, weight) in (0..).map(f64::from).zip(by_distance) {
            add(sum, at + distance, sign * weight);
            add(sum, at - 1.0 - distance, -sign * weight);
        }
    };
    if from >= to {
        return 0.0;
    }
    end(&mut sum, &mut add, from, 1.0);
    let (mut start, mut length) = (from, 32.0_f64);
    for _ in 0..PANELS {
        length = length.min(room(start).floor()).max(1.0);
        let (low, mut stop) = (start - 0.5, (start + length).min(to));
        let before = g(low);
        while stop - start > 1.0 && (g(stop - 0.5) - before).abs() > CHANGE {
            stop = start + (0.5 * (stop - start)).floor();
        }
        let (half, centre) = (0.5 * (stop - start), 0.5 * (stop - 0.5 + low));
        let mut panel = 0.0;
        for (node, weight) in GAUSS {
            add(&mut panel, centre - half * node, half * weight);
            add(&mut panel, centre + half * node, half * weight);
        }
        sum += panel;
        if stop >= to {
            end(&mut sum, &mut add, to, -1.0);
            break;
        }
        if panel <= 1e-17 * (known + sum) {
            break;
        }
        length = 2.0 * (stop - start);
        start = stop;
    }
    sum
}
