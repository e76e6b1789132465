//! The scheduler's state, in the service's own names: jobs, organisations and nodes by their ids, numbers inside.

use crate::{
    facility::{
        Facility,
        world::{self, NodeFacts},
    },
    rules::Waiting,
    types::{Place, Quota},
};
use commons::{
    ids::{self, Org},
    jobs::Job,
};
use kernel::{Error, Id, Result, Timestamp};
use schedule::{
    Event, Policy, Record, Slice, State, World,
    world::{NodeId, Tenant, TenantId},
};
use std::collections::{HashMap, HashSet};

/// Waiting jobs whose start is estimated.
const FORECAST: usize = 500;

/// Where a job goes, in the service's names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placement {
    /// Index of the cluster.
    pub cluster: usize,
    /// One entry for each task.
    pub places: Vec<Place>,
    /// Model of the accelerators; empty without.
    pub device: String,
    /// What one costs for an hour, as of now.
    pub hour_micros: i64,
}

/// What the scheduler decided.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Jobs to stop, each with the one that takes its place.
    pub stops: Vec<(Id<ids::Job>, Option<Id<ids::Job>>)>,
    /// Jobs to start.
    pub starts: Vec<(Id<ids::Job>, Placement)>,
    /// When to decide again though nothing happens.
    pub wake: Option<Timestamp>,
}

/// The scheduler.
pub(crate) struct Planner {
    facility: Facility,
    state: State,
    numbers: HashMap<Id<ids::Job>, u64>,
    jobs: HashMap<u64, Id<ids::Job>>,
    arrays: HashMap<Id<ids::Job>, u64>,
    tenants: HashMap<Id<Org>, TenantId>,
    quotas: HashMap<TenantId, schedule::world::Quota>,
    nodes: HashMap<(usize, String), (NodeId, bool)>,
    next: u64,
    recording: Option<super::record::Recording>,
}

impl Planner {
    /// A scheduler of clusters whose nodes aren't known yet.
    pub fn new(facility: &Facility, recording: Option<super::record::Recording>) -> Result<Self> {
        let state = State::new(world::empty(facility), Policy::default())?;
        let mut recording = recording;
        if let Some(recording) = &mut recording {
            recording.line(&Record::begin(&state), true);
        }
        Ok(Self {
            facility: facility.clone(),
            state,
            numbers: HashMap::new(),
            jobs: HashMap::new(),
            arrays: HashMap::new(),
            tenants: HashMap::new(),
            quotas: HashMap::new(),
            nodes: HashMap::new(),
            next: 1,
            recording,
        })
    }

    fn apply(&mut self, event: Event, now: Timestamp) -> Result<()> {
        let at = world::seconds(now);
        let line = self.recording.is_some().then(|| Record::event(at, &event));
        self.state.apply(event, at)?;
        if let Some((recording, line)) = self.recording.as_mut().zip(line) {
            recording.line(&line, false);
        }
        Ok(())
    }

    /// Nodes, models and organisations as the scheduler knows them.
    pub fn world(&self) -> &World {
        self.state.world()
    }

    /// The scheduler itself, to be looked at.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The nodes on which jobs may run.
    pub fn up(&self) -> HashSet<NodeId> {
        self.nodes.values().filter(|(_, up)| *up).map(|(node, _)| *node).collect()
    }

    /// Whether the job is known: waits or runs.
    pub fn knows(&self, job: Id<ids::Job>) -> bool {
        self.numbers.contains_key(&job)
    }

    /// The job that bears this number.
    pub fn job(&self, number: u64) -> Option<Id<ids::Job>> {
        self.jobs.get(&number).copied()
    }

