//! A supervisor's descendants: measured, signalled and ended, wherever they moved.

use crate::process::{descendants, is_zombie, memory, share_of_memory, waited_cpu_micros, whole_cpu_micros};
use kernel::{Error, Result};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::{
    process, thread,
    time::{Duration, Instant},
};

/// Makes this process the parent of whatever its descendants leave behind, so that nothing leaves its tree.
pub fn adopt() -> Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(|error| {
        Error::unavailable("cell_failed", "orphans of the job can't be adopted").with_source(error)
    })?;
    Ok(())
}

/// What a tree uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    /// CPU time of the living and of those that were waited for, in microseconds.
    pub cpu_micros: i64,
    /// Memory that can't be read back from a file, in bytes.
    pub memory_bytes: i64,
    /// Living processes.
    pub processes: usize,
}

/// All processes below this one, but those of its own helpers.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// A helper that isn't the job's; it has no children.
    pub helper: Option<u32>,
}

impl Tree {
    fn members(&self, surely: bool) -> Vec<u32> {
        let mut found = descendants(process::id(), surely);
        found.retain(|pid| Some(*pid) != self.helper);
        found
    }

    /// What the tree uses now. Pages that processes share count once when the plain sum is above `memory_limit`;
    /// below it the sum, which is quicker and never smaller, is good enough.
    pub fn sample(&self, memory_limit: i64) -> Sample {
        let members = self.members(false);
        let spent: i64 = members.iter().map(|pid| whole_cpu_micros(*pid)).sum();
        let each: Vec<_> = members.iter().map(|pid| memory(*pid)).collect();
        let own: i64 = each.iter().map(|memory| memory.anonymous).sum();
        let mut memory_bytes = own + each.iter().map(|memory| memory.shared).max().unwrap_or_default();
        if memory_bytes > memory_limit && members.len() > 1 {
            let share = |(pid, memory): (&u32, &crate::process::Memory)| {
                share_of_memory(*pid).unwrap_or(memory.anonymous + memory.shared)
            };
            memory_bytes = members.iter().zip(&each).map(share).sum();
        }
        let cpu_micros = spent + waited_cpu_micros(process::id());
        Sample { cpu_micros, memory_bytes, processes: members.len() }
    }

    /// Sends a signal to every process of the tree.
    pub fn signal(&self, signal: Signal) {
        self.members(true).into_iter().for_each(|pid| send(pid, signal));
    }

    /// Waits for adopted processes that have ended; never for `task`, whose parent code does that itself.
    pub fn reap(&self, task: u32) {
        let ended = self.members(false).into_iter().filter(|pid| *pid != task && is_zombie(*pid));
        for pid in ended.filter_map(|pid| i32::try_from(pid).ok().and_then(Pid::from_raw)) {
            let _ = waitpid(Some(pid), WaitOptions::NOHANG); // fails for those of others, who wait themselves
        }
    }

    /// Kills everything in the tree, until a look at all of the machine finds nothing alive twice in a row; `false`
    /// when something still lived after `patience`. `task` is left for the caller to wait for.
    pub fn end(&self, task: u32, patience: Duration) -> bool {
        let started = Instant::now();
        let mut quiet = 0;
        while quiet < 2 {
            let alive: Vec<_> = self.members(true).into_iter().filter(|pid| !is_zombie(*pid)).collect();
            quiet = if alive.is_empty() { quiet + 1 } else { 0 };
            // Stopped first, so that none forks while others are looked up.
            alive.iter().for_each(|pid| send(*pid, Signal::STOP));
            alive.iter().for_each(|pid| send(*pid, Signal::KILL));
            self.reap(task);
            if started.elapsed() > patience {
                return false;
            }
            if !alive.is_empty() {
                thread::sleep(Duration::from_millis(2));
            }
        }
        true
    }
}

fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal); // fails when it is gone
    }
}
