//! How a run stands, read from its folder.

use super::{
    Exit, Folder,
    claim::{Holder, holder},
    folder::read_record,
};
use crate::rules::{Observation, step::Child};
use std::io;

/// Reads how the run in `folder` stands; `child` is what this server knows of the process that it spawned.
pub fn observe(folder: &Folder, child: Child) -> io::Result<Observation> {
    // The lock is looked at before the exit record: a supervisor writes the record first and unlocks then.
    let holder = holder(folder)?;
    if let Some(exit) = read_record::<Exit>(&folder.exit())? {
        return Ok(Observation::Exited(exit));
    }
    Ok(match holder {
        Holder::Nobody => Observation::NotClaimed { child },
        Holder::Barred => Observation::NotClaimed { child: Child::Unknown },
        Holder::Alive(claim) => Observation::Running(claim),
        Holder::Gone => Observation::Vanished { measured: read_record(&folder.usage()).unwrap_or_default() },
    })
}
