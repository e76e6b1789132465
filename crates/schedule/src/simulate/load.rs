//! Play by load, as FGD's authors did: tasks in random order until a multiple of all devices was asked for.

use super::{Simulation, Summary, seeds};
use crate::{
    core::{Event, State},
    policy::Policy,
    random::Random,
    trace::Trace,
    world::Job,
};
use kernel::Result;

/// Plays `seeds` times and averages.
pub(super) fn play(trace: &Trace, policy: &Policy, load: f64, seeds: u64) -> Result<Simulation> {
    let mut ready = State::new(trace.world.clone(), policy.clone())?;
    ready.learn_mix(trace.shapes());
    let summaries = seeds::each(seeds, |seed| once(trace, ready.clone(), load, seed))?;
    let summary = Summary::mean(summaries.iter());
    Ok(Simulation { summary, outcomes: Vec::new() })
}

fn once(trace: &Trace, mut state: State, load: f64, seed: u64) -> Result<Summary> {
    let mut summary = Summary::default();
    let arrivals = arrivals(trace, load, &mut Random::new(1000 + seed), state.devices_milli().1);
    for (moment, task) in arrivals.into_iter().enumerate() {
        let job = Job { id: moment as u64, submitted: 0, ..trace.jobs[task].job.clone() };
        let id = job.id;
        summary.jobs += 1;
        state.apply(Event::Submit { job: Box::new(job) }, 0)?;
        if state.decide(0).placements.is_empty() {
            summary.unserved += 1;
            state.apply(Event::Cancel { job: id }, 0)?;
        }
    }
    let (used, total) = state.devices_milli();
    summary.allocation_percent = 100.0 * used as f64 / total.max(1) as f64;
    summary.fragmentation_percent = 100.0 * state.fragmentation_milli() / total.max(1) as f64;
    summary.jain = 1.0;
    Ok(summary)
}

/// Indexes of tasks: all of the trace in random order, then more or fewer of them until the load is met.
fn arrivals(trace: &Trace, load: f64, random: &mut Random, total_milli: i64) -> Vec<usize> {
    let milli = |task: usize| trace.jobs[task].job.device_milli() as f64;
    let target = load * total_milli as f64;
    let mut tasks: Vec<_> = (0..trace.jobs.len()).collect();
    random.shuffle(&mut tasks);
    let mut asked: f64 = tasks.iter().map(|task| milli(*task)).sum();
    if asked <= 0.0 {
        return tasks;
    }
    while asked > target && !tasks.is_empty() {
        let task = tasks.remove(random.below(tasks.len() as u64) as usize);
        asked -= milli(task);
    }
    loop {
        let task = random.below(trace.jobs.len() as u64) as usize;
        if asked + milli(task) > target {
            return tasks;
        }
        asked += milli(task);
        tasks.push(task);
    }
}
