//! Starts what has its place, many jobs in one write.

use super::{Live, Placement, Round, open};
use crate::{
    Compute,
    facility::EngineKind,
    rules::{Phase, cores::choose},
    sql,
    types::{Place, Run},
};
use commons::{
    identity::{self, NewToken, Scope, Secret},
    ids,
    jobs::{self, Job, JobState},
};
use kernel::{Id, Result, Timestamp};
use std::collections::{HashMap, HashSet};
use store::Tx;

/// Starts in one write.
const BATCH: usize = 1024;
/// How long a job's token outlives its wall limit, so that it never ends before the job.
const TOKEN_SLACK_SECONDS: i64 = 24 * 3600;

/// A job that was taken from the queue.
pub(super) struct Begun {
    pub live: Live,
    pub secret: Secret,
    /// Seconds of its limit that attempts before this one have used.
    pub used_seconds: i64,
}

impl Compute {
    /// Takes jobs whose place is clear from the queue, and launches them.
    pub(super) async fn begin(&self, round: &mut Round) -> Result<()> {
        if round.placed.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut round.placed);
        let clearing = self.clearing();
        let (ready, blocked): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(job, placement)| self.is_clear(*job, placement, &clearing));
        round.placed = blocked;
        let (mut ready, mut begun) = (ready.into_iter(), Vec::new());
        let mut taken: Vec<_> = open(&self.live.runs).values().flat_map(|live| live.cores.clone()).collect();
        let done = loop {
            let some: Vec<_> = ready.by_ref().take(BATCH).collect();
            if some.is_empty() {
                break Ok(());
            }
            if let Err(error) = self.begin_some(round, &some, &mut taken, &mut begun).await {
                round.placed.extend(some);
                round.placed.extend(ready);
                break Err(error);
            }
        };
        // Folders are staged when all are in the books: the two would only hold each other up.
        self.launch(begun);
        done
    }

    /// Nodes on which something is still giving way.
    fn clearing(&self) -> HashSet<(usize, String)> {
        let runs = open(&self.live.runs);
        let leaving = runs.values().filter(|live| live.stopping.is_some());
        leaving.flat_map(|live| live.places.iter().map(|place| (live.cluster, place.node.clone()))).collect()
    }

    /// Whether nothing of the job itself runs any more, and nothing on its nodes is still giving way.
    fn is_clear(
        &self,
        job: Id<ids::Job>,
        placement: &Placement,
        clearing: &HashSet<(usize, String)>,
    ) -> bool {
        let blocked = |place: &Place| clearing.contains(&(placement.cluster, place.node.clone()));
        !open(&self.live.busy).contains(&job)
            && !open(&self.live.runs).contains_key(&job)
            && (clearing.is_empty() || !placement.places.iter().any(blocked))
    }

    async fn begin_some(
        &self,
        round: &mut Round,
        some: &[(Id<ids::Job>, Placement)],
        taken: &mut Vec<usize>,
        all: &mut Vec<Begun>,
    ) -> Result<()> {
        let now = self.commons.now();
        let lives: Vec<_> = some
            .iter()
            .filter_map(|(id, placement)| Some(self.live_of(round.queued.get(id)?, placement, now)))
            .collect();
        let (compute, asked) = (self.clone(), lives);
        let write =
            self.commons.db.write(move |tx| Box::pin(async move { compute.take(tx, asked, now).await }));
        let mut begun: HashMap<_, _> =
            write.await?.into_iter().map(|begun| (begun.live.job.id, begun)).collect();
        for (id, _) in some {
            let job = round.queued.remove(id);
            let Some(mut begun) = begun.remove(id) else {
                // It left the queue meanwhile: cancelled, or ended by hand.
                tracing::debug!(job = %id, known = job.is_some(), "a job left the queue before it started");
                open(&self.live.planner).end(*id, now);
                continue;
            };
            begun.live.cores = self.choose_cores(&begun.live, taken);
            taken.extend(&begun.live.cores);
            self.live.counts.note_start(&begun.live);
            open(&self.live.runs).insert(begun.live.job.id, begun.live.clone());
            all.push(begun);
        }
        Ok(())
    }

    fn live_of(&self, job: &Job, placement: &Placement, now: Timestamp) -> (Live, i64) {
        let mut job = job.clone();
        (job.state, job.attempt, job.started_at) = (JobState::Starting, job.attempt + 1, Some(now));
        let live = Live {
            phase: Phase::Starting,
            cluster: placement.cluster,
            places: placement.places.clone(),
            device: placement.device.clone(),
            engine_id: None,
            placed_at: now,
            started_at: None,
            stopping: None,
            cores: Vec::new(),
            measured: None,
            job,
        };
        (live, placement.hour_micros)
    }

    /// In the writer: moves the jobs on, notes their runs, makes their tokens.
    async fn take(&self, tx: &mut Tx, asked: Vec<(Live, i64)>, now: Timestamp) -> Result<Vec<Begun>> {
        let ids: Vec<_> = asked.iter().map(|(live, _)| live.job.id).collect();
        let taken: HashSet<_> = jobs::start_attempts(tx, &ids, now).await?.into_iter().collect();
        let asked: Vec<_> = asked.into_iter().filter(|(live, _)| taken.contains(&live.job.id)).collect();
        let runs: Vec<_> =
            asked.iter().map(|(live, price)| (self.run_of(live, *price), live.job.charge)).collect();
        let mut used = Vec::with_capacity(asked.len());
        for (live, _) in &asked {
            let again = live.job.attempt > 1;
            used.push(if again { sql::seconds_used(tx, live.job.id).await? } else { 0 });
        }
        let jobs: Vec<_> = asked.iter().map(|(live, _)| &live.job).collect();
        let secrets = self.equip(tx, &jobs).await?;
        sql::insert_runs(tx, &runs).await?;
        let of = |(((live, _), secret), used_seconds)| Begun { live, secret, used_seconds };
        Ok(asked.into_iter().zip(secrets).zip(used).map(of).collect())
    }

    /// The run as its row begins.
    pub(super) fn run_of(&self, live: &Live, hour_micros: i64) -> Run {
        let need = &live.job.resources;
        Run {
            job: live.job.id,
            org: live.job.org,
            attempt: live.job.attempt,
            cluster: self.live.clusters[live.cluster].name.clone(),
            places: live.places.clone(),
            device: live.device.clone(),
            device_milli: need.all_device_milli(),
            cpus: need.all_cpus(),
            hour_micros,
            engine_id: None,
            placed_at: live.placed_at,
            started_at: None,
            ended_at: None,
            stopping: None,
            outcome: None,
            device_milliseconds: 0,
            charged: false,
        }
    }

    /// Makes the tokens that the jobs' processes get; ends those of attempts before.
    pub(super) async fn equip(&self, tx: &mut Tx, jobs: &[&Job]) -> Result<Vec<Secret>> {
        let now = self.commons.now();
        for job in jobs.iter().filter(|job| job.attempt > 1) {
            identity::revoke_job_tokens(tx, now, job.id).await?;
        }
        let token = |job: &&Job| NewToken {
            org: job.org,
            person: job.person,
            job: Some(job.id),
            name: job.id.to_string(),
            scopes: [Scope::Call].into_iter().collect(),
            expires_at: Some(now.plus_seconds(job.resources.wall_seconds + TOKEN_SLACK_SECONDS)),
        };
        let tokens: Vec<_> = jobs.iter().map(token).collect();
        let minted = identity::mint_tokens(tx, now, &tokens).await?;
        Ok(minted.into_iter().map(|(_, secret)| secret).collect())
    }

    /// Cores of this machine for a run that is placed here.
    fn choose_cores(&self, live: &Live, taken: &[usize]) -> Vec<usize> {
        if self.live.clusters[live.cluster].kind != EngineKind::Local {
            return Vec::new();
        }
        let count = usize::try_from(live.job.resources.all_cpus()).unwrap_or(usize::MAX);
        choose(&self.present_cores, taken, count)
    }
}
