//! Values that changed their shape between versions of the API.

use serde::{Deserialize, Deserializer};

/// A number that may be missing: `null`, `17`, `17.0`, `"17"`, or `{"set":true,"infinite":false,"number":17}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Number(pub Option<i64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Shape {
            Whole(i64),
            Real(f64),
            Text(String),
            Object {
                #[serde(default)]
                set: bool,
                #[serde(default)]
                infinite: bool,
                #[serde(default)]
                number: Option<f64>,
            },
            None(()),
        }
        Ok(Self(match Shape::deserialize(from)? {
            Shape::Whole(number) => Some(number),
            Shape::Real(number) => whole(number),
            Shape::Text(text) => text.trim().parse().ok(),
            Shape::Object { set: true, infinite: false, number } => number.and_then(whole),
            Shape::Object { .. } | Shape::None(()) => None,
        }))
    }
}

impl Number {
    /// A count, 0 when there is none.
    pub fn count(self) -> u64 {
        self.0.and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
    }

    /// As [`count`](Self::count), of processors.
    pub fn processors(self) -> u32 {
        u32::try_from(self.count()).unwrap_or(u32::MAX)
    }

    /// Unix seconds; Slurm's 0 means never.
    pub fn moment(self) -> Option<i64> {
        self.0.filter(|seconds| *seconds > 0)
    }
}

/// A real number as a whole one, if it is near enough to be one of Slurm's.
fn whole(number: f64) -> Option<i64> {
    (number.is_finite() && number.abs() < 9.0e15).then_some(number as i64)
}

/// Words: `null`, one text, or a list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Shape {
            One(String),
            Many(Vec<String>),
            None(()),
        }
        Ok(Self(match Shape::deserialize(from)? {
            Shape::One(word) => vec![word],
            Shape::Many(words) => words,
            Shape::None(()) => Vec::new(),
        }))
    }
}

impl Words {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// A text that may be `null`.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_from_each_of_its_shapes() {
        let read = |text: &str| serde_json::from_str::<Number>(text).unwrap().0;
        assert_eq!(read("17"), Some(17));
        assert_eq!(read("17.0"), Some(17));
        assert_eq!(read("\"17\""), Some(17));
        assert_eq!(read(r#"{"set":true,"infinite":false,"number":17}"#), Some(17));
        assert_eq!(read(r#"{"set":false,"infinite":false,"number":0}"#), None);
        assert_eq!(read(r#"{"set":true,"infinite":true,"number":0}"#), None);
        assert_eq!(read("null"), None);
        assert_eq!(read("1e300"), None);
    }
}
