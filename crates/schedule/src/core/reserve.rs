//! Promises to jobs that don't fit yet, and who may pass them.

use super::{State, state::SlotId};
use crate::{
    fleet::{NodeState, Slice},
    world::{JobId, NodeId, Seconds, Shape},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Running jobs that are looked through for one reservation.
const MOST_ENDS: usize = 50_000;
/// Nodes that are kept for a late job become twice as many each time it has waited for this long more.
const DOUBLING: Seconds = 7_200;

/// When and where a waiting job starts, if running jobs end as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reservation {
    /// The job.
    pub job: JobId,
    /// The moment.
    pub at: Seconds,
    /// The nodes that are kept for it.
    pub nodes: Vec<NodeId>,
}

/// What a reserved node has beside the job that it is kept for.
#[derive(Debug, Clone)]
struct Promise {
    node: NodeId,
    until: Seconds,
    spare: NodeState,
}

/// The promises of one round.
#[derive(Debug, Clone, Default)]
pub(super) struct Promises {
    /// By node: index into `made`, plus one.
    marks: Vec<u32>,
    made: Vec<Promise>,
}

impl Promises {
    pub(super) fn clear(&mut self, nodes: usize) {
        self.marks.resize(nodes, 0);
        for promise in self.made.drain(..) {
            self.marks[promise.node as usize] = 0;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    fn on(&self, node: NodeId) -> Option<&Promise> {
        let mark = self.marks[node as usize] as usize;
        (mark > 0).then(|| &self.made[mark - 1])
    }

    /// Whether a task of `shape` that ends at `ends` may start on `node`.
    pub(super) fn allow(&self, node: NodeId, shape: &Shape, ends: Seconds) -> bool {
        self.on(node).is_none_or(|promise| ends <= promise.until || promise.spare.holds(shape) > 0)
    }

    /// When the first promise is due.
    pub(super) fn first(&self) -> Seconds {
        self.made.iter().map(|promise| promise.until).min().unwrap_or(Seconds::MAX)
    }

    /// Notes that a task started on `slice` and ends at `ends`.
    pub(super) fn pass(&mut self, shape: &Shape, slice: &Slice, ends: Seconds) {
        let mark = self.marks[slice.node as usize] as usize;
        if mark > 0 && ends > self.made[mark - 1].until {
            occupy(&mut self.made[mark - 1].spare, shape);
        }
    }
}

/// Takes one task of `shape` out of a node, on the fullest device that will do.
fn occupy(node: &mut NodeState, shape: &Shape) {
    let Some(milli) = node.milli_for(shape) else { return };
    let devices = match shape.devices {
        0 => 0,
        1 => {
            let fitting = node.free().iter().enumerate().filter(|(_, left)| **left >= milli);
            fitting.min_by_key(|(_, left)| **left).map_or(0, |(device, _)| 1 << device)
        }
        several => node.lowest_whole(several),
    };
    node.take(shape, &Slice { node: 0, devices, milli });
}

/// For how many tasks nodes are kept when `tasks` have been late for so long.
fn grown(tasks: u32, late: Seconds) -> u32 {
    let doublings = (late.max(0) / DOUBLING).min(20);
    tasks.saturating_mul(1 << doublings)
}

impl State {
    /// Promises the earliest moment and nodes to a waiting job. `None` when no end of running jobs helps it.
    ///
    /// What surely ends by that moment may use the nodes until then. For a job that is late since `late`
    /// nothing may, and the longer it is, the more nodes are kept, until all are: nobody knows which of them
    /// come free first.
    pub(super) fn reserve(&mut self, at: SlotId, now: Seconds, late: Option<Seconds>) -> Option<Seconds> {
        let slot = &self.slots[at as usize];
        let (job, shape, tasks) = (slot.job.id, slot.job.shape, slot.job.tasks);
        let wanted = late.map_or(tasks, |since| grown(tasks, now - since));
        let mut later = BTreeMap::<NodeId, NodeState>::new();
        let mut fitting = if tasks == 1 { 0 } else { self.fitting_now(&shape, wanted) };
        let (mut moment, mut last) = (None, now);
        for (ends, running) in self.ends.iter().take(MOST_ENDS) {
            if fitting >= tasks {
                moment.get_or_insert(last);
            }
            if fitting >= wanted {
                break;
            }
            let running = &self.slots[*running as usize];
            for slice in running.slices.iter().filter(|slice| self.promises.on(slice.node).is_none()) {
                let node =
                    later.entry(slice.node).or_insert_with(|| self.fleet.nodes[slice.node as usize].clone());
                let before = node.holds(&shape);
                node.give(&running.job.shape, slice);
                fitting += node.holds(&shape) - before;
            }
            last = *ends;
        }
        let moment = moment.unwrap_or(last);
        if fitting < tasks || moment == now {
            return None;
        }
        let until = if late.is_some() { now } else { moment };
        let nodes = self.promise(later, &shape, fitting.min(wanted), until);
        self.reservations.push(Reservation { job, at: moment, nodes });
        Some(moment)
    }

    fn fitting_now(&self, shape: &Shape, enough: u32) -> u32 {
        let mut fitting = 0u32;
        for (id, node) in self.fleet.nodes.iter().enumerate() {
            if fitting >= enough {
                break;
            }
            if self.promises.on(id as NodeId).is_none() {
                fitting = fitting.saturating_add(node.holds(shape));
            }
        }
        fitting
    }

    /// Keeps the nodes that hold most of the tasks at `until`.
    fn promise(
        &mut self,
        later: BTreeMap<NodeId, NodeState>,
        shape: &Shape,
        tasks: u32,
        until: Seconds,
    ) -> Vec<NodeId> {
        let mut able: Vec<(u32, NodeId)> =
            later.iter().map(|(id, node)| (node.holds(shape), *id)).filter(|(holds, _)| *holds > 0).collect();
        if tasks > 1 {
            let untouched = self.fleet.nodes.iter().enumerate();
            let untouched = untouched.filter(|(id, _)| !later.contains_key(&(*id as NodeId)));
            let untouched = untouched.filter(|(id, _)| self.promises.on(*id as NodeId).is_none());
            able.extend(
                untouched.map(|(id, node)| (node.holds(shape), id as NodeId)).filter(|(holds, _)| *holds > 0),
            );
        }
        able.sort_by_key(|(holds, id)| (std::cmp::Reverse(*holds), *id));
        let (mut missing, mut nodes) = (tasks, Vec::new());
        for (holds, id) in able {
            if missing == 0 {
                break;
            }
            let mut spare = later.get(&id).unwrap_or(&self.fleet.nodes[id as usize]).clone();
            let here = holds.min(missing);
            (0..here).for_each(|_| occupy(&mut spare, shape));
            missing -= here;
            self.promises.made.push(Promise { node: id, until, spare });
            self.promises.marks[id as usize] = self.promises.made.len() as u32;
            nodes.push(id);
        }
        nodes
    }
}
