//! Traces through the core: the same [`crate::State`] as the live service, with a clock that jumps.
//!
//! Two kinds of play. In *time*, jobs arrive, run as long as the trace says and leave. By *load* (openb, as
//! its publishers do it), tasks arrive in random order and stay until a multiple of the cluster has been
//! asked for; what doesn't fit is turned away, and how much is allocated at the end is the measure.
//!
//! Map: [`clock`] play in time · [`load`] play by load · [`seeds`] many plays side by side · [`summary`] what came
//! out · [`timeline`] a picture.

mod clock;
mod load;
mod seeds;
mod summary;
mod timeline;

use crate::{
    policy::Policy,
    random::Random,
    trace::Trace,
    world::{Quota, Seconds},
};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
pub use summary::{Outcome, Summary};
pub use timeline::timeline;

/// How a trace is played.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Give jobs estimates that are wrong by a lognormal factor of this scale; 0 gives true ones. Without it
    /// jobs have the estimates of their users where the trace has them, and [`USUAL_NOISE`] where it hasn't.
    pub estimate_noise: Option<f64>,
    /// Give jobs no estimates at all.
    pub no_estimates: bool,
    /// Play by load: tasks arrive until this multiple of all devices was asked for.
    pub arrived_load: Option<f64>,
    /// Repetitions with other random numbers, averaged; 0 means 1.
    pub seeds: u64,
    /// Decide at multiples of this only. `None` takes what the trace says.
    pub tick_seconds: Option<Seconds>,
    /// What each start costs. `None` takes what the trace says.
    pub restart_seconds: Option<Seconds>,
    /// What if there were this many percent of the nodes.
    pub nodes_percent: Option<u32>,
    /// What if each tenant had this quota.
    pub quota: Option<Quota>,
    /// What if each tenant had this much prepaid money, in micros.
    pub balance_micros: Option<i64>,
}

/// How wrong users' estimates are where a trace doesn't tell: a factor of e, give or take.
pub const USUAL_NOISE: f64 = 1.0;

/// What playing a trace came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// The figures.
    pub summary: Summary,
    /// Each job, in order of arrival. Empty when played by load.
    pub outcomes: Vec<Outcome>,
}

/// Plays `trace` under `policy`.
pub fn simulate(trace: &Trace, policy: &Policy, options: &Options) -> Result<Simulation> {
    let began = std::time::Instant::now();
    if options.estimate_noise.is_some_and(|scale| !(0.0..=10.0).contains(&scale)) {
        return Err(Error::invalid("simulate_options", "estimate noise must be from 0 to 10"));
    }
    if options.arrived_load.is_some_and(|load| !(0.0..=100.0).contains(&load)) {
        return Err(Error::invalid("simulate_options", "arrived load must be from 0 to 100"));
    }
    if trace.jobs.is_empty() {
        return Err(Error::invalid("simulate_options", "the trace holds no job that could run"));
    }
    let trace = what_if(trace, options);
    let seeds = options.seeds.clamp(1, 1000);
    let mut simulation = match options.arrived_load {
        Some(load) => load::play(&trace, policy, load, seeds)?,
        None => {
            let plays = seeds::each(seeds, |seed| {
                let play = clock::play(&trace, policy, options, seed)?;
                let outcomes = if seed == 0 { play.outcomes } else { Vec::new() };
                Ok(Simulation { outcomes, ..play })
            })?;
            let summary = Summary::mean(plays.iter().map(|play| &play.summary));
            let outcomes = plays.into_iter().next().map(|play| play.outcomes).unwrap_or_default();
            Simulation { summary, outcomes }
        }
    };
    simulation.summary.policy.clone_from(&policy.name);
    simulation.summary.wall_seconds = began.elapsed().as_secs_f64();
    Ok(simulation)
}

fn what_if<'a>(trace: &'a Trace, options: &Options) -> std::borrow::Cow<'a, Trace> {
    let mut trace = std::borrow::Cow::Borrowed(trace);
    if let Some(percent) = options.nodes_percent {
        let nodes = &mut trace.to_mut().world.nodes;
        let wanted = (nodes.len() * percent as usize / 100).max(1);
        *nodes = nodes.iter().cycle().take(wanted).cloned().collect();
    }
    if options.quota.is_some() || options.balance_micros.is_some() {
        for tenant in &mut trace.to_mut().world.tenants {
            tenant.quota = options.quota.unwrap_or(tenant.quota);
            tenant.balance_micros = options.balance_micros.or(tenant.balance_micros);
        }
    }
    trace
}

/// The estimate that a job comes with. Policies with an oracle get the true run time.
fn estimate(
    traced: &crate::trace::Traced,
    policy: &Policy,
    options: &Options,
    random: &mut Random,
) -> Option<Seconds> {
    let noise = match (options.estimate_noise, traced.job.estimate) {
        (None, Some(users)) => return Some(if policy.oracle { traced.run } else { users }),
        (noise, _) => noise.unwrap_or(USUAL_NOISE),
    };
    // Drawn in any case, so that all policies see the same jobs.
    let drawn = (traced.run as f64 * (noise * random.normal()).exp()).clamp(1.0, 1e12) as Seconds;
    match policy.oracle {
        true => Some(traced.run),
        false => (!options.no_estimates).then_some(drawn),
    }
}
