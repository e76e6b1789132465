//! Running one of Slurm's commands: no shell, a cleared environment, bounds on output and time.

use crate::{
    Commands,
    failure::{Class, Failure},
};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    sync::Semaphore,
    time::timeout,
};

/// How long a command may take. Slurm's own waits for a controller that is away last some ten seconds.
const LONGEST: Duration = Duration::from_secs(60);
/// The most bytes of a command's output: some 100,000 jobs.
const MAX_OUTPUT: u64 = 64 << 20;
/// The most bytes that are kept of its errors.
const MAX_ERRORS: u64 = 64 << 10;
/// How many run at once. With more the controller answers no faster.
const AT_ONCE: usize = 4;

/// A command to run.
pub struct Call<'a> {
    pub program: &'static str,
    pub arguments: Vec<String>,
    pub variables: &'a [(String, String)],
    pub input: &'a str,
}

impl Call<'static> {
    /// One without variables and input.
    pub fn plain(program: &'static str, arguments: Vec<String>) -> Self {
        Self { program, arguments, variables: &[], input: "" }
    }
}

/// Runs commands, a few at once.
#[derive(Debug)]
pub struct Runner {
    access: Commands,
    seats: Semaphore,
}

impl Runner {
    pub fn new(access: Commands) -> Self {
        Self { access, seats: Semaphore::new(AT_ONCE) }
    }

    /// Runs a command to its end and gives what it wrote.
    pub async fn run(&self, call: Call<'_>) -> Result<Vec<u8>, Failure> {
        let _seat = self.seats.acquire().await;
        let child = self.command(&call)?.spawn().map_err(|error| {
            Failure::new(Class::Unavailable, format!("{} can't be started: {error}", call.program))
        })?;
        let late = || Failure::new(Class::Unsure, format!("{} took longer than {LONGEST:?}", call.program));
        timeout(LONGEST, finish(child, &call)).await.map_err(|_| late())?
    }

    fn command(&self, call: &Call<'_>) -> Result<Command, Failure> {
        let mut command = Command::new(self.program(call.program)?);
        command.args(&call.arguments).env_clear();
        // Only `sbatch` has variables, and hands on all that it has: ours for reading its answers stay away from it.
        if call.program != "sbatch" {
            command.envs([("SLURM_TIME_FORMAT", "%s"), ("TZ", "UTC")]);
        }
        command.envs(call.variables.iter().map(|(name, value)| (name, value)));
        if let Some(conf) =
            self.access.conf.clone().or_else(|| std::env::var_os("SLURM_CONF").map(PathBuf::from))
        {
            command.env("SLURM_CONF", conf);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        Ok(command)
    }

    /// Where a program lies; looked up here, since the command's own environment has no `PATH`.
    fn program(&self, name: &str) -> Result<PathBuf, Failure> {
        let found = match &self.access.folder {
            Some(folder) => Some(folder.join(name)),
            None => {
                let folders = std::env::var_os("PATH").unwrap_or_default();
                std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file())
            }
        };
        found
            .filter(|file| Path::is_absolute(file))
            .ok_or_else(|| Failure::new(Class::Unavailable, format!("{name} is not on this machine")))
    }
}

async fn finish(mut child: Child, call: &Call<'_>) -> Result<Vec<u8>, Failure> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Failure::new(Class::Unsure, "a command has no pipes"));
    };
    let feed = async move {
        // A command that refuses its arguments doesn't read its input; it says so itself.
        let _ = stdin.write_all(call.input.as_bytes()).await;
    };
    let ((), output, errors) = tokio::join!(feed, read(stdout, MAX_OUTPUT), read(stderr, MAX_ERRORS));
    let lost = |error: std::io::Error| Failure::new(Class::Unsure, format!("{}: {error}", call.program));
    let output = output.map_err(lost)?;
    if output.len() as u64 > MAX_OUTPUT {
        return Err(Failure::new(
            Class::Unreadable,
            format!("{} wrote more than {MAX_OUTPUT} bytes", call.program),
        ));
    }
    let status = child.wait().await.map_err(lost)?;
    if status.success() {
        return Ok(output);
    }
    let errors = errors.map_err(lost)?;
    let said = if errors.iter().any(|byte| byte.is_ascii_graphic()) { &errors } else { &output };
    // One that was killed may have been heard before.
    if status.code().is_none() || said.is_empty() {
        return Err(Failure::new(Class::Unsure, format!("{} ended with {status}", call.program)));
    }
    Err(Failure::of_words(&String::from_utf8_lossy(said)))
}

/// Reads to the end, and one byte more than `most` at most; what follows is left unread, which ends the writer.
async fn read(from: impl AsyncRead + Unpin, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}
