//! What is new in the world: jobs, quotas, nodes.

use super::{Live, QUIET, Round, news::unfulfilled, open};
use crate::{
    Compute,
    facility::world,
    local::Exit,
    rules::{Stopping, step::MAX_ATTEMPTS},
    sql,
};
use commons::jobs::{self, Changed, Ended, Job, JobState};
use kernel::{Result, Timestamp};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// How often a cluster's nodes are asked for.
const NODES: Duration = Duration::from_secs(30);
/// The same, while it doesn't answer.
const TROUBLE: Duration = Duration::from_secs(5);
/// How far back run times are learned from after a restart.
const HISTORY_SECONDS: i64 = 30 * 86_400;

impl Compute {
    /// Learns what the bell named; now and then looks at everything.
    pub(super) async fn learn(&self, round: &mut Round) -> Result<()> {
        let first = round.looked.is_none();
        self.learn_nodes(round).await?;
        if first {
            self.learn_quotas(round).await?;
            self.recall(round).await?;
        }
        let Changed { named, submitted } = self.commons.job_bell.take();
        let news = !named.is_empty() || !submitted.is_empty();
        round.named.extend(named);
        round.submitted.extend(submitted);
        if first || round.looked.is_some_and(|at| at.elapsed() >= QUIET) {
            let queued = jobs::queued(self.commons.db.pool()).await?;
            let unknown = queued.into_iter().filter(|job| !round.queued.contains_key(job));
            round.named.extend(unknown.collect::<Vec<_>>());
            round.looked = Some(Instant::now());
            self.learn_quotas(round).await?;
        } else if news {
            self.learn_quotas(round).await?;
        }
        self.learn_jobs(round).await
    }

    async fn learn_quotas(&self, round: &mut Round) -> Result<()> {
        let quotas = sql::quotas(self.commons.db.pool()).await?;
        let now = self.commons.now();
        let mut planner = open(&self.live.planner);
        for (org, quota) in quotas {
            round.dirty |= planner.learn_quota(org, &quota, now)?;
        }
        Ok(())
    }

    /// Asks engines for their nodes, each now and then.
    async fn learn_nodes(&self, round: &mut Round) -> Result<()> {
        for (index, cluster) in self.live.clusters.iter().enumerate() {
            {
                let mut health = open(&cluster.health);
                let pause = if health.trouble.is_some() { TROUBLE } else { NODES };
                if health.asked.is_some_and(|at| at.elapsed() < pause) {
                    continue;
                }
                health.asked = Some(Instant::now());
            }
            let asked = cluster.engine.nodes().await;
            let now = self.commons.now();
            let changed = match &asked {
                Ok(facts) => open(&self.live.planner).learn_nodes(index, facts, now)?,
                Err(_) => open(&self.live.planner).lose_cluster(index, now)?,
            };
            let asked = match asked {
                Ok(facts) => {
                    self.take_back_stuck(index, &facts).await;
                    self.sweep(index).await
                }
                Err(error) => Err(error),
            };
            self.note_trouble(index, asked.err());
            open(&cluster.health).told = true;
            round.dirty |= changed;
            if changed {
                self.restore_all();
            }
        }
        Ok(())
    }

    /// Notes how a cluster is, and says so once.
    pub(super) fn note_trouble(&self, cluster: usize, error: Option<kernel::Error>) {
        let state = &self.live.clusters[cluster];
        let mut health = open(&state.health);
        let text = error.as_ref().map(|error| error.text.to_string());
        if health.trouble != text {
            match &error {
                Some(error) => {
                    tracing::warn!(cluster = state.name, error = error.chain(), "a cluster doesn't answer")
                }
                None => tracing::info!(cluster = state.name, "the cluster answers again"),
            }
            health.trouble = text;
        }
    }

    /// Tells the scheduler of runs that it doesn't know to run: those from before a restart, once their nodes are
    /// known.
    fn restore_all(&self) {
        let now = self.commons.now();
        let mut planner = open(&self.live.planner);
        for live in open(&self.live.runs).values() {
            if live.stopping.is_some_and(|(why, ..)| why == Stopping::Preempt) {
                continue; // the scheduler has put it back into the queue
            }
            let since = live.started_at.unwrap_or(live.placed_at);
            if let Err(error) = planner.restore(live.job.id, live.cluster, &live.places, since, now) {
                tracing::debug!(job = %live.job.id, error = error.chain(), "not restored");
            }
        }
    }

    /// Learns the jobs that are new to this server, and carries out what was asked of those it knows.
    async fn learn_jobs(&self, round: &mut Round) -> Result<()> {
        let named: Vec<_> = round.named.iter().copied().collect();
        let mut later = Vec::new();
        let found = jobs::find_all(self.commons.db.pool(), &named).await?;
        for job in std::mem::take(&mut round.submitted).into_iter().chain(found) {
            if job.state == JobState::Queued && self.lacks_its_cluster(&job) {
                later.push(job.id);
            } else if job.state == JobState::Queued {
                self.learn_job(round, job).await;
            } else if job.cancel_requested && !job.state.is_final() {
                self.stop_run(job.id, Stopping::Cancel).await;
            }
        }
        round.named.clear();
        round.named.extend(later);
        Ok(())
    }

