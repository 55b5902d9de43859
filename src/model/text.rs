//! What the fields of records share: trimming, closed and open lists of words, and hours.

use crate::Error;
use crate::diagnostic::closest;

/// The text without the white space around it.
///
/// # Errors
/// Nothing is left (`is_parse`).
pub(super) fn required(what: &'static str, text: &str) -> Result<Box<str>, Error> {
    optional(text).ok_or_else(|| Error::parse(what, text, "it is empty"))
}

/// The text without the white space around it, or `None` if nothing is left: a blank cell says nothing.
pub(super) fn optional(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

/// The hour, if a day has it.
///
/// # Errors
/// It is above 23 (`is_range`).
pub(super) fn hour_of_day(hour: u8) -> Result<u8, Error> {
    if hour > 23 {
        return Err(Error::range(format!(
            "the hour {hour} is not one of 0 to 23"
        )));
    }
    Ok(hour)
}

/// Why a word is not one of the `known` ones, with "did you mean".
pub(super) fn unknown_word<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match closest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let known: Vec<String> = known.into_iter().map(|k| format!("`{k}`")).collect();
            format!("it is one of {}", known.join(", "))
        }
    }
}

/// Why a number is not what has a text for its form: if it is not in quotes either, how that text is written.
pub(crate) fn no_text<T: std::str::FromStr<Err = crate::Error>, E: serde::de::Error>(
    number: &str,
    given: serde::de::Unexpected<'_>,
) -> E {
    match number.parse::<T>() {
        Ok(_) => E::invalid_type(given, &"a string"),
        Err(why) => E::custom(why),
    }
}

/// serde of a type whose canonical form is its text (`Display` and `FromStr`).
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;

                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }

                    fn visit_i64<E: serde::de::Error>(self, n: i64) -> Result<$type, E> {
                        let given = serde::de::Unexpected::Signed(n);
                        Err(crate::model::no_text::<$type, E>(&n.to_string(), given))
                    }

                    fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<$type, E> {
                        let given = serde::de::Unexpected::Unsigned(n);
                        Err(crate::model::no_text::<$type, E>(&n.to_string(), given))
                    }

                    fn visit_f64<E: serde::de::Error>(self, n: f64) -> Result<$type, E> {
                        let given = serde::de::Unexpected::Float(n);
                        Err(crate::model::no_text::<$type, E>(&n.to_string(), given))
                    }
                }

                deserializer.deserialize_string(Text)
            }
        }
    };
}

/// The text form of a closed enum, one word per variant, for `Display`, `FromStr` and serde.
macro_rules! words {
    ($type:ty, $what:literal, { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// The word that stands for it in text and in serde.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::Error;
            fn from_str(text: &str) -> Result<Self, crate::Error> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(crate::Error::parse(
                        $what,
                        text,
                        super::text::unknown_word(text, [$($word),+]),
                    )),
                }
            }
        }

        super::text::serde_as_text!($type);
    };
}

/// The text form of an enum of some words and `Other(Box<str>)` for any other text, for `Display`, `FromStr` and serde.
macro_rules! open_words {
    ($type:ty, $what:literal, { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// The text that stands for it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(text) => text,
                }
            }

            /// In its one form: `Other` can be written in Rust with the word of another variant, or without a text.
            fn checked(self) -> Result<Self, crate::Error> {
                match self {
                    Self::Other(text) => text.parse(),
                    known => Ok(known),
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::Error;
            /// White space around the text is dropped.
            fn from_str(text: &str) -> Result<Self, crate::Error> {
                let text = super::text::required($what, text)?;
                Ok(match &*text {
                    $($word => Self::$variant,)+
                    _ => Self::Other(text),
                })
            }
        }

        super::text::serde_as_text!($type);
    };
}

pub(super) use open_words;
pub(crate) use serde_as_text;
pub(super) use words;
