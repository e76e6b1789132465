//! The folder of a run, beside its output: what is finished is there under its final name, so that a killed run
//! goes on where it was.

use kernel::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Held while a run works, and while it looks at what is there.
const LOCK: &str = "lock";
const BEGIN: &str = "begin";
/// Says which run the files belong to; without it they belong to none.
const MARK: &str = "fingerprint";

/// The folder of a run.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    target: PathBuf,
    // Held until the run ends: two runs at one output would overwrite each other.
    _lock: File,
}

/// Whether the lock keeps others out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// A whole run: nobody else may work here.
    Alone,
    /// One task of several.
    Together,
}

/// Where the run for the output `name` has its folder.
fn beside(target: &Path, name: &str) -> PathBuf {
    target.with_file_name(format!(".{name}.partial"))
}

/// Removes what a run that was killed at its very end left beside its finished output.
pub fn clear(target: &Path) {
    let Some(path) = target.file_name().and_then(|name| name.to_str()).map(|name| beside(target, name))
    else {
        return;
    };
    // Without a lock it was killed while it removed the folder.
    let idle = File::open(path.join(LOCK)).map_or(true, |lock| lock.try_lock().is_ok());
    if idle {
        let _ = fs::remove_dir_all(path); // it only takes room
    }
}

impl Folder {
    /// Opens the folder of the run `fingerprint` for the output `target`, or begins it. What another recipe or input
    /// left there is removed.
    pub fn open(target: &Path, fingerprint: &str, share: Share) -> Result<Self> {
        let shown = target.display();
        let name = target.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Error::invalid(
                "corpus_output_exists",
                format!("{shown} cannot name a new folder. Choose another output"),
            )
        })?;
        let path = beside(target, name);
        fs::create_dir_all(&path).map_err(|error| unwritable(&path, error))?;
        let lock = File::create(path.join(LOCK)).map_err(|error| unwritable(&path, error))?;
        let locked = match share {
            Share::Alone => lock.try_lock(),
            Share::Together => lock.try_lock_shared(),
        };
        if locked.is_err() {
            let text = format!("another run is making {shown}. Wait for it, or choose another output");
            return Err(Error::conflict("corpus_output_exists", text));
        }
        // Tasks that start together must not clear away each other's first files.
        let begin = File::create(path.join(BEGIN)).map_err(|error| unwritable(&path, error))?;
        begin.lock().map_err(|error| unwritable(&path, error))?;
        let folder = Self { path, target: target.to_owned(), _lock: lock };
        folder.begin(fingerprint)?;
        Ok(folder)
    }

    /// Leaves what belongs to this run and removes all else.
    fn begin(&self, fingerprint: &str) -> Result<()> {
        let mark = self.path(MARK);
        if fs::read_to_string(&mark).is_ok_and(|known| known == fingerprint) {
            return Ok(());
        }
        let failed = |error| unwritable(&self.path, error);
        for entry in fs::read_dir(&self.path).map_err(failed)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                fs::remove_dir_all(&path).map_err(failed)?;
            } else if entry.file_name() != LOCK && entry.file_name() != BEGIN {
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        self.write(MARK, fingerprint.as_bytes())
    }

    /// Where `name` lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A folder inside, made when it is not there.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(&path).map_err(|error| unwritable(&path, error))?;
        Ok(path)
    }

    /// Whether `name` is finished.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Writes a file as a whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let temporary = self.temporary(name);
        fs::write(&temporary, bytes).map_err(|error| unwritable(&temporary, error))?;
        self.finish(name)
    }

    /// Writes a value as a whole.
    pub fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        self.write(name, &serde_json::to_vec(value).map_err(Error::internal)?)
    }

    /// Reads a value that [`Folder::write_json`] wrote.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let path = self.path(name);
        let bytes = fs::read(&path).map_err(|error| unreadable(&path, error))?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(&path, error.into()))
    }

    /// Where `name` is written until [`Folder::finish`]; a name of this process, for tasks may overlap.
    pub fn temporary(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.partial-{}", std::process::id()))
    }

    /// Gives what was written at [`Folder::temporary`] its name.
    pub fn finish(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        fs::rename(self.temporary(name), &path).map_err(|error| unwritable(&path, error))
    }

    /// Makes the finished folder `name` the output and removes the rest.
    pub fn publish(&self, name: &str) -> Result<()> {
        let failed = |error| unwritable(&self.target, error);
        // Killed from here on, what is left is half of a run that nobody may go on with.
        fs::remove_file(self.path(MARK)).map_err(failed)?;
        // An empty folder may be in its place; rename replaces that.
        fs::rename(self.path(name), &self.target).map_err(failed)?;
        fs::remove_dir_all(&self.path).map_err(failed)
    }
}

impl Folder {
    /// Removes everything: what this run found can't become an output.
    pub fn discard(&self) {
        // What can't be removed is cleared away by the next run.
        let _ = fs::remove_file(self.path(MARK));
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A failure to write, with what to do about it.
pub fn unwritable(path: &Path, error: std::io::Error) -> Error {
    let text = format!(
        "cannot write {}: {error}. Free some space or choose another folder, then run again: it goes on where it was",
        path.display()
    );
    Error::unavailable("corpus_output_unwritable", text)
}

/// A failure to read back what this run wrote.
pub fn unreadable(path: &Path, error: std::io::Error) -> Error {
    let text = format!(
        "cannot read back {}: {error}. Remove the folder that it lies in, then run again",
        path.display()
    );
    Error::unavailable("corpus_output_unwritable", text)
}
