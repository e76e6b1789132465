//! The folder of one attempt to run a job: the names of its files, and writing them whole or not at all.

use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The largest record that is read.
const RECORD_BYTES: u64 = 16 << 20;

/// One attempt's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

macro_rules! files {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> PathBuf { self.0.join($file) }
    )*};
}

impl Folder {
    files! {
        /// What the server asks for ([`super::TaskFile`]).
        task = "task.json";
        /// What the job reads.
        input = "input";
        /// What the job writes.
        output = "output";
        /// Scratch space of the job, removed with its folder.
        scratch = "tmp";
        /// The right to run, taken by whoever creates it ([`super::Claim`]).
        claim = "claim";
        /// The job's secret for calls, read and deleted by whoever has the claim.
        token = "token";
        /// Locked by the supervisor for as long as it lives.
        lock = "lock";
        /// One line for each time that the job's code was started in here.
        starts = "starts";
        /// What was measured so far ([`super::Exit`] without a reason).
        usage = "usage.json";
        /// What the job kind returned ([`super::records::Outcome`]).
        outcome = "outcome.json";
        /// How the run ended ([`super::Exit`]).
        exit = "exit.json";
        /// Its presence asks the supervisor to stop the job.
        cancel = "cancel";
        /// What the job said.
        log = "log.txt";
        /// Progress and metrics, one JSON object a line.
        events = "events.jsonl";
    }

    /// The folder at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// What a job keeps from one attempt to the next: the working folder of tenants' commands.
    pub fn work(&self) -> PathBuf {
        self.0.with_file_name("work")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Reads a record: `None` when there is none.
pub fn read_record<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(RECORD_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

/// Writes a record so that it is there whole, even after the machine loses power, or not at all.
///
/// Writes over what [`reserve_record`] set aside, where it did.
pub fn write_record(path: &Path, record: &impl Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec(record)?;
    if bytes.len() as u64 > RECORD_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the record is larger than 16 MiB"));
    }
    let temporary = temporary(path);
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&temporary)?;
    file.write_all(&bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_parent(path)
}

/// Writes a record that is there whole or not at all as long as the machine keeps its power: for what nobody
/// relies on after that.
pub fn write_passing(path: &Path, record: &impl Serialize) -> io::Result<()> {
    let temporary = temporary(path);
    fs::write(&temporary, serde_json::to_vec(record)?)?;
    fs::rename(&temporary, path)
}

/// Sets `bytes` of disk aside for the record that will be at `path`, so that a full disk can't silence it.
pub fn reserve_record(path: &Path, bytes: usize) -> io::Result<()> {
    let mut file = File::create(temporary(path))?;
    // Zeros rather than fallocate: every file system keeps what was written.
    file.write_all(&vec![0; bytes])?;
    file.sync_all()
}

/// Makes the entry of `path` in its folder durable.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension("part")
}

/// Code and text of a failure to write into a job's folder.
pub fn describe(error: &io::Error, path: &Path) -> (&'static str, String) {
    use io::ErrorKind as Kind;
    let place = path.file_name().unwrap_or_default().to_string_lossy();
    match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => (
            "disk_full",
            format!(
                "the disk is full: {place} couldn't be written; free some space, then submit the job again"
            ),
        ),
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => (
            "folder_unwritable",
            format!(
                "the server may not write {place} in the job's folder; mend its owner or mode, then submit the job again"
            ),
        ),
        Kind::FileTooLarge => {
            ("task_file_too_large", format!("{place} is larger than a job's files may be ({error})"))
        }
        _ => ("folder_failed", format!("{place} in the job's folder couldn't be used: {error}")),
    }
}
