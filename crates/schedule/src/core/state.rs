//! What the scheduler knows.

use super::{
    Accuracy, Reason, Reservation,
    accounts::{Accounts, Hold},
    grow,
    preempt::Victim,
    reserve::Promises,
    round::Line,
    turns::{TurnId, Turns},
};
use crate::{
    belief::{Belief, History},
    fleet::{ClassId, Fleet, Slice},
    hash::QuickMap,
    policy::Policy,
    world::{Job, JobId, Preempt, Seconds, Shape, TenantId, World},
};
use kernel::Result;
use std::collections::{BTreeMap, BTreeSet};

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

/// All about one job. What a round looks at for every waiting job comes first and fills one line of the processor's
/// cache, what it looks at for most the next: with many jobs, waiting for memory is most of what a round does.
#[derive(Debug, Clone)]
#[repr(C, align(128))]
pub(super) struct Slot {
    /// The round that looked at it last.
    pub round: u64,
    pub class: ClassId,
    pub tenant: TenantId,
    pub hold: Hold,
    pub phase: Phase,
    /// It is part of an array, or may be put off for a better hour.
    pub is_special: bool,
    /// It was started because it was overdue, so it isn't stopped for a better rank.
    pub overdue: bool,
    /// It waits because too little is free, as its reason says too.
    pub lacks_room: bool,
    /// How long it will probably still run, as it stood when it joined its queue.
    pub remaining: Seconds,
    /// From when on it is served before others of its tenant; `Seconds::MAX` until it is known.
    pub overdue_at: Seconds,
    pub place: Place,
    /// Why it waits; without figures where these change all the time.
    pub reason: Reason,
    /// From when on it is served before everything.
    pub late_at: Seconds,
    pub job: Job,
    pub belief: Belief,
    /// Since when it waits this time.
    pub since: Seconds,
    /// How long it has waited before this time.
    pub waited: Seconds,
    /// How long it may wait in all until it is overdue and until it is late; known once its turn came.
    pub allowed: Option<(Seconds, Seconds)>,
    pub turn: TurnId,
    pub started: Seconds,
    /// When it will probably end.
    pub ends: Seconds,
    /// Until when the money that is held for it lasts.
    pub paid_until: Seconds,
    /// Useful service before this start.
    pub attained: Seconds,
    pub slices: Vec<Slice>,
    pub missing: u32,
    /// When it was first told a start, and which.
    pub promise: Option<(Seconds, Seconds)>,
    /// The start that it was told last.
    pub forecast: Option<Seconds>,
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
    pub(super) ids: QuickMap<JobId, SlotId>,
    /// One for each tenant, or one for all where there is no fair share.
    pub(super) queues: Vec<BTreeSet<(Place, SlotId)>>,
    pub(super) waiting: usize,
    /// The only job that waits, when it came after the last round and is in no queue yet.
    pub(super) fresh: Option<SlotId>,
    /// Waiting jobs by when they are overdue.
    pub(super) ages: BTreeSet<(Seconds, u64, SlotId)>,
    /// Waiting jobs by when they are late.
    pub(super) late: BTreeSet<(Seconds, SlotId)>,
    pub(super) turns: Turns,
    /// Running jobs by when they will probably end.
    pub(super) ends: BTreeSet<(Seconds, SlotId)>,
    /// Running jobs of tenants with prepaid money, by when what is held for them runs out.
    pub(super) paid: BTreeSet<(Seconds, SlotId)>,
    pub(super) dependents: QuickMap<JobId, Vec<SlotId>>,
    pub(super) arrays: QuickMap<u64, u32>,
    pub(super) stoppable: usize,
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
    /// Nodes, models or clusters have come since the last round.
    pub(super) grew: bool,
    /// Kept for their memory only.
    pub(super) lines: Vec<Line>,
    pub(super) batch: Vec<(Place, SlotId, bool)>,
    pub(super) begun: Vec<(SlotId, Seconds, Seconds)>,
}

impl State {
    /// A state in which nothing waits or runs.
    pub fn new(world: World, policy: Policy) -> Result<Self> {
        grow::check(&world)?;
        let queues = if policy.fair_share { world.tenants.len() } else { 1 };
        Ok(Self {
            fleet: Fleet::new(&world, policy.placement),
            history: History::default(),
            accounts: Accounts::new(&world.tenants, policy.half_life),
            slots: Vec::new(),
            empty: Vec::new(),
            ids: QuickMap::default(),
            queues: vec![BTreeSet::new(); queues],
            waiting: 0,
            fresh: None,
            ages: BTreeSet::new(),
            late: BTreeSet::new(),
            turns: Turns::default(),
            ends: BTreeSet::new(),
            paid: BTreeSet::new(),
            dependents: QuickMap::default(),
            arrays: QuickMap::default(),
            stoppable: 0,
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
            grew: false,
            lines: Vec::new(),
            batch: Vec::new(),
            begun: Vec::new(),
            policy,
            world,
        })
    }

    pub(super) fn slot(&self, job: JobId) -> Option<&Slot> {
        self.ids.get(&job).map(|slot| &self.slots[*slot as usize])
    }

    pub(super) fn queue_of(&self, job: &Job) -> usize {
        if self.policy.fair_share { job.tenant as usize } else { 0 }
    }

    /// Whether rank alone may stop this running job.
    pub(super) fn is_stoppable(&self, job: &Job) -> bool {
        job.preempt != Preempt::Never
    }
}

#[cfg(test)]
mod tests {
    use super::Slot;
    use std::mem::offset_of;

    #[test]
    fn what_a_round_looks_at_lies_in_two_lines_of_the_cache() {
        assert_eq!((offset_of!(Slot, remaining), align_of::<Slot>()), (64, 128));
        assert!(offset_of!(Slot, reason) <= 128);
    }
}
