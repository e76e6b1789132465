//! The processes of a job: a supervisor that outlives the server, and the task under it.
//!
//! Whoever starts the job runs `mosu task <FOLDER>`; the folder holds all that it must know. That process is the
//! [`supervisor`]: it leaves its session, claims the run, and spawns itself once more as the [`inner`] process, which
//! limits itself and runs the job kind. A tenant's command runs below that one, in a `cell`. [`watch`] holds the run
//! to its limits, [`measure`] says what it uses, [`warning`] tells before its time is up, [`energy`] asks the
//! accelerators, [`surroundings`] makes the environment, [`machine`] reads /proc, [`log`] bounds what the job says,
//! [`verdict`] words how it ended.

mod energy;
mod inner;
mod log;
pub mod machine;
mod measure;
mod supervisor;
pub(crate) mod surroundings;
mod verdict;
pub(crate) mod warning;
mod watch;

use crate::{command, local::Folder};
use commons::jobs::Tasks;
use std::{io, path::Path, process::ExitCode};

/// Names the supervisor's process to the inner one. Set by the supervisor only.
const PARENT: &str = "MOSU_TASK_PARENT";

/// Body of the hidden subcommand `mosu task <FOLDER>`: runs the attempt that `folder` describes.
///
/// Must be called on the process' first thread with nothing else running.
pub fn main(folder: &Path, tasks: &Tasks) -> ExitCode {
    if let Some(code) = cell::stage() {
        return code;
    }
    let folder = Folder::at(folder);
    if let Some(code) = command::step::run(&folder) {
        return code;
    }
    match std::env::var(PARENT) {
        Ok(parent) => inner::run(&folder, tasks, &parent),
        Err(_) => ExitCode::from(supervisor::run(&folder).map_or_else(Refusal::of, |()| 0)),
    }
}

/// Why a supervisor ended without a claim: exit codes, since a process that can't write has nothing else to say.
pub(crate) struct Refusal;

impl Refusal {
    const TAKEN: u8 = 20;
    const FULL: u8 = 21;
    const UNWRITABLE: u8 = 22;
    const OTHER: u8 = 23;

    fn of(error: io::Error) -> u8 {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Self::TAKEN,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::FULL,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::UNWRITABLE,
            _ => Self::OTHER,
        }
    }

    /// Reason code and text of a supervisor that ended with `code` before it claimed its run.
    pub(crate) fn describe(code: Option<i32>, folder: &Path) -> (&'static str, String) {
        let place = folder.file_name().unwrap_or_default().to_string_lossy();
        match code.and_then(|code| u8::try_from(code).ok()) {
            Some(Self::FULL) => {
                ("disk_full", "the disk is full: the job couldn't start; free some space, then submit it again".into())
            }
            Some(Self::UNWRITABLE) => (
                "folder_unwritable",
                "the job's process may not write in its folder; mend the data folder's owner or mode, then submit again"
                    .into(),
            ),
            Some(code) => ("start_failed", format!("the job's process ended early with code {code} (attempt {place})")),
            None => ("start_failed", format!("the job's process was killed before it came up (attempt {place})")),
        }
    }
}
