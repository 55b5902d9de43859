//! Who is treated: chance that is the same each time.

use super::Arm;
use crate::model::{CustomerId, chance};

/// Which group of an experiment a customer is in: control with the probability `control_share` (0 nobody, 1 everybody), treated
/// otherwise.
///
/// The same customer, experiment and share always give the same group, with every version of this library;
/// [the page on effects](crate::docs::effect) has the algorithm for other languages. A larger share keeps those who were
/// control, and experiments of different names are independent.
///
/// ```
/// use customer_value::report::effect::{Arm, assign};
///
/// let arm = assign(&42.into(), "spring call", 0.2);
/// assert_eq!(arm, assign(&"42".parse()?, "spring call", 0.2));
/// assert_eq!(assign(&42.into(), "spring call", 0.0), Arm::Treated);
/// assert_eq!(assign(&42.into(), "spring call", 1.0), Arm::Control);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[must_use]
pub fn assign(customer: &CustomerId, experiment: &str, control_share: f64) -> Arm {
    if chance(experiment, customer) < control_share {
        Arm::Control
    } else {
        Arm::Treated
    }
}
