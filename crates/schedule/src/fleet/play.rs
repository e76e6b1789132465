//! Plays the empty fleet full with tasks drawn from a mix, to learn which free parts stay free.

use super::{Fleet, Learned, Placement};
use crate::{
    random::Random,
    world::{NodeId, Shape, World},
};
use std::{collections::BTreeMap, sync::Arc};

/// Rounds of play, each by what the rounds before have learned.
const ROUNDS: u64 = 6;
/// Devices asked for in one round, as a multiple of what there is.
const LOAD: f64 = 1.3;
/// Nodes that are played with at most; a larger fleet is represented by every n-th.
const MOST_NODES: usize = 700;
/// Tasks in one round at most.
const MOST_TASKS: usize = 50_000;

/// What free parts of this world's devices are worth under this mix.
pub(super) fn learn(world: &World, counts: &BTreeMap<Shape, u64>) -> Learned {
    let every = world.nodes.len().div_ceil(MOST_NODES).max(1);
    let mut sample = world.clone();
    sample.nodes = world.nodes.iter().step_by(every).cloned().collect();
    let mut learned = Learned::new(world.models.len());
    for round in 0..ROUNDS {
        let mut fleet = Fleet::new(&sample, Placement::FgdPaper);
        fleet.learn(counts);
        if round > 0 {
            fleet.placement = Placement::Fgd;
            fleet.learned = Some(Arc::new(learned.clone()));
            fleet.forget_scores();
        }
        let visits = play(&mut fleet, counts, Random::new(round));
        let outcome = |(cell, node, device): &(usize, NodeId, u8)| {
            (*cell, fleet.nodes[*node as usize].free()[*device as usize])
        };
        learned.note(visits.iter().map(outcome));
    }
    learned
}

/// Places tasks until enough were asked for. Returns the states in which devices were left on the way.
fn play(fleet: &mut Fleet, counts: &BTreeMap<Shape, u64>, mut random: Random) -> Vec<(usize, NodeId, u8)> {
    let mix: Vec<_> = counts.iter().map(|(shape, count)| (*shape, *count)).collect();
    let total: u64 = mix.iter().map(|(_, count)| *count).sum();
    let ends: Vec<u64> = mix
        .iter()
        .scan(0, |sum, (_, count)| {
            *sum += count;
            Some(*sum)
        })
        .collect();
    let enough = (fleet.total_milli as f64 * LOAD) as i64;
    let (mut asked, mut visits) = (0, Vec::new());
    for _ in 0..MOST_TASKS {
        if asked >= enough {
            break;
        }
        let drawn = random.below(total.max(1));
        let (shape, _) = mix[ends.partition_point(|end| *end <= drawn)];
        asked += shape.device_milli();
        let class = fleet.class(&shape, 1);
        let Some(slices) = fleet.place(class, false, |_| true) else { continue };
        let id = slices[0].node;
        let node = &fleet.nodes[id as usize];
        for (device, left) in node.free().iter().enumerate().filter(|(_, left)| **left > 0) {
            let cell = Learned::cell(node.model as usize, node.cpu_milli, node.free(), *left);
            visits.push((cell, id, device as u8));
        }
    }
    visits
}
