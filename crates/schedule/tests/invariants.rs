//! Whatever happens: nothing is given out twice, gangs are whole, quotas hold, nobody starves, and the same
//! input gives the same output.

use proptest::prelude::*;
use schedule::{
    Event, Job, Policy, Slice, State, World,
    world::{Preempt, Quota, Shape, Tenant},
};
use std::collections::BTreeMap;

const NODES: usize = 4;
const DEVICES: u8 = 4;
const QUOTA_MILLI: i64 = 6_000;

#[derive(Debug, Clone)]
struct Plan {
    tenant: u32,
    tasks: u32,
    devices: u8,
    milli: u16,
    run: i64,
    gap: i64,
    priority: i32,
    preempt: u8,
}

fn plan() -> impl Strategy<Value = Plan> {
    let shape = prop_oneof![
        (1..=DEVICES).prop_map(|devices| (devices, 1000)),
        (1..1000u16).prop_map(|milli| (1, milli))
    ];
    (0..3u32, 1..4u32, shape, 1..5000i64, 0..900i64, 0..2i32, 0..3u8).prop_map(
        |(tenant, tasks, (devices, milli), run, gap, priority, preempt)| Plan {
            tenant,
            tasks,
            devices,
            milli,
            run,
            gap,
            priority,
            preempt,
        },
    )
}

fn world() -> World {
    let tenant =
        |quota| Tenant { quota: Quota { device_milli: quota, ..Quota::default() }, ..Tenant::default() };
    World {
        tenants: vec![tenant(None), tenant(None), tenant(Some(QUOTA_MILLI))],
        ..World::uniform(NODES, DEVICES)
    }
}

fn job(id: u64, plan: &Plan, now: i64) -> Job {
    let shape = Shape { milli: plan.milli, ..Shape::devices(plan.devices) };
    Job {
        tenant: plan.tenant,
        estimate: Some(plan.run * 2),
        priority: plan.priority,
        preempt: [Preempt::Never, Preempt::Restart, Preempt::Checkpoint][usize::from(plan.preempt)],
        ..Job::new(id, plan.tasks, shape, now)
    }
}

/// Checks that no device is over-allocated, that gangs are whole and that the quota holds.
fn check(running: &BTreeMap<u64, (i64, Vec<Slice>)>, plans: &[Plan]) {
    let mut taken = BTreeMap::new();
    let mut held = 0;
    for (id, (_, slices)) in running {
        let plan = &plans[*id as usize];
        assert_eq!(slices.len(), plan.tasks as usize, "a gang is placed whole");
        for slice in slices {
            assert_eq!(slice.devices.count_ones(), u32::from(plan.devices));
            for device in 0..16 {
                if slice.devices >> device & 1 == 1 {
                    let sum = taken.entry((slice.node, device)).or_insert(0u32);
                    *sum += u32::from(slice.milli);
                    assert!(*sum <= 1000 && device < u32::from(DEVICES), "a device is given out once");
                }
            }
        }
        if plan.tenant == 2 {
            held += i64::from(plan.devices) * i64::from(plan.milli) * i64::from(plan.tasks);
        }
    }
    assert!(held <= QUOTA_MILLI, "the quota holds");
}

