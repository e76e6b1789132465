//! The process that runs the job kind: limits itself first, leaves its outcome last.

use super::{PARENT, measure};
use crate::command;
use crate::local::{
    Folder, TaskFile,
    folder::{describe, read_record, write_record},
    records::{Outcome, Reason, reason_of},
};
use commons::jobs::{Task, Tasks};
use kernel::{Error, Result};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{io, process::ExitCode};

/// Runs the kind that the folder's task names and leaves its outcome; the exit code says only whether it could.
pub fn run(folder: &Folder, tasks: &Tasks, parent: &str) -> ExitCode {
    let outcome = attempt(folder, tasks, parent)
        .map_or_else(|error| Outcome::Failed(reason_of(&error)), Outcome::Result);
    let Err(error) = write_record(&folder.outcome(), &outcome) else {
        return ExitCode::from(u8::from(matches!(outcome, Outcome::Failed(_))));
    };
    let (code, text) = describe(&error, &folder.outcome());
    eprintln!("{text}");
    let short = Outcome::Failed(Reason { code: code.into(), text });
    let _ = write_record(&folder.outcome(), &short); // fits what the supervisor set aside
    ExitCode::FAILURE
}

fn attempt(folder: &Folder, tasks: &Tasks, parent: &str) -> Result<serde_json::Value> {
    let wrong = |error: io::Error, what: &str| Error::unavailable("start_failed", format!("{what}: {error}"));
    let file =
        read_record::<TaskFile>(&folder.task()).and_then(|file| file.ok_or(io::ErrorKind::NotFound.into()));
    let file = file.map_err(|error| wrong(error, "task.json can't be read"))?;
    limit(&file, parent).map_err(|error| wrong(error, "the job's limits can't be set"))?;
    let run = tasks.find(&file.task.kind)?;
    let result = run(&Task::open(folder.path(), &file.task)?);
    if let Err(error) = &result {
        eprintln!("error: {}", error.chain());
    }
    result
}

/// Sets the limits that the system itself holds the process to.
fn limit(file: &TaskFile, parent: &str) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        set_parent_process_death_signal(Some(Signal::KILL))?;
        measure::join(file, parent)?;
        if getppid().map(|pid| pid.as_raw_nonzero().to_string()).as_deref() != Some(parent) {
            return Err(io::Error::other(format!("the supervisor that {PARENT} names is gone")));
        }
        if !file.cores.is_empty() {
            let mut set = rustix::thread::CpuSet::new();
            file.cores
                .iter()
                .filter(|&&core| core < rustix::thread::CpuSet::MAX_CPU)
                .for_each(|&core| set.set(core));
            rustix::thread::sched_setaffinity(None, &set)?;
        }
    }
    let set =
        |resource, bytes: u64| setrlimit(resource, Rlimit { current: Some(bytes), maximum: Some(bytes) });
    set(Resource::Core, 0)?;
    set(Resource::Fsize, file.bounds.file_bytes)?;
    // The supervisor watches memory in use; this wall behind it stops what grows faster than it looks. It
    // counts address space, of which stacks and allocators take more than they touch.
    let memory = u64::try_from(file.task.memory_mib).unwrap_or_default() << 20;
    // Tenants' programs may have many threads and libraries that reserve far more than they use.
    let room = if file.task.kind == command::KIND { memory + (4 << 30) } else { memory / 4 + (256 << 20) };
    set(Resource::Data, memory + room)?;
    rustix::process::nice(file.bounds.nice)?;
    Ok(())
}
