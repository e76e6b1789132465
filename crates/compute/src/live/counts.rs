//! What is counted and measured of the scheduler for whoever watches the server.

use super::{Live, open};
use crate::{Compute, facility::world, types::ClusterView};
use commons::{
    jobs::{Job, JobState},
    metrics::{Counter, Family, Histogram, Labels, Metrics, Registry, gauge},
};
use kernel::Timestamp;

/// Upper bounds of the time that one decision takes, in seconds.
const DECISION_SECONDS: [f64; 6] = [0.0001, 0.001, 0.01, 0.1, 1.0, 10.0];
/// Upper bounds of waits, in seconds.
const WAIT_SECONDS: [f64; 9] = [1.0, 10.0, 60.0, 300.0, 1800.0, 7200.0, 21_600.0, 86_400.0, 604_800.0];

/// What was counted since the server started.
pub(super) struct Counts {
    /// How long decisions took.
    pub decisions: Histogram,
    waits: Family<Labels<1>, Histogram>,
    ended: Family<Labels<2>, Counter>,
}

impl Counts {
    pub fn new(metrics: &Metrics) -> Self {
        let counts = Self {
            decisions: Histogram::new(DECISION_SECONDS),
            waits: Family::new_with_constructor(|| Histogram::new(WAIT_SECONDS)),
            ended: Family::default(),
        };
        let (decisions, waits) = (counts.decisions.clone(), counts.waits.clone());
        metrics.register("mosu_decision_seconds", "How long the scheduler took to decide", decisions);
        metrics.register("mosu_job_wait_seconds", "From a job's submission to its first start", waits);
        metrics.register("mosu_jobs_ended", "Jobs that ended", counts.ended.clone());
        counts
    }

    /// A job starts; later attempts aren't counted again.
    pub fn note_start(&self, live: &Live) {
        if live.job.attempt == 1 {
            let labels = [("device", live.device.clone().into())];
            let wait = live.placed_at.seconds_since(live.job.submitted_at);
            self.waits.get_or_create_owned(&labels).observe(wait);
        }
    }

    pub fn note_end(&self, job: &Job, state: JobState) {
        let labels = [("kind", job.kind.clone().into()), ("state", state.name().into())];
        self.ended.get_or_create_owned(&labels).inc();
    }
}

impl Compute {
    /// Adds how things stand at this moment: who waits, what runs, how full the clusters are.
    pub fn measure(&self, registry: &mut Registry) {
        let waiting = self.measure_queue(registry, self.commons.now());
        let running = open(&self.live.runs).len();
        let jobs = [("waiting", waiting), ("running", running)];
        let jobs = jobs.map(|(state, count)| ([("state", state.into())], count as f64));
        gauge(registry, "mosu_jobs", "Jobs that haven't ended", jobs);
        let clusters = self.clusters();
        let up = clusters.iter().map(|cluster| ([name(cluster)], f64::from(u8::from(cluster.up))));
        gauge(registry, "mosu_cluster_up", "Whether a cluster answers", up);
        measure_nodes(registry, &clusters);
        measure_devices(registry, &clusters);
    }

    /// How many wait, since when, and how good what they are told is.
    fn measure_queue(&self, registry: &mut Registry, now: Timestamp) -> usize {
        let planner = open(&self.live.planner);
        let (state, now) = (planner.state(), world::seconds(now));
        let waits: Vec<_> = state.queue(now).map(|job| now - job.since).collect();
        let longest = waits.iter().copied().max().unwrap_or_default();
        let (_, all) = state.devices_milli();
        let fragmented = state.fragmentation_milli() / all.max(1) as f64;
        let error = state.accuracy().mean_error_seconds;
        for (name, help, value) in [
            ("mosu_longest_wait_seconds", "How long the job has waited that waits longest", longest as f64),
            (
                "mosu_fragmented_ratio",
                "Part of the accelerators that a random next job can't use",
                fragmented,
            ),
            ("mosu_forecast_error_seconds", "Mean distance of starts from what was told", error),
        ] {
            gauge(registry, name, help, [([], value)]);
        }
        waits.len()
    }
}

fn name(cluster: &ClusterView) -> (&'static str, std::borrow::Cow<'static, str>) {
    ("cluster", cluster.name.clone().into())
}

/// Processor cores and nodes that are up.
fn measure_nodes(registry: &mut Registry, clusters: &[ClusterView]) {
    let of = |value: fn(&crate::types::NodeView) -> i64| {
        clusters.iter().map(move |cluster| {
            let up = cluster.nodes.iter().filter(|node| node.up);
            ([name(cluster)], up.map(value).sum::<i64>() as f64)
        })
    };
    gauge(registry, "mosu_nodes", "Nodes on which jobs may run", of(|_| 1));
    gauge(registry, "mosu_cores", "Processor cores of nodes that are up", of(|node| node.cpus));
    let used = of(|node| node.cpus - node.free_cpus);
    gauge(registry, "mosu_cores_used", "Of these, held by jobs", used);
}

/// Accelerators of nodes that are up, by model.
fn measure_devices(registry: &mut Registry, clusters: &[ClusterView]) {
    let mut found = std::collections::BTreeMap::<_, (f64, f64)>::new();
    for cluster in clusters {
        for node in cluster.nodes.iter().filter(|node| node.up) {
            let Some(device) = &node.device else { continue };
            let domestic = if device.domestic { "true" } else { "false" };
            let labels =
                [name(cluster), ("model", device.name.clone().into()), ("domestic", domestic.into())];
            let (all, used) = found.entry(labels).or_default();
            let free: f64 = node.free_milli.iter().map(|free| f64::from(*free)).sum();
            *all += node.free_milli.len() as f64;
            *used += node.free_milli.len() as f64 - free / 1000.0;
        }
    }
    let all = found.iter().map(|(labels, (all, _))| (labels.clone(), *all));
    gauge(registry, "mosu_accelerators", "Accelerators of nodes that are up", all);
    let used = found.iter().map(|(labels, (_, used))| (labels.clone(), *used));
    gauge(registry, "mosu_accelerators_used", "Of these, held by jobs", used);
}
