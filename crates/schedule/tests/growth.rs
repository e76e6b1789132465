//! A service that goes on: tenants and machines come, and after a restart all is known again.

use schedule::{
    Event, Job, Policy, Reason, Slice, State, World,
    world::{Cluster, DeviceModel, Models, Node, Quota, Shape, Tenant},
};

fn apply(state: &mut State, event: Event, now: i64) {
    state.apply(event, now).unwrap();
}

fn submit(state: &mut State, job: Job, now: i64) {
    apply(state, Event::Submit { job: Box::new(job) }, now);
}

fn started(state: &mut State, now: i64) -> Vec<u64> {
    state.decide(now).placements.iter().map(|start| start.job).collect()
}

fn devices(id: u64, tenant: u32, devices: u8) -> Job {
    Job { tenant, estimate: Some(3600), ..Job::new(id, 1, Shape::devices(devices), 0) }
}

fn cores(id: u64, cores: i64) -> Job {
    let shape = Shape { cpu_milli: cores * 1000, memory_mib: cores * 1024, ..Shape::default() };
    Job { estimate: Some(3600), ..Job::new(id, 1, shape, 0) }
}

fn node(model: u16, devices: u8) -> Node {
    Node { model, devices, cpu_milli: 16_000, memory_mib: 64 << 10, ..Node::default() }
}

#[test]
fn an_empty_world_grows_into_one_that_runs_jobs() {
    let world = World { tenants: vec![Tenant::default()], ..World::default() };
    let mut state = State::new(world, Policy::default()).unwrap();
    submit(&mut state, cores(1, 8), 0);
    assert!(started(&mut state, 0).is_empty());
    apply(&mut state, Event::AddNode { node: node(0, 0) }, 1);
    assert_eq!(started(&mut state, 1), [1]);
    // A machine with devices of a new model, in a new cluster, for a new tenant below the first.
    apply(&mut state, Event::Model { model: DeviceModel::default() }, 2);
    apply(
        &mut state,
        Event::Model { model: DeviceModel { name: "new".into(), ..DeviceModel::default() } },
        2,
    );
    apply(&mut state, Event::Cluster { cluster: Cluster::default() }, 2);
    apply(&mut state, Event::AddNode { node: Node { cluster: 0, ..node(1, 4) } }, 2);
    apply(&mut state, Event::Tenant { tenant: Tenant { parent: Some(0), ..Tenant::default() } }, 2);
    let shape = Shape { models: Models(2), ..Shape::devices(4) };
    submit(&mut state, Job { tenant: 1, shape, ..devices(2, 1, 4) }, 2);
    let decisions = state.decide(2);
    assert_eq!(decisions.placements[0].slices, [Slice { node: 1, devices: 0b1111, milli: 1000 }]);
    assert_eq!(
        (state.in_use_milli(0), state.in_use_milli(1), state.devices_milli()),
        (4000, 4000, (4000, 4000))
    );
}

#[test]
fn machines_come_after_placement_has_been_learned() {
    let mut world = World { nodes: vec![node(0, 8); 70], ..World::uniform(0, 0) };
    world.tenants.push(Tenant::default());
    let mut state = State::new(world, Policy::default()).unwrap();
    for id in 0..600 {
        let shape = Shape { milli: 300, cpu_milli: 2_000, ..Shape::devices(1) };
        submit(&mut state, Job { shape, ..devices(id, (id % 2) as u32, 1) }, 0);
    }
    let before = started(&mut state, 0).len();
    apply(&mut state, Event::Model { model: DeviceModel::default() }, 1);
    for _ in 0..70 {
        apply(&mut state, Event::AddNode { node: node(1, 8) }, 1);
    }
    let later = started(&mut state, 1).len();
    assert_eq!((before + later, state.waiting()), (600, 0));
    assert!(later > 0 && state.fragmentation_milli() > 0.0);
}

