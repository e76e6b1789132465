//! The process that owns a run: claims it, starts the task, holds it to its limits, tells how it ended.

use super::{
    PARENT, log, machine,
    verdict::{cancelled, judge, out_of_memory, timed_out},
};
use crate::local::{
    Claim, Exit, Folder, TaskFile, Usage, claim,
    folder::{describe, read_record, reserve_record, write_record},
    records::{Outcome, Reason},
};
use kernel::{Clock, SystemClock};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Disk set aside for the last words of a run.
const RESERVED_BYTES: usize = 64 << 10;
/// How long the log may take to be written after the task is gone.
const LOG_DRAIN: Duration = Duration::from_secs(5);

/// Claims the run in `folder` and sees it through. Fails only before the claim: then nothing has run.
pub fn run(folder: &Folder) -> io::Result<()> {
    let _ = rustix::process::setsid(); // fails only when we lead a session already
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
    let token = fs::read_to_string(folder.token()).ok();
    let _ = fs::remove_file(folder.token());
    let (reader, writer) = io::pipe()?;
    let threads = file.task.cpus.to_string();
    // The same program with the same arguments; /proc/self/exe also finds one that was replaced meanwhile.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { env::current_exe()? };
    let child = Command::new(program)
        .args(env::args_os().skip(1))
        .arg0(env::args_os().next().unwrap_or_default())
        .env(PARENT, claim.pid.to_string())
        .envs(&file.environment)
        .envs(file.endpoint.iter().map(|endpoint| ("MOSU_ENDPOINT", endpoint)))
        .envs(token.iter().map(|token| ("MOSU_TOKEN", token)))
        .envs(["RAYON_NUM_THREADS", "OMP_NUM_THREADS"].map(|name| (name, &threads)))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .spawn()?;
    let done = log::copy(reader, log, file.bounds.log_bytes);
    let usage = Usage::default();
    Ok(Watch {
        folder: folder.clone(),
        file: file.clone(),
        child,
        log: done,
        started: Instant::now(),
        usage,
        stop: None,
    })
}

/// Why and when a task was told to end.
struct Stop {
    reason: Option<Reason>,
    at: Instant,
}

struct Watch {
    folder: Folder,
    file: TaskFile,
    child: Child,
    log: mpsc::Receiver<()>,
    started: Instant,
    usage: Usage,
    stop: Option<Stop>,
}

impl Watch {
    /// Watches until the task is gone; says how it ended.
    fn see_through(&mut self) -> Exit {
        let mut saved = Instant::now();
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) => {}
                Err(error) => return self.lost(&error),
            }
            self.sample();
            self.enforce();
            if saved.elapsed() > Duration::from_secs(1) {
                // A help for the case that we are killed: then this much is known.
                let _ = write_record(&self.folder.usage(), &Exit { usage: self.usage, ..Exit::default() });
                saved = Instant::now();
            }
            let young = self.started.elapsed() < Duration::from_secs(1);
            thread::sleep(Duration::from_millis(if young { 5 } else { 25 }));
        };
        self.signal(Signal::KILL); // whatever the task left running in its group
        let _ = self.log.recv_timeout(LOG_DRAIN);
        self.conclude(status)
    }

    fn sample(&mut self) {
        let pid = self.child.id();
        self.usage.wall_micros = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.usage.cpu_micros = machine::cpu_micros(pid).max(self.usage.cpu_micros);
        self.usage.peak_memory_bytes = machine::memory_bytes(pid).max(self.usage.peak_memory_bytes);
    }

    fn enforce(&mut self) {
        if let Some(stop) = &self.stop {
            let grace = Duration::from_millis(self.file.bounds.grace_millis);
            if stop.at.elapsed() >= grace {
                self.signal(Signal::KILL);
            }
            return;
        }
        if self.usage.peak_memory_bytes > self.file.task.memory_mib << 20 {
            // No grace: the machine's other jobs need the memory.
            self.stop(out_of_memory(&self.file, self.usage.peak_memory_bytes), Signal::KILL);
        } else if self.usage.wall_micros / 1_000_000 >= self.file.task.wall_seconds {
            self.stop(timed_out(&self.file), Signal::TERM);
        } else if fs::exists(self.folder.cancel()).unwrap_or(false) {
            self.stop(cancelled(), Signal::TERM);
        }
    }

    fn stop(&mut self, reason: Option<Reason>, signal: Signal) {
        self.stop = Some(Stop { reason, at: Instant::now() });
        self.signal(signal);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let _ = pid.map(|pid| kill_process_group(pid, signal)); // fails when nobody is left
    }

    fn conclude(&mut self, status: ExitStatus) -> Exit {
        self.usage.wall_micros = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.usage.cpu_micros = machine::children_cpu_micros().max(self.usage.cpu_micros);
        let outcome = read_record::<Outcome>(&self.folder.outcome()).unwrap_or_default();
        let (code, judged) = judge(status, outcome, self.starved(), &self.file, self.usage.peak_memory_bytes);
        let reason = self.stop.take().map_or(judged, |stop| stop.reason);
        Exit { code, reason, usage: self.usage }
    }

    /// Whether the log's last words are those of an allocation that the system refused.
    fn starved(&self) -> bool {
        let tail = || -> io::Result<Vec<u8>> {
            let mut file = File::open(self.folder.log())?;
            let size = file.metadata()?.len();
            file.seek(SeekFrom::Start(size.saturating_sub(512)))?;
            let mut bytes = Vec::new();
            file.take(512).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        tail().is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("memory allocation of "))
    }

    fn lost(&mut self, error: &io::Error) -> Exit {
        self.signal(Signal::KILL);
        Exit { usage: self.usage, ..Exit::failed("crashed", format!("the job's process was lost: {error}")) }
    }
}
