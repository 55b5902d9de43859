//! Chance that is the same each time.

use std::fmt::{self, Write};

use super::CustomerId;

/// Where a customer is between 0 and 1, without 1, for something of a name: chance decides, always the same, with every version.
#[allow(clippy::cast_precision_loss)] // of 53 bits there is none
pub(crate) fn chance(name: &str, customer: &CustomerId) -> f64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.take(name.as_bytes());
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
