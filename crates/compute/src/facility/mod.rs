//! What jobs run on: accelerators with prices, and clusters, as the operator's file `clusters.toml` says.
//!
//! Pure: reading the file's text and making the scheduler's world of it ([`world`]).

#[cfg(feature = "kubernetes")]
mod kubernetes;
pub mod world;

#[cfg(feature = "kubernetes")]
pub use self::kubernetes::Kubernetes;

use kernel::{Error, Result};
use schedule::world::{DeviceModel, Slicing};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Accelerators of one node at the most.
pub const MOST_DEVICES: u8 = schedule::world::MAX_DEVICES as u8;

/// The operator's file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facility {
    /// Models of accelerators: what isn't named here isn't given to jobs.
    pub device: Vec<Device>,
    /// Clusters. Without one whose engine is `local`, this machine is one without accelerators.
    pub cluster: Vec<Cluster>,
}

/// A model of accelerators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Its name in jobs and, where Slurm has it, the type of the generic resource there.
    pub name: String,
    /// Who makes it: `NVIDIA`, `Ascend`, `Hygon`, `Cambricon`, `Moore Threads`, …
    pub vendor: String,
    /// Whether it counts as domestic in reports.
    #[serde(default)]
    pub domestic: bool,
    /// Memory of one, in MiB.
    #[serde(default)]
    pub memory_mib: i64,
    /// Floating-point operations a second, in units of 10^12, at `precision`.
    #[serde(default)]
    pub teraflops: f64,
    /// `fp16`, `bf16`, `fp8`, …
    #[serde(default)]
    pub precision: String,
    /// How one may be shared: `whole`, `any`, or a number of equal parts.
    #[serde(default)]
    pub sharing: Sharing,
    /// Power of one when it is busy.
    #[serde(default)]
    pub watts: f64,
    /// Price of one for an hour, in micros of CNY.
    pub hour_micros: i64,
}

/// How one accelerator may be shared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// Not at all.
    #[default]
    Whole,
    /// In any thousandths.
    Any,
    /// In this many equal parts.
    Parts(u16),
}

/// What runs jobs on a cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// Processes of this machine.
    #[default]
    Local,
    /// Slurm, through its HTTP service or its commands.
    Slurm,
    /// Kubernetes, as batch jobs that Kueue may hold back.
    #[cfg(feature = "kubernetes")]
    Kubernetes,
}

impl EngineKind {
    /// Its name in files and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Slurm => "slurm",
            #[cfg(feature = "kubernetes")]
            Self::Kubernetes => "kubernetes",
        }
    }
}

/// A cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cluster {
    /// Its name in jobs and reports.
    pub name: String,
    /// What runs jobs there.
    pub engine: EngineKind,
    /// Local and Kubernetes: the model of the accelerators.
    pub device: Option<String>,
    /// Local: how many there are.
    pub devices: u8,
    /// Slurm: how it is reached.
    pub slurm: Option<Slurm>,
    /// Kubernetes: how it is reached.
    #[cfg(feature = "kubernetes")]
    pub kubernetes: Option<Kubernetes>,
    /// Factor on prices for each hour of the day, in percent; 24 values or none.
    pub price_percent: Vec<u16>,
    /// Grams of CO2 for each kilowatt-hour, by hour of the day; 24 values or none.
    pub carbon_grams: Vec<u16>,
}

/// How Slurm is reached. Its nodes must see this server's data folder under the same path, and this program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Slurm {
    /// Address of `slurmrestd`: `http://host:port` or `unix:/path`; without it Slurm's commands are used.
    pub url: Option<String>,
    /// With an address: who submits.
    pub user: String,
    /// With an address: a file that holds Slurm's token for this user.
    pub token_file: Option<PathBuf>,
    /// With an address: API versions that may be spoken, such as `v0.0.38`; empty for all that this program knows.
    pub versions: Vec<String>,
    /// Without an address: the folder of `sbatch` and its siblings.
    pub commands: Option<PathBuf>,
    /// Without an address: Slurm's configuration file.
    pub conf: Option<PathBuf>,
    /// The partition whose nodes are used; Slurm's default when left out.
    pub partition: Option<String>,
    /// The account that Slurm charges.
    pub account: Option<String>,
    /// How often Slurm is asked about running jobs, in milliseconds; 0 for once a second.
    pub poll_millis: u64,
}

