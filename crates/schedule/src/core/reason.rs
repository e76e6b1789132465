//! Why a job waits, in words that a stranger understands.

use crate::world::{JobId, Seconds};
use serde::{Deserialize, Serialize};

/// Why a job doesn't run now. Small, so that one is kept for each of many waiting jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Not looked at yet.
    #[default]
    New,
    /// No nodes exist that could hold it, even when empty.
    TooLarge {
        /// Tasks that would fit side by side on the empty fleet.
        tasks_possible: u32,
    },
    /// Too little is free.
    Capacity {
        /// Thousandths of devices that are free in all.
        free_milli: i64,
    },
    /// It fits, but would delay a job before it.
    Reserved {
        /// When the reservation begins; a job that ends before may start.
        until: Seconds,
    },
    /// A job before it must start first.
    Behind {
        /// That job.
        job: JobId,
    },
    /// Jobs that it depends on haven't ended.
    Dependency {
        /// How many.
        jobs: u32,
    },
    /// As many members of its array run as may.
    Array {
        /// That many.
        at_most: u32,
    },
    /// It asks for more than its tenant may ever use.
    QuotaTooSmall {
        /// What is bounded.
        what: Bounded,
        /// What it asks for.
        asked: i64,
        /// What is allowed.
        quota: i64,
    },
    /// Other jobs of its tenant use the quota.
    QuotaInUse {
        /// What is bounded.
        what: Bounded,
        /// What is in use or held.
        used: i64,
        /// What is allowed.
        quota: i64,
    },
    /// The most that it can cost isn't covered.
    Balance {
        /// What it can cost, in micros.
        needed_micros: i64,
        /// What isn't held for other jobs, in micros.
        left_micros: i64,
    },
    /// Its owner allows to wait for a cheaper or cleaner hour.
    Delayed {
        /// When that hour begins.
        until: Seconds,
    },
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounded {
    /// Thousandths of devices at the same time.
    DeviceMilli,
    /// Thousandths of cores at the same time.
    CpuMilli,
    /// Device-seconds left.
    DeviceSeconds,
    /// CPU-seconds left.
    CpuSeconds,
    /// Jobs at the same time.
    Jobs,
}

impl Bounded {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::DeviceMilli => ("thousandths of devices", "千分卡"),
            Self::CpuMilli => ("thousandths of cores", "千分核"),
            Self::DeviceSeconds => ("device-seconds", "卡秒"),
            Self::CpuSeconds => ("CPU-seconds", "核秒"),
            Self::Jobs => ("jobs", "个作业"),
        }
    }
}

/// A reason in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// Stable name of the reason.
    pub code: &'static str,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl Reason {
    /// The reason in words, with the figures that it stands on. `now` turns moments into waits.
    pub fn words(&self, now: Seconds) -> Words {
        let wait = |until: Seconds| (until - now).max(0);
        let (code, en, zh) = match *self {
            Self::New => ("new", "not looked at yet".into(), "尚未调度".into()),
            Self::TooLarge { tasks_possible } => (
                "too_large",
                format!(
                    "no nodes can hold it even when empty: {tasks_possible} of its tasks would fit side by side"
                ),
                format!("即使全部空闲也放不下：最多同时容纳 {tasks_possible} 个任务"),
            ),
            Self::Capacity { free_milli } => (
                "capacity",
                format!(
                    "waits for devices to come free; {} are free, not where or as it needs them",
                    devices(free_milli)
                ),
                format!("等待资源释放；目前空闲 {} 卡，但位置或形状不合", devices(free_milli)),
            ),
            Self::Reserved { until } => (
                "reserved",
                format!(
                    "fits now, but would delay a job before it, which starts in {} s; a shorter estimate may start it",
                    wait(until)
                ),
                format!(
                    "资源足够，但会推迟排在前面、{} 秒后启动的作业；缩短预计时长可能立即启动",
                    wait(until)
                ),
            ),
            Self::Behind { job } => {
                ("behind", format!("job {job} must start first"), format!("作业 {job} 须先启动"))
            }
            Self::Dependency { jobs } => (
                "dependency",
                format!("{jobs} jobs that it depends on haven't ended"),
                format!("依赖的 {jobs} 个作业尚未结束"),
            ),
            Self::Array { at_most } => (
                "array",
                format!("{at_most} members of its array run already, which is the limit that it set"),
                format!("所属作业组已有 {at_most} 个在运行，达到其自设上限"),
            ),
            Self::QuotaTooSmall { what, asked, quota } => (
                "quota_too_small",
                format!("asks for {asked} {}; its tenant may use {quota}", what.words().0),
                format!("申请 {asked} {}，超过本单位配额 {quota}", what.words().1),
            ),
            Self::QuotaInUse { what, used, quota } => (
                "quota_in_use",
                format!("its tenant's other jobs use {used} of {quota} {}", what.words().0),
                format!("本单位其他作业已占用 {quota} {}中的 {used}", what.words().1),
            ),
            Self::Balance { needed_micros, left_micros } => (
                "balance",
                format!(
                    "may cost {} and {} are left of prepaid money and vouchers",
                    units(needed_micros),
                    units(left_micros)
                ),
                format!("最多需 {} 元，预付款与券余额仅 {} 元", units(needed_micros), units(left_micros)),
            ),
            Self::Delayed { until } => (
                "delayed",
                format!("waits {} s for a cheaper or cleaner hour, as its owner allows", wait(until)),
                format!("按所有者许可，等待 {} 秒后的低价或低碳时段", wait(until)),
            ),
        };
        Words { code, en, zh }
    }
}

fn devices(milli: i64) -> String {
    if milli % 1000 == 0 { (milli / 1000).to_string() } else { format!("{:.2}", milli as f64 / 1000.0) }
}

fn units(micros: i64) -> String {
    let cents = micros / 10_000;
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}
