//! `grant_quota`: what a decided case does for compute.

use crate::ops;
use async_trait::async_trait;
use commons::{
    Commons,
    effects::{Effect, EffectContext},
};
use kernel::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;

/// Grants the case's organisation compute quota: `{"cpus": 4, "cpu_hours": 100}`.
#[derive(Debug, Clone, Copy)]
pub struct GrantQuota;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    cpus: i64,
    cpu_hours: i64,
}

fn arguments(args: &Value) -> Result<Arguments> {
    let wrong =
        |why: String| Error::invalid("effect_args", format!("grant_quota takes cpus and cpu_hours: {why}"));
    let arguments = Arguments::deserialize(args).map_err(|error| wrong(error.to_string()))?;
    if !(1..=1024).contains(&arguments.cpus) || !(1..=10_000_000).contains(&arguments.cpu_hours) {
        return Err(wrong("cpus goes from 1 to 1024, cpu_hours from 1 to 10,000,000".into()));
    }
    Ok(arguments)
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
        let Arguments { cpus, cpu_hours } = arguments(&context.args)?;
        let org = context.org.ok_or_else(|| {
            Error::invalid(
                "effect_form",
                "grant_quota needs an organisation: let an earlier effect of the step make one",
            )
        })?;
        ops::grant_quota(commons, tx, &context.actor, org, cpus, cpu_hours).await?;
        commons.job_bell.notify_one();
        Ok(json!({"org": org, "cpus": cpus, "cpu_hours": cpu_hours}))
    }
}
