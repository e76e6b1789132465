//! Points in time as `sbatch` reads them; where no zone is given, Shanghai's.

use super::values::plain;
use kernel::Timestamp;

/// A point in time: `now+2hours`, `2026-12-01`, `2026-12-01T08:00`, `18:30`, `noon`, `tomorrow`. A time of day
/// is the next one.
pub(super) fn read(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(rest) = text.strip_prefix("now") {
        return after_now(rest, now);
    }
    let tomorrow = now.plus_seconds(86_400).shanghai_date();
    match text.as_str() {
        "today" => Some(now),
        "tomorrow" => at(&tomorrow, "00:00:00"),
        "midnight" => next("00:00:00", now),
        "noon" => next("12:00:00", now),
        _ => match text.split_once('t') {
            Some((date, time)) => at(date, &clock(time)?),
            None if text.contains('-') => at(&text, "00:00:00"),
            None => next(&clock(&text)?, now),
        },
    }
}

/// The rest of `now+90`, `now+2hours`: seconds unless a unit says.
fn after_now(rest: &str, now: Timestamp) -> Option<Timestamp> {
    if rest.is_empty() {
        return Some(now);
    }
    let rest = rest.strip_prefix('+')?;
    let split = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, unit) = rest.split_at(split);
    let seconds = match unit.trim_end_matches('s') {
        "" | "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        _ => return None,
    };
    // ten thousand years are enough
    let seconds = plain(number)?.checked_mul(seconds).filter(|seconds| *seconds < 315_360_000_000)?;
    Some(now.plus_seconds(seconds))
}

/// `18:30` and `18:30:15` with two digits each.
fn clock(text: &str) -> Option<String> {
    let parts: Vec<i64> = text.split(':').map(plain).collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes] => Some(format!("{hours:02}:{minutes:02}:00")),
        [hours, minutes, seconds] => Some(format!("{hours:02}:{minutes:02}:{seconds:02}")),
        _ => None,
    }
}

fn at(date: &str, time: &str) -> Option<Timestamp> {
    format!("{date}T{time}+08:00").parse().ok()
}

/// The next time that clocks show `time`.
fn next(time: &str, now: Timestamp) -> Option<Timestamp> {
    let today = at(&now.shanghai_date(), time)?;
    if today > now { Some(today) } else { at(&now.plus_seconds(86_400).shanghai_date(), time) }
}
