//! What a trace ran on: a list of nodes, or equal nodes.

use super::{Format, Raw, ReadOptions, table::Table};
use crate::world::{Cluster, DeviceModel, MAX_DEVICES, MAX_MODELS, Models, Node, Tenant, World};
use kernel::{Error, Result};

/// A price to count with where a trace has none: one unit of money for a device-hour.
const HOUR_MICROS: i64 = 1_000_000;
/// Power of a busy device where its model isn't known.
const WATTS: f64 = 300.0;
/// Part of the time that devices are busy in a cluster whose size is guessed.
const GUESSED_LOAD: f64 = 0.8;
/// Nodes in all 15 virtual clusters of the Philly trace's public list.
const PHILLY_DEVICES: u32 = 2816;

/// Nodes that a trace's jobs are fitted to.
pub(super) struct Plan {
    pub per_node: u8,
    format: Format,
    gpus: Option<u32>,
    nodes: Vec<Node>,
    models: Vec<DeviceModel>,
}

impl Plan {
    pub(super) fn new(format: Format, nodes: Option<&str>, options: &ReadOptions) -> Result<Self> {
        let usual = if format == Format::Swf { MAX_DEVICES as u8 } else { 8 };
        let per_node = options.gpus_per_node.unwrap_or(usual);
        if per_node == 0 || usize::from(per_node) > MAX_DEVICES {
            return Err(Error::invalid(
                "trace_nodes",
                format!("devices in a node must be from 1 to {MAX_DEVICES}"),
            ));
        }
        let mut plan = Self { per_node, format, gpus: options.gpus, nodes: Vec::new(), models: Vec::new() };
        match nodes {
            Some(text) => plan.read(text)?,
            None if format == Format::Openb && options.gpus.is_none() => {
                return Err(Error::invalid(
                    "trace_nodes",
                    "openb pods need their list of nodes: --nodes FILE",
                ));
            }
            None => {}
        }
        if plan.models.is_empty() {
            plan.models.push(model("device"));
        }
        Ok(plan)
    }

    /// `sn,cpu_milli,memory_mib,gpu,model` as in openb, or `vc,node num` as in Philly.
    fn read(&mut self, text: &str) -> Result<()> {
        if text.lines().next().is_some_and(|line| line.contains("node num")) {
            let table = Table::read(text, "vc", &[])?;
            let mut count = 0.0;
            for row in table.rows() {
                count += row.number(&["node num"])?.unwrap_or(0.0).clamp(0.0, 1e5);
            }
            self.gpus = Some((count as u32).saturating_mul(u32::from(self.per_node)));
            return Ok(());
        }
        let table = Table::read(text, "sn", &[])?;
        for row in table.rows() {
            let devices = row.number(&["gpu"])?.unwrap_or(0.0);
            if !(0.0..=MAX_DEVICES as f64).contains(&devices) {
                let line = row.number;
                return Err(Error::invalid(
                    "trace_nodes",
                    format!("line {line}: a node has 0 to {MAX_DEVICES} devices"),
                ));
            }
            let model = self.model(row.text(&["model"]).unwrap_or("none"))?;
            self.nodes.push(Node {
                name: row.text(&["sn"]).unwrap_or_default().to_owned(),
                cluster: 0,
                model,
                devices: devices as u8,
                cpu_milli: row.number(&["cpu_milli"])?.unwrap_or(0.0).max(0.0) as i64,
                memory_mib: row.number(&["memory_mib"])?.unwrap_or(0.0).max(0.0) as i64,
            });
        }
        Ok(())
    }

    fn model(&mut self, name: &str) -> Result<u16> {
        if let Some(at) = self.models.iter().position(|model| model.name == name) {
            return Ok(at as u16);
        }
        if self.models.len() == MAX_MODELS {
            return Err(Error::invalid("trace_nodes", format!("more than {MAX_MODELS} device models")));
        }
        self.models.push(model(name));
        Ok(self.models.len() as u16 - 1)
    }

    /// The models that `names`, separated by bars, mean. Models that no node has are left out.
    pub(super) fn models(&self, names: &str) -> Models {
        if names.is_empty() || self.nodes.is_empty() {
            return Models::ANY;
        }
        let known = |name: &str| self.models.iter().position(|model| model.name == name);
        Models(names.split('|').filter_map(known).fold(0, |set, at| set | 1 << at))
    }

    pub(super) fn world(&self, raw: &Raw) -> World {
        let tenant = |name: &String| Tenant { name: name.clone(), ..Tenant::default() };
        let mut tenants: Vec<_> = raw.tenants.iter().map(tenant).collect();
        if tenants.is_empty() {
            tenants.push(Tenant::default());
        }
        if !self.nodes.is_empty() {
            let (nodes, models) = (self.nodes.clone(), self.models.clone());
            return World { models, clusters: vec![Cluster::default()], nodes, tenants };
        }
        let gpus = self.gpus.or(raw.devices).unwrap_or_else(|| self.guess(raw));
        let nodes = gpus.div_ceil(u32::from(self.per_node)).max(1);
        World { models: self.models.clone(), tenants, ..World::uniform(nodes as usize, self.per_node) }
    }

    /// Devices that would have been busy most of the time, and enough for the largest job.
    fn guess(&self, raw: &Raw) -> u32 {
        if self.format == Format::Philly {
            return PHILLY_DEVICES;
        }
        let service: f64 =
            raw.jobs.iter().map(|line| line.run as f64 * f64::from(line.devices * line.tasks.max(1))).sum();
        let (first, last) = (raw.jobs.first(), raw.jobs.last());
        let span = first.zip(last).map_or(1, |(first, last)| (last.submitted - first.submitted).max(1));
        let largest = raw.jobs.iter().map(|line| line.devices * line.tasks.max(1)).max().unwrap_or(1);
        ((service / span as f64 / GUESSED_LOAD) as u32).max(largest)
    }
}

fn model(name: &str) -> DeviceModel {
    let watts = match name {
        "T4" => 70.0,
        "A10" => 150.0,
        "P100" => 250.0,
        _ => WATTS,
    };
    DeviceModel { name: name.to_owned(), watts, hour_micros: HOUR_MICROS, ..DeviceModel::default() }
}
