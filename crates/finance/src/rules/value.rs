//! The small values of a policy file: rates, caps, dates, texts. Each refuses what it can't mean.

use kernel::money::{PPM, format_micros, parse_micros};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// A share of an amount in parts per million. In a file: `"30 %"`, above 0 and at most 100, up to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(i64);

impl Rate {
    /// Parts per million, 1 to 1,000,000.
    pub fn ppm(self) -> i64 {
        self.0
    }

    /// This share of `amount` (not negative), rounded down, because “at most 30 %” is a ceiling.
    pub fn share_of(self, amount: i64) -> i64 {
        let share = i128::from(amount.max(0)) * i128::from(self.0) / i128::from(PPM);
        share as i64 // at most `amount`, because the rate is at most one
    }

    /// The rate of a text such as `30 %`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.trim().strip_suffix('%')?.trim();
        let decimals = number.split_once('.').map_or(0, |(_, tail)| tail.len());
        let micros = parse_micros(number).ok().filter(|_| decimals <= 4 && !number.contains([',', '_']))?;
        let ppm = micros / 100;
        (1..=PPM).contains(&ppm).then_some(Self(ppm))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format_micros(self.0 * 100);
        write!(f, "{} %", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The most that may be granted at one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// At most so many micros of the pack's currency.
    Amount(i64),
    /// The published text was read in full and sets no limit at this level.
    NonePublished,
    /// Our copy of the text ends before it could say: nothing is granted until a person fills it in.
    NotSeen,
}

impl Cap {
    /// The limit in micros, if there is one.
    pub fn micros(self) -> Option<i64> {
        match self {
            Self::Amount(micros) => Some(micros),
            Self::NonePublished | Self::NotSeen => None,
        }
    }

    /// The cap of a text: `5,000,000 CNY`, `none published` or `not seen`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "none published" => Some(Self::NonePublished),
            "not seen" => Some(Self::NotSeen),
            amount => {
                let micros = parse_micros(amount.strip_suffix("CNY")?.trim()).ok()?;
                (micros > 0).then_some(Self::Amount(micros))
            }
        }
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(micros) => write!(f, "{} CNY", format_micros(*micros)),
            Self::NonePublished => f.write_str("none published"),
            Self::NotSeen => f.write_str("not seen"),
        }
    }
}

/// A calendar date, `2025-07-28`, in the city's time zone. Orders as dates do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(String);

impl Date {
    /// The date of a text `YYYY-MM-DD` that names a real day.
    pub fn parse(text: &str) -> Option<Self> {
        let real = text.len() == 10 && format!("{text}T00:00:00Z").parse::<kernel::Timestamp>().is_ok();
        real.then(|| Self(text.to_owned()))
    }

    /// The city's date at an instant.
    pub fn of(at: kernel::Timestamp) -> Self {
        Self(at.shanghai_date())
    }

    /// `YYYY`.
    pub fn year(&self) -> &str {
        self.0.get(..4).unwrap_or("0000")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a rule stops: a last day, or a statement that none is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The last day on which the rule holds.
    On(Date),
    /// The published text was read in full and names no last day.
    NonePublished,
    /// Our copy of the text ends before it could say; the rule is taken to hold until a person fills it in.
    NotSeen,
}

impl End {
    /// Whether the rule still holds on `date`.
    pub fn reaches(&self, date: &Date) -> bool {
        match self {
            Self::On(last) => date <= last,
            Self::NonePublished | Self::NotSeen => true,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "none published" => Some(Self::NonePublished),
            "not seen" => Some(Self::NotSeen),
            date => Date::parse(date).map(Self::On),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(date) => date.fmt(f),
            Self::NonePublished => f.write_str("none published"),
            Self::NotSeen => f.write_str("not seen"),
        }
    }
}

/// Reads and writes a type as its text, refusing other texts with a sentence that says how to mend them.
macro_rules! as_text {
    ($($name:ident: $mend:literal;)*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let wrong = || D::Error::custom(format!("“{}” won't do: write {}", clip(&text), $mend));
                Self::parse(&text).ok_or_else(wrong)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )*};
}

as_text! {
    Rate: "a rate as “30 %”, above 0 and at most 100, with at most four decimals";
    Cap: "a cap as “5,000,000 CNY”, or “none published” if the text sets none, or “not seen” if your copy doesn't say";
    Date: "a date as “2025-07-28”";
    End: "a last day as “2027-12-31”, or “none published”, or “not seen”";
}

fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_percent_and_round_down() {
        assert_eq!(Rate::parse("30 %").unwrap().ppm(), 300_000);
        assert_eq!(Rate::parse("0.0001%").unwrap().ppm(), 1);
        assert_eq!(Rate::parse("33.3333 %").unwrap().to_string(), "33.3333 %");
        assert_eq!(Rate::parse("50 %").unwrap().share_of(3), 1);
        for wrong in ["0 %", "100.1 %", "-5 %", "30", "30 ppm", "1.00001 %", "1,0 %", ""] {
            assert!(Rate::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn caps_and_dates_say_what_they_mean_or_nothing() {
        assert_eq!(Cap::parse("5,000,000 CNY"), Some(Cap::Amount(5_000_000_000_000)));
        assert_eq!(Cap::parse("none published"), Some(Cap::NonePublished));
        for wrong in ["", "0 CNY", "-1 CNY", "unlimited", "5000000", "5 USD"] {
            assert!(Cap::parse(wrong).is_none(), "{wrong}");
        }
        assert!(Date::parse("2025-02-30").is_none() && Date::parse("2025-7-28").is_none());
        assert!(Date::parse("2025-07-28") < Date::parse("2025-08-01"));
    }
}