/// Plays the plans and returns all that was decided.
fn play(policy: &str, plans: &[Plan]) -> Vec<String> {
    let mut state = State::new(world(), Policy::named(policy).unwrap()).unwrap();
    let mut running = BTreeMap::<u64, (i64, Vec<Slice>)>::new();
    let (mut log, mut now, mut next) = (Vec::new(), 0, 0);
    for _ in 0..plans.len() * 40 {
        let ended: Vec<_> = running.iter().filter(|(_, (end, _))| *end <= now).map(|(id, _)| *id).collect();
        for id in ended {
            running.remove(&id);
            state.apply(Event::End { job: id, micros: 0 }, now).unwrap();
        }
        if next < plans.len() {
            state.apply(Event::Submit { job: Box::new(job(next as u64, &plans[next], now)) }, now).unwrap();
            next += 1;
        }
        let decisions = state.decide(now);
        for stop in &decisions.preemptions {
            assert!(running.remove(&stop.job).is_some());
            let preemptor = stop.preemptor.expect("nobody here pays beforehand");
            assert!(
                decisions.placements.iter().any(|start| start.job == preemptor),
                "who stops others starts"
            );
        }
        for start in &decisions.placements {
            running.insert(start.job, (now + plans[start.job as usize].run, start.slices.clone()));
        }
        check(&running, plans);
        log.push(format!("{now} {decisions:?}"));
        now += if next < plans.len() { plans[next].gap } else { 600 };
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_given_out_twice(plans in prop::collection::vec(plan(), 1..40), at in 0..5usize) {
        let policy = ["default", "fgd", "srtf", "conservative", "las"][at];
        prop_assert_eq!(play(policy, &plans), play(policy, &plans), "the same input gives the same output");
    }
}

/// Serves backlogged tenants for a while and returns the device-seconds of each.
fn serve(weights: &[u32], parents: &[Option<u32>], devices: u8) -> Vec<f64> {
    let tenant = |(weight, parent): (&u32, &Option<u32>)| Tenant {
        weight: *weight,
        parent: *parent,
        ..Tenant::default()
    };
    let tenants: Vec<_> = weights.iter().zip(parents).map(tenant).collect();
    let leaves: Vec<_> = (0..tenants.len() as u32).filter(|id| !parents.contains(&Some(*id))).collect();
    let mut state = State::new(World { tenants, ..World::uniform(8, 8) }, Policy::default()).unwrap();
    let (mut waiting, mut owners) = (vec![0; weights.len()], Vec::<u32>::new());
    let (mut got, mut ends, mut next) =
        (vec![0.0; weights.len()], BTreeMap::<i64, Vec<(u64, u32)>>::new(), 0u64);
    for now in (0..400).map(|step| step * 600) {
        for (job, _) in ends.remove(&now).unwrap_or_default() {
            state.apply(Event::End { job, micros: 0 }, now).unwrap();
        }
        for leaf in &leaves {
            while waiting[*leaf as usize] < 40 {
                waiting[*leaf as usize] += 1;
                // Who pays with more devices at a time gets no more of them.
                let wide = if leaf % 2 == 0 { devices } else { 1 };
                let job = Job { tenant: *leaf, ..Job::new(next, 1, Shape::devices(wide), now) };
                state.apply(Event::Submit { job: Box::new(job) }, now).unwrap();
                owners.push(*leaf);
                next += 1;
            }
        }
        for start in state.decide(now).placements {
            let leaf = owners[start.job as usize];
            waiting[leaf as usize] -= 1;
            let run = 600 * (1 + start.job as i64 % 5);
            got[leaf as usize] += run as f64 * f64::from(start.slices[0].devices.count_ones());
            ends.entry(now + run).or_default().push((start.job, leaf));
        }
    }
    got
}

fn jain(parts: &[f64]) -> f64 {
    let (sum, squares): (f64, f64) =
        parts.iter().fold((0.0, 0.0), |(sum, squares), part| (sum + part, squares + part * part));
    sum * sum / (parts.len() as f64 * squares)
}

#[test]
fn backlogged_tenants_get_their_weights_in_device_seconds() {
    let weights = [1, 2, 4, 1];
    let got = serve(&weights, &[None; 4], 2);
    let parts: Vec<_> = got.iter().zip(weights).map(|(got, weight)| got / f64::from(weight)).collect();
    assert!(jain(&parts) >= 0.98, "{parts:?}");
}

#[test]
fn a_district_gets_its_weight_however_many_tenants_it_has() {
    let got = serve(&[1, 1, 1, 1, 1, 1], &[None, None, Some(0), Some(1), Some(1), Some(1)], 1);
    let districts = [got[2], got[3] + got[4] + got[5]];
    assert!(jain(&districts) >= 0.98, "{districts:?}");
}
