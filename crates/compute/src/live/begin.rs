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
use std::collections::HashSet;
use store::{Rows, Tx};

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

/// Starts that are ready to be written.
struct Starts {
    now: Timestamp,
    /// Each with the price of its accelerators.
    lives: Vec<(Live, i64)>,
    secrets: Vec<Secret>,
    tokens: Rows,
    runs: Rows,
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
        let (mut begun, mut handled) = (Vec::new(), 0);
        let done = self.begin_all(round, &ready, &mut begun, &mut handled).await;
        round.placed.extend(ready.into_iter().skip(handled));
        // Folders are staged when all are in the books: the two would only hold each other up.
        self.launch(begun);
        done
    }

    /// Takes jobs from the queue, many in a write; `handled` is how many were, whatever happened then.
    async fn begin_all(
        &self,
        round: &mut Round,
        ready: &[(Id<ids::Job>, Placement)],
        begun: &mut Vec<Begun>,
        handled: &mut usize,
    ) -> Result<()> {
        let mut taken: Vec<_> = open(&self.live.runs).values().flat_map(|live| live.cores.clone()).collect();
        let mut batches = ready.chunks(BATCH);
        let mut next = batches.next().map(|some| (some, self.starts(round, some)));
        while let Some((some, starts)) = next {
            let following = batches.next();
            // The next ones are made ready while these are written.
            let prepare = async { following.map(|some| (some, self.starts(round, some))) };
            let (written, prepared) = tokio::join!(self.write(starts?), prepare);
            self.note_begun(round, some, written?, &mut taken, begun);
            *handled += some.len();
            next = prepared;
        }
        Ok(())
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

    /// What is written of these jobs' starts.
    fn starts(&self, round: &Round, some: &[(Id<ids::Job>, Placement)]) -> Result<Starts> {
        let now = self.commons.now();
        let live = |(id, placement): &(_, _)| Some(self.live_of(round.queued.get(id)?, placement, now));
        self.starts_of(some.iter().filter_map(live).collect(), now)
    }

    fn starts_of(&self, lives: Vec<(Live, i64)>, now: Timestamp) -> Result<Starts> {
        let tokens: Vec<_> = lives.iter().map(|(live, _)| token_of(&live.job, now)).collect();
        let drawn = identity::draw_tokens(now, &tokens)?;
        let secrets = drawn.tokens.into_iter().map(|(_, secret)| secret).collect();
        let runs: Vec<_> =
            lives.iter().map(|(live, price)| (self.run_of(live, *price), live.job.charge)).collect();
        Ok(Starts { now, lives, secrets, tokens: drawn.rows, runs: sql::new_runs(&runs)? })
    }

    async fn write(&self, starts: Starts) -> Result<Vec<Begun>> {
        let compute = self.clone();
        self.commons.db.write(move |tx| Box::pin(async move { compute.take(tx, starts).await })).await
    }

    /// In the writer: moves the jobs on, notes their runs, makes their tokens.
    async fn take(&self, tx: &mut Tx, mut starts: Starts) -> Result<Vec<Begun>> {
        let ids: Vec<_> = starts.lives.iter().map(|(live, _)| live.job.id).collect();
        let taken = jobs::start_attempts(tx, &ids, starts.now).await?;
        if taken.len() < ids.len() {
            let taken: HashSet<_> = taken.into_iter().collect();
            starts.lives.retain(|(live, _)| taken.contains(&live.job.id));
            starts = self.starts_of(starts.lives, starts.now)?;
        }
        let mut used = Vec::with_capacity(starts.lives.len());
        for (Live { job, .. }, _) in &starts.lives {
            let again = job.attempt > 1;
            if again {
                identity::revoke_job_tokens(tx, starts.now, job.id).await?;
            }
            used.push(if again { sql::seconds_used(tx, job.id).await? } else { 0 });
        }
        starts.tokens.insert(tx).await?;
        starts.runs.insert(tx).await?;
        let of = |(((live, _), secret), used_seconds)| Begun { live, secret, used_seconds };
        Ok(starts.lives.into_iter().zip(starts.secrets).zip(used).map(of).collect())
    }

    fn note_begun(
        &self,
        round: &mut Round,
        some: &[(Id<ids::Job>, Placement)],
        begun: Vec<Begun>,
        taken: &mut Vec<usize>,
        all: &mut Vec<Begun>,
    ) {
        let mut begun = begun.into_iter().peekable(); // in the order of `some`
        for (id, _) in some {
            let job = round.queued.remove(id);
            let Some(mut begun) = begun.next_if(|begun| begun.live.job.id == *id) else {
                // It left the queue meanwhile: cancelled, or ended by hand.
                tracing::debug!(job = %id, known = job.is_some(), "a job left the queue before it started");
                open(&self.live.planner).end(*id, self.commons.now());
                continue;
            };
            begun.live.cores = self.choose_cores(&begun.live, taken);
            taken.extend(&begun.live.cores);
            self.live.counts.note_start(&begun.live);
            open(&self.live.runs).insert(begun.live.job.id, begun.live.clone());
            all.push(begun);
        }
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

    /// Cores of this machine for a run that is placed here.
    fn choose_cores(&self, live: &Live, taken: &[usize]) -> Vec<usize> {
        if self.live.clusters[live.cluster].kind != EngineKind::Local {
            return Vec::new();
        }
        let count = usize::try_from(live.job.resources.all_cpus()).unwrap_or(usize::MAX);
        choose(&self.present_cores, taken, count)
    }
}

/// The token that a job's process gets.
pub(super) fn token_of(job: &Job, now: Timestamp) -> NewToken {
    NewToken {
        org: job.org,
        person: job.person,
        job: Some(job.id),
        name: job.id.to_string(),
        scopes: [Scope::Call].into_iter().collect(),
        expires_at: Some(now.plus_seconds(job.resources.wall_seconds + TOKEN_SLACK_SECONDS)),
    }
}
