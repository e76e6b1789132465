//! The shape of `mosu job`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `mosu job`.
#[derive(Debug, Subcommand)]
pub enum Job {
    /// Submit a script with #SBATCH lines, or a job described by a JSON file (see docs/jobs.md)
    ///
    /// Prints the job's id; of an array, the first id and the indexes. What of a script's options can't be
    /// honoured is said on stderr. Options stand before the file: what follows it goes to the script.
    Submit(Submit),
    /// Run a command as a job, show its log as it grows, and end as it ends
    ///
    /// Ctrl-C asks whether to end the job. Exit status: 0 it succeeded, 1 it did not, 130 it was left or ended
    /// by Ctrl-C.
    Run(Run),
    /// List jobs, newest first: where they are, how long they wait or run, and why
    List {
        /// Only those that haven't ended
        #[arg(short, long)]
        active: bool,
    },
    /// Show one job and where it ran
    Show {
        /// The job
        id: String,
    },
    /// Say why a job waits, when it will probably start, and how good such estimates were
    Why {
        /// The job
        id: String,
    },
    /// Print a job's log
    Logs {
        /// The job
        id: String,
        /// Go on until it ends
        #[arg(short, long)]
        follow: bool,
    },
    /// End jobs; the id of an array ends all its members
    Cancel {
        /// The jobs
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Watch running jobs: cores, memory, devices, time left, idle
    ///
    /// Looks every two seconds until Ctrl-C; once only when the output is no terminal, or with --json.
    Top,
}

/// `mosu job submit`.
#[derive(Debug, Args)]
pub struct Submit {
    /// Wait for its end; of an array, for the end of all members
    #[arg(short = 'W', long)]
    pub wait: bool,
    /// Indexes of an array of equal jobs, such as 0-9, 1,3,7 or 0-99%4 (four at a time)
    #[arg(short, long, value_name = "INDEXES")]
    pub array: Option<String>,
    /// What goes before the script's own options.
    #[command(flatten)]
    pub asks: Asks,
    /// The file; - for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What follows the script when it runs
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

/// `mosu job run`.
#[derive(Debug, Args)]
pub struct Run {
    /// What it asks for.
    #[command(flatten)]
    pub asks: Asks,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// What a job asks for, in the words of `sbatch`.
#[derive(Debug, Default, Args)]
pub struct Asks {
    /// What you call it
    #[arg(short = 'J', long, visible_alias = "name", value_name = "NAME")]
    pub job_name: Option<String>,
    /// The longest it may run: minutes, hh:mm:ss or days-hh:mm:ss
    #[arg(short, long)]
    pub time: Option<String>,
    /// Cores of each task
    #[arg(short, long, visible_alias = "cpus", value_name = "N")]
    pub cpus_per_task: Option<String>,
    /// Memory, such as 4G
    #[arg(long, visible_alias = "memory", value_name = "SIZE")]
    pub mem: Option<String>,
    /// Accelerators: a number, MODEL:number, or a share of one such as 0.5
    #[arg(short = 'G', long, value_name = "N")]
    pub gpus: Option<String>,
    /// Models of accelerators that will do, such as 'a100|h100'
    #[arg(short = 'C', long, visible_alias = "constraint", value_name = "MODELS")]
    pub gpu_type: Option<String>,
    /// Equal tasks that start together
    #[arg(short, long, value_name = "N")]
    pub ntasks: Option<String>,
    /// Nodes
    #[arg(short = 'N', long, value_name = "N")]
    pub nodes: Option<String>,
    /// The cluster to run on
    #[arg(short = 'p', long, visible_alias = "partition", value_name = "NAME")]
    pub cluster: Option<String>,
    /// Jobs to wait for: afterok:ID, afterany:ID, afternotok:ID, several with commas
    #[arg(short, long)]
    pub dependency: Option<String>,
    /// When it should be done, such as 18:00 or now+2hours (Shanghai's time)
    #[arg(long, value_name = "TIME")]
    pub deadline: Option<String>,
    /// 0 to 100; higher goes first among your organisation's jobs
    #[arg(long, value_name = "N")]
    pub priority: Option<String>,
    /// It may be stopped for another job and starts over
    #[arg(long)]
    pub requeue: bool,
    /// A dataset or model to read, such as dataset:acme/notes@COMMIT; may be given several times
    #[arg(long = "input", value_name = "REFERENCE")]
    pub inputs: Vec<String>,
    /// Make what it leaves in output/ a dataset, organisation/name
    #[arg(long, value_name = "NAME")]
    pub publish: Option<String>,
    /// A small text file to lay beside the job; may be given several times
    #[arg(long = "file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
}
