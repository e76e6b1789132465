//! Nobody waits longer than three times as long as served by arrival, and a day, whatever comes.

use proptest::prelude::*;
use schedule::{
    Job, Options, Policy, Trace, World, simulate,
    trace::Traced,
    world::{Preempt, Shape, Tenant},
};

/// Jobs of three tenants on eight nodes: their number of devices, run time, gap to the next.
fn trace(jobs: &[(u8, i64, i64)], preempt: Preempt) -> Trace {
    let mut now = 0;
    let traced = |(id, (size, run, gap)): (u64, &(u8, i64, i64))| {
        now += gap;
        let (tasks, devices) = [(1, 1), (1, 1), (1, 2), (1, 4), (1, 8), (2, 8), (4, 8)][usize::from(*size)];
        let tenant = (id % 7).min(2) as u32;
        Traced {
            job: Job { tenant, preempt, ..Job::new(id, tasks, Shape::devices(devices), now) },
            run: *run,
        }
    };
    let jobs = (0..).zip(jobs).map(traced).collect();
    let world = World { tenants: vec![Tenant::default(); 3], ..World::uniform(8, 8) };
    Trace { world, jobs, skipped: 0, tick_seconds: None, restart_seconds: 0, renews: false }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn nobody_waits_beyond_the_bound(
        jobs in prop::collection::vec((0..7u8, 60..40_000i64, 0..1_500i64), 50..400),
        stoppable in any::<bool>(),
    ) {
        let trace = trace(&jobs, if stoppable { Preempt::Checkpoint } else { Preempt::Never });
        let play = |name| simulate(&trace, &Policy::named(name).unwrap(), &Options::default()).unwrap();
        let (fifo, ours) = (play("fifo"), play("default"));
        for (ours, fifo) in ours.outcomes.iter().zip(&fifo.outcomes) {
            let most = 3 * fifo.wait_seconds().unwrap() + 86_400;
            prop_assert!(ours.wait_seconds().unwrap() <= most, "{ours:?} {fifo:?}");
        }
    }
}
