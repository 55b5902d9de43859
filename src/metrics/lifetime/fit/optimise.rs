//! The search for the largest value of a smooth function with a gradient, in a box.
//!
//! Newton's steps in a trust region (Nocedal & Wright, *Numerical Optimization*, ch. 4 and 6.2): the curvature comes from
//! differences of the gradient where there is none yet or where it predicted badly, and from the rank-one update between.
//! So a search that starts near the top with a good curvature needs few gradients, and one that starts far off, on a ridge
//! or where the function is not concave still climbs.
#![allow(clippy::indexing_slicing)] // every vector and matrix has the size of the point

use super::matrix::{Eigen, dot, eigen, part, times};

/// A value and its gradient; not finite where the function is not defined.
pub(super) type Value = (f64, Vec<f64>);

/// Where a search may go: lower and upper end of each coordinate.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
}

impl Region {
    pub(super) fn clamp(&self, point: &mut [f64]) {
        for (i, x) in point.iter_mut().enumerate() {
            *x = x.max(self.low[i]).min(self.high[i]);
        }
    }

    /// The same with one coordinate held.
    pub(super) fn pinned(&self, at: usize, value: f64) -> Self {
        let mut region = self.clone();
        region.low[at] = value;
        region.high[at] = value;
        region
    }

    pub(super) fn is_low(&self, at: usize, x: f64) -> bool {
        x <= self.low[at]
    }

    pub(super) fn is_high(&self, at: usize, x: f64) -> bool {
        x >= self.high[at]
    }
}

/// Where a search ended.
#[derive(Debug, Clone)]
pub(super) struct Top {
    pub(super) point: Vec<f64>,
    pub(super) value: f64,
    /// Minus the second derivatives.
    pub(super) curvature: Vec<Vec<f64>>,
    /// Accepted steps.
    pub(super) steps: u32,
}

/// How a search begins and when it may end.
pub(super) struct Search<'a> {
    pub(super) region: &'a Region,
    /// A curvature known from elsewhere.
    pub(super) curvature: Option<Vec<Vec<f64>>>,
    /// The search ends when a step promises less than this.
    pub(super) enough: f64,
    /// Whether the curvature at the end must be that of the end.
    pub(super) exact: bool,
}

/// Steps tried at most; what is usual is below 20.
const MOST_STEPS: u32 = 120;
/// Length of a difference, in logs.
const DIFFERENCE: f64 = 3e-5;

/// A step, and what the quadratic model says it brings.
struct Step {
    by: Vec<f64>,
    gain: f64,
    /// Whether it is the model's own top, not cut by the radius.
    whole: bool,
}

