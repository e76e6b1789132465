//! What users of other schedulers complain of, as tests. The numbers name issues of ROCm/spur.

use schedule::{
    Event, Job, Policy, Reason, State, World,
    world::{Array, Cluster, Preempt, Quota, Seconds, Shape, Tenant},
};

fn state(world: World) -> State {
    State::new(world, Policy::default()).unwrap()
}

fn submit(state: &mut State, job: Job) {
    let now = job.submitted;
    state.apply(Event::Submit { job: Box::new(job) }, now).unwrap();
}

fn started(state: &mut State, now: Seconds) -> Vec<u64> {
    state.decide(now).placements.iter().map(|start| start.job).collect()
}

fn devices(id: u64, devices: u8, now: Seconds) -> Job {
    Job { estimate: Some(3600), ..Job::new(id, 1, Shape::devices(devices), now) }
}

/// 439: a tenant that used eight GPUs and few processors had used nothing.
#[test]
fn devices_count_in_fair_share_and_in_quotas() {
    let quota = Quota { device_milli: Some(8_000), ..Quota::default() };
    let tenants = vec![Tenant { quota, ..Tenant::default() }, Tenant::default()];
    let mut state = state(World { tenants, ..World::uniform(2, 8) });
    submit(&mut state, devices(1, 8, 0));
    assert_eq!(started(&mut state, 0), [1]);
    submit(&mut state, devices(2, 4, 1));
    submit(&mut state, Job { tenant: 1, ..devices(3, 8, 2) });
    assert_eq!(started(&mut state, 2), [3], "the other tenant's turn, and the first one's quota is used up");
    assert!(matches!(state.why(2), Some(Reason::QuotaInUse { used: 8000, quota: 8000, .. })));
}

/// 888: eleven jobs were killed for one that didn't start.
#[test]
fn nobody_is_stopped_for_a_job_that_would_not_start() {
    let mut state = state(World::uniform(2, 8));
    submit(&mut state, Job { preempt: Preempt::Never, ..devices(0, 1, 0) });
    for id in 1..12 {
        submit(&mut state, Job { preempt: Preempt::Restart, ..devices(id, 1, 0) });
    }
    assert_eq!(started(&mut state, 0).len(), 12);
    // Two whole nodes can't be had while job 0 runs, whatever is stopped.
    let large = Job { priority: 9, ..Job::new(50, 2, Shape::devices(8), 10) };
    submit(&mut state, large);
    let decisions = state.decide(10);
    assert!(decisions.preemptions.is_empty() && decisions.placements.is_empty());
    assert!(matches!(state.why(50), Some(Reason::Capacity { .. })));
    // One node can: just those on it are stopped, and the large one starts in the same decision.
    submit(&mut state, Job { priority: 9, ..devices(51, 8, 20) });
    let decisions = state.decide(20);
    assert_eq!(decisions.placements.len(), 1);
    assert!(decisions.preemptions.len() <= 4, "{decisions:?}");
    assert!(decisions.preemptions.iter().all(|stop| stop.preemptor == Some(51) && stop.job != 0));
}

/// 767: nodes stood idle while jobs that fit waited behind one that didn't.
#[test]
fn idle_nodes_are_used_by_what_fits() {
    let mut state = state(World::uniform(4, 8));
    submit(&mut state, devices(1, 8, 0));
    assert_eq!(started(&mut state, 0), [1]);
    submit(&mut state, Job { estimate: Some(100), ..Job::new(2, 9, Shape::devices(8), 1) });
    submit(&mut state, Job { tenant: 0, ..devices(3, 8, 2) });
    submit(&mut state, devices(4, 8, 3));
    assert_eq!(started(&mut state, 3).len(), 2, "what can never fit holds nothing up");
    assert!(matches!(state.why(2), Some(Reason::TooLarge { tasks_possible: 4 })));
}

