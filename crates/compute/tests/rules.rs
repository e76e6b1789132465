//! The scheduler's promises, on whole histories of random jobs.

use commons::{
    ids::{Job, Org},
    jobs::Resources,
};
use compute::rules::{
    Active, Allowance, Capacity, Decisions, QueueState, Queued, decide,
    queue::{OVERDUE_SECONDS, cpu_seconds},
    reserve::reserve,
};
use kernel::{Id, Timestamp};
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, BTreeSet};

const MACHINE: Capacity = Capacity { cpus: 8, memory_mib: 16_384 };

/// A job of a history: who, what, when, and how long it really runs.
#[derive(Debug, Clone)]
struct Plan {
    org: u128,
    need: Resources,
    priority: i64,
    submit_second: i64,
    run_seconds: i64,
}

fn plan() -> impl Strategy<Value = Plan> {
    let need = (1..=10i64, 1..=20_000i64, 1..=600i64);
    (0..4u128, need, 0..=2i64, 0..2000i64, 0.0..=1.0f64).prop_map(
        |(org, need, priority, submit_second, share)| {
            let (cpus, memory_mib, wall_seconds) = need;
            let run_seconds = ((wall_seconds as f64 * share) as i64).max(1);
            let need = Resources { cpus, memory_mib, wall_seconds };
            Plan { org, need, priority: priority * 50, submit_second, run_seconds }
        },
    )
}

fn at(second: i64) -> Timestamp {
    Timestamp(0).plus_seconds(second)
}

/// A machine that lives through a history and checks every decision on the way.
struct World {
    plans: Vec<Plan>,
    indexes: BTreeMap<Id<Job>, usize>,
    state: QueueState,
    granted: BTreeMap<Id<Org>, Allowance>,
    started: BTreeMap<Id<Job>, i64>,
    second: i64,
}

impl World {
    fn new(plans: Vec<Plan>, quotas: &[(i64, i64)]) -> Self {
        let granted: BTreeMap<_, _> = (1u128..)
            .zip(quotas)
            .map(|(org, &(cpus, cpu_seconds_left))| {
                (Id::from_bits(org), Allowance { cpus, cpu_seconds_left })
            })
            .collect();
        let state = QueueState { capacity: MACHINE, allowances: granted.clone(), ..QueueState::default() };
        let indexes = (0..plans.len()).map(|index| (Id::from_bits(index as u128), index)).collect();
        Self { plans, indexes, state, granted, started: BTreeMap::new(), second: 0 }
    }

    fn plan(&self, id: Id<Job>) -> &Plan {
        &self.plans[self.indexes[&id]]
    }

    /// Moves to `second`: jobs arrive and end, then the scheduler is asked.
    fn advance(&mut self, second: i64) -> Decisions {
        for (index, plan) in self.plans.iter().enumerate() {
            if plan.submit_second > self.second - i64::from(self.second == 0) && plan.submit_second <= second
            {
                self.state.queued.push(Queued {
                    id: Id::from_bits(index as u128),
                    org: Id::from_bits(plan.org),
                    need: plan.need,
                    priority: plan.priority,
                    submitted_at: at(plan.submit_second),
                });
            }
        }
        self.second = second;
        let ended: Vec<_> =
            self.state.active.iter().filter(|job| self.ends(job) <= second).cloned().collect();
        for job in &ended {
            let used = self.plan(job.id).run_seconds * job.need.cpus;
            self.state.allowances.get_mut(&job.org).unwrap().cpu_seconds_left -= used;
        }
        self.state.active.retain(|job| !ended.contains(job));
        let decisions = decide(&self.state, at(second));
        self.check(&decisions);
        self.apply(&decisions);
        decisions
    }

    fn ends(&self, job: &Active) -> i64 {
        job.since.0 / 1_000_000 + self.plan(job.id).run_seconds
    }

    fn apply(&mut self, decisions: &Decisions) {
        for id in &decisions.start {
            let index = self.state.queued.iter().position(|job| job.id == *id).unwrap();
            let job = self.state.queued.swap_remove(index);
            self.started.insert(*id, self.second);
            self.state.active.push(Active {
                id: job.id,
                org: job.org,
                need: job.need,
                since: at(self.second),
            });
        }
    }