#[test]
fn what_does_not_hold_together_is_refused_and_changes_nothing() {
    let mut state = State::new(World::uniform(2, 4), Policy::default()).unwrap();
    let code = |state: &mut State, event| state.apply(event, 100).unwrap_err().code;
    let orphan = Tenant { parent: Some(1), ..Tenant::default() };
    assert_eq!(code(&mut state, Event::Tenant { tenant: orphan }), "world_invalid");
    assert_eq!(code(&mut state, Event::AddNode { node: node(1, 4) }), "world_invalid");
    assert_eq!(code(&mut state, Event::AddNode { node: node(0, 17) }), "world_invalid");
    assert_eq!(code(&mut state, Event::AddNode { node: Node { cluster: 1, ..node(0, 1) } }), "world_invalid");
    let run = |tenant, ended| Event::Ran { job: Box::new(devices(9, tenant, 1)), seconds: 5, ended };
    assert_eq!(code(&mut state, run(1, 0)), "tenant_unknown");
    assert_eq!(code(&mut state, run(0, 101)), "job_shape_invalid");
    let slice = |node, devices| Slice { node, devices, milli: 1000 };
    for id in 1..3 {
        submit(&mut state, devices(id, 0, 2), 0);
    }
    let running = |job, slices| Event::Running { job, since: 0, slices };
    assert_eq!(code(&mut state, running(1, vec![slice(2, 0b11)])), "node_unknown");
    assert_eq!(code(&mut state, running(1, vec![slice(0, 0b1)])), "placement_conflict");
    assert_eq!(code(&mut state, running(1, vec![slice(0, 0b11000)])), "placement_conflict");
    assert_eq!(code(&mut state, running(1, vec![slice(0, 0b11), slice(1, 0b11)])), "placement_conflict");
    apply(&mut state, running(1, vec![slice(0, 0b11)]), 100);
    assert_eq!(code(&mut state, running(2, vec![slice(0, 0b110)])), "placement_conflict");
    apply(&mut state, running(2, vec![slice(0, 0b1100)]), 100);
    assert_eq!(state.free_of(0).unwrap(), [0, 0, 0, 0]);
    assert_eq!((state.running(), state.waiting(), state.devices_milli()), (2, 0, (4000, 8000)));
}

#[test]
fn after_a_restart_shares_and_run_times_are_as_before() {
    let tenants = vec![Tenant::default(), Tenant::default()];
    let world = World { tenants, ..World::uniform(1, 8) };
    let mut before = State::new(world.clone(), Policy::default()).unwrap();
    let mut after = State::new(world, Policy::default()).unwrap();
    // Tenant 0 had the whole machine for an hour, ten times, and runs on a part of it.
    let mut now = 0;
    for id in 0..10 {
        submit(&mut before, devices(id, 0, 8), now);
        assert_eq!(started(&mut before, now), [id]);
        now += 7200;
        apply(&mut before, Event::End { job: id, micros: 0 }, now);
        apply(&mut after, Event::Ran { job: Box::new(devices(id, 0, 8)), seconds: 7200, ended: now }, 80_000);
    }
    submit(&mut before, devices(10, 0, 2), now);
    let start = before.decide(now).placements.remove(0);
    submit(&mut after, devices(10, 0, 2), 80_000);
    apply(&mut after, Event::Running { job: 10, since: now, slices: start.slices }, 80_000);
    for state in [&mut before, &mut after] {
        // What tenant 1 wants is due first, and both expect the same of it.
        for (id, tenant) in [(11, 0), (12, 1), (13, 0), (14, 1)] {
            submit(state, devices(id, tenant, 4), 80_000);
        }
        assert_eq!(started(state, 80_000), [12]);
    }
    let ends = |state: &State| state.jobs_running().map(|job| (job.job, job.ends)).collect::<Vec<_>>();
    assert_eq!(ends(&before), ends(&after));
}

#[test]
fn the_queue_tells_who_waits_why_and_until_when() {
    let quota = Quota { cpu_milli: Some(4_000), ..Quota::default() };
    let tenants = vec![Tenant::default(), Tenant { quota, ..Tenant::default() }];
    let world = World { tenants, nodes: vec![node(0, 0)], ..World::default() };
    let mut state = State::new(world, Policy::default()).unwrap();
    submit(&mut state, cores(1, 12), 0);
    submit(&mut state, cores(2, 8), 0);
    submit(&mut state, Job { tenant: 1, ..cores(3, 8) }, 0);
    submit(&mut state, Job { after: vec![1], ..cores(4, 1) }, 0);
    assert_eq!(started(&mut state, 0), [2]);
    state.forecast(0, 300);
    let queue: Vec<_> = state.queue(0).collect();
    assert_eq!(queue.len(), 3);
    let of = |job| queue.iter().find(|waiting| waiting.job == job).unwrap();
    let words = of(1).reason.words(0);
    assert!(words.en.contains("12 cores") && words.en.contains("free in all are 8 cores"), "{}", words.en);
    assert!(of(1).start.unwrap() > 0, "eight of sixteen cores are taken");
    assert!(matches!(of(3).reason, Reason::QuotaTooSmall { asked: 8_000, quota: 4_000, .. }));
    assert_eq!(queue[2].reason, Reason::Dependency { jobs: 1 });
}
