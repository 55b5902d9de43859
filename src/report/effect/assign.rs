//! Who is treated: chance that is the same each time.

use std::fmt::{self, Write};

use super::Arm;
use crate::model::CustomerId;

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
    if position(customer, experiment) < control_share {
        Arm::Control
    } else {
        Arm::Treated
    }
}

/// Where a customer is between 0 and 1, without 1: chance decides, always the same.
#[allow(clippy::cast_precision_loss)] // of 53 bits there is none
fn position(customer: &CustomerId, experiment: &str) -> f64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.take(experiment.as_bytes());
    hash.take(&[0]);
    // Writing into a hash cannot fail.
    let _ = write!(hash, "{customer}");
    let mut h = hash.0;
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^= h >> 33;
    (h >> 11) as f64 / (1_u64 << 53) as f64
}

/// FNV-1a with 64 bits (Fowler, Noll & Vo; RFC 9923).
struct Fnv(u64);

impl Fnv {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.take(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // Published test vectors.
        for (text, hash) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            let mut fnv = Fnv(0xcbf2_9ce4_8422_2325);
            fnv.take(text.as_bytes());
            assert_eq!(fnv.0, hash, "{text}");
        }
    }
}
