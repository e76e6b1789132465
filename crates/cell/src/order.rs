//! What a cell is asked to hold.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// Folders of programs and libraries, readable in every cell.
pub const SYSTEM: [&str; 9] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store"];

/// The first of the user ids that jobs of a server run by root get. systemd's table of ids (systemd.io,
/// "Users, Groups, UIDs and GIDs") has no use for the numbers from here on.
const FIRST_USER: u32 = 0x7000_0000;

/// The user and group id of the job with this name, where the server may change users: always the same one, so
/// that a later attempt may go on with its files, and rarely another job's.
pub fn user_of(job: &str) -> u32 {
    // FNV-1a: spreads names evenly and never changes.
    let hash =
        job.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    FIRST_USER + (hash & 0x00ff_ffff)
}

/// What a command may reach beside the system's own programs. Paths are absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Readable and executable.
    pub read: Vec<PathBuf>,
    /// Writable too.
    pub write: Vec<PathBuf>,
    /// Folders that are emptied of all else, where mounts are possible: the server's data.
    pub hide: Vec<PathBuf>,
    /// Device files, such as `/dev/nvidia0`.
    pub devices: Vec<PathBuf>,
    /// A writable folder that stands as `/tmp` too, where mounts are possible.
    pub temporary: Option<PathBuf>,
    /// The user to become when run by root.
    pub user: u32,
    /// The most processes and threads at a time.
    pub processes: u64,
    /// Memory of the private `/dev/shm`, in bytes.
    pub shared_memory: u64,
}

/// A text file that is written inside the cell, before the command runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnFile {
    /// Where; absolute, in one of [`Cell::write`].
    pub path: PathBuf,
    /// What.
    pub text: String,
}

/// A command and the cell that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What it may reach.
    pub cell: Cell,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Its whole environment.
    pub environment: BTreeMap<String, String>,
    /// The folder that it starts in.
    pub folder: PathBuf,
    /// Files that it finds.
    pub files: Vec<OwnFile>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_keeps_its_user_and_never_gets_one_that_the_system_uses() {
        assert_eq!(user_of("job_1"), user_of("job_1"));
        assert_ne!(user_of("job_1"), user_of("job_2"));
        assert!((0..1000).all(|n| (0x7000_0000..0x7fff_ffff).contains(&user_of(&n.to_string()))));
    }
}
