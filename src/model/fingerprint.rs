//! What a policy says, as one number to tell two policies apart.

use std::fmt;
use std::str::FromStr;

use serde::ser::{self, Serialize, Serializer};

use super::text::serde_as_text;
use crate::Error;

/// Tells two policies apart by what they say: 128 bits, written as 32 hexadecimal digits.
///
/// It depends on the content alone. The format of the document (TOML, JSON, built in Rust), its comments and the order of its
/// fields do not matter, and neither does a field that is left out: an optional field that a later version of the library
/// adds leaves the fingerprints of the policies that do not use it as they are. Everything that is written counts, names and
/// goals too, and so does the order of lists.
///
/// It finds out what changed by accident and names a policy in a log; it is no protection against somebody who *wants* two
/// policies to have the same one.
///
/// ```
/// use customer_value::engine::Policy;
/// use customer_value::model::Currency;
///
/// let policy = Policy::standard(Currency::EUR);
/// let written = toml::to_string(&policy)?;
/// let read: Policy = toml::from_str(&format!("# a comment\n{written}"))?;
/// assert_eq!(read.fingerprint(), policy.fingerprint());
///
/// let mut other = policy.clone();
/// other.head.version = "2".to_owned();
/// assert_ne!(other.fingerprint(), policy.fingerprint());
///
/// let text = policy.fingerprint().to_string();
/// assert_eq!((text.len(), text.parse()), (32, Ok(policy.fingerprint())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint of what a value says in serde.
    pub(crate) fn of(value: &(impl Serialize + fmt::Debug)) -> Self {
        let canonical = value.serialize(Canonical);
        // A policy is always written; if a field were not, its debug form would still tell it apart.
        let bytes = canonical.unwrap_or_else(|_| format!("{value:?}").into_bytes());
        Self(fnv1a(&bytes))
    }
}

/// FNV-1a with 128 bits (Fowler, Noll & Vo; RFC 9923).
fn fnv1a(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
    })
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        digits
            .then(|| u128::from_str_radix(text, 16).ok().map(Self))
            .flatten()
            .ok_or_else(|| Error::parse("fingerprint", text, "it has 32 hexadecimal digits"))
    }
}

serde_as_text!(Fingerprint);

/// Writes a value as bytes that say the same for every format: each value with a tag and, where it varies, its length.
///
/// An enum is written as text formats do (the name, or a map from the name to the content), a number by its value and not by
/// the width of its type, a struct as a map without the fields that are none, and a map by its keys in ascending order.
struct Canonical;

const NONE: u8 = b'n';

fn text(value: &str) -> Vec<u8> {
    sized(b's', value.len(), value.as_bytes())
}

fn sized(tag: u8, count: usize, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend((count as u64).to_le_bytes());
    out.extend(content);
    out
}

fn whole(value: impl Into<i128>) -> Vec<u8> {
    let mut out = vec![b'i'];
    out.extend(value.into().to_le_bytes());
    out
}

/// A map from the name of a variant to its content.
fn variant(name: &str, content: &[u8]) -> Vec<u8> {
    sized(b'{', 1, &[&text(name), content].concat())
}

type Bytes = Result<Vec<u8>, fmt::Error>;

macro_rules! whole_numbers {
    ($($method:ident: $type:ty),+) => {
        $(fn $method(self, value: $type) -> Bytes {
            Ok(whole(value))
        })+
    };
}

impl Serializer for Canonical {
    type Ok = Vec<u8>;
    type Error = fmt::Error;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    whole_numbers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_u128(self, value: u128) -> Bytes {
        Ok(match i128::try_from(value) {
            Ok(value) => whole(value),
            Err(_) => sized(b'u', 16, &value.to_le_bytes()),
        })
    }

    fn serialize_bool(self, value: bool) -> Bytes {
        Ok(vec![b'b', u8::from(value)])
    }

