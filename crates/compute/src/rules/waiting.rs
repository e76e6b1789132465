//! Why a job waits, in words that a stranger understands.

use super::queue::Capacity;
use commons::jobs::Resources;
use kernel::Timestamp;
use serde::Serialize;

/// Why a queued job doesn't start now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Stable name of the reason.
    pub code: &'static str,
    /// The reason in English, with the figures that it stands on.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
    /// The latest moment at which the job starts, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_by: Option<Timestamp>,
}

impl Waiting {
    fn new(code: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { code, en: en.into(), zh: zh.into(), starts_by: None }
    }

    /// The machine is too small for it, even when empty.
    pub fn too_large(need: &Resources, has: &Capacity) -> Self {
        let Resources { cpus, memory_mib, .. } = need;
        Self::new(
            "too_large",
            format!(
                "asks for {cpus} cpus and {memory_mib} MiB; the machine has {} and {} MiB",
                has.cpus, has.memory_mib
            ),
            format!(
                "申请 {cpus} 核、{memory_mib} MiB 内存,而整机只有 {} 核、{} MiB",
                has.cpus, has.memory_mib
            ),
        )
    }

    /// It fits when other jobs end.
    pub fn capacity(need: &Resources, free: &Capacity, starts_by: Option<Timestamp>) -> Self {
        let Resources { cpus, memory_mib, .. } = need;
        let waiting = Self::new(
            "capacity",
            format!(
                "waits for {cpus} cpus and {memory_mib} MiB; free are {} and {} MiB",
                free.cpus, free.memory_mib
            ),
            format!(
                "等待 {cpus} 核、{memory_mib} MiB 内存;目前空闲 {} 核、{} MiB",
                free.cpus, free.memory_mib
            ),
        );
        Self { starts_by, ..waiting }
    }

    /// It fits now, but would delay a job that waits before it.
    pub fn reserved(need: &Resources) -> Self {
        Self::new(
            "reserved",
            format!(
                "fits now, but running for up to {} s it would delay a larger job before it; a shorter limit may start it",
                need.wall_seconds
            ),
            format!(
                "资源足够,但最长运行 {} 秒会推迟排在前面的大作业;缩短时限可能立即启动",
                need.wall_seconds
            ),
        )
    }

    /// Its organisation has no quota at all.
    pub fn no_quota() -> Self {
        Self::new(
            "quota_missing",
            "the organisation has no compute quota; the community's operator grants one",
            "本单位尚无算力配额,请向社区运营方申请",
        )
    }

    /// It asks for more cpus than its organisation may ever hold.
    pub fn over_quota_cpus(asked: i64, quota: i64) -> Self {
        Self::new(
            "quota_cpus",
            format!("asks for {asked} cpus; the organisation may use {quota} at the same time"),
            format!("申请 {asked} 核,超过本单位同时可用的 {quota} 核"),
        )
    }

    /// It may use more CPU-seconds than its organisation has left.
    pub fn over_quota_seconds(asked: i64, left: i64) -> Self {
        Self::new(
            "quota_seconds",
            format!("may use {asked} CPU-seconds (cpus × wall limit); the organisation has {left} left"),
            format!("最多需 {asked} 核秒(核数×时限),本单位仅剩 {left} 核秒"),
        )
    }

    /// Jobs of its own organisation hold the quota's cpus.
    pub fn quota_in_use(asked: i64, used: i64, quota: i64) -> Self {
        Self::new(
            "quota_in_use",
            format!("asks for {asked} cpus; the organisation's other jobs use {used} of its {quota}"),
            format!("申请 {asked} 核;本单位其他作业已占用 {quota} 核配额中的 {used} 核"),
        )
    }

    /// Jobs of its own organisation may still use the quota's CPU-seconds.
    pub fn quota_reserved(asked: i64, reserved: i64, left: i64) -> Self {
        Self::new(
            "quota_reserved",
            format!("may use {asked} CPU-seconds; running jobs may still use {reserved} of the {left} left"),
            format!("最多需 {asked} 核秒;剩余 {left} 核秒中,运行中的作业最多还会用 {reserved} 核秒"),
        )
    }

    /// An earlier job of its own organisation waits for the quota.
    pub fn behind_own() -> Self {
        Self::new(
            "behind_own",
            "an earlier job of the same organisation waits for the quota first",
            "本单位有更早的作业在等待配额",
        )
    }
}
