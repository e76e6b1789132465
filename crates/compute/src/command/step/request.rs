//! What a step asks for, read from files that the command wrote: each of bounded size, none behind a link.

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fcntl_setfl, fstat, openat2},
    io::Errno,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// The most bytes of arguments, and of the environment.
const MOST_BYTES: u64 = 1 << 20;
/// How long a step that has asked may take to listen.
const LISTEN: Duration = Duration::from_secs(10);

/// What one step asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// What followed `srun`.
    pub arguments: Vec<String>,
    /// The environment there.
    pub environment: BTreeMap<String, String>,
    /// The folder there.
    pub folder: PathBuf,
}

/// Opens the folder of all steps, before the command can have touched it.
pub fn open(steps: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    Ok(rustix::fs::openat(CWD, steps, flags, Mode::empty())?)
}

fn inside(steps: &impl AsFd, step: &str, file: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let flags = flags | OFlags::CLOEXEC | OFlags::NONBLOCK;
    openat2(steps, format!("{step}/{file}"), flags, Mode::empty(), resolve)
}

impl Request {
    /// Reads the request of a step.
    pub fn read(steps: &impl AsFd, step: &str) -> io::Result<Self> {
        let words = |text: String| text.split_terminator('\0').map(str::to_owned).collect::<Vec<_>>();
        let pair =
            |line: String| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self {
            arguments: words(text(steps, step, "arguments")?),
            environment: words(text(steps, step, "environment")?).into_iter().filter_map(pair).collect(),
            folder: text(steps, step, "folder")?.into(),
        })
    }
}

fn text(steps: &impl AsFd, step: &str, file: &str) -> io::Result<String> {
    let file = inside(steps, step, file, OFlags::RDONLY)?;
    let stat = fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::other("a request holds something that is no file"));
    }
    let mut bytes = Vec::new();
    File::from(file).take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("the arguments or the environment are larger than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Opens one of the pipes that the step listens to.
pub fn pipe(steps: &impl AsFd, step: &str, name: &str) -> io::Result<File> {
    let began = Instant::now();
    let pipe = loop {
        match inside(steps, step, name, OFlags::WRONLY) {
            Ok(pipe) => break pipe,
            // Nobody listens yet.
            Err(Errno::NXIO) if began.elapsed() < LISTEN => thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(error.into()),
        }
    };
    if FileType::from_raw_mode(fstat(&pipe)?.st_mode) != FileType::Fifo {
        return Err(io::Error::other("a step listens to something that is no pipe"));
    }
    fcntl_setfl(&pipe, OFlags::WRONLY)?;
    Ok(pipe.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    #[test]
    fn reads_what_was_written_and_follows_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let step = folder.path().join("step.a");
        fs::create_dir(&step).unwrap();
        fs::write(step.join("arguments"), "-n\x002\0echo\0a b\0\0").unwrap();
        fs::write(step.join("environment"), "A=1=2\0B=\nx\0").unwrap();
        fs::write(step.join("folder"), "/tmp").unwrap();
        let steps = open(folder.path()).unwrap();
        let request = Request::read(&steps, "step.a").unwrap();
        assert_eq!(request.arguments, ["-n", "2", "echo", "a b", ""]);
        assert_eq!((&*request.environment["A"], &*request.environment["B"]), ("1=2", "\nx"));

        fs::remove_file(step.join("folder")).unwrap();
        symlink("/etc/hostname", step.join("folder")).unwrap();
        assert!(Request::read(&steps, "step.a").is_err(), "a link");
        assert!(pipe(&steps, "step.a", "arguments").is_err(), "no pipe");
        assert!(Request::read(&steps, "../step.a").is_err(), "outside");
        fs::remove_file(step.join("folder")).unwrap();
        fs::write(step.join("folder"), vec![b'a'; 2 << 20]).unwrap();
        assert!(Request::read(&steps, "step.a").unwrap_err().to_string().contains("1 MiB"));
    }
}
