//! The right to run an attempt: a file that appears once, and a lock that shows whether its holder lives.

use super::{
    Folder,
    folder::{read_record, sync_parent},
    records::Claim,
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
};

/// Takes the claim of `folder`; `false` when somebody has it already.
///
/// The claim appears with its contents: it is written aside, then linked to its name, which fails if that exists.
pub fn take(folder: &Folder, claim: &Claim) -> io::Result<bool> {
    let path = folder.claim();
    let aside = path.with_extension(std::process::id().to_string());
    let mut file = File::create(&aside)?;
    file.write_all(&serde_json::to_vec(claim)?)?;
    file.sync_all()?;
    let linked = fs::hard_link(&aside, &path);
    fs::remove_file(&aside)?;
    match linked {
        Ok(()) => sync_parent(&path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Locks `folder` for as long as the returned file is open; `None` when another process has it locked.
pub fn lock(folder: &Folder) -> io::Result<Option<File>> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(folder.lock())?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// How a claim stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Nobody has claimed the run.
    Nobody,
    /// A server took the claim so that nobody else can.
    Barred,
    /// Its supervisor lives.
    Alive(Claim),
    /// Its supervisor is gone.
    Gone,
}

/// Who holds the claim of `folder`.
///
/// A supervisor locks before it claims, so a claim without a lock is a dead one's; probing the lock for a moment
/// can't disturb one that comes up, because only claimed folders are probed.
pub fn holder(folder: &Folder) -> io::Result<Holder> {
    Ok(match read_record::<Claim>(&folder.claim())? {
        None => Holder::Nobody,
        Some(claim) if claim.barred => Holder::Barred,
        Some(_) if lock(folder)?.is_some() => Holder::Gone,
        Some(claim) => Holder::Alive(claim),
    })
}