    fn check(&self, decisions: &Decisions) {
        let now = at(self.second);
        let mut shuffled = self.state.clone();
        shuffled.queued.reverse();
        shuffled.active.reverse();
        assert_eq!(*decisions, decide(&shuffled, now), "the order of the input doesn't matter");

        let named: BTreeSet<_> =
            decisions.start.iter().copied().chain(decisions.waiting.iter().map(|(id, _)| *id)).collect();
        assert_eq!(
            named,
            self.state.queued.iter().map(|job| job.id).collect(),
            "each queued job is spoken of"
        );
        assert_eq!(decisions.start.len() + decisions.waiting.len(), self.state.queued.len(), "and once");

        let mut free = MACHINE;
        let mut used = BTreeMap::<Id<Org>, (i64, i64)>::new();
        let started = decisions.start.iter().map(|id| self.queued(*id)).map(|job| (job.org, job.need));
        let holders = self.state.active.iter().map(|job| (job.org, job.need)).chain(started);
        for (org, need) in holders {
            free.take(&need);
            let share = used.entry(org).or_default();
            share.0 += need.cpus;
            share.1 += cpu_seconds(&need);
        }
        assert!(free.cpus >= 0 && free.memory_mib >= 0, "never more than the machine has: {free:?}");
        for (org, (cpus, seconds)) in &used {
            let left = self.state.allowances[org];
            assert!(*cpus <= left.cpus && *seconds <= left.cpu_seconds_left, "never over quota");
        }
        self.check_conserving(decisions, free, &used);
        self.check_promise(decisions, now);
    }

    fn queued(&self, id: Id<Job>) -> &Queued {
        self.state.queued.iter().find(|job| job.id == id).unwrap()
    }

    fn check_conserving(&self, decisions: &Decisions, free: Capacity, used: &BTreeMap<Id<Org>, (i64, i64)>) {
        let head_waits = decisions.waiting.iter().any(|(_, why)| why.code == "capacity");
        for (id, why) in &decisions.waiting {
            let job = self.queued(*id);
            let (cpus, seconds) = used.get(&job.org).copied().unwrap_or_default();
            let may = self.granted.contains_key(&job.org) && {
                let left = self.state.allowances[&job.org];
                cpus + job.need.cpus <= left.cpus && seconds + cpu_seconds(&job.need) <= left.cpu_seconds_left
            };
            if may && free.fits(&job.need) {
                let held_back = match why.code {
                    "reserved" => head_waits,
                    "behind_own" => true,
                    _ => false,
                };
                assert!(held_back, "could run, but waits for {why:?}");
            }
        }
    }

