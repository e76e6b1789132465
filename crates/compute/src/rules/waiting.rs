//! Why a job waits, in words that a stranger understands.

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
    /// When the job will probably start, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_by: Option<Timestamp>,
}

impl Waiting {
    /// The scheduler's reason, with the start that it expects.
    pub fn of(words: schedule::Words, starts_by: Option<Timestamp>) -> Self {
        Self { code: words.code, en: words.en, zh: words.zh, starts_by }
    }

    /// It has its place; what is still there is being stopped for it.
    pub fn place_cleared() -> Self {
        Self {
            code: "place_cleared",
            en: "has its place and starts as soon as the jobs that give way to it have ended".into(),
            zh: "资源已分配，待被抢占的作业退出后立即启动".into(),
            starts_by: None,
        }
    }
}
