//! The scheduler's world, made of clusters, their nodes, and organisations.

use super::{Cluster, Facility, MOST_DEVICES};
use crate::types::Quota;
use commons::jobs::{self, Preemptible, Resources};
use kernel::{Error, Result, Timestamp};
use schedule::world::{self, Array, Models, Preempt, Shape, World};

/// A node, as its engine tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFacts {
    /// Its name in its cluster.
    pub name: String,
    /// Whether jobs can start there.
    pub up: bool,
    /// Processor cores.
    pub cpus: i64,
    /// Memory in MiB.
    pub memory_mib: i64,
    /// Model and number of its accelerators.
    pub devices: Option<(String, u8)>,
}

/// Micros in a second.
const MICROS: i64 = 1_000_000;

/// Whole seconds since 1970, as the scheduler counts.
pub fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(MICROS)
}

/// The instant at which such a second begins.
pub fn instant(seconds: i64) -> Timestamp {
    Timestamp(seconds.saturating_mul(MICROS))
}

/// A world of clusters without nodes and of nobody: for each cluster and model one model of its own, so that a
/// job's wish for a cluster is a wish for models, and one for nodes without accelerators.
pub fn empty(facility: &Facility) -> World {
    let clusters = facility.clusters();
    let mut models = Vec::new();
    for _ in &clusters {
        models.push(world::DeviceModel::default());
        models.extend(facility.device.iter().map(super::Device::model));
    }
    World {
        models,
        clusters: clusters.iter().map(cluster).collect(),
        nodes: Vec::new(),
        tenants: vec![world::Tenant::default()],
    }
}

fn cluster(cluster: &Cluster) -> world::Cluster {
    world::Cluster {
        name: cluster.name.clone(),
        price_percent: cluster.price_percent.clone(),
        carbon_grams: cluster.carbon_grams.clone(),
        // Hours are those of Shanghai.
        midnight: -8 * 3600,
    }
}

/// The model of a node of cluster `cluster`: the one at `device` in the facility, or none.
fn model_of(facility: &Facility, cluster: usize, device: Option<usize>) -> world::ModelId {
    let all = facility.device.len() + 1;
    (cluster * all + device.map_or(0, |device| device + 1)) as world::ModelId
}

/// The node for the scheduler. Accelerators of a model that the facility doesn't name aren't counted.
pub fn node(facility: &Facility, cluster: usize, facts: &NodeFacts) -> world::Node {
    let named = facts.devices.as_ref().and_then(|(name, count)| {
        let device = facility.device.iter().position(|device| device.name.eq_ignore_ascii_case(name))?;
        Some((device, (*count).min(MOST_DEVICES)))
    });
    world::Node {
        name: facts.name.clone(),
        cluster: cluster as world::ClusterId,
        model: model_of(facility, cluster, named.map(|(device, _)| device)),
        devices: named.map_or(0, |(_, count)| count),
        cpu_milli: facts.cpus.saturating_mul(1000),
        memory_mib: facts.memory_mib,
    }
}

/// The device of the facility that a model stands for.
pub fn device(facility: &Facility, model: world::ModelId) -> Option<&super::Device> {
    let place = usize::from(model) % (facility.device.len() + 1);
    place.checked_sub(1).and_then(|device| facility.device.get(device))
}

/// What a job asks of one node for each task. Fails for names of models or clusters that there aren't.
pub fn shape(facility: &Facility, need: &Resources, wishes: &jobs::Scheduling) -> Result<Shape> {
    let clusters = facility.clusters();
    let mut models = 0u64;
    let anywhere = need.devices == 0 && wishes.cluster.is_none();
    for (at, cluster) in clusters.iter().enumerate() {
        if wishes.cluster.as_ref().is_some_and(|name| *name != cluster.name) {
            continue;
        }
        let wanted = |name: &str| {
            wishes.device_models.is_empty()
                || wishes.device_models.iter().any(|wish| wish.eq_ignore_ascii_case(name))
        };
        if need.devices == 0 {
            models |= 1 << model_of(facility, at, None);
        }
        for (place, device) in facility.device.iter().enumerate() {
            if need.devices == 0 || wanted(&device.name) {
                models |= 1 << model_of(facility, at, Some(place));
            }
        }
    }
    if let Some(name) =
        wishes.cluster.as_ref().filter(|name| !clusters.iter().any(|known| known.name == **name))
    {
        let known: Vec<_> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        return Err(unknown(format!("there is no cluster “{name}”; there are {}", known.join(", "))));
    }
    if let Some(name) = wishes.device_models.iter().find(|name| facility.device(name).is_none()) {
        let known: Vec<_> = facility.device.iter().map(|device| device.name.as_str()).collect();
        let known = if known.is_empty() { "none here".into() } else { known.join(", ") };
        return Err(unknown(format!("there is no accelerator model “{name}”; there are {known}")));
    }
    Ok(Shape {
        devices: u8::try_from(need.devices).unwrap_or(u8::MAX),
        milli: u16::try_from(need.device_milli).unwrap_or(1000),
        cpu_milli: need.cpus.saturating_mul(1000),
        memory_mib: need.memory_mib,
        models: if anywhere { Models::ANY } else { Models(models) },
    })
}

