//! What a command sees of the file system, where it may have mounts of its own: the machine read-only, other
//! people's folders empty, its own folders where they are, and only its own processes.

use crate::{Cell, SYSTEM};
use nix::mount::{MsFlags, mount};
use rustix::{
    fd::{AsRawFd, OwnedFd},
    fs::{Mode, OFlags, open},
};
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Folders that hold other people's files or sockets of services. Landlock doesn't stop a command from connecting
/// to a socket in a folder.
const OTHERS: [&str; 8] = ["/home", "/root", "/run", "/srv", "/mnt", "/media", "/var", "/tmp"];

/// Builds the view. Returns the private folders that it has made, which may be written.
///
/// Needs an own mount namespace and the right to mount in it.
pub fn build(cell: &Cell) -> io::Result<Vec<PathBuf>> {
    change("/", None, MsFlags::MS_REC | MsFlags::MS_PRIVATE)?;
    let kept = keep(cell)?;
    let covers = covers(cell);
    for cover in &covers {
        tmpfs(cover, "mode=755,size=1m,nr_inodes=4k")?;
    }
    let mut own = Vec::new();
    if let Some(temporary) = &cell.temporary {
        let (path, file) = (Path::new("/tmp"), kept.iter().find(|(path, ..)| path == temporary));
        if let Some((_, file, _)) = file.filter(|_| path.is_dir()) {
            bind(file, path)?;
            own.push(path.into());
        }
    }
    for (path, file, writable) in &kept {
        if covers.iter().any(|cover| path.starts_with(cover)) {
            stand_in(path, file)?;
        } else if !writable {
            continue;
        }
        bind(file, path)?;
        own.extend(writable.then(|| path.clone()));
    }
    let shared = Path::new("/dev/shm");
    if shared.is_dir() {
        tmpfs(shared, &format!("mode=1777,size={}", cell.shared_memory))?;
        own.push(shared.into());
    }
    let proc = mount(Some("proc"), "/proc", Some("proc"), safe(), None::<&str>);
    if proc.is_err() {
        // A container may forbid a fresh one. Landlock still keeps other processes' memory and environment closed.
        eprintln!(
            "note: the command sees the machine's list of processes, since /proc can't be mounted afresh"
        );
    }
    protect(&own)?;
    Ok(own)
}

fn safe() -> MsFlags {
    MsFlags::MS_NOSUID | MsFlags::MS_NODEV
}

fn change(path: &str, source: Option<&str>, flags: MsFlags) -> io::Result<()> {
    Ok(mount(source, path, None::<&str>, flags, None::<&str>)?)
}

fn tmpfs(path: &Path, options: &str) -> io::Result<()> {
    Ok(mount(Some("tmpfs"), path, Some("tmpfs"), safe(), Some(options))?)
}

fn bind(file: &OwnedFd, path: &Path) -> io::Result<()> {
    let source = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(mount(Some(source.as_str()), path, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)?)
}

/// Opens all that must stay visible, before anything is covered; shorter paths first.
fn keep(cell: &Cell) -> io::Result<Vec<(PathBuf, OwnedFd, bool)>> {
    let resolver = fs::canonicalize("/etc/resolv.conf").ok();
    let read = cell.read.iter().chain(&resolver).filter(|path| path.exists()).map(|path| (path, false));
    let write = cell.write.iter().map(|path| (path, true));
    let mut kept = read.chain(write).map(|(path, writable)| {
        let file = open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        Ok((path.clone(), file, writable))
    });
    let mut kept = kept.by_ref().collect::<io::Result<Vec<_>>>()?;
    kept.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(kept)
}

/// Folders to empty, none inside another: other people's, the cell's own list, and those on the way to the cell's
/// folders that only their owner may pass, since the command may be another user.
fn covers(cell: &Cell) -> Vec<PathBuf> {
    let closed = cell.read.iter().chain(&cell.write).filter_map(|path| closed_above(path));
    let mut all: Vec<PathBuf> =
        OTHERS.iter().map(PathBuf::from).chain(cell.hide.clone()).chain(closed).collect();
    all.retain(|path| {
        let real = fs::symlink_metadata(path).is_ok_and(|known| known.is_dir());
        real && !SYSTEM.iter().any(|system| Path::new(system).starts_with(path))
            && !Path::new("/proc").starts_with(path)
    });
    all.sort();
    let mut outer: Vec<PathBuf> = Vec::new();
    for path in all {
        if !outer.iter().any(|known| path.starts_with(known)) {
            outer.push(path);
        }
    }
    outer
}

/// The topmost folder above `path` that others may not pass.
fn closed_above(path: &Path) -> Option<PathBuf> {
    let closed = |path: &&Path| fs::metadata(path).is_ok_and(|known| known.permissions().mode() & 0o001 == 0);
    path.ancestors().skip(1).filter(closed).last().map(Path::to_owned)
}

/// Makes an empty folder or file for `file` to be mounted on.
fn stand_in(path: &Path, file: &OwnedFd) -> io::Result<()> {
    if rustix::fs::FileType::from_raw_mode(rustix::fs::fstat(file)?.st_mode).is_dir() {
        return fs::create_dir_all(path);
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::File::create(path).map(drop)
}

/// Makes every mount but `own` read-only. What can't be changed stays behind Landlock.
fn protect(own: &[PathBuf]) -> io::Result<()> {
    for line in fs::read_to_string("/proc/self/mountinfo")?.lines() {
        let mut fields = line.split(' ').skip(4);
        let (Some(path), Some(options)) = (fields.next(), fields.next()) else { continue };
        let path = PathBuf::from(path.replace("\\040", " "));
        if !own.contains(&path) && !path.starts_with("/proc") {
            let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | flags_of(options);
            let _ = mount(None::<&str>, &path, None::<&str>, flags, None::<&str>);
        }
    }
    Ok(())
}

/// Flags that a mount has and must keep: inside a user namespace they are locked.
fn flags_of(options: &str) -> MsFlags {
    let flag = |option| match option {
        "nosuid" => MsFlags::MS_NOSUID,
        "nodev" => MsFlags::MS_NODEV,
        "noexec" => MsFlags::MS_NOEXEC,
        "noatime" => MsFlags::MS_NOATIME,
        "nodiratime" => MsFlags::MS_NODIRATIME,
        "relatime" => MsFlags::MS_RELATIME,
        _ => MsFlags::empty(),
    };
    options.split(',').fold(MsFlags::empty(), |flags, option| flags | flag(option))
}