impl Search<'_> {
    /// Climbs from a point.
    pub(super) fn run(&self, start: &[f64], f: &impl Fn(&[f64]) -> Value) -> Top {
        let mut point = start.to_vec();
        self.region.clamp(&mut point);
        let (mut value, mut gradient) = f(&point);
        let mut fresh = self.curvature.is_none();
        let mut curvature = match &self.curvature {
            Some(known) => known.clone(),
            None => self.differences(&point, &gradient, f),
        };
        let mut radius = 1.0_f64;
        let mut steps = 0;
        for _ in 0..MOST_STEPS {
            if !value.is_finite() {
                break;
            }
            let step = self.step(&point, &gradient, &curvature, radius);
            // What rounding leaves of a sum of this size.
            let noise = 1e-14 * (1.0 + value.abs());
            let small = step.whole && step.gain <= self.enough.max(noise);
            if small && (fresh || !self.exact) {
                // A last step at no cost to the curvature; the gradient decides, as the values differ by rounding only.
                if self.exact && step.gain > 0.0 {
                    let next = moved(&point, &step.by);
                    let (v, g) = f(&next);
                    if v >= value - noise {
                        (point, value, gradient) = (next, v, g);
                        steps += 1;
                    }
                }
                break;
            }
            if small || step.gain.is_nan() || step.gain <= 0.0 {
                if fresh {
                    break;
                }
                curvature = self.differences(&point, &gradient, f);
                fresh = true;
                continue;
            }
            let length = dot(&step.by, &step.by).sqrt();
            let next = moved(&point, &step.by);
            let (v, g) = f(&next);
            let ratio = if v.is_finite() && g.iter().all(|x| x.is_finite()) {
                (v - value + noise) / step.gain
            } else {
                -1.0
            };
            if ratio < 1e-4 {
                if fresh {
                    radius = 0.25 * length;
                    if radius < 1e-10 {
                        break;
                    }
                } else {
                    curvature = self.differences(&point, &gradient, f);
                    fresh = true;
                    radius = radius.min(length);
                }
                continue;
            }
            let well = (0.5..=1.5).contains(&ratio);
            if ratio > 0.75 && !step.whole {
                radius = (2.0 * radius).min(5.0);
            } else if ratio < 0.25 {
                radius = 0.5 * length;
            }
            if well {
                update(&mut curvature, &step.by, &gradient, &g);
                fresh = false;
            }
            (point, value, gradient) = (next, v, g);
            steps += 1;
            if !well {
                curvature = self.differences(&point, &gradient, f);
                fresh = true;
            }
        }
        if self.exact && !fresh && value.is_finite() {
            curvature = self.differences(&point, &gradient, f);
        }
        Top {
            point,
            value,
            curvature,
            steps,
        }
    }

    /// Minus the second derivatives, from differences of the gradient.
    fn differences(
        &self,
        point: &[f64],
        gradient: &[f64],
        f: &impl Fn(&[f64]) -> Value,
    ) -> Vec<Vec<f64>> {
        let n = point.len();
        let mut matrix = vec![vec![0.0; n]; n];
        for i in 0..n {
            if self.region.low[i] >= self.region.high[i] {
                // A coordinate that is held takes no part.
                continue;
            }
            let mut near = point.to_vec();
            near[i] += DIFFERENCE;
            if near[i] > self.region.high[i] {
                near[i] = point[i] - DIFFERENCE;
            }
            let by = near[i] - point[i];
            let (_, there) = f(&near);
            for ((x, here), there) in matrix[i].iter_mut().zip(gradient).zip(&there) {
                let second = (here - there) / by;
                *x = if second.is_finite() { second } else { 0.0 };
            }
        }
        let rows = matrix.clone();
        for (i, row) in matrix.iter_mut().enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x = 0.5 * (rows[i][j] + rows[j][i]);
            }
        }
        matrix
    }

    /// The best step of the quadratic model within the radius and the region.
    fn step(&self, point: &[f64], gradient: &[f64], curvature: &[Vec<f64>], radius: f64) -> Step {
        let n = point.len();
        let region = self.region;
        let mut by = vec![0.0; n];
        let mut free: Vec<usize> = (0..n)
            .filter(|&i| {
                let out = region.is_low(i, point[i]) && gradient[i] <= 0.0
                    || region.is_high(i, point[i]) && gradient[i] >= 0.0;
                !out
            })
            .collect();
        let mut whole = true;
        while !free.is_empty() {
            // The slope where the coordinates that are held by the region already stand.
            let bend = times(curvature, &by);
            let slope: Vec<f64> = free.iter().map(|&i| gradient[i] - bend[i]).collect();
            let (steps, inner) = within(&slope, &eigen(&part(curvature, &free)), radius);
            whole &= inner;
            let mut cut = Vec::new();
            for (&i, s) in free.iter().zip(&steps) {
                let to = point[i] + s;
                if to < region.low[i] {
                    cut.push((i, region.low[i] - point[i]));
                } else if to > region.high[i] {
                    cut.push((i, region.high[i] - point[i]));
                }
            }
            if cut.is_empty() {
                for (&i, s) in free.iter().zip(&steps) {
                    by[i] = *s;
                }
                break;
            }
            // A step that ends at an edge is not the last.
            whole = false;
            for (i, s) in cut {
                by[i] = s;
                free.retain(|&j| j != i);
            }
        }
        let gain = dot(gradient, &by) - 0.5 * dot(&by, &times(curvature, &by));
        Step { by, gain, whole }
    }
}

