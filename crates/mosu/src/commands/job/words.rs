//! Times and lists in few words.

use kernel::{Clock, SystemClock, Timestamp};
use serde_json::Value;

/// The present.
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// The rows of an answer: its `items`, its `jobs`, or itself.
pub fn items(answer: &Value) -> Vec<Value> {
    let found = ["items", "runs", "jobs"].iter().find_map(|name| answer.get(name)?.as_array());
    found.or(answer.as_array()).cloned().unwrap_or_default()
}

/// The moment at a JSON pointer.
pub fn moment(value: &Value, pointer: &str) -> Option<Timestamp> {
    value.pointer(pointer)?.as_str()?.parse().ok()
}

/// A duration in the two units that matter: `3 h 5 min`.
pub fn span(seconds: f64) -> String {
    let total = if seconds.is_finite() { seconds.max(0.0).round() as u64 } else { 0 };
    let pair = |big: u64, unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{big} {unit}"),
        _ => format!("{big} {unit} {small} {small_unit}"),
    };
    match total {
        0..=59 => format!("{total} s"),
        60..=3599 => pair(total / 60, "min", total % 60, "s"),
        3600..=86_399 => pair(total / 3600, "h", total % 3600 / 60, "min"),
        _ => pair(total / 86_400, "d", total % 86_400 / 3600, "h"),
    }
}

/// Thousandths as a number: `2`, `0.5`.
pub fn thousandths(milli: i64) -> String {
    let text = format!("{:.3}", milli as f64 / 1000.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// MiB as people say them: `512 MiB`, `64 GiB`.
pub fn mebibytes(size: i64) -> String {
    match size {
        0..=1023 => format!("{size} MiB"),
        _ => format!("{} GiB", format!("{:.1}", size as f64 / 1024.0).trim_end_matches(".0")),
    }
}

/// At most `most` characters.
pub fn clip(text: &str, most: usize) -> String {
    let line: String = text.chars().take(most).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > most { line + "…" } else { line }
}

/// Whether a job in this state has ended.
pub fn is_final(state: &Value) -> bool {
    matches!(state.as_str(), Some("succeeded" | "failed" | "cancelled"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn says_things_in_few_words() {
        assert_eq!(
            (span(59.4), span(61.0), span(3600.0), span(f64::NAN)),
            ("59 s".into(), "1 min 1 s".into(), "1 h".into(), "0 s".into())
        );
        assert_eq!((thousandths(500), thousandths(16_000)), ("0.5".into(), "16".into()));
        assert_eq!(
            (mebibytes(512), mebibytes(65_536), mebibytes(1536)),
            ("512 MiB".into(), "64 GiB".into(), "1.5 GiB".into())
        );
        assert_eq!(clip("a\nbcd", 3), "a b…");
        assert_eq!(items(&json!({"jobs": [1]})), items(&json!([1])));
        assert!(items(&json!({"error": 1})).is_empty());
    }
}
