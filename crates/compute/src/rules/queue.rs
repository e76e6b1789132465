//! Which queued jobs start now: capacity, quotas, priority, fair share, submission order, with a reservation
//! for the first job that doesn't fit.

use super::{
    reserve::{Reservation, reserve},
    waiting::Waiting,
};
use commons::{
    ids::{Job, Org},
    jobs::Resources,
};
use kernel::{Id, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A job that has waited this long goes before all priorities, one job of each organisation at a time, so that
/// nobody waits for ever.
pub const OVERDUE_SECONDS: i64 = 6 * 3600;

/// What a machine has, or what of it is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Capacity {
    /// Processor cores.
    pub cpus: i64,
    /// Memory in MiB.
    pub memory_mib: i64,
}

impl Capacity {
    /// Whether a job of `need` fits.
    pub fn fits(&self, need: &Resources) -> bool {
        need.cpus <= self.cpus && need.memory_mib <= self.memory_mib
    }

    /// Takes `need` out.
    pub fn take(&mut self, need: &Resources) {
        self.cpus -= need.cpus;
        self.memory_mib -= need.memory_mib;
    }

    /// Puts `need` back.
    pub fn give(&mut self, need: &Resources) {
        self.cpus += need.cpus;
        self.memory_mib += need.memory_mib;
    }
}

/// What an organisation may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Allowance {
    /// Processor cores at the same time.
    pub cpus: i64,
    /// CPU-seconds granted and not yet used by jobs that ended.
    pub cpu_seconds_left: i64,
}

/// A job that holds its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// The job.
    pub id: Id<Job>,
    /// Whose it is.
    pub org: Id<Org>,
    /// What it holds.
    pub need: Resources,
    /// Since when.
    pub since: Timestamp,
}

/// A job that waits to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The job.
    pub id: Id<Job>,
    /// Whose it is.
    pub org: Id<Org>,
    /// What it will hold.
    pub need: Resources,
    /// 0 to 100, higher first.
    pub priority: i64,
    /// Since when it waits.
    pub submitted_at: Timestamp,
}

/// All that [`decide`] looks at.
#[derive(Debug, Clone, Default)]
pub struct QueueState {
    /// What the machine has.
    pub capacity: Capacity,
    /// Jobs that hold resources.
    pub active: Vec<Active>,
    /// Jobs that wait, in any order.
    pub queued: Vec<Queued>,
    /// What each organisation may use; one that is missing may use nothing.
    pub allowances: BTreeMap<Id<Org>, Allowance>,
}

/// What [`decide`] says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Jobs to start now, in this order.
    pub start: Vec<Id<Job>>,
    /// Why each other queued job waits, in the order in which they would be looked at.
    pub waiting: Vec<(Id<Job>, Waiting)>,
}

/// Decides which jobs start at `now`.
///
/// Jobs are looked at by: overdue first ([`OVERDUE_SECONDS`]), then priority, then the organisation with fewer
/// cpus in use, then submission. The first that fails to fit gets a [`Reservation`]; later ones may pass it only
/// if they end before it or use what it leaves. A job that its organisation's quota holds back reserves nothing
/// of the machine, but later jobs of the same organisation wait behind it.
pub fn decide(state: &QueueState, now: Timestamp) -> Decisions {
    let mut lines = Lines::of(state, now);
    let mut round = Round::of(state, now);
    let mut decisions = Decisions::default();
    while let Some(job) = lines.next(&round.shares) {
        match round.consider(job) {
            None => decisions.start.push(job.id),
            Some(waiting) => decisions.waiting.push((job.id, waiting)),
        }
    }
    decisions
}

/// Where a job stands before fair share is looked at: overdue ones first, then by priority.
type Rank = i64;

/// The queue as first-in-first-out lines, one for each organisation and rank.
struct Lines<'a>(BTreeMap<(Id<Org>, Rank), VecDeque<&'a Queued>>);

impl<'a> Lines<'a> {
    fn of(state: &'a QueueState, now: Timestamp) -> Self {
        let mut queued: Vec<_> = state.queued.iter().collect();
        queued.sort_by_key(|job| (job.submitted_at, job.id));
        let mut lines = BTreeMap::<_, VecDeque<_>>::new();
        let mut fronts = BTreeSet::new();
        for job in queued {
            let overdue = job.submitted_at.plus_seconds(OVERDUE_SECONDS) <= now;
            let front = overdue && fronts.insert(job.org);
            let rank = if front { Rank::MIN } else { job.priority.saturating_neg() };
            lines.entry((job.org, rank)).or_default().push_back(job);
        }
        Self(lines)
    }

