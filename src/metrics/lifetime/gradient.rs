//! The gradient of a likelihood against differences of its value, for the tests of each model.

use super::activity::Weighted;
use super::fit::{Likelihood, MOST};

/// Panics unless every slope is that of the total by the log of its parameter, to so many parts of the slope and the value.
pub(super) fn check<M: Likelihood>(parameters: [f64; MOST], data: &[Weighted<M::Datum>], to: f64) {
    let (value, gradient) = M::from_array(parameters).total(data);
    for (i, ours) in gradient.into_iter().enumerate().take(M::NAMES.len()) {
        let at = |step: f64| {
            let mut moved = parameters;
            if let Some(parameter) = moved.get_mut(i) {
                *parameter *= step.exp();
            }
            M::from_array(moved).total(data).0
        };
        // Exact to the fourth power of the step.
        let step = 1e-3;
        let near = 8.0 * (at(step) - at(-step));
        let slope = (near - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step);
        assert!(
            (slope - ours).abs() <= to * (1.0 + ours.abs()) + 1e-12 * value.abs(),
            "{parameters:?} by {i}: {slope} {ours}"
        );
    }
}
