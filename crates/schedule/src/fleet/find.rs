//! Which node a task goes to.

use super::{Fleet, NodeState, Slice, learned::Learned, typical::Typical};
use crate::world::{NodeId, Shape};

/// A kind of need, with the scores of all nodes for it.
#[derive(Clone)]
pub(crate) struct Class {
    pub shape: Shape,
    pub tasks: u32,
    /// The fleet's `released` when a look at all nodes found no room.
    blocked: u64,
    scores: Vec<f32>,
    /// The highest score of each run of [`BLOCK`] nodes, so that a search needn't look at all.
    blocks: Vec<f32>,
    devices: Vec<u8>,
    /// How much of the fleet's changes the scores know, and of which epoch.
    seen: usize,
    epoch: u32,
}

impl Class {
    pub(crate) fn new(shape: Shape, tasks: u32) -> Self {
        Self {
            shape,
            tasks,
            blocked: 0,
            blocks: Vec::new(),
            scores: Vec::new(),
            devices: Vec::new(),
            seen: 0,
            epoch: u32::MAX,
        }
    }
}

/// Nodes whose highest score is kept.
const BLOCK: usize = 64;
/// Kinds of need whose scores are kept at the same time.
const MOST_TABLES: usize = 2048;

impl Class {
    /// Notes the score of a node, and keeps its block's highest right.
    fn set(&mut self, id: usize, score: f32, device: u8) {
        let before = std::mem::replace(&mut self.scores[id], score);
        self.devices[id] = device;
        let block = id / BLOCK;
        if score >= self.blocks[block] {
            self.blocks[block] = score;
        } else if before == self.blocks[block] {
            let end = self.scores.len().min((block + 1) * BLOCK);
            self.blocks[block] = highest(&self.scores[block * BLOCK..end]);
        }
    }

    /// Forgets the scores, and gives back their memory.
    fn drop_table(&mut self) {
        *self = Self { blocked: self.blocked, ..Self::new(self.shape, self.tasks) };
    }

    /// The first node of those with the highest score, where there is room at all.
    fn best(&self) -> Option<usize> {
        let most = highest(&self.blocks);
        if most == f32::NEG_INFINITY {
            return None;
        }
        let start = self.blocks.iter().position(|score| *score == most)? * BLOCK;
        Some(start + self.scores[start..].iter().position(|score| *score == most)?)
    }
}

impl Fleet {
    /// Whether it is known that nothing of this class fits now.
    pub(crate) fn is_blocked(&self, class: super::ClassId) -> bool {
        self.classes[class as usize].blocked == self.released
    }

    /// Finds room for all tasks of `class` on nodes that `allowed` lets through, and takes it. All or
    /// nothing.
    pub(crate) fn place(
        &mut self,
        class: super::ClassId,
        restricted: bool,
        allowed: impl Fn(NodeId) -> bool,
    ) -> Option<Vec<Slice>> {
        if self.is_blocked(class) {
            return None;
        }
        let Class { shape, tasks, .. } = self.classes[class as usize];
        let mut slices = Vec::<Slice>::with_capacity(tasks as usize);
        while (slices.len() as u32) < tasks {
            let Some(slice) = self.find(class, &shape, restricted, &allowed) else {
                for slice in &slices {
                    self.update(slice.node, |node| node.give(&shape, slice));
                }
                if !restricted {
                    self.classes[class as usize].blocked = self.released;
                }
                return None;
            };
            self.update(slice.node, |node| node.take(&shape, &slice));
            slices.push(slice);
        }
        Some(slices)
    }

    fn find(
        &mut self,
        class: super::ClassId,
        shape: &Shape,
        restricted: bool,
        allowed: &impl Fn(NodeId) -> bool,
    ) -> Option<Slice> {
        if shape.devices > 0 && shape.milli == 1000 && self.typical.is_none() {
            return self.find_indexed(shape, |id| !restricted || allowed(id));
        }
        self.renew(class);
        let class = &self.classes[class as usize];
        let mut best = class.best();
        if restricted && best.is_some_and(|id| !allowed(id as NodeId)) {
            let ids = (0..class.scores.len()).filter(|id| class.scores[*id] > f32::NEG_INFINITY);
            let fitting = ids.filter(|id| allowed(*id as NodeId));
            best = fitting.max_by(|a, b| class.scores[*a].total_cmp(&class.scores[*b]).then(b.cmp(a)));
        }
        let id = best?;
        let node = &self.nodes[id];
        let milli = node.milli_for(shape)?;
        let devices = match shape.devices {
            0 => 0,
            1 => 1 << class.devices[id],
            several => node.lowest_whole(several),
        };
        Some(Slice { node: id as NodeId, devices, milli })
    }

