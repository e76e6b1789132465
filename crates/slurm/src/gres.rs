//! Generic resources: the devices of a node or a job.

use std::fmt;

/// A number of devices of one sort, such as `gpu:a100:2`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gres {
    /// Slurm's name of the sort, mostly `gpu`.
    pub name: String,
    /// The model, such as `a100`, where Slurm was told one.
    pub model: Option<String>,
    /// How many.
    pub count: u64,
}

impl fmt::Display for Gres {
    /// As `sbatch --gres` wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.model {
            Some(model) => write!(f, "{}:{model}:{}", self.name, self.count),
            None => write!(f, "{}:{}", self.name, self.count),
        }
    }
}
