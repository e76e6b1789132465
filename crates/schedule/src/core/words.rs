//! Why a job waits and what would help, in words that a stranger understands. No numbers of jobs, nodes or
//! tenants: these are indexes of the scheduler's own, which mean nothing to people.

use super::{
    Amount, Reason,
    reason::Bounded::{self, *},
};
use crate::world::Seconds;
use serde::Serialize;

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

/// Something said in English and in Chinese.
struct Both {
    en: String,
    zh: String,
}

fn both(en: impl Into<String>, zh: impl Into<String>) -> Both {
    Both { en: en.into(), zh: zh.into() }
}

impl Reason {
    /// The reason in words, with the figures that it stands on. `now` turns moments into waits.
    pub fn words(&self, now: Seconds) -> Words {
        let Both { en, zh } = match *self {
            Self::New => both("not looked at yet; the next round does", "尚未调度，下一轮即处理"),
            Self::TooLarge { tasks_possible } => too_large(tasks_possible),
            Self::Capacity { asked, free } => capacity(&asked, &free),
            Self::Reserved { until } => reserved(span(until - now)),
            Self::Behind { .. } => both("a job before it must start first", "排在前面的作业须先启动"),
            Self::Dependency { jobs } => both(
                format!("waits until {jobs} other job(s) that it depends on have ended"),
                format!("等待所依赖的 {jobs} 个作业结束"),
            ),
            Self::Array { at_most } => both(
                format!("{at_most} members of its array run already, the limit that it was submitted with"),
                format!("所属作业组已有 {at_most} 个在运行，达到提交时自设的上限"),
            ),
            Self::QuotaTooSmall { what, asked, quota } => quota_too_small(what, asked, quota),
            Self::QuotaInUse { what, used, quota } => quota_in_use(what, used, quota),
            Self::Balance { needed_micros, left_micros } => balance(&yuan(needed_micros), &yuan(left_micros)),
            Self::Delayed { until } => {
                let wait = span(until - now);
                both(
                    format!(
                        "starts in {}, when a cheaper or cleaner hour begins, as its owner allows",
                        wait.en
                    ),
                    format!("按所有者许可，{}后进入低价或低碳时段时启动", wait.zh),
                )
            }
        };
        Words { code: self.code(), en, zh }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::TooLarge { .. } => "too_large",
            Self::Capacity { .. } => "capacity",
            Self::Reserved { .. } => "reserved",
            Self::Behind { .. } => "behind",
            Self::Dependency { .. } => "dependency",
            Self::Array { .. } => "array",
            Self::QuotaTooSmall { .. } => "quota_too_small",
            Self::QuotaInUse { .. } => "quota_in_use",
            Self::Balance { .. } => "balance",
            Self::Delayed { .. } => "delayed",
        }
    }
}

fn too_large(tasks: u32) -> Both {
    both(
        format!(
            "the machines here can't hold it even when empty: {tasks} of its tasks would fit side by side; ask for \
             fewer tasks or less for each"
        ),
        format!("即使机器全部空闲也放不下：最多同时容纳 {tasks} 个子任务；请减少子任务数或单个子任务的资源"),
    )
}

fn capacity(asked: &Amount, free: &Amount) -> Both {
    let (asked, free) = (amount(asked, asked), amount(free, asked));
    both(
        format!(
            "waits for other jobs to end: it asks for {}; free in all are {}, not enough or not together",
            asked.en, free.en
        ),
        format!("等待其他作业结束：申请 {}；目前共空闲 {}，数量不足或分布不合要求", asked.zh, free.zh),
    )
}

fn reserved(wait: Both) -> Both {
    both(
        format!(
            "fits now, but would delay a job before it, which starts in about {}; with a time limit or an \
             estimate shorter than that it may start at once",
            wait.en
        ),
        format!("资源足够，但会推迟排在前面、约 {}后启动的作业；若时限或预计时长更短，可能立即启动", wait.zh),
    )
}

fn quota_too_small(what: Bounded, asked: i64, quota: i64) -> Both {
    let (asked, quota) = (what.of(asked), what.of(quota));
    let left = what.is_used_up();
    both(
        format!(
            "asks for {}, and its organisation's quota {} {}; ask for less{}, or for a larger quota",
            asked.en,
            if left { "has left" } else { "is" },
            quota.en,
            if left { " or a shorter time limit" } else { "" },
        ),
        format!(
            "申请 {}，超过本机构配额{} {}；请减少申请{}，或申请增加配额",
            asked.zh,
            if left { "余量" } else { "" },
            quota.zh,
            if left { "或缩短时限" } else { "" },
        ),
    )
}

