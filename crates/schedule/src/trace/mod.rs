//! Public traces of real clusters, in their own formats.
//!
//! Map: [`table`] CSV, plain or Zstandard · [`formats`] the columns of each format · [`swf`] the Standard
//! Workload Format · [`cluster`] what the trace ran on.

mod cluster;
mod formats;
mod swf;
mod table;

use crate::world::{Job, Seconds, Shape, World};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{io::Read, str::FromStr};

/// Bytes of a trace at most, unpacked.
const MOST_BYTES: u64 = 4 << 30;

/// A public trace format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Alibaba cluster-trace-gpu-v2023: pods with parts of devices, and a list of nodes.
    Openb,
    /// Microsoft ITP 2021 (ElasticFlow): `job_id,submission_time,duration,num_gpu`.
    Itp,
    /// Microsoft Philly 2017 as derived for Pollux: `timestamp,duration,num_gpus,gpu_time,cluster`.
    Philly,
    /// Muri (SIGCOMM 2022): jobs that can go on from where they were stopped.
    Muri,
    /// SenseTime Helios 2020: `cluster_log.csv`.
    Helios,
    /// Shanghai AI Laboratory Acme 2023: `trace_seren.csv` and others.
    Acme,
    /// Alibaba PAI 2020: `pai_task_table.csv`, with or without a header.
    Pai,
    /// Standard Workload Format 2.2: processors stand for devices.
    Swf,
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "openb" => Self::Openb,
            "itp" => Self::Itp,
            "philly" => Self::Philly,
            "muri" => Self::Muri,
            "helios" => Self::Helios,
            "acme" => Self::Acme,
            "pai" => Self::Pai,
            "swf" => Self::Swf,
            _ => {
                return Err(Error::invalid(
                    "trace_format",
                    format!(
                        "there is no trace format '{name}'; there are openb, itp, philly, muri, helios, acme, pai and swf"
                    ),
                ));
            }
        })
    }
}

/// A job of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// What the scheduler is told. Its `estimate` is what the trace's user estimated, where there is that.
    pub job: Job,
    /// How long it really runs.
    pub run: Seconds,
}

/// A trace and what it ran on.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Nodes and tenants.
    pub world: World,
    /// Jobs in order of arrival, the first at 0.
    pub jobs: Vec<Traced>,
    /// Lines that describe nothing that could run: no device, or no run time.
    pub skipped: usize,
    /// Whether decisions come at fixed intervals only, as on the machine that the trace is from.
    pub tick_seconds: Option<Seconds>,
    /// What each start costs before useful work begins.
    pub restart_seconds: Seconds,
    /// Whether all running jobs are started once more at each tick with news, as on the machine that it is
    /// from.
    pub renews: bool,
}

/// How a trace is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions<'a> {
    /// A list of nodes, where the trace has one or another is wanted.
    pub nodes: Option<&'a [u8]>,
    /// Devices of a uniform cluster, instead of a list of nodes.
    pub gpus: Option<u32>,
    /// Devices in each node of a uniform cluster; 8 unless the format says otherwise.
    pub gpus_per_node: Option<u8>,
}

impl Trace {
    /// Reads a trace, plain or packed with Zstandard.
    pub fn read(format: Format, bytes: &[u8], options: &ReadOptions) -> Result<Self> {
        let text = unpack(bytes)?;
        let nodes = options.nodes.map(unpack).transpose()?;
        let plan = cluster::Plan::new(format, nodes.as_deref(), options)?;
        let mut raw = match format {
            Format::Swf => swf::read(&text)?,
            _ => formats::read(format, &text, &plan)?,
        };
        raw.jobs.sort_by_key(|line| (line.submitted, line.number));
        let first = raw.jobs.first().map_or(0, |line| line.submitted);
        let world = plan.world(&raw);
        let per_node = plan.per_node;
        let jobs =
            raw.jobs.iter().enumerate().map(|(id, line)| line.traced(id as u64, first, per_node)).collect();
        let muri = format == Format::Muri;
        Ok(Self {
            world,
            jobs,
            skipped: raw.skipped,
            tick_seconds: muri.then_some(MURI_TICK_SECONDS),
            restart_seconds: if muri { MURI_RESTART_SECONDS } else { 0 },
            renews: muri,
        })
    }

    /// The shapes of all jobs, one for each task.
    pub fn shapes(&self) -> impl Iterator<Item = Shape> {
        self.jobs.iter().map(|traced| traced.job.shape)
    }
}

/// Muri's testbed decided every six minutes.
const MURI_TICK_SECONDS: Seconds = 360;
/// What a start cost on Muri's testbed before the first iteration: the median, over 400 jobs under two
/// policies, of logged time beyond the profile for each start of a job.
const MURI_RESTART_SECONDS: Seconds = 90;

/// One line of a trace, before it is fitted to nodes.
#[derive(Debug, Clone, Default)]
struct Line {
    number: u64,
    submitted: Seconds,
    run: Seconds,
    devices: u32,
    milli: u16,
    cpu_milli: i64,
    memory_mib: i64,
    models: crate::world::Models,
    tenant: u32,
    tasks: u32,
    likeness: u64,
    estimate: Option<Seconds>,
    checkpoint: bool,
}

/// All lines of a trace.
#[derive(Debug, Default)]
struct Raw {
    jobs: Vec<Line>,
    tenants: Vec<String>,
    skipped: usize,
    /// Devices that the trace itself says there are.
    devices: Option<u32>,
}

impl Line {
    fn traced(&self, id: u64, first: Seconds, per_node: u8) -> Traced {
        let (tasks, devices) = split(self.devices, per_node);
        let shape = Shape {
            devices,
            milli: self.milli,
            cpu_milli: self.cpu_milli / i64::from(tasks.max(1)),
            memory_mib: self.memory_mib / i64::from(tasks.max(1)),
            models: self.models,
        };
        let mut job = Job::new(id, tasks.max(1) * self.tasks.max(1), shape, self.submitted - first);
        job.tenant = self.tenant;
        job.likeness = self.likeness;
        job.estimate = self.estimate;
        if self.checkpoint {
            job.preempt = crate::world::Preempt::Checkpoint;
        }
        Traced { job, run: self.run }
    }
}

/// `devices` as equal tasks of at most a node each: as few as a node's size divides into.
fn split(devices: u32, per_node: u8) -> (u32, u8) {
    let node = u32::from(per_node.max(1));
    if devices <= node {
        return (1, devices as u8);
    }
    let (mut part, mut rest) = (node, devices % node);
    while rest > 0 {
        (part, rest) = (rest, part % rest);
    }
    (devices / part, part as u8)
}

fn unpack(bytes: &[u8]) -> Result<String> {
    let bad = |text: String| Error::invalid("trace_unreadable", text);
    let mut text = String::new();
    if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = ruzstd::decoding::StreamingDecoder::new(bytes)
            .map_err(|error| bad(format!("the trace isn't whole Zstandard: {error}")))?;
        let mut limited = decoder.take(MOST_BYTES);
        limited
            .read_to_string(&mut text)
            .map_err(|error| bad(format!("the trace can't be unpacked: {error}")))?;
    } else {
        let plain = std::str::from_utf8(bytes)
            .map_err(|error| bad(format!("the trace isn't UTF-8 text: {error}")))?;
        text.push_str(plain);
    }
    Ok(text)
}
