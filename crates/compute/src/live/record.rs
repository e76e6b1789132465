//! Writes down what the scheduler is told and decides, so that a day of it can be replayed.
//!
//! One file for each start of the server, under `schedule/` in the data folder. It is for looking back, so it
//! isn't forced to disk, and a full disk ends it with one line in the log.

use schedule::{Decisions, Event, State};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

/// Size at which a recording ends.
const MOST_BYTES: usize = 1 << 30;
/// Recordings that are kept.
const KEPT: usize = 30;

/// A recording.
pub(crate) struct Recording {
    file: Option<BufWriter<File>>,
    bytes: usize,
}

impl Recording {
    /// Begins one in `folder`, named by the moment; removes the oldest beyond [`KEPT`].
    pub fn begin(folder: &Path, now: kernel::Timestamp) -> Self {
        let made = || -> std::io::Result<File> {
            fs::create_dir_all(folder)?;
            let mut old: Vec<_> =
                fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
            old.sort();
            old.iter().rev().skip(KEPT).try_for_each(fs::remove_file)?;
            File::create(folder.join(format!("{:020}.jsonl", now.0)))
        };
        let file =
            made().inspect_err(|error| tracing::warn!(%error, "the scheduler's decisions aren't recorded"));
        Self { file: file.ok().map(BufWriter::new), bytes: 0 }
    }

    /// The state that all begins with.
    pub fn open(&mut self, state: &State) {
        self.line(&json!({"world": state.world(), "policy": state.policy()}));
    }

    /// Something that the scheduler is told.
    pub fn event(&mut self, event: &Event, at: i64) {
        self.line(&json!({"at": at, "event": event}));
    }

    /// What it decided.
    pub fn decided(&mut self, decisions: &Decisions, at: i64) {
        self.line(&json!({"at": at, "decided": decisions}));
        if let Some(file) = &mut self.file {
            let _ = file.flush(); // the next line finds out
        }
    }

    fn line(&mut self, line: &Value) {
        let Some(file) = &mut self.file else { return };
        let text = format!("{line}\n");
        self.bytes += text.len();
        let written = file.write_all(text.as_bytes());
        if written.is_err() || self.bytes > MOST_BYTES {
            tracing::warn!(bytes = self.bytes, "the recording of the scheduler's decisions ends here");
            self.file = None;
        }
    }
}