    /// Takes note of the nodes of a cluster as its engine tells them; those that it doesn't name are down.
    /// Whether anything changed.
    pub fn learn_nodes(&mut self, cluster: usize, facts: &[NodeFacts], now: Timestamp) -> Result<bool> {
        let mut changed = false;
        for fact in facts {
            let key = (cluster, fact.name.clone());
            let (node, up) = match self.nodes.get(&key) {
                Some(known) => *known,
                None => {
                    let node = world::node(&self.facility, cluster, fact);
                    self.apply(Event::AddNode { node }, now)?;
                    ((self.state.world().nodes.len() - 1) as NodeId, true)
                }
            };
            if up != fact.up || !self.nodes.contains_key(&key) {
                changed = true;
                if up != fact.up {
                    self.apply(Event::Node { node, up: fact.up }, now)?;
                }
                self.nodes.insert(key, (node, fact.up));
            }
        }
        let named: HashSet<_> = facts.iter().map(|fact| fact.name.as_str()).collect();
        let gone = self
            .nodes
            .iter()
            .filter(|((of, name), (_, up))| *of == cluster && *up && !named.contains(name.as_str()));
        let gone: Vec<_> = gone.map(|(key, (node, _))| (key.clone(), *node)).collect();
        for (key, node) in gone {
            changed = true;
            self.apply(Event::Node { node, up: false }, now)?;
            self.nodes.insert(key, (node, false));
        }
        Ok(changed)
    }

    /// All nodes of a cluster can't be used, because its engine doesn't answer. Whether that is new.
    pub fn lose_cluster(&mut self, cluster: usize, now: Timestamp) -> Result<bool> {
        self.learn_nodes(cluster, &[], now)
    }

    fn tenant(&mut self, org: Id<Org>, now: Timestamp) -> Result<TenantId> {
        if let Some(tenant) = self.tenants.get(&org) {
            return Ok(*tenant);
        }
        let (name, quota) = (org.to_string(), world::quota(None));
        self.apply(Event::Tenant { tenant: Tenant { name, quota, ..Tenant::default() } }, now)?;
        let tenant = (self.state.world().tenants.len() - 1) as TenantId;
        self.tenants.insert(org, tenant);
        self.quotas.insert(tenant, quota);
        Ok(tenant)
    }

    /// An organisation's quota is now this. Whether that is new.
    pub fn learn_quota(&mut self, org: Id<Org>, granted: &Quota, now: Timestamp) -> Result<bool> {
        let tenant = self.tenant(org, now)?;
        let quota = world::quota(Some(granted));
        if self.quotas.insert(tenant, quota) == Some(quota) {
            return Ok(false);
        }
        self.apply(Event::Quota { tenant, quota }, now)?;
        Ok(true)
    }

    /// A job waits. Jobs of `after` that are known must end first.
    pub fn submit(&mut self, job: &Job, now: Timestamp) -> Result<()> {
        let tenant = self.tenant(job.org, now)?;
        let (number, array) = (self.next, job.member.as_ref().map(|member| member.array));
        let array = array.map(|array| *self.arrays.entry(array).or_insert(number));
        let after = job.scheduling.after.iter().filter_map(|after| self.numbers.get(&after.job).copied());
        let after = after.collect();
        let job_here = world::job(&self.facility, self.state.world(), job, number, tenant, after, array)?;
        self.apply(Event::Submit { job: Box::new(job_here) }, now)?;
        self.next += 1;
        self.numbers.insert(job.id, number);
        self.jobs.insert(number, job.id);
        Ok(())
    }

    /// A job that waits as far as the scheduler knows runs already. Fails when its nodes aren't known (yet).
    pub fn restore(
        &mut self,
        job: Id<ids::Job>,
        cluster: usize,
        places: &[Place],
        since: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let number = self.number(job)?;
        let slice = |place: &Place| {
            let node = self.nodes.get(&(cluster, place.node.clone())).map(|(node, _)| *node);
            let missing = || Error::not_found("node_unknown", format!("node {} isn't known", place.node));
            Ok(Slice { node: node.ok_or_else(missing)?, devices: place.devices, milli: place.milli })
        };
        let slices = places.iter().map(slice).collect::<Result<Vec<_>>>()?;
        self.apply(Event::Running { job: number, since: world::seconds(since), slices }, now)
    }

