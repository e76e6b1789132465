//! Typed identities in the style of TypeID: `job_` and the base32 of a UUIDv7, so that they sort by time.

use crate::{Error, Result};
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
};

/// Crockford's base32 in lower case, as TypeID uses it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of 128 bits in base32.
const LENGTH: usize = 26;

/// Names the kind of thing that an [`Id`] points at. Implemented by empty enums.
pub trait Tag {
    /// What stands before the underscore, e.g. `job`.
    const PREFIX: &'static str;
}

/// Declares a [`Tag`]: `kernel::tag!(/// A job. Job = "job");`
#[macro_export]
macro_rules! tag {
    ($(#[$doc:meta])* $name:ident = $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl $crate::Tag for $name { const PREFIX: &'static str = $prefix; }
    };
}

/// The identity of a `T`. Prints and parses as `<prefix>_<26 characters>`.
pub struct Id<T>(u128, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// A new identity, later in order than those made before it (to the millisecond).
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().as_u128(), PhantomData)
    }

    /// The identity of these 128 bits, for identities derived from content.
    pub fn from_bits(bits: u128) -> Self {
        Self(bits, PhantomData)
    }
}

impl<T: Tag> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0u8; LENGTH];
        let mut bits = self.0;
        for slot in text.iter_mut().rev() {
            *slot = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
        }
        write!(f, "{}_{}", T::PREFIX, std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl<T: Tag> FromStr for Id<T> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            let prefix = T::PREFIX;
            Error::invalid(
                "id_invalid",
                format!("“{}” is no {prefix} id; one looks like {}", clip(text), Self::from_bits(0)),
            )
        };
        let body = text.strip_prefix(T::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or_else(wrong)?;
        if body.len() != LENGTH {
            return Err(wrong());
        }
        let mut bits: u128 = 0;
        for (index, byte) in body.bytes().enumerate() {
            let digit = ALPHABET.iter().position(|&known| known == byte).ok_or_else(wrong)?;
            if index == 0 && digit > 7 {
                return Err(wrong()); // 26 × 5 = 130 bits: the first digit has only three
            }
            bits = (bits << 5) | digit as u128;
        }
        Ok(Self(bits, PhantomData))
    }
}

fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T: Tag> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<T: Tag> serde::Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, T: Tag> serde::Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    crate::tag!(/// A thing.
        Thing = "thing");

    proptest! {
        #[test]
        fn prints_and_parses_back_in_order(a: u128, b: u128) {
            let (x, y) = (Id::<Thing>::from_bits(a), Id::<Thing>::from_bits(b));
            prop_assert_eq!(x.to_string().parse::<Id<Thing>>().unwrap(), x);
            prop_assert_eq!(x.cmp(&y), x.to_string().cmp(&y.to_string()));
        }

        #[test]
        fn never_panics_on_text_from_outside(text: String) {
            let _ = text.parse::<Id<Thing>>();
        }
    }

    #[test]
    fn refuses_another_kinds_id_and_an_overflow() {
        assert!("job_00000000000000000000000000".parse::<Id<Thing>>().is_err());
        assert!("thing_80000000000000000000000000".parse::<Id<Thing>>().is_err());
    }
}
