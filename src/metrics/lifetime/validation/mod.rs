//! How good a model's forecast was: split the past at a day, fit to the part before, and compare with the part after.
//!
//! - [`Split`]: what every customer had done up to the day, and the purchases after it: the *holdout*.
//! - [`Accuracy`]: mean absolute error and its relatives; [`lift`]: the customers in ten groups by their forecast.
//! - [`alive_calibration`] and [`interval_calibration`]: does 80 % mean 80 %?
//! - [`Cohort`] and [`Tracking`]: the purchases of all customers together, period by period.
//! - [`Comparison`]: models, and the naive rate, beside each other.
//!
//! ```
//! use customer_value::metrics::lifetime::validation::{Accuracy, Split};
//! use customer_value::metrics::lifetime::{Activity, TimeUnit};
//!
//! // What each did in 39 weeks, and the purchases in the 39 weeks after.
//! let customers = [
//!     (Activity::new(2, 30.0, 39.0)?, 1),
//!     (Activity::new(0, 0.0, 39.0)?, 0),
//!     (Activity::new(4, 35.0, 39.0)?, 6),
//! ];
//! let split = Split::new(customers, 39.0, TimeUnit::Week);
//! let naive = Accuracy::of(&split.naive());
//! assert_eq!((naive.actual, naive.expected), (Some(7.0), Some(6.0)));
//! assert_eq!(naive.mae, Some(1.0));
//! # Ok::<(), customer_value::Error>(())
//! ```

mod accuracy;
mod calibration;
mod compare;
mod split;
mod tracking;

pub use accuracy::{Accuracy, Forecast, LiftGroup, lift};
pub use calibration::{AliveBin, IntervalCalibration, alive_calibration, interval_calibration};
pub use compare::{Compared, Comparison};
pub use split::{HeldOut, Split};
pub use tracking::{Cohort, Tracked, Tracking};

/// A number that is one.
fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// A mean of so many; `None` of none.
fn mean(sum: f64, count: u64) -> Option<f64> {
    finite(sum / count as f64)
}
