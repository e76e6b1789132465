//! How figures, times and sizes are written on a page.

use crate::lang::Lang;
use kernel::{Timestamp, money};

/// A count with thousands separators.
pub fn thousands(value: i64) -> String {
    let text = money::format_micros(value.saturating_mul(money::MICROS));
    if value.checked_mul(money::MICROS).is_none() {
        return value.to_string();
    }
    text.strip_suffix(".00").unwrap_or(&text).to_owned()
}

/// An amount of renminbi with its unit: `CNY 12.30`, `12.30 元`.
pub fn cny(lang: Lang, micros: i64) -> String {
    amount(lang, micros, "CNY")
}

/// An amount of a commodity with its unit; without one where the unit stands elsewhere.
pub fn amount(lang: Lang, micros: i64, commodity: &str) -> String {
    let text = money::format_micros(micros);
    match (lang, commodity) {
        (_, "") => text,
        (Lang::Zh, "CNY") => format!("{text} 元"),
        (_, "CNY") => format!("CNY {text}"),
        _ => format!("{text} {commodity}"),
    }
}

/// A size in bytes, in powers of ten as disks are sold: `12.3 MB`.
pub fn bytes(size: i64) -> String {
    let value = size as f64;
    match value.abs() {
        s if s >= 1e9 => format!("{:.1} GB", value / 1e9),
        s if s >= 1e6 => format!("{:.1} MB", value / 1e6),
        s if s >= 1e3 => format!("{:.1} kB", value / 1e3),
        _ => format!("{size} B"),
    }
}

/// Parts per million as per cent: `30 %`, `12.5 %`.
pub fn percent_ppm(ppm: i64) -> String {
    let text = money::format_micros(ppm.saturating_mul(100));
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A share of a whole in per cent with one decimal.
pub fn percent(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.1} %", part / whole * 100.0) } else { "–".to_owned() }
}

/// A duration in the two units that matter.
pub fn duration(lang: Lang, seconds: f64) -> String {
    let (second, minute, hour, day) = match lang {
        Lang::En => (" s", " min", " h", " d"),
        Lang::Zh => (" 秒", " 分", " 小时", " 天"),
    };
    let whole = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    let total = whole.round() as u64;
    let pair = |big: u64, big_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{big}{big_unit}"),
        _ => format!("{big}{big_unit} {small}{small_unit}"),
    };
    match total {
        0..=9 => format!("{whole:.1}{second}"),
        10..=59 => format!("{total}{second}"),
        60..=3599 => pair(total / 60, minute, total % 60, second),
        3600..=86_399 => pair(total / 3600, hour, total % 3600 / 60, minute),
        _ => pair(total / 86_400, day, total % 86_400 / 3600, hour),
    }
}

/// How long ago `at` was, in one unit; in the future, how long until then.
pub fn ago(lang: Lang, now: Timestamp, at: Timestamp) -> String {
    let seconds = now.seconds_since(at);
    let size = seconds.abs() as i64;
    let (key, count) = match size {
        0..=4 => return lang.t("time-now"),
        5..=59 => ("time-seconds", size),
        60..=3599 => ("time-minutes", size / 60),
        3600..=86_399 => ("time-hours", size / 3600),
        _ => ("time-days", size / 86_400),
    };
    let text = lang.ta(key, &[("count", count.into())]);
    lang.ta(if seconds >= 0.0 { "time-ago" } else { "time-ahead" }, &[("time", text.into())])
}

/// The first characters of a digest or commit.
pub fn short(text: &str) -> String {
    text.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_figures_as_people_read_them() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(i64::MAX), i64::MAX.to_string());
        assert_eq!(cny(Lang::Zh, 1_234_560_000), "1,234.56 元");
        assert_eq!(percent_ppm(300_000), "30 %");
        assert_eq!(percent_ppm(125_000), "12.5 %");
        assert_eq!(duration(Lang::En, 3_700.0), "1 h 1 min");
        assert_eq!(duration(Lang::Zh, f64::NAN), "0.0 秒");
        let now = Timestamp(1_000_000_000_000_000);
        assert_eq!(ago(Lang::En, now, now.plus_seconds(-120)), "2 minutes ago");
        assert_eq!(ago(Lang::Zh, now, now.plus_seconds(90)), "1 分钟后");
    }
}
