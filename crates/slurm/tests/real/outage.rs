//! A controller that dies, and comes back.

use crate::room::{Room, enter, job_when, name};
use kernel::Kind;
use slurm::{JobState, Submission};
use std::{path::Path, process::Command, time::Duration};

impl Room {
    /// Back when it is dead: a connection that it still took would be one whose answer got lost.
    async fn kill_controller(&self) {
        let pid = std::fs::read_to_string(self.folder.join("slurmctld.pid")).expect("the controller's id");
        let pid: u32 = pid.trim().parse().expect("a number");
        let process = rustix::process::Pid::from_raw(pid as i32).expect("a process");
        rustix::process::kill_process(process, rustix::process::Signal::KILL).expect("it can be killed");
        // Its parent may not have asked for its end yet.
        while Path::new(&format!("/proc/{pid}")).exists() && !cell::process::is_zombie(pid) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// As a daemon, which `e2e/slurm.py` ends with the rest.
    fn start_controller(&self) {
        let started = Command::new("slurmctld").env("SLURM_CONF", &self.facts.conf).status();
        assert!(started.is_ok_and(|status| status.success()));
    }
}

#[tokio::test]
async fn a_controller_that_is_away_is_unavailable_and_no_job_is_gone() {
    let Some(room) = enter().await else { return };
    let name = name("outage");
    let (_, first) = &room.ways[0];
    let id = first.submit(&room.request(&name, &["n1"], "sleep 300")).await.id().expect("a number");
    job_when(first, &name, |job| job.state == JobState::Running).await;
    // It saves its state some seconds later.
    tokio::time::sleep(Duration::from_secs(6)).await;

    room.kill_controller().await;
    let (names, ids) = ([name.clone()], [id]);
    for (way, slurm) in &room.ways {
        // Each waits some seconds for the controller before it gives up.
        let (found, all, nodes, ping, cancel) = tokio::join!(
            slurm.find(&names),
            slurm.jobs("mosu"),
            slurm.nodes(),
            slurm.ping(),
            slurm.cancel(&ids)
        );
        let errors = [found.err(), all.err(), nodes.err(), ping.err(), cancel.err()];
        for error in errors.map(|error| error.expect("no answer")) {
            assert_eq!((error.kind, error.code), (Kind::Unavailable, "slurm_unavailable"), "{way}: {error}");
        }
        let submission = slurm.submit(&room.request(&name, &["n2"], "true")).await;
        assert!(matches!(&submission, Submission::Unavailable(_)), "{way}: {submission:?}");
    }

    room.start_controller();
    for (way, slurm) in &room.ways {
        let mut tries = 0;
        while let Err(error) = slurm.ping().await {
            tries += 1;
            assert!(tries < 20, "{way}: {error}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let job = job_when(slurm, &name, |job| job.state == JobState::Running).await;
        assert_eq!(job.id, id, "{way}");
    }
    first.cancel(&[id]).await.expect("it is cancelled");
    job_when(first, &name, |job| job.state.is_over()).await;
}
