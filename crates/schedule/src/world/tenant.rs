//! Who jobs belong to.

use serde::{Deserialize, Serialize};

/// Index of a [`Tenant`] in its world.
pub type TenantId = u32;

/// The most that a tenant, with all tenants below it, may use. `None` means no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Thousandths of devices at the same time, over all clusters.
    pub device_milli: Option<i64>,
    /// Thousandths of processor cores at the same time.
    pub cpu_milli: Option<i64>,
    /// Device-seconds that are left to it.
    pub device_seconds: Option<i64>,
    /// CPU-seconds that are left to it.
    pub cpu_seconds: Option<i64>,
    /// Jobs at the same time.
    pub jobs: Option<i64>,
}

/// An organisation, a group in it, or a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its name in reports.
    pub name: String,
    /// The tenant above it, which must have a lower index.
    pub parent: Option<TenantId>,
    /// Its part among its siblings.
    pub weight: u32,
    /// What it may use.
    pub quota: Quota,
    /// Prepaid money and vouchers in micros. A job starts only if its largest cost is covered.
    pub balance_micros: Option<i64>,
}

impl Default for Tenant {
    fn default() -> Self {
        Self {
            name: "everyone".into(),
            parent: None,
            weight: 1,
            quota: Quota::default(),
            balance_micros: None,
        }
    }
}
