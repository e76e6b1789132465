//! How the state changes.

use super::{
    State,
    state::{Phase, SlotId},
    submit::check_moment,
};
use crate::{
    fleet::Slice,
    world::{Cluster, DeviceModel, Job, JobId, Node, NodeId, Quota, Seconds, Tenant, TenantId},
};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// What happened in the world. A log of these and of the moments of [`State::decide`] replays to the same
/// decisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A job came.
    Submit {
        /// It.
        job: Box<Job>,
    },
    /// A job runs already: what a service says when it comes up again.
    Running {
        /// A job that was submitted.
        job: JobId,
        /// Since when it runs.
        since: Seconds,
        /// Where.
        slices: Vec<Slice>,
    },
    /// A running job ended, well or not.
    End {
        /// It.
        job: JobId,
        /// What it cost, in micros.
        micros: i64,
    },
    /// A running job was thrown back: its node failed or its start did. It waits again.
    Requeue {
        /// It.
        job: JobId,
    },
    /// A waiting job was withdrawn.
    Cancel {
        /// It.
        job: JobId,
    },
    /// A job ran before this state knew of it: what a service tells from its records when it comes up, so
    /// that run times are believed and shares counted as before. Quotas and balances aren't touched: they
    /// are told as they are left.
    Ran {
        /// It, with the tenant and the estimate that it had. Its id may be anything.
        job: Box<Job>,
        /// How long it held its devices.
        seconds: Seconds,
        /// When it ended.
        ended: Seconds,
    },
    /// A kind of accelerator came. It gets the next index.
    Model {
        /// It.
        model: DeviceModel,
    },
    /// A provider came. It gets the next index.
    Cluster {
        /// It.
        cluster: Cluster,
    },
    /// A machine came, and is up. It gets the next index; its cluster and its device model must be there.
    AddNode {
        /// It.
        node: Node,
    },
    /// A tenant came. It gets the next index; the tenant above it must be there.
    Tenant {
        /// It.
        tenant: Tenant,
    },
    /// A node can be used, or no longer.
    Node {
        /// It.
        node: NodeId,
        /// Whether it can.
        up: bool,
    },
    /// A tenant's quota is now this.
    Quota {
        /// Whose.
        tenant: TenantId,
        /// The whole of it.
        quota: Quota,
    },
    /// A tenant's prepaid balance is now this.
    Balance {
        /// Whose.
        tenant: TenantId,
        /// In micros; `None` for tenants who pay later.
        micros: Option<i64>,
    },
    /// A tenant's weight is now this.
    Weight {
        /// Whose.
        tenant: TenantId,
        /// Its part among its siblings.
        weight: u32,
    },
}

impl State {
    /// Takes note of what happened at `now`. Fails, and changes nothing, when it contradicts what is known.
    pub fn apply(&mut self, event: Event, now: Seconds) -> Result<()> {
        check_moment(now)?;
        match event {
            Event::Submit { job } => self.submit(*job, now),
            Event::Running { job, since, slices } => self.restore(job, since, slices),
            Event::End { job, micros } => self.finish(job, micros, now),
            Event::Requeue { job } => {
                let slot = self.find(job, Phase::Running)?;
                self.requeue(slot, now);
                Ok(())
            }
            Event::Cancel { job } => self.cancel(job, now),
            Event::Ran { job, seconds, ended } => self.remember(&job, seconds, ended, now),
            Event::Model { model } => self.add_model(model),
            Event::Cluster { cluster } => {
                self.add_cluster(cluster);
                Ok(())
            }
            Event::AddNode { node } => self.add_node(node),
            Event::Tenant { tenant } => self.add_tenant(tenant),
            Event::Node { node, up } => {
                self.node(node)?;
                self.fleet.set_up(node, up);
                Ok(())
            }
            Event::Quota { tenant, quota } => {
                self.tenant(tenant)?;
                self.accounts.set_quota(tenant, quota);
                Ok(())
            }
            Event::Balance { tenant, micros } => {
                self.tenant(tenant)?;
                self.accounts.set_balance(tenant, micros);
                Ok(())
            }
            Event::Weight { tenant, weight } => {
                self.tenant(tenant)?;
                self.accounts.set_weight(tenant, weight);
                Ok(())
            }
        }
    }

    pub(super) fn node(&self, node: NodeId) -> Result<&Node> {
        let found = self.world.nodes.get(node as usize);
        found.ok_or_else(|| Error::not_found("node_unknown", format!("there is no node {node}")))
    }

    pub(super) fn tenant(&self, tenant: TenantId) -> Result<()> {
        if (tenant as usize) < self.world.tenants.len() {
            return Ok(());
        }
        Err(Error::not_found("tenant_unknown", format!("there is no tenant {tenant}")))
    }

    pub(super) fn find(&self, job: JobId, phase: Phase) -> Result<SlotId> {
        match self.ids.get(&job) {
            Some(slot) if self.slots[*slot as usize].phase == phase => Ok(*slot),
            _ => Err(Error::conflict("job_state", format!("job {job} isn't {}", phase_name(phase)))),
        }
    }
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Empty => "known",
        Phase::Held => "waiting for other jobs",
        Phase::Waiting => "waiting",
        Phase::Running => "running",
    }
}
