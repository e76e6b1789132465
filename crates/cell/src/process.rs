//! What Linux tells about a process in /proc. Other systems answer nothing: zero, or an empty list.

use std::{collections::HashMap, fs, process};

/// Clock ticks in a second as /proc counts them: part of Linux' interface to programs, the same everywhere.
const TICKS_PER_SECOND: u64 = 100;

/// Fields of /proc/PID/stat from the third on (the second, the name, may hold spaces).
fn stat(pid: u32) -> Vec<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    fields.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect()
}

/// The sum of fields of /proc/PID/stat, by the numbers that proc(5) gives them.
fn fields<const N: usize>(pid: u32, numbers: [usize; N]) -> u64 {
    let stat = stat(pid);
    numbers.into_iter().filter_map(|number| stat.get(number - 3)).sum()
}

fn micros(ticks: u64) -> i64 {
    i64::try_from(ticks.saturating_mul(1_000_000 / TICKS_PER_SECOND)).unwrap_or(i64::MAX)
}

/// When a process started, in ticks after the machine did.
pub fn started_ticks(pid: u32) -> u64 {
    fields(pid, [22])
}

/// CPU time of a process, user and system, in microseconds.
pub fn cpu_micros(pid: u32) -> i64 {
    micros(fields(pid, [14, 15]))
}

/// CPU time of a process' children that ended and were waited for, and of theirs, in microseconds.
pub fn waited_cpu_micros(pid: u32) -> i64 {
    micros(fields(pid, [16, 17]))
}

/// When a process started and what it has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// In ticks after the machine did: with the process id, this names it for ever.
    pub started_ticks: u64,
    /// Its own CPU time, in microseconds.
    pub own_micros: i64,
    /// That of its children that were waited for, in microseconds.
    pub waited_micros: i64,
}

/// The times of a process, in one look.
pub fn times(pid: u32) -> Times {
    let stat = stat(pid);
    let field = |number: usize| stat.get(number - 3).copied().unwrap_or_default();
    let (own_micros, waited_micros) = (micros(field(14) + field(15)), micros(field(16) + field(17)));
    Times { started_ticks: field(22), own_micros, waited_micros }
}

/// Memory that a process holds and that can't be read back from a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// Its own pages in bytes, those that it shares with what it forked included.
    pub anonymous: i64,
    /// Pages of shared memory that it touched, in bytes.
    pub shared: i64,
}

/// Memory of a process.
pub fn memory(pid: u32) -> Memory {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    Memory { anonymous: kilobytes(&text, "RssAnon:"), shared: kilobytes(&text, "RssShmem:") }
}

/// Memory that a process has in use, files that it maps included, in bytes.
pub fn resident_bytes(pid: u32) -> i64 {
    kilobytes(&fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default(), "VmRSS:")
}

/// Memory of a process with each page divided among those that share it, in bytes; `None` where that is closed.
/// Slower to ask than [`memory`].
pub fn share_of_memory(pid: u32) -> Option<i64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    Some(kilobytes(&text, "Pss_Anon:") + kilobytes(&text, "Pss_Shmem:"))
}

fn kilobytes(text: &str, name: &str) -> i64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<i64>().ok()).unwrap_or_default()
        * 1024
}

/// Whether a process has ended and waits to be waited for.
pub fn is_zombie(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}

/// Children of a process, quickly; one that is born or ends meanwhile may be missed.
fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect()
}

/// Every process below `pid`, parents first. `surely` looks at all processes of the machine instead of following
/// lists that may be incomplete.
pub fn descendants(pid: u32, surely: bool) -> Vec<u32> {
    let quick = !surely && fs::exists(format!("/proc/{0}/task/{0}/children", process::id())).unwrap_or(false);
    let families = if quick { HashMap::new() } else { families() };
    let of = |parent: u32| {
        if quick { children(parent) } else { families.get(&parent).cloned().unwrap_or_default() }
    };
    let mut found = of(pid);
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(of(parent));
        next += 1;
    }
    found
}

/// The children of every process on the machine.
fn families() -> HashMap<u32, Vec<u32>> {
    let mut families: HashMap<u32, Vec<u32>> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in
        entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()))
    {
        if let Ok(parent) = u32::try_from(fields(pid, [4])) {
            families.entry(parent).or_default().push(pid);
        }
    }
    families
}
