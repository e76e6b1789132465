//! The process that runs the job kind: limits itself first, leaves its outcome last.

use super::PARENT;
use crate::{
    Kinds,
    local::{
        Folder, TaskFile,
        folder::{describe, read_record, write_record},
        records::{Outcome, Reason},
    },
};
use kernel::{Error, Kind, Result};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{io, process::ExitCode};

/// Runs the kind that the folder's task names and leaves its outcome; the exit code says only whether it could.
pub fn run(folder: &Folder, kinds: &Kinds, parent: &str) -> ExitCode {
    let outcome = attempt(folder, kinds, parent).map_or_else(|error| Outcome::Failed(reason(&error)), Outcome::Result);
    let Err(error) = write_record(&folder.outcome(), &outcome) else {
        return ExitCode::from(u8::from(matches!(outcome, Outcome::Failed(_))));
    };
    let (code, text) = describe(&error, &folder.outcome());
    eprintln!("{text}");
    let short = Outcome::Failed(Reason { code: code.into(), text });
    let _ = write_record(&folder.outcome(), &short); // fits what the supervisor set aside
    ExitCode::FAILURE
}

fn attempt(folder: &Folder, kinds: &Kinds, parent: &str) -> Result<serde_json::Value> {
    let wrong = |error: io::Error, what: &str| Error::unavailable("start_failed", format!("{what}: {error}"));
    let file = read_record::<TaskFile>(&folder.task()).and_then(|file| file.ok_or(io::ErrorKind::NotFound.into()));
    let file = file.map_err(|error| wrong(error, "task.json can't be read"))?;
    limit(&file, parent).map_err(|error| wrong(error, "the job's limits can't be set"))?;
    let kind = kinds.get(&file.kind)?;
    let result = kind.run(&crate::ports::task(folder, file));
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
        if getppid().map(|pid| pid.as_raw_nonzero().to_string()).as_deref() != Some(parent) {
            return Err(io::Error::other(format!("the supervisor that {PARENT} names is gone")));
        }
        if !file.cores.is_empty() {
            let mut set = rustix::thread::CpuSet::new();
            file.cores.iter().filter(|&&core| core < rustix::thread::CpuSet::MAX_CPU).for_each(|&core| set.set(core));
            rustix::thread::sched_setaffinity(None, &set)?;
        }
    }
    let set = |resource, bytes: u64| setrlimit(resource, Rlimit { current: Some(bytes), maximum: Some(bytes) });
    set(Resource::Core, 0)?;
    set(Resource::Fsize, file.bounds.file_bytes)?;
    // The supervisor watches memory in use; this wall behind it stops what grows faster than it looks. It
    // counts address space, of which stacks and allocators take more than they touch.
    let memory = u64::try_from(file.resources.memory_mib).unwrap_or_default() << 20;
    set(Resource::Data, memory + memory / 4 + (256 << 20))?;
    rustix::process::nice(file.bounds.nice)?;
    Ok(())
}

/// What the job's owner reads of `error`.
fn reason(error: &Error) -> Reason {
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if let Some(io) = next.downcast_ref::<io::Error>()
            && matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        {
            let text = "the disk became full while the job wrote; free some space, then submit it again";
            return Reason { code: "disk_full".into(), text: text.into() };
        }
        cause = next.source();
    }
    let text = match error.kind {
        Kind::Internal => "the task failed; its log says more".into(),
        _ => error.text.to_string(),
    };
    let code = if error.kind == Kind::Internal { "task_failed" } else { error.code };
    Reason { code: code.into(), text }
}
