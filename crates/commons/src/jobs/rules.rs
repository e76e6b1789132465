//! Pure decisions about jobs.

use super::{JobState, Submission};
use kernel::{Error, Result};

/// Whether a job in `from` may go to `to`.
pub fn may_follow(from: JobState, to: JobState) -> bool {
    use JobState::{Cancelled, Failed, Finishing, Queued, Running, Starting, Succeeded};
    matches!(
        (from, to),
        (Queued, Starting | Cancelled | Failed)
            | (Starting, Running | Finishing | Queued | Failed | Cancelled)
            | (Running, Finishing | Failed | Cancelled)
            | (Finishing, Succeeded | Failed)
    )
}

/// Fails when a submission's common parts are out of bounds.
pub fn check_submission(submission: &Submission) -> Result<()> {
    let bounded = |what: &str, value: i64, least: i64, most: i64| {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(Error::invalid(
            "job_out_of_bounds",
            format!("{what} goes from {least} to {most}; this asks for {value}"),
        ))
    };
    bounded("the length of a job's name", submission.name.chars().count() as i64, 1, 100)?;
    bounded("the number of inputs", submission.inputs.len() as i64, 0, 100)?;
    bounded("priority", submission.priority, 0, 100)?;
    bounded("cpus", submission.resources.cpus, 1, 1024)?;
    bounded("memory_mib", submission.resources.memory_mib, 16, 4 << 20)?;
    bounded("wall_seconds", submission.resources.wall_seconds, 1, 30 * 86_400)?;
    bounded("the size of the spec in bytes", submission.spec.to_string().len() as i64, 0, 1 << 16)?;
    let longest = submission.inputs.iter().chain(&submission.idempotency).map(String::len).max().unwrap_or(0);
    bounded("the length of a reference or key", longest as i64, 0, 300)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::Resources;

    #[test]
    fn final_states_are_final_and_every_state_can_be_left_or_is_final() {
        for from in JobState::ALL {
            let leads_on = JobState::ALL.into_iter().any(|to| may_follow(from, to));
            assert_eq!(leads_on, !from.is_final(), "{}", from.name());
            assert!(!may_follow(from, from));
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
            resources: Resources { cpus: 1, memory_mib: 64, wall_seconds: 60 },
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
        assert!(with(|s| s.inputs = vec!["x".into(); 101]).is_err());
    }
}
