//! What options ask for, gathered before it becomes tasks.

use super::{
    Given, Remark, moment, unlike,
    values::{self, Devices, Gres, Limit},
};
use commons::jobs::{After, Ended, Preemptible, parse_indexes};
use kernel::{Result, Timestamp};

/// Memory, as the options give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    Node(i64),
    Core(i64),
    Device(i64),
}

/// Everything asked for so far; later options replace earlier ones.
#[derive(Debug)]
pub(super) struct Request {
    pub now: Timestamp,
    pub name: Option<String>,
    pub nodes: Option<i64>,
    pub tasks: Option<i64>,
    pub tasks_per_node: Option<i64>,
    pub cpus: Option<i64>,
    pub cpus_per_gpu: Option<i64>,
    pub memory: Option<Memory>,
    pub limit: Option<Limit>,
    pub gpus: Option<i64>,
    pub gpus_per_node: Option<i64>,
    pub gpus_per_task: Option<i64>,
    /// Thousandths of the one device.
    pub milli: i64,
    pub models: Vec<String>,
    /// `--constraint`, which counts when there are devices.
    pub constraint: Option<(Given, Vec<String>)>,
    pub cluster: Option<String>,
    pub array: Option<String>,
    pub after: Vec<After>,
    pub deadline: Option<Timestamp>,
    pub preemptible: Preemptible,
    pub priority: i64,
    pub signal: Option<String>,
    pub remarks: Vec<Remark>,
}

impl Request {
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            name: None,
            nodes: None,
            tasks: None,
            tasks_per_node: None,
            cpus: None,
            cpus_per_gpu: None,
            memory: None,
            limit: None,
            gpus: None,
            gpus_per_node: None,
            gpus_per_task: None,
            milli: 1000,
            models: Vec::new(),
            constraint: None,
            cluster: None,
            array: None,
            after: Vec::new(),
            deadline: None,
            preemptible: Preemptible::Never,
            priority: 50,
            signal: None,
            remarks: Vec::new(),
        }
    }

    /// Takes one option in.
    pub fn take(&mut self, given: &Given) -> Result<()> {
        let value = given.value.trim();
        match given.name.as_str() {
            "job-name" => self.name = Some(value.to_owned()).filter(|name| !name.is_empty()),
            "ntasks" => self.tasks = Some(counted(given, 1)?),
            "ntasks-per-node" => self.tasks_per_node = Some(counted(given, 1)?),
            "cpus-per-task" => self.cpus = Some(counted(given, 1)?),
            "cpus-per-gpu" => self.cpus_per_gpu = Some(counted(given, 1)?),
            "nodes" => self.take_nodes(given)?,
            "mem" => self.memory = sized(given)?.map(Memory::Node),
            "mem-per-cpu" => self.memory = sized(given)?.map(Memory::Core),
            "mem-per-gpu" => self.memory = sized(given)?.map(Memory::Device),
            "time" => self.limit = Some(timed(given)?),
            "gpus" | "gpus-per-node" | "gpus-per-task" | "gpu-share" | "gpu-type" | "gres" => {
                self.take_devices(given)?;
            }
            "constraint" | "prefer" => self.take_constraint(given),
            "partition" | "clusters" | "cluster" => self.take_cluster(given),
            "array" => {
                parse_indexes(value).map_err(|error| given.wrong(error.to_string()))?;
                self.array = Some(value.to_owned());
            }
            "dependency" => self.after = dependencies(given)?,
            "deadline" => {
                let form = "is no time that is read here; write 2026-12-01T18:00, 18:00 or now+2hours";
                self.deadline = Some(moment::read(value, self.now).ok_or_else(|| given.wrong(form))?);
            }
            "requeue" => self.preemptible = Preemptible::Restart,
            "no-requeue" => self.preemptible = Preemptible::Never,
            "signal" => {
                let form = "is no signal that can be sent; write USR1@120";
                self.signal = Some(values::signal(value).ok_or_else(|| given.wrong(form))?);
            }
            "nice" | "priority" => self.take_priority(given),
            _ => self.remarks.extend(unlike::remark(given)),
        }
        Ok(())
    }

    /// Notes what becomes of an option.
    pub fn tell(&mut self, given: &Given, text: impl Into<String>) {
        self.remarks.push(Remark { line: given.line, asked: given.asked(), text: text.into() });
    }

    /// Notes what was assumed.
    pub fn assume(&mut self, text: impl Into<String>) {
        self.remarks.push(Remark { line: None, asked: String::new(), text: text.into() });
    }

    fn take_nodes(&mut self, given: &Given) -> Result<()> {
        let (least, most) = given.value.split_once('-').unwrap_or((&given.value, ""));
        let wrong = || given.wrong("is no number of nodes; write 2");
        let least = values::count(least, 1).ok_or_else(wrong)?;
        if !most.is_empty() {
            values::count(most, least).ok_or_else(wrong)?;
            self.tell(given, format!("a range of nodes isn't chosen from: {least} are asked for"));
        }
        self.nodes = Some(least);
        Ok(())
    }

    fn take_devices(&mut self, given: &Given) -> Result<()> {
        let wrong = || given.wrong("is no number of devices; write 2 or MODEL:2");
        if given.line.is_none() && given.name != "gpu-type" {
            // the command line replaces what the script says, in whatever words it says it
            (self.gpus, self.gpus_per_node, self.gpus_per_task, self.milli) = (None, None, None, 1000);
        }
        let found = match given.name.as_str() {
            "gpu-type" => values::models(&given.value).ok_or_else(wrong)?,
            "gpu-share" => {
                let share = values::plain(&given.value).filter(|milli| (1..1000).contains(milli));
                (self.milli, self.gpus) = (share.ok_or_else(wrong)?, Some(1));
                Vec::new()
            }
            "gres" => return self.take_gres(given),
            name => {
                let Devices { count, models } = values::devices(&given.value).ok_or_else(wrong)?;
                let place = match name {
                    "gpus" => &mut self.gpus,
                    "gpus-per-node" => &mut self.gpus_per_node,
                    _ => &mut self.gpus_per_task,
                };
                *place = Some(count);
                models
            }
        };
        if !found.is_empty() {
            self.models = found;
        }
        Ok(())
    }

    fn take_gres(&mut self, given: &Given) -> Result<()> {
        let wrong = || given.wrong("is no list of devices; write gpu:2 or gpu:MODEL:2");
        let (mut count, mut models) = (None, Vec::new());
        for part in values::gres(&given.value).ok_or_else(wrong)? {
            match part {
                Gres::None => count = None,
                Gres::Gpus(devices) => {
                    count = Some(count.unwrap_or(0) + devices.count);
                    models.extend(devices.models);
                }
                Gres::Other(name) => self.tell(given, format!("there is no “{name}” here to ask for")),
            }
        }
        self.gpus_per_node = count;
        if !models.is_empty() {
            self.models = models;
        }
        Ok(())
    }

    fn take_constraint(&mut self, given: &Given) {
        let text = "only names of device models are understood, as in a100|h100";
        match values::models(&given.value) {
            Some(models) if given.name == "constraint" => self.constraint = Some((given.clone(), models)),
            _ => self.tell(given, text),
        }
    }

    fn take_cluster(&mut self, given: &Given) {
        let name = given.value.trim();
        match (given.name.as_str(), name) {
            (_, "" | "all") => self.tell(given, "any cluster will do"),
            (_, names) if names.contains(',') => {
                self.tell(given, "one cluster can be named or none; any will do");
            }
            ("partition", _) => {
                // what names a cluster outright goes before a partition that is taken for one
                self.cluster.get_or_insert_with(|| name.to_owned());
                self.tell(given, "taken for the name of one of this platform's clusters");
            }
            _ => self.cluster = Some(name.to_owned()),
        }
    }

    fn take_priority(&mut self, given: &Given) {
        let value = given.value.trim();
        let own = values::plain(value).filter(|number| *number <= 100);
        match (given.name.as_str(), own) {
            ("priority", Some(own)) => self.priority = own,
            ("nice", _) if !value.starts_with('-') && value != "0" => {
                self.priority = 25;
                self.tell(given, "priorities go from 0 to 100 here, 50 in the middle; taken for 25");
            }
            ("nice", _) => {}
            _ => self.tell(given, "priorities go from 0 to 100 here; left at 50"),
        }
    }
}

