//! A word before a job's time is up, so that it can save what it has.

use crate::local::{Folder, TaskFile};
use rustix::process::Signal;
use serde_json::json;
use std::{fs::OpenOptions, io::Write, time::Duration};

/// The longest time before the end at which a job is told.
const LEAD_SECONDS: i64 = 300;
/// Jobs shorter than this are told only when they ask for it.
const SHORT_SECONDS: i64 = 60;

/// When a job is told that its time is nearly up, and by which signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// How long after the start.
    pub after: Duration,
    /// What is sent to its processes, when it asks for something.
    pub signal: Option<Signal>,
}

impl Warning {
    /// What `file` asks for: its spec's `warn_signal`, as `USR1` or, seconds before the end, `USR1@600`. Without a
    /// number, a tenth of its time before the end and at most five minutes.
    pub fn of(file: &TaskFile) -> Option<Self> {
        let wall = file.task.wall_seconds;
        let asked = file.task.spec.get("warn_signal").and_then(serde_json::Value::as_str).and_then(parse);
        let (signal, seconds) = asked.map_or((None, None), |(signal, seconds)| (Some(signal), seconds));
        if seconds.is_none() && wall < SHORT_SECONDS {
            return None;
        }
        let lead = seconds.unwrap_or_else(|| (wall / 10).clamp(1, LEAD_SECONDS));
        Some(Self { after: Duration::from_secs(u64::try_from(wall - lead).unwrap_or(0)), signal })
    }

    /// Tells it in the job's log and events.
    pub fn tell(&self, folder: &Folder, file: &TaskFile) {
        let left = file.task.wall_seconds - i64::try_from(self.after.as_secs()).unwrap_or(0);
        let text = format!("{left} s are left until the job is stopped at its limit");
        let event = json!({"event": "time_nearly_up", "seconds_left": left, "text": text});
        for (path, line) in [(folder.log(), format!("[{text}]\n")), (folder.events(), format!("{event}\n"))] {
            let file = OpenOptions::new().create(true).append(true).open(path);
            // A full disk: the job goes on without the word.
            let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
        }
    }
}

/// Reads `USR1` or `USR1@600`.
pub fn parse(text: &str) -> Option<(Signal, Option<i64>)> {
    let (name, seconds) = text.split_once('@').map_or((text, None), |(name, seconds)| (name, Some(seconds)));
    let signal = match name {
        "USR1" => Signal::USR1,
        "USR2" => Signal::USR2,
        "HUP" => Signal::HUP,
        "INT" => Signal::INT,
        "TERM" => Signal::TERM,
        _ => return None,
    };
    let seconds =
        seconds.map(|seconds| seconds.parse().ok().filter(|seconds| (1..=86_400).contains(seconds)));
    match seconds {
        Some(None) => None,
        known => Some((signal, known.flatten())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_named_with_or_without_its_time() {
        assert_eq!(parse("USR1"), Some((Signal::USR1, None)));
        assert_eq!(parse("TERM@600"), Some((Signal::TERM, Some(600))));
        for wrong in ["", "KILL", "USR1@", "USR1@0", "USR1@x", "usr1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn jobs_are_told_a_tenth_before_the_end_and_at_most_five_minutes() {
        let after = |wall: i64, spec: serde_json::Value| {
            let task = json!({"job": "j", "kind": "k", "spec": spec, "cpus": 1, "memory_mib": 1, "wall_seconds": wall,
                "cores": [], "bounds": crate::local::records::Bounds::default()});
            Warning::of(&serde_json::from_value(task).unwrap()).map(|warning| warning.after.as_secs())
        };
        assert_eq!(after(100, json!({})), Some(90));
        assert_eq!(after(86_400, json!(null)), Some(86_100));
        assert_eq!(after(30, json!({})), None);
        assert_eq!(after(30, json!({"warn_signal": "USR1@10"})), Some(20));
        assert_eq!(after(30, json!({"warn_signal": "USR1@100"})), Some(0));
    }
}
