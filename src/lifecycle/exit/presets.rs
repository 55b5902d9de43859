//! The usual steps, to take as they are or to change.

use super::spec::StepSpec;
use crate::model::Days;

/// Reassess → educate → renegotiate → migrate to a channel that costs little → end the service.
///
/// Educating needs no notice, the others have that of the section. That the channel saves 0.6 of the avoidable cost is an
/// example: put one's own number there.
///
/// ```
/// use customer_value::lifecycle::exit::presets;
///
/// let steps = presets::five_steps();
/// let names: Vec<_> = steps.iter().map(|step| step.name.as_str()).collect();
/// assert_eq!(names, ["reassess", "educate", "renegotiate", "migrate", "end"]);
/// assert!(steps[4].ends_service);
/// ```
#[must_use]
pub fn five_steps() -> Vec<StepSpec> {
    vec![
        StepSpec::new("reassess"),
        StepSpec::new("educate").notice(Days::new(0)),
        StepSpec::new("renegotiate"),
        StepSpec::new("migrate").channel("self_service").avoids(0.6),
        StepSpec::new("end").avoids(1.0).ends_service(),
    ]
}
