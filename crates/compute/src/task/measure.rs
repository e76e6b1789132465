//! What a run uses, from its control group where it has one, else from its processes.

use super::energy::Meter;
use crate::local::{TaskFile, Usage};
use cell::{Group, Limits, Tree};
use std::{
    io, process,
    time::{Duration, Instant},
};

/// Above the job's own memory in its control group, for the processes that hold it, in bytes.
const OVERHEAD: i64 = 32 << 20;
/// How long one look for idleness is.
const WINDOW: Duration = Duration::from_secs(5);

/// Name of the control group that the supervisor with this process id makes.
fn group_name(job: &str, supervisor: &str) -> String {
    format!("mosu-{job}-{supervisor}")
}

/// Moves this process, and what it will start, into the group that its supervisor has made, where it made one.
pub fn join(file: &TaskFile, supervisor: &str) -> io::Result<()> {
    let parent = file.cgroup.as_ref();
    let group = parent.and_then(|parent| Group::find(parent, &group_name(&file.task.job, supervisor)));
    group.map_or(Ok(()), |group| group.join(process::id()))
}

/// The processes of a run and what they used so far.
#[derive(Debug)]
pub struct Measure {
    pub usage: Usage,
    started: Instant,
    tree: Tree,
    group: Option<Group>,
    meter: Option<Meter>,
    idleness: Idleness,
    memory_limit: i64,
}

impl Measure {
    /// Begins, with a control group where the folder names a parent for it.
    pub fn begin(file: &TaskFile, devices: Option<&str>) -> Self {
        let memory_limit = file.task.memory_mib << 20;
        let limits = Limits { memory_bytes: memory_limit + OVERHEAD, processes: file.bounds.processes };
        let name = group_name(&file.task.job, &process::id().to_string());
        let group = file.cgroup.as_ref().and_then(|parent| Group::make(parent, &name, limits));
        let meter = devices.and_then(Meter::start);
        let tree = Tree { helper: meter.as_ref().map(Meter::pid) };
        let (started, usage) = (Instant::now(), Usage::default());
        Self { usage, started, tree, group, meter, idleness: Idleness::default(), memory_limit }
    }

    /// The processes.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// How long the run has lasted.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Looks once more.
    pub fn sample(&mut self) {
        let seen = self.tree.sample(self.memory_limit);
        let group = self.group.as_ref();
        let memory = group.and_then(Group::memory_bytes).unwrap_or(seen.memory_bytes);
        let cpu = group.and_then(Group::cpu_micros).unwrap_or(seen.cpu_micros);
        self.usage.wall_micros = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.usage.cpu_micros = cpu.max(self.usage.cpu_micros);
        self.usage.peak_memory_bytes = memory.max(self.usage.peak_memory_bytes);
        self.usage.idle_seconds = Some(self.idleness.look(self.usage.cpu_micros, self.started.elapsed()));
        self.usage.energy_joules = self.meter.as_ref().and_then(Meter::joules);
    }

    /// Whether the kernel killed something of the run for its memory.
    pub fn starved(&self) -> bool {
        self.group.as_ref().is_some_and(Group::starved)
    }

    /// Ends all that the task with this process id left running, then looks for the last time.
    pub fn finish(&mut self, task: u32) {
        self.sample();
        let energy_joules = self.usage.energy_joules;
        (self.meter, self.tree.helper) = (None, None);
        self.tree.end(task, Duration::from_secs(30));
        self.sample();
        self.usage.energy_joules = energy_joules;
        self.group.take().map(Group::end);
    }
}

/// For how long a run has done next to nothing.
#[derive(Debug, Default)]
struct Idleness {
    cpu_micros: i64,
    at: Duration,
    seconds: i64,
}

impl Idleness {
    /// Takes note of the CPU time used `elapsed` after the start; seconds of idleness up to now.
    fn look(&mut self, cpu_micros: i64, elapsed: Duration) -> i64 {
        let window = elapsed.saturating_sub(self.at);
        if window >= WINDOW {
            let busy =
                (cpu_micros - self.cpu_micros) * 100 >= i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
            self.seconds = if busy { 0 } else { self.seconds + i64::try_from(window.as_secs()).unwrap_or(0) };
            (self.cpu_micros, self.at) = (cpu_micros, elapsed);
        }
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idleness_grows_while_nothing_is_done_and_ends_with_work() {
        let mut idleness = Idleness::default();
        let mut look = |cpu, seconds| idleness.look(cpu, Duration::from_secs(seconds));
        assert_eq!(look(1_000_000, 2), 0);
        assert_eq!(look(1_000_000, 5), 0, "it worked a fifth of the time");
        assert_eq!(look(1_000_000, 10), 5);
        assert_eq!(look(1_040_000, 15), 10, "less than a hundredth of a core");
        assert_eq!(look(1_040_000, 17), 10);
        assert_eq!(look(2_000_000, 20), 0);
    }
}