    fn serialize_f32(self, value: f32) -> Bytes {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Bytes {
        // One zero and one NaN.
        let value = if value.is_nan() {
            f64::NAN
        } else {
            value + 0.0
        };
        let mut out = vec![b'f'];
        out.extend(value.to_bits().to_le_bytes());
        Ok(out)
    }

    fn serialize_char(self, value: char) -> Bytes {
        Ok(text(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Bytes {
        Ok(text(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Bytes {
        Ok(sized(b'x', value.len(), value))
    }

    fn serialize_none(self) -> Bytes {
        Ok(vec![NONE])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Bytes {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Bytes {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Bytes {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Bytes {
        Ok(text(name))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Bytes {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Bytes {
        Ok(variant(name, &value.serialize(self)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, fmt::Error> {
        Ok(Items::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, fmt::Error> {
        Ok(Items::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, fmt::Error> {
        Ok(Items::default())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items, fmt::Error> {
        Ok(Items {
            variant: Some(name),
            ..Items::default()
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, fmt::Error> {
        Ok(Entries::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, fmt::Error> {
        Ok(Entries::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Entries, fmt::Error> {
        Ok(Entries {
            variant: Some(name),
            ..Entries::default()
        })
    }
}

/// The items of a list so far.
#[derive(Default)]
struct Items {
    variant: Option<&'static str>,
    count: usize,
    content: Vec<u8>,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.count += 1;
        self.content.extend(value.serialize(Canonical)?);
        Ok(())
    }

    fn finish(self) -> Bytes {
        let list = sized(b'[', self.count, &self.content);
        Ok(match self.variant {
            Some(name) => variant(name, &list),
            None => list,
        })
    }
}

/// The entries of a map or a struct so far, each a key and a value.
#[derive(Default)]
struct Entries {
    variant: Option<&'static str>,
    key: Vec<u8>,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Entries {
    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), fmt::Error> {
        let value = value.serialize(Canonical)?;
        if value != [NONE] {
            self.entries.push((text(key), value));
        }
        Ok(())
    }

    fn finish(mut self) -> Bytes {
        self.entries.sort_unstable();
        let count = self.entries.len();
        let content: Vec<u8> = self
            .entries
            .into_iter()
            .flat_map(|(key, value)| [key, value].concat())
            .collect();
        let map = sized(b'{', count, &content);
        Ok(match self.variant {
            Some(name) => variant(name, &map),
            None => map,
        })
    }
}

macro_rules! items {
    ($($trait:ident::$method:ident),+) => {
        $(impl ser::$trait for Items {
            type Ok = Vec<u8>;
            type Error = fmt::Error;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
                self.push(value)
            }
            fn end(self) -> Bytes {
                self.finish()
            }
        })+
    };
}

items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($trait:ident),+) => {
        $(impl ser::$trait for Entries {
            type Ok = Vec<u8>;
            type Error = fmt::Error;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), fmt::Error> {
                self.field(key, value)
            }
            fn end(self) -> Bytes {
                self.finish()
            }
        })+
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Entries {
    type Ok = Vec<u8>;
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), fmt::Error> {
        self.key = key.serialize(Canonical)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        let value = value.serialize(Canonical)?;
        self.entries.push((std::mem::take(&mut self.key), value));
        Ok(())
    }

    fn end(self) -> Bytes {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published vectors of the hash: the empty input and one letter.
    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv1a(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(fnv1a(b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    fn canonical(value: &impl Serialize) -> Vec<u8> {
        value.serialize(Canonical).unwrap()
    }

    #[test]
    fn what_means_the_same_is_written_the_same() {
        use std::collections::BTreeMap;

        #[derive(serde::Serialize)]
        struct One {
            a: u8,
            b: Option<f64>,
        }
        #[derive(serde::Serialize)]
        struct Later {
            new: Option<String>,
            b: f32,
            a: i64,
        }
        let one = One {
            a: 1,
            b: Some(-0.0),
        };
        let later = Later {
            new: None,
            b: 0.0,
            a: 1,
        };
        assert_eq!(canonical(&one), canonical(&later));
        let map =
            |pairs: [(&str, i32); 2]| canonical(&pairs.into_iter().collect::<BTreeMap<_, _>>());
        assert_eq!(map([("x", 1), ("y", 2)]), map([("y", 2), ("x", 1)]));
        assert_ne!(map([("x", 1), ("y", 2)]), map([("y", 1), ("x", 2)]));
        // Nothing runs into what stands beside it.
        assert_ne!(canonical(&["ab", "c"]), canonical(&["a", "bc"]));
        assert_ne!(
            canonical(&(["a"], ["b", "c"])),
            canonical(&(["a", "b"], ["c"]))
        );
        assert_ne!(canonical(&1.0), canonical(&1));
        assert_ne!(canonical(&"1"), canonical(&1));
        assert_ne!(canonical(&u128::MAX), canonical(&-1));
    }
}
