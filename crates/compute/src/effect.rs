//! `grant_quota`: what a decided case does for compute.

use crate::ops::{self, Grant};
use async_trait::async_trait;
use commons::{
    Commons,
    effects::{Effect, EffectContext},
};
use kernel::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;

/// Grants the case's organisation compute quota: `{"cpus": 4, "cpu_hours": 100}`, perhaps with
/// `devices` and `device_hours`.
#[derive(Debug, Clone, Copy)]
pub struct GrantQuota;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    cpus: i64,
    cpu_hours: i64,
    #[serde(default)]
    devices: i64,
    #[serde(default)]
    device_hours: i64,
}

/// What a grant says: `cpus` and `cpu_hours`, perhaps `devices` and `device_hours`.
pub(crate) fn arguments(args: &Value) -> Result<Grant> {
    let wrong = |why: String| {
        let text = format!("grant_quota takes cpus and cpu_hours, devices and device_hours: {why}");
        Error::invalid("effect_args", text)
    };
    let Arguments { cpus, cpu_hours, devices, device_hours } =
        Arguments::deserialize(args).map_err(|error| wrong(error.to_string()))?;
    let times = 0..=10_000_000;
    if !(1..=1024).contains(&cpus) || !(0..=4096).contains(&devices) {
        return Err(wrong("cpus goes from 1 to 1024, devices from 0 to 4096".into()));
    }
    if cpu_hours < 1 || !times.contains(&cpu_hours) || !times.contains(&device_hours) {
        return Err(wrong("cpu_hours goes from 1 to 10,000,000, device_hours from 0".into()));
    }
    Ok(Grant { cpus, cpu_hours, devices, device_hours })
}

#[async_trait]
impl Effect for GrantQuota {
    fn name(&self) -> &'static str {
        "grant_quota"
    }

    fn check(&self, args: &Value) -> Result<()> {
        arguments(args).map(|_| ())
    }

    async fn apply(&self, commons: &Commons, tx: &mut Tx, context: &EffectContext) -> Result<Value> {
        let grant = arguments(&context.args)?;
        let org = context.org.ok_or_else(|| {
            Error::invalid(
                "effect_form",
                "grant_quota needs an organisation: let an earlier effect of the step make one",
            )
        })?;
        ops::grant_quota(commons, tx, &context.actor, org, grant).await?;
        commons.job_bell.ring();
        let Grant { cpus, cpu_hours, devices, device_hours } = grant;
        Ok(json!({
            "org": org, "cpus": cpus, "cpu_hours": cpu_hours, "devices": devices, "device_hours": device_hours
        }))
    }
}
