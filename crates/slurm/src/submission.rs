//! What became of a submission.

use kernel::Error;

/// What became of a submission. The four need four different answers, so they are no `Result`.
#[derive(Debug)]
#[must_use]
pub enum Submission {
    /// Slurm took the job under this number.
    Taken(u32),
    /// Slurm, or this client, refused it: the same request fails again. Code `slurm_refused`, with Slurm's words.
    Refused(Error),
    /// Slurm couldn't be asked and surely has no such job: try again later. Code `slurm_unavailable`.
    Unavailable(Error),
    /// It was sent, and no answer came: look the name up with [`find`](crate::Slurm::find) before anything else. A
    /// lookup in the first seconds may come too early; the controller may still be reading. Code `slurm_unsure`.
    Unsure(Error),
}

impl Submission {
    /// Slurm's number of the job, if it was surely taken.
    pub fn id(&self) -> Option<u32> {
        match self {
            Self::Taken(id) => Some(*id),
            _ => None,
        }
    }
}
