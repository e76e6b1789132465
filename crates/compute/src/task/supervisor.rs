//! The process that owns a run: claims it, starts the task, and leaves word of how it ended.

use super::{PARENT, log, machine, measure::Measure, surroundings, warning::Warning, watch::Watch};
use crate::local::{
    Claim, Exit, Folder, TaskFile, claim,
    folder::{describe, read_record, reserve_record, write_record},
    token,
};
use kernel::{Clock, SystemClock};
use std::{
    collections::BTreeMap,
    env,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Disk set aside for the last words of a run.
const RESERVED_BYTES: usize = 64 << 10;

/// Claims the run in `folder` and sees it through. Fails only before the claim: then nothing has run.
pub fn run(folder: &Folder) -> io::Result<()> {
    let _ = rustix::process::setsid(); // fails only when we lead a session already
    cell::adopt().map_err(io::Error::other)?;
    let _lock = lock(folder)?;
    let file: TaskFile = read_record(&folder.task())?.ok_or(io::ErrorKind::NotFound)?;
    reserve_record(&folder.exit(), RESERVED_BYTES)?;
    reserve_record(&folder.outcome(), RESERVED_BYTES)?;
    let log = OpenOptions::new().create(true).append(true).open(folder.log())?;
    let (pid, started_ticks) = (std::process::id(), machine::started_ticks());
    let claim = Claim { pid, started_ticks, boot: machine::boot_id(), at: SystemClock.now(), barred: false };
    if !claim::take(folder, &claim)? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let exit = start(folder, &file, &claim, log).map_or_else(
        |error| {
            let (code, text) = describe(&error, folder.path());
            Exit::failed(code, text)
        },
        |mut watch| watch.see_through(),
    );
    while let Err(error) = write_record(&folder.exit(), &exit) {
        if error.kind() == io::ErrorKind::NotFound {
            break; // the folder is gone, and with it whoever would read this
        }
        // Nothing else can tell how the run ended, so wait until the disk takes it.
        eprintln!("{}", describe(&error, &folder.exit()).1);
        thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

/// Locks the folder. Another supervisor of the same attempt, if there is one, keeps it for long.
fn lock(folder: &Folder) -> io::Result<File> {
    claim::lock(folder)?.ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

fn start(folder: &Folder, file: &TaskFile, claim: &Claim, log: File) -> io::Result<Watch> {
    let mut starts = OpenOptions::new().create(true).append(true).open(folder.starts())?;
    writeln!(starts, "{} pid {} boot {}", claim.at, claim.pid, claim.boot)?;
    starts.sync_all()?;
    let token = token::take(folder)?;
    [folder.output(), folder.scratch()].iter().try_for_each(fs::create_dir_all)?;
    let environment = surroundings::of(folder, file, token);
    let measure = Measure::begin(file, environment.get("CUDA_VISIBLE_DEVICES").map(String::as_str));
    let (child, done) = spawn(folder, file, claim, &environment, log)?;
    Ok(Watch {
        folder: folder.clone(),
        file: file.clone(),
        child,
        log: done,
        measure,
        warning: Warning::of(file),
        stop: None,
    })
}

/// Starts the task, with its output on the way to the log.
fn spawn(
    folder: &Folder,
    file: &TaskFile,
    claim: &Claim,
    environment: &BTreeMap<String, String>,
    log: File,
) -> io::Result<(Child, mpsc::Receiver<()>)> {
    let (reader, writer) = io::pipe()?;
    // The same program with the same arguments; /proc/self/exe also finds one that was replaced meanwhile.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { env::current_exe()? };
    let child = Command::new(program)
        .args(env::args_os().skip(1))
        .arg0(env::args_os().next().unwrap_or_default())
        .env_clear()
        .envs(environment)
        .env(PARENT, claim.pid.to_string())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .spawn()?;
    Ok((child, log::copy(reader, log, file.bounds.log_bytes)))
}
