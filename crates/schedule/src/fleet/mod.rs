//! What is free where, and which node a task goes to.
//!
//! Map: [`node`] one machine's free parts · [`find`] the choice of nodes, with an index by free devices and
//! scores that are kept until a node changes · [`typical`] and [`learned`] what free parts are worth ·
//! [`play`] how that is learned · [`bits`] sets of nodes.

mod bits;
mod find;
mod learned;
mod node;
mod play;
mod typical;

use crate::{
    core::Amount,
    hash::QuickMap,
    world::{DeviceModel, Node, NodeId, Shape, World},
};
use bits::Bits;
use find::Class;
use learned::Learned;
pub(crate) use node::NodeState;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use typical::Typical;

/// Index of a kind of need: a shape and a number of tasks.
pub(crate) type ClassId = u32;

/// How nodes are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The node with the least left over.
    BestFit,
    /// FGD as published (ATC 2023): the least growth of fragmentation, in hundredths of a sigmoid, fullest
    /// node first.
    FgdPaper,
    /// FGD with the long-run waste that playing the fleet full has shown, instead of a look one task ahead.
    #[default]
    Fgd,
}

/// What a task holds on one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// The node.
    pub node: NodeId,
    /// Its devices, one bit each.
    pub devices: u16,
    /// Thousandths of each of these devices.
    pub milli: u16,
}

#[derive(Clone)]
pub(crate) struct Fleet {
    pub nodes: Vec<NodeState>,
    pub total_milli: i64,
    pub free_milli: i64,
    /// Wider than one node's, since a node may have as good as unbounded processors and memory.
    pub total_cpu: i128,
    pub free_cpu: i128,
    pub free_memory: i128,
    /// Counts moments at which something came free. What didn't fit then needs no second look until the next.
    pub released: u64,
    placement: Placement,
    world: World,
    classes: Vec<Class>,
    /// How many of the classes have scores.
    tables: usize,
    class_ids: QuickMap<(Shape, u32), ClassId>,
    /// By model and number of whole free devices.
    index: Vec<Vec<Bits>>,
    /// What is wasted on each node as it is, where a mix is known.
    wasted: Vec<f32>,
    /// Nodes in the order in which they changed; kept scores are renewed from it.
    changes: Vec<NodeId>,
    /// By node: the last place in `changes` that names it.
    latest: Vec<u32>,
    epoch: u32,
    typical: Option<Arc<Typical>>,
    learned: Option<Arc<Learned>>,
}

impl Fleet {
    pub(crate) fn new(world: &World, placement: Placement) -> Self {
        let nodes: Vec<_> = world.nodes.iter().map(|node| NodeState::new(node, &world.models)).collect();
        let empty = vec![Bits::new(nodes.len()); crate::world::MAX_DEVICES + 1];
        let mut fleet = Self {
            total_milli: 0,
            free_milli: 0,
            total_cpu: 0,
            free_cpu: 0,
            free_memory: 0,
            released: 1,
            placement,
            classes: Vec::new(),
            tables: 0,
            class_ids: QuickMap::default(),
            index: vec![empty; world.models.len().max(1)],
            wasted: Vec::new(),
            changes: Vec::new(),
            latest: vec![0; nodes.len()],
            epoch: 0,
            typical: None,
            learned: None,
            world: World { tenants: Vec::new(), ..world.clone() },
            nodes,
        };
        for id in 0..fleet.nodes.len() as u32 {
            fleet.count_in(id);
        }
        fleet
    }

    /// What is free in all.
    pub(crate) fn free(&self) -> Amount {
        let narrow = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
        Amount {
            device_milli: self.free_milli,
            cpu_milli: narrow(self.free_cpu),
            memory_mib: narrow(self.free_memory),
        }
    }

    /// What is free and what there is, as jobs are charged: devices, or processors where there are none.
    pub(crate) fn charged(&self) -> (i64, i64) {
        if self.total_milli > 0 {
            return (self.free_milli, self.total_milli);
        }
        let narrow = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
        (narrow(self.free_cpu), narrow(self.total_cpu))
    }

    /// Adds a machine, which is up.
    pub(crate) fn add_node(&mut self, node: Node) {
        let id = self.nodes.len() as NodeId;
        self.nodes.push(NodeState::new(&node, &self.world.models));
        self.world.nodes.push(node);
        self.index.iter_mut().flatten().for_each(|bits| bits.grow(self.nodes.len()));
        self.wasted.resize(self.nodes.len(), 0.0);
        self.latest.resize(self.nodes.len(), 0);
        self.epoch += 1;
        self.released += 1;
        self.count_in(id);
        self.changed(id);
    }

    /// Adds a device model. What was learned knows nothing of it, so it is to be learned again.
    pub(crate) fn add_model(&mut self, model: DeviceModel) {
        self.world.models.push(model);
        let empty = vec![Bits::new(self.nodes.len()); crate::world::MAX_DEVICES + 1];
        self.index.resize(self.world.models.len(), empty);
        (self.typical, self.learned) = (None, None);
        self.forget_scores();
    }

