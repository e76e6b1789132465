//! From nodes, tasks and devices to equal tasks, each on one node.
//!
//! What lies on one node by request becomes one task with all that the node was to give: so a script for one
//! node runs once, with everything beside it. Elsewhere each task is one of the script's.

use super::{
    request::{Memory, Request},
    values::Limit,
};
use commons::jobs::Resources;
use kernel::{Error, Result};

/// Seconds that a job may run when nothing is said.
const USUAL_SECONDS: i64 = 3600;
/// The longest that anything may run.
const MOST_SECONDS: i64 = 30 * 86_400;
/// MiB for each core when nothing is said.
const USUAL_PER_CPU: i64 = 1024;
/// MiB for each device when nothing is said.
const USUAL_PER_DEVICE: i64 = 8192;

/// Equal parts: how many, how many of the script's tasks each holds, and its devices.
struct Parts {
    parts: i64,
    tasks_each: i64,
    devices: i64,
}

/// What each task holds. Notes in the request what was assumed or regrouped.
pub(super) fn resources(request: &mut Request) -> Result<Resources> {
    let parts = parts(request)?;
    take_constraint(request, parts.devices);
    let by_devices = request.cpus_per_gpu.filter(|_| parts.devices > 0);
    let cpus = match (by_devices, request.cpus) {
        (Some(each), None) => each.saturating_mul(parts.devices),
        (_, cpus) => cpus.unwrap_or(1).saturating_mul(parts.tasks_each),
    };
    Ok(Resources {
        cpus,
        memory_mib: memory(request, &parts, cpus),
        wall_seconds: wall(request),
        tasks: parts.parts,
        devices: parts.devices,
        device_milli: request.milli,
    })
}

/// Tasks and, where something says so, the nodes that they lie on.
fn counts(request: &Request) -> (i64, Option<i64>) {
    let per_node = request.tasks_per_node;
    let by_devices = match (request.gpus, request.gpus_per_task) {
        (Some(all), Some(each)) if each > 0 => Some((all / each).max(1)),
        _ => None,
    };
    let tasks = match (request.tasks, per_node) {
        (Some(tasks), _) => tasks,
        (None, Some(each)) => each.saturating_mul(request.nodes.unwrap_or(1)),
        (None, None) => by_devices.or(request.nodes).unwrap_or(1),
    };
    let by_tasks = per_node.map(|each| tasks / each + i64::from(tasks % each > 0));
    // no more nodes than tasks can be used
    (tasks, request.nodes.or(by_tasks).map(|nodes| nodes.min(tasks)))
}

fn parts(request: &mut Request) -> Result<Parts> {
    let (tasks, nodes) = counts(request);
    let per_node = |nodes: i64| tasks / nodes + i64::from(tasks % nodes > 0);
    let single = |devices| Parts { parts: tasks, tasks_each: 1, devices };
    let grouped = |nodes: i64, devices| Parts { parts: nodes, tasks_each: per_node(nodes), devices };
    let of_node = |nodes: i64| {
        let by_task = request.gpus_per_task.map(|each| each.saturating_mul(per_node(nodes)));
        let of_all = || request.gpus.map(|all| all / nodes + i64::from(all % nodes > 0));
        by_task.or(request.gpus_per_node).or_else(of_all).unwrap_or(0)
    };
    let each = match (request.gpus_per_task, request.gpus_per_node, request.gpus) {
        (Some(each), ..) => Some(each),
        (None, Some(of_node), _) => divided(of_node, per_node(nodes.unwrap_or(1))),
        (None, None, Some(all)) => divided(all, tasks),
        (None, None, None) => Some(0),
    };
    let parts = match (nodes, each) {
        (Some(1), _) => grouped(1, of_node(1)),
        (_, Some(each)) => single(each),
        (Some(nodes), None) if tasks % nodes == 0 => grouped(nodes, of_node(nodes)),
        (None, None) => grouped(1, of_node(1)),
        (Some(nodes), None) => {
            let text = format!(
                "{tasks} tasks and these devices can't be divided into equal parts on {nodes} nodes; \
                 give --ntasks-per-node and --gpus-per-node"
            );
            return Err(Error::invalid("script_invalid", text));
        }
    };
    if parts.tasks_each > 1 {
        let (count, tasks_each) = (parts.parts, parts.tasks_each);
        let whole = if count == 1 { "one part".to_owned() } else { format!("{count} parts") };
        request.assume(format!(
            "runs as {whole} with the cores and devices of {tasks_each} tasks on one node; the script starts \
             these itself"
        ));
    }
    Ok(parts)
}

/// `devices` for each of `tasks` when they divide evenly.
fn divided(devices: i64, tasks: i64) -> Option<i64> {
    (devices % tasks == 0).then_some(devices / tasks)
}

fn take_constraint(request: &mut Request, devices: i64) {
    let Some((given, models)) = request.constraint.take() else { return };
    if devices == 0 {
        request.tell(&given, "names models of devices, but no devices are asked for");
    } else if request.models.is_empty() {
        request.models = models;
    }
}

fn memory(request: &mut Request, parts: &Parts, cpus: i64) -> i64 {
    match request.memory {
        Some(Memory::Core(each)) => each.saturating_mul(cpus),
        Some(Memory::Device(each)) if parts.devices > 0 => each.saturating_mul(parts.devices),
        Some(Memory::Node(all)) if parts.parts > 1 && parts.tasks_each == 1 => {
            let (tasks, nodes) = counts(request);
            let nodes = nodes.unwrap_or(1);
            let on_node = tasks / nodes + i64::from(tasks % nodes > 0);
            let each = (all / on_node).max(16);
            if on_node > 1 {
                request.assume(format!("--mem is for a node: {on_node} tasks share it, {each} MiB each"));
            }
            each
        }
        Some(Memory::Node(all)) => all,
        Some(Memory::Device(_)) | None => {
            let usual = USUAL_PER_CPU.saturating_mul(cpus);
            let usual = usual.max(USUAL_PER_DEVICE.saturating_mul(parts.devices));
            request.assume(format!("no memory is asked for: {usual} MiB for each task"));
            usual
        }
    }
}

fn wall(request: &mut Request) -> i64 {
    match request.limit {
        Some(Limit::Seconds(seconds)) => seconds,
        Some(Limit::Endless) => {
            request.assume("nothing runs without a time limit: 30 days");
            MOST_SECONDS
        }
        None => {
            request.assume("no time limit is given: 1 hour");
            USUAL_SECONDS
        }
    }
}
