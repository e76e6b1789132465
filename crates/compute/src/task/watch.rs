//! Holds a running task, and all that it started, to its limits.

use super::{
    measure::Measure,
    verdict::{cancelled, judge, out_of_memory, timed_out},
    warning::Warning,
};
use crate::local::{
    Exit, Folder, TaskFile,
    folder::{read_record, write_record},
    records::{Outcome, Reason},
};
use rustix::process::Signal;
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    process::{Child, ExitStatus},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long the log may take to be written after the task is gone.
const LOG_DRAIN: Duration = Duration::from_secs(5);

/// Why and when a task was told to end.
pub(super) struct Stop {
    reason: Option<Reason>,
    at: Instant,
}

/// The longest time between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A task that runs.
pub(super) struct Watch {
    pub folder: Folder,
    pub file: TaskFile,
    pub child: Child,
    pub log: mpsc::Receiver<()>,
    pub measure: Measure,
    pub warning: Option<Warning>,
    pub stop: Option<Stop>,
}

impl Watch {
    /// Watches until the task is gone, and ends what it left; says how it ended.
    pub fn see_through(&mut self) -> Exit {
        let mut saved = Instant::now();
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) => {}
                Err(error) => return self.lost(&error),
            }
            let looked = Instant::now();
            self.measure.sample();
            self.measure.tree().reap(self.child.id());
            self.enforce();
            if saved.elapsed() > Duration::from_secs(1) {
                // A help for the case that we are killed: then this much is known.
                let usage = self.measure.usage;
                let _ = write_record(&self.folder.usage(), &Exit { usage, ..Exit::default() });
                saved = Instant::now();
            }
            let young = self.measure.elapsed() < Duration::from_secs(1);
            let pause = Duration::from_millis(if young { 5 } else { 25 });
            // A large tree takes long to look at: most of the time is left to its work. But a machine that stood
            // still for a while must not keep us asleep.
            thread::sleep(pause.max((looked.elapsed() * 10).min(LONGEST_PAUSE)));
        };
        self.measure.finish(self.child.id());
        let _ = self.log.recv_timeout(LOG_DRAIN);
        self.conclude(status)
    }

    fn enforce(&mut self) {
        if let Some(stop) = &self.stop {
            let grace = Duration::from_millis(self.file.bounds.grace_millis);
            if stop.at.elapsed() >= grace {
                self.signal(Signal::KILL);
            }
            return;
        }
        let usage = self.measure.usage;
        if usage.peak_memory_bytes > self.file.task.memory_mib << 20 {
            // No grace: the machine's other jobs need the memory.
            self.stop(out_of_memory(&self.file, usage.peak_memory_bytes), Signal::KILL);
        } else if usage.wall_micros / 1_000_000 >= self.file.task.wall_seconds {
            self.stop(timed_out(&self.file), Signal::TERM);
        } else if fs::exists(self.folder.cancel()).unwrap_or(false) {
            self.stop(cancelled(), Signal::TERM);
        } else if let Some(warning) = self.warning.take_if(|warning| self.measure.elapsed() >= warning.after)
        {
            warning.tell(&self.folder, &self.file);
            warning.signal.into_iter().for_each(|signal| self.signal(signal));
        }
    }

    fn stop(&mut self, reason: Option<Reason>, signal: Signal) {
        self.stop = Some(Stop { reason, at: Instant::now() });
        self.signal(signal);
    }

    fn signal(&self, signal: Signal) {
        self.measure.tree().signal(signal);
    }

    fn conclude(&mut self, status: ExitStatus) -> Exit {
        let usage = self.measure.usage;
        let outcome = read_record::<Outcome>(&self.folder.outcome()).unwrap_or_default();
        let (code, judged) = judge(status, outcome, self.starved(), &self.file, usage.peak_memory_bytes);
        // The kernel may kill any process of a job for memory, whatever the task makes of that.
        let starved = judged.is_some() && self.measure.starved();
        let judged = if starved { out_of_memory(&self.file, usage.peak_memory_bytes) } else { judged };
        let reason = self.stop.take().map_or(judged, |stop| stop.reason);
        Exit { code, reason, usage }
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
        self.measure.finish(self.child.id());
        let usage = self.measure.usage;
        Exit { usage, ..Exit::failed("crashed", format!("the job's process was lost: {error}")) }
    }
}