    /// A run that ended before this server came up: what run times are learned from and shares counted by.
    pub fn remember(&mut self, job: &Job, seconds: i64, ended: Timestamp, now: Timestamp) -> Result<()> {
        let tenant = self.tenant(job.org, now)?;
        let job = Box::new(world::job(&self.facility, self.state.world(), job, 0, tenant, Vec::new(), None)?);
        self.apply(Event::Ran { job, seconds, ended: world::seconds(ended) }, now)
    }

    fn number(&self, job: Id<ids::Job>) -> Result<u64> {
        let missing = || Error::internal(format!("the scheduler doesn't know {job}"));
        self.numbers.get(&job).copied().ok_or_else(missing)
    }

    /// A job has ended, wherever it stood.
    pub fn end(&mut self, job: Id<ids::Job>, now: Timestamp) {
        let Some(number) = self.numbers.remove(&job) else { return };
        self.jobs.remove(&number);
        if self.apply(Event::End { job: number, micros: 0 }, now).is_err() {
            let cancelled = self.apply(Event::Cancel { job: number }, now);
            cancelled.unwrap_or_else(
                |error| tracing::error!(%job, error = error.chain(), "a job couldn't be ended"),
            );
        }
    }

    /// A job that was placed waits again, because it couldn't start or was lost.
    pub fn requeue(&mut self, job: Id<ids::Job>, now: Timestamp) {
        let done = self.number(job).and_then(|job| self.apply(Event::Requeue { job }, now));
        // Who was stopped for another waits already.
        if let Err(error) = done {
            tracing::debug!(%job, error = error.chain(), "it waits already");
        }
    }

    /// Decides.
    pub fn decide(&mut self, now: Timestamp) -> Plan {
        let at = world::seconds(now);
        let decisions = self.state.decide(at);
        if let Some(recording) = &mut self.recording {
            recording.line(&Record::decided(at, &decisions), true);
        }
        self.state.forecast(at, FORECAST);
        let id = |number: u64| self.jobs.get(&number).copied();
        let stops = decisions.preemptions.iter();
        let starts = decisions.placements.iter();
        Plan {
            stops: stops.filter_map(|stop| Some((id(stop.job)?, stop.preemptor.and_then(id)))).collect(),
            starts: starts
                .filter_map(|start| Some((id(start.job)?, self.placement(&start.slices, at)?)))
                .collect(),
            wake: decisions.wake.map(world::instant),
        }
    }

    fn placement(&self, slices: &[Slice], at: i64) -> Option<Placement> {
        let nodes = &self.state.world().nodes;
        let first = nodes.get(slices.first()?.node as usize)?;
        let cluster = usize::from(first.cluster);
        let device = slices.iter().any(|slice| slice.devices != 0);
        let device = device.then(|| world::device(&self.facility, first.model)).flatten();
        let percent = self.state.world().clusters.get(cluster)?.price_at(at);
        let place = |slice: &Slice| {
            let node = nodes.get(slice.node as usize)?.name.clone();
            Some(Place { node, devices: slice.devices, milli: slice.milli })
        };
        Some(Placement {
            cluster,
            places: slices.iter().filter_map(place).collect(),
            device: device.map(|device| device.name.clone()).unwrap_or_default(),
            hour_micros: device.map_or(0, |device| device.hour_micros).saturating_mul(percent) / 100,
        })
    }

    /// Why a job doesn't run, and when it probably will; `None` when it does or isn't known.
    pub fn why(&self, job: Id<ids::Job>, now: Timestamp) -> Option<Waiting> {
        let reason = self.state.why(*self.numbers.get(&job)?)?;
        let starts_by = self.state.expected_start(*self.numbers.get(&job)?).map(world::instant);
        Some(Waiting::of(reason.words(world::seconds(now)), starts_by))
    }
}