    /// The node with the fewest whole free devices that suffice, lowest number first.
    fn find_indexed(&self, shape: &Shape, allowed: impl Fn(NodeId) -> bool) -> Option<Slice> {
        for whole in usize::from(shape.devices)..=crate::world::MAX_DEVICES {
            for (model, buckets) in self.index.iter().enumerate() {
                if !shape.models.has(model as u16) {
                    continue;
                }
                let mut from = 0;
                while let Some(id) = buckets[whole].next(from) {
                    let node = &self.nodes[id as usize];
                    if allowed(id) && node.milli_for(shape).is_some() {
                        return Some(Slice {
                            node: id,
                            devices: node.lowest_whole(shape.devices),
                            milli: 1000,
                        });
                    }
                    from = id + 1;
                }
            }
        }
        None
    }

    pub(super) fn scorer(&self) -> Scorer<'_> {
        Scorer { typical: self.typical.as_deref(), learned: self.learned.as_deref() }
    }

    /// Makes room for one more table of scores: when there are too many, all are dropped, and those that are
    /// still asked for are made again.
    fn count_table(&mut self) {
        if self.tables == MOST_TABLES {
            self.classes.iter_mut().for_each(Class::drop_table);
            self.tables = 0;
        }
        self.tables += 1;
    }

    /// Brings the scores of a class up to date.
    fn renew(&mut self, class: super::ClassId) {
        let at = class as usize;
        if self.classes[at].scores.is_empty() {
            self.count_table();
        }
        let mut class = std::mem::replace(&mut self.classes[at], Class::new(Shape::default(), 0));
        let scorer = self.scorer();
        let renew = |class: &mut Class, id: usize| {
            let before = self.wasted.get(id).copied().unwrap_or(0.0);
            let (score, device) = scorer.best(&self.nodes[id], &class.shape, before);
            class.set(id, score, device);
        };
        if class.epoch != self.epoch {
            class.epoch = self.epoch;
            class.blocks.clear();
            class.blocks.resize(self.nodes.len().div_ceil(BLOCK), f32::NEG_INFINITY);
            class.scores.clear();
            class.scores.resize(self.nodes.len(), f32::NEG_INFINITY);
            class.devices.resize(self.nodes.len(), 0);
            (0..self.nodes.len()).for_each(|id| renew(&mut class, id));
        } else {
            let news = self.changes.iter().enumerate().skip(class.seen);
            // A node that changed again is renewed once, as it is now.
            let news = news.filter(|(place, id)| self.latest[**id as usize] as usize == *place);
            news.for_each(|(_, id)| renew(&mut class, *id as usize));
        }
        class.seen = self.changes.len();
        self.classes[at] = class;
    }
}

/// How good a node is for a task; higher is better, minus infinity where it doesn't fit.
pub(super) struct Scorer<'a> {
    pub typical: Option<&'a Typical>,
    pub learned: Option<&'a Learned>,
}

