//! Machines and what is in them.

use super::Seconds;
use serde::{Deserialize, Serialize};

/// Most devices in one node.
pub const MAX_DEVICES: usize = 16;
/// Most kinds of accelerators in one world.
pub const MAX_MODELS: usize = 64;

/// Index of a [`Node`] in its world.
pub type NodeId = u32;
/// Index of a [`DeviceModel`] in its world.
pub type ModelId = u16;
/// Index of a [`Cluster`] in its world.
pub type ClusterId = u16;

/// How one device may be shared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slicing {
    /// In any thousandths (time slicing, HAMi, rCUDA).
    #[default]
    Any,
    /// Whole devices only.
    Whole,
    /// In parts of one size: `2` halves, `7` sevenths. A share is rounded up to whole parts.
    Parts(u16),
}

impl Slicing {
    /// What a share of `milli` takes of a device sliced so, or `None` where shares aren't possible.
    pub fn round(self, milli: u16) -> Option<u16> {
        match self {
            _ if milli >= 1000 || milli == 0 => Some(milli),
            Self::Any => Some(milli),
            Self::Whole => None,
            Self::Parts(0) => None,
            Self::Parts(parts) => {
                let taken = (u32::from(milli) * u32::from(parts)).div_ceil(1000);
                Some((taken * 1000).div_ceil(u32::from(parts)).min(1000) as u16)
            }
        }
    }
}

/// A kind of accelerator, of any vendor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceModel {
    /// Its name in constraints, such as `A100` or `Ascend910B`.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// Whether it counts as domestic in reports.
    pub domestic: bool,
    /// Memory of one device.
    pub memory_mib: i64,
    /// Floating-point operations a second, in units of 10^12.
    pub teraflops: f64,
    /// The precision at which `teraflops` is stated, such as `fp16`.
    pub precision: String,
    /// How one may be shared.
    pub slicing: Slicing,
    /// Power when busy.
    pub watts: f64,
    /// Price of one device for one hour, in micros.
    pub hour_micros: i64,
}

/// A provider: nodes under one price list and one electricity supply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name in reasons and reports.
    pub name: String,
    /// Factor on prices for each hour of the day, in percent; empty means 100.
    pub price_percent: Vec<u16>,
    /// Grams of CO2 for each kilowatt-hour, by hour of the day; empty means unknown.
    pub carbon_grams: Vec<u16>,
    /// Seconds from the world's moment zero to a midnight at this place.
    pub midnight: Seconds,
}

impl Cluster {
    /// The hour of the day at `now`, 0 to 23.
    pub fn hour(&self, now: Seconds) -> usize {
        ((now.saturating_sub(self.midnight)).rem_euclid(86_400) / 3600) as usize
    }

    /// The price factor at `now`, in percent.
    pub fn price_at(&self, now: Seconds) -> i64 {
        self.price_percent.get(self.hour(now)).map_or(100, |percent| i64::from(*percent))
    }

    /// Grams of CO2 for each kilowatt-hour at `now`; 0 where unknown.
    pub fn carbon_at(&self, now: Seconds) -> i64 {
        self.carbon_grams.get(self.hour(now)).map_or(0, |grams| i64::from(*grams))
    }
}

/// A machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its name in reports.
    pub name: String,
    /// Whose it is.
    pub cluster: ClusterId,
    /// What its devices are.
    pub model: ModelId,
    /// How many devices it has, at most [`MAX_DEVICES`].
    pub devices: u8,
    /// Thousandths of processor cores.
    pub cpu_milli: i64,
    /// Memory.
    pub memory_mib: i64,
}

/// A set of device models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Models(pub u64);

impl Models {
    /// All models.
    pub const ANY: Self = Self(u64::MAX);

    /// Whether `model` is in the set.
    pub fn has(self, model: ModelId) -> bool {
        self.0 >> model & 1 == 1
    }
}

impl Default for Models {
    fn default() -> Self {
        Self::ANY
    }
}
