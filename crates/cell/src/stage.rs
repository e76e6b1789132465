//! The processes between a supervisor and a tenant's command.
//!
//! The caller of [`run`] starts this program again as the *outer* stage, which enters new namespaces and starts the
//! *inner* stage in them. That one is the first process there: it builds the view, becomes the job's user, closes
//! the fence, starts the command, and reaps what the command leaves behind. All three let signals for the command
//! pass; nothing of what they hold (pipes, claims, records) reaches the command.

use crate::{End, Order, Protection, fence, rights, view};
use kernel::{Error, Result};
use rustix::process::{Pid, WaitOptions, wait};
use serde::{Deserialize, Serialize};
use std::{
    env, fs,
    io::{self, Read, Write},
    os::{
        fd::AsFd,
        unix::{fs::OpenOptionsExt, process::CommandExt},
    },
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    sync::{Arc, atomic::AtomicBool},
};

/// Names the stage that this program is started as.
pub(crate) const STAGE: &str = "MOSU_CELL_STAGE";
pub(crate) const PROBE: &str = "probe";
const OUTER: &str = "outer";
const INNER: &str = "inner";

/// What the inner stage tells, as the last line of its output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Report {
    Ended(End),
    Failed(String),
}

/// Runs a command in its cell and waits for its end; what it says goes to this process' standard error.
///
/// Fails with `cell_failed` when the cell can't be closed or the command can't be started; then it hasn't run.
pub fn run(order: &Order) -> Result<End> {
    let failed = |error: io::Error| {
        Error::unavailable("cell_failed", format!("the command's cell couldn't be made: {error}"))
    };
    let text = enclose(order).map_err(failed)?;
    match text.lines().rev().find_map(|line| serde_json::from_str(line).ok()) {
        Some(Report::Ended(end)) => Ok(end),
        Some(Report::Failed(why)) => Err(failed(io::Error::other(why))),
        None => Err(failed(io::Error::other("its first process ended without a word"))),
    }
}

fn enclose(order: &Order) -> io::Result<String> {
    outlive_signals()?;
    rights::hand_over_written(&order.cell)?;
    let mut child = again(OUTER).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&serde_json::to_vec(order)?)?;
    }
    let output = child.wait_with_output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// This program once more, with the same arguments, as `stage`.
fn again(stage: &str) -> Command {
    // Also finds a program that was replaced meanwhile.
    let mut command = Command::new("/proc/self/exe");
    command.arg0(env::args_os().next().unwrap_or_default()).args(env::args_os().skip(1));
    command.env_clear().env(STAGE, stage);
    command
}

/// Lets signals that mean the command pass: those that would end a stage are noticed and nothing else.
fn outlive_signals() -> io::Result<()> {
    use signal_hook::{consts, flag};
    for signal in [consts::SIGTERM, consts::SIGINT, consts::SIGHUP, consts::SIGUSR1, consts::SIGUSR2] {
        flag::register(signal, Arc::new(AtomicBool::new(false)))?;
    }
    Ok(())
}

/// Acts as a stage when this program was started as one; must be asked first of all, on the only thread.
pub fn stage() -> Option<ExitCode> {
    let stage = env::var(STAGE).ok()?;
    let done = match stage.as_str() {
        OUTER => outer(),
        INNER => inner().map(|end| tell(&Report::Ended(end))),
        PROBE => serde_json::to_string(&offered()).map(|text| println!("{text}")).map_err(io::Error::other),
        _ => Err(io::Error::other("there is no such stage")),
    };
    if let Err(error) = done {
        tell(&Report::Failed(format!("{stage}: {error}")));
        return Some(ExitCode::FAILURE);
    }
    Some(ExitCode::SUCCESS)
}

fn tell(report: &Report) {
    if let Ok(text) = serde_json::to_string(report) {
        println!("{text}");
    }
}

fn offered() -> Protection {
    let own_user = rights::may_change_user();
    Protection { landlock: fence::version(), namespaces: rights::enter_namespaces().is_ok(), own_user }
}

fn outer() -> io::Result<()> {
    rights::die_with_parent()?;
    outlive_signals()?;
    let own_user = rights::may_change_user();
    if let Err(error) = rights::enter_namespaces()
        && !own_user
    {
        return Err(error);
    }
    again(INNER).spawn()?.wait().map(drop)
}

fn inner() -> io::Result<End> {
    rights::die_with_parent()?;
    outlive_signals()?;
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let order: Order = serde_json::from_str(&text)?;
    // The first process of a namespace has number 1; without namespaces there is nothing to mount in.
    let alone = std::process::id() == 1;
    let own = if alone {
        view::build(&order.cell).map_err(|error| note("its mounts", &error))?
    } else {
        Vec::new()
    };
    rights::bound_processes(order.cell.processes)?;
    rights::give_up(order.cell.user).map_err(|error| note("its user", &error))?;
    rights::die_with_parent()?;
    fence::close(&order.cell, &own)?;
    for file in &order.files {
        write(&file.path, &file.text).map_err(|error| note(&file.path.display().to_string(), &error))?;
    }
    rights::close_memory()?;
    let child = start(&order)?;
    reap(&child)
}

fn note(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o700).open(path)?.write_all(text.as_bytes())
}

fn start(order: &Order) -> io::Result<Child> {
    let [program, arguments @ ..] = order.command.as_slice() else {
        return Err(io::Error::other("there is no command"));
    };
    // Standard output of this stage is the report's; the command's goes where its errors go.
    let says = io::stderr().as_fd().try_clone_to_owned()?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(&order.environment).current_dir(&order.folder);
    command.stdin(Stdio::null()).stdout(Stdio::from(says));
    command.spawn().map_err(|error| note(&format!("“{program}” can't be started"), &error))
}

/// Waits for whatever ends below this process, until the command itself did.
fn reap(child: &Child) -> io::Result<End> {
    let command = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if Some(pid) == command => {
                let code = status.exit_status().map(End::Code);
                return Ok(code.or(status.terminating_signal().map(End::Signal)).unwrap_or(End::Code(1)));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
