//! What Linux tells about processes, memory and cores. Other systems answer nothing, so that memory and CPU time
//! show as zero there and no memory limit is enforced.

use std::{fs, process};

/// Clock ticks in a second as /proc counts them: part of Linux' interface to programs, the same everywhere.
const TICKS_PER_SECOND: u64 = 100;

/// The machine's boot id: differs after every restart.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().into()
}

/// Fields of /proc/PID/stat from the third on (the second, the name, may hold spaces).
fn stat(pid: u32) -> Vec<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    fields.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect()
}

fn field(pid: u32, number: usize) -> u64 {
    stat(pid).get(number - 3).copied().unwrap_or_default()
}

/// When this process started, in ticks after the machine did.
pub fn started_ticks() -> u64 {
    field(process::id(), 22)
}

/// CPU time of a running process, user and system, in microseconds.
pub fn cpu_micros(pid: u32) -> i64 {
    let stat = stat(pid);
    micros([13, 14].iter().filter_map(|&index: &usize| stat.get(index - 2)).sum())
}

/// CPU time of all children of this process that ended and were waited for, and of theirs, in microseconds.
pub fn children_cpu_micros() -> i64 {
    micros(field(process::id(), 16) + field(process::id(), 17))
}

fn micros(ticks: u64) -> i64 {
    i64::try_from(ticks * (1_000_000 / TICKS_PER_SECOND)).unwrap_or(i64::MAX)
}

/// Memory that a process holds and that can't be read back from a file, in bytes.
pub fn memory_bytes(pid: u32) -> i64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let lines =
        text.lines().filter_map(|line| line.strip_prefix("RssAnon:").or(line.strip_prefix("RssShmem:")));
    lines.filter_map(|line| line.trim().trim_end_matches("kB").trim().parse::<i64>().ok()).sum::<i64>() * 1024
}

/// Memory of the machine in MiB; zero where it isn't known.
pub fn memory_mib() -> i64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    total.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<i64>().ok()).unwrap_or_default()
        / 1024
}

/// Cores that this process may run on.
pub fn present_cores() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    if let Ok(set) = rustix::thread::sched_getaffinity(None) {
        return (0..rustix::thread::CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect();
    }
    (0..std::thread::available_parallelism().map_or(1, usize::from)).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_process() {
        let block = vec![1u8; 32 << 20];
        let mut sum = 0u64;
        let start = std::time::Instant::now();
        while start.elapsed().as_millis() < 60 {
            sum += block.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        }
        assert!(sum > 0 && memory_bytes(process::id()) >= 32 << 20);
        assert!(cpu_micros(process::id()) >= 40_000, "{}", cpu_micros(process::id()));
        assert!(started_ticks() > 0 && !boot_id().is_empty() && !present_cores().is_empty());
    }
}