impl Facility {
    /// Reads the file's text and checks what it says.
    pub fn parse(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text).map_err(|error| {
            let missing = cfg!(not(feature = "kubernetes")) && error.message().contains("kubernetes");
            let how = "; this program was built without Kubernetes: build it with --features kubernetes";
            wrong(format!("{error}{}", if missing { how } else { "" }))
        })?;
        read.check()?;
        Ok(read)
    }

    /// The clusters, with this machine among them.
    pub fn clusters(&self) -> Vec<Cluster> {
        let local = self.cluster.iter().any(|cluster| cluster.engine == EngineKind::Local);
        let here = (!local).then(|| Cluster { name: "local".into(), ..Cluster::default() });
        here.into_iter().chain(self.cluster.iter().cloned()).collect()
    }

    /// The model with this name, whatever the case of its letters: Slurm writes them small.
    pub fn device(&self, name: &str) -> Option<&Device> {
        self.device.iter().find(|device| device.name.eq_ignore_ascii_case(name))
    }

    fn check(&self) -> Result<()> {
        let names: Vec<_> = self.clusters().iter().map(|cluster| cluster.name.clone()).collect();
        for (at, name) in names.iter().enumerate() {
            let plain = name.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_.".contains(sign));
            if name.is_empty() || name.len() > 40 || !plain || names[..at].contains(name) {
                return Err(wrong(format!(
                    "“{name}” can't name a cluster: 1 to 40 letters, digits or -_., each name once"
                )));
            }
        }
        let models = names.len() * (self.device.len() + 1);
        if models > schedule::world::MAX_MODELS {
            let text = format!(
                "{} clusters with {} device models are more than the scheduler counts ({models} of {})",
                names.len(),
                self.device.len(),
                schedule::world::MAX_MODELS
            );
            return Err(wrong(text));
        }
        let locals = self.cluster.iter().filter(|cluster| cluster.engine == EngineKind::Local).count();
        if locals > 1 {
            return Err(wrong("only one cluster can be this machine (engine = \"local\")".into()));
        }
        self.device.iter().try_for_each(|device| device.check())?;
        self.cluster.iter().try_for_each(|cluster| cluster.check(self))
    }
}

impl Device {
    fn check(&self) -> Result<()> {
        if self.name.is_empty() || self.name.len() > 60 || self.hour_micros < 0 {
            let text = format!("device “{}”: a name of 1 to 60 bytes and a price of at least 0", self.name);
            return Err(wrong(text));
        }
        Ok(())
    }

    /// As the scheduler knows it.
    pub fn model(&self) -> DeviceModel {
        DeviceModel {
            name: self.name.clone(),
            vendor: self.vendor.clone(),
            domestic: self.domestic,
            memory_mib: self.memory_mib,
            teraflops: self.teraflops,
            precision: self.precision.clone(),
            slicing: match self.sharing {
                Sharing::Whole => Slicing::Whole,
                Sharing::Any => Slicing::Any,
                Sharing::Parts(parts) => Slicing::Parts(parts),
            },
            watts: self.watts,
            hour_micros: self.hour_micros,
        }
    }

    /// The variable by which the vendor's libraries are told which accelerators they may use.
    pub fn visible_variable(&self) -> &'static str {
        match self.vendor.to_ascii_lowercase().replace([' ', '-'], "").as_str() {
            "ascend" | "huawei" => "ASCEND_RT_VISIBLE_DEVICES",
            "hygon" | "amd" => "HIP_VISIBLE_DEVICES",
            "cambricon" => "MLU_VISIBLE_DEVICES",
            "moorethreads" => "MUSA_VISIBLE_DEVICES",
            "iluvatar" | "nvidia" | "metax" => "CUDA_VISIBLE_DEVICES",
            _ => "MOSU_VISIBLE_DEVICES",
        }
    }
}