fn counted(given: &Given, least: i64) -> Result<i64> {
    let wrong = || given.wrong(format!("is no whole number from {least}"));
    values::count(&given.value, least).ok_or_else(wrong)
}

/// Memory in MiB; 0 asks for all of a node, which nobody needs to say here.
fn sized(given: &Given) -> Result<Option<i64>> {
    let wrong = || given.wrong("is no size; write 4G or 512M");
    let size = values::mebibytes(&given.value).ok_or_else(wrong)?;
    if size == 0 {
        return Err(given.wrong("all memory of a node can't be asked for; name a size such as 64G"));
    }
    Ok(Some(size))
}

fn timed(given: &Given) -> Result<Limit> {
    let forms = "minutes, minutes:seconds, hours:minutes:seconds, days-hours or days-hours:minutes:seconds";
    values::limit(&given.value).ok_or_else(|| given.wrong(format!("is no time limit; write {forms}")))
}

/// `afterok:ID:ID,afterany:ID`. What can't be waited for is an error: a job that starts too early is worse.
fn dependencies(given: &Given) -> Result<Vec<After>> {
    let mut after = Vec::new();
    if given.value.contains('?') {
        return Err(given.wrong("a job can wait for all of several jobs, not for any of them"));
    }
    for part in given.value.split(',').filter(|part| !part.trim().is_empty()) {
        let (kind, ids) = part.trim().split_once(':').unwrap_or((part.trim(), ""));
        let ended = match kind {
            "afterok" => Ended::Ok,
            "afterany" => Ended::Any,
            "afternotok" => Ended::Failed,
            _ => {
                let text = format!("“{kind}” can't be waited for; afterok, afterany and afternotok can");
                return Err(given.wrong(text));
            }
        };
        for id in ids.split(':') {
            let job =
                id.trim().parse().map_err(|_| given.wrong(format!("“{id}” is no job of this platform")))?;
            after.push(After { job, ended });
        }
    }
    Ok(after)
}
