//! What Slurm says of a job.

use crate::Gres;

/// A job as the controller or the accounting database knows it. Moments are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobInfo {
    /// Slurm's number of the job.
    pub id: u32,
    /// The name that it was submitted under.
    pub name: String,
    /// Where it is in its life.
    pub state: JobState,
    /// Slurm's word for why it waits or ended, such as `Resources` or `NonZeroExitCode`; empty for none.
    pub reason: String,
    /// The nodes that it has or had, in Slurm's order; empty before it starts.
    pub nodes: Vec<String>,
    /// When it was submitted.
    pub submitted: Option<i64>,
    /// When it started. Slurm's guess of a start that lies ahead isn't told.
    pub started: Option<i64>,
    /// When it ended. The end that its limit allows isn't told.
    pub ended: Option<i64>,
    /// How its script ended, once it has.
    pub exit: Option<Exit>,
    /// Processor cores that it has or had on all nodes together; what it asks for before it starts.
    pub cpus: u32,
    /// Devices that it has or had on all nodes together, one entry for each sort and model.
    pub gres: Vec<Gres>,
}

/// How a job's script ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// The exit code; 0 when a signal ended it.
    pub code: u8,
    /// The signal that ended it.
    pub signal: Option<u8>,
}

impl Exit {
    /// From the status that `wait` gives, as the controller keeps it.
    pub(crate) fn from_wait(status: u32) -> Self {
        let signal = (status & 0x7f) as u8;
        Self { code: ((status >> 8) & 0xff) as u8, signal: (signal != 0).then_some(signal) }
    }

    /// From `CODE:SIGNAL`, as the accounting commands write it.
    pub(crate) fn from_pair(text: &str) -> Option<Self> {
        let (code, signal) = text.split_once(':')?;
        let signal: u8 = signal.parse().ok()?;
        Some(Self { code: code.parse().ok()?, signal: (signal != 0).then_some(signal) })
    }
}

/// Where a job is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits for its nodes.
    Pending,
    /// Nodes are being prepared for it.
    Configuring,
    /// It runs.
    Running,
    /// It was stopped and keeps its nodes.
    Suspended,
    /// It is over, and its nodes are being cleaned up.
    Completing,
    /// It ended with exit code 0.
    Completed,
    /// It ended with another exit code.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// It reached its time limit.
    Timeout,
    /// It, or a part of it, used more memory than it may.
    OutOfMemory,
    /// One of its nodes failed.
    NodeFail,
    /// It gave way to another job.
    Preempted,
    /// It could not be started at all.
    BootFail,
    /// Its deadline came before it could end.
    Deadline,
    /// Slurm put it back into its queue although it was asked not to, or holds it there.
    Requeued,
    /// A word that this client doesn't know, in Slurm's upper case.
    Other(String),
}

impl JobInfo {
    /// Takes back what Slurm only guesses: a start that lies ahead, the end that a limit allows, and how a script that
    /// hasn't ended did end.
    pub(crate) fn settled(mut self) -> Self {
        let over = self.state.is_over();
        if !over && !self.state.has_nodes() {
            self.started = None;
        }
        if !over && self.state != JobState::Completing {
            self.ended = None;
            self.exit = None;
        }
        if self.started.is_none() {
            self.exit = None;
        }
        self
    }
}

impl JobState {
    /// Whether it is over for good: nothing of it runs, and the record won't change.
    pub fn is_over(&self) -> bool {
        use JobState::*;
        matches!(
            self,
            Completed
                | Failed
                | Cancelled
                | Timeout
                | OutOfMemory
                | NodeFail
                | Preempted
                | BootFail
                | Deadline
        )
    }

    /// Whether nodes are given to it, so that it may be running there.
    pub fn has_nodes(&self) -> bool {
        matches!(self, Self::Configuring | Self::Running | Self::Suspended | Self::Completing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_are_read_from_both_forms() {
        assert_eq!(Exit::from_wait(768), Exit { code: 3, signal: None });
        assert_eq!(Exit::from_wait(9), Exit { code: 0, signal: Some(9) });
        assert_eq!(Exit::from_pair("3:0"), Some(Exit { code: 3, signal: None }));
        assert_eq!(Exit::from_pair("0:15"), Some(Exit { code: 0, signal: Some(15) }));
        assert_eq!(Exit::from_pair("none"), None);
        assert_eq!(Exit::from_pair("300:0"), None);
    }
}
