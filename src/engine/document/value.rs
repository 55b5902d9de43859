//! A document of any format as one small tree.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Deeper than any policy is, and far from the end of the stack.
const MAX_DEPTH: usize = 64;
/// How many stand-ins a gap has.
pub(super) const STAND_INS: usize = 7;

/// A document, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    /// In the order of the document; a key may come twice.
    Table(Vec<(String, Value)>),
    /// Something that could not be read and was reported. It reads as whatever is wanted; the number says which of several
    /// stand-ins to take.
    Gap(usize),
}

/// One step of a path in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl Value {
    /// Reads a document of any self-describing format.
    pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Depth(0).deserialize(deserializer)
    }

    /// Whether a document may be nested so deep.
    pub(crate) fn allows(depth: usize) -> bool {
        depth <= MAX_DEPTH
    }

    /// The place a written path means, as far as the document has it, and the position of each of its steps.
    pub(crate) fn find(&self, path: &str) -> (Vec<Step>, Vec<usize>) {
        let (mut steps, mut positions) = (Vec::new(), Vec::new());
        let (mut value, mut rest) = (self, path);
        loop {
            let found = match value {
                Self::List(items) => index(rest).and_then(|(i, after)| {
                    let item = items.get(i)?;
                    Some((Step::Index(i), i, item, after))
                }),
                // Keys may have dots: the longest that fits is meant.
                Self::Table(entries) => entries
                    .iter()
                    .enumerate()
                    .filter_map(|(i, (key, item))| {
                        let after = rest
                            .strip_prefix('.')
                            .unwrap_or(rest)
                            .strip_prefix(&**key)?;
                        (after.is_empty() || after.starts_with(['.', '['])).then_some((
                            Step::Key(key.clone()),
                            i,
                            item,
                            after,
                        ))
                    })
                    .min_by_key(|(_, _, _, after)| after.len()),
                _ => None,
            };
            let Some((step, position, item, after)) = found.filter(|_| !rest.is_empty()) else {
                return (steps, positions);
            };
            steps.push(step);
            positions.push(position);
            (value, rest) = (item, after);
        }
    }

    /// The part at a place.
    pub(super) fn at_mut(&mut self, path: &[Step]) -> Option<&mut Self> {
        path.iter()
            .try_fold(self, |value, step| match (value, step) {
                (Self::List(items), Step::Index(i)) => items.get_mut(*i),
                (Self::Table(entries), Step::Key(key)) => {
                    entries.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v)
                }
                _ => None,
            })
    }

    /// Takes the next stand-in, if this is a gap that has one left.
    pub(super) fn next_stand_in(&mut self) -> Option<()> {
        match self {
            Self::Gap(n) if *n + 1 < STAND_INS => {
                *n += 1;
                Some(())
            }
            _ => None,
        }
    }

    /// The value as a message shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Null | Self::Gap(_) => "`null`".to_owned(),
            Self::Bool(b) => format!("`{b}`"),
            Self::Integer(n) => format!("`{n}`"),
            Self::Float(n) => format!("`{n}`"),
            Self::Text(text) => {
                let mut shown: String = text.chars().take(80).collect();
                if shown.len() < text.len() {
                    shown.push('…');
                }
                format!("`{shown}`")
            }
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

/// `[3]` and what is after it.
fn index(path: &str) -> Option<(usize, &str)> {
    let (number, after) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, after))
}

/// Reads a value that is so many levels inside others.
struct Depth(usize);

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Depth {
    fn inside<E: de::Error>(&self) -> Result<usize, E> {
        if Value::allows(self.0 + 1) {
            Ok(self.0 + 1)
        } else {
            Err(E::custom(format!(
                "the document is nested more than {MAX_DEPTH} deep"
            )))
        }
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a policy")
    }

    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Integer(n.into()))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(Value::Integer(n.into()))
    }

    fn visit_i128<E>(self, n: i128) -> Result<Value, E> {
        Ok(Value::Integer(n))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
        Ok(Value::Float(n))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let depth = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Depth(depth))? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let depth = self.inside()?;
        let mut entries = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value_seed(Depth(depth))?));
        }
        Ok(Value::Table(entries))
    }
}
