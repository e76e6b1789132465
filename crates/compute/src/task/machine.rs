//! What Linux tells about this machine. Other systems answer nothing, so that memory and CPU time show as zero there
//! and no memory limit is enforced.

pub use cell::process::cpu_micros;
use std::{fs, process};

/// The machine's boot id: differs after every restart.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().into()
}

/// When this process started, in ticks after the machine did.
pub fn started_ticks() -> u64 {
    cell::process::started_ticks(process::id())
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
        assert!(sum > 0 && cell::process::memory(process::id()).anonymous >= 32 << 20);
        assert!(cpu_micros(process::id()) >= 40_000, "{}", cpu_micros(process::id()));
        assert!(started_ticks() > 0 && !boot_id().is_empty() && !present_cores().is_empty());
    }
}