/// PR 732: a large job starved behind a stream of small ones.
#[test]
fn a_large_job_starts_within_its_bound() {
    let mut state = state(World::uniform(4, 8));
    let mut ends = std::collections::BTreeMap::<Seconds, Vec<u64>>::new();
    let mut large = None;
    for (id, now) in (0..2000).map(|step| (step as u64, step * 120)) {
        let due: Vec<_> = ends.range(..=now).map(|(moment, _)| *moment).collect();
        for job in due.into_iter().filter_map(|moment| ends.remove(&moment)).flatten() {
            state.apply(Event::End { job, micros: 0 }, now).unwrap();
        }
        if id == 50 {
            submit(
                &mut state,
                Job { estimate: Some(7200), ..Job::new(1_000_000, 4, Shape::devices(8), now) },
            );
        }
        submit(&mut state, Job { estimate: Some(3600), ..devices(id, 1, now) });
        for job in started(&mut state, now) {
            if job == 1_000_000 {
                large = Some(now);
            }
            ends.entry(now + 3600).or_default().push(job);
        }
    }
    let waited = large.expect("the large job starts") - 50 * 120;
    assert!(waited < 18 * 3600, "waited {waited} s");
}

#[test]
fn arrays_dependencies_balances_and_hours_hold_jobs_back_and_say_so() {
    let cluster = Cluster { price_percent: [vec![200; 12], vec![50; 12]].concat(), ..Cluster::default() };
    let mut world = World { clusters: vec![cluster], ..World::uniform(8, 8) };
    world.models[0].hour_micros = 1_000_000;
    world.tenants.push(Tenant { balance_micros: Some(3_000_000), ..Tenant::default() });
    let mut state = state(world);
    let array = Some(Array { id: 7, at_most: 1 });
    submit(&mut state, Job { array, ..devices(1, 1, 0) });
    submit(&mut state, Job { array, ..devices(2, 1, 0) });
    submit(&mut state, Job { after: vec![1], ..devices(3, 1, 0) });
    submit(&mut state, Job { tenant: 1, ..devices(4, 2, 0) });
    submit(&mut state, Job { flexible_until: Some(80_000), ..devices(5, 1, 0) });
    assert_eq!(started(&mut state, 0), [1]);
    assert_eq!(state.why(2), Some(Reason::Array { at_most: 1 }));
    assert_eq!(state.why(3), Some(Reason::Dependency { jobs: 1 }));
    assert!(matches!(
        state.why(4),
        Some(Reason::Balance { needed_micros: 4_000_000, left_micros: 3_000_000 })
    ));
    assert_eq!(state.why(5), Some(Reason::Delayed { until: 12 * 3600 }));
    assert!(state.why(5).unwrap().words(0).en.contains("cheaper"));
    state.apply(Event::End { job: 1, micros: 5 }, 600).unwrap();
    state.apply(Event::Balance { tenant: 1, micros: Some(9_000_000) }, 600).unwrap();
    let mut now = started(&mut state, 600);
    now.sort_unstable();
    assert_eq!(now, [2, 3, 4]);
    assert_eq!(started(&mut state, 12 * 3600), [5]);
    // The money that is held for a job lasts as long as its estimate: then it is stopped.
    let stops = state.decide(600 + 3600).preemptions;
    assert!(stops.is_empty(), "told once, at the first decision after it");
}

#[test]
fn prepaid_money_that_runs_out_stops_the_job() {
    let tenants = vec![Tenant { balance_micros: Some(10_000_000), ..Tenant::default() }];
    let mut world = World { tenants, ..World::uniform(1, 8) };
    world.models[0].hour_micros = 1_000_000;
    let mut state = state(world);
    submit(&mut state, devices(1, 1, 0));
    let decisions = state.decide(0);
    assert_eq!((decisions.placements.len(), decisions.wake), (1, Some(3600)));
    let stops = state.decide(3600).preemptions;
    assert_eq!((stops[0].job, stops[0].preemptor), (1, None));
}

