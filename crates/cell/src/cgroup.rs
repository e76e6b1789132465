//! Control groups, version 2 or 1: exact measures, limits of the kernel, and an end that nothing escapes.
//!
//! Groups are made only under a parent that is ours: one that the operator names, or one that systemd has delegated.
//! Elsewhere they belong to somebody else, even where we could write.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// Controllers of version 1 that are used where the parent exists in them.
const CONTROLLERS: [&str; 5] = ["memory", "cpuacct", "cpu", "pids", "freezer"];
/// How long killing and removing may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the kernel holds a group to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory, the cache of files included, in bytes.
    pub memory_bytes: i64,
    /// Processes and threads.
    pub processes: u64,
}

/// A control group of one attempt.
#[derive(Debug)]
pub struct Group {
    /// Its folder in version 2, or one for each controller of version 1, with the controller's name.
    folders: Vec<(String, PathBuf)>,
}

/// Where the hierarchies are mounted: an empty name for version 2, else the controller's.
fn mounts() -> Vec<(String, PathBuf)> {
    let text = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mut found = Vec::new();
    for line in text.lines() {
        let fields: Vec<_> = line.split(' ').collect();
        let [_, path, kind, options, ..] = fields[..] else { continue };
        if kind == "cgroup2" {
            found.push((String::new(), path.into()));
        }
        let known = options.split(',').filter(|option| kind == "cgroup" && CONTROLLERS.contains(option));
        found.extend(known.map(|controller| (controller.to_owned(), PathBuf::from(path))));
    }
    found
}

/// The parent of groups that systemd has delegated to this process, as a path below the mount: its own group or the
/// one above, as with `Delegate=yes` and `DelegateSubgroup=`.
pub fn delegated() -> Option<String> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = text.lines().find_map(|line| line.strip_prefix("0::"))?.to_owned();
    let mount = mounts().into_iter().find(|(controller, _)| controller.is_empty())?.1;
    let marked = |path: &&Path| {
        let folder = mount.join(path.strip_prefix("/").unwrap_or(path));
        let mark = |name| rustix::fs::getxattr(&folder, name, &mut [0u8; 1]).is_ok();
        mark("user.delegate") || mark("trusted.delegate")
    };
    Path::new(&own).ancestors().take(2).find(marked).map(|path| path.display().to_string())
}

impl Group {
    /// Makes the group `name` under `parent` in every hierarchy that has it; `None` when none has or may be written.
    pub fn make(parent: &str, name: &str, limits: Limits) -> Option<Self> {
        Self::make_in(mounts(), parent, name, limits)
    }

    /// The group that [`Group::make`] made under this name.
    pub fn find(parent: &str, name: &str) -> Option<Self> {
        let below = |mount: PathBuf| mount.join(parent.trim_start_matches('/')).join(name);
        let folders = mounts().into_iter().map(|(controller, mount)| (controller, below(mount)));
        let folders: Vec<_> = folders.filter(|(_, folder)| folder.is_dir()).collect();
        (!folders.is_empty()).then_some(Self { folders })
    }