fn unknown(text: String) -> Error {
    Error::invalid("constraint_unknown", text)
}

/// The dearest hour of one accelerator that will do, in micros; 0 for jobs without.
pub fn dearest_hour_micros(world: &World, shape: &Shape) -> i64 {
    if shape.devices == 0 {
        return 0;
    }
    let allowed = world.models.iter().enumerate().filter(|(model, _)| shape.models.has(*model as u16));
    let dearest = allowed.map(|(_, model)| model.hour_micros).max().unwrap_or(0);
    let percent = world.clusters.iter().flat_map(|cluster| &cluster.price_percent).max();
    dearest.saturating_mul(percent.map_or(100, |most| i64::from(*most).max(100))) / 100
}

/// Tasks of `shape` that the nodes would hold side by side if they were empty.
fn possible(world: &World, shape: &Shape) -> i64 {
    let holds = |node: &world::Node| {
        if !shape.models.has(node.model) {
            return 0;
        }
        let by = |has: i64, needs: i64| if needs == 0 { i64::MAX } else { has / needs };
        let slicing =
            world.models.get(usize::from(node.model)).map(|model| model.slicing).unwrap_or_default();
        let by_devices = match (shape.devices, slicing.round(shape.milli)) {
            (0, _) => i64::MAX,
            (_, None) => 0,
            (1, Some(milli)) => i64::from(node.devices) * (1000 / i64::from(milli.max(1))),
            (devices, Some(_)) => i64::from(node.devices) / i64::from(devices),
        };
        by(node.cpu_milli, shape.cpu_milli).min(by(node.memory_mib, shape.memory_mib)).min(by_devices)
    };
    world.nodes.iter().map(holds).fold(0, i64::saturating_add)
}

/// How many of `tasks` the nodes would hold if they were empty, and the models that they go to. Tasks that start
/// together run on one cluster and on one model of accelerators: on the cheapest, then the largest, that holds
/// them all.
pub fn room(facility: &Facility, world: &World, shape: &Shape, tasks: i64) -> (i64, Models) {
    if tasks <= 1 {
        return (possible(world, shape), shape.models);
    }
    let all = facility.device.len() + 1;
    let groups: Vec<u64> = if shape.devices > 0 {
        (0..world.models.len()).map(|model| 1 << model).collect()
    } else {
        (0..world.clusters.len()).map(|cluster| ((1 << all) - 1) << (cluster * all)).collect()
    };
    let room = |group: u64| {
        let models = Models(shape.models.0 & group);
        (possible(world, &Shape { models, ..*shape }), models)
    };
    let price = |models: Models| {
        let model = world.models.get(models.0.trailing_zeros() as usize);
        model.map_or(0, |model| model.hour_micros)
    };
    let rooms = groups.into_iter().map(room).filter(|(possible, _)| *possible > 0);
    let best = rooms.max_by_key(|(possible, models)| {
        let holds = *possible >= tasks;
        (holds, if holds { -price(*models) } else { 0 }, *possible)
    });
    best.unwrap_or((0, shape.models))
}

/// The job as the scheduler knows it, under a number of its own.
pub fn job(
    facility: &Facility,
    world: &World,
    job: &jobs::Job,
    number: u64,
    tenant: world::TenantId,
    after: Vec<u64>,
    array: Option<u64>,
) -> Result<world::Job> {
    let (need, wishes) = (&job.resources, &job.scheduling);
    let mut shape = shape(facility, need, wishes)?;
    if need.tasks > 1 {
        shape.models = room(facility, world, &shape, need.tasks).1;
    }
    Ok(world::Job {
        tenant,
        estimate: wishes.estimate_seconds,
        limit: Some(need.wall_seconds),
        priority: i32::try_from(job.priority).unwrap_or_default(),
        deadline: wishes.deadline.map(seconds),
        preempt: match wishes.preemptible {
            Preemptible::Never => Preempt::Never,
            Preemptible::Restart => Preempt::Restart,
            Preemptible::Checkpoint => Preempt::Checkpoint,
        },
        flexible_until: wishes.flexible_until.map(seconds),
        after,
        array: array
            .zip(job.member.as_ref())
            .map(|(id, member)| Array { id, at_most: u32::try_from(member.at_most).unwrap_or(u32::MAX) }),
        likeness: likeness(job),
        ..world::Job::new(number, u32::try_from(need.tasks).unwrap_or(1), shape, seconds(job.submitted_at))
    })
}

/// Equal for jobs of one organisation that bear one name, up to the figures in it.
fn likeness(job: &jobs::Job) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (job.org, &job.kind).hash(&mut hasher);
    job.name.chars().filter(|sign| !sign.is_ascii_digit()).for_each(|sign| sign.hash(&mut hasher));
    hasher.finish().max(1)
}

/// What an organisation may use; nothing without a grant.
pub fn quota(granted: Option<&Quota>) -> world::Quota {
    let granted = granted.copied().unwrap_or_default();
    world::Quota {
        device_milli: Some(granted.devices.saturating_mul(1000)),
        cpu_milli: Some(granted.cpus.saturating_mul(1000)),
        device_seconds: Some(granted.device_seconds_left()),
        cpu_seconds: Some(granted.cpu_seconds_left()),
        jobs: None,
    }
}