/// The top of slope · s − ½ s · M s with |s| at most the radius, and whether it is inside.
fn within(slope: &[f64], matrix: &Eigen, radius: f64) -> (Vec<f64>, bool) {
    let along: Vec<f64> = matrix.vectors.iter().map(|v| dot(v, slope)).collect();
    let length = |shift: f64| {
        let parts = along.iter().zip(&matrix.values);
        let squares = parts.map(|(c, value)| {
            let x = c / (value + shift);
            if *c == 0.0 { 0.0 } else { x * x }
        });
        squares.sum::<f64>().sqrt()
    };
    let combine = |shift: f64| {
        let mut step = vec![0.0; slope.len()];
        for ((c, value), v) in along.iter().zip(&matrix.values).zip(&matrix.vectors) {
            if *c != 0.0 {
                for (s, x) in step.iter_mut().zip(v) {
                    *s += c / (value + shift) * x;
                }
            }
        }
        step
    };
    let least = matrix.values.iter().copied().fold(f64::INFINITY, f64::min);
    if matrix.is_positive() && length(0.0) <= radius {
        return (combine(0.0), true);
    }
    // The length falls with the shift: halve the logs of the bracket.
    let size = dot(slope, slope).sqrt();
    let (mut low, mut high) = ((-least).max(0.0), (-least).max(0.0) + size / radius);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if length(middle) > radius {
            low = middle;
        } else {
            high = middle;
        }
    }
    (combine(high), false)
}

fn moved(point: &[f64], by: &[f64]) -> Vec<f64> {
    point.iter().zip(by).map(|(x, s)| x + s).collect()
}

/// The symmetric rank-one update: the curvature that explains how the gradient changed over a step.
fn update(curvature: &mut [Vec<f64>], by: &[f64], before: &[f64], after: &[f64]) {
    let bend = times(curvature, by);
    let missed: Vec<f64> = (0..by.len())
        .map(|i| before[i] - after[i] - bend[i])
        .collect();
    let along = dot(&missed, by);
    let size = (dot(&missed, &missed) * dot(by, by)).sqrt();
    // As usual: no update that divides by next to nothing.
    if along.abs() > 1e-8 * size {
        for (i, row) in curvature.iter_mut().enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x += missed[i] * missed[j] / along;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(n: usize) -> Region {
        Region {
            low: vec![-5.0; n],
            high: vec![5.0; n],
        }
    }

    fn search(region: &Region) -> Search<'_> {
        Search {
            region,
            curvature: None,
            enough: 1e-10,
            exact: true,
        }
    }

    #[test]
    fn a_curved_valley() {
        // Rosenbrock's function, upside down.
        let f = |p: &[f64]| {
            let (x, y) = (p[0], p[1]);
            let d = y - x * x;
            let value = -(1.0 - x).powi(2) - 100.0 * d * d;
            (value, vec![2.0 * (1.0 - x) + 400.0 * x * d, -200.0 * d])
        };
        let top = search(&region(2)).run(&[-1.2, 1.0], &f);
        assert!((top.point[0] - 1.0).abs() < 1e-8, "{top:?}");
        assert!((top.point[1] - 1.0).abs() < 1e-8, "{top:?}");
        assert!(top.steps < 40, "{top:?}");
    }

    #[test]
    fn a_slope_that_never_ends_runs_to_the_edge() {
        let f = |p: &[f64]| {
            let value = -(-p[0]).exp() - (p[1] - p[0]).powi(2);
            (
                value,
                vec![(-p[0]).exp() + 2.0 * (p[1] - p[0]), -2.0 * (p[1] - p[0])],
            )
        };
        let top = search(&region(2)).run(&[0.0, 3.0], &f);
        assert_eq!(top.point[0], 5.0, "{top:?}");
        assert!((top.point[1] - 5.0).abs() < 1e-3, "{top:?}");
    }

    #[test]
    fn nothing_but_walls() {
        let top = search(&region(1)).run(&[0.0], &|_: &[f64]| (f64::NAN, vec![f64::NAN]));
        assert!(!top.value.is_finite());
        let f = |p: &[f64]| {
            if p[0] > 0.5 {
                (f64::NAN, vec![0.0])
            } else {
                (p[0], vec![1.0])
            }
        };
        let top = search(&region(1)).run(&[0.0], &f);
        assert!(top.point[0] <= 0.5 && top.point[0] > 0.49, "{top:?}");
    }
}