impl Cluster {
    fn check(&self, facility: &Facility) -> Result<()> {
        let fail = |text: &str| Err(wrong(format!("cluster “{}”: {text}", self.name)));
        for hours in [&self.price_percent, &self.carbon_grams] {
            if !hours.is_empty() && hours.len() != 24 {
                return fail("price_percent and carbon_grams have 24 values, one for each hour, or none");
            }
        }
        let known = self.device.as_deref().is_some_and(|name| facility.device(name).is_some());
        match self.engine {
            EngineKind::Local if self.slurm.is_some() => fail("[cluster.slurm] needs engine = \"slurm\""),
            EngineKind::Local if self.devices > MOST_DEVICES => fail("a machine has at most 16 accelerators"),
            EngineKind::Local if self.devices > 0 && !known => {
                fail("device names no [[device]] of this file")
            }
            EngineKind::Slurm if self.slurm.is_none() => fail("engine = \"slurm\" needs [cluster.slurm]"),
            #[cfg(feature = "kubernetes")]
            EngineKind::Kubernetes if self.kubernetes.is_none() => {
                fail("engine = \"kubernetes\" needs [cluster.kubernetes]")
            }
            #[cfg(feature = "kubernetes")]
            EngineKind::Kubernetes if self.device.is_some() && !known => {
                fail("device names no [[device]] of this file")
            }
            #[cfg(feature = "kubernetes")]
            EngineKind::Kubernetes if self.kubernetes.as_ref().is_some_and(|one| one.command.is_empty()) => {
                fail("command in [cluster.kubernetes] names the program that starts a task")
            }
            _ => Ok(()),
        }
    }
}

fn wrong(text: String) -> Error {
    Error::invalid("clusters_invalid", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[device]]
        name = "A100"
        vendor = "NVIDIA"
        hour_micros = 12_000_000

        [[device]]
        name = "910B"
        vendor = "Ascend"
        domestic = true
        sharing = { parts = 4 }
        hour_micros = 8_000_000

        [[cluster]]
        name = "hall"
        device = "910b"
        devices = 8

        [[cluster]]
        name = "hpc"
        engine = "slurm"
        slurm = { partition = "gpu" }
    "#;

    #[test]
    fn reads_what_the_operator_writes() {
        let facility = Facility::parse(FILE).unwrap();
        assert_eq!(facility.clusters().len(), 2, "this machine is the hall");
        assert_eq!(facility.device("a100").unwrap().visible_variable(), "CUDA_VISIBLE_DEVICES");
        assert_eq!(facility.device("910B").unwrap().model().slicing, Slicing::Parts(4));
        assert_eq!(Facility::default().clusters()[0].name, "local");
    }

    #[test]
    fn says_what_is_wrong() {
        let broken =
            |from: &str, to: &str| Facility::parse(&FILE.replace(from, to)).unwrap_err().text.to_string();
        assert!(broken("device = \"910b\"", "device = \"H20\"").contains("names no [[device]]"));
        assert!(broken("slurm = { partition = \"gpu\" }", "").contains("needs [cluster.slurm]"));
        assert!(broken("name = \"hpc\"", "name = \"hall\"").contains("each name once"));
        assert!(broken("engine = \"slurm\"", "engine = \"local\"").contains("only one cluster"));
        assert!(broken("devices = 8", "devices = 8\nprice_percent = [50]").contains("24 values"));
        assert!(broken("devices = 8", "device_count = 8").contains("device_count"));
        let kubernetes = broken("engine = \"slurm\"", "engine = \"kubernetes\"");
        let how = if cfg!(feature = "kubernetes") { "[cluster.kubernetes]" } else { "--features kubernetes" };
        assert!(kubernetes.contains(how), "{kubernetes}");
    }
}
