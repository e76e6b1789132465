//! Pure decisions about jobs.

use super::{Indexes, JobState, Scheduling, Submission};
use kernel::{Error, Result};

/// Whether a job in `from` may go to `to`.
pub fn may_follow(from: JobState, to: JobState) -> bool {
    use JobState::{Cancelled, Failed, Finishing, Queued, Running, Starting, Succeeded};
    matches!(
        (from, to),
        (Queued, Starting | Cancelled | Failed)
            | (Starting, Running | Finishing | Queued | Failed | Cancelled)
            | (Running, Finishing | Queued | Failed | Cancelled)
            | (Finishing, Succeeded | Failed)
    )
}

/// Members of one array at the most.
pub const MOST_MEMBERS: usize = 10_000;

/// Fails when a submission's common parts are out of bounds.
pub fn check_submission(submission: &Submission) -> Result<()> {
    bounded("the length of a job's name", submission.name.chars().count() as i64, 1, 100)?;
    if submission.name.chars().any(char::is_control) {
        let text = "a job's name has no line breaks and no other control characters";
        return Err(Error::invalid("job_out_of_bounds", text));
    }
    bounded("the number of inputs", submission.inputs.len() as i64, 0, 100)?;
    bounded("priority", submission.priority, 0, 100)?;
    bounded("cpus", submission.resources.cpus, 1, 1024)?;
    bounded("memory_mib", submission.resources.memory_mib, 16, 4 << 20)?;
    bounded("wall_seconds", submission.resources.wall_seconds, 1, 30 * 86_400)?;
    bounded("tasks", submission.resources.tasks, 1, 4096)?;
    bounded("devices", submission.resources.devices, 0, 16)?;
    bounded("device_milli", submission.resources.device_milli, 1, 1000)?;
    check_scheduling(&submission.scheduling)?;
    if submission.resources.devices != 1 && submission.resources.device_milli != 1000 {
        return Err(Error::invalid(
            "job_out_of_bounds",
            "a share of an accelerator (device_milli below 1000) is possible with devices = 1 only",
        ));
    }
    bounded("the size of the spec in bytes", submission.spec.to_string().len() as i64, 0, 1 << 16)?;
    let longest = submission.inputs.iter().chain(&submission.idempotency).map(String::len).max().unwrap_or(0);
    bounded("the length of a reference or key", longest as i64, 0, 300)
}

fn check_scheduling(scheduling: &Scheduling) -> Result<()> {
    bounded("the number of device_models", scheduling.device_models.len() as i64, 0, 64)?;
    bounded("the number of jobs in after", scheduling.after.len() as i64, 0, 1000)?;
    bounded("estimate_seconds", scheduling.estimate_seconds.unwrap_or(1), 1, 30 * 86_400)?;
    let names = scheduling.device_models.iter().chain(&scheduling.cluster);
    let longest = names.map(String::len).max().unwrap_or(0);
    bounded("the length of a name of a device model or cluster", longest as i64, 0, 100)
}

fn bounded(what: &str, value: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let text = format!("{what} goes from {least} to {most}; this asks for {value}");
    Err(Error::invalid("job_out_of_bounds", text))
}

/// The indexes that a text such as `0-9:2%4` names: single ones, ranges with a step, after `%` how many run at
/// the same time (all when left out). At most [`MOST_MEMBERS`].
pub fn parse_indexes(text: &str) -> Result<Indexes> {
    let wrong = || {
        let text = format!("“{text}” names no array: write indexes such as 0-9, 1,3,7 or 0-99:2%4");
        Error::invalid("array_invalid", text)
    };
    let number =
        |text: &str| text.trim().parse::<i64>().ok().filter(|number| (0..=1_000_000_000).contains(number));
    let (list, at_most) = match text.split_once('%') {
        Some((list, most)) => (list, number(most).filter(|most| *most > 0).ok_or_else(wrong)?),
        None => (text, MOST_MEMBERS as i64),
    };
    let mut indexes = std::collections::BTreeSet::new();
    for part in list.split(',') {
        let (range, step) = match part.split_once(':') {
            Some((range, step)) => (range, number(step).filter(|step| *step > 0).ok_or_else(wrong)?),
            None => (part, 1),
        };
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (number(first).ok_or_else(wrong)?, number(last).ok_or_else(wrong)?);
        if first > last || (last - first) / step >= MOST_MEMBERS as i64 {
            return Err(wrong());
        }
        indexes.extend((first..=last).step_by(usize::try_from(step).unwrap_or(usize::MAX)));
    }
    if indexes.len() > MOST_MEMBERS {
        let text = format!("an array has {MOST_MEMBERS} members at the most; this names {}", indexes.len());
        return Err(Error::invalid("array_invalid", text));
    }
    Ok(Indexes { indexes: indexes.into_iter().collect(), at_most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{Resources, Scheduling};

    #[test]
    fn final_states_are_final_and_every_state_can_be_left_or_is_final() {
        for from in JobState::ALL {
            let leads_on = JobState::ALL.into_iter().any(|to| may_follow(from, to));
            assert_eq!(leads_on, !from.is_final(), "{}", from.name());
            assert!(!may_follow(from, from));
        }
    }

    #[test]
    fn indexes_are_read_as_sbatch_reads_them() {
        let read = |text| parse_indexes(text).map(|array| (array.indexes, array.at_most));
        assert_eq!(read("0-3").unwrap(), (vec![0, 1, 2, 3], MOST_MEMBERS as i64));
        assert_eq!(read("7,1-5:2%2").unwrap(), (vec![1, 3, 5, 7], 2));
        for wrong in ["", "a", "5-1", "0-3%0", "0-9:0", "-3", "0-10000", "0-99999999999", "1,,2"] {
            assert_eq!(read(wrong).unwrap_err().code, "array_invalid", "{wrong}");
        }
    }

    #[test]
    fn refuses_what_is_out_of_bounds() {
        let good = Submission {
            kind: "corpus.build".into(),
            name: "notes".into(),
            spec: serde_json::json!({}),
            inputs: vec![],
            priority: 50,
            resources: Resources::new(1, 64, 60),
            scheduling: Scheduling::default(),
            idempotency: None,
        };
        assert!(check_submission(&good).is_ok());
        let with = |change: fn(&mut Submission)| {
            let mut changed = good.clone();
            change(&mut changed);
            check_submission(&changed)
        };
        assert!(with(|s| s.priority = 101).is_err());
        assert!(with(|s| s.resources.cpus = 0).is_err());
        assert!(with(|s| s.name = String::new()).is_err());
        assert!(with(|s| s.name = "two\nlines".into()).is_err());
        assert!(with(|s| s.name = "nothing\0".into()).is_err());
        assert!(with(|s| s.resources.devices = 17).is_err());
        assert!(with(|s| s.resources.device_milli = 500).is_err());
        assert!(with(|s| s.inputs = vec!["x".into(); 101]).is_err());
    }
}
