//! How a run stands, read from its folder.

use super::{
    Claim, Exit, Folder,
    claim::{Holder, holder},
    folder::read_record,
};
use crate::rules::{Interval, Observation, step::Child};
use kernel::Timestamp;
use std::io;

/// Reads how the run in `folder` stands; `child` is what this server knows of the process that it spawned.
pub fn observe(folder: &Folder, child: Child) -> io::Result<Observation> {
    // The lock is looked at before the exit record: a supervisor writes the record first and unlocks then.
    let holder = holder(folder)?;
    if let Some(exit) = read_record::<Exit>(&folder.exit())? {
        return Ok(Observation::Exited { interval: interval(folder, &exit)?, exit });
    }
    Ok(match holder {
        Holder::Nobody => Observation::NotClaimed { child },
        Holder::Barred => Observation::NotClaimed { child: Child::Unknown },
        Holder::Alive(claim) => Observation::Running { since: claim.at },
        Holder::Gone => {
            let measured: Option<Exit> = read_record(&folder.usage()).unwrap_or_default();
            let interval = measured.as_ref().map(|known| interval(folder, known)).transpose()?.flatten();
            Observation::Vanished { measured, interval }
        }
    })
}

/// From the claim on, for as long as the supervisor measured.
pub fn interval(folder: &Folder, exit: &Exit) -> io::Result<Option<Interval>> {
    let claim: Option<Claim> = read_record(&folder.claim())?;
    let ended = |started: Timestamp| Timestamp(started.0.saturating_add(exit.usage.wall_micros.max(0)));
    Ok(claim.map(|claim| Interval { started: claim.at, ended: ended(claim.at) }))
}
