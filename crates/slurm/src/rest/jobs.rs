//! What `/jobs` says.

use super::{
    answer,
    http::Reply,
    shape::{self, Number, Words},
};
use crate::{
    Exit, JobInfo,
    failure::{Class, Failure},
    hosts, state, tres,
};
use serde::{Deserialize, de::DeserializeOwned};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Job {
    job_id: Number,
    #[serde(deserialize_with = "shape::text")]
    name: String,
    #[serde(deserialize_with = "shape::text")]
    user_name: String,
    job_state: Words,
    #[serde(deserialize_with = "shape::text")]
    state_reason: String,
    #[serde(deserialize_with = "shape::text")]
    nodes: String,
    submit_time: Number,
    start_time: Number,
    end_time: Number,
    exit_code: Option<ExitCode>,
    cpus: Number,
    #[serde(deserialize_with = "shape::text")]
    tres_alloc_str: String,
}

/// How a script ended: the status of `wait`, or its parts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ExitCode {
    /// Up to v0.0.38, and in no object with `set`.
    Status(u32),
    /// Later, and in the accounting database.
    Parts(ExitParts),
}

/// An exit in parts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExitParts {
    status: Words,
    return_code: Number,
    signal: Option<Signal>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Signal {
    #[serde(alias = "signal_id")]
    id: Number,
}

impl ExitCode {
    /// How the script ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        match self {
            Self::Status(status) => Some(Exit::from_wait(*status)),
            Self::Parts(parts) => {
                if parts.status.iter().any(|word| word.eq_ignore_ascii_case("PENDING")) {
                    return None;
                }
                let signal = parts.signal.as_ref().and_then(|signal| signal.id.0);
                let signal = signal.and_then(|id| u8::try_from(id).ok()).filter(|id| *id > 0);
                Some(Exit { code: u8::try_from(parts.return_code.count()).ok()?, signal })
            }
        }
    }
}

/// Whether a job that Slurm says belongs to `owner` is one of `user`'s. An owner that Slurm could only give as a
/// number, or not at all, may be: to miss a job of ours is worse than to see one of another's under our name.
fn may_be_of(owner: &str, user: &str) -> bool {
    owner == user || owner.bytes().all(|byte| byte.is_ascii_digit())
}

/// Those of the answer's jobs that may be `user`'s, in whichever form its sender tells them.
pub fn of_user<T: DeserializeOwned>(
    reply: &Reply,
    is_fine: impl Fn(i64) -> bool,
    user: &str,
    owner: impl Fn(&T) -> &str,
) -> Result<Vec<T>, Failure> {
    #[derive(Deserialize)]
    struct Jobs<T> {
        #[serde(default = "Vec::new")]
        jobs: Vec<T>,
    }
    let Jobs { mut jobs } = answer::read(reply, is_fine)?;
    jobs.retain(|job| may_be_of(owner(job), user));
    Ok(jobs)
}

/// The jobs of `user`.
pub fn read(reply: &Reply, user: &str) -> Result<Vec<JobInfo>, Failure> {
    let jobs = of_user(reply, answer::is_none, user, |job: &Job| &job.user_name)?;
    jobs.into_iter().map(job).collect()
}