    /// Whether a gang must wait for clusters to tell their nodes: only then is it known which holds all of it.
    fn lacks_its_cluster(&self, job: &Job) -> bool {
        let tasks = job.resources.tasks;
        tasks > 1
            && !job.cancel_requested
            && !self.knows_all_nodes()
            && world::shape(&self.config.facility, &job.resources, &job.scheduling)
                .is_ok_and(|shape| self.room(&shape, tasks).0 < tasks)
    }

    /// A queued job: it is cancelled, refused, or waits.
    async fn learn_job(&self, round: &mut Round, job: Job) {
        if open(&self.live.runs).contains_key(&job.id) {
            return; // its run is ending; it comes back as news
        }
        let refusal = if job.cancel_requested {
            Some(Exit::failed("cancelled", "the job was cancelled before it started"))
        } else {
            self.check_dependencies(round, &job).await
        };
        let known = open(&self.live.planner).knows(job.id);
        let refusal = match refusal {
            None if known => return,
            None => open(&self.live.planner)
                .submit(&job, self.commons.now())
                .err()
                .map(|error| Exit::failed(error.code, error.text.to_string())),
            refusal => refusal,
        };
        round.dirty = true;
        round.placed.retain(|(placed, _)| *placed != job.id || refusal.is_none());
        match refusal {
            Some(exit) => self.close_soon(job, exit),
            None => {
                round.queued.insert(job.id, Box::new(job));
            }
        }
    }

    /// Notes which jobs this one waits for; refuses it when one of them has ended otherwise than it must.
    async fn check_dependencies(&self, round: &mut Round, job: &Job) -> Option<Exit> {
        for after in &job.scheduling.after {
            match jobs::find(self.commons.db.pool(), after.job).await {
                Ok(Some(other)) if other.state.is_final() => {
                    if !after.ended.accepts(other.state) {
                        return Some(unfulfilled(after.job, other.state));
                    }
                }
                Ok(Some(_)) => {
                    let waiting = round.dependents.entry(after.job).or_default();
                    if !waiting.iter().any(|(dependent, _)| *dependent == job.id) {
                        waiting.push((job.id, after.ended));
                    }
                }
                Ok(None) | Err(_) => {
                    let text = format!("there is no job {} to wait for", after.job);
                    return Some(Exit::failed("dependency_missing", text));
                }
            }
        }
        None
    }

    /// After a start of the server: what ran before, and what still runs.
    async fn recall(&self, round: &mut Round) -> Result<()> {
        let (pool, now) = (self.commons.db.pool(), self.commons.now());
        let since = Timestamp(now.0 - HISTORY_SECONDS * 1_000_000);
        let past = sql::runs_since(pool, None, since).await?;
        let ended: Vec<_> = past.iter().filter(|run| run.ended_at.is_some()).collect();
        let ids: Vec<_> = ended.iter().map(|run| run.job).collect();
        let known: HashMap<_, _> =
            jobs::find_all(pool, &ids).await?.into_iter().map(|job| (job.id, job)).collect();
        {
            let mut planner = open(&self.live.planner);
            for run in ended {
                let (Some(job), Some(started), Some(end)) =
                    (known.get(&run.job), run.started_at, run.ended_at)
                else {
                    continue;
                };
                let remembered = planner.remember(job, (end.0 - started.0).max(0) / 1_000_000, end, now);
                remembered.unwrap_or_else(|error| tracing::debug!(error = error.chain(), "not learned from"));
            }
        }
        self.recall_started(round).await
    }

    async fn recall_started(&self, round: &mut Round) -> Result<()> {
        let (pool, now) = (self.commons.db.pool(), self.commons.now());
        let runs: HashMap<_, _> = sql::open_runs(pool).await?.into_iter().map(|run| (run.job, run)).collect();
        let states = [JobState::Starting, JobState::Running, JobState::Finishing];
        for job in jobs::list_in_states(pool, &states).await? {
            let run =
                runs.get(&job.id).filter(|run| run.attempt == job.attempt || run.attempt <= MAX_ATTEMPTS);
            let Some((run, cluster)) = run.and_then(|run| Some((run, self.live.cluster(&run.cluster)?)))
            else {
                let text = "the cluster that the job ran on isn't in this server's configuration any more";
                self.close_soon(job, Exit::failed("cluster_gone", text));
                continue;
            };
            for after in &job.scheduling.after {
                round.dependents.entry(after.job).or_default().push((job.id, Ended::Any));
            }
            open(&self.live.planner).submit(&job, now)?;
            let mut live = Live::of(job, run, cluster);
            live.cores = self.recall_cores(&live);
            let stopping = run.stopping.as_deref().and_then(Stopping::parse);
            live.stopping = stopping.map(|why| (why, Instant::now(), false));
            if live.job.cancel_requested && live.stopping.is_none() {
                live.stopping = Some((Stopping::Cancel, Instant::now(), false));
            }
            open(&self.live.runs).insert(live.job.id, live);
        }
        self.restore_all();
        round.dirty = true;
        Ok(())
    }
}
