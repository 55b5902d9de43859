//! Frozen numbers in text, bit for bit.
//!
//! A break is a value of the population, so one bit lost on the way to a file and back moves a customer. Common
//! JSON readers do lose it (`serde_json` without `float_roundtrip`), so text forms hold these numbers as
//! strings, `"0.1"`. Plain numbers are read too.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Clone, Copy)]
struct Exact(f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            // The shortest text that is read as this number again.
            serializer.collect_str(&self.0)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = f64;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a string that is one")
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<f64, E> {
                Ok(number)
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<f64, E> {
                Ok(number as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<f64, E> {
                Ok(number as f64)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<f64, E> {
                text.parse().map_err(E::custom)
            }
        }
        let number = if deserializer.is_human_readable() {
            deserializer.deserialize_any(Visitor)?
        } else {
            f64::deserialize(deserializer)?
        };
        if number.is_finite() {
            Ok(Self(number))
        } else {
            Err(serde::de::Error::custom("a number must be finite"))
        }
    }
}

/// For one number.
pub(crate) mod number {
    use super::{Deserialize, Deserializer, Exact, Serialize, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
    pub(crate) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Exact(*number).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Exact::deserialize(deserializer).map(|e| e.0)
    }
}

/// For a list of numbers.
pub(crate) mod list {
    use super::{Deserialize, Deserializer, Exact, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        numbers: &[f64],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(numbers.iter().map(|n| Exact(*n)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<f64>, D::Error> {
        let numbers = Vec::<Exact>::deserialize(deserializer)?;
        Ok(numbers.into_iter().map(|e| e.0).collect())
    }
}

/// For numbers by name.
pub(crate) mod map {
    use std::collections::BTreeMap;

    use super::{Deserialize, Deserializer, Exact, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        numbers: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(numbers.iter().map(|(name, n)| (name, Exact(*n))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let numbers = BTreeMap::<String, Exact>::deserialize(deserializer)?;
        Ok(numbers.into_iter().map(|(name, e)| (name, e.0)).collect())
    }
}

/// For two numbers in a row, as the fields of a variant.
pub(crate) mod pair {
    use super::{Deserialize, Deserializer, Exact, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        a: &f64,
        b: &f64,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (Exact(*a), Exact(*b)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(f64, f64), D::Error> {
        <(Exact, Exact)>::deserialize(deserializer).map(|(a, b)| (a.0, b.0))
    }
}

/// For two numbers that are one value.
pub(crate) mod tuple {
    use super::{Deserialize, Deserializer, Exact, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        pair: &(f64, f64),
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        (Exact(pair.0), Exact(pair.1)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(f64, f64), D::Error> {
        <(Exact, Exact)>::deserialize(deserializer).map(|(a, b)| (a.0, b.0))
    }
}

/// For a number that may not be known.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Exact, Serialize, Serializer};

    #[allow(clippy::ref_option)] // the signature serde wants
    pub(crate) fn serialize<S: Serializer>(
        number: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number.map(Exact).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        Option::<Exact>::deserialize(deserializer).map(|number| number.map(|e| e.0))
    }
}

/// For two numbers that are one value and may not be known.
pub(crate) mod option_tuple {
    use super::{Deserialize, Deserializer, Exact, Serialize, Serializer};

    #[allow(clippy::ref_option)] // the signature serde wants
    pub(crate) fn serialize<S: Serializer>(
        pair: &Option<(f64, f64)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        pair.map(|(a, b)| (Exact(a), Exact(b)))
            .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<(f64, f64)>, D::Error> {
        Option::<(Exact, Exact)>::deserialize(deserializer)
            .map(|pair| pair.map(|(a, b)| (a.0, b.0)))
    }
}

/// For the rows of a matrix.
pub(crate) mod matrix {
    use super::{Deserialize, Deserializer, Exact, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        rows: &[Vec<f64>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            rows.iter()
                .map(|row| row.iter().map(|n| Exact(*n)).collect::<Vec<_>>()),
        )
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<f64>>, D::Error> {
        let rows = Vec::<Vec<Exact>>::deserialize(deserializer)?;
        let plain = |row: Vec<Exact>| row.into_iter().map(|e| e.0).collect();
        Ok(rows.into_iter().map(plain).collect())
    }
}
