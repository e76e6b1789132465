//! What the accounting database says through `/slurmdb`.

use super::{
    answer,
    http::Reply,
    jobs::{self, ExitCode},
    shape::{self, Number, Words},
    version::Version,
};
use crate::{
    Exit, Gres, JobInfo, JobState,
    commands::jobs::EARLIEST,
    failure::{Class, Failure},
    hosts, state, tres,
};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Job {
    job_id: Number,
    #[serde(deserialize_with = "shape::text")]
    name: String,
    #[serde(deserialize_with = "shape::text")]
    user: String,
    state: State,
    #[serde(deserialize_with = "shape::text")]
    nodes: String,
    time: Time,
    exit_code: Option<ExitCode>,
    required: Required,
    tres: Tres,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    current: Words,
    #[serde(deserialize_with = "shape::text")]
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Time {
    submission: Number,
    start: Number,
    end: Number,
    elapsed: Number,
    suspended: Number,
}

impl Time {
    /// What v0.0.37 calls the start is when the job might have started. The true one follows from the end.
    fn corrected(mut self, has_nodes: bool) -> Self {
        let lasted = self.elapsed.count().saturating_add(self.suspended.count());
        let start = self.end.moment().filter(|_| has_nodes).zip(i64::try_from(lasted).ok());
        self.start = Number(start.and_then(|(end, lasted)| end.checked_sub(lasted)));
        self
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Required {
    #[serde(rename = "CPUs")]
    cpus: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tres {
    allocated: Vec<Held>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Held {
    #[serde(rename = "type", deserialize_with = "shape::text")]
    sort: String,
    #[serde(deserialize_with = "shape::text")]
    name: String,
    count: Number,
}

/// Where to ask for jobs of these names since a moment.
pub fn path(version: Version, names: &[String], since: i64) -> String {
    // Names are of letters that an address may hold as they are; 22.05 doesn't read a bare comma.
    format!(
        "/slurmdb/{version}/jobs?job_name={}&start_time=uts{}&skip_steps=true",
        names.join("%2C"),
        since.max(EARLIEST)
    )
}

/// The jobs of `user`.
pub fn read(reply: &Reply, user: &str, version: Version) -> Result<Vec<JobInfo>, Failure> {
    let jobs = jobs::of_user(reply, answer::is_nothing, user, |job: &Job| &job.user)?;
    jobs.into_iter().map(|told| job(told, version)).collect()
}

/// Whether a failure means that Slurm was set up without an accounting database.
pub fn has_no_database(failure: &Failure) -> bool {
    failure.words.contains("accounting storage is disabled")
        || failure.words.contains("accounting_storage/none")
}

fn job(job: Job, version: Version) -> Result<JobInfo, Failure> {
    let unreadable =
        |what: &str| Failure::new(Class::Unreadable, format!("an account {what} (“{}”)", job.name));
    let id =
        job.job_id.0.and_then(|id| u32::try_from(id).ok()).ok_or_else(|| unreadable("without a number"))?;
    let state = state::job(job.state.current.iter());
    let held = &job.tres.allocated;
    let cpus = held.iter().find(|held| held.sort == "cpu").map_or(job.required.cpus, |held| held.count);
    let reason = job.state.reason.as_str();
    let nodes = hosts::expand(&job.nodes).map_err(|_| unreadable("with unreadable nodes"))?;
    let time = if version.has_true_starts() { job.time } else { job.time.corrected(!nodes.is_empty()) };
    let info = JobInfo {
        id,
        reason: if reason == "None" { String::new() } else { reason.to_owned() },
        nodes,
        submitted: time.submission.moment(),
        started: time.start.moment(),
        ended: time.end.moment(),
        exit: job.exit_code.as_ref().and_then(ExitCode::exit).filter(|exit| agrees(*exit, &state)),
        cpus: cpus.processors(),
        gres: gres(held),
        state,
        name: job.name,
    };
    Ok(info.settled())
}

/// Slurm 22.05 tells "success" here of every job that ended by itself, also where its state says that it failed.
fn agrees(exit: Exit, state: &JobState) -> bool {
    *state != JobState::Failed || exit != Exit { code: 0, signal: None }
}

fn gres(held: &[Held]) -> Vec<Gres> {
    let of_gres = held.iter().filter(|held| held.sort == "gres");
    let devices = of_gres.map(|held| {
        let (name, model) =
            held.name.split_once(':').map_or((&*held.name, None), |(name, model)| (name, Some(model)));
        Gres { name: name.to_owned(), model: model.map(str::to_owned), count: held.count.count() }
    });
    tres::without_sums(devices.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_version(body: &str, version: &str) -> Result<Vec<JobInfo>, Failure> {
        let version = super::super::version::allowed(&[version.to_owned()]).unwrap()[0];
        read(&Reply { status: 200, body: body.as_bytes().to_vec() }, "mosu", version)
    }

    fn of(body: &str) -> Vec<JobInfo> {
        of_version(body, "v0.0.38").unwrap()
    }

    #[test]
    fn both_shapes_tell_the_same_of_an_account() {
        let older = r#"{"errors":[],"jobs":[{"job_id":17,"name":"k","user":"mosu","nodes":"n1",
            "state":{"current":"FAILED","reason":"None"},"time":{"elapsed":2,"start":110,"end":112,"submission":100},
            "exit_code":{"status":"SIGNALED","return_code":null,"signal":{"signal_id":9,"name":"Killed"}},
            "required":{"CPUs":8},"steps":[],"tres":{"allocated":[{"type":"cpu","name":null,"id":1,"count":8},
            {"type":"energy","name":null,"id":3,"count":null},{"type":"gres","name":"gpu","id":1001,"count":4}]}}]}"#;
        let newer = r#"{"errors":[],"jobs":[{"job_id":17,"name":"k","user":"mosu","nodes":"n1",
            "state":{"current":["FAILED"],"reason":"None"},"time":{"start":110,"end":112,"submission":100},
            "exit_code":{"status":["SIGNALED"],"return_code":{"set":false,"infinite":false,"number":0},
                "signal":{"id":{"set":true,"infinite":false,"number":9},"name":"KILL"}},
            "required":{"CPUs":8},"tres":{"allocated":[{"type":"cpu","name":"","id":1,"count":8},
            {"type":"gres","name":"gpu","id":1001,"count":4}]}}]}"#;
        let jobs = of(older);
        assert_eq!(jobs, of(newer));
        assert_eq!(jobs[0].exit, Some(Exit { code: 0, signal: Some(9) }));
        assert_eq!(
            (jobs[0].started, jobs[0].ended, jobs[0].cpus, jobs[0].gres[0].count),
            (Some(110), Some(112), 8, 4)
        );
    }

    #[test]
    fn nothing_found_is_an_empty_answer_and_a_database_that_is_away_is_none() {
        let nothing = r#"{"errors":[{"description":"Nothing found with query","error_number":9003,
            "error":"Nothing found"}],"jobs":[]}"#;
        assert!(of(nothing).is_empty());
        let away = r#"{"errors":[{"description":"Failed connecting to slurmdbd","error_number":7000,
            "error":"Unable to connect to database"}],"jobs":[]}"#;
        let failure = of_version(away, "v0.0.38").unwrap_err();
        assert_eq!(failure.class, Class::Unavailable);
    }

    #[test]
    fn the_oldest_version_tells_its_start_by_the_end() {
        let body = r#"{"jobs":[{"job_id":18,"user":"mosu","nodes":"n1","state":{"current":"COMPLETED"},
            "time":{"elapsed":5,"suspended":1,"eligible":90,"start":90,"end":112,"submission":90}}]}"#;
        assert_eq!(of_version(body, "v0.0.37").unwrap()[0].started, Some(106));
        assert_eq!(of_version(body, "v0.0.38").unwrap()[0].started, Some(90));
        let never = body.replace("n1", "");
        assert_eq!(of_version(&never, "v0.0.37").unwrap()[0].started, None);
    }

    #[test]
    fn a_success_that_contradicts_the_state_is_not_believed() {
        let body = r#"{"jobs":[{"job_id":18,"user":"mosu","state":{"current":"FAILED"},"time":{"start":1,"end":2},
            "exit_code":{"status":"SUCCESS","return_code":0}}]}"#;
        assert_eq!(of(body)[0].exit, None);
    }
}
