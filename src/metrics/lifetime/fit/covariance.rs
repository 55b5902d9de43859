//! What the curvature at the top says of the parameters.
#![allow(clippy::indexing_slicing)] // free parameters are parameters

use super::Estimate;
use super::boundary::Edges;
use super::matrix::{eigen, part};

/// The 97.5 % point of the normal distribution.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// Whether a coordinate of the search is the log of a parameter or the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Log,
    Plain,
}

/// Estimates with their standard errors where the parameter is among those the data tell; the covariance matrix if that is
/// all of them.
///
/// The matrix is the inverse of the curvature in logs, taken to the parameters themselves by the delta method.
pub(super) fn estimates(
    names: &[String],
    scales: &[Scale],
    point: &[f64],
    curvature: &[Vec<f64>],
    edge: &Edges,
) -> (Vec<Estimate>, Vec<Vec<f64>>) {
    let n = point.len();
    let without = |out: &[usize]| -> (Vec<usize>, Option<Vec<Vec<f64>>>) {
        let free: Vec<usize> = (0..n).filter(|i| !out.contains(i)).collect();
        let found = eigen(&part(curvature, &free));
        let inverse = found.is_positive().then(|| found.inverse());
        (free, inverse)
    };
    // A parameter that runs along with one at the edge, as α does with r, is still uncertain, and the others with it.
    let (mut free, mut inverse) = without(&edge.held);
    if inverse.is_none() {
        (free, inverse) = without(&edge.gone);
    }
    let value = |i: usize| match scales[i] {
        Scale::Log => point[i].exp(),
        Scale::Plain => point[i],
    };
    // The derivative of a parameter by its coordinate.
    let slope = |i: usize| match scales[i] {
        Scale::Log => point[i].exp(),
        Scale::Plain => 1.0,
    };
    let estimate = |i: usize| {
        let place = free.iter().position(|&j| j == i);
        let deviation = inverse
            .as_ref()
            .zip(place.filter(|_| !edge.gone.contains(&i)))
            .map(|(m, k)| m[k][k].sqrt())
            .filter(|d| d.is_finite());
        let ends = |d: f64| {
            let (low, high) = (point[i] - NORMAL_95 * d, point[i] + NORMAL_95 * d);
            match scales[i] {
                Scale::Log => (low.exp(), high.exp()),
                Scale::Plain => (low, high),
            }
        };
        let finite = |d: &f64| ends(*d).1.is_finite() && (d * slope(i)).is_finite();
        let deviation = deviation.filter(finite);
        Estimate {
            name: names[i].clone(),
            value: value(i),
            standard_error: deviation.map(|d| d * slope(i)),
            interval: deviation.map(ends),
        }
    };
    let estimates: Vec<Estimate> = (0..n).map(estimate).collect();
    let all = estimates.iter().all(|one| one.standard_error.is_some());
    let covariance = match inverse {
        Some(inverse) if all => {
            let row = |i: usize| {
                (0..n)
                    .map(|j| inverse[i][j] * slope(i) * slope(j))
                    .collect()
            };
            (0..n).map(row).collect()
        }
        _ => Vec::new(),
    };
    (estimates, covariance)
}