    /// Jobs that pass the first one that doesn't fit never move its latest start.
    fn check_promise(&self, decisions: &Decisions, now: Timestamp) {
        let head =
            decisions.waiting.iter().find_map(|(id, why)| why.starts_by.map(|starts_by| (*id, starts_by)));
        let Some((head, starts_by)) = head else { return };
        let mut free = MACHINE;
        let mut releases = Vec::new();
        let started = decisions.start.iter().map(|id| (self.queued(*id).need, now));
        for (need, since) in self.state.active.iter().map(|job| (job.need, job.since)).chain(started) {
            free.take(&need);
            releases.push((since.plus_seconds(need.wall_seconds).max(now.plus_seconds(1)), need));
        }
        let after = reserve(free, &releases, &self.queued(head).need).unwrap();
        assert!(after.starts_by <= starts_by, "{:?} was promised, {:?} is left", starts_by, after.starts_by);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn holds_its_promises_through_any_history(
        plans in vec(plan(), 1..60),
        quotas in vec((1..=12i64, 100..=200_000i64), 3),
    ) {
        let mut world = World::new(plans, &quotas);
        for second in (0..40_000).step_by(100) {
            world.advance(second);
        }
        prop_assert!(world.state.active.is_empty());
        let last = world.advance(40_000);
        for (_, why) in &last.waiting {
            // Nothing runs any more, so whoever still waits can't ever run as it is.
            let final_word = ["too_large", "quota_missing", "quota_cpus", "quota_seconds"].contains(&why.code);
            prop_assert!(final_word, "an empty machine leaves a job waiting: {why:?}");
        }
    }

    /// One organisation wants the whole machine once; another submits small jobs of higher priority without end.
    #[test]
    fn nobody_starves(
        small_walls in vec(20..=300i64, 20..60), large_wall in 1..=600i64, own_share in 0..2i64,
    ) {
        let whole = Resources { cpus: MACHINE.cpus, memory_mib: 100, wall_seconds: large_wall };
        let large = Plan { org: 1, need: whole, priority: 0, submit_second: 100, run_seconds: large_wall };
        let end = OVERDUE_SECONDS + 3000;
        let small = (0..end / 60).map(|index| {
            let wall_seconds = small_walls[index as usize % small_walls.len()];
            let need = Resources { cpus: 1 + index % 4, memory_mib: 100, wall_seconds };
            let org = if own_share > 0 && index % 2 == 0 { 1 } else { 2 };
            Plan { org, need, priority: 100, submit_second: index * 60, run_seconds: wall_seconds }
        });
        let mut world = World::new(std::iter::once(large).chain(small).collect(), &[(8, i64::MAX), (8, i64::MAX)]);
        let id = Id::from_bits(0);
        for second in (0..end).step_by(60) {
            world.advance(second);
        }
        let started = world.started.get(&id).copied();
        // Once overdue it is first; then its organisation's jobs end, so that the quota is free, then the others'.
        prop_assert!(started.is_some_and(|second| second <= 100 + OVERDUE_SECONDS + 2 * (300 + 60)), "{started:?}");
    }
}

fn queued(id: u128, org: u128, cpus: i64, wall_seconds: i64, priority: i64) -> Queued {
    let need = Resources { cpus, memory_mib: 100, wall_seconds };
    Queued { id: Id::from_bits(id), org: Id::from_bits(org), need, priority, submitted_at: at(id as i64) }
}

fn state(queued: Vec<Queued>) -> QueueState {
    let wide = Allowance { cpus: 100, cpu_seconds_left: i64::MAX };
    let allowances = [1, 2].map(|org| (Id::from_bits(org), wide)).into();
    QueueState { capacity: MACHINE, queued, allowances, ..QueueState::default() }
}

fn ids(of: &[u128]) -> Vec<Id<Job>> {
    of.iter().map(|&id| Id::from_bits(id)).collect()
}

#[test]
fn priority_goes_first_then_fair_share_then_submission() {
    let jobs = vec![
        queued(1, 1, 1, 10, 0),
        queued(2, 1, 1, 10, 0),
        queued(3, 2, 1, 10, 0),
        queued(4, 1, 1, 10, 50),
        queued(5, 2, 1, 10, 0),
    ];
    // 4 by priority; 3 and then a tie by cpus in use, which goes to the older.
    assert_eq!(decide(&state(jobs), at(10)).start, ids(&[4, 3, 1, 5, 2]));
}

#[test]
fn small_jobs_pass_a_large_one_only_if_they_end_before_it_or_leave_it_room() {
    let mut state = state(vec![
        queued(2, 2, 6, 100, 0), // doesn't fit: 4 are free, 8 at second 50
        queued(3, 2, 2, 40, 0),  // ends before
        queued(4, 2, 2, 500, 0), // runs beyond, but 2 are left beside the large one
        queued(5, 2, 1, 500, 0), // would take what the large one needs
    ]);
    let need = Resources { cpus: 4, memory_mib: 100, wall_seconds: 50 };
    state.active.push(Active { id: Id::from_bits(1), org: Id::from_bits(1), need, since: at(0) });
    let decisions = decide(&state, at(5));
    assert_eq!(decisions.start, ids(&[3, 4]));
    let codes: Vec<_> = decisions.waiting.iter().map(|(_, why)| (why.code, why.starts_by)).collect();
    assert_eq!(codes, [("capacity", Some(at(50))), ("capacity", None)]);
}
