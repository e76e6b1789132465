//! `srun` inside a cell: a job's script starts a command once for each of its tasks.
//!
//! The command in the cell can't ask Slurm itself: it is no user of Slurm, and one who is could start anything there.
//! So the script finds a small `srun` of ours, which leaves what it wants in a folder and waits. The [`keeper`]
//! outside of the cell reads that ([`request`], [`options`]), trusts nothing in it, and starts the tasks: on a Slurm
//! through its own `srun`, on this machine itself. Each task is this program again, which puts the command into a
//! cell like the script's ([`task`]).

mod keeper;
mod options;
mod request;
mod task;

use crate::local::Folder;
use std::{io, path::PathBuf, process::ExitCode};

/// Names the step to a task's process. Set by the keeper only.
const STEP: &str = "MOSU_TASK_STEP";

/// Where a job's steps are asked for.
fn steps(folder: &Folder) -> PathBuf {
    folder.scratch().join(".steps")
}

/// Where the `srun` for the command lies.
pub(super) fn programs(folder: &Folder) -> PathBuf {
    folder.scratch().join(".bin")
}

/// The text of that `srun`, in POSIX shell.
pub(super) fn program(folder: &Folder) -> String {
    include_str!("srun.sh").replace("@STEPS@", &steps(folder).to_string_lossy().replace('\'', r"'\''"))
}

/// Starts to answer what the command will ask; must be called before it starts. `user` is the one that it gets.
pub(super) fn keep(folder: &Folder, user: u32) -> io::Result<()> {
    keeper::Keeper::open(folder, user).map(keeper::Keeper::start)
}

/// Acts as a task of a step when this program was started as one.
pub(crate) fn run(folder: &Folder) -> Option<ExitCode> {
    std::env::var(STEP).ok().map(|step| task::run(folder, &step))
}
