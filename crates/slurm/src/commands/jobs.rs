//! What `squeue` and `sacct` say of jobs.

use crate::{
    Exit, JobInfo,
    failure::{Class, Failure},
    hosts, state, tres,
};

/// Stands between fields: a mark that no text of Slurm's contains.
const MARK: char = '\u{1f}';

/// The fields asked of `squeue`, in the order that [`squeue`] reads them.
const QUEUE_FIELDS: [&str; 11] = [
    "JobID",
    "State",
    "Reason",
    "NodeList",
    "SubmitTime",
    "StartTime",
    "EndTime",
    "NumCPUs",
    "exit_code",
    "tres-alloc",
    "Name",
];
/// The fields asked of `sacct`, in the order that [`sacct`] reads them.
const ACCOUNT_FIELDS: &str =
    "JobIDRaw,State,Reason,NodeList,Submit,Start,End,NCPUS,ExitCode,AllocTRES,JobName";

/// The format for `squeue -O`: no field is cut or padded.
pub fn squeue_format() -> String {
    QUEUE_FIELDS.map(|field| format!("{field}:{MARK}")).join(",")
}

/// What `squeue` wrote in that format.
pub fn squeue(output: &[u8]) -> Result<Vec<JobInfo>, Failure> {
    records(output, |exit| exit.parse().ok().map(Exit::from_wait))
}

/// Seconds between the beginning and the end that `sacct` is asked about: the default, "now", would make it fail where
/// its clock is behind ours.
const LONG: i64 = 10 * 366 * 24 * 3600;

/// Slurm takes no moment of January 1970; this is a year later.
pub const EARLIEST: i64 = 365 * 24 * 3600;

/// Arguments of `sacct` for jobs of these names and this user.
pub fn sacct_arguments(names: &[String], since: i64, user: u32) -> Vec<String> {
    let since = since.max(EARLIEST);
    let mut arguments: Vec<String> =
        ["--noheader", "--parsable2", "--duplicates", "--allocations"].map(str::to_owned).into();
    arguments.extend([
        format!("--delimiter={MARK}"),
        format!("--format={ACCOUNT_FIELDS}"),
        format!("--starttime=uts{since}"),
        format!("--endtime=uts{}", since.saturating_add(LONG)),
        format!("--user={user}"),
        format!("--name={}", names.join(",")),
    ]);
    arguments
}

/// What `sacct` wrote.
pub fn sacct(output: &[u8]) -> Result<Vec<JobInfo>, Failure> {
    records(output, Exit::from_pair)
}

fn records(output: &[u8], exit: fn(&str) -> Option<Exit>) -> Result<Vec<JobInfo>, Failure> {
    let text = String::from_utf8_lossy(output);
    text.lines().filter(|line| !line.is_empty()).map(|line| record(line, exit)).collect()
}

fn record(line: &str, exit: fn(&str) -> Option<Exit>) -> Result<JobInfo, Failure> {
    let unreadable = || Failure::new(Class::Unreadable, format!("a job's line “{line}”"));
    let fields: Vec<&str> = line.strip_suffix(MARK).unwrap_or(line).split(MARK).map(str::trim).collect();
    let [id, word, reason, nodes, submitted, started, ended, cpus, code, allocated, name] = fields[..] else {
        return Err(unreadable());
    };
    let held = tres::read(allocated);
    let job = JobInfo {
        id: id.parse().map_err(|_| unreadable())?,
        name: name.to_owned(),
        state: state::job([word]),
        reason: if reason == "None" { String::new() } else { reason.to_owned() },
        nodes: hosts::expand(nodes).map_err(|_| unreadable())?,
        submitted: moment(submitted),
        started: moment(started),
        ended: moment(ended),
        exit: exit(code),
        cpus: held.cpus.or_else(|| cpus.parse().ok()).unwrap_or(0),
        gres: held.gres,
    };
    Ok(job.settled())
}

/// Unix seconds; Slurm writes 0, `N/A`, `None` or `Unknown` for none.
fn moment(text: &str) -> Option<i64> {
    text.parse().ok().filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gres, JobState};
    use proptest::prelude::*;

    fn line(fields: &[&str]) -> String {
        fields.iter().map(|field| format!("{field}\u{1f}")).collect()
    }

    #[test]
    fn a_job_that_failed_is_read_from_the_queue() {
        let line = line(&[
            "1",
            "FAILED",
            "NonZeroExitCode",
            "n[1-2]",
            "100",
            "110",
            "112",
            "8",
            "768",
            "cpu=8,node=2,billing=8,gres/gpu=4",
            "mosu-job_1-1",
        ]);
        let expected = JobInfo {
            id: 1,
            name: "mosu-job_1-1".into(),
            state: JobState::Failed,
            reason: "NonZeroExitCode".into(),
            nodes: vec!["n1".into(), "n2".into()],
            submitted: Some(100),
            started: Some(110),
            ended: Some(112),
            exit: Some(Exit { code: 3, signal: None }),
            cpus: 8,
            gres: vec![Gres { name: "gpu".into(), model: None, count: 4 }],
        };
        assert_eq!(squeue(line.as_bytes()).unwrap(), [expected]);
    }

    #[test]
    fn guesses_of_a_waiting_or_running_job_are_no_facts() {
        let waiting =
            line(&["3", "PENDING", "Resources", "", "100", "999", "1999", "4", "0", "cpu=4,mem=250G", "x"]);
        let running = line(&["2", "RUNNING", "None", "n3", "100", "110", "710", "8", "0", "cpu=8", "y"]);
        let jobs = squeue(format!("{waiting}\n{running}\n").as_bytes()).unwrap();
        assert_eq!((jobs[0].started, jobs[0].ended, jobs[0].exit), (None, None, None));
        assert_eq!((jobs[1].started, jobs[1].ended, jobs[1].exit), (Some(110), None, None));
        assert_eq!(jobs[1].reason, "");
    }

    #[test]
    fn the_accounts_of_a_cancelled_and_a_running_job_are_read() {
        let cancelled = "5\u{1f}CANCELLED by 0\u{1f}None\u{1f}n1\u{1f}10\u{1f}20\u{1f}30\u{1f}4\u{1f}0:15\u{1f}cpu=4\u{1f}x";
        let running = "6\u{1f}RUNNING\u{1f}None\u{1f}None assigned\u{1f}10\u{1f}20\u{1f}Unknown\u{1f}4\u{1f}0:0\u{1f}\u{1f}y";
        let jobs = sacct(format!("{cancelled}\n{running}\n").as_bytes()).unwrap();
        assert_eq!(
            (&jobs[0].state, jobs[0].exit),
            (&JobState::Cancelled, Some(Exit { code: 0, signal: Some(15) }))
        );
        assert_eq!((jobs[1].ended, jobs[1].nodes.len(), jobs[1].cpus), (None, 0, 4));
    }

    #[test]
    fn a_line_that_is_cut_short_is_an_error_and_no_missing_job() {
        assert!(squeue(b"12\x1fRUNNING\x1fNone").is_err());
        assert!(squeue(b"slurm is odd today").is_err());
        assert!(squeue(b"").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_output_makes_it_panic(output in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (squeue(&output), sacct(&output));
        }
    }
}
