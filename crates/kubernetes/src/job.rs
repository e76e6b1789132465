//! What Kubernetes says of a job.

use crate::{
    failure::{Class, Failure},
    object,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A job as its object tells it. Moments are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobInfo {
    /// Kubernetes' id of the object: another object of the same name has another.
    pub id: String,
    /// The name that it was submitted under.
    pub name: String,
    /// Where it is in its life.
    pub state: JobState,
    /// Kubernetes' word for why it waits or ended, such as `DeadlineExceeded`; empty for none.
    pub reason: String,
    /// When Kubernetes began with it: pods were made, though they may still wait for nodes. A job that Kueue sends
    /// back to its queue has none again.
    pub started: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
    /// Pods that are there, waiting for a node or running.
    pub active: u32,
    /// Pods that ended well.
    pub succeeded: u32,
    /// Pods that did not.
    pub failed: u32,
}

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits in its queue, or for its pods to be ready.
    Pending,
    /// All of its pods are ready.
    Running,
    /// It is over or being deleted, and its pods are being ended.
    Completing,
    /// All of its pods ended well.
    Completed,
    /// A pod ended badly.
    Failed,
    /// It reached its wall limit.
    Timeout,
}

impl JobState {
    /// Whether it is over for good.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Timeout)
    }
}

/// The part of a `batch/v1` Job that is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Object {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    uid: String,
    labels: BTreeMap<String, String>,
    deletion_timestamp: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    parallelism: Option<u32>,
    suspend: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    start_time: Option<String>,
    completion_time: Option<String>,
    active: u32,
    ready: Option<u32>,
    succeeded: u32,
    failed: u32,
    conditions: Vec<Condition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Condition {
    r#type: String,
    status: String,
    reason: String,
    last_transition_time: Option<String>,
}

impl Object {
    /// Whether it was made for a job of this name by this owner.
    pub fn is_of(&self, name: &str, owner: &str) -> bool {
        let label = |key: &str| self.metadata.labels.get(key).map(String::as_str);
        label(object::NAME) == Some(name) && label(object::OWNER) == Some(owner)
    }

    /// The object's id.
    pub fn id(&self) -> Result<String, Failure> {
        let id = &self.metadata.uid;
        if id.is_empty() { Err(Failure::new(Class::Unreadable, "a job without uid")) } else { Ok(id.clone()) }
    }

    fn condition(&self, wanted: &str) -> Option<&Condition> {
        self.status
            .conditions
            .iter()
            .find(|condition| condition.r#type == wanted && condition.status == "True")
    }

    fn state(&self) -> JobState {
        if self.condition("Complete").is_some() {
            return JobState::Completed;
        }
        if let Some(failed) = self.condition("Failed") {
            return if failed.reason == "DeadlineExceeded" { JobState::Timeout } else { JobState::Failed };
        }
        let ending = self.condition("FailureTarget").or(self.condition("SuccessCriteriaMet")).is_some();
        let pods = self.spec.parallelism.unwrap_or(1);
        if ending || self.metadata.deletion_timestamp.is_some() {
            JobState::Completing
        } else if !self.spec.suspend && self.status.ready.unwrap_or(0) + self.status.succeeded >= pods {
            JobState::Running
        } else {
            JobState::Pending
        }
    }

    /// What it says. A job that failed has no moment of completion; its condition tells when.
    pub fn info(self) -> Result<JobInfo, Failure> {
        let state = self.state();
        let last =
            ["Complete", "Failed", "FailureTarget", "Suspended"].iter().find_map(|of| self.condition(of));
        let failed = self.condition("Failed").and_then(|condition| condition.last_transition_time.clone());
        let ended = self.status.completion_time.clone().or(failed);
        let name = self.metadata.labels.get(object::NAME).cloned();
        Ok(JobInfo {
            id: self.id()?,
            name: name.ok_or_else(|| Failure::new(Class::Unreadable, "a job without our name"))?,
            state,
            reason: last.map(|condition| condition.reason.clone()).unwrap_or_default(),
            started: self.status.start_time.as_deref().map(moment).transpose()?,
            ended: ended.as_deref().map(moment).transpose()?.filter(|_| state.is_over()),
            active: self.status.active,
            succeeded: self.status.succeeded,
            failed: self.status.failed,
        })
    }
}

/// Unix seconds of an RFC 3339 moment.
fn moment(text: &str) -> Result<i64, Failure> {
    let unreadable = |_| Failure::new(Class::Unreadable, format!("a moment “{text}”"));
    text.parse::<jiff::Timestamp>().map(|moment| moment.as_second()).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: &str, suspend: bool) -> JobInfo {
        let text = format!(
            r#"{{"metadata":{{"uid":"u","labels":{{"mosu/name":"a_1"}}}},
            "spec":{{"parallelism":2,"suspend":{suspend}}},"status":{status}}}"#
        );
        serde_json::from_str::<Object>(&text).unwrap().info().unwrap()
    }

    #[test]
    fn a_job_is_pending_until_all_of_its_pods_are_ready() {
        assert_eq!(read("{}", true).state, JobState::Pending);
        assert_eq!(
            read(r#"{"active":2,"ready":1,"startTime":"2026-01-01T00:00:00Z"}"#, false).state,
            JobState::Pending
        );
        let running = read(r#"{"active":2,"ready":2,"startTime":"2026-01-01T00:00:00Z"}"#, false);
        assert_eq!(
            (running.state, running.started, running.ended),
            (JobState::Running, Some(1_767_225_600), None)
        );
        assert_eq!(read(r#"{"active":1,"ready":1,"succeeded":1}"#, false).state, JobState::Running);
    }

    #[test]
    fn ends_are_told_with_their_moment() {
        let done = read(
            r#"{"succeeded":2,"startTime":"2026-01-01T00:00:00Z","completionTime":"2026-01-01T00:00:09Z",
            "conditions":[{"type":"Complete","status":"True"}]}"#,
            false,
        );
        assert_eq!((done.state, done.ended), (JobState::Completed, Some(1_767_225_609)));
        let late = read(
            r#"{"failed":1,"startTime":"2026-01-01T00:00:00Z","conditions":[{"type":"Failed","status":"True",
            "reason":"DeadlineExceeded","lastTransitionTime":"2026-01-01T00:01:00Z"}]}"#,
            false,
        );
        assert_eq!((late.state, late.ended), (JobState::Timeout, Some(1_767_225_660)));
        assert_eq!(late.reason, "DeadlineExceeded");
    }

    #[test]
    fn an_unreadable_moment_is_an_error() {
        let text = r#"{"metadata":{"uid":"u","labels":{"mosu/name":"a"}},"status":{"startTime":"soon"}}"#;
        assert!(serde_json::from_str::<Object>(text).unwrap().info().is_err());
    }
}
