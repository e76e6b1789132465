//! Time: UTC microseconds inside, RFC 3339 outside, and a clock that tests can set.

use crate::{Error, Result};
use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicI64, Ordering},
};

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This instant moved by `seconds` (may be negative), saturating at the ends of time.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to this, negative when this comes first.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1e6
    }

    /// The calendar date in `Asia/Shanghai`, as `2026-11-21`: what a policy's dates are compared with.
    pub fn shanghai_date(self) -> String {
        self.zoned("Asia/Shanghai", "%Y-%m-%d")
    }

    /// Date and time in `Asia/Shanghai` for a page: `2026-11-21 18:20:00`.
    pub fn shanghai_text(self) -> String {
        self.zoned("Asia/Shanghai", "%Y-%m-%d %H:%M:%S")
    }

    fn zoned(self, zone: &str, format: &str) -> String {
        let zoned = jiff::Timestamp::from_microsecond(self.0).ok().and_then(|at| at.in_tz(zone).ok());
        zoned.map(|at| at.strftime(format).to_string()).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T18:20:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => write!(f, "{at:.3}"),
            Err(_) => f.write_str("out of range"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let at: jiff::Timestamp = text.parse().map_err(|_| {
            Error::invalid("time_invalid", "a time is RFC 3339 with a zone, such as 2026-11-21T18:20:00Z")
        })?;
        Ok(Self(at.as_microsecond()))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where the present comes from. Injected, so that tests own it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.0))
    }

    /// Moves the clock by `seconds`.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_rfc_3339_outside_and_shanghai_on_pages() {
        let at: Timestamp = "2026-11-21T18:20:00.125Z".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-21T18:20:00.125Z");
        assert_eq!(at.shanghai_text(), "2026-11-22 02:20:00");
        assert_eq!(at.shanghai_date(), "2026-11-22");
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
