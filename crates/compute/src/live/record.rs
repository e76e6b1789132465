//! Writes down what the scheduler is told and decides, so that `mosu simulate --replay` can check it.
//!
//! One file for each start of the server, under `schedule/` in the data folder. It is for looking back, so it
//! isn't forced to disk, and a full disk ends it with one line in the log.

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

    /// Writes a line and, at the end of a round, hands all to the system.
    pub fn line(&mut self, line: &str, end_of_round: bool) {
        let Some(file) = &mut self.file else { return };
        self.bytes += line.len() + 1;
        let written = writeln!(file, "{line}");
        let flushed = if end_of_round { file.flush() } else { Ok(()) };
        if written.and(flushed).is_err() || self.bytes > MOST_BYTES {
            tracing::warn!(bytes = self.bytes, "the recording of the scheduler's decisions ends here");
            self.file = None;
        }
    }
}