    fn make_in(mounts: Vec<(String, PathBuf)>, parent: &str, name: &str, limits: Limits) -> Option<Self> {
        let parent = parent.trim_start_matches('/');
        if parent.is_empty() {
            return None; // the root of a hierarchy is everybody's
        }
        let below = mounts.into_iter().map(|(controller, mount)| (controller, mount.join(parent)));
        let mut folders = Vec::new();
        for (controller, parent) in below.filter(|(_, parent)| parent.is_dir()) {
            if controller.is_empty() {
                // Each by itself: one that isn't there mustn't cost the others.
                for wanted in ["+memory", "+pids", "+cpu"] {
                    let _ = fs::write(parent.join("cgroup.subtree_control"), wanted);
                }
            }
            let folder = parent.join(name);
            let made = fs::create_dir(&folder);
            if made.is_ok() || made.is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
                folders.push((controller, folder));
            }
        }
        let group = Self { folders };
        group.limit(limits);
        (!group.folders.is_empty()).then_some(group)
    }

    /// The folder whose controller has this file.
    fn file(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().map(|(_, folder)| folder.join(name)).find(|file| file.exists())
    }

    fn number(&self, name: &str) -> Option<i64> {
        fs::read_to_string(self.file(name)?).ok()?.trim().parse().ok()
    }

    fn entry(&self, name: &str, key: &str) -> Option<i64> {
        let text = fs::read_to_string(self.file(name)?).ok()?;
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
    }

    fn limit(&self, limits: Limits) {
        let (memory, processes) = (limits.memory_bytes.to_string(), limits.processes.to_string());
        for (name, value) in [
            ("memory.max", memory.as_str()),
            ("memory.swap.max", "0"),
            ("memory.limit_in_bytes", &memory),
            ("memory.memsw.limit_in_bytes", &memory),
            ("pids.max", &processes),
        ] {
            // A limit that the kernel doesn't take is still held by the supervisor's own look.
            let _ = self.file(name).map(|file| fs::write(file, value));
        }
    }

    /// Moves a process, and what it starts from then on, into the group.
    pub fn join(&self, pid: u32) -> io::Result<()> {
        self.folders
            .iter()
            .try_for_each(|(_, folder)| fs::write(folder.join("cgroup.procs"), pid.to_string()))
    }

    /// CPU time of all that ever ran in the group, in microseconds, where it is counted.
    pub fn cpu_micros(&self) -> Option<i64> {
        self.entry("cpu.stat", "usage_usec")
            .or_else(|| self.number("cpuacct.usage").map(|nanos| nanos / 1000))
    }

    /// Memory that can't be read back from a file, in bytes, where it is counted.
    pub fn memory_bytes(&self) -> Option<i64> {
        let of = |own, shared| Some(self.entry("memory.stat", own)? + self.entry("memory.stat", shared)?);
        of("anon", "shmem").or_else(|| of("rss", "shmem"))
    }

    /// Whether the kernel has killed a process of the group for its memory.
    pub fn starved(&self) -> bool {
        let killed =
            self.entry("memory.events", "oom_kill").or_else(|| self.entry("memory.oom_control", "oom_kill"));
        killed.is_some_and(|count| count > 0)
    }

    fn members(&self) -> Vec<Pid> {
        let lists = self
            .folders
            .iter()
            .filter_map(|(_, folder)| fs::read_to_string(folder.join("cgroup.procs")).ok());
        let all: Vec<i32> = lists
            .flat_map(|list| list.lines().filter_map(|line| line.parse().ok()).collect::<Vec<_>>())
            .collect();
        all.into_iter().filter_map(Pid::from_raw).collect()
    }

    /// Kills all in the group, then removes it; `false` when something stayed.
    pub fn end(self) -> bool {
        let started = Instant::now();
        loop {
            let _ = self.file("cgroup.kill").map(|file| fs::write(file, "1"));
            let freezer = self.file("freezer.state");
            // Frozen while they are looked up, so that none forks meanwhile; signals arrive with the thaw.
            let _ = freezer.as_ref().map(|file| fs::write(file, "FROZEN"));
            for pid in self.members() {
                let _ = kill_process(pid, Signal::KILL);
            }
            let _ = freezer.as_ref().map(|file| fs::write(file, "THAWED"));
            let removed =
                self.folders.iter().filter(|(_, folder)| folder.exists() && fs::remove_dir(folder).is_err());
            if removed.count() == 0 {
                return true;
            }
            if started.elapsed() > PATIENCE {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files as the kernel gives them, in a plain folder.
    fn pretend(files: &[(&str, &str)]) -> (tempfile::TempDir, Group) {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("ours/job");
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        let limits = Limits { memory_bytes: 1 << 20, processes: 9 };
        let group =
            Group::make_in(vec![(String::new(), base.path().into())], "/ours", "job", limits).unwrap();
        (base, group)
    }

    #[test]
    fn version_2_is_limited_and_read() {
        let stat = "usage_usec 1500000\nuser_usec 7\n";
        let (base, group) = pretend(&[
            ("cpu.stat", stat),
            ("memory.stat", "anon 4096\nfile 99999\nshmem 1024\n"),
            ("memory.events", "oom 1\noom_kill 1\n"),
            ("memory.max", "max"),
            ("pids.max", "max"),
        ]);
        assert_eq!(
            (group.cpu_micros(), group.memory_bytes(), group.starved()),
            (Some(1_500_000), Some(5120), true)
        );
        let read = |name: &str| fs::read_to_string(base.path().join("ours/job").join(name)).unwrap();
        assert_eq!((read("memory.max").as_str(), read("pids.max").as_str()), ("1048576", "9"));
        assert_eq!(fs::read_to_string(base.path().join("ours/cgroup.subtree_control")).unwrap(), "+cpu");
    }

    #[test]
    fn version_1_is_limited_and_read() {
        let (base, group) = pretend(&[
            ("cpuacct.usage", "2000000\n"),
            ("memory.stat", "cache 7\nrss 8192\nshmem 0\n"),
            ("memory.oom_control", "under_oom 0\noom_kill 0\n"),
            ("memory.limit_in_bytes", "0"),
        ]);
        assert_eq!(
            (group.cpu_micros(), group.memory_bytes(), group.starved()),
            (Some(2000), Some(8192), false)
        );
        let limit = fs::read_to_string(base.path().join("ours/job/memory.limit_in_bytes")).unwrap();
        assert_eq!(limit, "1048576");
    }

    #[test]
    fn nothing_is_made_where_the_parent_is_not_there() {
        let base = tempfile::tempdir().unwrap();
        let limits = Limits { memory_bytes: 1, processes: 1 };
        assert!(Group::make_in(vec![(String::new(), base.path().into())], "/ours", "job", limits).is_none());
    }
}