    fn next(&mut self, shares: &BTreeMap<Id<Org>, Share>) -> Option<&'a Queued> {
        let key = self.0.iter().filter_map(|(&(org, rank), line)| {
            // Among overdue jobs only age counts: whoever is oldest can't be passed by share.
            let cpus = if rank == Rank::MIN { 0 } else { shares.get(&org).map_or(0, |share| share.cpus) };
            line.front().map(|job| (rank, cpus, job.submitted_at, job.id, org))
        });
        let (rank, .., org) = key.min()?;
        let line = self.0.get_mut(&(org, rank))?;
        let job = line.pop_front();
        if line.is_empty() {
            self.0.remove(&(org, rank));
        }
        job
    }
}

/// What an organisation holds in this round.
#[derive(Default)]
struct Share {
    cpus: i64,
    /// What its jobs may use at most until their wall limits.
    cpu_seconds: i64,
    /// A job of it waits for the quota, so that later ones wait behind it.
    blocked: bool,
}

struct Round<'a> {
    state: &'a QueueState,
    now: Timestamp,
    free: Capacity,
    releases: Vec<(Timestamp, Resources)>,
    shares: BTreeMap<Id<Org>, Share>,
    reservation: Option<Reservation>,
}

impl<'a> Round<'a> {
    fn of(state: &'a QueueState, now: Timestamp) -> Self {
        let free = state.capacity;
        let (releases, shares) = (Vec::new(), BTreeMap::new());
        let mut round = Self { state, now, free, releases, shares, reservation: None };
        for job in &state.active {
            round.hold(job.org, &job.need, job.since);
        }
        round
    }

    fn hold(&mut self, org: Id<Org>, need: &Resources, since: Timestamp) {
        self.free.take(need);
        // A job past its limit is about to be stopped.
        let ends_at = since.plus_seconds(need.wall_seconds).max(self.now.plus_seconds(1));
        self.releases.push((ends_at, *need));
        let share = self.shares.entry(org).or_default();
        share.cpus += need.cpus;
        share.cpu_seconds = share.cpu_seconds.saturating_add(cpu_seconds(need));
    }

    /// Starts the job (`None`) or says why not.
    fn consider(&mut self, job: &Queued) -> Option<Waiting> {
        let need = &job.need;
        if !self.state.capacity.fits(need) {
            return Some(Waiting::too_large(need, &self.state.capacity));
        }
        if let Some(waiting) = self.quota(job) {
            return Some(waiting);
        }
        let fits = self.free.fits(need);
        if fits && self.reservation.is_none_or(|promise| promise.allows(need, self.now)) {
            if let Some(promise) = &mut self.reservation {
                promise.pass(need, self.now);
            }
            self.hold(job.org, need, self.now);
            return None;
        }
        if fits {
            return Some(Waiting::reserved(need));
        }
        if self.reservation.is_none() {
            self.reservation = reserve(self.free, &self.releases, need);
            return Some(Waiting::capacity(
                need,
                &self.free,
                self.reservation.map(|promise| promise.starts_by),
            ));
        }
        Some(Waiting::capacity(need, &self.free, None))
    }

    fn quota(&mut self, job: &Queued) -> Option<Waiting> {
        let Some(allowance) = self.state.allowances.get(&job.org) else {
            return Some(Waiting::no_quota());
        };
        let share = self.shares.entry(job.org).or_default();
        let (cpus, seconds) = (job.need.cpus, cpu_seconds(&job.need));
        if cpus > allowance.cpus {
            return Some(Waiting::over_quota_cpus(cpus, allowance.cpus));
        }
        if seconds > allowance.cpu_seconds_left {
            return Some(Waiting::over_quota_seconds(seconds, allowance.cpu_seconds_left));
        }
        let waiting = if share.blocked {
            Waiting::behind_own()
        } else if share.cpus + cpus > allowance.cpus {
            Waiting::quota_in_use(cpus, share.cpus, allowance.cpus)
        } else if share.cpu_seconds.saturating_add(seconds) > allowance.cpu_seconds_left {
            Waiting::quota_reserved(seconds, share.cpu_seconds, allowance.cpu_seconds_left)
        } else {
            return None;
        };
        share.blocked = true;
        Some(waiting)
    }
}

/// The most CPU-seconds that a job of `need` can use.
pub fn cpu_seconds(need: &Resources) -> i64 {
    need.cpus.saturating_mul(need.wall_seconds)
}