/// Start estimates ignored the wall limit: behind jobs that end within minutes they said hours.
#[test]
fn nothing_is_expected_to_outlive_its_limit() {
    let mut state = state(World::uniform(2, 8));
    let limited = |id, tasks, limit, now| Job {
        limit: Some(limit),
        preempt: Preempt::Checkpoint,
        ..Job::new(id, tasks, Shape::devices(8), now)
    };
    submit(&mut state, limited(1, 1, 600, 0));
    assert_eq!(started(&mut state, 0), [1]);
    // Two nodes are kept for job 2 from when job 1 ends, and job 3 is gone by then.
    submit(&mut state, limited(2, 2, 300, 10));
    submit(&mut state, Job { priority: -1, ..limited(3, 1, 500, 10) });
    submit(&mut state, Job { priority: -2, ..limited(4, 2, 300, 10) });
    let decisions = state.decide(10);
    assert_eq!(decisions.placements.iter().map(|start| start.job).collect::<Vec<_>>(), [3]);
    assert!(decisions.reservations[0].at <= 601, "{:?}", decisions.reservations);
    let starts = state.forecast(10, 10);
    assert!(starts[0].1 <= 601 && starts[1].1 <= 601 + 301, "{starts:?}");
    // What a run has had counts when it goes on.
    state.apply(Event::Requeue { job: 1 }, 410).unwrap();
    assert_eq!(started(&mut state, 410), [1]);
    assert!(state.jobs_running().all(|running| running.ends <= 601 + 10));
}

#[test]
fn forecasts_are_made_kept_and_judged() {
    let mut state = state(World::uniform(1, 8));
    submit(&mut state, devices(1, 8, 0));
    started(&mut state, 0);
    submit(&mut state, devices(2, 8, 10));
    started(&mut state, 10);
    let forecast = state.forecast(10, 100);
    assert_eq!(forecast.len(), 1);
    assert!(forecast[0].1 > 10);
    state.apply(Event::End { job: 1, micros: 0 }, 3600).unwrap();
    assert_eq!(started(&mut state, 3600), [2]);
    assert_eq!(state.accuracy().starts, 1);
}

#[test]
fn a_log_of_events_replays_to_the_same_decisions() {
    let mut log = Vec::new();
    let mut first = state(World::uniform(2, 8));
    let mut decided = Vec::new();
    for id in 0..40 {
        let now = id as Seconds * 100;
        let event = Event::Submit { job: Box::new(devices(id, 1 + (id % 8) as u8, now)) };
        log.push((now, serde_json::to_string(&event).unwrap()));
        first.apply(event, now).unwrap();
        decided.push(first.decide(now));
    }
    let mut second = state(World::uniform(2, 8));
    for ((now, event), decided) in log.iter().zip(&decided) {
        second.apply(serde_json::from_str(event).unwrap(), *now).unwrap();
        assert_eq!(&second.decide(*now), decided);
    }
}

#[test]
fn bad_input_is_refused_and_changes_nothing() {
    let mut state = state(World::uniform(1, 8));
    let code = |state: &mut State, event| state.apply(event, 0).unwrap_err().code;
    let event = |job: Job| Event::Submit { job: Box::new(job) };
    assert_eq!(code(&mut state, event(Job { tenant: 9, ..devices(1, 1, 0) })), "tenant_unknown");
    assert_eq!(code(&mut state, event(Job { tasks: 0, ..devices(1, 1, 0) })), "job_shape_invalid");
    assert_eq!(code(&mut state, Event::End { job: 1, micros: 0 }), "job_state");
    assert_eq!(code(&mut state, Event::Node { node: 9, up: false }), "node_unknown");
    state.apply(event(devices(1, 1, 0)), 0).unwrap();
    assert_eq!(code(&mut state, event(devices(1, 1, 0))), "job_known");
    state.apply(Event::Node { node: 0, up: false }, 0).unwrap();
    assert!(started(&mut state, 0).is_empty());
    state.apply(Event::Node { node: 0, up: true }, 1).unwrap();
    assert_eq!(started(&mut state, 1), [1]);
}
