//! What the next job will probably ask for, and how much of a node's free devices it could use.
//!
//! Weng et al., "Beware of Fragmentation" (USENIX ATC 2023): the fragmentation of a node is the free device
//! capacity that a random next task can't use. For tasks of one device that is a sum over free devices of a
//! number that depends only on the node's free processors and the device's free part, so it is tabulated
//! once.

use crate::world::{Models, Shape};
use std::collections::BTreeMap;

/// Steps in which a device's free part is tabulated.
pub(crate) const STEPS: usize = 101;
/// Kinds of tasks that are looked at; rarer ones are left out.
const MOST_SHAPES: usize = 160;

struct Wide {
    cpu_milli: i64,
    devices: usize,
    models: Models,
    part: f32,
}

/// The mix of tasks that is expected, as tables.
pub(crate) struct Typical {
    cpus: Vec<i64>,
    /// By model, rank of free processors, free part of a device: how probable it is that the next task fits.
    table: Vec<f32>,
    wide: Vec<Wide>,
}

impl Typical {
    /// Tables for tasks that came as often as `counts` says, over `models` device models.
    pub(crate) fn new(counts: &BTreeMap<Shape, u64>, models: usize) -> Self {
        let mut shapes: Vec<_> = counts.iter().collect();
        shapes.sort_by_key(|(shape, count)| (std::cmp::Reverse(**count), **shape));
        shapes.truncate(MOST_SHAPES);
        let total = shapes.iter().map(|(_, count)| **count).sum::<u64>().max(1) as f32;
        let mut cpus: Vec<_> = shapes.iter().map(|(shape, _)| shape.cpu_milli).collect();
        cpus.sort_unstable();
        cpus.dedup();
        let mut typical =
            Self { table: vec![0.0; models * (cpus.len() + 1) * STEPS], cpus, wide: Vec::new() };
        for (shape, count) in shapes {
            typical.add(shape, *count as f32 / total, models);
        }
        typical
    }

    fn add(&mut self, shape: &Shape, part: f32, models: usize) {
        if shape.devices > 1 {
            let Shape { cpu_milli, devices, models, .. } = *shape;
            return self.wide.push(Wide { cpu_milli, devices: usize::from(devices), models, part });
        }
        if shape.devices == 0 {
            return;
        }
        let first_rank = self.rank(shape.cpu_milli);
        let step = usize::from(shape.milli).div_ceil(10).min(STEPS);
        for model in (0..models).filter(|model| shape.models.has(*model as u16)) {
            for rank in first_rank..=self.cpus.len() {
                let row = (model * (self.cpus.len() + 1) + rank) * STEPS;
                self.table[row + step..row + STEPS].iter_mut().for_each(|cell| *cell += part);
            }
        }
    }

    fn rank(&self, cpu_milli: i64) -> usize {
        self.cpus.partition_point(|cpu| *cpu <= cpu_milli)
    }

    /// How probable it is that the next task of one device fits, by the free part of a device.
    pub(crate) fn row(&self, model: usize, cpu_milli: i64) -> &[f32] {
        let row = (model * (self.cpus.len() + 1) + self.rank(cpu_milli)) * STEPS;
        &self.table[row..row + STEPS]
    }

    /// The expected thousandths of `free` that the next task can't use.
    pub(crate) fn waste(&self, model: usize, cpu_milli: i64, free: &[u16]) -> f32 {
        let row = self.row(model, cpu_milli);
        let (mut waste, mut whole) = (0.0, 0);
        for &left in free {
            waste += f32::from(left) * (1.0 - row[usize::from(left) / 10]);
            whole += usize::from(left == 1000);
        }
        if whole < 2 {
            return waste;
        }
        let fits = |wide: &&Wide| {
            wide.cpu_milli <= cpu_milli && wide.devices <= whole && wide.models.has(model as u16)
        };
        let usable: f32 = self.wide.iter().filter(fits).map(|wide| wide.part).sum();
        waste - usable * 1000.0 * whole as f32
    }
}