fn quota_in_use(what: Bounded, used: i64, quota: i64) -> Both {
    let (used, quota) = (what.of(used), what.of(quota));
    both(
        format!(
            "its organisation's other jobs hold {} of the {} in its quota; it starts when enough of them have ended",
            used.en, quota.en
        ),
        format!("本机构其他作业已占用配额 {} 中的 {}，待其结束后启动", quota.zh, used.zh),
    )
}

fn balance(needed: &str, left: &str) -> Both {
    both(
        format!(
            "may cost up to {needed} CNY, and {left} CNY of prepaid money and vouchers aren't held for other \
             jobs; top up or set a shorter time limit"
        ),
        format!("最多需 {needed} 元，未冻结的预付款与券余额为 {left} 元；请充值或缩短时限"),
    )
}

impl Bounded {
    /// Whether it is used up by running, rather than only while running.
    fn is_used_up(self) -> bool {
        matches!(self, DeviceSeconds | CpuSeconds)
    }

    fn of(self, value: i64) -> Both {
        let (value, en, zh) = match self {
            DeviceMilli => (value as f64 / 1000.0, "devices at once", "卡（同时）"),
            CpuMilli => (value as f64 / 1000.0, "cores at once", "核（同时）"),
            DeviceSeconds => (value as f64 / 3600.0, "device-hours", "卡时"),
            CpuSeconds => (value as f64 / 3600.0, "core-hours", "核时"),
            Jobs => (value as f64, "jobs at once", "个作业（同时）"),
        };
        let number = number(value);
        both(format!("{number} {en}"), format!("{number} {zh}"))
    }
}

/// An amount, as far as `asked` asks for such a thing at all.
fn amount(amount: &Amount, asked: &Amount) -> Both {
    let parts = [
        (asked.device_milli, amount.device_milli as f64 / 1000.0, "devices", "卡"),
        (asked.cpu_milli, amount.cpu_milli as f64 / 1000.0, "cores", "核"),
        (asked.memory_mib, amount.memory_mib as f64 / 1024.0, "GiB of memory", "GiB 内存"),
    ];
    let parts: Vec<_> = parts.into_iter().filter(|(asked, ..)| *asked > 0).collect();
    let list = |words: Vec<String>, comma| if words.is_empty() { "0".into() } else { words.join(comma) };
    Both {
        en: list(parts.iter().map(|(_, value, en, _)| format!("{} {en}", number(*value))).collect(), ", "),
        zh: list(parts.iter().map(|(_, value, _, zh)| format!("{} {zh}", number(*value))).collect(), "、"),
    }
}

/// A number with as many digits as matter, at most two of them behind the point.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // Something isn't nothing.
    if text == "0" && value > 0.0 { "0.01".into() } else { text.into() }
}

/// A length of time in the unit that suits it.
fn span(seconds: Seconds) -> Both {
    let seconds = seconds.max(0);
    let (unit, en, zh) = match seconds {
        0..120 => (1, "s", "秒"),
        120..7_200 => (60, "min", "分钟"),
        7_200..172_800 => (3_600, "h", "小时"),
        _ => (86_400, "days", "天"),
    };
    let number = number((seconds as f64 / unit as f64 * 10.0).round() / 10.0);
    both(format!("{number} {en}"), format!("{number} {zh}"))
}

fn yuan(micros: i64) -> String {
    let cents = micros / 10_000;
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_speak_of_what_the_job_asks_for_in_units_of_people() {
        let asked = Amount { device_milli: 0, cpu_milli: 8_000, memory_mib: 16 << 10 };
        let free = Amount { device_milli: 0, cpu_milli: 2_500, memory_mib: 40 << 10 };
        let words = Reason::Capacity { asked, free }.words(0);
        assert!(words.en.contains("8 cores, 16 GiB") && words.en.contains("2.5 cores"), "{}", words.en);
        assert!(!words.en.contains("device") && !words.zh.contains('卡'));
        let words = Reason::QuotaTooSmall { what: DeviceMilli, asked: 12_000, quota: 8_000 }.words(0);
        assert!(words.en.contains("12 devices") && words.zh.contains("8 卡"), "{words:?}");
        let words = Reason::QuotaTooSmall { what: CpuSeconds, asked: 9_000, quota: 3_600 }.words(0);
        assert!(words.en.contains("2.5 core-hours") && words.en.contains("shorter time limit"), "{words:?}");
        assert!(!Reason::Behind { job: 4711 }.words(0).en.contains("4711"));
        assert!(Reason::Reserved { until: 5_400 }.words(0).en.contains("90 min"));
    }
}
