//! Answers the steps that a command asks for, from outside of its cell.

use super::{
    STEP,
    options::{self, Options},
    request::{self, Request},
};
use crate::local::{Folder, TaskFile, folder::read_record};
use kernel::{Error, Result};
use std::{
    collections::HashMap,
    env,
    fs::{self, File},
    io::{self, Write},
    os::fd::OwnedFd,
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

/// How often the folder of steps is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// The most steps of a job at a time; others wait.
const MOST: usize = 256;

/// Answers the steps of one job.
pub struct Keeper {
    steps: OwnedFd,
    /// Tasks of the job.
    tasks: u32,
    /// Whether tasks are started through Slurm's own `srun`.
    slurm: bool,
}

impl Keeper {
    /// Makes the folder in which `user` asks.
    pub fn open(folder: &Folder, user: u32) -> io::Result<Self> {
        let path = super::steps(folder);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&path)?,
        }
        cell::hand_over(&path, user)?;
        let file: TaskFile = read_record(&folder.task())?.ok_or(io::ErrorKind::NotFound)?;
        // What this server sets for its own machine is never there for a job of a Slurm.
        let here = file.environment.get("SLURM_NTASKS");
        let tasks = here.cloned().or_else(|| env::var("SLURM_NTASKS").ok());
        Ok(Self {
            steps: request::open(&path)?,
            tasks: tasks.and_then(|tasks| tasks.parse().ok()).unwrap_or(1),
            slurm: here.is_none() && env::var_os("SLURM_JOB_ID").is_some(),
        })
    }

    /// Answers from now on, for as long as this process lives.
    pub fn start(self) {
        let keeper = Arc::new(self);
        thread::spawn(move || {
            let mut running: HashMap<String, JoinHandle<()>> = HashMap::new();
            loop {
                let asked = keeper.asked();
                running.retain(|step, thread| asked.contains(step) || !thread.is_finished());
                for step in asked {
                    if running.len() < MOST && !running.contains_key(&step) {
                        let (keeper, name) = (keeper.clone(), step.clone());
                        running.insert(step, thread::spawn(move || keeper.answer(&name)));
                    }
                }
                thread::sleep(LOOK);
            }
        });
    }

    /// Names of the steps that are there.
    fn asked(&self) -> Vec<String> {
        let Ok(entries) = rustix::fs::Dir::read_from(&self.steps) else { return Vec::new() };
        let names = entries.flatten().filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
        names.filter(|name| name.starts_with("step.")).collect()
    }

    fn answer(&self, step: &str) {
        let Ok(mut output) = request::pipe(&self.steps, step, "output") else { return };
        let code = self.run(step, &output).unwrap_or_else(|error| {
            let _ = writeln!(output, "{}", error.chain()); // whoever has gone needs no answer
            1
        });
        drop(output);
        if let Ok(mut exit) = request::pipe(&self.steps, step, "exit") {
            let _ = writeln!(exit, "{code}");
        }
    }

    /// Starts the tasks and waits for the last; the largest of their codes.
    fn run(&self, step: &str, mut output: &File) -> Result<i32> {
        let unusable = |error: io::Error| Error::invalid("srun_failed", format!("srun: {error}"));
        let asked = Request::read(&self.steps, step).map_err(unusable)?;
        let options = options::parse(&asked.arguments)?;
        for name in &options.left_out {
            writeln!(output, "note: srun's --{name} is left out; the job's own resources hold")
                .map_err(unusable)?;
        }
        let tasks = options.tasks.unwrap_or(self.tasks);
        if tasks > self.tasks {
            let text = format!("srun: {tasks} tasks were asked for, the job has {}", self.tasks);
            return Err(Error::invalid("srun_failed", text));
        }
        let children = if self.slurm {
            vec![self.through_slurm(step, &options, output).map_err(unusable)?]
        } else {
            let one = |rank| self.here(step, rank, tasks, output);
            (0..tasks).map(one).collect::<io::Result<Vec<_>>>().map_err(unusable)?
        };
        let codes = children.into_iter().map(|mut child| child.wait().map(code));
        let codes = codes.collect::<io::Result<Vec<_>>>().map_err(unusable)?;
        Ok(codes.into_iter().max().unwrap_or_default())
    }

    fn through_slurm(&self, step: &str, options: &Options, output: &File) -> io::Result<Child> {
        let mut command = Command::new("srun");
        // The script's own share of the first node is where its task goes.
        command.args(["--overlap", "--kill-on-bad-exit=0", "--input=none"]).args(&options.handed_on);
        command.arg(env::current_exe()?).args(env::args_os().skip(1));
        with(command, step, output)
    }

    fn here(&self, step: &str, rank: u32, tasks: u32, output: &File) -> io::Result<Child> {
        let mut command = Command::new("/proc/self/exe");
        command.args(env::args_os().skip(1));
        for (name, value) in [("SLURM_PROCID", rank), ("SLURM_LOCALID", rank), ("SLURM_NTASKS", tasks)] {
            command.env(name, value.to_string());
        }
        with(command, step, output)
    }
}

fn with(mut command: Command, step: &str, output: &File) -> io::Result<Child> {
    command.env(STEP, step).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output.try_clone()?);
    command.spawn()
}

/// The code as a shell tells it.
fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}