    /// Adds a node that is up or came up to the sums and the index.
    fn count_in(&mut self, id: NodeId) {
        let node = &self.nodes[id as usize];
        self.total_milli += i64::from(node.devices) * 1000;
        self.total_cpu += i128::from(node.cpu_milli_total);
        self.free_milli += node.left();
        self.free_cpu += i128::from(node.cpu_milli);
        self.free_memory += i128::from(node.memory_mib);
        self.index[node.model as usize][node.whole()].insert(id);
    }

    /// Takes a node out of service, or puts it back. What runs there stays accounted for.
    pub(crate) fn set_up(&mut self, id: NodeId, up: bool) {
        if self.nodes[id as usize].up == up {
            return;
        }
        self.nodes[id as usize].up = up;
        if up {
            self.count_in(id);
            self.released += 1;
        } else {
            let node = &self.nodes[id as usize];
            self.total_milli -= i64::from(node.devices) * 1000;
            self.total_cpu -= i128::from(node.cpu_milli_total);
            self.free_milli -= node.left();
            self.free_cpu -= i128::from(node.cpu_milli);
            self.free_memory -= i128::from(node.memory_mib);
            let whole = node.whole();
            self.index[node.model as usize][whole].remove(id);
        }
        self.changed(id);
    }

    fn changed(&mut self, id: NodeId) {
        if self.typical.is_some() {
            self.wasted[id as usize] = self.scorer().waste_now(&self.nodes[id as usize]);
        }
        self.latest[id as usize] = self.changes.len() as u32;
        self.changes.push(id);
        if self.changes.len() > 8 * self.nodes.len() + 1024 {
            self.changes.clear();
            self.epoch += 1;
        }
    }

    fn update(&mut self, id: NodeId, change: impl FnOnce(&mut NodeState)) {
        let node = &mut self.nodes[id as usize];
        let (whole, left) = (node.whole(), node.left());
        let (cpu, memory) = (node.cpu_milli, node.memory_mib);
        change(node);
        if node.up {
            let (model, now_whole) = (node.model as usize, node.whole());
            self.free_milli += node.left() - left;
            self.free_cpu += i128::from(node.cpu_milli - cpu);
            self.free_memory += i128::from(node.memory_mib - memory);
            if whole != now_whole {
                self.index[model][whole].remove(id);
                self.index[model][now_whole].insert(id);
            }
        }
        self.changed(id);
    }

    /// Gives back what `slices` of `shape` hold.
    pub(crate) fn release(&mut self, shape: &Shape, slices: &[Slice]) {
        for slice in slices {
            self.update(slice.node, |node| node.give(shape, slice));
        }
        self.released += 1;
    }

    /// Takes what `slices` of `shape` hold: a placement that is known already.
    pub(crate) fn take(&mut self, shape: &Shape, slices: &[Slice]) {
        for slice in slices {
            self.update(slice.node, |node| node.take(shape, slice));
        }
    }

    /// The class of jobs of `tasks` times `shape`.
    pub(crate) fn class(&mut self, shape: &Shape, tasks: u32) -> ClassId {
        *self.class_ids.entry((*shape, tasks)).or_insert_with(|| {
            self.classes.push(Class::new(*shape, tasks));
            (self.classes.len() - 1) as ClassId
        })
    }

    /// How many tasks of `shape` the fleet holds when nothing else runs, counted up to `enough`.
    pub(crate) fn holds(&self, shape: &Shape, enough: u32) -> u32 {
        let mut tasks = 0;
        for (node, spec) in self.nodes.iter().zip(&self.world.nodes) {
            if tasks >= enough {
                break;
            }
            if node.up {
                tasks += NodeState::new(spec, &self.world.models).holds(shape);
            }
        }
        tasks.min(enough)
    }

    /// Learns what free parts are worth when tasks come in the mix that `counts` says.
    pub(crate) fn learn(&mut self, counts: &BTreeMap<Shape, u64>) {
        // Without devices there is nothing that could be left in useless parts.
        if self.placement == Placement::BestFit || counts.is_empty() || self.total_milli == 0 {
            return;
        }
        self.typical = Some(Arc::new(Typical::new(counts, self.world.models.len())));
        self.learned = (self.placement == Placement::Fgd).then(|| Arc::new(play::learn(&self.world, counts)));
        self.forget_scores();
    }

    /// Whether it has learned from a mix.
    pub(crate) fn knows_mix(&self) -> bool {
        self.typical.is_some()
    }

    fn forget_scores(&mut self) {
        self.epoch += 1;
        self.wasted = self.nodes.iter().map(|node| self.scorer().waste_now(node)).collect();
    }

    /// Thousandths of devices that a random next task can't use (FGD's measure), once a mix is known.
    pub(crate) fn fragmentation(&self) -> f64 {
        let Some(typical) = &self.typical else { return 0.0 };
        let up = self.nodes.iter().filter(|node| node.up);
        up.map(|node| f64::from(typical.waste(node.model as usize, node.cpu_milli, node.free()))).sum()
    }
}
