//! What comes while the scheduler runs: tenants, machines, and what happened before it knew of it.

use super::{
    State,
    state::Phase,
    submit::{MOST_SECONDS, check_moment, normal},
};
use crate::world::{Cluster, DeviceModel, Job, MAX_DEVICES, MAX_MODELS, Node, Seconds, Tenant, World};
use kernel::{Error, Result};
use std::collections::BTreeSet;

impl State {
    pub(super) fn add_model(&mut self, model: DeviceModel) -> Result<()> {
        check_models(self.world.models.len() + 1)?;
        self.fleet.add_model(model.clone());
        self.world.models.push(model);
        self.grew = true;
        Ok(())
    }

    pub(super) fn add_cluster(&mut self, cluster: Cluster) {
        self.world.clusters.push(cluster);
        self.grew = true;
    }

    pub(super) fn add_node(&mut self, node: Node) -> Result<()> {
        check_node(&node, &self.world)?;
        self.fleet.add_node(node.clone());
        self.world.nodes.push(node);
        self.grew = true;
        Ok(())
    }

    pub(super) fn add_tenant(&mut self, tenant: Tenant) -> Result<()> {
        check_tenant(&tenant, self.world.tenants.len())?;
        self.accounts.add(&tenant);
        if self.policy.fair_share {
            self.queues.push(BTreeSet::new());
        }
        self.world.tenants.push(tenant);
        Ok(())
    }

    /// Learns from a run that this state hasn't seen.
    pub(super) fn remember(
        &mut self,
        job: &Job,
        seconds: Seconds,
        ended: Seconds,
        now: Seconds,
    ) -> Result<()> {
        self.tenant(job.tenant)?;
        check_moment(ended)?;
        if !(0..=MOST_SECONDS).contains(&seconds) || ended > now {
            return Err(Error::invalid("job_shape_invalid", "a run that ended lasted some time, before now"));
        }
        self.history.note(job, seconds);
        self.mix(&normal(&job.shape));
        let charge = self.hold(job).charge_milli;
        self.accounts.received(job.tenant, charge, ended.saturating_sub(seconds)..ended, now);
        Ok(())
    }

    /// After the world has grown, what waits may cost more and weigh otherwise, and free parts may be worth
    /// something else. Done once for all that came between two rounds.
    pub(super) fn take_in_growth(&mut self) {
        if !std::mem::take(&mut self.grew) {
            return;
        }
        for at in 0..self.slots.len() {
            if matches!(self.slots[at].phase, Phase::Waiting | Phase::Held) {
                self.slots[at].hold = self.hold(&self.slots[at].job);
            }
        }
        if !self.fleet.knows_mix() && self.is_mix_known() {
            self.fleet.learn(&self.mix);
        }
    }
}

/// Whether a world holds together.
pub(super) fn check(world: &World) -> Result<()> {
    check_models(world.models.len())?;
    world.nodes.iter().try_for_each(|node| check_node(node, world))?;
    world.tenants.iter().enumerate().try_for_each(|(id, tenant)| check_tenant(tenant, id))?;
    if world.tenants.is_empty() { fail("there is no tenant".into()) } else { Ok(()) }
}

fn fail(text: String) -> Result<()> {
    Err(Error::invalid("world_invalid", text))
}

fn check_models(count: usize) -> Result<()> {
    if count <= MAX_MODELS {
        return Ok(());
    }
    fail(format!("there are {count} device models; at most {MAX_MODELS} are possible"))
}

fn check_node(node: &Node, world: &World) -> Result<()> {
    let Node { name, devices, model, cluster, cpu_milli, memory_mib } = node;
    if usize::from(*devices) > MAX_DEVICES {
        return fail(format!("node '{name}' has {devices} devices; at most {MAX_DEVICES} are possible"));
    }
    if usize::from(*model) >= world.models.len().max(1) {
        return fail(format!("node '{name}' has device model {model}, which isn't declared"));
    }
    if usize::from(*cluster) >= world.clusters.len().max(1) {
        return fail(format!("node '{name}' is in cluster {cluster}, which isn't declared"));
    }
    if *cpu_milli < 0 || *memory_mib < 0 {
        return fail(format!("node '{name}' can't have less than no processors or memory"));
    }
    Ok(())
}

fn check_tenant(tenant: &Tenant, id: usize) -> Result<()> {
    if tenant.parent.is_none_or(|parent| (parent as usize) < id) {
        return Ok(());
    }
    fail(format!("tenant '{}' must come after its parent", tenant.name))
}