impl Scorer<'_> {
    /// The best score on this node, where `before` is wasted, and the device to which it belongs when the
    /// task needs only one.
    fn best(&self, node: &NodeState, shape: &Shape, before: f32) -> (f32, u8) {
        const NO: (f32, u8) = (f32::NEG_INFINITY, 0);
        let Some(milli) = node.milli_for(shape) else { return NO };
        match shape.devices {
            0 => (self.score(node, shape, node.free(), 0, before), 0),
            1 => self.best_device(node, shape, milli, node.free(), before),
            several if node.whole() < usize::from(several) => NO,
            several => {
                let mut free = [0; crate::world::MAX_DEVICES];
                let free = &mut free[..node.free().len()];
                free.copy_from_slice(node.free());
                let mut devices = node.lowest_whole(several);
                while devices != 0 {
                    free[devices.trailing_zeros() as usize] = 0;
                    devices &= devices - 1;
                }
                (self.score(node, shape, free, 0, before), 0)
            }
        }
    }

    fn best_device(
        &self,
        node: &NodeState,
        shape: &Shape,
        milli: u16,
        free: &[u16],
        before: f32,
    ) -> (f32, u8) {
        if free.iter().all(|left| *left < milli) {
            return (f32::NEG_INFINITY, 0);
        }
        if let (Some(typical), Some(learned)) = (self.typical, self.learned) {
            let after = node.left() - i64::from(milli);
            let worth = learned.on(typical, node.model as usize, node.cpu_milli - shape.cpu_milli, after);
            let all: f32 = free.iter().map(|left| worth.waste(*left)).sum();
            let score = |left: u16, _: usize| {
                let grown = all - worth.waste(left) + worth.waste(left - milli) - before;
                -grown - node.left() as f32 * FULLEST_FIRST
            };
            return each_device(free, milli, score);
        }
        let mut copy = [0; crate::world::MAX_DEVICES];
        let copy = &mut copy[..free.len()];
        copy.copy_from_slice(free);
        each_device(free, milli, |left, device| {
            copy[device] = left - milli;
            let score = self.score(node, shape, copy, left - milli, before);
            copy[device] = left;
            score
        })
    }

    /// What is wasted on a node as it is.
    pub(super) fn waste_now(&self, node: &NodeState) -> f32 {
        self.waste(node, node.cpu_milli, node.free())
    }

    /// What is wasted of `free` on a node with so many processors, by what is known; 0 where nothing is.
    fn waste(&self, node: &NodeState, cpu_milli: i64, free: &[u16]) -> f32 {
        let model = node.model as usize;
        match (self.typical, self.learned) {
            (Some(typical), Some(learned)) => learned.waste(typical, model, cpu_milli, free),
            (Some(typical), None) => typical.waste(model, cpu_milli, free),
            _ => 0.0,
        }
    }

    /// The score when `free` is what the task leaves, `rest` is left of the device that it shares, and
    /// `before` was wasted without it.
    fn score(&self, node: &NodeState, shape: &Shape, free: &[u16], rest: u16, before: f32) -> f32 {
        let after = node.cpu_milli - shape.cpu_milli;
        let grown = self.waste(node, after, free) - before;
        match (self.typical, self.learned) {
            (Some(_), Some(_)) => -grown - node.left() as f32 * FULLEST_FIRST,
            (Some(_), None) => {
                let hundredths = (100.0 / (1.0 + (grown / 1000.0).exp())).floor();
                hundredths - node.left() as f32 / 32_768.0
            }
            _ => {
                let part = |free: i64, total: i64| if total > 0 { free as f32 / total as f32 } else { 0.0 };
                let devices = free.iter().map(|left| i64::from(*left)).sum();
                -part(devices, i64::from(node.devices) * 1000)
                    - part(after, node.cpu_milli_total)
                    - part(node.memory_mib - shape.memory_mib, node.memory_mib_total)
                    - f32::from(rest) / 1e4
            }
        }
    }
}

/// The best device of which `milli` is free. Equal neighbours are equal choices.
fn each_device(free: &[u16], milli: u16, mut score: impl FnMut(u16, usize) -> f32) -> (f32, u8) {
    let (mut best, mut tried) = ((f32::NEG_INFINITY, 0), None);
    for (device, left) in free.iter().enumerate() {
        if *left < milli || tried == Some(*left) {
            continue;
        }
        tried = Some(*left);
        let score = score(*left, device);
        if score > best.0 {
            best = (score, device as u8);
        }
    }
    best
}

/// The highest score.
fn highest(scores: &[f32]) -> f32 {
    let more = |most: f32, score: f32| if score > most { score } else { most };
    // Side by side: one after the other each comparison would wait for the one before.
    let mut lanes = [f32::NEG_INFINITY; 8];
    let chunks = scores.chunks_exact(lanes.len());
    let rest = chunks.remainder();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, score)| *lane = more(*lane, *score));
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, more)
}

/// What a thousandth of device that is free on a node counts against a thousandth of learned waste.
const FULLEST_FIRST: f32 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fleet::Placement, world::World};

    #[test]
    fn scores_are_kept_for_a_bounded_number_of_needs() {
        let mut fleet = Fleet::new(&World::uniform(2, 8), Placement::Fgd);
        for milli in 0..3 * MOST_TABLES as i64 {
            let class = fleet.class(&Shape { cpu_milli: milli, ..Shape::default() }, 1);
            let slices = fleet.place(class, false, |_| true).expect("there is room");
            fleet.release(&fleet.classes[class as usize].shape.clone(), &slices);
        }
        let kept = fleet.classes.iter().filter(|class| !class.scores.is_empty()).count();
        assert!(kept <= MOST_TABLES, "{kept} tables");
    }

    #[test]
    fn the_highest_is_found_wherever_it_is() {
        for len in 1..20 {
            for at in 0..len {
                let scores: Vec<f32> = (0..len).map(|id| if id == at { 2.0 } else { -(id as f32) }).collect();
                assert_eq!(highest(&scores), 2.0);
            }
        }
        assert_eq!(highest(&[]), f32::NEG_INFINITY);
    }
}
