//! How Slurm is reached, and as whom.

use std::path::PathBuf;

pub use remote::Token;

/// One of the two ways into Slurm.
#[derive(Debug, Clone)]
pub enum Access {
    /// Through `slurmrestd`, Slurm's HTTP service.
    Rest(Rest),
    /// Through Slurm's commands on this machine, as the user that this process runs as.
    Commands(Commands),
}

/// Access through `slurmrestd`.
#[derive(Debug, Clone)]
pub struct Rest {
    /// `http://HOST:PORT`, `https://…`, or `unix:/PATH` for a socket (where `rest_auth/local` needs no token).
    pub url: String,
    /// Slurm's name for whom the jobs belong to. Other users' jobs are never looked at.
    pub user: String,
    /// What proves it: a JSON web token, as `scontrol token` makes them.
    pub token: Token,
    /// API versions that may be spoken, such as `v0.0.38`; empty for all that this client knows.
    pub versions: Vec<String>,
}

/// Access through `sbatch`, `squeue`, `scancel`, `scontrol` and `sacct`.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    /// The folder that the commands lie in; without it they are looked for on `PATH`.
    pub folder: Option<PathBuf>,
    /// Slurm's configuration file, if it isn't where Slurm expects it.
    pub conf: Option<PathBuf>,
}
