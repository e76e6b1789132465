//! What a run leaves in its folder, as a server on another machine sees it.

use super::Target;
use crate::{
    local::{Exit, Folder, claim, folder::read_record},
    ops::blocking,
    rules::{Observation, step::Child},
};
use kernel::{Error, Result, Timestamp};
use std::{fs, io, path::Path, time::UNIX_EPOCH};

/// How long a run that its engine doesn't know is looked for before it counts as never taken: the answer to its
/// submission may have been lost while the engine was still reading.
const LOST_SECONDS: i64 = 15;
/// How long a supervisor, which writes every second, may be silent before it counts as gone. The clocks of a
/// cluster agree better than this, or its own credentials fail.
const SILENT_SECONDS: i64 = 60;

/// What a run's folder says.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// How the run ended.
    pub exit: Option<Exit>,
    /// Whether a supervisor has taken it.
    pub claimed: bool,
    /// Whether a server took the claim, so that no supervisor can.
    pub barred: bool,
    /// Whether it was asked to end.
    pub stopped: bool,
    /// When its supervisor last wrote.
    pub wrote: Option<Timestamp>,
}

impl Traces {
    /// Reads them.
    fn read(folder: &Folder) -> io::Result<Self> {
        let holder = claim::holder(folder)?;
        let claimed = matches!(holder, claim::Holder::Alive(_) | claim::Holder::Gone);
        let barred = holder == claim::Holder::Barred;
        let files = [folder.exit(), folder.usage(), folder.starts()];
        let wrote = files.iter().filter_map(|file| modified(file)).max();
        Ok(Self {
            exit: read_record(&folder.exit())?,
            claimed,
            barred,
            stopped: fs::exists(folder.cancel())?,
            wrote,
        })
    }

    /// Those of runs, in their order.
    pub async fn of(runs: &[Target]) -> Result<Vec<Result<Self>>> {
        let folders: Vec<_> = runs.iter().map(|run| run.folder.clone()).collect();
        let unreadable = |error: io::Error| {
            Error::unavailable("job_folder", "a job's folder can't be read").with_source(error)
        };
        blocking(move || Ok(folders.iter().map(|folder| Self::read(folder).map_err(unreadable)).collect()))
            .await
    }

    /// How a run stands that its engine doesn't know.
    pub fn of_a_forgotten(self, run: &Target, now: Timestamp) -> Observation {
        if let Some(exit) = self.exit {
            return Observation::Exited { exit, interval: None };
        }
        if self.claimed {
            let why = "its cluster doesn't know it any more";
            return match self.silent_for(SILENT_SECONDS, now) {
                true => Observation::Lost { why: why.into(), interval: None },
                // Its node ends it soon, or it comes to its end.
                false => Observation::Waiting(why.into()),
            };
        }
        if now.0 - run.placed_at.0 < LOST_SECONDS * 1_000_000 {
            return Observation::Waiting(String::new());
        }
        match self.stopped {
            // One that came up late all the same would end at once.
            true => {
                let exit = Exit::failed("cancelled", "the job was ended before it began");
                Observation::Exited { exit, interval: None }
            }
            false => Observation::NotClaimed { child: Child::Unknown },
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_its_cluster_forgot_is_lost_only_once_it_is_silent() {
        let now = Timestamp(1_000_000_000);
        let ago = |seconds: i64| Timestamp(now.0 - seconds * 1_000_000);
        let run = Target {
            name: "mosu-1-1".into(),
            engine_id: Some("7".into()),
            folder: Folder::at("nowhere"),
            placed_at: ago(100),
        };
        let of = |traces: Traces| traces.of_a_forgotten(&run, now);
        let claimed = |seconds| Traces { claimed: true, wrote: Some(ago(seconds)), ..Traces::default() };
        assert!(matches!(of(claimed(2)), Observation::Waiting(_)));
        assert!(matches!(of(claimed(SILENT_SECONDS)), Observation::Lost { .. }));
        let ended = Traces { exit: Some(Exit::default()), ..claimed(2) };
        assert!(matches!(of(ended), Observation::Exited { .. }));
        assert!(matches!(of(Traces::default()), Observation::NotClaimed { .. }));
        let stopped = Traces { stopped: true, ..Traces::default() };
        assert!(matches!(of(stopped), Observation::Exited { exit, .. } if !exit.succeeded()));
    }
}
