//! Systems without Landlock: nothing holds a command there, so none is run.

use crate::{End, Order};
use kernel::{Error, Result};
use std::process::ExitCode;

pub(crate) const STAGE: &str = "MOSU_CELL_STAGE";
pub(crate) const PROBE: &str = "probe";

/// Fails: commands need Linux.
pub fn run(_: &Order) -> Result<End> {
    Err(Error::unavailable("cell_failed", "tenants' commands need Linux: nothing would hold them here"))
}

/// Nothing: this system has no stages.
pub fn stage() -> Option<ExitCode> {
    None
}

/// Nothing: this system has no users of jobs.
pub fn hand_over(_: &std::path::Path, _: u32) -> std::io::Result<()> {
    Ok(())
}
