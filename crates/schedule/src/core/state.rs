//! What the scheduler knows.

use super::{
    Accuracy, Reason, Reservation,
    accounts::{Accounts, Hold},
    preempt::Victim,
    reserve::Promises,
    round::Line,
};
use crate::{
    belief::{Belief, History},
    fleet::{ClassId, Fleet, Slice},
    policy::Policy,
    world::{Job, JobId, MAX_DEVICES, MAX_MODELS, Preempt, Seconds, Shape, World},
};
use kernel::{Error, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Index of a job's slot. Slots are used again.
pub(super) type SlotId = u32;

/// Where a waiting job stands among those of its queue; the least is looked at first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub priority: std::cmp::Reverse<i32>,
    pub rank: i64,
    pub submitted: Seconds,
    pub number: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody's.
    #[default]
    Empty,
    /// Waits for other jobs to end.
    Held,
    /// Waits to start.
    Waiting,
    /// Holds devices.
    Running,
}

/// All about one job.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub job: Job,
    pub class: ClassId,
    pub belief: Belief,
    pub phase: Phase,
    pub place: Place,
    pub hold: Hold,
    /// Since when it waits this time.
    pub since: Seconds,
    /// From when on it is served by arrival, before all others.
    pub overdue_at: Seconds,
    /// It was started because it was overdue, so it isn't stopped for a better rank.
    pub overdue: bool,
    /// How long it will probably still run, as it stood when it joined its queue.
    pub remaining: Seconds,
    /// Expected device-seconds, as counted in the backlog.
    pub backlog: f64,
    pub started: Seconds,
    /// When it will probably end.
    pub ends: Seconds,
    /// Until when the money that is held for it lasts.
    pub paid_until: Seconds,
    /// Useful service before this start.
    pub attained: Seconds,
    pub slices: Vec<Slice>,
    pub reason: Reason,
    /// The round that looked at it last.
    pub round: u64,
    pub missing: u32,
    /// When it was first told a start, and which.
    pub promise: Option<(Seconds, Seconds)>,
}

/// All that [`State::decide`] looks at. Changed only by [`State::apply`] and by the decisions themselves.
#[derive(Clone)]
pub struct State {
    pub(super) policy: Policy,
    pub(super) world: World,
    pub(super) fleet: Fleet,
    pub(super) history: History,
    pub(super) accounts: Accounts,
    pub(super) slots: Vec<Slot>,
    pub(super) empty: Vec<SlotId>,
    pub(super) ids: HashMap<JobId, SlotId>,
    /// One for each tenant, or one for all where there is no fair share.
    pub(super) queues: Vec<BTreeSet<(Place, SlotId)>>,
    pub(super) waiting: usize,
    /// Waiting jobs by when they are overdue.
    pub(super) ages: BTreeSet<(Seconds, u64, SlotId)>,
    /// Running jobs by when they will probably end.
    pub(super) ends: BTreeSet<(Seconds, SlotId)>,
    /// Running jobs of tenants with prepaid money, by when what is held for them runs out.
    pub(super) paid: BTreeSet<(Seconds, SlotId)>,
    pub(super) dependents: HashMap<JobId, Vec<SlotId>>,
    pub(super) arrays: HashMap<u64, u32>,
    pub(super) stoppable: usize,
    /// Device-seconds that waiting jobs are expected to need.
    pub(super) backlog: f64,
    /// Sums over running jobs of devices, and of devices times expected end.
    pub(super) busy: (f64, f64),
    pub(super) number: u64,
    pub(super) round: u64,
    pub(super) considered: u64,
    pub(super) reservations: Vec<Reservation>,
    /// The job that all behind it wait for, where nothing may pass.
    pub(super) stopped_by: Option<JobId>,
    pub(super) mix: BTreeMap<Shape, u64>,
    pub(super) mixed: u64,
    pub(super) accuracy: Accuracy,
    pub(super) promises: Promises,
    /// Found when first asked for in a round.
    pub(super) victims: Option<Vec<Victim>>,
    /// The lowest priority and the worst rank among them.
    pub(super) weakest: (i32, f64),
    /// What this round has spent on finding victims.
    pub(super) effort: usize,
    /// By class: the round in which promises refused one, and the shortest run that they refused.
    pub(super) tries: Vec<(u64, Seconds)>,
    pub(super) shares_grew: bool,
    pub(super) delayed_until: Seconds,
    /// Kept for their memory only.
    pub(super) lines: Vec<Line>,
    pub(super) batch: Vec<(Place, SlotId)>,
}

