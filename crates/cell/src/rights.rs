//! Who a command is: user, capabilities, namespaces.

use crate::Cell;
use nix::{
    sched::{CloneFlags, unshare},
    unistd::{Gid, Uid, setgroups, setresgid, setresuid},
};
use rustix::{
    process::{
        DumpableBehavior, Resource, Rlimit, Signal, getegid, geteuid, set_dumpable_behavior,
        set_parent_process_death_signal, setrlimit,
    },
    thread::{
        CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
        configure_capability_in_ambient_set, set_capabilities,
    },
};
use std::{fs, io, os::unix::fs::lchown, path::Path};

/// Whether this process may become another user.
pub fn may_change_user() -> bool {
    let needed = CapabilitySet::SETUID | CapabilitySet::SETGID;
    geteuid().is_root() && capabilities(None).is_ok_and(|sets| sets.effective.contains(needed))
}

/// Puts the processes that this one starts into namespaces of their own: processes, mounts, messages between
/// processes, and, unless root asks, users. Needs a process of one thread.
pub fn enter_namespaces() -> io::Result<()> {
    let own = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC;
    if geteuid().is_root() {
        return Ok(unshare(own)?);
    }
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare(own | CloneFlags::CLONE_NEWUSER)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    // Capabilities end with the next program unless they are ambient; the next stage must mount.
    let mut sets = capabilities(None)?;
    sets.inheritable |= CapabilitySet::SYS_ADMIN;
    set_capabilities(None, sets)?;
    Ok(configure_capability_in_ambient_set(CapabilitySet::SYS_ADMIN, true)?)
}

/// Gives a folder and all in it to `user`, where this process may; links are given, not followed. Only for what no
/// command could write yet.
pub fn hand_over(folder: &Path, user: u32) -> io::Result<()> {
    if !may_change_user() {
        return Ok(());
    }
    lchown(folder, Some(user), Some(user))?;
    if fs::symlink_metadata(folder)?.is_dir() {
        for entry in fs::read_dir(folder)? {
            hand_over(&entry?.path(), user)?;
        }
    }
    Ok(())
}

/// Gives the folders that the command writes to the user that it will be. What lies in them is that user's already.
pub fn hand_over_written(cell: &Cell) -> io::Result<()> {
    if !may_change_user() {
        return Ok(());
    }
    cell.write.iter().try_for_each(|path| lchown(path, Some(cell.user), Some(cell.user)))
}

/// Becomes `user`, when this process may, and gives up every capability.
pub fn give_up(user: u32) -> io::Result<()> {
    if may_change_user() {
        setgroups(&[])?;
        setresgid(Gid::from_raw(user), Gid::from_raw(user), Gid::from_raw(user))?;
        setresuid(Uid::from_raw(user), Uid::from_raw(user), Uid::from_raw(user))?;
    }
    clear_ambient_capability_set()?;
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    if geteuid().is_root() {
        return Err(io::Error::other("this process is still root, which owns too much"));
    }
    Ok(())
}

/// Bounds processes and threads. Counts all of a user's where the command has no user and namespace of its own.
pub fn bound_processes(most: u64) -> io::Result<()> {
    Ok(setrlimit(Resource::Nproc, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// Closes this process' memory and environment to others of its user, the command among them.
pub fn close_memory() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Ends this process with the one that started it. A change of user undoes this.
pub fn die_with_parent() -> io::Result<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}
