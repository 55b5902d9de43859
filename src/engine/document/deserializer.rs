//! Reading a type from a document, with the place and the structure of what goes wrong.

use std::{iter, slice};

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::fault::{Fault, Kind};
use super::value::{STAND_INS, Step, Value};

/// Texts of which each type takes one, in the order they are tried in a gap.
const TEXTS: [&str; STAND_INS] = [
    "",
    "EUR",
    "1 day",
    "0.1 per day",
    "2000-01-01",
    "01-01",
    "0.00 EUR",
];

/// A method that reads a gap as its stand-in, and everything else as what it is.
macro_rules! or_stand_in {
    ($($method:ident)* => $visit:ident($stand_in:expr)) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self {
                Value::Gap(_) => visitor.$visit($stand_in),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Value {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Value::Null | Value::Gap(0) => visitor.visit_unit(),
            Value::Gap(1) => visitor.visit_str(""),
            Value::Gap(_) => visitor.visit_f64(0.0),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Integer(n) => match (i64::try_from(*n), u64::try_from(*n)) {
                (Ok(n), _) => visitor.visit_i64(n),
                (_, Ok(n)) => visitor.visit_u64(n),
                _ => visitor.visit_i128(*n),
            },
            Value::Float(n) => visitor.visit_f64(*n),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => visitor.visit_seq(Items::of(items)),
            Value::Table(entries) => visitor.visit_map(Entries::of(entries)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Value::Null | Value::Gap(0) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Value::Gap(n) => visitor.visit_str(TEXTS.get(*n).unwrap_or(&"")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    or_stand_in! { deserialize_bool => visit_bool(false) }
    or_stand_in! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => visit_u64(0) }
    or_stand_in! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => visit_i64(0) }
    or_stand_in! { deserialize_f32 deserialize_f64 => visit_f64(0.0) }
    or_stand_in! { deserialize_seq => visit_seq(Items::of(&[])) }
    or_stand_in! { deserialize_map => visit_map(Entries::of(&[])) }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            // Never a list of the fields in their order, as serde would also take it.
            Value::List(_) => Err(Fault::invalid_type(Unexpected::Seq, &"a map")),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let (name, content) = match self {
            Value::Text(name) => (name.as_str(), None),
            Value::Gap(_) => (variants.first().copied().unwrap_or_default(), Some(self)),
            Value::Table(entries) => match entries.as_slice() {
                [(name, content)] => (name.as_str(), Some(content)),
                _ => return Err(Fault::new(Kind::Choice(variants))),
            },
            _ => return Err(Fault::new(Kind::Choice(variants))),
        };
        visitor.visit_enum(Choice { name, content })
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The items of a list.
struct Items<'de>(iter::Enumerate<slice::Iter<'de, Value>>);

impl<'de> Items<'de> {
    fn of(items: &'de [Value]) -> Self {
        Self(items.iter().enumerate())
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((i, item)) = self.0.next() else {
            return Ok(None);
        };
        seed.deserialize(item)
            .map(Some)
            .map_err(|fault| fault.inside(Step::Index(i)))
    }
}

/// The entries of a table.
struct Entries<'de> {
    rest: slice::Iter<'de, (String, Value)>,
    /// The entry whose key was read.
    open: Option<&'de (String, Value)>,
}

impl<'de> Entries<'de> {
    fn of(entries: &'de [(String, Value)]) -> Self {
        Self {
            rest: entries.iter(),
            open: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        self.open = self.rest.next();
        let Some((key, _)) = self.open else {
            return Ok(None);
        };
        seed.deserialize(BorrowedStrDeserializer::new(key))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        // serde asks for a value only after its key.
        let Some((key, value)) = self.open.take() else {
            return Err(Fault::custom("a value without a key"));
        };
        seed.deserialize(value).map_err(|fault| fault.in_field(key))
    }
}

/// One of several forms: `"name"`, or `{ name = content }`.
struct Choice<'de> {
    name: &'de str,
    content: Option<&'de Value>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let name: StrDeserializer<'de, Fault> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> Choice<'de> {
    fn content<T>(self, read: impl FnOnce(&'de Value) -> Result<T, Fault>) -> Result<T, Fault> {
        let content = self
            .content
            .ok_or_else(|| Fault::new(Kind::Content(self.name.to_owned())))?;
        let inside = Step::Key(self.name.to_owned());
        read(content).map_err(|fault| fault.inside(inside))
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.content {
            None | Some(Value::Null | Value::Gap(_)) => Ok(()),
            Some(_) => Err(Fault::new(Kind::NoContent(self.name.to_owned()))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        self.content(|content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Fault> {
        self.content(|content| content.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.content(|content| content.deserialize_struct("", fields, visitor))
    }
}