impl State {
    /// A state in which nothing waits or runs.
    pub fn new(world: World, policy: Policy) -> Result<Self> {
        check(&world)?;
        let queues = if policy.fair_share { world.tenants.len() } else { 1 };
        Ok(Self {
            fleet: Fleet::new(&world, policy.placement),
            history: History::default(),
            accounts: Accounts::new(&world.tenants, policy.half_life),
            slots: Vec::new(),
            empty: Vec::new(),
            ids: HashMap::new(),
            queues: vec![BTreeSet::new(); queues],
            waiting: 0,
            ages: BTreeSet::new(),
            ends: BTreeSet::new(),
            paid: BTreeSet::new(),
            dependents: HashMap::new(),
            arrays: HashMap::new(),
            stoppable: 0,
            backlog: 0.0,
            busy: (0.0, 0.0),
            number: 0,
            round: 0,
            considered: 0,
            reservations: Vec::new(),
            stopped_by: None,
            mix: BTreeMap::new(),
            mixed: 0,
            accuracy: Accuracy::default(),
            promises: Promises::default(),
            victims: None,
            weakest: (i32::MAX, 0.0),
            effort: 0,
            tries: Vec::new(),
            shares_grew: false,
            delayed_until: 0,
            lines: Vec::new(),
            batch: Vec::new(),
            policy,
            world,
        })
    }

    /// Nodes, models and tenants as they are now.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The policy that decides.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Jobs that wait, without those that wait for other jobs.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Jobs that run.
    pub fn running(&self) -> usize {
        self.ends.len()
    }

    /// Thousandths of devices that are taken, and that there are.
    pub fn devices_milli(&self) -> (i64, i64) {
        (self.fleet.total_milli - self.fleet.free_milli, self.fleet.total_milli)
    }

    /// Thousandths of devices that a random next task can't use (FGD's measure); 0 before a mix is learned.
    pub fn fragmentation_milli(&self) -> f64 {
        self.fleet.fragmentation()
    }

    /// Jobs that were looked at since the beginning: placed, or told why they wait.
    pub fn considered(&self) -> u64 {
        self.considered
    }

    /// Where a running job runs.
    pub fn slices(&self, job: JobId) -> Option<&[Slice]> {
        let slot = self.slot(job)?;
        (slot.phase == Phase::Running).then_some(slot.slices.as_slice())
    }

    /// Free thousandths of each device of a node, for a map of the cluster.
    pub fn free_of(&self, node: u32) -> Option<&[u16]> {
        self.fleet.nodes.get(node as usize).map(|node| node.free())
    }

    /// Thousandths of devices that a tenant's jobs, with all tenants below it, hold.
    pub fn in_use_milli(&self, tenant: u32) -> i64 {
        self.accounts.in_use(tenant)
    }

    pub(super) fn slot(&self, job: JobId) -> Option<&Slot> {
        self.ids.get(&job).map(|slot| &self.slots[*slot as usize])
    }

    /// Why a job doesn't run, or `None` when it does or isn't known.
    pub fn why(&self, job: JobId) -> Option<Reason> {
        let slot = self.slot(job)?;
        match slot.phase {
            Phase::Held => Some(Reason::Dependency { jobs: slot.missing }),
            Phase::Waiting => match self.stopped_by {
                Some(first) if slot.round != self.round => Some(Reason::Behind { job: first }),
                _ => Some(slot.reason),
            },
            Phase::Empty | Phase::Running => None,
        }
    }

    pub(super) fn queue_of(&self, job: &Job) -> usize {
        if self.policy.fair_share { job.tenant as usize } else { 0 }
    }

    /// Whether rank alone may stop this running job.
    pub(super) fn is_stoppable(&self, job: &Job) -> bool {
        job.preempt != Preempt::Never
    }
}

fn check(world: &World) -> Result<()> {
    let fail = |text: String| Err(Error::invalid("world_invalid", text));
    if world.models.len() > MAX_MODELS {
        return fail(format!(
            "there are {} device models; at most {MAX_MODELS} are possible",
            world.models.len()
        ));
    }
    for (id, node) in world.nodes.iter().enumerate() {
        if usize::from(node.devices) > MAX_DEVICES {
            return fail(format!(
                "node {id} has {} devices; at most {MAX_DEVICES} are possible",
                node.devices
            ));
        }
        if usize::from(node.model) >= world.models.len().max(1) {
            return fail(format!("node {id} has device model {}, which isn't declared", node.model));
        }
    }
    for (id, tenant) in world.tenants.iter().enumerate() {
        if tenant.parent.is_some_and(|parent| parent as usize >= id) {
            return fail(format!("tenant {id} ('{}') must come after its parent", tenant.name));
        }
    }
    if world.tenants.is_empty() {
        return fail("there is no tenant".into());
    }
    Ok(())
}