fn job(job: Job) -> Result<JobInfo, Failure> {
    let unreadable = |what: &str| Failure::new(Class::Unreadable, format!("a job {what} (“{}”)", job.name));
    let id =
        job.job_id.0.and_then(|id| u32::try_from(id).ok()).ok_or_else(|| unreadable("without a number"))?;
    let held = tres::read(&job.tres_alloc_str);
    let info = JobInfo {
        id,
        state: state::job(job.job_state.iter()),
        reason: if job.state_reason == "None" { String::new() } else { job.state_reason.clone() },
        nodes: hosts::expand(&job.nodes).map_err(|_| unreadable("with unreadable nodes"))?,
        submitted: job.submit_time.moment(),
        started: job.start_time.moment(),
        ended: job.end_time.moment(),
        exit: job.exit_code.as_ref().and_then(ExitCode::exit),
        cpus: held.cpus.unwrap_or_else(|| job.cpus.processors()),
        gres: held.gres,
        name: job.name,
    };
    Ok(info.settled())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JobState;
    use kernel::{Error, Kind};

    fn of(body: &str) -> Result<Vec<JobInfo>, Failure> {
        read(&Reply { status: 200, body: body.as_bytes().to_vec() }, "mosu")
    }

    #[test]
    fn both_shapes_tell_the_same_of_a_job() {
        let older = r#"{"errors":[],"jobs":[{"job_id":1,"name":"mosu-job_1-1","user_name":"mosu",
            "job_state":"FAILED","state_reason":"NonZeroExitCode","nodes":"n[1-2]","submit_time":100,
            "start_time":110,"end_time":112,"exit_code":768,"cpus":8,"required_nodes":"n[1-2]",
            "tres_alloc_str":"cpu=8,node=2,billing=8,gres\/gpu=4"}]}"#;
        let newer = r#"{"errors":[],"warnings":[],"jobs":[{"job_id":1,"name":"mosu-job_1-1","user_name":"mosu",
            "job_state":["FAILED"],"state_reason":"NonZeroExitCode","nodes":"n[1-2]",
            "submit_time":{"set":true,"infinite":false,"number":100},
            "start_time":{"set":true,"infinite":false,"number":110},
            "end_time":{"set":true,"infinite":false,"number":112},
            "exit_code":{"status":["ERROR"],"return_code":{"set":true,"infinite":false,"number":3},
                "signal":{"id":{"set":false,"infinite":false,"number":0},"name":""}},
            "cpus":{"set":true,"infinite":false,"number":8},
            "tres_alloc_str":"cpu=8,node=2,billing=8,gres\/gpu=4"}]}"#;
        let jobs = of(older).unwrap();
        assert_eq!(jobs, of(newer).unwrap());
        assert_eq!((&jobs[0].state, jobs[0].exit), (&JobState::Failed, Some(Exit { code: 3, signal: None })));
        assert_eq!((jobs[0].nodes.join(" "), jobs[0].gres[0].count), ("n1 n2".into(), 4));
    }

    #[test]
    fn a_job_that_waits_has_no_start_in_either_shape() {
        let newer = r#"{"jobs":[{"job_id":4,"name":"x","user_name":"mosu","job_state":["PENDING","REQUEUED"],
            "start_time":{"set":true,"number":900},"end_time":{"set":false,"number":0},
            "exit_code":{"status":["SUCCESS"],"return_code":{"set":true,"number":0}},"nodes":""}]}"#;
        let job = &of(newer).unwrap()[0];
        assert_eq!((&job.state, job.started, job.ended, job.exit), (&JobState::Requeued, None, None, None));
    }

    #[test]
    fn only_the_users_jobs_are_told_and_those_whose_owner_slurm_can_not_name() {
        let body = r#"{"jobs":[{"job_id":1,"name":"a","user_name":"mosu"},{"job_id":2,"name":"a","user_name":"eve"},
            {"job_id":3,"name":"a","user_name":"1007"},{"job_id":4,"name":"a","user_name":null}]}"#;
        let ids: Vec<_> = of(body).unwrap().iter().map(|job| job.id).collect();
        assert_eq!(ids, [1, 3, 4]);
    }

    #[test]
    fn a_controller_that_is_away_is_no_empty_list() {
        let away = r#"{"errors":[{"description":"Failed while looking for jobs","error_number":-1,
            "error":"Unspecified error","source":"slurm_load_jobs"}],"jobs":[]}"#;
        let error: Error = of(away).unwrap_err().of_question().into();
        assert_eq!((error.kind, error.code), (Kind::Unavailable, "slurm_unavailable"));
        assert!(of("{\"jobs\":[{}]}").is_err());
        assert!(of("<html>").is_err());
    }
}
