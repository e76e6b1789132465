//! What a run leaves in its folder, as a server on another machine sees it.

use crate::local::{Exit, Folder, claim, folder::read_record};
use kernel::Timestamp;
use std::{fs, io, path::Path, time::UNIX_EPOCH};

/// What a run's folder says.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// How the run ended.
    pub exit: Option<Exit>,
    /// Whether a supervisor has taken it.
    pub claimed: bool,
    /// Whether a server took the claim, so that no supervisor can.
    pub barred: bool,
    /// When its supervisor last wrote.
    pub wrote: Option<Timestamp>,
}

impl Traces {
    /// Reads them.
    pub fn read(folder: &Folder) -> io::Result<Self> {
        let holder = claim::holder(folder)?;
        let claimed = matches!(holder, claim::Holder::Alive(_) | claim::Holder::Gone);
        let barred = holder == claim::Holder::Barred;
        let files = [folder.exit(), folder.usage(), folder.starts()];
        let wrote = files.iter().filter_map(|file| modified(file)).max();
        Ok(Self { exit: read_record(&folder.exit())?, claimed, barred, wrote })
    }

    /// Whether its supervisor has written nothing for so long.
    pub fn silent_for(&self, seconds: i64, now: Timestamp) -> bool {
        self.wrote.is_none_or(|at| (now.0 - at.0).abs() >= seconds * 1_000_000)
    }
}

fn modified(file: &Path) -> Option<Timestamp> {
    let since = fs::metadata(file).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp)
}
